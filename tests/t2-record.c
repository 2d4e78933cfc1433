/* Records: what the writer writes the reader reads; sample records are read whole and consistent with themselves. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernels/bench/record.h"
#include "kernels/bench/util.h"
#include "tests/tap.h"

static char dir[] = "/tmp/lockstep-record-XXXXXX";

static const char *path(const char *name)
{
	static char buf[256];
	snprintf(buf, sizeof buf, "%s/%s", dir, name);
	return buf;
}

static struct recset *read_set(const char *file)
{
	struct recset *set = recset_new();
	if (!recset_file(set, file))
		diag("%s: %s", file, strerror(errno));
	return set;
}

static char *slurp(const char *file)
{
	char *text = xcalloc(1, 1 << 20);
	FILE *f = fopen(file, "re");
	if (f) {
		size_t n = fread(text, 1, (1 << 20) - 1, f);
		text[n] = '\0';
		fclose(f);
	}
	return text;
}

static json_t *machine(void) { return json_pack("{s:i, s:s, s:s, s:i, s:i}", "lockstep", 1, "t", "machine", "machine", "f00d", "cores", 2, "usable", 2); }

static json_t *run(const char *id)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:[i,i], s:[{s:s, s:s}, {s:s, s:s, s:s}]}", "t", "run", "run", id, "kernel", "k",
			 "title", "ti\ttle", "size", record_real(1e6), "sweep", "chunk", "workers", 1, 2, "variants", "name", "serial",
			 "kind", "serial", "name", "threads", "kind", "threads", "about", "ü");
}

static json_t *point(int workers, double seconds, bool final)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:{s:i}, s:b, s:i, s:i, s:o, s:o, s:b}", "t", "point", "run", "r1", "variant", "threads",
			 "workers", workers, "at", "chunk", 16, "final", final, "tried", 12, "kept", 11, "seconds",
			 record_estimate((struct estimate){seconds, seconds * 0.9, seconds * 1.1}), "speedup",
			 record_estimate((struct estimate){1.5, NAN, NAN}), "right", 1);
}

static void check_read(const struct recset *set, const char *where)
{
	const struct rec_run *r = set->runs.n ? &set->runs.v[0] : NULL;
	ok(r && set->skipped == 0, "%s: the run is there, nothing was skipped (%s)", where, set->complaint ? set->complaint : "");
	if (!r)
		return;
	is(r->title, "ti\\x09tle", "a control character is shown escaped");
	is(r->variants[1].about, "ü", "UTF-8 survives");
	ok(r->samples.n == 1 && r->samples.v[0].variant == r->variants[1].name, "the sample shares its variant's name");
	near(r->samples.v[0].seconds, 0.012345678901, 1e-13, "a time keeps its digits");
	ok(isnan(r->samples.v[0].foreign), "null is NaN");
	const struct rec_point *p = recset_point(r, "threads", 2, 16);
	ok(p && p->final, "the final point is found");
	near(p ? p->seconds.mid : NAN, 0.5, 0, "… with the values that came last");
	ok(p && p->speedup.mid == 1.5 && isnan(p->speedup.lo), "an estimate without an interval");
	ok(p && isnan(p->self.mid), "an estimate that is not there");
	ok(!recset_point(r, "threads", 2, NAN) && !recset_point(r, "threads", 2, 17) && !recset_point(r, "serial", 2, 16),
	   "other configurations are not");
	const struct rec_fit *f = recset_fit(r, "threads", "amdahl", "fitted", NAN);
	ok(f && f->curve_count == 2 && f->curve[1].p == 2 && isnan(f->curve[1].s.lo), "a fit with its curve");
	ok(recset_fit(r, "threads", "usl", NULL, NAN) && !recset_fit(r, "threads", "amdahl", "guessed", NAN), "fits by law and how");
	const struct rec_budget *b = recset_budget(r, "threads", 2, 16);
	ok(b && b->budget.total_ns == 300 && b->budget.part_ns[PART_INFLATION] == -50, "a budget with a negative part");
	const struct rec_counters *c = recset_counters(r, "threads", 2, -1, 16);
	ok(c && c->value[COUNT_SWITCHES] == 12 && isnan(c->value[COUNT_CYCLES]), "counters by name, absent ones are not 0");
	is(c ? c->absent[COUNT_CYCLES] : NULL, "no PMU", "… and say why");
	ok(r->ended && r->partial && r->status == 130 && set->end_status == 130, "an end without a run ends the session's runs");
	ok(recset_verdict(r, "threads") && recset_variant(r, "threads") && !recset_variant(r, "none"), "verdict and variant");
}

static void write_all_kinds(struct record_sink *sink)
{
	record_write(sink, machine(), false);
	record_write(sink, run("r1"), false);
	record_write(sink, json_pack("{s:s, s:s, s:i, s:s, s:i, s:{s:i}, s:o, s:b, s:b, s:o}", "t", "sample", "run", "r1", "round", 1, "variant",
				     "threads", "workers", 2, "at", "chunk", 16, "seconds", record_real(0.012345678901), "kept", 1,
				     "right", 1, "foreign_cores", record_real(NAN)), false);
	record_write(sink, point(2, 0.7, false), true);
	record_write(sink, point(2, 0.5, true), false);
	record_write(sink, point(2, 0.9, false), true); /* late: the final one stays */
	record_write(sink, json_pack("{s:s, s:s, s:s, s:s, s:s, s:[f,f,f], s:[[i,f,n,n],[i,f,n,n]]}", "t", "fit", "run", "r1", "variant",
				     "threads", "law", "amdahl", "how", "fitted", "serial", 0.1, 0.09, 0.11, "curve", 1, 1.0, 2, 1.8), false);
	record_write(sink, json_pack("{s:s, s:s, s:s, s:s, s:n, s:b, s:s}", "t", "fit", "run", "r1", "variant", "threads", "law", "usl",
				     "how", "identifiable", 0, "why", ""), false);
	record_write(sink, json_pack("{s:s, s:s, s:s, s:i, s:{s:i}, s:I, s:{s:i, s:i, s:i}, s:i}", "t", "budget", "run", "r1", "variant",
				     "threads", "workers", 2, "at", "chunk", 16, "total_ns", (json_int_t)300, "parts_ns", "useful_parallel",
				     340, "waiting", 10, "inflation", -50, "runs", 11), false);
	record_write(sink, json_pack("{s:s, s:s, s:s, s:i, s:{s:i}, s:i, s:s, s:{s:f}, s:{s:s}}", "t", "counters", "run", "r1", "variant",
				     "threads", "workers", 2, "at", "chunk", 16, "worker", -1, "tier", "sw", "values", "context_switches",
				     12.0, "absent", "cycles", "no PMU"), false);
	record_write(sink, json_pack("{s:s, s:s, s:s, s:b, s:n, s:i, s:i, s:s}", "t", "verdict", "run", "r1", "variant", "threads", "right", 1,
				     "wrong", "tried", 11, "wrong_runs", 0, "text", "all equal"), false);
	record_write(sink, json_pack("{s:s, s:n, s:i, s:b}", "t", "end", "run", "status", 130, "partial", 1), false);
}

static void round_trip(void)
{
	struct record_sink sink = {.file_fd = -1, .live_fd = -1, .set = recset_new()};
	int live = open(path("live"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	sink.live_fd = live;
	ok(record_open(&sink, path("file")), "a record file is made");
	write_all_kinds(&sink);
	check_read(sink.set, "in memory");
	ok(record_close(&sink) && !sink.failed, "closed without complaint");
	close(live);

	struct recset *file = read_set(path("file")), *all = read_set(path("live"));
	check_read(file, "from the file");
	check_read(all, "from the live stream");
	ok(file->lines == 10 && all->lines == 12 && sink.set->lines == 12, "interim points are live only");
	recset_free(file);
	recset_free(all);
	recset_free(sink.set);

	char *text = slurp(path("file"));
	ok(!strncmp(text, "{\"lockstep\":1,\"t\":\"machine\"", 27), "the first line begins with the version");
	free(text);
}

static void torn_end(void)
{
	struct record_sink sink = {.file_fd = -1, .live_fd = -1};
	FILE *f = fopen(path("torn"), "we");
	fputs("{\"lockstep\":1,\"t\":\"machine\",\"machine\":\"a\"}\n{\"t\":\"say\",\"te", f);
	fclose(f);
	ok(record_open(&sink, path("torn")), "a torn file is opened");
	record_write(&sink, json_pack("{s:s, s:s}", "t", "say", "text", "hello"), false);
	ok(record_close(&sink), "… and written");
	struct recset *set = read_set(path("torn"));
	ok(set->lines == 3 && set->skipped == 1 && set->says.n == 1, "the torn line stays alone, the new one is whole");
	ok(set->complaint && strstr(set->complaint, "line 2"), "the complaint names the line: %s", set->complaint ? set->complaint : "");
	recset_free(set);

	sink = (struct record_sink){.file_fd = -1, .live_fd = -1};
	errno = 0;
	ok(!record_open(&sink, "/nonexistent/dir/file") && errno == ENOENT, "a file that cannot be made");
	set = recset_new();
	ok(!recset_file(set, "/nonexistent") && errno == ENOENT, "a file that is not there");
	errno = 0;
	ok(!recset_file(set, dir) && errno == EISDIR, "a folder is no file");
	recset_free(set);
}

/* One write, one line, even through a pipe whose reader has gone. */
static void broken_pipe(void)
{
	int fds[2];
	struct record_sink sink = {.file_fd = -1, .live_fd = -1};
	if (pipe(fds))
		bail_out("no pipe");
	sink.live_fd = fds[1];
	record_write(&sink, json_pack("{s:s, s:s}", "t", "say", "text", "one"), false);
	char buf[100] = "";
	ok(read(fds[0], buf, sizeof buf - 1) > 0 && !strcmp(buf, "{\"t\":\"say\",\"text\":\"one\"}\n"), "a line goes down a pipe whole");
	close(fds[0]);
	record_write(&sink, json_pack("{s:s, s:s}", "t", "say", "text", "two"), false);
	ok(sink.failed && sink.failed_errno == EPIPE && sink.live_fd == -1, "a closed pipe is remembered");
	record_write(&sink, json_pack("{s:s, s:s}", "t", "say", "text", "three"), false);
	ok(!record_close(&sink), "… and told at the end");
	close(fds[1]);
}

static size_t values_of(const struct rec_run *r, const struct rec_point *p, double *out)
{
	size_t n = 0;
	for (size_t i = 0; i < r->samples.n && n < 1000; i++) {
		const struct rec_sample *s = &r->samples.v[i];
		bool at = s->at == p->at || (isnan(s->at) && isnan(p->at));
		if (s->kept && at && s->workers == p->workers && !strcmp(s->variant, p->variant))
			out[n++] = s->seconds;
	}
	return n;
}

/* Sample records are consistent: medians and intervals of the points are those of the kept samples. */
static void fixture(const char *name, size_t skipped, size_t runs)
{
	char file[128];
	double values[1000];
	int bad = 0;
	snprintf(file, sizeof file, "tests/fixtures/%s.ndjson", name);
	struct recset *set = read_set(file);
	ok(set->skipped == skipped && set->runs.n == runs && set->machines.n == runs, "%s is read (%s)", name,
	   set->complaint ? set->complaint : "no complaint");
	for (size_t k = 0; k < set->runs.n; k++) {
		const struct rec_run *r = &set->runs.v[k];
		for (size_t i = 0; i < r->points.n; i++) {
			const struct rec_point *p = &r->points.v[i];
			size_t n = values_of(r, p, values);
			struct estimate e = stat_sign_interval(values, n, 0.95);
			bool same = (int)n == p->kept && p->final && fabs(e.mid - p->seconds.mid) < 1e-5 * e.mid;
			same = same && (isnan(e.lo) ? isnan(p->seconds.lo) : fabs(e.lo - p->seconds.lo) < 1e-5 * e.lo);
			bad += !same;
		}
	}
	ok(!bad, "%s: every point is the median of its samples (%d are not)", name, bad);
	recset_free(set);
}

static void again(void)
{
	struct recset *set = read_set("tests/fixtures/speedup.ndjson");
	size_t samples = set->runs.v[0].samples.n, fits = set->runs.v[0].fits.n;
	recset_file(set, "tests/fixtures/speedup.ndjson");
	ok(set->runs.n == 1 && set->runs.v[0].samples.n == samples && set->runs.v[0].fits.n == fits, "the same run twice is one run");
	ok(recset_last(set) == &set->runs.v[0] && recset_ceiling(set, recset_last(set), 2) && !recset_ceiling(set, recset_last(set), 3),
	   "ceilings belong to the machine of the run");
	recset_free(set);

	/* fed byte by byte it is the same */
	char *text = slurp("tests/fixtures/partial.ndjson");
	set = recset_new();
	for (size_t i = 0; text[i]; i++)
		recset_feed(set, text + i, 1);
	ok(set->lines == 40 && set->skipped == 0, "all whole lines are read while they come");
	recset_feed_end(set);
	ok(set->lines == 41 && set->skipped == 1 && strstr(set->complaint, "torn"), "the rest is torn");
	recset_free(set);
	free(text);
}

/* Runs of floats have a peak of their own; records that are older know of none. */
static void peaks(void)
{
	static const char *const lines[] = {
		"{\"t\":\"machine\",\"lockstep\":1,\"machine\":\"m\"}",
		"{\"t\":\"ceiling\",\"workers\":1,\"kept\":11,\"flops_per_second\":[5e10,null,null],\"bytes_per_second\":[2e10,null,null]}",
		"{\"t\":\"ceiling\",\"workers\":2,\"kept\":11,\"flops_per_second\":[1e11,null,null],\"f32_flops_per_second\":[2e11,null,null],"
		"\"bytes_per_second\":[2e10,null,null]}",
		"{\"t\":\"run\",\"run\":\"old\",\"kernel\":\"k\",\"variants\":[]}",
		"{\"t\":\"run\",\"run\":\"f32\",\"kernel\":\"k\",\"single\":true,\"variants\":[]}"};
	struct recset *set = recset_new();
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		recset_line(set, lines[i], strlen(lines[i]));
	const struct rec_run *old = &set->runs.v[0], *f32 = &set->runs.v[1];
	ok(!set->skipped && set->runs.n == 2 && !old->single && f32->single, "a run tells that its flops are of 4-byte floats, an older one is of doubles");
	const struct rec_ceiling *one = recset_ceiling(set, f32, 1), *two = recset_ceiling(set, f32, 2);
	ok(recset_peak(two, f32) == 2e11 && recset_peak(two, old) == 1e11, "each has its own peak");
	ok(isnan(recset_peak(one, f32)) && recset_peak(one, old) == 5e10, "a ceiling without a peak of floats gives none, not that of doubles");
	recset_free(set);
}

static void unknown(void)
{
	struct recset *set = recset_new();
	const char *lines[] = {"{\"t\":\"machine\",\"lockstep\":1,\"machine\":\"m\",\"later\":[{}]}", "{\"t\":\"later\",\"x\":1}", "",
			       "{\"t\":\"predict\",\"lesson\":\"amdahl\",\"guess\":1.8}", "{\"t\":\"say\",\"text\":\"hi\",\"run\":null}"};
	for (size_t i = 0; i < 5; i++)
		ok(recset_line(set, lines[i], strlen(lines[i])), "read: %s", lines[i]);
	ok(set->skipped == 0 && set->says.n == 1, "fields and kinds that are not known are ignored");
	recset_free(set);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(dir))
		bail_out("no temporary folder");
	round_trip();
	torn_end();
	broken_pipe();
	fixture("speedup", 0, 1);
	fixture("sweep", 0, 1);
	fixture("busy", 0, 1);
	fixture("sixteen", 0, 1);
	peaks();
	fixture("partial", 1, 2);
	again();
	unknown();
	unlink(path("file"));
	unlink(path("live"));
	unlink(path("torn"));
	rmdir(dir);
	return tap_done();
}
