/* What the run printed, wrapped at the width; scroll counts rows from the top. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/draw.h"

enum { TAB = 8, ROW_BYTES = 4096 };

/* Bytes of the next row of at most cols columns; *next: where the following one begins. Tabs and ends of lines of other
 * systems are dealt with when it is written. */
static size_t next_row(const char *text, int cols, size_t *next)
{
	size_t line = strcspn(text, "\n"), used = 0;
	int x = 0;
	while (used < line && used < ROW_BYTES - 64) {
		size_t n = 1;
		while (((unsigned char)text[used + n] & 0xc0) == 0x80 && n < 4)
			n++;
		char one[8];
		memcpy(one, text + used, n);
		one[n] = '\0';
		int width = text[used] == '\t' ? TAB - x % TAB : text[used] == '\r' ? 0 : canvas_width(one);
		if (x + width > cols && x)
			break;
		x += width;
		used += n;
	}
	*next = used + (used == line && text[used] == '\n');
	return used;
}

static int count_rows(const char *text, int cols)
{
	int rows = 0;
	size_t next;
	for (; *text; text += next, rows++)
		next_row(text, cols, &next);
	return rows;
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
	int rows = count_rows(in->output, area.cols), most = rows > area.rows ? rows - area.rows : 0;
	int top = in->scroll < 0 ? 0 : in->scroll > most ? most : in->scroll;
	const char *s = in->output;
	for (int i = 0; *s && i < top + area.rows; i++) {
		size_t next, n = next_row(s, area.cols, &next);
		if (i >= top)
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
	int all = in->output && *in->output && cols > 0 ? count_rows(in->output, cols) : 0;
	return (struct scroll_range){0, all > rows ? all - rows : 0};
}

const struct view view_output = {.name = N_("Output"), .draw = draw_output, .scrolls = output_scrolls};
