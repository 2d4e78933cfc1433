/* The bounded queue under stress, among threads and among processes: each item comes out exactly once, in order, whole, also
 * when those who use it are killed in the middle. Run under ThreadSanitizer as well (t8-sanitizers). SEED=N repeats a run; a
 * hang is ended by SIGALRM. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "kernels/rng.h"
#include "kernels/runtime/queue.h"
#include "tests/tap.h"

#ifdef SANITIZED
enum { ROUNDS = 4, ITEMS = 3000, KILLS = 8 };
#else
enum { ROUNDS = 12, ITEMS = 20000, KILLS = 40 };
#endif
enum { MOST = 4, WORDS = 5 };

static uint64_t seed;

/* An item whose words belong together, so that a torn one is seen. */
struct item {
	uint64_t from, number, check[WORDS];
};

static struct item item_of(uint64_t from, uint64_t number)
{
	struct item it = {.from = from, .number = number};
	for (int i = 0; i < WORDS; i++)
		it.check[i] = rng_at(from + 77, number * WORDS + (uint64_t)i);
	return it;
}

static bool whole(const struct item *it)
{
	struct item same = item_of(it->from, it->number);
	return !memcmp(&same, it, sizeof same);
}

/* A little random dawdling, so that other interleavings come about than those of a tight loop. */
static void dawdle(uint64_t r)
{
	if (r % 64 == 0)
		sched_yield();
	if (r % 4096 == 1)
		usleep(100);
	for (volatile uint64_t i = r % 7; i; i--)
		;
}

/* ---- threads ---- */

struct field {
	struct queue *queue;
	atomic_int seen[MOST][ITEMS];
	atomic_int torn, out_of_order;
};

struct player {
	struct field *field;
	uint64_t index;
	bool polls; /* asks with a limit, again and again, instead of waiting */
	pthread_t thread;
};

static void *put_all(void *arg)
{
	struct player *me = arg;
	for (uint64_t i = 0; i < ITEMS; i++) {
		struct item it = item_of(me->index, i);
		while (!queue_put(me->field->queue, &it, me->polls ? (int64_t)(i % 3) * 1000 : -1))
			sched_yield();
		dawdle(rng_at(seed ^ me->index, i));
	}
	return NULL;
}

static void *get_all(void *arg)
{
	struct player *me = arg;
	struct field *f = me->field;
	uint64_t next[MOST] = {0};
	for (uint64_t i = 0;; i++) {
		struct item it;
		while (!queue_get(f->queue, &it, me->polls ? (int64_t)(i % 3) * 1000 : -1))
			sched_yield();
		if (it.from == MOST)
			return NULL; /* the sentinel */
		if (!whole(&it) || it.from > MOST || it.number >= ITEMS) {
			atomic_fetch_add(&f->torn, 1);
			continue;
		}
		if (it.number < next[it.from]) /* of one producer each consumer sees an ascending part */
			atomic_fetch_add(&f->out_of_order, 1);
		next[it.from] = it.number + 1;
		atomic_fetch_add(&f->seen[it.from][it.number], 1);
		dawdle(rng_at(seed ^ (me->index + 9), i));
	}
}

static void start(struct player *p, struct field *f, int index, bool polls, void *(*play)(void *))
{
	*p = (struct player){f, (uint64_t)index, polls, 0};
	if (pthread_create(&p->thread, NULL, play, p))
		bail_out("no thread");
}

static void test_threads(void)
{
	static struct field f;
	bool once = true;
	uint64_t waits = 0;
	for (uint64_t round = 0; round < ROUNDS && once; round++) {
		uint64_t r = rng_at(seed, round);
		int producers = 1 + (int)(r % MOST), consumers = 1 + (int)((r >> 8) % MOST);
		size_t slots = 1 + (size_t)(r >> 16) % 20;
		struct player producer[MOST], consumer[MOST];
		memset(&f, 0, sizeof f);
		f.queue = queue_new(slots, sizeof(struct item));
		if (!f.queue)
			bail_out("no queue");
		for (int i = 0; i < consumers; i++)
			start(&consumer[i], &f, i, r >> (20 + i) & 1, get_all);
		for (int i = 0; i < producers; i++)
			start(&producer[i], &f, i, r >> (30 + i) & 1, put_all);
		for (int i = 0; i < producers; i++)
			pthread_join(producer[i].thread, NULL);
		struct item end = item_of(MOST, 0);
		for (int i = 0; i < consumers; i++)
			queue_put(f.queue, &end, -1);
		for (int i = 0; i < consumers; i++)
			pthread_join(consumer[i].thread, NULL);
		struct queue_state s = queue_look(f.queue);
		uint64_t all = (uint64_t)producers * ITEMS + (uint64_t)consumers;
		once = s.puts == all && s.gets == all && s.depth == 0 && s.deepest <= slots && s.putters == 0 && s.getters == 0;
		if (!once)
			diag("round %d: %llu put, %llu taken of %llu", (int)round, (unsigned long long)s.puts,
			     (unsigned long long)s.gets, (unsigned long long)all);
		for (int p = 0; p < producers; p++)
			for (int i = 0; i < ITEMS && once; i++)
				if (!(once = atomic_load(&f.seen[p][i]) == 1))
					diag("round %d: item %d of producer %d was seen %d times", (int)round, i, p, f.seen[p][i]);
		waits += s.waits;
		queue_free(f.queue);
		if (f.torn || f.out_of_order)
			break;
	}
	ok(once, "threads: each item comes out exactly once, %d rounds (%llu waits)", ROUNDS, (unsigned long long)waits);
	ok(!f.torn && !f.out_of_order, "threads: whole, and those of one producer in their order");
}

/* ---- processes, some of them killed ---- */

struct board {
	_Atomic uint64_t put[MOST], torn, got;
};

static void hammer(struct queue *q, struct board *b, uint64_t me, uint64_t from)
{
	struct item it;
	for (uint64_t i = from;; i++) {
		it = item_of(me, i);
		if (queue_put(q, &it, 1000))
			atomic_fetch_add(&b->put[me], 1);
		if (queue_get(q, &it, 1000)) {
			atomic_fetch_add(&b->got, 1);
			if (!whole(&it))
				atomic_fetch_add(&b->torn, 1);
		}
	}
}

static void test_killed(void)
{
	struct board *b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct queue *q = queue_new(3, sizeof(struct item));
	pid_t child[MOST] = {0};
	if (b == MAP_FAILED || !q)
		bail_out("no shared memory");
	for (uint64_t k = 0; k < KILLS + MOST; k++) {
		pid_t *c = &child[k % MOST];
		if (*c > 0) { /* anywhere: inside the lock, asleep, while it copies */
			kill(*c, SIGKILL);
			waitpid(*c, NULL, 0);
		}
		if (k >= KILLS) {
			*c = 0;
			continue;
		}
		*c = fork();
		if (*c == 0)
			hammer(q, b, k % MOST, k << 32);
		usleep((useconds_t)(rng_at(seed, k) % 5000));
	}
	struct queue_state s = queue_look(q);
	struct item it;
	bool good = s.depth == s.puts - s.gets && s.depth <= 3;
	for (size_t left = s.depth; left > 0; left--)
		good = queue_get(q, &it, 0) && whole(&it) && good;
	ok(good && b->torn == 0, "processes killed anywhere leave the queue whole (%d of them, %llu items passed)", KILLS,
	   (unsigned long long)b->got);
	for (uint64_t i = 0; i < 50; i++) {
		it = item_of(1, i);
		good = queue_put(q, &it, 0) && queue_get(q, &it, 0) && whole(&it) && it.number == i && good;
	}
	ok(good, "and it goes on working");
	queue_free(q);
	munmap(b, sizeof *b);
}

/* A wake-up that was meant for one who died reaches the other: within the time of a second look. */
static void test_woken_and_killed(void)
{
	struct queue *q = queue_new(4, sizeof(uint64_t));
	uint64_t value = 0;
	pid_t first = fork();
	if (first == 0) {
		queue_get(q, &value, -1);
		_exit(0);
	}
	for (int i = 0; i < 10000 && queue_look(q).getters < 1; i++)
		usleep(1000);
	kill(first, SIGSTOP); /* called, but can't come; the kernel counts it as woken */
	pid_t second = fork();
	if (second == 0)
		_exit(queue_get(q, &value, -1) ? (int)value : 99);
	for (int i = 0; i < 10000 && queue_look(q).getters < 2; i++)
		usleep(1000);
	value = 7;
	queue_put(q, &value, -1);
	kill(first, SIGKILL);
	waitpid(first, NULL, 0);
	int status = -1;
	waitpid(second, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 7, "an item is not forgotten when the one who was called for it dies");
	queue_free(q);
}

/* Consumers without enough sentinels: exactly those who got none are found, never one that still works. */
static void test_watch(void)
{
	bool good = true;
	for (uint64_t round = 0; round < ROUNDS && good; round++) {
		uint64_t r = rng_at(seed ^ 5, round), items = (r >> 8) % 40;
		int consumers = 1 + (int)(r % MOST), sentinels = (int)((r >> 16) % (uint64_t)(consumers + 1)), found = 0;
		struct queue *q = queue_new(5, sizeof(uint64_t));
		void *common = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		_Atomic uint64_t *done = common;
		pid_t child[MOST];
		bool stuck[MOST];
		for (int i = 0; i < consumers; i++)
			if ((child[i] = fork()) == 0)
				for (uint64_t v = 0;;) {
					if (!queue_get(q, &v, -1) || v == UINT64_MAX)
						_exit(0);
					usleep((useconds_t)(rng_at(v, round) % 2000));
					atomic_fetch_add(done, 1);
				}
		for (uint64_t v = 0; v < items; v++)
			queue_put(q, &v, -1);
		for (int i = 0; i < sentinels; i++)
			queue_put(q, &(uint64_t){UINT64_MAX}, -1);
		int left = queue_watch(q, child, consumers, stuck);
		good = left == consumers - sentinels && atomic_load(done) == items;
		for (int i = 0; i < consumers; i++) {
			int status = -1;
			found += stuck[i];
			if (stuck[i])
				kill(child[i], SIGKILL);
			waitpid(child[i], &status, 0);
			good = good && stuck[i] == !WIFEXITED(status);
		}
		good = good && found == left;
		if (!good)
			diag("round %d: %d consumers, %d sentinels, %d found, %llu of %llu items done", (int)round, consumers, sentinels,
			     left, (unsigned long long)atomic_load(done), (unsigned long long)items);
		munmap(common, sizeof(uint64_t));
		queue_free(q);
	}
	ok(good, "who waits for ever is found, and nobody else");
}

static void test_edges(void)
{
	uint64_t v = 1;
	struct queue *q = queue_new(2, sizeof v);
	if (!q)
		bail_out("no queue");
	errno = 0;
	ok(!queue_get(q, &v, 0) && errno == ETIMEDOUT && v == 1, "an empty queue gives nothing, and says so");
	errno = 0;
	ok(!queue_get(q, &v, 2000000) && errno == ETIMEDOUT, "a wait for an item ends after its limit");
	for (v = 10; v < 12; v++)
		queue_put(q, &v, -1);
	errno = 0;
	ok(!queue_put(q, &v, 0) && errno == ETIMEDOUT && !queue_put(q, &v, 2000000) && errno == ETIMEDOUT,
	   "a full queue takes nothing, at once or after the limit");
	struct queue_state s = queue_look(q);
	ok(s.depth == 2 && s.deepest == 2 && s.puts == 2 && s.gets == 0 && s.putters == 0 && s.getters == 0 && s.waits == 4,
	   "what it tells of itself");
	bool first = queue_get(q, &v, 0) && v == 10, second = queue_get(q, &v, 0) && v == 11;
	ok(first && second && queue_look(q).depth == 0, "first in, first out");
	queue_free(q);
	errno = 0;
	ok(!queue_new(0, 8) && errno == EINVAL && !queue_new(8, 0) && !queue_new(SIZE_MAX / 2, 4), "no queue of no size, none of an absurd one");
	queue_free(NULL);
}

static void *get_one(void *arg)
{
	uint64_t v;
	queue_get(arg, &v, -1);
	return NULL;
}

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void test_idle(void)
{
	struct queue *q = queue_new(1, sizeof(uint64_t));
	pthread_t getter;
	uint64_t v = 0;
	if (!q || pthread_create(&getter, NULL, get_one, q))
		bail_out("no thread");
	for (int i = 0; i < 10000 && !queue_look(q).getters; i++)
		usleep(1000);
	double begin = cpu_seconds();
	usleep(300000);
	double used = cpu_seconds() - begin;
	queue_put(q, &v, -1);
	pthread_join(getter, NULL);
	queue_free(q);
	ok(used < 0.03, "who waits sleeps (%.4f s of processor time in 0.3 s)", used);
}

int main(void)
{
	const char *given = getenv("SEED");
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	diag("SEED=%llu", (unsigned long long)seed);
	alarm(120);
	test_edges();
	test_threads();
	test_killed();
	test_woken_and_killed();
	test_watch();
	test_idle();
	return tap_done();
}
