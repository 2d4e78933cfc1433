/* Sorting in buckets that fit the cache, so that main memory is crossed only twice. Read by kernels/sort.c.
 *
 * Splitters, chosen from a sample, say which numbers belong to which bucket. First phase: each block of the input, small
 * enough for the cache, is parted by the splitters; the numbers of a bucket are then in as many pieces as there are
 * blocks. Second phase: a bucket is collected from its pieces, and sorted while it is in the cache. In both phases
 * workers take the next block or bucket that nobody has taken; between them all must have finished. */
#ifndef LOCKSTEP_SORT_BUCKETS_H
#define LOCKSTEP_SORT_BUCKETS_H

#include "kernels/sort_data.h"

/* Chooses the splitters from a sample of the numbers, so that buckets are nearly equal however the numbers are
 * distributed, and small enough for the cache beside their room. */
static void choose_splitters(struct data *d)
{
	enum { EACH = 16 }; /* samples a bucket: even out chance */
	uint64_t sample[PARTS_MOST * EACH], room[PARTS_MOST * EACH];
	d->blocks = (d->n + d->block - 1) / d->block;
	d->parts = 1;
	while (d->parts < PARTS_MOST && d->parts * d->block < 2 * d->n) /* half a block on average: few are larger than one */
		d->parts *= 2;
	if (!d->n)
		return;
	for (size_t i = 0; i < d->parts * EACH; i++) {
		uint64_t x = d->from[rng_at(d->n, i) % d->n]; /* random places: no pattern of the input meets them */
		sample[i] = d->f64 ? key_of(x) : x;
	}
	engine()->sort(sample, room, d->parts * EACH, 0, DEPTH(d->parts * EACH), false);
	for (size_t k = 0; k + 1 < d->parts; k++)
		d->splitter[k] = sample[(k + 1) * EACH];
	atomic_store(&d->next, 0);
}

/* Every block that nobody has taken yet is read from `from`, and written to `to` part by part. Doubles become keys on the
 * way. What is written on the way goes to `room`, which stays in the cache: in `from` it would have to go back to memory. */
static void phase_part(struct job *job, int worker)
{
	(void)worker;
	struct data *d = job->data;
	uint64_t room[BLOCK];
	for (size_t k; (k = atomic_fetch_add(&d->next, 1)) < d->blocks;) {
		size_t first = k * d->block, last = d->n - first < d->block ? d->n : first + d->block;
		engine()->part(d->from + first, room, d->to + first, last - first, d->splitter, d->parts, d->end[k], d->f64);
		for (size_t part = 1; part < d->parts; part++)
			d->end[k][part] += d->end[k][part - 1]; /* from sizes to ends */
	}
}

/* The part of a block that belongs to a bucket. */
static struct slice piece_of(const struct data *d, size_t block, size_t part)
{
	size_t first = block * d->block;
	return (struct slice){first + (part ? d->end[block][part - 1] : 0), first + d->end[block][part]};
}

/* Now all sizes are known, and with them where in the result each bucket begins. */
static void place_buckets(struct data *d)
{
	size_t begin = 0;
	for (size_t part = 0; part < d->parts; part++) {
		d->begin[part] = begin;
		for (size_t k = 0; k < d->blocks; k++)
			begin += piece_of(d, k, part).last - piece_of(d, k, part).first;
	}
	d->begin[d->parts] = begin;
	atomic_store(&d->next, 0);
}

static void sort_bucket(struct data *d, size_t part, uint64_t *room)
{
	size_t first = d->begin[part], n = d->begin[part + 1] - first;
	engine()->sort(d->from + first, room, n, part ? d->splitter[part - 1] : 0, DEPTH(n), false);
	to_bits(d, d->from + first, n);
}

/* Every bucket that nobody has taken yet is collected from all blocks, and sorted if it is small enough. */
static void phase_bucket(struct job *job, int worker)
{
	(void)worker;
	struct data *d = job->data;
	uint64_t room[BLOCK];
	for (size_t part; (part = atomic_fetch_add(&d->next, 1)) < d->parts;) {
		uint64_t *to = d->from + d->begin[part];
		for (size_t k = 0; k < d->blocks; k++) {
			struct slice piece = piece_of(d, k, part);
			memcpy(to, d->to + piece.first, (piece.last - piece.first) * sizeof *to);
			to += piece.last - piece.first;
		}
		if (d->begin[part + 1] - d->begin[part] <= d->block)
			sort_bucket(d, part, room);
	}
}

/* A bucket larger than that is one with many equal numbers, or there are more than PARTS_MOST blocks: it is sorted when
 * all have been collected, and `to` is free to be its room. */
static void phase_large(struct job *job, int worker)
{
	(void)worker;
	struct data *d = job->data;
	for (size_t part; (part = atomic_fetch_add(&d->next, 1)) < d->parts;)
		if (d->begin[part + 1] - d->begin[part] > d->block)
			sort_bucket(d, part, d->to + d->begin[part]);
}

#endif
