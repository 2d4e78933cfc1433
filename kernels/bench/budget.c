/* Where the core-seconds went, and the POP efficiencies from the same figures.
 *
 *   split        the area p * T(p) of the schedule: in integers, so that the parts sum to it exactly
 *   POP          the additive and multiplicative model of the POP centre of excellence (pop-coe.eu, "POP standard metrics for
 *                parallel performance analysis"), with CPU time for its "useful computation" */
#include "kernels/bench/budget.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include "kernels/bench/words.h"

const char *const part_name[PARTS] = {
	[PART_USEFUL_SERIAL] = "useful_serial", [PART_USEFUL_PARALLEL] = "useful_parallel",
	[PART_SERIAL_WAIT] = "serial_wait",     [PART_STARTUP] = "startup",
	[PART_IMBALANCE] = "imbalance",         [PART_WAITING] = "waiting",
	[PART_INFLATION] = "inflation",         [PART_JOIN] = "join",
};

const char *const part_words[PARTS] = {
	[PART_USEFUL_SERIAL] = N_("useful work in the serial part"),
	[PART_USEFUL_PARALLEL] = N_("useful work in the parallel part"),
	[PART_SERIAL_WAIT] = N_("waiting for the serial part"),
	[PART_STARTUP] = N_("starting the workers"),
	[PART_IMBALANCE] = N_("imbalance (workers without work while others still had some)"),
	[PART_WAITING] = N_("waiting (in the parallel part, not running)"),
	[PART_INFLATION] = N_("work inflation (the same work took more CPU time than with one worker)"),
	[PART_JOIN] = N_("joining the workers"),
};

/* Below this share of all core-seconds, losses are not worth a sentence; a loss is named when it is this many times the
 * next one. */
static const double WORTH_SAYING = 0.03, CLEAR = 1.25;

struct budget budget_split(const struct usage *at, const struct usage *one)
{
	int64_t p = at->workers > 1 ? at->workers : 1;
	int64_t parallel = at->parallel_ns < at->wall_ns ? at->parallel_ns : at->wall_ns, serial = at->wall_ns - parallel;
	struct budget b = {.total_ns = p * at->wall_ns};
	int64_t *part = b.part_ns;

	part[PART_USEFUL_SERIAL] = serial;
	part[PART_SERIAL_WAIT] = (p - 1) * serial;
	part[PART_USEFUL_PARALLEL] = one->cpu_ns;
	part[PART_INFLATION] = at->cpu_ns - one->cpu_ns;
	part[PART_WAITING] = at->region_ns - at->cpu_ns;
	part[PART_STARTUP] = at->startup_ns;
	part[PART_JOIN] = at->join_ns;
	part[PART_IMBALANCE] = p * parallel - at->startup_ns - at->join_ns - at->region_ns;

	/* The wall and the CPU clock are two clocks: what one shows too much is taken from where it came. Imbalance below
	 * 0 is region time too long, hence waiting too long; waiting below 0 is CPU time too long, hence inflation. */
	if (part[PART_IMBALANCE] < 0) {
		part[PART_WAITING] += part[PART_IMBALANCE];
		part[PART_IMBALANCE] = 0;
	}
	if (part[PART_WAITING] < 0) {
		part[PART_INFLATION] += part[PART_WAITING];
		part[PART_WAITING] = 0;
	}
	return b;
}

static double ratio(double num, double den) { return den > 0 ? num / den : NAN; }

/* Useful time of all workers: CPU time in regions and, for the owner, the serial time. */
static double useful(const struct usage *u) { return (double)u->cpu_ns + (double)(u->wall_ns - u->parallel_ns); }

struct pop budget_pop(const struct usage *at, const struct usage *one)
{
	double p = at->workers > 1 ? at->workers : 1, wall = (double)at->wall_ns, wall_one = (double)one->wall_ns;
	double sum = useful(at), sum_one = useful(one), mean = sum / p;
	/* The owner is taken to be the busiest worker: only sums over runs are kept, and it alone has the serial time. */
	double most = (double)at->max_cpu_ns + (double)(at->wall_ns - at->parallel_ns);
	most = most < mean ? mean : most;
	return (struct pop){
		.load_balance = ratio(mean, most),
		.communication = ratio(most, wall),
		.parallel = ratio(mean, wall),
		.computation_scaling = ratio(sum_one, sum),
		.parallel_one = ratio(sum_one, wall_one),
		.speedup = ratio(wall_one, wall),
	};
}

enum part budget_sentence(const struct budget *b, char *text, size_t size)
{
	enum part most = PARTS;
	int64_t first = 0, second = 0, sum = 0;
	if (size)
		text[0] = '\0';
	for (int i = 0; i < PARTS; i++) {
		int64_t loss = b->part_ns[i];
		if (i == PART_USEFUL_SERIAL || i == PART_USEFUL_PARALLEL || loss <= 0)
			continue;
		sum += loss;
		if (loss > first) {
			second = first;
			first = loss;
			most = (enum part)i;
		} else if (loss > second) {
			second = loss;
		}
	}
	double total = (double)b->total_ns, share = ratio((double)first, total);
	if (!((double)sum >= WORTH_SAYING * total) || !(total > 0) || (double)first < CLEAR * (double)second)
		return PARTS;
	if (snprintf(text, size, "%.*f %% of the core-seconds went to %s.", share < 0.0995, 100 * share, part_words[most]) < 0)
		return PARTS;
	return most;
}

void usage_add(struct usage *sum, const struct usage *one)
{
	sum->workers = one->workers;
	sum->wall_ns += one->wall_ns;
	sum->parallel_ns += one->parallel_ns;
	sum->startup_ns += one->startup_ns;
	sum->join_ns += one->join_ns;
	sum->region_ns += one->region_ns;
	sum->cpu_ns += one->cpu_ns;
	sum->wait_ns += one->wait_ns;
	sum->max_cpu_ns += one->max_cpu_ns;
	sum->max_region_ns += one->max_region_ns;
}

void usage_scale(struct usage *u, double by)
{
	int64_t *const times[] = {&u->wall_ns, &u->parallel_ns, &u->startup_ns, &u->join_ns, &u->region_ns, &u->cpu_ns, &u->wait_ns, &u->max_cpu_ns, &u->max_region_ns};
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		*times[i] = (int64_t)llround((double)*times[i] * by);
}
