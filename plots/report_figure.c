/* Charts in the page: the scripts of `lockstep plot`, at two widths, without the words around them, which the page tells itself. */
#include "plots/report.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "plots/draw.h"

enum { ROWS_MAX = 60, SVG_MAX = 8 << 20 };

/* Before the script draws: the legend goes below, in as many columns as there is room for. */
static const char page_style[] =
	"\n# ---- in a report: its page has the words, and is as wide as it is\n"
	"unset label 1; unset label 2; unset label 3; unset label 4\n"
	"UNBOXED = 1\n" /* boxes are filters in an SVG, which the page does not let in */
	"ENTRIES = 0\n"
	"if (exists('PARTS')) { LISTED = PARTS } else { if (exists('KINDS')) { LISTED = KINDS } else { if (exists('LOOKS')) { LISTED = LOOKS } } }\n"
	"if (exists('PARTS')) { ENTRIES = words(PARTS) } else { if (exists('KINDS')) { ENTRIES = words(KINDS) } else { \\\n"
	"	if (exists('LOOKS')) { ENTRIES = words(LOOKS) } else { if (exists('NAME')) { do for [i=1:|NAME|] { if (strlen(NAME[i])) { ENTRIES = ENTRIES + 1 } } } } } }\n"
	"LONGEST = 0\n" /* of the words of the legend, in columns: gnuplot gives each entry so many, and width makes two entries fill the chart */
	"set encoding default\n"
	"if (exists('NAME')) { array BYTES[|NAME|]; do for [i=1:|NAME|] { BYTES[i] = strlen(NAME[i]) } }\n"
	"set encoding utf8\n"
	"if (exists('NAME')) { do for [i=1:|NAME|] { \\\n"
	"	TOLD = !exists('LISTED') || strstrt(' '.LISTED.' ', sprintf(' %d ', i)) > 0; \\\n"
	"	LONG = strlen(NAME[i]) + (BYTES[i] - strlen(NAME[i])) / 2; if (TOLD && LONG > LONGEST) { LONGEST = LONG } } }\n"
	"LEGEND_COLUMNS = WIDE > 400 && !exists('LANE_WIDTH') ? 2 : 1\n"
	"LEGEND_ROWS = (ENTRIES + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS\n"
	"set key bmargin left horizontal Left reverse maxcols LEGEND_COLUMNS samplen 2 spacing 1.2 width (LONGEST && WIDE > 400 ? 26 - LONGEST : -1) font ',10'\n"
	"set tmargin 1.2; set rmargin 2\n"
	"if (!exists('LANE_WIDTH') && !exists('XTICKS')) { set lmargin WIDE > 400 ? 9 : 7.5 }\n"
	"BELOW = (WIDE > 400 ? 3.6 + 0.95 * LEGEND_ROWS : 4.2 + 1.15 * LEGEND_ROWS) + (exists('GROUP_X') ? 2 + TURNS : 0)\n"
	"if (WIDE < 400) { unset label 5 }\n"
	"if (exists('CORE_LEAST') && WIDE < 400) { CORE_LEAST = 2 * CORE_LEAST }\n"
	"set bmargin BELOW\n"
	"TALL = exists('LANES') ? 20 * YMAX : WIDE > 400 ? 250 : 235\n"
	"canvas(F) = sprintf('set terminal svg size %d,%d noenhanced font \"sans-serif,%d\" linewidth 1.2', WIDE, TALL + 16 + 14 * BELOW, \\\n"
	"	WIDE > 400 ? 12 : 11)\n"
	"begin(F) = canvas(F).'; set output OUT.\".'.F.'\"'\n";

static const char loop[] = "\ndo for [F in FORMATS] {";

/* What plot_set wrote: NAME = 'it''s'."\n".'…', line feeds as blanks. To be freed; NULL: it is not there. */
static char *setting(const char *script, const char *name)
{
	char *start = xasprintf("\n%s = '", name), *text = NULL;
	const char *at = strstr(script, start);
	size_t n = 0, skip = strlen(start);
	free(start);
	if (!at)
		return NULL;
	const char *end = strchr(at + skip, '\n');
	text = xmalloc(strlen(at) + 1);
	for (at += skip; *at && at < end;) {
		if (!strncmp(at, "'.\"\\n\".'", 8)) {
			text[n++] = ' ';
			at += 8;
		} else if (at[0] == '\'' && at[1] != '\'') {
			break;
		} else {
			text[n++] = *at;
			at += 1 + (at[0] == '\'');
		}
	}
	text[n] = '\0';
	return text;
}

/* The drawing's script with our style in the place before it draws. */
static bool restyle(struct drawing *d, int wide)
{
	const char *at = NULL;
	for (const char *next = d->script; (next = strstr(next, loop)); next++)
		at = next;
	if (!at)
		return false;
	char *text = xasprintf("%.*s\nWIDE = %d%s%s", (int)(at - d->script), d->script, wide, page_style, at);
	free(d->script);
	d->script = text;
	d->script_length = strlen(text);
	return true;
}

static char *slurp(const char *path)
{
	struct stat st;
	FILE *file = fopen(path, "re");
	char *text = NULL;
	if (file && !fstat(fileno(file), &st) && st.st_size < SVG_MAX) {
		text = xmalloc((size_t)st.st_size + 1);
		text[fread(text, 1, (size_t)st.st_size, file)] = '\0';
	}
	if (file)
		fclose(file);
	return text;
}

/* The picture of a script, as text to be freed; NULL with a reason. */
static char *draw(struct report *report, struct drawing *d, int wide, char *why)
{
	static const char *const ends[] = {"svg", "csv", "gp"};
	char path[sizeof report->dir + 32];
	char *svg = NULL;
	if (!restyle(d, wide)) {
		snprintf(why, PLOT_WHY_MAX, "its script has no place for the style of the page");
		return NULL;
	}
	switch (drawing_files(d, report->dir, "chart", "svg", !report->no_gnuplot, why, PLOT_WHY_MAX)) {
	case PLOT_DRAWN:
		snprintf(path, sizeof path, "%s/chart.svg", report->dir);
		svg = slurp(path);
		break;
	case PLOT_MISSING:
		report->no_gnuplot = true;
		snprintf(why, PLOT_WHY_MAX, "%s", _("gnuplot is not on the PATH: install the package gnuplot-nox"));
		break;
	case PLOT_FULL:
		report->full = true;
		break;
	case PLOT_FAILED:
		break;
	}
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		snprintf(path, sizeof path, "%s/chart.%s", report->dir, ends[i]);
		unlink(path);
	}
	return svg;
}

/* ---- the numbers as a table ---- */

/* One field from *at on; *at is led behind its comma. Numbers are shortened. */
static void put_field(FILE *out, const char **at, bool head)
{
	char field[512];
	size_t n = 0;
	bool quoted = **at == '"';
	const char *c = *at + quoted;
	while (*c && *c != '\n' && (quoted ? *c != '"' || c[1] == '"' : *c != ',')) {
		c += quoted && *c == '"';
		if (n + 1 < sizeof field)
			field[n++] = head && *c == '_' ? ' ' : *c;
		c++;
	}
	field[n] = '\0';
	char *end;
	double x = strtod(field, &end);
	bool number = n && !*end && !quoted;
	if (number && isfinite(x))
		snprintf(field, sizeof field, "%.5g", x);
	fprintf(out, head ? "<th scope=\"col\">" : number ? "<td class=\"n\">" : "<td>");
	html_text(out, field);
	fputs(head ? "</th>" : "</td>", out);
	c += quoted && *c == '"';
	*at = c + (*c == ',');
}

static void put_table(FILE *out, const char *csv)
{
	int row = 0, left = 0;
	fputs("<div class=\"wide\"><table class=\"numbers\">", out);
	for (const char *at = csv; *at; row++) {
		if (row > ROWS_MAX) {
			left += *at == '\n';
			at++;
			continue;
		}
		fputs("<tr>", out);
		while (*at && *at != '\n')
			put_field(out, &at, row == 0);
		at += *at == '\n';
		fputs("</tr>\n", out);
	}
	fputs("</table></div>\n", out);
	if (left > 0) {
		fputs("<p class=\"dim\">", out);
		html_textf(out, ngettext("%d more row: the command below writes them all.", "%d more rows: the command below writes them all.",
					 (unsigned long)left), left);
		fputs("</p>\n", out);
	}
}

/* `pictures`: "" when there is none, and `why`. */
static void put_figure(FILE *out, int number, const struct plot_kind *kind, const char *title, const char *sentence, const char *pictures,
		       const char *why, const char *csv)
{
	fprintf(out, "<figure class=\"fig %s\" id=\"fig-%d\">\n<figcaption><b>", kind->name, number);
	html_textf(out, _("Figure %d."), number);
	fputs("</b> ", out);
	html_text(out, title);
	fputs(". ", out);
	if (sentence && *sentence) {
		fputs("<span class=\"reading\">", out);
		html_text(out, sentence);
		fputs("</span>", out);
	}
	fputs("</figcaption>\n", out);
	fputs(pictures, out);
	if (!*pictures) {
		fputs("<p class=\"busy\">", out);
		html_textf(out, _("No picture: %s"), why);
		fputs("</p>\n", out);
	}
	fprintf(out, "<details%s><summary>", *pictures ? "" : " open");
	html_text(out, _("The numbers of this figure"));
	fputs("</summary>\n", out);
	put_table(out, csv);
	fputs("</details>\n<p class=\"repeat\">", out);
	html_text(out, _("Again:"));
	fputs(" ", out);
	html_command(out, "lockstep plot again.ndjson --kind %s", kind->name);
	fputs("</p>\n</figure>\n", out);
}

/* One picture into `out`. */
static bool put_picture(FILE *out, struct report *report, struct drawing *d, int number, int wide, const char *title, const char *sentence,
			char *why)
{
	char prefix[32], *svg = draw(report, d, wide, why);
	bool small = wide < 400;
	snprintf(prefix, sizeof prefix, "f%d%c-", number, small ? 'n' : 'w');
	bool good = svg && svg_inline(out, svg, prefix, small ? "at-narrow" : "at-wide", title, sentence);
	if (svg && !good)
		snprintf(why, PLOT_WHY_MAX, "%s", _("gnuplot wrote something that is not let into the page"));
	free(svg);
	return good;
}

bool report_figure(FILE *out, struct report *report, const struct plot_kind *kind, const struct rec_run *run, char *why)
{
	static const int widths[] = {560, 340};
	const struct recset *set = report->records.set;
	const struct rec_machine *machine = run->machine >= 0 && (size_t)run->machine < set->machines.n ? &set->machines.v[run->machine] : NULL;
	char *pictures = NULL, *title = NULL, *sentence = NULL, *csv = NULL;
	size_t length = 0;
	bool made = true, drawn = true;
	FILE *to = open_memstream(&pictures, &length);
	why[0] = '\0';
	for (int i = 0; i < 2 && made && drawn && to; i++) {
		struct drawing d;
		/* The script breaks its words for the width; the page's own words are those of the wide one. */
		drawing_size(i ? widths[i] : DRAWING_WIDTH, DRAWING_HEIGHT);
		made = drawing_make(&d, &report->records, kind, run, machine, plot_variant(&report->records, run), "chart", "svg",
				    PLOT_PAPER_COLUMNS);
		if (!made) {
			snprintf(why, PLOT_WHY_MAX, "%s", d.why);
		} else {
			if (!csv) {
				title = setting(d.script, "TITLE");
				sentence = setting(d.script, "SUBTITLE");
				csv = xstrdup(d.csv);
			}
			drawn = put_picture(to, report, &d, report->figures + 1, widths[i], title ? title : kind->name, words_of(sentence), why);
		}
		drawing_free(&d);
	}
	drawing_size(DRAWING_WIDTH, DRAWING_HEIGHT);
	if (to)
		fclose(to);
	if (made && !drawn && !report->no_gnuplot) {
		report->failed++;
		snprintf(report->why_failed, sizeof report->why_failed, "%.40s: %.200s", kind->name, why);
	}
	if (made && csv)
		put_figure(out, ++report->figures, kind, title ? title : kind->name, words_of(sentence), drawn && pictures ? pictures : "", why, csv);
	free(pictures);
	free(title);
	free(sentence);
	free(csv);
	return made;
}
