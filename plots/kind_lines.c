/* Lines of all variants against a swept parameter or against workers, both axes logarithmic: what a message costs by its length,
 * from which size on sharing pays, what an operation costs when many want the same. */
#include "plots/plot.h"

#include "kernels/bench/breakeven.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES = 64, LINES = 7, STEPS = 32, TICKS = 24 };
#define MISFIT 0.5 /* of a point: a law that is farther off tells nothing */

struct lines {
	struct figure *f;
	struct plot_series s;
	bool by_workers;
	const char *y_unit; /* "s", "B/s", "": for the labels of the axis */
	/* The height of a point; NaN when it has none. */
	struct estimate (*value)(const struct rec_run *run, const struct rec_point *p);
	double x[VALUES], lo, hi;
	int values, looks, id[RECSET_VARIANTS_MAX]; /* id: series of each variant, 0 without */
	bool busy, fitted;						   /* fitted: points without a line between them */
};

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* ---- what a point tells ------------------------------------------------------------------------- */

static double arg(const struct rec_run *run, const char *name, double preset)
{
	const json_t *v = json_object_get(run->args, name);
	return json_is_number(v) ? json_number_value(v) : preset;
}

static double swept(const struct rec_run *run, const struct rec_point *p, const char *name, double preset)
{
	return plot_same(run->sweep, name) ? p->at : preset;
}

/* How many operations a run does. */
static double operations(const struct rec_run *run, const struct rec_point *p)
{
	double n = swept(run, p, "size", run->size) * (isfinite(p->work) && p->work > 0 ? p->work : 1);
	return n >= 1 && n < 1e15 ? n : (double)NAN;
}

static struct estimate times(struct estimate e, double factor)
{
	return (struct estimate){e.mid * factor, e.lo * factor, e.hi * factor};
}

static struct estimate each(const struct rec_run *run, const struct rec_point *p)
{
	return times(p->seconds, 1 / operations(run, p));
}

/* Messages that come back: 2 of them in the time of one. */
static bool comes_back(const struct rec_run *run)
{
	return arg(run, "stream", strstr(run->kernel, "ping") ? 0 : 1) == 0;
}

static bool one_way_only(const struct rec_run *run, const char *variant)
{
	return !comes_back(run) || plot_same(variant, "stream");
}

static struct estimate one_way(const struct rec_run *run, const struct rec_point *p)
{
	return times(each(run, p), one_way_only(run, p->variant) ? 1 : 0.5);
}

/* What does not come back has no place beside what does. */
static struct estimate there_and_back(const struct rec_run *run, const struct rec_point *p)
{
	return comes_back(run) && one_way_only(run, p->variant) ? (struct estimate){(double)NAN, (double)NAN, (double)NAN} : each(run, p);
}

static struct estimate rate(const struct rec_run *run, const struct rec_point *p)
{
	struct estimate t = one_way(run, p);
	return (struct estimate){p->at / t.mid, p->at / t.hi, p->at / t.lo};
}

static struct estimate speedup(const struct rec_run *run, const struct rec_point *p)
{
	(void)run;
	return p->speedup;
}

static bool good(double y)
{
	return y > 1e-15 && y < 1e15;
}

static double x_of(const struct lines *l, const struct rec_point *p)
{
	return l->by_workers ? p->workers : p->at;
}

static bool shown(const struct lines *l, const struct rec_point *p)
{
	return plot_shown(p) && x_of(l, p) > 0 && x_of(l, p) <= 1e12 && good(l->value(l->f->run, p).mid);
}

/* ---- axes --------------------------------------------------------------------------------------- */

/* 64 B, 4 KiB; 10 µs; 100k: a short label. */
static void label(double x, const char *unit, char *text, size_t size)
{
	static const struct {
		double factor;
		const char *prefix;
	} si[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}, {1e-3, "m"}, {1e-6, "µ"}, {1e-9, "n"}},
	  binary[] = {{0x1p30, "Gi"}, {0x1p20, "Mi"}, {0x1p10, "Ki"}, {1, ""}};
	bool powers = !strcmp(unit, "B") && x >= 1024 && exp2(round(log2(x))) == x;
	size_t i = 0, last = powers ? 3 : !strcmp(unit, "s") || !strcmp(unit, "B/s") ? 7 : 4;
	while (i < last && x < (powers ? binary : si)[i].factor * 0.9999)
		i++;
	snprintf(text, size, x == round(x) && x < 1024 ? "%.4g%s%s%s" : "%.3g%s%s%s", x / (powers ? binary : si)[i].factor, *unit ? " " : "", (powers ? binary : si)[i].prefix, unit);
}

static void put_tick(struct figure *f, int *n, double at, const char *unit)
{
	char text[48];
	label(at, unit, text, sizeof text);
	fprintf(f->gp, "%s\"%s\" %.9g", (*n)++ ? ", " : "", text, at);
}

/* Ticks of a logarithmic axis: at 1, 2 and 5 while there are few. */
static void put_ticks(struct figure *f, const char *name, double lo, double hi, const char *unit)
{
	double decades = log10(hi / lo);
	int n = 0, step = decades > 8 ? 2 : 1;
	fprintf(f->gp, "%s = '(", name);
	for (double e = floor(log10(lo)); e <= log10(hi); e += step)
		for (int m = 0; m < 3; m++) {
			double at = pow(10, e) * (m == 0 ? 1 : m == 1 ? 2 : 5);
			if (at >= lo * 0.999 && at <= hi * 1.001 && (m == 0 || decades < 2.2) && n < TICKS)
				put_tick(f, &n, at, unit);
		}
	fputs(")'\n", f->gp);
}

static void put_axes(struct lines *l, const char *x_unit)
{
	struct figure *f = l->f;
	double lo = l->x[0], hi = l->x[l->values - 1], room = fmax(pow(l->hi / l->lo, 0.06), 1.08), last = 0;
	int n = 0;
	fputs("XTICKS = '(", f->gp);
	for (int i = 0; i < l->values; i++) { /* those that have room beside each other */
		if (last > 0 && log(l->x[i] / last) < log(hi / lo) / (l->f->columns < 86 ? 5 : 11))
			continue;
		put_tick(f, &n, last = l->x[i], x_unit);
	}
	fputs(")'\n", f->gp);
	plot_set_number(f, "LOGX", lo > 0 && hi > lo);
	plot_set_number(f, "LOGY", 1);
	plot_set_number(f, "XMIN", hi > lo ? lo * pow(lo / hi, 0.04) : lo / 2);
	plot_set_number(f, "XMAX", hi > lo ? hi * pow(hi / lo, 0.04) : hi * 2);
	plot_set_number(f, "YMIN", l->lo / room);
	plot_set_number(f, "YMAX", l->hi * room);
	put_ticks(f, "YTICKS", l->lo / room, l->hi * room, l->y_unit);
}

static void collect(struct lines *l)
{
	const struct rec_run *run = l->f->run;
	l->lo = INFINITY;
	for (size_t i = 0; i < run->points.n && l->values < VALUES; i++) {
		const struct rec_point *p = &run->points.v[i];
		int k = 0;
		if (!shown(l, p) || (l->by_workers && !plot_same_at(p->at, l->f->at)))
			continue;
		while (k < l->values && l->x[k] != x_of(l, p))
			k++;
		if (k == l->values)
			l->x[l->values++] = x_of(l, p);
	}
	qsort(l->x, (size_t)l->values, sizeof *l->x, ascending);
}

/* ---- lines -------------------------------------------------------------------------------------- */

static int most_workers(const struct lines *l, const char *variant)
{
	int most = 0;
	for (int i = 0; i < l->values; i++) {
		const struct rec_point *p = l->by_workers ? NULL : plot_most(l->f->run, variant, l->x[i]);
		most = p && p->workers > most ? p->workers : most;
	}
	return most;
}

static const struct rec_point *point_at(const struct lines *l, const char *variant, int workers, int i)
{
	const struct rec_point *p = l->by_workers ? recset_point(l->f->run, variant, (int)l->x[i], l->f->at)
											  : recset_point(l->f->run, variant, workers, l->x[i]);
	return p && shown(l, p) ? p : NULL;
}

static void reach(struct lines *l, double y)
{
	if (good(y)) {
		l->lo = fmin(l->lo, y);
		l->hi = fmax(l->hi, y);
	}
}

static void row(struct lines *l, int id, const char *what, const struct rec_point *p)
{
	struct estimate y = l->value(l->f->run, p);
	if (!(y.lo > y.mid / 4 && y.hi < y.mid * 4)) /* a wild interval would flatten all */
		y.lo = y.hi = (double)NAN;
	plot_series_row(&l->s, id, what, x_of(l, p), y);
	reach(l, y.mid);
	reach(l, y.lo);
	reach(l, y.hi);
}

/* A line of a variant, and marks on what is odd. legend: NULL for its name and workers. */
static void add_line(struct lines *l, int v, const char *legend)
{
	const char *variant = l->f->run->variants[v].name;
	bool mine = plot_same(variant, l->f->variant), level = !mine && plot_serial(l->f->run, variant);
	int workers = most_workers(l, variant), id = 0, hollow = 0, wrong = 0, look = mine ? 0 : l->looks + 1;
	char words[200], name[96], count[64];
	plot_variant_words(l->f->run, variant, name, sizeof name);
	if (level && l->by_workers) { /* it has one worker: a level beside all others */
		const struct rec_point *p = point_at(l, variant, 1, 0);
		id = p ? plot_series_add(&l->s, "LEVEL", 0, name) : 0;
		for (int i = 0; i < l->values && id; i++) {
			struct estimate y = l->value(l->f->run, p);
			reach(l, y.mid);
			plot_series_row(&l->s, id, variant, l->x[i], (struct estimate){y.mid, NAN, NAN});
		}
		l->id[v] = id;
		return;
	}
	if (workers > 1)
		snprintf(words, sizeof words, "%s, %s", name, plot_workers(workers, count, sizeof count));
	else
		snprintf(words, sizeof words, "%s", name);
	for (int i = 0; i < l->values; i++) {
		const struct rec_point *p = point_at(l, variant, workers, i);
		if (!p || (!mine && look > LINES))
			continue;
		id = id ? id : plot_series_add(&l->s, mine ? "MEASURED" : level ? "SERIAL" : "OTHER", look, legend ? legend : words);
		row(l, id, variant, p);
		l->busy |= p->busy;
	}
	for (int i = 0; i < l->values && id; i++) {
		const struct rec_point *p = point_at(l, variant, workers, i);
		if (!p || (p->right && !plot_hollow(p)))
			continue;
		int *odd = p->right ? &hollow : &wrong;
		*odd = *odd ? *odd : plot_series_add(&l->s, p->right ? mine ? "HOLLOW" : "OTHER_HOLLOW" : "WRONG", look, "");
		row(l, *odd, variant, p);
	}
	l->looks += id && !mine;
	l->id[v] = id;
}

static double last_of(const struct lines *l, const char *variant)
{
	for (int i = l->values; i-- > 0;) {
		const struct rec_point *p = point_at(l, variant, most_workers(l, variant), i);
		if (p)
			return l->value(l->f->run, p).mid;
	}
	return 0;
}

/* The chart's own variant and as many others as there are colours, in the order in which their lines end. */
static void add_lines(struct lines *l, char *(*legend)(struct lines *, const char *))
{
	const struct rec_run *run = l->f->run;
	int order[RECSET_VARIANTS_MAX], n = 0;
	for (int i = 0; i < run->variant_count; i++)
		order[n++] = i;
	for (int i = 1; i < n; i++)
		for (int k = i; k > 0 && last_of(l, run->variants[order[k]].name) > last_of(l, run->variants[order[k - 1]].name); k--) {
			int swap = order[k];
			order[k] = order[k - 1];
			order[k - 1] = swap;
		}
	for (int i = 0; i < n; i++) {
		char *words = legend ? legend(l, run->variants[order[i]].name) : NULL;
		add_line(l, order[i], words);
		free(words);
	}
}

static const char *const roles[] = {"LEVEL", "FIT", "FIT_MINE", "FIT_SERIAL", "SERIAL", "OTHER", "OTHER_HOLLOW", "WRONG", "MEASURED", "HOLLOW", NULL};

/* What all of these charts have. False: why tells. */
static bool begin(struct lines *l, struct figure *f, const char *x, const char *y)
{
	l->f = f;
	if (!f->variant)
		return plot_fail(f, _("nothing was measured"));
	if (!l->by_workers && !f->run->sweep)
		return plot_fail(f, _("no parameter was swept"));
	collect(l);
	if (l->values < 2)
		return plot_fail(f, l->by_workers ? _("fewer than two numbers of workers were measured")
										  : _("fewer than two values were measured"));
	plot_series_open(&l->s, f, roles, x, y);
	return true;
}

static void end(struct lines *l, const char *x_label, const char *y_label, const char *x_unit)
{
	plot_series_close(&l->s);
	put_axes(l, x_unit);
	plot_set(l->f, "XLABEL", "%s", x_label);
	plot_set(l->f, "YLABEL", "%s", y_label);
	plot_set_number(l->f, "FITTED", l->fitted);
}

/* "µs for a message"; the last s of the unit goes. */
static const char *one_of(const struct rec_run *run, char *buf, size_t size)
{
	snprintf(buf, size, "%.40s", run->size_unit ? run->size_unit : "run");
	size_t n = strlen(buf);
	if (n > 3 && !strcmp(buf + n - 3, "ies"))
		snprintf(buf + n - 3, size - n + 3, "y");
	else if (n > 1 && buf[n - 1] == 's')
		buf[n - 1] = '\0';
	return buf;
}

/* The least (or most) of all right variants with workers at the i-th value. */
static const struct rec_point *best_at(const struct lines *l, int i, bool least)
{
	const struct rec_point *best = NULL;
	for (int v = 0; v < l->f->run->variant_count; v++) {
		const char *name = l->f->run->variants[v].name;
		const struct rec_point *p = point_at(l, name, most_workers(l, name), i);
		if (!p || !p->right || plot_serial(l->f->run, name))
			continue;
		if (!best || (l->value(l->f->run, p).mid < l->value(l->f->run, best).mid) == least)
			best = p;
	}
	return best;
}

/* ---- messages ----------------------------------------------------------------------------------- */

static bool of_messages(const struct plot_records *records, const struct rec_run *run)
{
	(void)records;
	return plot_same(run->sweep, "bytes") || plot_same(run->sweep, "message") || plot_same(run->sweep, "length");
}

static bool of_round_trips(const struct plot_records *records, const struct rec_run *run)
{
	return of_messages(records, run) && arg(run, "stream", 0) == 0;
}

static bool of_streams(const struct plot_records *records, const struct rec_run *run)
{
	return of_messages(records, run) && arg(run, "stream", 1) != 0;
}

static void put_message_words(struct lines *l, const char *title, bool least)
{
	const struct rec_point *small = best_at(l, 0, least), *large = best_at(l, l->values - 1, least);
	char subtitle[400] = "", text[4][48];
	if (l->busy)
		snprintf(subtitle, sizeof subtitle, "%s", _("The machine was busy while some of this was measured: hollow, no verdict."));
	else if (small && large) {
		label(l->x[0], "B", text[0], sizeof text[0]);
		label(l->value(l->f->run, small).mid, l->y_unit, text[1], sizeof text[1]);
		label(l->x[l->values - 1], "B", text[2], sizeof text[2]);
		label(l->value(l->f->run, large).mid, l->y_unit, text[3], sizeof text[3]);
		snprintf(subtitle, sizeof subtitle, _("Best with %s: %.40s, %s. Best with %s: %.40s, %s."), text[0], small->variant, text[1],
				 text[2], large->variant, text[3]);
	}
	plot_words(l->f, title, subtitle);
}

static bool make_latency(struct figure *f)
{
	struct lines l = {.value = there_and_back, .y_unit = "s"};
	char y[128], one[48], title[256], subject[128];
	if (!begin(&l, f, "bytes", "seconds"))
		return false;
	snprintf(title, sizeof title, _("Latency of %s by message size"), plot_subject(f->run, subject, sizeof subject));
	add_lines(&l, NULL);
	put_message_words(&l, title, true);
	snprintf(y, sizeof y, comes_back(f->run) ? _("time until a %s is back") : _("time of a %s"), one_of(f->run, one, sizeof one));
	end(&l, _("length of a message"), y, "B");
	return true;
}

static bool make_throughput(struct figure *f)
{
	struct lines l = {.value = rate, .y_unit = "B/s"};
	char title[256], subject[128];
	if (!begin(&l, f, "bytes", "bytes_per_second"))
		return false;
	snprintf(title, sizeof title, _("Throughput of %s by message size"), plot_subject(f->run, subject, sizeof subject));
	add_lines(&l, NULL);
	put_message_words(&l, title, false);
	end(&l, _("length of a message"), _("bytes a second that arrive"), "B");
	return true;
}

/* ---- alpha and beta ----------------------------------------------------------------------------- */

struct alphabeta {
	double alpha, beta; /* seconds for a message, for a byte; NaN: not known */
};

/* Least squares of the relative errors: short messages count as much as long ones. */
static struct alphabeta fit_of(const struct lines *l, const char *variant)
{
	double s = 0, sx = 0, sxx = 0, sy = 0, sxy = 0;
	struct alphabeta ab = {(double)NAN, (double)NAN};
	int n = 0;
	for (int i = 0; i < l->values; i++) {
		const struct rec_point *p = point_at(l, variant, most_workers(l, variant), i);
		if (!p || !p->right)
			continue;
		double t = l->value(l->f->run, p).mid, w = 1 / (t * t), x = l->x[i];
		s += w, sx += w * x, sxx += w * x * x, sy += w * t, sxy += w * x * t;
		n++;
	}
	double d = s * sxx - sx * sx;
	if (n < 3 || !(d > 0))
		return ab;
	ab.beta = (s * sxy - sx * sy) / d;
	ab.alpha = (sy - ab.beta * sx) / s;
	if (ab.beta < 0)
		ab = (struct alphabeta){sy / s, 0};
	if (ab.alpha < 0)
		ab = (struct alphabeta){0, sxy / sxx};
	return ab;
}

/* How far the line is from the points at most, as a share of them. */
static double misfit_of(const struct lines *l, const char *variant, struct alphabeta ab)
{
	double worst = 0;
	for (int i = 0; i < l->values; i++) {
		const struct rec_point *p = point_at(l, variant, most_workers(l, variant), i);
		if (p && p->right)
			worst = fmax(worst, fabs((ab.alpha + ab.beta * l->x[i]) / l->value(l->f->run, p).mid - 1));
	}
	return worst;
}

static void alphabeta_words(struct alphabeta ab, char *text, size_t size)
{
	char alpha[48], beta[48];
	label(ab.alpha, "s", alpha, sizeof alpha);
	label(1 / ab.beta, "B/s", beta, sizeof beta);
	if (ab.beta > 0)
		snprintf(text, size, "%s + n/%s", alpha, beta);
	else
		snprintf(text, size, "%s", alpha);
}

static char *alphabeta_legend(struct lines *l, const char *variant)
{
	struct alphabeta ab = fit_of(l, variant);
	char words[160], law[120];
	if (isnan(ab.alpha))
		return NULL;
	alphabeta_words(ab, law, sizeof law);
	snprintf(words, sizeof words, "%.16s: %s", variant, law);
	return xasprintf("%s", words);
}

/* Under the points: the curve of each fit. */
static void add_fits(struct lines *l)
{
	const struct rec_run *run = l->f->run;
	double lo = l->x[0], hi = l->x[l->values - 1];
	for (int v = 0; v < run->variant_count; v++) {
		struct alphabeta ab = fit_of(l, run->variants[v].name);
		if (!l->id[v] || isnan(ab.alpha))
			continue;
		int look = l->s.look[l->id[v]];
		bool serial = !strcmp(roles[l->s.role[l->id[v]]], "SERIAL");
		int id = plot_series_add(&l->s, serial ? "FIT_SERIAL" : look ? "FIT" : "FIT_MINE", look, "");
		for (int i = 0; i <= STEPS; i++) {
			double x = lo * pow(hi / lo, (double)i / STEPS);
			plot_series_row(&l->s, id, "alpha + beta n", x, (struct estimate){ab.alpha + ab.beta * x, NAN, NAN});
		}
	}
}

static bool make_alphabeta(struct figure *f)
{
	struct lines l = {.value = one_way, .y_unit = "s", .fitted = true};
	char title[256], subject[128], subtitle[500] = "", alpha[48], half[48], beta[48];
	if (!begin(&l, f, "bytes", "seconds"))
		return false;
	struct alphabeta ab = fit_of(&l, f->variant);
	if (isnan(ab.alpha))
		return plot_fail(f, _("fewer than three lengths of messages were measured"));
	label(ab.alpha, "s", alpha, sizeof alpha);
	label(1 / ab.beta, "B/s", beta, sizeof beta);
	label(round(ab.alpha / ab.beta), "B", half, sizeof half);
	snprintf(title, sizeof title, _("What a message costs in %s: α + β n"), plot_subject(f->run, subject, sizeof subject));
	add_lines(&l, alphabeta_legend);
	add_fits(&l);
	double misfit = misfit_of(&l, f->variant, ab);
	if (misfit > MISFIT)
		snprintf(subtitle, sizeof subtitle, _("%.40s: no straight line tells what is measured (off by up to %.0f %%). %s"), f->variant,
				 100 * misfit, l.busy ? _("Hollow: the machine was busy.") : "");
	else if (ab.beta > 0 && ab.alpha > 0)
		snprintf(subtitle, sizeof subtitle,
				 _("%.40s: each message costs α = %s, and its bytes pass at 1/β = %s: from %s on the bytes cost more than the message. %s"),
				 f->variant, alpha, beta, half, l.busy ? _("Hollow: the machine was busy.") : "");
	plot_words(f, title, subtitle);
	end(&l, _("length of a message"), comes_back(f->run) ? _("time of a message (half a round trip)") : _("time of a message"), "B");
	return true;
}

/* ---- break-even --------------------------------------------------------------------------------- */

static bool of_sizes(const struct plot_records *records, const struct rec_run *run)
{
	(void)records;
	return plot_same(run->sweep, "size") && !run->weak;
}

static bool make_breakeven(struct figure *f)
{
	struct lines l = {.value = speedup, .y_unit = ""};
	double size[VALUES];
	struct estimate s[VALUES];
	int n = 0;
	char title[256], subject[128], y[128], cut[64], *subtitle = NULL;
	if (!begin(&l, f, "size", "speedup"))
		return false;
	if (strcmp(f->run->sweep, "size"))
		return plot_fail(f, _("the size was not swept"));
	if (plot_serial(f->run, f->variant))
		return plot_fail(f, _("no variant with workers was measured"));
	for (int i = 0; i < l.values; i++) {
		const struct rec_point *p = point_at(&l, f->variant, most_workers(&l, f->variant), i);
		if (!p || !p->right)
			continue;
		size[n] = p->at;
		s[n] = p->busy ? (struct estimate){p->speedup.mid, NAN, NAN} : p->speedup;
		n++;
	}
	struct breakeven e = breakeven_find(size, s, n);
	char *start = xasprintf("%s, ", f->variant);
	for (size_t i = 0; i < f->run->says.n; i++)
		if (plot_same(f->run->says.v[i].about, "breakeven") && !strncmp(f->run->says.v[i].text, start, strlen(start)))
			subtitle = f->run->says.v[i].text;
	snprintf(title, sizeof title, _("From which size on sharing pays in %s"), plot_subject(f->run, subject, sizeof subject));
	free(start);
	reach(&l, 1);
	for (int i = 0; i < f->run->variant_count; i++)
		if (!plot_serial(f->run, f->run->variants[i].name))
			add_line(&l, i, NULL);
	plot_words(f, title,
			   l.busy	  ? _("Hollow: the machine was busy, no verdict. Above the line sharing is faster than the best serial code.")
			   : subtitle ? words_of(subtitle)
						  : _("Above the line sharing is faster than the best serial code."));
	plot_set_number(f, "LEVEL_Y", 1);
	plot_set_number(f, "ZONE_FROM", e.kind == BREAKEVEN_BETWEEN ? e.lo : (double)NAN);
	plot_set_number(f, "ZONE_TO", e.kind == BREAKEVEN_BETWEEN ? e.hi : (double)NAN);
	plot_set(f, "ZONE", _("break-even of %s"), plot_cut(f->variant, 20, cut, sizeof cut));
	snprintf(y, sizeof y, _("speedup over %s (times as fast)"),
			 plot_cut(f->run->baseline ? f->run->baseline : _("the best serial code"), 30, cut, sizeof cut));
	plot_set(f, "LEVEL_ABOVE", "%s", _("faster than serial"));
	plot_set(f, "LEVEL_BELOW", "%s", _("slower than serial"));
	end(&l, f->run->size_unit ? f->run->size_unit : "size", y, "");
	return true;
}

/* ---- contention --------------------------------------------------------------------------------- */

/* Work that is nothing but operations on something shared. */
static bool of_operations(const struct plot_records *records, const struct rec_run *run)
{
	static const char *const units[] = {"additions", "increments", "accesses", "phases", "meals", "visits", "transfers", NULL};
	bool several = false;
	(void)records;
	for (size_t i = 1; i < run->points.n; i++)
		several |= run->points.v[i].workers != run->points.v[0].workers;
	for (int i = 0; several && units[i]; i++)
		if (plot_same(run->size_unit, units[i]))
			return true;
	return false;
}

static bool make_contention(struct figure *f)
{
	struct lines l = {.value = each, .y_unit = "s", .by_workers = true};
	char title[256], subject[128], one[48], y[128], subtitle[400] = "", a[48], b[48];
	if (!begin(&l, f, "workers", "seconds"))
		return false;
	int last = l.values - 1;
	while (last > 0 && !(best_at(&l, last, true) && !best_at(&l, last, true)->oversubscribed))
		last--;
	const struct rec_point *best = best_at(&l, last, true), *worst = best_at(&l, last, false);
	one_of(f->run, one, sizeof one);
	if (l.x[last] > 1 && best && worst && best != worst) {
		label(l.value(f->run, best).mid, "s", a, sizeof a);
		label(l.value(f->run, worst).mid, "s", b, sizeof b);
		snprintf(subtitle, sizeof subtitle, _("With %g workers: %.40s takes %s for each %s, %.40s %s. A line that rises: the workers are in each other's way."),
				 l.x[last], best->variant, a, one, worst->variant, b);
	}
	snprintf(title, sizeof title, _("Contention in %s: time of each %s"), plot_subject(f->run, subject, sizeof subject), one);
	add_lines(&l, NULL);
	plot_words(f, title, l.busy ? _("The machine was busy while some of this was measured: hollow, no verdict.") : subtitle);
	snprintf(y, sizeof y, _("wall time / %s"), f->run->size_unit ? f->run->size_unit : _("operations"));
	end(&l, _("workers"), y, "");
	return true;
}

const struct plot_kind plot_latency = {.name = "latency",
									   .about = N_("how long a message takes by its length"),
									   .script = "lines",
									   .suits = of_round_trips,
									   .make = make_latency};
const struct plot_kind plot_throughput = {.name = "throughput",
										  .about = N_("how many bytes a second arrive, by the length of a message"),
										  .script = "lines",
										  .suits = of_streams,
										  .make = make_throughput};
const struct plot_kind plot_alphabeta = {.name = "alphabeta",
										 .about = N_("latency and bandwidth of messages, fitted (the alpha-beta model)"),
										 .script = "lines",
										 .suits = of_round_trips,
										 .make = make_alphabeta};
const struct plot_kind plot_breakeven = {.name = "breakeven",
										 .about = N_("from which size on sharing pays"),
										 .script = "lines",
										 .suits = of_sizes,
										 .make = make_breakeven};
const struct plot_kind plot_contention = {.name = "contention",
										  .about = N_("what an operation on something shared costs, by workers"),
										  .script = "lines",
										  .suits = of_operations,
										  .make = make_contention};
