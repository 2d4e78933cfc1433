/* Speedup, scaled speedup and efficiency against workers: what was measured, what was guessed, the laws and the ceilings. */
#include "plots/plot.h"

#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORKERS = 128, BOW = 6 };
#define HIGHER 3.0		  /* times what was measured: so far the laws may raise the scale */
#define BEYOND 2.0		  /* times the cores: so far the laws are drawn */
#define BOW_FROM 1.2	  /* times: points further apart are joined by a bow */
#define HELPED 1.5		  /* times the best serial code: more than one worker can be by itself */
#define TICK_OCTAVES 0.24 /* least distance between two tick labels */

enum chart { SPEEDUP, SCALED, EFFICIENCY };

static const struct estimate nothing = {(double)NAN, (double)NAN, (double)NAN};

struct scale {
	double workers[WORKERS], split, max, top; /* split: the most workers that have cores of their own */
	int n;
};

/* A sweep is shown at one value: the one that this variant is fastest with. A device has no axis of workers. */
static bool belongs(const struct figure *f, const struct rec_point *p)
{
	return plot_shown(p) && plot_same_at(p->at, f->at) && !plot_on_device(f->run, p->variant);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void add_workers(struct scale *s, double workers)
{
	for (int i = 0; i < s->n; i++)
		if (s->workers[i] == workers)
			return;
	if (s->n < WORKERS)
		s->workers[s->n++] = workers;
}

static double larger(double a, double b)
{
	return b > a ? b : a;
} /* a when b is NaN */

static struct scale scale_of(const struct figure *f, bool laws, const struct plot_guess *guess)
{
	struct scale s = {.split = 0, .max = 1, .top = 1};
	for (size_t i = 0; i < f->run->points.n; i++) {
		const struct rec_point *p = &f->run->points.v[i];
		if (!belongs(f, p))
			continue;
		add_workers(&s, p->workers);
		s.max = larger(s.max, p->workers);
		s.split = p->oversubscribed ? s.split : larger(s.split, p->workers);
		s.top = larger(s.top, p->speedup.mid);
		s.top = p->speedup.hi < 2 * p->speedup.mid ? larger(s.top, p->speedup.hi) : s.top;
		s.top = p->capacity.mid < 1e6 ? larger(s.top, p->capacity.mid) : s.top;
	}
	for (size_t i = 0; i < f->run->fits.n; i++) { /* on a small machine the laws bend only beyond its cores */
		const struct rec_fit *fit = &f->run->fits.v[i];
		double end = fit->curve_count ? fit->curve[fit->curve_count - 1].p : 0,
			   most = fmin(end, BEYOND * f->run->usable);
		if (laws && f->run->usable > 0 && plot_same(fit->variant, f->variant) && plot_same(fit->law, "amdahl") &&
			most > s.max)
			for (double p = s.max; p < most; s.max = p)
				add_workers(&s, p = fmin(2 * p, most));
	}
	if (guess) {
		add_workers(&s, guess->workers);
		s.max = larger(s.max, guess->workers);
		s.top = larger(s.top, guess->speedup);
	}
	s.split = f->run->usable > 0 && s.split < s.max ? larger(s.split, fmin(f->run->usable, s.max)) : s.split;
	qsort(s.workers, (size_t)s.n, sizeof *s.workers, ascending);
	return s;
}

/* Labels that do not touch: both ends, powers of two, then what else there is room for. */
static void put_axes(struct figure *f, const struct scale *s)
{
	double ticks[WORKERS];
	int n = 0;
	for (int pass = 0; pass < 3; pass++)
		for (int i = 0; i < s->n; i++) {
			double e = log2(s->workers[i]);
			bool end = i == 0 || i == s->n - 1, free_here = true;
			for (int k = 0; k < n && free_here; k++)
				free_here = fabs(e - log2(ticks[k])) > TICK_OCTAVES * fmax(1, log2(s->max) / 4);
			if (free_here && pass == (end ? 0 : e == floor(e) ? 1 : 2))
				ticks[n++] = s->workers[i];
		}
	qsort(ticks, (size_t)n, sizeof *ticks, ascending);
	plot_ticks(f, "TICKS", ticks, n);
	plot_set_number(f, "XMIN", s->max > 1 ? exp2(-0.03 * log2(s->max) - 0.02) : 0.5);
	plot_set_number(f, "XMAX", s->max > 1 ? s->max * exp2(0.05 * log2(s->max) + 0.02) : 2);
	double next = s->max;
	for (int i = s->n - 1; i >= 0; i--)
		next = s->workers[i] > s->split ? s->workers[i] : next;
	plot_set(f, "BEYOND", ngettext("beyond the %g core here", "beyond the %g cores here", (unsigned long)s->split), s->split);
	plot_set(f, "XLABEL", "%s", _("workers"));
	plot_set_number(f, "SPLIT", s->split > 0 && s->max > s->split ? sqrt(s->split * next) : -1);
}

/* ---- laws and ceilings -------------------------------------------------------------------------- */

/* The measured ceiling at a worker count, NaN where there is none. */
static double ceiling_at(const struct figure *f, double workers, bool memory)
{
	for (size_t i = 0; i < f->run->points.n; i++) {
		const struct rec_point *p = &f->run->points.v[i];
		double y = memory ? p->bandwidth_ceiling : p->capacity.mid;
		if (belongs(f, p) && p->workers == workers && y >= 0 && y <= 1e6)
			return y;
	}
	return (double)NAN;
}

static double mix(double a, double b, double part)
{
	return a + part * (b - a);
}

/* Rows from one worker count to another, straight in workers: on a logarithmic axis that is a bow. The first is left
 * out. */
static void add_bow(struct plot_series *s, int id, const char *what, double from, struct estimate a, double to,
					struct estimate b)
{
	int steps = to > from * BOW_FROM ? BOW : 1;
	for (int i = 1; i <= steps; i++) {
		double part = (double)i / steps;
		plot_series_row(s, id, i < steps ? "between" : what, mix(from, to, part),
						(struct estimate){mix(a.mid, b.mid, part), mix(a.lo, b.lo, part), mix(a.hi, b.hi, part)});
	}
}

static struct estimate level(double y)
{
	return (struct estimate){y, (double)NAN, (double)NAN};
}

static void add_ceiling(struct plot_series *s, struct scale *scale, const char *role, const char *legend)
{
	bool memory = !strcmp(role, "MEMORY");
	const char *what = memory ? "memory ceiling" : "ideal";
	double last = 0, y = 0;
	int n = 0, id = 0;
	for (int w = 0; w < scale->n; w++)
		n += isfinite(ceiling_at(s->f, scale->workers[w], memory));
	if (n < 2)
		return; /* one point is no line */
	id = plot_series_add(s, role, 0, legend);
	for (int w = 0; w < scale->n; w++) {
		double here = ceiling_at(s->f, scale->workers[w], memory);
		if (isnan(here))
			continue;
		if (last > 0)
			add_bow(s, id, what, last, level(y), scale->workers[w], level(here));
		else
			plot_series_row(s, id, what, scale->workers[w], level(here));
		last = scale->workers[w];
		y = here;
	}
	if (!memory && last == scale->split &&
		scale->max > last) { /* nothing was measured further on: more cores like these */
		id = plot_series_add(s, "IDEAL_BEYOND", 0, _("ideal, with more such cores"));
		struct estimate end = level(y * scale->max / last);
		plot_series_row(s, id, "ideal with more such cores", last, level(y));
		add_bow(s, id, "ideal with more such cores", last, level(y), scale->max, end);
		scale->top = end.mid < HIGHER * scale->top ? larger(scale->top, end.mid) : scale->top;
	}
}

/* The part of a law's curve between two worker counts; false when there is no line to draw. */
static bool add_curve(struct plot_series *s, const struct rec_fit *fit, double from, double to, const char *role,
					  const char *legend)
{
	int count = 0;
	for (int i = 0; i < fit->curve_count; i++)
		count += fit->curve[i].p >= from * 0.999 && fit->curve[i].p <= to * 1.001;
	if (count < 2)
		return false;
	int id = plot_series_add(s, role, 0, legend);
	char what[96];
	snprintf(what, sizeof what, "%s%s%s", fit->law, fit->how ? " " : "", fit->how ? fit->how : "");
	const struct rec_curve_point *last = NULL;
	for (int i = 0; i < fit->curve_count; i++) {
		const struct rec_curve_point *here = &fit->curve[i];
		if (here->p < from * 0.999 || here->p > to * 1.001)
			continue;
		if (last)
			add_bow(s, id, what, last->p, last->s, here->p, here->s);
		else
			plot_series_row(s, id, what, here->p, here->s);
		last = here;
	}
	return true;
}

static void add_law(struct plot_series *s, const struct scale *scale, const char *law, const char *how,
					const char *role, const char *words)
{
	const struct rec_fit *fit = recset_fit(s->f->run, s->f->variant, law, how, s->f->at);
	double split = scale->split > 0 ? scale->split : scale->max;
	char legend[64], beyond[32];
	if (!fit || !fit->law)
		return;
	if (isfinite(fit->serial.mid))
		snprintf(legend, sizeof legend, _("%s, %.3g %% serial"), words, 100 * fit->serial.mid);
	else
		snprintf(legend, sizeof legend, "%s", words);
	if (!strcmp(role, "FITTED") && fit->curve_count > 1 && isfinite(fit->curve[fit->curve_count - 1].s.lo))
		add_curve(s, fit, 1, split, "BAND", _("interval of the fit, 95 %"));
	add_curve(s, fit, 1, split, role, legend);
	snprintf(beyond, sizeof beyond, "%s_BEYOND", role);
	if (!strcmp(role, "FITTED") || !strcmp(role, "PREDICTED")) /* the same law, if there were more cores like these */
		add_curve(s, fit, split, scale->max, beyond,
				  !strcmp(role, "FITTED") ? _("fitted, with more such cores") : _("predicted, with more such cores"));
}

static void add_laws(struct plot_series *s, struct scale *scale)
{
	const struct figure *f = s->f;
	const struct rec_fit *usl = recset_fit(f->run, f->variant, "usl", NULL, f->at);
	const struct rec_fit *projection = recset_fit(f->run, f->variant, "projection", NULL, f->at);
	add_law(s, scale, "amdahl", "predicted", "PREDICTED", _("Amdahl predicted"));
	add_law(s, scale, "amdahl", "fitted", "FITTED", _("Amdahl fitted"));
	add_law(s, scale, "gustafson", NULL, "FITTED", _("Gustafson fitted"));
	if (usl && usl->identifiable)
		add_law(s, scale, "usl", NULL, "USL", _("USL fitted"));
	if (projection && scale->max > scale->split)
		add_curve(s, projection, scale->split, scale->max, "PROJECTED", _("projected from work and span"));
	/* What is drawn beyond the cores may raise the scale, but not dwarf what was measured. */
	double most = scale->top * HIGHER;
	for (size_t i = 0; i < f->run->fits.n; i++) {
		const struct rec_fit *fit = &f->run->fits.v[i];
		for (int k = 0; k < fit->curve_count && plot_same(fit->variant, f->variant) && plot_same_at(fit->at, f->at);
			 k++)
			if (fit->curve[k].p <= scale->max * 1.001 && fit->curve[k].s.mid < most)
				scale->top = larger(scale->top, fit->curve[k].s.mid);
	}
}

/* ---- points ------------------------------------------------------------------------------------- */

static struct estimate height(const struct rec_point *p, enum chart chart)
{
	double c = p->capacity.mid;
	if (chart != EFFICIENCY)
		return p->speedup;
	return c > 0 && c <= 1e6
			   ? (struct estimate){100 * p->speedup.mid / c, 100 * p->speedup.lo / c, 100 * p->speedup.hi / c}
			   : nothing;
}

/* Why the points of a variant are hollow, for the legend. */
static const char *hollow_words(const struct rec_run *run, const char *variant)
{
	bool busy = false, over = false;
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (!plot_same(p->variant, variant) || !plot_shown(p))
			continue;
		busy |= p->busy && p->final;
		over |= p->oversubscribed;
	}
	return busy ? _("no verdict") : over ? _("oversubscribed") : _("so far");
}

/* The points of one variant: filled ones under its name, hollow ones apart, wrong ones crossed out. look: 0 for the one
 * that the chart is about. */
static void add_points(struct plot_series *s, const char *variant, int look, enum chart chart)
{
	const struct figure *f = s->f;
	bool mine = look == 0;
	const char *role[3] = {mine ? "MEASURED" : "OTHER", mine ? "HOLLOW" : "OTHER_HOLLOW", "WRONG"};
	char words[64], name[64], legend[128];
	int id[3] = {0}, count[3] = {0};
	plot_variant_words(f->run, variant, words, sizeof words);
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < f->run->points.n; i++) {
			const struct rec_point *p = &f->run->points.v[i];
			struct estimate y = height(p, chart);
			int kind = !p->right ? 2 : plot_hollow(p) ? 1 : 0;
			if (!belongs(f, p) || !plot_same(p->variant, variant) || isnan(y.mid))
				continue;
			count[kind]++;
			if (pass)
				plot_series_row(s, id[kind], variant, p->workers, y);
		}
		if (pass)
			break;
		if (count[0]) {
			snprintf(legend, sizeof legend, mine ? _("%s, measured") : "%s", words);
			id[0] = plot_series_add(s, role[0], look, legend);
		}
		if (count[1]) {
			snprintf(legend, sizeof legend, "%s: %s", words, hollow_words(f->run, variant));
			id[1] = plot_series_add(s, role[1], look, mine || !count[0] ? legend : "");
		}
		if (count[2]) {
			snprintf(legend, sizeof legend, _("%s: wrong result"), plot_cut(variant, 24, name, sizeof name));
			id[2] = plot_series_add(s, role[2], 0, legend);
		}
	}
}

static void add_others(struct plot_series *s, enum chart chart)
{
	for (int i = 0, n = 0; i < s->f->run->variant_count && n < 7; i++) {
		const char *name = s->f->run->variants[i].name;
		int before = s->n;
		if (plot_same(name, s->f->variant) || (plot_same(name, s->f->run->baseline) && chart != EFFICIENCY) ||
			(chart == EFFICIENCY && plot_serial(s->f->run, name)))
			continue;
		add_points(s, name, n + 1, chart);
		n += s->n > before;
	}
}

/* ---- words -------------------------------------------------------------------------------------- */

static void put_words(struct figure *f, enum chart chart)
{
	const struct rec_point *p = plot_most(f->run, f->variant, f->at);
	const struct rec_budget *budget = p ? recset_budget(f->run, f->variant, p->workers, f->at) : NULL;
	char title[256], at[80] = "", name[64], kernel[128], a[64], b[32], c[32], workers[64];
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	if (f->run->sweep && !isnan(f->at))
		snprintf(at, sizeof at, _(" with %.30s %g"), f->run->sweep, f->at);
	snprintf(title, sizeof title,
			 chart == EFFICIENCY ? _("Efficiency of %s: %s%s")
			 : chart == SCALED	 ? _("Scaled speedup of %s: %s%s")
								 : _("Speedup of %s: %s%s"),
			 plot_subject(f->run, kernel, sizeof kernel), plot_cut(f->variant, 24, name, sizeof name), at);
	if (to) {
		const char *busy = NULL;
		for (size_t i = 0; i < f->run->says.n; i++)
			if (plot_same(f->run->says.v[i].about, "busy"))
				busy = f->run->says.v[i].text;
		if (p && p->busy)
			fprintf(to, "%s. ", p->once ? _("one run only: no verdict") : busy ? words_of(busy) : _("machine busy: no verdict"));
		else if (p && chart == EFFICIENCY && isfinite(p->efficiency))
			fprintf(to, _("%s used %.0f %% of what the cores can do. "), plot_workers(p->workers, a, sizeof a), 100 * p->efficiency);
		else if (p && isfinite(p->speedup.lo))
			fprintf(to, chart == SCALED ? _("%s times the work in the same time with %s [%s–%s]. ") : _("%s times as fast with %s [%s–%s]. "),
					plot_ratio(p->speedup.mid, a, sizeof a), plot_workers(p->workers, workers, sizeof workers),
					plot_ratio(p->speedup.lo, b, sizeof b), plot_ratio(p->speedup.hi, c, sizeof c));
		if (p && !p->busy && budget && budget->sentence)
			fputs(words_of(budget->sentence), to);
		fclose(to);
	}
	plot_words(f, title, text ? text : "");
	free(text);
}

/* One worker is faster than a core can be: a device helps it, and no law of cores holds. */
static bool helped(const struct figure *f)
{
	const struct rec_point *p = recset_point(f->run, f->variant, 1, f->at);
	return p && belongs(f, p) && !p->busy && p->speedup.lo > HELPED * larger(1, p->capacity.mid);
}

static bool make(struct figure *f, enum chart chart)
{
	static const char *const roles[] = {"BAND",
										"IDEAL",
										"IDEAL_BEYOND",
										"MEMORY",
										"PROJECTED",
										"USL",
										"FITTED",
										"FITTED_BEYOND",
										"PREDICTED",
										"PREDICTED_BEYOND",
										"OTHER",
										"OTHER_HOLLOW",
										"WRONG",
										"MEASURED",
										"HOLLOW",
										"GUESS",
										NULL};
	const struct plot_guess *guess = chart == EFFICIENCY ? NULL : plot_guess(f->records, f->run);
	struct plot_series s;
	char label[128];

	if (!f->variant)
		return plot_fail(f, _("nothing was measured"));
	if (plot_serial(f->run, f->variant))
		return plot_fail(f, _("no variant with workers was measured"));
	if (plot_on_device(f->run, f->variant))
		return plot_fail(f, _("a device has no workers to count (--kind gpu)"));
	if (chart == EFFICIENCY && helped(f))
		return plot_fail(f, _("one worker is faster than a core can be: a device helps it"));
	if (chart == SCALED && !f->run->weak)
		return plot_fail(f, _("the work did not grow with the workers (--weak)"));
	struct scale scale = scale_of(f, chart != EFFICIENCY && !helped(f), guess);
	put_words(f, chart);
	put_axes(f, &scale);
	plot_series_open(&s, f, roles, "workers", chart == EFFICIENCY ? "percent" : "speedup");
	if (chart == EFFICIENCY) {
		int ideal = plot_series_add(&s, "IDEAL", 0, _("all of the cores used well"));
		plot_series_row(&s, ideal, "ideal", 1, (struct estimate){100, NAN, NAN});
		plot_series_row(&s, ideal, "ideal", scale.max > 1 ? scale.max : 2, (struct estimate){100, NAN, NAN});
	} else {
		add_ceiling(&s, &scale, "IDEAL", _("ideal: capacity measured"));
		add_ceiling(&s, &scale, "MEMORY", _("ceiling of memory"));
		if (!helped(f))
			add_laws(&s, &scale);
	}
	add_points(&s, f->variant, 0, chart);
	add_others(&s, chart);
	if (guess)
		plot_series_row(&s, plot_series_add(&s, "GUESS", 0, _("your guess")), "guess", guess->workers,
						(struct estimate){guess->speedup, NAN, NAN});
	plot_series_close(&s);
	double most = 100;
	for (size_t i = 0; chart == EFFICIENCY && i < f->run->points.n; i++)
		if (belongs(f, &f->run->points.v[i]) && !plot_serial(f->run, f->run->points.v[i].variant))
			most = fmin(larger(most, height(&f->run->points.v[i], chart).mid), 1e6);
	plot_set_number(f, "YMAX", chart == EFFICIENCY ? most * 1.1 : scale.top * 1.08);
	if (chart == EFFICIENCY)
		plot_set(f, "YLABEL", "%s", _("speedup / capacity of the cores (%)"));
	else if (chart == SCALED)
		plot_set(f, "YLABEL", "%s", _("work per second over one worker (times)"));
	else
		plot_set(f, "YLABEL", _("speedup over %s (times as fast)"),
				 plot_cut(f->run->baseline ? f->run->baseline : _("the best serial code"), 30, label, sizeof label));
	return true;
}

static bool make_speedup(struct figure *f)
{
	return make(f, SPEEDUP);
}
static bool make_scaled(struct figure *f)
{
	return make(f, SCALED);
}
static bool make_efficiency(struct figure *f)
{
	return make(f, EFFICIENCY);
}

/* Not when a device was measured and nothing beside it that has workers. */
static bool has_workers(const struct plot_records *records, const struct rec_run *run)
{
	bool device = false, workers = false;
	(void)records;
	for (size_t i = 0; i < run->points.n; i++) {
		const char *variant = run->points.v[i].variant;
		device |= plot_on_device(run, variant);
		workers |= !plot_on_device(run, variant) && !plot_serial(run, variant);
	}
	return workers || !device;
}
static bool strong(const struct plot_records *records, const struct rec_run *run)
{
	return !run->weak && has_workers(records, run);
}
static bool weak(const struct plot_records *records, const struct rec_run *run)
{
	return run->weak && has_workers(records, run);
}

const struct plot_kind plot_speedup = {.name = "speedup",
									   .about = N_("speedup against workers, with Amdahl's law predicted and fitted"),
									   .suits = strong,
									   .make = make_speedup};
const struct plot_kind plot_scaled = {.name = "scaled",
									  .about = N_("scaled speedup: the work grows with the workers (Gustafson)"),
									  .script = "speedup",
									  .suits = weak,
									  .make = make_scaled};
const struct plot_kind plot_efficiency = {
	.name = "efficiency", .about = N_("speedup as a share of what the cores can do"), .suits = has_workers, .make = make_efficiency};
