/* Hot spots: which cells of the screen the mouse can do something with. They are noted while the screen is drawn, so they
 * are always where the learner sees them; what is noted later lies on top. Pure: knows neither the terminal nor the screens. */
#ifndef LOCKSTEP_HOT_H
#define LOCKSTEP_HOT_H

#include "tui/canvas.h"

struct app;
typedef void hot_does(struct app *app, int value);

struct hot {
	struct rect area;
	int key;         /* a click is as good as this key; 0: see does */
	hot_does *does;  /* what a click or the wheel does; NULL: the key */
	int value;       /* for a click; the wheel gives the lines it turned, up is negative */
	bool wheel;
};

struct hots {
	struct hot *v;
	int n, room;
};

void hot_clear(struct hots *h);
void hot_free(struct hots *h);
/* Areas without a cell are left out. */
void hot_key(struct hots *h, struct rect area, int key);
void hot_click(struct hots *h, struct rect area, hot_does *does, int value);
void hot_wheel(struct hots *h, struct rect area, hot_does *does);
/* The topmost spot at that cell for a click or for the wheel; NULL: none. */
const struct hot *hot_at(const struct hots *h, int y, int x, bool wheel);

/* mouse.c: what the mouse does, from a terminal or a script. Cells count from 0. */
void mouse_click(struct app *app, int y, int x);
void mouse_wheel(struct app *app, int y, int x, int by);
hot_does mouse_moves;   /* for the wheel: up and down of the screen that is shown, one row a turn */
hot_does mouse_scrolls; /* … three rows a turn */

#endif
