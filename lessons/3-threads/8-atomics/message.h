/* The lesson `atomics`: a message from one thread to another, through a box with a flag. */
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { WORDS = 6, LOOKS = 2000 };

struct box {
	_Alignas(64) uint64_t word[WORDS]; /* the message: plain memory */
	_Alignas(64) atomic_size_t full;   /* the flag: number of the message that lies in the box */
	_Alignas(64) atomic_size_t taken;  /* … that was read */
	size_t whole, torn;
};

struct order { /* how a flag is set, and how it is looked at */
	void (*set)(atomic_size_t *flag, size_t number);
	size_t (*look)(atomic_size_t *flag);
};

/* Looks until the flag says `number`; lets others run now and then, as the other may have no core. */
static void await(atomic_size_t *flag, size_t number, const struct order *order)
{
	for (unsigned looks = 1; order->look(flag) != number; looks++)
		if (looks % LOOKS == 0)
			sched_yield();
		else
			spin_pause();
}

//> write
static void put(struct box *box, size_t number, uint64_t seed, const struct order *order)
{
	for (int i = 0; i < WORDS; i++)
		box->word[i] = rng_at(seed + number, (uint64_t)i);
	order->set(&box->full, number); /* "it is in the box": seen only after the words? */
}
//< write

//> read
static void take(struct box *box, size_t number, uint64_t seed, const struct order *order)
{
	bool whole = true;
	await(&box->full, number, order);
	for (int i = 0; i < WORDS; i++)
		whole &= box->word[i] == rng_at(seed + number, (uint64_t)i);
	box->whole += whole;
	box->torn += !whole;
	order->set(&box->taken, number); /* the box may be filled again */
}
//< read

/* Threads 0 and 1 are a pair, 2 and 3, …; a thread without a partner does both. */
static void pass_on(struct job *job, int me, const void *how)
{
	const struct order *order = how;
	int pairs = (job->workers + 1) / 2;
	struct box *box = (struct box *)job->data + me / 2;
	struct slice mine = slice_of(job_size(job), me / 2, pairs);
	bool writes = me % 2 == 0, reads = me % 2 == 1 || me + 1 == job->workers;
	worker_begin(job, me);
	for (size_t k = 1; k <= mine.last - mine.first; k++) {
		if (writes) {
			await(&box->taken, k - 1, order);
			put(box, k, job->seed, order);
		}
		if (reads)
			take(box, k, job->seed, order);
	}
	worker_end(job, me);
}

//> release
static void set_release(atomic_size_t *flag, size_t number)
{
	atomic_store_explicit(flag, number, memory_order_release); /* all that I wrote before … */
}

static size_t look_acquire(atomic_size_t *flag)
{
	return atomic_load_explicit(flag, memory_order_acquire); /* … is seen by who sees this */
}

static int run_release(struct job *job)
{
	return crew_run(job, pass_on, &(struct order){set_release, look_acquire}, NULL);
}
//< release

//> message-seq-cst
static void set_seq_cst(atomic_size_t *flag, size_t number)
{
	atomic_store_explicit(flag, number, memory_order_seq_cst);
}

static size_t look_seq_cst(atomic_size_t *flag) { return atomic_load_explicit(flag, memory_order_seq_cst); }

static int run_message_seq_cst(struct job *job)
{
	return crew_run(job, pass_on, &(struct order){set_seq_cst, look_seq_cst}, NULL);
}
//< message-seq-cst

//> relaxed-flag
static void set_relaxed(atomic_size_t *flag, size_t number)
{
	atomic_store_explicit(flag, number, memory_order_relaxed); /* says nothing about the words */
}

static size_t look_relaxed(atomic_size_t *flag) { return atomic_load_explicit(flag, memory_order_relaxed); }

static int run_relaxed_flag(struct job *job)
{
	return crew_run(job, pass_on, &(struct order){set_relaxed, look_relaxed}, NULL);
}
//< relaxed-flag

//> alone
static int run_alone(struct job *job)
{
	int workers = job->workers;
	job->workers = 1;
	parallel_begin(job, 1);
	pass_on(job, 0, &(struct order){set_relaxed, look_relaxed}); /* within one thread nothing is missed */
	parallel_end(job);
	job->workers = workers;
	return 0;
}
//< alone

static void message_reset(struct job *job) { memset(job->data, 0, (KERNEL_WORKERS_MAX + 1) / 2 * sizeof(struct box)); }

static int message_prepare(struct job *job)
{
	job->data = aligned_alloc(64, (KERNEL_WORKERS_MAX + 1) / 2 * sizeof(struct box));
	return job->data ? (message_reset(job), 0) : -1;
}

static struct outcome message_verify(const struct job *job)
{
	size_t whole = 0, torn = 0, n = job_size(job);
	for (int q = 0; q < (KERNEL_WORKERS_MAX + 1) / 2; q++) {
		whole += ((const struct box *)job->data)[q].whole;
		torn += ((const struct box *)job->data)[q].torn;
	}
	struct outcome out = {whole == n && !torn, (double)n, (double)whole, ""};
	snprintf(out.text, sizeof out.text, "%zu of %zu messages arrived whole, %zu did not", whole, n, torn);
	return out;
}

static const struct variant message_variants[] = {
	{"alone", "one thread writes and reads", .run = run_alone},
	{"release", "the flag is set with release, looked at with acquire", KIND_THREADS, .run = run_release},
	{"message-seq-cst", "one order of everything for all", KIND_THREADS, .run = run_message_seq_cst},
	{"relaxed-flag", "the flag is atomic, and orders nothing", KIND_THREADS,
	 "a relaxed flag does not publish the words: ThreadSanitizer reports the data race", .run = run_relaxed_flag},
	{0},
};
const struct kernel kernel_message = {
	.name = "message", .title = "A message through a box", .source = __FILE__,
	.params = {{"size", "messages", "messages in all, shared by the pairs of threads", 0, 1e9, 50e3, false}},
	.prepare = message_prepare, .reset = message_reset, .variants = message_variants, .verify = message_verify,
	.release = release,
};
KERNEL_REGISTER(kernel_message);

/* ---- a flag that the compiler need not read again ---- */

static bool plain_flag;
static atomic_bool atomic_flag_, looking;

//> plain-flag
__attribute__((optimize("O2"))) static void *wait_plain(void *arg)
{
	looking = true;
	while (!plain_flag)
		; /* until the other thread sets it */
	return arg;
}

static void *wait_atomic(void *arg)
{
	looking = true;
	while (!atomic_load_explicit(&atomic_flag_, memory_order_relaxed))
		; /* each time anew */
	return arg;
}
//< plain-flag

/* In a process of its own, for a thread that never ends can only be ended with its process.
 * 1: it saw the flag, 0: not in 300 ms, -1 with errno. */
static int sees_flag(void *(*wait_for)(void *))
{
	int status;
	pid_t child = fork();
	if (child < 0)
		return -1;
	if (child == 0) {
		pthread_t thread;
		struct timespec until, moment = {.tv_nsec = 20000000};
		if (pthread_create(&thread, NULL, wait_for, NULL) != 0)
			_exit(2);
		while (!looking)
			sched_yield();
		nanosleep(&moment, NULL); /* by now it has looked: a flag set before the first look would be seen */
		atomic_flag_ = true;
		*(volatile bool *)&plain_flag = true;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += (until.tv_nsec += 300000000) / 1000000000;
		until.tv_nsec %= 1000000000;
		_exit(pthread_timedjoin_np(thread, NULL, &until) != 0);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 2)
		return errno = EAGAIN, -1;
	return WEXITSTATUS(status) == 0;
}

static const char *why_no_plain_flag(void)
{
#ifdef SANITIZED
	return "a build with a sanitizer looks at the flag each time";
#else
	return NULL;
#endif
}

static int demo_plain_flag(struct telling *t)
{
	tell(t, "a thread waits for an atomic flag; 20 ms later it is set");
	int saw_atomic = sees_flag(wait_atomic);
	if (saw_atomic < 0)
		return -1;
	tell_check(t, saw_atomic, saw_atomic ? N_("it saw the atomic flag") : N_("300 ms later it still did not see it (ended)"));
	tell(t, "a thread waits for a plain flag; 20 ms later it is set");
	int saw_plain = sees_flag(wait_plain);
	if (saw_plain < 0)
		return -1;
	tell_check(t, saw_plain, saw_plain ? N_("it saw the plain flag") : N_("300 ms later it still did not see it (ended)"));
	tell_figure(t, saw_plain, 1);
	return 0;
}
