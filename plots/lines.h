/* Charts of lines, both axes logarithmic. */
#ifndef LOCKSTEP_PLOTS_LINES_H
#define LOCKSTEP_PLOTS_LINES_H

#include "plots/plot.h"

enum { LINES_VALUES = 64 };

struct lines {
	struct figure *f;
	struct plot_series s;
	bool by_workers;
	const char *y_unit; /* "s", "B/s", "": for the labels of the axis */
	/* The height of a point; NaN when it has none. */
	struct estimate (*value)(const struct rec_run *run, const struct rec_point *p);
	double x[LINES_VALUES], lo, hi;
	int values, looks, id[RECSET_VARIANTS_MAX]; /* id: series of each variant, 0 without */
	bool busy, fitted;						   /* fitted: points without a line between them */
};

extern const char *const lines_roles[];

struct estimate lines_times(struct estimate e, double factor);
struct estimate lines_each(const struct rec_run *run, const struct rec_point *p);
/* 64 B, 4 KiB; 10 µs; 100k: a short label. */
void lines_label(double x, const char *unit, char *text, size_t size);
int lines_most(const struct lines *l, const char *variant);
const struct rec_point *lines_point(const struct lines *l, const char *variant, int workers, int i);
void lines_reach(struct lines *l, double y);
/* A line of a variant, and marks on what is odd. legend: NULL for its name and workers. */
void lines_add(struct lines *l, int v, const char *legend);
/* The chart's own variant and as many others as there are colours, in the order in which their lines end. */
void lines_add_all(struct lines *l, char *(*legend)(struct lines *, const char *));
/* What all of these charts have. False: why tells. */
bool lines_begin(struct lines *l, struct figure *f, const char *x, const char *y);
void lines_end(struct lines *l, const char *x_label, const char *y_label, const char *x_unit);
/* "µs for a message"; the last s of the unit goes. */
const char *lines_one_of(const struct rec_run *run, char *buf, size_t size);
/* The least (or most) of all right variants with workers at the i-th value. */
const struct rec_point *lines_best(const struct lines *l, int i, bool least);

#endif
