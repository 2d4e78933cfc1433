/* The lesson `load-balance`: inputs and checks of its two kernels, and the demonstrations. */
#include <math.h>

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

static void reset(struct job *job)
{
	struct board *b = job->data;
	memset(b->result, 0x55, job_size(job) * sizeof *b->result);
	b->all = (struct group){0};
}

static int prepare(struct job *job)
{
	size_t n = job_size(job);
	struct board *b = job->data = aligned_alloc(64, sizeof *b);
	if (!b)
		return -1;
	b->chunks = 0; /* the many hands are touched only by those who use them */
	if (!(b->result = calloc(2 * n + 1, sizeof *b->result)))
		return -1;
	bool picture = !strcmp(job->kernel->name, "picture");
	b->pass = picture ? pass_picture : pass_triangle;
	b->expected = b->result + n;
	for (size_t i = 0; i < n; i++)
		if (!picture)
			b->expected[i] = chain_jump(rng_at(job->seed, i), i * STEPS);
		else
			for (int64_t column = 0; column < WIDTH; column++)
				b->expected[i] += pixel_steps(column_x(column), row_y(i, n));
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct board *b = job->data;
	size_t n = job_size(job), good = 0;
	for (size_t i = 0; i < n; i++)
		good += b->result[i] == b->expected[i];
	struct outcome out = {good == n, (double)n, (double)good, ""};
	snprintf(out.text, sizeof out.text, "%zu of %zu passes are right, by a second way to the same number", good, n);
	return out;
}

static void release(struct job *job)
{
	struct board *b = job->data;
	if (b)
		free(b->result);
	free(b);
	job->data = NULL;
}

static const struct variant variants[] = {
	{"serial", "one worker does all", .run = run_serial},
	{"static", "equal slices, dealt beforehand", KIND_OPENMP, .run = run_static},
	{"dynamic", "the next pass to whoever is free", KIND_OPENMP, .run = run_dynamic},
	{"guided", "many passes at first, few at last", KIND_OPENMP, .run = run_guided},
	{"stealing", "slices of one's own; who is done takes from another", KIND_THREADS, .run = run_stealing},
	{"executor", "halves shown to thieves, by the executor", KIND_THREADS, .blocks = true, .run = run_executor},
	{0},
};
const struct kernel kernel_triangle = {
	.name = "triangle", .title = "A triangular loop", .source = "lessons/4-executors/5-load-balance/lesson.c",
	.params = {{"size", "passes", "passes of the loop, each longer than the one before", 0, 65536, 1000, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_triangle);
const struct kernel kernel_picture = {
	.name = "picture", .title = "Rows of a picture", .source = "lessons/4-executors/5-load-balance/lesson.c",
	.params = {{"size", "rows", "rows of the picture", 0, 65536, 512, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_picture);

/* ---- the demonstrations: one run each, with four workers, watched where each begins and ends its share ---- */

enum { FOUR = 4 };
struct watch {
	struct probe probe;
	int64_t cpu_ns[FOUR], end_ns[FOUR];
};

static void nothing(struct probe *p) { (void)p; }
static void region(struct probe *p, int workers) { (void)p, (void)workers; }
static void no_tick(struct probe *p, int worker) { (void)p, (void)worker; }
static void on_begin(struct probe *p, int worker) { ((struct watch *)p)->cpu_ns[worker] -= thread_cpu_ns(); }
static void on_end(struct probe *p, int worker)
{
	((struct watch *)p)->cpu_ns[worker] += thread_cpu_ns();
	((struct watch *)p)->end_ns[worker] = now_ns();
}

/* Tells how long each worker was busy and when it was done. Finds who was done last, who was busiest, and how much was
 * stolen, in percent of the chunks. */
static int watch_run(struct telling *t, const struct kernel *kernel, int (*run)(struct job *), double size, int *last,
		     int *busiest, double *stolen)
{
	struct watch w = {.probe = {region, nothing, on_begin, on_end, no_tick, no_tick, no_tick}};
	struct job job = {.kernel = kernel, .arg = {size}, .workers = FOUR, .seed = 1, .probe = &w.probe};
	size_t moved = 0;
	int rc = kernel->prepare(&job);
	struct board *b = job.data;
	int64_t begin = now_ns();
	if (rc || (rc = run(&job)))
		goto out;
	*last = *busiest = 0;
	for (int me = 0; me < FOUR; me++) {
		char also[60] = "";
		if (b->chunks)
			snprintf(also, sizeof also, ", stole %zu", b->hand[me].stolen);
		tell(t, "worker %d: busy %.1f ms, done after %.1f ms%s", me, 1e-6 * (double)w.cpu_ns[me],
		     1e-6 * (double)(w.end_ns[me] - begin), also);
		*last = w.end_ns[me] > w.end_ns[*last] ? me : *last;
		*busiest = w.cpu_ns[me] > w.cpu_ns[*busiest] ? me : *busiest;
		moved += b->hand[me].stolen;
	}
	*stolen = b->chunks ? 100 * (double)moved / (double)b->chunks : 0;
	struct outcome out = verify(&job);
	tell_check(t, out.right, "%s", out.text);
out:
	release(&job);
	return rc;
}

static int show_last(struct telling *t, const struct kernel *kernel, double size, int heaviest)
{
	int last, busiest;
	double stolen;
	if (watch_run(t, kernel, run_static, size, &last, &busiest, &stolen))
		return -1;
	tell_check(t, busiest == heaviest, "worker %d has the most to do", busiest);
	tell(t, "worker %d is done last", last);
	tell_figure(t, last, NAN);
	return 0;
}

static int demo_last(struct telling *t) { return show_last(t, &kernel_triangle, 3000, 3); }
static int demo_picture_last(struct telling *t) { return show_last(t, &kernel_picture, 1024, 2); }

static int demo_steals(struct telling *t)
{
	int last, busiest;
	double stolen;
	if (watch_run(t, &kernel_triangle, run_stealing, 3000, &last, &busiest, &stolen))
		return -1;
	tell_check(t, stolen > 0, "%.0f percent of the chunks were stolen", stolen);
	tell_figure(t, stolen, NAN);
	return 0;
}
