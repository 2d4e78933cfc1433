/* A lesson line by line: for screen readers, for terminals that can't move their cursor, for pipes. The same steps, questions,
 * programs and progress as on the screen, as plain lines from top to bottom. */
#ifndef LOCKSTEP_PLAIN_H
#define LOCKSTEP_PLAIN_H

#include "tui/app.h"

/* options: lesson (NULL: asks which), language, letters_ascii, ascii. Returns an exit code; 128 + n: die by signal n. */
int plain_main(const struct app_options *options);

#endif
