/* Colours by role. The series are the Okabe-Ito colours in the order of gnuplot's "podo" (black, orange, sky blue, bluish
 * green, yellow, blue, vermillion, reddish purple), so that screen and paper agree; each scheme has them in tones that
 * keep a contrast of about 3:1 to its background. Sources: Okabe and Ito 2008; Wong, Nature Methods 8, 441 (2011). */
#ifndef LOCKSTEP_SCHEME_H
#define LOCKSTEP_SCHEME_H

#include "tui/canvas.h"

/* DEFAULT and SAFE keep the terminal's own background and text colour; LIGHT and DARK paint theirs; SAFE has tones that the
 * colour-blind tell apart; MONO uses no colour. */
enum scheme { SCHEME_DEFAULT, SCHEME_LIGHT, SCHEME_DARK, SCHEME_SAFE, SCHEME_MONO, SCHEMES };

enum { LOOK_BOLD = 1, LOOK_DIM = 2, LOOK_ITALIC = 4, LOOK_UNDERLINE = 8, LOOK_REVERSE = 16 };

struct look {
	int fg, bg;        /* 0xRRGGBB; -1: the terminal's own */
	int fg256, bg256;  /* the nearest of xterm's 256 colours, -1 as above */
	int fg8, bg8;      /* of the first eight colours, -1 as above */
	unsigned attr;     /* LOOK_*; carries the meaning too where there is no colour */
};

extern const char *const scheme_name[SCHEMES]; /* "default", "light", "dark", "safe", "mono" */

/* The scheme of that name, or SCHEMES when there is none. */
enum scheme scheme_find(const char *name);
struct look scheme_look(enum scheme scheme, enum role role);
/* Background and text colour of a picture of the screen (never -1). */
int scheme_paper(enum scheme scheme);
int scheme_ink(enum scheme scheme);

/* The scheme in use, by screen and SVG alike; DEFAULT at first. */
void scheme_choose(enum scheme scheme);
enum scheme scheme_current(void);

#endif
