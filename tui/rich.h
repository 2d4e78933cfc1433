/* Lines of coloured text, made before they are drawn, so that a pane can scroll to any of them. */
#ifndef LOCKSTEP_RICH_H
#define LOCKSTEP_RICH_H

#include "tui/canvas.h"

struct rich_part {
	enum role role;
	char *text;
};

struct rich_line {
	struct rich_part *parts;
	int count;
	int mark; /* what the line belongs to, -1 nothing */
};

struct rich {
	struct rich_line *v;
	int n, room, width, mark; /* mark: given to lines that are added */
};

void rich_line(struct rich *r);                                           /* begins a line */
void rich_part(struct rich *r, enum role role, const char *text);         /* adds to the last line */
void rich_markdown(struct rich *r, const char *markdown, int indent, enum role plain); /* in the given width */
/* Plain text, wrapped; `head` begins the first line, the others are indented to it. */
void rich_words(struct rich *r, const char *head, enum role head_role, const char *text, enum role role);
void rich_draw(const struct rich *r, int line, struct canvas *c, struct rect area, int y);
void rich_free(struct rich *r);

#endif
