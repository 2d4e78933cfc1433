/* Numbers as people write them, text from outside, and where things are: the last by copying this program into made-up
 * build and install trees and asking the copy. Seed of the clock, printed; set SEED to repeat. */
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <locale.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels/bench/clock.h"
#include "kernels/bench/util.h"
#include "kernels/rng.h"
#include "tests/tap.h"

static char top[PATH_MAX]; /* scratch folder */

static void numbers(void)
{
	static const struct {
		const char *text;
		double value;
	} good[] = {{"0", 0},         {"1", 1},           {"-3", -3},          {"+4", 4},         {"0.1", 0.1},   {".5", 0.5},
		    {"5.", 5},        {"1e7", 1e7},       {"1E-3", 1e-3},      {"2.5e+2", 250},   {"1k", 1000},   {"1.001k", 1001},
		    {"2.3M", 2300000}, {"0.07k", 70},     {"3G", 3e9},         {"1T", 1e12},      {"1Ki", 1024},  {"1.5Mi", 1572864},
		    {"2Gi", 2147483648.0}, {"1Ti", 1099511627776.0}, {"1e3k", 1e6}, {"007", 7}, {"99999999999999", 99999999999999.0},
		    {"1e308", 1e308}, {"-0", 0}};
	static const char *const bad[] = {"",     " ",    "k",    "Ki",   ".",    "-",     "+",    "e5",   "1e",   "1e+",  "1ee5",
					  " 1",   "1 ",   "1 k",  "1kk",  "1kB",  "1K",    "1m",   "1ki",  "1KI",  "1i",   "0x10",
					  "0x1p3", "inf", "-inf", "nan",  "NAN",  "infinity", "1,5", "1_000", "1.2.3", "--1", "+-1", "1-",
					  "1e400", "-1e400", "1e308k", "1e5000", "1e-5000", "1e-400", "abc", "12abc", "1e5.5", "\xd9\xa1"};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		double x = NAN;
		bool taken = util_number(good[i].text, &x);
		ok(taken && x == good[i].value, "'%s' is a number", good[i].text);
		if (x != good[i].value)
			diag("got %.17g", x);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		double x = 42;
		bool taken = util_number(bad[i], &x);
		ok(!taken && x == 42, "'%s' is not, and nothing is touched", bad[i]);
	}
	double x = 42;
	ok(!util_number(NULL, &x) && x == 42, "nor is NULL");
}

static void prefixes(void)
{
	static const struct {
		double x;
		const char *text;
	} si[] = {{0, "0"},         {0.25, "0.25"},   {1, "1"},       {999, "999"},     {999.6, "1 k"},     {1500, "1.5 k"},
		  {320e3, "320 k"}, {1.5e6, "1.5 M"}, {999.7e3, "1 M"}, {1234567, "1.23 M"}, {49e9, "49 G"}, {2e12, "2 T"},
		  {3e15, "3 P"},    {4e18, "4 E"},    {5e21, "5e+21"}, {-2500, "-2.5 k"}, {NAN, "-"},       {INFINITY, "inf"}};
	static const struct {
		double s;
		const char *text;
	} times[] = {{0, "0 s"},           {1.5, "1.5 s"},     {59, "59 s"},       {1234.4, "1234 s"}, {0.0123, "12.3 ms"}, {0.9996, "1 s"},
		     {0.00099999, "1 ms"}, {4.1e-6, "4.1 µs"}, {250e-9, "250 ns"}, {0.25e-9, "0.25 ns"}, {-0.002, "-2 ms"}, {NAN, "-"}};
	char buf[40];
	for (size_t i = 0; i < sizeof si / sizeof si[0]; i++)
		is(util_si(si[i].x, buf, sizeof buf), si[i].text, si[i].text);
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		is(util_seconds(times[i].s, true, buf, sizeof buf), times[i].text, times[i].text);
	is(util_seconds(4.1e-6, false, buf, sizeof buf), "4.1 us", "microseconds without UTF-8");
	memset(buf, '#', sizeof buf);
	util_si(1.5e6, buf, 3);
	ok(!strcmp(buf, "1.") && buf[3] == '#', "a short buffer is not overrun");

	/* any locale with a decimal comma that this system has */
	static const char *const commas[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "nl_NL.UTF-8"};
	const char *set = NULL;
	for (size_t i = 0; i < sizeof commas / sizeof commas[0] && !set; i++)
		set = setlocale(LC_NUMERIC, commas[i]);
	if (!set) {
		skip("a decimal comma changes nothing", "no such locale here");
		return;
	}
	double x = 0;
	ok(util_number("0.5", &x) && x == 0.5 && !util_number("0,5", &x) && !strcmp(util_si(1500, buf, sizeof buf), "1.5 k"),
	   "a decimal comma changes nothing");
	setlocale(LC_NUMERIC, "C");
}

static void printable(void)
{
	static const struct {
		const char *in, *out, *name;
	} cases[] = {
		{"plain", "plain", "plain text stays"},
		{"µs 并行 — ●", "µs 并行 — ●", "UTF-8 stays"},
		{"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "four bytes stay"},
		{"a\x1b[31mb", "a\\x1b[31mb", "ESC is shown"},
		{"\x1b]0;title\x07", "\\x1b]0;title\\x07", "a terminal's title is not set"},
		{"a\tb\nc\rd", "a\\x09b\\x0ac\\x0dd", "tab and line ends are shown"},
		{"\x7f", "\\x7f", "DEL is shown"},
		{"\xc2\x9b" "31m", "\\xc2\\x9b31m", "C1 in UTF-8 is shown"},
		{"\x9b" "31m", "\\x9b31m", "C1 as a byte is shown"},
		{"\xc2\xa0", "\xc2\xa0", "the first character after C1 stays"},
		{"\xc3", "\\xc3", "a cut character of two bytes"},
		{"\xe4\xb8", "\\xe4\\xb8", "a cut character of three"},
		{"\xf0\x9f\x98", "\\xf0\\x9f\\x98", "a cut character of four"},
		{"\xe4\xb8" "A", "\\xe4\\xb8A", "a character cut by another"},
		{"\xc0\xaf", "\\xc0\\xaf", "overlong /"},
		{"\xc1\xbf", "\\xc1\\xbf", "overlong DEL"},
		{"\xe0\x80\x9b", "\\xe0\\x80\\x9b", "overlong ESC of three bytes"},
		{"\xe0\x9f\xbf", "\\xe0\\x9f\\xbf", "overlong of three bytes"},
		{"\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf", "overlong of four bytes"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80", "a surrogate"},
		{"\xed\x9f\xbf", "\xed\x9f\xbf", "the character before the surrogates stays"},
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "above U+10FFFF"},
		{"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", "U+10FFFF stays"},
		{"\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80", "five bytes"},
		{"\x80\xbf\xfe\xff", "\\x80\\xbf\\xfe\\xff", "stray bytes"},
		{"a\u202Eb", "a\\xe2\\x80\\xaeb", "the turn of the writing is shown"},
		{"\u2066\u2028", "\\xe2\\x81\\xa6\\xe2\\x80\\xa8", "isolates and line separators are shown"},
		{"\u2027\u202F\u2065", "\u2027\u202F\u2065", "their neighbours stay"},
		{"", "", "nothing"},
		{NULL, "", "NULL is nothing"},
	};
	char buf[200];
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is(util_printable(cases[i].in, buf, sizeof buf), cases[i].out, cases[i].name);
	is(util_printable("并行", buf, 4), "并", "room for one character and the zero");
	is(util_printable("并行", buf, 6), "并", "no half of the second");
	is(util_printable("a\x1b", buf, 5), "a", "no half of an escape");
	is(util_printable("a\x1b", buf, 6), "a\\x1b", "a whole one where it fits");
	is(util_printable("abc", buf, 1), "", "room for the zero only");
	buf[0] = '#';
	ok(util_printable("abc", buf, 0) == buf && buf[0] == '#', "no room, nothing written");
}

static bool clean(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

/* Random bytes, each result in memory of exactly its size, so that a sanitizer sees one byte too many. */
static void printable_random(uint64_t seed)
{
	bool fits = true, shown = true, prefix = true;
	uint64_t at = 0;
	for (int t = 0; t < 30000; t++) {
		static const unsigned char nasty[] = {0x1b, 0xc2, 0x9b, 0xe0, 0xed, 0xf0, 0xf4, 0x80, 0xbf, 'x', '\\', 0xe2};
		size_t length = (size_t)(rng_at(seed, at++) % 40), size = 1 + (size_t)(rng_at(seed, at++) % 60);
		char *in = xmalloc(length + 1), *out = xmalloc(size), whole[200];
		for (size_t i = 0; i < length; i++) {
			uint64_t r = rng_at(seed, at++);
			in[i] = (char)(r % 2 ? nasty[r / 2 % sizeof nasty] : 1 + r / 2 % 255);
		}
		in[length] = '\0';
		util_printable(in, out, size);
		util_printable(in, whole, sizeof whole);
		fits &= strlen(out) < size;
		shown &= clean(whole);
		prefix &= !strncmp(out, whole, strlen(out));
		free(in);
		free(out);
	}
	ok(fits, "random bytes: never longer than the buffer");
	ok(shown, "never a control character");
	ok(prefix, "a short buffer holds the beginning of the whole");
}

static void memory(void)
{
	char *s = xstrdup("abc"), *t = xasprintf("%d-%s", 7, s);
	is(t, "7-abc", "xasprintf");
	s = xrealloc(s, 100);
	is(s, "abc", "xrealloc keeps what was there");
	int *z = xcalloc(3, sizeof *z);
	ok(z[0] == 0 && z[2] == 0, "xcalloc clears");
	void *none = xmalloc(0);
	ok(none, "zero bytes are an address");
	free(s);
	free(t);
	free(z);
	free(none);
#ifdef SANITIZED
	skip("out of memory ends with exit 3", "a sanitizer takes over");
#else
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(99);
		volatile size_t huge = PTRDIFF_MAX;
		free(xmalloc(huge));
		_exit(0);
	}
	int status = 0;
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_RESOURCE, "out of memory ends with exit 3");
#endif
}

/* ---- folders ------------------------------------------------------------------------------------------------------- */

static char *path_of(const char *name) { return xasprintf("%s/%s", top, name); }

static void make_dirs(const char *name)
{
	char *path = path_of(name);
	for (char *p = path + strlen(top) + 1;; p++)
		if (*p == '/' || !*p) {
			char c = *p;
			*p = '\0';
			if (mkdir(path, 0755) && errno != EEXIST)
				bail_out("no scratch folder");
			*p = c;
			if (!c)
				break;
		}
	free(path);
}

static void copy_file(const char *from, const char *name)
{
	char *to = path_of(name), block[65536];
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	if (!in || !out)
		bail_out("no scratch file");
	for (size_t n; (n = fread(block, 1, sizeof block, in));)
		if (fwrite(block, 1, n, out) != n)
			bail_out("scratch file not written");
	fclose(in);
	if (fclose(out) || chmod(to, 0755))
		bail_out("scratch file not written");
	free(to);
}

/* Starts the copy of this program named `program` in folder `cwd`; it prints share and exec dir (relative to top). */
static void where(const char *program, const char *cwd, const char *home, const char *want, const char *name)
{
	char *command = xasprintf("cd '%s/%s' && %s%s%s '%s/%s' --where", top, cwd, home ? "LOCKSTEP_HOME='" : "", home ? home : "",
				  home ? "'" : "", top, program);
	char got[2 * PATH_MAX] = "";
	FILE *f = popen(command, "r");
	if (!f || !fgets(got, sizeof got, f))
		diag("%s: no answer", command);
	if (f)
		pclose(f);
	got[strcspn(got, "\n")] = '\0';
	is(got, want, name);
	free(command);
}

static const char *shorten(const char *path)
{
	const char *base = getenv("WHERE_TOP");
	size_t length = base ? strlen(base) : 0;
	return !path ? "none" : length && !strncmp(path, base, length) && path[length] ? path + length + 1 : path;
}

static void trees(void)
{
	static const char self[] = "/proc/self/exe";
	unsetenv("LOCKSTEP_HOME");
	setenv("WHERE_TOP", top, 1);
	make_dirs("repo/lessons");
	make_dirs("repo/kernels");
	copy_file("/dev/null", "repo/kernels/kernel.h");
	make_dirs("repo/build/lessons");
	make_dirs("repo/build/tests");
	make_dirs("repo/build/san/lessons");
	make_dirs("elsewhere/lessons");
	make_dirs("elsewhere/obj/kernels");
	make_dirs("lonely");
	make_dirs("opt/bin");
	make_dirs("opt/libexec/lockstep/lessons");
	make_dirs("opt/share/lockstep");
	static const char *const copies[] = {"repo/build/lockstep", "repo/build/lessons/amdahl", "repo/build/tests/t2-util",
					     "repo/build/san/lessons/amdahl", "elsewhere/lessons/amdahl", "lonely/amdahl",
					     "opt/bin/lockstep", "opt/libexec/lockstep/lockstep-bench",
					     "opt/libexec/lockstep/lessons/amdahl"};
	for (size_t i = 0; i < sizeof copies / sizeof copies[0]; i++)
		copy_file(self, copies[i]);

	char *first = path_of(copies[0]);
	bool runs = !access(first, X_OK);
	free(first);
	if (!runs) {
		skip("folders of programs", "nothing may be run from the scratch folder (set TMPDIR)");
		return;
	}
	where(copies[0], "lonely", NULL, "repo repo/build", "a program in the build tree");
	where(copies[1], "lonely", NULL, "repo repo/build", "a lesson there");
	where(copies[2], "lonely", NULL, "repo repo/build", "a test there");
	where(copies[3], "lonely", NULL, "repo repo/build/san", "a build folder deeper down");
	where(copies[6], "lonely", NULL, "opt/share/lockstep opt/libexec/lockstep", "an installed program");
	where(copies[7], "lonely", NULL, "opt/share/lockstep opt/libexec/lockstep", "an installed helper");
	where(copies[8], "lonely", NULL, "opt/share/lockstep opt/libexec/lockstep", "an installed lesson");
	char *home = path_of("lonely");
	where(copies[0], "lonely", home, "lonely repo/build", "LOCKSTEP_HOME overrides the one and not the other");
	where(copies[6], "lonely", home, "lonely opt/libexec/lockstep", "LOCKSTEP_HOME overrides what is installed");
	where(copies[0], "lonely", "/nowhere/at all", "none repo/build", "LOCKSTEP_HOME that is not there is not replaced in silence");
	where(copies[0], "lonely", "", "repo repo/build", "an empty LOCKSTEP_HOME is none");
#ifndef LOCKSTEP_ROOT
	where(copies[4], "lonely", NULL, "none elsewhere", "a build folder elsewhere, called from anywhere");
	where(copies[4], "repo", NULL, "none elsewhere", "a folder that make did not fill trusts no current folder");
	copy_file("/dev/null", "elsewhere/config");
	where(copies[4], "repo", NULL, "repo elsewhere", "a build folder elsewhere, called from the repository");
	where(copies[5], "lonely", NULL, "none lonely", "a copy on its own");
#endif
	make_dirs("repo/inst/bin"); /* installed below the repository: what is installed goes first */
	make_dirs("repo/inst/libexec/lockstep");
	make_dirs("repo/inst/share/lockstep");
	copy_file(self, "repo/inst/bin/lockstep");
	where("repo/inst/bin/lockstep", "lonely", NULL, "repo/inst/share/lockstep repo/inst/libexec/lockstep",
	      "installed below the repository");
	free(home);
}

static mode_t mode_of(const char *path)
{
	struct stat st;
	return stat(path, &st) ? 0 : st.st_mode & 07777;
}

static void user_dirs(void)
{
	char *home = path_of("home"), *state = path_of("home/.local/state/lockstep"), *cache = path_of("home/.cache/lockstep");
	char *xdg = path_of("xdg/deep"), *there = path_of("xdg/deep/lockstep"), *file = path_of("repo/kernels/kernel.h");
	make_dirs("home");
	setenv("HOME", home, 1);
	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_CACHE_HOME");
	is(util_state_dir(false), state, "state below HOME");
	is(util_cache_dir(false), cache, "cache below HOME");
	ok(mode_of(state) == 0 && mode_of(cache) == 0, "asking makes nothing");
	mode_t mask = umask(0);
	is(util_state_dir(true), state, "made on demand");
	ok(mode_of(state) == 0700, "with mode 700");
	char *local = path_of("home/.local");
	ok(mode_of(local) == 0700, "and so are new folders above it");
	is(util_state_dir(true), state, "made twice is fine");
	setenv("XDG_STATE_HOME", xdg, 1);
	setenv("XDG_CACHE_HOME", xdg, 1);
	is(util_state_dir(true), there, "XDG_STATE_HOME goes first");
	is(util_cache_dir(false), there, "XDG_CACHE_HOME too");
	ok(mode_of(there) == 0700, "made with all above it");
	umask(mask);
	setenv("XDG_STATE_HOME", "relative/path", 1);
	is(util_state_dir(false), state, "a relative XDG_STATE_HOME is ignored");
	setenv("XDG_STATE_HOME", "", 1);
	is(util_state_dir(false), state, "an empty one too");
	setenv("XDG_CACHE_HOME", file, 1);
	errno = 0;
	ok(!util_cache_dir(true) && errno == ENOTDIR, "a file in the way: NULL and ENOTDIR");
	char *long_path = xmalloc(PATH_MAX + 100);
	memset(long_path, 'a', PATH_MAX + 99);
	long_path[0] = '/';
	long_path[PATH_MAX + 99] = '\0';
	setenv("XDG_CACHE_HOME", long_path, 1);
	errno = 0;
	ok(!util_cache_dir(false) && errno == ENAMETOOLONG, "a path too long: NULL and ENAMETOOLONG");
	setenv("XDG_CACHE_HOME", "/proc/none/such", 1);
	errno = 0;
	ok(!util_cache_dir(true) && errno, "a place where nothing can be made: NULL");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("HOME");
	const char *dir = util_cache_dir(false);
	ok(!dir || (*dir == '/' && strstr(dir, "/.cache/lockstep")), "without HOME: that of the password file, or none");
	free(home), free(state), free(cache), free(xdg), free(there), free(file), free(local), free(long_path);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--where")) {
		const char *share = util_share_dir();
		printf("%s ", shorten(share));
		printf("%s\n", shorten(util_exec_dir()));
		return 0;
	}
	const char *given = getenv("SEED"), *tmp = getenv("TMPDIR");
	uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)clock_ns(CLOCK_REALTIME);
	diag("SEED=%llu", (unsigned long long)seed);
	numbers();
	prefixes();
	printable();
	printable_random(seed);
	memory();

	char pattern[PATH_MAX];
	int length = snprintf(pattern, sizeof pattern, "%s/lockstep-util-XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");
	if (length < 0 || length >= (int)sizeof pattern || !mkdtemp(pattern) || !realpath(pattern, top))
		bail_out("no scratch folder");
	trees();
	user_dirs();
	if (nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS))
		diag("%s not removed", top);
	return tap_done();
}
