/* OpenMP tasks: one thread makes them all, or each makes two more.
 * needs: gcc
 * flags: -fopenmp */
#include <omp.h>
#include "kernels/peers/input_executor.h"

static void node(struct executor *d, uint64_t i)
{
	executor_task(d, omp_get_thread_num(), i);
	for (uint64_t child = 2 * i + 1; child <= 2 * i + 2 && child < d->n; child++) {
#pragma omp task firstprivate(d, child)
		node(d, child);
	}
}

static void run_tasks(struct peer_job *job)
{
	struct executor *d = job->data;
#pragma omp parallel num_threads(job->threads)
#pragma omp single
	{
		if (d->tree && d->n)
			node(d, 0);
		for (uint64_t i = 0; !d->tree && i < d->n; i++) {
#pragma omp task firstprivate(d, i)
			executor_task(d, omp_get_thread_num(), i);
		}
	}
}

static void run_taskloop(struct peer_job *job)
{
	struct executor *d = job->data;
#pragma omp parallel num_threads(job->threads)
#pragma omp single
#pragma omp taskloop grainsize(1) firstprivate(d)
	for (uint64_t i = 0; i < d->n; i++)
		executor_task(d, omp_get_thread_num(), i);
}

#define LIBRARY "libgomp, gcc " __VERSION__
static const struct peer peers[] = {
	{.name = "OpenMP tasks", .kernel = "executor", .library = LIBRARY, .workers = "any", .prepare = executor_prepare,
	 .reset = executor_reset, .run = run_tasks, .check = executor_check},
	{.name = "OpenMP taskloop", .kernel = "executor", .library = LIBRARY, .workers = "any", .params = "\"shape\":0",
	 .prepare = executor_prepare, .reset = executor_reset, .run = run_taskloop, .check = executor_check},
	{0},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
