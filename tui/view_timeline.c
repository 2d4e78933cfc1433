/* Who ran when: a lane for the owner's serial part and for each worker, in one kept round. Zoom halves the span shown with
 * each step; sideways moves through time, by columns. Scroll moves over the lanes that do not fit. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/chart.h"
#include "tui/draw.h"

enum kind { NONE, RUN, WAIT, OFF, SERIAL, KINDS };

static const struct {
	const char *name, *word, *glyph, *ascii;
	enum role role;
} kinds[KINDS] = {
	[NONE] = {"", N_("idle"), " ", " ", ROLE_DIM},
	[RUN] = {"run", N_("ran"), "█", "#", ROLE_SERIES_3},
	[WAIT] = {"wait", N_("waited"), "▒", "w", ROLE_SERIES_1},
	[OFF] = {"off", N_("off"), "░", ".", ROLE_SERIES_6},
	[SERIAL] = {"serial", N_("serial"), "▓", "S", ROLE_SERIES_5},
};

struct timeline {
	const struct rec_run *run;
	const char *variant;
	int workers, round;
	bool final;          /* else: of the latest round, the run goes on */
	double at, end;      /* end: of the whole run */
	double from, to;     /* shown */
	double sum[KINDS];   /* seconds by kind over all workers; SERIAL: of the owner */
};

static enum kind kind_of(const struct rec_span *s)
{
	for (enum kind k = RUN; k < KINDS; k++)
		if (draw_same(s->kind, kinds[k].name))
			return k;
	return NONE;
}

static bool valid(const struct rec_span *s)
{
	return s->worker >= -1 && s->worker < s->workers && s->workers > 0 && s->workers <= 1024 && s->begin >= 0 &&
	       s->end >= s->begin && s->end < 1e9;
}

static bool belongs(const struct timeline *t, const struct rec_span *s)
{
	return valid(s) && draw_same(s->variant, t->variant) && s->workers == t->workers && draw_same_at(s->at, t->at);
}

/* The worker count asked for if it has spans, else the most that has; sums over the workers. False: no spans at all. */
static bool choose(struct timeline *t, const struct view_input *in)
{
	double wanted = draw_at(t->run, t->variant);
	bool exact = false;
	for (size_t i = 0; i < t->run->spans.n; i++) {
		const struct rec_span *s = &t->run->spans.v[i];
		bool asked = s->workers == in->workers, here = draw_same_at(s->at, wanted);
		if (!valid(s) || !draw_same(s->variant, t->variant))
			continue;
		if (!t->workers || (asked && t->workers != in->workers) || (t->workers != in->workers && s->workers > t->workers) ||
		    (s->workers == t->workers && here && !exact)) {
			t->workers = s->workers;
			t->at = s->at;
			t->round = s->round;
			t->final = s->final;
			exact = here;
		}
	}
	for (size_t i = 0; t->workers && i < t->run->spans.n; i++) {
		const struct rec_span *s = &t->run->spans.v[i];
		if (!belongs(t, s))
			continue;
		t->end = s->end > t->end ? s->end : t->end;
		t->sum[kind_of(s)] += s->end - s->begin;
	}
	return t->workers > 0 && t->end > 0;
}

/* ---- drawing -------------------------------------------------------------------------------------------------------- */

/* A bar as high as the share of a column's time that was run. */
static const char *run_glyph(double share, bool ascii)
{
	static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}, *const plain[] = {"-", "=", "#"};
	int n = (int)(share * 8 + 0.5) - 1;
	n = n < 0 ? 0 : n > 7 ? 7 : n;
	return ascii ? plain[n < 3 ? 0 : n < 6 ? 1 : 2] : bars[n];
}

/* The kind that fills most of each column; but workers that take turns within a column are seen to run. */
/* True when a core's number stands in it. */
static bool draw_lane(struct canvas *c, const struct timeline *t, struct rect lane, int worker, bool cores)
{
	double *seconds = xcalloc((size_t)lane.cols * KINDS, sizeof *seconds), per = (t->to - t->from) / lane.cols;
	for (size_t i = 0; i < t->run->spans.n; i++) {
		const struct rec_span *s = &t->run->spans.v[i];
		if (!belongs(t, s) || s->worker != worker || s->end <= t->from || s->begin >= t->to)
			continue;
		double first = fmax((s->begin - t->from) / per, 0), last = fmin((s->end - t->from) / per, lane.cols);
		for (int x = (int)first; x < lane.cols && x < last; x++)
			seconds[x * KINDS + kind_of(s)] += fmin(last, x + 1) - fmax(first, x);
	}
	for (int x = 0; x < lane.cols; x++) {
		double *here = &seconds[x * KINDS], most = 1;
		enum kind kind = NONE;
		for (enum kind k = RUN; k < KINDS; k++)
			most -= here[k];
		/* A short span is drawn rather than nothing. */
		most = most > 0.5 ? 0.2 : 0;
		for (enum kind k = RUN; k < KINDS; k++)
			if (here[k] > most) {
				most = here[k];
				kind = k;
			}
		if (kind == OFF && here[RUN] >= 0.5 / t->workers)
			kind = RUN;
		canvas_text(c, lane, 0, x, kinds[kind].role, kind == RUN ? run_glyph(here[RUN], c->ascii)
							     : c->ascii  ? kinds[kind].ascii : kinds[kind].glyph);
	}
	bool numbered = false;
	/* The core's number, where a span is long enough to stay readable. */
	for (size_t i = 0; cores && i < t->run->spans.n; i++) {
		const struct rec_span *s = &t->run->spans.v[i];
		char core[16];
		if (!belongs(t, s) || s->worker != worker || s->core < 0 || s->core > 9999 || s->end <= t->from || s->begin >= t->to)
			continue;
		if (kind_of(s) != RUN && kind_of(s) != SERIAL)
			continue;
		int first = (int)ceil(fmax((s->begin - t->from) / per, 0)), last = (int)fmin((s->end - t->from) / per, lane.cols);
		int width = snprintf(core, sizeof core, "%d", s->core);
		if (last - first >= width + 3) {
			canvas_text(c, lane, 0, first + 1, ROLE_BOLD, core);
			numbered = true;
		}
	}
	free(seconds);
	return numbered;
}

static void draw_axis(struct canvas *c, struct rect axis, const struct timeline *t)
{
	double span = t->to - t->from, step = chart_step(span, axis.cols / 10 > 1 ? axis.cols / 10 : 1);
	int busy = -1;
	for (int x = 0; x < axis.cols; x++)
		canvas_text(c, axis, 0, x, ROLE_AXIS, c->ascii ? "-" : "─");
	for (double v = ceil(t->from / step - 1e-9) * step; v <= t->to + step * 1e-6; v += step) {
		int x = (int)((v - t->from) / span * (axis.cols - 1) + 0.5);
		char text[FIGURE_MAX];
		double shown = v < step / 1000 ? 0 : v;
		if (shown == 0)
			snprintf(text, sizeof text, "0");
		else
			draw_seconds(shown, c->ascii, text);
		int width = canvas_width(text), left = x - (width - 1) / 2;
		left = left + width > axis.cols ? axis.cols - width : left < 0 ? 0 : left;
		canvas_text(c, axis, 0, x, ROLE_AXIS, c->ascii ? "+" : "┬");
		if (left <= busy)
			continue;
		canvas_text(c, axis, 1, left, ROLE_AXIS, text);
		busy = left + width;
	}
}

static void draw_heading(struct canvas *c, struct rect area, const struct timeline *t, int first, int visible)
{
	char text[256], at[FIGURE_MAX], end[FIGURE_MAX], part[64] = "";
	draw_at_words(t->run, t->at, at);
	snprintf(text, sizeof text, ngettext("%.60s, %d worker%s · round %d, %s", "%.60s, %d workers%s · round %d, %s",
					      (unsigned long)t->workers), t->variant, t->workers, at,
		 t->round, draw_seconds(t->end, c->ascii, end));
	if (visible < t->workers + 1)
		snprintf(part, sizeof part, _("lanes %d–%d of %d"), first + 1, first + visible, t->workers + 1);
	else if (!t->final)
		snprintf(part, sizeof part, "%s", t->round ? _("so far") : _("warm-up"));
	draw_cut(c, area, 0, 0, ROLE_BOLD, text);
	if (*part && canvas_width(text) + canvas_width(part) + 2 <= area.cols)
		draw_right(c, area, 0, ROLE_DIM, part);
}

static void draw_shares(struct canvas *c, struct rect area, int y, int rows, const struct timeline *t)
{
	struct chart_key keys[KINDS];
	char words[KINDS][40], share[FIGURE_MAX];
	double all = t->workers * t->end, idle = all - t->sum[RUN] - t->sum[WAIT] - t->sum[OFF];
	int n = 0;
	for (enum kind k = RUN; k <= SERIAL; k++) {
		/* The serial part is a share of the time, the rest shares of the workers' time. */
		double part = k == SERIAL ? t->sum[k] / t->end : t->sum[k] / all;
		if (k == SERIAL && part <= 0)
			continue;
		snprintf(words[n], sizeof words[n], "%s %s", _(kinds[k].word), draw_percent(part, share));
		keys[n] = (struct chart_key){kinds[k].role, kinds[k].glyph, kinds[k].ascii, words[n]};
		n++;
	}
	if (idle > all * 0.0005 && n < KINDS) {
		snprintf(words[n], sizeof words[n], _("idle %s"), draw_percent(idle / all, share));
		keys[n] = (struct chart_key){ROLE_DIM, "·", ".", words[n]};
		n++;
	}
	chart_legend(c, area, y, rows, keys, n);
}

/* Rows of the parts of the picture. */
struct parts {
	int heading, axis, legend, visible; /* visible: lanes */
};

static struct parts parts_of(const struct timeline *t, int rows)
{
	struct parts p = {rows >= 5, rows >= 7 ? 2 : 0, rows >= 12 ? 2 : rows >= 4 ? 1 : 0, 0};
	p.visible = rows - p.heading - p.axis - p.legend;
	p.visible = p.visible < 1 ? 1 : p.visible > t->workers + 1 ? t->workers + 1 : p.visible;
	return p;
}

static int zoom_of(const struct view_input *in)
{
	return in->zoom < 0 ? 0 : in->zoom > VIEW_ZOOM_MAX ? VIEW_ZOOM_MAX : in->zoom;
}

/* Columns before the lanes, for their names. */
static int label_of(int cols)
{
	return cols >= 24 ? 7 : cols >= 12 ? 4 : 0;
}

static void draw_timeline(struct canvas *c, struct rect area, const struct view_input *in)
{
	struct timeline t = {.run = in->run, .variant = draw_variant(in), .at = (double)NAN};
	if (!in->run || !t.variant || !choose(&t, in)) {
		draw_nothing(c, area, !in->run && !in->live ? _("Nothing was run yet.")
				      : in->live ? _("The lanes fill with the first run of this variant.")
					      : _("No timeline for this variant: it is taken from one quiet round, when the run ends."));
		return;
	}
	struct parts parts = parts_of(&t, area.rows);
	int heading = parts.heading, axis = parts.axis, legend = parts.legend, visible = parts.visible, lanes = t.workers + 1;
	int scroll = in->scroll < 0 ? 0 : in->scroll, first = scroll > lanes - visible ? lanes - visible : scroll;
	int label = label_of(area.cols), sideways = in->sideways < 0 ? 0 : in->sideways;
	double span = t.end / (1 << zoom_of(in)), latest = t.end - span;
	t.from = area.cols > label ? fmin(span / (area.cols - label) * sideways, latest) : 0;
	t.to = t.from + span;
	if (heading)
		draw_heading(c, area, &t, first, visible);
	/* With room to spare lanes are two rows high, with a gap between. */
	int pitch = (area.rows - heading - axis - legend - 2) / visible;
	pitch = pitch < 1 || visible < lanes ? 1 : pitch > 3 ? 3 : pitch;
	bool numbered = false;
	for (int i = 0; i < visible; i++) {
		struct rect lane = {area.y + heading + i * pitch, area.x + label, 1, area.cols - label};
		int worker = first + i - 1;
		char name[16];
		snprintf(name, sizeof name, worker >= 0 ? "w%d" : label < 7 ? _("ser") : _("serial"), worker);
		if (label)
			canvas_text(c, area, heading + i * pitch, 0, ROLE_AXIS, name);
		for (int k = 0; k < (pitch == 3 ? 2 : 1) && lane.cols > 0; k++, lane.y++)
			numbered = draw_lane(c, &t, lane, worker, k == 0) || numbered;
	}
	visible *= pitch;
	struct rect below = {area.y + heading + visible, area.x + label, 2, area.cols - label};
	if (axis && below.cols > 4)
		draw_axis(c, below, &t);
	draw_shares(c, area, heading + visible + axis, legend, &t);
	int used = heading + visible + axis + legend;
	if (area.rows > used)
		draw_wrapped(c, area, used, area.rows - used, ROLE_DIM,
			     numbered ? _("The numbers in the lanes are cores. Ran: on a core; a low bar: for a part of the time. Waited: "
					  "said so itself. Off: ready, but not on a core.")
				      : _("Ran: on a core; a low bar: for a part of the time. Waited: said so itself. Off: ready, but not on a "
					  "core."));
}

static struct scroll_range timeline_scrolls(const struct view_input *in, int rows, int cols)
{
	struct timeline t = {.run = in->run, .variant = draw_variant(in), .at = (double)NAN};
	(void)cols;
	if (!in->run || !t.variant || !choose(&t, in))
		return (struct scroll_range){0, 0};
	return (struct scroll_range){0, t.workers + 1 - parts_of(&t, rows).visible};
}

/* Stretched so far, the lanes are this much wider than their place. */
static int timeline_overflow(const struct view_input *in, int cols)
{
	struct timeline t = {.run = in->run, .variant = draw_variant(in), .at = (double)NAN};
	if (!in->run || !t.variant || !choose(&t, in) || cols <= label_of(cols))
		return 0;
	return (cols - label_of(cols)) * ((1 << zoom_of(in)) - 1);
}

const struct view view_timeline = {
	.name = N_("Timeline"), .draw = draw_timeline, .scrolls = timeline_scrolls, .overflow = timeline_overflow,
};
