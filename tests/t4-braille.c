/* Charts with braille dots: golden pictures, nothing outside, marks and words as ever, no difference in ASCII.
 * After a wanted change: UPDATE=1 build/tests/t4-braille, then look at the difference in tests/golden/. */
#include <locale.h>
#include <stdlib.h>
#include "kernels/bench/util.h"
#include "tests/views_input.h"
#include "tui/chart.h"

static char *drawn(const char *fixture, int rows, int cols, bool ascii, bool braille)
{
	struct recset *set = load(fixture);
	struct view_input in = input_of(set);
	struct canvas *c = canvas_new(rows, cols, ascii);
	char *text = NULL;
	size_t size = 0;
	in.braille = braille;
	view_speedup.draw(c, canvas_all(c), &in);
	FILE *mem = open_memstream(&text, &size);
	canvas_save_text(c, mem);
	fclose(mem);
	canvas_free(c);
	recset_free(set);
	return text;
}

static bool dots_in(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)text[0] == 0xe2 && ((unsigned char)text[1] & 0xfc) == 0xa0)
			return true;
	return false;
}

static void test_golden(const char *fixture)
{
	char path[200], *a = drawn(fixture, 18, 56, false, true), *b = drawn(fixture, 40, 100, false, true);
	char *got = xasprintf("== %s 56x18\n%s== %s 100x40\n%s", fixture, a, fixture, b), want[1 << 15] = "";
	snprintf(path, sizeof path, "tests/golden/view-braille-%s.txt", fixture);
	if (getenv("UPDATE")) {
		FILE *out = fopen(path, "w");
		ok(out && fputs(got, out) >= 0 && !fclose(out), "wrote %s", path);
	} else {
		FILE *in = fopen(path, "r");
		size_t n = in ? fread(want, 1, sizeof want - 1, in) : 0;
		if (in)
			fclose(in);
		want[n] = '\0';
		if (!ok(!strcmp(got, want), "%s", path))
			diag("got:\n%s", got);
	}
	ok(dots_in(got), "%s: curves are dots", fixture);
	ok(!strstr(got, "▔"), "%s: and no rules", fixture);
	ok(strstr(got, "●") || strstr(got, "○"), "%s: marks stay", fixture);
	free(got);
	free(a);
	free(b);
}

/* A straight line from corner to corner is whole: each column of dots has at least one. */
static void test_line(void)
{
	struct canvas *c = canvas_new(12, 40, false);
	double x[64], y[64], lo[64], hi[64];
	for (int i = 0; i < 64; i++) {
		x[i] = 1 + i;
		y[i] = 1 + i;
		lo[i] = 0;
		hi[i] = y[i];
	}
	struct chart_spec spec = {.x_min = 1, .x_split = 64, .x_max = 64, .y_max = 64, .braille = true};
	struct chart chart = chart_open(c, canvas_all(c), &spec);
	chart_line(&chart, x, y, 64, (struct chart_stroke){ROLE_FITTED, chart_rule, "-", 1, 1});
	int bare = 0, low = 99, high = -1;
	for (int dot = 0; dot < 2 * chart.plot.cols; dot++) {
		int found = 0;
		for (int row = 0; row < chart.plot.rows; row++)
			if (chart.dots[row * chart.plot.cols + dot / 2] & (dot % 2 ? 0xb8 : 0x47)) {
				found++;
				low = row < low ? row : low;
				high = row > high ? row : high;
			}
		bool inside = dot >= 6 && dot < 2 * chart.plot.cols - 8; /* the axis leaves some room at either end */
		bare += inside && !found;
	}
	ok(bare == 0, "a line has no holes (%d)", bare);
	ok(low == 0 && high == chart.plot.rows - 1, "from the bottom to the top (rows %d to %d of %d)", low, high, chart.plot.rows);
	chart_band(&chart, x, lo, hi, 64, ROLE_BAND);
	bool kept = false;
	for (int i = 0; i < c->rows * c->cols; i++)
		kept = kept || c->cells[i].role == ROLE_FITTED;
	ok(kept, "a band does not cover it");
	chart_close(&chart);
	canvas_free(c);
}

int main(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		diag("no C.UTF-8 locale");
	test_golden("speedup");
	test_golden("sixteen");
	test_golden("sweep");
	test_line();
	char *with = drawn("sixteen", 24, 80, true, true), *without = drawn("sixteen", 24, 80, true, false);
	ok(!strcmp(with, without), "ASCII is ASCII");
	free(with);
	free(without);
	int whole = 0, all = 0;
	for (int rows = 1; rows < 50; rows += 3)
		for (int cols = 1; cols < 160; cols += 7) {
			char *text = drawn(rows % 2 ? "sixteen" : "sweep", rows, cols, false, true);
			all++;
			whole += text != NULL;
			free(text);
		}
	ok(whole == all, "any size");
	return tap_done();
}
