#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "kernels/bench/words.h"
#include "tui/actions.h"

#define IN(place) (1u << PLACE_##place)
#define STUDY (IN(LESSON) | IN(VIEW) | IN(CHOOSE))
#define PICK (IN(CURVE) | IN(ORDER) | IN(OPTIONS) | IN(PICK))
#define TALK (IN(PRESENT) | IN(VOTE))
#define READ (IN(MAP) | STUDY | IN(PAGER) | PICK | TALK)
#define ALL (READ | IN(FIELD) | IN(ASK) | IN(SMALL))

const char *const place_words[PLACES] = {
	N_("the course map"), N_("a lesson"), N_("the view beside a lesson"), N_("a question"), N_("a curve being drawn"),
	N_("lines being put in order"), N_("the options of a run"), N_("a list to pick from"), N_("a presentation"), N_("a vote"), N_("a field"),
	N_("this page"), N_("a yes-or-no question"), N_("a tiny window"),
};

const struct action_info actions[] = {
	{ACT_ENTER, {K_ENTER}, ALL & ~IN(SMALL) & ~IN(ASK) & ~IN(ORDER), true, N_("go on"),
	 N_("do the next sensible thing: open, answer, run, or go to the next step")},
	{ACT_YES, {'y', 'Y'}, IN(ASK), true, N_("yes"), N_("agree")},
	{ACT_NO, {'n', 'N', K_ENTER}, IN(ASK), true, N_("no"), N_("don't")},
	{ACT_FORWARD, {K_PGDN, ' ', K_RIGHT, 'n'}, TALK, false, N_("next"), N_("go to the next thought; a question waits for its answer")},
	{ACT_BACKWARD, {K_PGUP, K_LEFT, K_BACKSPACE}, TALK, false, N_("back"), N_("go back one thought")},
	{ACT_REVEAL, {'x'}, TALK, false, N_("answer"), N_("show the answer that is hidden")},
	{ACT_COUNTS, {'v'}, TALK, false, N_("type votes"), N_("type the counts of a vote (12 3 8), or the numbers called out")},
	{ACT_VOTE, {'a', 'b', 'c', 'd'}, IN(VOTE), false, N_("vote"), N_("count one raised hand for this option")},
	{ACT_UNVOTE, {'A', 'B', 'C', 'D'}, IN(VOTE), false, N_("take back"), N_("take one vote back")},
	{ACT_REVOTE, {'V'}, TALK, false, N_("second vote"), N_("vote again after discussion; both votes are shown")},
	{ACT_BLANK, {'.'}, TALK, false, N_("blank"), N_("empty the screen until the next key")},
	{ACT_BLANK_TOO, {'b'}, IN(PRESENT), false, N_("blank"), N_("the same, where it is no vote")},
	{ACT_NUMBER, {K_DIGIT}, TALK, false, N_("step"), N_("type the number of a step, Enter goes there")},
	{ACT_LOCK, {'k'}, TALK, false, N_("lock"), N_("let questions and live runs be passed, or hold there again")},
	{ACT_OTHER_VIEW, {K_TAB, K_BTAB}, TALK, false, N_("other view"), N_("show another view of the run")},
	{ACT_LEAVE, {'q', K_F10}, TALK, true, N_("leave"), N_("end the presentation; asks when a run is live")},
	{ACT_NEXT, {'n', K_PGDN}, STUDY, true, N_("next"), N_("go to the next step")},
	{ACT_BACK, {'b', K_PGUP}, STUDY, true, N_("back"), N_("go back one step")},
	{ACT_HINT, {'H'}, STUDY | TALK | IN(CURVE) | IN(ORDER), true, N_("hint"), N_("show the next hint of this step")},
	{ACT_EXPLAIN, {'x'}, STUDY, true, N_("explain"), N_("read this step's explanation, once the step is done")},
	{ACT_PANE, {K_TAB, K_BTAB}, STUDY, true, N_("pane"), N_("move between the text and the view")},
	{ACT_RUN, {'r', K_F5}, STUDY | IN(ORDER) | TALK, true, N_("run"), N_("run this step's program (after a wrong answer: the experiment that tells)")},
	{ACT_STOP, {'s', K_F6}, STUDY | TALK, true, N_("stop"), N_("stop the run: asked first, killed a second later")},
	{ACT_PAUSE, {'p', K_F7}, STUDY | TALK, true, N_("pause"), N_("hold the run, or let it go on")},
	{ACT_ANSWER, {'a'}, STUDY, false, N_("answer"), N_("answer this step's question again")},
	{ACT_EDIT, {'e', K_F8}, STUDY, true, N_("edit"),
	 N_("open the code in your editor: a copy of your own, built and run from here")},
	{ACT_OPTIONS, {'o', K_F11}, STUDY, true, N_("options"), N_("set threads, size, variant and the other options of the run")},
	{ACT_COMPARE, {'C', K_F12}, STUDY, false, N_("compare"), N_("lay saved runs over this one, from this machine or from others")},
	{ACT_LESS, {K_LEFT, 'h'}, IN(OPTIONS), true, N_("less"), N_("take the next smaller value, or the choice before")},
	{ACT_MORE, {K_RIGHT, 'l'}, IN(OPTIONS), true, N_("more"), N_("take the next larger value, or the next choice")},
	{ACT_TOGGLE, {' '}, IN(OPTIONS) | IN(PICK), true, N_("tick"), N_("take what is under the cursor, or leave it out again")},
	{ACT_TYPE, {'e', K_F8}, IN(OPTIONS), true, N_("type"), N_("type the value of this row; a digit begins a new one")},
	{ACT_AS_TEXT, {'R'}, IN(OPTIONS), true, N_("as in the text"), N_("take the command line of the text again")},
	{ACT_OPEN_FILE, {'f', K_F2}, IN(PICK), true, N_("file"), N_("add the runs of a record file that you name")},
	{ACT_CLEAR, {'X'}, IN(PICK), true, N_("none"), N_("lay no saved run over this one any more")},
	{ACT_LIST_UP, {K_PGUP}, IN(OPTIONS) | IN(PICK), false, N_("page up"), N_("move up one page of the list")},
	{ACT_LIST_DOWN, {K_PGDN}, IN(OPTIONS) | IN(PICK), false, N_("page down"), N_("move down one page of the list")},
	{ACT_SUMMARY, {'u'}, STUDY, false, N_("summary"), N_("list what you predicted in this lesson beside what was measured")},
	{ACT_MINE, {'y'}, STUDY, false, N_("yours"), N_("run your own copy of the program, or the lesson's again")},
	{ACT_DISCARD, {'X'}, STUDY, false, N_("discard"), N_("throw your copy of the program away (asks first)")},
	{ACT_TWIN_RUN, {'T'}, STUDY, false, N_("run python"), N_("run the Python twin of this lesson")},
	{ACT_WIDE, {'z'}, STUDY, true, N_("full width"), N_("give this pane the whole width, or share it again")},
	{ACT_SIDE_LEFT, {'<', ','}, STUDY, false, N_("sideways left"), N_("go back in long lines, or in the stretched timeline")},
	{ACT_SIDE_RIGHT, {'>', '.'}, STUDY, true, N_("sideways"), N_("show more of long lines, or later times of the timeline")},
	{ACT_TWIN, {'t', K_F9}, STUDY, true, N_("python"), N_("show the same idea in Python, or the C again")},
	{ACT_VIEW_1, {'1'}, STUDY, true, N_("Speedup"), N_("show how fast it became, against Amdahl's law")},
	{ACT_VIEW_2, {'2'}, STUDY, false, N_("Timeline"), N_("show when each worker ran, waited or was off")},
	{ACT_VIEW_3, {'3'}, STUDY, false, N_("Budget"), N_("show where the core-seconds went")},
	{ACT_VIEW_4, {'4'}, STUDY, false, N_("Counters"), N_("show what the counters saw")},
	{ACT_VIEW_5, {'5'}, STUDY, false, N_("Code"), N_("show the source that ran")},
	{ACT_VIEW_6, {'6'}, STUDY, false, N_("Output"), N_("show what the program printed")},
	{ACT_VIEW_LEFT, {'h', K_LEFT}, STUDY, false, N_("view left"), N_("show the view to the left")},
	{ACT_VIEW_RIGHT, {'l', K_RIGHT}, STUDY, false, N_("view right"), N_("show the view to the right")},
	{ACT_VARIANT, {'v'}, STUDY, false, N_("variant"), N_("look at the next variant of the program")},
	{ACT_WORKERS, {'w'}, STUDY, false, N_("workers"), N_("look at the next number of workers")},
	{ACT_ZOOM_IN, {'+', '='}, STUDY, false, N_("closer"), N_("stretch the timeline, to twice its width")},
	{ACT_ZOOM_OUT, {'-', '_'}, STUDY, false, N_("wider"), N_("shrink the timeline, down to the whole run")},
	{ACT_POINT_LEFT, {K_LEFT, 'h'}, IN(CURVE), false, N_("point left"), N_("go to the point to the left")},
	{ACT_POINT_RIGHT, {K_RIGHT, 'l'}, IN(CURVE), false, N_("point right"), N_("go to the point to the right")},
	{ACT_VALUE_UP, {K_UP, 'k'}, IN(CURVE), false, N_("more"), N_("raise the curve at this point")},
	{ACT_VALUE_DOWN, {K_DOWN, 'j'}, IN(CURVE), false, N_("less"), N_("lower the curve at this point")},
	{ACT_VALUE_FAR_UP, {K_PGUP, '+', '='}, IN(CURVE), true, N_("much more"), N_("raise the curve at this point in larger steps")},
	{ACT_VALUE_FAR_DOWN, {K_PGDN, '-', '_'}, IN(CURVE), true, N_("much less"), N_("lower the curve at this point in larger steps")},
	{ACT_VALUE, {K_DIGIT}, IN(CURVE), true, N_("type it"), N_("type the value of this point")},
	{ACT_VALUE_RESET, {K_BACKSPACE, K_DELETE}, IN(CURVE), true, N_("reset"), N_("set this point back to 1")},
	{ACT_GRAB, {' ', K_ENTER}, IN(ORDER), true, N_("grab or drop"), N_("take the line under the cursor, to be moved by the arrows, or drop it")},
	{ACT_ASIDE, {'x', K_BACKSPACE, K_DELETE}, IN(ORDER), true, N_("aside"), N_("lay the line under the cursor aside, or take it in again")},
	{ACT_UP, {'k', K_UP}, READ & ~IN(CURVE) & ~TALK, false, N_("up"), N_("move up")},
	{ACT_DOWN, {'j', K_DOWN}, READ & ~IN(CURVE) & ~TALK, false, N_("down"), N_("move down")},
	{ACT_PAGE_UP, {K_PGUP, 'u'}, IN(MAP) | IN(PAGER), false, N_("page up"), N_("move up one page")},
	{ACT_PAGE_DOWN, {K_PGDN, ' '}, IN(MAP) | IN(PAGER), false, N_("page down"), N_("move down one page")},
	{ACT_TOP, {'g', K_HOME}, READ, false, N_("top"), N_("go to the beginning")},
	{ACT_BOTTOM, {'G', K_END}, READ, false, N_("end"), N_("go to the end")},
	{ACT_FILTER, {'/', K_F3}, IN(MAP) | IN(PAGER) | IN(PICK), true, N_("filter"), N_("type what to look for; on the map in titles and texts, with \"todo:\" in what is not done")},
	{ACT_MATCH_NEXT, {'n'}, IN(MAP) | IN(PAGER), false, N_("next match"), N_("go to the next match")},
	{ACT_MATCH_BACK, {'N'}, IN(MAP) | IN(PAGER), false, N_("last match"), N_("go to the match before")},
	{ACT_COURSE, {'c', K_F2}, STUDY, true, N_("course"), N_("go to the course map")},
	{ACT_WHERE, {'w'}, IN(MAP), true, N_("where was I"), N_("open the lesson you looked at last, at its step")},
	{ACT_RESET, {'R'}, IN(MAP), false, N_("reset"), N_("forget what was done in this lesson (asks first)")},
	{ACT_RESET_ALL, {'X'}, IN(MAP), false, N_("reset all"), N_("forget what was done in the whole course (asks first)")},
	{ACT_MACHINE, {'m', K_F4}, IN(MAP) | STUDY, true, N_("machine"), N_("show what this machine has, and what works here")},
	{ACT_NOTES, {'i'}, STUDY, false, N_("notes"), N_("show or hide the instructor's notes")},
	{ACT_PRESENT, {'P'}, IN(MAP) | STUDY, false, N_("present"), N_("show this lesson to a class, one thought a screen")},
	{ACT_LANGUAGE, {'L'}, READ, false, N_("language"), N_("take the next language, for screen and text")},
	{ACT_ASCII, {'A'}, READ & ~IN(VOTE), false, N_("ascii"), N_("draw with plain ASCII characters, or with lines and blocks again")},
	{ACT_BRAILLE, {'B'}, READ & ~IN(VOTE), false, N_("braille"), N_("draw curves with braille dots, or with blocks again")},
	{ACT_MOUSE, {'M'}, READ, false, N_("mouse"), N_("take the mouse, or leave it to the terminal")},
	{ACT_SCHEME, {'S'}, READ, false, N_("colours"), N_("take the next colour scheme")},
	{ACT_REDRAW, {K_REDRAW}, ALL, false, N_("redraw"), N_("draw the whole screen again")},
	{ACT_ERASE, {K_BACKSPACE}, IN(FIELD), false, N_("erase"), N_("erase the character before the cursor")},
	{ACT_DELETE, {K_DELETE}, IN(FIELD), false, N_("delete"), N_("erase the character under the cursor")},
	{ACT_ERASE_ALL, {K_ERASE_LINE}, IN(FIELD), false, N_("empty"), N_("empty the field")},
	{ACT_FIELD_LEFT, {K_LEFT}, IN(FIELD), false, N_("left"), N_("move the cursor left")},
	{ACT_FIELD_RIGHT, {K_RIGHT}, IN(FIELD), false, N_("right"), N_("move the cursor right")},
	{ACT_FIELD_HOME, {K_HOME}, IN(FIELD), false, N_("start"), N_("move the cursor to the start of the field")},
	{ACT_FIELD_END, {K_END}, IN(FIELD), false, N_("end"), N_("move the cursor to the end of the field")},
	{ACT_CANCEL, {K_ESC}, ALL & ~IN(SMALL), false, N_("cancel"), N_("leave a field, a question, or the lesson for the map; skip a guess; never quits")},
	{ACT_CLOSE, {'q', K_F10}, IN(PAGER) | IN(OPTIONS) | IN(PICK), true, N_("close"), N_("leave this page")},
	{ACT_HELP, {'?', K_F1}, READ, true, N_("help"), N_("list the keys that do something")},
	{ACT_QUIT, {'q', K_F10}, IN(MAP) | STUDY | IN(SMALL), true, N_("quit"), N_("leave Lockstep; asks when a run is live")},
	{ACT_NONE, {0}, 0, false, NULL, NULL},
};

static enum action action_listed(int key, enum place place)
{
	for (const struct action_info *a = actions; a->action != ACT_NONE; a++) {
		if (!(a->where & (1u << place)))
			continue;
		for (int i = 0; i < ACTION_KEYS && a->keys[i] != K_NONE; i++)
			if (a->keys[i] == key)
				return a->action;
	}
	return ACT_NONE;
}

enum action action_of(int key, enum place place)
{
	if (key >= '0' && key <= '9' && action_listed(key, place) == ACT_NONE)
		key = K_DIGIT;
	return action_listed(key, place);
}

const struct action_info *action_get(enum action action)
{
	const struct action_info *a = actions;
	while (a->action != ACT_NONE && a->action != action)
		a++;
	return a;
}

const struct action_info *action_anywhere(int key)
{
	for (int place = 0; place < PLACES; place++) {
		enum action a = action_of(key, (enum place)place);
		if (a != ACT_NONE)
			return action_get(a);
	}
	return NULL;
}

static const struct {
	int key;
	const char *name;
} names[] = {
	{K_TAB, "Tab"}, {K_ENTER, "Enter"}, {K_ESC, "Esc"}, {K_UP, "Up"}, {K_DOWN, "Down"}, {K_LEFT, "Left"},
	{K_RIGHT, "Right"}, {K_HOME, "Home"}, {K_END, "End"}, {K_PGUP, "PgUp"}, {K_PGDN, "PgDn"}, {K_BTAB, "Shift-Tab"},
	{K_DIGIT, "0-9"}, {K_BACKSPACE, "Backspace"}, {K_DELETE, "Del"}, {' ', "Space"}, {K_OTHER, N_("that key")},
};

const char *action_key_name(int key, char *buf, size_t size)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (names[i].key == key) {
			snprintf(buf, size, "%s", key == K_OTHER ? _(names[i].name) : names[i].name);
			return buf;
		}
	}
	if (key >= K_F1 && key <= K_F12)
		snprintf(buf, size, "F%d", key - K_F1 + 1);
	else if (key > 0 && key < 32)
		snprintf(buf, size, "^%c", key + '@');
	else if (key > 0 && key < 127)
		snprintf(buf, size, "%c", key);
	else
		snprintf(buf, size, "%s", _("that key"));
	return buf;
}

int action_key_parse(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcasecmp(names[i].name, name))
			return names[i].key;
	int number, used = 0;
	if (sscanf(name, "F%d%n", &number, &used) == 1 && !name[used] && number >= 1 && number <= 12)
		return K_F1 + number - 1;
	if (name[0] == '^' && name[1] >= '@' && name[1] <= '_' && !name[2])
		return name[1] - '@';
	if (name[0] > 32 && name[0] < 127 && !name[1])
		return name[0];
	return K_NONE;
}
