/* Matrix product of 4-byte floats in OpenCL C: C = A B in rows of `ld` numbers, padded with zeros to a multiple of 64. Read beside
 * gpu_matmul.cu: the same ideas in CUDA's words. */
enum { TILE = 16, BLOCK = 64, EACH = 4 };

//> opencl-naive
kernel void product_naive(global const float *a, global const float *b, global float *c, int ld)
{
	size_t column = get_global_id(0), row = get_global_id(1);
	float sum = 0;
	for (int k = 0; k < ld; k++)
		sum += a[row * ld + k] * b[k * ld + column];
	c[row * ld + column] = sum;
}
//< opencl-naive

//> opencl-tiled
kernel void product_tiled(global const float *a, global const float *b, global float *c, int ld)
{
	local float at[TILE][TILE], bt[TILE][TILE];
	size_t x = get_local_id(0), y = get_local_id(1), column = get_global_id(0), row = get_global_id(1);
	float sum = 0;
	for (int k = 0; k < ld; k += TILE) {
		at[y][x] = a[row * ld + k + x];
		bt[y][x] = b[(k + y) * ld + column];
		barrier(CLK_LOCAL_MEM_FENCE); /* the tiles are whole */
		for (int i = 0; i < TILE; i++)
			sum += at[y][i] * bt[i][x];
		barrier(CLK_LOCAL_MEM_FENCE); /* nobody needs them any more */
	}
	c[row * ld + column] = sum;
}
//< opencl-tiled

//> opencl-no-barrier
kernel void product_no_barrier(global const float *a, global const float *b, global float *c, int ld)
{
	local float at[TILE][TILE], bt[TILE][TILE];
	size_t x = get_local_id(0), y = get_local_id(1), column = get_global_id(0), row = get_global_id(1);
	float sum = 0;
	for (int k = 0; k < ld; k += TILE) {
		at[y][x] = a[row * ld + k + x];
		bt[y][x] = b[(k + y) * ld + column];
		for (int i = 0; i < TILE; i++)
			sum += at[y][i] * bt[i][x]; /* did the others bring theirs yet? */
	}
	c[row * ld + column] = sum;
}
//< opencl-no-barrier

//> opencl-blocked
/* A group of 16 x 16 work-items makes 64 x 64 elements of C, each of them 4 x 4 in its own variables: 8 numbers fetched serve 16
 * multiplications. */
kernel void product_blocked(global const float *a, global const float *b, global float *c, int ld)
{
	local float at[TILE][BLOCK], bt[TILE][BLOCK]; /* A's tile stands on its side */
	int x = get_local_id(0), y = get_local_id(1), t = y * TILE + x;
	float4 sum[EACH] = {0, 0, 0, 0};
	a += get_group_id(1) * BLOCK * (size_t)ld;
	b += get_group_id(0) * BLOCK;
	c += get_group_id(1) * BLOCK * (size_t)ld + get_group_id(0) * BLOCK;
	for (int k = 0; k < ld; k += TILE) {
		for (int i = t; i < TILE * BLOCK; i += TILE * TILE) {
			at[i % TILE][i / TILE] = a[(size_t)(i / TILE) * ld + k + i % TILE];
			bt[i / BLOCK][i % BLOCK] = b[(size_t)(k + i / BLOCK) * ld + i % BLOCK];
		}
		barrier(CLK_LOCAL_MEM_FENCE);
		for (int d = 0; d < TILE; d++) {
			float4 left = vload4(y, at[d]), right = vload4(x, bt[d]);
			sum[0] += left.s0 * right;
			sum[1] += left.s1 * right;
			sum[2] += left.s2 * right;
			sum[3] += left.s3 * right;
		}
		barrier(CLK_LOCAL_MEM_FENCE);
	}
	for (int i = 0; i < EACH; i++)
		vstore4(sum[i], x, c + (size_t)(y * EACH + i) * ld);
}
//< opencl-blocked

//> opencl-wide
/* No local memory at all: 4 x 16 elements each, straight from A and B. What a cache keeps need not be copied by hand. */
kernel void product_wide(global const float *a, global const float *b, global float *c, int ld)
{
	size_t row = get_global_id(1) * 4, x = get_global_id(0);
	float16 s0 = 0, s1 = 0, s2 = 0, s3 = 0;
	a += row * ld;
	for (int k = 0; k < ld; k++) {
		float16 right = vload16(x, b + (size_t)k * ld);
		s0 += a[k] * right;
		s1 += a[k + ld] * right;
		s2 += a[k + 2 * ld] * right;
		s3 += a[k + 3 * ld] * right;
	}
	vstore16(s0, x, c + row * ld);
	vstore16(s1, x, c + (row + 1) * ld);
	vstore16(s2, x, c + (row + 2) * ld);
	vstore16(s3, x, c + (row + 3) * ld);
}
//< opencl-wide
