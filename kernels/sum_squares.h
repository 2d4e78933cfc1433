/* What gpu_sum.c needs of the kernel sum_squares: it sums the same numbers, on an accelerator. */
#ifndef LOCKSTEP_SUM_SQUARES_H
#define LOCKSTEP_SUM_SQUARES_H

#include "kernels/kernel.h"

extern const struct kernel kernel_sum_squares;

/* Of a job that sum_squares prepared: its job_size(job) numbers, and the place for the result. */
const double *sum_squares_numbers(const struct job *job);
double *sum_squares_result(struct job *job);

#endif
