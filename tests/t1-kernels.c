/* Every variant of every kernel that is linked here: sizes, workers, seeds and instruction sets; checks that must
 * refuse damaged or missing results; threads, processes and memory that can't be had. Names no kernel. SEED=N repeats a
 * run. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "kernels/simd.h"
#include "tests/parts.h"
#include "tests/tap.h"

extern const struct kernel *const __start_kernels[], *const __stop_kernels[];
#define EACH_KERNEL(k) (const struct kernel *const *k = __start_kernels; k < __stop_kernels; k++)
#define EACH_VARIANT(v, k) (const struct variant *v = (k)->variants; v->name; v++)

#ifdef SANITIZED_THREAD
#define FIRST_LEVEL simd_best() /* races are the same at any width */
enum { RACES_ONLY = 1 };        /* no second thread, no race: AddressSanitizer's build tries what is serial */
#else
#define FIRST_LEVEL SIMD_BASE
enum { RACES_ONLY = 0 };
#endif
#ifdef SANITIZED
enum { SHRINK = 8, SEEDS = 1 };
#else
enum { SHRINK = 1, SEEDS = 3 };
#endif
enum { SHORT = 1000 / SHRINK, /* a size with work for 64 */
       FEW = 100 };           /* and for 4 */

static uint64_t seed;

/* ---- faults: this program's own pthread_create, thrd_create and fork stand before the library's ---- */

static atomic_int creates_left = -1, forks_left = -1; /* how many may still succeed; -1: all */
static atomic_int threads_alive;                      /* created and not yet joined */

static bool used_up(atomic_int *left)
{
	int n = atomic_load(left);
	if (n > 0)
		atomic_fetch_sub(left, 1);
	return n == 0;
}

/* The next definition after ours: the library's, or the sanitizer's in front of it. */
static void *real(const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);
	if (!f)
		bail_out("no real function behind the test's own");
	return f;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
	int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	*(void **)&create = real("pthread_create");
	if (used_up(&creates_left))
		return EAGAIN;
	int error = create(thread, attr, start, arg);
	threads_alive += !error;
	return error;
}

int pthread_join(pthread_t thread, void **result)
{
	int (*join)(pthread_t, void **);
	*(void **)&join = real("pthread_join");
	threads_alive--;
	return join(thread, result);
}

int thrd_create(thrd_t *thread, thrd_start_t start, void *arg)
{
	int (*create)(thrd_t *, thrd_start_t, void *);
	*(void **)&create = real("thrd_create");
	if (used_up(&creates_left))
		return thrd_error;
	int result = create(thread, start, arg);
	threads_alive += result == thrd_success;
	return result;
}

int thrd_join(thrd_t thread, int *result)
{
	int (*join)(thrd_t, int *);
	*(void **)&join = real("thrd_join");
	threads_alive--;
	return join(thread, result);
}

pid_t fork(void)
{
	pid_t (*fork_)(void);
	*(void **)&fork_ = real("fork");
	if (used_up(&forks_left)) {
		errno = EAGAIN;
		return -1;
	}
	return fork_();
}

/* ---- this program's own getenv tells whether a kernel asks which instructions to use, in a child process too ---- */

static atomic_bool *level_asked;

char *getenv(const char *name)
{
	size_t length = strlen(name);
	if (level_asked && !strcmp(name, "LOCKSTEP_SIMD"))
		atomic_store(level_asked, true);
	for (char **e = environ; e && *e; e++)
		if (!strncmp(*e, name, length) && (*e)[length] == '=')
			return *e + length + 1;
	return NULL;
}

/* ---- a probe that counts: the four lines must come in pairs, for each worker ---- */

struct watch {
	struct probe probe;
	atomic_int inside[KERNEL_WORKERS_MAX]; /* begun and not ended */
	atomic_int faults, regions, begins;
	int workers;
	pid_t parent, victim_worker; /* this worker dies at its begin, if it is not the parent; -1: nobody */
};

static void watch_parallel_begin(struct probe *p, int workers)
{
	struct watch *w = (struct watch *)p;
	w->workers = workers;
	w->faults += atomic_fetch_add(&w->regions, 1) != 0 || workers < 1;
}

static void watch_parallel_end(struct probe *p)
{
	struct watch *w = (struct watch *)p;
	w->faults += atomic_fetch_sub(&w->regions, 1) != 1;
	for (int i = 0; i < KERNEL_WORKERS_MAX; i++)
		w->faults += w->inside[i] != 0;
}

static void watch_worker_begin(struct probe *p, int worker)
{
	struct watch *w = (struct watch *)p;
	if (worker == w->victim_worker && getpid() != w->parent)
		raise(SIGKILL);
	if (worker < 0 || worker >= w->workers)
		w->faults++;
	else
		w->faults += atomic_fetch_add(&w->inside[worker], 1) != 0;
	w->begins++;
}

static void watch_worker_end(struct probe *p, int worker)
{
	struct watch *w = (struct watch *)p;
	if (worker >= 0 && worker < KERNEL_WORKERS_MAX)
		w->faults += atomic_fetch_sub(&w->inside[worker], 1) != 1;
}

static void watch_nothing(struct probe *p, int worker)
{
	(void)p;
	(void)worker;
}

/* Zeros that child processes share with this one. */
static void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		bail_out("no shared memory");
	return p;
}

static struct watch *watch_new(void)
{
	struct watch *w = shared(sizeof *w);
	w->probe = (struct probe){.parallel_begin = watch_parallel_begin, .parallel_end = watch_parallel_end,
				  .worker_begin = watch_worker_begin, .worker_end = watch_worker_end,
				  .worker_tick = watch_nothing, .wait_begin = watch_nothing, .wait_end = watch_nothing};
	w->parent = getpid();
	w->victim_worker = -1;
	return w;
}

/* ---- running ---- */

static const char *why_skipped(const struct variant *v)
{
	if (v->wrong)
		return "wrong on purpose";
	if (RACES_ONLY && v->kind == KIND_SERIAL)
		return "no second thread";
#ifdef SANITIZED_THREAD
	if (v->kind == KIND_OPENMP)
		return "gcc's OpenMP library is not instrumented: its barriers look like races";
#endif
	return v->unavailable ? v->unavailable() : NULL;
}

static struct job job_of(const struct kernel *k, const struct variant *v, double size, int workers, uint64_t job_seed)
{
	struct job job = {.kernel = k, .variant = v, .seed = job_seed};
	job.workers = kind_scales(v->kind) ? workers : 1;
	for (int i = 0; k->params[i].name; i++)
		job.arg[i] = k->params[i].preset;
	double least = k->params[0].min, most = k->params[0].max;
	job.arg[0] = size < least ? least : size > most ? most : floor(size);
	return job;
}

static void reset(struct job *job)
{
	if (job->kernel->reset)
		job->kernel->reset(job);
}

/* Says what went wrong, if something did. */
static bool right(const struct job *job, const char *when)
{
	struct outcome o = job->kernel->verify(job);
	if (!o.right)
		diag("%s %s size %.0f workers %d seed %llu simd %s, %s: %s", job->kernel->name, job->variant->name, job->arg[0],
		     job->workers, (unsigned long long)job->seed, simd_name(simd_level()), when, o.text);
	else if (!o.text[0])
		diag("%s %s size %.0f: right, but says nothing", job->kernel->name, job->variant->name, job->arg[0]);
	return o.right && o.text[0];
}

/* Twice on the same prepared job, watched the second time. */
static bool run_twice(struct job *job)
{
	const struct kernel *k = job->kernel;
	bool good = false;
	if (k->prepare(job)) {
		diag("%s size %.0f: prepare: %s", k->name, job->arg[0], strerror(errno));
		goto out;
	}
	reset(job);
	if (job->variant->run(job)) {
		diag("%s %s size %.0f workers %d: %s", k->name, job->variant->name, job->arg[0], job->workers, strerror(errno));
		goto out;
	}
	good = right(job, "first run");
	struct watch *w = watch_new();
	job->probe = &w->probe;
	reset(job);
	good = good && !job->variant->run(job) && right(job, "second run");
	if (w->faults || w->regions || (!w->begins && job->arg[0] > 0)) {
		diag("%s %s size %.0f workers %d: %d wrong pairs of begin and end, %d begins", k->name, job->variant->name,
		     job->arg[0], job->workers, w->faults, w->begins);
		good = false;
	}
	munmap(w, sizeof *w);
	if (k->flops && !(isfinite(k->flops(job)) && k->flops(job) >= 0))
		good = false;
	if (k->bytes && !(isfinite(k->bytes(job)) && k->bytes(job) >= 0))
		good = false;
out:
	k->release(job);
	k->release(job); /* fine when there is nothing left */
	return good;
}

/* Small values for the parameters other than the size: the unusual ones are near their minimum. */
static void draw_others(struct job *job)
{
	for (int i = 1; job->kernel->params[i].name; i++) {
		const struct param *p = &job->kernel->params[i];
		uint64_t range = strcmp(p->unit, "ms") ? 20 : 3; /* waiting is the same, however long it takes */
		double x = p->fraction ? p->min + (p->max - p->min) * rng_unit(job->seed, (uint64_t)i)
				       : p->min + (double)(rng_at(job->seed, (uint64_t)i) % range);
		job->arg[i] = x > p->max ? p->max : x;
	}
}

/* What the workers do with their shares is the same at a lower level of instructions, and a sanitizer needs each path
 * through the code once: counts that only repeat one are left out there. */
static size_t worker_counts(const struct variant *v, enum simd_level level, const int **workers)
{
	static const int all[] = {1, 2, 3, 8}, paths[] = {1, 3, 8}, few[] = {3};
	bool unseen = RACES_ONLY && v->kind == KIND_PROCESSES; /* ThreadSanitizer does not see into another process */
	if (level != simd_best() || unseen) {
		*workers = few;
		return 1;
	}
	*workers = SHRINK == 1 ? all : paths;
	return !kind_scales(v->kind) ? 1 : SHRINK == 1 ? 4 : 3;
}

static void sweep(const struct kernel *k, const struct variant *v, enum simd_level level)
{
	const int *workers;
	size_t counts = worker_counts(v, level, &workers);
	double preset = k->params[0].preset / SHRINK;
	bool good = true;
	int runs = 0;
	for (uint64_t s = 0; s < (level == simd_best() ? SEEDS : 1); s++) {
		uint64_t job_seed = rng_at(seed, s), r = rng_at(job_seed, 1);
		/* The same odd size for every kernel would miss tile edges: two sizes are drawn. */
		double sizes[] = {k->params[0].min, 1, 7, 2 * floor(preset / 60) + 1, (double)(r % 200),
				  floor(preset / 16 * (double)(r >> 11) * 0x1p-53), 2, floor(preset / 20)};
		for (size_t i = 0; i < (SHRINK == 1 ? 8 : 6); i++)
			for (size_t p = 0; p < counts; p++, runs++) {
				struct job job = job_of(k, v, sizes[i], workers[p], job_seed);
				if (s % 2)
					draw_others(&job);
				good = run_twice(&job) && good;
			}
	}
	if (kind_scales(v->kind)) {
		struct job job = job_of(k, v, SHORT, 64, seed);
		good = run_twice(&job) && good;
	}
	ok(good, "%s %s: right in %d runs (simd %s)", k->name, v->name, 2 * runs, simd_name(level));
}

/* ---- what verify must refuse ---- */

static void refusals(const struct kernel *k)
{
	const struct variant *serial = k->variants;
	while (serial->name && (serial->wrong || serial->kind != KIND_SERIAL || why_skipped(serial)))
		serial++;
	const char *why = k->variants->kind == KIND_SERIAL ? why_skipped(k->variants) : NULL;
	if (!serial->name && why) {
		skip("what verify must refuse", why);
		return;
	}
	if (!ok(serial->name != NULL, "%s: has a serial variant that is right", k->name))
		return;

	bool refused = true;
	double sizes[] = {13, 31, 50}; /* three numbers may be sorted by chance */
	for (size_t i = 0; i < 3; i++) {
		struct job job = job_of(k, serial, sizes[i], 1, seed + i);
		if (k->prepare(&job) || k->verify(&job).right)
			refused = false;
		reset(&job);
		if (k->verify(&job).right || serial->run(&job) || !k->verify(&job).right)
			refused = false;
		if (k->reset) { /* what an earlier run left behind must not pass for the next one's result */
			reset(&job);
			refused = refused && !k->verify(&job).right;
		}
		k->release(&job);
	}
	ok(refused, "%s: a run that did nothing is not right", k->name);

	if (!k->spoil) {
		skip("a damaged result is refused", "the kernel has no way to damage it");
		return;
	}
	int missed = 0, tried = 0;
	for (uint64_t i = 0; i < 40; i++) {
		uint64_t r = rng_at(seed, i);
		struct job job = job_of(k, serial, (double)(1 + r % 60), 1, r);
		if (k->prepare(&job) || serial->run(&job) || !k->verify(&job).right)
			missed++;
		else if (k->spoil(&job, rng_at(r, 0))) {
			struct outcome o = k->verify(&job);
			tried++;
			missed += o.right || !o.text[0];
		}
		k->release(&job);
	}
	ok(!missed && tried, "%s: a slightly damaged result is refused, %d of %d times", k->name, tried - missed, tried);
}

/* ---- what can't be had ---- */

/* run() must fail with errno, leave nothing behind, and succeed afterwards on the same job. */
static bool fails_cleanly(struct job *job, int at, const char *what)
{
	errno = 0;
	threads_alive = 0;
	int rc = job->variant->run(job), error = errno, threads = threads_alive;
	creates_left = forks_left = -1;
	bool children = waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD;
	if (rc == -1 && error && !threads && !children) {
		job->probe = NULL;
		reset(job);
		return !job->variant->run(job) && right(job, "after a failure");
	}
	diag("%s %s, %s at worker %d: returned %d (%s), %d threads, %s", job->kernel->name, job->variant->name, what, at,
	     rc, strerror(error), threads, children ? "children left" : "no children left");
	return false;
}

static void shortages(const struct kernel *k, const struct variant *v)
{
	bool good = true, ran = false;
	for (int at = 0; at < 4; at++) {
		struct job job = job_of(k, v, FEW, 4, seed);
		if (v->kind != KIND_THREADS && v->kind != KIND_PROCESSES)
			return;
		if (k->prepare(&job))
			bail_out("no memory for a small job");
		reset(&job);
		atomic_store(v->kind == KIND_THREADS ? &creates_left : &forks_left, at);
		good = fails_cleanly(&job, at, v->kind == KIND_THREADS ? "no thread" : "no process") && good;
		ran = true;
		if (v->kind == KIND_PROCESSES) {
			struct watch *w = watch_new();
			w->victim_worker = at;
			job.probe = &w->probe;
			reset(&job);
			good = fails_cleanly(&job, at, "killed") && good;
			munmap(w, sizeof *w);
		}
		k->release(&job);
	}
	ok(good && ran, "%s %s: ends cleanly without %s", k->name, v->name,
	   v->kind == KIND_THREADS ? "a thread" : "a process, or when one is killed");
}

/* The largest size with little memory: ENOMEM, or enough. A kernel that then computes for long has had enough. */
static void little_memory(const struct kernel *k)
{
#ifdef SANITIZED
	skip("largest size with little memory", "sanitizers need address space");
	(void)k;
#else
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		struct rlimit few = {(rlim_t)400 << 20, (rlim_t)400 << 20};
		struct job job = job_of(k, k->variants, k->params[0].max, 1, seed);
		if (setrlimit(RLIMIT_AS, &few))
			_exit(3);
		alarm(1);
		int rc = k->prepare(&job), error = errno;
		k->release(&job);
		_exit(rc == 0 ? 0 : error == ENOMEM ? 1 : 2);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		bail_out("no child");
	bool late = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM, done = WIFEXITED(status) && WEXITSTATUS(status) < 2;
	ok(late || done, "%s: the largest size with little memory %s", k->name,
	   late || !WEXITSTATUS(status) ? "has enough" : "is refused with ENOMEM");
#endif
}

/* ---- what every descriptor must hold ---- */

static bool plain_name(const char *s)
{
	return s && *s && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(s);
}

static void descriptor(const struct kernel *k)
{
	bool good = plain_name(k->name) && k->title && *k->title && k->source && k->prepare && k->verify && k->release &&
		    k->params[0].name && !k->params[KERNEL_ARGS_MAX].name;
	for (const struct param *p = k->params; p->name; p++)
		good = good && plain_name(p->name) && p->unit && p->about && *p->about && p->min <= p->preset &&
		       p->preset <= p->max && p->max <= 0x1p53;
	for EACH_VARIANT(v, k) {
		good = good && plain_name(v->name) && v->about && *v->about && v->run && (!v->wrong || *v->wrong);
		for EACH_VARIANT(other, k)
			good = good && (other == v || strcmp(other->name, v->name));
	}
	for EACH_KERNEL(other)
		good = good && (*other == k || strcmp((*other)->name, k->name));
	ok(good, "%s: its descriptor is complete, names and ranges make sense", k->name ? k->name : "(no name)");
}

/* One kernel, in a process of its own: what one leaves behind does not help the next, and each fork copies little. */
static void kernel_part(int i)
{
	const struct kernel *k = __start_kernels[i];
	level_asked = shared(sizeof *level_asked);
	descriptor(k);
	for EACH_VARIANT(v, k) {
		const char *why = why_skipped(v);
		if (why) {
			skip(v->name, why);
			continue;
		}
		*level_asked = false;
		for (int level = (int)simd_best(); level >= (int)FIRST_LEVEL; level--) {
			setenv("LOCKSTEP_SIMD", simd_name((enum simd_level)level), 1);
			sweep(k, v, (enum simd_level)level);
			if (!*level_asked) /* the same code at every level */
				break;
		}
		setenv("LOCKSTEP_SIMD", simd_name(simd_best()), 1);
		shortages(k, v);
	}
	if (!RACES_ONLY)
		refusals(k);
	little_memory(k);
}

int main(void)
{
	const char *given = getenv("SEED");
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	diag("SEED=%llu, simd up to %s", (unsigned long long)seed, simd_name(simd_best()));
	ok(&__start_kernels[0] < &__stop_kernels[0], "kernels are found");
	parts((int)(__stop_kernels - __start_kernels), kernel_part);
	return tap_done();
}
