/* Text into lines: characters with their columns and inks, broken at a width. Only ink.c reads this. */
#ifndef LOCKSTEP_INK_LINE_H
#define LOCKSTEP_INK_LINE_H

#include "lessons/text.h"
#include <stdint.h>

/* A character with the combining marks that follow it. */
struct atom {
	uint32_t code; /* of the base character */
	uint32_t at;   /* where its bytes begin in strip.bytes */
	uint16_t length;
	uint8_t columns;
	uint8_t ink;
	bool soft; /* a line end of the source: a blank, or nothing between ideographs */
};

struct strip {
	struct atom *atoms;
	size_t count, room;
	char *bytes;
	size_t length, size;
};

/* Adds UTF-8 text; bytes that are not UTF-8 become '?', control characters vanish (a newline stays when `verbatim`). */
void strip_add(struct strip *s, const char *text, size_t n, enum ink ink, bool verbatim);
void strip_soft_break(struct strip *s, enum ink ink);
void strip_clear(struct strip *s);
void strip_free(struct strip *s);
/* One past the last atom of the line that begins at `from` (blanks at its end included) when it may take `columns`. A
 * newline ends a line and belongs to it. Verbatim text breaks at any character. */
size_t strip_break(const struct strip *s, size_t from, int columns, bool verbatim);
int strip_columns(const struct strip *s);
/* Adds the atoms [from, to) to the end of a line. */
void strip_emit(const struct strip *s, size_t from, size_t to, struct ink_line *line);

#endif
