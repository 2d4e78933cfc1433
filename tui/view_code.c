/* The real source, its excerpt marked, what the compiler said of it under the line that it means, and the same idea in
 * Python beside it where there is room. With scroll 0 the excerpt, or the first error, is in sight; a negative scroll leads
 * above it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/draw.h"
#include "tui/highlight.h"

enum { LINE_MAX_BYTES = 1000, TAB = 4, CONTEXT = 2, BESIDE_COLS = 50, MESSAGE_ROWS = 4 };

/* One text from its first line to its last. */
struct column {
	const char *source, *name;
	int lines, mark_first, mark_last;
	const struct view_message *messages;
	int message_count;
	int digits, body; /* columns of the line numbers, and those left for the text */
};

static int count_lines(const char *text)
{
	int n = 0;
	for (const char *s = text; s && *s; n++) {
		s = strchr(s, '\n');
		s = s ? s + 1 : NULL;
	}
	return n;
}

static struct column column_of(const struct view_input *in, bool beside, int cols)
{
	struct column c = {.source = in->source, .name = in->source_name, .mark_first = in->mark_first,
			   .mark_last = in->mark_last, .messages = in->messages, .message_count = in->message_count};
	if (beside)
		c = (struct column){.source = in->beside, .name = in->beside_name, .mark_first = in->beside_first,
				    .mark_last = in->beside_last};
	c.lines = count_lines(c.source);
	c.digits = cols < 24 ? 0 : c.lines > 9999 ? 5 : c.lines > 999 ? 4 : c.lines > 99 ? 3 : 2;
	c.body = cols - c.digits - (c.digits ? 1 : 0) - 2;
	return c;
}

/* Columns of the left text, and in *right those of the text beside it: 0 without room. */
static int split(const struct view_input *in, int cols, int *right)
{
	*right = in->source && in->beside && cols >= 2 * BESIDE_COLS ? (cols - 1) / 2 : 0;
	return *right ? cols - 1 - *right : cols;
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

static const char *next_line(const char *line)
{
	line = strchr(line, '\n');
	return line ? line + 1 : "";
}

/* Writes text in pieces of one role each, from its column `from` on. */
static void draw_line(struct canvas *c, struct rect area, int y, const char *text, size_t n, const unsigned char *roles, bool dim,
		      int from)
{
	int x = 0;
	size_t i = canvas_fit(text, from);
	if (from > 0 && i < n) {
		char *before = xasprintf("%.*s", (int)i, text);
		if (canvas_width(before) < from) { /* the half of a wide character stays blank */
			for (i++; ((unsigned char)text[i] & 0xc0) == 0x80;)
				i++;
			x = 1;
		}
		free(before);
	}
	for (size_t end; i < n; i = end) {
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

/* ---- rows: the lines, and the messages between them ---- */

static int message_rows(const struct column *c, const struct view_message *m)
{
	int rows = c->body > 2 ? draw_wrapped_rows(m->text, c->body - 2) : 0;
	return rows > MESSAGE_ROWS ? MESSAGE_ROWS : rows;
}

/* Rows of the lines from `first` to before `last`, with their messages. */
static int rows_of(const struct column *c, int first, int last)
{
	int rows = last - first;
	for (int i = 0; i < c->message_count; i++)
		if (c->messages[i].line >= first && c->messages[i].line < last)
			rows += message_rows(c, &c->messages[i]);
	return rows;
}

/* The row at the top with scroll 0. */
static int home_row(const struct column *c, int rows)
{
	int first = c->mark_first > 0 && c->mark_first <= c->lines ? c->mark_first : 1, last = c->mark_last;
	if (last < first || last > c->lines)
		last = first;
	for (int i = c->message_count - 1; i >= 0; i--)
		if (c->messages[i].error && c->messages[i].line > 0 && c->messages[i].line <= c->lines)
			first = last = c->messages[i].line;
	int above = rows_of(c, 1, first), size = rows_of(c, first, last + 1), top = 0;
	/* Already in sight from the top of the file, else with a little of what stands before it. */
	if (above + size > rows)
		top = above - (size + CONTEXT <= rows ? CONTEXT : 0);
	int all = rows_of(c, 1, c->lines + 1), most = all > rows ? all - rows : 0;
	return top > most ? most : top;
}

static struct scroll_range column_scrolls(const struct column *c, int rows)
{
	int body = rows - (rows >= 4), home = home_row(c, body), all = rows_of(c, 1, c->lines + 1);
	return (struct scroll_range){-home, (all > body ? all - body : 0) - home};
}

static struct scroll_range code_scrolls(const struct view_input *in, int rows, int cols)
{
	int right;
	if (!in->source)
		return (struct scroll_range){0, 0};
	struct column c = column_of(in, false, split(in, cols, &right));
	struct scroll_range range = column_scrolls(&c, rows);
	if (right) {
		c = column_of(in, true, right);
		struct scroll_range other = column_scrolls(&c, rows);
		range.least = other.least < range.least ? other.least : range.least;
		range.most = other.most > range.most ? other.most : range.most;
	}
	return range;
}

static int column_overflow(const struct column *c)
{
	int most = 0;
	for (const char *s = c->source; s && *s; s = next_line(s)) {
		char text[LINE_MAX_BYTES];
		widen(s, strcspn(s, "\n"), text);
		int width = canvas_width(text);
		most = width > most ? width : most;
	}
	return most > c->body && c->body > 0 ? most - c->body : 0;
}

static int code_overflow(const struct view_input *in, int cols)
{
	int right;
	struct column c = column_of(in, false, split(in, cols, &right));
	int most = column_overflow(&c);
	if (right) {
		c = column_of(in, true, right);
		int other = column_overflow(&c);
		most = other > most ? other : most;
	}
	return most;
}

/* ---- drawing ---- */

static void draw_heading(struct canvas *c, struct rect area, const struct column *column, int first, int last, int from)
{
	const char *name = draw_or(column->name, _("source"));
	char where[FIGURE_MAX * 2];
	if (from > 0)
		snprintf(where, sizeof where, _("%d–%d of %d, from column %d"), first, last, column->lines, from + 1);
	else
		snprintf(where, sizeof where, _("%d–%d of %d"), first, last, column->lines);
	draw_cut(c, area, 0, 0, ROLE_BOLD, name);
	if (canvas_width(name) + canvas_width(where) + 2 <= area.cols)
		draw_right(c, area, 0, ROLE_DIM, where);
}

/* The messages about a line, from row y on, which may lie above the area; returns the rows. */
static int draw_messages(struct canvas *c, struct rect body, int y, const struct column *column, int line)
{
	int rows = 0;
	for (int i = 0; i < column->message_count; i++) {
		const struct view_message *m = &column->messages[i];
		int wanted = m->line == line ? message_rows(column, m) : 0;
		if (!wanted)
			continue;
		enum role role = m->error ? ROLE_BAD : ROLE_WARN;
		/* Wrapped off the screen, so that rows above and below the area are cut. */
		struct canvas *text = canvas_new(wanted, body.cols - 2, c->ascii);
		canvas_clear(text);
		draw_wrapped(text, canvas_all(text), 0, wanted, role, m->text);
		for (int r = 0; r < wanted; r++) {
			int at = y + rows + r;
			if (at < 0 || at >= body.rows)
				continue;
			canvas_text(c, body, at, 0, role, r ? " " : c->ascii ? "^" : "▲");
			for (int x = 0; x < text->cols; x++) {
				const struct cell *cell = &text->cells[r * text->cols + x];
				if (cell->text[0])
					canvas_text(c, body, at, 2 + x, (enum role)cell->role, cell->text);
			}
		}
		canvas_free(text);
		rows += wanted;
	}
	return rows;
}

static void draw_column(struct canvas *c, struct rect area, const struct column *column, int wish, int from)
{
	int heading = area.rows >= 4, rows = area.rows - heading;
	struct scroll_range range = column_scrolls(column, area.rows);
	int top = home_row(column, rows) + (wish < range.least ? range.least : wish > range.most ? range.most : wish);
	bool marks = column->mark_first > 0 && column->mark_last >= column->mark_first;
	struct highlight state = {.language = highlight_language(column->name)};
	struct rect body = {area.y + heading, area.x + area.cols - column->body, rows, column->body};
	int y = -top, line = 1, first = 0, last = 0;
	for (const char *s = column->source; *s && y < rows; s = next_line(s), line++) {
		char text[LINE_MAX_BYTES];
		unsigned char roles[LINE_MAX_BYTES];
		size_t n = widen(s, strcspn(s, "\n"), text);
		bool marked = marks && line >= column->mark_first && line <= column->mark_last, wrong = false;
		highlight_line(&state, text, n, roles);
		for (int i = 0; i < column->message_count; i++)
			wrong = wrong || column->messages[i].line == line;
		if (y >= 0) {
			first = first ? first : line;
			last = line;
			if (column->digits)
				canvas_printf(c, area, heading + y, 0, wrong ? ROLE_WARN : ROLE_DIM, "%*d", column->digits, line);
			if (marked)
				canvas_text(c, area, heading + y, column->digits + (column->digits ? 1 : 0), ROLE_MARKED, c->ascii ? "|" : "▌");
			if (body.cols > 0)
				draw_line(c, body, y, text, n, roles, marks && !marked && !wrong, from);
		}
		y++;
		if (wrong && body.cols > 2)
			y += draw_messages(c, body, y, column, line);
	}
	if (heading)
		draw_heading(c, area, column, first, last, from);
}

static void draw_code(struct canvas *c, struct rect area, const struct view_input *in)
{
	int right;
	if (!in->source) {
		draw_nothing(c, area, _("No source to show here."));
		return;
	}
	struct rect left = area;
	left.cols = split(in, area.cols, &right);
	struct column column = column_of(in, false, left.cols);
	draw_column(c, left, &column, in->scroll, in->sideways);
	if (!right)
		return;
	struct rect beside = {area.y, area.x + area.cols - right, area.rows, right};
	for (int y = 0; y < area.rows; y++)
		canvas_text(c, area, y, left.cols, ROLE_BORDER, c->ascii ? "|" : "│");
	column = column_of(in, true, right);
	draw_column(c, beside, &column, in->scroll, in->sideways);
}

const struct view view_code = {.name = N_("Code"), .draw = draw_code, .scrolls = code_scrolls, .overflow = code_overflow};
