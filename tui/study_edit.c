/* e: the learner's editor on a copy of the lesson's program. */
#include "tui/study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

/* How an editor is told the line: +LINE before the file, or FILE:LINE. Others get the file alone. */
static const struct {
	const char *name;
	enum { PLUS, COLON, GOTO } how;
} editors[] = {
	{"vi", PLUS},    {"vim", PLUS},  {"nvim", PLUS}, {"view", PLUS}, {"nvi", PLUS},         {"elvis", PLUS},  {"nano", PLUS},
	{"pico", PLUS},  {"emacs", PLUS}, {"mg", PLUS},  {"jed", PLUS},  {"emacsclient", PLUS}, {"joe", PLUS},    {"jmacs", PLUS},
	{"ne", PLUS},    {"micro", PLUS}, {"kak", PLUS}, {"editor", PLUS}, {"sensible-editor", PLUS}, {"hx", COLON}, {"helix", COLON},
	{"code", GOTO},  {"codium", GOTO},
};

/* The words of a command line whose program is here; NULL: it is not. */
static char **editor_words(const char *command)
{
	char **words = program_words(command);
	if (words && words[0] && study_which(words[0]))
		return words;
	program_words_free(words);
	return NULL;
}

/* The editor that was chosen, else one that is here. NULL with a sentence said. */
static char **find_editor(struct app *app)
{
	static const char *const chosen[] = {"VISUAL", "EDITOR"}, *const others[] = {"sensible-editor", "editor", "nano", "vi"};
	for (size_t i = 0; i < sizeof(chosen) / sizeof(*chosen); i++) {
		const char *command = getenv(chosen[i]);
		if (!command || !*command)
			continue;
		char **words = editor_words(command);
		if (!words)
			app_say(app, ROLE_WARN, _("%s=%s: there is no such editor here"), chosen[i], command);
		return words;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		char **words = editor_words(others[i]);
		if (words)
			return words;
	}
	app_say(app, ROLE_WARN, _("There is no editor here: set EDITOR, or install the package nano"));
	return NULL;
}

/* words with the file, and the line for those that know how. */
static char **with_file(char **words, const char *file, int line)
{
	const char *slash = strrchr(words[0], '/'), *name = slash ? slash + 1 : words[0];
	size_t n = 0;
	while (words[n])
		n++;
	char **argv = xcalloc(n + 4, sizeof(*argv));
	memcpy(argv, words, n * sizeof(*argv));
	free(words);
	for (size_t i = 0; i < sizeof(editors) / sizeof(*editors); i++) {
		if (strcmp(name, editors[i].name))
			continue;
		if (editors[i].how == PLUS) {
			argv[n++] = xasprintf("+%d", line);
			break;
		}
		if (editors[i].how == GOTO) {
			argv[n++] = xstrdup("--wait");
			argv[n++] = xstrdup("--goto");
		}
		argv[n++] = xasprintf("%s:%d", file, line);
		return argv;
	}
	argv[n++] = xstrdup(file);
	return argv;
}

static void came_back(struct app *app, int status)
{
	if (WIFSIGNALED(status))
		app_say(app, ROLE_WARN, _("The editor was killed by signal %d"), WTERMSIG(status));
	else if (WEXITSTATUS(status))
		app_say(app, ROLE_WARN, _("The editor ended with status %d"), WEXITSTATUS(status));
	study_mine_edited(app);
}

bool study_edit(struct app *app)
{
	int line;
	if (study_busy(app)) {
		app_say(app, ROLE_WARN, _("A run is live: s stops it first"));
		return true;
	}
	char **words = find_editor(app);
	if (!words)
		return true;
	const char *file = study_mine_prepare(app, &line);
	if (!file) {
		program_words_free(words);
		return true;
	}
	char **argv = with_file(words, file, line);
	app_give_away(app, argv, came_back);
	return true;
}
