/* TAP from C (testanything.org, version 13). Plain functions; each test program is one file that runs alone:
 *
 *     int main(void) { ok(1 + 1 == 2, "sums"); return tap_done(); }
 */
#ifndef LOCKSTEP_TAP_H
#define LOCKSTEP_TAP_H

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 1, 2))) static inline void diag(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fputs("# ", stdout);
	vprintf(fmt, ap);
	putchar('\n');
	fflush(stdout);
	va_end(ap);
}

__attribute__((format(printf, 4, 5))) static inline bool tap_ok(bool good, const char *file, int line, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	printf("%sok %d - ", good ? "" : "not ", ++tap_count);
	vprintf(fmt, ap);
	putchar('\n');
	fflush(stdout);
	va_end(ap);
	if (!good) {
		tap_failed++;
		diag("failed at %s:%d", file, line);
	}
	return good;
}

#define ok(cond, ...) tap_ok((cond), __FILE__, __LINE__, __VA_ARGS__)

/* Equal strings; NULL equals NULL only. */
static inline bool tap_is(const char *got, const char *want, const char *file, int line, const char *name)
{
	bool same = got && want ? !strcmp(got, want) : got == want;
	tap_ok(same, file, line, "%s", name);
	if (!same)
		diag("got '%s', expected '%s'", got ? got : "(null)", want ? want : "(null)");
	return same;
}

#define is(got, want, name) tap_is((got), (want), __FILE__, __LINE__, (name))

/* |got - want| <= tolerance; NaN is never near. */
static inline bool tap_near(double got, double want, double tolerance, const char *file, int line, const char *name)
{
	bool same = fabs(got - want) <= tolerance;
	tap_ok(same, file, line, "%s", name);
	if (!same)
		diag("got %.17g, expected %.17g within %g", got, want, tolerance);
	return same;
}

#define near(got, want, tolerance, name) tap_near((got), (want), (tolerance), __FILE__, __LINE__, (name))

static inline void skip(const char *name, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_count, name, why);
	fflush(stdout);
}

static inline void bail_out(const char *why)
{
	printf("Bail out! %s\n", why);
	fflush(stdout);
	exit(255);
}

/* Prints the plan; the value to return from main. */
static inline int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed ? 1 : 0;
}

#endif
