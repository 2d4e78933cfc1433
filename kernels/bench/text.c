/* A run in plain text: heading, table, what the laws say, wrong answers by name, and every other sentence. */
#include "kernels/bench/text_private.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"

/* ---- questions about a run ----------------------------------------------------------------------------------------- */

enum judgement text_judge(const struct rec_run *run, const struct rec_point *p)
{
	(void)run;
	return !p->right ? JUDGED_WRONG : p->busy ? JUDGED_BUSY : JUDGED_RIGHT;
}

static int by_place(const void *a, const void *b)
{
	const struct rec_point *p = *(const struct rec_point *const *)a, *q = *(const struct rec_point *const *)b;
	if (p->workers != q->workers)
		return p->workers < q->workers ? -1 : 1;
	if (isnan(p->at) || isnan(q->at))
		return isnan(q->at) - isnan(p->at);
	return p->at < q->at ? -1 : p->at > q->at;
}

size_t text_points(const struct rec_run *run, const char *variant, const struct rec_point ***list)
{
	size_t n = 0;
	*list = xmalloc((run->points.n + 1) * sizeof **list);
	for (size_t i = 0; i < run->points.n; i++)
		if (!strcmp(run->points.v[i].variant, variant))
			(*list)[n++] = &run->points.v[i];
	qsort(*list, n, sizeof **list, by_place);
	return n;
}

const struct rec_point *text_chosen(const struct rec_run *run, const char *variant)
{
	const struct rec_point *best = NULL;
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (strcmp(p->variant, variant))
			continue;
		bool better = !best || (best->oversubscribed && !p->oversubscribed) ||
			      (best->oversubscribed == p->oversubscribed &&
			       (p->workers > best->workers || (p->workers == best->workers && p->speedup.mid > best->speedup.mid)));
		/* one worker tells nothing about sharing: prefer the oversubscribed row to it */
		if (best && !p->oversubscribed && p->workers == 1)
			better = false;
		if (best && best->workers == 1 && p->workers > 1)
			better = true;
		best = better ? p : best;
	}
	return best;
}

bool text_is_serial(const struct rec_run *run, const struct rec_variant *v)
{
	(void)run; /* and what has no worker axis */
	return v->kind && (!strcmp(v->kind, "serial") || !strcmp(v->kind, "opencl") || !strcmp(v->kind, "cuda"));
}

static const struct rec_machine *machine_of(const struct recset *set, const struct rec_run *run)
{
	return run->machine >= 0 && (size_t)run->machine < set->machines.n ? &set->machines.v[run->machine] : NULL;
}

/* ---- heading ------------------------------------------------------------------------------------------------------- */

static void put_work(const struct page *page, const struct rec_run *run)
{
	char text[1500], figure[64];
	int least = -1, most = -1, tried = 0;
	size_t used = 0;
	const char *key;
	json_t *v;
	bool first = true;

	used += (size_t)snprintf(text, sizeof text, "%s%s%s", isnan(run->size) ? "" : util_si(run->size, figure, sizeof figure),
				 isnan(run->size) ? "" : " ", run->size_unit ? run->size_unit : "");
	json_object_foreach(run->args, key, v) {
		bool skip = first || (run->sweep && !strcmp(key, run->sweep)); /* the first is the size */
		first = false;
		if (!skip && used < sizeof text / 2)
			used += (size_t)snprintf(text + used, sizeof text - used, ", %s %s", key,
						 util_si(json_number_value(v), figure, sizeof figure));
	}
	if (run->weak)
		used += (size_t)snprintf(text + used, sizeof text - used, ", growing with the workers");
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		least = least < 0 || p->kept < least ? p->kept : least;
		most = p->kept > most ? p->kept : most;
		tried = p->tried > tried ? p->tried : tried;
	}
	if (tried && least == most)
		used += (size_t)snprintf(text + used, sizeof text - used, "; %d of %d rounds were quiet", most, tried);
	else if (tried)
		used += (size_t)snprintf(text + used, sizeof text - used, "; %d to %d of %d rounds were quiet", least, most, tried);
	if (run->weak)
		snprintf(text + used, sizeof text - used, "; speedup is work done per time, against the same code with one worker");
	else if (run->baseline)
		snprintf(text + used, sizeof text - used, "; speedup is against %s, the best serial variant", run->baseline);
	page_paragraph(page, INK_PLAIN, "", 0, text);
}

void text_heading(const struct page *page, const struct recset *set, const struct rec_run *run)
{
	const struct rec_machine *machine = machine_of(set, run);
	const char *title = run->title ? run->title : run->kernel;

	page_put(page, INK_BOLD, title);
	page_printf(page, INK_DIM, "  %s%s%s\n", run->kernel, run->time ? ", " : "", run->time ? run->time : "");
	if (machine && machine->line)
		page_paragraph(page, INK_DIM, "", 0, machine->line);
	if (run->command) {
		char command[4200];
		snprintf(command, sizeof command, "$ %s", run->command);
		page_paragraph(page, INK_DIM, "", 0, command);
	}
	put_work(page, run);
}

/* ---- verdicts ------------------------------------------------------------------------------------------------------ */

/* Without a heading every line says what it is about. */
static void put_line(const struct page *page, const struct rec_run *run, enum ink ink, const char *mark, const char *line)
{
	char text[9200];
	snprintf(text, sizeof text, "%s%s%s", page->style->quiet ? run->kernel : "", page->style->quiet ? ": " : "", line);
	page_paragraph(page, ink, mark, 2, text);
}

static void put_verdict(const struct page *page, const struct rec_run *run, const struct rec_verdict *v)
{
	char text[9000];
	const char *found = v->text ? v->text : "no figures recorded";

	if (v->wrong && v->right)
		snprintf(text, sizeof text, "%s was expected to go wrong (%s) and did not in %d run%s: chance, not proof. Run it again.",
			 v->variant, v->wrong, v->tried, v->tried == 1 ? "" : "s");
	else if (v->wrong)
		snprintf(text, sizeof text, "%s is wrong, as announced (%s): %s, in %d of %d runs", v->variant, v->wrong, found,
			 v->wrong_runs, v->tried);
	else
		snprintf(text, sizeof text, "%s is WRONG: %s, in %d of %d runs", v->variant, found, v->wrong_runs, v->tried);
	put_line(page, run, v->wrong ? INK_WARN : INK_BAD, v->right ? "? " : "✗ ", text);
}

/* A reason is told once, with all variants that it stops. */
static void put_unavailable(const struct page *page, const struct rec_run *run, int first)
{
	const char *why = run->variants[first].unavailable;
	char text[3000] = "";
	size_t used = 0;

	for (int i = 0; why && i < run->variant_count; i++) {
		const char *other = run->variants[i].unavailable;
		if (!other || strcmp(other, why))
			continue;
		if (i < first)
			return; /* told already */
		if (used < sizeof text / 2)
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%.90s", used ? ", " : "", run->variants[i].name);
	}
	if (!why)
		return;
	snprintf(text + used, sizeof text - used, " cannot run here: %.1000s", why);
	page_paragraph(page, INK_DIM, "- ", 2, text);
}

void text_verdicts(const struct page *page, const struct rec_run *run)
{
	char names[1200] = "", text[1500];
	size_t used = 0;
	int right = 0, runs = 0;

	for (size_t i = 0; i < run->verdicts.n; i++) {
		const struct rec_verdict *v = &run->verdicts.v[i];
		if (!v->right || v->wrong)
			continue;
		right++;
		runs += v->tried;
		if (used < sizeof names - 200)
			used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", v->variant);
	}
	if (right) {
		snprintf(text, sizeof text, "right in all %d runs: %s", runs, names);
		put_line(page, run, INK_GOOD, "✓ ", text);
	}
	for (size_t i = 0; i < run->verdicts.n; i++)
		if (!run->verdicts.v[i].right || run->verdicts.v[i].wrong)
			put_verdict(page, run, &run->verdicts.v[i]);
	for (int i = 0; i < run->variant_count && !page->style->quiet; i++)
		put_unavailable(page, run, i);
}

/* ---- the whole ----------------------------------------------------------------------------------------------------- */

/* Cores' worth of time that other programs used, over the rounds that were not kept; NaN when not known. */
static double foreign(const struct rec_run *run)
{
	double sum = 0;
	int n = 0;
	for (size_t i = 0; i < run->samples.n; i++)
		if (!run->samples.v[i].kept && !isnan(run->samples.v[i].foreign)) {
			sum += run->samples.v[i].foreign;
			n++;
		}
	return n ? sum / n : NAN;
}

/* Is there a busy point? Then that is the first thing to know. */
static bool put_busy(const struct page *page, const struct rec_run *run)
{
	const struct rec_point *busy = NULL;
	char text[300], others[80] = "";

	for (size_t i = 0; i < run->points.n && !busy; i++)
		busy = run->points.v[i].busy && !run->points.v[i].once ? &run->points.v[i] : NULL;
	if (!busy)
		return false;
	if (run->partial) {
		snprintf(text, sizeof text, "stopped early: no verdict (kept %d of %d rounds, 6 are needed)", busy->kept, busy->tried);
	} else {
		double cores = foreign(run);
		bool few = busy->kept == busy->tried || busy->tried < 6;
		if (!isnan(cores))
			snprintf(others, sizeof others, "; other programs used %.1f cores", cores);
		snprintf(text, sizeof text, "%s: no verdict (kept %d of %d rounds%s)", few ? "too few rounds" : "machine busy", busy->kept,
			 busy->tried, few ? ", 6 are needed" : others);
	}
	put_line(page, run, INK_WARN, "○ ", text);
	return true;
}

/* Said already by the table, or by the paragraphs of a variant? */
static bool said(const struct recset *set, const struct rec_run *run, const struct rec_say *say)
{
	static const char *const shown[] = {"busy", "oversubscribed", "partial"};
	const struct rec_machine *machine = machine_of(set, run);

	if (!say->about)
		return false;
	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
		if (!strcmp(say->about, shown[i]))
			return true;
	if (!strcmp(say->about, "counters"))
		return machine && machine->why_not_hw && strstr(say->text, machine->why_not_hw);
	for (size_t i = 0; i < run->budgets.n; i++)
		if (run->budgets.v[i].sentence && !strcmp(run->budgets.v[i].sentence, say->text))
			return true;
	for (int i = 0; i < run->variant_count; i++) {
		const char *name = run->variants[i].name;
		size_t n = strlen(name);
		if (strncmp(say->text, name, n) || (say->text[n] != ':' && say->text[n] != ' '))
			continue;
		const struct rec_point *p = text_chosen(run, name);
		bool told = p && text_judge(run, p) == JUDGED_RIGHT && !text_is_serial(run, &run->variants[i]);
		if (!strcmp(say->about, "amdahl"))
			return told && recset_fit(run, name, "amdahl", "predicted", p->at) &&
			       recset_fit(run, name, "amdahl", "fitted", p->at);
		if (!strcmp(say->about, "roofline"))
			return told || (p && p->busy); /* no verdict: not on this either */
	}
	return false;
}

static void put_notes(const struct page *page, const struct recset *set, const struct rec_run *run)
{
	const struct rec_machine *machine = machine_of(set, run);
	const char *why = NULL;
	bool identifiable = false;

	for (size_t i = 0; i < run->says.n; i++)
		if (!said(set, run, &run->says.v[i]))
			page_paragraph(page, INK_PLAIN, "- ", 2, run->says.v[i].text);
	for (size_t i = 0; i < run->fits.n; i++) {
		const struct rec_fit *f = &run->fits.v[i];
		if (strcmp(f->law, "usl"))
			continue;
		identifiable = identifiable || f->identifiable;
		why = f->why ? f->why : why;
	}
	if (why && !identifiable) {
		char text[5000];
		snprintf(text, sizeof text, "the Universal Scalability Law is not identifiable here: %s", why);
		page_paragraph(page, INK_DIM, "- ", 2, text);
	}
	if (machine && machine->why_not_hw && run->counters.n) {
		char text[5000];
		bool named = strstr(machine->why_not_hw, "hardware counters") != NULL;
		snprintf(text, sizeof text, "%s%s", named ? "" : "no hardware counters: ", machine->why_not_hw);
		page_paragraph(page, INK_DIM, "- ", 2, text);
	}
}

static void put_run(const struct page *page, const struct recset *set, const struct rec_run *run)
{
	bool quiet = page->style->quiet;

	if (!quiet) {
		if (run != set->runs.v)
			fputc('\n', page->out);
		text_heading(page, set, run);
		text_table(page, run);
		text_devices(page, run);
		for (int i = 0; i < run->variant_count; i++)
			text_variant(page, set, run, &run->variants[i]);
		fputc('\n', page->out);
	}
	bool busy = put_busy(page, run);
	text_verdicts(page, run);
	if (!busy && run->partial)
		put_line(page, run, INK_WARN, "○ ", "stopped early: the figures are of the rounds so far");
	else if (!run->ended && !run->points.n)
		put_line(page, run, INK_WARN, "○ ", "unfinished: no results were recorded");
	if (!quiet)
		put_notes(page, set, run);
	if (set->error && run->ended && run->status)
		put_line(page, run, INK_BAD, "! ", set->error);
}

void text_run(FILE *out, const struct recset *set, const struct rec_run *run, const struct text_style *style)
{
	struct page page = {.out = out, .style = style, .width = style->width < 40 ? 40 : style->width > 120 ? 120 : style->width};
	/* figures are written with a decimal point wherever the reader lives; widths follow the locale all the same */
	locale_t own = uselocale((locale_t)0), copy = duplocale(own);
	locale_t plain = copy ? newlocale(LC_NUMERIC_MASK, "C", copy) : (locale_t)0;

	if (plain)
		uselocale(plain);
	put_run(&page, set, run);
	if (plain) {
		uselocale(own);
		freelocale(plain);
	} else if (copy) {
		freelocale(copy);
	}
}
