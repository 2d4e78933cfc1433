/* Sorting without comparing: numbers are dealt into 256 piles by their highest byte, each pile by the next one, and so
 * on. Read by kernels/sort.c, after its quick_sort. */
#ifndef LOCKSTEP_SORT_RADIX_H
#define LOCKSTEP_SORT_RADIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Writes eight numbers to a full cache line, past the cache where the processor can. */
#ifdef __x86_64__
#include <emmintrin.h>
static void line_store(uint64_t *to, const uint64_t *line)
{
	for (int i = 0; i < 4; i++)
		_mm_stream_si128((__m128i *)to + i, _mm_load_si128((const __m128i *)line + i));
}
static void line_fence(void) { _mm_sfence(); }
#else
static void line_store(uint64_t *to, const uint64_t *line) { memcpy(to, line, 64); }
static void line_fence(void) {}
#endif

/* Deals a into piles in b; at[] holds where each pile begins, and then where it ends. */
static void deal(const uint64_t *a, uint64_t *b, size_t n, int shift, size_t at[256])
{
	for (size_t i = 0; i < n; i++)
		b[at[a[i] >> shift & 255]++] = a[i];
}

/* The same for what is larger than the cache. 256 piles grow at 256 places on 256 pages, more than a first-level TLB holds, and
 * each line would be read from memory only to be overwritten. So we collect a full line for each pile, and write it past the
 * cache. */
static void deal_far(const uint64_t *a, uint64_t *b, size_t n, int shift, size_t at[256])
{
	_Alignas(64) uint64_t line[256][8];
	size_t begin[256], skew = (uintptr_t)b / sizeof *b % 8; /* b[k] is number (k + skew) % 8 of its line */
	memcpy(begin, at, sizeof begin);
	for (size_t i = 0; i < n; i++) {
		uint64_t x = a[i];
		size_t pile = x >> shift & 255, k = at[pile]++;
		line[pile][(k + skew) % 8] = x;
		if ((k + skew) % 8 < 7)
			continue;
		if (k - begin[pile] >= 7)
			line_store(b + k - 7, line[pile]);
		else
			memcpy(b + begin[pile], line[pile] + (begin[pile] + skew) % 8, (k + 1 - begin[pile]) * sizeof *b);
	}
	for (size_t pile = 0; pile < 256; pile++) {
		size_t rest = (at[pile] + skew) % 8, have = at[pile] - begin[pile];
		if (rest > have)
			rest = have;
		memcpy(b + at[pile] - rest, line[pile] + (at[pile] - rest + skew) % 8, rest * sizeof *b);
	}
	line_fence();
}

enum { RADIX_LEAST = 512, RADIX_FAR = 200000 }; /* below: quicksort; from here on: past the cache */

/* Deals a into 256 piles by the byte at `shift`, then each pile by the next lower byte, from b back into a, and so on;
 * a small pile is left to quicksort. The result goes to b if `over`, else to a; the other one is room. */
static void radix_sort(uint64_t *a, uint64_t *b, size_t n, int shift, bool over)
{
	size_t at[256] = {0};
	if (n <= RADIX_LEAST || shift < 0) {
		quick_sort(a, n, DEPTH(n));
		if (over)
			memcpy(b, a, n * sizeof *a);
		return;
	}
	for (size_t i = 0; i < n; i++)
		at[a[i] >> shift & 255]++;
	if (at[a[0] >> shift & 255] == n) { /* all alike in this byte */
		radix_sort(a, b, n, shift - 8, over);
		return;
	}
	for (size_t pile = 0, next = 0; pile < 256; pile++) {
		size_t here = at[pile];
		at[pile] = next;
		next += here;
	}
	if (n < RADIX_FAR)
		deal(a, b, n, shift, at);
	else
		deal_far(a, b, n, shift, at);
	for (size_t pile = 0, first = 0; pile < 256; first = at[pile++]) /* at[pile] is where the pile ends, by now */
		radix_sort(b + first, a + first, at[pile] - first, shift - 8, !over);
}

#endif
