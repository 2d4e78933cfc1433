/* Statistics over a packed ledger: a program that is almost all serial. The entries are packed as small as possible: each
 * holds only the difference of its balance to the balance before, in as many bytes as that needs. So nobody knows where
 * an entry begins, or what its balance is, before all entries in front of it are unpacked. Only then can the balances be
 * dealt to workers, for statistics in which they do not need each other.
 *
 * size      entries
 * flops     none
 * bytes     not defined: the packed size depends on the amounts
 * ladder    serial    unpack, then statistics
 *           threads   unpack alone, then the statistics in slices
 * check     exact: prepare makes the same statistics from the balances before it packs them, without the unpacker
 * source    own; variable-length integers with a sign bit at the end as in many formats (LEB128, "zigzag"). A format with
 *           an index of starting points and balances every thousand entries would be shareable: often the cure is there. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"

enum { CLASSES = 65, PACKED_MAX = 10 };

struct statistics {
	uint64_t entries, overdrawn, fees, mix; /* mix: depends on every bit of every balance and on its place */
	int64_t lowest, highest;
	uint64_t class[CLASSES]; /* balances by the number of their binary digits */
};

struct ledger {
	size_t n;
	uint8_t *packed;
	int64_t *balance;
	struct statistics expected, found;
};

static const struct statistics nothing = {.lowest = INT64_MAX, .highest = INT64_MIN};

//> unpack
/* Seven bits a byte, lowest first; the top bit says that more follow. The lowest bit of the whole is the sign. */
static void unpack(struct ledger *l)
{
	const uint8_t *p = l->packed;
	uint64_t balance = 0;
	for (size_t i = 0; i < l->n; i++) {
		uint64_t word = 0;
		int shift = 0;
		do
			word |= (uint64_t)(*p & 0x7f) << shift, shift += 7;
		while (*p++ & 0x80);                    /* where does the next entry begin? */
		balance += (word >> 1) ^ (0 - (word & 1)); /* and from which balance does it go on? */
		l->balance[i] = (int64_t)balance;
	}
}
//< unpack

//> statistics
static void add(struct statistics *s, const int64_t *balance, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++) {
		int64_t b = balance[i];
		uint64_t size = b < 0 ? 0 - (uint64_t)b : (uint64_t)b;
		s->entries++;
		s->overdrawn += b < 0;
		s->fees += b < 0 ? size / 1000 : 0;
		s->mix += ((uint64_t)b ^ i) * UINT64_C(0x9E3779B97F4A7C15);
		s->lowest = b < s->lowest ? b : s->lowest;
		s->highest = b > s->highest ? b : s->highest;
		s->class[size ? 64 - __builtin_clzll(size) : 0]++;
	}
}
//< statistics

static void merge(struct statistics *all, const struct statistics *part)
{
	all->entries += part->entries;
	all->overdrawn += part->overdrawn;
	all->fees += part->fees;
	all->mix += part->mix;
	all->lowest = part->lowest < all->lowest ? part->lowest : all->lowest;
	all->highest = part->highest > all->highest ? part->highest : all->highest;
	for (int c = 0; c < CLASSES; c++)
		all->class[c] += part->class[c];
}

//> serial
static int run_serial(struct job *job)
{
	struct ledger *l = job->data;
	struct statistics s = nothing;
	unpack(l);
	parallel_begin(job, 1);
	worker_begin(job, 0);
	add(&s, l->balance, 0, l->n);
	worker_end(job, 0);
	parallel_end(job);
	l->found = s;
	return 0;
}
//< serial

//> threads
struct share {
	struct job *job;
	int worker;
	pthread_t thread;
	struct statistics part;
};

static void *thread_main(void *arg)
{
	struct share *me = arg;
	struct ledger *l = me->job->data;
	struct slice mine = slice_of(l->n, me->worker, me->job->workers);
	struct statistics part = nothing; /* on its own stack: no cache line is shared while counting */
	worker_begin(me->job, me->worker);
	add(&part, l->balance, mine.first, mine.last);
	worker_end(me->job, me->worker);
	me->part = part;
	return NULL;
}

static int run_threads(struct job *job)
{
	struct ledger *l = job->data;
	struct share *share = calloc((size_t)job->workers, sizeof *share);
	struct statistics all = nothing;
	int started = 0, error = 0;
	if (!share)
		return -1;

	unpack(l); /* serial: all others wait */

	parallel_begin(job, job->workers);
	for (; started < job->workers && !error; started += !error) {
		share[started].job = job;
		share[started].worker = started;
		error = pthread_create(&share[started].thread, NULL, thread_main, &share[started]);
	}
	for (int w = 0; w < started; w++)
		pthread_join(share[w].thread, NULL);
	parallel_end(job);
	for (int w = 0; w < started; w++)
		merge(&all, &share[w].part);
	free(share);
	if (error) {
		errno = error;
		return -1;
	}
	l->found = all;
	return 0;
}
//< threads

static void release(struct job *job)
{
	struct ledger *l = job->data;
	if (l) {
		free(l->packed);
		free(l->balance);
	}
	free(l);
	job->data = NULL;
}

/* Writes one difference, returns the byte after it. */
static uint8_t *pack(uint8_t *p, int64_t difference)
{
	uint64_t word = (uint64_t)difference << 1 ^ (difference < 0 ? UINT64_MAX : 0);
	for (; word >= 0x80; word >>= 7)
		*p++ = (uint8_t)(word | 0x80);
	*p++ = (uint8_t)word;
	return p;
}

static int prepare(struct job *job)
{
	struct ledger *l = calloc(1, sizeof *l);
	job->data = l;
	if (!l)
		return -1;
	l->n = job_size(job);
	/* no amount needs more than 4 bytes (25 bits and a sign bit) */
	l->packed = malloc(4 * l->n + PACKED_MAX);
	l->balance = malloc((l->n + 1) * sizeof *l->balance);
	if (!l->packed || !l->balance)
		return -1;

	struct statistics s = nothing;
	uint8_t *p = l->packed;
	int64_t balance = 0;
	for (size_t i = 0; i < l->n; i++) {
		uint64_t r = rng_at(job->seed, i);
		int64_t amount = (int64_t)((r >> 8 & 0x1ffffff) >> r % 25); /* many small amounts, few large ones */
		int64_t before = balance;
		/* money comes and goes: the further from 0, the rather back to it */
		balance += (r >> 40) % 1000 < (balance > 0 ? 520 : 480) ? -amount : amount;
		p = pack(p, balance - before);

		int digits = 0;
		for (uint64_t rest = (uint64_t)llabs(balance); rest; rest >>= 1)
			digits++;
		s.entries++;
		if (balance < 0) {
			s.overdrawn++;
			s.fees += (uint64_t)(-balance / 1000);
		}
		if (balance < s.lowest)
			s.lowest = balance;
		if (balance > s.highest)
			s.highest = balance;
		s.mix += ((uint64_t)balance ^ i) * UINT64_C(0x9E3779B97F4A7C15);
		s.class[digits]++;
	}
	l->expected = s;
	return 0;
}

static void reset(struct job *job)
{
	struct ledger *l = job->data;
	memset(l->balance, 0xee, l->n * sizeof *l->balance);
	l->found = (struct statistics){0}; /* not what an empty ledger gives: that is `nothing` */
}

static struct outcome verify(const struct job *job)
{
	const struct ledger *l = job->data;
	const struct statistics *e = &l->expected, *f = &l->found;
	bool classes = !memcmp(e->class, f->class, sizeof e->class);
	struct outcome o = {.right = classes && e->entries == f->entries && e->overdrawn == f->overdrawn && e->fees == f->fees &&
				     e->mix == f->mix && e->lowest == f->lowest && e->highest == f->highest,
			    .expected = (double)e->fees, .observed = (double)f->fees};
	snprintf(o.text, sizeof o.text, "fees %llu, expected %llu; %llu of %llu entries, classes %s, mix %016llx, expected %016llx (exact)",
		 (unsigned long long)f->fees, (unsigned long long)e->fees, (unsigned long long)f->entries,
		 (unsigned long long)e->entries, classes ? "equal" : "differ", (unsigned long long)f->mix, (unsigned long long)e->mix);
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct ledger *l = job->data;
	uint64_t *field[] = {&l->found.entries, &l->found.overdrawn, &l->found.fees, &l->found.mix,
			     &l->found.class[where >> 32 & 31]};
	*field[where % 5] += 1;
	return true;
}

static const struct variant variants[] = {
	{.name = "serial", .about = "unpack, then statistics", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "threads", .about = "unpack alone, statistics by threads", .kind = KIND_THREADS, .run = run_threads},
	{0},
};

const struct kernel kernel_ledger = {
	.name = "ledger",
	.title = "Statistics of a packed ledger (mostly serial)",
	.source = __FILE__,
	.params = {{"size", "entries", "entries of the ledger", 0, 1e8, 2e6, false}},
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
};
KERNEL_REGISTER(kernel_ledger);
