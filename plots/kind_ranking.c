/* Our kernels beside what people would use instead: how often as long each peer takes, on a logarithmic axis, with intervals. */
#include "plots/plot.h"

#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 30, MATCHES = 256 };

/* A kernel at one size and worker count: ours, and its peers. */
struct match {
	const struct rec_peer *ours, *peer[ROWS];
	int n;
};

struct ranking {
	const struct rec_machine *machine;
	struct match match[MATCHES];
	int n, rows;
};

static bool believable(const struct rec_peer *p)
{
	return !p->why && p->ratio.mid > 1e-4 && p->ratio.mid < 1e6 && !(p->ratio.lo <= 0);
}

static int by_ratio(const void *a, const void *b)
{
	const struct rec_peer *x = *(const struct rec_peer *const *)a, *y = *(const struct rec_peer *const *)b;
	return (x->ratio.mid > y->ratio.mid) - (x->ratio.mid < y->ratio.mid);
}

static bool same_machine(const struct recset *set, const struct rec_peer *p, const struct rec_machine *machine)
{
	return machine && p->machine >= 0 && (size_t)p->machine < set->machines.n &&
		   plot_same(set->machines.v[p->machine].fingerprint, machine->fingerprint);
}

/* Where a comparison was made again, the later one stands. */
static struct match *place(struct ranking *r, const struct rec_peer *ours)
{
	for (int i = 0; i < r->n; i++)
		if (plot_same(r->match[i].ours->kernel, ours->kernel) && plot_same(r->match[i].ours->work, ours->work) &&
			r->match[i].ours->workers == ours->workers)
			return &r->match[i];
	return r->n < MATCHES ? &r->match[r->n++] : NULL;
}

static void collect(struct ranking *r, const struct recset *set)
{
	struct match *m = NULL;
	for (size_t i = 0; i < set->peers.n; i++) {
		const struct rec_peer *p = &set->peers.v[i];
		if (!same_machine(set, p, r->machine))
			continue;
		if (p->ours && (m = place(r, p)))
			*m = (struct match){.ours = p};
		else if (!p->ours && m && m->n < ROWS && believable(p))
			m->peer[m->n++] = p;
	}
	for (int i = 0; i < r->n; i++)
		qsort(r->match[i].peer, (size_t)r->match[i].n, sizeof *r->match[i].peer, by_ratio);
}

/* As many of the fastest peers of every match as there is room for: the fastest first of all. */
static void choose(struct ranking *r)
{
	int each = 0, rows = 0;
	for (int want = 1; want <= ROWS; want++) {
		int total = 0;
		for (int i = 0; i < r->n; i++)
			total += r->match[i].n < want ? r->match[i].n : want;
		if (total > ROWS && each)
			break;
		each = want;
		rows = total;
	}
	r->rows = rows < ROWS ? rows : ROWS;
	for (int i = 0, left = r->rows; i < r->n; i++) {
		struct match *m = &r->match[i];
		m->n = m->n < each ? m->n : each;
		m->n = m->n < left ? m->n : left;
		left -= m->n;
	}
}

static void put_rows(struct figure *f, const struct ranking *r, double *low, double *high)
{
	int row = r->rows, width = 8;
	fputs("row,ratio,low,high,look,hollow,kernel,work,workers,peer,library\n", f->csv);
	fprintf(f->gp, "array ROW[%d]\n", r->rows);
	for (int i = 0; i < r->n; i++)
		for (int k = 0; k < r->match[i].n; k++, row--) {
			const struct rec_peer *ours = r->match[i].ours, *p = r->match[i].peer[k];
			char words[200], cut[200];
			bool hollow = p->busy || p->once;
			int look = 1;
			while (look < 7 && 1 << (look - 1) < p->workers)
				look++;
			fprintf(f->csv, "%d", row);
			plot_csv_number(f->csv, p->ratio.mid);
			plot_csv_number(f->csv, isfinite(p->ratio.lo) ? p->ratio.lo : p->ratio.mid);
			plot_csv_number(f->csv, isfinite(p->ratio.hi) ? p->ratio.hi : p->ratio.mid);
			fprintf(f->csv, ",%d,%d", look, hollow);
			plot_csv_text(f->csv, p->kernel);
			plot_csv_text(f->csv, ours->work);
			fprintf(f->csv, ",%d", p->workers);
			plot_csv_text(f->csv, p->who);
			plot_csv_text(f->csv, p->library);
			putc('\n', f->csv);
			if (k)
				snprintf(words, sizeof words, "%s", p->who);
			else
				snprintf(words, sizeof words, "%.30s, %.48s: %s", p->kernel, ours->work ? ours->work : "", p->who);
			plot_cut(words, 62, cut, sizeof cut);
			fprintf(f->gp, "ROW[%d] = ", row);
			plot_string(f->gp, cut);
			putc('\n', f->gp);
			width = (int)strlen(cut) > width ? (int)strlen(cut) : width;
			*low = fmin(*low, isfinite(p->ratio.lo) ? p->ratio.lo : p->ratio.mid);
			*high = fmax(*high, isfinite(p->ratio.hi) ? p->ratio.hi : p->ratio.mid);
		}
	plot_set_number(f, "LANE_WIDTH", (width < 44 ? width : 44) + 2);
}

/* The worker counts that occur, for the legend. */
static void put_legend(struct figure *f, const struct ranking *r)
{
	bool there[8] = {false};
	int workers[8] = {0};
	char words[64];
	for (int i = 0; i < r->n; i++) {
		int w = r->match[i].ours->workers, look = 1;
		while (look < 7 && 1 << (look - 1) < w)
			look++;
		there[look] = there[look] || r->match[i].n;
		workers[look] = w;
	}
	int rows = 0;
	for (int look = 1; look <= 7; look++)
		rows += there[look];
	plot_legend_rows(f, rows);
	fputs("array LOOK[7] = [1, 2, 3, 4, 5, 6, 7]\narray NAME[7]\nLOOKS = '", f->gp);
	for (int look = 1, n = 0; look <= 7; look++)
		if (there[look])
			fprintf(f->gp, "%s%d", n++ ? " " : "", look);
	fputs("'\n", f->gp);
	for (int look = 1; look <= 7; look++)
		plot_set_item(f, "NAME", look, plot_workers(workers[look], words, sizeof words));
}

static bool make(struct figure *f)
{
	struct ranking *r = calloc(1, sizeof *r);
	double low = 1, high = 1;
	if (!r)
		return plot_fail(f, _("no memory"));
	r->machine = f->machine;
	collect(r, f->records->set);
	choose(r);
	if (r->rows) {
		char when[64];
		plot_words(f, _("Our kernels beside what people would use instead"),
				   _("How many times as long the peer takes; left of 1 ours is the slower. Bars: intervals (95 %) over rounds in which both ran; "
				     "hollow: one run, or a busy machine."));
		snprintf(when, sizeof when, "%s$ lockstep peers", plot_when(f->machine));
		plot_foot(f, when);
		plot_set(f, "XLABEL", "%s", _("time of the peer / time of ours"));
		put_rows(f, r, &low, &high);
		put_legend(f, r);
		plot_set_number(f, "ROWS", r->rows);
		plot_set_number(f, "XMIN", low / 1.3);
		plot_set_number(f, "XMAX", high * 1.3);
	}
	bool made = r->rows > 0;
	free(r);
	return made || plot_fail(f, _("no comparison with peers is recorded (lockstep peers makes them)"));
}

const struct plot_kind plot_ranking = {
	.name = "ranking", .about = N_("ours beside what people would use instead, with intervals"), .machine = true, .peers = true, .make = make};
