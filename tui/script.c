#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include "kernels/bench/util.h"
#include "tui/script.h"

struct script {
	char *name;
	FILE *in;
	char *line;
	size_t room;
	int number;
	int64_t until;     /* of a wait; 0: none */
	enum { TIME, NO_RUN, TEXT, FILE_THERE } what; /* it waits for; until is the last moment of all but the first */
	char *wanted;      /* the text, the file */
};

/* What the screen shows is looked for as often as this, in ms. */
enum { LOOK = 50, PATIENCE = 60000 };

struct script *script_load(const char *file)
{
	FILE *in = fopen(file, "re");
	if (!in)
		return NULL;
	struct script *s = xcalloc(1, sizeof(*s));
	s->in = in;
	s->name = xstrdup(file);
	return s;
}

void script_free(struct script *s)
{
	if (!s)
		return;
	fclose(s->in);
	free(s->name);
	free(s->line);
	free(s->wanted);
	free(s);
}

static bool shows(struct app *app, const char *text)
{
	char *all = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&all, &length);
	if (!out)
		return false;
	app_draw(app);
	canvas_save_text(app->canvas, out);
	fclose(out);
	bool found = false;
	for (char *line = strtok(all, "\n"); line && !found; line = strtok(NULL, "\n"))
		found = strstr(line, text) != NULL;
	free(all);
	return found;
}

static bool at_cursor(struct app *app, const char *text)
{
	char row[2048] = "";
	size_t used = 0;
	app_draw(app);
	const struct canvas *c = app->canvas;
	if (c->cursor_y < 0 || c->cursor_x < 0 || c->cursor_y >= c->rows || c->cursor_x >= c->cols)
		return false;
	for (int x = c->cursor_x; x < c->cols && used < sizeof(row) - sizeof(c->cells->text); x++)
		used += (size_t)snprintf(row + used, sizeof(row) - used, "%s", c->cells[(size_t)c->cursor_y * (size_t)c->cols + (size_t)x].text);
	return !strncmp(row + strspn(row, " "), text, strlen(text));
}

static bool save(struct app *app, const char *file)
{
	size_t length = strlen(file);
	FILE *out = fopen(file, "we");
	if (!out)
		return false;
	app_draw(app);
	if (length > 4 && !strcmp(file + length - 4, ".svg"))
		canvas_save_svg(app->canvas, out, "Lockstep");
	else
		canvas_save_text(app->canvas, out);
	bool good = !ferror(out);
	return fclose(out) == 0 && good;
}

static void type_text(struct app *app, const char *text)
{
	mbstate_t state = {0};
	wchar_t wide;
	size_t n;
	while (*text && (n = mbrtowc(&wide, text, strlen(text), &state)) != 0 && n < (size_t)-2) {
		app_key(app, (int)wide);
		text += n;
	}
}

static enum script_state fail(const struct script *s, struct app *app, const char *what, const char *text, bool screen)
{
	fprintf(stderr, "%s:%d: %s%s\n", s->name, s->number, what, text);
	if (screen) {
		app_draw(app);
		canvas_save_text(app->canvas, stderr);
	}
	return SCRIPT_FAILED;
}

/* One command; SCRIPT_WAITS: go on with the next, unless a wait was set. */
static enum script_state command(struct script *s, struct app *app, char *line)
{
	char *rest = line + strcspn(line, " ");
	if (*rest)
		*rest++ = '\0';
	rest += strspn(rest, " ");
	double seconds;
	int cols, rows;
	char way[8];
	if (!strcmp(line, "key")) {
		int key = action_key_parse(rest);
		if (key == K_NONE)
			return fail(s, app, "no such key: ", rest, false);
		app_key(app, key);
	} else if (!strcmp(line, "click")) {
		if (sscanf(rest, "%d %d", &cols, &rows) != 2)
			return fail(s, app, "not a column and a row: ", rest, false);
		mouse_click(app, rows - 1, cols - 1);
	} else if (!strcmp(line, "wheel")) {
		if (sscanf(rest, "%7s %d %d", way, &cols, &rows) != 3 || (strcmp(way, "up") && strcmp(way, "down")))
			return fail(s, app, "not up or down, a column and a row: ", rest, false);
		mouse_wheel(app, rows - 1, cols - 1, way[0] == 'u' ? -1 : 1);
	} else if (!strcmp(line, "type")) {
		type_text(app, rest);
	} else if (!strcmp(line, "wait") || !strcmp(line, "wait-run")) {
		s->what = line[4] ? NO_RUN : TIME;
		seconds = PATIENCE / 1e3;
		if ((*rest || s->what == TIME) && (!util_number(rest, &seconds) || seconds < 0 || seconds > 3600))
			return fail(s, app, "not a time in seconds: ", rest, false);
		s->until = program_now() + (int64_t)(seconds * 1e3);
	} else if (!strcmp(line, "wait-for") || !strcmp(line, "wait-file")) {
		s->what = line[6] == 'o' ? TEXT : FILE_THERE;
		free(s->wanted);
		s->wanted = xstrdup(rest);
		s->until = program_now() + PATIENCE;
	} else if (!strcmp(line, "resize")) {
		if (sscanf(rest, "%d%*[ x]%d", &cols, &rows) != 2 || cols < 1 || rows < 1 || cols > 1000 || rows > 1000)
			return fail(s, app, "not a size in columns and rows: ", rest, false);
		app_resize(app, rows, cols);
	} else if (!strcmp(line, "save-display")) {
		if (!save(app, rest))
			return fail(s, app, strerror(errno), ": the display can't be saved", false);
	} else if (!strcmp(line, "expect")) {
		if (!shows(app, rest))
			return fail(s, app, "not on the screen: ", rest, true);
	} else if (!strcmp(line, "expect-cursor")) {
		if (!at_cursor(app, rest))
			return fail(s, app, "not at the cursor: ", rest, true);
	} else if (!strcmp(line, "refute")) {
		if (shows(app, rest))
			return fail(s, app, "on the screen, but should not be: ", rest, true);
	} else if (!strcmp(line, "quit")) {
		return SCRIPT_ENDED;
	} else {
		return fail(s, app, "no such command: ", line, false);
	}
	return app->quit ? SCRIPT_ENDED : SCRIPT_WAITS;
}

static const char *const patience[] = {
	[NO_RUN] = "the run did not end in time",
	[TEXT] = "not on the screen within a minute: ",
	[FILE_THERE] = "not there within a minute: ",
};

/* What is waited for, other than time. */
static bool reached(const struct script *s, struct app *app)
{
	switch (s->what) {
	case NO_RUN: return !program_live(&app->child);
	case TEXT: return shows(app, s->wanted);
	case FILE_THERE: return access(s->wanted, F_OK) == 0;
	case TIME: break;
	}
	return true;
}

enum script_state script_go(struct script *s, struct app *app, int *wait_ms)
{
	for (;;) {
		if (app->outside) /* what comes next is typed when it has ended */
			return SCRIPT_WAITS;
		if (s->until > 0) {
			int64_t left = s->until - program_now();
			bool over = s->what == TIME ? left <= 0 : reached(s, app);
			if (!over && left <= 0)
				return fail(s, app, patience[s->what], s->what == NO_RUN ? "" : s->wanted, true);
			if (!over) {
				int look = s->what == TEXT || s->what == FILE_THERE ? LOOK : (int)left;
				if (*wait_ms < 0 || look < *wait_ms)
					*wait_ms = look;
				return SCRIPT_WAITS;
			}
			s->until = 0;
		}
		ssize_t n = getline(&s->line, &s->room, s->in);
		if (n < 0)
			return SCRIPT_ENDED;
		s->number++;
		while (n > 0 && (s->line[n - 1] == '\n' || s->line[n - 1] == '\r'))
			s->line[--n] = '\0';
		char *line = s->line + strspn(s->line, " \t");
		if (!*line || *line == '#')
			continue;
		enum script_state state = command(s, app, line);
		if (state != SCRIPT_WAITS)
			return state;
	}
}
