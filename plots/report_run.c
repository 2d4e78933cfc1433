/* One run: what was measured with intervals, why it fell short, what was counted, and how to repeat it. */
#include "plots/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "plots/draw.h"
#include "tui/draw.h"
#include "tui/sentences.h"

enum { POINTS_MAX = 80 };

/* ---- results ---- */

static const struct rec_run *sorted_run; /* of by_place: variants in the order of the run */

static int place_of(const char *variant)
{
	int i = 0;
	while (i < sorted_run->variant_count && strcmp(sorted_run->variants[i].name, variant))
		i++;
	return i;
}

static int by_place(const void *a, const void *b)
{
	const struct rec_point *p = *(const struct rec_point *const *)a, *q = *(const struct rec_point *const *)b;
	int one = place_of(p->variant), other = place_of(q->variant);
	if (one != other)
		return one - other;
	if (p->workers != q->workers)
		return p->workers < q->workers ? -1 : 1;
	if (isnan(p->at) || isnan(q->at))
		return isnan(q->at) - isnan(p->at);
	return p->at < q->at ? -1 : p->at > q->at;
}

/* "34.4 ms [34.2–34.6]" */
static void put_time(FILE *out, struct estimate e)
{
	const char *name;
	double unit = plot_unit(e.mid, &name), mid = e.mid / unit;
	int places = mid < 10 ? 2 : mid < 100 ? 1 : 0;
	if (!(e.mid > 0)) {
		fputs("—", out);
		return;
	}
	html_textf(out, "%.*f %s", places, mid, !strcmp(name, "seconds") ? "s" : name);
	if (isfinite(e.lo) && isfinite(e.hi))
		fprintf(out, " <span class=\"within\">[%.*f–%.*f]</span>", places, e.lo / unit, places, e.hi / unit);
}

static char *ratio(double x, char buf[32])
{
	if (x > 0 && x < 0.1)
		snprintf(buf, 32, "%.2g", x);
	else
		plot_ratio(x, buf, 32);
	return buf;
}

/* "1.79 [1.78–1.80]" */
static void put_ratio(FILE *out, struct estimate e)
{
	char mid[32], lo[32], hi[32];
	if (!(e.mid >= 0)) {
		fputs("—", out);
		return;
	}
	fputs(ratio(e.mid, mid), out);
	if (isfinite(e.lo) && isfinite(e.hi))
		fprintf(out, " <span class=\"within\">[%s–%s]</span>", ratio(e.lo, lo), ratio(e.hi, hi));
}

static void put_point(FILE *out, const struct rec_run *run, const struct rec_point *p, bool first)
{
	const struct rec_variant *v = recset_variant(run, p->variant);
	char figure[FIGURE_MAX];
	bool doubtful = p->busy || p->oversubscribed;
	fprintf(out, "<tr class=\"%s%s\"><th scope=\"row\">", first ? "first " : "", !p->right ? "wrong" : doubtful ? "doubtful" : "sure");
	html_text(out, p->variant);
	if (v && v->wrong) {
		fputs(" <small>", out);
		html_text(out, _("wrong on purpose"));
		fputs("</small>", out);
	}
	fprintf(out, "</th><td class=\"n\">%d%s</td>", p->workers, p->oversubscribed ? "*" : "");
	if (run->sweep) {
		fputs("<td class=\"n\">", out);
		html_text(out, isnan(p->at) ? "" : draw_plain(p->at, figure));
		fputs("</td>", out);
	}
	fputs("<td class=\"n\">", out);
	put_time(out, p->seconds);
	fputs("</td><td class=\"n\">", out);
	put_ratio(out, p->right ? p->speedup : (struct estimate){(double)NAN, (double)NAN, (double)NAN});
	fputs("</td><td class=\"n more\">", out);
	html_text(out, p->right && isfinite(p->efficiency) && !plot_on_device(run, p->variant) ? draw_percent(p->efficiency, figure) : "—");
	fprintf(out, "</td><td class=\"n more\">%d/%d</td><td class=\"result\">", p->kept, p->tried);
	fprintf(out, "%s <span class=\"word\">", !p->right ? "✗" : p->busy ? "○" : "✓");
	html_text(out, !p->right ? _("wrong") : p->busy ? _("no verdict") : _("correct"));
	fputs("</span>", out);
	fputs("</td></tr>\n", out);
}

static void put_points(FILE *out, const struct rec_run *run)
{
	const struct rec_point **list = xcalloc(run->points.n + 1, sizeof *list);
	size_t n = 0;
	bool beyond = false, busy = false;
	for (size_t i = 0; i < run->points.n; i++)
		if (run->points.v[i].variant && run->points.v[i].variant[0] != '@')
			list[n++] = &run->points.v[i];
	sorted_run = run;
	qsort(list, n, sizeof *list, by_place);
	fputs("<div class=\"wide\"><table class=\"results\">\n<tr>", out);
	html_head_cell(out, "", _("variant"));
	html_head_cell(out, "n", _("workers"));
	if (run->sweep)
		html_head_cell(out, "n", run->sweep);
	html_head_cell(out, "n", _("time of one run"));
	html_head_cell(out, "n", _("speedup"));
	html_head_cell(out, "n more", _("of the ideal"));
	html_head_cell(out, "n more", _("rounds kept"));
	html_head_cell(out, "result", _("result"));
	fputs("</tr>\n", out);
	for (size_t i = 0; i < n && i < POINTS_MAX; i++) {
		put_point(out, run, list[i], i == 0 || strcmp(list[i]->variant, list[i - 1]->variant));
		beyond = beyond || list[i]->oversubscribed;
		busy = busy || list[i]->busy;
	}
	fputs("</table></div>\n<p class=\"dim\">", out);
	if (n > POINTS_MAX) {
		html_textf(out, _("The first %d of %zu rows."), POINTS_MAX, n);
		putc(' ', out);
	}
	html_textf(out, _("Median of the kept rounds; in brackets its 95 %% interval. Speedup is against %s, the best serial variant."),
		   draw_baseline(run));
	if (beyond) {
		fputs(" * ", out);
		html_textf(out, ngettext("More workers than the %d core this process may use: shown apart, never fitted.",
					 "More workers than the %d cores this process may use: shown apart, never fitted.", (unsigned long)run->usable),
			   run->usable);
	}
	if (busy) {
		fputs(" ○ ", out);
		html_text(out, _("Fewer than 6 rounds were quiet: the figures are shown, but decide nothing."));
	}
	fputs("</p>\n", out);
	free(list);
}

/* What a demonstration, or the check of a wrong variant, observed. */
static void put_verdicts(FILE *out, const struct rec_run *run)
{
	fputs("<ul class=\"verdicts\">\n", out);
	for (size_t i = 0; i < run->verdicts.n; i++) {
		const struct rec_verdict *v = &run->verdicts.v[i];
		char figure[FIGURE_MAX];
		if (run->points.n && v->right && !v->wrong)
			continue;
		fprintf(out, "<li class=\"%s\"><b>", v->right ? "right" : "wrong");
		html_text(out, v->variant);
		fputs("</b>: ", out);
		if (v->wrong) {
			html_textf(out, _("wrong on purpose (%s)."), words_of(v->wrong));
			putc(' ', out);
		}
		html_text(out, v->text && *v->text ? words_of(v->text) : v->right ? _("as it should be") : _("not as it should be"));
		if (isfinite(v->observed)) {
			putc(' ', out);
			html_textf(out, _("(observed: %s)"), draw_plain(v->observed, figure));
		}
		if (v->wrong && v->right && v->tried > 0)
			html_textf(out, " %s", _("It was not caught this time."));
		else if (v->tried > 0 && v->wrong_runs > 0) {
			putc(' ', out);
			html_textf(out, ngettext("%1$d of %2$d run went wrong.", "%1$d of %2$d runs went wrong.", (unsigned long)v->tried), v->wrong_runs,
				   v->tried);
		}
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
}

/* ---- charts ---- */

static int worker_counts(const struct rec_run *run)
{
	int seen[RECSET_WORKERS_MAX], n = 0;
	for (size_t i = 0; i < run->points.n && n < RECSET_WORKERS_MAX; i++) {
		int k = 0;
		while (k < n && seen[k] != run->points.v[i].workers)
			k++;
		if (k == n)
			seen[n++] = run->points.v[i].workers;
	}
	return n;
}

/* Where a kind of chart stands: with what was measured, with why it fell short, or nowhere. What this page tells as a table, tells
 * already, or is of a machine, is no picture here unless it is asked for. */
enum section { MEASURED, WHY, NOWHERE };
static enum section section_of(const struct report *report, const struct plot_kind *kind, const struct rec_run *run)
{
	static const char *const told[] = {"efficiency", "counters", "cores", "loss"}, *const why[] = {"budget", "timeline", "cores", "loss"};
	enum section section = MEASURED;
	for (size_t i = 0; i < sizeof why / sizeof *why; i++)
		section = plot_same(kind->name, why[i]) ? WHY : section;
	if (kind->machine || kind->peers)
		return NOWHERE;
	for (int k = 0; k < report->kind_count; k++)
		if (report->kinds[k] == kind)
			return section;
	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		if (plot_same(kind->name, told[i]))
			return NOWHERE;
	bool idle = report->kinds || (kind->swept && !run->sweep) || (kind->suits && !kind->suits(&report->records, run)) ||
		    (plot_same(kind->name, "speedup") && (run->sweep || worker_counts(run) < 2));
	return idle ? NOWHERE : section;
}

static int put_figures(FILE *out, struct report *report, const struct rec_run *run, enum section section)
{
	char why[PLOT_WHY_MAX];
	int drawn = 0;
	fputs("<div class=\"figures\">\n", out);
	for (int i = 0; plot_kinds[i] && !report->full; i++)
		if (section_of(report, plot_kinds[i], run) == section)
			drawn += report_figure(out, report, plot_kinds[i], run, why);
	fputs("</div>\n", out);
	return drawn;
}

/* ---- why it fell short ---- */

static void put_why(FILE *out, struct report *report, const struct rec_run *run, const char *variant)
{
	const struct rec_point *p = plot_most(run, variant, draw_at(run, variant));
	const struct rec_budget *b = p ? recset_budget(run, variant, p->workers, p->at) : NULL;
	if (!run->budgets.n)
		return;
	html_part(out, "why", _("Why it fell short"));
	if (p && p->busy) {
		fputs("<p class=\"finding busy\">", out);
		html_text(out, _("Too few quiet rounds: where the core-seconds went is shown, but decides nothing."));
		fputs("</p>\n", out);
	} else if (b && b->sentence && *b->sentence) {
		fputs("<p class=\"finding\">", out);
		html_textf(out, ngettext("%1$s with %2$d worker:", "%1$s with %2$d workers:", (unsigned long)b->workers), b->variant, b->workers);
		fputs(" <b>", out);
		html_text(out, words_of(b->sentence));
		fputs("</b></p>\n", out);
	} else if (b) {
		fputs("<p class=\"finding\">", out);
		html_text(out, _("No loss is large enough, or far enough ahead of the others, to be named."));
		fputs("</p>\n", out);
	}
	if (b && isfinite(b->parallel) && isfinite(b->load_balance)) {
		char parallel[FIGURE_MAX], balance[FIGURE_MAX], scaling[FIGURE_MAX];
		fputs("<p class=\"dim\">", out);
		html_textf(out, _("Of the workers' time %1$s was work (parallel efficiency); load balance %2$s; computation scaling %3$s."),
			   draw_percent(b->parallel, parallel), draw_percent(b->load_balance, balance),
			   draw_percent(b->computation_scaling, scaling));
		fputs("</p>\n", out);
	}
	put_figures(out, report, run, WHY);
	fputs("</section>\n", out);
}

/* ---- how to repeat it ---- */

static const char *base_name(const char *command)
{
	const char *end = strchr(command, ' '), *slash = NULL;
	for (const char *c = command; *c && c != end; c++)
		slash = *c == '/' ? c : slash;
	return slash ? slash + 1 : command;
}

static void put_repeat(FILE *out, const struct rec_run *run, bool mine, int figures)
{
	const char *command = run->command ? base_name(run->command) : NULL;
	if (!command)
		return;
	bool suite = !strncmp(command, "lockstep", 8) && (command[8] == '-' || command[8] == ' '), lesson = run->lesson && *run->lesson && !suite;
	command += suite ? 9 : 0;
	bool to_file = strstr(command, " -o ") || strstr(command, " --output");
	html_part(out, "again", _("How to repeat it"));
	fputs("<p>", out);
	html_command(out, "lockstep %s%s%s", !lesson ? "" : mine ? "run --mine " : "run ", command, to_file ? "" : " -o again.ndjson");
	fputs("</p>\n", out);
	if (figures > 0) {
		fputs("<p>", out);
		html_command(out, "lockstep plot again.ndjson -o charts");
		fputs("</p>\n", out);
	}
	fputs("</section>\n", out);
}

/* ---- the run ---- */

static void put_sentences(FILE *out, const struct report *report, const struct rec_run *run, const char *variant)
{
	struct sentences s = {.n = 0};
	struct view_input in = {.set = report->records.set, .run = run, .variant = variant};
	double at = variant ? draw_at(run, variant) : (double)NAN;
	const struct rec_point *p = variant ? plot_most(run, variant, at) : NULL;
	const struct rec_budget *b = p ? recset_budget(run, variant, p->workers, p->at) : NULL;
	const char *loss = b && b->sentence ? words_of(b->sentence) : NULL;
	if (!variant)
		return;
	sentences_of_run(&s, &in, variant, p ? p->workers : 0, at);
	fputs("<ul class=\"findings\">\n", out);
	for (int i = 0; i < s.n; i++) {
		if (plot_same(s.v[i].text, loss)) /* below, with its chart */
			continue;
		fprintf(out, "<li class=\"%s\">", s.v[i].role == ROLE_BAD ? "wrong" : s.v[i].role == ROLE_WARN ? "busy" : "plain");
		html_text(out, s.v[i].text);
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
}

void report_run_section(FILE *out, struct report *report, const struct rec_run *run, int earlier)
{
	const char *variant = plot_variant(&report->records, run);
	int before = report->figures;
	bool mine = report_is_mine(report, run);
	fputs("<article class=\"run\"><h3>", out);
	html_text(out, run->title && *run->title ? words_of(run->title) : run->kernel);
	if (mine) {
		fputs(" <small class=\"mine\">", out);
		html_text(out, _("the changed program"));
		fputs("</small>", out);
	}
	fputs("</h3>\n<p class=\"command\">", out);
	html_command(out, "%s", run->command ? run->command : "?");
	fputs("</p>\n<p class=\"dim\">", out);
	html_time(out, run->time);
	if (report_machine_count(report) > 1) {
		fputs(" · ", out);
		html_textf(out, _("machine %d"), report_machine(report, run));
	}
	if (run->size > 0) {
		char size[FIGURE_MAX];
		html_textf(out, " · %s %s", draw_plain(run->size, size), run->size_unit ? words_of(run->size_unit) : "");
	}
	if (run->partial || !run->ended) {
		fputs(" · ", out);
		html_text(out, _("not finished"));
	}
	if (earlier > 0) {
		fputs(" · ", out);
		html_textf(out, ngettext("run %d time before: the latest is shown", "run %d times before: the latest is shown", (unsigned long)earlier),
			   earlier);
	}
	fputs("</p>\n", out);
	if (run->points.n) {
		html_part(out, "measured", _("What was measured"));
		put_sentences(out, report, run, variant);
		fputs("<div class=\"pair\"><div>\n", out);
		put_points(out, run);
		fputs("</div>\n", out);
		put_figures(out, report, run, MEASURED);
		fputs("</div></section>\n", out);
		if (variant)
			put_why(out, report, run, variant);
		report_counters(out, run);
	} else if (run->verdicts.n) {
		html_part(out, "measured", _("What was observed"));
		put_verdicts(out, run);
		fputs("</section>\n", out);
	} else {
		fputs("<p class=\"finding busy\">", out);
		html_text(out, _("Nothing was measured before it ended."));
		fputs("</p>\n", out);
	}
	put_repeat(out, run, mine, report->figures - before);
	fputs("</article>\n", out);
}
