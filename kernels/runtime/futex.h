/* To sleep until a word of memory changes, and to wake those who do: the kernel's futex (man 2 futex; Franke, Russell and
 * Kirkwood, "Fuss, futexes and furwocks", OLS 2002), on which every lock of the C library stands.
 *
 *     while (atomic_load(&word) == old)          the sleeper looks, and sleeps only if the word is still what it saw:
 *         futex_wait(&word, old, false, -1);     the kernel compares again, so no wake-up is lost in between
 *
 *     atomic_store(&word, changed);              the other changes the word first and wakes then
 *     futex_wake(&word, 1, false);
 *
 * A wait may also end for no reason (a signal, a wake-up meant for an earlier sleeper): the condition is looked at again. */
#ifndef LOCKSTEP_FUTEX_H
#define LOCKSTEP_FUTEX_H

#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Sleeps while *word == seen, `limit_ns` nanoseconds at most (< 0: without limit). `shared`: the word lies in memory that
 * several processes map. False with errno: EAGAIN when the word was another, EINTR, ETIMEDOUT. */
static inline bool futex_wait(_Atomic uint32_t *word, uint32_t seen, bool shared, int64_t limit_ns)
{
	struct timespec limit = {.tv_sec = limit_ns / 1000000000, .tv_nsec = limit_ns % 1000000000};
	return !syscall(SYS_futex, word, shared ? FUTEX_WAIT : FUTEX_WAIT_PRIVATE, seen, limit_ns < 0 ? NULL : &limit, NULL, 0);
}

/* Wakes up to `count` sleepers. */
static inline void futex_wake(_Atomic uint32_t *word, int count, bool shared)
{
	syscall(SYS_futex, word, shared ? FUTEX_WAKE : FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

/* One turn of a loop that waits for another processor: tells this one not to guess ahead, and to leave its power and its
 * execution units to the other thread on the same core. */
static inline void spin_pause(void)
{
#if defined __x86_64__
	__builtin_ia32_pause();
#elif defined __aarch64__
	__asm__ volatile("isb" ::: "memory");
#else
	atomic_signal_fence(memory_order_seq_cst);
#endif
}

#endif
