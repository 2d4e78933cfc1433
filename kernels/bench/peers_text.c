/* The comparison as one table: for each kernel and worker count our best variant with its share of the machine's limit, then every peer,
 * fastest first, with how much longer it takes. */
#include "kernels/bench/peers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/text_private.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

enum { WHO = 27, TIME = 18, RATIO = 19, LEFT = 3 };

static bool same_work(const struct rec_peer *a, const struct rec_peer *b)
{
	return a->work && b->work && !strcmp(a->kernel, b->kernel) && !strcmp(a->work, b->work);
}

/* Those left out last; of the others the fastest first. */
static int by_time(const void *a, const void *b)
{
	const struct rec_peer *x = *(const struct rec_peer *const *)a, *y = *(const struct rec_peer *const *)b;
	if (!x->why != !y->why)
		return x->why ? 1 : -1;
	return (x->seconds.mid > y->seconds.mid) - (x->seconds.mid < y->seconds.mid);
}

/* Green: faster for certain, red: slower for certain. */
static enum ink ink_of(struct estimate ratio)
{
	return ratio.lo > 1 ? INK_GOOD : ratio.hi < 1 ? INK_BAD : INK_PLAIN;
}

static void put_ours(const struct page *page, const struct rec_peer *p)
{
	char text[256], figure[64];
	snprintf(text, sizeof text, _("ours: %s"), p->who);
	page_cell(page, INK_BOLD, text, WHO, false);
	page_cell(page, INK_PLAIN, text_time(p->seconds, figure, sizeof figure), TIME, true);
	if (p->limit && isfinite(p->share.mid)) {
		const char *what = !strcmp(p->limit, "memory") ? _("of the bandwidth") : _("of the FMA peak");
		page_printf(page, INK_PLAIN, "  %.0f %% %s", 100 * p->share.mid, what);
	}
	if (p->busy)
		page_printf(page, INK_WARN, _("  busy: %d of %d rounds quiet, no verdict"), p->kept, p->tried);
	putc('\n', page->out);
}

static void put_peer(const struct page *page, const struct rec_peer *p)
{
	char text[128];
	page_printf(page, INK_PLAIN, "%*s", LEFT, "");
	page_cell(page, p->why ? INK_DIM : INK_PLAIN, p->who, WHO - 1, false);
	putc(' ', page->out);
	if (p->why) {
		page_printf(page, INK_WARN, _("left out: %s"), p->why);
	} else {
		page_cell(page, INK_PLAIN, text_time(p->seconds, text, sizeof text), TIME, true);
		page_cell(page, p->busy ? INK_DIM : ink_of(p->ratio), text_ratios(p->ratio, text, sizeof text), RATIO, true);
		if (p->once)
			page_put(page, INK_DIM, _("  one run"));
	}
	putc('\n', page->out);
}

/* The rows of one kernel at one worker count, which begin at `first`. Returns the fastest peer that ran, NULL: none. */
static const struct rec_peer *put_match(const struct page *page, const struct recset *set, size_t first)
{
	const struct rec_peer *ours = &set->peers.v[first], **list = NULL;
	size_t n = 0, end = first + 1;

	while (end < set->peers.n && !set->peers.v[end].ours)
		end++;
	list = calloc(end - first, sizeof *list);
	for (size_t i = first + 1; list && i < end; i++)
		list[n++] = &set->peers.v[i];
	if (n)
		qsort(list, n, sizeof *list, by_time);
	page_printf(page, INK_DIM, "%2d ", ours->workers);
	put_ours(page, ours);
	for (size_t i = 0; i < n; i++)
		if (!page->style->quiet || (!i && !list[i]->why))
			put_peer(page, list[i]);
	const struct rec_peer *best = n && !list[0]->why ? list[0] : NULL;
	free(list);
	return best;
}

enum { GROUP_MOST = 64 };

/* Where the matches of the same work as the one at `first` begin, fewest workers first: some were measured later than others. Of the same
 * work with the same workers, measured again, it is another group. */
static int group_of(const struct recset *set, size_t first, const bool *shown, size_t *group)
{
	const struct rec_peer *all = set->peers.v;
	int n = 0;
	for (size_t i = first; i < set->peers.n && n < GROUP_MOST; i++) {
		if (!all[i].ours || shown[i] || (i != first && !same_work(&all[first], &all[i])))
			continue;
		int at = 0;
		while (at < n && all[group[at]].workers < all[i].workers)
			at++;
		if (at < n && all[group[at]].workers == all[i].workers)
			continue;
		memmove(group + at + 1, group + at, (size_t)(n - at) * sizeof *group);
		group[at] = i;
		n++;
	}
	return n;
}

void peers_text(FILE *out, const struct recset *set, const struct text_style *style)
{
	struct page page = {out, style, style->width};
	bool *shown = xcalloc(set->peers.n + 1, sizeof *shown), any = false;
	int compared = 0, faster = 0, slower = 0, busy = 0;

	for (size_t i = 0; i < set->peers.n; i++) {
		const struct rec_peer *p = &set->peers.v[i];
		size_t group[GROUP_MOST];
		if (!p->ours || shown[i]) /* not ours, and no match before it: a file that was cut, or written by hand */
			continue;
		if (!any) {
			page_cell(&page, INK_BOLD, _("workers, who"), LEFT + WHO, false);
			page_cell(&page, INK_BOLD, _("time"), TIME, true);
			page_cell(&page, INK_BOLD, _("theirs / ours"), RATIO, true);
			putc('\n', out);
		}
		page_printf(&page, INK_BOLD, "%s%s, %s\n", any ? "\n" : "", p->kernel, p->work ? p->work : "");
		any = true;
		int n = group_of(set, i, shown, group);
		for (int k = 0; k < n; k++) {
			const struct rec_peer *best = put_match(&page, set, group[k]);
			shown[group[k]] = true;
			if (!best)
				continue;
			compared++;
			busy += best->busy;
			faster += !best->busy && best->ratio.lo > 1;
			slower += !best->busy && best->ratio.hi < 1;
		}
	}
	free(shown);
	if (!compared)
		return;
	char text[400];
	snprintf(text, sizeof text,
		 _("Of %d comparisons with the fastest peer: ours faster in %d, slower in %d, no difference to be seen in %d, no verdict in %d. "
		   "Below 1.00 ours is slower than the peer; in brackets the 95 %% interval."),
		 compared, faster, slower, compared - faster - slower - busy, busy);
	putc('\n', out);
	page_paragraph(&page, INK_PLAIN, "", 0, text);
}
