/* lockstep notes: the presenter's notes in a second terminal, in step with `lockstep --present` in the first. It sleeps until
 * the presentation says something, or until the second that the clock shows is over. */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "kernels/bench/options.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/actions.h"
#include "tui/draw.h"
#include "tui/language.h"
#include "tui/layout.h"
#include "tui/notes.h"
#include "tui/scheme.h"
#include "tui/signals.h"
#include "tui/term.h"

enum { OPT_LANG = 256, OPT_PLAIN, OPT_ASCII, OPT_SCHEME, OPT_NO_COLOUR, OPT_SAVE };
enum { PLAIN_COLUMNS = 78, PICTURE_ROWS = 24, PICTURE_COLUMNS = 90 };

static const struct option_row rows[] = {
	{OPT_LANG, "lang", "LANG", N_("language of the notes: en or zh (preset: that of the presentation)"), "en zh"},
	{OPT_PLAIN, "plain", NULL, N_("print lines, one after another, instead of drawing a screen"), NULL},
	{OPT_SAVE, "save", "FILE", N_("draw once into FILE (a picture if it ends in .svg, else text) and end"), "@file"},
	{OPT_ASCII, "ascii", NULL, N_("draw with plain ASCII characters"), NULL},
	{OPT_SCHEME, "scheme", "NAME", N_("colours: default, light, dark, safe (for the colour-blind), mono"), "default light dark safe mono"},
	{OPT_NO_COLOUR, "no-color", NULL, N_("the same as --scheme mono; so does the variable NO_COLOR"), NULL},
	{0, NULL, NULL, NULL, NULL},
};

static const struct program_options usage = {
	.program = "lockstep notes",
	.synopsis = "[options]",
	.about = N_("Shows the notes for what `lockstep --present` has on its screen: minutes, answers, votes, what comes next.\n"
		    "Start it in a second terminal on the same machine, before or after the presentation."),
	.operands = NULL,
	.options = rows,
	.after = N_("Up and Down scroll, q leaves."),
};

struct reader {
	struct notes notes;
	struct canvas *canvas;
	int rows, cols, top, lines, body;
	bool plain;
	const char *save; /* NULL: a screen */
	int watch, process, followed; /* descriptors of inotify and of the presentation's process; its pid */
	struct thought told; /* --plain: what was printed last */
	bool told_any;
	char told_votes[400];
};

/* ---- the screen ---- */

static void fill(const struct reader *p, struct rich *r)
{
	notes_now(&p->notes, r);
	notes_question(&p->notes, r);
	notes_block(&p->notes, r);
}

static enum role role_of(int64_t ms, int most) { return most > 0 && ms > (int64_t)most * 60000 ? ROLE_WARN : ROLE_PLAIN; }

/* The clocks, in one row or in two. Returns the rows. */
static int draw_clocks(struct reader *p, struct rect all, int y)
{
	const struct notes *n = &p->notes;
	char step[100], lesson[100], line[140];
	int least, most, step_least, step_most;
	notes_plan(n, &step_least, &step_most, &least, &most);
	notes_clock(n, notes_step_ms(n), step_least, step_most, step, sizeof(step));
	notes_clock(n, notes_lesson_ms(n), least, most, lesson, sizeof(lesson));
	enum role step_role = role_of(notes_step_ms(n), step_most), lesson_role = role_of(notes_lesson_ms(n), most);
	snprintf(line, sizeof(line), _("step %s"), step);
	int x = 1 + canvas_text(p->canvas, all, y, 1, step_role, line);
	snprintf(line, sizeof(line), _("lesson %s"), lesson);
	if (x + 3 + canvas_width(line) > all.cols) {
		canvas_text(p->canvas, all, y + 1, 1, lesson_role, line);
		return 2;
	}
	canvas_text(p->canvas, all, y, x + 3, lesson_role, line);
	return 1;
}

static void draw_nobody(struct reader *p, struct rect all)
{
	struct rect in = {1, 1, all.rows - 2, all.cols - 2};
	int y = 1 + draw_wrapped(p->canvas, in, 0, in.rows, ROLE_PLAIN, _("No presentation is going on here. Start one in another terminal:"));
	draw_cut(p->canvas, in, y, 2, ROLE_CODE, "lockstep --present");
	draw_wrapped(p->canvas, in, y + 2, in.rows - y - 2, ROLE_DIM, _("Its notes come up here by themselves."));
}

static void draw(struct reader *p)
{
	struct rect all = canvas_all(p->canvas);
	char where[100];
	canvas_clear(p->canvas);
	p->canvas->ascii = p->notes.ascii;
	p->canvas->cursor_y = p->canvas->cursor_x = -1;
	if (!p->notes.known) {
		draw_nobody(p, all);
	} else {
		struct rich r = {.width = all.cols > 6 ? all.cols - 2 : 4, .mark = -1};
		struct rect banner = {0, 0, 1, all.cols};
		int y = 1;
		canvas_fill(p->canvas, banner, ROLE_SELECTED, " ");
		notes_where(&p->notes, where, sizeof(where));
		draw_cut(p->canvas, banner, 0, 1, ROLE_SELECTED, p->notes.state.title);
		if (canvas_width(where) + canvas_width(p->notes.state.title) + 4 < all.cols)
			draw_right(p->canvas, (struct rect){0, 0, 1, all.cols - 1}, 0, ROLE_SELECTED, where);
		if (p->notes.alive)
			y += draw_clocks(p, all, y);
		fill(p, &r);
		y += all.rows >= 20;
		p->body = all.rows - y - 1;
		p->lines = r.n;
		p->top = layout_scroll(p->top, p->body, r.n, -1);
		for (int i = 0; i < p->body && p->top + i < r.n; i++)
			rich_draw(&r, p->top + i, p->canvas, (struct rect){0, 1, all.rows, all.cols - 1}, y + i);
		rich_free(&r);
	}
	int more = p->notes.known ? p->lines - p->top - p->body : 0, x = 1;
	struct rect foot = {all.rows - 1, 0, 1, all.cols};
	x += canvas_text(p->canvas, foot, 0, x, ROLE_KEY, "q");
	x += canvas_text(p->canvas, foot, 0, x, ROLE_DIM, _(" leave"));
	if (more > 0)
		canvas_printf(p->canvas, foot, 0, x + 3, ROLE_DIM, _("Down: %d more"), more);
}

/* ---- --plain ---- */

static void print_rich(struct rich *r)
{
	for (int i = 0; i < r->n; i++) {
		for (int j = 0; j < r->v[i].count; j++)
			fputs(r->v[i].parts[j].text, stdout);
		putchar('\n');
	}
	rich_free(r);
}

static void print(struct reader *p)
{
	const struct notes *n = &p->notes;
	const struct share_state *s = &n->state;
	char where[100], clock[100];
	int least, most, step_least, step_most;
	if (!n->known) {
		puts(_("No presentation is going on here: waiting for `lockstep --present`."));
		p->told_any = false;
		fflush(stdout);
		return;
	}
	bool step = !p->told_any || p->told.step != s->now.step;
	bool thought = step || memcmp(&p->told, &s->now, sizeof(p->told));
	notes_plan(n, &step_least, &step_most, &least, &most);
	if (step) {
		notes_clock(n, notes_lesson_ms(n), least, most, clock, sizeof(clock));
		printf("\n== %s  %s ==\n", s->title, clock);
	}
	if (thought) {
		notes_where(n, where, sizeof(where));
		printf("\n[%s]\n", where);
	}
	struct rich r = {.width = PLAIN_COLUMNS, .mark = -1};
	if (thought || !n->alive || s->blank || s->command[0])
		notes_now(n, &r);
	print_rich(&r);
	r = (struct rich){.width = PLAIN_COLUMNS, .mark = -1};
	if (thought)
		notes_question(n, &r);
	if (step)
		notes_block(n, &r);
	print_rich(&r);
	char votes[sizeof(p->told_votes)];
	notes_votes(n, votes, sizeof(votes));
	if (strcmp(votes, p->told_votes) && !thought && *votes)
		puts(votes);
	snprintf(p->told_votes, sizeof(p->told_votes), "%s", votes);
	p->told = s->now;
	p->told_any = true;
	fflush(stdout);
}

/* ---- following ---- */

static void follow(struct reader *p)
{
	int pid = p->notes.known && p->notes.alive ? p->notes.state.pid : 0;
	if (pid == p->followed)
		return;
	if (p->process >= 0)
		close(p->process);
	p->followed = pid;
	p->process = pid ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
}

/* Until the shown second is over; -1: no clock. */
static int until_tick(const struct reader *p)
{
	if (p->plain || !p->notes.known || !p->notes.alive)
		return -1;
	int step = 1000 - (int)(notes_step_ms(&p->notes) % 1000);
	return step < 1 ? 1 : step > 1000 ? 1000 : step;
}

static void drain(int fd)
{
	char buffer[4096];
	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
}

/* False: leave. */
static bool take_key(struct reader *p, int key)
{
	switch (key) {
	case 'q':
	case K_F10:
		return false;
	case K_UP:
	case 'k':
		p->top--;
		break;
	case K_DOWN:
	case 'j':
		p->top++;
		break;
	case K_PGUP:
		p->top -= p->body > 1 ? p->body - 1 : 1;
		break;
	case K_PGDN:
	case ' ':
		p->top += p->body > 1 ? p->body - 1 : 1;
		break;
	case K_HOME:
	case 'g':
		p->top = 0;
		break;
	case K_END:
	case 'G':
		p->top = p->lines;
		break;
	default:
		break;
	}
	return true;
}

static void resize(struct reader *p)
{
	term_size(&p->rows, &p->cols);
	canvas_free(p->canvas);
	p->canvas = canvas_new(p->rows, p->cols, p->notes.ascii);
}

/* 0, or 128 + n for signal n. */
static int loop(struct reader *p)
{
	bool whole = true, changed = true, stdin_open = true;
	char line[64];
	for (;;) {
		if (changed && p->plain)
			print(p);
		if (!p->plain) {
			draw(p);
			term_show(p->canvas, whole, p->notes.letters_ascii);
		}
		whole = changed = false;
		follow(p);
		struct pollfd fds[] = {{.fd = stdin_open ? STDIN_FILENO : -1, .events = POLLIN}, {.fd = signals_fd(), .events = POLLIN},
				       {.fd = p->watch, .events = POLLIN}, {.fd = p->process, .events = POLLIN}};
		if (poll(fds, 4, until_tick(p)) < 0 && errno != EINTR)
			return 128 + SIGHUP;
		for (int number; (number = signals_next()) != 0;) {
			if (number == SIGWINCH || number == SIGCONT) {
				if (number == SIGCONT)
					term_return();
				resize(p);
				whole = true;
			} else if (number == SIGTSTP) {
				term_leave();
				signals_suspend();
				term_return();
				resize(p);
				whole = true;
			} else if (number != SIGCHLD) {
				return 128 + number;
			}
		}
		if (fds[2].revents || fds[3].revents) {
			struct thought before = p->notes.state.now;
			drain(p->watch);
			if (fds[3].revents)
				p->followed = -1; /* its end may be seen before its file is gone */
			changed = notes_read(&p->notes);
			if (memcmp(&before, &p->notes.state.now, sizeof(before)))
				p->top = 0;
		}
		if (!fds[0].revents)
			continue;
		if (p->plain) {
			ssize_t n = read(STDIN_FILENO, line, sizeof(line));
			if (n > 0 && line[0] == 'q')
				return 0;
			stdin_open = n > 0;
			continue;
		}
		int keys = 0;
		for (int key; (key = term_key()) != K_NONE; keys++) {
			if (!take_key(p, key))
				return 0;
			whole = whole || key == K_REDRAW;
		}
		/* A terminal that is ready and has nothing to say is gone. */
		if ((fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) && keys == 0 && read(STDIN_FILENO, line, 1) <= 0)
			return 128 + SIGHUP;
	}
}

/* ---- start ---- */

static int bad(const char *what, const char *value, const char *allowed)
{
	fprintf(stderr, "lockstep notes: %s%s%s: %s\n", what, *value ? " " : "", value, allowed);
	return 1 + EXIT_USAGE;
}

/* 0 to go on, else one more than the exit code. */
static int parse(int argc, char **argv, struct reader *p, enum scheme *scheme)
{
	int option;
	char names[WORDS_LANGUAGES * (WORDS_NAME + 2)];
	opterr = 0;
	while ((option = getopt_long(argc, argv, options_short(&usage), options_long(&usage), NULL)) != -1) {
		switch (option) {
		case OPT_LANG:
			if (!language_exists(optarg)) {
				language_names(names, sizeof(names));
				return bad("--lang", optarg, names);
			}
			p->notes.language = optarg;
			break;
		case OPT_PLAIN:
			p->plain = true;
			break;
		case OPT_SAVE:
			p->save = optarg;
			break;
		case OPT_ASCII:
			p->notes.ascii = true;
			break;
		case OPT_SCHEME:
			*scheme = scheme_find(optarg);
			if (*scheme == SCHEMES)
				return bad("--scheme", optarg, "default, light, dark, safe, mono");
			break;
		case OPT_NO_COLOUR:
			*scheme = SCHEME_MONO;
			break;
		case ':':
			return bad(argv[optind - 1], "", _("needs a value (--help shows which)"));
		default:
			if (options_common(&usage, option))
				return 1 + EXIT_RIGHT;
			return bad(argv[optind - 1], "", _("no such option (--help lists them)"));
		}
	}
	return optind < argc ? bad(argv[optind], "", _("no words are expected (--help shows the options)")) : 0;
}

/* --save. Exit code. */
static int save(struct reader *p)
{
	const char *end = strrchr(p->save, '.');
	if (!p->notes.known) {
		fputs(_("lockstep notes: no presentation is going on here\n"), stderr);
		return EXIT_CANNOT;
	}
	FILE *out = fopen(p->save, "w");
	if (!out)
		return bad("--save", p->save, strerror(errno)) - 1;
	p->canvas = canvas_new(PICTURE_ROWS, PICTURE_COLUMNS, p->notes.ascii);
	draw(p);
	if (end && !strcmp(end, ".svg"))
		canvas_save_svg(p->canvas, out, "lockstep notes");
	else
		canvas_save_text(p->canvas, out);
	canvas_free(p->canvas);
	bool failed = ferror(out) != 0;
	if (fclose(out) || failed) {
		fprintf(stderr, "lockstep notes: %s: %s\n", p->save, strerror(errno));
		return EXIT_RESOURCE;
	}
	return EXIT_RIGHT;
}

static bool open_screen(void)
{
	char why[200];
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		fputs(_("lockstep notes: the screen needs a terminal; --plain prints anywhere\n"), stderr);
		return false;
	}
	if (!term_open(why, sizeof(why))) {
		fprintf(stderr, _("lockstep notes: %s; --plain prints anywhere\n"), why);
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct reader p = {.watch = -1, .process = -1};
	enum scheme scheme = SCHEMES;
	if (!words_start()) {
		p.notes.ascii = p.notes.letters_ascii = true;
		setlocale(LC_CTYPE, "C.UTF-8"); /* widths are those of UTF-8, since texts and records are */
	}
	int given = parse(argc, argv, &p, &scheme);
	if (given)
		return given - 1;
	const char *no_colour = getenv("NO_COLOR"), *dir = share_dir(true);
	scheme_choose(scheme < SCHEMES ? scheme : no_colour && *no_colour ? SCHEME_MONO : SCHEME_DEFAULT);
	p.watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (!dir || p.watch < 0 || inotify_add_watch(p.watch, dir, IN_MOVED_TO | IN_DELETE) < 0) {
		fprintf(stderr, "lockstep notes: %s: %s\n", dir ? dir : "$XDG_RUNTIME_DIR", strerror(errno));
		return EXIT_RESOURCE;
	}
	if (p.save) {
		if (p.notes.language)
			words_language(p.notes.letters_ascii ? "en" : p.notes.language);
		notes_read(&p.notes);
		return save(&p);
	}
	if (!p.plain && !open_screen())
		return EXIT_USAGE;
	if (!signals_open(!p.plain)) {
		term_close();
		perror("lockstep notes: signals");
		return EXIT_RESOURCE;
	}
	if (p.notes.language)
		words_language(p.notes.letters_ascii ? "en" : p.notes.language);
	notes_read(&p.notes);
	if (!p.plain)
		resize(&p);
	int status = loop(&p);
	term_close();
	canvas_free(p.canvas);
	notes_free(&p.notes);
	if (status > 128)
		signals_die(status - 128);
	return status;
}
