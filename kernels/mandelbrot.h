/* The picture of mandelbrot.c, row by row: for lessons that share the rows in ways of their own. */
#ifndef LOCKSTEP_MANDELBROT_H
#define LOCKSTEP_MANDELBROT_H

#include <stddef.h>
#include <stdint.h>

struct view {
	double x, y, step; /* corner and distance of pixels; within the window that mandelbrot.c tells */
};

/* The steps of each of the n pixels of a row, at most `limit`, by the best vector code that this processor has. */
void mandelbrot_row(const struct view *view, size_t n, size_t row, uint32_t limit, uint32_t *out);

/* The steps of one pixel, found in another way (the check's). The same to the last step: no rounding differs. */
uint32_t mandelbrot_count(const struct view *view, size_t row, size_t column, uint32_t limit);

#endif
