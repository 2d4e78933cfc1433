/* lockstep-record.5: data/record.md, read by md4c, as a man page. */
#include <errno.h>
#include <md4c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "lessons/text.h"
#include "tui/manual.h"

struct page {
	FILE *out;
	char *text; /* of the paragraph or cell that is being read, as roff */
	size_t length;
	FILE *into;
	int column, row;
	bool head;
};

static void begin(struct page *p)
{
	if (!p->into)
		p->into = open_memstream(&p->text, &p->length);
}

/* The collected text, one line; caller frees. */
static char *end(struct page *p)
{
	if (p->into)
		fclose(p->into);
	p->into = NULL;
	char *text = p->text ? p->text : xstrdup("");
	p->text = NULL;
	for (char *c = text; *c; c++)
		if (*c == '\n')
			*c = ' ';
	return text;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *data)
{
	struct page *p = data;
	if (type == MD_BLOCK_THEAD)
		p->head = true;
	if (type == MD_BLOCK_TBODY)
		p->head = false;
	if (type == MD_BLOCK_TR)
		p->column = 0;
	if (type == MD_BLOCK_H || type == MD_BLOCK_P || type == MD_BLOCK_TD || type == MD_BLOCK_TH || type == MD_BLOCK_LI)
		begin(p);
	(void)detail;
	return 0;
}

/* A row of a table becomes an entry: the first cell as its term, the others as sentences. */
static void put_cell(struct page *p, const char *text)
{
	if (!p->head)
		fprintf(p->out, p->column == 0 ? ".TP\n%s\n" : "%s%s\n", p->column == 0 ? text : p->column > 1 ? ".br\n" : "", text);
	p->column++;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *data)
{
	struct page *p = data;
	if (type != MD_BLOCK_H && type != MD_BLOCK_P && type != MD_BLOCK_TD && type != MD_BLOCK_TH && type != MD_BLOCK_LI)
		return 0;
	char *text = end(p);
	if (type == MD_BLOCK_H && ((MD_BLOCK_H_DETAIL *)detail)->level > 1)
		fprintf(p->out, ".SH \"%s\"\n", text);
	else if (type == MD_BLOCK_P)
		fprintf(p->out, ".PP\n%s\n", text);
	else if (type == MD_BLOCK_LI && *text)
		fprintf(p->out, ".IP \\(bu 2\n%s\n", text);
	else if (type == MD_BLOCK_TD || type == MD_BLOCK_TH)
		put_cell(p, text);
	free(text);
	return 0;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *data)
{
	struct page *p = data;
	begin(p);
	fputs(type == MD_SPAN_EM ? "\\fI" : type == MD_SPAN_STRONG || type == MD_SPAN_CODE ? "\\fB" : "", p->into);
	(void)detail;
	return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *data)
{
	struct page *p = data;
	fputs(type == MD_SPAN_EM || type == MD_SPAN_STRONG || type == MD_SPAN_CODE ? "\\fR" : "", p->into);
	(void)detail;
	return 0;
}

static int put_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *data)
{
	struct page *p = data;
	begin(p);
	char *copy = xasprintf("%.*s", (int)size, text);
	if (type == MD_TEXT_SOFTBR || type == MD_TEXT_BR)
		putc(' ', p->into);
	else
		manual_roff(p->into, copy);
	free(copy);
	return 0;
}

bool manual_record(FILE *out)
{
	struct page page = {.out = out};
	MD_PARSER parser = {.flags = MD_FLAG_TABLES, .enter_block = enter_block, .leave_block = leave_block, .enter_span = enter_span,
			    .leave_span = leave_span, .text = put_text};
	char *source = text_read("data/record.md");
	if (!source) {
		fprintf(stderr, "lockstep manual: data/record.md: %s\n", strerror(errno));
		return false;
	}
	fprintf(out, ".TH LOCKSTEP-RECORD 5 \"\" \"Lockstep %s\" \"Lockstep\"\n", LOCKSTEP_VERSION);
	fputs(".SH NAME\nlockstep\\-record \\- the format of the records that Lockstep writes and reads\n.SH DESCRIPTION\n", out);
	bool good = md_parse(source, (MD_SIZE)strlen(source), &parser, &page) == 0;
	free(end(&page));
	free(source);
	fputs(".SH SEE ALSO\n.BR lockstep (1),\n.BR lockstep\\-lesson (1)\n", out);
	return good;
}
