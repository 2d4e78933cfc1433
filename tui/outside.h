/* Another program has the terminal for a while: an editor. */
#ifndef LOCKSTEP_OUTSIDE_H
#define LOCKSTEP_OUTSIDE_H

/* Runs argv (argv[0] is looked for in PATH) in the foreground of the terminal, and takes the terminal back when it has
 * ended, in whatever state it was left. What is typed there (^C, ^Z) goes to that program alone; ^Z stops the screen with it,
 * as a shell would expect. *status: as waitpid(2) tells; 127 << 8 when it can't be started. Returns the number of a signal
 * that ends the screen, which that program was told too, else 0. Without a terminal it just runs it. */
int outside_run(char *const argv[], int *status);

#endif
