/* What the run printed, wrapped at the width, or with whole lines moved sideways; scroll counts rows from the top. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/draw.h"

enum { TAB = 8, ROW_BYTES = 4096, MEASURED = 1 << 16 };

/* The next row where lines are not wrapped: all of the line. */
static size_t next_line(const char *text, size_t *next)
{
	size_t line = strcspn(text, "\n");
	*next = line + (text[line] == '\n');
	return line;
}

/* Columns of one character. There may be a megabyte of them, most of them plain: those are not looked up. */
static int width_of(const char *text, size_t n)
{
	char one[8];
	if (n == 1 && *text >= ' ' && *text < 127)
		return 1;
	if (n >= sizeof one)
		n = sizeof one - 1;
	memcpy(one, text, n);
	one[n] = '\0';
	return canvas_width(one);
}

/* Bytes of the next row of at most cols columns, broken at a blank if there is one in its second half; *next: where the following one begins. Tabs and ends of lines of other
 * systems are dealt with when it is written. */
static size_t next_row(const char *text, int cols, size_t *next)
{
	size_t used = 0, blank = 0;
	int x = 0;
	while (text[used] && text[used] != '\n' && used < ROW_BYTES - 64) {
		size_t n = 1;
		while (((unsigned char)text[used + n] & 0xc0) == 0x80 && n < 4)
			n++;
		int width = text[used] == '\t' ? TAB - x % TAB : text[used] == '\r' ? 0 : width_of(text + used, n);
		if (x + width > cols && x) {
			*next = text[used] == ' ' ? used + 1 : blank ? blank : used;
			return blank && text[used] != ' ' ? blank : used;
		}
		x += width;
		used += n;
		if (text[used - 1] == ' ' && x > cols / 2)
			blank = used;
	}
	*next = used + (text[used] == '\n');
	return used;
}

static int count_rows(const struct view_input *in, int cols)
{
	int rows = 0;
	size_t next;
	for (const char *text = in->output; *text; text += next, rows++) {
		if (in->whole_lines)
			next_line(text, &next);
		else
			next_row(text, cols, &next);
	}
	return rows;
}

/* The same row with blanks for its tabs. */
static char *widened(const char *text, size_t n)
{
	char *row = xmalloc(n * TAB + 1);
	size_t used = 0;
	int x = 0;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && ((unsigned char)text[end] & 0xc0) == 0x80; end++)
			;
		if (text[i] == '\r')
			continue;
		if (text[i] == '\t') {
			do
				row[used++] = ' ';
			while (++x % TAB);
			continue;
		}
		memcpy(row + used, text + i, end - i);
		used += end - i;
		x += width_of(text + i, end - i);
	}
	row[used] = '\0';
	return row;
}

/* A whole line from column `from` on; marks where it is cut. */
static void write_line(struct canvas *c, struct rect area, int y, const char *text, size_t n, int from)
{
	char *row = widened(text, n);
	size_t skip = canvas_fit(row, from);
	int x = 0;
	if (row[skip]) {
		char *before = xasprintf("%.*s", (int)skip, row);
		if (canvas_width(before) < from) { /* the half of a wide character stays blank */
			for (skip++; ((unsigned char)row[skip] & 0xc0) == 0x80;)
				skip++;
			x = 1;
		}
		free(before);
	}
	canvas_text(c, area, y, x, ROLE_PLAIN, row + skip);
	if (canvas_width(row + skip) + x > area.cols)
		canvas_text(c, area, y, area.cols - 1, ROLE_DIM, c->ascii ? ">" : "…");
	free(row);
}

static void write_row(struct canvas *c, struct rect area, int y, const char *text, size_t n)
{
	char row[ROW_BYTES * 2];
	size_t used = 0;
	int x = 0;
	for (size_t i = 0; i <= n && used < sizeof row - TAB - 1; i++) {
		bool tab = i < n && text[i] == '\t';
		if (i < n && !tab && text[i] != '\r')
			row[used++] = text[i];
		if (i < n && !tab)
			continue;
		row[used] = '\0';
		x += canvas_text(c, area, y, x, ROLE_PLAIN, row);
		x += tab ? TAB - x % TAB : 0;
		used = 0;
	}
}

static void draw_output(struct canvas *c, struct rect area, const struct view_input *in)
{
	if (!in->output || !*in->output) {
		draw_nothing(c, area, in->run && !in->run->ended ? _("Nothing was printed so far.") : _("Nothing was printed."));
		return;
	}
	if (area.cols < 1 || area.rows < 1)
		return;
	int rows = count_rows(in, area.cols), most = rows > area.rows ? rows - area.rows : 0;
	int top = in->scroll < 0 ? 0 : in->scroll > most ? most : in->scroll;
	const char *s = in->output;
	for (int i = 0; *s && i < top + area.rows; i++) {
		size_t next, n = in->whole_lines ? next_line(s, &next) : next_row(s, area.cols, &next);
		if (i >= top && in->whole_lines)
			write_line(c, area, i - top, s, n, in->sideways);
		else if (i >= top)
			write_row(c, area, i - top, s, n);
		s += next;
	}
	if (top < most && area.cols > 12) {
		char more[40];
		snprintf(more, sizeof more, _(" %s %d more"), c->ascii ? "v" : "▼", most - top);
		draw_right(c, area, area.rows - 1, ROLE_DIM, more);
	}
}

static struct scroll_range output_scrolls(const struct view_input *in, int rows, int cols)
{
	int all = in->output && *in->output && cols > 0 ? count_rows(in, cols) : 0;
	return (struct scroll_range){0, all > rows ? all - rows : 0};
}

static int output_overflow(const struct view_input *in, int cols)
{
	int most = 0;
	size_t next;
	for (const char *s = in->output; s && *s && s < in->output + MEASURED; s += next) {
		char *line = widened(s, next_line(s, &next));
		int width = canvas_width(line);
		most = width > most ? width : most;
		free(line);
	}
	return most > cols ? most - cols : 0;
}

const struct view view_output = {.name = N_("Output"), .draw = draw_output, .scrolls = output_scrolls, .overflow = output_overflow};
