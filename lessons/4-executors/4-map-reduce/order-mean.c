/* Three workers, a share each; the mean of all numbers is wanted. The lines that fold the partial results are put in by the learner. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>

enum { WORKERS = 3, NUMBERS = 10 };

static struct part {
	int first, last;
	double sum, n, mean;
} part[WORKERS] = {{.last = 4}, {.first = 4, .last = 7}, {.first = 7, .last = NUMBERS}};

static void *map(void *arg)
{
	struct part *p = arg;
	for (int i = p->first; i < p->last; i++)
		p->sum += i * i, p->n++;
	p->mean = p->sum / p->n;
	return NULL;
}

int main(void)
{
	pthread_t thread[WORKERS];
	double sum = 0, n = 0, mean = 0, expected = 28.5; /* of 0, 1, 4, 9, … 81 */
	for (int w = 0; w < WORKERS; w++)
		if (pthread_create(&thread[w], NULL, map, &part[w]))
			return 2;
	for (int w = 0; w < WORKERS; w++)
		pthread_join(thread[w], NULL);

//@

	(void)sum, (void)n;
	printf("mean %g, expected %g\n", mean, expected);
	return fabs(mean - expected) > 1e-9;
}
