/* All schedules of a program, each once: see explore.h. A run along the beginning of a schedule (a prefix) goes on somehow to its end;
 * wherever it could have gone on with another thread, that is another prefix. Those that need one preemption more wait until all
 * with fewer are done; within the same number the last one found comes first: a depth-first search. */
#include "kernels/runtime/explore.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct prefix {
	struct prefix *next;
	int count;
	uint8_t thread[];
};

enum { LEVELS = EXPLORE_STEPS_MAX + 1 }; /* a step is one preemption at most */

struct todo {
	struct prefix *level[LEVELS]; /* by preemptions */
	long waiting, left_out;
};

/* Whether the step, done by `thread`, takes the baton from one that could go on. */
static bool preempts(const struct explore_run *run, int i, int thread)
{
	const struct explore_step *step = &run->step[i];
	int last = i ? run->step[i - 1].thread : -1;
	if (last < 0 || !(step->enabled >> last & 1))
		return false;
	return step->yielded ? thread == last && step->enabled != UINT32_C(1) << last : thread != last;
}

/* The first i steps of the run, then the thread. */
static int put_off(struct todo *todo, int level, const struct explore_run *run, int i, int thread)
{
	struct prefix *p = malloc(sizeof *p + (size_t)i + 1);
	if (!p)
		return -1;
	for (int k = 0; k < i; k++)
		p->thread[k] = (uint8_t)run->step[k].thread;
	p->thread[i] = (uint8_t)thread;
	p->count = i + 1;
	p->next = todo->level[level];
	todo->level[level] = p;
	todo->waiting++;
	return 0;
}

/* Every other way that begins behind the prefix of this run. */
static int branch(struct todo *todo, const struct explore_run *run, int from, const struct explore_search *search)
{
	int preemptions = 0;
	for (int i = 0; i < run->count; i++) {
		uint32_t others = run->step[i].enabled & ~(UINT32_C(1) << run->step[i].thread);
		for (int t = EXPLORE_THREADS_MAX - 1; i >= from && t >= 0; t--) {
			int level = preemptions + preempts(run, i, t);
			if (!(others >> t & 1))
				continue;
			if ((search->preemptions >= 0 && level > search->preemptions) || todo->waiting >= search->most - search->tried)
				todo->left_out++; /* there would be no run left for it */
			else if (put_off(todo, level, run, i, t) != 0)
				return -1;
		}
		preemptions += preempts(run, i, run->step[i].thread);
	}
	return 0;
}

/* Keeps the failing run if it is the first one, or shorter than that. */
static void keep(struct explore_search *search, struct explore_run *run)
{
	bool better = !search->failed || (run->preemptions == search->first.preemptions && run->count < search->first.count);
	search->failed++;
	if (better) {
		struct explore_run old = search->first;
		search->first = *run;
		*run = old;
	}
}

static struct prefix *take(struct todo *todo, int level)
{
	struct prefix *p = todo->level[level];
	if (p) {
		todo->level[level] = p->next;
		todo->waiting--;
	}
	return p;
}

/* What was put off for this number of preemptions: the first one found comes first. */
static void turn_over(struct todo *todo, int level)
{
	struct prefix *old = todo->level[level], *next;
	todo->level[level] = NULL;
	for (; old; old = next) {
		next = old->next;
		old->next = todo->level[level];
		todo->level[level] = old;
	}
}

int explore_search(const struct explore_program *program, struct explore_search *search)
{
	struct todo *todo = calloc(1, sizeof *todo);
	struct explore_schedule *plan = calloc(1, sizeof *plan);
	int result = -1;
	search->tried = search->failed = 0;
	search->complete = false;
	search->first = (struct explore_run){0};
	if (!todo || !plan)
		goto out;
	plan->threads = program->threads;
	struct prefix *p = calloc(1, sizeof *p);
	if (!p)
		goto out;
	todo->level[0] = p; /* the empty beginning */
	todo->waiting = 1;
	for (int level = 0; level < LEVELS && (search->all || !search->failed); level++) {
		turn_over(todo, level);
		while (search->tried < search->most && (p = take(todo, level))) {
			struct explore_run run;
			plan->count = p->count;
			memcpy(plan->thread, p->thread, (size_t)p->count);
			free(p);
			if (explore_once(program, plan, &run) != 0)
				goto out;
			search->tried++;
			int bad = branch(todo, &run, plan->count, search);
			if (run.end != EXPLORE_RIGHT)
				keep(search, &run);
			explore_free(&run);
			if (bad)
				goto out;
		}
	}
	search->complete = !todo->waiting && !todo->left_out;
	result = 0;
out:;
	int error = errno;
	for (int level = 0; todo && level < LEVELS; level++)
		while ((p = take(todo, level)))
			free(p);
	free(todo);
	free(plan);
	if (result)
		explore_free(&search->first);
	errno = error;
	return result;
}
