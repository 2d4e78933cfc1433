/* The table of a run: a line per configuration, with a small bar of the speedup against the machine's own ideal. */
#include "kernels/bench/text_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Widths of columns; where the page is narrow, intervals are left out. */
enum { GAP = 2, TIME = 15, TIME_SHORT = 8, SPEEDUP = 16, SPEEDUP_SHORT = 7, IDEAL = 5, RESULT = 7, BAR_LEAST = 6, BAR_MOST = 30, NAME_MOST = 18 };

struct layout {
	int name, at, workers, time, speedup, bar;
	double scale;         /* speedup that fills the bar */
	bool over;            /* some row is oversubscribed */
};

static int longest(int a, int b) { return a > b ? a : b; }

/* A value of what is swept, in at most eight columns. */
static int put_at(char *buf, size_t size, double at)
{
	return snprintf(buf, size, at == floor(at) && fabs(at) < 1e8 ? "%.0f" : "%.3g", at);
}

static struct layout lay_out(const struct page *page, const struct rec_run *run)
{
	struct layout l = {.name = 7, .workers = 7, .time = TIME, .speedup = SPEEDUP, .scale = 1};

	if (run->sweep)
		l.at = longest(text_columns(run->sweep), 6);
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		l.name = longest(l.name, text_columns(p->variant));
		l.over = l.over || p->oversubscribed;
		char at[32];
		if (run->sweep && !isnan(p->at))
			l.at = longest(l.at, put_at(at, sizeof at, p->at));
		if (text_judge(run, p) != JUDGED_WRONG && p->speedup.mid < 1e6)
			l.scale = fmax(l.scale, p->speedup.mid);
		if (p->capacity.mid < 1e6)
			l.scale = fmax(l.scale, p->capacity.mid);
	}
	l.name = l.name > NAME_MOST ? NAME_MOST : l.name;
	l.at += run->sweep ? GAP : 0;
	int rest = page->width - (l.name + l.at + 5 * GAP + l.workers + IDEAL + RESULT);
	if (rest < TIME + SPEEDUP)
		l.speedup = SPEEDUP_SHORT;
	if (rest < TIME + SPEEDUP_SHORT)
		l.time = TIME_SHORT;
	l.bar = rest - l.time - l.speedup;
	l.bar = l.bar > BAR_MOST ? BAR_MOST : l.bar;
	if (l.bar < BAR_LEAST)
		l.bar = 0;
	else
		l.bar -= GAP;
	return l;
}

/* Filled to the speedup, dots up to the ideal, a stroke where the ideal ends. Hollow when there is no verdict. */
static void put_bar(const struct page *page, const struct layout *l, const struct rec_point *p, enum ink ink, bool hollow)
{
	static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	char text[4 * BAR_MOST + 1] = "";
	double filled = fmin(p->speedup.mid / l->scale, 1) * l->bar, ideal = fmin(p->capacity.mid / l->scale, 1) * l->bar;
	int whole = isnan(filled) ? 0 : (int)filled, end = isnan(ideal) ? -1 : (int)ceil(ideal - 1e-9) - 1;
	int eighth = isnan(filled) ? 0 : (int)((filled - whole) * 8);
	size_t used = 0;

	for (int i = 0; i < l->bar; i++) {
		const char *cell = i < whole ? (hollow ? "░" : "█") : i == whole && eighth && !hollow ? eighths[eighth] : " ";
		if (*cell == ' ' && i == end)
			cell = "│";
		else if (*cell == ' ' && i < end)
			cell = "·";
		if (!page->style->utf8 && i == whole && eighth) /* a part of a cell: shown when it is at least half */
			cell = eighth >= 4 ? "█" : i == end ? "│" : i < end ? "·" : " ";
		if (!page->style->utf8 && hollow && i < whole)
			cell = "-";
		used += (size_t)snprintf(text + used, sizeof text - used, "%s", cell);
	}
	page_cell(page, ink, text, l->bar, false);
	fprintf(page->out, "%*s", GAP, "");
}

static void put_row(const struct page *page, const struct rec_run *run, const struct layout *l, const struct rec_point *p,
		    bool first)
{
	char buf[80], figure[64];
	enum judgement judged = text_judge(run, p);
	enum ink ink = p->oversubscribed || judged != JUDGED_RIGHT ? INK_DIM : INK_PLAIN;

	page_cell(page, INK_BOLD, first ? p->variant : "", l->name, false);
	fprintf(page->out, "%*s", GAP, "");
	snprintf(buf, sizeof buf, "%d%s", p->workers, p->oversubscribed ? "*" : l->over ? " " : "");
	page_cell(page, ink, buf, l->workers, true);
	if (l->at) {
		put_at(buf, sizeof buf, p->at);
		page_cell(page, ink, isnan(p->at) ? "" : buf, l->at, true);
	}
	fprintf(page->out, "%*s", GAP, "");
	struct estimate time = {p->seconds.mid, NAN, NAN}, ratio = {p->speedup.mid, NAN, NAN};
	page_cell(page, ink, text_time(l->time == TIME ? p->seconds : time, buf, sizeof buf), l->time, true);
	fprintf(page->out, "%*s", GAP, "");
	text_ratios(l->speedup == SPEEDUP ? p->speedup : ratio, figure, sizeof figure);
	if (judged == JUDGED_BUSY)
		snprintf(buf, sizeof buf, "(%s)", text_ratio(p->speedup.mid, figure, sizeof figure));
	else
		snprintf(buf, sizeof buf, "%s", judged == JUDGED_WRONG ? "—" : figure);
	page_cell(page, ink == INK_PLAIN ? INK_BOLD : ink, buf, l->speedup, false);
	fprintf(page->out, "%*s", GAP, "");
	if (l->bar && judged == JUDGED_WRONG)
		fprintf(page->out, "%*s", l->bar + GAP, "");
	else if (l->bar)
		put_bar(page, l, p, ink, judged == JUDGED_BUSY);
	snprintf(buf, sizeof buf, "%.0f %%", 100 * p->efficiency);
	page_cell(page, ink, judged != JUDGED_RIGHT || isnan(p->efficiency) ? "—" : buf, IDEAL, true);
	fprintf(page->out, "%*s", GAP, "");
	if (judged == JUDGED_WRONG)
		page_put(page, INK_BAD, "✗ wrong");
	else if (judged == JUDGED_BUSY)
		page_put(page, INK_WARN, run->partial ? "○ early" : p->once ? "○ one run" : "○ busy");
	else
		page_put(page, INK_GOOD, "✓ right");
	fputc('\n', page->out);
}

static void put_head(const struct page *page, const struct rec_run *run, const struct layout *l)
{
	page_cell(page, INK_DIM, "variant", l->name, false);
	page_cell(page, INK_DIM, l->over ? "workers " : "workers", GAP + l->workers, true);
	if (l->at)
		page_cell(page, INK_DIM, run->sweep, l->at, true);
	page_cell(page, INK_DIM, "time", GAP + l->time, true);
	fprintf(page->out, "%*s", GAP, "");
	page_cell(page, INK_DIM, "speedup", l->speedup + GAP, false);
	if (l->bar)
		page_cell(page, INK_DIM, "of ideal", l->bar + GAP + IDEAL, true);
	else
		page_cell(page, INK_DIM, "ideal", IDEAL, true);
	fprintf(page->out, "%*s", GAP, "");
	page_put(page, INK_DIM, "result\n");
}

void text_table(const struct page *page, const struct rec_run *run)
{
	struct layout l = lay_out(page, run);
	if (!run->points.n)
		return;
	fputc('\n', page->out);
	put_head(page, run, &l);
	for (int i = 0; i < run->variant_count; i++) {
		const struct rec_point **list;
		size_t n = text_points(run, run->variants[i].name, &list);
		for (size_t k = 0; k < n; k++)
			put_row(page, run, &l, list[k], k == 0);
		free(list);
	}
	if (l.over) {
		char text[100];
		snprintf(text, sizeof text, "more workers than the %d usable core%s: shown apart, never fitted", run->usable,
			 run->usable == 1 ? "" : "s");
		page_paragraph(page, INK_DIM, "* ", 2, text);
	}
}
