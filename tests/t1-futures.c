/* Futures over threads under stress: every task is begun at most once and ends exactly once, whoever submits, cancels and waits meanwhile.
 * Run under ThreadSanitizer as well (t8-sanitizers). SEED=N repeats a run; a hang is ended by SIGALRM. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "kernels/rng.h"
#include "kernels/runtime/thread_pool.h"
#include "tests/tap.h"

#ifdef SANITIZED
enum { ROUNDS = 2, TASKS = 2000 };
#else
enum { ROUNDS = 5, TASKS = 20000 };
#endif

static uint64_t seed;

static struct pool *pool_of(int workers)
{
	struct pool *pool = thread_pool_new(&(struct pool_setup){.workers = workers});
	if (!pool)
		bail_out("no threads");
	return pool;
}

static void dawdle(uint64_t r)
{
	if (r % 64 == 0)
		sched_yield();
	for (volatile uint64_t i = r % 50; i; i--)
		;
}

/* ---- what passes through ---- */

struct sum_of {
	uint64_t first, count;
};

static int sum(const void *argument, void *result)
{
	const struct sum_of *s = argument;
	uint64_t *total = result;
	for (uint64_t i = 0; i < s->count; i++)
		*total += rng_at(seed, s->first + i); /* it began as 0 */
	return s->first % 10 == 9 ? 1000 + (int)(s->first % 7) : 0;
}

static uint64_t sum_of(struct sum_of s)
{
	uint64_t total = 0;
	for (uint64_t i = 0; i < s.count; i++)
		total += rng_at(seed, s.first + i);
	return total;
}

static void test_results(int workers)
{
	struct pool *pool = pool_of(workers);
	static struct future *f[TASKS];
	bool good = true, errors = true, again = true;
	for (uint64_t i = 0; i < TASKS; i++) {
		struct sum_of s = {i, rng_at(seed, i) % 40}; /* dies before the task runs: it is copied */
		f[i] = pool_submit(pool, sum, &s, sizeof s, sizeof(uint64_t));
		if (!f[i])
			bail_out("no memory");
	}
	for (uint64_t i = 0; i < TASKS; i++) {
		uint64_t got = 1;
		int rc = future_result(f[i], &got, -1), error = errno;
		if (i % 10 == 9)
			errors = errors && rc == -1 && error == 1000 + (int)(i % 7) && future_state(f[i]) == FUTURE_FAILED && future_error(f[i]) == error;
		else
			good = good && rc == 0 && got == sum_of((struct sum_of){i, rng_at(seed, i) % 40}) && !future_error(f[i]);
		again = again && future_result(f[i], NULL, 0) == rc && future_done(f[i]);
		future_free(f[i]);
	}
	ok(good, "%d workers: %d results come back, each its own", workers, TASKS);
	ok(errors, "%d workers: a task's error number travels in its future", workers);
	ok(again, "%d workers: a result may be asked for again", workers);
	pool_shutdown(pool, false);
}

/* ---- callers that cancel, workers that begin ---- */

static atomic_int begun[TASKS];

static int note(const void *argument, void *result)
{
	int i = *(const int *)argument;
	*(int *)result = atomic_fetch_add(&begun[i], 1) + 1;
	dawdle(rng_at(seed, (uint64_t)i));
	return 0;
}

struct canceller {
	struct future **f;
	uint64_t seed;
	_Atomic int done, asked, late;
	pthread_t thread;
};

static void *cancel_some(void *arg)
{
	struct canceller *c = arg;
	for (uint64_t i = 0; i < TASKS; i++) {
		uint64_t r = rng_at(c->seed, i);
		if (r % 4)
			continue;
		enum future_cancelled how = future_cancel(c->f[(r >> 8) % TASKS]);
		c->done += how == CANCEL_DONE;
		c->asked += how == CANCEL_ASKED;
		c->late += how == CANCEL_LATE;
		dawdle(r >> 3);
	}
	return NULL;
}

static _Atomic int then_calls;
static void count_then(struct future *f, void *context)
{
	atomic_fetch_add((_Atomic int *)context, future_done(f) ? 1 : 1000000);
}

static void test_cancel(int workers, uint64_t round)
{
	struct pool *pool = pool_of(workers);
	static struct future *f[TASKS];
	struct canceller c[2];
	int cancelled = 0, done = 0, odd = 0, arrived = 0;
	for (int i = 0; i < TASKS; i++)
		atomic_store(&begun[i], 0);
	atomic_store(&then_calls, 0);
	for (int i = 0; i < TASKS; i++)
		f[i] = pool_submit(pool, note, &i, sizeof i, sizeof i);
	struct arrivals *a = arrivals_new(f, TASKS);
	if (!a)
		bail_out("no memory");
	for (int i = 0; i < 2; i++) {
		c[i] = (struct canceller){f, rng_at(seed, round * 2 + (uint64_t)i), 0, 0, 0, 0};
		if (pthread_create(&c[i].thread, NULL, cancel_some, &c[i]))
			bail_out("no thread");
	}
	for (int i = 0; i < TASKS; i += 3)
		future_then(f[i], count_then, &then_calls);
	for (struct future *g; (g = arrivals_next(a, -1)); arrived++)
		odd += !future_done(g);
	for (int i = 0; i < 2; i++)
		pthread_join(c[i].thread, NULL);
	for (int i = 0; i < TASKS; i++) {
		int got = 0, rc = future_result(f[i], &got, -1), error = errno;
		enum future_state state = future_state(f[i]);
		cancelled += state == FUTURE_CANCELLED && rc == -1 && error == ECANCELED && atomic_load(&begun[i]) == 0;
		done += state == FUTURE_DONE && rc == 0 && got == 1 && atomic_load(&begun[i]) == 1;
	}
	pool_shutdown(pool, round % 2); /* callbacks run in the workers: now all have */
	for (int i = 0; i < TASKS; i++)
		future_free(f[i]);
	arrivals_free(a);
	ok(cancelled + done == TASKS && cancelled == c[0].done + c[1].done,
	   "%d workers: cancelled or done, never both (%d cancelled, %d asked, %d too late)", workers, cancelled, c[0].asked + c[1].asked,
	   c[0].late + c[1].late);
	ok(arrived == TASKS && !odd, "%d workers: each future arrives once, when it is over", workers);
	ok(then_calls == (TASKS + 2) / 3, "%d workers: each callback is called once (%d)", workers, then_calls);
}

/* ---- gates: tasks that stand still until the test lets them go ---- */

struct gate {
	atomic_bool open;
	atomic_int inside;
};

static int stand(const void *argument, void *result)
{
	struct gate *gate = *(struct gate *const *)argument;
	(void)result;
	atomic_fetch_add(&gate->inside, 1);
	while (!atomic_load(&gate->open) && !task_asked_to_stop())
		usleep(200);
	return atomic_load(&gate->open) ? 0 : ECANCELED;
}

static struct future *standing(struct pool *pool, struct gate *gate)
{
	struct future *f = pool_submit(pool, stand, &gate, sizeof gate, 0);
	if (!f)
		bail_out("no memory");
	return f;
}

static void wait_inside(struct gate *gate, int n)
{
	while (atomic_load(&gate->inside) < n)
		usleep(200);
}

static void test_states(void)
{
	struct gate gate = {0};
	char why[100];
	struct pool *pool = pool_of(1);
	struct future *running = standing(pool, &gate), *queued = standing(pool, &gate), *next = standing(pool, &gate);
	wait_inside(&gate, 1);
	ok(future_state(running) == FUTURE_RUNNING && future_state(queued) == FUTURE_QUEUED && !future_done(running), "running and queued");
	errno = 0;
	ok(future_result(running, NULL, 2000000) == -1 && errno == ETIMEDOUT && future_state(running) == FUTURE_RUNNING,
	   "a result with a time limit: ETIMEDOUT, and the task goes on");
	ok(future_wait(queued, 0) == FUTURE_QUEUED && errno == ETIMEDOUT, "a wait of no length");
	struct arrivals *a = arrivals_new((struct future *[]){running, queued}, 2);
	ok(!arrivals_next(a, 1000000) && errno == ETIMEDOUT, "an arrival with a time limit");
	ok(future_cancel(queued) == CANCEL_DONE && future_state(queued) == FUTURE_CANCELLED, "a queued task is cancelled");
	is(future_why(queued, why, sizeof why), "cancelled", "it says so");
	ok(arrivals_next(a, -1) == queued, "a cancelled one has arrived");
	ok(future_cancel(queued) == CANCEL_LATE, "cancelled once");
	ok(!future_kill(running) && errno == ENOTSUP, "a thread is not killed");
	ok(future_cancel(running) == CANCEL_ASKED, "a running one is asked");
	ok(future_result(running, NULL, -1) == -1 && errno == ECANCELED && future_state(running) == FUTURE_CANCELLED, "and may stop");
	ok(arrivals_next(a, -1) == running && !arrivals_next(a, -1) && errno == 0, "after the last one there is none");
	ok(!future_kill(running) && errno == EINVAL, "what is over can't be killed");
	wait_inside(&gate, 2);
	future_cancel(next);
	future_cancel(next); /* asked twice is asked */
	pool_shutdown(pool, false);
	ok(future_state(next) == FUTURE_CANCELLED && gate.inside == 2, "the cancelled one never began");
	arrivals_free(a);
	future_free(running);
	future_free(queued);
	future_free(next);

	pool = pool_of(1);
	gate.open = true;
	struct future *fine = standing(pool, &gate);
	ok(future_wait(fine, -1) == FUTURE_DONE && future_cancel(fine) == CANCEL_LATE && future_state(fine) == FUTURE_DONE, "too late to cancel");
	struct future *wrong = pool_submit(pool, sum, &(struct sum_of){9, 0}, sizeof(struct sum_of), sizeof(uint64_t));
	ok(future_result(wrong, NULL, -1) == -1 && errno == 1002, "an error number that no system knows");
	is(future_why(wrong, why, sizeof why), "error 1002: unknown", "it is named as such");
	struct future *none = pool_submit(pool, stand, &(struct gate *){&gate}, sizeof(void *), 0);
	future_free(none); /* nobody is interested */
	pool_shutdown(pool, false);
	pool_shutdown(NULL, false);
	future_free(NULL);
	arrivals_free(NULL);
	future_free(fine);
	future_free(wrong);
	a = arrivals_new(NULL, 0);
	ok(a && !arrivals_next(a, -1) && errno == 0, "no futures, no arrivals");
	arrivals_free(a);
	ok(task_worker() == -1 && !task_asked_to_stop(), "outside of a pool there is no task");
}

/* ---- the end of a pool ---- */

static void test_shutdown(void)
{
	struct gate gate = {0};
	struct pool *pool = pool_of(2);
	struct future *f[50];
	for (int i = 0; i < 50; i++)
		f[i] = standing(pool, &gate);
	wait_inside(&gate, 2);
	pool_shutdown(pool, true);
	int cancelled = 0;
	for (int i = 0; i < 50; i++) {
		cancelled += future_state(f[i]) == FUTURE_CANCELLED;
		future_free(f[i]);
	}
	ok(cancelled == 50 && gate.inside == 2, "shutdown with cancel: the queued are cancelled, the running asked (%d)", cancelled);

	gate = (struct gate){.open = true};
	pool = pool_of(2);
	for (int i = 0; i < 50; i++)
		f[i] = standing(pool, &gate);
	pool_shutdown(pool, false);
	int done = 0;
	for (int i = 0; i < 50; i++) {
		done += future_state(f[i]) == FUTURE_DONE;
		future_free(f[i]);
	}
	ok(done == 50, "shutdown without: all are done first");
}

struct closing {
	struct pool *pool;
	atomic_bool refused;
	struct gate gate;
};

static int submit_until_refused(const void *argument, void *result)
{
	struct closing *c = *(struct closing *const *)argument;
	struct gate *gate = &c->gate;
	(void)result;
	atomic_fetch_add(&gate->inside, 1);
	for (;;) {
		struct future *f = pool_submit(c->pool, note, &(int){0}, sizeof(int), sizeof(int));
		if (!f)
			return atomic_store(&c->refused, errno == ESHUTDOWN), 0;
		future_free(f);
		usleep(100);
	}
}

static void test_late(void)
{
	struct closing c = {.pool = pool_of(2)}, *at = &c;
	future_free(pool_submit(c.pool, submit_until_refused, &at, sizeof at, 0));
	wait_inside(&c.gate, 1);
	pool_shutdown(c.pool, false);
	ok(c.refused, "after the shutdown began a task that submits is refused with ESHUTDOWN");
}

/* ---- waiting inside tasks ---- */

struct tree {
	struct pool *pool;
	int depth;
};

static _Atomic int dead_ends;

static int grow(const void *argument, void *result)
{
	const struct tree *t = argument;
	if (t->depth == 0)
		return *(int *)result = 1, 0;
	struct tree below = {t->pool, t->depth - 1};
	struct future *left = pool_submit(t->pool, grow, &below, sizeof below, sizeof(int));
	struct future *right = pool_submit(t->pool, grow, &below, sizeof below, sizeof(int));
	int a = 0, b = 0, error = 0;
	if (!left || !right)
		error = ENOMEM;
	else if (future_result(left, &a, -1) || future_result(right, &b, -1))
		error = errno;
	if (error == EDEADLK)
		dead_ends++;
	future_free(left);
	future_free(right);
	*(int *)result = a + b;
	return error;
}

static void test_deadlock(void)
{
	for (int workers = 1; workers <= 3; workers++) {
		struct pool *pool = pool_of(workers);
		dead_ends = 0;
		struct future *f = pool_submit(pool, grow, &(struct tree){pool, 5}, sizeof(struct tree), sizeof(int));
		int rc = future_result(f, NULL, -1), error = errno;
		ok(rc == -1 && error == EDEADLK && dead_ends > 0, "%d workers that all wait for tasks: one is told EDEADLK, nothing hangs", workers);
		pool_shutdown(pool, true);
		future_free(f);
	}
	bool good = true;
	for (int i = 0; i < 20 * ROUNDS; i++) { /* 2^depth - 1 inner tasks may wait at once; one more worker than that is enough */
		struct pool *pool = pool_of(8);
		int leaves = 0;
		struct future *f = pool_submit(pool, grow, &(struct tree){pool, 3}, sizeof(struct tree), sizeof(int));
		good = good && !future_result(f, &leaves, -1) && leaves == 8;
		pool_shutdown(pool, false);
		future_free(f);
	}
	ok(good, "with a worker more than tasks that wait there is never a false alarm");
}

/* ---- hooks, shortage, idleness ---- */

static _Atomic int begins, ends;
static void on_begin(void *context, int worker) { atomic_fetch_add((_Atomic int *)context, worker >= 0 && task_worker() == worker); }
static void on_end(void *context, int worker)
{
	(void)context;
	atomic_fetch_add(&ends, worker >= 0);
}

static void test_hooks(void)
{
	struct pool *pool = thread_pool_new(&(struct pool_setup){4, on_begin, on_end, &begins});
	pool_shutdown(pool, false);
	ok(pool && begins == 4 && ends == 4, "each worker tells its begin and its end");
}

static void test_shortage(void)
{
	struct pool *pool;
#if defined SANITIZED
	skip("too few threads: -1 with errno, and none is left", "a sanitizer needs memory of its own");
#else
	struct rlimit before, tight;
	getrlimit(RLIMIT_AS, &before);
	tight = before;
	tight.rlim_cur = 300 << 20; /* a thread's stack is 8 MiB */
	setrlimit(RLIMIT_AS, &tight);
	errno = 0;
	pool = thread_pool_new(&(struct pool_setup){.workers = 1000});
	int error = errno;
	setrlimit(RLIMIT_AS, &before);
	ok(!pool && (error == EAGAIN || error == ENOMEM), "too few threads: NULL with errno (%d)", error);
	int threads = 0;
	for (int i = 0; i < 200 && threads != 1; i++, usleep(5000)) {
		FILE *status = fopen("/proc/self/status", "r");
		char line[200];
		while (status && fgets(line, sizeof line, status))
			sscanf(line, "Threads: %d", &threads);
		if (status)
			fclose(status);
	}
	ok(threads == 1, "and none is left running (%d)", threads);
#endif
	errno = 0;
	pool = pool_of(1);
	ok(!pool_submit(pool, note, NULL, 0, SIZE_MAX / 3) && errno == ENOMEM, "no memory for a result: NULL with ENOMEM");
	pool_shutdown(pool, false);
}

static void test_idle(void)
{
	struct pool *pool = pool_of(4);
	struct timespec t0, t1;
	usleep(20000);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t0);
	usleep(300000);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t1);
	double used = (double)(t1.tv_sec - t0.tv_sec) + 1e-9 * (double)(t1.tv_nsec - t0.tv_nsec);
	pool_shutdown(pool, false);
	ok(used < 0.03, "without tasks the workers sleep (%.4f s of processor time in 0.3 s)", used);
}

int main(void)
{
	const char *given = getenv("SEED");
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	diag("SEED=%llu", (unsigned long long)seed);
	alarm(300);
	int workers[] = {1, 2, 7};
	for (int i = 0; i < 3; i++) {
		test_results(workers[i]);
		for (uint64_t round = 0; round < ROUNDS; round++)
			test_cancel(workers[i], round);
	}
	test_states();
	test_shutdown();
	test_late();
	test_deadlock();
	test_hooks();
	test_shortage();
	test_idle();
	return tap_done();
}
