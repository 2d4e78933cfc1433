/* What the parts of the lesson gpu-arrays share: lesson.c and queues.h (C, OpenCL), arrays.cu (CUDA). */
#ifndef GPU_ARRAYS_H
#define GPU_ARRAYS_H

#include <stddef.h>
#include <stdint.h>
#include "kernels/device.h"
#include "kernels/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a piece of the array comes to: how many numbers are kept, their total, the sum of their running totals (modulo 2^32). */
struct piece { uint32_t kept, total, sum; };

struct arrays {
	size_t n;
	uint32_t a, *x, *y;      /* inputs */
	uint32_t *t, *u, *v, *w; /* what lies between, for the loops of the processor */
	void *opencl[2], *cuda[2]; /* x and y in the device's memory, where they stay */
	struct piece got, want;
};

enum arrays_how { ARRAYS_UNFUSED, ARRAYS_FUSED, ARRAYS_NO_BARRIER };
/* The five operations on a CUDA device, to a->got. 0, or -1 with errno. */
int arrays_cuda(enum arrays_how how, struct arrays *a, struct device_took *took);
void arrays_cuda_release(struct arrays *a);

enum { CHUNKS_MOST = 64 };

/* When one step of one chunk ran, in milliseconds since the first step of all began, by the device's clock. */
struct span {
	int queue;
	double begin, end;
};
enum { STEP_IN, STEP_COMPUTE, STEP_OUT, STEPS_EACH };

struct stream {
	size_t n, chunks;
	uint32_t work;            /* steps for each number */
	uint32_t *in, *out, *want;
	uint32_t *seen;           /* the last number of each chunk, as the host found it when it took it to be there */
	struct span *span;        /* STEPS_EACH a chunk, of the last run */
	int pinned;
};

enum stream_how { STREAM_RIGHT, STREAM_NO_WAIT, STREAM_NO_EVENT };
/* Over to a CUDA device, so many steps on, and back, chunk by chunk on so many streams. 0, or -1 with errno. */
int stream_cuda(enum stream_how how, struct stream *s, int streams);
void stream_cuda_release(struct stream *s);

#ifdef __cplusplus
}
#endif
#endif
