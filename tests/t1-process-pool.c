/* The pool of processes: results, errors, crashes, force, shortage. Whatever a task does to itself, every other one ends as it should, and
 * no process is left. SEED=N repeats a run; a hang is ended by SIGALRM. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "kernels/rng.h"
#include "kernels/runtime/process_pool.h"
#include "tests/tap.h"

#ifdef SANITIZED
enum { ROUNDS = 2, TASKS = 300 };
#else
enum { ROUNDS = 4, TASKS = 3000 };
#endif

static uint64_t seed;
static struct pool *own_pool; /* as the workers know it */

static struct pool *pool_of(int workers)
{
	struct pool *pool = process_pool_new(&(struct pool_setup){.workers = workers});
	if (!pool)
		bail_out("no processes");
	return pool;
}

static int descriptors(void)
{
	int n = 0;
	DIR *dir = opendir("/proc/self/fd");
	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static bool no_child(void) { return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD; }

/* ---- tasks: what they do is in their argument ---- */

enum deed { SQUARE, FAIL, SEGV, ABORT, EXIT, WAIT_ASKED, HANG, SUBMIT, OTHER, DEEDS };
struct order_of {
	enum deed deed;
	uint64_t number;
};

static int obey(const void *argument, void *result)
{
	const struct order_of *o = argument;
	uint64_t *out = result;
	if (*out)
		return EPROTO; /* of an earlier task */
	switch (o->deed) {
	case SQUARE: return *out = o->number * o->number, 0;
	case FAIL: return *out = 7, 1000 + (int)(o->number % 9);
	case SEGV: return *out = 8, raise(SIGSEGV);
	case ABORT: return raise(SIGABRT);
	case EXIT: _exit(40 + (int)(o->number % 5));
	case WAIT_ASKED:
		while (!task_asked_to_stop())
			usleep(200);
		return ECANCELED;
	case HANG:
		for (;;)
			pause();
	case SUBMIT: {
		struct future *f = pool_submit(own_pool, obey, o, sizeof *o, sizeof *out);
		return *out = (uint64_t)errno, f ? EPROTO : 0;
	}
	case OTHER: return *out = (uint64_t)getpid(), 0;
	default: return EINVAL;
	}
}

static struct future *give(struct pool *pool, enum deed deed, uint64_t number)
{
	struct future *f = pool_submit(pool, obey, &(struct order_of){deed, number}, sizeof(struct order_of), sizeof(uint64_t));
	if (!f)
		bail_out("a task was refused");
	return f;
}

static bool as_ordered(struct future *f, enum deed deed, uint64_t number)
{
	uint64_t out = 1;
	int rc = future_result(f, &out, -1), error = errno;
	switch (deed) {
	case SQUARE: return rc == 0 && out == number * number;
	case FAIL: return rc == -1 && error == 1000 + (int)(number % 9) && future_error(f) == error && out == 1;
	case SEGV: return rc == -1 && error == EOWNERDEAD && future_signal(f) == SIGSEGV && future_state(f) == FUTURE_CRASHED;
	case ABORT: return rc == -1 && error == EOWNERDEAD && future_signal(f) == SIGABRT;
	case EXIT: return rc == -1 && error == EOWNERDEAD && future_signal(f) == 0 && future_state(f) == FUTURE_CRASHED;
	default: return false;
	}
}

/* Squares with errors, and now and then a task that kills its worker. */
static void test_storm(int workers, uint64_t round)
{
	static struct future *f[TASKS];
	static struct order_of o[TASKS];
	struct pool *pool = pool_of(workers);
	int good = 0, crashes = 0;
	for (uint64_t i = 0; i < TASKS; i++) {
		uint64_t r = rng_at(seed, round * TASKS + i);
		o[i] = (struct order_of){r % 16 ? SQUARE : r >> 8 & 7 ? FAIL : SEGV + (enum deed)((r >> 16) % 3), r >> 32};
		crashes += o[i].deed >= SEGV;
		f[i] = give(pool, o[i].deed, o[i].number);
	}
	for (int i = 0; i < TASKS; i++) {
		good += as_ordered(f[i], o[i].deed, o[i].number);
		future_free(f[i]);
	}
	int deaths = process_pool_deaths(pool);
	pool_shutdown(pool, false);
	ok(good == TASKS && deaths == crashes, "%d workers: %d tasks end each in its way, %d of them kill their worker (%d deaths)", workers, good,
	   crashes, deaths);
}

static void test_crash(void)
{
	struct pool *pool = pool_of(2);
	char why[100];
	pid_t before[2] = {process_pool_pid(pool, 0), process_pool_pid(pool, 1)};
	struct future *bad = give(pool, SEGV, 0);
	ok(as_ordered(bad, SEGV, 0), "a crash ends its future");
	future_why(bad, why, sizeof why);
	ok(!strncmp(why, "killed by signal 11: ", 21), "which tells the signal: %s", why);
	struct future *exits = give(pool, EXIT, 2);
	ok(as_ordered(exits, EXIT, 2), "a task that exits takes its process with it");
	is(future_why(exits, why, sizeof why), "its process exited with 42", "which tells the status");
	struct future *fine = give(pool, SQUARE, 12);
	ok(as_ordered(fine, SQUARE, 12), "the pool goes on");
	int same = 0;
	for (int w = 0; w < 2; w++) {
		pid_t now;
		while (!(now = process_pool_pid(pool, w)))
			usleep(200);
		same += now == before[w];
	}
	ok(process_pool_deaths(pool) == 2 && same < 2, "the dead were replaced");
	kill(process_pool_pid(pool, 0), SIGKILL); /* from outside, without a task */
	while (process_pool_deaths(pool) < 3)
		usleep(200);
	struct future *more[8];
	int good = 0;
	for (uint64_t i = 0; i < 8; i++)
		more[i] = give(pool, SQUARE, i);
	for (uint64_t i = 0; i < 8; i++) {
		good += as_ordered(more[i], SQUARE, i);
		future_free(more[i]);
	}
	ok(good == 8, "a worker killed while it is idle is replaced without loss");
	future_free(bad);
	future_free(exits);
	future_free(fine);
	pool_shutdown(pool, false);
}

static void test_cancel(void)
{
	struct pool *pool = pool_of(1);
	struct future *runs = give(pool, WAIT_ASKED, 0), *queued = give(pool, SQUARE, 3), *after = give(pool, SQUARE, 4);
	ok(future_wait(runs, 2000000) == FUTURE_RUNNING && errno == ETIMEDOUT, "a wait with a time limit");
	ok(future_cancel(queued) == CANCEL_DONE && future_cancel(runs) == CANCEL_ASKED, "queued: cancelled; running: asked");
	ok(future_result(runs, NULL, -1) == -1 && errno == ECANCELED, "the running one heard it, in another process");
	ok(as_ordered(after, SQUARE, 4) && future_state(queued) == FUTURE_CANCELLED, "the others are not concerned");
	struct future *hangs = give(pool, HANG, 0), *next = give(pool, SQUARE, 5);
	ok(!future_kill(next) && errno == EINVAL, "what is queued can't be killed");
	while (future_state(hangs) != FUTURE_RUNNING)
		usleep(200);
	ok(future_kill(hangs) && future_wait(hangs, -1) == FUTURE_CRASHED && future_signal(hangs) == SIGKILL, "a task that hangs is ended by force");
	ok(as_ordered(next, SQUARE, 5), "and the next one gets a new worker");
	future_free(runs);
	future_free(queued);
	future_free(after);
	future_free(hangs);
	future_free(next);
	struct future *f[20];
	f[0] = give(pool, WAIT_ASKED, 0);
	for (int i = 1; i < 20; i++)
		f[i] = give(pool, SQUARE, 1);
	pool_shutdown(pool, true);
	int cancelled = 0;
	for (int i = 0; i < 20; i++) {
		cancelled += future_state(f[i]) == FUTURE_CANCELLED;
		future_free(f[i]);
	}
	ok(cancelled == 20, "shutdown with cancel: queued and running");
}

static int copy(const void *argument, void *result)
{
	memcpy(result, argument, PROCESS_POOL_BYTES);
	return 0;
}

static void test_limits(void)
{
	static unsigned char big[PROCESS_POOL_BYTES + 1], back[PROCESS_POOL_BYTES];
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (unsigned char)rng_at(seed, i);
	struct pool *pool = own_pool = pool_of(2);
	struct future *f = pool_submit(pool, copy, big, PROCESS_POOL_BYTES, PROCESS_POOL_BYTES);
	ok(f && !future_result(f, back, -1) && !memcmp(big, back, sizeof back), "%d bytes there and back", PROCESS_POOL_BYTES);
	future_free(f);
	ok(!pool_submit(pool, copy, big, sizeof big, 1) && errno == EMSGSIZE, "no more there");
	ok(!pool_submit(pool, copy, big, 1, sizeof big) && errno == EMSGSIZE, "no more back");
	pool_shutdown(pool, false);
	pool = pool_of(1);
	f = give(pool, SUBMIT, 0);
	uint64_t error = 0;
	ok(!future_result(f, &error, -1) && error == EPERM, "a task can't submit: the pool is in another process");
	future_free(f);
	struct pool *second = pool_of(1); /* has copies of the first one's descriptors */
	f = give(second, OTHER, 0);
	uint64_t pid = 0;
	ok(!future_result(f, &pid, -1) && pid == (uint64_t)process_pool_pid(second, 0) && pid != (uint64_t)getpid(), "tasks run in the worker's process");
	future_free(f);
	pool_shutdown(pool, false);
	pool_shutdown(second, false);
	ok(true, "two pools end in the order of their making");
}

static void test_starter_dies(void)
{
	struct pool *pool = pool_of(2);
	struct future *hangs = give(pool, HANG, 0), *too = give(pool, HANG, 0), *queued = give(pool, SQUARE, 1);
	char path[100];
	int starter = 0;
	snprintf(path, sizeof path, "/proc/%d/stat", process_pool_pid(pool, 0));
	FILE *stat = fopen(path, "r");
	if (!stat || fscanf(stat, "%*d (%*[^)]) %*c %d", &starter) != 1)
		bail_out("no /proc");
	fclose(stat);
	kill(starter, SIGKILL);
	bool lost = future_wait(hangs, -1) == FUTURE_CRASHED && future_wait(too, -1) == FUTURE_CRASHED && future_wait(queued, -1) == FUTURE_FAILED &&
		    future_error(queued) == ECHILD;
	ok(lost && !pool_submit(pool, obey, NULL, 0, 0) && errno == ECHILD, "without its starter a pool is over, and says so");
	pool_shutdown(pool, false);
	future_free(hangs);
	future_free(too);
	future_free(queued);
}

static void test_owner_dies(void)
{
	_Atomic int *pids = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (pids == MAP_FAILED)
		bail_out("no memory");
	pid_t owner = fork();
	if (owner == 0) {
		struct pool *pool = pool_of(2);
		give(pool, HANG, 0);
		give(pool, HANG, 0);
		atomic_store(&pids[0], process_pool_pid(pool, 0));
		atomic_store(&pids[1], process_pool_pid(pool, 1));
		kill(getpid(), SIGKILL);
	}
	waitpid(owner, NULL, 0);
	bool there = true;
	for (int i = 0; i < 2000 && there; i++, usleep(5000))
		there = (pids[0] && !kill(pids[0], 0)) || (pids[1] && !kill(pids[1], 0));
	ok(pids[0] && pids[1] && !there, "the workers end with their owner, even those that hang when it is killed");
	munmap((void *)(uintptr_t)pids, 4096);
}

static void test_shortage(void)
{
	struct rlimit before, tight;
	int open = descriptors();
	getrlimit(RLIMIT_NOFILE, &before);
	tight = before;
	tight.rlim_cur = 40;
	setrlimit(RLIMIT_NOFILE, &tight);
	errno = 0;
	struct pool *pool = process_pool_new(&(struct pool_setup){.workers = 30});
	ok(!pool && errno == EMFILE, "too few descriptors: NULL with EMFILE");
	setrlimit(RLIMIT_NOFILE, &before);
	ok(descriptors() == open && no_child(), "and nothing is left");
	if (geteuid() == 0) /* the superuser has no limit of processes: try as another */
		if (fork() == 0) {
			getrlimit(RLIMIT_NPROC, &before);
			setrlimit(RLIMIT_NPROC, &(struct rlimit){4, before.rlim_max});
			if (setuid(65534 - 7))
				_exit(2);
			errno = 0;
			pool = process_pool_new(&(struct pool_setup){.workers = 20});
			_exit(!pool && errno == EAGAIN && no_child() ? 0 : 1);
		}
	int status = 2 << 8;
	if (geteuid() == 0)
		wait(&status);
	if (geteuid() || WEXITSTATUS(status) == 2 || WIFSIGNALED(status))
		skip("too few processes", "needs the superuser");
	else
		ok(status == 0, "too few processes: NULL with EAGAIN, and no child is left");
}

static _Atomic int *calls;
static void on_begin(void *context, int worker) { atomic_fetch_add(&calls[0], context == &calls && worker >= 0 && task_worker() == worker); }
static void on_end(void *context, int worker) { atomic_fetch_add(&calls[1], context == &calls && worker >= 0); }

static void test_hooks(void)
{
	calls = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct pool *pool = process_pool_new(&(struct pool_setup){3, on_begin, on_end, &calls});
	struct future *f = give(pool, SEGV, 0);
	future_wait(f, -1);
	future_free(f);
	while (process_pool_deaths(pool) < 1)
		usleep(200);
	for (int w = 0; w < 3; w++)
		while (!process_pool_pid(pool, w))
			usleep(200);
	pool_shutdown(pool, false);
	ok(calls[0] == 4 && calls[1] == 3, "each worker tells its begin, and its end unless it crashed (%d, %d)", calls[0], calls[1]);
	munmap((void *)(uintptr_t)calls, 4096);
}

int main(void)
{
	const char *given = getenv("SEED");
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	diag("SEED=%llu", (unsigned long long)seed);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	alarm(300);
	int open = descriptors(), workers[] = {1, 2, 5};
	for (uint64_t round = 0; round < ROUNDS; round++)
		for (int i = 0; i < 3; i++)
			test_storm(workers[i], 3 * round + (uint64_t)i);
	test_crash();
	test_cancel();
	test_limits();
	test_starter_dies();
	test_owner_dies();
	test_shortage();
	test_hooks();
	ok(no_child() && descriptors() == open, "no process and no descriptor is left");
	return tap_done();
}
