/* Puzzles of a lesson: a curve drawn as a guess, lines put in order. Hooks for the study*.c; each returns false when no
 * such puzzle is being answered, or when the key is not its own. */
#ifndef LOCKSTEP_STUDY_PUZZLE_H
#define LOCKSTEP_STUDY_PUZZLE_H

#include "tui/rich.h"
#include "tui/study.h"

/* study_curve.c */
bool study_drawing(const struct app *app);
bool study_curve_begin(struct app *app, int piece);
bool study_curve_act(struct app *app, enum action action);
bool study_curve_typed(struct app *app, bool accepted);
bool study_curve_status(struct app *app, struct rect row);
/* The curve of a block; returns the line that the cursor is in, -1: none. */
int study_curve_text(struct app *app, struct rich *r, int piece);
/* A curve that is drawn now, or waits for its run: then nothing else belongs on the chart. */
bool study_curve_alone(const struct app *app, struct view_guess *out);
/* The curve that was taken for a predict block, to be drawn beside its run. */
bool study_curve_given(const struct app *app, int step, int piece, struct view_guess *out);
/* Writes the question into the first rows of the area and returns the rest. */
struct rect study_curve_question(struct app *app, struct rect area);

/* study_order.c */
bool study_ordering(const struct app *app);
bool study_order_begin(struct app *app, int piece);
bool study_order_act(struct app *app, enum action action);
bool study_order_status(struct app *app, struct rect row);
int study_order_text(struct app *app, struct rich *r, int piece);
enum todo study_order_todo(const struct app *app, int piece);
/* Builds and runs the program of the lines: of those being moved, else of the step's block. False: it has none. */
bool study_order_run(struct app *app);
void study_order_news(struct app *app); /* the live child has printed something */
bool study_order_source(struct app *app, struct view_input *in);
void study_order_free(struct study *s);

/* study_keys.c: the piece being asked is answered, which is kept. */
void study_answered(struct app *app, const char *answer);

#endif
