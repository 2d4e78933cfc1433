/* What several views need: numbers for people, wrapped sentences, and which of a run's data is being looked at. */
#ifndef LOCKSTEP_DRAW_H
#define LOCKSTEP_DRAW_H

#include "tui/view.h"

enum { FIGURE_MAX = 64 };

/* "1.79", "12.3", "0.087", "1.5 k": three significant digits; a dash for what is not known. Return buf. */
char *draw_figure(double x, char buf[FIGURE_MAX]);
/* A number as someone would type it: "1.8", "256", "1.5 M". */
char *draw_plain(double x, char buf[FIGURE_MAX]);
/* "9.8 %", "49 %": one decimal below 10 %. */
char *draw_percent(double share, char buf[FIGURE_MAX]);
/* "34.4 ms". */
char *draw_seconds(double seconds, bool ascii, char buf[FIGURE_MAX]);
/* "1.79 [1.78–1.80]", without the interval where there is none. */
char *draw_estimate(struct estimate e, char buf[FIGURE_MAX]);
/* "9.8 % [9.6–11.0]": the same for a share. */
char *draw_share(struct estimate e, char buf[FIGURE_MAX]);

/* Text broken at blanks and between wide characters into at most max_rows rows of the area from row y on; what does not
 * fit ends in "…". Returns the rows used. */
int draw_wrapped(struct canvas *c, struct rect area, int y, int max_rows, enum role role, const char *text);
int draw_wrapped_rows(const char *text, int cols);
/* May a row end before text[at] (at > 0)? */
bool draw_may_break(const char *text, size_t at);
/* One row, cut with "…" where it does not fit. Returns the columns. */
int draw_cut(struct canvas *c, struct rect area, int y, int x, enum role role, const char *text);
/* Text flush right in row y. */
void draw_right(struct canvas *c, struct rect area, int y, enum role role, const char *text);
/* A sentence in place of a view that has nothing to show. */
void draw_nothing(struct canvas *c, struct rect area, const char *text);

/* Strings of records may be NULL. */
bool draw_same(const char *a, const char *b);
const char *draw_or(const char *text, const char *otherwise);

/* The variant looked at: the one asked for if the run has it, else the first parallel one that is not wrong on purpose,
 * else the first measured. NULL: the run has none. */
const char *draw_variant(const struct view_input *in);
/* The best serial variant's name in words. */
const char *draw_baseline(const struct rec_run *run);
/* In a sweep, the swept parameter's value to look at: the preset of the run if it was measured, else the first. NaN without. */
double draw_at(const struct rec_run *run, const char *variant);
bool draw_same_at(double a, double b);
/* " · chunk 16" for a sweep, else "". */
char *draw_at_words(const struct rec_run *run, double at, char buf[FIGURE_MAX]);
/* "measuring round 4 of 11 · kept 3 · others used 0.02 cores" while a run goes on; false when it does not. */
bool draw_progress(const struct rec_run *run, char *buf, size_t size);
/* The first `say` about that subject, in the language of the screen, or NULL. */
const char *draw_said(const struct rec_run *run, const char *about);

#endif
