/* A curve as a guess: the learner draws it on the chart, point by point, before the run. */
#include "tui/study_puzzle.h"

#include <stdio.h>
#include <string.h>
#include "kernels/bench/words.h"
#include "tui/curve.h"
#include "tui/draw.h"

static const struct piece *curve_at(const struct study *s, int step, int piece)
{
	const struct piece *p = &s->text->steps[step].pieces[piece];
	return p->kind == PIECE_PREDICT && p->curve_count > 0 ? p : NULL;
}

bool study_drawing(const struct app *app)
{
	const struct study *s = app->study;
	return s->asking >= 0 && curve_at(s, s->step, s->asking);
}

bool study_curve_begin(struct app *app, int piece)
{
	struct study *s = app->study;
	const struct piece *p = curve_at(s, s->step, piece);
	if (!p)
		return false;
	curve_read(p, study_answer(app, s->step, piece), &s->drawn);
	s->drawn_agreed = false;
	s->view = VIEW_SPEEDUP;
	return true;
}

/* ---- keys ---- */

static void take(struct app *app)
{
	struct study *s = app->study;
	char text[CURVE_TEXT_MAX];
	if (curve_is_flat(&s->drawn) && !s->drawn_agreed) {
		s->drawn_agreed = true;
		app_say(app, ROLE_WARN, _("A flat curve: more workers bring nothing. Enter again takes it, Up raises a point"));
		return;
	}
	study_answered(app, curve_write(&s->drawn, text));
}

static void begin_value(struct app *app)
{
	char digit[2] = {(char)app->key, '\0'};
	app->study->typing = TYPING_POINT;
	field_open(&app->field, digit);
}

bool study_curve_typed(struct app *app, bool accepted)
{
	struct study *s = app->study;
	double value;
	if (s->typing != TYPING_POINT)
		return false;
	if (accepted && (!compare_number(app->field.text, &value) || !curve_set(&s->drawn, value))) {
		app->field.open = true;
		app_say(app, ROLE_WARN, _("A number, please, like 1.8 (Esc leaves the point as it was)"));
		return true;
	}
	s->typing = TYPING_GUESS;
	s->drawn_agreed = false;
	if (accepted)
		curve_go(&s->drawn, 1);
	return true;
}

bool study_curve_act(struct app *app, enum action action)
{
	struct study *s = app->study;
	bool again = s->drawn_agreed;
	if (!study_drawing(app))
		return false;
	s->drawn_agreed = false;
	switch (action) {
	case ACT_ENTER:
		s->drawn_agreed = again;
		take(app);
		return true;
	case ACT_POINT_LEFT:
		curve_go(&s->drawn, -1);
		return true;
	case ACT_POINT_RIGHT:
		curve_go(&s->drawn, 1);
		return true;
	case ACT_TOP:
		curve_go(&s->drawn, -VIEW_GUESS_MAX);
		return true;
	case ACT_BOTTOM:
		curve_go(&s->drawn, VIEW_GUESS_MAX);
		return true;
	case ACT_VALUE_UP:
		curve_raise(&s->drawn, 1);
		return true;
	case ACT_VALUE_DOWN:
		curve_raise(&s->drawn, -1);
		return true;
	case ACT_VALUE_FAR_UP:
		curve_raise(&s->drawn, CURVE_COARSE);
		return true;
	case ACT_VALUE_FAR_DOWN:
		curve_raise(&s->drawn, -CURVE_COARSE);
		return true;
	case ACT_VALUE_RESET:
		curve_reset_point(&s->drawn);
		return true;
	case ACT_VALUE:
		begin_value(app);
		return true;
	default:
		return false;
	}
}

/* ---- what is shown ---- */

/* The curve that is drawn now, or that was taken and waits for its run: then nothing else belongs on the chart. */
bool study_curve_alone(const struct app *app, struct view_guess *out)
{
	const struct study *s = app->study;
	int run_step, run_piece;
	struct view_guess taken;
	if (study_drawing(app)) {
		*out = s->drawn;
		return true;
	}
	for (int i = 0; i < study_step(s)->count; i++) {
		const struct piece *p = curve_at(s, s->step, i);
		if (!p || !study_run_of(s, s->step, i, &run_step, &run_piece) || study_slot(s, run_step, run_piece, -1) ||
		    !curve_read(p, study_answer(app, s->step, i), &taken))
			continue;
		*out = taken;
		out->cursor = -1;
		return true;
	}
	return false;
}

bool study_curve_given(const struct app *app, int step, int piece, struct view_guess *out)
{
	const struct piece *p = curve_at(app->study, step, piece);
	struct view_guess g;
	if (!p || !curve_read(p, study_answer(app, step, piece), &g))
		return false;
	g.cursor = -1;
	g.y_max = 0;
	*out = g;
	return true;
}

static bool measured_at(const struct rec_run *run, const struct piece *p, int workers, double *out)
{
	struct piece one = *p;
	struct estimate e;
	one.workers = workers;
	one.curve_count = 0;
	if (!run || !compare_measured(run, &one, "speedup", &e))
		return false;
	*out = e.mid;
	return true;
}

int study_curve_text(struct app *app, struct rich *r, int piece)
{
	struct study *s = app->study;
	const struct piece *p = curve_at(s, s->step, piece);
	const char *answer = study_answer(app, s->step, piece);
	bool drawing = s->asking == piece;
	struct view_guess g;
	int run_step, run_piece, spot = -1;
	char line[160], figure[FIGURE_MAX];
	double found;
	if (drawing) {
		g = s->drawn;
	} else if (!curve_read(p, answer, &g)) {
		rich_line(r);
		bool skipped = answer && !strcmp(answer, ANSWER_SKIPPED);
		rich_part(r, ROLE_GUESS, _("  my curve: "));
		rich_part(r, ROLE_DIM, skipped ? _("none") : "[    ]");
		return -1;
	}
	const struct slot *slot = study_run_of(s, s->step, piece, &run_step, &run_piece) ? study_slot(s, run_step, run_piece, -1) : NULL;
	const struct rec_run *run = drawing || !slot || slot->state == RUN_LIVE ? NULL : study_result(app, slot);
	const char *workers = _("workers"), *you = _("you");
	rich_line(r);
	snprintf(line, sizeof(line), "  %s%*s%s%s%s", workers, 8 - canvas_width(you) > 0 ? 8 - canvas_width(you) : 1, "", you,
		 run ? "  " : "", run ? _("measured") : "");
	rich_part(r, ROLE_DIM, line);
	int wide = canvas_width(workers);
	for (int i = 0; i < g.count; i++) {
		bool here = drawing && i == g.cursor;
		rich_line(r);
		snprintf(line, sizeof(line), "%s%*.0f%8s", here ? (app->ascii ? "> " : "▸ ") : "  ", wide, g.workers[i],
			 draw_plain(g.speedup[i], figure));
		rich_part(r, here ? ROLE_SELECTED : ROLE_GUESS, line);
		if (measured_at(run, p, (int)g.workers[i], &found)) {
			snprintf(line, sizeof(line), "%*s", 2 + canvas_width(_("measured")), draw_figure(found, figure));
			rich_part(r, ROLE_MEASURED, line);
		}
		if (here)
			spot = r->n - 1;
	}
	return spot;
}

bool study_curve_status(struct app *app, struct rect row)
{
	const struct study *s = app->study;
	char figure[FIGURE_MAX];
	if (!study_drawing(app))
		return false;
	const struct piece *p = curve_at(s, s->step, s->asking);
	const char *unit = p->unit ? p->unit : "";
	int workers = (int)s->drawn.workers[s->drawn.cursor], x = 1;
	x += canvas_printf(app->canvas, row, 0, x, ROLE_GUESS, ngettext("%d worker: ", "%d workers: ", (unsigned long)workers), workers);
	if (app->field.open) {
		field_draw(app->canvas, row, 0, x, 10, &app->field);
		canvas_text(app->canvas, row, 0, x + 11, ROLE_GUESS, unit);
		return true;
	}
	x += canvas_printf(app->canvas, row, 0, x, ROLE_GUESS, "%s %s", draw_plain(s->drawn.speedup[s->drawn.cursor], figure), unit);
	canvas_text(app->canvas, row, 0, x + 2, ROLE_STATUS, _("←→ point  ↑↓ value  Enter takes the curve  Esc leaves"));
	return true;
}

/* One pane: the question stands above the chart. */
struct rect study_curve_question(struct app *app, struct rect area)
{
	const struct study *s = app->study;
	const struct piece *p = curve_at(s, s->step, s->asking);
	int most = area.rows >= 18 ? 3 : area.rows >= 13 ? 2 : 1;
	struct rect text = {area.y, area.x + 1, most, area.cols - 2};
	int used = draw_wrapped(app->canvas, text, 0, most, ROLE_BOLD, p->ask ? p->ask : "");
	return (struct rect){area.y + used, area.x, area.rows - used, area.cols};
}
