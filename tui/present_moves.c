/* Where a presentation stands, and what holds it back: from thought to thought. */
#include "tui/present.h"

#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

const struct thought *present_now(const struct present *p) { return &p->thoughts.v[p->at]; }

static bool is_question(const struct thought *t)
{
	return t->kind == THOUGHT_PREDICT || t->kind == THOUGHT_QUIZ || t->kind == THOUGHT_ORDER;
}

struct ballot *present_ballot(struct app *app)
{
	const struct thought *t = present_now(app->present);
	return is_question(t) ? ballot_of(&app->present->ballots, t->step, t->piece) : NULL;
}

bool present_asks(const struct app *app, const struct thought *t)
{
	const struct ballot *b = ballot_find(&app->present->ballots, t->step, t->piece);
	if (!is_question(t) || (b && b->revealed))
		return false;
	/* A guess is answered by the run that comes next; it need only be made. */
	return t->kind != THOUGHT_PREDICT || !b || (b->number_count == 0 && ballot_total(b, 0) == 0);
}

struct slot *present_slot(const struct app *app, const struct thought *t)
{
	return t->kind == THOUGHT_RUN || t->kind == THOUGHT_REFUTE ? study_slot(app->study, t->step, t->piece, t->choice) : NULL;
}

static int page_count(struct app *app)
{
	struct sheet sheet;
	present_sheet(app, present_now(app->present), &sheet);
	int count = sheet.count;
	sheet_free(&sheet);
	return count;
}

/* Thoughts that are not for now are stepped over: hints, and answers before they are told. */
bool present_hides(const struct app *app, const struct thought *t)
{
	const struct ballot *b = ballot_find(&app->present->ballots, t->step, t->piece);
	if (t->kind == THOUGHT_REFUTE || t->kind == THOUGHT_ORDERED)
		return !b || !b->revealed;
	return t->kind == THOUGHT_HINT;
}

/* ---- from thought to thought ---- */

void present_step_left(struct present *p, int step)
{
	int64_t now = program_now();
	p->spent[step] += now - p->step_began;
	p->step_began = now;
}

void present_go(struct app *app, int at)
{
	struct present *p = app->present;
	int from = present_now(p)->step;
	present_keep_votes(app);
	p->at = at;
	p->page = p->warned = 0;
	const struct thought *t = present_now(p);
	if (t->step != from) {
		study_mark(app);
		present_step_left(p, from);
	}
	if (app->study->step != t->step)
		study_go(app, t->step);
	const struct slot *slot = present_slot(app, t);
	if (slot && (app->study->view == VIEW_CODE || app->study->view == VIEW_OUTPUT)) {
		const struct rec_run *run = study_result(app, slot);
		app->study->view = run && run->points.n > 0 ? VIEW_SPEEDUP : VIEW_OUTPUT;
	}
	app_save(app);
}

int present_neighbour(const struct app *app, int by)
{
	const struct present *p = app->present;
	int at = p->at + by;
	while (at >= 0 && at < p->thoughts.n && present_hides(app, &p->thoughts.v[at]))
		at += by;
	return at;
}

void present_forward(struct app *app)
{
	struct present *p = app->present;
	const struct thought *t = present_now(p);
	if (p->page + 1 < page_count(app)) {
		p->page++;
		return;
	}
	if (!p->unlocked && study_live(app)) {
		app_say(app, ROLE_DIM, _("The run is live: p holds it, s stops it (k unlocks)"));
		return;
	}
	if (!p->unlocked && present_asks(app, t)) {
		app_say(app, ROLE_DIM, t->kind == THOUGHT_PREDICT ? _("No guess yet: v types it, x goes on without (k unlocks)")
								  : _("Not answered yet: x shows the answer (k unlocks)"));
		return;
	}
	if (!p->unlocked && t->kind == THOUGHT_RUN && !present_slot(app, t) && p->warned != p->at + 1) {
		p->warned = p->at + 1;
		app_say(app, ROLE_DIM, _("F5 runs it; once more goes on"));
		return;
	}
	int to = t->kind == THOUGHT_HINT ? p->hint_from : present_neighbour(app, 1);
	if (to < p->thoughts.n)
		present_go(app, to);
	else
		app_say(app, ROLE_DIM, _("This is the end of the lesson: q leaves"));
}

void present_backward(struct app *app)
{
	struct present *p = app->present;
	if (p->page > 0) {
		p->page--;
		return;
	}
	int to = present_now(p)->kind == THOUGHT_HINT ? p->hint_from : present_neighbour(app, -1);
	if (to < 0) {
		app_say(app, ROLE_DIM, _("This is the first thought"));
		return;
	}
	present_go(app, to);
	p->page = page_count(app) - 1;
}

int present_first_of(const struct present *p, int step)
{
	int at = 0;
	while (at < p->thoughts.n && p->thoughts.v[at].step < step)
		at++;
	return at;
}

bool present_hint(struct app *app)
{
	struct present *p = app->present;
	int step = present_now(p)->step, from = present_now(p)->kind == THOUGHT_HINT ? p->at + 1 : present_first_of(p, step);
	for (int i = from; i < p->thoughts.n && p->thoughts.v[i].step == step; i++) {
		if (p->thoughts.v[i].kind == THOUGHT_HINT) {
			if (present_now(p)->kind != THOUGHT_HINT)
				p->hint_from = p->at;
			present_go(app, i);
			return true;
		}
	}
	app_say(app, ROLE_DIM, from == present_first_of(p, step) ? _("This step has no hints") : _("That was the last hint"));
	return true;
}

