/* The means for accelerators: reasons instead of devices, names, buffers that stay, a clock, errors in one sentence. What a device
 * computes is tested with the kernels (t1-kernels, t7-opencl, t7-cuda). SEED=N repeats a run. */
#include <errno.h>
#include <time.h>
#include <unistd.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "kernels/runtime/device.h"
#include "kernels/runtime/opencl.h"
#include "tests/tap.h"

static uint64_t seed;

static void reasons(void)
{
	const char *cuda = cuda_unavailable(), *opencl = opencl_unavailable();
	ok(cuda == cuda_unavailable() && opencl == opencl_unavailable(), "asked twice, answered alike");
	ok(!cuda || strstr(cuda, "package") || strstr(cuda, "device") || strstr(cuda, "driver") || strstr(cuda, "sanitizer"), "CUDA: %s",
	   cuda ? cuda : "is here");
	ok(!opencl || strstr(opencl, "package") || strstr(opencl, "ThreadSanitizer") || strstr(opencl, "no OpenCL device"), "OpenCL: %s",
	   opencl ? opencl : "is here");
	ok(!device_of(KIND_SERIAL) && !device_of(KIND_THREADS), "threads run on no device");
	ok(!cuda == (device_of(KIND_CUDA) != NULL), "a device of CUDA where there is no reason against it");
	const struct device *d = device_of(KIND_OPENCL);
	ok(!opencl == (d != NULL), "a device of OpenCL where there is no reason against it");
	if (!d)
		return;
	ok(*d->name && strstr(d->via, "OpenCL"), "it has a name, and says by what way: %s, %s", d->name, d->via);
	ok(d->copy_bytes_per_second > 1e6 && d->f32_flops_per_second > 1e6 && isfinite(d->copy_bytes_per_second), "its ceilings are figures");
	ok(d == device_of(KIND_OPENCL), "they are measured once");
}

static void complaints(void)
{
	int saved = dup(STDERR_FILENO), pipe_[2];
	char line[200] = "";
	if (saved < 0 || pipe(pipe_))
		bail_out("no pipe");
	dup2(pipe_[1], STDERR_FILENO);
	errno = 0;
	int rc = device_complain("CUDA", "a copy", "no such thing", ENOMEM), error = errno;
	dup2(saved, STDERR_FILENO);
	close(pipe_[1]);
	ssize_t n = read(pipe_[0], line, sizeof line - 1);
	close(pipe_[0]);
	close(saved);
	ok(rc == -1 && error == ENOMEM && n > 0 && !strcmp(line, "lockstep: CUDA, a copy: no such thing\n"), "an error is one sentence and an errno");
}

#if HAVE_OPENCL
/* Bytes go to the device and come back, in a buffer that grows and stays. */
static void buffers(void)
{
	struct opencl *cl = opencl_open();
	bool same = true, kept = true;
	for (uint64_t round = 0; round < 20; round++) {
		size_t bytes = 1 + rng_at(seed, round) % 100000;
		unsigned char *out = malloc(bytes), *back = calloc(bytes, 1);
		cl_mem there = opencl_buffer(3, bytes);
		cl_event event[2] = {NULL};
		if (!out || !back || !there)
			bail_out("no memory");
		for (size_t i = 0; i < bytes; i++)
			out[i] = (unsigned char)rng_at(seed + round, i);
		clEnqueueWriteBuffer(cl->queue, there, CL_FALSE, 0, bytes, out, 0, NULL, &event[0]);
		clEnqueueReadBuffer(cl->queue, there, CL_TRUE, 0, bytes, back, 0, NULL, &event[1]);
		same = same && !memcmp(out, back, bytes);
		kept = kept && opencl_buffer(3, bytes / 2) == there;
		double seconds = opencl_seconds(event[0], event[1]);
		same = same && seconds >= 0 && seconds < 60;
		opencl_release(event, 2);
		kept = kept && !event[0] && !event[1];
		free(out);
		free(back);
	}
	ok(same, "what goes to the device comes back, with its time (seed %llu)", (unsigned long long)seed);
	ok(kept, "a buffer that is large enough stays; events are given back");
	ok(!opencl_buffer(3, (size_t)1 << 60) && errno, "memory that no device has: NULL and errno");
	ok(opencl_buffer(3, 10) != NULL, "and the next one is had");
}

static void programs(void)
{
	static struct opencl_program good = {.name = "good", .source = "kernel void one(global int *x) { x[0] = 1; }"};
	static struct opencl_program bad = {.name = "bad", .source = "kernel void one(global int *x) { nonsense }"};
	cl_kernel kernel = opencl_kernel(&good, "one");
	ok(kernel && kernel == opencl_kernel(&good, "one"), "a kernel is built once");
	ok(!opencl_kernel(&good, "two") && errno, "one that is not there: NULL and errno");
	ok(!opencl_kernel(&bad, "one") && errno, "a program that is none: NULL and errno");
	ok(!opencl_ok(CL_INVALID_VALUE, "on purpose") && errno == EIO && opencl_ok(CL_SUCCESS, ""), "a status is an errno");
}
#endif

int main(void)
{
	const char *given = getenv("SEED");
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	diag("SEED=%llu", (unsigned long long)seed);
	reasons();
	complaints();
#if HAVE_OPENCL
	if (!opencl_unavailable()) {
		buffers();
		programs();
	} else {
		skip("buffers and programs", opencl_unavailable());
	}
	ok(opencl_choose("no such device"), "a device of no such name: what there is");
#endif
	return tap_done();
}
