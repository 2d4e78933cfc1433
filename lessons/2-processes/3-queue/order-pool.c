/* The frame of a puzzle: the learner's lines take the place of the line marked below. A producer and three workers with a
 * queue between them that has room for four. Exit 0 when every item was done once and all workers have ended. What would
 * wait for ever is told after a while, and the program ends. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WORKERS = 3, ITEMS = 100, ROOM = 4, END = -1, PATIENCE_S = 2 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int queue[ROOM], in, out, done[ITEMS], started, ended;
static pthread_t worker[WORKERS];

static void hopeless(const char *why)
{
	puts(why);
	exit(1);
}

/* With the lock held: waits for a change, but not for ever. */
static void wait_for_change(const char *why)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	if (pthread_cond_timedwait(&changed, &lock, &until) == ETIMEDOUT && why)
		hopeless(why);
}

static void put(int item)
{
	pthread_mutex_lock(&lock);
	while (in - out == ROOM)
		wait_for_change(ended == WORKERS ? "the queue is full, and all workers have ended: the producer would wait for ever"
						 : "the queue is full, and nobody takes anything: the producer would wait for ever");
	queue[in++ % ROOM] = item;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static int get(void)
{
	pthread_mutex_lock(&lock);
	while (in == out)
		wait_for_change(NULL);
	int item = queue[out++ % ROOM];
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return item;
}

static void *work(void *arg)
{
	for (int item; (item = get()) != END;) {
		pthread_mutex_lock(&lock);
		done[item]++;
		pthread_mutex_unlock(&lock);
	}
	pthread_mutex_lock(&lock);
	ended++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return arg;
}

static void start_workers(void)
{
	for (; started < WORKERS; started++)
		if (pthread_create(&worker[started], NULL, work, NULL))
			exit(2);
}

static void join_workers(void)
{
	pthread_mutex_lock(&lock);
	while (ended < started)
		wait_for_change("some workers wait for an item or a sentinel, and the producer waits for them: for ever");
	pthread_mutex_unlock(&lock);
	for (; started > 0; started--)
		pthread_join(worker[started - 1], NULL);
}

int main(void)
{
	//@
	int missing = 0;
	pthread_mutex_lock(&lock);
	for (int i = 0; i < ITEMS; i++)
		missing += done[i] != 1;
	if (missing)
		printf("%d of %d items were not done\n", missing, ITEMS);
	else if (ended < WORKERS)
		printf("%d of %d workers have not ended\n", WORKERS - ended, WORKERS);
	return missing || ended < WORKERS;
}
