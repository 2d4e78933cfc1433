/* The gates of kernels/state_vector.c in vectors: a Hadamard, a swap of partners, two or three Hadamards in registers, and
 * the loop over the gates of a tile. */
#ifdef SIMD_PASS

#define AT(i) (*(vf64_any *)(x + (i)))

//> simd
/* x holds n doubles, real and imaginary parts in turn; partners are `stride` doubles apart. */
SIMD_TARGET static void SIMD(hadamard)(double *x, size_t n, size_t stride)
{
	if (stride >= LANES) {
		for (size_t i = 0; i < n / 2; i += LANES) {
			size_t k = open_bit(i, stride);
			vf64 a = AT(k) * SQRT_HALF, b = AT(k + stride);
			AT(k) = a + b * SQRT_HALF;
			AT(k + stride) = a - b * SQRT_HALF;
		}
		return;
	}
	vi64 partner = {0}; /* both partners are in one vector */
	vf64 own = {0};
	for (size_t lane = 0; lane < LANES; lane++) {
		partner[lane] = (int64_t)(lane ^ stride);
		own[lane] = lane & stride ? -SQRT_HALF : SQRT_HALF;
	}
	for (size_t i = 0; i < n; i += LANES) {
		vf64 v = AT(i);
		AT(i) = v * own + __builtin_shuffle(v, partner) * SQRT_HALF;
	}
}

/* Swaps partners `stride` apart where the index has the bit `control`; 0: everywhere. */
SIMD_TARGET static void SIMD(swap_if)(double *x, size_t n, size_t stride, size_t control)
{
	if (stride >= LANES && (control >= LANES || !control)) {
		size_t low = stride < control ? stride : control, high = stride ^ control ^ low;
		for (size_t i = 0; i < (control ? n / 4 : n / 2); i += LANES) {
			size_t k = control ? open_bit(open_bit(i, low), high) + control : open_bit(i, stride);
			vf64 a = AT(k), b = AT(k + stride);
			AT(k) = b;
			AT(k + stride) = a;
		}
	} else if (stride >= LANES) { /* some lanes of a vector are swapped with the same lanes of its partner */
		vi64 first = {0}, second = {0};
		for (size_t lane = 0; lane < LANES; lane++) {
			first[lane] = (int64_t)(lane & control ? lane + LANES : lane);
			second[lane] = (int64_t)(lane & control ? lane : lane + LANES);
		}
		for (size_t i = 0; i < n / 2; i += LANES) {
			size_t k = open_bit(i, stride);
			vf64 a = AT(k), b = AT(k + stride);
			AT(k) = __builtin_shuffle(a, b, first);
			AT(k + stride) = __builtin_shuffle(a, b, second);
		}
	} else { /* partners in one vector */
		bool chosen = control >= LANES; /* whole vectors have the control bit, or not */
		vi64 from = {0};
		for (size_t lane = 0; lane < LANES; lane++)
			from[lane] = (int64_t)(chosen || !control || lane & control ? lane ^ stride : lane);
		for (size_t i = 0; i < (chosen ? n / 2 : n); i += LANES) {
			size_t k = chosen ? open_bit(i, control) + control : i;
			AT(k) = __builtin_shuffle(AT(k), from);
		}
	}
}
//< simd

//> fused
/* Two or three Hadamards on different qubits: four or eight partners are loaded, combined in registers, and stored once. */
SIMD_TARGET static void SIMD(hadamard_two)(double *x, size_t n, size_t s, size_t t)
{
	for (size_t i = 0; i < n / 4; i += LANES) {
		size_t k = open_bit(open_bit(i, s), t); /* s < t */
		vf64 a = AT(k), b = AT(k + s), c = AT(k + t), d = AT(k + s + t);
		vf64 ab = a + b, cd = c + d, a_b = a - b, c_d = c - d;
		AT(k) = (ab + cd) * 0.5;
		AT(k + s) = (a_b + c_d) * 0.5;
		AT(k + t) = (ab - cd) * 0.5;
		AT(k + s + t) = (a_b - c_d) * 0.5;
	}
}

SIMD_TARGET static void SIMD(hadamard_three)(double *x, size_t n, size_t s, size_t t, size_t u)
{
	size_t at[8];
	for (size_t j = 0; j < 8; j++)
		at[j] = (j & 1 ? s : 0) + (j & 2 ? t : 0) + (j & 4 ? u : 0);
	for (size_t i = 0; i < n / 8; i += LANES) {
		size_t k = open_bit(open_bit(open_bit(i, s), t), u); /* s < t < u */
		vf64 v[8];
#pragma GCC unroll 8
		for (size_t j = 0; j < 8; j++)
			v[j] = AT(k + at[j]);
#pragma GCC unroll 3
		for (size_t bit = 1; bit < 8; bit *= 2)
#pragma GCC unroll 4
			for (size_t j = 0; j < 4; j++) {
				size_t p = open_bit(j, bit);
				vf64 a = v[p], b = v[p + bit];
				v[p] = a + b;
				v[p + bit] = a - b;
			}
#pragma GCC unroll 8
		for (size_t j = 0; j < 8; j++)
			AT(k + at[j]) = v[j] * (0.5 * SQRT_HALF);
	}
}
//< fused

/* Applies gates to a tile of 2^bits amplitudes; `address` is the index that its first one has in the whole state. */
SIMD_TARGET static void SIMD(apply)(double *x, int bits, const struct gate *gate, int count, size_t address)
{
	size_t n = (size_t)2 << bits;
	for (int g = 0; g < count; g++) {
		const struct gate *it = &gate[g];
		if (it->op == CNOT)
			SIMD(swap_if)(x, n, it->target, it->control);
		else if (it->op == NOT_IF && address & it->control)
			SIMD(swap_if)(x, n, it->target, 0);
		else if (it->op == H) {
			size_t s = it->target & -it->target, tu = it->target ^ s, t = tu & -tu, u = tu ^ t; /* s < t < u, or 0 */
			if (u)
				SIMD(hadamard_three)(x, n, s, t, u);
			else if (t)
				SIMD(hadamard_two)(x, n, s, t);
			else
				SIMD(hadamard)(x, n, s);
		}
	}
}

#undef AT

#elif !defined(LOCKSTEP_STATE_VECTOR_GATES_H)
#define LOCKSTEP_STATE_VECTOR_GATES_H

#include <stddef.h>
#include <stdint.h>

#define SQRT_HALF 0x1.6a09e667f3bcdp-1

/* NOT_IF: a CNOT whose control is the same for the whole tile. DONE: nothing is left to do, another gate has it. */
enum op { H, CNOT, NOT_IF, DONE };

/* Qubit k is bit k of an amplitude's index. In a circuit, target and control are such bits (1 << k); in a tile they are
 * distances in doubles (2 << k, k being the qubit's place in the tile), but for the control of NOT_IF. An H in a tile may
 * have up to three targets. */
struct gate {
	enum op op;
	size_t target, control;
};

/* i with a zero put in at `bit` (a power of two): counts through the indices that do not have it. */
static inline size_t open_bit(size_t i, size_t bit) { return 2 * i - (i & (bit - 1)); }

#define SIMD_SOURCE "kernels/state_vector_gates.h"
#include "kernels/simd.h"

typedef void apply_function(double *x, int bits, const struct gate *gate, int count, size_t address);
static apply_function *const apply_of[] = SIMD_TABLE(apply);

#endif
