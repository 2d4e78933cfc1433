#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include <curses.h>
#include <term.h>

#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/actions.h"
#include "tui/scheme.h"
#include "tui/term.h"

static SCREEN *screen;
static bool coloured;
static attr_t attributes[ROLES];
static struct cell *shown; /* what is on the terminal, rows x cols */
static int shown_rows, shown_cols;

/* For term_restore_now: all made ready beforehand. */
static struct termios before;
static char restore[256];
static size_t restore_length;
static volatile sig_atomic_t restore_armed;

static bool mouse_taken;
static struct term_mouse mouse_last;

/* Appends the text of a capability without its padding "$<…>". */
static void arm_text(const char *text)
{
	if (!text || text == (char *)-1)
		return;
	for (; *text && restore_length < sizeof(restore) - 1; text++) {
		const char *end;
		if (text[0] == '$' && text[1] == '<' && (end = strchr(text, '>'))) {
			text = end;
			continue;
		}
		restore[restore_length++] = *text;
	}
}

static void arm(const char *name) { arm_text(tigetstr(name)); }

/* Mouse reports off: by XM where the terminal's description has it, else as xterm does. */
static void arm_mouse(void)
{
	const char *mode = tigetstr("XM"), *reports = tigetstr("kmous");
	if (mode && mode != (char *)-1)
		arm_text(tiparm(mode, 0));
	else if (reports && reports != (char *)-1)
		arm_text("\033[?1006l\033[?1000l");
}

void term_restore_now(void)
{
	if (!restore_armed)
		return;
	restore_armed = 0;
	if (write(STDOUT_FILENO, restore, restore_length) < 0)
		restore_armed = 0; /* the terminal is gone: nothing left to give back */
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

bool term_open(char *why, size_t size)
{
	int problem = 0;
	const char *name = getenv("TERM");
	if (setupterm(NULL, STDOUT_FILENO, &problem) != OK) {
		if (!name || !*name)
			snprintf(why, size, "%s", _("TERM is not set, so the screen can't be drawn; try TERM=xterm-256color"));
		else if (problem < 0)
			snprintf(why, size, "%s", _("there is no terminfo database, so the screen can't be drawn"));
		else
			snprintf(why, size, _("the terminal TERM=%.60s is not known here; try TERM=xterm-256color"), name);
		return false;
	}
	if (!tigetstr("cup") || tigetstr("cup") == (char *)-1) {
		snprintf(why, size, _("the terminal TERM=%.60s can't move its cursor; try TERM=xterm-256color"), name ? name : "");
		return false;
	}
	if (tcgetattr(STDIN_FILENO, &before) != 0) {
		snprintf(why, size, "%s", _("the terminal does not answer"));
		return false;
	}
	restore_length = 0;
	static const char *const capabilities[] = {"sgr0", "op", "rmacs", "cnorm", "rmkx", "rmcup"};
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(*capabilities); i++)
		arm(capabilities[i]);
	arm_mouse();
	TERMINAL *probed = cur_term; /* newterm makes one of its own */
	use_tioctl(TRUE);
	if (!getenv("ESCDELAY"))
		set_escdelay(25);
	screen = newterm(NULL, stdout, stdin);
	if (probed != cur_term)
		del_curterm(probed);
	if (!screen) {
		snprintf(why, size, "%s", _("the terminal can't be set up"));
		return false;
	}
	restore_armed = 1;
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	meta(stdscr, TRUE);
	intrflush(stdscr, FALSE);
	typeahead(-1);
	coloured = has_colors() && start_color() == OK;
	if (coloured)
		use_default_colors();
	term_colours();
	return true;
}

void term_close(void)
{
	if (!screen)
		return;
	endwin();
	restore_armed = 0;
	mouse_taken = false;
	delscreen(screen);
	screen = NULL;
	free(shown);
	shown = NULL;
}

bool term_is_open(void) { return screen != NULL; }

void term_size(int *rows, int *cols)
{
	struct winsize size = {0};
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
		size.ws_row = (unsigned short)(LINES > 0 ? LINES : 24);
		size.ws_col = (unsigned short)(COLS > 0 ? COLS : 80);
	}
	*rows = size.ws_row;
	*cols = size.ws_col;
	if (screen && (*rows != LINES || *cols != COLS))
		resizeterm(*rows, *cols);
}

void term_colours(void)
{
	static const struct {
		unsigned look;
		attr_t attribute;
	} pairs[] = {{LOOK_BOLD, A_BOLD}, {LOOK_DIM, A_DIM}, {LOOK_ITALIC, A_ITALIC}, {LOOK_UNDERLINE, A_UNDERLINE},
		     {LOOK_REVERSE, A_REVERSE}};
	for (int role = 0; role < ROLES; role++) {
		struct look look = scheme_look(scheme_current(), (enum role)role);
		attributes[role] = A_NORMAL;
		for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
			if (look.attr & pairs[i].look)
				attributes[role] |= pairs[i].attribute;
		if (!coloured || scheme_current() == SCHEME_MONO || role + 1 >= COLOR_PAIRS)
			continue;
		int fg = COLORS > 0xffffff ? look.fg : COLORS >= 256 ? look.fg256 : look.fg8;
		int bg = COLORS > 0xffffff ? look.bg : COLORS >= 256 ? look.bg256 : look.bg8;
		if (init_extended_pair(role + 1, fg, bg) == OK)
			attributes[role] |= COLOR_PAIR(role + 1);
	}
}

static int translate(wint_t key)
{
	static const struct {
		int curses, ours;
	} table[] = {
		{KEY_UP, K_UP}, {KEY_DOWN, K_DOWN}, {KEY_LEFT, K_LEFT}, {KEY_RIGHT, K_RIGHT}, {KEY_HOME, K_HOME},
		{KEY_END, K_END}, {KEY_PPAGE, K_PGUP}, {KEY_NPAGE, K_PGDN}, {KEY_BTAB, K_BTAB}, {KEY_BACKSPACE, K_BACKSPACE},
		{KEY_DC, K_DELETE}, {KEY_ENTER, K_ENTER}, {KEY_A1, K_HOME}, {KEY_A3, K_PGUP}, {KEY_C1, K_END},
		{KEY_C3, K_PGDN}, {KEY_FIND, K_HOME}, {KEY_SELECT, K_END},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].curses == (int)key)
			return table[i].ours;
	if (key >= KEY_F(1) && key <= KEY_F(12))
		return K_F1 + (int)key - KEY_F(1);
	return K_OTHER;
}

void term_mouse(bool on)
{
	if (!screen || on == mouse_taken)
		return;
	/* Presses only: a wait for double clicks would hold up the first one, and motion is nobody's business. */
	mouseinterval(0);
	mousemask(on ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
	mouse_taken = on;
}

/* False for what nobody asked for: releases, other buttons. */
static bool take_mouse(void)
{
	MEVENT e;
	if (getmouse(&e) != OK || !(e.bstate & (BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED)))
		return false;
	mouse_last = (struct term_mouse){e.y, e.x, e.bstate & BUTTON4_PRESSED ? -1 : e.bstate & BUTTON5_PRESSED ? 1 : 0};
	return true;
}

struct term_mouse term_mouse_event(void) { return mouse_last; }

int term_key(void)
{
	wint_t key;
	for (;;) {
		int kind = get_wch(&key);
		if (kind == ERR)
			return K_NONE;
		if (kind == KEY_CODE_YES) {
			if (key == KEY_RESIZE || (key == KEY_MOUSE && !take_mouse()))
				continue;
			if (key == KEY_MOUSE)
				return K_MOUSE;
			return translate(key);
		}
		if (key == '\n' || key == '\r')
			return K_ENTER;
		if (key == 127 || key == 8)
			return K_BACKSPACE;
		if (key != 0)
			return (int)key;
	}
}

/* The text of a cell as it may be written: "" is the right half of a wide character. */
static const char *glyph(const struct cell *cell, bool ascii, bool wide)
{
	if (!ascii || !((unsigned char)cell->text[0] & 0x80))
		return cell->text;
	return wide ? "??" : "?";
}

static void show_row(const struct cell *row, int y, int cols, bool ascii)
{
	move(y, 0);
	for (int x = 0; x < cols; x++) {
		if (!row[x].text[0])
			continue;
		bool wide = x + 1 < cols && !row[x + 1].text[0];
		attrset((int)attributes[row[x].role < ROLES ? row[x].role : ROLE_PLAIN]);
		/* The very last cell can't be followed by the cursor, which curses calls an error. */
		(void)mvaddstr(y, x, glyph(&row[x], ascii, wide));
	}
	attrset(A_NORMAL);
}

void term_show(const struct canvas *c, bool whole, bool ascii)
{
	size_t row_bytes = (size_t)c->cols * sizeof(*c->cells);
	if (!screen)
		return;
	if (!shown || shown_rows != c->rows || shown_cols != c->cols) {
		shown_rows = c->rows;
		shown_cols = c->cols;
		shown = xrealloc(shown, row_bytes * (size_t)c->rows);
		whole = true;
	}
	if (whole)
		clearok(stdscr, TRUE);
	for (int y = 0; y < c->rows; y++) {
		const struct cell *row = c->cells + (size_t)y * (size_t)c->cols;
		struct cell *old = shown + (size_t)y * (size_t)c->cols;
		if (!whole && !memcmp(row, old, row_bytes))
			continue;
		memcpy(old, row, row_bytes);
		show_row(row, y, c->cols, ascii);
	}
	bool cursor = c->cursor_y >= 0 && c->cursor_x >= 0 && c->cursor_y < c->rows && c->cursor_x < c->cols;
	curs_set(cursor);
	if (cursor)
		move(c->cursor_y, c->cursor_x);
	refresh();
}

void term_leave(void)
{
	if (screen)
		endwin();
	restore_armed = 0;
}

void term_reclaim(void)
{
	/* A program that was killed takes back nothing: not its screen, not the mouse, not bracketed paste. */
	static const char modes[] = "\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?2004l";
	const char *mouse = screen ? tigetstr("kmous") : NULL;
	if (!screen)
		return;
	if (write(STDOUT_FILENO, restore, restore_length) >= 0 && mouse && mouse != (char *)-1)
		(void)!write(STDOUT_FILENO, modes, sizeof(modes) - 1);
	term_return();
}

void term_return(void)
{
	if (!screen)
		return;
	reset_prog_mode();
	restore_armed = 1;
	clearok(stdscr, TRUE);
	refresh();
}
