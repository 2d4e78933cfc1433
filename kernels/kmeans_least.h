/* The least of vectors and of their lanes, for kernels/kmeans.c. Read once per instruction set (kernels/simd.h). */

/* Every second lane of two vectors, and the lanes' own numbers. */
#undef EVENS
#undef ODDS
#undef LANE_NUMBERS
#if LANES == 8
#define EVENS 0, 2, 4, 6, 8, 10, 12, 14
#define ODDS 1, 3, 5, 7, 9, 11, 13, 15
#define LANE_NUMBERS 0, 1, 2, 3, 4, 5, 6, 7
#elif LANES == 4
#define EVENS 0, 2, 4, 6
#define ODDS 1, 3, 5, 7
#define LANE_NUMBERS 0, 1, 2, 3
#else
#define EVENS 0, 2
#define ODDS 1, 3
#define LANE_NUMBERS 0, 1
#endif

/* The smaller one in each lane. */
SIMD_TARGET static inline vf64 SIMD(smaller)(vf64 a, vf64 b)
{
#if LANES == 8
	return (vf64)_mm512_min_pd((__m512d)a, (__m512d)b);
#elif LANES == 4
	return (vf64)_mm256_min_pd((__m256d)a, (__m256d)b);
#else
	for (int lane = 0; lane < LANES; lane++)
		a[lane] = a[lane] < b[lane] ? a[lane] : b[lane];
	return a;
#endif
}

/* The least number in each of LANES vectors. Two vectors become one of neighbours' lesser ones, and so on until one is left: fewer
 * steps than to go through each vector for itself. */
SIMD_TARGET static inline __attribute__((always_inline)) vf64 SIMD(least_of_each)(const vf64 *least)
{
	vf64 all[LANES];
#pragma GCC unroll 8
	for (int i = 0; i < LANES; i++)
		all[i] = least[i];
#pragma GCC unroll 8
	for (int n = LANES / 2; n > 0; n /= 2)
#pragma GCC unroll 8
		for (int i = 0; i < n; i++)
			all[i] = SIMD(smaller)(__builtin_shuffle(all[2 * i], all[2 * i + 1], (vi64){EVENS}),
					       __builtin_shuffle(all[2 * i], all[2 * i + 1], (vi64){ODDS}));
	return all[0];
}
