/* Views that scroll reach both ends; workers that take turns are seen to run. */
#include <limits.h>
#include <locale.h>
#include "kernels/bench/util.h"
#include "tests/views_input.h"

/* ---- scrolling ------------------------------------------------------------------------------------------------------ */

static char *picture(const struct view *view, struct view_input in, int scroll, int rows, int cols)
{
	struct canvas *c = canvas_new(rows, cols, false);
	char *text = NULL;
	size_t size = 0;
	in.scroll = scroll;
	view->draw(c, canvas_all(c), &in);
	FILE *mem = open_memstream(&text, &size);
	canvas_save_text(c, mem);
	fclose(mem);
	canvas_free(c);
	return text;
}

/* The range is exact: its ends show what no scroll goes beyond, one step before them shows something else. */
static void test_scrolling(void)
{
	struct recset *set = load("sixteen");
	int bad = 0, ranges = 0;
	for (int rows = 1; rows <= 20; rows++)
		for (int cols = 30; cols <= 90; cols += 20)
			for (int v = 0; views[v]; v++)
				for (int zoom = 0; zoom <= 4; zoom += 2) {
					struct view_input in = input_of(set);
					in.zoom = zoom;
					if (!views[v]->scrolls)
						continue;
					struct scroll_range r = views[v]->scrolls(&in, rows, cols);
					char *last = picture(views[v], in, r.most, rows, cols), *end = picture(views[v], in, INT_MAX, rows, cols);
					char *first = picture(views[v], in, r.least, rows, cols), *start = picture(views[v], in, INT_MIN, rows, cols);
					bool fine = !strcmp(last, end) && !strcmp(first, start);
					/* Without an axis two steps through time may look alike. */
					if (r.most > r.least && rows >= 7) {
						char *before = picture(views[v], in, r.most - 1, rows, cols);
						fine = fine && strcmp(before, last);
						free(before);
						ranges++;
					}
					if (!fine && !bad++)
						diag("first: %s at %dx%d, zoom %d: %d to %d", views[v]->name, cols, rows, zoom, r.least, r.most);
					free(last);
					free(end);
					free(first);
					free(start);
				}
	ok(!bad && ranges > 100, "%d views that scroll reach both ends, and not a step more", ranges);
	/* Through the time of a stretched timeline: each step shows something else, the last one its end, none goes beyond. */
	int still = 0, steps = 0;
	for (int zoom = 0; zoom <= 4; zoom++)
		for (int cols = 30; cols <= 90; cols += 20) {
			struct view_input in = input_of(set);
			in.zoom = zoom;
			int most = view_timeline.overflow(&in, cols);
			char *end = NULL, *last = NULL;
			for (in.sideways = 0; in.sideways <= most + 8; in.sideways += 8, steps++) {
				char *now = picture(&view_timeline, in, 0, 20, cols);
				still += in.sideways <= most && last && !strcmp(now, last);
				free(last);
				last = now;
			}
			in.sideways = INT_MAX;
			end = picture(&view_timeline, in, 0, 20, cols);
			still += strcmp(end, last) != 0 || (zoom == 0) != (most == 0);
			free(end);
			free(last);
		}
	ok(!still && steps > 100, "a stretched timeline is gone through to its end, in %d steps", steps);
	struct view_input in = input_of(set);
	struct scroll_range r = view_code.scrolls(&in, 8, 40);
	char *above = picture(&view_code, in, r.least, 8, 40), *below = picture(&view_code, in, r.most, 8, 40);
	ok(strstr(above, "A lock around") && strstr(below, "\n22   }"), "the source can be read from its first line to its last");
	free(above);
	free(below);
	r = view_counters.scrolls(&in, 18, 56);
	above = picture(&view_counters, in, r.most, 18, 56);
	ok(strstr(above, "w15"), "the last worker's counters can be reached");
	free(above);
	recset_free(set);
}

/* As much as is kept of an output, in one line and in many: what is drawn again several times a second must not read it over
 * and over for each of its rows. */
static void test_much_output(void)
{
	enum { SIZE = 1 << 20, COLS = 40, ROWS = 20 };
	char *text = xmalloc(SIZE + 1);
	memset(text, 'x', SIZE);
	text[SIZE] = '\0';
	struct view_input in = {.output = text};
	ok(view_output.scrolls(&in, ROWS, COLS).most == (SIZE + COLS - 1) / COLS - ROWS, "a line of a megabyte has its rows");
	char *end = picture(&view_output, in, INT_MAX, ROWS, COLS);
	ok(strstr(end, "xxx"), "and an end");
	free(end);
	for (int i = 60; i < SIZE; i += 61)
		text[i] = '\n';
	ok(view_output.scrolls(&in, ROWS, COLS).most == (SIZE / 61 + 1) * 2 - ROWS, "so have many lines");
	free(text);
}

/* Four workers that take turns on one core, each turn far shorter than a column. */
static void test_turns(void)
{
	struct recset *set = recset_new();
	char line[500];
	static const char *const head[] = {
		"{\"lockstep\":1,\"t\":\"machine\",\"machine\":\"x\",\"line\":\"x\",\"cores\":1,\"usable\":1}",
		"{\"t\":\"run\",\"run\":\"r\",\"lesson\":null,\"kernel\":\"k\",\"title\":\"\",\"source\":\"\",\"command\":\"\",\"time\":\"\","
		"\"size\":1,\"size_unit\":\"\",\"args\":{},\"sweep\":null,\"seed\":1,\"weak\":false,\"pin\":\"none\",\"workers\":[4],"
		"\"usable\":1,\"variants\":[{\"name\":\"threads\",\"about\":\"\",\"kind\":\"threads\",\"wrong\":null,\"blocks\":false,"
		"\"unavailable\":null}],\"baseline\":null,\"rounds\":11,\"budget_seconds\":1,\"flops\":null,\"bytes\":null}",
	};
	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		recset_line(set, head[i], strlen(head[i]));
	for (int slice = 0; slice < 500; slice++)
		for (int w = 0; w < 4; w++) {
			snprintf(line, sizeof line,
				 "{\"t\":\"span\",\"run\":\"r\",\"variant\":\"threads\",\"workers\":4,\"round\":1,\"worker\":%d,\"kind\":\"%s\","
				 "\"core\":0,\"begin_seconds\":%.3f,\"end_seconds\":%.3f}",
				 w, slice % 4 == w ? "run" : "off", slice * 0.004, slice * 0.004 + 0.004);
			recset_line(set, line, strlen(line));
		}
	struct view_input in = input_of(set);
	in.variant = "threads";
	char *text = picture(&view_timeline, in, 0, 18, 56);
	int lanes = 0;
	for (const char *s = text; (s = strstr(s, "\nw")); s++)
		lanes += !memmem(s, strcspn(s + 1, "\n"), "░", 3) && memmem(s, strcspn(s + 1, "\n"), "▂", 3);
	if (!ok(lanes == 4, "workers that take turns within a column are all seen to run"))
		diag("%s", text);
	free(text);
	recset_free(set);
}

int main(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		skip("all views", "no locale C.UTF-8 here");
		return tap_done();
	}
	test_scrolling();
	test_much_output();
	test_turns();
	return tap_done();
}
