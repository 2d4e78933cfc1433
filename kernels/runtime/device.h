/* Accelerators: may a variant of kind CUDA or OpenCL run here, and on what. For kernels in C; the calls of CUDA and OpenCL
 * themselves stand in the kernels, with the few means of cuda.h and opencl.h.
 *
 * A kernel with such variants gives `device_of` as its .device and one of the two `…_unavailable` as theirs. */
#ifndef LOCKSTEP_RUNTIME_DEVICE_H
#define LOCKSTEP_RUNTIME_DEVICE_H

#include "kernels/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/* NULL: there is a device; else the reason why not, with the package that would cure it. Asked once per process. */
const char *cuda_unavailable(void);
const char *opencl_unavailable(void);

/* The device, its ceilings measured when first asked for (some tenths of a second); NULL where there is none. */
const struct device *cuda_device(void);
const struct device *opencl_device(void);

/* For struct kernel: by the variant's kind (KIND_CUDA, KIND_OPENCL); NULL for all others. */
const struct device *device_of(int kind);

/* For an option --device NAME: the OpenCL device whose name, or whose platform's name, holds NAME (capitals or not), as
 * LOCKSTEP_OPENCL=NAME in the environment does. NULL, or what there is, when none is called so. Before any other call. */
const char *opencl_choose(const char *name);

/* One sentence on stderr about a call that failed; errno becomes `error`. Returns -1. */
int device_complain(const char *who, const char *what, const char *why, int error);

#ifdef __cplusplus
}
#endif
#endif
