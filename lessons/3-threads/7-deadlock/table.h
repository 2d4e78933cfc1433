/* The table of the lesson `deadlock`: forks, seats, and the graph of who waits for whom. */
#ifndef LOCKSTEP_DEADLOCK_TABLE_H
#define LOCKSTEP_DEADLOCK_TABLE_H

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "kernels/kernel.h"

struct fork {
	_Alignas(64) pthread_mutex_t mutex;
	long used; /* counted by whoever holds it */
	int number, holder; /* the graph: a seat, -1: nobody */
};

struct seat {
	_Alignas(64) struct job *job;
	int id;
	bool (*take)(struct seat *me); /* both forks, in the way of the variant; false: the dinner is over */
	void (*put)(struct seat *me);
	struct fork *left, *right, *wants; /* wants: the graph; NULL: nothing */
	long meals;
	uint64_t thought;
};

struct table {
	atomic_long dishes;    /* meals not yet begun */
	sem_t chairs;          /* waiter: how many may sit down */
	pthread_mutex_t graph; /* for holder, wants, over and circle */
	bool watched;  /* naive: ends the dinner when a circle closes */
	bool over, together;
	atomic_int hold_left; /* together: nobody takes the right fork before all have the left one */
	int philosophers, circle[KERNEL_WORKERS_MAX], circle_length;
	struct fork forks[KERNEL_WORKERS_MAX + 1];
	struct seat seat[KERNEL_WORKERS_MAX];
};

static void compute(struct seat *me)
{
	for (uint64_t i = (uint64_t)me->job->arg[1]; i > 0; i--)
		me->thought = me->thought * UINT64_C(6364136223846793005) + 1; /* Knuth's MMIX constant: a chain nobody can shorten */
}

static void put_fork(struct table *t, struct fork *f)
{
	pthread_mutex_lock(&t->graph);
	f->holder = -1;
	pthread_mutex_unlock(&t->graph);
	pthread_mutex_unlock(&f->mutex);
}

//> graph
/* Me, who holds the fork I want, who holds the fork *they* want …: does it lead back to me? Kept as the circle. */
static bool closes_circle(struct table *t, struct seat *me)
{
	int n = 0;
	for (struct seat *s = me; s->wants && s->wants->holder >= 0 && n < t->philosophers; s = &t->seat[s->wants->holder]) {
		t->circle[n++] = s->id;
		if (s->wants->holder == me->id)
			return t->circle_length = n, true;
	}
	return false;
}

/* Locks a fork and keeps the graph. False: the dinner is over, and I don't hold it. */
static bool take_fork(struct seat *me, struct fork *f)
{
	struct table *t = me->job->data;
	pthread_mutex_lock(&t->graph);
	me->wants = f;
	t->over = t->over || (t->watched && closes_circle(t, me));
	bool over = t->over;
	pthread_mutex_unlock(&t->graph);
	if (over)
		return false; /* else I would sleep in the next line, for ever */
	pthread_mutex_lock(&f->mutex);
	pthread_mutex_lock(&t->graph);
	me->wants = NULL;
	f->holder = me->id;
	over = t->over;
	pthread_mutex_unlock(&t->graph);
	if (over)
		put_fork(t, f); /* somebody has given back its fork and gone; so do I */
	return !over;
}
//< graph

/* The i-th in the circle that was found; the one with the smallest number comes first. */
static int in_circle(const struct table *t, int i)
{
	int first = 0;
	for (int k = 1; k < t->circle_length; k++)
		first = t->circle[k] < t->circle[first] ? k : first;
	return t->circle[(first + i) % t->circle_length];
}

/* "1>2>3>1"; "" without a circle. */
static void draw_circle(const struct table *t, char *text, size_t size)
{
	size_t used = 0;
	*text = '\0';
	for (int i = 0; i <= t->circle_length && t->circle_length && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%d", i ? ">" : "", in_circle(t, i) + 1);
}

/* The arm on its way from one fork to the other: now and then somebody else gets the core just here. */
static void reach(struct seat *me)
{
	struct table *t = me->job->data;
	if (t->together && !me->meals)
		for (atomic_fetch_add(&t->hold_left, 1); atomic_load(&t->hold_left) < t->philosophers;)
			sched_yield();
	else if (me->meals % 64 == 0)
		sched_yield();
}

/* All forks on the table, nobody has eaten. */
static void lay(struct job *job, bool (*take)(struct seat *), void (*put)(struct seat *))
{
	struct table *t = job->data;
	int n = t->philosophers = job->workers, forks = n < 2 ? 2 : n; /* who dines alone has two forks as well */
	t->over = false;
	t->circle_length = 0;
	t->hold_left = 0;
	t->dishes = (long)job_size(job);
	sem_init(&t->chairs, 0, n > 1 ? (unsigned)n - 1 : 1);
	for (int i = 0; i < forks; i++)
		t->forks[i].number = i, t->forks[i].holder = -1, t->forks[i].used = 0;
	for (int i = 0; i < n; i++)
		t->seat[i] = (struct seat){job, i, take, put, &t->forks[i], &t->forks[(i + 1) % forks], .thought = job->seed + (uint64_t)i};
}

#endif
