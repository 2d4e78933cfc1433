/* Scatter, compute, gather: processes that share nothing                                                    ★★☆
 *
 * What you learn: an MPI program is started as several processes, the ranks. Each has a number, its own memory, and the
 * same program. What one knows the others learn by messages only: the root scatters an array, each rank works on its
 * part, the root gathers the results. Parts need not be equal. A message may wait for its receiver, so two who both
 * send first may wait for ever.
 *
 * How the number is made: the bench starts `mpirun -n P` with this program once for each number of ranks (--threads),
 * outside of all timing, and then sends orders: kernels/runtime/ranks.h. A run is timed by rank 0 between two barriers.
 * Kernel `squares` squares each of --size numbers --times times modulo 2^31 - 1; the results are compared with powers
 * reckoned another way. In kernel `ring` each rank gives its slice to the next one; each number is then looked at. When
 * all ranks are in the same call for 300 ms, they wait for each other: all are ended, and it is told who waits where. */
#if HAVE_MPI
#include <mpi.h>
#endif
#include "lessons/6-distributed/1-scatter-gather/squares.h"
#include "lessons/6-distributed/1-scatter-gather/shown.h"
#include "lessons/lesson.h"

//> serial
static int run_serial(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < job_size(job); i++)
		d->out[i] = squared(d->in[i], (uint64_t)job->arg[1]);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

static const struct kernel kernel_squares;

#if HAVE_MPI
/* What a rank has in its own memory. Only the root, rank 0, has the whole array. */
struct part {
	uint64_t *in, *out; /* NULL but on the root: all numbers, all results */
	uint64_t *mine;     /* my numbers, and then their results */
	int n;              /* how many they are */
	int count[KERNEL_WORKERS_MAX], first[KERNEL_WORKERS_MAX]; /* of each rank's slice */
};

//> slices
static void deal(struct ranks *me, struct part *p)
{
	for (int r = 0; r < me->size; r++) { /* as even as can be: 7 numbers on 3 ranks are 3, 2 and 2 */
		struct slice s = slice_of(job_size(&me->job), r, me->size);
		p->first[r] = (int)s.first;
		p->count[r] = (int)(s.last - s.first);
	}
	p->n = p->count[me->rank];
}
//< slices

static void work(struct ranks *me, struct part *p)
{
	int often = 1 + 20000 / (1 + (int)me->job.arg[1]); /* a sign of life every 20 us or so: see kernel.h */
	for (int i = 0; i < p->n; i++) {
		p->mine[i] = squared(p->mine[i], (uint64_t)me->job.arg[1]);
		if (i % often == 0)
			worker_tick(&me->job, me->rank);
	}
}

//> scatterv
static int do_scatterv(struct ranks *me)
{
	struct part *p = me->job.data;
	worker_begin(&me->job, me->rank);
	wait_begin(&me->job, me->rank);
	MPI_Scatterv(p->in, p->count, p->first, MPI_UINT64_T, p->mine, p->n, MPI_UINT64_T, 0, MPI_COMM_WORLD);
	wait_end(&me->job, me->rank);
	work(me, p); /* all ranks at once, each on its own */
	wait_begin(&me->job, me->rank);
	MPI_Gatherv(p->mine, p->n, MPI_UINT64_T, p->out, p->count, p->first, MPI_UINT64_T, 0, MPI_COMM_WORLD);
	wait_end(&me->job, me->rank);
	worker_end(&me->job, me->rank);
	return 0;
}
//< scatterv

//> by-hand
static int do_by_hand(struct ranks *me)
{
	struct part *p = me->job.data;
	worker_begin(&me->job, me->rank);
	wait_begin(&me->job, me->rank);
	for (int r = 1; me->rank == 0 && r < me->size; r++)
		MPI_Send(p->in + p->first[r], p->count[r], MPI_UINT64_T, r, 0, MPI_COMM_WORLD);
	if (me->rank == 0)
		memcpy(p->mine, p->in, (size_t)p->n * sizeof *p->mine); /* the root's own part stays at home */
	else
		MPI_Recv(p->mine, p->n, MPI_UINT64_T, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	wait_end(&me->job, me->rank);
	work(me, p);
	wait_begin(&me->job, me->rank);
	if (me->rank != 0)
		MPI_Send(p->mine, p->n, MPI_UINT64_T, 0, 1, MPI_COMM_WORLD);
	else
		memcpy(p->out, p->mine, (size_t)p->n * sizeof *p->mine);
	for (int r = 1; me->rank == 0 && r < me->size; r++)
		MPI_Recv(p->out + p->first[r], p->count[r], MPI_UINT64_T, r, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	wait_end(&me->job, me->rank);
	worker_end(&me->job, me->rank);
	return 0;
}
//< by-hand

//> reduce
static int do_reduce(struct ranks *me)
{
	struct part *p = me->job.data;
	double sum = 0;
	worker_begin(&me->job, me->rank);
	wait_begin(&me->job, me->rank);
	MPI_Scatterv(p->in, p->count, p->first, MPI_UINT64_T, p->mine, p->n, MPI_UINT64_T, 0, MPI_COMM_WORLD);
	wait_end(&me->job, me->rank);
	work(me, p);
	for (int i = 0; i < p->n; i++)
		sum += (double)p->mine[i];
	wait_begin(&me->job, me->rank);
	MPI_Reduce(&sum, me->figure, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD); /* one number comes back, not all */
	wait_end(&me->job, me->rank);
	worker_end(&me->job, me->rank);
	return 0;
}
//< reduce

//> even-parts
static int do_even_parts(struct ranks *me)
{
	struct part *p = me->job.data;
	int each = (int)job_size(&me->job) / me->size; /* 7 numbers on 3 ranks: 2 each. And the seventh? */
	p->n = each;
	worker_begin(&me->job, me->rank);
	wait_begin(&me->job, me->rank);
	MPI_Scatter(p->in, each, MPI_UINT64_T, p->mine, each, MPI_UINT64_T, 0, MPI_COMM_WORLD);
	wait_end(&me->job, me->rank);
	work(me, p);
	wait_begin(&me->job, me->rank);
	MPI_Gather(p->mine, each, MPI_UINT64_T, p->out, each, MPI_UINT64_T, 0, MPI_COMM_WORLD);
	wait_end(&me->job, me->rank);
	worker_end(&me->job, me->rank);
	p->n = p->count[me->rank];
	return 0;
}
//< even-parts

static int prepare_rank(struct ranks *me)
{
	size_t n = job_size(&me->job);
	struct part *p = me->job.data = calloc(1, sizeof *p);
	if (!p)
		return -1;
	deal(me, p);
	p->mine = calloc((size_t)p->n + 1, sizeof *p->mine);
	p->in = me->rank ? NULL : calloc(n + 1, sizeof *p->in);
	p->out = me->rank ? NULL : calloc(n + 1, sizeof *p->out);
	if (!p->mine || (!me->rank && (!p->in || !p->out)))
		return -1;
	for (size_t i = 0; i < n && !me->rank; i++)
		p->in[i] = number(me->job.seed, i);
	memset(me->rank ? p->mine : p->out, 0xff, me->rank ? sizeof *p->mine : n * sizeof *p->out);
	return 0;
}

static int answer_rank(struct ranks *me)
{
	struct part *p = me->job.data;
	if (me->rank || (me->job.variant && !strcmp(me->job.variant->name, "reduce")))
		return me->figure[1] = NAN, 0;
	squares_figures(me->figure, p->out, job_size(&me->job));
	memset(p->out, 0xff, job_size(&me->job) * sizeof *p->out); /* the next run's results must come again */
	return 0;
}

static void release_rank(struct ranks *me)
{
	struct part *p = me->job.data;
	if (p)
		free(p->mine), free(p->in), free(p->out);
	free(p);
}

static const struct ranks_part parts[] = {
	{"scatterv", do_scatterv, 0}, {"by-hand", do_by_hand, 0}, {"reduce", do_reduce, 0}, {"even-parts", do_even_parts, 0}, {0}};
static const struct ranks_play plays[] = {
	{&kernel_squares, parts, prepare_rank, answer_rank, release_rank},
	{&kernel_ring, ring_parts, ring_prepare_rank, ring_answer_rank, ring_release_rank}, {0}};

//> main
static int rank_main(int argc, char **argv)
{
	int got;
	MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &got); /* from here on: one of several */
	int status = ranks_serve(plays);                          /* does what the bench orders */
	MPI_Finalize();
	return status;
}
//< main
#else
static int rank_main(int argc, char **argv) { return (void)argc, (void)argv, 4; }
#endif

static int run_ranks(struct job *job)
{
	struct data *d = job->data;
	d->by_ranks = true;
	return ranks_run(job, &d->found);
}

static const struct variant variants[] = {
	{"serial", "one process does all", .run = run_serial},
	{"scatterv", "the root deals parts of any size, and collects the results", KIND_MPI, .blocks = true, .pins_itself = true,
	 .run = run_ranks, .unavailable = ranks_unavailable},
	{"by-hand", "the same with single messages: send and receive", KIND_MPI, .blocks = true, .pins_itself = true,
	 .run = run_ranks, .unavailable = ranks_unavailable},
	{"reduce", "only the sum is wanted: one number comes back from each", KIND_MPI, .blocks = true, .pins_itself = true,
	 .run = run_ranks, .unavailable = ranks_unavailable},
	{"even-parts", "equal parts for all", KIND_MPI, "what is left over when the parts are equal, nobody gets", .blocks = true,
	 .pins_itself = true, .run = run_ranks, .unavailable = ranks_unavailable},
	{0},
};

static const struct kernel kernel_squares = {
	.name = "squares", .title = "Squares of an array", .source = __FILE__,
	.params = {{"size", "numbers", "numbers in the root's array", 0, 1e8, 200000, false},
			   {"times", "times", "each number is squared so often", 0, 1e6, 100, false}},
	.prepare = squares_prepare, .reset = squares_reset, .variants = variants, .verify = squares_verify, .release = squares_release,
};
KERNEL_REGISTER(kernel_squares);

static const struct lesson_option options[] = {RANKS_OPTION_HOSTS, {0}};

static const char *const preset[] = {"scatterv", "by-hand", "reduce", "sendrecv", "order", "isend", NULL};

static const struct lesson lesson = {
	.id = "scatter-gather", .level = 2, .minutes_min = 34, .minutes_max = 56,
	.needs = "process shared-memory", .dir = LESSON_DIR, .variants = preset, .threads = "1,2,4",
	.kernels = (const struct kernel *const[]){&kernel_squares, &kernel_ring, NULL}, .demos = demos, .options = options,
};
int main(int argc, char **argv) { return ranks_inside(argc, argv) ? rank_main(argc, argv) : lesson_main(&lesson, argc, argv); }
