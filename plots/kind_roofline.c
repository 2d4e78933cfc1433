/* The roofline of a machine with all kernels under it that have a work model (Williams, Waterman and Patterson 2009).
 */
#include "plots/plot.h"

#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SPOTS = 64, KERNELS = 7 };
#define LABEL_APART 0.034 /* of the height, between two names */
#define LABEL_WIDTH 0.2	  /* of the width: points further apart have names that do not meet */

struct spot {
	const char *kernel, *variant;
	double intensity, rate, label; /* label: height of its name */
	int workers;
	bool hollow, single; /* single: computes with 4-byte floats */
};

struct roof {
	struct figure *f;
	struct spot spot[SPOTS];
	int n;
	const struct rec_ceiling *one, *most;
	double x_min, x_max, y_min, y_max;
};

static const struct rec_machine *machine_of(const struct recset *set, const struct rec_run *run)
{
	return run->machine >= 0 && (size_t)run->machine < set->machines.n ? &set->machines.v[run->machine] : NULL;
}

static bool believable(const struct rec_ceiling *c)
{
	return c->workers > 0 && c->flops_per_second.mid > 0 && c->flops_per_second.mid < 1e18 &&
		   c->bytes_per_second.mid > 0 && c->bytes_per_second.mid < 1e18;
}

/* The ceilings of the latest session on this machine that has them. */
static void find_ceilings(struct roof *r)
{
	const struct recset *set = r->f->records->set;
	for (size_t m = 0; m < set->machines.n; m++) {
		const struct rec_machine *machine = &set->machines.v[m];
		if (!plot_same(machine->fingerprint, r->f->machine->fingerprint) || !machine->ceilings.n)
			continue;
		const struct rec_ceiling *one = NULL, *most = NULL;
		for (size_t i = 0; i < machine->ceilings.n; i++) {
			const struct rec_ceiling *c = &machine->ceilings.v[i];
			if (!believable(c))
				continue;
			one = c->workers == 1 ? c : one;
			most = !most || c->workers > most->workers ? c : most;
		}
		r->one = most ? one : r->one;
		r->most = most ? most : r->most;
	}
}

/* Each variant once, where it has most workers with cores of their own; a later run of the same kernel replaces it. */
static void add_spot(struct roof *r, const struct rec_run *run, const char *variant)
{
	const struct rec_point *p = plot_most(run, variant, plot_best_at(run, variant));
	int i = 0;
	if (!p || !p->right || p->oversubscribed || plot_on_device(run, variant) || !(p->flops_per_second > 0 && p->flops_per_second < 1e18) ||
		!(p->bytes_per_second > 0 && p->bytes_per_second < 1e18) || !run->kernel)
		return;
	while (i < r->n && !(plot_same(r->spot[i].kernel, run->kernel) && plot_same(r->spot[i].variant, variant)))
		i++;
	if (i == SPOTS)
		return;
	r->n += i == r->n;
	r->spot[i] = (struct spot){.kernel = run->kernel,
							   .variant = variant,
							   .intensity = p->flops_per_second / p->bytes_per_second,
							   .rate = 1e-9 * p->flops_per_second,
							   .workers = p->workers,
							   .hollow = p->busy || !p->final,
							   .single = run->single};
}

static int by_place(const void *a, const void *b)
{
	const struct spot *x = a, *y = b;
	int k = strcmp(x->kernel, y->kernel);
	return k ? k : (x->rate > y->rate) - (x->rate < y->rate);
}

static double peak(const struct rec_ceiling *c, bool single)
{
	return 1e-9 * (single ? c->f32_flops_per_second.mid : c->flops_per_second.mid);
}
static double bandwidth(const struct rec_ceiling *c)
{
	return 1e-9 * c->bytes_per_second.mid;
}

/* Is there a kernel of 4-byte floats, and their roof known? */
static bool floats_roof(const struct roof *r)
{
	bool there = false;
	for (int i = 0; i < r->n; i++)
		there |= r->spot[i].single;
	return there && peak(r->most, true) > 0 && peak(r->most, true) < 1e9;
}

static void scale(struct roof *r)
{
	double ridge = peak(r->most, false) / bandwidth(r->most);
	r->x_min = ridge / 16;
	r->x_max = ridge * 16;
	r->y_max = fmax(peak(r->most, false), floats_roof(r) ? peak(r->most, true) : 0) * 2;
	double least = r->y_max / 64;
	for (int i = 0; i < r->n; i++) {
		r->x_min = fmin(r->x_min, r->spot[i].intensity / 2);
		r->x_max = fmax(r->x_max, r->spot[i].intensity * 4);
		least = fmin(least, r->spot[i].rate / 2);
		r->y_max = fmax(r->y_max, r->spot[i].rate * 2);
	}
	r->y_min = least;
}

static int by_rate(const void *a, const void *b)
{
	const struct spot *x = *(struct spot *const *)a, *y = *(struct spot *const *)b;
	return (x->rate > y->rate) - (x->rate < y->rate);
}

/* Names side by side are moved as little as keeps them `apart`: least squares under an order (pool adjacent violators).
 */
static void spread(struct spot **column, int n, double apart)
{
	double mean[SPOTS];
	int size[SPOTS], blocks = 0;
	for (int i = 0; i < n; i++) {
		mean[blocks] = log10(column[i]->rate) - i * apart;
		size[blocks++] = 1;
		for (; blocks > 1 && mean[blocks - 2] > mean[blocks - 1]; blocks--) {
			int all = size[blocks - 2] + size[blocks - 1];
			mean[blocks - 2] = (mean[blocks - 2] * size[blocks - 2] + mean[blocks - 1] * size[blocks - 1]) / all;
			size[blocks - 2] = all;
		}
	}
	for (int b = 0, i = 0; b < blocks; b++)
		for (int k = 0; k < size[b]; k++, i++)
			column[i]->label = mean[b] + i * apart;
}

static void place_labels(struct roof *r)
{
	double apart = (r->f->paper && r->f->columns < 86 ? 2 : 1) * LABEL_APART * log10(r->y_max / r->y_min), near = LABEL_WIDTH * log10(r->x_max / r->x_min);
	bool placed[SPOTS] = {false};
	for (int i = 0; i < r->n; i++) {
		struct spot *column[SPOTS];
		int n = 0;
		for (int k = i; k < r->n && !placed[i]; k++)
			if (!placed[k] && fabs(log10(r->spot[k].intensity / r->spot[i].intensity)) < near)
				column[n++] = &r->spot[k];
		for (int k = 0; k < n; k++)
			placed[column[k] - r->spot] = true;
		qsort(column, (size_t)n, sizeof *column, by_rate);
		spread(column, n, apart);
	}
}

static void add_roof(struct plot_series *s, const struct roof *r, const struct rec_ceiling *c, bool single, const char *role)
{
	char legend[128], workers[64];
	double top = peak(c, single), ridge = top / bandwidth(c), from = fmax(r->x_min, r->y_min / bandwidth(c));
	plot_workers(c->workers, workers, sizeof workers);
	if (single)
		snprintf(legend, sizeof legend, _("%s, floats: %.3g Gflop/s"), workers, top);
	else
		snprintf(legend, sizeof legend, "%s: %.3g Gflop/s, %.3g GB/s", workers, top, bandwidth(c));
	int id = plot_series_add(s, role, 0, legend);
	plot_series_row(s, id, "memory ceiling", from, (struct estimate){from * bandwidth(c), NAN, NAN});
	plot_series_row(s, id, "ridge", ridge, (struct estimate){top, NAN, NAN});
	plot_series_row(s, id, "arithmetic ceiling", r->x_max, (struct estimate){top, NAN, NAN});
}

static void add_spots(struct plot_series *s, const struct roof *r)
{
	int kernels = 0;
	for (int i = 0; i < r->n && kernels < KERNELS; kernels++) {
		const char *kernel = r->spot[i].kernel;
		int end = i, id[2] = {0}, count[2] = {0};
		char what[128], legend[96], name[64];
		for (; end < r->n && !strcmp(r->spot[end].kernel, kernel); end++)
			count[r->spot[end].hollow]++;
		plot_cut(kernel, 24, name, sizeof name);
		snprintf(legend, sizeof legend, _("%s: no verdict"), name);
		if (count[0])
			id[0] = plot_series_add(s, "KERNEL", kernels + 1, name);
		if (count[1])
			id[1] = plot_series_add(s, "KERNEL_HOLLOW", kernels + 1, legend);
		for (; i < end; i++) {
			const struct spot *p = &r->spot[i];
			snprintf(what, sizeof what, "%.40s %.40s, %d workers", p->kernel, p->variant, p->workers);
			plot_series_row(s, id[p->hollow], what, p->intensity, (struct estimate){p->rate, NAN, NAN});
		}
	}
}

static void put_labels(struct figure *f, const struct roof *r)
{
	fprintf(f->gp, "array POINT_TEXT[%d]\narray POINT_X[%d]\narray POINT_Y[%d]\n", r->n, r->n, r->n);
	for (int i = 0; i < r->n; i++) {
		char text[96], name[64];
		snprintf(text, sizeof text, "%s (%d)", plot_cut(r->spot[i].variant, 24, name, sizeof name), r->spot[i].workers);
		fprintf(f->gp, "POINT_TEXT[%d] = ", i + 1);
		plot_string(f->gp, text);
		fprintf(f->gp, "\nPOINT_X[%d] = %.6g\nPOINT_Y[%d] = %.6g\n", i + 1, r->spot[i].intensity, i + 1,
				pow(10, r->spot[i].label));
	}
}

static double roof_of(const struct roof *r, const struct spot *p)
{
	double top = peak(r->most, p->single), by_memory = bandwidth(r->most) * p->intensity;
	return top > 0 ? fmin(top, by_memory) : NAN;
}

/* How near to its roof the fastest of all is, in a sentence. */
static void put_words(const struct roof *r)
{
	const struct spot *best = NULL;
	double share = 0;
	char subtitle[256] = "", name[64], variant[64];
	for (int i = 0; i < r->n; i++) {
		double roof = roof_of(r, &r->spot[i]);
		if (!r->spot[i].hollow && r->spot[i].workers == r->most->workers && r->spot[i].rate / roof > share) {
			share = r->spot[i].rate / roof;
			best = &r->spot[i];
		}
	}
	if (best && share > 1.05)
		snprintf(subtitle, sizeof subtitle, "%s", _("The roofs are too low: they were measured on a busy machine. In brackets: workers."));
	else if (best)
		snprintf(subtitle, sizeof subtitle,
				 _("Nearest to its roof: %s %s, %.0f %% of what %s allows. In brackets: workers."),
				 plot_cut(best->kernel, 24, name, sizeof name), plot_cut(best->variant, 24, variant, sizeof variant),
				 100 * share, bandwidth(r->most) * best->intensity < peak(r->most, best->single) ? _("memory") : _("arithmetic"));
	else
		snprintf(subtitle, sizeof subtitle, "%s", _("Hollow: too few quiet rounds, no verdict. In brackets: workers."));
	plot_words(r->f, _("Roofline: kernels under the ceilings of this machine"), subtitle);
	char *foot = xasprintf("%s%s", plot_when(r->f->machine),
						   _("bytes: the least a run must read and write, by the kernel's model; ceilings by the kernels fma and "
							 "stream (24 bytes a triad)"));
	plot_foot(r->f, foot);
	free(foot);
	plot_set(r->f, "XLABEL", "%s", _("arithmetic intensity (flops for each byte moved)"));
	plot_set(r->f, "YLABEL", "%s", _("rate (Gflop/s)"));
}

static bool draw(struct roof *r)
{
	static const char *const roles[] = {"ROOF", "ROOF_F32", "ROOF_ONE", "KERNEL", "KERNEL_HOLLOW", NULL};
	const struct recset *set = r->f->records->set;
	struct plot_series s;

	find_ceilings(r);
	if (!r->most)
		return plot_fail(r->f, _("the ceilings of this machine are not recorded"));
	for (size_t i = 0; i < set->runs.n; i++) {
		const struct rec_machine *machine = machine_of(set, &set->runs.v[i]);
		for (int v = 0;
			 machine && plot_same(machine->fingerprint, r->f->machine->fingerprint) && v < set->runs.v[i].variant_count;
			 v++)
			add_spot(r, &set->runs.v[i], set->runs.v[i].variants[v].name);
	}
	if (!r->n)
		return plot_fail(r->f, _("no kernel here has known flops and bytes"));
	qsort(r->spot, (size_t)r->n, sizeof *r->spot, by_place);
	scale(r);
	place_labels(r);
	put_words(r);
	plot_series_open(&s, r->f, roles, "flops_per_byte", "gflops_per_second");
	add_roof(&s, r, r->most, false, "ROOF");
	if (floats_roof(r))
		add_roof(&s, r, r->most, true, "ROOF_F32");
	if (r->one && r->one != r->most)
		add_roof(&s, r, r->one, false, "ROOF_ONE");
	add_spots(&s, r);
	plot_series_close(&s);
	put_labels(r->f, r);
	plot_set_number(r->f, "XMIN", r->x_min);
	plot_set_number(r->f, "XMAX", r->x_max);
	plot_set_number(r->f, "YMIN", r->y_min);
	plot_set_number(r->f, "YMAX", r->y_max);
	return true;
}

static bool make(struct figure *f)
{
	struct roof *r = xcalloc(1, sizeof *r);
	r->f = f;
	bool made = draw(r);
	free(r);
	return made;
}

const struct plot_kind plot_roofline = {
	.name = "roofline", .about = N_("kernels under the ceilings of memory and arithmetic"), .machine = true, .make = make};
