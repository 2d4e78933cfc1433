/* Saved runs laid over the Speedup view: marks of their own, one legend entry each, and in words how they compare. */
#include "tui/view_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "kernels/bench/words.h"
#include "tui/draw.h"
#include "tui/saved.h"

static const struct {
	enum role role;
	const char *glyph, *ascii;
} marks[VIEW_OVERLAYS] = {{ROLE_SERIES_4, "▷", ">"}, {ROLE_SERIES_1, "□", "%"}, {ROLE_SERIES_5, "◁", "<"},
			  {ROLE_SERIES_7, "▽", "v"}, {ROLE_SERIES_3, "△", "^"}, {ROLE_SERIES_6, "◇", "&"}};

enum { LABELLED = 3 };

static int count_of(const struct view_input *in)
{
	return in->overlay_count < 0 ? 0 : in->overlay_count < VIEW_OVERLAYS ? in->overlay_count : VIEW_OVERLAYS;
}

void view_overlays_mark(int overlay, enum role *role, const char **glyph, const char **ascii)
{
	*role = marks[overlay].role;
	*glyph = marks[overlay].glyph;
	*ascii = marks[overlay].ascii;
}

static bool shown(const struct rec_point *p)
{
	return p->workers > 0 && isfinite(p->speedup.mid) && p->speedup.mid >= 0 && p->speedup.mid <= 1e6 && isnan(p->at) && p->right;
}

/* The variant looked at, where the overlay has it; else its own first parallel one. */
static const char *variant_of(const struct view_overlay *o, const char *variant)
{
	const struct view_input alone = {.run = o->run, .set = o->set, .variant = variant};
	for (size_t i = 0; variant && i < o->run->points.n; i++)
		if (shown(&o->run->points.v[i]) && draw_same(o->run->points.v[i].variant, variant))
			return variant;
	const char *own = draw_variant(&(struct view_input){.run = o->run, .set = o->set});
	return own ? own : draw_variant(&alone);
}

double view_overlays_scale(const struct view_input *in, const char *variant, double *x_split, double *x_max, double top)
{
	for (int k = 0; k < count_of(in); k++) {
		const struct rec_run *run = in->overlays[k].run;
		const char *name = run ? variant_of(&in->overlays[k], variant) : NULL;
		for (size_t i = 0; name && i < run->points.n; i++) {
			const struct rec_point *p = &run->points.v[i];
			if (!shown(p) || !draw_same(p->variant, name))
				continue;
			*x_max = fmax(*x_max, p->workers);
			if (!p->oversubscribed)
				*x_split = fmax(*x_split, p->workers);
			top = fmax(top, p->speedup.mid);
		}
	}
	return top;
}

int view_overlays_ticks(const struct view_input *in, const char *variant, double *ticks, int n, int room)
{
	for (int k = 0; k < count_of(in); k++) {
		const struct rec_run *run = in->overlays[k].run;
		const char *name = run ? variant_of(&in->overlays[k], variant) : NULL;
		for (size_t i = 0; name && i < run->points.n && n < room; i++) {
			const struct rec_point *p = &run->points.v[i];
			int at = 0;
			if (!shown(p) || !draw_same(p->variant, name))
				continue;
			while (at < n && ticks[at] != p->workers)
				at++;
			if (at == n)
				ticks[n++] = p->workers;
		}
	}
	return n;
}

/* The point with the most workers that have cores, else with the most. */
static const struct rec_point *last_point(const struct rec_run *run, const char *variant)
{
	const struct rec_point *best = NULL;
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (shown(p) && draw_same(p->variant, variant) &&
		    (!best || (best->oversubscribed && !p->oversubscribed) ||
		     (best->oversubscribed == p->oversubscribed && p->workers > best->workers)))
			best = p;
	}
	return best;
}

void view_overlays_draw(struct chart *chart, const struct view_input *in, const char *variant)
{
	for (int k = 0; k < count_of(in); k++) {
		const struct rec_run *run = in->overlays[k].run;
		const char *name = run ? variant_of(&in->overlays[k], variant) : NULL;
		for (size_t i = 0; name && i < run->points.n; i++) {
			const struct rec_point *p = &run->points.v[i];
			struct estimate y = {p->speedup.mid, (double)NAN, (double)NAN};
			if (shown(p) && draw_same(p->variant, name))
				chart_point(chart, p->workers, y, marks[k].role, chart->canvas->ascii ? marks[k].ascii : marks[k].glyph);
		}
	}
}

void view_overlays_labels(struct chart *chart, const struct view_input *in, const char *variant)
{
	char text[FIGURE_MAX + 100], figure[FIGURE_MAX];
	for (int k = 0; k < count_of(in) && k < LABELLED; k++) {
		const struct view_overlay *o = &in->overlays[k];
		const char *name = o->run ? variant_of(o, variant) : NULL;
		const struct rec_point *last = name ? last_point(o->run, name) : NULL;
		if (!last)
			continue;
		snprintf(text, sizeof text, "%.40s %s", draw_or(o->name, "?"), draw_figure(last->speedup.mid, figure));
		chart_label(chart, last->workers, last->speedup.mid, 3, marks[k].role, text);
	}
}

int view_overlays_keys(const struct view_input *in, const char *variant, struct chart_key *keys, char (*words)[80], int n, int room)
{
	for (int k = 0; k < count_of(in) && n < room; k++) {
		const struct view_overlay *o = &in->overlays[k];
		const char *name = o->run ? variant_of(o, variant) : NULL;
		if (!name || !last_point(o->run, name))
			continue;
		if (draw_same(name, variant))
			snprintf(words[n], sizeof words[n], "%.60s", draw_or(o->name, "?"));
		else
			snprintf(words[n], sizeof words[n], "%.30s: %.30s", draw_or(o->name, "?"), name);
		keys[n] = (struct chart_key){marks[k].role, marks[k].glyph, marks[k].ascii, words[n]};
		n++;
	}
	return n;
}

/* At the worker count that the headline is about. A difference is only told where the intervals have one. */
void view_overlays_say(struct sentences *words, const struct view_input *in, const char *variant, int workers)
{
	char was[FIGURE_MAX], now[FIGURE_MAX], others[160];
	for (int k = 0; in->run && k < count_of(in); k++) {
		const struct view_overlay *o = &in->overlays[k];
		if (o->run && draw_same(o->run->kernel, in->run->kernel) &&
		    *saved_differs(in->run->args, o->run->args, others, sizeof(others)))
			sentences_add(words, ROLE_WARN, _("%1$s ran with other options: %2$s"), draw_or(o->name, "?"), others);
	}
	const struct rec_point *p = in->run && variant ? recset_point(in->run, variant, workers, (double)NAN) : NULL;
	if (!p || !in->run->ended || !shown(p))
		return;
	for (int k = 0; k < count_of(in); k++) {
		const struct view_overlay *o = &in->overlays[k];
		const struct rec_point *q = o->run ? recset_point(o->run, variant, workers, (double)NAN) : NULL;
		if (!q || !shown(q))
			continue;
		draw_figure(q->speedup.mid, was);
		draw_figure(p->speedup.mid, now);
		int differs = stat_differs(p->speedup, q->speedup);
		sentences_add(words, differs ? ROLE_BOLD : ROLE_PLAIN,
			      differs ? ngettext("%1$s %2$s with %3$d worker, this run %4$s", "%1$s %2$s with %3$d workers, this run %4$s",
						 (unsigned long)workers)
				      : ngettext("%1$s %2$s with %3$d worker, this run %4$s: the intervals overlap, no difference is seen",
						 "%1$s %2$s with %3$d workers, this run %4$s: the intervals overlap, no difference is seen",
						 (unsigned long)workers), draw_or(o->name, "?"), was, workers, now);
	}
}

void view_overlays_commands(struct sentences *words, const struct view_input *in)
{
	for (int k = 0; k < count_of(in); k++) {
		const struct view_overlay *o = &in->overlays[k];
		if (o->run && o->run->command && (!in->run || !draw_same(in->run->command, o->run->command)))
			sentences_add(words, ROLE_DIM, "%.60s: %.200s", draw_or(o->name, "?"), o->run->command);
	}
}
