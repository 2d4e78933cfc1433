/* A run that sweeps a parameter: seconds against its value, one line for each worker count of the variant looked at, the
 * other variants as points, the best serial code as a level. Where the work grows with the value the seconds would lie on the axis:
 * the speedup is drawn, and the best serial code is the level at 1. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/chart.h"
#include "tui/draw.h"
#include "tui/sentences.h"
#include "tui/view_private.h"

enum { VALUES_MAX = 32, KEYS_MAX = 16, LINES_MAX = 5, WORK_GROWS = 20 };

static const struct {
	enum role role;
	const char *glyph, *ascii;
} line_marks[LINES_MAX] = {{ROLE_MEASURED, "●", "*"}, {ROLE_SERIES_1, "■", "1"}, {ROLE_SERIES_2, "▲", "2"},
			   {ROLE_SERIES_3, "▼", "3"}, {ROLE_SERIES_7, "◇", "4"}};
static const struct {
	enum role role;
	const char *glyph, *ascii;
} other_marks[] = {{ROLE_SERIES_5, "△", "a"}, {ROLE_SERIES_6, "□", "b"}, {ROLE_SERIES_4, "▽", "c"}};
enum { OTHERS = sizeof other_marks / sizeof *other_marks };

struct sweep {
	struct canvas *c;
	const struct view_input *in;
	const struct rec_run *run;
	const char *variant;
	double at[VALUES_MAX], x[VALUES_MAX]; /* values ascending, and where they lie: the value, or 2^index if any is <= 0 */
	int values;
	int workers[LINES_MAX];               /* descending */
	int lines;
	bool ratio;                           /* speedups, not seconds */
	double unit;                          /* seconds of one unit of the axis */
	const char *unit_name;
	struct chart chart;
	struct chart_key keys[KEYS_MAX];
	char words[KEYS_MAX][64];
	int key_count;
};

static bool shown(const struct rec_point *p)
{
	return p->workers > 0 && isfinite(p->seconds.mid) && p->seconds.mid >= 0 && p->seconds.mid < 1e9;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void collect(struct sweep *s)
{
	bool positive = true;
	for (size_t i = 0; i < s->run->points.n; i++) {
		const struct rec_point *p = &s->run->points.v[i];
		int k = 0, w = 0;
		if (!shown(p) || !isfinite(p->at))
			continue;
		while (k < s->values && s->at[k] != p->at)
			k++;
		if (k == s->values && s->values < VALUES_MAX)
			s->at[s->values++] = p->at;
		positive &= p->at > 1e-12 && p->at < 1e15;
		if (!draw_same(p->variant, s->variant))
			continue;
		while (w < s->lines && s->workers[w] > p->workers)
			w++;
		if ((w < s->lines && s->workers[w] == p->workers) || w == LINES_MAX)
			continue;
		for (int m = s->lines < LINES_MAX ? s->lines++ : LINES_MAX - 1; m > w; m--)
			s->workers[m] = s->workers[m - 1];
		s->workers[w] = p->workers;
	}
	qsort(s->at, (size_t)s->values, sizeof *s->at, ascending);
	for (int i = 0; i < s->values; i++)
		s->x[i] = positive ? s->at[i] : exp2(i);
}

/* The best serial code at that value: measured there, or once for all. */
static const struct rec_point *baseline_at(const struct sweep *s, double at)
{
	if (!s->run->baseline)
		return NULL;
	const struct rec_point *p = recset_point(s->run, s->run->baseline, 1, at);
	return p ? p : recset_point(s->run, s->run->baseline, 1, (double)NAN);
}

/* Does the same serial code take much longer at one value than at another? */
static bool work_grows(const struct sweep *s)
{
	double least = INFINITY, most = 0;
	for (int i = 0; s->run->baseline && i < s->values; i++) {
		const struct rec_point *p = recset_point(s->run, s->run->baseline, 1, s->at[i]);
		if (!p || !shown(p) || !(p->seconds.mid > 0))
			return false;
		least = fmin(least, p->seconds.mid);
		most = fmax(most, p->seconds.mid);
	}
	return most > WORK_GROWS * least && !draw_same(s->variant, s->run->baseline);
}

/* The point of an overlay that swept the same parameter, with the most workers of this run; NULL: none. */
static const struct rec_point *overlay_at(const struct sweep *s, int overlay, double at)
{
	const struct rec_run *run = overlay < s->in->overlay_count ? s->in->overlays[overlay].run : NULL;
	if (!run || !s->variant || !s->lines || !draw_same(run->sweep, s->run->sweep))
		return NULL;
	const struct rec_point *p = recset_point(run, s->variant, s->workers[0], at);
	return p && shown(p) && p->right ? p : NULL;
}

/* What is drawn of a point, in the unit of the axis. */
static struct estimate value_of(const struct sweep *s, const struct rec_point *p)
{
	if (s->ratio)
		return p->speedup;
	return (struct estimate){p->seconds.mid / s->unit, p->seconds.lo / s->unit, p->seconds.hi / s->unit};
}

static double scale_of(struct sweep *s)
{
	double top = s->ratio ? 1.2 : 0;
	if (s->ratio) {
		for (size_t i = 0; i < s->run->points.n; i++) {
			const struct rec_point *p = &s->run->points.v[i];
			if (shown(p) && draw_same(p->variant, s->variant) && p->speedup.mid > top && p->speedup.mid < 1e6)
				top = p->speedup.mid;
		}
		return 1.08 * top;
	}
	for (int k = 0; k < VIEW_OVERLAYS; k++)
		for (int i = 0; i < s->values; i++)
			if (overlay_at(s, k, s->at[i]))
				top = fmax(top, overlay_at(s, k, s->at[i])->seconds.mid);
	for (size_t i = 0; i < s->run->points.n; i++) {
		const struct rec_point *p = &s->run->points.v[i];
		if (shown(p) && (draw_same(p->variant, s->variant) || draw_same(p->variant, s->run->baseline)) && p->seconds.mid > top)
			top = p->seconds.mid;
	}
	static const struct {
		double unit;
		const char *name, *ascii;
	} units[] = {{1, "s", "s"}, {1e-3, "ms", "ms"}, {1e-6, "µs", "us"}, {1e-9, "ns", "ns"}};
	size_t u = 0;
	while (u < 3 && top < units[u].unit)
		u++;
	s->unit = units[u].unit;
	s->unit_name = s->c->ascii ? units[u].ascii : units[u].name;
	return top > 0 ? top / s->unit * 1.08 : 1;
}

static char *add_key(struct sweep *s, enum role role, const char *glyph, const char *ascii)
{
	if (s->key_count >= KEYS_MAX)
		return NULL;
	s->keys[s->key_count] = (struct chart_key){role, glyph, ascii, s->words[s->key_count]};
	return s->words[s->key_count++];
}

static void draw_lines(struct sweep *s)
{
	bool ascii = s->c->ascii;
	for (int l = 0; l < s->lines; l++) {
		double x[VALUES_MAX], y[VALUES_MAX];
		int n = 0;
		for (int i = 0; i < s->values; i++) {
			const struct rec_point *p = recset_point(s->run, s->variant, s->workers[l], s->at[i]);
			if (!p || !shown(p))
				continue;
			bool hollow = p->busy || p->oversubscribed || !p->final;
			const char *glyph = !p->right ? (ascii ? "X" : "✗") : hollow ? (ascii ? "o" : "○") :
					    ascii ? line_marks[l].ascii : line_marks[l].glyph;
			chart_point(&s->chart, s->x[i], value_of(s, p), line_marks[l].role, glyph);
			x[n] = s->x[i];
			y[n++] = value_of(s, p).mid;
		}
		chart_line(&s->chart, x, y, n, (struct chart_stroke){line_marks[l].role, l ? chart_dots : chart_rule, l ? "." : "-", l ? 2 : 1, 1});
		char *word = add_key(s, line_marks[l].role, line_marks[l].glyph, line_marks[l].ascii);
		if (word)
			snprintf(word, sizeof s->words[0], ngettext("%d worker", "%d workers", (unsigned long)s->workers[l]), s->workers[l]);
	}
}

static void draw_others(struct sweep *s)
{
	int o = 0, workers = s->lines ? s->workers[0] : 1;
	for (int v = 0; v < s->run->variant_count; v++) {
		const char *name = s->run->variants[v].name;
		bool any = false;
		if (draw_same(name, s->variant) || draw_same(name, s->run->baseline) || o == OTHERS)
			continue;
		for (int i = 0; i < s->values; i++) {
			const struct rec_point *p = recset_point(s->run, name, workers, s->at[i]);
			if (!p || !shown(p) || value_of(s, p).mid > s->chart.spec.y_max)
				continue;
			struct estimate y = {value_of(s, p).mid, (double)NAN, (double)NAN};
			chart_point(&s->chart, s->x[i], y, other_marks[o].role, s->c->ascii ? other_marks[o].ascii : other_marks[o].glyph);
			any = true;
		}
		char *word = any ? add_key(s, other_marks[o].role, other_marks[o].glyph, other_marks[o].ascii) : NULL;
		if (word)
			snprintf(word, sizeof s->words[0], ngettext("%.30s, %d worker", "%.30s, %d workers", (unsigned long)workers), name, workers);
		o += any;
	}
}

static void draw_overlays(struct sweep *s)
{
	for (int k = 0; k < VIEW_OVERLAYS; k++) {
		enum role role;
		const char *glyph, *ascii;
		bool any = false;
		view_overlays_mark(k, &role, &glyph, &ascii);
		for (int i = 0; i < s->values; i++) {
			const struct rec_point *p = overlay_at(s, k, s->at[i]);
			if (!p || value_of(s, p).mid > s->chart.spec.y_max)
				continue;
			struct estimate y = {value_of(s, p).mid, (double)NAN, (double)NAN};
			chart_point(&s->chart, s->x[i], y, role, s->c->ascii ? ascii : glyph);
			any = true;
		}
		char *word = any ? add_key(s, role, glyph, ascii) : NULL;
		if (word)
			snprintf(word, sizeof s->words[0], "%.60s", draw_or(s->in->overlays[k].name, "?"));
	}
}

/* The fastest value of each overlay, to be read beside this run's. */
static void say_overlays(const struct sweep *s, struct sentences *words)
{
	for (int k = 0; k < VIEW_OVERLAYS; k++) {
		const struct rec_point *best = NULL;
		char at[FIGURE_MAX], seconds[FIGURE_MAX];
		for (int i = 0; i < s->values; i++) {
			const struct rec_point *p = overlay_at(s, k, s->at[i]);
			if (p && (!best || p->seconds.mid < best->seconds.mid))
				best = p;
		}
		if (best)
			sentences_add(words, ROLE_PLAIN, ngettext("%1$s: %2$s %3$s is fastest, %4$s with %5$d worker",
								  "%1$s: %2$s %3$s is fastest, %4$s with %5$d workers",
								  (unsigned long)best->workers),
				      draw_or(s->in->overlays[k].name, "?"), s->run->sweep, draw_plain(best->at, at),
				      draw_seconds(best->seconds.mid, s->c->ascii, seconds), best->workers);
	}
}

static void draw_level(struct sweep *s)
{
	double x[VALUES_MAX], y[VALUES_MAX];
	int n = 0;
	for (int i = 0; i < s->values; i++) {
		const struct rec_point *base = baseline_at(s, s->at[i]);
		if (!base || !shown(base))
			continue;
		x[n] = s->x[i];
		y[n++] = s->ratio ? 1 : base->seconds.mid / s->unit;
	}
	if (n < 2 || draw_same(s->variant, s->run->baseline))
		return;
	chart_line(&s->chart, x, y, n, (struct chart_stroke){ROLE_IDEAL, chart_rule, "=", 2, 1});
	char *word = add_key(s, ROLE_IDEAL, chart_key_dots(&s->chart, "╌╌"), "==");
	if (word)
		snprintf(word, sizeof s->words[0], _("%.30s (best serial)"), draw_baseline(s->run));
}

/* The fastest value of the most workers: one, or the first of several that the intervals do not tell apart. */
static void judge(struct sweep *s, struct sentences *words, bool label)
{
	const struct rec_point *best = NULL, *next = NULL;
	for (int i = 0; s->lines && i < s->values; i++) {
		const struct rec_point *p = recset_point(s->run, s->variant, s->workers[0], s->at[i]);
		if (!p || !shown(p) || !p->right)
			continue;
		if (!best || p->seconds.mid < best->seconds.mid) {
			next = best;
			best = p;
		} else if (!next || p->seconds.mid < next->seconds.mid)
			next = p;
	}
	if (!best)
		return;
	char at[FIGURE_MAX], other[FIGURE_MAX], seconds[FIGURE_MAX], text[FIGURE_MAX];
	draw_plain(best->at, at);
	draw_seconds(best->seconds.mid, s->c->ascii, seconds);
	for (int i = 0; label && i < s->values; i++)
		if (s->at[i] == best->at)
			chart_label(&s->chart, s->x[i], best->seconds.mid / s->unit, 3, ROLE_MEASURED,
				    draw_seconds(best->seconds.mid, s->c->ascii, text));
	if (label)
		return;
	if (next && stat_differs(best->seconds, next->seconds) >= 0)
		sentences_add(words, ROLE_PLAIN, ngettext("fastest: %s %s or %s, which the intervals do not tell apart: %s with %d worker",
			      "fastest: %s %s or %s, which the intervals do not tell apart: %s with %d workers", (unsigned long)best->workers),
			      s->run->sweep, at, draw_plain(next->at, other), seconds, best->workers);
	else
		sentences_add(words, ROLE_PLAIN, ngettext("fastest: %s %s, %s with %d worker", "fastest: %s %s, %s with %d workers",
			      (unsigned long)best->workers), s->run->sweep, at, seconds, best->workers);
}

void view_sweep_draw(struct canvas *c, struct rect area, const struct view_input *in)
{
	struct sweep *s = xcalloc(1, sizeof *s);
	struct sentences *words = xcalloc(1, sizeof *words);
	*s = (struct sweep){.c = c, .in = in, .run = in->run, .variant = draw_variant(in)};
	collect(s);
	s->ratio = work_grows(s);
	char text[SENTENCE_MAX], names[VALUES_MAX][FIGURE_MAX];
	const char *name[VALUES_MAX];
	for (int i = 0; i < s->values; i++)
		name[i] = draw_plain(s->at[i], names[i]);
	if (draw_progress(s->run, text, sizeof text))
		sentences_add(words, ROLE_BOLD, "%s", text);
	const char *even = draw_said(s->run, "breakeven");
	if (even)
		sentences_add(words, ROLE_BOLD, "%s", words_of(even));
	if (!s->ratio) { /* where the work grows, the fastest is the least work */
		judge(s, words, false);
		say_overlays(s, words);
	}
	if (s->variant) {
		/* The law of the fastest value would be one of many: only what holds for the whole run is said. */
		const char *busy = draw_said(s->run, "busy");
		if (busy)
			sentences_add(words, ROLE_WARN, "%s", words_of(busy));
	}
	if (!s->values) {
		if (!words->n)
			sentences_add(words, ROLE_DIM, _("Nothing was measured yet."));
		sentences_draw(words, c, area);
		goto out;
	}
	int heading = area.rows >= 8, legend = area.rows >= 18 && area.cols < 50 ? 3 : area.rows >= 10 ? 2 : area.rows >= 8 ? 1 : 0;
	struct chart_spec spec = {.braille = in->braille, .x_min = s->x[0], .x_split = s->x[s->values - 1], .ticks = s->x, .tick_count = s->values,
				  .tick_names = name, .x_title = s->run->sweep, .y_max = scale_of(s)};
	if (heading) {
		if (s->ratio)
			snprintf(text, sizeof text, _("speedup of %.60s by %.40s"), draw_or(s->variant, _("nothing")), s->run->sweep);
		else
			snprintf(text, sizeof text, _("seconds of %.60s by %.40s, in %s"), draw_or(s->variant, _("nothing")),
				 s->run->sweep, s->unit_name);
		draw_cut(c, area, 0, 0, ROLE_BOLD, text);
		const struct rec_point *p = s->lines ? recset_point(s->run, s->variant, s->workers[0], s->at[0]) : NULL;
		char kept[64] = "";
		if (p && p->tried > 0)
			snprintf(kept, sizeof kept, _("kept %d of %d rounds"), p->kept, p->tried);
		if (canvas_width(text) + canvas_width(kept) + 2 <= area.cols)
			draw_right(c, area, 0, ROLE_DIM, kept);
		else if (*kept)
			sentences_add(words, ROLE_DIM, "%s", kept);
	}
	int most = area.rows < 6 ? 0 : area.rows < 12 ? 1 : 3, said = sentences_rows(words, area.cols);
	said = said < most ? said : most;
	int rows = area.rows - heading - legend - said;
	s->chart = chart_open(c, (struct rect){area.y + heading, area.x, rows, area.cols}, &spec);
	draw_lines(s);
	draw_overlays(s);
	draw_level(s);
	draw_others(s);
	if (!s->ratio)
		judge(s, words, true);
	chart_close(&s->chart);
	int below = heading + rows + chart_legend(c, area, heading + rows, legend, s->keys, s->key_count);
	sentences_draw(words, c, (struct rect){area.y + below, area.x, area.rows - below, area.cols});
out:
	free(words);
	free(s);
}
