/* Words for people, in their language: GNU gettext over one catalogue for each language (tui/po). Source texts are English; a
 * text that stands in a table is marked N_() there and looked up with _() where it is shown. Never mark what goes into
 * records, file names or keys. */
#ifndef LOCKSTEP_WORDS_H
#define LOCKSTEP_WORDS_H

#include <libintl.h>
#include <stdbool.h>

#define _(text) gettext(text)
#define N_(text) (text)

/* A text that came from elsewhere (a record, a description) in the language that is set: as the catalogue has it, whole or by
 * the format that it was printed with (words_said.c); else as it is. NULL stays NULL. Good for some dozens of calls. */
const char *words_of(const char *text);

/* What was printed with this format, in the language that is set, and the texts of its %s, too. NULL: no other language is set, or it can't be
 * taken apart again. To be freed. */
char *words_printed(const char *format, const char *text);

enum { WORDS_LANGUAGES = 16, WORDS_NAME = 16 };

/* The languages that there is a catalogue of, by their short names ("zh"; in full, "zh_TW", where the short one is taken),
 * behind "en". Returns their number, >= 1. */
int words_languages(char names[WORDS_LANGUAGES][WORDS_NAME]);
/* Sets the language; it may be called again at any time. NULL: as the environment says (LANGUAGE, LC_ALL, LC_MESSAGES, LANG,
 * as gettext reads them, but the locale need not be installed). False: there is no catalogue of it, all stays English. Call
 * setlocale() before, and ask for English where the terminal can't show UTF-8. Children inherit the language. */
bool words_language(const char *language);
/* The short name of the language that the environment asks for, "en" when it asks for none; in static storage. */
const char *words_wanted(void);
/* setlocale() for a program that prints, and its language. True: the output may be UTF-8. */
bool words_start(void);
/* Is the language that is set another than English? */
bool words_foreign(void);

#endif
