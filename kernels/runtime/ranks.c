/* The side of the bench: a company of processes for each number of ranks, by mpirun. */
#include "kernels/runtime/ranks_line.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/bench/bench.h"
#include "kernels/bench/clock.h"
#include "kernels/bench/probe.h"
#include "kernels/bench/util.h"
#include "kernels/runtime/ranks_home.h"

enum { COMPANIES = 80, LOOK_MS = 50, ORDERLY_MS = 900, SURE_MS = 60, WORDS = 64, SAID = 2000 };
#define START_NS 30000000000      /* until all ranks are there */
#define START_FAR_NS 90000000000  /* … on other hosts */

const char *ranks_hosts;

struct stuck {
	bool is;
	int peer;
	char call[24];
};

struct company {
	int size; /* 0: none */
	pid_t mpirun;
	int in, out, err;  /* its standard input, output and error, our ends */
	char buffer[1 << 16], said[SAID]; /* what came and is no whole line yet; the end of what mpirun complained of */
	size_t have, said_bytes;
	char home[RANKS_HOME]; /* folder for its files, "" none of its own */
	int home_guard;
	struct stuck *stuck;   /* by rank */
	int stuck_count;
	int64_t stuck_ns;      /* since when all are */
	/* of the run that goes on */
	struct probe_told *told;
	struct span *spans;
	int span_count;
};

static struct company *companies[COMPANIES];
static pid_t owner;

/* ---- whether and how ---- */

const char *ranks_unavailable(void)
{
#if HAVE_MPI
	static int there = -1;
	if (there < 0)
		there = ranks_find_program("mpirun");
	return there ? NULL : "mpirun is not on the PATH (packages openmpi-bin libopenmpi-dev)";
#else
	return "built without MPI (packages openmpi-bin libopenmpi-dev, then make)";
#endif
}

const char *ranks_refuse_hosts(const char *file)
{
	return access(file, R_OK) ? "no such file that can be read; a line for each host: NAME slots=N" : NULL;
}

static bool in_slurm(void) { return getenv("SLURM_JOB_ID") != NULL; }
static bool far(void) { return ranks_hosts || in_slurm(); }

/* In containers one process may not read another's memory; Open MPI's shared memory would complain and be slow. */
static bool may_read_others(void)
{
	char a = 1, b = 0;
	struct iovec to = {&b, 1}, from = {&a, 1};
	return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == 1;
}

static void command_line(const struct company *c, const char **word, char *number, size_t size, const char *self)
{
	int n = 0;
	snprintf(number, size, "%d", c->size);
	word[n++] = "mpirun";
	if (geteuid() == 0)
		word[n++] = "--allow-run-as-root";
	word[n++] = "-n", word[n++] = number;
	word[n++] = "--oversubscribe";
	word[n++] = "--bind-to", word[n++] = "none"; /* ranks_serve.c does */
	if (ranks_hosts)
		word[n++] = "--hostfile", word[n++] = ranks_hosts, word[n++] = "--map-by", word[n++] = "node"; /* by turns */
	if (getenv("LOCKSTEP_LAUNCH"))
		word[n++] = "--mca", word[n++] = "plm_rsh_agent", word[n++] = getenv("LOCKSTEP_LAUNCH");
	if (!far()) { /* nothing but shared memory is needed: half the time to start */
		word[n++] = "--mca", word[n++] = "plm", word[n++] = "isolated";
		word[n++] = "--mca", word[n++] = "pml", word[n++] = "ob1";
		word[n++] = "--mca", word[n++] = "btl", word[n++] = "self,vader";
		word[n++] = "--mca", word[n++] = "orte_tmpdir_base", word[n++] = c->home;
		word[n++] = "--mca", word[n++] = "btl_vader_backing_directory", word[n++] = c->home;
		if (!may_read_others())
			word[n++] = "--mca", word[n++] = "btl_vader_single_copy_mechanism", word[n++] = "none";
		if (c->size > topology_usable())
			word[n++] = "--mca", word[n++] = "mpi_yield_when_idle", word[n++] = "1";
	}
	word[n++] = self;
	word[n++] = RANKS_WORD;
	word[n] = NULL;
}

static _Noreturn void be_mpirun(const struct company *c, int in, int out, int err, pid_t parent)
{
	const char *word[WORDS];
	char number[16], self[4096];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	sigset_t none;

	if (length <= 0)
		_exit(126);
	self[length] = '\0';
	setpgid(0, 0); /* the keyboard's signals come to us, and we end it */
	for (int s = 1; s < NSIG; s++)
		if (s != SIGKILL && s != SIGSTOP)
			signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(126);
	topology_confine(NULL, 0);
	if (in_slurm())
		setenv("SLURM_OVERLAP", "1", 0); /* companies share the job's nodes: srun shall not wait for the first one's end */
	command_line(c, word, number, sizeof number, self);
	execvp(word[0], (char *const *)(uintptr_t)word);
	_exit(127);
}

/* ---- its end ---- */

static bool gone(struct company *c, int64_t within_ms)
{
	int64_t until = now_ns() + within_ms * 1000000;
	while (c->mpirun > 0) {
		pid_t got = waitpid(c->mpirun, NULL, WNOHANG);
		if (got == c->mpirun || (got < 0 && errno == ECHILD)) {
			c->mpirun = 0;
			break;
		}
		if (now_ns() >= until)
			return false;
		char waste[4096]; /* a full pipe would hold it back */
		struct pollfd look[] = {{.fd = c->out, .events = POLLIN}, {.fd = c->err, .events = POLLIN}};
		poll(look, 2, 5);
		for (int i = 0; i < 2; i++)
			if ((look[i].revents & POLLIN) && read(look[i].fd, waste, sizeof waste) < 0)
				break;
		if ((look[0].revents | look[1].revents) & POLLHUP)
			poll(NULL, 0, 2);
	}
	return true;
}

/* orderly: the end of the input is rank 0's order to go home. Else mpirun is killed, and the ranks with it (PR_SET_PDEATHSIG); on
 * other hosts the daemons need mpirun's word. */
static void dismiss(struct company *c, bool orderly)
{
	if (c->in >= 0)
		close(c->in);
	c->in = -1;
	if (!(orderly && gone(c, ORDERLY_MS))) {
		if (c->mpirun > 0 && far())
			kill(c->mpirun, SIGTERM);
		if (!far() || !gone(c, ORDERLY_MS)) {
			if (c->mpirun > 0)
				kill(c->mpirun, SIGKILL);
			gone(c, 5000);
		}
	}
	close(c->out);
	close(c->err);
	ranks_home_end(c->home, c->home_guard);
	companies[c->size] = NULL;
	free(c->stuck);
	free(c->told);
	free(c->spans);
	free(c);
}

void ranks_end(int size)
{
	if (getpid() != owner)
		return;
	for (int i = 1; i < COMPANIES; i++) /* all know it before the first is waited for */
		if (companies[i] && (!size || i == size) && companies[i]->in >= 0) {
			close(companies[i]->in);
			companies[i]->in = -1;
		}
	for (int i = 1; i < COMPANIES; i++)
		if (companies[i] && (!size || i == size))
			dismiss(companies[i], !bench_signal());
}

static void end_all(void) { ranks_end(0); }

/* ---- what comes from it ---- */

static void note_complaint(struct company *c, const char *bytes, size_t n)
{
	size_t keep = n < SAID - 1 ? n : SAID - 1, old = c->said_bytes + keep < SAID - 1 ? c->said_bytes : SAID - 1 - keep;
	memmove(c->said, c->said + c->said_bytes - old, old);
	memcpy(c->said + old, bytes + n - keep, keep);
	c->said_bytes = old + keep;
	c->said[c->said_bytes] = '\0';
}

/* The first line with words in it, of what mpirun or a rank said on standard error. */
static void complain(const struct company *c)
{
	const char *line = c->said, *frame = "-\n \t*";
	line += strspn(line, frame);
	if (*line)
		fprintf(stderr, "mpirun: %.*s\n", (int)strcspn(line, "\n"), line);
}

enum news { NEWS_NONE, NEWS_READY, NEWS_DONE };

static void take_stuck(struct company *c, const char *line)
{
	int rank, peer;
	char call[24];
	if (sscanf(line, "stuck %d %d %23s", &rank, &peer, call) == 3 && rank >= 0 && rank < c->size && !c->stuck[rank].is) {
		c->stuck[rank] = (struct stuck){.is = true, .peer = peer};
		memcpy(c->stuck[rank].call, call, sizeof call);
		c->stuck_count++;
	} else if (sscanf(line, "free %d", &rank) == 1 && rank >= 0 && rank < c->size && c->stuck[rank].is) {
		c->stuck[rank].is = false;
		c->stuck_count--;
	}
	c->stuck_ns = now_ns();
}

static void take_seen(struct company *c, const char *line)
{
	long long v[5];
	int w, core, kind;
	if (sscanf(line, "saw %d %lld %lld %lld %lld %lld", &w, &v[0], &v[1], &v[2], &v[3], &v[4]) == 6 && w >= 0 && w < c->size)
		c->told[w] = (struct probe_told){.startup_ns = v[0], .end_ns = v[1], .region_ns = v[2], .cpu_ns = v[3], .wait_ns = v[4]};
	else if (sscanf(line, "count %d %d %lld", &w, &kind, &v[0]) == 3 && w >= 0 && w < c->size && kind >= 0 && kind < COUNTERS)
		c->told[w].counts.present[kind] = true, c->told[w].counts.value[kind] = v[0];
	else if (sscanf(line, "span %d %d %d %lld %lld", &w, &core, &kind, &v[0], &v[1]) == 5 && c->span_count < RANKS_SPANS &&
			 kind >= 0 && kind < SPAN_KINDS)
		c->spans[c->span_count++] = (struct span){.worker = w, .core = core, .kind = (enum span_kind)kind, .begin_ns = v[0],
												  .end_ns = v[1]};
}

/* 0, or the errno of the run. */
static int take_done(const char *line, struct ranks_answer *answer)
{
	int error, at = 0;
	long long wall;
	if (sscanf(line, "done %d %lld%n", &error, &wall, &at) != 2)
		return EPROTO;
	const char *p = line + at;
	for (int i = 0; i < RANKS_FIGURES; i++) {
		char *end;
		answer->figure[i] = strtod(p, &end);
		if (end == p)
			return EPROTO;
		p = end;
	}
	snprintf(answer->text, sizeof answer->text, "%s", *p ? p + 1 : p);
	answer->wall_ns = wall;
	return error;
}

static enum news take_line(struct company *c, const char *line, struct ranks_answer *answer, int *error)
{
	if (strncmp(line, RANKS_MARK, strlen(RANKS_MARK))) {
		fprintf(stderr, "%s\n", line); /* a rank prints: not among our records */
		return NEWS_NONE;
	}
	line += strlen(RANKS_MARK);
	if (!strncmp(line, "ready ", 6))
		return NEWS_READY;
	if (!strncmp(line, "done ", 5) && answer) {
		*error = take_done(line, answer);
		return NEWS_DONE;
	}
	take_stuck(c, line);
	take_seen(c, line);
	return NEWS_NONE;
}

/* Reads on until the news comes (0), the time is over (ETIMEDOUT), all ranks wait for each other (EDEADLK), a signal wants us to end
 * (EINTR) or mpirun has ended (ECANCELED). */
static int listen_for(struct company *c, enum news wanted, int64_t deadline_ns, struct ranks_answer *answer, int *error)
{
	bool ended = false;
	for (;;) {
		char *end;
		while ((end = memchr(c->buffer, '\n', c->have))) {
			*end = '\0';
			enum news news = take_line(c, c->buffer, answer, error);
			c->have -= (size_t)(end + 1 - c->buffer);
			memmove(c->buffer, end + 1, c->have);
			if (news == wanted)
				return 0;
		}
		if (ended || c->have == sizeof c->buffer)
			return ECANCELED;
		if (bench_signal())
			return EINTR;
		if (c->stuck_count == c->size && now_ns() - c->stuck_ns > SURE_MS * 1000000)
			return EDEADLK;
		if (deadline_ns && now_ns() > deadline_ns)
			return ETIMEDOUT;
		struct pollfd look[] = {{.fd = c->out, .events = POLLIN}, {.fd = c->err, .events = POLLIN}};
		if (poll(look, 2, LOOK_MS) <= 0)
			continue;
		if (look[1].revents) {
			char said[1024];
			ssize_t n = read(c->err, said, sizeof said);
			if (n > 0)
				note_complaint(c, said, (size_t)n);
		}
		if (look[0].revents) {
			ssize_t n = read(c->out, c->buffer + c->have, sizeof c->buffer - c->have);
			ended = n == 0;
			c->have += n > 0 ? (size_t)n : 0;
		}
	}
}

/* ---- its beginning ---- */

static int pipes_for(int *in, int *out, int *err)
{
	int *all[] = {in, out, err};
	for (int i = 0; i < 3; i++)
		if (pipe2(all[i], O_CLOEXEC)) {
			int why = errno;
			while (i-- > 0)
				close(all[i][0]), close(all[i][1]);
			errno = why;
			return -1;
		}
	return 0;
}

static struct company *found(int size)
{
	int in[2], out[2], err[2];
	if (pipes_for(in, out, err))
		return NULL;
	if (!owner)
		atexit(end_all);
	owner = getpid();
	topology_get();
	struct company *c = xcalloc(1, sizeof *c);
	c->size = size;
	c->stuck = xcalloc((size_t)size, sizeof *c->stuck);
	c->told = xcalloc((size_t)size, sizeof *c->told);
	c->spans = xcalloc(RANKS_SPANS, sizeof *c->spans);
	c->home_guard = far() ? -1 : ranks_home_begin(c->home);
	pid_t parent = getpid();
	fflush(NULL);
	c->mpirun = fork();
	if (c->mpirun == 0)
		be_mpirun(c, in[0], out[1], err[1], parent);
	int why = errno;
	close(in[0]), close(out[1]), close(err[1]);
	c->in = in[1], c->out = out[0], c->err = err[0];
	companies[size] = c;
	if (c->mpirun < 0) {
		dismiss(c, false);
		errno = why;
		return NULL;
	}
	int error = listen_for(c, NEWS_READY, now_ns() + (far() ? START_FAR_NS : START_NS), NULL, NULL);
	if (error) {
		if (error != EINTR)
			complain(c);
		dismiss(c, false);
		errno = error;
		return NULL;
	}
	return c;
}

/* ---- a run ---- */

static int send_order(struct company *c, const struct job *job)
{
	char line[RANKS_LINE];
	bool counting = job->probe && probe_counting((struct probe_area *)job->probe);
	enum tier tier = !strcmp(counters_tier(), "hw") ? TIER_AUTO : !strcmp(counters_tier(), "sw") ? TIER_SW : TIER_OFF;
	int n = snprintf(line, sizeof line, "%s %s %llx %d", job->kernel->name, job->variant->name, (unsigned long long)job->seed,
					 counting ? 1 + (int)tier : 0);
	for (int i = 0; i < KERNEL_ARGS_MAX; i++)
		n += snprintf(line + n, sizeof line - (size_t)n, " %a", job->arg[i]);
	n += snprintf(line + n, sizeof line - (size_t)n, "\n");
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	ssize_t sent = write(c->in, line, (size_t)n);
	signal(SIGPIPE, before);
	return sent == n ? 0 : ECANCELED;
}

/* "rank 0 waits in MPI_Send for rank 1, rank 1 in MPI_Send for rank 0" */
static void say_stuck(const struct company *c, struct ranks_answer *answer)
{
	size_t n = 0;
	for (int r = 0; r < c->size && n < sizeof answer->text; r++) {
		const struct stuck *s = &c->stuck[r];
		char whom[40] = "";
		if (s->peer >= 0 && s->peer != r)
			snprintf(whom, sizeof whom, " for rank %d", s->peer);
		if (!strcmp(s->call, "end"))
			n += (size_t)snprintf(answer->text + n, sizeof answer->text - n, "%srank %d has ended", r ? ", " : "", r);
		else
			n += (size_t)snprintf(answer->text + n, sizeof answer->text - n, "%srank %d waits in %s%s", r ? ", " : "", r, s->call, whom);
	}
}

/* Leaders are no workers: what was seen of them is left out, and rank `leaders` is worker 0. */
static void tell_probe(const struct job *job, struct company *c, int leaders, int64_t wall_ns)
{
	int kept = 0;
	for (int i = 0; i < c->span_count; i++)
		if (c->spans[i].worker >= leaders) {
			c->spans[kept] = c->spans[i];
			c->spans[kept++].worker -= leaders;
		}
	probe_tell((struct probe_area *)job->probe, wall_ns, c->told + leaders, c->size - leaders, c->spans, kept);
}

int ranks_run(struct job *job, struct ranks_answer *answer) { return ranks_run_led(job, 0, answer); }

int ranks_run_led(struct job *job, int leaders, struct ranks_answer *answer)
{
	int size = leaders + job->workers, error = 0;

	*answer = (struct ranks_answer){.figure = {NAN}};
	if (size < 1 || size >= COMPANIES || ranks_unavailable())
		return (errno = size < COMPANIES ? ENOSYS : EAGAIN), -1;
	struct company *c = companies[size] ? companies[size] : found(size);
	if (!c)
		return -1;
	memset(c->told, 0, (size_t)size * sizeof *c->told);
	memset(c->stuck, 0, (size_t)size * sizeof *c->stuck);
	c->stuck_count = c->span_count = 0;
	int64_t begin = now_ns();
	int way = send_order(c, job);
	if (!way)
		way = listen_for(c, NEWS_DONE, 0, answer, &error);
	if (way == EDEADLK) {
		say_stuck(c, answer);
		answer->stuck = true;
		answer->wall_ns = job->took_ns = now_ns() - begin;
		dismiss(c, false);
		return 0;
	}
	if (way) {
		if (way != EINTR)
			complain(c);
		dismiss(c, false);
		return (errno = way), -1;
	}
	if (error)
		return (errno = error), -1;
	job->took_ns = answer->wall_ns > 0 ? answer->wall_ns : 1;
	if (job->probe)
		tell_probe(job, c, leaders, answer->wall_ns);
	return 0;
}
