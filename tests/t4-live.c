/* The live view: what is read from /proc and heard from the run, the small bars, and pictures of it in every size.
 * After a wanted change: UPDATE=1 build/tests/t4-live, then look at the difference in tests/golden/. */
#include <locale.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "tests/views_input.h"
#include "tui/live.h"
#include "tui/spark.h"

/* ---- parsers ---- */

static const char process[] =
	"4242 (a) strange (name) S 1 4242 4242 0 -1 4194560 1000 200 30 4 500 60 7 8 20 0 3 0 12345 104857600 2048 "
	"18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0";

static const char cores[] =
	"cpu  400 0 200 4000 20 0 10 30 0 0\n"
	"cpu0 100 0 50 1000 5 0 3 7 9 0\n"
	"cpu2 300 1 150 3000 15 0 7 23 0 0\n"
	"cpu10 1 2 3 4\n"
	"cpu11 1 2\n"
	"intr 12345 0 1 2\n"
	"ctxt 930958\n";

static void test_parsers(void)
{
	struct live_process p = {0};
	ok(live_parse_process(process, &p) && p.ticks == 575 && p.faults == 1234 && p.pages == 2048,
	   "a process: its own and its ended children's time and faults (%lld %lld), its memory", (long long)p.ticks, (long long)p.faults);
	ok(!live_parse_process("", &p) && !live_parse_process("4242 (cut S 1 2", &p) && !live_parse_process("1 (x) S 1 2 3", &p),
	   "a text that is cut is none");

	struct live_core c[] = {{.number = 0}, {.number = 1}, {.number = 2}, {.number = 10}, {.number = 11}, {.number = 12}};
	int64_t busy[6], all[6];
	ok(live_parse_cores(cores, c, 6, busy, all) == 3, "three of six cores are there");
	ok(busy[0] == 160 && all[0] == 1165, "busy is all but idle and waiting for input, guests counted once");
	ok(busy[1] == -1 && busy[2] == 481 && all[2] == 3496, "one that is off is not known, the next one is");
	ok(busy[3] == 6 && all[3] == 10 && busy[4] == -1 && busy[5] == -1, "old kernels have fewer columns, but four at least");
	ok(live_parse_cores("", c, 6, busy, all) == 0 && busy[0] == -1, "nothing in nothing");
	ok(live_parse_cores("cpu0 1 2 3", c, 1, busy, all) == 0 && live_parse_cores("cpu0x 1 2 3 4\ncpu", c, 1, busy, all) == 0, "nor in what is torn");
}

/* ---- time ---- */

static void test_time(void)
{
	char buf[LIVE_TIME_MAX];
	ok(!strcmp(live_time(7.9, buf), "0:07") && !strcmp(live_time(760, buf), "12:40") && !strcmp(live_time(3723, buf), "1:02:03"),
	   "times as on a clock");
	ok(!strcmp(live_time(-3, buf), "0:00") && !strcmp(live_time((double)NAN, buf), "0:00") && !strcmp(live_time(1e300, buf), "0:00"),
	   "and nothing odd from odd ones");

	struct live *l = live_new();
	struct rec_run run = {.phase = (char *)(uintptr_t)"measuring", .eta = 20, .voluntary = 100, .involuntary = 1000, .budget_seconds = 30};
	live_hear(l, NULL, 0);
	live_clock(l, 1, false, false);
	ok(isnan(l->eta) && isnan(l->now[LIVE_WAITED]), "before the run says anything nobody knows how long");
	live_hear(l, &run, 2);
	live_clock(l, 5, false, false);
	ok(l->eta == 17 && l->budget == 30, "the time to come goes on by itself between two lines");
	live_clock(l, 5, true, false);
	ok(l->paused && l->eta == 17, "held, it stands still as the time does");
	run.voluntary = 200;
	run.involuntary = 1004;
	live_hear(l, &run, 6);
	ok(l->now[LIVE_WAITED] == 25 && l->now[LIVE_DISPLACED] == 1, "switches as rates (%g, %g)", l->now[LIVE_WAITED], l->now[LIVE_DISPLACED]);
	live_clock(l, 99, false, false);
	ok(l->eta == 0, "what takes longer than was thought is not less than nothing");
	run.eta = (double)NAN;
	run.voluntary = run.involuntary = (double)NAN;
	live_hear(l, &run, 100);
	live_clock(l, 100, false, false);
	ok(isnan(l->eta) && isnan(l->now[LIVE_WAITED]), "what is no longer told is not known");
	live_free(l);
}

/* The screen's own process is as good as any. */
static void test_look(void)
{
	struct live *l = live_new();
	volatile double sink = 0;
	ok(l->core_count >= 1, "%d cores", l->core_count);
	live_look(l, getpid(), 1);
	ok(isnan(l->now[LIVE_CPU]) && l->length == 0 && l->now[LIVE_MEMORY] > 1e5, "one look gives no rate");
	for (int i = 0; i < 20000000; i++)
		sink += i;
	for (int i = 0; i < 2; i++)
		live_look(l, getpid(), 2 + i);
	ok(l->length == 2 && l->now[LIVE_CPU] >= 0 && l->now[LIVE_FAULTS] >= 0 && l->cpu_seconds >= 0, "the second one does");
	for (int i = 0; i < 2 * LIVE_HISTORY; i++)
		live_look(l, getpid(), 10 + i);
	ok(l->length == LIVE_HISTORY, "the history is bounded");
	live_look(l, 0x7ffffff0, 1000);
	ok(isnan(l->now[LIVE_CPU]) && isnan(l->now[LIVE_MEMORY]), "a process that is gone has no figures");
	live_free(l);
}

/* ---- pictures ---- */

static struct live *fixed_live(int count)
{
	struct live *l = live_new();
	l->cores = xrealloc(l->cores, (size_t)count * sizeof *l->cores);
	l->core_count = count;
	for (int i = 0; i < count; i++)
		l->cores[i] = (struct live_core){.number = i, .busy = i == 3 ? (double)NAN : (double)(i % 9) / 8};
	l->elapsed = 7.2;
	l->eta = 12.4;
	l->cpu_seconds = 11.5;
	l->length = 40;
	for (int i = 0; i < l->length; i++) {
		l->history[LIVE_CPU][i] = (float)(count * (i % 10) / 10.0);
		l->history[LIVE_OTHERS][i] = 0.03F;
		l->history[LIVE_WAITED][i] = i % 7 == 3 ? (float)NAN : (float)(i % 7 * 100);
		l->history[LIVE_DISPLACED][i] = 0;
		l->history[LIVE_FAULTS][i] = i == 20 ? 12000 : 10;
		l->history[LIVE_MEMORY][i] = (float)(1e6 * i);
	}
	double now[LIVE_RATES] = {1.79, 0.03, 210, 0, 1234, 48.3e6};
	memcpy(l->now, now, sizeof now);
	return l;
}

/* A run that still goes on: the beginning of a recorded one, and its progress. */
static struct recset *half(const char *variant)
{
	struct recset *set = recset_new();
	FILE *in = fopen("tests/fixtures/speedup.ndjson", "r");
	char *line = NULL;
	size_t room = 0;
	for (ssize_t n; in && (n = getline(&line, &room, in)) > 0 && !strstr(line, "\"final\":true");)
		recset_line(set, line, (size_t)n - (line[n - 1] == '\n'));
	free(line);
	if (in)
		fclose(in);
	const struct rec_run *run = recset_last(set);
	char *more = xasprintf("{\"t\":\"progress\",\"run\":\"%s\",\"phase\":\"measuring\",\"done\":4,\"planned\":11,\"kept\":3,\"eta_seconds\":12.4,"
			       "\"variant\":\"%s\",\"workers\":2}", run ? run->id : "", variant);
	recset_line(set, more, strlen(more));
	free(more);
	for (int w = 0; w < 2; w++) {
		more = xasprintf("{\"t\":\"span\",\"run\":\"%s\",\"variant\":\"%s\",\"workers\":2,\"final\":false,\"round\":4,\"worker\":%d,\"core\":%d,"
				 "\"kind\":\"run\",\"begin_seconds\":0.01,\"end_seconds\":%g}", run ? run->id : "", variant, w, w, 0.05 - 0.01 * w);
		recset_line(set, more, strlen(more));
		free(more);
	}
	if (set->skipped)
		diag("skipped: %s", set->complaint);
	return set;
}

static const struct {
	const char *name;
	int rows, cols, cores;
	bool ascii, paused, nothing;
} pictures[] = {
	{"80x24", 20, 38, 2, false, false, false}, {"wide", 40, 100, 8, false, false, false}, {"many cores", 20, 38, 96, false, false, false},
	{"ASCII", 20, 38, 4, true, false, false},  {"44x10", 6, 42, 2, false, false, false},  {"held", 20, 38, 2, false, true, false},
	{"at the start", 20, 38, 2, false, false, true},
};

static void draw_pictures(FILE *out)
{
	struct recset *set = half("threads"), *none = recset_new();
	for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
		struct live *l = fixed_live(pictures[i].cores);
		struct view_input in = input_of(pictures[i].nothing ? none : set);
		in.live = l;
		in.guess.count = 0;
		l->paused = pictures[i].paused;
		if (pictures[i].nothing) {
			l->eta = l->cpu_seconds = (double)NAN;
			l->length = 0;
			for (int r = 0; r < LIVE_RATES; r++)
				l->now[r] = (double)NAN;
			in.run = NULL;
		}
		const struct view *const shown[] = {&view_counters, &view_budget, &view_timeline, &view_speedup};
		for (size_t v = 0; v < sizeof shown / sizeof *shown; v++) {
			struct canvas *c = canvas_new(pictures[i].rows, pictures[i].cols, pictures[i].ascii);
			fprintf(out, "== %s, %s\n", shown[v]->name, pictures[i].name);
			shown[v]->draw(c, canvas_all(c), &in);
			canvas_save_text(c, out);
			canvas_free(c);
		}
		live_free(l);
	}
	recset_free(set);
	recset_free(none);
}

static void test_pictures(void)
{
	char *text = NULL, *want = xcalloc(1, 1 << 17);
	size_t size = 0;
	FILE *mem = open_memstream(&text, &size);
	draw_pictures(mem);
	fclose(mem);
	FILE *f = fopen("tests/golden/view-live.txt", getenv("UPDATE") ? "w" : "r");
	if (f && getenv("UPDATE"))
		fputs(text, f);
	else if (f)
		want[fread(want, 1, (1 << 17) - 1, f)] = '\0';
	if (f)
		fclose(f);
	if (!ok(getenv("UPDATE") || !strcmp(text, want), "tests/golden/view-live.txt")) {
		size_t at = 0;
		while (text[at] && text[at] == want[at])
			at++;
		while (at > 0 && text[at - 1] != '\n')
			at--;
		diag("got      |%.*s", (int)strcspn(text + at, "\n"), text + at);
		diag("expected |%.*s", (int)strcspn(want + at, "\n"), want + at);
	}
	free(text);
	free(want);
}

/* A frame of marks around the area must stay whole. */
static void test_sizes(void)
{
	struct recset *set = half("threads");
	struct view_input in = input_of(set);
	int drawn = 0, bad = 0;
	for (int cores_now = 1; cores_now <= 1024; cores_now *= 4) {
		struct live *l = fixed_live(cores_now);
		in.live = l;
		for (int rows = 1; rows <= 60; rows += rows < 12 ? 1 : 7)
			for (int cols = 1; cols <= 130; cols += cols < 30 ? 1 : 13) {
				struct canvas *c = canvas_new(rows + 2, cols + 2, cols % 2);
				canvas_fill(c, canvas_all(c), ROLE_PLAIN, "@");
				struct rect inside = {1, 1, rows, cols};
				canvas_fill(c, inside, ROLE_PLAIN, " ");
				const struct view *const shown[] = {&view_counters, &view_budget};
				shown[drawn % 2]->draw(c, inside, &in);
				for (int y = 0; y < rows + 2; y++)
					for (int x = 0; x < cols + 2; x++)
						if (y == 0 || x == 0 || y == rows + 1 || x == cols + 1)
							bad += strcmp(c->cells[y * (cols + 2) + x].text, "@") != 0;
				canvas_free(c);
				drawn++;
			}
		live_free(l);
	}
	ok(!bad, "%d drawings stay inside their area", drawn);
	recset_free(set);
}

static void test_spark(void)
{
	struct canvas *c = canvas_new(2, 10, true);
	const float v[] = {0, 1, 2, (float)NAN, 4, 8};
	char *text = NULL;
	size_t size;
	spark_history(c, canvas_all(c), 0, 0, 10, ROLE_PLAIN, v, 6, 0);
	spark_history(c, canvas_all(c), 1, 2, 3, ROLE_PLAIN, v, 6, 4);
	FILE *mem = open_memstream(&text, &size);
	canvas_save_text(c, mem);
	fclose(mem);
	ok(!strcmp(text, "    _.- +#\n   ##\n"), "the newest stands at the right, a gap stays one, the largest is the top: |%s|", text);
	free(text);
	canvas_clear(c);
	spark_bar(c, canvas_all(c), 0, 0, 10, ROLE_PLAIN, 0.25);
	ok(!strcmp(c->cells[2].text, "#") && strcmp(c->cells[3].text, "#"), "a quarter of ten cells is three in ASCII");
	c->ascii = false;
	canvas_clear(c);
	spark_bar(c, canvas_all(c), 0, 0, 10, ROLE_PLAIN, 0.25);
	ok(!strcmp(c->cells[1].text, "█") && !strcmp(c->cells[2].text, "▌"), "and two and a half else");
	canvas_clear(c);
	spark_bar(c, canvas_all(c), 0, 0, 10, ROLE_PLAIN, 7);
	spark_bar(c, canvas_all(c), 1, 0, 10, ROLE_PLAIN, (double)NAN);
	ok(!strcmp(c->cells[9].text, "█") && strcmp(c->cells[10].text, "█"), "never longer than its room");
	canvas_free(c);
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	test_parsers();
	test_time();
	test_look();
	test_spark();
	test_pictures();
	test_sizes();
	return tap_done();
}
