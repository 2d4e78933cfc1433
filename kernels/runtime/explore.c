/* One run along a schedule: see explore.h. Whoever holds the baton chooses, at its next point, who is next. */
#include "kernels/runtime/explore.h"
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum wish { GO, GO_LATER, LOCK, WAKE, DOWN, DONE }; /* what a thread would do at the point where it stands */

struct member {
	struct stage *stage;
	int id;
	pthread_t thread;
	pthread_cond_t turn;
	enum wish wish;
	struct explore_mutex *mutex; /* LOCK, WAKE */
	struct explore_cond *cond;   /* WAKE */
	struct explore_sem *sem;     /* DOWN */
	char name[EXPLORE_TEXT];     /* of its next step */
};

struct stage {
	const struct explore_program *program;
	const struct explore_schedule *schedule;
	struct explore_run *run;
	pthread_mutex_t mutex; /* for turn and over; all else belongs to whoever holds the baton */
	int turn;              /* who holds the baton; -1: nobody yet */
	bool over;
	int entered, room; /* threads that have run to their first point; steps that run->step has room for */
	struct member member[EXPLORE_THREADS_MAX];
};

static _Thread_local struct member *self;

static uint32_t bit(int thread) { return UINT32_C(1) << thread; }

/* ---- who can go on, and who waits for whom ---- */

static bool can_go(const struct member *m)
{
	switch (m->wish) {
	case GO:
	case GO_LATER:
		return true;
	case LOCK:
		return !m->mutex->owner;
	case WAKE:
		return m->cond->signals > 0 && (m->cond->called & bit(m->id)) && !m->mutex->owner;
	case DOWN:
		return m->sem->value > 0;
	case DONE:
		break;
	}
	return false;
}

static void tell_wait(const struct member *m, char *text, size_t size)
{
	bool asleep = m->wish == WAKE && !(m->cond->signals > 0 && (m->cond->called & bit(m->id)));
	if (m->wish == DOWN)
		snprintf(text, size, "thread %d waits for %s, which is 0", m->id + 1, m->sem->name);
	else if (asleep)
		snprintf(text, size, "thread %d sleeps on %s, without a signal", m->id + 1, m->cond->name);
	else if (m->wish == LOCK || m->wish == WAKE)
		snprintf(text, size, "thread %d waits for %s, which %s %d %s", m->id + 1, m->mutex->name,
				 m->mutex->owner == m->id + 1 ? "it holds itself: thread" : "thread", m->mutex->owner,
				 m->stage->member[m->mutex->owner - 1].wish == DONE ? "took along when it ended" : "holds");
	else
		snprintf(text, size, "thread %d %s", m->id + 1, m->wish == DONE ? "is done" : "can go on");
}

static void tell_all_waits(const struct stage *s, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "nobody can go on");
	for (int i = 0; i < s->program->threads; i++) {
		char one[EXPLORE_TEXT * 2];
		if (s->member[i].wish == DONE || used >= size)
			continue;
		tell_wait(&s->member[i], one, sizeof one);
		used += (size_t)snprintf(text + used, size - used, "; %s", one);
	}
}

/* ---- the choice ---- */

static uint32_t all_that_can(const struct stage *s)
{
	uint32_t set = 0;
	for (int i = 0; i < s->program->threads; i++)
		set |= can_go(&s->member[i]) ? bit(i) : 0;
	return set;
}

/* Without a schedule: the same thread as long as it can, then the next one in the round. */
static int go_on(const struct stage *s, uint32_t enabled, int last)
{
	int n = s->program->threads;
	if (last >= 0 && (enabled & bit(last)) && s->member[last].wish != GO_LATER)
		return last;
	for (int i = 1; i <= n; i++)
		if (enabled & bit((last + i) % n))
			return (last + i) % n;
	return -1;
}

static int stop(struct stage *s, enum explore_end end)
{
	s->run->end = end;
	return -1;
}

static void close_step(struct stage *s)
{
	struct explore_run *run = s->run;
	if (run->count && s->program->state)
		s->program->state(s->program->data, run->step[run->count - 1].state, EXPLORE_TEXT);
}

/* Who is next; -1: the run is over. */
static int choose(struct stage *s)
{
	struct explore_run *run = s->run;
	const struct explore_schedule *plan = s->schedule;
	char why[EXPLORE_TEXT * 2];
	if (s->entered < s->program->threads)
		return s->entered++; /* still on their way to their first points, one after another */
	close_step(s);
	uint32_t enabled = all_that_can(s);
	int last = run->count ? run->step[run->count - 1].thread : -1, done = 0;
	bool planned = plan && run->count < plan->count;
	int next = planned ? plan->thread[run->count] : go_on(s, enabled, last);
	for (int i = 0; i < s->program->threads; i++)
		done += s->member[i].wish == DONE;
	if (planned && (next >= s->program->threads || !(enabled & bit(next)))) {
		if (next < s->program->threads)
			tell_wait(&s->member[next], why, sizeof why);
		else
			snprintf(why, sizeof why, "there is no thread %d", next + 1);
		snprintf(run->text, sizeof run->text, "step %d of the schedule can't be done: %s", run->count + 1, why);
		return stop(s, EXPLORE_REFUSED);
	}
	if (done == s->program->threads)
		return stop(s, EXPLORE_RIGHT); /* as far as one can see from here: program->right comes later */
	if (!enabled) {
		tell_all_waits(s, run->text, sizeof run->text);
		return stop(s, EXPLORE_STUCK);
	}
	if (run->count == EXPLORE_STEPS_MAX) {
		snprintf(run->text, sizeof run->text, "not done after %d steps", EXPLORE_STEPS_MAX);
		return stop(s, EXPLORE_LONG);
	}
	if (run->count == s->room) {
		s->room = s->room ? 2 * s->room : 32;
		struct explore_step *more = realloc(run->step, (size_t)s->room * sizeof *more);
		if (!more) {
			snprintf(run->text, sizeof run->text, "out of memory");
			return stop(s, EXPLORE_REFUSED);
		}
		run->step = more;
	}
	bool yielded = last >= 0 && s->member[last].wish == GO_LATER;
	struct explore_step *step = &run->step[run->count++];
	*step = (struct explore_step){.thread = next, .enabled = enabled, .yielded = yielded};
	snprintf(step->text, sizeof step->text, "%s", s->member[next].name);
	if (last >= 0 && (enabled & bit(last)) && (yielded ? next == last && enabled != bit(last) : next != last))
		run->preemptions++;
	return next;
}

/* ---- the baton ---- */

static void wake_all(struct stage *s)
{
	s->over = true;
	for (int i = 0; i < s->program->threads; i++)
		pthread_cond_signal(&s->member[i].turn);
}

/* Until the baton comes: true. False when the run is over instead. Called with the mutex. */
static bool await(struct member *me)
{
	while (me->stage->turn != me->id && !me->stage->over)
		pthread_cond_wait(&me->turn, &me->stage->mutex);
	return !me->stage->over;
}

/* Gives the baton to whoever is next, and comes back with it; or never, when the run is over before. */
static void pass_on(struct member *me)
{
	struct stage *s = me->stage;
	bool mine = true;
	pthread_mutex_lock(&s->mutex);
	int next = choose(s);
	if (next < 0)
		wake_all(s);
	else if (next != me->id) {
		s->turn = next;
		pthread_cond_signal(&s->member[next].turn);
	}
	if (me->wish != DONE)
		mine = await(me);
	pthread_mutex_unlock(&s->mutex);
	if (!mine)
		pthread_exit(NULL); /* in the midst of its body: nobody will ever give it the baton */
}

static void *live(void *arg)
{
	struct member *me = arg;
	pthread_mutex_lock(&me->stage->mutex);
	bool mine = await(me);
	pthread_mutex_unlock(&me->stage->mutex);
	if (!mine)
		return NULL;
	self = me;
	me->stage->program->body(me->stage->program->data, me->id);
	me->wish = DONE;
	pass_on(me);
	return NULL;
}

int explore_once(const struct explore_program *program, const struct explore_schedule *schedule, struct explore_run *run)
{
	struct stage s = {.program = program, .schedule = schedule, .run = run, .turn = -1};
	int n = program->threads, started = 0, error = 0;
	*run = (struct explore_run){.end = EXPLORE_REFUSED};
	if (schedule && *schedule->program && strcmp(schedule->program, program->name)) {
		snprintf(run->text, sizeof run->text, "the schedule is one of %s, this is %s", schedule->program, program->name);
		return 0;
	}
	if (schedule && schedule->threads != n) {
		snprintf(run->text, sizeof run->text, "the schedule is one for %d threads, here are %d", schedule->threads, n);
		return 0;
	}
	program->begin(program->data);
	pthread_mutex_init(&s.mutex, NULL);
	for (int i = 0; i < n; i++) {
		s.member[i] = (struct member){.stage = &s, .id = i};
		pthread_cond_init(&s.member[i].turn, NULL);
	}
	for (; started < n && !error; started += !error)
		error = pthread_create(&s.member[started].thread, NULL, live, &s.member[started]);
	pthread_mutex_lock(&s.mutex);
	if (error)
		wake_all(&s);
	else {
		s.turn = s.entered++;
		pthread_cond_signal(&s.member[0].turn);
	}
	pthread_mutex_unlock(&s.mutex);
	for (int i = 0; i < started; i++)
		pthread_join(s.member[i].thread, NULL);
	for (int i = 0; i < n; i++)
		pthread_cond_destroy(&s.member[i].turn);
	pthread_mutex_destroy(&s.mutex);
	if (error) {
		explore_free(run);
		errno = error;
		return -1;
	}
	if (run->end == EXPLORE_RIGHT && !program->right(program->data, run->text, sizeof run->text))
		run->end = EXPLORE_WRONG;
	return 0;
}

void explore_free(struct explore_run *run)
{
	free(run->step);
	*run = (struct explore_run){0};
}

/* ---- for bodies ---- */

#define FORMAT(text) \
	do { \
		va_list ap; \
		va_start(ap, fmt); \
		vsnprintf((text), sizeof(text), fmt, ap); \
		va_end(ap); \
	} while (0)

static void reach(enum wish wish)
{
	self->wish = wish;
	pass_on(self);
	self->wish = GO;
}

void explore_point(const char *fmt, ...)
{
	if (!self)
		return;
	FORMAT(self->name);
	reach(GO);
}

void explore_yield(const char *fmt, ...)
{
	if (!self)
		return;
	FORMAT(self->name);
	reach(GO_LATER);
}

static void add_words(const char *mark, const char *words)
{
	struct explore_run *run = self->stage->run;
	if (!run->count)
		return;
	char *text = run->step[run->count - 1].text;
	size_t used = strlen(text);
	snprintf(text + used, EXPLORE_TEXT - used, "%s%s", mark, words);
}

void explore_say(const char *fmt, ...)
{
	char words[EXPLORE_TEXT];
	if (!self)
		return;
	FORMAT(words);
	add_words(" ", words);
}

/* Ends the run as wrong, and this thread with it. */
static void fail(const char *why)
{
	struct stage *s = self->stage;
	pthread_mutex_lock(&s->mutex);
	close_step(s);
	snprintf(s->run->text, sizeof s->run->text, "%s", why);
	stop(s, EXPLORE_WRONG);
	wake_all(s);
	pthread_mutex_unlock(&s->mutex);
	pthread_exit(NULL);
}

void explore_check(bool holds, const char *fmt, ...)
{
	char why[EXPLORE_TEXT * 2];
	if (!self || holds)
		return;
	FORMAT(why);
	fail(why);
}

#define NAME(verb, thing) snprintf(self->name, sizeof self->name, "%s %s", (verb), (thing)->name)

void explore_lock(struct explore_mutex *m)
{
	NAME("lock", m);
	self->mutex = m;
	reach(LOCK);
	m->owner = self->id + 1;
}

bool explore_trylock(struct explore_mutex *m)
{
	NAME("try", m);
	reach(GO);
	bool got = !m->owner;
	explore_say(got ? "(free)" : "(taken)");
	if (got)
		m->owner = self->id + 1;
	return got;
}

/* As unlock, without a word. */
static void give_back(struct explore_mutex *m)
{
	explore_check(m->owner == self->id + 1, "thread %d gives back %s, which it does not hold", self->id + 1, m->name);
	m->owner = 0;
}

void explore_unlock(struct explore_mutex *m)
{
	give_back(m);
	add_words(", unlock ", m->name);
}

void explore_wait(struct explore_cond *c, struct explore_mutex *m)
{
	NAME("wait", c);
	reach(GO);
	give_back(m);
	c->waiting |= bit(self->id);
	NAME("wake", c);
	self->cond = c;
	self->mutex = m;
	reach(WAKE);
	c->signals--;
	c->waiting &= ~bit(self->id);
	c->called &= ~bit(self->id);
	m->owner = self->id + 1;
}

/* Called are all that sleep at this moment, but only so many of them wake up as there are signals. */
static void call(struct explore_cond *c, int signals)
{
	int sleepers = __builtin_popcount(c->waiting);
	c->called |= c->waiting;
	c->signals = c->signals + signals < sleepers ? c->signals + signals : sleepers;
	if (!sleepers)
		explore_say("(nobody sleeps)");
}

void explore_signal(struct explore_cond *c)
{
	NAME("signal", c);
	reach(GO);
	call(c, 1);
}

void explore_broadcast(struct explore_cond *c)
{
	NAME("broadcast", c);
	reach(GO);
	call(c, EXPLORE_THREADS_MAX);
}

void explore_down(struct explore_sem *s)
{
	NAME("down", s);
	self->sem = s;
	reach(DOWN);
	s->value--;
}

void explore_up(struct explore_sem *s)
{
	s->value++;
	add_words(", up ", s->name);
}
