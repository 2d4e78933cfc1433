/* What a run has come to, in words, and the lines of code that a step is about. */
#include "tui/plain_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/compare.h"

const struct rec_run *plain_result(const struct plain *p, int step, int piece, int choice)
{
	for (int i = 0; i < p->run_count; i++) {
		const struct plain_run *r = &p->runs[i];
		if (r->step == step && r->piece == piece && r->choice == choice)
			return r->set && r->set->runs.n > 0 ? &r->set->runs.v[r->set->runs.n - 1] : NULL;
	}
	return NULL;
}

static void tell_end(const struct plain *p, const struct rec_run *run)
{
	static const char *const by_code[] = {N_("Done."), N_("Done, but a result was wrong."), N_("This command line was refused."),
					      N_("It ran out of a resource."), N_("This can't run here.")};
	const struct program *c = &p->child;
	if (c->stopping)
		plain_say(p, "%s", _("Stopped."));
	else if (c->signal)
		plain_say(p, _("Killed by signal %d (%s)."), c->signal, strsignal(c->signal));
	else if (c->exit_code > 4)
		plain_say(p, _("Ended with status %d."), c->exit_code);
	else
		plain_say(p, "%s", _(by_code[c->exit_code]));
	if (c->exit_code <= 1 && !c->signal && !c->stopping && !run)
		plain_say(p, "%s", _("It told no records, so there is nothing to compare."));
}

static void tell_why(const struct plain *p, const struct rec_run *run, const char *variant, int workers)
{
	const char *why = NULL;
	for (size_t i = 0; !variant && i < run->budgets.n; i++)
		if (run->budgets.v[i].sentence && *run->budgets.v[i].sentence)
			variant = run->budgets.v[i].variant;
	for (size_t i = 0; variant && i < run->budgets.n; i++) {
		const struct rec_budget *b = &run->budgets.v[i];
		if (!strcmp(b->variant, variant) && b->workers >= workers && b->sentence && *b->sentence) {
			workers = b->workers;
			why = words_of(b->sentence);
		}
	}
	if (why)
		plain_say(p, "%s%s", _("Why: "), why);
}

void plain_tell_run(struct plain *p, int step, int piece, int choice)
{
	const struct rec_run *run = plain_result(p, step, piece, choice);
	const struct piece *predict;
	const char *variant = NULL;
	char words[600];
	int at_step, at_piece, workers = 0;
	tell_end(p, run);
	if (!run)
		return;
	for (int n = 0; choice < 0 && (predict = study_guess_for(&p->study, step, piece, n, &at_step, &at_piece)); n++) {
		const char *answer = progress_answer(p->progress, p->study.lesson->id, at_step, at_piece);
		if (compare_words(predict, answer, run, p->ascii, words, sizeof(words)) != COMPARED_NOT)
			plain_say(p, "%s", words);
		if (!variant) {
			variant = compare_variant(run, predict);
			workers = compare_workers(run, predict);
		}
	}
	tell_why(p, run, variant, workers);
	for (size_t i = 0; i < run->verdicts.n; i++) {
		const struct rec_verdict *v = &run->verdicts.v[i];
		if (!v->right)
			plain_say(p, "%s: %s", v->variant, v->text && *v->text ? words_of(v->text) : _("the result was wrong"));
	}
	bool busy = false;
	for (size_t i = 0; i < run->says.n; i++)
		if (run->says.v[i].about && !strcmp(run->says.v[i].about, "busy")) {
			plain_say(p, "%s", words_of(run->says.v[i].text));
			busy = true;
		}
	for (size_t i = 0; !busy && i < run->points.n && run->ended && !run->partial; i++)
		busy = run->points.v[i].busy && !run->points.v[i].once;
	if (busy)
		plain_say(p, "%s", _("Too few quiet rounds for a verdict; r runs it again."));
}

void plain_tell_code(struct plain *p, const struct piece *piece)
{
	char path[600];
	int first = 1, last = 1 << 20, line = 0;
	bool twin = piece->kind == PIECE_TWIN;
	snprintf(path, sizeof(path), "%s/%s", p->study.lesson->dir, twin ? "twin.py" : "lesson.c");
	if (!twin && piece->file)
		snprintf(path, sizeof(path), "%s", piece->file);
	char *source = text_read(path);
	if (twin)
		plain_say(p, _("The same in Python, from %s:"), path);
	else
		plain_say(p, _("The code, from %s:"), path);
	if (!source) {
		plain_say(p, "%s", _("It can't be read."));
		return;
	}
	if (piece->name && *piece->name)
		text_excerpt(source, piece->name, &first, &last);
	for (const char *at = source; *at; ) {
		size_t n = strcspn(at, "\n");
		if (++line >= first && line <= last) {
			char *tabs = xasprintf("    %.*s", (int)n, at), *spaced = xcalloc(strlen(tabs) * 4 + 1, 1);
			char *to = spaced;
			for (const char *c = tabs; *c; c++) {
				if (*c == '\t')
					to = memset(to, ' ', 4), to += 4;
				else
					*to++ = *c;
			}
			plain_verbatim(p, *spaced ? spaced : "\n");
			free(spaced);
			free(tabs);
		}
		at += n + (at[n] == '\n');
	}
	free(source);
}
