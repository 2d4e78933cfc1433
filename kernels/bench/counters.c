/* Counters in three tiers. Nothing is believed that was not seen to count: each event is opened together with those
 * chosen before it, a piece of work is done that must move it, and what can be checked is checked against getrusage. */
#include "kernels/bench/counters.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/bench/words.h"

#include "kernels/bench/counters_backend.h"
#include "kernels/bench/file.h"
#include "kernels/bench/machine.h"

const struct counter_info counter_info[COUNTERS] = {
	[COUNT_CYCLES] = {"cycles", N_("clock cycles"), 1},
	[COUNT_INSTRUCTIONS] = {"instructions", N_("instructions"), 1},
	[COUNT_CACHE_MISSES] = {"cache_misses", N_("cache misses (last level)"), 1},
	[COUNT_BRANCH_MISSES] = {"branch_misses", N_("mispredicted branches"), 1},
	[COUNT_FLOPS] = {"flops", N_("floating-point operations (double)"), 1},
	[COUNT_TASK_CLOCK] = {"task_clock_seconds", N_("CPU time"), 1e-9},
	[COUNT_PAGE_FAULTS] = {"page_faults", N_("page faults"), 1},
	[COUNT_MAJOR_FAULTS] = {"major_faults", N_("page faults that read the disk"), 1},
	[COUNT_MIGRATIONS] = {"migrations", N_("moves to another core"), 1},
	[COUNT_SWITCHES] = {"context_switches", N_("context switches"), 1},
	[COUNT_VOLUNTARY] = {"voluntary_switches", N_("times it went to wait"), 1},
	[COUNT_INVOLUNTARY] = {"involuntary_switches", N_("times it was pushed off its core"), 1},
	[COUNT_READY_WAIT] = {"ready_wait_seconds", N_("time ready to run, without a core"), 1e-9},
};

#define FIRST_SW COUNT_TASK_CLOCK
#define FIRST_OS COUNT_VOLUNTARY

static const struct counter_backend *const backends[] = {
#if HAVE_PAPI
	&counter_backend_papi,
#endif
	&counter_backend_perf,
};
enum { BACKENDS = sizeof backends / sizeof *backends };

/* What was found out: which counters each backend reads, in the order of its sets. */
static struct plan {
	bool made;
	unsigned generation; /* sets of threads that are older are reopened */
	enum tier asked;
	bool hw, sw;
	struct {
		int n;
		bool kernel;
		enum counter counter[COUNTERS];
		const char *event[COUNTERS];
	} of[BACKENDS];
	bool os[COUNTERS];
	char source[COUNTERS][80], absent[COUNTERS][240], why_not_hw[240];
} plan;

/* What one thread has open and noted at its last begin. */
static _Thread_local struct thread {
	unsigned generation;
	pid_t pid;
	bool begun, open[BACKENDS], running[BACKENDS];
	struct counter_set set[BACKENDS];
	int64_t before[COUNTERS];
	bool noted[COUNTERS];
} mine;

static pthread_key_t at_thread_exit;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

/* ---- finding out ------------------------------------------------------------------------------------------------- */

/* Opens the chosen events of backend b with one more for c, and watches it count. */
static bool try_event(int b, enum counter c, const char *event, bool kernel)
{
	const struct counter_backend *backend = backends[b];
	int n = plan.of[b].n;
	struct counter_set set;
	int64_t value[COUNTERS] = {0}, before[COUNTERS] = {0}, after[COUNTERS] = {0};
	bool there[COUNTERS], moved, started, counted = false;

	plan.of[b].event[n] = event;
	if (!backend->open(&set, plan.of[b].event, n + 1, kernel, plan.absent[c], sizeof plan.absent[c]))
		return false;
	counter_os_read(before, there, plan.os);
	started = backend->start(&set);
	moved = counter_exercise(c);
	if (started)
		counted = backend->stop(&set, value);
	counter_os_read(after, there, plan.os);
	backend->close(&set);
	if (!started) {
		snprintf(plan.absent[c], sizeof plan.absent[c], "%s does not start", event);
	} else if (!moved) {
		snprintf(plan.absent[c], sizeof plan.absent[c], "this process may use one core only: nothing can move");
	} else if (!counted) {
		snprintf(plan.absent[c], sizeof plan.absent[c], "%s does not fit into the counters beside the others", event);
	} else if (!counter_believable(c, value[n], after[c] - before[c])) {
		snprintf(plan.absent[c], sizeof plan.absent[c], "%s opens but does not count (%lld seen)", event,
				 (long long)value[n]);
	} else {
		return true;
	}
	return false;
}

static void find_events(int b, enum counter first, enum counter end, bool kernel)
{
	for (enum counter c = first; c < end; c++) {
		const char *event;

		for (int i = 0; !plan.source[c][0] && (event = backends[b]->candidate(c, i)); i++) {
			int n = plan.of[b].n;

			if (!try_event(b, c, event, kernel))
				continue;
			plan.of[b].counter[n] = c;
			plan.of[b].n = n + 1;
			plan.of[b].kernel = kernel;
			snprintf(plan.source[c], sizeof plan.source[c], "%s %s%s", backends[b]->name, event,
					 kernel || c >= FIRST_SW ? "" : " (user mode)");
			plan.absent[c][0] = '\0';
			*(c < FIRST_SW ? &plan.hw : &plan.sw) = true;
		}
	}
}

static void find_backend(int b, enum counter first)
{
	const char *why = backends[b]->init();

	if (why) {
		for (enum counter c = first; c < FIRST_OS; c++)
			if (!plan.absent[c][0])
				snprintf(plan.absent[c], sizeof plan.absent[c], "%s", why);
		return;
	}
	find_events(b, first, FIRST_OS, true);
	/* an ordinary user may often count his own code, not the kernel's; context switches then read 0 and are refused */
	if (!plan.of[b].n)
		find_events(b, first, FIRST_OS, false);
}

static void find_os(bool all)
{
	static const char *const source[COUNTERS] = {
		[COUNT_TASK_CLOCK] = "clock_gettime", [COUNT_PAGE_FAULTS] = "getrusage", [COUNT_MAJOR_FAULTS] = "getrusage",
		[COUNT_SWITCHES] = "getrusage",		  [COUNT_VOLUNTARY] = "getrusage",	 [COUNT_INVOLUNTARY] = "getrusage",
	};
	int64_t before = 0, after = 0;

	for (enum counter c = FIRST_SW; c < COUNTERS; c++) {
		if (plan.source[c][0] || !source[c])
			continue;
		plan.os[c] = true;
		plan.absent[c][0] = '\0';
		snprintf(plan.source[c], sizeof plan.source[c], "%s", source[c]);
	}
	if (!all) {
		for (enum counter c = 0; c < COUNTERS; c++)
			if (!plan.source[c][0])
				snprintf(plan.absent[c], sizeof plan.absent[c], "not read with --counters off");
		return;
	}
	if (counter_os_ready_wait(&after)) {
		plan.os[COUNT_READY_WAIT] = true;
		snprintf(plan.source[COUNT_READY_WAIT], sizeof plan.source[0], "schedstat");
	} else {
		snprintf(plan.absent[COUNT_READY_WAIT], sizeof plan.absent[0],
				 "/proc/thread-self/schedstat is not there; a kernel with CONFIG_SCHEDSTATS has it");
	}
	if (plan.source[COUNT_MIGRATIONS][0])
		return;
	if (!counter_os_migrations(&before)) {
		if (!plan.absent[COUNT_MIGRATIONS][0])
			snprintf(plan.absent[COUNT_MIGRATIONS], sizeof plan.absent[0],
					 "/proc/thread-self/sched is not there; a kernel with CONFIG_SCHED_DEBUG has it");
	} else if (!counter_migrate()) {
		snprintf(plan.absent[COUNT_MIGRATIONS], sizeof plan.absent[0],
				 "this process may use one core only: nothing can move");
	} else if (counter_os_migrations(&after) && after > before) {
		plan.os[COUNT_MIGRATIONS] = true;
		plan.absent[COUNT_MIGRATIONS][0] = '\0';
		snprintf(plan.source[COUNT_MIGRATIONS], sizeof plan.source[0], "/proc/thread-self/sched");
	} else {
		snprintf(plan.absent[COUNT_MIGRATIONS], sizeof plan.absent[0], "/proc/thread-self/sched does not count them");
	}
}

/* Why no hardware event counts, and what to do. */
static void explain_hw(void)
{
	char level[32] = "?", *why = plan.why_not_hw;
	size_t size = sizeof plan.why_not_hw;
	const char *vm = machine_vm();
	int error = counter_perf_errno();

	why[0] = '\0';
	if (plan.hw)
		return;
	file_line("/proc/sys/kernel/perf_event_paranoid", level, sizeof level);
	if (plan.asked == TIER_SW || plan.asked == TIER_OFF)
		snprintf(why, size, "hardware counters were not asked for (--counters %s)",
				 plan.asked == TIER_SW ? "sw" : "off");
	else if ((error == EACCES || error == EPERM) && geteuid() != 0 && strtol(level, NULL, 10) > 2)
		snprintf(why, size,
				 "kernel.perf_event_paranoid is %s, so only root may count; as root: "
				 "sysctl kernel.perf_event_paranoid=2",
				 level);
	else if (error == EACCES || error == EPERM)
		snprintf(why, size,
				 "perf_event_open is forbidden here, as in most containers; start it with "
				 "--cap-add PERFMON or a seccomp profile that allows it");
	else if (error == ENOSYS)
		snprintf(why, size, "this kernel was built without perf events");
	else if (error && vm && strcmp(vm, "none"))
		snprintf(why, size,
				 "this virtual machine (%s) has no performance-monitoring unit; its host would have to pass "
				 "one through (vPMU), or use a machine without a hypervisor",
				 vm);
	else if (error)
		snprintf(why, size, "Linux finds no performance-monitoring unit here (%s)", strerror(error));
	else
		snprintf(why, size, "hardware counters open here but do not count: %.120s", plan.absent[COUNT_CYCLES]);
}

static void close_mine(void)
{
	for (int b = 0; b < BACKENDS; b++) {
		if (mine.open[b] && mine.pid == getpid())
			backends[b]->close(&mine.set[b]);
		else if (mine.open[b])
			backends[b]->forget(&mine.set[b]);
		mine.open[b] = mine.running[b] = false;
	}
	mine.begun = false;
}

static void thread_exit(void *unused)
{
	(void)unused;
	close_mine();
}

static void make_key(void)
{
	if (pthread_key_create(&at_thread_exit, thread_exit))
		fprintf(stderr, "lockstep: counters of threads that end stay open: no thread-specific key left\n");
}

void counters_init(enum tier asked)
{
	unsigned generation = plan.generation + 1;
	enum counter first = asked == TIER_SW ? FIRST_SW : 0;

	close_mine();
	memset(&plan, 0, sizeof plan);
	plan.generation = generation;
	plan.asked = asked;
	plan.made = true;
	pthread_once(&key_once, make_key);
	if (asked != TIER_OFF)
		for (int b = 0; b < BACKENDS; b++)
			find_backend(b, first);
	find_os(asked != TIER_OFF);
	explain_hw();
	for (enum counter c = 0; c < FIRST_SW; c++) /* no unit at all: one reason for all, with its cure */
		if (!plan.hw && plan.asked != TIER_OFF)
			memcpy(plan.absent[c], plan.why_not_hw, sizeof plan.absent[c]);
}

/* Asked before counters_init: find out now. */
static void ensure(void)
{
	if (!plan.made)
		counters_init(TIER_AUTO);
}

const char *counters_tier(void)
{
	ensure();
	return plan.asked == TIER_OFF ? "off" : plan.hw ? "hw" : plan.sw ? "sw" : "os";
}

const char *counters_absent(enum counter c)
{
	ensure();
	return plan.source[c][0] ? NULL : plan.absent[c];
}

const char *counters_source(enum counter c)
{
	ensure();
	return plan.source[c];
}

const char *counters_why_not_hw(void)
{
	ensure();
	return plan.why_not_hw;
}

/* ---- a thread's counting ----------------------------------------------------------------------------------------- */

static void open_mine(void)
{
	char why[200];

	close_mine();
	mine.pid = getpid();
	mine.generation = plan.generation;
	for (int b = 0; b < BACKENDS; b++)
		mine.open[b] = plan.of[b].n && backends[b]->open(&mine.set[b], plan.of[b].event, plan.of[b].n,
														 plan.of[b].kernel, why, sizeof why);
	pthread_setspecific(at_thread_exit, &mine);
}

void counters_begin(void)
{
	ensure();
	if (mine.generation != plan.generation || mine.pid != getpid())
		open_mine();
	counter_os_read(mine.before, mine.noted, plan.os);
	for (int b = 0; b < BACKENDS; b++)
		mine.running[b] = mine.open[b] && backends[b]->start(&mine.set[b]);
	mine.begun = true;
}

void counters_end(struct counts *out)
{
	int64_t value[COUNTERS] = {0};
	bool there[COUNTERS];

	if (!mine.begun || mine.pid != getpid())
		return;
	for (int b = BACKENDS - 1; b >= 0; b--) {
		if (!mine.running[b] || !backends[b]->stop(&mine.set[b], value))
			continue;
		for (int i = 0; i < plan.of[b].n; i++) {
			out->value[plan.of[b].counter[i]] += value[i];
			out->present[plan.of[b].counter[i]] = true;
		}
	}
	counter_os_read(value, there, plan.os);
	for (enum counter c = 0; c < COUNTERS; c++) {
		if (!plan.os[c] || !there[c] || !mine.noted[c])
			continue;
		out->value[c] += value[c] - mine.before[c];
		out->present[c] = true;
	}
	mine.begun = false;
}

void counters_thread_done(void)
{
	close_mine();
	mine.generation = 0;
}
