/* A question with a wrong answer: the experiment that tells, then another try among the options that are left. */
#include "tui/study.h"

#include "kernels/bench/words.h"

enum { TRIES_MAX = 64 };

bool study_refuted(const struct app *app, int step, int piece, int option)
{
	const struct study *s = app->study;
	const struct piece *p = &s->text->steps[step].pieces[piece];
	int tries[TRIES_MAX], count = progress_tries(app->progress, s->lesson->id, step, piece, tries, TRIES_MAX);
	if (p->kind != PIECE_QUIZ || p->choices[option].right)
		return false;
	for (int i = 0; i < count; i++)
		if (tries[i] == option)
			return true;
	return study_chosen(app, step, piece) == option; /* answered before tries were counted */
}

void study_quiz_cursor(struct app *app, int piece)
{
	struct study *s = app->study;
	const struct piece *p = &study_step(s)->pieces[piece];
	if (!study_refuted(app, s->step, piece, s->cursor))
		return;
	for (int i = 0; i < p->choice_count; i++) {
		if (!study_refuted(app, s->step, piece, i)) {
			s->cursor = i;
			return;
		}
	}
}

bool study_quiz_take(struct app *app, int piece, int option)
{
	const struct study *s = app->study;
	if (study_refuted(app, s->step, piece, option)) {
		app_say(app, ROLE_WARN, _("You tried that one, and it is not so: take another (Esc leaves)"));
		return false;
	}
	int before[TRIES_MAX], count = progress_tries(app->progress, s->lesson->id, s->step, piece, before, TRIES_MAX);
	bool again = count > 0 && before[count - 1] == option; /* the right one, once more */
	if (!again && count < TRIES_MAX)
		progress_add_try(app->progress, s->lesson->id, s->step, piece, option);
	return true;
}

void study_add_way(struct app *app, struct rich *r, int piece)
{
	int at;
	enum todo todo = study_todo(app, &at);
	if (at != piece)
		return;
	if (todo == TODO_EXPERIMENT)
		rich_words(r, "Enter ", ROLE_KEY, _("runs the experiment that tells"), ROLE_BOLD);
	else if (todo == TODO_AGAIN)
		rich_words(r, "Enter ", ROLE_KEY, study_hint_left(app) ? _("answers again (H gives a hint)") : _("answers again"), ROLE_BOLD);
}
