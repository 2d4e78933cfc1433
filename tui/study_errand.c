/* What else the lesson's one child process does but run: builds, order puzzles, the Python twin. It is started, held,
 * stopped and reaped as runs are; what it printed is shown by the Output view until the next run or errand. */
#include "tui/study_puzzle.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

static bool is_program(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

const char *study_which(const char *name)
{
	static char path[PATH_MAX];
	const char *dirs = getenv("PATH");
	if (strchr(name, '/'))
		return is_program(name) ? name : NULL;
	if (!dirs || !*dirs)
		dirs = "/usr/local/bin:/usr/bin:/bin";
	for (;;) {
		size_t n = strcspn(dirs, ":");
		int used = snprintf(path, sizeof(path), "%.*s/%s", n ? (int)n : 1, n ? dirs : ".", name);
		if (used > 0 && used < (int)sizeof(path) && is_program(path))
			return path;
		if (!dirs[n])
			return NULL;
		dirs += n + 1;
	}
}

bool study_errand_live(const struct app *app)
{
	return app->study && app->study->errand != ERRAND_RUN;
}

bool study_busy(const struct app *app)
{
	return study_live(app) || study_errand_live(app);
}

bool study_errand_start(struct app *app, enum errand errand, char *const argv[], const char *words, errand_ended *ended)
{
	struct study *s = app->study;
	if (app->quit)
		return false;
	if (study_busy(app)) {
		app_say(app, ROLE_WARN, _("Something is running already: s stops it"));
		return false;
	}
	if (!app_run(app, argv, false, &screen_study))
		return false;
	s->errand = errand;
	s->errand_ended = ended;
	free(s->errand_words);
	s->errand_words = xstrdup(words);
	s->errand_output_shown = true;
	free(s->errand_output);
	s->errand_output = NULL;
	s->scroll = s->sideways = 0;
	return true;
}

void study_errand_child(struct app *app, bool ended)
{
	struct study *s = app->study;
	struct program *c = &app->child;
	if (!ended) {
		study_order_news(app);
		return;
	}
	/* From here on the child process is free for the next errand, which the callback may start. */
	free(s->errand_output);
	s->errand_output = c->output.text ? c->output.text : xstrdup("");
	c->output = (struct bytes){0};
	s->errand = ERRAND_RUN;
	char *output = xstrdup(s->errand_output);
	struct errand_end end = {.stopped = c->stopping, .exit_code = c->exit_code, .signal = c->signal, .output = output};
	if (end.stopped)
		app_say(app, ROLE_WARN, c->hard ? _("Stopped (it did not listen and was killed)") : _("Stopped"));
	else if (end.signal)
		app_say(app, ROLE_BAD, _("Killed by signal %d (%s)"), end.signal, strsignal(end.signal));
	s->errand_ended(app, &end);
	free(output);
}

void study_errand_status(struct app *app, struct rect row)
{
	const struct study *s = app->study;
	const struct program *c = &app->child;
	const char *state = c->stopping ? _("stopping") : c->paused ? _("held: p lets it go on") : _("s stops it");
	struct rect left = row;
	left.cols -= canvas_width(state) + 2;
	canvas_text(app->canvas, left, 0, 1, ROLE_CODE, s->errand_words);
	if (canvas_width(state) + 14 < row.cols)
		canvas_text(app->canvas, row, 0, row.cols - canvas_width(state) - 1, ROLE_STATUS, state);
}

const char *study_output(const struct app *app, const struct slot *slot)
{
	const struct study *s = app->study;
	if (s->errand_output_shown)
		return study_errand_live(app) ? app->child.output.text : s->errand_output;
	return !slot ? NULL : slot->state == RUN_LIVE ? app->child.output.text : slot->output;
}

/* ---- the Python twin ---- */

static void twin_ended(struct app *app, const struct errand_end *end)
{
	if (end->stopped || end->signal)
		return;
	if (end->exit_code)
		app_say(app, ROLE_BAD, _("Python ended with status %d"), end->exit_code);
	else
		app_say(app, ROLE_GOOD, _("Python is done"));
}

bool study_twin_run(struct app *app)
{
	struct study *s = app->study;
	char unbuffered[] = "-u", path[PATH_MAX];
	const char *share = util_share_dir(), *python = study_which("python3");
	snprintf(path, sizeof(path), "%s/%s/twin.py", share ? share : ".", s->lesson->dir);
	if (access(path, R_OK) != 0) {
		app_say(app, ROLE_DIM, _("This lesson has no Python twin"));
		return true;
	}
	if (!python) {
		app_say(app, ROLE_WARN, _("There is no python3 here: install the package python3"));
		return true;
	}
	char *program = xstrdup(python), *argv[] = {program, unbuffered, path, NULL};
	char *words = xasprintf("$ python3 %s/twin.py", s->lesson->dir);
	if (study_errand_start(app, ERRAND_TWIN, argv, words, twin_ended))
		s->view = VIEW_OUTPUT;
	free(words);
	free(program);
	return true;
}
