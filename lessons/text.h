/* A lesson's text: Markdown split into steps with live blocks. The file reads well on any web page too.
 *
 *     # Title of the lesson                     first line; the heading of the file
 *     ordinary Markdown …
 *     ---                                       ends a step
 *
 * Live blocks are fenced code with these info strings:
 *
 *     ```run [NAME]                             a command line of a lesson, without path: mutex --threads 1,2,4
 *     ```predict                                lines `key: value`
 *       ask: How fast will 4 threads be, against 1?
 *       unit: x                                 shown behind the field; absent for choices
 *       run: NAME                               the run block (of this lesson text) it is compared with; default: the next
 *       compare: speedup                        speedup self seconds efficiency serial wrong_runs (of the point chosen by)
 *                                               observed: the figure that the check of the result, or the demonstration, told
 *                                               best: of a sweep, the swept value with the least seconds
 *                                               break_even: of a sweep of the size, from where on sharing pays
 *       variant: mutex                          … this variant (default: the first measured that is parallel)
 *       workers: max | 4                        … and this worker count (max: the largest measured)
 *       curve: 1,2,4                            a curve instead of a number: one value for each of these worker counts
 *       - it loses updates => wrong_runs > 0    choices instead of a number; the first whose condition FIELD OP NUMBER holds
 *       - it is just slow => speedup < 1        for the chosen point is what the machine answered; OP: < <= > >= ==
 *     ```quiz
 *       ask: Why …?
 *       - [x] the right option
 *         why: shown after the answer
 *       - [ ] a wrong option
 *         run: mutex --variant sharded -t 1,2   the experiment that refutes it
 *         why: what to look at there
 *     ```order [NAME]                             lines to be put in order (a Parsons problem), judged by building and running
 *       ask: Put the lines so that no update is lost
 *       file: order-lock.c                      a whole program in the lesson's folder; its line `//@` stands for the lines;
 *                                               exit 0: right, 1: wrong (its output says what went wrong)
 *       - pthread_mutex_lock(&lock);            the lines, in an order that is right
 *       - [extra] pthread_mutex_init(&lock, NULL);   one that does not belong there
 *       why: shown when it is right
 *     ```hint
 *       Markdown; the hints of a step are shown one after another, when asked for
 *     ```explain
 *       Markdown; shown when the step is done, and at any time after
 *     ```code
 *       lesson.c mutex                          file (in the lesson's folder, or kernels/NAME.c) and excerpt name
 *     ```twin
 *       counter                                 excerpt of twin.py (marks `#> counter` … `#< counter`); empty: whole file
 *     ```notes
 *       minutes: 4-7                            instructor only; the rest of the block is free Markdown
 */
#ifndef LOCKSTEP_TEXT_MODEL_H
#define LOCKSTEP_TEXT_MODEL_H

#include <stdbool.h>
#include <stddef.h>

enum piece_kind { PIECE_PROSE, PIECE_RUN, PIECE_PREDICT, PIECE_QUIZ, PIECE_CODE, PIECE_TWIN, PIECE_NOTES, PIECE_ORDER,
		  PIECE_HINT, PIECE_EXPLAIN };

struct choice {
	char *text, *why, *run;   /* quiz: why, run may be NULL; order: a line of code, with its indentation */
	bool right;               /* quiz; order: it belongs into the program */
	char *field;              /* predict: condition, NULL without */
	char op[3];
	double value;
};

struct piece {
	enum piece_kind kind;
	int line;                 /* in the file, for complaints */
	char *markdown;           /* PROSE, NOTES, HINT, EXPLAIN */
	char *name;               /* RUN, ORDER: NAME or ""; PREDICT: the run it belongs to or ""; CODE, TWIN: excerpt or "" */
	char *command;            /* RUN */
	char *ask, *unit, *compare, *variant; /* PREDICT, QUIZ and ORDER (ask only); unit "" for choices */
	int workers;              /* PREDICT; 0: max */
	int *curve, curve_count;  /* PREDICT: worker counts of a curve to be drawn; 0: a number or a choice */
	char *why;                /* ORDER; NULL: none */
	struct choice *choices;
	int choice_count;
	char *file;               /* CODE, ORDER: path relative to the share dir */
	int minutes_min, minutes_max; /* NOTES */
};

struct step {
	struct piece *pieces;
	int count;
};

struct lesson_text {
	char *title;
	struct step *steps;
	int count;
	char *complaint;          /* first malformed block as "en.md:31: …", NULL: none; malformed blocks are kept as prose */
};

/* NULL with errno when the file can't be read. dir is the lesson's folder relative to the share dir. */
struct lesson_text *text_load(const char *dir, const char *language);
struct lesson_text *text_parse(const char *source, const char *name, const char *dir);
void text_free(struct lesson_text *text);

/* ---- Markdown to lines of styled runs at a width (md4c; wcwidth; breaks between ideographs) ---- */
enum ink { INK_PLAIN, INK_BOLD, INK_EMPHASIS, INK_CODE, INK_HEADING, INK_LINK, INK_QUOTE };
struct ink_run {
	enum ink ink;
	char *text;
};
struct ink_line {
	struct ink_run *runs;
	int count;
};
struct ink_lines {
	struct ink_line *lines;
	int count;
};
struct ink_lines *ink_layout(const char *markdown, int width);
void ink_free(struct ink_lines *lines);

/* The lines [*first, *last] (1-based, inside the marks) of excerpt `name` of a source text; marks `//> name` or `#> name`. */
bool text_excerpt(const char *source, const char *name, int *first, int *last);

/* Whole file relative to the share dir, NUL-terminated, at most 1 MiB; caller frees; NULL with errno. */
char *text_read(const char *relative_path);

#endif
