/* Matrix product C = A B of square matrices of doubles, row after row in memory.
 *
 * size      side n
 * flops     2 n^3
 * bytes     24 n^2: A and B read once, C written once; what a program with caches of any size must move at least
 * ladder    naive     three loops, the inner one along a column of B: a cache line for each number
 *           ikj       the inner two loops swapped: all along rows, and the compiler finds vectors
 *           blocked   parts of A and B that fit the caches, copied into the order in which they are used; a small tile
 *                     of C stays in registers and takes vector after vector
 *           openmp    the blocked one: A and B are packed by all, blocks of rows go to whoever is free
 * check     exact. The entries are whole and odd, below 2^10, so all sums of products are whole and below 2^53.
 *           Freivalds' test in integers modulo 2^64: C r = A (B r) for a random r of 64-bit numbers; a wrong entry
 *           escapes with probability below 2^-20 (two vectors are tried). For n <= 64 each entry also against integers.
 * source    R. Freivalds 1977; blocking and packing after K. Goto and R. van de Geijn, "Anatomy of high-performance
 *           matrix multiplication", ACM TOMS 2008 */
#ifdef SIMD_PASS

/* The tile that fits the registers: ROWS rows of WIDTH vectors, and room for one row of B. */
#undef ROWS
#undef WIDTH
#if LANES == 8
#define ROWS 8
#define WIDTH 3
#elif LANES == 4
#define ROWS 6
#define WIDTH 2
#else
#define ROWS 4
#define WIDTH 2
#endif

//> blocked
/* c[ROWS][WIDTH vectors] = (add ? c : 0) + a b, where a and b are packed: step k finds its ROWS numbers of A and its
 * WIDTH vectors of B one after the other. The sums stay in registers all the way; the part of C that they will be added
 * to is fetched meanwhile. */
SIMD_TARGET static void SIMD(tile)(size_t depth, const double *restrict a, const double *restrict b, double *restrict c,
				   size_t stride, bool add)
{
	vf64 sum[ROWS][WIDTH];
#pragma GCC unroll 8
	for (int i = 0; i < ROWS; i++)
#pragma GCC unroll 8
		for (int j = 0; j < WIDTH; j++)
			sum[i][j] = (vf64){0};
	for (size_t i = 0; i < ROWS; i++)
		for (size_t j = 0; j < WIDTH; j++)
			__builtin_prefetch(c + i * stride + j * LANES, 1);
	for (size_t k = 0; k < depth; k++, a += ROWS, b += WIDTH * LANES) {
#pragma GCC unroll 8
		for (int i = 0; i < ROWS; i++)
#pragma GCC unroll 8
			for (int j = 0; j < WIDTH; j++)
				sum[i][j] += a[i] * ((const vf64 *)b)[j];
	}
#pragma GCC unroll 8
	for (int i = 0; i < ROWS; i++)
#pragma GCC unroll 8
		for (int j = 0; j < WIDTH; j++) {
			vf64_any *to = (vf64_any *)(c + (size_t)i * stride) + j;
			if (add)
				sum[i][j] += *to;
			*to = sum[i][j];
		}
}
//< blocked

/* Copies rows x depth of A into strips of ROWS rows, column after column; rows beyond the matrix become zeros. */
SIMD_TARGET static void SIMD(pack_a)(const double *a, size_t stride, size_t rows, size_t depth, double *to)
{
	for (size_t i = 0; i < rows; i += ROWS, a += ROWS * stride)
		for (size_t k = 0; k < depth; k++, to += ROWS)
			if (rows - i >= ROWS) {
#pragma GCC unroll 8
				for (size_t r = 0; r < ROWS; r++)
					to[r] = a[r * stride + k];
			} else {
				for (size_t r = 0; r < ROWS; r++)
					to[r] = i + r < rows ? a[r * stride + k] : 0;
			}
}

/* Copies depth rows of one strip of B, at most WIDTH vectors wide, row after row; columns beyond become zeros. */
SIMD_TARGET static void SIMD(pack_b)(const double *b, size_t stride, size_t depth, size_t columns, double *to)
{
	if (columns >= WIDTH * LANES)
		for (size_t k = 0; k < depth; k++, to += WIDTH * LANES)
			memcpy(to, b + k * stride, WIDTH * LANES * sizeof *to);
	else
		for (size_t k = 0; k < depth; k++, to += WIDTH * LANES)
			for (size_t j = 0; j < WIDTH * LANES; j++)
				to[j] = j < columns ? b[k * stride + j] : 0;
}

/* Rows of packed A times the packed panel of B, tile by tile. With each tile comes a share of the strip of A that is next,
 * from far away into the second-level cache. */
SIMD_TARGET static void SIMD(block)(size_t rows, size_t columns, size_t depth, const double *a, const double *b,
				    double *c, size_t stride, bool add)
{
	_Alignas(64) double edge[ROWS * WIDTH * LANES];
	for (size_t i = 0; i < rows; i += ROWS)
		for (size_t j = 0; j < columns; j += WIDTH * LANES) {
			const double *strip_a = a + i * depth, *strip_b = b + j * depth;
			size_t high = rows - i < ROWS ? rows - i : ROWS;
			size_t wide = columns - j < WIDTH * LANES ? columns - j : WIDTH * LANES;
			double *to = c + i * stride + j;
			const double *next = strip_a + ROWS * depth + ROWS * depth * j / columns;
			for (size_t x = 0; x <= ROWS * depth * WIDTH * LANES / columns; x += 8)
				__builtin_prefetch(next + x, 0, 2); /* beyond the end: no harm */
			if (high == ROWS && wide == WIDTH * LANES) {
				SIMD(tile)(depth, strip_a, strip_b, to, stride, add);
				continue;
			}
			SIMD(tile)(depth, strip_a, strip_b, edge, WIDTH * LANES, false);
			for (size_t r = 0; r < high; r++)
				for (size_t s = 0; s < wide; s++)
					to[r * stride + s] = (add ? to[r * stride + s] : 0) + edge[r * WIDTH * LANES + s];
		}
}

static const struct engine SIMD(engine) = {ROWS, WIDTH * LANES, SIMD(pack_a), SIMD(pack_b), SIMD(block)};

#else

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/figure.h"
#include "kernels/kernel.h"
#include "kernels/rng.h"

/* The parts of the blocked product, made for one instruction set. */
struct engine {
	size_t rows, columns; /* of a tile */
	void (*pack_a)(const double *a, size_t stride, size_t rows, size_t depth, double *to);
	void (*pack_b)(const double *b, size_t stride, size_t depth, size_t columns, double *to);
	void (*block)(size_t rows, size_t columns, size_t depth, const double *a, const double *b, double *c, size_t stride,
		      bool add);
};

#define SIMD_SOURCE "kernels/matmul.c"
#include "kernels/simd.h"

static const struct engine *const engines[] = {
	&engine_base,
#ifdef __x86_64__
	&engine_avx2, &engine_avx512,
#endif
};

/* A panel of B (KC x NC, 0.7 MB) stays in the second-level cache while strips of A (a tile's rows x KC, 16 KB) come past
 * it one after the other, each kept in the first while it meets the whole panel. The deeper (KC), the less often C is read
 * and written. All tiles divide NC. */
enum { KC = 256, NC = 360 };

struct data {
	size_t n;
	double *a, *b, *c;
};

static size_t least(size_t x, size_t y) { return x < y ? x : y; }
static size_t round_up(size_t x, size_t step) { return (x + step - 1) / step * step; }

//> naive
static int run_naive(struct job *job)
{
	struct data *d = job->data;
	size_t n = d->n;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			double sum = 0;
			for (size_t k = 0; k < n; k++)
				sum += d->a[i * n + k] * d->b[k * n + j];
			d->c[i * n + j] = sum;
		}
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< naive

//> ikj
static int run_ikj(struct job *job)
{
	struct data *d = job->data;
	size_t n = d->n;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < n; i++) {
		double *restrict c = d->c + i * n;
		for (size_t j = 0; j < n; j++)
			c[j] = 0;
		for (size_t k = 0; k < n; k++) {
			const double *restrict b = d->b + k * n, factor = d->a[i * n + k];
			for (size_t j = 0; j < n; j++)
				c[j] += factor * b[j];
		}
	}
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< ikj

static int run_blocked(struct job *job)
{
	struct data *d = job->data;
	size_t n = d->n;
	const struct engine *e = engines[simd_level()];
	double *a = simd_alloc(KC * round_up(n, e->rows), sizeof *a);
	double *b = simd_alloc(KC * round_up(least(n, NC), e->columns), sizeof *b);
	if (!a || !b) {
		free(a);
		free(b);
		errno = ENOMEM;
		return -1;
	}
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t k = 0; k < n; k += KC) {
		size_t depth = least(KC, n - k);
		e->pack_a(d->a + k, n, n, depth, a);
		for (size_t column = 0; column < n; column += NC) {
			size_t columns = least(NC, n - column);
			for (size_t j = 0; j < columns; j += e->columns)
				e->pack_b(d->b + k * n + column + j, n, depth, columns - j, b + j * depth);
			e->block(n, columns, depth, a, b, d->c + column, n, k > 0);
		}
	}
	worker_end(job, 0);
	parallel_end(job);
	free(a);
	free(b);
	return 0;
}

//> openmp
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	size_t n = d->n;
	const struct engine *e = engines[simd_level()];
	/* Blocks of rows small enough that each worker gets several: the last one then waits little. */
	size_t some = round_up(n / (8 * (size_t)job->workers) + 1, e->rows);
	double *a = simd_alloc(KC * round_up(n, e->rows), sizeof *a);
	double *b = simd_alloc(KC * round_up(least(n, NC), e->columns), sizeof *b);
	if (!a || !b) {
		free(a);
		free(b);
		errno = ENOMEM;
		return -1;
	}
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	for (size_t k = 0; k < n; k += KC)
		for (size_t column = 0; column < n; column += NC) {
			size_t depth = least(KC, n - k), columns = least(NC, n - column);
			worker_begin(job, omp_get_thread_num());
			if (column == 0) {
#pragma omp for schedule(static) nowait
				for (size_t i = 0; i < n; i += e->rows)
					e->pack_a(d->a + i * n + k, n, least(e->rows, n - i), depth, a + i * depth);
			}
#pragma omp for schedule(static) nowait
			for (size_t j = 0; j < columns; j += e->columns)
				e->pack_b(d->b + k * n + column + j, n, depth, columns - j, b + j * depth);
			worker_end(job, omp_get_thread_num());
#pragma omp barrier /* all that was packed is there */
			worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(dynamic) nowait
			for (size_t i = 0; i < n; i += some)
				e->block(least(some, n - i), columns, depth, a + i * depth, b, d->c + i * n + column, n, k > 0);
			worker_end(job, omp_get_thread_num());
#pragma omp barrier /* nobody needs it any more */
		}
	parallel_end(job);
	free(a);
	free(b);
	return 0;
}
//< openmp

static void reset(struct job *job)
{
	struct data *d = job->data;
	for (size_t i = 0; i < d->n * d->n; i++)
		d->c[i] = NAN;
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	d->n = job_size(job);
	size_t cells = d->n * d->n;
	d->a = simd_alloc(cells, sizeof *d->a);
	d->b = simd_alloc(cells, sizeof *d->b);
	d->c = simd_alloc(cells, sizeof *d->c);
	if (!d->a || !d->b || !d->c)
		return -1;
	for (size_t i = 0; i < cells; i++) {
		uint64_t r = rng_at(job->seed, i);
		d->a[i] = (double)(int)((r & 2047) | 1) - 1024;
		d->b[i] = (double)(int)((r >> 32 & 2047) | 1) - 1024;
	}
	reset(job);
	return 0;
}

/* What a double holds, as a whole number: exact, or `whole` becomes false (NaN, infinities, fractions). */
static uint64_t whole_of(double x, bool *whole)
{
	if (!(fabs(x) <= 0x1p53) || x != rint(x)) {
		*whole = false;
		return 0;
	}
	return (uint64_t)(int64_t)x;
}

/* to = M from, modulo 2^64. */
static bool times(const double *m, size_t n, const uint64_t *from, uint64_t *to)
{
	bool whole = true;
	for (size_t i = 0; i < n; i++) {
		to[i] = 0;
		for (size_t j = 0; j < n; j++)
			to[i] += whole_of(m[i * n + j], &whole) * from[j];
	}
	return whole;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	size_t n = d->n;
	struct outcome o = {.right = true, .expected = NAN, .observed = NAN};
	uint64_t *r = calloc(4 * n + 1, sizeof *r), *br = r + n, *abr = br + n, *cr = abr + n;
	if (!r) {
		o.right = false;
		snprintf(o.text, sizeof o.text, "no memory to check the product with");
		return o;
	}
	for (uint64_t round = 0; round < 2 && o.right; round++) {
		for (size_t i = 0; i < n; i++)
			r[i] = rng_at(job->seed ^ 0xF4E1, round * n + i);
		times(d->b, n, r, br);
		times(d->a, n, br, abr);
		bool whole = times(d->c, n, r, cr);
		for (size_t i = 0; i < n && o.right; i++) {
			o.right = cr[i] == abr[i] && (whole || i + 1 < n);
			snprintf(o.text, sizeof o.text,
				 "row %zu of C r expected %016llx = A (B r), observed %016llx%s (integers, exact)", i,
				 (unsigned long long)abr[i], (unsigned long long)cr[i], whole ? "" : ", some entry not whole");
		}
	}
	free(r);
	for (size_t i = 0; n <= 64 && i < n * n && o.right; i++) {
		int64_t want = 0;
		for (size_t k = 0; k < n; k++)
			want += (int64_t)d->a[i / n * n + k] * (int64_t)d->b[k * n + i % n];
		o.expected = (double)want;
		o.observed = d->c[i];
		o.right = o.observed == o.expected;
		snprintf(o.text, sizeof o.text, "entry (%zu, %zu) expected %.17g, observed %.17g (exact)", i / n, i % n,
			 o.expected, o.observed);
	}
	if (!n)
		snprintf(o.text, sizeof o.text, "expected no entry, observed none");
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->n)
		return false;
	d->c[where % (d->n * d->n)] += 1;
	return true;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		free(d->a);
		free(d->b);
		free(d->c);
	}
	free(d);
	job->data = NULL;
}

static double figure(const struct job *job)
{
	const struct data *d = job->data;
	return figure_whole(d->c, d->n * d->n);
}

static double flops(const struct job *job) { return 2 * job->arg[0] * job->arg[0] * job->arg[0]; }
static double bytes(const struct job *job) { return 24 * job->arg[0] * job->arg[0]; }

static const struct variant variants[] = {
	{.name = "naive", .about = "three loops as in the definition", .kind = KIND_SERIAL, .run = run_naive},
	{.name = "ikj", .about = "loops swapped: along rows only", .kind = KIND_SERIAL, .run = run_ikj},
	{.name = "blocked", .about = "cache blocks, packed, a tile in registers", .kind = KIND_SERIAL, .run = run_blocked},
	{.name = "openmp", .about = "blocks of rows to whoever is free", .kind = KIND_OPENMP, .run = run_openmp},
	{0},
};

const struct kernel kernel_matmul = {
	.name = "matmul",
	.title = "Matrix product",
	.source = __FILE__,
	.params = {{"size", "rows", "side of the square matrices", 0, 8192, 720, false}},
	.flops = flops,
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
	.peer_arg = {1024},
	.figure = figure,
};
KERNEL_REGISTER(kernel_matmul);

#endif
