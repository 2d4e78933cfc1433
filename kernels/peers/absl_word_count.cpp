/* Words counted in Abseil's flat_hash_map.
 * needs: libabsl-dev
 * flags: -fopenmp
 * libs: -labsl_hash -labsl_city -labsl_low_level_hash -labsl_raw_hash_set -labsl_hashtablez_sampler */
#include <absl/base/config.h>
#include <absl/container/flat_hash_map.h>
#include "kernels/peers/input_word_count.h"

#define NAME(x) #x
#define TEXT(x) NAME(x)

using map = absl::flat_hash_map<std::string_view, uint64_t>;

static const struct peer peers[] = {
	{.name = "Abseil flat_hash_map", .kernel = "word_count", .library = "Abseil " TEXT(ABSL_LTS_RELEASE_VERSION), .workers = "any",
	 .prepare = text_prepare, .run = maps_run<map>, .check = maps_check<map>},
	{},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
