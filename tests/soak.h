/* What the soak tests share: random numbers in a row, and a folder with the screen and the course of fixtures, whose lessons
 * replay a recorded run. */
#ifndef LOCKSTEP_TESTS_SOAK_H
#define LOCKSTEP_TESTS_SOAK_H

#include <limits.h>
#include <stdint.h>
#include <unistd.h>
#include "kernels/rng.h"
#include "tests/tap.h"

struct soak_rng {
	uint64_t seed, next;
};

static inline uint64_t soak_below(struct soak_rng *r, uint64_t n) { return rng_at(r->seed, r->next++) % n; }

/* Fills folder (a template for mkdtemp) with build/lockstep-tui, build/tests/SELF and a course; environment variables point the
 * programs to it. */
static inline void soak_course(char *folder)
{
	char self[PATH_MAX], command[4 * PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	if (n <= 0 || !mkdtemp(folder))
		bail_out("no folder for the course");
	self[n] = '\0';
	char *name = strrchr(self, '/');
	*name++ = '\0';
	*strrchr(self, '/') = '\0'; /* the build folder */
	snprintf(command, sizeof command,
		 "mkdir -p '%s/build/lessons' '%s/build/tests' && cp '%s/lockstep' '%s/lockstep-tui' '%s/build' && "
		 "cp '%s/tests/%s' '%s/build/tests' && cp -r tests/fixtures/course/lessons '%s' && "
		 "cp tests/fixtures/course/bin/* tests/fixtures/speedup.ndjson '%s/build/lessons' && "
		 "for l in '%s'/build/lessons/*.json; do [ -e \"${l%%.json}\" ] || cp '%s/build/lessons/demo' \"${l%%.json}\"; done",
		 folder, folder, self, self, folder, self, name, folder, folder, folder, folder, folder);
	if (system(command) != 0)
		bail_out("the course of fixtures can't be set up");
	setenv("LOCKSTEP_HOME", folder, 1);
	setenv("XDG_STATE_HOME", folder, 1);
	setenv("XDG_DATA_HOME", folder, 1);
	setenv("XDG_RUNTIME_DIR", folder, 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("EDITOR", "true", 1);
	unsetenv("VISUAL");
	unsetenv("NO_COLOR");
	setenv("LOCKSTEP_TEST_SLOW", "2", 1);
}

static inline void soak_tidy(const char *folder)
{
	char command[PATH_MAX];
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	if (system(command) != 0)
		diag("could not tidy up %s", folder);
}

#endif
