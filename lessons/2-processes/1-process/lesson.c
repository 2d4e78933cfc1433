/* A process: created, run, waited for                                                                       ★☆☆
 *
 * What you learn: fork makes a second process that goes on from the same line, with memory of its own. What the
 * child writes, the parent never sees; an exit status of eight bits is all that comes back by itself. Who has
 * ended must be waited for, or stays as a zombie; who loses its parent gets another. Memory is copied when it is
 * written.
 *
 * How the number is made: kernel `spawn` (kernels/spawn.c) starts and awaits --size threads or processes. Kernel
 * `answer` counts the multiples of 3 among --size numbers, in equal slices by --threads children; only the way in
 * which a child tells its count differs. It is checked against a count made in another way. The demonstrations
 * (--demo NAME; demos.h) look into /proc/PID/stat and at the page faults that getrusage counts. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "lessons/2-processes/1-process/demos.h"
#include "lessons/lesson.h"

/* ---- kernel: how does a child tell what it found? ---- */

struct data {
	uint64_t expected, total, found[KERNEL_WORKERS_MAX]; /* ordinary memory */
	int status[KERNEL_WORKERS_MAX], end[2];              /* of each child; of a pipe */
};

static uint64_t count(const struct job *job, struct slice slice)
{
	uint64_t found = 0;
	for (size_t i = slice.first; i < slice.last; i++)
		found += rng_at(job->seed, i) % 3 == 0;
	return found;
}

//> alone
static int run_alone(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	d->total = count(job, slice_of(job_size(job), 0, 1));
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< alone

//> fork
static int run(struct job *job, int (*answer)(struct data *, int w, uint64_t found), void (*meanwhile)(struct data *))
{
	struct data *d = job->data;
	pid_t child[KERNEL_WORKERS_MAX];
	int started = 0, error = 0;
	parallel_begin(job, job->workers);
	for (; started < job->workers; started++) {
		pid_t pid = child[started] = fork(); /* one goes in, two come out */
		if (pid < 0) {
			error = errno;
			break;
		}
		if (pid == 0) { /* in the child fork returns 0 */
			worker_begin(job, started);
			uint64_t found = count(job, slice_of(job_size(job), started, job->workers));
			worker_end(job, started);
			_exit(answer(d, started, found)); /* its way ends here */
		}
	}
	meanwhile(d);
	for (int w = 0; w < started; w++) {
		int status = wait_for(child[w]);
		d->status[w] = WEXITSTATUS(status);
		error = WIFEXITED(status) ? error : ECANCELED;
	}
	parallel_end(job);
	return (errno = error) ? -1 : 0;
}
//< fork

static void nothing(struct data *d) { (void)d; }

//> own-variable
static int answer_variable(struct data *d, int w, uint64_t found)
{
	d->found[w] = found; /* into the child's copy of d */
	return 0;
}

static int run_own_variable(struct job *job)
{
	struct data *d = job->data;
	int rc = run(job, answer_variable, nothing);
	for (int w = 0; w < job->workers; w++)
		d->total += d->found[w]; /* the parent's d */
	return rc;
}
//< own-variable

//> exit-status
static int answer_status(struct data *d, int w, uint64_t found)
{
	(void)d, (void)w;
	return (int)found; /* of which eight bits arrive */
}

static int run_exit_status(struct job *job)
{
	struct data *d = job->data;
	int rc = run(job, answer_status, nothing);
	for (int w = 0; w < job->workers; w++)
		d->total += (uint64_t)d->status[w];
	return rc;
}
//< exit-status

//> pipe
static int answer_pipe(struct data *d, int w, uint64_t found)
{
	(void)w;
	return write(d->end[1], &found, sizeof found) != sizeof found; /* through the kernel, to the parent */
}

static void collect(struct data *d)
{
	uint64_t found;
	close(d->end[1]); /* so that the end can be seen: the next lesson */
	while (read(d->end[0], &found, sizeof found) == sizeof found)
		d->total += found;
	close(d->end[0]);
}

static int run_pipe(struct job *job)
{
	struct data *d = job->data;
	return pipe(d->end) ? -1 : run(job, answer_pipe, collect);
}
//< pipe

/* The check counts otherwise: x is a multiple of 3 if x times the inverse of 3 is at most 2^64 / 3. */
static int prepare(struct job *job)
{
	struct data *d = job->data = calloc(1, sizeof *d);
	for (size_t i = 0; d && i < job_size(job); i++)
		d->expected += rng_at(job->seed, i) * UINT64_C(0xaaaaaaaaaaaaaaab) <= UINT64_MAX / 3;
	return d ? 0 : -1;
}

static void reset(struct job *job)
{
	struct data *d = job->data;
	*d = (struct data){.expected = d->expected};
}

static void release(struct job *job) { free(job->data), job->data = NULL; }

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome out = {d->total == d->expected, (double)d->expected, (double)d->total, ""};
	snprintf(out.text, sizeof out.text, "the parent knows of %llu multiples of 3, there are %llu",
		 (unsigned long long)d->total, (unsigned long long)d->expected);
	return out;
}

static const struct variant variants[] = {
	{"alone", "no child, one process counts", .run = run_alone},
	{"own-variable", "each child writes its count into a variable", KIND_PROCESSES,
	 "the child writes into its own memory, the parent reads its own", .run = run_own_variable},
	{"exit-status", "each child exits with its count", KIND_PROCESSES,
	 "an exit status has eight bits, a count has more", .run = run_exit_status},
	{"pipe", "each child sends its count through a pipe", KIND_PROCESSES, .run = run_pipe},
	{0},
};

const struct kernel kernel_answer = {
	.name = "answer", .title = "Children that count", .source = __FILE__,
	.params = {{"size", "numbers", "numbers to look at, shared by the children", 0, 1e10, 1e7, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_answer);

extern const struct kernel kernel_spawn; /* kernels/spawn.c */

static const struct demo demos[] = {
	{.name = "memory", .about = "the child writes a variable, the parent reads it", .run = demo_memory},
	{.name = "endings", .about = "five children and how they end", .run = demo_endings},
	{.name = "zombie", .about = "a child that has ended and was not waited for", .run = demo_zombie},
	{.name = "orphan", .about = "a child whose parent ends first", .run = demo_orphan},
	{.name = "copy-on-write", .about = "memory is copied when it is written: the page faults tell",
	 .run = demo_copy_on_write, .unavailable = no_counting},
	{.name = "twice", .about = "text that waits in a buffer during fork",
	 .wrong = "fork copies what stdio has not written yet, and both processes write it", .run = demo_twice},
	{0},
};

static const struct lesson lesson = {
	.id = "process", .level = 1, .minutes_min = 36, .minutes_max = 49, .needs = "concurrency", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_spawn, &kernel_answer, NULL}, .demos = demos, .threads = "1",
	.variants = (const char *const[]){"call", "thread", "fork", "vfork", "posix_spawn", NULL},
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
