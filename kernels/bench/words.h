/* Words for people, in their language: GNU gettext over one catalogue. Source texts are English; a text that stands in a table
 * is marked N_() there and looked up with _() where it is shown. Never mark what goes into records, file names or keys. */
#ifndef LOCKSTEP_WORDS_H
#define LOCKSTEP_WORDS_H

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) (text)

/* A text that came from elsewhere (a record, a description): in the language that is set if the catalogue has it, else as it
 * is. NULL stays NULL. */
static inline const char *words_of(const char *text) { return text && *text ? gettext(text) : text; }

#endif
