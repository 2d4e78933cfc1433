/* What the parts of the event loop (coro*.c) share. */
#ifndef LOCKSTEP_CORO_INSIDE_H
#define LOCKSTEP_CORO_INSIDE_H

#include <pthread.h>
#include "kernels/runtime/coro.h"
#include "kernels/runtime/coro_switch.h"

enum coro_state { CORO_READY, CORO_RUNNING, CORO_WAITING, CORO_DONE };

/* One who waits for a task; lies on the stack of the waiter. */
struct coro_waiter {
	struct coro *who;
	struct coro_waiter *next;
};

struct coro {
	struct loop *loop;
	struct coro *next;            /* in the queue of those who are ready */
	struct coro *older, *younger; /* among those alive */
	enum coro_state state;
	bool begun;
	bool asked;                   /* to end: its next wait says so */
	int told;                     /* why its wait was ended: 0, ETIMEDOUT, EDEADLK */
	int handles;                  /* the loop's while it is alive, and the spawner's */
	int error;
	long number, value;
	uint64_t ended;               /* how many had ended before it */
	struct coro_waiter *waiters, **last_waiter;
	int64_t alarm_ns;             /* when it wants to be woken */
	uint64_t alarm_order;
	size_t alarm_place;           /* in the heap, from 1; 0: none */
	coro_function *f;
	void *arg;
	void *stack;
	struct coro_place place;
};

/* Who waits for a descriptor. */
struct coro_file {
	struct coro *reader, *writer;
	int reader_got, writer_got; /* what is ready */
	bool known;                 /* to epoll */
};

/* A blocking call in a thread. */
struct coro_call {
	struct coro *who;
	coro_function *call;
	void *arg;
	long value;
	int error;
	bool back;              /* the loop has heard of it */
	struct coro_call *next; /* among those that have rung */
	struct loop *loop;
};

struct loop {
	struct coro_setup setup;
	struct coro_stats stats;
	struct coro_place place; /* of the loop itself, on the thread's stack */
	struct coro *running;
	struct coro *ready, **last_ready;
	long ready_count;
	struct coro *oldest, *youngest;
	long alive, numbers;
	uint64_t ended, alarms_ever;
	struct coro **alarm; /* a heap: alarm[0] is the next one to wake */
	size_t alarms, alarm_room;
	int64_t now_ns;      /* when time leaps */
	struct coro_file *file; /* by descriptor */
	int files, file_waits;
	int epoll;
	void **spare;        /* stacks of tasks that have ended; room for as many as were ever alive */
	size_t spares, spare_room;
	/* what other threads may touch */
	pthread_mutex_t lock;
	struct coro_call *rung;
	int bell;            /* an eventfd; -1: none yet */
	long calls;          /* in threads */
};

/* coro_loop.c */
struct loop *coro_loop(void);                /* of this thread; NULL: none */
void coro_enqueue(struct coro *c);
void coro_wake(struct coro *c, int told);    /* ends its wait; does nothing if it does not wait */
/* Before a wait: 0, or -1 with errno when this is no task, or it was asked to end. */
int coro_may_wait(struct coro **me);
/* The running task waits until it is woken, or until the alarm (CORO_FOREVER: none). 0, or -1 with ECANCELED, ETIMEDOUT or EDEADLK. */
int coro_pause(struct coro *me, int64_t alarm_ns);
int64_t coro_loop_now(const struct loop *loop);
int64_t coro_alarm_in(const struct loop *loop, int64_t ns); /* CORO_FOREVER stays so */

/* coro_alarms.c */
int coro_alarm_reserve(struct loop *loop, size_t n);
void coro_alarm_set(struct coro *c, int64_t ns);
void coro_alarm_off(struct coro *c);
void coro_alarms_ring(struct loop *loop, int64_t now_ns);

/* coro_files.c */
void coro_files_look(struct loop *loop, int64_t until_ns); /* sleeps until something is ready, at most until then; <= 0: only looks */
void coro_files_end(struct loop *loop);
/* coro_thread.c */
void coro_bell_answer(struct loop *loop);

#endif
