/* Events straight from the kernel, perf_event_open(2): for machines whose processor is newer than PAPI's tables, where
 * PAPI gives not even software events. One group a thread, so all are counted over the same time. */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernels/bench/counters_backend.h"

static const struct {
	enum counter counter;
	const char *name;
	uint32_t type;
	uint64_t config;
} events[] = {
	{COUNT_CYCLES, "CPU-CYCLES", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
	{COUNT_INSTRUCTIONS, "INSTRUCTIONS", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
	{COUNT_CACHE_MISSES, "CACHE-MISSES", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
	{COUNT_BRANCH_MISSES, "BRANCH-MISSES", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES},
	{COUNT_TASK_CLOCK, "TASK-CLOCK", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
	{COUNT_PAGE_FAULTS, "PAGE-FAULTS", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
	{COUNT_MIGRATIONS, "CPU-MIGRATIONS", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS},
	{COUNT_SWITCHES, "CONTEXT-SWITCHES", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES},
};
enum { EVENTS = sizeof events / sizeof *events };

static int open_event(uint32_t type, uint64_t config, bool kernel, int leader)
{
	struct perf_event_attr attr = {
		.type = type,
		.size = sizeof attr,
		.config = config,
		.disabled = leader < 0,
		.exclude_kernel = !kernel,
		.exclude_hv = 1,
		.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
	};

	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, leader, PERF_FLAG_FD_CLOEXEC);
}

int counter_perf_errno(void)
{
	int fd = open_event(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, false, -1);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static const char *perf_init(void)
{
	int fd = open_event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, false, -1);

	if (fd < 0)
		return strerror(errno);
	close(fd);
	return NULL;
}

static const char *perf_candidate(enum counter c, int i)
{
	for (int e = 0; e < EVENTS; e++)
		if (events[e].counter == c && i-- == 0)
			return events[e].name;
	return NULL;
}

static void perf_close(struct counter_set *set)
{
	for (int i = 0; i < set->n; i++)
		close(set->fd[i]);
	set->n = 0;
}

static bool perf_open(struct counter_set *set, const char *const *names, int n, bool kernel, char *why, size_t size)
{
	*set = (struct counter_set){0};
	for (int i = 0; i < n; i++) {
		int e = 0, fd;

		while (e < EVENTS && strcmp(events[e].name, names[i]))
			e++;
		errno = EINVAL;
		fd = e < EVENTS ? open_event(events[e].type, events[e].config, kernel, i ? set->fd[0] : -1) : -1;
		if (fd < 0) {
			snprintf(why, size, "the kernel does not open %s: %s", names[i], strerror(errno));
			perf_close(set);
			return false;
		}
		set->fd[set->n++] = fd;
	}
	return true;
}

static bool perf_start(struct counter_set *set)
{
	/* The leader alone: its members run when it runs. Switched on one by one (PERF_IOC_FLAG_GROUP) they miss what
	 * happens until the next context switch. */
	return ioctl(set->fd[0], PERF_EVENT_IOC_RESET, PERF_IOC_FLAG_GROUP) == 0 &&
		   ioctl(set->fd[0], PERF_EVENT_IOC_ENABLE, 0) == 0;
}

static bool perf_stop(struct counter_set *set, int64_t *values)
{
	struct {
		uint64_t n, enabled, running, value[COUNTERS];
	} got;
	uint64_t enabled, running;
	bool stopped = ioctl(set->fd[0], PERF_EVENT_IOC_DISABLE, 0) == 0;

	if (!stopped || read(set->fd[0], &got, sizeof got) < 0 || got.n != (uint64_t)set->n)
		return false;
	/* less running than enabled: the group shared the PMU with others, and missed a part (RESET leaves both times) */
	enabled = got.enabled - set->enabled;
	running = got.running - set->running;
	set->enabled = got.enabled;
	set->running = got.running;
	if (running < enabled - enabled / 100)
		return false;
	for (int i = 0; i < set->n; i++)
		values[i] = (int64_t)got.value[i];
	return true;
}

const struct counter_backend counter_backend_perf = {
	.name = "perf_event_open",
	.init = perf_init,
	.candidate = perf_candidate,
	.open = perf_open,
	.start = perf_start,
	.stop = perf_stop,
	.close = perf_close,
	.forget = perf_close, /* the child's copies of the descriptors; the parent's stay */
};
