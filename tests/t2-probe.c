/* What the probe sees of hand-made runs: threads, forked and killed children, several regions, waits, gaps. No duration is
 * asserted, only order, sums and identities. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernels/bench/clock.h"
#include "kernels/bench/probe.h"
#include "tests/tap.h"

enum { SPANS = 4096 };
static struct span span[SPANS];

static void spin_us(int us)
{
	int64_t end = now_ns() + us * (int64_t)1000;
	while (now_ns() < end)
		;
}

static void nap_us(int us)
{
	nanosleep(&(struct timespec){us / 1000000, us % 1000000 * 1000L}, NULL);
}

static struct job start(struct probe_area *area, int workers, bool spans)
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

static void *run_share(void *arg)
{
	struct share *s = arg;
	s->work(s->job, s->w);
	return NULL;
}

/* Worker w of n on a thread of its own, each does work(job, w). */
static void on_threads(struct job *job, int n, void (*work)(struct job *, int))
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

/* What holds of every run. */
static void sound(const struct probe_area *area, const char *name)
{
	struct usage u = probe_usage(area);
	int64_t region = 0, cpu = 0, r, c;
	int lost, n = probe_spans(area, span, SPANS, &lost);
	bool ordered = true, inside = true;

	ok(u.parallel_ns >= 0 && u.wall_ns >= u.parallel_ns, "%s: the parallel part lies within the run", name);
	ok(u.startup_ns >= 0 && u.join_ns >= 0 && u.region_ns >= 0 &&
		   u.workers * u.parallel_ns >= u.startup_ns + u.region_ns + u.join_ns,
	   "%s: start-up, work and join fit into workers x parallel", name);
	for (int w = 0; w < u.workers; w++) {
		probe_worker(area, w, &r, &c);
		region += r;
		cpu += c;
	}
	ok(region == u.region_ns && cpu == u.cpu_ns, "%s: the workers' figures sum to the whole", name);
	ok(u.max_cpu_ns <= u.cpu_ns && u.max_region_ns <= u.region_ns && u.wait_ns <= u.region_ns, "%s: parts are no larger", name);
	for (int i = 0; i < n; i++) {
		ordered &= !i || span[i].begin_ns >= span[i - 1].begin_ns;
		inside &= span[i].begin_ns >= 0 && span[i].end_ns > span[i].begin_ns && span[i].end_ns <= u.wall_ns;
	}
	ok(ordered && inside, "%s: %d spans in order, within the run", name, n);
}

/* Spans of one kind of worker w (-2: any). */
static int spans_of(const struct probe_area *area, int w, enum span_kind kind)
{
	int lost, n = probe_spans(area, span, SPANS, &lost), found = 0;

	for (int i = 0; i < n; i++)
		found += span[i].kind == kind && (w == -2 || span[i].worker == w);
	return found;
}

static void work_spin(struct job *job, int w)
{
	worker_begin(job, w);
	spin_us(2000 * (w + 1));
	worker_end(job, w);
}

static void work_phases(struct job *job, int w)
{
	for (int i = 0; i < 3; i++) {
		worker_begin(job, w);
		spin_us(500);
		worker_end(job, w);
		nap_us(1000);
	}
}

static void threads(struct probe_area *area)
{
	struct job job = start(area, 2, true);
	struct usage u, two;
	int64_t r0, r1, c;

	spin_us(500);
	on_threads(&job, 2, work_spin);
	spin_us(500);
	probe_stop(area);
	sound(area, "threads");
	u = probe_usage(area);
	probe_worker(area, 0, &r0, &c);
	probe_worker(area, 1, &r1, &c);
	ok(u.workers == 2 && r0 >= 2000000 && r1 >= 4000000, "each worker's region is at least what it spun");
	ok(u.max_region_ns == (r0 > r1 ? r0 : r1), "the busiest is the longest");
	ok(u.cpu_ns > 0 && u.startup_ns > 0 && u.join_ns > 0, "CPU time, start-up and join are seen");
	ok(u.wall_ns - u.parallel_ns >= 1000000, "the serial part is at least what was spun outside");
	ok(spans_of(area, -1, SPAN_SERIAL) == 2 && spans_of(area, 0, SPAN_RUN) == 1 && spans_of(area, 1, SPAN_RUN) == 1,
	   "two serial spans, one run span a worker");

	job = start(area, 2, true);
	for (int i = 0; i < 3; i++) {
		on_threads(&job, 2, work_phases);
		spin_us(200);
	}
	probe_stop(area);
	sound(area, "three regions of three phases");
	two = probe_usage(area);
	ok(two.region_ns >= (int64_t)3 * 3 * 2 * 500000, "all phases of all regions are summed");
	ok(two.workers * two.parallel_ns - two.startup_ns - two.region_ns - two.join_ns >= (int64_t)3 * 2 * 2 * 1000000,
	   "the naps between phases are imbalance");
	ok(spans_of(area, -1, SPAN_SERIAL) == 4 && spans_of(area, -2, SPAN_RUN) == 18, "4 serial spans, 18 run spans");

	job = start(area, 1, false);
	probe_stop(area);
	u = probe_usage(area);
	ok(u.region_ns == 0 && u.cpu_ns == 0 && u.parallel_ns == 0 && u.startup_ns == 0 && u.join_ns == 0 && u.wait_ns == 0 &&
		   u.wall_ns > 0 && spans_of(area, -2, SPAN_RUN) + spans_of(area, -2, SPAN_SERIAL) == 0,
	   "a fresh start forgets the run before");
}

static void absent_workers(struct probe_area *area)
{
	struct job job = start(area, 4, true);
	struct usage u;
	int64_t r, c;

	on_threads(&job, 2, work_spin); /* of four */
	probe_stop(area);
	sound(area, "two of four workers");
	u = probe_usage(area);
	probe_worker(area, 3, &r, &c);
	ok(r == 0 && c == 0 && u.workers == 4, "a worker that never began has no time");
	ok(4 * u.parallel_ns - u.startup_ns - u.region_ns - u.join_ns >= (int64_t)2 * 4000000, "its length is imbalance");

	job = start(area, 2, true);
	parallel_begin(&job, 2);
	spin_us(300);
	parallel_end(&job);
	probe_stop(area);
	u = probe_usage(area);
	ok(u.startup_ns == 0 && u.region_ns == 0 && u.join_ns == 0 && u.parallel_ns >= 300000,
	   "a region nobody came to is all imbalance");

	job = start(area, 2, true);
	for (int i = 0; i < 2; i++) {
		int w = i ? 2 : -1; /* beyond both ends */
		worker_begin(&job, 0); /* outside a region */
		worker_end(&job, 0);
		parallel_begin(&job, 2);
		worker_begin(&job, w);
		worker_tick(&job, w);
		wait_begin(&job, w);
		wait_end(&job, w);
		worker_end(&job, w);
		worker_begin(&job, 1 << 20);
		worker_end(&job, 1 << 20);
		worker_end(&job, 1); /* never began */
		wait_begin(&job, 1);
		wait_end(&job, 1);
		parallel_end(&job);
		parallel_end(&job); /* once too often */
	}
	probe_stop(area);
	u = probe_usage(area);
	ok(u.region_ns == 0 && u.startup_ns == 0 && u.wait_ns == 0, "marks without a worker or a region are ignored");

	job = start(area, 2, true);
	parallel_begin(&job, 2);
	worker_begin(&job, 0);
	spin_us(200);
	probe_stop(area);
	sound(area, "a run cut short");
	u = probe_usage(area);
	ok(u.region_ns >= 200000 && u.parallel_ns >= u.region_ns, "a region that never ended counts to the stop");
	worker_end(&job, 0);
	ok(probe_usage(area).region_ns == u.region_ns, "what comes after the stop changes nothing");
}

static void waits_and_gaps(struct probe_area *area)
{
	struct job job = start(area, 1, true);
	struct usage u;
	int lost, n;

	parallel_begin(&job, 1);
	worker_begin(&job, 0);
	spin_us(300);
	wait_begin(&job, 0);
	wait_begin(&job, 0); /* twice is once */
	nap_us(2000);
	wait_end(&job, 0);
	wait_end(&job, 0);
	spin_us(300);
	worker_end(&job, 0);
	parallel_end(&job);
	probe_stop(area);
	sound(area, "a wait");
	u = probe_usage(area);
	ok(u.wait_ns >= 2000000 && u.wait_ns <= u.region_ns, "a declared wait is counted, within the region");
	ok(spans_of(area, 0, SPAN_WAIT) == 1 && spans_of(area, 0, SPAN_RUN) == 2 && spans_of(area, 0, SPAN_OFF) == 0,
	   "run, wait, run, and no time off");

	job = start(area, 1, true);
	parallel_begin(&job, 1);
	worker_begin(&job, 0);
	worker_tick(&job, 0);
	nap_us(5000); /* not declared: to the worker's own clock it did not run */
	worker_tick(&job, 0);
	spin_us(20);
	worker_end(&job, 0);
	parallel_end(&job);
	probe_stop(area);
	sound(area, "a gap");
	ok(spans_of(area, 0, SPAN_OFF) >= 1, "silence between two ticks is time off");
	n = probe_spans(area, span, SPANS, &lost);
	int64_t off = 0;
	for (int i = 0; i < n; i++)
		if (span[i].kind == SPAN_OFF && span[i].end_ns - span[i].begin_ns > off)
			off = span[i].end_ns - span[i].begin_ns;
	ok(off >= 5000000, "the longest time off is at least the nap");
	ok(probe_usage(area).wait_ns == 0, "and no wait");

	job = start(area, 1, true);
	parallel_begin(&job, 1);
	worker_begin(&job, 0);
	worker_tick(&job, 0);
	nap_us(3000);
	worker_end(&job, 0); /* the gap is open at the end */
	parallel_end(&job);
	probe_stop(area);
	ok(spans_of(area, 0, SPAN_OFF) >= 1, "silence before the end too");

	job = start(area, 1, true);
	parallel_begin(&job, 1);
	worker_begin(&job, 0);
	nap_us(3000);
	worker_end(&job, 0);
	parallel_end(&job);
	probe_stop(area);
	ok(spans_of(area, 0, SPAN_OFF) == 0 && spans_of(area, 0, SPAN_RUN) == 1, "a worker that never ticks is not accused");

	job = start(area, 1, false);
	parallel_begin(&job, 1);
	worker_begin(&job, 0);
	worker_tick(&job, 0);
	nap_us(1000);
	worker_tick(&job, 0);
	worker_end(&job, 0);
	parallel_end(&job);
	probe_stop(area);
	ok(probe_spans(area, span, SPANS, &lost) == 0 && lost == 0, "no spans are kept where none were asked for");

	job = start(area, 1, true);
	parallel_begin(&job, 1);
	for (int i = 0; i < PROBE_SPANS + 10; i++) {
		worker_begin(&job, 0);
		spin_us(1);
		worker_end(&job, 0);
	}
	parallel_end(&job);
	probe_stop(area);
	n = probe_spans(area, span, SPANS, &lost);
	ok(spans_of(area, 0, SPAN_RUN) == PROBE_SPANS && lost == 10, "spans beyond the room are counted as lost");
	n = probe_spans(area, span, 5, &lost);
	ok(n == 5 && lost >= PROBE_SPANS + 5, "and those beyond the caller's room");
}

static void processes(struct probe_area *area)
{
	struct job job = start(area, 3, true);
	struct usage u;
	pid_t child[3];
	int64_t r[3], c[3];
	int ready[2], status;
	char byte;

	if (pipe(ready))
		bail_out("no pipe");
	parallel_begin(&job, 3);
	for (int w = 0; w < 3; w++) {
		child[w] = fork();
		if (child[w] < 0)
			bail_out("no child");
		if (child[w] == 0) {
			worker_begin(&job, w);
			spin_us(2000);
			if (w == 2) {
				if (write(ready[1], "x", 1) != 1)
					_exit(1);
				for (;;)
					pause();
			}
			worker_end(&job, w);
			_exit(0);
		}
	}
	if (read(ready[0], &byte, 1) != 1)
		bail_out("the child did not come");
	kill(child[2], SIGKILL);
	for (int w = 0; w < 3; w++)
		waitpid(child[w], &status, 0);
	parallel_end(&job);
	spin_us(1000);
	probe_stop(area);
	sound(area, "processes, one killed");
	u = probe_usage(area);
	for (int w = 0; w < 3; w++)
		probe_worker(area, w, &r[w], &c[w]);
	ok(r[0] >= 2000000 && r[1] >= 2000000 && c[0] > 0 && c[1] > 0, "forked children report their time");
	ok(r[2] >= 2000000 && r[2] <= u.parallel_ns && c[2] == 0,
	   "a killed one counts to the end of its region, without CPU time");
	ok(spans_of(area, 2, SPAN_RUN) == 1, "and has its span");
	close(ready[0]);
	close(ready[1]);
}

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

	threads(area);
	absent_workers(area);
	waits_and_gaps(area);
	processes(area);
	placing(area);
	counting(area);
	cost(area);
	probe_free(area);
	return tap_done();
}
