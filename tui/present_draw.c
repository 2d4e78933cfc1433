/* The screens of a presentation. */
#include "tui/present.h"

#include <stdio.h>
#include <string.h>
#include "kernels/bench/words.h"
#include "tui/draw.h"

static void draw_banner(struct app *app, const struct stage *stage)
{
	char title[300];
	canvas_fill(app->canvas, stage->banner, ROLE_SELECTED, " ");
	app_screen(app)->title(app, title, sizeof(title));
	int x = (stage->banner.cols - canvas_width(title)) / 2;
	draw_cut(app->canvas, stage->banner, stage->banner.rows / 2, x > 0 ? x : 0, ROLE_SELECTED, title);
}

/* One dim row: where we are, what was said, the key that tells the others. */
static void draw_foot(struct app *app, const struct stage *stage, const struct sheet *sheet)
{
	static const char *const heads[] = {N_("step: "), N_("hands, like 5 12 3 1: "), N_("numbers, like 1.8 2 3: ")};
	const struct present *p = app->present;
	const struct thought *t = present_now(p);
	struct rect row = stage->foot;
	char where[64], pages[32] = "";
	const char *keys = app->asking ? "" : _("? keys");
	if (sheet->count > 1)
		snprintf(pages, sizeof(pages), "  %d/%d", p->page + 1, sheet->count);
	snprintf(where, sizeof(where), "%d/%d%s%s", t->step + 1, app->study->text->count, pages, p->unlocked ? _("  unlocked") : "");
	int x = 1 + canvas_text(app->canvas, row, 0, 1, ROLE_DIM, where) + 2;
	int width = canvas_width(keys);
	canvas_text(app->canvas, row, 0, row.cols - width - 1, ROLE_DIM, keys);
	row.cols -= width + 2;
	struct rect middle = {row.y, row.x + x, 1, row.cols - x};
	if (middle.cols < 1)
		return;
	if (app->asking) {
		char line[200];
		snprintf(line, sizeof(line), "%s  y/n", _(app->asking));
		draw_cut(app->canvas, middle, 0, 0, ROLE_WARN, line);
	} else if (app->message[0]) {
		draw_cut(app->canvas, middle, 0, 0, app->message_role, app->message);
	} else if (app->field.open) {
		int at = canvas_text(app->canvas, middle, 0, 0, ROLE_PLAIN, _(heads[p->typing]));
		field_draw(app->canvas, middle, 0, at, middle.cols - at, &app->field);
	} else if (study_live(app)) {
		draw_cut(app->canvas, middle, 0, 0, ROLE_DIM, app->child.paused ? _("held: p lets it go on") : _("running: p holds it, s stops it"));
	} else if (present_can_vote(app)) {
		char line[100];
		snprintf(line, sizeof(line), _("a-%c count hands, v types counts"), 'a' + thought_piece(p->text, t)->choice_count - 1);
		draw_cut(app->canvas, middle, 0, 0, ROLE_DIM, line);
	} else if (present_asks(app, t) && t->kind == THOUGHT_PREDICT) {
		draw_cut(app->canvas, middle, 0, 0, ROLE_DIM, _("v types the numbers that are called out"));
	}
}

static void draw_words(struct app *app, const struct stage *stage, const struct sheet *sheet, const struct page *page)
{
	bool airy = !sheet->dense && sheet_rows(sheet, page->first, page->last, true) <= stage->body.rows;
	int rows = sheet_rows(sheet, page->first, page->last, airy), widest = 0;
	struct rect area = sheet->dense ? stage->body : stage->words;
	for (int i = page->first; i < page->last && !sheet->steady; i++) {
		int width = 0;
		for (int j = 0; j < sheet->rich.v[i].count; j++)
			width += canvas_width(sheet->rich.v[i].parts[j].text);
		widest = width > widest ? width : widest;
	}
	if (widest > 0 && widest < area.cols) {
		area.x += (area.cols - widest) / 2;
		area.cols = widest;
	}
	int y = (area.rows - rows) / 2;
	for (int i = page->first; i < page->last; i++) {
		rich_draw(&sheet->rich, i, app->canvas, area, y);
		y += sheet_rows(sheet, i, i + 2 < page->last ? i + 2 : page->last, airy) - (i + 1 < page->last);
	}
}

static void draw_chart(struct app *app, const struct stage *stage, const struct sheet *sheet, const struct page *page)
{
	const struct slot *slot = present_slot(app, present_now(app->present));
	struct study *s = app->study;
	struct rect chart = stage->body, words = stage->body;
	int rows = page->last - page->first;
	if (rows > chart.rows / 3)
		rows = chart.rows / 3; /* the whole of it stands on the next page */
	chart.rows -= rows;
	words.y += chart.rows;
	words.rows = rows;
	s->shown = (int)(slot - s->slots);
	study_draw_view(app, chart);
	for (int i = 0; i < rows; i++)
		rich_draw(&sheet->rich, page->first + i, app->canvas, words, i);
}

void present_draw(struct app *app, const struct layout *l)
{
	struct present *p = app->present;
	struct stage stage = stage_for(l->all.rows, l->all.cols);
	struct sheet sheet;
	present_sheet(app, present_now(p), &sheet);
	if (p->page >= sheet.count)
		p->page = sheet.count - 1;
	present_share(app, sheet.count);
	if (p->blank) {
		sheet_free(&sheet);
		return;
	}
	const struct page *page = &sheet.pages[p->page];
	if (page->kind == PAGE_CHART)
		draw_chart(app, &stage, &sheet, page);
	else
		draw_words(app, &stage, &sheet, page);
	draw_banner(app, &stage);
	draw_foot(app, &stage, &sheet);
	sheet_free(&sheet);
}
