/* Ten thousand random keys into the screens, each followed by a drawing: cells stay whole at any size, in either language, with
 * runs that live, end and are stopped in between. The seeds are fixed; SOAK_SEED tries another. */
#include "tests/soak.h"
#include "tui/app.h"
#include "tui/scheme.h"

enum { KEYS = 2500 };

/* Cells hold whole characters: a wide one is followed by its empty half. */
static bool sound(const struct canvas *c)
{
	for (int i = 0; i < c->rows * c->cols; i++) {
		if (c->cells[i].role >= ROLES || memchr(c->cells[i].text, '\0', sizeof(c->cells[i].text)) == NULL)
			return false;
		if (!c->cells[i].text[0] && (i % c->cols == 0 || !c->cells[i - 1].text[0]))
			return false;
	}
	return c->cursor_y < c->rows && c->cursor_x < c->cols;
}

static int random_key(struct soak_rng *r)
{
	uint64_t kind = soak_below(r, 100);
	if (kind < 30)
		return K_ENTER;
	if (kind < 40)
		return K_UP + (int)soak_below(r, K_OTHER - K_UP + 1);
	if (kind < 45)
		return K_ESC;
	if (kind < 48)
		return (int)soak_below(r, 32);
	if (kind < 50)
		return 0x4e2d; /* a wide character */
	if (kind < 53)
		return 'q'; /* often enough to get out of everything */
	return 32 + (int)soak_below(r, 95);
}

/* As the loop does. */
static void take_child(struct app *app)
{
	int wait = -1;
	if (program_live(&app->child) && program_read(&app->child))
		app_child_news(app, false);
	if (program_live(&app->child) && program_reap(&app->child))
		app_child_news(app, true);
	program_tick(&app->child, &wait);
}

static int seen[PLACES], quits; /* over all seeds: how long a run lives differs */

static void soak(uint64_t seed)
{
	struct soak_rng r = {seed, 0};
	char last[320] = "";
	int unsound = 0;
	struct app *app = app_new(&(struct app_options){.rows = 24, .cols = 80, .script = true, .language = seed % 2 ? "en" : "zh"});
	if (!app->course)
		bail_out("no course");
	for (int i = 0; i < KEYS; i++) {
		if (soak_below(&r, 50) == 0)
			app_resize(app, 1 + (int)soak_below(&r, 60), 1 + (int)soak_below(&r, 200));
		if (soak_below(&r, 50) == 0)
			app_resize(app, 24, 80);
		app_key(app, random_key(&r));
		take_child(app);
		app_draw(app);
		if (!sound(app->canvas) && !unsound++)
			diag("seed %d, key %d: cells are torn", (int)seed, i);
		seen[app_place(app)]++;
		quits += app->quit;
		app->quit = false;
	}
	app_free(app, last, sizeof last);
	ok(unsound == 0, "seed %d: whole cells after every key (%d times not)", (int)seed, unsound);
	is(last, "", "and nothing was left unsaved");
}

int main(int argc, char **argv)
{
	static char folder[] = "/tmp/lockstep-soak-XXXXXX";
	const char *seed = getenv("SOAK_SEED");
	if (argc == 1) { /* again, from where the lessons are those of the fixtures */
		char program[128];
		int status;
		soak_course(folder);
		snprintf(program, sizeof program, "'%s/build/tests/%s' go", folder, strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0]);
		fflush(stdout);
		status = system(program);
		soak_tidy(folder);
		return status != 0;
	}
	if (seed)
		soak(strtoull(seed, NULL, 10));
	else
		for (uint64_t i = 1; i <= 4; i++)
			soak(i);
	int places = 0;
	for (int i = 0; i < PLACES; i++)
		places += seen[i] > 0;
	ok(places >= 8 && quits > 0, "it got around (%d kinds of place, %d times q)", places, quits);
	return tap_done();
}
