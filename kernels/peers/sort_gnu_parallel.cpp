/* libstdc++ in parallel mode: multiway merge sort over OpenMP.
 * needs: g++
 * flags: -fopenmp */
#include <omp.h>
#include <parallel/algorithm>
#include "kernels/peers/input_sort.h"

template <class T> static void sort(struct peer_job *job, T *first, T *last)
{
	omp_set_num_threads(job->threads);
	__gnu_parallel::sort(first, last);
}

static const struct peer peers[] = {
	SORT_PEERS("__gnu_parallel::sort", "libstdc++, gcc " __VERSION__, "any", sort),
	{},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
