/* Command lines into rows and back: what was not touched stays as it was written, what is changed is checked as the lesson's
 * program would. */
#include <stdint.h>
#include "kernels/bench/util.h"
#include "tests/tap.h"
#include "tui/tuning.h"

static json_t *describe;

static int row(const struct tuning *t, const char *name)
{
	for (int i = 0; i < t->count; i++)
		if (!strcmp(t->rows[i].name, name))
			return i;
	return -1;
}

/* A parameter or option, not a variant of the same name. */
static int option(const struct tuning *t, const char *name)
{
	for (int i = 0; i < t->count; i++)
		if (!strcmp(t->rows[i].option, name))
			return i;
	return -1;
}

static const char *line_of(const struct tuning *t)
{
	static char line[TUNING_LINE_MAX];
	return tuning_line(t, line, sizeof(line)) ? line : "(no room)";
}

static void is_line(const struct tuning *t, const char *want, const char *name)
{
	if (!ok(!strcmp(line_of(t), want), "%s", name))
		diag("got  %s\n# want %s", line_of(t), want);
}

static void test_rows(void)
{
	struct tuning t;
	char why[400];
	tuning_open(&t, describe, 2);
	ok(tuning_read(&t, "tune --serial 0.1 --threads 1,2,4", why, sizeof(why)), "a line of the text is read");
	is_line(&t, "tune --serial 0.1 --threads 1,2,4", "and stays as it is");
	ok(!strcmp(tuning_value(&t, option(&t, "serial")), "0.1"), "a parameter has its value");
	ok(!strcmp(tuning_value(&t, option(&t, "chunk")), "16"), "another its preset");
	ok(!strcmp(tuning_value(&t, option(&t, "size")), "40000000"), "the first parameter is the size");
	ok(t.rows[row(&t, "threads")].on && !t.rows[row(&t, "openmp")].on, "variants are those of the lesson's preset");
	ok(t.rows[row(&t, "racy")].wrong && t.rows[row(&t, "mpi")].unavailable, "wrong and absent variants are known as such");

	ok(tuning_set(&t, option(&t, "chunk"), "64", why, sizeof(why)), "a value is set");
	is_line(&t, "tune --serial 0.1 --threads 1,2,4 --chunk 64", "and comes behind what was there");
	ok(tuning_set(&t, option(&t, "serial"), "0.2", why, sizeof(why)), "one that was there");
	is_line(&t, "tune --serial 0.2 --threads 1,2,4 --chunk 64", "changes in its place");
	ok(tuning_set(&t, option(&t, "serial"), "", why, sizeof(why)), "and goes away");
	is_line(&t, "tune --threads 1,2,4 --chunk 64", "when it is emptied");
	ok(tuning_step(&t, row(&t, "openmp"), 1, why, sizeof(why)), "a variant is added");
	is_line(&t, "tune --threads 1,2,4 --variant serial,threads,openmp --chunk 64", "to those of the preset");
	ok(tuning_step(&t, option(&t, "weak"), 1, why, sizeof(why)), "a flag");
	is_line(&t, "tune --threads 1,2,4 --variant serial,threads,openmp --chunk 64 --weak", "is a word of its own");
}

static void refused(const char *line, const char *name, const char *value, const char *words)
{
	struct tuning t;
	char why[400] = "", before[TUNING_LINE_MAX];
	tuning_open(&t, describe, 2);
	tuning_read(&t, line, why, sizeof(why));
	snprintf(before, sizeof(before), "%s", line_of(&t));
	int r = !strcmp(name, "mpi") || !strcmp(name, "threads!") ? row(&t, !strcmp(name, "mpi") ? name : "threads") : option(&t, name);
	bool good = !tuning_set(&t, r, value, why, sizeof(why)) && strstr(why, words) && !strchr(why, '\n') && !strcmp(before, line_of(&t));
	if (!ok(good, "--%s %s is refused: %s", name, value, words))
		diag("said: %s; line: %s", why, line_of(&t));
}

static void test_refusals(void)
{
	refused("tune", "serial", "1.5", "a number from 0 to 1");
	refused("tune", "serial", "much", "a number from 0 to 1");
	refused("tune", "chunk", "0", "a whole number from 1 to 65536 steps");
	refused("tune", "chunk", "1.5", "a whole number from 1 to 65536 steps");
	refused("tune", "chunk", "1,", "a whole number from 1 to 65536 steps");
	refused("tune", "threads", "0", "worker counts are lists like");
	refused("tune", "threads", "2000", "from 1 to 1024");
	refused("tune", "pin", "tight", "compact, spread, none");
	refused("tune", "reps", "1,2", "at most 1 value");
	refused("tune", "kernel", "nonsense", "amdahl, ledger");
	refused("tune", "mpi", "on", "built without MPI");
	refused("tune --variant threads", "threads!", "off", "the only variant left");
	refused("tune --chunk 1,4", "serial", "0.1,0.2", "only one parameter can be a list, and --chunk is one");
	refused("tune --weak", "size", "1000,2000", "can't be a list");
	refused("tune --size 1000,2000", "weak", "on", "can't be a list");
}

static void steps(const char *line, const char *name, int by, const char *want)
{
	struct tuning t;
	char why[400] = "";
	tuning_open(&t, describe, 2);
	tuning_read(&t, line, why, sizeof(why));
	int r = option(&t, name);
	bool moved = tuning_step(&t, r, by, why, sizeof(why));
	if (!ok(!strcmp(tuning_value(&t, r), want), "%s, %s %s: %s", line, name, by > 0 ? "more" : "less", want))
		diag("%s %s (%s)", moved ? "got" : "stayed", tuning_value(&t, r), why);
}

static void test_steps(void)
{
	struct tuning t;
	char why[400];
	steps("tune", "size", 1, "80000000");
	steps("tune", "size", -1, "20000000");
	steps("tune --size 0", "size", 1, "1");
	steps("tune --size 1", "size", -1, "0");
	steps("tune --size 0", "size", -1, "0");
	steps("tune --size 900M", "size", 1, "1000000000");
	steps("tune", "serial", 1, "0.15");
	steps("tune --serial 0.07", "serial", -1, "0.05");
	steps("tune --serial 1", "serial", 1, "1");
	steps("tune --chunk 1,4,16", "chunk", 1, "2,8,32");
	steps("tune", "schedule", 1, "1");
	steps("tune --schedule 2", "schedule", 1, "2");
	steps("tune", "pin", 1, "spread");
	steps("tune", "pin", -1, "none");
	steps("tune", "threads", 1, "1,max");
	steps("tune", "threads", -1, "1,2");
	steps("tune --threads 3", "threads", 1, "1");
	steps("tune --threads 2x", "threads", 1, "1");
	steps("tune", "reps", 1, "15");
	steps("tune", "reps", -1, "10");
	steps("tune", "seed", 1, "2");
	steps("tune", "budget", 1, "20");
	steps("tune", "kernel", 1, "ledger");
	tuning_open(&t, describe, 2);
	ok(!tuning_step(&t, option(&t, "schedule"), -1, why, sizeof(why)) && strstr(why, "0 to 2"), "at the end of a range it is told");

	/* Another program of the lesson. */
	tuning_read(&t, "tune --chunk 4 --threads 1,2 --variant threads,racy --weak", why, sizeof(why));
	ok(tuning_step(&t, option(&t, "kernel"), 1, why, sizeof(why)), "another program of the lesson");
	is_line(&t, "tune --threads 1,2 --variant threads --weak --kernel ledger", "keeps what it knows");
	ok(option(&t, "chunk") < 0 && row(&t, "racy") < 0, "and has its own rows");
	ok(!strcmp(tuning_value(&t, option(&t, "size")), "2000000"), "and presets");
	ok(tuning_read(&t, "tune -t 1 --kernel ledger -n 5", why, sizeof(why)), "its line is read whatever comes first");
	ok(!strcmp(tuning_value(&t, option(&t, "size")), "5"), "with its own size");
}

static void reads(const char *line, const char *want)
{
	struct tuning t;
	char why[400];
	tuning_open(&t, describe, 2);
	bool good = tuning_read(&t, line, why, sizeof(why));
	if (!ok(good && !strcmp(line_of(&t), line), "%s: as written", line))
		diag("%s / %s", why, line_of(&t));
	t.verbatim[0] = '\0';
	is_line(&t, want, "  as rows");
}

static void unread(const char *line, const char *words)
{
	struct tuning t;
	char why[400] = "";
	tuning_open(&t, describe, 2);
	if (!ok(!tuning_read(&t, line, why, sizeof(why)) && strstr(why, words) && !strcmp(line_of(&t), line), "%s: refused", line))
		diag("%s / %s", why, line_of(&t));
}

static void test_lines(void)
{
	reads("tune -t1,2 -n 10M -v racy", "tune --threads 1,2 --size 10M --variant racy");
	reads("tune --threads=1-max --steps 5 --pin=none", "tune --threads 1-max --size 5 --pin none");
	reads("tune   --weak\t--json  -q --nonsense 3 x", "tune --weak --json -q --nonsense 3 x");
	reads("tune -o 'my file' --chunk 2 --output \"it's\"", "tune -o 'my file' --chunk 2 --output \"it's\"");
	reads("tune 'say \"x\"' 'a'\"'\"'\"'", "tune 'say \"x\"' 'a'\"'\"'\"'");
	reads("tune --chunk 2 --chunk 3", "tune --chunk 3");
	reads("tune --variant all", "tune --variant serial,threads,openmp,racy");
	reads("tune -o --weak", "tune -o --weak");
	reads("tune ''", "tune ''");
	unread("tune --chunk 0", "1 to 65536");
	unread("tune --variant none", "serial, threads");
	unread("tune --variant threads,", "serial, threads");
	unread("tune --threads", "needs a value");
	unread("tune --threads ''", "needs a value");
	unread("tune 'open", "quotation mark");
	unread("", "name of a lesson");
	unread("   ", "name of a lesson");

	struct tuning t;
	char why[400];
	tuning_open(&t, NULL, 4);
	ok(t.count > 0 && tuning_read(&t, "other --threads 1,2 --size 5", why, sizeof(why)), "without a description: the common options");
	t.verbatim[0] = '\0';
	is_line(&t, "other --threads 1,2 --size 5", "and the rest stays");
	ok(!strcmp(t.rows[option(&t, "threads")].preset, "1,2,4,8"), "the preset of workers goes up to twice the cores");
}

/* Any line of any words: read, printed, read again gives the same rows; no memory is harmed. */
static uint64_t seed = 1;
static uint32_t draw(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % n;
}

static bool same_rows(const struct tuning *a, const struct tuning *b)
{
	if (a->count != b->count || a->kernel != b->kernel || a->variants_given != b->variants_given)
		return false;
	for (int i = 0; i < a->count; i++)
		if (strcmp(a->rows[i].value, b->rows[i].value) || a->rows[i].on != b->rows[i].on)
			return false;
	return true;
}

static void test_fuzz(void)
{
	static const char *const parts[] = {
		"--threads", "-t", "1,2", "1-8", "max", "--size", "-n", "10M", "--chunk", "4", "--chunk=1,2,4", "--serial", "0.5", "--weak",
		"--pin", "spread", "--seed", "7", "-v", "threads,racy", "all", "--variant=openmp", "--kernel", "ledger", "amdahl", "'a b'",
		"\"it's\"", "'say \"x\"'", "''", "-q", "--json", "--", "-", "-t9", "=", "--=", "--kernel=ledger", "并行", "\x80\xff", "--steps", "3",
		"--reps", "--budget", "2.5", "a'b c'd", "1e400", "-5",
	};
	int lines = 0, bad = 0, changed = 0;
	for (int turn = 0; turn < 20000; turn++) {
		struct tuning a, b;
		char line[600] = "tune", why[400], first[TUNING_LINE_MAX], second[TUNING_LINE_MAX];
		for (int n = (int)draw(9); n > 0; n--) {
			size_t at = strlen(line);
			snprintf(line + at, sizeof(line) - at, " %s", parts[draw(sizeof(parts) / sizeof(*parts))]);
		}
		for (int n = draw(4) ? 0 : (int)draw(4); n > 0; n--)
			line[draw((uint32_t)strlen(line))] = (char)(draw(255) + 1);
		tuning_open(&a, describe, 2);
		bool good = tuning_read(&a, line, why, sizeof(why));
		if (!good && !*why && !bad++)
			diag("no reason: %s", line);
		for (int n = draw(2) ? (int)draw(6) : 0; n > 0; n--, changed++) {
			int r = (int)draw((uint32_t)a.count);
			if (draw(3))
				tuning_step(&a, r, draw(2) ? 1 : -1, why, sizeof(why));
			else
				tuning_set(&a, r, parts[draw(sizeof(parts) / sizeof(*parts))], why, sizeof(why));
		}
		if (!good || strpbrk(line, "\n"))
			continue;
		a.verbatim[0] = '\0';
		tuning_line(&a, first, sizeof(first));
		tuning_open(&b, describe, 2);
		good = tuning_read(&b, first, why, sizeof(why));
		bool same = same_rows(&a, &b);
		b.verbatim[0] = '\0';
		tuning_line(&b, second, sizeof(second));
		lines++;
		if ((!good || !same || strcmp(first, second)) && !bad++)
			diag("%s\n#   %s\n#   %s (%s)", line, first, second, good ? "rows differ" : why);
	}
	ok(!bad && lines > 3000 && changed > 3000, "%d lines with %d changes: printed and read again, they are the same", lines, changed);

	/* Descriptions that no lesson gives. */
	static const char *const odd[] = {
		"[]", "{\"kernels\":3}", "{\"kernels\":[3,{}]}", "{\"kernels\":[{\"name\":\"\"}]}",
		"{\"kernels\":[{\"name\":\"k\",\"variants\":[{\"name\":\"a,b\"},{\"name\":7},3],\"params\":[{\"name\":\"size\",\"min\":5,\"max\":1},"
		"{\"name\":\"pin\",\"min\":0,\"max\":1},{\"name\":\"a b=\",\"min\":0,\"max\":1},{\"min\":0},{\"name\":\"x\",\"min\":\"0\",\"max\":9}]}],"
		"\"presets\":{\"usable\":-3,\"threads\":\"\",\"variants\":[4,\"zz\"]}}",
	};
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		json_t *o = json_loads(odd[i], JSON_DECODE_ANY, NULL);
		struct tuning t;
		char why[400];
		tuning_open(&t, o, tuning_usable(o));
		bool fine = o && tuning_read(&t, "k --threads 1 --pin none", why, sizeof(why));
		for (int r = 0; r < t.count; r++)
			for (int n = 0; n < 5; n++)
				tuning_step(&t, r, n & 1 ? 1 : -1, why, sizeof(why));
		ok(fine && t.count >= 7 && !strncmp(line_of(&t), "k ", 2), "odd description %zu", i);
		json_decref(o);
	}
}

/* A line that asks for a demonstration has the rows of one; options of the lesson's own are among them. */
static void test_demos(void)
{
	json_t *o = json_loads("{\"kernels\":[{\"name\":\"k\",\"variants\":[{\"name\":\"a\"}],\"params\":[{\"name\":\"n\",\"min\":0,\"max\":9}]}],"
			       "\"demos\":[{\"name\":\"one\"},{\"name\":\"two\"},{\"no\":1}],\"options\":[{\"name\":\"file\",\"value\":\"FILE\"},"
			       "{\"name\":\"find\",\"value\":\"N\",\"demo\":\"two\"},{\"name\":\"all\",\"value\":null,\"demo\":\"one\"},3]}", 0, NULL);
	struct tuning t;
	char why[400];
	tuning_open(&t, o, 2);
	ok(tuning_read(&t, "k --file 'my text' --threads 1", why, sizeof(why)) && !t.demo, "a measurement");
	int file = -1, find = -1;
	for (int r = 0; r < t.count; r++) {
		file = !strcmp(t.rows[r].option, "file") ? r : file;
		find = !strcmp(t.rows[r].option, "find") ? r : find;
	}
	ok(file >= 0 && find < 0 && !strcmp(tuning_value(&t, file), "my text"), "has the lesson's options, without those of demonstrations");
	ok(!tuning_step(&t, file, 1, why, sizeof(why)) && tuning_set(&t, file, "b", why, sizeof(why)), "a text is typed, not stepped");
	is(line_of(&t), "k --file b --threads 1", "and stands in the line");
	ok(tuning_read(&t, "k --demo one --seed 4", why, sizeof(why)) && t.demo && t.count == 5, "a demonstration has rows of its own");
	ok(tuning_step(&t, 0, 1, why, sizeof(why)) && !strcmp(line_of(&t), "k --demo two --seed 4"), "another one is chosen");
	ok(!tuning_set(&t, 0, "three", why, sizeof(why)) && strstr(why, "one, two"), "of those that there are");
	ok(tuning_read(&t, "k --find 100", why, sizeof(why)) && t.demo && !strcmp(tuning_value(&t, 0), "two") &&
	   !strcmp(tuning_value(&t, 2), "100") && !strcmp(line_of(&t), "k --find 100"), "one that an option asks for");
	ok(tuning_read(&t, "k --all", why, sizeof(why)) && t.demo && !strcmp(tuning_value(&t, 3), "on"), "an option without a value is a mark");
	ok(!tuning_read(&t, "k --demo nine", why, sizeof(why)) && !strcmp(line_of(&t), "k --demo nine"), "an unknown one is refused, and kept");
	json_decref(o);
}

int main(void)
{
	describe = json_load_file("tests/fixtures/tune/tune.json", 0, NULL);
	if (!describe)
		bail_out("tests/fixtures/tune/tune.json can't be read");
	test_rows();
	test_refusals();
	test_steps();
	test_lines();
	test_fuzz();
	test_demos();
	json_decref(describe);
	return tap_done();
}
