/* Futures from the inside: what thread_pool.c and process_pool.c share. */
#ifndef LOCKSTEP_POOL_INSIDE_H
#define LOCKSTEP_POOL_INSIDE_H

#include <stdatomic.h>
#include "kernels/runtime/future.h"

struct watcher {
	void (*then)(struct future *f, void *context);
	void *context;
	struct watcher *next;
};

struct future {
	_Atomic uint32_t state;    /* a futex word; the last change to it publishes all the rest */
	_Atomic uint32_t sleepers; /* threads that may sleep on it */
	_Atomic int owners;        /* who may still look at it: the caller, the pool, a watcher that is being called */
	_Atomic bool asked;        /* to stop */
	_Atomic(struct watcher *) watchers; /* newest first; &future_closed when it is done */
	const struct pool_kind *kind;
	struct pool *pool;         /* valid until it is done */
	struct future *next;       /* in the pool's queue */
	future_work *work;
	int error, signal, worker; /* worker: where it runs, written by the pool under its lock */
	size_t argument_bytes, result_bytes;
	unsigned char *argument, *result; /* both in `bytes` */
	_Alignas(max_align_t) unsigned char bytes[];
};

struct pool_kind {
	bool (*submit)(struct pool *pool, struct future *f); /* takes one ownership, or false with errno */
	void (*shutdown)(struct pool *pool, bool cancel);
	void (*ask)(struct pool *pool, struct future *f); /* NULL, or tells a running task that it was asked to stop */
	bool (*kill)(struct pool *pool, struct future *f); /* NULL: can't */
	/* NULL, or around an endless wait of this pool's worker w: false if it would leave no worker at work. */
	bool (*may_wait)(struct pool *pool, int w, struct future *f);
	void (*waited)(struct pool *pool, int w);
};

struct pool { /* first member of each kind of pool */
	const struct pool_kind *kind;
};

/* Who runs on this thread: set by the worker. */
struct task_context {
	struct pool *pool;         /* of a worker thread; NULL in a worker process */
	int worker;                /* -1: no worker */
	bool in_process;           /* a worker process */
	const _Atomic bool *asked; /* of the task that runs */
};
extern _Thread_local struct task_context task_context;

/* QUEUED to RUNNING: false if it was cancelled before. */
bool future_begin(struct future *f);
/* Ends it and tells all who wait. Once, by whoever began it. Does not give up ownership. */
void future_finish(struct future *f, enum future_state state, int error, int signal);
/* From QUEUED to CANCELLED or FAILED: false if it is not queued any more. */
bool future_refuse(struct future *f, enum future_state state, int error);
/* Runs the work and finishes it; in the thread that began it. */
void future_run(struct future *f);

/* The moment `limit_ns` from now (< 0: never), and what is left until then (< 0: for ever; 0: it is over). */
int64_t limit_end(int64_t limit_ns);
int64_t limit_left(int64_t end);

#endif
