/* The learner's own copy of a lesson's program: $XDG_DATA_HOME/lockstep/LESSON/lesson.c, what it was copied from beside it, and
 * the program that was built of it. */
#include "tui/study.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

enum { COPY_MAX = 1 << 20 };

struct mine {
	char *dir, *copy, *original, *program; /* paths; original: what the copy was made of */
	char *text;                            /* of the copy, NULL: there is none */
	bool on;                               /* runs are of the copy */
	bool shown;                            /* the Code view shows the copy */
	bool outdated;                         /* the lesson's program is another by now */
	struct view_message *messages;         /* of the compiler, about the copy */
	int message_count, told_step;          /* told_step: where the learner was when they came */
};

/* ---- files ---- */

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return NULL;
	char *text = xmalloc(COPY_MAX + 1);
	size_t n = fread(text, 1, COPY_MAX, file);
	text[n] = '\0';
	bool good = !ferror(file);
	fclose(file);
	if (good)
		return text;
	free(text);
	return NULL;
}

/* Whole or not at all. */
static bool write_file(const char *path, const char *text)
{
	char *fresh = xasprintf("%s.new", path);
	FILE *file = fopen(fresh, "we");
	bool good = file && fputs(text, file) >= 0;
	good = file && fclose(file) == 0 && good && rename(fresh, path) == 0;
	int error = errno;
	if (file && !good)
		unlink(fresh);
	free(fresh);
	errno = error;
	return good;
}

static char *lesson_text(const struct study *s)
{
	char *path = xasprintf("%s/lesson.c", s->lesson->dir), *text = text_read(path);
	free(path);
	return text;
}

static bool same(const char *a, const char *b) { return a && b && !strcmp(a, b); }

static struct mine *mine_of(struct study *s)
{
	if (s->mine)
		return s->mine;
	const char *data = util_data_dir(false);
	s->mine = xcalloc(1, sizeof(*s->mine));
	if (data) {
		s->mine->dir = xasprintf("%s/%s", data, s->lesson->id);
		s->mine->copy = xasprintf("%s/lesson.c", s->mine->dir);
		s->mine->original = xasprintf("%s/original.c", s->mine->dir);
		s->mine->program = xasprintf("%s/%s", s->mine->dir, s->lesson->id);
	}
	return s->mine;
}

/* What is on disk now: it may be changed from elsewhere. */
static struct mine *mine_now(struct study *s)
{
	struct mine *m = mine_of(s);
	free(m->text);
	m->text = m->copy ? read_file(m->copy) : NULL;
	char *original = m->text ? read_file(m->original) : NULL, *lesson = m->text ? lesson_text(s) : NULL;
	m->outdated = original && lesson && strcmp(original, lesson);
	free(original);
	free(lesson);
	if (!m->text)
		m->on = m->shown = false;
	return m;
}

static void forget_messages(struct mine *m)
{
	for (int i = 0; i < m->message_count; i++)
		free(m->messages[i].text);
	free(m->messages);
	m->messages = NULL;
	m->message_count = 0;
}

void study_mine_free(struct study *s)
{
	struct mine *m = s->mine;
	if (!m)
		return;
	forget_messages(m);
	free(m->dir);
	free(m->copy);
	free(m->original);
	free(m->program);
	free(m->text);
	free(m);
	s->mine = NULL;
}

/* Is the program that of the copy as it is now? */
static bool is_built(const struct mine *m)
{
	struct stat program, copy;
	if (!m->copy || stat(m->program, &program) != 0 || stat(m->copy, &copy) != 0 || access(m->program, X_OK) != 0)
		return false;
	return program.st_mtim.tv_sec != copy.st_mtim.tv_sec ? program.st_mtim.tv_sec > copy.st_mtim.tv_sec
							     : program.st_mtim.tv_nsec >= copy.st_mtim.tv_nsec;
}

/* ---- what the compiler said ---- */

/* A typographic quote stands for a plain one, so that every terminal can show it. */
static void plain_quotes(char *text)
{
	char *to = text;
	for (const char *from = text; *from;) {
		if (!strncmp(from, "\xe2\x80\x98", 3) || !strncmp(from, "\xe2\x80\x99", 3)) {
			*to++ = '\'';
			from += 3;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

static void add_message(struct mine *m, int line, bool error, const char *text, size_t n)
{
	int at = m->message_count;
	m->messages = xrealloc(m->messages, (size_t)(at + 1) * sizeof(*m->messages));
	for (; at > 0 && m->messages[at - 1].line > line; at--)
		m->messages[at] = m->messages[at - 1];
	m->messages[at] = (struct view_message){.line = line, .error = error, .text = xasprintf("%.*s", (int)n, text)};
	plain_quotes(m->messages[at].text);
	m->message_count++;
}

/* "FILE:LINE:COLUMN: error: …" of the compiler, "FILE:LINE: undefined reference …" of the linker. */
static void read_messages(struct mine *m, const char *output)
{
	size_t length = strlen(m->copy);
	forget_messages(m);
	for (const char *s = output; *s;) {
		size_t n = strcspn(s, "\n");
		const char *rest = s + length, *end = s + n;
		char *after;
		if (n > length && !strncmp(s, m->copy, length) && *rest == ':') {
			long line = strtol(rest + 1, &after, 10), column = -1;
			if (*after == ':')
				column = strtol(after + 1, &after, 10);
			rest = column >= 0 && *after == ':' ? after + 1 : after;
			rest += strspn(rest, ": ");
			bool warning = !strncmp(rest, "warning: ", 9), error = !strncmp(rest, "error: ", 7) ||
				!strncmp(rest, "fatal error: ", 13) || !strncmp(rest, "undefined reference", 19);
			if (line > 0 && line < 1000000 && rest < end && (warning || error))
				add_message(m, (int)line, error, rest, (size_t)(end - rest));
		}
		s += n + (s[n] == '\n');
	}
}

/* ---- building ---- */

static void say_last_line(struct app *app, const char *output)
{
	size_t n = strlen(output);
	while (n > 0 && output[n - 1] == '\n')
		n--;
	size_t from = n;
	while (from > 0 && output[from - 1] != '\n')
		from--;
	app_say(app, ROLE_BAD, "%.*s", (int)(n - from), output + from);
}

bool study_mine_told(const struct study *s)
{
	return s->mine && s->mine->message_count > 0 && s->mine->told_step == s->step;
}

static void built(struct app *app, const struct errand_end *end)
{
	struct study *s = app->study;
	struct mine *m = mine_now(s);
	unsigned long errors = 0, warnings = 0;
	if (end->stopped || end->signal || !m->text)
		return;
	read_messages(m, end->output);
	m->told_step = s->step;
	for (int i = 0; i < m->message_count; i++)
		*(m->messages[i].error ? &errors : &warnings) += 1;
	s->scroll = s->sideways = 0;
	s->view = VIEW_CODE;
	m->on = end->exit_code == 0;
	if (m->on && warnings)
		app_say(app, ROLE_WARN, ngettext("Built, with %lu warning: runs are yours now, y goes back",
						 "Built, with %lu warnings: runs are yours now, y goes back", warnings), warnings);
	else if (m->on)
		app_say(app, ROLE_GOOD, _("Built: runs are of your program now, y goes back to the lesson's"));
	else if (errors)
		app_say(app, ROLE_BAD, ngettext("%lu error: e opens your copy again, 6 shows all that was said",
						"%lu errors: e opens your copy again, 6 shows all that was said", errors), errors);
	if (m->on || errors)
		return;
	s->view = VIEW_OUTPUT;
	say_last_line(app, end->output);
}

static void build(struct app *app)
{
	struct study *s = app->study;
	struct mine *m = s->mine;
	const char *exec = util_exec_dir();
	char *program = xasprintf("%s/lockstep-build", exec ? exec : "."), option[] = "-o", *id = xstrdup(s->lesson->id);
	char *words = xasprintf(_("building your %s"), id), *argv[] = {program, id, m->copy, option, m->program, NULL};
	forget_messages(m);
	m->shown = true;
	m->on = false;
	s->view = VIEW_CODE;
	s->twin = false;
	study_errand_start(app, ERRAND_BUILD, argv, words, built);
	free(words);
	free(id);
	free(program);
}

/* ---- the keys ---- */

/* The line of the step's excerpt, or of the first error. */
static int line_of_interest(const struct study *s, const struct mine *m)
{
	int first, last;
	for (int i = 0; i < m->message_count; i++)
		if (m->messages[i].error)
			return m->messages[i].line;
	for (int i = 0; i < study_step(s)->count; i++) {
		const struct piece *p = &study_step(s)->pieces[i];
		if (p->kind == PIECE_CODE && p->name && *p->name && text_excerpt(m->text, p->name, &first, &last))
			return first;
	}
	return 1;
}

const char *study_mine_prepare(struct app *app, int *line)
{
	struct study *s = app->study;
	struct mine *m = mine_now(s);
	char *lesson = lesson_text(s), *original = m->text ? read_file(m->original) : NULL;
	const char *file = NULL;
	struct stat st;
	if (!lesson) {
		app_say(app, ROLE_DIM, _("This lesson has no program text to change"));
		goto out;
	}
	if (!m->text && m->copy && lstat(m->copy, &st) == 0) { /* it is there: nothing may take its place */
		app_say(app, ROLE_BAD, _("%s can't be read"), m->copy);
		goto out;
	}
	if (!m->text || (m->outdated && same(m->text, original))) { /* none, or never changed */
		if (!util_data_dir(true) || (mkdir(m->dir, 0700) != 0 && errno != EEXIST) || !write_file(m->original, lesson) ||
		    !write_file(m->copy, lesson)) {
			app_say(app, ROLE_BAD, _("Your copy can't be made (%s): %s"), m->copy ? m->copy : "~", strerror(errno));
			goto out;
		}
		mine_now(s);
	}
	file = m->copy;
	*line = line_of_interest(s, m);
out:
	free(original);
	free(lesson);
	return file;
}

void study_mine_edited(struct app *app)
{
	struct study *s = app->study;
	struct mine *m = mine_now(s);
	char *lesson = lesson_text(s);
	if (!m->text) {
		app_say(app, ROLE_WARN, _("Your copy is gone: runs are of the lesson's program"));
	} else if (same(m->text, lesson)) {
		m->on = m->shown = false;
		forget_messages(m);
		if (!app->message[0])
			app_say(app, ROLE_STATUS, _("Your copy is as the lesson has it: there is nothing to build"));
	} else if (is_built(m)) {
		m->shown = true;
		s->view = VIEW_CODE;
		if (!app->message[0])
			app_say(app, ROLE_STATUS, m->on ? _("Nothing was changed: runs are of your program")
							: _("Nothing was changed: y runs your program"));
	} else {
		build(app);
	}
	free(lesson);
}

bool study_mine_switch(struct app *app)
{
	struct study *s = app->study;
	if (study_busy(app)) {
		app_say(app, ROLE_WARN, _("Something is running already: s stops it"));
		return true;
	}
	struct mine *m = mine_now(s);
	char *lesson = lesson_text(s);
	if (!m->text || same(m->text, lesson)) {
		app_say(app, ROLE_STATUS, _("You have no program of your own yet: e opens a copy in your editor"));
	} else if (m->on && is_built(m)) {
		m->on = m->shown = false;
		app_say(app, ROLE_STATUS, _("Runs are of the lesson's program again"));
	} else if (is_built(m)) {
		m->on = m->shown = true;
		app_say(app, ROLE_STATUS, _("Runs are of your program now"));
	} else {
		build(app);
	}
	free(lesson);
	return true;
}

static void discard(struct app *app)
{
	struct mine *m = mine_now(app->study);
	bool gone = unlink(m->copy) == 0 || errno == ENOENT;
	int error = errno;
	unlink(m->original);
	unlink(m->program);
	rmdir(m->dir); /* stays if there is something else in it */
	forget_messages(m);
	mine_now(app->study);
	app->study->scroll = app->study->sideways = 0;
	if (gone)
		app_say(app, ROLE_STATUS, _("Your copy is thrown away"));
	else
		app_say(app, ROLE_BAD, _("Your copy can't be thrown away: %s"), strerror(error));
}

bool study_mine_discard(struct app *app)
{
	if (study_busy(app))
		app_say(app, ROLE_WARN, _("Something is running already: s stops it"));
	else if (!mine_now(app->study)->text)
		app_say(app, ROLE_DIM, _("There is no copy of yours to throw away"));
	else
		app_ask(app, N_("Throw your changed copy of this program away?"), discard);
	return true;
}

/* ---- for the others ---- */

bool study_mine_on(const struct app *app)
{
	return app->study->mine && app->study->mine->on;
}

bool study_mine_program(struct app *app, const char *id, const char **program)
{
	const struct mine *m = app->study->mine;
	*program = NULL;
	if (!study_mine_on(app) || strcmp(id, app->study->lesson->id))
		return true;
	*program = m->program;
	if (is_built(m))
		return true;
	app_say(app, ROLE_WARN, _("Your copy has changed since it was built: y builds it again"));
	return false;
}

void study_mine_fill(struct app *app, struct view_input *in)
{
	const struct mine *m = app->study->mine;
	if (!m || !m->shown || !m->text)
		return;
	in->source = m->text;
	in->source_name = m->outdated ? _("older than the lesson's: your lesson.c") : _("your lesson.c");
	in->messages = m->messages;
	in->message_count = m->message_count;
}
