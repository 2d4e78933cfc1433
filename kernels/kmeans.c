/* k-means: points are dealt to the nearest of k centres, each centre moves to the mean of its points, and again (Lloyd).
 *
 * size      points n; dimensions d; clusters k; iterations
 * flops     2 n k d per iteration, for the distances (one multiplication and one addition for each point, centre and
 *           dimension); the n d additions of the means are not counted
 * bytes     8 n d per iteration: the points are read once, centres and sums stay in the caches
 * ladder    serial     the squares of the differences, point after point
 *           simd       |x - c|^2 = |x|^2 + 2 (|c|^2 / 2 - x c): the first part is the same for all centres, so the score
 *                      |c|^2 / 2 - x c decides, one fused multiply-add per dimension; vectors of centres, several points
 *                      at a time, all in registers. This is a matrix product whose result is looked at and thrown away.
 *                      The least score must also tell whose it is: the number of the centre stands in its last bits
 *           threads    portions of the points to whichever POSIX thread is free, each with sums of its own; then slices of
 *                      the centres
 *           openmp     the same by pragmas
 * roof      multiply-adds are 2 k d / 16 instructions of 8 numbers per point; the search for the least of k scores adds
 *           k / 4 + 2, the sums d / 8: at the preset 128 of 142, so 0.90 of the peak is the most. Two virtual cores of an
 *           Emerald Rapids Xeon reached 0.80 to 0.83 with one worker, as a tile's end is a crowd of instructions that are no
 *           multiply-adds; with two 0.7, as waking a thread and eight barriers take a sixth of a run of 1.3 ms (0.84 with
 *           ten times the points)
 * check     the coordinates are whole numbers below 2^12, so sums of them are exact in any order, and the same for any number of
 *           workers. Exact: the centres are the means of the points with their label, the sum of squares before the first
 *           move (found with integers). Each point's centre: none is nearer by more than rounding (1e-12), for
 *           200 points drawn by the seed. The sum of squares never grows, and the last one is that of the labels (1e-9).
 * source    S. Lloyd 1957 (published 1982) */
#ifdef SIMD_PASS

/* The tile that fits the registers: POINTS points and WIDTH vectors of centres. */
#undef POINTS
#undef WIDTH
#define POINTS 6
#if LANES == 8
#define WIDTH 4
#else
#define WIDTH 2
#endif

#include "kernels/kmeans_least.h"

//> simd
/* One dimension of a tile's scores. */
SIMD_TARGET static inline __attribute__((always_inline)) void SIMD(step)(vf64 score[POINTS][WIDTH], const int width,
		const double *const row[POINTS], size_t k, const double *minus_c)
{
#pragma GCC unroll 8
	for (int p = 0; p < POINTS; p++)
#pragma GCC unroll 8
		for (int j = 0; j < width; j++)
			score[p][j] += row[p][k] * *(const vf64 *)(minus_c + j * LANES);
}

/* Adds eight numbers of a point to a sum, and asks for those of a later point. */
SIMD_TARGET static inline __attribute__((always_inline)) void SIMD(add)(double *sum, const double *x, size_t ahead)
{
#pragma GCC unroll 8
	for (int v = 0; v < 8; v += LANES)
		*(vf64 *)(sum + v) += *(const vf64 *)(x + v);
	__builtin_prefetch(x + ahead, 0, 2); /* beyond the end: no harm */
}

/* The least of `width` vectors of scores, for each of POINTS points. The last bits of a score become the number of its centre: so
 * the least one tells whose it is, and of equal ones the first centre's is the least. The price: scores are compared to 2^-47 of
 * their size only, and all must be positive. Meanwhile the `ready` points from `before` on, which have their labels, are added to
 * sums: a few steps of this here and there fill gaps between the multiply-adds, where all at once would hold them up. */
SIMD_TARGET static inline __attribute__((always_inline)) void SIMD(tile)(const struct dealing *d, const double *const row[POINTS],
		size_t first, const int width, vf64 *least, size_t before, size_t ready)
{
	vf64 score[POINTS][WIDTH];
	vi64 lane = {LANE_NUMBERS};
	size_t k = 0, dimensions = d->x.dimensions, stride = d->x.stride;
	const double *minus_c = d->c.minus_c + first * dimensions;
#pragma GCC unroll 8
	for (int p = 0; p < POINTS; p++)
#pragma GCC unroll 8
		for (int j = 0; j < width; j++)
			score[p][j] = *(const vf64 *)(d->c.half + first + j * LANES);
	for (size_t i = before; i < before + ready; i++) {
		uint32_t label = d->label[i];
		d->count[label]++;
		for (size_t v = 0; v < stride; v += 8) {
			SIMD(add)(d->sum + label * stride + v, d->x.x + i * stride + v, 2 * BLOCK * stride);
			if (k < dimensions) {
				SIMD(step)(score, width, row, k++, minus_c);
				minus_c += width * LANES;
			}
		}
	}
	for (; k < dimensions; k++, minus_c += width * LANES)
		SIMD(step)(score, width, row, k, minus_c);
#pragma GCC unroll 8
	for (int p = 0; p < POINTS; p++) {
#pragma GCC unroll 8
		for (int j = 0; j < width; j++)
			score[p][j] = (vf64)(((vi64)score[p][j] & ~(int64_t)(GROUP - 1)) | (lane + j * LANES));
		least[p] = score[p][0];
#pragma GCC unroll 8
		for (int j = 1; j < width; j++)
			least[p] = SIMD(smaller)(least[p], score[p][j]);
	}
}

/* Labels the points [first, last), and adds each to the sum of its centre, one block later, in the course of tiles. */
SIMD_TARGET static void SIMD(assign)(const struct dealing *d, size_t first, size_t last)
{
	size_t before = first;
	for (size_t i = first; i < last; i += BLOCK) {
		const double *row[BLOCK];
		vf64 least[BLOCK], best[BLOCK / LANES] = {{0}};
		vi64 label[BLOCK / LANES];
		for (size_t p = 0; p < BLOCK; p++) /* at the end of the slice the last point stands in for those that lack */
			row[p] = d->x.x + (i + p < last ? i + p : last - 1) * d->x.stride;
		for (size_t k = 0; k < d->c.room; k += d->c.room - k < WIDTH * LANES ? LANES : WIDTH * LANES) {
			for (size_t p = 0; p < BLOCK; p += POINTS) {
				size_t ready = before < i ? POINTS : 0;
				if (d->c.room - k >= WIDTH * LANES)
					SIMD(tile)(d, row + p, k, WIDTH, least + p, before, ready);
				else
					SIMD(tile)(d, row + p, k, 1, least + p, before, ready);
				before += ready;
			}
			for (size_t p = 0; p < BLOCK / LANES; p++) {
				vf64 mine = SIMD(least_of_each)(least + p * LANES);
				vi64 number = ((vi64)mine & (GROUP - 1)) + (int64_t)k, better = mine < best[p];
				label[p] = k ? (number & better) | (label[p] & ~better) : number;
				best[p] = k ? SIMD(smaller)(mine, best[p]) : mine;
			}
		}
		for (size_t p = 0; p < BLOCK && i + p < last; p++)
			d->label[i + p] = (uint32_t)label[p / LANES][p % LANES];
	}
	for (size_t i = before; i < last; i++) {
		d->count[d->label[i]]++;
		for (size_t v = 0; v < d->x.stride; v += 8)
			SIMD(add)(d->sum + d->label[i] * d->x.stride + v, d->x.x + i * d->x.stride + v, 0);
	}
}
//< simd

/* Lays centre `i` where `tile` wants it: side by side with its neighbours, dimension after dimension. */
SIMD_TARGET static void SIMD(pack)(const double *centre, size_t dimensions, const struct centres *c, size_t i)
{
	size_t whole = c->room / (WIDTH * LANES) * (WIDTH * LANES), width = i < whole ? WIDTH * LANES : LANES;
	double *to = c->minus_c + i / width * width * dimensions + i % width, square = 0;
	for (size_t k = 0; k < dimensions; k++) {
		to[k * width] = -centre[k];
		square += centre[k] * centre[k];
	}
	c->half[i] = c->shift + square / 2;
}

static const struct engine SIMD(engine) = {SIMD(assign), SIMD(pack)};

#else

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif
#include "kernels/kernel.h"
#include "kernels/rng.h"

enum {
	BLOCK = 24, /* points that go through the steps together: whole tiles and whole vectors */
	SOME = 20 * BLOCK, /* points that a worker takes at a time */
	GROUP = 32, /* at least as many as there are centres in a tile, a power of two */
};

/* Row after row, each with zeros up to the next whole cache line. */
struct points {
	double *x;
	size_t dimensions, stride;
};

/* The centres as the vector code wants them, filled up to whole vectors with some that are infinitely far. */
struct centres {
	double *minus_c, *half; /* -c, and shift + |c|^2 / 2 */
	size_t room;
	double shift; /* the largest |x|^2 / 2: makes every score half of a square, so not negative but for rounding */
};

/* What a worker works on: everybody's points, centres and labels, its own sums. */
struct dealing {
	struct points x;
	struct centres c;
	double *sum, *count;
	uint32_t *label;
};

struct engine {
	void (*assign)(const struct dealing *d, size_t first, size_t last);
	void (*pack)(const double *centre, size_t dimensions, const struct centres *c, size_t i);
};

#define SIMD_SOURCE "kernels/kmeans.c"
#include "kernels/simd.h"

static const struct engine *const engines[] = SIMD_TABLE(&engine);

/* A worker's own sums. */
struct share {
	struct job *job;
	int worker;
	double *sum, *count, *total; /* total: of each iteration, what its centres add to the sum of squares */
	pthread_t thread;
};

struct data {
	size_t n, k, iterations;
	struct points points;
	struct centres packed;
	double *start;        /* the first centres, rows like those of the points */
	double *used, *centre; /* the result: the centres of the last dealing, and those after it */
	uint32_t *label;       /* the result: of the last dealing */
	double *inertia;       /* the result: the sum of squares in each iteration */
	double squares, first_inertia; /* of all points; what the first iteration must find */
	const struct engine *engine;
	pthread_mutex_t gate;
	pthread_barrier_t barrier;
	atomic_size_t next; /* portion of points that nobody has taken yet */
	bool go;
	struct share share[KERNEL_WORKERS_MAX];
};

//> serial
static void assign_serial(const struct data *d, size_t first, size_t last, double *sum, double *count)
{
	size_t stride = d->points.stride;
	for (size_t i = first; i < last; i++) {
		const double *x = d->points.x + i * stride;
		double best = INFINITY;
		uint32_t nearest = 0;
		for (size_t c = 0; c < d->k; c++) {
			double square = 0;
			for (size_t k = 0; k < d->points.dimensions; k++) {
				double difference = x[k] - d->centre[c * stride + k];
				square += difference * difference;
			}
			if (square < best) {
				best = square;
				nearest = (uint32_t)c;
			}
		}
		for (size_t k = 0; k < d->points.dimensions; k++)
			sum[nearest * stride + k] += x[k];
		count[nearest]++;
		d->label[i] = nearest;
	}
}
//< serial

/* Sums of its own for each worker, and the first centres. */
static bool begin(struct job *job, const struct engine *engine)
{
	struct data *d = job->data;
	size_t numbers = (d->k * d->points.stride + d->k + d->iterations + 7) / 8 * 8; /* whole cache lines: nobody writes in another's */
	double *all = simd_alloc((size_t)job->workers * numbers, sizeof *all);
	if (!all)
		return false;
	for (int w = 0; w < job->workers; w++) {
		double *mine = all + (size_t)w * numbers;
		d->share[w] = (struct share){.job = job, .worker = w, .sum = mine, .count = mine + d->k * d->points.stride};
		d->share[w].total = d->share[w].count + d->k;
		memset(d->share[w].total, 0, d->iterations * sizeof *mine);
	}
	memcpy(d->centre, d->start, d->k * d->points.stride * sizeof *d->centre);
	d->engine = engine;
	d->next = 0;
	for (size_t c = 0; c < d->packed.room; c++)
		d->packed.half[c] = 1e300;
	memset(d->packed.minus_c, 0, d->packed.room * d->points.dimensions * sizeof *d->packed.minus_c);
	for (size_t c = 0; c < d->k && engine; c++)
		engine->pack(d->centre + c * d->points.stride, d->points.dimensions, &d->packed, c);
	return true;
}

/* The sum of (x - c)^2 is that of all x^2 and, for each centre, its c (count c - 2 sum of its x). */
static void end(struct job *job)
{
	struct data *d = job->data;
	for (size_t i = 0; i < d->iterations; i++) {
		d->inertia[i] = d->squares;
		for (int w = 0; w < job->workers; w++)
			d->inertia[i] += d->share[w].total[i];
	}
	free(d->share[0].sum);
}

//> threads
/* First half of an iteration: portions of points to whoever is free; each worker deals them and sums them up, for itself. Who
 * starts late or is held up by other programs then does less, and nobody waits long. */
static void deal(struct share *me)
{
	struct data *d = me->job->data;
	worker_begin(me->job, me->worker);
	memset(me->sum, 0, (d->k * d->points.stride + d->k) * sizeof *me->sum);
	for (size_t i; (i = SOME * atomic_fetch_add(&d->next, 1)) < d->n;) {
		size_t last = d->n - i < SOME ? d->n : i + SOME;
		if (d->engine)
			d->engine->assign(&(struct dealing){d->points, d->packed, me->sum, me->count, d->label}, i, last);
		else
			assign_serial(d, i, last, me->sum, me->count);
	}
	worker_end(me->job, me->worker);
}

/* Second half, when all are through the first: a worker moves its share of the centres to the means of everybody's sums. A centre
 * without points stays. */
static void renew(struct share *me, size_t iteration)
{
	struct data *d = me->job->data;
	size_t stride = d->points.stride;
	struct slice mine = slice_of(d->k, me->worker, me->job->workers);
	worker_begin(me->job, me->worker);
	if (me->worker == 0)
		d->next = 0;
	for (size_t c = mine.first; c < mine.last; c++) {
		double *centre = d->centre + c * stride, *used = d->used + c * stride, count = 0, total = 0;
		memcpy(used, centre, stride * sizeof *used);
		for (int w = 0; w < me->job->workers; w++)
			count += d->share[w].count[c];
		for (size_t k = 0; k < d->points.dimensions && count > 0; k++) {
			double sum = 0;
			for (int w = 0; w < me->job->workers; w++)
				sum += d->share[w].sum[c * stride + k];
			total += used[k] * (count * used[k] - 2 * sum);
			centre[k] = sum / count;
		}
		me->total[iteration] += total;
		if (d->engine)
			d->engine->pack(centre, d->points.dimensions, &d->packed, c);
	}
	worker_end(me->job, me->worker);
}

static void *thread_main(void *arg)
{
	struct share *me = arg;
	struct data *d = me->job->data;
	pthread_mutex_lock(&d->gate); /* opens when all threads are there, or one could not be had */
	bool go = d->go;
	pthread_mutex_unlock(&d->gate);
	for (size_t i = 0; i < d->iterations && go; i++) {
		deal(me);
		pthread_barrier_wait(&d->barrier);
		renew(me, i);
		pthread_barrier_wait(&d->barrier);
	}
	return NULL;
}

static int run_threads(struct job *job)
{
	struct data *d = job->data;
	int started, error = 0;

	if (!begin(job, engines[simd_level()]))
		return -1;
	error = pthread_barrier_init(&d->barrier, NULL, (unsigned)job->workers);
	if (error)
		goto out;
	pthread_mutex_init(&d->gate, NULL);
	parallel_begin(job, job->workers);
	pthread_mutex_lock(&d->gate);
	for (started = 0; started < job->workers && !error; started += !error)
		error = pthread_create(&d->share[started].thread, NULL, thread_main, &d->share[started]);
	d->go = !error;
	pthread_mutex_unlock(&d->gate);
	for (int w = 0; w < started; w++)
		pthread_join(d->share[w].thread, NULL);
	parallel_end(job);
	pthread_mutex_destroy(&d->gate);
	pthread_barrier_destroy(&d->barrier);
out:
	end(job);
	errno = error;
	return error ? -1 : 0;
}
//< threads

static int run_alone(struct job *job, const struct engine *engine)
{
	struct data *d = job->data;
	if (!begin(job, engine))
		return -1;
	parallel_begin(job, 1);
	for (size_t i = 0; i < d->iterations; i++) {
		deal(&d->share[0]);
		renew(&d->share[0], i);
	}
	parallel_end(job);
	end(job);
	return 0;
}

static int run_serial(struct job *job) { return run_alone(job, NULL); }
static int run_simd(struct job *job) { return run_alone(job, engines[simd_level()]); }

//> openmp
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	if (!begin(job, engines[simd_level()]))
		return -1;
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	for (size_t i = 0; i < d->iterations; i++) {
		struct share *me = &d->share[omp_get_thread_num()];
		deal(me);
#pragma omp barrier
		renew(me, i);
#pragma omp barrier
	}
	parallel_end(job);
	end(job);
	return 0;
}
//< openmp

#include "kernels/kmeans_check.h"

static void reset(struct job *job)
{
	struct data *d = job->data;
	for (size_t i = 0; i < d->k * d->points.stride; i++)
		d->used[i] = d->centre[i] = NAN;
	for (size_t i = 0; i < d->iterations; i++)
		d->inertia[i] = NAN;
	for (size_t i = 0; i < d->n; i++)
		d->label[i] = UINT32_MAX;
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	size_t n = d->n = job_size(job), dimensions = (size_t)job->arg[1], k = d->k = (size_t)job->arg[2];
	size_t stride = (dimensions + 7) / 8 * 8, room = (k + 7) / 8 * 8;
	d->iterations = (size_t)job->arg[3];
	d->points = (struct points){simd_alloc(n * stride, sizeof(double)), dimensions, stride};
	d->packed = (struct centres){simd_alloc(room * dimensions, sizeof(double)), simd_alloc(room, sizeof(double)), room, 0};
	d->start = simd_alloc(k * stride, sizeof *d->start);
	d->used = simd_alloc(k * stride, sizeof *d->used);
	d->centre = simd_alloc(k * stride, sizeof *d->centre);
	d->label = simd_alloc(n, sizeof *d->label);
	d->inertia = simd_alloc(d->iterations, sizeof *d->inertia);
	if (!d->points.x || !d->packed.minus_c || !d->packed.half || !d->start || !d->used || !d->centre || !d->label || !d->inertia)
		return -1;
	for (size_t i = 0; i < n; i++) { /* heaps around k places: whole numbers, up to 1024 for the place and 400 around it */
		uint64_t heap = rng_at(job->seed, i) % k;
		double square = 0;
		for (size_t j = 0; j < stride; j++) {
			uint64_t place = rng_at(job->seed ^ 0xC1, heap * dimensions + j) % 2049;
			uint64_t r = rng_at(job->seed ^ 0xA0, i * dimensions + j), around = r % 401 + (r >> 32) % 401;
			double x = j < dimensions ? (double)place - 1024 + (double)around - 400 : 0;
			d->points.x[i * stride + j] = x;
			square += x * x;
		}
		d->squares += square;
		d->packed.shift = square / 2 > d->packed.shift ? square / 2 : d->packed.shift;
	}
	memset(d->start, 0, k * stride * sizeof *d->start);
	for (size_t c = 0; c < k && n; c++)
		memcpy(d->start + c * stride, d->points.x + slice_of(n, (int)c, (int)k).first % n * stride, stride * sizeof *d->start);
	d->first_inertia = first_inertia(d);
	reset(job);
	return 0;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		double *const array[] = {d->points.x, d->packed.minus_c, d->packed.half, d->start, d->used, d->centre, d->inertia};
		for (size_t i = 0; i < sizeof array / sizeof *array; i++)
			free(array[i]);
		free(d->label);
	}
	free(d);
	job->data = NULL;
}

static double flops(const struct job *job) { return 2 * job->arg[0] * job->arg[1] * job->arg[2] * job->arg[3]; }
static double bytes(const struct job *job) { return 8 * job->arg[0] * job->arg[1] * job->arg[3]; }

static const struct variant variants[] = {
	{.name = "serial", .about = "squares of differences, point after point", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "simd", .about = "scores by multiply-adds, vectors of centres", .kind = KIND_SERIAL, .run = run_simd},
	{.name = "threads", .about = "portions to whoever is free, sums of one's own", .kind = KIND_THREADS, .run = run_threads},
	{.name = "openmp", .about = "the same by pragmas", .kind = KIND_OPENMP, .run = run_openmp},
	{0},
};

const struct kernel kernel_kmeans = {
	.name = "kmeans",
	.title = "k-means clustering",
	.source = __FILE__,
	.params = {{"size", "points", "how many points", 0, 1e7, 20000, false},
		   {"dimensions", "numbers", "coordinates of a point", 1, 1024, 32, false},
		   {"clusters", "centres", "how many centres", 1, 1024, 32, false},
		   {"iterations", "times", "how often the points are dealt", 1, 1000, 4, false}},
	.flops = flops,
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
	.peer_arg = {100000},
};
KERNEL_REGISTER(kernel_kmeans);

#endif
