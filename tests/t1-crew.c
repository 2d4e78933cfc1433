/* A crew: each worker once, all together, or none; the owner may look meanwhile. Run under ThreadSanitizer as well. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "kernels/rng.h"
#include "kernels/runtime/crew.h"
#include "tests/tap.h"

static atomic_int times[KERNEL_WORKERS_MAX], present, looks;
static atomic_bool let_go;
static long plain[KERNEL_WORKERS_MAX]; /* not atomic: what a worker wrote is there after the return */

static void note(struct job *job, int worker, const void *how)
{
	atomic_fetch_add(&times[worker], 1);
	plain[worker] = *(const long *)how * (worker + 1);
	atomic_fetch_add(&present, 1);
	for (volatile uint64_t i = rng_at(job->seed, (uint64_t)worker) % 1000; i; i--)
		;
}

static void wait_for_a_look(struct job *job, int worker, const void *how)
{
	(void)job, (void)worker, (void)how;
	while (!let_go)
		;
}

static void look(struct job *job)
{
	(void)job;
	if (atomic_fetch_add(&looks, 1) == 2)
		let_go = true;
}

int main(void)
{
	const char *given = getenv("SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	diag("SEED=%llu", (unsigned long long)seed);
	alarm(60);
	for (int p = 1; p <= 64; p = p * 2 + (p == 1)) {
		bool good = true;
		for (uint64_t round = 0; round < 20 && good; round++) {
			struct job job = {.workers = p, .seed = rng_at(seed, round)};
			long factor = (long)(rng_at(seed, round) % 1000);
			present = 0;
			for (int w = 0; w <= p; w++)
				times[w] = 0;
			good = crew_run(&job, note, &factor, NULL) == 0 && present == p && times[p] == 0;
			for (int w = 0; w < p && good; w++)
				good = times[w] == 1 && plain[w] == factor * (w + 1);
		}
		ok(good, "%d workers: each does the work once, and what it wrote is seen", p);
	}

	struct job job = {.workers = 3};
	ok(crew_run(&job, wait_for_a_look, NULL, look) == 0 && looks >= 3, "the owner looks meanwhile");

#ifndef SANITIZED
	/* No more threads to be had: nothing was begun. As root a limit of processes does not hold, so it is memory. */
	struct rlimit old, low;
	getrlimit(RLIMIT_AS, &old);
	low = old;
	low.rlim_cur = 256 << 20;
	setrlimit(RLIMIT_AS, &low);
	job.workers = 1000;
	present = 0;
	long factor = 1;
	errno = 0;
	int rc = crew_run(&job, note, &factor, NULL);
	int error = errno;
	setrlimit(RLIMIT_AS, &old);
	ok(rc == -1 && error == EAGAIN && present == 0, "not all can be had: -1, errno %d, and none of them began", error);
#endif
	return tap_done();
}
