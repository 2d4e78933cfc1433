/* What lesson.c of this folder shows once, as it happens. The tasks here wait, as for an answer from outside. */

struct wait_for { char name; int ms; };

//> wait_for
static int wait_for(const void *argument, void *result)
{
	const struct wait_for *w = argument;
	if (w->ms < 0)
		return EDOM; /* no such length: an error, not a result */
	for (int i = 0; i < w->ms; i++) {
		if (task_asked_to_stop())
			return ECANCELED; /* somebody wants to cancel: this task is so kind and looks */
		usleep(1000);
	}
	*(char *)result = w->name;
	return 0;
}
//< wait_for

enum { TASKS = 4 };
static struct pool *demo_pool(int workers) { return thread_pool_new(&(struct pool_setup){.workers = workers}); }

/* All of them into the pool; those that could not be had are NULL. */
static bool submit_waits(struct pool *pool, const struct wait_for *w, struct future **f, int n)
{
	bool all = pool != NULL;
	for (int i = 0; i < n; i++) {
		f[i] = all ? pool_submit(pool, wait_for, &w[i], sizeof w[i], 1) : NULL;
		all = all && f[i];
	}
	return all;
}

static int finish(struct pool *pool, struct future **f, int n, bool fine)
{
	int error = errno;
	pool_shutdown(pool, !fine);
	for (int i = 0; i < n; i++)
		future_free(f[i]);
	errno = error;
	return fine ? 0 : -1;
}

//> order
static int demo_order(struct telling *t)
{
	static const struct wait_for tasks[TASKS] = {{'A', 320}, {'B', 40}, {'C', 120}, {'D', 40}};
	struct future *future[TASKS], *f;
	struct pool *pool = demo_pool(2);
	bool fine = submit_waits(pool, tasks, future, TASKS);
	struct arrivals *all = fine ? arrivals_new(future, TASKS) : NULL;
	char order[TASKS + 1] = "", name;
	int place_of_d = 0;
	fine = fine && all;
	tell(t, "submitted: A (320 ms), B (40), C (120), D (40), to two workers");
	for (int n = 0; fine && (f = arrivals_next(all, -1)); n++) {
		future_result(f, &name, 0); /* it is done: no wait */
		tell(t, "%c is done", name);
		order[n] = name;
		place_of_d = name == 'D' ? n + 1 : place_of_d;
	}
	arrivals_free(all);
	if (fine)
		tell_check(t, strspn("ABCD", order) == TASKS, "each of the four came once: %s, D in place %d", order, place_of_d);
	tell_figure(t, place_of_d, NAN);
	return finish(pool, future, TASKS, fine);
}
//< order

//> cancel
static int demo_cancel(struct telling *t)
{
	static const struct wait_for tasks[TASKS] = {{'A', 500}, {'B', 40}, {'C', 40}, {'D', 40}};
	static const char *const said[] = {N_("it was queued: it will never begin"), N_("it runs: it is asked to stop"),
						   N_("too late, it is over")};
	struct future *future[TASKS];
	struct pool *pool = demo_pool(1);
	int begun = 0;
	char why[100];
	bool fine = submit_waits(pool, tasks, future, TASKS);
	while (fine && future_state(future[0]) == FUTURE_QUEUED)
		usleep(1000);
	tell(t, "one worker; A runs, B, C and D are queued");
	for (int i = TASKS - 1; fine && i >= 0; i--) { /* A last: when it stops, the worker would take the next one */
		bool began = future_state(future[i]) != FUTURE_QUEUED;
		begun += began;
		tell(t, "cancel %c: %s", 'A' + i, said[future_cancel(future[i])]);
	}
	for (int i = 0; fine && i < TASKS; i++) {
		future_wait(future[i], -1);
		tell_check(t, future_state(future[i]) == FUTURE_CANCELLED, "%c: %s", 'A' + i, future_why(future[i], why, sizeof why));
	}
	if (fine)
		tell_check(t, future_cancel(future[0]) == CANCEL_LATE, "cancel A once more: %s", said[CANCEL_LATE]);
	tell_figure(t, begun, 1);
	return finish(pool, future, TASKS, fine);
}
//< cancel

//> error
static int demo_error(struct telling *t)
{
	static const struct wait_for tasks[TASKS] = {{'A', 20}, {'B', -1}, {'C', 20}, {'D', 20}};
	struct future *future[TASKS];
	struct pool *pool = demo_pool(2);
	int results = 0;
	char name, why[100];
	bool fine = submit_waits(pool, tasks, future, TASKS);
	tell(t, "submitted: A, B, C, D; B is given a length below 0");
	for (int i = 0; fine && i < TASKS; i++) {
		bool came = !future_result(future[i], &name, -1); /* here the error appears, not in the worker */
		results += came;
		tell_check(t, came == (i != 1), "%c: %s", 'A' + i, future_why(future[i], why, sizeof why));
	}
	tell_figure(t, results, TASKS - 1);
	return finish(pool, future, TASKS, fine);
}
//< error

//> limit
static int demo_limit(struct telling *t)
{
	static const struct wait_for task = {'A', 300};
	struct future *future[1];
	struct pool *pool = demo_pool(1);
	char name = '-';
	int asked = 0;
	bool fine = submit_waits(pool, &task, future, 1);
	for (; fine && future_result(future[0], &name, 100000000); asked++) { /* at most 0.1 s each time */
		if (errno != ETIMEDOUT)
			break;
		tell(t, "0.1 s is over: not done yet, and the task goes on");
	}
	if (fine)
		tell_check(t, name == 'A', "the result of %c came in the end: a wait that ends early breaks nothing", name);
	tell_figure(t, asked, NAN);
	return finish(pool, future, 1, fine);
}
//< limit

static const struct demo futures_demos[] = {
	{"order", "four tasks of uneven length, two workers: who is done when", NULL, demo_order, NULL},
	{"cancel", "one worker: four tasks are cancelled", NULL, demo_cancel, NULL},
	{"error", "one of four tasks fails", NULL, demo_error, NULL},
	{"limit", "a result is waited for with a time limit", NULL, demo_limit, NULL},
	{0},
};
