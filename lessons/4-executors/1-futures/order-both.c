/* The frame of a puzzle: the learner's lines take the place of the line marked below. Two tasks are submitted; each waits, two seconds at
 * most, until the other one has begun. Exit 0 when they met and the sum is right: that needs both submitted before one is waited for. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct future { pthread_t thread; long *place; };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static int begun, met;
static long number[8], place[8];
static int submitted;

static void *task(void *arg)
{
	long *n = arg;
	struct timespec end;
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += 2;
	pthread_mutex_lock(&lock);
	begun++;
	pthread_cond_broadcast(&came);
	while (begun < 2 && !pthread_cond_timedwait(&came, &lock, &end))
		;
	met += begun >= 2;
	pthread_mutex_unlock(&lock);
	nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL); /* its answer takes a while: who looks at once sees nothing */
	place[n - number] = 21 * *n;
	return NULL;
}

/* A pool that starts a thread for each task: enough for a puzzle. */
static struct future submit(long n)
{
	struct future f = {.place = &place[submitted]};
	number[submitted] = n;
	if (pthread_create(&f.thread, NULL, task, &number[submitted++]) != 0) {
		puts("no thread to be had");
		exit(2);
	}
	return f;
}

__attribute__((unused)) static long result(struct future f)
{
	pthread_join(f.thread, NULL);
	return *f.place;
}

int main(void)
{
	long sum = 0;
	//@
	if (met == 2 && sum == 63)
		return 0;
	if (met < 2)
		puts("the two tasks did not run at the same time");
	else
		printf("the sum is %ld, not 63\n", sum);
	return 1;
}
