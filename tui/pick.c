#include "tui/pick.h"

#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/draw.h"

void pick_clear(struct pick *p)
{
	for (int i = 0; i < p->n; i++) {
		free(p->v[i].text);
		free(p->v[i].detail);
	}
	p->n = p->shown_count = 0;
}

void pick_free(struct pick *p)
{
	pick_clear(p);
	free(p->v);
	free(p->shown);
	*p = (struct pick){0};
}

void pick_add(struct pick *p, const char *text, const char *detail, bool dim, int value)
{
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 32;
		p->v = xrealloc(p->v, (size_t)p->room * sizeof(*p->v));
		p->shown = xrealloc(p->shown, (size_t)p->room * sizeof(*p->shown));
	}
	p->v[p->n++] = (struct pick_row){.text = xstrdup(text), .detail = xstrdup(detail), .dim = dim, .value = value};
}

void pick_filter(struct pick *p, const char *filter)
{
	int keep = p->cursor < p->shown_count ? p->shown[p->cursor] : 0;
	snprintf(p->filter, sizeof(p->filter), "%s", filter);
	p->shown_count = p->cursor = 0;
	for (int i = 0; i < p->n; i++) {
		if (!strcasestr(p->v[i].text, p->filter) && !strcasestr(p->v[i].detail, p->filter))
			continue;
		if (i <= keep)
			p->cursor = p->shown_count;
		p->shown[p->shown_count++] = i;
	}
}

struct pick_row *pick_at(struct pick *p)
{
	return p->cursor < p->shown_count ? &p->v[p->shown[p->cursor]] : NULL;
}

bool pick_act(struct pick *p, enum action action)
{
	int to = p->cursor;
	switch (action) {
	case ACT_UP:
		to--;
		break;
	case ACT_DOWN:
		to++;
		break;
	case ACT_LIST_UP:
		to -= p->page;
		break;
	case ACT_LIST_DOWN:
		to += p->page;
		break;
	case ACT_TOP:
		to = 0;
		break;
	case ACT_BOTTOM:
		to = p->shown_count;
		break;
	default:
		return false;
	}
	p->cursor = to < 0 || p->shown_count == 0 ? 0 : to >= p->shown_count ? p->shown_count - 1 : to;
	return true;
}

void pick_draw(struct app *app, struct pick *p, struct rect area, const char *title, const char *nothing, hot_does *click)
{
	struct canvas *c = app->canvas;
	struct rect in = canvas_box(c, area, ROLE_FOCUS, title);
	const struct pick_row *at = pick_at(p);
	int detail = in.rows >= 15 ? 6 : in.rows >= 9 ? 4 : in.rows >= 5 ? 2 : 0, rule = detail > 2;
	struct rect list = {in.y, in.x, in.rows - detail - rule, in.cols}, text = {in.y, in.x + 1, in.rows, in.cols - 2};
	hot_wheel(&app->hots, area, mouse_moves);
	if (!at) {
		draw_wrapped(c, text, 0, in.rows, ROLE_WARN, p->filter[0] ? _("Nothing fits this filter (Esc clears it).") : nothing);
		return;
	}
	p->page = list.rows > 1 ? list.rows - 1 : 1;
	p->top = layout_scroll(p->top, list.rows, p->shown_count, p->cursor);
	for (int i = 0; i < list.rows && p->top + i < p->shown_count; i++) {
		const struct pick_row *row = &p->v[p->shown[p->top + i]];
		bool here = p->top + i == p->cursor;
		enum role role = here ? ROLE_SELECTED : row->dim ? ROLE_DIM : ROLE_PLAIN;
		if (here)
			canvas_fill(c, (struct rect){list.y + i, list.x, 1, list.cols}, ROLE_SELECTED, " ");
		int x = 1 + canvas_text(c, list, i, 1, role, row->on ? (c->ascii ? "[x]" : "[✓]") : "[ ]");
		draw_cut(c, list, i, x + 1, role, row->text);
		hot_click(&app->hots, (struct rect){list.y + i, list.x, 1, list.cols}, click, p->top + i);
	}
	c->cursor_y = list.y + p->cursor - p->top;
	c->cursor_x = list.x;
	for (int x = 0; rule && x < in.cols; x++)
		canvas_text(c, in, list.rows, x, ROLE_BORDER, c->ascii ? "-" : "─");
	draw_wrapped(c, text, list.rows + rule, detail, ROLE_EMPHASIS, at->detail);
	int below = p->shown_count - p->top - list.rows;
	if (p->top > 0)
		canvas_printf(c, area, 0, area.cols - 12, ROLE_DIM, _(" %d above "), p->top);
	if (below > 0)
		canvas_printf(c, rule ? in : area, rule ? list.rows : area.rows - 1, (rule ? in.cols : area.cols) - 11, ROLE_DIM, _(" %d below "),
			      below);
}
