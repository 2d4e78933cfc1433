/* What the probe sees of hand-made runs: threads, forked and killed children, several regions, waits, gaps. No duration
 * is asserted, only order, sums and identities. */
#include <signal.h>
#include <sys/wait.h>

#include "tests/probe_run.h"
#include "tests/tap.h"

enum { SPANS = 4096 };
static struct span span[SPANS];

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
	ok(u.max_cpu_ns <= u.cpu_ns && u.max_region_ns <= u.region_ns && u.wait_ns <= u.region_ns,
	   "%s: parts are no larger", name);
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
	ok(u.region_ns == 0 && u.cpu_ns == 0 && u.parallel_ns == 0 && u.startup_ns == 0 && u.join_ns == 0 &&
		   u.wait_ns == 0 && u.wall_ns > 0 && spans_of(area, -2, SPAN_RUN) + spans_of(area, -2, SPAN_SERIAL) == 0,
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
		int w = i ? 2 : -1;	   /* beyond both ends */
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

	job = start(area, 1, false);
	int64_t before = thread_cpu_ns(), region, cpu;
	parallel_begin(&job, 1);
	for (int i = 0; i < 2; i++) {
		worker_begin(&job, 0);
		spin_us(300);
		worker_end(&job, 0);
	}
	parallel_end(&job);
	probe_stop(area);
	probe_worker(area, 0, &region, &cpu);
	ok(cpu > 0 && cpu <= thread_cpu_ns() - before, "CPU time in region lies within what the thread used");

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
	ok(spans_of(area, 0, SPAN_OFF) == 0 && spans_of(area, 0, SPAN_RUN) == 1,
	   "a worker that never ticks is not accused");

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

int main(void)
{
	struct probe_area *area = probe_new(16);

	threads(area);
	absent_workers(area);
	waits_and_gaps(area);
	processes(area);
	probe_free(area);
	return tap_done();
}
