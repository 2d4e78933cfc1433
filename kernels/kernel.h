/* What a kernel is: pure computation that the bench can measure and a lesson can teach.
 *
 * A kernel file holds one problem and all its CPU variants. It reads no clock, prints nothing and knows no argv.
 * It ends in
 *
 *     const struct kernel kernel_NAME = { .name = "NAME", ... };
 *     KERNEL_REGISTER(kernel_NAME);
 *
 * Around each variant's function stand the marks `//> VARIANT` and `//< VARIANT`: the screen shows that excerpt.
 *
 * Where the work is shared, four visible lines tell the bench what happens (all do nothing when job->probe is NULL):
 *
 *     parallel_begin(job, workers);     the owner of the job, before it starts its workers
 *         worker_begin(job, w);         worker w (0 <= w < workers), when its share of the work begins
 *         worker_end(job, w);           the same thread or process, when its share is done (before any barrier)
 *     parallel_end(job);                the owner, after the last worker was joined
 *
 * What lies outside parallel_begin .. parallel_end is the serial part. Between parallel_begin and worker_begin lies
 * the start-up, between the last worker_end and parallel_end the join. A worker may begin and end several times
 * within one parallel region (phases); gaps between count as imbalance. A serial variant uses the same four lines with
 * workers = 1 around the work that could be shared. The probe's slots are shared memory: forked children report alike.
 */
#ifndef LOCKSTEP_KERNEL_H
#define LOCKSTEP_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernels/device.h"

enum { KERNEL_ARGS_MAX = 8, KERNEL_WORKERS_MAX = 1024 };

enum kind { KIND_SERIAL, KIND_THREADS, KIND_PROCESSES, KIND_OPENMP, KIND_MPI, KIND_OPENCL, KIND_CUDA };

struct job;
struct kernel;

/* One parameter of a kernel. The first of the list is the problem size. Values are doubles: exact for integers to 2^53. */
struct param {
	const char *name;  /* long option of the lesson, e.g. "chunk"; the first is also reached by --size */
	const char *unit;  /* "elements", "rows", "" for a pure number */
	const char *about; /* one line for --help */
	double min, max;   /* both allowed */
	double preset;     /* value when none is given: a teaching run of roughly 5 to 200 ms */
	bool fraction;     /* false: whole numbers only */
};

/* What verify found. */
struct outcome {
	bool right;
	double expected, observed; /* the two figures compared, NaN where there is no single figure */
	char text[200];            /* one sentence naming both, and the tolerance */
};

struct variant {
	const char *name;  /* unique in the kernel; lower case and dashes */
	const char *about; /* one line: the one idea of this rung */
	enum kind kind;
	const char *wrong; /* NULL, or the mistake this variant makes on purpose, one line */
	bool blocks;       /* its workers sleep by design (locks, waiting): CPU time below wall time is no interference */
	bool pins_itself;  /* the variant sets the affinity of its workers; the bench must not */
	/* Does the whole work once, on job->workers workers (serial variants: always 1). May be called many times on the
	 * same prepared job. 0, or -1 with errno set when a resource ran out; then nothing is left running. */
	int (*run)(struct job *job);
	/* NULL, or a function that returns NULL (can run here) or the reason why not, naming the package that would cure
	 * it. Such a variant stays in the list. */
	const char *(*unavailable)(void);
	bool yardstick; /* a scale for the others, no way of doing the work itself: not set beside the peers */
};

struct kernel {
	const char *name, *title; /* "sum_squares", "Sum of squares" */
	const char *source;       /* __FILE__ */
	struct param params[KERNEL_ARGS_MAX + 1];  /* ends with a NULL name; params[0] is the size */
	/* Work of one run, as a function of the arguments: floating-point operations, and the least bytes that must cross
	 * the memory bus (the header comment of the file says what is counted). NULL: not defined for this kernel. */
	double (*flops)(const struct job *job);
	double (*bytes)(const struct job *job);
	/* What grows under --weak when it is neither flops, bytes nor the size itself (an image's side: its area). From the arguments
	 * alone. NULL: the first of those three that is known. */
	double (*work)(const struct job *job);
	/* Makes the inputs from job->seed (never zeros or constants) and the place for results into job->data. Not timed.
	 * 0, or -1 with errno. Independent of variant and workers. Sizes 0 and 1 are allowed whenever params say so. */
	int (*prepare)(struct job *job);
	void (*reset)(struct job *job); /* NULL, or run before every timed run, untimed (e.g. sort: restore the input) */
	const struct variant *variants; /* ends with a NULL name; at least one serial one that is not wrong */
	/* Compares the last run's result with an independent answer (closed form, other algorithm, invariant). Not timed. */
	struct outcome (*verify)(const struct job *job);
	/* NULL, or for the tests: damages the last result a little, at a place that `where` picks, so that verify must refuse
	 * it. False when there is nothing to damage (size 0). */
	bool (*spoil)(struct job *job, uint64_t where);
	void (*release)(struct job *job); /* frees job->data; fine after a failed prepare */
	/* Beside what people would use instead (kernels/peers/README.md): */
	double peer_arg[KERNEL_ARGS_MAX]; /* the arguments there, in the order of params; 0: the preset */
	/* NULL, or one figure of the last result that a peer can compute just as well: a sum, or figure_u64 (kernels/figure.h) of
	 * many numbers. NULL: `expected` of verify. */
	double (*figure)(const struct job *job);
	double figure_tolerance; /* relative; 0: 1e-9 */
	/* NULL, or for variants of kind OPENCL and CUDA: the device they run on, NULL for other kinds (runtime/device.h). Such a
	 * variant always has one worker, which waits for the device; it says how long the device took by job_took. */
	const struct device *(*device)(int kind);
	bool single; /* its flops are of 4-byte floats */
};

/* The bench's side of the four lines. */
struct probe {
	void (*parallel_begin)(struct probe *, int workers);
	void (*parallel_end)(struct probe *);
	void (*worker_begin)(struct probe *, int worker);
	void (*worker_end)(struct probe *, int worker);
	void (*worker_tick)(struct probe *, int worker);
	void (*wait_begin)(struct probe *, int worker);
	void (*wait_end)(struct probe *, int worker);
	void (*took)(struct probe *, const struct device_took *); /* NULL: not wanted */
};

struct job {
	const struct kernel *kernel;
	const struct variant *variant;
	double arg[KERNEL_ARGS_MAX]; /* in the order of kernel->params */
	int workers;                 /* >= 1; may exceed the size: then some workers have nothing to do */
	uint64_t seed;
	void *data;
	struct probe *probe; /* NULL: nobody watches */
	int64_t took_ns;     /* set by a run whose work is done by others (ranks), what it took there; 0: the bench's own clock counts */
};

static inline size_t job_size(const struct job *job) { return (size_t)job->arg[0]; }

static inline void parallel_begin(struct job *job, int workers)
{
	if (job->probe)
		job->probe->parallel_begin(job->probe, workers);
}

static inline void parallel_end(struct job *job)
{
	if (job->probe)
		job->probe->parallel_end(job->probe);
}

static inline void worker_begin(struct job *job, int worker)
{
	if (job->probe)
		job->probe->worker_begin(job->probe, worker);
}

static inline void worker_end(struct job *job, int worker)
{
	if (job->probe)
		job->probe->worker_end(job->probe, worker);
}

/* For kernels whose timeline matters: called often (every 1 to 50 µs) inside the work. A gap in the worker's own clock
 * is a slice in which it did not run; the core it runs on is noted. Costs one clock read. */
static inline void worker_tick(struct job *job, int worker)
{
	if (job->probe)
		job->probe->worker_tick(job->probe, worker);
}

/* Around a wait inside the work that is part of the task (a sleep, an answer from outside), so that the timeline shows
 * waiting and not lost time. */
static inline void wait_begin(struct job *job, int worker)
{
	if (job->probe)
		job->probe->wait_begin(job->probe, worker);
}

static inline void wait_end(struct job *job, int worker)
{
	if (job->probe)
		job->probe->wait_end(job->probe, worker);
}

/* The device's own account of the run that ends: transfer and compute apart, both counted in the run's time. */
static inline void job_took(struct job *job, const struct device_took *took)
{
	if (job->probe && job->probe->took)
		job->probe->took(job->probe, took);
}

static inline bool kind_on_device(enum kind kind) { return kind == KIND_OPENCL || kind == KIND_CUDA; }
/* Has it a worker axis? An accelerator is one worker, however many threads it has inside. */
static inline bool kind_scales(enum kind kind) { return kind != KIND_SERIAL && !kind_on_device(kind); }

/* The half-open share [first, last) of n items that worker w of p gets when they are dealt in p nearly equal slices.
 * Right for n < p (some slices are empty) and for every n below 2^63. */
struct slice {
	size_t first, last;
};

static inline struct slice slice_of(size_t n, int w, int p)
{
	size_t each = n / (size_t)p, rest = n % (size_t)p, i = (size_t)w;
	size_t first = i * each + (i < rest ? i : rest);
	return (struct slice){first, first + each + (i < rest ? 1 : 0)};
}

/* Registration without a list: every linked kernel puts a pointer into the section "kernels". */
#define KERNEL_REGISTER(k) \
	static const struct kernel *const k##_entry __attribute__((used, section("kernels"))) = &(k)

#endif
