/* The inner parts of the sort kernel that random input hardly reaches: bad pivots, many equals, merges cut anywhere. */
#define kernel_sort kernel_sort_under_test
#include "kernels/sort.c"
#include <time.h>
#include "tests/tap.h"

enum { MOST = 3000 };

static uint64_t seed;

static int ascending(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

/* Patterns that sorts are known to stumble over. */
static void fill(uint64_t *a, size_t n, int pattern)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t r = rng_at(seed, i);
		a[i] = pattern == 0   ? r
		       : pattern == 1 ? i
		       : pattern == 2 ? n - i
		       : pattern == 3 ? 42
		       : pattern == 4 ? r % 3
		       : pattern == 5 ? (i < n / 2 ? i : n - i)
		       : pattern == 6 ? r % 2 * UINT64_MAX
				      : r & UINT64_C(0xFF00000000);
	}
}

static void sorts(const char *name, void (*sort)(uint64_t *a, uint64_t *room, size_t n))
{
	static uint64_t a[MOST], room[MOST], want[MOST];
	bool good = true;
	for (int pattern = 0; pattern < 8; pattern++)
		for (size_t n = 0; n <= MOST; n = n < 70 ? n + 1 : 2 * n + 1) {
			fill(a, n, pattern);
			memcpy(want, a, sizeof want);
			qsort(want, n, sizeof *want, ascending);
			sort(a, room, n);
			if (!memcmp(a, want, n * sizeof *a))
				continue;
			diag("%s: pattern %d, %zu numbers", name, pattern, n);
			good = false;
		}
	ok(good, "%s sorts every pattern", name);
}

static void by_insertion(uint64_t *a, uint64_t *room, size_t n)
{
	(void)room;
	insertion_sort(a, n);
}

static void by_heap(uint64_t *a, uint64_t *room, size_t n)
{
	(void)room;
	heap_sort(a, n);
}

static void by_quick(uint64_t *a, uint64_t *room, size_t n)
{
	(void)room;
	quick_sort(a, n, DEPTH(n));
}

static void by_quick_out_of_luck(uint64_t *a, uint64_t *room, size_t n)
{
	(void)room;
	quick_sort(a, n, 3);
}

static void by_radix(uint64_t *a, uint64_t *room, size_t n) { radix_sort(a, room, n, 56, false); }

static void by_radix_over(uint64_t *a, uint64_t *room, size_t n)
{
	radix_sort(a, room, n, 56, true);
	memcpy(a, room, n * sizeof *a);
}

/* deal_far is for large inputs; here it must do what deal does, wherever in a cache line the target begins. */
static void deals(void)
{
	static uint64_t a[MOST], near_heaps[MOST + 8];
	static _Alignas(64) uint64_t far_heaps[MOST + 8];
	bool good = true;
	for (size_t n = 0; n <= MOST; n = 2 * n + 1)
		for (size_t skew = 0; skew < 8; skew++)
			for (int pattern = 0; pattern < 8; pattern++) {
				size_t at[256] = {0}, at_far[256];
				fill(a, n, pattern);
				for (size_t i = 0; i < n; i++)
					at[a[i] & 255]++;
				for (size_t heap = 0, next = 0; heap < 256; heap++) {
					size_t here = at[heap];
					at[heap] = next;
					next += here;
				}
				memcpy(at_far, at, sizeof at);
				memset(near_heaps, 1, sizeof near_heaps);
				memset(far_heaps, 1, sizeof far_heaps);
				deal(a, near_heaps + skew, n, 0, at);
				deal_far(a, far_heaps + skew, n, 0, at_far);
				good = good && !memcmp(near_heaps, far_heaps, sizeof far_heaps) && !memcmp(at, at_far, sizeof at);
			}
	ok(good, "dealing past the cache gives the same heaps, and writes nothing beside them");
}

static void merges(void)
{
	bool good = true;
	for (uint64_t trial = 0; trial < 3000; trial++) {
		uint64_t r = rng_at(seed, trial), all[40], out[40];
		size_t na = r % 20, nb = (r >> 8) % 20, cut = (r >> 16) % (na + nb + 1);
		for (size_t i = 0; i < na + nb; i++)
			all[i] = rng_at(r, i) % (1 + (r >> 32) % 30);
		qsort(all, na, sizeof *all, ascending);
		qsort(all + na, nb, sizeof *all, ascending);
		merge_part(all, na, all + na, nb, 0, cut, out);
		merge_part(all, na, all + na, nb, cut, na + nb, out);
		qsort(all, na + nb, sizeof *all, ascending);
		good = good && !memcmp(all, out, (na + nb) * sizeof *all);
	}
	ok(good, "two parts of a merge make the whole, wherever it is cut");
}

int main(void)
{
	const char *given = getenv("SEED");
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	diag("SEED=%llu", (unsigned long long)seed);
	sorts("insertion sort", by_insertion);
	sorts("heap sort", by_heap);
	sorts("quicksort", by_quick);
	sorts("quicksort that runs out of depth", by_quick_out_of_luck);
	sorts("radix sort", by_radix);
	sorts("radix sort into the other array", by_radix_over);
	deals();
	merges();
	return tap_done();
}
