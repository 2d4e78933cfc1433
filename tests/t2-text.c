/* Plain text and CSV of recorded runs: key lines of every sample record, one page whole.
 * After a wanted change of the page, look at it and make the golden copy anew:  build/tests/t2-text --golden
 */
#include <ctype.h>
#include <locale.h>
#include <wchar.h>
#include "kernels/bench/text.h"
#include "kernels/bench/util.h"
#include "tests/tap.h"

#define GOLDEN "tests/golden/text-speedup.txt"

static const struct text_style utf8 = {.utf8 = true, .width = 80};

/* Not inlined: gcc 12 takes what open_memstream leaves in text for a pointer to text. */
__attribute__((noinline)) static char *page(const char *name, const struct text_style *style, bool csv)
{
	char file[128], *text = NULL;
	size_t n = 0;
	snprintf(file, sizeof file, "tests/fixtures/%s.ndjson", name);
	struct recset *set = recset_new();
	if (!recset_file(set, file))
		bail_out("tests/fixtures is not here: run from the root of the repository");
	FILE *out = open_memstream(&text, &n);
	for (size_t i = 0; i < set->runs.n; i++) {
		if (csv)
			csv_run(out, set, &set->runs.v[i], i == 0);
		else
			text_run(out, set, &set->runs.v[i], style);
	}
	fclose(out);
	recset_free(set);
	return text;
}

static void has(const char *text, const char *what)
{
	char title[200];
	snprintf(title, sizeof title, "%s", what);
	for (char *s = title; (s = strpbrk(s, "\n\033"));)
		*s = ' ';
	if (!ok(text && strstr(text, what), "says: %s", title))
		diag("in:\n%s", text);
}

static void has_not(const char *text, const char *what) { ok(text && !strstr(text, what), "does not say: %s", what); }

static int widest(const char *text)
{
	int most = 0;
	while (*text) {
		wchar_t wide[1000];
		char line[4000];
		size_t n = strcspn(text, "\n");
		snprintf(line, sizeof line, "%.*s", (int)n, text);
		size_t count = mbstowcs(wide, line, 1000);
		int columns = count == (size_t)-1 ? 9999 : wcswidth(wide, count);
		most = columns > most ? columns : most;
		text += n + (text[n] == '\n');
	}
	return most;
}

static int trailing(const char *text)
{
	int n = 0;
	for (; *text; text++)
		n += text[0] == ' ' && text[1] == '\n';
	return n;
}

static void golden(bool renew)
{
	char *text = page("speedup", &utf8, false), want[16384] = "";
	FILE *f = fopen(GOLDEN, renew ? "we" : "re");
	if (!f)
		bail_out(GOLDEN " can't be opened");
	if (renew)
		fputs(text, f);
	else
		want[fread(want, 1, sizeof want - 1, f)] = '\0';
	fclose(f);
	is(text, renew ? text : want, "the page of tests/fixtures/speedup.ndjson is as in " GOLDEN);
	free(text);
}

static void speedup(void)
{
	char *text = page("speedup", &utf8, false);
	has(text, "$ amdahl --serial 0.1 --threads 1,2,4");
	has(text, "11 of 12 rounds were quiet; speedup is against serial");
	has(text, "4*");
	has(text, "* more workers than the 2 usable cores: shown apart, never fitted");
	has(text, "serial share   predicted 9.8 % [9.7–9.9], fitted 10.7 % [10.1–11.5]");
	has(text, "fitted 9.9 % [9.7–10.2]: they agree");
	has(text, "8.8 % of the core-seconds went to waiting for the serial part.");
	has(text, "1.8 of 2 cores were busy");
	has(text, "✗ wrong");
	has(text, "racy is wrong, as announced (adds without a lock, so that additions are lost)");
	has(text, "counted 1234567, expected 4000000 (exactly), in 24 of 36 runs");
	has(text, "mpi cannot run here: built without MPI");
	has(text, "no hardware counters: this virtual machine");
	has(text, "not identifiable here: needs 6 worker counts");
	has_not(text, "machine busy");
	has_not(text, "\033");
	free(text);
}

static void others(void)
{
	char *text = page("busy", &utf8, false);
	has(text, "machine busy: no verdict (kept 3 of 14 rounds; other programs used 0.7 cores)");
	has(text, "(1.79)");
	has(text, "○ busy");
	has_not(text, "serial share");
	has_not(text, "core-seconds");
	free(text);

	text = page("sweep", &utf8, false);
	has(text, "chunk");
	has(text, "best chunk     1 (speedup 1.97 [1.96–1.98] with 2); cannot be told from 4");
	free(text);

	text = page("partial", &utf8, false);
	has(text, "stopped early: no verdict (kept 4 of 4 rounds, 6 are needed)");
	has(text, "stopped by SIGINT");
	has(text, "unfinished: no results were recorded");
	has_not(text, "machine busy");
	free(text);

	text = page("sixteen", &utf8, false);
	has(text, "the\n                 difference is waiting for memory, not serial code");
	has(text, "USL            contention 3.5 %");
	has(text, "fastest\n                 with 12 workers");
	has(text, "Karp–Flatt     4.6 % at 2");
	has(text, "94 % of the measured bandwidth");
	has(text, "Gflop/s that memory allows (92 %)");
	has(text, "instructions per");
	has_not(text, "no hardware counters");
	free(text);
}

/* Eight digits keep their distance from the workers. */
static void large_values(void)
{
	static const char small[] = "\"at\":{\"chunk\":256}";
	char line[1 << 16], longer[(1 << 16) + 64], *text = NULL;
	size_t n = 0;
	struct recset *set = recset_new();
	FILE *in = fopen("tests/fixtures/sweep.ndjson", "r"), *out = open_memstream(&text, &n);
	if (!in || !out)
		bail_out("tests/fixtures is not here: run from the root of the repository");
	while (fgets(line, sizeof line, in)) {
		char *at = strstr(line, small);
		snprintf(longer, sizeof longer, "%.*s%s%s", at ? (int)(at - line) : (int)strlen(line), line,
			 at ? "\"at\":{\"chunk\":25600000}" : "", at ? at + strlen(small) : "");
		recset_line(set, longer, strcspn(longer, "\n"));
	}
	fclose(in);
	text_run(out, set, &set->runs.v[0], &utf8);
	fclose(out);
	recset_free(set);
	has(text, "  25600000  ");
	ok(widest(text) <= 80, "in 80 columns");
	free(text);
}

static void styles(void)
{
	static const char *const names[] = {"speedup", "sweep", "busy", "partial", "sixteen"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		for (int width = 60; width <= 140; width += 20) {
			struct text_style style = {.utf8 = true, .width = width};
			char *text = page(names[i], &style, false);
			int most = widest(text);
			ok(most <= width && most > 40, "%s fits %d columns (%d)", names[i], width, most);
			ok(!trailing(text), "%s at %d: no blanks at line ends", names[i], width);
			free(text);
		}
		struct text_style ascii = {.width = 80};
		char *text = page(names[i], &ascii, false);
		int beyond = 0;
		for (const char *s = text; *s; s++)
			beyond += (unsigned char)*s >= 0x80 || (iscntrl((unsigned char)*s) && *s != '\n');
		ok(!beyond, "%s in ASCII has nothing else", names[i]);
		ok(!strchr(text, '?'), "%s in ASCII has a likeness for every character", names[i]);
		free(text);
	}

	struct text_style colour = {.utf8 = true, .colour = true, .width = 80};
	char *plain = page("speedup", &utf8, false), *text = page("speedup", &colour, false), *to = text;
	has(text, "\033[1;31m✗ wrong\033[0m");
	for (const char *from = text; *from;) { /* without its colours it is the same page */
		if (*from == '\033')
			from += strcspn(from, "m") + 1;
		else
			*to++ = *from++;
	}
	*to = '\0';
	ok(!strcmp(plain, text), "colour changes nothing but colour");
	free(plain);
	free(text);

	struct text_style quiet = {.utf8 = true, .width = 80, .quiet = true};
	text = page("speedup", &quiet, false);
	has(text, "✓ amdahl: right in all 84 runs: serial, threads, openmp\n✗ amdahl: racy is wrong, as announced");
	has_not(text, "workers");
	free(text);
}

static int commas(const char *line)
{
	int n = 0;
	for (; *line && *line != '\n'; line++)
		n += *line == ',';
	return n;
}

static void csv(void)
{
	char *text = page("sweep", &utf8, true), *second = strchr(text, '\n') + 1;
	int lines = 0, ragged = 0;
	for (const char *s = text; *s; s = strchr(s, '\n') + 1, lines++)
		ragged += commas(s) != commas(text);
	ok(lines == 31 && !ragged, "30 configurations make 31 lines of CSV, all as long as the header");
	ok(!strncmp(text, "run,kernel,machine,variant,kind,workers,sweep,at,", 49), "the header");
	ok(!strncmp(second, "mandelbrot-20250611T112003Z-5127,mandelbrot,5f3a9c0d17e2b846,serial,serial,1,chunk,1,512,11,11,0.1", 98),
	   "the first line");
	free(text);

	struct recset *set = recset_new();
	const char *lines_of[] = {"{\"t\":\"run\",\"run\":\"a,\\\"b\",\"kernel\":\"k\",\"variants\":[{\"name\":\"v\"}]}",
				  "{\"t\":\"point\",\"run\":\"a,\\\"b\",\"variant\":\"v\",\"workers\":1,\"right\":true,\"seconds\":[1,null,null]}"};
	for (int i = 0; i < 2; i++)
		recset_line(set, lines_of[i], strlen(lines_of[i]));
	size_t n = 0;
	text = NULL;
	FILE *out = open_memstream(&text, &n);
	csv_run(out, set, recset_last(set), false);
	fclose(out);
	ok(!strncmp(text, "\"a,\"\"b\",k,,v,,1,,,,0,0,1,,,", 27), "commas and quotes are quoted, unknown values are empty");
	free(text);
	recset_free(set);
}

int main(int argc, char **argv)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		bail_out("no UTF-8 locale");
	golden(argc > 1 && !strcmp(argv[1], "--golden"));
	speedup();
	others();
	large_values();
	styles();
	csv();
	return tap_done();
}
