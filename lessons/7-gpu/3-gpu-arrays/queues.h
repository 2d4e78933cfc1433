/* The lesson gpu-arrays, second half: an array goes over to the device in chunks, is worked on, and comes back. OpenCL; the same in CUDA
 * (where a queue is called a stream): arrays.cu. */
#include <string.h>

static int run_stream_serial(struct job *job)
{
	struct stream *s = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < s->n; i++) {
		uint32_t x = s->in[i];
		for (uint32_t k = 0; k < s->work; k++)
			x = 1664525u * x + 1013904223u;
		s->out[i] = x;
	}
	for (size_t c = 0; c < s->chunks; c++)
		look(s, c);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}

#if HAVE_OPENCL
enum { QUEUES_MOST = 3 };

/* Queue q of the device, made when first asked for. Commands of one queue run one after another; of two queues, in any order or at once. */
static cl_command_queue queue_of(int q)
{
	static cl_command_queue queue[QUEUES_MOST];
	const cl_queue_properties clock[] = {CL_QUEUE_PROPERTIES, CL_QUEUE_PROFILING_ENABLE, 0};
	cl_int status = CL_SUCCESS;
	if (!queue[q])
		queue[q] = clCreateCommandQueueWithProperties(opencl_open()->context, opencl_open()->device, clock, &status);
	return opencl_ok(status, "a queue") ? queue[q] : NULL;
}

//> chunk
/* Copy in, work, copy out: three commands for the queue. CL_FALSE: the host does not wait for the copies. */
static bool order_chunk(struct stream *s, size_t c, cl_command_queue queue, cl_event step[STEPS_EACH])
{
	struct slice mine = slice_of(s->n, (int)c, (int)s->chunks);
	size_t at = 4 * mine.first, bytes = 4 * (mine.last - mine.first), items = (mine.last - mine.first + 63) / 64 * 64, group = 64;
	cl_uint first = (cl_uint)mine.first, n = (cl_uint)(mine.last - mine.first);
	cl_mem in = opencl_buffer(8, 4 * s->n), out = opencl_buffer(9, 4 * s->n);
	cl_kernel kernel = opencl_kernel(&program, "steps");
	if (!in || !out || !kernel)
		return false;
	clSetKernelArg(kernel, 0, sizeof first, &first);
	clSetKernelArg(kernel, 1, sizeof n, &n);
	clSetKernelArg(kernel, 2, sizeof s->work, &s->work);
	clSetKernelArg(kernel, 3, sizeof in, &in);
	clSetKernelArg(kernel, 4, sizeof out, &out);
	return opencl_ok(clEnqueueWriteBuffer(queue, in, CL_FALSE, at, bytes, s->in + mine.first, 0, NULL, &step[STEP_IN]), "copy in") &&
	       opencl_ok(clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &items, &group, 0, NULL, &step[STEP_COMPUTE]), "steps") &&
	       opencl_ok(clEnqueueReadBuffer(queue, out, CL_FALSE, at, bytes, s->out + mine.first, 0, NULL, &step[STEP_OUT]), "copy out") &&
	       opencl_ok(clFlush(queue), "flush");
}
//< chunk

//> queues
/* Chunk 0 to the first queue, chunk 1 to the second, and so on by turns. While one chunk is worked on, the next can come in. */
static bool stream_opencl(struct stream *s, int queues, bool wait)
{
	cl_event step[CHUNKS_MOST][STEPS_EACH] = {{NULL}};
	bool fine = true;
	for (size_t c = 0; c < s->chunks && fine; c++) {
		cl_command_queue queue = queue_of((int)(c % (size_t)queues));
		struct slice mine = slice_of(s->n, (int)c, (int)s->chunks);
		fine = queue && (mine.first == mine.last || order_chunk(s, c, queue, step[c]));
		if (!wait)
			look(s, c); /* WRONG ON PURPOSE: the copy back is only ordered */
	}
	for (size_t c = 0; c < s->chunks && fine && wait; c++) {
		if (step[c][STEP_OUT]) /* until its copy back has ended */
			fine = opencl_ok(clWaitForEvents(1, &step[c][STEP_OUT]), "waiting for a chunk");
		look(s, c);
	}
	for (int q = 0; q < queues && queue_of(q); q++)
		clFinish(queue_of(q)); /* nothing may still read or write the arrays */
	if (fine)
		note_spans(s, queues, step);
	opencl_release(step[0], CHUNKS_MOST * STEPS_EACH);
	return fine;
}
//< queues
#endif

static int run_stream_opencl(struct job *job, int queues, bool wait)
{
#if HAVE_OPENCL
	parallel_begin(job, 1);
	worker_begin(job, 0);
	bool fine = stream_opencl(job->data, queues, wait);
	worker_end(job, 0);
	parallel_end(job);
	if (fine)
		tell_took(job);
	return fine ? 0 : -1;
#else
	return (void)job, (void)queues, (void)wait, errno = ENOSYS, -1;
#endif
}
static int run_opencl_one_queue(struct job *job) { return run_stream_opencl(job, 1, true); }
static int run_opencl_queues(struct job *job) { return run_stream_opencl(job, 3, true); }
static int run_opencl_no_wait(struct job *job) { return run_stream_opencl(job, 3, false); }

static int run_stream_cuda(struct job *job, enum stream_how how, int streams)
{
	parallel_begin(job, 1);
	worker_begin(job, 0);
	int status = stream_cuda(how, job->data, streams);
	worker_end(job, 0);
	parallel_end(job);
	if (!status)
		tell_took(job);
	return status;
}
static int run_cuda_one_stream(struct job *job) { return run_stream_cuda(job, STREAM_RIGHT, 1); }
static int run_cuda_streams(struct job *job) { return run_stream_cuda(job, STREAM_RIGHT, 3); }
static int run_cuda_no_wait(struct job *job) { return run_stream_cuda(job, STREAM_NO_WAIT, 3); }
static int run_cuda_no_event(struct job *job) { return run_stream_cuda(job, STREAM_NO_EVENT, 3); }
