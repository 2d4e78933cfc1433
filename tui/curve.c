#include "tui/curve.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/words.h"
#include "tui/chart.h"
#include "tui/draw.h"

static const double value_max = 1e6;
enum { ROUNDS_FOR_INTERVAL = 6 }; /* below, 95 % can't be had of order statistics: see stat.h */

/* The axis holds the ideal line and the curve, with some room to move it. */
static void set_axis(struct view_guess *g)
{
	double top = 1;
	for (int i = 0; i < g->count; i++)
		top = fmax(top, fmax(g->workers[i], g->speedup[i]));
	g->y_max = top * 1.1;
}

struct view_guess curve_flat(const struct piece *predict)
{
	struct view_guess g = {.cursor = -1};
	for (int i = 0; i < predict->curve_count && i < VIEW_GUESS_MAX; i++) {
		g.workers[g.count] = predict->curve[i];
		g.speedup[g.count++] = 1;
		if (g.cursor < 0 && predict->curve[i] > 1)
			g.cursor = i;
	}
	g.cursor = g.cursor < 0 && g.count > 0 ? 0 : g.cursor;
	set_axis(&g);
	return g;
}

bool curve_read(const struct piece *predict, const char *answer, struct view_guess *out)
{
	struct view_guess g = curve_flat(predict);
	*out = g;
	const char *at = answer ? answer : "";
	for (int i = 0; i < g.count; i++) {
		char value[32], *colon;
		long workers = strtol(at, &colon, 10);
		if (*at < '1' || *at > '9' || workers != predict->curve[i] || *colon != ':')
			return false;
		size_t n = strcspn(colon + 1, " ");
		if (n == 0 || n >= sizeof(value))
			return false;
		snprintf(value, sizeof(value), "%.*s", (int)n, colon + 1);
		if (!compare_number(value, &g.speedup[i]) || g.speedup[i] < 0 || g.speedup[i] > value_max)
			return false;
		at = colon + 1 + n;
		at += *at == ' ';
	}
	if (*at || g.count == 0)
		return false;
	set_axis(&g);
	*out = g;
	return true;
}

char *curve_write(const struct view_guess *g, char buf[CURVE_TEXT_MAX])
{
	size_t used = 0;
	buf[0] = '\0';
	for (int i = 0; i < g->count && used < CURVE_TEXT_MAX; i++)
		used += (size_t)snprintf(buf + used, CURVE_TEXT_MAX - used, "%s%.0f:%.6g", i ? " " : "", g->workers[i], g->speedup[i]);
	return buf;
}

bool curve_is_flat(const struct view_guess *g)
{
	for (int i = 0; i < g->count; i++)
		if (g->speedup[i] != 1)
			return false;
	return true;
}

void curve_go(struct view_guess *g, int by)
{
	long to = (long)g->cursor + by;
	g->cursor = to < 0 ? 0 : to >= g->count ? g->count - 1 : (int)to;
}

void curve_raise(struct view_guess *g, int steps)
{
	double fine = chart_step(fmax(g->workers[g->count - 1], 1), 40), *value = &g->speedup[g->cursor];
	double at = *value / fine, on = round(at);
	/* From between two steps the first move goes onto the nearest one in its direction. */
	if (fabs(at - on) > 1e-6)
		on = steps > 0 ? floor(at) : ceil(at);
	*value = fmin(fmax((on + steps) * fine, 0), value_max);
	set_axis(g);
}

bool curve_set(struct view_guess *g, double value)
{
	if (!(value >= 0 && value <= value_max))
		return false;
	g->speedup[g->cursor] = value;
	set_axis(g);
	return true;
}

void curve_reset_point(struct view_guess *g) { curve_set(g, 1); }

/* ---- beside what was measured ---- */

struct judged {
	int points, fit, few;
	double off;         /* of the worst: its ratio to the figure or the other way round, > 1 */
	double guess, found;
	int workers;
	char interval[64], fits[160]; /* fits: "1, 2" */
};

static void add_fit(struct judged *j, int workers)
{
	size_t used = strlen(j->fits);
	j->fit++;
	snprintf(j->fits + used, sizeof(j->fits) - used, "%s%d", used ? ", " : "", workers);
}

/* One point; false when it decides nothing because the machine was busy. */
static bool judge(struct judged *j, const struct piece *one, double guess, const struct rec_run *run, bool ascii)
{
	struct estimate e;
	const char *field = one->compare && *one->compare ? one->compare : "speedup", *variant = compare_variant(run, one);
	if (!variant || !compare_measured(run, one, field, &e))
		return true;
	const struct rec_point *p = recset_point(run, variant, one->workers, draw_at(run, variant));
	if (p && p->busy)
		return false;
	bool known = !isnan(e.lo) && !isnan(e.hi);
	double ratio = guess > 0 && e.mid > 0 ? fmax(guess / e.mid, e.mid / guess) : guess == e.mid ? 1 : HUGE_VAL;
	j->points++;
	j->few += !known && p && p->kept < ROUNDS_FOR_INTERVAL;
	if ((known && guess >= e.lo && guess <= e.hi) || ratio < 1.05) {
		add_fit(j, one->workers);
		return true;
	}
	if (ratio <= j->off)
		return true;
	j->off = ratio;
	j->guess = guess;
	j->found = e.mid;
	j->workers = one->workers;
	j->interval[0] = '\0';
	if (known && e.lo < e.hi)
		snprintf(j->interval, sizeof(j->interval), " [%.3g%s%.3g]", e.lo, ascii ? "-" : "–", e.hi);
	return true;
}

static enum compared verdict(const struct judged *j, char *text, size_t size)
{
	if (j->fit == j->points) {
		snprintf(text, size, _("Your curve fits at all points: inside the interval, or within 5 %%."));
		return j->few ? COMPARED_UNSURE : COMPARED_HIT;
	}
	bool high = j->guess > j->found;
	int n;
	if (isfinite(j->off))
		n = snprintf(text, size,
			     high ? _("Your curve is farthest off at %d workers: you said %.3g, measured %.3g%s, %.2g times too high.")
				  : _("Your curve is farthest off at %d workers: you said %.3g, measured %.3g%s, %.2g times too low."),
			     j->workers, j->guess, j->found, j->interval, j->off);
	else
		n = snprintf(text, size, _("Your curve is farthest off at %d workers: you said %.3g, measured %.3g%s."), j->workers, j->guess,
			     j->found, j->interval);
	if (n > 0 && (size_t)n < size && j->fit > 0)
		n += snprintf(text + n, size - (size_t)n, _(" It fits at %s."), j->fits);
	if (n > 0 && (size_t)n < size && j->few)
		snprintf(text + n, size - (size_t)n, _(" (No interval: too few quiet rounds.)"));
	return j->few ? COMPARED_UNSURE : COMPARED_MISS;
}

enum compared curve_words(const struct piece *predict, const char *answer, const struct rec_run *run, bool ascii, char *text,
			  size_t size)
{
	struct view_guess g;
	struct judged j = {.points = 0};
	text[0] = '\0';
	if (!run || !curve_read(predict, answer, &g))
		return COMPARED_NOT;
	for (int i = 0; i < g.count; i++) {
		struct piece one = *predict;
		one.workers = predict->curve[i];
		one.curve_count = 0;
		if (!judge(&j, &one, g.speedup[i], run, ascii)) {
			snprintf(text, size, _("Your curve is drawn beside the points; too few quiet rounds: this is no verdict."));
			return COMPARED_UNSURE;
		}
	}
	if (j.points == 0) {
		snprintf(text, size, _("This run measured none of the points of your curve."));
		return COMPARED_UNSURE;
	}
	return verdict(&j, text, size);
}
