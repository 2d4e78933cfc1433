/* The bench's side of the halo lesson: the whole plate in one process, and the comparison with it. */
#ifndef HALO_CHECK_H
#define HALO_CHECK_H

#include <stdio.h>
#include "kernels/runtime/ranks.h"
#include "lessons/6-distributed/3-halo/plate.h"

struct data {
	struct part whole; /* swept by the serial variant */
	uint64_t *expected, *marks;
	double off; /* of the serial plate from the sine waves, in tolerances */
	bool by_ranks;
	struct ranks_answer answer;
};

static inline int prepare(struct job *job)
{
	struct data *d = job->data = calloc(1, sizeof *d);
	size_t n = job_size(job), sweeps = (size_t)job->arg[1];
	if (!d || !part_new(&d->whole, n, sweeps, (struct slice){0, n}, (struct slice){0, n}))
		return -1;
	d->expected = calloc(2 * n + 1, sizeof *d->expected);
	d->marks = d->expected + n;
	return d->expected ? plate_serial(n, sweeps, job->seed, d->expected, &d->off) : -1;
}

static inline void reset(struct job *job)
{
	struct data *d = job->data;
	d->by_ranks = false;
	d->answer = (struct ranks_answer){.figure[0] = -1};
	if (job->variant->kind == KIND_SERIAL)
		part_start(&d->whole, job->seed);
}

static inline struct outcome verify(const struct job *job)
{
	struct data *d = job->data;
	size_t n = job_size(job);
	double *figure = d->answer.figure;
	struct outcome out = {.expected = 0};
	if (!d->by_ranks) {
		memset(d->marks, 0, n * sizeof *d->marks);
		part_marks(&d->whole, d->marks);
		plate_compare(d->marks, d->expected, n, figure);
	}
	out.observed = figure[0];
	out.right = figure[0] == 0 && d->off <= 1 && figure[3] == plate_figure(d->expected, n);
	if (figure[0] > 0)
		snprintf(out.text, sizeof out.text, "%.0f of %zu rows differ from the serial plate, from row %.0f to row %.0f",
			 figure[0], n, figure[1], figure[2]);
	else
		snprintf(out.text, sizeof out.text, "all bits of %zu rows are those of the serial plate, which is at most "
				 "%.2g from the sine waves (tolerance 1)", n, d->off);
	return out;
}

static inline void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		part_free(&d->whole);
		free(d->expected);
	}
	free(d), job->data = NULL;
}

#endif
