/* A presentation: opened, closed, and what its keys do. */
#include "tui/present.h"

#include <stdio.h>
#include <stdlib.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

enum { BOUNCE = 250 }; /* ms: of two presses of a clicker that come sooner, the second was not meant */

/* The text may be another one now: another language. */
void present_refresh(struct app *app)
{
	struct present *p = app->present;
	if (p->text == app->study->text)
		return;
	p->text = app->study->text;
	thoughts_cut(&p->thoughts, p->text);
	if (p->at >= p->thoughts.n)
		p->at = p->thoughts.n - 1;
	if (p->hint_from >= p->thoughts.n)
		p->hint_from = 0;
	if (app->study->step != present_now(p)->step)
		study_go(app, present_now(p)->step);
}

static enum place present_place(struct app *app)
{
	present_refresh(app);
	return present_can_vote(app) ? PLACE_VOTE : PLACE_PRESENT;
}

static void leave(struct app *app)
{
	struct present *p = app->present;
	present_keep_votes(app);
	study_mark(app);
	present_step_left(p, present_now(p)->step);
	present_share_end(p);
	if (p->alone) {
		app->quit = true;
		return;
	}
	progress_aside(app->progress, false);
	app_pop(app);
	study_go(app, p->own_step);
}

static void stop_and_leave(struct app *app)
{
	program_finish(&app->child);
	app_child_news(app, true);
	leave(app);
}

/* A clicker presses twice more easily than it should. */
static bool bounced(struct app *app)
{
	static const int clicker[] = {K_PGDN, K_PGUP, K_RIGHT, K_LEFT, K_F5, ' '};
	int64_t now = program_now(), before = app->present->pressed;
	bool clicked = false;
	for (size_t i = 0; i < sizeof(clicker) / sizeof(*clicker); i++)
		clicked = clicked || app->key == clicker[i];
	bool again = app->key == app->present->button;
	app->present->button = app->key;
	if (clicked)
		app->present->pressed = now;
	return clicked && again && now - before < BOUNCE;
}

static bool present_act(struct app *app, enum action action)
{
	struct present *p = app->present;
	struct study *s = app->study;
	if (bounced(app))
		return true;
	switch (action) {
	case ACT_ENTER:
	case ACT_FORWARD:
		present_forward(app);
		return true;
	case ACT_BACKWARD:
		present_backward(app);
		return true;
	case ACT_TOP:
		present_go(app, 0);
		return true;
	case ACT_BOTTOM:
		present_go(app, p->thoughts.n - 1);
		while (present_hides(app, present_now(p)))
			p->at--;
		return true;
	case ACT_NUMBER:
		p->typing = TYPING_JUMP;
		field_open(&app->field, (char[]){(char)app->key, '\0'});
		return true;
	case ACT_BLANK:
	case ACT_BLANK_TOO:
		p->blank = true;
		return true;
	case ACT_RUN:
		return present_run(app);
	case ACT_STOP:
		if (!study_live(app))
			return false;
		program_stop(&app->child);
		return true;
	case ACT_PAUSE:
		if (!study_live(app))
			return false;
		program_pause(&app->child, !app->child.paused);
		return true;
	case ACT_REVEAL:
		return present_reveal(app);
	case ACT_HINT:
		return present_hint(app);
	case ACT_VOTE:
		return present_vote(app, 1);
	case ACT_UNVOTE:
		return present_vote(app, -1);
	case ACT_COUNTS:
		return present_type_votes(app);
	case ACT_REVOTE:
		return present_revote(app);
	case ACT_LOCK:
		p->unlocked = !p->unlocked;
		app_say(app, ROLE_DIM, p->unlocked ? _("Unlocked: questions can be passed") : _("Locked: a question waits for its answer"));
		return true;
	case ACT_OTHER_VIEW:
		s->view = (s->view + 1) % STUDY_VIEWS;
		s->scroll = 0;
		return true;
	case ACT_LEAVE:
		if (study_live(app))
			app_ask(app, N_("A run is live. Stop it and leave?"), stop_and_leave);
		else
			leave(app);
		return true;
	default:
		return false;
	}
}

static bool present_wakes(struct app *app)
{
	bool was = app->present->blank;
	app->present->blank = false;
	return was;
}

static const char *present_enter(struct app *app)
{
	(void)app;
	return NULL;
}

static void present_title(struct app *app, char *text, size_t size)
{
	const struct course_lesson *l = app->study->lesson;
	snprintf(text, size, "%d.%d %s", l->chapter, l->number,
		 app_title_of(app, l->title_en ? l->title_en : l->id, l->title_zh));
}

static void draw(struct app *app, const struct layout *l)
{
	present_refresh(app);
	present_draw(app, l);
}

const struct screen screen_present = {
	.place = present_place, .draw = draw, .act = present_act, .enter = present_enter, .typed = present_typed, .title = present_title,
	.wakes = present_wakes, .bare = true,
};

bool present_open(struct app *app)
{
	struct present *p = app->present;
	struct study *s = app->study;
	if (!s)
		return false;
	if (p && p->lesson != s->lesson) {
		present_free(app);
		p = NULL;
	}
	if (!p) {
		p = app->present = xcalloc(1, sizeof(*p));
		p->lesson = s->lesson;
		p->spent = xcalloc((size_t)s->text->count, sizeof(*p->spent));
		p->began = program_now();
	}
	p->text = s->text;
	thoughts_cut(&p->thoughts, p->text);
	if (p->thoughts.n == 0) {
		present_free(app);
		return false;
	}
	progress_aside(app->progress, true);
	present_guesses(app);
	p->own_step = s->step;
	p->step_began = program_now();
	p->pressed = -BOUNCE;
	p->at = present_first_of(p, s->step);
	p->page = 0;
	p->blank = false;
	s->asking = -1;
	s->view_focus = false;
	app_push(app, &screen_present);
	return true;
}

bool present_alone(struct app *app, const char *lesson)
{
	int step;
	const char *id = lesson ? lesson : progress_where(app->progress, &step);
	if ((!id || !course_find(app->course, id)) && !lesson && app->course && app->course->lesson_count > 0)
		id = app->course->lessons[0].id;
	progress_aside(app->progress, true);
	if (!id || !study_open(app, id, lesson ? 0 : -1) || !app->study || !present_open(app))
		return false;
	app->present->alone = true;
	return true;
}

void present_free(struct app *app)
{
	struct present *p = app->present;
	if (!p)
		return;
	if (app->study && app->study->lesson == p->lesson) {
		present_refresh(app);
		present_keep_votes(app);
	}
	present_share_end(p);
	thoughts_free(&p->thoughts);
	free(p->ballots.v);
	free(p->spent);
	free(p);
	app->present = NULL;
}
