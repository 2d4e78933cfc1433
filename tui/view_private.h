/* Between the views only. */
#ifndef LOCKSTEP_VIEW_PRIVATE_H
#define LOCKSTEP_VIEW_PRIVATE_H

#include "tui/view.h"

/* The Speedup view of a run that sweeps a parameter. */
void view_sweep_draw(struct canvas *c, struct rect area, const struct view_input *in);

#endif
