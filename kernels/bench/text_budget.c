/* Where the core-seconds went, as one bar with its legend and the sentence; and counters as sentences. */
#include "kernels/bench/text_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"

enum { SEGMENTS = 6, BAR_MOST = 100 };

/* Parts that are one thing to the eye. The shade is also told by its letter in ASCII (page_fold). */
static const struct segment {
	const char *shade, *words;
	enum part first, second;
} segments[SEGMENTS] = {
	{"█", "useful", PART_USEFUL_SERIAL, PART_USEFUL_PARALLEL},
	{"▓", "serial\u00a0wait", PART_SERIAL_WAIT, PARTS},
	{"▒", "waiting", PART_WAITING, PARTS},
	{"░", "imbalance", PART_IMBALANCE, PARTS},
	{"▚", "work\u00a0inflation", PART_INFLATION, PARTS},
	{"·", "start\u00a0and\u00a0join", PART_STARTUP, PART_JOIN},
};

/* Cells by largest remainder, so that the bar is exactly `width` long. */
static void share_out(const double *share, int width, int *cells)
{
	double sum = 0, rest[SEGMENTS];
	int given = 0;
	for (int i = 0; i < SEGMENTS; i++)
		sum += fmax(share[i], 0);
	for (int i = 0; i < SEGMENTS; i++) {
		double exact = sum > 0 ? fmax(share[i], 0) / sum * width : 0;
		cells[i] = (int)exact;
		rest[i] = exact - cells[i];
		given += cells[i];
	}
	for (; given < width && sum > 0; given++) {
		int most = 0;
		for (int i = 1; i < SEGMENTS; i++)
			most = rest[i] > rest[most] ? i : most;
		cells[most]++;
		rest[most] = -1;
	}
}

void text_budget(const struct page *page, const struct rec_budget *b)
{
	double share[SEGMENTS];
	int cells[SEGMENTS], width = page->width - TEXT_LABEL - 2, most = 0;
	char legend[400] = "", workers[40];
	size_t used = 0;

	if (!b || b->workers < 2)
		return;
	width = width > BAR_MOST ? BAR_MOST : width < 20 ? 20 : width;
	for (int i = 0; i < SEGMENTS; i++) {
		const struct segment *s = &segments[i];
		share[i] = ((double)b->budget.part_ns[s->first] + (s->second < PARTS ? (double)b->budget.part_ns[s->second] : 0)) /
			   (double)b->budget.total_ns;
		most = i > 0 && (most == 0 || share[i] > share[most]) ? i : most;
	}
	share_out(share, width, cells);
	page_cell(page, INK_DIM, "  core-seconds", TEXT_LABEL + 2, false);
	for (int i = 0; i < SEGMENTS; i++)
		for (int k = 0; k < cells[i]; k++)
			page_put(page, i == 0 ? INK_GOOD : i == most ? INK_WARN : INK_DIM, segments[i].shade);
	fputc('\n', page->out);
	snprintf(workers, sizeof workers, "  of %d workers", b->workers);
	for (int i = 0; i < SEGMENTS; i++)
		if (fabs(share[i]) >= 0.005)
			used += (size_t)snprintf(legend + used, sizeof legend - used, "%s%s\u00a0%s\u00a0%.*f\u00a0%%", used ? "\u00a0 " : "",
						 segments[i].shade, segments[i].words, fabs(share[i]) < 0.0995, 100 * share[i]);
	page_paragraph(page, INK_PLAIN, workers, TEXT_LABEL + 2, legend);
	if (b->sentence)
		page_paragraph(page, INK_BOLD, "", TEXT_LABEL + 2, b->sentence);
}

/* ---- counters ------------------------------------------------------------------------------------------------------ */

static void add(char *text, size_t size, const char *piece)
{
	size_t used = strlen(text);
	snprintf(text + used, size - used, "%s%s", used ? ", " : "", piece);
}

static void add_count(char *text, size_t size, double n, const char *one, const char *many)
{
	char piece[96];
	if (!isnan(n))
		add(text, size, text_count(n, one, many, piece, sizeof piece));
}

/* Cores busy on average: from the timed runs where the budget knows it, else CPU time of the counting run. */
static double busy_cores(const struct rec_run *run, const struct rec_point *p, const struct rec_counters *c)
{
	const struct rec_budget *b = recset_budget(run, p->variant, p->workers, p->at);
	if (b && !isnan(b->parallel))
		return b->parallel * p->workers;
	return c && p->seconds.mid > 0 ? c->value[COUNT_TASK_CLOCK] / p->seconds.mid : NAN;
}

void text_counters(const struct page *page, const struct rec_run *run, const struct rec_point *p)
{
	const struct rec_counters *c = recset_counters(run, p->variant, p->workers, -1, p->at);
	double cores = busy_cores(run, p, c);
	int of = p->workers < run->usable ? p->workers : run->usable;
	char text[600] = "", piece[128], time[32];

	if (!isnan(cores)) {
		snprintf(piece, sizeof piece, "%.1f of %d core%s %s busy", cores, of, of == 1 ? "" : "s", of == 1 ? "was" : "were");
		add(text, sizeof text, piece);
	}
	if (c) {
		const double *v = c->value;
		add_count(text, sizeof text, v[COUNT_SWITCHES], "context switch", "context switches");
		if (isnan(v[COUNT_SWITCHES])) {
			add_count(text, sizeof text, v[COUNT_VOLUNTARY], "voluntary switch", "voluntary switches");
			add_count(text, sizeof text, v[COUNT_INVOLUNTARY], "forced switch", "forced switches");
		}
		add_count(text, sizeof text, v[COUNT_PAGE_FAULTS], "page fault", "page faults");
		if (v[COUNT_MIGRATIONS] > 0)
			add_count(text, sizeof text, v[COUNT_MIGRATIONS], "move to another core", "moves to another core");
		if (v[COUNT_READY_WAIT] >= 0.0005) {
			snprintf(piece, sizeof piece, "%s ready without a core", util_seconds(v[COUNT_READY_WAIT], true, time, sizeof time));
			add(text, sizeof text, piece);
		}
		if (v[COUNT_CYCLES] > 0 && v[COUNT_INSTRUCTIONS] >= 0) {
			snprintf(piece, sizeof piece, "%.2f instructions per cycle", v[COUNT_INSTRUCTIONS] / v[COUNT_CYCLES]);
			add(text, sizeof text, piece);
		}
		add_count(text, sizeof text, v[COUNT_CACHE_MISSES], "cache miss", "cache misses");
		add_count(text, sizeof text, v[COUNT_BRANCH_MISSES], "mispredicted branch", "mispredicted branches");
	}
	if (*text)
		page_paragraph(page, INK_PLAIN, "  counters", TEXT_LABEL + 2, text);
}
