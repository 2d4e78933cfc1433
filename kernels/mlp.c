/* A training step of a small network: 64 inputs, one hidden layer, 10 outputs, as for digits of 8 x 8 pixels.
 *
 *     forward   h = max(0, x W + b), z = h V + c, p = softmax(z), loss = mean of -log p[label]
 *     backward  dz = (p - y) / batch, dV = h' dz, dh = dz V' where h > 0, dW = x' dh (a prime: the matrix on its side)
 *     update    every weight goes down its slope: w -= rate dw
 *
 * size      samples of the batch; hidden units; steps
 * flops     batch hidden (4 x 64 + 6 x 10) per step: each of the products of matrices once, 2 for each multiply-add
 * bytes     520 per sample and step: the inputs and the label; weights and what lies between stay in the caches
 * ladder    serial     sample after sample, loops along rows
 *           simd       blocks of 64 samples; the products by tiles of C that stay in registers (as in kernel matmul), and
 *                      max(0, h), its slope and what is added at first happen there too. Backwards the hidden layer goes in
 *                      strips that stay in the first-level cache from one product to the next. Softmax in vectors of samples
 *           threads    blocks of the batch to whichever POSIX thread is free, each with slopes of its own; then slices of the
 *                      weights, for which the slopes are added up
 *           openmp     the same by pragmas
 * roof      the product with 10 columns uses 16 places; ends of tiles and softmax take about 4 %: 0.93 of the peak is the
 *           most. Two virtual cores of an Emerald Rapids Xeon reached 0.82 to 0.86 with one worker, as tiles only 64 deep
 *           begin and end often; with two about 0.75, as waking a thread and eight barriers count in a run of 4 ms (0.86
 *           with ten times the samples)
 * check     forward and backward once more for the last step, by other loops: the loss to 1e-11, and the weights of 24 hidden
 *           units drawn by the seed (all for up to 20000 samples times units) with all that belongs to the outputs in
 *           long double, to 1e-12 of a weight's size. The first loss to 1e-11, and the loss never grows. Workers
 *           change the order of additions, so weights agree within that tolerance, not to the bit.
 * source    D. Rumelhart, G. Hinton, R. Williams 1986 */
#ifdef SIMD_PASS

#include "kernels/mlp_product.h"

//> simd
/* The gradient of softmax, for at most BLOCK samples: z[i][o] becomes side[o][i] = (p - y) / batch. A vector holds one output of
 * LANES samples, so nothing is added up across its lanes. Returns the sum of their losses. */
SIMD_TARGET static double SIMD(softmax)(const struct net *net, const uint8_t *label, size_t rows, const struct room *me)
{
	double loss = 0, *side = me->side;
	vf64 losses = {0}, product = (vf64){0} + 1;
	for (size_t i = 0; i < rows; i++)
		loss -= me->z[i * PLACES + label[i]];
	for (size_t o = 0; o < OUTPUTS; o++)
		for (size_t i = 0; i < BLOCK; i++) /* for samples that are not there: what the block before left, or zeros */
			side[o * BLOCK + i] = me->z[i * PLACES + o];
	for (size_t i = 0; i < rows; i += LANES) {
		vf64 most = *(const vf64 *)(side + i), sum = {0}, there;
		for (int lane = 0; lane < LANES; lane++)
			there[lane] = i + (size_t)lane < rows;
		for (size_t o = 1; o < OUTPUTS; o++) {
			vf64 z = *(const vf64 *)(side + o * BLOCK + i);
			vi64 more = z > most;
			most = (vf64)(((vi64)z & more) | ((vi64)most & ~more));
		}
		for (size_t o = 0; o < OUTPUTS; o++) {
			vf64 *z = (vf64 *)(side + o * BLOCK + i);
			*z = SIMD(exponential)(*z - most);
			sum += *z;
		}
		vf64 scale = there * net->share / sum;
		for (size_t o = 0; o < OUTPUTS; o++)
			*(vf64 *)(side + o * BLOCK + i) *= scale;
		losses += there * most;
		product *= there * (sum - 1) + 1; /* the sum of logarithms is that of the product, below 10^BLOCK */
	}
	for (size_t i = 0; i < rows; i++)
		side[label[i] * BLOCK + i] -= net->share;
	for (size_t o = 0; o < OUTPUTS; o++) {
		vf64 sum = {0};
		for (size_t i = 0; i < rows; i += LANES)
			sum += *(const vf64 *)(side + o * BLOCK + i);
		for (int lane = 0; lane < LANES; lane++)
			me->slope.c[o] += sum[lane];
	}
	for (int lane = 0; lane < LANES; lane++)
		loss += losses[lane] + log(product[lane]);
	return loss;
}

/* Forward and backward for at most BLOCK samples: adds their slopes to me->slope, returns the sum of their losses. The slopes of
 * the hidden layer are made strip by strip: each is used while it is in the first-level cache. */
SIMD_TARGET static double SIMD(block)(const struct net *net, const struct weights *w, const double *x, const uint8_t *label,
				      size_t rows, const struct room *me)
{
	size_t wide = net->wide, strip;
	for (size_t j = 0; j < net->columns; j += strip) {
		strip = SIMD(wide)(net->columns - j);
		SIMD(product)(strip, POSITIVE, (struct product){.rows = rows, .depth = INPUTS, .a = x, .across = INPUTS, .along = 1,
				.b = w->w + j, .b_stride = wide, .from = w->b + j, .c = me->h + j, .c_stride = wide});
	}
	for (size_t j = 0; j < PLACES; j += strip) {
		strip = SIMD(wide)(PLACES - j);
		SIMD(plain)(strip, (struct product){.rows = rows, .depth = net->columns, .a = me->h, .across = wide, .along = 1,
				.b = me->v_side + j, .b_stride = PLACES, .from = w->c + j, .c = me->z + j, .c_stride = PLACES});
	}
	double loss = SIMD(softmax)(net, label, rows, me);
	for (size_t j = 0; j < net->columns; j += strip) {
		strip = SIMD(wide)(net->columns - j);
		double *dh = me->dh, *dw = me->slope.w + j, *db = me->slope.b + j, *dv = me->slope.v + j;
		SIMD(product)(strip, WHERE, (struct product){.rows = rows, .depth = OUTPUTS, .a = me->side, .across = 1, .along = BLOCK,
				.b = w->v + j, .b_stride = wide, .from = me->zeros, .c = dh, .c_stride = strip,
				.where = me->h + j, .where_stride = wide});
		SIMD(plain)(strip, (struct product){.rows = INPUTS, .depth = rows, .a = x, .across = 1, .along = INPUTS, .b = dh,
				.b_stride = strip, .from = dw, .from_stride = wide, .c = dw, .c_stride = wide});
		SIMD(plain)(strip, (struct product){.rows = OUTPUTS, .depth = rows, .a = me->side, .across = BLOCK, .along = 1,
				.b = me->h + j, .b_stride = wide, .from = dv, .from_stride = wide, .c = dv, .c_stride = wide});
		SIMD(plain)(strip, (struct product){.rows = 1, .depth = rows, .a = me->ones, .b = dh, .b_stride = strip, .from = db, .c = db});
	}
	return loss;
}
//< simd

#else

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"

enum { INPUTS = 64, OUTPUTS = 10, PLACES = 16, BLOCK = 64, STRIP = 24 }; /* outputs are stored in whole cache lines */
#define RATE 0.1

/* Weights, or their slopes: parts of one array. Rows are `wide` numbers apart: an odd number of cache lines, so that a strip of
 * columns does not crowd a few places of the first-level cache. Beyond `hidden` there are zeros. */
struct weights {
	double *w, *b, *v, *c; /* w[INPUTS][wide], b[wide], v[OUTPUTS][wide] (V on its side), c[PLACES] */
};

struct net {
	size_t hidden, columns, wide, count; /* columns: the hidden units in whole cache lines. count: numbers in a struct weights */
	double share;               /* of one sample in the mean: 1 / batch */
};

/* What a worker has for itself. */
struct room {
	struct weights slope;
	double *v_side, *h, *dh, *z, *side; /* v_side: V as one writes it, [wide][PLACES] */
	double *zeros, *ones;               /* a row to begin with, and a number for all rows */
};

/* What a strip of a product is made of (C = from + A B, see `tile`). A stride of 0: the same row for all. */
struct product {
	size_t rows, depth;
	const double *a, *b, *from;
	double *c;
	size_t across, along, b_stride, from_stride, c_stride;
	const double *where; /* for the ending WHERE */
	size_t where_stride;
};

/* What becomes of C: it stays, it becomes 0 where it is not positive, or where something else is not. */
enum ending { PLAIN, POSITIVE, WHERE };

#define SIMD_SOURCE "kernels/mlp.c"
#include "kernels/simd.h"

typedef double block_function(const struct net *net, const struct weights *w, const double *x, const uint8_t *label, size_t rows,
			      const struct room *me);
static block_function *const block_simd[] = SIMD_TABLE(block);

struct share {
	struct job *job;
	int worker;
	struct room room;
	double loss;
	pthread_t thread;
};

struct data {
	size_t batch, steps;
	struct net net;
	double *x;
	uint8_t *label;
	struct weights start, before, now; /* before the last step, and the result after it */
	double *loss;                      /* the result: before each step */
	double first_loss;                 /* what it must be at first */
	block_function *block;
	pthread_mutex_t gate;
	pthread_barrier_t barrier;
	atomic_size_t next; /* block that nobody has taken yet */
	bool go;
	struct share share[KERNEL_WORKERS_MAX];
};

static struct weights weights_at(const struct net *net, double *all)
{
	return (struct weights){all, all + INPUTS * net->wide, all + (INPUTS + 1) * net->wide, all + (INPUTS + 1 + OUTPUTS) * net->wide};
}

//> serial
static double block_serial(const struct net *net, const struct weights *w, const double *x, const uint8_t *label, size_t rows,
			   const struct room *me)
{
	size_t wide = net->wide, hidden = net->hidden;
	double loss = 0;
	for (size_t i = 0; i < rows; i++, x += INPUTS) {
		double *h = me->h, *dh = me->dh, p[OUTPUTS], sum = 0, most = -INFINITY;
		memcpy(h, w->b, hidden * sizeof *h);
		for (size_t k = 0; k < INPUTS; k++)
			for (size_t j = 0; j < hidden; j++)
				h[j] += x[k] * w->w[k * wide + j];
		for (size_t j = 0; j < hidden; j++)
			h[j] = h[j] > 0 ? h[j] : 0;
		for (size_t o = 0; o < OUTPUTS; o++) {
			p[o] = w->c[o];
			for (size_t j = 0; j < hidden; j++)
				p[o] += h[j] * w->v[o * wide + j];
			most = p[o] > most ? p[o] : most;
		}
		double right = p[label[i]];
		for (size_t o = 0; o < OUTPUTS; o++)
			sum += p[o] = exp(p[o] - most);
		loss += log(sum) - (right - most);
		for (size_t j = 0; j < hidden; j++)
			dh[j] = 0;
		for (size_t o = 0; o < OUTPUTS; o++) {
			double dz = (p[o] / sum - (o == label[i])) * net->share;
			for (size_t j = 0; j < hidden; j++) {
				me->slope.v[o * wide + j] += dz * h[j];
				dh[j] += dz * w->v[o * wide + j];
			}
			me->slope.c[o] += dz;
		}
		for (size_t j = 0; j < hidden; j++) {
			dh[j] = h[j] > 0 ? dh[j] : 0;
			me->slope.b[j] += dh[j];
		}
		for (size_t k = 0; k < INPUTS; k++)
			for (size_t j = 0; j < hidden; j++)
				me->slope.w[k * wide + j] += x[k] * dh[j];
	}
	return loss;
}
//< serial

/* Room for each worker, and the weights of the start. */
static bool begin(struct job *job, block_function *block)
{
	struct data *d = job->data;
	const struct net *net = &d->net;
	enum { SCRATCH = BLOCK * STRIP + 2 * BLOCK * PLACES + STRIP + 8 };
	size_t numbers = net->count + (PLACES + BLOCK) * net->wide + SCRATCH;
	double *all = simd_alloc((size_t)job->workers * numbers, sizeof *all);
	if (!all)
		return false;
	for (int w = 0; w < job->workers; w++) {
		double *mine = all + (size_t)w * numbers, *h = mine + net->count + PLACES * net->wide, *dh = h + BLOCK * net->wide;
		double *z = dh + BLOCK * STRIP, *side = z + BLOCK * PLACES, *zeros = side + BLOCK * PLACES;
		memset(z, 0, (SCRATCH - BLOCK * STRIP) * sizeof *z);
		zeros[STRIP] = 1;
		struct room room = {weights_at(net, mine), mine + net->count, h, dh, z, side, zeros, zeros + STRIP};
		d->share[w] = (struct share){.job = job, .worker = w, .room = room};
	}
	memcpy(d->now.w, d->start.w, net->count * sizeof *d->now.w);
	d->block = block;
	d->next = 0;
	return true;
}

//> threads
/* First half of a step: blocks of the batch to whoever is free, slopes for itself. */
static void learn(struct share *me)
{
	struct data *d = me->job->data;
	const struct room *room = &me->room;
	worker_begin(me->job, me->worker);
	memset(room->slope.w, 0, d->net.count * sizeof *room->slope.w);
	for (size_t j = 0; j < d->net.wide; j++)
		for (size_t o = 0; o < PLACES; o++)
			room->v_side[j * PLACES + o] = o < OUTPUTS ? d->now.v[o * d->net.wide + j] : 0;
	me->loss = 0;
	for (size_t i; (i = BLOCK * atomic_fetch_add(&d->next, 1)) < d->batch;)
		me->loss += d->block(&d->net, &d->now, d->x + i * INPUTS, d->label + i, d->batch - i < BLOCK ? d->batch - i : BLOCK, room);
	worker_end(me->job, me->worker);
}

/* Second half, when all slopes are there: a worker's slice of the weights goes down the sum of everybody's. */
static void descend(struct share *me, size_t step)
{
	struct data *d = me->job->data;
	struct slice mine = slice_of(d->net.count / 8, me->worker, me->job->workers); /* whole cache lines */
	worker_begin(me->job, me->worker);
	if (step + 1 == d->steps)
		memcpy(d->before.w + 8 * mine.first, d->now.w + 8 * mine.first, 8 * (mine.last - mine.first) * sizeof(double));
	for (int w = 0; w < me->job->workers; w++) {
		const double *restrict slope = d->share[w].room.slope.w;
		double *restrict weight = d->now.w;
		for (size_t i = 8 * mine.first; i < 8 * mine.last; i++)
			weight[i] -= RATE * slope[i];
	}
	if (me->worker == 0) {
		double loss = 0;
		d->next = 0;
		for (int w = 0; w < me->job->workers; w++)
			loss += d->share[w].loss;
		d->loss[step] = loss * d->net.share;
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
	for (size_t step = 0; step < d->steps && go; step++) {
		learn(me);
		pthread_barrier_wait(&d->barrier);
		descend(me, step);
		pthread_barrier_wait(&d->barrier);
	}
	return NULL;
}

static int run_threads(struct job *job)
{
	struct data *d = job->data;
	int started, error;

	if (!begin(job, block_simd[simd_level()]))
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
	free(d->share[0].room.slope.w);
	errno = error;
	return error ? -1 : 0;
}
//< threads

static int run_alone(struct job *job, block_function *block)
{
	struct data *d = job->data;
	if (!begin(job, block))
		return -1;
	parallel_begin(job, 1);
	for (size_t step = 0; step < d->steps; step++) {
		learn(&d->share[0]);
		descend(&d->share[0], step);
	}
	parallel_end(job);
	free(d->share[0].room.slope.w);
	return 0;
}

static int run_serial(struct job *job) { return run_alone(job, block_serial); }
static int run_simd(struct job *job) { return run_alone(job, block_simd[simd_level()]); }

//> openmp
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	if (!begin(job, block_simd[simd_level()]))
		return -1;
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	for (size_t step = 0; step < d->steps; step++) {
		struct share *me = &d->share[omp_get_thread_num()];
		learn(me);
#pragma omp barrier
		descend(me, step);
#pragma omp barrier
	}
	parallel_end(job);
	free(d->share[0].room.slope.w);
	return 0;
}
//< openmp

#include "kernels/mlp_check.h"

static void reset(struct job *job)
{
	struct data *d = job->data;
	for (size_t i = 0; i < d->net.count; i++)
		d->before.w[i] = d->now.w[i] = NAN;
	for (size_t i = 0; i < d->steps; i++)
		d->loss[i] = NAN;
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	struct net *net = &d->net;
	d->batch = job_size(job);
	d->steps = (size_t)job->arg[2];
	net->hidden = (size_t)job->arg[1];
	net->columns = (net->hidden + 7) / 8 * 8;
	net->wide = (net->columns / 8 | 1) * 8;
	net->count = (INPUTS + 1 + OUTPUTS) * net->wide + PLACES;
	net->share = d->batch ? 1 / (double)d->batch : 0;
	d->x = simd_alloc(d->batch * INPUTS, sizeof *d->x);
	d->label = simd_alloc(d->batch, sizeof *d->label);
	d->loss = simd_alloc(d->steps, sizeof *d->loss);
	struct weights *const three[] = {&d->start, &d->before, &d->now};
	for (int i = 0; i < 3; i++) {
		double *all = simd_alloc(net->count, sizeof *all);
		if (!all)
			return -1;
		*three[i] = weights_at(net, all);
	}
	if (!d->x || !d->label || !d->loss)
		return -1;
	memset(d->start.w, 0, net->count * sizeof *d->start.w);
	for (size_t j = 0; j < net->hidden; j++) {
		for (size_t k = 0; k <= INPUTS; k++) /* and b */
			d->start.w[k * net->wide + j] = (rng_unit(job->seed ^ 0x3E, j * 65 + k) - 0.5) / 4;
		for (size_t o = 0; o < OUTPUTS; o++)
			d->start.v[o * net->wide + j] = (rng_unit(job->seed ^ 0x7A, j * OUTPUTS + o) - 0.5) / sqrt((double)net->hidden);
	}
	for (size_t i = 0; i < d->batch; i++) { /* the label: which of ten random directions a sample points along most */
		double best = -INFINITY;
		for (size_t k = 0; k < INPUTS; k++)
			d->x[i * INPUTS + k] = rng_unit(job->seed, i * INPUTS + k) - 0.5;
		for (size_t o = 0; o < OUTPUTS; o++) {
			double along = 0;
			for (size_t k = 0; k < INPUTS; k++)
				along += d->x[i * INPUTS + k] * (rng_unit(job->seed ^ 0xD1, o * INPUTS + k) - 0.5);
			if (along > best) {
				best = along;
				d->label[i] = (uint8_t)o;
			}
		}
	}
	long double dz[OUTPUTS], loss = 0;
	for (size_t i = 0; i < d->batch; i++)
		loss += forward(d, &d->start, i, d->now.w, dz); /* the place of a row of weights serves as room */
	d->first_loss = d->batch ? (double)(loss / (long double)d->batch) : 0;
	reset(job);
	return 0;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		double *const array[] = {d->x, d->loss, d->start.w, d->before.w, d->now.w};
		for (size_t i = 0; i < sizeof array / sizeof *array; i++)
			free(array[i]);
		free(d->label);
	}
	free(d);
	job->data = NULL;
}

static double flops(const struct job *job)
{
	return job->arg[0] * job->arg[1] * (4 * INPUTS + 6 * OUTPUTS) * job->arg[2];
}

static double bytes(const struct job *job) { return (8 * INPUTS + 8) * job->arg[0] * job->arg[2]; }

static const struct variant variants[] = {
	{.name = "serial", .about = "sample after sample, along rows", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "simd", .about = "blocks of samples, products in register tiles", .kind = KIND_SERIAL, .run = run_simd},
	{.name = "threads", .about = "blocks to whoever is free, slopes of one's own", .kind = KIND_THREADS, .run = run_threads},
	{.name = "openmp", .about = "the same by pragmas", .kind = KIND_OPENMP, .run = run_openmp},
	{0},
};

const struct kernel kernel_mlp = {
	.name = "mlp",
	.title = "Training step of a small network",
	.source = __FILE__,
	.params = {{"size", "samples", "samples of the batch", 0, 1e6, 2048, false},
		   {"hidden", "units", "units of the hidden layer", 1, 4096, 192, false},
		   {"steps", "steps", "training steps", 1, 10000, 4, false}},
	.flops = flops,
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
};
KERNEL_REGISTER(kernel_mlp);

#endif
