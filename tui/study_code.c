/* The Code view of a lesson: which source it shows, the Python twin beside it, long lines moved sideways, and the pane in focus
 * as wide as the screen. */
#include "tui/study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

enum { SIDE_STEP = 8 };

/* The named source of the share folder; read once. A name from a record is not trusted to stay inside. */
static const char *source_text(struct source_text *kept, const char *path)
{
	if (path[0] == '/' || strstr(path, ".."))
		return NULL;
	if (!kept->path || strcmp(kept->path, path)) {
		free(kept->path);
		free(kept->text);
		kept->path = xstrdup(path);
		kept->text = text_read(path);
	}
	return kept->text;
}

void study_code_free(struct study *s)
{
	for (int i = 0; i < 2; i++) {
		free(s->sources[i].path);
		free(s->sources[i].text);
	}
}

static const struct piece *first_of(const struct study *s, enum piece_kind kind)
{
	const struct step *step = study_step(s);
	for (int i = 0; i < step->count; i++)
		if (step->pieces[i].kind == kind)
			return &step->pieces[i];
	return NULL;
}

static void mark(const char *source, const char *excerpt, int *first, int *last)
{
	if (source && excerpt && *excerpt && !text_excerpt(source, excerpt, first, last))
		*first = *last = 0;
}

/* The excerpt of the twin that belongs to this step: the one it names, else the one that is called like the C's. */
static const char *twin_excerpt(const struct study *s)
{
	const struct piece *twin = first_of(s, PIECE_TWIN), *code = first_of(s, PIECE_CODE);
	return twin && twin->name && *twin->name ? twin->name : code ? code->name : NULL;
}

void study_code_fill(struct app *app, struct view_input *in)
{
	static char path[600], twin[600];
	size_t dir = strlen(app->study->lesson->dir) + 1;
	struct study *s = app->study;
	const struct piece *code = first_of(s, PIECE_CODE);
	const char *excerpt = code ? code->name : NULL;
	char own[600];
	snprintf(own, sizeof(own), "%s/lesson.c", s->lesson->dir);
	snprintf(twin, sizeof(twin), "%s/twin.py", s->lesson->dir);
	snprintf(path, sizeof(path), "%s", code && code->file ? code->file : own);
	if (!code && in->run && in->run->source) {
		snprintf(path, sizeof(path), "%s", in->run->source);
		excerpt = in->variant;
	}
	const char *python = source_text(&s->sources[1], twin);
	if (s->twin) {
		in->source = python;
		in->source_name = twin + dir;
		mark(python, twin_excerpt(s), &in->mark_first, &in->mark_last);
		return;
	}
	in->source = source_text(&s->sources[0], path);
	in->source_name = strncmp(path, own, dir) ? path : path + dir;
	if (!strcmp(path, own))
		study_mine_fill(app, in);
	mark(in->source, excerpt, &in->mark_first, &in->mark_last);
	if (in->source && python) {
		in->beside = python;
		in->beside_name = twin + dir;
		mark(python, twin_excerpt(s), &in->beside_first, &in->beside_last);
	}
}

/* ---- sideways ---- */

void study_sideways_fill(struct study *s, struct view_input *in, const struct view *view, int cols)
{
	bool output = s->view == VIEW_OUTPUT;
	s->overflow = view->overflow ? view->overflow(in, cols) : 0;
	int most = (s->overflow + SIDE_STEP - 1) / SIDE_STEP + (output && s->overflow > 0); /* the first step there: no wrapping */
	s->sideways = s->sideways < 0 ? 0 : s->sideways > most ? most : s->sideways;
	in->whole_lines = output && s->sideways > 0;
	in->sideways = (output && s->sideways > 0 ? s->sideways - 1 : s->sideways) * SIDE_STEP;
}

bool study_sideways(struct app *app, int by)
{
	struct study *s = app->study;
	if (!views[s->view]->overflow)
		app_say(app, ROLE_DIM, _("Only code, output and timeline move sideways"));
	else if (s->view == VIEW_TIMELINE && s->zoom == 0)
		app_say(app, ROLE_DIM, _("All of the timeline is seen; + stretches it"));
	s->sideways += by; /* drawing knows the end */
	return true;
}

/* The left edge of what is seen stays where it is. */
bool study_zoom(struct app *app, int by)
{
	struct study *s = app->study;
	int zoom = s->zoom + by;
	if (s->view != VIEW_TIMELINE) {
		app_say(app, ROLE_DIM, _("Only the timeline can be stretched; 2 shows it"));
		return true;
	}
	if (zoom < 0 || zoom > VIEW_ZOOM_MAX)
		return true;
	s->zoom = zoom;
	s->sideways = by > 0 ? s->sideways * 2 : s->sideways / 2;
	return true;
}

/* ---- the whole width ---- */

bool study_pane_alone(const struct app *app)
{
	return app->study->wide || layout_for(app->rows, app->cols).kind != LAYOUT_PAIR;
}

/* Text is written for a narrow pane; code whose lines are cut is what needs the room, wherever the focus is. */
bool study_wide(struct app *app)
{
	struct study *s = app->study;
	if (layout_for(app->rows, app->cols).kind != LAYOUT_PAIR) {
		app_say(app, ROLE_DIM, _("This pane has the whole width already; Tab shows the other one"));
		return true;
	}
	s->wide = !s->wide;
	if (!s->wide) {
		s->view_focus = s->view_focus && !s->wide_took_focus;
		s->wide_took_focus = false;
		return true;
	}
	s->wide_took_focus = !s->view_focus && s->asking < 0 && (s->view == VIEW_CODE || s->overflow > 0);
	s->view_focus = s->view_focus || s->wide_took_focus;
	app_say(app, ROLE_STATUS, _("The whole width; Tab shows the other pane, z shows both again"));
	return true;
}

bool study_code_offers(const struct app *app, enum action action)
{
	const struct study *s = app->study;
	bool pair = layout_for(app->rows, app->cols).kind == LAYOUT_PAIR, seen = s->view_focus || !study_pane_alone(app);
	if (action == ACT_WIDE)
		return pair && (s->wide || s->overflow > 0);
	return seen && s->overflow > 0 && (s->wide || !pair || s->view_focus);
}

/* In the frame of the view: how to see what is cut. */
void study_cut_hint(struct app *app, struct rect area)
{
	const struct study *s = app->study;
	bool pair = layout_for(app->rows, app->cols).kind == LAYOUT_PAIR, cut = s->overflow > 0;
	if (s->view == VIEW_TIMELINE && cut) {
		canvas_text(app->canvas, area, area.rows - 1, 2, ROLE_KEY, _(" + - zoom  < > sideways "));
		return;
	}
	const char *hint = !pair ? _(" < > sideways ") : !s->wide ? _(" z full width  < > sideways ")
			 : cut ? _(" z both panes  < > sideways ") : _(" z both panes ");
	if ((!cut && !s->wide) || area.cols < 30)
		return;
	canvas_text(app->canvas, area, area.rows - 1, 2, ROLE_KEY, hint);
}
