/* Where the core-seconds went: a stacked bar for each worker count (or value of the swept parameter), by variant. */
#include "plots/plot.h"

#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BARS = 20, GROUPS = 5 };
#define LABEL_LEAST 0.05 /* of the highest bar: a lower part has no room for its share */
#define PART_LEAST 0.003 /* of the highest bar: a smaller part can't be seen, and is not in the legend */

static const char *const words[PARTS] = {
	[PART_USEFUL_SERIAL] = N_("useful: serial part"),		[PART_USEFUL_PARALLEL] = N_("useful: parallel part"),
	[PART_SERIAL_WAIT] = N_("waiting for the serial part"), [PART_STARTUP] = N_("starting the workers"),
	[PART_IMBALANCE] = N_("imbalance: out of work"),		[PART_WAITING] = N_("waiting: not running"),
	[PART_INFLATION] = N_("work inflation: more CPU time"), [PART_JOIN] = N_("joining the workers"),
};

struct bars {
	const struct rec_budget *v[BARS];
	double x[BARS];
	int n, groups, first[GROUPS + 1];
	const char *name[GROUPS];
	bool sweep;
};

static int by_size(const void *a, const void *b)
{
	const struct rec_budget *x = *(const struct rec_budget *const *)a, *y = *(const struct rec_budget *const *)b;
	if (x->workers != y->workers)
		return x->workers < y->workers ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* The bars of one variant, all or none of them. */
static void add_group(struct bars *bars, const struct rec_run *run, const char *variant)
{
	int first = bars->n, n = first, most = 0;
	for (size_t i = 0; i < run->budgets.n; i++)
		if (plot_same(run->budgets.v[i].variant, variant) && run->budgets.v[i].workers > most)
			most = run->budgets.v[i].workers;
	for (size_t i = 0; i < run->budgets.n; i++) {
		const struct rec_budget *b = &run->budgets.v[i];
		if (!plot_same(b->variant, variant) || b->budget.total_ns <= 0 || b->runs <= 0 || b->workers < 1 ||
			(bars->sweep && b->workers != most))
			continue;
		if (n == BARS)
			return;
		bars->v[n++] = b;
	}
	if (n == first || bars->groups == GROUPS)
		return;
	bars->name[bars->groups] = variant;
	bars->n = n;
	bars->first[++bars->groups] = n;
	qsort(bars->v + first, (size_t)(n - first), sizeof *bars->v, by_size);
}

static double seconds_of(const struct rec_budget *b, int64_t ns)
{
	return 1e-9 * (double)ns / b->runs;
}

/* Rows of one bar, parts stacked upwards, gains downwards. Its height and depth widen the scale. */
static void put_bar(struct figure *f, const struct bars *bars, int i, double *top, double *bottom)
{
	const struct rec_budget *b = bars->v[i];
	double up = 0, down = 0;
	for (int part = 0; part < PARTS; part++) {
		double seconds = seconds_of(b, b->budget.part_ns[part]);
		double *end = seconds < 0 ? &down : &up, from = *end;
		*end += seconds;
		fprintf(f->csv, "%g,%d", bars->x[i], part + 1);
		plot_csv_number(f->csv, from);
		plot_csv_number(f->csv, *end);
		plot_csv_number(f->csv, 100 * (double)b->budget.part_ns[part] / (double)b->budget.total_ns);
		fprintf(f->csv, ",%d", b->workers);
		plot_csv_number(f->csv, b->at);
		plot_csv_text(f->csv, part_name[part]);
		plot_csv_text(f->csv, b->variant);
		putc('\n', f->csv);
	}
	*top = fmax(*top, up);
	*bottom = fmin(*bottom, down);
}

/* Parts that can be seen, and those whose share has room inside its box somewhere. */
static void put_parts(struct figure *f, const struct bars *bars, double top)
{
	fprintf(f->gp, "array NAME[%d]\n", PARTS);
	for (int part = 0; part < PARTS; part++) {
		fprintf(f->gp, "NAME[%d] = ", part + 1);
		plot_string(f->gp, _(words[part]));
		putc('\n', f->gp);
	}
	int n = 0;
	fputs("PARTS = '", f->gp);
	for (int part = 0; part < PARTS; part++)
		for (int i = 0; i < bars->n; i++)
			if (fabs(seconds_of(bars->v[i], bars->v[i]->budget.part_ns[part])) > PART_LEAST * top) {
				fprintf(f->gp, "%s%d", n++ ? " " : "", part + 1);
				break;
			}
	fputs("'\nLABEL_LEAST = ", f->gp);
	fprintf(f->gp, "%.9g\n", LABEL_LEAST * top);
	plot_legend_rows(f, n);
}

static void put_groups(struct figure *f, const struct bars *bars)
{
	fprintf(f->gp, "array GROUP[%d]\narray GROUP_X[%d]\n", bars->groups, bars->groups);
	for (int g = 0; g < bars->groups; g++) {
		char name[64];
		fprintf(f->gp, "GROUP[%d] = ", g + 1);
		plot_string(f->gp, plot_variant_words(f->run, bars->name[g], name, sizeof name));
		fprintf(f->gp, "\nGROUP_X[%d] = %g\n", g + 1, (bars->x[bars->first[g]] + bars->x[bars->first[g + 1] - 1]) / 2);
	}
	fputs("TICKS = '(", f->gp);
	for (int i = 0; i < bars->n; i++)
		fprintf(f->gp, "%s\"%g\" %g", i ? ", " : "", bars->sweep ? bars->v[i]->at : bars->v[i]->workers, bars->x[i]);
	fputs(")'\n", f->gp);
}

static bool busy(const struct rec_run *run, const struct rec_budget *b)
{
	const struct rec_point *p = recset_point(run, b->variant, b->workers, b->at);
	return p && p->busy;
}

static bool make(struct figure *f)
{
	struct bars bars = {.sweep = f->run->sweep && !isnan(f->at)};
	const struct rec_point *chosen = plot_most(f->run, f->variant, f->at);
	const struct rec_budget *told;
	double top = 0, bottom = 0, unit;
	const char *unit_name;
	char title[256], subject[128], subtitle[400] = "";

	if (f->variant)
		add_group(&bars, f->run, f->variant);
	for (int i = 0; i < f->run->variant_count; i++)
		if (!plot_same(f->run->variants[i].name, f->variant) && !plot_serial(f->run, f->run->variants[i].name))
			add_group(&bars, f->run, f->run->variants[i].name);
	if (!bars.n)
		return plot_fail(f, _("no core-second budget is recorded"));
	for (int g = 0; g < bars.groups; g++)
		for (int i = bars.first[g]; i < bars.first[g + 1]; i++)
			bars.x[i] = i + 1 + 0.6 * g;

	fputs("bar,part,from_seconds,to_seconds,percent,workers,at,part_name,variant\n", f->csv);
	for (int i = 0; i < bars.n; i++)
		put_bar(f, &bars, i, &top, &bottom);
	unit = plot_unit(top, &unit_name);
	told = chosen ? recset_budget(f->run, f->variant, chosen->workers, chosen->at) : NULL;
	told = told ? told : bars.v[bars.n - 1];
	if (busy(f->run, told))
		snprintf(subtitle, sizeof subtitle, "%s", _("Too few quiet rounds: no verdict."));
	else if (told->sentence && *told->sentence)
		snprintf(subtitle, sizeof subtitle, _("%s with %d: %s"), told->variant, told->workers, words_of(told->sentence));
	snprintf(title, sizeof title, _("Where the core-seconds of %s went"), plot_subject(f->run, subject, sizeof subject));
	plot_words(f, title, subtitle);
	put_parts(f, &bars, top);
	put_groups(f, &bars);
	if (bars.sweep)
		plot_set(f, "XLABEL", _("%s, with %d workers"), f->run->sweep, bars.v[0]->workers);
	else
		plot_set(f, "XLABEL", "%s", _("workers"));
	plot_set(f, "LABEL", bars.n > 8 ? "%%.0f%%%%" : "%%.0f %%%%");
	plot_set(f, "YLABEL", _("core-seconds of one run (%s)"), unit_name);
	plot_set_number(f, "UNIT", unit);
	plot_set_number(f, "XMIN", 0.4);
	plot_set_number(f, "XMAX", bars.x[bars.n - 1] + 0.6);
	/* A depth that can't be seen would only lift the axis. */
	plot_set_number(f, "YMIN", bottom < -0.002 * top ? bottom / unit * 1.15 : 0);
	plot_set_number(f, "YMAX", top / unit * 1.06);
	return true;
}

const struct plot_kind plot_budget = {
	.name = "budget", .about = N_("where the core-seconds went, by worker count"), .make = make};
