/* lockstep compare FILE|DIR...: many machines, or many people, beside each other. */
#include "kernels/bench/options.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "plots/compare.h"
#include "plots/draw.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { OPT_FORMAT = 256, OPT_SIZE, OPT_LANG, OPT_TERM, OPT_KERNEL, OPT_VARIANT, DEPTH = 3, FILES_MAX = 20000, CHARTS = 40 };

struct session {
	const char *dir, *terminal, *command;
	char formats[32];
	struct comparison c;
	int drawn, failed, files;
	bool no_gnuplot, full;
};

static int complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static int complain(const char *fmt, ...)
{
	va_list ap;
	fflush(stdout);
	fputs("lockstep compare: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	putc('\n', stderr);
	return EXIT_USAGE;
}

static const struct option_row rows[] = {
	{'o', "output", "DIR", N_("draw charts there, too (without: text only)"), "@dir"},
	{OPT_KERNEL, "kernel", "NAME", N_("only this kernel or lesson"), "@kernel"},
	{OPT_VARIANT, "variant", "NAME", N_("only this variant"), "@variant"},
	{OPT_FORMAT, "format", "F,...", N_("svg, png, pdf (preset: svg,png)"), "svg png pdf svg,png"},
	{OPT_SIZE, "size", "WIDTHxHEIGHT", N_("of a picture, in points of the SVG (preset 900x562; a PNG has twice as many)"), "900x562 1200x800 360x480"},
	{OPT_LANG, "lang", "LANG", N_("language of the words: en or zh"), "en zh"},
	{OPT_TERM, "term", "T", N_("the chart with most curves on this terminal: dumb, sixelgd, ..."), "dumb sixelgd"},
	{0, NULL, NULL, NULL, NULL},
};

static const struct program_options usage = {
	.program = "lockstep compare",
	.synopsis = "FILE|DIR... [options]",
	.about = N_("Sets records of many machines, or of many people, beside each other: speedups with their median and middle half, who "
		    "reached what, and what was predicted against what was measured. A folder stands for all records in it; a file that can't be "
		    "used is named and skipped."),
	.operands = "@file",
	.options = rows,
};

/* ---- options ------------------------------------------------------------------------------------ */

static int take_formats(struct session *s, const char *text)
{
	char *copy = xstrdup(text), *save = NULL, shown[128];
	size_t n = 0;
	int status = EXIT_RIGHT;
	for (char *name = strtok_r(copy, ",", &save); name && !status; name = strtok_r(NULL, ",", &save)) {
		if (strcmp(name, "svg") && strcmp(name, "png") && strcmp(name, "pdf"))
			status = complain("--format %s: allowed are svg, png, pdf", util_printable(name, shown, sizeof shown));
		else if (!n || !strstr(s->formats, name))
			n += (size_t)snprintf(s->formats + n, sizeof s->formats - n, "%s%s", n ? " " : "", name);
	}
	if (!status && !n)
		status = complain("--format: allowed are svg, png, pdf");
	free(copy);
	return status;
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

static int take_option(struct session *s, int c, char **argv)
{
	char shown[128];
	switch (c) {
	case 'o':
		s->dir = optarg;
		return *optarg ? EXIT_RIGHT : complain("--output: the name of a folder is missing");
	case OPT_KERNEL:
		s->c.kernel = optarg;
		return EXIT_RIGHT;
	case OPT_VARIANT:
		s->c.variant = optarg;
		return EXIT_RIGHT;
	case OPT_FORMAT:
		return take_formats(s, optarg);
	case OPT_SIZE:
		return take_size(optarg);
	case OPT_LANG:
		return words_language(optarg) ? EXIT_RIGHT
									  : complain("--lang %s: there are en, zh", util_printable(optarg, shown, sizeof shown));
	case OPT_TERM:
		if (!*optarg || strlen(optarg) > 32 || strspn(optarg, "abcdefghijklmnopqrstuvwxyz0123456789") != strlen(optarg))
			return complain("--term %s: the name of a terminal of gnuplot: dumb, sixelgd, ...",
							util_printable(optarg, shown, sizeof shown));
		s->terminal = strcmp(optarg, "sixel") ? optarg : "sixelgd";
		return EXIT_RIGHT;
	case ':':
		return complain("%s: its value is missing", util_printable(argv[optind - 1], shown, sizeof shown));
	default:
		return complain("%s: no such option (lockstep compare --help lists them)",
						util_printable(argv[optind - 1], shown, sizeof shown));
	}
}

/* ---- files -------------------------------------------------------------------------------------- */

static void add_file(struct session *s, const char *path, const char *name)
{
	char why[600] = "", shown[512];
	bool added = compare_add(&s->c, path, name, why, sizeof why);
	util_printable(path, shown, sizeof shown);
	if (!added)
		complain("%s: %s: %s", shown, _("skipped"), why);
	else if (*why)
		complain("%s: %s", shown, why);
	s->files++;
}

/* The name without its ending; of "records.ndjson" and the like the folder tells more. */
static void name_of(const char *path, const char *folder, char *name, size_t size)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	snprintf(name, size, "%.200s", base);
	char *dot = strrchr(name, '.');
	if (dot && dot > name)
		*dot = '\0';
	if (folder && (!strcmp(name, "records") || !strcmp(name, "record") || !strcmp(name, "lockstep")))
		snprintf(name, size, "%.200s", folder);
}

static int is_record(const struct dirent *e)
{
	const char *end = strrchr(e->d_name, '.');
	return e->d_name[0] != '.' && (!end || !strcmp(end, ".ndjson") || !strcmp(end, ".jsonl") || !strcmp(end, ".json"));
}

static void add_folder(struct session *s, const char *dir, const char *folder, int depth)
{
	struct dirent **list = NULL;
	int n = scandir(dir, &list, is_record, alphasort);
	char shown[512];
	if (n < 0) {
		complain("%s: %s: %s", util_printable(dir, shown, sizeof shown), _("skipped"), strerror(errno));
		s->c.skipped++;
		return;
	}
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX], name[256];
		struct stat st;
		if (snprintf(path, sizeof path, "%s/%s", dir, list[i]->d_name) < (int)sizeof path && s->files < FILES_MAX && !lstat(path, &st)) {
			name_of(path, folder, name, sizeof name);
			bool link = S_ISLNK(st.st_mode) && !stat(path, &st);
			if (S_ISDIR(st.st_mode) && !link && depth < DEPTH) /* no folder twice, or for ever */
				add_folder(s, path, list[i]->d_name, depth + 1);
			else if (!S_ISDIR(st.st_mode) && strchr(list[i]->d_name, '.'))
				add_file(s, path, name);
		}
		free(list[i]);
	}
	free(list);
}

static void add_operand(struct session *s, const char *path)
{
	struct stat st;
	char name[256], real[PATH_MAX], folder[256];
	if (!stat(path, &st) && S_ISDIR(st.st_mode)) {
		add_folder(s, path, NULL, 1);
		return;
	}
	snprintf(real, sizeof real, "%s", path);
	char *slash = strrchr(real, '/');
	if (slash)
		*slash = '\0';
	name_of(real, NULL, folder, sizeof folder);
	name_of(path, slash ? folder : NULL, name, sizeof name);
	add_file(s, path, name);
}

/* ---- charts ------------------------------------------------------------------------------------- */

static void draw(struct session *s, const struct topic *topic, const char *base)
{
	struct compare_chart chart = {.c = &s->c, .topic = topic, .command = s->command};
	struct drawing d;
	char why[512];
	if (!drawing_make_of(&d, topic ? compare_make_topic : compare_make_guesses, &chart, topic ? "compare" : "guesses", base, s->formats,
						 s->terminal ? drawing_columns() : 0)) {
		complain("%s: %s: %s", base, _("skipped"), d.why);
		drawing_free(&d);
		return;
	}
	switch (s->terminal ? drawing_terminal(&d, base, s->terminal, why, sizeof why)
						: drawing_files(&d, s->dir, base, s->formats, !s->no_gnuplot, why, sizeof why)) {
	case PLOT_DRAWN:
		s->drawn++;
		if (*why)
			complain("%s: warning of gnuplot: %s", base, why);
		if (!s->terminal)
			printf("%s/%s: %s, csv, gp\n", s->dir, base, s->formats);
		break;
	case PLOT_MISSING:
		if (!s->no_gnuplot)
			complain("gnuplot is not on the PATH: install the package gnuplot-nox%s",
					 s->terminal ? "" : "; the figures (.csv) and scripts (.gp) are written");
		s->no_gnuplot = true;
		break;
	case PLOT_FULL:
		s->full = true;
		complain("%s: %s", base, why);
		break;
	case PLOT_FAILED:
		s->failed++;
		complain("%s: gnuplot failed: %s", base, why);
		break;
	}
	drawing_free(&d);
}

/* Topics with most curves first; equal ones in the order of the files. */
static const struct topic **ranked(const struct comparison *c)
{
	const struct topic **v = xcalloc((size_t)c->topics + 1, sizeof *v);
	for (int i = 0; i < c->topics; i++) {
		int k = i;
		for (; k > 0 && v[k - 1]->n < c->topic[i].n; k--)
			v[k] = v[k - 1];
		v[k] = &c->topic[i];
	}
	return v;
}

static void draw_all(struct session *s)
{
	const struct topic **v = ranked(&s->c);
	char used[CHARTS][PLOT_NAME_MAX], text[300], safe[PLOT_NAME_MAX - 16];
	int n = s->c.topics < CHARTS ? s->c.topics : CHARTS;
	if (s->terminal && n)
		draw(s, v[0], "compare");
	for (int i = 0; i < n && !s->terminal && !s->full; i++) {
		bool lesson = v[i]->lesson && !plot_same(v[i]->lesson, v[i]->kernel);
		snprintf(text, sizeof text, "compare-%.30s%s%.30s-%.30s", lesson ? v[i]->lesson : "", lesson ? "-" : "", v[i]->kernel, v[i]->variant);
		plot_safe_name(text, safe, sizeof safe);
		snprintf(used[i], sizeof used[i], "%s", safe);
		for (int k = 0, number = 2; k < i; k++)
			if (!strcmp(used[k], used[i])) {
				snprintf(used[i], sizeof used[i], "%s-%d", safe, number++);
				k = -1;
			}
		draw(s, v[i], used[i]);
	}
	if (s->c.topics > CHARTS)
		complain("%d of %d charts drawn; --kernel and --variant choose", CHARTS, s->c.topics);
	if (s->c.questions && !s->terminal && !s->full)
		draw(s, NULL, "compare-predictions");
	free(v);
}

/* "$ lockstep compare DIR": as it was typed, as far as it fits. Caller frees. */
static char *command_of(int argc, char **argv)
{
	char *text = NULL, shown[300];
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	if (!to)
		return xstrdup("");
	fputs("$ lockstep compare", to);
	for (int i = 1; i < argc && i < 12; i++)
		fprintf(to, " %s", util_printable(argv[i], shown, sizeof shown));
	fclose(to);
	return text ? text : xstrdup("");
}

int main(int argc, char **argv)
{
	struct session s = {.formats = "svg png"};
	int c, status = EXIT_RIGHT;
	char *command = NULL, shown[512];

	words_start();
	opterr = 0;
	char *typed = command_of(argc, argv);
	s.command = command = typed;
	while ((c = getopt_long(argc, argv, options_short(&usage), options_long(&usage), NULL)) != -1 && !status) {
		if (options_common(&usage, c))
			goto out;
		status = take_option(&s, c, argv);
	}
	if (status)
		goto out;
	if (optind == argc) {
		status = complain("a file or folder of records is missing (usage: lockstep compare FILE|DIR... [-o DIR])");
		goto out;
	}
	for (int i = optind; i < argc; i++)
		add_operand(&s, argv[i]);
	if (!s.c.files) {
		status = complain("no file with records among these");
		goto out;
	}
	if (!s.terminal)
		compare_print(&s.c, stdout);
	if (!s.dir && !s.terminal)
		goto out;
	if (!drawing_scripts()) {
		complain("the folder plots/ with its scripts is not found; set LOCKSTEP_HOME to where Lockstep is");
		status = EXIT_CANNOT;
		goto out;
	}
	if (!s.terminal && !plot_make_dir(s.dir)) {
		int why = errno;
		complain("%s: %s", util_printable(s.dir, shown, sizeof shown), strerror(why));
		status = why == ENOSPC || why == EDQUOT ? EXIT_RESOURCE : EXIT_USAGE;
		goto out;
	}
	if (words_foreign() && (strstr(s.formats, "png") || strstr(s.formats, "pdf")) && !plot_has_font(words_wanted()))
		complain("no font here has the letters of this language, so PNG and PDF show boxes: install fonts-noto-cjk");
	plot_catch_signals();
	draw_all(&s);
	status = s.full ? EXIT_RESOURCE : s.no_gnuplot ? EXIT_CANNOT : s.failed || !s.drawn ? EXIT_WRONG : EXIT_RIGHT;
out:
	free(command);
	compare_free(&s.c);
	if (fflush(stdout) || ferror(stdout)) {
		complain("standard output: %s", strerror(errno));
		return EXIT_RESOURCE;
	}
	return status;
}
