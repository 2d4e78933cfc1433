/* lockstep report: one page of HTML that tells what a learner predicted, measured, answered and changed. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernels/bench/options.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "plots/draw.h"
#include "plots/report.h"

enum { OPT_LANG = 256, OPT_PDF, OPT_NAME, OPT_KIND };

#define PAGE "lockstep-report"

static const struct option_row rows[] = {
	{'o', "output", "DIR", N_("where to write lockstep-report.html (preset: the current folder)"), "@dir"},
	{OPT_PDF, "pdf", NULL, N_("print it to lockstep-report.pdf too, with Chromium"), NULL},
	{OPT_LANG, "lang", "LANG", N_("language of the page: en, zh (preset: as the locale says)"), "en zh"},
	{OPT_NAME, "name", "TEXT", N_("whose report it is, on top of the page"), NULL},
	{OPT_KIND, "kind", "K,...", N_("only these kinds of charts (lockstep plot --list names them)"), NULL},
	{0, NULL, NULL, NULL, NULL},
};

static const struct program_options options = {
	.program = "lockstep report",
	.synopsis = "[LESSON...|FILE...] [options]",
	.about = N_("Writes one page of HTML that needs nothing else: what was predicted, measured, answered and changed, why it fell short, and "
		    "how to repeat it. Of FILEs with records, else of all that the learner has done; with LESSONs, of these alone."),
	.operands = "@lesson @file",
	.options = rows,
	.after = N_("exit: 0 written, 1 there is nothing to tell, 2 usage, 3 the disk is full, 4 written, but without gnuplot or a browser"),
};

static int complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static int complain(const char *fmt, ...)
{
	va_list ap;
	fflush(stdout);
	fputs("lockstep report: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	putc('\n', stderr);
	return EXIT_USAGE;
}

struct asked {
	const char *dir, *language;
	bool pdf;
};

static int take_language(struct asked *asked, const char *text)
{
	char names[WORDS_LANGUAGES][WORDS_NAME], shown[64];
	int n = words_languages(names);
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i], text)) {
			asked->language = text;
			return EXIT_RIGHT;
		}
	if (!strcmp(text, "zh")) { /* its lessons are there without a catalogue */
		asked->language = text;
		return EXIT_RIGHT;
	}
	return complain(_("--lang %s: there is no such language; there are en and zh"), util_printable(text, shown, sizeof shown));
}

static int take_kinds(struct report *report, const char *text)
{
	char *copy = xstrdup(text), *save = NULL, shown[128];
	int status = EXIT_RIGHT;
	for (char *name = strtok_r(copy, ",", &save); name && !status; name = strtok_r(NULL, ",", &save)) {
		const struct plot_kind *kind = plot_kind(name);
		if (!kind)
			status = complain(_("--kind %s: not a kind; `lockstep plot --list` names them"), util_printable(name, shown, sizeof shown));
		report->kinds = xrealloc(report->kinds, (size_t)(report->kind_count + 1) * sizeof *report->kinds);
		report->kinds[report->kind_count++] = kind;
	}
	free(copy);
	return status;
}

/* Exit code, or -1 to go on. */
static int take_options(struct asked *asked, struct report *report, int argc, char **argv)
{
	char shown[128];
	int c, status;
	opterr = 0;
	while ((c = getopt_long(argc, argv, options_short(&options), options_long(&options), NULL)) != -1) {
		status = EXIT_RIGHT;
		switch (c) {
		case 'o':
			asked->dir = optarg;
			break;
		case OPT_LANG:
			status = take_language(asked, optarg);
			break;
		case OPT_PDF:
			asked->pdf = true;
			break;
		case OPT_NAME:
			report->name = *optarg ? optarg : NULL;
			break;
		case OPT_KIND:
			status = take_kinds(report, optarg);
			break;
		case ':':
			return complain(_("%s: its value is missing"), util_printable(argv[optind - 1], shown, sizeof shown));
		default:
			if (options_common(&options, c))
				return EXIT_RIGHT;
			return complain(_("%s: no such option (lockstep report --help lists them)"), util_printable(argv[optind - 1], shown, sizeof shown));
		}
		if (status)
			return status;
	}
	if (!*asked->dir)
		return complain("%s", _("--output: the name of a folder is missing"));
	return -1;
}

/* ---- what is told of ---- */

/* A word is a lesson of the course, else a file. */
static bool is_lesson(const struct report *report, const char *word)
{
	return report->course && !strchr(word, '/') && course_find(report->course, word);
}

static int read_files(struct report *report, char **words, int n, int *files)
{
	struct stat st;
	int good = 0;
	for (int i = 0; i < n; i++) {
		char shown[256];
		if (is_lesson(report, words[i])) {
			report->lessons = xrealloc(report->lessons, (size_t)(report->lesson_count + 1) * sizeof *report->lessons);
			report->lessons[report->lesson_count++] = words[i];
			continue;
		}
		++*files;
		if (stat(words[i], &st) && !strchr(words[i], '/') && !strchr(words[i], '.'))
			return complain(_("%s: neither a lesson (`lockstep list` names them) nor a file"), util_printable(words[i], shown, sizeof shown));
		good += report_read(report, words[i], words[i]);
	}
	return *files && !good ? complain("%s", _("none of the files holds records")) : EXIT_RIGHT;
}

/* All that the learner has done. */
static int read_learner(struct report *report)
{
	char notice[600];
	const char *dir = util_state_dir(false);
	report->progress = progress_peek(notice, sizeof notice);
	if (*notice)
		report_leave_out(report, "%s", notice);
	char *path = xasprintf("%s/records.ndjson", dir ? dir : ".");
	if (dir && access(path, F_OK) == 0)
		report_read(report, path, "records.ndjson");
	if (dir)
		report_read_mine(report, dir);
	free(path);
	return EXIT_RIGHT;
}

static bool anything(const struct report *report)
{
	const struct recset *set = report->records.set;
	for (int i = 0; i < report->lesson_count; i++)
		if (report_knows(report, report->lessons[i]))
			return true;
	if (report->lesson_count)
		return false;
	for (int i = 0; report->course && i < report->course->lesson_count; i++)
		if (report_knows(report, report->course->lessons[i].id))
			return true;
	return (set && set->runs.n) || report->guess_count;
}

/* ---- writing ---- */

/* What pictures in the making leave in their folder when a signal ends the program. */
static bool watch_folder(struct report *report, bool on)
{
	static const char *const names[] = {"chart.csv", "chart.gp", "chart.svg"};
	bool good = true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[sizeof report->dir + 16];
		snprintf(path, sizeof path, "%s/%s", report->dir, names[i]);
		if (on)
			good = plot_temporary(path) && good;
		else
			plot_temporary_done(path);
	}
	return good;
}

static int write_page(struct report *report, const char *dir, char *path, size_t size)
{
	char *html = NULL, shown[512];
	size_t length = 0;
	int why = 0;
	FILE *out = open_memstream(&html, &length);
	util_printable(dir, shown, sizeof shown);
	if (!plot_make_dir(dir)) {
		why = errno;
		if (out)
			fclose(out);
		free(html);
		return complain("%s: %s", shown, strerror(why)), why == ENOSPC || why == EDQUOT ? EXIT_RESOURCE : EXIT_USAGE;
	}
	if (!out || !plot_temporary_dir(report->dir, sizeof report->dir) || !watch_folder(report, true)) {
		why = errno;
		if (out)
			fclose(out);
		free(html);
		return complain("%s", strerror(why)), EXIT_RESOURCE;
	}
	report_page(out, report);
	watch_folder(report, false);
	rmdir(report->dir);
	plot_temporary_done(report->dir);
	bool good = fclose(out) == 0;
	snprintf(path, size, "%s/" PAGE ".html", dir);
	if (report->full)
		why = ENOSPC;
	else if (!good || !plot_write_file(path, html, length))
		why = errno;
	free(html);
	if (why) {
		complain("%s/" PAGE ".html: %s", shown, strerror(why));
		return why == ENOSPC || why == EDQUOT ? EXIT_RESOURCE : EXIT_USAGE;
	}
	puts(path);
	return EXIT_RIGHT;
}

static int write_pdf(const char *html, const char *dir)
{
	char path[PATH_MAX], why[256] = "";
	snprintf(path, sizeof path, "%s/" PAGE ".pdf", dir);
	enum plot_drawn drawn = report_pdf(html, path, why, sizeof why);
	if (drawn == PLOT_DRAWN)
		puts(path);
	else if (!plot_has_room(dir))
		return complain("%s: %s", path, strerror(ENOSPC)), EXIT_RESOURCE;
	else
		complain(_("no PDF: %s"), why);
	return drawn == PLOT_DRAWN ? EXIT_RIGHT : drawn == PLOT_MISSING ? EXIT_CANNOT : EXIT_WRONG;
}

int main(int argc, char **argv)
{
	struct asked asked = {.dir = "."};
	struct report report = {.language = "en"};
	char path[PATH_MAX];
	const char *why = NULL;
	int files = 0;

	words_start();
	int status = take_options(&asked, &report, argc, argv);
	if (status >= 0)
		goto out;
	report.language = asked.language ? asked.language : words_wanted();
	words_language(report.language);
	if (!drawing_scripts()) {
		complain("%s", _("the folder plots/ with its scripts is not found; set LOCKSTEP_HOME to where Lockstep is"));
		status = EXIT_CANNOT;
		goto out;
	}
	report.course = course_load(&why);
	status = read_files(&report, argv + optind, argc - optind, &files);
	if (!status && !files)
		status = read_learner(&report);
	if (status)
		goto out;
	if (!anything(&report)) {
		complain("%s", report.lesson_count ? _("nothing is recorded of this lesson yet; `lockstep LESSON` opens it")
						   : _("nothing is recorded yet: work through a lesson (`lockstep`), or give a file of records"));
		status = EXIT_WRONG;
		goto out;
	}
	plot_catch_signals();
	status = write_page(&report, asked.dir, path, sizeof path);
	if (status)
		goto out;
	if (report.no_gnuplot) {
		complain("%s", _("no charts: gnuplot is not on the PATH: install the package gnuplot-nox; the page has the figures in tables"));
		status = EXIT_CANNOT;
	} else if (report.failed) {
		complain(ngettext("%1$d chart could not be drawn: %2$s", "%1$d charts could not be drawn, the last: %2$s", (unsigned long)report.failed),
			 report.failed, report.why_failed);
		status = EXIT_WRONG;
	}
	if (asked.pdf) {
		int printed = write_pdf(path, asked.dir);
		status = printed ? printed : status;
	}
out:
	report_free(&report);
	if (fflush(stdout) || ferror(stdout)) {
		complain(_("standard output: %s"), strerror(errno));
		return EXIT_RESOURCE;
	}
	return status;
}
