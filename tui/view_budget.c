/* Where the core-seconds went: a bar for each worker count, as long as the area p * T(p), the parts in words, and the
 * speedup as a product. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/draw.h"
#include "tui/view_private.h"

enum { BARS_MAX = 64, LABEL = 7, PRODUCT_COLS = 38 }; /* PRODUCT_COLS: least width of the product */

static const struct {
	enum role role;
	const char *glyph, *ascii;
} paint[PARTS] = {
	[PART_USEFUL_SERIAL] = {ROLE_SERIES_5, "▓", "S"}, [PART_USEFUL_PARALLEL] = {ROLE_SERIES_3, "█", "#"},
	[PART_SERIAL_WAIT] = {ROLE_SERIES_1, "░", "."},   [PART_STARTUP] = {ROLE_SERIES_4, "▀", "u"},
	[PART_IMBALANCE] = {ROLE_SERIES_6, "▞", "i"},     [PART_WAITING] = {ROLE_SERIES_7, "▌", "w"},
	[PART_INFLATION] = {ROLE_SERIES_2, "▒", "g"},     [PART_JOIN] = {ROLE_SERIES_0, "▄", "j"},
};

struct bars {
	const struct rec_run *run;
	const char *variant;
	const struct rec_budget *v[BARS_MAX];
	int n, looked; /* looked: the bar whose parts are told */
	bool sweep;    /* bars are values of the swept parameter, all at one worker count */
};

static int by_size(const void *a, const void *b)
{
	const struct rec_budget *x = *(const struct rec_budget *const *)a, *y = *(const struct rec_budget *const *)b;
	if (x->workers != y->workers)
		return x->workers < y->workers ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static double seconds_of(const struct rec_budget *b)
{
	return b->runs > 0 ? (double)b->budget.total_ns * 1e-9 / b->runs : (double)NAN;
}

static void collect(struct bars *bars, const struct view_input *in)
{
	int most = 0;
	double at = draw_at(in->run, bars->variant);
	bars->sweep = in->run->sweep && !isnan(at);
	for (size_t i = 0; i < in->run->budgets.n; i++) {
		const struct rec_budget *b = &in->run->budgets.v[i];
		if (draw_same(b->variant, bars->variant) && b->budget.total_ns > 0 && b->runs > 0 && b->workers > 0 &&
		    ((in->workers && b->workers == in->workers) || ((!in->workers || most != in->workers) && b->workers > most)))
			most = b->workers;
	}
	for (size_t i = 0; i < in->run->budgets.n && bars->n < BARS_MAX; i++) {
		const struct rec_budget *b = &in->run->budgets.v[i];
		if (draw_same(b->variant, bars->variant) && b->budget.total_ns > 0 && b->runs > 0 && b->workers > 0 &&
		    (!bars->sweep || b->workers == most))
			bars->v[bars->n++] = b;
	}
	qsort(bars->v, (size_t)bars->n, sizeof *bars->v, by_size);
	for (int i = 0; i < bars->n; i++)
		if (bars->sweep ? bars->v[i]->at == at : bars->v[i]->workers == most)
			bars->looked = i;
}

static double part_share(const struct rec_budget *b, enum part part)
{
	return (double)b->budget.part_ns[part] / (double)b->budget.total_ns;
}

/* One bar: `length` columns shared out by largest remainder, so that they add up; a gain (negative inflation) has none. */
static void draw_bar(struct canvas *c, struct rect area, int y, int x, int length, const struct rec_budget *b)
{
	double sum = 0, carry = 0;
	for (enum part p = 0; p < PARTS; p++)
		sum += fmax(part_share(b, p), 0);
	static const enum part order[PARTS] = {PART_USEFUL_PARALLEL, PART_USEFUL_SERIAL, PART_INFLATION, PART_SERIAL_WAIT,
					       PART_IMBALANCE, PART_WAITING, PART_STARTUP, PART_JOIN};
	for (int i = 0; i < PARTS && sum > 0; i++) {
		enum part p = order[i];
		double cols = fmax(part_share(b, p), 0) / sum * length + carry;
		int whole = (int)lround(cols);
		carry = cols - whole;
		for (int k = 0; k < whole; k++)
			canvas_text(c, area, y, x++, paint[p].role, c->ascii ? paint[p].ascii : paint[p].glyph);
	}
}

static void draw_bars(struct canvas *c, struct rect area, int y, int rows, const struct bars *bars)
{
	double most = 0;
	int label = area.cols >= 30 ? LABEL : area.cols >= 16 ? 4 : 0, told = area.cols >= 36 ? 12 : area.cols >= 24 ? 5 : 0;
	int room = area.cols - label - told;
	for (int i = 0; i < bars->n; i++)
		most = fmax(most, seconds_of(bars->v[i]));
	/* The bar looked at stays in sight when there are too many. */
	int first = bars->looked >= rows ? bars->looked - rows + 1 : 0;
	for (int i = first; i < bars->n && i - first < rows; i++) {
		const struct rec_budget *b = bars->v[i];
		char text[FIGURE_MAX], share[FIGURE_MAX];
		int row = y + i - first, length = (int)lround(seconds_of(b) / most * room);
		if (label) {
			if (bars->sweep)
				draw_plain(b->at, text);
			else
				snprintf(text, sizeof text, "%d", b->workers);
			canvas_printf(c, area, row, 0, i == bars->looked ? ROLE_BOLD : ROLE_AXIS, "%s%*s", i == bars->looked ? (c->ascii ? ">" : "▸") : " ",
				      label - 2, text);
		}
		draw_bar(c, area, row, label, length < 1 ? 1 : length, b);
		double useful = part_share(b, PART_USEFUL_SERIAL) + part_share(b, PART_USEFUL_PARALLEL);
		snprintf(text, sizeof text, told > 6 ? _("%s useful") : "%s", draw_percent(useful, share));
		if (told)
			draw_right(c, area, row, ROLE_PLAIN, text);
	}
}

/* The parts of the bar looked at, the largest first. Returns the rows used. */
static int draw_parts(struct canvas *c, struct rect area, int y, int rows, const struct rec_budget *b)
{
	bool done[PARTS] = {false};
	int used = 0;
	while (used < rows) {
		enum part largest = PARTS;
		for (enum part p = 0; p < PARTS; p++)
			if (!done[p] && (largest == PARTS || fabs(part_share(b, p)) > fabs(part_share(b, largest))))
				largest = p;
		if (largest == PARTS || fabs(part_share(b, largest)) < 0.0005)
			break;
		done[largest] = true;
		char share[FIGURE_MAX], text[200];
		canvas_text(c, area, y + used, 0, paint[largest].role, c->ascii ? paint[largest].ascii : paint[largest].glyph);
		snprintf(text, sizeof text, "%7s  %s", draw_percent(part_share(b, largest), share), _(part_words[largest]));
		/* The remark in brackets goes first when there is no room. */
		char *remark = strstr(text, " (");
		if (remark && canvas_width(text) > area.cols - 2)
			*remark = '\0';
		draw_cut(c, area, y + used, 2, ROLE_PLAIN, text);
		used++;
	}
	return used;
}

/* S = p * computation scaling * PE(p) / PE(1), step by step with what is left after each. */
static int draw_product(struct canvas *c, struct rect area, int y, int rows, const struct rec_budget *b, const struct rec_budget *one)
{
	if (rows < 5 || area.cols < PRODUCT_COLS || !isfinite(b->computation_scaling) || !isfinite(b->load_balance) || !isfinite(b->communication) || b->workers < 2)
		return 0;
	double base = one && one->parallel > 0.01 && isfinite(one->parallel) ? 1 / one->parallel : 1;
	const struct {
		const char *words;
		double factor;
	} steps[] = {{_("workers"), b->workers}, {_("× computation scaling"), b->computation_scaling}, {_("× load balance"), b->load_balance},
		     {_("× communication"), b->communication}, {_("÷ efficiency of one worker"), base}};
	double left = 1;
	int row = 0, width = area.cols < 44 ? area.cols - 16 : 27, room = area.cols - width - 16;
	/* Dividing by 1.00 would be no step. */
	int count = fabs(base - 1) >= 0.005 ? 5 : 4;
	if (rows < count + 1)
		return 0;
	for (int i = 0; i < count; i++) {
		char factor[FIGURE_MAX], result[FIGURE_MAX];
		left *= steps[i].factor;
		draw_figure(i == 4 ? 1 / base : steps[i].factor, factor);
		canvas_text(c, area, y + row, 0, ROLE_PLAIN, steps[i].words);
		struct rect column = {area.y, area.x, area.rows, width + 7};
		draw_right(c, column, y + row, ROLE_PLAIN, i ? factor : draw_plain(steps[i].factor, factor));
		column.cols += 8;
		draw_right(c, column, y + row, ROLE_BOLD, draw_figure(left, result));
		int bar = b->workers > 0 ? (int)lround(fmin(left / b->workers, 1) * (room - 2)) : 0;
		for (int k = 0; k < bar && room > 4; k++)
			canvas_text(c, area, y + row, width + 17 + k, ROLE_SERIES_3, c->ascii ? "#" : "▄");
		row++;
	}
	char result[FIGURE_MAX];
	canvas_text(c, area, y + row, 0, ROLE_BOLD, width < 27 ? _("= against itself") : _("= speedup against itself"));
	struct rect column = {area.y, area.x, area.rows, width + 15};
	draw_right(c, column, y + row, ROLE_BOLD, draw_figure(left, result));
	return row + 1;
}

static void draw_budget(struct canvas *c, struct rect area, const struct view_input *in)
{
	struct bars bars = {.run = in->run, .variant = draw_variant(in)};
	if (in->run && bars.variant)
		collect(&bars, in);
	if (!bars.n && in->live) {
		view_live_budget(c, area, in);
		return;
	}
	if (!bars.n) {
		draw_nothing(c, area, in->run ? _("No core-seconds were counted for this variant: they are added up when a run ends.")
					     : _("Nothing was run yet."));
		return;
	}
	const struct rec_budget *looked = bars.v[bars.looked], *one = NULL;
	for (int i = 0; i < bars.n && !bars.sweep; i++)
		if (bars.v[i]->workers == 1)
			one = bars.v[i];
	if (bars.sweep)
		one = recset_budget(in->run, bars.variant, 1, looked->at);
	char text[300], seconds[FIGURE_MAX], at[FIGURE_MAX];
	const char *busy = draw_said(in->run, "busy"), *sentence = busy ? busy : draw_or(words_of(looked->sentence), "");
	int y = 0, said = draw_wrapped_rows(sentence, area.cols);
	if (area.rows >= 6) {
		snprintf(text, sizeof text, ngettext("%.50s, %d worker%s: %s core time", "%.50s, %d workers%s: %s core time",
						      (unsigned long)looked->workers), bars.variant, looked->workers, draw_at_words(in->run, looked->at, at),
			 draw_seconds(seconds_of(looked), c->ascii, seconds));
		draw_cut(c, area, y++, 0, ROLE_BOLD, text);
	}
	int kept = area.rows >= 10 ? (said > 2 ? 2 : said) : 0, free_rows = area.rows - y - kept;
	int bar_rows = free_rows < 4 ? free_rows : bars.n < free_rows / 3 + 1 ? bars.n : free_rows / 3 + 1;
	draw_bars(c, area, y, bar_rows, &bars);
	y += bar_rows < bars.n ? bar_rows : bars.n;
	int room = area.rows - kept - y, parts = 0, product = area.cols < PRODUCT_COLS || looked->workers < 2 ? 0 : 6;
	for (enum part p = 0; p < PARTS; p++)
		parts += fabs(part_share(looked, p)) >= 0.0005;
	y += room > parts + product + 1;
	/* The product is the end of the story; when it does not fit, the parts have the room. */
	int for_product = product && room >= product + 3 ? product : 0, for_parts = area.rows - kept - y - for_product;
	y += draw_parts(c, area, y, for_parts, looked);
	y += area.rows - kept - y > for_product && for_product;
	y += draw_product(c, area, y, area.rows - kept - y, looked, one);
	y += area.rows - kept - y > 1;
	if (kept)
		draw_wrapped(c, area, y, area.rows - y, busy ? ROLE_WARN : ROLE_PLAIN, sentence);
}

const struct view view_budget = {.name = N_("Budget"), .draw = draw_budget};
