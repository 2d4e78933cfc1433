/* Waiting for descriptors: epoll(7). A wait arms the descriptor once (EPOLLONESHOT); what nobody waits for wakes nobody. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "kernels/runtime/coro_inside.h"

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR && EPOLLHUP == POLLHUP, "the same bits");

enum { EVENTS = 256 };

static int reserve_files(struct loop *loop, int n)
{
	if (n <= loop->files)
		return 0;
	struct coro_file *more = realloc(loop->file, 2 * (size_t)n * sizeof *more);
	if (!more)
		return -1;
	memset(more + loop->files, 0, (2 * (size_t)n - (size_t)loop->files) * sizeof *more);
	loop->file = more;
	loop->files = 2 * n;
	return 0;
}

/* Tells epoll who waits for the descriptor now. It may have been closed and opened again meanwhile: then epoll has forgotten it. */
static int arm(struct loop *loop, int fd)
{
	struct coro_file *file = &loop->file[fd];
	struct epoll_event event = {.data.fd = fd, .events = EPOLLONESHOT | (file->reader ? EPOLLIN | EPOLLRDHUP : 0) | (file->writer ? EPOLLOUT : 0)};
	if (!file->reader && !file->writer)
		event.events = EPOLLONESHOT; /* errors only, once: as good as nothing */
	int rc = epoll_ctl(loop->epoll, file->known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
	if (rc && (errno == ENOENT || errno == EEXIST))
		rc = epoll_ctl(loop->epoll, errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
	file->known = rc == 0;
	return rc;
}

static void ready(struct coro_file *file, int events)
{
	int bad = events & (POLLERR | POLLHUP);
	if (file->reader && (events & (POLLIN | EPOLLRDHUP) || bad)) {
		file->reader_got |= (events & POLLIN) | bad | (events & EPOLLRDHUP ? POLLIN : 0);
		coro_wake(file->reader, 0);
	}
	if (file->writer && (events & POLLOUT || bad)) {
		file->writer_got |= (events & POLLOUT) | bad;
		coro_wake(file->writer, 0);
	}
}

int coro_poll(int fd, int events, int64_t ns)
{
	struct coro *me;
	bool in = events & POLLIN, out = events & POLLOUT;
	if (coro_may_wait(&me))
		return -1;
	struct loop *loop = me->loop;
	if (fd < 0 || !(in || out))
		return errno = fd < 0 ? EBADF : EINVAL, -1;
	if (reserve_files(loop, fd + 1))
		return -1;
	struct coro_file *file = &loop->file[fd];
	if ((in && file->reader) || (out && file->writer))
		return errno = EBUSY, -1;
	file->reader = in ? me : file->reader;
	file->writer = out ? me : file->writer;
	int got = 0, rc = arm(loop, fd), error = errno;
	if (!rc) {
		loop->file_waits++;
		rc = coro_pause(me, coro_alarm_in(loop, ns));
		error = errno;
		loop->file_waits--;
		file = &loop->file[fd]; /* it may have moved */
	} else if (error == EPERM) { /* epoll does not take what is always ready: files, directories */
		rc = 0;
		got = events & (POLLIN | POLLOUT);
	}
	if (in) {
		got |= file->reader_got;
		file->reader = NULL;
		file->reader_got = 0;
	}
	if (out) {
		got |= file->writer_got;
		file->writer = NULL;
		file->writer_got = 0;
	}
	if (file->reader || file->writer)
		arm(loop, fd); /* the shot is gone, another task still waits */
	if (rc && error == ETIMEDOUT && got)
		return got; /* in the last moment */
	return rc ? (errno = error, -1) : got;
}

//> read
ssize_t coro_read(int fd, void *buffer, size_t bytes, int64_t ns)
{
	for (;;) {
		ssize_t got = read(fd, buffer, bytes);
		if (got >= 0 || (errno != EAGAIN && errno != EINTR))
			return got;
		if (errno == EAGAIN && coro_poll(fd, POLLIN, ns) < 0)
			return -1;
	}
}
//< read

ssize_t coro_write(int fd, const void *buffer, size_t bytes, int64_t ns)
{
	for (size_t done = 0; done < bytes;) {
		ssize_t put = write(fd, (const char *)buffer + done, bytes - done);
		if (put < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (put < 0 && errno == EAGAIN && coro_poll(fd, POLLOUT, ns) < 0)
			return -1;
		done += put > 0 ? (size_t)put : 0;
	}
	return (ssize_t)bytes;
}

/* epoll_wait counts in milliseconds, which is long; epoll_pwait2 (Linux 5.11) in nanoseconds. */
static int wait_events(int epoll, struct epoll_event *event, int64_t ns)
{
#ifdef SYS_epoll_pwait2
	static _Thread_local bool missing;
	if (!missing && ns > 0 && ns != CORO_FOREVER) {
		struct timespec t = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
		int n = (int)syscall(SYS_epoll_pwait2, epoll, event, EVENTS, &t, NULL, 0);
		if (n >= 0 || errno == EINTR)
			return n;
		missing = true;
	}
#endif
	int64_t ms = ns / 1000000 + (ns % 1000000 > 0);
	return epoll_wait(epoll, event, EVENTS, ns == CORO_FOREVER ? -1 : ns <= 0 ? 0 : ms > 1000000 ? 1000000 : (int)ms);
}

void coro_files_look(struct loop *loop, int64_t until_ns)
{
	struct epoll_event event[EVENTS];
	int64_t ns = until_ns == CORO_FOREVER || until_ns <= 0 ? until_ns : until_ns - coro_loop_now(loop);
	int n = wait_events(loop->epoll, event, ns);
	for (int i = 0; i < n; i++)
		if (event[i].data.fd == loop->bell)
			coro_bell_answer(loop);
		else
			ready(&loop->file[event[i].data.fd], (int)event[i].events);
}

void coro_files_end(struct loop *loop)
{
	if (loop->epoll >= 0)
		close(loop->epoll);
	if (loop->bell >= 0)
		close(loop->bell);
	free(loop->file);
	pthread_mutex_destroy(&loop->lock);
}
