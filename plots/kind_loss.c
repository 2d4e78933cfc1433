/* What was lost of the core-seconds, cause by cause, against workers (or the swept parameter). */
#include "plots/plot.h"

#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>

enum { ROWS = 64 };
#define SEEN 0.5 /* percent: a cause that stays below has no line */

/* Colours as in the chart of the budget. */
static const int looks[PARTS] = {
	[PART_SERIAL_WAIT] = 6, [PART_STARTUP] = 7, [PART_IMBALANCE] = 3, [PART_WAITING] = 4, [PART_INFLATION] = 1, [PART_JOIN] = 2,
};
static const enum part causes[] = {PART_SERIAL_WAIT, PART_STARTUP, PART_IMBALANCE, PART_WAITING, PART_INFLATION, PART_JOIN};
static const char *const words[PARTS] = {
	[PART_SERIAL_WAIT] = N_("waiting for the serial part"), [PART_STARTUP] = N_("starting the workers"),
	[PART_IMBALANCE] = N_("imbalance: out of work"),		[PART_WAITING] = N_("waiting: not running"),
	[PART_INFLATION] = N_("work inflation: more CPU time"), [PART_JOIN] = N_("joining the workers"),
};

static double share(const struct rec_budget *b, enum part part)
{
	return 100 * (double)b->budget.part_ns[part] / (double)b->budget.total_ns;
}

static double lost(const struct rec_budget *b)
{
	double sum = 0;
	for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
		sum += share(b, causes[i]);
	return sum;
}

static int by_workers(const void *a, const void *b)
{
	const struct rec_budget *x = *(const struct rec_budget *const *)a, *y = *(const struct rec_budget *const *)b;
	return x->workers - y->workers;
}

static int collect(const struct figure *f, const struct rec_budget *v[ROWS])
{
	int n = 0;
	for (size_t i = 0; i < f->run->budgets.n && n < ROWS; i++) {
		const struct rec_budget *b = &f->run->budgets.v[i];
		if (plot_same(b->variant, f->variant) && plot_same_at(b->at, f->at) && b->budget.total_ns > 0 && b->workers > 0)
			v[n++] = b;
	}
	qsort(v, (size_t)n, sizeof *v, by_workers);
	return n;
}

static void put_words(struct figure *f, const struct rec_budget *last)
{
	const struct rec_point *p = recset_point(f->run, f->variant, last->workers, last->at);
	char title[256], subject[128], name[64], workers[64], subtitle[500] = "";
	if (p && p->busy)
		snprintf(subtitle, sizeof subtitle, "%s", _("Too few quiet rounds: no verdict."));
	else
		snprintf(subtitle, sizeof subtitle, _("With %s %.1f %% of the core-seconds were lost. %.300s"),
				 plot_workers(last->workers, workers, sizeof workers), fmax(0, lost(last)),
				 last->sentence ? words_of(last->sentence) : "");
	snprintf(title, sizeof title, _("What %s lost, and to what: %s"), plot_subject(f->run, subject, sizeof subject),
			 plot_cut(f->variant, 24, name, sizeof name));
	plot_words(f, title, subtitle);
}

static bool make(struct figure *f)
{
	static const char *const roles[] = {"LEVEL", "FIT", "FIT_MINE", "FIT_SERIAL", "SERIAL", "OTHER", "OTHER_HOLLOW", "WRONG", "MEASURED", "HOLLOW", NULL};
	const struct rec_budget *v[ROWS], *last;
	struct plot_series s;
	double low = 0, high = 1, ticks[ROWS];
	int n = f->variant ? collect(f, v) : 0, all, busy = 0;
	if (n < 2)
		return plot_fail(f, _("core-seconds of fewer than two numbers of workers are recorded"));
	last = v[n - 1];
	for (int i = 0; i < n; i++) {
		const struct rec_point *p = recset_point(f->run, f->variant, v[i]->workers, v[i]->at);
		last = p && !p->oversubscribed ? v[i] : last;
	}
	put_words(f, last);
	plot_series_open(&s, f, roles, "workers", "percent");
	all = plot_series_add(&s, "MEASURED", 0, _("lost in all"));
	for (int i = 0; i < n; i++) {
		struct estimate y = {lost(v[i]), (double)NAN, (double)NAN};
		plot_series_row(&s, all, "all", ticks[i] = v[i]->workers, y);
		low = fmin(low, y.mid);
		high = fmax(high, y.mid);
	}
	for (int i = 0; i < n; i++) {
		const struct rec_point *p = recset_point(f->run, f->variant, v[i]->workers, v[i]->at);
		if (!p || !plot_hollow(p))
			continue;
		busy = busy ? busy : plot_series_add(&s, "HOLLOW", 0, "");
		plot_series_row(&s, busy, "all", v[i]->workers, (struct estimate){lost(v[i]), (double)NAN, (double)NAN});
	}
	for (size_t c = 0; c < sizeof causes / sizeof *causes; c++) {
		int id = 0;
		for (int i = 0; i < n && !id; i++)
			if (fabs(share(v[i], causes[c])) >= SEEN)
				id = plot_series_add(&s, "OTHER", looks[causes[c]], _(words[causes[c]]));
		for (int i = 0; i < n && id; i++) {
			double y = share(v[i], causes[c]);
			plot_series_row(&s, id, part_name[causes[c]], v[i]->workers, (struct estimate){y, NAN, NAN});
			low = fmin(low, y);
			high = fmax(high, y);
		}
	}
	plot_series_close(&s);
	double min = v[0]->workers, max = v[n - 1]->workers;
	plot_ticks(f, "XTICKS", ticks, n);
	plot_set(f, "XLABEL", "%s", _("workers"));
	plot_set(f, "YLABEL", "%s", _("share of the core-seconds (%)"));
	plot_set_number(f, "LOGX", max > min);
	plot_set_number(f, "LOGY", 0);
	plot_set_number(f, "FITTED", 0);
	plot_set_number(f, "XMIN", min * pow(min / max, 0.04));
	plot_set_number(f, "XMAX", max * pow(max / min, 0.04));
	plot_set_number(f, "YMIN", low < 0 ? low * 1.1 : 0);
	plot_set_number(f, "YMAX", high * 1.1);
	return true;
}

static bool suits(const struct plot_records *records, const struct rec_run *run)
{
	(void)records;
	for (size_t i = 1; i < run->budgets.n; i++)
		if (run->budgets.v[i].workers != run->budgets.v[0].workers)
			return true;
	return false;
}

const struct plot_kind plot_loss = {
	.name = "loss", .about = N_("what was lost and to what, against workers"), .script = "lines", .suits = suits, .make = make};
