/* Quicksort by vectors, and the splits into buckets: the vector code of kernels/sort.c; read run_serial there first. Compiled once
 * per instruction set (kernels/simd.h): LANES is 2, 4 or 8, SIMD(sort) the name sort_base, sort_avx2 or sort_avx512. */
#ifdef SIMD_PASS

#include "kernels/sort_network.h"

//> simd
/* Writes a vector twice, with the numbers below the pivot brought to its front: to low[0], low[1], ..., of which only those below
 * count, and to high[-8] ... high[-1], of which only the others count; what else is written there is noise that later numbers
 * overwrite. Returns how many are below. With four lanes, keys 7 2 9 1 and pivot 5: below is 1010 in binary (lanes 3 and 1), the
 * order 1 3 0 2 gives 2 1 7 9, low moves on by two, and high back by two. */
#if LANES == 8
SIMD_INLINE size_t SIMD(split_vector)(KEYS keys, uint64_t *low, uint64_t *high, uint64_t pivot)
{
	__m512i v = (__m512i)keys;
	unsigned below = _mm512_cmplt_epu64_mask(v, _mm512_set1_epi64((long long)pivot));
	v = _mm512_permutexvar_epi64(_mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)order8[below])), v);
	_mm512_storeu_si512(low, v);
	_mm512_storeu_si512(high - LANES, v);
	return (size_t)__builtin_popcount(below);
}
#elif LANES == 4
SIMD_INLINE size_t SIMD(split_vector)(KEYS keys, uint64_t *low, uint64_t *high, uint64_t pivot)
{
	__m256i v = (__m256i)keys, less = (__m256i)(keys < ((KEYS){0} + pivot));
	unsigned below = (unsigned)_mm256_movemask_pd((__m256d)less);
	v = _mm256_permutevar8x32_epi32(v, _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)order4[below])));
	_mm256_storeu_si256((__m256i *)low, v);
	_mm256_storeu_si256((__m256i *)(high - LANES), v);
	return (size_t)__builtin_popcount(below);
}
#endif

/* Splits from[0..n) at the pivot: the numbers below it go to a, from its front up; the others to b[front..n), from its end
 * down. Returns front. `from` may be a: as much of it was read as was written, or more, so there is always room for a
 * whole vector. With `doubles` it holds doubles, and what is written are their keys. */
SIMD_INLINE size_t SIMD(split_from)(const uint64_t *from, uint64_t *a, uint64_t *b, size_t n, uint64_t pivot, bool doubles)
{
	uint64_t *low = a, *high = b + n;
	size_t i = 0;
#if LANES > 2
	for (; n - i >= LANES; i += LANES) {
		vi64 v;
		memcpy(&v, from + i, sizeof v);
		__builtin_prefetch(from + i + AHEAD); /* lines that come down from the second level, above all those that */
		__builtin_prefetch(high - AHEAD, 1);  /* are written from the end down, where the processor foresees less */
		if (doubles)
			v ^= v >> 63 | INT64_MIN; /* key_of */
		size_t below = SIMD(split_vector)((KEYS)v, low, high, pivot);
		low += below;
		high -= LANES - below;
	}
#endif
	for (; i < n; i++) {
		uint64_t x = doubles ? key_of(from[i]) : from[i];
		size_t below = x < pivot; /* 0 or 1: added, so that no branch has to be guessed */
		*low = high[-1] = x;
		low += below;
		high -= 1 - below;
	}
	return (size_t)(low - a);
}

/* What is below the pivot stays in a. */
SIMD_TARGET static size_t SIMD(split)(uint64_t *a, uint64_t *b, size_t n, uint64_t pivot)
{
	return SIMD(split_from)(a, a, b, n, pivot, false);
}

/* The median of a sample. A good pivot saves splits, and with many numbers a larger sample pays. */
SIMD_TARGET static uint64_t SIMD(pivot)(const uint64_t *a, size_t n)
{
	enum { SAMPLES = 32, MANY = 1024 }; /* as many samples as every network sorts */
	if (n < MANY)
		return median_of_nine(a, n);
	uint64_t sample[SAMPLES];
	for (size_t i = 0; i < SAMPLES; i++)
		sample[i] = a[n / SAMPLES * i + n / SAMPLES / 2];
	SIMD(sort_small)(sample, sample, SAMPLES);
	return sample[SAMPLES / 2];
}

/* Sorts a[0..n), none of which is below `least`; the result goes to b if `over`, else stays in a; the other is room.
 * After a split one half is in a and the other in b: each is sorted from where it is to where it belongs, so that nothing
 * is ever copied back:
 *
 *     after the split     a: [ below | noise ]      b: [ free | not below ]
 *
 * A pivot that equals `least` would split off nothing. The numbers are then split at pivot + 1: the equals of the least come to the
 * front and are in order at once, so many equal numbers make this faster, not slower. */
SIMD_TARGET static void SIMD(sort)(uint64_t *a, uint64_t *b, size_t n, uint64_t least, int depth, bool over)
{
	while (n > SMALL_MOST) {
		uint64_t pivot = SIMD(pivot)(a, n);
		bool is_least = pivot == least;
		if (depth == 0) /* too many bad pivots */
			heap_sort(a, n);
		if (depth == 0 || (is_least && pivot == UINT64_MAX)) { /* in order; in the second case all are equal */
			if (over)
				memcpy(b, a, n * sizeof *a);
			return;
		}
		depth--;
		size_t front = SIMD(split)(a, b, n, pivot + is_least);
		if (!is_least)
			SIMD(sort)(a, b, front, least, depth, over);
		else if (over)
			memcpy(b, a, front * sizeof *a);
		uint64_t *rest = b + front;
		b = a + front;
		a = rest;
		n -= front;
		over = !over;
		least = pivot + is_least;
	}
	SIMD(sort_small)(a, over ? b : a, n);
}
//< simd

/* ---- what the buckets need beside ---- */

/* Sorts a[0..n) into parts only: those below splitter[0], those from it up to below splitter[1], and so on. Where the
 * result goes, see sort; size[] receives the numbers in each part. */
SIMD_TARGET static void SIMD(part)(uint64_t *a, uint64_t *b, size_t n, const uint64_t *splitter, size_t parts,
				   uint32_t *size, bool over)
{
	if (parts == 1) {
		*size = (uint32_t)n;
		if (over)
			memcpy(b, a, n * sizeof *a);
		return;
	}
	size_t half = parts / 2, front = SIMD(split)(a, b, n, splitter[half - 1]);
	SIMD(part)(a, b, front, splitter, half, size, over);
	SIMD(part)(b + front, a + front, n - front, splitter + half, parts - half, size + half, !over);
}

/* The same from main memory: `from` is only read, a is room in the cache, and the result goes to b. */
SIMD_TARGET static void SIMD(part_from)(const uint64_t *from, uint64_t *a, uint64_t *b, size_t n, const uint64_t *splitter,
					size_t parts, uint32_t *size, bool doubles)
{
	size_t half = parts / 2;
	uint64_t middle = half ? splitter[half - 1] : 0; /* one part: nothing is below 0, so all goes to b */
	size_t front = doubles ? /* written twice, so that the flag is a constant in each copy */
			       SIMD(split_from)(from, a, b, n, middle, true)
			       : SIMD(split_from)(from, a, b, n, middle, false);
	if (half)
		SIMD(part)(a, b, front, splitter, half, size, true);
	SIMD(part)(b + front, a + front, n - front, splitter + half, parts - half, size + half, false);
}

SIMD_TARGET static void SIMD(to_keys)(uint64_t *a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		a[i] = key_of(a[i]);
}

SIMD_TARGET static void SIMD(to_bits)(uint64_t *a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		a[i] = bits_of(a[i]);
}

static const struct engine SIMD(engine) = {SIMD(sort), SIMD(part_from), SIMD(to_keys), SIMD(to_bits)};

#else

#ifdef __x86_64__
#include <immintrin.h>
#endif
#include <stdbool.h>
#include "kernels/sort_plain.h"

enum { AHEAD = 48 }; /* numbers that a split asks for in advance: six lines on each side */

/* The functions that exist once per instruction set. */
struct engine {
	void (*sort)(uint64_t *a, uint64_t *b, size_t n, uint64_t least, int depth, bool over);
	void (*part)(const uint64_t *from, uint64_t *a, uint64_t *b, size_t n, const uint64_t *splitter, size_t parts,
		     uint32_t *size, bool doubles);
	void (*to_keys)(uint64_t *a, size_t n), (*to_bits)(uint64_t *a, size_t n);
};

/* For each pattern of numbers below the pivot: the order that brings them to the front. order8 has the places of 8
 * numbers, order4 those of the 32-bit halves of 4, since AVX2 cannot shuffle whole numbers by an index. */
static uint8_t order8[256][8], order4[16][8];

__attribute__((constructor)) static void fill_orders(void) /* runs before main */
{
	for (unsigned below = 0; below < 256; below++) {
		size_t front = 0, back = (size_t)__builtin_popcount(below);
		for (unsigned lane = 0; lane < 8; lane++)
			order8[below][below >> lane & 1 ? front++ : back++] = (uint8_t)lane;
	}
	for (unsigned below = 0; below < 16; below++) {
		size_t front = 0, back = 2 * (size_t)__builtin_popcount(below);
		for (unsigned half = 0; half < 8; half++)
			order4[below][below >> (half / 2) & 1 ? front++ : back++] = (uint8_t)half;
	}
}

#define SIMD_SOURCE "kernels/sort_vectors.h"
#include "kernels/simd.h"

#endif
