/* Whole arrays on a device                                                                                  ★★★
 *
 * What you learn: programs made of operations on whole arrays (saxpy, map, filter, scan, sum) are easy to write and to run on a device,
 * but each operation writes an array to memory for the next one to read. Fused into one kernel, nothing lies between. And copies to the
 * device and back can hide behind its work, when the work is cut into chunks and there is more than one queue.
 *
 * How the number is made: kernel `arrays`: t = 3 x + y, u = t / 7, v = the odd ones of u, w = running totals of v, and the sum of w, in
 * whole numbers of 32 bits, so that any order of additions is exact; checked from the back, without arrays or running totals. x and y lie
 * in the device's memory and stay there; a bandwidth counts reading them once. Kernel `copies` (queues.h): copies in and out are a part
 * of each run; checked by jumping ahead, and the host notes what it found in each chunk when it took it to be there. */
#include <errno.h>
#include <pthread.h>
#include "kernels/runtime/crew.h"
#include "kernels/runtime/opencl.h" /* the device, its queue, buffers that stay */
#include "lessons/7-gpu/3-gpu-arrays/given.h"
#include "lessons/lesson.h"

//> loops
/* Five operations on whole arrays, one after another. */
static int run_loops(struct job *job)
{
	struct arrays *a = job->data;
	uint32_t kept = 0, total = 0, sum = 0;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < a->n; i++) /* saxpy */
		a->t[i] = a->a * a->x[i] + a->y[i];
	for (size_t i = 0; i < a->n; i++) /* map */
		a->u[i] = a->t[i] / 7;
	for (size_t i = 0; i < a->n; i++) { /* filter: the odd ones move up */
		a->v[kept] = a->u[i];
		kept += a->u[i] & 1;
	}
	for (size_t i = 0; i < kept; i++) /* scan: running totals */
		a->w[i] = total += a->v[i];
	for (size_t i = 0; i < kept; i++) /* sum */
		sum += a->w[i];
	a->got = (struct piece){kept, total, sum};
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< loops

//> one-loop
/* The same fused: a number goes through all five before the next one is read. No array in between. */
static struct piece one_loop(const struct arrays *a, struct slice mine)
{
	struct piece p = {0, 0, 0};
	for (size_t i = mine.first; i < mine.last; i++) {
		uint32_t u = (a->a * a->x[i] + a->y[i]) / 7, odd = u & 1;
		p.kept += odd;
		p.total += odd * u;
		p.sum += odd * p.total;
	}
	return p;
}
//< one-loop

static int run_one_loop(struct job *job)
{
	struct arrays *a = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	a->got = one_loop(a, (struct slice){0, a->n});
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}

//> join
/* Two neighbours become one: the right one's running totals all begin at the left one's total. */
static struct piece join(struct piece l, struct piece r)
{
	return (struct piece){l.kept + r.kept, l.total + r.total, l.sum + r.sum + l.total * r.kept};
}
//< join

static void do_slice(struct job *job, int worker, const void *pieces)
{
	worker_begin(job, worker);
	((struct piece *)(uintptr_t)pieces)[worker] = one_loop(job->data, slice_of(job_size(job), worker, job->workers));
	worker_end(job, worker);
}

static int run_threads(struct job *job)
{
	struct arrays *a = job->data;
	struct piece piece[KERNEL_WORKERS_MAX] = {{0}};
	if (crew_run(job, do_slice, piece, NULL))
		return -1;
	a->got = (struct piece){0, 0, 0};
	for (int w = 0; w < job->workers; w++)
		a->got = join(a->got, piece[w]);
	return 0;
}

#if HAVE_OPENCL
OPENCL_SOURCE(arrays_cl, "lessons/7-gpu/3-gpu-arrays/arrays.cl");
static struct opencl_program program = {.name = "arrays.cl", .source = arrays_cl};
enum { GROUP = 256, GROUPS_MOST = 1024 }; /* work-items in a group, as in arrays.cl; groups of a launch */

//> launch
struct argument { size_t size; const void *value; };
#define ARG(x) {sizeof(x), &(x)}

/* Sets a kernel's arguments and puts it into the queue. The host goes on at once; the device does one kernel after another. */
static bool launch(const char *name, size_t items, int arguments, const struct argument *argument, cl_event *event)
{
	cl_kernel kernel = opencl_kernel(&program, name);
	size_t group = GROUP;
	items = items > 0 ? (items + GROUP - 1) / GROUP * GROUP : GROUP; /* whole groups, one at least */
	for (int i = 0; kernel && i < arguments; i++)
		clSetKernelArg(kernel, (cl_uint)i, argument[i].size, argument[i].value);
	return kernel && opencl_ok(clEnqueueNDRangeKernel(opencl_open()->queue, kernel, 1, NULL, &items, &group, 0, NULL, event), name);
}
//< launch

static cl_uint groups_of_a_launch(void)
{
	size_t groups = opencl_open()->units * 8;
	return (cl_uint)(groups < GROUPS_MOST ? groups : GROUPS_MOST);
}

/* x and y go over to the device once, and stay. */
static bool bring(struct arrays *a)
{
	const uint32_t *host[] = {a->x, a->y};
	cl_int status = CL_SUCCESS;
	for (int i = 0; i < 2 && status == CL_SUCCESS; i++)
		if (!a->opencl[i])
			a->opencl[i] = clCreateBuffer(opencl_open()->context, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, 4 * (a->n + 1),
						      (void *)(uintptr_t)host[i], &status);
	return opencl_ok(status, "x and y in the device's memory");
}

//> opencl-unfused
/* Ten launches: filter, scan and sum look first what each group's stretch comes to, then what lies before it. Nothing comes back in
 * between: how many numbers are kept stands in the device's memory, behind the parts of `counts`. */
static bool unfused(struct arrays *a, const char *scan, cl_event first_last[2])
{
	cl_uint n = (cl_uint)a->n, groups = groups_of_a_launch(), found[3];
	size_t all = groups * GROUP, bytes = 4 * a->n, few = 4 * (GROUPS_MOST + 1), total = 4 * groups;
	cl_mem x = a->opencl[0], y = a->opencl[1], t = opencl_buffer(0, bytes), u = opencl_buffer(1, bytes), v = opencl_buffer(2, bytes);
	cl_mem w = opencl_buffer(3, bytes), counts = opencl_buffer(4, few), totals = opencl_buffer(5, few), sums = opencl_buffer(6, few);
	bool fine = t && u && v && w && counts && totals && sums &&
		    launch("saxpy", n, 5, (struct argument[]){ARG(n), ARG(a->a), ARG(x), ARG(y), ARG(t)}, &first_last[0]) &&
		    launch("map", n, 3, (struct argument[]){ARG(n), ARG(t), ARG(u)}, NULL) &&
		    launch("count_kept", all, 3, (struct argument[]){ARG(n), ARG(u), ARG(counts)}, NULL) &&
		    launch("scan_parts", GROUP, 2, (struct argument[]){ARG(groups), ARG(counts)}, NULL) &&
		    launch("keep", all, 4, (struct argument[]){ARG(n), ARG(u), ARG(counts), ARG(v)}, NULL) &&
		    launch("sum_parts", all, 3, (struct argument[]){ARG(counts), ARG(v), ARG(totals)}, NULL) &&
		    launch("scan_parts", GROUP, 2, (struct argument[]){ARG(groups), ARG(totals)}, NULL) &&
		    launch(scan, all, 4, (struct argument[]){ARG(counts), ARG(v), ARG(totals), ARG(w)}, NULL) &&
		    launch("sum_parts", all, 3, (struct argument[]){ARG(counts), ARG(w), ARG(sums)}, NULL) &&
		    launch("scan_parts", GROUP, 2, (struct argument[]){ARG(groups), ARG(sums)}, &first_last[1]);
	const cl_mem from[] = {counts, totals, sums}; /* one number each comes back */
	for (int i = 0; fine && i < 3; i++)
		fine = opencl_ok(clEnqueueReadBuffer(opencl_open()->queue, from[i], CL_TRUE, total, 4, &found[i], 0, NULL, NULL), "result");
	if (fine)
		a->got = (struct piece){found[0], found[1], found[2]};
	return fine;
}
//< opencl-unfused

//> opencl-fused
/* One launch. Each group says what its stretch comes to; the host joins these few, in their order. */
static bool fused(struct arrays *a, cl_event first_last[2])
{
	cl_uint n = (cl_uint)a->n, groups = groups_of_a_launch();
	struct piece part[GROUPS_MOST];
	cl_mem x = a->opencl[0], y = a->opencl[1], parts = opencl_buffer(7, sizeof part);
	if (!parts || !launch("fused", groups * GROUP, 5, (struct argument[]){ARG(n), ARG(a->a), ARG(x), ARG(y), ARG(parts)}, &first_last[0]) ||
	    !opencl_ok(clEnqueueReadBuffer(opencl_open()->queue, parts, CL_TRUE, 0, groups * sizeof *part, part, 0, NULL, NULL), "result"))
		return false;
	a->got = (struct piece){0, 0, 0};
	for (cl_uint g = 0; g < groups; g++)
		a->got = join(a->got, part[g]);
	return true;
}
//< opencl-fused
#endif

/* One run on a device: how it is done is told by the variant's name. */
static int run_opencl(struct job *job, enum arrays_how how)
{
#if HAVE_OPENCL
	struct arrays *a = job->data;
	cl_event seen[2] = {NULL, NULL};
	if (!bring(a))
		return -1;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	bool fine = how == ARRAYS_FUSED ? fused(a, seen) : unfused(a, how == ARRAYS_NO_BARRIER ? "scan_no_barrier" : "scan", seen);
	clFinish(opencl_open()->queue);
	worker_end(job, 0);
	parallel_end(job);
	if (fine)
		job_took(job, &(struct device_took){0, opencl_seconds(seen[0], seen[1] ? seen[1] : seen[0]), 0, NAN});
	opencl_release(seen, 2);
	return fine ? 0 : -1;
#else
	return (void)job, (void)how, errno = ENOSYS, -1;
#endif
}
static int run_opencl_unfused(struct job *job) { return run_opencl(job, ARRAYS_UNFUSED); }
static int run_opencl_fused(struct job *job) { return run_opencl(job, ARRAYS_FUSED); }
static int run_opencl_no_barrier(struct job *job) { return run_opencl(job, ARRAYS_NO_BARRIER); }

static int run_cuda(struct job *job, enum arrays_how how)
{
	struct device_took took = {0};
	parallel_begin(job, 1);
	worker_begin(job, 0);
	int status = arrays_cuda(how, job->data, &took);
	worker_end(job, 0);
	parallel_end(job);
	job_took(job, &took);
	return status;
}
static int run_cuda_unfused(struct job *job) { return run_cuda(job, ARRAYS_UNFUSED); }
static int run_cuda_fused(struct job *job) { return run_cuda(job, ARRAYS_FUSED); }
static int run_cuda_no_barrier(struct job *job) { return run_cuda(job, ARRAYS_NO_BARRIER); }

#include "lessons/7-gpu/3-gpu-arrays/queues.h" /* the second half: chunks and queues */
#include "lessons/7-gpu/3-gpu-arrays/shown.h"  /* tables and demonstrations */

static const struct lesson lesson = {
	.id = "gpu-arrays", .level = 3, .minutes_min = 35, .minutes_max = 55, .needs = "gpu-sum", .dir = LESSON_DIR, .threads = "max",
	.kernels = (const struct kernel *const[]){&kernel_arrays, &kernel_copies, NULL},
	.demos = (const struct demo[]){
		{"bytes", "what each of the five operations reads and writes", NULL, demo_bytes, NULL},
		{"fusion", "ten launches and one on the device, by its own clock", NULL, demo_fusion, no_device},
		{"queues", "copies and work on one queue, then on three: when each chunk was where", NULL, demo_queues, no_device},
		{"recorded", "a run recorded on a GPU, with machine, date and command", NULL, demo_recorded, no_record},
		{0},
	},
	.options = (const struct lesson_option[]){
		{"device", "NAME", "the OpenCL device to use: a part of its name or its platform's", NULL, &given_device, NULL, opencl_choose}, {0}},
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
