/* One peer at work: a child in a process group of its own, which is stopped as a whole while others work, and killed as a whole when
 * it does not keep to the protocol. */
#include "kernels/bench/peers.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/bench/clock.h"
#include "kernels/bench/util.h"

enum { ARGUMENTS = 32, NUMBER = 40, END_MS = 1500 };

static _Noreturn void be_peer(int in, int out, int err, char *const *argv)
{
	sigset_t none;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(126);
	execvp(argv[0], argv);
	_exit(127);
}

void peer_start(struct peer_process *p, const struct peer *peer, const struct job *job, int workers)
{
	static char number[ARGUMENTS][NUMBER];
	char *argv[ARGUMENTS], option[KERNEL_ARGS_MAX][NUMBER];
	int n = 0, to[2] = {-1, -1}, from[2] = {-1, -1};

	*p = (struct peer_process){.peer = peer, .in = -1, .out = -1, .said = -1};
	if (peer->python)
		argv[n++] = peer->python;
	argv[n++] = peer->program;
	argv[n++] = peer->kernel;
	argv[n++] = peer->name;
	for (int i = -3; i < KERNEL_ARGS_MAX && (i < 0 || job->kernel->params[i].name); i++) {
		static char size[] = "--size", threads[] = "--threads", seed[] = "--seed";
		if (i > 0)
			snprintf(option[i], NUMBER, "--%.36s", job->kernel->params[i].name);
		if (i == -1) /* the size under its own name is the parameter 0 */
			continue;
		double value = i == -3 ? workers : i == -2 ? (double)job->seed : job->arg[i];
		argv[n] = i == -3 ? threads : i == -2 ? seed : i == 0 ? size : option[i];
		argv[n + 1] = number[n];
		snprintf(number[n], NUMBER, "%.17g", value);
		n += 2;
	}
	argv[n] = NULL;
	p->said = memfd_create("stderr", MFD_CLOEXEC);
	if (p->said < 0 || pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC) || (p->pid = fork()) < 0) {
		p->pid = 0;
		snprintf(p->why, sizeof p->why, "not started: %s", strerror(errno));
	} else if (!p->pid) {
		be_peer(to[0], from[1], p->said, argv);
	} else {
		setpgid(p->pid, p->pid); /* also here: the first signal must not come before the child did it */
	}
	close(to[0]);
	close(from[1]);
	if (!p->pid) {
		close(to[1]);
		close(from[0]);
		close(p->said);
		p->said = -1;
		return;
	}
	p->in = to[1];
	p->out = from[0];
}

static void signal_group(const struct peer_process *p, int number)
{
	if (p->pid > 0)
		kill(-p->pid, number);
}

static void reap(struct peer_process *p, bool by_force)
{
	int status = 0;
	if (by_force)
		signal_group(p, SIGKILL);
	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	signal_group(p, SIGKILL); /* workers that outlived it */
	p->pid = 0;
	if (p->in >= 0)
		close(p->in);
	close(p->out);
	close(p->said);
	p->in = p->out = p->said = -1;
}

void peer_refuse(struct peer_process *p, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(p->why, sizeof p->why, fmt, ap);
	va_end(ap);
	if (p->pid)
		reap(p, true);
}

/* It closed its output: how did it end, and what were its last words? */
static void died(struct peer_process *p)
{
	char text[2048], last[160], shown[200];
	int status = 0;
	off_t end = lseek(p->said, 0, SEEK_END);
	ssize_t n = pread(p->said, text, sizeof text - 1, end > (off_t)sizeof text - 1 ? end - (off_t)sizeof text + 1 : 0);
	pid_t got = 0;

	text[n > 0 ? n : 0] = '\0';
	while (n > 0 && strchr("\n ", text[n - 1]))
		text[--n] = '\0';
	const char *line = strrchr(text, '\n');
	snprintf(last, sizeof last, "%.150s", line ? line + 1 : text);
	for (int i = 0; i < 100 && !(got = waitpid(p->pid, &status, WNOHANG)); i++)
		poll(NULL, 0, 10);
	util_printable(last, shown, sizeof shown);
	const char *colon = *shown ? ": " : "";
	if (got == p->pid) {
		signal_group(p, SIGKILL);
		p->pid = 0;
		close(p->in);
		close(p->out);
		close(p->said);
		p->in = p->out = p->said = -1;
	}
	if (got <= 0)
		peer_refuse(p, "it closed its output%s%s", colon, shown);
	else if (WIFSIGNALED(status))
		peer_refuse(p, "it was ended by signal %d (%s)%s%s", WTERMSIG(status), strsignal(WTERMSIG(status)), colon, shown);
	else
		peer_refuse(p, "it ended by itself (exit %d)%s%s", WEXITSTATUS(status), colon, shown);
}

/* Its next line as JSON; NULL with why. */
static json_t *next_line(struct peer_process *p, int64_t deadline_ns, const char *what)
{
	for (;;) {
		char *end = memchr(p->text, '\n', p->length);
		if (end) {
			size_t n = (size_t)(end - p->text);
			json_t *o = json_loadb(p->text, n, 0, NULL);
			if (!json_is_object(o)) {
				char shown[100];
				*end = '\0';
				peer_refuse(p, "it says what is no answer: %.80s", util_printable(p->text, shown, sizeof shown));
				json_decref(o);
				return NULL;
			}
			memmove(p->text, end + 1, p->length - n - 1);
			p->length -= n + 1;
			return o;
		}
		if (p->length == sizeof p->text) {
			peer_refuse(p, "it says a line without an end");
			return NULL;
		}
		int64_t left = deadline_ns - now_ns();
		struct pollfd wait = {.fd = p->out, .events = POLLIN};
		int got = left > 0 ? poll(&wait, 1, (int)(left / 1000000 < 200 ? left / 1000000 + 1 : 200)) : 0;
		if (bench_signal()) {
			peer_refuse(p, "ended");
			return NULL;
		}
		if (got > 0) {
			ssize_t n = read(p->out, p->text + p->length, sizeof p->text - p->length);
			if (n > 0)
				p->length += (size_t)n;
			else if (n == 0 || errno != EINTR)
				died(p);
			if (p->pid)
				continue;
			return NULL;
		}
		if (now_ns() >= deadline_ns) {
			peer_refuse(p, "%s", what);
			return NULL;
		}
	}
}

bool peer_ready(struct peer_process *p, int64_t deadline_ns)
{
	if (!p->pid)
		return false;
	json_t *o = next_line(p, deadline_ns, "it did not get ready in time");
	if (!o)
		return false;
	bool ready = json_is_true(json_object_get(o, "ready"));
	json_decref(o);
	if (!ready)
		peer_refuse(p, "it did not say that it is ready");
	else
		signal_group(p, SIGSTOP);
	return ready;
}

bool peer_work(struct peer_process *p, double limit_seconds, double *seconds, double *check)
{
	char late[80];
	if (!p->pid)
		return false;
	snprintf(late, sizeof late, "no answer within %.0f s", ceil(limit_seconds));
	signal_group(p, SIGCONT);
	int64_t begin = now_ns();
	if (write(p->in, "run\n", 4) != 4) {
		died(p);
		return false;
	}
	json_t *o = next_line(p, begin + (int64_t)(limit_seconds * 1e9), late);
	double wall = 1e-9 * (double)(now_ns() - begin);
	if (!o)
		return false;
	signal_group(p, SIGSTOP);
	const json_t *figure = json_object_get(o, "check"), *time = json_object_get(o, "seconds");
	*check = json_is_number(figure) ? json_number_value(figure) : NAN;
	*seconds = json_is_number(time) ? json_number_value(time) : NAN;
	json_decref(o);
	if (!(*seconds > 0)) {
		peer_refuse(p, "its answer holds no time");
		return false;
	}
	if (*seconds > wall * 1.001 + 1e-4) {
		peer_refuse(p, "it claims %.4g s, but the answer came after %.4g s", *seconds, wall);
		return false;
	}
	return true;
}

void peers_end(struct peer_process *const *p, int n)
{
	int64_t deadline = now_ns() + INT64_C(1000000) * END_MS;
	for (int i = 0; i < n; i++)
		if (p[i]->pid) {
			close(p[i]->in);
			p[i]->in = -1;
			signal_group(p[i], SIGCONT);
		}
	for (int i = 0; i < n; i++) {
		siginfo_t info = {0};
		while (p[i]->pid && !bench_signal() && now_ns() < deadline) {
			info.si_pid = 0;
			if (waitid(P_PID, (id_t)p[i]->pid, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid)
				break;
			poll(NULL, 0, 5);
		}
		if (p[i]->pid)
			reap(p[i], !info.si_pid);
	}
}
