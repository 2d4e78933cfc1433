/* `lockstep COMMAND …`: finds the program behind a command and becomes it. Small, so that it costs nothing. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

static const struct command {
	const char *name, *args, *about;
} commands[] = {
	{"list", "[--json]", N_("the lessons of the course")},
	{"run", "[--mine] LESSON [options]", N_("one lesson in plain text (LESSON --help: its options)")},
	{"build", "LESSON FILE -o PROGRAM", N_("compile a changed copy of a lesson's program")},
	{"bench", "[KERNEL...|all] [options]", N_("measure kernels")},
	{"peers", "[KERNEL...|all] [options]", N_("kernels beside what people would use instead")},
	{"plot", "FILE... [options]", N_("draw charts from records")},
	{"compare", "FILE|DIR... [options]", N_("many machines, or a whole class, beside each other")},
	{"report", "[LESSON...|FILE...] [options]", N_("a page of what was predicted, measured and changed")},
	{"doctor", "[--json]", N_("what works on this machine, what not, and the cure")},
	{"notes", "[options]", N_("a presenter's notes, beside `lockstep --present`")},
	{"manual", "PAGE", N_("a man page, or the completion for a shell")},
	{"help", "[COMMAND]", N_("this text, or a command's")},
};

/* Edits that make one word the other: insert, delete, replace, swap neighbours. Words are short. */
static int distance(const char *a, const char *b)
{
	enum { LONGEST = 40 };
	int d[LONGEST + 1][LONGEST + 1];
	size_t n = strlen(a), m = strlen(b);
	if (n > LONGEST || m > LONGEST)
		return INT_MAX;
	for (size_t i = 0; i <= n; i++) {
		for (size_t j = 0; j <= m; j++) {
			if (i == 0 || j == 0) {
				d[i][j] = (int)(i + j);
				continue;
			}
			int best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	}
	return d[n][m];
}

struct nearest {
	char name[NAME_MAX + 1];
	int distance;
};

static void consider(struct nearest *n, const char *word, const char *name)
{
	int d = distance(word, name);
	/* The beginning of a name is nearer than any misspelling. */
	if (*word && !strncmp(name, word, strlen(word)))
		d = 0;
	if (d < n->distance) {
		n->distance = d;
		snprintf(n->name, sizeof(n->name), "%s", name);
	}
}

static bool near_enough(const struct nearest *n, const char *word)
{
	return n->distance <= 1 + (int)strlen(word) / 3;
}

static int usage(void)
{
	puts(_("usage: lockstep [LESSON] [options]    open the course on the screen\n"
	       "       lockstep COMMAND ...\n"));
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		printf("  %-8s %-28s %s\n", commands[i].name, commands[i].args, _(commands[i].about));
	puts(_("\n  -h, --help, -V, --version; `lockstep help screen` tells the options of the screen"));
	return EXIT_RIGHT;
}

/* The table for the makers of manuals. */
static int usage_json(void)
{
	fputs("{\"commands\":[", stdout);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		printf("%s{\"name\":\"%s\",\"args\":\"%s\",\"about\":\"%s\"}", i ? "," : "", commands[i].name, commands[i].args,
		       commands[i].about);
	puts("]}");
	return EXIT_RIGHT;
}

/* A word that may be part of a program's name: no slash, no dot, nothing odd. */
static bool plain(const char *word)
{
	for (const char *p = word; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_')
			return false;
	return *word && *word != '-';
}

static bool is_program(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static int become(const char *path, char **argv)
{
	char *name = xstrdup(path);
	argv[0] = name;
	execv(path, argv);
	fprintf(stderr, _("lockstep: %s can't be started: %s\n"), path, strerror(errno));
	free(name);
	return EXIT_USAGE;
}

/* The program that the learner made of a copy (e on the screen). */
static int run_mine(char **argv)
{
	char path[PATH_MAX];
	const char *id = argv[0], *data = util_data_dir(false);
	if (id && plain(id) && data && snprintf(path, sizeof(path), "%s/%s/%s", data, id, id) < (int)sizeof(path) && is_program(path))
		return become(path, argv);
	fprintf(stderr, _("lockstep: there is no program of yours%s%s: e in the lesson makes one\n"), id ? " for " : "", id ? id : "");
	return EXIT_USAGE;
}

static int run_lesson(const char *dir, char **argv)
{
	char path[PATH_MAX];
	if (argv[0] && !strcmp(argv[0], "--mine"))
		return run_mine(argv + 1);
	const char *id = argv[0];
	struct nearest nearest = {.distance = INT_MAX};
	if (!id) {
		fputs(_("lockstep: run which lesson? `lockstep list` names them\n"), stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(id, "-h") || !strcmp(id, "--help")) {
		puts(_("usage: lockstep run LESSON [options]\nRuns one lesson in plain text. `lockstep list` names the lessons, "
		       "`lockstep run LESSON --help` tells its options."));
		return EXIT_RIGHT;
	}
	if (plain(id) && snprintf(path, sizeof(path), "%s/lessons/%s", dir, id) < (int)sizeof(path) && is_program(path))
		return become(path, argv);
	snprintf(path, sizeof(path), "%s/lessons", dir);
	DIR *lessons = opendir(path);
	for (struct dirent *e; lessons && (e = readdir(lessons));)
		if (plain(e->d_name))
			consider(&nearest, id, e->d_name);
	if (lessons)
		closedir(lessons);
	if (near_enough(&nearest, id))
		fprintf(stderr, _("lockstep: there is no lesson \"%s\"; did you mean %s?\n"), id, nearest.name);
	else if (nearest.distance == INT_MAX)
		fprintf(stderr, _("lockstep: there is no lesson \"%s\": no lessons are built (make builds them)\n"), id);
	else
		fprintf(stderr, _("lockstep: there is no lesson \"%s\"; `lockstep list` names them\n"), id);
	return EXIT_USAGE;
}

static int run_command(const char *dir, const char *name, char **argv)
{
	char path[PATH_MAX];
	struct nearest nearest = {.distance = INT_MAX};
	if (plain(name) && snprintf(path, sizeof(path), "%s/lockstep-%s", dir, name) < (int)sizeof(path) && is_program(path))
		return become(path, argv);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (!strcmp(commands[i].name, name)) {
			fprintf(stderr, _("lockstep: %s: the program lockstep-%s is not built here\n"), name, name);
			return EXIT_USAGE;
		}
		consider(&nearest, name, commands[i].name);
	}
	if (near_enough(&nearest, name))
		fprintf(stderr, _("lockstep: there is no command \"%s\"; did you mean %s?\n"), name, nearest.name);
	else
		fprintf(stderr, _("lockstep: there is no command \"%s\"; `lockstep help` lists them\n"), name);
	return EXIT_USAGE;
}

static int help(const char *dir, const char *about)
{
	char help_option[] = "--help", none[] = "";
	char *argv[] = {none, help_option, NULL};
	if (!about)
		return usage();
	if (!strcmp(about, "run") || !strcmp(about, "help"))
		return usage();
	return run_command(dir, !strcmp(about, "screen") ? "tui" : about, argv);
}

int main(int argc, char **argv)
{
	char path[PATH_MAX];
	const char *dir = util_exec_dir(), *word = argc > 1 ? argv[1] : NULL;
	words_start();
	if (word && (!strcmp(word, "-V") || !strcmp(word, "--version"))) {
		puts("lockstep " LOCKSTEP_VERSION);
		return EXIT_RIGHT;
	}
	if (word && (!strcmp(word, "-h") || !strcmp(word, "--help")))
		return usage();
	if (word && !strcmp(word, "--usage"))
		return usage_json();
	if (!dir) {
		fputs(_("lockstep: its programs can't be found (is /proc mounted?)\n"), stderr);
		return EXIT_CANNOT;
	}
	if (word && !strcmp(word, "help"))
		return help(dir, argv[2]);
	if (word && !strcmp(word, "run"))
		return run_lesson(dir, argv + 2);
	/* A lesson's name alone opens it on the screen, as do options. */
	bool lesson = word && plain(word) && snprintf(path, sizeof(path), "%s/lessons/%s", dir, word) < (int)sizeof(path) &&
		      is_program(path);
	if (!word || word[0] == '-' || lesson)
		return run_command(dir, "tui", argv);
	return run_command(dir, word, argv + 1);
}
