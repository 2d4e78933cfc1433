/* The frame of a puzzle: the learner's lines take the place of the line marked below. Eight threads scan eight numbers in three steps;
 * exit 0 when each ends with its running total. In one step some threads are slow to read, in the next some are slow to write: a
 * barrier that is missing is missed, on one core as on many. */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

enum { THREADS = 8 };
static pthread_barrier_t all, own[THREADS];
static volatile long number[THREADS];
static _Thread_local int step; /* 1, 2, 3 */

static void be_slow(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

/* What stands `by` places to the left. */
static inline long read_left(int me, int by)
{
	if (++step == 1 && me >= THREADS / 2)
		be_slow();
	return me >= by ? number[me - by] : 0;
}

static inline void add_to(int me, long left)
{
	if (step == 2 && me < THREADS / 2)
		be_slow();
	number[me] += left;
}

static void *scan(void *arg)
{
	int me = (int)(size_t)arg;
	pthread_barrier_wait(&all);
	for (int by = 1; by < THREADS; by *= 2) {
		//@
	}
	return NULL;
}

int main(void)
{
	pthread_t thread[THREADS];
	long total = 0;
	int wrong = 0;
	pthread_barrier_init(&all, NULL, THREADS);
	for (int t = 0; t < THREADS; t++) {
		number[t] = (t + 3) * (t + 5);
		pthread_barrier_init(&own[t], NULL, 1);
	}
	for (int t = 0; t < THREADS; t++)
		if (pthread_create(&thread[t], NULL, scan, (void *)(size_t)t) != 0) {
			puts("no thread to be had");
			return 2;
		}
	for (int t = 0; t < THREADS; t++)
		pthread_join(thread[t], NULL);
	for (int t = 0; t < THREADS; t++) {
		total += (t + 3) * (t + 5);
		if (number[t] != total && !wrong++)
			printf("thread %d ends with %ld, its running total is %ld\n", t, number[t], total);
	}
	return wrong > 0;
}
