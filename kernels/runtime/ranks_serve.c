/* The side of the ranks: orders from the bench come to rank 0 and go to all; each run lies between two barriers. */
#include "kernels/runtime/ranks_line.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Here, before MPI_Init: when mpirun (on other hosts its daemon) is gone, so is the work. */
bool ranks_inside(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[1], RANKS_WORD))
		return false;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1)
		_exit(EXIT_FAILURE); /* it was quicker */
	return true;
}

#if HAVE_MPI
#include <mpi.h>
#include <stdio.h>
#include <time.h>
#include "kernels/bench/clock.h"
#include "kernels/bench/probe.h"
#include "kernels/bench/topology.h"
#include "kernels/bench/util.h"

enum { NAP_LEAST_US = 100, NAP_MOST_US = 4000, BOOT = 40 };

struct order {
	char kernel[RANKS_NAME], variant[RANKS_NAME];
	uint64_t seed;
	double arg[KERNEL_ARGS_MAX];
	int count; /* 0: not a run for the counters */
	bool home;
};

/* What a rank saw of a run: for the bench. */
struct seen {
	int64_t startup, end, region, cpu, wait;
	int spans;
	struct counts counts;
};

/* The probe of this rank alone, and around it what its waits burnt: busy waiting is no work. */
struct own_probe {
	struct probe probe; /* first: the job points here */
	struct probe *area;
	int64_t wait_cpu, since;
};

static struct {
	MPI_Comm line; /* of our own: what a lesson sends can't be mixed up with it */
	int rank, size;
	bool here;     /* on the machine of rank 0: one clock, its cores */
	struct probe_area *area;
	struct own_probe own;
	int64_t started; /* when the probe's clock began */
	struct ranks me;
	const struct ranks_play *play; /* whose inputs are prepared; NULL: none */
} us;

/* ---- the probe ---- */

static void on_parallel_begin(struct probe *p, int workers)
{
	struct probe *area = ((struct own_probe *)p)->area;
	area->parallel_begin(area, workers);
}

static void on_parallel_end(struct probe *p)
{
	struct probe *area = ((struct own_probe *)p)->area;
	area->parallel_end(area);
}

static void on_worker_begin(struct probe *p, int w)
{
	struct probe *area = ((struct own_probe *)p)->area;
	area->worker_begin(area, w);
}

static void on_worker_end(struct probe *p, int w)
{
	struct probe *area = ((struct own_probe *)p)->area;
	area->worker_end(area, w);
}

static void on_worker_tick(struct probe *p, int w)
{
	struct probe *area = ((struct own_probe *)p)->area;
	area->worker_tick(area, w);
}

static void on_wait_begin(struct probe *p, int w)
{
	struct own_probe *own = (struct own_probe *)p;
	own->since = thread_cpu_ns();
	own->area->wait_begin(own->area, w);
}

static void on_wait_end(struct probe *p, int w)
{
	struct own_probe *own = (struct own_probe *)p;
	own->area->wait_end(own->area, w);
	own->wait_cpu += own->since ? thread_cpu_ns() - own->since : 0;
	own->since = 0;
}

static void set_up_probe(void)
{
	us.area = probe_new(us.size);
	us.own = (struct own_probe){.probe = {.parallel_begin = on_parallel_begin, .parallel_end = on_parallel_end,
										  .worker_begin = on_worker_begin, .worker_end = on_worker_end,
										  .worker_tick = on_worker_tick, .wait_begin = on_wait_begin,
										  .wait_end = on_wait_end},
								.area = (struct probe *)us.area};
}

/* ---- orders ---- */

/* One line from the bench; false at the end of the input. */
static bool read_line(char *line, size_t size)
{
	static char buffer[RANKS_LINE];
	static size_t have;

	for (;;) {
		char *end = memchr(buffer, '\n', have);
		size_t length = end ? (size_t)(end - buffer) : 0;
		if (end && length < size) {
			memcpy(line, buffer, length);
			line[length] = '\0';
			have -= length + 1;
			memmove(buffer, end + 1, have);
			return true;
		}
		if (end || have == sizeof buffer)
			return false; /* no line of ours is so long */
		ssize_t got = read(STDIN_FILENO, buffer + have, sizeof buffer - have);
		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		have += got > 0 ? (size_t)got : 0;
	}
}

static bool parse(const char *line, struct order *order)
{
	int at = 0;
	unsigned long long seed;
	if (sscanf(line, "%47s %47s %llx %d%n", order->kernel, order->variant, &seed, &order->count, &at) != 4)
		return false;
	order->seed = seed;
	const char *p = line + at;
	for (int i = 0; i < KERNEL_ARGS_MAX; i++) {
		char *end;
		order->arg[i] = strtod(p, &end);
		if (end == p)
			return false;
		p = end;
	}
	return true;
}

/* Open MPI waits busily; between runs nobody may burn a core: the others of this machine are measured meanwhile. */
static void wait_asleep(MPI_Request *request)
{
	long us_nap = NAP_LEAST_US;
	for (int done = 0; PMPI_Test(request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && !done;) {
		nanosleep(&(struct timespec){.tv_nsec = us_nap * 1000}, NULL);
		us_nap = us_nap < NAP_MOST_US ? us_nap + us_nap / 8 : NAP_MOST_US;
	}
}

static void next_order(struct order *order)
{
	char line[RANKS_LINE];
	MPI_Request request;

	memset(order, 0, sizeof *order);
	if (us.rank == 0)
		order->home = !read_line(line, sizeof line) || !parse(line, order);
	PMPI_Ibcast(order, sizeof *order, MPI_BYTE, 0, us.line, &request);
	wait_asleep(&request);
}

/* ---- a run ---- */

static void let_go(void)
{
	if (us.play && us.play->release)
		us.play->release(&us.me);
	us.play = NULL;
	us.me.job.data = NULL;
}

/* The same error on all ranks, or 0. */
static int agree(int error)
{
	int worst = 0;
	PMPI_Allreduce(&error, &worst, 1, MPI_INT, MPI_MAX, us.line);
	return worst;
}

static int error_of(int status) { return status ? (errno ? errno : EIO) : 0; }

static const struct ranks_part *find(const struct ranks_play *plays, const struct order *order, const struct ranks_play **play)
{
	for (*play = plays; (*play)->kernel; (*play)++)
		for (const struct ranks_part *p = (*play)->parts; p->variant; p++)
			if (!strcmp((*play)->kernel->name, order->kernel) && !strcmp(p->variant, order->variant))
				return p;
	return NULL;
}

static int get_ready(const struct ranks_play *play, const struct ranks_part *part, const struct order *order)
{
	struct job *job = &us.me.job;
	bool same = us.play == play && job->seed == order->seed && !memcmp(job->arg, order->arg, sizeof job->arg);
	int error = 0;

	if (!same) {
		let_go();
		us.play = play;
		us.me = (struct ranks){.rank = us.rank, .size = us.size};
		job->kernel = play->kernel;
		job->workers = us.size;
		job->seed = order->seed;
		memcpy(job->arg, order->arg, sizeof job->arg);
	}
	job->variant = NULL; /* a part that is no variant: of a demonstration */
	for (const struct variant *v = play->kernel->variants; v->name; v++)
		job->variant = strcmp(v->name, part->variant) ? job->variant : v;
	memset(us.me.figure, 0, sizeof us.me.figure);
	us.me.text[0] = '\0';
	if (!same && play->prepare)
		error = agree(error_of(play->prepare(&us.me)));
	if (error)
		let_go();
	return error;
}

static int play_it(const struct ranks_part *part, int count, int64_t *begin, int64_t *end)
{
	struct probe *probe = &us.own.probe;

	us.me.job.probe = probe;
	us.own.wait_cpu = us.own.since = 0;
	static int asked;
	if (count && count != asked) /* looks what counts here, once */
		counters_init((enum tier)((asked = count) - 1));
	probe_start(us.area, &(struct probe_setup){.workers = us.size, .pin = PIN_NONE, .counting = count > 0, .spans = !count});
	us.started = now_ns();
	PMPI_Barrier(us.line);
	ranks_watch_run(part->patience_ms ? part->patience_ms : RANKS_PATIENCE_MS);
	*begin = now_ns();
	probe->parallel_begin(probe, us.size);
	int error = error_of(part->work(&us.me));
	ranks_watch_done();
	PMPI_Barrier(us.line);
	*end = now_ns();
	ranks_watch_idle();
	probe->parallel_end(probe);
	probe_stop(us.area);
	return agree(error);
}

/* ---- what was seen ---- */

static int own_spans(struct span *out, int most, int64_t shift)
{
	static struct span all[PROBE_SPANS];
	int lost, n = probe_spans(us.area, all, PROBE_SPANS, &lost), kept = 0;
	for (int i = 0; i < n && kept < most; i++) {
		if (all[i].worker != us.rank)
			continue;
		out[kept] = all[i];
		out[kept].begin_ns = all[i].begin_ns + shift > 0 ? all[i].begin_ns + shift : 0; /* it left the barrier first */
		out[kept].end_ns = all[i].end_ns + shift;
		if (out[kept].end_ns <= out[kept].begin_ns)
			continue;
		out[kept].core = us.here ? all[i].core : -1;
		kept++;
	}
	return kept;
}

/* All ranks leave the barrier at nearly the same time; on one machine they have one clock, and that need not be believed. */
static void tell_seen(int64_t begin)
{
	static struct span mine[RANKS_SPANS];
	int each = RANKS_SPANS / us.size;
	int64_t zero = begin, region, cpu;
	struct usage u = probe_usage(us.area);
	struct seen seen, *all = us.rank ? NULL : xcalloc((size_t)us.size, sizeof *all);
	struct span *spans = us.rank ? NULL : xcalloc((size_t)(each * us.size) + 1, sizeof *spans);

	PMPI_Bcast(&zero, 1, MPI_INT64_T, 0, us.line);
	int64_t late = us.here ? begin - zero : 0;
	probe_worker(us.area, us.rank, &region, &cpu);
	seen = (struct seen){.region = region, .cpu = cpu > us.own.wait_cpu ? cpu - us.own.wait_cpu : 0, .wait = u.wait_ns};
	probe_counts(us.area, us.rank, &seen.counts);
	seen.spans = own_spans(mine, each, us.started - begin + late);
	if (region > 0) {
		seen.startup = late + u.startup_ns > 0 ? late + u.startup_ns : 0;
		seen.end = seen.spans ? mine[seen.spans - 1].end_ns : seen.startup + region;
	}
	PMPI_Gather(&seen, sizeof seen, MPI_BYTE, all, sizeof seen, MPI_BYTE, 0, us.line);
	PMPI_Gather(mine, each * (int)sizeof *mine, MPI_BYTE, spans, each * (int)sizeof *mine, MPI_BYTE, 0, us.line);
	for (int w = 0; w < us.size && us.rank == 0; w++) {
		printf(RANKS_MARK "saw %d %lld %lld %lld %lld %lld\n", w, (long long)all[w].startup, (long long)all[w].end,
			   (long long)all[w].region, (long long)all[w].cpu, (long long)all[w].wait);
		for (int c = 0; c < COUNTERS; c++)
			if (all[w].counts.present[c])
				printf(RANKS_MARK "count %d %d %lld\n", w, c, (long long)all[w].counts.value[c]);
		for (int i = 0; i < all[w].spans; i++) {
			struct span *s = &spans[w * each + i];
			printf(RANKS_MARK "span %d %d %d %lld %lld\n", w, s->core, (int)s->kind, (long long)s->begin_ns, (long long)s->end_ns);
		}
	}
	free(all);
	free(spans);
}

static void tell_done(int error, int64_t wall)
{
	printf(RANKS_MARK "done %d %lld", error, (long long)wall);
	for (int i = 0; i < RANKS_FIGURES; i++)
		printf(" %a", us.me.figure[i]);
	for (char *c = us.me.text; *c; c++)
		*c = *c == '\n' ? ' ' : *c;
	printf(" %s\n", us.me.text);
	fflush(stdout);
}

static void obey(const struct ranks_play *plays, const struct order *order)
{
	const struct ranks_play *play;
	const struct ranks_part *part = find(plays, order, &play);
	int64_t begin = 0, end = 0;
	int error = part ? get_ready(play, part, order) : ENOSYS;

	if (!error)
		error = play_it(part, order->count, &begin, &end);
	if (!error && play->answer)
		error = agree(error_of(play->answer(&us.me)));
	if (!error)
		tell_seen(begin);
	if (us.rank == 0)
		tell_done(error, end - begin);
}

/* ---- the whole ---- */

/* The machine, by the kernel's own name for its start: host names may differ on one machine (name spaces), and clocks are one.
 * Each rank of a machine gets a core for itself if there are enough. mpirun must not do that: its daemons of two hosts that are one
 * machine both begin with the first core, and two ranks that wait busily for each other on one core wait for the scheduler's tick. */
static void find_out_where(void)
{
	char boot[BOOT] = "", *all = xcalloc((size_t)us.size, BOOT);
	int place[KERNEL_WORKERS_MAX], before = 0, here = 0;
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
	if (f && !fgets(boot, sizeof boot, f))
		boot[0] = '\0';
	if (f)
		fclose(f);
	PMPI_Allgather(boot, BOOT, MPI_CHAR, all, BOOT, MPI_CHAR, us.line);
	us.here = *boot && !memcmp(all, boot, BOOT);
	for (int r = 0; r < us.size; r++) {
		bool same = !memcmp(all + r * BOOT, boot, BOOT);
		before += same && r < us.rank;
		here += same;
	}
	free(all);
	if (here > topology_usable() || here > KERNEL_WORKERS_MAX)
		return;
	topology_order(PIN_COMPACT, place, here);
	topology_confine(&place[before], 1); /* refused: then the system places it */
}

int ranks_serve(const struct ranks_play *plays)
{
	struct order order;

	PMPI_Comm_dup(MPI_COMM_WORLD, &us.line);
	PMPI_Comm_rank(us.line, &us.rank);
	PMPI_Comm_size(us.line, &us.size);
	set_up_probe();
	find_out_where();
	ranks_watch_start(us.rank);
	if (us.rank == 0)
		printf(RANKS_MARK "ready %d\n", us.size), fflush(stdout);
	for (next_order(&order); !order.home; next_order(&order))
		obey(plays, &order);
	let_go();
	ranks_watch_stop();
	probe_free(us.area);
	PMPI_Comm_free(&us.line);
	return EXIT_RIGHT;
}
#endif
