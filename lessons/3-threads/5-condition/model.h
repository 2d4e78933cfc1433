/* The buffer of the lesson `condition` as a model, small enough that every schedule of its threads can be tried: one producer
 * brings two items, two consumers take one each. */
#ifndef LOCKSTEP_CONDITION_MODEL_H
#define LOCKSTEP_CONDITION_MODEL_H

#include <stdio.h>
#include "kernels/runtime/explore.h"
#include "lessons/demo.h"

struct model {
	struct explore_mutex mutex;
	struct explore_cond not_empty;
	int items;
	bool looks_once, early, silent; /* the mistakes */
};

static void model_begin(void *data)
{
	struct model *m = data;
	m->mutex = (struct explore_mutex){.name = "box"};
	m->not_empty = (struct explore_cond){.name = "item"};
	m->items = 0;
}

//> model
static void model_body(void *data, int me)
{
	struct model *m = data;
	for (int i = 0; me == 0 && i < 2; i++) { /* the producer */
		if (m->early)
			explore_signal(&m->not_empty);
		explore_lock(&m->mutex);
		m->items++;
		explore_say("put");
		if (!m->early && !m->silent)
			explore_signal(&m->not_empty);
		explore_unlock(&m->mutex);
	}
	if (me > 0) { /* a consumer */
		explore_lock(&m->mutex);
		while (m->items == 0) {
			explore_wait(&m->not_empty, &m->mutex);
			if (m->looks_once)
				break; /* `if` in place of `while` */
		}
		explore_check(m->items > 0, "thread %d takes from an empty buffer", me + 1);
		m->items--;
		explore_say("take");
		explore_unlock(&m->mutex);
	}
}
//< model

static void model_state(const void *data, char *text, size_t size) { snprintf(text, size, "%d", ((const struct model *)data)->items); }

static bool model_right(void *data, char *text, size_t size)
{
	const struct model *m = data;
	snprintf(text, size, "%d items are left", m->items);
	return m->items == 0;
}

/* All schedules; the first failing one step by step; how many fail. */
static int explored(struct telling *t, const char *name, struct model model)
{
	struct explore_program program = {.name = name, .threads = 3, .begin = model_begin, .body = model_body, .right = model_right,
					  .state = model_state, .state_title = "items", .data = &model};
	struct explore_search search = {.most = 20000, .preemptions = -1, .all = true};
	if (explore_search(&program, &search) != 0)
		return -1;
	tell(t, "thread 1 puts two items, 2 and 3 take one each; [items]");
	for (int i = 0; search.failed && i < search.first.count; i++) {
		const struct explore_step *step = &search.first.step[i];
		tell(t, "%d: %s [%s]", step->thread + 1, step->text, step->state);
	}
	if (search.failed)
		tell(t, "%s", search.first.text);
	tell_check(t, !search.failed, "%ld schedules tried, that is %s: %ld of them fail", search.tried,
		   search.complete ? N_("all there are") : N_("not all"), search.failed);
	tell_figure(t, (double)search.failed, 0);
	explore_free(&search.first);
	return 0;
}

static int explore_while(struct telling *t) { return explored(t, "while", (struct model){.items = 0}); }
static int explore_if(struct telling *t) { return explored(t, "if", (struct model){.looks_once = true}); }
static int explore_early(struct telling *t) { return explored(t, "early", (struct model){.early = true}); }
static int explore_silent(struct telling *t) { return explored(t, "silent", (struct model){.silent = true}); }

static const struct demo demos[] = {
	{"explore-while", "every schedule: wait in a loop, notify after the change", .run = explore_while},
	{"explore-if", "every schedule: look once", "who wakes up takes without looking whether something is left", .run = explore_if},
	{"explore-early", "every schedule: notify before the change", "the notice comes when nobody sleeps yet, and is lost",
	 .run = explore_early},
	{"explore-silent", "every schedule: no notice", "who sleeps is never told that there is an item", .run = explore_silent},
	{0},
};

#endif
