/* Our best variant and every peer of a kernel, in rounds: each works once in each, in a fresh order, and a round counts only if nobody
 * else used the machine meanwhile. Their ratio is the median over the rounds of what was measured side by side. */
#include "kernels/bench/peers.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/bench/ceilings.h"
#include "kernels/bench/clock.h"
#include "kernels/bench/file.h"
#include "kernels/bench/gate.h"
#include "kernels/bench/probe.h"
#include "kernels/bench/util.h"
#include "kernels/rng.h"

#define SAMPLE_SECONDS 0.03    /* a sample takes at least this long … */
#define ROUND_SECONDS 0.5      /* … and a round this long: see gate.h */
#define READY_SECONDS 90.0
#define ANSWER_LEAST 2.0       /* for one run a peer has the time that there is for all, but at least … */
#define ANSWER_MOST 30.0       /* … and at most so long */
#define TOLERANCE 1e-9
enum { TURNS_MAX = 64, ROUNDS_LEAST = 7, TRIES_A_ROUND = 3, VERDICT_LEAST = 6, INNER_MAX = 1000, SETTLE_NS = 20000000, WAITS = -1 };

/* One that takes part: ours, or a peer. */
struct turn {
	struct peer_process process;
	bool ours, rounds;      /* rounds: fast enough to take part in them */
	double warm, wall;      /* of one run before the rounds: the time it claims; with all that comes with it */
	int inner;              /* runs in one sample */
	double *seconds;        /* by round tried */
};

struct match {
	const struct peers_plan *plan;
	struct record_sink *sink;
	struct job *job;
	const struct variant *ours;
	struct probe_area *probe;
	int workers, turns, tried, kept, wanted, most;
	double figure, patience; /* of ours; seconds to wait for an answer */
	double need;             /* seconds, with all that comes before the rounds */
	struct turn turn[TURNS_MAX];
	bool *round_kept;
	char work[200];         /* "10 M numbers" */
};

/* ---- ours ---------------------------------------------------------------------------------------------------------- */

/* Seconds of one of `inner` runs; -1 with errno when a resource ran out. *outcome: of the last. */
static double run_ours(struct match *m, const struct variant *variant, struct job *job, int inner, struct outcome *outcome)
{
	struct probe_setup setup = {.workers = m->workers, .pin = m->plan->plan->pin, .bind = !variant->pins_itself};
	double seconds = 0;

	job->variant = variant;
	job->workers = m->workers;
	job->probe = (struct probe *)m->probe;
	topology_confine(NULL, 0);
	for (int i = 0; i < inner && !bench_signal(); i++) {
		if (job->kernel->reset)
			job->kernel->reset(job);
		probe_start(m->probe, &setup);
		int64_t begin = now_ns();
		int status = variant->run(job);
		int64_t end = now_ns();
		probe_stop(m->probe);
		if (status) {
			int why = errno;
			topology_confine(NULL, 0);
			errno = why;
			return -1;
		}
		seconds += 1e-9 * (double)(end - begin);
	}
	topology_confine(NULL, 0);
	*outcome = job->kernel->verify(job);
	if (variant->kind == KIND_OPENMP) /* its threads spin for some milliseconds before they sleep: not at the cost of the next */
		nanosleep(&(struct timespec){.tv_nsec = SETTLE_NS}, NULL);
	return seconds / inner;
}

static bool may_stand_for_ours(const struct variant *v)
{
	return !v->wrong && !v->yardstick && v->kind <= KIND_OPENMP && !(v->unavailable && v->unavailable());
}

/* The fastest of the plan's variants at these arguments, tried from the top of the ladder: `list` holds n of them, fastest first
 * when it returns. Those that are wrong, or fail, or are far slower than the best are dropped. Returns how many are left. */
static int rank(struct match *m, struct job *job, const struct variant **list, int n, double slack)
{
	double best = INFINITY, seconds[BENCH_VARIANTS_MAX];
	int left = 0;

	for (int i = 0; i < n && !bench_signal(); i++) {
		const struct variant *v = list[i];
		struct outcome outcome;
		double took = INFINITY;
		for (int again = 0; again < 3 && (!again || took < 1.5 * best) && took > 0; again++) {
			double one = run_ours(m, v, job, 1, &outcome);
			took = one < 0 || !outcome.right ? -1 : fmin(took, one);
			if (took > 0.5)
				break;
		}
		if (took < 0)
			continue;
		best = fmin(best, took);
		int at = left++;
		for (; at > 0 && seconds[at - 1] > took; at--) {
			seconds[at] = seconds[at - 1];
			list[at] = list[at - 1];
		}
		seconds[at] = took;
		list[at] = v;
	}
	while (left > 1 && seconds[left - 1] > slack * best)
		left--;
	return left;
}

/* Who stands for ours with so many workers: ranked at the preset size, where every rung is quick, then the best few at the size of
 * the comparison. NULL: none that is right. */
static const struct variant *find_ours(struct match *m)
{
	const struct bench_plan *plan = m->plan->plan;
	const struct kernel *kernel = plan->kernel;
	const struct variant *list[BENCH_VARIANTS_MAX];
	struct job small = {.kernel = kernel, .workers = m->workers, .seed = plan->seed};
	int n = 0;

	for (int pass = 0; pass < 2 && !n; pass++) /* one worker: serial code; more: code that shares; what there is if there is none */
		for (int i = plan->variant_count - 1; i >= 0; i--) {
			bool serial = plan->variants[i]->kind == KIND_SERIAL;
			bool waits = m->workers == 1 && plan->variants[i]->blocks; /* one thread may wait for many things at once */
			if (may_stand_for_ours(plan->variants[i]) && (pass || waits || serial == (m->workers == 1)))
				list[n++] = plan->variants[i];
		}
	for (int i = 0; kernel->params[i].name; i++)
		small.arg[i] = i ? m->job->arg[i] : fmin(kernel->params[0].preset, m->job->arg[0]);
	if (n > 1) {
		if (!kernel->prepare(&small))
			n = rank(m, &small, list, n, 1.5);
		kernel->release(&small);
	}
	n = rank(m, m->job, list, n > 3 ? 3 : n, 1);
	return n ? list[0] : NULL;
}

/* ---- peers --------------------------------------------------------------------------------------------------------- */

/* All threads of a process and of its offspring onto the processors of `set`. */
static void confine_tree(pid_t pid, const cpu_set_t *set, int depth)
{
	char path[64 + 256];
	snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
	DIR *tasks = depth < 8 ? opendir(path) : NULL;
	for (const struct dirent *e; tasks && (e = readdir(tasks));) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		sched_setaffinity((pid_t)strtol(e->d_name, NULL, 10), sizeof *set, set);
		snprintf(path, sizeof path, "/proc/%ld/task/%s/children", (long)pid, e->d_name);
		FILE *f = fopen(path, "re");
		for (long child; f && fscanf(f, "%ld", &child) == 1;)
			confine_tree((pid_t)child, set, depth + 1);
		if (f)
			fclose(f);
	}
	if (tasks)
		closedir(tasks);
}

static void confine(const struct match *m, const struct peer_process *p)
{
	int order[KERNEL_WORKERS_MAX];
	cpu_set_t set;
	if (m->workers > topology_usable() || m->plan->plan->pin == PIN_NONE || !p->pid)
		return;
	topology_order(m->plan->plan->pin, order, m->workers);
	CPU_ZERO(&set);
	for (int w = 0; w < m->workers; w++)
		if (order[w] >= 0)
			CPU_SET(order[w], &set);
	confine_tree(p->pid, &set, 0);
}

/* An OpenBLAS older than the processor takes it for one of 2004 and is then four times as slow, which would flatter us: it is told of the
 * vectors that are here. */
static void tell_processor(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
		setenv("OPENBLAS_CORETYPE", "SkylakeX", 0);
	else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		setenv("OPENBLAS_CORETYPE", "Haswell", 0);
#endif
}

/* Everything that pools of threads ask for their number. */
static void tell_environment(int workers)
{
	static const char *const names[] = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "BLIS_NUM_THREADS", "MKL_NUM_THREADS",
					    "NUMBA_NUM_THREADS"};
	char number[16];
	snprintf(number, sizeof number, "%d", workers);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		setenv(names[i], number, 1);
	tell_processor();
}

static bool takes_part(const struct match *m, const struct peer *peer)
{
	const struct kernel *kernel = m->job->kernel;
	const char *name;
	json_t *value;

	if (strcmp(peer->kernel, kernel->name) || (peer->workers == PEER_ONE && m->workers > 1))
		return false;
	json_object_foreach(peer->params, name, value) {
		int i = 0;
		while (kernel->params[i].name && strcmp(kernel->params[i].name, name))
			i++;
		if (kernel->params[i].name && m->job->arg[i] != json_number_value(value))
			return false;
	}
	return true;
}

/* A number of a file of the form "NAME: N kB", in bytes; NaN. */
static double kilobytes(const char *file, const char *name)
{
	char text[8192];
	const char *at = file_text(file, text, sizeof text) > 0 ? strstr(text, name) : NULL;
	return at ? 1024 * strtod(at + strlen(name), NULL) : NAN;
}

static void start_peers(struct match *m)
{
	double each = kilobytes("/proc/self/status", "VmRSS:"), left = 0.8 * kilobytes("/proc/meminfo", "MemAvailable:");

	tell_environment(m->workers);
	topology_confine(NULL, 0);
	for (size_t i = 0; i < m->plan->peers->n && m->turns < TURNS_MAX; i++) {
		const struct peer *peer = &m->plan->peers->v[i];
		if (!takes_part(m, peer))
			continue;
		struct turn *t = &m->turn[m->turns++];
		*t = (struct turn){.process = {.peer = peer, .in = -1, .out = -1, .said = -1}, .inner = 1};
		left -= each; /* it holds what we hold, more or less */
		if (peer->why)
			peer_refuse(&t->process, "%s", peer->why);
		else if (!isfinite(m->figure))
			peer_refuse(&t->process, "the kernel has no figure to check it with");
		else if (left < 0)
			peer_refuse(&t->process, "not enough memory for so many at once");
		else
			peer_start(&t->process, peer, m->job, m->workers);
	}
	int64_t deadline = now_ns() + (int64_t)(READY_SECONDS * 1e9);
	for (int i = 1; i < m->turns; i++)
		if (peer_ready(&m->turn[i].process, deadline))
			confine(m, &m->turn[i].process);
}

static bool same_figure(const struct match *m, double check)
{
	double tolerance = m->job->kernel->figure_tolerance > 0 ? m->job->kernel->figure_tolerance : TOLERANCE;
	return fabs(check - m->figure) <= tolerance * fmax(fabs(check), fabs(m->figure));
}

/* One sample: seconds of a run. False: it is out. */
static bool run_peer(struct match *m, struct turn *t, int inner, double *seconds)
{
	double sum = 0;
	for (int i = 0; i < inner; i++) {
		double one, check;
		if (!peer_work(&t->process, m->patience, &one, &check))
			return false;
		if (!same_figure(m, check)) {
			peer_refuse(&t->process, "its answer is wrong: %.17g, ours (verified) %.17g", check, m->figure);
			return false;
		}
		sum += one;
	}
	*seconds = sum / inner;
	return true;
}

static void warm_up(struct match *m, struct turn *t)
{
	for (int i = 0; i < 2; i++) {
		int64_t begin = now_ns();
		if (!run_peer(m, t, 1, &t->warm))
			return;
		t->wall = 1e-9 * (double)(now_ns() - begin);
		confine(m, &t->process); /* workers that it started with its first work */
		if (t->wall > 0.3)
			return;
	}
}

/* ---- rounds -------------------------------------------------------------------------------------------------------- */

static int by_warm(const void *a, const void *b)
{
	const struct turn *x = a, *y = b;
	bool no_x = x->process.why[0], no_y = y->process.why[0];
	return no_x != no_y ? no_x - no_y : (x->warm > y->warm) - (x->warm < y->warm);
}

/* How many runs make a sample, and who is fast enough that the rounds fit into the time; the fastest peer always takes part. Returns how
 * long the rounds will take. */
static double choose(struct match *m, double seconds)
{
	double round = 0;
	qsort(m->turn + 1, (size_t)(m->turns - 1), sizeof *m->turn, by_warm);
	for (int i = 0; i < m->turns; i++) {
		struct turn *t = &m->turn[i];
		if (t->process.why[0])
			continue;
		t->inner = (int)fmin(INNER_MAX, fmax(1, ceil(SAMPLE_SECONDS / t->warm)));
		double once = t->ours ? fmax(0, t->wall - t->warm) : 0; /* checking, and the rest after OpenMP's threads */
		double cost = t->inner * (t->wall - once) + once;
		t->rounds = i < 2 || ROUNDS_LEAST * (round + cost) <= seconds;
		round += t->rounds ? cost : 0;
	}
	for (int i = 0; i < m->turns && round < ROUND_SECONDS; i++)
		if (m->turn[i].rounds)
			m->turn[i].inner = (int)fmin(INNER_MAX, ceil(m->turn[i].inner * ROUND_SECONDS / round));
	return ROUNDS_LEAST * fmax(round, ROUND_SECONDS);
}

static void shuffle(int *turn, int n, uint64_t seed)
{
	for (int i = 0; i < n; i++)
		turn[i] = i;
	for (int i = n - 1; i > 0; i--) {
		int j = (int)(rng_at(seed, (uint64_t)i) % (uint64_t)(i + 1)), swap = turn[i];
		turn[i] = turn[j];
		turn[j] = swap;
	}
}

static void progress(const struct match *m)
{
	if (m->plan->progress)
		fprintf(stderr, "\r\033[K%s, %s, %d worker%s: round %d, %d of %d kept", m->job->kernel->name, m->work, m->workers,
			m->workers == 1 ? "" : "s", m->tried, m->kept, m->wanted);
}

/* 0, or -1 with errno, or an answer of ours that was wrong: *outcome tells. */
static int rounds(struct match *m, int64_t deadline_ns, struct outcome *outcome)
{
	int order[TURNS_MAX];
	int64_t longest = 0;

	while (m->kept < m->wanted && m->tried < m->most && !bench_signal()) {
		int64_t begin = now_ns();
		int held = bench_held();
		struct gate gate;
		if (m->tried && begin + longest > deadline_ns)
			break;
		progress(m);
		shuffle(order, m->turns, rng_at(m->plan->plan->seed, (uint64_t)m->tried + 0x9ee5));
		gate_begin(&gate);
		for (int i = 0; i < m->turns && !bench_signal(); i++) {
			struct turn *t = &m->turn[order[i]];
			if (!t->rounds)
				continue;
			if (!t->ours) {
				t->rounds = run_peer(m, t, t->inner, &t->seconds[m->tried]);
				continue;
			}
			t->seconds[m->tried] = run_ours(m, m->ours, m->job, t->inner, outcome);
			if (t->seconds[m->tried] < 0 || !outcome->right)
				return t->seconds[m->tried] < 0 ? -1 : 0;
		}
		if (bench_signal())
			break;
		double foreign = gate_end(&gate);
		m->round_kept[m->tried] = !(foreign >= gate_foreign_max()) && held == bench_held();
		m->kept += m->round_kept[m->tried++];
		longest = now_ns() - begin > longest ? now_ns() - begin : longest;
	}
	return 0;
}

/* ---- records ------------------------------------------------------------------------------------------------------- */

/* The values of the kept rounds; of all when there are too few for a verdict. Returns their number. */
static size_t kept_values(const struct match *m, const double *x, double *out)
{
	size_t n = 0;
	for (int r = 0; r < m->tried; r++)
		if (m->round_kept[r] || m->kept < VERDICT_LEAST)
			out[n++] = x[r];
	return n;
}

static struct estimate without_interval(double mid) { return (struct estimate){mid, NAN, NAN}; }

/* The least time that the machine's peaks allow, and what bounds it. */
static double limit_of(const struct match *m, const char **name)
{
	const struct kernel *k = m->job->kernel;
	double arithmetic = k->flops ? k->flops(m->job) / ceilings_flops(m->workers, k->single) : NAN;
	double memory = k->bytes ? k->bytes(m->job) / ceilings_bytes(m->workers) : NAN;
	*name = isnan(arithmetic) && isnan(memory) ? NULL : isnan(memory) || arithmetic > memory ? "arithmetic" : "memory";
	return fmax(arithmetic, memory);
}

static void write_turn(struct match *m, struct turn *t)
{
	const struct kernel *k = m->job->kernel;
	double *own = xcalloc((size_t)m->most + 1, sizeof *own), *theirs = xcalloc((size_t)m->most + 1, sizeof *theirs);
	size_t n = kept_values(m, m->turn[0].seconds, own);
	bool out = t->process.why[0], busy = m->kept < VERDICT_LEAST;
	struct estimate seconds = estimate_none, ratio = estimate_none, share = estimate_none;
	const char *limit = NULL;

	if (!out && t->rounds && n) {
		kept_values(m, t->seconds, theirs);
		seconds = stat_sign_interval(theirs, n, 0.95);
		ratio = stat_ratio(theirs, own, n, 0.95);
		if (busy) {
			seconds = without_interval(seconds.mid);
			ratio = without_interval(ratio.mid);
		}
	} else if (!out && t->warm > 0) {
		seconds = without_interval(t->warm);
		ratio = without_interval(t->warm / (n ? stat_median(own, n) : m->turn[0].warm));
	}
	if (t->ours) {
		double least = limit_of(m, &limit);
		share = (struct estimate){least / seconds.mid, least / seconds.hi, least / seconds.lo};
		ratio = estimate_none;
	}
	json_t *args = json_object();
	for (int i = 0; k->params[i].name; i++)
		json_object_set_new(args, k->params[i].name, record_real(m->job->arg[i]));
	record_write(m->sink, json_pack("{s:s, s:s, s:s, s:s, s:o, s:i, s:s, s:s?, s:b, s:o, s:o, s:i, s:i, s:b, s:b, s:s?, s:o, s:s?}", "t", "peer",
					"kernel", k->name, "title", k->title, "work", m->work, "args", args, "workers", m->workers, "who",
					t->ours ? m->ours->name : t->process.peer->name, "library", t->ours ? NULL : t->process.peer->library,
					"ours", t->ours, "seconds", record_estimate(seconds), "ratio", record_estimate(ratio), "tried",
					t->rounds ? m->tried : 0, "kept", t->rounds ? m->kept : 0, "busy", busy, "once", !t->rounds && !out,
					"limit", limit, "share", record_estimate(share), "why", out ? t->process.why : NULL), false);
	free(own);
	free(theirs);
}

static void complain(struct match *m, const char *code, const char *text)
{
	record_write(m->sink, json_pack("{s:s, s:s, s:o}", "t", "error", "code", code, "text",
					json_sprintf("%s, %s: %s", m->job->kernel->name, m->work, text)), false);
	fprintf(stderr, "lockstep peers: %s, %s: %s\n", m->job->kernel->name, m->work, text);
}

/* ---- a match ------------------------------------------------------------------------------------------------------- */

/* "1024", "10 M" */
static const char *figure_text(double x, char *buf, size_t size)
{
	if (x != floor(x) || fabs(x) >= 1e5)
		return util_si(x, buf, size);
	snprintf(buf, size, "%.0f", x);
	return buf;
}

static void describe(struct match *m)
{
	const struct kernel *k = m->job->kernel;
	char size[32];
	size_t n = (size_t)snprintf(m->work, sizeof m->work, "%s%s%s", figure_text(m->job->arg[0], size, sizeof size), *k->params[0].unit ? " " : "",
				    k->params[0].unit);
	for (int i = 1; k->params[i].name && n < sizeof m->work; i++)
		if (m->job->arg[i] != k->params[i].preset)
			n += (size_t)snprintf(m->work + n, sizeof m->work - n, ", %s %s", k->params[i].name, figure_text(m->job->arg[i], size, sizeof size));
}

/* An exit code, or WAITS. */
static int play(struct match *m, double budget_seconds)
{
	int64_t deadline = now_ns() + (int64_t)(budget_seconds * 1e9);
	struct outcome outcome = {.right = true};
	struct turn *ours = &m->turn[0];

	m->turns = 1;
	m->patience = fmin(ANSWER_MOST, fmax(m->plan->most > 0 ? ANSWER_LEAST : ANSWER_MOST, budget_seconds));
	*ours = (struct turn){.ours = true, .rounds = true, .inner = 1};
	progress(m);
	m->ours = find_ours(m);
	if (bench_signal())
		return 128 + bench_signal();
	if (!m->ours) {
		complain(m, "wrong", "no variant of ours that can stand beside the peers is right");
		return EXIT_WRONG;
	}
	int64_t begin = now_ns();
	ours->warm = run_ours(m, m->ours, m->job, 1, &outcome);
	ours->wall = 1e-9 * (double)(now_ns() - begin);
	if (ours->warm < 0 || !outcome.right)
		goto bad;
	m->figure = m->job->kernel->figure ? m->job->kernel->figure(m->job) : outcome.expected;
	start_peers(m);
	for (int i = 1; i < m->turns && !bench_signal(); i++)
		warm_up(m, &m->turn[i]);
	double rest = 1e-9 * (double)(deadline - now_ns());
	double takes = choose(m, rest);
	m->need = budget_seconds - rest + takes; /* all this again, and the rounds */
	if (takes > rest && m->need <= m->plan->most && !bench_signal())
		return WAITS;
	for (int i = 0; i < m->turns; i++)
		m->turn[i].seconds = xcalloc((size_t)m->most, sizeof(double));
	if (rounds(m, deadline, &outcome) || !outcome.right)
		goto bad;
	for (int i = 0; i < m->turns && m->tried; i++)
		write_turn(m, &m->turn[i]);
	return bench_signal() ? 128 + bench_signal() : EXIT_RIGHT;
bad:
	if (bench_signal())
		return 128 + bench_signal();
	complain(m, outcome.right ? "resource" : "wrong", outcome.right ? strerror(errno) : outcome.text);
	return outcome.right ? EXIT_RESOURCE : EXIT_WRONG;
}

/* An exit code; or WAITS, and what it needs. */
static int play_and_end(const struct peers_plan *plan, struct job *job, int workers, double budget_seconds, struct record_sink *sink,
			double *need)
{
	struct match *m = xcalloc(1, sizeof *m);
	*m = (struct match){.plan = plan, .sink = sink, .job = job, .workers = workers, .figure = NAN, .probe = probe_new(workers)};
	m->wanted = plan->plan->rounds ? plan->plan->rounds : BENCH_ROUNDS;
	m->most = m->wanted * TRIES_A_ROUND;
	m->round_kept = xcalloc((size_t)m->most, sizeof *m->round_kept);
	describe(m);
	struct peer_process *all[TURNS_MAX];
	int status = play(m, budget_seconds);
	*need = status == WAITS ? m->need : 0;
	for (int i = 1; i < m->turns; i++)
		all[i - 1] = &m->turn[i].process;
	peers_end(all, m->turns - 1);
	for (int i = 0; i < m->turns; i++)
		free(m->turn[i].seconds);
	if (plan->progress)
		fputs("\r\033[K", stderr);
	probe_free(m->probe);
	free(m->round_kept);
	free(m);
	return status;
}

/* ---- all matches of a kernel --------------------------------------------------------------------------------------- */

static void add_case(double (*cases)[KERNEL_ARGS_MAX], int *n, const double *arg)
{
	for (int i = 0; i < *n; i++)
		if (!memcmp(cases[i], arg, sizeof cases[i]))
			return;
	if (*n < PEERS_CASES)
		memcpy(cases[(*n)++], arg, sizeof cases[0]);
}

/* The arguments to compare at: each size, and there, where the user left them open, those that some peer is made for. */
static int find_cases(const struct peers_plan *p, double (*cases)[KERNEL_ARGS_MAX])
{
	const struct bench_plan *plan = p->plan;
	int n = 0;

	for (int s = 0; s < (plan->sweep >= 0 ? plan->sweep_count : 1); s++) {
		double arg[KERNEL_ARGS_MAX];
		memcpy(arg, plan->arg, sizeof arg);
		if (plan->sweep >= 0)
			arg[plan->sweep] = plan->sweep_value[s];
		add_case(cases, &n, arg);
		for (size_t i = 0; i < p->peers->n; i++) {
			const struct peer *peer = &p->peers->v[i];
			double other[KERNEL_ARGS_MAX];
			bool open = !strcmp(peer->kernel, plan->kernel->name) && !peer->why;
			memcpy(other, arg, sizeof other);
			for (int k = 0; open && plan->kernel->params[k].name; k++) {
				const json_t *value = json_object_get(peer->params, plan->kernel->params[k].name);
				if (!value)
					continue;
				other[k] = json_number_value(value);
				open = (!p->given[k] || other[k] == arg[k]) && other[k] >= plan->kernel->params[k].min && other[k] <= plan->kernel->params[k].max;
			}
			if (open)
				add_case(cases, &n, other);
		}
	}
	return n;
}

double peers_need(const struct peers_plan *plan)
{
	double sum = 0;
	for (int i = 0; i < PEERS_CASES; i++)
		for (int w = 0; w < BENCH_WORKERS_MAX; w++)
			sum += plan->need[i][w];
	return sum;
}

/* All matches have equal shares of the time; those that waited what they need of it. */
int peers_run(struct peers_plan *plan, double budget_seconds, struct record_sink *sink)
{
	const struct bench_plan *bench = plan->plan;
	double cases[PEERS_CASES][KERNEL_ARGS_MAX], weight[PEERS_CASES][BENCH_WORKERS_MAX], all = 0;
	int n = find_cases(plan, cases), status = EXIT_RIGHT;
	bool again = peers_need(plan) > 0;
	int64_t begin = now_ns();

	for (int i = 0; i < n; i++)
		for (int w = 0; w < bench->worker_count; w++)
			all += weight[i][w] = again ? plan->need[i][w] : 1;
	for (int i = 0; i < n && !bench_signal(); i++) {
		struct job job = {.kernel = bench->kernel, .workers = 1, .seed = bench->seed};
		memcpy(job.arg, cases[i], sizeof job.arg);
		double here = 0;
		for (int w = 0; w < bench->worker_count; w++)
			here += weight[i][w];
		if (!(here > 0))
			continue;
		if (bench->kernel->prepare(&job)) {
			fprintf(stderr, "lockstep peers: %s: preparing the input: %s\n", bench->kernel->name, strerror(errno));
			bench->kernel->release(&job);
			return EXIT_RESOURCE;
		}
		for (int w = 0; w < bench->worker_count && !bench_signal(); w++) {
			if (!(weight[i][w] > 0))
				continue;
			double rest = fmax(0, budget_seconds - 1e-9 * (double)(now_ns() - begin)), share = fmin(1, weight[i][w] / all);
			int one = play_and_end(plan, &job, bench->workers[w], rest * share, sink, &plan->need[i][w]);
			all -= weight[i][w];
			plan->most -= plan->need[i][w];
			if (one != WAITS)
				status = one ? one : status;
		}
		bench->kernel->release(&job);
	}
	return bench_signal() ? 128 + bench_signal() : status;
}
