/* What a run says in words. */
#include "tui/sentences.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include "kernels/bench/words.h"

void sentences_add(struct sentences *s, enum role role, const char *fmt, ...)
{
	if (s->n == SENTENCES_MAX)
		return;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(s->v[s->n].text, SENTENCE_MAX, fmt, ap);
	va_end(ap);
	s->v[s->n++].role = role;
}

static void add_verdict(struct sentences *s, const struct rec_run *run, const char *variant)
{
	const struct rec_verdict *v = recset_verdict(run, variant);
	if (!v || (v->right && !v->wrong))
		return;
	if (v->wrong && v->right)
		sentences_add(s, ROLE_WARN, _("%s is wrong on purpose, and was not caught this time: %s"), variant, words_of(v->wrong));
	else
		sentences_add(s, ROLE_BAD, v->wrong ? _("WRONG on purpose: %s") : _("WRONG result that should be right: %s"),
			      draw_or(words_of(v->text), _("no details")));
}

/* Variants that are not looked at, but went wrong in this run. */
static void add_other_verdicts(struct sentences *s, const struct rec_run *run, const char *variant)
{
	for (size_t i = 0; i < run->verdicts.n; i++) {
		const struct rec_verdict *v = &run->verdicts.v[i];
		if (!v->right && !draw_same(v->variant, variant))
			sentences_add(s, ROLE_BAD, v->wrong ? _("WRONG on purpose, %s: %s") : _("WRONG, %s: %s"), v->variant,
				      draw_or(words_of(v->text), _("no details")));
	}
}

/* "serial share: predicted 9.8 %, fitted 10.7 % [10.1–11.5]" */
static void add_serial_share(struct sentences *s, const struct rec_run *run, const char *variant, double at)
{
	const struct rec_fit *predicted = recset_fit(run, variant, "amdahl", "predicted", at);
	const struct rec_fit *fitted = recset_fit(run, variant, "amdahl", "fitted", at);
	const struct rec_fit *scaled = recset_fit(run, variant, "gustafson", NULL, at);
	char a[FIGURE_MAX], b[FIGURE_MAX];
	bool has_predicted = predicted && isfinite(predicted->serial.mid), has_fitted = fitted && isfinite(fitted->serial.mid);
	if (has_predicted && has_fitted) {
		struct estimate short_form = {predicted->serial.mid, (double)NAN, (double)NAN};
		sentences_add(s, ROLE_PLAIN, _("serial share: predicted %s, fitted %s"), draw_share(short_form, a),
			      draw_share(fitted->serial, b));
	} else if (has_predicted || has_fitted)
		sentences_add(s, ROLE_PLAIN, has_fitted ? _("serial share: fitted %s") : _("serial share: predicted %s"),
			      draw_share((has_fitted ? fitted : predicted)->serial, a));
	if (scaled && isfinite(scaled->serial.mid))
		sentences_add(s, ROLE_PLAIN, _("serial share of the growing work (Gustafson): %s"), draw_share(scaled->serial, a));
}

static void add_guess(struct sentences *s, const struct view_input *in, const char *variant, double at)
{
	int last = in->guess.count - 1; /* of a curve, its end */
	double workers = last < 0 ? 0 : in->guess.workers[last];
	if (last < 0 || last >= VIEW_GUESS_MAX || !isfinite(in->guess.speedup[last]) || !(workers >= 1 && workers < 1e6))
		return;
	const struct rec_point *p = recset_point(in->run, variant, (int)workers, at);
	char guess[FIGURE_MAX], found[FIGURE_MAX];
	if (p && isfinite(p->speedup.mid))
		sentences_add(s, ROLE_GUESS, ngettext("you said %s at %d worker; measured %s", "you said %s at %d workers; measured %s",
						      (unsigned long)workers), draw_plain(in->guess.speedup[last], guess),
			      (int)workers, draw_estimate(p->speedup, found));
}

static void add_laws(struct sentences *s, const struct rec_run *run, const char *variant, double at)
{
	const struct rec_fit *usl = recset_fit(run, variant, "usl", NULL, at);
	const struct rec_fit *projection = recset_fit(run, variant, "projection", NULL, at);
	char a[FIGURE_MAX], b[FIGURE_MAX], c[FIGURE_MAX];
	if (usl && usl->identifiable && isfinite(usl->peak))
		sentences_add(s, ROLE_PLAIN, _("USL: contention %s, coherency %s, best at %s workers"), draw_figure(usl->a.mid, a),
			      draw_figure(usl->b.mid, b), draw_figure(usl->peak, c));
	const struct rec_curve_point *last = projection && projection->curve_count ? &projection->curve[projection->curve_count - 1] : NULL;
	if (last && last->p > run->usable && projection->span_seconds > 0 && isfinite(projection->work_seconds))
		sentences_add(s, ROLE_DIM, _("projected on %.0f such cores: %s x; the busiest of %.0f workers needs %s of the %s"), last->p,
			      draw_figure(last->s.mid, c), last->p, draw_seconds(projection->span_seconds, false, b), draw_seconds(projection->work_seconds, false, a));
}

void sentences_of_run(struct sentences *s, const struct view_input *in, const char *variant, int workers, double at)
{
	const struct rec_run *run = in->run;
	char text[SENTENCE_MAX];
	if (draw_progress(run, text, sizeof text))
		sentences_add(s, ROLE_BOLD, "%s", text);
	add_verdict(s, run, variant);
	const struct rec_point *p = workers ? recset_point(run, variant, workers, at) : NULL;
	const char *busy = draw_said(run, "busy"), *cannot = draw_said(run, "cannot"), *stopped = draw_said(run, "partial");
	/* A run that was stopped has too few rounds for another reason. */
	if (p && p->once)
		sentences_add(s, ROLE_WARN, "%s", _("One run only, for it is too long for the time: no verdict."));
	else if (busy || (p && p->busy && run->ended && !stopped && !run->partial))
		sentences_add(s, ROLE_WARN, "%s", draw_or(words_of(busy), _("Machine busy: no verdict. Too few rounds were quiet.")));
	if (cannot)
		sentences_add(s, ROLE_WARN, "%s", words_of(cannot));
	if (stopped || run->partial)
		sentences_add(s, ROLE_WARN, "%s", draw_or(words_of(stopped), _("Stopped early: these are the rounds so far.")));
	add_serial_share(s, run, variant, at);
	const struct rec_budget *b = p ? recset_budget(run, variant, workers, at) : NULL;
	if (b && b->sentence && *b->sentence && !busy && !p->busy)
		sentences_add(s, ROLE_PLAIN, "%s", words_of(b->sentence));
	if (run->variant_count || run->points.n)
		add_guess(s, in, variant, at);
	add_other_verdicts(s, run, variant);
	add_laws(s, run, variant, at);
	for (size_t i = 0; i < run->says.n; i++)
		if (draw_same(run->says.v[i].about, "roofline") || draw_same(run->says.v[i].about, "oversubscribed"))
			sentences_add(s, ROLE_DIM, "%s", draw_or(words_of(run->says.v[i].text), ""));
}

int sentences_rows(const struct sentences *s, int cols)
{
	int rows = 0;
	for (int i = 0; i < s->n; i++)
		rows += draw_wrapped_rows(s->v[i].text, cols);
	return rows;
}

void sentences_draw(const struct sentences *s, struct canvas *c, struct rect area)
{
	for (int i = 0, y = 0; i < s->n && y < area.rows; i++) {
		int rows = draw_wrapped_rows(s->v[i].text, area.cols);
		/* A later sentence is shown whole or not at all. */
		if (i && rows > area.rows - y)
			continue;
		y += draw_wrapped(c, area, y, area.rows - y, s->v[i].role, s->v[i].text);
	}
}
