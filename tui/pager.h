/* A page of text to scroll and search: help, machine. */
#ifndef LOCKSTEP_PAGER_H
#define LOCKSTEP_PAGER_H

#include "tui/app.h"
#include "tui/rich.h"

struct pager_line {
	char *text;
	enum role role;
	struct rich_part *parts; /* the same text in several roles; NULL: in one */
	int count;
};

struct pager {
	struct pager_line *v;
	int n, room, top, page;
	int match;          /* line of the match looked at, -1 */
	char search[FIELD_MAX];
};

void pager_clear(struct pager *p);
void pager_begin(struct pager *p); /* for another page: at its top, nothing looked for */
/* Wrapped to the width; lines that follow are indented by `indent` columns. */
void pager_add(struct pager *p, enum role role, const char *text, int width, int indent);
/* Takes the lines over; the rich text is empty after it. */
void pager_add_rich(struct pager *p, struct rich *r);
void pager_draw(struct app *app, struct pager *p, struct rect area, const char *title);
bool pager_act(struct app *app, struct pager *p, enum action action);
void pager_typed(struct app *app, struct pager *p, bool accepted);
void pager_status(struct app *app, struct pager *p, struct rect row);

#endif
