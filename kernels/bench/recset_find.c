/* Finding rows by their configuration in constant time: one open-addressing table a run holds the row numbers of its
 * points, fits, counters, budgets and verdicts; the rows themselves hold the keys. */
#include "kernels/bench/recset_private.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"

struct slot {
	uint32_t row; /* + 1; 0: empty */
	uint32_t table;
};

struct recset_index {
	size_t room, used; /* room is a power of two */
	struct slot *slots;
};

static uint64_t mix(uint64_t h, const void *bytes, size_t n)
{
	const unsigned char *b = bytes;
	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * 0x100000001b3; /* FNV-1a */
	return h;
}

/* `how` is left out, so that a search for any `how` walks the same slots. */
static uint64_t hash(const struct recset_key *k)
{
	double at = isnan(k->at) ? 0 : k->at + 0.0;
	int numbers[] = {(int)k->table, k->workers, k->worker, isnan(k->at)};
	uint64_t h = mix(0xcbf29ce484222325, numbers, sizeof numbers);
	h = mix(h, &at, sizeof at);
	h = mix(h, k->variant, strlen(k->variant) + 1);
	h = k->law ? mix(h, k->law, strlen(k->law)) : h;
	return h ^ h >> 29;
}

static struct recset_key key_of(const struct rec_run *run, enum recset_table table, size_t row)
{
	struct recset_key k = {.table = table, .at = NAN};
	switch (table) {
	case TABLE_POINTS: {
		const struct rec_point *p = &run->points.v[row];
		k.variant = p->variant, k.workers = p->workers, k.at = p->at;
		break;
	}
	case TABLE_FITS: {
		const struct rec_fit *f = &run->fits.v[row];
		k.variant = f->variant, k.law = f->law, k.how = f->how, k.at = f->at;
		break;
	}
	case TABLE_COUNTERS: {
		const struct rec_counters *c = &run->counters.v[row];
		k.variant = c->variant, k.workers = c->workers, k.worker = c->worker, k.at = c->at;
		break;
	}
	case TABLE_BUDGETS: {
		const struct rec_budget *b = &run->budgets.v[row];
		k.variant = b->variant, k.workers = b->workers, k.at = b->at;
		break;
	}
	case TABLE_VERDICTS:
		k.variant = run->verdicts.v[row].variant;
		break;
	}
	return k;
}

static bool same_text(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }
static bool same_at(double a, double b) { return (isnan(a) && isnan(b)) || a == b; }

static bool matches(const struct recset_key *want, const struct recset_key *have)
{
	return want->workers == have->workers && want->worker == have->worker && same_at(want->at, have->at) &&
	       !strcmp(want->variant, have->variant) && same_text(want->law, have->law) &&
	       (!want->how || same_text(want->how, have->how));
}

/* The first in the order of rows wins when several match (any `how`). */
long recset_find(const struct rec_run *run, const struct recset_key *key)
{
	const struct recset_index *x = run->index;
	long found = -1;
	if (!x || !key->variant)
		return -1;
	for (size_t i = hash(key) & (x->room - 1); x->slots[i].row; i = (i + 1) & (x->room - 1)) {
		long row = (long)x->slots[i].row - 1;
		if (x->slots[i].table != (uint32_t)key->table || (found >= 0 && row > found))
			continue;
		struct recset_key have = key_of(run, key->table, (size_t)row);
		if (matches(key, &have))
			found = row;
	}
	return found;
}

static void put(struct recset_index *x, const struct rec_run *run, struct slot s)
{
	struct recset_key k = key_of(run, (enum recset_table)s.table, s.row - 1);
	size_t i = hash(&k) & (x->room - 1);
	while (x->slots[i].row)
		i = (i + 1) & (x->room - 1);
	x->slots[i] = s;
	x->used++;
}

void recset_indexed(struct rec_run *run, enum recset_table table, size_t row)
{
	if (!run->index)
		run->index = xcalloc(1, sizeof *run->index);
	struct recset_index *x = run->index;
	if (2 * (x->used + 1) > x->room) {
		struct recset_index old = *x;
		*x = (struct recset_index){.room = old.room ? 2 * old.room : 64};
		x->slots = xcalloc(x->room, sizeof *x->slots);
		for (size_t i = 0; i < old.room; i++)
			if (old.slots[i].row)
				put(x, run, old.slots[i]);
		free(old.slots);
	}
	put(x, run, (struct slot){.row = (uint32_t)row + 1, .table = (uint32_t)table});
}

void recset_free_index(struct recset_index *index)
{
	if (index)
		free(index->slots);
	free(index);
}

/* ---- look-ups ------------------------------------------------------------------------------------------------------ */

const struct rec_point *recset_point(const struct rec_run *run, const char *variant, int workers, double at)
{
	struct recset_key k = {.table = TABLE_POINTS, .variant = variant, .workers = workers, .at = at};
	long row = recset_find(run, &k);
	return row < 0 ? NULL : &run->points.v[row];
}

const struct rec_fit *recset_fit(const struct rec_run *run, const char *variant, const char *law, const char *how, double at)
{
	struct recset_key k = {.table = TABLE_FITS, .variant = variant, .law = law, .how = how, .at = at};
	long row = recset_find(run, &k);
	return row < 0 ? NULL : &run->fits.v[row];
}

const struct rec_budget *recset_budget(const struct rec_run *run, const char *variant, int workers, double at)
{
	struct recset_key k = {.table = TABLE_BUDGETS, .variant = variant, .workers = workers, .at = at};
	long row = recset_find(run, &k);
	return row < 0 ? NULL : &run->budgets.v[row];
}

const struct rec_counters *recset_counters(const struct rec_run *run, const char *variant, int workers, int worker, double at)
{
	struct recset_key k = {.table = TABLE_COUNTERS, .variant = variant, .workers = workers, .worker = worker, .at = at};
	long row = recset_find(run, &k);
	return row < 0 ? NULL : &run->counters.v[row];
}

const struct rec_verdict *recset_verdict(const struct rec_run *run, const char *variant)
{
	struct recset_key k = {.table = TABLE_VERDICTS, .variant = variant, .at = NAN};
	long row = recset_find(run, &k);
	return row < 0 ? NULL : &run->verdicts.v[row];
}

const struct rec_variant *recset_variant(const struct rec_run *run, const char *variant)
{
	for (int i = 0; variant && i < run->variant_count; i++)
		if (!strcmp(run->variants[i].name, variant))
			return &run->variants[i];
	return NULL;
}

const struct rec_ceiling *recset_ceiling(const struct recset *set, const struct rec_run *run, int workers)
{
	if (run->machine < 0 || (size_t)run->machine >= set->machines.n)
		return NULL;
	const struct rec_machine *m = &set->machines.v[run->machine];
	for (size_t i = 0; i < m->ceilings.n; i++)
		if (m->ceilings.v[i].workers == workers)
			return &m->ceilings.v[i];
	return NULL;
}

double recset_peak(const struct rec_ceiling *c, const struct rec_run *run)
{
	return run->single ? c->f32_flops_per_second.mid : c->flops_per_second.mid;
}

struct rec_run *recset_run(struct recset *set, const char *id)
{
	for (size_t i = set->runs.n; i-- > 0;) /* the last is almost always the one */
		if (!strcmp(set->runs.v[i].id, id))
			return &set->runs.v[i];
	return NULL;
}

struct rec_run *recset_last(struct recset *set) { return set->runs.n ? &set->runs.v[set->runs.n - 1] : NULL; }
