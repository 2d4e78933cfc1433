/* What an accelerator tells of itself and of each run on it. Plain C and C++: nvcc reads it, too. */
#ifndef LOCKSTEP_DEVICE_H
#define LOCKSTEP_DEVICE_H

#include <stdbool.h>

/* One run by the device's own clock, in seconds. What the run took beyond their sum was spent on the way there and back. */
struct device_took {
	double copy_in, compute, copy_out;
	double occupancy; /* share of the threads that the device could hold at once, 0 to 1; NaN: not known */
};

/* The device itself; the three ceilings are measured on it, once per process. */
struct device {
	char name[128];               /* "NVIDIA H100 80GB HBM3" */
	char via[96];                 /* "CUDA 13.0", "OpenCL on the CPU (PoCL)" */
	bool cpu;                     /* it is no other than this machine's own processor */
	double copy_bytes_per_second; /* of a copy from its memory to its memory, bytes read and bytes written counted */
	double f32_flops_per_second;  /* of fused multiply-adds, two operations each, without tensor cores */
	double f64_flops_per_second;  /* 0: it has no 8-byte floats */
};

#endif
