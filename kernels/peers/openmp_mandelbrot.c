/* The plain loop over rows, dealt one by one. Its arithmetic is not contracted to fused operations, which round otherwise: a point on the
 * rim would leave a step earlier or later, and the answers could not be compared exactly.
 * needs: gcc
 * flags: -fopenmp -ffp-contract=off */
#include "kernels/peers/peer.h"

struct image {
	double x, y, step;
	uint32_t *count;
};

static bool prepare(struct peer_job *job)
{
	struct image *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d || !(d->count = peer_alloc(job->size * job->size, sizeof *d->count)))
		return false;
	d->x = -1.4 + 0.02 * rng_unit(job->seed, 0);
	d->y = -1.05 + 0.02 * rng_unit(job->seed, 1);
	d->step = 1.6 / (double)job->size;
	return true;
}

static void run(struct peer_job *job)
{
	struct image *d = job->data;
	size_t n = job->size;
	uint32_t limit = (uint32_t)peer_param(job, "iterations", 300);
#pragma omp parallel for schedule(dynamic) num_threads(job->threads)
	for (size_t row = 0; row < n; row++)
		for (size_t column = 0; column < n; column++) {
			double cx = d->x + (double)column * d->step, cy = d->y + (double)row * d->step, x = 0, y = 0;
			uint32_t k = 0;
			while (k < limit && x * x + y * y <= 4) {
				double next = x * x - y * y + cx;
				y = 2 * x * y + cy;
				x = next;
				k++;
			}
			d->count[row * n + column] = k;
		}
}

static double check(const struct peer_job *job)
{
	const struct image *d = job->data;
	double sum = 0;
	for (size_t i = 0; i < job->size * job->size; i++)
		sum += d->count[i];
	return sum;
}

static const struct peer peers[] = {
	{.name = "OpenMP dynamic", .kernel = "mandelbrot", .library = "libgomp, gcc " __VERSION__, .workers = "any", .prepare = prepare, .run = run,
	 .check = check},
	{0},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
