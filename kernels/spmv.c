/* Sparse matrix times vector, y = A x, the matrix as compressed rows (CSR): the values of all rows one after the other, the
 * column of each value, and where each row begins. Work is easy to share by rows, unless some rows are long.
 *
 * size      rows, as many columns; band: numbers in a row on average, near the diagonal (0 to twice as many); long: so
 *           many rows, all in the first quarter, that reach over all columns and hold a third of all numbers
 * flops     2 per number in the matrix
 * bytes     12 per number (8 its value, 4 its column), 20 per row (where it begins, x, y; 4, 8, 8); what slices adds, one zero to a
 *           hundred numbers and 4 bytes per row, is not counted
 * ladder    serial    the loops as one writes them
 *           simd      as many products at once as a vector holds, x gathered from their columns; several sums that do not
 *                     wait for each other; values and columns are fetched ahead
 *           rows      threads, the same number of rows each: who has the long ones works longest
 *           balanced  threads, the same number of numbers each: a row may be cut; the part at the begin of a share is
 *                     added to its row at the end
 *           slices    the matrix is stored another way: rows of like length eight at a time, the first numbers of all eight, then
 *                     the second ... A vector holds one number of each row, so there is nothing to add across it. The long rows lie
 *                     together: what they read of x, they read once for eight
 *           slices-threads  the same number of such steps each: a slice may be cut, as rows in balanced
 *           openmp    plain loops, rows dealt dynamically: evens out what can be, but no row is cut
 * roof      memory, for slices. The rungs before it stay below: rows are short, where one ends is a guess, and after a wrong
 *           guess the processor starts anew
 * check     exact. Values and x are whole and small, so all sums are whole and below 2^53 and any order gives the same;
 *           prepare adds them up in integers while it draws the matrix.
 * source    Y. Saad, "Iterative methods for sparse linear systems"; cut rows after D. Merrill and M. Garland,
 *           "Merge-based parallel sparse matrix-vector multiplication", SC 2016; slices: M. Kreutzer et al., "A unified sparse
 *           matrix data format for efficient general sparse matrix-vector multiplication", SIAM J. Sci. Comput. 2014 */
#ifdef SIMD_PASS

//> simd
/* The sum over numbers first .. last of one row. Where rows end cannot be foretold, and after each wrong guess the processor
 * starts anew, so it does not get far ahead: it is told which numbers and columns to fetch (beyond the end: no harm). */
SIMD_TARGET static inline double SIMD(dot)(const double *value, const uint32_t *column, const double *x, size_t first,
					   size_t last)
{
	enum { SUMS = 4 };
	vf64 s[SUMS] = {{0}};
	size_t k = first;
	for (; last - k >= SUMS * LANES; k += SUMS * LANES)
#pragma GCC unroll 4
		for (size_t i = 0; i < SUMS; i++) {
			size_t at = k + i * LANES;
			__builtin_prefetch(value + at + AHEAD);
			__builtin_prefetch(column + at + AHEAD);
			s[i] += *(const vf64_any *)(value + at) * SIMD(gather)(x, column + at);
		}
	for (; last - k >= LANES; k += LANES) {
		__builtin_prefetch(value + k + AHEAD);
		__builtin_prefetch(column + k + AHEAD);
		s[0] += *(const vf64_any *)(value + k) * SIMD(gather)(x, column + k);
	}
	s[0] += s[1] + (s[2] + s[3]);
	double sum = 0;
	for (int lane = 0; lane < LANES; lane++)
		sum += s[0][lane];
	for (; k < last; k++)
		sum += value[k] * x[column[k]];
	return sum;
}

/* y for the rows first .. last. */
SIMD_TARGET static void SIMD(all)(const struct matrix *a, const double *x, double *y, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++)
		y[i] = SIMD(dot)(a->value, a->column, x, a->begin[i], a->begin[i + 1]);
}
//< simd

/* The sum over numbers first .. last, for calls from outside of this pass. */
SIMD_TARGET static double SIMD(part)(const struct matrix *a, const double *x, size_t first, size_t last)
{
	return SIMD(dot)(a->value, a->column, x, first, last);
}

//> slices
/* The sums of the eight rows of a slice over its steps first .. last. A step is one number of each row, side by side in memory: no
 * sum across a vector, no rest that does not fill one, and where the loop ends is foretold wrongly once in eight rows. */
SIMD_TARGET static inline void SIMD(steps)(const struct slices *s, const double *x, size_t first, size_t last, double sum[SLICE])
{
	vf64 part[SLICE / LANES] = {{0}};
	for (size_t k = first * SLICE; k < last * SLICE; k += SLICE) {
		__builtin_prefetch(s->value + k + AHEAD);
		__builtin_prefetch(s->column + k + AHEAD);
#pragma GCC unroll 4
		for (size_t i = 0; i < SLICE / LANES; i++)
			part[i] += *(const vf64 *)(s->value + k + i * LANES) * SIMD(gather)(x, s->column + k + i * LANES);
	}
	memcpy(sum, part, sizeof part);
}

/* y for the rows of slices first .. last. */
SIMD_TARGET static void SIMD(slices)(const struct slices *s, const double *x, double *y, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++) {
		double sum[SLICE];
		SIMD(steps)(s, x, s->begin[i], s->begin[i + 1], sum);
		for (size_t lane = 0; lane < SLICE; lane++)
			y[s->row[i * SLICE + lane]] = sum[lane];
	}
}
//< slices

/* The sums over steps first .. last, for calls from outside of this pass. */
SIMD_TARGET static void SIMD(slice_part)(const struct slices *s, const double *x, size_t first, size_t last, double sum[SLICE])
{
	SIMD(steps)(s, x, first, last, sum);
}

static const struct engine SIMD(engine) = {SIMD(all), SIMD(part), SIMD(slices), SIMD(slice_part)};

#else

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif
#include "kernels/kernel.h"
#include "kernels/rng.h"

enum {
	AHEAD = 256, /* numbers that are fetched ahead: half a page */
	SLICE = 8,   /* rows of a slice */
};

/* Compressed rows: what belongs to a row lies together. */
struct matrix {
	size_t rows;
	uint32_t *begin; /* of each row, and the end of the last: fewer than 2^32 numbers */
	uint32_t *column;
	double *value;
};

/* The same matrix (SELL-C-sigma), eight rows at a time: rows of like length are put together, the shorter ones filled up with
 * zeros, which are multiplied by x[0]: a number here (infinity times zero would be none). */
struct slices {
	size_t count;
	uint32_t *row;   /* of the matrix, eight for each slice; the last is filled up with a row that there is not, a.rows */
	uint32_t *begin; /* of each slice, in steps of eight numbers, and the end of the last */
	uint32_t *column;
	double *value;
};

/* x at as many columns as a vector has lanes; columns are below 2^31. */
#define gather_base(x, column) ((f64x2){(x)[(column)[0]], (x)[(column)[1]]})
#define gather_avx2(x, column) ((f64x4)_mm256_i32gather_pd((x), _mm_loadu_si128((const __m128i *)(column)), 8))
#define gather_avx512(x, column) ((f64x8)_mm512_i32gather_pd(_mm256_loadu_si256((const __m256i *)(column)), (x), 8))

struct engine {
	void (*rows)(const struct matrix *a, const double *x, double *y, size_t first, size_t last);
	double (*part)(const struct matrix *a, const double *x, size_t first, size_t last);
	void (*slices)(const struct slices *s, const double *x, double *y, size_t first, size_t last);
	void (*slice_part)(const struct slices *s, const double *x, size_t first, size_t last, double sum[SLICE]);
};

#define SIMD_SOURCE "kernels/spmv.c"
#include "kernels/simd.h"
#include "kernels/spmv_matrix.h"

static const struct engine *const engines[] = SIMD_TABLE(&engine);

struct share {
	struct job *job;
	int worker;
	size_t cut;             /* this share begins within so many rows: one, or those of a slice */
	size_t cut_row[SLICE];  /* those rows, */
	double cut_part[SLICE]; /* and what this share has of them */
	pthread_t thread;
};

struct data {
	struct matrix a;
	struct slices s;
	double *x, *y, *exact; /* y has one more, for the rows that there are not */
	struct share share[KERNEL_WORKERS_MAX];
};

//> serial
static int run_serial(struct job *job)
{
	struct data *d = job->data;
	const struct matrix *a = &d->a;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < a->rows; i++) {
		double sum = 0;
		for (size_t k = a->begin[i]; k < a->begin[i + 1]; k++)
			sum += a->value[k] * d->x[a->column[k]];
		d->y[i] = sum;
	}
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

static int run_simd(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	engines[simd_level()]->rows(&d->a, d->x, d->y, 0, d->a.rows);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}

static int run_slices(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	engines[simd_level()]->slices(&d->s, d->x, d->y, 0, d->s.count);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}

static int run_team(struct job *job, void *(*body)(void *))
{
	struct data *d = job->data;
	int started, error = 0;
	parallel_begin(job, job->workers);
	for (started = 0; started < job->workers; started++) {
		struct share *s = &d->share[started];
		*s = (struct share){.job = job, .worker = started};
		error = pthread_create(&s->thread, NULL, body, s);
		if (error)
			break;
	}
	for (int w = 0; w < started; w++)
		pthread_join(d->share[w].thread, NULL);
	for (int w = 0; w < started; w++)
		for (size_t i = 0; i < d->share[w].cut; i++)
			d->y[d->share[w].cut_row[i]] += d->share[w].cut_part[i];
	parallel_end(job);
	errno = error;
	return error ? -1 : 0;
}

//> rows
static void *rows_main(void *arg)
{
	struct share *me = arg;
	struct data *d = me->job->data;
	struct slice mine = slice_of(d->a.rows, me->worker, me->job->workers);
	worker_begin(me->job, me->worker);
	engines[simd_level()]->rows(&d->a, d->x, d->y, mine.first, mine.last);
	worker_end(me->job, me->worker);
	return NULL;
}
//< rows

static int run_rows(struct job *job) { return run_team(job, rows_main); }

//> balanced
/* The first of `count` rows that begins at number k or later; `count` when none does. */
static size_t row_from(const uint32_t *begin, size_t count, size_t k)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (begin[middle] < k)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Numbers first .. last are this worker's, and so are the rows that begin there: a row that goes on beyond is the next ones'
 * to complete. The last worker also has the empty rows at the end. */
static void *balanced_main(void *arg)
{
	struct share *me = arg;
	struct data *d = me->job->data;
	const struct matrix *a = &d->a;
	const struct engine *e = engines[simd_level()];
	struct slice mine = slice_of(a->begin[a->rows], me->worker, me->job->workers);
	worker_begin(me->job, me->worker);
	size_t row = row_from(a->begin, a->rows, mine.first);
	size_t end = me->worker == me->job->workers - 1 ? a->rows : row_from(a->begin, a->rows, mine.last);
	if (a->begin[row] > mine.first && mine.last > mine.first) {
		me->cut = 1;
		me->cut_row[0] = row - 1;
		me->cut_part[0] = e->part(a, d->x, mine.first, least(a->begin[row], mine.last));
	}
	if (row < end) {
		e->rows(a, d->x, d->y, row, end - 1);
		d->y[end - 1] = e->part(a, d->x, a->begin[end - 1], least(a->begin[end], mine.last));
	}
	worker_end(me->job, me->worker);
	return NULL;
}
//< balanced

static int run_balanced(struct job *job) { return run_team(job, balanced_main); }

//> slices-threads
/* As balanced, with slices in the place of rows and steps in the place of numbers. */
static void *slices_main(void *arg)
{
	struct share *me = arg;
	struct data *d = me->job->data;
	const struct slices *s = &d->s;
	const struct engine *e = engines[simd_level()];
	struct slice mine = slice_of(s->begin[s->count], me->worker, me->job->workers);
	worker_begin(me->job, me->worker);
	size_t i = row_from(s->begin, s->count, mine.first);
	size_t end = me->worker == me->job->workers - 1 ? s->count : row_from(s->begin, s->count, mine.last);
	if (s->begin[i] > mine.first && mine.last > mine.first) {
		me->cut = SLICE;
		for (size_t lane = 0; lane < SLICE; lane++)
			me->cut_row[lane] = s->row[(i - 1) * SLICE + lane];
		e->slice_part(s, d->x, mine.first, least(s->begin[i], mine.last), me->cut_part);
	}
	if (i < end) {
		double sum[SLICE];
		e->slices(s, d->x, d->y, i, end - 1);
		e->slice_part(s, d->x, s->begin[end - 1], least(s->begin[end], mine.last), sum);
		for (size_t lane = 0; lane < SLICE; lane++)
			d->y[s->row[(end - 1) * SLICE + lane]] = sum[lane];
	}
	worker_end(me->job, me->worker);
	return NULL;
}
//< slices-threads

static int run_slices_threads(struct job *job) { return run_team(job, slices_main); }

//> openmp
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	const struct matrix *a = &d->a;
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	{
		worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(dynamic, 64) nowait
		for (size_t i = 0; i < a->rows; i++) {
			double sum = 0;
			for (size_t k = a->begin[i]; k < a->begin[i + 1]; k++)
				sum += a->value[k] * d->x[a->column[k]];
			d->y[i] = sum;
		}
		worker_end(job, omp_get_thread_num());
	}
	parallel_end(job);
	return 0;
}
//< openmp

static void reset(struct job *job)
{
	struct data *d = job->data;
	for (size_t i = 0; i < d->a.rows; i++)
		d->y[i] = NAN;
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	struct matrix *a = &d->a;
	size_t n = a->rows = job_size(job), all = 0;
	a->begin = simd_alloc(n + 1, sizeof *a->begin);
	d->x = simd_alloc(n, sizeof *d->x);
	d->y = simd_alloc(n + 1, sizeof *d->y);
	d->exact = simd_alloc(n, sizeof *d->exact);
	if (!a->begin || !d->x || !d->y || !d->exact)
		return -1;
	for (size_t i = 0; i < n; i++) {
		a->begin[i] = (uint32_t)all;
		all += draw_row(job, i, NULL);
		d->x[i] = odd(rng_at(~job->seed, i));
	}
	a->begin[n] = (uint32_t)all;
	a->column = simd_alloc(all, sizeof *a->column);
	a->value = simd_alloc(all, sizeof *a->value);
	if (!a->column || !a->value)
		return -1;
	for (size_t i = 0, k = 0; i < n; i++) {
		int64_t sum = 0;
		size_t end = k + draw_row(job, i, a->column + k);
		for (; k < end; k++) {
			a->value[k] = odd(rng_at(job->seed ^ 0xA11, k));
			sum += (int64_t)a->value[k] * (int64_t)odd(rng_at(~job->seed, a->column[k]));
		}
		d->exact[i] = (double)sum;
	}
	if (!slice_rows(a, &d->s))
		return -1;
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.right = true, .expected = NAN, .observed = NAN};
	if (!d->a.rows)
		snprintf(o.text, sizeof o.text, "expected no row, observed none");
	for (size_t i = 0; i < d->a.rows && o.right; i++) {
		o.expected = d->exact[i];
		o.observed = d->y[i];
		o.right = o.observed == o.expected;
		if (!o.right || i + 1 == d->a.rows)
			snprintf(o.text, sizeof o.text, "y[%zu] expected %.17g, observed %.17g (exact)", i, o.expected, o.observed);
	}
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->a.rows)
		return false;
	d->y[where % d->a.rows] += 1;
	return true;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		free(d->a.begin);
		free(d->a.column);
		free(d->a.value);
		free(d->s.row);
		free(d->s.begin);
		free(d->s.column);
		free(d->s.value);
		free(d->x);
		free(d->y);
		free(d->exact);
	}
	free(d);
	job->data = NULL;
}

/* Numbers in the matrix, as expected: the bands, and half as many in the long rows where these are not too few. */
static double numbers(const struct job *job)
{
	double n = job->arg[0], band = job->arg[1] * n, rows = job->arg[2];
	return band + (band / 2 < rows * n ? band / 2 : rows * n);
}

static double flops(const struct job *job) { return 2 * numbers(job); }
static double bytes(const struct job *job) { return 12 * numbers(job) + 20 * job->arg[0]; }

static const struct variant variants[] = {
	{.name = "serial", .about = "the plain loops", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "simd", .about = "products by vectors, x gathered", .kind = KIND_SERIAL, .run = run_simd},
	{.name = "rows", .about = "threads, as many rows each", .kind = KIND_THREADS, .run = run_rows},
	{.name = "balanced", .about = "threads, as many numbers each; rows are cut", .kind = KIND_THREADS, .run = run_balanced},
	{.name = "slices", .about = "eight rows of like length at a time", .kind = KIND_SERIAL, .run = run_slices},
	{.name = "slices-threads", .about = "threads, as many steps of eight numbers each", .kind = KIND_THREADS,
	 .run = run_slices_threads},
	{.name = "openmp", .about = "the plain loops, rows dealt dynamically", .kind = KIND_OPENMP, .run = run_openmp},
	{0},
};

const struct kernel kernel_spmv = {
	.name = "spmv",
	.title = "Sparse matrix times vector",
	.source = __FILE__,
	.params = {{"size", "rows", "rows and columns of the matrix", 0, 0x1p22, 2e5, false},
		   {"band", "numbers", "in a row on average, near the diagonal", 0, 256, 16, false},
		   {"long", "rows", "that reach over all columns", 0, 1024, 16, false}},
	.flops = flops,
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
	.peer_arg = {1e6},
};
KERNEL_REGISTER(kernel_spmv);

#endif
