#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/bench.h"
#include "kernels/bench/breakeven.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/compare.h"
#include "tui/curve.h"
#include "tui/draw.h"

enum { ROUNDS_FOR_INTERVAL = 6 }; /* below, 95 % can't be had of order statistics: see stat.h */

/* The point asked for; of a sweep, the one that the views look at. */
static const struct rec_point *find_point(const struct rec_run *run, const char *variant, int workers)
{
	return recset_point(run, variant, workers, draw_at(run, variant));
}

/* The point with the least time of a sweep; NULL without a sweep. */
static const struct rec_point *fastest(const struct rec_run *run, const char *variant, int workers)
{
	const struct rec_point *best = NULL;
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (p->workers == workers && !strcmp(p->variant, variant) && !isnan(p->at) && !isnan(p->seconds.mid) &&
		    (!best || p->seconds.mid < best->seconds.mid))
			best = p;
	}
	return best;
}

/* The swept value with the least time, among all that can't be told from it: their times' intervals overlap. */
static struct estimate best_at(const struct rec_run *run, const char *variant, int workers)
{
	const struct rec_point *best = fastest(run, variant, workers);
	if (!best || isnan(best->seconds.lo) || isnan(best->seconds.hi))
		return (struct estimate){best ? best->at : NAN, NAN, NAN};
	struct estimate e = {best->at, best->at, best->at};
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (p->workers != workers || strcmp(p->variant, variant) || isnan(p->at) ||
		    !(p->seconds.lo <= best->seconds.hi && p->seconds.hi >= best->seconds.lo))
			continue;
		e.lo = fmin(e.lo, p->at);
		e.hi = fmax(e.hi, p->at);
	}
	return e;
}

/* From which size on this variant is faster than serial, between two sizes that were measured. */
static struct estimate break_even(const struct rec_run *run, const char *variant, int workers)
{
	double size[BENCH_SWEEP_MAX];
	struct estimate speedup[BENCH_SWEEP_MAX];
	int n = 0;
	for (size_t i = 0; i < run->points.n && n < BENCH_SWEEP_MAX; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (p->workers != workers || strcmp(p->variant, variant) || isnan(p->at) || !p->right)
			continue;
		size[n] = p->at;
		speedup[n++] = p->speedup;
	}
	struct breakeven e = breakeven_find(size, speedup, n);
	return (struct estimate){e.mid, e.lo, e.hi};
}

static bool measured(const struct rec_run *run, const char *variant)
{
	for (size_t i = 0; i < run->points.n; i++)
		if (!strcmp(run->points.v[i].variant, variant))
			return true;
	return recset_verdict(run, variant) != NULL;
}

const char *compare_variant(const struct rec_run *run, const struct piece *predict)
{
	if (predict->variant && *predict->variant) {
		const struct rec_variant *v = recset_variant(run, predict->variant);
		return v && measured(run, v->name) ? v->name : NULL;
	}
	for (int i = 0; i < run->variant_count; i++)
		if (strcmp(run->variants[i].kind, "serial") && measured(run, run->variants[i].name))
			return run->variants[i].name;
	return NULL;
}

int compare_workers(const struct rec_run *run, const struct piece *predict)
{
	const char *variant = compare_variant(run, predict);
	int most = 0;
	if (!variant)
		return 0;
	if (predict->workers > 0)
		return find_point(run, variant, predict->workers) ? predict->workers : 0;
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (!strcmp(p->variant, variant) && p->workers > most)
			most = p->workers;
	}
	return most;
}

bool compare_measured(const struct rec_run *run, const struct piece *predict, const char *field, struct estimate *out)
{
	const char *variant = compare_variant(run, predict);
	if (!variant || !field)
		return false;
	*out = (struct estimate){NAN, NAN, NAN};
	if (!strcmp(field, "wrong_runs")) {
		const struct rec_verdict *v = recset_verdict(run, variant);
		if (v)
			out->mid = v->wrong_runs;
		return v != NULL;
	}
	if (!strcmp(field, "observed")) {
		const struct rec_verdict *v = recset_verdict(run, variant);
		if (v)
			out->mid = v->observed;
		return v && !isnan(v->observed);
	}
	if (!strcmp(field, "serial")) {
		for (size_t i = 0; i < run->fits.n; i++) {
			const struct rec_fit *f = &run->fits.v[i];
			if (!strcmp(f->variant, variant) && !strcmp(f->law, "amdahl") && f->how && !strcmp(f->how, "fitted"))
				*out = f->serial;
		}
		return !isnan(out->mid);
	}
	if (!strcmp(field, "best")) {
		*out = best_at(run, variant, compare_workers(run, predict));
		return !isnan(out->mid);
	}
	if (!strcmp(field, "break_even")) {
		*out = break_even(run, variant, compare_workers(run, predict));
		return !isnan(out->mid);
	}
	const struct rec_point *p = find_point(run, variant, compare_workers(run, predict));
	if (!p)
		return false;
	if (!strcmp(field, "speedup"))
		*out = p->speedup;
	else if (!strcmp(field, "self"))
		*out = p->self;
	else if (!strcmp(field, "seconds"))
		*out = p->seconds;
	else if (!strcmp(field, "efficiency"))
		out->mid = p->efficiency;
	return !isnan(out->mid);
}

static bool holds(double x, const char *op, double y)
{
	if (!strcmp(op, "<"))
		return x < y;
	if (!strcmp(op, "<="))
		return x <= y;
	if (!strcmp(op, ">"))
		return x > y;
	if (!strcmp(op, ">="))
		return x >= y;
	return !strcmp(op, "==") && x == y;
}

int compare_choice(const struct rec_run *run, const struct piece *predict)
{
	for (int i = 0; i < predict->choice_count; i++) {
		const struct choice *c = &predict->choices[i];
		struct estimate e;
		if (c->field && compare_measured(run, predict, c->field, &e) && holds(e.mid, c->op, c->value))
			return i;
	}
	return -1;
}

bool compare_number(const char *text, double *out)
{
	char copy[64];
	if (strlen(text) >= sizeof(copy))
		return false;
	snprintf(copy, sizeof(copy), "%s", text);
	char *comma = strchr(copy, ',');
	if (comma && !strchr(copy, '.') && !strchr(comma + 1, ','))
		*comma = '.';
	size_t n = strlen(copy);
	while (n > 0 && copy[n - 1] == ' ')
		copy[--n] = '\0';
	return util_number(copy, out);
}

double compare_scale(const char *field, const char *unit)
{
	if (!strcmp(field, "seconds"))
		return !strcmp(unit, "ms") ? 1e3 : !strcmp(unit, "us") || !strcmp(unit, "µs") ? 1e6 : 1;
	if (!strcmp(field, "serial") || !strcmp(field, "efficiency"))
		return *unit == '%' ? 100 : 1;
	return 1;
}

const char *compare_refuse(const struct piece *predict, double guess)
{
	const char *field = predict->compare && *predict->compare ? predict->compare : "speedup";
	const char *unit = predict->unit ? predict->unit : "";
	double share = guess / compare_scale(field, unit);
	if (!isfinite(guess) || fabs(guess) > 1e15)
		return N_("No machine will measure such a number");
	if (!strcmp(field, "speedup") || !strcmp(field, "self"))
		return guess <= 0 ? N_("A speedup is more than 0: 1 is just as fast, 0.5 takes twice the time")
		     : guess > 1e6 ? N_("No machine makes it a million times as fast") : NULL;
	if (!strcmp(field, "seconds"))
		return guess <= 0 ? N_("A time is more than 0") : share > 1e6 ? N_("Nobody waits that long: it is more than ten days") : NULL;
	if (!strcmp(field, "serial") && (share < 0 || share > 1))
		return *unit == '%' ? N_("A share lies between 0 and 100 %") : N_("A share lies between 0 and 1");
	if (!strcmp(field, "efficiency") && (share <= 0 || share > 10))
		return *unit == '%' ? /* xgettext:no-c-format */ N_("An efficiency is more than 0, and at 100 % nothing is lost")
				    : N_("An efficiency is more than 0, and at 1 nothing is lost");
	if (!strcmp(field, "wrong_runs") && (guess < 0 || guess != floor(guess)))
		return N_("A number of runs is a whole number, 0 or more");
	if ((!strcmp(field, "best") || !strcmp(field, "break_even")) && guess <= 0)
		return N_("It is more than 0");
	return NULL;
}

/* The point that a figure is of. */
static const struct rec_point *point_of(const struct rec_run *run, const struct piece *predict, const char *field)
{
	const char *variant = compare_variant(run, predict);
	int workers = compare_workers(run, predict);
	return !strcmp(field, "best") ? fastest(run, variant, workers) : find_point(run, variant, workers);
}

static const char *field_words(const char *field)
{
	static const struct {
		const char *field, *words;
	} known[] = {{"speedup", N_("speedup")}, {"self", N_("speedup against itself")}, {"seconds", N_("seconds")},
		     {"efficiency", N_("efficiency")}, {"serial", N_("serial share")}, {"best", N_("best value")}, {"break_even", N_("break-even size")},
		     {"wrong_runs", N_("wrong runs")}, {"observed", N_("observed")}};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(field, known[i].field))
			return _(known[i].words);
	return field;
}

/* Three digits; from a thousand on with a prefix, as on the charts. */
static const char *figure(double x, char buf[FIGURE_MAX])
{
	if (fabs(x) >= 1000)
		return draw_figure(x, buf);
	snprintf(buf, FIGURE_MAX, "%.3g", x);
	return buf;
}

static enum compared number_words(const struct piece *p, double guess, const struct rec_run *run, bool ascii, char *text,
				  size_t size)
{
	struct estimate e;
	char a[FIGURE_MAX], b[FIGURE_MAX];
	const char *field = p->compare && *p->compare ? p->compare : "speedup", *unit = p->unit ? p->unit : "";
	if (!compare_measured(run, p, field, &e)) {
		bool busy = false;
		for (size_t i = 0; i < run->points.n; i++)
			busy = busy || run->points.v[i].busy;
		snprintf(text, size, busy ? _("You said %s %s; there were too few quiet rounds, so this run has no figure to set beside it.")
					  : _("You said %s %s; this run has no figure to set beside it."), figure(guess, a), unit);
		return COMPARED_UNSURE;
	}
	double scale = compare_scale(field, unit), mid = e.mid * scale, lo = e.lo * scale, hi = e.hi * scale;
	char interval[2 * FIGURE_MAX + 8] = "";
	const struct rec_point *point = point_of(run, p, field);
	bool known = !isnan(lo) && !isnan(hi), few = !known && point && strcmp(field, "observed") && point->kept < ROUNDS_FOR_INTERVAL;
	if (known && lo < hi)
		snprintf(interval, sizeof(interval), " [%s%s%s]", figure(lo, a), ascii ? "-" : "–", figure(hi, b));
	bool ratio = guess > 0 && mid > 0;
	double off = ratio ? fmax(guess / mid, mid / guess) : fabs(guess - mid);
	char judged[120];
	enum compared compared = few ? COMPARED_UNSURE : COMPARED_MISS;
	if (point && point->busy && strcmp(field, "observed")) { /* the figure is there, but it decides nothing */
		snprintf(judged, sizeof(judged), "%s", _("too few quiet rounds, so this is no verdict."));
		compared = COMPARED_UNSURE;
	} else if (known && guess >= lo && guess <= hi) {
		snprintf(judged, sizeof(judged), "%s", lo < hi ? _("inside the interval.") : _("so it is."));
		compared = COMPARED_HIT;
	} else if (ratio && off < 1.05) {
		snprintf(judged, sizeof(judged), "%s", known ? _("outside the interval, but within 5 %.") : _("within 5 %."));
		compared = COMPARED_HIT;
	} else if (ratio) {
		snprintf(a, sizeof a, off < 10 ? "%.2g" : "%.0f", off);
		snprintf(judged, sizeof(judged), few ? _("off by %sx (no interval: too few quiet rounds).") : _("off by %sx."), a);
	} else {
		snprintf(judged, sizeof(judged), _("off by %s."), figure(off, a));
	}
	snprintf(text, size, _("You said %1$s %2$s, measured %3$s%4$s: %5$s"), figure(guess, a), unit, figure(mid, b), interval, judged);
	return compared;
}

enum compared compare_words(const struct piece *predict, const char *answer, const struct rec_run *run, bool ascii,
			    char *text, size_t size)
{
	double guess;
	char a[FIGURE_MAX];
	if (predict->curve_count > 0)
		return curve_words(predict, answer, run, ascii, text, size);
	text[0] = '\0';
	if (!run || !answer || !strcmp(answer, ANSWER_SKIPPED) || !compare_number(answer, &guess))
		return COMPARED_NOT;
	if (predict->choice_count == 0)
		return number_words(predict, guess, run, ascii, text, size);
	int mine = (int)guess - 1, real = compare_choice(run, predict);
	if (mine < 0 || mine >= predict->choice_count)
		return COMPARED_NOT;
	if (real < 0) {
		snprintf(text, size, _("You said: %s. This run did not tell."), predict->choices[mine].text);
		return COMPARED_UNSURE;
	}
	const struct choice *c = &predict->choices[real];
	struct estimate e = {NAN, NAN, NAN};
	compare_measured(run, predict, c->field, &e);
	const char *what = field_words(c->field);
	/* Right or wrong a result is on a busy machine too; how fast it is, nobody can tell then. */
	const struct rec_point *point = point_of(run, predict, c->field);
	if (point && point->busy && strcmp(c->field, "wrong_runs") && strcmp(c->field, "observed")) {
		snprintf(text, size, _("You said: %s. Too few quiet rounds: this is no verdict (%s %s)."),
			 predict->choices[mine].text, what, figure(e.mid, a));
		return COMPARED_UNSURE;
	}
	if (mine == real)
		snprintf(text, size, _("You said: %s. So it is (%s %s)."), c->text, what, figure(e.mid, a));
	else
		snprintf(text, size, _("You said: %s. The machine says: %s (%s %s)."), predict->choices[mine].text, c->text, what,
			 figure(e.mid, a));
	return mine == real ? COMPARED_HIT : COMPARED_MISS;
}
