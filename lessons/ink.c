/* Markdown, as md4c reads it, into lines of styled runs. */
#include <md4c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/bench/util.h"
#include "lessons/ink_line.h"

enum { DEPTH_MAX = 16, COLUMNS_MAX = 16 };

/* A block that others stand in: a quotation or an item of a list. */
struct holder {
	enum { QUOTE, LIST, ITEM } kind;
	bool tight;		 /* LIST */
	int number;		 /* LIST: of the next item, -1 for bullets */
	char marker[16]; /* ITEM: until its first line is out, then blanks */
	bool marked;	 /* ITEM: the marker is out */
};

struct cell {
	struct strip strip;
	int columns;
};

struct layout {
	struct ink_lines *out;
	int width;
	struct holder holders[DEPTH_MAX];
	int depth, too_deep;
	bool gap; /* a blank line before the next line */
	struct strip strip, head;
	int strong, emphasis, code, link, heading, quote;
	bool verbatim;
	/* table */
	struct cell *cells;
	int cell_count, table_columns, row_cells, table_head;
};

static enum ink ink_now(const struct layout *l)
{
	if (l->code || l->verbatim)
		return INK_CODE;
	if (l->link)
		return INK_LINK;
	if (l->strong)
		return INK_BOLD;
	if (l->emphasis)
		return INK_EMPHASIS;
	return l->heading ? INK_HEADING : l->quote ? INK_QUOTE : INK_PLAIN;
}

static struct ink_line *add_line(struct layout *l)
{
	struct ink_lines *out = l->out;
	out->lines = xrealloc(out->lines, (size_t)(out->count + 1) * sizeof *out->lines);
	out->lines[out->count] = (struct ink_line){0};
	return &out->lines[out->count++];
}

/* What stands before the text of the next line: quotation bars, bullets or their room. Returns its columns. Where it
 * would take more than half of the width, only the innermost is kept. */
static int make_head(struct layout *l, bool blank)
{
	strip_clear(&l->head);
	for (int only = 0; only < 2; only++) {
		for (int i = 0; i < l->depth; i++) {
			struct holder *h = &l->holders[i];
			if (h->kind == QUOTE && (!only || i == l->depth - 1))
				strip_add(&l->head, "│ ", strlen("│ "), INK_QUOTE, false);
			if (h->kind == ITEM && (!only || i == l->depth - 1))
				for (const char *p = h->marker; *p; p++)
					strip_add(&l->head, h->marked || blank ? " " : p, 1, INK_PLAIN, false);
		}
		if (2 * strip_columns(&l->head) <= l->width)
			break;
		strip_clear(&l->head);
	}
	for (int i = 0; i < l->depth && !blank; i++)
		l->holders[i].marked = true;
	return strip_columns(&l->head);
}

static void emit_gap(struct layout *l)
{
	if (l->gap && l->out->count)
		add_line(l);
	l->gap = false;
}

/* Lays out what was gathered. */
static void flush(struct layout *l)
{
	struct strip *s = &l->strip;
	while (s->count && (s->atoms[s->count - 1].code == ' ' || (l->verbatim && s->atoms[s->count - 1].code == '\n')))
		s->count--;
	if (!s->count) {
		strip_clear(s);
		return;
	}
	emit_gap(l);
	for (size_t from = 0, end; from < s->count; from = end) {
		int room = l->width - make_head(l, false);
		end = strip_break(s, from, room > 0 ? room : 1, l->verbatim);
		size_t to = end;
		while (to > from && (s->atoms[to - 1].code == ' ' || s->atoms[to - 1].code == '\n'))
			to--;
		struct ink_line *line = add_line(l);
		if (to > from)
			strip_emit(&l->head, 0, l->head.count, line);
		strip_emit(s, from, to, line);
		while (!l->verbatim && end < s->count && s->atoms[end].code == ' ')
			end++;
	}
	strip_clear(s);
}

static bool in_tight_list(const struct layout *l)
{
	for (int i = l->depth - 1; i >= 0; i--)
		if (l->holders[i].kind == LIST)
			return l->holders[i].tight;
	return false;
}

static void enter(struct layout *l, struct holder holder)
{
	if (l->depth == DEPTH_MAX)
		l->too_deep++;
	else
		l->holders[l->depth++] = holder;
}

static void leave(struct layout *l)
{
	if (l->too_deep)
		l->too_deep--;
	else if (l->depth)
		l->depth--;
}

static void enter_item(struct layout *l)
{
	struct holder item = {.kind = ITEM}, *list = l->depth && !l->too_deep ? &l->holders[l->depth - 1] : NULL;
	if (list && list->kind == LIST && list->number >= 0)
		snprintf(item.marker, sizeof item.marker, "%d. ", list->number++);
	else
		snprintf(item.marker, sizeof item.marker, "- ");
	enter(l, item);
}

/* ---- tables --------------------------------------------------------------------------------------------------------
 */

static void end_cell(struct layout *l)
{
	l->cells = xrealloc(l->cells, (size_t)(l->cell_count + 1) * sizeof *l->cells);
	l->cells[l->cell_count++] = (struct cell){l->strip, strip_columns(&l->strip)};
	l->strip = (struct strip){0};
}

static void append(struct strip *to, const struct strip *from)
{
	for (size_t i = 0; i < from->count; i++)
		strip_add(to, from->bytes + from->atoms[i].at, from->atoms[i].length, (enum ink)from->atoms[i].ink, false);
}

/* Columns side by side where they fit, else one row after another with bars between the cells. */
static void end_table(struct layout *l)
{
	int widths[COLUMNS_MAX] = {0}, n = l->table_columns, sum = 0;
	for (int i = 0; i < l->cell_count && n <= COLUMNS_MAX; i++)
		if (l->cells[i].columns > widths[i % n])
			widths[i % n] = l->cells[i].columns;
	for (int i = 0; i < n && n <= COLUMNS_MAX; i++)
		sum += widths[i] + (i ? 2 : 0);
	bool fits = n <= COLUMNS_MAX && sum + make_head(l, true) <= l->width;
	for (int i = 0; n && i < l->cell_count; i++) {
		append(&l->strip, &l->cells[i].strip);
		bool last = i % n == n - 1 || i == l->cell_count - 1;
		for (int pad = fits && !last ? widths[i % n] + 2 - l->cells[i].columns : 0; pad > 0; pad--)
			strip_add(&l->strip, " ", 1, INK_PLAIN, false);
		if (!fits && !last)
			strip_add(&l->strip, " | ", 3, INK_PLAIN, false);
		if (last)
			flush(l);
	}
	for (int i = 0; i < l->cell_count; i++)
		strip_free(&l->cells[i].strip);
	free(l->cells);
	l->cells = NULL;
	l->cell_count = 0;
}

/* ---- what md4c calls -----------------------------------------------------------------------------------------------
 */

static int enter_block(MD_BLOCKTYPE type, void *detail, void *user)
{
	struct layout *l = user;
	if (type != MD_BLOCK_TR && type != MD_BLOCK_TH && type != MD_BLOCK_TD)
		flush(l); /* the words of a tight item before a block inside it */
	switch (type) {
	case MD_BLOCK_QUOTE:
		l->quote++;
		enter(l, (struct holder){.kind = QUOTE});
		break;
	case MD_BLOCK_UL:
		enter(l, (struct holder){.kind = LIST, .tight = ((MD_BLOCK_UL_DETAIL *)detail)->is_tight, .number = -1});
		break;
	case MD_BLOCK_OL:
		enter(l, (struct holder){.kind = LIST,
								 .tight = ((MD_BLOCK_OL_DETAIL *)detail)->is_tight,
								 .number = (int)(((MD_BLOCK_OL_DETAIL *)detail)->start % 100000000)});
		break;
	case MD_BLOCK_LI:
		enter_item(l);
		break;
	case MD_BLOCK_H:
		l->heading = 1;
		break;
	case MD_BLOCK_CODE:
		l->verbatim = true;
		break;
	case MD_BLOCK_TABLE:
		l->table_columns = (int)((MD_BLOCK_TABLE_DETAIL *)detail)->col_count;
		break;
	case MD_BLOCK_TH:
		l->heading = 1;
		break;
	default:
		break;
	}
	return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *user)
{
	(void)detail;
	struct layout *l = user;
	switch (type) {
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		l->heading = 0;
		end_cell(l);
		return 0;
	case MD_BLOCK_TR:
	case MD_BLOCK_THEAD:
	case MD_BLOCK_TBODY:
		return 0;
	case MD_BLOCK_TABLE:
		end_table(l);
		break;
	case MD_BLOCK_HR:
		for (int room = l->width - make_head(l, true); room > 0; room--)
			strip_add(&l->strip, "─", strlen("─"), INK_QUOTE, false);
		break;
	default:
		break;
	}
	flush(l);
	l->heading = 0;
	l->verbatim = false;
	if (type == MD_BLOCK_QUOTE || type == MD_BLOCK_UL || type == MD_BLOCK_OL || type == MD_BLOCK_LI)
		leave(l);
	if (type == MD_BLOCK_QUOTE)
		l->quote--;
	l->gap = !in_tight_list(l);
	return 0;
}

static int span(MD_SPANTYPE type, struct layout *l, int step)
{
	switch (type) {
	case MD_SPAN_STRONG:
		l->strong += step;
		break;
	case MD_SPAN_EM:
		l->emphasis += step;
		break;
	case MD_SPAN_CODE:
		l->code += step;
		break;
	case MD_SPAN_A:
		l->link += step;
		break;
	default:
		break;
	}
	return 0;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *user)
{
	(void)detail;
	return span(type, user, 1);
}

static bool ends_with(const struct strip *s, const char *text, size_t n)
{
	return s->length >= n && !memcmp(s->bytes + s->length - n, text, n);
}

/* An address on the web is written out behind the words that carry it, unless they are the address. */
static int leave_span(MD_SPANTYPE type, void *detail, void *user)
{
	struct layout *l = user;
	const MD_ATTRIBUTE *href = type == MD_SPAN_A ? &((MD_SPAN_A_DETAIL *)detail)->href : NULL;
	if (href && href->size > 4 && !strncmp(href->text, "http", 4) && !ends_with(&l->strip, href->text, href->size)) {
		strip_add(&l->strip, " (", 2, INK_PLAIN, false);
		strip_add(&l->strip, href->text, href->size, INK_LINK, false);
		strip_add(&l->strip, ")", 1, INK_PLAIN, false);
	}
	return span(type, l, -1);
}

static void add_code_point(struct layout *l, unsigned long c)
{
	char b[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	if (!c || c > 0x10ffff)
		c = '?', n = 1;
	for (size_t i = n; i-- > 1; c >>= 6)
		b[i] = (char)(0x80 | (c & 0x3f));
	b[0] = (char)(lead[n == 1 ? 0 : n] | c);
	strip_add(&l->strip, b, n, ink_now(l), false);
}

/* &amp; and its kin; names that are rare stay as they were written. */
static void add_entity(struct layout *l, const char *text, size_t n)
{
	static const struct {
		const char *name;
		unsigned long code;
	} names[] = {{"&amp;", '&'},	 {"&lt;", '<'},		  {"&gt;", '>'},	   {"&quot;", '"'},		 {"&nbsp;", 0xa0},
				 {"&times;", 0xd7},	 {"&ndash;", 0x2013}, {"&mdash;", 0x2014}, {"&hellip;", 0x2026}, {"&micro;", 0xb5},
				 {"&rarr;", 0x2192}, {"&le;", 0x2264},	  {"&ge;", 0x2265},	   {"&ne;", 0x2260}};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i].name) == n && !strncmp(names[i].name, text, n)) {
			add_code_point(l, names[i].code);
			return;
		}
	if (n > 3 && text[1] == '#')
		add_code_point(l, (text[2] | 32) == 'x' ? strtoul(text + 3, NULL, 16) : strtoul(text + 2, NULL, 10));
	else
		strip_add(&l->strip, text, n, ink_now(l), false);
}

static int add_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *user)
{
	struct layout *l = user;
	switch (type) {
	case MD_TEXT_BR:
		strip_add(&l->strip, "\n", 1, ink_now(l), true);
		break;
	case MD_TEXT_SOFTBR:
		strip_soft_break(&l->strip, ink_now(l));
		break;
	case MD_TEXT_NULLCHAR:
		strip_add(&l->strip, "?", 1, ink_now(l), false);
		break;
	case MD_TEXT_ENTITY:
		add_entity(l, text, size);
		break;
	default:
		strip_add(&l->strip, text, size, ink_now(l), l->verbatim);
		break;
	}
	return 0;
}

struct ink_lines *ink_layout(const char *markdown, int width)
{
	struct layout l = {.out = xcalloc(1, sizeof *l.out), .width = width > 0 ? width : 1};
	const MD_PARSER parser = {.flags = MD_FLAG_NOHTML | MD_FLAG_TABLES | MD_FLAG_NOINDENTEDCODEBLOCKS,
							  .enter_block = enter_block,
							  .leave_block = leave_block,
							  .enter_span = enter_span,
							  .leave_span = leave_span,
							  .text = add_text};
	size_t n = strlen(markdown);
	if (md_parse(markdown, (MD_SIZE)n, &parser,
				 &l)) { /* out of memory inside md4c: the bare text is better than none */
		strip_clear(&l.strip);
		strip_add(&l.strip, markdown, n, INK_PLAIN, true);
	}
	flush(&l);
	strip_free(&l.strip);
	strip_free(&l.head);
	return l.out;
}

void ink_free(struct ink_lines *lines)
{
	if (!lines)
		return;
	for (int i = 0; i < lines->count; i++) {
		for (int k = 0; k < lines->lines[i].count; k++)
			free(lines->lines[i].runs[k].text);
		free(lines->lines[i].runs);
	}
	free(lines->lines);
	free(lines);
}
