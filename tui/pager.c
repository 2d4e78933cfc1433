#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/draw.h"
#include "tui/pager.h"

enum { FAR = 1 << 20 }; /* more than any page is long */

struct pager *pager_new(void)
{
	struct pager *p = xcalloc(1, sizeof(*p));
	p->match = -1;
	return p;
}

void pager_clear(struct pager *p)
{
	for (int i = 0; i < p->n; i++) {
		free(p->v[i].text);
		for (int j = 0; j < p->v[i].count; j++)
			free(p->v[i].parts[j].text);
		free(p->v[i].parts);
	}
	p->n = 0;
}

void pager_begin(struct pager *p)
{
	pager_clear(p);
	p->top = 0;
	p->match = -1;
	p->search[0] = '\0';
}

void pager_free(struct pager *p)
{
	if (!p)
		return;
	pager_clear(p);
	free(p->v);
	free(p);
}

static void add_line(struct pager *p, enum role role, char *text)
{
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 64;
		p->v = xrealloc(p->v, (size_t)p->room * sizeof(*p->v));
	}
	p->v[p->n++] = (struct pager_line){.text = text, .role = role};
}

void pager_add_rich(struct pager *p, struct rich *r)
{
	for (int i = 0; i < r->n; i++) {
		struct rich_line *from = &r->v[i];
		size_t length = 0;
		for (int j = 0; j < from->count; j++)
			length += strlen(from->parts[j].text);
		char *text = xcalloc(length + 1, 1), *end = text;
		for (int j = 0; j < from->count; j++)
			end = stpcpy(end, from->parts[j].text);
		add_line(p, ROLE_PLAIN, text);
		p->v[p->n - 1].parts = from->parts;
		p->v[p->n - 1].count = from->count;
		*from = (struct rich_line){0};
	}
	rich_free(r);
}

void pager_add(struct pager *p, enum role role, const char *text, int width, int indent)
{
	bool first = true;
	if (indent > width / 2)
		indent = 0;
	do {
		int room = first ? width : width - indent;
		size_t fit = canvas_fit(text, room > 0 ? room : 1), cut = fit;
		if (fit == 0 && *text)
			fit = cut = strlen(text); /* not even one character fits: clipped when drawn */
		if (text[fit]) {
			while (cut > 0 && !draw_may_break(text, cut))
				cut--;
			if (cut <= strspn(text, " "))
				cut = fit;
		}
		add_line(p, role, xasprintf("%*s%.*s", first ? 0 : indent, "", (int)cut, text));
		text += cut;
		text += strspn(text, " ");
		first = false;
	} while (*text);
}

void pager_draw(struct app *app, struct pager *p, struct rect area, const char *title)
{
	struct rect in = canvas_box(app->canvas, area, ROLE_FOCUS, title);
	p->page = in.rows > 1 ? in.rows - 1 : 1;
	hot_wheel(&app->hots, area, mouse_scrolls);
	p->top = layout_scroll(p->top, in.rows, p->n, -1);
	for (int i = 0; i < in.rows && p->top + i < p->n; i++) {
		const struct pager_line *l = &p->v[p->top + i];
		bool here = p->top + i == p->match;
		int x = 1;
		for (int j = 0; j < l->count && !here; j++)
			x += canvas_text(app->canvas, in, i, x, l->parts[j].role, l->parts[j].text);
		if (here || !l->parts)
			canvas_text(app->canvas, in, i, 1, here ? ROLE_SELECTED : l->role, l->text);
	}
	if (p->top + in.rows < p->n)
		canvas_printf(app->canvas, area, area.rows - 1, area.cols - 14, ROLE_DIM, _(" %d more "), p->n - p->top - in.rows);
	/* The cursor for those who hear the screen: on the match, else where the page begins. */
	if (p->n > 0) {
		bool seen = p->match >= p->top && p->match < p->top + in.rows;
		app->canvas->cursor_y = in.y + (seen ? p->match - p->top : 0);
		app->canvas->cursor_x = in.x;
	}
}

static void search(struct app *app, struct pager *p, int from, int by)
{
	if (!p->search[0]) {
		app_say(app, ROLE_WARN, _("/ looks for a word first"));
		return;
	}
	for (int i = 0; i < p->n; i++) {
		int line = ((from + by * i) % p->n + p->n) % p->n;
		if (strcasestr(p->v[line].text, p->search)) {
			p->match = line;
			p->top = layout_scroll(p->top, p->page + 1, p->n, line);
			return;
		}
	}
	p->match = -1;
	app_say(app, ROLE_WARN, _("\"%s\" is not on this page"), p->search);
}

bool pager_act(struct app *app, struct pager *p, enum action action)
{
	switch (action) {
	case ACT_ENTER:
	case ACT_CANCEL:
		app_pop(app);
		return true;
	case ACT_UP:
		p->top--;
		return true;
	case ACT_DOWN:
		p->top++;
		return true;
	case ACT_PAGE_UP:
		p->top -= p->page;
		return true;
	case ACT_PAGE_DOWN:
		p->top += p->page;
		return true;
	case ACT_TOP:
		p->top = 0;
		return true;
	case ACT_BOTTOM:
		p->top = FAR; /* the page may not be made yet */
		return true;
	case ACT_FILTER:
		field_open(&app->field, "");
		return true;
	case ACT_MATCH_NEXT:
		search(app, p, p->match + 1, 1);
		return true;
	case ACT_MATCH_BACK:
		search(app, p, p->match < 0 ? p->n - 1 : p->match - 1 + p->n, -1);
		return true;
	default:
		return false;
	}
}

void pager_typed(struct app *app, struct pager *p, bool accepted)
{
	if (!accepted)
		return;
	snprintf(p->search, sizeof(p->search), "%s", app->field.text);
	p->match = -1;
	if (p->n > 0 && p->search[0])
		search(app, p, p->top, 1);
}

void pager_status(struct app *app, struct pager *p, struct rect row)
{
	if (app->field.open) {
		int x = 1 + canvas_text(app->canvas, row, 0, 1, ROLE_PLAIN, _("find: "));
		field_draw(app->canvas, row, 0, x, row.cols - x - 1, &app->field);
	} else if (p->search[0]) {
		canvas_printf(app->canvas, row, 0, 1, ROLE_DIM, _("\"%s\": n next, N back"), p->search);
	}
}
