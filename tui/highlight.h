/* Colours of C and Python source, a line at a time: enough for reading, no parser. */
#ifndef LOCKSTEP_HIGHLIGHT_H
#define LOCKSTEP_HIGHLIGHT_H

#include <stddef.h>
#include "tui/canvas.h"

enum language { LANGUAGE_NONE, LANGUAGE_C, LANGUAGE_PYTHON };

/* By the end of the file name: .c .h .cu .cl .cpp, .py. */
enum language highlight_language(const char *name);

/* What goes on from line to line; zero at the first line. */
struct highlight {
	enum language language;
	char open; /* 0, '*' in a C comment, '"' or '\'' in a Python string of three quotes */
};

/* Fills roles[0..n) for the n bytes of a line without its newline. */
void highlight_line(struct highlight *h, const char *line, size_t n, unsigned char *roles);

#endif
