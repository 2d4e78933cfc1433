/* The plain parts of the sort kernel: what the serial rungs and the base level use for a handful of numbers,
 * and quicksort for bad luck. */
#ifndef LOCKSTEP_SORT_PLAIN_H
#define LOCKSTEP_SORT_PLAIN_H

#include <stddef.h>
#include <stdint.h>

enum { SMALL = 24 }; /* up to here insertion sort is faster than another split */

/* How deep quicksort may go before it gives up its luck with pivots (D. Musser, "Introspective sorting", 1997). */
#define DEPTH(n) (2 * (64 - __builtin_clzll((n) | 1)))

/* A double as a whole number in the same order: positive ones are ordered like their bits already, and get the top bit
 * to come after the negative ones, which are ordered the other way round and so have all bits turned over. -0.0 comes
 * just before 0.0, and NaN, which has no place among the numbers, before all or after all, by its sign. */
static inline uint64_t key_of(uint64_t bits) { return bits ^ ((uint64_t)((int64_t)bits >> 63) | INT64_MIN); }
static inline uint64_t bits_of(uint64_t key) { return key ^ ((uint64_t)((int64_t)~key >> 63) | INT64_MIN); }

static inline void swap(uint64_t *a, uint64_t *b)
{
	uint64_t t = *a;
	*a = *b;
	*b = t;
}

static inline void insertion_sort(uint64_t *a, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t x = a[i];
		size_t k = i;
		for (; k && a[k - 1] > x; k--)
			a[k] = a[k - 1];
		a[k] = x;
	}
}

static inline void sift_down(uint64_t *a, size_t root, size_t n)
{
	for (size_t child; (child = 2 * root + 1) < n; root = child) {
		if (child + 1 < n && a[child + 1] > a[child])
			child++;
		if (a[root] >= a[child])
			return;
		swap(a + root, a + child);
	}
}

/* Slow, but never slower: n log n steps whatever the numbers are. */
static inline void heap_sort(uint64_t *a, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift_down(a, i, n);
	for (size_t end = n; end-- > 1;) {
		swap(a, a + end);
		sift_down(a, 0, end);
	}
}

static inline uint64_t median(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t low = a < b ? a : b, high = a < b ? b : a;
	return c < low ? low : c > high ? high : c;
}

/* The median of three medians of three (J. Tukey's ninther): close to the middle, for nine looks. n >= 9. */
static inline uint64_t median_of_nine(const uint64_t *a, size_t n)
{
	size_t m = n / 2, e = n / 8;
	return median(median(a[0], a[e], a[2 * e]), median(a[m - e], a[m], a[m + e]),
		      median(a[n - 1 - 2 * e], a[n - 1 - e], a[n - 1]));
}

#endif
