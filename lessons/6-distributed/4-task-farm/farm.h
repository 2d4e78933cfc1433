/* What the task-farm lesson computes, and the graph of its tasks.
 *
 * An array of numbers, in chunks. For each number: how many steps does it take to 1, if an even one is halved and an
 * odd one becomes 3 x + 1 (Collatz)? And how many numbers need more steps than the mean? In Dask:
 * `y = x.map_blocks(steps); (y > y.mean()).sum()`.
 *
 *     make 0   make 1   make 2   make 3     steps of all numbers of a chunk, which stays where it is
 *         \     /           \     /
 *          add 4             add 5          sums, two by two
 *               \           /
 *                   add 6                   the sum of all: now the mean is known
 *         /        |       |       \
 *     above 7  above 8  above 9  above 10   numbers of a chunk above the mean: where the chunk is
 *         \        \       /       /
 *                   answer                  the master adds them up as they come
 *
 * Chunks are uneven: chunk c of C begins at n c^2 / C^2. Nothing is rounded: y is above the mean if y n > sum. */
#ifndef FARM_H
#define FARM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"

enum { FARM_CHUNKS = 4096, NUMBERS_BELOW = 1000000000 };

enum task_kind { MAKE, ADD, ABOVE };

struct task {
	enum task_kind kind;
	int chunk;            /* ADD: -1 */
	int parent;           /* the ADD that needs it; -1: none */
	int missing;          /* results that it still needs */
	int arrived;          /* … and those that are here */
	uint64_t in[2];
	int owner;            /* ABOVE: the worker that has the chunk; 0: anyone may do it */
	int tries;            /* how often it was given to somebody */
	bool given, done;
};

struct graph {
	size_t n;
	int chunks, count;    /* count: of tasks */
	int first;            /* all before it are done */
	uint64_t sum, answer;
	struct task task[3 * FARM_CHUNKS];
};

/* The slice of the array that is chunk c. */
static inline struct slice chunk_of(size_t n, int chunks, int c)
{
	size_t k = (size_t)c, all = (size_t)chunks * (size_t)chunks;
	return (struct slice){n * k * k / all, n * (k + 1) * (k + 1) / all};
}

/* The number at place i: whoever needs it makes it from the seed. In the world these would be files. */
static inline uint64_t number_at(uint64_t seed, size_t i) { return 1 + rng_at(seed, i) % NUMBERS_BELOW; }

/* Steps to 1, several halvings at once. */
static inline unsigned steps(uint64_t x)
{
	unsigned n = (unsigned)__builtin_ctzll(x);
	for (x >>= n; x != 1; n++) {
		x = 3 * x + 1;
		int halvings = __builtin_ctzll(x);
		x >>= halvings;
		n += (unsigned)halvings;
	}
	return n;
}

//> graph
static inline void graph_start(struct graph *g, size_t n, int chunks)
{
	g->n = n, g->chunks = chunks;
	g->count = g->first = 0;
	g->sum = g->answer = 0;
	for (int c = 0; c < chunks; c++)
		g->task[g->count++] = (struct task){.kind = MAKE, .chunk = c, .parent = -1};
	/* two neighbours get a parent, until one is left; an odd one goes up as it is */
	int level[FARM_CHUNKS], wide = chunks;
	for (int c = 0; c < chunks; c++)
		level[c] = c;
	for (; wide > 1; wide = (wide + 1) / 2)
		for (int i = 0; i < wide; i += 2) {
			if (i + 1 < wide) {
				g->task[level[i]].parent = g->task[level[i + 1]].parent = g->count;
				g->task[g->count] = (struct task){.kind = ADD, .chunk = -1, .parent = -1, .missing = 2};
			}
			level[i / 2] = i + 1 < wide ? g->count++ : level[i];
		}
	for (int c = 0; c < chunks; c++)
		g->task[g->count++] = (struct task){.kind = ABOVE, .chunk = c, .parent = -1, .missing = 1};
}
//< graph

//> done
/* A task's result has come: who needed it may be ready now. */
static inline void graph_done(struct graph *g, struct task *t, uint64_t value, int worker)
{
	struct task *above = &g->task[g->count - g->chunks];
	t->done = true;
	if (t->kind == MAKE)
		above[t->chunk].owner = worker; /* there the chunk is */
	if (t->kind == ABOVE) {
		g->answer += value;
	} else if (t->parent >= 0) {
		struct task *parent = &g->task[t->parent];
		parent->in[parent->arrived++ % 2] = value;
		parent->missing--;
	} else { /* the sum of all */
		g->sum = value;
		for (int c = 0; c < g->chunks; c++)
			above[c].in[0] = value, above[c].missing = 0;
	}
}
//< done

/* The first task that worker w may begin, NULL: none. dealt: chunks belong to workers from the start, in equal
 * number. */
static inline struct task *graph_ready(struct graph *g, int w, int workers, bool dealt)
{
	while (g->first < g->count && g->task[g->first].done)
		g->first++;
	for (int i = g->first; i < g->count; i++) {
		struct task *t = &g->task[i];
		if (t->given || t->done || t->missing > 0)
			continue;
		struct slice mine = slice_of((size_t)g->chunks, w - 1, workers);
		if (t->kind == MAKE && dealt && !t->tries && ((size_t)t->chunk < mine.first || (size_t)t->chunk >= mine.last))
			continue;
		if (t->kind == ABOVE && t->owner && t->owner != w)
			continue; /* the work goes to the data */
		return t;
	}
	return NULL;
}

/* The same answer in another way: steps as the definition says, no chunks. 0, or -1 with errno. */
static inline int answer_plainly(size_t n, uint64_t seed, uint64_t *answer)
{
	uint32_t *y = malloc((n + 1) * sizeof *y);
	uint64_t sum = 0;
	if (!y)
		return -1;
	for (size_t i = 0; i < n; i++) {
		y[i] = 0;
		for (uint64_t x = number_at(seed, i); x != 1; y[i]++)
			x = x % 2 ? 3 * x + 1 : x / 2;
		sum += y[i];
	}
	*answer = 0;
	for (size_t i = 0; i < n; i++)
		*answer += y[i] * (uint64_t)n > sum;
	free(y);
	return 0;
}

#endif
