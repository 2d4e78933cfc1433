/* Uneven work, shared evenly                                                                                ★★☆
 *
 * What you learn: equal numbers of passes are not equal work. Dealt beforehand (static), the loop lasts as long as its
 * heaviest share. Taken on demand (dynamic, guided) everybody works to the end, but all ask at one place. With work
 * stealing each worker has a queue of its own, and only who has nothing left takes from another.
 *
 * How the number is made: kernel `triangle`: pass i of --size takes i * STEPS steps of x = A x + C; checked by jumping
 * ahead in that chain (no stepping). Kernel `picture`: rows of the Mandelbrot set in whole numbers, the heavy ones in
 * the third quarter; checked against a second routine, written differently. The time of each worker is taken where it
 * begins and ends its share; work moved by stealing is counted in chunks. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/clock.h"
#include "kernels/rng.h"
#include "kernels/runtime/crew.h" /* starts the threads, all or none, and joins them */
#include "kernels/runtime/deque.h"
#include "kernels/runtime/executor.h"
#include "lessons/known.h" /* chain_walk, chain_jump */
#include "lessons/lesson.h"

enum { STEPS = 32, WIDTH = 256, LIMIT = 300, SHIFT = 28 };
static const int64_t ONE = INT64_C(1) << SHIFT;

struct board {
	void (*pass)(const struct job *job, struct board *b, size_t i);
	uint64_t *result, *expected;
	size_t chunks;
	struct group all; /* executor: done when all of its tasks are */
	struct hand {     /* what belongs to one worker */
		struct deque deque;
		_Alignas(64) size_t stolen;
	} hand[KERNEL_WORKERS_MAX];
};

//> triangle
/* Pass i of the loop: twice as far on, twice as long. */
static void pass_triangle(const struct job *job, struct board *b, size_t i)
{
	b->result[i] = chain_walk(rng_at(job->seed, i), i * STEPS);
}
//< triangle

static int64_t row_y(size_t row, size_t rows) { return ONE * 5 / 4 - (int64_t)(row * (uint64_t)(ONE * 2) / rows); }
static int64_t column_x(int64_t column) { return -2 * ONE + column * (ONE * 5 / 2) / WIDTH; }

/* Row i of the picture: steps of z = z² + c until |z| > 2, for each pixel c. */
static void pass_picture(const struct job *job, struct board *b, size_t i)
{
	int64_t cy = row_y(i, job_size(job));
	uint64_t steps = 0;
	for (int64_t column = 0; column < WIDTH; column++) {
		int64_t cx = column_x(column), x = 0, y = 0, xx = 0, yy = 0;
		for (int k = 0; k < LIMIT && xx + yy <= 4 * ONE; k++, steps++) {
			y = (x * y >> (SHIFT - 1)) + cy;
			x = xx - yy + cx;
			xx = x * x >> SHIFT, yy = y * y >> SHIFT;
		}
	}
	b->result[i] = steps;
}

static void passes(struct job *job, size_t first, size_t last)
{
	struct board *b = job->data;
	for (size_t i = first; i < last; i++)
		b->pass(job, b, i);
}

//> serial
static int run_serial(struct job *job)
{
	parallel_begin(job, 1);
	worker_begin(job, 0);
	passes(job, 0, job_size(job));
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

//> static
static int run_static(struct job *job)
{
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	{
		worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(static) nowait /* one slice for each, as long as the others */
		for (size_t i = 0; i < job_size(job); i++)
			passes(job, i, i + 1);
		worker_end(job, omp_get_thread_num());
	}
	parallel_end(job);
	return 0;
}
//< static

//> dynamic
static int run_dynamic(struct job *job)
{
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	{
		worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(dynamic) nowait /* the next pass to whoever is free */
		for (size_t i = 0; i < job_size(job); i++)
			passes(job, i, i + 1);
		worker_end(job, omp_get_thread_num());
	}
	parallel_end(job);
	return 0;
}
//< dynamic

//> guided
static int run_guided(struct job *job)
{
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	{
		worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(guided) nowait /* each time a share of what is left: fewer and fewer passes */
		for (size_t i = 0; i < job_size(job); i++)
			passes(job, i, i + 1);
		worker_end(job, omp_get_thread_num());
	}
	parallel_end(job);
	return 0;
}
//< guided

//> steal
/* From any of the others, the next one first. False: nobody has anything left, and nothing new will come. */
static bool steal(struct board *b, int me, int workers, struct task *chunk)
{
	for (int i = 1; i < workers; i++) {
		enum steal got;
		while ((got = deque_steal(&b->hand[(me + i) % workers].deque, chunk)) == STEAL_LOST)
			; /* somebody else took that one: there may be more */
		if (got == STEAL_DONE)
			return true;
	}
	return false;
}
//< steal

//> stealing
static void take_or_steal(struct job *job, int me, const void *how)
{
	struct board *b = job->data;
	struct hand *mine = &b->hand[me];
	struct task chunk;
	worker_begin(job, me);
	for (;;) {
		bool own = deque_take(&mine->deque, &chunk);
		if (!own && !steal(b, me, job->workers, &chunk))
			break; /* nobody has anything left */
		mine->stolen += !own;
		passes(job, chunk.value >> 32, (uint32_t)chunk.value);
	}
	worker_end(job, me);
	(void)how;
}

static int run_stealing(struct job *job)
{
	struct board *b = job->data;
	b->chunks = 0;
	for (int w = 0; w < job->workers; w++) { /* everyone's own slice, in chunks; the first one on top of the pile */
		struct slice mine = slice_of(job_size(job), w, job->workers);
		size_t chunk = (mine.last - mine.first) / 64 + 1;
		deque_init(&b->hand[w].deque);
		b->hand[w].stolen = 0;
		for (size_t last = mine.last, first; last > mine.first; last = first, b->chunks++) {
			first = last - mine.first > chunk ? last - chunk : mine.first;
			deque_push(&b->hand[w].deque, (struct task){.value = first << 32 | last});
		}
	}
	return crew_run(job, take_or_steal, NULL, NULL);
}
//< stealing

//> executor
/* Keeps the first half, shows the second to thieves, and so on until little is left. */
static void split(struct worker *me, void *arg, uint64_t range)
{
	struct job *job = arg;
	struct board *b = job->data;
	uint64_t first = range >> 32, last = (uint32_t)range;
	for (; last - first > 4; last = (first + last) / 2)
		executor_spawn(me, &b->all, split, job, (first + last) / 2 << 32 | last);
	passes(job, first, last);
}

static void begins(void *job, int worker) { worker_begin(job, worker); }
static void ends(void *job, int worker) { worker_end(job, worker); }

static int run_executor(struct job *job)
{
	struct board *b = job->data;
	parallel_begin(job, job->workers);
	struct executor *x = executor_new(&(struct executor_setup){job->workers, begins, ends, job});
	if (x) {
		executor_submit(x, &b->all, split, job, job_size(job));
		executor_join(x, &b->all);
	}
	executor_free(x);
	parallel_end(job);
	return x ? 0 : -1;
}
//< executor

#include "lessons/4-executors/5-load-balance/board.h" /* inputs, checks, kernels, and the demonstrations */

static const struct lesson lesson = {
	.id = "load-balance", .level = 2, .minutes_min = 35, .minutes_max = 53, .needs = "parallel-loop", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_triangle, &kernel_picture, NULL}, .threads = "1,2,4",
	.demos = (const struct demo[]){
		{.name = "last", .about = "the triangular loop, dealt beforehand to four: who works how long",
		 .run = demo_last},
		{.name = "picture-last", .about = "the rows of the picture, dealt beforehand to four",
		 .run = demo_picture_last},
		{.name = "steals", .about = "the triangular loop, four workers who steal", .run = demo_steals},
		{0},
	},
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
