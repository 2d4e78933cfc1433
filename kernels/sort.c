/* Sorting numbers of 64 bits, ascending: whole ones (sort) and doubles (sort_f64).
 *
 * size      numbers; distinct: how many different ones there are among them, 0: as chance has it
 * flops     none
 * bytes     16 n: each number is read and written once at the very least; real sorts move it many times
 * ladder    serial     quicksort without branches in its partition
 *           radix      dealt into 256 piles by the highest byte, each pile again by the next; nothing is compared
 *           simd       quicksort by vectors of 8 numbers (AVX2: 4): one comparison with the pivot, one shuffle; what is left
 *                      of up to 128 (32) numbers goes through a sorting network (kernels/sort_network.h). Without AVX2: one
 *                      number at a time, into a second array
 *           buckets    the same, and main memory is crossed only twice (up to some ten million numbers): blocks that fit the
 *                      cache are split by common pivots, then each bucket is collected from all blocks and sorted while
 *                      it is in the cache
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
#include <omp.h>
#include <stdbool.h>
#include <string.h>
#include "kernels/merge.h"
#include "kernels/sort_vectors.h"
#include "kernels/sort_data.h"

enum { TASK_LEAST = 4096 }; /* fewer numbers are not worth a task */

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

/* The vectors are in kernels/sort_vectors.h. */
//> simd
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
//< simd

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
		d->bound[(d->runs + 1) / 2] = d->n; /* bound[] now says where the merged runs begin */
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
#pragma omp task /* each has its own copy of `first` */
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
		if (n == d->n) /* no merge will follow */
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
