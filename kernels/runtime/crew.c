#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>
#include "kernels/runtime/crew.h"

struct crew {
	struct job *job;
	crew_work *work;
	const void *how;
	int all;
	atomic_int here; /* threads that are ready */
	atomic_bool off; /* not all could be had: go home */
};

struct hand {
	struct crew *crew;
	int worker;
};

static void *hand_main(void *arg)
{
	struct hand *me = arg;
	struct crew *crew = me->crew;
	atomic_fetch_add(&crew->here, 1);
	while (atomic_load(&crew->here) < crew->all && !atomic_load(&crew->off))
		sched_yield();
	if (!atomic_load(&crew->off))
		crew->work(crew->job, me->worker, crew->how);
	return NULL;
}

/* Looks every now and then; comes back when the thread has ended. */
static void look_and_join(struct job *job, pthread_t thread, void (*meanwhile)(struct job *))
{
	struct timespec until;
	for (;;) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += CREW_LOOK_MS * 1000000;
		if (until.tv_nsec >= 1000000000)
			until.tv_sec++, until.tv_nsec -= 1000000000;
		if (pthread_timedjoin_np(thread, NULL, &until) == 0)
			return;
		meanwhile(job);
	}
}

int crew_run(struct job *job, crew_work *work, const void *how, void (*meanwhile)(struct job *job))
{
	pthread_t thread[KERNEL_WORKERS_MAX];
	struct hand hand[KERNEL_WORKERS_MAX];
	struct crew crew = {.job = job, .work = work, .how = how, .all = job->workers};
	int started = 0, error = 0;
	parallel_begin(job, job->workers);
	for (; started < job->workers && !error; started += !error) {
		hand[started] = (struct hand){&crew, started};
		error = pthread_create(&thread[started], NULL, hand_main, &hand[started]);
	}
	atomic_store(&crew.off, error != 0);
	for (int w = 0; w < started; w++)
		if (meanwhile)
			look_and_join(job, thread[w], meanwhile);
		else
			pthread_join(thread[w], NULL);
	parallel_end(job);
	errno = error;
	return error ? -1 : 0;
}
