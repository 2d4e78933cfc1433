/* One configuration, run and looked at; and the warm-up that decides how often a run is repeated within one sample. */
#include "kernels/bench/session.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include "kernels/bench/clock.h"

#define SAMPLE_NS 50000000       /* a sample takes at least this long … */
#define ROUND_NS 500000000       /* … and a round this long, so that /proc/stat's 10 ms ticks resolve 2 % */
#define SPIN_NS 25000000
#define INNER_MAX 1000000
#define HOPELESS 4               /* times its share of the budget: no more than one run would fit */
#define LONG_SECONDS 0.1         /* a shorter run never spoils a budget */
#define ONCPU_LEAST_NS 1000000   /* a run's region shorter than this says nothing about interference */

/* Each worker's time in region over the runs of one sample: a single preemption in one of many short runs weighs as much
 * as it took, no more. */
struct presence {
	int64_t region[KERNEL_WORKERS_MAX], cpu[KERNEL_WORKERS_MAX];
};

static void presence_add(struct presence *sum, const struct probe_area *area, int workers)
{
	for (int w = 0; w < workers; w++) {
		int64_t region, cpu;
		probe_worker(area, w, &region, &cpu);
		sum->region[w] += region;
		sum->cpu[w] += cpu;
	}
}

/* Least CPU/wall of a worker; 1 when its regions are so short that being switched in and out is a part of them. */
static double presence_least(const struct presence *sum, int workers, int runs)
{
	double least = 1;
	for (int w = 0; w < workers; w++)
		if (sum->region[w] >= (int64_t)runs * ONCPU_LEAST_NS)
			least = fmin(least, (double)sum->cpu[w] / (double)sum->region[w]);
	return least;
}

int session_measure(struct session *s, struct config *c, int inner, bool counting, struct sample *out)
{
	struct job *job = &c->input->job;
	const struct kernel *kernel = job->kernel;
	struct probe_setup setup = {.workers = c->workers, .pin = s->plan->pin, .bind = !c->variant->pins_itself,
				    .counting = counting, .spans = !counting};

	job->variant = c->variant;
	job->workers = c->workers;
	job->probe = s->plan->probes ? (struct probe *)s->probe : NULL;
	struct presence presence = {0};
	*out = (struct sample){.oncpu = 1};
	topology_confine(NULL, 0);
	for (int i = 0; i < inner; i++) {
		if (kernel->reset)
			kernel->reset(job);
		probe_start(s->probe, &setup);
		job->took_ns = 0;
		int64_t begin = now_ns();
		int status = c->variant->run(job);
		int64_t took = now_ns() - begin;
		out->spent_ns += took;
		took = job->took_ns ? job->took_ns : took;
		probe_stop(s->probe);
		if (status) {
			int why = errno;
			topology_confine(NULL, 0);
			errno = why;
			return -1;
		}
		if (probe_bind_error(s->probe))
			s->bind_error = probe_bind_error(s->probe);
		struct usage used = probe_usage(s->probe);
		used.wall_ns = took;
		struct device_took device;
		if (probe_took(s->probe, &device)) {
			out->took.copy_in += device.copy_in;
			out->took.compute += device.compute;
			out->took.copy_out += device.copy_out;
			out->took.occupancy = device.occupancy;
		}
		usage_add(&out->usage, &used);
		out->wall_ns += took;
		presence_add(&presence, s->probe, c->workers);
		if (bench_signal())
			break;
	}
	topology_confine(NULL, 0);
	out->oncpu = presence_least(&presence, c->workers, inner);
	struct outcome outcome = kernel->verify(job);
	out->right = outcome.right;
	c->tried++;
	c->wrong_runs += !outcome.right;
	if (!outcome.right || !c->wrong_runs)
		c->outcome = outcome;
	if (!counting) {
		int lost;
		c->fresh_count = probe_spans(s->probe, c->fresh, PROBE_SPANS, &lost);
	}
	return 0;
}

/* How many runs make `least` nanoseconds. */
static int runs_for(double seconds, double least_ns)
{
	if (!(seconds > 0))
		return 1;
	double runs = ceil(least_ns / (seconds * 1e9));
	return runs < 1 ? 1 : runs > INNER_MAX ? INNER_MAX : (int)runs;
}

static int calibrate_spin(struct session *s)
{
	const struct kernel *spin = s->spin.kernel;
	struct prepared input = {.job = s->spin};
	struct config c = {.variant = spin->variants, .workers = 1, .input = &input};
	struct sample sample;

	for (;;) {
		if (spin->prepare(&input.job)) {
			spin->release(&input.job);
			return -1;
		}
		int held = bench_held(), status = session_measure(s, &c, 1, false, &sample);
		if (!status && held != bench_held() && !bench_signal()) {
			spin->release(&input.job); /* it was stopped meanwhile: that time says nothing */
			continue;
		}
		if (status || sample.wall_ns >= SPIN_NS || input.job.arg[0] * 2 > spin->params[0].max) {
			s->spin = input.job;
			return status;
		}
		spin->release(&input.job);
		input.job.arg[0] *= sample.wall_ns < SPIN_NS / 8 ? 4 : 2;
	}
}

static void *nothing(void *arg) { return arg; }

/* libgomp ends the process when it can't get its threads: ask before it does. */
static bool threads_to_be_had(int workers)
{
	pthread_t thread[KERNEL_WORKERS_MAX];
	int n = 0, error = 0;

	for (; n < workers && !error; n += !error)
		error = pthread_create(&thread[n], NULL, nothing, NULL);
	while (n > 0)
		pthread_join(thread[--n], NULL);
	errno = error;
	return !error;
}

/* The first run pays page faults and thread creation; one in which the process was held tells nothing. Returns what the
 * last took beside its timed region (checking the answer), in seconds, or -1. */
static double warm_up(struct session *s, struct config *c)
{
	struct sample sample;
	double beside = 0;

	for (int warm = 0; warm < 2; warm++) {
		int held = bench_held();
		int64_t begin = now_ns();
		if (session_measure(s, c, 1, false, &sample))
			return -1;
		int64_t took = now_ns() - begin;
		if (held != bench_held() && !bench_signal()) {
			s->deadline_ns += s->deadline_ns ? took : 0;
			warm--;
			continue;
		}
		c->warm_seconds = (double)sample.wall_ns * 1e-9;
		c->spent_seconds = (double)sample.spent_ns * 1e-9;
		beside = 1e-9 * (double)(took - sample.spent_ns);
		if (c->warm_seconds > 0.5 || bench_signal())
			break;
	}
	memcpy(c->spans, c->fresh, sizeof c->spans);
	c->span_count = c->fresh_count;
	return beside;
}

static double cost(const struct config *c) { return c->inner * c->spent_seconds + c->beside_seconds; }

/* So many rounds must fit for a verdict, or as many as are wanted. */
static int rounds_least(const struct session *s) { return s->wanted < SESSION_KEPT_LEAST ? s->wanted : SESSION_KEPT_LEAST; }

/* Of the budget, what one configuration may take in a round if enough rounds for a verdict are to be had. */
static double fair_share(const struct session *s, double seconds)
{
	return seconds / rounds_least(s) / (s->config_count + s->spin_count);
}

/* Is this one not worth a first run? Fewer workers took too long for the budget, and no less than still fewer. */
static bool hopeless(const struct session *s, int i)
{
	const struct config *c = &s->configs[i], *less = c - 1, *least = c - 2;
	if (!s->deadline_ns || i < 2 || less->variant != c->variant || least->variant != c->variant || least->workers >= less->workers ||
	    less->workers >= c->workers)
		return false;
	return less->skipped || (less->spent_seconds > fmax(HOPELESS * fair_share(s, s->plan->budget_seconds), LONG_SECONDS) &&
				 less->spent_seconds > least->spent_seconds);
}

/* When too few rounds fit into the budget for a verdict on anything, those whose single run is longer than what falls to them have no
 * rounds, the longest first, so that the others get theirs. When that would be most of them, the budget is too small for all alike. */
static void give_up(struct session *s, double spins_seconds)
{
	double left = 1e-9 * (double)(s->deadline_ns - now_ns()), round = spins_seconds;
	int given = 0, all = 0;

	for (int i = 0; i < s->config_count; i++) {
		round += s->configs[i].once ? 0 : cost(&s->configs[i]);
		all += !s->configs[i].skipped;
	}
	double fair = fmax(fair_share(s, left), LONG_SECONDS);
	while (round * rounds_least(s) > left) {
		struct config *longest = NULL;
		for (int i = 0; i < s->config_count; i++) {
			struct config *c = &s->configs[i];
			if (!c->once && !c->baseline && c->spent_seconds > fair && (!longest || cost(c) > cost(longest)))
				longest = c;
		}
		if (!longest)
			break;
		for (int i = 0; i < s->config_count; i++) { /* more workers say nothing without their like with one */
			struct config *c = &s->configs[i];
			if (c != longest && (longest->workers > 1 || c->variant != longest->variant || c->once))
				continue;
			c->once = true;
			round -= cost(c);
			given++;
		}
	}
	for (int i = 0; 2 * given > all && i < s->config_count; i++)
		s->configs[i].once = s->configs[i].skipped;
}

int session_calibrate(struct session *s)
{
	double spins_ns = 0, round_ns, beside_ns = 0;

	if (calibrate_spin(s))
		return EXIT_FAILURE;
	for (int i = 0; i < s->spin_count; i++)
		spins_ns += SPIN_NS * fmax(1, (double)s->spin_workers[i] / s->usable);
	for (int i = 0; i < s->config_count && !bench_signal(); i++) {
		struct config *c = &s->configs[i];
		session_progress(s, "calibrating", i, c);
		c->once = c->skipped = hopeless(s, i);
		if (c->skipped)
			continue;
		if (c->variant->kind == KIND_OPENMP && !threads_to_be_had(c->workers))
			return EXIT_FAILURE;
		c->beside_seconds = warm_up(s, c);
		if (c->beside_seconds < 0)
			return EXIT_FAILURE;
		session_spans_so_far(s);
		c->inner = runs_for(c->spent_seconds, SAMPLE_NS);
		/* what waits by design, and what is a wrong variant of something that waits, is known to the descriptor */
		c->blocks = c->variant->blocks || c->workers > s->usable;
	}
	if (s->deadline_ns && !bench_signal())
		give_up(s, 1e-9 * spins_ns);
	round_ns = spins_ns;
	for (int i = 0; i < s->config_count; i++) {
		const struct config *c = &s->configs[i];
		if (c->once)
			continue;
		round_ns += c->inner * c->spent_seconds * 1e9;
		beside_ns += c->beside_seconds * 1e9;
		s->count_seconds += c->spent_seconds + c->beside_seconds;
	}
	if (round_ns < ROUND_NS)
		for (int i = 0; i < s->config_count; i++)
			s->configs[i].inner = (int)ceil(s->configs[i].inner * fmin(ROUND_NS / round_ns, INNER_MAX));
	s->round_guess = 1e-9 * (fmax(round_ns, ROUND_NS) + beside_ns);
	if (!strcmp(counters_tier(), "off") || !s->plan->probes)
		s->count_seconds = 0;
	return 0;
}
