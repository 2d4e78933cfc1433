/* Inside of the bench: one run in progress. Not for use outside kernels/bench. */
#ifndef LOCKSTEP_SESSION_H
#define LOCKSTEP_SESSION_H

#include "kernels/bench/bench.h"
#include "kernels/bench/fit.h"
#include "kernels/bench/probe.h"

/* One prepared set of inputs: a distinct vector of arguments. */
struct prepared {
	struct job job;
	bool ready;
};

struct sample {
	int64_t wall_ns;       /* all `inner` runs together */
	int64_t spent_ns;      /* the same by the bench's clock: more where ranks are sent orders */
	struct usage usage;    /* summed over the inner runs */
	struct device_took took; /* summed likewise; NaN where no device told */
	double oncpu;          /* least CPU/wall in region of a worker, 1 when nothing can be said */
	bool right;
};

struct config {
	const struct variant *variant;
	int workers;
	double at, work;       /* swept value (NaN without), work relative to one worker */
	struct prepared *input;
	int inner;             /* runs timed together */
	double warm_seconds, spent_seconds; /* of one run, from the warm-up: what counts, and by the bench's clock */
	double beside_seconds; /* what a sample takes beside that: checking the answer */
	bool once;             /* a run is longer than the budget allows: the warm-up is all there is, no rounds */
	bool skipped;          /* not even that: fewer workers took too long, and more of them did not help */
	bool baseline, blocks; /* blocks: waiting is no sign of interference */
	int oncpu_misses;
	struct sample *samples; /* by round tried */
	int tried, wrong_runs;  /* runs whose answer was checked; those found wrong */
	struct outcome outcome; /* of the last wrong run, else of the last run */
	struct span spans[PROBE_SPANS], fresh[PROBE_SPANS]; /* of the last kept round; of the run just made */
	int span_count, fresh_count, span_round, span_told; /* span_round: 0: the warm-up; span_told: the last one shown, -1: none */
};

struct session {
	const struct bench_plan *plan;
	struct record_sink *sink;
	char id[48];
	struct config *configs;
	int config_count;
	struct prepared *inputs;
	int input_count;
	struct probe_area *probe;
	const struct variant *baseline;
	/* the yardstick: one spin per worker, for the worker counts that session_spins_for names */
	struct job spin;
	int spin_workers[BENCH_WORKERS_MAX], spin_count;
	double *spin_seconds;   /* [round * spin_count + i] */
	double *spin_oncpu;     /* least CPU/wall of a spin's worker, likewise */
	/* rounds */
	int tried, kept, wanted, most;
	bool *round_kept;
	double *round_foreign;
	int64_t deadline_ns;
	/* how long it may take, and what was told of it while it goes on */
	double round_guess, count_seconds; /* from the warm-up: a round; what comes after the rounds */
	int64_t round_ns;       /* when the round that goes on began, 0: none does */
	int64_t rounds_ns;      /* of rounds_timed rounds in which the process was not held */
	int rounds_timed;
	int64_t told_ns, spans_ns;
	int spans_next;
	int usable;
	int bind_error;         /* errno of the last placing that was refused, or 0 */
};

/* Runs the job once or `inner` times. -1 with errno when a resource ran out. counting: with counters, into *counts. */
int session_measure(struct session *s, struct config *c, int inner, bool counting, struct sample *out);

/* How many spins show what the machine can give so many workers: one each, up to twice the usable cores; beyond that more spins would
 * only take longer. */
int session_spins_for(const struct session *s, int workers);
/* Capacity C(workers) shown by the spin in round r; 1 for one worker, NaN when it was not measured. */
double session_capacity(const struct session *s, int round, int workers);

/* Between kept rounds: fills out[] with a value per kept round, returns their number. */
int session_kept(const struct session *s, double (*value)(const struct session *, const struct config *, int round),
		 const struct config *c, double *out);

/* The configuration of the same code with one worker (itself for one worker); NULL when there is none. */
struct config *session_one(const struct session *s, const struct config *c);
struct config *session_baseline(const struct session *s, double at);

enum { SESSION_KEPT_LEAST = 6 }; /* rounds without which there is no verdict */

int session_calibrate(struct session *s);  /* exit code */
int session_rounds(struct session *s);     /* exit code */
void session_points(struct session *s, bool final);
/* interim.c: what is told between timed regions, to live readers only. */
/* Returns the seconds still to come as far as it can tell, else NaN. now: what is measured next, may be NULL. */
double session_progress(struct session *s, const char *phase, int done, const struct config *now);
/* A sample begins, of a configuration or (NULL) of so many spins: progress, if some time has passed. */
void session_turn(struct session *s, const struct config *now, int spins);
void session_spans_so_far(struct session *s); /* of the latest round, a bounded number, at most a few times a second */
/* At most `most` spans that tell the same at a glance; all of them when there are no more. Returns their number. */
int session_thin(const struct span *all, int n, int workers, struct span *out, int most);
void session_spans(struct session *s, const struct config *c); /* at the end, of one kept round */
void session_timed(struct session *s, int64_t took_ns, bool held); /* a round is over; held: the process was stopped in it */
double session_round_seconds(const struct session *s);
void session_derive(struct session *s);    /* fits, budgets, counters, spans, verdicts, says */
/* Median time, and headline speedup, of a configuration over the kept rounds. */
struct estimate session_seconds(const struct session *s, const struct config *c);
struct estimate session_speedup(const struct session *s, const struct config *c);
/* device.c: what runs on an accelerator. The devices and their ceilings as records, before the rounds; what belongs to a point; and at
 * the end, in sentences, what the transfers leave of the gain. */
void device_records(struct session *s);
void device_point(const struct session *s, const struct config *c, json_t *point);
void device_say(struct session *s);
/* Median over the kept rounds of what value gives for a round. */
struct estimate session_median(const struct session *s, double (*value)(const struct session *, const struct config *, int),
			       const struct config *c);
json_t *session_object(const struct session *s, const char *t, const struct config *c); /* t, run, variant, workers, at */

/* BW(workers)/BW(1) when the configuration is bound by memory on this machine, else NaN (also when no ceiling is known). */
double roofline_bandwidth_ratio(const struct session *s, const struct config *c, double seconds);
void roofline_say(struct session *s, const struct config *c, double seconds);
void session_say(struct session *s, const char *about, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
