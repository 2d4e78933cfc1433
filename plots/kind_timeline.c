/* Who ran when: one lane a worker, of one kept round. */
#include "plots/plot.h"

#include <math.h>
#include <string.h>

enum { LANES = 26, GROUPS = 6, KINDS = 4 };
#define CORE_LEAST 0.07 /* of the width: a shorter span has no room for its core */

static const char *const kinds[KINDS] = {"run", "wait", "off", "serial"};
static const char *const legends[KINDS] = {"running", "waiting", "not running, though it could", "serial part"};

struct lanes {
	int n, groups, workers[GROUPS], first[GROUPS]; /* first: lane above the group's first one, where its name stands */
	const char *variant[GROUPS];
	double at[GROUPS], end;
	bool kind[KINDS];
};

static bool valid(const struct rec_span *s)
{
	return s->worker >= -1 && s->worker < s->workers && s->workers > 0 && s->workers <= LANES && s->begin >= 0 &&
		   s->end >= s->begin && s->end < 1e9;
}

static int kind_of(const struct rec_span *s)
{
	for (int k = 0; k < KINDS; k++)
		if (plot_same(s->kind, kinds[k]))
			return k;
	return -1;
}

/* The most workers of a variant that there are spans of. */
static void add_group(struct lanes *l, const struct rec_run *run, const char *variant, double at)
{
	int most = 0;
	double best = (double)NAN;
	for (size_t i = 0; i < run->spans.n; i++) {
		const struct rec_span *s = &run->spans.v[i];
		if (valid(s) && plot_same(s->variant, variant) &&
			(s->workers > most || (s->workers == most && plot_same_at(s->at, at)))) {
			most = s->workers;
			best = s->at;
		}
	}
	if (!most || l->groups == GROUPS || l->n + most + 2 > LANES + 2)
		return;
	l->variant[l->groups] = variant;
	l->workers[l->groups] = most;
	l->at[l->groups] = best;
	l->first[l->groups++] = l->n + 1;
	l->n += most + 2;
}

/* Lanes are counted downwards, the axis upwards: the one on top has the highest number. */
static double height(const struct lanes *l, int group, int worker)
{
	return l->n + 1 - (l->first[group] + 2 + worker);
}

static void put_spans(struct figure *f, struct lanes *l)
{
	fputs("lane,kind,begin_seconds,end_seconds,core,worker,variant,kind_name\n", f->csv);
	for (int g = 0; g < l->groups; g++)
		for (size_t i = 0; i < f->run->spans.n; i++) {
			const struct rec_span *s = &f->run->spans.v[i];
			int kind = kind_of(s);
			if (!valid(s) || kind < 0 || !plot_same(s->variant, l->variant[g]) || s->workers != l->workers[g] ||
				!plot_same_at(s->at, l->at[g]))
				continue;
			fprintf(f->csv, "%g,%d", height(l, g, s->worker), kind + 1);
			plot_csv_number(f->csv, s->begin);
			plot_csv_number(f->csv, s->end);
			plot_csv_number(f->csv, s->core >= 0 ? s->core : (double)NAN);
			fprintf(f->csv, ",%d", s->worker);
			plot_csv_text(f->csv, s->variant);
			plot_csv_text(f->csv, s->kind);
			putc('\n', f->csv);
			l->kind[kind] = true;
			l->end = fmax(l->end, s->end);
		}
}

static void put_lanes(struct figure *f, const struct lanes *l)
{
	fputs("LANES = '(", f->gp);
	for (int g = 0, n = 0; g < l->groups; g++)
		for (int w = -1; w < l->workers[g]; w++)
			if (w < 0)
				fprintf(f->gp, "%s\"serial part\" %g", n++ ? ", " : "", height(l, g, w));
			else
				fprintf(f->gp, "%s\"worker %d\" %g", n++ ? ", " : "", w, height(l, g, w));
	fprintf(f->gp, ")'\nLANE_WIDTH = 13\narray GROUP[%d]\narray GROUP_Y[%d]\n", l->groups, l->groups);
	for (int g = 0; g < l->groups; g++) {
		char name[64], words[128];
		snprintf(words, sizeof words, "%s, %d worker%s", plot_variant_words(f->run, l->variant[g], name, sizeof name),
				 l->workers[g], l->workers[g] == 1 ? "" : "s");
		fprintf(f->gp, "GROUP[%d] = ", g + 1);
		plot_string(f->gp, words);
		fprintf(f->gp, "\nGROUP_Y[%d] = %g\n", g + 1, height(l, g, -2));
	}
	fprintf(f->gp, "array NAME[%d]\n", KINDS);
	for (int k = 0; k < KINDS; k++)
		fprintf(f->gp, "NAME[%d] = '%s'\n", k + 1, legends[k]);
	fputs("KINDS = '", f->gp);
	for (int k = 0, n = 0; k < KINDS; k++)
		if (l->kind[k])
			fprintf(f->gp, "%s%d", n++ ? " " : "", k + 1);
	fprintf(f->gp, "'\nCORE_LEAST = %.9g\n", CORE_LEAST * l->end);
}

static bool make(struct figure *f)
{
	struct lanes l = {.end = 0};
	const char *unit_name;
	char title[256], subject[128], name[64], subtitle[400];

	if (f->variant)
		add_group(&l, f->run, f->variant, f->at);
	for (int i = 0; i < f->run->variant_count; i++)
		if (!plot_same(f->run->variants[i].name, f->variant) && !plot_serial(f->run, f->run->variants[i].name))
			add_group(&l, f->run, f->run->variants[i].name, f->at);
	if (!l.groups)
		return plot_fail(f, "no spans are recorded (the rounds were not quiet, or no variant has workers)");
	put_spans(f, &l);
	if (!(l.end > 0))
		return plot_fail(f, "its spans take no time");
	const struct rec_point *p = plot_most(f->run, l.variant[0], l.at[0]);
	const struct rec_budget *b = recset_budget(f->run, l.variant[0], l.workers[0], l.at[0]);
	if (p && p->busy)
		snprintf(subtitle, sizeof subtitle, "One round on a busy machine: no verdict.");
	else if (b && b->sentence && *b->sentence)
		snprintf(subtitle, sizeof subtitle, "One round. %s with %d: %s", plot_cut(l.variant[0], 24, name, sizeof name),
				 l.workers[0], b->sentence);
	else
		snprintf(subtitle, sizeof subtitle, "One round: which worker ran when, and on which core.");
	snprintf(title, sizeof title, "Who ran when in %s", plot_subject(f->run, subject, sizeof subject));
	plot_words(f, title, subtitle);
	put_lanes(f, &l);
	double unit = plot_unit(l.end, &unit_name);
	plot_set(f, "UNIT_NAME", "%s", unit_name);
	plot_set_number(f, "UNIT", unit);
	plot_set_number(f, "XMAX", l.end / unit * 1.01);
	plot_set_number(f, "YMAX", l.n + 0.7);
	return true;
}

const struct plot_kind plot_timeline = {.name = "timeline", .about = "who ran when, worker by worker", .make = make};
