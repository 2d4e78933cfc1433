/* Rows of the Mandelbrot set in OpenCL C. The same in CUDA: split.cu. */
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL FP_CONTRACT OFF /* each operation is rounded by itself, as on the CPU: the pictures must agree to the last step */

//> rows
/* A work-item for each pixel of the rows that the device was given: row[k] is the number of the k-th. */
kernel void rows(uint n, uint limit, double left, double top, double step, uint count, global const uint *row, global uint *out)
{
	uint i = get_global_id(0);
	if (i >= n * count)
		return; /* the last group may be too long */
	double cx = left + (double)(i % n) * step, cy = top + (double)row[i / n] * step;
	double x = 0, y = 0, xx = 0, yy = 0;
	uint steps = 0;
	for (; steps < limit && xx + yy <= 4; steps++) {
		y = (x + x) * y + cy;
		x = xx - yy + cx;
		xx = x * x;
		yy = y * y;
	}
	out[i] = steps;
}
//< rows
