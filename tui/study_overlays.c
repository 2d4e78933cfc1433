/* Earlier results of a run block, kept to be laid over the new one. */
#include "tui/study_tune.h"

#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/draw.h"

static const struct rec_run *last_run(const struct recset *set)
{
	return set && set->runs.n > 0 ? &set->runs.v[set->runs.n - 1] : NULL;
}

static void forget(struct earlier_result *earlier)
{
	recset_free(earlier->set);
	free(earlier->command);
	*earlier = (struct earlier_result){0};
}

void overlays_keep(struct slot *slot)
{
	const struct rec_run *run = last_run(slot->set);
	if (!run || run->points.n == 0 || !slot->command)
		return; /* nothing that could be drawn: what was kept stays */
	forget(&slot->earlier[SLOT_EARLIER - 1]);
	memmove(slot->earlier + 1, slot->earlier, (SLOT_EARLIER - 1) * sizeof(*slot->earlier));
	slot->earlier[0] = (struct earlier_result){slot->set, xstrdup(slot->command), slot->mine};
	slot->set = NULL;
}

void overlays_forget(struct slot *slot)
{
	for (int i = 0; i < SLOT_EARLIER; i++)
		forget(&slot->earlier[i]);
}

/* Once each, and never the run itself. */
static void add(struct view_input *in, const struct recset *set, const char *name)
{
	const struct rec_run *run = last_run(set);
	for (int i = 0; i < in->overlay_count; i++)
		if (draw_same(in->overlays[i].run->id, run->id))
			return;
	if (in->overlay_count < VIEW_OVERLAYS && !(in->run && in->run->points.n && draw_same(in->run->id, run->id)))
		in->overlays[in->overlay_count++] = (struct view_overlay){run, set, name};
}

/* What was picked from the saved runs comes first: it was asked for. */
void overlays_fill(const struct app *app, const struct slot *slot, struct view_input *in)
{
	picks_fill(app->study, in);
	bool told[2] = {false}; /* the newest of the lesson's program, of the learner's own */
	for (int i = 0; slot && i < SLOT_EARLIER && slot->earlier[i].set; i++) {
		const struct earlier_result *e = &slot->earlier[i];
		if (told[e->mine] || (in->run && !draw_same(in->run->kernel, last_run(e->set)->kernel)))
			continue;
		told[e->mine] = true;
		add(in, e->set, e->mine == slot->mine ? _("before") : e->mine ? _("yours") : _("lesson's"));
	}
}
