/* The lesson gpu-arrays: the tables of its two kernels, and the demonstrations. */
#include "lessons/recorded.h"

#define WAITS .blocks = true, .pins_itself = true /* its one worker waits for the device */
static const struct variant arrays_variants[] = {
	{"loops", "five loops, an array between any two of them", KIND_SERIAL, .run = run_loops},
	{"one-loop", "fused: one loop, no array in between", KIND_SERIAL, .run = run_one_loop},
	{"threads", "fused, a slice for each thread; slices join at the end", KIND_THREADS, .run = run_threads},
	{"opencl-unfused", "five operations, ten launches", KIND_OPENCL, WAITS, .run = run_opencl_unfused, .unavailable = opencl_unavailable},
	{"opencl-fused", "one launch", KIND_OPENCL, WAITS, .run = run_opencl_fused, .unavailable = opencl_unavailable},
	{"opencl-no-barrier", "unfused, and nobody waits within the scan", KIND_OPENCL, "no barrier between the steps of the scan", WAITS,
	 .run = run_opencl_no_barrier, .unavailable = opencl_unavailable},
	{"cuda-unfused", "five operations, ten launches", KIND_CUDA, WAITS, .run = run_cuda_unfused, .unavailable = cuda_unavailable},
	{"cuda-fused", "one launch", KIND_CUDA, WAITS, .run = run_cuda_fused, .unavailable = cuda_unavailable},
	{"cuda-no-barrier", "unfused, and nobody waits within the scan", KIND_CUDA, "no barrier between the steps of the scan", WAITS,
	 .run = run_cuda_no_barrier, .unavailable = cuda_unavailable},
	{0},
};
const struct kernel kernel_arrays = {
	.name = "arrays", .title = "Five operations on whole arrays", .source = "lessons/7-gpu/3-gpu-arrays/lesson.c",
	.params = {{"size", "numbers", "length of the arrays", 0, 0x1p27, 4e6, false}},
#ifndef SANITIZED_THREAD /* who asks for a bandwidth has the machine's roofs measured: not what that tool is for */
	.bytes = arrays_bytes,
#endif
	.prepare = arrays_prepare, .reset = arrays_reset, .variants = arrays_variants, .verify = arrays_verify,
	.release = arrays_release, .device = device_of,
};
KERNEL_REGISTER(kernel_arrays);

static const struct variant stream_variants[] = {
	{"serial", "one loop on the processor, nothing is copied", KIND_SERIAL, .run = run_stream_serial},
	{"opencl-one-queue", "copy in, work, copy out, one after another", KIND_OPENCL, WAITS, .run = run_opencl_one_queue,
	 .unavailable = opencl_unavailable},
	{"opencl-queues", "chunks by turns on three queues", KIND_OPENCL, WAITS, .run = run_opencl_queues, .unavailable = opencl_unavailable},
	{"opencl-no-wait", "looks at the results at once", KIND_OPENCL, "reads a chunk before its copy back has ended", WAITS,
	 .run = run_opencl_no_wait, .unavailable = opencl_unavailable},
	{"cuda-one-stream", "copy in, work, copy out, one after another", KIND_CUDA, WAITS, .run = run_cuda_one_stream,
	 .unavailable = cuda_unavailable},
	{"cuda-streams", "chunks by turns on three streams", KIND_CUDA, WAITS, .run = run_cuda_streams, .unavailable = cuda_unavailable},
	{"cuda-no-wait", "looks at the results at once", KIND_CUDA, "reads a chunk before its copy back has ended", WAITS, .run = run_cuda_no_wait,
	 .unavailable = cuda_unavailable},
	{"cuda-no-event", "copies on one stream, works on another", KIND_CUDA, "no event ties the work to the copy that it needs", WAITS,
	 .run = run_cuda_no_event, .unavailable = cuda_unavailable},
	{0},
};
const struct kernel kernel_copies = {
	.name = "copies", .title = "An array to the device and back", .source = "lessons/7-gpu/3-gpu-arrays/queues.h",
	.params = {{"size", "numbers", "length of the array", 0, 0x1p27, 4e6, false},
		   {"chunks", "chunks", "that the array is cut into", 1, CHUNKS_MOST, 12, false},
		   {"work", "steps", "that each number is taken on by", 0, 1e6, 16, false}},
	.prepare = stream_prepare, .reset = stream_reset, .variants = stream_variants, .verify = stream_verify,
	.release = stream_release, .device = device_of,
};
KERNEL_REGISTER(kernel_copies);

/* ---- bytes: reads and writes of the five loops, counted while they run ---- */

static int demo_bytes(struct telling *t)
{
	enum { N = 1000000 };
	struct job job = {.kernel = &kernel_arrays, .arg = {N}, .workers = 1, .seed = 1};
	int rc = arrays_prepare(&job) || run_loops(&job) ? -1 : 0;
	if (!rc) {
		struct arrays *a = job.data;
		double n = N, kept = a->got.kept, all = 0;
		const struct { const char *name; double read, written; } step[] = {
			{"saxpy", 8 * n, 4 * n}, {"map", 4 * n, 4 * n}, {"filter", 4 * n, 4 * kept}, {"scan", 4 * kept, 4 * kept}, {"sum", 4 * kept, 0},
		};
		tell(t, "a million numbers: bytes read + written");
		for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
			tell(t, "%-6s %4.1f MB + %3.1f MB", step[i].name, 1e-6 * step[i].read, 1e-6 * step[i].written);
			all += step[i].read + step[i].written;
		}
		tell(t, "five operations, %.0f of %.0f numbers kept: %.1f MB", kept, n, 1e-6 * all);
		tell(t, "fused: x and y are read, nothing is written: %.1f MB", 1e-6 * 8 * n);
		struct outcome out = arrays_verify(&job);
		tell_check(t, out.right, "%s", out.text);
		tell_figure(t, all / (8 * n), NAN);
	}
	arrays_release(&job);
	return rc;
}

/* ---- fusion: the same on a device, by its own clock ---- */

static const char *no_device(void) { return cuda_unavailable() ? opencl_unavailable() : NULL; }

static double last_compute;
static void keep_took(struct probe *p, const struct device_took *took) { (void)p, last_compute = took->compute; }
static void nobody(struct probe *p, int w) { (void)p, (void)w; }
static void nothing(struct probe *p) { (void)p; }

static int demo_fusion(struct telling *t)
{
	bool cuda = !cuda_unavailable();
	const struct device *device = cuda ? cuda_device() : opencl_device();
	struct probe watch = {nobody, nothing, nobody, nobody, nobody, nobody, nobody, keep_took};
	struct job job = {.kernel = &kernel_arrays, .arg = {cuda ? 1e8 : 4e6}, .workers = 1, .seed = 1, .probe = &watch};
	double best[2] = {INFINITY, INFINITY};
	int rc = arrays_prepare(&job), right = 0;
	if (device)
		tell(t, "the device: %s, by %s", device->name, device->via);
	for (int i = 0; i < 10 && !rc; i++) {
		arrays_reset(&job);
		rc = cuda ? run_cuda(&job, i % 2 ? ARRAYS_FUSED : ARRAYS_UNFUSED) : run_opencl(&job, i % 2 ? ARRAYS_FUSED : ARRAYS_UNFUSED);
		best[i % 2] = fmin(best[i % 2], last_compute);
		right += arrays_verify(&job).right;
	}
	for (int i = 0; i < 2 && !rc; i++) {
		double n = job.arg[0], kept = ((const struct arrays *)job.data)->got.kept, bytes = i ? 8 * n : 28 * n + 20 * kept;
		tell(t, i ? N_("one launch    %7.0f MB in %8.3f ms: %.1f GB/s") : N_("ten launches  %7.0f MB in %8.3f ms: %.1f GB/s"), 1e-6 * bytes, 1e3 * best[i], 1e-9 * bytes / best[i]);
	}
	if (!rc) {
		tell(t, "one launch is %.1f times as fast", best[0] / best[1]);
		tell_check(t, right == 10, "%d of 10 runs gave the right sum", right);
		tell_figure(t, best[0] / best[1], NAN);
	}
	arrays_release(&job);
	return rc;
}

/* ---- queues: when each chunk was copied in, worked on, copied out ---- */

enum { COLUMNS = 20 }; /* with the time and the name before it, it stands in half a screen of 80 */

/* Milliseconds from the beginning of the first step to the end of the last. */
static double end_of(const struct stream *s)
{
	double end = 0;
	for (size_t i = 0; i < s->chunks * STEPS_EACH; i++)
		end = fmax(end, s->span[i].end); /* fmax leaves NaN out */
	return end;
}

/* A line for each kind of step: digits are chunks, a dot is nobody. */
static void draw(struct telling *t, const struct stream *s, int queues)
{
	double end = end_of(s);
	tell(t, queues == 1 ? N_("%d queue: %.2f ms") : N_("%d queues: %.2f ms"), queues, end);
	for (int k = 0; k < STEPS_EACH; k++) {
		char line[COLUMNS + 1];
		memset(line, '.', COLUMNS);
		line[COLUMNS] = '\0';
		for (size_t c = 0; c < s->chunks; c++) {
			const struct span *span = &s->span[c * STEPS_EACH + (size_t)k];
			int first = (int)(span->begin / end * COLUMNS), last = (int)ceil(span->end / end * COLUMNS);
			for (int i = first; end > 0 && i < last && i < COLUMNS; i++)
				line[i] = "0123456789abcdefghijklmnopqrstuvwxyz"[c % 36];
		}
		tell(t, k == STEP_IN ? N_("in   %s") : k == STEP_OUT ? N_("out  %s") : N_("work %s"), line);
	}
}

static int demo_queues(struct telling *t)
{
	bool cuda = !cuda_unavailable();
	const struct device *device = cuda ? cuda_device() : opencl_device();
	struct job job = {.kernel = &kernel_copies, .arg = {4e6, 8, cuda ? 2000 : 16}, .workers = 1, .seed = 1};
	int rc = stream_prepare(&job);
	struct span fastest[8 * STEPS_EACH];
	double ms[2] = {INFINITY, INFINITY};
	if (device)
		tell(t, "the device: %s, by %s", device->name, device->via);
	if (device && device->cpu)
		tell(t, "it is this machine's own processor: whoever copies takes a core from whoever works");
	for (int i = 0; i < 2 && !rc; i++) {
		struct stream *s = job.data;
		for (int again = 0; again < 5 && !rc; again++) { /* the fastest of five; the first one makes queues and memory, too */
			stream_reset(&job);
			rc = cuda ? i ? run_cuda_streams(&job) : run_cuda_one_stream(&job) : i ? run_opencl_queues(&job) : run_opencl_one_queue(&job);
			if (!rc && end_of(s) < ms[i]) {
				ms[i] = end_of(s);
				memcpy(fastest, s->span, sizeof fastest);
			}
		}
		if (rc)
			break;
		memcpy(s->span, fastest, sizeof fastest);
		draw(t, s, i ? 3 : 1);
		struct outcome out = stream_verify(&job);
		tell_check(t, out.right, "%s", out.text);
	}
	if (!rc) {
		tell(t, "one queue takes %.2f times as long as three", ms[0] / ms[1]);
		tell_figure(t, ms[0] / ms[1], NAN);
	}
	stream_release(&job);
	return rc;
}

static const char *given_device; /* --device: opencl_choose keeps it */

static int demo_recorded(struct telling *t) { return recorded_tell(t, "gpu-arrays"); }
static const char *no_record(void) { return recorded_missing("gpu-arrays"); }
