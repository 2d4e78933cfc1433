#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/program.h"
#include "tui/program_io.h"

volatile sig_atomic_t program_group;

enum { GRACE_MS = 1000, UNKILLABLE_MS = 2000 };

int64_t program_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A pipe whose ends are out of the way of 0 to 3. */
static bool pipe_high(int ends[2])
{
	int low[2];
	if (pipe2(low, O_CLOEXEC) != 0)
		return false;
	for (int i = 0; i < 2; i++)
		ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, 10);
	close(low[0]);
	close(low[1]);
	if (ends[0] >= 0 && ends[1] >= 0)
		return true;
	int error = errno;
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
	errno = error;
	return false;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* In the child, until it is another program. Only async-signal-safe calls: the parent may have threads one day. */
__attribute__((noreturn)) static void become(char *const argv[], int out, int status, int trouble, pid_t parent)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t none;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	for (int s = 1; s < NSIG; s++)
		sigaction(s, &plain, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	int null = open("/dev/null", O_RDWR);
	bool good = null >= 0 && dup2(null, 0) == 0 && dup2(out, 1) == 1 && dup2(out, 2) == 2;
	if (good && status >= 0)
		good = dup2(status, PROGRAM_STATUS_FD) == PROGRAM_STATUS_FD;
	if (good)
		execv(argv[0], argv);
	int error = errno;
	if (write(trouble, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

bool program_start(struct program *c, char *const argv[], bool status, char *why, size_t size)
{
	int out[2] = {-1, -1}, records[2] = {-1, -1}, trouble[2] = {-1, -1}, error = 0;
	size_t count = 0;
	while (argv[count])
		count++;
	char status_option[] = "--status-fd", status_number[] = "3";
	char **words = xcalloc(count + 3, sizeof(*words));
	size_t n = 0;
	words[n++] = argv[0];
	if (status) {
		words[n++] = status_option;
		words[n++] = status_number;
	}
	for (size_t i = 1; i < count; i++)
		words[n++] = argv[i];

	program_free(c);
	if (!pipe_high(out) || !pipe_high(trouble) || (status && !pipe_high(records))) {
		error = errno;
		goto out;
	}
	pid_t parent = getpid(), pid = fork();
	if (pid == 0)
		become(words, out[1], records[1], trouble[1], parent);
	if (pid < 0) {
		error = errno;
		goto out;
	}
	setpgid(pid, pid); /* here too: whoever comes first */
	close_fd(&out[1]);
	close_fd(&records[1]);
	close_fd(&trouble[1]);
	ssize_t got;
	while ((got = read(trouble[0], &error, sizeof(error))) < 0 && errno == EINTR)
		;
	if (got == (ssize_t)sizeof(error)) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		goto out;
	}
	error = 0;
	*c = (struct program){.pid = pid, .out_fd = out[0], .status_fd = records[0]};
	program_group = pid;
	out[0] = records[0] = -1;
	fcntl(c->out_fd, F_SETFL, O_NONBLOCK);
	if (c->status_fd >= 0)
		fcntl(c->status_fd, F_SETFL, O_NONBLOCK);
	c->set = status ? recset_new() : NULL;
	c->live = status ? live_new() : NULL;
	c->begun_at = program_now();
	c->look_at = c->begun_at;
out:
	for (int i = 0; i < 2; i++) {
		close_fd(&out[i]);
		close_fd(&records[i]);
		close_fd(&trouble[i]);
	}
	if (error)
		snprintf(why, size, _("%s can't be started: %s"), argv[0], strerror(error));
	free(words);
	return error == 0;
}

/* One bite from a pipe; false at its end (then closed) or when nothing is there. */
static bool bite(struct program *c, int *fd, void (*take)(struct program *, const char *, size_t))
{
	char buf[65536];
	if (*fd < 0)
		return false;
	ssize_t n = read(*fd, buf, sizeof(buf));
	if (n > 0) {
		take(c, buf, (size_t)n);
		return true;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		close_fd(fd);
	return false;
}

bool program_read(struct program *c)
{
	bool out = bite(c, &c->out_fd, program_take_output);
	bool records = bite(c, &c->status_fd, program_take_records);
	if (records)
		c->heard_at = program_elapsed(c);
	if (records && c->live && c->set)
		live_hear(c->live, recset_last(c->set), program_elapsed(c));
	if (records && c->live)
		live_clock(c->live, program_elapsed(c), c->paused, c->stopping);
	return out || records;
}

static void drop(struct program *c)
{
	close_fd(&c->out_fd);
	close_fd(&c->status_fd);
	program_records_end(c);
	c->pid = 0;
	program_group = 0;
	c->ended = true;
}

bool program_reap(struct program *c)
{
	siginfo_t info = {0};
	if (!program_live(c) || waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
		return false;
	/* While the leader is a zombie its group number can't be somebody else's: whoever is left in it goes now. */
	kill(-c->pid, SIGKILL);
	int status = 0;
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		c->signal = WTERMSIG(status);
	else
		c->exit_code = WEXITSTATUS(status);
	/* A process that left the group may hold the pipes open for ever, and write for ever: a bounded rest is read. */
	for (int i = 0; i < 1024 && program_read(c); i++)
		;
	drop(c);
	return true;
}

void program_pause(struct program *c, bool pause)
{
	if (!program_live(c) || c->stopping)
		return;
	if (pause == c->paused)
		return;
	if (pause)
		c->held_at = program_now();
	else
		c->held_ms += program_now() - c->held_at;
	kill(-c->pid, pause ? SIGSTOP : SIGCONT);
	c->paused = pause;
	if (c->live)
		live_clock(c->live, program_elapsed(c), pause, false);
}

double program_elapsed(const struct program *c)
{
	return (double)((c->paused ? c->held_at : program_now()) - c->begun_at - c->held_ms) / 1e3;
}

void program_stop(struct program *c)
{
	if (!program_live(c) || c->stopping)
		return;
	kill(-c->pid, SIGTERM);
	kill(-c->pid, SIGCONT); /* a stopped process hears TERM only after it goes on */
	if (c->paused)
		c->held_ms += program_now() - c->held_at;
	c->paused = false;
	c->stopping = true;
	if (c->live)
		live_clock(c->live, program_elapsed(c), false, true);
	c->kill_at = program_now() + GRACE_MS;
}

static void sooner(int *wait_ms, int64_t ms)
{
	int wait = ms < 0 ? 0 : (int)ms;
	if (*wait_ms < 0 || wait < *wait_ms)
		*wait_ms = wait;
}

/* Seconds of program_elapsed() at which it is ended; what it is allowed into *allowed. The peaks of the machine, which are
 * measured once for all runs to come, are not charged to this one. */
static double limit(struct program *c, double elapsed, double *allowed)
{
	static double cap;
	const struct rec_run *run = c->set && c->set->runs.n ? &c->set->runs.v[c->set->runs.n - 1] : NULL;
	if (cap <= 0) {
		const char *text = getenv("LOCKSTEP_RUN_LIMIT");
		cap = text ? strtod(text, NULL) : 0;
		cap = cap >= 0.1 && cap < 1e9 ? cap : PROGRAM_CAP_S;
	}
	if (run && (c->set->runs.n != c->runs_begun || (run->phase && !strcmp(run->phase, "ceilings")))) {
		c->runs_begun = c->set->runs.n;
		c->run_begun = elapsed;
	}
	*allowed = run && run->budget_seconds > 0 ? run->budget_seconds : c->cap > 0 ? c->cap : cap;
	if (!run || !(run->budget_seconds > 0))
		return *allowed;
	double end = c->run_begun + *allowed, grace = *allowed > 2 * PROGRAM_GRACE_S ? *allowed / 2 : PROGRAM_GRACE_S;
	bool free_of_it = run->phase && (strcmp(run->phase, "measuring") != 0 || run->done == 0);
	if (free_of_it && c->heard_at > end)
		end = c->heard_at < end + cap ? c->heard_at : end + cap;
	return end + grace;
}

bool program_tick(struct program *c, int *wait_ms)
{
	if (!program_live(c))
		return false;
	int64_t now = program_now();
	bool news = false;
	if (c->stopping && !c->hard) {
		if (now >= c->kill_at) {
			kill(-c->pid, SIGKILL);
			c->hard = true;
		} else {
			sooner(wait_ms, c->kill_at - now);
		}
	}
	if (!c->paused && !c->stopping) {
		double elapsed = program_elapsed(c), allowed, end = limit(c, elapsed, &allowed);
		if (elapsed >= end) {
			program_stop(c);
			c->overran = allowed;
			sooner(wait_ms, c->kill_at - now);
			return true;
		}
		sooner(wait_ms, (end - elapsed) * 1e3 < 1e9 ? (int64_t)((end - elapsed) * 1e3) + 1 : 1000000000);
		if (c->live && now >= c->look_at) {
			live_look(c->live, c->pid, elapsed);
			live_clock(c->live, elapsed, false, false);
			c->look_at = now + LIVE_GAP_MS;
			news = true;
		}
		if (c->live)
			sooner(wait_ms, c->look_at - now);
	}
	return news;
}

void program_finish(struct program *c)
{
	int64_t give_up = program_now() + GRACE_MS + UNKILLABLE_MS;
	program_stop(c);
	while (program_live(c)) {
		if (program_now() >= give_up) { /* stuck in the kernel: leaving must not hang on it */
			drop(c);
			return;
		}
		int wait = 50;
		struct pollfd fds[2] = {{.fd = c->out_fd, .events = POLLIN}, {.fd = c->status_fd, .events = POLLIN}};
		program_tick(c, &wait);
		if (c->hard)
			wait = 5;
		poll(fds, 2, wait < 20 ? wait : 20);
		program_read(c);
		program_reap(c);
	}
}

void program_free(struct program *c)
{
	program_finish(c);
	recset_free(c->set);
	live_free(c->live);
	free(c->output.text);
	free(c->lines.text);
	free(c->partial.text);
	*c = (struct program){.out_fd = -1, .status_fd = -1};
}

char **program_words(const char *command)
{
	size_t room = strlen(command) + 2, n = 0;
	char **words = xcalloc(room, sizeof(*words));
	const char *p = command;
	for (;;) {
		while (*p == ' ' || *p == '\t')
			p++;
		if (!*p)
			return words;
		char *word = xcalloc(strlen(p) + 1, 1), quote = '\0';
		size_t length = 0;
		words[n++] = word;
		for (; *p && (quote || (*p != ' ' && *p != '\t')); p++) {
			if (quote ? *p == quote : *p == '\'' || *p == '"')
				quote = quote ? '\0' : *p;
			else
				word[length++] = *p;
		}
		if (quote) {
			program_words_free(words);
			return NULL;
		}
	}
}

void program_words_free(char **words)
{
	for (size_t i = 0; words && words[i]; i++)
		free(words[i]);
	free(words);
}
