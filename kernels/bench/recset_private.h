/* What the parts of the reader share; nobody else includes this. */
#ifndef LOCKSTEP_RECSET_PRIVATE_H
#define LOCKSTEP_RECSET_PRIVATE_H

#include "kernels/bench/recset.h"

enum { RECSET_NAME_MAX = 96, RECSET_TEXT_MAX = 4096, RECSET_RUNS_MAX = 4096, RECSET_ARGS_MAX = 64 };

struct recset_state {
	bool refused;     /* a line of another major version was seen in this file */
	bool too_long;    /* inside a line longer than RECSET_LINE_MAX */
	size_t line;      /* number of the line being read, from 1 */
	size_t held;      /* bytes of rows and strings */
	size_t limit;     /* most that may be held */
	bool lean;        /* recset_lean */
	int machine;      /* of the session being read, -1 none */
	char *rest;       /* begin of a line whose end has not come yet */
	size_t rest_n, rest_room;
};

/* One object being read. The first mismatch makes it bad and says why; later reads then return their presets, so that
 * a row is read from top to bottom and judged once. */
struct reading {
	struct recset *set;
	const json_t *object;
	const char *kind; /* "point" */
	bool bad;
	char why[240];
};

void read_bad(struct reading *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Whole number in [min, max]; absent and null give `preset`, or are bad when preset < min. */
int read_int(struct reading *r, const json_t *o, const char *key, int min, int max, int preset);
/* Any 64-bit whole number; absent gives 0. */
int64_t read_int64(struct reading *r, const json_t *o, const char *key);
/* Number >= min; absent and null give NaN. */
double read_real(struct reading *r, const json_t *o, const char *key, double min);
bool read_bool(struct reading *r, const json_t *o, const char *key, bool preset);
bool read_bool_needed(struct reading *r, const json_t *o, const char *key);
/* Estimate [mid, lo, hi] with lo <= hi and all >= min; absent and null give three NaN. */
struct estimate read_estimate(struct reading *r, const json_t *o, const char *key, double min);
struct estimate read_estimate_of(struct reading *r, const json_t *array, size_t first, const char *key, double min);
/* Fresh printable copy, cut to RECSET_TEXT_MAX; absent and null give NULL. */
char *read_text(struct reading *r, const json_t *o, const char *key);
/* The same for something that names: not empty and at most RECSET_NAME_MAX bytes, else bad. */
char *read_name(struct reading *r, const json_t *o, const char *key, bool needed);
/* Room for one more row behind v[n]; NULL (and bad) when the set holds too much already. */
void *read_room(struct reading *r, void *v, size_t n, size_t *room, size_t size);
/* Counts `bytes` as held; false and bad over the limit. */
bool read_held(struct reading *r, size_t bytes);

/* Lines of one kind. They leave r->bad set when the line must be skipped, and then have changed nothing. */
void recset_read_machine(struct reading *r);
void recset_read_ceiling(struct reading *r);
void recset_read_run(struct reading *r);
void recset_read_say(struct reading *r, struct rec_run *run); /* run: NULL when it names none */
void recset_read_peer(struct reading *r);
void recset_read_error(struct reading *r);
void recset_read_end(struct reading *r, struct rec_run *run);
bool recset_row_kind(const char *t);                          /* sample, point, fit, … */
void recset_read_row(struct reading *r, struct rec_run *run);

struct rec_run *recset_run(struct recset *set, const char *id);
void recset_free_run(struct rec_run *run);
void recset_free_rows(struct rec_run *run);
void recset_free_peer(struct rec_peer *peer);
void recset_free_says(struct rec_say *v, size_t n);
void recset_free_machine(struct rec_machine *machine);

/* The tables of a run that are looked into by key. */
enum recset_table { TABLE_POINTS, TABLE_FITS, TABLE_COUNTERS, TABLE_BUDGETS, TABLE_VERDICTS };
struct recset_key {
	enum recset_table table;
	const char *variant, *law, *how;
	int workers, worker;
	double at;
};
/* Row number or -1. */
long recset_find(const struct rec_run *run, const struct recset_key *key);
/* Tells the index that row number `row` was appended to a table. */
void recset_indexed(struct rec_run *run, enum recset_table table, size_t row);
void recset_free_index(struct recset_index *index);

#endif
