/* Keystrokes from a file, for tests and pictures: one command a line, `#` begins a comment.
 *
 *     key NAME            Enter, Tab, Up, F1, ^L, q, …
 *     click COLUMN ROW    the mouse's first button on that cell; both count from 1
 *     wheel up|down COLUMN ROW
 *     type TEXT           each character as a key
 *     wait SECONDS
 *     wait-run [SECONDS]  until no program is live; failing after SECONDS (60)
 *     wait-for TEXT       until TEXT stands in a row of the screen; failing after a minute
 *     wait-file NAME      until there is such a file; failing after a minute
 *     resize COLUMNS ROWS
 *     save-display FILE   .svg: a picture, anything else: text
 *     expect TEXT         fails unless TEXT stands in a row of the screen
 *     expect-cursor TEXT  fails unless the cursor is shown and TEXT stands from it on (blanks aside)
 *     refute TEXT         fails if it does
 *     quit                as the end of the file does
 */
#ifndef LOCKSTEP_SCRIPT_H
#define LOCKSTEP_SCRIPT_H

#include "tui/app.h"

struct script;

enum script_state { SCRIPT_WAITS, SCRIPT_ENDED, SCRIPT_FAILED };

struct script *script_load(const char *file); /* NULL with errno */
void script_free(struct script *script);
/* Does commands until one has to wait; *wait_ms is lowered to when it wants to be called again. What failed is said on
 * stderr with file and line. */
enum script_state script_go(struct script *script, struct app *app, int *wait_ms);

#endif
