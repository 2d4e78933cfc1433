/* N bodies as OpenMP C with leave to reorder: the compiler makes vectors of the inner loop, and of the root what it likes.
 * needs: gcc
 * flags: -fopenmp -ffast-math */
#include "kernels/peers/input_nbody.h"

static void run(struct peer_job *job)
{
	struct nbody *d = job->data;
	const double dt = 0x1p-10, soft = 0.1;
	const size_t n = d->n;
	double *restrict x = d->x, *restrict y = d->y, *restrict z = d->z, *restrict m = d->m;
	for (size_t step = 0; step < d->steps; step++) {
		for (size_t i = 0; i < n; i++) {
			x[i] += d->vx[i] * dt;
			y[i] += d->vy[i] * dt;
			z[i] += d->vz[i] * dt;
		}
#pragma omp parallel for num_threads(job->threads)
		for (size_t i = 0; i < n; i++) {
			double ax = 0, ay = 0, az = 0, xi = x[i], yi = y[i], zi = z[i];
			for (size_t j = 0; j < n; j++) {
				double dx = x[j] - xi, dy = y[j] - yi, dz = z[j] - zi;
				double r2 = dx * dx + dy * dy + dz * dz + soft * soft;
				double pull = m[j] / (r2 * sqrt(r2));
				ax += pull * dx;
				ay += pull * dy;
				az += pull * dz;
			}
			d->vx[i] += ax * dt;
			d->vy[i] += ay * dt;
			d->vz[i] += az * dt;
		}
	}
}

static const struct peer peers[] = {
	{.name = "OpenMP -ffast-math", .kernel = "nbody", .library = "libgomp, gcc " __VERSION__, .workers = "any",
	 .prepare = nbody_prepare, .reset = nbody_reset, .run = run, .check = nbody_check},
	{0},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
