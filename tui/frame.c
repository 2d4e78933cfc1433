/* The rows around every screen. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "kernels/bench/words.h"
#include "tui/app.h"

void frame_small(struct app *app)
{
	struct rect all = canvas_all(app->canvas);
	char needed[64], now[256], question[160];
	snprintf(needed, sizeof(needed), _("Lockstep needs %dx%d"), LAYOUT_MIN_COLS, LAYOUT_MIN_ROWS);
	snprintf(now, sizeof(now), _("this is %dx%d"), all.cols, all.rows);
	snprintf(question, sizeof(question), "%s y/n", app->asking ? _(app->asking) : "");
	if (canvas_width(question) > all.cols)
		snprintf(question, sizeof(question), "y/n?");
	const char *lines[] = {needed, now, app->asking ? question : _("q quits")};
	int first = (all.rows - 3) / 2;
	if (all.rows < 3) { /* the way out must be seen first */
		snprintf(now, sizeof(now), "%s (%s)", lines[2], needed);
		canvas_text(app->canvas, all, 0, 0, ROLE_WARN, now);
		return;
	}
	for (int i = 0; i < 3; i++) {
		int x = (all.cols - canvas_width(lines[i])) / 2;
		canvas_text(app->canvas, all, (first > 0 ? first : 0) + i, x > 0 ? x : 0, i ? ROLE_PLAIN : ROLE_WARN, lines[i]);
	}
}

/* "2 cores · software counters" of "2 sw", as the last run told. */
static bool machine_words(const char *kept, char *text, size_t size)
{
	int cores;
	char tier[16];
	if (sscanf(kept, "%d %15s", &cores, tier) != 2 || cores < 1)
		return false;
	const char *counters = !strcmp(tier, "hw") ? _("hardware counters") : !strcmp(tier, "sw") ? _("software counters")
			     : !strcmp(tier, "os") ? _("system counters") : _("no counters");
	snprintf(text, size, ngettext("%1$d core · %2$s", "%1$d cores · %2$s", (unsigned long)cores), cores, counters);
	return true;
}

static void draw_title(struct app *app, struct rect row)
{
	char title[256];
	int x;
	canvas_fill(app->canvas, row, ROLE_TITLE, " ");
	x = canvas_text(app->canvas, row, 0, 1, ROLE_TITLE, "Lockstep") + 3;
	app_screen(app)->title(app, title, sizeof(title));
	x += canvas_text(app->canvas, row, 0, x, ROLE_TITLE, title);
	const char *kept = progress_option(app->progress, "machine");
	char machine[96];
	const char *live = study_live_elsewhere(app);
	if (live)
		snprintf(machine, sizeof(machine), "%s %s", app->ascii ? "*" : "●", live);
	else if (!kept || !machine_words(kept, machine, sizeof(machine)))
		return;
	int width = canvas_width(machine);
	if (x + 2 + width + 1 <= row.cols)
		canvas_text(app->canvas, row, 0, row.cols - width - 1, ROLE_TITLE, machine);
}

/* "Enter run  n next …": what is worth a place here and now; help and quit keep theirs. */
static void draw_footer(struct app *app, struct rect row)
{
	enum place place = app_place(app);
	const char *enter = place == PLACE_FIELD ? _("take it") : app_screen(app)->enter(app);
	char items[ACTIONS][48];
	int keys[ACTIONS];
	bool last[ACTIONS];
	int count = 0, reserved = 0, x = 1;
	for (const struct action_info *a = actions; a->action != ACT_NONE && count < ACTIONS; a++) {
		char key[16];
		bool here = a->footer || (place == PLACE_FIELD && a->action == ACT_CANCEL);
		if (!here || !(a->where & (1u << place)) || (a->action == ACT_ENTER && !enter))
			continue;
		if (place != PLACE_ASK && app_screen(app)->offers && !app_screen(app)->offers(app, a->action))
			continue;
		const char *name = a->action == ACT_ENTER ? enter : a->action == ACT_PAUSE && app->child.paused ? _("go on") : _(a->name);
		snprintf(items[count], sizeof(items[count]), "%s %s", action_key_name(a->keys[0], key, sizeof(key)), name);
		if (a->action == ACT_VIEW_1) /* one entry for the six */
			snprintf(items[count], sizeof(items[count]), "1-6 %s", _("view"));
		keys[count] = a->action == ACT_VIEW_1 ? 'l' : a->keys[0]; /* a click goes through them */
		last[count] = a->action == ACT_HELP || a->action == ACT_QUIT || a->action == ACT_CLOSE;
		reserved += last[count] ? canvas_width(items[count]) + 2 : 0;
		count++;
	}
	canvas_fill(app->canvas, row, ROLE_STATUS, " ");
	for (int i = 0; i < count; i++) {
		int width = canvas_width(items[i]);
		if (!last[i] && x + width + 2 + reserved > row.cols)
			continue;
		if (last[i])
			reserved -= width + 2;
		hot_key(&app->hots, (struct rect){row.y, row.x + x, 1, width}, keys[i]);
		char *blank = strchr(items[i], ' ');
		*blank = '\0';
		x += canvas_text(app->canvas, row, 0, x, ROLE_KEY, items[i]);
		x += canvas_text(app->canvas, row, 0, x, ROLE_STATUS, " ");
		x += canvas_text(app->canvas, row, 0, x, ROLE_STATUS, blank + 1) + 2;
	}
}

/* While a run is live the row tells of it: a message, read or not, gives way to it after some seconds. */
static bool stale(const struct app *app)
{
	enum { READ_MS = 4000 };
	return program_live(&app->child) && app_screen(app) == &screen_study && program_now() - app->message_at > READ_MS;
}

void frame_draw(struct app *app, const struct layout *l)
{
	draw_title(app, l->title);
	if (app->asking) {
		struct rect room = {l->status.y, l->status.x, 1, l->status.cols - 6}; /* y/n is seen in any case */
		int x = 1 + canvas_text(app->canvas, room, 0, 1, ROLE_WARN, _(app->asking));
		x += canvas_text(app->canvas, l->status, 0, x, ROLE_WARN, "  y/n ");
		app->canvas->cursor_y = l->status.y;
		app->canvas->cursor_x = l->status.x + (x < l->status.cols ? x : l->status.cols - 1);
	} else if (app->message[0] && !stale(app)) {
		canvas_text(app->canvas, l->status, 0, 1, app->message_role, app->message);
	} else {
		app_screen(app)->status(app, l->status);
	}
	draw_footer(app, l->footer);
}
