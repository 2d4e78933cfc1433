/* How many points x, y with whole coordinates lie in a quarter of a circle, x² + y² ≤ limit, x from 1, y from 0? Real work in
 * rows that are equally long, with an exact answer by another way. */
#ifndef LOCKSTEP_CIRCLE_H
#define LOCKSTEP_CIRCLE_H

#include <math.h>
#include <stddef.h>
#include "kernels/rng.h"

enum { CIRCLE_ROWS_MAX = 60000 }; /* limit below 2^32 */

struct circle {
	uint32_t rows, limit; /* rows² ≤ limit < (rows + 1)² */
	uint64_t expected;    /* points, by a square root for each row */
};

static inline struct circle circle_new(uint64_t rows, uint64_t seed)
{
	struct circle c = {(uint32_t)rows, (uint32_t)(rows * rows + rng_at(seed, 0) % (rows + 1)), 0};
	for (uint64_t x = 1; x <= rows; x++)
		c.expected += (uint64_t)sqrt((double)(c.limit - x * x)) + 1; /* the highest y, and y = 0 */
	return c;
}

/* Tries each point of the rows first ≤ row < last (row 0 is x = 1); rows that the circle does not have are left out. */
static inline uint64_t circle_count(const struct circle *c, size_t first, size_t last)
{
	uint64_t points = 0;
	for (size_t row = first; row < last && row < c->rows; row++) {
		uint32_t inside = 0, room = c->limit - (uint32_t)((row + 1) * (row + 1));
		for (uint32_t y = 0; y <= c->rows; y++)
			inside += y * y <= room;
		points += inside;
	}
	return points;
}

#endif
