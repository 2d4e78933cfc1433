/* The way between the bench and rank 0, as lines of text: orders on rank 0's standard input, answers on its standard output, each after a
 * mark, for whatever else a rank may print. Inside of ranks.c, ranks_serve.c and ranks_watch.c. */
#ifndef LOCKSTEP_RANKS_LINE_H
#define LOCKSTEP_RANKS_LINE_H

#include "kernels/runtime/ranks.h"

#define RANKS_WORD "@ranks" /* the argument that makes SELF a rank */
#define RANKS_MARK "\001rank "

enum { RANKS_LINE = 4096, RANKS_NAME = 48, RANKS_SPANS = 512 };

/* Bench to rank 0:   KERNEL VARIANT SEED COUNT ARG…                             numbers in hexadecimal; the end of the input: go home
 *                    COUNT: 0, or 1 + what --counters asks for: this run is for the counters
 * rank 0 to bench:   ready SIZE
 *                    saw RANK STARTUP END REGION CPU WAIT                       ns; one for each rank
 *                    count RANK COUNTER VALUE                                   only those that count
 *                    span RANK CORE KIND BEGIN END                              ns
 *                    done ERRNO WALL_NS FIGURE… TEXT                            the last one of a run
 * any rank to bench: stuck RANK PEER CALL   (PEER -1: several)   free RANK      from the watchdog
 */

/* ranks_watch.c: each call of MPI that may wait is seen. A thread looks every few milliseconds whether it is still the same one. */
void ranks_watch_start(int rank);
void ranks_watch_stop(void);
void ranks_watch_run(int patience_ms); /* a run begins */
void ranks_watch_done(void);           /* this rank has done its part and waits for the others: nobody else can wait for it in vain */
void ranks_watch_idle(void);           /* no run: waiting is nothing to be told of */

#endif
