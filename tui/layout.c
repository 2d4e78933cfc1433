#include "tui/layout.h"

/* Text is written for 36 columns: a frame and one blank at each side make 40. Beyond 60 a line is hard to read, so the
 * view gets the rest. */
static int left_columns(int cols)
{
	int left = cols / 2;
	if (left < 38)
		left = 38;
	if (left > 64)
		left = 64;
	return left;
}

struct layout layout_for(int rows, int cols)
{
	struct layout l = {.all = {0, 0, rows, cols}};
	if (rows < LAYOUT_MIN_ROWS || cols < LAYOUT_MIN_COLS)
		return l;
	l.title = (struct rect){0, 0, 1, cols};
	l.body = (struct rect){1, 0, rows - 3, cols};
	l.status = (struct rect){rows - 2, 0, 1, cols};
	l.footer = (struct rect){rows - 1, 0, 1, cols};
	l.left = l.right = l.body;
	l.kind = LAYOUT_SINGLE;
	if (rows < LAYOUT_PAIR_ROWS || cols < LAYOUT_PAIR_COLS)
		return l;
	l.kind = LAYOUT_PAIR;
	l.left.cols = left_columns(cols);
	l.right.x = l.left.cols;
	l.right.cols = cols - l.left.cols;
	return l;
}

int layout_scroll(int top, int rows, int length, int keep)
{
	if (keep >= 0) {
		if (keep < top)
			top = keep;
		if (keep >= top + rows)
			top = keep - rows + 1;
	}
	if (top > length - rows)
		top = length - rows;
	return top > 0 ? top : 0;
}
