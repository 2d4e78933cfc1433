/* Words counted in the hash map of the C++ library.
 * needs: g++
 * flags: -fopenmp */
#include <unordered_map>
#include "kernels/peers/input_word_count.h"

using map = std::unordered_map<std::string_view, uint64_t>;

static const struct peer peers[] = {
	{.name = "std::unordered_map", .kernel = "word_count", .library = "libstdc++, gcc " __VERSION__, .workers = "any",
	 .prepare = text_prepare, .run = maps_run<map>, .check = maps_check<map>},
	{},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
