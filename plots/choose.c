/* What of a run a chart is about. */
#include "plots/plot.h"

#include <math.h>
#include <string.h>

#define ADDRESS(name) &plot_##name,
const struct plot_kind *const plot_kinds[] = {PLOT_KINDS(ADDRESS) NULL};
#undef ADDRESS

const struct plot_kind *plot_kind(const char *name)
{
	for (int i = 0; plot_kinds[i]; i++)
		if (!strcmp(plot_kinds[i]->name, name))
			return plot_kinds[i];
	return NULL;
}

bool plot_same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

bool plot_same_at(double a, double b)
{
	return (isnan(a) && isnan(b)) || a == b;
}

bool plot_serial(const struct rec_run *run, const char *variant)
{
	const struct rec_variant *v = variant ? recset_variant(run, variant) : NULL;
	return v && plot_same(v->kind, "serial");
}

bool plot_on_device(const struct rec_run *run, const char *variant)
{
	const struct rec_variant *v = variant ? recset_variant(run, variant) : NULL;
	return v && (plot_same(v->kind, "cuda") || plot_same(v->kind, "opencl"));
}

/* Bounds keep a hostile record from stretching a scale beyond reading. */
bool plot_shown(const struct rec_point *p)
{
	return p->workers > 0 && p->workers <= 1000000 && p->speedup.mid >= 0 && p->speedup.mid <= 1e6 &&
		   p->seconds.mid > 0 && p->seconds.mid <= 1e9 && p->variant && p->variant[0] != '@';
}

bool plot_hollow(const struct rec_point *p)
{
	return p->busy || p->oversubscribed || !p->final;
}

const struct rec_point *plot_most(const struct rec_run *run, const char *variant, double at)
{
	const struct rec_point *best = NULL;
	for (size_t i = 0; variant && i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (!plot_shown(p) || !plot_same(p->variant, variant) || !plot_same_at(p->at, at))
			continue;
		if (!best || (best->oversubscribed && !p->oversubscribed) ||
			(best->oversubscribed == p->oversubscribed && p->workers > best->workers))
			best = p;
	}
	return best;
}

double plot_best_at(const struct rec_run *run, const char *variant)
{
	const struct rec_point *best = NULL;
	for (size_t i = 0; variant && i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (plot_shown(p) && plot_same(p->variant, variant) &&
			(!best || (p->workers >= best->workers && !p->oversubscribed && p->seconds.mid < best->seconds.mid)))
			best = p;
	}
	return best ? best->at : (double)NAN;
}

static bool measured(const struct rec_run *run, const char *variant)
{
	for (size_t i = 0; i < run->points.n; i++)
		if (plot_same(run->points.v[i].variant, variant) && plot_shown(&run->points.v[i]))
			return true;
	return false;
}

/* What a variant may be worth as the subject of a chart; 0: nothing. */
static double worth(const struct rec_run *run, const struct rec_variant *v)
{
	const struct rec_point *p = plot_most(run, v->name, plot_best_at(run, v->name));
	if (!measured(run, v->name) || !p)
		return 0;
	if (plot_same(v->kind, "serial"))
		return 1;
	if (v->wrong || !p->right)
		return 2;
	if (plot_on_device(run, v->name)) /* it has no workers to count */
		return 2.5;
	return run->lesson ? 3 : 3 + p->speedup.mid;
}

const char *plot_variant(const struct plot_records *records, const struct rec_run *run)
{
	const struct plot_guess *guess = plot_guess(records, run);
	const char *best = NULL;
	double most = 0;
	if (guess && guess->variant && recset_variant(run, guess->variant) && measured(run, guess->variant))
		return recset_variant(run, guess->variant)->name;
	for (int i = 0; i < run->variant_count; i++)
		if (worth(run, &run->variants[i]) > most) {
			most = worth(run, &run->variants[i]);
			best = run->variants[i].name;
		}
	return best;
}
