/* The device's side of the lesson, in OpenCL C. The same in CUDA: arrays.cu.
 *
 * Work-items come in groups of GROUP. A group takes a stretch of the array, tile after tile; in a tile each work-item has EACH
 * numbers side by side. So an array of any length is covered by any number of groups, and no order among groups is needed:
 * first each group says what its stretch adds up to (part[group]), then one group scans these few parts, then each group goes
 * over its stretch again and knows what lies before it. All numbers are whole and of 32 bits: any order gives the same sum. */
#define GROUP 256
#define EACH 16
#define TILE (GROUP * EACH)

/* The tiles [x, y) of this group, of an array of n numbers. */
uint2 stretch(uint n)
{
	ulong tiles = (n + (ulong)TILE - 1) / TILE, groups = get_num_groups(0), g = get_group_id(0);
	return (uint2)((uint)(g * tiles / groups), (uint)((g + 1) * tiles / groups));
}

//> elementwise
/* A work-item for each number. Each operation reads its arrays from memory and writes one back. */
kernel void saxpy(uint n, uint a, global const uint *x, global const uint *y, global uint *t)
{
	uint i = get_global_id(0);
	if (i < n) /* the last group may be too long */
		t[i] = a * x[i] + y[i];
}

kernel void map(uint n, global const uint *t, global uint *u)
{
	uint i = get_global_id(0);
	if (i < n)
		u[i] = t[i] / 7;
}
//< elementwise

/* The sum of one number from each work-item, for all of them. */
uint add_up(local uint *s, uint mine)
{
	uint me = get_local_id(0);
	barrier(CLK_LOCAL_MEM_FENCE); /* nobody reads the last sum any more */
	s[me] = mine;
	for (uint half_way = GROUP / 2; half_way > 0; half_way /= 2) {
		barrier(CLK_LOCAL_MEM_FENCE);
		if (me < half_way)
			s[me] += s[me + half_way];
	}
	barrier(CLK_LOCAL_MEM_FENCE);
	return s[0];
}

//> scan-group
/* Running totals over a group: each work-item brings one number and gets the sum up to its own. In step `by` everyone adds
 * what stands `by` places to the left. All must have read before anyone writes, and the other way round: two barriers. */
uint scan_group(local uint *s, uint mine)
{
	uint me = get_local_id(0);
	s[me] = mine;
	barrier(CLK_LOCAL_MEM_FENCE);
	for (uint by = 1; by < GROUP; by *= 2) {
		uint left = me >= by ? s[me - by] : 0;
		barrier(CLK_LOCAL_MEM_FENCE);
		s[me] += left;
		barrier(CLK_LOCAL_MEM_FENCE);
	}
	return s[me];
}
//< scan-group

//> no-barrier
/* WRONG ON PURPOSE: no barriers between the steps. Who is early adds to a number that another has still to read. */
uint scan_group_no_barrier(local uint *s, uint mine)
{
	uint me = get_local_id(0);
	s[me] = mine;
	barrier(CLK_LOCAL_MEM_FENCE);
	for (uint by = 1; by < GROUP; by *= 2)
		s[me] += me >= by ? s[me - by] : 0;
	barrier(CLK_LOCAL_MEM_FENCE);
	return s[me];
}
//< no-barrier

/* What lies before each part, and behind the last one the sum of all. One group does it. */
kernel void scan_parts(uint parts, global uint *part)
{
	local uint s[GROUP];
	uint me = get_local_id(0), before = 0;
	for (uint base = 0; base < parts; base += GROUP) {
		uint mine = base + me < parts ? part[base + me] : 0;
		uint up_to = scan_group(s, mine);
		if (base + me < parts)
			part[base + me] = before + up_to - mine;
		before += s[GROUP - 1];
		barrier(CLK_LOCAL_MEM_FENCE); /* s is used again */
	}
	if (me == 0)
		part[parts] = before;
}

//> filter
/* Filter, first half: how many numbers of its stretch will each group keep? */
kernel void count_kept(uint n, global const uint *u, global uint *part)
{
	local uint s[GROUP];
	uint2 mine = stretch(n);
	uint kept = 0;
	for (uint tile = mine.x; tile < mine.y; tile++)
		for (uint i = tile * TILE + get_local_id(0) * EACH, k = 0; k < EACH && i < n; k++, i++)
			kept += u[i] & 1; /* odd numbers are kept */
	kept = add_up(s, kept);
	if (get_local_id(0) == 0)
		part[get_group_id(0)] = kept;
}

/* Second half: each work-item knows how many are kept before its own numbers, and writes its own from there on. */
kernel void keep(uint n, global const uint *u, global const uint *part, global uint *v)
{
	local uint s[GROUP];
	uint2 mine = stretch(n);
	uint before = part[get_group_id(0)];
	for (uint tile = mine.x; tile < mine.y; tile++) {
		uint first = tile * TILE + get_local_id(0) * EACH, kept = 0;
		for (uint k = 0; k < EACH; k++)
			kept += first + k < n ? u[first + k] & 1 : 0;
		uint place = before + scan_group(s, kept) - kept;
		for (uint k = 0; k < EACH; k++)
			if (first + k < n && (u[first + k] & 1))
				v[place++] = u[first + k];
		before += s[GROUP - 1];
		barrier(CLK_LOCAL_MEM_FENCE);
	}
}
//< filter

/* The sum of each group's stretch. How many numbers there are stands behind the parts of `counts`: the host need not know. */
kernel void sum_parts(global const uint *counts, global const uint *v, global uint *part)
{
	local uint s[GROUP];
	uint n = counts[get_num_groups(0)];
	uint2 mine = stretch(n);
	uint sum = 0;
	for (uint tile = mine.x; tile < mine.y; tile++)
		for (uint i = tile * TILE + get_local_id(0) * EACH, k = 0; k < EACH && i < n; k++, i++)
			sum += v[i];
	sum = add_up(s, sum);
	if (get_local_id(0) == 0)
		part[get_group_id(0)] = sum;
}

//> scan
/* Running totals of the whole array. A work-item adds up its own EACH numbers first, so that only GROUP sums a tile go
 * through the steps of scan_group: about two additions a number in all, however long the array is (work-efficient). */
kernel void scan(global const uint *counts, global const uint *v, global const uint *part, global uint *w)
{
	local uint s[GROUP];
	uint n = counts[get_num_groups(0)], before = part[get_group_id(0)], total[EACH];
	uint2 mine = stretch(n);
	for (uint tile = mine.x; tile < mine.y; tile++) {
		uint first = tile * TILE + get_local_id(0) * EACH, own = 0;
		for (uint k = 0; k < EACH; k++)
			total[k] = own += first + k < n ? v[first + k] : 0;
		uint base = before + scan_group(s, own) - own;
		for (uint k = 0; k < EACH; k++)
			if (first + k < n)
				w[first + k] = base + total[k];
		before += s[GROUP - 1];
		barrier(CLK_LOCAL_MEM_FENCE);
	}
}
//< scan

kernel void scan_no_barrier(global const uint *counts, global const uint *v, global const uint *part, global uint *w)
{
	local uint s[GROUP];
	uint n = counts[get_num_groups(0)], before = part[get_group_id(0)], total[EACH];
	uint2 mine = stretch(n);
	for (uint tile = mine.x; tile < mine.y; tile++) {
		uint first = tile * TILE + get_local_id(0) * EACH, own = 0;
		for (uint k = 0; k < EACH; k++)
			total[k] = own += first + k < n ? v[first + k] : 0;
		uint base = before + scan_group_no_barrier(s, own) - own;
		for (uint k = 0; k < EACH; k++)
			if (first + k < n)
				w[first + k] = base + total[k];
		before += s[GROUP - 1];
		barrier(CLK_LOCAL_MEM_FENCE);
	}
}

//> join
/* What a piece of the array comes to, in three numbers: how many are kept, their total, the sum of their running totals.
 * Two neighbours joined: the right one's running totals all begin at the left one's total. */
typedef struct { uint kept, total, sum; } piece;

piece join(piece a, piece b)
{
	return (piece){a.kept + b.kept, a.total + b.total, a.sum + b.sum + a.total * b.kept};
}
//< join

piece take(piece p, uint t)
{
	uint u = t / 7;
	return u & 1 ? (piece){p.kept + 1, p.total + u, p.sum + p.total + u} : p;
}

//> fused
/* All five operations in one launch. x and y are read once; all that lies between stays in registers. */
kernel void fused(uint n, uint a, global const uint *x, global const uint *y, global piece *part)
{
	local piece s[GROUP];
	uint me = get_local_id(0);
	uint2 mine = stretch(n);
	piece all = {0, 0, 0};
	for (uint tile = mine.x; tile < mine.y; tile++) {
		uint first = tile * TILE + me * EACH;
		piece own = {0, 0, 0};
		for (uint k = 0; k < EACH && first + k < n; k++)
			own = take(own, a * x[first + k] + y[first + k]);
		s[me] = own;
		for (uint by = 1; by < GROUP; by *= 2) { /* neighbours join: the order must be kept */
			barrier(CLK_LOCAL_MEM_FENCE);
			if (me % (2 * by) == 0)
				s[me] = join(s[me], s[me + by]);
		}
		if (me == 0)
			all = join(all, s[0]);
		barrier(CLK_LOCAL_MEM_FENCE);
	}
	if (me == 0)
		part[get_group_id(0)] = all;
}
//< fused

//> steps
/* For the second half of the lesson: numbers [first, first + n), each `work` steps on. */
kernel void steps(uint first, uint n, uint work, global const uint *in, global uint *out)
{
	for (uint i = first + get_global_id(0); i < first + n; i += get_global_size(0)) {
		uint x = in[i];
		for (uint k = 0; k < work; k++)
			x = 1664525u * x + 1013904223u;
		out[i] = x;
	}
}
//< steps
