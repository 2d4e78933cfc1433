#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>
#include "tui/loop.h"
#include "tui/outside.h"
#include "tui/signals.h"
#include "tui/term.h"

/* Between two drawings, in ms: while a run is being timed the screen must not take part in it. */
enum { GAP = 100, GAP_TIMING = 250 };

static void suspend(struct app *app)
{
	bool hold = program_live(&app->child) && !app->child.paused;
	if (hold)
		program_pause(&app->child, true);
	term_leave();
	signals_suspend();
	term_return();
	if (hold)
		program_pause(&app->child, false);
	app->redraw = app->redraw_all = true;
}

/* Another program has the terminal until it ends. The number of a signal that ends us, else 0. */
static int give_away(struct app *app)
{
	char **argv = app->outside;
	int status, rows, cols;
	app->outside = NULL;
	int end = outside_run(argv, &status);
	program_words_free(argv);
	if (term_is_open()) {
		term_size(&rows, &cols);
		app_resize(app, rows, cols);
	}
	app->redraw = app->redraw_all = true;
	if (!end)
		app->came_back(app, status);
	return end;
}

/* All signals that came; the number of one that ends us, else 0. */
static int take_signals(struct app *app)
{
	int number, end = 0, rows, cols;
	while ((number = signals_next()) != 0) {
		switch (number) {
		case SIGWINCH:
			term_size(&rows, &cols);
			app_resize(app, rows, cols);
			app->redraw = app->redraw_all = true;
			break;
		case SIGTSTP:
			suspend(app);
			term_size(&rows, &cols);
			app_resize(app, rows, cols);
			break;
		case SIGCONT:
			term_return();
			app->redraw = app->redraw_all = true;
			break;
		case SIGCHLD:
			break;
		default:
			end = number;
		}
	}
	return end;
}

static void draw(struct app *app)
{
	bool whole = app->redraw_all;
	if (app->recolour)
		term_colours();
	app->recolour = app->redraw_all = false;
	app_draw(app);
	term_mouse(app->mouse);
	term_show(app->canvas, whole, app->letters_ascii);
}

/* Draws when something is new and the last drawing is long enough ago; else tells when. */
static void draw_in_time(struct app *app, int64_t *drawn, int *wait)
{
	bool timing = program_live(&app->child) && !app->child.paused;
	int64_t due = *drawn + (timing ? GAP_TIMING : GAP), now = program_now();
	if (!app->redraw && !app->redraw_all)
		return;
	if (now < due) {
		*wait = (int)(due - now);
		return;
	}
	draw(app);
	*drawn = now;
}

static void take_child(struct app *app)
{
	if (!program_live(&app->child))
		return;
	if (program_read(&app->child))
		app_child_news(app, false);
	if (program_reap(&app->child))
		app_child_news(app, true);
}

static void take_mouse(struct app *app)
{
	struct term_mouse m = term_mouse_event();
	if (m.wheel)
		mouse_wheel(app, m.y, m.x, m.wheel);
	else
		mouse_click(app, m.y, m.x);
}

int loop_run(struct app *app, struct script *script)
{
	int64_t drawn = -GAP_TIMING;
	for (;;) {
		int wait = -1;
		bool terminal = term_is_open();
		if (script) {
			enum script_state state = script_go(script, app, &wait);
			if (state != SCRIPT_WAITS)
				return state == SCRIPT_FAILED;
		}
		if (app->outside) {
			int outside_end = give_away(app);
			if (outside_end)
				return 128 + outside_end;
			continue;
		}
		if (app->quit)
			return 0;
		if (terminal)
			draw_in_time(app, &drawn, &wait);
		if (program_tick(&app->child, &wait))
			app->redraw = true;
		struct pollfd fds[] = {
			{.fd = terminal ? STDIN_FILENO : -1, .events = POLLIN},
			{.fd = signals_fd(), .events = POLLIN},
			{.fd = app->child.out_fd, .events = POLLIN},
			{.fd = app->child.status_fd, .events = POLLIN},
		};
		if (poll(fds, sizeof(fds) / sizeof(*fds), wait) < 0 && errno != EINTR)
			return 128 + SIGHUP;
		int end = take_signals(app);
		if (end)
			return 128 + end;
		take_child(app);
		if (fds[0].revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) {
			int keys = 0;
			for (int key; !app->outside && (key = term_key()) != K_NONE; keys++) {
				if (key == K_MOUSE)
					take_mouse(app);
				else
					app_key(app, key);
			}
			/* A terminal that is ready and has nothing to say is gone. */
			char byte;
			if ((fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) && keys == 0 && read(STDIN_FILENO, &byte, 1) <= 0)
				return 128 + SIGHUP;
		}
	}
}
