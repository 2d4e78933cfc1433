/* Coroutines on their loop. Random programs of spawn, sleep, yield, await, time limit and cancel are run in leaping time and must leave the same
 * diary, to the last step, as a model that has no stacks; pipes carry all bytes in order while their readers are cancelled; and what is
 * promised of errors, limits, threads and shortage, one by one. SEED=N repeats a run; a hang is ended by SIGALRM. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/rng.h"
#include "kernels/runtime/coro.h"
#include "tests/tap.h"

#if defined SANITIZED_THREAD
enum { PROGRAMS = 60, MANY = 400, SANITIZER = 1 };
#elif defined SANITIZED
enum { PROGRAMS = 300, MANY = 2000, SANITIZER = 1 };
#else
enum { PROGRAMS = 2000, MANY = 10000, SANITIZER = 0 };
#endif

static uint64_t seed;

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

/* ---- random programs -------------------------------------------------------------------------------------------- */

enum op { YIELD, SLEEP, SPAWN, AWAIT, AWAIT_FOR, CANCEL, OPS };
enum { TASKS_MAX = 24, CODE_MAX = 9, DIARY_MAX = 4000 };
struct line { enum op op; int other; int64_t ns; };
struct program {
	struct line code[CODE_MAX];
	int length;
	bool stubborn; /* goes on when it is cancelled */
	long value;    /* -1: it fails, with EDOM */
};
struct entry { int task, pc; long rc; int error; int64_t ns; };
struct diary { struct entry e[DIARY_MAX]; int n; };

static struct program program[TASKS_MAX];
static int programs;

static void write_programs(uint64_t number)
{
	uint64_t at = number << 20;
	programs = 1 + (int)(rng_at(seed, at++) % TASKS_MAX);
	for (int i = 0; i < programs; i++) {
		struct program *p = &program[i];
		p->length = (int)(rng_at(seed, at++) % (CODE_MAX + 1));
		p->stubborn = rng_at(seed, at++) % 3 == 0;
		p->value = rng_at(seed, at++) % 4 ? i : -1;
		for (int k = 0; k < p->length; k++) {
			uint64_t r = rng_at(seed, at++);
			enum op op = i == 0 && k < CODE_MAX / 2 ? (r & 1 ? SPAWN : SLEEP) : (enum op)(r >> 8) % OPS;
			if (r >> 32 & 1 && op != SLEEP)
				op = SPAWN;
			p->code[k] = (struct line){op, (int)(r >> 40) % programs, (int64_t)(r >> 16 & 15) * 1000};
		}
	}
}

static void note(struct diary *d, int task, int pc, long rc, int error, int64_t ns)
{
	if (d->n < DIARY_MAX)
		d->e[d->n] = (struct entry){task, pc, rc, rc == -1 ? error : 0, ns};
	d->n++;
}

/* ---- … on the loop ---- */

static struct coro *handle[TASKS_MAX];
static int spawned;
static struct diary real;
static int number_of[TASKS_MAX];

static long live_it(void *arg)
{
	int me = *(int *)arg;
	const struct program *p = &program[me];
	for (int pc = 0; pc < p->length; pc++) {
		const struct line *l = &p->code[pc];
		bool there = l->other != 0 && l->other < spawned; /* the first has no handle */
		long rc = -2;
		errno = 0;
		switch (l->op) {
		case YIELD: rc = coro_yield(); break;
		case SLEEP: rc = coro_sleep(l->ns); break;
		case SPAWN:
			if (spawned < programs) {
				int n = spawned++;
				number_of[n] = n;
				handle[n] = coro_spawn(live_it, &number_of[n]);
				rc = n;
			}
			break;
		case AWAIT: rc = there ? coro_await(handle[l->other]) : -2; break;
		case AWAIT_FOR: rc = there ? coro_await_for(handle[l->other], l->ns) : -2; break;
		case CANCEL: rc = there ? coro_cancel(handle[l->other]) : -2; break;
		default: break;
		}
		int error = errno;
		note(&real, me, pc, rc, error, coro_now());
		if (rc == -1 && error == ECANCELED && !p->stubborn)
			return errno = ECANCELED, -1;
	}
	errno = EDOM;
	return p->value;
}

/* ---- … and in the model: no stacks, no heap, all searched for from end to end ---- */

enum place { READY, RUNNING, WAITING, DONE };
struct model_task {
	enum place place;
	bool exists, begun, asked;
	int pc, phase, told, why, error;
	bool again;
	int64_t alarm; /* -1: none */
	long alarm_order, ready_order, await_order, value;
	int awaits; /* -1: nobody */
};
static struct model_task m[TASKS_MAX];
static struct diary model;
static int m_spawned;
static long m_order;
static int64_t m_now;

static void m_ready(int i)
{
	m[i].place = READY;
	m[i].ready_order = m_order++;
}

static void m_wake(int i, int told)
{
	if (m[i].place != WAITING)
		return;
	m[i].told = told;
	m_ready(i);
}

static bool m_cancel(int i)
{
	if (m[i].place == DONE)
		return false;
	m[i].asked = true;
	m_wake(i, 0);
	return true;
}

static void m_end(int i, long value, int error)
{
	m[i].place = DONE;
	m[i].value = value;
	m[i].error = value == -1 ? error : 0;
	for (;;) { /* those who await it, in the order in which they came */
		int next = -1;
		for (int k = 0; k < programs; k++)
			if (m[k].place == WAITING && m[k].awaits == i && (next < 0 || m[k].await_order < m[next].await_order))
				next = k;
		if (next < 0)
			return;
		m_wake(next, 0);
	}
}

/* The wait of the running task: true when it has gone to sleep, else *rc and *error. phase 0: it comes; 1: it was woken. */
static bool m_wait(int i, int phase, int other, int64_t alarm, int *rc, int *error)
{
	struct model_task *t = &m[i];
	if (phase == 1) {
		t->alarm = -1;
		t->awaits = -1;
	}
	*error = 0;
	if (t->asked) {
		t->asked = false;
		*error = ECANCELED;
	} else if (phase == 1) {
		*error = t->told;
	} else if (other >= 0 && m[other].place == DONE) {
		*error = 0;
	} else if (other == i) {
		*error = EDEADLK;
	} else {
		t->told = 0;
		t->awaits = other;
		t->await_order = m_order++;
		t->place = WAITING;
		if (alarm >= 0) {
			t->alarm = alarm;
			t->alarm_order = m_order++;
		}
		return true;
	}
	*rc = *error ? -1 : 0;
	return false;
}

/* One line of the code: true when the task has gone to sleep in it. */
static bool m_line(int i, const struct line *l, long *rc, int *error)
{
	struct model_task *t = &m[i];
	bool there = l->other != 0 && l->other < m_spawned;
	int r = -2;
	*rc = -2;
	*error = 0;
	switch (l->op) {
	case YIELD:
	yield:
		if (t->asked) {
			t->asked = false;
			return *rc = -1, *error = ECANCELED, false;
		}
		if (t->phase == 0) {
			t->phase = 1;
			m_ready(i);
			return true;
		}
		return *rc = 0, false;
	case SLEEP:
		if (l->ns <= 0)
			goto yield;
		if (m_wait(i, t->phase, -1, m_now + l->ns, &r, error))
			return t->phase = 1, true;
		return *rc = *error && *error != ETIMEDOUT ? -1 : 0, false;
	case SPAWN:
		if (m_spawned < programs) {
			int n = m_spawned++;
			m[n] = (struct model_task){.exists = true, .alarm = -1, .awaits = -1};
			m_ready(n);
			*rc = n;
		}
		return false;
	case AWAIT:
		if (!there)
			return false;
		if (m_wait(i, t->phase, l->other, -1, &r, error))
			return t->phase = 1, true;
		break;
	case AWAIT_FOR:
		if (!there)
			return false;
		if (t->phase < 2) {
			if (m_wait(i, t->phase, l->other, m_now + l->ns, &r, error))
				return t->phase = 1, true;
			if (*error != ECANCELED && *error != ETIMEDOUT)
				break;
			t->why = *error;
			t->again = false;
			m_cancel(l->other);
			t->phase = 2;
		}
		for (;;) { /* until it has ended, whatever comes */
			if (m_wait(i, t->phase - 2, l->other, -1, &r, error))
				return t->phase = 3, true;
			t->phase = 2;
			if (*error != ECANCELED)
				break;
			t->again = true;
		}
		t->asked = t->asked || t->again;
		if (*error)
			return *rc = -1, false;
		if (t->why == ETIMEDOUT && m[l->other].error != ECANCELED)
			break;
		return *rc = -1, *error = t->why, false;
	case CANCEL:
		*rc = there ? m_cancel(l->other) : -2;
		return false;
	default: return false;
	}
	*rc = r == -1 ? -1 : m[l->other].value;
	*error = r == -1 ? *error : m[l->other].error;
	return false;
}

static void m_step(int i)
{
	struct model_task *t = &m[i];
	const struct program *p = &program[i];
	if (!t->begun && t->asked) {
		m_end(i, -1, ECANCELED);
		return;
	}
	t->begun = true;
	t->place = RUNNING;
	for (; t->pc < p->length; t->pc++, t->phase = 0) {
		long rc;
		int error;
		if (m_line(i, &p->code[t->pc], &rc, &error))
			return;
		note(&model, i, t->pc, rc, error, m_now);
		if (rc == -1 && error == ECANCELED && !p->stubborn) {
			m_end(i, -1, ECANCELED);
			return;
		}
	}
	m_end(i, p->value, EDOM);
}

static int m_first(bool (*match)(const struct model_task *t), long (*key)(const struct model_task *t))
{
	int best = -1;
	for (int i = 0; i < programs; i++)
		if (m[i].exists && match(&m[i]) && (best < 0 || key(&m[i]) < key(&m[best])))
			best = i;
	return best;
}
static bool is_ready(const struct model_task *t) { return t->place == READY; }
static bool is_alive(const struct model_task *t) { return t->place != DONE; }
static long ready_key(const struct model_task *t) { return t->ready_order; }
static long no_key(const struct model_task *t) { return (void)t, 0; }

/* The next alarm: the earliest; of equal ones the one that was set first. */
static int m_alarm(void)
{
	int best = -1;
	for (int i = 0; i < programs; i++)
		if (m[i].exists && m[i].alarm >= 0 &&
		    (best < 0 || m[i].alarm < m[best].alarm || (m[i].alarm == m[best].alarm && m[i].alarm_order < m[best].alarm_order)))
			best = i;
	return best;
}

static void run_model(void)
{
	memset(m, 0, sizeof m);
	model.n = 0;
	m_spawned = 1;
	m_order = 0;
	m_now = 0;
	m[0] = (struct model_task){.exists = true, .alarm = -1, .awaits = -1};
	m_ready(0);
	for (bool over = false;;) {
		long round = m_order; /* who gets ready from now on comes in the next one */
		for (int i; (i = m_first(is_ready, ready_key)) >= 0 && m[i].ready_order < round;)
			m_step(i);
		if (m[0].place == DONE && !over) {
			over = true;
			for (int i = 0; i < programs; i++)
				if (m[i].exists)
					m_cancel(i);
		}
		int alive = m_first(is_alive, no_key), alarm = m_alarm();
		if (alive < 0)
			return;
		if (m_first(is_ready, ready_key) < 0) {
			if (alarm < 0)
				m_wake(alive, EDEADLK);
			else
				m_now = m[alarm].alarm;
		}
		for (int i; (i = m_alarm()) >= 0 && m[i].alarm <= m_now;) {
			m[i].alarm = -1;
			m_wake(i, ETIMEDOUT);
		}
	}
}

static void test_programs(void)
{
	int good = 0, entries = 0, deadlocks = 0, cancelled = 0, limits = 0;
	for (int n = 0; n < PROGRAMS; n++) {
		static int zero = 0;
		write_programs((uint64_t)n);
		spawned = 1;
		real.n = 0;
		long value = coro_run(&(struct coro_setup){.leaps = true, .stack_bytes = SANITIZER ? 0 : 16384}, live_it, &zero);
		int error = errno;
		for (int i = 1; i < spawned; i++)
			coro_free(handle[i]);
		run_model();
		bool same = real.n == model.n && real.n < DIARY_MAX && value == m[0].value && (value != -1 || error == m[0].error) && spawned == m_spawned;
		int k = 0;
		for (; same && k < real.n; k++) {
			const struct entry *a = &real.e[k], *b = &model.e[k];
			same = a->task == b->task && a->pc == b->pc && a->rc == b->rc && a->error == b->error && a->ns == b->ns;
			deadlocks += a->error == EDEADLK;
			cancelled += a->error == ECANCELED;
			limits += a->error == ETIMEDOUT;
		}
		entries += real.n;
		good += same;
		if (!same && good == n) {
			k -= k > 0;
			diag("program %d, seed %llu: %d and %d entries, value %ld and %ld; entry %d: task %d line %d rc %ld errno %d at %lld, model: task %d line %d rc %ld errno %d at %lld",
			     n, (unsigned long long)seed, real.n, model.n, value, m[0].value, k, real.e[k].task, real.e[k].pc, real.e[k].rc, real.e[k].error,
			     (long long)real.e[k].ns, model.e[k].task, model.e[k].pc, model.e[k].rc, model.e[k].error, (long long)model.e[k].ns);
			return (void)ok(false, "a random program and its model differ");
		}
	}
	ok(good == PROGRAMS && deadlocks > 0 && cancelled > 0 && limits > 0,
	   "%d random programs, %d steps as in the model (%d deadlocks, %d cancelled, %d limits told)", good, entries, deadlocks, cancelled, limits);
}

/* ---- tasks, one by one ------------------------------------------------------------------------------------------- */

static long sleeper(void *arg) { return coro_sleep(*(int64_t *)arg) ? -1 : *(int64_t *)arg; }
static long failer(void *arg)
{
	if (coro_sleep(*(int64_t *)arg))
		return -1;
	return errno = ERANGE + (int)(*(int64_t *)arg / 1000), -1;
}

/* The order of results is that of the list; the error is the first in time. */
static long gather_test(void *arg)
{
	(void)arg;
	enum { N = 50 };
	struct coro *task[N];
	int64_t ns[N], first = CORO_FOREVER;
	long value[N];
	bool good = true;
	for (int i = 0; i < N; i++) {
		uint64_t r = rng_at(seed, (uint64_t)i);
		ns[i] = 1000 * (int64_t)(1 + i * 7 % N) + N * 1000 * (int64_t)(r % 3); /* all different */
		bool fails = r >> 8 & 1;
		task[i] = coro_spawn(fails ? failer : sleeper, &ns[i]);
		first = fails && ns[i] < first ? ns[i] : first;
	}
	int rc = coro_gather(task, N, value), error = errno;
	good = first == CORO_FOREVER ? rc == 0 : rc == -1 && error == ERANGE + (int)(first / 1000);
	for (int i = 0; i < N; i++) {
		bool fails = rng_at(seed, (uint64_t)i) >> 8 & 1;
		good = good && coro_done(task[i]) && value[i] == (fails ? -1 : ns[i]) && coro_error(task[i]) == (fails ? ERANGE + (int)(ns[i] / 1000) : 0);
		good = good && coro_await(task[i]) == value[i]; /* again */
		coro_free(task[i]);
	}
	ok(good, "gather: results in the order of the list, the error that came first");
	ok(coro_gather(task, 0, NULL) == 0, "gather of none");
	return 0;
}

static long gather_both(void *arg) { return coro_gather(arg, 2, NULL); }

static long cancel_test(void *arg)
{
	(void)arg;
	int64_t second = 1000 * CORO_MS;
	struct coro *both[2] = {coro_spawn(sleeper, &second), coro_spawn(sleeper, &second)}, *g = coro_spawn(gather_both, both);
	coro_sleep(CORO_MS);
	int64_t begin = coro_now();
	ok(coro_cancel(g) && coro_await(g) == -1 && errno == ECANCELED && coro_error(both[0]) == ECANCELED && coro_error(both[1]) == ECANCELED &&
		   coro_now() == begin,
	   "a cancelled gather cancels all and awaits them");
	ok(!coro_cancel(g), "who has ended can't be cancelled");
	coro_free(both[0]);
	coro_free(both[1]);
	coro_free(g);
	struct coro *early = coro_spawn(sleeper, &second);
	coro_cancel(early);
	ok(coro_await(early) == -1 && errno == ECANCELED, "cancelled before it began");
	coro_free(early);
	coro_cancel(coro_self());
	ok(coro_yield() == -1 && errno == ECANCELED && coro_yield() == 0, "cancelled by itself: at the next wait, once");
	struct coro *slow = coro_spawn(sleeper, &second);
	begin = coro_now();
	ok(coro_await_for(slow, 5 * CORO_MS) == -1 && errno == ETIMEDOUT && coro_error(slow) == ECANCELED && coro_now() == begin + 5 * CORO_MS,
	   "a time limit cancels");
	coro_free(slow);
	ok(coro_await(NULL) == -1 && errno == EINVAL && coro_await(coro_self()) == -1 && errno == EDEADLK, "nobody, and oneself, can't be awaited");
	ok(coro_run(NULL, sleeper, &second) == -1 && errno == EBUSY, "no loop within a loop");
	coro_free(coro_spawn(sleeper, &second)); /* left behind: coro_run cancels it */
	return 7;
}

/* Registers of both kinds live across a switch. */
static long registers(void *arg)
{
	double x = *(double *)arg, a = x, b = 2 * x, c = 3 * x, d = 5 * x;
	long i = (long)x, j = 2 * i, k = 3 * i, l = 5 * i, p = 7 * i, q = 11 * i;
	for (int n = 0; n < 100; n++) {
		a += x, b += a, c -= b, d *= 1.0 + 1e-9 * c, i += 1, j += i, k ^= j, l += k & 7, p += l, q ^= p;
		if (n % 3 == 0 && coro_self())
			coro_yield();
	}
	return (long)(a + b + c) ^ (long)(1e3 * d) ^ i ^ j ^ k ^ l ^ p ^ q;
}

static long registers_test(void *arg)
{
	(void)arg;
	double x[9];
	struct coro *task[9];
	long value[9];
	const long *alone = arg;
	for (int i = 0; i < 9; i++)
		x[i] = i + 1, task[i] = coro_spawn(registers, &x[i]);
	coro_gather(task, 9, value);
	ok(!memcmp(alone, value, sizeof value), "numbers of both kinds survive the switches");
	for (int i = 0; i < 9; i++)
		coro_free(task[i]);
	return 0;
}

__attribute__((noinline)) static int deep(int n)
{
	volatile char room[1024];
	room[0] = (char)n;
	room[1023] = 1;
	return n == 0 ? 0 : deep(n - 1) + room[1023];
}
static long deep_task(void *arg) { return coro_yield() ? -1 : deep(*(int *)arg); }

/* An overflow ends the program and damages nobody. */
static void test_stack(void)
{
	int fits = 40, overflows = 100000;
	ok(coro_run(NULL, deep_task, &fits) == fits, "a stack of the preset size holds 40 KiB");
	if (SANITIZER)
		return skip("the guard page", "sanitizers look after that");
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		coro_run(NULL, deep_task, &overflows);
		_exit(0);
	}
	ok(child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "an overflow meets the guard page");
}

static long many(void *arg)
{
	(void)arg;
	static struct coro *task[MANY];
	static long value[MANY];
	static int64_t ns[MANY];
	int good = 0;
	for (int i = 0; i < MANY; i++) {
		ns[i] = (int64_t)(rng_at(seed, (uint64_t)i) % 1000) * 1000;
		if (!(task[i] = coro_spawn(sleeper, &ns[i])))
			return -1;
	}
	int rc = coro_gather(task, MANY, value);
	for (int i = 0; i < MANY; i++) {
		good += value[i] == ns[i];
		coro_free(task[i]);
	}
	return rc ? -1 : good;
}

static long spawn_until_none(void *arg)
{
	enum { MOST = 100000 };
	static struct coro *task[MOST];
	int n = 0, error = 0;
	int64_t ns = CORO_MS;
	while (n < MOST && (task[n] = coro_spawn(sleeper, &ns)))
		n++;
	error = errno;
	int good = coro_gather(task, (size_t)n, NULL) == 0;
	for (int i = 0; i < n; i++)
		coro_free(task[i]);
	*(int *)arg = n;
	return good && n < MOST && n > 0 && error == ENOMEM ? 0 : -1;
}

static void test_shortage(void)
{
	int status = 0, n = 0;
	pid_t child = SANITIZER ? -1 : fork();
	if (child == 0) {
		setrlimit(RLIMIT_AS, &(struct rlimit){100 << 20, 100 << 20});
		_exit(coro_run(NULL, spawn_until_none, &n) == 0 ? 0 : 1);
	}
	if (child < 0)
		skip("no memory", "the sanitizers need it themselves");
	else
		ok(waitpid(child, &status, 0) == child && status == 0, "no memory: spawn says so, all others end well");
	child = fork();
	if (child == 0) {
		int64_t ns = 0;
		setrlimit(RLIMIT_NOFILE, &(struct rlimit){3, 3});
		_exit(coro_run(NULL, sleeper, &ns) == -1 && errno == EMFILE ? 0 : 1);
	}
	ok(child > 0 && waitpid(child, &status, 0) == child && status == 0, "no descriptor: coro_run says so");
}

/* ---- descriptors ------------------------------------------------------------------------------------------------- */

enum { BYTES = 20000 };
struct flow { int in, out; uint64_t salt; int cancelled; };

static long writer(void *arg)
{
	struct flow *f = arg;
	unsigned char piece[300];
	for (int done = 0, n; done < BYTES; done += n) {
		n = 1 + (int)(rng_at(seed + f->salt, (uint64_t)done) % sizeof piece);
		n = n > BYTES - done ? BYTES - done : n;
		for (int i = 0; i < n; i++)
			piece[i] = (unsigned char)rng_at(f->salt, (uint64_t)(done + i));
		if (coro_write(f->out, piece, (size_t)n, CORO_FOREVER) != n)
			return -1;
		if (done % 7 == 0)
			coro_yield();
	}
	close(f->out);
	return BYTES;
}

/* Reads all, and goes on where it was when it is cancelled. */
static long reader(void *arg)
{
	struct flow *f = arg;
	unsigned char piece[200];
	long got = 0;
	for (;;) {
		ssize_t n = coro_read(f->in, piece, 1 + rng_at(seed, (uint64_t)got) % sizeof piece, CORO_FOREVER);
		if (n < 0 && errno == ECANCELED) {
			f->cancelled++;
			continue;
		}
		if (n <= 0)
			return close(f->in), n < 0 ? -1 : got;
		for (ssize_t i = 0; i < n; i++)
			if (piece[i] != (unsigned char)rng_at(f->salt, (uint64_t)got + (uint64_t)i))
				return errno = EPROTO, -1;
		got += n;
	}
}

static long pipes(void *arg)
{
	(void)arg;
	enum { PAIRS = 8 };
	struct flow f[PAIRS];
	struct coro *task[2 * PAIRS];
	long value[2 * PAIRS];
	int cancels = 0, good = 0;
	for (int i = 0; i < PAIRS; i++) {
		int end[2];
		if (i % 2 ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, end) : pipe2(end, O_NONBLOCK))
			return -1;
		f[i] = (struct flow){.in = end[0], .out = end[1], .salt = seed + (uint64_t)i};
		task[2 * i] = coro_spawn(reader, &f[i]);
		task[2 * i + 1] = coro_spawn(writer, &f[i]);
	}
	for (int i = 0; i < 300; i++) {
		coro_cancel(task[2 * (rng_at(seed, 7000 + (uint64_t)i) % PAIRS)]);
		if (rng_at(seed, 9000 + (uint64_t)i) % 4 == 0)
			coro_yield();
	}
	coro_gather(task, 2 * PAIRS, value);
	for (int i = 0; i < 2 * PAIRS; i++) {
		good += value[i] == BYTES || (value[i] == -1 && coro_error(task[i]) == ECANCELED && i % 2 == 0); /* cancelled before it began */
		coro_free(task[i]);
		if (i % 2 == 0 && value[i] == -1)
			close(f[i / 2].in);
		cancels += f[i / 2].cancelled;
	}
	ok(good == 2 * PAIRS && cancels > 0, "pipes: %d of %d ends saw all bytes in order, cancelled %d times", good, 2 * PAIRS, cancels / 2);
	return 0;
}

static long poll_in(void *arg) { return coro_poll(*(int *)arg, POLLIN, CORO_FOREVER); }
static long poll_out(void *arg) { return coro_poll(*(int *)arg, POLLOUT, CORO_FOREVER); }

static long poll_test(void *arg)
{
	(void)arg;
	int end[2], file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), bad = 1000000;
	char byte = 'x';
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, end))
		return -1;
	ok(coro_poll(end[0], POLLIN, 2 * CORO_MS) == -1 && errno == ETIMEDOUT, "nothing to read: the time is over");
	ok(coro_poll(end[0], POLLOUT, 1000 * CORO_MS) == POLLOUT, "room to write");
	ok(coro_poll(file, POLLIN, CORO_FOREVER) == POLLIN, "a file is always ready");
	ok(coro_poll(-1, POLLIN, 0) == -1 && errno == EBADF && coro_poll(bad, POLLIN, 0) == -1 && (errno == EBADF || errno == ENOMEM), "no such descriptor");
	close(file);
	struct coro *in = coro_spawn(poll_in, &end[0]), *second = coro_spawn(poll_in, &end[0]), *out = coro_spawn(poll_out, &end[0]);
	ok(coro_await(second) == -1 && errno == EBUSY, "two can't read the same");
	ok(coro_await(out) == POLLOUT && !coro_done(in), "one reads, another writes: the writer is woken alone");
	ok(write(end[1], &byte, 1) == 1 && coro_await(in) == POLLIN, "and then the reader");
	coro_free(in), coro_free(second), coro_free(out);
	close(end[1]);
	ok(read(end[0], &byte, 1) == 1 && coro_poll(end[0], POLLIN, CORO_FOREVER) & POLLHUP, "the other end is closed");
	close(end[0]);
	int again[2]; /* most likely the same numbers: epoll has forgotten them, and so must we */
	if (pipe2(again, O_NONBLOCK))
		return -1;
	in = coro_spawn(poll_in, &again[0]);
	coro_sleep(CORO_MS);
	ok(!coro_done(in) && write(again[1], &byte, 1) == 1 && coro_await(in) == POLLIN, "a number that is used again");
	coro_free(in);
	close(again[0]), close(again[1]);
	return 0;
}

/* ---- threads, and the watch -------------------------------------------------------------------------------------- */

static long nap(void *arg) { return usleep(*(unsigned *)arg), errno = ERANGE, *(unsigned *)arg % 2 ? -1 : 5; }
static long in_thread(void *arg) { return coro_in_thread(nap, arg); }
static long ticker(void *arg)
{
	while (!coro_sleep(CORO_MS))
		++*(int *)arg;
	return 0;
}

static long thread_test(void *arg)
{
	(void)arg;
	enum { N = 8 };
	unsigned us[N];
	struct coro *task[N];
	long value[N];
	int ticks = 0, good = 0;
	struct coro *t = coro_spawn(ticker, &ticks);
	for (int i = 0; i < N; i++)
		us[i] = 60000 + (unsigned)i, task[i] = coro_spawn(in_thread, &us[i]);
	coro_gather(task, N, value);
	for (int i = 0; i < N; i++)
		good += i % 2 ? value[i] == -1 && coro_error(task[i]) == ERANGE : value[i] == 5;
	for (int i = 0; i < N; i++)
		coro_free(task[i]);
	ok(good == N && ticks > 0, "calls in threads: value and errno come back, the loop goes on meanwhile");
	coro_cancel(t);
	coro_await(t);
	coro_free(t);
	struct coro *c = coro_spawn(in_thread, &us[0]);
	coro_sleep(CORO_MS);
	coro_cancel(c);
	ok(coro_await(c) == -1 && errno == ECANCELED, "cancelled during the call: told when it is over");
	coro_free(c);
	return 0;
}

static long held_by;
static void held(void *context, const struct coro *task, int64_t ns)
{
	(void)context;
	if (ns >= 30 * CORO_MS && held_by != 2) /* on a busy machine others may be told, too */
		held_by = coro_number(task);
}
static long block(void *arg) { return usleep(*(unsigned *)arg), 0; }
static long blocker(void *arg)
{
	struct coro *a = coro_spawn(sleeper, &(int64_t){CORO_MS}), *b = coro_spawn(block, arg);
	coro_await(a), coro_await(b);
	coro_free(a), coro_free(b);
	return 0;
}

static int steps_begun, steps_ended;
static void count_step(void *context, const struct coro *task, bool begins) { (void)context, (void)task, ++*(begins ? &steps_begun : &steps_ended); }

static void *other_loop(void *arg)
{
	*(long *)arg = coro_run(&(struct coro_setup){.leaps = true}, many, NULL);
	return NULL;
}

int main(void)
{
	seed = getenv("SEED") ? strtoull(getenv("SEED"), NULL, 10) : (uint64_t)getpid() ^ (uint64_t)time(NULL) << 16;
	diag("SEED=%llu", (unsigned long long)seed);
	alarm(240);
	signal(SIGPIPE, SIG_IGN);
	int before = descriptors();
	struct coro_setup leaps = {.leaps = true};
	struct coro_stats stats;

	ok(!coro_spawn(sleeper, NULL) && errno == EPERM && coro_sleep(1) == -1 && errno == EPERM && !coro_self(), "outside of a loop nothing can wait");
	test_programs();
	ok(coro_run(&leaps, gather_test, NULL) == 0, "gather has ended");
	leaps.stats = &stats;
	ok(coro_run(&leaps, cancel_test, NULL) == 7 && stats.tasks == 7, "cancel has ended, and the one left behind, too");
	long alone[9];
	for (int i = 0; i < 9; i++)
		alone[i] = registers(&(double){i + 1});
	coro_run(NULL, registers_test, alone);
	test_stack();
	ok(coro_run(&leaps, many, NULL) == MANY && stats.most_alive == MANY + 1, "%d at once", MANY);
	test_shortage();
	ok(coro_run(NULL, pipes, NULL) == 0, "pipes have ended");
	ok(coro_run(NULL, poll_test, NULL) == 0, "waits for descriptors have ended");
	ok(coro_run(NULL, thread_test, NULL) == 0, "calls in threads have ended");
	ok(coro_run(&leaps, poll_test, NULL) == 0 && coro_run(&leaps, in_thread, &(unsigned){2000}) == 5, "descriptors and threads in leaping time");
	struct coro_setup watched = {.watch_ns = 20 * CORO_MS, .held = held, .step = count_step, .stats = &stats};
	ok(coro_run(&watched, blocker, &(unsigned){30000}) == 0 && held_by == 2 && stats.held_up >= 1 && stats.longest_ns >= 30 * CORO_MS,
	   "the loop says who held it up");
	ok(steps_begun == steps_ended && steps_begun == (int)stats.steps && steps_begun >= 5, "each step is told, begin and end (%d)", steps_begun);
	pthread_t thread[2];
	long value[2] = {0};
	pthread_create(&thread[0], NULL, other_loop, &value[0]);
	pthread_join(thread[0], NULL);
	pthread_create(&thread[1], NULL, other_loop, &value[1]);
	ok(coro_run(NULL, poll_test, NULL) == 0, "a loop while another thread runs its own");
	pthread_join(thread[1], NULL);
	ok(value[0] == MANY && value[1] == MANY, "and that one has ended, too");
	ok(descriptors() == before, "no descriptor is left");
	return tap_done();
}
