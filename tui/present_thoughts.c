/* A lesson cut into thoughts: what a class sees at a time. */
#include "tui/present.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

static void add(struct thoughts *t, enum thought_kind kind, int step, int piece, int choice)
{
	t->v = xrealloc(t->v, (size_t)(t->n + 1) * sizeof(*t->v));
	t->v[t->n++] = (struct thought){kind, step, piece, choice};
}

static void cut_piece(struct thoughts *t, const struct piece *p, int step, int piece)
{
	static const enum thought_kind kinds[] = {
		[PIECE_PROSE] = THOUGHT_PROSE, [PIECE_RUN] = THOUGHT_RUN, [PIECE_PREDICT] = THOUGHT_PREDICT, [PIECE_QUIZ] = THOUGHT_QUIZ,
		[PIECE_CODE] = THOUGHT_CODE, [PIECE_TWIN] = THOUGHT_TWIN, [PIECE_ORDER] = THOUGHT_ORDER, [PIECE_HINT] = THOUGHT_HINT,
		[PIECE_EXPLAIN] = THOUGHT_EXPLAIN,
	};
	add(t, kinds[p->kind], step, piece, -1);
	for (int i = 0; p->kind == PIECE_QUIZ && i < p->choice_count; i++)
		if (!p->choices[i].right)
			add(t, THOUGHT_REFUTE, step, piece, i);
	if (p->kind == PIECE_ORDER)
		add(t, THOUGHT_ORDERED, step, piece, -1);
}

void thoughts_cut(struct thoughts *t, const struct lesson_text *text)
{
	thoughts_free(t);
	for (int i = 0; i < text->count; i++) {
		const struct step *step = &text->steps[i];
		for (int j = 0; j < step->count; j++)
			if (step->pieces[j].kind != PIECE_NOTES && step->pieces[j].kind != PIECE_EXPLAIN)
				cut_piece(t, &step->pieces[j], i, j);
		for (int j = 0; j < step->count; j++)
			if (step->pieces[j].kind == PIECE_EXPLAIN)
				cut_piece(t, &step->pieces[j], i, j);
	}
}

void thoughts_free(struct thoughts *t)
{
	free(t->v);
	*t = (struct thoughts){0};
}

const struct piece *thought_piece(const struct lesson_text *text, const struct thought *t)
{
	return &text->steps[t->step].pieces[t->piece];
}

/* The first line of Markdown as plain words. */
static char *first_words(const char *markdown)
{
	struct ink_lines *lines = ink_layout(markdown ? markdown : "", 400);
	char *words = xstrdup("");
	for (int i = 0; i < lines->count && !*words; i++) {
		for (int j = 0; j < lines->lines[i].count; j++) {
			char *longer = xasprintf("%s%s", words, lines->lines[i].runs[j].text);
			free(words);
			words = longer;
		}
	}
	ink_free(lines);
	return words;
}

void thought_words(const struct lesson_text *text, const struct thought *t, int cols, char *buf, size_t size)
{
	static const char *const heads[] = {
		[THOUGHT_PROSE] = "", [THOUGHT_CODE] = N_("Code: "), [THOUGHT_TWIN] = N_("Python: "),
		[THOUGHT_PREDICT] = N_("Prediction: "), [THOUGHT_RUN] = N_("Run: "), [THOUGHT_QUIZ] = N_("Question: "),
		[THOUGHT_REFUTE] = N_("Refuted: "), [THOUGHT_ORDER] = N_("Puzzle: "), [THOUGHT_ORDERED] = N_("Answer: "),
		[THOUGHT_HINT] = N_("Hint: "), [THOUGHT_EXPLAIN] = N_("Explanation: "),
	};
	const struct piece *p = thought_piece(text, t);
	const char *about = p->ask ? p->ask : p->command ? p->command : p->markdown;
	if (t->kind == THOUGHT_REFUTE)
		about = p->choices[t->choice].text;
	if (t->kind == THOUGHT_CODE || t->kind == THOUGHT_TWIN)
		about = p->name;
	char *words = first_words(about);
	char *whole = xasprintf("%s%s", t->kind == THOUGHT_PROSE ? "" : _(heads[t->kind]), words);
	size_t fit = canvas_fit(whole, cols > 1 ? cols : 1);
	if (whole[fit])
		fit = canvas_fit(whole, cols > 1 ? cols - 1 : 1);
	snprintf(buf, size, "%.*s%s", (int)fit, whole, whole[fit] ? "…" : "");
	free(whole);
	free(words);
}

void thought_shuffle(const struct piece *p, int *order)
{
	unsigned state = 2463534242u;
	bool moved = false;
	for (int i = 0; i < p->choice_count; i++)
		order[i] = i;
	/* Fisher-Yates with xorshift32 (Marsaglia 2003): the same lines are shown in the same order in every lecture. */
	for (int i = p->choice_count - 1; i > 0; i--) {
		state ^= state << 13;
		state ^= state >> 17;
		state ^= state << 5;
		int j = (int)(state % (unsigned)(i + 1)), kept = order[i];
		order[i] = order[j];
		order[j] = kept;
	}
	for (int i = 0; i < p->choice_count; i++)
		moved = moved || order[i] != i;
	for (int i = 0; !moved && i < p->choice_count; i++)
		order[i] = p->choice_count - 1 - i;
}

bool thought_minutes(const struct lesson_text *text, int steps, int *least, int *most)
{
	bool known = false;
	*least = *most = 0;
	for (int i = 0; i < steps && i < text->count; i++) {
		for (int j = 0; j < text->steps[i].count; j++) {
			const struct piece *p = &text->steps[i].pieces[j];
			if (p->kind != PIECE_NOTES)
				continue;
			known = known || p->minutes_max > 0;
			*least += p->minutes_min;
			*most += p->minutes_max;
		}
	}
	return known;
}
