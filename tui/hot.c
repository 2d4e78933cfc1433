#include "tui/hot.h"

#include <stdlib.h>
#include "kernels/bench/util.h"

void hot_clear(struct hots *h) { h->n = 0; }

void hot_free(struct hots *h)
{
	free(h->v);
	*h = (struct hots){0};
}

static void add(struct hots *h, struct hot hot)
{
	if (hot.area.rows < 1 || hot.area.cols < 1)
		return;
	if (h->n == h->room) {
		h->room = h->room ? 2 * h->room : 64;
		h->v = xrealloc(h->v, (size_t)h->room * sizeof(*h->v));
	}
	h->v[h->n++] = hot;
}

void hot_key(struct hots *h, struct rect area, int key) { add(h, (struct hot){.area = area, .key = key}); }

void hot_click(struct hots *h, struct rect area, hot_does *does, int value)
{
	add(h, (struct hot){.area = area, .does = does, .value = value});
}

void hot_wheel(struct hots *h, struct rect area, hot_does *does)
{
	add(h, (struct hot){.area = area, .does = does, .wheel = true});
}

/* Differences, not sums: an area may reach further than an int does. */
static bool inside(struct rect r, int y, int x)
{
	return y >= r.y && x >= r.x && (long)y - r.y < r.rows && (long)x - r.x < r.cols;
}

const struct hot *hot_at(const struct hots *h, int y, int x, bool wheel)
{
	for (int i = h->n; i-- > 0;)
		if (h->v[i].wheel == wheel && inside(h->v[i].area, y, x))
			return &h->v[i];
	return NULL;
}
