/* The terminal, and the only place that knows curses. */
#ifndef LOCKSTEP_TERM_H
#define LOCKSTEP_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include "tui/canvas.h"

/* False with a sentence when this terminal can't be used; then nothing was changed. */
bool term_open(char *why, size_t size);
void term_close(void); /* gives the terminal back; fine when it isn't open */
bool term_is_open(void);
void term_size(int *rows, int *cols);
/* The next key typed (see actions.h), K_NONE when there is none; never waits longer than an escape sequence takes. */
int term_key(void);
/* What the mouse did, after term_key() gave K_MOUSE: where (from 0), and -1 or 1 for the wheel, 0 for a click. */
struct term_mouse {
	int y, x, wheel;
};
struct term_mouse term_mouse_event(void);
void term_mouse(bool on); /* take the mouse, or leave it to the terminal (as at first) */
/* Shows the canvas; only rows that changed are written, or all with `whole`. ascii: everything else as '?'. */
void term_show(const struct canvas *c, bool whole, bool ascii);
void term_colours(void); /* the scheme has changed */
/* Before and after being stopped. */
void term_leave(void);
void term_return(void);
/* The same after another program had the terminal, in whatever state it left it. */
void term_reclaim(void);
/* Gives the terminal back with nothing but write(2) and tcsetattr(3): for signal handlers. */
void term_restore_now(void);

#endif
