/* The action table: keys are unique in their place, everything has words, every function key has a twin; and the same
 * table is what the screen shows. */
#include "tests/tap.h"
#include "tui/actions.h"
#include "tui/app.h"

static bool has_key(const struct action_info *a, int key)
{
	for (int i = 0; i < ACTION_KEYS; i++)
		if (a->keys[i] == key)
			return true;
	return false;
}

static void check_table(void)
{
	int clashes = 0, dumb = 0, twinless = 0, gaps = 0, twice[ACTIONS] = {0};
	for (const struct action_info *a = actions; a->action != ACT_NONE; a++) {
		bool function_key = false, twin = false, ended = false;
		twice[a->action]++;
		for (const struct action_info *b = a + 1; b->action != ACT_NONE; b++) {
			if (!(a->where & b->where))
				continue;
			for (int i = 0; i < ACTION_KEYS && a->keys[i] != K_NONE; i++) {
				if (has_key(b, a->keys[i])) {
					clashes++;
					diag("%s and %s share a key", a->name, b->name);
				}
			}
		}
		for (int i = 0; i < ACTION_KEYS; i++) {
			gaps += ended && a->keys[i] != K_NONE;
			ended = ended || a->keys[i] == K_NONE;
			function_key = function_key || (a->keys[i] >= K_F1 && a->keys[i] <= K_F12);
			twin = twin || (a->keys[i] > 32 && a->keys[i] < 127);
		}
		gaps += a->keys[0] == K_NONE || !a->where;
		twinless += function_key && !twin;
		if (!a->name || !*a->name || !a->help || strlen(a->help) < 3) {
			dumb++;
			diag("action %d has no words", a->action);
		}
	}
	int missing = 0;
	for (int i = 1; i < ACTIONS; i++)
		missing += twice[i] != 1;
	ok(clashes == 0, "no two actions on one key in the same place");
	ok(dumb == 0, "every action has a name and help");
	ok(twinless == 0, "every function key has a letter twin");
	ok(gaps == 0, "keys are filled from the left, and every action works somewhere");
	ok(missing == 0, "every action stands in the table once (%d do not)", missing);
}

static void check_names(void)
{
	char name[16];
	int bad = 0;
	for (const struct action_info *a = actions; a->action != ACT_NONE; a++)
		for (int i = 0; i < ACTION_KEYS && a->keys[i] != K_NONE; i++)
			if (action_key_parse(action_key_name(a->keys[i], name, sizeof(name))) != a->keys[i]) {
				bad++;
				diag("key %d is named %s, which is another", a->keys[i], name);
			}
	ok(bad == 0, "every key's name reads back as that key");
	ok(action_key_parse("NoSuchKey") == K_NONE, "an unknown name is no key");
	ok(action_of('q', PLACE_MAP) == ACT_QUIT && action_of('q', PLACE_LESSON) == ACT_QUIT &&
	   action_of('q', PLACE_SMALL) == ACT_QUIT, "q quits, in a tiny window too");
	for (int place = 0; place < PLACES; place++)
		if (action_of(K_ESC, (enum place)place) == ACT_QUIT)
			bad++;
	ok(bad == 0, "Esc quits nowhere");
}

static bool on_screen(struct app *app, const char *text)
{
	char *all = NULL;
	size_t length;
	FILE *out = open_memstream(&all, &length);
	app_draw(app);
	canvas_save_text(app->canvas, out);
	fclose(out);
	bool found = strstr(all, text) != NULL;
	free(all);
	return found;
}

static void check_screen(void)
{
	char state[] = "/tmp/lockstep-actions-XXXXXX", last[320], command[64], name[16], line[64];
	int missing = 0;
	if (!mkdtemp(state))
		bail_out("no folder for the state");
	setenv("XDG_STATE_HOME", state, 1);
	setenv("LOCKSTEP_HOME", "tests/fixtures/course", 1);
	struct app *app = app_new(&(struct app_options){.rows = 300, .cols = 120, .script = true});
	app_key(app, '?');
	for (const struct action_info *a = actions; a->action != ACT_NONE; a++) {
		snprintf(line, sizeof(line), "%s", action_key_name(a->keys[0], name, sizeof(name)));
		if (!on_screen(app, line) || !on_screen(app, a->help)) {
			missing++;
			diag("the help screen lacks %s", a->name);
		}
	}
	ok(missing == 0, "the help screen has every action");
	app_key(app, K_ESC);
	ok(on_screen(app, "Enter open") && on_screen(app, "q quit"), "the footer of the map comes from the table");
	app_key(app, '2');
	ok(on_screen(app, "2 (Timeline) works on a lesson"), "a key of another place is explained");
	app_key(app, 'Q');
	ok(on_screen(app, "Q does nothing here: ? lists the keys"), "an unknown key tells which key helps");
	for (int i = 0; i < 5; i++)
		app_key(app, K_ESC);
	ok(!app->quit, "Esc does not quit");
	app_key(app, 'q');
	ok(app->quit, "q does");
	app_free(app, last, sizeof(last));
	snprintf(command, sizeof(command), "rm -rf %s", state);
	if (system(command) != 0)
		diag("could not tidy up %s", state);
}

int main(void)
{
	check_table();
	check_names();
	check_screen();
	return tap_done();
}
