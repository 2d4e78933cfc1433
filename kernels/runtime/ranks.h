/* Ranks: the processes of an MPI program, as workers of a variant. The bench itself is no MPI program: it keeps, for each number of
 * ranks it is asked for, one company of processes that `mpirun -n P SELF @ranks` started, sends it orders (which variant, which
 * arguments) and gets back what rank 0 measured. Nothing of it outlives the program, however that ends.
 *
 * How a lesson uses it:
 *
 *     static int run_ranks(struct job *job)                  the variant's run, in the bench: .kind = KIND_MPI, .run = run_ranks,
 *     {                                                      .unavailable = ranks_unavailable, .blocks and .pins_itself = true
 *         struct data *d = job->data;
 *         return ranks_run(job, &d->answer);                 figures for verify: d->answer.figure[0], …
 *     }
 *     #if HAVE_MPI
 *     static int sum(struct ranks *me)                       the variant's work, on each rank at once, between two barriers
 *     {
 *         struct slice mine = slice_of(job_size(&me->job), me->rank, me->size);
 *         worker_begin(&me->job, me->rank);                  the lines of kernel.h work here, too: worker_begin, _end, _tick;
 *         double part = add_up(mine), all;                   wait_begin, wait_end around calls that wait: Open MPI waits busily,
 *         wait_begin(&me->job, me->rank);                    and what it burns there must not count as work
 *         MPI_Reduce(&part, &all, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
 *         wait_end(&me->job, me->rank);
 *         worker_end(&me->job, me->rank);
 *         me->figure[0] = all;                               of rank 0: goes to the bench
 *         return 0;                                          or -1 with errno, on any rank
 *     }
 *     static const struct ranks_part parts[] = {{"reduce", sum, 0}, {0}};
 *     static const struct ranks_play plays[] = {{&kernel_sum, parts, prepare_rank, answer_rank, release_rank}, {0}};
 *     static int rank_main(int argc, char **argv)
 *     {
 *         int got;
 *         MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &got);
 *         int status = ranks_serve(plays);                   until the bench has no more orders
 *         MPI_Finalize();
 *         return status;
 *     }
 *     #endif
 *     static const struct lesson_option options[] = {RANKS_OPTION_HOSTS, {0}};
 *     int main(int argc, char **argv) { return ranks_inside(argc, argv) ? rank_main(argc, argv) : lesson_main(&lesson, argc, argv); }
 *
 * A demonstration may give orders, too: `struct variant v = {.name = "who"}; struct job job = {.kernel = &kernel_sum, .variant = &v,
 * .arg = {…}, .workers = 4, .seed = 1}; ranks_run(&job, &answer)`; a part whose name is no variant has me->job.variant NULL.
 *
 * (without MPI: `#define rank_main(argc, argv) EXIT_CANNOT`.) Where a rank is stuck is known from the names of MPI's own calls, which
 * ranks_watch.c sees through MPI's profiling interface (MPI standard, chapter 15): no line is needed for it. When every rank has
 * been in the same call for `patience_ms`, the run is ended, all ranks with it, and the answer says who waits for whom. */
#ifndef LOCKSTEP_RANKS_H
#define LOCKSTEP_RANKS_H

#include "kernels/kernel.h"

enum { RANKS_FIGURES = 16, RANKS_TEXT = 480, RANKS_PATIENCE_MS = 8000 };

/* ---- in the bench ---- */

struct ranks_answer {
	double figure[RANKS_FIGURES];
	char text[RANKS_TEXT]; /* me->text of rank 0; when stuck: "rank 0 waits in MPI_Send for rank 1, …" */
	int64_t wall_ns;       /* by rank 0's clock, from barrier to barrier; when stuck: until that was found */
	bool stuck;            /* all ranks waited for each other; they were ended */
};

/* One run of job->variant on job->workers ranks. Starts the company at the first call (a few tenths of a second, which do not count:
 * job->took_ns is what rank 0 measured). 0, also when stuck; -1 with errno, and a line on stderr from mpirun where it had to say
 * something. Not from two threads at once. */
int ranks_run(struct job *job, struct ranks_answer *answer);

/* The same on `leaders` ranks more: ranks 0 to leaders - 1 do not work themselves (a master who deals), and worker w of the job is rank
 * leaders + w. On the ranks, each still announces itself with its rank: worker_begin(&me->job, me->rank). */
int ranks_run_led(struct job *job, int leaders, struct ranks_answer *answer);

/* NULL, or why no ranks can be had here, with the package that cures it: no MPI in this build, no mpirun on the PATH. */
const char *ranks_unavailable(void);

/* Ends the company of so many ranks (0: all), orderly if it can be done within a second. The next run starts a new one: another
 * launch, with other places in memory and other latencies. Done at exit, too. */
void ranks_end(int size);

/* The option --hosts FILE: goes to mpirun as --hostfile; ranks are dealt to the hosts by turns. Where ssh is not the way to a host, $LOCKSTEP_LAUNCH names the command that is
 * called as `COMMAND HOST WORDS…`. NULL: this machine; inside a Slurm allocation: its nodes. */
extern const char *ranks_hosts;
const char *ranks_refuse_hosts(const char *file);
#define RANKS_OPTION_HOSTS \
	{"hosts", "FILE", N_("ranks on the hosts of FILE (mpirun --hostfile), by ssh or what $LOCKSTEP_LAUNCH names; preset: here"), \
	 "@file", &ranks_hosts, NULL, ranks_refuse_hosts}

/* Whether this process is a rank that ranks_run started. */
bool ranks_inside(int argc, char **argv);

/* ---- on the ranks ---- */

/* One for a vector of arguments (and kernel): kept while the orders don't change them. */
struct ranks {
	struct job job; /* kernel, variant, arguments, seed as in the bench; workers: the number of ranks; data: this rank's own */
	int rank, size;
	double figure[RANKS_FIGURES]; /* 0 before each run */
	char text[RANKS_TEXT];        /* "" before each run */
};

typedef int ranks_work(struct ranks *me);

struct ranks_part {
	const char *variant; /* ends with NULL */
	ranks_work *work;
	int patience_ms;     /* all ranks in the same call for so long: they wait for each other. 0: RANKS_PATIENCE_MS */
};

struct ranks_play {
	const struct kernel *kernel; /* ends with NULL */
	const struct ranks_part *parts;
	ranks_work *prepare;          /* not timed, collective: this rank's inputs into me->job.data (NULL before); NULL: nothing to do */
	ranks_work *answer;           /* not timed, after each run, collective: makes figures of results; NULL: nothing to do */
	void (*release)(struct ranks *me); /* frees me->job.data, also after a failed prepare; NULL: nothing to do */
};

/* Between MPI_Init and MPI_Finalize: does what the bench orders. Asleep between runs. Exit status. */
int ranks_serve(const struct ranks_play *plays);

#endif
