/* A text of made-up words, in which the k-th most frequent word comes about 1/k times as often as the first: G. K. Zipf found
 * this of every language. The same seed gives the same text, and the writer notes how often it wrote each word.
 * For kernels/word_count.c and its peers (C and C++). */
#ifndef LOCKSTEP_WORD_TEXT_H
#define LOCKSTEP_WORD_TEXT_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include "kernels/figure.h"
#include "kernels/rng.h"

enum { WORD_LONGEST = 40, WORD_LINE = 72 };

/* Word number `rank`: its digits to base 20 are syllables, so no two words are alike, and frequent words are short. One word in
 * 32 has a long ending. Returns its length. */
static inline size_t word_make(uint64_t seed, uint64_t rank, char word[WORD_LONGEST])
{
	uint64_t r = rng_at(~seed, rank);
	size_t n = 0;
	for (uint64_t left = rank + 1; left; left = (left - 1) / 20, n += 2) {
		word[n] = "bcdfghjklmnpqrstvwyz"[(left - 1) % 20];
		word[n + 1] = "aeiou"[(r >> n * 2 & 0xff) % 5];
	}
	if (r >> 59 == 0 && rank >= 20) {
		size_t end = n + 6 + (r >> 32 & 15); /* begins with a letter that no syllable has */
		for (word[n++] = 'x'; n < end; n++)
			word[n] = (char)('a' + (r >> n & 0xff) % 26);
	}
	return n;
}

/* Fills text[0 .. bytes) with words out of `distinct` ones, counts them in written[0 .. distinct), returns how many there are. */
static inline uint64_t text_make(char *text, size_t bytes, uint64_t seed, uint64_t distinct, uint32_t *written)
{
	double scale = log((double)distinct + 1);
	uint64_t words = 0;
	size_t at = 0, line = 0;
	char word[WORD_LONGEST];
	while (at < bytes) {
		uint64_t rank = (uint64_t)exp(rng_unit(seed, words) * scale) - 1; /* chance log((rank + 2) / (rank + 1)) / scale */
		rank = rank < distinct ? rank : distinct - 1;
		size_t n = word_make(seed, rank, word);
		if (n > bytes - at) /* at the end of the text: the shortest one */
			n = word_make(seed, rank = 0, word);
		if (n <= bytes - at) {
			for (size_t i = 0; i < n; i++)
				text[at++] = word[i];
			written[rank]++;
			words++;
		}
		if (at == bytes)
			break;
		text[at] = at - line < WORD_LINE ? ' ' : '\n';
		line = text[at++] == ' ' ? line : at;
	}
	return words;
}

/* What a word and its count add to the figure of a result; the sum does not depend on the order. */
static inline uint64_t word_figure(const char *word, size_t length, uint64_t count)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a: G. Fowler, L. C. Noll, K.-P. Vo */
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)word[i]) * UINT64_C(0x100000001b3);
	return rng_at(hash, count);
}

#endif
