#include "kernels/bench/lists.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/kernel.h"

/* Cuts the next item out of a comma list into buf. False at the end or when an item is empty or too long. */
static bool next_item(const char **text, char *buf, size_t size)
{
	size_t n = strcspn(*text, ",");
	if (!n || n >= size)
		return false;
	memcpy(buf, *text, n);
	buf[n] = 0;
	*text += n;
	if (**text == ',')
		(*text)++;
	return true;
}

static bool whole(const char *text, long *out)
{
	char *end;
	if (!isdigit((unsigned char)*text) || strlen(text) > 9)
		return false;
	*out = strtol(text, &end, 10);
	return !*end;
}

/* One item as a closed range. */
static bool worker_range(char *item, int usable, long *from, long *to)
{
	char *dash = strchr(item, '-');
	size_t n = strlen(item);

	if (!strcmp(item, "max")) {
		*from = *to = usable;
		return true;
	}
	if (n > 1 && item[n - 1] == 'x' && !dash) {
		item[n - 1] = 0;
		if (!whole(item, from))
			return false;
		*to = *from *= usable;
		return true;
	}
	if (dash) {
		*dash = 0;
		return whole(item, from) && (strcmp(dash + 1, "max") ? whole(dash + 1, to) : (*to = usable, true)) && *from <= *to;
	}
	return whole(item, from) && (*to = *from, true);
}

static int by_value(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

bool list_workers(const char *text, int usable, int *out, int *count, int most, char *why, size_t size)
{
	char item[32];
	int n = 0;

	snprintf(why, size, "worker counts are lists like 1,2,4 or 1-8 or max or 2x, from 1 to %d", KERNEL_WORKERS_MAX);
	if (!*text || text[strlen(text) - 1] == ',')
		return false;
	while (*text) {
		long from, to;
		if (!next_item(&text, item, sizeof item) || !worker_range(item, usable, &from, &to))
			return false;
		if (from < 1 || to > KERNEL_WORKERS_MAX)
			return false;
		for (long p = from; p <= to; p++) {
			if (n == most) {
				snprintf(why, size, "at most %d worker counts in one run", most);
				return false;
			}
			out[n++] = (int)p;
		}
	}
	qsort(out, (size_t)n, sizeof *out, by_value);
	*count = 0;
	for (int i = 0; i < n; i++)
		if (!i || out[i] != out[i - 1])
			out[(*count)++] = out[i];
	return true;
}

bool list_numbers(const char *text, double min, double max, bool fraction, const char *unit, double *out, int *count, int most,
		  char *why, size_t size)
{
	char item[64];

	snprintf(why, size, "%s from %.12g to %.12g%s%s", fraction ? "a number" : "a whole number", min, max, *unit ? " " : "", unit);
	*count = 0;
	if (!*text || text[strlen(text) - 1] == ',')
		return false;
	while (*text) {
		double x;
		if (!next_item(&text, item, sizeof item) || !util_number(item, &x))
			return false;
		if (x < min || x > max || (!fraction && x != floor(x)))
			return false;
		if (*count == most) {
			snprintf(why, size, "at most %d values in one run", most);
			return false;
		}
		bool seen = false;
		for (int i = 0; i < *count; i++)
			seen = seen || out[i] == x;
		if (!seen)
			out[(*count)++] = x;
	}
	return true;
}
