/* Lines and bands of a chart in braille: 2 x 4 dots a cell, so that a curve is as smooth as a terminal can show it. Marks and
 * labels stay characters of their own, and lie on top. */
#include "tui/chart.h"

#include <math.h>
#include <string.h>

enum { SHADED = 1, LINE = 2 };

/* The dots of a cell by column and row, as Unicode numbers them from U+2800 on. */
static const unsigned char dot_bit[2][4] = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}};

/* The row of dots for a value, from the top; the middle of the first and last rows of cells are the ends of the scale, as for
 * marks. -1: outside. */
static int dot_row(const struct chart *chart, double y)
{
	double part = y / chart->spec.y_max;
	if (!(part >= 0 && part <= 1.0001))
		return -1;
	return (int)lround((1 - fmin(part, 1)) * (chart->plot.rows - 1) * 4) + 1;
}

static void put_dot(struct chart *chart, int dot_x, int dot_y, enum role role, unsigned char kind)
{
	int row = dot_y / 4, col = dot_x / 2;
	char glyph[4];
	if (dot_y < 0 || row >= chart->plot.rows || dot_x < 0 || col >= chart->plot.cols || col == chart->split)
		return;
	int cell = row * chart->plot.cols + col;
	if (chart->taken[cell] > kind)
		return;
	if (chart->taken[cell] < kind) /* a line stands alone, not in the shade */
		chart->dots[cell] = 0;
	chart->taken[cell] = kind;
	chart->dots[cell] |= dot_bit[dot_x % 2][dot_y % 4];
	/* U+2800 + dots in UTF-8 */
	glyph[0] = (char)0xe2;
	glyph[1] = (char)(0xa0 | chart->dots[cell] >> 6);
	glyph[2] = (char)(0x80 | (chart->dots[cell] & 0x3f));
	glyph[3] = '\0';
	canvas_text(chart->canvas, chart->plot, row, col, role, glyph);
}

/* A stroke of n of m cells is one of n of m dots here, two at least: finer, but still told apart. */
static bool drawn(const struct chart_stroke *stroke, int dot_x)
{
	if (stroke->period == 1)
		return true;
	return stroke->on == 1 ? dot_x % (stroke->period + 1) == 0 : dot_x % (2 * stroke->period) < 2 * stroke->on;
}

void chart_line_dots(struct chart *chart, const double *x, const double *y, int n, const struct chart_stroke *stroke)
{
	int from = -1;
	for (int dot = 0; dot < 2 * chart->plot.cols; dot++) {
		double at = chart_value(chart, dot / 2.0 - 0.25);
		int row = dot_row(chart, chart_between(at, x, y, n));
		if (row >= 0 && drawn(stroke, dot)) {
			/* Steep: what lies between this dot and the last is filled, or it would fall apart. */
			int way = from < 0 || from == row ? 0 : row < from ? 1 : -1;
			put_dot(chart, dot, row, stroke->role, LINE);
			for (int r = row + way; way && r != from; r += way * (stroke->period == 1 ? 1 : 2)) {
				if (way > 0 ? r > from : r < from)
					break;
				put_dot(chart, dot, r, stroke->role, LINE);
			}
		}
		if (row >= 0 || dot / 2 != chart->split)
			from = row;
	}
}

void chart_band_dots(struct chart *chart, const double *x, const double *lo, const double *hi, int n, enum role role)
{
	for (int dot = 0; dot < 2 * chart->plot.cols; dot++) {
		double at = chart_value(chart, dot / 2.0 - 0.25), low = chart_between(at, x, lo, n), high = chart_between(at, x, hi, n);
		int bottom = dot_row(chart, low), top = dot_row(chart, high > chart->spec.y_max ? chart->spec.y_max : high);
		if (bottom < 0 || top < 0)
			continue;
		for (int r = top; top < bottom && r <= bottom; r++)
			if ((r + dot) % 2 == 0) /* half of the dots: a shade */
				put_dot(chart, dot, r, role, SHADED);
	}
}

const char *chart_key_dots(const struct chart *chart, const char *glyph)
{
	static const struct {
		const char *line, *dots;
	} table[] = {{"──", "⠒⠒"}, {"╌╌", "⠒⠐"}, {"··", "⠐⠐"}};
	for (size_t i = 0; chart->dots && i < sizeof(table) / sizeof(*table); i++)
		if (!strcmp(table[i].line, glyph))
			return table[i].dots;
	return glyph;
}
