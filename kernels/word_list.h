/* A list of words with known counts, and the plain functions that sort and count it: means of several lessons.
 *
 * A word has 4 to 6 lower-case letters and is kept as a number: five bits a letter (a: 1), the first one highest, 0 behind the last, so
 * that words in alphabetical order are numbers in order. Words are drawn from a dictionary, the first ones more often; how often each was drawn
 * is noted, and what a program finds is compared with those notes: drawing and counting share no code. */
#ifndef LOCKSTEP_WORD_LIST_H
#define LOCKSTEP_WORD_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/rng.h"

enum { WORD_DICTIONARY = 5000, WORD_LETTERS = 6, WORD_BITS = 5, WORD_PITCH = WORD_LETTERS + 1, WORD_ROWS = 16384 };
typedef uint32_t word;

struct word_table {
	struct { word word; uint64_t times; } row[WORD_ROWS];
};

/* What was drawn: the times of each word of the dictionary, and of each letter. */
struct word_notes {
	uint64_t word[WORD_DICTIONARY], letter[1 << WORD_BITS];
};

/* Word k of the dictionary: four letters that only this one has, and "", "s" or "ed". */
static inline word word_of_dictionary(unsigned k)
{
	static const char *const ends[] = {"", "s", "ed"};
	word w = 0;
	unsigned stem = k * 7919 % 456976; /* 26^4 stems, and 7919 shares no factor with that: no two k have the same */
	for (int i = 0; i < 4; i++, stem /= 26)
		w = w << WORD_BITS | (1 + stem % 26);
	const char *end = ends[k % 3];
	for (int i = 0; i < 2; i++)
		w = w << WORD_BITS | (i < (int)strlen(end) ? (word)(end[i] - 'a' + 1) : 0);
	return w;
}

struct word_list {
	size_t n;
	word *given, *list, *sorted, *spare; /* as drawn; to be worked on; room for a sorted copy; scratch space */
	char *text;                          /* the same words, WORD_PITCH characters each, blanks behind the letters */
	struct word_notes notes;
};

/* Everything again as it was drawn. */
static inline void word_list_again(struct word_list *l)
{
	memcpy(l->list, l->given, l->n * sizeof(word));
	memset(l->sorted, 0, l->n * sizeof(word));
	memset(l->spare, 0, l->n * sizeof(word));
}

/* Draws n words. 0, or -1 with errno; word_list_free is right after both. */
static inline int word_list_draw(struct word_list *l, uint64_t seed, size_t n)
{
	*l = (struct word_list){.n = n, .given = malloc(4 * n * sizeof(word) + 1), .text = malloc(n * WORD_PITCH + 1)};
	if (!l->given || !l->text)
		return -1;
	l->list = l->given + n;
	l->sorted = l->list + n;
	l->spare = l->sorted + n;
	for (size_t i = 0; i < n; i++) {
		uint64_t r = rng_at(seed, i) % WORD_DICTIONARY;
		unsigned k = (unsigned)(r * r / WORD_DICTIONARY);
		word w = l->given[i] = word_of_dictionary(k);
		l->notes.word[k]++;
		for (int c = 0; c < WORD_PITCH; c++) {
			unsigned letter = c < WORD_LETTERS ? w >> WORD_BITS * (WORD_LETTERS - 1 - c) & 31 : 0;
			l->notes.letter[letter]++;
			l->text[i * WORD_PITCH + (size_t)c] = letter ? (char)('a' + letter - 1) : ' ';
		}
	}
	word_list_again(l);
	return 0;
}

static inline void word_list_free(struct word_list *l)
{
	if (l) {
		free(l->given);
		free(l->text);
	}
}

/* Reads n words of such a text: each ends before the next blank. */
static inline void word_read(const char *text, word *list, size_t n)
{
	for (size_t i = 0; i < n; i++, text += WORD_PITCH) {
		int shift = WORD_BITS * WORD_LETTERS;
		list[i] = 0;
		for (const char *c = text; *c != ' ' && shift > 0; c++)
			list[i] |= (word)(*c - 'a' + 1) << (shift -= WORD_BITS);
	}
}

/* By the lowest eight bits first, then the next, …; each pass keeps the order that it finds (radix sort). In place, with
 * spare room for n words; nothing outside of the two is written, whatever others do to the list meanwhile. */
static inline void word_sort(word *list, word *spare, size_t n)
{
	for (int shift = 0; shift < 32; shift += 8) {
		size_t place[257] = {0};
		for (size_t i = 0; i < n; i++)
			place[(list[i] >> shift & 255) + 1]++;
		for (int c = 0; c < 256; c++)
			place[c + 1] += place[c];
		for (size_t i = 0; i < n; i++)
			spare[place[list[i] >> shift & 255]++] = list[i];
		word *filled = spare;
		spare = list;
		list = filled;
	}
}

static inline void word_count_letters(const word *list, size_t n, uint64_t letter[1 << WORD_BITS])
{
	for (size_t i = 0; i < n; i++)
		for (int shift = WORD_BITS * (WORD_LETTERS - 1); shift >= 0; shift -= WORD_BITS)
			letter[list[i] >> shift & 31]++;
}

static inline uint32_t word_row(const struct word_table *table, word w)
{
	uint32_t r = w * UINT32_C(0x9e3779b1) >> 18; /* 14 bits */
	while (table->row[r].times && table->row[r].word != w)
		r = (r + 1) % WORD_ROWS;
	return r;
}

static inline void word_count(struct word_table *table, word w, uint64_t times)
{
	uint32_t r = word_row(table, w);
	table->row[r].word = w;
	table->row[r].times += times;
}

static inline void word_count_each(struct word_table *table, const word *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		word_count(table, list[i], 1);
}

/* The same of a sorted list, where equal words are neighbours. */
static inline void word_count_runs(struct word_table *table, const word *list, size_t n)
{
	for (size_t i = 0, next; i < n; i = next) {
		for (next = i + 1; next < n && list[next] == list[i];)
			next++;
		word_count(table, list[i], next - i);
	}
}

static inline void word_table_add(struct word_table *to, const struct word_table *from)
{
	for (int r = 0; r < WORD_ROWS; r++)
		if (from->row[r].times)
			word_count(to, from->row[r].word, from->row[r].times);
}

/* How many words of the dictionary were counted right. */
static inline size_t word_table_right(const struct word_table *table, const struct word_notes *notes)
{
	size_t right = 0;
	for (unsigned k = 0; k < WORD_DICTIONARY; k++)
		right += table->row[word_row(table, word_of_dictionary(k))].times == notes->word[k];
	return right;
}

static inline size_t word_letters_right(const uint64_t letter[1 << WORD_BITS], const struct word_notes *notes)
{
	size_t right = 0;
	for (int c = 1; c <= 26; c++)
		right += letter[c] == notes->letter[c];
	return right;
}

/* Is `sorted` in alphabetical order, with each word as often as it was drawn? */
static inline bool word_sorted_right(const struct word_list *l)
{
	size_t seen = 0;
	for (size_t i = 1; i < l->n; i++)
		if (l->sorted[i - 1] > l->sorted[i])
			return false;
	for (unsigned k = 0; k < WORD_DICTIONARY; k++) {
		word w = word_of_dictionary(k);
		size_t from = 0, to = l->n; /* the first place of w, by halving */
		while (from < to) {
			size_t middle = from + (to - from) / 2;
			if (l->sorted[middle] < w)
				from = middle + 1;
			else
				to = middle;
		}
		for (size_t i = 0; i < l->notes.word[k]; i++, seen++)
			if (from + i >= l->n || l->sorted[from + i] != w)
				return false;
	}
	return seen == l->n;
}

/* Is the table right, and with `letter` (what word_count_letters found) also that and the sorted list? Says so in text. */
static inline bool word_found_right(const struct word_list *l, const struct word_table *table, const uint64_t *letter, char *text,
				    size_t size)
{
	size_t words = word_table_right(table, &l->notes), letters = letter ? word_letters_right(letter, &l->notes) : 26;
	bool sorted = !letter || word_sorted_right(l);
	if (letter)
		snprintf(text, size, "%zu of %d words are counted right, %zu of 26 letters; the sorted list is %s", words, WORD_DICTIONARY,
			 letters, sorted ? "right" : "wrong");
	else
		snprintf(text, size, "%zu of %d words are counted right", words, WORD_DICTIONARY);
	return words == WORD_DICTIONARY && letters == 26 && sorted;
}

#endif
