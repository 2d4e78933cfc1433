/* A grid of cells that everything draws into; curses, a text file or an SVG show it. Pure: no curses in here, so all
 * drawing is tested without a terminal. */
#ifndef LOCKSTEP_CANVAS_H
#define LOCKSTEP_CANVAS_H

#include <stdbool.h>
#include <stdio.h>

/* What a cell means; a scheme gives it colours (tui/scheme.h). Chart series use the Okabe-Ito colours in podo order. */
enum role {
	ROLE_PLAIN, ROLE_DIM, ROLE_BOLD, ROLE_TITLE, ROLE_BORDER, ROLE_FOCUS, ROLE_SELECTED, ROLE_KEY, ROLE_STATUS,
	ROLE_GOOD, ROLE_WARN, ROLE_BAD, ROLE_CODE, ROLE_EMPHASIS, ROLE_HEADING, ROLE_LINK, ROLE_QUOTE,
	ROLE_KEYWORD, ROLE_STRING, ROLE_COMMENT, ROLE_NUMBER, ROLE_MARKED, /* source code; MARKED: the excerpt's margin */
	ROLE_MEASURED, ROLE_FITTED, ROLE_PREDICTED, ROLE_IDEAL, ROLE_GUESS, ROLE_PROJECTED, ROLE_BAND, ROLE_AXIS,
	ROLE_SERIES_0, ROLE_SERIES_1, ROLE_SERIES_2, ROLE_SERIES_3, ROLE_SERIES_4, ROLE_SERIES_5, ROLE_SERIES_6, ROLE_SERIES_7,
	ROLES
};

struct cell {
	char text[16];  /* one character with its combining marks, UTF-8; "" = right half of a wide one */
	unsigned char role;
};

struct rect {
	int y, x, rows, cols;
};

struct canvas {
	int rows, cols;
	bool ascii;     /* callers choose their glyphs by it */
	struct cell *cells;
	int cursor_y, cursor_x; /* -1: hidden; else where the hardware cursor sits */
};

struct canvas *canvas_new(int rows, int cols, bool ascii); /* any size >= 1x1 */
void canvas_free(struct canvas *c);
void canvas_clear(struct canvas *c);
struct rect canvas_all(const struct canvas *c);

/* Writes UTF-8 text into one row of `area` (coordinates relative to it), clipped to it, wide characters whole or not
 * at all, control characters as '?'. Returns the columns advanced. Everything outside the canvas is clipped too. */
int canvas_text(struct canvas *c, struct rect area, int y, int x, enum role role, const char *text);
int canvas_printf(struct canvas *c, struct rect area, int y, int x, enum role role, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
void canvas_fill(struct canvas *c, struct rect area, enum role role, const char *glyph);
/* Border with a title in it; rounded nothing: light lines, or + - | in ASCII. Returns the inside. */
struct rect canvas_box(struct canvas *c, struct rect area, enum role border, const char *title);
/* Columns that text takes. */
int canvas_width(const char *text);
/* Bytes of the longest beginning of text that fits into cols columns; marks stay with their character. */
size_t canvas_fit(const char *text, int cols);

/* The same cells as plain text (trailing blanks cut) and as a self-contained SVG with the scheme's colours. */
void canvas_save_text(const struct canvas *c, FILE *out);
void canvas_save_svg(const struct canvas *c, FILE *out, const char *title);

#endif
