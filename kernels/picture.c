/* A picture of a Julia set, from numbers to a grey image with a checksum: a program that is almost all shareable.
 * Rendering (each pixel by itself) is shared; three short passes are not: counting how often each brightness occurs,
 * spreading the brightnesses evenly (histogram equalisation), and the checksum, in which each byte waits for the one
 * before.
 *
 * size      side of the image in pixels
 * flops     none: the arithmetic is fixed point in integers, so that every machine draws the same picture
 * bytes     not defined: the work per pixel depends on the pixel
 * ladder    serial    all by one worker
 *           threads   rows are dealt like cards (row w, w + p, w + 2p, …), as neighbouring rows cost alike
 * check     exact. z -> z² + c does not see the sign of z, so the rendered picture must look the same turned by half a
 *           turn: all pixels are compared with their opposites. Sampled rows are computed again by division instead of
 *           shifts. The equalised picture is derived again from the sorted brightnesses, the checksum from its closed form.
 * source    Adler-32: RFC 1950. Equalisation: any text on image processing. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"

enum { LIMIT = 255, SHIFT = 28, GREYS = 256, ADLER = 65521 };
static const int64_t ONE = INT64_C(1) << SHIFT;

struct picture {
	size_t side;
	int64_t cx, cy;   /* the constant of the set */
	uint8_t *steps;   /* rendered: steps until |z| > 2 */
	uint8_t *grey;    /* equalised */
	uint32_t checksum;
	bool done;
};

/* Coordinate of a pixel's middle, from -1.3 to 1.3; opposite pixels get opposite numbers. */
static int64_t place(size_t i, size_t side)
{
	return (2 * (int64_t)i + 1 - (int64_t)side) * (ONE * 13 / 10) / (int64_t)side;
}

//> row
static void render_row(struct picture *p, size_t row)
{
	for (size_t column = 0; column < p->side; column++) {
		int64_t x = place(column, p->side), y = place(row, p->side), xx = x * x >> SHIFT, yy = y * y >> SHIFT;
		int steps = 0;
		for (; steps < LIMIT && xx + yy <= 4 * ONE; steps++) {
			y = (x * y >> (SHIFT - 1)) + p->cy;
			x = xx - yy + p->cx;
			xx = x * x >> SHIFT;
			yy = y * y >> SHIFT;
		}
		p->steps[row * p->side + column] = (uint8_t)steps;
	}
}
//< row

//> finish
/* What one worker does alone, when the last pixel is there. */
static void finish(struct picture *p)
{
	size_t n = p->side * p->side, count[GREYS] = {0}, below = 0;
	uint8_t grey_of[GREYS];

	for (size_t i = 0; i < n; i++)
		count[p->steps[i]]++;
	for (int s = 0; s < GREYS; s++) {
		grey_of[s] = (uint8_t)(n ? below * (GREYS - 1) / n : 0); /* the share of darker pixels */
		below += count[s];
	}
	for (size_t i = 0; i < n; i++)
		p->grey[i] = grey_of[p->steps[i]];

	uint32_t a = 1, b = 0;
	for (size_t i = 0; i < n; i++) { /* each step needs the one before */
		a += p->grey[i];
		a -= a >= ADLER ? ADLER : 0;
		b += a;
		b -= b >= ADLER ? ADLER : 0;
	}
	p->checksum = b << 16 | a;
	p->done = true;
}
//< finish

//> serial
static int run_serial(struct job *job)
{
	struct picture *p = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t row = 0; row < p->side; row++)
		render_row(p, row);
	worker_end(job, 0);
	parallel_end(job);
	finish(p);
	return 0;
}
//< serial

//> threads
struct share {
	struct job *job;
	int worker;
};

static void *thread_main(void *arg)
{
	struct share *me = arg;
	struct picture *p = me->job->data;
	worker_begin(me->job, me->worker);
	for (size_t row = (size_t)me->worker; row < p->side; row += (size_t)me->job->workers)
		render_row(p, row);
	worker_end(me->job, me->worker);
	return NULL;
}

static int run_threads(struct job *job)
{
	pthread_t thread[KERNEL_WORKERS_MAX];
	struct share share[KERNEL_WORKERS_MAX];
	int started = 0, error = 0;

	parallel_begin(job, job->workers);
	for (; started < job->workers && !error; started += !error) {
		share[started] = (struct share){job, started};
		error = pthread_create(&thread[started], NULL, thread_main, &share[started]);
	}
	for (int w = 0; w < started; w++)
		pthread_join(thread[w], NULL);
	parallel_end(job);
	if (error) {
		errno = error;
		return -1;
	}
	finish(job->data); /* serial: all others wait */
	return 0;
}
//< threads

static void release(struct job *job)
{
	struct picture *p = job->data;
	if (p) {
		free(p->steps);
		free(p->grey);
	}
	free(p);
	job->data = NULL;
}

static void reset(struct job *job)
{
	struct picture *p = job->data;
	memset(p->steps, 0xee, p->side * p->side);
	memset(p->grey, 0xee, p->side * p->side);
	p->done = false;
}

static int prepare(struct job *job)
{
	struct picture *p = calloc(1, sizeof *p);
	job->data = p;
	if (!p)
		return -1;
	p->side = job_size(job);
	p->steps = malloc(p->side * p->side + 1);
	p->grey = malloc(p->side * p->side + 1);
	if (!p->steps || !p->grey)
		return -1;
	/* near -0.123 + 0.745i: a set with an inside, whose points never escape, and three-fold branches */
	p->cx = (int64_t)((-0.125 + 0.004 * rng_unit(job->seed, 0)) * (double)ONE);
	p->cy = (int64_t)((0.743 + 0.004 * rng_unit(job->seed, 1)) * (double)ONE);
	reset(job);
	return 0;
}

/* The steps of one pixel, by division instead of shifts. */
static int steps_again(const struct picture *p, size_t row, size_t column)
{
	int64_t x = place(column, p->side), y = place(row, p->side);
	int steps = 0;
	while (steps < LIMIT && x * x / ONE + y * y / ONE <= 4 * ONE) {
		int64_t twice = 2 * x * y, x_next = x * x / ONE - y * y / ONE + p->cx;
		y = twice / ONE - (twice % ONE < 0) + p->cy;
		x = x_next;
		steps++;
	}
	return steps;
}

static int by_value(const void *a, const void *b) { return *(const uint8_t *)a - *(const uint8_t *)b; }

/* Pixels of the first n whose grey is not what the sorted list of all steps says; -1 without memory. */
static long wrong_greys(const struct picture *p, size_t n)
{
	uint8_t *sorted = malloc(n + 1);
	int grey_of[GREYS];
	long wrong = 0;
	if (!sorted)
		return -1;
	memcpy(sorted, p->steps, n);
	qsort(sorted, n, 1, by_value);
	for (size_t i = n; i-- > 0;) /* the first place of a value is the number of smaller ones */
		grey_of[sorted[i]] = (int)(i * (GREYS - 1) / n);
	for (size_t i = 0; i < n; i++)
		wrong += p->grey[i] != grey_of[p->steps[i]];
	free(sorted);
	return wrong;
}

static struct outcome verify(const struct job *job)
{
	enum { SAMPLES = 16 };
	const struct picture *p = job->data;
	size_t n = p->side * p->side, lopsided = 0, differ = 0;
	for (size_t i = 0; i < n / 2; i++)
		lopsided += p->steps[i] != p->steps[n - 1 - i];
	for (size_t s = 0; s < SAMPLES && n; s++) {
		size_t row = (s * p->side / SAMPLES + rng_at(job->seed, s + 2) % (p->side / SAMPLES + 1)) % p->side;
		for (size_t column = 0; column < p->side; column++)
			differ += p->steps[row * p->side + column] != steps_again(p, row, column);
	}
	long greys = wrong_greys(p, n);
	uint64_t a = 1, b = n % ADLER;
	for (size_t i = 0; i < n; i++) {
		a += p->grey[i];
		b = (b + (uint64_t)p->grey[i] * ((n - i) % ADLER)) % ADLER;
	}
	uint32_t checksum = (uint32_t)(b << 16 | a % ADLER);
	struct outcome o = {.right = p->done && !lopsided && !differ && !greys && checksum == p->checksum,
			    .expected = checksum, .observed = p->checksum};
	snprintf(o.text, sizeof o.text, "checksum %08x, expected %08x%s; %zu pixels not symmetric, %zu sampled and %ld greys differ",
		 p->checksum, checksum, p->done ? "" : " (nothing ran)", lopsided, differ, greys);
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct picture *p = job->data;
	size_t n = p->side * p->side;
	if (!n)
		return false;
	uint8_t *victim = where & 1 ? p->steps : p->grey;
	size_t i = (where >> 1) % n;
	if (victim == p->steps && 2 * i + 1 == n) /* the middle pixel has no opposite */
		victim = p->grey;
	victim[i] ^= 1;
	return true;
}

static const struct variant variants[] = {
	{.name = "serial", .about = "rendering, then equalising and the checksum", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "threads", .about = "rows rendered by threads, the rest alone", .kind = KIND_THREADS, .run = run_threads},
	{0},
};

/* The side is given; the work is the area. */
static double area(const struct job *job) { return job->arg[0] * job->arg[0]; }

const struct kernel kernel_picture = {
	.name = "picture",
	.title = "Picture of a Julia set (mostly parallel)",
	.source = __FILE__,
	.params = {{"size", "pixels", "side of the image", 0, 16384, 512, false}},
	.work = area,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
};
KERNEL_REGISTER(kernel_picture);
