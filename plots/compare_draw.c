/* The charts of a comparison: many curves with their median, and the guesses against what was measured. */
#include "plots/compare.h"

#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED = 7, ROWS = 14, ITEMS = 4000 };
#define FARTHEST 30.0 /* times too high or low: further ones stand at the edge */

/* MACHINE: how many, and the one line of all when it is one machine. */
static void put_foot(struct figure *f, const struct comparison *c, const char *command)
{
	int machines = 0;
	const char *only = NULL;
	char words[400], cut[400];
	for (int i = 0; i < c->people; i++) {
		bool seen = !c->person[i].machine;
		for (int k = 0; k < i && !seen; k++)
			seen = plot_same(c->person[k].machine, c->person[i].machine);
		machines += !seen;
		only = only ? only : c->person[i].machine;
	}
	int n = snprintf(words, sizeof words, ngettext("%d file", "%d files", (unsigned long)c->files), c->files);
	if (machines == 1)
		snprintf(words + n, sizeof words - (size_t)n, ": %.300s", only);
	else
		snprintf(words + n, sizeof words - (size_t)n, ngettext(", %d machine", ", %d machines", (unsigned long)machines), machines);
	plot_set(f, "MACHINE", "%s", plot_cut(words, f->columns, cut, sizeof cut));
	plot_set_number(f, "MACHINE_LINES", 1);
	char *foot = xasprintf("%s%s", c->latest, command);
	plot_foot(f, foot);
	free(foot);
}

static struct estimate plain(double y)
{
	return (struct estimate){y, (double)NAN, (double)NAN};
}

/* ---- curves ------------------------------------------------------------------------------------- */

struct last {
	int curve;
	double speedup;
};

static int by_last(const void *a, const void *b)
{
	const struct last *x = a, *y = b;
	if (isnan(x->speedup) || isnan(y->speedup))
		return isnan(x->speedup) - isnan(y->speedup);
	return (x->speedup < y->speedup) - (x->speedup > y->speedup);
}

/* One curve by its name: its points with a verdict, those without hollow. */
static void put_curve(struct plot_series *s, const struct curve *curve, const char *name, int look, double *top)
{
	int id = 0, hollow = 0;
	for (int pass = 0; pass < 2; pass++)
		for (int k = 0; k < curve->n; k++) {
			bool good = curve->verdict[k];
			int *series = good ? &id : &hollow;
			if (good == (pass == 1))
				continue;
			*series = *series ? *series : plot_series_add(s, good ? "OTHER" : "OTHER_HOLLOW", look, good || !id ? name : "");
			plot_series_row(s, *series, name, curve->workers[k], curve->speedup[k]);
			*top = fmax(*top, curve->speedup[k].mid);
		}
}

/* All of many as one series, with a row of none between two. */
static void put_curves(struct plot_series *s, const struct compare_chart *chart, double *top)
{
	const struct topic *t = chart->topic;
	int id = plot_series_add(s, "EACH", 0, ""), hollow = plot_series_add(s, "EACH_HOLLOW", 0, "");
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < t->n; i++) {
			const struct curve *curve = &t->curve[i];
			for (int k = 0; k < curve->n; k++) {
				if (curve->verdict[k] == (pass == 1))
					continue;
				plot_series_row(s, pass ? hollow : id, chart->c->person[curve->who].name, curve->workers[k], plain(curve->speedup[k].mid));
				*top = fmax(*top, curve->speedup[k].mid);
			}
			fputs("0,,,,,\"\"\n", s->f->csv); /* of no series: the line ends here */
		}
}

static void put_median(struct plot_series *s, const struct topic *t, const int *workers, int n, double *top)
{
	double *v = xcalloc((size_t)t->n, sizeof *v), *cap = xcalloc((size_t)t->n, sizeof *cap);
	int band = 0, mid = 0, ideal = 0;
	for (int what = 0; what < 3; what++)
		for (int k = 0; k < n; k++) {
			for (int i = 0; i < t->n; i++) {
				v[i] = compare_speedup(&t->curve[i], workers[k]);
				cap[i] = (double)NAN;
				for (int j = 0; j < t->curve[i].n; j++)
					if (t->curve[i].workers[j] == workers[k] && !t->curve[i].oversubscribed[j])
						cap[i] = t->curve[i].capacity[j];
			}
			struct quartiles q = compare_quartiles(v, t->n), c = compare_quartiles(cap, t->n);
			if (what == 0 && c.n) {
				ideal = ideal ? ideal : plot_series_add(s, "IDEAL", 0, _("ideal: median of the capacities"));
				plot_series_row(s, ideal, "capacity", workers[k], plain(c.mid));
				*top = fmax(*top, c.mid);
			} else if (what == 1 && q.n > 2) {
				band = band ? band : plot_series_add(s, "BAND", 0, _("middle half"));
				plot_series_row(s, band, "middle half", workers[k], (struct estimate){q.mid, q.lo, q.hi});
			} else if (what == 2 && q.n > 1) {
				char words[64];
				snprintf(words, sizeof words, _("median of %d"), t->n);
				mid = mid ? mid : plot_series_add(s, "MEDIAN", 0, words);
				plot_series_row(s, mid, "median", workers[k], plain(q.mid));
			}
		}
	free(v);
	free(cap);
}

static void put_words(struct figure *f, const struct compare_chart *chart, const int *workers, int n)
{
	const struct topic *t = chart->topic;
	double *v = xcalloc((size_t)t->n, sizeof *v);
	char title[600], of[400], subtitle[300] = "", a[32], b[32], c[32];
	for (int k = n - 1; k >= 0; k--) {
		for (int i = 0; i < t->n; i++)
			v[i] = compare_speedup(&t->curve[i], workers[k]);
		struct quartiles q = compare_quartiles(v, t->n);
		if (q.n * 2 < t->n) /* so many workers only few have */
			continue;
		snprintf(subtitle, sizeof subtitle,
				 _("With %d workers: median %s, from %s to %s; %d of %d have a verdict there."),
				 workers[k], plot_ratio(q.mid, a, sizeof a), plot_ratio(v[0], b, sizeof b), plot_ratio(v[q.n - 1], c, sizeof c), q.n,
				 t->n);
		break;
	}
	snprintf(title, sizeof title, t->weak ? _("Scaled speedup of %s") : _("Speedup of %s"), compare_title(t, of, sizeof of));
	plot_words(f, title, *subtitle ? subtitle : _("Nobody's machine was quiet enough for a verdict."));
	put_foot(f, chart->c, chart->command);
	free(v);
}

bool compare_make_topic(struct figure *f, const void *of)
{
	static const char *const roles[] = {"BAND", "IDEAL", "EACH", "EACH_HOLLOW", "OTHER", "OTHER_HOLLOW", "MEDIAN", NULL};
	const struct compare_chart *chart = of;
	const struct topic *t = chart->topic;
	struct plot_series *s = xcalloc(1, sizeof *s);
	struct last *order = xcalloc((size_t)t->n, sizeof *order);
	int workers[COMPARE_POINTS], n = topic_workers(t, workers, COMPARE_POINTS), apart = 0;
	double top = 1, ticks[COMPARE_POINTS];

	put_words(f, chart, workers, n);
	plot_series_open(s, f, roles, "workers", "speedup");
	put_median(s, t, workers, n, &top);
	for (int i = 0; i < t->n; i++)
		order[i] = (struct last){i, compare_best(&t->curve[i], &apart)};
	qsort(order, (size_t)t->n, sizeof *order, by_last);
	for (int i = 0; i < t->n && t->n <= NAMED; i++) {
		const struct curve *curve = &t->curve[order[i].curve];
		put_curve(s, curve, chart->c->person[curve->who].name, i + 1, &top);
	}
	if (t->n > NAMED)
		put_curves(s, chart, &top);
	plot_series_close(s);
	apart = 0;
	for (int i = 0; i < n; i++) /* labels that do not touch; the last one stays */
		if (!apart || (workers[i] >= 1.25 * ticks[apart - 1] && (i == n - 1 || workers[n - 1] >= 1.25 * workers[i])))
			ticks[apart++] = workers[i];
	plot_ticks(f, "TICKS", ticks, apart);
	double min = n ? workers[0] : 1, max = n ? workers[n - 1] : 1;
	plot_set_number(f, "XMIN", max > min ? min * pow(min / max, 0.04) : min / 2);
	plot_set_number(f, "XMAX", max > min ? max * pow(max / min, 0.04) : max * 2);
	plot_set_number(f, "YMAX", top * 1.08);
	plot_set(f, "XLABEL", "%s", _("workers"));
	plot_set(f, "YLABEL", "%s", t->weak ? _("work per second over one worker (times)") : _("speedup over the best serial code (times as fast)"));
	free(order);
	free(s);
	return true;
}

/* ---- guesses ------------------------------------------------------------------------------------ */

static bool countable(const struct question *q)
{
	int near, low, high;
	compare_hits(q, &near, &low, &high);
	return near + low + high > 0;
}

bool compare_make_guesses(struct figure *f, const void *of)
{
	const struct compare_chart *chart = of;
	const struct comparison *c = chart->c;
	int row = 0, rows = 0, all[3] = {0}, width = 8, items = 0;
	double widest = 2;
	char subtitle[300];
	for (int i = 0; i < c->questions && rows < ROWS; i++)
		rows += countable(&c->question[i]);
	if (!rows)
		return plot_fail(f, _("no guess in numbers stands beside a measurement with a verdict"));
	fputs("row,ratio,height,guess,measured,median,lesson,step\n", f->csv);
	fprintf(f->gp, "array ROW[%d]\n", rows);
	for (int i = 0; i < c->questions && row < rows; i++) {
		const struct question *q = &c->question[i];
		int near, low, high, n = 0;
		char words[200], cut[200];
		if (!countable(q))
			continue;
		double *ratio = xcalloc((size_t)q->n, sizeof *ratio);
		compare_hits(q, &near, &low, &high);
		all[0] += near, all[1] += low, all[2] += high;
		for (int k = 0; k < q->n; k++) {
			const struct answer *a = &q->answer[k];
			if (!isfinite(a->guess) || !isfinite(a->measured) || !(a->measured > 0) || items == ITEMS)
				continue;
			double r = fmax(fmin(a->guess / a->measured, FARTHEST), 1 / FARTHEST);
			ratio[n++] = r;
			items++;
			widest = fmax(widest, fmax(r, 1 / r));
			/* Beside each other, not on top: a fixed pattern about the lane's middle. */
			fprintf(f->csv, "%d,%.6g,%.4g,%.6g,%.6g,0", rows - row, r, 0.27 * (fmod(n * 0.618034, 1) * 2 - 1), a->guess, a->measured);
			plot_csv_text(f->csv, q->lesson);
			fprintf(f->csv, ",%d\n", q->step);
		}
		struct quartiles mid = compare_quartiles(ratio, n);
		if (mid.n) {
			fprintf(f->csv, "%d,%.6g,0,,,1", rows - row, mid.mid);
			plot_csv_text(f->csv, q->lesson);
			fprintf(f->csv, ",%d\n", q->step);
		}
		snprintf(words, sizeof words, "%s %d: %s", q->lesson, q->step, q->ask ? q->ask : "");
		plot_cut(words, f->columns < 86 ? 20 : 46, cut, sizeof cut);
		plot_set_item(f, "ROW", rows - row, cut);
		width = (int)strlen(cut) > width ? (int)strlen(cut) : width;
		free(ratio);
		row++;
	}
	snprintf(subtitle, sizeof subtitle, _("%d guesses near (within a tenth), %d too low, %d too high. Each mark is a guess, divided by what the same person then measured."),
			 all[0], all[1], all[2]);
	plot_words(f, _("What was predicted, and what came out"), subtitle);
	put_foot(f, c, chart->command);
	plot_set_number(f, "LANE_WIDTH", (width < 46 ? width : 46) * 0.9 + 2);
	plot_set_number(f, "ROWS", rows);
	plot_set_number(f, "XMAX", widest * 1.15);
	plot_set_number(f, "XMIN", 1 / (widest * 1.15));
	plot_set(f, "XLABEL", "%s", _("guess / measured: 1 is right"));
	plot_set(f, "GUESS", "%s", _("guess"));
	plot_set(f, "MEDIAN", "%s", _("median of the guesses"));
	plot_set(f, "NEAR", "%s", _("within a tenth"));
	plot_legend_rows(f, 3);
	return true;
}
