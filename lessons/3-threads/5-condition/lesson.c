/* Wait for a state, not for a time                                                                          ★★☆
 *
 * What you learn: a thread that must wait until something is so (there is an item; there is room) sleeps on a condition
 * variable: under the lock it looks, *while* it is not so it waits, and who changes the state notifies under the same lock. The
 * usual mistakes are shown by schedules that break them: `if` for `while`, a notice before the change, none at all.
 *
 * How the number is made: one thread puts --size items into a buffer with --capacity places, --threads threads take them out
 * and do --work rounds of computing for each. Each item must come out once: its result, added up, is compared with the same
 * rounds done again. The demonstrations run real threads along every schedule of a small model (kernels/runtime/explore.h). */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <time.h>
#include "buffer.h" /* the places of the buffer, what is counted, the check */
#include "kernels/kernel.h"
#include "lessons/lesson.h"
#include "model.h" /* the demonstrations */

//> condition
static void put_condition(struct buffer *b, size_t item)
{
	pthread_mutex_lock(&b->mutex);
	while (b->count == b->capacity)                   /* is there room? look again after each waking */
		pthread_cond_wait(&b->not_full, &b->mutex); /* sleeps, and lets others have the lock meanwhile */
	insert(b, item);
	pthread_cond_signal(&b->not_empty); /* the state has changed: wake one who waits for that */
	pthread_mutex_unlock(&b->mutex);
}

static bool take_condition(struct buffer *b, size_t *item)
{
	pthread_mutex_lock(&b->mutex);
	while (b->count == 0 && !b->closed)
		pthread_cond_wait(&b->not_empty, &b->mutex);
	bool got = extract(b, item);
	pthread_cond_signal(&b->not_full);
	pthread_mutex_unlock(&b->mutex);
	return got;
}
//< condition

//> semaphores
/* Two numbers instead of two conditions: items, and room. At the end `items` is a turnstile. */
static void put_semaphores(struct buffer *b, size_t item)
{
	while (sem_wait(&b->room) != 0)
		;
	pthread_mutex_lock(&b->mutex);
	insert(b, item);
	pthread_mutex_unlock(&b->mutex);
	sem_post(&b->items);
}

static bool take_semaphores(struct buffer *b, size_t *item)
{
	while (sem_wait(&b->items) != 0)
		;
	pthread_mutex_lock(&b->mutex);
	bool got = extract(b, item);
	pthread_mutex_unlock(&b->mutex);
	sem_post(got ? &b->room : &b->items);
	return got;
}
//< semaphores

//> looking
/* Without a notice: look, go away, look again. */
static void put_looking(struct buffer *b, size_t item, void (*pause)(void))
{
	for (bool done = false; !done; done ? (void)0 : pause()) {
		pthread_mutex_lock(&b->mutex);
		if ((done = b->count < b->capacity))
			insert(b, item);
		pthread_mutex_unlock(&b->mutex);
	}
}

static bool take_looking(struct buffer *b, size_t *item, void (*pause)(void))
{
	for (bool got = false, closed = false;; pause()) {
		pthread_mutex_lock(&b->mutex);
		got = extract(b, item);
		closed = b->closed;
		pthread_mutex_unlock(&b->mutex);
		if (got || closed)
			return got;
	}
}
//< looking

//> polling
static void nap(void) { nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL); } /* how long is right? nobody knows */
static void put_polling(struct buffer *b, size_t item) { put_looking(b, item, nap); }
static bool take_polling(struct buffer *b, size_t *item) { return take_looking(b, item, nap); }
//< polling

//> spinning
static void next_please(void) { sched_yield(); } /* awake all the time */
static void put_spinning(struct buffer *b, size_t item) { put_looking(b, item, next_please); }
static bool take_spinning(struct buffer *b, size_t *item) { return take_looking(b, item, next_please); }
//< spinning

//> if
static void put_if(struct buffer *b, size_t item)
{
	pthread_mutex_lock(&b->mutex);
	while (b->count == b->capacity)
		sleep_limited(b, &b->not_full);
	insert(b, item);
	pthread_cond_broadcast(&b->not_empty); /* wakes all who wait; the item is for one */
	pthread_mutex_unlock(&b->mutex);
}

static bool take_if(struct buffer *b, size_t *item)
{
	pthread_mutex_lock(&b->mutex);
	if (b->count == 0 && !b->closed) /* once: awake, it takes for granted that there is something */
		sleep_limited(b, &b->not_empty);
	bool got = extract(b, item), goes_on = got || !b->closed;
	b->from_empty += goes_on && !got;
	pthread_cond_signal(&b->not_full);
	pthread_mutex_unlock(&b->mutex);
	return goes_on;
}
//< if

//> no-notify
static void put_no_notify(struct buffer *b, size_t item)
{
	pthread_mutex_lock(&b->mutex);
	while (b->count == b->capacity)
		sleep_limited(b, &b->not_full);
	insert(b, item); /* and nobody is told */
	pthread_mutex_unlock(&b->mutex);
}

static bool take_no_notify(struct buffer *b, size_t *item)
{
	pthread_mutex_lock(&b->mutex);
	while (b->count == 0 && !b->closed)
		sleep_limited(b, &b->not_empty);
	bool got = extract(b, item);
	pthread_cond_signal(&b->not_full);
	pthread_mutex_unlock(&b->mutex);
	return got;
}
//< no-notify

struct consumer { struct job *job; int id; };

//> consumer
static void *consume(void *arg)
{
	const struct consumer *me = arg;
	struct buffer *b = me->job->data;
	worker_begin(me->job, me->id);
	for (size_t item; b->way->take(b, &item);)
		b->result[item] += rounds(me->job, item);
	worker_end(me->job, me->id);
	return NULL;
}
//< consumer

/* In the wrong variants the first item comes when all consumers sleep, the second when all have woken, so luck saves nobody. */
static void wait_for(struct buffer *b, const size_t *number, int wanted)
{
	for (bool reached = false; !reached; sched_yield()) {
		pthread_mutex_lock(&b->mutex);
		reached = *number >= (size_t)wanted || b->overslept > 0;
		pthread_mutex_unlock(&b->mutex);
	}
}

static int run(struct job *job, const struct way *way)
{
	struct buffer *b = job->data;
	pthread_t thread[KERNEL_WORKERS_MAX];
	struct consumer consumer[KERNEL_WORKERS_MAX];
	int started = 0, error = 0;
	b->way = way;
	parallel_begin(job, job->workers);
	for (; started < job->workers && !error; started += !error) {
		consumer[started] = (struct consumer){job, started};
		error = pthread_create(&thread[started], NULL, consume, &consumer[started]);
	}
	if (job->variant->wrong)
		wait_for(b, &b->asleep, started);
	for (size_t i = 0; i < job_size(job) && !error; i++) {
		way->put(b, i); /* this thread is the producer */
		if (i == 0 && job->variant->wrong)
			wait_for(b, &b->woken, started);
	}
	pthread_mutex_lock(&b->mutex);
	b->closed = true;
	pthread_cond_broadcast(&b->not_empty); /* for all of them */
	pthread_mutex_unlock(&b->mutex);
	sem_post(&b->items);
	for (int w = 0; w < started; w++)
		pthread_join(thread[w], NULL);
	parallel_end(job);
	return (errno = error) ? -1 : 0;
}
static int run_condition(struct job *job) { return run(job, &(struct way){put_condition, take_condition}); }
static int run_semaphores(struct job *job) { return run(job, &(struct way){put_semaphores, take_semaphores}); }
static int run_polling(struct job *job) { return run(job, &(struct way){put_polling, take_polling}); }
static int run_spinning(struct job *job) { return run(job, &(struct way){put_spinning, take_spinning}); }
static int run_if(struct job *job) { return run(job, &(struct way){put_if, take_if}); }
static int run_no_notify(struct job *job) { return run(job, &(struct way){put_no_notify, take_no_notify}); }

//> serial
static int run_serial(struct job *job)
{
	struct buffer *b = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < job_size(job); i++) /* no buffer: each item is used when it is made */
		b->result[i] += rounds(job, i);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< serial

static const struct variant variants[] = {
	{"serial", "one thread, no buffer", .run = run_serial},
	{"condition", "sleeps until it is told that the state has changed", KIND_THREADS, .blocks = true, .run = run_condition},
	{"semaphores", "one counts items, one counts room", KIND_THREADS, .blocks = true, .run = run_semaphores},
	{"polling", "sleeps for a time, and looks again", KIND_THREADS, .blocks = true, .run = run_polling},
	{"spinning", "stays awake and looks all the time", KIND_THREADS, .blocks = true, .run = run_spinning},
	{"if", "looks once before it sleeps, and not after", KIND_THREADS,
	 "who wakes up takes without looking whether something is left", .blocks = true, .run = run_if},
	{"no-notify", "puts an item, and tells nobody", KIND_THREADS, "who sleeps is never told that there is an item",
	 .blocks = true, .run = run_no_notify},
	{0},
};
const struct kernel kernel_buffer = {
	.name = "buffer", .title = "A bounded buffer", .source = __FILE__,
	.params = {{"size", "items", "items that go through the buffer", 0, 1e7, 2000, false},
		   {"capacity", "items", "places in the buffer", 1, 1e6, 16, false},
		   {"work", "rounds", "rounds of computing for each item, about 1 ns each", 0, 1e6, 2000, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_buffer);
static const struct lesson lesson = {
	.id = "condition", .level = 2, .minutes_min = 35, .minutes_max = 53, .needs = "thread mutex semaphore", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_buffer, NULL}, .threads = "1,2,4", .demos = demos,
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
