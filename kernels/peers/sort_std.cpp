/* The sorts that come with every compiler: std::sort (introsort) and qsort (merge sort in glibc 2.36).
 * needs: g++ */
#include <algorithm>
#include "kernels/peers/input_sort.h"

template <class T> static void std_sort(struct peer_job *, T *first, T *last) { std::sort(first, last); }

template <class T> static int compare(const void *a, const void *b)
{
	T x = *static_cast<const T *>(a), y = *static_cast<const T *>(b);
	return (x > y) - (x < y);
}

template <class T> static void c_sort(struct peer_job *job, T *first, T *) { qsort(first, job->size, sizeof *first, compare<T>); }

static const struct peer peers[] = {
	SORT_PEERS("std::sort", "libstdc++, gcc " __VERSION__, "one", std_sort),
	SORT_PEERS("qsort", "glibc", "one", c_sort),
	{},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
