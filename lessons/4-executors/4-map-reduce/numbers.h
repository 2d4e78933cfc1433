/* Kernels `sums` and `mean`: partial results that are one number, or two. Included by lesson.c, whose run_row and run_tree they use. */
#include <sched.h>
#include <stdatomic.h>

struct part {
	_Alignas(64) uint64_t squares; /* a cache line for each worker */
	double sum, n, mean;
};

struct numbers {
	volatile uint64_t total; /* what all threads share */
	pthread_mutex_t lock;
	atomic_int here;  /* threads that are ready to begin */
	uint64_t squares; /* what must come out */
	double mean;
	struct part part[KERNEL_WORKERS_MAX];
};

/* ---- sum of squares ---- */

static uint64_t number(const struct job *job, size_t i) { return rng_at(job->seed, i) >> 44; }

static int map_squares_of(struct job *job, int w, struct slice mine)
{
	struct numbers *d = job->data;
	uint64_t sum = 0;
	for (size_t i = mine.first; i < mine.last; i++)
		sum += number(job, i) * number(job, i);
	d->part[w].squares = sum;
	return 0;
}
static int map_squares(struct job *job, int w) { return map_squares_of(job, w, slice_of(job_size(job), w, job->workers)); }
static int map_all_squares(struct job *job, int w) { return map_squares_of(job, w, slice_of(job_size(job), 0, 1)); }

//> plus
static int merge_squares(struct job *job, int into, int from)
{
	struct numbers *d = job->data;
	d->part[into].squares += d->part[from].squares; /* 8 bytes from each worker, however long its share was */
	return 0;
}
//< plus

/* All begin together, so that they really meet; but nobody waits for ever for one that could not be started. */
static void meet(struct job *job)
{
	struct numbers *d = job->data;
	atomic_fetch_add(&d->here, 1);
	for (int look = 0; look < 10000 && atomic_load(&d->here) < job->workers; look++)
		sched_yield();
}

//> shared
/* No partial results: all add to one total, and nobody guards it. */
static int map_shared(struct job *job, int w)
{
	struct numbers *d = job->data;
	struct slice mine = slice_of(job_size(job), w, job->workers);
	meet(job);
	for (size_t i = mine.first; i < mine.last; i++)
		d->total = d->total + number(job, i) * number(job, i); /* read, add, write: who came between? */
	return 0;
}
//< shared

//> locked
static int map_locked(struct job *job, int w)
{
	struct numbers *d = job->data;
	struct slice mine = slice_of(job_size(job), w, job->workers);
	for (size_t i = mine.first; i < mine.last; i++) {
		pthread_mutex_lock(&d->lock);
		d->total = d->total + number(job, i) * number(job, i);
		pthread_mutex_unlock(&d->lock);
	}
	return 0;
}
//< locked

static int merge_nothing(struct job *job, int into, int from)
{
	(void)job, (void)into, (void)from;
	return 0;
}

//> openmp
static int run_openmp(struct job *job)
{
	struct numbers *d = job->data;
	uint64_t sum = 0;
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers) reduction(+ : sum) /* each has a `sum` of its own; at the end they are added */
	{
		worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(static) nowait
		for (size_t i = 0; i < job_size(job); i++)
			sum += number(job, i) * number(job, i);
		worker_end(job, omp_get_thread_num());
	}
	parallel_end(job);
	d->part[0].squares = sum;
	return 0;
}
//< openmp

static int run_sums_serial(struct job *job) { return run_serial(job, &(struct work){map_all_squares, merge_squares}); }
static int run_sums_row(struct job *job) { return run_row(job, &(struct work){map_squares, merge_squares}); }
static int run_sums_tree(struct job *job) { return run_tree(job, &(struct work){map_squares, merge_squares}); }
static int run_shared(struct job *job) { return run_row(job, &(struct work){map_shared, merge_nothing}); }
static int run_locked(struct job *job) { return run_row(job, &(struct work){map_locked, merge_nothing}); }

/* ---- the mean of numbers that grow ---- */

static double visits(const struct job *job, size_t i) { return (double)(i + number(job, i) % 1000); }

static int map_mean_of(struct job *job, int w, struct slice mine, bool divide)
{
	struct numbers *d = job->data;
	double sum = 0, n = (double)(mine.last - mine.first);
	for (size_t i = mine.first; i < mine.last; i++)
		sum += visits(job, i);
	d->part[w] = (struct part){.sum = sum, .n = n, .mean = divide && n > 0 ? sum / n : 0};
	return 0;
}
static int map_means(struct job *job, int w) { return map_mean_of(job, w, slice_of(job_size(job), w, job->workers), true); }
static int map_pairs(struct job *job, int w) { return map_mean_of(job, w, slice_of(job_size(job), w, job->workers), false); }
static int map_all(struct job *job, int w) { return map_mean_of(job, w, slice_of(job_size(job), 0, 1), true); }

//> means
/* Not associative: the mean of two means, and of that with a third, … counts the last one most. */
static int merge_means(struct job *job, int into, int from)
{
	struct part *a = &((struct numbers *)job->data)->part[into], *b = &((struct numbers *)job->data)->part[from];
	a->mean = (a->mean + b->mean) / 2;
	return 0;
}
//< means

//> pairs
/* Associative: sums are added, numbers of items are added. Divide at the very end. */
static int merge_pairs(struct job *job, int into, int from)
{
	struct part *a = &((struct numbers *)job->data)->part[into], *b = &((struct numbers *)job->data)->part[from];
	a->sum += b->sum;
	a->n += b->n;
	return 0;
}
//< pairs

static void divide(struct job *job)
{
	struct part *a = ((struct numbers *)job->data)->part;
	a->mean = a->n > 0 ? a->sum / a->n : 0;
}

static int run_mean_serial(struct job *job) { return run_serial(job, &(struct work){map_all, merge_pairs}); }
static int run_means(struct job *job) { return run_row(job, &(struct work){map_means, merge_means}); }
static int run_pairs(struct job *job)
{
	int rc = run_row(job, &(struct work){map_pairs, merge_pairs});
	divide(job);
	return rc;
}

/* ---- both ---- */

static void reset_numbers(struct job *job)
{
	struct numbers *d = job->data;
	d->total = 0;
	d->here = 0;
	memset(d->part, 0, sizeof d->part);
}

/* What must come out, otherwise: squares by the digits of the numbers to base 1024; the mean by whole numbers and Gauss's formula. */
static int prepare_numbers(struct job *job)
{
	struct numbers *d = job->data = aligned_alloc(64, sizeof *d);
	uint64_t high = 0, both = 0, low = 0, small = 0, n = job_size(job);
	if (!d)
		return -1;
	pthread_mutex_init(&d->lock, NULL);
	for (size_t i = n; i-- > 0;) {
		uint64_t x = number(job, i), h = x / 1024, l = x % 1024;
		high += h * h, both += h * l, low += l * l;
		small += x % 1000;
	}
	d->squares = (high << 20) + (both << 11) + low;
	d->mean = n > 0 ? ((double)n - 1) / 2 + (double)small / (double)n : 0;
	reset_numbers(job);
	return 0;
}

static void release_numbers(struct job *job)
{
	if (job->data)
		pthread_mutex_destroy(&((struct numbers *)job->data)->lock);
	free(job->data), job->data = NULL;
}

static struct outcome verify_sums(const struct job *job)
{
	const struct numbers *d = job->data;
	uint64_t found = d->total + d->part[0].squares; /* a variant uses one of the two */
	struct outcome out = {found == d->squares, (double)d->squares, (double)found, ""};
	snprintf(out.text, sizeof out.text, "sum %llu, expected %llu (exact)", (unsigned long long)found, (unsigned long long)d->squares);
	return out;
}

static struct outcome verify_mean(const struct job *job)
{
	const struct numbers *d = job->data;
	double found = d->part[0].mean;
	struct outcome out = {fabs(found - d->mean) <= 1e-9 * d->mean, d->mean, found, ""};
	snprintf(out.text, sizeof out.text, "mean %.9g with %d workers, expected %.9g (tolerance 1e-9)", found, job->workers, d->mean);
	return out;
}

static const struct variant sum_variants[] = {
	{"serial", "one loop", .run = run_sums_serial},
	{"shared", "all threads add to one total", KIND_THREADS, "two threads read the same old total and one addition is lost", .run = run_shared},
	{"locked", "one total, a lock around each addition", KIND_THREADS, .blocks = true, .run = run_locked},
	{"threads", "a sum for each thread; one thread adds them up", KIND_THREADS, .run = run_sums_row},
	{"tree", "a sum for each thread; added up in pairs", KIND_THREADS, .run = run_sums_tree},
	{"openmp", "reduction(+: sum)", KIND_OPENMP, .run = run_openmp},
	{0},
};

static const struct variant mean_variants[] = {
	{"serial", "one loop, one division", .run = run_mean_serial},
	{"mean-of-means", "a mean for each thread; then the mean of two, and of that and the next", KIND_THREADS,
	 "the operation is not associative: the result depends on the number of workers", .run = run_means},
	{"pairs", "sum and number from each thread; divided at the end", KIND_THREADS, .run = run_pairs},
	{0},
};

static const struct kernel kernel_sums = {
	.name = "sums", .title = "Sum of squares", .source = __FILE__,
	.params = {{"size", "numbers", "numbers to square and add", 0, 1e12, 4e6, false}},
	.prepare = prepare_numbers, .reset = reset_numbers, .variants = sum_variants, .verify = verify_sums, .release = release_numbers,
};
KERNEL_REGISTER(kernel_sums);

static const struct kernel kernel_mean = {
	.name = "mean", .title = "Mean of growing numbers", .source = __FILE__,
	.params = {{"size", "numbers", "numbers whose mean is wanted", 0, 1e9, 4e6, false}},
	.prepare = prepare_numbers, .reset = reset_numbers, .variants = mean_variants, .verify = verify_mean, .release = release_numbers,
};
KERNEL_REGISTER(kernel_mean);
