/* Votes and numbers of a class, and how they are drawn. Votes come in two rounds: before and after neighbours have talked
 * (peer instruction; Crouch and Mazur, Am. J. Phys. 69, 970 (2001)). */
#include "tui/present.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/compare.h"
#include "tui/draw.h"

enum { BINS = 7 };

const struct ballot *ballot_find(const struct ballots *b, int step, int piece)
{
	for (int i = 0; i < b->n; i++)
		if (b->v[i].step == step && b->v[i].piece == piece)
			return &b->v[i];
	return NULL;
}

struct ballot *ballot_of(struct ballots *b, int step, int piece)
{
	const struct ballot *found = ballot_find(b, step, piece);
	if (found)
		return &b->v[found - b->v];
	b->v = xrealloc(b->v, (size_t)(b->n + 1) * sizeof(*b->v));
	b->v[b->n] = (struct ballot){.step = step, .piece = piece};
	return &b->v[b->n++];
}

int ballot_total(const struct ballot *b, int round)
{
	int total = 0;
	for (int i = 0; i < BALLOT_OPTIONS; i++)
		total += b->count[round][i];
	return total;
}

/* The next word of a list that blanks, semicolons or (before a blank) commas part. */
static const char *next_word(const char *text, char *word, size_t size)
{
	text += strspn(text, " ;");
	size_t n = strcspn(text, " ;"), kept = n;
	if (n == 0)
		return NULL;
	while (kept > 1 && text[kept - 1] == ',')
		kept--;
	snprintf(word, size, "%.*s", (int)kept, text);
	return text + n;
}

bool ballot_counts(struct ballot *b, int options, const char *text)
{
	int count[BALLOT_OPTIONS] = {0}, n = 0;
	char word[32];
	double x;
	while ((text = next_word(text, word, sizeof(word)))) {
		if (n == options || n == BALLOT_OPTIONS || !util_number(word, &x) || x < 0 || x > BALLOT_MOST || x != floor(x))
			return false;
		count[n++] = (int)x;
	}
	if (n == 0)
		return false;
	memcpy(b->count[b->round], count, sizeof(count));
	b->unkept = true;
	return true;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

bool ballot_numbers(struct ballot *b, const char *text)
{
	double numbers[BALLOT_NUMBERS];
	int n = 0;
	char word[32];
	while ((text = next_word(text, word, sizeof(word))))
		if (n == BALLOT_NUMBERS || !compare_number(word, &numbers[n++]))
			return false;
	if (n == 0)
		return false;
	qsort(numbers, (size_t)n, sizeof(*numbers), by_size);
	memcpy(b->numbers, numbers, (size_t)n * sizeof(*numbers));
	b->number_count = n;
	b->unkept = true;
	return true;
}

double ballot_median(const struct ballot *b)
{
	int n = b->number_count;
	return n == 0 ? NAN : n % 2 ? b->numbers[n / 2] : (b->numbers[n / 2 - 1] + b->numbers[n / 2]) / 2;
}

char *ballot_record(const struct ballot *b, const struct piece *p, const char *lesson, const char *when)
{
	if (!b->unkept || (b->number_count == 0 && ballot_total(b, 0) == 0 && ballot_total(b, 1) == 0))
		return NULL;
	json_t *options = json_array(), *rounds = json_array(), *numbers = json_array();
	for (int i = 0; i < p->choice_count; i++)
		json_array_append_new(options, json_string(p->choices[i].text));
	for (int r = 0; r <= b->round && p->choice_count > 0; r++) {
		json_t *counts = json_array();
		for (int i = 0; i < p->choice_count && i < BALLOT_OPTIONS; i++)
			json_array_append_new(counts, json_integer(b->count[r][i]));
		json_array_append_new(rounds, counts);
	}
	for (int i = 0; i < b->number_count; i++)
		json_array_append_new(numbers, json_real(b->numbers[i]));
	json_t *o = json_pack("{s:s, s:s, s:i, s:i, s:s, s:o, s:o, s:o, s:s, s:b, s:s}", "t", "vote", "lesson", lesson, "step", b->step + 1,
			      "piece", b->piece + 1, "ask", p->ask ? p->ask : "", "options", options, "counts", rounds, "numbers", numbers,
			      "unit", p->unit ? p->unit : "", "revealed", b->revealed, "time", when);
	char *line = o ? json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL, *whole = NULL;
	if (line)
		whole = xasprintf("%s\n", line);
	free(line);
	json_decref(o);
	return whole;
}

/* ---- drawing ---- */

static void bar(struct rich *r, const char *head, enum role role, const char *glyph, int count, int most, const char *tail)
{
	int room = r->width - canvas_width(head) - 5;
	room = room < 4 ? 4 : room;
	int length = most > 0 ? (int)lround((double)count * room / most) : 0;
	if (length == 0 && count > 0)
		length = 1;
	char *text = xmalloc((size_t)length * strlen(glyph) + 1), *at = text, number[64];
	*at = '\0';
	for (int i = 0; i < length; i++)
		at = stpcpy(at, glyph);
	rich_line(r);
	rich_part(r, ROLE_DIM, head);
	rich_part(r, role, text);
	snprintf(number, sizeof(number), "%s%d%s", length ? " " : "", count, tail);
	rich_part(r, ROLE_BOLD, number);
	free(text);
}

void ballot_bars(struct rich *r, const struct ballot *b, int options, int i, int indent, bool ascii)
{
	char heads[3][16];
	for (int k = 0; k < 3; k++)
		snprintf(heads[k], sizeof(heads[k]), "%*s%s", indent, "", k == 0 ? "   " : k == 1 ? " 1 " : " 2 ");
	int most = 1;
	for (int k = 0; k < options && k < BALLOT_OPTIONS; k++)
		most = (int)fmax(most, fmax(b->count[0][k], b->count[1][k]));
	if (i >= BALLOT_OPTIONS || ballot_total(b, 0) + ballot_total(b, 1) == 0)
		return;
	if (b->round == 0) {
		bar(r, heads[0], ROLE_SERIES_2, ascii ? "#" : "█", b->count[0][i], most, "");
		return;
	}
	bar(r, heads[1], ROLE_SERIES_2, ascii ? "=" : "▒", b->count[0][i], most, "");
	bar(r, heads[2], ROLE_SERIES_1, ascii ? "#" : "█", b->count[1][i], most, "");
}

/* A width of 1, 2 or 5 times a power of ten with which all numbers lie in at most BINS bins. */
static double bin_width(double least, double most)
{
	static const double steps[] = {1, 2, 5};
	double power = pow(10, floor(log10((most - least) / BINS)));
	for (int i = 0;; i++) {
		double width = steps[i % 3] * power * pow(10, i / 3);
		if (floor(most / width) - floor(least / width) < BINS)
			return width;
	}
}

struct bin {
	double from, to; /* to = from: one value */
	int count;
};

/* Each value on its own where there are few, else bins of equal width; the bins of nobody are kept, for the shape. */
static int fill_bins(const struct ballot *b, struct bin bins[BINS])
{
	int n = 0;
	for (int i = 0; i < b->number_count; i++) {
		if (n > 0 && bins[n - 1].from == b->numbers[i]) {
			bins[n - 1].count++;
			continue;
		}
		if (n == BINS)
			goto by_width;
		bins[n++] = (struct bin){b->numbers[i], b->numbers[i], 1};
	}
	return n;
by_width:;
	double least = b->numbers[0], most = b->numbers[b->number_count - 1], width = bin_width(least, most), first = floor(least / width);
	n = (int)(floor(most / width) - first) + 1;
	for (int i = 0; i < n; i++)
		bins[i] = (struct bin){(first + i) * width, (first + i + 1) * width, 0};
	for (int i = 0; i < b->number_count; i++)
		bins[(int)(floor(b->numbers[i] / width) - first)].count++;
	return n;
}

static void measured_line(struct rich *r, double measured, const char *unit, bool ascii)
{
	char figure[FIGURE_MAX], line[200];
	snprintf(line, sizeof(line), _("measured %s %s"), draw_plain(measured, figure), unit);
	rich_words(r, ascii ? "=> " : "▶ ", ROLE_GOOD, line, ROLE_GOOD);
}

void ballot_spread(struct rich *r, const struct ballot *b, const char *unit, double measured, bool ascii)
{
	struct bin bins[BINS];
	char least[FIGURE_MAX], mid[FIGURE_MAX], most[FIGURE_MAX], line[300];
	bool told = isnan(measured);
	if (b->number_count == 0) {
		if (!told)
			measured_line(r, measured, unit, ascii);
		return;
	}
	int n = fill_bins(b, bins), widest = 0, highest = 1;
	char heads[BINS][2 * FIGURE_MAX + 8];
	for (int i = 0; i < n; i++) {
		draw_plain(bins[i].from, least);
		draw_plain(bins[i].to, most);
		if (bins[i].to == bins[i].from)
			snprintf(heads[i], sizeof(heads[i]), "%s", least);
		else
			snprintf(heads[i], sizeof(heads[i]), "%s%s%s", least, ascii ? "-" : "–", most);
		widest = canvas_width(heads[i]) > widest ? canvas_width(heads[i]) : widest;
		highest = bins[i].count > highest ? bins[i].count : highest;
	}
	for (int i = 0; i < n; i++) {
		char head[2 * FIGURE_MAX + 80];
		if (!told && measured < bins[i].from) {
			measured_line(r, measured, unit, ascii);
			told = true;
		}
		snprintf(head, sizeof(head), "%*s%.150s  ", widest - canvas_width(heads[i]), "", heads[i]);
		bar(r, head, ROLE_GUESS, ascii ? "#" : "█", bins[i].count, highest, "");
		/* In a bin, the mark stands under it. */
		if (!told && measured <= bins[i].to) {
			measured_line(r, measured, unit, ascii);
			told = true;
		}
	}
	if (!told)
		measured_line(r, measured, unit, ascii);
	snprintf(line, sizeof(line), ngettext("%d guess: least %s, median %s, most %s %s", "%d guesses: least %s, median %s, most %s %s",
		 (unsigned long)b->number_count), b->number_count, draw_plain(b->numbers[0], least), draw_plain(ballot_median(b), mid),
		 draw_plain(b->numbers[b->number_count - 1], most), unit);
	rich_words(r, "", ROLE_PLAIN, line, ROLE_DIM);
}
