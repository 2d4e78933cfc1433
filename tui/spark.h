/* Small bars of block characters: a history in one row, and a share as a bar. */
#ifndef LOCKSTEP_SPARK_H
#define LOCKSTEP_SPARK_H

#include "tui/canvas.h"

/* The last `cols` of n values, the newest at the right; from 0 to `top` (0 and less: the largest shown). NaN: a gap. */
void spark_history(struct canvas *c, struct rect area, int y, int x, int cols, enum role role, const float *v, int n, double top);
/* One cell, as high as the share (0 to 1). */
const char *spark_cell(double share, bool ascii);
/* A bar from the left, `share` of cols long, to an eighth of a cell (ASCII: whole ones). */
void spark_bar(struct canvas *c, struct rect area, int y, int x, int cols, enum role role, double share);

#endif
