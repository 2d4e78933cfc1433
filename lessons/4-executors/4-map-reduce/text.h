/* The text of the lesson map-reduce, block by block, and the bag of words of one worker. Map, combine and reduce are in lesson.c.
 *
 * A text is made up (in memory that has a file descriptor, memfd_create(2)) or it is the files that --file names. It is never in memory
 * as a whole: a worker has one block at a time. What memory is needed grows with the number of *different* words, not with the text.
 * Word: what stands between blanks (bytes up to 32). Two words are the same if their first LONGEST bytes are; what follows is not looked at.
 * A word that is counted more than 2^32 - 1 times is counted wrong, and the check says so. */
#ifndef LOCKSTEP_MAP_REDUCE_TEXT_H
#define LOCKSTEP_MAP_REDUCE_TEXT_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernels/kernel.h"
#include "kernels/word_table.h"
#include "kernels/word_text.h"

enum { LONGEST = 1024, FILES_MAX = 64, ARENA = 1 << 16, AFTER = 64, CHECKED_AT_ONCE = 1 << 18 };

static inline bool blank(char c) { return (unsigned char)c <= ' '; }

/* ---- where the text comes from ---- */

struct file {
	int fd;
	uint64_t bytes, first_block; /* of the whole text's blocks */
};
static struct file named_file[FILES_MAX]; /* --file; open until the program ends */
static int named_files;

/* A block in memory: text[first .. end) is where words may begin, text[.. n) where the last one may go on. */
struct block {
	char *text;
	size_t first, end, n;
};

/* ---- a bag of words ---- */

struct arena {
	struct arena *next;
	size_t used;
	char text[ARENA];
};

struct bag {
	struct table table;
	struct arena *long_words; /* words of up to KEY bytes lie in the table itself */
	uint64_t pairs;           /* that were put in */
};

struct text {
	struct file file[FILES_MAX];
	int files;
	uint64_t blocks;
	size_t block_bytes;
	uint64_t words, sum; /* by the independent count: how many, and the sum of a hash of each */
	uint64_t moved;      /* pairs that came from other processes in the last run */
	struct bag bag[KERNEL_WORKERS_MAX];
};

/* The stir differs by worker, or words that come from one table would crowd together in the next. */
static bool bag_open(struct bag *b, int worker)
{
	*b = (struct bag){.long_words = NULL};
	return table_make(&b->table, 12, rng_at(1, (uint64_t)worker) | 1);
}

static void bag_close(struct bag *b)
{
	for (struct arena *a = b->long_words, *next; a; a = next) {
		next = a->next;
		free(a);
	}
	free(b->table.slot);
	*b = (struct bag){.long_words = NULL};
}

/* The same word again: its count grows. Behind the text AFTER bytes are readable. False with ENOMEM. */
static bool bag_add(struct bag *b, const char *text, size_t length, uint32_t count)
{
	struct item it = item_of(text, length);
	size_t used = b->table.used;
	b->pairs++;
	if (!table_add(&b->table, &it, count))
		return false;
	if (length <= KEY || b->table.used == used)
		return true;
	if (!b->long_words || b->long_words->used + length > ARENA) {
		struct arena *more = malloc(sizeof *more);
		if (!more)
			return false;
		more->next = b->long_words;
		more->used = 0;
		b->long_words = more;
	}
	char *own = b->long_words->text + b->long_words->used; /* the block that it came from will be overwritten */
	memcpy(own, text, length);
	b->long_words->used += length;
	table_find(&b->table, &it)->word.text = own;
	return true;
}

static const char *slot_text(const struct slot *s) { return s->word.length <= KEY ? (const char *)s->key : s->word.text; }

/* The next word in the bag, from place *at on; NULL: there is none. */
static const struct slot *bag_next(const struct bag *b, size_t *at)
{
	for (size_t size = b->table.slot ? (size_t)1 << b->table.bits : 0; *at < size; (*at)++)
		if (b->table.slot[*at].word.length)
			return &b->table.slot[(*at)++];
	return NULL;
}

/* ---- reading ---- */

static int read_at(const struct file *f, uint64_t from, char *to, size_t n)
{
	for (ssize_t got; n > 0; from += (uint64_t)got, to += got, n -= (size_t)got)
		if ((got = pread(f->fd, to, n, (off_t)from)) <= 0) {
			errno = got < 0 ? errno : EIO; /* the file has become shorter */
			return -1;
		}
	return 0;
}

static size_t block_room(const struct text *t) { return 1 + t->block_bytes + LONGEST + AFTER; }

/* Reads block number `number` into block->text, which has block_room bytes: so much that every word that *begins* in it is whole. */
static int block_read(const struct text *t, uint64_t number, struct block *block)
{
	const struct file *f = t->file;
	while (f + 1 < t->file + t->files && f[1].first_block <= number)
		f++;
	//> block
	uint64_t begin = (number - f->first_block) * t->block_bytes, before = begin > 0; /* one byte more: does a word end there? */
	uint64_t end = begin + t->block_bytes < f->bytes ? begin + t->block_bytes : f->bytes;
	uint64_t far = end + LONGEST < f->bytes ? end + LONGEST : f->bytes;
	block->n = (size_t)(far - begin + before);
	block->end = (size_t)(end - begin + before);
	if (read_at(f, begin - before, block->text, block->n))
		return -1;
	memset(block->text + block->n, 0, AFTER);
	block->first = 0; /* a word that has begun in the block before belongs there */
	while (before && block->first < block->end && !blank(block->text[block->first]))
		block->first++;
	//< block
	return 0;
}

/* ---- the independent count: byte by byte, no blocks, no table ---- */

static uint64_t fnv(uint64_t hash, char c) { return (hash ^ (unsigned char)c) * UINT64_C(0x100000001b3); }
static const uint64_t fnv_start = UINT64_C(0xcbf29ce484222325); /* FNV-1a: G. Fowler, L. C. Noll, K.-P. Vo */

static int text_check(struct text *t)
{
	char *part = malloc(CHECKED_AT_ONCE);
	int rc = part ? 0 : -1;
	t->words = t->sum = 0;
	for (int i = 0; i < t->files && !rc; i++) {
		uint64_t hash = fnv_start, length = 0, left = t->file[i].bytes;
		for (uint64_t at = 0, n; left > 0 && !rc; at += n, left -= n) {
			n = left < CHECKED_AT_ONCE ? left : CHECKED_AT_ONCE;
			rc = read_at(&t->file[i], at, part, n);
			for (size_t k = 0; k < n && !rc; k++) {
				if (!blank(part[k])) {
					hash = length++ < LONGEST ? fnv(hash, part[k]) : hash;
				} else if (length > 0) {
					t->words++, t->sum += rng_at(hash, 0);
					hash = fnv_start, length = 0;
				}
			}
		}
		if (length > 0)
			t->words++, t->sum += rng_at(hash, 0);
	}
	free(part);
	return rc;
}

/* A bag against that count: how many words; the sum of the hashes, each as often as its word was counted; and no word stands there twice. */
static bool bag_right(const struct text *t, const struct bag *b, uint64_t *words)
{
	uint64_t sum = 0, hash;
	bool once = true;
	*words = 0;
	size_t at = 0;
	for (const struct slot *s; (s = bag_next(b, &at)); sum += s->word.count * rng_at(hash, 0)) {
		struct item it = item_in(s);
		once = once && table_find(&b->table, &it) == s;
		hash = fnv_start;
		for (uint32_t k = 0; k < s->word.length; k++)
			hash = fnv(hash, slot_text(s)[k]);
		*words += s->word.count;
	}
	return once && *words == t->words && sum == t->sum;
}

/* ---- making and naming it ---- */

static int text_made(struct text *t, uint64_t bytes, uint64_t seed, uint64_t distinct)
{
	uint32_t *written = calloc(distinct, sizeof *written);
	char *memory = MAP_FAILED;
	int fd = written ? memfd_create("text", MFD_CLOEXEC) : -1, rc = -1;
	t->file[0] = (struct file){.fd = fd, .bytes = bytes};
	t->files = fd >= 0;
	if (fd < 0 || ftruncate(fd, (off_t)bytes))
		goto out;
	if (bytes > 0 && (memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) == MAP_FAILED)
		goto out;
	uint64_t words = text_make(memory, bytes, seed, distinct, written);
	rc = text_check(t);
	t->words = words; /* the writer knows it best */
out:
	if (memory != MAP_FAILED)
		munmap(memory, bytes);
	free(written);
	return rc;
}

static int text_named(struct text *t, uint64_t bytes)
{
	for (int i = 0; i < named_files; i++, t->files++) {
		t->file[i] = named_file[i];
		t->file[i].bytes = bytes < named_file[i].bytes ? bytes : named_file[i].bytes;
		bytes -= t->file[i].bytes;
	}
	return text_check(t);
}

/* 0, or -1 with errno; then text_close all the same. */
static int text_open(struct text *t, uint64_t bytes, size_t block_bytes, uint64_t seed, uint64_t distinct)
{
	t->block_bytes = block_bytes;
	if (named_files ? text_named(t, bytes) : text_made(t, bytes, seed, distinct))
		return -1;
	for (int i = 0; i < t->files; i++) {
		t->file[i].first_block = t->blocks;
		t->blocks += (t->file[i].bytes + block_bytes - 1) / block_bytes;
	}
	return 0;
}

static void text_clear(struct text *t)
{
	for (int w = 0; w < KERNEL_WORKERS_MAX; w++)
		if (t->bag[w].table.slot)
			bag_close(&t->bag[w]);
	t->moved = 0;
}

static void text_close(struct text *t)
{
	if (!t)
		return;
	text_clear(t);
	if (!named_files && t->files)
		close(t->file[0].fd);
	free(t);
}

/* --file PATH[,PATH …]: opens them; NULL, or what is allowed. *bytes: of all together. */
static const char *name_files(const char *list, double *bytes)
{
	static const char allowed[] = "a file that can be read, or several with commas between";
	for (*bytes = named_files = 0; *list; list += *list == ',') {
		size_t n = strcspn(list, ",");
		char *path = strndup(list, n);
		int fd = path && n && named_files < FILES_MAX ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
		struct stat st;
		free(path);
		if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
			return fd >= 0 ? close(fd), allowed : allowed;
		named_file[named_files++] = (struct file){.fd = fd, .bytes = (uint64_t)st.st_size};
		*bytes += (double)st.st_size;
		list += n;
	}
	return named_files ? NULL : allowed;
}

#endif
