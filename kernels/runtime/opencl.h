/* The few means that kernels on OpenCL share: one device, one queue, buffers that stay, errors in one sentence. The taught
 * calls (write a buffer, set arguments, enqueue a kernel, read back) stand in the kernels.
 *
 *     OPENCL_SOURCE(gpu_sum_cl, "kernels/gpu_sum.cl");        the text of the file becomes a part of the program
 *     static struct opencl_program program = {"gpu_sum.cl", gpu_sum_cl};
 *     …
 *     cl_kernel kernel = opencl_kernel(&program, "sum_tree");  built for the device when first asked for
 *
 * Not for several threads at once. */
#ifndef LOCKSTEP_OPENCL_H
#define LOCKSTEP_OPENCL_H

#include "kernels/runtime/device.h"

#if HAVE_OPENCL
#define CL_TARGET_OPENCL_VERSION 300
#include <CL/cl.h>
#include <stddef.h>

#define OPENCL_SOURCE(symbol, file)                                                                                    \
	__asm__(".pushsection .rodata\n\t.global " #symbol "\n" #symbol ":\n\t.incbin \"" file "\"\n\t.byte 0\n\t.popsection\n"); \
	extern const char symbol[]

struct opencl {
	cl_device_id device;
	cl_context context;
	cl_command_queue queue; /* in order, with a clock */
	size_t units, group_most;
	bool doubles; /* it has 8-byte floats */
};
/* The device, opened when first asked for; NULL where there is none (opencl_unavailable says why). */
struct opencl *opencl_open(void);

struct opencl_program {
	const char *name, *source;
	const char *options; /* for the compiler; NULL: "-cl-mad-enable", which may round a * b + c once instead of twice */
	cl_program built;
	struct {
		const char *name;
		cl_kernel kernel;
	} kernel[16];
};
/* NULL with errno after one sentence. It stays the program's. */
cl_kernel opencl_kernel(struct opencl_program *program, const char *name);

/* Memory of the device that stays between runs and only grows: slot 0 to 15, contents unknown. NULL with errno. */
cl_mem opencl_buffer(int slot, size_t bytes);

/* False, and one sentence, when `status` is an error. */
bool opencl_ok(cl_int status, const char *what);

/* Seconds by the device's clock from the start of one command to the end of another (or the same one), which has ended. */
double opencl_seconds(cl_event first, cl_event last);
/* Gives events back, NULL ones too. */
void opencl_release(cl_event *event, int n);

#endif
#endif
