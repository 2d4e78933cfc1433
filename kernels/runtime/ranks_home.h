/* Where mpirun keeps its files: a folder in memory of its own, removed with all in it however the program ends, also by SIGKILL: a
 * small process waits for nothing but that. Inside of ranks.c. */
#ifndef LOCKSTEP_RANKS_HOME_H
#define LOCKSTEP_RANKS_HOME_H

#include <stdbool.h>

enum { RANKS_HOME = 64 };

bool ranks_find_program(const char *name); /* on the PATH? */

/* Makes the folder, and its guard. A descriptor for ranks_home_end; without a folder of its own -1 and "/tmp". */
int ranks_home_begin(char home[RANKS_HOME]);
void ranks_home_end(const char *home, int guard);

#endif
