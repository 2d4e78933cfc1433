/* The course map: chapters and lessons with what is done of each, a filter, and the place where the learner was. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/app.h"
#include "tui/draw.h"
#include "tui/find.h"

enum { MAP_STEP_COLS = 9 }; /* "6/6 done" and what is shorter stand flush right */

struct row {
	int chapter, lesson; /* lesson -1: the chapter's heading */
};

struct map {
	struct row *rows;
	int count, selected, top, page; /* selected: a row with a lesson, -1 when there is none */
	char filter[FIELD_MAX];
	struct find *find;
	char (*reasons)[FIND_REASON]; /* by lesson: why it fits the filter */
};

static const struct course_lesson *lesson_at(const struct app *app, int row)
{
	const struct map *m = app->map;
	return row >= 0 && row < m->count && m->rows[row].lesson >= 0 ? &app->course->lessons[m->rows[row].lesson] : NULL;
}

static bool fits(struct app *app, int lesson)
{
	struct map *m = app->map;
	const char *id = app->course->lessons[lesson].id;
	int steps = progress_steps(app->progress, id);
	bool todo;
	find_words(m->filter, &todo);
	if (todo && steps > 0 && progress_done(app->progress, id) == steps)
		return false;
	return find_fits(m->find, lesson, m->filter, app->language, m->reasons[lesson]);
}

static void select_near(struct map *m, int row, int direction)
{
	for (int i = row; i >= 0 && i < m->count; i += direction) {
		if (m->rows[i].lesson >= 0) {
			m->selected = i;
			return;
		}
	}
}

/* Makes the list anew for the filter; the cursor stays on its lesson where that is still there. */
static void fill(struct app *app)
{
	struct map *m = app->map;
	const struct course *course = app->course;
	int keep = m->selected >= 0 && m->selected < m->count ? m->rows[m->selected].lesson : -1;
	m->count = 0;
	m->selected = -1;
	for (int c = 0; course && c < course->chapter_count; c++) {
		const struct course_chapter *chapter = &course->chapters[c];
		int heading = m->count;
		for (int i = chapter->first; i < chapter->first + chapter->count; i++) {
			if (!fits(app, i))
				continue;
			if (m->count == heading)
				m->rows[m->count++] = (struct row){c, -1};
			if (i == keep)
				m->selected = m->count;
			m->rows[m->count++] = (struct row){c, i};
		}
	}
	if (m->selected < 0)
		select_near(m, 0, 1);
}

struct map *map_new(struct app *app)
{
	struct map *m = xcalloc(1, sizeof(*m));
	int step;
	app->map = m;
	m->page = 1;
	m->selected = -1;
	if (!app->course)
		return m;
	m->rows = xcalloc((size_t)(app->course->lesson_count + app->course->chapter_count + 1), sizeof(*m->rows));
	m->reasons = xcalloc((size_t)app->course->lesson_count + 1, sizeof(*m->reasons));
	m->find = find_new(app->course);
	fill(app);
	const char *where = progress_where(app->progress, &step);
	for (int i = 0; where && i < m->count; i++)
		if (m->rows[i].lesson >= 0 && !strcmp(lesson_at(app, i)->id, where))
			m->selected = i;
	return m;
}

void map_select(struct app *app, const char *lesson)
{
	struct map *m = app->map;
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < m->count; i++) {
			if (m->rows[i].lesson >= 0 && !strcmp(lesson_at(app, i)->id, lesson)) {
				m->selected = i;
				return;
			}
		}
		m->filter[0] = '\0';
		fill(app);
	}
}

void map_free(struct map *m)
{
	if (!m)
		return;
	find_free(m->find);
	free(m->reasons);
	free(m->rows);
	free(m);
}

static enum place map_place(struct app *app)
{
	(void)app;
	return PLACE_MAP;
}

static const char *map_enter(struct app *app)
{
	const struct course_lesson *l = lesson_at(app, app->map->selected);
	return !l ? NULL : progress_steps(app->progress, l->id) ? _("go on") : _("open");
}

static void map_title(struct app *app, char *text, size_t size)
{
	int done = 0, count = app->course ? app->course->lesson_count : 0;
	for (int i = 0; i < count; i++) {
		int steps = progress_steps(app->progress, app->course->lessons[i].id);
		done += steps > 0 && progress_done(app->progress, app->course->lessons[i].id) == steps;
	}
	snprintf(text, size, _("Course: %d of %d lessons done"), done, count);
}

static void draw_lesson(struct app *app, struct rect in, int y, const struct course_lesson *l, bool selected)
{
	const char *reason = app->map->reasons[l - app->course->lessons];
	struct canvas *c = app->canvas;
	enum role role = selected ? ROLE_SELECTED : l->unavailable ? ROLE_DIM : ROLE_PLAIN;
	char right[96], stars[16] = "", step_text[32] = "";
	int steps = progress_steps(app->progress, l->id), done = progress_done(app->progress, l->id), where;
	const char *was = progress_where(app->progress, &where);
	if (selected)
		canvas_fill(c, (struct rect){in.y + y, in.x, 1, in.cols}, ROLE_SELECTED, " ");
	for (int i = 0, n = 0; i < 3; i++)
		n += snprintf(stars + n, sizeof(stars) - (size_t)n, "%s", i < l->level ? (app->ascii ? "*" : "★") : (app->ascii ? "." : "☆"));
	if (steps > 0)
		snprintf(step_text, sizeof(step_text), done == steps ? _("%d/%d done") : "%d/%d", done, steps);
	int pad = MAP_STEP_COLS - canvas_width(step_text);
	snprintf(right, sizeof(right), _("%s %3d%s%d min %*s%s"), stars, l->minutes_min, app->ascii ? "-" : "–", l->minutes_max,
		 pad > 0 ? pad : 0, "", step_text);
	int room = in.cols - 1;
	int width = canvas_width(right);
	if (room - width >= 24 && !*reason) {
		canvas_text(c, in, y, room - width, role, right);
		room -= width + 1;
	} else if (steps > 0) {
		width = canvas_width(step_text);
		canvas_text(c, in, y, room - width, role, step_text);
		room -= width + 1;
	}
	struct rect text = {in.y, in.x, in.rows, room > 1 ? room : 1};
	const char *mark = steps > 0 && done == steps ? (app->ascii ? "+" : "✓") : steps > 0 ? (app->ascii ? "o" : "◐") : " ";
	if (was && !strcmp(was, l->id))
		mark = app->ascii ? ">" : "▸";
	int x = 1 + canvas_text(c, text, y, 1, role, mark);
	x += canvas_printf(c, text, y, x, role, " %d.%d ", l->chapter, l->number);
	x += 2 + canvas_text(c, text, y, x, role, app_title_of(app, l->title_en ? l->title_en : l->id, l->title_zh));
	if (*reason && x + 10 < text.cols)
		draw_cut(c, text, y, x, selected ? ROLE_SELECTED : ROLE_DIM, reason);
	if (selected) {
		c->cursor_y = in.y + y;
		c->cursor_x = in.x;
	}
}

/* Selects a row; a click on the selected one opens it. */
static void map_click(struct app *app, int row)
{
	if (row == app->map->selected)
		app_key(app, K_ENTER);
	else if (lesson_at(app, row))
		app->map->selected = row;
}

static void map_draw(struct app *app, const struct layout *l)
{
	struct map *m = app->map;
	struct rect in = canvas_box(app->canvas, l->body, ROLE_FOCUS, _("Course"));
	bool todo;
	find_words(m->filter, &todo);
	if (todo && app->course)
		fill(app); /* something may be done since */
	if (!app->course || m->count == 0) {
		canvas_text(app->canvas, in, 1, 1, ROLE_WARN,
			    !app->course ? app->no_course : m->filter[0] ? _("No lesson fits this filter (Esc clears it)") : _("No lessons are built"));
		return;
	}
	m->page = in.rows > 1 ? in.rows - 1 : 1;
	hot_wheel(&app->hots, l->body, mouse_moves);
	/* A heading comes into view with its first lesson. */
	int keep = m->selected;
	m->top = layout_scroll(m->top, in.rows, m->count, keep);
	if (keep == m->top && keep > 0 && m->rows[keep - 1].lesson < 0)
		m->top--;
	for (int i = 0; i < in.rows && m->top + i < m->count; i++) {
		const struct row *r = &m->rows[m->top + i];
		const struct course_chapter *chapter = &app->course->chapters[r->chapter];
		if (r->lesson >= 0)
			hot_click(&app->hots, (struct rect){in.y + i, in.x, 1, in.cols}, map_click, m->top + i);
		if (r->lesson >= 0)
			draw_lesson(app, in, i, &app->course->lessons[r->lesson], m->top + i == m->selected);
		else
			canvas_printf(app->canvas, in, i, 1, ROLE_HEADING, "%d %s", chapter->number,
				      app_title_of(app, chapter->title_en, chapter->title_zh));
	}
}

static void map_status(struct app *app, struct rect row)
{
	const struct map *m = app->map;
	const struct course_lesson *l = lesson_at(app, m->selected);
	if (app->field.open) {
		int x = 1 + canvas_text(app->canvas, row, 0, 1, ROLE_PLAIN, _("filter: "));
		const char *hint = _("todo: only what is not done");
		int room = row.cols - x - 1, wide = canvas_width(hint) + 2;
		if (room - wide >= 20) {
			canvas_text(app->canvas, row, 0, x + room - wide + 2, ROLE_DIM, hint);
			room -= wide;
		}
		field_draw(app->canvas, row, 0, x, room, &app->field);
		return;
	}
	int x = 1;
	if (m->filter[0])
		x += canvas_printf(app->canvas, row, 0, x, ROLE_EMPHASIS, _("filter \"%s\" (Esc clears)  "), m->filter);
	if (!l)
		return;
	const char *reason = m->reasons[l - app->course->lessons];
	if (*reason) {
		struct rect rest = {row.y, row.x, 1, row.cols - 1};
		draw_cut(app->canvas, rest, 0, x, ROLE_DIM, reason);
		return;
	}
	x += canvas_printf(app->canvas, row, 0, x, ROLE_CODE, "$ lockstep run %s", l->id) + 3;
	if (l->unavailable)
		canvas_printf(app->canvas, row, 0, x, ROLE_WARN, _("can't run here: %s"), _(l->unavailable));
	else if (l->needs && *l->needs)
		canvas_printf(app->canvas, row, 0, x, ROLE_DIM, _("(after: %s)"), l->needs);
}

static void move_by(struct map *m, int by)
{
	if (m->count == 0)
		return;
	int to = m->selected + by;
	int old = m->selected;
	if (to < 0)
		to = 0;
	if (to >= m->count)
		to = m->count - 1;
	select_near(m, to, by < 0 ? -1 : 1);
	if (m->selected == old) /* a heading at the end of the way */
		select_near(m, to, by < 0 ? 1 : -1);
}

static void move_match(struct app *app, int by)
{
	struct map *m = app->map;
	int old = m->selected;
	if (!m->filter[0]) {
		app_say(app, ROLE_WARN, _("/ looks for a lesson first"));
		return;
	}
	move_by(m, by);
	if (m->selected == old)
		select_near(m, by > 0 ? 0 : m->count - 1, by);
}

static bool map_act(struct app *app, enum action action)
{
	struct map *m = app->map;
	const struct course_lesson *l = lesson_at(app, m->selected);
	switch (action) {
	case ACT_ENTER:
		return l && study_open(app, l->id, -1);
	case ACT_PRESENT:
		return l && study_open(app, l->id, -1) && present_open(app);
	case ACT_UP:
		move_by(m, -1);
		return true;
	case ACT_DOWN:
		move_by(m, 1);
		return true;
	case ACT_PAGE_UP:
		move_by(m, -m->page);
		return true;
	case ACT_PAGE_DOWN:
		move_by(m, m->page);
		return true;
	case ACT_TOP:
		select_near(m, 0, 1);
		return true;
	case ACT_BOTTOM:
		select_near(m, m->count - 1, -1);
		return true;
	case ACT_FILTER:
		field_open(&app->field, m->filter);
		return true;
	case ACT_MATCH_NEXT:
		move_match(app, 1);
		return true;
	case ACT_MATCH_BACK:
		move_match(app, -1);
		return true;
	case ACT_WHERE:
		map_where(app);
		return true;
	case ACT_RESET:
		if (l)
			map_forget(app, l);
		return l != NULL;
	case ACT_RESET_ALL:
		map_forget(app, NULL);
		return true;
	case ACT_CANCEL:
		m->filter[0] = '\0';
		fill(app);
		return true;
	default:
		return false;
	}
}

static void map_typing(struct app *app)
{
	snprintf(app->map->filter, sizeof(app->map->filter), "%s", app->field.text);
	fill(app);
}

static void map_typed(struct app *app, bool accepted)
{
	if (!accepted)
		app->map->filter[0] = '\0';
	fill(app);
}

const struct screen screen_map = {
	.place = map_place, .draw = map_draw, .act = map_act, .enter = map_enter, .typed = map_typed, .typing = map_typing,
	.title = map_title, .status = map_status,
};
