/* What a run says in plain text, from its records alone: the same figures as the screen and the charts. */
#ifndef LOCKSTEP_TEXT_H
#define LOCKSTEP_TEXT_H

#include <stdbool.h>
#include <stdio.h>
#include "kernels/bench/recset.h"

struct text_style {
	bool colour, utf8, quiet; /* quiet: verdict lines and errors only */
	int width;                /* columns, 80 when not a terminal */
};

/* One finished (or partial) run: heading with command and machine, a table (variant, workers, time ± interval, speedup
 * with interval, small bar against the ideal, efficiency, kept/tried, right?), Amdahl predicted and fitted, budget bar
 * and sentence per largest p, counters as sentences, wrong variants named with observed and expected, and every `say`. */
void text_run(FILE *out, const struct recset *set, const struct rec_run *run, const struct text_style *style);

/* CSV with a header line: one line a configuration; RFC 4180 quoting. */
void csv_run(FILE *out, const struct recset *set, const struct rec_run *run, bool header);

#endif
