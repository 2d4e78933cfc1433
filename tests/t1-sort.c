/* The inner parts of the sort kernels that random input hardly reaches: bad pivots, many equals, merges cut anywhere,
 * every size of a sorting network, doubles at the ends of their range; all of it for each instruction set. SEED=N repeats
 * a run. */
#define kernel_sort kernel_sort_under_test
#define kernel_sort_f64 kernel_sort_f64_under_test
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
enum { PATTERNS = 10 };

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
		       : pattern == 7 ? r & UINT64_C(0xFF00000000)
		       : pattern == 8 ? UINT64_MAX - r % 2
				      : i % 37;
	}
}

static void sorts(const char *name, void (*sort)(uint64_t *a, uint64_t *room, size_t n))
{
	static uint64_t a[MOST], room[MOST], want[MOST];
	bool good = true;
	for (int pattern = 0; pattern < PATTERNS; pattern++)
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

static void by_simd(uint64_t *a, uint64_t *room, size_t n) { engine()->sort(a, room, n, 0, DEPTH(n), false); }

static void by_simd_over(uint64_t *a, uint64_t *room, size_t n)
{
	engine()->sort(a, room, n, 0, DEPTH(n), true);
	memcpy(a, room, n * sizeof *a);
}

static void by_simd_out_of_luck(uint64_t *a, uint64_t *room, size_t n) { engine()->sort(a, room, n, 0, 2, false); }

/* With small blocks, so that there are many, and with few buckets too: then they are large ones. */
static void by_buckets(uint64_t *a, size_t n, size_t block, int workers)
{
	struct job job = {.kernel = &kernel_sort, .workers = workers, .seed = seed, .arg = {(double)n}};
	static uint32_t end[MOST / 10 + 1][PARTS_MOST];
	if (prepare_u64(&job))
		bail_out("no memory");
	struct data *d = job.data;
	d->block = block;
	free(d->end);
	d->end = end;
	memcpy(d->from, a, n * sizeof *a);
	if ((workers == 1 ? run_buckets : run_bucket_threads)(&job))
		bail_out("no thread");
	memcpy(a, d->from, n * sizeof *a);
	d->end = NULL;
	sort_release(&job);
}

static void by_small_blocks(uint64_t *a, uint64_t *room, size_t n)
{
	(void)room;
	by_buckets(a, n, 100, 1);
}

static void by_tiny_blocks(uint64_t *a, uint64_t *room, size_t n)
{
	(void)room;
	by_buckets(a, n, 10, 1); /* more than PARTS_MOST / 2 blocks: every bucket is large */
}

static void by_bucket_threads(uint64_t *a, uint64_t *room, size_t n)
{
	(void)room;
	by_buckets(a, n, 100, 3);
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
			for (int pattern = 0; pattern < PATTERNS; pattern++) {
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

/* Doubles become keys of the same order, and the same doubles again. */
static void doubles(void)
{
	static const double special[] = {-INFINITY, -0x1.fffffffffffffp1023, -1,	  -0x1p-1022, -0x1p-1074, -0.0, 0.0,
					 0x1p-1074, 0x1p-1022,		     0x1p-1, 0x1.fffffffffffffp1023, INFINITY};
	bool good = true;
	uint64_t before = 0;
	for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
		uint64_t bits, key;
		memcpy(&bits, &special[i], sizeof bits);
		key = key_of(bits);
		good = good && bits_of(key) == bits && key > before;
		before = key;
	}
	for (uint64_t i = 0; i < 10000; i++) { /* any bits, NaN too, come back */
		uint64_t bits = rng_at(seed, i);
		good = good && bits_of(key_of(bits)) == bits && key_of(bits_of(bits)) == bits;
	}
	ok(good, "doubles from -inf to inf have ascending keys, -0.0 just before 0.0, and come back from them");
}

static int ascending_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y ? 1 : (signbit(x) == 0) - (signbit(y) == 0);
}

/* Every variant of sort_f64, on doubles of all sizes, zeros of both signs and infinities among them. */
static void sorts_doubles(const struct variant *v)
{
	static double want[MOST];
	bool good = true;
	for (size_t n = 0; n <= MOST; n = 3 * n + 1) {
		struct job job = {.kernel = &kernel_sort_f64, .variant = v, .seed = seed, .arg = {(double)n}};
		job.workers = v->kind == KIND_SERIAL ? 1 : 3;
		if (prepare_f64(&job))
			bail_out("no memory");
		struct data *d = job.data;
		for (size_t i = 0; i < n; i++) {
			uint64_t r = rng_at(~seed, i);
			double x = double_of(r);
			want[i] = r % 9 == 0 ? -0.0 : r % 9 == 1 ? 0.0 : r % 50 == 3 ? -INFINITY : r % 50 == 4 || isnan(x) ? INFINITY : x;
		}
		memcpy(d->from, want, n * sizeof *want);
		qsort(want, n, sizeof *want, ascending_doubles);
		if (v->run(&job) || memcmp(d->from, want, n * sizeof *want))
			good = false;
		sort_release(&job);
	}
	ok(good, "%s sorts doubles of every kind (simd %s)", v->name, simd_name(simd_level()));
}

int main(void)
{
	const char *given = getenv("SEED");
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	diag("SEED=%llu, simd up to %s", (unsigned long long)seed, simd_name(simd_best()));
	sorts("insertion sort", by_insertion);
	sorts("heap sort", by_heap);
	sorts("quicksort", by_quick);
	sorts("quicksort that runs out of depth", by_quick_out_of_luck);
	sorts("radix sort", by_radix);
	sorts("radix sort into the other array", by_radix_over);
	for (enum simd_level level = SIMD_BASE; level <= simd_best(); level++) {
		setenv("LOCKSTEP_SIMD", simd_name(level), 1);
		diag("simd %s", simd_name(level));
		sorts("quicksort by vectors", by_simd);
		sorts("quicksort by vectors into the other array", by_simd_over);
		sorts("quicksort by vectors that runs out of depth", by_simd_out_of_luck);
		sorts("buckets of small blocks", by_small_blocks);
		sorts("buckets of more blocks than parts", by_tiny_blocks);
		sorts("buckets and threads", by_bucket_threads);
		for (const struct variant *v = variants; v->name; v++)
			if (v->kind != KIND_OPENMP) /* gcc's OpenMP library looks like races to the thread sanitizer */
				sorts_doubles(v);
	}
	doubles();
	deals();
	merges();
	return tap_done();
}
