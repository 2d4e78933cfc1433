/* A presentation and its class: guesses, votes, answers, and the runs that settle them. */
#include "tui/present.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/compare.h"

/* ---- what is kept ---- */

void present_keep_votes(struct app *app)
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

/* The middle guess of the class is the answer while it is presented, so that the chart shows it; the learner's own stays. */
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

void present_guesses(struct app *app)
{
	for (int i = 0; i < app->present->ballots.n; i++)
		keep_guess(app, &app->present->ballots.v[i]);
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
		present_go(app, at);
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

bool present_reveal(struct app *app)
{
	struct ballot *b = present_ballot(app);
	const struct thought *t = present_now(app->present);
	if (!b || b->revealed) {
		app_say(app, ROLE_DIM, b ? _("This is answered already") : _("Nothing is hidden here"));
		return true;
	}
	b->revealed = true;
	present_keep_votes(app);
	if (t->kind == THOUGHT_ORDER)
		present_go(app, present_neighbour(app, 1));
	else if (t->kind == THOUGHT_QUIZ && worst_wrong(app, t) >= 0)
		app_say(app, ROLE_DIM, _("F5 runs what refutes the wrong answer with most votes"));
	return true;
}

bool present_run(struct app *app)
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
			return present_reveal(app);
		at = t->kind == THOUGHT_QUIZ ? worst_wrong(app, t) : -1;
		if (at < 0) {
			app_say(app, ROLE_DIM, _("This question has no run that refutes an answer"));
			return true;
		}
	}
	if (at >= 0)
		run_at(app, at);
	else
		present_go(app, 0);
	return true;
}

/* ---- votes ---- */

bool present_can_vote(struct app *app)
{
	const struct thought *t = present_now(app->present);
	struct ballot *b = present_ballot(app);
	return b && !b->revealed && t->kind != THOUGHT_ORDER && thought_piece(app->study->text, t)->choice_count > 0;
}

bool present_vote(struct app *app, int by)
{
	struct ballot *b = present_ballot(app);
	const struct thought *t = present_now(app->present);
	int option = (app->key | 0x20) - 'a', options = thought_piece(app->study->text, t)->choice_count;
	if (!present_can_vote(app))
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

bool present_revote(struct app *app)
{
	struct ballot *b = present_ballot(app);
	if (!present_can_vote(app) || ballot_total(b, 0) == 0) {
		app_say(app, ROLE_DIM, _("A second vote comes after a first one"));
		return true;
	}
	if (b->round == 1 && ballot_total(b, 1) > 0) {
		app_say(app, ROLE_DIM, _("This is the second vote already"));
		return true;
	}
	present_keep_votes(app);
	b->round = !b->round;
	app_say(app, ROLE_DIM, b->round ? _("Second vote, after discussion") : _("First vote"));
	return true;
}

/* v: counts of a vote, or the numbers that were called out. */
bool present_type_votes(struct app *app)
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
	if (!present_can_vote(app)) {
		app_say(app, ROLE_DIM, _("Nothing to vote on here"));
		return true;
	}
	p->typing = TYPING_COUNTS;
	field_open(&app->field, "");
	return true;
}

void present_typed(struct app *app, bool accepted)
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
			present_go(app, present_first_of(p, (int)step - 1));
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
