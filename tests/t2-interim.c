/* What a run tells while it goes on: interim spans and progress, written to live readers only, and read so that the latest
 * round of a configuration is what stays. */
#include <fcntl.h>
#include <unistd.h>
#include "kernels/bench/session.h"
#include "kernels/bench/util.h"
#include "tests/tap.h"

static struct recset *set;

static void feed(const char *line)
{
	recset_line(set, line, strlen(line));
}

static void begin(void)
{
	recset_free(set);
	set = recset_new();
	feed("{\"lockstep\":1,\"t\":\"machine\",\"machine\":\"x\"}");
	feed("{\"t\":\"run\",\"run\":\"a\",\"kernel\":\"k\",\"size\":1,\"workers\":[1,2],\"variants\":[{\"name\":\"one\",\"kind\":"
	     "\"serial\"},{\"name\":\"two\",\"kind\":\"threads\"},{\"name\":\"three\",\"kind\":\"threads\"}],\"measures\":[\"one\","
	     "\"three\"]}");
}

static void span(const char *variant, int workers, int round, int worker, const char *more)
{
	char *line = xasprintf("{\"t\":\"span\",\"run\":\"a\",\"variant\":\"%s\",\"workers\":%d,\"round\":%d,\"worker\":%d,\"kind\":"
			       "\"run\",\"begin_seconds\":0,\"end_seconds\":1%s}", variant, workers, round, worker, more);
	feed(line);
	free(line);
}

static int spans(const char *variant, int workers, int round)
{
	const struct rec_run *run = &set->runs.v[0];
	int n = 0;
	for (size_t i = 0; i < run->spans.n; i++)
		n += !strcmp(run->spans.v[i].variant, variant) && run->spans.v[i].workers == workers && run->spans.v[i].round == round;
	return n;
}

static void test_reader(void)
{
	const char *interim = ",\"final\":false";

	begin();
	const struct rec_variant *v = set->runs.v[0].variants;
	ok(v[0].measured && !v[1].measured && v[2].measured, "the run line tells what is measured");
	span("three", 1, 1, 0, interim);
	span("three", 2, 1, 0, interim);
	span("three", 2, 1, 1, interim);
	ok(spans("three", 1, 1) == 1 && spans("three", 2, 1) == 2, "interim spans are there");
	span("three", 2, 4, 1, interim);
	ok(spans("three", 2, 1) == 0 && spans("three", 2, 4) == 1 && spans("three", 1, 1) == 1,
	   "a later round of a configuration takes the place of the earlier one, no other's");
	span("three", 2, 4, 7, ",\"final\":0");
	ok(set->skipped == 1 && spans("three", 2, 4) == 1, "a bad line changes nothing");
	span("one", 1, 4, 0, ",\"final\":true");
	ok(set->runs.v[0].spans.n == 1 && spans("one", 1, 4) == 1, "the first final span drops all that came before");
	span("three", 2, 4, 0, "");
	ok(spans("three", 2, 4) == 1, "spans of older records are final");
	span("three", 2, 9, 0, interim);
	ok(set->runs.v[0].spans.n == 2 && spans("three", 2, 9) == 0, "after it no interim span counts");
	begin();
	for (int i = 0; i < 20000; i++)
		span("three", 2, 1, 0, interim);
	ok(set->runs.v[0].spans.n <= 4096, "their number is bounded: %zu", set->runs.v[0].spans.n);

	feed("{\"t\":\"progress\",\"run\":\"a\",\"phase\":\"measuring\",\"done\":1,\"planned\":2,\"kept\":1,\"variant\":\"three\",\"workers\":2,"
	     "\"eta_seconds\":3,\"voluntary_switches\":10,\"involuntary_switches\":20}");
	const struct rec_run *run = &set->runs.v[0];
	ok(run->now && !strcmp(run->now, "three") && run->now_workers == 2 && isnan(run->now_at), "progress names the configuration");
	ok(run->voluntary == 10 && run->involuntary == 20 && run->eta == 3, "the switches so far and the time to come");
	feed("{\"t\":\"progress\",\"run\":\"a\",\"phase\":\"counting\",\"done\":1,\"planned\":2,\"kept\":1}");
	ok(!run->now && isnan(run->eta) && isnan(run->voluntary), "or says nothing of them");
}

static void test_thin(void)
{
	struct span all[500], few[64];
	int n = 0;
	for (int i = 0; i < 200; i++) {
		all[n++] = (struct span){0, 3, i < 100 || i % 10 ? SPAN_RUN : SPAN_OFF, i * 10, i * 10 + 10};
		all[n++] = (struct span){1, 4, i < 100 ? SPAN_OFF : SPAN_RUN, i * 10, i * 10 + 9};
	}
	int made = session_thin(all, n, 2, few, 64);
	double run[2] = {0}, off[2] = {0};
	for (int i = 0; i < made; i++) {
		if (few[i].worker >= 0 && few[i].worker < 2)
			*(few[i].kind == SPAN_RUN ? &run[few[i].worker] : &off[few[i].worker]) += (double)(few[i].end_ns - few[i].begin_ns);
	}
	ok(made > 0 && made <= 64, "400 spans become %d", made);
	ok(fabs(run[0] - 1900) < 60 && fabs(off[0] - 100) < 60, "what is short keeps its share (%g, %g)", run[0], off[0]);
	ok(fabs(run[1] - 1000) < 60 && fabs(off[1] - 1000) < 60, "what is long stays where it was (%g, %g)", run[1], off[1]);
	ok(session_thin(all, 64, 2, few, 64) == 64 && !memcmp(all, few, sizeof few), "as many as there is room for stay as they are");
	ok(session_thin(all, n, 1000, few, 64) <= 64, "never more than asked for");
	/* A worker that has a core for one part in eleven, many times. */
	double ran = 0, not = 0;
	for (int i = 0; i < 500; i++)
		all[i] = (struct span){0, 0, i % 2 ? SPAN_OFF : SPAN_RUN, i / 2 * 1100 + i % 2 * 100, i / 2 * 1100 + (i % 2 ? 1100 : 100)};
	made = session_thin(all, 500, 1, few, 64);
	for (int i = 0; i < made; i++)
		*(few[i].kind == SPAN_RUN ? &ran : &not) += (double)(few[i].end_ns - few[i].begin_ns);
	ok(made > 2 && ran / (ran + not) > 0.05 && ran / (ran + not) < 0.15, "short slices keep their share (%.3f of 0.091)", ran / (ran + not));
}

/* A process that was stopped and let go on is not charged for it. */
static void test_held(void)
{
	struct session s = {.round_guess = 1, .deadline_ns = 1000000000, .most = 10, .wanted = 2};
	session_timed(&s, 4000000000, true);
	ok(s.deadline_ns == 4000000000 && s.rounds_timed == 0, "what a held round took beyond the usual is added to the budget");
	session_timed(&s, 2000000000, false);
	ok(s.deadline_ns == 4000000000 && session_round_seconds(&s) == 2, "a round that was not is what the next are judged by");
	session_timed(&s, 1000000000, true);
	ok(s.deadline_ns == 4000000000 && session_round_seconds(&s) == 2, "a short hold costs nothing");
}

/* ---- a real run ---- */

static int count_lines(const char *path, const char *a, const char *b)
{
	char *line = NULL;
	size_t room = 0;
	int n = 0;
	FILE *f = fopen(path, "re");
	while (f && getline(&line, &room, f) > 0)
		n += strstr(line, a) && strstr(line, b);
	free(line);
	if (f)
		fclose(f);
	return n;
}

static void test_run(void)
{
	extern const struct kernel kernel_sum_squares;
	struct bench_plan plan = {.kernel = &kernel_sum_squares, .workers = {1, 2}, .worker_count = 2, .sweep = -1, .rounds = 2, .seed = 7,
				  .command = "test", .probes = true};
	char live[] = "/tmp/lockstep-interim-XXXXXX", file[] = "/tmp/lockstep-interim-XXXXXX";
	struct record_sink sink = {.file_fd = mkstemp(file), .live_fd = mkstemp(live)};
	for (int i = 0; kernel_sum_squares.params[i].name; i++)
		plan.arg[i] = kernel_sum_squares.params[i].preset;
	for (const struct variant *v = kernel_sum_squares.variants; v->name && plan.variant_count < 2; v++)
		if (v->kind == KIND_THREADS || v->kind == KIND_SERIAL)
			plan.variants[plan.variant_count++] = v;
	counters_init(TIER_OFF);
	int status = bench_run(&plan, &sink);
	if (!ok(status == EXIT_RIGHT, "a run to a live reader and a file"))
		diag("status %d", status);
	record_close(&sink);
	close(sink.live_fd);
	ok(count_lines(live, "\"t\":\"span\"", "\"final\":false") > 0, "the live reader sees spans before the end");
	ok(count_lines(live, "\"t\":\"span\"", "\"final\":false") <= 600, "not many");
	ok(count_lines(file, "\"t\":\"span\"", "\"final\":false") == 0, "the file has none of them");
	ok(count_lines(file, "\"t\":\"span\"", "\"final\":true") == count_lines(live, "\"t\":\"span\"", "\"final\":true"),
	   "the final ones are in both");
	ok(count_lines(file, "\"t\":\"progress\"", "") == 0, "nor has it any progress");
	ok(count_lines(live, "\"phase\":\"calibrating\"", "\"variant\":\"") > 0, "what is tried out is named");
	int rounds = count_lines(live, "\"phase\":\"measuring\"", "");
	ok(rounds > 0 && count_lines(live, "\"phase\":\"measuring\"", "\"eta_seconds\":null") == 0,
	   "while measuring the time to come is always told");
	ok(count_lines(live, "\"phase\":\"calibrating\"", "\"eta_seconds\":null") > 0, "before, nobody knows it");
	ok(count_lines(live, "\"done\":0,", "\"eta_seconds\":0.0") == 0, "and never 0 before the first round");
	unlink(live);
	unlink(file);
}

int main(void)
{
	test_reader();
	test_thin();
	test_held();
	test_run();
	recset_free(set);
	return tap_done();
}
