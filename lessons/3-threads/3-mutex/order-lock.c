/* The frame of a puzzle: the learner's lines take the place of the line marked below. Two threads add to one counter; exit
 * 0 when no update is lost. Now and then a thread lets the other one in right after it has read the counter, or right
 * before it writes it: what can go wrong there does go wrong, on one core as on many. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

enum { THREADS = 2, TIMES = 200000 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile long counter;
static pthread_barrier_t start;

static long read_counter(void)
{
	long value = counter;
	if (value % 100 == 0)
		sched_yield();
	return value;
}

static void write_counter(long value)
{
	if (value % 100 == 50)
		sched_yield();
	counter = value;
}

static void *add(void *arg)
{
	pthread_barrier_wait(&start);
	for (int i = 0; i < TIMES; i++) {
		//@
	}
	return arg;
}

int main(void)
{
	pthread_t thread[THREADS];
	long wanted = (long)THREADS * TIMES;
	pthread_barrier_init(&start, NULL, THREADS);
	for (int t = 0; t < THREADS; t++)
		if (pthread_create(&thread[t], NULL, add, NULL) != 0) {
			puts("no thread to be had");
			return 2;
		}
	for (int t = 0; t < THREADS; t++)
		pthread_join(thread[t], NULL);
	if (counter == wanted)
		return 0;
	printf("%ld of %ld updates are lost\n", wanted - counter, wanted);
	return 1;
}
