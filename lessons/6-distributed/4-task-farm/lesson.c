/* A task farm: rank 0 deals, the others work                                                                ★★★
 *
 * What you learn: tasks that differ in length should not be dealt in advance: who is done asks for the next. One
 * rank, the master, knows the graph of tasks and listens to everyone (MPI_ANY_SOURCE). Large data stay on the rank
 * that made them, and the work is sent to the data. A task that was lost with its process, or whose worker does not
 * answer, is given to another: what is lost can be made again from what is known. But then a result may come twice,
 * and must count once.
 *
 * How the number is made: --size numbers in --chunks uneven chunks; farm.h tells what is computed with them, and
 * the graph. --threads workers and the master, which naps while nobody reports. Timed is the whole graph, from a
 * barrier to a barrier. The answer is compared with the one that a plain loop finds in another way, without chunks.
 * A child that is killed in the middle of a chunk, and a worker that is silent for three times --patience, are
 * real, and there on purpose. */
#include "kernels/bench/clock.h"
#include "kernels/bench/util.h"
#include "kernels/runtime/ranks.h"
#include "lessons/6-distributed/4-task-farm/check.h" /* struct data, prepare, reset, verify, release */
#include "lessons/6-distributed/4-task-farm/demos.h"
#include "lessons/6-distributed/4-task-farm/farm.h"
#include "lessons/lesson.h"
#if HAVE_MPI
#include <mpi.h>
#include "lessons/6-distributed/4-task-farm/rank.h" /* what a rank keeps; hear: a message, without burning a core */

//> child
/* Not in this process: if the child dies, this rank lives, and can tell. */
static bool make_in_child(struct ranks *me, const struct order *o, uint64_t *sum)
{
	struct rank *r = me->job.data;
	int status = -1;
	*r->sum = 0;
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		*r->sum = make(me, o->chunk, is_unlucky(me, o)); /* chunk and sum are in memory that both see */
		_exit(0);
	}
	r->error = child < 0 ? errno : 0;
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	*sum = *r->sum;
	return child > 0 && status == 0; /* killed: its status is the signal */
}
//< child

//> execute
/* False: the task was lost. */
static bool execute(struct ranks *me, const struct way *way, const struct order *o, uint64_t *value)
{
	struct rank *r = me->job.data;
	if (o->kind == ADD) {
		*value = o->in[0] + o->in[1];
		return true;
	}
	if (!r->have[o->chunk]) { /* also for ABOVE, if another worker had it: make it again, we know how */
		if (!way->children)
			*value = make(me, o->chunk, false);
		else if (!make_in_child(me, o, value))
			return false;
		r->have[o->chunk] = true;
	}
	if (o->kind == ABOVE)
		*value = count_above(me, o->chunk, o->in[0]);
	return true;
}
//< execute

//> worker
static int worker(struct ranks *me, const struct way *way)
{
	struct rank *r = me->job.data;
	struct order o;
	int64_t busy = 0;
	for (hear(me, &o, sizeof o); o.kind != GO_HOME; hear(me, &o, sizeof o)) {
		struct report done = {.task = o.task};
		int64_t begin = now_ns();
		worker_begin(&me->job, me->rank);
		done.lost = !execute(me, way, &o, &done.value);
		done.stop = r->error; /* no process to be had: then all stop */
		done.busy = busy += now_ns() - begin;
		if (way->silent && is_deaf(me, &o))
			keep_silent(me);
		worker_end(&me->job, me->rank);
		MPI_Send(&done, sizeof done, MPI_BYTE, 0, REPORT, MPI_COMM_WORLD);
	}
	return (errno = r->error) ? -1 : 0;
}
//< worker

//> give
/* To everyone who has nothing to do, something that can be begun. How many are at work then? */
static int give_all(struct ranks *me, const struct way *way)
{
	struct rank *r = me->job.data;
	int working = 0;
	for (int w = 1; w < me->size; w++) {
		struct task *t = r->at[w].task ? NULL : graph_ready(&r->graph, w, me->size - 1, way->dealt);
		if (t) {
			struct order o = {t->kind, (int)(t - r->graph.task), t->chunk, t->tries++, {t->in[0], t->in[1]}};
			t->given = true;
			r->at[w] = (struct at){.task = t, .since = now_ns(), .busy = r->at[w].busy};
			MPI_Send(&o, sizeof o, MPI_BYTE, w, ORDER, MPI_COMM_WORLD);
		}
		working += r->at[w].task != NULL;
	}
	return working;
}
//< give

//> silent
/* Who has been silent for too long? Slow or gone: from here it looks the same. */
static void give_up(struct ranks *me)
{
	struct rank *r = me->job.data;
	for (int w = 1; w < me->size; w++) {
		struct at *at = &r->at[w];
		if (at->task && !at->given_up && now_ns() - at->since > (int64_t)(1e6 * me->job.arg[2])) {
			at->given_up = true;
			at->task->given = false; /* once more, by anyone; who then lacks the chunk makes it */
			at->task->owner = 0;
			me->figure[AGAIN]++;
			note(me, ";silent %d %d", at->task->chunk, w);
		}
	}
}
//< silent

//> master
static int master(struct ranks *me, const struct way *way)
{
	struct rank *r = me->job.data;
	struct graph *g = &r->graph;
	graph_start(g, job_size(&me->job), (int)me->job.arg[1]);
	while (give_all(me, way) > 0) {
		struct report done;
		int w = 0;
		if (!hear_soon(me, &done, sizeof done, &w)) { /* from MPI_ANY_SOURCE: whoever is ready first */
			if (way->silent)
				give_up(me);
			continue;
		}
		struct task *t = &g->task[done.task];
		take_note(me, w, t, &done);
		r->at[w].task = NULL;
		g->first = done.stop ? g->count : g->first; /* nothing more is given out */
		if (done.lost && !way->forgets)
			t->given = false; /* once more, by anyone */
		else if (!t->done || way->twice) /* if it was done before: once is enough */
			graph_done(g, t, done.value, w);
	}
	for (int w = 1; w < me->size; w++)
		MPI_Send(&(struct order){.kind = GO_HOME}, sizeof(struct order), MPI_BYTE, w, ORDER, MPI_COMM_WORLD);
	note_all(me);
	return 0;
}
//< master

static int farm(struct ranks *me, const struct way *way) { return me->rank ? worker(me, way) : master(me, way); }
static int rank_dealt(struct ranks *me) { return farm(me, &(struct way){.dealt = true}); }
static int rank_dynamic(struct ranks *me) { return farm(me, &(struct way){.dealt = false}); }
static int rank_children(struct ranks *me) { return farm(me, &(struct way){.children = true}); }
static int rank_forgets(struct ranks *me) { return farm(me, &(struct way){.children = true, .forgets = true}); }
static int rank_silent(struct ranks *me) { return farm(me, &(struct way){.silent = true}); }
static int rank_twice(struct ranks *me) { return farm(me, &(struct way){.silent = true, .twice = true}); }

static const struct ranks_part parts[] = {
	{.variant = "dealt", .work = rank_dealt}, {.variant = "dynamic", .work = rank_dynamic},
	{.variant = "children", .work = rank_children}, {.variant = "forgets", .work = rank_forgets},
	{.variant = "silent", .work = rank_silent}, {.variant = "twice", .work = rank_twice}, {0},
};
#endif

//> serial
static int run_serial(struct job *job)
{
	struct data *d = job->data;
	size_t n = job_size(job);
	uint64_t sum = 0, above = 0;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < n; i++)
		sum += d->y[i] = steps(number_at(job->seed, i));
	for (size_t i = 0; i < n; i++)
		above += (uint64_t)d->y[i] * n > sum;
	worker_end(job, 0);
	parallel_end(job);
	d->answer.figure[ANSWER] = (double)above;
	return 0;
}
//< serial

static int run_ranks(struct job *job)
{
	struct data *d = job->data;
	d->by_ranks = true;
	return ranks_run_led(job, 1, &d->answer); /* as many ranks as workers, and one that leads them */
}

#define RANKS .kind = KIND_MPI, .run = run_ranks, .unavailable = ranks_unavailable, .blocks = true, .pins_itself = true
static const struct variant variants[] = {
	{.name = "serial", .about = "one process, no chunks", .run = run_serial},
	{.name = "dealt", .about = "each worker gets as many chunks as the others, from the start", RANKS},
	{.name = "dynamic", .about = "who is done gets the next task", RANKS},
	{.name = "children", .about = "chunks are made in children; a fourth of them is killed", RANKS},
	{.name = "silent", .about = "a worker falls silent; the master gives its task to another", RANKS},
	{.name = "forgets", .about = "a lost task is crossed out, as if it were done", RANKS,
	 .wrong = "the task of a killed child is taken for done: its part is missing"},
	{.name = "twice", .about = "a result that comes too late is taken as well", RANKS,
	 .wrong = "one task, two results: the silent worker's comes in the end, and is added too"},
	{0},
};

const struct kernel kernel_farm = {
	.name = "farm", .title = "Numbers above the mean of an array in chunks", .source = __FILE__,
	.params = {{"size", "numbers", "numbers in the array", 0, 1e8, 400000, false},
		   {"chunks", "chunks", "parts of the array; later ones are longer", 1, FARM_CHUNKS, 32, false},
		   {"patience", "ms", "so long the master waits for a worker (silent, twice)", 1, 60000, 50, true}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_farm);

#if HAVE_MPI
static int rank_main(int argc, char **argv)
{
	static const struct ranks_play plays[] = {{&kernel_farm, parts, rank_prepare, rank_answer, rank_release}, {0}};
	MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &(int){0});
	int status = ranks_serve(plays);
	MPI_Finalize();
	return status;
}
#else
#define rank_main(argc, argv) EXIT_CANNOT
#endif

static const struct lesson_option options[] = {RANKS_OPTION_HOSTS, {0}};
static const struct lesson lesson = {
	.id = "task-farm", .level = 3, .minutes_min = 39, .minutes_max = 60, .needs = "scatter-gather task-graph",
	.dir = LESSON_DIR, .kernels = (const struct kernel *const[]){&kernel_farm, NULL}, .threads = "1,2,4",
	.demos = demos, .options = options, .variants = (const char *const[]){"serial", "dealt", "dynamic", NULL},
};
int main(int argc, char **argv)
{
	if (die_inside(argc, argv))
		return die_main(argc, argv);
	return ranks_inside(argc, argv) ? rank_main(argc, argv) : lesson_main(&lesson, argc, argv);
}
