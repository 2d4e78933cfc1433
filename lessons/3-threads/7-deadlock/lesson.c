/* Deadlock: everybody waits for everybody                                                                   ★★☆
 *
 * What you learn: locks that are right one by one can be wrong together. When each thread holds one lock and waits for
 * the next, in a circle, all of them wait for ever. A wait-for graph shows the circle; taking away one of the four
 * conditions cures it.
 *
 * How the number is made: the philosophers of E. W. Dijkstra ("Hierarchical ordering of sequential processes", Acta
 * Informatica 1, 1971). --threads philosophers sit around a table, a fork (a mutex) lies between each two, one needs
 * both forks to eat. --size meals in all, dealt to whoever is hungry; to think and to eat take --bite steps of
 * computing each. Afterwards all meals must have been eaten, and every fork counts how often it was used: 2 uses a
 * meal, or two neighbours have held the same fork at once. `naive` keeps a graph of who waits for whom, and whoever
 * would close a circle ends the dinner instead of going to sleep for ever. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "lessons/3-threads/7-deadlock/shown.h"
#include "lessons/3-threads/7-deadlock/table.h"
#include "lessons/lesson.h"

//> naive
static bool take_naive(struct seat *me)
{
	if (!take_fork(me, me->left)) /* everybody takes the left fork first … */
		return false;
	reach(me);
	if (take_fork(me, me->right)) /* … and waits for the right one, which is the neighbour's left one */
		return true;
	put_fork(me->job->data, me->left);
	return false;
}
//< naive

static void put_naive(struct seat *me)
{
	put_fork(me->job->data, me->left);
	put_fork(me->job->data, me->right);
}

static void put_both(struct seat *me)
{
	pthread_mutex_unlock(&me->left->mutex);
	pthread_mutex_unlock(&me->right->mutex);
}

//> ordered
static bool take_ordered(struct seat *me)
{
	bool left_first = me->left->number < me->right->number;
	pthread_mutex_lock(left_first ? &me->left->mutex : &me->right->mutex); /* the smaller number first, */
	reach(me);
	pthread_mutex_lock(left_first ? &me->right->mutex : &me->left->mutex); /* the greater one second */
	return true;
}
//< ordered

//> trylock
static bool take_trylock(struct seat *me)
{
	struct fork *first = me->left, *second = me->right;
	for (;;) {
		pthread_mutex_lock(&first->mutex);
		reach(me);
		if (pthread_mutex_trylock(&second->mutex) == 0)
			return true;
		pthread_mutex_unlock(&first->mutex); /* taken: hold nothing while you wait, … */
		struct fork *taken = second;
		second = first;
		first = taken; /* … and wait for the one that was missing */
		sched_yield();
	}
}
//< trylock

//> waiter
static bool take_waiter(struct seat *me)
{
	struct table *t = me->job->data;
	while (sem_wait(&t->chairs) != 0)
		; /* one chair less than philosophers: somebody always has both neighbours' forks in reach */
	pthread_mutex_lock(&me->left->mutex);
	reach(me);
	pthread_mutex_lock(&me->right->mutex);
	return true;
}

static void put_waiter(struct seat *me)
{
	put_both(me);
	sem_post(&((struct table *)me->job->data)->chairs); /* the chair is free */
}
//< waiter

//> dine
static void *dine(void *arg)
{
	struct seat *me = arg;
	struct table *t = me->job->data;
	worker_begin(me->job, me->id);
	while (atomic_fetch_sub(&t->dishes, 1) > 0) {
		compute(me); /* thinks */
		if (!me->take(me))
			break;
		compute(me); /* eats */
		me->left->used++, me->right->used++, me->meals++;
		me->put(me);
	}
	worker_end(me->job, me->id);
	return NULL;
}
//< dine

static int run(struct job *job, bool (*take)(struct seat *), void (*put)(struct seat *))
{
	struct table *t = job->data;
	pthread_t thread[KERNEL_WORKERS_MAX];
	int started = 0, error = 0;
	lay(job, take, put);
	parallel_begin(job, job->workers);
	for (; started < job->workers && !error; started += !error)
		error = pthread_create(&thread[started], NULL, dine, &t->seat[started]);
	t->hold_left += error ? KERNEL_WORKERS_MAX : 0; /* not all will come: wait for none of them */
	for (int i = 0; i < started; i++) /* those who have come eat all there is, however few they are */
		pthread_join(thread[i], NULL);
	parallel_end(job);
	sem_destroy(&t->chairs);
	return (errno = error) ? -1 : 0;
}

static int run_naive(struct job *job) { return run(job, take_naive, put_naive); }
static int run_ordered(struct job *job) { return run(job, take_ordered, put_both); }
static int run_trylock(struct job *job) { return run(job, take_trylock, put_both); }
static int run_waiter(struct job *job) { return run(job, take_waiter, put_waiter); }

//> serial
static int run_serial(struct job *job)
{
	struct table *t = job->data;
	lay(job, NULL, NULL);
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (struct seat *me = t->seat; me->meals < (long)job_size(job); me->meals++) {
		compute(me);
		compute(me);
		me->left->used++, me->right->used++;
	}
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

static int prepare(struct job *job)
{
	struct table *t = job->data = aligned_alloc(64, sizeof *t);
	if (!t)
		return -1;
	t->watched = true;
	t->together = false;
	pthread_mutex_init(&t->graph, NULL);
	for (int i = 0; i <= KERNEL_WORKERS_MAX; i++)
		pthread_mutex_init(&t->forks[i].mutex, NULL);
	return 0;
}

static void release(struct job *job) { free(job->data), job->data = NULL; }

/* All meals eaten, and two forks used for each: the forks' own counts are right only if nobody shared a fork. */
static struct outcome verify(const struct job *job)
{
	const struct table *t = job->data;
	long expected = (long)job_size(job), eaten = 0, used = 0;
	char circle[80] = "";
	for (int i = 0; i < t->philosophers; i++)
		eaten += t->seat[i].meals;
	for (int i = 0; i < t->philosophers || i < 2; i++)
		used += t->forks[i].used;
	struct outcome out = {eaten == expected && used == 2 * expected, (double)expected, (double)eaten, ""};
	draw_circle(t, circle, sizeof circle);
	snprintf(out.text, sizeof out.text, "ate %ld of %ld meals, used forks %ld times%s%s", eaten, expected, used,
			 t->over ? "; deadlock, each waits for the next: " : "", circle);
	return out;
}

static const struct variant variants[] = {
	{"serial", "one philosopher eats all, without locks", .run = run_serial},
	{"naive", "left fork first, then the right one", KIND_THREADS,
	 "everybody may hold the left fork and wait for the right one: a circle", .blocks = true, .run = run_naive},
	{"ordered", "the fork with the smaller number first", KIND_THREADS, .blocks = true, .run = run_ordered},
	{"trylock", "second fork taken? give the first one back", KIND_THREADS, .blocks = true, .run = run_trylock},
	{"waiter", "one chair less than philosophers", KIND_THREADS, .blocks = true, .run = run_waiter},
	{0},
};

static const struct kernel kernel_philosophers = {
	.name = "philosophers", .title = "Dining philosophers", .source = __FILE__,
	.params = {{"size", "meals", "meals in all, for whoever is hungry", 0, 1e9, 20000, false},
			   {"bite", "steps", "steps of computing, to think and again to eat", 0, 1e9, 1000, false}},
	.prepare = prepare, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_philosophers);

static const struct demo demos[] = {
	{"circle", "five philosophers, each with the left fork in hand: who waits for whom?",
	 "each holds one fork and waits for the next one, in a circle", .run = demo_circle},
	{"asleep", "the same without the graph, in a process of its own: what a deadlock looks like from outside",
	 "nobody looks for the circle: all sleep until the process is killed", .run = demo_asleep},
	{"fair", "each cure with five philosophers: who eats how much?", .run = demo_fair},
	{"all-orders", "every schedule of three philosophers: how many are stuck, without and with an order of forks?",
	 .run = demo_all_orders},
	{0},
};

static const struct lesson lesson = {
	.id = "deadlock", .level = 2, .minutes_min = 35, .minutes_max = 53,
	.needs = "race mutex semaphore", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_philosophers, NULL}, .threads = "2,5", .demos = demos,
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
