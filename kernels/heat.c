/* Heat in a square plate: again and again each cell becomes half of itself and an eighth of each of its four neighbours.
 * One sweep over the plate needs 16 bytes of memory traffic for 6 operations: too little work to keep a processor busy.
 * Several sweeps in one pass over the plate are the way out.
 *
 * size      side n of the plate, n x n cells of 8 bytes; around it a rim that stays at 0. sweeps: how many times
 * flops     6 n^2 sweeps: three sums of neighbours, two products, one more sum
 * bytes     16 n^2: the plate read once and written once, which is what all sweeps together need if the cache holds the
 *           plate. Sweep after sweep through memory it is that much for each sweep
 * ladder    serial   the loops as one writes them, from one grid into the other
 *           simd     vectors; four rows at a time, so that a row that was loaded serves three rows of results
 *           blocked  the same in strips of columns: the rows above and below stay in the first-level cache
 *           skewed   several sweeps in one pass over memory: each follows the one before at a distance of one row
 *           threads  rows dealt to POSIX threads, who wait for each other after every sweep
 *           tiled    skewed and threads: each computes what it can without the others (a trapezoid in time and
 *                    space); then they meet, and the gaps between the trapezoids are filled
 *           openmp   the simple loop with one pragma: what most programs do
 * check     the plate starts as a sum of four sine waves, drawn from the seed. A wave keeps its form and shrinks by
 *           1 - (sin^2(a/2) + sin^2(b/2)) / 2 per sweep (a, b: its steps in angle from cell to cell), so that every cell
 *           is known without a sweep, up to rounding: tolerance 4 epsilon (sweeps + 8) times the sum of amplitudes.
 *           Factors 1/2 and 1/8 are exact, so all variants must agree bit for bit, with fused multiply-add or
 *           without; plates up to 64 x 64 are compared so with the definition.
 * source    skewing: D. Wonnacott, "Using time skewing to eliminate idle time due to memory bandwidth and network
 *           limitations", IPDPS 2000; trapezoids and gaps ("split tiling"): T. Grosser et al., "Split tiling for GPUs",
 *           GPGPU-6 2013 */
#ifdef SIMD_PASS

//> simd
/* `height` rows at once, vector after vector from west to east; what is south of one row is the next row's own. */
SIMD_TARGET static inline __attribute__((always_inline)) void SIMD(strip)(double *restrict to, const double *restrict from,
									   size_t stride, size_t height, size_t columns)
{
	size_t j = 0;
	for (; columns - j >= LANES; j += LANES) {
		vf64 north = *(const vf64_any *)(from + j - stride), here = *(const vf64_any *)(from + j);
#pragma GCC unroll 4
		for (size_t i = 0; i < height; i++) {
			const double *c = from + i * stride + j;
			vf64 south = *(const vf64_any *)(c + stride);
			vf64 sides = *(const vf64_any *)(c - 1) + *(const vf64_any *)(c + 1);
			*(vf64_any *)(to + i * stride + j) = 0.5 * here + 0.125 * ((north + south) + sides);
			north = here;
			here = south;
		}
	}
	for (; j < columns; j++)
		for (size_t i = 0; i < height; i++)
			to[i * stride + j] = next(from + i * stride + j, stride);
}

SIMD_TARGET static void SIMD(sweep)(double *restrict to, const double *restrict from, size_t stride, size_t rows,
				    size_t columns)
{
	for (; rows >= 4; rows -= 4, to += 4 * stride, from += 4 * stride)
		SIMD(strip)(to, from, stride, 4, columns);
	for (; rows; rows--, to += stride, from += stride)
		SIMD(strip)(to, from, stride, 1, columns);
}
//< simd

#else

#include <errno.h>
#include <float.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"

/* The definition: a cell after the next sweep. */
static inline double next(const double *c, size_t stride)
{
	return 0.5 * c[0] + 0.125 * ((*(c - stride) + c[stride]) + (c[-1] + c[1]));
}

#define SIMD_SOURCE "kernels/heat.c"
#include "kernels/simd.h"

typedef void sweep_function(double *restrict to, const double *restrict from, size_t stride, size_t rows, size_t columns);
static sweep_function *const sweep_of[] = SIMD_TABLE(sweep);

enum {
	LINE = 8,    /* numbers per cache line */
	WAVES = 4,   /* that the plate starts with */
	STRIP = 512, /* columns per strip of the blocked sweep */
	DEPTH = 40,  /* sweeps in one pass: memory traffic is divided by this */
	TILE = 512,  /* columns per tile: 2 (DEPTH + 4) rows of it, 360 KB, are in use at a time and stay in the second-level
		      * cache. Narrower ones were slower: many short rows, and nothing is fetched ahead */
};

struct share {
	struct job *job;
	int worker;
	pthread_t thread;
};

struct wave {
	double amplitude, shrink; /* by this factor in each sweep */
	double *x, *y;            /* sines along a row and down a column */
};

struct data {
	size_t n, stride, sweeps;
	double *memory, *grid[2]; /* cell (0, 0) of both; sweep s goes from grid[s % 2] to the other */
	bool done;
	struct wave wave[WAVES];
	pthread_mutex_t gate; /* closed until all workers are there */
	pthread_barrier_t meet;
	bool go;
	struct share share[KERNEL_WORKERS_MAX];
};

//> serial
static int run_serial(struct job *job)
{
	struct data *d = job->data;
	size_t n = d->n, stride = d->stride;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t s = 0; s < d->sweeps; s++) {
		const double *restrict from = d->grid[s % 2];
		double *restrict to = d->grid[(s + 1) % 2];
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < n; j++)
				to[i * stride + j] = next(from + i * stride + j, stride);
	}
	worker_end(job, 0);
	parallel_end(job);
	d->done = true;
	return 0;
}
//< serial

static int run_simd(struct job *job)
{
	struct data *d = job->data;
	sweep_function *sweep = sweep_of[simd_level()];
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t s = 0; s < d->sweeps; s++)
		sweep(d->grid[(s + 1) % 2], d->grid[s % 2], d->stride, d->n, d->n);
	worker_end(job, 0);
	parallel_end(job);
	d->done = true;
	return 0;
}

//> blocked
static int run_blocked(struct job *job)
{
	struct data *d = job->data;
	sweep_function *sweep = sweep_of[simd_level()];
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t s = 0; s < d->sweeps; s++)
		for (size_t j = 0; j < d->n; j += STRIP)
			sweep(d->grid[(s + 1) % 2] + j, d->grid[s % 2] + j, d->stride, d->n,
			      d->n - j < STRIP ? d->n - j : STRIP);
	worker_end(job, 0);
	parallel_end(job);
	d->done = true;
	return 0;
}
//< blocked

static ptrdiff_t more(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }
static ptrdiff_t less(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

//> skewed
/* The first or the last row of a region in time and space: it moves by `slope` rows (-1, 0, 1) from sweep to sweep. */
struct edge {
	ptrdiff_t row, slope;
};

/* Sweeps start .. start + depth over the rows [top, bottom) in one pass. Four rows are advanced by sweep 0, then the four
 * that begin one row higher by sweep 1, and so on; then the next four. When a row's turn comes, the row below it has just
 * got the value it needs, and that value's place in the other grid is not needed any more. Tiles of columns lean to the
 * west by a cache line per sweep, so each finds what is east of it in itself and what is west in the tile before. */
static void pass(const struct data *d, sweep_function *sweep, size_t start, ptrdiff_t depth, struct edge top,
		 struct edge bottom)
{
	ptrdiff_t n = (ptrdiff_t)d->n, stride = (ptrdiff_t)d->stride;
	ptrdiff_t end = bottom.row + (1 + bottom.slope) * (depth - 1);
	for (ptrdiff_t tile = 0; tile < n + LINE * (depth - 1); tile += TILE)
		for (ptrdiff_t front = top.row; front < end; front += 4)
			for (ptrdiff_t t = 0; t < depth; t++) {
				ptrdiff_t first = more(front - t, top.row + top.slope * t);
				ptrdiff_t last = less(front - t + 4, bottom.row + bottom.slope * t);
				ptrdiff_t west = more(tile - LINE * t, 0), east = less(tile - LINE * t + TILE, n);
				ptrdiff_t at = first * stride + west;
				size_t s = start + (size_t)t;
				if (first < last && west < east)
					sweep(d->grid[(s + 1) % 2] + at, d->grid[s % 2] + at, d->stride, (size_t)(last - first),
					      (size_t)(east - west));
			}
}

static int run_skewed(struct job *job)
{
	struct data *d = job->data;
	sweep_function *sweep = sweep_of[simd_level()];
	struct edge top = {0, 0}, bottom = {(ptrdiff_t)d->n, 0};
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t s = 0; s < d->sweeps; s += DEPTH)
		pass(d, sweep, s, d->sweeps - s < DEPTH ? (ptrdiff_t)(d->sweeps - s) : DEPTH, top, bottom);
	worker_end(job, 0);
	parallel_end(job);
	d->done = true;
	return 0;
}
//< skewed

/* Starts all workers and waits for them. Workers who meet after each sweep would wait for ever for one who could not be
 * started: so all stop at a gate, which opens when the last is there, or sends them home. */
static int run_team(struct job *job, void *(*body)(void *))
{
	struct data *d = job->data;
	int started, error = pthread_barrier_init(&d->meet, NULL, (unsigned)job->workers);
	if (error) {
		errno = error;
		return -1;
	}
	parallel_begin(job, job->workers);
	pthread_mutex_lock(&d->gate);
	for (started = 0; started < job->workers; started++) {
		struct share *s = &d->share[started];
		*s = (struct share){.job = job, .worker = started};
		error = pthread_create(&s->thread, NULL, body, s);
		if (error)
			break;
	}
	d->go = !error;
	pthread_mutex_unlock(&d->gate);
	for (int w = 0; w < started; w++)
		pthread_join(d->share[w].thread, NULL);
	parallel_end(job);
	pthread_barrier_destroy(&d->meet);
	d->done = !error;
	errno = error;
	return error ? -1 : 0;
}

static bool gate_opens(struct data *d)
{
	pthread_mutex_lock(&d->gate);
	bool go = d->go;
	pthread_mutex_unlock(&d->gate);
	return go;
}

//> threads
static void *thread_main(void *arg)
{
	struct share *me = arg;
	struct job *job = me->job;
	struct data *d = job->data;
	sweep_function *sweep = sweep_of[simd_level()];
	struct slice mine = slice_of(d->n, me->worker, job->workers);
	size_t at = mine.first * d->stride;
	if (!gate_opens(d))
		return NULL;
	for (size_t s = 0; s < d->sweeps; s++) {
		worker_begin(job, me->worker);
		sweep(d->grid[(s + 1) % 2] + at, d->grid[s % 2] + at, d->stride, mine.last - mine.first, d->n);
		worker_end(job, me->worker);
		pthread_barrier_wait(&d->meet);
	}
	return NULL;
}
//< threads

static int run_threads(struct job *job) { return run_team(job, thread_main); }

//> tiled
/* A worker's rows shrink by one on each inner side with every sweep, as it must not read what its neighbours have not
 * computed yet: a trapezoid. After they met, the gap that grew around each border is filled by the worker above it. A row
 * at the slope has stopped at some sweep t; its values of sweep t and t - 1 are both there, one in each grid. */
static void *tiled_main(void *arg)
{
	struct share *me = arg;
	struct job *job = me->job;
	struct data *d = job->data;
	sweep_function *sweep = sweep_of[simd_level()];
	struct slice mine = slice_of(d->n, me->worker, job->workers);
	ptrdiff_t first = (ptrdiff_t)mine.first, last = (ptrdiff_t)mine.last;
	/* Two gaps must not touch: few rows for each worker, few sweeps at a time. The same for all of them. */
	ptrdiff_t deepest = more(1, less(DEPTH, (ptrdiff_t)(d->n / (size_t)job->workers / 2)));
	bool uppermost = me->worker == 0, lowest = me->worker == job->workers - 1;
	if (!gate_opens(d))
		return NULL;
	for (size_t s = 0; s < d->sweeps; s += (size_t)deepest) {
		ptrdiff_t depth = less(deepest, (ptrdiff_t)(d->sweeps - s));
		worker_begin(job, me->worker);
		pass(d, sweep, s, depth, (struct edge){first, !uppermost}, (struct edge){last, lowest ? 0 : -1});
		worker_end(job, me->worker);
		pthread_barrier_wait(&d->meet);
		worker_begin(job, me->worker);
		if (!lowest)
			pass(d, sweep, s, depth, (struct edge){last, -1}, (struct edge){last, 1});
		worker_end(job, me->worker);
		pthread_barrier_wait(&d->meet);
	}
	return NULL;
}
//< tiled

static int run_tiled(struct job *job) { return run_team(job, tiled_main); }

//> openmp
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	size_t n = d->n, stride = d->stride;
	parallel_begin(job, job->workers);
	for (size_t s = 0; s < d->sweeps; s++) {
		const double *restrict from = d->grid[s % 2];
		double *restrict to = d->grid[(s + 1) % 2];
#pragma omp parallel num_threads(job->workers)
		{
			worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(static) nowait
			for (size_t i = 0; i < n; i++)
				for (size_t j = 0; j < n; j++)
					to[i * stride + j] = next(from + i * stride + j, stride);
			worker_end(job, omp_get_thread_num());
		}
	}
	parallel_end(job);
	d->done = true;
	return 0;
}
//< openmp

/* The sum of the waves at cell (i, j), each `factor` times as high as at the start. */
static double waves_at(const struct data *d, const double *factor, size_t i, size_t j)
{
	double sum = 0;
	for (int w = 0; w < WAVES; w++)
		sum += d->wave[w].amplitude * factor[w] * d->wave[w].y[i] * d->wave[w].x[j];
	return sum;
}

static void reset(struct job *job)
{
	struct data *d = job->data;
	double factor[WAVES];
	for (int w = 0; w < WAVES; w++)
		factor[w] = 1;
	for (size_t i = 0; i < d->n; i++)
		for (size_t j = 0; j < d->n; j++) {
			d->grid[0][i * d->stride + j] = waves_at(d, factor, i, j);
			d->grid[1][i * d->stride + j] = NAN;
		}
	d->done = false;
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	pthread_mutex_init(&d->gate, NULL);
	size_t n = d->n = job_size(job);
	d->sweeps = (size_t)job->arg[1];
	/* A row, its western rim at the end of the row before; an odd number of cache lines, as rows that lie a power of two
	 * apart would compete for few places in the cache. The same for the grids: half a page apart, modulo a page. */
	d->stride = n / LINE * LINE + 2 * LINE;
	if (d->stride / LINE % 2 == 0)
		d->stride += LINE;
	size_t cells = (n + 2) * d->stride + LINE, apart = (cells + 511) / 512 * 512 + 256;
	d->memory = simd_alloc(2 * apart, sizeof *d->memory);
	if (!d->memory)
		return -1;
	memset(d->memory, 0, 2 * apart * sizeof *d->memory);
	for (size_t g = 0; g < 2; g++)
		d->grid[g] = d->memory + g * apart + LINE + d->stride;
	for (int w = 0; w < WAVES; w++) {
		struct wave *wave = &d->wave[w];
		uint64_t r = rng_at(job->seed, (uint64_t)w), kx = 1 + (r & 0xFFFFFF) % (n + !n), ky = 1 + (r >> 40) % (n + !n);
		double a = sin(M_PI / 2 * (double)kx / (double)(n + 1)), b = sin(M_PI / 2 * (double)ky / (double)(n + 1));
		wave->amplitude = 0.5 + rng_unit(job->seed, (uint64_t)(WAVES + w));
		wave->shrink = 1 - 0.5 * (a * a + b * b);
		wave->x = calloc(2 * n + 1, sizeof *wave->x);
		if (!wave->x)
			return -1;
		wave->y = wave->x + n;
		for (size_t i = 0; i < n; i++) { /* the angle within one turn first, in whole numbers: exact */
			wave->x[i] = sin(M_PI * (double)((i + 1) * kx % (2 * n + 2)) / (double)(n + 1));
			wave->y[i] = sin(M_PI * (double)((i + 1) * ky % (2 * n + 2)) / (double)(n + 1));
		}
	}
	reset(job);
	return 0;
}

/* For small plates: the cells that differ in any bit from what the definition gives; -1 without memory. */
static long differ(const struct data *d)
{
	size_t n = d->n, stride = n + 2, cells = stride * stride;
	double one[WAVES] = {1, 1, 1, 1}, *grid = calloc(2 * cells, sizeof *grid);
	const double *result = d->grid[d->sweeps % 2];
	long bad = 0;
	if (!grid)
		return -1;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			grid[(i + 1) * stride + j + 1] = waves_at(d, one, i, j);
	for (size_t s = 0; s < d->sweeps; s++)
		for (size_t i = 1; i <= n; i++)
			for (size_t j = 1; j <= n; j++)
				grid[(s + 1) % 2 * cells + i * stride + j] = next(grid + s % 2 * cells + i * stride + j, stride);
	for (size_t i = 0; i < n; i++)
		bad += memcmp(grid + d->sweeps % 2 * cells + (i + 1) * stride + 1, result + i * d->stride, n * sizeof *grid) != 0;
	free(grid);
	return bad;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.right = true, .expected = 0, .observed = 0};
	double factor[WAVES], heights = 0, worst = -1, want = 0, got = 0;
	size_t at_i = 0, at_j = 0;
	if (!d->done) {
		o = (struct outcome){.right = false, .expected = NAN, .observed = NAN};
		snprintf(o.text, sizeof o.text, "expected a plate after %zu sweeps, observed none", d->sweeps);
		return o;
	}
	for (int w = 0; w < WAVES; w++) {
		factor[w] = pow(d->wave[w].shrink, (double)d->sweeps);
		heights += d->wave[w].amplitude;
	}
	double tolerance = 4 * DBL_EPSILON * (double)(d->sweeps + 8) * heights;
	for (size_t i = 0; i < d->n; i++)
		for (size_t j = 0; j < d->n; j++) {
			double expected = waves_at(d, factor, i, j), observed = d->grid[d->sweeps % 2][i * d->stride + j];
			double off = fabs(observed - expected);
			o.expected += expected;
			o.observed += observed;
			if (!(off <= worst)) {
				worst = isnan(off) ? INFINITY : off;
				at_i = i, at_j = j, want = expected, got = observed;
			}
		}
	o.right = worst <= tolerance;
	snprintf(o.text, sizeof o.text, "farthest cell (%zu, %zu) expected %.17g, observed %.17g (sine waves, tolerance %.2g)",
		 at_i, at_j, want, got, tolerance);
	long rows = o.right && d->n <= 64 && d->sweeps <= 1000 ? differ(d) : 0;
	if (rows) {
		o.right = false;
		snprintf(o.text, sizeof o.text, rows < 0 ? "no memory to check the plate with" :
			 "expected the bits of the plain loop, observed %ld rows with others", rows);
	}
	return o;
}

/* For peers: the sum of all cells squared. */
static double figure(const struct job *job)
{
	const struct data *d = job->data;
	double sum = 0;
	for (size_t i = 0; i < d->n; i++)
		for (size_t j = 0; j < d->n; j++)
			sum += d->grid[d->sweeps % 2][i * d->stride + j] * d->grid[d->sweeps % 2][i * d->stride + j];
	return sum;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->n)
		return false;
	d->grid[d->sweeps % 2][where % d->n * d->stride + (where >> 32) % d->n] += 1e-9;
	return true;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		for (int w = 0; w < WAVES; w++)
			free(d->wave[w].x);
		free(d->memory);
		pthread_mutex_destroy(&d->gate);
	}
	free(d);
	job->data = NULL;
}

static double flops(const struct job *job) { return 6 * job->arg[0] * job->arg[0] * job->arg[1]; }
static double bytes(const struct job *job) { return 16 * job->arg[0] * job->arg[0]; }

static const struct variant variants[] = {
	{.name = "serial", .about = "the plain loops", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "simd", .about = "vectors, four rows at a time", .kind = KIND_SERIAL, .run = run_simd},
	{.name = "blocked", .about = "strips of columns that fit the cache", .kind = KIND_SERIAL, .run = run_blocked},
	{.name = "skewed", .about = "several sweeps in one pass over memory", .kind = KIND_SERIAL, .run = run_skewed},
	{.name = "threads", .about = "rows dealt to threads, a barrier per sweep", .kind = KIND_THREADS, .run = run_threads},
	{.name = "tiled", .about = "threads with many sweeps between barriers", .kind = KIND_THREADS, .run = run_tiled},
	{.name = "openmp", .about = "the plain loops and a pragma", .kind = KIND_OPENMP, .run = run_openmp},
	{0},
};

const struct kernel kernel_heat = {
	.name = "heat",
	.title = "Heat in a plate (5-point stencil)",
	.source = __FILE__,
	.params = {{"size", "rows", "side of the plate", 0, 16384, 1000, false},
		   {"sweeps", "sweeps", "how often all cells are renewed", 1, 100000, 40, false}},
	.flops = flops,
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
	.peer_arg = {2048, 200},
	.figure = figure,
};
KERNEL_REGISTER(kernel_heat);

#endif
