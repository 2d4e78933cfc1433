/* The matrix of kernel spmv: how it is drawn, and how its rows are put into slices. Read by kernels/spmv.c, after simd.h. */
#ifndef LOCKSTEP_SPMV_MATRIX_H
#define LOCKSTEP_SPMV_MATRIX_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"

enum {
	WINDOW = 1024, /* rows that are sorted by length before they are cut into slices: their x and y stay in the cache */
	LONG = 4,      /* a row of more numbers than so many times the average is sorted among its like */
};

static size_t least(size_t x, size_t y) { return x < y ? x : y; }

/* A whole odd number, positive or negative, below 2^10. */
static double odd(uint64_t r) { return (double)((int)((r & 2047) | 1) - 1024); }

/* How many numbers row i has; where `column` is given, their columns, rising. */
static size_t draw_row(const struct job *job, size_t i, uint32_t *column)
{
	size_t n = job_size(job), band = (size_t)job->arg[1], many = (size_t)job->arg[2], count = 0;
	uint64_t r = rng_at(job->seed, i);
	size_t every = many && n > 4 * many ? n / (4 * many) : 1;
	if (i % every == every / 2 && i / every < many) {
		size_t length = least(n, 1 + n * band / (2 * many)), step = n / length;
		for (size_t k = 0; k < length; k++)
			if (column)
				column[k] = (uint32_t)(k * step + rng_at(r, k) % step);
		return length;
	}
	size_t wanted = r % (2 * band + 1), c = i > 2 * wanted ? i - 2 * wanted : 0;
	for (; count < wanted && c < n; c += 1 + (rng_at(r, count++) & 3))
		if (column)
			column[count] = (uint32_t)c;
	return count;
}

static int rising(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* Puts rows of like length together: all long rows first, then window by window, the longest of each first. A row's key for
 * sorting: its window, 16 bits; how much shorter it is than the longest could be, 24 bits; its number, 24 bits. */
static bool slice_rows(const struct matrix *a, struct slices *s)
{
	size_t n = a->rows, steps = 0;
	s->count = n / SLICE + (n % SLICE > 0);
	s->row = simd_alloc(s->count * SLICE, sizeof *s->row);
	s->begin = simd_alloc(s->count + 1, sizeof *s->begin);
	uint64_t *key = simd_alloc(s->count * SLICE, sizeof *key);
	if (!s->row || !s->begin || !key) {
		free(key);
		return false;
	}
	for (size_t i = 0; i < s->count * SLICE; i++) {
		uint64_t length = i < n ? a->begin[i + 1] - a->begin[i] : 0;
		bool is_long = length * n > LONG * (uint64_t)a->begin[n];
		key[i] = (is_long ? 0 : 1 + i / WINDOW) << 48 | (n - length) << 24 | (i < n ? i : n);
	}
	qsort(key, s->count * SLICE, sizeof *key, rising);
	for (size_t i = 0; i < s->count * SLICE; i++) {
		s->row[i] = key[i] & 0xFFFFFF;
		key[i] = n - (key[i] >> 24 & 0xFFFFFF); /* its length */
	}
	for (size_t i = 0; i < s->count; i++) {
		s->begin[i] = (uint32_t)steps;
		uint64_t most = 0;
		for (size_t lane = 0; lane < SLICE; lane++)
			most = key[i * SLICE + lane] > most ? key[i * SLICE + lane] : most;
		steps += most;
	}
	free(key);
	s->begin[s->count] = (uint32_t)steps;
	s->column = simd_alloc(steps * SLICE, sizeof *s->column);
	s->value = simd_alloc(steps * SLICE, sizeof *s->value);
	if (!s->column || !s->value)
		return false;
	for (size_t i = 0; i < s->count * SLICE; i++) {
		size_t begin = s->row[i] < n ? a->begin[s->row[i]] : 0, end = s->row[i] < n ? a->begin[s->row[i] + 1] : 0;
		for (size_t k = s->begin[i / SLICE]; k < s->begin[i / SLICE + 1]; k++, begin++) {
			s->column[k * SLICE + i % SLICE] = begin < end ? a->column[begin] : 0;
			s->value[k * SLICE + i % SLICE] = begin < end ? a->value[begin] : 0;
		}
	}
	return true;
}

#endif
