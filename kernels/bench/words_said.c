/* Sentences of records in the language of the reader. Records are English; a sentence with figures in it is found again by the
 * format that it was printed with, and printed anew with the translation of that format. A test sees to it that every format
 * here stands in the source like this. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

#define NUMBER "0123456789abcdefghijklmnopqrstuvwxyz+-." /* also hexadecimal, inf and nan */

enum { CAPTURES = 12, DEPTH = 3, DEEPEST = 10, RING = 64, SENTENCE = 1000 };

/* From what to expect most to what may be anything. */
static const char *const said[] = {
	/* budget, laws, roofline */
	N_("%.*f %% of the core-seconds went to %s."),
	N_("%s: memory's own scaling is %.2fx here, a second ceiling: the fitted share of %.1f %%%s holds "
	   "the waiting for memory and is not serial code (measured directly: %.1f %%)"),
	N_("%s: serial share %.1f %% measured at one worker, %.1f %%%s fitted from the speedup%s"),
	N_("%.3g of %.3g GB/s (%.0f %% of the measured bandwidth)"),
	N_("%.3g of %.3g Gflop/s (%.0f %% of the measured peak)"),
	N_("%.3g of %.3g Gflop/s (%.0f %% of the measured peak of 4-byte floats)"),
	/* the machine */
	N_("%s: no verdict. %d of %d rounds were quiet, 6 are needed%s"),
	N_("; other programs used %.2f cores"),
	N_("%s with %d: one run of %s is longer than the time allows: no verdict"),
	N_("%s with %d or more: not run, for with %d a run took %s, more than with fewer workers and than the time allows"),
	N_("the system refused to place the workers: %s"),
	N_("more workers than the %d core this process may use: drawn apart, never fitted"),
	N_("more workers than the %d cores this process may use: drawn apart, never fitted"),
	/* from which size on sharing pays */
	N_("%s, %d workers: break-even at about %s %s; up to %s serial is surely faster, from %s on sharing is"),
	N_("%s, %d workers: sharing is surely faster from %s %s on, and serial at no size that was measured"),
	N_("%s, %d workers: serial is surely faster up to %s %s, and sharing at no size that was measured"),
	N_("%s, %d workers: where sharing begins to pay, these rounds cannot tell"),
	/* counters that are not there */
	N_("%s does not start"),
	N_("%s does not fit into the counters beside the others"),
	N_("%s opens but does not count (%lld seen)"),
	N_("hardware counters were not asked for (--counters %s)"),
	N_("kernel.perf_event_paranoid is %s, so only root may count; as root: "
	   "sysctl kernel.perf_event_paranoid=2"),
	N_("this virtual machine (%s) has no performance-monitoring unit; its host would have to pass "
	   "one through (vPMU), or use a machine without a hypervisor"),
	N_("Linux finds no performance-monitoring unit here (%s)"),
	N_("hardware counters open here but do not count: %.120s"),
	N_("PAPI does not start: %s"),
	N_("PAPI does not count threads: %s"),
	N_("PAPI %d.%d has no perf events here: %.100s"),
	N_("PAPI does not add %s: %s"),
	N_("the kernel does not open %s: %s"),
	/* verdicts */
	N_("counted %ld of %ld, %ld lost"),
	N_("%zu of %zu rows took the steps that a second routine counts"),
	N_("sum of the chain ends %016llx, by jumping ahead %016llx (exact)"),
	N_("fees %llu, expected %llu; %llu of %llu entries, classes %s, mix %016llx, expected %016llx (exact)"),
	N_("checksum %08x, expected %08x%s; %zu pixels not symmetric, %zu sampled and %ld greys differ"),
	/* of chapters 5 to 7 */
	N_("at most %d of %zu tasks waited at the same moment; coroutine %ld held up the loop for %.1f ms"),
	N_("%zu of %zu tasks waited their whole time and came back with their result"),
	N_("nobody gets on: %.150s; all were ended"),
	N_("%.0f of %.0f numbers reached the next rank"),
	N_("the sum should be %.0f and is %.0f; exact"),
	N_("%.0f of %.0f messages arrived, %.0f of %.0f bytes as they were sent; exact"),
	N_("%.0f of %.0f sums are right, on all ranks together; exact"),
	N_("%.0f of %zu rows differ from the serial plate, from row %.0f to row %.0f"),
	N_("%.0f of %zu numbers are above the mean, expected %.0f; lost %.0f, given up %.0f, came too late %.0f"),
	N_("%zu of %zu chunks were there when the host looked; in the end %zu of %zu numbers are right (exact)"),
	N_("%zu of %zu rows are right to the last pixel (exact), %zu computed by nobody"),
	N_("row %zu of C r expected %016llx = A (B r), observed %016llx%s (integers, exact)"),
	N_("sum of squares expected %.17g, observed %.17g (exact, tolerance 0)"),
	/* demonstrations that go wrong */
	N_("/proc/%ld/fd/%d is a writing end: the child waits for itself"),
	N_("lines in the file: %d"),
	N_("%ld schedules tried, that is %s: %ld of them fail"),
	N_("the program does not outlive the crash: killed by signal %d, with all threads and all results"),
	N_("%.0f meals: %s"),
	N_("%d began too soon"),
	/* what demonstrations quote: of tried schedules, of futures */
	N_("thread %d waits for %s, which is 0"),
	N_("thread %d waits for %s, which %s %d %s"),
	N_("thread %d sleeps on %s, without a signal"),
	N_("there is no thread %d"),
	N_("thread %d takes from an empty buffer"),
	N_("step %d of the schedule can't be done: %s"),
	N_("thread %d %s"),
	N_("not done after %d steps"),
	N_("%d items are left"),
	N_("counted %ld of %ld"),
	N_("error %d: %s"),
	N_("killed by signal %d: %s"),
	N_(", stole %zu"),
	N_("%zu of %zu passes are right, by a second way to the same number"),
	/* the roof of a variant: anything may stand before the colon */
	N_("%s with %d: %s; %s"),
};

/* Sentences and parts of them that never change, for the catalogue alone. */
static const char *const fixed[] __attribute__((unused)) = {
	N_("too few rounds"), N_("machine busy"), N_("stopped early"),
	N_("probes off: wall time only, so nothing is said of serial shares and core-seconds"),
	N_("no worker count between 2 and the usable cores was measured: nothing to fit a law to"),
	N_("more than memory gives: part of its data comes from the caches"),
	N_("far below that roof: something else is its limit"), N_("its roof is memory"), N_("its roof is arithmetic"),
	N_("this process may use one core only: nothing can move"), N_("not read with --counters off"),
	N_("/proc/thread-self/schedstat is not there; a kernel with CONFIG_SCHEDSTATS has it"),
	N_("/proc/thread-self/sched is not there; a kernel with CONFIG_SCHED_DEBUG has it"),
	N_("/proc/thread-self/sched does not count them"),
	N_("perf_event_open is forbidden here, as in most containers; start it with "
	   "--cap-add PERFMON or a seccomp profile that allows it"),
	N_("this kernel was built without perf events"), N_("no worker ran"),
	N_("its program is not built; `make` builds it"), N_("its description is damaged; `make` writes it anew"),
	N_("equal"), N_("differ"), N_(" (nothing ran)"),
	N_("nobody can go on"), N_("thread"), N_("it holds itself: thread"), N_("holds"), N_("took along when it ended"),
	N_("is done"), N_("can go on"), N_("queued"), N_("running"), N_("done"), N_("cancelled"),
	N_("calibrating"), N_("ceilings"), N_("counting"),
};

struct captures {
	const char *at[CAPTURES];
	size_t length[CAPTURES];
	bool text[CAPTURES]; /* of %s: may be a sentence itself */
	int n;
};

/* Behind a conversion "%1$.*f"; *letter is its last. */
static const char *after_conversion(const char *f, char *letter, int *number)
{
	char *end;
	*number = 0;
	f++;
	long n = strtol(f, &end, 10);
	if (end > f && *end == '$' && n >= 1 && n <= CAPTURES) {
		*number = (int)n;
		f = end + 1;
	}
	while (*f && strchr("-+ #0123456789.*hlzjtL", *f))
		f++;
	*letter = *f;
	return *f ? f + 1 : f;
}

/* Was `text` printed with the format? What stood for its conversions is kept. */
static bool match(const char *text, const char *format, struct captures *c)
{
	for (; *format && *format != '%'; format++, text++)
		if (*text != *format)
			return false;
	if (!*format)
		return !*text;
	if (format[1] == '%')
		return *text == '%' && match(text + 1, format + 2, c);
	char letter;
	int number, mine = c->n;
	const char *rest = after_conversion(format, &letter, &number);
	if (mine == CAPTURES)
		return false;
	c->n++;
	c->text[mine] = letter == 's';
	c->at[mine] = text;
	size_t most = letter == 's' ? strlen(text) : letter == 'c' ? *text != '\0' : strspn(text, NUMBER), least = letter != 's';
	if (!*rest) /* the last one reaches to the end */
		least = strlen(text) > least ? strlen(text) : least;
	for (size_t length = least; length <= most; length++) {
		c->length[mine] = length;
		c->n = mine + 1;
		if (match(text + length, rest, c))
			return true;
	}
	c->n = mine;
	return false;
}

static char *translate(const char *text, int depth);

/* The format of the other language with the captured pieces in their places. */
static char *print(const char *format, const struct captures *c, int depth)
{
	char *out = NULL;
	size_t size;
	FILE *to = open_memstream(&out, &size);
	int next = 0;
	if (!to)
		return NULL;
	while (*format) {
		char letter;
		int number;
		if (*format != '%' || format[1] == '%') {
			fputc(*format, to);
			format += *format == '%' ? 2 : 1;
			continue;
		}
		format = after_conversion(format, &letter, &number);
		int i = number ? number - 1 : next++;
		if (i >= c->n)
			continue;
		char *piece = xasprintf("%.*s", (int)c->length[i], c->at[i]), *other = c->text[i] ? translate(piece, depth - 1) : NULL;
		fputs(other ? other : piece, to);
		free(other);
		free(piece);
	}
	fclose(to);
	return out;
}

/* Two sentences, "one; two", if both are known. */
static char *translate_both(const char *text, int depth)
{
	const char *second = strstr(text, "; ");
	char *one = second ? xasprintf("%.*s", (int)(second - text), text) : NULL;
	char *a = one ? translate(one, depth) : NULL, *b = a ? translate(second + 2, depth) : NULL;
	char *both = b ? xasprintf(_("%s; %s"), a, b) : NULL;
	free(one);
	free(a);
	free(b);
	return both;
}

/* NULL: it is not known. */
static char *translate(const char *text, int depth)
{
	if (!*text || depth <= 0 || strlen(text) > SENTENCE)
		return NULL;
	const char *whole = gettext(text);
	if (whole != text)
		return xstrdup(whole);
	char *joined = translate_both(text, depth - 1);
	if (joined)
		return joined;
	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		struct captures c = {.n = 0};
		const char *format = gettext(said[i]);
		if (format != said[i] && match(text, said[i], &c))
			return print(format, &c, depth);
	}
	return NULL;
}

char *words_printed(const char *format, const char *text)
{
	struct captures c = {.n = 0};
	return words_foreign() && match(text, format, &c) ? print(gettext(format), &c, DEEPEST) : NULL;
}

const char *words_of(const char *text)
{
	static char *ring[RING]; /* what was returned stays good for that many calls */
	static int at;
	if (!text || !*text || !words_foreign())
		return text;
	const char *whole = gettext(text);
	if (whole != text)
		return whole;
	char *words = translate(text, DEPTH);
	if (!words)
		return text;
	free(ring[at]);
	ring[at] = words;
	at = (at + 1) % RING;
	return words;
}
