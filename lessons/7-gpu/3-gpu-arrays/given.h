/* The lesson gpu-arrays: its two kernels' inputs and checks. The mechanisms stand in lesson.c, queues.h, arrays.cl, arrays.cu. */
#ifndef GPU_ARRAYS_GIVEN_H
#define GPU_ARRAYS_GIVEN_H

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/rng.h"
#include "kernels/runtime/opencl.h"
#include "lessons/7-gpu/3-gpu-arrays/arrays.h"
#include "lessons/known.h"

#if !HAVE_CUDA
int arrays_cuda(enum arrays_how how, struct arrays *a, struct device_took *took) { return (void)how, (void)a, (void)took, errno = ENOSYS, -1; }
int stream_cuda(enum stream_how how, struct stream *s, int streams) { return (void)how, (void)s, (void)streams, errno = ENOSYS, -1; }
void arrays_cuda_release(struct arrays *a) { (void)a; }
void stream_cuda_release(struct stream *s) { (void)s; }
#endif

static uint32_t *room(size_t n) { return (uint32_t *)known_room(n / 2 + 1); }

/* ---- kernel `arrays`: five operations ---- */

/* The same answer by another way: from the back, where a number counts in the running totals of all kept ones behind it, its own among
 * them. No array in between, no running total. */
static struct piece from_the_back(const struct arrays *a)
{
	struct piece back = {0, 0, 0};
	for (size_t i = a->n; i-- > 0;) {
		uint32_t u = (a->a * a->x[i] + a->y[i]) / 7;
		if (u % 2 == 0)
			continue;
		back.kept++;
		back.total += u;
		back.sum += u * back.kept;
	}
	return back;
}

static int arrays_prepare(struct job *job)
{
	struct arrays *a = job->data = calloc(1, sizeof *a);
	if (!a)
		return -1;
	a->n = job_size(job);
	a->a = 3;
	uint32_t **const array[] = {&a->x, &a->y, &a->t, &a->u, &a->v, &a->w};
	for (size_t k = 0; k < sizeof array / sizeof *array; k++)
		if (!(*array[k] = room(a->n)))
			return -1;
	for (size_t i = 0; i < a->n; i++) {
		uint64_t random = rng_at(job->seed, i);
		a->x[i] = (uint32_t)random >> 12; /* below 2^20 */
		a->y[i] = (uint32_t)(random >> 44);
	}
	a->want = from_the_back(a);
	return 0;
}

static void arrays_reset(struct job *job)
{
	struct arrays *a = job->data;
	a->got = (struct piece){~a->want.kept, ~a->want.total, ~a->want.sum};
}

static void arrays_release(struct job *job)
{
	struct arrays *a = job->data;
	if (a) {
		arrays_cuda_release(a);
#if HAVE_OPENCL
		for (int i = 0; i < 2; i++)
			if (a->opencl[i])
				clReleaseMemObject(a->opencl[i]);
#endif
		free(a->x), free(a->y), free(a->t), free(a->u), free(a->v), free(a->w);
	}
	free(a);
	job->data = NULL;
}

static struct outcome arrays_verify(const struct job *job)
{
	const struct arrays *a = job->data;
	const struct piece *got = &a->got, *want = &a->want;
	struct outcome out = {got->kept == want->kept && got->total == want->total && got->sum == want->sum, want->sum, got->sum, ""};
	snprintf(out.text, sizeof out.text, "kept %u, expected %u; total %u, expected %u; sum of running totals %u, expected %u (modulo 2^32, "
		 "exact)", got->kept, want->kept, got->total, want->total, got->sum, want->sum);
	return out;
}

__attribute__((unused)) static double arrays_bytes(const struct job *job) { return 8 * job->arg[0]; } /* x and y read once */

/* ---- kernel `copies`: chunk by chunk to the device and back ---- */

/* Where `work` steps of x = 1664525 x + 1013904223 (modulo 2^32) lead, in log2(work) squarings of the step (Knuth 2, 3.3.4). */
static uint32_t stream_jump(uint32_t x, uint32_t work)
{
	for (uint32_t a = 1664525u, c = 1013904223u; work > 0; work >>= 1, c = a * c + c, a *= a)
		if (work & 1)
			x = a * x + c;
	return x;
}

static int stream_prepare(struct job *job)
{
	struct stream *s = job->data = calloc(1, sizeof *s);
	if (!s)
		return -1;
	s->n = job_size(job);
	s->chunks = (size_t)job->arg[1];
	s->work = (uint32_t)job->arg[2];
	s->in = room(s->n);
	s->out = room(s->n);
	s->want = room(s->n);
	s->seen = room(s->chunks);
	s->span = calloc(s->chunks * STEPS_EACH, sizeof *s->span);
	if (!s->in || !s->out || !s->want || !s->seen || !s->span)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		s->in[i] = (uint32_t)rng_at(job->seed, i);
		s->want[i] = stream_jump(s->in[i], s->work);
	}
	return 0;
}

static void stream_reset(struct job *job)
{
	struct stream *s = job->data;
	for (size_t i = 0; i < s->n; i++)
		s->out[i] = ~s->want[i];
	for (size_t c = 0; c < s->chunks; c++)
		s->seen[c] = 0;
	for (size_t i = 0; i < s->chunks * STEPS_EACH; i++)
		s->span[i] = (struct span){0, NAN, NAN};
}

static void stream_release(struct job *job)
{
	struct stream *s = job->data;
	if (s) {
		stream_cuda_release(s);
		free(s->in), free(s->out), free(s->want), free(s->seen), free(s->span);
	}
	free(s);
	job->data = NULL;
}

/* The numbers of chunk c. */
static struct slice chunk_of(const struct stream *s, size_t c) { return slice_of(s->n, (int)c, (int)s->chunks); }

/* The host looks at the last number of a chunk: is it there? */
static void look(struct stream *s, size_t c)
{
	struct slice mine = chunk_of(s, c);
	if (mine.first < mine.last)
		s->seen[c] = *(volatile uint32_t *)&s->out[mine.last - 1];
}

/* Each number must be right in the end, and each chunk must have been there when the host looked. */
static struct outcome stream_verify(const struct job *job)
{
	const struct stream *s = job->data;
	size_t good = 0, seen = 0;
	for (size_t i = 0; i < s->n; i++)
		good += s->out[i] == s->want[i];
	for (size_t c = 0; c < s->chunks; c++) {
		struct slice mine = chunk_of(s, c);
		seen += mine.first == mine.last || s->seen[c] == s->want[mine.last - 1];
	}
	struct outcome out = {good == s->n && seen == s->chunks, (double)s->chunks, (double)seen, ""};
	snprintf(out.text, sizeof out.text, "%zu of %zu chunks were there when the host looked; in the end %zu of %zu numbers are right (exact)",
		 seen, s->chunks, good, s->n);
	return out;
}

/* How long the device copied and worked, added up over all chunks: what went on at once counts twice. */
static void tell_took(struct job *job)
{
	const struct stream *s = job->data;
	double took[STEPS_EACH] = {0};
	for (size_t i = 0; i < s->chunks * STEPS_EACH; i++)
		if (!isnan(s->span[i].end))
			took[i % STEPS_EACH] += 1e-3 * (s->span[i].end - s->span[i].begin);
	job_took(job, &(struct device_took){took[STEP_IN], took[STEP_COMPUTE], took[STEP_OUT], NAN});
}

#if HAVE_OPENCL
/* From the device's clock to milliseconds since the first step began. */
static void note_spans(struct stream *s, int queues, cl_event (*step)[STEPS_EACH])
{
	cl_ulong begin, end, zero = 0;
	for (size_t i = 0; i < s->chunks * STEPS_EACH; i++) {
		cl_event event = step[i / STEPS_EACH][i % STEPS_EACH];
		if (!event || clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof begin, &begin, NULL) != CL_SUCCESS ||
		    clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end, &end, NULL) != CL_SUCCESS)
			continue;
		zero = zero ? zero : begin;
		s->span[i] = (struct span){(int)(i / STEPS_EACH % (size_t)queues), 1e-6 * ((double)begin - (double)zero), 1e-6 * ((double)end - (double)zero)};
	}
}
#endif


#endif
