/* A speedup curve that the learner draws, one value for each worker count of a predict block: kept as text, moved with
 * keys, set beside what was measured. Pure. */
#ifndef LOCKSTEP_CURVE_H
#define LOCKSTEP_CURVE_H

#include "tui/compare.h"
#include "tui/view.h"

/* A flat curve: more workers bring nothing. The cursor is on the first point that has more than one worker. */
struct view_guess curve_flat(const struct piece *predict);

/* "1:1 2:1.8 4:3.1" as kept in the progress. False, and a flat curve, when the text does not fit the block: other worker
 * counts, no number, out of range, or NULL. */
bool curve_read(const struct piece *predict, const char *answer, struct view_guess *out);
enum { CURVE_TEXT_MAX = VIEW_GUESS_MAX * 20 };
char *curve_write(const struct view_guess *g, char buf[CURVE_TEXT_MAX]);

bool curve_is_flat(const struct view_guess *g);
/* Moves the cursor to the left or right; stays at the ends. */
void curve_go(struct view_guess *g, int by);
/* Moves the value under the cursor by so many fine steps, onto a multiple of them; never below 0. */
void curve_raise(struct view_guess *g, int steps);
/* False when it is no value for a curve. */
bool curve_set(struct view_guess *g, double value);
/* The value under the cursor as it was at first. */
void curve_reset_point(struct view_guess *g);
enum { CURVE_COARSE = 5 }; /* fine steps */

/* The sentence about a curve, as compare_words() gives it: where it was farthest off and by how much, where it fits. */
enum compared curve_words(const struct piece *predict, const char *answer, const struct rec_run *run, bool ascii, char *text,
			  size_t size);

#endif
