/* Tasks that need each other                                                                                ★★★
 *
 * What you learn: where tasks need the results of others they form a graph. All its work (T1) and its longest chain, the span
 * (T∞), say beforehand how fast it can become: no more than T1 / T∞ times, with any number of workers. And a graph is only as
 * right as its edges: a need that nobody names is not waited for.
 *
 * How the number is made: the Cholesky factorisation of a matrix of --size rows, in tiles of --tile rows (tiles.h), by one
 * thread, by OpenMP tasks with `depend`, and by futures on the suite's own pool of threads. Checked by L·(Lᵀ·x) against A·x for
 * a vector of ones with random signs, with a tolerance. In the demonstrations an operation on a tile counts as one. */
#include <errno.h>
#include <omp.h>
#include <stdatomic.h>
#include <semaphore.h>
#include "kernels/runtime/thread_pool.h"
#include "lessons/4-executors/6-task-graph/graph.h"
#include "lessons/lesson.h"

//> serial
static int run_serial(struct job *job)
{
	const struct matrix *a = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (int k = 0; k < a->tiles; k++) {
		factor(a, k);
		for (int i = k + 1; i < a->tiles; i++)
			solve(a, i, k);
		for (int j = k + 1; j < a->tiles; j++)
			for (int i = j; i < a->tiles; i++)
				update(a, i, j, k);
	}
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

//> loops
/* No graph: loops, one after another; all wait at the end of each. */
static int run_loops(struct job *job)
{
	const struct matrix *a = job->data;
	for (int k = 0; k < a->tiles; k++) {
		factor(a, k); /* one works, the others wait */
		parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
		{
			worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(dynamic)
			for (int i = k + 1; i < a->tiles; i++)
				solve(a, i, k);
#pragma omp for schedule(dynamic) nowait
			for (int j = k + 1; j < a->tiles; j++)
				for (int i = j; i < a->tiles; i++)
					update(a, i, j, k);
			worker_end(job, omp_get_thread_num());
		}
		parallel_end(job);
	}
	return 0;
}
//< loops

//> depend
/* Each task names the tiles that it reads (in) and writes (inout); OpenMP finds out who has to wait for whom. */
static void make_tasks(struct job *job, const struct matrix *a)
{
	for (int k = 0; k < a->tiles; k++) {
#pragma omp task depend(inout : *tile(a, k, k))
		{
			worker_begin(job, omp_get_thread_num());
			factor(a, k);
			worker_end(job, omp_get_thread_num());
		}
		for (int i = k + 1; i < a->tiles; i++)
#pragma omp task depend(in : *tile(a, k, k)) depend(inout : *tile(a, i, k))
			{
				worker_begin(job, omp_get_thread_num());
				solve(a, i, k);
				worker_end(job, omp_get_thread_num());
			}
		for (int j = k + 1; j < a->tiles; j++)
			for (int i = j; i < a->tiles; i++)
#pragma omp task depend(in : *tile(a, i, k), *tile(a, j, k)) depend(inout : *tile(a, i, j))
				{
					worker_begin(job, omp_get_thread_num());
					update(a, i, j, k);
					worker_end(job, omp_get_thread_num());
				}
	}
}

static int run_depend(struct job *job)
{
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
#pragma omp single /* one thread makes the tasks; all do them */
	make_tasks(job, job->data);
	parallel_end(job);
	return 0;
}
//< depend

struct crew {
	struct job *job;
	struct pool *pool;
	atomic_int undone, error, ticket;
	sem_t over, start; /* all done, or something went wrong; the first tasks are in the pool */
};
struct task {
	struct crew *crew;
	struct node *node;
};

/* A turnstile: nobody passes until the first tasks are all in the pool. */
static void pass_start(sem_t *start)
{
	while (sem_wait(start))
		; /* a signal came */
	sem_post(start);
}

static int do_task(const void *argument, void *result)
{
	const struct task *t = argument;
	struct job *job = t->crew->job;
	pass_start(&t->crew->start);
	worker_begin(job, task_worker());
	t->node->began = atomic_fetch_add(&t->crew->ticket, 1);
	do_node(job->data, t->node);
	t->node->ended = atomic_fetch_add(&t->crew->ticket, 1);
	worker_end(job, task_worker());
	*(struct task *)result = *t;
	return 0;
}

//> then
static void task_done(struct future *f, void *crew);

/* Nothing that it needs is missing any more: into the pool, and when it is done, `task_done` is called. */
static void submit(struct crew *c, struct node *n)
{
	struct future *f = pool_submit(c->pool, do_task, &(struct task){c, n}, sizeof(struct task), sizeof(struct task));
	if (!f || !future_then(f, task_done, c)) {
		c->error = f ? ENOMEM : errno;
		sem_post(&c->over);
	}
	future_free(f);
}

/* One less to wait for, for all tasks that need this one. Who has nothing left to wait for is submitted. */
static void task_done(struct future *f, void *crew)
{
	struct crew *c = crew;
	struct matrix *a = c->job->data;
	if (future_state(f) != FUTURE_DONE)
		return; /* cancelled, because something went wrong */
	const struct task *t = future_value(f);
	for (int e = t->node->next; e >= 0; e = a->edge[e].next)
		if (atomic_fetch_sub(&a->node[a->edge[e].to].left, 1) == 1)
			submit(c, &a->node[a->edge[e].to]);
	if (atomic_fetch_sub(&c->undone, 1) == 1)
		sem_post(&c->over);
}
//< then

//> futures
static int run_graph(struct job *job, bool forgetful)
{
	struct matrix *a = job->data;
	struct crew c = {.job = job};
	build(a, forgetful);
	if (a->nodes == 0)
		return 0;
	c.undone = a->nodes;
	sem_init(&c.over, 0, 0);
	sem_init(&c.start, 0, 0);
	parallel_begin(job, job->workers);
	c.pool = thread_pool_new(&(struct pool_setup){.workers = job->workers});
	c.error = c.pool ? 0 : errno;
	for (int n = 0; n < a->nodes && !c.error; n++)
		if (a->node[n].needs == 0) /* the start: those that need nobody */
			submit(&c, &a->node[n]);
	sem_post(&c.start);
	while (!c.error && sem_wait(&c.over))
		; /* a signal came */
	pool_shutdown(c.pool, c.error != 0);
	parallel_end(job);
	sem_destroy(&c.over);
	sem_destroy(&c.start);
	return (errno = c.error) ? -1 : 0;
}
//< futures

static int run_futures(struct job *job) { return run_graph(job, false); }
static int run_forgetful(struct job *job) { return run_graph(job, true); }

static int prepare(struct job *job)
{
	job->data = matrix_new(job_size(job), (size_t)job->arg[1]);
	return job->data ? 0 : -1;
}
static void release(struct job *job) { matrix_free(job->data), job->data = NULL; }

static const struct variant variants[] = {
	{"serial", "one thread, tile by tile", .run = run_serial},
	{"loops", "parallel loops, all wait at the end of each", KIND_OPENMP, .run = run_loops},
	{"openmp", "tasks with depend", KIND_OPENMP, .blocks = true, .run = run_depend},
	{"futures", "a counter for each task; who is done calls the next", KIND_THREADS, .blocks = true, .run = run_futures},
	{"forgetful", "an update names the tile it writes, not those it reads", KIND_THREADS,
	 "needs are missing in the graph: tasks begin before what they read is there", .blocks = true, .run = run_forgetful},
	{0},
};

static const struct kernel kernel_tiles = {
	.name = "cholesky", .title = "Cholesky factorisation in tiles", .source = __FILE__,
	.params = {{"size", "rows", "rows of the matrix", 0, 16384, 768, false},
		   {"tile", "rows", "rows of a tile", 16, 1024, 96, false}},
	.work = operations, .prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_tiles);

#include "demos.h" /* what is shown once: graph, order, forgotten */
static const struct lesson lesson = {
	.id = "task-graph", .level = 3, .minutes_min = 36, .minutes_max = 55, .needs = "futures", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_tiles, NULL}, .demos = task_graph_demos, .options = task_graph_options,
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
