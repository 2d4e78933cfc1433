/* What a device can do at most: bytes copied, and multiplications with additions, in a second. */

kernel void copy(global const float16 *from, global float16 *to)
{
	size_t i = get_global_id(0);
	to[i] = from[i];
}

/* 128 chains in each work-item, so that none waits for its own last addition. Each ends at 2: nothing overflows, and the store, which
 * is never reached, keeps the compiler from leaving all of it out. */
#define FMA_KERNEL(name, type, vector)                                                   \
	kernel void name(global type *out, int turns)                                    \
	{                                                                                \
		const vector x = (vector)(type)0.5, y = (vector)(type)1;                 \
		vector a = (vector)(get_global_id(0) * (type)1e-6), b = a + 1, c = a + 2, d = a + 3, e = a + 4, f = a + 5, g = a + 6, h = a + 7; \
		for (int i = 0; i < turns; i++) {                                        \
			a = mad(a, x, y), b = mad(b, x, y), c = mad(c, x, y), d = mad(d, x, y); \
			e = mad(e, x, y), f = mad(f, x, y), g = mad(g, x, y), h = mad(h, x, y); \
		}                                                                        \
		a += b + c + d + e + f + g + h;                                          \
		if (a.s0 + a.s7 < 0)                                                     \
			vstore16(a, get_global_id(0), out);                              \
	}

FMA_KERNEL(fma_f32, float, float16)

#ifdef cl_khr_fp64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
FMA_KERNEL(fma_f64, double, double16)
#endif
