/* What was counted of a run, with the tier, and for what was not, the reason. */
#include "plots/report.h"

#include <math.h>
#include <string.h>
#include "kernels/bench/words.h"
#include "tui/draw.h"

enum { COUNTED_MAX = 12 };

static bool known(double x) { return x >= 0 && x < 1e18; }

static const char *tier_words(const char *tier)
{
	return plot_same(tier, "hw") ? _("hardware events that were seen to count")
	     : plot_same(tier, "sw") ? _("events of the operating system, through perf")
	     : plot_same(tier, "os") ? _("getrusage and /proc alone")
				     : _("nothing: counters were off");
}

/* Reasons for what was not counted, each with all that it holds for. */
static void put_absent(FILE *out, const struct rec_counters *c)
{
	bool told[COUNTERS] = {false};
	for (int k = 0; k < COUNTERS; k++) {
		const char *why = c->absent[k];
		if (!why || told[k] || known(c->value[k]))
			continue;
		fputs("<p class=\"dim\">", out);
		html_text(out, _("Not counted:"));
		for (int j = k, n = 0; j < COUNTERS; j++)
			if (plot_same(c->absent[j], why) && !known(c->value[j])) {
				fputs(n++ ? ", " : " ", out);
				html_text(out, _(counter_info[j].words));
				told[j] = true;
			}
		fputs(". ", out);
		html_textf(out, _("Reason: %s"), words_of(why));
		fputs("</p>\n", out);
	}
}

static void put_counted(FILE *out, const struct rec_counters *c, const bool *column)
{
	fputs("<tr><th scope=\"row\">", out);
	html_textf(out, ngettext("%1$s, %2$d worker", "%1$s, %2$d workers", (unsigned long)c->workers), c->variant, c->workers);
	if (!isnan(c->at)) {
		char at[FIGURE_MAX];
		html_textf(out, ", %s", draw_plain(c->at, at));
	}
	fputs("</th>", out);
	for (int k = 0; k < COUNTERS; k++) {
		char text[FIGURE_MAX] = "—";
		if (!column[k])
			continue;
		if (known(c->value[k]) && strstr(counter_info[k].name, "seconds"))
			draw_seconds(c->value[k], false, text);
		else if (known(c->value[k]) && c->value[k] == floor(c->value[k]) && c->value[k] < 10000)
			snprintf(text, sizeof text, "%.0f", c->value[k]);
		else if (known(c->value[k]))
			draw_figure(c->value[k], text);
		fputs("<td class=\"n\">", out);
		html_text(out, c->value[k] == 0 ? "0" : text);
		fputs("</td>", out);
	}
	fputs("</tr>\n", out);
}

/* At the most workers of a variant, and at powers of two on the way there. */
static bool is_row(const struct rec_run *run, const struct rec_counters *c)
{
	int most = 0;
	for (size_t i = 0; i < run->counters.n; i++)
		if (plot_same(run->counters.v[i].variant, c->variant) && run->counters.v[i].workers > most)
			most = run->counters.v[i].workers;
	return c->worker == -1 && (c->workers == most || !(c->workers & (c->workers - 1)));
}

void report_counters(FILE *out, const struct rec_run *run)
{
	const struct rec_counters *row[COUNTED_MAX];
	bool column[COUNTERS] = {false};
	int n = 0;
	for (size_t i = 0; i < run->counters.n && n < COUNTED_MAX; i++) {
		const struct rec_counters *c = &run->counters.v[i];
		if (!is_row(run, c))
			continue;
		row[n++] = c;
		for (int k = 0; k < COUNTERS; k++)
			column[k] = column[k] || known(c->value[k]);
	}
	if (!n)
		return;
	html_part(out, "counters", _("What was counted"));
	fputs("<p>", out);
	html_textf(out, _("Counted: %s. Sums over all workers of one counting run, apart from the timed ones."), tier_words(row[0]->tier));
	fputs("</p>\n<div class=\"wide\"><table class=\"counted\">\n<tr>", out);
	html_head_cell(out, "", "");
	for (int k = 0; k < COUNTERS; k++)
		if (column[k])
			html_head_cell(out, "n", _(counter_info[k].words));
	fputs("</tr>\n", out);
	for (int i = 0; i < n; i++)
		put_counted(out, row[i], column);
	fputs("</table></div>\n", out);
	put_absent(out, row[0]);
	fputs("</section>\n", out);
}
