/* A run while it goes on: how far it is and how long it may take, the load of the cores, and rates with their history. It
 * stands in the place of the Counters view until there is something counted; what the Budget can say stands here too. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/draw.h"
#include "tui/live.h"
#include "tui/spark.h"
#include "tui/view_private.h"

enum { LABEL = 12, VALUE = 15, SPARK_LEAST = 4, CORE_LABEL = 9, CORE_VALUE = 6, PACKED_LABEL = 6, BAR_MOST = 24, TIMES = 26 };

static const enum role roles[LIVE_RATES] = {ROLE_SERIES_3, ROLE_SERIES_1, ROLE_SERIES_5, ROLE_SERIES_6, ROLE_SERIES_2, ROLE_SERIES_4};

/* ---- how far -------------------------------------------------------------------------------------------------------- */

static int draw_state(struct canvas *c, struct rect area, const struct view_input *in)
{
	char text[256];
	if (in->live->stopping)
		return draw_wrapped(c, area, 0, 2, ROLE_WARN, _("Stopping: what was measured so far is kept."));
	if (in->live->paused)
		return draw_wrapped(c, area, 0, 2, ROLE_WARN, _("Held: p lets it go on. Its time stands still."));
	if (!draw_progress(in->run, text, sizeof text))
		return draw_wrapped(c, area, 0, 2, ROLE_BOLD, in->run ? _("The run begins.") : _("The program starts, and looks for the best serial code."));
	return draw_wrapped(c, area, 0, area.rows > 10 ? 2 : 1, ROLE_BOLD, text);
}

static int draw_now(struct canvas *c, struct rect area, int y, const struct view_input *in)
{
	char text[200], at[FIGURE_MAX];
	const struct rec_run *run = in->run;
	if (!run || !run->now || !strcmp(run->now, "@spin"))
		snprintf(text, sizeof text, "%s", run && run->now ? _("now: the yardstick on each core") : "");
	else
		snprintf(text, sizeof text, ngettext("now: %.60s, %d worker%s", "now: %.60s, %d workers%s", (unsigned long)run->now_workers), run->now,
			 run->now_workers, draw_at_words(run, run->now_at, at));
	if (run && run->now && strcmp(run->now, "@spin") && canvas_width(text) > area.cols)
		snprintf(text, sizeof text, ngettext("%.60s, %d worker%s", "%.60s, %d workers%s", (unsigned long)run->now_workers), run->now,
			 run->now_workers, at);
	draw_cut(c, area, y, 0, ROLE_PLAIN, text);
	return 1;
}

static int draw_times(struct canvas *c, struct rect area, int y, const struct view_input *in)
{
	const struct live *l = in->live;
	const struct rec_run *run = in->run;
	char elapsed[LIVE_TIME_MAX], eta[LIVE_TIME_MAX], text[128];
	double share = run && run->planned > 0 ? (double)run->done / run->planned : 0;
	int bar = area.cols - TIMES < BAR_MOST ? area.cols - TIMES : BAR_MOST;
	live_time(l->elapsed, elapsed);
	if (isfinite(l->eta))
		snprintf(text, sizeof text, _("%s, about %s to go"), elapsed, live_time(l->eta, eta));
	else if (l->budget > 0)
		snprintf(text, sizeof text, _("%s, budget %s"), elapsed, live_time(l->budget, eta));
	else
		snprintf(text, sizeof text, _("%s, time to go unknown"), elapsed);
	for (int i = 0; i < bar; i++)
		canvas_text(c, area, y, i, ROLE_DIM, c->ascii ? "." : "░");
	spark_bar(c, area, y, 0, bar, ROLE_MEASURED, share);
	draw_cut(c, area, y, bar > 0 ? bar + 1 : 0, ROLE_PLAIN, text);
	return 1;
}

/* ---- cores ---------------------------------------------------------------------------------------------------------- */

static void draw_core(struct canvas *c, struct rect area, int y, const struct live_core *core)
{
	char text[32], share[FIGURE_MAX];
	snprintf(text, sizeof text, _("core %d"), core->number);
	canvas_text(c, area, y, 0, ROLE_AXIS, text);
	spark_bar(c, area, y, CORE_LABEL, area.cols - CORE_LABEL - CORE_VALUE, ROLE_SERIES_3, core->busy);
	draw_right(c, area, y, ROLE_PLAIN, draw_percent(core->busy, share));
}

/* Many cores, one cell each; a row begins with the number of its first. */
static void draw_packed(struct canvas *c, struct rect area, int y, int rows, const struct live *l)
{
	int across = area.cols - PACKED_LABEL;
	for (int i = 0; i < l->core_count && across > 0 && i / across < rows; i++) {
		if (i % across == 0)
			canvas_printf(c, area, y + i / across, 0, ROLE_AXIS, "%5d", l->cores[i].number);
		canvas_text(c, area, y + i / across, PACKED_LABEL + i % across, ROLE_SERIES_3,
			    isfinite(l->cores[i].busy) ? spark_cell(l->cores[i].busy, c->ascii) : "?");
	}
}

/* ---- rates ---------------------------------------------------------------------------------------------------------- */

static void value_words(const struct live *l, enum live_rate rate, char *text, size_t size)
{
	char figure[FIGURE_MAX];
	double x = l->now[rate];
	if (!isfinite(x))
		snprintf(text, size, "—");
	else if (rate == LIVE_CPU)
		snprintf(text, size, ngettext("%.2f of %d core", "%.2f of %d cores", (unsigned long)l->core_count), x, l->core_count);
	else if (rate == LIVE_OTHERS)
		snprintf(text, size, _("%.2f cores"), x);
	else
		snprintf(text, size, rate == LIVE_MEMORY ? "%sB" : "%s/s", util_si(rate == LIVE_MEMORY ? x : round(x), figure, sizeof figure));
}

static void draw_rate(struct canvas *c, struct rect area, int y, const struct live *l, enum live_rate rate)
{
	char text[64];
	int left = area.cols - LABEL - VALUE - 1;
	double top = rate == LIVE_CPU || rate == LIVE_OTHERS ? l->core_count : 0;
	value_words(l, rate, text, sizeof text);
	draw_cut(c, (struct rect){area.y, area.x, area.rows, area.cols < LABEL ? area.cols : LABEL - 1}, y, 0, ROLE_AXIS, _(live_words[rate]));
	canvas_text(c, area, y, LABEL, l->paused ? ROLE_DIM : ROLE_BOLD, text);
	if (left >= SPARK_LEAST)
		spark_history(c, area, y, LABEL + VALUE + 1, left, roles[rate], l->history[rate], l->length, top);
}

/* ---- the whole ------------------------------------------------------------------------------------------------------ */

/* Whole or not at all; what nobody would guess comes first. Each is one row of the pane of a screen of 80 columns. */
static const char *const explained[] = {N_("Waited: times a worker had to wait."), N_("Displaced: its core went to another."),
					N_("Bars: a core's load, all programs.")};

void view_live_draw(struct canvas *c, struct rect area, const struct view_input *in)
{
	const struct live *l = in->live;
	int y = draw_state(c, area, in);
	if (area.rows >= 6)
		y += draw_now(c, area, y, in);
	y += draw_times(c, area, y, in);
	int rest = area.rows - y, across = area.cols - PACKED_LABEL, rates = rest - 1 < LIVE_RATES ? rest - 1 : LIVE_RATES;
	rates = rates < 0 ? 0 : rates;
	int room = rest - rates, packed = across > 0 ? (l->core_count + across - 1) / across : 0;
	bool whole = l->core_count <= room;
	int rows = whole ? l->core_count : packed < room ? packed : room;
	int gap = room - rows >= 2;
	y += gap;
	for (int i = 0; whole && i < rows; i++)
		draw_core(c, area, y + i, &l->cores[i]);
	if (!whole)
		draw_packed(c, area, y, rows, l);
	y += rows + gap;
	for (int i = 0; i < rates; i++)
		draw_rate(c, area, y + i, l, (enum live_rate)i);
	y += rates + 1;
	for (size_t i = 0; i < sizeof explained / sizeof *explained; i++) {
		const char *text = _(explained[i]);
		int need = draw_wrapped_rows(text, area.cols);
		if (need <= area.rows - y)
			y += draw_wrapped(c, area, y, need, ROLE_DIM, text);
	}
}

void view_live_budget(struct canvas *c, struct rect area, const struct view_input *in)
{
	const struct live *l = in->live;
	char text[400], used[FIGURE_MAX], had[FIGURE_MAX], share[FIGURE_MAX];
	double all = l->elapsed * l->core_count;
	int y = area.rows > 8 ? 1 : 0;
	if (isfinite(l->cpu_seconds) && all > 0.5) {
		double part = l->cpu_seconds / all;
		snprintf(text, sizeof text, _("So far this program used %s of the %s that the cores it may use had: %s."),
			 draw_seconds(l->cpu_seconds, c->ascii, used), draw_seconds(all, c->ascii, had), draw_percent(part < 1 ? part : 1, share));
		y += draw_wrapped(c, area, y, area.rows - y, ROLE_BOLD, text);
		if (y + 1 < area.rows) {
			for (int i = 0; i < area.cols; i++)
				canvas_text(c, area, y, i, ROLE_DIM, c->ascii ? "." : "░");
			spark_bar(c, area, y, 0, area.cols, ROLE_SERIES_3, part);
			y += 2;
		}
	}
	if (y < area.rows)
		draw_wrapped(c, area, y, area.rows - y, ROLE_DIM,
			     _("All runs of one and of many workers are in it, checks of the answers too. Which of it was useful, and where the rest "
			       "went, is added up when the run ends."));
}
