/* The demonstrations of the task-farm lesson: who got what, a task that is lost, and a rank that dies. */
#ifndef FARM_DEMOS_H
#define FARM_DEMOS_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/runtime/proc.h"
#include "lessons/6-distributed/4-task-farm/check.h"
#include "lessons/6-distributed/4-task-farm/farm.h"
#include "lessons/demo.h"

extern const struct kernel kernel_farm;

enum { SHOW_NUMBERS = 60000, SHOW_CHUNKS = 16, SHOW_PATIENCE = 60, SHOW_WORKERS = 2 };

/* One run of the farm on two workers. False with errno; else who made which chunk in who, and what happened in
 * events. */
static inline bool run_once(const char *variant, uint64_t seed, struct outcome *out, char *who, const char **events)
{
	static char text[RANKS_TEXT];
	struct job job = {.kernel = &kernel_farm, .arg = {SHOW_NUMBERS, SHOW_CHUNKS, SHOW_PATIENCE}};
	job.workers = SHOW_WORKERS, job.seed = seed;
	for (const struct variant *v = kernel_farm.variants; v->name; v++)
		job.variant = strcmp(v->name, variant) ? job.variant : v;
	bool good = !kernel_farm.prepare(&job);
	if (good) {
		kernel_farm.reset(&job);
		good = !job.variant->run(&job);
		*out = kernel_farm.verify(&job);
		snprintf(text, sizeof text, "%s", ((struct data *)job.data)->answer.text);
	}
	int why = errno;
	kernel_farm.release(&job);
	snprintf(who, SHOW_CHUNKS + 1, "%.*s", (int)strcspn(text, ";"), text);
	*events = text + strcspn(text, ";");
	errno = why;
	return good;
}

/* Chunks and numbers that worker w had. */
static inline void share_of(const char *who, int w, int *chunks, size_t *numbers)
{
	*chunks = 0, *numbers = 0;
	for (int c = 0; who[c]; c++)
		if (who[c] == '0' + w) {
			struct slice s = chunk_of(SHOW_NUMBERS, SHOW_CHUNKS, c);
			++*chunks, *numbers += s.last - s.first;
		}
}

static inline int demo_deal(struct telling *t)
{
	const char *const variant[] = {"dealt", "dynamic"}, *events;
	char who[2][SHOW_CHUNKS + 1];
	size_t numbers[2][SHOW_WORKERS + 1];
	struct outcome out;
	tell(t, "%d numbers in %d chunks, 2 workers; by chunk, who made it:", SHOW_NUMBERS, SHOW_CHUNKS);
	for (int v = 0; v < 2; v++) {
		if (!run_once(variant[v], 1, &out, who[v], &events))
			return -1;
		tell(t, "%-8s %s", variant[v], who[v]);
		for (int w = 1; w <= SHOW_WORKERS; w++) {
			int chunks;
			share_of(who[v], w, &chunks, &numbers[v][w]);
			tell(t, "         worker %d: %2d chunks, %5zu numbers, %2.0f %%", w, chunks, numbers[v][w],
			     100.0 * (double)numbers[v][w] / SHOW_NUMBERS);
		}
		tell_check(t, out.right, "%s: the answer is right", variant[v]);
	}
	tell_check(t, 4 * numbers[0][1] == SHOW_NUMBERS, "dealt: half of the chunks, but a fourth of the numbers");
	tell_figure(t, 100.0 * (double)numbers[0][1] / SHOW_NUMBERS, 25);
	return 0;
}

/* The events of a run, ";lost 3 2;late 8 1"; how many. */
static inline int tell_events(struct telling *t, const char *events)
{
	int count = 0, chunk, worker;
	for (; *events == ';' && count < SHOW_CHUNKS; events += 1 + strcspn(events + 1, ";"), count++)
		if (sscanf(events, ";lost %d %d", &chunk, &worker) == 2)
			tell(t, "worker %d: the child with chunk %d was killed, signal 9", worker, chunk);
		else if (sscanf(events, ";silent %d %d", &chunk, &worker) == 2)
			tell(t, "worker %d: silent for too long, its task (chunk %d) is given to another", worker, chunk);
		else if (sscanf(events, ";late %d %d", &chunk, &worker) == 2)
			tell(t, "worker %d: here is the result for chunk %d, too late", worker, chunk);
	return count;
}

static inline int demo_lost(struct telling *t)
{
	char who[SHOW_CHUNKS + 1];
	const char *events;
	struct outcome out;
	tell(t, "chunks are made in children; a fourth of them is killed in the middle of a chunk");
	if (!run_once("children", 1, &out, who, &events))
		return -1;
	tell(t, "by chunk, who made it in the end: %s", who);
	int lost = tell_events(t, events);
	tell_check(t, lost == SHOW_CHUNKS / 4, "%d children were killed, and the ranks live", lost);
	tell_check(t, strlen(who) == SHOW_CHUNKS && out.right,
			   "each chunk was made all the same: %.0f above the mean, expected %.0f", out.observed, out.expected);
	tell_figure(t, lost, SHOW_CHUNKS / 4);
	return 0;
}

static inline int demo_late(struct telling *t)
{
	char who[SHOW_CHUNKS + 1];
	const char *events;
	struct outcome out;
	tell(t, "the master's patience is %d ms; one worker is silent for longer, and then answers", SHOW_PATIENCE);
	if (!run_once("silent", 1, &out, who, &events))
		return -1;
	int told = tell_events(t, events);
	tell_check(t, told >= 2, "given up, done by another, and then the answer came all the same");
	tell_check(t, out.right, "it was not counted twice: %.0f above the mean, expected %.0f", out.observed,
			   out.expected);
	return 0;
}

/* ---- a rank dies: an MPI program of its own ---- */

#define DIE_WORD "@die"

static inline bool die_inside(int argc, char **argv) { return argc == 2 && !strcmp(argv[1], DIE_WORD); }

#if HAVE_MPI
#include <mpi.h>

static int die_rank;
static inline void on_term(int sig)
{
	const char *line[] = {"rank 0: SIGTERM\n", "rank 1: SIGTERM\n", "rank 2: SIGTERM\n"};
	if (write(STDOUT_FILENO, line[die_rank % 3], 16) == 16)
		signal(sig, SIG_DFL);
	_exit(1);
}

//> die
static inline int die_main(int argc, char **argv)
{
	int nothing;
	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &die_rank);
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN); /* errors are told us, we would go on */
	signal(SIGTERM, on_term); /* writes a line */
	printf("rank %d: here, process %ld\n", die_rank, (long)getpid());
	fflush(stdout);
	MPI_Barrier(MPI_COMM_WORLD);
	if (die_rank == 1)
		raise(SIGKILL);
	if (die_rank == 0) { /* waits for the dead … */
		MPI_Recv(&nothing, 1, MPI_INT, 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		puts("rank 0: MPI_Recv came back");
	}
	sleep(8); /* … and rank 2 needs nobody */
	MPI_Finalize();
	return 0;
}
//< die
#else
#define die_main(argc, argv) 4
#endif

struct mpirun {
	pid_t pid;
	FILE *out; /* what it and its ranks write */
};

/* Three ranks of this program that run die_main. */
static inline bool mpirun_start(struct mpirun *m)
{
	int end[2];
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	if (n < 0 || pipe(end))
		return false;
	self[n] = '\0';
	m->pid = fork();
	if (m->pid == 0) {
		char *word[12] = {"mpirun", "--oversubscribe", "-n", "3", self, DIE_WORD};
		if (geteuid() == 0)
			setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1), setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
		setenv("OMPI_MCA_plm", "isolated", 1), setenv("OMPI_MCA_ras", "^slurm", 1); /* here, also inside a batch job */
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		int nothing = open("/dev/null", O_RDONLY);
		dup2(nothing, 0), dup2(end[1], 1), dup2(end[1], 2);
		close(end[0]), close(end[1]), close(nothing);
		execvp(word[0], word);
		_exit(127);
	}
	close(end[1]);
	m->out = m->pid > 0 ? fdopen(end[0], "r") : NULL;
	if (!m->out)
		close(end[0]);
	return m->out != NULL;
}

/* Whoever was killed may need a moment; a zombie that nobody has asked for yet is not alive. */
static inline bool is_alive(pid_t pid)
{
	struct proc_state s;
	for (int looks = 0; looks < 50 && proc_look(pid, &s) && s.state != 'Z'; looks++)
		poll(NULL, 0, 10);
	return proc_look(pid, &s) && s.state != 'Z';
}

static inline int demo_death(struct telling *t)
{
	struct mpirun m;
	char line[300];
	long pid[3] = {0}, p;
	int status = 0, rank, here = 0, alive = 0;
	bool back = false, named = false;
	tell(t, "three ranks; rank 1 kills itself, rank 0 waits for a message of it, rank 2 needs nobody");
	if (!mpirun_start(&m))
		return -1;
	while (fgets(line, sizeof line, m.out)) {
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "rank %d: here, process %ld", &rank, &p) == 2 && rank >= 0 && rank < 3)
			pid[rank] = p, here++;
		back = back || strstr(line, "came back");
		named = named || (strstr(line, "rank 1 ") && strstr(line, "signal 9"));
		if (line[strspn(line, "- ")])
			tell(t, "%s", line);
	}
	fclose(m.out);
	while (waitpid(m.pid, &status, 0) < 0 && errno == EINTR)
		;
	for (int i = 0; i < 3; i++)
		alive += pid[i] > 0 && is_alive((pid_t)pid[i]);
	tell_check(t, here == 3 && named && WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGKILL,
		   "mpirun names the rank and its signal, and ends with 128 + 9");
	tell_check(t, !back, "MPI_Recv of rank 0 never came back, not even with an error");
	tell_check(t, alive == 0, "mpirun has ended the other two, also the one that needed nobody");
	tell_figure(t, alive, 0);
	return 0;
}

#define DEMO(run_it) .run = run_it, .unavailable = ranks_unavailable
static const struct demo demos[] = {
	{.name = "deal", .about = "who gets which chunk, dealt in advance or when asked for", DEMO(demo_deal)},
	{.name = "lost", .about = "a child dies in its chunk, and the chunk is made again", DEMO(demo_lost)},
	{.name = "late", .about = "a silent worker answers when its task was given to another", DEMO(demo_late)},
	{.name = "death", .about = "a rank dies, and what becomes of the others", DEMO(demo_death)},
	{0},
};

#endif
