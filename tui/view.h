/* The views beside a lesson's text: pure functions from records to cells. Each says in words what it can't show. */
#ifndef LOCKSTEP_VIEW_H
#define LOCKSTEP_VIEW_H

#include "kernels/bench/recset.h"
#include "tui/canvas.h"

struct view_guess {
	double workers, speedup; /* a prediction to be drawn on the chart; NaN: none */
};

struct view_input {
	const struct recset *set;
	const struct rec_run *run;  /* NULL: nothing was run yet */
	const char *variant;        /* the variant looked at; NULL: the first parallel one */
	int workers;                /* for Timeline, Budget, Counters; 0: the largest measured */
	struct view_guess guess;
	int scroll;                 /* in the view's own steps; clamped by the view */
	int zoom;                   /* timeline: 0 = whole run, each step halves the span shown */
	/* Code view */
	const char *source;         /* text; NULL: nothing to show */
	const char *source_name;
	int mark_first, mark_last;  /* lines of the excerpt, 0: none */
	/* Output view */
	const char *output;         /* captured text, ANSI removed */
};

/* The first and the last scroll that show something new; 0 is where a view begins, least may lie before that. */
struct scroll_range {
	int least, most;
};

struct view {
	const char *name;                                /* "Speedup": tab title */
	void (*draw)(struct canvas *c, struct rect area, const struct view_input *in);
	struct scroll_range (*scrolls)(const struct view_input *in, int rows, int cols); /* NULL: fits any area */
};

extern const struct view view_speedup, view_timeline, view_budget, view_counters, view_code, view_output;
extern const struct view *const views[]; /* in the order of their keys 1-6, ends with NULL */

#endif
