/* N bodies, each pulled by every other: the accelerations of all, from all pairs, and a step of their movement.
 *
 *     a[i] = sum over j of m[j] (x[j] - x[i]) / (|x[j] - x[i]|^2 + soft^2)^(3/2)
 *
 * The softening keeps the pull finite when two bodies meet, and makes the pair (i, i) a plain zero: no test is needed. A
 * step moves all bodies (x += v dt), finds the pulls at the new places and changes the velocities (v += a dt): the leapfrog,
 * whose velocities belong to the middle of the steps.
 *
 * size      bodies n; steps
 * flops     20 n^2 per step, as is the custom: 3 subtractions, 6 for the square of the distance, 4 for the inverse cube (a
 *           root and a quotient count as one each), 1 for the mass, 6 to multiply and add up
 * bytes     88 n per step: places and masses read (4 numbers), places and velocities moved (6), accelerations written; the
 *           rest comes out of the caches
 * ladder    serial     an array of bodies, one pair after the other, with sqrt and a division
 *           simd       an array for each coordinate, so that a vector holds the same thing of several bodies; and the
 *                      inverse cube without root and division where there is an estimate to
 *                      start from (avx512: see inverse_cube)
 *           blocked    four bodies i at a time: what was loaded of the bodies j serves all four
 *           threads    the bodies i in slices, a POSIX thread each
 *           openmp     the same by a pragma
 * check     the sums over all bodies that no pull among them can change: momentum, angular momentum, and the centre of mass,
 *           which moves evenly; each to 1e-12. For up to 1000 bodies the energy to 1e-3 (a leapfrog keeps it that well and no
 *           better). 16 bodies drawn by the seed, for up to 128 all: the acceleration by a sum in long double, and
 *           after a single step the velocity, to 1e-11. Up to 64 bodies: the whole movement once more in long double.
 * accuracy  over 4 million arguments the series was within 1.2e-16 of r^-3, root and division within 2.8e-16
 * source    the leapfrog is Newton's own; softening: S. Aarseth 1963. Estimate and series: see inverse_cube. */
#ifdef SIMD_PASS

/* How many bodies i share a load of bodies j: as many as there are registers for. */
#undef TOGETHER
#if LANES == 8
#define TOGETHER 4
#else
#define TOGETHER 2
#endif

//> simd
/* r2^(-3/2), to the last places. A root and a division take the one unit for such things 34 cycles for 8 numbers
 * (avx512); so we start from an estimate y of 1 / sqrt(r2), 14 bits of which are right, and mend it. With e = 1 - r2 y^2,
 * which is at most 2^-13, the exact answer is y^3 (1 - e)^(-3/2), and the binomial series
 * 1 + 3/2 e + 15/8 e^2 + 35/16 e^3 + 315/128 e^4 + ... needs no more than these terms: the next is below 2^-63. */
SIMD_TARGET static inline vf64 SIMD(inverse_cube)(vf64 r2)
{
#if LANES == 8
	vf64 y = (vf64)_mm512_rsqrt14_pd((__m512d)r2), yy = y * y, e = 1 - r2 * yy, yyy = y * yy;
	return yyy + yyy * e * (1.5 + e * (1.875 + e * (2.1875 + e * 2.4609375)));
#elif LANES == 4
	return 1 / (r2 * (vf64)_mm256_sqrt_pd((__m256d)r2));
#else
	vf64 root = r2;
	for (int lane = 0; lane < LANES; lane++)
		root[lane] = sqrt(r2[lane]);
	return 1 / (r2 * root);
#endif
}

/* The pull of all bodies on `many` bodies from i on. `many` is a constant wherever this is inlined, so the arrays here
 * are registers. The last vector may reach beyond the last body: there the masses are 0. */
SIMD_TARGET static inline __attribute__((always_inline)) void SIMD(pull)(const struct bodies *b, size_t i, const int many)
{
	vf64 ax[TOGETHER] = {0}, ay[TOGETHER] = {0}, az[TOGETHER] = {0};
	for (size_t j = 0; j < b->n; j += LANES) {
		vf64 xj = *(const vf64 *)(b->x + j), yj = *(const vf64 *)(b->y + j), zj = *(const vf64 *)(b->z + j);
		vf64 mj = *(const vf64 *)(b->m + j);
#pragma GCC unroll 8
		for (int k = 0; k < many; k++) {
			vf64 dx = xj - b->x[i + k], dy = yj - b->y[i + k], dz = zj - b->z[i + k];
			vf64 pull = mj * SIMD(inverse_cube)(dx * dx + (dy * dy + (dz * dz + SOFT * SOFT)));
			ax[k] += pull * dx;
			ay[k] += pull * dy;
			az[k] += pull * dz;
		}
	}
#pragma GCC unroll 8
	for (int k = 0; k < many; k++) {
		double sum[3] = {0};
		for (int lane = 0; lane < LANES; lane++) {
			sum[0] += ax[k][lane];
			sum[1] += ay[k][lane];
			sum[2] += az[k][lane];
		}
		b->ax[i + k] = sum[0];
		b->ay[i + k] = sum[1];
		b->az[i + k] = sum[2];
	}
}

SIMD_TARGET static void SIMD(pulls)(const struct bodies *b, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++)
		SIMD(pull)(b, i, 1);
}
//< simd

//> blocked
SIMD_TARGET static void SIMD(pulls_blocked)(const struct bodies *b, size_t first, size_t last)
{
	size_t i = first;
	for (; last - i >= TOGETHER; i += TOGETHER)
		SIMD(pull)(b, i, TOGETHER);
	for (; i < last; i++)
		SIMD(pull)(b, i, 1);
}
//< blocked

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

#define SOFT 0.1 /* length of the softening; the bodies fill a cube of side 1, their masses sum up to about 1 */
#define DT 0x1p-10

/* All bodies, an array for each number; room for whole vectors, at whole cache lines. */
struct bodies {
	size_t n, room;
	double *m, *x, *y, *z, *vx, *vy, *vz, *ax, *ay, *az;
};

#define SIMD_SOURCE "kernels/nbody.c"
#include "kernels/simd.h"

typedef void pulls_function(const struct bodies *b, size_t first, size_t last);
static pulls_function *const pulls_simd[] = SIMD_TABLE(pulls), *const pulls_blocked[] = SIMD_TABLE(pulls_blocked);

/* One body, as one writes it down at first. */
struct body {
	double x[3], v[3], a[3], m;
};

struct share {
	struct job *job;
	int worker;
	pulls_function *pulls;
	pthread_t thread;
};

/* What stays as it is while bodies pull each other: sums over all bodies. */
struct sums {
	double mass, momentum[3], moment[3], centre[3], energy;
};

struct data {
	struct bodies start, now; /* now is the result */
	struct body *body;        /* for the rung "serial" */
	size_t steps;
	struct sums at_start;
	struct share share[KERNEL_WORKERS_MAX];
};

//> serial
static void pulls_serial(struct body *body, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double a[3] = {0};
		for (size_t j = 0; j < n; j++) {
			double d[3], r2 = SOFT * SOFT;
			for (int k = 0; k < 3; k++) {
				d[k] = body[j].x[k] - body[i].x[k];
				r2 += d[k] * d[k];
			}
			double pull = body[j].m / (r2 * sqrt(r2));
			for (int k = 0; k < 3; k++)
				a[k] += pull * d[k];
		}
		for (int k = 0; k < 3; k++)
			body[i].a[k] = a[k];
	}
}

static int run_serial(struct job *job)
{
	struct data *d = job->data;
	const struct bodies *from = &d->start, *to = &d->now;
	size_t n = from->n;
	struct body *body = d->body;

	for (size_t i = 0; i < n; i++)
		body[i] = (struct body){{from->x[i], from->y[i], from->z[i]}, {from->vx[i], from->vy[i], from->vz[i]}, {0}, from->m[i]};
	for (size_t step = 0; step < d->steps; step++) {
		for (size_t i = 0; i < n; i++)
			for (int k = 0; k < 3; k++)
				body[i].x[k] += body[i].v[k] * DT;
		parallel_begin(job, 1);
		worker_begin(job, 0);
		pulls_serial(body, n);
		worker_end(job, 0);
		parallel_end(job);
		for (size_t i = 0; i < n; i++)
			for (int k = 0; k < 3; k++)
				body[i].v[k] += body[i].a[k] * DT;
	}
	for (size_t i = 0; i < n; i++) {
		to->x[i] = body[i].x[0], to->y[i] = body[i].x[1], to->z[i] = body[i].x[2];
		to->vx[i] = body[i].v[0], to->vy[i] = body[i].v[1], to->vz[i] = body[i].v[2];
		to->ax[i] = body[i].a[0], to->ay[i] = body[i].a[1], to->az[i] = body[i].a[2];
	}
	return 0;
}
//< serial

/* What takes little time (n, not n^2): everybody moves, everybody changes speed, and the copy with which a run begins. */
static void move(const struct bodies *b)
{
	for (size_t i = 0; i < b->n; i++) {
		b->x[i] += b->vx[i] * DT;
		b->y[i] += b->vy[i] * DT;
		b->z[i] += b->vz[i] * DT;
	}
}

static void speed_up(const struct bodies *b)
{
	for (size_t i = 0; i < b->n; i++) {
		b->vx[i] += b->ax[i] * DT;
		b->vy[i] += b->ay[i] * DT;
		b->vz[i] += b->az[i] * DT;
	}
}

static void copy(const struct bodies *to, const struct bodies *from)
{
	memcpy(to->m, from->m, 10 * from->room * sizeof *to->m); /* the ten arrays stand one after the other */
}

static int run_alone(struct job *job, pulls_function *pulls)
{
	struct data *d = job->data;
	copy(&d->now, &d->start);
	for (size_t step = 0; step < d->steps; step++) {
		move(&d->now);
		parallel_begin(job, 1);
		worker_begin(job, 0);
		pulls(&d->now, 0, d->now.n);
		worker_end(job, 0);
		parallel_end(job);
		speed_up(&d->now);
	}
	return 0;
}

static int run_simd(struct job *job) { return run_alone(job, pulls_simd[simd_level()]); }
static int run_blocked(struct job *job) { return run_alone(job, pulls_blocked[simd_level()]); }

//> threads
static void *thread_main(void *arg)
{
	struct share *me = arg;
	const struct data *d = me->job->data;
	struct slice mine = slice_of(d->now.n, me->worker, me->job->workers);
	worker_begin(me->job, me->worker);
	me->pulls(&d->now, mine.first, mine.last);
	worker_end(me->job, me->worker);
	return NULL;
}

/* Threads for each step: joining them is what makes everybody wait until all pulls are known. */
static int run_threads(struct job *job)
{
	struct data *d = job->data;
	pulls_function *pulls = pulls_blocked[simd_level()];
	int error = 0;

	copy(&d->now, &d->start);
	for (size_t step = 0; step < d->steps && !error; step++) {
		int started;
		move(&d->now);
		parallel_begin(job, job->workers);
		for (started = 0; started < job->workers; started++) {
			struct share *s = &d->share[started];
			*s = (struct share){.job = job, .worker = started, .pulls = pulls};
			error = pthread_create(&s->thread, NULL, thread_main, s);
			if (error)
				break;
		}
		for (int w = 0; w < started; w++)
			pthread_join(d->share[w].thread, NULL);
		parallel_end(job);
		speed_up(&d->now);
	}
	errno = error;
	return error ? -1 : 0;
}
//< threads

//> openmp
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	pulls_function *pulls = pulls_blocked[simd_level()];
	copy(&d->now, &d->start);
	for (size_t step = 0; step < d->steps; step++) {
		move(&d->now);
		parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
		{
			int w = omp_get_thread_num();
			struct slice mine = slice_of(d->now.n, w, omp_get_num_threads());
			worker_begin(job, w);
			pulls(&d->now, mine.first, mine.last);
			worker_end(job, w);
		}
		parallel_end(job);
		speed_up(&d->now);
	}
	return 0;
}
//< openmp

static bool bodies_alloc(struct bodies *b, size_t n)
{
	b->n = n;
	b->room = (n + 7) / 8 * 8;
	b->m = simd_alloc(10 * b->room, sizeof *b->m);
	if (!b->m)
		return false;
	double **const array[] = {&b->x, &b->y, &b->z, &b->vx, &b->vy, &b->vz, &b->ax, &b->ay, &b->az};
	memset(b->m, 0, 10 * b->room * sizeof *b->m);
	for (size_t k = 0; k < 9; k++)
		*array[k] = b->m + (k + 1) * b->room;
	return true;
}

#include "kernels/nbody_check.h"

static void reset(struct job *job)
{
	const struct bodies *b = &((struct data *)job->data)->now;
	for (size_t i = 0; i < 9 * b->room; i++)
		b->x[i] = NAN;
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	size_t n = job_size(job);
	d->steps = (size_t)job->arg[1];
	d->body = simd_alloc(n, sizeof *d->body);
	if (!d->body || !bodies_alloc(&d->start, n) || !bodies_alloc(&d->now, n))
		return -1;
	const struct bodies *b = &d->start;
	for (size_t i = 0; i < n; i++) {
		double *const number[] = {&b->x[i], &b->y[i], &b->z[i], &b->vx[i], &b->vy[i], &b->vz[i]};
		for (size_t k = 0; k < 6; k++)
			*number[k] = rng_unit(job->seed, 7 * i + k) - 0.5;
		b->m[i] = d->now.m[i] = (0.5 + rng_unit(job->seed, 7 * i + 6)) / (double)n;
	}
	d->at_start = sums_of(b);
	reset(job);
	return 0;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		free(d->body);
		free(d->start.m);
		free(d->now.m);
	}
	free(d);
	job->data = NULL;
}

static double flops(const struct job *job) { return 20 * job->arg[0] * job->arg[0] * job->arg[1]; }
static double bytes(const struct job *job) { return 88 * job->arg[0] * job->arg[1]; }

/* Beside a peer: squares of the velocities, each with a weight of its place's. */
static double figure(const struct job *job)
{
	const struct bodies *b = &((const struct data *)job->data)->now;
	double sum = 0;
	for (size_t i = 0; i < b->n; i++)
		sum += (double)(i % 64 + 1) * (b->vx[i] * b->vx[i] + b->vy[i] * b->vy[i] + b->vz[i] * b->vz[i]);
	return sum;
}

static const struct variant variants[] = {
	{.name = "serial", .about = "pair after pair, root and division", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "simd", .about = "an array per coordinate, vectors", .kind = KIND_SERIAL, .run = run_simd},
	{.name = "blocked", .about = "several bodies at a time in registers", .kind = KIND_SERIAL, .run = run_blocked},
	{.name = "threads", .about = "slices of the bodies, a POSIX thread each", .kind = KIND_THREADS, .run = run_threads},
	{.name = "openmp", .about = "slices of the bodies by a pragma", .kind = KIND_OPENMP, .run = run_openmp},
	{0},
};

const struct kernel kernel_nbody = {
	.name = "nbody",
	.title = "N bodies, all pairs",
	.source = __FILE__,
	.params = {{"size", "bodies", "how many bodies", 0, 1e6, 4096, false},
		   {"steps", "steps", "steps in time", 1, 1e6, 1, false}},
	.flops = flops,
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
	.peer_arg = {8192, 1},
	.figure = figure,
	.figure_tolerance = 1e-11,
};
KERNEL_REGISTER(kernel_nbody);

#endif
