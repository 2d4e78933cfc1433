/* What lesson.c of this folder shows once, as it happens. Every coroutine here lives on the thread of the demonstration. */

struct show {
	struct telling *t;
	char name;
	int ms;         /* how long it waits; below 0: it fails */
	char *trace;    /* who took a turn, one letter each */
	long *counter;
	bool await;     /* between reading and writing; or: in a thread */
	double *told_ms;
	int *ticks;
};

/* All of them, in order; false when memory ran out. */
static bool spawn_shows(coro_function *f, struct show *s, struct coro **task, size_t n)
{
	bool all = true;
	for (size_t i = 0; i < n; i++) {
		task[i] = all ? coro_spawn(f, &s[i]) : NULL;
		all = all && task[i];
	}
	return all;
}

static int free_shows(struct coro **task, size_t n, bool fine)
{
	int error = errno;
	for (size_t i = 0; i < n; i++)
		coro_free(task[i]);
	errno = error;
	return fine ? 0 : -1;
}

static const char *name_of(int error)
{
	return error == ECANCELED ? "ECANCELED" : error == ETIMEDOUT ? "ETIMEDOUT" : error == EDOM ? "EDOM" : strerror(error);
}

static int run_demo(coro_function *first, struct telling *t) { return coro_run(NULL, first, t) < 0 ? -1 : 0; }

/* ---- thousand ---- */

static long resident_kib(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (f && fscanf(f, "%*d %ld", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

//> thousand
enum { MANY = 1000 };
static long wait_ten_ms(void *arg)
{
	(void)arg;
	return coro_sleep(10 * CORO_MS);
}

static long first_of_thousand(void *arg)
{
	struct telling *t = arg;
	static struct coro *task[MANY];
	int n = 0;
	long before = resident_kib();
	double begin = tell_ms(t);
	while (n < MANY && (task[n] = coro_spawn(wait_ten_ms, NULL)))
		n++;
	if (n == MANY)
		tell(t, "1000 coroutines are spawned; none has begun");
	int rc = n == MANY ? coro_gather(task, MANY, NULL) : -1;
	double took = tell_ms(t) - begin;
	long kib = resident_kib() - before;
//< thousand
	free_shows(task, (size_t)n, true);
	if (rc)
		return -1;
	tell(t, "all of them have waited 10 ms; it took %.1f ms, on one thread", took);
	tell(t, "memory for a coroutine, its stack included: %.1f KiB", (double)kib / MANY);
	tell_check(t, took >= 10, "nobody came back too early");
	tell_figure(t, took, 10);
	return 0;
}
static int demo_thousand(struct telling *t) { return run_demo(first_of_thousand, t); }

/* ---- order ---- */

//> order
static long three_turns(void *arg)
{
	struct show *s = arg;
	for (int turn = 1; turn <= 3; turn++) {
		tell(s->t, "%c: turn %d of 3", s->name, turn);
		s->trace[strlen(s->trace)] = s->name;
		if (coro_yield()) /* await: the others, please */
			return -1;
	}
	return 0;
}

static long first_of_order(void *arg)
{
	struct telling *t = arg;
	char trace[8] = "";
	struct show s[2] = {{.t = t, .name = 'A', .trace = trace}, {.t = t, .name = 'B', .trace = trace}};
	struct coro *task[2];
	bool fine = spawn_shows(three_turns, s, task, 2);
	tell(t, "first: A and B are spawned");
	tell(t, "first: now I await them");
	fine = fine && !coro_gather(task, 2, NULL);
	//< order
	int changes = 0;
	for (int i = 1; trace[i]; i++)
		changes += trace[i] != trace[i - 1];
	if (fine)
		tell_check(t, strlen(trace) == 6, "first: both have ended; the turns: %s", trace);
	tell_figure(t, changes, 5);
	return free_shows(task, 2, fine);
}
static int demo_order(struct telling *t) { return run_demo(first_of_order, t); }

/* ---- gather ---- */

static long wait_or_fail(void *arg)
{
	const struct show *s = arg;
	if (coro_sleep((s->ms < 0 ? -s->ms : s->ms) * CORO_MS))
		return -1;
	if (s->ms < 0) {
		tell(s->t, "%c fails", s->name);
		return errno = EDOM, -1;
	}
	tell(s->t, "%c is done", s->name);
	return s->name;
}

//> gather
static long first_of_gather(void *arg)
{
	struct telling *t = arg;
	struct show s[3] = {{.t = t, .name = 'A', .ms = 120}, {.t = t, .name = 'B', .ms = -40}, {.t = t, .name = 'C', .ms = 80}};
	struct coro *task[3];
	long value[3] = {0};
	int came = 0;
	bool fine = spawn_shows(wait_or_fail, s, task, 3);
	tell(t, "spawned: A (120 ms), B (fails after 40), C (80)");
	int rc = fine ? coro_gather(task, 3, value) : -1, error = errno;
	for (int i = 0; fine && i < 3; i++) {
		came += value[i] != -1;
		if (value[i] != -1)
			tell_check(t, value[i] == s[i].name, "result %d is that of %c", i + 1, (int)value[i]);
		else
			tell_check(t, coro_error(task[i]) == EDOM, "result %d is an error (%s)", i + 1, name_of(coro_error(task[i])));
	}
	if (fine)
		tell_check(t, rc == -1 && error == EDOM, "gather reports the first error (%s)", name_of(error));
	//< gather
	tell_figure(t, came, 2);
	return free_shows(task, 3, fine);
}
static int demo_gather(struct telling *t) { return run_demo(first_of_gather, t); }

/* ---- freeze and thaw ---- */

static long tick(void *arg)
{
	struct show *s = arg;
	while (!coro_sleep(50 * CORO_MS)) /* until it is cancelled */
		tell(s->t, "A: tick %d", ++*s->ticks);
	return 0;
}

//> freeze
static long blocking_call(void *arg) { return known_wait((intptr_t)arg * CORO_MS), 0; } /* the thread sleeps */

static long call_it(void *arg)
{
	struct show *s = arg;
	if (coro_sleep(120 * CORO_MS))
		return -1;
	int before = *s->ticks;
	tell(s->t, "B: a call that blocks for 300 ms …");
	if (s->await)
		coro_in_thread(blocking_call, (void *)300); /* in another thread; B awaits it */
	else
		blocking_call((void *)300); /* right here */
	tell(s->t, "B: … is over");
	return *s->ticks - before;
}
//< freeze

static void held_up(void *context, const struct coro *task, int64_t ns)
{
	tell(context, "the loop says: task %ld has held me up for %.0f ms", coro_number(task), 1e-6 * (double)ns);
}

static long first_of_freeze(void *arg)
{
	struct show *setting = arg;
	struct telling *t = setting->t;
	int ticks = 0;
	struct show s = {.t = t, .ticks = &ticks, .await = setting->await};
	struct coro *task[2] = {coro_spawn(tick, &s), NULL};
	bool fine = task[0] && (task[1] = coro_spawn(call_it, &s));
	tell(t, "A (task 1) ticks every 50 ms; B (task 2) waits 120 ms, then makes its call");
	long during = fine ? coro_await(task[1]) : 0;
	coro_sleep(120 * CORO_MS);
	if (fine)
		tell_check(t, during > 0, "A ticked %ld times during the call", during);
	tell_figure(t, (double)during, 6);
	if (task[0] && coro_cancel(task[0]))
		coro_await(task[0]);
	return free_shows(task, 2, fine);
}

static int freeze(struct telling *t, bool in_thread)
{
	struct show setting = {.t = t, .await = in_thread};
	struct coro_setup watched = {.watch_ns = 100 * CORO_MS, .held = held_up, .context = t};
	return coro_run(&watched, first_of_freeze, &setting) < 0 ? -1 : 0;
}
static int demo_freeze(struct telling *t) { return freeze(t, false); }
static int demo_thaw(struct telling *t) { return freeze(t, true); }

/* ---- cancel and limit ---- */

//> wait-long
static long wait_long(void *arg)
{
	struct show *s = arg;
	tell(s->t, "%c: begins to wait, for 10 s", s->name);
	if (coro_sleep(10000 * CORO_MS) == 0)
		return s->name;
	int why = errno; /* ECANCELED */
	tell(s->t, "%c: my wait was ended (%s); I clean up", s->name, name_of(why));
	coro_sleep(30 * CORO_MS); /* cleaning up may await, too */
	tell(s->t, "%c: clean", s->name);
	return errno = why, -1;
}
//< wait-long

//> cancel
static long first_of_cancel(void *arg)
{
	struct telling *t = arg;
	struct show s[2] = {{.t = t, .name = 'A'}, {.t = t, .name = 'B'}};
	struct coro *task[2] = {coro_spawn(wait_long, &s[0]), NULL};
	if (!task[0] || coro_sleep(50 * CORO_MS) || !(task[1] = coro_spawn(wait_long, &s[1])))
		return free_shows(task, 2, false);
	double asked = tell_ms(t);
	tell(t, "first: cancel A, which waits, and B, which has not begun");
	coro_cancel(task[0]);
	coro_cancel(task[1]);
	coro_gather(task, 2, NULL);
	//< cancel
	double took = tell_ms(t) - asked;
	for (int i = 0; i < 2; i++)
		tell_check(t, coro_error(task[i]) == ECANCELED, "%c has ended: cancelled (%s)", s[i].name, name_of(coro_error(task[i])));
	tell_check(t, !coro_cancel(task[0]), "cancel A once more: too late, it has ended");
	tell_figure(t, took, 30);
	return free_shows(task, 2, true);
}
static int demo_cancel(struct telling *t) { return run_demo(first_of_cancel, t); }

//> limit
static long first_of_limit(void *arg)
{
	struct telling *t = arg;
	struct show s = {.t = t, .name = 'A'};
	struct coro *task = coro_spawn(wait_long, &s);
	if (!task)
		return -1;
	long value = coro_await_for(task, 100 * CORO_MS); /* at most 0.1 s */
	int error = errno;
	//< limit
	tell_check(t, value == -1 && error == ETIMEDOUT, "first: the time is over (%s)", name_of(error));
	tell_check(t, coro_done(task) && coro_error(task) == ECANCELED, "and A has ended: cancelled (%s)", name_of(coro_error(task)));
	tell_figure(t, coro_done(task), 1);
	coro_free(task);
	return 0;
}
static int demo_limit(struct telling *t) { return run_demo(first_of_limit, t); }

/* ---- between ---- */

//> between
enum { INCREMENTS = 100 };
static long count_up(void *arg)
{
	struct show *s = arg;
	for (int i = 0; i < INCREMENTS; i++) {
		long old = *s->counter; /* no lock anywhere */
		if (s->await && coro_yield())
			return -1; /* cancelled */
		*s->counter = old + 1;
	}
	return 0;
}
//< between

static long first_of_between(void *arg)
{
	struct telling *t = arg;
	long counter = 0;
	for (int await = 0; await < 2; await++) {
		struct show s[2] = {{.counter = &counter, .await = await}, {.counter = &counter, .await = await}};
		struct coro *task[2];
		counter = 0;
		bool fine = spawn_shows(count_up, s, task, 2) && !coro_gather(task, 2, NULL);
		if (free_shows(task, 2, fine))
			return -1;
		tell_check(t, counter == 2 * INCREMENTS,
			   await ? N_("an await between reading and writing: counted %ld of %d") : N_("no await in between: counted %ld of %d"),
			   counter, 2 * INCREMENTS);
	}
	tell_figure(t, (double)counter, 2 * INCREMENTS);
	return 0;
}
static int demo_between(struct telling *t) { return run_demo(first_of_between, t); }

static const struct demo event_loop_demos[] = {
	{"thousand", "1000 coroutines wait 10 ms each, on one thread", .run = demo_thousand},
	{"order", "two coroutines take turns: who runs when", .run = demo_order},
	{"gather", "three coroutines, one fails: results in their order", .run = demo_gather},
	{"freeze", "a blocking call in a coroutine", "the blocking call stops the loop, and all coroutines", .run = demo_freeze},
	{"thaw", "the same call, handed to a thread", .run = demo_thaw},
	{"cancel", "two coroutines are cancelled: one waits, one has not begun", .run = demo_cancel},
	{"limit", "a coroutine is awaited with a time limit", .run = demo_limit},
	{"between", "two coroutines count without a lock",
	 "an await between reading and writing lets another coroutine in", .run = demo_between},
	{0},
};
