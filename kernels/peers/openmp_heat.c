/* The loops as every OpenMP course shows them: one sweep after the other over the whole plate.
 * needs: gcc
 * flags: -fopenmp */
#include "kernels/peers/input_heat.h"

static void run(struct peer_job *job)
{
	struct heat *d = job->data;
	size_t n = d->n, row = n + 2;
	for (size_t s = 0; s < d->sweeps; s++) {
		const double *restrict u = d->grid[s % 2];
		double *restrict v = d->grid[(s + 1) % 2];
#pragma omp parallel for num_threads(job->threads)
		for (size_t i = 1; i <= n; i++)
			for (size_t j = 1; j <= n; j++)
				v[i * row + j] = 0.5 * u[i * row + j] + 0.125 * (u[(i - 1) * row + j] + u[(i + 1) * row + j] +
										 u[i * row + j - 1] + u[i * row + j + 1]);
	}
}

static const struct peer peers[] = {
	{.name = "OpenMP for", .kernel = "heat", .library = "libgomp, gcc " __VERSION__, .workers = "any",
	 .prepare = heat_prepare, .reset = heat_reset, .run = run, .check = heat_check},
	{0},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
