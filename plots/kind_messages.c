/* What a message costs by its length: latency, throughput, and the law of alpha and beta. */
#include "plots/lines.h"

#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 32 };
#define MISFIT 0.5 /* of a point: a law that is farther off tells nothing */

static double arg(const struct rec_run *run, const char *name, double preset)
{
	const json_t *v = json_object_get(run->args, name);
	return json_is_number(v) ? json_number_value(v) : preset;
}

/* Messages that come back: 2 of them in the time of one. */
static bool comes_back(const struct rec_run *run)
{
	return arg(run, "stream", strstr(run->kernel, "ping") ? 0 : 1) == 0;
}

static bool one_way_only(const struct rec_run *run, const char *variant)
{
	return !comes_back(run) || plot_same(variant, "stream");
}

static struct estimate one_way(const struct rec_run *run, const struct rec_point *p)
{
	return lines_times(lines_each(run, p), one_way_only(run, p->variant) ? 1 : 0.5);
}

/* What does not come back has no place beside what does. */
static struct estimate there_and_back(const struct rec_run *run, const struct rec_point *p)
{
	return comes_back(run) && one_way_only(run, p->variant) ? (struct estimate){(double)NAN, (double)NAN, (double)NAN} : lines_each(run, p);
}

static struct estimate rate(const struct rec_run *run, const struct rec_point *p)
{
	struct estimate t = one_way(run, p);
	return (struct estimate){p->at / t.mid, p->at / t.hi, p->at / t.lo};
}

/* ---- messages ----------------------------------------------------------------------------------- */

static bool of_messages(const struct plot_records *records, const struct rec_run *run)
{
	(void)records;
	return plot_same(run->sweep, "bytes") || plot_same(run->sweep, "message") || plot_same(run->sweep, "length");
}

static bool of_round_trips(const struct plot_records *records, const struct rec_run *run)
{
	return of_messages(records, run) && arg(run, "stream", 0) == 0;
}

static bool of_streams(const struct plot_records *records, const struct rec_run *run)
{
	return of_messages(records, run) && arg(run, "stream", 1) != 0;
}

static void put_message_words(struct lines *l, const char *title, bool least)
{
	const struct rec_point *small = lines_best(l, 0, least), *large = lines_best(l, l->values - 1, least);
	char subtitle[400] = "", text[4][48];
	if (l->busy)
		snprintf(subtitle, sizeof subtitle, "%s", _("Too few quiet rounds in some of this: hollow, no verdict."));
	else if (small && large) {
		lines_label(l->x[0], "B", text[0], sizeof text[0]);
		lines_label(l->value(l->f->run, small).mid, l->y_unit, text[1], sizeof text[1]);
		lines_label(l->x[l->values - 1], "B", text[2], sizeof text[2]);
		lines_label(l->value(l->f->run, large).mid, l->y_unit, text[3], sizeof text[3]);
		snprintf(subtitle, sizeof subtitle, _("Best with %s: %.40s, %s. Best with %s: %.40s, %s."), text[0], small->variant, text[1],
				 text[2], large->variant, text[3]);
	}
	plot_words(l->f, title, subtitle);
}

static bool make_latency(struct figure *f)
{
	struct lines l = {.value = there_and_back, .y_unit = "s"};
	char y[128], one[48], title[256], subject[128];
	if (!lines_begin(&l, f, "bytes", "seconds"))
		return false;
	snprintf(title, sizeof title, _("Latency of %s by message size"), plot_subject(f->run, subject, sizeof subject));
	lines_add_all(&l, NULL);
	put_message_words(&l, title, true);
	snprintf(y, sizeof y, comes_back(f->run) ? _("time until a %s is back") : _("time of a %s"), lines_one_of(f->run, one, sizeof one));
	lines_end(&l, _("length of a message"), y, "B");
	return true;
}

static bool make_throughput(struct figure *f)
{
	struct lines l = {.value = rate, .y_unit = "B/s"};
	char title[256], subject[128];
	if (!lines_begin(&l, f, "bytes", "bytes_per_second"))
		return false;
	snprintf(title, sizeof title, _("Throughput of %s by message size"), plot_subject(f->run, subject, sizeof subject));
	lines_add_all(&l, NULL);
	put_message_words(&l, title, false);
	lines_end(&l, _("length of a message"), _("bytes a second that arrive"), "B");
	return true;
}

/* ---- alpha and beta ----------------------------------------------------------------------------- */

struct alphabeta {
	double alpha, beta; /* seconds for a message, for a byte; NaN: not known */
};

/* Least squares of the relative errors: short messages count as much as long ones. */
static struct alphabeta fit_of(const struct lines *l, const char *variant)
{
	double s = 0, sx = 0, sxx = 0, sy = 0, sxy = 0;
	struct alphabeta ab = {(double)NAN, (double)NAN};
	int n = 0;
	for (int i = 0; i < l->values; i++) {
		const struct rec_point *p = lines_point(l, variant, lines_most(l, variant), i);
		if (!p || !p->right)
			continue;
		double t = l->value(l->f->run, p).mid, w = 1 / (t * t), x = l->x[i];
		s += w, sx += w * x, sxx += w * x * x, sy += w * t, sxy += w * x * t;
		n++;
	}
	double d = s * sxx - sx * sx;
	if (n < 3 || !(d > 0))
		return ab;
	ab.beta = (s * sxy - sx * sy) / d;
	ab.alpha = (sy - ab.beta * sx) / s;
	if (ab.beta < 0)
		ab = (struct alphabeta){sy / s, 0};
	if (ab.alpha < 0)
		ab = (struct alphabeta){0, sxy / sxx};
	return ab;
}

/* How far the line is from the points at most, as a share of them. */
static double misfit_of(const struct lines *l, const char *variant, struct alphabeta ab)
{
	double worst = 0;
	for (int i = 0; i < l->values; i++) {
		const struct rec_point *p = lines_point(l, variant, lines_most(l, variant), i);
		if (p && p->right)
			worst = fmax(worst, fabs((ab.alpha + ab.beta * l->x[i]) / l->value(l->f->run, p).mid - 1));
	}
	return worst;
}

static void alphabeta_words(struct alphabeta ab, char *text, size_t size)
{
	char alpha[48], beta[48];
	lines_label(ab.alpha, "s", alpha, sizeof alpha);
	lines_label(1 / ab.beta, "B/s", beta, sizeof beta);
	if (ab.beta > 0)
		snprintf(text, size, "%s + n/%s", alpha, beta);
	else
		snprintf(text, size, "%s", alpha);
}

static char *alphabeta_legend(struct lines *l, const char *variant)
{
	struct alphabeta ab = fit_of(l, variant);
	char words[160], law[120];
	if (isnan(ab.alpha))
		return NULL;
	alphabeta_words(ab, law, sizeof law);
	snprintf(words, sizeof words, "%.16s: %s", variant, law);
	return xasprintf("%s", words);
}

/* Under the points: the curve of each fit. */
static void add_fits(struct lines *l)
{
	const struct rec_run *run = l->f->run;
	double lo = l->x[0], hi = l->x[l->values - 1];
	for (int v = 0; v < run->variant_count; v++) {
		struct alphabeta ab = fit_of(l, run->variants[v].name);
		if (!l->id[v] || isnan(ab.alpha))
			continue;
		int look = l->s.look[l->id[v]];
		bool serial = !strcmp(lines_roles[l->s.role[l->id[v]]], "SERIAL");
		int id = plot_series_add(&l->s, serial ? "FIT_SERIAL" : look ? "FIT" : "FIT_MINE", look, "");
		for (int i = 0; i <= STEPS; i++) {
			double x = lo * pow(hi / lo, (double)i / STEPS);
			plot_series_row(&l->s, id, "alpha + beta n", x, (struct estimate){ab.alpha + ab.beta * x, NAN, NAN});
		}
	}
}

static bool make_alphabeta(struct figure *f)
{
	struct lines l = {.value = one_way, .y_unit = "s", .fitted = true};
	char title[256], subject[128], subtitle[500] = "", alpha[48], half[48], beta[48];
	if (!lines_begin(&l, f, "bytes", "seconds"))
		return false;
	struct alphabeta ab = fit_of(&l, f->variant);
	if (isnan(ab.alpha))
		return plot_fail(f, _("fewer than three lengths of messages were measured"));
	lines_label(ab.alpha, "s", alpha, sizeof alpha);
	lines_label(1 / ab.beta, "B/s", beta, sizeof beta);
	lines_label(round(ab.alpha / ab.beta), "B", half, sizeof half);
	snprintf(title, sizeof title, _("What a message costs in %s: α + β n"), plot_subject(f->run, subject, sizeof subject));
	lines_add_all(&l, alphabeta_legend);
	add_fits(&l);
	double misfit = misfit_of(&l, f->variant, ab);
	if (misfit > MISFIT)
		snprintf(subtitle, sizeof subtitle, _("%.40s: no straight line tells what is measured (off by up to %.0f %%). %s"), f->variant,
				 100 * misfit, l.busy ? _("Hollow: too few quiet rounds.") : "");
	else if (ab.beta > 0 && ab.alpha > 0)
		snprintf(subtitle, sizeof subtitle,
				 _("%.40s: each message costs α = %s, and its bytes pass at 1/β = %s: from %s on the bytes cost more than the message. %s"),
				 f->variant, alpha, beta, half, l.busy ? _("Hollow: too few quiet rounds.") : "");
	plot_words(f, title, subtitle);
	lines_end(&l, _("length of a message"), comes_back(f->run) ? _("time of a message (half a round trip)") : _("time of a message"), "B");
	return true;
}

const struct plot_kind plot_latency = {.name = "latency",
									   .about = N_("how long a message takes by its length"),
									   .script = "lines",
									   .suits = of_round_trips,
									   .make = make_latency};
const struct plot_kind plot_throughput = {.name = "throughput",
										  .about = N_("how many bytes a second arrive, by the length of a message"),
										  .script = "lines",
										  .suits = of_streams,
										  .make = make_throughput};
const struct plot_kind plot_alphabeta = {.name = "alphabeta",
										 .about = N_("latency and bandwidth of messages, fitted (the alpha-beta model)"),
										 .script = "lines",
										 .suits = of_round_trips,
										 .make = make_alphabeta};
