/* The bench's side of the task-farm lesson: the graph in one process, and the check of the answer. */
#ifndef FARM_CHECK_H
#define FARM_CHECK_H

#include <math.h>
#include <stdio.h>
#include "kernels/runtime/ranks.h"
#include "lessons/6-distributed/4-task-farm/farm.h"

/* What rank 0 tells of a run. */
enum { ANSWER, LOST, AGAIN, LATE, BUSY_MOST, BUSY_LEAST };

struct data {
	uint64_t expected;
	bool by_ranks;
	uint32_t *y; /* of the serial variant */
	struct ranks_answer answer;
};

static inline int prepare(struct job *job)
{
	struct data *d = job->data = calloc(1, sizeof *d);
	if (!d)
		return -1;
	d->y = malloc((job_size(job) + 1) * sizeof *d->y);
	return d->y ? answer_plainly(job_size(job), job->seed, &d->expected) : -1;
}

static inline void reset(struct job *job)
{
	struct data *d = job->data;
	d->by_ranks = false;
	d->answer = (struct ranks_answer){.figure[ANSWER] = NAN};
}

static inline struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	const double *f = d->answer.figure;
	struct outcome out = {.expected = (double)d->expected, .observed = f[ANSWER]};
	out.right = out.observed == out.expected;
	if (!d->by_ranks)
		snprintf(out.text, sizeof out.text, "%.0f of %zu numbers are above the mean, expected %.0f", out.observed,
				 job_size(job), out.expected);
	else if (f[LOST] + f[AGAIN] == 0)
		snprintf(out.text, sizeof out.text, "%.0f of %zu numbers are above the mean, expected %.0f; busiest worker "
				 "%.1f ms, least busy %.1f ms", out.observed, job_size(job), out.expected, 1e-6 * f[BUSY_MOST],
				 1e-6 * f[BUSY_LEAST]);
	else
		snprintf(out.text, sizeof out.text, "%.0f of %zu numbers are above the mean, expected %.0f; lost %.0f, "
				 "given up %.0f, came too late %.0f", out.observed, job_size(job), out.expected, f[LOST], f[AGAIN],
				 f[LATE]);
	return out;
}

static inline void release(struct job *job)
{
	struct data *d = job->data;
	if (d)
		free(d->y);
	free(d), job->data = NULL;
}

#endif
