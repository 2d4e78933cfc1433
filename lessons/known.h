/* Work whose answer is known without doing it, for lessons.
 *
 * Numbers whose squares add up to the very same sum in every order: odd multiples of 1/1024 below 1. A partial sum of their squares is a
 * multiple of 2^-20 and stays below 2^33 for up to 2^33 numbers, so that a double holds it without rounding.
 *
 * A chain x = A x + C of 64 bits, that no processor can shorten: one step takes about a nanosecond; but n steps at once are a step
 * again, found in log2(n) squarings (Knuth, The Art of Computer Programming 2, 3.3.4; constants of his MMIX). */
#ifndef LOCKSTEP_LESSONS_KNOWN_H
#define LOCKSTEP_LESSONS_KNOWN_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include "kernels/bench/clock.h"
#include "kernels/kernel.h"
#include "kernels/rng.h"

#define CHAIN_A UINT64_C(6364136223846793005)
#define CHAIN_C UINT64_C(1442695040888963407)

/* Room for n numbers, in large pages where the system has them: what fork copies is the table of pages. For free(); NULL with errno. */
static inline double *known_room(size_t n)
{
	size_t page = (size_t)2 << 20, bytes = n * sizeof(double), align = bytes < 2 * page ? 64 : page;
	double *x = aligned_alloc(align, (bytes / align + 1) * align);
	if (x && align == page)
		(void)madvise(x, bytes, MADV_HUGEPAGE); /* a wish; without it all is right, too */
	return x;
}

/* Fills x with n numbers; returns the sum of their squares, found with integers. */
static inline double known_numbers(double *x, size_t n, uint64_t seed)
{
	uint64_t exact = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t k = (rng_at(seed, i) & 1023) | 1;
		x[i] = (double)k * 0x1p-10;
		exact += k * k;
	}
	return (double)exact * 0x1p-20;
}

/* The sum of squares of a slice, eight sums at once: an addition need not wait for the one before. */
static inline double known_sum(const double *x, struct slice slice)
{
	double sum[8] = {0}, rest = 0;
	size_t i = slice.first;
	for (; slice.last - i >= 8; i += 8)
		for (size_t k = 0; k < 8; k++)
			sum[k] += x[i + k] * x[i + k];
	for (; i < slice.last; i++)
		rest += x[i] * x[i];
	for (int k = 0; k < 8; k++)
		rest += sum[k];
	return rest;
}

/* Takes n steps, one by one. */
static inline uint64_t chain_walk(uint64_t x, uint64_t n)
{
	for (; n > 0; n--)
		x = CHAIN_A * x + CHAIN_C;
	return x;
}

/* Where chain_walk arrives, without walking. */
static inline uint64_t chain_jump(uint64_t x, uint64_t n)
{
	for (uint64_t a = CHAIN_A, c = CHAIN_C; n > 0; n >>= 1, c = a * c + c, a *= a)
		if (n & 1)
			x = a * x + c;
	return x;
}

/* Sleeps so many nanoseconds, signals or not; returns how many it was. Where the wait is the work, not a way to let others go first. */
static inline int64_t known_wait(int64_t ns)
{
	int64_t began = now_ns(), end = began + ns;
	struct timespec until = {.tv_sec = end / 1000000000, .tv_nsec = end % 1000000000};
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
	return now_ns() - began;
}

#endif
