/* A loop shared out: slices, chunks, schedules                                                              ★★☆
 *
 * What you learn: a loop whose passes do not need each other can be dealt to workers. Dealt beforehand in equal slices,
 * it is as slow as its hardest slice; handed out in chunks on demand, nobody idles, but each chunk costs a little.
 *
 * How the number is made: --size rows of the upper half of the Mandelbrot set (harder from first to last), WIDTH pixels
 * each; a row's result is its number of steps. The arithmetic is fixed point in integers: exact everywhere. Every
 * row is compared with what a second routine, written differently, found while the input was prepared. */
#include <errno.h>
#include <omp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/kernel.h"
#include "lessons/lesson.h"

enum { WIDTH = 256, LIMIT = 300, SHIFT = 28 };
static const int64_t ONE = INT64_C(1) << SHIFT;

struct board {
	atomic_size_t next; /* first row that nobody has taken yet */
	uint64_t *expected; /* by the second routine; in private memory */
	uint64_t row[];     /* the result: steps in each row, 0: not done (every pixel takes at least one) */
};

static int64_t row_y(size_t row, size_t rows) { return ONE * 5 / 4 - (int64_t)(row * (uint64_t)(ONE * 5 / 4) / rows); }
static int64_t column_x(int64_t column) { return -2 * ONE + column * (ONE * 5 / 2) / WIDTH; }

//> row
/* One pass of the loop: steps of z = z² + c until |z| > 2, for each pixel c of the row. */
static void do_row(struct job *job, size_t row)
{
	struct board *board = job->data;
	int64_t cy = row_y(row, job_size(job));
	uint64_t steps = 0;
	for (int64_t column = 0; column < WIDTH; column++) {
		int64_t cx = column_x(column), x = 0, y = 0, xx = 0, yy = 0;
		for (int i = 0; i < LIMIT && xx + yy <= 4 * ONE; i++) {
			y = (x * y >> (SHIFT - 1)) + cy;
			x = xx - yy + cx;
			xx = x * x >> SHIFT, yy = y * y >> SHIFT;
			steps++;
		}
	}
	board->row[row] = steps;
}
//< row

//> serial
static int run_serial(struct job *job)
{
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t row = 0; row < job_size(job); row++)
		do_row(job, row);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

//> openmp
/* Which worker gets which rows is the schedule; as if it stood in the pragma: schedule(dynamic, chunk). */
static int run_openmp(struct job *job, omp_sched_t schedule)
{
	omp_set_schedule(schedule, (int)job->arg[1]);
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	{
		worker_begin(job, omp_get_thread_num());
#pragma omp for schedule(runtime) nowait
		for (size_t row = 0; row < job_size(job); row++)
			do_row(job, row);
		worker_end(job, omp_get_thread_num());
	}
	parallel_end(job);
	return 0;
}
//< openmp
//> openmp-static
/* Chunks are dealt in turn before the loop begins: to worker 0, 1, …, 0, 1, … */
static int run_openmp_static(struct job *job) { return run_openmp(job, omp_sched_static); }
//< openmp-static
//> openmp-dynamic
/* Who has done a chunk takes the next one. */
static int run_openmp_dynamic(struct job *job) { return run_openmp(job, omp_sched_dynamic); }
//< openmp-dynamic
//> openmp-guided
/* On demand, too, but large chunks first: a share of what is left each time, never smaller than a chunk. */
static int run_openmp_guided(struct job *job) { return run_openmp(job, omp_sched_guided); }
//< openmp-guided
struct worker { struct job *job; int id; };

static int run_pthreads(struct job *job, void *(*work)(void *))
{
	pthread_t thread[KERNEL_WORKERS_MAX];
	struct worker worker[KERNEL_WORKERS_MAX];
	struct board *board = job->data;
	int started = 0, error = 0;
	board->next = 0;
	parallel_begin(job, job->workers);
	for (; started < job->workers && !error; started += !error) {
		worker[started] = (struct worker){job, started};
		error = pthread_create(&thread[started], NULL, work, &worker[started]);
	}
	for (int w = 0; w < started; w++)
		pthread_join(thread[w], NULL);
	parallel_end(job);
	return (errno = error) ? -1 : 0;
}

//> threads
/* One slice of neighbouring rows for each thread. */
static void *work_slice(void *arg)
{
	struct worker *me = arg;
	struct slice mine = slice_of(job_size(me->job), me->id, me->job->workers);
	worker_begin(me->job, me->id);
	for (size_t row = mine.first; row < mine.last; row++)
		do_row(me->job, row);
	worker_end(me->job, me->id);
	return NULL;
}
static int run_threads(struct job *job) { return run_pthreads(job, work_slice); }
//< threads

//> chunks
/* Takes `chunk` rows at a time until none is left. The addition is atomic: no two workers get the same rows. */
static void take_chunks(struct job *job)
{
	struct board *board = job->data;
	size_t rows = job_size(job), chunk = (size_t)job->arg[1], first;
	while ((first = atomic_fetch_add(&board->next, chunk)) < rows)
		for (size_t row = first; row < rows && row < first + chunk; row++)
			do_row(job, row);
}
//< chunks

//> threads-chunked
static void *work_chunks(void *arg)
{
	struct worker *me = arg;
	worker_begin(me->job, me->id);
	take_chunks(me->job);
	worker_end(me->job, me->id);
	return NULL;
}
static int run_threads_chunked(struct job *job) { return run_pthreads(job, work_chunks); }
//< threads-chunked

//> pool
/* The same with processes: each has memory of its own; only counter and rows are shared. */
static int run_pool(struct job *job)
{
	struct board *board = job->data;
	pid_t child[KERNEL_WORKERS_MAX];
	int started = 0;
	board->next = 0;
	parallel_begin(job, job->workers);
	for (; started < job->workers && (child[started] = fork()) >= 0; started++)
		if (child[started] == 0) { /* the new process */
			worker_begin(job, started);
			take_chunks(job);
			worker_end(job, started);
			_exit(0);
		}
	int error = started < job->workers ? errno : 0;
	for (int w = 0; w < started; w++) {
		int status = -1;
		while (waitpid(child[w], &status, 0) < 0 && errno == EINTR)
			;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			error = ECHILD; /* it died: its rows are missing */
	}
	parallel_end(job);
	return (errno = error) ? -1 : 0;
}
//< pool

/* Another way to the same number: division instead of shifts, one pixel at a time. */
static uint64_t pixel_steps(int64_t cx, int64_t cy)
{
	uint64_t steps = 0;
	for (int64_t x = 0, y = 0, xx = 0, yy = 0; steps < LIMIT && xx + yy <= 4 * ONE; steps++) {
		y = 2 * x * y / ONE - (2 * x * y % ONE < 0) + cy;
		x = xx - yy + cx;
		xx = x * x / ONE, yy = y * y / ONE; /* squares: no rounding down needed */
	}
	return steps;
}

static size_t board_bytes(size_t rows) { return sizeof(struct board) + 2 * rows * sizeof(uint64_t); }
static int prepare(struct job *job)
{
	size_t rows = job_size(job);
	void *memory = mmap(NULL, board_bytes(rows), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct board *board = job->data = memory == MAP_FAILED ? NULL : memory;
	if (!board)
		return -1;
	board->expected = board->row + rows;
	for (size_t row = 0; row < rows; row++)
		for (int64_t column = 0; column < WIDTH; column++)
			board->expected[row] += pixel_steps(column_x(column), row_y(row, rows));
	return 0;
}

static void reset(struct job *job) { memset(((struct board *)job->data)->row, 0, job_size(job) * sizeof(uint64_t)); }
static struct outcome verify(const struct job *job)
{
	const struct board *board = job->data;
	size_t n = job_size(job), good = 0;
	for (size_t row = 0; row < n; row++)
		good += board->row[row] == board->expected[row];
	struct outcome out = {good == n, (double)n, (double)good, ""};
	snprintf(out.text, sizeof out.text, "%zu of %zu rows took the steps that a second routine counts", good, n);
	return out;
}

static void release(struct job *job)
{
	if (job->data)
		munmap(job->data, board_bytes(job_size(job)));
}

static const struct variant variants[] = {
	{"serial", "one row after another", .run = run_serial},
	{"openmp-static", "chunks dealt in turn beforehand", KIND_OPENMP, .run = run_openmp_static},
	{"openmp-dynamic", "chunks handed out on demand", KIND_OPENMP, .run = run_openmp_dynamic},
	{"openmp-guided", "on demand, large chunks first", KIND_OPENMP, .run = run_openmp_guided},
	{"threads", "one slice for each thread", KIND_THREADS, .run = run_threads},
	{"threads-chunked", "chunks from a shared counter", KIND_THREADS, .run = run_threads_chunked},
	{"pool", "chunks from a shared counter, for forked processes", KIND_PROCESSES, .run = run_pool},
	{0},
};
const struct kernel kernel_loop = {
	.name = "loop", .title = "A loop with uneven rows", .source = __FILE__,
	.params = {{"size", "rows", "rows of the picture: passes of the loop", 0, 65536, 512, false},
		   {"chunk", "rows", "rows handed out at a time", 1, 65536, 16, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_loop);
static const struct lesson lesson = {
	.id = "parallel-loop", .level = 2, .minutes_min = 25, .minutes_max = 40, .needs = "concurrency",
	.dir = LESSON_DIR, .kernels = (const struct kernel *const[]){&kernel_loop, NULL},
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
