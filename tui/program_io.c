#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "tui/program_io.h"

void bytes_add(struct bytes *b, const char *text, size_t n)
{
	if (b->length + n + 1 > b->room) {
		b->room = b->room * 2 > b->length + n + 1 ? b->room * 2 : b->length + n + 256;
		b->text = xrealloc(b->text, b->room);
	}
	memcpy(b->text + b->length, text, n);
	b->length += n;
	b->text[b->length] = '\0';
}

/* ---- output ---- */

/* The beginning of a long output goes first: the end is what tells. Cut at a line. */
static void forget_beginning(struct bytes *b)
{
	size_t cut = b->length / 2;
	while (cut < b->length && b->text[cut - 1] != '\n')
		cut++;
	memmove(b->text, b->text + cut, b->length - cut + 1);
	b->length -= cut;
}

/* Where the filter is inside an escape sequence. */
enum { ESCAPE_NONE, ESCAPE_BEGUN, ESCAPE_CSI, ESCAPE_STRING, ESCAPE_STRING_END };

static bool in_escape(struct program *c, unsigned char x)
{
	switch (c->escape) {
	case ESCAPE_BEGUN:
		c->escape = x == '[' ? ESCAPE_CSI : x == ']' || x == 'P' || x == '_' || x == '^' ? ESCAPE_STRING : ESCAPE_NONE;
		return true;
	case ESCAPE_CSI:
		if (x >= 0x40 && x <= 0x7e)
			c->escape = ESCAPE_NONE;
		return true;
	case ESCAPE_STRING:
		if (x == 7)
			c->escape = ESCAPE_NONE;
		else if (x == 27)
			c->escape = ESCAPE_STRING_END;
		return true;
	case ESCAPE_STRING_END:
		c->escape = x == '\\' ? ESCAPE_NONE : ESCAPE_STRING;
		return true;
	default:
		if (x == 27)
			c->escape = ESCAPE_BEGUN;
		return x == 27;
	}
}

void program_take_output(struct program *c, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char x = (unsigned char)text[i];
		if (in_escape(c, x))
			continue;
		if (x == '\r') {
			/* "\r\n" is a line end; a lone "\r" overwrites the line, as a terminal would show it. */
			c->column = -1;
			continue;
		}
		if (c->column < 0 && x != '\n') {
			while (c->output.length > 0 && c->output.text[c->output.length - 1] != '\n')
				c->output.length--;
		}
		if (c->column < 0)
			c->column = 0;
		if (x == '\t') {
			int blanks = 8 - c->column % 8;
			bytes_add(&c->output, "        ", (size_t)blanks);
			c->column += blanks;
		} else if (x == '\n') {
			bytes_add(&c->output, "\n", 1);
			c->column = 0;
		} else if (x >= 32 && x != 127) {
			bytes_add(&c->output, text + i, 1);
			c->column += (x & 0xc0) != 0x80;
		}
	}
	if (c->output.length > PROGRAM_OUTPUT_MAX)
		forget_beginning(&c->output);
}

/* ---- records ---- */

/* Progress, interim points and spans are for the eye only; what isn't ours to understand is not kept either (the reader has
 * refused it before). Most lines hold none of those words, and need not be read twice. */
static bool worth_keeping(const char *line, size_t n)
{
	if (!memmem(line, n, "progress", 8) && !memmem(line, n, "final", 5))
		return true;
	json_t *object = json_loadb(line, n, 0, NULL);
	const char *t = json_string_value(json_object_get(object, "t"));
	bool keep = t && strcmp(t, "progress") && !((!strcmp(t, "point") || !strcmp(t, "span")) && json_is_false(json_object_get(object, "final")));
	json_decref(object);
	return keep;
}

static void take_line(struct program *c, const char *line, size_t n)
{
	if (n == 0 || c->too_much)
		return;
	if (!recset_line(c->set, line, n) || !worth_keeping(line, n))
		return;
	bytes_add(&c->lines, line, n);
	bytes_add(&c->lines, "\n", 1);
	c->too_much = c->lines.length > PROGRAM_RECORDS_MAX || c->set->lines > PROGRAM_RECORDS_MAX / 64;
}

void program_take_records(struct program *c, const char *text, size_t n)
{
	while (n > 0) {
		const char *end = memchr(text, '\n', n);
		size_t length = end ? (size_t)(end - text) : n;
		if (!c->skipping)
			bytes_add(&c->partial, text, length);
		if (c->partial.length > PROGRAM_LINE_MAX) {
			c->skipping = true;
			c->partial.length = 0;
			recset_line(c->set, "(a line of more than 1 MiB)", 27); /* counted and told as bad */
		}
		if (end) {
			if (!c->skipping)
				take_line(c, c->partial.text ? c->partial.text : "", c->partial.length);
			c->partial.length = 0;
			c->skipping = false;
			length++;
		}
		text += length;
		n -= length;
	}
}

void program_records_end(struct program *c)
{
	if (c->set && c->partial.length > 0 && !c->skipping)
		take_line(c, c->partial.text, c->partial.length);
	c->partial.length = 0;
}
