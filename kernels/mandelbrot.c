/* Mandelbrot set: for each pixel c of a square image, how many steps z := z^2 + c (from z = 0) pass the test
 * |z|^2 <= 4, at most `iterations`. Pixels cost between 2 and `iterations` steps: equal slices are not equal work.
 *
 * size        side of the image in pixels; iterations: the limit
 * flops       8 per step that passes the test (3 multiplications, 5 additions; the comparison is not counted), of the
 *             image at hand; defined after prepare
 * bytes       4 n^2: each count is written once
 * ladder      serial           pixel after pixel
 *             simd             several vectors of pixels in step, until the last of them has escaped
 *             openmp-static    rows dealt in equal slices: the workers with the rows in the set finish last
 *             openmp-dynamic   each worker takes the next row when it has done one
 *             openmp-guided    takes many rows at first, few at last
 * check       prepare finds the sum of each row by a third way: pixels safely inside the main cardioid or the disc of
 *             period 2 never escape (closed form), the others go through a scalar loop of its own. Every row must have
 *             its sum, and a sample of rows must agree pixel by pixel. Exact, tolerance 0: all variants round alike, as
 *             multiplications and additions are not fused here (fp-contract=off).
 * window      1.6 wide, from about -1.4 - 1.05i up (three quarters of the work lie in the second half of the rows); the
 *             seed shifts it by up to 0.02. Everywhere |c| < 1.8, so that a
 *             point beyond radius 2 moves outward in every step (|z^2 + c| >= |z|^2 - |c| > |z|, by more than
 *             rounding): once the test has failed it fails for ever, and the vector code may go on after it.
 * source      B. Mandelbrot 1980; the test for cardioid and disc is common knowledge. */
#ifdef SIMD_PASS

//> simd
/* One row. Four vectors walk together because each step of one must wait for its last; every eighth step we look
 * whether anyone is still inside. */
SIMD_TARGET static void SIMD(row)(const struct view *view, size_t n, size_t row, uint32_t limit, uint32_t *out)
{
	enum { GROUP = 4, STEP = GROUP * LANES, LOOK = 8 };
	double cy = view->y + (double)row * view->step, start[STEP];
	for (size_t i = 0; i < n; i += STEP) {
		vf64 cx[GROUP], x[GROUP], y[GROUP];
		vi64 passed[GROUP], inside = {0};
		for (size_t k = 0; k < STEP; k++)
			start[k] = i + k < n ? view->x + (double)(i + k) * view->step : 3; /* 3 escapes at once */
		for (size_t g = 0; g < GROUP; g++) {
			cx[g] = *(const vf64_any *)(start + g * LANES);
			x[g] = y[g] = (vf64){0};
			passed[g] = (vi64){0};
		}
		for (uint32_t k = 0; k < limit;) {
			uint32_t stop = limit - k < LOOK ? limit : k + LOOK;
			for (; k < stop; k++) {
				inside = (vi64){0};
				for (size_t g = 0; g < GROUP; g++) {
					vf64 xx = x[g] * x[g], yy = y[g] * y[g];
					vi64 in = xx + yy <= 4.0; /* -1 where true */
					passed[g] -= in;
					inside |= in;
					y[g] = (x[g] + x[g]) * y[g] + cy;
					x[g] = xx - yy + cx[g];
				}
			}
			int64_t any = 0;
			for (int lane = 0; lane < LANES; lane++)
				any |= inside[lane];
			if (!any)
				break;
		}
		for (size_t k = 0; k < STEP && i + k < n; k++)
			out[i + k] = (uint32_t)passed[k / LANES][k % LANES];
	}
}
//< simd

#else

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "kernels/mandelbrot.h"
#include "kernels/rng.h"

/* All code below rounds each operation by itself, on every processor. */
#ifdef __clang__
#pragma clang fp contract(off)
#else
#pragma GCC optimize("fp-contract=off")
#endif

#define SIMD_SOURCE "kernels/mandelbrot.c"
#include "kernels/simd.h"

#define UNTOUCHED UINT32_MAX

typedef void row_function(const struct view *view, size_t n, size_t row, uint32_t limit, uint32_t *out);
static row_function *const row_of[] = SIMD_TABLE(row);

void mandelbrot_row(const struct view *view, size_t n, size_t row, uint32_t limit, uint32_t *out)
{
	row_of[simd_level()](view, n, row, limit, out);
}

struct data {
	size_t n;
	uint32_t limit;
	struct view view;
	uint32_t *count;   /* the result, n rows of n */
	uint64_t *row_sum; /* what each row must sum up to */
	double steps;      /* their sum */
};

//> serial
static void row_serial(const struct view *view, size_t n, size_t row, uint32_t limit, uint32_t *out)
{
	double cy = view->y + (double)row * view->step;
	for (size_t i = 0; i < n; i++) {
		double cx = view->x + (double)i * view->step, x = 0, y = 0;
		uint32_t passed = 0;
		while (passed < limit) {
			double xx = x * x, yy = y * y;
			if (xx + yy > 4)
				break;
			passed++;
			y = (x + x) * y + cy;
			x = xx - yy + cx;
		}
		out[i] = passed;
	}
}

static int run_serial(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t row = 0; row < d->n; row++)
		row_serial(&d->view, d->n, row, d->limit, d->count + row * d->n);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

static int run_simd(struct job *job)
{
	struct data *d = job->data;
	row_function *row_simd = row_of[simd_level()];
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t row = 0; row < d->n; row++)
		row_simd(&d->view, d->n, row, d->limit, d->count + row * d->n);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}

//> openmp-static
static int run_static(struct job *job)
{
	struct data *d = job->data;
	row_function *row_simd = row_of[simd_level()];
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	{
		worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(static) nowait
		for (size_t row = 0; row < d->n; row++)
			row_simd(&d->view, d->n, row, d->limit, d->count + row * d->n);
		worker_end(job, omp_get_thread_num());
	}
	parallel_end(job);
	return 0;
}
//< openmp-static

//> openmp-dynamic
static int run_dynamic(struct job *job)
{
	struct data *d = job->data;
	row_function *row_simd = row_of[simd_level()];
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	{
		worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(dynamic) nowait
		for (size_t row = 0; row < d->n; row++)
			row_simd(&d->view, d->n, row, d->limit, d->count + row * d->n);
		worker_end(job, omp_get_thread_num());
	}
	parallel_end(job);
	return 0;
}
//< openmp-dynamic

//> openmp-guided
static int run_guided(struct job *job)
{
	struct data *d = job->data;
	row_function *row_simd = row_of[simd_level()];
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	{
		worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(guided) nowait
		for (size_t row = 0; row < d->n; row++)
			row_simd(&d->view, d->n, row, d->limit, d->count + row * d->n);
		worker_end(job, omp_get_thread_num());
	}
	parallel_end(job);
	return 0;
}
//< openmp-guided

/* The check's own way to one pixel. The margin keeps clear of points that rounding could push out. */
uint32_t mandelbrot_count(const struct view *view, size_t row, size_t column, uint32_t limit)
{
	const double margin = 1e-6;
	double cx = view->x + (double)column * view->step, cy = view->y + (double)row * view->step;
	double u = cx - 0.25, q = u * u + cy * cy, v = cx + 1;
	if (q * (q + u) < 0.25 * cy * cy - margin || v * v + cy * cy < 0.0625 - margin)
		return limit;
	uint32_t k = 0;
	for (double x = 0, y = 0, new_x; k < limit && !(x * x + y * y > 4); k++) {
		new_x = x * x - y * y + cx;
		y = 2 * x * y + cy;
		x = new_x;
	}
	return k;
}

static void reset(struct job *job)
{
	struct data *d = job->data;
	for (size_t i = 0; i < d->n * d->n; i++)
		d->count[i] = UNTOUCHED;
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	d->n = job_size(job);
	d->limit = (uint32_t)job->arg[1];
	d->view.x = -1.4 + 0.02 * rng_unit(job->seed, 0);
	d->view.y = -1.05 + 0.02 * rng_unit(job->seed, 1);
	d->view.step = 1.6 / (double)(d->n ? d->n : 1);
	d->count = simd_alloc(d->n * d->n, sizeof *d->count);
	d->row_sum = simd_alloc(d->n, sizeof *d->row_sum);
	if (!d->count || !d->row_sum)
		return -1;
	for (size_t row = 0; row < d->n; row++) {
		d->row_sum[row] = 0;
		for (size_t column = 0; column < d->n; column++)
			d->row_sum[row] += mandelbrot_count(&d->view, row, column, d->limit);
		d->steps += (double)d->row_sum[row];
	}
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.right = true, .expected = d->steps, .observed = 0};
	for (size_t row = 0; row < d->n; row++) {
		uint64_t sum = 0;
		for (size_t i = 0; i < d->n; i++)
			sum += d->count[row * d->n + i];
		o.observed += (double)sum;
		if (sum == d->row_sum[row] || !o.right)
			continue;
		o.right = false;
		snprintf(o.text, sizeof o.text, "row %zu: steps expected %llu, observed %llu (exact)", row,
			 (unsigned long long)d->row_sum[row], (unsigned long long)sum);
	}
	for (uint64_t k = 0; o.right && k < 8 && d->n; k++) {
		size_t row = rng_at(job->seed ^ 0xC0DE, k) % d->n;
		for (size_t i = 0; i < d->n && o.right; i++) {
			uint32_t want = mandelbrot_count(&d->view, row, i, d->limit), got = d->count[row * d->n + i];
			if (got == want)
				continue;
			o.right = false;
			snprintf(o.text, sizeof o.text, "pixel %zu of row %zu: steps expected %u, observed %u (exact)", i, row,
				 want, got);
		}
	}
	if (o.right)
		snprintf(o.text, sizeof o.text,
			 "steps of all pixels expected %.0f, observed %.0f (exact, each row and 8 rows by "
			 "pixel)", o.expected, o.observed);
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->n)
		return false;
	d->count[where % (d->n * d->n)] ^= 1;
	return true;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		free(d->count);
		free(d->row_sum);
	}
	free(d);
	job->data = NULL;
}

static double flops(const struct job *job)
{
	const struct data *d = job->data;
	return d ? 8 * d->steps : NAN;
}

static double bytes(const struct job *job) { return 4 * job->arg[0] * job->arg[0]; }

static const struct variant variants[] = {
	{.name = "serial", .about = "pixel after pixel", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "simd", .about = "vectors of pixels in step", .kind = KIND_SERIAL, .run = run_simd},
	{.name = "openmp-static", .about = "equal slices of rows", .kind = KIND_OPENMP, .run = run_static},
	{.name = "openmp-dynamic", .about = "the next row to whoever is free", .kind = KIND_OPENMP, .run = run_dynamic},
	{.name = "openmp-guided", .about = "many rows at first, few at last", .kind = KIND_OPENMP, .run = run_guided},
	{0},
};

/* The side is given; the work is the area. */
static double area(const struct job *job) { return job->arg[0] * job->arg[0]; }

const struct kernel kernel_mandelbrot = {
	.name = "mandelbrot",
	.title = "Mandelbrot set",
	.source = __FILE__,
	.params = {{"size", "pixels", "side of the image", 0, 16384, 512, false},
		   {"iterations", "steps", "limit of steps per pixel", 1, 1e6, 300, false}},
	.flops = flops,
	.bytes = bytes,
	.work = area,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
	.peer_arg = {2000, 1000},
};
KERNEL_REGISTER(kernel_mandelbrot);

#endif
