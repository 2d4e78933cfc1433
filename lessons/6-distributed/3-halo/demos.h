/* The demonstrations of the halo lesson. They need no ranks: what they show is counted, or copied from part to part
 * in one process. */
#ifndef HALO_DEMOS_H
#define HALO_DEMOS_H

#include "kernels/bench/util.h"
#include "lessons/6-distributed/3-halo/plate.h"
#include "lessons/demo.h"

/* Which of `parts` slices of n the i-th thing is in. */
static inline size_t slice_with(size_t n, size_t i, int parts)
{
	size_t w = 0;
	while (i >= slice_of(n, (int)w, parts).last)
		w++;
	return w;
}

/* Pairs of cells side by side that lie in different parts: each needs the other's number in every sweep. */
static inline size_t numbers_sent(size_t n, int height, int width)
{
	size_t *y = xcalloc(n, sizeof *y), *x = xcalloc(n, sizeof *x), pairs = 0;
	for (size_t i = 0; i < n; i++)
		y[i] = slice_with(n, i, height), x[i] = slice_with(n, i, width);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			pairs += (size_t)((i + 1 < n && y[i] != y[i + 1]) + (j + 1 < n && x[j] != x[j + 1]));
	free(y), free(x);
	return 2 * pairs;
}

static inline int demo_cut(struct telling *t)
{
	enum { N = 1000 };
	size_t strips = 0, blocks = 0;
	tell(t, "a plate of %d x %d cells; numbers that cross borders in one sweep:", N, N);
	for (int side = 2; side <= 8; side *= 2) {
		strips = numbers_sent(N, side * side, 1);
		blocks = numbers_sent(N, side, side);
		tell(t, "%2d ranks: %6zu by strips of rows, %6zu by blocks, %d x %d", side * side, strips, blocks, side, side);
		if (side == 4)
			tell_figure(t, (double)blocks, NAN);
	}
	tell_check(t, strips == 2 * 63 * N && blocks == 2 * (7 + 7) * N,
			   "64 ranks: 63 borders against 7 + 7, each %d cells long", N);
	tell(t, "to renew: %d cells in each sweep, whatever their cut", N * N);
	return 0;
}

/* Rows of two parts that differ from those of the whole. */
static inline int rows_differ(const struct part *whole, const struct part half[2], size_t s, int *first, int *last)
{
	int bad = 0;
	for (size_t i = 0; i < whole->n; i++) {
		const struct part *h = &half[i >= half[1].y.first];
		const double *mine = row_of(h, s, (ptrdiff_t)(i - h->y.first));
		if (memcmp(row_of(whole, s, (ptrdiff_t)i), mine, whole->n * sizeof *mine)) {
			*first = bad++ ? *first : (int)i;
			*last = (int)i;
		}
	}
	return bad;
}

static inline int demo_spread(struct telling *t)
{
	enum { N = 200, SWEEPS = 40 };
	struct part whole = {0}, half[2] = {{0}};
	struct slice all = {0, N};
	int first = 0, last = 0, bad = 0, rc = -1;
	bool slow = true;
	if (!part_new(&whole, N, SWEEPS, all, all) || !part_new(&half[0], N, SWEEPS, slice_of(N, 0, 2), all) ||
	    !part_new(&half[1], N, SWEEPS, slice_of(N, 1, 2), all))
		goto out;
	part_start(&whole, 1), part_start(&half[0], 1), part_start(&half[1], 1);
	tell(t, "two parts of %d rows, whose halos come one step too late", N / 2);
	for (size_t s = 0; s < SWEEPS; s++) {
		ptrdiff_t rows = (ptrdiff_t)half[0].rows;
		sweep(&whole, s, 0, N, 0, N);
		for (int h = 0; h < 2; h++)
			sweep(&half[h], s, 0, half[h].rows, 0, N);
		/* too late for this sweep, in time for the next but one, which goes from the same grid */
		memcpy(row_of(&half[0], s, rows), row_of(&half[1], s, 0), N * sizeof(double));
		memcpy(row_of(&half[1], s, -1), row_of(&half[0], s, rows - 1), N * sizeof(double));
		bad = rows_differ(&whole, half, s + 1, &first, &last);
		slow = slow && bad <= 2 * (int)(s + 1);
		if (s < 3 || (s + 1) % 10 == 0)
			tell(t, "after sweep %2zu: %2d rows are wrong, from row %d to row %d", s + 1, bad, first, last);
	}
	tell_check(t, slow && bad > 2, "it begins at the border, and gets one row farther in a sweep, at most");
	tell_figure(t, bad, 0);
	rc = 0;
out:
	part_free(&whole), part_free(&half[0]), part_free(&half[1]);
	return rc;
}

#endif
