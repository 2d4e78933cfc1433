/* The frame of a puzzle: the learner's lines take the place of the line marked below. Two threads make a ring of cells
 * anew, phase after phase, and swap the two copies of it themselves; exit 0 when every cell is right. Now and then a
 * thread lets the other one go first: a barrier that is missing shows on one core as on many. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

enum { THREADS = 2, CELLS = 8, PHASES = 2000 };
static pthread_barrier_t meet, start;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile unsigned copy[2][CELLS];
static volatile int old_copy;

static unsigned anew(unsigned left, unsigned here, unsigned right) { return left + 3 * here + right; }

static void dawdle(int phase)
{
	for (int i = phase % 50 ? 1 : 20; i > 0; i--)
		sched_yield();
}

static int phase_of[THREADS];

/* One phase of one half of the ring. */
static void step(int me)
{
	for (int i = me * CELLS / THREADS; i < (me + 1) * CELLS / THREADS; i++) {
		unsigned left = copy[old_copy][(i + CELLS - 1) % CELLS], right = copy[old_copy][(i + 1) % CELLS];
		if (i % 2 == 0)
			dawdle(phase_of[me] + me * 25);
		copy[!old_copy][i] = anew(left, copy[old_copy][i], right);
	}
}

static void swap_copies(void)
{
	dawdle(phase_of[0]);
	old_copy = !old_copy;
}

static void *work(void *arg)
{
	int me = arg != NULL;
	pthread_barrier_wait(&start);
	for (phase_of[me] = 0; phase_of[me] < PHASES; phase_of[me]++) {
		//@
	}
	return arg;
}

int main(void)
{
	pthread_t thread[THREADS];
	unsigned cell[CELLS], next[CELLS];
	int wrong = 0;
	for (int i = 0; i < CELLS; i++)
		copy[0][i] = cell[i] = (unsigned)(i * i + 1);
	for (int k = 0; k < PHASES; k++) {
		for (int i = 0; i < CELLS; i++)
			next[i] = anew(cell[(i + CELLS - 1) % CELLS], cell[i], cell[(i + 1) % CELLS]);
		for (int i = 0; i < CELLS; i++)
			cell[i] = next[i];
	}
	pthread_barrier_init(&meet, NULL, THREADS);
	pthread_barrier_init(&start, NULL, THREADS);
	(void)lock;
	for (int t = 0; t < THREADS; t++)
		if (pthread_create(&thread[t], NULL, work, t ? &thread : NULL) != 0) {
			puts("no thread to be had");
			return 2;
		}
	for (int t = 0; t < THREADS; t++)
		pthread_join(thread[t], NULL);
	for (int i = 0; i < CELLS; i++)
		wrong += copy[old_copy][i] != cell[i];
	if (!wrong)
		return 0;
	printf("%d of %d cells are wrong after %d phases\n", wrong, CELLS, PHASES);
	return 1;
}
