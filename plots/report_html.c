/* Text of anybody's into HTML. */
#include "plots/report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"

/* Characters that turn the direction of what follows, or can't be seen: a name could look like another. */
static int unseen(const char *s)
{
	static const char *const marks[] = {"\u200b", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e",
					    "\u2060", "\u2066", "\u2067", "\u2068", "\u2069", "\ufeff", "\u2028", "\u2029"};
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (!strncmp(s, marks[i], strlen(marks[i])))
			return (int)strlen(marks[i]);
	return 0;
}

/* One line without line feeds. */
static void put_line(FILE *out, const char *text)
{
	size_t size = 4 * strlen(text) + 1;
	char *shown = xmalloc(size);
	for (const char *c = util_printable(text, shown, size); *c; c++) {
		int hidden = unseen(c);
		if (hidden) {
			for (int i = 0; i < hidden; i++)
				fprintf(out, "\\x%02x", (unsigned char)c[i]);
			c += hidden - 1;
			continue;
		}
		switch (*c) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			putc(*c, out);
		}
	}
	free(shown);
}

void html_text(FILE *out, const char *text)
{
	for (const char *c = text; c;) {
		const char *end = strchr(c, '\n');
		char *line = end ? xasprintf("%.*s", (int)(end - c), c) : xstrdup(c);
		for (char *tab; (tab = strchr(line, '\t'));) /* is no control character to people */
			*tab = ' ';
		put_line(out, line);
		free(line);
		if (end)
			putc('\n', out);
		c = end ? end + 1 : NULL;
	}
}

void html_textf(FILE *out, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	html_text(out, text);
	free(text);
}

void html_markdown(FILE *out, const char *markdown)
{
	static const char *const tags[] = {[INK_BOLD] = "strong", [INK_EMPHASIS] = "em", [INK_CODE] = "code"};
	char *line = xstrdup(markdown ? markdown : "");
	for (char *c = line; *c; c++)
		if (*c == '\n')
			*c = ' ';
	struct ink_lines *lines = ink_layout(line, 1 << 20);
	for (int i = 0; i < lines->count; i++) {
		if (i)
			putc(' ', out);
		for (int k = 0; k < lines->lines[i].count; k++) {
			const struct ink_run *run = &lines->lines[i].runs[k];
			const char *tag = run->ink == INK_BOLD || run->ink == INK_EMPHASIS || run->ink == INK_CODE ? tags[run->ink] : NULL;
			if (tag)
				fprintf(out, "<%s>", tag);
			html_text(out, run->text);
			if (tag)
				fprintf(out, "</%s>", tag);
		}
	}
	ink_free(lines);
	free(line);
}

void html_time(FILE *out, const char *time)
{
	if (time && strlen(time) >= 16 && time[10] == 'T')
		html_textf(out, "%.10s %.5s UTC", time, time + 11);
	else
		html_text(out, time);
}

void html_command(FILE *out, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	fputs("<code class=\"cmd\">", out);
	html_text(out, text);
	fputs("</code>", out);
	free(text);
}

void html_part(FILE *out, const char *class_name, const char *title)
{
	fprintf(out, "<section class=\"%s\"><h4>", class_name);
	html_text(out, title);
	fputs("</h4>\n", out);
}

void html_head_cell(FILE *out, const char *class_name, const char *head)
{
	fprintf(out, "<th scope=\"col\" class=\"%s\">", class_name);
	html_text(out, head);
	fputs("</th>", out);
}
