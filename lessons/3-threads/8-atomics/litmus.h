/* The lesson `atomics`: store buffering, the reordering that x86 processors really do (E. W. Dijkstra gives the pattern
 * to Dekker, 1965; as a litmus test: P. Sewell et al., "x86-TSO", CACM 2010), and all executions of a message. */
#include <math.h>

struct litmus {
	struct litmus_pair {
		_Alignas(64) atomic_size_t x;
		_Alignas(64) atomic_size_t y;
		_Alignas(64) atomic_size_t here[2]; /* the round that each has come to */
	} pair[(KERNEL_WORKERS_MAX + 1) / 2];
	bool missed[]; /* two for each round: this one read the old value */
};

//> round
/* I write mine and read yours; you write yours and read mine. Who comes second must see what the first has written. */
typedef bool misses(atomic_size_t *mine, atomic_size_t *yours, size_t round);

static bool misses_relaxed(atomic_size_t *mine, atomic_size_t *yours, size_t round)
{
	atomic_store_explicit(mine, round, memory_order_relaxed);
	return atomic_load_explicit(yours, memory_order_relaxed) < round; /* still the old value */
}
//< round

static bool misses_release(atomic_size_t *mine, atomic_size_t *yours, size_t round)
{
	atomic_store_explicit(mine, round, memory_order_release);
	return atomic_load_explicit(yours, memory_order_acquire) < round;
}

static bool misses_seq_cst(atomic_size_t *mine, atomic_size_t *yours, size_t round)
{
	atomic_store_explicit(mine, round, memory_order_seq_cst);
	return atomic_load_explicit(yours, memory_order_seq_cst) < round;
}

static void meet(struct litmus_pair *p, int side, size_t round)
{
	atomic_store_explicit(&p->here[side], round, memory_order_release);
	for (unsigned looks = 1; atomic_load_explicit(&p->here[!side], memory_order_acquire) < round; looks++)
		if (looks % 4096 == 0)
			sched_yield();
}

static void play(struct job *job, int me, const void *how)
{
	struct litmus *l = job->data;
	misses *const *misses_in = how;
	struct litmus_pair *p = &l->pair[me / 2];
	struct slice mine = slice_of(job_size(job), me / 2, (job->workers + 1) / 2);
	bool alone = me % 2 == 0 && me + 1 == job->workers;
	worker_begin(job, me);
	for (size_t i = mine.first, round = 1; i < mine.last; i++, round++) {
		if (!alone)
			meet(p, me % 2, round);
		for (int side = me % 2; side <= (alone ? 1 : me % 2); side++)
			l->missed[2 * i + (size_t)side] = (*misses_in)(side ? &p->y : &p->x, side ? &p->x : &p->y, round);
	}
	worker_end(job, me);
}

//> in-turn
static int run_in_turn(struct job *job)
{
	int workers = job->workers;
	job->workers = 1;
	parallel_begin(job, 1);
	play(job, 0, &(misses *){misses_relaxed});
	parallel_end(job);
	job->workers = workers;
	return 0;
}
//< in-turn

//> both-seq-cst
static int run_both_seq_cst(struct job *job) { return crew_run(job, play, &(misses *){misses_seq_cst}, NULL); }
//< both-seq-cst

//> both-release
static int run_both_release(struct job *job) { return crew_run(job, play, &(misses *){misses_release}, NULL); }
//< both-release

//> both-relaxed
static int run_both_relaxed(struct job *job) { return crew_run(job, play, &(misses *){misses_relaxed}, NULL); }
//< both-relaxed

static void litmus_reset(struct job *job)
{
	struct litmus *l = job->data;
	memset(l, 0, sizeof *l);
	memset(l->missed, 1, 2 * job_size(job)); /* a round that was not played counts as missed by both */
}

static int litmus_prepare(struct job *job)
{
	size_t bytes = (sizeof(struct litmus) + 2 * job_size(job) + 63) / 64 * 64;
	job->data = aligned_alloc(64, bytes);
	return job->data ? (litmus_reset(job), 0) : -1;
}

static struct outcome litmus_verify(const struct job *job)
{
	const struct litmus *l = job->data;
	size_t n = job_size(job), both = 0;
	for (size_t i = 0; i < n; i++)
		both += l->missed[2 * i] && l->missed[2 * i + 1];
	struct outcome out = {both == 0, 0, (double)both, ""};
	snprintf(out.text, sizeof out.text, "in %zu of %zu rounds both read the old value (expected: in none)", both, n);
	return out;
}

#define BOTH_MISS \
	"a write may wait in the processor's store buffer while the read behind it is done: both read the old value"
static const struct variant litmus_variants[] = {
	{"in-turn", "one thread plays both sides", .run = run_in_turn},
	{"both-seq-cst", "one order of everything for all", KIND_THREADS, .run = run_both_seq_cst},
	{"both-release", "stores release, loads acquire", KIND_THREADS, BOTH_MISS, .run = run_both_release},
	{"both-relaxed", "no order", KIND_THREADS, BOTH_MISS, .run = run_both_relaxed},
	{0},
};
const struct kernel kernel_litmus = {
	.name = "litmus", .title = "Write mine, read yours", .source = __FILE__,
	.params = {{"size", "rounds", "rounds in all, shared by the pairs of threads", 0, 1e8, 50e3, false}},
	.prepare = litmus_prepare, .reset = litmus_reset, .variants = litmus_variants, .verify = litmus_verify,
	.release = release,
};
KERNEL_REGISTER(kernel_litmus);

/* ---- all executions of a message, by the rules and not by luck ---- */

//> orders
/* Writer: data = 42, flag = 1. Reader: reads flag, reads data. Tries each order in which the four steps may happen,
 * where a thread without a promise may have its two steps swapped, and counts those that read the flag but old data. */
static int explore(struct telling *t, const char *name, bool writer_may_swap, bool reader_may_swap)
{
	int stale = 0, all = 0;
	char example[120] = "";
	for (int w = 0; w <= writer_may_swap; w++)
		for (int r = 0; r <= reader_may_swap; r++)
			for (int turns = 0; turns < 16; turns++) { /* bit k: step k is the writer's */
				int data = 0, flag = 0, read_data = 0, read_flag = 0, ws = 0, rs = 0;
				char line[120] = "";
				if (__builtin_popcount((unsigned)turns) != 2)
					continue;
				for (int k = 0; k < 4; k++) {
					bool first = turns >> k & 1 ? ws++ == w : rs++ == r; /* the thread's first line? */
					const char *step = turns >> k & 1 ? (first ? "data = 42" : "flag = 1")
									  : (first ? "read flag" : "read data");
					if (turns >> k & 1)
						*(first ? &data : &flag) = first ? 42 : 1;
					else
						*(first ? &read_flag : &read_data) = first ? flag : data;
					snprintf(line + strlen(line), sizeof line - strlen(line), "%s%s", k ? ", " : "", step);
				}
				all++;
				if (read_flag && !read_data && !stale++)
					memcpy(example, line, sizeof example);
			}
	tell(t, stale ? N_("%s: %d executions, %d of them read the flag and old data, such as: %s")
		      : N_("%s: %d executions, %d of them read the flag and old data%s"), name, all, stale, example);
	return stale;
}
//< orders

static int demo_orders(struct telling *t)
{
	int relaxed = explore(t, "relaxed, relaxed", true, true);
	explore(t, "release, relaxed", false, true);
	explore(t, "relaxed, acquire", true, false);
	int paired = explore(t, "release, acquire", false, false);
	tell_check(t, paired == 0, "release with acquire: no execution reads old data");
	tell_figure(t, relaxed, NAN);
	return 0;
}
