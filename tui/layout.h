/* Where things stand on a screen of a given size. Pure arithmetic, so that every size can be tested. */
#ifndef LOCKSTEP_LAYOUT_H
#define LOCKSTEP_LAYOUT_H

#include "tui/canvas.h"

enum {
	LAYOUT_MIN_ROWS = 10, LAYOUT_MIN_COLS = 44,   /* below: only a message */
	LAYOUT_PAIR_ROWS = 20, LAYOUT_PAIR_COLS = 72, /* from here on: text and view side by side */
};

enum layout_kind { LAYOUT_SMALL, LAYOUT_SINGLE, LAYOUT_PAIR };

struct layout {
	enum layout_kind kind;
	struct rect all;
	struct rect title;       /* first row */
	struct rect left, right; /* LAYOUT_SINGLE: the same place, one of them is shown */
	struct rect body;        /* left and right together */
	struct rect status;      /* the command line, or a message */
	struct rect footer;      /* last row: keys */
};

/* Any size >= 1x1. With LAYOUT_SMALL only `all` is meaningful, the others are empty. */
struct layout layout_for(int rows, int cols);

/* The first row to show of `length` rows in a window of `rows`, so that row `keep` is visible; `top` is the wish. */
int layout_scroll(int top, int rows, int length, int keep);

#endif
