/* The products of matrices of kernels/mlp.c, and the exponential, in vectors. Read once per instruction set (kernels/simd.h). */
#undef ROWS
#undef WIDTH
#if LANES == 8
#define ROWS 8
#define WIDTH 3
#else
#define ROWS 4
#define WIDTH 2
#endif

/* A tile of C = from + A B, `rows` x `width` vectors, in registers. Number (i, k) of A stands at a[i * across + k * along]: so A
 * may as well lie on its side. What is done to C at the end costs no way through memory here. */
SIMD_TARGET static inline __attribute__((always_inline)) void SIMD(tile)(const int rows, const int width,
		const enum ending ending, struct product p)
{
	vf64 sum[ROWS][WIDTH];
#pragma GCC unroll 8
	for (int i = 0; i < rows; i++)
#pragma GCC unroll 8
		for (int j = 0; j < width; j++)
			sum[i][j] = *(const vf64 *)(p.from + (size_t)i * p.from_stride + (size_t)j * LANES);
	for (size_t k = 0; k < p.depth; k++, p.a += p.along, p.b += p.b_stride)
#pragma GCC unroll 8
		for (int i = 0; i < rows; i++)
#pragma GCC unroll 8
			for (int j = 0; j < width; j++)
				sum[i][j] += p.a[(size_t)i * p.across] * *(const vf64 *)(p.b + j * LANES);
#pragma GCC unroll 8
	for (int i = 0; i < rows; i++)
#pragma GCC unroll 8
		for (int j = 0; j < width; j++) {
			if (ending == POSITIVE)
				sum[i][j] = (vf64)((vi64)sum[i][j] & (sum[i][j] > 0));
			if (ending == WHERE)
				sum[i][j] = (vf64)((vi64)sum[i][j] &
						   (*(const vf64 *)(p.where + (size_t)i * p.where_stride + (size_t)j * LANES) > 0));
			*(vf64 *)(p.c + (size_t)i * p.c_stride + (size_t)j * LANES) = sum[i][j];
		}
}

/* As many tiles of `rows` rows as there are from row i on. Returns the row after them. */
SIMD_TARGET static inline __attribute__((always_inline)) size_t SIMD(tiles)(const int rows, const int width,
		const enum ending ending, size_t i, struct product p)
{
	for (; i + (size_t)rows <= p.rows; i += (size_t)rows) {
		struct product q = p;
		q.a += i * p.across;
		q.from += i * p.from_stride;
		q.c += i * p.c_stride;
		q.where += ending == WHERE ? i * p.where_stride : 0;
		SIMD(tile)(rows, width, ending, q);
	}
	return i;
}

SIMD_TARGET static inline __attribute__((always_inline)) void SIMD(strip)(const int width, const enum ending ending,
		struct product p)
{
	size_t i = SIMD(tiles)(ROWS, width, ending, 0, p);
	i = SIMD(tiles)(2, width, ending, i, p);
	SIMD(tiles)(1, width, ending, i, p);
}

/* How wide the next strip of so many columns is, in numbers. */
SIMD_TARGET static inline size_t SIMD(wide)(size_t columns)
{
	return columns >= WIDTH * LANES ? WIDTH * LANES : columns >= 2 * LANES ? 2 * LANES : LANES;
}

/* A strip of a product, each width with code of its own. */
SIMD_TARGET static inline __attribute__((always_inline)) void SIMD(product)(size_t columns, const enum ending ending,
		struct product p)
{
	if (columns == WIDTH * LANES)
		SIMD(strip)(WIDTH, ending, p);
	else if (columns == 2 * LANES)
		SIMD(strip)(2, ending, p);
	else
		SIMD(strip)(1, ending, p);
}

/* The plain one is wanted often, and so a function that is called. */
SIMD_TARGET static __attribute__((noinline)) void SIMD(plain)(size_t columns, struct product p)
{
	SIMD(product)(columns, PLAIN, p);
}

/* e^t for t <= 0, to the last places: t = n ln 2 + r with |r| <= ln 2 / 2, the series for e^r, and n added to the exponent. To add
 * 1.5 2^52 rounds to a whole number and leaves it in the lowest bits. Below -600: 0. */
SIMD_TARGET static inline vf64 SIMD(exponential)(vf64 t)
{
	vi64 keep = t > -600.0;
	t = (vf64)((vi64)t & keep);
	vf64 shifted = t * 0x1.71547652b82fep0 + 0x1.8p52, n = shifted - 0x1.8p52;
	vf64 r = t - n * 0x1.62e42fefa39efp-1 - n * 0x1.abc9e3b39803fp-56, sum = r * (1 / 6227020800.0) + 1 / 479001600.0;
	sum = ((sum * r + 1 / 39916800.0) * r + 1 / 3628800.0) * r + 1 / 362880.0;
	sum = ((sum * r + 1 / 40320.0) * r + 1 / 5040.0) * r + 1 / 720.0;
	sum = ((sum * r + 1 / 120.0) * r + 1 / 24.0) * r + 1 / 6.0;
	sum = ((sum * r + 0.5) * r + 1) * r + 1;
	return (vf64)((((vi64)shifted << 52) + (vi64)sum) & keep);
}
