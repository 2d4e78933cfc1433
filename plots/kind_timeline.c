/* Who ran when, of one kept round: a lane for each worker, or for each core. */
#include "plots/plot.h"

#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 26, GROUPS = 6, KINDS = 4, LOOKS = 8, COLUMNS = 1024 };
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
	size_t drawn;
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

static void put_span(struct figure *f, struct lanes *l, const struct group *g, const struct rec_span *s)
{
	int look = look_of(l, s);
	fprintf(f->csv, "%g,%d", height(l, g, lane_of(l, g, s)), look + 1);
	plot_csv_number(f->csv, s->begin);
	plot_csv_number(f->csv, s->end);
	plot_csv_number(f->csv, s->core >= 0 ? s->core : (double)NAN);
	fprintf(f->csv, ",%d", s->worker);
	plot_csv_text(f->csv, s->variant);
	plot_csv_text(f->csv, s->kind);
	putc('\n', f->csv);
	l->look[look] = true;
	l->end = fmax(l->end, s->end);
	l->drawn++;
}

static void put_spans(struct figure *f, struct lanes *l)
{
	const struct rec_run *run = f->run;
	struct rec_span *v = xcalloc(run->spans.n ? run->spans.n : 1, sizeof *v);
	fputs("lane,look,begin_seconds,end_seconds,core,worker,variant,kind_name\n", f->csv);
	for (int g = 0; g < l->groups; g++) {
		size_t n = 0;
		for (size_t i = 0; i < run->spans.n; i++)
			if (belongs(l, &l->group[g], &run->spans.v[i]) && lane_of(l, &l->group[g], &run->spans.v[i]) >= 0)
				v[n++] = run->spans.v[i];
		if (n > 2 * COLUMNS) /* shorter ones than a column can't be told apart: the longest stays, so does every gap */
			n = rec_span_thin(v, n, COLUMNS);
		for (size_t i = 0; i < n; i++)
			put_span(f, l, &l->group[g], &v[i]);
	}
	free(v);
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
			snprintf(words, sizeof words, _("worker %d"), k);
		else
			snprintf(words, sizeof words, "%s", l->by_core ? _("serial part") : k < KINDS ? _(legends[k]) : "");
		plot_set_item(f, "NAME", k + 1, words);
	}
	fputs("KINDS = '", f->gp);
	for (int k = 0; k < LOOKS; k++)
		if (l->look[k])
			fprintf(f->gp, "%s%d", rows++ ? " " : "", k + 1);
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
	if (f->run->spans_read > f->run->spans.n || l->drawn + 2 * COLUMNS < f->run->spans.n)
		snprintf(subtitle + n, sizeof subtitle - (size_t)n,
				 _(" %zu of %zu spans are drawn: of what is shorter than a pixel, the longest."), l->drawn,
				 f->run->spans_read);
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
