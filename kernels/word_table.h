/* The table of kernels/word_count.c from its second rung on: open addressing, so that a word is looked for at the place its
 * hash says, and from there on until a free place; and the first 16 bytes of each word in the table itself, so that a look-up
 * touches one cache line and seldom the text. */
#ifndef LOCKSTEP_WORD_TABLE_H
#define LOCKSTEP_WORD_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/simd.h"

enum { KEY = 16 };

struct word {
	const char *text; /* where it stands first, or at some later place */
	uint32_t length, count;
};

/* A place of the table; free when word.length is 0. */
struct slot {
	uint64_t key[2]; /* its first 16 bytes, zeros behind a shorter one: no word has a byte 0 */
	struct word word;
};

struct table {
	struct slot *slot; /* 2^bits */
	int bits;
	uint64_t stir; /* 1: the words lie in the order of their hashes */
	size_t used;
};

/* A word that was found, ready to be looked up. */
struct item {
	uint64_t key[2], hash;
	const char *text;
	size_t length;
};

/* The product of two numbers has 128 bits, each of which depends on many of theirs; its halves are laid over each other. */
static inline uint64_t hash_of(uint64_t a, uint64_t b)
{
	unsigned __int128 p = (unsigned __int128)(a ^ UINT64_C(0x9E3779B97F4A7C15)) * (b ^ UINT64_C(0xD1B54A32D192ED03));
	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

static inline struct item item_of(const char *text, size_t length)
{
	static const unsigned char ones[2 * KEY] = {255, 255, 255, 255, 255, 255, 255, 255,
						    255, 255, 255, 255, 255, 255, 255, 255};
	struct item it = {.text = text, .length = length};
	uint64_t keep[2], end[2];
	memcpy(it.key, text, KEY); /* may read behind the word, and so a little behind the text */
	memcpy(keep, ones + KEY - (length < KEY ? length : KEY), KEY);
	it.key[0] &= keep[0];
	it.key[1] &= keep[1];
	it.hash = hash_of(it.key[0], it.key[1]);
	if (length > KEY) { /* rare: its last 16 bytes as well */
		memcpy(end, text + length - KEY, KEY);
		it.hash = hash_of(it.hash ^ end[0], end[1]);
	}
	return it;
}

/* Where to look first. */
static inline size_t table_place(const struct table *t, uint64_t hash) { return hash * t->stir >> (64 - t->bits); }

static inline struct slot *table_find(const struct table *t, const struct item *it)
{
	size_t last = ((size_t)1 << t->bits) - 1;
	for (size_t i = table_place(t, it->hash);; i = (i + 1) & last) {
		struct slot *s = &t->slot[i];
		bool same = s->key[0] == it->key[0] && s->key[1] == it->key[1] && s->word.length == it->length;
		if (same && (it->length <= KEY || !memcmp(s->word.text, it->text, it->length)))
			return s;
		if (!s->word.length)
			return s;
	}
}

static bool table_make(struct table *t, int bits, uint64_t stir)
{
	*t = (struct table){.slot = simd_alloc((size_t)1 << bits, sizeof *t->slot), .bits = bits, .stir = stir};
	if (t->slot)
		memset(t->slot, 0, sizeof *t->slot << bits);
	return t->slot;
}

static struct item item_in(const struct slot *s)
{
	if (s->word.length > KEY)
		return item_of(s->word.text, s->word.length);
	return (struct item){{s->key[0], s->key[1]}, hash_of(s->key[0], s->key[1]), s->word.text, s->word.length};
}

/* Half full is full: neighbours then seldom meet. */
static bool table_grow(struct table *t)
{
	struct table more;
	if (!table_make(&more, t->bits + 1, t->stir))
		return false;
	for (size_t i = 0; i < (size_t)1 << t->bits; i++) {
		if (!t->slot[i].word.length)
			continue;
		struct item it = item_in(&t->slot[i]);
		*table_find(&more, &it) = t->slot[i];
	}
	more.used = t->used;
	free(t->slot);
	*t = more;
	return true;
}

static inline bool table_add(struct table *t, const struct item *it, uint32_t count)
{
	struct slot *s = table_find(t, it);
	if (!s->word.length) {
		if (2 * t->used >= (size_t)1 << t->bits) {
			if (!table_grow(t))
				return false;
			s = table_find(t, it);
		}
		t->used++;
		*s = (struct slot){{it->key[0], it->key[1]}, {it->text, (uint32_t)it->length, 0}};
	}
	s->word.count += count;
	return true;
}

#endif
