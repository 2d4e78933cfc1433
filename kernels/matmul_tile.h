/* The vector code of kernels/matmul.c; read run_naive and run_ikj there first. This half is compiled once per instruction set
 * (kernels/simd.h): LANES is 2, 4 or 8, vf64 a vector of so many doubles, SIMD(tile) the name tile_base, tile_avx2 or
 * tile_avx512. */
#ifdef SIMD_PASS

/* A tile of C: ROWS rows of WIDTH vectors. Its sums, WIDTH vectors of B and one for a number of A must fit the registers, 32 with
 * AVX-512, else 16. Eight sums are the least: a multiply-add takes four cycles and two can start in each, so with fewer the units
 * would wait for one another. */
#undef ROWS
#undef WIDTH
#if LANES == 8
#define ROWS 8
#define WIDTH 3
#elif LANES == 4
#define ROWS 6
#define WIDTH 2
#else
#define ROWS 4
#define WIDTH 2
#endif

//> wide
/* c += factor * b, n numbers: the inner loop of ikj, in the widest vectors of the processor. */
SIMD_TARGET static void SIMD(add_row)(double *restrict c, const double *restrict b, double factor, size_t n)
{
	for (size_t j = 0; j < n; j++)
		c[j] += factor * b[j];
}
//< wide

//> tile
/* One tile: c[ROWS][WIDTH vectors] = (add ? c : 0) + the sum over k < depth of
 *
 *     a column of A, ROWS numbers: a[i * row + k * column]      x      a row of B, WIDTH vectors, at b + k * step
 *
 * Every number of A meets every vector of B, so ROWS + WIDTH reads serve ROWS * WIDTH multiply-adds. All loops over i and j are
 * unrolled wholly: sum[i][j] then lives in registers, not in memory. GCC repeats the number a[..] in all lanes of a vector. The
 * lines of C are asked for row by row on the way, not all at once: only about a dozen lines can be on their way to a core, and
 * among these must be those of A and B. */
SIMD_TARGET static inline __attribute__((always_inline)) void SIMD(tile)(size_t depth, const double *restrict a, size_t row,
		size_t column, const double *restrict b, size_t step, double *restrict c, size_t stride, bool add)
{
	vf64 sum[ROWS][WIDTH];
#pragma GCC unroll 8
	for (int i = 0; i < ROWS; i++)
#pragma GCC unroll 8
		for (int j = 0; j < WIDTH; j++)
			sum[i][j] = (vf64){0};
	for (size_t part = 0, k = 0; part < ROWS; part++) {
		for (size_t j = 0; j < WIDTH; j++)
			__builtin_prefetch(c + part * stride + j * LANES, 1);
		for (; k < depth * (part + 1) / ROWS; k++, a += column, b += step) {
#pragma GCC unroll 8
			for (size_t i = 0; i < ROWS; i++)
#pragma GCC unroll 8
				for (int j = 0; j < WIDTH; j++)
					sum[i][j] += a[i * row] * ((const vf64_any *)b)[j];
		}
	}
#pragma GCC unroll 8
	for (size_t i = 0; i < ROWS; i++)
#pragma GCC unroll 8
		for (int j = 0; j < WIDTH; j++) {
			vf64_any *to = (vf64_any *)(c + i * stride) + j;
			if (add)
				sum[i][j] += *to;
			*to = sum[i][j];
		}
}

/* C = A B, tile by tile, A and B where they lie. The last tile of a row or column begins earlier and computes some entries again;
 * a matrix smaller than a tile is not for this. */
SIMD_TARGET static void SIMD(tiles)(size_t n, const double *a, const double *b, double *c)
{
	for (size_t j = 0; j < n; j += WIDTH * LANES)
		for (size_t i = 0; i < n; i += ROWS) {
			size_t at = least(i, n - ROWS), left = least(j, n - WIDTH * LANES);
			SIMD(tile)(n, a + at * n, n, 1, b + left, n, c + at * n + left, n, false);
		}
}
//< tile

//> blocked
/* Packing lays the numbers of A and B in the order in which the tile takes them, so that it reads both from front to back:
 *
 *     A (ROWS = 4)          packed: strip after strip, in a strip column after column
 *       a00 a01 a02 ..        a00 a10 a20 a30 | a01 a11 a21 a31 | ..      the strip of rows i.. begins at i * depth
 *       a10 a11 a12 ..
 *       a20 a21 a22 ..      B packed: strips of WIDTH vectors, in a strip row after row
 *       a30 a31 a32 ..        b00 b01 .. | b10 b11 .. | ..                the strip of columns j.. begins at j * depth
 *
 * Copies a strip of A, at most ROWS rows; rows beyond the matrix become zeros. */
SIMD_TARGET static void SIMD(pack_a)(const double *a, size_t stride, size_t rows, size_t depth, double *to)
{
	if (rows >= ROWS) /* the usual case, without a test per number */
		for (size_t k = 0; k < depth; k++, to += ROWS)
#pragma GCC unroll 8
			for (size_t r = 0; r < ROWS; r++)
				to[r] = a[r * stride + k];
	else
		for (size_t k = 0; k < depth; k++, to += ROWS)
			for (size_t r = 0; r < ROWS; r++)
				to[r] = r < rows ? a[r * stride + k] : 0;
}

/* Copies a strip of B, at most WIDTH vectors wide; columns beyond the matrix become zeros. */
SIMD_TARGET static void SIMD(pack_b)(const double *b, size_t stride, size_t columns, size_t depth, double *to)
{
	if (columns >= WIDTH * LANES)
		for (size_t k = 0; k < depth; k++, to += WIDTH * LANES)
			memcpy(to, b + k * stride, WIDTH * LANES * sizeof *to);
	else
		for (size_t k = 0; k < depth; k++, to += WIDTH * LANES)
			for (size_t j = 0; j < WIDTH * LANES; j++)
				to[j] = j < columns ? b[k * stride + j] : 0;
}

/* Strips of packed A times strips of packed B. A tile that juts out of C is computed whole, and what lies inside is copied. */
SIMD_TARGET static void SIMD(block)(size_t rows, size_t columns, size_t depth, const double *a, const double *b, double *c,
				    size_t stride, bool add)
{
	_Alignas(64) double edge[ROWS * WIDTH * LANES];
	for (size_t i = 0; i < rows; i += ROWS)
		for (size_t j = 0; j < columns; j += WIDTH * LANES) {
			const double *strip_a = a + i * depth, *strip_b = b + j * depth;
			size_t high = least(rows - i, ROWS), wide = least(columns - j, WIDTH * LANES);
			double *to = c + i * stride + j;
			if (high == ROWS && wide == WIDTH * LANES) {
				SIMD(tile)(depth, strip_a, 1, ROWS, strip_b, WIDTH * LANES, to, stride, add);
				continue;
			}
			SIMD(tile)(depth, strip_a, 1, ROWS, strip_b, WIDTH * LANES, edge, WIDTH * LANES, false);
			for (size_t r = 0; r < high; r++)
				for (size_t s = 0; s < wide; s++)
					to[r * stride + s] = (add ? to[r * stride + s] : 0) + edge[r * WIDTH * LANES + s];
		}
}
//< blocked

static const struct engine SIMD(engine) = {ROWS,	   WIDTH * LANES, SIMD(add_row), SIMD(tiles),
					   SIMD(pack_a), SIMD(pack_b),  SIMD(block)};

#else

/* The vector code, made for one instruction set. */
struct engine {
	size_t rows, columns; /* of a tile */
	void (*add_row)(double *restrict c, const double *restrict b, double factor, size_t n);
	void (*tiles)(size_t n, const double *a, const double *b, double *c);
	void (*pack_a)(const double *a, size_t stride, size_t rows, size_t depth, double *to);
	void (*pack_b)(const double *b, size_t stride, size_t columns, size_t depth, double *to);
	void (*block)(size_t rows, size_t columns, size_t depth, const double *a, const double *b, double *c, size_t stride, bool add);
};

static inline size_t least(size_t x, size_t y) { return x < y ? x : y; }

#define SIMD_SOURCE "kernels/matmul_tile.h"
#include "kernels/simd.h"

static const struct engine *const engines[] = SIMD_TABLE(&engine);

#endif
