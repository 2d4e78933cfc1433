/* Where the probe puts workers, what it counts for them, and what its marks cost (told, not asserted). */
#include <sched.h>
#include <stdatomic.h>

#include "tests/probe_run.h"
#include "tests/tap.h"

enum { SPANS = 4096 };
static struct span span[SPANS];

static _Atomic int bound_to[16], ran_on[16];

static void work_where(struct job *job, int w)
{
	worker_begin(job, w);
	atomic_store(&bound_to[w], topology_bound());
	atomic_store(&ran_on[w], sched_getcpu());
	worker_end(job, w);
}

static void placing(struct probe_area *area)
{
	int usable = topology_usable() < 8 ? topology_usable() : 8, order[16];
	struct job job = start(area, usable, true);
	bool right = true, free_again = true;

	topology_order(PIN_COMPACT, order, usable);
	for (int i = 0; i < 2; i++)
		on_threads(&job, usable, work_where);
	probe_stop(area);
	for (int w = 0; w < usable; w++)
		right &= atomic_load(&bound_to[w]) == order[w] && atomic_load(&ran_on[w]) == order[w];
	ok(right && probe_bind_error(area) == 0, "%d workers sit on their cores", usable);
	int lost, n = probe_spans(area, span, SPANS, &lost);
	for (int i = 0; i < n; i++)
		right &= span[i].worker < 0 ? span[i].core >= 0 : span[i].core == order[span[i].worker];
	ok(right, "and their spans say so");

	if (usable < 8) {
		job = start(area, usable + 1, false);
		on_threads(&job, usable + 1, work_where);
		probe_stop(area);
		for (int w = 0; w <= usable; w++)
			free_again &= atomic_load(&bound_to[w]) == -1;
		ok(free_again, "one more than there are cores: all may run anywhere");
	} else {
		skip("one more than there are cores", "many cores");
	}
	job = start(area, 1, false);
	parallel_begin(&job, 1);
	worker_begin(&job, 0); /* the owner works itself, as in OpenMP */
	worker_end(&job, 0);
	parallel_end(&job);
	probe_stop(area);
	ok(topology_bound() == order[0], "an owner that works is bound");
	job = start(area, 1, false);
	probe_stop(area);
	ok(topology_bound() == -1, "and free at the next start");
	probe_start(area, &(struct probe_setup){.workers = 1, .pin = PIN_COMPACT, .bind = false});
	parallel_begin(&job, 1);
	worker_begin(&job, 0);
	ok(topology_bound() == -1, "nothing is bound where the variant binds itself");
	worker_end(&job, 0);
	parallel_end(&job);
	probe_stop(area);
}

static _Atomic int cores_at_birth;

static void *be_second(void *arg)
{
	cpu_set_t mask;

	if (!sched_getaffinity(0, sizeof mask, &mask))
		atomic_store(&cores_at_birth, CPU_COUNT(&mask));
	work_where(arg, 1);
	return NULL;
}

/* An owner that is worker 0 itself and makes fresh threads in each region must not hand its one core down to them. */
static void inheriting(struct probe_area *area)
{
	struct job job = start(area, 2, false);
	pthread_t thread;
	bool free_at_birth = true;

	for (int i = 0; i < 3; i++) {
		parallel_begin(&job, 2);
		if (pthread_create(&thread, NULL, be_second, &job))
			bail_out("no thread");
		work_where(&job, 0);
		pthread_join(thread, NULL);
		parallel_end(&job);
		free_at_birth &= atomic_load(&cores_at_birth) == topology_get()->allowed_count;
	}
	probe_stop(area);
	ok(free_at_birth, "threads of the second and third region start with all cores");
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
	inheriting(area);
	counting(area);
	cost(area);
	probe_free(area);
	return tap_done();
}
