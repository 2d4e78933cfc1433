/* The reusable means of kernels/runtime under stress: whatever passes through them passes exactly once, from whatever
 * interleaving the seed brings about. Run under ThreadSanitizer as well (t8-sanitizers). SEED=N repeats a run; a hang is
 * ended by SIGALRM. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>
#include "kernels/rng.h"
#include "kernels/runtime/barrier.h"
#include "kernels/runtime/deque.h"
#include "kernels/runtime/executor.h"
#include "kernels/runtime/ring.h"
#include "tests/tap.h"

#ifdef SANITIZED
enum { ROUNDS = 3, ITEMS = 20000 };
#else
enum { ROUNDS = 10, ITEMS = 100000 };
#endif

static uint64_t seed;

/* A little random dawdling, so that other interleavings come about than those of a tight loop. */
static void dawdle(uint64_t r)
{
	if (r % 64 == 0)
		sched_yield();
	for (volatile uint64_t i = r % 7; i; i--)
		;
}

/* ---- deque: one owner, thieves ---- */

enum { THIEVES = 3 };
static struct deque deque;
static atomic_int seen[ITEMS];
static atomic_bool over;

static void see(const struct task *t) { atomic_fetch_add(&seen[t->value], 1); }

static void *thief_main(void *arg)
{
	uint64_t my_seed = rng_at(seed, (uint64_t)(uintptr_t)arg), i = 0;
	struct task t;
	while (!atomic_load(&over) || !deque_empty(&deque)) {
		if (deque_steal(&deque, &t) == STEAL_DONE)
			see(&t);
		dawdle(rng_at(my_seed, i++));
	}
	return NULL;
}

static bool each_once(size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (atomic_load(&seen[i]) != 1) {
			diag("item %zu was seen %d times", i, atomic_load(&seen[i]));
			return false;
		}
	return true;
}

static void forget(void)
{
	for (size_t i = 0; i < ITEMS; i++)
		atomic_store(&seen[i], 0);
}

static void test_deque(void)
{
	bool good = true;
	for (uint64_t round = 0; round < ROUNDS && good; round++) {
		pthread_t thief[THIEVES];
		struct task t;
		uint64_t my_seed = rng_at(seed, round);
		forget();
		atomic_store(&over, false);
		deque_init(&deque);
		for (uintptr_t i = 0; i < THIEVES; i++)
			pthread_create(&thief[i], NULL, thief_main, (void *)(i + 100 * round));
		for (uint64_t i = 0; i < ITEMS;) {
			uint64_t r = rng_at(my_seed, i);
			if (deque_push(&deque, (struct task){.value = i}))
				i++;
			else if (deque_take(&deque, &t))
				see(&t);
			if (r >> 40 & 1 && deque_take(&deque, &t)) /* often the last one: owner and thieves collide */
				see(&t);
			dawdle(r);
		}
		while (deque_take(&deque, &t))
			see(&t);
		atomic_store(&over, true);
		for (int i = 0; i < THIEVES; i++)
			pthread_join(thief[i], NULL);
		good = each_once(ITEMS) && deque_empty(&deque);
	}
	ok(good, "deque: each item is taken or stolen exactly once, %d rounds of %d items", ROUNDS, ITEMS);

	deque_init(&deque);
	struct task t;
	int room = 0;
	while (deque_push(&deque, (struct task){.value = (uint64_t)room}))
		room++;
	bool order = deque_take(&deque, &t) && t.value == DEQUE_CAPACITY - 1 && deque_steal(&deque, &t) == STEAL_DONE && t.value == 0;
	ok(room == DEQUE_CAPACITY && order, "deque: holds %d; the owner takes the newest, a thief the oldest", room);
	while (deque_take(&deque, &t))
		;
	ok(!deque_take(&deque, &t) && deque_steal(&deque, &t) == STEAL_EMPTY && deque_empty(&deque), "deque: empty is empty");
}

/* ---- executor ---- */

struct forest {
	uint64_t seed;
	_Atomic uint64_t done;
	struct group all;
};

/* A random tree: `size` nodes below and including this one; some nodes wait for their children, some do not. */
static uint64_t count(struct worker *me, struct forest *f, uint64_t size);

struct branch {
	struct forest *forest;
	uint64_t size, counted;
};

static void branch_main(struct worker *me, void *arg, uint64_t value)
{
	struct branch *b = arg;
	(void)value;
	b->counted = count(me, b->forest, b->size);
}

static uint64_t count(struct worker *me, struct forest *f, uint64_t size)
{
	uint64_t r = rng_at(f->seed, size);
	dawdle(r);
	if (size <= 1)
		return size;
	struct branch part[3];
	uint64_t parts = 2 + r % 2, left = size - 1, all = 1;
	struct group children = {0};
	for (uint64_t i = 0; i < parts; i++) {
		uint64_t share = i + 1 == parts ? left : left * (1 + (r >> (8 * i + 8)) % 7) / 8;
		part[i] = (struct branch){f, share, 0};
		left -= share;
		executor_spawn(me, &children, branch_main, &part[i], 0);
	}
	executor_wait(me, &children);
	for (uint64_t i = 0; i < parts; i++)
		all += part[i].counted; /* plain memory: the wait must make it visible */
	return all;
}

/* A tree whose nodes do not wait: all in one group. The value is the heap's index. */
static void node_main(struct worker *me, void *arg, uint64_t i)
{
	struct forest *f = arg;
	atomic_fetch_add(&seen[i], 1);
	dawdle(rng_at(f->seed, i));
	for (uint64_t child = 2 * i + 1; child <= 2 * i + 2 && child < ITEMS; child++)
		executor_spawn(me, &f->all, node_main, f, child);
}

static void single_main(struct worker *me, void *arg, uint64_t i)
{
	(void)me;
	(void)arg;
	atomic_fetch_add(&seen[i], 1);
}

static void producer_main(struct worker *me, void *arg, uint64_t n)
{
	struct forest *f = arg;
	for (uint64_t i = 0; i < n; i++) {
		dawdle(rng_at(f->seed, i));
		executor_spawn(me, &f->all, single_main, f, i);
	}
}

struct outsider {
	struct executor *x;
	uint64_t first, last;
	pthread_t thread;
};

/* Hands in tasks from outside, in bursts with a wait after each, and pauses in which the workers fall asleep. */
static void *outsider_main(void *arg)
{
	struct outsider *o = arg;
	for (uint64_t i = o->first; i < o->last;) {
		struct group burst = {0};
		uint64_t r = rng_at(seed, i), end = i + 1 + r % 2000;
		for (; i < end && i < o->last; i++)
			executor_submit(o->x, &burst, single_main, NULL, i);
		executor_join(o->x, &burst);
		if (r >> 32 & 1)
			usleep((useconds_t)(r >> 48) % 300);
	}
	return NULL;
}

static void test_executor(int workers)
{
	bool trees = true, flat = true, joined = true, outside = true, counted = true;
	uint64_t stolen = 0, sleeps = 0;
	for (uint64_t round = 0; round < ROUNDS; round++) {
		struct executor *x = executor_new(&(struct executor_setup){.workers = workers});
		if (!x)
			bail_out("no threads");
		struct forest f = {.seed = rng_at(seed, round)};

		forget();
		executor_submit(x, &f.all, node_main, &f, 0);
		executor_join(x, &f.all);
		trees = trees && each_once(ITEMS);

		forget();
		executor_submit(x, &f.all, producer_main, &f, ITEMS);
		executor_join(x, &f.all);
		flat = flat && each_once(ITEMS);

		struct branch root = {&f, ITEMS / 10, 0};
		executor_submit(x, &f.all, branch_main, &root, 0);
		executor_join(x, &f.all);
		joined = joined && root.counted == ITEMS / 10;

		uint64_t tasks = 0, n = ITEMS / 4;
		for (int w = 0; w < workers; w++) {
			struct executor_counts c = executor_counts(x, w);
			tasks += c.tasks;
			stolen += c.stolen;
			sleeps += c.sleeps;
		}
		/* The trees of `count`: each node but the root of a size <= 1 is one task, so only the rest is known exactly. */
		counted = counted && tasks >= 2 * ITEMS + 1;

		forget();
		struct outsider o[2] = {{.x = x, .first = 0, .last = n / 2}, {.x = x, .first = n / 2, .last = n}};
		for (int i = 0; i < 2; i++)
			pthread_create(&o[i].thread, NULL, outsider_main, &o[i]);
		for (int i = 0; i < 2; i++)
			pthread_join(o[i].thread, NULL);
		outside = outside && each_once(n);
		executor_free(x);
	}
	ok(trees, "executor, %d workers: each task of a tree once", workers);
	ok(flat, "executor, %d workers: each task of one producer once", workers);
	ok(joined, "executor, %d workers: tasks that wait for tasks see their results", workers);
	ok(outside, "executor, %d workers: bursts from two threads outside, with pauses", workers);
	ok(counted, "executor, %d workers: its counts (%llu stolen, %llu sleeps)", workers, (unsigned long long)stolen,
	   (unsigned long long)sleeps);
}

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void test_idle(void)
{
	struct executor *x = executor_new(&(struct executor_setup){.workers = 4});
	if (!x)
		bail_out("no threads");
	uint64_t sleeps = 0;
	for (int i = 0; i < 10000 && sleeps < 4; i++, usleep(1000)) {
		sleeps = 0;
		for (int w = 0; w < 4; w++)
			sleeps += executor_counts(x, w).sleeps;
	}
	double begin = cpu_seconds();
	usleep(300000);
	double used = cpu_seconds() - begin;
	executor_free(x);
	ok(used < 0.03, "executor: without tasks its workers sleep (%.4f s of processor time in 0.3 s)", used);
}

/* ---- ring ---- */

struct stream {
	struct ring *ring;
	uint64_t seed;
	size_t bytes;
	bool pauses;
};

static void *writer_main(void *arg)
{
	struct stream *s = arg;
	unsigned char piece[30000];
	for (size_t at = 0, k = 0; at < s->bytes; k++) {
		uint64_t r = rng_at(s->seed ^ 7, k);
		size_t n = r % 16 ? 1 + r % 200 : 1 + r / 16 % sizeof piece;
		n = n < s->bytes - at ? n : s->bytes - at;
		for (size_t i = 0; i < n; i++)
			piece[i] = (unsigned char)rng_at(s->seed, at + i);
		if (ring_write(s->ring, piece, n, -1) != n)
			return s;
		at += n;
		if (s->pauses && r >> 32 & 1)
			usleep((useconds_t)(r >> 50) % 500); /* long enough for the reader to fall asleep */
	}
	ring_close(s->ring);
	return NULL;
}

static void test_ring(void)
{
	bool good = true;
	uint64_t slept[2] = {0};
	for (uint64_t round = 0; round < 2 * ROUNDS && good; round++) {
		size_t capacity = (size_t)64 << rng_at(seed, round) % 8, at = 0, got;
		struct stream s = {ring_new(capacity), rng_at(seed, round), round % 2 ? 30000 : 10 * ITEMS, round % 2};
		unsigned char piece[777];
		pthread_t writer;
		void *failed;
		if (!s.ring || pthread_create(&writer, NULL, writer_main, &s))
			bail_out("no ring");
		for (size_t k = 0;; at += got, k++) {
			uint64_t r = rng_at(s.seed ^ 9, k);
			got = ring_read(s.ring, piece, 1 + r % sizeof piece, -1);
			for (size_t i = 0; i < got; i++)
				good = good && piece[i] == (unsigned char)rng_at(s.seed, at + i);
			if (got < 1 + r % sizeof piece)
				break;
			if (!s.pauses && r % 1024 == 0)
				usleep(200); /* now it is the writer that waits */
		}
		at += got;
		good = good && errno == EPIPE && at == s.bytes;
		pthread_join(writer, &failed);
		uint64_t w, r;
		ring_sleeps(s.ring, &w, &r);
		slept[0] += w;
		slept[1] += r;
		ring_free(s.ring);
		good = good && !failed;
	}
	ok(good, "ring: every byte in order, %d rounds (the writer slept %llu times, the reader %llu)", 2 * ROUNDS,
	   (unsigned long long)slept[0], (unsigned long long)slept[1]);

	struct ring *r = ring_new(64);
	unsigned char bytes[1000] = {0};
	size_t fit;
	if (!r)
		bail_out("no ring");
	errno = 0;
	ok(ring_read(r, bytes, 1, 1000000) == 0 && errno == ETIMEDOUT, "ring: a wait for a byte ends after its limit");
	fit = ring_write(r, bytes, 1000, 1000000);
	ok(fit >= 64 && fit < 1000 && errno == ETIMEDOUT, "ring: so does a wait for room, and tells how much was written");
	ring_close(r);
	ok(ring_read(r, bytes, 1000, -1) == fit && errno == EPIPE, "ring: what was written before the end is read");
	ok(ring_write(r, bytes, 1, -1) == 0 && errno == EPIPE, "ring: nothing is written after the end");
	ring_free(r);
}

static void *reader_main(void *arg)
{
	unsigned char byte;
	ring_read(arg, &byte, 1, -1);
	return NULL;
}

static void test_idle_ring(void)
{
	struct ring *r = ring_new(64);
	pthread_t reader;
	uint64_t w, slept = 0;
	if (!r || pthread_create(&reader, NULL, reader_main, r))
		bail_out("no ring");
	for (int i = 0; i < 10000 && !slept; i++, usleep(1000))
		ring_sleeps(r, &w, &slept);
	double begin = cpu_seconds();
	usleep(300000);
	double used = cpu_seconds() - begin;
	ring_close(r);
	pthread_join(reader, NULL);
	ring_free(r);
	ok(used < 0.03, "ring: a reader without a writer sleeps (%.4f s of processor time in 0.3 s)", used);
}

/* ---- barrier ---- */

enum { PHASES = ITEMS / 50 };

struct team {
	struct barrier barrier;
	int size, cell[8]; /* plain memory: the barrier alone keeps phases apart */
	atomic_int last, early;
};

struct member {
	struct team *team;
	int index;
	pthread_t thread;
};

static void *member_main(void *arg)
{
	struct member *me = arg;
	struct team *t = me->team;
	for (int phase = 1; phase <= PHASES; phase++) {
		t->cell[me->index] = phase;
		dawdle(rng_at(seed, (uint64_t)(phase * 8 + me->index)));
		if (barrier_wait(&t->barrier))
			atomic_fetch_add(&t->last, 1);
		for (int i = 0; i < t->size; i++)
			if (t->cell[i] != phase)
				atomic_fetch_add(&t->early, 1);
		barrier_wait(&t->barrier);
	}
	return NULL;
}

static void test_barrier(int size, int processors)
{
	static struct team team;
	struct member member[8];
	team.size = size;
	atomic_store(&team.last, 0);
	atomic_store(&team.early, 0);
	barrier_init(&team.barrier, size, processors, false);
	for (int i = 0; i < size; i++) {
		member[i] = (struct member){.team = &team, .index = i};
		if (pthread_create(&member[i].thread, NULL, member_main, &member[i]))
			bail_out("no thread");
	}
	for (int i = 0; i < size; i++)
		pthread_join(member[i].thread, NULL);
	ok(!team.early && team.last == PHASES, "barrier of %d on %d processors: nobody is early in %d phases, one is the last", size,
	   processors, PHASES);
}

int main(void)
{
	const char *given = getenv("SEED");
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	diag("SEED=%llu", (unsigned long long)seed);
	alarm(300);
	test_deque();
	int workers[] = {1, 2, 3, 8};
	for (int i = 0; i < 4; i++)
		test_executor(workers[i]);
	test_idle();
	test_ring();
	test_idle_ring();
	for (int i = 1; i <= 8; i *= 2) {
		test_barrier(i, 8);
		test_barrier(i, 1);
	}
	return tap_done();
}
