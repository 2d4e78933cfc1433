/* Data parallelism and task parallelism                                                                     ★☆☆
 *
 * What you learn: work can be cut by its data (the same function on slices: as many workers as there are slices) or by
 * what is done (different functions at once: as many workers as functions, done no sooner than the longest of them).
 *
 * How the number is made: kernel `stages` counts the words of a text of --size words, in blocks of --block words that
 * go through three stages: read, sort, count. Kernel `tasks` does three things with one list of --size words: it sorts
 * them, counts their letters, counts each word. The words are drawn from a dictionary; how often each was drawn is noted
 * then, and what comes out is compared with those notes, exactly (kernels/word_list.h). */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "kernels/runtime/belt.h"
#include "kernels/word_list.h"
#include "lessons/lesson.h"
enum { TASKS = 3, STAGES = 3 };

struct data {
	struct word_list words;                  /* as drawn, and the list that tasks and stages work on */
	void (*sort)(struct data *d, size_t n);  /* which of the two ways the first task takes */
	pthread_mutex_t lock;                    /* of the table */
	struct belt belt[STAGES];                /* in front of each stage but the first */
	struct out {
		uint64_t letter[1 << WORD_BITS]; /* the times of each letter … */
		struct word_table table;         /* … and of each word */
		atomic_int next, busy;           /* the next task that nobody has taken; workers that took one */
	} out;
};

//> threads
struct worker { struct job *job; int id; };

static int run_threads(struct job *job, void *(*work)(void *))
{
	pthread_t thread[KERNEL_WORKERS_MAX];
	struct worker worker[KERNEL_WORKERS_MAX];
	int started = 0, error = 0;
	parallel_begin(job, job->workers);
	for (; started < job->workers && !error; started += !error) {
		worker[started] = (struct worker){job, started};
		error = pthread_create(&thread[started], NULL, work, &worker[started]);
	}
	for (int w = started; w < job->workers; w++) /* no thread to be had: nobody shall wait for its part */
		work(&(struct worker){job, w});
	for (int w = 0; w < started; w++)
		pthread_join(thread[w], NULL);
	parallel_end(job);
	return (errno = error) ? -1 : 0;
}
//< threads

static int run_alone(struct job *job, void *(*work)(void *))
{
	parallel_begin(job, 1);
	work(&(struct worker){job, 0});
	return parallel_end(job), 0;
}

static void sort_copy(struct data *d, size_t n)
{
	word_sort(memcpy(d->words.sorted, d->words.list, n * sizeof(word)), d->words.spare, n);
}
static void count_letters(struct data *d, size_t n) { word_count_letters(d->words.list, n, d->out.letter); }
static void count_words(struct data *d, size_t n) { word_count_each(&d->out.table, d->words.list, n); }

//> tasks
/* Different functions, the same list. Who is free takes the next task; who finds none left is done. */
static void *take_tasks(void *arg)
{
	struct worker *me = arg;
	struct data *d = me->job->data;
	void (*const task[TASKS])(struct data *, size_t) = {d->sort, count_letters, count_words};
	worker_begin(me->job, me->id);
	for (int t; (t = atomic_fetch_add(&d->out.next, 1)) < TASKS;)
		task[t](d, job_size(me->job));
	worker_end(me->job, me->id);
	return NULL;
}
//< tasks
static int run_one_by_one(struct job *job) { return run_alone(job, take_tasks); }
static int run_tasks(struct job *job) { return run_threads(job, take_tasks); }

//> in-place
/* "Why sort a copy?" Because the other two tasks are reading the list while its words move about. */
static void sort_list(struct data *d, size_t n)
{
	word_sort(d->words.list, d->words.spare, n);
	memcpy(d->words.sorted, d->words.list, n * sizeof(word));
}
//< in-place
static int run_in_place(struct job *job) { return ((struct data *)job->data)->sort = sort_list, run_tasks(job); }

static struct telling *listener;

static void *ask_once(void *arg)
{
	struct worker *me = arg;
	struct out *out = &((struct data *)me->job->data)->out;
	int t = atomic_fetch_add(&out->next, 1);
	out->busy += t < TASKS;
	tell(listener, t == 0 ? N_("worker %d: I sort") : t == 1 ? N_("worker %d: I count the letters")
		     : t == 2 ? N_("worker %d: I count the words") : N_("worker %d: no task is left for me"), me->id);
	return NULL;
}

static int show_hands(struct telling *t)
{
	static struct data d; /* nothing was taken yet */
	struct job job = {.workers = 6, .data = &d};
	int rc = run_threads((listener = t, &job), ask_once);
	tell_figure(t, d.out.busy, TASKS);
	tell_check(t, d.out.busy == TASKS, "%d of %d workers have something to do", d.out.busy, job.workers);
	return rc;
}

static size_t blocks_of(const struct job *job) { return (size_t)ceil(job->arg[0] / job->arg[1]); }

//> do-stage
/* Stage s of block b. It finds in the list what the stage before it has left there. */
static void do_stage(struct job *job, int s, size_t b, struct word_table *table)
{
	struct word_list *words = &((struct data *)job->data)->words;
	size_t block = (size_t)job->arg[1], first = b * block, n = job_size(job), last = n - first < block ? n : first + block;
	if (s == 0)
		word_read(words->text + first * WORD_PITCH, words->list + first, last - first);
	else if (s == 1)
		word_sort(words->list + first, words->spare + first, last - first);
	else
		word_count_runs(table, words->list + first, last - first); /* equal words are neighbours now */
}
//< do-stage

//> stages
/* A worker for each stage; with fewer workers, one has several; with more, the others find nothing to do. */
static void *work_stages(void *arg)
{
	struct worker *me = arg;
	struct data *d = me->job->data;
	int crew = me->job->workers < STAGES ? me->job->workers : STAGES;
	int first = me->id * STAGES / crew, last = (me->id + 1) * STAGES / crew;
	worker_begin(me->job, me->id);
	for (size_t b = 0; me->id < crew && b < blocks_of(me->job); b++) {
		if (first > 0) /* sleeps until the stage before has handed on block b */
			belt_wait(&d->belt[first], b, me->job, me->id);
		for (int s = first; s < last; s++)
			do_stage(me->job, s, b, &d->out.table);
		if (last < STAGES)
			belt_hand_on(&d->belt[last]);
	}
	worker_end(me->job, me->id);
	return NULL;
}
//< stages
static int run_block_by_block(struct job *job) { return run_alone(job, work_stages); }
static int run_stages(struct job *job) { return run_threads(job, work_stages); }

//> blocks
/* The same work cut by its data: all stages for a slice of the blocks, into a table of one's own. */
static void *work_blocks(void *arg)
{
	struct worker *me = arg;
	struct data *d = me->job->data;
	struct slice mine = slice_of(blocks_of(me->job), me->id, me->job->workers);
	worker_begin(me->job, me->id);
	struct word_table own = {0};
	for (size_t b = mine.first; b < mine.last; b++)
		for (int s = 0; s < STAGES; s++)
			do_stage(me->job, s, b, &own);
	pthread_mutex_lock(&d->lock);
	word_table_add(&d->out.table, &own);
	pthread_mutex_unlock(&d->lock);
	worker_end(me->job, me->id);
	return NULL;
}
//< blocks
static int run_blocks(struct job *job) { return run_threads(job, work_blocks); }

extern const struct kernel kernel_tasks, kernel_sum_squares; /* the second is in kernels/sum_squares.c */
static int prepare(struct job *job)
{
	struct data *d = job->data = calloc(1, sizeof *d);
	if (!d || word_list_draw(&d->words, job->seed, job_size(job)))
		return -1;
	pthread_mutex_init(&d->lock, NULL);
	for (int s = 0; s < STAGES; s++)
		belt_init(&d->belt[s]);
	return 0;
}

static void reset(struct job *job)
{
	struct data *d = job->data;
	word_list_again(&d->words);
	memset(&d->out, 0, sizeof d->out);
	d->sort = sort_copy;
	for (int s = 0; s < STAGES; s++)
		d->belt[s].ready = 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome out = {false, WORD_DICTIONARY, (double)word_table_right(&d->out.table, &d->words.notes), ""};
	out.right = word_found_right(&d->words, &d->out.table, job->kernel == &kernel_tasks ? d->out.letter : NULL, out.text,
				     sizeof out.text);
	return out;
}

static void release(struct job *job)
{
	word_list_free(job->data ? &((struct data *)job->data)->words : NULL);
	free(job->data);
}

static const struct variant task_variants[] = {
	{"one-by-one", "one task after another", .run = run_one_by_one},
	{"tasks", "a thread takes a task", KIND_THREADS, .run = run_tasks},
	{"in-place", "the same, and the list is sorted in its place", KIND_THREADS,
	 "one task changes the list that the others are reading", .run = run_in_place},
	{0},
};
static const struct variant stage_variants[] = {
	{"block-by-block", "one worker, all stages", .run = run_block_by_block},
	{"stages", "cut by what is done: a thread for each stage", KIND_THREADS, .blocks = true, .run = run_stages},
	{"blocks", "cut by data: all stages on a slice of the blocks", KIND_THREADS, .run = run_blocks},
	{0},
};

#define WORDS {"size", "words", "words in all", 0, 1e8, 1e6, false}
const struct kernel kernel_tasks = {
	.name = "tasks", .title = "Three tasks, one list of words", .source = __FILE__, .params = {WORDS},
	.prepare = prepare, .reset = reset, .variants = task_variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_tasks);
const struct kernel kernel_stages = {
	.name = "stages", .title = "Three stages for each block of a text", .source = __FILE__,
	.params = {WORDS, {"block", "words", "words handed on at a time", 1, 1e8, 16384, false}},
	.prepare = prepare, .reset = reset, .variants = stage_variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_stages);
static const struct lesson lesson = {
	.id = "data-task", .level = 1, .minutes_min = 30, .minutes_max = 48, .needs = "concurrency", .dir = LESSON_DIR,
	.demos = (const struct demo[]){{"hands", "six workers ask for one of three tasks", NULL, show_hands, NULL}, {0}},
	.kernels = (const struct kernel *const[]){&kernel_stages, &kernel_tasks, &kernel_sum_squares, NULL},
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
