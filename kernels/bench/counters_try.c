/* Work that must move a counter, and the judgement whether it did. */
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "kernels/bench/clock.h"
#include "kernels/bench/counters_backend.h"

static void compute(void)
{
	static volatile double sink __attribute__((unused));
	uint64_t r = 88172645463325252u;
	double x = 1.5;
	int64_t end = thread_cpu_ns() + 300000;

	do {
		for (int i = 0; i < 2000; i++) {
			r ^= r << 13;
			r ^= r >> 7;
			r ^= r << 17;
			if (r & 1) /* nobody can guess this branch */
				sink = x;
			x = x * 1.0000001 + 1e-9;
		}
	} while (thread_cpu_ns() < end);
	sink = x;
}

static void touch(size_t bytes, size_t step)
{
	volatile char *page = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return;
	for (size_t i = 0; i < bytes; i += step)
		page[i] = 1;
	munmap((void *)(uintptr_t)page, bytes);
}

bool counter_migrate(void)
{
	cpu_set_t all, one;
	int cpu[2], n = 0;

	if (sched_getaffinity(0, sizeof all, &all))
		return false;
	for (int i = 0; i < CPU_SETSIZE && n < 2; i++)
		if (CPU_ISSET(i, &all))
			cpu[n++] = i;
	if (n < 2)
		return false;
	for (int i = 0; i < 3; i++) {
		CPU_ZERO(&one);
		CPU_SET(cpu[i % 2], &one);
		sched_setaffinity(0, sizeof one, &one);
	}
	sched_setaffinity(0, sizeof all, &all);
	return true;
}

bool counter_exercise(enum counter c)
{
	struct timespec nap = {.tv_nsec = 1000};

	switch (c) {
	case COUNT_PAGE_FAULTS:
		touch(16 * 4096, 4096);
		return true;
	case COUNT_CACHE_MISSES:
		touch((size_t)8 << 20, 64);
		return true;
	case COUNT_MIGRATIONS:
		return counter_migrate();
	case COUNT_SWITCHES:
		for (int i = 0; i < 5; i++)
			nanosleep(&nap, NULL);
		return true;
	default:
		compute();
		return true;
	}
}

bool counter_believable(enum counter c, int64_t value, int64_t os)
{
	if (value <= 0)
		return false;
	switch (c) {
	case COUNT_TASK_CLOCK:
		return value >= os / 2 && value <= 2 * os;
	case COUNT_PAGE_FAULTS:
	case COUNT_SWITCHES:
		return llabs(value - os) <= 3;
	default:
		return true;
	}
}
