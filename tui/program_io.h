/* What comes out of a child: its output made fit for a screen, its records kept. Used by program.c. */
#ifndef LOCKSTEP_PROGRAM_IO_H
#define LOCKSTEP_PROGRAM_IO_H

#include "tui/program.h"

void program_take_output(struct program *c, const char *text, size_t n);
void program_take_records(struct program *c, const char *text, size_t n);
void program_records_end(struct program *c); /* a torn last line is handed in as it is */

#endif
