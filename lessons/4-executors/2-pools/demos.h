/* What lesson.c of this folder shows once, as it happens. */

enum deed { SQUARE, CRASH, HANG, COUNT };
struct demo_task { enum deed deed; int number; };
static volatile int counter; /* a global variable: whose? */

//> deeds
static int do_deed(const void *argument, void *result)
{
	const struct demo_task *t = argument;
	volatile int *nowhere = NULL;
	switch (t->deed) {
	case SQUARE:
		*(int *)result = t->number * t->number;
		break;
	case CRASH:
		*(int *)result = *nowhere; /* the mistake: SIGSEGV */
		break;
	case HANG:
		for (;;)
			pause(); /* never ends, and never looks whether it was asked to */
	case COUNT:
		*(int *)result = ++counter;
		break;
	}
	return 0;
}
//< deeds

enum { DEMO_TASKS = 8, VICTIM = 2 };

static struct future *give(struct pool *pool, enum deed deed, int number)
{
	return pool ? pool_submit(pool, do_deed, &(struct demo_task){deed, number}, sizeof(struct demo_task), sizeof(int)) : NULL;
}

/* Eight squares, but the third task crashes. How many results come; -1 when something ran out. */
static int squares_with_a_crash(struct telling *t, struct pool *pool)
{
	struct future *f[DEMO_TASKS];
	int results = 0, square;
	char why[100];
	bool fine = true;
	for (int i = 0; i < DEMO_TASKS; i++)
		fine = (f[i] = fine ? give(pool, i == VICTIM ? CRASH : SQUARE, i) : NULL) && fine;
	for (int i = 0; fine && i < DEMO_TASKS; i++)
		if (!future_result(f[i], &square, -1)) {
			results += square == i * i;
			tell(t, "task %d: %d", i, square);
		} else {
			tell(t, "task %d: %s", i, future_why(f[i], why, sizeof why));
		}
	for (int i = 0; i < DEMO_TASKS; i++)
		future_free(f[i]);
	return fine ? results : -1;
}

//> crash
static int demo_crash(struct telling *t)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* no core file of a crash on purpose */
	struct pool *pool = process_pool_new(&(struct pool_setup){.workers = 2});
	if (!pool)
		return -1;
	tell(t, "two worker processes: %d and %d; the task 2 of 8 crashes", process_pool_pid(pool, 0), process_pool_pid(pool, 1));
	int results = squares_with_a_crash(t, pool);
	if (results >= 0) {
		for (int tries = 0; tries < 1000 && !(process_pool_pid(pool, 0) && process_pool_pid(pool, 1)); tries++)
			usleep(1000); /* one is being replaced */
		tell(t, "the worker processes now: %d and %d", process_pool_pid(pool, 0), process_pool_pid(pool, 1));
		tell_check(t, results == DEMO_TASKS - 1 && process_pool_deaths(pool) == 1, "%d of %d results came; %d worker died and was replaced",
			   results, DEMO_TASKS, process_pool_deaths(pool));
	}
	tell_figure(t, results, DEMO_TASKS - 1);
	int error = errno;
	pool_shutdown(pool, results < 0);
	errno = error;
	return results < 0 ? -1 : 0;
}
//< crash

//> crash-threads
/* The same tasks in threads. So that this lesson survives, the whole program for it is a process of its own. */
static int demo_crash_threads(struct telling *t)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	tell(t, "a program with two worker threads; the task 2 of 8 crashes");
	pid_t program = fork();
	if (program < 0)
		return -1;
	if (program == 0) {
		signal(SIGSEGV, SIG_DFL);
		struct pool *pool = thread_pool_new(&(struct pool_setup){.workers = 2});
		_exit(pool && squares_with_a_crash(t, pool) >= 0 ? 0 : 3);
	}
	int status = 0;
	while (waitpid(program, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 3) {
		errno = EAGAIN;
		return -1;
	}
	bool lives = WIFEXITED(status);
	if (lives)
		tell_check(t, true, "the program outlives the crash");
	else
		tell_check(t, false, "the program does not outlive the crash: killed by signal %d, with all threads and all results", WTERMSIG(status));
	tell_figure(t, lives, 1);
	return 0;
}
//< crash-threads

//> hang
static int demo_hang(struct telling *t)
{
	struct pool *pool = process_pool_new(&(struct pool_setup){.workers = 1});
	struct future *hangs = give(pool, HANG, 0), *next = give(pool, SQUARE, 7);
	int square = 0;
	char why[100];
	if (pool && hangs && next) {
		future_wait(hangs, 100000000);
		tell(t, "one worker process; after 0.1 s its task is %s", future_why(hangs, why, sizeof why));
		future_cancel(hangs);
		future_wait(hangs, 100000000);
		tell(t, "it was asked to stop; 0.1 s later it is still %s", future_why(hangs, why, sizeof why));
		future_kill(hangs);
		future_wait(hangs, -1);
		tell_check(t, future_signal(hangs) == SIGKILL, "its process was ended by force: %s", future_why(hangs, why, sizeof why));
		future_result(next, &square, -1);
		tell_check(t, square == 49, "the next task, in a new process: %d", square);
	}
	bool fine = pool && hangs && next;
	int error = errno;
	pool_shutdown(pool, !fine);
	future_free(hangs);
	future_free(next);
	errno = error;
	return fine ? 0 : -1;
}
//< hang

//> own-memory
static int demo_own_memory(struct telling *t)
{
	counter = 0;
	struct pool *pool = process_pool_new(&(struct pool_setup){.workers = 1});
	struct future *f[3] = {give(pool, COUNT, 0), give(pool, COUNT, 0), give(pool, COUNT, 0)};
	bool fine = f[0] && f[1] && f[2];
	for (int i = 0; fine && i < 3; i++) {
		int seen = 0;
		future_result(f[i], &seen, -1);
		tell(t, "task %d counted to %d, in the worker's memory", i, seen);
	}
	if (fine)
		tell_check(t, counter == 0, "our counter says %d: it is another one", counter);
	tell_figure(t, counter, 0);
	int error = errno;
	pool_shutdown(pool, !fine);
	for (int i = 0; i < 3; i++)
		future_free(f[i]);
	errno = error;
	return fine ? 0 : -1;
}
//< own-memory

static const struct demo pools_demos[] = {
	{"crash", "a task crashes in a pool of processes", NULL, demo_crash, NULL},
	{"crash-threads", "a task crashes in a pool of threads", "a crash in one thread ends the whole program", demo_crash_threads, NULL},
	{"hang", "a task that never ends is ended by force", NULL, demo_hang, NULL},
	{"own-memory", "three tasks add to a global variable, in a process", NULL, demo_own_memory, NULL},
	{0},
};
