#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/language.h"

void app_say(struct app *app, enum role role, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(app->message, sizeof(app->message), fmt, ap);
	va_end(ap);
	app->message_role = role;
	app->message_at = program_now();
	app->redraw = true;
}

const struct screen *app_screen(const struct app *app) { return app->stack[app->depth - 1]; }

void app_push(struct app *app, const struct screen *screen)
{
	if (app_screen(app) == screen || app->depth == (int)(sizeof(app->stack) / sizeof(*app->stack)))
		return;
	app->stack[app->depth++] = screen;
	app->field.open = false;
	app->redraw = true;
}

void app_pop(struct app *app)
{
	if (app->depth > 1)
		app->depth--;
	app->field.open = false;
	app->redraw = true;
}

bool app_zh(const struct app *app) { return !strncmp(app->language, "zh", 2); }

const char *app_title_of(const struct app *app, const char *en, const char *zh)
{
	const char *title = app_zh(app) && zh && *zh && !app->letters_ascii ? zh : en;
	return title ? title : "";
}

enum place app_place(struct app *app)
{
	if (layout_for(app->rows, app->cols).kind == LAYOUT_SMALL && !app->asking)
		return PLACE_SMALL;
	if (app->asking)
		return PLACE_ASK;
	if (app->field.open)
		return PLACE_FIELD;
	return app_screen(app)->place(app);
}

void app_save(struct app *app)
{
	char notice[300];
	app->unsaved[0] = '\0';
	if (!progress_save(app->progress, notice, sizeof(notice))) {
		app_say(app, ROLE_WARN, "%s", notice);
		snprintf(app->unsaved, sizeof(app->unsaved), "%s", notice);
	}
}

struct app *app_new(const struct app_options *options)
{
	struct app *app = xcalloc(1, sizeof(*app));
	char notice[300];
	app->letters_ascii = options->letters_ascii;
	app->script = options->script;
	app->rows = options->rows;
	app->cols = options->cols;
	app->child.out_fd = app->child.status_fd = -1;
	app->course = course_load(&app->no_course);
	app->progress = progress_load(notice, sizeof(notice));
	choices_start(app, options);
	app->canvas = canvas_new(app->rows, app->cols, app->ascii);
	const char *language = options->language ? options->language : progress_option(app->progress, "language");
	language_set(app, language ? language : words_wanted());
	app->stack[app->depth++] = &screen_map;
	app->map = map_new(app);
	app->help = pager_new();
	app->machine = pager_new();
	app->redraw = app->redraw_all = true;
	if (notice[0])
		app_say(app, ROLE_WARN, "%s", notice);
	if (options->present && !present_alone(app, options->lesson))
		app_say(app, ROLE_WARN, _("there is no lesson \"%s\""), options->lesson ? options->lesson : "");
	else if (!options->present && options->lesson && !study_open(app, options->lesson, -1))
		app_say(app, ROLE_WARN, _("there is no lesson \"%s\""), options->lesson);
	return app;
}

void app_free(struct app *app, char *last, size_t size)
{
	if (!app)
		return;
	app->quit = true;
	if (program_live(&app->child)) {
		program_finish(&app->child);
		app_child_news(app, true);
	}
	present_free(app);
	study_close(app);
	app_save(app);
	if (app->unsaved[0])
		snprintf(last, size, "%s", app->unsaved);
	program_words_free(app->outside);
	progress_free(app->progress);
	program_free(&app->child);
	map_free(app->map);
	pager_free(app->help);
	pager_free(app->machine);
	course_free(app->course);
	canvas_free(app->canvas);
	hot_free(&app->hots);
	free(app);
}

void app_resize(struct app *app, int rows, int cols)
{
	if (rows == app->rows && cols == app->cols)
		return;
	canvas_free(app->canvas);
	app->canvas = canvas_new(rows, cols, app->ascii);
	app->rows = app->canvas->rows;
	app->cols = app->canvas->cols;
	app->redraw = app->redraw_all = true;
}

bool app_run(struct app *app, char *const argv[], bool status, const struct screen *owner)
{
	char why[300];
	if (program_live(&app->child) && app->child_owner == &screen_study) {
		app_say(app, ROLE_WARN, _("A run is live already: s stops it"));
		return false;
	}
	if (!program_start(&app->child, argv, status, why, sizeof(why))) {
		app_say(app, ROLE_BAD, "%s", why);
		return false;
	}
	app->child_owner = owner;
	app->redraw = true;
	return true;
}

void app_child_news(struct app *app, bool ended)
{
	if (app->child_owner == &screen_study)
		study_child(app, ended);
	else if (app->child_owner == &screen_machine)
		machine_child(app, ended);
	app->redraw = true;
}

void app_ask(struct app *app, const char *question, void (*agreed)(struct app *app))
{
	app->asking = question;
	app->agreed = agreed;
	app->redraw = true;
}

void app_give_away(struct app *app, char **argv, void (*came_back)(struct app *app, int status))
{
	program_words_free(app->outside);
	app->outside = argv;
	app->came_back = came_back;
}

static void stop_and_quit(struct app *app)
{
	app->quit = true; /* no end of an errand begins the next one */
	program_finish(&app->child);
	app_child_news(app, true);
}

/* What every screen does alike; false: it is the screen's own. */
static bool act_everywhere(struct app *app, enum action action)
{
	switch (action) {
	case ACT_QUIT:
		if (program_live(&app->child) && app->child_owner == &screen_study)
			app_ask(app, N_("A run is live. Stop it and quit?"), stop_and_quit);
		else
			app->quit = true;
		return true;
	case ACT_YES:
	case ACT_NO:
		app->asking = NULL;
		if (action == ACT_YES)
			app->agreed(app);
		return true;
	case ACT_REDRAW:
		app->redraw_all = true;
		return true;
	case ACT_HELP:
		help_open(app);
		return true;
	case ACT_MACHINE:
		machine_open(app);
		return true;
	case ACT_CLOSE:
		app_pop(app);
		return true;
	case ACT_LANGUAGE:
		language_next(app);
		return true;
	default:
		return choices_act(app, action);
	}
}

static void unknown_key(struct app *app, int key, enum place place)
{
	char name[16], twin[16];
	action_key_name(key, name, sizeof(name));
	const struct action_info *a = action_anywhere(key);
	if (!a || place == PLACE_ASK) {
		app_say(app, ROLE_WARN, place == PLACE_ASK ? _("y or n, please (not %s)") : _("%s does nothing here: ? lists the keys"),
			name);
		return;
	}
	bool question = place == PLACE_CHOOSE || place == PLACE_CURVE || place == PLACE_ORDER;
	if (question && (a->where & (1u << PLACE_LESSON))) {
		app_say(app, ROLE_WARN, _("%1$s (%2$s) works once you have left this question (Esc); %3$s lists the keys of this place"), name,
			_(a->name), action_key_name('?', twin, sizeof(twin)));
		return;
	}
	for (int i = 0; i < PLACES; i++) {
		if (a->where & (1u << i)) {
			app_say(app, ROLE_WARN, _("%1$s (%2$s) works on %3$s; %4$s lists the keys of this place"), name, _(a->name), _(place_words[i]),
				action_key_name(place == PLACE_FIELD ? K_F1 : '?', twin, sizeof(twin)));
			return;
		}
	}
}

static void key_in_field(struct app *app, int key)
{
	const struct screen *screen = app_screen(app);
	enum action action = action_of(key, PLACE_FIELD);
	if (action == ACT_ENTER || action == ACT_CANCEL) {
		app->field.open = false;
		if (screen->typed)
			screen->typed(app, action == ACT_ENTER);
	} else if (action == ACT_REDRAW) {
		app->redraw_all = true;
	} else if (field_act(&app->field, action) || field_type(&app->field, key)) {
		if (screen->typing)
			screen->typing(app);
	} else {
		app_say(app, ROLE_WARN, _("A field is open: Enter takes it, Esc leaves it"));
	}
}

void app_key(struct app *app, int key)
{
	if (key == K_NONE)
		return;
	enum place place = app_place(app);
	app->message[0] = '\0';
	app->redraw = true;
	app->key = key;
	if (!app->asking && app_screen(app)->wakes && app_screen(app)->wakes(app))
		return;
	if (place == PLACE_FIELD) {
		key_in_field(app, key);
		return;
	}
	enum action action = action_of(key, place);
	if (action == ACT_CANCEL && app->asking) {
		app->asking = NULL;
		return;
	}
	if (action == ACT_NONE && place != PLACE_ASK && place != PLACE_SMALL && app_screen(app)->key && app_screen(app)->key(app, key))
		return;
	if (action == ACT_NONE) {
		unknown_key(app, key, place);
		return;
	}
	if (act_everywhere(app, action) || app_screen(app)->act(app, action))
		return;
	if (action != ACT_CANCEL)
		app_say(app, ROLE_DIM, _("Nothing to do for \"%s\" now"), _(action_get(action)->name));
}

void app_draw(struct app *app)
{
	struct layout l = layout_for(app->rows, app->cols);
	canvas_clear(app->canvas);
	hot_clear(&app->hots);
	app->canvas->ascii = app->ascii;
	app->canvas->cursor_y = app->canvas->cursor_x = -1;
	if (l.kind == LAYOUT_SMALL) {
		frame_small(app);
	} else {
		app_screen(app)->draw(app, &l);
		if (!app_screen(app)->bare)
			frame_draw(app, &l);
	}
	app->redraw = false;
}
