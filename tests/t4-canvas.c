/* The canvas, colours, highlighting and charts: what is drawn where, and nothing beside it. */
#include <limits.h>
#include <locale.h>
#include "tests/tap.h"
#include "tui/chart.h"
#include "tui/draw.h"
#include "tui/highlight.h"
#include "tui/rich.h"
#include "tui/scheme.h"

static char *text_of(const struct canvas *c)
{
	char *text = NULL;
	size_t size = 0;
	FILE *mem = open_memstream(&text, &size);
	canvas_save_text(c, mem);
	fclose(mem);
	return text;
}

static void shows(const struct canvas *c, const char *want, const char *name)
{
	char *text = text_of(c);
	is(text, want, name);
	free(text);
}

static const struct cell *at(const struct canvas *c, int y, int x)
{
	return &c->cells[y * c->cols + x];
}

static void test_text(void)
{
	struct canvas *c = canvas_new(3, 10, false);
	struct rect all = canvas_all(c);
	ok(canvas_text(c, all, 0, 0, ROLE_PLAIN, "abc") == 3, "text tells its columns");
	canvas_text(c, all, 0, 8, ROLE_PLAIN, "xyz");
	canvas_text(c, all, 1, -2, ROLE_PLAIN, "12345");
	canvas_text(c, all, 9, 0, ROLE_PLAIN, "below");
	canvas_text(c, all, -1, 0, ROLE_PLAIN, "above");
	shows(c, "abc     xy\n345\n\n", "clipped on all four sides");

	canvas_clear(c);
	struct rect inside = {1, 2, 1, 4};
	canvas_text(c, inside, 0, 0, ROLE_PLAIN, "abcdefgh");
	canvas_text(c, inside, 1, 0, ROLE_PLAIN, "no");
	canvas_text(c, (struct rect){-5, 100, 3, 3}, 0, 0, ROLE_PLAIN, "no");
	canvas_text(c, (struct rect){INT_MAX, INT_MAX, INT_MAX, INT_MAX}, 0, 0, ROLE_PLAIN, "no");
	canvas_text(c, (struct rect){INT_MIN, INT_MIN, INT_MAX, INT_MAX}, 5, 5, ROLE_PLAIN, "no");
	shows(c, "\n  abcd\n\n", "clipped to the area");

	canvas_clear(c);
	canvas_text(c, all, 0, 0, ROLE_PLAIN, "a\tb\x1b[31m\x7f\xc2\x9b");
	shows(c, "a?b?[31m??\n\n\n", "control characters become marks");
	canvas_clear(c);
	canvas_text(c, all, 0, 0, ROLE_PLAIN, "\xff\xc0\xaf\xed\xa0\x80\xe2\x82" "a\xe2\x80\xae");
	shows(c, "????????a?\n\n\n", "bytes that are not UTF-8 become marks, one each");
	canvas_clear(c);
	canvas_text(c, all, 0, 0, ROLE_PLAIN, "a\xe2\x80\xae" "b");
	shows(c, "a?b\n\n\n", "so do marks that reorder a line");
	is(at(c, 0, 1)->text, "?", "one cell for it");
	canvas_free(c);
}

static void test_wide(void)
{
	struct canvas *c = canvas_new(1, 6, false);
	struct rect all = canvas_all(c);
	ok(canvas_width("并行ab") == 6 && canvas_width("e\xcc\x81") == 1, "wide characters take two columns, marks none");
	ok(canvas_text(c, all, 0, 0, ROLE_PLAIN, "并行ab") == 6, "wide text tells its columns");
	is(at(c, 0, 1)->text, "", "the right half is empty");
	canvas_text(c, all, 0, 1, ROLE_PLAIN, "x");
	shows(c, " x行ab\n", "covering a right half leaves no left half");
	canvas_text(c, all, 0, 2, ROLE_PLAIN, "y");
	shows(c, " xy ab\n", "covering a left half leaves no right half");
	canvas_clear(c);
	ok(canvas_text(c, all, 0, 5, ROLE_PLAIN, "并") == 0, "half a character does not fit");
	canvas_text(c, all, 0, -1, ROLE_PLAIN, "并a");
	shows(c, " a\n", "nor does its right half show at the left edge");
	canvas_clear(c);
	canvas_text(c, all, 0, 0, ROLE_PLAIN, "e\xcc\x81x");
	is(at(c, 0, 0)->text, "e\xcc\x81", "a mark shares the cell of its character");
	is(at(c, 0, 1)->text, "x", "and the next character follows");
	for (int i = 0; i < 40; i++)
		canvas_text(c, all, 0, 0, ROLE_PLAIN, "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81");
	ok(strlen(at(c, 0, 0)->text) < sizeof at(c, 0, 0)->text, "no more marks than a cell can hold");
	ok(canvas_fit("并行", 3) == 3 && canvas_fit("ab", 9) == 2 && canvas_fit("ab", 0) == 0, "canvas_fit never splits a character");
	canvas_free(c);

	c = canvas_new(1, 12, true);
	canvas_text(c, canvas_all(c), 0, 0, ROLE_PLAIN, "1.7–1.8 µs ●");
	shows(c, "1.7-1.8 us *\n", "ASCII: known symbols have a like one");
	canvas_free(c);
}

static void test_shapes(void)
{
	struct canvas *c = canvas_new(3, 8, false);
	struct rect inside = canvas_box(c, canvas_all(c), ROLE_BORDER, "Hi");
	shows(c, "┌ Hi ──┐\n│      │\n└──────┘\n", "a box with its title");
	ok(inside.y == 1 && inside.x == 1 && inside.rows == 1 && inside.cols == 6, "and its inside");
	canvas_clear(c);
	canvas_box(c, canvas_all(c), ROLE_BORDER, "A very long title");
	shows(c, "┌ A ve ┐\n│      │\n└──────┘\n", "a long title stays inside");
	canvas_clear(c);
	canvas_fill(c, (struct rect){-3, -3, 5, INT_MAX}, ROLE_DIM, "#");
	shows(c, "########\n########\n\n", "filling clips");
	canvas_free(c);
	c = canvas_new(2, 4, true);
	canvas_box(c, canvas_all(c), ROLE_BORDER, NULL);
	shows(c, "+--+\n+--+\n", "a box in ASCII");
	canvas_free(c);
	c = canvas_new(0, -7, false);
	ok(c->rows == 1 && c->cols == 1, "no canvas is smaller than one cell");
	canvas_box(c, canvas_all(c), ROLE_BORDER, "x");
	canvas_free(c);
}

/* Every tag is closed, and text holds no bare markup. */
static bool balanced(const char *svg)
{
	int depth = 0;
	for (const char *s = strchr(svg, '<'); s; s = strchr(s + 1, '<')) {
		const char *end = strchr(s, '>');
		if (!end)
			return false;
		depth += s[1] == '/' ? -1 : end[-1] == '/' ? 0 : 1;
		if (depth < 0)
			return false;
	}
	return !depth;
}

static void test_svg(void)
{
	struct canvas *c = canvas_new(2, 30, false);
	canvas_text(c, canvas_all(c), 0, 0, ROLE_BAD, "<b> & \"q\" 并行 ● █ ░ ╭ ▔");
	canvas_text(c, canvas_all(c), 1, 0, ROLE_SELECTED, "chosen");
	for (enum scheme scheme = 0; scheme < SCHEMES; scheme++) {
		char *svg = NULL, paper[16];
		size_t size = 0;
		scheme_choose(scheme);
		FILE *mem = open_memstream(&svg, &size);
		canvas_save_svg(c, mem, "a <title>");
		fclose(mem);
		snprintf(paper, sizeof paper, "#%06x", scheme_paper(scheme));
		ok(balanced(svg), "%s: the picture is well-formed", scheme_name[scheme]);
		ok(strstr(svg, "&lt;b&gt;") && strstr(svg, "a &lt;title&gt;") && !strstr(svg, "<b>"), "%s: text is escaped",
		   scheme_name[scheme]);
		ok(strstr(svg, paper) && !strstr(svg, "█") && !strstr(svg, "●"), "%s: background painted, shapes drawn as shapes",
		   scheme_name[scheme]);
		ok(!strstr(svg, "http") || strstr(svg, "http") == strstr(svg, "http://www.w3.org/2000/svg"), "%s: nothing from elsewhere",
		   scheme_name[scheme]);
		free(svg);
	}
	scheme_choose(SCHEME_DEFAULT);
	canvas_free(c);
}

static double luminance(int rgb)
{
	double sum = 0, weight[] = {0.0722, 0.7152, 0.2126};
	for (int i = 0; i < 3; i++) {
		double v = (rgb >> 8 * i & 255) / 255.0;
		sum += weight[i] * (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
	}
	return sum;
}

static double contrast(int a, int b)
{
	double x = luminance(a), y = luminance(b);
	return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

static void test_schemes(void)
{
	for (enum scheme s = 0; s < SCHEMES; s++) {
		bool own = true, colours = false;
		double least = 99;
		for (enum role r = 0; r < ROLES; r++) {
			struct look look = scheme_look(s, r);
			own &= look.bg == -1 && look.bg256 == -1 && look.bg8 == -1;
			colours |= look.fg >= 0 || look.fg8 >= 0;
			/* DEFAULT does not know what it is shown on: white and black both. */
			if (look.fg >= 0 && r != ROLE_BAND) {
				least = fmin(least, contrast(look.fg, s == SCHEME_DARK ? scheme_paper(s) : 0xffffff));
				least = s == SCHEME_DEFAULT || s == SCHEME_SAFE ? fmin(least, contrast(look.fg, 0x000000)) : least;
			}
		}
		ok(own == (s == SCHEME_DEFAULT || s == SCHEME_SAFE || s == SCHEME_MONO), "%s paints %s background", scheme_name[s], own ? "no" : "its own");
		ok(colours == (s != SCHEME_MONO), "%s has %s", scheme_name[s], colours ? "colours" : "no colours");
		ok(least >= 2.5, "%s: every role can be read (least contrast %.1f)", scheme_name[s], least);
		ok(scheme_find(scheme_name[s]) == s, "%s is found by its name", scheme_name[s]);
	}
	ok(scheme_find("purple") == SCHEMES, "an unknown scheme is not found");
	ok(scheme_look(SCHEME_DARK, ROLE_SERIES_1).fg == 0xe69f00 && scheme_look(SCHEME_DARK, ROLE_SERIES_2).fg == 0x56b4e9 &&
		   scheme_look(SCHEME_DARK, ROLE_SERIES_4).fg == 0xf0e442 && scheme_look(SCHEME_LIGHT, ROLE_SERIES_5).fg == 0x0072b2,
	   "series in the order of podo");
	ok(scheme_look(SCHEME_DARK, ROLE_SERIES_1).fg256 == 178, "the nearest of 256 colours");
}

static void test_highlight(void)
{
	struct highlight h = {.language = highlight_language("dir/a.c")};
	unsigned char roles[64];
	const char *line = "int x = 0x1f; /* one";
	highlight_line(&h, line, strlen(line), roles);
	ok(roles[0] == ROLE_KEYWORD && roles[4] == ROLE_PLAIN && roles[8] == ROLE_NUMBER && roles[11] == ROLE_NUMBER &&
		   roles[14] == ROLE_COMMENT,
	   "C: keyword, name, number, comment");
	line = "two */ \"a\\\"b\" // end";
	highlight_line(&h, line, strlen(line), roles);
	ok(roles[0] == ROLE_COMMENT && roles[7] == ROLE_STRING && roles[12] == ROLE_STRING && roles[13] == ROLE_PLAIN &&
		   roles[14] == ROLE_COMMENT,
	   "C: a comment goes on over lines, a string over its escapes");
	line = "#pragma omp";
	highlight_line(&h, line, strlen(line), roles);
	ok(roles[0] == ROLE_KEYWORD && roles[6] == ROLE_KEYWORD && roles[8] == ROLE_PLAIN, "C: preprocessor");
	h = (struct highlight){.language = highlight_language("twin.py")};
	line = "def f(): '''doc";
	highlight_line(&h, line, strlen(line), roles);
	ok(roles[0] == ROLE_KEYWORD && roles[9] == ROLE_STRING && h.open == '\'', "Python: a long string opens");
	line = "end''' # c";
	highlight_line(&h, line, strlen(line), roles);
	ok(roles[0] == ROLE_STRING && roles[5] == ROLE_STRING && roles[7] == ROLE_COMMENT && !h.open, "and closes");
	line = "\"open\\";
	highlight_line(&h, line, strlen(line), roles);
	ok(roles[5] == ROLE_STRING, "a string that ends in a backslash stays inside its line");
	ok(highlight_language("README") == LANGUAGE_NONE && highlight_language(NULL) == LANGUAGE_NONE, "other files are plain");
}

static void test_figures(void)
{
	char b[FIGURE_MAX];
	is(draw_figure(1.7937, b), "1.79", "three digits");
	is(draw_figure(12.34, b), "12.3", "three digits above 10");
	is(draw_figure(0.08764, b), "0.0876", "three digits below 1");
	is(draw_figure(-0.0, b), "0", "no minus zero");
	is(draw_figure(NAN, b), "—", "unknown is a dash, not 0");
	is(draw_percent(0.0984, b), "9.8 %", "percent below 10 with a decimal");
	is(draw_percent(0.487, b), "49 %", "percent above 10 without");
	is(draw_estimate((struct estimate){1.7937, 1.7759, 1.80136}, b), "1.79 [1.78–1.80]", "estimate");
	is(draw_estimate((struct estimate){1.7937, NAN, NAN}, b), "1.79", "estimate without interval");
	is(draw_share((struct estimate){0.1071, 0.1006, 0.1148}, b), "10.7 % [10.1–11.5]", "share");
	struct canvas *c = canvas_new(3, 10, false);
	ok(draw_wrapped(c, canvas_all(c), 0, 3, ROLE_PLAIN, "one two three, four five six") == 3, "wrapping fills the rows");
	shows(c, "one two\nthree,\nfour five…\n", "breaks at blanks, and shows what is cut");
	canvas_clear(c);
	draw_wrapped(c, canvas_all(c), 0, 3, ROLE_PLAIN, "并行计算，快。");
	shows(c, "并行计算，\n快。\n\n", "breaks between wide characters, not before a comma");
	ok(draw_wrapped_rows("abcdefghijkl", 5) == 3 && draw_wrapped_rows("", 5) == 0 && draw_wrapped_rows("并", 1) == 1,
	   "long words are cut, and it always ends");
	canvas_free(c);
}

static void test_chart(void)
{
	struct canvas *c = canvas_new(12, 50, false);
	double x[] = {1, 2, 4}, y[] = {1, 2, 4}, lo[] = {0.5, 1, 1}, hi[] = {1.5, 3, 4.4};
	struct chart_spec spec = {.x_min = 1, .x_split = 4, .x_max = 4, .y_max = 4, .ticks = x, .tick_count = 3, .x_title = "workers"};
	struct chart chart = chart_open(c, canvas_all(c), &spec);
	chart_point(&chart, 4, (struct estimate){2, 1, 3}, ROLE_MEASURED, "●");
	chart_point(&chart, 2, (struct estimate){1, NAN, NAN}, ROLE_MEASURED, "●");
	chart_point(&chart, 2, (struct estimate){1, NAN, NAN}, ROLE_SERIES_1, "▲");
	chart_point(&chart, 2, (struct estimate){NAN, NAN, NAN}, ROLE_SERIES_1, "!");
	chart_point(&chart, 99, (struct estimate){1, NAN, NAN}, ROLE_SERIES_1, "!");
	chart_line(&chart, x, y, 3, (struct chart_stroke){ROLE_FITTED, chart_rule, "-", 1, 1});
	chart_band(&chart, x, lo, hi, 3, ROLE_BAND);
	ok(chart_label(&chart, 4, 2, 3, ROLE_PLAIN, "here"), "a label finds room");
	ok(!chart_label(&chart, 4, 2, 3, ROLE_PLAIN, "a label that is far too long for any row of this chart"), "or says that there is none");
	char *text = text_of(c);
	ok(strstr(text, "┬") && strstr(text, "┴") && strstr(text, "●"), "an interval has a bar");
	ok(strstr(text, "●▲"), "a second mark goes beside the first");
	ok(!strstr(text, "!"), "what is unknown or outside is not drawn");
	ok(strstr(text, "░") && strstr(text, "▔"), "a band is shaded, a line drawn over it");
	ok(strstr(text, "here"), "the label is there");
	ok(strstr(text, "workers"), "and the title of the axis");
	free(text);
	chart_close(&chart);
	canvas_free(c);
	ok(chart_step(10, 5) == 2 && chart_step(1.05, 4) == 0.2 && chart_step(100, 3) == 50, "steps of 1, 2, 5");
	struct chart_key keys[] = {{ROLE_PLAIN, "●", "*", "first"}, {ROLE_PLAIN, "─", "-", "second"}};
	c = canvas_new(2, 10, false);
	ok(chart_legend(c, canvas_all(c), 0, 2, keys, 2) == 2, "a legend wraps");
	shows(c, "● first\n─ second\n", "whole entries");
	canvas_free(c);
}

static void test_words(void)
{
	struct rich r = {.width = 10};
	rich_words(&r, "", ROLE_PLAIN, "并行计算，很好", ROLE_PLAIN);
	rich_words(&r, "", ROLE_PLAIN, "一二三四五。六", ROLE_PLAIN);
	rich_words(&r, "", ROLE_PLAIN, "ab 一二三四五", ROLE_PLAIN);
	struct canvas *c = canvas_new(6, 10, false);
	for (int i = 0; i < r.n && i < 6; i++)
		rich_draw(&r, i, c, canvas_all(c), i);
	shows(c, "并行计算，\n很好\n一二三四\n五。六\nab 一二三\n四五\n", "no line begins with closing punctuation; wide text fills its lines");
	canvas_free(c);
	rich_free(&r);
}

int main(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		diag("no C.UTF-8 locale: widths come from the canvas's own table");
	test_text();
	test_wide();
	test_shapes();
	test_svg();
	test_schemes();
	test_highlight();
	test_figures();
	test_chart();
	test_words();
	return tap_done();
}
