/* The Speedup view of a run on an accelerator, which has no axis of workers: one rung for each variant in their order, how long a
 * run takes with its copies there and back, and how many times as fast that is as the best of the processor. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/chart.h"
#include "tui/draw.h"
#include "tui/sentences.h"
#include "tui/view_private.h"

enum { RUNGS_MAX = RECSET_VARIANTS_MAX, KEYS_MAX = 10, FRONT = 3, TIME = 7, TIMES = 6, SHARE = 5, SHARE_WIDE = 10, HELD = 9, BAR_LEAST = 12,
       OUTLIER = 8 };
enum { COPY_IN, COMPUTE, COPY_OUT, OTHER, PROCESSOR, PARTS_DRAWN };

static const struct chart_key parts[PARTS_DRAWN] = {
	{ROLE_SERIES_2, "░", "<", N_("copy in")},  {ROLE_MEASURED, "█", "#", N_("compute")}, {ROLE_SERIES_1, "▒", ">", N_("copy out")},
	{ROLE_DIM, "·", ".", N_("start, wait")}, {ROLE_SERIES_3, "▄", "=", N_("processor")},
};

struct rung {
	const struct rec_variant *v;
	const struct rec_point *p; /* NULL: still to be measured */
	bool device, wrong;
};

struct ladder {
	struct canvas *c;
	const struct view_input *in;
	const struct rec_run *run;
	struct rung v[RUNGS_MAX];
	int n, chosen;
	const struct rung *base;     /* what the others are compared with; NULL: there is nothing */
	bool by_processor;           /* base ran there */
	double top;                  /* seconds of a full bar */
	int name, bar, height, step; /* columns of names and bars; rows of a rung, and from one to the next */
	bool cut_names, share, held, drawn[PARTS_DRAWN], beyond, guess;
};

static bool timed(const struct rec_point *p) { return p && p->seconds.mid > 0 && p->seconds.mid < 1e9; }
static bool hollow(const struct rec_point *p) { return p->busy || !p->final; }

static bool told_apart(const struct rec_point *p)
{
	return p->copy_in.mid >= 0 && p->compute.mid >= 0 && p->copy_out.mid >= 0;
}

static const struct rec_device *device_of(const struct rec_run *run, const struct rec_variant *v)
{
	for (size_t i = 0; v && i < run->devices.n; i++)
		if (draw_same(run->devices.v[i].kind, v->kind))
			return &run->devices.v[i];
	return NULL;
}

static bool on_device(const struct rec_run *run, const struct rec_variant *v)
{
	return v && (draw_same(v->kind, "opencl") || draw_same(v->kind, "cuda") || device_of(run, v));
}

bool view_ladder_suits(const struct rec_run *run)
{
	if (!run || run->sweep)
		return false;
	for (size_t i = 0; i < run->points.n; i++)
		if (isnan(run->points.v[i].at) && (on_device(run, recset_variant(run, run->points.v[i].variant)) || told_apart(&run->points.v[i])))
			return true;
	/* A run that goes on is a ladder from its beginning. */
	for (int i = 0; !run->ended && i < run->variant_count; i++)
		if (run->variants[i].measured && !run->variants[i].unavailable && on_device(run, &run->variants[i]))
			return true;
	return false;
}

/* ---- what is shown -------------------------------------------------------------------------------------------------- */

/* The best worker count of a variant, with cores of their own where there are any. */
static const struct rec_point *fastest(const struct rec_run *run, const char *variant)
{
	const struct rec_point *best = NULL;
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (!draw_same(p->variant, variant) || !isnan(p->at) || p->workers < 1)
			continue;
		if (!best || (!timed(best) && timed(p)) || (timed(p) && best->oversubscribed && !p->oversubscribed) ||
		    (timed(p) && best->oversubscribed == p->oversubscribed && p->seconds.mid < best->seconds.mid))
			best = p;
	}
	return best;
}

static bool better(const struct rung *r, const struct rung *than)
{
	return timed(r->p) && !r->wrong && (!than || r->p->seconds.mid < than->p->seconds.mid);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The longest bar is the slowest variant that is no outlier: what takes far longer would press all others flat. */
static double scale_of(const struct ladder *l)
{
	double all[RUNGS_MAX], top = 0;
	int n = 0;
	for (int i = 0; i < l->n; i++)
		if (timed(l->v[i].p))
			all[n++] = l->v[i].p->seconds.mid;
	qsort(all, (size_t)n, sizeof *all, ascending);
	for (int i = 0; i < n; i++)
		if (all[i] <= OUTLIER * all[n / 2])
			top = all[i];
	return top;
}

static void collect(struct ladder *l)
{
	const struct rec_run *run = l->run;
	const struct rung *device = NULL;
	l->chosen = -1;
	for (int i = 0; i < run->variant_count && l->n < RUNGS_MAX; i++) {
		const struct rec_variant *v = &run->variants[i];
		const struct rec_point *p = fastest(run, v->name);
		if (!p && (run->ended || !v->measured || v->unavailable))
			continue;
		struct rung *r = &l->v[l->n++];
		*r = (struct rung){.v = v, .p = p, .device = on_device(run, v) || (p && told_apart(p)), .wrong = v->wrong || (p && !p->right)};
		if (!r->device && better(r, l->base))
			l->base = r;
		if (r->device && better(r, device))
			device = r;
		if (draw_same(v->name, l->in->variant))
			l->chosen = l->n - 1;
	}
	l->by_processor = l->base;
	for (int i = 0; !l->by_processor && i < l->n; i++)
		if (draw_same(l->v[i].v->name, run->baseline) && better(&l->v[i], NULL))
			l->base = &l->v[i];
	if (l->chosen < 0 && device)
		l->chosen = (int)(device - l->v);
	l->top = scale_of(l);
}

/* "openmp x16"; of a device's variant the kind goes where there is no room: it stands above. */
static const char *label_of(const struct ladder *l, const struct rung *r, bool cut, char buf[FIGURE_MAX])
{
	const char *name = r->v->name ? r->v->name : "?";
	size_t kind = r->v->kind ? strlen(r->v->kind) : 0;
	if (cut && r->device && kind && !strncmp(name, r->v->kind, kind) && name[kind] == '-' && name[kind + 1])
		name += kind + 1;
	if (!r->device && r->p && r->p->workers > 1)
		snprintf(buf, FIGURE_MAX, "%.40s %s%d", name, l->c->ascii ? "x" : "×", r->p->workers);
	else
		snprintf(buf, FIGURE_MAX, "%.60s", name);
	return buf;
}

static double times(const struct ladder *l, const struct rung *r)
{
	return l->base && timed(r->p) && !r->wrong ? l->base->p->seconds.mid / r->p->seconds.mid : (double)NAN;
}

/* ---- rungs ---------------------------------------------------------------------------------------------------------- */

static void draw_bar(struct ladder *l, struct rect area, int y, int x, const struct rung *r)
{
	const struct rec_point *p = r->p;
	if (!timed(p) || !(l->top > 0) || l->bar < 1)
		return;
	double total = p->seconds.mid, share = total / l->top, at = 0;
	bool beyond = share > 1.0001, apart = told_apart(p);
	int room = beyond ? l->bar - 1 : l->bar, cells = beyond ? room : (int)lround(share * l->bar), from = 0;
	double lengths[PARTS_DRAWN] = {[PROCESSOR] = total};
	cells = cells < 1 ? 1 : cells;
	if (r->device) {
		lengths[PROCESSOR] = 0;
		lengths[COPY_IN] = apart ? p->copy_in.mid : 0;
		lengths[COMPUTE] = apart ? p->compute.mid : total;
		lengths[COPY_OUT] = apart ? p->copy_out.mid : 0;
		lengths[OTHER] = total;
	}
	for (int k = 0; k < PARTS_DRAWN; k++) {
		at = fmin(at + lengths[k], total);
		int to = (int)lround(cells * at / total);
		for (int i = from; i < to; i++)
			canvas_text(l->c, area, y, x + i, r->wrong ? ROLE_BAD : parts[k].role, l->c->ascii ? parts[k].ascii : parts[k].glyph);
		l->drawn[k] |= to > from;
		from = to > from ? to : from;
	}
	if (beyond)
		canvas_text(l->c, area, y, x + room, ROLE_BOLD, l->c->ascii ? "+" : "»");
	l->beyond |= beyond;
}

/* Where the bar would end by the learner's guess. */
static void draw_guess(struct ladder *l, struct rect area, int y, int x, const struct rung *r)
{
	const struct view_guess *g = &l->in->guess;
	const struct rec_point *base = l->run->baseline ? recset_point(l->run, l->run->baseline, 1, (double)NAN) : NULL;
	if (g->count != 1 || l->chosen < 0 || r != &l->v[l->chosen] || !timed(base) || !(g->speedup[0] > 0 && g->speedup[0] < 1e6) || !r->p ||
	    !(g->workers[0] == r->p->workers) || !(l->top > 0) || l->bar < 1)
		return;
	double cell = base->seconds.mid / g->speedup[0] / l->top * l->bar - 1;
	if (!(cell < l->bar))
		return;
	canvas_text(l->c, area, y, x + (cell > 0 ? (int)lround(fmin(cell, l->bar - 1)) : 0), ROLE_GUESS, l->c->ascii ? "?" : "◆");
	l->guess = true;
}

static void put_right(const struct ladder *l, struct rect area, int y, int end, enum role role, const char *text)
{
	canvas_text(l->c, area, y, end - canvas_width(text), role, text);
}

/* Figures from the right end of the row to the left; returns where they begin. */
static int draw_figures(const struct ladder *l, struct rect area, int y, const struct rung *r)
{
	char text[FIGURE_MAX];
	int x = area.cols;
	enum role role = r && r->wrong ? ROLE_BAD : r == l->base && r ? ROLE_BOLD : ROLE_PLAIN;
	if (l->held) {
		if (r && r->p && !r->wrong && r->p->occupancy >= 0)
			put_right(l, area, y, x, role, draw_percent(r->p->occupancy, text));
		else if (!r)
			put_right(l, area, y, x, ROLE_DIM, _("occupancy"));
		x -= HELD + 1;
	}
	if (l->share) {
		if (r && r->p && !r->wrong && r->p->of_ceiling >= 0)
			put_right(l, area, y, x, role, draw_percent(r->p->of_ceiling, text));
		else if (!r)
			put_right(l, area, y, x, ROLE_DIM, l->held ? _("of ceiling") : _("share"));
		x -= (l->held ? SHARE_WIDE : SHARE) + 1;
	}
	double ratio = r ? times(l, r) : (double)NAN;
	if (ratio < 0.001)
		snprintf(text, sizeof text, "<0.001");
	if (!r || isfinite(ratio))
		put_right(l, area, y, x, r ? role : ROLE_DIM, !r ? _("times") : ratio < 0.001 ? text : draw_figure(ratio, text));
	x -= TIMES + 1;
	if (!r)
		put_right(l, area, y, x, ROLE_DIM, _("time"));
	else if (timed(r->p))
		put_right(l, area, y, x, role, draw_seconds(r->p->seconds.mid, l->c->ascii, text));
	else if (r->p && r->wrong)
		put_right(l, area, y, x, ROLE_BAD, _("wrong"));
	return x - TIME - 1;
}

static void draw_rung(struct ladder *l, struct rect area, int y, int i)
{
	const struct rung *r = &l->v[i];
	char text[FIGURE_MAX];
	bool ascii = l->c->ascii;
	if (i == l->chosen)
		canvas_text(l->c, area, y, 0, ROLE_KEY, ascii ? ">" : "▸");
	if (!r->p)
		canvas_text(l->c, area, y, 1, ROLE_DIM, ascii ? "." : "…");
	else if (r->wrong)
		canvas_text(l->c, area, y, 1, ROLE_BAD, ascii ? "X" : "✗");
	else
		canvas_text(l->c, area, y, 1, ROLE_MEASURED, hollow(r->p) ? (ascii ? "o" : "○") : ascii ? "*" : "●");
	int end = draw_figures(l, area, y, r), room = l->name < area.cols - FRONT ? l->name : area.cols - FRONT;
	struct rect name = {area.y + y, area.x + FRONT, 1, room};
	draw_cut(l->c, name, 0, 0, !r->p ? ROLE_DIM : r->wrong ? ROLE_BAD : i == l->chosen ? ROLE_BOLD : ROLE_PLAIN,
		 label_of(l, r, l->cut_names, text));
	int x = l->height > 1 ? FRONT : FRONT + l->name + 1, row = y + l->height - 1;
	if (l->height == 1 && x + l->bar > end)
		return;
	draw_bar(l, area, row, x, r);
	draw_guess(l, area, row, x, r);
}

/* "cuda: NVIDIA H200, CUDA 13.0" above the first rung of a device, "the processor" where its variants come after. */
static bool begins(const struct ladder *l, int i)
{
	return l->v[i].device ? !i || !draw_same(l->v[i].v->kind, l->v[i - 1].v->kind) : i && l->v[i - 1].device;
}

static void draw_device(const struct ladder *l, struct rect area, int y, const struct rung *r)
{
	char text[400];
	const struct rec_device *d = device_of(l->run, r->v);
	if (!r->device)
		snprintf(text, sizeof text, "%s", _("the processor"));
	else if (!d)
		snprintf(text, sizeof text, "%.40s", draw_or(r->v->kind, "?"));
	else if (d->cpu)
		snprintf(text, sizeof text, _("%.20s: the processor itself, %.100s (%.140s)"), d->kind, draw_or(d->via, "?"), draw_or(d->name, "?"));
	else
		snprintf(text, sizeof text, "%.20s: %.140s, %.100s", d->kind, draw_or(d->name, "?"), draw_or(d->via, "?"));
	draw_cut(l->c, (struct rect){area.y + y, area.x, 1, area.cols}, 0, 0, ROLE_HEADING, text);
}

/* ---- the whole ------------------------------------------------------------------------------------------------------ */

static void draw_title(const struct ladder *l, struct rect area)
{
	char name[FIGURE_MAX], title[200] = "", kept[64] = "";
	const struct rec_point *p = l->chosen >= 0 ? l->v[l->chosen].p : NULL;
	for (int pass = 0; pass < 3; pass++) {
		if (p && p->tried > 0)
			snprintf(kept, sizeof kept, pass ? _("kept %d of %d") : _("kept %d of %d rounds"), p->kept, p->tried);
		if (l->base)
			snprintf(title, sizeof title, !pass ? _("time of one run, times as fast as %s") : pass < 2 ? _("times as fast as %s") : _("against %s"),
				 label_of(l, l->base, false, name));
		else
			snprintf(title, sizeof title, "%s", _("time of one run"));
		if (canvas_width(title) + canvas_width(kept) + 2 <= area.cols)
			break;
	}
	int room = *kept && canvas_width(kept) + 2 < area.cols ? area.cols - canvas_width(kept) - 2 : area.cols;
	draw_cut(l->c, (struct rect){area.y, area.x, 1, room}, 0, 0, ROLE_BOLD, title);
	if (room < area.cols)
		draw_right(l->c, area, 0, ROLE_DIM, kept);
}

static void say(const struct ladder *l, struct sentences *words, int rows, int cols)
{
	struct sentences *rest = xcalloc(1, sizeof *rest);
	const struct rung *r = l->chosen >= 0 ? &l->v[l->chosen] : NULL;
	const char *name = r ? r->v->name : draw_variant(l->in);
	char text[SENTENCE_MAX], a[FIGURE_MAX], b[FIGURE_MAX], base[FIGURE_MAX];
	int first = draw_progress(l->run, text, sizeof text);
	if (name)
		sentences_of_run(rest, l->in, name, r && r->p ? r->p->workers : 0, (double)NAN);
	if (first)
		sentences_add(words, ROLE_BOLD, "%s", text);
	double ratio = r ? times(l, r) : (double)NAN;
	if (r && r != l->base && isfinite(ratio)) {
		label_of(l, l->base, false, base);
		if (r->device && l->by_processor && r->p->compute.mid > 0) {
			draw_figure(l->base->p->seconds.mid / r->p->compute.mid, b);
			snprintf(text, sizeof text, _("With the copies counted %.40s is %s times as fast as %.40s, without them %s times."), name,
				 draw_figure(ratio, a), base, b);
			if (sentences_rows(words, cols) + draw_wrapped_rows(text, cols) > rows)
				snprintf(text, sizeof text, _("without the copies: %s times"), b);
			sentences_add(words, ROLE_PLAIN, "%s", text);
		} else
			sentences_add(words, ROLE_PLAIN, _("%.40s is %s times as fast as %.40s."), name, draw_figure(ratio, a), base);
	}
	if (r && r->device && r->p && r->p->of_ceiling >= 0 && !l->share)
		sentences_add(words, ROLE_PLAIN, _("%.40s computes at %s of its device's ceiling."), name, draw_percent(r->p->of_ceiling, a));
	if (r && r->p)
		view_overlays_say(words, l->in, name, r->p->workers);
	for (int i = name ? first : 0; i < rest->n; i++)
		sentences_add(words, rest->v[i].role, "%s", rest->v[i].text);
	view_overlays_commands(words, l->in);
	if (!words->n && !l->n)
		sentences_add(words, ROLE_DIM, "%s", _("Nothing was measured yet."));
	free(rest);
}

/* Names, figures and bars beside each other; where the names leave no room for a bar it goes below them, if there are rows. */
static void lay_out(struct ladder *l, struct rect area, int rows)
{
	char text[FIGURE_MAX];
	int longest = 4, cut = 4, figures = TIME + 1 + TIMES + 1;
	for (int i = 0; i < l->n; i++) {
		int whole = canvas_width(label_of(l, &l->v[i], false, text)), part = canvas_width(label_of(l, &l->v[i], true, text));
		longest = whole > longest ? whole : longest;
		cut = part > cut ? part : cut;
	}
	longest = longest < 24 ? longest : 24;
	l->height = l->step = 1;
	l->share = true;
	l->held = area.cols >= 90;
	l->name = longest;
	figures += l->held ? SHARE_WIDE + 1 + HELD + 1 : SHARE + 1;
	l->bar = area.cols - FRONT - l->name - 1 - figures;
	if (l->bar >= BAR_LEAST) {
		l->step = rows >= 2 * l->n + 2 && area.rows >= 30 ? 2 : 1;
		return;
	}
	if (rows >= 2 * l->n && area.cols >= 30) {
		l->height = l->step = 2;
		l->bar = area.cols - FRONT;
		l->name = area.cols - FRONT - figures;
		l->cut_names = longest > l->name;
		return;
	}
	figures -= l->held ? SHARE_WIDE + 1 + HELD + 1 : SHARE + 1;
	l->share = l->held = false;
	l->cut_names = true;
	l->bar = area.cols - FRONT - cut - 1 - figures;
	l->name = cut;
	if (l->bar < BAR_LEAST / 2) { /* both get their part of what there is */
		int both = area.cols - FRONT - 1 - figures;
		l->bar = both >= 12 ? both / 3 : 0;
		l->name = both - l->bar > 1 ? both - l->bar : 1;
	}
}

static int collect_keys(const struct ladder *l, struct chart_key keys[KEYS_MAX])
{
	bool busy = false, interim = false, wrong = false;
	int n = 0;
	for (int i = 0; i < l->n; i++) {
		const struct rec_point *p = l->v[i].p;
		busy |= p && !l->v[i].wrong && p->busy && p->final;
		interim |= p && !l->v[i].wrong && !p->final;
		wrong |= p && l->v[i].wrong;
	}
	for (int k = 0; k < PARTS_DRAWN; k++)
		if (l->drawn[k]) {
			keys[n] = parts[k];
			keys[n++].text = _(parts[k].text);
		}
	if (wrong)
		keys[n++] = (struct chart_key){ROLE_BAD, "✗", "X", _("wrong")};
	if (busy || interim)
		keys[n++] = (struct chart_key){ROLE_MEASURED, "○", "o", busy ? _("no verdict") : _("so far")};
	if (l->guess)
		keys[n++] = (struct chart_key){ROLE_GUESS, "◆", "?", _("you")};
	if (l->beyond)
		keys[n++] = (struct chart_key){ROLE_BOLD, "»", "+", _("longer")};
	return n;
}

static int take(int *left, int wanted)
{
	int got = wanted < *left ? wanted : *left > 0 ? *left : 0;
	*left -= got;
	return got;
}

void view_ladder_draw(struct canvas *c, struct rect area, const struct view_input *in)
{
	struct ladder *l = xcalloc(1, sizeof *l);
	struct sentences *words = xcalloc(1, sizeof *words);
	struct chart_key keys[KEYS_MAX];
	*l = (struct ladder){.c = c, .in = in, .run = in->run};
	collect(l);
	int devices = 0;
	for (int i = 0; i < l->n; i++)
		devices += begins(l, i);
	/* The rungs come first; then who computes, the title, what the fills mean, a sentence, the columns' names. */
	int left = area.rows - l->n;
	bool heads = left >= devices;
	if (heads)
		left -= devices;
	int title = take(&left, 1), legend = take(&left, area.cols < 50 ? 3 : area.cols < 80 ? 2 : 1), columns = take(&left, 1);
	lay_out(l, area, l->n + (left > 1 ? left - 1 : 0));
	if (title)
		draw_title(l, area);
	int y = title, end = area.rows - legend;
	if (columns)
		draw_figures(l, area, y++, NULL);
	/* Where not all fit, the chosen one is among those that do. */
	int skip = 0;
	for (int need = y + l->step * (l->chosen + 1) + (heads ? devices : 0); need > end && skip < l->chosen; need -= l->step)
		skip++;
	for (int i = skip; i < l->n && y + l->height <= end; i++, y += l->step) {
		if (heads && begins(l, i) && y + l->height < end)
			draw_device(l, area, y++, &l->v[i]);
		draw_rung(l, area, y, i);
	}
	y = y < end ? y : end;
	if (legend)
		y += chart_legend(c, area, y, legend, keys, collect_keys(l, keys));
	say(l, words, area.rows - y, area.cols);
	if (y < area.rows)
		sentences_draw(words, c, (struct rect){area.y + y, area.x, area.rows - y, area.cols});
	free(words);
	free(l);
}
