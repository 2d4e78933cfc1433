/* The grid of cells: text in, clipped and made safe; text out. The SVG of it is canvas_svg.c. */
#include "tui/canvas.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include "kernels/bench/util.h"

enum { CANVAS_SIDE_MAX = 10000 };

/* ---- characters ---------------------------------------------------------------------------------------------------- */

/* Decodes one character, returns the bytes it takes (>= 1 unless at the end). Bytes that are not UTF-8 and everything that
 * could move the cursor or reorder the line (controls, bidi marks) come back as '?'. */
static int decode(const char *text, uint32_t *code)
{
	const unsigned char *s = (const unsigned char *)text;
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	*code = '?';
	if (!s[0])
		return 0;
	int n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : (s[0] & 0xf8) == 0xf0 ? 4 : 0;
	if (!n)
		return 1;
	uint32_t c = n == 1 ? s[0] : s[0] & (0xffu >> (n + 1));
	for (int i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 1;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 1;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0xfeff || (c & 0xfffe) == 0xfffe)
		return n;
	*code = c;
	return n;
}

/* Columns of a character: 0 (combining), 1 or 2. wcwidth knows only what the locale has, so the large blocks are told
 * here for the C locale. */
static int columns(uint32_t c)
{
	if (c < 0x7f)
		return 1;
	int w = wcwidth((wchar_t)c);
	if (w >= 0)
		return w > 2 ? 2 : w;
	bool combining = (c >= 0x300 && c < 0x370) || (c >= 0x200b && c <= 0x200d) || (c >= 0xfe00 && c < 0xfe10);
	bool wide = (c >= 0x1100 && c < 0x1160) || (c >= 0x2e80 && c < 0xa4d0 && c != 0x303f) ||
		    (c >= 0xac00 && c < 0xd7a4) || (c >= 0xf900 && c < 0xfb00) || (c >= 0xfe30 && c < 0xfe70) ||
		    (c >= 0xff00 && c < 0xff61) || (c >= 0xffe0 && c < 0xffe7) || (c >= 0x1f300 && c < 0x1f650) ||
		    (c >= 0x1f900 && c < 0x1fa00) || (c >= 0x20000 && c < 0x3fffe);
	return combining ? 0 : wide ? 2 : 1;
}

/* What a symbol becomes where only ASCII may be drawn, one column each; letters of any script stay. */
static uint32_t plain_symbol(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} table[] = {
		{0xa0, ' '},    {0xab, '<'},    {0xad, '-'},    {0xb1, '~'},    {0xb2, '2'},    {0xb5, 'u'},    {0xb7, '.'},
		{0xbb, '>'},    {0xd7, 'x'},    {0xf7, '/'},    {0x3bc, 'u'},   {0x2010, '-'},  {0x2011, '-'},  {0x2012, '-'},
		{0x2013, '-'},  {0x2014, '-'},  {0x2018, '\''}, {0x2019, '\''}, {0x201c, '"'},  {0x201d, '"'},  {0x201e, '"'},
		{0x2d9, '\''},  {0x2022, '*'},  {0x2026, '.'},  {0x202f, ' '},  {0x2032, '\''}, {0x2033, '"'},  {0x2190, '<'},  {0x2191, '^'},
		{0x2192, '>'},  {0x2193, 'v'},  {0x21b5, '<'},  {0x2212, '-'},  {0x2248, '~'},  {0x2260, '!'},  {0x2264, '<'},
		{0x2265, '>'},  {0x2500, '-'},  {0x2502, '|'},  {0x2595, '|'},  {0x25b2, '^'},  {0x25b6, '>'},  {0x25b8, '>'},
		{0x25ba, '>'},  {0x25bc, 'v'},  {0x25c0, '<'},  {0x25c6, '*'},  {0x25c7, 'o'},  {0x25cb, 'o'},  {0x25cf, '*'},
		{0x25ef, 'o'},  {0x2605, '*'},  {0x2606, '.'},  {0x2713, '+'},  {0x2714, '+'},  {0x2717, 'x'},  {0x2718, 'x'},
	};
	if (c < 0x80)
		return c;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].from == c)
			return table[i].to;
	if (c >= 0x2500 && c < 0x2580)
		return '+';
	if (c >= 0x2580 && c < 0x25a0)
		return '#';
	return c >= 0x2000 && c < 0x2c00 ? '?' : c;
}

static int encode(uint32_t c, char out[5])
{
	int n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	if (n == 1)
		out[0] = (char)c;
	for (int i = n - 1; n > 1 && i >= 0; i--) {
		out[i] = (char)(i ? 0x80 | (c & 0x3f) : (0xf0 << (4 - n) & 0xff) | c);
		c >>= 6;
	}
	out[n] = '\0';
	return n;
}

int canvas_width(const char *text)
{
	int width = 0;
	uint32_t c;
	for (int n; (n = decode(text, &c)) > 0; text += n)
		width += columns(c);
	return width;
}

size_t canvas_fit(const char *text, int cols)
{
	size_t used = 0;
	uint32_t c;
	for (int n; (n = decode(text + used, &c)) > 0; used += (size_t)n) {
		cols -= columns(c);
		if (cols < 0)
			break;
	}
	return used;
}

/* ---- the grid ------------------------------------------------------------------------------------------------------ */

static int clamp_side(int n)
{
	return n < 1 ? 1 : n > CANVAS_SIDE_MAX ? CANVAS_SIDE_MAX : n;
}

struct canvas *canvas_new(int rows, int cols, bool ascii)
{
	struct canvas *c = xcalloc(1, sizeof *c);
	c->rows = clamp_side(rows);
	c->cols = clamp_side(cols);
	c->ascii = ascii;
	c->cells = xcalloc((size_t)c->rows * (size_t)c->cols, sizeof *c->cells);
	canvas_clear(c);
	return c;
}

void canvas_free(struct canvas *c)
{
	if (!c)
		return;
	free(c->cells);
	free(c);
}

void canvas_clear(struct canvas *c)
{
	for (size_t i = 0; i < (size_t)c->rows * (size_t)c->cols; i++)
		c->cells[i] = (struct cell){.text = " ", .role = ROLE_PLAIN};
	c->cursor_y = c->cursor_x = -1;
}

struct rect canvas_all(const struct canvas *c)
{
	return (struct rect){0, 0, c->rows, c->cols};
}

static struct cell *cell_at(struct canvas *c, int y, int x)
{
	return y < 0 || x < 0 || y >= c->rows || x >= c->cols ? NULL : &c->cells[(size_t)y * (size_t)c->cols + (size_t)x];
}

/* Puts one character of 1 or 2 columns; what it covers half of becomes blank, so that no half is ever left. */
static void put(struct canvas *c, int y, int x, enum role role, const char *text, int width)
{
	struct cell *at = cell_at(c, y, x), *after = cell_at(c, y, x + width);
	if (!at->text[0] && x > 0)
		memcpy(cell_at(c, y, x - 1)->text, " ", 2);
	if (after && !after->text[0])
		memcpy(after->text, " ", 2);
	memcpy(at->text, text, strlen(text) + 1);
	at->role = (unsigned char)role;
	if (width == 2)
		*cell_at(c, y, x + 1) = (struct cell){.text = "", .role = (unsigned char)role};
}

/* A combining mark joins the character before it, where its cell has room. */
static void join_mark(struct canvas *c, int y, int x, const char *mark)
{
	struct cell *at = cell_at(c, y, x - 1);
	if (at && !at->text[0])
		at = cell_at(c, y, x - 2);
	if (!at)
		return;
	size_t used = strlen(at->text), more = strlen(mark);
	if (used + more < sizeof at->text)
		memcpy(at->text + used, mark, more + 1);
}

int canvas_text(struct canvas *c, struct rect area, int y, int x, enum role role, const char *text)
{
	int left = area.x > 0 ? area.x : 0;
	long end = (long)area.x + area.cols, at = (long)area.x + x, row = (long)area.y + y;
	int right = end > c->cols ? c->cols : end < 0 ? 0 : (int)end;
	long start = at;
	bool visible = y >= 0 && y < area.rows && row >= 0 && row < c->rows, joins = false;
	uint32_t code;
	for (int n; text && visible && (n = decode(text, &code)) > 0; text += n) {
		char glyph[5];
		int width = columns(code);
		encode(c->ascii ? plain_symbol(code) : code, glyph);
		if (!width) {
			if (joins)
				join_mark(c, (int)row, (int)at, glyph);
			continue;
		}
		if (at + width > right)
			break;
		joins = at >= left;
		if (joins)
			put(c, (int)row, (int)at, role, glyph, width);
		at += width;
	}
	return (int)(at - start);
}

int canvas_printf(struct canvas *c, struct rect area, int y, int x, enum role role, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	va_start(ap, fmt);
	int n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return 0;
	int cols = canvas_text(c, area, y, x, role, text);
	free(text);
	return cols;
}

void canvas_fill(struct canvas *c, struct rect area, enum role role, const char *glyph)
{
	int width = canvas_width(glyph);
	if (width < 1)
		return;
	/* Only what is on the canvas: an area may claim far more. */
	int top = area.y < 0 ? -area.y : 0, left = area.x < 0 ? -area.x : 0;
	int rows = area.rows < c->rows - area.y ? area.rows : c->rows - area.y;
	for (int y = top; y < rows; y++)
		for (int x = left; x <= area.cols - width && area.x + x < c->cols; x += width)
			canvas_text(c, area, y, x, role, glyph);
}

struct rect canvas_box(struct canvas *c, struct rect area, enum role border, const char *title)
{
	struct rect inside = {area.y + 1, area.x + 1, area.rows - 2, area.cols - 2};
	if (area.rows < 2 || area.cols < 2)
		return (struct rect){area.y, area.x, 0, 0};
	int bottom = area.rows - 1, right = area.cols - 1;
	const char *across = c->ascii ? "-" : "─", *down = c->ascii ? "|" : "│";
	canvas_fill(c, (struct rect){area.y, area.x, 1, area.cols}, border, across);
	canvas_fill(c, (struct rect){area.y + bottom, area.x, 1, area.cols}, border, across);
	canvas_fill(c, (struct rect){area.y, area.x, area.rows, 1}, border, down);
	canvas_fill(c, (struct rect){area.y, area.x + right, area.rows, 1}, border, down);
	canvas_text(c, area, 0, 0, border, c->ascii ? "+" : "┌");
	canvas_text(c, area, 0, right, border, c->ascii ? "+" : "┐");
	canvas_text(c, area, bottom, 0, border, c->ascii ? "+" : "└");
	canvas_text(c, area, bottom, right, border, c->ascii ? "+" : "┘");
	if (title && *title && area.cols > 4) {
		struct rect room = {area.y, area.x + 1, 1, area.cols - 2};
		int end = 1 + canvas_text(c, (struct rect){room.y, room.x, 1, room.cols - 1}, 0, 1, border, title);
		canvas_text(c, room, 0, 0, border, " ");
		canvas_text(c, room, 0, end, border, " ");
	}
	return inside;
}

void canvas_save_text(const struct canvas *c, FILE *out)
{
	for (int y = 0; y < c->rows; y++) {
		const struct cell *row = &c->cells[(size_t)y * (size_t)c->cols];
		int end = c->cols;
		while (end > 0 && !strcmp(row[end - 1].text, " "))
			end--;
		for (int x = 0; x < end; x++)
			fputs(row[x].text, out);
		fputc('\n', out);
	}
}
