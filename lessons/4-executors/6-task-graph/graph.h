/* The graph of the lesson task-graph: which operation on tiles needs which. Built as `depend` does it in OpenMP: a task names the tiles that
 * it reads and the one it writes, and needs whoever has written each of them last. */
#ifndef LOCKSTEP_TASK_GRAPH_GRAPH_H
#define LOCKSTEP_TASK_GRAPH_GRAPH_H

#include <stdatomic.h>
#include "lessons/4-executors/6-task-graph/tiles.h"

enum operation { FACTOR, SOLVE, UPDATE };

struct node {
	enum operation op;
	int i, j, k;       /* the tile that it writes, the column that it reads */
	int needs, next;   /* how many tasks it needs; its first edge, -1: none */
	int need[3];
	atomic_int left;   /* of those, not done yet */
	int began, ended;  /* tickets, drawn when it began and ended */
};

struct edge {
	int to, next; /* the task that waits for this one; the next edge of this one */
};

static size_t node_count(int tiles) { return (size_t)tiles * ((size_t)tiles + 1) * ((size_t)tiles + 2) / 6; }

//> needs
/* Task number `task` reads or writes this tile: it needs the one that has written it last. */
static void needs(struct matrix *a, int task, int i, int j)
{
	int before = a->writer[tile_index(i, j)];
	if (before < 0)
		return; /* still as it was at the start */
	a->edge[a->edges] = (struct edge){task, a->node[before].next};
	a->node[before].next = a->edges++;
	a->node[task].need[a->node[task].needs++] = before;
}

static void add_task(struct matrix *a, enum operation op, int i, int j, int k, bool forgetful)
{
	int task = a->nodes++;
	a->node[task] = (struct node){.op = op, .i = i, .j = j, .k = k, .next = -1};
	if (op == SOLVE)
		needs(a, task, k, k); /* reads the tile on the diagonal */
	if (op == UPDATE && !forgetful)
		needs(a, task, i, k); /* reads two tiles of column k … */
	if (op == UPDATE && !forgetful && i != j)
		needs(a, task, j, k);
	needs(a, task, i, j); /* … and writes this one */
	a->writer[tile_index(i, j)] = task;
}
//< needs

static void build(struct matrix *a, bool forgetful)
{
	a->nodes = a->edges = 0;
	for (int t = 0; t < tile_index(a->tiles, 0); t++)
		a->writer[t] = -1;
	for (int k = 0; k < a->tiles; k++) {
		add_task(a, FACTOR, k, k, k, forgetful);
		for (int i = k + 1; i < a->tiles; i++)
			add_task(a, SOLVE, i, k, k, forgetful);
		for (int j = k + 1; j < a->tiles; j++)
			for (int i = j; i < a->tiles; i++)
				add_task(a, UPDATE, i, j, k, forgetful);
	}
	for (int n = 0; n < a->nodes; n++)
		a->node[n].left = a->node[n].needs;
}

static void do_node(const struct matrix *a, const struct node *n)
{
	if (n->op == FACTOR)
		factor(a, n->k);
	else if (n->op == SOLVE)
		solve(a, n->i, n->k);
	else
		update(a, n->i, n->j, n->k);
}

static void matrix_free(struct matrix *a)
{
	if (a) {
		free(a->element);
		free(a->x);
		free(a->node);
		free(a->edge);
		free(a->writer);
	}
	free(a);
}

/* NULL with ENOMEM. */
static struct matrix *matrix_new(size_t n, size_t side)
{
	struct matrix *a = calloc(1, sizeof *a);
	if (!a)
		return NULL;
	*a = (struct matrix){.n = n, .side = side, .tiles = (int)((n + side - 1) / side)};
	size_t tiles = (size_t)tile_index(a->tiles, 0), nodes = node_count(a->tiles);
	a->element = calloc(tiles * side * side + 1, sizeof *a->element);
	a->x = calloc(3 * n + 1, sizeof *a->x);
	a->y = a->x + n, a->z = a->y + n;
	a->node = calloc(nodes + 1, sizeof *a->node);
	a->edge = calloc(3 * nodes + 1, sizeof *a->edge);
	a->writer = calloc(tiles + 1, sizeof *a->writer);
	if (a->element && a->x && a->node && a->edge && a->writer)
		return a;
	matrix_free(a);
	return NULL;
}

#endif
