/* The loop with a pragma in front of it, as every OpenMP course shows it; and with `simd`, which lets the additions change places.
 * needs: gcc
 * flags: -fopenmp */
#include "kernels/peers/input_sum_squares.h"

static void run_for(struct peer_job *job)
{
	struct squares *d = job->data;
	double sum = 0;
#pragma omp parallel for reduction(+ : sum) num_threads(job->threads)
	for (size_t i = 0; i < job->size; i++)
		sum += d->x[i] * d->x[i];
	d->sum = sum;
}

static void run_simd(struct peer_job *job)
{
	struct squares *d = job->data;
	double sum = 0;
#pragma omp parallel for simd reduction(+ : sum) num_threads(job->threads)
	for (size_t i = 0; i < job->size; i++)
		sum += d->x[i] * d->x[i];
	d->sum = sum;
}

static const struct peer peers[] = {
	{.name = "OpenMP for", .kernel = "sum_squares", .library = "libgomp, gcc " __VERSION__, .workers = "any",
	 .prepare = squares_prepare, .run = run_for, .check = squares_check},
	{.name = "OpenMP for simd", .kernel = "sum_squares", .library = "libgomp, gcc " __VERSION__, .workers = "any",
	 .prepare = squares_prepare, .run = run_simd, .check = squares_check},
	{0},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
