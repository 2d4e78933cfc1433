/* A page of text: colours, widths, line breaks, an ASCII likeness of every character, and figures as people read them. */
#include "kernels/bench/text_private.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <wchar.h>
#include "kernels/bench/util.h"

enum { LINE = 2048, PARAGRAPH = 12288 };

/* One character of well-formed UTF-8; an ill-formed byte is taken as itself. Returns its bytes. */
static size_t decode(const char *text, unsigned *c)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = s[0] < 0xC0 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
	*c = n == 1 ? s[0] : s[0] & (0x7F >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xC0) != 0x80) {
			*c = s[0];
			return 1;
		}
		*c = *c << 6 | (s[i] & 0x3F);
	}
	return n;
}

static int columns_of(unsigned c)
{
	int n = wcwidth((wchar_t)c); /* -1 also for what the locale does not know */
	return n < 0 ? 1 : n;
}

int text_columns(const char *text)
{
	int n = 0;
	unsigned c;
	for (size_t i = 0; text[i]; n += columns_of(c))
		i += decode(text + i, &c);
	return n;
}

static const char *likeness(unsigned c)
{
	static const struct {
		unsigned c;
		const char *ascii;
	} table[] = {{0xA0, " "},   {0x2013, "-"}, {0x2014, "--"}, {0xB1, "+-"},  {0xB5, "u"},    {0xB7, "."},   {0xD7, "x"},
		     {0x2018, "'"}, {0x2019, "'"},  {0x201C, "\""}, {0x201D, "\""}, {0x2026, "..."}, {0x2713, "+"},
		     {0x2717, "!"}, {0x25CB, "o"},  {0x2212, "-"}, {0x2588, "#"},  {0x2593, "s"},   {0x2592, "w"},
		     {0x2591, "i"}, {0x259A, "x"},  {0x2502, "|"}, {0x2265, ">="}, {0x2264, "<="},  {0x221E, "inf"}};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].c == c)
			return table[i].ascii;
	return c >= 0x2588 && c <= 0x258F ? "#" : "?";
}

char *page_fold(const struct page *page, const char *text, char *buf, size_t size)
{
	size_t used = 0;
	unsigned c;
	for (size_t i = 0, n; text[i]; i += n) {
		n = decode(text + i, &c);
		const char *piece = c < 0x80 || page->style->utf8 ? text + i : likeness(c);
		size_t length = piece == text + i ? n : strlen(piece);
		if (used + length >= size)
			break;
		memcpy(buf + used, piece, length);
		used += length;
	}
	buf[used] = '\0';
	return buf;
}

static const char *ink_on(enum ink ink)
{
	static const char *const codes[] = {[INK_PLAIN] = "",         [INK_BOLD] = "\033[1m",  [INK_DIM] = "\033[2m",
					    [INK_GOOD] = "\033[32m", [INK_WARN] = "\033[33m", [INK_BAD] = "\033[1;31m"};
	return codes[ink];
}

/* Already folded. */
static void emit(const struct page *page, enum ink ink, char *text)
{
	/* blanks that must not end a line have done their work: what is printed can be searched and copied */
	size_t end = strlen(text);
	for (; end >= 2 && !memcmp(text + end - 2, "\u00a0", 2); end -= 2)
		text[end - 2] = '\0';
	for (char *s = strstr(text, "\u00a0"); s; s = strstr(s, "\u00a0")) {
		*s = ' ';
		memmove(s + 1, s + 2, strlen(s + 2) + 1);
	}
	bool ansi = page->style->colour && ink != INK_PLAIN && *text;
	fprintf(page->out, "%s%s%s", ansi ? ink_on(ink) : "", text, ansi ? "\033[0m" : "");
}

void page_put(const struct page *page, enum ink ink, const char *text)
{
	char folded[LINE];
	emit(page, ink, page_fold(page, text, folded, sizeof folded));
}

void page_printf(const struct page *page, enum ink ink, const char *fmt, ...)
{
	char text[LINE];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	page_put(page, ink, text);
}

void page_cell(const struct page *page, enum ink ink, const char *text, int width, bool right)
{
	char folded[LINE];
	int used = 0;
	size_t end = 0;
	unsigned c;

	page_fold(page, text, folded, sizeof folded);
	while (folded[end]) {
		size_t n = decode(folded + end, &c);
		if (used + columns_of(c) > width)
			break;
		used += columns_of(c);
		end += n;
	}
	folded[end] = '\0';
	fprintf(page->out, "%*s", right ? width - used : 0, "");
	emit(page, ink, folded);
	fprintf(page->out, "%*s", right ? 0 : width - used, "");
}

/* Up to the next blank where a line may end: not between a figure and its unit. */
static size_t word_length(const char *s)
{
	static const char *const units[] = {"%", "s", "ms", "µs", "us", "ns"};
	size_t n = strcspn(s, " ");

	if (!n || s[n - 1] < '0' || s[n - 1] > '9' || !s[n])
		return n;
	size_t unit = strcspn(s + n + 1, " ,.;:");
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (unit == strlen(units[i]) && !strncmp(s + n + 1, units[i], unit))
			return n + 1 + strcspn(s + n + 1, " ");
	return n;
}

void page_paragraph(const struct page *page, enum ink ink, const char *label, int indent, const char *text)
{
	char line[LINE] = "", folded[PARAGRAPH];
	int used = 0, room = page->width - indent < 20 ? 20 : page->width - indent;
	size_t filled = 0;

	page_cell(page, INK_DIM, label, indent, false);
	for (const char *s = page_fold(page, text, folded, sizeof folded); *s;) {
		char word[LINE];
		size_t n = word_length(s);
		n = n < sizeof word ? n : sizeof word - 1;
		memcpy(word, s, n);
		word[n] = '\0';
		int wide = text_columns(word);
		bool fits = !used || (used + 1 + wide <= room && filled + n + 2 < sizeof line);
		if (!fits) {
			emit(page, ink, line);
			fprintf(page->out, "\n%*s", indent, "");
			used = 0;
			filled = 0;
		}
		filled += (size_t)snprintf(line + filled, sizeof line - filled, "%s%s", used ? " " : "", word);
		used += wide + (used > 0);
		s += n;
		s += strspn(s, " ");
	}
	emit(page, ink, line);
	fputc('\n', page->out);
}

/* ---- figures ------------------------------------------------------------------------------------------------------- */

static int decimals(double x) { return fabs(x) < 9.995 ? 2 : fabs(x) < 99.95 ? 1 : 0; }

char *text_ratio(double x, char *buf, size_t size)
{
	if (isnan(x))
		snprintf(buf, size, "—");
	else if (fabs(x) >= 1e6)
		snprintf(buf, size, "%.2g", x);
	else
		snprintf(buf, size, "%.*f", decimals(x), x);
	return buf;
}

char *text_ratios(struct estimate e, char *buf, size_t size)
{
	char mid[32];
	text_ratio(e.mid, mid, sizeof mid);
	if (isnan(e.mid) || isnan(e.lo) || fabs(e.hi) >= 1e6)
		snprintf(buf, size, "%s", mid);
	else
		snprintf(buf, size, "%s [%.*f–%.*f]", mid, decimals(e.mid), e.lo, decimals(e.mid), e.hi);
	return buf;
}

char *text_percents(struct estimate e, char *buf, size_t size)
{
	if (isnan(e.mid))
		snprintf(buf, size, "—");
	else if (isnan(e.lo))
		snprintf(buf, size, "%.1f %%", 100 * e.mid);
	else
		snprintf(buf, size, "%.1f %% [%.1f–%.1f]", 100 * e.mid, 100 * e.lo, 100 * e.hi);
	return buf;
}

char *text_time(struct estimate e, char *buf, size_t size)
{
	static const struct {
		double scale;
		const char *unit;
	} units[] = {{1, "s"}, {1e3, "ms"}, {1e6, "µs"}, {1e9, "ns"}};
	size_t u = 0;

	if (isnan(e.mid)) {
		snprintf(buf, size, "—");
		return buf;
	}
	while (u < 3 && e.mid * units[u].scale < 0.9995)
		u++;
	u = e.mid > 0 ? u : 0;
	double mid = e.mid * units[u].scale, spread = fmax(e.hi - e.mid, e.mid - e.lo) * units[u].scale;
	int places = decimals(mid);
	if (!isnan(spread) && places < 2 && spread < 0.5 * pow(10, -places)) /* an interval that would read as 0 */
		places++;
	if (isnan(spread))
		snprintf(buf, size, "%.*f %s", places, mid, units[u].unit);
	else
		snprintf(buf, size, "%.*f ± %.*f %s", places, mid, places, spread, units[u].unit);
	return buf;
}

char *text_count(double n, const char *one, const char *many, char *buf, size_t size)
{
	char figure[32];
	if (n < 10000 && n == floor(n))
		snprintf(figure, sizeof figure, "%.0f", n);
	else
		util_si(n, figure, sizeof figure);
	snprintf(buf, size, "%s %s", figure, n == 1 ? one : many);
	return buf;
}
