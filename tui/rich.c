#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "lessons/text.h"
#include "tui/draw.h"
#include "tui/rich.h"

void rich_line(struct rich *r)
{
	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : 32;
		r->v = xrealloc(r->v, (size_t)r->room * sizeof(*r->v));
	}
	r->v[r->n++] = (struct rich_line){.mark = r->mark};
}

static void part_take(struct rich *r, enum role role, char *text)
{
	struct rich_line *l = &r->v[r->n - 1];
	l->parts = xrealloc(l->parts, (size_t)(l->count + 1) * sizeof(*l->parts));
	l->parts[l->count++] = (struct rich_part){role, text};
}

void rich_part(struct rich *r, enum role role, const char *text) { part_take(r, role, xstrdup(text)); }

void rich_markdown(struct rich *r, const char *markdown, int indent, enum role plain)
{
	static const enum role roles[] = {
		[INK_PLAIN] = ROLE_PLAIN, [INK_BOLD] = ROLE_BOLD, [INK_EMPHASIS] = ROLE_EMPHASIS, [INK_CODE] = ROLE_CODE,
		[INK_HEADING] = ROLE_HEADING, [INK_LINK] = ROLE_LINK, [INK_QUOTE] = ROLE_QUOTE,
	};
	struct ink_lines *lines = ink_layout(markdown, r->width - indent > 4 ? r->width - indent : 4);
	for (int i = 0; i < lines->count; i++) {
		rich_line(r);
		if (indent > 0)
			part_take(r, plain, xasprintf("%*s", indent, ""));
		for (int j = 0; j < lines->lines[i].count; j++) {
			const struct ink_run *run = &lines->lines[i].runs[j];
			rich_part(r, run->ink == INK_PLAIN ? plain : roles[run->ink], run->text);
		}
	}
	ink_free(lines);
}

void rich_words(struct rich *r, const char *head, enum role head_role, const char *text, enum role role)
{
	int indent = canvas_width(head), room = r->width - indent;
	if (room < 4)
		room = 4;
	for (bool first = true; first || *text; first = false) {
		size_t fit = canvas_fit(text, room), cut = fit;
		if (fit == 0)
			fit = cut = strlen(text);
		/* Break at the last place where one may; a word longer than the line is cut. */
		if (text[fit]) {
			while (cut > 0 && !draw_may_break(text, cut))
				cut--;
			if (cut == 0)
				cut = fit;
		}
		rich_line(r);
		if (first)
			rich_part(r, head_role, head);
		else
			part_take(r, role, xasprintf("%*s", indent, ""));
		part_take(r, role, xasprintf("%.*s", (int)cut, text));
		text += cut;
		text += strspn(text, " ");
	}
}

void rich_draw(const struct rich *r, int line, struct canvas *c, struct rect area, int y)
{
	int x = 0;
	for (int i = 0; i < r->v[line].count; i++)
		x += canvas_text(c, area, y, x, r->v[line].parts[i].role, r->v[line].parts[i].text);
}

void rich_free(struct rich *r)
{
	for (int i = 0; i < r->n; i++) {
		for (int j = 0; j < r->v[i].count; j++)
			free(r->v[i].parts[j].text);
		free(r->v[i].parts);
	}
	free(r->v);
	*r = (struct rich){0};
}
