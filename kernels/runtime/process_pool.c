#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/runtime/pool_inside.h"
#include "kernels/runtime/process_pool.h"

/* To a worker: this head and the argument's bytes. The function's address is the same in both: one was forked from the other. */
struct order {
	uint64_t number;
	future_work *work;
	size_t argument_bytes, result_bytes;
};

/* From a worker: this head and the result's bytes. */
struct reply {
	uint64_t number;
	int error;
};

/* From the starter of the workers. */
struct notice {
	enum { STARTED, DIED, GONE } what; /* GONE: it died, and another could not be started because of `value` (errno) */
	int worker, value;                 /* STARTED: pid; DIED: wait status */
};

/* What caller and worker share: nothing but what one must know at once. */
struct flags {
	_Alignas(64) _Atomic bool asked; /* to stop the task that runs */
	_Atomic bool leaves;             /* the worker ends because it was told to */
};

struct worker {
	int fd;             /* the caller's end of its socket pair */
	pid_t pid;          /* 0: there is none now */
	bool dying;         /* killed; its death was not noticed yet */
	bool gone;          /* for ever */
	struct future *runs;
	uint64_t number;    /* of the order it has */
};

struct process_pool {
	struct pool pool;
	struct pool_setup setup;
	pthread_mutex_t lock; /* for all below */
	struct future *first, **last;
	bool stop;
	int living, deaths;
	uint64_t orders;
	pid_t starter;
	int notices, ends[2]; /* from the starter; a pipe that tells the manager to look whether all is over */
	pthread_t manager;
	struct flags *flags;
	struct pollfd *poll;
	unsigned char *reply; /* the manager's buffer */
	struct worker worker[];
};

/* ---- the worker: a process ---- */

static void run_worker(const struct pool_setup *setup, int w, int fd, struct flags *flags)
{
	static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	size_t room = (PROCESS_POOL_BYTES + 63) / 64 * 64;
	unsigned char *argument = aligned_alloc(64, room), *result = aligned_alloc(64, room);
	for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
		signal(crashes[i], SIG_DFL); /* a crash is a death by that signal, whatever the program does about its own */
	if (!argument || !result)
		_exit(1);
	task_context = (struct task_context){.worker = w, .in_process = true, .asked = &flags->asked};
	if (setup->begin)
		setup->begin(setup->context, w);
	for (;;) {
		struct order order;
		struct iovec in[] = {{&order, sizeof order}, {argument, PROCESS_POOL_BYTES}};
		ssize_t n = readv(fd, in, 2);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < (ssize_t)sizeof order)
			break; /* the pool is shut down, or its owner is gone */
		memset(result, 0, order.result_bytes);
		struct reply reply = {order.number, order.work(argument, result)};
		struct iovec out[] = {{&reply, sizeof reply}, {result, reply.error ? 0 : order.result_bytes}};
		while ((n = writev(fd, out, 2)) < 0 && errno == EINTR)
			;
		if (n < 0)
			break;
	}
	if (setup->end)
		setup->end(setup->context, w);
	atomic_store(&flags->leaves, true);
	_exit(0);
}

/* ---- the starter: a process with one thread that forks workers and waits for them ---- */

struct starter {
	const struct pool_setup *setup;
	const int *fd; /* the workers' ends */
	struct flags *flags;
	int notices;
};

static void on_child(int number) { (void)number; }

static pid_t start_worker(const struct starter *s, int w, const sigset_t *usual)
{
	pid_t me = getpid(), pid = fork();
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* never outlives the starter … */
	if (getppid() != me)
		_exit(1); /* … not even if that died just now */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_SETMASK, usual, NULL);
	close(s->notices);
	for (int i = 0; i < s->setup->workers; i++)
		if (i != w)
			close(s->fd[i]);
	run_worker(s->setup, w, s->fd[w], &s->flags[w]);
	return -1; /* not reached */
}

/* A notice that nobody reads any more is no loss. */
static void notify(const struct starter *s, struct notice n)
{
	while (send(s->notices, &n, sizeof n, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

/* An order that the dead worker did not take must not be done by the next one: the caller counts it as lost. */
static void drain(int fd)
{
	char byte;
	while (recv(fd, &byte, 1, MSG_DONTWAIT) > 0)
		;
}

static void run_starter(const struct starter *s, pid_t *pid, const sigset_t *usual)
{
	int living = 0, status;
	struct sigaction action = {.sa_handler = on_child};
	sigaction(SIGCHLD, &action, NULL);
	for (int w = 0; w < s->setup->workers; w++, living++) {
		pid[w] = start_worker(s, w, usual);
		notify(s, pid[w] > 0 ? (struct notice){STARTED, w, pid[w]} : (struct notice){GONE, w, errno});
		if (pid[w] < 0)
			break; /* the caller gives up and closes its ends: the others leave */
	}
	while (living > 0) {
		struct pollfd caller = {.fd = s->notices};
		pid_t dead = waitpid(-1, &status, WNOHANG);
		if (dead <= 0) {
			/* SIGCHLD is blocked but for this sleep: a death between waitpid and here ends it at once */
			if (dead < 0 || (ppoll(&caller, 1, NULL, usual) > 0 && caller.revents & (POLLHUP | POLLERR)))
				break; /* the caller is gone: SIGKILL to all, by PR_SET_PDEATHSIG */
			continue;
		}
		for (int w = 0; w < s->setup->workers; w++) {
			if (pid[w] != dead)
				continue;
			pid[w] = 0;
			living--;
			if (atomic_load(&s->flags[w].leaves))
				break;
			drain(s->fd[w]);
			notify(s, (struct notice){DIED, w, status});
			pid[w] = start_worker(s, w, usual);
			notify(s, pid[w] > 0 ? (struct notice){STARTED, w, pid[w]} : (struct notice){GONE, w, errno});
			living += pid[w] > 0;
		}
	}
	_exit(0);
}

/* ---- the caller ---- */

/* Under the lock, to a worker that is free. */
static void hand_out(struct process_pool *p, int w, struct future *f)
{
	struct worker *worker = &p->worker[w];
	struct order order = {++p->orders, f->work, f->argument_bytes, f->result_bytes};
	struct iovec out[] = {{&order, sizeof order}, {f->argument, f->argument_bytes}};
	struct msghdr message = {.msg_iov = out, .msg_iovlen = 2};
	worker->runs = f;
	worker->number = order.number;
	atomic_store(&p->flags[w].asked, false);
	while (sendmsg(worker->fd, &message, MSG_NOSIGNAL) < 0 && errno == EINTR)
		; /* it has room: the worker has taken all that was sent before. When it fails, the starter is dead, which is noticed */
}

/* Under the lock: the next task that was not cancelled. */
static void feed(struct process_pool *p, int w)
{
	struct worker *worker = &p->worker[w];
	while (p->first && !worker->runs && worker->pid && !worker->dying) {
		struct future *f = p->first;
		if (!(p->first = f->next))
			p->last = &p->first;
		if (future_begin(f))
			hand_out(p, w, f);
		else
			future_free(f);
	}
}

static bool submit(struct pool *pool, struct future *f)
{
	struct process_pool *p = (struct process_pool *)pool;
	errno = EMSGSIZE;
	if (f->argument_bytes > PROCESS_POOL_BYTES || f->result_bytes > PROCESS_POOL_BYTES)
		return false;
	pthread_mutex_lock(&p->lock);
	int error = p->stop ? ESHUTDOWN : p->living ? 0 : ECHILD;
	if (!error) {
		*p->last = f;
		p->last = &f->next;
		for (int w = 0; w < p->setup.workers && p->first; w++)
			feed(p, w);
	}
	pthread_mutex_unlock(&p->lock);
	errno = error;
	return !error;
}

static void ask(struct pool *pool, struct future *f)
{
	struct process_pool *p = (struct process_pool *)pool;
	pthread_mutex_lock(&p->lock);
	for (int w = 0; w < p->setup.workers; w++)
		if (p->worker[w].runs == f)
			atomic_store(&p->flags[w].asked, true);
	pthread_mutex_unlock(&p->lock);
}

static bool kill_task(struct pool *pool, struct future *f)
{
	struct process_pool *p = (struct process_pool *)pool;
	bool found = false;
	pthread_mutex_lock(&p->lock);
	for (int w = 0; w < p->setup.workers && !found; w++)
		if (p->worker[w].runs == f && p->worker[w].pid) {
			found = p->worker[w].dying = true; /* it gets no other task */
			kill(p->worker[w].pid, SIGKILL);
		}
	pthread_mutex_unlock(&p->lock);
	errno = EINVAL;
	return found;
}

/* Ends what worker w has, if anything. Under the lock until the future is taken; its watchers may submit. */
static void end_task(struct process_pool *p, int w, enum future_state state, int error, int number)
{
	struct future *f = p->worker[w].runs;
	p->worker[w].runs = NULL;
	if (!f)
		return;
	pthread_mutex_unlock(&p->lock);
	future_finish(f, state, error, number);
	future_free(f);
	pthread_mutex_lock(&p->lock);
}

/* Under the lock: the worker's answer, if there is one. */
static void take_in(struct process_pool *p, int w)
{
	struct worker *worker = &p->worker[w];
	struct reply reply;
	struct iovec in[] = {{&reply, sizeof reply}, {p->reply, PROCESS_POOL_BYTES}};
	struct msghdr message = {.msg_iov = in, .msg_iovlen = 2};
	ssize_t n = recvmsg(worker->fd, &message, MSG_DONTWAIT);
	struct future *f = worker->runs;
	if (n < (ssize_t)sizeof reply || !f || reply.number != worker->number)
		return;
	if (!reply.error && f->result_bytes)
		memcpy(f->result, p->reply, f->result_bytes);
	bool stopped = reply.error == ECANCELED && f->asked;
	worker->runs = NULL;
	feed(p, w); /* the next task is on its way before anybody hears of this one */
	pthread_mutex_unlock(&p->lock);
	future_finish(f, stopped ? FUTURE_CANCELLED : reply.error ? FUTURE_FAILED : FUTURE_DONE, reply.error, 0);
	future_free(f);
	pthread_mutex_lock(&p->lock);
}

/* Under the lock: nobody is left to do what is queued. */
static void give_up(struct process_pool *p, int error)
{
	struct future *queued = p->first;
	p->first = NULL;
	p->last = &p->first;
	pthread_mutex_unlock(&p->lock);
	for (struct future *f = queued, *after; f; f = after) {
		after = f->next;
		future_refuse(f, error == ECANCELED ? FUTURE_CANCELLED : FUTURE_FAILED, error);
		future_free(f);
	}
	pthread_mutex_lock(&p->lock);
}

static void lose(struct process_pool *p, int w, int error, int number)
{
	take_in(p, w); /* what it said before it died counts; feed gives it nothing more: */
	end_task(p, w, FUTURE_CRASHED, error, number);
}

/* Under the lock. False: the starter is dead, and that is the end of all workers. */
static bool take_notice(struct process_pool *p)
{
	struct notice n;
	ssize_t got = recv(p->notices, &n, sizeof n, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (got < (ssize_t)sizeof n)
		return false;
	struct worker *worker = &p->worker[n.worker];
	switch (n.what) {
	case STARTED:
		worker->pid = n.value;
		worker->dying = false;
		feed(p, n.worker);
		break;
	case DIED:
		p->deaths++;
		worker->pid = 0;
		lose(p, n.worker, WIFEXITED(n.value) ? WEXITSTATUS(n.value) : 0, WIFSIGNALED(n.value) ? WTERMSIG(n.value) : 0);
		break;
	case GONE:
		worker->gone = true;
		if (--p->living == 0)
			give_up(p, n.value);
		break;
	}
	return true;
}

static void lose_all(struct process_pool *p)
{
	p->living = 0;
	for (int w = 0; w < p->setup.workers; w++) {
		p->worker[w].pid = 0;
		lose(p, w, 0, SIGKILL);
	}
	give_up(p, ECHILD);
}

static bool over(const struct process_pool *p)
{
	bool idle = p->stop && !p->first;
	for (int w = 0; w < p->setup.workers && idle; w++)
		idle = !p->worker[w].runs;
	return idle;
}

/* A thread of the caller: takes in what workers and starter say until the pool is shut down and all is done. */
static void *manage(void *arg)
{
	struct process_pool *p = arg;
	int n = p->setup.workers;
	pthread_mutex_lock(&p->lock);
	while (!over(p)) {
		pthread_mutex_unlock(&p->lock);
		poll(p->poll, (nfds_t)n + 2, -1);
		pthread_mutex_lock(&p->lock);
		for (int w = 0; w < n; w++)
			if (p->poll[w].revents)
				take_in(p, w);
		if (p->poll[n].revents && !take_notice(p)) {
			p->poll[n].fd = -1;
			lose_all(p);
			for (int w = 0; w < n; w++)
				p->poll[w].fd = -1;
		}
		if (p->poll[n + 1].revents)
			p->poll[n + 1].fd = -1; /* the shutdown has begun */
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* ---- begin and end ---- */

static void close_all(int *fd, int n)
{
	for (int i = 0; i < n; i++)
		if (fd[i] >= 0)
			close(fd[i]);
}

/* Sends the workers home, waits for them, and gives all back. Fine with a pool that is only half made. */
static void dismantle(struct process_pool *p)
{
	int status;
	for (int w = 0; w < p->setup.workers; w++)
		if (p->worker[w].fd >= 0) {
			shutdown(p->worker[w].fd, SHUT_RDWR); /* a worker that reads the end of its stream leaves; closing would not do: */
			close(p->worker[w].fd);               /* other children of the caller may have this end, too */
		}
	while (p->starter > 0 && waitpid(p->starter, &status, 0) < 0 && errno == EINTR)
		;
	close_all(&p->notices, 1);
	close_all(p->ends, 2);
	if (p->flags)
		munmap(p->flags, (size_t)p->setup.workers * sizeof *p->flags);
	pthread_mutex_destroy(&p->lock);
	free(p->poll);
	free(p->reply);
	free(p);
}

static void shutdown_pool(struct pool *pool, bool cancel)
{
	struct process_pool *p = (struct process_pool *)pool;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	for (int w = 0; w < p->setup.workers && cancel; w++)
		if (p->worker[w].runs) {
			atomic_store(&p->worker[w].runs->asked, true);
			atomic_store(&p->flags[w].asked, true);
		}
	if (cancel)
		give_up(p, ECANCELED);
	pthread_mutex_unlock(&p->lock);
	while (write(p->ends[1], "", 1) < 0 && errno == EINTR)
		; /* wakes the manager; an empty pipe has room for it */
	pthread_join(p->manager, NULL);
	dismantle(p);
}

static const struct pool_kind kind = {.submit = submit, .shutdown = shutdown_pool, .ask = ask, .kill = kill_task};

/* Forks the starter, with SIGCHLD blocked: it waits for it in its own way. The workers' ends stay there alone. */
static bool fork_starter(struct process_pool *p, int *theirs, int notices)
{
	sigset_t child, usual;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	pid_t *pid = calloc((size_t)p->setup.workers, sizeof *pid);
	if (!pid)
		return false;
	pthread_sigmask(SIG_BLOCK, &child, &usual);
	p->starter = fork();
	int error = errno;
	if (p->starter == 0) {
		for (int w = 0; w < p->setup.workers; w++)
			close(p->worker[w].fd);
		close(p->notices);
		close_all(p->ends, 2);
		sigdelset(&usual, SIGCHLD);
		struct starter s = {&p->setup, theirs, p->flags, notices};
		run_starter(&s, pid, &usual);
	}
	pthread_sigmask(SIG_SETMASK, &usual, NULL);
	free(pid);
	errno = error;
	return p->starter > 0;
}

static bool pair(int *mine, int *theirs)
{
	int fd[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd))
		return false;
	*mine = fd[0];
	*theirs = fd[1];
	return true;
}

/* Every worker lives, or false with errno. */
static bool all_started(struct process_pool *p)
{
	for (int w = 0; w < p->setup.workers; w++) {
		struct notice n;
		ssize_t got;
		while ((got = recv(p->notices, &n, sizeof n, 0)) < 0 && errno == EINTR)
			;
		if (got < (ssize_t)sizeof n || n.what != STARTED) {
			errno = got < (ssize_t)sizeof n ? ECHILD : n.value;
			return false;
		}
		p->worker[n.worker].pid = n.value;
	}
	return true;
}

struct pool *process_pool_new(const struct pool_setup *setup)
{
	int n = setup->workers, *theirs = malloc(((size_t)n + 1) * sizeof *theirs), error;
	struct process_pool *p = calloc(1, sizeof *p + (size_t)n * sizeof p->worker[0]);
	bool made = false;
	if (!p || !theirs) {
		free(p);
		free(theirs);
		errno = ENOMEM;
		return NULL;
	}
	p->pool.kind = &kind;
	p->setup = *setup;
	p->last = &p->first;
	p->living = n;
	p->notices = p->ends[0] = p->ends[1] = -1;
	pthread_mutex_init(&p->lock, NULL);
	for (int w = 0; w <= n; w++)
		theirs[w] = -1;
	for (int w = 0; w < n; w++)
		p->worker[w].fd = -1;
	p->poll = calloc((size_t)n + 2, sizeof *p->poll);
	p->reply = malloc(PROCESS_POOL_BYTES);
	void *flags = mmap(NULL, (size_t)n * sizeof *p->flags, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	p->flags = flags == MAP_FAILED ? NULL : flags;
	if (!p->poll || !p->reply || !p->flags || !pair(&p->notices, &theirs[n]) || pipe2(p->ends, O_CLOEXEC))
		goto out;
	for (int w = 0; w < n; w++) {
		if (!pair(&p->worker[w].fd, &theirs[w]))
			goto out;
		p->poll[w] = (struct pollfd){.fd = p->worker[w].fd, .events = POLLIN};
	}
	p->poll[n] = (struct pollfd){.fd = p->notices, .events = POLLIN};
	p->poll[n + 1] = (struct pollfd){.fd = p->ends[0], .events = POLLIN};
	made = fork_starter(p, theirs, theirs[n]);
out:
	error = errno;
	close_all(theirs, n + 1);
	free(theirs);
	errno = error;
	if (made && all_started(p)) {
		error = pthread_create(&p->manager, NULL, manage, p);
		if (!error)
			return &p->pool;
		errno = error;
	}
	error = errno;
	dismantle(p);
	errno = error;
	return NULL;
}

pid_t process_pool_pid(struct pool *pool, int worker)
{
	struct process_pool *p = (struct process_pool *)pool;
	pthread_mutex_lock(&p->lock);
	pid_t pid = p->worker[worker].pid;
	pthread_mutex_unlock(&p->lock);
	return pid;
}

int process_pool_deaths(struct pool *pool)
{
	struct process_pool *p = (struct process_pool *)pool;
	pthread_mutex_lock(&p->lock);
	int deaths = p->deaths;
	pthread_mutex_unlock(&p->lock);
	return deaths;
}
