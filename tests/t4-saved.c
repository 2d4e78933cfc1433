/* Saved runs: found in a stream with bounded memory, read one by one, whatever the files hold; and laid over the Speedup view. */
#include <errno.h>
#include <locale.h>
#include <sys/resource.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "tests/views_input.h"
#include "tui/saved.h"

static char dir[] = "/tmp/lockstep-saved-XXXXXX";

static char *in_dir(const char *name)
{
	static char path[100];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static long kilobytes(void)
{
	struct rusage usage;
	return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : 0;
}

static void test_found(void)
{
	struct saved_list list = {0};
	char why[300];
	ok(saved_scan(&list, "tests/fixtures/sixteen.ndjson", why, sizeof(why)) && list.n == 1 && !*why, "one run is found");
	ok(list.n == 1 && !strcmp(list.v[0].kernel, "stream") && !strcmp(list.v[0].host, "bigbox") && list.v[0].best > 5 &&
	   list.v[0].best_workers > 2, "with its kernel, host and best speedup");
	ok(saved_scan(&list, "tests/fixtures/sixteen.ndjson", why, sizeof(why)) && list.n == 1, "and not twice");
	saved_scan(&list, "tests/fixtures/speedup.ndjson", why, sizeof(why));
	saved_scan(&list, "tests/fixtures/busy.ndjson", why, sizeof(why));
	saved_scan(&list, "tests/fixtures/partial.ndjson", why, sizeof(why));
	saved_scan(&list, "tests/fixtures/sweep.ndjson", why, sizeof(why));
	int runs = list.n;
	saved_sort(&list, "amdahl");
	bool first = true;
	for (int i = 0; i < list.n; i++) {
		first = first && (i == 0 || strcmp(list.v[i].kernel, "amdahl") != 0 || !strcmp(list.v[i - 1].kernel, "amdahl"));
		first = first && (i == 0 || strcmp(list.v[i].kernel, list.v[i - 1].kernel) != 0 || strcmp(list.v[i].time, list.v[i - 1].time) <= 0);
	}
	ok(runs >= 4 && first && !strcmp(list.v[0].kernel, "amdahl"), "%d runs: those of the kernel first, then the newest", runs);
	for (int i = 0; i < list.n; i++) {
		struct recset *set = saved_load(&list.v[i], why, sizeof(why));
		struct rec_run *run = set ? recset_last(set) : NULL;
		ok(run && !strcmp(run->id, list.v[i].id) && run->machine >= 0 && run->points.n > 0 && run->fits.n + run->samples.n > 0,
		   "%s is read whole", list.v[i].id);
		recset_free(set);
	}
	saved_free(&list);

	struct saved_run gone = {.path = "tests/fixtures/busy.ndjson", .machine_at = 0, .begin = 10, .end = 90000, .id = "nobody"};
	ok(!saved_load(&gone, why, sizeof(why)) && strstr(why, "has changed"), "a run that is gone: a sentence");
	gone.path = "tests/fixtures/no such file";
	ok(!saved_load(&gone, why, sizeof(why)) && strstr(why, "No such file"), "a file that is gone too");
	ok(!saved_scan(&list, "tests", why, sizeof(why)) && strstr(why, "not a file"), "a folder is no file");
	ok(!saved_scan(&list, "/dev/null", why, sizeof(why)) && strstr(why, "not a file"), "nor is a device");
}

/* Copies a fixture with its run's id numbered. */
static void numbered(FILE *out, const char *text, const char *id, long number)
{
	size_t n = strlen(id);
	for (const char *hit; (hit = strstr(text, id)) != NULL; text = hit + n) {
		fwrite(text, 1, (size_t)(hit - text), out);
		fprintf(out, "%.*s%06ld", (int)(n > 6 ? n - 6 : n), id, number);
	}
	fputs(text, out);
}

static char *whole(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = xcalloc(1, 1 << 18);
	if (!in || fread(text, 1, (1 << 18) - 1, in) == 0)
		diag("%s: %s", path, strerror(errno));
	if (in)
		fclose(in);
	return text;
}

/* The fixture with a line of garbage, longer than any record, behind its run line, and without its last newline. */
static void test_torn(void)
{
	char *text = whole("tests/fixtures/busy.ndjson"), why[300], *run = strstr(text, "\"t\":\"run\"");
	FILE *out = fopen(in_dir("torn"), "w");
	if (!out || !run)
		bail_out("no fixture to tear");
	size_t head = (size_t)(strchr(run, '\n') + 1 - text), length = strlen(text);
	fwrite(text, 1, head, out);
	for (int i = 0; i < RECSET_LINE_MAX + 100; i++)
		fputc('x', out);
	fprintf(out, "\n%.*s", (int)(length - head - 1), text + head);
	fclose(out);
	struct saved_list list = {0}, torn = {0};
	saved_scan(&list, "tests/fixtures/busy.ndjson", why, sizeof(why));
	saved_scan(&torn, in_dir("torn"), why, sizeof(why));
	struct recset *set = list.n ? saved_load(&list.v[0], why, sizeof(why)) : NULL, *part = torn.n ? saved_load(&torn.v[0], why, sizeof(why)) : NULL;
	ok(set && part && recset_last(part)->points.n == recset_last(set)->points.n && recset_last(part)->ended == recset_last(set)->ended,
	   "what stands behind an endless line, and in a last line that is torn off, is read too");
	recset_free(set);
	recset_free(part);
	saved_free(&list);
	saved_free(&torn);
	free(text);
	unlink(in_dir("torn"));
}

static void test_huge(void)
{
	char *text = whole("tests/fixtures/speedup.ndjson"), why[300];
	FILE *out = fopen(in_dir("huge"), "w");
	long written = 0;
	while (out && ftell(out) < 50L << 20)
		numbered(out, text, "amdahl-20250611T090512Z-4711", written++);
	bool good = out && fclose(out) == 0;
	struct saved_list list = {0};
	long before = kilobytes();
	good = good && saved_scan(&list, in_dir("huge"), why, sizeof(why)) && !*why;
	long grown = kilobytes() - before;
	ok(good && list.found == written, "50 MiB with %ld runs: all are found", written);
	saved_sort(&list, "amdahl");
	ok(list.n == SAVED_MAX, "the newest %d stay", list.n);
	char last[40];
	snprintf(last, sizeof(last), "%06ld", written - 1);
	bool newest = false;
	for (int i = 0; i < list.n; i++)
		newest = newest || strstr(list.v[i].id, last);
	ok(newest, "the last one of the file among them");
	struct recset *set = list.n ? saved_load(&list.v[list.n - 1], why, sizeof(why)) : NULL;
	ok(set && set->runs.n == 1, "one is read alone");
	recset_free(set);
	saved_free(&list);
#if defined(SANITIZED)
	skip("memory", "a sanitizer needs its own");
	(void)grown;
#else
	ok(grown < 16 << 10, "memory grew by %ld KiB", grown);
#endif
	/* Of a file beyond the limit the newest end is read. */
	out = fopen(in_dir("huge"), "a");
	while (out && ftell(out) < SAVED_FILE_MAX + (1 << 20))
		numbered(out, text, "amdahl-20250611T090512Z-4711", written++);
	good = out && fclose(out) == 0 && saved_scan(&list, in_dir("huge"), why, sizeof(why));
	ok(good && strstr(why, "newest 64 MiB") && list.found < written && list.found > written * 9 / 10, "a larger one: its newest end");
	saved_free(&list);
	unlink(in_dir("huge"));
	free(text);
}

/* Pieces of records, cut, doubled and spoilt at random. */
static void test_hostile(void)
{
	char *text = whole("tests/fixtures/speedup.ndjson"), why[300];
	size_t length = strlen(text);
	unsigned state = 1;
	int bad = 0;
	for (int turn = 0; turn < 60; turn++) {
		struct saved_list list = {0};
		FILE *out = fopen(in_dir("spoilt"), "w");
		for (int piece = 0; out && piece < 6; piece++) {
			state = state * 1103515245u + 12345u;
			size_t from = (state >> 8) % length, n = (state >> 4) % 30000;
			fwrite(text + from, 1, from + n < length ? n : length - from, out);
			if (state & 64)
				fputs(state & 128 ? "\n{\"t\":\"run\",\"run\":\"x\",\"kernel\":\"\\u0007\\u001b[2J\"}\n" : "\n\xff\xfe{]\n", out);
			if (state & 256)
				fwrite(text, 1, 9000, out);
		}
		if (out)
			fclose(out);
		saved_scan(&list, in_dir("spoilt"), why, sizeof(why));
		bad += strchr(why, '\n') != NULL;
		saved_sort(&list, "amdahl");
		for (int i = 0; i < list.n; i++)
			recset_free(saved_load(&list.v[i], why, sizeof(why)));
		for (int i = 0; i < list.n; i++)
			bad += strpbrk(list.v[i].kernel, "\a\033") != NULL;
		saved_free(&list);
	}
	ok(!bad, "60 spoilt files harm nothing");
	FILE *out = fopen(in_dir("spoilt"), "w");
	for (int i = 0; out && i < 3 << 20; i++)
		fputc('x', out);
	if (out)
		fclose(out);
	struct saved_list list = {0};
	ok(saved_scan(&list, in_dir("spoilt"), why, sizeof(why)) && !list.n && strstr(why, "no runs in it"), "a line without an end");
	saved_free(&list);
	unlink(in_dir("spoilt"));
	free(text);
}

/* ---- overlays in the Speedup view ------------------------------------------------------------------------------------------ */

static void draw_overlays(FILE *out)
{
	static const struct {
		int rows, cols;
		bool ascii;
	} sizes[] = {{18, 56, false}, {20, 38, false}, {8, 40, false}, {40, 100, false}, {18, 56, true}};
	struct recset *set = load("speedup"), *sixteen = load("sixteen"), *busy = load("busy"), *sweep = load("sweep");
	/* The same sweep, a third slower. */
	struct recset *slower = load("sweep");
	for (size_t i = 0; i < recset_last(slower)->points.n; i++)
		recset_last(slower)->points.v[i].seconds.mid *= 4.0 / 3;
	for (int kind = 0; kind < 5; kind++) {
		static const char *const names[] = {"before", "another machine", "three", "no run of its own", "a sweep over a sweep"};
		struct view_input in = input_of(kind == 4 ? sweep : set);
		struct view_overlay before = {recset_last(busy), busy, "before"}, other = {recset_last(sixteen), sixteen, "bigbox"},
				    swept = {recset_last(sweep), sweep, "a sweep"};
		in.guess.count = 0;
		if (kind == 4)
			in.overlays[in.overlay_count++] = (struct view_overlay){recset_last(slower), slower, "slower"};
		if (kind != 1 && kind != 3)
			in.overlays[in.overlay_count++] = before;
		if (kind != 0)
			in.overlays[in.overlay_count++] = other;
		if (kind == 2)
			in.overlays[in.overlay_count++] = swept;
		if (kind == 3) {
			in.run = NULL;
			in.set = NULL;
		}
		for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			struct canvas *c = canvas_new(sizes[i].rows, sizes[i].cols, sizes[i].ascii);
			fprintf(out, "== %s %dx%d%s\n", names[kind], sizes[i].cols, sizes[i].rows, sizes[i].ascii ? " ASCII" : "");
			view_speedup.draw(c, canvas_all(c), &in);
			canvas_save_text(c, out);
			canvas_free(c);
		}
		/* Every size, and an empty overlay among them. */
		in.overlays[in.overlay_count++] = (struct view_overlay){NULL, NULL, NULL};
		for (int rows = 1; rows < 30; rows += 3)
			for (int cols = 1; cols < 120; cols += 7) {
				struct canvas *c = canvas_new(rows, cols, rows & 1);
				view_speedup.draw(c, canvas_all(c), &in);
				canvas_free(c);
			}
	}
	recset_free(set);
	recset_free(sixteen);
	recset_free(busy);
	recset_free(sweep);
	recset_free(slower);
}

static void test_overlays(void)
{
	char *text = NULL, *want;
	size_t size = 0;
	const char *path = "tests/golden/view-speedup-overlays.txt";
	FILE *mem = open_memstream(&text, &size);
	draw_overlays(mem);
	fclose(mem);
	if (getenv("UPDATE")) {
		FILE *out = fopen(path, "w");
		ok(out && fputs(text, out) >= 0 && !fclose(out), "wrote %s", path);
	} else {
		want = whole(path);
		size_t at = 0;
		while (text[at] && text[at] == want[at])
			at++;
		if (!ok(!strcmp(text, want), "%s", path))
			diag("differs at byte %zu: %.60s", at, text + at);
		free(want);
	}
	free(text);
}

static void test_options(void)
{
	static const struct {
		const char *command, *options;
	} cases[] = {
		{"amdahl --serial 0.1 --threads 1,2", "--serial 0.1 --threads 1,2"}, {"amdahl --status-fd 3 --serial 0.1", "--serial 0.1"},
		{"amdahl --serial 0.1 --status-fd 3", "--serial 0.1"}, {"amdahl --status-fd=3", ""}, {"amdahl", ""}, {"", ""},
		{"lockstep bench stream -t 1-16", "-t 1-16"}, {"amdahl --status-fd", ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *got = saved_options(cases[i].command);
		ok(!strcmp(got, cases[i].options), "options of \"%s\": \"%s\"", cases[i].command, got);
		free(got);
	}
	char text[160];
	json_t *here = json_pack("{s:f, s:i}", "serial", 0.1, "size", 40), *other = json_pack("{s:f, s:i, s:i}", "serial", 0.2, "size", 40, "items", 3);
	ok(!strcmp(saved_differs(here, other, text, sizeof(text)), "serial 0.2, items 3"), "what differs: %s", text);
	ok(!*saved_differs(here, here, text, sizeof(text)) && !*saved_differs(NULL, other, text, sizeof(text)), "nothing differs, nothing is known");
	saved_differs(here, other, text, 8);
	ok(strlen(text) < 8, "cut to its room: %s", text);
	json_decref(here);
	json_decref(other);
}

int main(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		skip("saved runs", "no locale C.UTF-8 here");
		return tap_done();
	}
	if (!mkdtemp(dir))
		bail_out("no folder for files");
	test_found();
	test_torn();
	test_huge();
	test_hostile();
	test_overlays();
	test_options();
	rmdir(dir);
	return tap_done();
}
