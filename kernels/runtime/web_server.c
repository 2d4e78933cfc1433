#include "kernels/runtime/web_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* In memory that server and starter share. */
struct board {
	_Atomic uint64_t served, refused, dropped, silent, accepted, waiting, waiting_peak;
};

struct web_server {
	struct web_setup setup;
	struct board *board;
	pid_t pid;
	int port;
};

size_t web_files_allowed(size_t wanted)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files))
		return 256;
	if (files.rlim_cur < files.rlim_max && files.rlim_cur < wanted) {
		struct rlimit more = {files.rlim_max, files.rlim_max};
		if (!setrlimit(RLIMIT_NOFILE, &more))
			files = more;
	}
	return files.rlim_cur < wanted ? (size_t)files.rlim_cur : wanted;
}

void web_page(const struct web_setup *setup, uint64_t page, char *text)
{
	char head[32];
	size_t n = (size_t)snprintf(head, sizeof head, "page %llu: ", (unsigned long long)page), bytes = setup->bytes;
	memcpy(text, head, n < bytes ? n : bytes);
	uint64_t own = rng_at(setup->seed, page);
	for (size_t i = n; i < bytes; i += 8) { /* eight letters from a to p */
		uint64_t letters = (rng_at(own, i) & UINT64_C(0x0f0f0f0f0f0f0f0f)) + UINT64_C(0x6161616161616161);
		memcpy(text + i, &letters, bytes - i < 8 ? bytes - i : 8);
	}
}

#if HAVE_MICROHTTPD
#include <microhttpd.h>

enum { EVENTS = 64, CONNECTION_BYTES = 3072 };

/* One request. */
struct visit {
	struct MHD_Connection *connection;
	struct visit *next; /* in a line */
	int64_t due_ns;
	uint64_t page;
	enum web_fate fate;
	int pieces;         /* of the page that may be sent by now */
	bool waited, counted, watched;
	char text[];
};

/* Those who wait equally long: who came first goes first. */
struct line {
	struct visit *first, *last;
};

struct state {
	const struct web_setup *setup;
	struct board *board;
	struct line delay, trickle;
	struct MHD_Daemon *daemon;
	int epoll;
	cpu_set_t cores; /* those that were allowed at the start */
};

static int64_t clock_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void wait_in(struct line *line, struct visit *v, double ms)
{
	v->next = NULL;
	v->due_ns = clock_now() + (int64_t)(ms * 1e6);
	*(line->first ? &line->last->next : &line->first) = v;
	line->last = v;
	MHD_suspend_connection(v->connection);
}

static bool resume_due(struct line *line, int64_t now)
{
	bool any = false;
	for (struct visit *v; (v = line->first) && v->due_ns <= now; any = true) {
		line->first = v->next;
		MHD_resume_connection(v->connection);
	}
	return any;
}

/* Nobody will answer. libmicrohttpd does not look at a connection that is set aside, so we do: for the client to hang up. */
static void keep_silent(struct state *s, struct visit *v)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(v->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct epoll_event look = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = v};
	MHD_suspend_connection(v->connection);
	v->watched = info && !epoll_ctl(s->epoll, EPOLL_CTL_ADD, info->connect_fd, &look);
	s->board->silent++;
}

static void hung_up(struct state *s, struct visit *v)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(v->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (info)
		epoll_ctl(s->epoll, EPOLL_CTL_DEL, info->connect_fd, NULL);
	v->watched = false;
	v->fate = WEB_DROPPED;
	MHD_resume_connection(v->connection);
}

/* Gives the next part of a page that comes slowly; 0 after setting the connection aside. */
static ssize_t next_part(void *arg, uint64_t at, char *to, size_t most)
{
	void **pair = arg;
	struct state *s = pair[0];
	struct visit *v = pair[1];
	size_t ready = s->setup->bytes * (size_t)v->pieces / WEB_PIECES;
	if (at >= ready && v->pieces < WEB_PIECES) {
		v->pieces++;
		wait_in(&s->trickle, v, s->setup->trickle_ms / WEB_PIECES);
		return 0;
	}
	size_t n = ready - at < most ? ready - at : most;
	memcpy(to, v->text + at, n);
	return n ? (ssize_t)n : MHD_CONTENT_READER_END_WITH_ERROR;
}

static enum MHD_Result answer(struct state *s, struct visit *v)
{
	static const char sorry[] = "try again\n";
	const struct web_setup *setup = s->setup;
	struct MHD_Response *r;
	void **pair = NULL;
	if (v->fate == WEB_DROPPED)
		return MHD_NO; /* closes the connection */
	if (v->fate == WEB_REFUSED)
		r = MHD_create_response_from_buffer(sizeof sorry - 1, (void *)(uintptr_t)sorry, MHD_RESPMEM_PERSISTENT);
	else if (setup->trickle_ms > 0 && setup->bytes && (pair = malloc(2 * sizeof *pair))) {
		pair[0] = s, pair[1] = v;
		r = MHD_create_response_from_callback(setup->bytes, 4096, next_part, pair, free);
	} else
		r = MHD_create_response_from_buffer(setup->bytes, v->text, MHD_RESPMEM_PERSISTENT); /* the visit outlives it */
	enum MHD_Result done = r ? MHD_queue_response(v->connection, v->fate == WEB_REFUSED ? 503 : 200, r) : MHD_NO;
	if (r)
		MHD_destroy_response(r);
	return done;
}

/* Called when a request has come, and again when its connection was resumed. */
static enum MHD_Result visited(void *arg, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
			       const char *upload, size_t *upload_size, void **memory)
{
	struct state *s = arg;
	struct visit *v = *memory;
	(void)method, (void)version, (void)upload;
	if (!v) {
		char *end;
		v = *memory = malloc(sizeof *v + s->setup->bytes);
		if (!v)
			return MHD_NO;
		unsigned long long page = strtoull(url + (*url == '/'), &end, 10), try = *end == '/' ? strtoull(end + 1, NULL, 10) : 0;
		*v = (struct visit){.connection = connection, .page = page, .pieces = 1, .fate = web_fate(s->setup, page, try)};
		web_page(s->setup, page, v->text);
		uint64_t waiting = ++s->board->waiting;
		if (waiting > s->board->waiting_peak)
			s->board->waiting_peak = waiting;
		return MHD_YES; /* only the head has come: an answer now would end the connection */
	}
	if (*upload_size) {
		*upload_size = 0;
		return MHD_YES;
	}
	if (!v->waited) {
		v->waited = true;
		if (v->fate == WEB_SILENT) {
			keep_silent(s, v);
			return MHD_YES;
		}
		if (s->setup->delay_ms > 0) {
			wait_in(&s->delay, v, s->setup->delay_ms);
			return MHD_YES;
		}
	}
	return answer(s, v);
}

static void completed(void *arg, struct MHD_Connection *connection, void **memory, enum MHD_RequestTerminationCode how)
{
	struct state *s = arg;
	struct visit *v = *memory;
	(void)connection;
	if (!v)
		return;
	struct board *b = s->board;
	if (how == MHD_REQUEST_TERMINATED_COMPLETED_OK)
		(*(v->fate == WEB_REFUSED ? &b->refused : &b->served))++;
	else
		b->dropped++;
	b->waiting--;
	free(v);
	*memory = NULL;
}

static void connected(void *arg, struct MHD_Connection *connection, void **memory, enum MHD_ConnectionNotificationCode what)
{
	struct state *s = arg;
	(void)connection, (void)memory;
	if (what != MHD_CONNECTION_NOTIFY_STARTED)
		return;
	s->board->accepted++;
}

static _Noreturn void serve(const struct web_setup *setup, struct board *board, int listener, int ready)
{
	struct state s = {.setup = setup, .board = board};
	struct epoll_event events[EVENTS];
	int error = 0;
	s.epoll = epoll_create1(EPOLL_CLOEXEC);
	s.daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK | MHD_USE_TURBO, 0, NULL, NULL,
				    visited, &s, MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT, (unsigned)WEB_CONNECTIONS_MAX,
				    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_NOTIFY_COMPLETED, completed, &s,
				    MHD_OPTION_NOTIFY_CONNECTION, connected, &s, MHD_OPTION_END);
	const union MHD_DaemonInfo *info = s.daemon ? MHD_get_daemon_info(s.daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	struct epoll_event look = {.events = EPOLLIN};
	if (s.epoll < 0 || !info || epoll_ctl(s.epoll, EPOLL_CTL_ADD, info->epoll_fd, &look))
		error = errno ? errno : ENOMEM;
	if (write(ready, &error, sizeof error) != sizeof error || error)
		_exit(1);
	close(ready);
	bool placed = !sched_getaffinity(0, sizeof s.cores, &s.cores);
	for (bool again = false;;) {
		int64_t next = INT64_MAX, now = clock_now();
		if (s.delay.first)
			next = s.delay.first->due_ns;
		if (s.trickle.first && s.trickle.first->due_ns < next)
			next = s.trickle.first->due_ns;
		int ms = again || next <= now ? 0 : next == INT64_MAX ? -1 : (int)((next - now + 999999) / 1000000);
		int n = epoll_wait(s.epoll, events, EVENTS, ms);
		if (ms < 0 && placed) /* whoever tied the clients to a core has tied their child, too */
			(void)sched_setaffinity(0, sizeof s.cores, &s.cores);
		for (int i = 0; i < n; i++)
			if (events[i].data.ptr)
				hung_up(&s, events[i].data.ptr);
		now = clock_now();
		resume_due(&s.delay, now);
		resume_due(&s.trickle, now);
		MHD_run(s.daemon);
		MHD_UNSIGNED_LONG_LONG left;
		again = MHD_get_timeout(s.daemon, &left) == MHD_YES && left == 0;
	}
}

const char *web_server_unavailable(void) { return NULL; }

/* The server's own process. */
static _Noreturn void be_server(const struct web_setup *setup, struct board *board, int listener, int ready, pid_t parent)
{
	sigset_t none;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* without the parent there is nothing to do ... */
	if (getppid() != parent)          /* ... and it may be gone already */
		_exit(1);
	for (int number = 1; number < SIGRTMIN; number++)
		signal(number, SIG_DFL);
	signal(SIGINT, SIG_IGN); /* Ctrl-C is for the one who started us: it stops us when it is done */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int fd = 3; fd < 1024; fd++) /* pipes of the parent must not live on in us */
		if (fd != listener && fd != ready)
			close(fd);
	serve(setup, board, listener, ready);
}

static int listen_somewhere(int *port)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof here;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&here, size) || listen(fd, WEB_CONNECTIONS_MAX) || getsockname(fd, (struct sockaddr *)&here, &size)) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	*port = ntohs(here.sin_port);
	return fd;
}

struct web_server *web_server_start(const struct web_setup *setup)
{
	struct web_server *server = calloc(1, sizeof *server);
	int listener = -1, ready[2] = {-1, -1}, error = 0;
	pid_t parent = getpid();
	if (!server)
		return NULL;
	server->setup = *setup;
	server->board = mmap(NULL, sizeof *server->board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (server->board == MAP_FAILED) {
		error = errno;
		goto out;
	}
	web_files_allowed(WEB_CONNECTIONS_MAX + 100);
	listener = listen_somewhere(&server->port);
	if (listener < 0 || pipe(ready) || (server->pid = fork()) < 0) {
		error = errno;
		goto out;
	}
	if (server->pid == 0) {
		close(ready[0]);
		be_server(&server->setup, server->board, listener, ready[1], parent);
	}
	close(ready[1]);
	ready[1] = -1;
	ssize_t got;
	while ((got = read(ready[0], &error, sizeof error)) < 0 && errno == EINTR)
		;
	if (got != sizeof error)
		error = ECANCELED;
out:
	if (listener >= 0)
		close(listener);
	for (int i = 0; i < 2; i++)
		if (ready[i] >= 0)
			close(ready[i]);
	if (error) {
		web_server_stop(server);
		errno = error;
		return NULL;
	}
	return server;
}

#else

const char *web_server_unavailable(void) { return "built without libmicrohttpd (package libmicrohttpd-dev)"; }

struct web_server *web_server_start(const struct web_setup *setup)
{
	(void)setup;
	errno = ENOSYS;
	return NULL;
}

#endif

int web_server_port(const struct web_server *server) { return server->port; }

struct web_figures web_server_figures(const struct web_server *server)
{
	const struct board *b = server->board;
	return (struct web_figures){b->served, b->refused, b->dropped, b->silent, b->accepted, b->waiting_peak};
}

void web_server_reset(struct web_server *server)
{
	struct board *b = server->board;
	b->served = b->refused = b->dropped = b->silent = b->accepted = 0;
	b->waiting_peak = b->waiting;
}

int web_server_stop(struct web_server *server)
{
	int status = 0;
	if (!server)
		return 0;
	if (server->pid > 0) {
		kill(server->pid, SIGKILL);
		while (waitpid(server->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	if (server->board && server->board != MAP_FAILED)
		munmap(server->board, sizeof *server->board);
	free(server);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 0 : status;
}
