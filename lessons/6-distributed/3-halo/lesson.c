/* Halo exchange: a plate dealt to ranks                                                                      ★★★
 *
 * What you learn: ranks share no memory, so a plate too large for one machine is cut into parts. To renew its outer
 * cells a rank needs the outer cells of its neighbours: it keeps copies of them, the halo, and gets fresh ones
 * before each sweep. The inner cells need no halo, so they can be renewed while messages are under way. Work grows
 * with a part's area, messages with its edge: the shape of parts matters, and small parts do not pay.
 *
 * How the number is made: --size rows of --size cells, --sweeps times renewed; each rank makes its own part of the
 * start and keeps it, untimed. Timed are the sweeps, from a barrier to a barrier. Afterwards each row of the plate
 * is reduced to one number, which all bits of its cells and their places go into, and compared with the same number
 * of a plate that rank 0 swept alone: bit for bit, which is possible here as every cell is added up in the same
 * order. The serial plate is compared with sine waves, whose decay is known without sweeping. */
#include "kernels/bench/util.h"
#include "kernels/runtime/ranks.h"
#include "lessons/6-distributed/3-halo/check.h" /* struct data, prepare, reset, verify, release */
#include "lessons/6-distributed/3-halo/demos.h"
#include "lessons/lesson.h"
#if HAVE_MPI
#include <mpi.h>
#include "lessons/6-distributed/3-halo/share.h" /* what a rank keeps, and its place among the others */

//> sendrecv
static int rank_sendrecv(struct ranks *me)
{
	struct rank *r = me->job.data;
	const struct part *p = r->used = &r->rows;
	int n = (int)p->columns;
	ptrdiff_t rows = (ptrdiff_t)p->rows;
	worker_begin(&me->job, me->rank);
	for (size_t s = 0; s < p->sweeps; s++) {
		wait_begin(&me->job, me->rank);
		/* my first row goes north, what comes from the south is my lower halo … */
		MPI_Sendrecv(row_of(p, s, 0), n, MPI_DOUBLE, p->north, 0, row_of(p, s, rows), n, MPI_DOUBLE, p->south, 0,
			     r->strips, MPI_STATUS_IGNORE);
		/* … and the other way round */
		MPI_Sendrecv(row_of(p, s, rows - 1), n, MPI_DOUBLE, p->south, 1, row_of(p, s, -1), n, MPI_DOUBLE, p->north, 1,
			     r->strips, MPI_STATUS_IGNORE);
		wait_end(&me->job, me->rank);
		sweep(p, s, 0, p->rows, 0, p->columns);
	}
	worker_end(&me->job, me->rank);
	return 0;
}
//< sendrecv

//> begin
/* Four messages set out; nobody waits yet. */
static void begin_rows(const struct rank *r, size_t s, MPI_Request ask[4])
{
	const struct part *p = &r->rows;
	int n = (int)p->columns;
	ptrdiff_t rows = (ptrdiff_t)p->rows;
	MPI_Irecv(row_of(p, s, -1), n, MPI_DOUBLE, p->north, 1, r->strips, &ask[0]);
	MPI_Irecv(row_of(p, s, rows), n, MPI_DOUBLE, p->south, 0, r->strips, &ask[1]);
	MPI_Isend(row_of(p, s, 0), n, MPI_DOUBLE, p->north, 0, r->strips, &ask[2]);
	MPI_Isend(row_of(p, s, rows - 1), n, MPI_DOUBLE, p->south, 1, r->strips, &ask[3]);
}
//< begin

static void wait_all(struct ranks *me, int count, MPI_Request *ask)
{
	wait_begin(&me->job, me->rank);
	MPI_Waitall(count, ask, MPI_STATUSES_IGNORE);
	wait_end(&me->job, me->rank);
}

//> overlap
static int rank_overlap(struct ranks *me)
{
	struct rank *r = me->job.data;
	const struct part *p = r->used = &r->rows;
	MPI_Request ask[4];
	worker_begin(&me->job, me->rank);
	for (size_t s = 0; s < p->sweeps; s++) {
		begin_rows(r, s, ask);
		if (p->rows > 2)
			sweep(p, s, 1, p->rows - 1, 0, p->columns); /* needs no halo */
		wait_all(me, 4, ask);
		if (p->rows > 0)
			sweep(p, s, 0, 1, 0, p->columns);
		if (p->rows > 1)
			sweep(p, s, p->rows - 1, p->rows, 0, p->columns);
	}
	worker_end(&me->job, me->rank);
	return 0;
}
//< overlap

//> stale
static int rank_stale(struct ranks *me)
{
	struct rank *r = me->job.data;
	const struct part *p = r->used = &r->rows;
	MPI_Request ask[4];
	worker_begin(&me->job, me->rank);
	for (size_t s = 0; s < p->sweeps; s++) {
		begin_rows(r, s, ask);
		sweep(p, s, 0, p->rows, 0, p->columns); /* all of it: even better overlap! */
		wait_all(me, 4, ask);
	}
	worker_end(&me->job, me->rank);
	return 0;
}
//< stale

//> blocks
static int rank_blocks(struct ranks *me)
{
	struct rank *r = me->job.data;
	const struct part *p = r->used = &r->blocks;
	int n = (int)p->columns;
	ptrdiff_t rows = (ptrdiff_t)p->rows;
	MPI_Request ask[8];
	worker_begin(&me->job, me->rank);
	for (size_t s = 0; s < p->sweeps; s++) {
		double *top = row_of(p, s, 0), *bottom = row_of(p, s, rows - 1);
		MPI_Irecv(top - p->stride, n, MPI_DOUBLE, p->north, 1, r->grid, &ask[0]);
		MPI_Irecv(bottom + p->stride, n, MPI_DOUBLE, p->south, 0, r->grid, &ask[1]);
		MPI_Irecv(top - 1, 1, r->column, p->west, 3, r->grid, &ask[2]); /* the column left of mine */
		MPI_Irecv(top + n, 1, r->column, p->east, 2, r->grid, &ask[3]);
		MPI_Isend(top, n, MPI_DOUBLE, p->north, 0, r->grid, &ask[4]);
		MPI_Isend(bottom, n, MPI_DOUBLE, p->south, 1, r->grid, &ask[5]);
		MPI_Isend(top, 1, r->column, p->west, 2, r->grid, &ask[6]); /* my first column */
		MPI_Isend(top + n - 1, 1, r->column, p->east, 3, r->grid, &ask[7]);
		wait_all(me, 8, ask);
		sweep(p, s, 0, p->rows, 0, p->columns);
	}
	worker_end(&me->job, me->rank);
	return 0;
}
//< blocks

//> single
/* As overlap does, but each cell of a row is a message of its own. */
static int rank_single(struct ranks *me)
{
	struct rank *r = me->job.data;
	const struct part *p = r->used = &r->rows;
	ptrdiff_t rows = (ptrdiff_t)p->rows;
	worker_begin(&me->job, me->rank);
	for (size_t s = 0; s < p->sweeps; s++) {
		int count = 0;
		for (size_t j = 0; j < p->columns; j++) {
			MPI_Irecv(row_of(p, s, -1) + j, 1, MPI_DOUBLE, p->north, 1, r->strips, &r->ask[count++]);
			MPI_Irecv(row_of(p, s, rows) + j, 1, MPI_DOUBLE, p->south, 0, r->strips, &r->ask[count++]);
			MPI_Isend(row_of(p, s, 0) + j, 1, MPI_DOUBLE, p->north, 0, r->strips, &r->ask[count++]);
			MPI_Isend(row_of(p, s, rows - 1) + j, 1, MPI_DOUBLE, p->south, 1, r->strips, &r->ask[count++]);
		}
		wait_all(me, count, r->ask);
		sweep(p, s, 0, p->rows, 0, p->columns);
	}
	worker_end(&me->job, me->rank);
	return 0;
}
//< single

static const struct ranks_part parts[] = {
	{.variant = "sendrecv", .work = rank_sendrecv}, {.variant = "overlap", .work = rank_overlap},
	{.variant = "blocks", .work = rank_blocks}, {.variant = "stale", .work = rank_stale},
	{.variant = "single", .work = rank_single}, {0},
};
#else
#define rank_main(argc, argv) EXIT_CANNOT
#endif

/* ---- in the bench ---- */

//> serial
static int run_serial(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t s = 0; s < d->whole.sweeps; s++)
		sweep(&d->whole, s, 0, d->whole.rows, 0, d->whole.columns);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

static int run_ranks(struct job *job)
{
	struct data *d = job->data;
	d->by_ranks = true;
	return ranks_run(job, &d->answer);
}

static double flops(const struct job *job) { return 6 * job->arg[0] * job->arg[0] * job->arg[1]; }
static double bytes(const struct job *job) { return 16 * job->arg[0] * job->arg[0] * job->arg[1]; }

#define RANKS .kind = KIND_MPI, .run = run_ranks, .unavailable = ranks_unavailable, .blocks = true, .pins_itself = true
static const struct variant variants[] = {
	{.name = "serial", .about = "one process, the whole plate", .run = run_serial},
	{.name = "sendrecv", .about = "strips of rows; halos first, then all cells", RANKS},
	{.name = "overlap", .about = "strips of rows; inner cells while the halos are under way", RANKS},
	{.name = "blocks", .about = "cut both ways: shorter edges, more messages", RANKS},
	{.name = "single", .about = "strips of rows; each cell of a halo is a message of its own", RANKS},
	{.name = "stale", .about = "all cells while the halos are under way", RANKS,
	 .wrong = "outer cells are renewed before their halo has come: it is from an earlier sweep"},
	{0},
};

const struct kernel kernel_plate = {
	.name = "plate", .title = "Heat in a plate that is dealt to ranks", .source = __FILE__,
	.params = {{"size", "rows", "side of the plate", 0, 16384, 1000, false},
		   {"sweeps", "sweeps", "how often all cells are renewed", 1, 100000, 40, false}},
	.flops = flops, .bytes = bytes, .prepare = prepare, .reset = reset, .variants = variants, .verify = verify,
	.release = release,
};
KERNEL_REGISTER(kernel_plate);

#if HAVE_MPI
static int rank_main(int argc, char **argv)
{
	static const struct ranks_play plays[] = {{&kernel_plate, parts, rank_prepare, rank_answer, rank_release}, {0}};
	int got;
	MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &got);
	int status = ranks_serve(plays);
	MPI_Finalize();
	return status;
}
#endif

static const struct demo demos[] = {
	{.name = "cut", .about = "how many cells lie at borders, by the shape of parts", .run = demo_cut},
	{.name = "spread", .about = "how far the mistake of a stale halo gets, sweep by sweep", .run = demo_spread},
	{0},
};
static const struct lesson_option options[] = {RANKS_OPTION_HOSTS, {0}};
static const struct lesson lesson = {
	.id = "halo", .level = 3, .minutes_min = 37, .minutes_max = 60, .needs = "scatter-gather messages",
	.dir = LESSON_DIR, .kernels = (const struct kernel *const[]){&kernel_plate, NULL}, .threads = "1,2,4",
	.demos = demos, .options = options,
	.variants = (const char *const[]){"serial", "sendrecv", "overlap", "blocks", "stale", NULL},
};
int main(int argc, char **argv)
{
	return ranks_inside(argc, argv) ? rank_main(argc, argv) : lesson_main(&lesson, argc, argv);
}
