/* Who ran when, of one kept round: a lane for each worker, or for each core. */
#include "plots/plot.h"

#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 26, GROUPS = 6, KINDS = 4, LOOKS = 8, COLUMNS = 512, MANY = 2000 };
#define HEIGHT 0.72	   /* of a box in its lane */
#define SEEN 0.12	   /* of that: least height of what is there at all */
#define ALIKE 0.06	   /* columns whose shares differ by less become one box */
#define LABEL_LEAST 0.07 /* of the width: a shorter span has no room for its label */

static const char *const kinds[KINDS] = {"run", "wait", "off", "serial"};
static const char *const legends[KINDS] = {N_("running"), N_("waiting"), N_("not running, though it could"), N_("serial part")};

struct lanes {
	bool by_core;
	int n, groups;
	struct group {
		const char *variant;
		int workers, first; /* first: lane above the group's first one, where its name stands */
		double at;
		int lane[LANES + 1], lanes; /* workers, the owner's serial part (-1) before them; or cores, ascending */
	} group[GROUPS];
	double end;
	bool look[LOOKS]; /* colours in use */
	bool shares;	  /* somewhere heights are shares */
};

static bool valid(const struct rec_span *s, bool by_core)
{
	return s->worker >= -1 && s->worker < s->workers && s->workers > 0 && s->workers <= LANES && s->begin >= 0 &&
		   s->end >= s->begin && s->end < 1e9 &&
		   (!by_core || (s->core >= 0 && (!strcmp(s->kind, "run") || !strcmp(s->kind, "serial"))));
}

static int kind_of(const struct rec_span *s)
{
	for (int k = 0; k < KINDS; k++)
		if (plot_same(s->kind, kinds[k]))
			return k;
	return -1;
}

static bool belongs(const struct lanes *l, const struct group *g, const struct rec_span *s)
{
	return valid(s, l->by_core) && kind_of(s) >= 0 && plot_same(s->variant, g->variant) && s->workers == g->workers &&
		   plot_same_at(s->at, g->at);
}

static int lane_of(const struct lanes *l, const struct group *g, const struct rec_span *s)
{
	for (int i = 0; i < g->lanes; i++)
		if (g->lane[i] == (l->by_core ? s->core : s->worker))
			return i;
	return -1;
}

static int ascending(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* The most workers of a variant that there are spans of. */
static void add_group(struct lanes *l, const struct rec_run *run, const char *variant, double at)
{
	struct group g = {.variant = variant, .at = (double)NAN, .first = l->n + 1};
	for (size_t i = 0; i < run->spans.n; i++) {
		const struct rec_span *s = &run->spans.v[i];
		if (valid(s, l->by_core) && plot_same(s->variant, variant) &&
			(s->workers > g.workers || (s->workers == g.workers && plot_same_at(s->at, at)))) {
			g.workers = s->workers;
			g.at = s->at;
		}
	}
	for (int w = -1; !l->by_core && w < g.workers; w++)
		g.lane[g.lanes++] = w;
	for (size_t i = 0; l->by_core && i < run->spans.n && g.lanes < LANES; i++)
		if (belongs(l, &g, &run->spans.v[i]) && lane_of(l, &g, &run->spans.v[i]) < 0)
			g.lane[g.lanes++] = run->spans.v[i].core;
	qsort(g.lane, (size_t)g.lanes, sizeof *g.lane, ascending);
	if (!g.workers || !g.lanes || l->groups == GROUPS || l->n + g.lanes + 1 > LANES + 2)
		return;
	l->group[l->groups++] = g;
	l->n += g.lanes + 1;
}

/* Lanes are counted downwards, the axis upwards: the one on top has the highest number. */
static double height(const struct lanes *l, const struct group *g, int lane)
{
	return l->n + 1 - (g->first + 1 + lane);
}

/* Which colour: what the span is; by core, whose it is. */
static int look_of(const struct lanes *l, const struct rec_span *s)
{
	return !l->by_core ? kind_of(s) : s->worker < 0 ? LOOKS - 1 : s->worker % (LOOKS - 1);
}

/* One box: from low to high of its lane's height. */
static void put_box(struct figure *f, struct lanes *l, const struct group *g, int lane, int look, double begin, double end, int core,
					int worker, const char *kind, double low, double high)
{
	fprintf(f->csv, "%g,%d", height(l, g, lane), look + 1);
	plot_csv_number(f->csv, begin);
	plot_csv_number(f->csv, end);
	plot_csv_number(f->csv, core >= 0 ? core : -1);
	fprintf(f->csv, ",%d", worker);
	plot_csv_text(f->csv, g->variant);
	plot_csv_text(f->csv, kind);
	plot_csv_number(f->csv, HEIGHT * (low - 0.5));
	plot_csv_number(f->csv, HEIGHT * (high - 0.5));
	putc('\n', f->csv);
	l->look[look] = true;
	l->end = fmax(l->end, end);
}

/* The shares of a column: what is there at all can be seen, and they sum to 1 at most. */
static void even_out(double share[LOOKS])
{
	double sum = 0;
	int most = 0;
	for (int k = 0; k < LOOKS; k++)
		sum += share[k];
	for (int k = 0; k < LOOKS; k++) {
		share[k] = sum > 1 ? share[k] / sum : share[k];
		share[k] = share[k] > 0 ? fmax(share[k], SEEN) : 0;
		most = share[k] > share[most] ? k : most;
	}
	sum = 0;
	for (int k = 0; k < LOOKS; k++)
		sum += share[k];
	share[most] -= sum > 1 ? sum - 1 : 0;
}

static bool alike(const double a[LOOKS], const double b[LOOKS])
{
	for (int k = 0; k < LOOKS; k++)
		if (fabs(a[k] - b[k]) > ALIKE || (a[k] > 0) != (b[k] > 0))
			return false;
	return true;
}

/* Many spans in one column: their heights are their shares of its time. Columns that are alike become one box. */
static void put_columns(struct figure *f, struct lanes *l, const struct group *g, const struct rec_span *v, size_t n)
{
	double end = 0, width, (*share)[LOOKS] = xcalloc(COLUMNS, sizeof *share);
	for (size_t i = 0; i < n; i++)
		end = fmax(end, v[i].end);
	width = end / COLUMNS;
	for (int lane = 0; lane < g->lanes && width > 0; lane++) {
		memset(share, 0, COLUMNS * sizeof *share);
		for (size_t i = 0; i < n; i++) {
			int look = look_of(l, &v[i]), first = (int)fmin(v[i].begin / width, COLUMNS - 1);
			if (lane_of(l, g, &v[i]) != lane)
				continue;
			for (int c = first; c < COLUMNS && c * width < v[i].end; c++)
				share[c][look] += (fmin(v[i].end, (c + 1) * width) - fmax(v[i].begin, c * width)) / width;
			share[first][look] += v[i].more / width;
		}
		for (int c = 0; c < COLUMNS; c++)
			even_out(share[c]);
		for (int c = 0, to; c < COLUMNS; c = to) {
			double low = 0;
			for (to = c + 1; to < COLUMNS && alike(share[c], share[to]); to++)
				;
			for (int k = 0; k < LOOKS; k++)
				if (share[c][k] > 0) {
					int worker = !l->by_core ? g->lane[lane] : k == LOOKS - 1 ? -1 : k;
					put_box(f, l, g, lane, k, c * width, to * width, l->by_core ? g->lane[lane] : -1, worker,
							l->by_core ? worker < 0 ? "serial" : "run" : kinds[k], low, low + share[c][k]);
					low += share[c][k];
				}
		}
	}
	free(share);
	l->shares = true;
}

/* Workers that take turns on one core lie above each other: one would hide the other. */
static void divide(const struct rec_span *v, size_t n, size_t i, double *low, double *high)
{
	bool seen[LOOKS] = {false};
	int below = 0, all = 1, mine = v[i].worker % (LOOKS - 1);
	if (v[i].worker < 0)
		return;
	seen[mine] = true;
	for (size_t k = 0; k < n; k++) {
		int look = v[k].worker % (LOOKS - 1);
		if (v[k].worker < 0 || v[k].core != v[i].core || v[k].begin >= v[i].end || v[i].begin >= v[k].end || seen[look])
			continue;
		seen[look] = true;
		all++;
		below += look < mine;
	}
	*low = (double)below / all;
	*high = (below + 1.0) / all;
}

static void put_spans(struct figure *f, struct lanes *l)
{
	const struct rec_run *run = f->run;
	struct rec_span *v = xcalloc(run->spans.n ? run->spans.n : 1, sizeof *v);
	fputs("lane,look,begin_seconds,end_seconds,core,worker,variant,kind_name,low,high\n", f->csv);
	for (int g = 0; g < l->groups; g++) {
		const struct group *group = &l->group[g];
		size_t n = 0;
		for (size_t i = 0; i < run->spans.n; i++)
			if (belongs(l, group, &run->spans.v[i]) && lane_of(l, group, &run->spans.v[i]) >= 0)
				v[n++] = run->spans.v[i];
		if (n > MANY)
			put_columns(f, l, group, v, n);
		for (size_t i = 0; i < n && n <= MANY; i++) {
			double low = 0, high = 1;
			if (l->by_core)
				divide(v, n, i, &low, &high);
			put_box(f, l, group, lane_of(l, group, &v[i]), look_of(l, &v[i]), v[i].begin, v[i].end, v[i].core, v[i].worker, v[i].kind, low, high);
		}
	}
	free(v);
}

/* "worker 0, 7, 14": more workers than colours share them. */
static void colour_words(const struct lanes *l, int k, char *words, size_t size)
{
	int most = 0, n = snprintf(words, size, _("worker %d"), k);
	for (int g = 0; g < l->groups; g++)
		most = l->group[g].workers > most ? l->group[g].workers : most;
	for (int w = k + LOOKS - 1; w < most && n > 0 && (size_t)n < size; w += LOOKS - 1)
		n += snprintf(words + n, size - (size_t)n, ", %d", w);
}

static void put_lanes(struct figure *f, const struct lanes *l)
{
	int n = 0, rows = 0;
	fputs("LANES = '(", f->gp);
	for (int g = 0; g < l->groups; g++)
		for (int i = 0; i < l->group[g].lanes; i++) {
			int lane = l->group[g].lane[i];
			char words[64];
			if (l->by_core)
				snprintf(words, sizeof words, _("core %d"), lane);
			else if (lane < 0)
				snprintf(words, sizeof words, "%s", _("serial part"));
			else
				snprintf(words, sizeof words, _("worker %d"), lane);
			fprintf(f->gp, "%s\"%s\" %g", n++ ? ", " : "", words, height(l, &l->group[g], i));
		}
	fprintf(f->gp, ")'\nLANE_WIDTH = %d\narray GROUP[%d]\narray GROUP_Y[%d]\n", l->by_core ? 9 : 13, l->groups, l->groups);
	for (int g = 0; g < l->groups; g++) {
		char name[64], workers[64], words[160];
		snprintf(words, sizeof words, "%s, %s", plot_variant_words(f->run, l->group[g].variant, name, sizeof name),
				 plot_workers(l->group[g].workers, workers, sizeof workers));
		plot_set_item(f, "GROUP", g + 1, words);
		fprintf(f->gp, "GROUP_Y[%d] = %g\n", g + 1, height(l, &l->group[g], -1));
	}
	fprintf(f->gp, "array NAME[%d]\n", LOOKS);
	for (int k = 0; k < LOOKS; k++) {
		char words[64];
		if (l->by_core && k < LOOKS - 1)
			colour_words(l, k, words, sizeof words);
		else
			snprintf(words, sizeof words, "%s", l->by_core ? _("serial part") : k < KINDS ? _(legends[k]) : "");
		plot_set_item(f, "NAME", k + 1, words);
	}
	fputs("KINDS = '", f->gp);
	for (int k = 0; k < LOOKS; k++)
		if (l->look[k])
			fprintf(f->gp, "%s%d", rows++ ? " " : "", k + 1);
	fputs("'\nLABELLED = '", f->gp);
	for (int k = 0, i = 0; k < LOOKS; k++) /* what has room for words: the cores of running, the workers of cores */
		if (l->look[k] && (l->by_core ? k < LOOKS - 1 : k == 0 || k == 3))
			fprintf(f->gp, "%s%d", i++ ? " " : "", k + 1);
	fprintf(f->gp, "'\nLABEL_LEAST = %.9g\nBY_CORE = %d\n", LABEL_LEAST * l->end, l->by_core);
	plot_set(f, "LABEL", "%s", l->by_core ? _("worker %d") : _("core %d"));
	plot_legend_rows(f, rows);
}

static void put_words(struct figure *f, const struct lanes *l)
{
	const struct group *g = &l->group[0];
	const struct rec_point *p = plot_most(f->run, g->variant, g->at);
	const struct rec_budget *b = recset_budget(f->run, g->variant, g->workers, g->at);
	char title[256], subject[128], name[64], subtitle[600];
	int n = 0;
	if (p && p->busy)
		n = snprintf(subtitle, sizeof subtitle, "%s", _("One round on a busy machine: no verdict."));
	else if (!l->by_core && b && b->sentence && *b->sentence)
		n = snprintf(subtitle, sizeof subtitle, _("One round. %s with %d: %.300s"), plot_cut(g->variant, 24, name, sizeof name),
					 g->workers, words_of(b->sentence));
	else
		n = snprintf(subtitle, sizeof subtitle, "%s",
					 l->by_core ? _("One round: which worker ran on which core, and when.")
								: _("One round: which worker ran when, and on which core."));
	if (l->shares)
		snprintf(subtitle + n, sizeof subtitle - (size_t)n,
				 _(" Of %zu spans many share a pixel: there the height of a colour is its share of the time."), f->run->spans_read);
	snprintf(title, sizeof title, l->by_core ? _("Who ran where in %s") : _("Who ran when in %s"),
			 plot_subject(f->run, subject, sizeof subject));
	plot_words(f, title, subtitle);
}

static bool make_lanes(struct figure *f, bool by_core)
{
	struct lanes l = {.by_core = by_core};
	const char *unit_name;

	if (f->variant)
		add_group(&l, f->run, f->variant, f->at);
	for (int i = 0; i < f->run->variant_count; i++)
		if (!plot_same(f->run->variants[i].name, f->variant) && !plot_serial(f->run, f->run->variants[i].name))
			add_group(&l, f->run, f->run->variants[i].name, f->at);
	if (!l.groups)
		return plot_fail(f, _("no spans are recorded (the rounds were not quiet, or no variant has workers)"));
	put_spans(f, &l);
	if (!(l.end > 0))
		return plot_fail(f, _("its spans take no time"));
	put_words(f, &l);
	put_lanes(f, &l);
	double unit = plot_unit(l.end, &unit_name);
	plot_set(f, "XLABEL", _("time since the start of the run (%s)"), unit_name);
	plot_set_number(f, "UNIT", unit);
	plot_set_number(f, "XMAX", l.end / unit * 1.01);
	plot_set_number(f, "YMAX", l.n + 0.7);
	return true;
}

static bool make(struct figure *f)
{
	return make_lanes(f, false);
}

static bool make_cores(struct figure *f)
{
	return make_lanes(f, true);
}

static bool has_spans(const struct plot_records *records, const struct rec_run *run)
{
	(void)records;
	for (size_t i = 0; i < run->spans.n; i++)
		if (valid(&run->spans.v[i], true))
			return true;
	return false;
}

const struct plot_kind plot_timeline = {.name = "timeline", .about = N_("who ran when, worker by worker"), .make = make};
const struct plot_kind plot_cores = {.name = "cores",
									 .about = N_("who ran when, core by core"),
									 .script = "timeline",
									 .suits = has_spans,
									 .make = make_cores};
