/* The screen: `lockstep` without arguments. */
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/bench/options.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/language.h"
#include "tui/loop.h"
#include "tui/plain.h"
#include "tui/scheme.h"
#include "tui/signals.h"
#include "tui/term.h"

enum { OPT_LANG = 256, OPT_ASCII, OPT_BRAILLE, OPT_SCHEME, OPT_NO_COLOUR, OPT_NO_MOUSE, OPT_SCRIPT, OPT_SIZE, OPT_PRESENT, OPT_PLAIN };

static const struct option_row rows[] = {
	{OPT_PRESENT, "present", NULL, N_("show it to a class: one thought a screen, for a clicker"), NULL},
	{OPT_PLAIN, "plain", NULL, N_("line by line: for screen readers, terminals that can't move their cursor, and pipes"), NULL},
	{OPT_LANG, "lang", "LANG", N_("language of screen and lessons (preset: as chosen last, else by locale)"), "en zh"},
	{OPT_ASCII, "ascii", NULL, N_("draw with plain ASCII characters"), NULL},
	{OPT_BRAILLE, "braille", NULL, N_("draw curves with braille dots"), NULL},
	{OPT_SCHEME, "scheme", "NAME", N_("colours: default, light, dark, safe (for the colour-blind), mono"), "default light dark safe mono"},
	{OPT_NO_COLOUR, "no-color", NULL, N_("the same as --scheme mono; so does the variable NO_COLOR"), NULL},
	{OPT_NO_MOUSE, "no-mouse", NULL, N_("leave the mouse to the terminal"), NULL},
	{OPT_SCRIPT, "script", "FILE", N_("take keystrokes from FILE; needs no terminal"), "@file"},
	{OPT_SIZE, "size", "COLSxROWS", N_("size of the screen of a script (80x24)"), NULL},
	{0, NULL, NULL, NULL, NULL},
};

static const struct program_options usage = {
	.program = "lockstep",
	.synopsis = "[LESSON] [options]",
	.about = N_("Opens the course, or one lesson of it, on the screen."),
	.operands = "@lesson",
	.options = rows,
	.after = N_("`lockstep run LESSON` does without a screen. Keys: ? on the screen.\n"
		    "A run is ended when it goes beyond its --budget by 5 s or half of it, the larger; without a budget after 30 min\n"
		    "(LOCKSTEP_RUN_LIMIT=SECONDS sets another limit)."),
};

struct choices {
	struct app_options app;
	const char *script;
	bool plain;
};

static int bad(const char *what, const char *value, const char *allowed)
{
	fprintf(stderr, "lockstep: %s%s%s: %s\n", what, *value ? " " : "", value, allowed);
	return EXIT_USAGE;
}

/* 0 to go on, else one more than the exit code. */
static int parse(int argc, char **argv, struct choices *c)
{
	int option, used = 0;
	char names[WORDS_LANGUAGES * WORDS_NAME];
	opterr = 0;
	while ((option = getopt_long(argc, argv, options_short(&usage), options_long(&usage), NULL)) != -1) {
		switch (option) {
		case OPT_PRESENT:
			c->app.present = true;
			break;
		case OPT_LANG:
			if (!language_exists(optarg)) {
				language_names(names, sizeof(names));
				return 1 + bad("--lang", optarg, names);
			}
			c->app.language = optarg;
			break;
		case OPT_ASCII:
			c->app.ascii = true;
			break;
		case OPT_SCHEME:
			c->app.scheme = scheme_find(optarg);
			if (c->app.scheme == SCHEMES)
				return 1 + bad("--scheme", optarg, "default, light, dark, safe, mono");
			break;
		case OPT_NO_COLOUR:
			c->app.scheme = SCHEME_MONO;
			break;
		case OPT_BRAILLE:
			c->app.braille = true;
			break;
		case OPT_NO_MOUSE:
			c->app.no_mouse = true;
			break;
		case OPT_PLAIN:
			c->plain = true;
			break;
		case OPT_SCRIPT:
			c->script = optarg;
			break;
		case OPT_SIZE:
			if (sscanf(optarg, "%dx%d%n", &c->app.cols, &c->app.rows, &used) != 2 || optarg[used] || c->app.cols < 1 ||
			    c->app.rows < 1 || c->app.cols > 1000 || c->app.rows > 1000)
				return 1 + bad("--size", optarg, "columns x rows, each 1 to 1000, like 80x24");
			break;
		case ':':
			return 1 + bad(argv[optind - 1], "", _("needs a value (--help shows which)"));
		default:
			if (options_common(&usage, option))
				return 1 + EXIT_RIGHT;
			return 1 + bad(argv[optind - 1], "", _("unknown option (--help lists them)"));
		}
	}
	if (argc - optind > 1)
		return 1 + bad(_("too many words:"), argv[optind + 1], _("one lesson at most"));
	c->app.lesson = argv[optind];
	return 0;
}

/* The locale decides the alphabet. Widths are always asked in a UTF-8 locale, since texts and records are UTF-8. */
static void choose_locale(struct app_options *options)
{
	if (words_start())
		return;
	options->ascii = options->letters_ascii = true;
	setlocale(LC_CTYPE, "C.UTF-8");
}

static bool open_screen(struct choices *c)
{
	char why[200];
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		fputs(_("lockstep: the screen needs a terminal; `lockstep --plain` and `lockstep run LESSON` work anywhere\n"),
		      stderr);
		return false;
	}
	if (!term_open(why, sizeof(why))) {
		fprintf(stderr, _("lockstep: %s; `lockstep --plain` works anywhere\n"), why);
		return false;
	}
	term_size(&c->app.rows, &c->app.cols);
	return true;
}

static int plain(struct choices *c)
{
	if (!signals_open(false)) {
		perror("lockstep: signals");
		return EXIT_RESOURCE;
	}
	int status = plain_main(&c->app);
	if (status > 128)
		signals_die(status - 128);
	return status;
}

int main(int argc, char **argv)
{
	struct choices c = {.app = {.rows = 24, .cols = 80, .scheme = SCHEMES}};
	struct script *script = NULL;
	char last[320] = "";
	choose_locale(&c.app);
	int given = parse(argc, argv, &c);
	if (given)
		return given - 1;
	const char *no_colour = getenv("NO_COLOR");
	if (c.app.scheme == SCHEMES && no_colour && *no_colour)
		c.app.scheme = SCHEME_MONO;
	if (c.plain)
		return plain(&c);
	if (c.script && !(script = script_load(c.script))) {
		perror(c.script);
		return EXIT_USAGE;
	}
	c.app.script = script != NULL;
	if (!script && !open_screen(&c))
		return EXIT_USAGE;
	if (!signals_open(!script)) {
		term_close();
		perror("lockstep: signals");
		return EXIT_RESOURCE;
	}
	struct app *app = app_new(&c.app);
	int status = loop_run(app, script);
	app_free(app, last, sizeof(last));
	term_close();
	script_free(script);
	if (*last)
		fprintf(stderr, "lockstep: %s\n", last);
	if (status > 128)
		signals_die(status - 128);
	return status;
}
