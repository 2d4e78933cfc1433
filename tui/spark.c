#include "tui/spark.h"

#include <math.h>

static const char *const heights[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const plain[] = {"_", ".", "-", "=", "+", "*", "%", "#"};
static const char *const widths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

const char *spark_cell(double share, bool ascii)
{
	if (!isfinite(share))
		return " ";
	int n = share <= 0 ? 0 : share >= 1 ? 7 : (int)(share * 8);
	return ascii ? plain[n] : heights[n];
}

void spark_history(struct canvas *c, struct rect area, int y, int x, int cols, enum role role, const float *v, int n, double top)
{
	int shown = n < cols ? n : cols;
	if (shown <= 0)
		return;
	if (top <= 0)
		for (int i = n - shown; i < n; i++)
			top = isfinite(v[i]) && (double)v[i] > top ? (double)v[i] : top;
	for (int i = 0; i < shown; i++) {
		double value = (double)v[n - shown + i];
		canvas_text(c, area, y, x + cols - shown + i, role, spark_cell(top > 0 ? value / top : value, c->ascii));
	}
}

void spark_bar(struct canvas *c, struct rect area, int y, int x, int cols, enum role role, double share)
{
	if (!isfinite(share) || cols <= 0)
		return;
	double length = (share < 0 ? 0 : share > 1 ? 1 : share) * cols;
	int whole = (int)length, rest = (int)((length - whole) * 8);
	if (c->ascii) {
		whole = (int)lround(length);
		rest = 0;
	}
	for (int i = 0; i < whole; i++)
		canvas_text(c, area, y, x + i, role, c->ascii ? "#" : "█");
	if (rest)
		canvas_text(c, area, y, x + whole, role, widths[rest]);
}
