/* Every size of terminal from 1x1 to 300x100: rectangles inside, disjoint and complete; and every screen draws there. */
#include "tests/tap.h"
#include "tui/app.h"

static bool inside(struct rect r, int rows, int cols)
{
	return r.y >= 0 && r.x >= 0 && r.rows >= 1 && r.cols >= 1 && r.y + r.rows <= rows && r.x + r.cols <= cols;
}

static long area(struct rect r) { return (long)r.rows * r.cols; }

static void check_rectangles(void)
{
	int small = 0, single = 0, pair = 0, bad = 0, narrow = 0, wrong_kind = 0;
	for (int rows = 1; rows <= 100; rows++) {
		for (int cols = 1; cols <= 300; cols++) {
			struct layout l = layout_for(rows, cols);
			enum layout_kind want = rows < 10 || cols < 44 ? LAYOUT_SMALL : rows < 20 || cols < 72 ? LAYOUT_SINGLE : LAYOUT_PAIR;
			wrong_kind += l.kind != want;
			if (l.kind == LAYOUT_SMALL) {
				small++;
				continue;
			}
			bool good = inside(l.title, rows, cols) && inside(l.left, rows, cols) && inside(l.right, rows, cols) &&
				    inside(l.status, rows, cols) && inside(l.footer, rows, cols);
			long panes = l.kind == LAYOUT_PAIR ? area(l.left) + area(l.right) : area(l.left);
			good = good && area(l.title) + panes + area(l.status) + area(l.footer) == (long)rows * cols;
			good = good && l.title.y == 0 && l.left.y == 1 && l.status.y == rows - 2 && l.footer.y == rows - 1;
			if (l.kind == LAYOUT_PAIR) {
				pair++;
				good = good && l.right.x == l.left.x + l.left.cols;
				narrow += l.left.cols < 38 || l.right.cols < 34; /* text of 36 columns; a chart */
			} else {
				single++;
			}
			bad += !good;
		}
	}
	ok(wrong_kind == 0, "each size has the kind that design asks for (%d wrong)", wrong_kind);
	ok(bad == 0, "the rectangles tile the screen at every size (%d do not)", bad);
	ok(narrow == 0, "no pane of a pair is too narrow (%d are)", narrow);
	ok(small > 0 && single > 0 && pair > 0, "all three kinds were met");
}

static void check_scroll(void)
{
	int bad = 0;
	for (int rows = 1; rows <= 12; rows++)
		for (int length = 0; length <= 30; length++)
			for (int keep = -1; keep < length; keep++)
				for (int top = -3; top < 40; top++) {
					int t = layout_scroll(top, rows, length, keep);
					bad += t < 0 || (length > rows ? t > length - rows : t != 0) ||
					       (keep >= 0 && (keep < t || keep >= t + rows));
				}
	ok(bad == 0, "scrolling keeps the row in sight and no hole at the end (%d times not)", bad);
}

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

static void draw_everywhere(struct app *app, const char *what)
{
	int bad = 0;
	for (int rows = 1; rows <= 100; rows += rows < 30 ? 1 : 7) {
		for (int cols = 1; cols <= 300; cols += cols < 100 ? 3 : 13) {
			app_resize(app, rows, cols);
			app_draw(app);
			bad += !sound(app->canvas);
		}
	}
	app_resize(app, 24, 80);
	ok(bad == 0, "%s draws at every size (%d unsound)", what, bad);
}

int main(void)
{
	char state[] = "/tmp/lockstep-layout-XXXXXX", last[320], command[64];
	check_rectangles();
	check_scroll();
	if (!mkdtemp(state))
		bail_out("no folder for the state");
	setenv("XDG_STATE_HOME", state, 1);
	setenv("LOCKSTEP_HOME", "tests/fixtures/course", 1);
	struct app *app = app_new(&(struct app_options){.rows = 24, .cols = 80, .script = true});
	if (!app->course)
		bail_out("no course in tests/fixtures/course");
	draw_everywhere(app, "the course map");
	app_key(app, '?');
	draw_everywhere(app, "the help");
	app_key(app, 'q');
	app_key(app, K_ENTER);
	ok(app_screen(app) == &screen_study, "Enter opens the lesson");
	draw_everywhere(app, "a lesson");
	app_key(app, 'n');
	app_key(app, K_ENTER);
	draw_everywhere(app, "an open field");
	app_key(app, K_ESC);
	app_key(app, 'L');
	draw_everywhere(app, "a lesson in Chinese");
	for (int view = '1'; view <= '6'; view++) {
		app_key(app, view);
		draw_everywhere(app, "an empty view");
	}
	app_free(app, last, sizeof(last));
	snprintf(command, sizeof(command), "rm -rf %s", state);
	ok(system(command) == 0, "tidied up");
	return tap_done();
}
