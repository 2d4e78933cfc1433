#include "tui/order.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"

static int line_count(const struct piece *p) { return p->choice_count < ORDER_LINES_MAX ? p->choice_count : ORDER_LINES_MAX; }

/* Lines that look alike may change places. */
static bool same(const struct piece *p, int a, int b) { return !strcmp(p->choices[a].text, p->choices[b].text); }

/* Do the lines that belong there stand in the order of the block, whatever else is between them? */
static bool in_order(const struct piece *p, const struct order *o)
{
	int next = 0;
	for (int i = 0; i <= o->used; i++) {
		while (next < o->count && !p->choices[next].right)
			next++;
		if (i < o->used && next < o->count && same(p, o->line[i], next))
			next++;
	}
	return next == o->count;
}

struct order order_shuffled(const struct piece *p, const char *seed)
{
	struct order o = {.count = line_count(p)};
	uint64_t x = 14695981039346656037u; /* FNV-1a of the seed */
	for (const char *c = seed; *c; c++)
		x = (x ^ (unsigned char)*c) * 1099511628211u;
	o.used = o.count;
	for (int i = 0; i < o.count; i++)
		o.line[i] = i;
	for (int turn = 0; turn < 100 && (turn == 0 || in_order(p, &o)); turn++)
		for (int i = o.count - 1; i > 0; i--) {
			x = x * 6364136223846793005u + 1442695040888963407u;
			int k = (int)((x >> 33) % (unsigned)(i + 1)), was = o.line[i];
			o.line[i] = o.line[k];
			o.line[k] = was;
		}
	return o;
}

bool order_read(const struct piece *p, const char *answer, struct order *o, bool *right)
{
	struct order read = {.used = -1};
	bool seen[ORDER_LINES_MAX] = {false};
	*right = false;
	if (!answer || (strncmp(answer, "tried", 5) && strncmp(answer, "right", 5)))
		return false;
	for (const char *at = answer + 5; *at;) {
		if (*at++ != ' ')
			return false;
		if (*at == '/' && read.used < 0) {
			read.used = read.count;
			at++;
			continue;
		}
		char *end;
		long number = *at >= '1' && *at <= '9' ? strtol(at, &end, 10) : 0;
		if (number < 1 || number > line_count(p) || seen[number - 1])
			return false;
		seen[number - 1] = true;
		read.line[read.count++] = (int)number - 1;
		at = end;
	}
	if (read.count != line_count(p))
		return false;
	read.used = read.used < 0 ? read.count : read.used;
	*o = read;
	*right = *answer == 'r';
	return true;
}

char *order_write(const struct order *o, bool right, char buf[ORDER_TEXT_MAX])
{
	size_t n = (size_t)snprintf(buf, ORDER_TEXT_MAX, "%s", right ? "right" : "tried");
	for (int i = 0; i < o->count && n < ORDER_TEXT_MAX; i++)
		n += (size_t)snprintf(buf + n, ORDER_TEXT_MAX - n, "%s %d", i == o->used ? " /" : "", o->line[i] + 1);
	return buf;
}

static void swap(struct order *o, int a, int b)
{
	int was = o->line[a];
	o->line[a] = o->line[b];
	o->line[b] = was;
}

static void step(struct order *o, int by)
{
	int to = o->cursor + by;
	if (!o->held) {
		o->cursor = to < 0 ? 0 : to >= o->count ? o->count - 1 : to;
		return;
	}
	/* The end of the program is a place of its own between two lines. */
	if (by > 0 && o->cursor == o->used - 1) {
		o->used--;
	} else if (by < 0 && o->cursor == o->used) {
		o->used++;
	} else if (to >= 0 && to < o->count) {
		swap(o, o->cursor, to);
		o->cursor = to;
	}
}

void order_go(struct order *o, int by)
{
	for (int i = 0; i < o->count + 1 && i < abs(by); i++)
		step(o, by < 0 ? -1 : 1);
}

void order_aside(struct order *o)
{
	int at = o->cursor, line = o->line[at];
	if (o->count == 0)
		return;
	bool in = at < o->used;
	int to = in ? o->count - 1 : o->used;
	for (int i = at; i != to; i += in ? 1 : -1)
		o->line[i] = o->line[i + (in ? 1 : -1)];
	o->line[to] = line;
	o->used += in ? -1 : 1;
	o->held = false;
	if (in && o->used > 0 && o->cursor >= o->used)
		o->cursor = o->used - 1;
}

char *order_assemble(const char *frame, const struct piece *p, const struct order *o, int *first)
{
	const char *mark = strstr(frame, "//@");
	if (!mark)
		return NULL;
	const char *begin = mark;
	while (begin > frame && (begin[-1] == ' ' || begin[-1] == '\t'))
		begin--;
	const char *rest = mark + strcspn(mark, "\n");
	rest += *rest == '\n';
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	fwrite(frame, 1, (size_t)(begin - frame), out);
	for (int i = 0; i < o->used; i++)
		fprintf(out, "%.*s%s\n", (int)(mark - begin), begin, p->choices[o->line[i]].text);
	fputs(rest, out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	*first = 1;
	for (const char *c = frame; c < begin; c++)
		*first += *c == '\n';
	return text;
}

/* "order.c:12:3: error: …" of gcc and clang, whatever language they speak; what is no error was not asked for but notes. */
int order_messages(const char *output, const char *file, int first, int used, struct order_message *out, int max)
{
	int n = 0;
	size_t length = strlen(file);
	for (const char *line = output; line && *line && n < max; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
		int number, used_chars = 0;
		if (strncmp(line, file, length) || sscanf(line + length, ":%d:%*d: %n", &number, &used_chars) != 1 || used_chars == 0)
			continue;
		const char *text = line + length + used_chars, *colon = strstr(text, ": ");
		size_t end = strcspn(text, "\n");
		if (colon && colon < text + end) {
			if (!strncmp(text, "note", 4))
				continue;
			text = colon + 2;
			end = strcspn(text, "\n");
		}
		bool mine = number >= first && number < first + used;
		char *copy = xasprintf("%.*s", (int)end, text);
		out[n].at = mine ? number - first : -1;
		util_printable(copy, out[n++].text, ORDER_MESSAGE_MAX);
		free(copy);
	}
	return n;
}
