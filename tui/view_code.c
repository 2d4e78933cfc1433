/* The real source, its excerpt marked. With scroll 0 the excerpt is in sight; a negative scroll leads above it. */
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/draw.h"
#include "tui/highlight.h"

enum { LINE_MAX_BYTES = 1000, TAB = 4, CONTEXT = 2 };

static int count_lines(const char *text)
{
	int n = 0;
	for (const char *s = text; s && *s; n++) {
		s = strchr(s, '\n');
		s = s ? s + 1 : NULL;
	}
	return n;
}

/* Copies a line with its tabs widened; returns the bytes. */
static size_t widen(const char *line, size_t n, char out[LINE_MAX_BYTES])
{
	size_t used = 0;
	for (size_t i = 0; i < n && used < LINE_MAX_BYTES - TAB - 1; i++) {
		if (line[i] == '\r' && i + 1 == n)
			break;
		if (line[i] != '\t') {
			out[used++] = line[i];
			continue;
		}
		do
			out[used++] = ' ';
		while (used % TAB);
	}
	out[used] = '\0';
	return used;
}

/* Writes text in pieces of one role each. */
static void draw_line(struct canvas *c, struct rect area, int y, const char *text, size_t n, const unsigned char *roles, bool dim)
{
	int x = 0;
	for (size_t i = 0, end; i < n; i = end) {
		char piece[LINE_MAX_BYTES];
		for (end = i + 1; end < n && roles[end] == roles[i]; end++)
			;
		memcpy(piece, text + i, end - i);
		piece[end - i] = '\0';
		int width = canvas_text(c, area, y, x, dim ? ROLE_DIM : roles[i], piece);
		x += width;
		if (width < canvas_width(piece)) {
			canvas_text(c, area, y, area.cols - 1, ROLE_DIM, c->ascii ? ">" : "…");
			return;
		}
	}
}

/* The line at the top with scroll 0. */
static int home_line(const struct view_input *in, int lines, int rows)
{
	int first = in->mark_first > 0 && in->mark_first <= lines ? in->mark_first - 1 : 0, last = in->mark_last;
	int size = last > first && last <= lines ? last - first : 1, top = 0;
	/* Already in sight from the top of the file, else with a little of what stands before it. */
	if (first + size > rows)
		top = first - (size + CONTEXT <= rows ? CONTEXT : 0);
	int most = lines > rows ? lines - rows : 0;
	return top > most ? most : top;
}

static struct scroll_range code_scrolls(const struct view_input *in, int rows, int cols)
{
	(void)cols;
	if (!in->source)
		return (struct scroll_range){0, 0};
	int lines = count_lines(in->source), body = rows - (rows >= 4), home = home_line(in, lines, body);
	return (struct scroll_range){-home, (lines > body ? lines - body : 0) - home};
}

static void draw_code(struct canvas *c, struct rect area, const struct view_input *in)
{
	if (!in->source) {
		draw_nothing(c, area, _("No source to show here."));
		return;
	}
	int lines = count_lines(in->source), heading = area.rows >= 4, rows = area.rows - heading;
	struct scroll_range range = code_scrolls(in, area.rows, area.cols);
	int scroll = in->scroll < range.least ? range.least : in->scroll > range.most ? range.most : in->scroll;
	int top = home_line(in, lines, rows) + scroll, digits = lines > 9999 ? 5 : lines > 999 ? 4 : lines > 99 ? 3 : 2;
	bool marks = in->mark_first > 0 && in->mark_last >= in->mark_first;
	if (area.cols < 24)
		digits = 0;
	if (heading) {
		const char *name = draw_or(in->source_name, _("source"));
		char where[FIGURE_MAX];
		snprintf(where, sizeof where, _("%d–%d of %d"), lines ? top + 1 : 0, top + rows < lines ? top + rows : lines, lines);
		draw_cut(c, area, 0, 0, ROLE_BOLD, name);
		if (canvas_width(name) + canvas_width(where) + 2 <= area.cols)
			draw_right(c, area, 0, ROLE_DIM, where);
	}
	struct highlight state = {.language = highlight_language(in->source_name)};
	struct rect body = {area.y + heading, area.x + digits + (digits ? 1 : 0) + 2, rows, 0};
	body.cols = area.x + area.cols - body.x;
	const char *s = in->source;
	for (int i = 0; s && *s && i < top + rows; i++) {
		char text[LINE_MAX_BYTES];
		unsigned char roles[LINE_MAX_BYTES];
		size_t n = widen(s, strcspn(s, "\n"), text);
		highlight_line(&state, text, n, roles);
		s = strchr(s, '\n');
		s = s ? s + 1 : NULL;
		if (i < top)
			continue;
		bool marked = marks && i + 1 >= in->mark_first && i + 1 <= in->mark_last;
		if (digits)
			canvas_printf(c, area, heading + i - top, 0, ROLE_DIM, "%*d", digits, i + 1);
		if (marked)
			canvas_text(c, area, heading + i - top, digits + (digits ? 1 : 0), ROLE_MARKED, c->ascii ? "|" : "▌");
		if (body.cols > 0)
			draw_line(c, body, i - top, text, n, roles, marks && !marked);
	}
}

const struct view view_code = {.name = N_("Code"), .draw = draw_code, .scrolls = code_scrolls};
