/* What goes into CSV and scripts: strings that may be hostile, names, wrapping, choosing, series. */
#include "kernels/bench/util.h"
#include "plots/draw.h"
#include "tests/tap.h"
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct plot_records records;

/* Output of one of the writers as a string; static. */
static const char *written(void (*write)(FILE *, const char *), const char *text)
{
	static char *buf;
	size_t size;
	free(buf);
	FILE *to = open_memstream(&buf, &size);
	write(to, text);
	fclose(to);
	return buf;
}

static void test_strings(void)
{
	is(written(plot_string, "it's"), "'it''s'", "a quote is doubled");
	is(written(plot_string, "a\\n`id`$x@y{^}_\"#"), "'a\\n`id`$x@y{^}_\"#'",
	   "inside single quotes nothing is special to gnuplot");
	is(written(plot_string, "one\ntwo"), "'one'.\"\\n\".'two'", "a line feed leaves the quotes");
	is(written(plot_string, "a\tb\x1b[1m"), "'a b [1m'", "control characters become blanks");
	is(written(plot_csv_text, "say \"a,b\"\n"), ",\"say \"\"a,b\"\" \"", "CSV: quotes doubled, no line feed");
	is(written(plot_csv_text, NULL), ",\"\"", "CSV: nothing is an empty field");
}

static void test_numbers(void)
{
	char *buf = NULL, text[32];
	size_t size;
	FILE *to = open_memstream(&buf, &size);
	plot_csv_number(to, 0.25);
	plot_csv_number(to, (double)NAN);
	plot_csv_number(to, (double)INFINITY);
	fclose(to);
	is(buf, ",0.25,,", "what is not known is an empty field");
	free(buf);
	is(plot_ratio(1.8, text, sizeof text), "1.80", "a ratio keeps its digits");
	is(plot_ratio(127.6, text, sizeof text), "128", "a large ratio has no decimals");
	const char *unit;
	near(plot_unit(0.04, &unit), 1e-3, 0, "0.04 s reads well in ms");
	is(unit, "ms", "and says so");
	plot_unit(1e-12, &unit);
	is(unit, "ns", "the smallest unit is ns");
}

static void test_names(void)
{
	char text[96], small[8];
	is(plot_safe_name("sum_squares-speedup", text, sizeof text), "sum_squares-speedup", "a good name stays");
	is(plot_safe_name("../../etc/passwd", text, sizeof text), "_etc_passwd", "no way out of the folder");
	is(plot_safe_name(".hidden", text, sizeof text), "_hidden", "not hidden");
	is(plot_safe_name("-o", text, sizeof text), "_o", "no option");
	is(plot_safe_name("'; system(\"id\") #`", text, sizeof text), "_system_id_", "no command");
	is(plot_safe_name("", text, sizeof text), "_", "never empty");
	is(plot_safe_name("0123456789", small, sizeof small), "0123456", "cut to the room there is");
	is(plot_cut("größer", 3, text, sizeof text), "gr…", "cut between characters");
	is(plot_cut("größer", 6, text, sizeof text), "größer", "what fits stays");
	is(plot_cut("ööööööööö", 9, small, sizeof small), "ö…", "a small room never splits a character");
}

static void wrap_is(const char *text, int width, int lines, const char *want, const char *name)
{
	char *got = plot_wrap(text, width, lines);
	is(got, want, name);
	free(got);
}

static void test_wrap(void)
{
	wrap_is("one two three", 80, 3, "one two three", "a short line stays one");
	wrap_is("one two three", 7, 3, "one two\nthree", "broken between words");
	wrap_is("one two three four", 7, 2, "one two\nthree …", "the last line shows that it was cut");
	wrap_is("", 10, 2, "", "nothing stays nothing");
	wrap_is("abcdefghijkl", 5, 2, "abcd…", "a word longer than a line is cut");
	wrap_is("floating-point operations", 11, 4, "floating-\npoint\noperations", "narrow columns break after a hyphen");
}

static const struct rec_run *load(const char *path)
{
	plot_records_free(&records);
	if (!plot_read(&records, path) || !records.set->runs.n)
		bail_out(path);
	return &records.set->runs.v[0];
}

static void test_choosing(void)
{
	const struct rec_run *run = load("tests/fixtures/speedup.ndjson");
	is(plot_variant(&records, run), "threads", "a lesson: the first parallel variant that is right, as on the screen");
	const struct rec_point *p = plot_most(run, "threads", (double)NAN);
	ok(p && p->workers == 2, "most workers with cores of their own, not the oversubscribed ones");
	ok(plot_serial(run, "serial") && !plot_serial(run, "threads") && !plot_serial(run, NULL), "serial code is known");
	ok(!plot_guess(&records, run), "no guess was made");
	run = load("tests/fixtures/sixteen.ndjson");
	is(plot_variant(&records, run), "openmp", "a kernel: the fastest parallel variant");
	run = load("tests/fixtures/sweep.ndjson");
	near(plot_best_at(run, "pool"), 16, 0, "a sweep: the value that is fastest with most workers");
}

static void test_guess(void)
{
	char path[] = "/tmp/lockstep-guess-XXXXXX";
	int fd = mkstemp(path);
	FILE *to = fd < 0 ? NULL : fdopen(fd, "w");
	if (!to)
		bail_out("no temporary file");
	FILE *from = fopen("tests/fixtures/speedup.ndjson", "r");
	for (int c; from && (c = getc(from)) != EOF;)
		putc(c, to);
	fputs("{\"t\":\"predict\",\"lesson\":\"amdahl\",\"run\":\"another\",\"compare\":\"speedup\",\"guess\":9,"
		  "\"workers\":2}\n"
		  "{\"t\":\"predict\",\"lesson\":\"amdahl\",\"run\":\"amdahl-20250611T090512Z-4711\",\"compare\":\"speedup\","
		  "\"guess\":1.9,"
		  "\"workers\":2,\"variant\":\"openmp\"}\n"
		  "{\"t\":\"predict\",\"lesson\":\"amdahl\",\"run\":\"amdahl-20250611T090512Z-4711\",\"compare\":\"speedup\","
		  "\"guess\":\"x\","
		  "\"workers\":2}\n"
		  "{\"t\":\"predict\",\"lesson\":\"amdahl\",\"run\":\"amdahl-20250611T090512Z-4711\",\"compare\":\"speedup\","
		  "\"guess\":1e99,"
		  "\"workers\":2}\n",
		  to);
	if (from)
		fclose(from);
	fclose(to);
	const struct rec_run *run = load(path);
	const struct plot_guess *g = plot_guess(&records, run);
	ok(g && g->speedup == 1.9 && g->workers == 2, "the guess of this run, and only a number that can be drawn");
	is(plot_variant(&records, run), "openmp", "the chart is about the variant that was asked about");
	unlink(path);
}

/* The number behind the last "NAME = " of a script; NaN when there is none. */
static double setting(const char *script, const char *name)
{
	char key[64];
	snprintf(key, sizeof key, "\n%s = ", name);
	const char *at = strstr(script, key);
	return at ? strtod(at + strlen(key), NULL) : (double)NAN;
}

static void test_drawing(void)
{
	const struct rec_run *run = load("tests/fixtures/speedup.ndjson");
	struct drawing d;
	ok(drawing_make(&d, &records, &plot_speedup, run, &records.set->machines.v[0], "threads", "x", "svg", 80),
	   "a speedup chart can be made");
	ok(strstr(d.script, "FITTED = '") && !strstr(d.script, "FITTED = ''"), "it has a fitted law");
	near(setting(d.script, "SPLIT"), sqrt(8), 1e-6, "oversubscribed points stand apart, halfway from 2 to 4 workers");
	ok(strstr(d.csv, ",2,1.79367,1.7759,1.80136,\"threads\"\n"), "the point is in the CSV with its interval");
	ok(strstr(d.script, "set style line 1 ") && !strstr(d.script, "load "), "the style is part of the script");
	drawing_free(&d);
	ok(drawing_make(&d, &records, &plot_budget, run, &records.set->machines.v[0], "threads", "x", "svg", 80),
	   "a budget chart can be made");
	double sum = 0, percent;
	int rows = 0;
	for (const char *line = strchr(d.csv, '\n') + 1; *line && rows < 8; line = strchr(line, '\n') + 1, rows++)
		if (sscanf(line, "%*f,%*d,%*f,%*f,%lf", &percent) == 1)
			sum += percent;
	near(sum, 100, 0.01, "the parts of a bar sum to 100 %%");
	drawing_free(&d);
	ok(!drawing_make(&d, &records, &plot_sweep, run, NULL, "threads", "x", "svg", 80) && strstr(d.why, "swept"),
	   "no sweep: it says why");
	drawing_free(&d);
	run = load("tests/fixtures/partial.ndjson");
	ok(!drawing_make(&d, &records, &plot_timeline, run, NULL, "threads", "x", "svg", 80) && strstr(d.why, "no spans"),
	   "no spans: it says why");
	drawing_free(&d);
}

/* Super-linear: the gain hangs below the axis, and the bar still sums. */
static void test_gain(void)
{
	char path[] = "/tmp/lockstep-gain-XXXXXX";
	int fd = mkstemp(path);
	FILE *to = fd < 0 ? NULL : fdopen(fd, "w");
	struct drawing d;
	if (!to)
		bail_out("no temporary file");
	fputs("{\"lockstep\":1,\"t\":\"machine\",\"machine\":\"m\",\"line\":\"a machine\",\"usable\":2}\n"
		  "{\"t\":\"run\",\"run\":\"r\",\"kernel\":\"k\",\"workers\":[2],\"usable\":2,\"variants\":[{\"name\":\"v\","
		  "\"about\":\"\",\"kind\":"
		  "\"threads\",\"wrong\":null,\"blocks\":false,\"unavailable\":null}],\"baseline\":\"v\",\"title\":\"t\","
		  "\"command\":\"c\"}\n"
		  "{\"t\":\"budget\",\"run\":\"r\",\"variant\":\"v\",\"workers\":2,\"total_ns\":800,\"parts_ns\":{\"useful_"
		  "serial\":0,"
		  "\"useful_parallel\":1000,\"serial_wait\":0,\"startup\":0,\"imbalance\":0,\"waiting\":0,\"inflation\":-200,"
		  "\"join\":0},"
		  "\"runs\":1,\"pop\":{},\"loss\":null,\"sentence\":\"\"}\n",
		  to);
	fclose(to);
	const struct rec_run *run = load(path);
	ok(drawing_make(&d, &records, &plot_budget, run, &records.set->machines.v[0], NULL, "x", "svg", 80),
	   "a budget with a gain: %s", d.why);
	ok(strstr(d.csv, "1,7,0,-2e-07,-25,2,,\"inflation\""), "the gain goes down from 0");
	ok(setting(d.script, "YMIN") < 0, "the axis reaches below 0");
	drawing_free(&d);
	unlink(path);
}

/* A child that a signal ends while a file is being written: an open pipe in its place holds the write up. */
static void test_signal(void)
{
	char dir[PATH_MAX], fresh[PATH_MAX + 32], path[PATH_MAX + 8];
	int status = 0;
	if (!plot_temporary_dir(dir, sizeof dir)) {
		ok(false, "a folder: %s", strerror(errno));
		return;
	}
	plot_temporary_done(dir);
	snprintf(path, sizeof path, "%s/x.csv", dir);
	pid_t child = fork();
	if (!child) {
		snprintf(fresh, sizeof fresh, "%s.%ld.tmp", path, (long)getpid());
		if (mkfifo(fresh, 0600))
			_exit(99);
		plot_catch_signals();
		plot_write_file(path, "x", 1); /* nobody reads: its open waits */
		_exit(98);
	}
	snprintf(fresh, sizeof fresh, "%s.%ld.tmp", path, (long)child);
	char sleeps[64], state = '?';
	snprintf(sleeps, sizeof sleeps, "/proc/%ld/stat", (long)child);
	for (int i = 0; i < 100 && !(state == 'S' && !access(fresh, F_OK)); i++) {
		usleep(20000);
		FILE *stat = fopen(sleeps, "re");
		if (!stat || fscanf(stat, "%*d %*s %c", &state) != 1)
			state = '?';
		if (stat)
			fclose(stat);
	}
	kill(child, SIGTERM);
	waitpid(child, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "a signal ends a write (status %x)", (unsigned)status);
	ok(access(fresh, F_OK) && access(path, F_OK), "and its temporary file goes");
	unlink(fresh);
	ok(!rmdir(dir), "nothing else was there");
}

int main(void)
{
	test_strings();
	test_numbers();
	test_names();
	test_wrap();
	test_choosing();
	test_guess();
	test_drawing();
	test_gain();
	test_signal();
	plot_records_free(&records);
	return tap_done();
}
