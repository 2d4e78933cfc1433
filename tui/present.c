/* A presentation: what its keys do, and what holds it back. */
#include "tui/present.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/compare.h"

enum { BOUNCE = 250 }; /* ms: of two presses of a clicker that come sooner, the second was not meant */

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
static bool is_hidden(const struct app *app, const struct thought *t)
{
	const struct ballot *b = ballot_find(&app->present->ballots, t->step, t->piece);
	if (t->kind == THOUGHT_REFUTE || t->kind == THOUGHT_ORDERED)
		return !b || !b->revealed;
	return t->kind == THOUGHT_HINT;
}

/* ---- what is kept ---- */

static void keep_votes(struct app *app)
{
	struct present *p = app->present;
	char when[32], notice[300];
	time_t now = time(NULL);
	struct tm utc;
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	for (int i = 0; i < p->ballots.n; i++) {
		struct ballot *b = &p->ballots.v[i];
		char *line = ballot_record(b, &p->text->steps[b->step].pieces[b->piece], p->lesson->id, when);
		if (!line)
			continue;
		b->unkept = false;
		if (!progress_append_records(line, strlen(line), notice, sizeof(notice)))
			app_say(app, ROLE_WARN, "%s", notice);
		free(line);
	}
}

/* The middle guess of the class is the answer that the lesson keeps, so that its chart shows it. */
static void keep_guess(struct app *app, const struct ballot *b)
{
	const struct piece *p = &app->study->text->steps[b->step].pieces[b->piece];
	char answer[64];
	int most = 0;
	for (int i = 1; i < BALLOT_OPTIONS; i++)
		if (b->count[b->round][i] > b->count[b->round][most])
			most = i;
	if (p->curve_count > 0 || p->kind != PIECE_PREDICT)
		return;
	if (p->choice_count > 0 && b->count[b->round][most] > 0)
		snprintf(answer, sizeof(answer), "%d", most + 1);
	else if (p->choice_count == 0 && b->number_count > 0)
		snprintf(answer, sizeof(answer), "%.6g", ballot_median(b));
	else
		return;
	progress_set_answer(app->progress, app->study->lesson->id, b->step, b->piece, answer);
}

/* ---- from thought to thought ---- */

static void step_left(struct present *p, int step)
{
	int64_t now = program_now();
	p->spent[step] += now - p->step_began;
	p->step_began = now;
}

static void go(struct app *app, int at)
{
	struct present *p = app->present;
	int from = present_now(p)->step;
	keep_votes(app);
	p->at = at;
	p->page = 0;
	const struct thought *t = present_now(p);
	if (t->step != from) {
		study_mark(app);
		step_left(p, from);
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

static int neighbour(const struct app *app, int by)
{
	const struct present *p = app->present;
	int at = p->at + by;
	while (at >= 0 && at < p->thoughts.n && is_hidden(app, &p->thoughts.v[at]))
		at += by;
	return at;
}

static void forward(struct app *app)
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
	int to = neighbour(app, 1);
	if (to < p->thoughts.n)
		go(app, to);
	else
		app_say(app, ROLE_DIM, _("This is the end of the lesson: q leaves"));
}

static void backward(struct app *app)
{
	struct present *p = app->present;
	if (p->page > 0) {
		p->page--;
		return;
	}
	int to = neighbour(app, -1);
	if (to < 0) {
		app_say(app, ROLE_DIM, _("This is the first thought"));
		return;
	}
	go(app, to);
	p->page = page_count(app) - 1;
}

static int first_of(const struct present *p, int step)
{
	int at = 0;
	while (at < p->thoughts.n && p->thoughts.v[at].step < step)
		at++;
	return at;
}

static bool hint(struct app *app)
{
	struct present *p = app->present;
	int step = present_now(p)->step, from = present_now(p)->kind == THOUGHT_HINT ? p->at + 1 : first_of(p, step);
	for (int i = from; i < p->thoughts.n && p->thoughts.v[i].step == step; i++) {
		if (p->thoughts.v[i].kind == THOUGHT_HINT) {
			go(app, i);
			return true;
		}
	}
	app_say(app, ROLE_DIM, from == first_of(p, step) ? _("This step has no hints") : _("That was the last hint"));
	return true;
}

/* ---- runs ---- */

static int thought_of(const struct present *p, enum thought_kind kind, int step, int piece, int choice)
{
	for (int i = 0; i < p->thoughts.n; i++) {
		const struct thought *t = &p->thoughts.v[i];
		if (t->kind == kind && t->step == step && t->piece == piece && t->choice == choice)
			return i;
	}
	return -1;
}

/* Guesses that the class did not make are no reason to wait. */
static void skip_guesses(struct app *app, int step, int piece)
{
	int at_step, at_piece;
	for (int n = 0; study_guess_for(app->study, step, piece, n, &at_step, &at_piece); n++)
		if (!study_guessed(app, at_step, at_piece))
			progress_set_answer(app->progress, app->study->lesson->id, at_step, at_piece, ANSWER_SKIPPED);
}

static void show_chart(struct app *app)
{
	struct sheet sheet;
	present_sheet(app, present_now(app->present), &sheet);
	for (int i = 0; i < sheet.count; i++)
		if (sheet.pages[i].kind == PAGE_CHART)
			app->present->page = i;
	sheet_free(&sheet);
}

static void run_at(struct app *app, int at)
{
	struct present *p = app->present;
	const struct thought t = p->thoughts.v[at];
	if (study_live(app)) {
		app_say(app, ROLE_DIM, _("A run is live: s stops it"));
		return;
	}
	if (at != p->at)
		go(app, at);
	if (t.choice < 0)
		skip_guesses(app, t.step, t.piece);
	study_run(app, t.step, t.piece, t.choice, NULL);
	show_chart(app);
}

static bool has_run(const struct present *p, const struct thought *t)
{
	return t->kind == THOUGHT_RUN || (t->kind == THOUGHT_REFUTE && thought_piece(p->text, t)->choices[t->choice].run);
}

/* The wrong option with most votes (of the last vote) whose experiment can be run; without votes the first. */
static int worst_wrong(struct app *app, const struct thought *t)
{
	const struct present *p = app->present;
	const struct ballot *b = ballot_find(&p->ballots, t->step, t->piece);
	int best = -1, votes = -1;
	for (int i = 0; i < p->thoughts.n; i++) {
		const struct thought *wrong = &p->thoughts.v[i];
		if (wrong->kind != THOUGHT_REFUTE || wrong->step != t->step || wrong->piece != t->piece || !has_run(p, wrong))
			continue;
		int count = b && wrong->choice < BALLOT_OPTIONS ? b->count[b->round][wrong->choice] : 0;
		if (b && b->round == 1 && ballot_total(b, 1) == 0 && wrong->choice < BALLOT_OPTIONS)
			count = b->count[0][wrong->choice];
		if (count > votes) {
			votes = count;
			best = i;
		}
	}
	return best;
}

static bool reveal(struct app *app)
{
	struct ballot *b = present_ballot(app);
	const struct thought *t = present_now(app->present);
	if (!b || b->revealed) {
		app_say(app, ROLE_DIM, b ? _("This is answered already") : _("Nothing is hidden here"));
		return true;
	}
	b->revealed = true;
	keep_votes(app);
	if (t->kind == THOUGHT_ORDER)
		go(app, neighbour(app, 1));
	else if (t->kind == THOUGHT_QUIZ && worst_wrong(app, t) >= 0)
		app_say(app, ROLE_DIM, _("F5 runs what refutes the wrong answer with most votes"));
	return true;
}

static bool run_here(struct app *app)
{
	struct present *p = app->present;
	const struct thought *t = present_now(p);
	int step, piece, at = -1;
	if (has_run(p, t)) {
		at = p->at;
	} else if (t->kind == THOUGHT_PREDICT && study_run_of(app->study, t->step, t->piece, &step, &piece)) {
		at = thought_of(p, THOUGHT_RUN, step, piece, -1);
	} else if (t->kind == THOUGHT_QUIZ || t->kind == THOUGHT_ORDER) {
		if (present_asks(app, t))
			return reveal(app);
		at = t->kind == THOUGHT_QUIZ ? worst_wrong(app, t) : -1;
		if (at < 0) {
			app_say(app, ROLE_DIM, _("This question has no run that refutes an answer"));
			return true;
		}
	}
	if (at >= 0)
		run_at(app, at);
	else
		go(app, 0);
	return true;
}

/* ---- votes ---- */

static bool can_vote(struct app *app)
{
	const struct thought *t = present_now(app->present);
	struct ballot *b = present_ballot(app);
	return b && !b->revealed && t->kind != THOUGHT_ORDER && thought_piece(app->study->text, t)->choice_count > 0;
}

static bool vote(struct app *app, int by)
{
	struct ballot *b = present_ballot(app);
	const struct thought *t = present_now(app->present);
	int option = (app->key | 0x20) - 'a', options = thought_piece(app->study->text, t)->choice_count;
	if (!can_vote(app))
		return false;
	if (option < 0 || option >= options || option >= BALLOT_OPTIONS) {
		app_say(app, ROLE_DIM, _("There is no option %c here"), 'a' + option);
		return true;
	}
	int count = b->count[b->round][option] + by;
	b->count[b->round][option] = count < 0 ? 0 : count > BALLOT_MOST ? BALLOT_MOST : count;
	b->unkept = true;
	keep_guess(app, b);
	return true;
}

static bool revote(struct app *app)
{
	struct ballot *b = present_ballot(app);
	if (!can_vote(app) || ballot_total(b, 0) == 0) {
		app_say(app, ROLE_DIM, _("A second vote comes after a first one"));
		return true;
	}
	if (b->round == 1 && ballot_total(b, 1) > 0) {
		app_say(app, ROLE_DIM, _("This is the second vote already"));
		return true;
	}
	keep_votes(app);
	b->round = !b->round;
	app_say(app, ROLE_DIM, b->round ? _("Second vote, after discussion") : _("First vote"));
	return true;
}

/* v: counts of a vote, or the numbers that were called out. */
static bool type_votes(struct app *app)
{
	struct present *p = app->present;
	const struct thought *t = present_now(p);
	struct ballot *b = present_ballot(app);
	char text[FIELD_MAX] = "";
	size_t used = 0;
	if (t->kind == THOUGHT_PREDICT && thought_piece(app->study->text, t)->choice_count == 0) {
		for (int i = 0; i < b->number_count && used + 16 < sizeof(text); i++)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%.6g ", b->numbers[i]);
		p->typing = TYPING_NUMBERS;
		field_open(&app->field, text);
		return true;
	}
	if (!can_vote(app)) {
		app_say(app, ROLE_DIM, _("Nothing to vote on here"));
		return true;
	}
	p->typing = TYPING_COUNTS;
	field_open(&app->field, "");
	return true;
}

static void typed(struct app *app, bool accepted)
{
	struct present *p = app->present;
	const struct thought *t = present_now(p);
	struct ballot *b = present_ballot(app);
	const char *text = app->field.text;
	double step;
	if (!accepted)
		return;
	if (p->typing == TYPING_JUMP) {
		if (!util_number(text, &step) || step != floor(step) || step < 1 || step > app->study->text->count)
			app_say(app, ROLE_WARN, _("There is no step %s (1 to %d)"), text, app->study->text->count);
		else
			go(app, first_of(p, (int)step - 1));
		return;
	}
	bool good = p->typing == TYPING_COUNTS ? ballot_counts(b, thought_piece(app->study->text, t)->choice_count, text)
					       : ballot_numbers(b, text);
	if (good) {
		keep_guess(app, b);
		return;
	}
	app->field.open = true;
	app_say(app, ROLE_WARN, p->typing == TYPING_COUNTS ? _("A count for each option, please, like 12 3 8")
							   : _("Numbers, please, like 1.8 2 3"));
}

/* ---- the screen ---- */

/* The text may be another one now: another language. */
static void refresh(struct app *app)
{
	struct present *p = app->present;
	if (p->text == app->study->text)
		return;
	p->text = app->study->text;
	thoughts_cut(&p->thoughts, p->text);
	if (p->at >= p->thoughts.n)
		p->at = p->thoughts.n - 1;
	if (app->study->step != present_now(p)->step)
		study_go(app, present_now(p)->step);
}

static enum place present_place(struct app *app)
{
	refresh(app);
	return can_vote(app) ? PLACE_VOTE : PLACE_PRESENT;
}

static void leave(struct app *app)
{
	struct present *p = app->present;
	keep_votes(app);
	study_mark(app);
	step_left(p, present_now(p)->step);
	if (p->alone)
		app->quit = true;
	else
		app_pop(app);
}

static void stop_and_leave(struct app *app)
{
	program_finish(&app->child);
	app_child_news(app, true);
	leave(app);
}

/* A clicker presses twice more easily than it should. */
static bool bounced(struct app *app)
{
	static const int clicker[] = {K_PGDN, K_PGUP, K_RIGHT, K_LEFT, K_F5, ' '};
	int64_t now = program_now(), before = app->present->pressed;
	bool clicked = false;
	for (size_t i = 0; i < sizeof(clicker) / sizeof(*clicker); i++)
		clicked = clicked || app->key == clicker[i];
	if (clicked)
		app->present->pressed = now;
	return clicked && now - before < BOUNCE;
}

static bool present_act(struct app *app, enum action action)
{
	struct present *p = app->present;
	struct study *s = app->study;
	if (bounced(app))
		return true;
	switch (action) {
	case ACT_ENTER:
	case ACT_FORWARD:
		forward(app);
		return true;
	case ACT_BACKWARD:
		backward(app);
		return true;
	case ACT_TOP:
		go(app, 0);
		return true;
	case ACT_BOTTOM:
		go(app, p->thoughts.n - 1);
		while (is_hidden(app, present_now(p)))
			p->at--;
		return true;
	case ACT_NUMBER:
		p->typing = TYPING_JUMP;
		field_open(&app->field, (char[]){(char)app->key, '\0'});
		return true;
	case ACT_BLANK:
	case ACT_BLANK_TOO:
		p->blank = true;
		return true;
	case ACT_RUN:
		return run_here(app);
	case ACT_STOP:
		if (!study_live(app))
			return false;
		program_stop(&app->child);
		return true;
	case ACT_PAUSE:
		if (!study_live(app))
			return false;
		program_pause(&app->child, !app->child.paused);
		return true;
	case ACT_REVEAL:
		return reveal(app);
	case ACT_HINT:
		return hint(app);
	case ACT_VOTE:
		return vote(app, 1);
	case ACT_UNVOTE:
		return vote(app, -1);
	case ACT_COUNTS:
		return type_votes(app);
	case ACT_REVOTE:
		return revote(app);
	case ACT_LOCK:
		p->unlocked = !p->unlocked;
		app_say(app, ROLE_DIM, p->unlocked ? _("Unlocked: questions can be passed") : _("Locked: a question waits for its answer"));
		return true;
	case ACT_OTHER_VIEW:
		s->view = (s->view + 1) % STUDY_VIEWS;
		s->scroll = 0;
		return true;
	case ACT_LEAVE:
		if (study_live(app))
			app_ask(app, N_("A run is live. Stop it and leave?"), stop_and_leave);
		else
			leave(app);
		return true;
	default:
		return false;
	}
}

static bool present_wakes(struct app *app)
{
	bool was = app->present->blank;
	app->present->blank = false;
	return was;
}

static const char *present_enter(struct app *app)
{
	(void)app;
	return NULL;
}

static void present_title(struct app *app, char *text, size_t size)
{
	const struct course_lesson *l = app->study->lesson;
	snprintf(text, size, "%d.%d %s", l->chapter, l->number,
		 app_title_of(app, l->title_en ? l->title_en : l->id, l->title_zh));
}

static void draw(struct app *app, const struct layout *l)
{
	refresh(app);
	present_draw(app, l);
}

const struct screen screen_present = {
	.place = present_place, .draw = draw, .act = present_act, .enter = present_enter, .typed = typed, .title = present_title,
	.wakes = present_wakes, .bare = true,
};

bool present_open(struct app *app)
{
	struct present *p = app->present;
	struct study *s = app->study;
	if (!s)
		return false;
	if (p && p->lesson != s->lesson) {
		present_free(app);
		p = NULL;
	}
	if (!p) {
		p = app->present = xcalloc(1, sizeof(*p));
		p->lesson = s->lesson;
		p->spent = xcalloc((size_t)s->text->count, sizeof(*p->spent));
		p->began = program_now();
	}
	p->text = s->text;
	thoughts_cut(&p->thoughts, p->text);
	if (p->thoughts.n == 0) {
		present_free(app);
		return false;
	}
	p->step_began = program_now();
	p->pressed = -BOUNCE;
	p->at = first_of(p, s->step);
	p->page = 0;
	p->blank = false;
	s->asking = -1;
	s->view_focus = false;
	app_push(app, &screen_present);
	return true;
}

bool present_alone(struct app *app, const char *lesson)
{
	int step;
	const char *id = lesson ? lesson : progress_where(app->progress, &step);
	if ((!id || !course_find(app->course, id)) && !lesson && app->course && app->course->lesson_count > 0)
		id = app->course->lessons[0].id;
	if (!id || !study_open(app, id, lesson ? 0 : -1) || !app->study || !present_open(app))
		return false;
	app->present->alone = true;
	return true;
}

void present_free(struct app *app)
{
	struct present *p = app->present;
	if (!p)
		return;
	if (app->study && app->study->lesson == p->lesson) {
		refresh(app);
		keep_votes(app);
	}
	thoughts_free(&p->thoughts);
	free(p->ballots.v);
	free(p->spent);
	free(p);
	app->present = NULL;
}
