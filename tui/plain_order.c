/* Lines to be put in order, by their numbers; built and run as on the screen, where study_order.c says with what limits. */
#include "tui/plain_private.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/order.h"
#include "tui/order_build.h"

enum { NOT_BUILT = 99, RUN_SECONDS = 60, TOLD_MOST = 1500 };

static void remove_folder(const char *path)
{
	DIR *dir = opendir(path);
	for (struct dirent *e; dir && (e = readdir(dir));)
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			unlinkat(dirfd(dir), e->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(path);
}

/* Writes, builds and runs the program; its words are told. True: it is right. */
static bool judge(struct plain *p, const char *program)
{
	/* $1 the folder, $2 room in files, the rest the compiler and its words; what runs gets little time, memory and room. */
	static const char shell[] = "cd \"$1\" && blocks=$2 && shift 2 && \"$@\" || exit 99; ulimit -c 0; ulimit -t 10; "
				    "ulimit -v 4194304; ulimit -f \"$blocks\"; exec ./order";
	const char *tmp = getenv("TMPDIR");
	char dir[PATH_MAX], path[PATH_MAX + 16], why[300];
	if (!study_which("cc")) {
		plain_say(p, "%s", _("There is no C compiler here: install the package gcc"));
		return false;
	}
	if (snprintf(dir, sizeof(dir), "%s/lockstep-order-XXXXXX", tmp && *tmp ? tmp : "/tmp") >= (int)sizeof(dir) || !mkdtemp(dir)) {
		plain_say(p, _("The program can't be written: %s"), strerror(errno));
		return false;
	}
	snprintf(path, sizeof(path), "%s/order.c", dir);
	FILE *out = fopen(path, "wex");
	bool written = out && fputs(program, out) >= 0;
	written = out && fclose(out) == 0 && written;
	const char *words[] = {"/bin/sh", "-c", shell, "lockstep", dir, order_file_blocks(program), "cc", "-w", "-O1", "-g",
			       "-std=gnu17", "-fopenmp", "-pthread", "-o", "order", "order.c", NULL};
	enum { WORDS = sizeof(words) / sizeof(*words) - 1 };
	char **more = order_build_words(program);
	size_t m = 0;
	while (more[m])
		m++;
	char **argv = xcalloc(WORDS + m + 1, sizeof(*argv));
	for (size_t i = 0; words[i]; i++)
		argv[i] = xstrdup(words[i]);
	memcpy(argv + WORDS, more, m * sizeof(*more));
	free(more);
	bool started = written && program_start(&p->child, argv, false, why, sizeof(why));
	if (!written)
		plain_say(p, _("The program can't be written: %s"), strerror(errno));
	else if (!started)
		plain_say(p, "%s", why);
	if (started) {
		p->child.cap = RUN_SECONDS;
		p->told_most = TOLD_MOST;
		plain_follow(p);
		p->told_most = 0;
	}
	program_words_free(argv);
	remove_folder(dir);
	if (!started)
		return false;
	bool right = !p->child.signal && !p->child.stopping && p->child.exit_code == 0;
	if (p->child.stopping)
		plain_say(p, "%s", p->child.overran > 0 ? _("It did not end by itself.") : _("Stopped."));
	else if (p->child.signal)
		plain_say(p, _("Killed by signal %d (%s)."), p->child.signal, strsignal(p->child.signal));
	else if (p->child.exit_code == NOT_BUILT)
		plain_say(p, "%s", _("The compiler does not take it."));
	else if (!right)
		plain_say(p, "%s", _("Not so."));
	return right;
}

/* "3 1 2" into the order; the lines left out are laid aside. False when it can't be read. */
static bool read_numbers(const char *text, struct order *o)
{
	bool taken[ORDER_LINES_MAX] = {false};
	struct order new = {.count = o->count};
	for (const char *at = text + strspn(text, " ,"); *at; at += strspn(at, " ,")) {
		char *end;
		long number = strtol(at, &end, 10);
		if (end == at || number < 1 || number > o->count || taken[o->line[number - 1]])
			return false;
		new.line[new.used++] = o->line[number - 1];
		taken[o->line[number - 1]] = true;
		at = end;
	}
	for (int i = 0, n = new.used; i < o->count; i++)
		if (!taken[o->line[i]])
			new.line[n++] = o->line[i];
	*o = new;
	return true;
}

enum said plain_order(struct plain *p, int at, const struct piece *piece, bool *right)
{
	const char *id = p->study.lesson->id, *answer = progress_answer(p->progress, id, p->study.step, at);
	char *seed = xasprintf("%s %d", id, p->study.step + 1), text[ORDER_TEXT_MAX];
	struct order shown = order_shuffled(piece, seed), o = shown;
	free(seed);
	*right = false;
	order_read(piece, answer, &o, right);
	plain_markdown(p, piece->ask ? piece->ask : "");
	for (int i = 0; i < shown.count; i++)
		plain_say(p, "  %d. %s", i + 1, piece->choices[shown.line[i]].text);
	if (*right)
		plain_say(p, "%s", _("You had it right before."));
	for (;;) {
		enum said said = plain_prompt(p, _("Their numbers from the first line to the last, like 3 1 2; some may not belong [Enter goes on] "));
		if (said != SAID_TEXT)
			return said == SAID_RUN ? SAID_NOTHING : said;
		o = shown;
		int first;
		if (!read_numbers(p->line, &o)) {
			plain_say(p, _("Numbers from 1 to %d, each once, please."), shown.count);
			continue;
		}
		char *frame = text_read(piece->file), *program = frame ? order_assemble(frame, piece, &o, &first) : NULL;
		if (!program) {
			plain_say(p, _("%s can't be read"), piece->file);
			free(frame);
			return SAID_NOTHING;
		}
		plain_say(p, "%s", _("Building and running it:"));
		fflush(stdout);
		*right = judge(p, program);
		free(program);
		free(frame);
		progress_set_answer(p->progress, id, p->study.step, at, order_write(&o, *right, text));
		if (p->signal)
			return SAID_SIGNAL;
		if (*right) {
			plain_say(p, "%s", _("Right."));
			if (piece->why)
				plain_markdown(p, piece->why);
			return SAID_NOTHING;
		}
	}
}
