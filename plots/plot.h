/* Charts on paper: records in, for each chart one CSV and one gnuplot script that draws it. A kind of chart is one file
 * with a const descriptor, named in PLOT_KINDS; what it looks like stands in the script of the same name (speedup.gp)
 * and in style.gp. */
#ifndef LOCKSTEP_PLOT_H
#define LOCKSTEP_PLOT_H

#include "kernels/bench/recset.h"
#include <stdbool.h>
#include <stdio.h>

enum { PLOT_WHY_MAX = 256, PLOT_NAME_MAX = 96, PLOT_ROLES = 24, PLOT_SERIES = 96 };

/* What a learner said before a run. */
struct plot_guess {
	char *run, *lesson, *variant; /* run, variant: NULL when the record names none */
	double workers, speedup;
};

/* Whatever was predicted before a run: a number, or one of some texts. */
struct plot_prediction {
	char *run, *lesson, *ask, *compare, *variant, *unit, *text; /* NULL: not recorded; text: of a choice, else NULL */
	int step, workers;
	double number; /* NaN: a text */
};

struct plot_records {
	struct recset *set;
	struct plot_guess *guesses;
	size_t guess_count;
	struct plot_prediction *predictions;
	size_t prediction_count;
};

/* A chart in the making. */
struct figure {
	const struct plot_records *records;
	const struct rec_run *run;		   /* of charts of one run, else NULL */
	const struct rec_machine *machine; /* NULL: unknown */
	const char *variant;			   /* the one that the chart is about; NULL: none */
	double at;						   /* its value of the swept parameter, NaN without */
	int columns;					   /* room for words, in characters */
	bool paper;						   /* a picture, not a terminal */
	FILE *csv, *gp;					   /* rows with a header line; settings before style.gp and the kind's script */
	char why[PLOT_WHY_MAX];			   /* why it can't be drawn */
};

struct plot_kind {
	const char *name, *about;
	bool machine;				   /* one chart a machine, else one a run */
	bool swept;					   /* only of runs that sweep a parameter, unless it is asked for */
	bool peers;					   /* only of records with comparisons to peers, unless it is asked for */
	const char *script;			   /* NAME.gp that draws it; NULL: its own name */
	/* Only of runs that it has something to say about, unless it is asked for; NULL: of all. */
	bool (*suits)(const struct plot_records *records, const struct rec_run *run);
	bool (*make)(struct figure *); /* false: why tells */
};

/* All kinds, as they are listed and drawn; the first one is the preset of --term. X(NAME) stands for plot_NAME. */
#define PLOT_KINDS(X)                                                                                                   \
	X(speedup) X(scaled) X(efficiency) X(budget) X(loss) X(timeline) X(cores) X(counters) X(sweep) X(breakeven)          \
	X(latency) X(throughput) X(alphabeta) X(contention) X(ladder) X(gpu) X(roofline) X(ranking)

#define PLOT_DECLARE(name) extern const struct plot_kind plot_##name;
PLOT_KINDS(PLOT_DECLARE)
#undef PLOT_DECLARE
extern const struct plot_kind *const plot_kinds[];	 /* ends with NULL */
const struct plot_kind *plot_kind(const char *name); /* NULL: no such kind */

/* ---- reading (read.c) ---- */

/* Adds the records of a file, in bounded memory however long it is (recset_lean; not when records->set is there before).
 * False with errno when it can't be read. */
bool plot_read(struct plot_records *records, const char *path);
void plot_records_free(struct plot_records *records);
/* The latest guess of a speedup that was made for a run, NULL: none. */
const struct plot_guess *plot_guess(const struct plot_records *records, const struct rec_run *run);

/* ---- choosing (choose.c) ---- */

/* The variant that a chart of the run is about: the one the learner was asked about; of a lesson the first parallel one
 * that is right, as on the screen; of a kernel the fastest parallel one. NULL: nothing was measured. */
const char *plot_variant(const struct plot_records *records, const struct rec_run *run);
bool plot_serial(const struct rec_run *run, const char *variant);
bool plot_on_device(const struct rec_run *run, const char *variant); /* not on the processor */
/* A point can be placed in a chart. */
bool plot_shown(const struct rec_point *p);
bool plot_hollow(const struct rec_point *p);
/* Most workers of a variant at `at` that have cores of their own, else the most there are. NULL: no point. */
const struct rec_point *plot_most(const struct rec_run *run, const char *variant, double at);
/* Its fastest value of the swept parameter; NaN without a sweep. */
double plot_best_at(const struct rec_run *run, const char *variant);
bool plot_same(const char *a, const char *b); /* neither NULL, and equal */
bool plot_same_at(double a, double b);		  /* equal, or both NaN */

/* ---- writing (write.c) ---- */

enum { PLOT_PAPER_COLUMNS = 128 }; /* words that fit beside each other on paper */

/* A string for gnuplot: nothing in it is special, line feeds become line feeds. */
void plot_string(FILE *out, const char *text);
/* NAME = 'text' */
void plot_set(struct figure *f, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void plot_set_number(struct figure *f, const char *name, double value);
/* `,number` or `,` when it is not known; `,"text"` with quotes doubled. */
void plot_csv_number(FILE *out, double x);
void plot_csv_text(FILE *out, const char *text);
/* TITLE, SUBTITLE (broken into lines), MACHINE and COMMAND: what every chart says. A foot of its own in place of time
 * and command: plot_foot after it. */
void plot_words(struct figure *f, const char *title, const char *subtitle);
void plot_foot(struct figure *f, const char *text);
/* "2025-06-11 09:05 UTC   " of a session, "" when not known; in static storage. */
const char *plot_when(const struct rec_machine *machine);
/* NAME[i] = 'text' */
void plot_set_item(struct figure *f, const char *array, int i, const char *text);
/* "1 worker", "4 workers", in the language that is set. Returns buf. */
char *plot_workers(int workers, char *buf, size_t size);
/* Rows of the legend where it stands above the chart (a narrow picture). */
void plot_legend_rows(struct figure *f, int rows);
/* 1.79, 12.3, 128: a ratio with its digits. Returns buf. */
char *plot_ratio(double x, char *buf, size_t size);
/* Line breaks between words at `width` columns; at most `lines`, the last one cut with an ellipsis. Caller frees. */
char *plot_wrap(const char *text, int width, int lines);
/* At most `columns` characters, cut with an ellipsis. Returns buf. */
char *plot_cut(const char *text, int columns, char *buf, size_t size);
/* Letters, digits and ._- for a file name; never empty, never hidden. Returns buf. */
char *plot_safe_name(const char *text, char *buf, size_t size);
bool plot_fail(struct figure *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The unit in which seconds up to `most` read well: its length, and its name. */
double plot_unit(double most, const char **name);
/* Tick marks at whole numbers: ("1" 1, "2" 2). */
void plot_ticks(struct figure *f, const char *name, const double *at, int n);
/* The kernel, and the lesson it belongs to: "tunable (lesson amdahl)". Returns buf. */
char *plot_subject(const struct rec_run *run, char *buf, size_t size);
/* Variant with what is odd about it: "racy (wrong)". Returns buf. */
char *plot_variant_words(const struct rec_run *run, const char *variant, char *buf, size_t size);

/* Rows of many series in one CSV, and the lists of series that play a role in the chart: IDEAL = '1', OTHER = '4 6';
 * those of them with intervals: OTHER_BARS = '6'. */
struct plot_series {
	struct figure *f;
	const char *const *roles;					 /* upper-case names, ends with NULL */
	int n, role[PLOT_SERIES], look[PLOT_SERIES]; /* look: which colour and shape, from 1, where a role has several */
	bool interval[PLOT_SERIES];					 /* any row has one */
	char names[PLOT_SERIES][64];
};
void plot_series_open(struct plot_series *s, struct figure *f, const char *const *roles, const char *x, const char *y);
/* A new series, which gets a row at least; 0 when there are too many (rows of 0 are dropped). legend: "" for none. */
int plot_series_add(struct plot_series *s, const char *role, int look, const char *legend);
void plot_series_row(struct plot_series *s, int id, const char *what, double x, struct estimate y);
void plot_series_close(struct plot_series *s);

/* ---- drawing (gnuplot.c, files.c) ---- */

enum plot_drawn { PLOT_DRAWN, PLOT_MISSING, PLOT_FAILED, PLOT_FULL };

/* Runs `gnuplot -e BEFORE SCRIPT` in a folder, with a time limit. On PLOT_FAILED why holds one line; on PLOT_DRAWN
 * (exit 0) what it said all the same, "" for nothing. */
enum plot_drawn plot_gnuplot(const char *dir, const char *before, const char *script, char *why, size_t size);

/* Has this machine a font for a language ("zh")? True also when that can't be found out. */
bool plot_has_font(const char *language);

/* Kills a gnuplot that runs; may be called from a signal handler. */
void plot_gnuplot_stop(void);

/* Writes a file whole (beside it, then renamed), so that nothing half-written is ever seen. False with errno. */
bool plot_write_file(const char *path, const char *text, size_t length);
bool plot_make_dir(const char *path);
/* Can this folder still take a file? Leaves nothing there, and touches nothing that is. */
bool plot_has_room(const char *dir);

/* From now on SIGINT, SIGTERM and SIGHUP stop gnuplot, remove the temporary paths, and end the program; one that was
 * ignored from the start stays so. */
void plot_catch_signals(void);
/* A file or (before what lies in it) a folder that goes when a signal ends the program. False with errno. */
bool plot_temporary(const char *path);
void plot_temporary_done(const char *path);
/* A new folder where temporary files go, temporary itself. False with errno. */
bool plot_temporary_dir(char *dir, size_t size);

#endif
