/* Figures in a chart stand at their own points, at each width of a pane: a reader takes a figure for that of the point it is
 * nearest to. */
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include "kernels/bench/util.h"
#include "tests/views_input.h"
#include "tui/chart.h"

enum { POINTS = 4 };
static const int workers[POINTS] = {1, 2, 4, 8};
static const char *const figures[POINTS] = {NULL, "1.33", "1.56", "1.60"}; /* that of one worker is not told */

/* A run of one variant with these points, on a machine of so many cores. */
static struct recset *made(int cores)
{
	struct recset *set = recset_new();
	char line[1000];
	snprintf(line, sizeof line, "{\"lockstep\":1,\"t\":\"machine\",\"machine\":\"x\",\"line\":\"x\",\"cores\":%d,\"usable\":%d}", cores,
		 cores);
	recset_line(set, line, strlen(line));
	snprintf(line, sizeof line, "{\"t\":\"run\",\"run\":\"r\",\"lesson\":null,\"kernel\":\"k\",\"title\":\"\",\"source\":\"\",\"command\":\"\",\"time\":\"\","
		"\"size\":1,\"size_unit\":\"\",\"args\":{},\"sweep\":null,\"seed\":1,\"weak\":false,\"pin\":\"none\",\"workers\":[1,2,4,8],"
		"\"usable\":%d,\"variants\":[{\"name\":\"threads\",\"about\":\"\",\"kind\":\"threads\",\"wrong\":null,\"blocks\":false,"
		"\"unavailable\":null}],\"baseline\":null,\"rounds\":11,\"budget_seconds\":1,\"flops\":null,\"bytes\":null}", cores);
	recset_line(set, line, strlen(line));
	for (int i = 0; i < POINTS; i++) {
		snprintf(line, sizeof line,
			 "{\"t\":\"point\",\"run\":\"r\",\"variant\":\"threads\",\"workers\":%d,\"final\":true,\"tried\":11,\"kept\":11,"
			 "\"seconds\":[1,null,null],\"speedup\":[%s,null,null],\"self\":[1,null,null],\"efficiency\":1,\"capacity\":[%d,null,null],"
			 "\"bandwidth_ceiling\":null,\"oversubscribed\":%s,\"busy\":false,\"karp_flatt\":null,\"flops_per_second\":null,"
			 "\"bytes_per_second\":null,\"right\":true,\"work\":1}",
			 workers[i], figures[i] ? figures[i] : "0.99", workers[i] < cores ? workers[i] : cores,
			 workers[i] > cores ? "true" : "false");
		recset_line(set, line, strlen(line));
	}
	snprintf(line, sizeof line, "{\"t\":\"end\",\"run\":\"r\",\"status\":0,\"partial\":false,\"seconds\":1}");
	recset_line(set, line, strlen(line));
	return set;
}

static bool text_at(const struct canvas *c, int row, int col, const char *text)
{
	for (int i = 0; text[i]; i++)
		if (col + i >= c->cols || c->cells[row * c->cols + col + i].text[0] != text[i])
			return false;
	return true;
}

static int gap(int left, int right, int col) { return col < left ? left - col : col > right ? col - right : 0; }

/* How often figures stand in the chart at their own points; *astray: nearer to another, or as near. */
static int look(const struct canvas *c, int *astray)
{
	int columns[POINTS], points = 0, found = 0, bottom = 0;
	for (int col = c->cols - 1; col >= 0; col--) /* the ticks below the axis: one for each point */
		for (int row = 0; row < c->rows; row++)
			if (!strcmp(c->cells[row * c->cols + col].text, "┬")) {
				bottom = row;
				points++;
				if (points <= POINTS)
					columns[POINTS - points] = col;
			}
	if (points != POINTS) {
		diag("%d ticks at width %d", points, c->cols);
		return -1;
	}
	for (int row = 0; row < bottom; row++)
		for (int col = 0; col < c->cols; col++)
			for (int k = 0; k < POINTS; k++) {
				if (!figures[k] || !text_at(c, row, col, figures[k]))
					continue;
				bool well = true;
				for (int i = 0; i < POINTS; i++)
					well = well && (i == k || gap(col, col + 3, columns[i]) > gap(col, col + 3, columns[k]));
				found += well;
				*astray += !well;
				if (!well)
					diag("width %d: %s at row %d, columns %d to %d; points at %d %d %d %d", c->cols, figures[k], row, col, col + 3,
					     columns[0], columns[1], columns[2], columns[3]);
			}
	return found;
}

int main(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		skip("labels of charts", "no locale C.UTF-8 here");
		return tap_done();
	}
	int astray = 0, found = 0, unseen = 0, drawn = 0;
	for (int cores = 2; cores <= 8; cores *= 2) {
		struct recset *set = made(cores);
		for (int cols = 38; cols <= 80; cols++)
			for (int rows = 10; rows <= 24; rows += 2)
				for (int guess = 0; guess < 2; guess++) {
					struct view_input in = {.set = set, .run = input_of(set).run, .guess = {{8}, {2.5}, guess, -1, 0}};
					struct canvas *c = canvas_new(rows, cols, false);
					view_speedup.draw(c, canvas_all(c), &in);
					int here = look(c, &astray);
					unseen += here < 0;
					found += here;
					drawn++;
					canvas_free(c);
				}
		recset_free(set);
	}
	ok(unseen == 0, "the points are at their ticks (not so in %d of %d pictures)", unseen, drawn);
	ok(astray == 0, "no figure stands at another's point (%d do)", astray);
	ok(found >= 2 * drawn, "figures are there (%d in %d pictures)", found, drawn);
	return tap_done();
}
