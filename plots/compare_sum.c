/* What many curves and guesses come to, and the same as text. */
#include "plots/compare.h"

#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_WORKERS = 8, BAR = 24, CHOICES = 12 };
#define NEAR 0.1 /* of what was measured: so far away a guess is still near */

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double at(const double *v, int n, double part)
{
	double place = part * (n - 1);
	int i = (int)place;
	return i + 1 < n ? v[i] + (place - i) * (v[i + 1] - v[i]) : v[n - 1];
}

struct quartiles compare_quartiles(double *v, int n)
{
	int good = 0;
	for (int i = 0; i < n; i++)
		if (isfinite(v[i]))
			v[good++] = v[i];
	if (!good)
		return (struct quartiles){(double)NAN, (double)NAN, (double)NAN, 0};
	qsort(v, (size_t)good, sizeof *v, ascending);
	return (struct quartiles){at(v, good, 0.25), at(v, good, 0.5), at(v, good, 0.75), good};
}

static int by_int(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

int topic_workers(const struct topic *t, int *workers, int room)
{
	int n = 0;
	for (int i = 0; i < t->n; i++)
		for (int k = 0; k < t->curve[i].n; k++) {
			int w = 0;
			while (w < n && workers[w] != t->curve[i].workers[k])
				w++;
			if (w == n && n < room)
				workers[n++] = t->curve[i].workers[k];
		}
	qsort(workers, (size_t)n, sizeof *workers, by_int);
	return n;
}

double compare_speedup(const struct curve *curve, int workers)
{
	for (int k = 0; k < curve->n; k++)
		if (curve->workers[k] == workers && curve->verdict[k])
			return curve->speedup[k].mid;
	return (double)NAN;
}

double compare_best(const struct curve *curve, int *workers)
{
	double best = (double)NAN;
	for (int k = 0; k < curve->n; k++)
		if (curve->verdict[k] && !(curve->speedup[k].mid <= best)) {
			best = curve->speedup[k].mid;
			*workers = curve->workers[k];
		}
	return best;
}

char *compare_title(const struct topic *t, char *buf, size_t size)
{
	char subject[128], name[64];
	struct rec_run run = {.kernel = t->kernel, .lesson = t->lesson};
	snprintf(buf, size, "%s: %s%s%.80s", plot_subject(&run, subject, sizeof subject), plot_cut(t->variant, 24, name, sizeof name),
			 *t->args ? ", " : "", t->args);
	return buf;
}

void compare_hits(const struct question *q, int *near, int *low, int *high)
{
	*near = *low = *high = 0;
	for (int i = 0; i < q->n; i++) {
		const struct answer *a = &q->answer[i];
		if (!isfinite(a->guess) || !isfinite(a->measured))
			continue;
		if (fabs(a->guess - a->measured) <= NEAR * fabs(a->measured))
			++*near;
		else if (a->guess < a->measured)
			++*low;
		else
			++*high;
	}
}

/* ---- text --------------------------------------------------------------------------------------- */

/* Columns of a text on the screen: 2 for a character of Chinese. */
static int columns_of(const char *text)
{
	int n = 0;
	for (const char *c = text; *c; c++)
		n += ((unsigned char)*c & 0xc0) == 0x80 ? 0 : (unsigned char)*c >= 0xe3 ? 2 : 1;
	return n;
}

static void put_padded(FILE *out, const char *text, int width)
{
	fputs(text, out);
	for (int n = columns_of(text); n < width; n++)
		putc(' ', out);
}

static void put_cell(FILE *out, double x)
{
	char text[32];
	fprintf(out, " %7s", isfinite(x) ? plot_ratio(x, text, sizeof text) : "-");
}

struct place {
	const struct curve *curve;
	double best;
	int workers;
};

static int by_best(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	if (isnan(x->best) || isnan(y->best))
		return isnan(x->best) - isnan(y->best);
	return (x->best < y->best) - (x->best > y->best);
}

static double efficiency(const struct curve *curve, int workers)
{
	for (int k = 0; k < curve->n; k++)
		if (curve->workers[k] == workers && curve->capacity[k] > 0)
			return 100 * curve->speedup[k].mid / curve->capacity[k];
	return (double)NAN;
}

static void print_topic(const struct comparison *c, const struct topic *t, FILE *out)
{
	int workers[COMPARE_POINTS], n = topic_workers(t, workers, COMPARE_POINTS), width = columns_of(_("  upper quarter")) - 2;
	int first = n > SHOWN_WORKERS ? n - SHOWN_WORKERS : 0, without = 0;
	char title[400];
	struct place *p = xcalloc((size_t)t->n, sizeof *p);
	double *v = xcalloc((size_t)t->n, sizeof *v);
	struct quartiles q[COMPARE_POINTS];

	for (int i = 0; i < t->n; i++) {
		p[i] = (struct place){.curve = &t->curve[i]};
		p[i].best = compare_best(p[i].curve, &p[i].workers);
		without += isnan(p[i].best);
		width = columns_of(c->person[t->curve[i].who].name) > width ? columns_of(c->person[t->curve[i].who].name) : width;
	}
	qsort(p, (size_t)t->n, sizeof *p, by_best);
	for (int k = 0; k < n; k++) {
		for (int i = 0; i < t->n; i++)
			v[i] = compare_speedup(&t->curve[i], workers[k]);
		q[k] = compare_quartiles(v, t->n);
	}
	fprintf(out, t->weak ? _("Scaled speedup of %s") : _("Speedup of %s"), compare_title(t, title, sizeof title));
	fprintf(out, "\n%s", "");
	fprintf(out, ngettext("%d curve", "%d curves", (unsigned long)t->n), t->n);
	if (without)
		fprintf(out, _(", %d without a verdict (busy machine, or a wrong result)"), without);
	fputs("\n", out);
	put_padded(out, _("  workers"), width + 2);
	for (int k = first; k < n; k++)
		fprintf(out, " %7d", workers[k]);
	fprintf(out, "   %s\n", _("reached"));
	for (int row = 0; row < 3 && t->n > 1; row++) {
		put_padded(out, row == 0 ? _("  upper quarter") : row == 1 ? _("  median") : _("  lower quarter"), width + 2);
		for (int k = first; k < n; k++)
			put_cell(out, row == 0 ? q[k].hi : row == 1 ? q[k].mid : q[k].lo);
		putc('\n', out);
	}
	for (int i = 0; i < t->n; i++) {
		char best[32];
		fputs("  ", out);
		put_padded(out, c->person[p[i].curve->who].name, width);
		for (int k = first; k < n; k++)
			put_cell(out, compare_speedup(p[i].curve, workers[k]));
		if (isnan(p[i].best)) {
			fprintf(out, "   %s\n", _("no verdict"));
			continue;
		}
		fprintf(out, "   ");
		fprintf(out, ngettext("%s with %d worker", "%s with %d workers", (unsigned long)p[i].workers),
				plot_ratio(p[i].best, best, sizeof best), p[i].workers);
		if (isfinite(efficiency(p[i].curve, p[i].workers)))
			fprintf(out, _(", %.0f %% of the cores"), efficiency(p[i].curve, p[i].workers));
		putc('\n', out);
	}
	putc('\n', out);
	free(p);
	free(v);
}

static void put_bar(FILE *out, const char *name, int width, int n, int all)
{
	fputs("  ", out);
	put_padded(out, name, width);
	fprintf(out, " %3d ", n);
	for (int i = 0; i < (all ? (n * BAR + all - 1) / all : 0); i++)
		fputs("#", out);
	putc('\n', out);
}

static void print_choices(const struct question *q, FILE *out)
{
	const char *text[CHOICES];
	int count[CHOICES] = {0}, n = 0, width = 8;
	for (int i = 0; i < q->n; i++) {
		int k = 0;
		if (!q->answer[i].text)
			continue;
		while (k < n && strcmp(text[k], q->answer[i].text))
			k++;
		if (k == n && n < CHOICES)
			text[n++] = q->answer[i].text;
		if (k < CHOICES)
			count[k]++;
	}
	for (int k = 0; k < n; k++)
		width = columns_of(text[k]) > width ? columns_of(text[k]) : width;
	for (int k = 0; k < n; k++)
		put_bar(out, text[k], width < 50 ? width : 50, count[k], q->n);
}

static void print_question(const struct question *q, FILE *out)
{
	double *v = xcalloc((size_t)q->n, sizeof *v);
	int numbers = 0, near, low, high;
	const char *unit = q->unit ? q->unit : "";
	for (int i = 0; i < q->n; i++) {
		v[i] = q->answer[i].guess;
		numbers += isfinite(v[i]);
	}
	fprintf(out, "%s %d: %s\n", q->lesson, q->step, q->ask ? q->ask : "");
	struct quartiles g = compare_quartiles(v, q->n);
	for (int i = 0; i < q->n; i++)
		v[i] = q->answer[i].measured;
	struct quartiles m = compare_quartiles(v, q->n);
	if (numbers) {
		fputs("  ", out);
		fprintf(out, ngettext("%d guess", "%d guesses", (unsigned long)numbers), numbers);
		fprintf(out, _(": median %.4g %s, middle half %.4g to %.4g"), g.mid, unit, g.lo, g.hi);
		if (m.n)
			fprintf(out, _("; measured: median %.4g, middle half %.4g to %.4g\n"), m.mid, m.lo, m.hi);
		else
			fprintf(out, "; %s\n", _("nothing was measured with a verdict"));
		compare_hits(q, &near, &low, &high);
		if (near + low + high) {
			int width = columns_of(_("near (within a tenth)"));
			put_bar(out, _("too low"), width, low, near + low + high);
			put_bar(out, _("near (within a tenth)"), width, near, near + low + high);
			put_bar(out, _("too high"), width, high, near + low + high);
		}
	}
	print_choices(q, out);
	if (!numbers && m.n)
		fprintf(out, _("  measured (%s): median %.4g, middle half %.4g to %.4g\n"), q->compare ? q->compare : "?", m.mid, m.lo, m.hi);
	putc('\n', out);
	free(v);
}

void compare_print(const struct comparison *c, FILE *out)
{
	fprintf(out, ngettext("%d file", "%d files", (unsigned long)c->files), c->files);
	fprintf(out, ngettext(", %d name", ", %d names", (unsigned long)c->people), c->people);
	if (c->skipped)
		fprintf(out, _(", %d skipped"), c->skipped);
	fputs("\n\n", out);
	for (int i = 0; i < c->topics; i++)
		print_topic(c, &c->topic[i], out);
	if (c->questions)
		fprintf(out, "%s\n\n", _("What was predicted, and what came out"));
	for (int i = 0; i < c->questions; i++)
		print_question(&c->question[i], out);
}
