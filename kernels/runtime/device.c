/* What is common to both ways to a device. */
#include "kernels/runtime/device.h"

#include <errno.h>
#include <stdio.h>
#include "kernels/kernel.h"

const struct device *device_of(int kind)
{
	return kind == KIND_CUDA ? cuda_device() : kind == KIND_OPENCL ? opencl_device() : NULL;
}

int device_complain(const char *who, const char *what, const char *why, int error)
{
	fprintf(stderr, "lockstep: %s, %s: %s\n", who, what, why);
	errno = error;
	return -1;
}

#if !HAVE_CUDA
const char *cuda_unavailable(void)
{
#ifdef SANITIZED
	return "not in a build with a sanitizer: compute-sanitizer is the tool for CUDA";
#else
	return "built without CUDA: no nvcc was there (package nvidia-cuda-toolkit)";
#endif
}
const struct device *cuda_device(void) { return NULL; }
#endif

#if !HAVE_OPENCL
const char *opencl_unavailable(void) { return "built without OpenCL (packages ocl-icd-opencl-dev opencl-headers, then make)"; }
const struct device *opencl_device(void) { return NULL; }
const char *opencl_choose(const char *name)
{
	(void)name;
	return opencl_unavailable();
}
#endif
