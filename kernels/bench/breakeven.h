/* From which size on sharing pays: the break-even size of a sweep, as an interval between two sizes that were measured. */
#ifndef LOCKSTEP_BREAKEVEN_H
#define LOCKSTEP_BREAKEVEN_H

#include "kernels/bench/stat.h"

enum breakeven_kind {
	BREAKEVEN_UNKNOWN, /* the intervals do not tell, or the two trade places more than once */
	BREAKEVEN_BELOW,   /* surely faster from hi on; no smaller size was surely slower */
	BREAKEVEN_BETWEEN, /* up to lo surely slower, from hi on surely faster */
	BREAKEVEN_ABOVE,   /* up to lo surely slower; none was surely faster */
};

struct breakeven {
	enum breakeven_kind kind;
	double mid, lo, hi; /* NaN where not known; mid: where the line through the middles crosses 1, both axes logarithmic */
};

/* size[i] > 0, in any order, each once; speedup[i] against the best serial code at that size, with its interval ("surely": the
 * interval excludes 1; without an interval nothing is sure). */
struct breakeven breakeven_find(const double *size, const struct estimate *speedup, int n);

struct session;
/* For a sweep of the size: a sentence for each variant and worker count that shares. session.h */
void breakeven_say(struct session *s);

#endif
