/* What could be counted, as a table of bars: a row for each variant at its most workers, a column for each counter. */
#include "plots/plot.h"

#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 12, NARROW_ROOM = 3 };

struct table {
	const struct rec_counters *row[ROWS];
	int rows, columns, zeros, left_out;
	enum counter left[COUNTERS]; /* there is no room for */
	enum counter column[COUNTERS], zero[COUNTERS]; /* zero: counted, and nothing happened anywhere */
	double most[COUNTERS];
};

static bool known(double x)
{
	return x >= 0 && x < 1e18;
}

/* Rows of the chart's variant at powers of two, and of every variant at its most workers. */
static void add_rows(struct table *t, const struct figure *f, const char *variant, bool all)
{
	const struct rec_point *most = plot_most(f->run, variant, f->at);
	for (int w = 1; w <= 1024 && t->rows < ROWS; w++) {
		bool last = most && most->workers == w;
		const struct rec_counters *c =
			last || (all && !(w & (w - 1))) ? recset_counters(f->run, variant, w, -1, f->at) : NULL;
		for (int k = 0; c && k < COUNTERS; k++)
			if (known(c->value[k])) {
				t->row[t->rows++] = c;
				break;
			}
	}
}

static void find_columns(struct table *t, int room)
{
	for (int k = 0; k < COUNTERS; k++) {
		bool any = false;
		for (int i = 0; i < t->rows; i++)
			if (known(t->row[i]->value[k])) {
				any = true;
				t->most[k] = fmax(t->most[k], t->row[i]->value[k]);
			}
		if (any && t->most[k] > 0 && t->columns == room)
			t->left[t->left_out++] = (enum counter)k;
		else if (any && t->most[k] > 0)
			t->column[t->columns++] = (enum counter)k;
		else if (any)
			t->zero[t->zeros++] = (enum counter)k;
	}
}

static bool in_seconds(enum counter k)
{
	return strstr(counter_info[k].name, "seconds");
}

static void put_cells(struct figure *f, const struct table *t)
{
	fputs("column,row,share,value,text,counter,variant,workers\n", f->csv);
	for (int c = 0; c < t->columns; c++)
		for (int i = 0; i < t->rows; i++) {
			enum counter k = t->column[c];
			double v = t->row[i]->value[k];
			char text[32];
			if (!known(v))
				continue;
			if (in_seconds(k))
				util_seconds(v, true, text, sizeof text);
			else
				util_si(v, text, sizeof text);
			fprintf(f->csv, "%d,%d", c + 1, t->rows - i);
			plot_csv_number(f->csv, t->most[k] > 0 ? v / t->most[k] : 0);
			plot_csv_number(f->csv, v);
			plot_csv_text(f->csv, v > 0 ? text : "0");
			plot_csv_text(f->csv, counter_info[k].name);
			plot_csv_text(f->csv, t->row[i]->variant);
			fprintf(f->csv, ",%d\n", t->row[i]->workers);
		}
}

/* "cycles, instructions: no hardware counters: …": counters of one reason together. */
static char *absent_words(const struct table *t)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	bool told[COUNTERS] = {false};
	for (int k = 0, n = 0; to && k < COUNTERS; k++) {
		const char *why = t->row[0]->absent[k];
		if (!why || told[k] || known(t->row[0]->value[k]))
			continue;
		for (int j = k, m = 0; j < COUNTERS; j++)
			if (plot_same(t->row[0]->absent[j], why) && !known(t->row[0]->value[j])) {
				fprintf(to, "%s%s%s", m ? ", " : n++ ? ". " : "", m ? "" : _("Not counted: "), _(counter_info[j].words));
				m++;
				told[j] = true;
			}
		fprintf(to, " (%s)", words_of(why));
	}
	for (int k = 0; to && k < t->zeros; k++)
		fprintf(to, "%s%s%s", k ? ", " : ftell(to) > 0 ? ". " : "", k ? "" : _("Counted, and 0 everywhere: "),
				_(counter_info[t->zero[k]].words));
	for (int k = 0; to && k < t->left_out; k++)
		fprintf(to, "%s%s%s", k ? ", " : ftell(to) > 0 ? ". " : "", k ? "" : _("Left out here for want of room: "),
				_(counter_info[t->left[k]].words));
	if (to)
		fclose(to);
	return text ? text : xstrdup("");
}

static void put_rows(struct figure *f, const struct table *t)
{
	fputs("array ROW[", f->gp);
	fprintf(f->gp, "%d]\n", t->rows);
	int width = 8, lines = 1, most = 1, room;
	for (int i = 0; i < t->rows; i++) {
		char name[64], workers[64], words[160];
		snprintf(words, sizeof words, "%s, %s", plot_variant_words(f->run, t->row[i]->variant, name, sizeof name),
				 plot_workers(t->row[i]->workers, workers, sizeof workers));
		fprintf(f->gp, "ROW[%d] = ", t->rows - i);
		plot_string(f->gp, words);
		putc('\n', f->gp);
		width = (int)strlen(words) > width ? (int)strlen(words) : width;
	}
	room = (f->columns - width - 3) / t->columns - 1;
	room = f->paper && room < 12 ? 12 : room < 5 ? 5 : room; /* headings on paper are in a smaller type */
	fprintf(f->gp, "LANE_WIDTH = %d\narray HEADING[%d]\n", width + 3, t->columns);
	for (int c = 0; c < t->columns; c++) {
		char *words = plot_wrap(_(counter_info[t->column[c]].words), room, 5);
		fprintf(f->gp, "HEADING[%d] = ", c + 1);
		plot_string(f->gp, words);
		putc('\n', f->gp);
		for (char *w = words; *w; w++)
			lines += *w == '\n';
		most = lines > most ? lines : most;
		lines = 1;
		free(words);
	}
	plot_set_number(f, "HEADING_LINES", most);
}

static bool make(struct figure *f)
{
	struct table t = {.rows = 0};
	char title[256], subject[128];
	if (f->variant)
		add_rows(&t, f, f->variant, true);
	for (int i = 0; i < f->run->variant_count; i++)
		if (!plot_same(f->run->variants[i].name, f->variant))
			add_rows(&t, f, f->run->variants[i].name, false);
	find_columns(&t, f->paper && f->columns < 86 ? NARROW_ROOM : COUNTERS);
	if (!t.columns)
		return plot_fail(f, _("no counters are recorded"));
	put_cells(f, &t);
	char *absent = absent_words(&t),
		 *wrapped = plot_wrap(absent, f->paper ? f->columns * 9 / 8 : f->columns, f->columns < 86 ? 9 : 4);
	int lines = *wrapped != '\0';
	for (const char *c = wrapped; *c; c++)
		lines += *c == '\n';
	snprintf(title, sizeof title, _("What %s made the machine do"), plot_subject(f->run, subject, sizeof subject));
	plot_words(
		f, title,
		_("Sums over all workers of one counting run, apart from the timed ones; each column has a scale of its own."));
	put_rows(f, &t);
	plot_set(f, "ABSENT", "%s", wrapped);
	plot_set_number(f, "ABSENT_LINES", lines);
	plot_set_number(f, "COLUMNS", t.columns);
	plot_set_number(f, "ROWS", t.rows);
	free(absent);
	free(wrapped);
	return true;
}

const struct plot_kind plot_counters = {
	.name = "counters", .about = N_("what could be counted, as a table of bars"), .make = make};
