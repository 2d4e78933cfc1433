/* The lab report: one page of HTML that needs nothing else. What a page is made of; shared by report_*.c only. */
#ifndef LOCKSTEP_REPORT_H
#define LOCKSTEP_REPORT_H

#include <stdbool.h>
#include <stdio.h>
#include "lessons/course.h"
#include "lessons/text.h"
#include "plots/plot.h"
#include "tui/progress.h"

/* ---- text into HTML (report_html.c) ---- */

/* Any text so that it is only text: markup, quotes, control characters, characters that turn the direction of writing, and bytes
 * that are not UTF-8 are shown, not obeyed. Good for content and for attributes in quotes. NULL: nothing. */
void html_text(FILE *out, const char *text);
/* The same for what is printed; `fmt` itself is trusted as little as the rest. */
void html_textf(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Markdown within a line: bold, emphasis, code; the rest of it is shown as text. */
void html_markdown(FILE *out, const char *markdown);
/* "2025-06-11 09:05 UTC" of a record's time, whatever stands there. */
void html_time(FILE *out, const char *time);
/* A command line as it is typed. */
void html_command(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Opens a section of a run under its title. */
void html_part(FILE *out, const char *class_name, const char *title);
/* The head of a table's column. */
void html_head_cell(FILE *out, const char *class_name, const char *head);

/* ---- pictures (report_svg.c, report_figure.c) ---- */

/* Puts an SVG of gnuplot into the page: names in it get `prefix`, so that several can stand in one page, black and grey become
 * colours of the page, and its name is `title`, its reading `sentence`. Elements and attributes that gnuplot does not write are
 * refused, for words in it are from records: false, and nothing is put out. */
bool svg_inline(FILE *out, const char *svg, const char *prefix, const char *class_name, const char *title, const char *sentence);

struct report;
/* Draws a run's chart of that kind with its caption, the numbers in a table, and how to draw it again. False: there is nothing to
 * draw (`why` tells, at most PLOT_WHY_MAX). */
bool report_figure(FILE *out, struct report *report, const struct plot_kind *kind, const struct rec_run *run, char *why);

/* ---- differences (report_diff.c) ---- */

/* What was changed from one text to the other, as lines of a table with some lines around each change. Returns the number of
 * lines added and removed. */
struct diff_count { int added, removed; } report_diff(FILE *out, const char *before, const char *after);

/* ---- what there is to tell (report_read.c) ---- */

struct report_guess {
	char *lesson, *run, *ask, *answer, *compare, *variant, *unit, *time; /* NULL: not told; answer: number, or words */
	int step, workers;                                                    /* step counts from 0 */
	char *curve;                                                          /* "1:1 2:1.8", NULL: none was drawn */
};

struct report {
	const char *language, *name;
	struct course *course;
	struct progress *progress;         /* NULL: of files, there is none */
	struct plot_records records;
	struct report_guess *guesses;
	size_t guess_count;
	char **mine;                       /* ids of runs of the learner's own program */
	int mine_count;
	const char **lessons;              /* asked for, all when there is none */
	int lesson_count;
	const struct plot_kind **kinds;    /* asked for; NULL: as they fit */
	int kind_count;
	char **left_out;                   /* sentences on files that were not read, or not whole */
	int left_out_count;
	char dir[3500];                    /* for pictures in the making */
	const char *source;                /* what a command that draws a chart again reads */
	int figures, failed;               /* drawn, and those where gnuplot failed */
	bool no_gnuplot, full;
	char why_failed[PLOT_WHY_MAX];
};

/* Adds a file's records and guesses. What is wrong with it is said on stderr and kept in left_out. False: nothing is in it. */
bool report_read(struct report *report, const char *path, const char *name);
/* Learns which kept results (folder runs of the state folder) are of the learner's own programs. */
void report_read_mine(struct report *report, const char *state_dir);
bool report_is_mine(const struct report *report, const struct rec_run *run);
void report_free(struct report *report);
__attribute__((format(printf, 2, 3))) void report_leave_out(struct report *report, const char *fmt, ...);
/* Is anything known of this lesson? */
bool report_knows(const struct report *report, const char *lesson);
/* The latest whole run of each command line of a lesson (NULL: runs without one), in the order they were first made; `earlier`
 * gets how many there are besides of each. Returns how many; *list and *earlier are to be freed. */
int report_runs(const struct report *report, const char *lesson, const struct rec_run ***list, int **earlier);
const struct rec_run *report_run(const struct report *report, const char *id);

/* ---- sections ---- */

/* Into the page, as HTML. */
void report_machines(FILE *out, struct report *report);
/* Which of the machines told of: 1, 2, …; 0: unknown. Sessions on the same machine are one. */
int report_machine(const struct report *report, const struct rec_run *run);
int report_machine_count(const struct report *report);
/* What was counted (report_counters.c); nothing where nothing was. */
void report_counters(FILE *out, const struct rec_run *run);
void report_run_section(FILE *out, struct report *report, const struct rec_run *run, int earlier);
/* What was predicted, and the questions; the sums go to the table at the beginning. */
struct report_sums {
	int hit, missed, unsure, open;   /* predictions */
	int questions, right, first;
};
struct report_sums report_predictions(FILE *out, const struct report *report, const char *lesson, const struct lesson_text *text,
				      const struct lesson_text *english);
struct report_sums report_answers(FILE *out, const struct report *report, const char *lesson, const struct lesson_text *text);
/* The changed copy of a lesson's program. False: there is none, or nothing was changed. */
bool report_changes(FILE *out, const struct report *report, const char *lesson);
void report_page(FILE *out, struct report *report);

/* ---- to paper (report_pdf.c) ---- */

/* Prints the page to a PDF with a browser. PLOT_MISSING: there is none. */
enum plot_drawn report_pdf(const char *html, const char *pdf, char *why, size_t size);

#endif
