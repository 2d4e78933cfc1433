/* Prefix sums: y[i] = x[0] + x[1] + ... + x[i]. Every sum needs the one before, and yet the work can be shared.
 *
 * size      numbers of 8 bytes (unsigned, sums modulo 2^64); chunk: how many of them a worker takes at a time
 * flops     n (one addition of whole numbers each)
 * bytes     16 n: each number read once, each sum written once. Plain stores move 8 n more (the line that will be
 *           overwritten is fetched first), two-pass reads the numbers twice: 8 n more; neither is counted
 * ladder    serial    the plain loop
 *           simd      the sums within a vector in a few steps, stores that pass by the caches, numbers fetched ahead
 *           two-pass  threads: each adds up its slice; they meet; each knows what lies before its slice and scans it.
 *                     All numbers are read from memory twice
 *           chunked   threads take chunks that fit a cache: the sum of a chunk first, then its scan, which finds it in the
 *                     cache. What lies before a chunk is found by looking back at the chunks before: those whose
 *                     full sum is known, or at least their own. While a chunk is scanned the next is fetched
 *           openmp    the scan clause of OpenMP 5
 * roof      memory: simd with one worker, chunked with more, are about as fast as copying without a sum (stream, streaming stores)
 * check     exact. x is made of the differences of random numbers, so that every y[i] is known without a sum.
 * source    look-back: D. Merrill and M. Garland, "Single-pass parallel prefix scan with decoupled look-back", NVIDIA
 *           2016; sums within a vector: W. D. Hillis and G. L. Steele, "Data parallel algorithms", CACM 1986 */
#ifdef SIMD_PASS

typedef uint64_t SIMD(words) __attribute__((vector_size(8 * LANES), may_alias));
typedef uint64_t SIMD(words_any) __attribute__((vector_size(8 * LANES), aligned(8), may_alias));

/* Numbers moved up by `by` lanes, zeros moved in: lanes 0 .. 7 of `zero` and v as one long vector. */
#undef MOVED
#undef LAST
#if LANES == 8
#define MOVED(v, by) \
	__builtin_shufflevector((v), zero, by > 0 ? 8 : 0, by > 1 ? 9 : 1 - by, by > 2 ? 10 : 2 - by, by > 3 ? 11 : 3 - by, \
				4 - by, 5 - by, 6 - by, 7 - by)
#define LAST(v) __builtin_shufflevector((v), (v), 7, 7, 7, 7, 7, 7, 7, 7)
#elif LANES == 4
#define MOVED(v, by) __builtin_shufflevector((v), zero, 4, by > 1 ? 5 : 1 - by, 2 - by, 3 - by)
#define LAST(v) __builtin_shufflevector((v), (v), 3, 3, 3, 3)
#else
#define MOVED(v, by) __builtin_shufflevector((v), zero, 2, 0)
#define LAST(v) __builtin_shufflevector((v), (v), 1, 1)
#endif

//> simd
/* The sums within a vector: add the vector moved by one lane, then by two, then by four; log2(LANES) steps. The chain from
 * vector to vector is one addition of the vector's total, which is ready long before. What comes `ahead` numbers later is fetched
 * (beyond the end: no harm), and into the second cache: the first can wait for few lines at a time. */
SIMD_TARGET static uint64_t SIMD(scan)(uint64_t *restrict y, const uint64_t *restrict x, size_t n, uint64_t before, size_t ahead)
{
	const SIMD(words) zero = {0};
	size_t i = 0;
	for (; i < n && (uintptr_t)(y + i) % sizeof zero; i++)
		y[i] = before += x[i];
	SIMD(words) carry = zero + before;
	for (; n - i >= LANES; i += LANES) {
		__builtin_prefetch(x + i + ahead, READ, CACHE_2);
		SIMD(words) v = *(const SIMD(words_any) *)(x + i);
		v += MOVED(v, 1);
#if LANES > 2
		v += MOVED(v, 2);
#endif
#if LANES > 4
		v += MOVED(v, 4);
#endif
		SIMD(store)(y + i, v + carry);
		carry += LAST(v);
	}
	before = carry[0];
	for (; i < n; i++)
		y[i] = before += x[i];
	store_fence(); /* streaming stores have no order of their own: done means done */
	return before;
}
//< simd

/* The sum of n numbers. Where a loop only reads, the processor itself fetches far enough ahead. */
SIMD_TARGET static uint64_t SIMD(sum)(const uint64_t *x, size_t n)
{
	enum { SUMS = 4, STEP = SUMS * LANES };
	SIMD(words) s[SUMS] = {{0}};
	size_t i = 0;
	for (; n - i >= STEP; i += STEP)
#pragma GCC unroll 4
		for (size_t k = 0; k < SUMS; k++)
			s[k] += *(const SIMD(words_any) *)(x + i + k * LANES);
	s[0] += s[1] + s[2] + s[3];
	uint64_t sum = 0;
	for (int lane = 0; lane < LANES; lane++)
		sum += s[0][lane];
	for (; i < n; i++)
		sum += x[i];
	return sum;
}

#else

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __x86_64__
#include <immintrin.h>
#define store_base(p, v) _mm_stream_si128((__m128i *)(p), (__m128i)(v))
#define store_avx2(p, v) _mm256_stream_si256((__m256i *)(p), (__m256i)(v))
#define store_avx512(p, v) _mm512_stream_si512((__m512i *)(p), (__m512i)(v))
#define store_fence() _mm_sfence()
#else
#define store_base(p, v) (*(words_base *)(p) = (v))
#define store_fence() ((void)0)
#endif
#include "kernels/kernel.h"
#include "kernels/rng.h"

enum {
	AHEAD = 4096,          /* numbers that are fetched ahead in the vector loops: eight pages */
	READ = 0, CACHE_2 = 2, /* __builtin_prefetch: to be read; into the second cache */
};

#define SIMD_SOURCE "kernels/scan.c"
#include "kernels/simd.h"

typedef uint64_t scan_function(uint64_t *restrict y, const uint64_t *restrict x, size_t n, uint64_t before, size_t ahead);
typedef uint64_t sum_function(const uint64_t *x, size_t n);
static scan_function *const scan_of[] = SIMD_TABLE(scan);
static sum_function *const sum_of[] = SIMD_TABLE(sum);

/* What is known of a chunk: its own sum, then also all up to its end. On a cache line of its own. */
enum { NOTHING, OWN, ALL };
struct chunk {
	_Alignas(64) atomic_int known;
	uint64_t own, all;
};

struct share {
	struct job *job;
	int worker;
	uint64_t sum; /* of the slice, in two-pass */
	pthread_t thread;
};

struct data {
	size_t n, each, chunks; /* numbers per chunk */
	uint64_t *x, *y;
	struct chunk *chunk;
	atomic_size_t next;   /* chunk that nobody has taken yet */
	pthread_mutex_t gate; /* closed until all workers are there */
	pthread_barrier_t meet;
	bool go, done;
	struct share share[KERNEL_WORKERS_MAX];
};

//> serial
static int run_serial(struct job *job)
{
	struct data *d = job->data;
	uint64_t sum = 0;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < d->n; i++)
		d->y[i] = sum += d->x[i];
	worker_end(job, 0);
	parallel_end(job);
	d->done = true;
	return 0;
}
//< serial

static int run_simd(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	scan_of[simd_level()](d->y, d->x, d->n, 0, AHEAD);
	worker_end(job, 0);
	parallel_end(job);
	d->done = true;
	return 0;
}

/* Starts all workers and waits for them. Workers who meet would wait for ever for one who could not be started: so all
 * stop at a gate, which opens when the last is there, or sends them home. */
static int run_team(struct job *job, void *(*body)(void *))
{
	struct data *d = job->data;
	int started, error = pthread_barrier_init(&d->meet, NULL, (unsigned)job->workers);
	if (error) {
		errno = error;
		return -1;
	}
	parallel_begin(job, job->workers);
	pthread_mutex_lock(&d->gate);
	for (started = 0; started < job->workers; started++) {
		struct share *s = &d->share[started];
		*s = (struct share){.job = job, .worker = started};
		error = pthread_create(&s->thread, NULL, body, s);
		if (error)
			break;
	}
	d->go = !error;
	pthread_mutex_unlock(&d->gate);
	for (int w = 0; w < started; w++)
		pthread_join(d->share[w].thread, NULL);
	parallel_end(job);
	pthread_barrier_destroy(&d->meet);
	d->done = !error;
	errno = error;
	return error ? -1 : 0;
}

static bool gate_opens(struct data *d)
{
	pthread_mutex_lock(&d->gate);
	bool go = d->go;
	pthread_mutex_unlock(&d->gate);
	return go;
}

//> two-pass
static void *two_pass_main(void *arg)
{
	struct share *me = arg;
	struct data *d = me->job->data;
	struct slice mine = slice_of(d->n, me->worker, me->job->workers);
	size_t n = mine.last - mine.first;
	uint64_t before = 0;
	if (!gate_opens(d))
		return NULL;
	worker_begin(me->job, me->worker);
	me->sum = sum_of[simd_level()](d->x + mine.first, n);
	worker_end(me->job, me->worker);
	pthread_barrier_wait(&d->meet);
	worker_begin(me->job, me->worker);
	for (int w = 0; w < me->worker; w++)
		before += d->share[w].sum;
	scan_of[simd_level()](d->y + mine.first, d->x + mine.first, n, before, AHEAD);
	worker_end(me->job, me->worker);
	return NULL;
}
//< two-pass

static int run_two_pass(struct job *job) { return run_team(job, two_pass_main); }

//> chunked
/* The sum of all that lies before chunk c: back over chunks that know their own sum only, to one that knows all. Chunks are
 * taken in order, so whoever is waited for is at work. */
static uint64_t look_back(const struct data *d, size_t c)
{
	uint64_t before = 0;
	for (int tries = 0; c > 0;) {
		int known = atomic_load_explicit(&d->chunk[c - 1].known, memory_order_acquire);
		if (known == ALL)
			return before + d->chunk[c - 1].all;
		if (known == OWN)
			before += d->chunk[--c].own;
		else if (++tries > 1000)
			sched_yield(); /* more workers than cores: let the one who is waited for work */
	}
	return before;
}

/* Adding up reads and the scan writes: so that the memory is never idle in one direction, the scan fetches the chunk that this
 * worker will most likely take next, when each of the others has taken one. */
static void *chunked_main(void *arg)
{
	struct share *me = arg;
	struct data *d = me->job->data;
	size_t c, next = (size_t)me->job->workers * d->each;
	if (!gate_opens(d))
		return NULL;
	worker_begin(me->job, me->worker);
	while ((c = atomic_fetch_add(&d->next, 1)) < d->chunks) {
		size_t first = c * d->each, n = d->n - first < d->each ? d->n - first : d->each;
		struct chunk *mine = &d->chunk[c];
		mine->own = sum_of[simd_level()](d->x + first, n); /* leaves the numbers in the cache */
		atomic_store_explicit(&mine->known, OWN, memory_order_release);
		uint64_t before = look_back(d, c);
		mine->all = before + mine->own;
		atomic_store_explicit(&mine->known, ALL, memory_order_release);
		scan_of[simd_level()](d->y + first, d->x + first, n, before, next);
	}
	worker_end(me->job, me->worker);
	return NULL;
}

static int run_chunked(struct job *job)
{
	struct data *d = job->data;
	atomic_store(&d->next, 0);
	for (size_t c = 0; c < d->chunks; c++)
		atomic_store_explicit(&d->chunk[c].known, NOTHING, memory_order_relaxed);
	return run_team(job, chunked_main);
}
//< chunked

/* gcc warns of a variable that it makes itself for this clause. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
//> openmp
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	size_t n = d->n;
	const uint64_t *x = d->x;
	uint64_t *y = d->y, sum = 0;
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	{
		worker_begin(job, omp_get_thread_num());
		if (n > 0) /* what gcc 12 makes of an empty loop with this clause crashes */
#pragma omp for reduction(inscan, + : sum)
		for (size_t i = 0; i < n; i++) {
			sum += x[i];
#pragma omp scan inclusive(sum)
			y[i] = sum;
		}
		worker_end(job, omp_get_thread_num());
	}
	parallel_end(job);
	d->done = true;
	return 0;
}
//< openmp
#pragma GCC diagnostic pop

static void reset(struct job *job)
{
	struct data *d = job->data;
	for (size_t i = 0; i < d->n; i++)
		d->y[i] = ~rng_at(job->seed, i);
	d->done = false;
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	pthread_mutex_init(&d->gate, NULL);
	d->n = job_size(job);
	d->each = (size_t)job->arg[1];
	d->chunks = d->n / d->each + (d->n % d->each > 0);
	d->x = simd_alloc(d->n, sizeof *d->x);
	d->y = simd_alloc(d->n, sizeof *d->y);
	d->chunk = simd_alloc(d->chunks, sizeof *d->chunk);
	if (!d->x || !d->y || !d->chunk)
		return -1;
	for (size_t i = 0; i < d->n; i++)
		d->x[i] = rng_at(job->seed, i) - (i ? rng_at(job->seed, i - 1) : 0);
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.right = d->done, .expected = NAN, .observed = NAN};
	if (!d->done)
		snprintf(o.text, sizeof o.text, "expected %zu sums, observed no result", d->n);
	else if (!d->n)
		snprintf(o.text, sizeof o.text, "expected no sum, observed none");
	for (size_t i = 0; i < d->n && o.right; i++) {
		uint64_t want = rng_at(job->seed, i);
		if (d->y[i] == want && i + 1 < d->n)
			continue;
		o.right = d->y[i] == want;
		snprintf(o.text, sizeof o.text, "y[%zu] expected %016llx, observed %016llx (modulo 2^64, exact)", i,
			 (unsigned long long)want, (unsigned long long)d->y[i]);
	}
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->n)
		return false;
	d->y[where % d->n]++;
	return true;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		pthread_mutex_destroy(&d->gate);
		free(d->x);
		free(d->y);
		free(d->chunk);
	}
	free(d);
	job->data = NULL;
}

static double flops(const struct job *job) { return job->arg[0]; }
static double bytes(const struct job *job) { return 16 * job->arg[0]; }

static const struct variant variants[] = {
	{.name = "serial", .about = "the plain loop", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "simd", .about = "sums within vectors, stores that pass by the caches", .kind = KIND_SERIAL, .run = run_simd},
	{.name = "two-pass", .about = "sums of slices first, then their scans", .kind = KIND_THREADS, .run = run_two_pass},
	{.name = "chunked", .about = "chunks in the cache, looking back at those before", .kind = KIND_THREADS,
	 .run = run_chunked},
	{.name = "openmp", .about = "the scan clause of OpenMP 5", .kind = KIND_OPENMP, .run = run_openmp},
	{0},
};

const struct kernel kernel_scan = {
	.name = "scan",
	.title = "Prefix sums",
	.source = __FILE__,
	.params = {{"size", "numbers", "how many numbers to add up", 0, 0x1p27, 1e7, false},
		   {"chunk", "numbers", "that a worker takes at a time", 1, 0x1p27, 16384, false}},
	.flops = flops,
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
	.peer_arg = {2e7},
};
KERNEL_REGISTER(kernel_scan);

#endif
