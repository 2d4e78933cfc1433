/* A chart in cells: y from 0, x on a log2 axis, lines, bands, points with intervals, and labels that never cover them.
 * Right of a thin separator the axis may go on for what does not belong to the fit. */
#ifndef LOCKSTEP_CHART_H
#define LOCKSTEP_CHART_H

#include "kernels/bench/stat.h"
#include "tui/canvas.h"

struct chart_spec {
	double x_min, x_split, x_max; /* all > 0; x_max <= x_split: no right part */
	double y_max;                 /* > 0; the top row */
	const double *ticks;          /* x values to label, ascending; what collides is left out, powers of two last */
	int tick_count;
	const char *const *tick_names; /* NULL: the numbers themselves */
	const char *x_title;          /* "workers" */
	const char *right_title;      /* stands in the right part: "oversubscribed" */
	const char *right_short;      /* where that does not fit: "> cores" */
	bool braille;                 /* lines and bands with braille dots, 2 x 4 a cell; not in ASCII */
};

struct chart {
	struct canvas *canvas;
	struct chart_spec spec;
	struct rect plot;     /* in canvas cells */
	int split;            /* column of the separator, plot.cols without one */
	unsigned char *taken; /* per cell of the plot: 0 free, 1 shaded, 2 line, 3 mark or label */
	unsigned char *marked; /* per column of the plot: a point stands there */
	unsigned char *dots;  /* per cell: the braille dots of its lines; NULL: no braille */
};

/* How a line is drawn: in `on` of every `period` columns, at thirds of a row by its three glyphs (upper, middle, lower).
 * ASCII lines know whole rows; a solid one (period 1) gets / and \ at its steps. */
struct chart_stroke {
	enum role role;
	const char *const *glyphs;
	const char *ascii;
	int period, on;
};
extern const char *const chart_rule[3], *const chart_dots[3]; /* "▔─▁" and "˙·." */

/* Draws axes into the area and returns the chart; the plot may be empty (0 rows or columns): then nothing is drawn. */
struct chart chart_open(struct canvas *c, struct rect area, const struct chart_spec *spec);
void chart_close(struct chart *chart);

/* chart_braille.c; drawn instead of chart_line and chart_band where the chart has dots. */
struct chart_stroke;
double chart_value(const struct chart *chart, double col);  /* the x at a column, also between two; NaN outside */
double chart_between(double x, const double *xs, const double *ys, int n); /* y at x, straight between points; NaN outside */
void chart_line_dots(struct chart *chart, const double *x, const double *y, int n, const struct chart_stroke *stroke);
void chart_band_dots(struct chart *chart, const double *x, const double *lo, const double *hi, int n, enum role role);
const char *chart_key_dots(const struct chart *chart, const char *glyph); /* how a line's glyph of the legend looks in dots */

/* y values for x values, ascending; NaN breaks the line; straight between points in x itself, not in its logarithm. */
void chart_line(struct chart *chart, const double *x, const double *y, int n, struct chart_stroke stroke);
/* Shades between lo and hi where that is more than the line itself. */
void chart_band(struct chart *chart, const double *x, const double *lo, const double *hi, int n, enum role role);
/* A mark with its interval bar, where the interval is taller than the mark. Earlier marks stay; a later one goes beside. */
void chart_point(struct chart *chart, double x, struct estimate y, enum role role, const char *glyph);
/* Where that mark stands on the canvas; false outside the plot. */
bool chart_spot(const struct chart *chart, double x, double y, int *row, int *col);
/* Text near (x, y), at most `reach` rows away, in free cells, and nearer to x than to the x of any other point; false if
 * there is no such place. All points are drawn before. */
bool chart_label(struct chart *chart, double x, double y, int reach, enum role role, const char *text);

/* 1, 2 or 5 times a power of ten, so that about `count` steps reach y_max. */
double chart_step(double y_max, int count);

/* Legend entries side by side in at most max_rows rows; returns the rows used. What does not fit is left out. */
struct chart_key {
	enum role role;
	const char *glyph, *ascii, *text;
};
int chart_legend(struct canvas *c, struct rect area, int y, int max_rows, const struct chart_key *keys, int count);

#endif
