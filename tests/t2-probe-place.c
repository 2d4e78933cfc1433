/* Where the probe puts workers, what it counts for them, and what its marks cost (told, not asserted). */
#include <sched.h>
#include <stdatomic.h>

#include "tests/probe_run.h"
#include "tests/tap.h"

enum { SPANS = 4096 };
static struct span span[SPANS];

static _Atomic int may_use[16], ran_on[16];

/* How many hardware threads the calling thread may use. */
static int room(void)
{
	cpu_set_t mask;
	return sched_getaffinity(0, sizeof mask, &mask) ? -1 : CPU_COUNT(&mask);
}

static void work_where(struct job *job, int w)
{
	worker_begin(job, w);
	atomic_store(&may_use[w], room());
	atomic_store(&ran_on[w], sched_getcpu());
	worker_end(job, w);
}

static bool within(const int *order, int n, int core)
{
	for (int i = 0; i < n; i++)
		if (order[i] == core)
			return true;
	return false;
}

static void placing(struct probe_area *area)
{
	int usable = topology_usable() < 8 ? topology_usable() : 8, order[16], all = topology_get()->allowed_count;

	topology_order(PIN_COMPACT, order, usable);
	for (int workers = 1; workers <= usable; workers++) {
		struct job job = start(area, workers, true);
		bool right = room() == workers;
		for (int i = 0; i < 2; i++)
			on_threads(&job, workers, work_where);
		probe_stop(area);
		for (int w = 0; w < workers; w++) {
			right &= atomic_load(&may_use[w]) == 1 && within(order, workers, atomic_load(&ran_on[w]));
			for (int other = 0; other < w; other++)
				right &= atomic_load(&ran_on[w]) != atomic_load(&ran_on[other]);
		}
		ok(right && probe_bind_error(area) == 0, "%d workers share out the first %d cores", workers, workers);
		int lost, n = probe_spans(area, span, SPANS, &lost);
		for (int i = 0; i < n; i++)
			right &= within(order, workers, span[i].core);
		ok(right && n > 0, "and their spans say so");
	}
	struct job job = start(area, usable + 1, false);
	bool anywhere = room() == all;
	on_threads(&job, usable + 1, work_where);
	probe_stop(area);
	for (int w = 0; w <= usable; w++)
		anywhere &= atomic_load(&may_use[w]) == all;
	ok(anywhere, "one more than there are cores: all may run anywhere");
	start(area, 1, false);
	probe_stop(area);
	probe_start(area, &(struct probe_setup){.workers = 1, .pin = PIN_COMPACT, .bind = false});
	job = (struct job){.workers = 1, .probe = (struct probe *)area};
	parallel_begin(&job, 1);
	worker_begin(&job, 0);
	ok(room() == all, "nothing is confined where the variant does it itself");
	worker_end(&job, 0);
	parallel_end(&job);
	probe_stop(area);
	probe_start(area, &(struct probe_setup){.workers = 1, .pin = PIN_NONE, .bind = true});
	ok(room() == all, "nor with --pin none");
	probe_stop(area);
}

/* A worker that outlives a run, as OpenMP's do, is moved when the next begins. */
static void *two_runs(void *arg)
{
	struct probe_area *area = arg;
	struct job job = {.workers = 1, .probe = (struct probe *)area};
	int seen[2];

	for (int i = 0; i < 2; i++) {
		parallel_begin(&job, 1);
		work_where(&job, 0);
		parallel_end(&job);
		seen[i] = atomic_load(&may_use[0]);
		if (!i) {
			probe_stop(area);
			probe_start(area, &(struct probe_setup){.workers = 1, .pin = PIN_NONE, .bind = true});
		}
	}
	return (void *)(intptr_t)(seen[0] == 1 && seen[1] == topology_get()->allowed_count);
}

static void outliving(struct probe_area *area)
{
	pthread_t thread;
	void *right = NULL;

	start(area, 1, false);
	if (pthread_create(&thread, NULL, two_runs, area) || pthread_join(thread, &right))
		bail_out("no thread");
	probe_stop(area);
	ok(right != NULL, "a thread that lives on is placed anew");
}

static void work_sleep(struct job *job, int w)
{
	worker_begin(job, w);
	for (int i = 0; i < 20; i++)
		nap_us(50);
	worker_end(job, w);
	worker_begin(job, w);
	for (int i = 0; i < 5; i++)
		nap_us(50);
	worker_end(job, w);
}

static void counting(struct probe_area *area)
{
	struct counts all, one[2];
	struct job job;
	bool sums = true;

	counters_init(TIER_AUTO);
	probe_start(area, &(struct probe_setup){.workers = 2, .pin = PIN_NONE, .counting = true});
	job = (struct job){.workers = 2, .probe = (struct probe *)area};
	on_threads(&job, 2, work_sleep);
	probe_stop(area);
	probe_counts(area, -1, &all);
	for (int w = 0; w < 2; w++)
		probe_counts(area, w, &one[w]);
	ok(all.present[COUNT_SWITCHES] && one[0].value[COUNT_SWITCHES] >= 20 && one[1].value[COUNT_SWITCHES] >= 20,
	   "both workers' sleeps are counted (%lld, %lld)", (long long)one[0].value[COUNT_SWITCHES],
	   (long long)one[1].value[COUNT_SWITCHES]);
	for (int c = 0; c < COUNTERS; c++) {
		sums &= all.value[c] == one[0].value[c] + one[1].value[c];
		sums &= all.present[c] == !counters_absent((enum counter)c);
		sums &= all.present[c] || all.value[c] == 0;
	}
	ok(sums, "the sum is the sum; present is what counts here");
	start(area, 2, false);
	probe_stop(area);
	probe_counts(area, -1, &all);
	ok(!all.present[COUNT_SWITCHES], "a run that did not count has no counts");
}

static void cost(struct probe_area *area)
{
	enum { MANY = 20000 };
	struct job job = start(area, 1, false);
	int64_t begin, pair, tick, idle;

	parallel_begin(&job, 1);
	begin = now_ns();
	for (int i = 0; i < MANY; i++) {
		worker_begin(&job, 0);
		worker_end(&job, 0);
	}
	pair = now_ns() - begin;
	worker_begin(&job, 0);
	begin = now_ns();
	for (int i = 0; i < MANY; i++)
		worker_tick(&job, 0);
	idle = now_ns() - begin;
	worker_end(&job, 0);
	parallel_end(&job);
	probe_stop(area);
	job = start(area, 1, true);
	parallel_begin(&job, 1);
	worker_begin(&job, 0);
	begin = now_ns();
	for (int i = 0; i < MANY; i++)
		worker_tick(&job, 0);
	tick = now_ns() - begin;
	worker_end(&job, 0);
	parallel_end(&job);
	probe_stop(area);
	diag("cost here and now: begin + end %.0f ns; tick %.1f ns, with spans off %.1f ns", (double)pair / MANY,
		 (double)tick / MANY, (double)idle / MANY);
}

int main(void)
{
	struct probe_area *area = probe_new(16);

	placing(area);
	outliving(area);
	counting(area);
	cost(area);
	probe_free(area);
	return tap_done();
}
