/* What the laws say about a variant: serial share predicted and fitted, what a larger machine could give, the roofline. */
#include "kernels/bench/fit.h"
#include "kernels/bench/text_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"

static bool apart(struct estimate a, struct estimate b) { return a.lo > b.hi || a.hi < b.lo; }

/* predicted 9.8 %, fitted 10.3 % [9.6–11.0]: they agree */
static void put_serial_share(const struct page *page, const struct rec_run *run, const struct rec_point *p)
{
	const struct rec_fit *predicted = recset_fit(run, p->variant, "amdahl", "predicted", p->at);
	const struct rec_fit *fitted = recset_fit(run, p->variant, "amdahl", "fitted", p->at);
	const struct rec_fit *weak = recset_fit(run, p->variant, "gustafson", NULL, p->at);
	char a[64] = "", b[64] = "", text[400];
	const char *verdict = "";

	if (predicted && isnan(predicted->serial.mid))
		predicted = NULL;
	if (fitted && isnan(fitted->serial.mid))
		fitted = NULL;
	if (predicted && fitted) {
		enum agreement agreement = fit_agreement(predicted->serial, fitted->serial);
		verdict = agreement == FIT_MORE && p->bandwidth_ceiling < 0.9 * p->capacity.mid
				  ? ": the difference is waiting for memory, not serial code"
				  : fit_agreement_words(agreement);
	}
	if (predicted || fitted) {
		snprintf(text, sizeof text, "%s%s%s%s%s%s", predicted ? "predicted " : "",
			 predicted ? text_percents(predicted->serial, a, sizeof a) : "", predicted && fitted ? ", " : "",
			 fitted ? "fitted " : "", fitted ? text_percents(fitted->serial, b, sizeof b) : "", verdict);
		page_paragraph(page, INK_PLAIN, "  serial share", TEXT_LABEL + 2, text);
	}
	if (weak && !isnan(weak->serial.mid)) {
		snprintf(text, sizeof text, "serial share of the growing work %s", text_percents(weak->serial, a, sizeof a));
		page_paragraph(page, INK_PLAIN, "  Gustafson", TEXT_LABEL + 2, text);
	}
}

/* The fraction found at each worker count; one alone is the fitted share again. */
static void put_karp_flatt(const struct page *page, const struct rec_run *run, const struct rec_point *chosen)
{
	const struct rec_point **list;
	size_t n = text_points(run, chosen->variant, &list), shown = 0, used = 0, steps = 0;
	char text[400] = "";

	for (size_t i = 0; i < n; i++)
		steps += !isnan(list[i]->karp_flatt.mid) && !list[i]->oversubscribed;
	size_t every = steps > 6 ? (steps + 4) / 5 : 1; /* at most about six of many */
	for (size_t i = 0, seen = 0; i < n && used < sizeof text - 40; i++) {
		const struct rec_point *p = list[i];
		bool same_at = p->at == chosen->at || (isnan(p->at) && isnan(chosen->at));
		if (isnan(p->karp_flatt.mid) || p->oversubscribed || !same_at)
			continue;
		seen++;
		if ((seen - 1) % every && seen != steps)
			continue;
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%.1f %% at %d", shown++ ? ", " : "",
					 100 * p->karp_flatt.mid, p->workers);
	}
	free(list);
	if (shown > 1)
		page_paragraph(page, INK_PLAIN, "  Karp–Flatt", TEXT_LABEL + 2, text);
}

static void put_usl(const struct page *page, const struct rec_run *run, const struct rec_point *p)
{
	const struct rec_fit *usl = recset_fit(run, p->variant, "usl", NULL, p->at);
	char a[64], b[64], text[300];

	if (!usl || !usl->identifiable)
		return;
	int n = snprintf(text, sizeof text, "contention %s, coherency %s", text_percents(usl->a, a, sizeof a),
			 text_percents(usl->b, b, sizeof b));
	if (!isnan(usl->peak) && n > 0 && (size_t)n < sizeof text)
		snprintf(text + n, sizeof text - (size_t)n, "; fastest with %.0f workers", usl->peak);
	page_paragraph(page, INK_PLAIN, "  USL", TEXT_LABEL + 2, text);
}

static void put_projection(const struct page *page, const struct rec_run *run, const struct rec_point *p)
{
	const struct rec_fit *f = recset_fit(run, p->variant, "projection", NULL, p->at);
	char work[32], span[32], limit[32], text[300];

	if (!f || !(f->work_seconds > 0) || !(f->span_seconds > 0) || !f->curve_count)
		return;
	const struct rec_curve_point *last = &f->curve[f->curve_count - 1];
	if (!(last->p > run->usable))
		return;
	snprintf(text, sizeof text, "on %.0f such cores %s times as fast as the best serial: the busiest of %.0f workers needs %s of the %s",
		 last->p, text_ratio(last->s.mid, limit, sizeof limit), last->p,
		 util_seconds(f->span_seconds, true, span, sizeof span), util_seconds(f->work_seconds, true, work, sizeof work));
	page_paragraph(page, INK_PLAIN, "  projected", TEXT_LABEL + 2, text);
}

/* "openmp with 16: …" is about that variant. Returns what follows the name, NULL when it is about something else. */
static const char *about_variant(const struct rec_say *say, const char *variant)
{
	size_t n = strlen(variant);
	if (strncmp(say->text, variant, n))
		return NULL;
	const char *rest = say->text + n;
	return *rest == ':' ? rest + 1 + strspn(rest + 1, " ") : !strncmp(rest, " with ", 6) ? rest + 1 : NULL;
}

static void put_roofline(const struct page *page, const struct recset *set, const struct rec_run *run, const struct rec_point *p)
{
	const struct rec_ceiling *c = recset_ceiling(set, run, p->workers);
	char a[32], b[32], text[300];
	bool said = false;

	for (size_t i = 0; i < run->says.n; i++) {
		const struct rec_say *say = &run->says.v[i];
		const char *rest = say->about && !strcmp(say->about, "roofline") ? about_variant(say, p->variant) : NULL;
		if (rest) {
			page_paragraph(page, INK_PLAIN, "  roofline", TEXT_LABEL + 2, rest);
			said = true;
		}
	}
	double roof = c ? recset_peak(c, run) : NAN;
	if (said || isnan(p->flops_per_second) || !(roof > 0))
		return;
	bool memory = p->bytes_per_second > 0 && c->bytes_per_second.mid > 0 &&
		      c->bytes_per_second.mid * p->flops_per_second / p->bytes_per_second < roof;
	if (memory)
		roof = c->bytes_per_second.mid * p->flops_per_second / p->bytes_per_second;
	snprintf(text, sizeof text, "%sflop/s of %sflop/s that %s allows (%.0f %%)", util_si(p->flops_per_second, a, sizeof a),
		 util_si(roof, b, sizeof b), memory ? "memory" : "arithmetic", 100 * p->flops_per_second / roof);
	page_paragraph(page, INK_PLAIN, "  roofline", TEXT_LABEL + 2, text);
}

/* Which values of a swept parameter are the best, and which can't be told from the best. */
static void put_sweep(const struct page *page, const struct rec_run *run, const struct rec_point *best)
{
	const struct rec_point **list;
	size_t n = text_points(run, best->variant, &list), used = 0, others = 0;
	char text[400], ratio[64];

	used = (size_t)snprintf(text, sizeof text, "%.6g (speedup %s with %d)", best->at, text_ratios(best->speedup, ratio, sizeof ratio),
				best->workers);
	for (size_t i = 0; i < n && used < sizeof text - 60; i++)
		if (list[i]->workers == best->workers && list[i] != best && !apart(list[i]->speedup, best->speedup))
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%.6g", others++ ? ", " : "; cannot be told from ",
						 list[i]->at);
	free(list);
	char label[160];
	snprintf(label, sizeof label, "  best %s", run->sweep);
	page_paragraph(page, INK_PLAIN, label, TEXT_LABEL + 2, text);
}

void text_variant(const struct page *page, const struct recset *set, const struct rec_run *run, const struct rec_variant *v)
{
	const struct rec_point *p = text_chosen(run, v->name);

	if (!p || text_judge(run, p) != JUDGED_RIGHT || text_is_serial(run, v))
		return;
	fputc('\n', page->out);
	page_put(page, INK_BOLD, v->name);
	if (v->about && text_columns(v->name) + 2 + text_columns(v->about) <= page->width)
		page_printf(page, INK_DIM, "  %s", v->about);
	fputc('\n', page->out);
	if (v->about && text_columns(v->name) + 2 + text_columns(v->about) > page->width)
		page_paragraph(page, INK_DIM, "", 2, v->about);
	if (!isnan(p->at))
		put_sweep(page, run, p);
	put_serial_share(page, run, p);
	put_karp_flatt(page, run, p);
	put_usl(page, run, p);
	put_projection(page, run, p);
	text_budget(page, recset_budget(run, v->name, p->workers, p->at));
	text_counters(page, run, p);
	put_roofline(page, set, run, p);
}
