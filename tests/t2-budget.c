/* The core-second budget: exact sums for any usage, the right parts for made-up runs, the POP identity, the sentence.
 * Seed of the clock, printed; set SEED to repeat. */
#include <stdint.h>

#include "kernels/bench/budget.h"
#include "kernels/bench/clock.h"
#include "kernels/rng.h"
#include "tests/tap.h"

static uint64_t seed, drawn;

static int64_t below(int64_t limit) { return limit > 0 ? (int64_t)(rng_at(seed, drawn++) % (uint64_t)limit) : 0; }

static int64_t sum(const struct budget *b)
{
	int64_t s = 0;
	for (int i = 0; i < PARTS; i++)
		s += b->part_ns[i];
	return s;
}

/* A run that could have been: p workers in one region. Worker 0 owns the job. */
static struct usage plausible(int p, int64_t scale)
{
	struct usage u = {.workers = p, .parallel_ns = 1 + below(scale)};
	u.wall_ns = u.parallel_ns + below(scale);
	int64_t last = 0;
	for (int w = 0; w < p; w++) {
		int64_t begin = below(u.parallel_ns / 4 + 1), end = begin + below(u.parallel_ns - begin + 1), region = end - begin;
		int64_t cpu = region - below(region / 3 + 1);
		u.startup_ns += begin;
		u.region_ns += region;
		u.cpu_ns += cpu;
		u.max_cpu_ns = cpu > u.max_cpu_ns ? cpu : u.max_cpu_ns;
		u.max_region_ns = region > u.max_region_ns ? region : u.max_region_ns;
		last = end > last ? end : last;
	}
	u.join_ns = p * (u.parallel_ns - last);
	/* what a worker that ended early left open, before the last one ended, is imbalance: the rest */
	return u;
}

static void sums(void)
{
	bool exact = true, positive = true, identity = true, factors = true;
	for (int t = 0; t < 20000; t++) {
		struct usage at = plausible(1 + (int)below(64), 1 + below(INT64_C(4000000000000)));
		struct usage one = plausible(1, 1 + below(INT64_C(4000000000000)));
		struct budget b = budget_split(&at, &one);
		exact &= sum(&b) == b.total_ns && b.total_ns == at.workers * at.wall_ns;
		for (int i = 0; i < PARTS; i++)
			positive &= i == PART_INFLATION || b.part_ns[i] >= 0;
		exact &= b.part_ns[PART_INFLATION] == at.cpu_ns - one.cpu_ns;
		struct pop pop = budget_pop(&at, &one);
		double s = at.workers * pop.computation_scaling * pop.parallel / pop.parallel_one;
		identity &= fabs(s / pop.speedup - 1) <= 1e-12 && fabs(pop.load_balance * pop.communication / pop.parallel - 1) <= 1e-12;
		factors &= pop.load_balance > 0 && pop.load_balance <= 1 && pop.communication > 0 && pop.communication <= 1;
	}
	ok(exact, "20000 random runs: the parts sum to p T(p) to the nanosecond");
	ok(positive, "no part but inflation is below 0");
	ok(identity, "S = p CompS PE(p) / PE(1) and PE = balance times communication, to 1e-12");
	ok(factors, "load balance and communication lie in (0, 1]");

	exact = true;
	positive = true;
	for (int t = 0; t < 20000; t++) { /* nothing fits: clocks gone mad, killed workers, sums of different lengths */
		int64_t big = INT64_C(1000000000000);
		struct usage at = {(int)below(1030) - 2, below(big), below(big), below(big), below(big), below(big), below(big), 0, 0, 0};
		struct usage one = {1, below(big), below(big), below(big), below(big), below(big), below(big), 0, 0, 0};
		struct budget b = budget_split(&at, &one);
		exact &= sum(&b) == b.total_ns;
		positive &= b.part_ns[PART_IMBALANCE] >= 0 && b.part_ns[PART_WAITING] >= 0 && b.part_ns[PART_SERIAL_WAIT] >= 0;
	}
	ok(exact, "figures that cannot be still sum exactly");
	ok(positive, "and still show no negative time of waiting");
}

static void parts(void)
{
	/* 4 workers, 100 ns serial, region of 200 ns. Workers begin after 10; three run 150 and end, the last runs 170
	 * of its 180 and ends 10 before the region. Alone: 500 ns of CPU time. */
	struct usage one = {.workers = 1, .wall_ns = 610, .parallel_ns = 510, .region_ns = 500, .cpu_ns = 500, .max_cpu_ns = 500,
			    .max_region_ns = 500, .startup_ns = 5, .join_ns = 5};
	struct usage at = {.workers = 4, .wall_ns = 300, .parallel_ns = 200, .startup_ns = 40, .join_ns = 40,
			   .region_ns = 3 * 150 + 180, .cpu_ns = 3 * 150 + 170, .max_cpu_ns = 170, .max_region_ns = 180};
	struct budget b = budget_split(&at, &one);
	static const struct {
		enum part part;
		int64_t ns;
	} want[] = {{PART_USEFUL_SERIAL, 100}, {PART_SERIAL_WAIT, 300}, {PART_USEFUL_PARALLEL, 500}, {PART_INFLATION, 120},
		    {PART_WAITING, 10},        {PART_STARTUP, 40},      {PART_JOIN, 40},             {PART_IMBALANCE, 90}};
	for (size_t i = 0; i < PARTS; i++) {
		ok(b.part_ns[want[i].part] == want[i].ns, "by hand: %s is %lld", part_name[want[i].part], (long long)want[i].ns);
		if (b.part_ns[want[i].part] != want[i].ns)
			diag("got %lld", (long long)b.part_ns[want[i].part]);
	}
	struct pop pop = budget_pop(&at, &one);
	near(pop.speedup, 610.0 / 300, 1e-15, "POP: speedup");
	near(pop.parallel, 720.0 / 1200, 1e-15, "POP: parallel efficiency, CPU and serial time over the area");
	near(pop.load_balance, 180.0 / 270, 1e-15, "POP: load balance, mean over most");
	near(pop.communication, 270.0 / 300, 1e-15, "POP: communication, most over wall");
	near(pop.computation_scaling, 600.0 / 720, 1e-15, "POP: computation scaling");

	b = budget_split(&one, &one);
	ok(b.part_ns[PART_SERIAL_WAIT] == 0 && b.part_ns[PART_INFLATION] == 0 && sum(&b) == 610, "one worker against itself");
	at.cpu_ns = at.region_ns + 3; /* the CPU clock ran 3 ns ahead */
	b = budget_split(&at, &one);
	ok(b.part_ns[PART_WAITING] == 0 && b.part_ns[PART_INFLATION] == 130 && sum(&b) == 1200,
	   "CPU time above region time is not time of waiting below 0");
	at.cpu_ns = at.region_ns - 20;
	at.startup_ns += 95; /* more than the imbalance there was */
	b = budget_split(&at, &one);
	ok(b.part_ns[PART_IMBALANCE] == 0 && b.part_ns[PART_WAITING] == 15 && sum(&b) == 1200,
	   "imbalance below 0 is taken from waiting");
	struct usage nothing = {.workers = 2};
	b = budget_split(&nothing, &nothing);
	pop = budget_pop(&nothing, &nothing);
	ok(b.total_ns == 0 && sum(&b) == 0 && isnan(pop.speedup) && isnan(pop.load_balance), "a run of no time divides nothing by 0");
}

static struct budget made(int64_t serial_wait, int64_t startup, int64_t imbalance, int64_t waiting, int64_t inflation, int64_t join)
{
	struct budget b = {.total_ns = 1000};
	b.part_ns[PART_SERIAL_WAIT] = serial_wait;
	b.part_ns[PART_STARTUP] = startup;
	b.part_ns[PART_IMBALANCE] = imbalance;
	b.part_ns[PART_WAITING] = waiting;
	b.part_ns[PART_INFLATION] = inflation;
	b.part_ns[PART_JOIN] = join;
	b.part_ns[PART_USEFUL_PARALLEL] = 1000 - sum(&b);
	return b;
}

static void says(struct budget b, enum part want, const char *words, const char *name)
{
	char text[200] = "untouched";
	enum part got = budget_sentence(&b, text, sizeof text);
	ok(got == want, "%s", name);
	if (got != want)
		diag("got %s", got < PARTS ? part_name[got] : "nothing");
	is(text, words, name);
}

static void sentences(void)
{
	says(made(20, 30, 50, 710, 0, 0), PART_WAITING,
	     "71 % of the core-seconds went to waiting (in the parallel part, not running).", "waiting dominates");
	says(made(300, 10, 10, 10, 10, 10), PART_SERIAL_WAIT, "30 % of the core-seconds went to waiting for the serial part.",
	     "the serial part dominates");
	says(made(0, 0, 0, 0, 0, 31), PART_JOIN, "3.1 % of the core-seconds went to joining the workers.", "a small loss, alone");
	says(made(125, 0, 0, 0, 100, 0), PART_SERIAL_WAIT, "12 % of the core-seconds went to waiting for the serial part.",
	     "1.25 times the second is clear");
	says(made(120, 0, 0, 0, 100, 0), PARTS, "", "1.2 times the second is ambiguous: silent");
	says(made(100, 100, 100, 100, 100, 100), PARTS, "", "all alike: silent");
	says(made(29, 0, 0, 0, 0, 0), PARTS, "", "below 3 % in all: silent");
	says(made(0, 0, 0, 0, 0, 0), PARTS, "", "no loss: silent");
	says(made(100, 0, 0, 0, -400, 0), PART_SERIAL_WAIT, "10 % of the core-seconds went to waiting for the serial part.",
	     "a gain (super-linear) is no loss and hides none");
	says((struct budget){0}, PARTS, "", "an empty budget: silent");

	bool fits = true, alone = true;
	for (int i = 0; i < PARTS; i++) {
		struct budget b = {.total_ns = 1000};
		b.part_ns[i] = 999;
		char text[200], tiny[8] = "#######";
		bool useful = i == PART_USEFUL_SERIAL || i == PART_USEFUL_PARALLEL;
		enum part got = budget_sentence(&b, text, sizeof text);
		alone &= useful ? got == PARTS && !*text : got == (enum part)i && strstr(text, part_words[i]);
		budget_sentence(&b, tiny, 4);
		fits &= strlen(tiny) <= 3 && tiny[4] == '#';
		tiny[0] = '#';
		budget_sentence(&b, tiny, 0);
		fits &= tiny[0] == '#';
	}
	ok(alone, "each loss is named by its own words; useful work never");
	ok(fits, "a short buffer is not overrun");
}

int main(void)
{
	const char *given = getenv("SEED");
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)clock_ns(CLOCK_REALTIME);
	diag("SEED=%llu", (unsigned long long)seed);
	sums();
	parts();
	sentences();
	return tap_done();
}
