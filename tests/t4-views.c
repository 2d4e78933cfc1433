/* The views: golden pictures of recorded runs, every size, and data that no honest run would give.
 * After a wanted change: UPDATE=1 build/tests/t4-views, then look at the difference in tests/golden/. */
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdint.h>
#include "kernels/bench/util.h"
#include "tests/tap.h"
#include "tests/views_input.h"

/* A run that still goes on: the records up to its first final point, and a progress line. */
static struct recset *load_live(const char *name)
{
	struct recset *set = recset_new();
	char *line = NULL, progress[400], path[200];
	snprintf(path, sizeof path, "tests/fixtures/%s.ndjson", name);
	FILE *in = fopen(path, "r");
	size_t room = 0;
	for (ssize_t n; in && (n = getline(&line, &room, in)) > 0 && !strstr(line, "\"final\":true");)
		recset_line(set, line, (size_t)n - (line[n - 1] == '\n'));
	free(line);
	if (in)
		fclose(in);
	struct rec_run *run = recset_last(set);
	snprintf(progress, sizeof progress,
		 "{\"t\":\"progress\",\"run\":\"%s\",\"phase\":\"measuring\",\"done\":4,\"planned\":11,\"kept\":3,\"foreign_cores\":0.02,"
		 "\"eta_seconds\":7}",
		 run ? run->id : "none");
	recset_line(set, progress, strlen(progress));
	return set;
}

/* ---- golden pictures ------------------------------------------------------------------------------------------------ */

static const struct golden {
	const char *name, *fixture, *variant;
	const struct view *view;
	int workers, zoom, scroll, sideways;
} goldens[] = {
	{"speedup", "speedup", NULL, &view_speedup, 0, 0, 0, 0},       {"speedup-wrong", "speedup", "racy", &view_speedup, 0, 0, 0, 0},
	{"speedup-sixteen", "sixteen", NULL, &view_speedup, 0, 0, 0, 0}, {"speedup-sweep", "sweep", NULL, &view_speedup, 0, 0, 0, 0},
	{"speedup-busy", "busy", NULL, &view_speedup, 0, 0, 0, 0},     {"speedup-partial", "partial", NULL, &view_speedup, 0, 0, 0, 0},
	{"speedup-live", "live-speedup", NULL, &view_speedup, 0, 0, 0, 0},     {"speedup-none", "none", NULL, &view_speedup, 0, 0, 0, 0},
	{"speedup-ladder", "ladder", NULL, &view_speedup, 0, 0, 0, 0}, {"speedup-ladder-wrong", "ladder", "cuda-no-barrier", &view_speedup, 0, 0, 0, 0},
	{"speedup-ladder-live", "live-ladder", NULL, &view_speedup, 0, 0, 0, 0},
	{"timeline", "speedup", NULL, &view_timeline, 0, 0, 0, 0},     {"timeline-zoom", "speedup", NULL, &view_timeline, 2, 2, 2, 55},
	{"timeline-sixteen", "sixteen", NULL, &view_timeline, 0, 0, 0, 0},
	{"budget", "speedup", NULL, &view_budget, 0, 0, 0, 0},         {"budget-sixteen", "sixteen", NULL, &view_budget, 8, 0, 0, 0},
	{"budget-sweep", "sweep", NULL, &view_budget, 0, 0, 0, 0},     {"counters", "speedup", NULL, &view_counters, 0, 0, 0, 0},
	{"counters-sixteen", "sixteen", NULL, &view_counters, 0, 0, 3, 0},
	{"code", "speedup", NULL, &view_code, 0, 0, 0, 0},             {"output", "speedup", NULL, &view_output, 0, 0, 0, 0},
};
static const struct {
	int rows, cols;
	bool ascii;
} sizes[] = {{18, 56, false}, {20, 38, false}, {8, 40, false}, {40, 100, false}, {18, 56, true}};

static void draw_golden(const struct golden *g, FILE *out)
{
	bool live = !strncmp(g->fixture, "live-", 5), none = !strcmp(g->fixture, "none");
	struct recset *set = live ? load_live(g->fixture + 5) : none ? recset_new() : load(g->fixture);
	struct view_input in = input_of(set);
	in.variant = g->variant;
	in.workers = g->workers;
	in.zoom = g->zoom;
	in.scroll = g->scroll;
	in.sideways = g->sideways;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct canvas *c = canvas_new(sizes[i].rows, sizes[i].cols, sizes[i].ascii);
		fprintf(out, "== %s %dx%d%s\n", g->name, sizes[i].cols, sizes[i].rows, sizes[i].ascii ? " ASCII" : "");
		g->view->draw(c, canvas_all(c), &in);
		canvas_save_text(c, out);
		canvas_free(c);
	}
	recset_free(set);
}

static char *read_file(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = xcalloc(1, 1 << 17);
	if (in) {
		size_t n = fread(text, 1, (1 << 17) - 1, in);
		text[n] = '\0';
		fclose(in);
	}
	return text;
}

static void first_difference(const char *got, const char *want)
{
	int line = 1;
	for (; *got && *got == *want; got++, want++)
		line += *got == '\n';
	while (line > 1 && got[-1] != '\n') {
		got--;
		want--;
	}
	diag("line %d: got      |%.*s", line, (int)strcspn(got, "\n"), got);
	diag("line %d: expected |%.*s", line, (int)strcspn(want, "\n"), want);
}

static void test_goldens(void)
{
	for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
		char path[200], *text = NULL;
		size_t size = 0;
		snprintf(path, sizeof path, "tests/golden/view-%s.txt", goldens[i].name);
		FILE *mem = open_memstream(&text, &size);
		draw_golden(&goldens[i], mem);
		fclose(mem);
		if (getenv("UPDATE")) {
			FILE *out = fopen(path, "w");
			ok(out && fputs(text, out) >= 0 && !fclose(out), "wrote %s", path);
		} else {
			char *want = read_file(path);
			if (!ok(!strcmp(text, want), "%s", path))
				first_difference(text, want);
			free(want);
		}
		free(text);
	}
}

/* ---- what must be said in words ------------------------------------------------------------------------------------- */

static bool says(struct recset *set, const char *variant, const struct view *view, const char *words)
{
	struct canvas *c = canvas_new(60, 160, false);
	struct view_input in = input_of(set);
	char *text = NULL;
	size_t size = 0;
	in.variant = variant;
	view->draw(c, canvas_all(c), &in);
	FILE *mem = open_memstream(&text, &size);
	canvas_save_text(c, mem);
	fclose(mem);
	bool found = strstr(text, words);
	if (!found)
		diag("no '%s' in:\n%s", words, text);
	free(text);
	canvas_free(c);
	return found;
}

static void test_words(void)
{
	struct recset *speedup = load("speedup"), *busy = load("busy"), *live = load_live("speedup"), *partial = load("partial"), *ladder = load("ladder");
	ok(says(speedup, NULL, &view_speedup, "serial share: predicted"), "the serial share stands below the chart");
	ok(says(speedup, NULL, &view_speedup, "you 1.6"), "the learner's guess is labelled");
	ok(says(speedup, NULL, &view_speedup, "kept 11 of"), "kept rounds are told");
	ok(says(speedup, NULL, &view_speedup, "oversubscribed"), "what is beyond the cores is told");
	ok(says(speedup, "racy", &view_speedup, "WRONG on purpose"), "a wrong result is told");
	ok(says(busy, NULL, &view_speedup, "no verdict"), "a busy machine is told");
	ok(says(live, NULL, &view_speedup, "measuring round 5 of 11 · kept 3 · others used 0.02 cores"), "progress is told");
	ok(says(partial, NULL, &view_speedup, "Stopped"), "a stopped run is told");
	ok(says(ladder, NULL, &view_speedup, "times as fast as openmp ×16"), "an accelerator is drawn against the processor's best");
	ok(says(ladder, NULL, &view_speedup, "cuda: NVIDIA H200, CUDA 13.0"), "the device is told");
	ok(says(ladder, NULL, &view_speedup, "opencl: the processor itself"), "a device that is the processor is told");
	ok(says(ladder, NULL, &view_speedup, "▒ copy out"), "the copies are told apart");
	ok(says(ladder, NULL, &view_speedup, "With the copies counted cuda-tree is"), "the fastest on the device is told in words");
	ok(says(speedup, NULL, &view_budget, "of the core-seconds went to"), "the largest loss is told");
	ok(says(speedup, NULL, &view_counters, "cores were busy"), "counters become sentences");
	ok(says(speedup, NULL, &view_counters, "no hardware counters"), "absent counters have a reason");
	ok(says(speedup, "nonsense", &view_speedup, "speedup of threads"), "an unknown variant falls back");
	recset_free(speedup);
	recset_free(busy);
	recset_free(live);
	recset_free(partial);
	recset_free(ladder);
}

/* ---- every size ----------------------------------------------------------------------------------------------------- */

static const char *const fixtures[] = {"speedup", "sweep", "busy", "partial", "sixteen", "ladder"};
enum { FIXTURES = 6 };

/* Draws into the middle of a larger canvas and sees whether the rest was left alone. */
static bool stays_inside(const struct view *view, const struct view_input *in, int rows, int cols, bool ascii)
{
	struct canvas *c = canvas_new(rows + 2, cols + 2, ascii);
	bool clean = true;
	canvas_fill(c, canvas_all(c), ROLE_LINK, "@");
	struct rect area = {1, 1, rows, cols};
	canvas_fill(c, area, ROLE_PLAIN, " ");
	view->draw(c, area, in);
	for (int x = 0; x < c->cols; x++)
		clean &= c->cells[x].text[0] == '@' && c->cells[(rows + 1) * c->cols + x].text[0] == '@';
	for (int y = 0; y < c->rows; y++)
		clean &= c->cells[y * c->cols].text[0] == '@' && c->cells[y * c->cols + cols + 1].text[0] == '@';
	if (view->scrolls) {
		struct scroll_range range = view->scrolls(in, rows, cols);
		clean &= range.least <= 0 && range.most >= 0;
	}
	canvas_free(c);
	return clean;
}

static void test_sizes(void)
{
	struct recset *sets[FIXTURES];
	struct view_input in[FIXTURES];
	for (int i = 0; i < FIXTURES; i++) {
		sets[i] = load(fixtures[i]);
		in[i] = input_of(sets[i]);
	}
	int bad = 0, drawn = 0;
	for (int rows = 1; rows <= 50; rows++)
		for (int cols = 1; cols <= 130; cols++)
			for (int v = 0; views[v]; v++)
				/* Small areas, where the edges are, with every run; larger ones with one run each, all in turn. */
				for (int i = 0; i < FIXTURES; i++) {
					if ((rows > 10 || cols > 24) && (rows + cols + v) % FIXTURES != i)
						continue;
					struct view_input with = in[i];
					with.zoom = cols % 5;
					with.scroll = rows % 7 - 1;
					with.sideways = rows % 5 * cols;
					drawn++;
					if (!stays_inside(views[v], &with, rows, cols, (rows ^ cols) & 1) && !bad++)
						diag("first: %s with %s at %dx%d", views[v]->name, fixtures[i], cols, rows);
				}
	ok(!bad, "%d drawings of all sizes from 1x1 to 130x50 stay inside their area", drawn);
	for (int i = 0; i < FIXTURES; i++)
		recset_free(sets[i]);
}

/* ---- data that no honest run would give ----------------------------------------------------------------------------- */

static uint64_t seed;

static unsigned draw_number(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static void spoil(double *x)
{
	static const double bad[] = {NAN, INFINITY, -INFINITY, 0, -1, 1e308, -1e308, 5e-324, 1e18, 0.5, 3};
	if (!draw_number(3))
		*x = bad[draw_number(sizeof bad / sizeof *bad)];
}

static void spoil_int(int *x)
{
	static const int bad[] = {0, -1, 1, 64, INT_MAX, INT_MIN, 1000000};
	if (!draw_number(4))
		*x = bad[draw_number(sizeof bad / sizeof *bad)];
}

static void spoil_estimate(struct estimate *e)
{
	spoil(&e->mid);
	spoil(&e->lo);
	spoil(&e->hi);
}

/* Only figures: the keys that look-ups go by stay as they are. */
static void spoil_run(struct rec_run *run)
{
	for (size_t i = 0; i < run->points.n; i++) {
		struct rec_point *p = &run->points.v[i];
		spoil_estimate(&p->seconds);
		spoil_estimate(&p->speedup);
		spoil_estimate(&p->capacity);
		spoil_estimate(&p->copy_in);
		spoil_estimate(&p->compute);
		spoil_estimate(&p->copy_out);
		spoil(&p->of_ceiling);
		spoil(&p->occupancy);
		spoil(&p->bandwidth_ceiling);
		spoil_int(&p->kept);
		p->oversubscribed = draw_number(2);
		p->busy = draw_number(2);
		p->right = draw_number(2);
	}
	for (size_t i = 0; i < run->fits.n; i++) {
		struct rec_fit *f = &run->fits.v[i];
		spoil_estimate(&f->serial);
		spoil_estimate(&f->a);
		spoil(&f->peak);
		spoil(&f->work_seconds);
		spoil(&f->span_seconds);
		f->identifiable = draw_number(2);
		for (int k = 0; k < f->curve_count; k++) {
			spoil(&f->curve[k].p);
			spoil_estimate(&f->curve[k].s);
		}
	}
	for (size_t i = 0; i < run->spans.n; i++) {
		struct rec_span *s = &run->spans.v[i];
		spoil(&s->begin);
		spoil(&s->end);
		spoil_int(&s->worker);
		spoil_int(&s->core);
		spoil_int(&s->workers);
	}
	for (size_t i = 0; i < run->budgets.n; i++) {
		static const int64_t bad[] = {0, -1, INT64_MAX, INT64_MIN, 1};
		struct rec_budget *b = &run->budgets.v[i];
		if (!draw_number(4))
			b->budget.total_ns = bad[draw_number(5)];
		for (int k = 0; k < PARTS; k++)
			if (!draw_number(4))
				b->budget.part_ns[k] = bad[draw_number(5)];
		spoil(&b->load_balance);
		spoil(&b->communication);
		spoil(&b->parallel);
		spoil(&b->computation_scaling);
		spoil_int(&b->runs);
	}
	for (size_t i = 0; i < run->counters.n; i++)
		for (int k = 0; k < COUNTERS; k++)
			spoil(&run->counters.v[i].value[k]);
	spoil_int(&run->usable);
	run->ended = draw_number(2);
	run->weak = draw_number(2);
}

static void test_hostile(void)
{
	int bad = 0, drawn = 0;
	for (int turn = 0; turn < 100; turn++) {
		struct recset *set = load(fixtures[turn % FIXTURES]);
		struct rec_run *run = recset_last(set);
		seed = (uint64_t)turn;
		if (run)
			spoil_run(run);
		for (int v = 0; views[v]; v++)
			for (int k = 0; k < 4; k++) {
				struct view_input in = input_of(set);
				in.workers = k == 3 ? INT_MAX : k;
				in.zoom = k == 3 ? INT_MAX : k;
				in.scroll = k == 3 ? INT_MAX : k == 2 ? INT_MIN : k;
				in.mark_last = k == 3 ? INT_MAX : k;
				spoil(&in.guess.speedup[0]);
				spoil(&in.guess.workers[0]);
				drawn++;
				if (!stays_inside(views[v], &in, (int)draw_number(45) + 1, (int)draw_number(120) + 1, k & 1) && !bad++)
					diag("first: %s in turn %d", views[v]->name, turn);
			}
		recset_free(set);
	}
	ok(!bad, "%d drawings of spoilt figures stay inside their area", drawn);
}

/* Names that are long, wide, empty or not even text; 64 workers; one point; none. */
static void test_odd_records(void)
{
	static const char *const lines[] = {
		"{\"lockstep\":1,\"t\":\"machine\",\"machine\":\"x\",\"line\":\"x\",\"cores\":64,\"usable\":64}",
		"{\"t\":\"run\",\"run\":\"r\",\"lesson\":null,\"kernel\":\"k\",\"title\":\"\",\"source\":\"\",\"command\":\"\",\"time\":\"\","
		"\"size\":1,\"size_unit\":\"\",\"args\":{},\"sweep\":null,\"seed\":1,\"weak\":false,\"pin\":\"none\",\"workers\":[1],\"usable\":64,"
		"\"variants\":[{\"name\":\"并行并行并行并行并行并行并行并行并行并行并行并行并行并行并行\\u202e\\u0007\",\"about\":\"\",\"kind\":\"threads\","
		"\"wrong\":null,\"blocks\":false,\"unavailable\":null}],\"baseline\":null,\"rounds\":11,\"budget_seconds\":1,\"flops\":null,"
		"\"bytes\":null}",
	};
	struct recset *set = recset_new();
	bool fine = true;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		recset_line(set, lines[i], strlen(lines[i]));
	struct rec_run *run = recset_last(set);
	ok(run && run->variant_count == 1, "a run without a point is read");
	for (int points = 0; run && points <= 64; points++) {
		char line[800];
		for (int v = 0; views[v]; v++)
			for (int k = 0; k < 3; k++) {
				struct view_input in = input_of(set);
				in.guess.workers[0] = k == 2 ? 1e6 : 64;
				fine &= stays_inside(views[v], &in, k == 1 ? 8 : 18, k == 1 ? 40 : 56, false);
			}
		snprintf(line, sizeof line,
			 "{\"t\":\"point\",\"run\":\"r\",\"variant\":\"%s\",\"workers\":%d,\"final\":true,\"tried\":1,\"kept\":1,\"seconds\":[1,null,null],"
			 "\"speedup\":[%g,null,null],\"self\":[1,null,null],\"efficiency\":1,\"capacity\":[%d,null,null],\"bandwidth_ceiling\":null,"
			 "\"oversubscribed\":false,\"busy\":false,\"karp_flatt\":null,\"flops_per_second\":null,\"bytes_per_second\":null,"
			 "\"right\":true,\"work\":1}",
			 run->variants[0].name, points + 1, points * 0.9 + 1, points + 1);
		recset_line(set, line, strlen(line));
	}
	ok(fine, "no point, one point, 64 points, a long wide name: all drawn");
	recset_free(set);
	struct view_input nothing = {.run = NULL};
	for (int v = 0; views[v]; v++)
		ok(stays_inside(views[v], &nothing, 18, 56, false), "%s without any data", views[v]->name);
}

int main(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		skip("all views", "no locale C.UTF-8 here");
		return tap_done();
	}
	test_goldens();
	if (getenv("UPDATE"))
		return tap_done();
	test_words();
	test_sizes();
	test_hostile();
	test_odd_records();
	return tap_done();
}
