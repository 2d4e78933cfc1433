/* What a learner changed: two texts, line by line, by their longest common subsequence. */
#include "plots/report.h"

#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

enum { AROUND = 3, TABLE_MAX = 4 << 20, SHOWN_MAX = 400 };

struct lines {
	const char **at;
	int *length;
	int n;
};

static struct lines cut(const char *text)
{
	struct lines l = {.n = 0};
	int room = 0;
	for (const char *c = text; *c;) {
		int n = (int)strcspn(c, "\n");
		if (l.n == room) {
			room = room ? 2 * room : 256;
			l.at = xrealloc(l.at, (size_t)room * sizeof *l.at);
			l.length = xrealloc(l.length, (size_t)room * sizeof *l.length);
		}
		l.at[l.n] = c;
		l.length[l.n++] = n;
		c += n + (c[n] == '\n');
	}
	return l;
}

static bool equal(const struct lines *a, int i, const struct lines *b, int k)
{
	return a->length[i] == b->length[k] && !memcmp(a->at[i], b->at[k], (size_t)a->length[i]);
}

/* For each line: '=' is in both, '-' in a alone; then the same of b with '+'. */
static void mark(const struct lines *a, const struct lines *b, char *in_a, char *in_b)
{
	int first = 0, last_a = a->n, last_b = b->n;
	memset(in_a, '=', (size_t)a->n + 1);
	memset(in_b, '=', (size_t)b->n + 1);
	while (first < last_a && first < last_b && equal(a, first, b, first))
		first++;
	while (last_a > first && last_b > first && equal(a, last_a - 1, b, last_b - 1)) {
		last_a--;
		last_b--;
	}
	size_t n = (size_t)(last_a - first), m = (size_t)(last_b - first);
	memset(in_a + first, '-', n);
	memset(in_b + first, '+', m);
	if (!n || !m || n > TABLE_MAX / m) /* too much to look for what stayed: all of it counts as changed */
		return;
	int *longest = xcalloc((n + 1) * (m + 1), sizeof *longest);
	for (size_t i = n; i-- > 0;)
		for (size_t k = m; k-- > 0;) {
			int *here = &longest[i * (m + 1) + k], down = longest[(i + 1) * (m + 1) + k], right = here[1];
			*here = equal(a, first + (int)i, b, first + (int)k) ? longest[(i + 1) * (m + 1) + k + 1] + 1
			      : down > right				     ? down
										     : right;
		}
	for (size_t i = 0, k = 0; i < n && k < m;) {
		if (equal(a, first + (int)i, b, first + (int)k)) {
			in_a[first + (int)i++] = '=';
			in_b[first + (int)k++] = '=';
		} else if (longest[(i + 1) * (m + 1) + k] >= longest[i * (m + 1) + k + 1]) {
			i++;
		} else {
			k++;
		}
	}
	free(longest);
}

static void put_row(FILE *out, const char *class_name, int before, int after, char sign, const char *text, int length)
{
	char *line = xasprintf("%.*s", length < 400 ? length : 400, text);
	fprintf(out, "<tr class=\"%s\"><td class=\"no\">", class_name);
	if (before)
		fprintf(out, "%d", before);
	fputs("</td><td class=\"no\">", out);
	if (after)
		fprintf(out, "%d", after);
	fprintf(out, "</td><td class=\"line\">%c ", sign);
	for (char *c = line; *c; c++) /* as wide as an editor shows it */
		if (*c == '\t')
			fputs("    ", out);
		else {
			char *tab = strchr(c, '\t'), was = tab ? *tab : '\0';
			if (tab)
				*tab = '\0';
			html_text(out, c);
			if (!tab)
				break;
			*tab = was;
			c = tab - 1;
		}
	fputs("</td></tr>\n", out);
	free(line);
}

/* Is a line that stayed near one that changed? */
static bool near(const char *marks, int n, int at)
{
	for (int i = at - AROUND; i <= at + AROUND; i++)
		if (i >= 0 && i < n && marks[i] != '=')
			return true;
	return false;
}

struct diff_count report_diff(FILE *out, const char *before, const char *after)
{
	struct lines a = cut(before), b = cut(after);
	char *in_a = xmalloc((size_t)a.n + 1), *in_b = xmalloc((size_t)b.n + 1);
	struct diff_count count = {0, 0};
	int shown = 0;
	bool gap = false;
	mark(&a, &b, in_a, in_b);
	fputs("<div class=\"wide\"><table class=\"diff\">\n", out);
	for (int i = 0, k = 0; i < a.n || k < b.n;) {
		bool minus = i < a.n && in_a[i] == '-', plus = !minus && k < b.n && in_b[k] == '+';
		bool close = near(in_a, a.n, i) || near(in_b, b.n, k);
		count.removed += minus;
		count.added += plus;
		if (shown == SHOWN_MAX && (minus || plus || close)) {
			fputs("<tr class=\"skip\"><td colspan=\"3\">", out);
			html_text(out, _("… and more changes"));
			fputs("</td></tr>\n", out);
			shown++;
		}
		if ((minus || plus || close) && shown < SHOWN_MAX) {
			if (gap && shown)
				fputs("<tr class=\"skip\"><td colspan=\"3\">⋯</td></tr>\n", out);
			gap = false;
			put_row(out, minus ? "minus" : plus ? "plus" : "same", plus ? 0 : i + 1, minus ? 0 : k + 1, minus ? '-' : plus ? '+' : ' ',
				plus ? b.at[k] : a.at[i], plus ? b.length[k] : a.length[i]);
			shown++;
		} else if (!minus && !plus) {
			gap = true;
		}
		i += !plus;
		k += !minus;
	}
	fputs("</table></div>\n", out);
	free(in_a);
	free(in_b);
	free(a.at);
	free(a.length);
	free(b.at);
	free(b.length);
	return count;
}
