/* What a run tells while it goes on, between its timed regions: how far it is, how long it may take, and who ran when. */
#include "kernels/bench/session.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include "kernels/bench/clock.h"

enum { SPANS_EACH = 64, SPANS_AT_ONCE = 160, SLOTS_MAX = 256 };
#define SPANS_GAP_NS 300000000   /* at most three times a second … */
#define PROGRESS_GAP_NS 450000000 /* … and twice, within a round */

/* ---- time --------------------------------------------------------------------------------------------------------- */

double session_round_seconds(const struct session *s)
{
	return s->rounds_timed ? 1e-9 * (double)s->rounds_ns / s->rounds_timed : s->round_guess;
}

void session_timed(struct session *s, int64_t took_ns, bool held)
{
	if (!held) {
		s->rounds_ns += took_ns;
		s->rounds_timed++;
	} else if (s->deadline_ns) {
		/* Nobody knows how long a stopped process was stopped: what goes beyond the usual was not its own time. */
		s->deadline_ns += (int64_t)fmax((double)took_ns - 1e9 * session_round_seconds(s), 0);
	}
}

/* Rounds still to come, if as many of them are quiet as were so far. */
static double rounds_to_come(const struct session *s)
{
	double left = s->wanted - s->kept, tries = left * (s->tried + 1) / (s->kept + 1);
	return left <= 0 ? 0 : fmin(tries, s->most - s->tried);
}

static double rounds_eta(const struct session *s)
{
	double each = session_round_seconds(s), rounds = rounds_to_come(s) * each;
	if (s->round_ns) /* a part of the round that goes on is over */
		rounds -= fmin(1e-9 * (double)(now_ns() - s->round_ns), fmin(each, rounds));
	if (s->deadline_ns) {
		double rest = 1e-9 * (double)(s->deadline_ns - now_ns());
		/* a first round is made in any case */
		rounds = fmin(rounds, fmax(rest, s->tried ? 0 : each));
	}
	return rounds + s->count_seconds;
}

/* ---- progress ------------------------------------------------------------------------------------------------------- */

/* now: the configuration that is measured next; NULL with spins > 0: the yardstick on so many cores; else not told. */
static void tell(struct session *s, const char *phase, int done, int planned, double eta, const struct config *now, int spins)
{
	struct rusage self = {0}, reaped = {0};
	json_t *o = now ? session_object(s, "progress", now) : json_pack("{s:s, s:s}", "t", "progress", "run", s->id);

	if (!now && spins) {
		json_object_set_new(o, "variant", json_string("@spin"));
		json_object_set_new(o, "workers", json_integer(spins));
	}
	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &reaped);
	json_object_set_new(o, "phase", json_string(phase));
	json_object_set_new(o, "done", json_integer(done));
	json_object_set_new(o, "planned", json_integer(planned));
	json_object_set_new(o, "kept", json_integer(s->kept));
	json_object_set_new(o, "foreign_cores", s->tried ? record_real(s->round_foreign[s->tried - 1]) : json_null());
	json_object_set_new(o, "eta_seconds", record_real(eta < 0 ? 0 : eta));
	json_object_set_new(o, "voluntary_switches", json_integer(self.ru_nvcsw + reaped.ru_nvcsw));
	json_object_set_new(o, "involuntary_switches", json_integer(self.ru_nivcsw + reaped.ru_nivcsw));
	record_write(s->sink, o, true);
}

static double progress(struct session *s, const char *phase, int done, const struct config *now, int spins)
{
	bool measuring = !strcmp(phase, "measuring"), counting = !strcmp(phase, "counting");
	/* if all to come are quiet */
	int left = s->wanted - s->kept, all = s->tried + left < s->most ? s->tried + left : s->most;
	double eta = NAN; /* before the warm-up nobody knows */

	if (measuring)
		eta = rounds_eta(s);
	for (int i = done; counting && i < s->config_count; i++)
		eta = (isnan(eta) ? 0 : eta) + (s->configs[i].once ? 0 : s->configs[i].warm_seconds);
	tell(s, phase, done, measuring ? all : s->config_count, eta, now, spins);
	return eta;
}

double session_progress(struct session *s, const char *phase, int done, const struct config *now)
{
	return progress(s, phase, done, now, 0);
}

void session_turn(struct session *s, const struct config *now, int spins)
{
	if (s->sink->live_fd < 0 || now_ns() - s->told_ns < PROGRESS_GAP_NS)
		return;
	progress(s, "measuring", s->tried, now, spins);
	s->told_ns = now_ns();
}

/* ---- spans ---------------------------------------------------------------------------------------------------------- */

/* A worker that never ticks shows one slice from begin to end; with more workers than cores that would be a tale. */
static bool slices_are_real(const struct session *s, const struct config *c)
{
	bool off = c->workers <= s->usable;
	for (int i = 0; i < c->span_count; i++)
		off = off || c->spans[i].kind == SPAN_OFF || c->spans[i].kind == SPAN_WAIT;
	return off;
}

static void write_spans(struct session *s, const struct config *c, const struct span *v, int n, bool final)
{
	for (int i = 0; i < n; i++) {
		json_t *o = session_object(s, "span", c);
		json_object_set_new(o, "final", json_boolean(final));
		json_object_set_new(o, "round", json_integer(c->span_round));
		json_object_set_new(o, "worker", json_integer(v[i].worker));
		json_object_set_new(o, "core", json_integer(v[i].core));
		json_object_set_new(o, "kind", json_string(span_name[v[i].kind]));
		json_object_set_new(o, "begin_seconds", record_real(1e-9 * (double)v[i].begin_ns));
		json_object_set_new(o, "end_seconds", record_real(1e-9 * (double)v[i].end_ns));
		record_write(s->sink, o, !final);
	}
}

void session_spans(struct session *s, const struct config *c)
{
	if (c->span_round > 0 && slices_are_real(s, c))
		write_spans(s, c, c->spans, c->span_count, true);
}

/* One worker's spans in `slots` equal parts of the run, equal neighbours as one. Each part is of a kind that it holds; what a kind did
 * not get in one part it is owed in the next, so that many short slices keep their share of the whole. */
static int thin_worker(const struct span *all, int n, int worker, int64_t end_ns, int slots, struct span *out)
{
	double part[SLOTS_MAX][SPAN_KINDS] = {{0}}, width = (double)end_ns / slots;
	double owed[SPAN_KINDS] = {0};
	int core[SLOTS_MAX], made = 0;
	bool joined = false;

	for (int k = 0; k < slots; k++)
		core[k] = -1;
	for (int i = 0; i < n; i++) {
		if (all[i].worker != worker)
			continue;
		double first = (double)all[i].begin_ns / width, last = fmin((double)all[i].end_ns / width, slots);
		for (int k = (int)first; k < slots && k < last; k++) {
			part[k][all[i].kind] += fmin(last, k + 1) - fmax(first, k);
			core[k] = core[k] < 0 ? all[i].core : core[k];
		}
	}
	for (int k = 0; k < slots; k++) {
		enum span_kind most = SPAN_KINDS;
		double filled = 0;
		for (enum span_kind kind = SPAN_SERIAL; kind < SPAN_KINDS; kind++) {
			filled += part[k][kind];
			owed[kind] += part[k][kind];
			if (part[k][kind] > 0 && (most == SPAN_KINDS || owed[kind] > owed[most]))
				most = kind;
		}
		int64_t begin = (int64_t)(width * k), end = (int64_t)(width * (k + 1));
		if (filled < 0.5) {
			joined = false;
			continue;
		}
		owed[most] -= filled;
		if (joined && out[made - 1].kind == most && out[made - 1].core == core[k])
			out[made - 1].end_ns = end;
		else
			out[made++] = (struct span){worker, core[k], most, begin, end};
		joined = true;
	}
	return made;
}

int session_thin(const struct span *all, int n, int workers, struct span *out, int most)
{
	int slots = most / (workers + 1), made = 0;
	int64_t end = 1;

	if (n <= most) {
		memcpy(out, all, (size_t)n * sizeof *all);
		return n;
	}
	slots = slots < 1 ? 1 : slots > SLOTS_MAX ? SLOTS_MAX : slots;
	for (int i = 0; i < n; i++)
		end = all[i].end_ns > end ? all[i].end_ns : end;
	for (int w = -1; w < workers && made + slots <= most; w++)
		made += thin_worker(all, n, w, end, slots, out + made);
	return made;
}

/* The rest of the configurations has its turn after the next round. */
void session_spans_so_far(struct session *s)
{
	struct span few[SPANS_EACH];
	int told = 0;

	if (s->sink->live_fd < 0 || !s->plan->probes || now_ns() - s->spans_ns < SPANS_GAP_NS)
		return;
	for (int i = 0; i < s->config_count; i++) {
		struct config *c = &s->configs[s->spans_next];
		bool fresh = c->span_count && c->span_told != c->span_round && slices_are_real(s, c);
		int n = fresh ? session_thin(c->spans, c->span_count, c->workers, few, SPANS_EACH) : 0;
		if (told && told + n > SPANS_AT_ONCE)
			break;
		write_spans(s, c, few, n, false);
		c->span_told = fresh ? c->span_round : c->span_told;
		told += n;
		s->spans_next = (s->spans_next + 1) % s->config_count;
	}
	s->spans_ns = now_ns();
}
