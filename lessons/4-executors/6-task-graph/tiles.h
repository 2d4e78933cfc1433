/* The matrix of the lesson task-graph: symmetric, positive definite, cut into tiles; the three operations on tiles; and the check.
 *
 * Wanted: the lower triangular L with L·Lᵀ = A (Cholesky). A is made from the seed, element by element, so the check can make it once more.
 * Only the lower tiles are kept, each column after column; L takes the place of A. The operations are those of
 * LAPACK: J. J. Dongarra et al., "Numerical Linear Algebra for High-Performance Computers", SIAM 1998; the graph of tiles: A. Buttari,
 * J. Langou, J. Kurzak, J. Dongarra, "A class of parallel tiled linear algebra algorithms for multicore architectures", 2009. */
#ifndef LOCKSTEP_TASK_GRAPH_TILES_H
#define LOCKSTEP_TASK_GRAPH_TILES_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"

struct node; /* graph.h */
struct edge;

struct matrix {
	size_t n, side;    /* rows; rows of a tile, the last one may have fewer */
	int tiles;         /* in a row */
	double *element;   /* of all tiles (i, j), j <= i */
	double *x, *y, *z; /* vectors for the check */
	struct node *node; /* the graph, where a variant builds one */
	struct edge *edge;
	int *writer;
	int nodes, edges;
};

static int tile_index(int i, int j) { return i * (i + 1) / 2 + j; }
static double *tile(const struct matrix *a, int i, int j) { return a->element + (size_t)tile_index(i, j) * a->side * a->side; }
static size_t rows_of(const struct matrix *a, int i)
{
	size_t first = (size_t)i * a->side;
	return a->n - first < a->side ? a->n - first : a->side;
}

/* A(i, j) for j <= i: between -1 and 1; on the diagonal about n, so that A is positive definite. */
static double element(const struct job *job, size_t i, size_t j)
{
	double r = 2 * rng_unit(job->seed, i * (i + 1) / 2 + j) - 1;
	return i == j ? r + (double)job_size(job) + 1 : r;
}

//> factor
/* The tile on the diagonal becomes its own L. */
static void factor(const struct matrix *a, int k)
{
	double *t = tile(a, k, k);
	size_t n = rows_of(a, k), s = a->side;
	for (size_t c = 0; c < n; c++) {
		for (size_t m = 0; m < c; m++)
			for (size_t r = c; r < n; r++)
				t[c * s + r] -= t[m * s + c] * t[m * s + r];
		double root = sqrt(t[c * s + c]);
		for (size_t r = c; r < n; r++)
			t[c * s + r] /= root;
	}
}
//< factor

//> solve
/* A tile below it becomes L: divided, so to speak, by the one on the diagonal. */
static void solve(const struct matrix *a, int i, int k)
{
	const double *d = tile(a, k, k);
	double *t = tile(a, i, k);
	size_t rows = rows_of(a, i), columns = rows_of(a, k), s = a->side;
	for (size_t c = 0; c < columns; c++) {
		for (size_t m = 0; m < c; m++)
			for (size_t r = 0; r < rows; r++)
				t[c * s + r] -= d[m * s + c] * t[m * s + r];
		for (size_t r = 0; r < rows; r++)
			t[c * s + r] /= d[c * s + c];
	}
}
//< solve

//> update
/* A tile further right: two tiles of column k, multiplied, are taken off. */
static void update(const struct matrix *a, int i, int j, int k)
{
	const double *left = tile(a, i, k), *right = tile(a, j, k);
	double *t = tile(a, i, j);
	size_t rows = rows_of(a, i), columns = rows_of(a, j), depth = rows_of(a, k), s = a->side;
	for (size_t c = 0; c < columns; c++)
		for (size_t m = 0; m < depth; m++)
			for (size_t r = i == j ? c : 0; r < rows; r++)
				t[c * s + r] -= left[m * s + r] * right[m * s + c];
}
//< update

/* ---- for the kernel ---- */

static double operations(const struct job *job) { return pow(job->arg[0], 3) / 3; }

static void reset(struct job *job)
{
	struct matrix *a = job->data;
	for (int i = 0; i < a->tiles; i++)
		for (int j = 0; j <= i; j++)
			for (size_t c = 0; c < rows_of(a, j); c++)
				for (size_t r = 0; r < rows_of(a, i); r++) {
					size_t row = (size_t)i * a->side + r, column = (size_t)j * a->side + c;
					tile(a, i, j)[c * a->side + r] = column <= row ? element(job, row, column) : 0;
				}
}

/* L(i, j), j <= i. */
static double result(const struct matrix *a, size_t i, size_t j)
{
	size_t s = a->side;
	return tile(a, (int)(i / s), (int)(j / s))[j % s * s + i % s];
}

/* L·(Lᵀ·x) against A·x, for a vector x of 1 and -1 that the factorisation never saw (R. Freivalds, 1977): n² steps, not n³. */
static struct outcome verify(const struct job *job)
{
	const struct matrix *a = job->data;
	double worst = 0, tolerance = 1e-13 * ((double)a->n + 1) * ((double)a->n + 1);
	for (size_t i = 0; i < a->n; i++)
		a->x[i] = rng_at(~job->seed, i) >> 63 ? 1 : -1, a->y[i] = a->z[i] = 0;
	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j <= i; j++) {
			a->y[i] += element(job, i, j) * a->x[j];
			if (j < i)
				a->y[j] += element(job, i, j) * a->x[i];
			a->z[j] += result(a, i, j) * a->x[i];
		}
	for (size_t i = 0; i < a->n; i++) {
		double sum = -a->y[i];
		for (size_t j = 0; j <= i; j++)
			sum += result(a, i, j) * a->z[j];
		worst = fabs(sum) <= worst ? worst : fabs(sum); /* NaN stays */
	}
	struct outcome out = {worst <= tolerance, 0, worst, ""};
	snprintf(out.text, sizeof out.text, "L times its transpose differs from A by %.2g (times a vector of ones; tolerance %.2g)", worst, tolerance);
	return out;
}

#endif
