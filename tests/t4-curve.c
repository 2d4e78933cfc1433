/* A speedup curve as a guess: kept as text, moved by keys, drawn, judged. Goldens as in t4-views: UPDATE=1 takes what is
 * drawn now as right. */
#include <limits.h>
#include <locale.h>
#include "kernels/bench/util.h"
#include "tests/views_input.h"
#include "tui/curve.h"

static int counts[] = {1, 2, 4, 8};
static const struct piece predict = {.kind = PIECE_PREDICT, .ask = (char *)"How fast?", .unit = (char *)"x", .name = (char *)"",
				     .compare = (char *)"speedup", .variant = (char *)"threads", .curve = counts, .curve_count = 4};

static void test_text(void)
{
	static const char *const damaged[] = {NULL, "", "-", "1.8", "1:1 2:2 4:3", "1:1 2:2 4:3 8:4 16:5", "1:1 2:2 3:3 8:4", "1:1 2:x 4:3 8:4",
					      "1:1 2: 4:3 8:4", "1:1 2:-2 4:3 8:4", "1:1 2:nan 4:3 8:4", "1:1 2:inf 4:3 8:4", "1:1 2:1e9 4:3 8:4",
					      "1:1  2:2 4:3 8:4", "1:1,2:2,4:3,8:4", "1:1 2:2 4:3 8:4x", "99999999999999999999:1 2:2 4:3 8:4"};
	struct view_guess g;
	char text[CURVE_TEXT_MAX];
	int wrong = 0;
	ok(curve_read(&predict, "1:1 2:1.8 4:3.1 8:4", &g) && g.count == 4 && g.speedup[1] == 1.8 && g.workers[3] == 8, "a curve is read");
	is(curve_write(&g, text), "1:1 2:1.8 4:3.1 8:4", "and written as it was");
	for (size_t i = 0; i < sizeof(damaged) / sizeof(*damaged); i++)
		if (curve_read(&predict, damaged[i], &g) || !curve_is_flat(&g)) {
			wrong++;
			diag("taken: %s", damaged[i] ? damaged[i] : "NULL");
		}
	ok(!wrong, "damaged curves count as none");
}

static void test_moves(void)
{
	struct view_guess g = curve_flat(&predict);
	ok(g.cursor == 1 && curve_is_flat(&g), "it begins flat, at the first point with more than one worker");
	for (int i = 0; i < 4; i++)
		curve_raise(&g, 1);
	near(g.speedup[1], 1.8, 1e-9, "four fine steps of a fifth");
	curve_raise(&g, CURVE_COARSE);
	near(g.speedup[1], 2.8, 1e-9, "a coarse one");
	curve_go(&g, 9);
	ok(g.cursor == 3, "the cursor stays at the end");
	ok(curve_set(&g, 3.33) && !curve_set(&g, -1) && !curve_set(&g, (double)NAN) && g.speedup[3] == 3.33, "a typed value; no value below 0");
	curve_raise(&g, 1);
	near(g.speedup[3], 3.4, 1e-9, "a step goes onto the next multiple upwards");
	curve_set(&g, 3.33);
	curve_raise(&g, -1);
	near(g.speedup[3], 3.2, 1e-9, "or downwards");
	curve_set(&g, 20);
	ok(g.y_max > 20, "the axis grows with the curve");
	curve_reset_point(&g);
	ok(g.speedup[3] == 1 && g.y_max < 10, "a point is set back, and the axis with it");
	curve_go(&g, -9);
	curve_raise(&g, -100);
	ok(g.cursor == 0 && g.speedup[0] == 0, "never below 0");
}

static void check_words(struct recset *set, const char *answer, enum compared wanted, const char *words)
{
	char text[400];
	enum compared c = compare_words(&predict, answer, input_of(set).run, false, text, sizeof(text));
	if (!ok(c == wanted && strstr(text, words), "%s: \"%s\"", answer, words))
		diag("%d: %s", c, text);
}

/* The run has 1: 0.996, 2: 1.79 [1.78-1.80], 4: 1.76, and nothing at 8. */
static void test_words(void)
{
	struct recset *set = load("speedup"), *busy = load("busy");
	check_words(set, "1:1 2:1.79 4:1.76 8:9", COMPARED_HIT, "fits at all points");
	check_words(set, "1:1 2:1.79 4:3.52 8:9", COMPARED_MISS, "farthest off at 4 workers: you said 3.52, measured 1.76");
	check_words(set, "1:1 2:1.79 4:3.52 8:9", COMPARED_MISS, "2 times too high. It fits at 1, 2.");
	check_words(set, "1:1 2:0.5 4:1 8:9", COMPARED_MISS, "at 2 workers: you said 0.5");
	check_words(set, "1:1 2:0.5 4:1 8:9", COMPARED_MISS, "3.6 times too low. It fits at 1.");
	check_words(set, "1:1 2:0 4:1 8:9", COMPARED_MISS, "at 2 workers: you said 0, measured 1.79");
	check_words(set, "1:5 2:5 4:9 8:9", COMPARED_MISS, "too high.");
	check_words(busy, "1:1 2:1.79 4:1.76 8:9", COMPARED_UNSURE, "no verdict");
	check_words(set, "1:1 2:1.79", COMPARED_NOT, "");
	check_words(set, "-", COMPARED_NOT, "");
	int far[] = {128, 256};
	struct piece other = predict;
	char text[400];
	other.curve = far;
	other.curve_count = 2;
	ok(compare_words(&other, "128:3 256:4", input_of(set).run, false, text, sizeof(text)) == COMPARED_UNSURE &&
	   strstr(text, "none of the points"), "worker counts that the run has not: said so");
	recset_free(set);
	recset_free(busy);
}

static void draw(FILE *out, const char *name, const struct view_input *in, int rows, int cols, bool ascii)
{
	struct canvas *c = canvas_new(rows, cols, ascii);
	fprintf(out, "== %s %dx%d%s\n", name, cols, rows, ascii ? " ASCII" : "");
	view_speedup.draw(c, canvas_all(c), in);
	canvas_save_text(c, out);
	canvas_free(c);
}

static void test_golden(void)
{
	static const char path[] = "tests/golden/view-curve.txt";
	struct recset *set = load("speedup");
	struct view_input drawing = {.guess = {.cursor = -1}}, done = input_of(set);
	char *text = NULL, *want = xcalloc(1, 1 << 17);
	size_t size = 0;
	curve_read(&predict, "1:1 2:1.8 4:3.1 8:4.6", &drawing.guess);
	drawing.guess.cursor = 2;
	done.guess = drawing.guess;
	done.guess.cursor = -1;
	done.guess.y_max = 0;
	FILE *mem = open_memstream(&text, &size);
	draw(mem, "drawing", &drawing, 20, 38, false);
	draw(mem, "drawing", &drawing, 18, 56, false);
	draw(mem, "drawing", &drawing, 8, 40, false);
	draw(mem, "drawing", &drawing, 18, 56, true);
	draw(mem, "beside its run", &done, 20, 38, false);
	draw(mem, "beside its run", &done, 40, 100, false);
	draw(mem, "beside its run", &done, 18, 56, true);
	fclose(mem);
	if (getenv("UPDATE")) {
		FILE *out = fopen(path, "w");
		ok(out && fputs(text, out) >= 0 && !fclose(out), "wrote %s", path);
	} else {
		FILE *in = fopen(path, "r");
		size_t n = in ? fread(want, 1, (1 << 17) - 1, in) : 0;
		if (in)
			fclose(in);
		want[n] = '\0';
		if (!ok(!strcmp(text, want), "%s", path))
			diag("got:\n%s", text);
	}
	free(text);
	free(want);
	recset_free(set);
}

/* Any size, any values, drawn into the middle of a larger canvas: the rest stays as it was. */
static void test_sizes(void)
{
	static const double values[] = {0, 1, 3.1, 1e6, NAN, INFINITY, -1};
	int bad = 0, drawn = 0;
	for (int rows = 1; rows <= 30; rows++)
		for (int cols = 1; cols <= 90; cols++) {
			struct canvas *c = canvas_new(rows + 2, cols + 2, (rows ^ cols) & 1);
			struct view_input in = {.guess = curve_flat(&predict)};
			in.guess.cursor = (rows + cols) % 6 - 1;
			in.guess.speedup[rows % 4] = values[cols % 7];
			in.guess.y_max = values[rows % 7];
			in.guess.count = cols % 9 == 8 ? INT_MAX : 4;
			canvas_fill(c, canvas_all(c), ROLE_LINK, "@");
			canvas_fill(c, (struct rect){1, 1, rows, cols}, ROLE_PLAIN, " ");
			view_speedup.draw(c, (struct rect){1, 1, rows, cols}, &in);
			bool clean = c->cursor_y < 0 || (c->cursor_y >= 1 && c->cursor_y <= rows && c->cursor_x >= 1 && c->cursor_x <= cols);
			for (int x = 0; x < c->cols; x++)
				clean &= c->cells[x].text[0] == '@' && c->cells[(rows + 1) * c->cols + x].text[0] == '@';
			for (int y = 0; y < c->rows; y++)
				clean &= c->cells[y * c->cols].text[0] == '@' && c->cells[y * c->cols + cols + 1].text[0] == '@';
			canvas_free(c);
			drawn++;
			if (!clean && !bad++)
				diag("first at %dx%d", cols, rows);
		}
	ok(!bad, "%d curves of all sizes stay inside their area", drawn);
}

int main(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		skip("curves", "no locale C.UTF-8 here");
		return tap_done();
	}
	test_text();
	test_moves();
	test_words();
	test_golden();
	test_sizes();
	return tap_done();
}
