/* What the lesson `messages` sends and adds up, and how it is checked: a part of lesson.c. */
#ifndef LOCKSTEP_MESSAGES_MEANS_H
#define LOCKSTEP_MESSAGES_MEANS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "kernels/runtime/ranks.h"

enum { WINDOW = 16 };
enum { TRIPS, INTACT, ONE_WAY }; /* figures of ping-pong: messages counted, bytes as they were sent, seconds of one way */

/* ---- letters ---- */

struct letter {
	unsigned char *bytes; /* room for WINDOW of them */
	int n;
	long trips;
};

static unsigned char byte_of(uint64_t seed, size_t i) { return (unsigned char)(rng_at(seed, i / 8) >> 8 * (i % 8)); }

/* The partner's sign of life: the first eight bytes are a number, to which it adds 1. */
static inline void count_trip(struct letter *l)
{
	uint64_t count;
	l->trips++;
	if (l->n < (int)sizeof count)
		return;
	memcpy(&count, l->bytes, sizeof count);
	count++;
	memcpy(l->bytes, &count, sizeof count);
}

static void write_letter(struct letter *l, uint64_t seed)
{
	for (size_t i = 0; i < (size_t)l->n; i++)
		l->bytes[i] = i < 8 ? 0 : byte_of(seed, i);
	l->trips = 0;
}

/* Bytes that came back as they should: the number must be `trips`. */
static double intact(const struct letter *l, uint64_t seed, uint64_t trips)
{
	double right = 0;
	for (size_t i = 0; i < (size_t)l->n; i++)
		right += l->bytes[i] == (i >= 8 ? byte_of(seed, i) : l->n < 8 ? 0 : (unsigned char)(trips >> 8 * i));
	return right;
}

static int letter_make(struct letter *l, const struct job *job)
{
	l->n = (int)job->arg[1];
	l->bytes = calloc((size_t)l->n + 1, WINDOW);
	if (!l->bytes)
		return -1;
	write_letter(l, job->seed);
	return 0;
}

struct letters {
	struct letter here;
	struct ranks_answer found;
};

static int letters_prepare(struct job *job)
{
	struct letters *d = job->data = calloc(1, sizeof *d);
	return d ? letter_make(&d->here, job) : -1;
}

static void letters_release(struct job *job)
{
	struct letters *d = job->data;
	if (d)
		free(d->here.bytes);
	free(d), job->data = NULL;
}

/* There and back, from one place in memory to another. */
static void copy_letters(struct letter *l, long trips)
{
	for (long i = 0; i < trips; i++) {
		memcpy(l->bytes + l->n, l->bytes, (size_t)l->n);
		__asm__ volatile("" ::: "memory"); /* each of them is really made */
		memcpy(l->bytes, l->bytes + l->n, (size_t)l->n);
		count_trip(l);
	}
}

static int run_copies(struct job *job)
{
	struct letters *d = job->data;
	long trips = (long)job->arg[0];
	write_letter(&d->here, job->seed);
	parallel_begin(job, 1);
	worker_begin(job, 0);
	copy_letters(&d->here, trips);
	worker_end(job, 0);
	parallel_end(job);
	d->found.figure[TRIPS] = (double)d->here.trips;
	d->found.figure[INTACT] = intact(&d->here, job->seed, (uint64_t)trips);
	d->found.stuck = false;
	return 0;
}

static int run_letters(struct job *job)
{
	struct letters *d = job->data;
	return ranks_run(job, &d->found);
}

static struct outcome letters_verify(const struct job *job)
{
	const struct letters *d = job->data;
	const double *f = d->found.figure;
	struct outcome out = {!d->found.stuck && f[TRIPS] == job->arg[0] && f[INTACT] == job->arg[1], job->arg[0], f[TRIPS], ""};
	snprintf(out.text, sizeof out.text, "%.0f of %.0f messages arrived, %.0f of %.0f bytes as they were sent; exact", f[TRIPS],
			 job->arg[0], f[INTACT], job->arg[1]);
	return out;
}

/* ---- sums ---- */

struct sums {
	double *own;   /* the vectors that are this rank's, one after another */
	double *mine;  /* their sum */
	double *all;   /* the sum over all ranks */
	double *piece; /* what a message brought */
	int n;
	struct slice vectors;
	struct ranks_answer found;
	double right;
};

/* Number i of vector v is a whole one; the sum of all vectors is known without adding them up. */
static double element(uint64_t seed, size_t v, size_t i)
{
	uint64_t x = rng_at(seed, i);
	return (double)(x % 1000) + (double)v * (double)(x >> 32 & 127);
}

static double sum_of_all(uint64_t seed, double vectors, size_t i)
{
	uint64_t x = rng_at(seed, i);
	return vectors * (double)(x % 1000) + (double)(x >> 32 & 127) * vectors * (vectors - 1) / 2;
}

static inline void add_to(double *sum, const double *x, int n)
{
	for (int i = 0; i < n; i++)
		sum[i] += x[i];
}

static int sums_make(struct sums *s, const struct job *job, int rank, int size)
{
	s->n = (int)job->arg[0];
	s->vectors = slice_of((size_t)job->arg[1], rank, size);
	size_t own = s->vectors.last - s->vectors.first, n = (size_t)s->n;
	s->own = calloc(own + 1, (n + 1) * sizeof(double));
	s->mine = calloc(n + 1, sizeof(double));
	s->all = calloc(n + 1, sizeof(double));
	s->piece = calloc(n + 1, sizeof(double));
	if (!s->own || !s->mine || !s->all || !s->piece)
		return -1;
	for (size_t v = 0; v < own; v++)
		for (size_t i = 0; i < n; i++)
			s->own[v * n + i] = element(job->seed, s->vectors.first + v, i);
	return 0;
}

static void sums_free(struct sums *s)
{
	if (s)
		free(s->own), free(s->mine), free(s->all), free(s->piece);
	free(s);
}

static void sums_add(const struct sums *s, double *sum)
{
	memset(sum, 0, (size_t)s->n * sizeof *sum);
	for (size_t v = 0; v < s->vectors.last - s->vectors.first; v++)
		add_to(sum, s->own + v * (size_t)s->n, s->n);
}

static double sums_right(const struct sums *s, const struct job *job)
{
	double right = 0;
	for (int i = 0; i < s->n; i++)
		right += s->all[i] == sum_of_all(job->seed, job->arg[1], (size_t)i);
	return right;
}

static int sums_prepare(struct job *job)
{
	struct sums *s = job->data = calloc(1, sizeof *s);
	return s ? sums_make(s, job, 0, 1) : -1;
}

static void sums_reset(struct job *job)
{
	struct sums *s = job->data;
	memset(s->all, 0, (size_t)s->n * sizeof *s->all);
	s->right = NAN;
	s->found.stuck = false;
}

static void sums_release(struct job *job)
{
	sums_free(job->data);
	job->data = NULL;
}

static int run_sums(struct job *job)
{
	struct sums *s = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	sums_add(s, s->all);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}

static int run_sums_by_ranks(struct job *job)
{
	struct sums *s = job->data;
	int status = ranks_run(job, &s->found);
	s->right = s->found.figure[0];
	return status;
}

static struct outcome sums_verify(const struct job *job)
{
	const struct sums *s = job->data;
	bool serial = isnan(s->right);
	double wanted = job->arg[0] * (serial ? 1 : job->workers), right = serial ? sums_right(s, job) : s->right;
	struct outcome out = {right == wanted && !s->found.stuck, wanted, right, ""};
	snprintf(out.text, sizeof out.text, "%.0f of %.0f sums are right, on all ranks together; exact", right, wanted);
	return out;
}

#if HAVE_MPI
static int letter_prepare_rank(struct ranks *me)
{
	struct letter *l = me->job.data = calloc(1, sizeof *l);
	return l ? letter_make(l, &me->job) : -1;
}

static int letter_answer_rank(struct ranks *me)
{
	struct letter *l = me->job.data;
	double trips = (double)l->trips;
	bool stream = me->job.variant && !strcmp(me->job.variant->name, "stream") && me->size > 1;
	MPI_Reduce(&trips, &me->figure[TRIPS], 1, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
	me->figure[INTACT] = intact(l, me->job.seed, stream ? 0 : (uint64_t)me->figure[TRIPS]);
	write_letter(l, me->job.seed);
	return 0;
}

static void letter_release_rank(struct ranks *me)
{
	struct letter *l = me->job.data;
	if (l)
		free(l->bytes);
	free(l);
}

static int sums_prepare_rank(struct ranks *me)
{
	struct sums *s = me->job.data = calloc(1, sizeof *s);
	return s ? sums_make(s, &me->job, me->rank, me->size) : -1;
}

static void add_own(struct sums *s) { sums_add(s, s->mine); }

static int sums_answer_rank(struct ranks *me)
{
	struct sums *s = me->job.data;
	double right = sums_right(s, &me->job);
	MPI_Reduce(&right, me->figure, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
	memset(s->all, 0, (size_t)s->n * sizeof *s->all);
	return 0;
}

static void sums_release_rank(struct ranks *me) { sums_free(me->job.data); }
#endif

#endif
