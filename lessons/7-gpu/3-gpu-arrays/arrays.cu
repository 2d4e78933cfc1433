/* The device's side of the lesson in CUDA, kernels and calls. In OpenCL: arrays.cl, lesson.c, queues.h. How an array of any length is
 * shared among groups (here: blocks) is told in arrays.cl. */
#include <errno.h>
#include <math.h>
#include "kernels/runtime/cuda.h"
#include "lessons/7-gpu/3-gpu-arrays/arrays.h"

enum { BLOCK = 256, EACH = 4, TILE = BLOCK * EACH, WARP = 32, WARPS = BLOCK / WARP, PARTS_MOST = 2048 };

struct range { unsigned first, last; };

/* The tiles of piece i of p, of an array of n numbers. */
static __device__ struct range tiles_of(unsigned n, unsigned tile, unsigned i, unsigned p)
{
	unsigned long long tiles = (n + (unsigned long long)tile - 1) / tile;
	return {(unsigned)(i * tiles / p), (unsigned)((i + 1) * tiles / p)};
}

/* EACH numbers side by side, in one load of 16 bytes; zeros beyond the end. */
static __device__ uint4 load(const unsigned *v, unsigned first, unsigned n)
{
	if (first + EACH <= n)
		return *(const uint4 *)(v + first);
	return make_uint4(first < n ? v[first] : 0, first + 1 < n ? v[first + 1] : 0, first + 2 < n ? v[first + 2] : 0, 0);
}

//> elementwise
/* A thread for each number. Each operation reads its arrays from memory and writes one back. */
static __global__ void saxpy(unsigned n, unsigned a, const unsigned *x, const unsigned *y, unsigned *t)
{
	unsigned i = blockIdx.x * BLOCK + threadIdx.x;
	if (i < n)
		t[i] = a * x[i] + y[i];
}

static __global__ void map(unsigned n, const unsigned *t, unsigned *u)
{
	unsigned i = blockIdx.x * BLOCK + threadIdx.x;
	if (i < n)
		u[i] = t[i] / 7;
}
//< elementwise

/* The sum of one number from each thread, for all of them. */
static __device__ unsigned add_up(unsigned *s, unsigned mine)
{
	unsigned me = threadIdx.x;
	s[me] = mine;
	for (unsigned half = BLOCK / 2; half > 0; half /= 2) {
		__syncthreads();
		if (me < half)
			s[me] += s[me + half];
	}
	__syncthreads();
	return s[0];
}

//> scan-block
/* Running totals over a block: each thread brings one number and gets the sum up to its own. In step `by` everyone adds what stands `by`
 * places to the left. All must have read before anyone writes, and the other way round. Without `meet`: WRONG ON PURPOSE. */
template <bool meet> static __device__ unsigned scan_block(unsigned *s, unsigned mine)
{
	unsigned me = threadIdx.x;
	s[me] = mine;
	__syncthreads();
	for (unsigned by = 1; by < BLOCK; by *= 2) {
		unsigned left = me >= by ? s[me - by] : 0;
		if (meet)
			__syncthreads();
		s[me] += left;
		if (meet)
			__syncthreads();
	}
	if (!meet)
		__syncthreads();
	return s[me];
}
//< scan-block

/* What lies before each part, and behind the last one the sum of all. One block does it. */
static __global__ void scan_parts(unsigned parts, unsigned *part)
{
	__shared__ unsigned s[BLOCK];
	unsigned me = threadIdx.x, before = 0;
	for (unsigned base = 0; base < parts; base += BLOCK) {
		unsigned mine = base + me < parts ? part[base + me] : 0, up_to = scan_block<true>(s, mine);
		if (base + me < parts)
			part[base + me] = before + up_to - mine;
		before += s[BLOCK - 1];
		__syncthreads(); /* s is used again */
	}
	if (me == 0)
		part[parts] = before;
}

//> filter
/* Filter, first half: how many numbers of its stretch will each block keep? */
static __global__ void count_kept(unsigned n, const unsigned *u, unsigned *part)
{
	__shared__ unsigned s[BLOCK];
	struct range mine = tiles_of(n, TILE, blockIdx.x, gridDim.x);
	unsigned kept = 0;
	for (unsigned i = mine.first * TILE + threadIdx.x; i < mine.last * TILE && i < n; i += BLOCK)
		kept += u[i] & 1; /* odd numbers are kept */
	kept = add_up(s, kept);
	if (threadIdx.x == 0)
		part[blockIdx.x] = kept;
}

/* Second half: each thread knows how many are kept before its own numbers, and writes its own from there on. */
static __global__ void keep(unsigned n, const unsigned *u, const unsigned *part, unsigned *v)
{
	__shared__ unsigned s[BLOCK];
	struct range mine = tiles_of(n, TILE, blockIdx.x, gridDim.x);
	unsigned before = part[blockIdx.x];
	for (unsigned tile = mine.first; tile < mine.last; tile++) {
		uint4 own = load(u, tile * TILE + threadIdx.x * EACH, n); /* a zero beyond the end is even: not kept */
		unsigned kept = (own.x & 1) + (own.y & 1) + (own.z & 1) + (own.w & 1);
		unsigned place = before + scan_block<true>(s, kept) - kept;
		if (own.x & 1)
			v[place++] = own.x;
		if (own.y & 1)
			v[place++] = own.y;
		if (own.z & 1)
			v[place++] = own.z;
		if (own.w & 1)
			v[place++] = own.w;
		before += s[BLOCK - 1];
		__syncthreads();
	}
}
//< filter

/* The sum of each block's stretch. How many numbers there are stands behind the parts of `counts`: the host need not know. */
static __global__ void sum_parts(const unsigned *counts, const unsigned *v, unsigned *part)
{
	__shared__ unsigned s[BLOCK];
	unsigned n = counts[gridDim.x], sum = 0;
	struct range mine = tiles_of(n, TILE, blockIdx.x, gridDim.x);
	for (unsigned i = mine.first * TILE + threadIdx.x; i < mine.last * TILE && i < n; i += BLOCK)
		sum += v[i];
	sum = add_up(s, sum);
	if (threadIdx.x == 0)
		part[blockIdx.x] = sum;
}

//> scan
template <bool meet> static __global__ void scan(const unsigned *counts, const unsigned *v, const unsigned *part, unsigned *w)
{
	__shared__ unsigned s[BLOCK];
	unsigned n = counts[gridDim.x], before = part[blockIdx.x];
	struct range mine = tiles_of(n, TILE, blockIdx.x, gridDim.x);
	for (unsigned tile = mine.first; tile < mine.last; tile++) {
		unsigned first = tile * TILE + threadIdx.x * EACH;
		uint4 own = load(v, first, n);
		own.y += own.x, own.z += own.y, own.w += own.z; /* a thread's own numbers first: few sums go through the steps */
		unsigned base = before + scan_block<meet>(s, own.w) - own.w;
		own = make_uint4(base + own.x, base + own.y, base + own.z, base + own.w);
		if (first + EACH <= n) {
			*(uint4 *)(w + first) = own;
		} else {
			const unsigned rest[] = {own.x, own.y, own.z};
			for (unsigned k = 0; k < EACH - 1 && first + k < n; k++)
				w[first + k] = rest[k];
		}
		before += s[BLOCK - 1];
		__syncthreads();
	}
}
//< scan

static __device__ struct piece join(struct piece l, struct piece r)
{
	return {l.kept + r.kept, l.total + r.total, l.sum + r.sum + l.total * r.kept};
}

static __device__ struct piece take(struct piece p, unsigned t)
{
	unsigned u = t / 7;
	return u & 1 ? piece{p.kept + 1, p.total + u, p.sum + p.total + u} : p;
}

//> fused
/* All five operations in one launch. x and y are read once; what lies between stays in registers. Each warp takes a stretch of its own;
 * its 32 threads join by passing registers on, each to its left neighbour first: the order must be kept. No barrier in the loop. */
static __global__ void fused(unsigned n, unsigned a, const unsigned *x, const unsigned *y, struct piece *part)
{
	__shared__ struct piece s[WARPS];
	unsigned warp = threadIdx.x / WARP, lane = threadIdx.x % WARP;
	struct range mine = tiles_of(n, WARP * EACH, blockIdx.x * WARPS + warp, gridDim.x * WARPS);
	struct piece all = {0, 0, 0};
	for (unsigned tile = mine.first; tile < mine.last; tile++) {
		unsigned first = (tile * WARP + lane) * EACH;
		uint4 xs = load(x, first, n), ys = load(y, first, n); /* zeros beyond the end: 0 is even, not kept */
		struct piece own = take({0, 0, 0}, a * xs.x + ys.x);
		own = take(own, a * xs.y + ys.y);
		own = take(own, a * xs.z + ys.z);
		own = take(own, a * xs.w + ys.w);
		for (unsigned by = 1; by < WARP; by *= 2)
			own = join(own, {__shfl_down_sync(~0u, own.kept, by), __shfl_down_sync(~0u, own.total, by), __shfl_down_sync(~0u, own.sum, by)});
		all = join(all, own); /* right in lane 0 */
	}
	if (lane == 0)
		s[warp] = all;
	__syncthreads();
	if (threadIdx.x == 0) {
		for (unsigned i = 1; i < WARPS; i++)
			all = join(all, s[i]);
		part[blockIdx.x] = all;
	}
}
//< fused

/* x and y go over to the device once, and stay. */
static bool bring(struct arrays *a)
{
	const uint32_t *host[] = {a->x, a->y};
	for (int i = 0; i < 2; i++)
		if (!a->cuda[i] && (!cuda_ok(cudaMalloc(&a->cuda[i], 4 * (a->n + 1)), "memory for x and y") ||
				    !cuda_ok(cudaMemcpy(a->cuda[i], host[i], 4 * a->n, cudaMemcpyHostToDevice), "x and y")))
			return false;
	return true;
}

extern "C" void arrays_cuda_release(struct arrays *a)
{
	for (int i = 0; i < 2; i++) {
		if (a->cuda[i])
			cudaFree(a->cuda[i]);
		a->cuda[i] = NULL;
	}
}

static unsigned blocks_for(size_t n) { return n ? (unsigned)((n + BLOCK - 1) / BLOCK) : 1; }

static unsigned blocks_of_a_launch(void)
{
	int blocks = cuda_blocks_at_once((const void *)fused, BLOCK, 0);
	return blocks < PARTS_MOST ? (unsigned)blocks : (unsigned)PARTS_MOST;
}

//> cuda-unfused
static int unfused(struct arrays *a, bool meet, struct device_took *took)
{
	unsigned n = (unsigned)a->n, all = blocks_of_a_launch(), *found = &a->got.kept;
	const unsigned *x = (unsigned *)a->cuda[0], *y = (unsigned *)a->cuda[1];
	unsigned *t = (unsigned *)cuda_buffer(2, 4 * a->n), *u = (unsigned *)cuda_buffer(3, 4 * a->n);
	unsigned *v = (unsigned *)cuda_buffer(4, 4 * a->n), *w = (unsigned *)cuda_buffer(5, 4 * a->n);
	unsigned *counts = (unsigned *)cuda_buffer(6, 3 * 4 * (PARTS_MOST + 1)), *totals = counts + PARTS_MOST + 1, *sums = totals + PARTS_MOST + 1;
	if (!t || !u || !v || !w || !counts)
		return -1;
	cuda_mark(0);
	cuda_mark(1);
	saxpy<<<blocks_for(n), BLOCK>>>(n, a->a, x, y, t);
	map<<<blocks_for(n), BLOCK>>>(n, t, u);
	count_kept<<<all, BLOCK>>>(n, u, counts);
	scan_parts<<<1, BLOCK>>>(all, counts);
	keep<<<all, BLOCK>>>(n, u, counts, v);
	sum_parts<<<all, BLOCK>>>(counts, v, totals);
	scan_parts<<<1, BLOCK>>>(all, totals);
	if (meet)
		scan<true><<<all, BLOCK>>>(counts, v, totals, w);
	else
		scan<false><<<all, BLOCK>>>(counts, v, totals, w);
	sum_parts<<<all, BLOCK>>>(counts, w, sums);
	scan_parts<<<1, BLOCK>>>(all, sums);
	cuda_mark(2);
	for (int i = 0; i < 3; i++) /* one number each comes back: kept, total, sum */
		cudaMemcpyAsync(found + i, counts + i * (PARTS_MOST + 1) + all, 4, cudaMemcpyDeviceToHost);
	cuda_mark(3);
	return cuda_done("five operations", took);
}
//< cuda-unfused

//> cuda-fused
static int in_one(struct arrays *a, struct device_took *took)
{
	static struct piece part[PARTS_MOST];
	unsigned all = blocks_of_a_launch();
	struct piece *there = (struct piece *)cuda_buffer(7, sizeof part);
	if (!there)
		return -1;
	cuda_mark(0);
	cuda_mark(1);
	fused<<<all, BLOCK>>>((unsigned)a->n, a->a, (unsigned *)a->cuda[0], (unsigned *)a->cuda[1], there);
	cuda_mark(2);
	cudaMemcpyAsync(part, there, all * sizeof *part, cudaMemcpyDeviceToHost);
	cuda_mark(3);
	if (cuda_done("five operations in one", took))
		return -1;
	a->got = {0, 0, 0};
	for (unsigned i = 0; i < all; i++)
		a->got = {a->got.kept + part[i].kept, a->got.total + part[i].total, a->got.sum + part[i].sum + a->got.total * part[i].kept};
	return 0;
}
//< cuda-fused

extern "C" int arrays_cuda(enum arrays_how how, struct arrays *a, struct device_took *took)
{
	if (!bring(a))
		return -1;
	took->occupancy = NAN;
	return how == ARRAYS_FUSED ? in_one(a, took) : unfused(a, how != ARRAYS_NO_BARRIER, took);
}

/* ---- second half: chunks and streams -------------------------------------------------------------------------------- */

enum { STREAMS_MOST = 4 };
static cudaStream_t stream[STREAMS_MOST];
static cudaEvent_t event[CHUNKS_MOST][STEPS_EACH + 1]; /* before, between and after a chunk's three steps */

static __global__ void steps(unsigned first, unsigned n, unsigned work, const unsigned *in, unsigned *out)
{
	unsigned i = blockIdx.x * BLOCK + threadIdx.x;
	if (i >= n)
		return;
	unsigned x = in[first + i];
	for (unsigned k = 0; k < work; k++)
		x = 1664525u * x + 1013904223u;
	out[first + i] = x;
}

/* Streams and events are made once. The arrays are pinned: the system may not move them, so that the device can fetch them by itself
 * while the processor goes on. Copies of other memory go through a pinned buffer of the driver, one piece after another. */
static bool get_ready(struct stream *s)
{
	bool fine = true;
	for (int i = 0; fine && i < STREAMS_MOST; i++)
		if (!stream[i])
			fine = cuda_ok(cudaStreamCreateWithFlags(&stream[i], cudaStreamNonBlocking), "a stream");
	for (int c = 0; c < CHUNKS_MOST; c++)
		for (int k = 0; fine && k <= STEPS_EACH; k++)
			if (!event[c][k])
				fine = cuda_ok(cudaEventCreate(&event[c][k]), "an event");
	size_t bytes = s->n ? 4 * s->n : 4;
	if (fine && !(s->pinned & 1) && (fine = cuda_ok(cudaHostRegister(s->in, bytes, cudaHostRegisterDefault), "pinning the array")))
		s->pinned |= 1;
	if (fine && !(s->pinned & 2) && (fine = cuda_ok(cudaHostRegister(s->out, bytes, cudaHostRegisterDefault), "pinning the array")))
		s->pinned |= 2;
	return fine;
}

extern "C" void stream_cuda_release(struct stream *s)
{
	if (s->pinned & 1)
		cudaHostUnregister(s->in);
	if (s->pinned & 2)
		cudaHostUnregister(s->out);
	s->pinned = 0;
}

//> streams
/* Copy in, work, copy out, each ordered on a stream. The host goes on at once. */
static void order_chunk(struct stream *s, size_t c, cudaStream_t copies, cudaStream_t works, unsigned *in, unsigned *out)
{
	struct slice mine = slice_of(s->n, (int)c, (int)s->chunks);
	size_t n = mine.last - mine.first;
	cudaEventRecord(event[c][0], copies);
	cudaMemcpyAsync(in + mine.first, s->in + mine.first, 4 * n, cudaMemcpyHostToDevice, copies);
	cudaEventRecord(event[c][1], copies);
	/* Where works is another stream than copies, this would be needed: cudaStreamWaitEvent(works, event[c][1]); */
	steps<<<(unsigned)((n + BLOCK - 1) / BLOCK), BLOCK, 0, works>>>((unsigned)mine.first, (unsigned)n, s->work, in, out);
	cudaEventRecord(event[c][2], works);
	cudaMemcpyAsync(s->out + mine.first, out + mine.first, 4 * n, cudaMemcpyDeviceToHost, works);
	cudaEventRecord(event[c][3], works);
}
//< streams

/* From the device's clock to milliseconds since the first step began. */
static void note_spans(struct stream *s, int streams)
{
	for (size_t c = 0; c < s->chunks; c++) {
		struct slice mine = slice_of(s->n, (int)c, (int)s->chunks);
		float at[STEPS_EACH + 1];
		bool fine = mine.first < mine.last;
		for (int k = 0; fine && k <= STEPS_EACH; k++)
			fine = cudaEventElapsedTime(&at[k], event[0][0], event[c][k]) == cudaSuccess;
		for (int k = 0; fine && k < STEPS_EACH; k++)
			s->span[c * STEPS_EACH + k] = {(int)(c % (size_t)streams), at[k], at[k + 1]};
	}
	cudaGetLastError();
}

extern "C" int stream_cuda(enum stream_how how, struct stream *s, int streams)
{
	unsigned *in = (unsigned *)cuda_buffer(8, 4 * s->n), *out = (unsigned *)cuda_buffer(9, 4 * s->n);
	if (!in || !out || !get_ready(s))
		return -1;
	if (how == STREAM_NO_EVENT) { /* the right numbers of the last run must not be there still */
		cudaMemset(in, 0x55, 4 * s->n);
		cudaDeviceSynchronize();
	}
	for (size_t c = 0; c < s->chunks; c++) {
		struct slice mine = slice_of(s->n, (int)c, (int)s->chunks);
		cudaStream_t turn = stream[c % (size_t)streams];
		if (mine.first == mine.last)
			continue;
		order_chunk(s, c, how == STREAM_NO_EVENT ? stream[0] : turn, how == STREAM_NO_EVENT ? stream[1] : turn, in, out);
		if (how == STREAM_NO_WAIT)
			s->seen[c] = *(volatile uint32_t *)&s->out[mine.last - 1]; /* the copy back is only ordered */
	}
	cudaError_t order = cudaGetLastError();
	for (size_t c = 0; c < s->chunks; c++) {
		struct slice mine = slice_of(s->n, (int)c, (int)s->chunks);
		if (mine.first == mine.last || how == STREAM_NO_WAIT)
			continue;
		cudaEventSynchronize(event[c][STEPS_EACH]); /* until its copy back has ended */
		s->seen[c] = *(volatile uint32_t *)&s->out[mine.last - 1];
	}
	cudaError_t run = cudaDeviceSynchronize(); /* nothing may still read or write the arrays */
	if (!cuda_ok(order, "chunks") || !cuda_ok(run, "chunks"))
		return -1;
	note_spans(s, streams);
	return 0;
}
