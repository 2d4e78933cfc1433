/* A guess beside what was measured, in words. Pure: from a piece of text, an answer and a run. */
#ifndef LOCKSTEP_COMPARE_H
#define LOCKSTEP_COMPARE_H

#include "kernels/bench/recset.h"
#include "lessons/text.h"

enum compared { COMPARED_NOT, COMPARED_HIT, COMPARED_MISS, COMPARED_UNSURE };

#define ANSWER_SKIPPED "-"

/* The variant and the workers that a predict block asks about; NULL / 0 when nothing fitting was measured. */
const char *compare_variant(const struct rec_run *run, const struct piece *predict);
int compare_workers(const struct rec_run *run, const struct piece *predict);

/* The measured figure of `field` (speedup self seconds efficiency serial wrong_runs observed best); false when there is none. */
bool compare_measured(const struct rec_run *run, const struct piece *predict, const char *field, struct estimate *out);

/* Records are in seconds and fractions; a learner may be asked in another unit: the factor between them. */
double compare_scale(const char *field, const char *unit);

/* Index of the first choice whose condition holds, -1: none. */
int compare_choice(const struct rec_run *run, const struct piece *predict);

/* A number as typed: also "1,8"; false for anything else. */
bool compare_number(const char *text, double *out);

/* Why no machine can answer with this number (a sentence marked N_()); NULL: it may be guessed. */
const char *compare_refuse(const struct piece *predict, double guess);

/* The sentence; "" with COMPARED_NOT when there is nothing to compare yet. answer: as kept in the progress (a number, or
 * the number of a choice counted from 1). */
enum compared compare_words(const struct piece *predict, const char *answer, const struct rec_run *run, bool ascii,
			    char *text, size_t size);

#endif
