/* Vector code that is written once and compiled for several instruction sets.
 *
 * A kernel file names itself and includes this header:
 *
 *     #define SIMD_SOURCE "kernels/NAME.c"
 *     #include "kernels/simd.h"
 *
 * and is then read again once per level, with SIMD_PASS defined. In such a pass there are
 *
 *     vf64, vi64        vectors of double and int64_t, as wide as the level's registers
 *     vf64_any          the same at any address that suits a double: *(const vf64_any *)(x + i)
 *     LANES             numbers per vector
 *     SIMD(f)           f_base, f_avx2, f_avx512
 *     SIMD_TARGET       to stand before each function of the pass
 *
 * and afterwards SIMD_TABLE(f) lists the versions of f in the order of simd_level(), so that
 *
 *     static double (*const sum[])(const double *, size_t) = SIMD_TABLE(sum);
 *     sum[simd_level()](x, n);
 *
 * calls the best one that this processor has. The choice is made at run time: one binary runs on every x86-64, and
 * other processors get the level "base" (16-byte vectors: SSE2, NEON). Why not target_clones: gcc cuts wide vectors
 * into narrow ones before it makes the clones, and the resolvers run before the sanitizers are ready.
 *
 * LOCKSTEP_SIMD=base|avx2|avx512 in the environment asks for a lower level, for tests and for curiosity. */
#ifndef LOCKSTEP_SIMD_H
#define LOCKSTEP_SIMD_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum simd_level { SIMD_BASE, SIMD_AVX2, SIMD_AVX512, SIMD_LEVELS };

static inline const char *simd_name(enum simd_level level)
{
	static const char *const name[] = {"base", "avx2", "avx512"};
	return name[level];
}

/* The highest level that this processor and its operating system can run. */
static inline enum simd_level simd_best(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
		return SIMD_AVX512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return SIMD_AVX2;
#endif
	return SIMD_BASE;
}

/* The level to use: the best, or a lower one that the environment asks for. */
static inline enum simd_level simd_level(void)
{
	enum simd_level best = simd_best();
	const char *asked = getenv("LOCKSTEP_SIMD");
	for (enum simd_level level = SIMD_BASE; asked && level < best; level++)
		if (!strcmp(asked, simd_name(level)))
			return level;
	return best;
}

/* Memory for numbers, at the begin of a cache line, large arrays in large pages where the system has them (fewer page
 * faults and address look-ups); NULL with errno ENOMEM. Any count is allowed, 0 too. For free(). */
static inline void *simd_alloc(size_t count, size_t size)
{
	size_t bytes, page = (size_t)2 << 20;
	if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2) {
		errno = ENOMEM;
		return NULL;
	}
	size_t align = bytes < 2 * page ? 64 : page;
	void *p = aligned_alloc(align, (bytes / align + 1) * align);
	if (!p)
		errno = ENOMEM;
	else if (align == page)
		(void)madvise(p, bytes, MADV_HUGEPAGE); /* a wish: what comes of it does not matter to the result */
	return p;
}

typedef double f64x2 __attribute__((vector_size(16)));
typedef double f64x4 __attribute__((vector_size(32)));
typedef double f64x8 __attribute__((vector_size(64)));
typedef double f64x2_any __attribute__((vector_size(16), aligned(8), may_alias));
typedef double f64x4_any __attribute__((vector_size(32), aligned(8), may_alias));
typedef double f64x8_any __attribute__((vector_size(64), aligned(8), may_alias));
typedef int64_t i64x2 __attribute__((vector_size(16)));
typedef int64_t i64x4 __attribute__((vector_size(32)));
typedef int64_t i64x8 __attribute__((vector_size(64)));

#ifdef __x86_64__
#define SIMD_TABLE(f) {f##_base, f##_avx2, f##_avx512}
#else
#define SIMD_TABLE(f) {f##_base}
#endif

#ifdef SIMD_SOURCE

#define SIMD_PASS SIMD_BASE
#define SIMD(f) f##_base
#define SIMD_TARGET
#define LANES 2
#define vf64 f64x2
#define vf64_any f64x2_any
#define vi64 i64x2
#include SIMD_SOURCE
#undef SIMD
#undef SIMD_TARGET
#undef SIMD_PASS
#undef LANES
#undef vf64
#undef vf64_any
#undef vi64

#ifdef __x86_64__
#define SIMD_PASS SIMD_AVX2
#define SIMD(f) f##_avx2
#define SIMD_TARGET __attribute__((target("avx2,fma")))
#define LANES 4
#define vf64 f64x4
#define vf64_any f64x4_any
#define vi64 i64x4
#include SIMD_SOURCE
#undef SIMD
#undef SIMD_TARGET
#undef SIMD_PASS
#undef LANES
#undef vf64
#undef vf64_any
#undef vi64

#define SIMD_PASS SIMD_AVX512
#define SIMD(f) f##_avx512
#define SIMD_TARGET __attribute__((target("avx2,fma,avx512f,avx512dq,avx512vl")))
#define LANES 8
#define vf64 f64x8
#define vf64_any f64x8_any
#define vi64 i64x8
#include SIMD_SOURCE
#undef SIMD
#undef SIMD_TARGET
#undef SIMD_PASS
#undef LANES
#undef vf64
#undef vf64_any
#undef vi64
#endif

#endif
#endif
