/* The frame of a puzzle: the learner's lines take the place of the line marked below. Two threads take items that come one by
 * one; all are told of each. Exit 0 when nobody took from an empty box and each item was taken once. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CONSUMERS = 2, EACH = 50 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
static volatile int items;

/* Slow between looking and taking, so that another thread can come between where nothing keeps it out. */
static void take(void)
{
	int before = items;
	usleep(100);
	if (before <= 0 || items != before) {
		puts(before <= 0 ? "somebody took from an empty box" : "two threads took the same item");
		exit(1);
	}
	items = before - 1;
}

static void *consume(void *arg)
{
	for (int i = 0; i < EACH; i++) {
		//@
	}
	return arg;
}

int main(void)
{
	pthread_t thread[CONSUMERS];
	for (int t = 0; t < CONSUMERS; t++)
		if (pthread_create(&thread[t], NULL, consume, NULL) != 0) {
			puts("no thread to be had");
			return 2;
		}
	for (int i = 0; i < CONSUMERS * EACH; i++) {
		usleep(1000); /* the next item comes late: both are asleep by then */
		pthread_mutex_lock(&lock);
		items = items + 1;
		pthread_cond_broadcast(&not_empty);
		pthread_mutex_unlock(&lock);
	}
	for (int t = 0; t < CONSUMERS; t++)
		pthread_join(thread[t], NULL);
	if (items == 0)
		return 0;
	printf("%d items were left\n", items);
	return 1;
}
