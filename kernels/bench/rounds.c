/* The rounds: every configuration once in each, in a fresh order, the spin beside them, kept only if nobody else used the
 * machine meanwhile. */
#include "kernels/bench/session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/clock.h"
#include "kernels/bench/gate.h"
#include "kernels/bench/util.h"
#include "kernels/rng.h"

static int measure_spin(struct session *s, int round, int i)
{
	const struct kernel *kernel = s->spin.kernel;
	const struct variant *variant = kernel->variants;
	struct prepared input = {.job = s->spin};
	struct sample sample;

	if (s->spin_workers[i] > 1)
		while (variant->kind != KIND_THREADS)
			variant++;
	struct config c = {.variant = variant, .workers = s->spin_workers[i], .input = &input};
	if (session_measure(s, &c, 1, false, &sample))
		return -1;
	s->spin.data = input.job.data;
	s->spin_oncpu[round * s->spin_count + i] = sample.oncpu;
	s->spin_seconds[round * s->spin_count + i] =
		1e-9 * (double)(s->plan->probes ? sample.usage.max_region_ns : sample.wall_ns);
	return sample.right ? 0 : -1;
}

int session_spins_for(const struct session *s, int workers) { return workers < 2 * s->usable ? workers : 2 * s->usable; }

double session_capacity(const struct session *s, int round, int workers)
{
	const double *spin = &s->spin_seconds[round * s->spin_count];
	int spins = session_spins_for(s, workers);

	if (workers == 1)
		return 1;
	for (int i = 0; i < s->spin_count; i++)
		if (s->spin_workers[i] == spins)
			return spins * spin[0] / spin[i];
	return NAN;
}

/* A round's turns: configurations first, spins after them, shuffled together (Fisher and Yates). */
static void shuffle(int *turn, int n, uint64_t seed)
{
	for (int i = 0; i < n; i++)
		turn[i] = i;
	for (int i = n - 1; i > 0; i--) {
		int j = (int)(rng_at(seed, (uint64_t)i) % (uint64_t)(i + 1)), swap = turn[i];
		turn[i] = turn[j];
		turn[j] = swap;
	}
}

/* A variant whose workers are off the CPU in every round although nobody else ran waits by itself: that is its nature,
 * not interference, and the gate must not throw its rounds away. */
static bool disturbed(struct session *s, int round, double foreign)
{
	bool bad = foreign >= gate_foreign_max();

	for (int i = 0; i < s->spin_count; i++) /* the yardstick never waits by itself */
		bad = bad || (s->spin_workers[i] <= s->usable && s->spin_oncpu[round * s->spin_count + i] < GATE_ONCPU_MIN);

	for (int i = 0; i < s->config_count; i++) {
		struct config *c = &s->configs[i];
		if (c->once || c->blocks || c->samples[round].oncpu >= GATE_ONCPU_MIN)
			continue;
		if (foreign < gate_foreign_max() && ++c->oncpu_misses >= 6 && c->oncpu_misses * 5 >= 4 * (round + 1))
			c->blocks = true;
		else
			bad = true;
	}
	return bad;
}

/* The timeline shows a kept round; only while there is none, the last one. */
static void keep_spans(struct session *s, int round)
{
	for (int i = 0; i < s->config_count; i++) {
		struct config *c = &s->configs[i];
		if (c->once || (!s->round_kept[round] && s->kept))
			continue;
		memcpy(c->spans, c->fresh, sizeof c->spans);
		c->span_count = c->fresh_count;
		c->span_round = round + 1;
	}
}

static void write_samples(struct session *s, int round)
{
	for (int i = 0; i < s->config_count; i++) {
		struct config *c = &s->configs[i];
		struct sample *m = &c->samples[round];
		if (c->once)
			continue;
		json_t *o = session_object(s, "sample", c);
		json_object_set_new(o, "round", json_integer(round + 1));
		json_object_set_new(o, "seconds", record_real(1e-9 * (double)m->wall_ns / c->inner));
		json_object_set_new(o, "inner", json_integer(c->inner));
		json_object_set_new(o, "kept", json_boolean(s->round_kept[round]));
		json_object_set_new(o, "foreign_cores", record_real(s->round_foreign[round]));
		json_object_set_new(o, "oncpu", record_real(m->oncpu));
		json_object_set_new(o, "right", json_boolean(m->right));
		record_write(s->sink, o, false);
	}
	for (int i = 0; i < s->spin_count; i++)
		record_write(s->sink, json_pack("{s:s, s:s, s:i, s:s, s:i, s:o, s:i, s:b, s:o, s:o, s:b}", "t", "sample", "run", s->id,
						"round", round + 1, "variant", "@spin", "workers", s->spin_workers[i],
						"seconds", record_real(s->spin_seconds[round * s->spin_count + i]), "inner", 1,
						"kept", s->round_kept[round], "foreign_cores",
						record_real(s->round_foreign[round]), "oncpu",
						record_real(s->spin_oncpu[round * s->spin_count + i]), "right", 1), false);
}

static void write_progress(struct session *s)
{
	double eta = session_progress(s, "measuring", s->tried, NULL);
	if (s->plan->progress)
		fprintf(stderr, "\r\033[K%s: round %d, %d of %d kept, %.0f s to go", s->plan->kernel->name, s->tried, s->kept, s->wanted,
			eta);
}

int session_rounds(struct session *s)
{
	int turns = s->config_count + s->spin_count, *turn = xcalloc((size_t)turns, sizeof *turn), status = 0;
	int64_t longest = 0;

	write_progress(s);
	while (s->kept < s->wanted && s->tried < s->most) {
		int round = s->tried;
		int64_t begin = now_ns();
		struct gate gate;

		if (s->deadline_ns && round >= 1 && begin + longest > s->deadline_ns)
			break;
		shuffle(turn, turns, rng_at(s->plan->seed, (uint64_t)round + 0x10c5));
		gate_begin(&gate);
		s->round_ns = begin;
		int held = bench_held();
		for (int i = 0; i < turns && !status && !bench_signal(); i++) {
			if (turn[i] >= s->config_count) {
				session_turn(s, NULL, s->spin_workers[turn[i] - s->config_count]);
				status = measure_spin(s, round, turn[i] - s->config_count);
				continue;
			}
			struct config *c = &s->configs[turn[i]];
			if (c->once)
				continue;
			session_turn(s, c, 0);
			status = session_measure(s, c, c->inner, false, &c->samples[round]);
		}
		if (status || bench_signal())
			break; /* a round cut short is not a round */
		double foreign = gate_end(&gate);
		s->round_foreign[round] = foreign;
		s->round_kept[round] = !disturbed(s, round, foreign) && held == bench_held();
		s->kept += s->round_kept[round];
		s->tried++;
		keep_spans(s, round);
		int64_t took = now_ns() - begin;
		s->round_ns = 0;
		session_timed(s, took, held != bench_held());
		if (held == bench_held() && took > longest)
			longest = took;
		write_samples(s, round);
		session_points(s, false);
		session_spans_so_far(s);
		write_progress(s);
	}
	if (s->plan->progress)
		fputs("\r\033[K", stderr);
	free(turn);
	return status;
}
