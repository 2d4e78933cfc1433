/* Lines of all variants against a swept parameter or against workers, both axes logarithmic: what the charts of messages and of
 * sharing have in common. */
#include "plots/lines.h"

#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 7, TICKS = 24 };

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* ---- what a point tells ------------------------------------------------------------------------- */

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

struct estimate lines_times(struct estimate e, double factor)
{
	return (struct estimate){e.mid * factor, e.lo * factor, e.hi * factor};
}

struct estimate lines_each(const struct rec_run *run, const struct rec_point *p)
{
	return lines_times(p->seconds, 1 / operations(run, p));
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
void lines_label(double x, const char *unit, char *text, size_t size)
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
	lines_label(at, unit, text, sizeof text);
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
	for (size_t i = 0; i < run->points.n && l->values < LINES_VALUES; i++) {
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

int lines_most(const struct lines *l, const char *variant)
{
	int most = 0;
	for (int i = 0; i < l->values; i++) {
		const struct rec_point *p = l->by_workers ? NULL : plot_most(l->f->run, variant, l->x[i]);
		most = p && p->workers > most ? p->workers : most;
	}
	return most;
}

const struct rec_point *lines_point(const struct lines *l, const char *variant, int workers, int i)
{
	const struct rec_point *p = l->by_workers ? recset_point(l->f->run, variant, (int)l->x[i], l->f->at)
											  : recset_point(l->f->run, variant, workers, l->x[i]);
	return p && shown(l, p) ? p : NULL;
}

void lines_reach(struct lines *l, double y)
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
	lines_reach(l, y.mid);
	lines_reach(l, y.lo);
	lines_reach(l, y.hi);
}

/* A line of a variant, and marks on what is odd. legend: NULL for its name and workers. */
void lines_add(struct lines *l, int v, const char *legend)
{
	const char *variant = l->f->run->variants[v].name;
	bool mine = plot_same(variant, l->f->variant), level = !mine && plot_serial(l->f->run, variant);
	int workers = lines_most(l, variant), id = 0, hollow = 0, wrong = 0, look = mine ? 0 : l->looks + 1;
	char words[200], name[96], count[64];
	plot_variant_words(l->f->run, variant, name, sizeof name);
	if (level && l->by_workers) { /* it has one worker: a level beside all others */
		const struct rec_point *p = lines_point(l, variant, 1, 0);
		id = p ? plot_series_add(&l->s, "LEVEL", 0, name) : 0;
		for (int i = 0; i < l->values && id; i++) {
			struct estimate y = l->value(l->f->run, p);
			lines_reach(l, y.mid);
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
		const struct rec_point *p = lines_point(l, variant, workers, i);
		if (!p || (!mine && look > LINES))
			continue;
		id = id ? id : plot_series_add(&l->s, mine ? "MEASURED" : level ? "SERIAL" : "OTHER", look, legend ? legend : words);
		row(l, id, variant, p);
		l->busy |= p->busy;
	}
	for (int i = 0; i < l->values && id; i++) {
		const struct rec_point *p = lines_point(l, variant, workers, i);
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
		const struct rec_point *p = lines_point(l, variant, lines_most(l, variant), i);
		if (p)
			return l->value(l->f->run, p).mid;
	}
	return 0;
}

/* The chart's own variant and as many others as there are colours, in the order in which their lines end. */
void lines_add_all(struct lines *l, char *(*legend)(struct lines *, const char *))
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
		lines_add(l, order[i], words);
		free(words);
	}
}

const char *const lines_roles[] = {"LEVEL", "FIT", "FIT_MINE", "FIT_SERIAL", "SERIAL", "OTHER", "OTHER_HOLLOW", "WRONG", "MEASURED", "HOLLOW", NULL};

/* What all of these charts have. False: why tells. */
bool lines_begin(struct lines *l, struct figure *f, const char *x, const char *y)
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
	plot_series_open(&l->s, f, lines_roles, x, y);
	return true;
}

void lines_end(struct lines *l, const char *x_label, const char *y_label, const char *x_unit)
{
	plot_series_close(&l->s);
	put_axes(l, x_unit);
	plot_set(l->f, "XLABEL", "%s", x_label);
	plot_set(l->f, "YLABEL", "%s", y_label);
	plot_set_number(l->f, "FITTED", l->fitted);
}

/* "µs for a message"; the last s of the unit goes. */
const char *lines_one_of(const struct rec_run *run, char *buf, size_t size)
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
const struct rec_point *lines_best(const struct lines *l, int i, bool least)
{
	const struct rec_point *best = NULL;
	for (int v = 0; v < l->f->run->variant_count; v++) {
		const char *name = l->f->run->variants[v].name;
		const struct rec_point *p = lines_point(l, name, lines_most(l, name), i);
		if (!p || !p->right || plot_serial(l->f->run, name))
			continue;
		if (!best || (l->value(l->f->run, p).mid < l->value(l->f->run, best).mid) == least)
			best = p;
	}
	return best;
}
