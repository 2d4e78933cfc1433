/* Spans thinned out to what a chart can show, extremes kept. */
#include "kernels/bench/recset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"

struct place {
	const struct rec_span *s;
	double end; /* of its configuration: the width of the chart */
	double bin;
	size_t row;
};

static int by_number(double x, double y)
{
	return isnan(x) || isnan(y) ? isnan(x) - isnan(y) : (x > y) - (x < y);
}

static int by_configuration(const struct rec_span *a, const struct rec_span *b)
{
	if (a->variant != b->variant) /* rows share the names of their run */
		return a->variant < b->variant ? -1 : 1;
	return a->workers != b->workers ? by_number(a->workers, b->workers) : by_number(a->at, b->at);
}

static int by_lane(const struct rec_span *a, const struct rec_span *b)
{
	int order = by_configuration(a, b);
	if (order)
		return order;
	return a->worker != b->worker ? by_number(a->worker, b->worker) : strcmp(a->kind, b->kind);
}

static int by_begin(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = by_lane(x->s, y->s);
	order = order ? order : by_number(x->s->begin, y->s->begin);
	return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* Ends of the configurations: they lie side by side. */
static void measure(struct place *p, size_t n)
{
	for (size_t i = 0, first = 0; i < n; i++) {
		p[i].end = i > first && p[i - 1].end > p[i].s->end ? p[i - 1].end : p[i].s->end;
		if (i + 1 < n && !by_configuration(p[i].s, p[i + 1].s))
			continue;
		for (size_t k = first; k < i; k++)
			p[k].end = p[i].end;
		first = i + 1;
	}
}

size_t rec_span_thin(struct rec_span *v, size_t n, int bins)
{
	struct place *p = xcalloc(n ? n : 1, sizeof *p);
	bool *keep = xcalloc(n ? n : 1, sizeof *keep);
	size_t left = 0;
	for (size_t i = 0; i < n; i++)
		p[i] = (struct place){.s = &v[i], .row = i};
	qsort(p, n, sizeof *p, by_begin);
	measure(p, n);
	for (size_t i = 0, first = 0, longest = 0, last = 0; i < n; i++) {
		double width = p[i].end / bins, length = p[i].s->end - p[i].s->begin;
		bool fresh = !i || by_lane(p[i - 1].s, p[i].s), over = i + 1 == n || by_lane(p[i].s, p[i + 1].s);
		p[i].bin = width > 0 ? floor(p[i].s->begin / width) : 0;
		if (fresh || p[i].s->end > p[last].s->end)
			last = i;
		if (fresh || p[i].bin != p[longest].bin)
			first = longest = i; /* of its column */
		else if (length > p[longest].s->end - p[longest].s->begin)
			longest = i;
		keep[p[i].row] |= fresh || length >= width;
		if (over)
			keep[p[last].row] = true;
		if (!over && floor(width > 0 ? p[i + 1].s->begin / width : 0) == p[i].bin)
			continue;
		keep[p[longest].row] = true;
		for (size_t k = first; k <= i; k++) /* sums stay */
			if (!keep[p[k].row])
				v[p[longest].row].more += p[k].s->end - p[k].s->begin + p[k].s->more;
	}
	for (size_t i = 0; i < n; i++)
		if (keep[i])
			v[left++] = v[i];
	free(p);
	free(keep);
	return left;
}
