/* What sharing work costs: from which size on it pays, and what an operation costs when many want the same. */
#include "plots/lines.h"

#include "kernels/bench/breakeven.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct estimate speedup(const struct rec_run *run, const struct rec_point *p)
{
	(void)run;
	return p->speedup;
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
	double size[LINES_VALUES];
	struct estimate s[LINES_VALUES];
	int n = 0;
	char title[256], subject[128], y[128], cut[64], *subtitle = NULL;
	if (!lines_begin(&l, f, "size", "speedup"))
		return false;
	if (strcmp(f->run->sweep, "size"))
		return plot_fail(f, _("the size was not swept"));
	if (plot_serial(f->run, f->variant))
		return plot_fail(f, _("no variant with workers was measured"));
	for (int i = 0; i < l.values; i++) {
		const struct rec_point *p = lines_point(&l, f->variant, lines_most(&l, f->variant), i);
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
	lines_reach(&l, 1);
	for (int i = 0; i < f->run->variant_count; i++)
		if (!plot_serial(f->run, f->run->variants[i].name))
			lines_add(&l, i, NULL);
	plot_words(f, title,
			   l.busy	  ? _("Hollow: too few quiet rounds, no verdict. Above the line sharing is faster than the best serial code.")
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
	lines_end(&l, f->run->size_unit ? f->run->size_unit : "size", y, "");
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
	struct lines l = {.value = lines_each, .y_unit = "s", .by_workers = true};
	char title[256], subject[128], one[48], y[128], subtitle[400] = "", a[48], b[48];
	if (!lines_begin(&l, f, "workers", "seconds"))
		return false;
	int last = l.values - 1;
	while (last > 0 && !(lines_best(&l, last, true) && !lines_best(&l, last, true)->oversubscribed))
		last--;
	const struct rec_point *best = lines_best(&l, last, true), *worst = lines_best(&l, last, false);
	lines_one_of(f->run, one, sizeof one);
	if (l.x[last] > 1 && best && worst && best != worst) {
		lines_label(l.value(f->run, best).mid, "s", a, sizeof a);
		lines_label(l.value(f->run, worst).mid, "s", b, sizeof b);
		snprintf(subtitle, sizeof subtitle, _("With %g workers: %.40s takes %s for each %s, %.40s %s. A line that rises: the workers are in each other's way."),
				 l.x[last], best->variant, a, one, worst->variant, b);
	}
	snprintf(title, sizeof title, _("Contention in %s: time of each %s"), plot_subject(f->run, subject, sizeof subject), one);
	lines_add_all(&l, NULL);
	plot_words(f, title, l.busy ? _("Too few quiet rounds in some of this: hollow, no verdict.") : subtitle);
	snprintf(y, sizeof y, _("wall time / %s"), f->run->size_unit ? f->run->size_unit : _("operations"));
	lines_end(&l, _("workers"), y, "");
	return true;
}

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
