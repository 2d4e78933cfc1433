/* The views beside a lesson's text: pure functions from records to cells. Each says in words what it can't show. */
#ifndef LOCKSTEP_VIEW_H
#define LOCKSTEP_VIEW_H

#include <stdbool.h>
#include "kernels/bench/recset.h"
#include "tui/canvas.h"

enum { VIEW_GUESS_MAX = 64, VIEW_OVERLAYS = 6, VIEW_ZOOM_MAX = 16 };

/* A prediction to be drawn on the chart: one point, or a curve. */
struct view_guess {
	double workers[VIEW_GUESS_MAX], speedup[VIEW_GUESS_MAX]; /* NaN: left out */
	int count;  /* 0: none */
	int cursor; /* the point being moved with the arrow keys, -1: none is */
	double y_max; /* of the axis while drawing, 0: by the data */
};

/* A saved run laid over the one looked at. */
struct view_overlay {
	const struct rec_run *run;
	const struct recset *set;
	const char *name; /* for the legend: "before", "epyc-16" */
};

/* What the compiler said of a line of the source. */
struct view_message {
	int line;
	bool error; /* else a warning */
	char *text;
};

struct view_input {
	const struct recset *set;
	const struct rec_run *run;  /* NULL: nothing was run yet */
	const char *variant;        /* the variant looked at; NULL: the first parallel one */
	int workers;                /* for Timeline, Budget, Counters; 0: the largest measured */
	struct view_guess guess;
	struct view_overlay overlays[VIEW_OVERLAYS];
	int overlay_count;
	const struct live *live;    /* what the system tells of the run while it is live (tui/live.h), NULL: it is not */
	bool braille;               /* curves with braille dots */
	int sideways;               /* columns that long lines of code and output, or the timeline, are moved to the left */
	int scroll;                 /* in the view's own steps; clamped by the view */
	int zoom;                   /* timeline: 0 = whole run, each step halves the span shown, VIEW_ZOOM_MAX at most */
	/* Code view */
	const char *source;         /* text; NULL: nothing to show */
	const char *source_name;
	int mark_first, mark_last;  /* lines of the excerpt, 0: none */
	const char *beside, *beside_name; /* a second text to the right of it (the Python twin), NULL: none */
	int beside_first, beside_last;
	const struct view_message *messages; /* about the source, in the order of its lines */
	int message_count;
	/* Output view */
	const char *output;         /* captured text, ANSI removed */
	bool whole_lines;           /* long lines are cut and moved sideways; else they are wrapped */
};

/* The first and the last scroll that show something new; 0 is where a view begins, least may lie before that. */
struct scroll_range {
	int least, most;
};

struct view {
	const char *name;                                /* "Speedup": tab title */
	void (*draw)(struct canvas *c, struct rect area, const struct view_input *in);
	struct scroll_range (*scrolls)(const struct view_input *in, int rows, int cols); /* NULL: fits any area */
	int (*overflow)(const struct view_input *in, int cols); /* columns of the longest line that don't fit; NULL: none */
};

extern const struct view view_speedup, view_timeline, view_budget, view_counters, view_code, view_output;
extern const struct view *const views[]; /* in the order of their keys 1-6, ends with NULL */

#endif
