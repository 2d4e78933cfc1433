/* Sorting whole numbers of 64 bits, ascending.
 *
 * size      numbers; distinct: how many different ones there are among them, 0: as chance has it
 * flops     none
 * bytes     16 n: each number is read and written once at the very least; real sorts move it many times
 * ladder    serial    quicksort without branches in its partition: the best that compares
 *           radix     dealt into 256 heaps by the highest byte, each heap again by the next; quicksort for small heaps
 *           threads   phase 1: each thread sorts its slice by radix; then rounds of merging, in which every thread
 *                     merges an equal share of the output, whichever two runs it falls into
 *           openmp    merge sort as a tree of tasks, the merges cut into tasks as well
 * check     ascending, and the same numbers as before: their sum and the exclusive or of their hashes, both found in
 *           prepare
 * source    partition: the branchless form of N. Lomuto's scheme (A. Alexandrescu, O. Peters); radix: H. Hollerith
 *           1889; equal shares of a merge: "merge path", O. Green, R. McColl, D. Bader, ICS 2012; heapsort as the way
 *           out of bad pivots: D. Musser 1997 */
#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/kernel.h"
#include "kernels/merge.h"
#include "kernels/rng.h"
#include "kernels/simd.h"

/* Writes eight numbers to a full cache line, past the cache where the processor can. */
#ifdef __x86_64__
#include <emmintrin.h>
static void line_store(uint64_t *to, const uint64_t *line)
{
	for (int i = 0; i < 4; i++)
		_mm_stream_si128((__m128i *)to + i, _mm_load_si128((const __m128i *)line + i));
}
static void line_fence(void) { _mm_sfence(); }
#else
static void line_store(uint64_t *to, const uint64_t *line) { memcpy(to, line, 64); }
static void line_fence(void) {}
#endif

enum { SMALL = 24, RADIX_LEAST = 512, RADIX_FAR = 200000, TASK_LEAST = 4096 };

/* How deep quicksort may go before it gives up its luck with pivots. */
#define DEPTH(n) (2 * (64 - __builtin_clzll((n) | 1)))

typedef void phase_function(struct job *job, int worker);

struct share {
	struct job *job;
	int worker;
	phase_function *phase;
	pthread_t thread;
};

struct data {
	size_t n;
	uint64_t *input, *from, *to; /* from: the numbers to sort, and the result; to: room of the same size */
	uint64_t sum, hash;          /* of the input */
	int runs;                    /* how many sorted runs `from` holds while threads merge */
	struct share share[KERNEL_WORKERS_MAX];
	size_t bound[KERNEL_WORKERS_MAX + 1]; /* where they begin; bound[runs] = n */
};

static void swap(uint64_t *a, uint64_t *b)
{
	uint64_t t = *a;
	*a = *b;
	*b = t;
}

static void insertion_sort(uint64_t *a, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t x = a[i];
		size_t k = i;
		for (; k && a[k - 1] > x; k--)
			a[k] = a[k - 1];
		a[k] = x;
	}
}

static void sift_down(uint64_t *a, size_t root, size_t n)
{
	for (size_t child; (child = 2 * root + 1) < n; root = child) {
		if (child + 1 < n && a[child + 1] > a[child])
			child++;
		if (a[root] >= a[child])
			return;
		swap(a + root, a + child);
	}
}

static void heap_sort(uint64_t *a, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift_down(a, i, n);
	for (size_t end = n; end-- > 1;) {
		swap(a, a + end);
		sift_down(a, 0, end);
	}
}

//> serial
static uint64_t median(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t low = a < b ? a : b, high = a < b ? b : a;
	return c < low ? low : c > high ? high : c;
}

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
		size_t m = n / 2, e = n / 8;
		uint64_t pivot = median(median(a[0], a[e], a[2 * e]), median(a[m - e], a[m], a[m + e]),
					median(a[n - 1 - 2 * e], a[n - 1 - e], a[n - 1]));
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
	quick_sort(d->from, d->n, DEPTH(d->n));
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

//> radix
/* Deals a into heaps in b; at[] holds where each heap begins, and then where it ends. */
static void deal(const uint64_t *a, uint64_t *b, size_t n, int shift, size_t at[256])
{
	for (size_t i = 0; i < n; i++)
		b[at[a[i] >> shift & 255]++] = a[i];
}

/* The same for what is larger than the cache. 256 heaps grow at 256 places, and to write a single number the processor
 * would fetch a line of eight each time: we collect a full line for each heap, and write it past the cache. */
static void deal_far(const uint64_t *a, uint64_t *b, size_t n, int shift, size_t at[256])
{
	_Alignas(64) uint64_t line[256][8];
	size_t begin[256], skew = (uintptr_t)b / sizeof *b % 8; /* line number of b[k] in its cache line: (k + skew) % 8 */
	memcpy(begin, at, sizeof begin);
	for (size_t i = 0; i < n; i++) {
		uint64_t x = a[i];
		size_t heap = x >> shift & 255, k = at[heap]++;
		line[heap][(k + skew) % 8] = x;
		if ((k + skew) % 8 < 7)
			continue;
		if (k - begin[heap] >= 7) /* never below 0: k >= begin */
			line_store(b + k - 7, line[heap]);
		else
			memcpy(b + begin[heap], line[heap] + (begin[heap] + skew) % 8, (k + 1 - begin[heap]) * sizeof *b);
	}
	for (size_t heap = 0; heap < 256; heap++) {
		size_t rest = (at[heap] + skew) % 8, have = at[heap] - begin[heap];
		if (rest > have)
			rest = have;
		memcpy(b + at[heap] - rest, line[heap] + (at[heap] - rest + skew) % 8, rest * sizeof *b);
	}
	line_fence();
}

/* Deals a into 256 heaps by the byte at `shift`, then each heap by the next lower byte, from b back into a, and so on;
 * a small heap is left to quicksort. The result goes to b if `over`, else to a; the other one is room. */
static void radix_sort(uint64_t *a, uint64_t *b, size_t n, int shift, bool over)
{
	size_t at[256] = {0};
	if (n <= RADIX_LEAST || shift < 0) {
		quick_sort(a, n, DEPTH(n));
		if (over)
			memcpy(b, a, n * sizeof *a);
		return;
	}
	for (size_t i = 0; i < n; i++)
		at[a[i] >> shift & 255]++;
	if (at[a[0] >> shift & 255] == n) { /* all alike in this byte */
		radix_sort(a, b, n, shift - 8, over);
		return;
	}
	for (size_t heap = 0, next = 0; heap < 256; heap++) {
		size_t here = at[heap];
		at[heap] = next;
		next += here;
	}
	(n < RADIX_FAR ? deal : deal_far)(a, b, n, shift, at);
	for (size_t heap = 0, first = 0; heap < 256; first = at[heap++])
		radix_sort(b + first, a + first, at[heap] - first, shift - 8, !over);
}

static int run_radix(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	radix_sort(d->from, d->to, d->n, 56, false);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< radix

//> threads
static void phase_sort(struct job *job, int worker)
{
	struct data *d = job->data;
	struct slice mine = slice_of(d->n, worker, job->workers);
	radix_sort(d->from + mine.first, d->to + mine.first, mine.last - mine.first, 56, false);
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

//> openmp
/* Merges two neighbouring runs of `from`, in tasks of about `grain` numbers. */
static void merge_tasks(struct job *job, const uint64_t *a, size_t na, const uint64_t *b, size_t nb, uint64_t *out,
			size_t grain)
{
	for (size_t first = 0; first < na + nb; first += grain) {
#pragma omp task
		{
			size_t last = na + nb - first < grain ? na + nb : first + grain;
			worker_begin(job, omp_get_thread_num());
			merge_part(a, na, b, nb, first, last, out);
			worker_end(job, omp_get_thread_num());
		}
	}
#pragma omp taskwait
}

/* Sorts a[0..n); the result goes to b if `over`, else stays in a. The other one is room. */
static void sort_tasks(struct job *job, uint64_t *a, uint64_t *b, size_t n, size_t grain, bool over)
{
	if (n <= grain) {
		worker_begin(job, omp_get_thread_num());
		radix_sort(a, b, n, 56, over);
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

static void reset(struct job *job)
{
	struct data *d = job->data;
	memcpy(d->from, d->input, d->n * sizeof *d->from);
}

static uint64_t hash_of(uint64_t x) { return rng_at(UINT64_C(0x5EED), x); }

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	uint64_t distinct = (uint64_t)job->arg[1];
	d->n = job_size(job);
	d->input = simd_alloc(d->n, sizeof *d->input);
	d->from = simd_alloc(d->n, sizeof *d->from);
	d->to = simd_alloc(d->n, sizeof *d->to);
	if (!d->input || !d->from || !d->to)
		return -1;
	for (size_t i = 0; i < d->n; i++) {
		uint64_t r = rng_at(job->seed, i), x = distinct ? rng_at(~job->seed, r % distinct) : r;
		d->input[i] = x;
		d->sum += x;
		d->hash ^= hash_of(x);
		d->to[i] = 0; /* the system hands out pages at their first touch: not in the timed part */
	}
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.right = true, .expected = NAN, .observed = NAN};
	uint64_t sum = 0, hash = 0;
	for (size_t i = 0; i < d->n; i++) {
		sum += d->from[i];
		hash ^= hash_of(d->from[i]);
		if (!i || d->from[i - 1] <= d->from[i] || !o.right)
			continue;
		o.right = false;
		snprintf(o.text, sizeof o.text, "expected ascending numbers, observed %llu before %llu at %zu",
			 (unsigned long long)d->from[i - 1], (unsigned long long)d->from[i], i);
	}
	if (!o.right)
		return o;
	o.right = sum == d->sum && hash == d->hash;
	snprintf(o.text, sizeof o.text,
		 "ascending; sum and hash expected %016llx %016llx, observed %016llx %016llx (exact)",
		 (unsigned long long)d->sum, (unsigned long long)d->hash, (unsigned long long)sum, (unsigned long long)hash);
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->n)
		return false;
	d->from[where % d->n] ^= 1;
	return true;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		free(d->input);
		free(d->from);
		free(d->to);
	}
	free(d);
	job->data = NULL;
}

static double bytes(const struct job *job) { return 16 * job->arg[0]; }

static const struct variant variants[] = {
	{.name = "serial", .about = "quicksort, no branch in the partition", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "radix", .about = "byte by byte, no comparison", .kind = KIND_SERIAL, .run = run_radix},
	{.name = "threads", .about = "slices, then merging in equal shares", .kind = KIND_THREADS, .run = run_threads},
	{.name = "openmp", .about = "a tree of tasks", .kind = KIND_OPENMP, .run = run_openmp},
	{0},
};

const struct kernel kernel_sort = {
	.name = "sort",
	.title = "Sort",
	.source = __FILE__,
	.params = {{"size", "numbers", "how many numbers to sort", 0, 8e7, 2e6, false},
		   {"distinct", "numbers", "different numbers among them, 0: no limit", 0, 1e9, 0, false}},
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
};
KERNEL_REGISTER(kernel_sort);
