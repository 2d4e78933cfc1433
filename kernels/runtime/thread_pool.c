#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include "kernels/runtime/pool_inside.h"
#include "kernels/runtime/thread_pool.h"

struct worker {
	struct thread_pool *pool;
	int index;
	struct future *waits_for; /* inside an endless wait of its task */
	struct future *runs;      /* to be asked at the shutdown */
	pthread_t thread;
};

struct thread_pool {
	struct pool pool;
	struct pool_setup setup;
	pthread_mutex_t lock; /* for all below */
	pthread_cond_t work;  /* there is a task, or the end has come */
	struct future *first, **last;
	int sleepers;
	bool stop;
	struct worker worker[];
};

static bool submit(struct pool *pool, struct future *f)
{
	struct thread_pool *p = (struct thread_pool *)pool;
	pthread_mutex_lock(&p->lock);
	bool open = !p->stop;
	if (open) {
		*p->last = f;
		p->last = &f->next;
		if (p->sleepers)
			pthread_cond_signal(&p->work);
	}
	pthread_mutex_unlock(&p->lock);
	errno = ESHUTDOWN;
	return open;
}

/* The oldest task; sleeps until there is one. NULL: there will be none any more. */
static struct future *next(struct worker *me)
{
	struct thread_pool *p = me->pool;
	pthread_mutex_lock(&p->lock);
	me->runs = NULL;
	while (!p->first && !p->stop) {
		p->sleepers++;
		pthread_cond_wait(&p->work, &p->lock);
		p->sleepers--;
	}
	struct future *f = me->runs = p->first;
	if (f && !(p->first = f->next))
		p->last = &p->first;
	pthread_mutex_unlock(&p->lock);
	return f;
}

static void *work(void *arg)
{
	struct worker *me = arg;
	const struct pool_setup *setup = &me->pool->setup;
	task_context = (struct task_context){.pool = &me->pool->pool, .worker = me->index};
	if (setup->begin)
		setup->begin(setup->context, me->index);
	for (struct future *f, *before = NULL; (f = next(me)) || before; before = f) {
		future_free(before); /* not sooner: until `next` it stood in `runs` */
		if (!f)
			break;
		if (future_begin(f)) /* else it was cancelled while it queued */
			future_run(f);
	}
	if (setup->end)
		setup->end(setup->context, me->index);
	return NULL;
}

/* Would every worker wait for a task that is not over? Then nobody were left to end one of them. The last one to come sees all others
 * under the lock; a wait whose future has just been done is no obstacle, although that worker is not awake yet. */
static bool may_wait(struct pool *pool, int w, struct future *f)
{
	struct thread_pool *p = (struct thread_pool *)pool;
	pthread_mutex_lock(&p->lock);
	p->worker[w].waits_for = f;
	bool fine = false;
	for (int i = 0; i < p->setup.workers && !fine; i++)
		fine = !p->worker[i].waits_for || future_done(p->worker[i].waits_for);
	if (!fine)
		p->worker[w].waits_for = NULL;
	pthread_mutex_unlock(&p->lock);
	return fine;
}

static void waited(struct pool *pool, int w)
{
	struct thread_pool *p = (struct thread_pool *)pool;
	pthread_mutex_lock(&p->lock);
	p->worker[w].waits_for = NULL;
	pthread_mutex_unlock(&p->lock);
}

/* Ends the workers that were started. */
static void end(struct thread_pool *p, int started, bool cancel)
{
	struct future *queued = NULL;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	if (cancel) {
		queued = p->first;
		p->first = NULL;
		p->last = &p->first;
		for (int w = 0; w < started; w++)
			if (p->worker[w].runs)
				atomic_store(&p->worker[w].runs->asked, true);
	}
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (struct future *f = queued, *after; f; f = after) {
		after = f->next;
		future_refuse(f, FUTURE_CANCELLED, ECANCELED);
		future_free(f);
	}
	for (int w = 0; w < started; w++)
		pthread_join(p->worker[w].thread, NULL);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static void shutdown(struct pool *pool, bool cancel)
{
	struct thread_pool *p = (struct thread_pool *)pool;
	end(p, p->setup.workers, cancel);
}

static const struct pool_kind kind = {.submit = submit, .shutdown = shutdown, .may_wait = may_wait, .waited = waited};

struct pool *thread_pool_new(const struct pool_setup *setup)
{
	struct thread_pool *p = calloc(1, sizeof *p + (size_t)setup->workers * sizeof p->worker[0]);
	if (!p)
		return NULL;
	p->pool.kind = &kind;
	p->setup = *setup;
	p->last = &p->first;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	for (int w = 0; w < setup->workers; w++) {
		p->worker[w].pool = p;
		p->worker[w].index = w;
		int error = pthread_create(&p->worker[w].thread, NULL, work, &p->worker[w]);
		if (error) {
			end(p, w, true);
			errno = error;
			return NULL;
		}
	}
	return &p->pool;
}
