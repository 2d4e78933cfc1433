/* All variants of heat leave the very same plate, bit for bit: larger plates than kernel tests use, so that tiles and
 * trapezoids meet; more workers than rows; more sweeps than one pass takes, fewer, and none. */
#include "kernels/kernel.h"
#include "kernels/simd.h"
#include "tests/tap.h"

extern const struct kernel kernel_heat;

#ifdef SANITIZED_THREAD
enum { NO_OPENMP = 1 };         /* its barriers look like races: gcc's library is not instrumented */
#define FIRST_LEVEL simd_best() /* races are the same at any width */
#else
enum { NO_OPENMP = 0 };
#define FIRST_LEVEL SIMD_BASE
#endif

/* The sum of all cells in a fixed order tells plates apart that differ in a bit of some cell. */
static bool sum_of(const struct variant *v, double n, double sweeps, int workers, double *sum)
{
	struct job job = {.kernel = &kernel_heat, .variant = v, .arg = {n, sweeps}, .workers = workers, .seed = 4};
	bool good = false;
	if (!kernel_heat.prepare(&job) && !v->run(&job)) {
		struct outcome o = kernel_heat.verify(&job);
		good = o.right;
		*sum = o.observed;
		if (!good)
			diag("%s: %s", v->name, o.text);
	}
	kernel_heat.release(&job);
	return good;
}

int main(void)
{
	static const struct {
		double n, sweeps;
		int workers;
	} plate[] = {{130, 37, 3}, {257, 16, 2}, {90, 5, 8}, {70, 33, 100}, {2500, 3, 2}, {65, 0, 2}};
	for (size_t i = 0; i < sizeof plate / sizeof *plate; i++) {
		double want = 0, got = 0;
		bool good = sum_of(&kernel_heat.variants[0], plate[i].n, plate[i].sweeps, 1, &want);
		for (const struct variant *v = kernel_heat.variants; v->name; v++)
			for (enum simd_level level = FIRST_LEVEL; level <= simd_best(); level++) {
				if (NO_OPENMP && v->kind == KIND_OPENMP)
					continue;
				setenv("LOCKSTEP_SIMD", simd_name(level), 1);
				bool same = sum_of(v, plate[i].n, plate[i].sweeps, v->kind == KIND_SERIAL ? 1 : plate[i].workers, &got) &&
					    got == want;
				if (!same)
					diag("%s, simd %s: sum %.17g, not %.17g", v->name, simd_name(level), got, want);
				good = good && same;
			}
		ok(good, "%.0f x %.0f, %.0f sweeps, %d workers: all variants alike", plate[i].n, plate[i].n, plate[i].sweeps,
		   plate[i].workers);
	}
	return tap_done();
}
