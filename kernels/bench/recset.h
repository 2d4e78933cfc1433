/* The one reader of records: NDJSON lines into typed structs. Used by text output, screen and plots alike.
 * It trusts nothing: lengths, numbers, UTF-8 and shapes are checked; what is bad is counted, reported and skipped. */
#ifndef LOCKSTEP_RECSET_H
#define LOCKSTEP_RECSET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "kernels/bench/budget.h"
#include "kernels/bench/counters.h"
#include "kernels/bench/stat.h"

enum { RECSET_CURVE_MAX = 64, RECSET_WORKERS_MAX = 64, RECSET_VARIANTS_MAX = 32 };

struct rec_variant {
	char *name, *about, *kind, *wrong, *unavailable; /* wrong, unavailable: NULL when null */
	bool blocks, measured; /* measured: in this run, or about to be */
};

struct rec_sample {
	int round, workers;
	char *variant;
	double at, seconds, foreign, oncpu; /* at: NaN without a sweep */
	bool kept, right;
};

struct rec_point {
	char *variant;
	int workers, tried, kept;
	double at;
	struct estimate seconds, speedup, self, capacity, karp_flatt;
	struct estimate copy_in, compute, copy_out; /* by the device's clock, where one ran it */
	double occupancy, of_ceiling;               /* shares, 0 to 1; NaN: not known */
	double efficiency, bandwidth_ceiling, flops_per_second, bytes_per_second, work;
	bool final, oversubscribed, busy, right;
	bool once; /* too long for the budget: one run, and no verdict, whatever the others have */
};

struct rec_curve_point {
	double p;
	struct estimate s;
};

struct rec_fit {
	char *variant, *law, *how, *why;
	double at;
	struct estimate serial, a, b;
	double peak, work_seconds, span_seconds;
	bool identifiable;
	struct rec_curve_point *curve; /* at most RECSET_CURVE_MAX */
	int curve_count;
};

struct rec_counters {
	char *variant, *tier;
	int workers, worker;
	double at;
	double value[COUNTERS];        /* in the recorded unit; NaN when absent */
	char *absent[COUNTERS];        /* reason, or NULL */
};

struct rec_span {
	char *variant;
	int workers, worker, core, round;
	double at, begin, end;
	double more; /* seconds of shorter ones beside it that were thinned out (rec_span_thin) */
	char *kind;
	bool final;
};

struct rec_budget {
	char *variant, *loss, *sentence;
	int workers, runs;
	double at;
	struct budget budget;
	double load_balance, communication, parallel, computation_scaling;
};

struct rec_verdict {
	char *variant, *wrong, *text;
	bool right;
	int tried, wrong_runs;
	double expected, observed;
};

struct rec_device {
	char *kind, *name, *via;
	bool cpu;
	double copy_bytes_per_second, f32_flops_per_second, f64_flops_per_second;
};

struct rec_say {
	char *about, *text;
};

struct rec_ceiling {
	int workers, kept;
	struct estimate flops_per_second, f32_flops_per_second, bytes_per_second; /* f32: unknown in older records */
};

struct rec_run {
	char *id, *lesson, *kernel, *title, *source, *command, *time, *size_unit, *sweep, *pin, *baseline;
	double size, flops, bytes, seed, budget_seconds;
	json_t *args;
	bool weak, single, partial, ended; /* single: its flops are of 4-byte floats */
	int status, usable, rounds;
	int workers[RECSET_WORKERS_MAX], worker_count;
	struct rec_variant variants[RECSET_VARIANTS_MAX];
	int variant_count;
	int machine; /* index into recset.machines, -1 unknown */
	struct { struct rec_sample *v; size_t n, room; } samples;
	struct { struct rec_point *v; size_t n, room; } points; /* latest per configuration */
	struct { struct rec_fit *v; size_t n, room; } fits;
	struct { struct rec_counters *v; size_t n, room; } counters;
	struct { struct rec_span *v; size_t n, room; } spans;
	size_t spans_read; /* final ones; more than spans.n when they were thinned out */
	struct { struct rec_budget *v; size_t n, room; } budgets;
	struct { struct rec_verdict *v; size_t n, room; } verdicts;
	struct { struct rec_device *v; size_t n, room; } devices;
	struct { struct rec_say *v; size_t n, room; } says;
	struct recset_index *index; /* private: finds points, fits, … without a walk */
	/* latest progress line */
	char *phase;
	int done, planned, kept;
	double foreign, eta;
	char *now;       /* the variant measured last as far as this phase told, as in rows; NULL: it did not */
	int now_workers;
	double now_at;
	double voluntary, involuntary; /* switches since the program began; NaN: not told */
};

/* One side of a comparison with what people would use instead: ours, then each peer. */
struct rec_peer {
	char *kernel, *title, *work, *who, *library, *limit, *why; /* why: it was left out */
	int workers, tried, kept;
	bool ours, busy, once;                 /* once: too slow for the rounds */
	struct estimate seconds, ratio, share; /* ratio: its seconds over ours; share: of the limit, ours only */
	int machine;                           /* index into recset.machines, -1 unknown */
};

struct rec_machine {
	char *line, *fingerprint, *cpu, *host, *counters_tier, *why_not_hw;
	int cores, usable;
	json_t *all; /* the whole record, for the doctor and plots */
	struct { struct rec_ceiling *v; size_t n, room; } ceilings;
};

struct recset {
	struct { struct rec_machine *v; size_t n, room; } machines;
	struct { struct rec_run *v; size_t n, room; } runs;
	struct { struct rec_say *v; size_t n, room; } says; /* without a run */
	struct { struct rec_peer *v; size_t n, room; } peers; /* in the order of the file */
	char *error;      /* text of the last error line, or NULL */
	int end_status;   /* of the last end line, -1 none */
	size_t lines, skipped;
	char *complaint;  /* first reason for a skip, with its line number; NULL: none */
	struct recset_state *state; /* private: where the reader stands in a file */
};

/* Bounds of what is believed: a longer line is skipped; so is every further line once rows and strings take so much. */
enum { RECSET_LINE_MAX = 1 << 20, RECSET_HELD_MAX = 512 << 20 };

/* All strings inside are printable UTF-8 already (util_printable). Pointers to rows and runs hold until the next line
 * is read. `variant` of a row is the same pointer as the name in run->variants, or "@spin". A run id that comes again
 * replaces the older run. Of fits, counters, budgets and verdicts of one configuration the latest stays; so do the spans of
 * its latest round, until the first final span takes the place of all that came before. */
struct recset *recset_new(void);
/* From now on for charts of files of any length: samples are checked and not kept, spans are thinned out (rec_span_thin)
 * once a run has more than RECSET_LEAN_SPANS, and all that is kept stays below RECSET_LEAN_MAX bytes. */
void recset_lean(struct recset *set);
enum { RECSET_LEAN_SPANS = 1 << 17, RECSET_LEAN_MAX = 64 << 20 };
/* Leaves of `n` spans, in their order, what a chart of `bins` columns can show: every span as long as a column, of each kind
 * the longest that begins in a column of a worker's lane, and the first and the last of each lane. What goes is added to the
 * `more` of the longest beside it, so that sums stay. Returns how many. */
size_t rec_span_thin(struct rec_span *v, size_t n, int bins);
void recset_free(struct recset *set);

/* One line without its newline. False when it was skipped (set->complaint tells). A line of another major version makes
 * this and all further lines of the file refused. */
bool recset_line(struct recset *set, const char *line, size_t length);
/* Any bytes as they come from a pipe: whole lines in them are read, the rest waits for more. recset_feed_end: no more
 * will come (a rest that is no whole record is counted as torn), the next byte begins a new file. */
void recset_feed(struct recset *set, const char *bytes, size_t n);
void recset_feed_end(struct recset *set);
/* Who wrote the last run is gone: nothing of it is being measured any more, whether it said so or not. */
void recset_gone(struct recset *set);
/* The same for an object in memory. */
bool recset_object(struct recset *set, const json_t *object);
/* Whole file, streaming. False with errno when it can't be read; a torn last line is skipped and counted. */
bool recset_file(struct recset *set, const char *path);

/* Look-ups: NULL when absent. at = NaN matches points without a sweep; how = NULL matches the first of that law. */
const struct rec_point *recset_point(const struct rec_run *run, const char *variant, int workers, double at);
const struct rec_fit *recset_fit(const struct rec_run *run, const char *variant, const char *law, const char *how, double at);
const struct rec_budget *recset_budget(const struct rec_run *run, const char *variant, int workers, double at);
const struct rec_counters *recset_counters(const struct rec_run *run, const char *variant, int workers, int worker, double at);
const struct rec_verdict *recset_verdict(const struct rec_run *run, const char *variant);
const struct rec_variant *recset_variant(const struct rec_run *run, const char *variant);
const struct rec_ceiling *recset_ceiling(const struct recset *set, const struct rec_run *run, int workers);
/* The peak of arithmetic in the numbers that the run computes with; NaN when it is not known. */
double recset_peak(const struct rec_ceiling *c, const struct rec_run *run);
struct rec_run *recset_last(struct recset *set); /* NULL when there is none */

#endif
