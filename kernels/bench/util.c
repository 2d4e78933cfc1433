/* Small things every room needs: memory that dies loudly, numbers as people write them, text that is safe to show. */
#include "kernels/bench/util.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die_of_memory(size_t size, const char *file, int line) __attribute__((noreturn));
static void die_of_memory(size_t size, const char *file, int line)
{
	fprintf(stderr, "%s:%d: out of memory (%zu bytes)\n", file, line, size);
	exit(EXIT_RESOURCE);
}

void *util_alloc(void *p, size_t size, const char *file, int line)
{
	void *fresh = realloc(p, size ? size : 1);
	if (!fresh)
		die_of_memory(size, file, line);
	return fresh;
}

void *util_calloc(size_t n, size_t size, const char *file, int line)
{
	void *fresh = calloc(n ? n : 1, size ? size : 1);
	if (!fresh)
		die_of_memory(size && n > SIZE_MAX / size ? SIZE_MAX : n * size, file, line);
	return fresh;
}

char *util_strdup(const char *s, const char *file, int line)
{
	size_t size = strlen(s) + 1;
	return memcpy(util_alloc(NULL, size, file, line), s, size);
}

char *xasprintf(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	va_start(ap, fmt);
	int length = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (length < 0)
		die_of_memory(0, __FILE__, __LINE__);
	return text;
}

/* ---- numbers: always with a decimal point, whatever the locale of the screen says ---------------------------------- */

static locale_t c_locale(void)
{
	static locale_t c;
	if (!c)
		c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!c)
		die_of_memory(0, __FILE__, __LINE__);
	return c;
}

static const char *digits(const char *s)
{
	while (*s >= '0' && *s <= '9')
		s++;
	return s;
}

/* Where the decimal number at the start of s ends; NULL when there is none. Narrower than strtod: no blanks, no
 * hexadecimal, no names. */
static const char *number_end(const char *s)
{
	if (*s == '+' || *s == '-')
		s++;
	const char *whole = digits(s), *end = whole;
	if (*end == '.') {
		end = digits(end + 1);
		if (whole == s && end == whole + 1)
			return NULL; /* a lone point */
	} else if (whole == s) {
		return NULL;
	}
	if (*end == 'e' || *end == 'E') {
		const char *power = end + 1;
		if (*power == '+' || *power == '-')
			power++;
		if (digits(power) == power)
			return NULL;
		end = digits(power);
	}
	return end;
}

bool util_number(const char *text, double *out)
{
	static const struct {
		const char *suffix;
		double factor;
	} scales[] = {{"", 1},        {"k", 1e3},     {"M", 1e6},     {"G", 1e9},    {"T", 1e12},
		      {"Ki", 0x1p10}, {"Mi", 0x1p20}, {"Gi", 0x1p30}, {"Ti", 0x1p40}};
	const char *end = text ? number_end(text) : NULL;
	if (!end)
		return false;
	size_t i = 0, count = sizeof scales / sizeof scales[0];
	while (i < count && strcmp(end, scales[i].suffix))
		i++;
	if (i == count)
		return false;
	/* long double: "1.001k" shall be the whole number 1001 */
	errno = 0;
	long double wide = strtold_l(text, NULL, c_locale());
	bool vanished = wide == 0 && errno == ERANGE;
	double value = (double)(wide * (long double)scales[i].factor);
	if (!isfinite(value) || vanished || (value == 0 && wide != 0)) /* too large or too small to be told from 0 */
		return false;
	*out = value;
	return true;
}

static void format_c(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void format_c(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	locale_t before = uselocale(c_locale());
	if (vsnprintf(buf, size, fmt, ap) < 0 && size)
		buf[0] = '\0';
	uselocale(before);
	va_end(ap);
}

char *util_si(double x, char *buf, size_t size)
{
	static const char *const prefix[] = {"", " k", " M", " G", " T", " P", " E"};
	if (isnan(x)) {
		format_c(buf, size, "-");
		return buf;
	}
	double scaled = x;
	size_t i = 0, last = sizeof prefix / sizeof prefix[0] - 1;
	for (; fabs(scaled) >= 999.5 && i < last; i++) /* 999.5 would be rounded to four digits */
		scaled /= 1000;
	if (fabs(scaled) >= 999.5)
		format_c(buf, size, "%.3g", x);
	else
		format_c(buf, size, "%.3g%s", scaled, prefix[i]);
	return buf;
}

char *util_seconds(double s, bool utf8, char *buf, size_t size)
{
	double a = fabs(s);
	if (isnan(s))
		format_c(buf, size, "-");
	else if (a >= 999.5)
		format_c(buf, size, "%.0f s", s);
	else if (a >= 0.9995 || a == 0)
		format_c(buf, size, "%.3g s", s);
	else if (a >= 0.9995e-3)
		format_c(buf, size, "%.3g ms", s * 1e3);
	else if (a >= 0.9995e-6)
		format_c(buf, size, "%.3g %s", s * 1e6, utf8 ? "µs" : "us");
	else
		format_c(buf, size, "%.3g ns", s * 1e9);
	return buf;
}

/* ---- text from outside --------------------------------------------------------------------------------------------- */

/* Length of the well-formed UTF-8 character at s (Unicode 15, table 3-7: no overlong form, no surrogate, nothing above
 * U+10FFFF), 0 when there is none. Stops at the terminating zero by itself: it is no continuation byte. */
static size_t utf8_length(const unsigned char *s)
{
	unsigned char low = 0x80, high = 0xBF;
	size_t n = 0;
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xC2 && s[0] <= 0xDF)
		n = 2;
	else if (s[0] >= 0xE0 && s[0] <= 0xEF)
		n = 3;
	else if (s[0] >= 0xF0 && s[0] <= 0xF4)
		n = 4;
	else
		return 0;
	if (s[0] == 0xE0)
		low = 0xA0;
	else if (s[0] == 0xED)
		high = 0x9F;
	else if (s[0] == 0xF0)
		low = 0x90;
	else if (s[0] == 0xF4)
		high = 0x8F;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	return n;
}

/* Characters that a terminal obeys instead of showing: C0, DEL, C1, and the codes that break lines or turn the direction
 * of writing (U+2028..U+202E, U+2066..U+2069), with which text can be made to look like other text. */
static bool obeyed(const unsigned char *s, size_t n)
{
	if (n == 1)
		return s[0] < 0x20 || s[0] == 0x7F;
	if (n == 2)
		return s[0] == 0xC2 && s[1] < 0xA0;
	return n == 3 && s[0] == 0xE2 &&
	       ((s[1] == 0x80 && s[2] >= 0xA8 && s[2] <= 0xAE) || (s[1] == 0x81 && s[2] >= 0xA6 && s[2] <= 0xA9));
}

char *util_printable(const char *text, char *buf, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	if (size == 0)
		return buf;
	const unsigned char *s = (const unsigned char *)(text ? text : "");
	size_t used = 0;
	while (*s) {
		size_t n = utf8_length(s);
		bool escape = n == 0 || obeyed(s, n);
		n = n ? n : 1;
		size_t need = escape ? 4 * n : n;
		if (need >= size - used)
			break;
		for (size_t i = 0; i < n; i++, s++) {
			if (!escape) {
				buf[used++] = (char)*s;
				continue;
			}
			buf[used++] = '\\';
			buf[used++] = 'x';
			buf[used++] = hex[*s >> 4];
			buf[used++] = hex[*s & 15];
		}
	}
	buf[used] = '\0';
	return buf;
}
