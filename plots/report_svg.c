/* An SVG as gnuplot writes it, made fit to stand in a page beside others. Only what is known is let through. */
#include "plots/report.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 40, VALUE_MAX = 1 << 20, DEEPEST = 64 };

static const char *const elements[] = {"svg", "g", "path", "text", "tspan", "title", "desc", "defs", "circle", "rect", "use",
				       "polygon", "polyline", "line", "pattern", "clipPath", NULL};
/* Left out with all that is in them: what would be a second name of the picture, and boxes behind texts that no chart has. */
static const char *const dropped[] = {"filter", "title", "desc", NULL};
static const char *const attributes[] = {
	"id", "x", "y", "x1", "y1", "x2", "y2", "width", "height", "viewBox", "fill", "stroke", "color", "stroke-width", "stroke-linecap",
	"stroke-linejoin", "stroke-dasharray", "d", "r", "cx", "cy", "points", "transform", "font-family", "font-size", "font-weight",
	"font-style", "text-anchor", "shape-rendering", "fill-opacity", "stroke-opacity", "opacity", "style", "patternUnits", "clip-path",
	"clip-rule", "fill-rule", "xlink:href", "xml:space", "dy", "dx", "class", NULL};

/* Colours of paper and ink, which the page changes in the dark. */
static const struct {
	const char *is, *becomes;
} colours[] = {{"black", "var(--k,#000)"}, {"#000000", "var(--k,#000)"}, {"rgb(0,0,0)", "var(--k,#000)"},
	       {"gray", "var(--g,#707070)"}, {"rgb(112,112,112)", "var(--g,#707070)"}, {"#707070", "var(--g,#707070)"},
	       {"rgb(216,216,216)", "var(--l,#d8d8d8)"}, {"rgb(244,244,244)", "var(--s,#f4f4f4)"},
	       {"rgb(247,223,175)", "var(--b,#f7dfaf)"}, {"rgb(0,114,178)", "var(--blue,#0072b2)"},
	       {"white", "var(--paper,#fff)"}, {"#ffffff", "var(--paper,#fff)"}, {"rgb(255,255,255)", "var(--paper,#fff)"}};

static bool listed(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

struct reader {
	const char *at, *prefix;
	FILE *out;
	int depth, dropping; /* dropping: depth at which that began, 0: no */
	bool text_dropped;
	char open[DEEPEST][NAME_MAX_LENGTH + 1];
};

static bool read_name(const char **at, char name[NAME_MAX_LENGTH + 1])
{
	size_t n = 0;
	while (isalnum((unsigned char)(*at)[n]) || strchr(":-_", (*at)[n] ? (*at)[n] : '<'))
		n++;
	if (!n || n > NAME_MAX_LENGTH)
		return false;
	memcpy(name, *at, n);
	name[n] = '\0';
	*at += n;
	return true;
}

static void skip_blanks(const char **at)
{
	*at += strspn(*at, " \t\r\n");
}

/* Colours are written with and without blanks. */
static const char *colour(const char *value, size_t length)
{
	char plain[32];
	size_t n = 0;
	for (size_t i = 0; i < length && n + 1 < sizeof plain; i++)
		if (value[i] != ' ')
			plain[n++] = value[i];
	plain[n] = '\0';
	for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
		if (!strcmp(plain, colours[i].is))
			return colours[i].becomes;
	return NULL;
}

/* A value, with "url(#NAME)" and "#NAME" led to the names of this picture. */
static bool put_value(struct reader *r, const char *name, const char *value, size_t length)
{
	bool link = !strcmp(name, "xlink:href");
	const char *other = !strcmp(name, "fill") || !strcmp(name, "stroke") || !strcmp(name, "color") ? colour(value, length) : NULL;
	if (other && strstr(other, "--paper") && !strcmp(name, "fill"))
		other = NULL; /* words on a coloured bar stay white; hollow points are as the paper is */
	if (memchr(value, '<', length) || memchr(value, '"', length) || memchr(value, '\\', length) || memchr(value, '@', length))
		return false;
	if (link && (length < 2 || value[0] != '#'))
		return false;
	if (!link && memmem(value, length, "url(", 4) && strncmp(value, "url(#", 5) && strncmp(value, "url('#", 6))
		return false;
	fprintf(r->out, " %s=\"", link ? "href" : name);
	if (other)
		fputs(other, r->out);
	else if (link)
		fprintf(r->out, "#%s%.*s", r->prefix, (int)length - 1, value + 1);
	else if (length > 5 && !strncmp(value, "url(", 4)) {
		const char *from = value + (value[4] == '\'' ? 6 : 5);
		fprintf(r->out, "url(#%s%.*s", r->prefix, (int)(length - (size_t)(from - value)), from);
	} else
		fprintf(r->out, "%s%.*s", !strcmp(name, "id") ? r->prefix : "", (int)length, value);
	putc('"', r->out);
	return true;
}

/* Behind the element's name. False: something that gnuplot does not write. */
static bool read_attributes(struct reader *r, const char *element, bool *closed)
{
	char name[NAME_MAX_LENGTH + 1];
	bool outermost = !strcmp(element, "svg");
	for (;;) {
		skip_blanks(&r->at);
		if (*r->at == '>' || !strncmp(r->at, "/>", 2)) {
			*closed = *r->at == '/';
			r->at += 1 + *closed;
			return true;
		}
		if (!read_name(&r->at, name))
			return false;
		skip_blanks(&r->at);
		if (*r->at++ != '=')
			return false;
		skip_blanks(&r->at);
		char quote = *r->at++;
		const char *end = quote == '"' || quote == '\'' ? strchr(r->at, quote) : NULL;
		if (!end || end - r->at > VALUE_MAX)
			return false;
		bool space = !strncmp(name, "xmlns", 5) || (outermost && strcmp(name, "viewBox"));
		if (r->dropping || space)
			;
		else if (!listed(attributes, name) || !put_value(r, name, r->at, (size_t)(end - r->at)))
			return false;
		r->at = end + 1;
	}
}

static bool read_element(struct reader *r)
{
	char name[NAME_MAX_LENGTH + 1];
	bool closed = false;
	if (!strncmp(r->at, "<?xml", 5) || !strncmp(r->at, "<!--", 4)) {
		const char *end = strstr(r->at, r->at[1] == '?' ? "?>" : "-->");
		r->at = end ? end + (r->at[1] == '?' ? 2 : 3) : r->at;
		return end;
	}
	r->at++;
	if (*r->at == '/') {
		r->at++;
		if (!read_name(&r->at, name) || *r->at++ != '>' || !r->depth || strcmp(r->open[--r->depth], name))
			return false;
		if (!r->dropping)
			fprintf(r->out, "</%s>", name);
		else if (r->dropping == r->depth + 1)
			r->dropping = 0;
		return true;
	}
	if (!read_name(&r->at, name) || r->depth == DEEPEST)
		return false;
	memcpy(r->open[r->depth++], name, sizeof name);
	bool outermost = r->depth == 1;
	if (outermost != !strcmp(name, "svg"))
		return false;
	if (!r->dropping && listed(dropped, name))
		r->dropping = r->depth;
	else if (!r->dropping && !listed(elements, name))
		return false;
	if (!r->dropping && !outermost)
		fprintf(r->out, "<%s", name);
	if (!read_attributes(r, name, &closed))
		return false;
	if (!r->dropping)
		fputs(closed ? "/>" : ">", r->out);
	if (closed && r->dropping == r->depth)
		r->dropping = 0;
	r->depth -= closed;
	return true;
}

/* Text between elements: only what is said with entities of its own, as gnuplot writes it. */
static bool read_text(struct reader *r)
{
	size_t n = strcspn(r->at, "<");
	bool blank = strspn(r->at, " \t\r\n") >= n;
	if (!blank && r->depth < 2)
		return false;
	if (blank && r->depth && strcmp(r->open[r->depth - 1], "text") && strcmp(r->open[r->depth - 1], "tspan"))
		putc('\n', r->out);
	else if (!r->dropping && r->depth)
		fwrite(r->at, 1, n, r->out);
	r->at += n;
	return true;
}

bool svg_inline(FILE *out, const char *svg, const char *prefix, const char *class_name, const char *title, const char *sentence)
{
	char *text = NULL;
	size_t length = 0;
	struct reader r = {.at = svg, .prefix = prefix, .out = open_memstream(&text, &length)};
	bool good = r.out != NULL;
	while (good && *r.at) {
		bool opens = r.depth == 0 && !strncmp(r.at, "<svg", 4);
		if (opens)
			fprintf(r.out, "<svg class=\"%s\" role=\"img\" aria-labelledby=\"%stitle %sdesc\"", class_name, prefix, prefix);
		good = *r.at == '<' ? read_element(&r) : read_text(&r);
		if (good && opens) {
			fprintf(r.out, "<title id=\"%stitle\">", prefix);
			html_text(r.out, title);
			fprintf(r.out, "</title><desc id=\"%sdesc\">", prefix);
			html_text(r.out, sentence && *sentence ? sentence : title);
			fputs("</desc>", r.out);
		}
	}
	good = good && r.depth == 0;
	if (r.out && fclose(r.out))
		good = false;
	if (good && text)
		fwrite(text, 1, length, out);
	free(text);
	return good;
}
