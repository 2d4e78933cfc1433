/* Seconds against a swept parameter: the most workers of each variant, one worker of the chart's own, and the best
 * serial code as a level. */
#include "plots/plot.h"

#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES = 64, LINES = 7 };
#define LOG_FROM 8.0 /* largest value to smallest: from here on the axis is logarithmic */
#define PLOT_SHARE 0.6 /* of the columns: about what is left beside the legend */

struct sweep {
	struct figure *f;
	struct plot_series s;
	double value[VALUES], top;
	int values, lines;
	bool busy, hollow_told, wrong_told; /* told: in the legend */
};

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static bool shown(const struct rec_point *p)
{
	return plot_shown(p) && fabs(p->at) <= 1e12;
}

static void collect(struct sweep *w)
{
	const struct rec_run *run = w->f->run;
	for (size_t i = 0; i < run->points.n && w->values < VALUES; i++) {
		const struct rec_point *p = &run->points.v[i];
		int k = 0;
		while (k < w->values && w->value[k] != p->at)
			k++;
		if (shown(p) && k == w->values)
			w->value[w->values++] = p->at;
	}
	qsort(w->value, (size_t)w->values, sizeof *w->value, ascending);
}

/* One line of a variant at one worker count. kinds: 0 filled, 1 hollow, 2 wrong. */
static void add_line(struct sweep *w, const char *variant, int workers, const char *role)
{
	const struct rec_run *run = w->f->run;
	bool level = !strcmp(role, "LEVEL");
	char legend[160], name[64], count[64];
	int line = 0, hollow = 0, wrong = 0;
	snprintf(legend, sizeof legend, level ? _("%s (best serial)") : "%s, %s", plot_cut(variant, 18, name, sizeof name),
			 plot_workers(workers, count, sizeof count));
	for (int i = 0; i < w->values; i++) {
		const struct rec_point *p = recset_point(run, variant, workers, w->value[i]);
		if (!p || !shown(p))
			continue;
		line = line ? line : plot_series_add(&w->s, role, w->lines, legend);
		plot_series_row(&w->s, line, variant, p->at, p->seconds);
		w->top = fmax(w->top, p->seconds.hi < 2 * p->seconds.mid ? p->seconds.hi : p->seconds.mid);
		w->busy |= p->busy;
	}
	for (int i = 0; i < w->values && !level; i++) { /* what is odd is marked on top */
		const struct rec_point *p = recset_point(run, variant, workers, w->value[i]);
		if (!p || !shown(p) || (p->right && !p->busy))
			continue;
		int *id = p->right ? &hollow : &wrong;
		bool *told = p->right ? &w->hollow_told : &w->wrong_told;
		*id = *id ? *id
				  : plot_series_add(&w->s, p->right ? "HOLLOW" : "WRONG", 0,
									*told ? "" : p->right ? _("busy: no verdict") : _("wrong result"));
		*told = true;
		plot_series_row(&w->s, *id, variant, p->at, p->seconds);
	}
	w->lines += line != 0 && !level;
}

static int most_workers(const struct sweep *w, const char *variant)
{
	int most = 0;
	for (int i = 0; i < w->values; i++) {
		const struct rec_point *p = plot_most(w->f->run, variant, w->value[i]);
		most = p && p->workers > most ? p->workers : most;
	}
	return most;
}

/* The fastest value, or that the intervals do not tell the first two apart. */
static void put_words(struct sweep *w, int workers)
{
	const struct rec_point *best = NULL, *next = NULL;
	const struct rec_run *run = w->f->run;
	char title[256], kernel[128], sweep[64], name[64], seconds[32], subtitle[512] = "";
	for (int i = 0; i < w->values; i++) {
		const struct rec_point *p = recset_point(run, w->f->variant, workers, w->value[i]);
		if (!p || !shown(p) || !p->right)
			continue;
		if (!best || p->seconds.mid < best->seconds.mid) {
			next = best;
			best = p;
		} else if (!next || p->seconds.mid < next->seconds.mid) {
			next = p;
		}
	}
	plot_cut(run->sweep, 30, sweep, sizeof sweep);
	plot_cut(w->f->variant, 24, name, sizeof name);
	if (w->busy)
		snprintf(subtitle, sizeof subtitle, _("Too few quiet rounds: no verdict on which %s is best."), sweep);
	else if (best && next && stat_differs(best->seconds, next->seconds) >= 0)
		snprintf(subtitle, sizeof subtitle,
				 _("%s with %d workers is fastest with %s %g or %g, which the intervals do not tell apart: %s."), name,
				 workers, sweep, best->at, next->at, util_seconds(best->seconds.mid, true, seconds, sizeof seconds));
	else if (best)
		snprintf(subtitle, sizeof subtitle, _("%s with %d workers is fastest with %s %g: %s."), name, workers, sweep,
				 best->at, util_seconds(best->seconds.mid, true, seconds, sizeof seconds));
	snprintf(title, sizeof title, _("Time of %s by %s"), plot_subject(run, kernel, sizeof kernel), sweep);
	plot_words(w->f, title, subtitle);
}

static bool make_lines(struct sweep *w)
{
	static const char *const roles[] = {"LEVEL", "OTHER", "MEASURED", "HOLLOW", "WRONG", NULL};
	struct figure *f = w->f;
	const struct rec_run *run = f->run;

	if (!run->sweep)
		return plot_fail(f, _("no parameter was swept"));
	collect(w);
	if (w->values < 2 || !f->variant)
		return plot_fail(f, _("fewer than two values of '%s' were measured"), run->sweep);
	int workers = most_workers(w, f->variant);
	plot_series_open(&w->s, f, roles, run->sweep, "seconds");
	add_line(w, f->variant, workers, "MEASURED");
	if (run->baseline && !plot_same(run->baseline, f->variant))
		add_line(w, run->baseline, 1, "LEVEL");
	if (workers > 1)
		add_line(w, f->variant, 1, "OTHER");
	for (int i = 0; i < run->variant_count && w->lines < LINES; i++) {
		const char *name = run->variants[i].name;
		if (!plot_same(name, f->variant) && !plot_same(name, run->baseline))
			add_line(w, name, most_workers(w, name), "OTHER");
	}
	put_words(w, workers);
	plot_series_close(&w->s);
	return true;
}

/* The values that have room for their labels: both ends, then from the left. */
static int label_values(const struct sweep *w, bool log, double ticks[VALUES])
{
	double lo = w->value[0], hi = w->value[w->values - 1], at[VALUES], half[VALUES];
	int n = 0;
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < w->values; i++) {
			double v = w->value[i], x = log ? log2(v / lo) / log2(hi / lo) : (v - lo) / (hi - lo);
			bool end = i == 0 || i == w->values - 1, room = pass == !end;
			char text[32];
			double wide = (snprintf(text, sizeof text, "%g", v) + 1) / 2.0 / (PLOT_SHARE * w->f->columns);
			for (int k = 0; k < n && room; k++)
				room = fabs(x - at[k]) > wide + half[k];
			if (room) {
				at[n] = x;
				half[n] = wide;
				ticks[n++] = v;
			}
		}
	qsort(ticks, (size_t)n, sizeof *ticks, ascending);
	return n;
}

static bool make(struct figure *f)
{
	struct sweep *w = xcalloc(1, sizeof *w);
	const char *unit_name;
	w->f = f;
	bool made = make_lines(w);
	if (made) {
		double lo = w->value[0], hi = w->value[w->values - 1], unit = plot_unit(w->top, &unit_name),
			   room = 0.04 * (hi - lo), ticks[VALUES];
		bool log = lo > 0 && hi >= LOG_FROM * lo;
		plot_set(f, "XLABEL", "%s", f->run->sweep);
		plot_set(f, "YLABEL", _("wall time of one run (%s)"), unit_name);
		plot_set_number(f, "UNIT", unit);
		plot_set_number(f, "LOG", log);
		plot_ticks(f, "TICKS", ticks, label_values(w, log, ticks));
		plot_set_number(f, "XMIN", log ? lo * pow(lo / hi, 0.04) : lo - room);
		plot_set_number(f, "XMAX", log ? hi * pow(hi / lo, 0.04) : hi + room);
		plot_set_number(f, "YMAX", w->top / unit * 1.1);
	}
	free(w);
	return made;
}

/* What has a chart of its own is drawn here only when it is asked for. */
static bool suits(const struct plot_records *records, const struct rec_run *run)
{
	return !plot_breakeven.suits(records, run) && !plot_latency.suits(records, run) && !plot_throughput.suits(records, run);
}

const struct plot_kind plot_sweep = {
	.name = "sweep", .about = N_("seconds against a swept parameter (a chunk size, ...)"), .swept = true, .suits = suits, .make = make};
