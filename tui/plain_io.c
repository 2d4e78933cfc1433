/* Lines out, lines in, and a program in between. */
#include "tui/plain_private.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/draw.h"
#include "tui/signals.h"

/* ---- out ------------------------------------------------------------------------------------------------------------ */

/* One line, made safe, in letters that can be shown. A canvas of one row knows how. */
static void put_line(const struct plain *p, const char *text)
{
	char *line = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&line, &length);
	struct canvas *c = canvas_new(1, canvas_width(text) + 1, p->ascii);
	canvas_text(c, canvas_all(c), 0, 0, ROLE_PLAIN, text);
	if (out) {
		canvas_save_text(c, out);
		fclose(out);
		for (char *s = line; p->letters_ascii && *s; s++)
			if (*s & 0x80)
				*s = '?';
		fputs(line, stdout);
	}
	free(line);
	canvas_free(c);
}

void plain_verbatim(const struct plain *p, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		char *line = xasprintf("%.*s", (int)n, text);
		put_line(p, line);
		free(line);
		text += n + (text[n] == '\n');
	}
}

void plain_say(const struct plain *p, const char *fmt, ...)
{
	char *all = NULL;
	va_list ap;
	va_start(ap, fmt);
	int n = vasprintf(&all, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	for (const char *text = all; *text;) {
		size_t fit = canvas_fit(text, p->width), cut = fit;
		while (text[fit] && cut > 0 && !draw_may_break(text, cut))
			cut--;
		if (cut == 0) /* a word longer than the line */
			cut = fit > 0 ? fit : strlen(text);
		char *line = xasprintf("%.*s", (int)cut, text);
		put_line(p, line);
		free(line);
		text += cut;
		text += strspn(text, " ");
	}
	free(all);
}

/* Rules and bars of quotations become characters that are read out sensibly. */
static void without_boxes(char *text)
{
	static const struct {
		const char *from, *to;
	} table[] = {{"│", ">"}, {"─", "-"}};
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		size_t n = strlen(table[i].from);
		for (char *at = text; (at = strstr(at, table[i].from)) != NULL; at++) {
			*at = table[i].to[0];
			memmove(at + 1, at + n, strlen(at + n) + 1);
		}
	}
}

void plain_markdown(const struct plain *p, const char *markdown)
{
	struct ink_lines *lines = ink_layout(markdown, p->width);
	for (int i = 0; i < lines->count; i++) {
		char *line = NULL;
		size_t length = 0;
		FILE *out = open_memstream(&line, &length);
		for (int j = 0; out && j < lines->lines[i].count; j++)
			fputs(lines->lines[i].runs[j].text, out);
		if (out) {
			fclose(out);
			without_boxes(line);
			put_line(p, line);
		}
		free(line);
	}
	ink_free(lines);
}

/* ---- in ------------------------------------------------------------------------------------------------------------- */

enum { HELD_MAX = 1 << 16 };

/* Takes a line from what was read; false: there is none yet. A last line needs no newline. */
static bool take_line(struct plain *p)
{
	char *end = p->held_length ? memchr(p->held, '\n', p->held_length) : NULL;
	size_t n = end ? (size_t)(end - p->held) : p->held_length;
	if (!end && !(p->at_end && n > 0) && n < HELD_MAX)
		return false;
	const char *first = p->held, *last = p->held + n;
	while (first < last && strchr(" \t\r", *first))
		first++;
	while (last > first && strchr(" \t\r", last[-1]))
		last--;
	snprintf(p->line, sizeof(p->line), "%.*s", (int)(last - first), first);
	n += end != NULL;
	memmove(p->held, p->held + n, p->held_length - n);
	p->held_length -= n;
	return true;
}

static void read_some(struct plain *p)
{
	char buf[4096];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		p->at_end = true;
		return;
	}
	p->held = xrealloc(p->held, p->held_length + (size_t)n);
	memcpy(p->held + p->held_length, buf, (size_t)n);
	p->held_length += (size_t)n;
}

/* The number of a signal that ends us, 0: none came. */
static int ending_signal(void)
{
	int number, end = 0;
	while ((number = signals_next()) != 0)
		if (number != SIGCHLD)
			end = number;
	return end;
}

static enum said meaning(const char *line)
{
	static const struct {
		const char *letter, *word;
		enum said said;
	} table[] = {{"n", "next", SAID_NEXT}, {"b", "back", SAID_BACK}, {"r", "run", SAID_RUN}, {"s", "stop", SAID_STOP},
		     {"h", "hint", SAID_HINT}, {"?", "help", SAID_HELP}, {"q", "quit", SAID_QUIT}};
	if (!*line)
		return SAID_NOTHING;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (!strcasecmp(line, table[i].letter) || !strcasecmp(line, table[i].word))
			return table[i].said;
	return SAID_TEXT;
}

enum said plain_ask(struct plain *p, const char *prompt)
{
	fputs(prompt, stdout);
	/* Nobody reads any more: there is nothing left to ask. */
	if (fflush(stdout) != 0)
		return SAID_END;
	while (!take_line(p)) {
		if (p->at_end) {
			putchar('\n');
			return SAID_END;
		}
		struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = signals_fd(), .events = POLLIN}};
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return SAID_END;
		p->signal = ending_signal();
		if (p->signal) {
			putchar('\n');
			return SAID_SIGNAL;
		}
		if (fds[0].revents)
			read_some(p);
	}
	if (!p->tty)
		plain_verbatim(p, *p->line ? p->line : "\n");
	return meaning(p->line);
}

/* ---- a program ------------------------------------------------------------------------------------------------------ */

/* Whole lines of what the program has printed since; all of it at its end. */
static void tell_output(struct plain *p, size_t *told, bool all)
{
	if (p->told_most && *told >= p->told_most) {
		if (!p->child.stopping && program_live(&p->child))
			plain_say(p, "%s", _("It says too much: stopped."));
		program_stop(&p->child);
		return;
	}
	const struct bytes *out = &p->child.output;
	size_t end = out->length;
	if (*told > end) /* the oldest was dropped */
		*told = 0;
	while (!all && end > *told && out->text[end - 1] != '\n')
		end--;
	if (p->told_most && end > p->told_most) /* whole lines: up to the end of the one that passes the limit */
		end = p->told_most + strcspn(out->text + p->told_most, "\n") + 1 < end ? p->told_most + strcspn(out->text + p->told_most, "\n") + 1 : end;
	if (end <= *told)
		return;
	char *text = xasprintf("%.*s", (int)(end - *told), out->text + *told);
	plain_verbatim(p, text);
	free(text);
	fflush(stdout);
	*told = end;
}

static void tell_progress(struct plain *p)
{
	const struct recset *set = p->child.set;
	const struct rec_run *run = set && set->runs.n > 0 ? &set->runs.v[set->runs.n - 1] : NULL;
	if (run && run->planned > 0 && run->done >= 0)
		plain_say(p, _("… %d of %d rounds"), run->done, run->planned);
	else
		plain_say(p, _("… still running"));
	fflush(stdout);
}

/* What is typed while a program runs; only from somebody who sees what happens: a pipe's lines are for what comes after. */
static void hear(struct plain *p)
{
	read_some(p);
	while (take_line(p)) {
		enum said said = meaning(p->line);
		if (said == SAID_STOP || said == SAID_QUIT)
			program_stop(&p->child);
		else
			plain_say(p, _("The program is running: s or Ctrl-C stops it"));
		fflush(stdout);
	}
}

void plain_follow(struct plain *p)
{
	enum { TELL_MS = 5000 };
	size_t told = 0;
	int64_t tell_at = program_now() + TELL_MS;
	while (program_live(&p->child)) {
		int wait = -1;
		program_tick(&p->child, &wait);
		if (p->tty && !p->child.stopping) {
			int64_t left = tell_at - program_now();
			if (left <= 0) {
				tell_progress(p);
				tell_at = program_now() + TELL_MS;
				left = TELL_MS;
			}
			wait = wait < 0 || left < wait ? (int)left : wait;
		}
		struct pollfd fds[] = {{.fd = p->child.out_fd, .events = POLLIN}, {.fd = p->child.status_fd, .events = POLLIN},
				       {.fd = signals_fd(), .events = POLLIN}, {.fd = p->tty && !p->at_end ? STDIN_FILENO : -1, .events = POLLIN}};
		if (poll(fds, sizeof(fds) / sizeof(*fds), wait) < 0 && errno != EINTR)
			program_stop(&p->child);
		int end = ending_signal();
		if (end && end != SIGINT)
			p->signal = end;
		if (end) {
			program_stop(&p->child);
			putchar('\n');
		}
		if (fds[3].revents)
			hear(p);
		program_read(&p->child);
		tell_output(p, &told, false);
		program_reap(&p->child);
	}
	tell_output(p, &told, true);
	signals_forget(); /* what ^C was meant for is over */
}

bool plain_execute(struct plain *p, const char *command)
{
	char why[300], **words = program_words(command);
	const char *id = words ? words[0] : NULL;
	bool good = false;
	if (!id) {
		plain_say(p, _("This command line can't be read: %s"), command);
	} else if (!course_find(p->course, id)) {
		plain_say(p, _("There is no lesson \"%s\""), id);
	} else if (access(course_binary(id), X_OK) != 0) {
		plain_say(p, _("%s is not built"), id);
	} else {
		char *path = xstrdup(course_binary(id));
		free(words[0]);
		words[0] = path;
		good = program_start(&p->child, words, true, why, sizeof(why));
		if (!good)
			plain_say(p, "%s", why);
	}
	program_words_free(words);
	if (good)
		plain_follow(p);
	return good;
}
