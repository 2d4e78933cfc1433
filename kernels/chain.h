/* Work of a given length for kernels whose subject is not the work: a chain x = A x + C (mod 2^64) of `steps` steps, about 1 ns
 * each, that no processor can shorten, and where it leads, found independently by jumping ahead in log2(steps) squarings of
 * the step. Constants: Knuth's MMIX, The Art of Computer Programming 2, 3.3.4; jumping ahead: Brown, ANS Transactions 71, 1994. */
#ifndef LOCKSTEP_CHAIN_H
#define LOCKSTEP_CHAIN_H

#include <stdint.h>

#define CHAIN_A UINT64_C(6364136223846793005)
#define CHAIN_C UINT64_C(1442695040888963407)

static inline uint64_t chain_walk(uint64_t x, uint64_t steps)
{
	for (; steps > 0; steps--)
		x = CHAIN_A * x + CHAIN_C;
	return x;
}

/* (a, c) after itself is (a a, a c + c). */
static inline uint64_t chain_jump(uint64_t x, uint64_t steps)
{
	for (uint64_t a = CHAIN_A, c = CHAIN_C; steps > 0; steps >>= 1, c = a * c + c, a *= a)
		if (steps & 1)
			x = a * x + c;
	return x;
}

#endif
