/* What was counted, in sentences and as a table. What can't be counted here has its reason and cure, told once. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/draw.h"
#include "tui/view_private.h"

enum { LANES_MAX = 1024, NAME_MIN = 12, NAME_MAX = 40, COLUMN = 8, COLUMN_WIDE = 10, NARROW = 48, WIDE = 90 };

struct table {
	const struct rec_run *run;
	const char *variant;
	int workers;
	double at;
	const struct rec_counters *all;
	const struct rec_point *point;
};

static bool choose(struct table *t, const struct view_input *in)
{
	double wanted = draw_at(t->run, t->variant);
	for (size_t i = 0; i < t->run->counters.n; i++) {
		const struct rec_counters *c = &t->run->counters.v[i];
		if (!draw_same(c->variant, t->variant) || c->worker != -1 || c->workers < 1 || c->workers > LANES_MAX)
			continue;
		bool asked = c->workers == in->workers, have = t->all && t->workers == in->workers;
		if (!t->all || (asked && !have) || (!have && c->workers > t->workers) ||
		    (c->workers == t->workers && draw_same_at(c->at, wanted))) {
			t->all = c;
			t->workers = c->workers;
			t->at = c->at;
		}
	}
	if (t->all)
		t->point = recset_point(t->run, t->variant, t->workers, t->at);
	return t->all;
}

static double value(const struct rec_counters *c, enum counter which)
{
	return c && isfinite(c->value[which]) ? c->value[which] : (double)NAN;
}

static bool is_seconds(enum counter which)
{
	return which == COUNT_TASK_CLOCK || which == COUNT_READY_WAIT;
}

static char *figure(double x, enum counter which, bool ascii, char buf[FIGURE_MAX])
{
	if (!isfinite(x))
		snprintf(buf, FIGURE_MAX, "—");
	else if (is_seconds(which))
		draw_seconds(x, ascii, buf);
	else
		util_si(x, buf, FIGURE_MAX);
	return buf;
}

/* ---- sentences ------------------------------------------------------------------------------------------------------ */

static int say(struct canvas *c, struct rect area, int y, int end, enum role role, const char *text)
{
	int rows = draw_wrapped_rows(text, area.cols);
	return y + rows <= end ? draw_wrapped(c, area, y, rows, role, text) : 0;
}

static const char *tier_words(const char *tier)
{
	return draw_same(tier, "hw")  ? _("hardware counters (PAPI)")
	     : draw_same(tier, "sw")  ? _("kernel software counters (PAPI)")
	     : draw_same(tier, "os")  ? _("what the operating system tells (getrusage, /proc)")
	     : draw_same(tier, "off") ? _("counters switched off")
				      : _("counters of unknown origin");
}

static int draw_sentences(struct canvas *c, struct rect area, int y, int end, const struct table *t)
{
	char text[256], a[FIGURE_MAX], b[FIGURE_MAX], d[FIGURE_MAX];
	int from = y;
	double clock = value(t->all, COUNT_TASK_CLOCK), wall = t->point ? t->point->seconds.mid : (double)NAN;
	if (isfinite(clock) && wall > 0) {
		snprintf(text, sizeof text, ngettext("%s of %d core was busy on average.", "%s of %d cores were busy on average.",
						      (unsigned long)t->workers), draw_figure(clock / wall, a), t->workers);
		if (t->point->oversubscribed)
			snprintf(text, sizeof text, ngettext("%s cores were busy on average, for %d worker.",
				 "%s cores were busy on average, for %d workers.", (unsigned long)t->workers), draw_figure(clock / wall, a), t->workers);
		y += say(c, area, y, end, ROLE_BOLD, text);
	}
	double cycles = value(t->all, COUNT_CYCLES), instructions = value(t->all, COUNT_INSTRUCTIONS);
	if (cycles > 0 && isfinite(instructions)) {
		snprintf(text, sizeof text, _("%s instructions in each cycle; %s cycles a second on each core."),
			 draw_figure(instructions / cycles, a), clock > 0 ? draw_figure(cycles / clock, b) : "—");
		y += say(c, area, y, end, ROLE_PLAIN, text);
	}
	double switches = value(t->all, COUNT_SWITCHES), voluntary = value(t->all, COUNT_VOLUNTARY);
	double ready = value(t->all, COUNT_READY_WAIT);
	if (isfinite(switches)) {
		if (isfinite(voluntary))
			snprintf(text, sizeof text, _("%s switches, %s of them because a worker waited."),
				 figure(switches, COUNT_SWITCHES, c->ascii, a), figure(voluntary, COUNT_SWITCHES, c->ascii, b));
		else
			snprintf(text, sizeof text, _("%s switches of workers."), figure(switches, COUNT_SWITCHES, c->ascii, a));
		y += say(c, area, y, end, ROLE_PLAIN, text);
	}
	if (ready > 0 && clock > 0 && ready / (ready + clock) >= 0.005) {
		snprintf(text, sizeof text, _("Ready, but without a core: %s, %s of the time."),
			 draw_seconds(ready, c->ascii, d), draw_percent(ready / (ready + clock), b));
		y += say(c, area, y, end, ROLE_WARN, text);
	}
	return y - from;
}

/* ---- table ---------------------------------------------------------------------------------------------------------- */

/* Columns: all, then as many workers as fit. Scroll moves over the workers. */
static void draw_row(struct canvas *c, struct rect area, int y, const struct table *t, enum counter which, int first, int columns,
		     int name, int width)
{
	struct rect cell = {area.y, area.x, area.rows, name + width < area.cols ? name + width : area.cols};
	char text[FIGURE_MAX];
	draw_cut(c, (struct rect){area.y, area.x, area.rows, name - 1}, y, 0, ROLE_PLAIN, _(counter_info[which].words));
	draw_right(c, cell, y, ROLE_BOLD, figure(value(t->all, which), which, c->ascii, text));
	for (int i = 0; i < columns; i++) {
		const struct rec_counters *one = recset_counters(t->run, t->variant, t->workers, first + i, t->at);
		cell.cols += width;
		draw_right(c, cell, y, ROLE_PLAIN, figure(value(one, which), which, c->ascii, text));
	}
}

/* Each reason once, behind the names that it holds for. */
static int draw_absent(struct canvas *c, struct rect area, int y, int end, const struct table *t)
{
	bool done[COUNTERS] = {false};
	int from = y;
	for (enum counter i = 0; i < COUNTERS; i++) {
		char text[700];
		const char *second = "";
		int count = 0;
		if (done[i] || !t->all->absent[i])
			continue;
		for (enum counter k = i; k < COUNTERS; k++) {
			if (!draw_same(t->all->absent[k], t->all->absent[i]))
				continue;
			done[k] = true;
			if (++count == 2)
				second = _(counter_info[k].words);
		}
		const char *first = _(counter_info[i].words), *reason = words_of(t->all->absent[i]);
		if (count == 1)
			snprintf(text, sizeof text, _("— %s: %s"), first, reason);
		else if (count == 2)
			snprintf(text, sizeof text, _("— %s, %s: %s"), first, second, reason);
		else
			snprintf(text, sizeof text, _("— %s, %s and %d more: %s"), first, second, count - 2, reason);
		y += draw_wrapped(c, area, y, end - y, ROLE_DIM, text);
	}
	return y - from;
}

struct columns {
	int name, width, shown; /* shown: workers */
};

/* Names have what they need, but leave room for all and two workers, in a narrow pane one. */
static struct columns columns_of(const struct table *t, int cols)
{
	struct columns f = {.name = NAME_MIN, .width = cols >= WIDE ? COLUMN_WIDE : COLUMN};
	int least = t->workers == 1 ? 0 : cols < NARROW ? 1 : 2, most = cols - (least + 1) * f.width;
	for (enum counter i = 0; i < COUNTERS; i++)
		if (isfinite(value(t->all, i)) && canvas_width(_(counter_info[i].words)) >= f.name)
			f.name = canvas_width(_(counter_info[i].words)) + 1;
	f.name = f.name > most ? most : f.name;
	if (f.name < NAME_MIN)
		f.name = cols > NAME_MIN + f.width ? NAME_MIN : cols - f.width;
	f.name = f.name > NAME_MAX ? NAME_MAX : f.name < 1 ? 1 : f.name;
	f.shown = (cols - f.name - f.width) / f.width;
	f.shown = f.shown < 0 || t->workers == 1 ? 0 : f.shown > t->workers ? t->workers : f.shown;
	return f;
}

static struct scroll_range counters_scrolls(const struct view_input *in, int rows, int cols)
{
	struct table t = {.run = in->run, .variant = draw_variant(in), .at = (double)NAN};
	(void)rows;
	if (in->live || !in->run || !t.variant || !choose(&t, in))
		return (struct scroll_range){0, 0};
	int shown = columns_of(&t, cols).shown;
	return (struct scroll_range){0, shown ? t.workers - shown : 0};
}

static void draw_counters(struct canvas *c, struct rect area, const struct view_input *in)
{
	struct table t = {.run = in->run, .variant = draw_variant(in), .at = (double)NAN};
	if (in->live) {
		view_live_draw(c, area, in);
		return;
	}
	if (!in->run || !t.variant || !choose(&t, in)) {
		draw_nothing(c, area, in->run ? _("Nothing was counted for this variant: events are counted in runs of their own, at the end.")
					     : _("Nothing was run yet."));
		return;
	}
	char text[256], at[FIGURE_MAX];
	int y = 0;
	snprintf(text, sizeof text, ngettext("%.60s, %d worker%s · %s", "%.60s, %d workers%s · %s", (unsigned long)t.workers),
		 t.variant, t.workers, draw_at_words(t.run, t.at, at), tier_words(t.all->tier));
	if (area.rows >= 4)
		draw_cut(c, area, y++, 0, ROLE_DIM, text);
	int present = 0;
	for (enum counter i = 0; i < COUNTERS; i++)
		present += isfinite(value(t.all, i));
	/* The table first has its rows, sentences take what is left over, but at least two rows. */
	int spare = area.rows - y - present - 1, sentences_end = y + (spare > 2 ? spare : 2);
	y += draw_sentences(c, area, y, sentences_end < area.rows ? sentences_end : area.rows, &t);
	struct columns table = columns_of(&t, area.cols);
	int name = table.name, width = table.width, columns = table.shown;
	int first = in->scroll < 0 ? 0 : in->scroll > t.workers - columns ? t.workers - columns : in->scroll;
	if (area.rows - y >= 3) {
		struct rect head = {area.y, area.x, area.rows, name + width < area.cols ? name + width : area.cols};
		draw_right(c, head, y, ROLE_DIM, t.workers == 1 ? _("one run") : _("all"));
		for (int i = 0; i < columns; i++) {
			snprintf(text, sizeof text, "w%d", first + i);
			head.cols += width;
			draw_right(c, head, y, ROLE_DIM, text);
		}
		if (columns && columns < t.workers && area.cols - head.cols > 2)
			canvas_text(c, area, y, head.cols + 1, ROLE_DIM, c->ascii ? ">" : "▸");
		y++;
	}
	for (enum counter i = 0; i < COUNTERS && y < area.rows; i++)
		if (isfinite(value(t.all, i)))
			draw_row(c, area, y++, &t, i, first, columns, name, width);
	if (y < area.rows)
		draw_absent(c, area, y, area.rows, &t);
}

const struct view view_counters = {.name = N_("Counters"), .draw = draw_counters, .scrolls = counters_scrolls};
