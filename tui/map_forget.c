/* Forgetting what was done, in a lesson or in all of them; and going back to where the learner was. */
#include <stdio.h>
#include <string.h>
#include "kernels/bench/words.h"
#include "tui/study.h"

/* The lesson of the question that is open; "": all. */
static char forgetting[128];

static void forget(struct app *app)
{
	const char *lesson = *forgetting ? forgetting : NULL;
	int answers, steps;
	/* A lesson that is open would remember itself. */
	if (app->study && (!lesson || !strcmp(app->study->lesson->id, lesson)))
		study_close(app);
	steps = progress_reset(app->progress, lesson, &answers);
	study_kept_forget(lesson);
	app_save(app);
	if (app->unsaved[0])
		return;
	if (lesson)
		app_say(app, ROLE_STATUS, _("%s is forgotten (steps: %d, answers: %d); records and your code are kept"), lesson, steps, answers);
	else
		app_say(app, ROLE_STATUS, _("All is forgotten (steps: %d, answers: %d); records and your code are kept"), steps, answers);
}

static bool run_in_the_way(struct app *app, const char *lesson)
{
	if (!app->study || !study_busy(app) || (lesson && strcmp(app->study->lesson->id, lesson) != 0))
		return false;
	app_say(app, ROLE_WARN, _("A run of %s is live: stop it there first, or let it end"), app->study->lesson->id);
	return true;
}

void map_forget(struct app *app, const struct course_lesson *lesson)
{
	static char question[200];
	if (run_in_the_way(app, lesson ? lesson->id : NULL))
		return;
	if (lesson && progress_steps(app->progress, lesson->id) == 0) {
		app_say(app, ROLE_DIM, _("Nothing was done in %s yet"), lesson->id);
		return;
	}
	snprintf(forgetting, sizeof(forgetting), "%s", lesson ? lesson->id : "");
	if (lesson)
		snprintf(question, sizeof(question), _("Forget steps, answers, results of %s?"), lesson->id);
	else
		snprintf(question, sizeof(question), "%s", _("Forget steps, answers, results of ALL lessons?"));
	app_ask(app, question, forget);
}

void map_where(struct app *app)
{
	int step;
	char lesson[128];
	const char *where = progress_where(app->progress, &step);
	if (!where) {
		app_say(app, ROLE_DIM, _("No lesson was opened yet: Enter opens the one under the cursor"));
		return;
	}
	snprintf(lesson, sizeof(lesson), "%s", where); /* opening changes it */
	if (!study_open(app, lesson, step))
		app_say(app, ROLE_WARN, _("There is no lesson \"%s\""), lesson);
}
