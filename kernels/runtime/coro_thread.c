/* Blocking calls on threads of their own. A thread that is done hangs its call up and rings the bell: a descriptor for which the loop
 * waits like for any other. This is the only place where another thread touches a loop. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "kernels/runtime/coro_inside.h"

enum { THREAD_STACK = 256 << 10 };

static void *carry_out(void *arg)
{
	struct coro_call *call = arg;
	struct loop *loop = call->loop;
	errno = 0;
	call->value = call->call(call->arg);
	call->error = errno;
	pthread_mutex_lock(&loop->lock);
	call->next = loop->rung;
	loop->rung = call; /* from here on the call, and the loop, may go at any time: … */
	uint64_t one = 1;
	while (write(loop->bell, &one, sizeof one) < 0 && errno == EINTR)
		;
	pthread_mutex_unlock(&loop->lock); /* … but who wants the list needs the lock */
	return NULL;
}

void coro_bell_answer(struct loop *loop)
{
	uint64_t rings;
	struct coro_call *order = NULL;
	while (read(loop->bell, &rings, sizeof rings) < 0 && errno == EINTR)
		;
	pthread_mutex_lock(&loop->lock);
	for (struct coro_call *c = loop->rung, *next; c; c = next) { /* the list is last in, first out */
		next = c->next;
		c->next = order;
		order = c;
	}
	loop->rung = NULL;
	pthread_mutex_unlock(&loop->lock);
	for (struct coro_call *c = order, *next; c; c = next) {
		next = c->next;
		c->back = true;
		coro_wake(c->who, 0);
	}
}

static int hang_bell(struct loop *loop)
{
	if (loop->bell >= 0)
		return 0;
	int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct epoll_event event = {.events = EPOLLIN, .data.fd = bell};
	if (bell < 0)
		return -1;
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, bell, &event)) {
		int error = errno;
		close(bell);
		return errno = error, -1;
	}
	loop->bell = bell;
	return 0;
}

long coro_in_thread(coro_function *function, void *arg)
{
	struct coro *me;
	if (coro_may_wait(&me) || hang_bell(me->loop))
		return -1;
	struct coro_call call = {.who = me, .call = function, .arg = arg, .loop = me->loop};
	pthread_attr_t attr;
	pthread_t thread;
	int error = pthread_attr_init(&attr);
	if (!error) {
#ifndef SANITIZED
		pthread_attr_setstacksize(&attr, THREAD_STACK);
#endif
		error = pthread_create(&thread, &attr, carry_out, &call);
		pthread_attr_destroy(&attr);
	}
	if (error)
		return errno = error, -1;
	bool asked = false;
	me->loop->calls++;
	while (!call.back) /* it writes to our stack: whatever comes, we are here until then */
		asked = coro_pause(me, CORO_FOREVER) && errno == ECANCELED ? true : asked;
	me->loop->calls--;
	pthread_join(thread, NULL); /* it is about to end */
	if (asked)
		return errno = ECANCELED, -1;
	if (call.value == -1)
		errno = call.error;
	return call.value;
}
