/* What the demonstrations of the lesson `race` take: programs by name, schedule files, a number. The program's body, add(), is in
 * lesson.c. */
#ifndef LOCKSTEP_RACE_SCHEDULES_H
#define LOCKSTEP_RACE_SCHEDULES_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/runtime/explore.h"
#include "lessons/demo.h"

struct model {
	int times; /* increments of each thread */
	bool locked;
	long counter, least, most; /* … and where it ended, over all runs */
	struct explore_mutex lock;
};

static void add(void *data, int me);
static void begin(void *data) { ((struct model *)data)->counter = 0, ((struct model *)data)->lock.owner = 0; }
static void state(const void *data, char *text, size_t n) { snprintf(text, n, "%ld", ((const struct model *)data)->counter); }
static bool right(void *data, char *text, size_t size);

#define PROGRAM(id, count, each, with_lock) {.name = id, .threads = count, .begin = begin, .body = add, .right = right, .state = state, \
	.state_title = "sum", .data = &(struct model){.times = each, .locked = with_lock, .least = 999, .lock.name = "lock"}}
static const struct explore_program programs[] = {
	PROGRAM("counter-2x1", 2, 1, false), PROGRAM("counter-2x2", 2, 2, false), PROGRAM("counter-2x3", 2, 3, false),
	PROGRAM("counter-3x1", 3, 1, false), PROGRAM("locked-2x3", 2, 3, true)};
enum { PROGRAMS = sizeof programs / sizeof *programs };
#define PROGRAM_NAMES "counter-2x1 counter-2x2 counter-2x3 counter-3x1 locked-2x3"
static const struct explore_program *program = programs; /* --program, or the one that the schedule is for */

static long wanted(void) { return (long)program->threads * ((const struct model *)program->data)->times; }

static bool right(void *data, char *text, size_t size)
{
	struct model *m = data;
	m->least = m->counter < m->least ? m->counter : m->least;
	m->most = m->counter > m->most ? m->counter : m->most;
	snprintf(text, size, "counted %ld of %ld", m->counter, wanted());
	return m->counter == wanted();
}

static const char *pick_program(const char *name)
{
	for (int i = 0; i < PROGRAMS; i++)
		if (!strcmp(programs[i].name, name))
			return program = &programs[i], NULL;
	return "one of " PROGRAM_NAMES;
}

static struct explore_schedule plan;
static const char *given_schedule, *given_explore, *given_save, *given_program;

/* FILE, or one that ships in the folder of this lesson. */
static const char *read_schedule(const char *name)
{
	static char why[300];
	char *own = xasprintf("%s/%s/%s", util_share_dir(), LESSON_DIR, name);
	bool read = explore_load(name, &plan, why, sizeof why) || (!strchr(name, '/') && explore_load(own, &plan, why, sizeof why));
	free(own);
	return read ? pick_program(plan.program) : why;
}

static long search_most = 1000;
static const char *check_n(const char *text)
{
	double n;
	if (!util_number(text, &n) || n < 1 || n > 1e6 || n != (long)n)
		return "a whole number from 1 to 1000000";
	search_most = (long)n;
	return NULL;
}

static void tell_table(struct telling *t, const struct explore_run *r)
{
	for (int i = -1; i < r->count; i++) {
		char *row = explore_row(program, r, i);
		tell(t, "%s", row);
		free(row);
	}
	tell(t, "%s", r->text);
}

#endif
