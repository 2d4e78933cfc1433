/* Matrix product C = A B of square matrices of doubles, row after row in memory.
 *
 * size      side n
 * flops     2 n^3
 * bytes     24 n^2: A and B read once, C written once; what a program with caches of any size must move at least
 * ladder    naive     three loops, the inner one along a column of B: a cache line for each number, and each addition waits for the
 *                     one before, since a compiler may not reorder a sum of doubles
 *           ikj       the inner two loops swapped: all along rows, and the compiler finds vectors
 *           wide      the same in the widest vectors that this processor has, not only in those that all have
 *           tile      a small tile of C stays in registers while a row of B and a column of A after the other are multiplied
 *           blocked   the tile reads copies of A and B, packed in the order in which it takes them, in parts that fit the caches
 *           openmp    the blocked one: all workers pack, then blocks of C go to whoever is free
 * check     exact. The entries are whole and odd, below 2^10, so all sums of products are whole and below 2^53.
 *           Freivalds' test in integers modulo 2^64: C r = A (B r) for a random r of 64-bit numbers; a wrong entry
 *           differs by less than 2^54, so a random r misses it with probability below 2^-10; two are tried. For n <= 64
 *           each entry also against integers.
 * source    R. Freivalds 1977; blocking and packing after K. Goto and R. van de Geijn, "Anatomy of high-performance
 *           matrix multiplication", ACM TOMS 2008 */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/figure.h"
#include "kernels/kernel.h"
#include "kernels/rng.h"

#include "kernels/matmul_tile.h"

/* What should stay where (numbers of 8 bytes):
 *   panel of B   KC x NC             720 KiB          in the second-level cache: every strip of A meets all of it
 *   strip of A   a tile's rows x KC  6, 9 or 12 KiB   in the first-level cache: every strip of the panel meets it
 *   strip of B   KC x a tile's width 6, 12 or 36 KiB  comes past, from the second level
 * The larger KC, the less often C is read and written, but the sooner the strips push each other out. All tiles divide NC. */
enum { KC = 192, NC = 480 };

struct data {
	size_t n;
	double *a, *b, *c;
	double *packed_a, *packed_b; /* room for KC columns of A and KC rows of B, filled up to whole tiles */
	const struct engine *engine;
};

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
			const double *restrict b = d->b + k * n; /* restrict: c and b do not overlap, so the compiler may use vectors */
			double factor = d->a[i * n + k];
			for (size_t j = 0; j < n; j++)
				c[j] += factor * b[j];
		}
	}
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< ikj

//> wide
static int run_wide(struct job *job)
{
	struct data *d = job->data;
	size_t n = d->n;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++)
			d->c[i * n + j] = 0;
		for (size_t k = 0; k < n; k++)
			d->engine->add_row(d->c + i * n, d->b + k * n, d->a[i * n + k], n);
	}
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< wide

//> tile
static int run_tile(struct job *job)
{
	struct data *d = job->data;
	if (d->n < d->engine->rows || d->n < d->engine->columns)
		return run_wide(job);
	parallel_begin(job, 1);
	worker_begin(job, 0);
	d->engine->tiles(d->n, d->a, d->b, d->c);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< tile

//> blocked
/* C = the sum over slabs of (KC columns of A) x (KC rows of B). Both parts of a slab are packed; then all strips of A meet one
 * panel of B after the other. The first slab writes C, the others add to it. */
static int run_blocked(struct job *job)
{
	struct data *d = job->data;
	const struct engine *e = d->engine;
	size_t n = d->n;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t k = 0; k < n; k += KC) {
		size_t depth = least(KC, n - k);
		for (size_t i = 0; i < n; i += e->rows)
			e->pack_a(d->a + i * n + k, n, n - i, depth, d->packed_a + i * depth);
		for (size_t j = 0; j < n; j += e->columns)
			e->pack_b(d->b + k * n + j, n, n - j, depth, d->packed_b + j * depth);
		for (size_t j = 0; j < n; j += NC)
			e->block(n, least(NC, n - j), depth, d->packed_a, d->packed_b + j * depth, d->c + j, n, k > 0);
	}
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< blocked

//> openmp
/* Every worker runs the loop over the slabs; each "omp for" deals out its own iterations. worker_end comes before a worker
 * waits, so that the bench can tell work from waiting: therefore nowait, and the barriers by hand. */
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	const struct engine *e = d->engine;
	size_t n = d->n;
	/* Blocks small enough that each worker gets several: who is last at the end is late by a small one. */
	size_t rows = round_up(n / (4 * (size_t)job->workers) + 1, e->rows);
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	for (size_t k = 0; k < n; k += KC) {
		size_t depth = least(KC, n - k);
		worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(static) nowait
		for (size_t i = 0; i < n; i += e->rows)
			e->pack_a(d->a + i * n + k, n, n - i, depth, d->packed_a + i * depth);
#pragma omp for schedule(static) nowait
		for (size_t j = 0; j < n; j += e->columns)
			e->pack_b(d->b + k * n + j, n, n - j, depth, d->packed_b + j * depth);
		worker_end(job, omp_get_thread_num());
#pragma omp barrier /* all that was packed is there */
		worker_begin(job, omp_get_thread_num());
#pragma omp for collapse(2) schedule(dynamic) nowait
		for (size_t j = 0; j < n; j += NC)
			for (size_t i = 0; i < n; i += rows)
				e->block(least(rows, n - i), least(NC, n - j), depth, d->packed_a + i * depth, d->packed_b + j * depth,
					 d->c + i * n + j, n, k > 0);
		worker_end(job, omp_get_thread_num());
#pragma omp barrier /* nobody reads it any more */
	}
	parallel_end(job);
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
	d->engine = engines[simd_level()];
	d->packed_a = simd_alloc(KC * round_up(d->n, d->engine->rows), sizeof *d->packed_a);
	d->packed_b = simd_alloc(KC * round_up(d->n, d->engine->columns), sizeof *d->packed_b);
	if (!d->a || !d->b || !d->c || !d->packed_a || !d->packed_b)
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
	uint64_t *r = calloc(4 * n + 1, sizeof *r);
	if (!r) {
		o.right = false;
		snprintf(o.text, sizeof o.text, "no memory to check the product with");
		return o;
	}
	uint64_t *br = r + n, *abr = br + n, *cr = abr + n;
	for (uint64_t round = 0; round < 2 && o.right; round++) { /* r from another seed than A and B */
		for (size_t i = 0; i < n; i++)
			r[i] = rng_at(job->seed ^ 0xF4E1, round * n + i);
		times(d->b, n, r, br);
		times(d->a, n, br, abr);
		bool whole = times(d->c, n, r, cr);
		for (size_t i = 0; i < n && o.right; i++) {
			o.right = cr[i] == abr[i] && (whole || i + 1 < n); /* what is not whole fails at the last row */
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
		free(d->packed_a);
		free(d->packed_b);
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
	{.name = "wide", .about = "the same in the widest vectors", .kind = KIND_SERIAL, .run = run_wide},
	{.name = "tile", .about = "a tile of C stays in registers", .kind = KIND_SERIAL, .run = run_tile},
	{.name = "blocked", .about = "A and B copied, part by part, into the caches", .kind = KIND_SERIAL, .run = run_blocked},
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
