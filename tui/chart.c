/* Charts in cells. */
#include "tui/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "tui/draw.h"

enum { PAD_LEFT = 2, PAD_RIGHT = 3, TICK_WIDTH_MAX = 10 };
enum { FREE, SHADED, LINE, MARK };

const char *const chart_rule[3] = {"▔", "─", "▁"}, *const chart_dots[3] = {"˙", "·", "."};

/* ---- scales --------------------------------------------------------------------------------------------------------- */

/* Column of x, or -1 outside. */
static double column(const struct chart *chart, double x)
{
	const struct chart_spec *s = &chart->spec;
	if (!isfinite(x) || x < s->x_min * 0.999 || x > fmax(s->x_max, s->x_split) * 1.001)
		return -1;
	bool right = chart->split < chart->plot.cols && x > s->x_split;
	double lo = right ? s->x_split : s->x_min, hi = right ? s->x_max : s->x_split;
	int first = right ? chart->split : 0, end = right ? chart->plot.cols : chart->split;
	int pad = end - first > 12 ? PAD_LEFT : 0, pad_right = end - first > 12 ? PAD_RIGHT : 0;
	double width = end - first - 1 - pad - pad_right;
	double part = hi > lo ? log(x / lo) / log(hi / lo) : 0.5;
	return first + pad + fmax(width, 0) * fmin(fmax(part, 0), 1);
}

/* The x in the middle of a column; NaN outside the scale. */
double chart_value(const struct chart *chart, double col)
{
	const struct chart_spec *s = &chart->spec;
	bool right = col > chart->split;
	double lo = right ? s->x_split : s->x_min, hi = right ? s->x_max : s->x_split;
	double first = right ? chart->split + (chart->plot.cols - chart->split > 12 ? PAD_LEFT : 0) : column(chart, lo);
	double last = column(chart, hi);
	if (last <= first || col < first - 0.5 || col > last + 0.5)
		return (double)NAN;
	double part = (col - first) / (last - first);
	return lo * pow(hi / lo, fmin(fmax(part, 0), 1));
}

/* Thirds of a row from the top down: 3 * row + 0, 1, 2 for upper, middle, lower; -1 outside. */
static int third_of(const struct chart *chart, double y)
{
	double part = y / chart->spec.y_max;
	if (!(part >= 0 && part <= 1.0001))
		return -1;
	return (int)lround((1 - fmin(part, 1)) * (chart->plot.rows - 1) * 3) + 1;
}

static int row_of(const struct chart *chart, double y)
{
	int third = third_of(chart, y);
	return third < 0 ? -1 : third / 3;
}

double chart_step(double y_max, int count)
{
	double rough = y_max / (count < 1 ? 1 : count), base = pow(10, floor(log10(rough))), times = rough / base;
	return base * (times <= 1.5 ? 1 : times <= 3 ? 2 : times <= 7.1 ? 5 : 10);
}

/* ---- cells ---------------------------------------------------------------------------------------------------------- */

static unsigned char *taken_at(const struct chart *chart, int row, int col)
{
	if (row < 0 || col < 0 || row >= chart->plot.rows || col >= chart->plot.cols)
		return NULL;
	return &chart->taken[row * chart->plot.cols + col];
}

static void put(struct chart *chart, int row, int col, enum role role, const char *glyph, unsigned char kind)
{
	unsigned char *cell = taken_at(chart, row, col);
	if (!cell || *cell > kind || (kind == MARK && *cell == MARK))
		return; /* marks are never covered: the first one stays */
	*cell = kind;
	canvas_text(chart->canvas, chart->plot, row, col, role, glyph);
}

/* ---- axes ----------------------------------------------------------------------------------------------------------- */

static void tick_text(double v, double step, char buf[FIGURE_MAX])
{
	int digits = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
	if (v >= 1e5 || digits > 5)
		util_si(v, buf, FIGURE_MAX);
	else
		snprintf(buf, FIGURE_MAX, "%.*f", digits, v);
}

static bool power_of_two(double x)
{
	double e = log2(x);
	return fabs(e - round(e)) < 1e-9;
}

/* Labels below the axis: the ends first, then powers of two, then the rest, each only where it is free. */
static void draw_x_labels(struct chart *chart, int row)
{
	const struct chart_spec *s = &chart->spec;
	struct rect line = chart->plot;
	line.y += row;
	line.rows = 1;
	unsigned char *used = xcalloc((size_t)line.cols + 2, 1);
	for (int pass = 0; pass < 3; pass++)
		for (int i = 0; i < s->tick_count; i++) {
			char text[FIGURE_MAX];
			bool end = i == 0 || i == s->tick_count - 1;
			double col = column(chart, s->ticks[i]);
			if (col < 0 || pass != (end ? 0 : power_of_two(s->ticks[i]) ? 1 : 2))
				continue;
			const char *name = s->tick_names ? s->tick_names[i] : draw_plain(s->ticks[i], text);
			int width = canvas_width(name), at = (int)lround(col) - (width - 1) / 2;
			if (at + width > line.cols)
				at = line.cols - width;
			bool free_here = at >= 0;
			for (int x = at - 1; free_here && x <= at + width; x++)
				free_here = x < 0 || x >= line.cols || !used[x];
			if (!free_here)
				continue;
			memset(used + at, 1, (size_t)width);
			canvas_text(chart->canvas, line, 0, at, ROLE_AXIS, name);
			struct rect axis = {chart->plot.y + chart->plot.rows, chart->plot.x, 1, chart->plot.cols};
			canvas_text(chart->canvas, axis, 0, (int)lround(col), ROLE_AXIS, chart->canvas->ascii ? "+" : "┬");
		}
	/* The title goes where it is free: at the right end, else in the longest gap. */
	int width = s->x_title ? canvas_width(s->x_title) : 0, best = -1;
	for (int at = line.cols - width; width && at >= 0 && best < 0; at--) {
		bool free_here = true;
		for (int x = at - 2; free_here && x < at + width + 2; x++)
			free_here = x < 0 || x >= line.cols || !used[x];
		best = free_here ? at : -1;
	}
	if (best >= 0)
		canvas_text(chart->canvas, line, 0, best, ROLE_AXIS, s->x_title);
	free(used);
}

static void draw_separator(struct chart *chart)
{
	for (int row = 0; row < chart->plot.rows; row++)
		put(chart, row, chart->split, ROLE_AXIS, chart->canvas->ascii ? ":" : "┊", LINE);
	const char *title = chart->spec.right_title;
	int room = chart->plot.cols - chart->split - 1;
	if (title && canvas_width(title) > room)
		title = chart->spec.right_short;
	int width = title ? canvas_width(title) : 0;
	if (!width || width > room)
		return;
	int at = chart->split + 1 + (room - width) / 2;
	struct rect plot = chart->plot;
	canvas_text(chart->canvas, plot, plot.rows - 1, at, ROLE_AXIS, title);
	for (int x = at; x < at + width; x++)
		*taken_at(chart, plot.rows - 1, x) = MARK;
}

struct chart chart_open(struct canvas *c, struct rect area, const struct chart_spec *spec)
{
	struct chart chart = {.canvas = c, .spec = *spec};
	int below = area.rows >= 5 ? 2 : 0, rows = area.rows - below;
	double step = chart_step(spec->y_max, rows / 3 > 2 ? rows / 3 : 2);
	char text[FIGURE_MAX];
	int labels = 0;
	for (int i = 0; i * step <= spec->y_max && i < 64; i++) {
		tick_text(i * step, step, text);
		int width = canvas_width(text);
		labels = width > labels ? width : labels;
	}
	if (area.cols < 20 || labels > TICK_WIDTH_MAX)
		labels = 0;
	int left = labels ? labels + 2 : 1;
	chart.plot = (struct rect){area.y, area.x + left, rows, area.cols - left};
	if (rows < 1 || chart.plot.cols < 1 || !(spec->y_max > 0)) {
		chart.plot.rows = chart.plot.cols = 0;
		return chart;
	}
	chart.taken = xcalloc((size_t)rows, (size_t)chart.plot.cols);
	chart.marked = xcalloc(1, (size_t)chart.plot.cols);
	if (spec->braille && !c->ascii)
		chart.dots = xcalloc((size_t)rows, (size_t)chart.plot.cols);
	chart.split = chart.plot.cols;
	if (spec->x_max > spec->x_split && chart.plot.cols > 8) {
		double octaves = log2(spec->x_max / spec->x_split), all = octaves + log2(spec->x_split / spec->x_min) + 1;
		double part = fmin(fmax(octaves / all, 0.25), 0.45);
		chart.split = (int)(chart.plot.cols * (1 - part));
	}
	for (int row = 0; row < rows; row++)
		canvas_text(c, area, row, left - 1, ROLE_AXIS, c->ascii ? "|" : "│");
	for (int i = 0; i * step <= spec->y_max * 1.0001 && i < 64; i++) {
		int row = row_of(&chart, i * step);
		tick_text(i * step, step, text);
		if (row < 0)
			continue;
		canvas_text(c, area, row, left - 1, ROLE_AXIS, c->ascii ? "+" : "┤");
		if (labels)
			canvas_text(c, area, row, labels - canvas_width(text), ROLE_AXIS, text);
	}
	if (below) {
		canvas_fill(c, (struct rect){area.y + rows, area.x + left, 1, chart.plot.cols}, ROLE_AXIS, c->ascii ? "-" : "─");
		canvas_text(c, area, rows, left - 1, ROLE_AXIS, c->ascii ? "+" : "└");
		draw_x_labels(&chart, rows + 1);
	}
	if (chart.split < chart.plot.cols)
		draw_separator(&chart);
	return chart;
}

void chart_close(struct chart *chart)
{
	free(chart->taken);
	free(chart->marked);
	free(chart->dots);
	chart->taken = chart->marked = chart->dots = NULL;
}

/* ---- lines and bands ------------------------------------------------------------------------------------------------ */

/* y at x, straight between the points; NaN outside. A single point is no line. */
double chart_between(double x, const double *xs, const double *ys, int n)
{
	for (int i = 0; i + 1 < n; i++)
		if (xs[i + 1] > xs[i] && x >= xs[i] - 1e-9 && x <= xs[i + 1] + 1e-9)
			return ys[i] + (ys[i + 1] - ys[i]) * (x - xs[i]) / (xs[i + 1] - xs[i]);
	return (double)NAN;
}

/* One column of a solid line in ASCII that came from row `from` and is now at `row`. */
static void put_stairs(struct chart *chart, int col, int from, int row, enum role role)
{
	bool up = row < from;
	if (from < 0 || from == row) {
		put(chart, row, col, role, "-", LINE);
		return;
	}
	for (int r = up ? row + 1 : from + 1; r < (up ? from : row); r++)
		put(chart, r, col, role, "|", LINE);
	put(chart, up ? from : row, col, role, up ? "/" : "\\", LINE);
}

void chart_line(struct chart *chart, const double *x, const double *y, int n, struct chart_stroke stroke)
{
	bool ascii = chart->canvas->ascii, solid = stroke.period == 1;
	int from = -1;
	if (chart->dots && (stroke.glyphs == chart_rule || stroke.glyphs == chart_dots)) { /* beads and rings stay */
		chart_line_dots(chart, x, y, n, &stroke);
		return;
	}
	for (int col = 0; col < chart->plot.cols; col++) {
		if (col == chart->split)
			continue;
		int third = third_of(chart, chart_between(chart_value(chart, col), x, y, n)), row = third < 0 ? -1 : third / 3;
		if (row >= 0 && ascii && solid)
			put_stairs(chart, col, from, row, stroke.role);
		else if (row >= 0 && col % stroke.period < stroke.on)
			put(chart, row, col, stroke.role, ascii ? stroke.ascii : stroke.glyphs[third % 3], LINE);
		/* Where the line is steep, the rows between two columns are filled, or it would fall apart. */
		int every = solid ? 1 : 2, away = row < from ? 1 : -1;
		const char *filler = ascii ? stroke.ascii : solid ? "│" : stroke.glyphs[1];
		for (int r = row + away * every; row >= 0 && from >= 0 && !(ascii && solid) && (away > 0 ? r < from : r > from);
		     r += away * every)
			put(chart, r, col, stroke.role, filler, LINE);
		from = row;
	}
}

void chart_band(struct chart *chart, const double *x, const double *lo, const double *hi, int n, enum role role)
{
	if (chart->dots) {
		chart_band_dots(chart, x, lo, hi, n, role);
		return;
	}
	for (int col = 0; col < chart->plot.cols; col++) {
		double at = chart_value(chart, col), low = chart_between(at, x, lo, n), high = chart_between(at, x, hi, n);
		int bottom = row_of(chart, low), top = row_of(chart, high > chart->spec.y_max ? chart->spec.y_max : high);
		if (col == chart->split || bottom < 0 || top < 0)
			continue;
		for (int r = top; top < bottom && r <= bottom; r++)
			put(chart, r, col, role, chart->canvas->ascii ? ":" : "░", SHADED);
	}
}

/* ---- points and labels ---------------------------------------------------------------------------------------------- */

void chart_point(struct chart *chart, double x, struct estimate y, enum role role, const char *glyph)
{
	double at = column(chart, x);
	int col = (int)lround(at), row = row_of(chart, y.mid);
	if (at < 0 || row < 0)
		return;
	if (taken_at(chart, row, col))
		chart->marked[col] = 1;
	/* A second mark for the same cell goes beside it. */
	for (int side = 0; side < 3; side++) {
		const unsigned char *cell = taken_at(chart, row, col + (side == 2 ? -1 : side));
		if (cell && *cell < MARK) {
			col += side == 2 ? -1 : side;
			break;
		}
	}
	put(chart, row, col, role, glyph, MARK);
	/* NaN stays NaN here: then there is no interval to draw. */
	int top = row_of(chart, y.hi > chart->spec.y_max ? chart->spec.y_max : y.hi), bottom = row_of(chart, y.lo < 0 ? 0 : y.lo);
	/* An interval shorter than a row has no bar, even where it happens to lie across two. */
	bool ascii = chart->canvas->ascii, tall = third_of(chart, y.lo < 0 ? 0 : y.lo) - third_of(chart, y.hi) >= 3;
	for (int r = top; tall && top >= 0 && bottom > top && r <= bottom; r++)
		put(chart, r, col, role, ascii ? "|" : r == top ? "┬" : r == bottom ? "┴" : "│", MARK);
}

bool chart_spot(const struct chart *chart, double x, double y, int *row, int *col)
{
	double at = column(chart, x);
	int r = row_of(chart, y);
	if (at < 0 || r < 0 || chart->plot.rows < 1 || chart->plot.cols < 1)
		return false;
	*row = chart->plot.y + r;
	*col = chart->plot.x + (int)lround(at);
	return true;
}

/* Are these cells of a row free, with one more on either side? */
static bool room(const struct chart *chart, int row, int col, int width)
{
	if (row < 0 || row >= chart->plot.rows || col < 0 || col + width > chart->plot.cols)
		return false;
	for (int x = col - 1; x <= col + width; x++) {
		const unsigned char *cell = taken_at(chart, row, x);
		if (cell && *cell > SHADED)
			return false;
	}
	return true;
}

/* Is another point as near to these columns as the label's own, at col? Then it would seem to be that one's. */
static bool misleads(const struct chart *chart, int col, int left, int width)
{
	int right = left + width - 1, gap = col < left ? left - col : col > right ? col - right : 0;
	for (int x = left - gap; x <= right + gap; x++)
		if (x >= 0 && x < chart->plot.cols && x != col && chart->marked[x])
			return true;
	return false;
}

bool chart_label(struct chart *chart, double x, double y, int reach, enum role role, const char *text)
{
	double at = column(chart, x);
	int col = (int)lround(at), row = row_of(chart, y), width = canvas_width(text);
	if (at < 0 || row < 0 || width < 1)
		return false;
	/* Nearest rows first; right of the mark, left of it, then centred on it. */
	for (int away = 0; away <= reach; away++)
		for (int side = 0; side < 6; side++) {
			int down = side < 3 ? away : -away, place = side % 3;
			int left = place == 0 ? col + 2 : place == 1 ? col - 1 - width : col - width / 2;
			if ((away == 0 && (side > 2 || place == 2)) || !room(chart, row + down, left, width))
				continue;
			if (misleads(chart, col, left, width))
				continue;
			canvas_text(chart->canvas, chart->plot, row + down, left, role, text);
			for (int i = left; i < left + width; i++)
				*taken_at(chart, row + down, i) = MARK;
			return true;
		}
	return false;
}

int chart_legend(struct canvas *c, struct rect area, int y, int max_rows, const struct chart_key *keys, int count)
{
	int row = 0, x = 0, drawn = 0;
	for (int i = 0; i < count; i++) {
		const char *glyph = c->ascii ? keys[i].ascii : keys[i].glyph;
		int need = canvas_width(glyph) + 1 + canvas_width(keys[i].text);
		if (need > area.cols)
			continue;
		if (x && x + 2 + need > area.cols) {
			if (row + 1 >= max_rows)
				continue;
			row++;
			x = 0;
		}
		if (row >= max_rows)
			break;
		x += x ? 2 : 0;
		x += canvas_text(c, area, y + row, x, keys[i].role, glyph) + 1;
		x += canvas_text(c, area, y + row, x, keys[i].role, keys[i].text);
		drawn = row + 1;
	}
	return drawn;
}
