/* Why not a pthread condition: a process that is killed while it waits on one leaves it unusable for the others. Here who
 * waits owns nothing but its place in a count, and a wake-up that a dying process took along is made good by looking again
 * every RELOOK_NS. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include "kernels/runtime/futex.h"
#include "kernels/runtime/queue.h"

enum { RELOOK_NS = 100000000, WATCH_NS = 500000 };

/* Those who wait for one thing: room, or an item. */
struct crowd {
	_Atomic uint32_t calls; /* a futex word: changes when there is something for one of them */
	unsigned waiting;       /* under the lock */
};

struct queue {
	pthread_mutex_t lock;
	size_t slots, item_bytes, mapped, deepest;
	uint64_t in, out, waits; /* items that were put, taken; slot i % slots holds item i */
	struct crowd putters, getters;
	_Alignas(64) unsigned char items[];
};

struct queue *queue_new(size_t slots, size_t item_bytes)
{
	size_t bytes, mapped;
	if (slots == 0 || item_bytes == 0 || __builtin_mul_overflow(slots, item_bytes, &bytes) ||
	    __builtin_add_overflow(bytes, sizeof(struct queue), &mapped)) {
		errno = EINVAL;
		return NULL;
	}
	struct queue *q = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (q == MAP_FAILED)
		return NULL;
	q->slots = slots; /* all else is 0 */
	q->item_bytes = item_bytes;
	q->mapped = mapped;
	pthread_mutexattr_t how;
	int error = pthread_mutexattr_init(&how);
	if (!error) {
		pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
		pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
		error = pthread_mutex_init(&q->lock, &how);
		pthread_mutexattr_destroy(&how);
	}
	if (error) {
		munmap(q, mapped);
		errno = error;
		return NULL;
	}
	return q;
}

void queue_free(struct queue *q)
{
	if (q)
		munmap(q, q->mapped);
}

/* At no moment is what the lock guards broken, so there is nothing to mend after one who died. */
static void lock(struct queue *q)
{
	if (pthread_mutex_lock(&q->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&q->lock);
}

static int64_t clock_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool full(const struct queue *q) { return q->in - q->out == q->slots; }
static bool empty(const struct queue *q) { return q->in == q->out; }

/* With the lock held: gives it back, sleeps until called or for limit_ns, and takes it again. */
static void sleep_in(struct queue *q, struct crowd *c, int64_t limit_ns)
{
	uint32_t calls = atomic_load_explicit(&c->calls, memory_order_relaxed);
	c->waiting++;
	pthread_mutex_unlock(&q->lock);
	futex_wait(&c->calls, calls, true, limit_ns < 0 || limit_ns > RELOOK_NS ? RELOOK_NS : limit_ns);
	lock(q);
	c->waiting--;
}

/* Takes the lock and waits until `blocked` no longer holds. False, without the lock, with errno ETIMEDOUT. */
static bool lock_when_not(struct queue *q, bool (*blocked)(const struct queue *), struct crowd *c, int64_t limit_ns)
{
	int64_t end = limit_ns > 0 ? clock_ns() + limit_ns : 0;
	lock(q);
	if (!blocked(q))
		return true;
	q->waits++;
	for (int64_t left = limit_ns; blocked(q);) {
		if (limit_ns >= 0 && left <= 0) {
			pthread_mutex_unlock(&q->lock);
			errno = ETIMEDOUT;
			return false;
		}
		sleep_in(q, c, left);
		left = limit_ns < 0 ? -1 : end - clock_ns();
	}
	return true;
}

/* With the lock held: gives it back and wakes one of those who wait. */
static void unlock_and_call(struct queue *q, struct crowd *c)
{
	bool any = c->waiting > 0;
	if (any)
		atomic_fetch_add_explicit(&c->calls, 1, memory_order_relaxed);
	pthread_mutex_unlock(&q->lock);
	if (any)
		futex_wake(&c->calls, 1, true);
}

static unsigned char *slot(struct queue *q, uint64_t i) { return q->items + i % q->slots * q->item_bytes; }

bool queue_put(struct queue *q, const void *item, int64_t limit_ns)
{
	if (!lock_when_not(q, full, &q->putters, limit_ns))
		return false;
	memcpy(slot(q, q->in), item, q->item_bytes);
	atomic_signal_fence(memory_order_seq_cst); /* killed here: it was never put */
	q->in++;
	if (q->in - q->out > q->deepest)
		q->deepest = (size_t)(q->in - q->out);
	unlock_and_call(q, &q->getters);
	return true;
}

bool queue_get(struct queue *q, void *item, int64_t limit_ns)
{
	if (!lock_when_not(q, empty, &q->getters, limit_ns))
		return false;
	memcpy(item, slot(q, q->out), q->item_bytes);
	atomic_signal_fence(memory_order_seq_cst); /* killed here: it is still there */
	q->out++;
	unlock_and_call(q, &q->putters);
	return true;
}

struct queue_state queue_look(struct queue *q)
{
	lock(q);
	struct queue_state s = {.puts = q->in, .gets = q->out, .depth = (size_t)(q->in - q->out), .deepest = q->deepest,
				.putters = q->putters.waiting, .getters = q->getters.waiting, .waits = q->waits};
	pthread_mutex_unlock(&q->lock);
	return s;
}

/* Who ended is noted before the queue is looked at: one who ends in between is counted in neither place, and the sum is too
 * low, not too high. */
int queue_watch(struct queue *q, const pid_t *child, int children, bool *stuck)
{
	for (;;) {
		int left = 0;
		for (int i = 0; i < children; i++) {
			siginfo_t info = {0};
			stuck[i] = !waitid(P_PID, (id_t)child[i], &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid == 0;
			left += stuck[i];
		}
		struct queue_state s = queue_look(q);
		if (left == 0 || (s.depth == 0 && s.getters >= (unsigned)left))
			return left;
		nanosleep(&(struct timespec){.tv_nsec = WATCH_NS}, NULL);
	}
}
