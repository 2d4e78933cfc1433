/* kernels/runtime/explore: the schedules of small programs, counted by hand; a replay does what the search did; every way to wait,
 * right and wrong; schedule files, hostile ones too. SEED=N repeats a run; a hang is ended by SIGALRM. */
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "kernels/rng.h"
#include "kernels/runtime/explore.h"
#include "tests/tap.h"

static char folder[] = "/tmp/t1-explore-XXXXXX", file[64];

/* ---- a counter without a lock ---- */

static struct counter {
	int value, times;
	bool locked;
	struct explore_mutex mutex;
} counter;

static void counter_begin(void *data)
{
	struct counter *c = data;
	c->value = 0;
	c->mutex = (struct explore_mutex){.name = "lock"};
}

static void counter_add(void *data, int me)
{
	struct counter *c = data;
	(void)me;
	for (int i = 0; i < c->times; i++) {
		if (c->locked)
			explore_lock(&c->mutex);
		explore_point("read");
		int old = c->value;
		explore_say("%d", old);
		explore_point("write %d", old + 1);
		c->value = old + 1;
		if (c->locked)
			explore_unlock(&c->mutex);
	}
}

static struct explore_program program = {.name = "counter", .threads = 2, .begin = counter_begin, .body = counter_add,
										 .state_title = "counter", .data = &counter};

static bool counter_right(void *data, char *text, size_t size)
{
	const struct counter *c = data;
	snprintf(text, size, "counted %d of %d", c->value, program.threads * c->times);
	return c->value == program.threads * c->times;
}

static void counter_state(const void *data, char *text, size_t size)
{
	snprintf(text, size, "%d", ((const struct counter *)data)->value);
}

static struct explore_search search_counter(int threads, int times, bool locked, int preemptions, long most)
{
	struct explore_search s = {.most = most, .preemptions = preemptions, .all = true};
	counter.times = times;
	counter.locked = locked;
	program.threads = threads;
	ok(explore_search(&program, &s) == 0, "%d threads, %d times, %s: searched", threads, times, locked ? "lock" : "no lock");
	return s;
}

/* How the schedules of a run differ: "1 2 2 1". */
static const char *numbers(const struct explore_run *run)
{
	static char text[400];
	size_t used = 0;
	for (int i = 0; i < run->count && used < sizeof text; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%d", i ? " " : "", run->step[i].thread + 1);
	text[used] = '\0';
	return text;
}

static void test_counting(void)
{
	/* Steps of a thread keep their order: 4! / (2! 2!) schedules; only one thread after the other is right. */
	struct explore_search s = search_counter(2, 1, false, -1, 1000);
	ok(s.tried == 6 && s.failed == 4 && s.complete, "4 steps: 6 schedules, 4 of them lose an update: %ld, %ld", s.tried, s.failed);
	ok(s.first.end == EXPLORE_WRONG && s.first.preemptions == 1 && s.first.count == 4, "the first needs one preemption");
	is(numbers(&s.first), "1 2 2 1", "which is this one");
	is(s.first.text, "counted 1 of 2", "its sentence");
	is(s.first.step[3].state, "1", "the state behind the last step");
	is(s.first.step[1].text, "read 0", "what was said in a step");
	explore_free(&s.first);
	s = search_counter(2, 1, false, 0, 1000);
	ok(s.tried == 2 && !s.failed && !s.complete, "without preemption: two, both right, and there are more");
	s = search_counter(2, 1, false, 1, 1000);
	ok(s.tried == 4 && s.failed == 2, "with one at most: two more");
	explore_free(&s.first);
	s = search_counter(2, 2, false, -1, 1000);
	ok(s.tried == 70 && s.complete, "8 steps: 8! / (4! 4!) = 70: %ld", s.tried);
	explore_free(&s.first);
	s = search_counter(3, 1, false, -1, 1000);
	ok(s.tried == 90 && s.failed == 84 && s.complete, "3 threads: 6! / (2! 2! 2!) = 90, 3! are right: %ld, %ld", s.tried, s.failed);
	explore_free(&s.first);
	s = search_counter(3, 1, false, -1, 17);
	ok(s.tried == 17 && !s.complete, "no more than asked for");
	explore_free(&s.first);
	s = search_counter(1, 3, false, -1, 100);
	ok(s.tried == 1 && !s.failed && s.complete, "one thread: one schedule, right");
	s = search_counter(2, 1, true, -1, 100);
	ok(s.tried == 2 && !s.failed && s.complete, "behind a lock: who is first? both right: %ld", s.tried);
	s = search_counter(2, 3, true, -1, 1000);
	ok(s.tried == 20 && !s.failed && s.complete, "3 times each: 6! / (3! 3!) = 20: %ld", s.tried);
	struct explore_search first = {.most = 1000, .preemptions = -1};
	counter.times = 2;
	counter.locked = false;
	program.threads = 2;
	ok(explore_search(&program, &first) == 0 && first.failed > 0 && first.tried < 70, "the search stops behind the level that fails");
	explore_free(&first.first);
}

/* Any schedule at all: replayed, it ends as a simulation of two registers says, and twice alike. */
static void test_replay(uint64_t seed)
{
	bool good = true;
	counter.times = 5;
	counter.locked = false;
	program.threads = 3;
	for (uint64_t round = 0; round < 40 && good; round++) {
		struct explore_schedule plan = {.program = "counter", .threads = 3}, back;
		struct explore_run run, again;
		int left[3] = {10, 10, 10}, seen[3] = {0}, value = 0;
		char why[200];
		for (uint64_t i = 0; plan.count < 30; i++) {
			int t = (int)(rng_at(seed + round, i) % 3);
			if (!left[t])
				continue;
			if (left[t]-- % 2 == 0)
				seen[t] = value;
			else
				value = seen[t] + 1;
			plan.thread[plan.count++] = (uint8_t)t;
		}
		if (explore_once(&program, &plan, &run) != 0)
			bail_out("no threads");
		good &= counter.value == value && run.count == 30 && run.end == (value == 15 ? EXPLORE_RIGHT : EXPLORE_WRONG);
		good &= explore_save(file, &program, &run) == 0 && explore_load(file, &back, why, sizeof why);
		good &= back.count == 30 && !memcmp(back.thread, plan.thread, 30) && !strcmp(back.program, "counter");
		if (explore_once(&program, &back, &again) != 0)
			bail_out("no threads");
		for (int i = 0; i < run.count; i++)
			good &= run.step[i].thread == again.step[i].thread && !strcmp(run.step[i].text, again.step[i].text) &&
					!strcmp(run.step[i].state, again.step[i].state);
		good &= !strcmp(run.text, again.text);
		if (!good)
			diag("round %llu: %s: %s, expected %d", (unsigned long long)round, numbers(&run), run.text, value);
		explore_free(&run);
		explore_free(&again);
	}
	ok(good, "40 schedules at random: as simulated, saved, read, and replayed alike");
}

static void test_refused(void)
{
	struct explore_run run;
	struct explore_schedule plan = {.threads = 2, .count = 3, .thread = {0, 0, 0}};
	counter.times = 1;
	program.threads = 2;
	ok(explore_once(&program, &plan, &run) == 0 && run.end == EXPLORE_REFUSED, "a schedule for a longer program is refused");
	is(run.text, "step 3 of the schedule can't be done: thread 1 is done", "and why");
	explore_free(&run);
	plan = (struct explore_schedule){.threads = 2, .count = 1, .thread = {1}};
	ok(explore_once(&program, &plan, &run) == 0 && run.end == EXPLORE_RIGHT && run.count == 4, "where a schedule ends they go on");
	is(numbers(&run), "2 2 1 1", "one after the other");
	char *heading = explore_row(&program, &run, -1), *row = explore_row(&program, &run, 3);
	is(heading, " #|thread 1|thread 2|counter", "the heading of its table");
	is(row, " 4|write 2 |        |2", "a row of it");
	free(heading);
	free(row);
	explore_free(&run);
	counter.locked = true;
	plan = (struct explore_schedule){.threads = 2, .count = 2, .thread = {1, 0}};
	ok(explore_once(&program, &plan, &run) == 0 && run.end == EXPLORE_REFUSED, "nobody goes through a lock that is taken");
	is(run.text, "step 2 of the schedule can't be done: thread 1 waits for lock, which thread 2 holds", "and why");
	explore_free(&run);
	plan = (struct explore_schedule){.program = "philosophers", .threads = 2};
	ok(explore_once(&program, &plan, &run) == 0 && run.end == EXPLORE_REFUSED, "the schedule of another program is refused");
	explore_free(&run);
	plan = (struct explore_schedule){.threads = 3};
	ok(explore_once(&program, &plan, &run) == 0 && run.end == EXPLORE_REFUSED, "and one for another number of threads");
	explore_free(&run);
}

/* ---- ways to wait ---- */

enum scene { CROSSED, KEPT, TWICE, STOLEN, NO_LOCK, IF, WHILE, SLOTS, POLITE, STUBBORN, CHECKED };
static struct world {
	enum scene scene;
	struct explore_mutex a, b;
	struct explore_cond cond;
	struct explore_sem slots;
	int ready, users, peak, taken;
} world;

static void world_begin(void *data)
{
	struct world *w = data;
	*w = (struct world){.scene = w->scene, .a = {.name = "a"}, .b = {.name = "b"}, .cond = {.name = "filled"},
						.slots = {.name = "slots", .value = 2}};
}

static bool world_right(void *data, char *text, size_t size)
{
	const struct world *w = data;
	snprintf(text, size, "ready %d, peak %d", w->ready, w->peak);
	return w->ready >= 0 && w->peak <= 2;
}

/* Thread 0 fills, the others empty. */
static void buffer(struct world *w, int me, int items)
{
	if (me == 0)
		for (int i = 0; i < items; i++) {
			explore_lock(&w->a);
			w->ready++;
			explore_signal(&w->cond);
			explore_unlock(&w->a);
		}
	else {
		explore_lock(&w->a);
		while (!w->ready) {
			explore_wait(&w->cond, &w->a);
			if (w->scene == IF)
				break; /* as if `if` stood there: it does not look again */
		}
		explore_check(w->ready > 0, "thread %d takes what is not there", me + 1);
		w->ready--;
		explore_unlock(&w->a);
	}
}

static void world_body(void *data, int me)
{
	struct world *w = data;
	struct explore_mutex *first = me ? &w->b : &w->a, *second = me ? &w->a : &w->b;
	switch (w->scene) {
	case CROSSED:
		explore_lock(first);
		explore_lock(second);
		explore_unlock(second);
		explore_unlock(first);
		break;
	case KEPT:
		explore_lock(&w->a);
		break;
	case TWICE:
		explore_lock(&w->a);
		explore_lock(&w->a);
		break;
	case STOLEN:
		if (me)
			explore_unlock(&w->a);
		else
			explore_lock(&w->a);
		break;
	case NO_LOCK: /* says it without the lock: between looking and sleeping of the other */
		if (me) {
			explore_point("ready");
			w->ready = 1;
			explore_signal(&w->cond);
		} else {
			explore_lock(&w->a);
			if (!w->ready)
				explore_wait(&w->cond, &w->a);
			explore_unlock(&w->a);
		}
		break;
	case IF:
	case WHILE:
		buffer(w, me, program.threads - 1);
		break;
	case SLOTS:
		explore_down(&w->slots);
		w->users++;
		w->peak = w->users > w->peak ? w->users : w->peak;
		explore_point("leave");
		w->users--;
		explore_up(&w->slots);
		break;
	case POLITE:
	case STUBBORN:
		for (;;) {
			if (explore_trylock(first)) {
				if (explore_trylock(second))
					break;
				explore_unlock(first);
			}
			if (w->scene == POLITE)
				explore_yield("again");
		}
		explore_unlock(second);
		explore_unlock(first);
		break;
	case CHECKED:
		explore_point("come");
		w->users++;
		explore_check(w->users == 1, "%d at once", w->users);
		explore_point("go");
		w->users--;
		break;
	}
}

static struct explore_search search_world(enum scene scene, int threads, int preemptions)
{
	struct explore_search s = {.most = 3000, .preemptions = preemptions, .all = true};
	program = (struct explore_program){.name = "world", .threads = threads, .begin = world_begin, .body = world_body,
									   .right = world_right, .data = &world};
	world.scene = scene;
	if (explore_search(&program, &s) != 0)
		bail_out("no threads");
	return s;
}

static void test_waits(void)
{
	struct explore_search s = search_world(CROSSED, 2, -1);
	ok(s.tried == 4 && s.failed == 2 && s.complete && s.first.end == EXPLORE_STUCK, "two locks crosswise: 2 of 4 schedules are stuck");
	ok(s.first.count == 2 && s.first.preemptions == 1, "after two steps");
	is(s.first.text, "nobody can go on; thread 1 waits for b, which thread 2 holds; thread 2 waits for a, which thread 1 holds", "who waits for whom");
	explore_free(&s.first);
	s = search_world(KEPT, 2, -1);
	ok(s.failed == 2 && s.first.end == EXPLORE_STUCK, "a lock that is never given back");
	is(s.first.text, "nobody can go on; thread 2 waits for a, which thread 1 took along when it ended", "… is missed");
	explore_free(&s.first);
	s = search_world(TWICE, 1, -1);
	is(s.first.text, "nobody can go on; thread 1 waits for a, which it holds itself: thread 1 holds", "a lock taken twice");
	explore_free(&s.first);
	s = search_world(STOLEN, 2, -1);
	ok(s.failed > 0 && s.first.end == EXPLORE_WRONG, "a lock given back by somebody else: %s", s.first.text);
	explore_free(&s.first);
	s = search_world(NO_LOCK, 2, -1);
	ok(s.complete && s.failed > 0 && s.first.end == EXPLORE_STUCK, "a lost wake-up: %s", s.first.text);
	ok(strstr(s.first.text, "thread 1 sleeps on filled, without a signal") != NULL, "… named");
	explore_free(&s.first);
	s = search_world(WHILE, 3, -1);
	ok(s.complete && !s.failed, "while: all %ld schedules are right", s.tried);
	s = search_world(IF, 3, -1);
	ok(s.failed > 0 && s.first.end == EXPLORE_WRONG, "if: %ld of %ld are not: %s", s.failed, s.tried, s.first.text);
	explore_free(&s.first);
	s = search_world(SLOTS, 4, -1);
	ok(s.complete && !s.failed, "2 slots for 4: never more than 2 users, in %ld schedules", s.tried);
	s = search_world(POLITE, 2, 2);
	ok(!s.failed, "trylock that lets others go first: right in %ld schedules with 2 preemptions", s.tried);
	s = search_world(STUBBORN, 2, 1);
	ok(s.failed > 0 && s.first.end == EXPLORE_LONG, "trylock without a pause: %s", s.first.text);
	explore_free(&s.first);
	s = search_world(CHECKED, 3, -1);
	ok(s.failed > 0 && s.first.end == EXPLORE_WRONG && s.first.count == 2, "what does not hold ends the run");
	is(s.first.text, "2 at once", "with its sentence");
	explore_free(&s.first);
}

/* ---- files ---- */

static void refuses(const char *text, size_t length, const char *say, const char *what)
{
	struct explore_schedule plan;
	char why[200] = "";
	FILE *f = fopen(file, "w");
	if (!f || fwrite(text, 1, length, f) != length || fclose(f) != 0)
		bail_out("can't write");
	bool taken = explore_load(file, &plan, why, sizeof why);
	ok(!taken && strstr(why, say) && !strpbrk(why, "\n\033"), "refused: %s: %s", what, why);
}

#define REFUSES(text, say, what) refuses(text, sizeof(text) - 1, say, what)
#define HEAD "lockstep-schedule 1\nprogram p\nthreads 2\n"

static void test_files(uint64_t seed)
{
	struct explore_schedule plan;
	char why[200];
	REFUSES("", "ends before", "an empty file");
	REFUSES("lockstep-schedule 2\n", "begins with", "another version");
	REFUSES("#!/bin/sh\n", "ends before", "only comments");
	REFUSES("lockstep-schedule 1\nthreads 2\n", "program NAME", "no program");
	REFUSES("lockstep-schedule 1\nprogram ../etc\n", "program NAME", "odd letters in a name");
	REFUSES("lockstep-schedule 1\nprogram p\nthreads 17\n", "threads N", "too many threads");
	REFUSES("lockstep-schedule 1\nprogram p\nthreads -1\n", "threads N", "less than none");
	REFUSES(HEAD "3\n", "line 4", "a thread that is not there");
	REFUSES(HEAD "0\n", "from 1", "thread 0");
	REFUSES(HEAD "1 2\n", "from 1", "two in a line");
	REFUSES(HEAD "99999999999999999999\n", "from 1", "a number beyond all numbers");
	REFUSES(HEAD "1\n\0" "2\n", "not a file with text", "a zero byte");
	REFUSES(HEAD "\033[2J\n", "\\x1b", "an escape sequence");
	char *many = malloc(strlen(HEAD) + 2 * 1001 + 1), *big = calloc(1, (1 << 20) + 2);
	if (!many || !big)
		bail_out("no memory");
	memcpy(many, HEAD, strlen(HEAD));
	for (size_t i = 0; i < 1001; i++)
		memcpy(many + strlen(HEAD) + 2 * i, "1\n", 2);
	refuses(many, strlen(HEAD) + 2 * 1001, "at most 1000", "too many steps");
	memset(big, '#', (1 << 20) + 1);
	refuses(big, (1 << 20) + 1, "more than", "too large");
	free(many);
	free(big);
	for (uint64_t round = 0; round < 200; round++) { /* noise: never more than a refusal */
		char noise[200];
		size_t n = rng_at(seed, round) % sizeof noise;
		for (size_t i = 0; i < n; i++)
			noise[i] = "1 2\n#\r\tthreads program lockstep-schedule\377\033"[rng_at(seed + round, i) % 42];
		FILE *f = fopen(file, "w");
		if (!f || fputs(round % 2 ? HEAD : "", f) < 0 || fwrite(noise, 1, n, f) != n || fclose(f) != 0)
			bail_out("can't write");
		explore_load(file, &plan, why, sizeof why);
	}
	ok(!explore_load(folder, &plan, why, sizeof why), "refused: a folder: %s", why);
	ok(!explore_load("/dev/zero", &plan, why, sizeof why), "refused: a device: %s", why);
	unlink(file);
	ok(mkfifo(file, 0600) == 0 && !explore_load(file, &plan, why, sizeof why), "refused: a pipe that nobody fills: %s", why);
	unlink(file);
	ok(!explore_load(file, &plan, why, sizeof why), "refused: no such file: %s", why);
	FILE *f = fopen(file, "w");
	if (!f || fputs("# hello\r\n\n  lockstep-schedule 1\r\nprogram p-2\nthreads 2\n\n 2 # read\n1\t\n# end", f) < 0 || fclose(f) != 0)
		bail_out("can't write");
	ok(explore_load(file, &plan, why, sizeof why) && plan.count == 2 && plan.thread[0] == 1 && plan.thread[1] == 0 && plan.threads == 2,
	   "taken: blanks, comments, carriage returns");
	is(plan.program, "p-2", "with its program");
	unlink(file);
}

int main(void)
{
	const char *given = getenv("SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	diag("SEED=%llu", (unsigned long long)seed);
	alarm(120);
	if (!mkdtemp(folder))
		bail_out("no temporary folder");
	snprintf(file, sizeof file, "%s/schedule", folder);
	program.right = counter_right;
	program.state = counter_state;
	explore_point("nobody explores here: nothing happens");
	test_counting();
	test_replay(seed);
	test_refused();
	test_waits();
	test_files(seed);
	rmdir(folder);
	return tap_done();
}
