/* OpenCL: finding a device, and what it can do at most. */
#include "kernels/runtime/opencl.h"

#if HAVE_OPENCL

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLATFORMS = 16, DEVICES = 16, BUFFERS = 16 };

OPENCL_SOURCE(opencl_cl, "kernels/runtime/opencl.cl");

static struct opencl opened;
static struct device facts;
static const char *chosen;  /* --device */
static char reason[400];    /* why there is none */
static enum { UNASKED, FOUND, NONE } state;

static struct {
	cl_mem memory;
	size_t bytes;
} buffer[BUFFERS];

/* ---- finding ------------------------------------------------------------------------------------------------------- */

static bool holds(const char *text, const char *part)
{
	size_t n = strlen(part);
	for (; *text; text++)
		if (!strncasecmp(text, part, n))
			return true;
	return n == 0;
}

/* Platforms' names are long; people know them by shorter ones. */
static void names_of(cl_platform_id platform, cl_device_id device, struct device *out)
{
	char maker[96] = "", name[128] = "";
	cl_device_type type = 0;
	clGetPlatformInfo(platform, CL_PLATFORM_NAME, sizeof maker, maker, NULL);
	clGetDeviceInfo(device, CL_DEVICE_NAME, sizeof name, name, NULL);
	clGetDeviceInfo(device, CL_DEVICE_TYPE, sizeof type, &type, NULL);
	*out = (struct device){.cpu = type & CL_DEVICE_TYPE_CPU};
	snprintf(out->name, sizeof out->name, "%s", name);
	snprintf(out->via, sizeof out->via, "OpenCL%s (%.60s)", out->cpu ? " on the CPU" : "",
		 holds(maker, "Portable Computing") ? "PoCL" : maker);
}

/* A real accelerator before the processor that has the work already. */
static int rank(cl_device_id device)
{
	cl_device_type type = 0;
	clGetDeviceInfo(device, CL_DEVICE_TYPE, sizeof type, &type, NULL);
	return type & CL_DEVICE_TYPE_GPU ? 3 : type & CL_DEVICE_TYPE_ACCELERATOR ? 2 : 1;
}

/* The best device, of those that are called `wanted` if that is given; all names go to `list`. */
static cl_device_id find(const char *wanted, struct device *found, char *list, size_t size)
{
	cl_platform_id platform[PLATFORMS];
	cl_uint platforms = 0, devices;
	cl_device_id device[DEVICES], best = NULL;
	size_t used = 0;

	list[0] = '\0';
	if (clGetPlatformIDs(PLATFORMS, platform, &platforms) != CL_SUCCESS)
		return NULL;
	for (cl_uint p = 0; p < platforms && p < PLATFORMS; p++) {
		if (clGetDeviceIDs(platform[p], CL_DEVICE_TYPE_ALL, DEVICES, device, &devices) != CL_SUCCESS)
			continue;
		for (cl_uint d = 0; d < devices && d < DEVICES; d++) {
			struct device one;
			names_of(platform[p], device[d], &one);
			if (used < size - 1)
				used += (size_t)snprintf(list + used, size - used, "%s%s: %s", used ? "; " : "", one.via, one.name);
			if (wanted && !holds(one.name, wanted) && !holds(one.via, wanted))
				continue;
			if (best && rank(device[d]) <= rank(best))
				continue;
			best = device[d];
			*found = one;
		}
	}
	return best;
}

const char *opencl_choose(const char *name)
{
	static char there[400];
	struct device one;
	chosen = name;
	return find(name, &one, there, sizeof there) ? NULL : *there ? there : "no OpenCL device is here (package pocl-opencl-icd)";
}

static bool open_queue(cl_device_id device)
{
	cl_queue_properties clock[] = {CL_QUEUE_PROPERTIES, CL_QUEUE_PROFILING_ENABLE, 0};
	cl_uint units = 1;
	cl_device_fp_config doubles = 0;
	cl_int status;

	opened.device = device;
	opened.context = clCreateContext(NULL, 1, &device, NULL, NULL, &status);
	if (opened.context)
		opened.queue = clCreateCommandQueueWithProperties(opened.context, device, clock, &status);
	if (!opened.queue) {
		snprintf(reason, sizeof reason, "the OpenCL device %.100s cannot be opened (error %d)", facts.name, status);
		return false;
	}
	clGetDeviceInfo(device, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof units, &units, NULL);
	clGetDeviceInfo(device, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof opened.group_most, &opened.group_most, NULL);
	clGetDeviceInfo(device, CL_DEVICE_DOUBLE_FP_CONFIG, sizeof doubles, &doubles, NULL);
	opened.units = units;
	opened.doubles = doubles != 0;
	return true;
}

struct opencl *opencl_open(void)
{
	char list[256];
	const char *wanted = chosen ? chosen : getenv("LOCKSTEP_OPENCL");

	if (state != UNASKED)
		return state == FOUND ? &opened : NULL;
	state = NONE;
#ifdef SANITIZED_THREAD
	snprintf(reason, sizeof reason, "not under ThreadSanitizer: it cannot see into the OpenCL library");
	return NULL;
#endif
	cl_device_id device = find(wanted && *wanted ? wanted : NULL, &facts, list, sizeof list);
	if (!device && *list)
		snprintf(reason, sizeof reason, "no OpenCL device is called \"%.60s\"; there is: %s", wanted, list);
	else if (!device)
		snprintf(reason, sizeof reason, "no OpenCL device is here (package pocl-opencl-icd makes one of every CPU)");
	else if (open_queue(device))
		state = FOUND;
	return state == FOUND ? &opened : NULL;
}

const char *opencl_unavailable(void) { return opencl_open() ? NULL : reason; }

/* ---- programs, buffers, clock -------------------------------------------------------------------------------------- */

bool opencl_ok(cl_int status, const char *what)
{
	char number[32];
	bool memory = status == CL_OUT_OF_RESOURCES || status == CL_OUT_OF_HOST_MEMORY || status == CL_MEM_OBJECT_ALLOCATION_FAILURE ||
		      status == CL_INVALID_BUFFER_SIZE;
	if (status == CL_SUCCESS)
		return true;
	snprintf(number, sizeof number, "error %d of OpenCL", status);
	device_complain("OpenCL", what, memory ? "no memory" : number, memory ? ENOMEM : EIO);
	return false;
}

static bool build(struct opencl_program *p)
{
	cl_int status;
	char log[600] = "", newest[120];
	const char *options = p->options ? p->options : "-cl-mad-enable";

	snprintf(newest, sizeof newest, "-cl-std=CL3.0 %s", options);
	p->built = clCreateProgramWithSource(opened.context, 1, &p->source, NULL, &status);
	if (!p->built)
		return opencl_ok(status, p->name);
	status = clBuildProgram(p->built, 1, &opened.device, newest, NULL, NULL);
	if (status == CL_INVALID_BUILD_OPTIONS) /* a device of the time before 3.0 */
		status = clBuildProgram(p->built, 1, &opened.device, options, NULL, NULL);
	if (status == CL_SUCCESS)
		return true;
	clGetProgramBuildInfo(p->built, opened.device, CL_PROGRAM_BUILD_LOG, sizeof log, log, NULL);
	log[sizeof log - 1] = '\0';
	device_complain("OpenCL", p->name, *log ? log : "could not be compiled", EIO);
	clReleaseProgram(p->built);
	p->built = NULL;
	return false;
}

cl_kernel opencl_kernel(struct opencl_program *p, const char *name)
{
	size_t i = 0, most = sizeof p->kernel / sizeof *p->kernel;
	cl_int status;

	if (!opencl_open() || (!p->built && !build(p)))
		return NULL;
	while (i < most && p->kernel[i].name && strcmp(p->kernel[i].name, name))
		i++;
	if (i == most) {
		device_complain("OpenCL", name, "too many kernels in one program", ENOSPC);
		return NULL;
	}
	if (!p->kernel[i].name) {
		cl_kernel made = clCreateKernel(p->built, name, &status);
		if (!opencl_ok(status, name))
			return NULL;
		p->kernel[i].kernel = made;
		p->kernel[i].name = name;
	}
	return p->kernel[i].kernel;
}

cl_mem opencl_buffer(int slot, size_t bytes)
{
	cl_int status;

	if (buffer[slot].memory && buffer[slot].bytes >= bytes)
		return buffer[slot].memory;
	if (buffer[slot].memory)
		clReleaseMemObject(buffer[slot].memory);
	buffer[slot].bytes = bytes ? bytes : 1;
	buffer[slot].memory = clCreateBuffer(opened.context, CL_MEM_READ_WRITE, buffer[slot].bytes, NULL, &status);
	if (!opencl_ok(status, "memory of the device"))
		buffer[slot].memory = NULL;
	return buffer[slot].memory;
}

double opencl_seconds(cl_event first, cl_event last)
{
	cl_ulong begin = 0, end = 0;
	if (clGetEventProfilingInfo(first, CL_PROFILING_COMMAND_START, sizeof begin, &begin, NULL) != CL_SUCCESS ||
	    clGetEventProfilingInfo(last, CL_PROFILING_COMMAND_END, sizeof end, &end, NULL) != CL_SUCCESS || end < begin)
		return NAN;
	return 1e-9 * (double)(end - begin);
}

void opencl_release(cl_event *event, int n)
{
	for (int i = 0; i < n; i++)
		if (event[i]) {
			clReleaseEvent(event[i]);
			event[i] = NULL;
		}
}

/* ---- ceilings ------------------------------------------------------------------------------------------------------ */

/* The shortest of `times` runs of a kernel over `items` work-items in groups of 64; NaN when it can't be run. */
static double shortest(cl_kernel kernel, size_t items, int times)
{
	double best = NAN;
	size_t group = 64;
	for (int i = 0; kernel && i < times; i++) {
		cl_event event = NULL;
		cl_int status = clEnqueueNDRangeKernel(opened.queue, kernel, 1, NULL, &items, &group, 0, NULL, &event);
		if (!opencl_ok(status, "measuring the device") || !opencl_ok(clFinish(opened.queue), "measuring the device"))
			return NAN;
		best = fmin(best, opencl_seconds(event, event));
		opencl_release(&event, 1);
	}
	return best;
}

static void measure(void)
{
	static struct opencl_program program = {.name = "opencl.cl", .source = opencl_cl};
	size_t bytes = (size_t)(facts.cpu ? 32 : 512) << 20, items = opened.units * 64 * (facts.cpu ? 4 : 64);
	cl_int turns = facts.cpu ? 2000 : 4000;
	cl_mem from = opencl_buffer(BUFFERS - 2, bytes), to = opencl_buffer(BUFFERS - 1, bytes);
	cl_kernel copy = opencl_kernel(&program, "copy"), f32 = opencl_kernel(&program, "fma_f32");
	cl_kernel f64 = opened.doubles ? opencl_kernel(&program, "fma_f64") : NULL;

	if (!from || !to || !copy || !f32)
		return;
	const cl_uchar some = 1;
	clEnqueueFillBuffer(opened.queue, from, &some, 1, 0, bytes, 0, NULL, NULL); /* pages that exist */
	clEnqueueFillBuffer(opened.queue, to, &some, 1, 0, bytes, 0, NULL, NULL);
	clSetKernelArg(copy, 0, sizeof from, &from);
	clSetKernelArg(copy, 1, sizeof to, &to);
	facts.copy_bytes_per_second = 2 * (double)bytes / shortest(copy, bytes / 64, 10);
	for (int i = 0; i < 2; i++) { /* 128 chains in each work-item, an addition and a multiplication a turn */
		cl_kernel kernel = i ? f64 : f32;
		if (!kernel)
			continue;
		clSetKernelArg(kernel, 0, sizeof to, &to);
		clSetKernelArg(kernel, 1, sizeof turns, &turns);
		double rate = 2 * 128.0 * turns * (double)items / shortest(kernel, items, 12);
		*(i ? &facts.f64_flops_per_second : &facts.f32_flops_per_second) = rate;
	}
	for (int i = BUFFERS - 2; i < BUFFERS; i++) { /* they are large, and not needed again */
		clReleaseMemObject(buffer[i].memory);
		buffer[i].memory = NULL;
	}
}

const struct device *opencl_device(void)
{
	if (!opencl_open())
		return NULL;
	if (facts.copy_bytes_per_second == 0) {
		facts.copy_bytes_per_second = NAN;
		measure();
	}
	return &facts;
}

#endif
