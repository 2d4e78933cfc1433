/* k-means: points are dealt to the nearest of k centres, each centre moves to the mean of its points, and again (Lloyd).
 *
 * size      points n; dimensions d; clusters k; iterations
 * flops     2 n k d per iteration, for the distances (one multiplication and one addition for each point, centre and
 *           dimension); the n d additions of the means are not counted
 * bytes     8 n d per iteration: the points are read once, centres and sums stay in the caches
 * ladder    serial     the squares of the differences, point after point
 *           simd       |x - c|^2 = |x|^2 + 2 (|c|^2 / 2 - x c): the first part is the same for all centres, so the score
 *                      |c|^2 / 2 - x c decides, one fused multiply-add per dimension; vectors of centres, several points
 *                      at a time, all in registers. This is a matrix product whose result is looked at and thrown away
 *           threads    slices of the points, each POSIX thread with sums of its own; then slices of the centres
 *           openmp     the same by pragmas
 * roof      multiply-adds are 2 k d / 16 instructions of 8 numbers per point; the search for the least of k scores and the sums
 *           add about k / 8 + 9 and d / 8: at the preset 128 of 145, so 0.88 of the peak is the most. The search is a chain of
 *           steps that wait for each other; on a busy machine 0.5 to 0.68 was measured where kernel matmul had 0.53 to 0.59
 * check     the coordinates are whole numbers below 2^12, so sums of them are exact in any order, and the same for any number of
 *           workers. Exact: the centres are the means of the points with their label, the sum of squares before the first
 *           move (found with integers). Each point's centre: none is nearer by more than rounding (1e-12), for
 *           200 points drawn by the seed. The sum of squares never grows, and the last one is that of the labels (1e-9).
 * source    S. Lloyd 1957 (published 1982) */
#ifdef SIMD_PASS

/* POINTS points and WIDTH vectors of centres at a time fill the registers. */
#undef POINTS
#undef WIDTH
#if LANES == 8
#define POINTS 6
#define WIDTH 4
#else
#define POINTS 4
#define WIDTH 2
#endif

/* The smaller one in each lane. */
SIMD_TARGET static inline vf64 SIMD(smaller)(vf64 a, vf64 b)
{
#if LANES == 8
	return (vf64)_mm512_min_pd((__m512d)a, (__m512d)b);
#elif LANES == 4
	return (vf64)_mm256_min_pd((__m256d)a, (__m256d)b);
#else
	for (int lane = 0; lane < LANES; lane++)
		a[lane] = a[lane] < b[lane] ? a[lane] : b[lane];
	return a;
#endif
}

/* The smallest of all lanes. */
SIMD_TARGET static inline double SIMD(smallest)(vf64 a)
{
#if LANES == 8
	return _mm512_reduce_min_pd((__m512d)a);
#else
	double least = a[0];
	for (int lane = 1; lane < LANES; lane++)
		least = a[lane] < least ? a[lane] : least;
	return least;
#endif
}

/* A bit for each lane that holds x. */
SIMD_TARGET static inline uint32_t SIMD(where)(vf64 a, double x)
{
#if LANES == 8
	return _mm512_cmp_pd_mask((__m512d)a, _mm512_set1_pd(x), _CMP_EQ_OQ);
#elif LANES == 4
	return (uint32_t)_mm256_movemask_pd(_mm256_cmp_pd((__m256d)a, _mm256_set1_pd(x), _CMP_EQ_OQ));
#else
	uint32_t bits = 0;
	for (int lane = 0; lane < LANES; lane++)
		bits |= (uint32_t)(a[lane] == x) << lane;
	return bits;
#endif
}

//> simd
/* The nearest of `width` vectors of centres to each of POINTS points. The first of the centres has the number `first`; `best` and
 * `label` hold what earlier centres gave. */
SIMD_TARGET static inline __attribute__((always_inline)) void SIMD(nearest)(const double *const row[POINTS], size_t dimensions,
		const double *minus_c, const double *half, const int width, uint32_t first, double *best, uint32_t *label)
{
	vf64 score[POINTS][WIDTH];
#pragma GCC unroll 8
	for (int p = 0; p < POINTS; p++)
#pragma GCC unroll 8
		for (int j = 0; j < width; j++)
			score[p][j] = *(const vf64 *)(half + j * LANES);
	for (size_t k = 0; k < dimensions; k++, minus_c += width * LANES)
#pragma GCC unroll 8
		for (int p = 0; p < POINTS; p++)
#pragma GCC unroll 8
			for (int j = 0; j < width; j++)
				score[p][j] += row[p][k] * *(const vf64 *)(minus_c + j * LANES);
#pragma GCC unroll 8
	for (int p = 0; p < POINTS; p++) {
		vf64 least = score[p][0];
		for (int j = 1; j < width; j++)
			least = SIMD(smaller)(least, score[p][j]);
		double value = SIMD(smallest)(least);
		uint32_t bits = 0;
		for (int j = 0; j < width; j++)
			bits |= SIMD(where)(score[p][j], value) << (j * LANES);
		if (value < best[p]) {
			best[p] = value;
			label[p] = first + (uint32_t)__builtin_ctz(bits);
		}
	}
}

/* Labels the points [first, last), and adds each to the sum of its centre. Returns the sum of their scores. */
SIMD_TARGET static double SIMD(assign)(const struct points *x, size_t first, size_t last, const struct centres *c,
				       double *sum, double *count, uint32_t *labels)
{
	double total = 0;
	for (size_t i = first; i < last; i += POINTS) {
		const double *row[POINTS];
		double best[POINTS];
		uint32_t label[POINTS];
		for (size_t p = 0; p < POINTS; p++) { /* at the end of the slice the last point stands in for those that lack */
			row[p] = x->x + (i + p < last ? i + p : last - 1) * x->stride;
			best[p] = INFINITY;
			label[p] = 0;
		}
		size_t k = 0;
		for (; c->room - k >= WIDTH * LANES; k += WIDTH * LANES)
			SIMD(nearest)(row, x->dimensions, c->minus_c + k * x->dimensions, c->half + k, WIDTH, (uint32_t)k, best, label);
		for (; k < c->room; k += LANES)
			SIMD(nearest)(row, x->dimensions, c->minus_c + k * x->dimensions, c->half + k, 1, (uint32_t)k, best, label);
		for (size_t p = 0; p < POINTS && i + p < last; p++) {
			double *to = sum + label[p] * x->stride;
			for (size_t v = 0; v < x->stride; v += LANES)
				*(vf64 *)(to + v) += *(const vf64 *)(row[p] + v);
			count[label[p]]++;
			labels[i + p] = label[p];
			total += best[p];
		}
	}
	return total;
}
//< simd

/* Lays centre `i` where `nearest` wants it: side by side with its neighbours, dimension after dimension. */
SIMD_TARGET static void SIMD(pack)(const double *centre, size_t dimensions, const struct centres *c, size_t i)
{
	size_t whole = c->room / (WIDTH * LANES) * (WIDTH * LANES), width = i < whole ? WIDTH * LANES : LANES;
	double *to = c->minus_c + i / width * width * dimensions + i % width, square = 0;
	for (size_t k = 0; k < dimensions; k++) {
		to[k * width] = -centre[k];
		square += centre[k] * centre[k];
	}
	c->half[i] = square / 2;
}

static const struct engine SIMD(engine) = {SIMD(assign), SIMD(pack)};

#else

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif
#include "kernels/kernel.h"
#include "kernels/rng.h"

/* Row after row, each with zeros up to the next whole cache line. */
struct points {
	double *x;
	size_t dimensions, stride;
};

/* The centres as the vector code wants them, filled up to whole vectors with some that are infinitely far. */
struct centres {
	double *minus_c, *half; /* -c, and |c|^2 / 2 */
	size_t room;
};

struct engine {
	double (*assign)(const struct points *x, size_t first, size_t last, const struct centres *c, double *sum, double *count,
			 uint32_t *labels);
	void (*pack)(const double *centre, size_t dimensions, const struct centres *c, size_t i);
};

#define SIMD_SOURCE "kernels/kmeans.c"
#include "kernels/simd.h"

static const struct engine *const engines[] = {
	&engine_base,
#ifdef __x86_64__
	&engine_avx2, &engine_avx512,
#endif
};

/* A worker's own sums. */
struct share {
	struct job *job;
	int worker;
	double *sum, *count, total;
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
	bool go;
	struct share share[KERNEL_WORKERS_MAX];
};

//> serial
static double assign_serial(const struct data *d, size_t first, size_t last, double *sum, double *count)
{
	size_t stride = d->points.stride;
	double total = 0;
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
		total += best;
	}
	return total;
}
//< serial

/* Sums of its own for each worker, and the first centres. */
static bool begin(struct job *job, const struct engine *engine)
{
	struct data *d = job->data;
	size_t numbers = (d->k * d->points.stride + d->k + 7) / 8 * 8; /* whole cache lines: nobody writes in another's */
	double *all = simd_alloc((size_t)job->workers * numbers, sizeof *all);
	if (!all)
		return false;
	for (int w = 0; w < job->workers; w++) {
		double *mine = all + (size_t)w * numbers;
		d->share[w] = (struct share){.job = job, .worker = w, .sum = mine, .count = mine + d->k * d->points.stride};
	}
	memcpy(d->centre, d->start, d->k * d->points.stride * sizeof *d->centre);
	d->engine = engine;
	for (size_t c = 0; c < d->packed.room; c++)
		d->packed.half[c] = INFINITY;
	memset(d->packed.minus_c, 0, d->packed.room * d->points.dimensions * sizeof *d->packed.minus_c);
	for (size_t c = 0; c < d->k && engine; c++)
		engine->pack(d->centre + c * d->points.stride, d->points.dimensions, &d->packed, c);
	return true;
}

//> threads
/* First half of an iteration: a worker deals its points and sums them up, for itself. */
static void deal(struct share *me)
{
	struct data *d = me->job->data;
	struct slice mine = slice_of(d->n, me->worker, me->job->workers);
	worker_begin(me->job, me->worker);
	memset(me->sum, 0, (d->k * d->points.stride + d->k) * sizeof *me->sum);
	if (d->engine)
		me->total = d->engine->assign(&d->points, mine.first, mine.last, &d->packed, me->sum, me->count, d->label);
	else
		me->total = assign_serial(d, mine.first, mine.last, me->sum, me->count);
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
	for (size_t c = mine.first; c < mine.last; c++) {
		double *centre = d->centre + c * stride, *used = d->used + c * stride, count = 0;
		memcpy(used, centre, stride * sizeof *used);
		for (int w = 0; w < me->job->workers; w++)
			count += d->share[w].count[c];
		for (size_t k = 0; k < d->points.dimensions && count > 0; k++) {
			double sum = 0;
			for (int w = 0; w < me->job->workers; w++)
				sum += d->share[w].sum[c * stride + k];
			centre[k] = sum / count;
		}
		if (d->engine)
			d->engine->pack(centre, d->points.dimensions, &d->packed, c);
	}
	if (me->worker == 0) {
		double total = 0;
		for (int w = 0; w < me->job->workers; w++)
			total += d->share[w].total;
		d->inertia[iteration] = d->engine ? d->squares + 2 * total : total;
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
	free(d->share[0].sum);
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
	free(d->share[0].sum);
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
	free(d->share[0].sum);
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
	d->packed = (struct centres){simd_alloc(room * dimensions, sizeof(double)), simd_alloc(room, sizeof(double)), room};
	d->start = simd_alloc(k * stride, sizeof *d->start);
	d->used = simd_alloc(k * stride, sizeof *d->used);
	d->centre = simd_alloc(k * stride, sizeof *d->centre);
	d->label = simd_alloc(n, sizeof *d->label);
	d->inertia = simd_alloc(d->iterations, sizeof *d->inertia);
	if (!d->points.x || !d->packed.minus_c || !d->packed.half || !d->start || !d->used || !d->centre || !d->label || !d->inertia)
		return -1;
	for (size_t i = 0; i < n; i++) { /* heaps around k places: whole numbers, up to 1024 for the place and 400 around it */
		uint64_t heap = rng_at(job->seed, i) % k;
		for (size_t j = 0; j < stride; j++) {
			uint64_t place = rng_at(job->seed ^ 0xC1, heap * dimensions + j) % 2049;
			uint64_t r = rng_at(job->seed ^ 0xA0, i * dimensions + j), around = r % 401 + (r >> 32) % 401;
			double x = j < dimensions ? (double)place - 1024 + (double)around - 400 : 0;
			d->points.x[i * stride + j] = x;
			d->squares += x * x;
		}
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
	{.name = "threads", .about = "slices of points, sums of one's own, a barrier", .kind = KIND_THREADS, .run = run_threads},
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
