/* The views pane of a lesson: tabs, and what the chosen view is to show. */
#include "tui/study_puzzle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/compare.h"
#include "tui/draw.h"
#include "tui/study_tune.h"

static const struct slot *shown(const struct study *s)
{
	return s->shown >= 0 && s->shown < s->slot_count ? &s->slots[s->shown] : NULL;
}

/* " Speedup ─ Timeline ─ …" in the frame where there is room, else the chosen one by name and the others by number. */
static void draw_tabs(struct app *app, struct rect area)
{
	struct study *s = app->study;
	int width = 1, x = 2;
	for (int i = 0; i < STUDY_VIEWS; i++)
		width += canvas_width(_(views[i]->name)) + 3;
	bool names = width + 2 <= area.cols;
	for (int i = 0; i < STUDY_VIEWS; i++) {
		char label[32];
		bool here = i == s->view;
		if (names)
			snprintf(label, sizeof(label), " %s ", _(views[i]->name));
		else if (here)
			snprintf(label, sizeof(label), " %d %s ", i + 1, _(views[i]->name));
		else
			snprintf(label, sizeof(label), " %d ", i + 1);
		hot_key(&app->hots, (struct rect){area.y, area.x + x, 1, canvas_width(label)}, '1' + i);
		if (here && s->view_focus) { /* for those who hear the screen */
			app->canvas->cursor_y = area.y;
			app->canvas->cursor_x = area.x + x + 1;
		}
		x += canvas_text(app->canvas, area, 0, x, here ? ROLE_SELECTED : ROLE_DIM, label);
		x += names;
	}
}

/* ---- what is looked at ---- */

/* The one chosen with v, else the one that was asked about. */
static const char *variant_of(const struct study *s, const struct slot *slot, const struct rec_run *run)
{
	int step, piece;
	if (!run)
		return NULL;
	if (s->variant && recset_variant(run, s->variant))
		return s->variant;
	const struct piece *p = slot->choice < 0 ? study_guess_for(s, slot->step, slot->piece, 0, &step, &piece) : NULL;
	return p && p->variant && *p->variant ? compare_variant(run, p) : NULL;
}

static struct view_guess guess_of(const struct app *app, const struct slot *slot, const struct rec_run *run)
{
	struct view_guess guess = {.cursor = -1};
	const struct piece *p;
	int step, piece;
	for (int n = 0; slot->choice < 0 &&
			(p = study_guess_for(app->study, slot->step, slot->piece, n, &step, &piece)); n++) {
		const char *answer = study_answer(app, step, piece);
		double number;
		if (study_curve_given(app, step, piece, &guess))
			break;
		if (p->curve_count > 0 || p->choice_count > 0 || !answer || !compare_number(answer, &number) ||
		    (p->compare && *p->compare && strcmp(p->compare, "speedup")))
			continue;
		double workers = run ? compare_workers(run, p) : p->workers;
		/* While the first rounds come in, the largest number of workers is known from the run line. */
		if (workers < 1 && run)
			for (int i = 0; i < run->worker_count; i++)
				workers = run->workers[i] > workers ? run->workers[i] : workers;
		if (workers >= 1)
			guess = (struct view_guess){.workers = {workers}, .speedup = {number}, .count = 1, .cursor = -1};
		break;
	}
	return guess;
}

void study_draw_view(struct app *app, struct rect area)
{
	struct study *s = app->study;
	const struct slot *slot = shown(s);
	struct view_input in = {.guess = {.cursor = -1}, .zoom = s->zoom, .workers = s->workers, .braille = app->braille};
	const struct view *view = views[s->view];
	struct rect inside = canvas_box(app->canvas, area, s->view_focus || study_drawing(app) ? ROLE_FOCUS : ROLE_BORDER, "");
	study_hot_view(app, area);
	draw_tabs(app, area);
	in.set = study_set(app, slot);
	in.run = study_result(app, slot);
	in.variant = variant_of(s, slot, in.run);
	in.output = study_output(app, slot);
	in.live = study_live_figures(app, slot);
	if (slot)
		in.guess = guess_of(app, slot, in.run);
	if (s->view == VIEW_SPEEDUP && study_curve_alone(app, &in.guess)) {
		in.set = NULL;
		in.run = NULL;
		if (study_drawing(app) && layout_for(app->rows, app->cols).kind == LAYOUT_SINGLE)
			inside = study_curve_question(app, inside);
	} else {
		overlays_fill(app, slot, &in);
	}
	/* Lines put in order stand where their program has them, unless the learner's copy of the lesson has errors to be seen. */
	bool copy = s->twin || (study_mine_told(s) && !study_ordering(app));
	if (s->view == VIEW_CODE && (copy || !study_order_source(app, &in)))
		study_code_fill(app, &in);
	study_sideways_fill(s, &in, view, inside.cols);
	struct scroll_range range = {0, 0};
	if (view->scrolls)
		range = view->scrolls(&in, inside.rows, inside.cols);
	s->scroll = s->scroll < range.least ? range.least : s->scroll > range.most ? range.most : s->scroll;
	in.scroll = s->scroll;
	view->draw(app->canvas, inside, &in);
	if (slot && slot->step != s->step && s->view != VIEW_CODE && in.run && !s->wide && s->overflow <= 0)
		canvas_printf(app->canvas, area, area.rows - 1, 2, ROLE_DIM, _(" from step %d "), slot->step + 1);
	study_cut_hint(app, area);
	study_live_tag(app, area, slot);
	const char *stretch = _(" + zoom ");
	int width = canvas_width(stretch);
	if (s->view == VIEW_TIMELINE && s->zoom == 0 && in.run && in.run->spans.n && !in.live && area.cols > width + 24)
		canvas_text(app->canvas, area, area.rows - 1, area.cols - width - 2, ROLE_KEY, stretch);
}

void study_cycle_variant(struct app *app)
{
	struct study *s = app->study;
	const struct rec_run *run = study_result(app, shown(s));
	struct view_input in = {.run = run, .variant = variant_of(s, shown(s), run)};
	const char *now = run ? draw_variant(&in) : NULL;
	int first = -1, at = -1;
	for (int i = 0; run && i < run->variant_count; i++) {
		bool measured = false;
		for (size_t j = 0; j < run->points.n; j++)
			measured = measured || !strcmp(run->points.v[j].variant, run->variants[i].name);
		if (!measured)
			continue;
		first = first < 0 ? i : first;
		if (at == -2) {
			at = i;
			break;
		}
		if (at == -1 && now && !strcmp(now, run->variants[i].name))
			at = -2; /* the next one */
	}
	if (first < 0) {
		app_say(app, ROLE_DIM, _("Nothing was run yet"));
		return;
	}
	free(s->variant);
	s->variant = xstrdup(run->variants[at >= 0 ? at : first].name);
	app_say(app, ROLE_STATUS, _("Looking at %s"), s->variant);
}

void study_cycle_workers(struct app *app)
{
	struct study *s = app->study;
	const struct rec_run *run = study_result(app, shown(s));
	if (!run || run->worker_count == 0) {
		app_say(app, ROLE_DIM, _("Nothing was run yet"));
		return;
	}
	int next = 0;
	while (next < run->worker_count && s->workers && run->workers[next] <= s->workers)
		next++;
	s->workers = run->workers[next < run->worker_count ? next : 0];
	app_say(app, ROLE_STATUS, ngettext("Looking at %d worker", "Looking at %d workers", (unsigned long)s->workers),
		s->workers);
}
