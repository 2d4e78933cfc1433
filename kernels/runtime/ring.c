#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include "kernels/runtime/futex.h"
#include "kernels/runtime/ring.h"

/* Short writes go into lines: 56 bytes and, in the same cache line, the word that tells that they are there. So the reader, who
 * looks at that word, gets the bytes with it; an index kept elsewhere would cost a second line on each message's way. A longer
 * write puts its bytes, piece by piece, into an area of their own, and into a line only how many they are. */
enum {
	LINE = 56,
	LONG = 4096,     /* writes of so many bytes take the area */
	PIECE = 1 << 14, /* bytes that are copied before the other side is told: both copy at the same time */
	EAGER = 2000,    /* looks one after another, some microseconds; */
	PATIENT = 2500,  /* the rest of so many looks with pauses between them, some ten microseconds in all */
	RETRY = 64,      /* every so many waits all of that is tried, whatever was learnt */
	LINES_MIN = 4, LINES_MAX = 1024,
	IN_AREA = 255,   /* in place of the number of bytes in the line */
};

struct line {
	_Alignas(64) _Atomic uint64_t head; /* (its number since the beginning + 1) * 256 + bytes: another number, not written yet */
	unsigned char bytes[LINE];
};

/* One side's own things, on cache lines that the other side reads only when it runs out of room. */
struct side {
	_Alignas(128) uint64_t at, area;         /* lines, and bytes of the area, written or read since the beginning */
	_Atomic uint64_t given_line, given_area; /* the reader's, as it last told; */
	uint64_t seen_line, seen_area;           /* as the writer last saw them */
	size_t taken;                            /* what the reader has of a line that it read in part */
	uint32_t waits, patience;                  /* how many looks pay */
	_Atomic uint64_t sleeps;
};

struct ring {
	struct side writer, reader;
	_Alignas(128) _Atomic uint32_t writer_asleep; /* futex words; apart, for each side looks at one after each message */
	_Atomic uint32_t reader_asleep, closed;
	size_t lines, capacity, mapped;
	unsigned char *bytes; /* the area; mapped at the same address on both sides */
	struct line line[];
};

struct ring *ring_new(size_t capacity)
{
	size_t lines = capacity / 64 < LINES_MIN ? LINES_MIN : capacity / 64 > LINES_MAX ? LINES_MAX : capacity / 64;
	size_t area = capacity < LONG ? 0 : capacity, bytes = sizeof(struct ring) + lines * sizeof(struct line) + area;
	struct ring *r = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r == MAP_FAILED)
		return NULL;
	r->lines = lines; /* all else is 0 */
	r->capacity = area;
	r->mapped = bytes;
	r->bytes = (unsigned char *)&r->line[lines];
	r->writer.patience = r->reader.patience = PATIENT;
	return r;
}

void ring_free(struct ring *r)
{
	if (r)
		munmap(r, r->mapped);
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

/* Waits until *word, which the other side will change, is no longer `seen`, or the ring is closed. False with errno ETIMEDOUT. */
static bool wait_for(struct ring *r, struct side *me, _Atomic uint64_t *word, uint64_t seen, _Atomic uint32_t *asleep, int64_t limit_ns)
{
	uint32_t looks = me->waits++ % RETRY == 0 ? PATIENT : me->patience;
	for (uint32_t i = 0; i < looks; i++) {
		if (atomic_load_explicit(word, memory_order_acquire) != seen) {
			me->patience = PATIENT;
			return true;
		}
		if (i % 16 == 15 && atomic_load_explicit(&r->closed, memory_order_acquire))
			return true;
		if (i >= EAGER)
			spin_pause();
	}
	me->patience /= 2;
	for (;;) {
		/* First say that it sleeps, then look again: the other side does the reverse, so one of the two notices. */
		atomic_store(asleep, 1);
		bool slept = false, late = false;
		if (atomic_load(word) == seen && !atomic_load(&r->closed)) {
			atomic_fetch_add_explicit(&me->sleeps, 1, memory_order_relaxed);
			late = !futex_wait(asleep, 1, true, limit_ns) && errno == ETIMEDOUT;
			slept = true;
		}
		bool moved = atomic_load(word) != seen || atomic_load(&r->closed);
		if (moved || late || !slept) {
			atomic_store(asleep, 0);
			errno = ETIMEDOUT;
			return moved;
		}
	}
}

/* ---- the writer ---- */

/* Whether line `at` is free, after waiting for it if need be. */
static bool line_free(struct ring *r, uint64_t at, int64_t limit_ns)
{
	struct side *me = &r->writer;
	while (at - me->seen_line == r->lines) {
		uint64_t seen = me->seen_line;
		me->seen_line = atomic_load_explicit(&r->reader.given_line, memory_order_acquire);
		if (me->seen_line != seen)
			break;
		if (atomic_load(&r->closed) || !wait_for(r, me, &r->reader.given_line, seen, &r->writer_asleep, limit_ns))
			return false;
	}
	return true;
}

/* The same for some room in the area: how many bytes there are, 0: none came. */
static size_t area_free(struct ring *r, uint64_t area, int64_t limit_ns)
{
	struct side *me = &r->writer;
	while (area - me->seen_area == r->capacity) {
		uint64_t seen = me->seen_area;
		me->seen_area = atomic_load_explicit(&r->reader.given_area, memory_order_acquire);
		if (me->seen_area != seen)
			break;
		if (atomic_load(&r->closed) || !wait_for(r, me, &r->reader.given_area, seen, &r->writer_asleep, limit_ns))
			return 0;
	}
	return r->capacity - (size_t)(area - me->seen_area);
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

size_t ring_write(struct ring *r, const void *from, size_t n, int64_t limit_ns)
{
	struct side *me = &r->writer;
	uint64_t at = me->at, area = me->area;
	const unsigned char *next = from;
	size_t done = 0;
	while (done < n) {
		struct line *line = &r->line[at & (r->lines - 1)];
		if (atomic_load_explicit(&r->closed, memory_order_acquire) || !line_free(r, at, limit_ns))
			break;
		size_t piece = least(n - done, LINE), mark = piece;
		if (n >= LONG && r->capacity) {
			size_t place = (size_t)area & (r->capacity - 1), room = area_free(r, area, limit_ns);
			if (!room)
				break;
			piece = least(least(n - done, PIECE), least(room, r->capacity - place));
			memcpy(r->bytes + place, next, piece);
			memcpy(line->bytes, &piece, sizeof piece);
			area += piece;
			mark = IN_AREA;
		} else if (piece == LINE) {
			memcpy(line->bytes, next, LINE);
		} else {
			memcpy(line->bytes, next, piece);
		}
		next += piece;
		done += piece;
		uint64_t head = ++at * 256 + mark;
		if (done < n && mark != IN_AREA && at - me->seen_line < r->lines) {
			atomic_store_explicit(&line->head, head, memory_order_release);
			continue;
		}
		atomic_store(&line->head, head); /* publishes the bytes; and then look who sleeps, not before */
		wake(&r->reader_asleep);
	}
	me->at = at;
	me->area = area;
	if (done < n && atomic_load(&r->closed))
		errno = EPIPE;
	return done;
}

/* ---- the reader ---- */

/* Gives back what was read, a quarter at a time: then a writer that waits for room always has one more give-back before it. */
static void give_back(struct ring *r, uint64_t at, uint64_t area)
{
	struct side *me = &r->reader;
	uint64_t lines = at - atomic_load_explicit(&me->given_line, memory_order_relaxed);
	uint64_t bytes = area - atomic_load_explicit(&me->given_area, memory_order_relaxed);
	me->at = at;
	me->area = area;
	if (lines < r->lines / 4 && bytes <= r->capacity / 4)
		return;
	atomic_store_explicit(&me->given_area, area, memory_order_release);
	atomic_store(&me->given_line, at);
	wake(&r->writer_asleep);
}

/* The head of the line that is read next, after waiting for it if need be; 0 with errno: none came. */
static uint64_t next_head(struct ring *r, uint64_t at, int64_t limit_ns)
{
	_Atomic uint64_t *word = &r->line[at & (r->lines - 1)].head;
	uint64_t head = atomic_load_explicit(word, memory_order_acquire);
	if (head / 256 == at + 1)
		return head;
	for (;;) {
		bool closed = atomic_load(&r->closed); /* before the last look: the last bytes came before the end */
		head = atomic_load(word);
		if (head / 256 == at + 1)
			return head;
		if (closed)
			errno = EPIPE;
		if (closed || !wait_for(r, &r->reader, word, head, &r->reader_asleep, limit_ns))
			return 0;
	}
}

size_t ring_read(struct ring *r, void *to, size_t n, int64_t limit_ns)
{
	struct side *me = &r->reader;
	uint64_t at = me->at, area = me->area;
	unsigned char *next = to;
	size_t done = 0;
	while (done < n) {
		const struct line *line = &r->line[at & (r->lines - 1)];
		uint64_t head = next_head(r, at, limit_ns);
		if (!head)
			break;
		size_t there = head % 256, piece;
		if (there == IN_AREA) {
			memcpy(&there, line->bytes, sizeof there);
			piece = least(there - me->taken, n - done);
			memcpy(next, r->bytes + ((size_t)(area + me->taken) & (r->capacity - 1)), piece);
			area += me->taken + piece == there ? there : 0; /* a piece is given back whole */
		} else {
			piece = least(there - me->taken, n - done);
			if (piece == LINE)
				memcpy(next, line->bytes, LINE);
			else
				memcpy(next, line->bytes + me->taken, piece);
		}
		next += piece;
		done += piece;
		me->taken += piece;
		if (me->taken < there)
			break;
		me->taken = 0;
		give_back(r, ++at, area);
	}
	return done;
}
