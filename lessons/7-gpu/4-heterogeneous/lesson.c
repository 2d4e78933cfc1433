/* One job, two kinds of workers                                                                             ★★★
 *
 * What you learn: while the processor computes, the device can compute, too. A picture is split by rows between them. Who gets how
 * many follows from how fast each is (its rate), or from nobody's plan at all: both take rows from one counter.
 *
 * How the number is made: the Mandelbrot set, --size times --size pixels in double precision, at most --iterations steps each. The
 * rows are shuffled first, so that any share of them is the same share of the work. The processor runs --threads threads of the best
 * vector code there is (kernels/mandelbrot.c), the device one work-item for each pixel (split.cl, split.cu); one more thread only
 * drives the device. Row numbers sent and rows brought back are counted in. Every pixel is checked by another way to find it. */
#include <errno.h>
#include <omp.h>
#include "kernels/bench/clock.h"
#include "kernels/bench/topology.h"
#include "kernels/runtime/opencl.h" /* the device, its queue, buffers that stay */
#include "lessons/7-gpu/4-heterogeneous/picture.h"
#include "lessons/lesson.h"

#if HAVE_OPENCL
OPENCL_SOURCE(split_cl, "lessons/7-gpu/4-heterogeneous/split.cl");

//> opencl-rows
/* One trip: row numbers over, a work-item for each pixel, rows back. */
static int opencl_rows(const struct view *view, size_t n, uint32_t limit, const uint32_t *row, size_t count, uint32_t *back,
		       struct device_took *took)
{
	static struct opencl_program program = {.name = "split.cl", .source = split_cl, .options = ""};
	cl_uint width = (cl_uint)n, rows = (cl_uint)count;
	size_t items = (n * count + 63) / 64 * 64, group = 64, bytes = n * count * sizeof *back;
	cl_kernel kernel = opencl_kernel(&program, "rows");
	cl_mem numbers = opencl_buffer(0, count * sizeof *row), pixels = opencl_buffer(1, bytes);
	if (!kernel || !numbers || !pixels)
		return -1;
	clSetKernelArg(kernel, 0, sizeof width, &width);
	clSetKernelArg(kernel, 1, sizeof limit, &limit);
	clSetKernelArg(kernel, 2, sizeof view->x, &view->x);
	clSetKernelArg(kernel, 3, sizeof view->y, &view->y);
	clSetKernelArg(kernel, 4, sizeof view->step, &view->step);
	clSetKernelArg(kernel, 5, sizeof rows, &rows);
	clSetKernelArg(kernel, 6, sizeof numbers, &numbers);
	clSetKernelArg(kernel, 7, sizeof pixels, &pixels);
	cl_command_queue queue = opencl_open()->queue; /* one after another; only the last call waits: for all before it, too */
	cl_event step[3] = {NULL, NULL, NULL};
	bool fine = opencl_ok(clEnqueueWriteBuffer(queue, numbers, CL_FALSE, 0, count * sizeof *row, row, 0, NULL, &step[0]), "rows sent") &&
		opencl_ok(clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &items, &group, 0, NULL, &step[1]), "rows computed") &&
		opencl_ok(clEnqueueReadBuffer(queue, pixels, CL_TRUE, 0, bytes, back, 0, NULL, &step[2]), "rows back");
	clFinish(queue);
	if (fine)
		*took = (struct device_took){opencl_seconds(step[0], step[0]), opencl_seconds(step[1], step[1]), opencl_seconds(step[2], step[2]), NAN};
	opencl_release(step, 3);
	return fine ? 0 : -1;
}
//< opencl-rows
#else
static device_rows *const opencl_rows = NULL; /* such variants are not run */
#endif

/* Rows order[first .. first + count) by the device, each to its place in the picture. */
static int by_device(struct job *job, size_t first, size_t count)
{
	struct picture *p = job->data;
	device_rows *rows = on_cuda(job) ? split_cuda_rows : opencl_rows;
	if (p->n * count > 0 && rows(&p->view, p->n, p->limit, p->order + first, count, p->back, &p->took))
		return -1;
	for (size_t k = 0; k < count; k++)
		memcpy(p->count + p->order[first + k] * p->n, p->back + k * p->n, p->n * sizeof *p->back);
	p->by_device += count;
	return 0;
}

//> by-threads
/* Whoever is free takes the next row, up to `last` in the shuffled order. */
static void by_threads(struct job *job, int worker, size_t last)
{
	struct picture *p = job->data;
	worker_begin(job, worker);
	for (size_t i; (i = atomic_fetch_add(&p->next, 1)) < last;)
		mandelbrot_row(&p->view, p->n, p->order[i], p->limit, p->count + p->order[i] * p->n);
	worker_end(job, worker);
}
//< by-threads

static int run_serial(struct job *job)
{
	struct picture *p = job->data;
	p->next = 0;
	parallel_begin(job, 1);
	by_threads(job, 0, p->n);
	parallel_end(job);
	return 0;
}

//> cpu
static int run_cpu(struct job *job)
{
	struct picture *p = job->data;
	p->next = 0;
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	by_threads(job, omp_get_thread_num(), p->n);
	parallel_end(job);
	return 0;
}
//< cpu

static int run_device(struct job *job)
{
	struct picture *p = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	int rc = by_device(job, 0, p->n);
	worker_end(job, 0);
	parallel_end(job);
	job_took(job, &p->took);
	return rc;
}

//> deal
/* Dealt beforehand: rows [first, middle) of the shuffled order to the device, [middle, last) to the threads. */
static int deal(struct job *job, size_t first, size_t middle, size_t last)
{
	struct picture *p = job->data;
	int error = EAGAIN; /* stays so if there is no thread to drive the device */
	p->next = middle;
#pragma omp parallel num_threads(job->workers + 1)
	if (omp_get_thread_num() == job->workers) /* one more: it drives the device, and waits for it */
		error = by_device(job, first, middle - first) ? errno : 0;
	else
		by_threads(job, omp_get_thread_num(), last);
	return (errno = error) ? -1 : 0;
}
//< deal

//> split
static int run_split(struct job *job)
{
	struct picture *p = job->data;
	size_t for_device = (size_t)lround((double)p->n * job->arg[2]); /* the others, to the last one, are for the threads */
	parallel_begin(job, job->workers);
	int rc = deal(job, 0, for_device, p->n);
	parallel_end(job);
	return rc;
}
//< split

//> lost-row
/* WRONG ON PURPOSE: each side rounds its own share down. */
static int run_lost_row(struct job *job)
{
	struct picture *p = job->data;
	size_t for_device = (size_t)((double)p->n * job->arg[2]);
	size_t for_threads = (size_t)((double)p->n * (1 - job->arg[2]));
	parallel_begin(job, job->workers);
	int rc = deal(job, 0, for_device, for_device + for_threads);
	parallel_end(job);
	return rc;
}
//< lost-row

//> measured
/* A few rows to each side first, by the clock. Then the rest is dealt as the two rates stand to each other. */
static int run_measured(struct job *job)
{
	struct picture *p = job->data;
	size_t some = p->n / 16, left = p->n - 2 * some;
	parallel_begin(job, job->workers);
	int64_t begin = now_ns();
	int rc = by_device(job, 0, some);
	int64_t middle = now_ns();
	p->next = some;
#pragma omp parallel num_threads(job->workers)
	by_threads(job, omp_get_thread_num(), 2 * some);
	double t_device = (double)(middle - begin), t_threads = (double)(now_ns() - middle) + 1;
	double share = t_threads / (t_threads + t_device); /* who needs half the time gets twice the rows */
	rc = rc ? rc : deal(job, 2 * some, 2 * some + (size_t)lround((double)left * share), p->n);
	parallel_end(job);
	return rc;
}
//< measured

//> dynamic
/* Nobody knows any rate: both take from one counter until it is empty. A thread takes one row, the device --chunk at once: it has
 * thousands of hands to fill, and a trip there and back costs nearly the same for few rows as for many. */
static int run_dynamic(struct job *job)
{
	struct picture *p = job->data;
	size_t chunk = (size_t)job->arg[3];
	int error = EAGAIN;
	p->next = 0;
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers + 1)
	if (omp_get_thread_num() == job->workers) {
		error = 0;
		for (size_t i; !error && (i = atomic_fetch_add(&p->next, chunk)) < p->n;)
			error = by_device(job, i, p->n - i < chunk ? p->n - i : chunk) ? errno : 0;
	} else {
		by_threads(job, omp_get_thread_num(), p->n);
	}
	parallel_end(job);
	return (errno = error) ? -1 : 0;
}
//< dynamic

#include "lessons/7-gpu/4-heterogeneous/shares.h" /* the demonstration */

#define DRIVES .blocks = true, .pins_itself = true /* who drives a device waits for it; nobody is tied to a core */
static const struct variant variants[] = {
	{"serial", "one thread, row after row", KIND_SERIAL, .run = run_serial},
	{"cpu", "all rows to the threads", KIND_OPENMP, .run = run_cpu},
	{"opencl", "all rows to the device, by OpenCL", KIND_OPENCL, DRIVES, .run = run_device, .unavailable = no_opencl},
	{"cuda", "all rows to the device, by CUDA", KIND_CUDA, DRIVES, .run = run_device, .unavailable = cuda_unavailable},
	{"split", "--split of the rows to the device, the others to threads", KIND_OPENMP, DRIVES, .run = run_split, .unavailable = no_device},
	{"measured", "a few rows by the clock, then the split that follows", KIND_OPENMP, DRIVES, .run = run_measured, .unavailable = no_device},
	{"dynamic", "device and threads take rows from one counter", KIND_OPENMP, DRIVES, .run = run_dynamic, .unavailable = no_device},
	{"lost-row", "--split, reckoned by each side for itself", KIND_OPENMP, "both round their share down: a row is lost", DRIVES,
	 .run = run_lost_row, .unavailable = no_device},
	{0},
};
const struct kernel kernel_rows = {
	.name = "rows", .title = "A picture for CPU and device", .source = __FILE__,
	.params = {{"size", "pixels", "side of the picture", 0, 4096, 777, false},
		   {"iterations", "steps", "limit of steps for each pixel", 1, 1e6, 500, false},
		   {"split", "", "share of the rows that goes to the device, 0 to 1", 0, 1, 0.5, true},
		   {"chunk", "rows", "that the device takes at once (dynamic)", 1, 4096, 64, false}},
	.work = area, .prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
	.device = device_of,
};
KERNEL_REGISTER(kernel_rows);
static const struct lesson lesson = {
	.id = "heterogeneous", .level = 3, .minutes_min = 30, .minutes_max = 45, .needs = "gpu-sum load-balance", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_rows, NULL}, .threads = "max",
	.demos = (const struct demo[]){
		{"shares", "each alone, then rows on demand: who took how many", NULL, demo_shares, no_device},
		{"recorded", "a run recorded on a GPU, with machine, date and command", NULL, demo_recorded, no_record}, {0}},
	.options = (const struct lesson_option[]){
		{"on", "WAY", "the way to the device: cuda or opencl (preset: cuda where it can run)", "cuda opencl", &on, NULL, refuse_on},
		{"device", "NAME", "the OpenCL device to use: a part of its name or its platform's", NULL, &given_device, NULL, opencl_choose}, {0}},
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
