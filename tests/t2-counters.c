/* Counters: what is present counts, what can't count is absent with a reason; context switches agree with getrusage in
 * threads, after fork, and for an ordinary user. */
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernels/bench/clock.h"
#include "kernels/bench/counters.h"
#include "kernels/bench/counters_backend.h"
#include "tests/tap.h"

/* Difference of context switches from 50 sleeps: counted, less what getrusage saw. 1000 when not present. */
static long sleeps(void)
{
	struct counts c = {0};
	struct rusage before, after;

	getrusage(RUSAGE_THREAD, &before);
	counters_begin();
	for (int i = 0; i < 50; i++)
		nanosleep(&(struct timespec){.tv_nsec = 1000}, NULL);
	counters_end(&c);
	getrusage(RUSAGE_THREAD, &after);
	if (!c.present[COUNT_SWITCHES] || c.value[COUNT_SWITCHES] < 25)
		return 1000;
	return (long)c.value[COUNT_SWITCHES] - (after.ru_nvcsw - before.ru_nvcsw + after.ru_nivcsw - before.ru_nivcsw);
}

static bool agrees(long difference)
{
	return labs(difference) <= 5;
}

static volatile double sink;

static void work(void)
{
	int64_t end = thread_cpu_ns() + 3000000;
	char *page = malloc(1 << 20);

	while (thread_cpu_ns() < end)
		for (int i = 1; i < 1000; i++)
			sink = sink + 1.0 / i;
	for (int i = 0; page && i < 1 << 20; i += 4096)
		((volatile char *)page)[i] = 1;
	free(page);
}

/* Every counter is either present with a source, or absent with a reason and no value. */
static void told(const char *tier)
{
	struct counts c = {0};
	bool named = true, honest = true, moved = true;

	is(counters_tier(), tier, "the tier");
	counters_begin();
	work();
	counters_end(&c);
	for (int i = 0; i < COUNTERS; i++) {
		const char *why = counters_absent((enum counter)i), *source = counters_source((enum counter)i);

		named &= why ? strlen(why) > 10 && !*source : *source != '\0';
		honest &= c.present[i] == !why && (c.present[i] || c.value[i] == 0) && c.value[i] >= 0;
		diag("%s: %s%s%s", counter_info[i].name, why ? "absent: " : source, why ? why : "", why ? "" : " present");
	}
	ok(named, "%s: each counter has a source or a reason", tier);
	ok(honest, "%s: present is what has a source; what is absent has no value", tier);
	for (int i = COUNT_CYCLES; i <= COUNT_TASK_CLOCK; i++)
		moved &= !c.present[i] || c.value[i] > 0;
	ok(moved, "%s: what work must move has moved", tier);
	ok(c.present[COUNT_TASK_CLOCK] && c.value[COUNT_TASK_CLOCK] >= 2000000,
	   "%s: the CPU time is at least what was burnt", tier);
	ok(agrees(sleeps()), "%s: 50 sleeps are counted as getrusage does", tier);
}

static void *in_thread(void *result)
{
	*(long *)result = sleeps();
	counters_thread_done();
	if (agrees(*(long *)result)) /* opened again after done; closed by the thread's end */
		*(long *)result = sleeps();
	return NULL;
}

static void threads(void)
{
	enum { THREADS = 4, TIMES = 30 };
	pthread_t thread[THREADS];
	long difference[THREADS], worst = 0;

	for (int k = 0; k < TIMES; k++) { /* often: threads that end must leave nothing open */
		for (int i = 0; i < (k ? 1 : THREADS); i++)
			if (pthread_create(&thread[i], NULL, in_thread, &difference[i]))
				bail_out("no thread");
		for (int i = 0; i < (k ? 1 : THREADS); i++) {
			pthread_join(thread[i], NULL);
			if (labs(difference[i]) > labs(worst))
				worst = difference[i];
		}
	}
	ok(agrees(worst), "threads that come and go count alike (worst difference %ld)", worst);
}

static int in_child(bool ordinary)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		bail_out("no child");
	if (pid == 0) {
		if (ordinary && (setgid(65534) || setuid(65534)))
			_exit(2);
		if (ordinary)
			counters_init(TIER_AUTO);
		if (ordinary && !counters_source(COUNT_SWITCHES)[0])
			_exit(3);
		_exit(!agrees(sleeps()) || !agrees(sleeps()));
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void judgement(void)
{
	ok(!counter_believable(COUNT_CYCLES, 0, 0), "an event that reads 0 after work is not believed");
	ok(counter_believable(COUNT_CYCLES, 12345, 0), "one that moved is");
	ok(!counter_believable(COUNT_SWITCHES, 0, 5) && !counter_believable(COUNT_SWITCHES, 50, 5),
	   "context switches that getrusage did not see are not believed, nor the other way round");
	ok(counter_believable(COUNT_SWITCHES, 5, 5) && counter_believable(COUNT_SWITCHES, 6, 5), "nearly the same are");
	ok(!counter_believable(COUNT_TASK_CLOCK, 100, 300000) && counter_believable(COUNT_TASK_CLOCK, 310000, 300000),
	   "CPU time must agree with the clock");
	ok(!counter_believable(COUNT_MIGRATIONS, 0, 0), "two forced moves that read 0 are not believed");
}

int main(void)
{
	struct counts c = {0};
	const char *best;
	bool named = true;

	for (int i = 0; i < COUNTERS; i++)
		named &= counter_info[i].name && counter_info[i].words && counter_info[i].scale > 0;
	ok(named, "each counter has a name, words and a scale");
	judgement();

	counters_init(TIER_AUTO);
	best = counters_tier();
	diag("tier %s; %s", best, counters_why_not_hw());
	ok(!strcmp(best, "hw") == !*counters_why_not_hw(), "hardware counters count, or a sentence says why not");
	ok(!strcmp(best, "hw") || !strcmp(best, "sw") || !strcmp(best, "os"), "the tier is one of three");
	told(best);
	threads();
	ok(in_child(false) == 0, "a forked child counts for itself");
	ok(agrees(sleeps()), "and the parent goes on counting");
	if (geteuid() == 0)
		ok(in_child(true) == 0, "an ordinary user's context switches are counted too");
	else
		skip("an ordinary user's context switches", "this is one already");

	counters_end(&c);
	ok(!c.present[COUNT_SWITCHES] && !c.present[COUNT_TASK_CLOCK], "an end without a begin adds nothing");

	counters_init(TIER_SW);
	told(!strcmp(best, "hw") ? "sw" : best);
	ok(counters_absent(COUNT_CYCLES) && strstr(counters_why_not_hw(), "--counters sw"),
	   "hardware was not asked for, and it says so");
	counters_init(TIER_OFF);
	told("off");
	is(counters_source(COUNT_SWITCHES), "getrusage", "off leaves getrusage");
	ok(counters_absent(COUNT_READY_WAIT) && counters_absent(COUNT_CYCLES), "and nothing else");
	return tap_done();
}
