/* The linked kernels, found in the section that KERNEL_REGISTER fills. */
#include "kernels/bench/bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const struct kernel *const __start_kernels[];
extern const struct kernel *const __stop_kernels[];

int bench_kernel_count(void) { return (int)(__stop_kernels - __start_kernels); }

/* The i-th name in order: the section's own order is the linker's. A handful of kernels, so counting is enough. */
const struct kernel *bench_kernel_at(int i)
{
	for (int k = 0; k < bench_kernel_count(); k++) {
		int before = 0;
		for (int other = 0; other < bench_kernel_count(); other++)
			before += strcmp(__start_kernels[other]->name, __start_kernels[k]->name) < 0;
		if (before == i)
			return __start_kernels[k];
	}
	return NULL;
}

const struct kernel *bench_kernel(const char *name)
{
	for (int k = 0; k < bench_kernel_count(); k++)
		if (!strcmp(__start_kernels[k]->name, name))
			return __start_kernels[k];
	return NULL;
}

const struct variant *bench_variant(const struct kernel *kernel, const char *name)
{
	for (const struct variant *v = kernel->variants; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

const char *kind_name(enum kind kind)
{
	static const char *const names[] = {"serial", "threads", "processes", "openmp", "mpi", "opencl", "cuda"};
	return (size_t)kind < sizeof names / sizeof *names ? names[kind] : "?";
}

double bench_work(const struct kernel *kernel, const double *arg)
{
	struct job job = {.kernel = kernel, .workers = 1};
	memcpy(job.arg, arg, sizeof job.arg);
	double work = kernel->work ? kernel->work(&job) : kernel->flops ? kernel->flops(&job) : kernel->bytes ? kernel->bytes(&job) : arg[0];
	return work >= 0 ? work : arg[0]; /* NaN: known only for a prepared input */
}

double bench_scaled_size(const struct kernel *kernel, const double *arg, double times)
{
	const struct param *size = &kernel->params[0];
	double a[KERNEL_ARGS_MAX], want = times * bench_work(kernel, arg), low = size->min, high = size->max;

	memcpy(a, arg, sizeof a);
	while (high - low > 1) {
		a[0] = floor((low + high) / 2);
		if (bench_work(kernel, a) < want)
			low = a[0];
		else
			high = a[0];
	}
	a[0] = low;
	double below = fabs(bench_work(kernel, a) - want);
	a[0] = high;
	return fabs(bench_work(kernel, a) - want) < below ? high : low;
}
