/* A barrier: nobody goes on before all have come. Central, with a phase that turns over ("sense reversing": Hensgen, Finkel
 * and Manber 1988; Mellor-Crummey and Scott, "Algorithms for scalable synchronization", TOCS 1991, algorithm 7): the last one
 * to come resets the count and changes the phase, and all others wait for that one word. Who waits looks for a while and then
 * sleeps, so that more threads than processors do no harm.
 *
 *     struct barrier b;  barrier_init(&b, 4, processors, false);
 *     barrier_wait(&b);                           in each of the four, as often as one likes
 *
 * What was written before the barrier is seen behind it. May lie in memory that processes share (then `shared`). */
#ifndef LOCKSTEP_BARRIER_H
#define LOCKSTEP_BARRIER_H

#include "kernels/runtime/futex.h"

enum { BARRIER_LOOKS = 4000, BARRIER_EAGER = 1000 };

struct barrier {
	_Alignas(64) _Atomic uint32_t left; /* who have not come yet */
	_Alignas(64) _Atomic uint32_t phase; /* a futex word */
	_Atomic uint32_t sleepers;
	uint32_t all, looks;
	bool shared;
};

/* Looking is worth while only where all can run at once: with fewer processors than threads it sleeps soon. */
static inline void barrier_init(struct barrier *b, int all, int processors, bool shared)
{
	atomic_init(&b->left, (uint32_t)all);
	atomic_init(&b->phase, 0);
	atomic_init(&b->sleepers, 0);
	b->all = (uint32_t)all;
	b->looks = all > processors ? 50 : BARRIER_LOOKS;
	b->shared = shared;
}

//> barrier_wait
/* True in one of them: the last one. */
static inline bool barrier_wait(struct barrier *b)
{
	uint32_t phase = atomic_load_explicit(&b->phase, memory_order_relaxed); /* can't turn over before this thread has come */
	if (atomic_fetch_sub(&b->left, 1) == 1) {
		atomic_store_explicit(&b->left, b->all, memory_order_relaxed); /* before the phase: others may come back at once */
		atomic_store(&b->phase, phase + 1);
		if (atomic_load(&b->sleepers))
			futex_wake(&b->phase, INT32_MAX, b->shared);
		return true;
	}
	for (uint32_t i = 0; i < b->looks; i++) {
		if (atomic_load_explicit(&b->phase, memory_order_acquire) != phase)
			return false;
		if (i >= BARRIER_EAGER)
			spin_pause();
	}
	atomic_fetch_add(&b->sleepers, 1);
	while (atomic_load(&b->phase) == phase)
		futex_wait(&b->phase, phase, b->shared, -1);
	atomic_fetch_sub(&b->sleepers, 1);
	return false;
}
//< barrier_wait

#endif
