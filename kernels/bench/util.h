/* Small things every room needs. */
#ifndef LOCKSTEP_UTIL_H
#define LOCKSTEP_UTIL_H

#include <stdbool.h>
#include <stddef.h>

/* Exit codes of every program here. */
enum { EXIT_RIGHT = 0, EXIT_WRONG = 1, EXIT_USAGE = 2, EXIT_RESOURCE = 3, EXIT_CANNOT = 4 };

/* Allocation that dies with file:line and exit 3. */
#define xmalloc(size) util_alloc(NULL, (size), __FILE__, __LINE__)
#define xrealloc(p, size) util_alloc((p), (size), __FILE__, __LINE__)
#define xcalloc(n, size) util_calloc((n), (size), __FILE__, __LINE__)
#define xstrdup(s) util_strdup((s), __FILE__, __LINE__)
void *util_alloc(void *p, size_t size, const char *file, int line);
void *util_calloc(size_t n, size_t size, const char *file, int line);
char *util_strdup(const char *s, const char *file, int line);
/* printf into fresh memory (caller frees). */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A number with an optional SI suffix: k M G T (powers of 1000), Ki Mi Gi Ti (1024), "1e7", "0.1". The whole string must
 * be the number. False (out untouched) for anything else, NaN and infinity included. */
bool util_number(const char *text, double *out);

/* "1.5 M", "320 k", "0.25": three significant digits with an SI prefix, into buf. Returns buf. */
char *util_si(double x, char *buf, size_t size);
/* "12.3 ms", "4.1 µs" (or "us" when utf8 is false). */
char *util_seconds(double s, bool utf8, char *buf, size_t size);

/* Where things are, found from the running program: in a build tree (…/build/…) the repository root, else
 * PREFIX/share/lockstep. $LOCKSTEP_HOME overrides. Static storage; NULL when nothing fits. */
const char *util_share_dir(void);
/* Folder of the helper programs lockstep-* (and of lessons/ below it): build/ or PREFIX/libexec/lockstep. */
const char *util_exec_dir(void);
/* $XDG_STATE_HOME/lockstep or ~/.local/state/lockstep; $XDG_DATA_HOME/lockstep or ~/.local/share/lockstep (what learners
 * write); $XDG_CACHE_HOME/lockstep or ~/.cache/lockstep. Made (mode 700) when `make` is true. NULL if it can't be had (errno says why). Static storage. */
const char *util_state_dir(bool make);
const char *util_data_dir(bool make);
const char *util_cache_dir(bool make);

/* Copies text into buf with control characters, DEL, C1 codes and bytes that are not UTF-8 shown as \xNN. Never
 * splits a character. Returns buf. */
char *util_printable(const char *text, char *buf, size_t size);

#endif
