/* Merging two sorted runs, whole or any part of the output, so that several workers can share one merge equally.
 * Source: "merge path", O. Green, R. McColl, D. Bader, ICS 2012. */
#ifndef LOCKSTEP_MERGE_H
#define LOCKSTEP_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Merges two sorted runs, equal numbers of a first. */
static inline void merge(const uint64_t *a, size_t na, const uint64_t *b, size_t nb, uint64_t *out)
{
	size_t i = 0, j = 0;
	while (i < na && j < nb) {
		uint64_t x = a[i], y = b[j];
		bool second = y < x;
		*out++ = second ? y : x;
		j += second;
		i += !second;
	}
	memcpy(out, a + i, (na - i) * sizeof *a);
	memcpy(out + na - i, b + j, (nb - j) * sizeof *b);
}

/* How many of the first k numbers of the merged run come from a (0 <= k <= na + nb): a binary search. */
static inline size_t merge_split(const uint64_t *a, size_t na, const uint64_t *b, size_t nb, size_t k)
{
	size_t low = k > nb ? k - nb : 0, high = k < na ? k : na;
	while (low < high) {
		size_t i = low + (high - low) / 2; /* i from a, k - i from b: too few of a if a[i] goes before b's last */
		if (a[i] <= b[k - i - 1])
			low = i + 1;
		else
			high = i;
	}
	return low;
}

/* Writes the numbers [first, last) of the merged run to their places in out. */
static inline void merge_part(const uint64_t *a, size_t na, const uint64_t *b, size_t nb, size_t first, size_t last,
			      uint64_t *out)
{
	size_t i = merge_split(a, na, b, nb, first), end = merge_split(a, na, b, nb, last);
	merge(a + i, end - i, b + (first - i), last - end - (first - i), out + first);
}

#endif
