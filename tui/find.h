/* Looking for lessons by id, title, chapter and the words of their texts, in both languages. */
#ifndef LOCKSTEP_FIND_H
#define LOCKSTEP_FIND_H

#include "lessons/course.h"

enum { FIND_REASON = 200 };
#define FIND_TODO "todo:" /* at the beginning of a query: only lessons that are not done */

struct find;

struct find *find_new(const struct course *course); /* course may be NULL */
void find_free(struct find *f);
/* Does the lesson fit? An empty query fits all. Texts are read when they are first needed. Why it fits goes to reason, "" when
 * its name or title tells. language: "en" or "zh", whose text is looked at first. */
bool find_fits(struct find *f, int lesson, const char *query, const char *language, char reason[FIND_REASON]);
/* What follows "todo:" in a query, or the query itself; *todo tells which. */
const char *find_words(const char *query, bool *todo);
/* The words around text[at, at + length): "… the words before it and after …"; whole characters. Pure. */
void find_excerpt(const char *text, size_t at, size_t length, char *out, size_t size);

#endif
