/* What a run says of its break-even sizes. */
#include "kernels/bench/breakeven.h"
#include "kernels/bench/session.h"
#include "kernels/bench/util.h"

static void say(struct session *s, const struct config *c, const double *size, const struct estimate *speedup, int n)
{
	const char *unit = s->plan->kernel->params[0].unit, *name = c->variant->name;
	struct breakeven e = breakeven_find(size, speedup, n);
	char mid[64], lo[64], hi[64];

	util_si(e.mid, mid, sizeof mid);
	util_si(e.lo, lo, sizeof lo);
	util_si(e.hi, hi, sizeof hi);
	switch (e.kind) {
	case BREAKEVEN_BETWEEN:
		session_say(s, "breakeven", "%s, %d workers: break-even at about %s %s; up to %s serial is surely faster, from %s on sharing is",
			    name, c->workers, mid, unit, lo, hi);
		break;
	case BREAKEVEN_BELOW:
		session_say(s, "breakeven", "%s, %d workers: sharing is surely faster from %s %s on, and serial at no size that was measured",
			    name, c->workers, hi, unit);
		break;
	case BREAKEVEN_ABOVE:
		session_say(s, "breakeven", "%s, %d workers: serial is surely faster up to %s %s, and sharing at no size that was measured",
			    name, c->workers, lo, unit);
		break;
	case BREAKEVEN_UNKNOWN:
		session_say(s, "breakeven", "%s, %d workers: where sharing begins to pay, these rounds cannot tell", name, c->workers);
		break;
	}
}

void breakeven_say(struct session *s)
{
	double size[BENCH_SWEEP_MAX];
	struct estimate speedup[BENCH_SWEEP_MAX];

	if (s->plan->sweep != 0 || s->plan->weak || s->kept < SESSION_KEPT_LEAST)
		return;
	for (int i = 0; i < s->config_count; i++) {
		const struct config *c = &s->configs[i];
		int n = 0;
		if (c->at != s->plan->sweep_value[0] || c->workers < 2 || c->workers > s->usable || c->variant->wrong)
			continue;
		for (int k = 0; k < s->config_count && n < BENCH_SWEEP_MAX; k++) {
			const struct config *other = &s->configs[k];
			if (other->variant != c->variant || other->workers != c->workers || other->wrong_runs)
				continue;
			size[n] = other->at;
			speedup[n++] = session_speedup(s, other);
		}
		say(s, c, size, speedup, n);
	}
}
