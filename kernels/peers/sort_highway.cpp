/* Highway: vqsort, a quicksort in vector registers, on one thread.
 * needs: libhwy-dev
 * libs: -lhwy_contrib -lhwy */
#include <hwy/base.h>
#include <hwy/contrib/sort/vqsort.h>
#include "kernels/peers/input_sort.h"

template <class T> static void sort(struct peer_job *job, T *first, T *)
{
	static hwy::Sorter sorter;
	sorter(first, job->size, hwy::SortAscending());
}

static const struct peer peers[] = {
	SORT_PEERS("vqsort", "Highway", "one", sort),
	{},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
