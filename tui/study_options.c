/* The options of a run, one row each, and the command line that they make. */
#include "tui/study_tune.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/draw.h"
#include "tui/tuning.h"

enum { RUNS_MAX = 16, NAME_MAX_COLS = 14, WHY_MAX = 300 };

struct run_of_step {
	int piece, choice;
};

struct study_options {
	struct tuning t;
	struct run_of_step runs[RUNS_MAX]; /* of the step that the panel was opened in */
	int run_count, run;
	int step, cursor, top, page;
	/* What was set and is still to be run, say after a guess. */
	char *command;
	int for_step, for_piece, for_choice;
};

static struct study_options *panel(const struct app *app) { return app->study->options; }

/* ---- rows: which run (where there are several), the options, the command line -------------------------------------------- */

static int first_row(const struct study_options *o) { return o->run_count > 1; }
static int row_count(const struct study_options *o) { return first_row(o) + o->t.count + 1; }
static bool on_run(const struct study_options *o) { return o->cursor < first_row(o); }
static bool on_command(const struct study_options *o) { return o->cursor == row_count(o) - 1; }
/* The option under the cursor; -1: none. */
static int option_row(const struct study_options *o) { return on_run(o) || on_command(o) ? -1 : o->cursor - first_row(o); }

static const struct tuning_row *selected(const struct study_options *o)
{
	int row = option_row(o);
	return row >= 0 ? &o->t.rows[row] : NULL;
}

/* ---- the command line of the run that is looked at ------------------------------------------------------------------------ */

const char *options_command(const struct study *s, int step, int piece, int choice)
{
	const struct study_options *o = s->options;
	return o && o->command && o->for_step == step && o->for_piece == piece && o->for_choice == choice ? o->command : NULL;
}

static const char *text_command(const struct study *s)
{
	const struct study_options *o = s->options;
	const struct piece *p = &s->text->steps[o->step].pieces[o->runs[o->run].piece];
	const char *command = o->runs[o->run].choice >= 0 ? p->choices[o->runs[o->run].choice].run : p->command;
	return command ? command : "";
}

/* Cores that the lesson may use: as its last run found them, else as its description says, else as the system says. */
static int usable_cores(const struct app *app, const json_t *describe)
{
	const struct study *s = app->study;
	cpu_set_t allowed;
	for (int i = s->slot_count - 1; i >= 0; i--) {
		const struct rec_run *run = study_result(app, &s->slots[i]);
		if (run && run->usable > 0)
			return run->usable;
	}
	int usable = tuning_usable(describe);
	if (usable > 0)
		return usable;
	return sched_getaffinity(0, sizeof(allowed), &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
}

/* Reads a line into the rows of the lesson that it names. False with a sentence. */
static bool read_line(struct app *app, const char *line, char *why, size_t size)
{
	struct study_options *o = panel(app);
	char **words = program_words(line);
	const struct course_lesson *lesson = words && words[0] && app->course ? course_find(app->course, words[0]) : NULL;
	const json_t *describe = lesson ? lesson->describe : NULL;
	bool named = !words || !words[0] || lesson;
	struct tuning *t = xmalloc(sizeof(*t));
	tuning_open(t, describe, usable_cores(app, describe));
	bool good = tuning_read(t, line, why, size);
	if (good && !named)
		snprintf(why, size, _("There is no lesson \"%s\""), words[0]);
	o->t = *t;
	free(t);
	if (words)
		program_words_free(words);
	return good && named;
}

static void load(struct app *app, const char *line)
{
	struct study_options *o = panel(app);
	char why[WHY_MAX];
	if (!read_line(app, line, why, sizeof(why)))
		app_say(app, ROLE_WARN, "%s", why);
	if (o->cursor >= row_count(o))
		o->cursor = row_count(o) - 1;
}

/* What r would run comes first under the cursor: the experiment of a wrong answer, else the step's run. */
static void collect_runs(struct app *app, struct study_options *o)
{
	const struct study *s = app->study;
	const struct step *step = study_step(s);
	int next = study_next_run(s), experiment = -1;
	o->run_count = o->run = 0;
	for (int i = 0; i < step->count && o->run_count < RUNS_MAX; i++) {
		const struct piece *p = &step->pieces[i];
		int chosen = p->kind == PIECE_QUIZ ? study_chosen(app, s->step, i) : -1;
		bool wrong = chosen >= 0 && !p->choices[chosen].right && p->choices[chosen].run;
		if (p->kind != PIECE_RUN && !wrong)
			continue;
		if (wrong && experiment < 0)
			experiment = o->run_count;
		if (i == next)
			o->run = o->run_count;
		o->runs[o->run_count++] = (struct run_of_step){i, wrong ? chosen : -1};
	}
	if (experiment >= 0)
		o->run = experiment;
}

static void load_run(struct app *app)
{
	struct study_options *o = panel(app);
	load(app, study_command(app, o->step, o->runs[o->run].piece, o->runs[o->run].choice));
}

void options_open(struct app *app)
{
	struct study *s = app->study;
	if (!s->options)
		s->options = xcalloc(1, sizeof(*s->options));
	struct study_options *o = s->options;
	o->step = s->step;
	o->cursor = o->top = 0;
	collect_runs(app, o);
	if (o->run_count == 0) {
		app_say(app, ROLE_DIM, _("This step has nothing to run"));
		return;
	}
	s->asking = -1;
	s->view_focus = false;
	app_push(app, &screen_options);
	load_run(app);
}

void options_free(struct study *s)
{
	if (s->options)
		free(s->options->command);
	free(s->options);
	s->options = NULL;
}

/* ---- keys ------------------------------------------------------------------------------------------------------------------ */

static enum place options_place(struct app *app)
{
	(void)app;
	return PLACE_OPTIONS;
}

static const char *options_enter(struct app *app)
{
	return study_busy(app) ? NULL : _("run");
}

static bool options_offers(struct app *app, enum action action)
{
	const struct study_options *o = panel(app);
	const struct tuning_row *r = selected(o);
	bool ticks = r && (r->kind == TUNING_VARIANT || r->kind == TUNING_FLAG);
	switch (action) {
	case ACT_LESS:
	case ACT_MORE:
		return !on_command(o) && !ticks && !(r && r->kind == TUNING_TEXT);
	case ACT_TOGGLE:
		return ticks;
	case ACT_TYPE:
		return !on_run(o) && !ticks;
	default:
		return true;
	}
}

static bool run_it(struct app *app)
{
	struct study *s = app->study;
	struct study_options *o = s->options;
	char line[TUNING_LINE_MAX];
	if (study_busy(app)) {
		app_say(app, ROLE_WARN, _("A run is live: Esc leaves this panel, s stops the run"));
		return true;
	}
	if (!tuning_line(&o->t, line, sizeof(line))) {
		app_say(app, ROLE_WARN, _("This command line is too long"));
		return true;
	}
	free(o->command);
	o->command = xstrdup(line);
	o->for_step = o->step;
	o->for_piece = o->runs[o->run].piece;
	o->for_choice = o->runs[o->run].choice;
	app_pop(app);
	return study_run(app, o->for_step, o->for_piece, o->for_choice, NULL);
}

static void change(struct app *app, int by)
{
	struct study_options *o = panel(app);
	char why[WHY_MAX] = "";
	if (on_command(o))
		return;
	if (on_run(o)) {
		o->run = (o->run + by + o->run_count) % o->run_count;
		load_run(app);
		return;
	}
	if (!tuning_step(&o->t, option_row(o), by, why, sizeof(why)) && why[0])
		app_say(app, ROLE_WARN, "%s", why);
}

/* Opens a field with the value as it is, or with the first character of a new one. */
static bool type_value(struct app *app, int first)
{
	const struct study_options *o = panel(app);
	const struct tuning_row *r = selected(o);
	char line[TUNING_LINE_MAX];
	if (on_run(o) || (r && (r->kind == TUNING_VARIANT || r->kind == TUNING_FLAG)))
		return false;
	if (!r && !tuning_line(&o->t, line, sizeof(line)))
		line[0] = '\0';
	if (!r && strlen(line) >= FIELD_MAX) {
		app_say(app, ROLE_WARN, _("This command line is too long"));
		return true;
	}
	field_open(&app->field, first ? "" : r ? tuning_value(&o->t, option_row(o)) : line);
	if (first)
		field_type(&app->field, first);
	return true;
}

static bool options_key(struct app *app, int key)
{
	const struct tuning_row *r = selected(panel(app));
	bool digit = key >= '0' && key <= '9';
	return r && (digit || key == '.') && (r->kind == TUNING_NUMBER || r->kind == TUNING_WORKERS) && type_value(app, key);
}

static void typed(struct app *app, bool accepted)
{
	struct study_options *o = panel(app);
	char why[WHY_MAX] = "", was[TUNING_LINE_MAX];
	bool good = true;
	if (!accepted)
		return;
	if (on_command(o)) {
		tuning_line(&o->t, was, sizeof(was));
		good = read_line(app, app->field.text, why, sizeof(why));
		if (!good) {
			char ignored[WHY_MAX];
			read_line(app, was, ignored, sizeof(ignored));
		}
		o->cursor = row_count(o) - 1;
	} else {
		good = tuning_set(&o->t, option_row(o), app->field.text, why, sizeof(why));
	}
	if (good)
		return;
	app->field.open = true; /* to be mended */
	app_say(app, ROLE_WARN, "%s", why);
}

static bool move(struct study_options *o, int to)
{
	o->cursor = to < 0 ? 0 : to >= row_count(o) ? row_count(o) - 1 : to;
	return true;
}

static bool options_act(struct app *app, enum action action)
{
	struct study_options *o = panel(app);
	switch (action) {
	case ACT_ENTER:
		return run_it(app);
	case ACT_UP:
		return move(o, o->cursor - 1);
	case ACT_DOWN:
		return move(o, o->cursor + 1);
	case ACT_LIST_UP:
		return move(o, o->cursor - o->page);
	case ACT_LIST_DOWN:
		return move(o, o->cursor + o->page);
	case ACT_TOP:
		return move(o, 0);
	case ACT_BOTTOM:
		return move(o, row_count(o) - 1);
	case ACT_LESS:
	case ACT_MORE:
	case ACT_TOGGLE:
		if (on_command(o))
			return action == ACT_TOGGLE && type_value(app, 0);
		change(app, action == ACT_LESS ? -1 : 1);
		return true;
	case ACT_TYPE:
		return type_value(app, 0);
	case ACT_AS_TEXT:
		load(app, text_command(app->study));
		app_say(app, ROLE_STATUS, _("The command line of the text again"));
		return true;
	case ACT_CANCEL:
		app_pop(app);
		return true;
	default:
		return false;
	}
}

/* ---- drawing --------------------------------------------------------------------------------------------------------------- */

static int name_columns(const struct study_options *o)
{
	int most = canvas_width(_("command"));
	for (int i = 0; i < o->t.count; i++)
		if (o->t.rows[i].kind != TUNING_VARIANT && canvas_width(o->t.rows[i].name) > most)
			most = canvas_width(o->t.rows[i].name);
	return most < NAME_MAX_COLS ? most : NAME_MAX_COLS;
}

static void draw_tick(const struct study_options *o, struct canvas *c, struct rect in, int y, const struct tuning_row *r,
		      enum role selected_role)
{
	int most = 0;
	for (int i = 0; i < o->t.count; i++)
		if (o->t.rows[i].kind == TUNING_VARIANT && canvas_width(o->t.rows[i].name) > most)
			most = canvas_width(o->t.rows[i].name);
	char text[400];
	const char *tick = r->on ? (c->ascii ? "[x]" : "[✓]") : r->unavailable ? " - " : "[ ]";
	enum role role = selected_role != ROLE_PLAIN ? selected_role : r->unavailable ? ROLE_DIM : r->wrong ? ROLE_WARN : ROLE_PLAIN;
	if (r->unavailable)
		snprintf(text, sizeof(text), _("not here: %s"), r->unavailable);
	else
		snprintf(text, sizeof(text), "%s", r->wrong ? _("wrong on purpose") : words_of(r->about));
	int x = 2 + canvas_text(c, in, y, 1, role, tick), width = draw_cut(c, in, y, x, role, r->name);
	x += (width > most || most > NAME_MAX_COLS ? width : most) + 2;
	if (x + 8 < in.cols)
		draw_cut(c, in, y, x, role, text);
}

static void draw_option(struct app *app, struct rect in, int y, int row, int names, bool here)
{
	const struct study_options *o = panel(app);
	const struct tuning_row *r = &o->t.rows[row];
	struct canvas *c = app->canvas;
	char text[TUNING_VALUE_MAX + 120];
	int x = names + 3;
	if (r->kind == TUNING_VARIANT) {
		draw_tick(o, c, in, y, r, here ? ROLE_SELECTED : ROLE_PLAIN);
		return;
	}
	draw_cut(c, (struct rect){in.y, in.x, in.rows, names + 2}, y, 1, here ? ROLE_SELECTED : ROLE_KEY, r->name);
	if (here && app->field.open) {
		field_draw(c, in, y, x, in.cols - x - 1, &app->field);
		return;
	}
	const char *unit = *r->unit ? r->common ? _(r->unit) : r->unit : "";
	if (r->kind == TUNING_FLAG)
		snprintf(text, sizeof(text), "%s", r->on ? (c->ascii ? "[x]" : "[✓]") : "[ ]");
	else if (!*tuning_value(&o->t, row))
		snprintf(text, sizeof(text), "%s", r->kind == TUNING_NUMBER ? _("as the bench finds right") : _("not given"));
	else
		snprintf(text, sizeof(text), "%s %s", tuning_value(&o->t, row), unit);
	draw_cut(c, in, y, x, here ? ROLE_SELECTED : r->value[0] || r->on ? ROLE_BOLD : ROLE_PLAIN, text);
}

static void draw_row(struct app *app, struct rect in, int y, int row, int names)
{
	const struct study_options *o = panel(app);
	struct canvas *c = app->canvas;
	bool here = row == o->cursor;
	char text[400];
	if (here)
		canvas_fill(c, (struct rect){in.y + y, in.x, 1, in.cols}, ROLE_SELECTED, " ");
	if (row < first_row(o)) {
		snprintf(text, sizeof(text), _("run %d of %d: %s"), o->run + 1, o->run_count, text_command(app->study));
		draw_cut(c, in, y, 1, here ? ROLE_SELECTED : ROLE_HEADING, text);
	} else if (row == row_count(o) - 1) {
		draw_cut(c, in, y, 1, here ? ROLE_SELECTED : ROLE_KEY, _("command"));
		draw_cut(c, in, y, names + 3, here ? ROLE_SELECTED : ROLE_DIM, _("e changes it as text"));
	} else {
		draw_option(app, in, y, row - first_row(o), names, here);
	}
	/* After the field has put it where it types. */
	if (here && !app->field.open) {
		c->cursor_y = in.y + y;
		c->cursor_x = in.x;
	}
}

/* What the row under the cursor means, and what may stand there. */
static void about_row(struct app *app, char *text, size_t size)
{
	const struct study_options *o = panel(app);
	const struct tuning_row *r = selected(o);
	char range[200] = "";
	if (on_run(o)) {
		snprintf(text, size, "%s", _("Left and Right choose which run of this step is set."));
		return;
	}
	if (!r) {
		snprintf(text, size, "%s", _("The command line: lockstep run, and what stands below."));
		return;
	}
	const char *about = words_of(r->about);
	tuning_range(&o->t, option_row(o), range, sizeof(range));
	if (r->kind == TUNING_CHOICE) {
		size_t n = 0;
		for (int i = 0; r->choices[i] && n < sizeof(range); i++)
			n += (size_t)snprintf(range + n, sizeof(range) - n, "%s%s", i ? ", " : "", r->choices[i]);
	}
	if (r->unavailable)
		snprintf(text, size, _("can't run here: %s"), r->unavailable);
	else if (r->wrong)
		snprintf(text, size, _("%s; wrong on purpose: %s"), about, r->wrong);
	else
		snprintf(text, size, "%s%s%s", about, *range ? ": " : "", range);
}

/* A click takes a row; one on the row under the cursor changes it. */
static void click(struct app *app, int row)
{
	struct study_options *o = panel(app);
	const struct tuning_row *r;
	bool again = o->cursor == row;
	if (app->field.open)
		return;
	move(o, row);
	r = selected(o);
	if (on_command(o) ? again : again || (r && (r->kind == TUNING_VARIANT || r->kind == TUNING_FLAG)))
		options_act(app, ACT_TOGGLE);
}

static int limited(int rows, int most) { return rows < most ? rows : most; }

static void draw_panel(struct app *app, struct rect area)
{
	struct study_options *o = panel(app);
	struct canvas *c = app->canvas;
	struct rect in = canvas_box(c, area, ROLE_FOCUS, _("Options"));
	char line[TUNING_LINE_MAX + 32], command[TUNING_LINE_MAX], about[700];
	tuning_line(&o->t, command, sizeof(command));
	snprintf(line, sizeof(line), "$ lockstep run %s", command);
	/* A refusal may be longer than the row that it stands in. */
	bool refused = app->message[0] && app->message_role == ROLE_WARN;
	if (refused)
		snprintf(about, sizeof(about), "%s", app->message);
	else
		about_row(app, about, sizeof(about));
	/* As many rows for each option, so that the list keeps still. */
	int about_rows = in.rows >= 15 ? 3 : in.rows >= 12 ? 2 : in.rows >= 3;
	int line_rows = in.rows >= 5 ? limited(draw_wrapped_rows(line, in.cols - 2), in.rows / 3) : 0;
	bool typing = app->field.open && on_command(o);
	if (typing && line_rows == 0)
		line_rows = 1;
	int rule = in.rows >= 9;
	struct rect list = {in.y, in.x, in.rows - about_rows - line_rows - rule, in.cols};
	o->page = list.rows > 1 ? list.rows - 1 : 1;
	o->top = layout_scroll(o->top, list.rows, row_count(o), o->cursor);
	int names = name_columns(o);
	hot_wheel(&app->hots, area, mouse_moves);
	for (int i = 0; i < list.rows && o->top + i < row_count(o); i++) {
		draw_row(app, list, i, o->top + i, names);
		hot_click(&app->hots, (struct rect){list.y + i, list.x, 1, list.cols}, click, o->top + i);
	}
	if (o->top > 0)
		canvas_printf(c, area, 0, area.cols - 12, ROLE_DIM, _(" %d above "), o->top);
	int below = row_count(o) - o->top - list.rows, at = list.rows;
	if (rule)
		for (int x = 0; x < in.cols; x++)
			canvas_text(c, in, at, x, ROLE_BORDER, c->ascii ? "-" : "─");
	if (below > 0 && rule)
		canvas_printf(c, in, at, in.cols - 11, ROLE_DIM, _(" %d below "), below);
	else if (below > 0)
		canvas_printf(c, area, area.rows - 1, area.cols - 12, ROLE_DIM, _(" %d below "), below);
	at += rule;
	struct rect text = {in.y, in.x + 1, in.rows, in.cols - 2};
	const struct tuning_row *r = selected(o);
	draw_wrapped(c, text, at, about_rows, refused || (r && (r->unavailable || r->wrong)) ? ROLE_WARN : ROLE_EMPHASIS, about);
	if (typing)
		field_draw(c, text, at + about_rows, 0, text.cols, &app->field);
	else
		draw_wrapped(c, text, at + about_rows, line_rows, ROLE_CODE, line);
}

static void options_draw(struct app *app, const struct layout *l)
{
	if (l->kind == LAYOUT_PAIR)
		study_draw_view(app, l->right);
	draw_panel(app, l->left);
}

static void options_title(struct app *app, char *text, size_t size) { screen_study.title(app, text, size); }

/* The line as far as it fits: on small screens the panel has no room for it. */
static void options_status(struct app *app, struct rect row)
{
	char line[TUNING_LINE_MAX + 32], command[TUNING_LINE_MAX];
	tuning_line(&panel(app)->t, command, sizeof(command));
	snprintf(line, sizeof(line), "$ lockstep run %s", command);
	draw_cut(app->canvas, (struct rect){row.y, row.x, 1, row.cols - 1}, 0, 1, ROLE_CODE, line);
}

const struct screen screen_options = {
	.place = options_place, .draw = options_draw, .act = options_act, .enter = options_enter, .offers = options_offers,
	.typed = typed, .key = options_key, .title = options_title, .status = options_status,
};
