/* Signals as bytes in a pipe that the loop polls; only a crash is handled where it happens. */
#ifndef LOCKSTEP_SIGNALS_H
#define LOCKSTEP_SIGNALS_H

#include <stdbool.h>

/* INT TERM HUP QUIT CHLD always; with a terminal also WINCH TSTP CONT and the crashes. After term_open. False with errno. */
bool signals_open(bool terminal);
int signals_fd(void);
int signals_next(void); /* 0: none waiting */
void signals_forget(void); /* what a typed signal asked for is done: the next one asks anew */
/* Dies of a signal as the shell expects it, or returns when it can't. */
void signals_die(int number);
/* Stops this process as ^Z should; returns after it goes on. */
void signals_suspend(void);

#endif
