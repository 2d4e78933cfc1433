#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include "kernels/runtime/futex.h"
#include "kernels/runtime/ring.h"

enum {
	PIECE = 1 << 14, /* bytes that are copied before the other side is told: both copy at the same time */
	EAGER = 2000,    /* looks one after another, some microseconds; */
	PATIENT = 2500,  /* the rest of so many looks with pauses between them, some ten microseconds in all */
	RETRY = 64,      /* every so many waits all of that is tried, whatever was learnt */
};

/* One side's own things, on cache lines that the other side reads only when it runs out of room or bytes. */
struct side {
	_Alignas(128) _Atomic uint64_t at; /* bytes written or read since the beginning */
	uint64_t other;                    /* the other side's `at` as last seen */
	uint32_t waits, patience;          /* how many looks pay */
	_Atomic uint64_t sleeps;
};

struct ring {
	struct side writer, reader;
	_Alignas(128) _Atomic uint32_t writer_asleep; /* futex words; apart, for each side looks at one after each message */
	_Atomic uint32_t reader_asleep, closed;
	size_t capacity;
	_Alignas(128) unsigned char bytes[];
};

struct ring *ring_new(size_t capacity)
{
	struct ring *r = mmap(NULL, sizeof *r + capacity, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r == MAP_FAILED)
		return NULL;
	r->capacity = capacity; /* all else is 0 */
	r->writer.patience = r->reader.patience = PATIENT;
	return r;
}

void ring_free(struct ring *r)
{
	if (r)
		munmap(r, sizeof *r + r->capacity);
}

static void wake(_Atomic uint32_t *asleep)
{
	if (atomic_load(asleep) && atomic_exchange(asleep, 0))
		futex_wake(asleep, 1, true);
}

void ring_close(struct ring *r)
{
	atomic_store(&r->closed, 1);
	wake(&r->writer_asleep);
	wake(&r->reader_asleep);
}

void ring_sleeps(const struct ring *r, uint64_t *writer, uint64_t *reader)
{
	*writer = atomic_load(&r->writer.sleeps);
	*reader = atomic_load(&r->reader.sleeps);
}

/* Waits until the other side has moved on from where `me` saw it last, or closed. False with errno ETIMEDOUT. */
static bool wait_for(struct ring *r, struct side *me, struct side *they, _Atomic uint32_t *asleep, int64_t limit_ns)
{
	uint32_t looks = me->waits++ % RETRY == 0 ? PATIENT : me->patience;
	for (uint32_t i = 0; i < looks; i++) {
		if (atomic_load_explicit(&they->at, memory_order_acquire) != me->other) {
			me->patience = PATIENT;
			return true;
		}
		if (atomic_load_explicit(&r->closed, memory_order_acquire))
			return true;
		if (i >= EAGER)
			spin_pause();
	}
	me->patience /= 2;
	for (;;) {
		/* First say that it sleeps, then look again: the other side does the reverse, so one of the two notices. */
		atomic_store(asleep, 1);
		bool slept = false, late = false;
		if (atomic_load(&they->at) == me->other && !atomic_load(&r->closed)) {
			atomic_fetch_add_explicit(&me->sleeps, 1, memory_order_relaxed);
			late = !futex_wait(asleep, 1, true, limit_ns) && errno == ETIMEDOUT;
			slept = true;
		}
		bool moved = atomic_load(&they->at) != me->other || atomic_load(&r->closed);
		if (moved || late || !slept) {
			atomic_store(asleep, 0);
			errno = ETIMEDOUT;
			return moved;
		}
	}
}

size_t ring_write(struct ring *r, const void *from, size_t n, int64_t limit_ns)
{
	struct side *me = &r->writer;
	uint64_t at = atomic_load_explicit(&me->at, memory_order_relaxed);
	size_t done = 0;
	while (done < n) {
		if (atomic_load_explicit(&r->closed, memory_order_acquire)) {
			errno = EPIPE;
			break;
		}
		size_t room = r->capacity - (size_t)(at - me->other);
		if (room == 0) {
			me->other = atomic_load_explicit(&r->reader.at, memory_order_acquire);
			if (at - me->other == r->capacity && !wait_for(r, me, &r->reader, &r->writer_asleep, limit_ns))
				break;
			me->other = atomic_load_explicit(&r->reader.at, memory_order_acquire);
			continue;
		}
		size_t place = (size_t)at & (r->capacity - 1), piece = n - done;
		piece = piece < room ? piece : room;
		piece = piece < r->capacity - place ? piece : r->capacity - place;
		piece = piece < PIECE ? piece : PIECE;
		memcpy(r->bytes + place, (const unsigned char *)from + done, piece);
		at += piece;
		done += piece;
		atomic_store(&me->at, at); /* publishes the bytes; and then look who sleeps, not before */
		wake(&r->reader_asleep);
	}
	return done;
}

size_t ring_read(struct ring *r, void *to, size_t n, int64_t limit_ns)
{
	struct side *me = &r->reader;
	uint64_t at = atomic_load_explicit(&me->at, memory_order_relaxed);
	size_t done = 0;
	while (done < n) {
		size_t there = (size_t)(me->other - at);
		if (there == 0) {
			/* First whether it is closed, then what was written: the last bytes came before the end. */
			bool closed = atomic_load(&r->closed);
			me->other = atomic_load_explicit(&r->writer.at, memory_order_acquire);
			if (me->other != at)
				continue;
			if (closed) {
				errno = EPIPE;
				break;
			}
			if (!wait_for(r, me, &r->writer, &r->reader_asleep, limit_ns))
				break;
			continue;
		}
		size_t place = (size_t)at & (r->capacity - 1), piece = n - done;
		piece = piece < there ? piece : there;
		piece = piece < r->capacity - place ? piece : r->capacity - place;
		piece = piece < PIECE ? piece : PIECE;
		memcpy((unsigned char *)to + done, r->bytes + place, piece);
		at += piece;
		done += piece;
		atomic_store(&me->at, at); /* gives the room back */
		wake(&r->writer_asleep);
	}
	return done;
}
