/* The lesson heterogeneous: the picture, its check, and the demonstration. */
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "kernels/runtime/opencl.h"
#include "lessons/7-gpu/4-heterogeneous/split.h"

#define UNTOUCHED UINT32_MAX /* a pixel that nobody computed */

struct picture {
	size_t n; /* side */
	uint32_t limit;
	struct view view;
	uint32_t *order;        /* the numbers of the rows, shuffled */
	uint32_t *count, *want; /* n rows of n: steps of each pixel */
	uint32_t *back;         /* rows that came from the device, one after another */
	atomic_size_t next;     /* place in `order` of the next row that nobody has taken */
	size_t by_device;       /* rows that the device took */
	struct device_took took; /* its last trip */
};

static size_t gcd(size_t a, size_t b)
{
	for (size_t rest; b > 0; a = b, b = rest)
		rest = a % b;
	return a;
}

static int prepare(struct job *job)
{
	struct picture *p = job->data = calloc(1, sizeof *p);
	if (!p)
		return -1;
	size_t n = p->n = job_size(job), pixels = n * n, stride = (size_t)((double)n * 0.618) | 1;
	p->limit = (uint32_t)job->arg[1];
	p->view = (struct view){-1.4 + 0.02 * rng_unit(job->seed, 0), -1.05 + 0.02 * rng_unit(job->seed, 1), 1.6 / (double)(n ? n : 1)};
	p->order = calloc(n + 1, sizeof *p->order);
	p->count = calloc(pixels + 1, sizeof *p->count);
	p->want = calloc(pixels + 1, sizeof *p->want);
	p->back = calloc(pixels + 1, sizeof *p->back);
	if (!p->order || !p->count || !p->want || !p->back)
		return -1;
	while (n > 1 && gcd(stride, n) > 1)
		stride++;
	for (size_t i = 0; i < n; i++) /* always on by the golden section of the height: neighbours in `order` lie far apart */
		p->order[i] = (uint32_t)(i * stride % n);
	for (size_t i = 0; i < pixels; i++)
		p->want[i] = mandelbrot_count(&p->view, i / n, i % n, p->limit);
	return 0;
}

static void reset(struct job *job)
{
	struct picture *p = job->data;
	for (size_t i = 0; i < p->n * p->n; i++)
		p->count[i] = p->back[i] = UNTOUCHED;
}

static void release(struct job *job)
{
	struct picture *p = job->data;
	if (p)
		free(p->order), free(p->count), free(p->want), free(p->back);
	free(p);
	job->data = NULL;
}

/* Every pixel, against the check's own way to it. */
static struct outcome verify(const struct job *job)
{
	const struct picture *p = job->data;
	size_t good = 0, missing = 0;
	for (size_t i = 0; i < p->n; i++) {
		const uint32_t *row = p->count + i * p->n, *want = p->want + i * p->n;
		good += !memcmp(row, want, p->n * sizeof *row);
		missing += row[0] == UNTOUCHED;
	}
	struct outcome out = {good == p->n, (double)p->n, (double)good, ""};
	snprintf(out.text, sizeof out.text, "%zu of %zu rows are right to the last pixel (exact), %zu computed by nobody", good, p->n,
		 missing);
	return out;
}

static double area(const struct job *job) { return job->arg[0] * job->arg[0]; }

/* ---- on which device ---- */

#if !HAVE_CUDA
int split_cuda_rows(const struct view *view, size_t n, uint32_t limit, const uint32_t *row, size_t count, uint32_t *back,
		    struct device_took *took)
{
	return (void)view, (void)n, (void)limit, (void)row, (void)count, (void)back, (void)took, errno = ENOSYS, -1;
}
#endif

static const char *no_opencl(void)
{
	const char *why = opencl_unavailable();
#if HAVE_OPENCL
	if (!why && !opencl_open()->doubles)
		why = "this OpenCL device has no 8-byte floats";
#endif
	return why;
}

static const char *on;           /* --on: NULL, "cuda" or "opencl" */
static const char *given_device; /* --device: opencl_choose keeps it */

static const char *no_device(void)
{
	if (on)
		return !strcmp(on, "cuda") ? cuda_unavailable() : no_opencl();
	return cuda_unavailable() ? no_opencl() : NULL;
}

/* By its kind; who is of neither takes the way that --on says, else CUDA where it can run. */
static bool on_cuda(const struct job *job)
{
	enum kind kind = job->variant->kind;
	return kind == KIND_CUDA || (kind != KIND_OPENCL && (on ? !strcmp(on, "cuda") : !cuda_unavailable()));
}

static const char *refuse_on(const char *value) { return strcmp(value, "cuda") && strcmp(value, "opencl") ? "cuda or opencl" : NULL; }
