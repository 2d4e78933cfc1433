/* The two pages: help, made from the action table, and the machine, as the program `lockstep doctor` tells it. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/pager.h"

static enum place page_place(struct app *app)
{
	(void)app;
	return PLACE_PAGER;
}

static const char *page_enter(struct app *app)
{
	(void)app;
	return _("back");
}

/* ---- help ---- */

static enum place help_from = PLACE_LESSON;

/* "n PgDn", and "1-6" of keys that follow each other. */
static void name_keys(const struct action_info *a, char *keys, size_t size)
{
	char name[16];
	keys[0] = '\0';
	for (int k = 0; k < ACTION_KEYS && a->keys[k] != K_NONE; k++) {
		size_t used = strlen(keys);
		bool run = k + 2 < ACTION_KEYS && a->keys[k + 1] == a->keys[k] + 1 && a->keys[k + 2] == a->keys[k] + 2;
		snprintf(keys + used, size - used, "%s%s%s", k ? " " : "", action_key_name(a->keys[k], name, sizeof(name)), run ? "-" : "");
		while (run && k + 1 < ACTION_KEYS && a->keys[k + 1] == a->keys[k] + 1)
			k++;
		used = strlen(keys);
		if (run)
			snprintf(keys + used, size - used, "%s", action_key_name(a->keys[k], name, sizeof(name)));
	}
}

/* Columns for keys: what the longest group takes, but the words keep most of the width. */
static int key_column(int width)
{
	int widest = 0;
	char keys[64];
	for (const struct action_info *a = actions; a->action != ACT_NONE; a++) {
		name_keys(a, keys, sizeof(keys));
		widest = canvas_width(keys) > widest ? canvas_width(keys) : widest;
	}
	int most = width >= 60 ? width / 5 : width / 4;
	return widest < most ? widest : most;
}

/* What is told of keys stands in one column; under keys that are too long for theirs it begins on a row of its own. */
static void add_keys(struct pager *p, const char *keys, const char *help, int column, int width)
{
	int used = canvas_width(keys);
	char *line = used > column ? xasprintf("  %s", keys) : xasprintf("  %s%*s  %s", keys, column - used, "", help);
	pager_add(p, ROLE_PLAIN, line, width, column + 4);
	free(line);
	if (used <= column)
		return;
	line = xasprintf("%*s%s", column + 4, "", help);
	pager_add(p, ROLE_PLAIN, line, width, column + 4);
	free(line);
}

static void fill_help(struct app *app, struct pager *p, int width)
{
	/* Where the learner comes from is told first. */
	enum place order[] = {help_from, PLACE_LESSON, PLACE_CURVE, PLACE_ORDER, PLACE_OPTIONS, PLACE_PICK, PLACE_PRESENT, PLACE_VOTE,
			      PLACE_MAP, PLACE_PAGER, PLACE_FIELD, PLACE_ASK};
	bool told[ACTIONS] = {false};
	char line[256], keys[64];
	int column = key_column(width);
	pager_clear(p);
	pager_add(p, ROLE_PLAIN, _("Enter always does the next sensible thing; the last row says what that is. A lesson goes: read, "
		  "guess, run, compare, why, a question, next. Nothing goes on by itself."), width, 0);
	pager_add(p, ROLE_PLAIN, _("The command line above the last row does the same without this screen (where it was built: build/lockstep). "
		  "^C leaves at once: a live run is stopped, and what was done is kept."), width, 0);
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		bool any = false;
		for (const struct action_info *a = actions; a->action != ACT_NONE; a++)
			any = any || ((a->where & (1u << order[i])) && (!told[a->action] || order[i] == PLACE_FIELD));
		if (!any)
			continue;
		pager_add(p, ROLE_PLAIN, "", width, 0);
		snprintf(line, sizeof(line), _("On %s"), _(place_words[order[i]]));
		pager_add(p, ROLE_HEADING, line, width, 0);
		for (const struct action_info *a = actions; a->action != ACT_NONE; a++) {
			if (!(a->where & (1u << order[i])) || (told[a->action] && order[i] != PLACE_FIELD))
				continue;
			told[a->action] = true;
			name_keys(a, keys, sizeof(keys));
			add_keys(p, keys, _(a->help), column, width);
		}
	}
	(void)app;
}

static void help_draw(struct app *app, const struct layout *l)
{
	fill_help(app, app->help, l->body.cols - 4);
	pager_draw(app, app->help, l->body, _("Keys"));
}

static bool help_act(struct app *app, enum action action) { return pager_act(app, app->help, action); }
static void help_typed(struct app *app, bool accepted) { pager_typed(app, app->help, accepted); }
static void help_status(struct app *app, struct rect row) { pager_status(app, app->help, row); }

static void help_title(struct app *app, char *text, size_t size)
{
	(void)app;
	snprintf(text, size, "%s", _("Help"));
}

const struct screen screen_help = {
	.place = page_place, .draw = help_draw, .act = help_act, .enter = page_enter, .typed = help_typed,
	.title = help_title, .status = help_status,
};

void help_open(struct app *app)
{
	enum place here = app_place(app);
	if (here == PLACE_MAP || here == PLACE_CURVE || here == PLACE_ORDER || here == PLACE_OPTIONS || here == PLACE_PICK ||
	    here == PLACE_PRESENT || here == PLACE_VOTE)
		help_from = here;
	else if (here != PLACE_PAGER)
		help_from = PLACE_LESSON;
	app->help->top = 0;
	app_push(app, &screen_help);
}

/* ---- machine ---- */

/* In "✓ counters    words …" the words' column, so that what is wrapped stands under them. */
static int column_of_text(const char *line)
{
	const char *gap = strstr(line + strspn(line, " "), "  ");
	if (!gap)
		return (int)strspn(line, " ") + 2;
	char *head = xasprintf("%.*s", (int)(gap - line + (int)strspn(gap, " ")), line);
	int column = canvas_width(head);
	free(head);
	return column < 24 ? column : 2;
}

static void machine_draw(struct app *app, const struct layout *l)
{
	struct pager *p = app->machine;
	int width = l->body.cols - 4;
	pager_clear(p);
	char *copy = xstrdup(app->child_owner == &screen_machine && app->child.output.text ? app->child.output.text : "");
	for (char *line = copy, *next; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		bool heading = line[0] != ' ' && line[0] != '\0' && line[strlen(line) - 1] == ':';
		pager_add(p, heading ? ROLE_HEADING : ROLE_PLAIN, line, width, column_of_text(line));
	}
	free(copy);
	if (p->n == 0)
		pager_add(p, ROLE_DIM, program_live(&app->child) ? _("Looking …") : _("Nothing is known about this machine yet."), width, 0);
	pager_draw(app, p, l->body, _("This machine: what works here, what does not, and the cure"));
}

static bool machine_act(struct app *app, enum action action) { return pager_act(app, app->machine, action); }
static void machine_typed(struct app *app, bool accepted) { pager_typed(app, app->machine, accepted); }

static void machine_status(struct app *app, struct rect row)
{
	if (app->field.open || app->machine->search[0])
		pager_status(app, app->machine, row);
	else
		canvas_text(app->canvas, row, 0, 1, ROLE_CODE, "$ lockstep doctor");
}

static void machine_title(struct app *app, char *text, size_t size)
{
	(void)app;
	snprintf(text, size, "%s", _("Machine"));
}

const struct screen screen_machine = {
	.place = page_place, .draw = machine_draw, .act = machine_act, .enter = page_enter, .typed = machine_typed,
	.title = machine_title, .status = machine_status,
};

void machine_child(struct app *app, bool ended)
{
	if (ended && (app->child.signal || app->child.exit_code > 1))
		app_say(app, ROLE_BAD, app->child.signal ? _("lockstep doctor was killed by signal %d")
							   : _("lockstep doctor ended with status %d"),
			app->child.signal ? app->child.signal : app->child.exit_code);
}

void machine_open(struct app *app)
{
	char path[PATH_MAX];
	const char *dir = util_exec_dir();
	if (program_live(&app->child) && app->child_owner == &screen_machine) {
		app_push(app, &screen_machine);
		return;
	}
	if (program_live(&app->child)) {
		app_say(app, ROLE_WARN, _("A run is live: the machine is looked at when it is done"));
		return;
	}
	snprintf(path, sizeof(path), "%s/lockstep-doctor", dir ? dir : ".");
	if (access(path, X_OK) != 0) {
		app_say(app, ROLE_WARN, _("%s is not built"), "lockstep-doctor");
		return;
	}
	char *argv[] = {path, NULL};
	app->machine->top = 0;
	if (app_run(app, argv, false, &screen_machine))
		app_push(app, &screen_machine);
}
