/* The mouse in a lesson: panes take the focus, options are chosen, the wheel scrolls the pane under it. */
#include "tui/study.h"

#include "kernels/bench/words.h"

enum { OPTIONS_MAX = 64, CHOICES_MAX = 1000 };

/* Where the options of the step stand in its text; made anew with every drawing. */
static struct {
	int first, end, value;
} options[OPTIONS_MAX];
static int option_count;

void study_hot_clear(void) { option_count = 0; }

void study_hot_option(int first, int end, int piece, int choice)
{
	if (option_count == OPTIONS_MAX || choice >= CHOICES_MAX)
		return;
	options[option_count].first = first;
	options[option_count].end = end;
	options[option_count++].value = piece * CHOICES_MAX + choice;
}

/* The first click marks an option, the second takes it. */
static void click_option(struct app *app, int value)
{
	struct study *s = app->study;
	int piece = value / CHOICES_MAX, choice = value % CHOICES_MAX;
	if (s->asking == piece && s->cursor == choice) {
		app_key(app, K_ENTER);
		return;
	}
	if (s->asking != piece)
		study_ask(app, s->step, piece);
	s->cursor = choice;
	app_say(app, ROLE_STATUS, _("Enter or a second click takes it, Esc leaves"));
}

static void click_pane(struct app *app, int view)
{
	struct study *s = app->study;
	if (s->view_focus == (view != 0))
		return;
	s->asking = -1;
	s->view_focus = view != 0;
}

static void wheel_text(struct app *app, int by) { app->study->top += 3 * by; }

/* Lines for what has lines, else one of the view's own steps; drawing knows the ends. */
static void wheel_view(struct app *app, int by)
{
	struct study *s = app->study;
	s->scroll += s->view == VIEW_CODE || s->view == VIEW_OUTPUT ? 3 * by : by;
}

void study_hot_text(struct app *app, struct rect area, struct rect in, int top)
{
	hot_click(&app->hots, area, click_pane, 0);
	hot_wheel(&app->hots, area, wheel_text);
	for (int i = 0; i < option_count; i++) {
		int first = options[i].first > top ? options[i].first - top : 0, end = options[i].end - top;
		if (end > in.rows)
			end = in.rows;
		hot_click(&app->hots, (struct rect){in.y + first, in.x, end - first, in.cols}, click_option, options[i].value);
	}
}

void study_hot_view(struct app *app, struct rect area)
{
	hot_click(&app->hots, area, click_pane, 1);
	hot_wheel(&app->hots, area, wheel_view);
}
