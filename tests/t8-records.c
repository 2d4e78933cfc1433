/* Records from hostile hands: nothing crashes the reader, nothing bad is believed, what is bad is counted and named. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/bench/recset_private.h"
#include "kernels/bench/record.h"
#include "kernels/bench/text.h"
#include "kernels/bench/util.h"
#include "tests/tap.h"

#define MACHINE "{\"lockstep\":1,\"t\":\"machine\",\"machine\":\"m\",\"cores\":2,\"usable\":2}"
#define RUN "{\"t\":\"run\",\"run\":\"r\",\"kernel\":\"k\",\"sweep\":\"chunk\",\"variants\":[{\"name\":\"v\"},{\"name\":\"w\"}]}"

static bool feed(struct recset *set, const char *line) { return recset_line(set, line, strlen(line)); }

static struct recset *fresh(void)
{
	struct recset *set = recset_new();
	if (!feed(set, MACHINE) || !feed(set, RUN))
		bail_out("the machine and run lines of this test are not read");
	return set;
}

/* Everything that shows records must survive whatever was read. */
static size_t show(const struct recset *set)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	struct text_style style = {.utf8 = true, .colour = true, .width = 80};
	for (size_t i = 0; i < set->runs.n; i++) {
		text_run(out, set, &set->runs.v[i], &style);
		csv_run(out, set, &set->runs.v[i], true);
	}
	fclose(out);
	free(text);
	return n;
}

/* ---- lines that are wrong in one way each -------------------------------------------------------------------------- */

static void bad_lines(void)
{
#define P "{\"t\":\"point\",\"run\":\"r\",\"variant\":\"v\",\"right\":true,"
#define S "{\"t\":\"sample\",\"run\":\"r\",\"variant\":\"v\",\"workers\":1,\"kept\":true,\"right\":true,"
#define B "{\"t\":\"budget\",\"run\":\"r\",\"variant\":\"v\",\"workers\":2,"
#define F "{\"t\":\"fit\",\"run\":\"r\",\"variant\":\"v\",\"law\":\"amdahl\","
	static const struct {
		const char *what, *line, *why;
	} cases[] = {
		{"no JSON", "hello", "not JSON"},
		{"a torn line", "{\"t\":\"say\",\"te", "not JSON"},
		{"an array", "[1,2]", "not an object"},
		{"a number", "7", "not JSON"},
		{"no kind", "{\"run\":\"r\"}", "'t'"},
		{"a kind that is a number", "{\"t\":1}", "'t'"},
		{"a key twice", P "\"workers\":1,\"workers\":2}", "duplicate"},
		{"two objects", "{\"t\":\"say\",\"text\":\"a\"}{\"t\":\"say\",\"text\":\"b\"}", "not JSON"},
		{"an unknown run", "{\"t\":\"point\",\"run\":\"x\",\"variant\":\"v\",\"workers\":1,\"right\":true}", "'run'"},
		{"a run that is a number", "{\"t\":\"say\",\"run\":3,\"text\":\"a\"}", "'run'"},
		{"an unknown variant", "{\"t\":\"point\",\"run\":\"r\",\"variant\":\"x\",\"workers\":1,\"right\":true}", "'variant'"},
		{"the yardstick as a point", "{\"t\":\"point\",\"run\":\"r\",\"variant\":\"@spin\",\"workers\":1,\"right\":true}", "'variant'"},
		{"no workers", P "\"tried\":1}", "'workers' is missing"},
		{"0 workers", P "\"workers\":0}", "out of its range"},
		{"negative workers", P "\"workers\":-4}", "out of its range"},
		{"workers without end", P "\"workers\":99999999999}", "out of its range"},
		{"half a worker", P "\"workers\":1.5}", "whole number"},
		{"a number as text", P "\"workers\":\"2\"}", "whole number"},
		{"a number too large", P "\"workers\":99999999999999999999999999}", "not JSON"},
		{"a real too large", P "\"workers\":1,\"efficiency\":1e999}", "not JSON"},
		{"NaN", P "\"workers\":1,\"efficiency\":NaN}", "not JSON"},
		{"an estimate of two", P "\"workers\":1,\"seconds\":[1,2]}", "'seconds'"},
		{"an estimate of texts", P "\"workers\":1,\"seconds\":[\"1\",\"1\",\"1\"]}", "'seconds'"},
		{"an interval upside down", P "\"workers\":1,\"seconds\":[1,2,1]}", "interval"},
		{"an interval without a middle", P "\"workers\":1,\"seconds\":[null,1,2]}", "interval"},
		{"a negative time", P "\"workers\":1,\"seconds\":[-1,-1,-1]}", "'seconds'"},
		{"more kept than tried", P "\"workers\":1,\"tried\":2,\"kept\":3}", "kept"},
		{"right as text", "{\"t\":\"point\",\"run\":\"r\",\"variant\":\"v\",\"workers\":1,\"right\":\"yes\"}", "'right'"},
		{"right missing", "{\"t\":\"point\",\"run\":\"r\",\"variant\":\"v\",\"workers\":1}", "'right' is missing"},
		{"at another parameter", P "\"workers\":1,\"at\":{\"size\":3}}", "'at'"},
		{"at two parameters", P "\"workers\":1,\"at\":{\"chunk\":3,\"b\":1}}", "'at'"},
		{"at a number", P "\"workers\":1,\"at\":16}", "'at'"},
		{"a negative round", S "\"round\":-1,\"seconds\":1}", "'round'"},
		{"a negative sample", S "\"round\":1,\"seconds\":-1}", "'seconds'"},
		{"parts that do not sum", B "\"total_ns\":10,\"parts_ns\":{\"waiting\":9}}", "sum"},
		{"parts that overflow", B "\"total_ns\":10,\"parts_ns\":{\"waiting\":9223372036854775807,\"join\":9223372036854775807}}", "sum"},
		{"parts of nothing", B "\"total_ns\":0,\"parts_ns\":{}}", "sum"},
		{"parts in a list", B "\"total_ns\":10,\"parts_ns\":[10]}", "'parts_ns'"},
		{"a real part", B "\"total_ns\":10,\"parts_ns\":{\"waiting\":10.0}}", "whole number"},
		{"a curve of no points", F "\"curve\":[1,2,3]}", "'curve'"},
		{"a curve point without workers", F "\"curve\":[[null,1,1,1]]}", "'curve'"},
		{"a curve that is an object", F "\"curve\":{}}", "'curve'"},
		{"a fit without a law", "{\"t\":\"fit\",\"run\":\"r\",\"variant\":\"v\"}", "'law'"},
		{"a span backwards", "{\"t\":\"span\",\"run\":\"r\",\"variant\":\"v\",\"workers\":1,\"worker\":0,\"kind\":\"run\",\"begin_seconds\":2,"
				     "\"end_seconds\":1}", "span"},
		{"counters without values", "{\"t\":\"counters\",\"run\":\"r\",\"variant\":\"v\",\"workers\":1,\"worker\":0}", "'values'"},
		{"a verdict with too many wrong", "{\"t\":\"verdict\",\"run\":\"r\",\"variant\":\"v\",\"right\":false,\"tried\":1,\"wrong_runs\":2}",
		 "wrong"},
		{"a sentence that is a list", "{\"t\":\"say\",\"text\":[]}", "'text'"},
		{"a run without a kernel", "{\"t\":\"run\",\"run\":\"q\",\"variants\":[]}", "'kernel'"},
		{"a variant twice", "{\"t\":\"run\",\"run\":\"q\",\"kernel\":\"k\",\"variants\":[{\"name\":\"a\"},{\"name\":\"a\"}]}", "same name"},
		{"a run of bad workers", "{\"t\":\"run\",\"run\":\"q\",\"kernel\":\"k\",\"variants\":[],\"workers\":[1,-2]}", "'workers'"},
		{"arguments that are texts", "{\"t\":\"run\",\"run\":\"q\",\"kernel\":\"k\",\"variants\":[],\"args\":{\"a\":\"b\"}}", "'args'"},
		{"a machine without its name", "{\"lockstep\":1,\"t\":\"machine\"}", "'machine'"},
		{"a NUL", "{\"t\":\"say\",\"text\":\"a\\u0000b\"}", "not JSON"},
		{"bytes that are not UTF-8", "{\"t\":\"say\",\"text\":\"\xff\xfe\"}", "not JSON"},
		{"half a surrogate", "{\"t\":\"say\",\"text\":\"\\ud800\"}", "not JSON"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct recset *set = fresh();
		bool read = feed(set, cases[i].line);
		if (!ok(!read && set->skipped == 1 && set->complaint && strstr(set->complaint, "line 3") &&
			strstr(set->complaint, cases[i].why), "%s is skipped, counted and named", cases[i].what))
			diag("complaint: %s", set->complaint ? set->complaint : "none");
		ok(set->runs.n == 1 && !set->runs.v[0].points.n && !set->runs.v[0].samples.n && !set->says.n, "… and leaves no trace");
		recset_free(set);
	}
}

/* ---- large and deep ------------------------------------------------------------------------------------------------ */

static char *repeat(const char *head, const char *piece, size_t times, const char *tail)
{
	size_t n = strlen(piece);
	char *text = xmalloc(strlen(head) + n * times + strlen(tail) + 1), *to = text + strlen(head);
	memcpy(text, head, strlen(head));
	for (size_t i = 0; i < times; i++, to += n)
		memcpy(to, piece, n);
	memcpy(to, tail, strlen(tail) + 1);
	return text;
}

static void large(void)
{
	static const struct {
		const char *what, *head, *piece, *tail;
		size_t times;
	} cases[] = {
		{"a line beyond 1 MiB", "{\"t\":\"say\",\"text\":\"", "aaaaaaaaaaaaaaaa", "\"}", 70000},
		{"deep lists", "{\"t\":\"say\",\"text\":", "[", "", 500000},
		{"deep objects", "{\"t\":\"say\",\"text\":", "{\"a\":", "", 100000},
		{"a huge list of workers", "{\"t\":\"run\",\"run\":\"q\",\"kernel\":\"k\",\"variants\":[],\"workers\":[1", ",1", "]}", 100000},
		{"a huge list of variants", "{\"t\":\"run\",\"run\":\"q\",\"kernel\":\"k\",\"variants\":[{\"name\":\"a\"}", ",{}", "]}", 100000},
		{"a huge curve", "{\"t\":\"fit\",\"run\":\"r\",\"variant\":\"v\",\"law\":\"a\",\"curve\":[[1,1,1,1]", ",[1,1,1,1]", "]}", 80000},
		{"a name without end", "{\"t\":\"fit\",\"run\":\"r\",\"variant\":\"v\",\"law\":\"", "aaaaaaaa", "\"}", 50000},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct recset *set = fresh();
		char *line = repeat(cases[i].head, cases[i].piece, cases[i].times, cases[i].tail);
		ok(!feed(set, line) && set->skipped == 1, "%s is skipped", cases[i].what);
		recset_feed(set, line, strlen(line));
		recset_feed(set, "\n" MACHINE "\n", strlen(MACHINE) + 2);
		ok(set->skipped == 2 && set->machines.n == 2, "… and the line after it is read");
		ok(strlen(set->complaint) < 400, "… and the complaint is short");
		show(set);
		recset_free(set);
		free(line);
	}

	struct recset *set = fresh();
	char *block = repeat("", "0123456789abcdef", 65536, "");
	for (int i = 0; i < 16; i++)
		recset_feed(set, block, 1 << 20);
	ok(set->state->rest_room <= 4 << 20, "a line that never ends is not gathered (%zu bytes held)", set->state->rest_room);
	recset_feed_end(set);
	ok(set->skipped == 1 && set->lines == 3, "… and counts as one");
	free(block);
	recset_free(set);

	set = fresh();
	char *line = repeat("{\"t\":\"say\",\"text\":\"", "\\u001b[31m", 50000, "\"}");
	ok(feed(set, line) && strlen(set->says.v[0].text) < 5000 && !strchr(set->says.v[0].text, '\033'),
	   "a long text is cut, and its escapes are shown, not obeyed");
	free(line);
	recset_free(set);

	/* machine lines are kept whole: together they are bounded, and deep parts dropped */
	set = recset_new();
	line = repeat("{\"lockstep\":1,\"t\":\"machine\",\"machine\":\"m\",\"y\":[[[[[[[[[[[[1]]]]]]]]]]]],\"x\":\"", "aaaaaaaaaaaaaaaa", 60000,
		      "\"}");
	size_t before = 0;
	for (int i = 0; i < 60; i++)
		before += feed(set, line);
	ok(before > 5 && before < 60 && set->skipped && strstr(set->complaint, "MiB"), "what is kept is bounded (%zu of 60 large lines)", before);
	recset_free(set);
	free(line);

	set = recset_new();
	feed(set, "{\"lockstep\":1,\"t\":\"machine\",\"machine\":\"m\",\"y\":[[[[[[[[[[[[1]]]]]]]]]]]],\"k\\n\":\"a\\u001b[2J\"}");
	int depth = 0;
	for (json_t *o = json_object_get(set->machines.v[0].all, "y"); json_is_array(o); o = json_array_get(o, 0))
		depth++;
	ok(depth > 0 && depth < 10, "of the machine line nothing deeper than any record of ours is kept (%d)", depth);
	is(json_string_value(json_object_get(set->machines.v[0].all, "k\\x0a")), "a\\x1b[2J", "… and its strings and keys are printable");
	recset_free(set);
}

static void many(void)
{
	enum { N = 100000 };
	struct recset *set = fresh();
	char line[300];
	for (int i = 0; i < N; i++) {
		snprintf(line, sizeof line, "{\"t\":\"sample\",\"run\":\"r\",\"round\":%d,\"variant\":\"v\",\"workers\":2,\"seconds\":1,\"kept\":true,"
			 "\"right\":true}", i);
		feed(set, line);
		if (i % 4)
			continue;
		snprintf(line, sizeof line, "{\"t\":\"point\",\"run\":\"r\",\"variant\":\"v\",\"workers\":%d,\"at\":{\"chunk\":%d},\"right\":true}",
			 1 + i / 4 % 64, i / 256 % 200);
		feed(set, line);
	}
	const struct rec_run *r = &set->runs.v[0];
	ok(r->samples.n == N && !set->skipped, "%d samples", N);
	ok(r->points.n == 12800, "%zu points, each configuration once", r->points.n);
	int found = 0;
	for (int i = 0; i < N; i++)
		found += recset_point(r, "v", 1 + i % 64, i / 64 % 200) != NULL;
	ok(found == N, "… and all are found");
	recset_free(set);
}

/* ---- other formats -------------------------------------------------------------------------------------------------- */

static void other_format(void)
{
	static const char *const versions[] = {"2", "0", "\"1\"", "1.5", "-1", "[]", "null"};
	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		char line[100];
		struct recset *set = fresh();
		feed(set, "nonsense");
		snprintf(line, sizeof line, "{\"lockstep\":%s,\"t\":\"machine\",\"machine\":\"m\"}", versions[i]);
		ok(!feed(set, line) && !feed(set, MACHINE) && set->machines.n == 1, "format %s: it and all after it are refused", versions[i]);
		ok(strstr(set->complaint, "format") && strstr(set->complaint, "line 4") && !strchr(set->complaint, '\n'), "one sentence: %s",
		   set->complaint);
		recset_feed_end(set);
		ok(feed(set, MACHINE), "… but not the next file");
		recset_free(set);
	}
}

/* ---- mutations of what is right ------------------------------------------------------------------------------------ */

static uint64_t seed = 20250611;

static uint32_t dice(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 20) % below;
}

static void mutate(char *line, size_t *length, size_t room)
{
	static const char *const words[] = {"null", "-1", "1e308", "\"\"", "[]", "{}", "99999999999", "0.5", "true", "-0", "\\u0000", "\xff",
					    "9223372036854775807", "[null,null,null]", "{\"chunk\":1e300}", "\"t\":\"run\"", "\033[2J"};
	for (uint32_t times = 1 + dice(4); times; times--) {
		size_t at = *length ? dice((uint32_t)*length) : 0;
		switch (dice(6)) {
		case 0: /* another byte */
			if (*length)
				line[at] = (char)dice(256);
			break;
		case 1: /* a piece lost */
			if (*length) {
				size_t n = 1 + dice(20);
				n = n > *length - at ? *length - at : n;
				memmove(line + at, line + at + n, *length - at - n);
				*length -= n;
			}
			break;
		case 2: /* torn */
			*length = at;
			break;
		case 3: { /* a value replaced by another kind of value */
			char *colon = memchr(line + at, ':', *length - at);
			const char *word = words[dice(sizeof words / sizeof words[0])];
			size_t n = strlen(word);
			if (!colon || *length + n >= room)
				break;
			size_t from = (size_t)(colon + 1 - line), to = from;
			while (to < *length && line[to] != ',' && line[to] != '}' && line[to] != ']')
				to++;
			memmove(line + from + n, line + to, *length - to);
			memcpy(line + from, word, n);
			*length += n - (to - from);
			break;
		}
		case 4: /* a digit changed: other rows, other configurations */
			for (size_t i = at; i < *length; i++)
				if (line[i] >= '0' && line[i] <= '9') {
					line[i] = (char)('0' + dice(10));
					break;
				}
			break;
		default: /* a piece doubled */
			if (*length && *length + 40 < room) {
				size_t n = 1 + dice(39);
				n = n > *length - at ? *length - at : n;
				memmove(line + at + n, line + at, *length - at);
				*length += n;
			}
		}
	}
}

static bool sane(const struct recset *set)
{
	for (size_t k = 0; k < set->runs.n; k++) {
		const struct rec_run *r = &set->runs.v[k];
		for (size_t i = 0; i < r->points.n; i++) {
			const struct rec_point *p = &r->points.v[i];
			if (p->workers < 1 || p->seconds.mid < 0 || p->seconds.lo > p->seconds.hi || recset_point(r, p->variant, p->workers, p->at) != p)
				return false;
		}
		for (size_t i = 0; i < r->budgets.n; i++) {
			int64_t sum = 0;
			for (int j = 0; j < PARTS; j++)
				sum += r->budgets.v[i].budget.part_ns[j];
			if (sum != r->budgets.v[i].budget.total_ns)
				return false;
		}
		for (size_t i = 0; i < r->spans.n; i++)
			if (!(r->spans.v[i].begin <= r->spans.v[i].end))
				return false;
	}
	return set->lines >= set->skipped && !set->skipped == !set->complaint;
}

static void fuzz(const char *name, int rounds)
{
	enum { ROOM = 16384 };
	char file[128], *line = NULL, *copy = xmalloc(ROOM);
	size_t room = 0, mutations = 0, skipped = 0, shown = 0;
	bool good = true;

	snprintf(file, sizeof file, "tests/fixtures/%s.ndjson", name);
	for (int i = 0; i < rounds && good; i++) {
		struct recset *set = recset_new();
		FILE *f = fopen(file, "re");
		ssize_t n;
		if (!f)
			bail_out("tests/fixtures is not here: run from the root of the repository");
		while ((n = getline(&line, &room, f)) > 0) {
			size_t length = (size_t)n < ROOM ? (size_t)n : ROOM;
			memcpy(copy, line, length);
			length -= copy[length - 1] == '\n';
			/* the first lines rarely: without a machine and a run nothing else is looked at */
			if (dice(set->lines < 5 ? 20 : 3) == 0) {
				mutate(copy, &length, ROOM);
				mutations++;
			}
			/* an exact block, so that a sanitizer sees a read beyond its end */
			char *exact = xmalloc(length + !length);
			memcpy(exact, copy, length);
			recset_line(set, exact, length);
			free(exact);
		}
		fclose(f);
		good = sane(set);
		shown += show(set);
		skipped += set->skipped;
		recset_free(set);
	}
	ok(good && mutations > 0 && skipped > 0 && shown > 0, "%s: %zu mutated lines, %zu skipped, nothing insane believed", name, mutations,
	   skipped);
	free(line);
	free(copy);
}

/* Every place where a file can end. */
static void torn_everywhere(void)
{
	char text[8192];
	FILE *f = fopen("tests/fixtures/partial.ndjson", "re");
	size_t n = f ? fread(text, 1, sizeof text, f) : 0;
	int bad = 0;
	if (!f || n < 1000)
		bail_out("tests/fixtures is not here: run from the root of the repository");
	fclose(f);
	for (size_t end = 0; end <= n; end += 5) {
		struct recset *set = recset_new();
		recset_feed(set, text, end);
		recset_feed_end(set);
		bad += set->skipped > 1;
		recset_free(set);
	}
	ok(!bad, "a file torn at any of %zu places loses at most one line", n / 5);
}

/* ---- the writer ----------------------------------------------------------------------------------------------------- */

static json_t *sentence(const char *text) { return json_pack("{s:s, s:s}", "t", "say", "text", text); }

/* Runs f in a child and gives back what it wrote to stderr. */
static char *stderr_of(void (*f)(void), int *status)
{
	int fds[2];
	static char text[2000];
	size_t used = 0;
	ssize_t n;
	fflush(stdout);
	if (pipe(fds))
		bail_out("no pipe");
	pid_t child = fork();
	if (child == 0) {
		dup2(fds[1], STDERR_FILENO);
		f();
		_exit(99);
	}
	close(fds[1]);
	while (used < sizeof text - 1 && (n = read(fds[0], text + used, sizeof text - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	close(fds[0]);
	waitpid(child, status, 0);
	return text;
}

static void to_full_disk(void)
{
	struct record_sink sink = {.file_fd = -1, .live_fd = -1};
	if (!record_open(&sink, "/dev/full"))
		_exit(1);
	for (int i = 0; i < 5; i++)
		record_write(&sink, sentence("hello"), false);
	bool good = sink.failed && sink.failed_errno == ENOSPC && !record_close(&sink);
	_exit(good ? 0 : 2);
}

static char limited[] = "/tmp/lockstep-limited-XXXXXX";

/* A file that may grow to 1000 bytes only: the line that does not fit is taken back. */
static void to_limited_file(void)
{
	struct record_sink sink = {.file_fd = -1, .live_fd = -1};
	struct rlimit limit = {1000, 1000};
	signal(SIGXFSZ, SIG_IGN);
	if (!record_open(&sink, limited) || setrlimit(RLIMIT_FSIZE, &limit))
		_exit(1);
	for (int i = 0; i < 50; i++)
		record_write(&sink, sentence("a line that takes some bytes of the file"), false);
	bool good = sink.failed && sink.failed_errno == EFBIG && !record_close(&sink);
	_exit(good ? 0 : 2);
}

static void full(void)
{
	int status = -1;
	if (access("/dev/full", W_OK)) {
		skip("a full disk", "no /dev/full here");
	} else {
		is(stderr_of(to_full_disk, &status), "lockstep: /dev/full: No space left on device\n", "a full disk is said once");
		ok(status == 0, "… and remembered with its errno (%d)", status);
	}
	int fd = mkstemp(limited);
	if (fd < 0)
		bail_out("no temporary file");
	char *text = stderr_of(to_limited_file, &status);
	ok(status == 0 && strstr(text, "File too large") && strchr(text, '\n') == text + strlen(text) - 1, "a file at its limit: %.*s",
	   (int)strcspn(text, "\n"), text);
	struct recset *set = recset_new();
	bool read = recset_file(set, limited);
	ok(read && set->lines > 5 && !set->skipped && lseek(fd, 0, SEEK_END) < 1000, "no torn line remains (%zu whole)", set->lines);
	recset_free(set);
	close(fd);
	unlink(limited);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	setlocale(LC_CTYPE, "C.UTF-8");
	bad_lines();
	large();
	many();
	other_format();
	fuzz("speedup", 12);
	fuzz("sweep", 8);
	fuzz("busy", 8);
	fuzz("partial", 100);
	fuzz("sixteen", 6);
	torn_everywhere();
	full();
	return tap_done();
}
