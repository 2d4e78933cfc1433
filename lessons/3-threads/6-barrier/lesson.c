/* Meeting points, and a lock that lets readers in together                                                  ★★☆
 *
 * What you learn: work in phases needs a barrier: nobody begins the next phase before all have done this one. Without
 * it a worker reads what is too old or too new; with a wrong count all wait for ever. A readers-writer lock lets any
 * number of readers in together, and a writer alone: worth while where reads are long and writes rare.
 *
 * How the number is made: kernel `stencil`: a ring of --size cells, --phases times each is made anew from itself and
 * its two neighbours; threads get equal slices. Checked by jumping: 2^k phases at once are as short as one. `table`:
 * --size accesses to a table of --entries numbers, --writers percent of them move an amount from one to another, the
 * others add up all. That sum must never be another, and at the end each entry is checked. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/rng.h"
#include "kernels/runtime/barrier.h"
#include "kernels/runtime/crew.h" /* starts the threads, all or none, and joins them */
#include "lessons/lesson.h"
#include "lessons/3-threads/6-barrier/table.h" /* the second kernel: mutex and rwlock */

struct ring {
	size_t phases;
	uint64_t *start, *cell[2], *expected; /* phase k goes from cell[k % 2] to the other */
	pthread_barrier_t meet;
	struct barrier sense; /* kernels/runtime/barrier.h */
	atomic_int waiting;  /* workers at the barrier now */
	atomic_long passed;  /* times that one got through */
	long passed_before;  /* when the watch last looked */
	atomic_bool hung;
};

//> step
static uint64_t anew(uint64_t left, uint64_t here, uint64_t right) { return left ^ (here << 1 | here >> 63) ^ right; }

/* One phase of one slice: reads the old cells, also the neighbours' at both ends, and writes the new ones. */
static void step(const uint64_t *restrict old, uint64_t *restrict new, size_t n, struct slice mine)
{
	size_t i = mine.first, inner = mine.last == n && n > 0 ? n - 1 : mine.last;
	if (i == 0 && mine.last > 0)
		new[i++] = anew(old[n - 1], old[0], old[1 % n]);
	for (; i < inner; i++)
		new[i] = anew(old[i - 1], old[i], old[i + 1]);
	if (i < mine.last)
		new[i] = anew(old[i - 1], old[i], old[0]); /* a ring: after the last comes the first */
}
//< step

//> serial
static int run_serial(struct job *job)
{
	struct ring *r = job->data;
	size_t n = job_size(job);
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t k = 0; k < r->phases; k++)
		step(r->cell[k % 2], r->cell[(k + 1) % 2], n, (struct slice){0, n});
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

//> phases
typedef void meet(struct ring *r);

static void work(struct job *job, int me, const void *how)
{
	struct ring *r = job->data;
	meet *const *meet_others = how; /* each variant in its own manner */
	size_t n = job_size(job);
	for (size_t k = 0; k < r->phases && !r->hung; k++) {
		worker_begin(job, me);
		step(r->cell[k % 2], r->cell[(k + 1) % 2], n, slice_of(n, me, job->workers));
		worker_end(job, me);
		(*meet_others)(r); /* nobody begins phase k + 1 before all have done phase k */
	}
}
//< phases

static int run_pthread_of(struct job *job, meet *meet_others, int count, void (*meanwhile)(struct job *))
{
	struct ring *r = job->data;
	if ((errno = pthread_barrier_init(&r->meet, NULL, (unsigned)count)) != 0)
		return -1;
	int rc = crew_run(job, work, &meet_others, meanwhile);
	pthread_barrier_destroy(&r->meet);
	return rc;
}

//> pthread
static void meet_pthread(struct ring *r) { pthread_barrier_wait(&r->meet); }

static int run_pthread(struct job *job)
{
	return run_pthread_of(job, meet_pthread, job->workers, NULL); /* pthread_barrier_init(…, how many will come) */
}
//< pthread

//> sense
static void meet_sense(struct ring *r) { barrier_wait(&r->sense); }
static int run_sense(struct job *job)
{
	struct ring *r = job->data;
	cpu_set_t set;
	barrier_init(&r->sense, job->workers, sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set), false);
	return crew_run(job, work, &(meet *){meet_sense}, NULL);
}
//< sense

//> openmp
static int run_openmp(struct job *job)
{
	struct ring *r = job->data;
	size_t n = job_size(job);
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	for (size_t k = 0; k < r->phases; k++) {
#pragma omp for schedule(static)
		for (int w = 0; w < job->workers; w++) {
			worker_begin(job, w);
			step(r->cell[k % 2], r->cell[(k + 1) % 2], n, slice_of(n, w, job->workers));
			worker_end(job, w);
		} /* here stands a barrier that nobody wrote: the end of every `omp for` is one */
	}
	parallel_end(job);
	return 0;
}
//< openmp

//> no-barrier
static void meet_nobody(struct ring *r) { (void)r; } /* on to the next phase, wherever the others are */
static int run_no_barrier(struct job *job) { return crew_run(job, work, &(meet *){meet_nobody}, NULL); }
//< no-barrier

//> watch
static void meet_watched(struct ring *r)
{
	r->waiting++;
	pthread_barrier_wait(&r->meet);
	r->waiting--;
	r->passed++;
}

/* Every few milliseconds: all are at the barrier, and nobody got through since the last look? Nobody ever will. */
static void watch(struct job *job)
{
	struct ring *r = job->data;
	if (r->waiting == job->workers && r->passed == r->passed_before && !r->hung) {
		r->hung = true;
		pthread_barrier_wait(&r->meet); /* plays the one that was counted and does not exist: lets them go */
	}
	r->passed_before = r->passed;
}
//< watch

//> wrong-count
static int run_wrong_count(struct job *job)
{
	int count = job->workers + 1; /* the workers, and the main thread that made them */
	return run_pthread_of(job, meet_watched, count, watch);
}
//< wrong-count

/* Where 2^b phases lead in one: squaring (left + rotate + right) leaves no mixed terms, each pair of them cancels. */
static void jump(uint64_t *cell, uint64_t *old, size_t n, size_t phases)
{
	for (size_t far = 1; n && far <= phases; far *= 2) {
		if (!(phases & far))
			continue;
		memcpy(old, cell, n * sizeof *old);
		size_t away = far % n, bits = far % 64, back = -bits % 64;
		for (size_t i = 0; i < n; i++)
			cell[i] = old[(i + n - away) % n] ^ old[(i + away) % n] ^ (bits ? old[i] << bits | old[i] >> back : old[i]);
	}
}

static void reset(struct job *job)
{
	struct ring *r = job->data;
	memcpy(r->cell[0], r->start, job_size(job) * sizeof *r->start);
	memset(r->cell[1], 0x55, job_size(job) * sizeof *r->start);
	r->passed = r->waiting = r->hung = 0;
	r->passed_before = -1;
}

static int prepare(struct job *job)
{
	size_t n = job_size(job);
	struct ring *r = job->data = aligned_alloc(64, sizeof *r);
	if (!r || (memset(r, 0, sizeof *r), !(r->start = calloc(4 * n + 1, sizeof *r->start))))
		return -1;
	r->phases = (size_t)job->arg[1];
	r->cell[0] = r->start + n, r->cell[1] = r->cell[0] + n, r->expected = r->cell[1] + n;
	for (size_t i = 0; i < n; i++)
		r->start[i] = r->expected[i] = rng_at(job->seed, i);
	jump(r->expected, r->cell[1], n, r->phases);
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct ring *r = job->data;
	size_t n = job_size(job), good = 0;
	for (size_t i = 0; i < n; i++)
		good += r->cell[r->phases % 2][i] == r->expected[i];
	struct outcome out = {good == n && !r->hung, (double)n, (double)good, ""};
	if (r->hung)
		snprintf(out.text, sizeof out.text, "hung: all %d workers waited at a barrier for %d; number %d does not exist",
			 job->workers, job->workers + 1, job->workers + 1);
	else
		snprintf(out.text, sizeof out.text, "%zu of %zu cells are right after %zu phases (exact)", good, n, r->phases);
	return out;
}

static void release(struct job *job)
{
	struct ring *r = job->data;
	if (r)
		free(r->start);
	free(r);
	job->data = NULL;
}

static const struct variant variants[] = {
	{"serial", "one thread: nobody to wait for", .run = run_serial},
	{"pthread", "pthread_barrier: who waits, sleeps", KIND_THREADS, .blocks = true, .run = run_pthread},
	{"sense", "our own: who waits looks for a while, then sleeps", KIND_THREADS, .blocks = true, .run = run_sense},
	{"openmp", "the barrier at the end of `omp for`", KIND_OPENMP, .run = run_openmp},
	{"no-barrier", "each goes on when it has done its slice", KIND_THREADS,
	 "a worker reads cells of the wrong phase: nobody waits for the others", .run = run_no_barrier},
	{"wrong-count", "a barrier made for one more than come", KIND_THREADS,
	 "the barrier counts the main thread, which never comes: all wait for ever", true, .run = run_wrong_count},
	{0},
};
const struct kernel kernel_stencil = {
	.name = "stencil", .title = "Cells in phases", .source = __FILE__,
	.params = {{"size", "cells", "cells of the ring, shared by the threads", 0, 1e9, 131072, false},
		   {"phases", "phases", "how many times every cell is made anew", 1, 1e6, 200, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_stencil);

static const struct lesson lesson = {
	.id = "barrier", .level = 2, .minutes_min = 36, .minutes_max = 56, .needs = "mutex data-task", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_stencil, &kernel_table, NULL}, .threads = "1,2,4",
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
