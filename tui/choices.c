/* How Lockstep looks and listens, as the learner likes it: the command line and NO_COLOR decide, else what was chosen last.
 * What is chosen with a key is remembered, what came by the command line is not. */
#include <stdio.h>
#include <string.h>
#include "kernels/bench/words.h"
#include "tui/app.h"
#include "tui/scheme.h"

static bool remembered(const struct app *app, const char *name, bool otherwise)
{
	const char *value = progress_option(app->progress, name);
	return !value ? otherwise : !strcmp(value, "on");
}

static void remember(struct app *app, const char *name, bool value)
{
	progress_set_option(app->progress, name, value ? "on" : "off");
}

void choices_start(struct app *app, const struct app_options *options)
{
	int scheme = options->scheme;
	const char *last = progress_option(app->progress, "scheme");
	if (scheme < 0 || scheme >= SCHEMES)
		scheme = last ? (int)scheme_find(last) : SCHEME_DEFAULT;
	scheme_choose((enum scheme)scheme); /* a name that is not known any more: the default */
	app->recolour = true;
	app->ascii = options->ascii || options->letters_ascii || remembered(app, "ascii", false);
	app->braille = options->braille || remembered(app, "braille", false);
	app->mouse = !options->no_mouse && remembered(app, "mouse", true);
}

static void change_ascii(struct app *app)
{
	if (app->letters_ascii) {
		app_say(app, ROLE_WARN, _("This locale shows ASCII only (LANG=C.UTF-8 shows more)"));
		return;
	}
	app->ascii = !app->ascii;
	app->canvas->ascii = app->ascii;
	remember(app, "ascii", app->ascii);
	app_say(app, ROLE_STATUS, "%s", app->ascii ? _("ASCII") : _("Lines and blocks"));
}

static void change_braille(struct app *app)
{
	if (app->ascii) {
		app_say(app, ROLE_WARN, "%s", app->letters_ascii ? _("There is no braille in a locale that shows ASCII only")
								 : _("There is no braille in ASCII: A goes back to lines and blocks"));
		return;
	}
	app->braille = !app->braille;
	remember(app, "braille", app->braille);
	app_say(app, ROLE_STATUS, "%s", app->braille ? _("Curves are drawn with braille dots") : _("Curves are drawn with lines"));
}

static void change_mouse(struct app *app)
{
	app->mouse = !app->mouse;
	remember(app, "mouse", app->mouse);
	app_say(app, ROLE_STATUS, "%s", app->mouse ? _("Mouse: click and wheel; hold Shift to select text")
						   : _("The mouse is left to the terminal"));
}

static void change_scheme(struct app *app)
{
	scheme_choose((scheme_current() + 1) % SCHEMES);
	progress_set_option(app->progress, "scheme", scheme_name[scheme_current()]);
	app->recolour = app->redraw_all = true;
	app_say(app, ROLE_STATUS, _("Colours: %s"), _(scheme_name[scheme_current()]));
}

bool choices_act(struct app *app, enum action action)
{
	switch (action) {
	case ACT_ASCII:
		change_ascii(app);
		return true;
	case ACT_BRAILLE:
		change_braille(app);
		return true;
	case ACT_MOUSE:
		change_mouse(app);
		return true;
	case ACT_SCHEME:
		change_scheme(app);
		return true;
	default:
		return false;
	}
}
