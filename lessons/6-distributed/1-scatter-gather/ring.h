/* The second program of the lesson `scatter-gather`: each rank gives its slice to the next one, the last one to the first. All send
 * first and wait for ever, or one of three cures. A part of lesson.c. */
#ifndef LOCKSTEP_RING_H
#define LOCKSTEP_RING_H

#include <stdlib.h>
#include <string.h>
#include "kernels/rng.h"
#include "kernels/runtime/ranks.h"

struct ring_data {
	uint64_t *from, *to;
	struct ranks_answer found;
	double right; /* numbers that are where they should be */
};

static inline int ring_prepare(struct job *job)
{
	struct ring_data *d = job->data = calloc(1, sizeof *d);
	if (!d)
		return -1;
	d->from = calloc(job_size(job) + 1, sizeof *d->from);
	d->to = calloc(job_size(job) + 1, sizeof *d->to);
	if (!d->from || !d->to)
		return -1;
	for (size_t i = 0; i < job_size(job); i++)
		d->from[i] = rng_at(job->seed, i);
	return 0;
}

static inline void ring_reset(struct job *job)
{
	struct ring_data *d = job->data;
	memset(d->to, 0, job_size(job) * sizeof *d->to);
	d->right = -1;
	d->found.stuck = false;
}

static inline void ring_release(struct job *job)
{
	struct ring_data *d = job->data;
	if (d)
		free(d->from), free(d->to);
	free(d), job->data = NULL;
}

/* How many of the slice's numbers are what the seed says. */
static inline double ring_count(uint64_t seed, const uint64_t *x, struct slice s)
{
	double right = 0;
	for (size_t i = s.first; i < s.last; i++)
		right += x[i - s.first] == rng_at(seed, i);
	return right;
}

static inline struct outcome ring_verify(const struct job *job)
{
	const struct ring_data *d = job->data;
	double n = (double)job_size(job);
	double right = d->right < 0 ? ring_count(job->seed, d->to, (struct slice){0, job_size(job)}) : d->right;
	struct outcome out = {right == n && !d->found.stuck, n, right, ""};
	if (d->found.stuck)
		snprintf(out.text, sizeof out.text, "nobody gets on: %.150s; all were ended", d->found.text);
	else
		snprintf(out.text, sizeof out.text, "%.0f of %.0f numbers reached the next rank", right, n);
	return out;
}


static int run_copy(struct job *job)
{
	struct ring_data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	memcpy(d->to, d->from, job_size(job) * sizeof *d->to);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}

static int run_ring(struct job *job)
{
	struct ring_data *d = job->data;
	int status = ranks_run(job, &d->found);
	d->right = d->found.stuck ? 0 : d->found.figure[0];
	return status;
}

#if HAVE_MPI
/* One rank's slice, and the one that comes from the left. */
struct seat {
	uint64_t *mine, *got;
	int n, coming, left, right;
};

//> send-first
static void send_first(struct seat *s)
{
	MPI_Send(s->mine, s->n, MPI_UINT64_T, s->right, 0, MPI_COMM_WORLD); /* may wait until it is received … */
	MPI_Recv(s->got, s->coming, MPI_UINT64_T, s->left, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE); /* … and nobody gets here */
}
//< send-first

//> receive-first
static void receive_first(struct seat *s)
{
	MPI_Recv(s->got, s->coming, MPI_UINT64_T, s->left, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE); /* of whom? All are here */
	MPI_Send(s->mine, s->n, MPI_UINT64_T, s->right, 0, MPI_COMM_WORLD);
}
//< receive-first

//> sendrecv
static void sendrecv(struct seat *s)
{
	MPI_Sendrecv(s->mine, s->n, MPI_UINT64_T, s->right, 0, s->got, s->coming, MPI_UINT64_T, s->left, 0, MPI_COMM_WORLD,
				 MPI_STATUS_IGNORE); /* both at once */
}
//< sendrecv

//> order
static void order(struct seat *s)
{
	if (s->right != 0) { /* the last one begins with receiving: there the circle is open */
		MPI_Send(s->mine, s->n, MPI_UINT64_T, s->right, 0, MPI_COMM_WORLD);
		MPI_Recv(s->got, s->coming, MPI_UINT64_T, s->left, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	} else {
		MPI_Recv(s->got, s->coming, MPI_UINT64_T, s->left, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		MPI_Send(s->mine, s->n, MPI_UINT64_T, s->right, 0, MPI_COMM_WORLD);
	}
}
//< order

//> isend
static void isend(struct seat *s)
{
	MPI_Request request;
	MPI_Isend(s->mine, s->n, MPI_UINT64_T, s->right, 0, MPI_COMM_WORLD, &request); /* begins, and does not wait */
	MPI_Recv(s->got, s->coming, MPI_UINT64_T, s->left, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	MPI_Wait(&request, MPI_STATUS_IGNORE); /* before this, `mine` must not be changed */
}
//< isend

static int pass_on(struct ranks *me, void (*how)(struct seat *))
{
	struct seat *s = me->job.data;
	worker_begin(&me->job, me->rank);
	if (me->size == 1) { /* one alone has no neighbour */
		memcpy(s->got, s->mine, (size_t)s->n * sizeof *s->got);
	} else {
		wait_begin(&me->job, me->rank);
		how(s);
		wait_end(&me->job, me->rank);
	}
	worker_end(&me->job, me->rank);
	return 0;
}

static int do_send_first(struct ranks *me) { return pass_on(me, send_first); }
static int do_receive_first(struct ranks *me) { return pass_on(me, receive_first); }
static int do_sendrecv(struct ranks *me) { return pass_on(me, sendrecv); }
static int do_order(struct ranks *me) { return pass_on(me, order); }
static int do_isend(struct ranks *me) { return pass_on(me, isend); }

static int ring_prepare_rank(struct ranks *me)
{
	struct seat *s = me->job.data = calloc(1, sizeof *s);
	if (!s)
		return -1;
	s->right = (me->rank + 1) % me->size;
	s->left = (me->rank + me->size - 1) % me->size;
	struct slice mine = slice_of(job_size(&me->job), me->rank, me->size);
	struct slice lefts = slice_of(job_size(&me->job), s->left, me->size);
	s->n = (int)(mine.last - mine.first);
	s->coming = (int)(lefts.last - lefts.first);
	s->mine = calloc((size_t)s->n + 1, sizeof *s->mine);
	s->got = calloc((size_t)s->coming + 1, sizeof *s->got);
	if (!s->mine || !s->got)
		return -1;
	for (size_t i = mine.first; i < mine.last; i++)
		s->mine[i - mine.first] = rng_at(me->job.seed, i);
	return 0;
}

/* How many numbers are where they should be. */
static int ring_answer_rank(struct ranks *me)
{
	struct seat *s = me->job.data;
	double right = ring_count(me->job.seed, s->got, slice_of(job_size(&me->job), s->left, me->size));
	memset(s->got, 0, (size_t)s->coming * sizeof *s->got);
	MPI_Reduce(&right, me->figure, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
	return 0;
}

static void ring_release_rank(struct ranks *me)
{
	struct seat *s = me->job.data;
	if (s)
		free(s->mine), free(s->got);
	free(s);
}
#endif

static const struct variant ring_variants[] = {
	{"copy", "one process copies the array", .run = run_copy},
	{"sendrecv", "sends and receives at once", KIND_MPI, .blocks = true, .pins_itself = true, .run = run_ring,
	 .unavailable = ranks_unavailable},
	{"order", "the last one receives first: no circle", KIND_MPI, .blocks = true, .pins_itself = true, .run = run_ring,
	 .unavailable = ranks_unavailable},
	{"isend", "begins to send, receives, then waits for the end of sending", KIND_MPI, .blocks = true, .pins_itself = true,
	 .run = run_ring, .unavailable = ranks_unavailable},
	{"send-first", "all send first, then receive", KIND_MPI,
	 "a large message waits for its receiver, who is sending, too: all wait in a circle", .blocks = true, .pins_itself = true,
	 .run = run_ring, .unavailable = ranks_unavailable},
	{0},
};

static const struct kernel kernel_ring = {
	.name = "ring", .title = "Each rank gives its part to the next", .source = __FILE__,
	.params = {{"size", "numbers", "numbers in all, dealt to the ranks; 8 bytes each", 0, 1e8, 1e6, false}},
	.prepare = ring_prepare, .reset = ring_reset, .variants = ring_variants, .verify = ring_verify, .release = ring_release,
};
KERNEL_REGISTER(kernel_ring);

#endif
