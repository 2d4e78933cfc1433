/* The second program of the lesson `barrier`: a table that many read and few change, behind a mutex or a readers-writer
 * lock. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/rng.h"
#include "kernels/runtime/crew.h"

struct table {
	pthread_mutex_t mutex;
	pthread_rwlock_t rwlock;
	size_t entries;
	uint64_t sum, *start, *entry, *expected;
	atomic_size_t torn; /* reads that found another sum: a change was half done */
};

//> access
/* Long enough that a reader is worth letting in beside another. (Never inlined: the same instructions under every lock.) */
static __attribute__((noinline)) void read_all(struct table *t)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < t->entries; i++)
		sum += t->entry[i];
	t->torn += sum != t->sum;
}

/* Moves an amount: the sum stays. */
static void change(struct table *t, uint64_t *entry, uint64_t random)
{
	entry[(random >> 8) % t->entries] -= random;
	entry[(random >> 32) % t->entries] += random;
}
//< access

static bool is_write(const struct job *job, uint64_t random)
{
	return (random & 0xffffff) * 100 < (uint64_t)job->arg[1] << 24;
}

struct access {
	void (*read)(struct table *t), (*write)(struct table *t, uint64_t random);
};

static void use(struct job *job, int me, const void *how)
{
	const struct access *access = how;
	struct slice mine = slice_of(job_size(job), me, job->workers);
	worker_begin(job, me);
	for (size_t i = mine.first; i < mine.last; i++) {
		uint64_t random = rng_at(job->seed, i);
		if (is_write(job, random))
			access->write(job->data, random);
		else
			access->read(job->data);
	}
	worker_end(job, me);
}

static void change_alone(struct table *t, uint64_t random) { change(t, t->entry, random); }

//> unlocked
static int run_unlocked(struct job *job)
{
	int workers = job->workers;
	job->workers = 1;
	parallel_begin(job, 1);
	use(job, 0, &(struct access){read_all, change_alone});
	parallel_end(job);
	job->workers = workers;
	return 0;
}
//< unlocked

//> mutex
static void read_mutex(struct table *t)
{
	pthread_mutex_lock(&t->mutex); /* one at a time, though readers do each other no harm */
	read_all(t);
	pthread_mutex_unlock(&t->mutex);
}

static void write_mutex(struct table *t, uint64_t random)
{
	pthread_mutex_lock(&t->mutex);
	change(t, t->entry, random);
	pthread_mutex_unlock(&t->mutex);
}

static int run_mutex(struct job *job) { return crew_run(job, use, &(struct access){read_mutex, write_mutex}, NULL); }
//< mutex

//> rwlock
static void read_rwlock(struct table *t)
{
	pthread_rwlock_rdlock(&t->rwlock); /* together with other readers */
	read_all(t);
	pthread_rwlock_unlock(&t->rwlock);
}

static void write_rwlock(struct table *t, uint64_t random)
{
	pthread_rwlock_wrlock(&t->rwlock); /* alone: no reader, no other writer */
	change(t, t->entry, random);
	pthread_rwlock_unlock(&t->rwlock);
}

static int run_rwlock(struct job *job) { return crew_run(job, use, &(struct access){read_rwlock, write_rwlock}, NULL); }
//< rwlock

//> write-as-reader
static void write_as_reader(struct table *t, uint64_t random)
{
	pthread_rwlock_rdlock(&t->rwlock); /* "it was faster so": but others are in here, too */
	change(t, t->entry, random);
	pthread_rwlock_unlock(&t->rwlock);
}

static int run_write_as_reader(struct job *job)
{
	return crew_run(job, use, &(struct access){read_rwlock, write_as_reader}, NULL);
}
//< write-as-reader

static int table_prepare(struct job *job)
{
	size_t n = (size_t)job->arg[2];
	struct table *t = job->data = calloc(1, sizeof *t);
	if (!t || !(t->start = calloc(3 * n, sizeof *t->start)))
		return -1;
	t->entries = n;
	t->entry = t->start + n, t->expected = t->entry + n;
	if ((errno = pthread_mutex_init(&t->mutex, NULL)) || (errno = pthread_rwlock_init(&t->rwlock, NULL)))
		return -1;
	for (size_t i = 0; i < n; i++)
		t->sum += t->start[i] = t->expected[i] = rng_at(~job->seed, i);
	for (size_t i = 0; i < job_size(job); i++) /* in which order they come does not matter: additions commute */
		if (is_write(job, rng_at(job->seed, i)))
			change(t, t->expected, rng_at(job->seed, i));
	return 0;
}

static void table_reset(struct job *job)
{
	struct table *t = job->data;
	memcpy(t->entry, t->start, t->entries * sizeof *t->entry);
	t->torn = 0;
}

static struct outcome table_verify(const struct job *job)
{
	const struct table *t = job->data;
	size_t good = 0, torn = t->torn;
	for (size_t i = 0; i < t->entries; i++)
		good += t->entry[i] == t->expected[i];
	struct outcome out = {good == t->entries && !torn, 0, (double)torn, ""};
	snprintf(out.text, sizeof out.text, "%zu reads saw a change half done; %zu of %zu entries are right at the end",
		 torn, good, t->entries);
	return out;
}

static void table_release(struct job *job)
{
	struct table *t = job->data;
	if (t)
		free(t->start);
	free(t);
	job->data = NULL;
}

static const struct variant table_variants[] = {
	{"unlocked", "one thread, no lock", .run = run_unlocked},
	{"mutex", "one at a time, readers too", KIND_THREADS, .blocks = true, .run = run_mutex},
	{"rwlock", "readers together, a writer alone", KIND_THREADS, .blocks = true, .run = run_rwlock},
	{"write-as-reader", "changes the table under the readers' lock", KIND_THREADS,
	 "a writer that comes in as a reader is not alone", true, .run = run_write_as_reader},
	{0},
};
const struct kernel kernel_table = {
	.name = "table", .title = "A table that many read", .source = __FILE__,
	.params = {{"size", "accesses", "accesses in all, shared by the threads", 0, 1e9, 20e3, false},
		   {"writers", "percent", "accesses that change the table, in percent", 0, 100, 1, false},
		   {"entries", "entries", "numbers in the table: how long a read takes", 1, 1e7, 4096, false}},
	.prepare = table_prepare, .reset = table_reset, .variants = table_variants, .verify = table_verify,
	.release = table_release,
};
KERNEL_REGISTER(kernel_table);
