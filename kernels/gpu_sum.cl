/* Sum of squares in OpenCL C. One work-item reads one number (or several); work-items of one group share `local` memory and
 * meet at barriers; groups meet only in the one result. Read beside gpu_sum.cu: the same ideas in CUDA's words. */
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable

enum { GROUP = 256 };

/* There is no atomic addition of doubles here: try until nobody came between reading and writing. */
static void add_atomically(volatile global double *sum, double x)
{
	ulong old, now = as_ulong(*sum);
	do {
		old = now;
		now = atom_cmpxchg((volatile global ulong *)sum, old, as_ulong(as_double(old) + x));
	} while (now != old);
}

//> opencl-atomics
kernel void sum_atomics(global const double *x, ulong n, global double *sum)
{
	size_t i = get_global_id(0);
	if (i < n)
		add_atomically(sum, x[i] * x[i]); /* all of them stand in one queue */
}
//< opencl-atomics

//> opencl-tree
kernel void sum_tree(global const double *x, ulong n, global double *sum)
{
	local double part[GROUP];
	size_t i = get_global_id(0), me = get_local_id(0);
	part[me] = i < n ? x[i] * x[i] : 0;
	for (size_t reach = GROUP / 2; reach > 0; reach /= 2) {
		barrier(CLK_LOCAL_MEM_FENCE); /* what the others wrote is there */
		if (me < reach)
			part[me] += part[me + reach];
	}
	if (me == 0)
		add_atomically(sum, part[0]);
}
//< opencl-tree

//> opencl-no-barrier
kernel void sum_no_barrier(global const double *x, ulong n, global double *sum)
{
	local double part[GROUP];
	size_t i = get_global_id(0), me = get_local_id(0);
	part[me] = i < n ? x[i] * x[i] : 0;
	for (size_t reach = GROUP / 2; reach > 0; reach /= 2)
		if (me < reach)
			part[me] += part[me + reach]; /* was it written yet? */
	if (me == 0)
		add_atomically(sum, part[0]);
}
//< opencl-no-barrier

//> opencl-vector
kernel void sum_vector(global const double *x, ulong n, global double *sum)
{
	local double part[GROUP];
	size_t me = get_local_id(0), i = get_global_id(0), step = get_global_size(0);
	double4 a = 0, b = 0;
	for (; i + step < n / 4; i += 2 * step) { /* two loads of 32 bytes on their way at once */
		double4 u = vload4(i, x), v = vload4(i + step, x);
		a += u * u;
		b += v * v;
	}
	for (; i < n / 4; i += step) {
		double4 u = vload4(i, x);
		a += u * u;
	}
	a += b;
	part[me] = a.s0 + a.s1 + a.s2 + a.s3;
	i = n / 4 * 4 + get_global_id(0); /* at most three are left */
	if (i < n)
		part[me] += x[i] * x[i];
	for (size_t reach = GROUP / 2; reach > 0; reach /= 2) {
		barrier(CLK_LOCAL_MEM_FENCE);
		if (me < reach)
			part[me] += part[me + reach];
	}
	if (me == 0)
		add_atomically(sum, part[0]);
}
//< opencl-vector
