/* Map and reduce                                                                                            ★★☆
 *
 * What you learn: map makes partial results, all at once; combine shrinks them where they arise; reduce folds them into one.
 * That the answer does not depend on who did which part, the operation must be associative. A mean is not; a pair (sum, number) is.
 *
 * How the number is made: kernel `words` counts the words of a made-up text or of your own files (--file), block by block
 * (text.h); checked against a count byte by byte, without a table: the number of words and a sum of hashes, exact. Kernel
 * `sums`: sum of squares, in whole numbers; checked against another formula. Kernel `mean`: checked against an exact sum,
 * tolerance 1e-9. `shared` has a data race on purpose; `mean-of-means` folds with an operation that is not associative. */
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include "lessons/4-executors/4-map-reduce/text.h"
#include "lessons/lesson.h"

/* ---- the pattern, for any kind of work ---- */

struct work {
	int (*map)(struct job *job, int w);               /* worker w makes a partial result of its share */
	int (*merge)(struct job *job, int into, int from); /* two neighbouring partial results become one, in the first place */
};

struct hand {
	struct job *job;
	const struct work *work;
	int id, first, error; /* first: the lowest number that has a thread (tree) */
	pthread_t thread;
};

static int in_turn(struct hand *me)
{
	worker_begin(me->job, me->id);
	int rc = me->work->map(me->job, me->id);
	worker_end(me->job, me->id);
	return rc;
}

static int run_serial(struct job *job, const struct work *work)
{
	struct hand only = {.job = job, .work = work};
	parallel_begin(job, 1);
	int rc = in_turn(&only);
	parallel_end(job);
	return rc;
}

//> row
static void *map_only(void *arg)
{
	struct hand *me = arg;
	me->error = in_turn(me) ? errno : 0;
	return NULL;
}

/* Map at once; then one thread folds all partial results, from the left to the right. */
static int run_row(struct job *job, const struct work *work)
{
	struct hand hand[KERNEL_WORKERS_MAX];
	int started = 0, error = 0;
	parallel_begin(job, job->workers);
	for (; started < job->workers && !error; started += !error) {
		hand[started] = (struct hand){.job = job, .work = work, .id = started};
		error = pthread_create(&hand[started].thread, NULL, map_only, &hand[started]);
	}
	for (int w = 0; w < started; w++) {
		pthread_join(hand[w].thread, NULL);
		error = error ? error : hand[w].error;
	}
	parallel_end(job);
	for (int w = 1; w < started && !error; w++) /* reduce: a serial part */
		error = work->merge(job, 0, w) ? errno : 0;
	return (errno = error) ? -1 : 0;
}
//< row

//> tree
/* Reduce in pairs: 0 takes 1, 2 takes 3; then 0 takes 2. Who takes waits for the other's thread. */
static void *map_and_merge(void *arg)
{
	struct hand *me = arg; /* in an array: me[step] is `step` numbers further */
	int workers = me->job->workers;
	me->error = in_turn(me) ? errno : 0;
	for (int step = 1; !(me->id & step) && me->id + step < workers; step *= 2) {
		pthread_join(me[step].thread, NULL);
		me->error = me->error ? me->error : me[step].error;
		worker_begin(me->job, me->id);
		if (!me->error && me->work->merge(me->job, me->id, me->id + step))
			me->error = errno;
		worker_end(me->job, me->id);
	}
	return NULL;
}
//< tree

static int run_tree(struct job *job, const struct work *work)
{
	struct hand hand[KERNEL_WORKERS_MAX];
	int w = job->workers, error = 0;
	parallel_begin(job, job->workers);
	while (w > 0 && !error) { /* the last one first: each finds the threads that it has to wait for */
		hand[--w] = (struct hand){.job = job, .work = work, .id = w};
		error = pthread_create(&hand[w].thread, NULL, map_and_merge, &hand[w]);
		w += error != 0;
	}
	for (int k = w; k < job->workers; k++) /* those whose taker was not started, in peace number 0 */
		if (k == 0 || (k & (k - 1)) < w)
			pthread_join(hand[k].thread, NULL);
	parallel_end(job);
	return (errno = error ? error : hand[0].error) ? -1 : 0;
}

/* ---- words ---- */

typedef bool emit(void *to, const char *word, size_t length);

//> map
/* Map: a share of the blocks becomes pairs (word, 1). */
static int map_blocks(struct job *job, int w, int workers, emit *emit_pair, void *to)
{
	const struct text *t = job->data;
	struct slice mine = slice_of(t->blocks, w, workers);
	struct block b = {.text = malloc(block_room(t))}; /* all the text that it has in memory at a time */
	int rc = b.text ? 0 : -1;
	for (size_t k = mine.first; k < mine.last && !rc && !(rc = block_read(t, k, &b)); k++)
		for (size_t i = b.first; i < b.end && !rc; i++) {
			size_t begin = i;
			while (i < b.n && !blank(b.text[i]))
				i++;
			size_t length = i - begin < LONGEST ? i - begin : LONGEST;
			if (length > 0 && !emit_pair(to, b.text + begin, length))
				rc = -1;
		}
	free(b.text);
	return rc;
}
//< map

//> combine
/* Combine: the same word again is no new pair, its count grows. */
static bool emit_combined(void *bag, const char *word, size_t length) { return bag_add(bag, word, length, 1); }
//< combine

static int map_words_of(struct job *job, int w, int workers)
{
	struct text *t = job->data;
	return bag_open(&t->bag[w], w) ? map_blocks(job, w, workers, emit_combined, &t->bag[w]) : -1;
}
static int map_words(struct job *job, int w) { return map_words_of(job, w, job->workers); }
static int map_all_words(struct job *job, int w) { return map_words_of(job, w, 1); }

//> merge
/* Reduce: all pairs of one bag go into another. */
static int merge_words(struct job *job, int into, int from)
{
	struct text *t = job->data;
	size_t at = 0;
	for (const struct slot *s; (s = bag_next(&t->bag[from], &at));)
		if (!bag_add(&t->bag[into], slot_text(s), s->word.length, s->word.count))
			return -1;
	return 0;
}
//< merge

#include "processes.h" /* the same in processes; each sends its pairs through a pipe */

static int run_words_serial(struct job *job) { return run_serial(job, &(struct work){map_all_words, merge_words}); }
static int run_words_row(struct job *job) { return run_row(job, &(struct work){map_words, merge_words}); }
static int run_words_tree(struct job *job) { return run_tree(job, &(struct work){map_words, merge_words}); }

static int prepare_words(struct job *job)
{
	struct text *t = job->data = calloc(1, sizeof *t);
	return t ? text_open(t, (uint64_t)job->arg[0], (size_t)job->arg[2], job->seed, (uint64_t)job->arg[1]) : -1;
}
static void reset_words(struct job *job) { text_clear(job->data); }
static void release_words(struct job *job) { text_close(job->data), job->data = NULL; }

static struct outcome verify_words(const struct job *job)
{
	const struct text *t = job->data;
	uint64_t words;
	bool right = bag_right(t, &t->bag[0], &words);
	struct outcome out = {right, (double)t->words, (double)words, ""};
	snprintf(out.text, sizeof out.text, "%.0f of %.0f words, %zu different ones; sum of hashes %s (exact)", out.observed, out.expected,
		 t->bag[0].table.used, right ? "equal" : "differs");
	return out;
}

static const struct variant word_variants[] = {
	{"serial", "one bag of words, block by block", .run = run_words_serial},
	{"threads", "a bag for each thread; one thread adds them up", KIND_THREADS, .run = run_words_row},
	{"tree", "a bag for each thread; added up in pairs", KIND_THREADS, .run = run_words_tree},
	{"processes", "a bag for each process, sent through a pipe", KIND_PROCESSES, .run = run_processes_combined},
	{"no-combine", "each word found is sent as it is", KIND_PROCESSES, .run = run_no_combine},
	{0},
};

static struct kernel kernel_words = { /* --file changes the preset of the size */
	.name = "words", .title = "How often does each word occur?", .source = __FILE__,
	.params = {{"size", "bytes", "length of the made-up text, or how much of --file (preset then: all)", 0, 1e13, 4e6, false},
		   {"words", "words", "different words of the made-up text", 1, 1e7, 2e4, false},
		   {"block", "bytes", "a worker reads so much of the text at a time", 1, 1e9, 262144, false}},
	.prepare = prepare_words, .reset = reset_words, .variants = word_variants, .verify = verify_words, .release = release_words,
};
KERNEL_REGISTER(kernel_words);

#include "numbers.h" /* kernels sums and mean */
#include "demos.h"   /* what is shown once: brackets, travel, top */
static const struct lesson lesson = {
	.id = "map-reduce", .level = 2, .minutes_min = 35, .minutes_max = 53, .needs = "parallel-loop", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_words, &kernel_sums, &kernel_mean, NULL}, .threads = "1,2,4",
	.demos = map_reduce_demos, .options = map_reduce_options,
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
