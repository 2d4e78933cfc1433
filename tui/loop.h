/* Waits for keys, signals, the child and the clock, and for nothing else: without them it sleeps. */
#ifndef LOCKSTEP_LOOP_H
#define LOCKSTEP_LOOP_H

#include "tui/app.h"
#include "tui/script.h"

/* Until the learner quits, the script ends (script may be NULL) or a signal asks. Returns 0, 1 when the script failed, or
 * 128 + n for signal n. */
int loop_run(struct app *app, struct script *script);

#endif
