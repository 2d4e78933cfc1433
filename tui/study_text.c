/* The text pane of a lesson: prose, and the live blocks with what became of them. */
#include "tui/study_puzzle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/compare.h"
#include "tui/rich.h"

struct spot { /* where the piece that is being answered was put */
	int line, cols;
};

static void blank(struct rich *r)
{
	if (r->n > 0 && r->v[r->n - 1].count > 0)
		rich_line(r);
}

static enum role role_of(enum compared c)
{
	return c == COMPARED_HIT ? ROLE_GOOD : c == COMPARED_MISS ? ROLE_WARN : ROLE_DIM;
}

static bool was_busy(const struct rec_run *run)
{
	if (run->partial)
		return false; /* whoever stopped it knows why it tells so little */
	for (size_t i = 0; i < run->says.n; i++)
		if (run->says.v[i].about && !strcmp(run->says.v[i].about, "busy"))
			return true;
	for (size_t i = 0; i < run->points.n && run->ended && !run->partial; i++)
		if (run->points.v[i].busy && !run->points.v[i].once)
			return true;
	return false;
}

/* What the guesses of a run have come to, and why the speedup is what it is. */
static void add_result(struct app *app, struct rich *r, const struct slot *slot)
{
	const struct study *s = app->study;
	const struct rec_run *run = study_result(app, slot);
	const struct piece *p;
	const char *variant = NULL;
	int step, piece, workers = 0;
	char words[400];
	if (!run || slot->state == RUN_LIVE)
		return;
	for (int n = 0; slot->choice < 0 && (p = study_guess_for(s, slot->step, slot->piece, n, &step, &piece)); n++) {
		enum compared c = compare_words(p, study_answer(app, step, piece), run, app->ascii, words, sizeof(words));
		if (c != COMPARED_NOT)
			rich_words(r, c == COMPARED_HIT ? (app->ascii ? "+ " : "✓ ") : (app->ascii ? "> " : "▸ "), role_of(c), words,
				   role_of(c));
		if (!variant) {
			variant = compare_variant(run, p);
			workers = compare_workers(run, p);
		}
	}
	/* Without a guess: the budget of the largest run of the first variant that has one. */
	for (size_t i = 0; !variant && i < run->budgets.n; i++)
		if (run->budgets.v[i].sentence && *run->budgets.v[i].sentence) {
			variant = run->budgets.v[i].variant;
			workers = run->budgets.v[i].workers;
		}
	const char *why = NULL;
	for (size_t i = 0; variant && i < run->budgets.n; i++) {
		const struct rec_budget *b = &run->budgets.v[i];
		if (!strcmp(b->variant, variant) && b->workers >= workers && b->sentence && *b->sentence) {
			workers = b->workers;
			why = words_of(b->sentence);
		}
	}
	if (why) {
		rich_words(r, _("Why: "), ROLE_BOLD, why, ROLE_PLAIN);
	}
	for (size_t i = 0; i < run->verdicts.n; i++) {
		const struct rec_verdict *v = &run->verdicts.v[i];
		if (v->right)
			continue;
		snprintf(words, sizeof(words), "%s: %s", v->variant, v->text && *v->text ? words_of(v->text) : _("the result was wrong"));
		rich_words(r, app->ascii ? "x " : "✗ ", ROLE_BAD, words, ROLE_BAD);
	}
	for (size_t i = 0; i < run->says.n; i++)
		if (run->says.v[i].about && !strcmp(run->says.v[i].about, "busy"))
			rich_words(r, "! ", ROLE_WARN, words_of(run->says.v[i].text), ROLE_WARN);
	if (was_busy(run))
		rich_words(r, "! ", ROLE_WARN, _("Too few quiet rounds for a verdict; r runs it again."), ROLE_WARN);
}

static void add_state(struct app *app, struct rich *r, const struct slot *slot)
{
	static const enum role roles[] = {[RUN_LIVE] = ROLE_EMPHASIS, [RUN_DONE] = ROLE_GOOD, [RUN_STOPPED] = ROLE_WARN,
					  [RUN_KILLED] = ROLE_BAD, [RUN_FAILED] = ROLE_BAD};
	const char *words = slot->state != RUN_LIVE ? slot->words : app->child.paused ? _("held")
			  : app->child.stopping ? _("stopping") : _("running");
	rich_words(r, app->ascii ? "  > " : "  ▸ ", roles[slot->state], words, roles[slot->state]);
}

static void add_run(struct app *app, struct rich *r, int piece)
{
	const struct study *s = app->study;
	const struct slot *slot = study_slot(s, s->step, piece, -1);
	const char *command = study_command(app, s->step, piece, -1);
	bool mine = slot ? slot->mine : study_mine_on(app);
	char *words = xasprintf("%s%s%s", command ? command : "", mine ? "  " : "", mine ? _("(yours)") : "");
	blank(r);
	rich_words(r, "$ ", ROLE_KEY, words, ROLE_CODE);
	free(words);
	if (!slot)
		return;
	add_state(app, r, slot);
	add_result(app, r, slot);
}

/* One option: a mark, the text, the cursor's row in reverse. */
static void add_options(struct app *app, struct rich *r, int piece, struct spot *spot)
{
	const struct study *s = app->study;
	const struct piece *p = &study_step(s)->pieces[piece];
	int chosen = study_chosen(app, s->step, piece);
	for (int i = 0; i < p->choice_count; i++) {
		bool here = s->asking == piece && s->cursor == i;
		bool out = study_refuted(app, s->step, piece, i) && (i != chosen || s->asking == piece);
		const char *head = out ? (app->ascii ? " (x) " : " (✗) ") : i != chosen ? " ( ) " : app->ascii ? " (*) " : " (•) ";
		if (here)
			*spot = (struct spot){r->n, 1};
		int first = r->n;
		rich_words(r, head, here ? ROLE_SELECTED : out ? ROLE_DIM : ROLE_KEY, p->choices[i].text,
			   here ? ROLE_SELECTED : out ? ROLE_DIM : ROLE_PLAIN);
		study_hot_option(first, r->n, piece, i);
	}
}

static void add_predict(struct app *app, struct rich *r, int piece, struct spot *spot)
{
	const struct study *s = app->study;
	const struct piece *p = &study_step(s)->pieces[piece];
	const char *answer = study_answer(app, s->step, piece);
	bool skipped = answer && !strcmp(answer, ANSWER_SKIPPED);
	char line[FIELD_MAX + 64];
	blank(r);
	rich_markdown(r, p->ask ? p->ask : "", 0, ROLE_BOLD);
	if (p->curve_count > 0) {
		int at = study_curve_text(app, r, piece);
		if (at >= 0)
			*spot = (struct spot){at, 0};
		return;
	}
	if (p->choice_count > 0) {
		add_options(app, r, piece, spot);
		if (skipped)
			rich_words(r, "  ", ROLE_DIM, _("(no guess; a asks again)"), ROLE_DIM);
		return;
	}
	rich_line(r);
	const char *head = _("  my guess: ");
	int indent = canvas_width(head);
	rich_part(r, ROLE_GUESS, head);
	if (s->asking == piece) {
		*spot = (struct spot){r->n - 1, indent};
		snprintf(line, sizeof(line), "%12s%s", "", p->unit ? p->unit : "");
		rich_part(r, ROLE_PLAIN, line);
		if (answer && !skipped) {
			snprintf(line, sizeof(line), _(" (was %s)"), answer);
			rich_part(r, ROLE_DIM, line);
		}
		return;
	}
	snprintf(line, sizeof(line), "%s %s", !answer ? "[    ]" : skipped ? _("none") : answer, p->unit ? p->unit : "");
	rich_part(r, answer && !skipped ? ROLE_GUESS : ROLE_DIM, line);
}

static void add_quiz(struct app *app, struct rich *r, int piece, struct spot *spot)
{
	const struct study *s = app->study;
	const struct piece *p = &study_step(s)->pieces[piece];
	int chosen = study_chosen(app, s->step, piece);
	blank(r);
	rich_markdown(r, p->ask ? p->ask : "", 0, ROLE_BOLD);
	add_options(app, r, piece, spot);
	if (chosen < 0 || s->asking == piece)
		return;
	const struct choice *c = &p->choices[chosen];
	r->mark = piece | PART_FEEDBACK;
	rich_words(r, c->right ? (app->ascii ? "+ " : "✓ ") : (app->ascii ? "x " : "✗ "), c->right ? ROLE_GOOD : ROLE_BAD,
		   c->right ? _("Right.") : _("Not so."), c->right ? ROLE_GOOD : ROLE_BAD);
	if (c->why)
		rich_markdown(r, c->why, 2, ROLE_PLAIN);
	if (!c->right && c->run) {
		const struct slot *slot = study_slot(s, s->step, piece, chosen);
		rich_words(r, "r $ ", ROLE_KEY, slot ? slot->command : c->run, ROLE_CODE);
		if (slot) {
			r->mark = piece | PART_RESULT;
			add_state(app, r, slot);
			add_result(app, r, slot);
		}
	}
	if (!c->right)
		study_add_way(app, r, piece);
}

/* A file of the lesson itself goes by its own name. */
static const char *file_name(const struct study *s, const char *file)
{
	size_t n = strlen(s->lesson->dir);
	if (!file)
		return "";
	return !strncmp(file, s->lesson->dir, n) && file[n] == '/' ? file + n + 1 : file;
}

static void add_piece(struct app *app, struct rich *r, int piece, struct spot *spot)
{
	const struct study *s = app->study;
	const struct piece *p = &study_step(s)->pieces[piece];
	char line[300];
	int line_of_cursor;
	r->mark = piece;
	switch (p->kind) {
	case PIECE_PROSE:
		blank(r);
		rich_markdown(r, p->markdown, 0, ROLE_PLAIN);
		break;
	case PIECE_RUN:
		add_run(app, r, piece);
		break;
	case PIECE_PREDICT:
		add_predict(app, r, piece, spot);
		break;
	case PIECE_QUIZ:
		add_quiz(app, r, piece, spot);
		break;
	case PIECE_CODE:
		blank(r);
		snprintf(line, sizeof(line), "%s %s", file_name(s, p->file), p->name ? p->name : "");
		rich_words(r, "5 ", ROLE_KEY, line, ROLE_CODE);
		break;
	case PIECE_TWIN:
		blank(r);
		rich_words(r, "t ", ROLE_KEY, _("the same in Python"), ROLE_CODE);
		break;
	case PIECE_ORDER:
		blank(r);
		line_of_cursor = study_order_text(app, r, piece);
		if (line_of_cursor >= 0)
			*spot = (struct spot){line_of_cursor, 0};
		break;
	case PIECE_HINT:
		study_add_hint(app, r, piece);
		break;
	case PIECE_EXPLAIN:
		study_add_explain(app, r, piece);
		break;
	case PIECE_NOTES:
		if (!s->notes)
			break;
		blank(r);
		snprintf(line, sizeof(line), _("Notes, %d%s%d min"), p->minutes_min, app->ascii ? "-" : "–", p->minutes_max);
		rich_words(r, "", ROLE_QUOTE, line, ROLE_HEADING);
		rich_markdown(r, p->markdown ? p->markdown : "", 1, ROLE_QUOTE);
		break;
	}
}

/* Brings the piece that something happened to into view: its end, but rather its beginning where both don't fit. */
static void bring_into_view(struct study *s, const struct rich *r, const struct spot *spot, int rows)
{
	int first = -1, last = -1;
	for (int i = 0; s->want >= 0 && i < r->n; i++) {
		if (r->v[i].mark != s->want)
			continue;
		first = first < 0 ? i : first;
		last = i;
	}
	s->want = -1;
	if (last >= 0) {
		s->top = layout_scroll(s->top, rows, r->n, last);
		s->top = layout_scroll(s->top, rows, r->n, first);
	}
	s->top = layout_scroll(s->top, rows, r->n, spot->line);
}

void study_draw_text(struct app *app, struct rect area)
{
	struct study *s = app->study;
	char title[96];
	enum mark mark = progress_mark(app->progress, s->lesson->id, s->step);
	snprintf(title, sizeof(title), mark == MARK_DONE ? _("Step %d of %d %s done") : _("Step %d of %d"), s->step + 1, s->text->count,
		 app->ascii ? "+" : "✓");
	struct rect in = canvas_box(app->canvas, area, s->view_focus || study_drawing(app) ? ROLE_BORDER : ROLE_FOCUS, title);
	in.x++;
	in.cols -= 2;
	struct rich r = {.width = in.cols};
	struct spot spot = {-1, 0};
	study_hot_clear();
	for (int i = 0; i < study_step(s)->count; i++)
		add_piece(app, &r, i, &spot);
	bring_into_view(s, &r, &spot, in.rows);
	for (int i = 0; i < in.rows && s->top + i < r.n; i++)
		rich_draw(&r, s->top + i, app->canvas, in, i);
	study_hot_text(app, area, in, s->top);
	int below = r.n - s->top - in.rows;
	if (s->top > 0)
		canvas_printf(app->canvas, area, 0, area.cols - 12, ROLE_DIM, _(" %d above "), s->top);
	if (below > 0)
		canvas_printf(app->canvas, area, area.rows - 1, area.cols - 12, ROLE_DIM, _(" %d below "), below);
	if (spot.line >= s->top && spot.line < s->top + in.rows) {
		if (app->field.open && s->typing == TYPING_GUESS) {
			field_draw(app->canvas, in, spot.line - s->top, spot.cols, 10, &app->field);
		} else {
			app->canvas->cursor_y = in.y + spot.line - s->top;
			app->canvas->cursor_x = in.x + spot.cols;
		}
	}
	/* For those who hear the screen: the pane that has the keys begins here. */
	if (!s->view_focus && !study_drawing(app) && app->canvas->cursor_y < 0) {
		app->canvas->cursor_y = area.y;
		app->canvas->cursor_x = area.x + 2;
	}
	rich_free(&r);
}
