/* oneTBB: parallel_sort, a quicksort over tasks.
 * needs: libtbb-dev
 * libs: -ltbb */
#include <tbb/global_control.h>
#include <tbb/parallel_sort.h>
#include <tbb/version.h>
#include "kernels/peers/input_sort.h"

template <class T> static void sort(struct peer_job *job, T *first, T *last)
{
	static tbb::global_control limit(tbb::global_control::max_allowed_parallelism, (size_t)job->threads);
	tbb::parallel_sort(first, last);
}

static const struct peer peers[] = {
	SORT_PEERS("tbb::parallel_sort", "oneTBB " TBB_VERSION_STRING, "any", sort),
	{},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
