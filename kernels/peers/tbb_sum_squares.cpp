/* oneTBB: parallel_reduce over a blocked range.
 * needs: libtbb-dev
 * libs: -ltbb */
#include <functional>
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_reduce.h>
#include <tbb/version.h>
#include "kernels/peers/input_sum_squares.h"

static bool prepare(struct peer_job *job)
{
	new tbb::global_control(tbb::global_control::max_allowed_parallelism, (size_t)job->threads); /* as long as the program lives */
	return squares_prepare(job);
}

static void run(struct peer_job *job)
{
	auto *d = static_cast<squares *>(job->data);
	d->sum = tbb::parallel_reduce(
		tbb::blocked_range<size_t>(0, job->size), 0.0,
		[&](const tbb::blocked_range<size_t> &part, double sum) {
			for (size_t i = part.begin(); i < part.end(); i++)
				sum += d->x[i] * d->x[i];
			return sum;
		},
		std::plus<double>());
}

static const struct peer peers[] = {
	{.name = "TBB parallel_reduce", .kernel = "sum_squares", .library = "oneTBB " TBB_VERSION_STRING, .workers = "any",
	 .prepare = prepare, .run = run, .check = squares_check},
	{},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
