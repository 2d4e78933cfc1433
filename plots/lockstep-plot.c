/* lockstep plot FILE...: charts from records. */
#include "kernels/bench/options.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "plots/draw.h"
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPT_KIND = 256, OPT_FORMAT, OPT_TERM, OPT_LIST, OPT_VARIANT, OPT_SIZE, OPT_LANG, CHARTS_MAX = 4096, KINDS_MAX = 64 };

struct options {
	const char *dir, *variant, *terminal;
	const struct plot_kind *kinds[KINDS_MAX];
	int kind_count;
	bool list, kinds_given;
	char formats[32];
};

struct session {
	struct options o;
	struct plot_records records;
	char (*used)[PLOT_NAME_MAX]; /* names of charts so far */
	int charts, drawn, failed;
	bool no_gnuplot, full;
};

static int complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static int complain(const char *fmt, ...)
{
	va_list ap;
	fflush(stdout);
	fputs("lockstep plot: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	putc('\n', stderr);
	return EXIT_USAGE;
}

static const struct option_row rows[] = {
	{'o', "output", "DIR", N_("where to write (preset: the current folder)"), "@dir"},
	{OPT_KIND, "kind", "K,...", N_("only these kinds (preset: all that the records allow)"), NULL},
	{OPT_FORMAT, "format", "F,...", N_("svg, png, pdf (preset: svg,png)"), "svg png pdf svg,png"},
	{OPT_VARIANT, "variant", "NAME", N_("the variant that the charts are about"), NULL},
	{OPT_TERM, "term", "T", N_("one chart (preset: speedup of the last run) on this terminal: dumb, sixelgd, ..."), "dumb sixelgd"},
	{OPT_SIZE, "size", "WIDTHxHEIGHT", N_("of a picture, in points of the SVG (preset 900x562; a PNG has twice as many)"), "900x562 1200x800 360x480"},
	{OPT_LANG, "lang", "LANG", N_("language of the words: en or zh"), "en zh"},
	{OPT_LIST, "list", NULL, N_("what could be drawn; without FILE the kinds"), NULL},
	{0, NULL, NULL, NULL, NULL},
};

/* The table with what this build can draw filled in; kept for the life of the program. */
static const struct program_options *usage(void)
{
	static struct program_options u = {
		.program = "lockstep plot",
		.synopsis = "FILE... [options]",
		.about = N_("Draws charts from records. For each: NAME.svg and NAME.png, the figures as NAME.csv, and NAME.gp, which draws it "
			    "again."),
		.operands = "@file",
	};
	static struct option_row all[sizeof rows / sizeof *rows];
	char *text = NULL, *names = NULL;
	size_t length;
	FILE *out;
	if (u.options)
		return &u;
	memcpy(all, rows, sizeof rows);
	u.options = all;
	if (!(out = open_memstream(&text, &length)))
		return &u;
	fputs(_("kinds:"), out);
	for (int i = 0; plot_kinds[i]; i++)
		fprintf(out, "\n  %-12s %s", plot_kinds[i]->name, _(plot_kinds[i]->about));
	fclose(out);
	u.after = text;
	if (!(out = open_memstream(&names, &length)))
		return &u;
	for (int i = 0; plot_kinds[i]; i++)
		fprintf(out, "%s%s", i ? " " : "", plot_kinds[i]->name);
	fclose(out);
	for (struct option_row *o = all; o->name; o++)
		if (o->id == OPT_KIND)
			o->choices = names;
	return &u;
}

/* ---- options ------------------------------------------------------------------------------------ */

/* Caller frees. */
static char *kind_names(void)
{
	char *names = NULL;
	size_t length;
	FILE *out = open_memstream(&names, &length);
	if (!out)
		return xstrdup("those that --list shows");
	for (int i = 0; plot_kinds[i]; i++)
		fprintf(out, "%s%s", i ? ", " : "", plot_kinds[i]->name);
	if (fclose(out)) {
		free(names);
		return xstrdup("those that --list shows");
	}
	return names;
}

static int take_kinds(struct options *o, const char *text)
{
	char *copy = xstrdup(text), *save = NULL;
	int status = EXIT_RIGHT;
	o->kind_count = 0;
	for (char *name = strtok_r(copy, ",", &save); name && !status; name = strtok_r(NULL, ",", &save)) {
		const struct plot_kind *kind = plot_kind(name);
		char shown[128];
		if (!kind) {
			char *there_are = kind_names();
			status = complain("--kind %s: not a kind; there are %s", util_printable(name, shown, sizeof shown), there_are);
			free(there_are);
			break;
		}
		if (o->kind_count == KINDS_MAX) {
			status = complain("--kind: at most %d kinds", KINDS_MAX);
			break;
		}
		bool again = false;
		for (int i = 0; i < o->kind_count; i++)
			again |= o->kinds[i] == kind;
		if (!again)
			o->kinds[o->kind_count++] = kind;
	}
	if (!status && !o->kind_count)
		status = complain("--kind: a list of kinds is missing (lockstep plot --list shows them)");
	free(copy);
	o->kinds_given = true;
	return status;
}

static int take_formats(struct options *o, const char *text)
{
	char *copy = xstrdup(text), *save = NULL, shown[128];
	size_t n = 0;
	int status = EXIT_RIGHT;
	o->formats[0] = '\0';
	for (char *name = strtok_r(copy, ",", &save); name && !status; name = strtok_r(NULL, ",", &save)) {
		if (strcmp(name, "svg") && strcmp(name, "png") && strcmp(name, "pdf"))
			status = complain("--format %s: allowed are svg, png, pdf", util_printable(name, shown, sizeof shown));
		else if (!strstr(o->formats, name) && n + 5 < sizeof o->formats)
			n += (size_t)snprintf(o->formats + n, sizeof o->formats - n, "%s%s", n ? " " : "", name);
	}
	if (!status && !n)
		status = complain("--format: allowed are svg, png, pdf");
	free(copy);
	return status;
}

static int take_terminal(struct options *o, const char *text)
{
	char shown[128];
	if (!*text || strlen(text) > 32 || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789") != strlen(text))
		return complain("--term %s: the name of a terminal of gnuplot: dumb, sixelgd, ...",
						util_printable(text, shown, sizeof shown));
	o->terminal = !strcmp(text, "sixel") ? "sixelgd" : text;
	return EXIT_RIGHT;
}

static int take_size(const char *text)
{
	int width, height, end = 0;
	char shown[64];
	if (strlen(text) > 16 || sscanf(text, "%d%*1[xX]%d%n", &width, &height, &end) != 2 || text[end] || width < DRAWING_LEAST ||
		width > DRAWING_MOST || height < DRAWING_LEAST || height > DRAWING_MOST)
		return complain("--size %s: WIDTHxHEIGHT, each from %d to %d", util_printable(text, shown, sizeof shown), DRAWING_LEAST,
						DRAWING_MOST);
	drawing_size(width, height);
	return EXIT_RIGHT;
}

static int take_language(const char *text)
{
	char names[WORDS_LANGUAGES][WORDS_NAME], shown[64], all[WORDS_LANGUAGES * (WORDS_NAME + 2)] = "";
	if (words_language(text))
		return EXIT_RIGHT;
	for (int i = 0, n = words_languages(names), at = 0; i < n; i++)
		at += snprintf(all + at, sizeof all - (size_t)at, "%s%s", i ? ", " : "", names[i]);
	return complain("--lang %s: there are %s", util_printable(text, shown, sizeof shown), all);
}

/* Exit code, or -1 to go on. */
static int take_options(struct options *o, int argc, char **argv)
{
	char shown[128];
	int c, status;
	opterr = 0;
	while ((c = getopt_long(argc, argv, options_short(usage()), options_long(usage()), NULL)) != -1) {
		status = EXIT_RIGHT;
		switch (c) {
		case 'o':
			o->dir = optarg;
			break;
		case OPT_KIND:
			status = take_kinds(o, optarg);
			break;
		case OPT_FORMAT:
			status = take_formats(o, optarg);
			break;
		case OPT_TERM:
			status = take_terminal(o, optarg);
			break;
		case OPT_VARIANT:
			o->variant = optarg;
			break;
		case OPT_SIZE:
			status = take_size(optarg);
			break;
		case OPT_LANG:
			status = take_language(optarg);
			break;
		case OPT_LIST:
			o->list = true;
			break;
		case ':':
			return complain("%s: its value is missing", util_printable(argv[optind - 1], shown, sizeof shown));
		default:
			if (options_common(usage(), c))
				return EXIT_RIGHT;
			return complain("%s: no such option (lockstep plot --help lists them)",
							util_printable(argv[optind - 1], shown, sizeof shown));
		}
		if (status)
			return status;
	}
	if (!*o->dir)
		return complain("--output: the name of a folder is missing");
	return -1;
}

/* ---- records ------------------------------------------------------------------------------------ */

static int read_files(struct plot_records *records, char **files, int count)
{
	int status = EXIT_RIGHT;
	for (int i = 0; i < count; i++) {
		char shown[512];
		size_t lines = records->set ? records->set->lines : 0, skipped = records->set ? records->set->skipped : 0;
		util_printable(files[i], shown, sizeof shown);
		if (!plot_read(records, files[i])) {
			status = complain("%s: %s", shown, strerror(errno));
			continue;
		}
		struct recset *set = records->set;
		lines = set->lines - lines;
		skipped = set->skipped - skipped;
		if (lines == 0 || skipped == lines)
			status = complain("%s: no records in it%s%s", shown, set->complaint ? ": " : "",
							  set->complaint ? set->complaint : "");
		else if (skipped)
			complain("%s: %zu of %zu lines skipped (%s)", shown, skipped, lines,
					 set->complaint ? set->complaint : "not records");
		free(set->complaint); /* the next file has its own */
		set->complaint = NULL;
	}
	return status;
}

static const struct rec_machine *machine_of(const struct recset *set, const struct rec_run *run)
{
	return run->machine >= 0 && (size_t)run->machine < set->machines.n ? &set->machines.v[run->machine] : NULL;
}

/* ---- charts ------------------------------------------------------------------------------------- */

/* A name that no chart of this call has yet. */
static void name_chart(struct session *s, const struct plot_kind *kind, const struct rec_run *run,
					   char name[PLOT_NAME_MAX])
{
	char text[256], safe[PLOT_NAME_MAX - 16];
	bool lesson = run && run->lesson && !plot_same(run->lesson, run->kernel);
	snprintf(text, sizeof text, "%.30s%s%.30s%s%s", lesson ? run->lesson : "", lesson ? "-" : "",
			 run && run->kernel ? run->kernel : "", run && run->kernel ? "-" : "", kind->name);
	plot_safe_name(text, safe, sizeof safe);
	snprintf(name, PLOT_NAME_MAX, "%s", safe);
	for (int i = 0, number = 2; i < s->charts; i++)
		if (!strcmp(s->used[i], name)) {
			snprintf(name, PLOT_NAME_MAX, "%s-%d", safe, number++);
			i = -1;
		}
	snprintf(s->used[s->charts++], PLOT_NAME_MAX, "%s", name);
}

static const char *variant_of(struct session *s, const struct rec_run *run)
{
	const struct rec_variant *v = run && s->o.variant ? recset_variant(run, s->o.variant) : NULL;
	return v ? v->name : run ? plot_variant(&s->records, run) : NULL;
}

static void draw(struct session *s, const struct plot_kind *kind, const struct rec_run *run,
				 const struct rec_machine *machine)
{
	struct drawing d;
	char name[PLOT_NAME_MAX], why[512];
	if (s->charts == CHARTS_MAX || (kind->swept && run && !run->sweep && !s->o.kinds_given) ||
		(kind->peers && !s->records.set->peers.n && !s->o.kinds_given) ||
		(kind->suits && run && !s->o.kinds_given && !kind->suits(&s->records, run)))
		return;
	name_chart(s, kind, run, name);
	bool made = drawing_make(&d, &s->records, kind, run, machine, variant_of(s, run), name, s->o.formats,
							 s->o.terminal ? drawing_columns() : PLOT_PAPER_COLUMNS);
	if (!made) {
		s->charts--; /* its name is free again */
		if (s->o.list)
			printf("%s: cannot be drawn: %s\n", name, d.why);
		else
			complain("%s: skipped: %s", name, d.why);
		goto out;
	}
	if (s->o.list) {
		puts(name);
		s->drawn++;
		goto out;
	}
	switch (s->o.terminal ? drawing_terminal(&d, name, s->o.terminal, why, sizeof why)
						  : drawing_files(&d, s->o.dir, name, s->o.formats, !s->no_gnuplot, why, sizeof why)) {
	case PLOT_DRAWN:
		s->drawn++;
		if (*why)
			complain("%s: warning of gnuplot: %s", name, why);
		if (!s->o.terminal)
			printf("%s/%s: %s, csv, gp\n", s->o.dir, name, s->o.formats);
		break;
	case PLOT_MISSING:
		if (!s->no_gnuplot)
			complain("gnuplot is not on the PATH: install the package gnuplot-nox%s",
					 s->o.terminal ? "" : "; the figures (.csv) and scripts (.gp) are written");
		s->no_gnuplot = true;
		break;
	case PLOT_FULL:
		s->full = true;
		complain("%s: %s", name, why);
		break;
	case PLOT_FAILED:
		s->failed++;
		complain("%s: gnuplot failed: %s", name, why);
		break;
	}
out:
	drawing_free(&d);
}

/* Is there an earlier session on the same machine? */
static bool seen_before(const struct recset *set, size_t machine)
{
	for (size_t i = 0; i < machine; i++)
		if (plot_same(set->machines.v[i].fingerprint, set->machines.v[machine].fingerprint))
			return true;
	return false;
}

static void draw_all(struct session *s)
{
	const struct recset *set = s->records.set;
	for (size_t r = 0; r < set->runs.n && !s->full; r++)
		for (int k = 0; k < s->o.kind_count && !s->full; k++)
			if (!s->o.kinds[k]->machine)
				draw(s, s->o.kinds[k], &set->runs.v[r], machine_of(set, &set->runs.v[r]));
	for (size_t m = 0; m < set->machines.n && !s->full; m++)
		for (int k = 0; k < s->o.kind_count && !s->full; k++)
			if (s->o.kinds[k]->machine && !seen_before(set, m))
				draw(s, s->o.kinds[k], NULL, &set->machines.v[m]);
}

static void draw_one(struct session *s)
{
	const struct plot_kind *kind = s->o.kinds_given ? s->o.kinds[0] : plot_kinds[0];
	const struct rec_run *run = recset_last(s->records.set);
	const struct recset *set = s->records.set;
	for (size_t i = set->runs.n; kind->suits && i-- > 0;) /* the last one that it says something about */
		if (kind->suits(&s->records, &set->runs.v[i])) {
			run = &set->runs.v[i];
			break;
		}
	if (kind->machine && set->machines.n)
		draw(s, kind, NULL, &set->machines.v[set->machines.n - 1]);
	else if (!kind->machine && run)
		draw(s, kind, run, machine_of(set, run));
}

int main(int argc, char **argv)
{
	struct session s = {.o = {.dir = ".", .formats = "svg png"}};
	int status;

	words_start();
	for (int i = 0; plot_kinds[i] && s.o.kind_count < KINDS_MAX; i++)
		s.o.kinds[s.o.kind_count++] = plot_kinds[i];
	status = take_options(&s.o, argc, argv);
	if (status >= 0)
		return status;
	if (optind == argc && s.o.list) {
		for (int i = 0; plot_kinds[i]; i++)
			printf("%-12s %s\n", plot_kinds[i]->name, _(plot_kinds[i]->about));
		return EXIT_RIGHT;
	}
	if (optind == argc)
		return complain("a file of records is missing (usage: lockstep plot FILE... [-o DIR])");
	if (!drawing_scripts()) {
		complain("the folder plots/ with its scripts is not found; set LOCKSTEP_HOME to where Lockstep is");
		return EXIT_CANNOT;
	}
	status = read_files(&s.records, argv + optind, argc - optind);
	if (status)
		goto out;
	if (!s.o.list && !s.o.terminal && !plot_make_dir(s.o.dir)) {
		int why = errno;
		char shown[512];
		status = complain("%s: %s", util_printable(s.o.dir, shown, sizeof shown), strerror(why));
		status = why == ENOSPC || why == EDQUOT ? EXIT_RESOURCE : status;
		goto out;
	}
	if (!s.o.list && words_foreign() && (strstr(s.o.formats, "png") || strstr(s.o.formats, "pdf")) && !plot_has_font(words_wanted()))
		complain("no font here has the letters of this language, so PNG and PDF show boxes: install fonts-noto-cjk");
	s.used = xcalloc(CHARTS_MAX, sizeof *s.used);
	plot_catch_signals();
	if (s.o.terminal)
		draw_one(&s);
	else
		draw_all(&s);
	if (!s.drawn && !s.failed && !s.no_gnuplot && !s.full)
		complain("nothing in these records can be drawn");
	status = s.full ? EXIT_RESOURCE : s.no_gnuplot ? EXIT_CANNOT : s.failed || !s.drawn ? EXIT_WRONG : EXIT_RIGHT;
out:
	free(s.used);
	plot_records_free(&s.records);
	if (fflush(stdout) || ferror(stdout)) {
		complain("standard output: %s", strerror(errno));
		return EXIT_RESOURCE;
	}
	return status;
}
