/* The plate of the halo lesson: how it starts, how a cell is renewed, and the part of it that a rank has. The
 * problem is that of kernels/heat.c: each cell becomes half of itself and an eighth of each of its four neighbours;
 * around the plate is a rim of 0.
 *
 * A part is rows x columns cells and one more on each side, the halo: copies of what neighbours have, or the rim.
 * Factors 1/2 and 1/8 are exact, and each cell is added up in the same order everywhere: so all ways agree in every
 * bit. */
#ifndef HALO_PLATE_H
#define HALO_PLATE_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"

enum { WAVES = 4 };

struct part {
	size_t n, sweeps;             /* of the whole plate */
	struct slice y, x;            /* the rows and columns of the plate that are mine */
	size_t rows, columns, stride;
	double *memory, *grid[2];     /* cell (0, 0) of both; sweep s goes from grid[s % 2] into the other */
	double *wave;                 /* room for a row */
	int north, south, west, east; /* whose cells lie there: a rank, or MPI_PROC_NULL where the plate ends */
};

/* Where row i of the part begins before sweep s. Rows -1 and `rows` are the halo. */
static inline double *row_of(const struct part *p, size_t s, ptrdiff_t i)
{
	return p->grid[s % 2] + i * (ptrdiff_t)p->stride;
}

//> sweep
/* Sweep s over rows [top, bottom) and columns [left, right) of the part. */
static inline void sweep(const struct part *p, size_t s, size_t top, size_t bottom, size_t left, size_t right)
{
	size_t stride = p->stride;
	for (size_t i = top; i < bottom; i++) {
		const double *restrict c = p->grid[s % 2] + i * stride;
		double *restrict to = p->grid[(s + 1) % 2] + i * stride;
		for (size_t j = left; j < right; j++)
			to[j] = 0.5 * c[j] + 0.125 * ((*(c + j - stride) + c[j + stride]) + (*(c + j - 1) + c[j + 1]));
	}
}
//< sweep

/* False with errno. */
static inline bool part_new(struct part *p, size_t n, size_t sweeps, struct slice y, struct slice x)
{
	*p = (struct part){.n = n, .sweeps = sweeps, .y = y, .x = x, .rows = y.last - y.first, .columns = x.last - x.first};
	p->stride = (p->columns + 2 + 7) / 8 * 8;
	/* an odd number of cache lines: rows a power of two apart would crowd the cache */
	p->stride += p->stride / 8 % 2 ? 0 : 8;
	size_t cells = (p->rows + 2) * p->stride;
	p->memory = calloc(2 * cells + p->columns + 1, sizeof *p->memory);
	p->grid[0] = p->memory + p->stride + 1;
	p->grid[1] = p->grid[0] + cells;
	p->wave = p->memory + 2 * cells;
	return p->memory != NULL;
}

static inline void part_free(struct part *p) { free(p->memory), p->memory = NULL; }

/* What the part's cells are after s sweeps, from the definition of the start alone: a sum of four sine waves drawn
 * from the seed. A wave keeps its form and shrinks by 1 - (sin^2(a/2) + sin^2(b/2)) / 2 per sweep; a, b: its steps
 * in angle from cell to cell. To `grid`, one of the part's; returns the sum of the waves' heights at the start. */
static inline double part_waves(const struct part *p, uint64_t seed, size_t s, double *grid)
{
	double heights = 0, turn = M_PI / (double)(p->n + 1);
	for (size_t i = 0; i < p->rows; i++)
		memset(grid + i * p->stride, 0, p->columns * sizeof *grid);
	for (int w = 0; w < WAVES; w++) {
		uint64_t r = rng_at(seed, (uint64_t)w);
		double ky = 1 + (double)(r % 9), kx = 1 + (double)((r >> 32) % 9);
		double a = sin(turn * kx / 2), b = sin(turn * ky / 2), start = 0.5 + rng_unit(seed, (uint64_t)(WAVES + w));
		double height = start * pow(1 - 0.5 * (a * a + b * b), (double)s);
		heights += start;
		for (size_t j = 0; j < p->columns; j++)
			p->wave[j] = height * sin(turn * kx * (double)(p->x.first + j + 1));
		for (size_t i = 0; i < p->rows; i++) {
			double y = sin(turn * ky * (double)(p->y.first + i + 1));
			for (size_t j = 0; j < p->columns; j++)
				grid[i * p->stride + j] += y * p->wave[j];
		}
	}
	return heights;
}

/* Back to the start, both halos 0. */
static inline void part_start(const struct part *p, uint64_t seed)
{
	memset(p->memory, 0, 2 * (p->rows + 2) * p->stride * sizeof *p->memory);
	part_waves(p, seed, 0, p->grid[0]);
}

/* A number for each row of the plate, which every bit of its cells and their places go into; what several parts add
 * to a row's number makes the same sum. These are compared, so the cells can stay where they are. */
static inline void part_marks(const struct part *p, uint64_t *marks)
{
	for (size_t i = 0; i < p->rows; i++)
		for (size_t j = 0; j < p->columns; j++) {
			uint64_t bits;
			memcpy(&bits, row_of(p, p->sweeps, (ptrdiff_t)i) + j, sizeof bits);
			marks[p->y.first + i] += rng_at(bits, p->x.first + j);
		}
}

/* The marks of the whole plate after all sweeps, by the plain loops. off: how far the farthest cell is from what
 * the waves say, in parts of what rounding may make; NULL: not asked for. 0, or -1 with errno. */
static inline int plate_serial(size_t n, size_t sweeps, uint64_t seed, uint64_t *marks, double *off)
{
	struct part p;
	if (!part_new(&p, n, sweeps, (struct slice){0, n}, (struct slice){0, n}))
		return -1;
	part_start(&p, seed);
	for (size_t s = 0; s < sweeps; s++)
		sweep(&p, s, 0, n, 0, n);
	part_marks(&p, marks);
	double *waves = p.grid[(sweeps + 1) % 2]; /* that grid is not needed any more */
	double worst = 0, heights = off ? part_waves(&p, seed, sweeps, waves) : 0;
	double tolerance = 4 * DBL_EPSILON * (double)(sweeps + 8) * heights;
	for (size_t i = 0; off && i < n; i++)
		for (size_t j = 0; j < n; j++) {
			double apart = fabs(row_of(&p, sweeps, (ptrdiff_t)i)[j] - waves[i * p.stride + j]) / tolerance;
			worst = apart <= worst ? worst : isnan(apart) ? INFINITY : apart;
		}
	if (off)
		*off = worst;
	part_free(&p);
	return 0;
}

/* All marks in one number that a double holds exactly. */
static inline double plate_figure(const uint64_t *marks, size_t n)
{
	uint64_t all = 0;
	for (size_t i = 0; i < n; i++)
		all += rng_at(marks[i], i);
	return (double)(all >> 11);
}

/* figure: how many rows differ, the first and the last of them, all marks in one number. */
static inline void plate_compare(const uint64_t *marks, const uint64_t *expected, size_t n, double *figure)
{
	size_t bad = 0, first = 0, last = 0;
	for (size_t i = 0; i < n; i++)
		if (marks[i] != expected[i]) {
			first = bad++ ? first : i;
			last = i;
		}
	figure[0] = (double)bad, figure[1] = (double)first, figure[2] = (double)last;
	figure[3] = plate_figure(marks, n);
}

#endif
