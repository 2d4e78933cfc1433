/* The second program of the lesson `mutex`: accounts and transfers between them. One lock for all accounts, a lock for each, and a
 * lock on the wrong account. */
#include "kernels/rng.h"
#include "kernels/runtime/crew.h" /* starts the threads, all or none, and joins them */

struct bank {
	pthread_mutex_t mutex; /* one-lock */
	size_t accounts;
	long *expected;
	struct account {
		_Alignas(64) pthread_mutex_t mutex; /* lock-each */
		volatile long balance;
	} account[];
};

/* Transfer i: from one account to another, drawn from the seed. */
static size_t giver(const struct job *job, size_t i) { return rng_at(job->seed, i) % (size_t)job->arg[1]; }

static size_t taker(const struct job *job, size_t i)
{
	size_t n = (size_t)job->arg[1];
	return (giver(job, i) + 1 + (rng_at(job->seed, i) >> 32) % (n - 1)) % n;
}

static long amount(const struct job *job, size_t i)
{
	uint64_t x = rng_at(~job->seed, i);
	for (uint64_t step = (uint64_t)job->arg[2]; step > 0; step--)
		x = x * UINT64_C(6364136223846793005) + 1; /* a chain that nobody can shorten */
	return (long)(x >> 40);
}

//> move
/* Reads, reckons, writes: for two accounts. */
static void move(struct job *job, struct account *from, struct account *to, size_t i)
{
	long left = from->balance, there = to->balance;
	long sum = amount(job, i); /* takes a while, and both balances must stay as they were read */
	from->balance = left - sum;
	to->balance = there + sum;
}
//< move

typedef void transfer(struct job *job, struct account *from, struct account *to, size_t i);

static void transfers(struct job *job, int me, const void *how)
{
	struct bank *b = job->data;
	transfer *const *make = how;
	struct slice mine = slice_of(job_size(job), me, job->workers);
	worker_begin(job, me);
	for (size_t i = mine.first; i < mine.last; i++)
		(*make)(job, &b->account[giver(job, i)], &b->account[taker(job, i)], i);
	worker_end(job, me);
}

//> one-lock
static void with_one_lock(struct job *job, struct account *from, struct account *to, size_t i)
{
	struct bank *b = job->data;
	pthread_mutex_lock(&b->mutex); /* whoever wants whatever accounts waits here */
	move(job, from, to, i);
	pthread_mutex_unlock(&b->mutex);
}
static int run_one_lock(struct job *job) { return crew_run(job, transfers, &(transfer *){with_one_lock}, NULL); }
//< one-lock

//> lock-each
static void with_both_locks(struct job *job, struct account *from, struct account *to, size_t i)
{
	pthread_mutex_lock(from < to ? &from->mutex : &to->mutex); /* always the lower one first: */
	pthread_mutex_lock(from < to ? &to->mutex : &from->mutex); /* the lesson `deadlock` tells why */
	move(job, from, to, i);
	pthread_mutex_unlock(&from->mutex);
	pthread_mutex_unlock(&to->mutex);
}
static int run_lock_each(struct job *job) { return crew_run(job, transfers, &(transfer *){with_both_locks}, NULL); }
//< lock-each

//> wrong-lock
static void with_givers_lock(struct job *job, struct account *from, struct account *to, size_t i)
{
	pthread_mutex_lock(&from->mutex); /* keeps out who gives from this account, … */
	move(job, from, to, i);           /* … and not who changes the other one */
	pthread_mutex_unlock(&from->mutex);
}
static int run_wrong_lock(struct job *job) { return crew_run(job, transfers, &(transfer *){with_givers_lock}, NULL); }
//< wrong-lock

static int run_no_lock(struct job *job)
{
	int workers = job->workers;
	job->workers = 1;
	parallel_begin(job, 1);
	transfers(job, 0, &(transfer *){move});
	parallel_end(job);
	job->workers = workers;
	return 0;
}

static void accounts_reset(struct job *job)
{
	struct bank *b = job->data;
	for (size_t a = 0; a < b->accounts; a++)
		b->account[a].balance = 0;
}

static int accounts_prepare(struct job *job)
{
	size_t n = (size_t)job->arg[1];
	struct bank *b = job->data = aligned_alloc(64, sizeof *b + n * sizeof b->account[0]);
	if (!b)
		return -1;
	b->accounts = n;
	pthread_mutex_init(&b->mutex, NULL);
	for (size_t a = 0; a < n; a++)
		pthread_mutex_init(&b->account[a].mutex, NULL);
	if (!(b->expected = calloc(n, sizeof *b->expected)))
		return -1;
	for (size_t i = 0; i < job_size(job); i++) { /* in which order does not matter: additions commute */
		long sum = amount(job, i);
		b->expected[giver(job, i)] -= sum;
		b->expected[taker(job, i)] += sum;
	}
	accounts_reset(job);
	return 0;
}

static struct outcome accounts_verify(const struct job *job)
{
	const struct bank *b = job->data;
	size_t good = 0;
	long sum = 0;
	for (size_t a = 0; a < b->accounts; a++) {
		good += b->account[a].balance == b->expected[a];
		sum += b->account[a].balance;
	}
	struct outcome out = {good == b->accounts, (double)b->accounts, (double)good, ""};
	snprintf(out.text, sizeof out.text, "%zu of %zu balances are right; the sum of all should be 0 and is %ld", good, b->accounts, sum);
	return out;
}

static void accounts_release(struct job *job)
{
	struct bank *b = job->data;
	if (b)
		free(b->expected);
	free(b);
	job->data = NULL;
}

static const struct variant accounts_variants[] = {
	{"no-lock", "one thread, no lock", .run = run_no_lock},
	{"one-lock", "one lock for all accounts", KIND_THREADS, .blocks = true, .run = run_one_lock},
	{"lock-each", "a lock for each account, both are taken", KIND_THREADS, .blocks = true, .run = run_lock_each},
	{"wrong-lock", "the lock of the account that gives, and no other", KIND_THREADS,
	 "the account that takes has another lock, which nobody holds", .blocks = true, .run = run_wrong_lock},
	{0},
};
const struct kernel kernel_accounts = {
	.name = "accounts", .title = "Transfers between accounts", .source = "lessons/3-threads/3-mutex/accounts.h",
	.params = {{"size", "transfers", "transfers in all, shared by the threads", 0, 1e9, 50e3, false},
		   {"accounts", "accounts", "accounts of the bank", 2, 1e5, 64, false},
		   {"work", "steps", "steps of reckoning in each transfer, about 1 ns each", 0, 1e6, 400, false}},
	.prepare = accounts_prepare, .reset = accounts_reset, .variants = accounts_variants, .verify = accounts_verify,
	.release = accounts_release,
};
KERNEL_REGISTER(kernel_accounts);
