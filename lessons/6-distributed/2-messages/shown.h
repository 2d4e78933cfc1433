/* The demonstration of the lesson `messages`: lengths by turns, several launches, one line. A part of lesson.c. */
#ifndef LOCKSTEP_MESSAGES_SHOWN_H
#define LOCKSTEP_MESSAGES_SHOWN_H

#include <errno.h>
#include "kernels/bench/alphabeta.h"
#include "kernels/bench/clock.h"
#include "kernels/bench/gate.h"
#include "lessons/6-distributed/2-messages/means.h"
#include "lessons/demo.h"

enum { LENGTHS = 9, LAUNCHES = 3, LAUNCHES_MOST = 20, ROUNDS = 12, LEAST_ROUNDS = 2, BATCHES = 31, TRIPS_A_BATCH = 16 };
#define BATCH_SECONDS 20e-6  /* so long that reading the clock is nothing, where one trip is shorter */
#define ROUND_SECONDS 0.003  /* for one length in one round */
#define LAUNCH_NS 700000000  /* on a slow network there are fewer rounds */
static const double lengths[LENGTHS] = {8, 128, 1024, 4000, 8192, 32768, 131072, 524288, 1048576};

static const struct kernel kernel_ping_pong;

#if HAVE_MPI
//> batches
/* --size batches of so many trips, each with its own time: the median does not mind a batch in which the system let others run. */
static int do_batches(struct ranks *me)
{
	struct letter *l = me->job.data;
	double times[BATCHES];
	int trips = (int)me->job.arg[2], batches = (int)me->job.arg[0];
	for (int b = 0; b < batches && b < BATCHES && me->size == 2; b++) {
		double begin = MPI_Wtime();
		for (int i = 0; i < trips; i++) {
			if (me->rank == 0)
				MPI_Send(l->bytes, l->n, MPI_BYTE, 1, 0, MPI_COMM_WORLD);
			MPI_Recv(l->bytes, l->n, MPI_BYTE, 1 - me->rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
			if (me->rank == 1) {
				count_trip(l);
				MPI_Send(l->bytes, l->n, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
			}
		}
		times[b] = (MPI_Wtime() - begin) / (2 * trips);
	}
	me->figure[ONE_WAY] = stat_median(times, (size_t)batches);
	return 0;
}
//< batches
#endif

/* Seconds of one way; -1 with errno. */
static double one_way(int batches, int trips, double bytes)
{
	struct variant v = {.name = "batches"};
	struct job job = {.kernel = &kernel_ping_pong, .variant = &v, .arg = {batches, bytes, trips}, .workers = 2, .seed = 1};
	struct ranks_answer a;
	if (ranks_run(&job, &a))
		return -1;
	errno = EPROTO;
	return a.figure[TRIPS] == batches * trips && a.figure[INTACT] == bytes ? a.figure[ONE_WAY] : -1;
}

static int count_for(double whole, double part, int most)
{
	double n = whole / part;
	return n < 1 ? 1 : n > most ? most : (int)n;
}

/* All lengths by turns. Returns the number of rounds, 0 with errno. */
static size_t launch(double *seconds)
{
	int trips[LENGTHS], batches[LENGTHS];
	size_t rounds = 0;
	int64_t begin = now_ns();
	ranks_end(2); /* a new mpirun: other places in memory */
	for (int i = 0; i < LENGTHS; i++) {
		double s = one_way(1, 2, lengths[i]); /* the first one builds the connection and touches the memory */
		for (int tries = 0; tries < 3 && s >= 0 && s * (tries + 1) < 0.01; tries++)
			s = fmin(s, one_way(1, 1, lengths[i])); /* -1 stays the least */
		if (s < 0)
			return 0;
		trips[i] = count_for(BATCH_SECONDS, 2 * s, TRIPS_A_BATCH);
		batches[i] = count_for(s < 0.001 ? fmax(ROUND_SECONDS, 10 * s * trips[i]) : ROUND_SECONDS, 2 * s * trips[i], BATCHES);
	}
	for (; rounds < ROUNDS && (rounds < LEAST_ROUNDS || now_ns() - begin < LAUNCH_NS); rounds++)
		for (int i = 0; i < LENGTHS; i++) {
			double s = one_way(batches[i], trips[i], lengths[i]);
			if (s < 0)
				return 0;
			seconds[rounds * LENGTHS + (size_t)i] = s;
		}
	return rounds;
}

static void tell_line(struct telling *t, const struct alphabeta *fit)
{
	double beta = 1e-6 / fit->per_byte.mid;
	if (!(fit->per_byte.mid > 0))
		tell(t, "alpha %.2f us, beta cannot be told: the times are no line", 1e6 * fit->alpha.mid);
	else if (isnan(fit->alpha.lo) || !(fit->per_byte.lo > 0))
		tell(t, "alpha %.2f us, beta %.0f MB/s (no interval: too few rounds, or too uneven)", 1e6 * fit->alpha.mid, beta);
	else
		tell(t, "alpha %.2f us [%.2f, %.2f], beta %.0f MB/s [%.0f, %.0f]", 1e6 * fit->alpha.mid, 1e6 * fit->alpha.lo,
			 1e6 * fit->alpha.hi, beta, 1e-6 / fit->per_byte.hi, 1e-6 / fit->per_byte.lo);
}

static void tell_all(struct telling *t, const double *seconds, size_t rounds)
{
	static double column[LAUNCHES_MOST * ROUNDS];
	double last = 0;
	struct alphabeta fit = alphabeta_fit(lengths, LENGTHS, seconds, rounds, 1);
	tell(t, "%9s %12s %12s", "bytes", "one way", "by the line");
	for (size_t i = 0; i < LENGTHS; i++) {
		for (size_t r = 0; r < rounds; r++)
			column[r] = seconds[r * LENGTHS + i];
		last = stat_median(column, rounds);
		tell(t, "%9.0f %9.2f us %9.2f us", lengths[i], 1e6 * last, 1e6 * alphabeta_seconds(&fit, lengths[i]));
	}
	tell_line(t, &fit);
	tell(t, "the line is %.0f %% off at most, at %.0f bytes", 100 * fit.worst, fit.worst_bytes);
	if (fit.knee)
		tell(t, "between %.0f and %.0f bytes a message gets dearer by %.2f us [%.2f, %.2f]: it waits for its receiver",
			 fit.knee_below, fit.knee_above, 1e6 * fit.jump.mid, 1e6 * fit.jump.lo, 1e6 * fit.jump.hi);
	else
		tell(t, "a knee, where long messages begin to ask first, cannot be told from these times");
	tell(t, "1 MiB one way: %.1f us", 1e6 * last);
	tell_figure(t, 1e6 * last, 1e6 * alphabeta_seconds(&fit, lengths[LENGTHS - 1]));
}

static const char *given_launches;

static long launches_of(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);
	return *text && !*end && n >= 1 && n <= LAUNCHES_MOST ? n : 0;
}

static const char *refuse_launches(const char *text) { return launches_of(text) ? NULL : "how often mpirun is started: 1 to 20"; }

static int demo_fit(struct telling *t)
{
	static double seconds[LAUNCHES_MOST * ROUNDS * LENGTHS];
	size_t rounds = 0;
	int launches = given_launches ? (int)launches_of(given_launches) : LAUNCHES;
	struct gate gate;
	gate_begin(&gate);
	for (int i = 0; i < launches; i++) {
		double *mine = seconds + rounds * LENGTHS;
		size_t n = launch(mine);
		if (!n)
			return -1;
		struct alphabeta fit = alphabeta_fit(lengths, LENGTHS, mine, n, 1);
		tell(t, "launch %d of %d, %zu rounds", i + 1, launches, n);
		tell_line(t, &fit);
		rounds += n;
	}
	double foreign = gate_end(&gate);
	tell_all(t, seconds, rounds);
	if (foreign > 10 * gate_foreign_max())
		tell(t, "other programs used %.1f cores meanwhile: part of these times is theirs", foreign);
	return 0;
}

enum { MANY = 1000 };

static int demo_many(struct telling *t)
{
	double one = INFINITY, long_one = INFINITY;
	for (int round = 0; round < ROUNDS; round++) { /* by turns; the best round is the one least disturbed */
		double a = one_way(BATCHES, TRIPS_A_BATCH, 8), b = a < 0 ? a : one_way(BATCHES, TRIPS_A_BATCH, 8.0 * MANY);
		if (b < 0)
			return -1;
		one = fmin(one, a);
		long_one = fmin(long_one, b);
	}
	tell(t, "%d messages of 8 bytes, one after another: %.1f us", MANY, 1e6 * MANY * one);
	tell(t, "one message of %d bytes: %.1f us", 8 * MANY, 1e6 * long_one);
	tell(t, "the same bytes, %.0f times as long", MANY * one / long_one);
	tell_figure(t, MANY * one / long_one, NAN);
	return 0;
}

static const struct demo demos[] = {
	{"fit", "messages of 8 bytes to 1 MiB between two ranks, in three launches: latency and bandwidth", .run = demo_fit,
	 .unavailable = ranks_unavailable},
	{"many", "a thousand short messages against a long one with the same bytes", .run = demo_many, .unavailable = ranks_unavailable},
	{0},
};

#endif
