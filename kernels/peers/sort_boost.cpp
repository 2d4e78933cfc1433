/* Boost.Sort: block indirect sort on threads, pdqsort on one.
 * needs: libboost-dev */
#include <boost/sort/sort.hpp>
#include <boost/version.hpp>
#include "kernels/peers/input_sort.h"

template <class T> static void block_indirect(struct peer_job *job, T *first, T *last)
{
	boost::sort::block_indirect_sort(first, last, (uint32_t)job->threads);
}

template <class T> static void pdq(struct peer_job *, T *first, T *last) { boost::sort::pdqsort(first, last); }
template <class T> static void spread(struct peer_job *, T *first, T *last) { boost::sort::spreadsort::spreadsort(first, last); }

static const struct peer peers[] = {
	SORT_PEERS("block_indirect_sort", "Boost " BOOST_LIB_VERSION, "any", block_indirect),
	SORT_PEERS("pdqsort", "Boost " BOOST_LIB_VERSION, "one", pdq),
	SORT_PEERS("spreadsort", "Boost " BOOST_LIB_VERSION, "one", spread),
	{},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
