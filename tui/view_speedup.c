/* Speedup against workers: what was measured, what was guessed, and the laws. A run that sweeps a parameter is drawn by
 * view_sweep.c, one on an accelerator by view_ladder.c. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/chart.h"
#include "tui/draw.h"
#include "tui/sentences.h"
#include "tui/view_private.h"

enum { CURVE_MAX = RECSET_CURVE_MAX, KEYS_MAX = 24, POINTS_LABELLED = 6 };

static const char *const beads[3] = {"•", "•", "•"}, *const rings[3] = {"◦", "◦", "◦"};
static const struct chart_stroke fit_stroke = {ROLE_FITTED, chart_rule, "-", 1, 1};
static const struct chart_stroke predicted_stroke = {ROLE_PREDICTED, chart_rule, "=", 4, 2};
static const struct chart_stroke ideal_stroke = {ROLE_IDEAL, chart_dots, ".", 2, 1};
static const struct chart_stroke bandwidth_stroke = {ROLE_SERIES_5, rings, ",", 3, 1};
static const struct chart_stroke usl_stroke = {ROLE_SERIES_7, beads, "u", 2, 1};
static const struct chart_stroke guess_stroke = {ROLE_GUESS, chart_rule, "'", 2, 1};
static const struct chart_stroke projected_stroke = {ROLE_PROJECTED, chart_rule, "~", 3, 2};

/* Marks and colours of the other variants. */
static const struct {
	enum role role;
	const char *glyph, *ascii;
} series[] = {{ROLE_SERIES_2, "▲", "a"}, {ROLE_SERIES_3, "■", "b"}, {ROLE_SERIES_6, "▼", "c"}, {ROLE_SERIES_7, "◇", "d"},
	      {ROLE_SERIES_5, "△", "e"}, {ROLE_SERIES_1, "□", "f"}, {ROLE_SERIES_4, "▽", "g"}};
enum { SERIES = sizeof series / sizeof *series };

struct figure {
	struct canvas *c;
	const struct view_input *in;
	const struct rec_run *run;
	const char *variant;
	struct chart chart;
	double x_own, x_split, x_max; /* x_own: the split of this run alone */
	struct chart_key keys[KEYS_MAX];
	int key_count, measured_key, wrong_key; /* -1: there is none */
	char headline[FIGURE_MAX + 16]; /* "measured 1.79 [1.78–1.80]" where the chart had no room for it, else empty */
	char words[KEYS_MAX][80]; /* texts of keys that are not literals */
};

static bool shown(const struct rec_point *p)
{
	return p->workers > 0 && isfinite(p->speedup.mid) && p->speedup.mid >= 0 && isnan(p->at);
}

static bool hollow(const struct rec_point *p)
{
	return p->busy || p->oversubscribed || !p->final;
}

static void add_key(struct figure *f, enum role role, const char *glyph, const char *ascii, const char *text)
{
	if (f->key_count < KEYS_MAX)
		f->keys[f->key_count++] = (struct chart_key){role, glyph, ascii, text};
}

static int guess_count(const struct view_input *in)
{
	return in->guess.count < 0 ? 0 : in->guess.count > VIEW_GUESS_MAX ? VIEW_GUESS_MAX : in->guess.count;
}

static bool guess_good(const struct view_guess *g, int i)
{
	return g->workers[i] >= 1 && g->workers[i] <= 1e6 && g->speedup[i] >= 0 && g->speedup[i] <= 1e6;
}

static bool guessed(const struct figure *f)
{
	for (int i = 0; i < guess_count(f->in); i++)
		if (guess_good(&f->in->guess, i))
			return true;
	return false;
}

/* The point that the learner moves now; -1: none is drawn. */
static int guess_cursor(const struct figure *f)
{
	const struct view_guess *g = &f->in->guess;
	return g->cursor >= 0 && g->cursor < guess_count(f->in) && guess_good(g, g->cursor) ? g->cursor : -1;
}

/* ---- scales --------------------------------------------------------------------------------------------------------- */

static double larger(double a, double b)
{
	return isfinite(b) && b > a ? b : a;
}

/* The laws are drawn up to the last column, but never stretch the scale: only what was measured or guessed does, and the
 * ceilings over it. */
static double scale_of(struct figure *f)
{
	const struct rec_run *run = f->run;
	double top = 1;
	f->x_split = f->x_max = 1;
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (!shown(p))
			continue;
		f->x_max = larger(f->x_max, p->workers);
		if (!p->oversubscribed)
			f->x_split = larger(f->x_split, p->workers);
		if (p->speedup.mid > 1e6)
			continue;
		top = larger(top, p->speedup.mid);
		top = p->speedup.hi < 2 * p->speedup.mid ? larger(top, p->speedup.hi) : top;
		top = p->capacity.mid <= 1e6 ? larger(top, p->capacity.mid) : top;
	}
	for (int i = 0; i < guess_count(f->in); i++) {
		if (!guess_good(&f->in->guess, i))
			continue;
		f->x_max = larger(f->x_max, f->in->guess.workers[i]);
		top = larger(top, f->in->guess.speedup[i]);
	}
	/* Before anything is measured no part of the axis is set apart. */
	if (!f->in->run) {
		f->x_own = f->x_split = f->x_max;
		top = view_overlays_scale(f->in, f->variant, &f->x_split, &f->x_max, top);
		return larger(top * 1.05, f->in->guess.y_max);
	}
	/* A run that goes on has its axes from the beginning: points come into a chart that stands still. */
	for (int i = 0; !run->ended && i < run->worker_count; i++) {
		f->x_max = larger(f->x_max, run->workers[i]);
		if (run->workers[i] <= run->usable)
			f->x_split = larger(f->x_split, run->workers[i]);
	}
	if (!run->ended && run->worker_count)
		top = larger(top, f->x_split);
	/* Without points beyond the cores there is nothing to draw apart but the guess. */
	if (run->usable > 0 && f->x_split < f->x_max && f->x_split < run->usable)
		f->x_split = fmin(run->usable, f->x_max);
	f->x_own = f->x_split;
	top = view_overlays_scale(f->in, f->variant, &f->x_split, &f->x_max, top);
	return top * 1.05;
}

static int compare_ticks(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

enum { TICKS_MAX = RECSET_WORKERS_MAX + VIEW_GUESS_MAX };

static int add_tick(double ticks[TICKS_MAX], int n, double x)
{
	for (int i = 0; i < n; i++)
		if (ticks[i] == x)
			return n;
	ticks[n] = x;
	return n + 1;
}

/* Each measured worker count once, and the guess's. */
static int collect_ticks(const struct figure *f, double ticks[TICKS_MAX])
{
	int n = 0;
	for (size_t i = 0; i < f->run->points.n && n < RECSET_WORKERS_MAX; i++)
		if (shown(&f->run->points.v[i]))
			n = add_tick(ticks, n, f->run->points.v[i].workers);
	for (int i = 0; i < guess_count(f->in); i++)
		if (guess_good(&f->in->guess, i))
			n = add_tick(ticks, n, f->in->guess.workers[i]);
	n = view_overlays_ticks(f->in, f->variant, ticks, n, TICKS_MAX);
	for (int i = 0; !f->run->ended && i < f->run->worker_count && n < TICKS_MAX; i++)
		n = add_tick(ticks, n, f->run->workers[i]);
	qsort(ticks, (size_t)n, sizeof *ticks, compare_ticks);
	return n;
}

/* ---- what is drawn -------------------------------------------------------------------------------------------------- */

struct curve {
	double x[CURVE_MAX], y[CURVE_MAX], lo[CURVE_MAX], hi[CURVE_MAX];
	int n;
};

/* Capacity or bandwidth ceiling by worker count: the same for all variants, so any point that has it will do. */
static struct curve ceiling_of(const struct figure *f, const double *ticks, int n, bool bandwidth)
{
	struct curve curve = {.n = 0};
	for (int t = 0; t < n && curve.n < CURVE_MAX; t++)
		for (size_t i = 0; i < f->run->points.n; i++) {
			const struct rec_point *p = &f->run->points.v[i];
			double y = bandwidth ? p->bandwidth_ceiling : p->capacity.mid;
			if (!shown(p) || p->workers != ticks[t] || !isfinite(y))
				continue;
			curve.x[curve.n] = ticks[t];
			curve.y[curve.n++] = y;
			break;
		}
	return curve;
}

/* A law's curve where x_min <= p <= x_max. */
static struct curve law_of(const struct figure *f, const char *law, const char *how, double x_min, double x_max)
{
	struct curve curve = {.n = 0};
	const struct rec_fit *fit = f->variant ? recset_fit(f->run, f->variant, law, how, (double)NAN) : NULL;
	for (int i = 0; fit && i < fit->curve_count && i < CURVE_MAX; i++) {
		const struct rec_curve_point *p = &fit->curve[i];
		bool rising = !curve.n || p->p > curve.x[curve.n - 1];
		if (!(p->p >= x_min * 0.9999 && p->p <= x_max * 1.0001) || !rising)
			continue;
		curve.x[curve.n] = p->p;
		curve.y[curve.n] = p->s.mid;
		curve.lo[curve.n] = p->s.lo;
		curve.hi[curve.n++] = p->s.hi;
	}
	return curve;
}

static void draw_curve(struct figure *f, const struct curve *curve, struct chart_stroke stroke, const char *glyph,
		       const char *ascii, const char *name)
{
	if (curve->n < 2)
		return;
	chart_line(&f->chart, curve->x, curve->y, curve->n, stroke);
	add_key(f, stroke.role, chart_key_dots(&f->chart, glyph), ascii, name);
}

/* The fit belongs to the worker counts that cores exist for, the projection to those beyond. */
static void draw_laws(struct figure *f, const double *ticks, int tick_count)
{
	struct curve ideal = ceiling_of(f, ticks, tick_count, false), bandwidth = ceiling_of(f, ticks, tick_count, true);
	struct curve fitted = law_of(f, "amdahl", "fitted", 0, f->x_own);
	struct curve predicted = law_of(f, "amdahl", "predicted", 0, f->x_own);
	struct curve scaled = law_of(f, "gustafson", NULL, 0, f->x_own), usl = law_of(f, "usl", NULL, 0, f->x_own);
	struct curve projected = law_of(f, "projection", NULL, f->x_own, f->x_max);
	const struct rec_fit *usl_fit = f->variant ? recset_fit(f->run, f->variant, "usl", NULL, (double)NAN) : NULL;

	chart_band(&f->chart, fitted.x, fitted.lo, fitted.hi, fitted.n, ROLE_BAND);
	/* One that leaves the chart at once would only puzzle; its bound is told in a sentence. */
	double at_end = projected.n ? projected.y[projected.n - 1] : (double)NAN;
	if (f->x_max > f->x_own && at_end <= f->chart.spec.y_max)
		draw_curve(f, &projected, projected_stroke, "╌╌", "~~", _("projected"));
	draw_curve(f, &ideal, ideal_stroke, "··", "..", _("ideal"));
	draw_curve(f, &bandwidth, bandwidth_stroke, "◦", ",", _("memory"));
	draw_curve(f, &scaled, fit_stroke, "──", "--", _("fitted (Gustafson)"));
	draw_curve(f, &fitted, fit_stroke, "──", "--", _("fitted"));
	draw_curve(f, &predicted, predicted_stroke, "╌╌", "==", _("predicted"));
	if (usl_fit && usl_fit->identifiable)
		draw_curve(f, &usl, usl_stroke, "•", "u", "USL");
}

static void draw_others(struct figure *f)
{
	int s = 0;
	for (int v = 0; v < f->run->variant_count; v++) {
		const struct rec_variant *other = &f->run->variants[v];
		bool any = false;
		if (draw_same(other->name, f->variant) || draw_same(other->name, f->run->baseline))
			continue;
		for (size_t i = 0; i < f->run->points.n; i++) {
			const struct rec_point *p = &f->run->points.v[i];
			struct estimate y = {p->speedup.mid, (double)NAN, (double)NAN};
			if (!shown(p) || !draw_same(p->variant, other->name))
				continue;
			chart_point(&f->chart, p->workers, y, series[s].role, f->c->ascii ? series[s].ascii : series[s].glyph);
			any = true;
		}
		if (!any || f->key_count >= KEYS_MAX)
			continue;
		snprintf(f->words[f->key_count], sizeof f->words[0], other->wrong ? _("%.40s (wrong)") : "%.40s", other->name);
		add_key(f, series[s].role, series[s].glyph, series[s].ascii, f->words[f->key_count]);
		s = (s + 1) % SERIES;
	}
}

/* The point that the headline is about: the most workers that a fit may use, else the most there are. */
static const struct rec_point *headline(const struct rec_run *run, const char *variant)
{
	const struct rec_point *best = NULL;
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (!shown(p) || !draw_same(p->variant, variant))
			continue;
		if (!best || (best->oversubscribed && !p->oversubscribed) ||
		    (best->oversubscribed == p->oversubscribed && p->workers > best->workers))
			best = p;
	}
	return best;
}

static void draw_measured(struct figure *f)
{
	bool ascii = f->c->ascii, any = false, busy = false, over = false, interim = false, wrong = false;
	for (size_t i = 0; i < f->run->points.n; i++) {
		const struct rec_point *p = &f->run->points.v[i];
		if (!shown(p) || !draw_same(p->variant, f->variant))
			continue;
		const char *glyph = !p->right ? (ascii ? "X" : "✗") : hollow(p) ? (ascii ? "o" : "○") : ascii ? "*" : "●";
		chart_point(&f->chart, p->workers, p->speedup, p->right ? ROLE_MEASURED : ROLE_BAD, glyph);
		any |= !hollow(p) && p->right;
		wrong |= !p->right;
		busy |= p->busy && p->final;
		over |= p->oversubscribed && !p->busy && p->final;
		interim |= !p->final;
	}
	f->measured_key = f->wrong_key = -1;
	if (any) {
		f->measured_key = f->key_count;
		add_key(f, ROLE_MEASURED, "●", "*", _("measured"));
	}
	if (wrong) {
		f->wrong_key = f->key_count;
		add_key(f, ROLE_BAD, "✗", "X", _("wrong result"));
	}
	if (busy || interim)
		add_key(f, ROLE_MEASURED, "○", "o", busy ? _("no verdict") : _("so far"));
	else if (over && (f->chart.split >= f->chart.plot.cols || f->x_split > f->x_own))
		add_key(f, ROLE_MEASURED, "○", "o", _("oversubscribed"));
}

/* ---- the learner's guess: a point, or a curve ---- */

/* The point being moved comes first: it is never covered. */
static void draw_guess_points(struct figure *f)
{
	const struct view_guess *g = &f->in->guess;
	int cursor = guess_cursor(f), count = guess_count(f->in);
	for (int k = -1; k < count; k++) {
		int i = k < 0 ? cursor : k;
		if (i < 0 || (k >= 0 && k == cursor) || !guess_good(g, i))
			continue;
		struct estimate y = {g->speedup[i], (double)NAN, (double)NAN};
		if (k < 0)
			chart_point(&f->chart, g->workers[i], y, ROLE_SELECTED, f->c->ascii ? "@" : "◈");
		else
			chart_point(&f->chart, g->workers[i], y, ROLE_GUESS, f->c->ascii ? "?" : "◆");
	}
	if (guessed(f))
		add_key(f, ROLE_GUESS, "◆", "?", _("you"));
}

/* The line through the points of a curve; until something is measured, also the line on which every worker counts in full. */
static void draw_guess_line(struct figure *f)
{
	struct curve curve = {.n = 0};
	const struct view_guess *g = &f->in->guess;
	for (int i = 0; i < guess_count(f->in) && curve.n < CURVE_MAX; i++) {
		if (!guess_good(g, i) || (curve.n > 0 && g->workers[i] <= curve.x[curve.n - 1]))
			continue;
		curve.x[curve.n] = g->workers[i];
		curve.y[curve.n++] = g->speedup[i];
	}
	if (curve.n < 2)
		return;
	chart_line(&f->chart, curve.x, curve.y, curve.n, guess_stroke);
	if (!f->in->run) {
		chart_line(&f->chart, curve.x, curve.x, curve.n, ideal_stroke);
		add_key(f, ROLE_IDEAL, "··", "..", _("each worker counts in full"));
	}
}

static void label_guess(struct figure *f)
{
	const struct view_guess *g = &f->in->guess;
	char text[2 * FIGURE_MAX], figure[FIGURE_MAX];
	int cursor = guess_cursor(f), last = guess_count(f->in) - 1;
	if (cursor >= 0) {
		draw_plain(g->speedup[cursor], figure);
		chart_label(&f->chart, g->workers[cursor], g->speedup[cursor], 3, ROLE_SELECTED, figure);
		if (f->c->cursor_y < 0) /* beside the text, the row there is the better place */
			chart_spot(&f->chart, g->workers[cursor], g->speedup[cursor], &f->c->cursor_y, &f->c->cursor_x);
		for (int i = 0; i <= last; i++)
			if (i != cursor && guess_good(g, i))
				chart_label(&f->chart, g->workers[i], g->speedup[i], 2, ROLE_GUESS, draw_plain(g->speedup[i], figure));
		return;
	}
	while (last >= 0 && !guess_good(g, last))
		last--;
	if (last < 0)
		return;
	snprintf(text, sizeof text, _("you %s"), draw_plain(g->speedup[last], figure));
	chart_label(&f->chart, g->workers[last], g->speedup[last], 3, ROLE_GUESS, text);
}

static void draw_labels(struct figure *f)
{
	char text[FIGURE_MAX + 16], figure[FIGURE_MAX];
	const struct rec_point *best = headline(f->run, f->variant);
	label_guess(f);
	if (best) {
		snprintf(text, sizeof text, best->right ? _("measured %s") : _("wrong result %s"), draw_estimate(best->speedup, figure));
		enum role role = best->right ? ROLE_MEASURED : ROLE_BAD;
		double y = best->speedup.mid;
		/* A long label far from its point would seem to belong to another: then the legend tells the interval. */
		if (!chart_label(&f->chart, best->workers, y, 2, role, text)) {
			int key = best->right ? f->measured_key : f->wrong_key;
			snprintf(f->headline, sizeof f->headline, "%s", text);
			if (key >= 0 && key < f->key_count)
				f->keys[key].text = f->headline;
			chart_label(&f->chart, best->workers, y, 3, role, draw_figure(y, figure));
		}
	}
	int mine = 0;
	for (size_t i = 0; i < f->run->points.n; i++)
		mine += shown(&f->run->points.v[i]) && draw_same(f->run->points.v[i].variant, f->variant);
	for (size_t i = 0; mine <= POINTS_LABELLED && i < f->run->points.n; i++) {
		const struct rec_point *p = &f->run->points.v[i];
		if (p != best && shown(p) && draw_same(p->variant, f->variant) && p->workers > 1)
			chart_label(&f->chart, p->workers, p->speedup.mid, 2, ROLE_PLAIN, draw_figure(p->speedup.mid, figure));
	}
}

/* ---- the whole ------------------------------------------------------------------------------------------------------ */

static void draw_heading(const struct figure *f, struct rect area, const struct rec_point *best)
{
	char kept[64] = "", title[400], plain[400];
	const struct rec_variant *v = f->variant ? recset_variant(f->run, f->variant) : NULL;
	/* How many rounds were kept is always told: first the title gives way. */
	for (int pass = 0; pass < 2; pass++) {
		if (best && best->tried > 0)
			snprintf(kept, sizeof kept, pass ? _("kept %d of %d") : _("kept %d of %d rounds"), best->kept, best->tried);
		snprintf(title, sizeof title, pass ? _("%.80s over %.80s") : _("speedup of %.80s over %.80s"),
			 draw_or(f->variant, _("nothing")), draw_baseline(f->run));
		snprintf(plain, sizeof plain, "%s", title);
		if (v && v->wrong)
			snprintf(title, sizeof title, pass ? _("%s (wrong)") : _("%s (wrong on purpose)"), plain);
		snprintf(plain, sizeof plain, "%s", title);
		if (f->run->weak)
			snprintf(title, sizeof title, pass ? _("%s, weak") : _("%s, work grows with the workers"), plain);
		if (canvas_width(title) + canvas_width(kept) + 2 <= area.cols)
			break;
	}
	if (!f->run->points.n) /* of what, nobody can say yet */
		snprintf(title, sizeof title, "%s", f->in->live ? _("speedup: no round is over yet") : _("no speedup was measured"));
	int room = *kept ? canvas_width(kept) + 2 : 0;
	draw_cut(f->c, (struct rect){area.y, area.x, 1, room < area.cols ? area.cols - room : area.cols}, 0, 0, ROLE_BOLD, title);
	if (room < area.cols)
		draw_right(f->c, area, 0, ROLE_DIM, kept);
}

static void draw_chart(struct figure *f, struct rect area)
{
	double ticks[TICKS_MAX];
	struct chart_spec spec = {.braille = f->in->braille, .x_min = 1, .x_title = _("workers"), .right_title = _("oversubscribed"),
				  .right_short = _("> cores"),
				  .ticks = ticks};
	spec.y_max = scale_of(f);
	spec.x_split = f->x_split;
	spec.x_max = f->x_max;
	spec.tick_count = collect_ticks(f, ticks);
	f->chart = chart_open(f->c, area, &spec);
	draw_measured(f);
	view_overlays_draw(&f->chart, f->in, f->variant);
	f->key_count = view_overlays_keys(f->in, f->variant, f->keys, f->words, f->key_count, KEYS_MAX);
	draw_guess_points(f);
	draw_guess_line(f);
	draw_laws(f, ticks, spec.tick_count);
	draw_others(f);
	draw_labels(f);
	view_overlays_labels(&f->chart, f->in, f->variant);
	chart_close(&f->chart);
}

static void draw_speedup(struct canvas *c, struct rect area, const struct view_input *in)
{
	static const struct rec_run empty = {.status = 0};
	struct figure *f = xcalloc(1, sizeof *f);
	*f = (struct figure){.c = c, .in = in, .run = in->run ? in->run : &empty};
	f->variant = draw_variant(in);
	const struct rec_point *best = headline(f->run, f->variant);
	struct sentences *words = xcalloc(1, sizeof *words);
	if (!in->run && !guessed(f) && in->overlay_count < 1) {
		draw_nothing(c, area, _("Nothing was measured yet."));
		goto out;
	}
	if (in->run && in->run->sweep) {
		view_sweep_draw(c, area, in);
		goto out;
	}
	if (view_ladder_suits(in->run)) {
		view_ladder_draw(c, area, in);
		goto out;
	}
	if (best)
		view_overlays_say(words, in, f->variant, best->workers);
	if (in->run && f->variant)
		sentences_of_run(words, in, f->variant, best ? best->workers : 0, (double)NAN);
	view_overlays_commands(words, in);
	if (!words->n && !f->run->points.n && guess_cursor(f) < 0)
		sentences_add(words, ROLE_DIM, _("Nothing was measured yet."));

	int heading = area.rows >= 8 && in->run ? 1 : 0, legend = area.rows >= 10 ? 2 : area.rows >= 8 ? 1 : 0;
	if (area.rows >= 18)
		legend = area.cols < 30 ? 5 : area.cols < 50 ? 4 : area.rows >= 22 ? 3 : 2;
	int most = area.rows < 6 ? 0 : area.rows < 10 ? 1 : area.rows < 17 ? 2 : area.rows < 24 ? 3 : area.rows / 5;
	int said = sentences_rows(words, area.cols);
	said = said < most ? said : most;
	if (heading)
		draw_heading(f, area, best);
	/* The legend is known only once the chart is drawn: its rows are kept free, and unused ones go to the sentences. */
	int chart_rows = area.rows - heading - legend - said;
	draw_chart(f, (struct rect){area.y + heading, area.x, chart_rows, area.cols});
	int used = chart_legend(c, area, heading + chart_rows, legend, f->keys, f->key_count);
	int below = heading + chart_rows + used;
	sentences_draw(words, c, (struct rect){area.y + below, area.x, area.rows - below, area.cols});
out:
	free(words);
	free(f);
}

const struct view view_speedup = {.name = N_("Speedup"), .draw = draw_speedup};
