/* Source code on a page of a presentation. */
#include "tui/present.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/highlight.h"

enum { CODE_TAB = 4 };

/* A line of source, broken where it is too long: at a blank if there is one, the rest moved to the right. */
static void add_source_line(struct rich *r, const char *text, size_t n, const unsigned char *roles, bool ascii)
{
	size_t at = 0, indent = strspn(text, " ");
	int room = r->width;
	if ((int)indent > r->width / 2)
		indent = (size_t)r->width / 2;
	do {
		size_t fit = canvas_fit(text + at, room), cut = fit;
		if (text[at + fit]) {
			while (cut > 0 && text[at + cut] != ' ')
				cut--;
			if (cut == 0 || strspn(text + at, " ") >= cut)
				cut = fit > 0 ? fit : n - at;
		}
		rich_line(r);
		if (at > 0) {
			char head[400];
			snprintf(head, sizeof(head), "%*s%s ", (int)indent, "", ascii ? "\\" : "↪");
			rich_part(r, ROLE_DIM, head);
		}
		for (size_t i = at, end; i < at + cut; i = end) {
			for (end = i + 1; end < at + cut && roles[end] == roles[i]; end++)
				;
			char *part = xasprintf("%.*s", (int)(end - i), text + i);
			rich_part(r, roles[i], part);
			free(part);
		}
		at += cut;
		at += at < n ? strspn(text + at, " ") : 0;
		room = r->width - (int)indent - 2;
	} while (at < n);
}

static void add_source(struct rich *r, const char *source, const char *name, int first, int last, bool ascii)
{
	struct highlight state = {.language = highlight_language(name)};
	int number = 0;
	for (const char *s = source; s && *s;) {
		size_t n = strcspn(s, "\n");
		char *line = xmalloc(n * CODE_TAB + 1);
		unsigned char *roles = xcalloc(n * CODE_TAB + 1, 1);
		size_t used = 0;
		for (size_t i = 0; i < n && s[i] != '\r'; i++) {
			if (s[i] != '\t') {
				line[used++] = s[i];
				continue;
			}
			do
				line[used++] = ' ';
			while (used % CODE_TAB);
		}
		line[used] = '\0';
		highlight_line(&state, line, used, roles);
		number++;
		if ((first <= 0 || number >= first) && (last <= 0 || number <= last))
			add_source_line(r, line, used, roles, ascii);
		free(line);
		free(roles);
		s += n + (s[n] == '\n');
	}
}

void sheet_code(struct app *app, struct sheet *s, const struct thought *t)
{
	const struct study *study = app->study;
	const struct piece *p = thought_piece(study->text, t);
	int first = 0, last = 0;
	char path[600], head[700];
	if (t->kind == THOUGHT_TWIN || !p->file)
		snprintf(path, sizeof(path), "%s/%s", study->lesson->dir, t->kind == THOUGHT_TWIN ? "twin.py" : "lesson.c");
	else
		snprintf(path, sizeof(path), "%s", p->file);
	char *source = text_read(path);
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	snprintf(head, sizeof(head), "%s  %s", name, p->name ? p->name : "");
	rich_words(&s->rich, "", ROLE_DIM, head, ROLE_DIM);
	rich_line(&s->rich);
	if (!source) {
		snprintf(head, sizeof(head), _("%s can't be read"), path);
		rich_words(&s->rich, "", ROLE_WARN, head, ROLE_WARN);
		return;
	}
	if (p->name && *p->name && !text_excerpt(source, p->name, &first, &last))
		first = last = 0;
	add_source(&s->rich, source, name, first, last, app->ascii);
	free(source);
}
