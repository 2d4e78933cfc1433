/* What the mouse does: a click is a key, or something of the screen's own; the wheel scrolls what lies under it. */
#include "kernels/bench/words.h"
#include "tui/app.h"
#include "tui/hot.h"

/* The spots of what is seen: something may have changed since it was drawn. */
static void draw_again(struct app *app)
{
	bool redraw = app->redraw;
	if (redraw)
		app_draw(app);
	app->redraw = redraw;
}

void mouse_click(struct app *app, int y, int x)
{
	if (!app->mouse)
		return;
	draw_again(app);
	const struct hot *hot = hot_at(&app->hots, y, x, false);
	enum place place = app_place(app);
	if (!hot)
		return;
	if (hot->key) {
		/* A letter must not be typed into a field by a click. */
		if (place == PLACE_FIELD && action_of(hot->key, PLACE_FIELD) == ACT_NONE)
			app_say(app, ROLE_WARN, _("A field is open: Enter takes it, Esc leaves it"));
		else
			app_key(app, hot->key);
		return;
	}
	app->redraw = true;
	if (place == PLACE_ASK || place == PLACE_FIELD) {
		if (place == PLACE_FIELD)
			app_say(app, ROLE_WARN, _("A field is open: Enter takes it, Esc leaves it"));
		return;
	}
	app->message[0] = '\0';
	hot->does(app, hot->value);
}

void mouse_wheel(struct app *app, int y, int x, int by)
{
	if (!app->mouse)
		return;
	draw_again(app);
	const struct hot *hot = hot_at(&app->hots, y, x, true);
	if (!hot || app_place(app) == PLACE_ASK)
		return;
	app->redraw = true;
	hot->does(app, by);
}

static void move(struct app *app, int by)
{
	for (; by < 0; by++)
		app_screen(app)->act(app, ACT_UP);
	for (; by > 0; by--)
		app_screen(app)->act(app, ACT_DOWN);
}

void mouse_moves(struct app *app, int by) { move(app, by); }
void mouse_scrolls(struct app *app, int by) { move(app, 3 * by); }
