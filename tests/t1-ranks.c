/* Ranks: orders reach all of them, arguments and seeds, too; figures and text come back; an error on one rank is the run's error; who waits
 * for whom is found; a company ends and another begins. The program is its own company: mpirun starts it again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "kernels/bench/clock.h"
#include "kernels/bench/probe.h"
#include "kernels/rng.h"
#include "kernels/runtime/ranks.h"
#include "tests/tap.h"
#if HAVE_MPI
#include <mpi.h>
#endif

static const struct variant variants[] = {{.name = "sum"}, {.name = "fail"}, {.name = "circle"}, {.name = "end"}, {.name = NULL}};
static const struct kernel kernel_made_up = {.name = "made-up", .variants = variants};

#if HAVE_MPI
static int prepared;

/* Each rank's own number of the seed; all of them added up, and how often inputs were made. */
static int do_sum(struct ranks *me)
{
	double mine = *(double *)me->job.data * me->job.arg[1], all = 0;
	worker_begin(&me->job, me->rank);
	wait_begin(&me->job, me->rank);
	MPI_Reduce(&mine, &all, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
	wait_end(&me->job, me->rank);
	worker_end(&me->job, me->rank);
	me->figure[0] = all;
	me->figure[1] = prepared;
	me->figure[2] = me->size;
	snprintf(me->text, sizeof me->text, "%s of %d\nranks", me->job.variant->name, me->size);
	return 0;
}

static int do_fail(struct ranks *me)
{
	errno = ENOSPC;
	return me->rank == me->size - 1 ? -1 : 0;
}

static int do_circle(struct ranks *me)
{
	int x;
	MPI_Recv(&x, 1, MPI_INT, (me->rank + 1) % me->size, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	return 0;
}

/* One waits for a message of somebody who has gone home. */
static int do_end(struct ranks *me)
{
	return me->rank == 0 ? do_circle(me) : 0;
}

static int prepare(struct ranks *me)
{
	double *x = me->job.data = malloc(sizeof *x);
	if (!x)
		return -1;
	prepared++;
	*x = (double)(rng_at(me->job.seed, (uint64_t)me->rank) % 1000);
	return 0;
}

static int answer(struct ranks *me)
{
	me->figure[3] = me->figure[0] / 2;
	return 0;
}

static void release(struct ranks *me) { free(me->job.data); }

static const struct ranks_part parts[] = {
	{"sum", do_sum, 0}, {"fail", do_fail, 0}, {"circle", do_circle, 200}, {"end", do_end, 200}, {NULL, NULL, 0}};
static const struct ranks_play plays[] = {{&kernel_made_up, parts, prepare, answer, release}, {.kernel = NULL}};

static int rank_main(int argc, char **argv)
{
	int got;
	MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &got);
	int status = ranks_serve(plays);
	MPI_Finalize();
	return status;
}
#else
static int rank_main(int argc, char **argv) { return (void)argc, (void)argv, 4; }
#endif

static int order(int variant, int size, double factor, uint64_t seed, struct ranks_answer *a, struct probe_area *probe)
{
	struct job job = {.kernel = &kernel_made_up, .variant = &variants[variant], .arg = {0, factor}, .workers = size, .seed = seed,
					  .probe = (struct probe *)probe};
	int64_t begin = now_ns();
	int status = ranks_run(&job, a);
	if (!status && (job.took_ns != a->wall_ns || job.took_ns <= 0 || job.took_ns > now_ns() - begin))
		ok(false, "what a run took: %lld ns, at most what the order took", (long long)job.took_ns);
	return status;
}

static double wanted(int size, double factor, uint64_t seed)
{
	double sum = 0;
	for (int r = 0; r < size; r++)
		sum += (double)(rng_at(seed, (uint64_t)r) % 1000) * factor;
	return sum;
}

static void with_a_probe(uint64_t seed)
{
	struct probe_area *probe = probe_new(2);
	struct ranks_answer a;
	struct span span[32];
	int lost, n, of[2] = {0, 0};
	probe_start(probe, &(struct probe_setup){.workers = 2, .pin = PIN_NONE, .spans = true});
	int status = order(0, 2, 1, seed, &a, probe);
	probe_stop(probe);
	struct usage u = probe_usage(probe);
	n = probe_spans(probe, span, 32, &lost);
	bool inside = true;
	for (int i = 0; i < n; i++) {
		inside = inside && span[i].begin_ns >= 0 && span[i].end_ns > span[i].begin_ns;
		of[span[i].worker == 1] += span[i].worker >= 0;
	}
	ok(!status && u.wall_ns == a.wall_ns && u.parallel_ns == a.wall_ns && u.region_ns > 0 && u.wait_ns > 0 && u.wait_ns <= u.region_ns,
	   "the probe hears of the run: its length, time in region and waiting");
	ok(inside && of[0] > 0 && of[1] > 0 && lost == 0, "spans of both ranks (%d and %d)", of[0], of[1]);
	probe_free(probe);
}

int main(int argc, char **argv)
{
	if (ranks_inside(argc, argv))
		return rank_main(argc, argv);
	const char *given = getenv("SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	struct ranks_answer a;
	diag("SEED=%llu", (unsigned long long)seed);
	alarm(120);
	if (ranks_unavailable()) {
		skip("ranks", ranks_unavailable());
		return tap_done();
	}
	for (int size = 1; size <= 3; size++) {
		int right = 0, made = 0;
		for (uint64_t i = 0; i < 6; i++) {
			double factor = 1 + (double)(rng_at(seed, i) % 3);
			int status = order(0, size, factor, seed + i / 3, &a, NULL);
			double sum = wanted(size, factor, seed + i / 3);
			right += !status && a.figure[0] == sum && a.figure[3] == sum / 2 && a.figure[2] == size && !a.stuck;
			made = (int)a.figure[1];
		}
		ok(right == 6, "%d rank%s: arguments and seeds arrive, figures come back (%d of 6)", size, size > 1 ? "s" : "", right);
		ok(made >= 2 && made <= 6, "inputs are made anew only when the order is another one (%d times)", made);
	}
	is(a.text, "sum of 3 ranks", "a text comes back as one line");
	order(0, 2, 5, seed, &a, NULL);
	double before = a.figure[1];
	order(0, 2, 5, seed, &a, NULL);
	ok(a.figure[1] == before, "the same order again: the same inputs");
	with_a_probe(seed);

	errno = 0;
	ok(order(1, 3, 1, seed, &a, NULL) == -1 && errno == ENOSPC, "the last rank fails: the run fails, with its errno");
	ok(order(0, 3, 1, seed, &a, NULL) == 0 && a.figure[0] == wanted(3, 1, seed), "… and the company goes on");

	ok(order(2, 3, 1, seed, &a, NULL) == 0 && a.stuck, "a circle is found");
	is(a.text, "rank 0 waits in MPI_Recv for rank 1, rank 1 waits in MPI_Recv for rank 2, rank 2 waits in MPI_Recv for rank 0",
	   "… and told");
	ok(order(0, 3, 2, seed, &a, NULL) == 0 && a.figure[0] == wanted(3, 2, seed) && a.figure[1] == 1, "… and a new company starts");
	ok(order(3, 2, 1, seed, &a, NULL) == 0 && a.stuck, "waiting for somebody who has ended is found, too");
	is(a.text, "rank 0 waits in MPI_Recv for rank 1, rank 1 has ended", "… and told");

	struct variant unknown = {.name = "nothing"};
	struct job job = {.kernel = &kernel_made_up, .variant = &unknown, .workers = 2, .seed = seed};
	errno = 0;
	ok(ranks_run(&job, &a) == -1 && errno == ENOSYS, "an order that no rank knows: ENOSYS");
	job.workers = 0;
	ok(ranks_run(&job, &a) == -1, "no ranks: -1");
	ranks_end(2);
	ok(order(0, 2, 1, seed, &a, NULL) == 0 && a.figure[1] == 1, "a company that was ended starts anew");
	ranks_end(0);
	ok(true, "all are ended");
	return tap_done();
}
