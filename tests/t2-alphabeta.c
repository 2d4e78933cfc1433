/* alpha and beta of messages: found again in made-up times with noise and outliers; a knee is named where there is one. */
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include "kernels/bench/alphabeta.h"
#include "kernels/rng.h"
#include "tests/tap.h"

enum { SIZES = 9, ROUNDS = 24, TRIES = 60 };
static const double bytes[SIZES] = {8, 64, 512, 4096, 16384, 65536, 262144, 1048576, 4194304};

/* One-sided noise, as others on the machine make it: up to 5 % more, and one in ten twice as long. */
static void make(double *t, double alpha, double c, double jump_from, double jump, uint64_t seed)
{
	for (size_t i = 0; i < ROUNDS * SIZES; i++) {
		double m = bytes[i % SIZES], clean = alpha + c * m + (m >= jump_from ? jump : 0);
		t[i] = clean * (1 + 0.05 * rng_unit(seed, 2 * i)) * (rng_unit(seed, 2 * i + 1) < 0.1 ? 2 : 1);
	}
}

int main(void)
{
	const char *given = getenv("SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	static double t[ROUNDS * SIZES];
	int alpha_in = 0, c_in = 0, knees = 0, named = 0, right = 0;

	diag("SEED=%llu", (unsigned long long)seed);
	for (size_t i = 0; i < SIZES; i++)
		t[i] = 2e-6 + bytes[i] / 5e9;
	struct alphabeta fit = alphabeta_fit(bytes, SIZES, t, 1, seed);
	near(fit.alpha.mid * 1e6, 2, 1e-6, "without noise: alpha exactly");
	near(1e-9 / fit.per_byte.mid, 5, 1e-6, "without noise: beta exactly");
	ok(isnan(fit.alpha.lo) && !fit.knee && fit.worst < 1e-9, "one round: no interval, no knee, no deviation");
	near(alphabeta_seconds(&fit, 1e6) * 1e6, 202, 1e-3, "what the model says of a megabyte");

	for (int i = 0; i < TRIES; i++) {
		double alpha = 0.3e-6 * pow(3000, rng_unit(seed, (uint64_t)(i * 7))), c = 1e-10 * pow(1000, rng_unit(seed, (uint64_t)(i * 7 + 1)));
		make(t, alpha, c, INFINITY, 0, rng_at(seed, (uint64_t)i));
		fit = alphabeta_fit(bytes, SIZES, t, ROUNDS, seed + (uint64_t)i);
		/* the noise only adds, 2.5 % in the middle: that is in the times, not an error of the fit */
		alpha_in += fit.alpha.mid > 0.97 * alpha && fit.alpha.mid < 1.08 * alpha && fit.alpha.lo <= fit.alpha.mid && fit.alpha.hi >= fit.alpha.mid;
		c_in += fit.per_byte.mid > 0.97 * c && fit.per_byte.mid < 1.08 * c;
		knees += fit.knee;
	}
	ok(alpha_in == TRIES, "with noise and outliers: alpha within 8 %% in %d of %d", alpha_in, TRIES);
	ok(c_in == TRIES, "with noise and outliers: beta within 8 %% in %d of %d", c_in, TRIES);
	ok(knees == 0, "no knee where there is none (%d of %d)", knees, TRIES);

	for (int i = 0; i < TRIES; i++) {
		make(t, 1e-6, 2e-10, 16384, 8e-6, rng_at(seed, (uint64_t)(1000 + i)));
		fit = alphabeta_fit(bytes, SIZES, t, ROUNDS, seed + (uint64_t)i);
		named += fit.knee;
		right += fit.knee && fit.knee_below == 4096 && fit.knee_above == 16384 && fit.jump.mid > 5e-6 && fit.jump.mid < 11e-6;
	}
	ok(named == TRIES && right == TRIES, "a step of 8 us from 16 KiB on: found in %d, at its place and height in %d of %d", named, right, TRIES);

	fit = alphabeta_fit(bytes, 1, t, ROUNDS, seed);
	ok(isnan(fit.alpha.mid) && isnan(fit.per_byte.mid) && !fit.knee, "one size: nothing to be said");
	fit = alphabeta_fit(bytes, SIZES, t, 0, seed);
	ok(isnan(fit.alpha.mid), "no rounds: nothing to be said");
	return tap_done();
}
