/* The ranks of the task-farm lesson: what each keeps, the messages, and the work on a chunk. */
#ifndef FARM_RANK_H
#define FARM_RANK_H

#include <errno.h>
#include <math.h>
#include <mpi.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "kernels/bench/clock.h"
#include "lessons/6-distributed/4-task-farm/check.h"
#include "lessons/6-distributed/4-task-farm/farm.h"

enum { ORDER = 1, REPORT = 2 }; /* tags */
enum { GO_HOME = -1, NAP_NS = 20000, SHOWN = 64 };

/* What variants differ in. */
struct way {
	bool dealt;    /* chunks belong to workers from the start */
	bool children; /* the steps of a chunk are counted in a child; some children are killed */
	bool silent;   /* a worker does not answer for a while; the master's patience ends */
	bool forgets, twice; /* the mistakes */
};

//> messages
struct order { /* master to worker */
	int kind, task, chunk, attempt;
	uint64_t in[2]; /* ADD: two sums; ABOVE: the sum of all */
};

struct report { /* worker to master */
	int task;
	bool lost, stop;
	uint64_t value;
	int64_t busy; /* ns that this worker has worked so far */
};
//< messages

struct at { /* what the master knows of a worker */
	struct task *task; /* NULL: nothing to do */
	int64_t since, busy;
	bool given_up;
};

struct rank {
	uint32_t *y;    /* steps of all numbers; in memory only where this rank made chunks. Shared with its children */
	uint64_t *sum;  /* of a chunk that a child made */
	size_t bytes;
	bool *have;     /* by chunk */
	int error;      /* errno, if a child could not be had */
	struct at *at;  /* master; by rank */
	struct graph graph;
	char who[SHOWN + 1]; /* … of the first chunks: the last digit of the worker that made it */
};

/* ---- work ---- */

static inline uint64_t make(struct ranks *me, int chunk, bool dies)
{
	struct rank *r = me->job.data;
	struct slice s = chunk_of(job_size(&me->job), (int)me->job.arg[1], chunk);
	uint64_t sum = 0;
	for (size_t i = s.first; i < s.last; i++) {
		if (dies && i == (s.first + s.last) / 2)
			raise(SIGKILL); /* in the middle of its work, as if it had no memory left */
		sum += r->y[i] = steps(number_at(me->job.seed, i));
	}
	return sum;
}

static inline uint64_t count_above(struct ranks *me, int chunk, uint64_t sum)
{
	struct rank *r = me->job.data;
	size_t n = job_size(&me->job);
	struct slice s = chunk_of(n, (int)me->job.arg[1], chunk);
	uint64_t count = 0;
	for (size_t i = s.first; i < s.last; i++)
		count += (uint64_t)r->y[i] * n > sum;
	return count;
}

/* A fourth of all children is killed, each task's first only. */
static inline bool is_unlucky(const struct ranks *me, const struct order *o)
{
	return o->attempt == 0 && o->kind == MAKE && o->chunk % 4 == (int)me->job.arg[1] / 2 % 4;
}

static inline bool is_deaf(const struct ranks *me, const struct order *o)
{
	return o->attempt == 0 && o->kind == ABOVE && o->chunk == (int)me->job.arg[1] / 2;
}

/* ---- messages ---- */

/* A worker that nobody hears of. */
static inline void keep_silent(struct ranks *me)
{
	double ms = 3 * me->job.arg[2];
	struct timespec t = {.tv_sec = (time_t)(ms / 1000)};
	t.tv_nsec = (long)((ms - 1000 * (double)t.tv_sec) * 1e6);
	wait_begin(&me->job, me->rank);
	nanosleep(&t, NULL);
	wait_end(&me->job, me->rank);
}

//> hear
/* A message, if one comes within a short nap. MPI_Recv would wait awake, and take the core from those who work. */
static inline bool hear_soon(struct ranks *me, void *to, int size, int *from)
{
	MPI_Status s;
	int there = 0;
	(void)me;
	MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &s);
	if (!there)
		nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
	else
		MPI_Recv(to, size, MPI_BYTE, *from = s.MPI_SOURCE, s.MPI_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	return there;
}
//< hear

static inline void hear(struct ranks *me, void *to, int size)
{
	int from;
	while (!hear_soon(me, to, size, &from))
		;
}

/* ---- what is told of a run: "1212…;lost CHUNK WORKER;…" ---- */

__attribute__((format(printf, 2, 3))) static inline void note(struct ranks *me, const char *fmt, ...)
{
	size_t n = strlen(me->text);
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(me->text + n, sizeof me->text - n, fmt, ap);
	va_end(ap);
}

static inline void take_note(struct ranks *me, int w, const struct task *t, const struct report *done)
{
	struct rank *r = me->job.data;
	r->at[w].busy = done->busy;
	if (done->lost) {
		me->figure[LOST]++;
		note(me, ";lost %d %d", t->chunk, w);
	} else if (t->done) {
		me->figure[LATE]++;
		note(me, ";late %d %d", t->chunk, w);
	} else if (t->kind == MAKE && t->chunk < SHOWN) {
		r->who[t->chunk] = (char)('0' + w % 10);
	}
}

static inline void note_all(struct ranks *me)
{
	struct rank *r = me->job.data;
	char events[RANKS_TEXT];
	memcpy(events, me->text, sizeof events);
	snprintf(me->text, sizeof me->text, "%.*s%.*s", SHOWN, *r->who ? r->who : "-", RANKS_TEXT - SHOWN - 2, events);
	me->figure[ANSWER] = (double)r->graph.answer;
	me->figure[BUSY_MOST] = me->figure[BUSY_LEAST] = (double)r->at[1].busy;
	for (int w = 2; w < me->size; w++) {
		me->figure[BUSY_MOST] = fmax(me->figure[BUSY_MOST], (double)r->at[w].busy);
		me->figure[BUSY_LEAST] = fmin(me->figure[BUSY_LEAST], (double)r->at[w].busy);
	}
}

/* ---- untimed ---- */

static inline int rank_prepare(struct ranks *me)
{
	struct rank *r = me->job.data = calloc(1, sizeof *r);
	if (!r)
		return -1;
	r->bytes = (job_size(&me->job) + 2) * sizeof *r->y + sizeof *r->sum;
	void *shared = mmap(NULL, r->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -1;
	r->sum = shared;
	r->y = (uint32_t *)(r->sum + 1);
	r->have = calloc(FARM_CHUNKS, sizeof *r->have);
	r->at = calloc((size_t)me->size, sizeof *r->at);
	prctl(PR_SET_TIMERSLACK, 1000); /* a nap of 20 µs lasts 20 µs, not 70 */
	return r->have && r->at ? 0 : -1;
}

/* Nothing of this run is there in the next. */
static inline int rank_answer(struct ranks *me)
{
	struct rank *r = me->job.data;
	memset(r->have, 0, FARM_CHUNKS * sizeof *r->have);
	memset(r->at, 0, (size_t)me->size * sizeof *r->at);
	memset(r->who, 0, sizeof r->who);
	return madvise(r->sum, r->bytes, MADV_REMOVE);
}

static inline void rank_release(struct ranks *me)
{
	struct rank *r = me->job.data;
	if (!r)
		return;
	if (r->sum)
		munmap(r->sum, r->bytes);
	free(r->have), free(r->at), free(r);
}

#endif
