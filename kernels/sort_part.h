/* What the buckets need beside sorting itself: numbers dealt into parts, and doubles turned into keys and back. Read once
 * per instruction set by kernels/sort.c, after its split; see kernels/simd.h. */

/* Sorts a[0..n) into parts only: those below splitter[0], those from it up to below splitter[1], and so on. Where the
 * result goes, see sort; size[] receives the numbers in each part. */
SIMD_TARGET static void SIMD(part)(uint64_t *a, uint64_t *b, size_t n, const uint64_t *splitter, size_t parts,
				   uint32_t *size, bool over)
{
	if (parts == 1) {
		*size = (uint32_t)n;
		if (over)
			memcpy(b, a, n * sizeof *a);
		return;
	}
	size_t half = parts / 2, front = SIMD(split)(a, b, n, splitter[half - 1]);
	SIMD(part)(a, b, front, splitter, half, size, over);
	SIMD(part)(b + front, a + front, n - front, splitter + half, parts - half, size + half, !over);
}

/* The same from main memory: `from` is only read, a is room in the cache, and the result goes to b. */
SIMD_TARGET static void SIMD(part_from)(const uint64_t *from, uint64_t *a, uint64_t *b, size_t n, const uint64_t *splitter,
					size_t parts, uint32_t *size, bool doubles)
{
	size_t half = parts / 2;
	uint64_t middle = half ? splitter[half - 1] : 0;
	size_t front = doubles ? SIMD(split_from)(from, a, b, n, middle, true) : SIMD(split_from)(from, a, b, n, middle, false);
	if (half)
		SIMD(part)(a, b, front, splitter, half, size, true);
	SIMD(part)(b + front, a + front, n - front, splitter + half, parts - half, size + half, false);
}

SIMD_TARGET static void SIMD(to_keys)(uint64_t *a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		a[i] = key_of(a[i]);
}

SIMD_TARGET static void SIMD(to_bits)(uint64_t *a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		a[i] = bits_of(a[i]);
}
