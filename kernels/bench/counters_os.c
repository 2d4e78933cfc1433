/* The system's own running totals for the calling thread: getrusage, the CPU clock, /proc. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "kernels/bench/clock.h"
#include "kernels/bench/counters_backend.h"
#include "kernels/bench/file.h"

bool counter_os_ready_wait(int64_t *ns)
{
	char text[128];
	long long ran, waited, slices;

	if (file_text("/proc/thread-self/schedstat", text, sizeof text) <= 0 ||
		sscanf(text, "%lld %lld %lld", &ran, &waited, &slices) != 3 || (ran == 0 && slices == 0))
		return false;
	*ns = waited;
	return true;
}

bool counter_os_migrations(int64_t *n)
{
	char text[8192], *at;
	long long value;

	if (file_text("/proc/thread-self/sched", text, sizeof text) <= 0 || !(at = strstr(text, "se.nr_migrations")) ||
		!(at = strchr(at, ':')) || sscanf(at + 1, "%lld", &value) != 1)
		return false;
	*n = value;
	return true;
}

void counter_os_read(int64_t *value, bool *there, const bool *wanted)
{
	struct rusage use;

	memset(there, 0, COUNTERS * sizeof *there);
	if (wanted[COUNT_READY_WAIT])
		there[COUNT_READY_WAIT] = counter_os_ready_wait(&value[COUNT_READY_WAIT]);
	if (wanted[COUNT_MIGRATIONS])
		there[COUNT_MIGRATIONS] = counter_os_migrations(&value[COUNT_MIGRATIONS]);
	if (!getrusage(RUSAGE_THREAD, &use)) {
		value[COUNT_MAJOR_FAULTS] = use.ru_majflt;
		value[COUNT_PAGE_FAULTS] = use.ru_minflt + use.ru_majflt;
		value[COUNT_VOLUNTARY] = use.ru_nvcsw;
		value[COUNT_INVOLUNTARY] = use.ru_nivcsw;
		value[COUNT_SWITCHES] = use.ru_nvcsw + use.ru_nivcsw;
		there[COUNT_MAJOR_FAULTS] = there[COUNT_PAGE_FAULTS] = there[COUNT_VOLUNTARY] = true;
		there[COUNT_INVOLUNTARY] = there[COUNT_SWITCHES] = true;
	}
	value[COUNT_TASK_CLOCK] = thread_cpu_ns();
	there[COUNT_TASK_CLOCK] = true;
}
