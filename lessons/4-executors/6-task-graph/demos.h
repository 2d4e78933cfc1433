/* What the lesson task-graph shows once, and its own option. Included by lesson.c. */
#include "kernels/bench/util.h"

enum { SHOWN_TILES = 16 };
static double graph_tiles = 4;

/* "factor 00", "solve 20", "update 21 by 0" */
static const char *node_name(const struct node *n, char *buf, size_t size)
{
	static const char letter[] = "FSU";
	if (n->op == UPDATE)
		snprintf(buf, size, "%c%d,%d-%d", letter[n->op], n->i, n->j, n->k);
	else
		snprintf(buf, size, "%c%d,%d", letter[n->op], n->i, n->j);
	return buf;
}

//> span
/* In which step each operation can be done at the earliest: one after the last of those that it needs. Returns the last step. */
static int earliest(const struct matrix *a, int *step)
{
	int span = 0;
	for (int n = 0; n < a->nodes; n++) { /* needs come before those who need them */
		step[n] = 1;
		for (int k = 0; k < a->node[n].needs; k++)
			if (step[a->node[n].need[k]] >= step[n])
				step[n] = step[a->node[n].need[k]] + 1;
		span = step[n] > span ? step[n] : span;
	}
	return span;
}
//< span

/* Steps that `workers` take if in each step everyone does any operation that can be done (the one with the earliest step first). */
static int steps_with(const struct matrix *a, int workers, const int *step, int *done)
{
	int left = a->nodes, now = 0;
	for (int n = 0; n < a->nodes; n++)
		done[n] = 0;
	while (left > 0) {
		now++;
		for (int w = 0; w < workers; w++) {
			int best = -1;
			for (int n = 0; n < a->nodes; n++) {
				bool can = !done[n] && (best < 0 || step[n] < step[best]);
				for (int k = 0; k < a->node[n].needs; k++)
					can = can && done[a->node[n].need[k]] && done[a->node[n].need[k]] < now;
				best = can ? n : best;
			}
			if (best < 0)
				break; /* nothing for this worker to do in this step */
			done[best] = now;
			left--;
		}
	}
	return now;
}

static int demo_graph(struct telling *t)
{
	static const int workers[] = {1, 2, 3, 4, 8, 16};
	struct matrix *a = matrix_new((size_t)graph_tiles, 1);
	if (!a)
		return -1;
	build(a, false);
	int *step = xcalloc((size_t)a->nodes, sizeof *step), *done = xcalloc((size_t)a->nodes, sizeof *done);
	int span = earliest(a, step), tiles = a->tiles;
	tell(t, "F factor  S solve");
	tell(t, "U update  (row,column)");
	for (int s = 1; s <= span; s++) {
		char line[80], name[32];
		int used = 0, count = 0;
		line[0] = '\0';
		for (int n = 0; n < a->nodes; n++)
			if (step[n] == s && count++ < 2)
				used += snprintf(line + used, sizeof line - (size_t)used, " %s", node_name(&a->node[n], name, sizeof name));
		if (count > 2)
			snprintf(line + used, sizeof line - (size_t)used, " +%d", count - 2);
		tell(t, "%2d:%s", s, line);
	}
	double bound = (double)a->nodes / span;
	tell(t, "work T1 = %d", a->nodes);
	tell(t, "span T∞ = %d", span);
	tell(t, " p steps  speedup");
	for (size_t k = 0; k < sizeof workers / sizeof *workers; k++) {
		int p = workers[k], steps = steps_with(a, p, step, done);
		double most = p < bound ? p : bound;
		tell(t, "%2d %5d  %.2f of %.2f", p, steps, (double)a->nodes / steps, most);
	}
	tell_check(t, a->nodes == tiles * (tiles + 1) * (tiles + 2) / 6 && span == 3 * tiles - 2, "T1 / T∞ = %.3g at most", bound);
	tell_figure(t, bound, bound);
	free(step);
	free(done);
	matrix_free(a);
	return 0;
}

/* A real run on four workers: in which order did the tasks begin, and was all there that they need? */
static int show_order(struct telling *t, bool forgetful)
{
	enum { TILES = 3, SIDE = 64, NODES = TILES * (TILES + 1) * (TILES + 2) / 6 };
	struct job job = {.kernel = &kernel_tiles, .arg = {TILES * SIDE, SIDE}, .workers = 4, .seed = 1};
	if (prepare(&job))
		return -1;
	struct matrix *a = job.data;
	reset(&job);
	int rc = run_graph(&job, forgetful), early = 0;
	if (!rc) {
		int nodes = a->nodes, began[NODES], ended[NODES];
		for (int n = 0; n < nodes; n++)
			began[n] = a->node[n].began, ended[n] = a->node[n].ended;
		struct outcome o = verify(&job);
		build(a, false); /* all needs, whatever the run knew of them */
		for (int ticket = 0; ticket < 2 * nodes; ticket++)
			for (int n = 0; n < nodes; n++) {
				char name[32], what[32] = "";
				for (int k = 0; began[n] == ticket && k < a->node[n].needs; k++)
					if (ended[a->node[n].need[k]] > ticket)
						node_name(&a->node[a->node[n].need[k]], what, sizeof what);
				if (began[n] == ticket)
					tell(t, *what ? N_("%s  needs %s") : "%s%s", node_name(&a->node[n], name, sizeof name), what), early += *what != 0;
			}
		tell_check(t, early == 0, "%d began too soon", early);
		tell_check(t, o.right, "off by %.2g", o.observed);
		tell_figure(t, early, 0);
	}
	int error = errno;
	release(&job);
	errno = error;
	return rc;
}

static int demo_order(struct telling *t) { return show_order(t, false); }
static int demo_forgotten(struct telling *t) { return show_order(t, true); }

static const struct demo task_graph_demos[] = {
	{"graph", "the graph, its work, its span, and the bound that they set (--tiles)", .run = demo_graph},
	{"order", "a run with four workers: who begins when", .run = demo_order},
	{"forgotten", "the same run when updates do not name what they read", "needs are missing in the graph", .run = demo_forgotten},
	{0},
};

static const char *given_tiles;
static const char *check_tiles(const char *text)
{
	double n;
	if (!util_number(text, &n) || n < 1 || n > SHOWN_TILES || n != (int)n)
		return "a whole number from 1 to 16";
	graph_tiles = n;
	return NULL;
}

static const struct lesson_option task_graph_options[] = {
	{"tiles", "N", "show the graph of a matrix of N by N tiles", "2 4 8", &given_tiles, "graph", check_tiles},
	{0},
};
