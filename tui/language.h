/* The languages of screen and lessons: those that there is a catalogue or any lesson's text of. */
#ifndef LOCKSTEP_LANGUAGE_H
#define LOCKSTEP_LANGUAGE_H

#include "kernels/bench/words.h"
#include "lessons/text.h"
#include "tui/app.h"

/* "en", "zh", …: short names, English first, the others in order. Returns their number. */
int language_list(char names[WORDS_LANGUAGES][WORDS_NAME]);
bool language_exists(const char *name);
/* Into text: "en, zh". */
void language_names(char *text, size_t size);
/* The whole screen in that language from now on; English where the terminal can't show letters beyond ASCII. */
void language_set(struct app *app, const char *name);
/* What the key does: the next one of the list, kept for the next time. */
void language_next(struct app *app);
/* The text of a lesson in the language of the screen, else in English; NULL: neither can be read. */
struct lesson_text *language_text(const struct app *app, const char *dir);

#endif
