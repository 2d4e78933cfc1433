/* The frame of a puzzle: the learner's lines take the place of the line marked below. Two threads add 1 to one counter, one of them
 * once, the other twice. Each step waits until it is called up. Exit 0 when all steps were done and the counter ends at 1. */
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static long counter;
static struct adder {
	sem_t go, done;
	long old; /* what it has read: its own, as in a register */
	int steps, times;
} one = {.times = 1}, two = {.times = 2};

static void *add(void *arg)
{
	struct adder *me = arg;
	for (int i = 0; i < me->times; i++) {
		sem_wait(&me->go);
		me->old = counter;
		sem_post(&me->done);
		sem_wait(&me->go);
		counter = me->old + 1;
		sem_post(&me->done);
	}
	return NULL;
}

/* Lets the thread do its next step and waits until it is done. */
static void step(struct adder *who, bool write)
{
	if (who->steps == 2 * who->times || who->steps++ % 2 != write) {
		puts("a thread writes only what it has read just before");
		exit(1);
	}
	sem_post(&who->go);
	sem_wait(&who->done);
}
static void reads(struct adder *who) { step(who, false); }
static void writes(struct adder *who) { step(who, true); }

int main(void)
{
	struct adder *adder[] = {&one, &two};
	pthread_t thread[2];
	for (int t = 0; t < 2; t++) {
		sem_init(&adder[t]->go, 0, 0);
		sem_init(&adder[t]->done, 0, 0);
		if (pthread_create(&thread[t], NULL, add, adder[t]) != 0) {
			puts("no thread to be had");
			return 2;
		}
	}
	//@
	if (one.steps + two.steps < 6) {
		puts("there are six steps in all: some are missing");
		return 1;
	}
	for (int t = 0; t < 2; t++)
		pthread_join(thread[t], NULL);
	if (counter == 1)
		return 0;
	printf("the counter ends at %ld\n", counter);
	return 1;
}
