/* Numbers, sentences and choices shared by the views. */
#include "tui/draw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

/* ---- numbers -------------------------------------------------------------------------------------------------------- */

/* Decimals that leave three significant digits. */
static int decimals(double x)
{
	double size = fabs(x);
	return size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 || size < 1e-9 ? 2 : size >= 0.09995 ? 3 : 4;
}

static char *figure_at(double x, int digits, char buf[FIGURE_MAX])
{
	snprintf(buf, FIGURE_MAX, "%.*f", digits, x);
	if (!strncmp(buf, "-0", 2) && strspn(buf, "-0.") == strlen(buf))
		memmove(buf, buf + 1, strlen(buf));
	return buf;
}

char *draw_figure(double x, char buf[FIGURE_MAX])
{
	if (!isfinite(x))
		snprintf(buf, FIGURE_MAX, "—");
	else if (x == 0)
		snprintf(buf, FIGURE_MAX, "0");
	else if (fabs(x) >= 9999.5 || fabs(x) < 1e-3)
		util_si(x, buf, FIGURE_MAX);
	else
		figure_at(x, decimals(x), buf);
	return buf;
}

char *draw_plain(double x, char buf[FIGURE_MAX])
{
	if (isfinite(x) && fabs(x) < 1e4 && (fabs(x) >= 1e-3 || x == 0))
		snprintf(buf, FIGURE_MAX, "%.4g", x);
	else
		draw_figure(x, buf);
	return buf;
}

char *draw_percent(double share, char buf[FIGURE_MAX])
{
	double percent = 100 * share;
	if (!isfinite(percent))
		snprintf(buf, FIGURE_MAX, "—");
	else if (fabs(percent) >= 1e6)
		snprintf(buf, FIGURE_MAX, "%.2g %%", percent);
	else {
		figure_at(percent, fabs(percent) < 9.95 && fabs(percent) >= 0.05 ? 1 : 0, buf);
		strncat(buf, " %", FIGURE_MAX - strlen(buf) - 1);
	}
	return buf;
}

char *draw_seconds(double seconds, bool ascii, char buf[FIGURE_MAX])
{
	if (!isfinite(seconds))
		snprintf(buf, FIGURE_MAX, "—");
	else
		util_seconds(seconds, !ascii, buf, FIGURE_MAX);
	return buf;
}

char *draw_estimate(struct estimate e, char buf[FIGURE_MAX])
{
	draw_figure(e.mid, buf);
	if (!isfinite(e.mid) || !isfinite(e.lo) || !isfinite(e.hi) || fabs(e.mid) >= 9999.5 || fabs(e.mid) < 1e-3)
		return buf;
	char lo[FIGURE_MAX], hi[FIGURE_MAX];
	int digits = decimals(e.mid);
	size_t used = strlen(buf);
	snprintf(buf + used, FIGURE_MAX - used, " [%.16s–%.16s]", figure_at(e.lo, digits, lo), figure_at(e.hi, digits, hi));
	return buf;
}

char *draw_share(struct estimate e, char buf[FIGURE_MAX])
{
	if (!isfinite(e.mid) || fabs(e.mid) > 100)
		return draw_percent(e.mid, buf);
	char mid[FIGURE_MAX], lo[FIGURE_MAX], hi[FIGURE_MAX];
	if (isfinite(e.lo) && isfinite(e.hi))
		snprintf(buf, FIGURE_MAX, "%.12s %% [%.12s–%.12s]", figure_at(100 * e.mid, 1, mid), figure_at(100 * e.lo, 1, lo),
			 figure_at(100 * e.hi, 1, hi));
	else
		snprintf(buf, FIGURE_MAX, "%.12s %%", figure_at(100 * e.mid, 1, mid));
	return buf;
}

/* ---- sentences ------------------------------------------------------------------------------------------------------ */

/* May a row end before text[at]? At blanks, and beside characters of the wide scripts (lead byte from 0xE3 on), but not
 * before their closing marks, nor behind their opening ones. */
bool draw_may_break(const char *text, size_t at)
{
	static const char *const closing[] = {"。", "，", "、", "；", "：", "？", "！", "）", "》", "」", "』", "】", "”", "…"};
	static const char *const opening[] = {"（", "《", "「", "『", "【", "“"};
	const unsigned char *s = (const unsigned char *)text;
	if (s[at] == ' ' || (s[at] & 0xc0) == 0x80)
		return s[at] == ' ';
	for (size_t i = 0; i < sizeof closing / sizeof *closing; i++)
		if (!strncmp(text + at, closing[i], strlen(closing[i])))
			return false;
	size_t before = at - 1;
	while (before > 0 && (s[before] & 0xc0) == 0x80)
		before--;
	for (size_t i = 0; i < sizeof opening / sizeof *opening; i++)
		if (!strncmp(text + before, opening[i], strlen(opening[i])))
			return false;
	return s[at] >= 0xe3 || s[before] >= 0xe3;
}

/* Bytes of `text` for one row of `cols`, and in *next where the following row begins. A word longer than a row is cut. */
static size_t row_bytes(const char *text, int cols, size_t *next)
{
	size_t fit = canvas_fit(text, cols), newline = strcspn(text, "\n"), at;
	if (newline <= fit && text[newline]) {
		*next = newline + 1;
		return newline;
	}
	if (!text[fit])
		return *next = fit;
	if (!fit) { /* a wide character in one column: passed over, so that the end is reached */
		do
			fit++;
		while (((unsigned char)text[fit] & 0xc0) == 0x80);
		*next = fit;
		return 0;
	}
	for (at = fit; at > 0 && !draw_may_break(text, at);)
		at--;
	size_t end = at ? at : fit;
	*next = end + strspn(text + end, " ");
	while (end > 0 && text[end - 1] == ' ')
		end--;
	return end;
}

static int wrap(struct canvas *c, struct rect area, int y, int max_rows, enum role role, const char *text)
{
	int rows = 0;
	while (text && *text && rows < max_rows && area.cols > 0) {
		size_t next, n = row_bytes(text, area.cols, &next);
		bool last = rows + 1 == max_rows && text[next];
		char *line = xmalloc(n + 1);
		memcpy(line, text, n);
		line[n] = '\0';
		if (c) {
			int used = canvas_text(c, area, y + rows, 0, role, line);
			if (last)
				canvas_text(c, area, y + rows, used < area.cols ? used : area.cols - 1, role, "…");
		}
		free(line);
		text += next;
		rows++;
	}
	return rows;
}

int draw_wrapped(struct canvas *c, struct rect area, int y, int max_rows, enum role role, const char *text)
{
	return wrap(c, area, y, max_rows, role, text);
}

int draw_wrapped_rows(const char *text, int cols)
{
	return wrap(NULL, (struct rect){0, 0, 0, cols}, 0, 10000, ROLE_PLAIN, text);
}

int draw_cut(struct canvas *c, struct rect area, int y, int x, enum role role, const char *text)
{
	int used = canvas_text(c, area, y, x, role, text);
	if (used < canvas_width(text) && area.cols > 0)
		canvas_text(c, area, y, x + used < area.cols ? x + used : area.cols - 1, role, "…");
	return used;
}

void draw_right(struct canvas *c, struct rect area, int y, enum role role, const char *text)
{
	int x = area.cols - canvas_width(text);
	canvas_text(c, area, y, x < 0 ? 0 : x, role, text);
}

void draw_nothing(struct canvas *c, struct rect area, const char *text)
{
	int rows = draw_wrapped_rows(text, area.cols);
	draw_wrapped(c, area, rows + 2 < area.rows ? area.rows / 3 : 0, area.rows, ROLE_DIM, text);
}

/* ---- what is looked at ---------------------------------------------------------------------------------------------- */

bool draw_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

const char *draw_or(const char *text, const char *otherwise)
{
	return text && *text ? text : otherwise;
}

static bool measured(const struct rec_run *run, const char *variant)
{
	for (size_t i = 0; i < run->points.n; i++)
		if (draw_same(run->points.v[i].variant, variant))
			return true;
	return false;
}

const char *draw_variant(const struct view_input *in)
{
	const struct rec_run *run = in->run;
	if (!run)
		return NULL;
	for (int i = 0; in->variant && i < run->variant_count; i++)
		if (draw_same(run->variants[i].name, in->variant))
			return run->variants[i].name;
	/* Measured and right, measured and wrong on purpose; before there are points, the same without them. */
	for (int pass = 0; pass < 4; pass++)
		for (int i = 0; i < run->variant_count; i++) {
			const struct rec_variant *v = &run->variants[i];
			if (!draw_same(v->kind, "serial") && !v->unavailable && !v->wrong == !(pass & 1) &&
			    (run->points.n ? pass < 2 && measured(run, v->name) : pass > 1 && v->measured))
				return v->name;
		}
	if (run->points.n)
		return run->points.v[0].variant;
	return run->variant_count ? run->variants[0].name : NULL;
}

const char *draw_baseline(const struct rec_run *run)
{
	return draw_or(run->baseline, _("the best serial code"));
}

bool draw_same_at(double a, double b)
{
	return (isnan(a) && isnan(b)) || a == b;
}

double draw_at(const struct rec_run *run, const char *variant)
{
	json_t *preset = run->sweep ? json_object_get(run->args, run->sweep) : NULL;
	double wanted = json_is_number(preset) ? json_number_value(preset) : (double)NAN, first = (double)NAN;
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (!draw_same(p->variant, variant) || isnan(p->at))
			continue;
		if (p->at == wanted)
			return wanted;
		if (isnan(first))
			first = p->at;
	}
	return first;
}

char *draw_at_words(const struct rec_run *run, double at, char buf[FIGURE_MAX])
{
	char value[FIGURE_MAX];
	buf[0] = '\0';
	if (run->sweep && !isnan(at))
		snprintf(buf, FIGURE_MAX, " · %.30s %.20s", run->sweep, draw_plain(at, value));
	return buf;
}

bool draw_progress(const struct rec_run *run, char *buf, size_t size)
{
	if (!run || run->ended || !run->phase)
		return false;
	char foreign[FIGURE_MAX];
	int round = run->done < run->planned ? run->done + 1 : run->planned; /* the one being measured */
	if (draw_same(run->phase, "calibrating"))
		snprintf(buf, size, "%s", _("calibrating: how much work fills a round"));
	else if (draw_same(run->phase, "ceilings"))
		snprintf(buf, size, _("measuring the machine's ceilings, %d of %d"), run->done, run->planned);
	else if (draw_same(run->phase, "counting"))
		snprintf(buf, size, _("counting events, %d of %d"), run->done, run->planned);
	else if (isfinite(run->foreign)) {
		snprintf(foreign, sizeof foreign, "%.2f", run->foreign < 1e4 ? run->foreign : 1e4);
		snprintf(buf, size, _("measuring round %d of %d · kept %d · others used %s cores"), round, run->planned, run->kept,
			 foreign);
	} else
		snprintf(buf, size, _("measuring round %d of %d · kept %d"), round, run->planned, run->kept);
	return true;
}

const char *draw_said(const struct rec_run *run, const char *about)
{
	for (size_t i = 0; i < run->says.n; i++)
		if (draw_same(run->says.v[i].about, about))
			return words_of(run->says.v[i].text);
	return NULL;
}
