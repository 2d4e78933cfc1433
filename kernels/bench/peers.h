/* Beside what people would use instead: the programs of kernels/peers (README.md there tells the protocol), run in the same
 * rounds as our best variant. */
#ifndef LOCKSTEP_PEERS_H
#define LOCKSTEP_PEERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "kernels/bench/bench.h"
#include "kernels/bench/recset.h"
#include "kernels/bench/text.h"

/* ---- what there is (peers_find.c) ---- */

enum peer_workers { PEER_ANY, PEER_ONE, PEER_FIXED };

/* One thing that a program serves. */
struct peer {
	char *name, *kernel, *library; /* kernel: "" for a program that did not say what it serves */
	char *program, *python;        /* its path; the interpreter, NULL: none */
	char *why;                     /* NULL, or why it can't run here */
	enum peer_workers workers;
	json_t *params;                /* object of numbers */
};

struct peers {
	struct peer *v;
	size_t n;
};

/* All that the programs of a folder say they serve. One that does not answer, or not in the way of the protocol, is there with
 * the reason. */
struct peers peers_find(const char *dir);
void peers_free(struct peers *peers);
/* $LOCKSTEP_PEERS, else the folder where they are built. */
const char *peers_dir(void);

/* ---- one of them at work (peers_talk.c) ---- */

struct peer_process {
	const struct peer *peer;
	pid_t pid;       /* 0: none */
	int in, out, said; /* its stdin, stdout; a file with what it says on stderr */
	char text[4096]; /* read and not yet taken */
	size_t length;
	char why[240];   /* why it was left out, "" while it runs */
};

/* Starts it on the processors that the calling thread is confined to. The environment is that of this process. */
void peer_start(struct peer_process *p, const struct peer *peer, const struct job *job, int workers);
/* Waits until it is ready, then stops it. False (why, and it is ended) at the deadline, or when it dies or talks nonsense. */
bool peer_ready(struct peer_process *p, int64_t deadline_ns);
/* Lets it do the work once: the seconds it claims, and its figure (NaN: none). False as above; also for a claim that is longer
 * than the clock shows. */
bool peer_work(struct peer_process *p, double limit_seconds, double *seconds, double *check);
/* Leaves it out, with a reason. */
void peer_refuse(struct peer_process *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Ends all of them, those that do not end by themselves soon by force. */
void peers_end(struct peer_process *const *p, int n);

/* ---- measuring (peers_run.c) ---- */

enum { PEERS_CASES = 64 };

struct peers_plan {
	const struct bench_plan *plan; /* kernel, arguments, workers, variants that may stand for ours, seed, rounds */
	bool given[KERNEL_ARGS_MAX];   /* arguments that the user gave: a peer made for others is not asked */
	const struct peers *peers;
	bool progress;
	/* A match whose rounds do not fit into its share of the time waits, if all that wait need no more than `most` seconds. */
	double most, need[PEERS_CASES][BENCH_WORKERS_MAX]; /* need: 0: it does not wait; when any do, only these are run */
};

/* All sizes, worker counts and parameter values of a plan, `peer` records into the sink. The budget is a time from now. Exit code:
 * 0; 1: our answer was wrong; 3; 128 + n. */
int peers_run(struct peers_plan *plan, double budget_seconds, struct record_sink *sink);
/* Seconds that its waiting matches need; 0: none waits. */
double peers_need(const struct peers_plan *plan);

/* ---- telling (peers_text.c) ---- */

void peers_text(FILE *out, const struct recset *set, const struct text_style *style);

#endif
