/* Sorting without comparing: numbers are dealt into 256 heaps by their highest byte, each heap by the next one, and so
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

/* Deals a into heaps in b; at[] holds where each heap begins, and then where it ends. */
static void deal(const uint64_t *a, uint64_t *b, size_t n, int shift, size_t at[256])
{
	for (size_t i = 0; i < n; i++)
		b[at[a[i] >> shift & 255]++] = a[i];
}

/* The same for what is larger than the cache. 256 heaps grow at 256 places, and to write a single number the processor
 * would fetch a line of eight each time: we collect a full line for each heap, and write it past the cache. */
static void deal_far(const uint64_t *a, uint64_t *b, size_t n, int shift, size_t at[256])
{
	_Alignas(64) uint64_t line[256][8];
	size_t begin[256], skew = (uintptr_t)b / sizeof *b % 8; /* line number of b[k] in its cache line: (k + skew) % 8 */
	memcpy(begin, at, sizeof begin);
	for (size_t i = 0; i < n; i++) {
		uint64_t x = a[i];
		size_t heap = x >> shift & 255, k = at[heap]++;
		line[heap][(k + skew) % 8] = x;
		if ((k + skew) % 8 < 7)
			continue;
		if (k - begin[heap] >= 7) /* never below 0: k >= begin */
			line_store(b + k - 7, line[heap]);
		else
			memcpy(b + begin[heap], line[heap] + (begin[heap] + skew) % 8, (k + 1 - begin[heap]) * sizeof *b);
	}
	for (size_t heap = 0; heap < 256; heap++) {
		size_t rest = (at[heap] + skew) % 8, have = at[heap] - begin[heap];
		if (rest > have)
			rest = have;
		memcpy(b + at[heap] - rest, line[heap] + (at[heap] - rest + skew) % 8, rest * sizeof *b);
	}
	line_fence();
}

enum { RADIX_LEAST = 512, RADIX_FAR = 200000 }; /* below: quicksort; from here on: past the cache */

/* Deals a into 256 heaps by the byte at `shift`, then each heap by the next lower byte, from b back into a, and so on;
 * a small heap is left to quicksort. The result goes to b if `over`, else to a; the other one is room. */
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
	for (size_t heap = 0, next = 0; heap < 256; heap++) {
		size_t here = at[heap];
		at[heap] = next;
		next += here;
	}
	(n < RADIX_FAR ? deal : deal_far)(a, b, n, shift, at);
	for (size_t heap = 0, first = 0; heap < 256; first = at[heap++])
		radix_sort(b + first, a + first, at[heap] - first, shift - 8, !over);
}

#endif
