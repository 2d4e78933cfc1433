/* Forgetting: one lesson or all, in the file too, beside other screens. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/tap.h"
#include "tui/progress.h"

static char notice[300];

static struct progress *load(void) { return progress_load(notice, sizeof(notice)); }
static bool save(struct progress *p) { return progress_save(p, notice, sizeof(notice)); }

static void do_lessons(struct progress *p)
{
	const char *lessons[] = {"sum", "sum-tree", "mutex"};
	for (int i = 0; i < 3; i++) {
		progress_set_steps(p, lessons[i], 3);
		progress_set_mark(p, lessons[i], 0, MARK_DONE);
		progress_set_mark(p, lessons[i], 1, MARK_SEEN);
		progress_set_answer(p, lessons[i], 0, 0, "2");
		progress_set_answer(p, lessons[i], 1, 0, "-");
		progress_set_hints(p, lessons[i], 1, 2);
		progress_add_try(p, lessons[i], 1, 1, 0);
	}
	progress_set_option(p, "language", "zh");
	progress_set_option(p, "sum", "an option of that name");
	progress_set_where(p, "sum", 1);
}

static bool nothing_of(const struct progress *p, const char *lesson)
{
	int tries[4];
	return progress_steps(p, lesson) == 0 && progress_mark(p, lesson, 0) == MARK_NONE && progress_mark(p, lesson, 1) == MARK_NONE &&
	       !progress_answer(p, lesson, 0, 0) && progress_hints(p, lesson, 1) == 0 && progress_tries(p, lesson, 1, 1, tries, 4) == 0;
}

int main(void)
{
	char state[] = "/tmp/lockstep-reset-XXXXXX", command[64];
	int answers, step;
	if (!mkdtemp(state))
		bail_out("no folder");
	setenv("XDG_STATE_HOME", state, 1);
	struct progress *p = load();
	do_lessons(p);
	ok(save(p), "three lessons");
	struct progress *other = load();
	ok(progress_reset(p, "sum", &answers) == 2 && answers == 1, "tells what it forgets: 2 steps, 1 answer (a skipped one is none)");
	ok(nothing_of(p, "sum") && !progress_where(p, &step), "the lesson and the place in it are forgotten");
	ok(progress_done(p, "sum-tree") == 1 && progress_answer(p, "sum-tree", 0, 0), "one whose name begins alike is not");
	is(progress_option(p, "sum"), "an option of that name", "nor an option");
	ok(save(p), "saved");
	progress_free(p);
	p = load();
	ok(nothing_of(p, "sum") && progress_done(p, "mutex") == 1, "in the file too");
	progress_free(p);

	/* Another screen that was open all the time. */
	progress_set_mark(other, "mutex", 2, MARK_DONE);
	ok(save(other), "another screen saves");
	ok(nothing_of(other, "sum"), "and learns that the lesson was forgotten");
	progress_free(other);
	p = load();
	ok(nothing_of(p, "sum") && progress_mark(p, "mutex", 2) == MARK_DONE, "it brings nothing back");

	/* Done again between reset and save; and done by another screen after. */
	progress_reset(p, "mutex", &answers);
	progress_set_steps(p, "mutex", 3);
	progress_set_mark(p, "mutex", 0, MARK_SEEN);
	ok(save(p), "done again before saving");
	other = load();
	ok(progress_mark(other, "mutex", 0) == MARK_SEEN && progress_mark(other, "mutex", 2) == MARK_NONE && !progress_answer(other, "mutex", 0, 0),
	   "only what was done again is there");
	progress_set_mark(other, "mutex", 1, MARK_DONE);
	ok(save(other) && save(p), "both save");
	progress_set_option(p, "scheme", "dark");
	ok(save(p) && progress_mark(p, "mutex", 1) == MARK_DONE, "what another screen did since stays");
	progress_free(other);

	progress_reset(p, NULL, &answers);
	ok(save(p), "all");
	progress_free(p);
	p = load();
	ok(nothing_of(p, "mutex") && nothing_of(p, "sum-tree") && !progress_where(p, &step), "all lessons are forgotten");
	is(progress_option(p, "language"), "zh", "options are kept");
	ok(progress_reset(p, NULL, &answers) == 0 && answers == 0, "nothing is left to forget");

	/* A damaged file tells nothing about what another screen forgot. */
	progress_set_mark(p, "mutex", 0, MARK_DONE);
	ok(save(p), "again");
	char path[128];
	snprintf(path, sizeof(path), "%s/lockstep/progress", state);
	FILE *f = fopen(path, "w");
	if (!f || fputs("garbage", f) == EOF || fclose(f) != 0)
		bail_out("can't damage the file");
	progress_set_option(p, "scheme", "light");
	ok(save(p) && progress_mark(p, "mutex", 0) == MARK_DONE, "a damaged file makes nobody forget");
	progress_free(p);
	snprintf(command, sizeof(command), "rm -rf %s", state);
	ok(system(command) == 0, "cleaned up");
	return tap_done();
}
