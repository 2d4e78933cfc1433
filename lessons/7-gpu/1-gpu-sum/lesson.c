/* A thousand sums at once, and the way there                                                                ★★☆
 *
 * What you learn: a device runs one function (the kernel) in thousands of threads at once; each finds its own piece of the data by
 * its index (grid, block, thread). Adding up is the hard part: all threads want the one result. So it goes by steps: within a warp
 * from register to register, within a block through shared memory, between blocks by one atomic addition. And before all of it the
 * data must get there: the transfer tax.
 *
 * How the number is made: --size numbers of 8 bytes lie in the machine's memory and are copied to the device in every run; that is
 * counted in its time, and told apart by the device's own clock. The sum must be exact: the numbers are such that every order of
 * additions gives the same double, which integers found before. Variants on OpenCL run on any processor that PoCL knows; those on
 * CUDA need an NVIDIA device, and where there is none a run recorded on a named machine is shown (--demo recorded). The device's
 * ceilings are measured on itself: how fast it copies within its memory, how fast it multiplies and adds. */
#include <stdio.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "kernels/runtime/device.h"
#include "kernels/runtime/opencl.h" /* opencl_open, opencl_kernel, opencl_buffer; the calls below are OpenCL's own */
#include "lessons/lesson.h"
#include "lessons/recorded.h"

extern const struct kernel kernel_gpu_sum; /* kernels/gpu_sum.c, gpu_sum.cl, gpu_sum.cu */

static const char *given_device;
static const char *pick_device(const char *name) { return opencl_choose(name); }

#if HAVE_OPENCL
OPENCL_SOURCE(who_cl, "lessons/7-gpu/1-gpu-sum/who.cl");
static struct opencl_program who_program = {.name = "who.cl", .source = who_cl};

/* The smallest program on a device: 12 work-items in groups of 4 write down who they are. */
//> who-host
static int demo_who(struct telling *t)
{
	enum { ITEMS = 12, GROUP = 4 };
	int32_t out[3 * ITEMS];
	size_t items = ITEMS, group = GROUP;
	struct opencl *cl = opencl_open();
	cl_kernel kernel = opencl_kernel(&who_program, "who");
	cl_mem there = opencl_buffer(0, sizeof out);
	if (!kernel || !there)
		return -1;
	clSetKernelArg(kernel, 0, sizeof there, &there);
	if (!opencl_ok(clEnqueueNDRangeKernel(cl->queue, kernel, 1, NULL, &items, &group, 0, NULL, NULL), "who") ||
	    !opencl_ok(clEnqueueReadBuffer(cl->queue, there, CL_TRUE, 0, sizeof out, out, 0, NULL, NULL), "reading back"))
		return -1;
	bool right = true;
	for (int i = 0; i < ITEMS; i++) {
		tell(t, "group %d item %d is %d", out[3 * i], out[3 * i + 1], out[3 * i + 2]);
		right = right && out[3 * i + 2] == i;
	}
	tell_figure(t, out[3 * (2 * GROUP + 1) + 2], 2 * GROUP + 1);
	tell_check(t, right, "every index from 0 to %d came once", ITEMS - 1);
	return 0;
}
//< who-host
#else
static int demo_who(struct telling *t)
{
	(void)t;
	return -1;
}
#endif

static void tell_device(struct telling *t, const char *kind, const struct device *d, const char *why)
{
	if (!d) {
		tell(t, "%s: %s", kind, why);
		return;
	}
	tell(t, "%s: %s", d->via, d->name);
	tell(t, "   copies %.4g GB/s, %.4g Gflop/s (4-byte), %.4g Gflop/s (8-byte)", 1e-9 * d->copy_bytes_per_second,
	     1e-9 * d->f32_flops_per_second, 1e-9 * d->f64_flops_per_second);
	if (d->cpu)
		tell(t, "   this is the processor itself, not a GPU");
}

static int demo_devices(struct telling *t)
{
	const struct device *cl = opencl_device(), *cuda = cuda_device();
	tell_device(t, "OpenCL", cl, opencl_unavailable());
	tell_device(t, "CUDA", cuda, cuda_unavailable());
	tell_figure(t, (cl != NULL) + (cuda != NULL), 1);
	return 0;
}

static int demo_recorded(struct telling *t) { return recorded_tell(t, "gpu-sum"); }
static const char *no_record(void) { return recorded_missing("gpu-sum"); }

static const struct demo demos[] = {
	{"who", "12 work-items in groups of 4 tell who they are", .run = demo_who, .unavailable = opencl_unavailable},
	{"devices", "which devices are here, and what they can do at most", .run = demo_devices},
	{"recorded", "a run recorded on a GPU, with machine, date and command", .run = demo_recorded, .unavailable = no_record},
	{0},
};

static const struct lesson_option options[] = {
	{"device", "NAME", "the OpenCL device to use: a part of its name or its platform's", NULL, &given_device, NULL, pick_device},
	{0},
};

static const struct lesson lesson = {
	.id = "gpu-sum", .level = 2, .minutes_min = 36, .minutes_max = 57, .needs = "map-reduce", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_gpu_sum, NULL}, .threads = "max",
	.demos = demos, .options = options,
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
