/* What a message costs                                                                                      ★★★
 *
 * What you learn: the time of a message is a latency, paid by each, and a time for each byte: T = alpha + m / beta. So few
 * long messages beat many short ones. And an operation in which all ranks take part, such as adding up an array over
 * them all, is an algorithm: how many messages, how long, and who carries most?
 *
 * How the number is made: kernel `ping-pong` sends --bytes bytes from rank 0 to the last rank and back, --size times; the
 * partner counts each trip in the first bytes, the rest must come back as it went. The demonstration `fit` does that for
 * many lengths by turns, in several launches of mpirun, and draws the line (kernels/bench/alphabeta.h). Kernel `allreduce`
 * adds up --vectors vectors of --size numbers, dealt to the ranks; afterwards each rank must have the whole sum, and looks
 * at each number. They are whole numbers, so that the sum is the same in any order. */
#if HAVE_MPI
#include <mpi.h>
#endif
#include "lessons/6-distributed/2-messages/shown.h"
#include "lessons/lesson.h"

static const struct kernel kernel_ping_pong, kernel_allreduce;

#if HAVE_MPI
/* ---- there and back ---- */

//> ping-pong
static int do_ping_pong(struct ranks *me)
{
	struct letter *l = me->job.data;
	int trips = (int)me->job.arg[0], last = me->size - 1;
	if (last == 0) /* alone: no message */
		return copy_letters(l, trips), 0;
	worker_begin(&me->job, me->rank);
	double begin = MPI_Wtime();
	for (int i = 0; i < trips && me->rank == 0; i++) {
		MPI_Send(l->bytes, l->n, MPI_BYTE, last, 0, MPI_COMM_WORLD);
		MPI_Recv(l->bytes, l->n, MPI_BYTE, last, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	}
	for (int i = 0; i < trips && me->rank == last; i++) {
		MPI_Recv(l->bytes, l->n, MPI_BYTE, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		count_trip(l);
		MPI_Send(l->bytes, l->n, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
	}
	me->figure[ONE_WAY] = (MPI_Wtime() - begin) / (2 * trips);
	worker_end(&me->job, me->rank);
	return 0;
}
//< ping-pong

//> stream
static int do_stream(struct ranks *me)
{
	struct letter *l = me->job.data;
	int trips = (int)me->job.arg[0], last = me->size - 1;
	MPI_Request on_its_way[WINDOW];
	if (last == 0)
		return copy_letters(l, trips), 0;
	worker_begin(&me->job, me->rank);
	for (int i = 0; i < trips && (me->rank == 0 || me->rank == last); i += WINDOW) {
		int n = trips - i < WINDOW ? trips - i : WINDOW; /* so many at once, before anybody waits for one */
		for (int k = 0; k < n && me->rank == 0; k++)
			MPI_Isend(l->bytes, l->n, MPI_BYTE, last, 0, MPI_COMM_WORLD, &on_its_way[k]);
		for (int k = 0; k < n && me->rank == last; k++)
			MPI_Irecv(l->bytes + k * l->n, l->n, MPI_BYTE, 0, 0, MPI_COMM_WORLD, &on_its_way[k]);
		MPI_Waitall(n, on_its_way, MPI_STATUSES_IGNORE);
		l->trips += me->rank == last ? n : 0;
	}
	if (me->rank == last) /* all are there: one message back */
		MPI_Send(l->bytes, l->n, MPI_BYTE, 0, 1, MPI_COMM_WORLD);
	if (me->rank == 0)
		MPI_Recv(l->bytes, l->n, MPI_BYTE, last, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	worker_end(&me->job, me->rank);
	return 0;
}
//< stream

/* ---- the sum of all, for all ---- */

//> allreduce
static void all_allreduce(struct ranks *me, struct sums *s)
{
	MPI_Allreduce(s->mine, s->all, s->n, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
	(void)me;
}
//< allreduce

//> naive
static void all_naive(struct ranks *me, struct sums *s)
{
	if (me->rank != 0) { /* everybody sends all to the root, … */
		MPI_Send(s->mine, s->n, MPI_DOUBLE, 0, 0, MPI_COMM_WORLD);
		MPI_Recv(s->all, s->n, MPI_DOUBLE, 0, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		return;
	}
	memcpy(s->all, s->mine, (size_t)s->n * sizeof *s->all);
	for (int r = 1; r < me->size; r++) {
		MPI_Recv(s->piece, s->n, MPI_DOUBLE, r, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		add_to(s->all, s->piece, s->n);
	}
	for (int r = 1; r < me->size; r++) /* … which sends all to everybody */
		MPI_Send(s->all, s->n, MPI_DOUBLE, r, 1, MPI_COMM_WORLD);
}
//< naive

//> ring
/* The array is cut into as many pieces as there are ranks. In each step every rank gives one piece to the right and gets
 * one from the left: first p - 1 steps in which pieces are added up, then p - 1 in which finished ones go round. */
static void all_ring(struct ranks *me, struct sums *s)
{
	int p = me->size, right = (me->rank + 1) % p, left = (me->rank + p - 1) % p;
	memcpy(s->all, s->mine, (size_t)s->n * sizeof *s->all);
	for (int step = 0; step < 2 * (p - 1); step++) {
		struct slice out = slice_of((size_t)s->n, (me->rank - step + 2 * p) % p, p);
		struct slice in = slice_of((size_t)s->n, (me->rank - step - 1 + 2 * p) % p, p);
		bool adding = step < p - 1;
		double *to = adding ? s->piece : s->all + in.first;
		MPI_Sendrecv(s->all + out.first, (int)(out.last - out.first), MPI_DOUBLE, right, step, to, (int)(in.last - in.first),
					 MPI_DOUBLE, left, step, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		if (adding)
			add_to(s->all + in.first, s->piece, (int)(in.last - in.first));
	}
}
//< ring

//> only-root
static void all_only_root(struct ranks *me, struct sums *s)
{
	MPI_Reduce(s->mine, s->all, s->n, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD); /* and the others? */
	(void)me;
}
//< only-root

static int add_up(struct ranks *me, void (*over_all)(struct ranks *, struct sums *))
{
	struct sums *s = me->job.data;
	worker_begin(&me->job, me->rank);
	add_own(s);
	wait_begin(&me->job, me->rank);
	over_all(me, s);
	wait_end(&me->job, me->rank);
	worker_end(&me->job, me->rank);
	return 0;
}

static int do_allreduce(struct ranks *me) { return add_up(me, all_allreduce); }
static int do_naive(struct ranks *me) { return add_up(me, all_naive); }
static int do_ring(struct ranks *me) { return add_up(me, all_ring); }
static int do_only_root(struct ranks *me) { return add_up(me, all_only_root); }

static const struct ranks_part letter_parts[] = {{"ping-pong", do_ping_pong, 0}, {"stream", do_stream, 0},
												 {"batches", do_batches, 0}, {0}};
static const struct ranks_part sum_parts[] = {{"allreduce", do_allreduce, 0}, {"naive", do_naive, 0}, {"ring", do_ring, 0},
											  {"only-root", do_only_root, 0}, {0}};
static const struct ranks_play plays[] = {
	{&kernel_ping_pong, letter_parts, letter_prepare_rank, letter_answer_rank, letter_release_rank},
	{&kernel_allreduce, sum_parts, sums_prepare_rank, sums_answer_rank, sums_release_rank}, {0}};

static int rank_main(int argc, char **argv)
{
	int got;
	MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &got);
	int status = ranks_serve(plays);
	MPI_Finalize();
	return status;
}
#else
static int rank_main(int argc, char **argv) { return (void)argc, (void)argv, 4; }
#endif

static const struct variant ping_pong_variants[] = {
	{"copy", "no message: one process copies the bytes there and back", .run = run_copies},
	{"ping-pong", "rank 0 sends, the last rank sends back", KIND_MPI, .blocks = true, .pins_itself = true, .run = run_letters,
	 .unavailable = ranks_unavailable},
	{"stream", "one way only, 16 messages at once", KIND_MPI, .blocks = true, .pins_itself = true, .run = run_letters,
	 .unavailable = ranks_unavailable},
	{0},
};

static const struct kernel kernel_ping_pong = {
	.name = "ping-pong", .title = "Messages there and back", .source = __FILE__,
	.params = {{"size", "messages", "round trips (stream: messages)", 0, 1e7, 1000, false},
			   {"bytes", "bytes", "length of a message", 0, 16777216, 8, false}},
	.prepare = letters_prepare, .variants = ping_pong_variants, .verify = letters_verify, .release = letters_release,
};
KERNEL_REGISTER(kernel_ping_pong);

static const struct variant allreduce_variants[] = {
	{"serial", "one process adds up all vectors", .run = run_sums},
	{"allreduce", "what the library does", KIND_MPI, .blocks = true, .pins_itself = true, .run = run_sums_by_ranks,
	 .unavailable = ranks_unavailable},
	{"ring", "pieces go round, and are added on their way", KIND_MPI, .blocks = true, .pins_itself = true,
	 .run = run_sums_by_ranks, .unavailable = ranks_unavailable},
	{"naive", "all to the root, and from the root to all", KIND_MPI, .blocks = true, .pins_itself = true,
	 .run = run_sums_by_ranks, .unavailable = ranks_unavailable},
	{"only-root", "reduce instead of allreduce", KIND_MPI, "only the root gets the sum; the others go on with what was there",
	 .blocks = true, .pins_itself = true, .run = run_sums_by_ranks, .unavailable = ranks_unavailable},
	{0},
};

static const struct kernel kernel_allreduce = {
	.name = "allreduce", .title = "One sum over all ranks, for all", .source = __FILE__,
	.params = {{"size", "numbers", "numbers in each vector", 0, 1e8, 200000, false},
			   {"vectors", "vectors", "vectors in all, dealt to the ranks", 1, 10000, 48, false}},
	.prepare = sums_prepare, .reset = sums_reset, .variants = allreduce_variants, .verify = sums_verify, .release = sums_release,
};
KERNEL_REGISTER(kernel_allreduce);

static const struct lesson_option options[] = {
	RANKS_OPTION_HOSTS,
	{"launches", "N", N_("start mpirun so often for --demo fit (preset 3)"), NULL, &given_launches, "fit", refuse_launches},
	{0},
};

static const struct lesson lesson = {
	.id = "messages", .level = 3, .minutes_min = 30, .minutes_max = 48,
	.needs = "scatter-gather", .dir = LESSON_DIR, .variants = (const char *const[]){"ping-pong", "stream", "allreduce", "ring", "naive", NULL},
	.threads = "2", .demos = demos, .options = options,
	.kernels = (const struct kernel *const[]){&kernel_ping_pong, &kernel_allreduce, NULL},
};
int main(int argc, char **argv) { return ranks_inside(argc, argv) ? rank_main(argc, argv) : lesson_main(&lesson, argc, argv); }
