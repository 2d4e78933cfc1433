/* A lesson's text: a file of Markdown cut into steps, the steps into prose and live blocks (text_block.c). */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/bench/util.h"
#include "lessons/text.h"
#include "lessons/text_block.h"

struct reader {
	struct lesson_text *text;
	const char *name, *dir; /* "en.md", "lessons/3-threads/3-mutex" */
	char *prose;			/* of the piece being read */
	size_t length;
	int prose_line;
	bool fresh; /* the next piece begins a new step */
};

/* A fence: ``` or ~~~, three or more, indented by at most three blanks. */
struct fence {
	char mark;
	size_t length;
};

__attribute__((format(printf, 3, 4))) static void complain(struct reader *r, int line, const char *fmt, ...)
{
	if (r->text->complaint)
		return;
	va_list ap;
	char *what = NULL;
	va_start(ap, fmt);
	int n = vasprintf(&what, fmt, ap);
	va_end(ap);
	r->text->complaint = xasprintf("%s:%d: %s", r->name, line, n < 0 ? "malformed" : what);
	if (n >= 0)
		free(what);
}

static struct piece *add_piece(struct reader *r, enum piece_kind kind, int line)
{
	struct lesson_text *text = r->text;
	if (r->fresh) {
		text->steps = xrealloc(text->steps, (size_t)(text->count + 1) * sizeof *text->steps);
		text->steps[text->count++] = (struct step){0};
		r->fresh = false;
	}
	struct step *step = &text->steps[text->count - 1];
	step->pieces = xrealloc(step->pieces, (size_t)(step->count + 1) * sizeof *step->pieces);
	struct piece *piece = &step->pieces[step->count++];
	*piece = (struct piece){.kind = kind, .line = line};
	return piece;
}

static void add_prose(struct reader *r, const char *s, size_t n, int line)
{
	if (!r->length && strspn(s, " \t\r\n") >= n)
		return; /* blank lines before the first word */
	if (!r->length)
		r->prose_line = line;
	r->prose = xrealloc(r->prose, r->length + n + 1);
	memcpy(r->prose + r->length, s, n);
	r->length += n;
	r->prose[r->length] = '\0';
}

static void end_prose(struct reader *r)
{
	while (r->length && isspace((unsigned char)r->prose[r->length - 1]))
		r->prose[--r->length] = '\0';
	if (r->length)
		add_piece(r, PIECE_PROSE, r->prose_line)->markdown = xstrdup(r->prose);
	r->length = 0;
}

static size_t line_length(const char *s)
{
	const char *end = strchr(s, '\n');
	return end ? (size_t)(end - s) + 1 : strlen(s);
}

static bool is_fence(const char *s, struct fence *fence, const char **info)
{
	size_t indent = strspn(s, " ");
	s += indent;
	if (indent > 3 || (*s != '`' && *s != '~'))
		return false;
	fence->mark = *s;
	fence->length = strspn(s, (char[]){*s, '\0'});
	*info = s + fence->length;
	/* A backtick after the first three means code in a line, not a block (CommonMark). */
	return fence->length >= 3 && !(fence->mark == '`' && memchr(*info, '`', line_length(*info)));
}

static bool closes(const char *s, const struct fence *open)
{
	struct fence fence;
	const char *info;
	if (!is_fence(s, &fence, &info) || fence.mark != open->mark || fence.length < open->length)
		return false;
	return strspn(info, " \t\r\n") >= line_length(info);
}

static bool is_rule(const char *s)
{
	size_t n = strspn(s, "-");
	return n >= 3 && n + strspn(s + n, " \t\r\n") >= line_length(s);
}

/* A live block: parsed, or kept as prose with a complaint. */
static void live_block(struct reader *r, enum piece_kind kind, const char *raw, size_t raw_length, const char *info,
					   const char *body, size_t body_length, int line)
{
	const char *why = NULL;
	int at = 0;
	char *head = strndup(info, line_length(info)), *copy = strndup(body, body_length);
	if (!head || !copy)
		exit(EXIT_RESOURCE);
	struct piece piece = {.kind = kind, .line = line};
	bool good = block_parse(&piece, block_trim(head), copy, r->dir, &why, &at);
	if (good) {
		end_prose(r);
		*add_piece(r, kind, line) = piece;
	} else {
		complain(r, line + at, "%s", why);
		block_free(&piece);
		add_prose(r, raw, raw_length, line);
	}
	free(head);
	free(copy);
}

/* A fence and everything to its end; returns the text after it. */
static const char *read_fence(struct reader *r, const char *s, const struct fence *fence, const char *info, int *line)
{
	const char *body = s + line_length(s), *p = body;
	int at = *line;
	enum piece_kind kind;
	for (++*line; *p && !closes(p, fence); ++*line)
		p += line_length(p);
	bool closed = *p;
	const char *after = closed ? p + line_length(p) : p;
	char *word = strndup(info, line_length(info));
	if (!word)
		exit(EXIT_RESOURCE);
	bool live = block_kind(block_trim(word), &kind);
	free(word);
	if (!closed)
		complain(r, at, "the block that begins here has no end");
	if (live && closed)
		live_block(r, kind, s, (size_t)(after - s), info, body, (size_t)(p - body), at);
	else
		add_prose(r, s, (size_t)(after - s), at);
	if (closed)
		++*line;
	return after;
}

/* The heading of the file. Returns the text after it. */
static const char *read_title(struct reader *r, const char *s, int *line)
{
	if (!strncmp(s, "\xef\xbb\xbf", 3))
		s += 3;
	size_t n = line_length(s);
	if (n < 2 || s[0] != '#' || (s[1] != ' ' && s[1] != '\t')) {
		complain(r, 1, "the first line must be the title: # Title");
		r->text->title = xstrdup("");
		return s;
	}
	char *title = strndup(s + 2, n - 2);
	if (!title)
		exit(EXIT_RESOURCE);
	r->text->title = xstrdup(block_trim(title));
	free(title);
	if (!*r->text->title)
		complain(r, 1, "the title is empty");
	++*line;
	return s + n;
}

static bool has_run(const struct lesson_text *text, const char *name, int after)
{
	for (int s = 0; s < text->count; s++)
		for (int i = 0; i < text->steps[s].count; i++) {
			const struct piece *p = &text->steps[s].pieces[i];
			if (p->kind == PIECE_RUN && (*name ? !strcmp(p->name, name) : p->line > after))
				return true;
		}
	return false;
}

/* What can only be seen in the whole: a prediction needs the run that it is compared with. */
static void check_predictions(struct reader *r)
{
	for (int s = 0; s < r->text->count; s++)
		for (int i = 0; i < r->text->steps[s].count; i++) {
			const struct piece *p = &r->text->steps[s].pieces[i];
			if (p->kind != PIECE_PREDICT || has_run(r->text, p->name, p->line))
				continue;
			if (*p->name)
				complain(r, p->line, "no run block is named %s", p->name);
			else
				complain(r, p->line, "no run block follows this prediction");
		}
}

struct lesson_text *text_parse(const char *source, const char *name, const char *dir)
{
	struct reader r = {.text = xcalloc(1, sizeof *r.text), .name = name, .dir = dir, .fresh = true};
	int line = 1;
	for (const char *s = read_title(&r, source, &line); *s;) {
		struct fence fence;
		const char *info;
		if (is_fence(s, &fence, &info)) {
			s = read_fence(&r, s, &fence, info, &line);
			continue;
		}
		size_t n = line_length(s);
		if (is_rule(s)) {
			end_prose(&r);
			r.fresh = true;
		} else {
			add_prose(&r, s, n, line);
		}
		s += n;
		line++;
	}
	end_prose(&r);
	free(r.prose);
	check_predictions(&r);
	return r.text;
}

struct lesson_text *text_load(const char *dir, const char *language)
{
	if (!*language || strpbrk(language, "/.")) {
		errno = EINVAL;
		return NULL;
	}
	char *name = xasprintf("%s.md", language), *path = xasprintf("%s/%s", dir, name);
	char *source = text_read(path);
	int why = errno;
	struct lesson_text *text = source ? text_parse(source, name, dir) : NULL;
	free(source);
	free(path);
	free(name);
	if (!text)
		errno = why;
	return text;
}

void text_free(struct lesson_text *text)
{
	if (!text)
		return;
	for (int s = 0; s < text->count; s++) {
		for (int i = 0; i < text->steps[s].count; i++)
			block_free(&text->steps[s].pieces[i]);
		free(text->steps[s].pieces);
	}
	free(text->steps);
	free(text->title);
	free(text->complaint);
	free(text);
}
