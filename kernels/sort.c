/* Sorting numbers of 64 bits, ascending: whole ones (sort) and doubles (sort_f64).
 *
 * size      numbers; distinct: how many different ones there are among them, 0: as chance has it
 * flops     none
 * bytes     16 n: each number is read and written once at the very least; real sorts move it many times
 * ladder    serial     quicksort without branches in its partition
 *           radix      dealt into 256 heaps by the highest byte, each heap again by the next; nothing is compared
 *           simd       quicksort by vectors: eight numbers are compared with the pivot at once and moved by one shuffle;
 *                      what is left of up to 128 numbers goes through a sorting network (kernels/sort_network.h)
 *           buckets    the same, and main memory is crossed only twice: blocks that fit the cache are split by common
 *                      pivots, then each bucket is collected from all blocks and sorted while it is in the cache
 *           threads    each thread sorts its slice; then rounds of merging, in which every thread writes an equal
 *                      share of the output, whichever two runs it falls into
 *           openmp     merge sort as a tree of tasks, the merges cut into tasks as well
 *           bucket-threads  buckets, with blocks and then buckets taken by whoever is free
 * doubles   are turned into whole numbers of the same order, sorted, and turned back (kernels/sort_plain.h). So -0.0
 *           comes before 0.0; NaN before all (sign bit set) or after all. The input has neither.
 * check     ascending, and the same numbers as before: their sum and the exclusive or of their hashes, both found in
 *           prepare
 * source    partition: the branchless form of N. Lomuto's scheme (A. Alexandrescu, O. Peters); partition by vectors:
 *           B. Bramas, "A novel hybrid quicksort algorithm vectorized using AVX-512", 2017, here with a second array
 *           instead of two ends; buckets: splitters from a sample, W. Frazer and A. McKellar, "Samplesort", JACM 1970;
 *           radix: H. Hollerith 1889; equal shares of a merge: "merge path", O. Green, R. McColl, D. Bader, ICS 2012 */
#ifdef SIMD_PASS

#include "kernels/sort_network.h"

//> simd
#if LANES == 8
/* Writes a vector twice: the numbers below the pivot to low[0], low[1], ..., the others up to high[-1]; what else is
 * written there is noise that later numbers overwrite. Returns how many are below. */
NETWORK size_t SIMD(split_vector)(KEYS keys, uint64_t *low, uint64_t *high, uint64_t pivot)
{
	__m512i v = (__m512i)keys;
	unsigned below = _mm512_cmplt_epu64_mask(v, _mm512_set1_epi64((long long)pivot));
	v = _mm512_permutexvar_epi64(_mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)order8[below])), v);
	_mm512_storeu_si512(low, v);
	_mm512_storeu_si512(high - LANES, v);
	return (size_t)__builtin_popcount(below);
}
#elif LANES == 4
NETWORK size_t SIMD(split_vector)(KEYS keys, uint64_t *low, uint64_t *high, uint64_t pivot)
{
	__m256i v = (__m256i)keys, less = (__m256i)(keys < ((KEYS){0} + pivot));
	unsigned below = (unsigned)_mm256_movemask_pd((__m256d)less);
	v = _mm256_permutevar8x32_epi32(v, _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)order4[below])));
	_mm256_storeu_si256((__m256i *)low, v);
	_mm256_storeu_si256((__m256i *)(high - LANES), v);
	return (size_t)__builtin_popcount(below);
}
#endif

/* Splits from[0..n) at the pivot: the numbers below it go to a, from its front up; the others to b[front..n), from its end
 * down. Returns front. `from` may be a: as much of it was read as was written, or more, so there is always room for a
 * whole vector. With `doubles` it holds doubles, and what is written are their keys. */
NETWORK size_t SIMD(split_from)(const uint64_t *from, uint64_t *a, uint64_t *b, size_t n, uint64_t pivot, bool doubles)
{
	uint64_t *low = a, *high = b + n;
	size_t i = 0;
#if LANES > 2
	for (; n - i >= LANES; i += LANES) {
		vi64 v;
		memcpy(&v, from + i, sizeof v);
		if (doubles)
			v ^= v >> 63 | INT64_MIN; /* key_of */
		size_t below = SIMD(split_vector)((KEYS)v, low, high, pivot);
		low += below;
		high -= LANES - below;
	}
#endif
	for (; i < n; i++) {
		uint64_t x = doubles ? key_of(from[i]) : from[i];
		size_t below = x < pivot; /* 0 or 1: added, so that no branch has to be guessed */
		*low = high[-1] = x;
		low += below;
		high -= 1 - below;
	}
	return (size_t)(low - a);
}

/* What is below the pivot stays in a. */
SIMD_TARGET static size_t SIMD(split)(uint64_t *a, uint64_t *b, size_t n, uint64_t pivot)
{
	return SIMD(split_from)(a, a, b, n, pivot, false);
}

/* A number near the middle: the better it is met, the fewer splits; the more numbers there are, the more looks pay. */
SIMD_TARGET static uint64_t SIMD(pivot)(const uint64_t *a, size_t n)
{
	enum { SAMPLES = 32 };
	if (n < 32 * SAMPLES)
		return median_of_nine(a, n);
	uint64_t sample[SAMPLES];
	for (size_t i = 0; i < SAMPLES; i++)
		sample[i] = a[n / SAMPLES * i + n / SAMPLES / 2];
	SIMD(sort_small)(sample, sample, SAMPLES);
	return sample[SAMPLES / 2];
}

/* Sorts a[0..n), none of which is below `least`; the result goes to b if `over`, else stays in a; the other is room.
 * After a split one half is in a and the other in b: each is sorted from where it is to where it belongs, so that nothing
 * is ever copied back. A pivot that equals `least` splits off its equals, which are in order at once: many equal numbers
 * make this faster, not slower. */
SIMD_TARGET static void SIMD(sort)(uint64_t *a, uint64_t *b, size_t n, uint64_t least, int depth, bool over)
{
	while (n > SMALL_MOST) {
		uint64_t pivot = SIMD(pivot)(a, n);
		bool done = pivot == least;
		if (depth == 0) /* too many bad pivots */
			heap_sort(a, n);
		if (depth == 0 || (done && pivot == UINT64_MAX)) { /* in order; in the second case all are equal */
			if (over)
				memcpy(b, a, n * sizeof *a);
			return;
		}
		depth--;
		size_t front = SIMD(split)(a, b, n, pivot + done);
		if (!done)
			SIMD(sort)(a, b, front, least, depth, over);
		else if (over)
			memcpy(b, a, front * sizeof *a);
		uint64_t *rest = b + front;
		b = a + front;
		a = rest;
		n -= front;
		over = !over;
		least = pivot + done;
	}
	SIMD(sort_small)(a, over ? b : a, n);
}
//< simd

#include "kernels/sort_part.h"

static const struct engine SIMD(engine) = {SIMD(sort), SIMD(part_from), SIMD(to_keys), SIMD(to_bits)};

#else

#include <omp.h>
#include <stdbool.h>
#include <string.h>
#include "kernels/merge.h"
#include "kernels/sort_plain.h"
#ifdef __x86_64__
#include <immintrin.h>
#endif

enum { TASK_LEAST = 4096 };

/* The functions that exist once per instruction set. */
struct engine {
	void (*sort)(uint64_t *a, uint64_t *b, size_t n, uint64_t least, int depth, bool over);
	void (*part)(const uint64_t *from, uint64_t *a, uint64_t *b, size_t n, const uint64_t *splitter, size_t parts,
		     uint32_t *size, bool doubles);
	void (*to_keys)(uint64_t *a, size_t n), (*to_bits)(uint64_t *a, size_t n);
};

/* For each pattern of numbers below the pivot: the order that brings them to the front. order8 has the places of 8
 * numbers, order4 those of the halves of 4. */
static uint8_t order8[256][8], order4[16][8];

__attribute__((constructor)) static void fill_orders(void)
{
	for (unsigned below = 0; below < 256; below++) {
		size_t front = 0, back = (size_t)__builtin_popcount(below);
		for (unsigned lane = 0; lane < 8; lane++)
			order8[below][below >> lane & 1 ? front++ : back++] = (uint8_t)lane;
	}
	for (unsigned below = 0; below < 16; below++) {
		size_t front = 0, back = 2 * (size_t)__builtin_popcount(below);
		for (unsigned half = 0; half < 8; half++)
			order4[below][below >> half / 2 & 1 ? front++ : back++] = (uint8_t)half;
	}
}

#define SIMD_SOURCE "kernels/sort.c"
#include "kernels/simd.h"
#include "kernels/sort_data.h"

static const struct engine *engine(void)
{
	static const struct engine *const of_level[] = SIMD_TABLE(&engine);
	return of_level[simd_level()];
}

/* Doubles become keys before sorting, and doubles again afterwards; whole numbers stay what they are. */
static void to_keys(const struct data *d, uint64_t *a, size_t n)
{
	if (d->f64)
		engine()->to_keys(a, n);
}

static void to_bits(const struct data *d, uint64_t *a, size_t n)
{
	if (d->f64)
		engine()->to_bits(a, n);
}

//> serial
/* Moves the numbers below the pivot (or, with `equal`, not above it) to the front; returns how many. Whether a number
 * stays is added as 0 or 1: a branch here would be guessed wrong half of the time. */
static size_t partition(uint64_t *a, size_t n, uint64_t pivot, bool equal)
{
	size_t front = 0;
	if (equal)
		for (size_t i = 0; i < n; i++) {
			uint64_t x = a[i];
			a[i] = a[front];
			a[front] = x;
			front += x <= pivot;
		}
	else
		for (size_t i = 0; i < n; i++) {
			uint64_t x = a[i];
			a[i] = a[front];
			a[front] = x;
			front += x < pivot;
		}
	return front;
}

static void quick_sort(uint64_t *a, size_t n, int depth)
{
	while (n > SMALL) {
		if (depth-- == 0) {
			heap_sort(a, n);
			return;
		}
		uint64_t pivot = median_of_nine(a, n);
		size_t front = partition(a, n, pivot, false);
		if (!front) { /* the pivot is the least: all its equals are in place at once */
			front = partition(a, n, pivot, true);
			a += front;
			n -= front;
			continue;
		}
		quick_sort(a, front, depth);
		a += front;
		n -= front;
	}
	insertion_sort(a, n);
}

static int run_serial(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	to_keys(d, d->from, d->n);
	quick_sort(d->from, d->n, DEPTH(d->n));
	to_bits(d, d->from, d->n);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

#include "kernels/sort_radix.h"

//> radix
static int run_radix(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	to_keys(d, d->from, d->n);
	radix_sort(d->from, d->to, d->n, 56, false);
	to_bits(d, d->from, d->n);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< radix

/* The vectors' part is at the head of this file. */
static int run_simd(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	to_keys(d, d->from, d->n);
	engine()->sort(d->from, d->to, d->n, 0, DEPTH(d->n), false);
	to_bits(d, d->from, d->n);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}

#include "kernels/sort_buckets.h"

//> buckets
static int run_buckets(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	choose_splitters(d);
	phase_part(job, 0);
	place_buckets(d);
	phase_bucket(job, 0);
	atomic_store(&d->next, 0);
	phase_large(job, 0);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< buckets

//> threads
static void phase_sort(struct job *job, int worker)
{
	struct data *d = job->data;
	struct slice mine = slice_of(d->n, worker, job->workers);
	size_t n = mine.last - mine.first;
	to_keys(d, d->from + mine.first, n);
	engine()->sort(d->from + mine.first, d->to + mine.first, n, 0, DEPTH(n), false);
	if (job->workers == 1)
		to_bits(d, d->from + mine.first, n);
}

/* Runs 0 and 1 become one, 2 and 3 the next, ...; this worker writes its slice of the whole output. */
static void phase_merge(struct job *job, int worker)
{
	struct data *d = job->data;
	struct slice mine = slice_of(d->n, worker, job->workers);
	for (int run = 0; run < d->runs; run += 2) {
		size_t begin = d->bound[run], middle = d->bound[run + 1];
		size_t end = run + 2 <= d->runs ? d->bound[run + 2] : middle; /* the last may have no partner */
		size_t first = mine.first > begin ? mine.first : begin, last = mine.last < end ? mine.last : end;
		if (first < last)
			merge_part(d->from + begin, middle - begin, d->from + middle, end - middle, first - begin, last - begin,
				   d->to + begin);
	}
	if (d->runs == 2) /* the last round */
		to_bits(d, d->to + mine.first, mine.last - mine.first);
}

static void *thread_main(void *arg)
{
	struct share *me = arg;
	worker_begin(me->job, me->worker);
	me->phase(me->job, me->worker);
	worker_end(me->job, me->worker);
	return NULL;
}

/* Starts a thread per worker, and waits until all are done: after it, everything the phase wrote can be read. */
static int run_phase(struct job *job, phase_function *phase)
{
	struct data *d = job->data;
	int started, error = 0;
	parallel_begin(job, job->workers);
	for (started = 0; started < job->workers; started++) {
		struct share *s = &d->share[started];
		*s = (struct share){.job = job, .worker = started, .phase = phase};
		error = pthread_create(&s->thread, NULL, thread_main, s);
		if (error)
			break;
	}
	for (int w = 0; w < started; w++)
		pthread_join(d->share[w].thread, NULL);
	parallel_end(job);
	errno = error;
	return error ? -1 : 0;
}

static int run_threads(struct job *job)
{
	struct data *d = job->data;
	if (run_phase(job, phase_sort))
		return -1;
	for (int w = 0; w < job->workers; w++)
		d->bound[w] = slice_of(d->n, w, job->workers).first;
	d->bound[job->workers] = d->n;
	for (d->runs = job->workers; d->runs > 1; d->runs = (d->runs + 1) / 2) {
		if (run_phase(job, phase_merge))
			return -1;
		for (int run = 0; run < d->runs; run += 2)
			d->bound[run / 2] = d->bound[run];
		d->bound[(d->runs + 1) / 2] = d->n;
		uint64_t *t = d->from;
		d->from = d->to;
		d->to = t;
	}
	return 0;
}
//< threads

//> bucket-threads
static int run_bucket_threads(struct job *job)
{
	struct data *d = job->data;
	choose_splitters(d);
	if (run_phase(job, phase_part))
		return -1;
	place_buckets(d);
	if (run_phase(job, phase_bucket))
		return -1;
	atomic_store(&d->next, 0);
	for (size_t part = 0; part < d->parts; part++)
		if (d->begin[part + 1] - d->begin[part] > d->block)
			return run_phase(job, phase_large);
	return 0;
}
//< bucket-threads

//> openmp
/* Merges two neighbouring runs, in tasks of about `grain` numbers. */
static void merge_tasks(struct job *job, const uint64_t *a, size_t na, const uint64_t *b, size_t nb, uint64_t *out,
			size_t grain)
{
	const struct data *d = job->data;
	for (size_t first = 0; first < na + nb; first += grain) {
#pragma omp task
		{
			size_t last = na + nb - first < grain ? na + nb : first + grain;
			worker_begin(job, omp_get_thread_num());
			merge_part(a, na, b, nb, first, last, out);
			if (na + nb == d->n) /* the last merge */
				to_bits(d, out + first, last - first);
			worker_end(job, omp_get_thread_num());
		}
	}
#pragma omp taskwait
}

/* Sorts a[0..n); the result goes to b if `over`, else stays in a. The other one is room. */
static void sort_tasks(struct job *job, uint64_t *a, uint64_t *b, size_t n, size_t grain, bool over)
{
	const struct data *d = job->data;
	if (n <= grain) {
		worker_begin(job, omp_get_thread_num());
		to_keys(d, a, n);
		engine()->sort(a, b, n, 0, DEPTH(n), over);
		if (n == d->n) /* there will be no merge */
			to_bits(d, over ? b : a, n);
		worker_end(job, omp_get_thread_num());
		return;
	}
	size_t half = n / 2;
#pragma omp task
	sort_tasks(job, a, b, half, grain, !over);
	sort_tasks(job, a + half, b + half, n - half, grain, !over);
#pragma omp taskwait
	uint64_t *from = over ? a : b, *to = over ? b : a;
	merge_tasks(job, from, half, from + half, n - half, to, grain);
}

static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	/* A few leaves per worker: fewer leave someone idle at the end, more cost another round of merging. */
	size_t grain = d->n / (2 * (size_t)job->workers) + 1;
	if (grain < TASK_LEAST)
		grain = TASK_LEAST;
	if (job->workers == 1)
		grain = d->n + 1;
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
#pragma omp single
	sort_tasks(job, d->from, d->to, d->n, grain, false);
	parallel_end(job);
	return 0;
}
//< openmp

static const struct variant variants[] = {
	{.name = "serial", .about = "quicksort, no branch in the partition", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "radix", .about = "byte by byte, no comparison", .kind = KIND_SERIAL, .run = run_radix},
	{.name = "simd", .about = "quicksort by vectors, sorting networks", .kind = KIND_SERIAL, .run = run_simd},
	{.name = "buckets", .about = "parts that fit the cache, by vectors", .kind = KIND_SERIAL, .run = run_buckets},
	{.name = "threads", .about = "slices, then merging in equal shares", .kind = KIND_THREADS, .run = run_threads},
	{.name = "openmp", .about = "a tree of tasks", .kind = KIND_OPENMP, .run = run_openmp},
	{.name = "bucket-threads", .about = "blocks, then buckets, by whoever is free", .kind = KIND_THREADS,
	 .run = run_bucket_threads},
	{0},
};

const struct kernel kernel_sort = {
	.name = "sort",
	.title = "Sort",
	.source = __FILE__,
	.params = {{"size", "numbers", "how many numbers to sort", 0, 8e7, 2e6, false},
		   {"distinct", "numbers", "different numbers among them, 0: no limit", 0, 1e9, 0, false}},
	.bytes = sort_bytes,
	.prepare = prepare_u64,
	.reset = sort_reset,
	.variants = variants,
	.verify = sort_verify,
	.spoil = sort_spoil,
	.release = sort_release,
	.peer_arg = {1e7},
	.figure = sort_figure,
};
KERNEL_REGISTER(kernel_sort);

const struct kernel kernel_sort_f64 = {
	.name = "sort_f64",
	.title = "Sort doubles",
	.source = __FILE__,
	.params = {{"size", "numbers", "how many numbers to sort", 0, 8e7, 2e6, false},
		   {"distinct", "numbers", "different numbers among them, 0: no limit", 0, 1e9, 0, false}},
	.bytes = sort_bytes,
	.prepare = prepare_f64,
	.reset = sort_reset,
	.variants = variants,
	.verify = sort_verify,
	.spoil = sort_spoil,
	.release = sort_release,
	.peer_arg = {1e7},
	.figure = sort_figure,
};
KERNEL_REGISTER(kernel_sort_f64);

#endif
