/* A stream of bytes from one process (or thread) to another through memory that both map: as a pipe, but nothing passes
 * through the kernel. One writer and one reader; for a conversation take two rings.
 *
 *     struct ring *r = ring_new(1 << 16);       before fork
 *     child:   ring_write(r, text, n, -1);  ring_close(r);
 *     parent:  ring_read(r, text, n, -1);
 *     ring_free(r);                             in each process; the last one gives the memory back
 *
 * Who waits looks for a while (an answer from another core comes within a microsecond), then sleeps on a futex, so that a
 * reader without a writer costs nothing. How long it looks is learnt: where looking did not help (both on one core), it soon
 * sleeps at once, and tries again now and then.
 *
 * Lamport, "Specifying concurrent program modules", TOPLAS 1983 (one writer and one reader need no lock); each side keeps a
 * copy of the other's index and looks at the real one only when the copy leaves no room (MCRingBuffer, IPDPS 2010); that bytes are there
 * is told beside them (FastForward, PPoPP 2008). */
#ifndef LOCKSTEP_RING_H
#define LOCKSTEP_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring;

/* For about `capacity` bytes, a power of two >= 64; for long messages some times their length is best. NULL with errno. */
struct ring *ring_new(size_t capacity);
void ring_free(struct ring *r); /* NULL is allowed */

/* Writes all n bytes, in pieces where there is not room for all; waits for room `limit_ns` nanoseconds at most without any
 * progress (< 0: for ever). Returns how many were written: fewer than n with errno EPIPE (closed) or ETIMEDOUT. */
size_t ring_write(struct ring *r, const void *from, size_t n, int64_t limit_ns);
/* Reads n bytes; fewer with errno EPIPE when the other side closed and nothing is left, or ETIMEDOUT. */
size_t ring_read(struct ring *r, void *to, size_t n, int64_t limit_ns);

/* Either side: nothing more will be written or read. Wakes the other side. */
void ring_close(struct ring *r);

/* How often each side slept so far. */
void ring_sleeps(const struct ring *r, uint64_t *writer, uint64_t *reader);

#endif
