/* `make gpu-check`: every variant on CUDA and OpenCL of every kernel that has some, with nothing but gcc, nvcc and make. Sizes, seeds,
 * the wrong ones caught, what was reached, and compute-sanitizer where it is. Names no kernel.
 *
 *     gpu_check                  all of it, as TAP
 *     gpu_check small [wrong KERNEL/VARIANT]    only small sizes, without the vendor's libraries: what compute-sanitizer is set on */
#include <errno.h>
#include <time.h>
#include <unistd.h>
#include "kernels/kernel.h"
#include "kernels/runtime/device.h"
#include "tests/tap.h"

extern const struct kernel *const __start_kernels[], *const __stop_kernels[];
#define EACH_KERNEL(k) (const struct kernel *const *k = __start_kernels; k < __stop_kernels; k++)
#define EACH_VARIANT(v, k) (const struct variant *v = (k)->variants; v->name; v++)

/* The lessons' own files come along for their kernels. What else they call is not here: their command line and demonstrations, which
 * nobody calls; and one question to the bench, which has a simple answer. */
#define NOT_HERE(name)      \
	void name(void);    \
	void name(void) { abort(); }
NOT_HERE(lesson_main)
NOT_HERE(tell)
NOT_HERE(tell_check)
NOT_HERE(tell_figure)
NOT_HERE(tell_ms)
NOT_HERE(recorded_tell)
NOT_HERE(recorded_missing)
int topology_usable(void);
int topology_usable(void) { return (int)sysconf(_SC_NPROCESSORS_ONLN); }

enum { TIMES = 6, WRONG_TRIES = 8 };
static const double FIGURE_BYTES = 1e9, FIGURE_FLOPS = 1e12;

/* What the device told of the last run. */
static struct {
	struct probe probe;
	struct device_took took;
	bool told;
} ear;

static void hear(struct probe *p, const struct device_took *took)
{
	(void)p;
	ear.took = *took;
	ear.told = true;
}
static void nothing(struct probe *p) { (void)p; }
static void nothing_of(struct probe *p, int worker)
{
	(void)p;
	(void)worker;
}

static struct job job_of(const struct kernel *k, double size, uint64_t seed)
{
	struct job job = {.kernel = k, .workers = 1, .seed = seed, .probe = &ear.probe};
	for (int i = 0; k->params[i].name; i++)
		job.arg[i] = k->params[i].preset;
	job.arg[0] = size < k->params[0].min ? k->params[0].min : size > k->params[0].max ? k->params[0].max : size;
	return job;
}

static bool on_device(const struct kernel *k)
{
	for EACH_VARIANT(v, k)
		if (kind_on_device(v->kind))
			return true;
	return false;
}

/* A closed library is not ours to be checked inside, and slow to check. */
static bool library(const struct variant *v) { return strstr(v->name, "cub") || strstr(v->name, "tensor") || strstr(v->name, "library"); }

/* 1: right, 0: refused, -1: it failed. */
static int run_once(struct job *job, const struct variant *v)
{
	job->variant = v;
	if (job->kernel->reset)
		job->kernel->reset(job);
	ear.told = false;
	if (v->run(job)) {
		diag("%s %s size %.0f: %s", job->kernel->name, v->name, job->arg[0], strerror(errno));
		return -1;
	}
	struct outcome o = job->kernel->verify(job);
	if (!o.right && !v->wrong)
		diag("%s %s size %.0f seed %llu: %s", job->kernel->name, v->name, job->arg[0], (unsigned long long)job->seed, o.text);
	return o.right;
}

static void right_at_all_sizes(const struct kernel *k, const struct variant *v, bool small)
{
	double preset = k->params[0].preset, sizes[] = {0, 1, 7, 33, floor(preset / 100) * 2 + 1, preset, preset + 3};
	int good = 0, runs = 0;
	for (int i = 0; i < (small ? 5 : 7); i++)
		for (uint64_t seed = 1; seed <= (small ? 1 : 2); seed++) {
			struct job job = job_of(k, small && sizes[i] > 3001 ? 3001 : sizes[i], seed);
			runs += 2;
			if (!k->prepare(&job))
				for (int twice = 0; twice < 2; twice++)
					good += run_once(&job, v) == 1 && (ear.told || !kind_on_device(v->kind));
			k->release(&job);
		}
	ok(good == runs, "%s %s: right in %d of %d runs", k->name, v->name, good, runs);
}

static void wrong_is_caught(const struct kernel *k, const struct variant *v, bool small)
{
	int refused = 0, failed = 0;
	struct job job = job_of(k, small ? fmin(k->params[0].preset, 3001) : k->params[0].preset, 1);
	if (!k->prepare(&job))
		for (int i = 0; i < (small ? 1 : WRONG_TRIES); i++) {
			int got = run_once(&job, v);
			refused += got == 0;
			failed += got < 0;
		}
	k->release(&job);
	ok((refused || small) && !failed, "%s %s is wrong on purpose (%s): refused in %d of %d runs", k->name, v->name, v->wrong, refused,
	   small ? 1 : WRONG_TRIES);
}

/* ---- compute-sanitizer --------------------------------------------------------------------------------------------- */

static const char *sanitizer(void)
{
	static const char *const where[] = {"compute-sanitizer", "/usr/local/cuda/bin/compute-sanitizer",
					    "/usr/local/cuda/compute-sanitizer/compute-sanitizer"};
	char line[200];
	for (int i = 0; i < 3; i++) {
		snprintf(line, sizeof line, "command -v %s >/dev/null 2>&1", where[i]);
		if (!system(line))
			return where[i];
	}
	return NULL;
}

/* Does it end with `status`? 9 is its word for "found something". */
static bool ends_with(const char *tool, const char *which, const char *self, const char *only, int status)
{
	char line[900];
	snprintf(line, sizeof line, "f=/tmp/gpu_check.$$; LOCKSTEP_OPENCL=- timeout 60 %s --tool %s --error-exitcode 9 '%s' small %s >$f 2>&1; status=$?; "
		 "grep -E 'SUMMARY|^not ok' $f | sed 's/^/# /'; [ $status = %d ] || { echo \"# exit $status\"; grep -v '^ok' $f | head -n 30 | sed 's/^/# /'; }; "
		 "rm -f $f; [ $status = %d ]", tool, which, self, only, status, status);
	fflush(stdout);
	return !system(line);
}

/* What is found in shared memory: a wait left out within a block. */
static bool lacks_barrier(const struct variant *v)
{
	return v->kind == KIND_CUDA && v->wrong && (strstr(v->wrong, "barrier") || strstr(v->wrong, "__syncthreads"));
}

static void sanitize(const char *self)
{
	const char *why = cuda_unavailable(), *tool = why ? NULL : sanitizer();
	char name[120];
	if (!tool) {
		skip("compute-sanitizer", why ? why : "it is not here");
		return;
	}
	ok(ends_with(tool, "memcheck", self, "", 0), "compute-sanitizer memcheck: nothing to report of the right variants");
	ok(ends_with(tool, "racecheck", self, "", 0), "compute-sanitizer racecheck: nothing to report of the right variants");
	int found = 0, wrong = 0;
	for EACH_KERNEL(k)
		for EACH_VARIANT(v, *k)
			if (lacks_barrier(v)) {
				snprintf(name, sizeof name, "wrong %s/%s", (*k)->name, v->name);
				bool races = ends_with(tool, "racecheck", self, name, 9);
				diag("racecheck %s %s", races ? "reports" : "misses", name);
				found += races;
				wrong++;
			}
	/* Seen on an H200 with CUDA 13.0: that of `arrays` is reported, those of gpu_matmul and gpu_sum give wrong results and are missed. */
	ok(found > 0, "compute-sanitizer racecheck: %d of %d missing barriers reported", found, wrong);
}

/* ---- figures ------------------------------------------------------------------------------------------------------- */

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The largest doubling of the preset that keeps to what a figure may cost. */
static double figure_size(const struct kernel *k, bool cpu)
{
	double size = k->params[0].preset;
	for (double next = 2 * size; next <= k->params[0].max && !cpu; next *= 2) {
		struct job job = job_of(k, next, 1);
		if ((k->bytes && k->bytes(&job) > 2 * FIGURE_BYTES) || (k->flops && k->flops(&job) > 1.2 * FIGURE_FLOPS))
			break;
		size = next;
	}
	return size;
}

static void figures(const struct kernel *k, enum kind kind)
{
	const struct device *d = k->device ? k->device((int)kind) : NULL;
	if (!d)
		return;
	struct job job = job_of(k, figure_size(k, d->cpu), 1);
	if (k->prepare(&job)) {
		k->release(&job);
		return;
	}
	double flops = k->flops ? k->flops(&job) : NAN, bytes = k->bytes ? k->bytes(&job) : NAN, by_library = NAN;
	double peak = k->single ? d->f32_flops_per_second : d->f64_flops_per_second;
	diag("%s, size %.0f, on %s, %s: copies %.0f GB/s, computes %.1f Tflop/s in 4-byte, %.1f in 8-byte floats", k->name, job.arg[0], d->name,
	     d->via, 1e-9 * d->copy_bytes_per_second, 1e-12 * d->f32_flops_per_second, 1e-12 * d->f64_flops_per_second);
	for (int pass = 0; pass < 2; pass++) /* the library first: the others are set against it */
		for EACH_VARIANT(v, k) {
			if (v->kind != kind || v->wrong || library(v) == (pass == 1) || (v->unavailable && v->unavailable()))
				continue;
			double total = INFINITY;
			struct device_took best = {.compute = INFINITY};
			bool good = true;
			for (int i = 0; i < TIMES && good; i++) {
				double begin = now();
				job.variant = v;
				good = !v->run(&job);
				total = fmin(total, now() - begin);
				if (good && ear.took.compute < best.compute)
					best = ear.took;
			}
			good = good && k->verify(&job).right;
			if (strstr(v->name, "cub"))
				by_library = best.compute;
			diag("  %-18s total %9.3f ms  in %9.3f  compute %9.4f  out %8.3f  %7.1f GB/s (%3.0f %%)  %8.2f Gflop/s (%3.0f %%)  library %3.0f %%  held "
			     "%3.0f %%%s", v->name, 1e3 * total, 1e3 * best.copy_in, 1e3 * best.compute, 1e3 * best.copy_out, 1e-9 * bytes / best.compute,
			     100 * bytes / best.compute / d->copy_bytes_per_second, 1e-9 * flops / best.compute, 100 * flops / best.compute / peak,
			     100 * by_library / best.compute, 100 * best.occupancy, good ? "" : "  WRONG");
		}
	k->release(&job);
}

int main(int argc, char **argv)
{
	bool small = argc > 1 && !strcmp(argv[1], "small"), wrong = argc > 2 && !strcmp(argv[2], "wrong");
	const char *only = argc > 3 ? argv[3] : NULL;
	ear.probe = (struct probe){.parallel_end = nothing, .worker_begin = nothing_of, .worker_end = nothing_of, .worker_tick = nothing_of,
				   .wait_begin = nothing_of, .wait_end = nothing_of, .took = hear};
	ear.probe.parallel_begin = nothing_of;
	for EACH_KERNEL(k)
		for EACH_VARIANT(v, *k) {
			const char *why = v->unavailable ? v->unavailable() : NULL;
			char name[100];
			snprintf(name, sizeof name, "%s/%s", (*k)->name, v->name);
			if (only && strcmp(only, name))
				continue;
			if (!on_device(*k) || (small && (library(v) || !v->wrong == wrong || !kind_on_device(v->kind))))
				continue;
			if (why)
				skip(name, why);
			else if (v->wrong)
				wrong_is_caught(*k, v, small);
			else
				right_at_all_sizes(*k, v, small);
		}
	if (small)
		return tap_done();
	for EACH_KERNEL(k)
		for (enum kind kind = KIND_OPENCL; kind <= KIND_CUDA && on_device(*k); kind++)
			figures(*k, kind);
	sanitize(argv[0]);
	return tap_done();
}
