/* What the learner has done survives damage, other screens and a full disk. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/tap.h"
#include "tui/progress.h"

static char state[] = "/tmp/lockstep-progress-XXXXXX";
static char path[128], aside[160], records[128], notice[300];

static void put(const char *text, size_t length)
{
	FILE *f = fopen(path, "w");
	if (!f || fwrite(text, 1, length, f) != length || fclose(f) != 0)
		bail_out("can't write the file to be read");
}

static bool has(const char *file, const char *text)
{
	char buf[65536] = "";
	FILE *f = fopen(file, "r");
	size_t n = f ? fread(buf, 1, sizeof(buf) - 1, f) : 0;
	if (f)
		fclose(f);
	buf[n] = '\0';
	return strstr(buf, text) != NULL;
}

static void check_round_trip(void)
{
	int step;
	struct progress *p = progress_load(notice, sizeof(notice));
	is(notice, "", "no file yet: nothing to complain about");
	progress_set_steps(p, "mutex", 3);
	progress_set_mark(p, "mutex", 0, MARK_DONE);
	progress_set_mark(p, "mutex", 0, MARK_SEEN);
	progress_set_mark(p, "mutex", 1, MARK_SEEN);
	progress_set_answer(p, "mutex", 1, 0, "1.8\n= x");
	progress_set_where(p, "mutex", 1);
	progress_set_option(p, "language", "zh");
	ok(progress_save(p, notice, sizeof(notice)), "saved");
	progress_free(p);
	p = progress_load(notice, sizeof(notice));
	is(notice, "", "read without complaint");
	ok(progress_mark(p, "mutex", 0) == MARK_DONE, "done stays done, though seen again");
	ok(progress_mark(p, "mutex", 1) == MARK_SEEN && progress_mark(p, "mutex", 2) == MARK_NONE, "seen and not seen");
	ok(progress_done(p, "mutex") == 1 && progress_steps(p, "mutex") == 3, "1 of 3 steps");
	is(progress_answer(p, "mutex", 1, 0), "1.8 = x", "an answer is one line, whatever was typed");
	is(progress_where(p, &step), "mutex", "where the learner was");
	ok(step == 1, "in which step");
	is(progress_option(p, "language"), "zh", "an option");
	progress_free(p);
}

static void check_damage(void)
{
	static const char torn[] = "lockstep-progress 1\nmark a 1 = done\nsteps a = 4\nmark a 2 = do";
	static const char rubbish[] = "lockstep-progress 1\n\0\0\xff\xfe garbage\nmark b 1 = done\n\n= \nmark \033[2J = done\n";
	struct progress *p;
	put(torn, sizeof(torn) - 1);
	p = progress_load(notice, sizeof(notice));
	ok(strstr(notice, "damaged") != NULL, "a torn file is noticed: %s", notice);
	ok(progress_mark(p, "a", 0) == MARK_DONE && progress_mark(p, "a", 1) == MARK_NONE, "whole lines count, the torn one not");
	ok(has(aside, "mark a 2 = do"), "the damaged file is kept aside");
	ok(progress_save(p, notice, sizeof(notice)), "saved anew");
	ok(has(path, "mark a 1 = done\n") && has(path, "steps a = 4\n"), "with all that could be read");
	progress_free(p);
	put(rubbish, sizeof(rubbish) - 1);
	p = progress_load(notice, sizeof(notice));
	ok(strstr(notice, "damaged") != NULL && progress_mark(p, "b", 0) == MARK_DONE, "rubbish between good lines");
	progress_free(p);
	put("", 0);
	p = progress_load(notice, sizeof(notice));
	ok(strstr(notice, "damaged") != NULL, "an empty file is damage, too");
	progress_free(p);
	put("mark c 1 = done\n", 16);
	p = progress_load(notice, sizeof(notice));
	ok(strstr(notice, "damaged") != NULL && progress_mark(p, "c", 0) == MARK_DONE, "a lost first line");
	progress_free(p);
	put("lockstep-progress 2\nsomething else\n", 35);
	p = progress_load(notice, sizeof(notice));
	ok(strstr(notice, "later version") != NULL, "a later version is not damage: %s", notice);
	progress_set_mark(p, "d", 0, MARK_DONE);
	ok(!progress_save(p, notice, sizeof(notice)) && has(path, "something else"), "and is not written over");
	ok(progress_mark(p, "d", 0) == MARK_DONE, "what is new stays in memory");
	progress_free(p);
	unlink(path);
}

static void check_concurrent(void)
{
	enum { SCREENS = 6, STEPS = 15 };
	int lost = 0, failed = 0;
	for (int i = 0; i < SCREENS; i++) {
		pid_t pid = fork();
		if (pid != 0)
			continue;
		char name[32];
		snprintf(name, sizeof(name), "lesson%d", i);
		struct progress *p = progress_load(notice, sizeof(notice));
		bool good = true;
		for (int step = 0; step < STEPS; step++) {
			progress_set_mark(p, name, step, MARK_DONE);
			progress_set_mark(p, "shared", step, i == step % SCREENS ? MARK_DONE : MARK_SEEN);
			good = progress_save(p, notice, sizeof(notice)) && good;
		}
		_exit(good ? 0 : 1);
	}
	for (int i = 0, status; i < SCREENS; i++)
		failed += wait(&status) < 0 || status != 0;
	struct progress *p = progress_load(notice, sizeof(notice));
	for (int i = 0; i < SCREENS; i++) {
		char name[32];
		snprintf(name, sizeof(name), "lesson%d", i);
		for (int step = 0; step < STEPS; step++)
			lost += progress_mark(p, name, step) != MARK_DONE;
	}
	for (int step = 0; step < STEPS; step++)
		lost += progress_mark(p, "shared", step) != MARK_DONE;
	ok(failed == 0, "%d screens saved at the same time", SCREENS);
	is(notice, "", "the file is whole");
	ok(lost == 0, "and nobody's steps were lost (%d were)", lost);
	progress_free(p);
}

static void check_full(void)
{
	struct rlimit old, tiny;
	struct progress *p = progress_load(notice, sizeof(notice));
	progress_set_mark(p, "before", 0, MARK_DONE);
	ok(progress_save(p, notice, sizeof(notice)), "saved while there is room");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	tiny = (struct rlimit){16, old.rlim_max};
	setrlimit(RLIMIT_FSIZE, &tiny);
	progress_set_mark(p, "after", 0, MARK_DONE);
	bool saved = progress_save(p, notice, sizeof(notice));
	char why[300];
	bool appended = progress_append_records("{\"t\":\"say\",\"text\":\"longer than there is room for\"}\n", 50, why, sizeof(why));
	setrlimit(RLIMIT_FSIZE, &old);
	ok(!saved && strstr(notice, "could not be saved") != NULL, "no room: said so (%s)", notice);
	ok(!appended && strstr(why, "could not be saved") != NULL, "records too (%s)", why);
	ok(has(path, "mark before 1 = done"), "the old file is whole");
	ok(!has(path, "after"), "nothing half of the new one");
	ok(progress_save(p, notice, sizeof(notice)) && has(path, "mark after 1 = done"), "room again: saved after all");
	progress_free(p);
}

static void check_records(void)
{
	struct stat st;
	unlink(records);
	ok(progress_append_records("{\"a\":1}\n", 8, notice, sizeof(notice)), "records are appended");
	FILE *f = fopen(records, "a");
	if (!f || fputs("{\"torn\":", f) == EOF || fclose(f) != 0)
		bail_out("can't tear the file");
	ok(progress_append_records("{\"b\":2}\n", 8, notice, sizeof(notice)), "after a torn line, too");
	ok(has(records, "{\"a\":1}\n{\"torn\":\n{\"b\":2}\n"), "the torn line stays alone");
	ok(stat(records, &st) == 0 && (st.st_mode & 0077) == 0, "nobody else reads them");
}

static void check_no_home(void)
{
	setenv("XDG_STATE_HOME", "/proc/nowhere", 1);
	struct progress *p = progress_load(notice, sizeof(notice));
	progress_set_mark(p, "x", 0, MARK_DONE);
	ok(!progress_save(p, notice, sizeof(notice)) && notice[0], "no folder: a sentence (%s)", notice);
	ok(progress_mark(p, "x", 0) == MARK_DONE, "and the lesson goes on");
	progress_free(p);
}

int main(void)
{
	char command[64];
	if (!mkdtemp(state))
		bail_out("no folder for the state");
	setenv("XDG_STATE_HOME", state, 1);
	snprintf(path, sizeof(path), "%s/lockstep/progress", state);
	snprintf(aside, sizeof(aside), "%s/lockstep/progress.damaged", state);
	snprintf(records, sizeof(records), "%s/lockstep/records.ndjson", state);
	check_round_trip();
	check_damage();
	check_concurrent();
	check_full();
	check_records();
	check_no_home();
	snprintf(command, sizeof(command), "rm -rf %s", state);
	ok(system(command) == 0, "tidied up");
	return tap_done();
}
