/* What the learner has done: plain text in the state folder, one `key = value` a line under a version line. Saving merges
 * with what another screen may have saved meanwhile, writes a temporary file and renames it, so that the old file is whole
 * until the new one is. Records of runs are appended beside it. */
#ifndef LOCKSTEP_PROGRESS_H
#define LOCKSTEP_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress;

enum mark { MARK_NONE, MARK_SEEN, MARK_DONE };

/* Never NULL. A sentence for the learner goes to notice ("" when all is well): no folder, damaged file kept aside. */
struct progress *progress_load(char *notice, size_t size);
/* The same for who only looks: a damaged file stays where it is. */
struct progress *progress_peek(char *notice, size_t size);
void progress_free(struct progress *p);
/* False with a sentence when it could not be saved; nothing is lost in memory. */
bool progress_save(struct progress *p, char *notice, size_t size);

/* Steps and pieces count from 0 here and from 1 in the file. */
enum mark progress_mark(const struct progress *p, const char *lesson, int step);
void progress_set_mark(struct progress *p, const char *lesson, int step, enum mark mark); /* never downwards */
int progress_done(const struct progress *p, const char *lesson);  /* steps done */
int progress_steps(const struct progress *p, const char *lesson); /* steps it has, 0: never opened */
void progress_set_steps(struct progress *p, const char *lesson, int steps);
/* Answer to a prediction or question as text, NULL: none. */
const char *progress_answer(const struct progress *p, const char *lesson, int step, int piece);
void progress_set_answer(struct progress *p, const char *lesson, int step, int piece, const char *answer);
/* Hints shown of a step. */
int progress_hints(const struct progress *p, const char *lesson, int step);
void progress_set_hints(struct progress *p, const char *lesson, int step, int count);
/* The options of a question that were taken, as its own numbers from 0, in their order; returns how many, at most max. */
int progress_tries(const struct progress *p, const char *lesson, int step, int piece, int *options, int max);
void progress_add_try(struct progress *p, const char *lesson, int step, int piece, int option);
/* Whether a prediction was made, or changed, after its result was seen. */
bool progress_late(const struct progress *p, const char *lesson, int step, int piece);
void progress_set_late(struct progress *p, const char *lesson, int step, int piece, bool late);
/* Lesson last looked at, or NULL; its step in *step. Static storage of p until the next change. */
const char *progress_where(const struct progress *p, int *step);
void progress_set_where(struct progress *p, const char *lesson, int step);
const char *progress_option(const struct progress *p, const char *name); /* NULL: not set */
void progress_set_option(struct progress *p, const char *name, const char *value);

/* Forgets what was done in a lesson, NULL: in all of them: marks, answers, hints, where the learner was. Options stay, and so
 * do records. With the next save also in the file, and for other screens once they save. Returns how many steps had been
 * seen or done, and in *answers how many questions answered. */
int progress_reset(struct progress *p, const char *lesson, int *answers);

/* From here on what is done (not the options) is kept aside: read as ever, never saved, and dropped when it is switched off.
 * A class's guesses are not the learner's. */
void progress_aside(struct progress *p, bool on);

/* Appends whole lines to records.ndjson in the state folder in one write. False with a sentence. */
bool progress_append_records(const char *lines, size_t length, char *notice, size_t size);

#endif
