/* What keys do: one table that feeds dispatch, footer and help screen. */
#ifndef LOCKSTEP_ACTIONS_H
#define LOCKSTEP_ACTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* A key is a Unicode code point, a control code, or one of these. */
enum {
	K_NONE = 0, K_TAB = '\t', K_ENTER = '\r', K_ESC = 27, K_REDRAW = 12, K_ERASE_LINE = 21,
	K_UP = 0x110000, K_DOWN, K_LEFT, K_RIGHT, K_HOME, K_END, K_PGUP, K_PGDN, K_BTAB, K_BACKSPACE, K_DELETE,
	K_F1, K_F2, K_F3, K_F4, K_F5, K_F6, K_F7, K_F8, K_F9, K_F10, K_F11, K_F12,
	K_DIGIT, /* in the table: any of 0 to 9 */
	K_OTHER, /* a key that has no name here */
	K_MOUSE, /* no key: term_mouse_event() tells what the mouse did */
};

/* Where the learner is, as far as keys are concerned. */
enum place {
	PLACE_MAP, PLACE_LESSON, PLACE_VIEW, PLACE_CHOOSE, PLACE_CURVE, PLACE_ORDER, PLACE_OPTIONS, PLACE_PICK, PLACE_PRESENT, PLACE_VOTE,
	PLACE_FIELD, PLACE_PAGER, PLACE_ASK, PLACE_SMALL, PLACES
};
extern const char *const place_words[PLACES]; /* "the course map", … */

enum action {
	ACT_NONE, ACT_LESS, ACT_MORE, ACT_TOGGLE, ACT_TYPE, ACT_AS_TEXT, ACT_LIST_UP, ACT_LIST_DOWN, ACT_OPEN_FILE, ACT_CLEAR,
	 ACT_ENTER, ACT_NEXT, ACT_BACK, ACT_PANE, ACT_RUN, ACT_PAUSE, ACT_STOP, ACT_ANSWER, ACT_EDIT, ACT_TWIN,
	ACT_VIEW_1, ACT_VIEW_2, ACT_VIEW_3, ACT_VIEW_4, ACT_VIEW_5, ACT_VIEW_6, ACT_VIEW_LEFT, ACT_VIEW_RIGHT,
	ACT_HINT, ACT_EXPLAIN, ACT_SUMMARY, ACT_OPTIONS, ACT_COMPARE, ACT_MINE, ACT_DISCARD, ACT_TWIN_RUN, ACT_WIDE, ACT_SIDE_LEFT,
	ACT_SIDE_RIGHT, ACT_VARIANT, ACT_WORKERS, ACT_ZOOM_IN, ACT_ZOOM_OUT,
	ACT_POINT_LEFT, ACT_POINT_RIGHT, ACT_VALUE_UP, ACT_VALUE_DOWN, ACT_VALUE_FAR_UP, ACT_VALUE_FAR_DOWN, ACT_VALUE, ACT_VALUE_RESET,
	ACT_GRAB, ACT_ASIDE, ACT_UP, ACT_DOWN, ACT_PAGE_UP, ACT_PAGE_DOWN, ACT_TOP,
	ACT_BOTTOM, ACT_FILTER, ACT_MATCH_NEXT, ACT_MATCH_BACK, ACT_COURSE, ACT_WHERE, ACT_RESET, ACT_RESET_ALL, ACT_MACHINE, ACT_NOTES, ACT_LANGUAGE,
	ACT_ASCII, ACT_BRAILLE, ACT_MOUSE, ACT_SCHEME, ACT_REDRAW, ACT_YES, ACT_NO, ACT_ERASE, ACT_ERASE_ALL, ACT_DELETE, ACT_FIELD_LEFT,
	ACT_FIELD_RIGHT, ACT_FIELD_HOME, ACT_FIELD_END, ACT_CANCEL, ACT_CLOSE, ACT_HELP, ACT_QUIT,
	ACT_PRESENT, ACT_FORWARD, ACT_BACKWARD, ACT_NUMBER, ACT_BLANK, ACT_BLANK_TOO, ACT_VOTE, ACT_UNVOTE, ACT_COUNTS, ACT_REVOTE,
	ACT_REVEAL, ACT_LOCK, ACT_OTHER_VIEW, ACT_LEAVE, ACTIONS
};

enum { ACTION_KEYS = 4 };

struct action_info {
	enum action action;
	int keys[ACTION_KEYS]; /* filled from the left, the first is shown in the footer */
	unsigned where;        /* bits 1 << place */
	bool footer;           /* worth a place in the last row */
	const char *name;      /* one or two words */
	const char *help;      /* one sentence */
};

extern const struct action_info actions[]; /* in the order of the help screen; ends with ACT_NONE */

enum action action_of(int key, enum place place);      /* ACT_NONE: does nothing here */
const struct action_info *action_get(enum action action);
/* Which action a key has in any place, for "works on the course map"; NULL: none. */
const struct action_info *action_anywhere(int key);

/* "Enter", "PgDn", "F1", "^L", "q" into buf; returns buf. */
const char *action_key_name(int key, char *buf, size_t size);
/* The reverse; K_NONE when the name is unknown. */
int action_key_parse(const char *name);

#endif
