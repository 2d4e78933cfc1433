/* Sorting networks in vector registers: up to 128 numbers of 64 bits (32 with AVX2), and no branch that depends on
 * them. Read once per instruction set by kernels/sort.c; see kernels/simd.h.
 *
 * A network is a fixed list of comparisons: each looks at two places and leaves the lesser number in the first. Since
 * the list does not depend on the numbers, one vector instruction can make many comparisons. Ours is K. Batcher's
 * bitonic sorter ("Sorting networks and their applications", AFIPS 1968). It makes sorted runs of 2, 4, 8, ... numbers,
 * each from two neighbouring runs of half the length:
 *
 *     compare the first place with the last, the second with the last but one, ...: the lesser half is now in front;
 *     in each half compare the places that are a quarter of the length apart, then an eighth, ..., then 1.
 *
 * With lengths that are powers of two, "first with last" is place e with place e ^ (length - 1), and "a quarter apart"
 * is e with e ^ (length / 4): the whole network is two nested loops over one step, SIMD(exchange).
 *
 * Place e is in row e % rows, lane e / rows: a row is a vector, a lane is a column. So the first doublings compare whole
 * vectors with one another, and only the last ones numbers of different lanes. The places of 4 rows of 4 lanes:
 *
 *     row 0:  0  4  8 12        row 1:  1  5  9 13        row 2:  2  6 10 14        row 3:  3  7 11 15 */

/* To be unrolled to the last step, so that every vector has a register and every shuffle is a constant. */
#undef SIMD_INLINE
#define SIMD_INLINE SIMD_TARGET static inline __attribute__((always_inline))

#if LANES == 2
SIMD_TARGET static void SIMD(sort_small)(const uint64_t *a, uint64_t *to, size_t n)
{
	if (to != a)
		memcpy(to, a, n * sizeof *a);
	insertion_sort(to, n);
}
#else

typedef uint64_t SIMD(keys) __attribute__((vector_size(LANES * 8)));
#undef KEYS
#define KEYS SIMD(keys)

/* ---- what the instruction sets do differently ---- */

#if LANES == 8
/* Which of the places from `at` on are before n. */
SIMD_INLINE __mmask8 SIMD(before)(size_t at, size_t n)
{
	return _mm512_cmplt_epu64_mask((__m512i)((KEYS){0, 1, 2, 3, 4, 5, 6, 7} + at), _mm512_set1_epi64((long long)n));
}

/* The vector at place `at` of n numbers; from place n on, the greatest number there is. */
SIMD_INLINE KEYS SIMD(load)(const uint64_t *a, size_t at, size_t n)
{
	return (KEYS)_mm512_mask_loadu_epi64(_mm512_set1_epi64(-1), SIMD(before)(at, n), a + at);
}

/* Writes it to place `at`, and nothing from place n on. */
SIMD_INLINE void SIMD(store)(uint64_t *a, size_t at, size_t n, KEYS v)
{
	_mm512_mask_storeu_epi64(a + at, SIMD(before)(at, n), (__m512i)v);
}

/* The lesser of each two to a, the greater to b: a ^ b ^ lesser, since x ^ x = 0. That is cheaper than a maximum: one execution
 * unit of Intel's processors finds minima and maxima, two do logic. */
SIMD_INLINE void SIMD(order)(KEYS *a, KEYS *b)
{
	enum { XOR_OF_THREE = 0x96 };
	__m512i low = _mm512_min_epu64((__m512i)*a, (__m512i)*b);
	*b = (KEYS)_mm512_ternarylogic_epi64((__m512i)*a, (__m512i)*b, low, XOR_OF_THREE);
	*a = (KEYS)low;
}

/* Lane l of the result is lane l ^ mask of v. Masks that occur: 1, 2, 3, 7 (AVX2: 1, 3). */
SIMD_INLINE KEYS SIMD(across)(KEYS v, int mask)
{
	return mask == 1   ? __builtin_shuffle(v, (KEYS){1, 0, 3, 2, 5, 4, 7, 6})
	       : mask == 2 ? __builtin_shuffle(v, (KEYS){2, 3, 0, 1, 6, 7, 4, 5})
	       : mask == 3 ? __builtin_shuffle(v, (KEYS){3, 2, 1, 0, 7, 6, 5, 4})
			   : __builtin_shuffle(v, (KEYS){7, 6, 5, 4, 3, 2, 1, 0});
}

/* The lanes whose number lacks the bit from a, the others from b. */
SIMD_INLINE KEYS SIMD(choose)(KEYS a, KEYS b, int bit)
{
	return bit == 1   ? __builtin_shuffle(a, b, (KEYS){0, 9, 2, 11, 4, 13, 6, 15})
	       : bit == 2 ? __builtin_shuffle(a, b, (KEYS){0, 1, 10, 11, 4, 5, 14, 15})
			  : __builtin_shuffle(a, b, (KEYS){0, 1, 2, 3, 12, 13, 14, 15});
}

/* The lanes of row a that have the bit change places with the lanes of row b that lack it: one step of turning columns into
 * rows. */
SIMD_INLINE void SIMD(turn)(KEYS *a, KEYS *b, int bit)
{
	KEYS x = *a, y = *b;
	*a = bit == 1   ? __builtin_shuffle(x, y, (KEYS){0, 8, 2, 10, 4, 12, 6, 14})
	     : bit == 2 ? __builtin_shuffle(x, y, (KEYS){0, 1, 8, 9, 4, 5, 12, 13})
			: __builtin_shuffle(x, y, (KEYS){0, 1, 2, 3, 8, 9, 10, 11});
	*b = bit == 1   ? __builtin_shuffle(x, y, (KEYS){1, 9, 3, 11, 5, 13, 7, 15})
	     : bit == 2 ? __builtin_shuffle(x, y, (KEYS){2, 3, 10, 11, 6, 7, 14, 15})
			: __builtin_shuffle(x, y, (KEYS){4, 5, 6, 7, 12, 13, 14, 15});
}
#else
SIMD_INLINE __m256i SIMD(before)(size_t at, size_t n)
{
	return (__m256i)((i64x4){0, 1, 2, 3} + (int64_t)at < (int64_t)n);
}

SIMD_INLINE KEYS SIMD(load)(const uint64_t *a, size_t at, size_t n)
{
	__m256i before = SIMD(before)(at, n);
	return (KEYS)(_mm256_maskload_epi64((const long long *)(a + at), before) | ~before);
}

SIMD_INLINE void SIMD(store)(uint64_t *a, size_t at, size_t n, KEYS v)
{
	_mm256_maskstore_epi64((long long *)(a + at), SIMD(before)(at, n), (__m256i)v);
}

SIMD_INLINE void SIMD(order)(KEYS *a, KEYS *b)
{
	__m256i x = (__m256i)*a, y = (__m256i)*b, more = (__m256i)(*a > *b);
	*a = (KEYS)_mm256_blendv_epi8(x, y, more);
	*b = (KEYS)_mm256_blendv_epi8(y, x, more);
}

SIMD_INLINE KEYS SIMD(across)(KEYS v, int mask)
{
	return mask == 1 ? __builtin_shuffle(v, (KEYS){1, 0, 3, 2}) : __builtin_shuffle(v, (KEYS){3, 2, 1, 0});
}

SIMD_INLINE KEYS SIMD(choose)(KEYS a, KEYS b, int bit)
{
	return bit == 1 ? __builtin_shuffle(a, b, (KEYS){0, 5, 2, 7}) : __builtin_shuffle(a, b, (KEYS){0, 1, 6, 7});
}

SIMD_INLINE void SIMD(turn)(KEYS *a, KEYS *b, int bit)
{
	KEYS x = *a, y = *b;
	*a = bit == 1 ? __builtin_shuffle(x, y, (KEYS){0, 4, 2, 6}) : __builtin_shuffle(x, y, (KEYS){0, 1, 4, 5});
	*b = bit == 1 ? __builtin_shuffle(x, y, (KEYS){1, 5, 3, 7}) : __builtin_shuffle(x, y, (KEYS){2, 3, 6, 7});
}
#endif

/* ---- the network ---- */

/* Compares place e with place e ^ mask, for all e at once. */
SIMD_INLINE void SIMD(exchange)(KEYS *v, int rows, int mask)
{
	int row = mask % rows, lane = mask / rows;
	int bit = lane & 4 ? 4 : lane & 2 ? 2 : 1; /* of two partners, the lane without this bit is the earlier place */
#pragma GCC unroll 16
	for (int i = 0; i < rows; i++) {
		int k = i ^ row;
		if (!lane && i < k) { /* the same lane of two rows */
			SIMD(order)(&v[i], &v[k]);
		} else if (lane && i == k) { /* two lanes of a row: each comparison is made twice, and half of it used */
			KEYS other = SIMD(across)(v[i], lane);
			SIMD(order)(&v[i], &other);
			v[i] = SIMD(choose)(v[i], other, bit);
		} else if (lane && i < k) { /* two lanes of two rows */
			KEYS low = v[i], high = SIMD(across)(v[k], lane);
			SIMD(order)(&low, &high);
			v[i] = SIMD(choose)(low, high, bit);
			v[k] = SIMD(across)(SIMD(choose)(high, low, bit), lane);
		}
	}
}

/* Sorts n <= rows * LANES numbers; rows is LANES or twice that. */
SIMD_INLINE void SIMD(network)(const uint64_t *a, uint64_t *to, size_t n, int rows)
{
	KEYS v[2 * LANES];
#pragma GCC unroll 16
	for (int i = 0; i < rows; i++) /* whatever lies where: the order of unsorted numbers does not matter */
		v[i] = SIMD(load)(a, (size_t)(i * LANES), n);
#pragma GCC unroll 16
	for (int log = 1; log <= __builtin_ctz((unsigned)(rows * LANES)); log++) { /* runs of 2, 4, 8, ... */
		SIMD(exchange)(v, rows, (1 << log) - 1);
#pragma GCC unroll 16
		for (int apart = log - 2; apart >= 0; apart--) /* places 2^apart apart */
			SIMD(exchange)(v, rows, 1 << apart);
	}
#pragma GCC unroll 16
	for (int log = 0; log < __builtin_ctz(LANES); log++) /* columns to rows, each square of LANES rows by itself */
#pragma GCC unroll 16
		for (int i = 0; i < rows; i++)
			if (!(i >> log & 1))
				SIMD(turn)(&v[i], &v[i + (1 << log)], 1 << log);
#pragma GCC unroll 16
	for (int i = 0; i < rows; i++) {
		int column = i % LANES, square = i / LANES; /* what row i now holds: a part of this column */
		SIMD(store)(to, (size_t)(column * rows + square * LANES), n, v[i]);
	}
}

/* Sorts n <= SMALL_MOST numbers from a to `to`, which may be the same place. */
SIMD_TARGET static void SIMD(sort_small)(const uint64_t *a, uint64_t *to, size_t n)
{
	if (n <= LANES * LANES)
		SIMD(network)(a, to, n, LANES);
	else
		SIMD(network)(a, to, n, 2 * LANES);
}
#endif

#undef SMALL_MOST
#define SMALL_MOST (LANES == 2 ? SMALL : 2 * LANES * LANES)
