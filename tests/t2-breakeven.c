/* The break-even size of synthetic sweeps with known answers, in any order of the sizes, and where nothing can be told. */
#include <time.h>
#include "kernels/bench/breakeven.h"
#include "kernels/rng.h"
#include "tests/tap.h"

enum { SIZES = 8 };
static const double size[SIZES] = {10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};

/* A worker does one item in a nanosecond; two share, after a start that takes `start` nanoseconds. */
static double model(double n, double start) { return n / (start + n / 2); }

static struct estimate about(double mid, double width) { return (struct estimate){mid, mid / (1 + width), mid * (1 + width)}; }

static struct breakeven sweep(const double *at, double start, double width)
{
	struct estimate speedup[SIZES];
	for (int i = 0; i < SIZES; i++)
		speedup[i] = about(model(at[i], start), width);
	return breakeven_find(at, speedup, SIZES);
}

static void is_kind(struct breakeven e, enum breakeven_kind kind, double lo, double hi, const char *name)
{
	bool same_lo = isnan(lo) ? isnan(e.lo) : e.lo == lo, same_hi = isnan(hi) ? isnan(e.hi) : e.hi == hi;
	if (!ok(e.kind == kind && same_lo && same_hi, "%s", name))
		diag("kind %d, from %g to %g, about %g", e.kind, e.lo, e.hi, e.mid);
}

int main(void)
{
	uint64_t seed = (uint64_t)time(NULL);
	diag("seed %llu", (unsigned long long)seed);

	is_kind(sweep(size, 5e4, 0.02), BREAKEVEN_BETWEEN, 1e4, 1e6, "1e5 is the break-even itself: there nobody can tell, so from 1e4 to 1e6");
	near(sweep(size, 5e4, 0.02).mid, 1e5, 1, "and about 1e5");
	is_kind(sweep(size, 2e4, 0.02), BREAKEVEN_BETWEEN, 1e4, 1e5, "between two neighbours");
	struct breakeven e = sweep(size, 2e4, 0.02);
	ok(e.mid > 1e4 && e.mid < 1e5, "about %g lies between them", e.mid);
	is_kind(sweep(size, 1, 0.02), BREAKEVEN_BELOW, NAN, 10, "sharing pays at every size");
	is_kind(sweep(size, 1e9, 0.02), BREAKEVEN_ABOVE, 1e8, NAN, "sharing pays at no size");
	is_kind(sweep(size, 2e4, 3), BREAKEVEN_ABOVE, 1e3, NAN, "wide intervals: slower is sure, faster is not");
	is_kind(sweep(size, 2e4, 1e9), BREAKEVEN_UNKNOWN, NAN, NAN, "intervals that hold everything tell nothing");
	is_kind(sweep(size, 2e4, NAN), BREAKEVEN_UNKNOWN, NAN, NAN, "without intervals nothing is sure");
	is_kind(breakeven_find(size, NULL, 0), BREAKEVEN_UNKNOWN, NAN, NAN, "no sizes");

	struct estimate twice[] = {about(0.1, 0.01), about(1.5, 0.01), about(0.9, 0.01), about(1.6, 0.01)};
	is_kind(breakeven_find(size, twice, 4), BREAKEVEN_UNKNOWN, NAN, NAN, "the two trade places more than once: not one break-even size");
	double zero[] = {0, 100, 1000};
	struct estimate three[] = {about(0.1, 0.01), about(0.5, 0.01), about(2, 0.01)};
	is_kind(breakeven_find(zero, three, 3), BREAKEVEN_BETWEEN, 100, 1000, "a size of 0 has no place on the axis");

	bool same = true;
	for (int round = 0; round < 200; round++) {
		double mixed[SIZES], start = pow(10, 1 + 6 * (double)(rng_at(seed, (uint64_t)round * 100) >> 11) * 0x1p-53);
		memcpy(mixed, size, sizeof mixed);
		for (int i = SIZES - 1; i > 0; i--) {
			int k = (int)(rng_at(seed, (uint64_t)(round * 100 + i)) % (uint64_t)(i + 1));
			double was = mixed[i];
			mixed[i] = mixed[k];
			mixed[k] = was;
		}
		struct breakeven a = sweep(size, start, 0.1), b = sweep(mixed, start, 0.1);
		bool known = a.kind != BREAKEVEN_BETWEEN || (a.lo <= 2 * start && 2 * start <= a.hi && a.lo < a.mid && a.mid < a.hi);
		same = same && known && a.kind == b.kind && (a.kind != BREAKEVEN_BETWEEN || (a.lo == b.lo && a.hi == b.hi && a.mid == b.mid));
	}
	ok(same, "the truth lies in the interval, whatever the order of the sizes");
	return tap_done();
}
