/* Variants as bars. As a ladder: each rung one idea, its rate under the roofs of the machine. On a device: how long it takes with
 * the copies there and back, beside the best of the processor. */
#include "plots/plot.h"

#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = RECSET_VARIANTS_MAX, LOOKS = 6, ROOFS = 3 };
enum look { COPY_IN, COMPUTE, COPY_OUT, OTHER, PROCESSOR, SERIAL };

struct bar {
	const struct rec_point *p;
	bool on_device, apart; /* apart: copies and computing are told */
};

struct bars {
	struct figure *f;
	struct bar v[ROWS];
	int n;
	double most;
	bool look[LOOKS];
};

static bool told_apart(const struct rec_point *p)
{
	return p->copy_in.mid >= 0 && p->compute.mid >= 0 && p->copy_out.mid >= 0;
}

/* The best workers of a variant that is right, with cores of their own where there are any. */
static const struct rec_point *fastest(const struct figure *f, const char *variant)
{
	const struct rec_run *run = f->run;
	const struct rec_point *best = NULL;
	double at = f->at;
	bool there = false;
	for (size_t i = 0; i < run->points.n; i++)
		there |= plot_same(run->points.v[i].variant, variant) && plot_same_at(run->points.v[i].at, at);
	at = there ? at : plot_best_at(run, variant);
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (!plot_shown(p) || !plot_same(p->variant, variant) || !plot_same_at(p->at, at) || !p->right)
			continue;
		if (!best || (best->oversubscribed && !p->oversubscribed) ||
			(best->oversubscribed == p->oversubscribed && p->seconds.mid < best->seconds.mid))
			best = p;
	}
	return best;
}

static void put_part(struct bars *b, int row, enum look look, double from, double to, const char *text)
{
	fprintf(b->f->csv, "%d,%d", b->n - row, (int)look + 1);
	plot_csv_number(b->f->csv, from);
	plot_csv_number(b->f->csv, to);
	plot_csv_text(b->f->csv, *text ? text : "-"); /* gnuplot takes an empty text for none */
	plot_csv_text(b->f->csv, b->v[row].p->variant);
	fprintf(b->f->csv, ",%d,%d\n", b->v[row].p->workers, b->v[row].p->busy);
	b->look[look] = true;
}

static void put_rows(struct bars *b)
{
	int width = 8, n = 0, rows = 0;
	fprintf(b->f->gp, "array ROW[%d]\n", b->n);
	for (int i = 0; i < b->n; i++) {
		const struct rec_point *p = b->v[i].p;
		char name[64], count[64], words[160], cut[200];
		plot_variant_words(b->f->run, p->variant, name, sizeof name);
		if (p->workers > 1 && !b->v[i].on_device)
			snprintf(words, sizeof words, "%s, %s", name, plot_workers(p->workers, count, sizeof count));
		else
			snprintf(words, sizeof words, "%s", name);
		plot_cut(words, b->f->columns < 86 ? 22 : 34, cut, sizeof cut);
		plot_set_item(b->f, "ROW", b->n - i, cut);
		width = (int)strlen(cut) > width ? (int)strlen(cut) : width;
	}
	plot_set_number(b->f, "LANE_WIDTH", (width < 36 ? width : 36) + 2);
	plot_set_number(b->f, "ROWS", b->n);
	fputs("LOOKS = '", b->f->gp);
	for (int k = 0; k < LOOKS; k++)
		if (b->look[k])
			fprintf(b->f->gp, "%s%d", n++ ? " " : "", k + 1);
	fputs("'\n", b->f->gp);
	rows = n;
	plot_legend_rows(b->f, rows);
	double most = b->most * (b->f->columns < 86 ? 1.5 : 1.3), step = pow(10, floor(log10(most / 2)));
	plot_set_number(b->f, "XMAX", most);
	plot_set_number(b->f, "XSTEP", most / step > 10 ? 5 * step : most / step > 5 ? 2 * step : step);
}

static void put_names(struct figure *f, const char *const *names)
{
	fprintf(f->gp, "array NAME[%d]\n", LOOKS);
	for (int k = 0; k < LOOKS; k++)
		plot_set_item(f, "NAME", k + 1, names[k] ? _(names[k]) : "");
}

/* ---- ladder ------------------------------------------------------------------------------------- */

static double gflops(const struct rec_point *p)
{
	return p->flops_per_second > 0 && p->flops_per_second < 1e18 ? 1e-9 * p->flops_per_second : (double)NAN;
}

/* What the roofs allow to a kernel of this intensity, with so many workers; NaN when not known. memory: which roof it is. */
static double roof_of(const struct figure *f, const struct rec_point *p, int workers, bool *memory)
{
	double peak = (double)NAN, pass = (double)NAN;
	for (size_t m = 0; f->machine && m < f->records->set->machines.n; m++) {
		const struct rec_machine *machine = &f->records->set->machines.v[m];
		for (size_t i = 0; plot_same(machine->fingerprint, f->machine->fingerprint) && i < machine->ceilings.n; i++)
			if (machine->ceilings.v[i].workers == workers) {
				peak = 1e-9 * recset_peak(&machine->ceilings.v[i], f->run);
				pass = 1e-9 * machine->ceilings.v[i].bytes_per_second.mid;
			}
	}
	double by_memory = p->bytes_per_second > 0 ? pass * p->flops_per_second / p->bytes_per_second : (double)NAN;
	*memory = by_memory < peak;
	return *memory ? by_memory : peak;
}

static void put_roofs(struct bars *b)
{
	int n = 0, seen[ROOFS];
	fprintf(b->f->gp, "array ROOF[%d]\narray ROOF_NAME[%d]\n", ROOFS, ROOFS);
	for (int i = 0; i < b->n && n < ROOFS; i++) {
		const struct rec_point *p = b->v[i].p;
		bool memory, again = false;
		double roof = roof_of(b->f, p, p->workers, &memory);
		char words[128], count[64];
		for (int k = 0; k < n; k++)
			again |= seen[k] == p->workers;
		if (again || !(roof > 0 && roof < 1e9))
			continue;
		snprintf(words, sizeof words, memory ? _("roof of memory, %s") : _("roof of arithmetic, %s"),
				 plot_workers(p->workers, count, sizeof count));
		seen[n++] = p->workers;
		plot_set_item(b->f, "ROOF_NAME", n, words);
		fprintf(b->f->gp, "ROOF[%d] = %.6g\n", n, roof);
		b->most = fmax(b->most, roof < 4 * b->most ? roof : 0);
	}
	plot_set_number(b->f, "ROOFS", n);
}

static bool make_ladder(struct figure *f)
{
	static const char *const names[LOOKS] = {[COMPUTE] = N_("with workers"), [SERIAL] = N_("serial")};
	struct bars b = {.f = f};
	const struct rec_point *best = NULL, *first = NULL;
	char title[256], subject[128], subtitle[400] = "", text[160], ratio[32], more[32];
	bool rates = true;
	for (int i = 0; i < f->run->variant_count; i++) {
		const struct rec_point *p = f->run->variants[i].wrong ? NULL : fastest(f, f->run->variants[i].name);
		if (!p)
			continue;
		b.v[b.n++] = (struct bar){.p = p};
		rates &= isfinite(gflops(p));
		first = first ? first : p;
		best = !best || p->seconds.mid < best->seconds.mid ? p : best;
	}
	if (b.n < 2)
		return plot_fail(f, _("fewer than two variants were measured"));
	for (int i = 0; i < b.n; i++)
		b.most = fmax(b.most, rates ? gflops(b.v[i].p) : first->seconds.mid / b.v[i].p->seconds.mid);
	fputs("row,look,from,to,text,variant,workers,busy\n", f->csv);
	for (int i = 0; i < b.n; i++) {
		const struct rec_point *p = b.v[i].p;
		double times = first->seconds.mid / p->seconds.mid, y = rates ? gflops(p) : times;
		if (p == first)
			snprintf(text, sizeof text, "%.3g", y);
		else if (rates)
			snprintf(text, sizeof text, _("%.3g (%s times)"), y, plot_ratio(times, ratio, sizeof ratio));
		else
			snprintf(text, sizeof text, "%s", plot_ratio(times, ratio, sizeof ratio));
		put_part(&b, i, plot_serial(f->run, p->variant) ? SERIAL : COMPUTE, 0, y, text);
	}
	bool memory;
	double roof = rates ? roof_of(f, best, best->workers, &memory) : (double)NAN;
	snprintf(subtitle, sizeof subtitle, _("From %.40s to %.40s: %s times as fast."), first->variant, best->variant,
			 plot_ratio(first->seconds.mid / best->seconds.mid, ratio, sizeof ratio));
	if (roof > 0 && gflops(best) > 1.05 * roof) {
		size_t n = strlen(subtitle);
		snprintf(subtitle + n, sizeof subtitle - n, "%s", _(" The roofs are too low: they were measured on a busy machine."));
	} else if (roof > 0 && !best->busy) {
		snprintf(more, sizeof more, "%.0f", 100 * gflops(best) / roof);
		size_t n = strlen(subtitle);
		snprintf(subtitle + n, sizeof subtitle - n, memory ? _(" That is %s %% of what this machine's memory allows.") : _(" That is %s %% of the peak of this machine's arithmetic."), more);
	}
	for (int i = 0; i < b.n; i++)
		if (b.v[i].p->busy) {
			size_t n = strlen(subtitle);
			snprintf(subtitle + n, sizeof subtitle - n, "%s", _(" Pale: too few quiet rounds, no verdict."));
			break;
		}
	snprintf(title, sizeof title, _("The ladder of %s"), plot_subject(f->run, subject, sizeof subject));
	plot_words(f, title, subtitle);
	put_names(f, names);
	if (rates)
		put_roofs(&b);
	else
		fprintf(f->gp, "array ROOF[1]\narray ROOF_NAME[1]\nROOFS = 0\n");
	put_rows(&b);
	plot_set_number(f, "UNIT", 1);
	if (rates)
		plot_set(f, "XLABEL", "%s", _("rate (Gflop/s)"));
	else
		plot_set(f, "XLABEL", _("times as fast as %s"), first->variant);
	return true;
}

static bool on_device(const struct plot_records *records, const struct rec_run *run)
{
	(void)records;
	for (size_t i = 0; i < run->points.n; i++)
		if (plot_on_device(run, run->points.v[i].variant) || told_apart(&run->points.v[i]))
			return true;
	return false;
}

/* What runs on a device has roofs of its own: it is drawn beside the processor, not under its roofs. */
static bool has_rungs(const struct plot_records *records, const struct rec_run *run)
{
	int rungs = 0;
	for (int i = 0; i < run->variant_count; i++)
		for (size_t k = 0; k < run->points.n; k++)
			if (run->points.v[k].variant == run->variants[i].name && run->points.v[k].right && gflops(&run->points.v[k]) > 0) {
				rungs++;
				break;
			}
	return rungs >= 3 && !on_device(records, run);
}

/* ---- a device ----------------------------------------------------------------------------------- */

/* The processor's best serial and best parallel code, then what ran on a device, in the order of the variants. */
static void collect(struct bars *b)
{
	const struct figure *f = b->f;
	const struct rec_point *best[2] = {NULL, NULL};
	for (int i = 0; i < f->run->variant_count; i++) {
		const char *name = f->run->variants[i].name;
		const struct rec_point *p = fastest(f, name);
		const struct rec_point **side = &best[plot_serial(f->run, name) ? 0 : 1];
		if (p && !plot_on_device(f->run, name) && !told_apart(p) && !f->run->variants[i].wrong &&
			(!*side || p->seconds.mid < (*side)->seconds.mid))
			*side = p;
	}
	for (int k = 0; k < 2; k++)
		if (best[k])
			b->v[b->n++] = (struct bar){.p = best[k]};
	for (int i = 0; i < f->run->variant_count && b->n < ROWS; i++) {
		const struct rec_point *p = fastest(f, f->run->variants[i].name);
		if (p && (told_apart(p) || plot_on_device(f->run, f->run->variants[i].name)) && !f->run->variants[i].wrong)
			b->v[b->n++] = (struct bar){.p = p, .on_device = true, .apart = told_apart(p)};
	}
}

static void put_device(struct bars *b, int row)
{
	const struct rec_point *p = b->v[row].p;
	bool d = b->v[row].apart;
	double total = p->seconds.mid, at = 0, parts[] = {d ? p->copy_in.mid : 0, d ? p->compute.mid : total, d ? p->copy_out.mid : 0};
	char text[48];
	util_seconds(total, true, text, sizeof text);
	for (int k = 0; k < 3; k++) {
		double to = fmin(at + parts[k], total);
		if (to > at)
			put_part(b, row, (enum look)(COPY_IN + k), at, to, "");
		at = fmax(at, to);
	}
	if (d && total - at > 0.002 * total) {
		put_part(b, row, OTHER, at, total, text);
		return;
	}
	put_part(b, row, d && p->copy_out.mid > 0 ? COPY_OUT : COMPUTE, total, total, text);
}

static bool make_gpu(struct figure *f)
{
	static const char *const names[LOOKS] = {N_("copying to the device"),  N_("computing on the device"), N_("copying back"),
											 N_("else: starting, waiting"), N_("processor, with workers"), N_("processor, serial")};
	struct bars b = {.f = f};
	const struct bar *cpu = NULL, *gpu = NULL;
	char title[256], subject[128], subtitle[400] = "", text[48], a[32], c[32];
	const char *unit_name;
	bool busy = false;
	collect(&b);
	for (int i = 0; i < b.n; i++) {
		const struct bar **side = b.v[i].on_device ? &gpu : &cpu;
		if (!*side || b.v[i].p->seconds.mid < (*side)->p->seconds.mid)
			*side = &b.v[i];
		b.most = fmax(b.most, b.v[i].p->seconds.mid);
		busy |= b.v[i].p->busy;
	}
	if (!gpu)
		return plot_fail(f, _("nothing was measured on a device"));
	fputs("row,look,from,to,text,variant,workers,busy\n", f->csv);
	for (int i = 0; i < b.n; i++)
		if (b.v[i].on_device)
			put_device(&b, i);
		else
			put_part(&b, i, plot_serial(f->run, b.v[i].p->variant) ? SERIAL : PROCESSOR, 0, b.v[i].p->seconds.mid,
					 util_seconds(b.v[i].p->seconds.mid, true, text, sizeof text));
	if (busy)
		snprintf(subtitle, sizeof subtitle, "%s", _("Pale: too few quiet rounds, no verdict."));
	else if (cpu && gpu->apart && gpu->p->compute.mid > 0)
		snprintf(subtitle, sizeof subtitle, _("With the copies counted %.40s is %s times as fast as %.40s, without them %s times."),
				 gpu->p->variant, plot_ratio(cpu->p->seconds.mid / gpu->p->seconds.mid, a, sizeof a), cpu->p->variant,
				 plot_ratio(cpu->p->seconds.mid / gpu->p->compute.mid, c, sizeof c));
	else if (cpu)
		snprintf(subtitle, sizeof subtitle, _("%.40s is %s times as fast as %.40s."), gpu->p->variant,
				 plot_ratio(cpu->p->seconds.mid / gpu->p->seconds.mid, a, sizeof a), cpu->p->variant);
	snprintf(title, sizeof title, _("%s on a device, and on the processor"), plot_subject(f->run, subject, sizeof subject));
	plot_words(f, title, subtitle);
	put_names(f, names);
	fprintf(f->gp, "array ROOF[1]\narray ROOF_NAME[1]\nROOFS = 0\n");
	double unit = plot_unit(b.most, &unit_name);
	b.most /= unit;
	put_rows(&b);
	plot_set_number(f, "UNIT", unit);
	plot_set(f, "XLABEL", _("wall time of one run (%s)"), unit_name);
	return true;
}

const struct plot_kind plot_ladder = {
	.name = "ladder", .about = N_("variants as rungs of a ladder, under the roofs of the machine"), .suits = has_rungs, .make = make_ladder};
const struct plot_kind plot_gpu = {.name = "gpu",
								   .about = N_("variants on a device with their copies, beside the processor's best"),
								   .script = "ladder",
								   .suits = on_device,
								   .make = make_gpu};
