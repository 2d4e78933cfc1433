/* A picture of the cells. Lines, blocks and point marks are drawn as shapes, so that they meet exactly whatever font the
 * reader has; only letters are text, each run pinned to its cells by textLength. */
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "tui/canvas.h"
#include "tui/scheme.h"

/* Pixels: cell, margin, baseline from the top of a cell. */
static const double W = 9.6, H = 20, MARGIN = 12, BASE = 14.8, FONT = 16;

enum { LEFT = 1, RIGHT = 2, UP = 4, DOWN = 8, ROUND = 16, HEAVY = 32, TOP = 64, BOTTOM = 128 };

static const struct line_glyph {
	const char *glyph;
	int arms;
	int dashes; /* pieces of a broken line; 0: whole */
} line_glyphs[] = {
	{"─", LEFT | RIGHT, 0}, {"│", UP | DOWN, 0}, {"┌", RIGHT | DOWN, 0}, {"┐", LEFT | DOWN, 0}, {"└", RIGHT | UP, 0},
	{"┘", LEFT | UP, 0}, {"├", UP | DOWN | RIGHT, 0}, {"┤", UP | DOWN | LEFT, 0}, {"┬", LEFT | RIGHT | DOWN, 0},
	{"┴", LEFT | RIGHT | UP, 0}, {"┼", LEFT | RIGHT | UP | DOWN, 0}, {"╭", RIGHT | DOWN | ROUND, 0},
	{"╮", LEFT | DOWN | ROUND, 0}, {"╰", RIGHT | UP | ROUND, 0}, {"╯", LEFT | UP | ROUND, 0}, {"╴", LEFT, 0},
	{"╵", UP, 0}, {"╶", RIGHT, 0}, {"╷", DOWN, 0}, {"╌", LEFT | RIGHT, 2}, {"┄", LEFT | RIGHT, 3},
	{"┈", LEFT | RIGHT, 4}, {"╎", UP | DOWN, 2}, {"┆", UP | DOWN, 3}, {"┊", UP | DOWN, 4},
	{"▔", LEFT | RIGHT | TOP, 0}, {"▁", LEFT | RIGHT | BOTTOM, 0}, {"━", LEFT | RIGHT | HEAVY, 0}, {"┃", UP | DOWN | HEAVY, 0}, {"╸", LEFT | HEAVY, 0}, {"╺", RIGHT | HEAVY, 0},
};

/* Four corners of a cell as quadrants: 1 upper left, 2 upper right, 4 lower left, 8 lower right. */
static const struct {
	const char *glyph;
	int quadrants;
} quadrants[] = {{"█", 15}, {"▀", 3}, {"▄", 12}, {"▌", 5}, {"▐", 10}, {"▖", 4}, {"▗", 8}, {"▘", 1},
		 {"▝", 2},  {"▙", 13}, {"▚", 9}, {"▛", 7}, {"▜", 11}, {"▞", 6}, {"▟", 14}};

static const struct line_glyph *line_of(const char *text)
{
	for (size_t i = 0; i < sizeof line_glyphs / sizeof *line_glyphs; i++)
		if (!strcmp(line_glyphs[i].glyph, text))
			return &line_glyphs[i];
	return NULL;
}

static int shade_of(const char *text) /* 1-3 quarters, 0: no shade */
{
	return !strcmp(text, "░") ? 1 : !strcmp(text, "▒") ? 2 : !strcmp(text, "▓") ? 3 : 0;
}

static void draw_line(FILE *out, double x, double y, const struct line_glyph *g)
{
	/* Rules at the edges of a cell meet those of the next row, a third of a row from its middle. */
	double cx = x + W / 2, cy = y + H * (g->arms & TOP ? 1.0 / 6 : g->arms & BOTTOM ? 5.0 / 6 : 0.5);
	if (g->arms & ROUND) {
		fprintf(out, "M%.1f %.1fQ%.1f %.1f %.1f %.1f", cx, g->arms & UP ? y : y + H, cx, cy,
			g->arms & LEFT ? x : x + W, cy);
		return;
	}
	if (g->dashes) {
		bool across = g->arms & LEFT;
		double step = (across ? W : H) / g->dashes;
		for (int i = 0; i < g->dashes; i++) {
			double at = (across ? x : y) + step * (i + 0.2);
			if (across)
				fprintf(out, "M%.1f %.1fh%.1f", at, cy, step * 0.6);
			else
				fprintf(out, "M%.1f %.1fv%.1f", cx, at, step * 0.6);
		}
		return;
	}
	if (g->arms & (LEFT | RIGHT))
		fprintf(out, "M%.1f %.1fH%.1f", g->arms & LEFT ? x : cx, cy, g->arms & RIGHT ? x + W : cx);
	if (g->arms & (UP | DOWN))
		fprintf(out, "M%.1f %.1fV%.1f", cx, g->arms & UP ? y : cy, g->arms & DOWN ? y + H : cy);
}

static void draw_box(FILE *out, double x, double y, double w, double h)
{
	if (out)
		fprintf(out, "M%.2f %.2fh%.2fv%.2fh%.2fz", x, y, w, h, -w);
}

/* Filled shapes: quadrants, eighths. False when text is none of them. Without `out` only told, not drawn. */
static bool draw_block(FILE *out, double x, double y, const char *text)
{
	for (size_t i = 0; i < sizeof quadrants / sizeof *quadrants; i++) {
		int q = quadrants[i].quadrants;
		if (strcmp(quadrants[i].glyph, text))
			continue;
		if (q == 15)
			draw_box(out, x, y, W, H);
		for (int k = 0; q != 15 && k < 4; k++)
			if (q & 1 << k)
				draw_box(out, x + (k & 1 ? W / 2 : 0), y + (k & 2 ? H / 2 : 0), W / 2, H / 2);
		return true;
	}
	const unsigned char *s = (const unsigned char *)text;
	if (s[0] != 0xe2 || s[1] != 0x96)
		return false;
	if (s[2] >= 0x81 && s[2] <= 0x87) { /* lower eighths U+2581-2587 */
		double h = H * (s[2] - 0x80) / 8;
		draw_box(out, x, y + H - h, W, h);
		return true;
	}
	if (s[2] >= 0x89 && s[2] <= 0x8f) { /* left eighths, seven down to one, U+2589-258F */
		draw_box(out, x, y, W * (0x90 - s[2]) / 8, H);
		return true;
	}
	return false;
}

/* Point marks; the hollow ones are the filled ones with a hole. */
static bool draw_mark(FILE *out, double x, double y, const char *text)
{
	static const struct {
		const char *glyph;
		int sides;
		double radius, hole, down; /* down: by which part of a row it lies below the middle */
	} marks[] = {{"●", 0, 5.2, 0, 0}, {"○", 0, 5.2, 3.6, 0}, {"·", 0, 1.6, 0, 0}, {"˙", 0, 1.6, 0, -1.0 / 3},
		     {"•", 0, 2.6, 0, 0}, {"◦", 0, 2.8, 1.6, 0}, {"◆", 4, 6.2, 0, 0}, {"◇", 4, 6.2, 4, 0},
		     {"■", 8, 4.2, 0, 0}, {"□", 8, 4.2, 2.8, 0}, {"▲", 3, 5.6, 0, 0}, {"△", 3, 5.6, 3, 0},
		     {"▼", 6, 5.6, 0, 0}, {"▽", 6, 5.6, 3, 0}};
	static const double diamond[] = {0, -1, 0.8, 0, 0, 1, -0.8, 0}, square[] = {-1, -1, 1, -1, 1, 1, -1, 1};
	static const double up[] = {0, -1, 0.87, 0.7, -0.87, 0.7}, down[] = {0, 1, 0.87, -0.7, -0.87, -0.7};
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		if (strcmp(marks[i].glyph, text))
			continue;
		if (!out)
			return true;
		double cx = x + W / 2, cy = y + H * (0.5 + marks[i].down);
		int sides = marks[i].sides, corners = sides == 3 || sides == 6 ? 3 : 4;
		const double *shape = sides == 4 ? diamond : sides == 8 ? square : sides == 3 ? up : down;
		for (int ring = 0; ring < (marks[i].hole > 0 ? 2 : 1); ring++) {
			double r = ring ? marks[i].hole : marks[i].radius;
			if (!sides)
				fprintf(out, "M%.2f %.2fa%.2f %.2f 0 1 0 %.2f 0a%.2f %.2f 0 1 0 %.2f 0z", cx - r, cy, r, r, 2 * r, r, r,
					-2 * r);
			for (int k = 0; sides && k < corners; k++)
				fprintf(out, "%s%.2f %.2f%s", k ? "L" : "M", cx + r * shape[2 * k], cy + r * shape[2 * k + 1],
					k + 1 == corners ? "z" : "");
		}
		return true;
	}
	return false;
}

static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else
			fputc(*text, out);
	}
}

/* All shapes of one kind (0 fill, 1-3 shades, 4 lines, 5 heavy lines) and role as one path. */
static void draw_shapes(const struct canvas *c, FILE *out, unsigned role, int kind)
{
	static const char *const paint[] = {"f", "f q1", "f q2", "f q3", "l", "h"};
	char *path = NULL;
	size_t size = 0;
	FILE *mem = open_memstream(&path, &size);
	if (!mem)
		return;
	for (int i = 0; i < c->rows * c->cols; i++) {
		const struct cell *cell = &c->cells[i];
		double x = MARGIN + W * (i % c->cols), y = MARGIN + H * (i / c->cols);
		if (cell->role != role || !((unsigned char)cell->text[0] & 0x80))
			continue;
		const struct line_glyph *line = line_of(cell->text);
		if (line && kind == (line->arms & HEAVY ? 5 : 4))
			draw_line(mem, x, y, line);
		else if (kind && kind == shade_of(cell->text))
			draw_box(mem, x, y, W, H);
		else if (!kind && !line && !draw_block(mem, x, y, cell->text))
			draw_mark(mem, x, y, cell->text);
	}
	if (!fclose(mem) && size)
		fprintf(out, "<path class=\"%s c%u\" d=\"%s\"/>\n", paint[kind], role, path);
	free(path);
}

static bool is_shape(const char *text)
{
	return ((unsigned char)text[0] & 0x80) && (line_of(text) || shade_of(text) || draw_block(NULL, 0, 0, text) ||
						     draw_mark(NULL, 0, 0, text));
}

/* Cells that can stand in one <text>: one role, all of one width, no shape, and no gap of two blanks in it. */
static int run_length(const struct cell *row, int x, int cols, int width)
{
	int end = x;
	while (end < cols && row[end].role == row[x].role && row[end].text[0] && !is_shape(row[end].text) &&
	       (end + 1 < cols && !row[end + 1].text[0] ? 2 : 1) == width) {
		if (!strcmp(row[end].text, " ") && (end + 1 == cols || !strcmp(row[end + 1].text, " ")))
			break;
		end += width;
	}
	return end - x;
}

static void draw_row_text(const struct canvas *c, FILE *out, int y)
{
	const struct cell *row = &c->cells[(size_t)y * (size_t)c->cols];
	for (int x = 0; x < c->cols;) {
		int width = x + 1 < c->cols && !row[x + 1].text[0] ? 2 : 1;
		int n = !row[x].text[0] || !strcmp(row[x].text, " ") ? 0 : run_length(row, x, c->cols, width);
		if (n < 1) {
			x++;
			continue;
		}
		fprintf(out, "<text class=\"c%d%s\" x=\"%.1f\" y=\"%.1f\" textLength=\"%.1f\">", row[x].role,
			scheme_look(scheme_current(), row[x].role).attr & LOOK_REVERSE ? "r" : "", MARGIN + W * x,
			MARGIN + H * y + BASE, W * n);
		for (int i = x; i < x + n; i++)
			put_escaped(out, row[i].text);
		fputs("</text>\n", out);
		x += n;
	}
}

static void draw_reverse(const struct canvas *c, FILE *out, int y, enum scheme scheme)
{
	const struct cell *row = &c->cells[(size_t)y * (size_t)c->cols];
	for (int x = 0, end; x < c->cols; x = end) {
		for (end = x + 1; end < c->cols && row[end].role == row[x].role; end++)
			;
		if (scheme_look(scheme, row[x].role).attr & LOOK_REVERSE)
			fprintf(out, "<rect class=\"f c%d\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", row[x].role,
				MARGIN + W * x, MARGIN + H * y, W * (end - x), H);
	}
}

static void put_style(FILE *out, unsigned role, enum scheme scheme)
{
	struct look look = scheme_look(scheme, role);
	int colour = look.fg < 0 ? scheme_ink(scheme) : look.fg;
	fprintf(out, ".c%u{color:#%06x%s%s%s%s}", role, colour, look.attr & LOOK_BOLD ? ";font-weight:700" : "",
		look.attr & LOOK_ITALIC ? ";font-style:italic" : "", look.attr & LOOK_UNDERLINE ? ";text-decoration:underline" : "",
		look.attr & LOOK_DIM ? ";opacity:.6" : "");
	if (look.attr & LOOK_REVERSE)
		fprintf(out, ".c%ur{color:#%06x}", role, scheme_paper(scheme));
}

void canvas_save_svg(const struct canvas *c, FILE *out, const char *title)
{
	enum scheme scheme = scheme_current();
	double width = W * c->cols + 2 * MARGIN, height = H * c->rows + 2 * MARGIN;
	bool used[ROLES] = {false};
	for (int i = 0; i < c->rows * c->cols; i++)
		used[c->cells[i].role < ROLES ? c->cells[i].role : ROLE_PLAIN] = true;

	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.1f %.1f\" role=\"img\">\n<title>",
		width, height, width, height);
	put_escaped(out, title ? title : "");
	fprintf(out,
		"</title>\n<style>text{font:%.0fpx \"DejaVu Sans Mono\",Menlo,Consolas,\"Liberation Mono\",\"Noto Sans Mono CJK SC\",monospace;"
		"white-space:pre;fill:currentColor}.f{fill:currentColor;fill-rule:evenodd}.l,.h{fill:none;stroke:currentColor;"
		"stroke-width:1.5}.h{stroke-width:3}.q1{opacity:.3}.q2{opacity:.55}.q3{opacity:.8}",
		FONT);
	for (unsigned role = 0; role < ROLES; role++)
		if (used[role])
			put_style(out, role, scheme);
	fprintf(out, "</style>\n<rect width=\"%.1f\" height=\"%.1f\" rx=\"6\" fill=\"#%06x\"/>\n", width, height, scheme_paper(scheme));
	for (int y = 0; y < c->rows; y++)
		draw_reverse(c, out, y, scheme);
	for (unsigned role = 0; role < ROLES; role++)
		for (int kind = 0; used[role] && kind < 6; kind++)
			draw_shapes(c, out, role, kind);
	for (int y = 0; y < c->rows; y++)
		draw_row_text(c, out, y);
	fputs("</svg>\n", out);
}
