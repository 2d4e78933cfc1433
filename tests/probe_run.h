/* Hand-made runs under the probe, for its tests. */
#ifndef LOCKSTEP_PROBE_RUN_H
#define LOCKSTEP_PROBE_RUN_H

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "kernels/bench/clock.h"
#include "kernels/bench/probe.h"
#include "tests/tap.h"

static inline void spin_us(int us)
{
	int64_t end = now_ns() + us * (int64_t)1000;
	while (now_ns() < end)
		;
}

static inline void nap_us(int us)
{
	nanosleep(&(struct timespec){us / 1000000, us % 1000000 * 1000L}, NULL);
}

static inline struct job start(struct probe_area *area, int workers, bool spans)
{
	probe_start(area, &(struct probe_setup){.workers = workers, .pin = PIN_COMPACT, .bind = true, .spans = spans});
	return (struct job){.workers = workers, .probe = (struct probe *)area};
}

struct share {
	pthread_t thread;
	struct job *job;
	int w;
	void (*work)(struct job *, int);
};

static inline void *run_share(void *arg)
{
	struct share *s = arg;
	s->work(s->job, s->w);
	return NULL;
}

/* Worker w of n on a thread of its own, each does work(job, w). */
static inline void on_threads(struct job *job, int n, void (*work)(struct job *, int))
{
	struct share share[16];

	parallel_begin(job, n);
	for (int w = 0; w < n; w++) {
		share[w] = (struct share){.job = job, .w = w, .work = work};
		if (pthread_create(&share[w].thread, NULL, run_share, &share[w]))
			bail_out("no thread");
	}
	for (int w = 0; w < n; w++)
		pthread_join(share[w].thread, NULL);
	parallel_end(job);
}

#endif
