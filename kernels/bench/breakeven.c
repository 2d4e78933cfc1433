#include "kernels/bench/breakeven.h"

#include <math.h>

/* 1: sharing is surely faster, -1: serial is, 0: cannot tell. */
static int surely(struct estimate speedup) { return speedup.lo > 1 ? 1 : speedup.hi < 1 ? -1 : 0; }

struct breakeven breakeven_find(const double *size, const struct estimate *speedup, int n)
{
	struct breakeven none = {BREAKEVEN_UNKNOWN, NAN, NAN, NAN}, e = none;

	for (int i = 0; i < n; i++) {
		int sure = size[i] > 0 ? surely(speedup[i]) : 0;
		if (sure < 0 && !(size[i] <= e.lo))
			e.lo = size[i]; /* the largest that is surely slower */
		if (sure > 0 && !(size[i] >= e.hi))
			e.hi = size[i]; /* the smallest that is surely faster */
	}
	if (e.lo > e.hi)
		return none;
	e.kind = isnan(e.lo) ? (isnan(e.hi) ? BREAKEVEN_UNKNOWN : BREAKEVEN_BELOW) : isnan(e.hi) ? BREAKEVEN_ABOVE : BREAKEVEN_BETWEEN;
	if (e.kind != BREAKEVEN_BETWEEN)
		return e;
	/* Of the sizes between, the last below 1 and the next one: there the line crosses. */
	int below = -1, above = -1;
	for (int i = 0; i < n; i++)
		if (size[i] >= e.lo && size[i] < e.hi && speedup[i].mid < 1 && (below < 0 || size[i] > size[below]))
			below = i;
	for (int i = 0; below >= 0 && i < n; i++)
		if (size[i] > size[below] && size[i] <= e.hi && speedup[i].mid >= 1 && (above < 0 || size[i] < size[above]))
			above = i;
	double share = below >= 0 && above >= 0 ? -log(speedup[below].mid) / log(speedup[above].mid / speedup[below].mid) : NAN;
	e.mid = isfinite(share) ? size[below] * pow(size[above] / size[below], share) : sqrt(e.lo * e.hi);
	return e;
}
