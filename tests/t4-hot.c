/* Hot spots: the topmost counts, clicks and wheel apart, nothing outside. */
#include <limits.h>
#include "tests/tap.h"
#include "tui/hot.h"

static void one(struct app *app, int value)
{
	(void)app;
	(void)value;
}

int main(void)
{
	struct hots h = {0};
	ok(!hot_at(&h, 0, 0, false), "an empty screen has no spot");
	hot_click(&h, (struct rect){1, 0, 20, 40}, one, 7);
	hot_wheel(&h, (struct rect){1, 0, 20, 40}, one);
	hot_key(&h, (struct rect){5, 10, 1, 4}, 'q');
	ok(hot_at(&h, 5, 10, false)->key == 'q' && hot_at(&h, 5, 13, false)->key == 'q', "what was noted later lies on top");
	ok(hot_at(&h, 5, 14, false)->value == 7 && hot_at(&h, 5, 9, false)->value == 7, "beside it is what lies below");
	ok(hot_at(&h, 5, 10, true)->wheel && hot_at(&h, 5, 10, true)->does == one, "the wheel goes through to the pane");
	ok(hot_at(&h, 20, 39, false) && !hot_at(&h, 21, 0, false) && !hot_at(&h, 1, 40, false) && !hot_at(&h, 0, 0, false),
	   "areas end where they end");
	int n = h.n;
	hot_key(&h, (struct rect){3, 3, 0, 9}, 'x');
	hot_key(&h, (struct rect){3, 3, 9, -1}, 'x');
	ok(h.n == n, "an area without a cell is none");
	hot_key(&h, (struct rect){INT_MAX - 1, INT_MAX - 1, INT_MAX, INT_MAX}, 'x');
	ok(!hot_at(&h, -1, -1, false) && !hot_at(&h, INT_MIN, INT_MIN, false), "far outside is nothing");
	for (int i = 0; i < 1000; i++)
		hot_click(&h, (struct rect){100 + i, 0, 1, 1}, one, i);
	ok(hot_at(&h, 1099, 0, false)->value == 999, "as many as are drawn");
	hot_clear(&h);
	ok(!hot_at(&h, 5, 10, false), "cleared for the next drawing");
	hot_free(&h);
	return tap_done();
}
