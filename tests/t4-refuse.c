/* Which numbers are refused as a guess, and what the progress keeps of hints and tries. */
#include <math.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "tests/tap.h"
#include "tui/compare.h"
#include "tui/progress.h"

static void check(const char *compare, const char *unit, double guess, bool refused)
{
	char *words[] = {xstrdup(unit), xstrdup(compare), xstrdup("")};
	struct piece p = {.kind = PIECE_PREDICT, .unit = words[0], .compare = words[1], .variant = words[2]};
	const char *why = compare_refuse(&p, guess);
	ok(!why == !refused, "%s in \"%s\": %g is %s", compare, unit, guess, refused ? "refused" : "taken");
	if (!why != !refused)
		diag("%s", why ? why : "(taken)");
	for (int i = 0; i < 3; i++)
		free(words[i]);
}

static void test_refusals(void)
{
	check("speedup", "x", 1.8, false);
	check("speedup", "x", 0.01, false);
	check("speedup", "x", 1e6, false);
	check("speedup", "x", 0, true);
	check("speedup", "x", -2, true);
	check("speedup", "x", 1e7, true);
	check("speedup", "x", 1e300, true);
	check("speedup", "x", NAN, true);
	check("self", "x", -1, true);
	check("", "x", -1, true);
	check("seconds", "s", 0, true);
	check("seconds", "s", 2e6, true);
	check("seconds", "ms", 2e6, false);
	check("seconds", "ms", 2e9, true);
	check("seconds", "µs", 0.5, false);
	check("serial", "%", 0, false);
	check("serial", "%", 100, false);
	check("serial", "%", 101, true);
	check("serial", "%", -1, true);
	check("serial", "of 1", 1, false);
	check("serial", "of 1", 10, true);
	check("efficiency", "%", 0, true);
	check("efficiency", "%", 105, false);
	check("efficiency", "%", 5000, true);
	check("wrong_runs", "", 0, false);
	check("wrong_runs", "", 3, false);
	check("wrong_runs", "", 2.5, true);
	check("wrong_runs", "", -1, true);
	check("best", "rows", 64, false);
	check("best", "rows", 0, true);
	check("best", "rows", INFINITY, true);
}

static void test_progress(void)
{
	char dir[] = "/tmp/lockstep-refuse-XXXXXX", notice[300], command[100];
	int tries[4];
	if (!mkdtemp(dir) || setenv("XDG_STATE_HOME", dir, 1))
		bail_out("no folder for the state");
	struct progress *p = progress_load(notice, sizeof notice);
	ok(progress_hints(p, "a", 0) == 0 && progress_tries(p, "a", 0, 1, tries, 4) == 0, "nothing is kept at first");
	progress_set_hints(p, "a", 0, 2);
	progress_set_hints(p, "a", 1, 1);
	progress_add_try(p, "a", 0, 1, 3);
	progress_add_try(p, "a", 0, 1, 0);
	ok(progress_save(p, notice, sizeof notice), "hints and tries are saved");
	progress_free(p);
	p = progress_load(notice, sizeof notice);
	ok(progress_hints(p, "a", 0) == 2 && progress_hints(p, "a", 1) == 1 && progress_hints(p, "b", 0) == 0, "hints are there again");
	ok(progress_tries(p, "a", 0, 1, tries, 4) == 2 && tries[0] == 3 && tries[1] == 0, "tries in their order");
	for (int i = 0; i < 1000; i++)
		progress_add_try(p, "a", 0, 1, i % 5);
	ok(progress_tries(p, "a", 0, 1, tries, 4) == 4, "no more than asked for");
	ok(progress_save(p, notice, sizeof notice), "a long list can be saved");
	progress_free(p);
	p = progress_load(notice, sizeof notice);
	is(notice, "", "and is no damage");
	progress_free(p);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	ok(system(command) == 0, "nothing is left behind");
}

int main(void)
{
	test_refusals();
	test_progress();
	return tap_done();
}
