/* What a lesson shows where the device that it is about is not here: a run recorded on a named machine, labelled as such. The files are
 * data/runs/LESSON-*.ndjson, written by data/runs/record.sh. As a demonstration:
 *
 *     static int demo_recorded(struct telling *t) { return recorded_tell(t, "gpu-sum"); }
 *     static const char *no_record(void) { return recorded_missing("gpu-sum"); }
 *     {"recorded", "a run recorded on a GPU, by machine and date", .run = demo_recorded, .unavailable = no_record},
 *
 * The figure that a prediction can be compared with (`compare: observed`) is the speedup in all, transfer counted, of the variant that
 * computes fastest on the device, against the best serial one there. */
#ifndef LOCKSTEP_RECORDED_H
#define LOCKSTEP_RECORDED_H

#include "lessons/demo.h"

/* NULL, or why there is nothing to tell. */
const char *recorded_missing(const char *lesson);
int recorded_tell(struct telling *t, const char *lesson);

#endif
