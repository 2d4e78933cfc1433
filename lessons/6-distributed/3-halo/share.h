/* The plate on the ranks of the halo lesson: what each keeps between runs, and what is done untimed before and
 * after them. */
#ifndef HALO_SHARE_H
#define HALO_SHARE_H

#include <mpi.h>
#include "kernels/runtime/ranks.h"
#include "lessons/6-distributed/3-halo/plate.h"

/* What a rank keeps. */
struct rank {
	struct part rows, blocks; /* the plate cut into strips; the same cut both ways */
	MPI_Comm strips, grid;    /* the ranks, as neighbours in a line or in a grid */
	MPI_Datatype column;      /* cells of a block that lie one below the other */
	MPI_Request *ask;         /* four for each cell of a row */
	uint64_t *marks, *sum, *serial;
	const struct part *used;
};

//> place
/* My place in a grid of height x width ranks, my neighbours there, and my part of the plate. Ranks that there are
 * no rows or columns for come last in theirs, have an empty part, and are nobody's neighbour. */
static inline bool place(struct ranks *me, int height, int width, MPI_Comm *comm, struct part *p)
{
	size_t n = job_size(&me->job);
	int at[2], most_y = (int)n < height ? (int)n : height, most_x = (int)n < width ? (int)n : width;
	MPI_Cart_create(MPI_COMM_WORLD, 2, (int[]){height, width}, (int[]){0, 0}, 0, comm);
	MPI_Cart_coords(*comm, me->rank, 2, at);
	if (!part_new(p, n, (size_t)me->job.arg[1], slice_of(n, at[0], height), slice_of(n, at[1], width)))
		return false;
	MPI_Cart_shift(*comm, 0, 1, &p->north, &p->south); /* at the rim: MPI_PROC_NULL, and messages to it are none */
	MPI_Cart_shift(*comm, 1, 1, &p->west, &p->east);
	bool empty = at[0] >= most_y || at[1] >= most_x;
	p->south = empty || at[0] + 1 == most_y ? MPI_PROC_NULL : p->south;
	p->east = empty || at[1] + 1 == most_x ? MPI_PROC_NULL : p->east;
	p->north = empty ? MPI_PROC_NULL : p->north;
	p->west = empty ? MPI_PROC_NULL : p->west;
	return true;
}
//< place

static inline int rank_prepare(struct ranks *me)
{
	struct rank *r = me->job.data = calloc(1, sizeof *r);
	size_t n = job_size(&me->job);
	int shape[2] = {0, 0};
	if (!r)
		return -1;
	MPI_Dims_create(me->size, 2, shape); /* as square as can be */
	if (!place(me, me->size, 1, &r->strips, &r->rows) | !place(me, shape[0], shape[1], &r->grid, &r->blocks))
		return -1;
	MPI_Type_vector((int)r->blocks.rows, 1, (int)r->blocks.stride, MPI_DOUBLE, &r->column);
	MPI_Type_commit(&r->column);
	r->marks = calloc(3 * n + 1, sizeof *r->marks);
	r->ask = calloc(4 * n + 1, sizeof *r->ask);
	if (!r->marks || !r->ask)
		return -1;
	r->sum = r->marks + n, r->serial = r->sum + n;
	if (me->rank == 0 && plate_serial(n, (size_t)me->job.arg[1], me->job.seed, r->serial, NULL))
		return -1;
	part_start(&r->rows, me->job.seed);
	part_start(&r->blocks, me->job.seed);
	return 0;
}

/* Which rows are not those of the serial plate. Then everything back to the start, for the next run. */
static inline int rank_answer(struct ranks *me)
{
	struct rank *r = me->job.data;
	size_t n = job_size(&me->job);
	memset(r->marks, 0, 2 * n * sizeof *r->marks);
	part_marks(r->used, r->marks);
	MPI_Reduce(r->marks, r->sum, (int)n, MPI_UINT64_T, MPI_SUM, 0, MPI_COMM_WORLD);
	if (me->rank == 0)
		plate_compare(r->sum, r->serial, n, me->figure);
	part_start(r->used, me->job.seed);
	return 0;
}

static inline void rank_release(struct ranks *me)
{
	struct rank *r = me->job.data;
	if (!r)
		return;
	part_free(&r->rows);
	part_free(&r->blocks);
	free(r->marks), free(r->ask), free(r);
}

#endif
