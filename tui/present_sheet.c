/* A thought as lines of a screen's width, and the pages they fill. Nothing is cut: what does not fit goes on the next page. */
#include "tui/present.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/compare.h"
#include "tui/draw.h"

enum { WIDE = 64, NARROW = 40, ROOMY_ROWS = 16, TALL_ROWS = 36, HEADLINE_ROWS = 3 };

struct stage stage_for(int rows, int cols)
{
	int banner = rows >= TALL_ROWS ? 3 : 1, gap = rows >= ROOMY_ROWS, margin = cols >= 60 ? 2 : 1;
	struct stage s = {.banner = {0, 0, banner, cols}, .foot = {rows - 1, 0, 1, cols}};
	s.body = (struct rect){banner + gap, margin, rows - banner - 2 * gap - 1, cols - 2 * margin};
	int width = cols * 7 / 10;
	int wide = cols / 2 > WIDE ? cols / 2 : WIDE; /* on a large screen the text grows, but lines stay readable */
	width = width > wide ? wide : width < NARROW ? NARROW : width;
	if (width > s.body.cols)
		width = s.body.cols;
	s.words = (struct rect){s.body.y, (cols - width) / 2, s.body.rows, width};
	return s;
}

void sheet_free(struct sheet *s)
{
	rich_free(&s->rich);
	free(s->pages);
	*s = (struct sheet){0};
}

static bool is_blank(const struct rich_line *l)
{
	for (int i = 0; i < l->count; i++)
		if (l->parts[i].text[strspn(l->parts[i].text, " ")])
			return false;
	return true;
}

int sheet_rows(const struct sheet *s, int first, int last, bool airy)
{
	int rows = 0;
	for (int i = first; i < last; i++)
		rows += airy && i + 1 < last && !is_blank(&s->rich.v[i]) ? 2 : 1;
	return rows;
}

static void add_page(struct sheet *s, enum page_kind kind, int first, int last)
{
	s->pages = xrealloc(s->pages, (size_t)(s->count + 1) * sizeof(*s->pages));
	s->pages[s->count++] = (struct page){kind, first, last};
}

/* A heading, and what it is of, belong together. */
static bool ends_in_heading(const struct sheet *s, int first, int end)
{
	while (end > first && is_blank(&s->rich.v[end - 1]))
		end--;
	return end > first && s->rich.v[end - 1].parts[0].role == ROLE_HEADING;
}

/* Pages of at most `rows` lines, which rather end between paragraphs, if that leaves none too empty. */
static void break_pages(struct sheet *s, int first, int last, int rows)
{
	if (rows < 1)
		rows = 1;
	while (last > first && is_blank(&s->rich.v[last - 1]))
		last--;
	while (first < last) {
		if (is_blank(&s->rich.v[first])) {
			first++;
			continue;
		}
		int end = last;
		if (last - first > rows) {
			end = first + rows;
			for (int i = end; i > first + rows / 3; i--) {
				if (is_blank(&s->rich.v[i]) && !ends_in_heading(s, first, i)) {
					end = i;
					break;
				}
			}
		}
		add_page(s, PAGE_WORDS, first, end);
		first = end;
	}
}

/* ---- what the lines are ---- */

static void gap(struct rich *r)
{
	if (r->n > 0 && !is_blank(&r->v[r->n - 1]))
		rich_line(r);
}

/* The options with a letter each; `right` marked when it is told, bars when somebody voted. */
static void add_options(struct app *app, struct rich *r, const struct piece *p, const struct ballot *b, int right)
{
	for (int i = 0; i < p->choice_count; i++) {
		char head[32];
		bool told = right >= 0 && (p->kind == PIECE_QUIZ ? p->choices[i].right : i == right);
		enum role role = told ? ROLE_GOOD : right >= 0 ? ROLE_DIM : ROLE_PLAIN;
		gap(r);
		snprintf(head, sizeof(head), "%s%c) ", told ? (app->ascii ? "+ " : "✓ ") : right >= 0 ? "  " : "", 'a' + i);
		rich_words(r, head, told ? ROLE_GOOD : ROLE_KEY, p->choices[i].text, role);
		if (b)
			ballot_bars(r, b, p->choice_count, i, right >= 0 ? 2 : 0, app->ascii);
	}
}

static int right_option(const struct piece *p)
{
	for (int i = 0; i < p->choice_count; i++)
		if (p->choices[i].right)
			return i;
	return -1;
}

static void add_quiz(struct app *app, struct rich *r, const struct piece *p, const struct ballot *b)
{
	bool told = b && b->revealed;
	rich_markdown(r, p->ask ? p->ask : "", 0, ROLE_HEADING);
	add_options(app, r, p, b, told ? right_option(p) : -1);
	for (int i = 0; told && i < p->choice_count; i++) {
		if (!p->choices[i].right || !p->choices[i].why)
			continue;
		gap(r);
		rich_markdown(r, p->choices[i].why, 0, ROLE_PLAIN);
	}
}

/* The run that a prediction is about, as far as it was measured. */
static const struct rec_run *run_of(const struct app *app, const struct thought *t)
{
	int step, piece;
	if (!study_run_of(app->study, t->step, t->piece, &step, &piece))
		return NULL;
	const struct slot *slot = study_slot(app->study, step, piece, -1);
	return slot && slot->state != RUN_LIVE ? study_result(app, slot) : NULL;
}

static void add_guesses(struct app *app, struct rich *r, const struct piece *p, const struct ballot *b, const struct rec_run *run)
{
	const char *field = p->compare && *p->compare ? p->compare : "speedup", *unit = p->unit ? p->unit : "";
	if (p->choice_count > 0) {
		add_options(app, r, p, b, run ? compare_choice(run, p) : -1);
		return;
	}
	struct estimate e = {NAN, NAN, NAN};
	static const struct ballot none;
	if (run)
		compare_measured(run, p, field, &e);
	gap(r);
	ballot_spread(r, b ? b : &none, unit, e.mid * compare_scale(field, unit), app->ascii);
}

static void add_predict(struct app *app, struct rich *r, const struct thought *t, const struct ballot *b)
{
	const struct piece *p = thought_piece(app->study->text, t);
	rich_markdown(r, p->ask ? p->ask : "", 0, ROLE_HEADING);
	if (p->curve_count > 0) {
		char line[80];
		snprintf(line, sizeof(line), _("with %d workers"), p->curve[p->curve_count - 1]);
		rich_words(r, "", ROLE_PLAIN, line, ROLE_PLAIN);
	}
	add_guesses(app, r, p, b, run_of(app, t));
	if (p->choice_count == 0 && (!b || b->number_count == 0)) {
		gap(r);
		rich_words(r, "", ROLE_DIM, b && b->revealed ? _("no guess") : _("Call out a number!"), ROLE_DIM);
	}
}

static void add_order(struct app *app, struct rich *r, const struct piece *p, bool right)
{
	int *order = xmalloc((size_t)(p->choice_count + 1) * sizeof(*order));
	thought_shuffle(p, order);
	rich_markdown(r, p->ask ? p->ask : "", 0, right ? ROLE_DIM : ROLE_HEADING);
	for (int i = 0, shown = 0; i < p->choice_count; i++) {
		const struct choice *c = &p->choices[right ? i : order[i]];
		char head[16];
		if (right && !c->right)
			continue;
		gap(r);
		snprintf(head, sizeof(head), "%2d  ", ++shown);
		rich_words(r, head, ROLE_KEY, c->text, ROLE_CODE);
	}
	for (int i = 0; right && i < p->choice_count; i++) {
		if (p->choices[i].right)
			continue;
		gap(r);
		rich_words(r, app->ascii ? " x  " : " ✗  ", ROLE_BAD, p->choices[i].text, ROLE_DIM);
	}
	if (right && p->why) {
		gap(r);
		rich_markdown(r, p->why, 0, ROLE_PLAIN);
	}
	free(order);
}

static void add_command(struct rich *r, const char *command, bool ran)
{
	gap(r);
	rich_words(r, "$ ", ROLE_KEY, command ? command : "", ROLE_CODE);
	if (!ran) {
		gap(r);
		rich_words(r, "", ROLE_DIM, _("F5 runs it"), ROLE_DIM);
	}
}

static void add_refute(struct app *app, struct rich *r, const struct thought *t, const struct ballot *b)
{
	const struct piece *p = thought_piece(app->study->text, t);
	const struct choice *c = &p->choices[t->choice];
	char head[32], line[200];
	snprintf(head, sizeof(head), "%s %c) ", app->ascii ? "x" : "✗", 'a' + t->choice);
	rich_words(r, head, ROLE_BAD, c->text, ROLE_HEADING);
	if (b && t->choice < BALLOT_OPTIONS && ballot_total(b, 0) + ballot_total(b, 1) > 0) {
		if (b->round == 0)
			snprintf(line, sizeof(line), _("%d of %d said so"), b->count[0][t->choice], ballot_total(b, 0));
		else
			snprintf(line, sizeof(line), _("%d of %d said so, then %d of %d"), b->count[0][t->choice], ballot_total(b, 0),
				 b->count[1][t->choice], ballot_total(b, 1));
		rich_words(r, "", ROLE_DIM, line, ROLE_DIM);
	}
	if (c->why) {
		gap(r);
		rich_markdown(r, c->why, 0, ROLE_PLAIN);
	}
	if (c->run)
		add_command(r, study_command(app, t->step, t->piece, t->choice), present_slot(app, t) != NULL);
}

/* ---- what a run has come to ---- */

static const char *why_of(const struct rec_run *run)
{
	const struct rec_budget *most = NULL;
	for (size_t i = 0; i < run->budgets.n; i++) {
		const struct rec_budget *b = &run->budgets.v[i];
		if (b->sentence && *b->sentence && (!most || (b->workers > most->workers && draw_same(b->variant, most->variant))))
			most = b;
	}
	return most ? words_of(most->sentence) : NULL;
}

/* All that is to be said; the first of it stands below the chart as well. */
static void add_result(struct app *app, struct rich *r, const struct slot *slot)
{
	const struct study *s = app->study;
	const struct rec_run *run = study_result(app, slot);
	const struct piece *p;
	int step, piece;
	char words[500];
	if (slot->state != RUN_DONE)
		rich_words(r, "! ", ROLE_WARN, slot->words, ROLE_WARN);
	if (!run)
		return;
	for (int n = 0; slot->choice < 0 && (p = study_guess_for(s, slot->step, slot->piece, n, &step, &piece)); n++) {
		enum compared c = compare_words(p, study_answer(app, step, piece), run, app->ascii, words, sizeof(words));
		if (c == COMPARED_NOT)
			continue;
		gap(r);
		rich_words(r, "", ROLE_PLAIN, words, c == COMPARED_HIT ? ROLE_GOOD : c == COMPARED_MISS ? ROLE_WARN : ROLE_DIM);
	}
	for (size_t i = 0; i < run->verdicts.n; i++) {
		const struct rec_verdict *v = &run->verdicts.v[i];
		if (v->right)
			continue;
		gap(r);
		snprintf(words, sizeof(words), "%s: %s", v->variant, v->text && *v->text ? words_of(v->text) : _("the result was wrong"));
		rich_words(r, app->ascii ? "x " : "✗ ", ROLE_BAD, words, ROLE_BAD);
	}
	const char *why = why_of(run);
	if (why) {
		gap(r);
		rich_words(r, "", ROLE_PLAIN, why, ROLE_PLAIN);
	}
	for (size_t i = 0; i < run->says.n; i++) {
		if (!run->says.v[i].about || strcmp(run->says.v[i].about, "busy"))
			continue;
		gap(r);
		rich_words(r, "! ", ROLE_WARN, words_of(run->says.v[i].text), ROLE_WARN);
	}
	/* What the class called out, with the measurement among it. */
	for (int n = 0; slot->choice < 0 && (p = study_guess_for(s, slot->step, slot->piece, n, &step, &piece)); n++) {
		const struct ballot *b = ballot_find(&app->present->ballots, step, piece);
		if (!b || (b->number_count == 0 && ballot_total(b, 0) == 0))
			continue;
		gap(r);
		rich_markdown(r, p->ask ? p->ask : "", 0, ROLE_HEADING);
		add_guesses(app, r, p, b, run);
	}
}

/* The chart with its headline, the command's words before it and the whole result after it. */
static void add_run_pages(struct app *app, struct sheet *s, const struct slot *slot, const struct stage *stage)
{
	int words = s->rich.n, width = s->rich.width;
	break_pages(s, 0, words, stage->body.rows);
	if (!slot)
		return;
	s->rich.width = stage->body.cols;
	if (slot->state != RUN_LIVE)
		add_result(app, &s->rich, slot);
	int first = words;
	while (first < s->rich.n && is_blank(&s->rich.v[first]))
		first++;
	int last = first;
	while (last < s->rich.n && !is_blank(&s->rich.v[last]) && last - first < HEADLINE_ROWS)
		last++;
	add_page(s, PAGE_CHART, first, last);
	s->rich.width = width;
	int result = s->rich.n;
	if (slot->state != RUN_LIVE)
		add_result(app, &s->rich, slot);
	break_pages(s, result, s->rich.n, stage->body.rows);
}

void present_sheet(struct app *app, const struct thought *t, struct sheet *s)
{
	const struct piece *p = thought_piece(app->study->text, t);
	const struct ballot *b = ballot_find(&app->present->ballots, t->step, t->piece);
	const struct stage stage = stage_for(app->rows, app->cols);
	*s = (struct sheet){.rich = {.width = stage.words.cols, .mark = -1}};
	switch (t->kind) {
	case THOUGHT_PROSE:
	case THOUGHT_EXPLAIN:
		rich_markdown(&s->rich, p->markdown ? p->markdown : "", 0, ROLE_PLAIN);
		break;
	case THOUGHT_HINT:
		rich_words(&s->rich, "", ROLE_DIM, _("Hint"), ROLE_DIM);
		gap(&s->rich);
		rich_markdown(&s->rich, p->markdown ? p->markdown : "", 0, ROLE_PLAIN);
		break;
	case THOUGHT_CODE:
	case THOUGHT_TWIN:
		s->dense = true;
		s->rich.width = stage.body.cols;
		sheet_code(app, s, t);
		break;
	case THOUGHT_PREDICT:
		s->steady = true;
		add_predict(app, &s->rich, t, b);
		break;
	case THOUGHT_QUIZ:
		s->steady = true;
		add_quiz(app, &s->rich, p, b);
		break;
	case THOUGHT_ORDER:
	case THOUGHT_ORDERED:
		s->steady = true;
		add_order(app, &s->rich, p, t->kind == THOUGHT_ORDERED);
		break;
	case THOUGHT_RUN:
		add_command(&s->rich, study_command(app, t->step, t->piece, -1), present_slot(app, t) != NULL);
		add_run_pages(app, s, present_slot(app, t), &stage);
		break;
	case THOUGHT_REFUTE:
		add_refute(app, &s->rich, t, b);
		add_run_pages(app, s, present_slot(app, t), &stage);
		break;
	}
	if (s->count == 0)
		break_pages(s, 0, s->rich.n, stage.body.rows);
	if (s->count == 0)
		add_page(s, PAGE_WORDS, 0, 0);
}
