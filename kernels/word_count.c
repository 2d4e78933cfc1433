/* How often does each word of a text occur? A word is what stands between blanks (bytes up to 32).
 *
 * size      bytes of the text; words: different ones to choose from (kernels/word_text.h: as uneven as in a real language)
 * flops     none
 * bytes     n: the text is read once
 * ladder    serial    byte by byte; a hash table whose buckets are lists of words
 *           table     open addressing: the words lie in one array, with their first 16 bytes, and are found by two
 *                     comparisons of 8 bytes, most often at the first place
 *           simd      64 bytes at a time become a word of bits that tell where words begin and end; and the places in the table
 *                     are fetched into the cache for many words before the first is looked up
 *           threads   each thread counts its slice of the text in a table of its own; then each thread adds up, from all
 *                     tables, the words whose hashes are in its range
 *           openmp    the same with a parallel region and a barrier
 * check     number of words; and a hash sum over all pairs of word and count, against what the writer of the text noted (its
 *           hash is another one, and no table is asked). Exact
 * source    own; bits for the ends of tokens: G. Langdale and D. Lemire, "Parsing gigabytes of JSON per second", VLDB
 *           Journal 28 (2019); the hash folds a product as wyhash does (Wang Yi); shares by ranges of a hash are common in
 *           parallel databases
 *
 * The text must be followed by TEXT_AFTER readable bytes; what they are does not matter. */
#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/kernel.h"
#include "kernels/simd.h"
#include "kernels/word_table.h"
#include "kernels/word_text.h"

enum { TEXT_AFTER = 64, PIECE = 1024, TABLE_BITS = 12, BUCKETS = 1 << 16 };

/* A list of the chained table. */
struct node {
	struct word word;
	struct node *next;
};

struct list {
	struct word *word;
	size_t n;
};

struct share {
	struct job *job;
	int worker, error;
	int (*phase)(struct job *job, int worker);
	pthread_t thread;
	struct table table;
	struct list list; /* the result is all lists together */
};

struct data {
	char *text;
	size_t n;
	struct node **bucket;
	uint32_t *written; /* by the writer of the text: how often each word */
	uint64_t distinct, words;
	bool done;
	struct share share[KERNEL_WORKERS_MAX];
};

static bool blank(char c) { return (unsigned char)c <= ' '; }

//> serial
static struct word *chain_find(struct data *d, const char *text, size_t length, uint32_t hash)
{
	struct node **at = &d->bucket[hash % BUCKETS];
	for (; *at; at = &(*at)->next)
		if ((*at)->word.length == length && !memcmp((*at)->word.text, text, length))
			return &(*at)->word;
	*at = calloc(1, sizeof **at);
	if (!*at)
		return NULL;
	(*at)->word = (struct word){.text = text, .length = (uint32_t)length};
	return &(*at)->word;
}

static int chain_count(struct data *d)
{
	for (size_t i = 0; i < d->n;) {
		size_t begin = i;
		uint32_t hash = 2166136261;
		for (; i < d->n && !blank(d->text[i]); i++)
			hash = (hash ^ (unsigned char)d->text[i]) * 16777619;
		if (i == begin) {
			i++;
			continue;
		}
		struct word *word = chain_find(d, d->text + begin, i - begin, hash);
		if (!word)
			return -1;
		word->count++;
	}
	return 0;
}
//< serial

/* Moves what the chains hold into a list, and frees them; only frees them where there is no list. */
static void chain_empty(struct data *d, struct list *list)
{
	for (size_t b = 0; d->bucket && b < BUCKETS; b++)
		while (d->bucket[b]) {
			struct node *node = d->bucket[b];
			d->bucket[b] = node->next;
			if (list)
				list->word[list->n++] = node->word;
			free(node);
		}
}

/* Forgets the last result. */
static void clear(struct data *d)
{
	chain_empty(d, NULL);
	for (int w = 0; w < KERNEL_WORKERS_MAX; w++) {
		free(d->share[w].table.slot);
		free(d->share[w].list.word);
		d->share[w].table = (struct table){0};
		d->share[w].list = (struct list){0};
	}
	d->done = false;
}

static int run_serial(struct job *job)
{
	struct data *d = job->data;
	clear(d);
	parallel_begin(job, 1);
	worker_begin(job, 0);
	int rc = chain_count(d);
	worker_end(job, 0);
	parallel_end(job);
	size_t n = 0;
	for (size_t b = 0; b < BUCKETS; b++)
		for (struct node *node = d->bucket[b]; node; node = node->next)
			n++;
	d->share[0].list.word = malloc((n + 1) * sizeof(struct word));
	if (rc || !d->share[0].list.word)
		return -1;
	chain_empty(d, &d->share[0].list);
	d->done = true;
	return 0;
}

//> table
static int table_count(struct table *t, const char *text, size_t n)
{
	if (!table_make(t, TABLE_BITS, 1))
		return -1;
	for (size_t i = 0; i < n; i++) {
		size_t begin = i;
		while (i < n && !blank(text[i]))
			i++;
		struct item it = item_of(text + begin, i - begin);
		if (i > begin && !table_add(t, &it, 1))
			return -1;
	}
	return 0;
}
//< table

static int list_of(const struct table *t, struct list *list)
{
	list->word = malloc((t->used + 1) * sizeof *list->word);
	if (!list->word)
		return -1;
	for (size_t i = 0; i < (size_t)1 << t->bits; i++)
		if (t->slot[i].word.length)
			list->word[list->n++] = t->slot[i].word;
	return 0;
}

typedef int count_function(struct table *t, const char *text, size_t n);

static int run_alone(struct job *job, count_function *count)
{
	struct data *d = job->data;
	struct share *s = &d->share[0];
	clear(d);
	parallel_begin(job, 1);
	worker_begin(job, 0);
	int rc = count(&s->table, d->text, d->n);
	worker_end(job, 0);
	parallel_end(job);
	if (rc || list_of(&s->table, &s->list))
		return -1;
	d->done = true;
	return 0;
}

static int run_table(struct job *job) { return run_alone(job, table_count); }

//> simd
/* Bit k: byte k of 64 is a blank. */
#ifdef __x86_64__
#include <emmintrin.h>
static inline uint64_t blanks(const char *p)
{
	const __m128i most = _mm_set1_epi8(' ');
	uint64_t bits = 0;
	for (int k = 0; k < 4; k++) { /* the larger of byte and 32 is 32 */
		__m128i v = _mm_loadu_si128((const __m128i *)p + k);
		bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(v, most), most)) << 16 * k;
	}
	return bits;
}
#else
static inline uint64_t blanks(const char *p)
{
	uint64_t bits = 0;
	for (int k = 0; k < 64; k++)
		bits |= (uint64_t)blank(p[k]) << k;
	return bits;
}
#endif

static int simd_count(struct table *t, const char *text, size_t n)
{
	size_t edge[PIECE + 2], edges = 0; /* begin, end, begin, end, ... of the words of a piece of text */
	struct item item[PIECE / 2 + 1];
	uint64_t before = 1; /* the byte before was a blank */

	if (!table_make(t, TABLE_BITS, 1))
		return -1;
	for (size_t piece = 0; piece < n; piece += PIECE) {
		size_t last = piece + PIECE < n ? piece + PIECE : n;
		for (size_t i = piece; i < last; i += 64) {
			uint64_t bits = blanks(text + i);
			if (last - i < 64)
				bits |= ~UINT64_C(0) << (last - i); /* the end of the text ends a word */
			for (uint64_t change = bits ^ (bits << 1 | before); change; change &= change - 1)
				edge[edges++] = i + (size_t)__builtin_ctzll(change);
			before = bits >> 63;
		}
		if (last == n && edges % 2)
			edge[edges++] = n;
		for (size_t k = 0; k < edges / 2; k++) {
			item[k] = item_of(text + edge[2 * k], edge[2 * k + 1] - edge[2 * k]);
			__builtin_prefetch(&t->slot[table_place(t, item[k].hash)], 1);
		}
		for (size_t k = 0; k < edges / 2; k++) /* by now the places are there, or on their way */
			if (!table_add(t, &item[k], 1))
				return -1;
		edge[0] = edges ? edge[edges - 1] : 0; /* a word that goes on in the next piece */
		edges %= 2;
	}
	return 0;
}
//< simd

static int run_simd(struct job *job) { return run_alone(job, simd_count); }

//> threads
/* The end of the word in which position i lies; i itself where a word could begin. */
static size_t word_edge(const struct data *d, size_t i)
{
	while (i > 0 && i < d->n && !blank(d->text[i - 1]))
		i++;
	return i;
}

static int phase_count(struct job *job, int worker)
{
	struct data *d = job->data;
	struct slice mine = slice_of(d->n, worker, job->workers);
	size_t first = word_edge(d, mine.first), last = word_edge(d, mine.last);
	return simd_count(&d->share[worker].table, d->text + first, last - first);
}

/* Whose range a hash is in. The table's order is that of the hashes, so a range is a stretch of every table. */
static int owner(uint64_t hash, int workers) { return (int)((hash >> 32) * (uint64_t)workers >> 32); }

static int phase_merge(struct job *job, int worker)
{
	struct data *d = job->data;
	struct table all;
	if (job->workers == 1)
		return list_of(&d->share[0].table, &d->share[0].list);
	/* Another order for the sum: in the old one, words that arrive in order would crowd the begin of a growing table. */
	if (!table_make(&all, TABLE_BITS, UINT64_C(0x9E3779B97F4A7C15)))
		return -1;
	for (int w = 0; w < job->workers; w++) {
		const struct table *t = &d->share[w].table;
		if (!t->slot) { /* nobody waits for a colleague in OpenMP who had no memory */
			free(all.slot);
			errno = ENOMEM;
			return -1;
		}
		size_t size = (size_t)1 << t->bits, p = (size_t)job->workers;
		size_t first = size * (size_t)worker / p, last = (size * ((size_t)worker + 1) + p - 1) / p;
		/* What found its place taken lies behind it, up to the next free one, perhaps past the end of the table. */
		for (size_t i = first; i < last || (i < first + size && t->slot[i % size].word.length); i++) {
			const struct slot *s = &t->slot[i % size];
			if (!s->word.length)
				continue;
			struct item it = item_in(s);
			if (owner(it.hash, job->workers) != worker)
				continue;
			if (!table_add(&all, &it, s->word.count)) {
				free(all.slot);
				return -1;
			}
		}
	}
	int rc = list_of(&all, &d->share[worker].list);
	free(all.slot);
	return rc;
}

static void *thread_main(void *arg)
{
	struct share *me = arg;
	worker_begin(me->job, me->worker);
	me->error = me->phase(me->job, me->worker) ? errno : 0;
	worker_end(me->job, me->worker);
	return NULL;
}

static int run_phase(struct job *job, int (*phase)(struct job *, int))
{
	struct data *d = job->data;
	int started, error = 0;
	parallel_begin(job, job->workers);
	for (started = 0; started < job->workers; started++) {
		struct share *s = &d->share[started];
		s->job = job;
		s->worker = started;
		s->phase = phase;
		error = pthread_create(&s->thread, NULL, thread_main, s);
		if (error)
			break;
	}
	for (int w = 0; w < started; w++) {
		pthread_join(d->share[w].thread, NULL);
		error = error ? error : d->share[w].error;
	}
	parallel_end(job);
	errno = error;
	return error ? -1 : 0;
}

static int run_threads(struct job *job)
{
	struct data *d = job->data;
	clear(d);
	if (run_phase(job, phase_count) || run_phase(job, phase_merge))
		return -1;
	d->done = true;
	return 0;
}
//< threads

//> openmp
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	int failed = 0;
	clear(d);
	parallel_begin(job, job->workers);
	/* Shares, not threads: the number of threads may turn out smaller. */
#pragma omp parallel num_threads(job->workers) reduction(+ : failed)
	{
		worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(static, 1)
		for (int w = 0; w < job->workers; w++)
			failed += phase_count(job, w) != 0;
		/* Here all wait for each other: now the tables are complete. */
#pragma omp for schedule(static, 1)
		for (int w = 0; w < job->workers; w++)
			failed += failed || phase_merge(job, w);
		worker_end(job, omp_get_thread_num());
	}
	parallel_end(job);
	if (failed) {
		errno = ENOMEM;
		return -1;
	}
	d->done = true;
	return 0;
}
//< openmp

static void reset(struct job *job) { clear(job->data); }

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	d->n = job_size(job);
	d->distinct = (uint64_t)job->arg[1];
	d->text = simd_alloc(d->n + TEXT_AFTER, 1);
	d->written = calloc(d->distinct, sizeof *d->written);
	d->bucket = calloc(BUCKETS, sizeof *d->bucket);
	if (!d->text || !d->written || !d->bucket)
		return -1;
	memset(d->text + d->n, 'x', TEXT_AFTER); /* letters, so that reading too far is noticed */
	d->words = text_make(d->text, d->n, job->seed, d->distinct, d->written);
	return 0;
}

static double figure(const struct job *job)
{
	const struct data *d = job->data;
	uint64_t sum = 0;
	for (int w = 0; w < job->workers; w++)
		for (size_t i = 0; i < d->share[w].list.n; i++) {
			const struct word *word = &d->share[w].list.word[i];
			sum += word_figure(word->text, word->length, word->count);
		}
	return figure_of(sum);
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	uint64_t sum = 0, words = 0;
	char word[WORD_LONGEST];
	for (uint64_t rank = 0; rank < d->distinct; rank++)
		if (d->written[rank]) {
			size_t length = word_make(job->seed, rank, word);
			sum += word_figure(word, length, d->written[rank]);
		}
	for (int w = 0; w < job->workers; w++)
		for (size_t i = 0; i < d->share[w].list.n; i++)
			words += d->share[w].list.word[i].count;
	struct outcome o = {.expected = (double)d->words, .observed = (double)words};
	o.right = d->done && words == d->words && figure_of(sum) == figure(job);
	snprintf(o.text, sizeof o.text, "words expected %.0f, observed %.0f; hash sum of words and counts expected %.0f, observed %.0f "
		 "(exact)", o.expected, o.observed, figure_of(sum), figure(job));
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	struct list *list = &d->share[where % (uint64_t)job->workers].list;
	if (!list->n)
		return false;
	struct word *word = &list->word[(where >> 8) % list->n];
	if (where >> 63)
		word->length--;
	else
		word->count++;
	return true;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		clear(d);
		free(d->text);
		free(d->written);
		free(d->bucket);
	}
	free(d);
	job->data = NULL;
}

static double bytes(const struct job *job) { return job->arg[0]; }

static const struct variant variants[] = {
	{.name = "serial", .about = "byte by byte, chained hash table", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "table", .about = "open addressing, words inside the table", .kind = KIND_SERIAL, .run = run_table},
	{.name = "simd", .about = "64 bytes at a time, look-ups prefetched", .kind = KIND_SERIAL, .run = run_simd},
	{.name = "threads", .about = "private tables, added up by ranges of the hash", .kind = KIND_THREADS, .run = run_threads},
	{.name = "openmp", .about = "the same in a parallel region", .kind = KIND_OPENMP, .run = run_openmp},
	{0},
};

const struct kernel kernel_word_count = {
	.name = "word_count",
	.title = "Word count",
	.source = __FILE__,
	.params = {{"size", "bytes", "length of the text", 0, 1e9, 4e6, false},
		   {"words", "words", "how many different words to choose from", 1, 1e7, 2e5, false}},
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
	.peer_arg = {2e8, 2e5},
	.figure = figure,
};
KERNEL_REGISTER(kernel_word_count);
