/* A live run in the rows around the views: its state is never out of sight. */
#include "tui/study.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "kernels/bench/words.h"
#include "tui/live.h"
#include "tui/spark.h"

enum { STEPS = 5, BAR = 4, CUT_HINT = 32 };

const struct live *study_live_figures(const struct app *app, const struct slot *slot)
{
	return slot && slot->state == RUN_LIVE && program_live(&app->child) ? app->child.live : NULL;
}

static void add(char *text, size_t size, const char *more)
{
	size_t used = strlen(text);
	snprintf(text + used, size - used, "%s%s", used && *more ? "  " : "", more);
}

/* "measuring ▮▮▯▯ 3/11" */
static void phase_words(const struct app *app, const struct rec_run *run, char *text, size_t size)
{
	char bar[BAR * 4 + 1] = "";
	const char *phase = run && run->phase && *run->phase ? _(run->phase) : _("starting");
	if (!run || run->planned <= 0 || run->done < 0) {
		snprintf(text, size, "%s", phase);
		return;
	}
	int full = run->done >= run->planned ? BAR : BAR * run->done / run->planned;
	for (int i = 0; i < BAR; i++)
		strncat(bar, i < full ? (app->ascii ? "#" : "▮") : (app->ascii ? "-" : "▯"), sizeof(bar) - strlen(bar) - 1);
	snprintf(text, size, "%s %s %d/%d", phase, bar, run->done, run->planned);
}

/* step 0 tells all there is, each further one leaves out what matters least. What differs from day to day is not for
 * scripts. */
static void words_at(const struct app *app, const struct rec_run *run, int step, char *text, size_t size)
{
	const struct program *c = &app->child;
	const struct live *l = c->live;
	char part[160], gone[LIVE_TIME_MAX], left[LIVE_TIME_MAX];
	bool figures = l && !app->script;
	text[0] = '\0';
	if (c->paused || c->stopping) {
		if (c->stopping)
			snprintf(text, size, "%s", c->overran > 0 ? _("over its budget: stopping") : _("stopping"));
		else if (!figures || step > 0)
			snprintf(text, size, "%s", _("held: p lets it go on"));
		else
			snprintf(text, size, _("held at %s: p lets it go on"), live_time(l->elapsed, gone));
		return;
	}
	if (figures && step < 1 && isfinite(l->now[LIVE_CPU])) {
		snprintf(part, sizeof(part), _("cpu %.1f/%d"), l->now[LIVE_CPU], l->core_count);
		add(text, size, part);
	}
	if (run && run->now && run->now[0] != '@' && step < 2) {
		snprintf(part, sizeof(part), app->ascii ? "%.24s x %d" : "%.24s × %d", run->now, run->now_workers);
		add(text, size, part);
	}
	phase_words(app, run, part, sizeof(part));
	add(text, size, part);
	if (run && run->phase && !strcmp(run->phase, "measuring") && step < 3) {
		snprintf(part, sizeof(part), _("kept %d"), run->kept);
		add(text, size, part);
	}
	if (!figures || step >= STEPS - 1)
		return;
	live_time(l->elapsed, gone);
	if (!isfinite(l->eta))
		snprintf(part, sizeof(part), "%s", gone);
	else
		snprintf(part, sizeof(part), _("%s, %s to go"), gone, live_time(l->eta, left));
	add(text, size, part);
}

void study_live_words(const struct app *app, const struct rec_run *run, int cols, char *text, size_t size)
{
	for (int step = 0; step < STEPS; step++) {
		words_at(app, run, step, text, size);
		if (canvas_width(text) <= cols)
			return;
	}
}

/* In the lower edge of the views pane: what is drawn above is not the end yet. */
void study_live_tag(struct app *app, struct rect area, const struct slot *slot)
{
	const struct live *l = study_live_figures(app, slot);
	char gone[LIVE_TIME_MAX], text[80];
	if (!l || area.rows < 3)
		return;
	live_time(l->elapsed, gone);
	if (app->script)
		snprintf(text, sizeof(text), " %s ", l->paused ? _("held") : l->stopping ? _("stopping") : _("live"));
	else
		snprintf(text, sizeof(text), l->paused ? _(" held at %s ") : l->stopping ? _(" stopping, %s ") : _(" live %s "), gone);
	/* The left end belongs to what can be done about lines that are cut. */
	int width = canvas_width(text), taken = app->study->overflow > 0 || app->study->wide ? CUT_HINT : 2;
	if (width + taken + 2 <= area.cols)
		canvas_text(app->canvas, area, area.rows - 1, area.cols - width - 2, l->paused || l->stopping ? ROLE_WARN : ROLE_EMPHASIS, text);
}

const char *study_live_elsewhere(const struct app *app)
{
	const struct program *c = &app->child;
	if (!program_live(c) || app->child_owner != &screen_study || app_screen(app) == &screen_study || !study_live(app))
		return NULL;
	return c->paused ? _("a run is held") : c->stopping ? _("a run is stopping") : _("a run is live");
}
