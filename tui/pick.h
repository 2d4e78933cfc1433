/* A list to pick from: rows with a tick each, one under the cursor, a filter, and the whole of the row under the cursor
 * below. Knows nothing of what the rows stand for. */
#ifndef LOCKSTEP_PICK_H
#define LOCKSTEP_PICK_H

#include "tui/app.h"

struct pick_row {
	char *text, *detail;
	bool on, dim;
	int value; /* the owner's */
};

struct pick {
	struct pick_row *v;
	int n, room;
	int *shown;          /* rows that fit the filter */
	int shown_count, cursor, top, page;
	char filter[FIELD_MAX];
};

void pick_clear(struct pick *p); /* of its rows; the filter stays */
void pick_free(struct pick *p);
/* Copies the texts. pick_filter must follow before it is drawn. */
void pick_add(struct pick *p, const char *text, const char *detail, bool dim, int value);
/* Rows whose text or detail contain the words; the cursor stays on its row where it can. */
void pick_filter(struct pick *p, const char *filter);
struct pick_row *pick_at(struct pick *p); /* under the cursor; NULL: none */
bool pick_act(struct pick *p, enum action action); /* moves; false: not its own */
/* nothing: what is said instead of rows. click: what a click on a row does, given its number among those shown. */
void pick_draw(struct app *app, struct pick *p, struct rect area, const char *title, const char *nothing, hot_does *click);

#endif
