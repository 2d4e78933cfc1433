/* The frame of a puzzle: the learner's lines take the place of the line marked below. Three stages, one thread each: fill a block with
 * numbers, sort it, add it up. Exit 0 when every block is sorted after it was filled and before it is passed on. The frame looks at each
 * step itself: what is in the wrong order fails on every machine, not only by bad luck. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCKS = 500, NUMBERS = 64 };
struct belt { pthread_mutex_t lock; pthread_cond_t moved; int ready; };
static struct belt from_reader = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
static struct belt to_counter = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
static int block[BLOCKS][NUMBERS];
static atomic_int filled[BLOCKS], sorted[BLOCKS];
static int too_early, not_sorted;            /* by the middle stage alone, and read when it has ended */
static _Thread_local int waited = -1;         /* the last block that this thread waited for at the reader's belt */

static void await(struct belt *belt, int b)
{
	pthread_mutex_lock(&belt->lock);
	while (belt->ready <= b)
		pthread_cond_wait(&belt->moved, &belt->lock);
	pthread_mutex_unlock(&belt->lock);
	waited = belt == &from_reader ? b : waited;
}

static void pass_on(struct belt *belt)
{
	pthread_mutex_lock(&belt->lock);
	if (belt == &to_counter && belt->ready < BLOCKS && !sorted[belt->ready])
		not_sorted++;
	belt->ready++;
	pthread_cond_signal(&belt->moved);
	pthread_mutex_unlock(&belt->lock);
}

static int by_value(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static void sort_block(int b)
{
	too_early += waited < b; /* it may be there already, by luck; nobody asked */
	if (filled[b])
		qsort(block[b], NUMBERS, sizeof block[b][0], by_value);
	sorted[b] = 1;
}

static void *read_all(void *arg)
{
	for (int b = 0; b < BLOCKS; b++) {
		for (int i = 0; i < NUMBERS; i++)
			block[b][i] = i * 7919 % 104729;
		filled[b] = 1;
		pass_on(&from_reader);
	}
	return arg;
}

static void *sort_all(void *arg)
{
	for (int b = 0; b < BLOCKS; b++) {
		//@
	}
	return arg;
}

int main(void)
{
	pthread_t reader, sorter;
	if (pthread_create(&sorter, NULL, sort_all, NULL) || pthread_create(&reader, NULL, read_all, NULL)) {
		puts("no thread to be had");
		return 2;
	}
	pthread_join(reader, NULL);
	for (int b = 0; b < BLOCKS; b++)
		await(&to_counter, b);
	pthread_join(sorter, NULL);
	if (too_early)
		printf("%d of %d blocks were sorted without waiting for the reader\n", too_early, BLOCKS);
	if (not_sorted)
		printf("%d of %d blocks were passed on before they were sorted\n", not_sorted, BLOCKS);
	int odd = from_reader.ready - BLOCKS;
	if (odd)
		printf("%d blocks were said to be there that the reader never filled\n", odd);
	return too_early || not_sorted || odd;
}
