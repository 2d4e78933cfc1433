/* From one record file to curves and guesses. */
#include "plots/compare.h"

#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PEOPLE_MAX = 10000, TOPICS_MAX = 512, QUESTIONS_MAX = 1024, ANSWERS_MAX = 20000 };

static char *copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* ---- curves ------------------------------------------------------------------------------------- */

/* All parameters but those that a value of is swept, which would not tell more: "serial 0.1, fixed 0". Caller frees. */
static char *args_of(const struct rec_run *run)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	const char *key;
	json_t *v;
	int n = 0;
	if (!to)
		return xstrdup("");
	json_object_foreach(run->args, key, v)
		if (!same(key, run->sweep) && json_number_value(v) != 0 && n < 6) {
			char number[32];
			double x = json_number_value(v);
			if (fabs(x) < 10000)
				snprintf(number, sizeof number, "%.6g", x);
			else
				util_si(x, number, sizeof number);
			fprintf(to, "%s%.20s %s", n++ ? ", " : "", key, number);
		}
	fclose(to);
	return text ? text : xstrdup("");
}

static struct topic *topic_of(struct comparison *c, const struct rec_run *run, const char *variant)
{
	char *args = args_of(run);
	for (int i = 0; i < c->topics; i++) {
		struct topic *t = &c->topic[i];
		if (same(t->lesson, run->lesson) && same(t->kernel, run->kernel) && same(t->variant, variant) && same(t->args, args) &&
			t->weak == run->weak) {
			free(args);
			return t;
		}
	}
	if (c->topics == TOPICS_MAX) {
		free(args);
		return NULL;
	}
	c->topic = xrealloc(c->topic, (size_t)(c->topics + 1) * sizeof *c->topic);
	c->topic[c->topics] = (struct topic){
		.lesson = copy(run->lesson), .kernel = copy(run->kernel), .variant = xstrdup(variant), .args = args, .weak = run->weak};
	return &c->topic[c->topics++];
}

/* The curve of somebody in a topic: a new one, or the one of an earlier run, which a later one replaces. */
static struct curve *curve_of(struct topic *t, int who)
{
	for (int i = 0; i < t->n; i++)
		if (t->curve[i].who == who)
			return &t->curve[i];
	t->curve = xrealloc(t->curve, (size_t)(t->n + 1) * sizeof *t->curve);
	return &t->curve[t->n++];
}

static void add_curve(struct comparison *c, const struct rec_run *run, const char *variant, int who)
{
	struct curve fresh = {.who = who};
	double at = plot_best_at(run, variant);
	for (;;) { /* by workers, whatever order they stand in */
		const struct rec_point *p = NULL;
		for (size_t i = 0; i < run->points.n; i++) {
			const struct rec_point *q = &run->points.v[i];
			if (plot_shown(q) && q->final && same(q->variant, variant) && plot_same_at(q->at, at) &&
				(!fresh.n || q->workers > fresh.workers[fresh.n - 1]) && (!p || q->workers < p->workers))
				p = q;
		}
		if (!p || fresh.n == COMPARE_POINTS)
			break;
		fresh.workers[fresh.n] = p->workers;
		fresh.speedup[fresh.n] = p->speedup;
		fresh.capacity[fresh.n] = p->capacity.mid;
		fresh.oversubscribed[fresh.n] = p->oversubscribed;
		fresh.verdict[fresh.n++] = !p->busy && p->right;
	}
	struct topic *t = fresh.n ? topic_of(c, run, variant) : NULL;
	if (t)
		*curve_of(t, who) = fresh;
}

static void add_run(struct comparison *c, const struct rec_run *run, int who)
{
	if (c->kernel && !same(c->kernel, run->kernel) && !same(c->kernel, run->lesson))
		return;
	for (int v = 0; v < run->variant_count; v++) {
		const char *name = run->variants[v].name;
		if (!plot_serial(run, name) && (c->variant ? same(c->variant, name) : !run->variants[v].wrong))
			add_curve(c, run, name, who);
	}
}

/* ---- guesses ------------------------------------------------------------------------------------ */

static double measured(const struct recset *set, const struct plot_prediction *p)
{
	const struct rec_run *run = NULL;
	for (size_t i = 0; i < set->runs.n; i++)
		if (same(set->runs.v[i].id, p->run))
			run = &set->runs.v[i];
	if (!run || !p->variant || !p->compare)
		return (double)NAN;
	const struct rec_point *at = recset_point(run, p->variant, p->workers, plot_best_at(run, p->variant));
	const struct rec_verdict *verdict = recset_verdict(run, p->variant);
	if (same(p->compare, "observed"))
		return verdict ? verdict->observed : (double)NAN;
	if (same(p->compare, "wrong_runs"))
		return verdict ? verdict->wrong_runs : (double)NAN;
	if (!at || at->busy)
		return (double)NAN;
	return same(p->compare, "speedup")		? at->speedup.mid
		   : same(p->compare, "self")		? at->self.mid
		   : same(p->compare, "efficiency") ? at->efficiency
		   : same(p->compare, "seconds")	? at->seconds.mid * (same(p->unit, "ms") ? 1e3 : same(p->unit, "us") ? 1e6 : 1)
											: (double)NAN;
}

static struct question *question_of(struct comparison *c, const struct plot_prediction *p)
{
	for (int i = 0; i < c->questions; i++) {
		struct question *q = &c->question[i];
		if (q->step == p->step && same(q->lesson, p->lesson) && same(q->ask, p->ask) && same(q->compare, p->compare))
			return q;
	}
	if (c->questions == QUESTIONS_MAX)
		return NULL;
	c->question = xrealloc(c->question, (size_t)(c->questions + 1) * sizeof *c->question);
	c->question[c->questions] = (struct question){
		.lesson = copy(p->lesson), .ask = copy(p->ask), .compare = copy(p->compare), .unit = copy(p->unit), .step = p->step};
	return &c->question[c->questions++];
}

/* The first guess counts, not what was said when the result was known. */
static void add_prediction(struct comparison *c, const struct recset *set, const struct plot_prediction *p, int who)
{
	struct question *q = p->lesson ? question_of(c, p) : NULL;
	for (int i = 0; q && i < q->n; i++)
		if (q->answer[i].who == who) {
			if (isnan(q->answer[i].measured)) /* a busy machine then, a quiet one later */
				q->answer[i].measured = measured(set, p);
			return;
		}
	if (!q || q->n == ANSWERS_MAX)
		return;
	q->answer = xrealloc(q->answer, (size_t)(q->n + 1) * sizeof *q->answer);
	q->answer[q->n++] =
		(struct answer){.who = who, .guess = p->number, .measured = measured(set, p), .text = copy(p->text)};
}

/* ---- files -------------------------------------------------------------------------------------- */

/* Somebody new; the name is cut. */
static int add_person(struct comparison *c, const char *name, const struct rec_machine *machine)
{
	char cut[COMPARE_NAME * 4], clean[COMPARE_NAME * 4];
	if (c->people == PEOPLE_MAX)
		return -1;
	c->person = xrealloc(c->person, (size_t)(c->people + 1) * sizeof *c->person);
	struct person *p = &c->person[c->people];
	util_printable(name, clean, sizeof clean);
	snprintf(p->name, sizeof p->name, "%s", plot_cut(clean, 28, cut, COMPARE_NAME));
	p->machine = machine ? copy(machine->line) : NULL;
	return c->people++;
}

/* One name of a file for each machine that it tells of. */
static int person_of(struct comparison *c, const struct recset *set, int machine, const char *name, int *who)
{
	const struct rec_machine *m = machine >= 0 && (size_t)machine < set->machines.n ? &set->machines.v[machine] : NULL;
	char both[300];
	int several = 0;
	for (size_t i = 0; m && i < set->machines.n; i++) { /* sessions on one machine are one */
		if (!same(set->machines.v[i].fingerprint, m->fingerprint))
			several = 1;
		else if (who[i] >= 0)
			return who[machine] = who[i];
	}
	if (!m)
		return -1;
	snprintf(both, sizeof both, several ? "%.40s: %.60s" : "%.100s", name, m->cpu ? m->cpu : m->fingerprint);
	return who[machine] = add_person(c, both, m);
}

bool compare_add(struct comparison *c, const char *path, const char *name, char *why, size_t size)
{
	struct plot_records records = {.set = NULL};
	struct stat st;
	int *who = NULL, first = -1;
	bool any = false;
	if (stat(path, &st) || !S_ISREG(st.st_mode)) { /* a pipe would wait for ever */
		snprintf(why, size, "%s", errno && stat(path, &st) ? strerror(errno) : _("not a file"));
		c->skipped++;
		return false;
	}
	if (!plot_read(&records, path)) {
		snprintf(why, size, "%s", strerror(errno));
		goto out;
	}
	const struct recset *set = records.set;
	for (size_t i = 0; i < set->machines.n; i++)
		if (strcmp(plot_when(&set->machines.v[i]), c->latest) > 0)
			snprintf(c->latest, sizeof c->latest, "%s", plot_when(&set->machines.v[i]));
	who = xcalloc(set->machines.n ? set->machines.n : 1, sizeof *who);
	memset(who, 0xff, (set->machines.n ? set->machines.n : 1) * sizeof *who);
	for (size_t i = 0; i < set->runs.n; i++) {
		int person = person_of(c, set, set->runs.v[i].machine, name, who);
		if (person < 0)
			continue;
		first = first < 0 ? person : first;
		add_run(c, &set->runs.v[i], person);
		any = true;
	}
	for (size_t i = 0; i < records.prediction_count; i++) {
		first = first < 0 ? add_person(c, name, set->machines.n ? &set->machines.v[0] : NULL) : first;
		if (first < 0)
			break;
		add_prediction(c, set, &records.predictions[i], first);
		any = true;
	}
	if (!any)
		snprintf(why, size, "%s%s%s", _("no runs in it"), set->complaint ? ": " : "", set->complaint ? set->complaint : "");
	else if (set->skipped)
		snprintf(why, size, _("%zu of %zu lines skipped (%.300s)"), set->skipped, set->lines,
				 set->complaint ? set->complaint : _("not records"));
out:
	c->files += any;
	c->skipped += !any;
	free(who);
	plot_records_free(&records);
	return any;
}

void compare_free(struct comparison *c)
{
	for (int i = 0; i < c->people; i++)
		free(c->person[i].machine);
	for (int i = 0; i < c->topics; i++) {
		char *texts[] = {c->topic[i].lesson, c->topic[i].kernel, c->topic[i].variant, c->topic[i].args};
		for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
			free(texts[k]);
		free(c->topic[i].curve);
	}
	for (int i = 0; i < c->questions; i++) {
		struct question *q = &c->question[i];
		char *texts[] = {q->lesson, q->ask, q->compare, q->unit};
		for (int k = 0; k < q->n; k++)
			free(q->answer[k].text);
		for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
			free(texts[k]);
		free(q->answer);
	}
	free(c->person);
	free(c->topic);
	free(c->question);
	*c = (struct comparison){.people = 0};
}
