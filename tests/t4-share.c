/* What a presentation tells the notes: read back as it was written, and nothing that could not have been written. */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "tests/tap.h"
#include "tui/share.h"

static struct share_state good(void)
{
	struct share_state s = {.pid = getpid(), .born = share_born(getpid()), .lesson = "demo", .dir = "lessons/1-start/1-demo",
				.language = "en", .title = "1.1 Demo", .now = {THOUGHT_QUIZ, 1, 0, -1}, .next = {.step = -1}, .pages = 1,
				.began = 5, .step_began = 5};
	s.ballot = (struct ballot){.step = 1, .numbers = {1, 2, 2, 3}, .number_count = 4};
	return s;
}

static bool survives(const struct share_state *s)
{
	struct share_state read;
	bool alive;
	int count;
	return share_write(s) && share_newest(&read, &alive, &count) && alive && count == 1 && read.now.step == s->now.step &&
	       read.ballot.number_count == s->ballot.number_count;
}

int main(void)
{
	char dir[] = "/tmp/lockstep-share-XXXXXX", *file;
	if (!mkdtemp(dir))
		bail_out("no folder for the test");
	setenv("XDG_RUNTIME_DIR", dir, 1);
	struct share_state s = good();
	ok(survives(&s), "a state is read as it was written");
	s.now = (struct thought){THOUGHT_REFUTE, 1, 0, 2};
	ok(survives(&s), "so is a refuted option");
	s.now.choice = -1;
	ok(!survives(&s), "refuted, but no option: refused");
	s.now = (struct thought){THOUGHT_QUIZ, INT_MAX, 0, -1};
	ok(!survives(&s), "a step beyond all steps: refused");
	s = good();
	s.page = INT_MAX;
	ok(!survives(&s), "a page beyond all pages: refused");
	s = good();
	s.spent = INT64_MAX;
	ok(!survives(&s), "a time beyond all times: refused");
	s = good();
	s.ballot.numbers[0] = 9;
	ok(!survives(&s), "numbers out of order: refused");
	s.ballot.numbers[0] = -1e306;
	ok(!survives(&s), "numbers too large to add: refused");
	share_remove(getpid());
	file = xasprintf("%s/lockstep", dir);
	ok(rmdir(file) == 0 && rmdir(dir) == 0, "nothing is left behind");
	free(file);
	return tap_done();
}
