/* What comes out of a child: its output made fit for a screen, its records kept, its figures from /proc. Used by child.c. */
#ifndef LOCKSTEP_CHILD_IO_H
#define LOCKSTEP_CHILD_IO_H

#include "tui/child.h"

void child_take_output(struct child *c, const char *text, size_t n);
void child_take_records(struct child *c, const char *text, size_t n);
void child_records_end(struct child *c); /* a torn last line is handed in as it is */
void child_figures(struct child *c, int64_t elapsed_ms);

#endif
