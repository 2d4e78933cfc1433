/* One line of text being typed. */
#ifndef LOCKSTEP_FIELD_H
#define LOCKSTEP_FIELD_H

#include "tui/actions.h"
#include "tui/canvas.h"

enum { FIELD_MAX = 600 };

struct field {
	bool open;
	char text[FIELD_MAX];
	size_t at; /* cursor, a byte offset at the start of a character */
};

void field_open(struct field *f, const char *text);
bool field_type(struct field *f, int code); /* a printable character; false when there is no room or it isn't one */
bool field_act(struct field *f, enum action action); /* true when the action was the field's */
/* Draws it in `cols` columns with the hardware cursor in it; long text slides. */
void field_draw(struct canvas *c, struct rect area, int y, int x, int cols, const struct field *f);

#endif
