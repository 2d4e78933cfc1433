/* Strings and numbers into CSV and gnuplot scripts. Names and sentences come from records, which anybody may have
 * written. */
#include "plots/plot.h"

#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Inside single quotes gnuplot replaces nothing: no backslash, no backquote, no macro; a quote is doubled. */
void plot_string(FILE *out, const char *text)
{
	putc('\'', out);
	for (const char *c = text; *c; c++) {
		if (*c == '\n')
			fputs("'.\"\\n\".'", out);
		else if (*c == '\'')
			fputs("''", out);
		else
			putc((unsigned char)*c < ' ' || *c == 0x7f ? ' ' : *c, out);
	}
	putc('\'', out);
}

void plot_set(struct figure *f, const char *name, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	fprintf(f->gp, "%s = ", name);
	plot_string(f->gp, text ? text : "");
	putc('\n', f->gp);
	free(text);
}

void plot_set_number(struct figure *f, const char *name, double value)
{
	if (isfinite(value))
		fprintf(f->gp, "%s = %.9g\n", name, value);
	else
		fprintf(f->gp, "%s = NaN\n", name);
}

void plot_csv_number(FILE *out, double x)
{
	putc(',', out);
	if (isfinite(x))
		fprintf(out, "%.7g", x);
}

void plot_csv_text(FILE *out, const char *text)
{
	fputs(",\"", out);
	for (const char *c = text ? text : ""; *c; c++) {
		if (*c == '"')
			putc('"', out);
		putc((unsigned char)*c < ' ' ? ' ' : *c, out);
	}
	putc('"', out);
}

enum { NARROW_COLUMNS = 86 }; /* a picture less than 600 across, or a terminal */
enum { NARROW = 16 };		  /* columns: in narrower ones a word may be broken after its hyphen */

/* A mark that never begins a line: of Chinese, and of all languages. */
static bool ends_words(const char *c)
{
	static const char *const marks[] = {"，", "。", "：", "；", "）", "、", "！", "？", "”", "」", "》", "％",
										",", ".", ":", ";", ")", "]", "%", "!", "?"};
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (!strncmp(c, marks[i], strlen(marks[i])))
			return true;
	return false;
}

static bool starts(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* Columns of the character that begins here: 2 for those of Chinese (U+3000 and up), 0 inside of one. */
static int columns_of(char c)
{
	return !starts(c) ? 0 : (unsigned char)c >= 0xe3 ? 2 : 1;
}

static bool wide(char c)
{
	return columns_of(c) == 2;
}

char *plot_cut(const char *text, int columns, char *buf, size_t size)
{
	size_t n = 0, last = 0;
	int seen = 0;
	for (; text[n] && n < size - 4; n++) {
		if (!starts(text[n]))
			continue;
		if (seen < columns)
			last = n; /* here the ellipsis would stand */
		if ((seen += columns_of(text[n])) > columns)
			break;
	}
	if (!text[n]) {
		memcpy(buf, text, n + 1);
		return buf;
	}
	while (last > 0 && text[last - 1] == ' ')
		last--;
	memcpy(buf, text, last);
	snprintf(buf + last, size - last, "…");
	return buf;
}

/* May a line end before `at`, inside a word that begins at `word`? */
static bool may_break(const char *word, const char *at)
{
	const char *before = at - 1;
	while (before > word && !starts(*before))
		before--;
	return (wide(*before) || wide(*at)) && !ends_words(at);
}

char *plot_wrap(const char *text, int width, int lines)
{
	char *out = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&out, &length);
	int column = 0, line = 1;
	if (!to)
		return xstrdup("");
	for (const char *c = text; *c;) {
		int word = 0;
		bool glued = c > text && c[-1] != ' ' && c[-1] != '\n';
		const char *end = c;
		while (*end && *end != ' ' && *end != '\n' && !(width < NARROW && end > c && end[-1] == '-') &&
			   !(end > c && starts(*end) && may_break(c, end)))
			word += columns_of(*end++);
		if (column && column + !glued + word > width) {
			if (line == lines) {
				fputs(" …", to);
				break;
			}
			line++;
			putc('\n', to);
			column = 0;
		} else if (column && word && !glued) {
			putc(' ', to);
			column++;
		}
		char *piece = strndup(c, (size_t)(end - c)), *cut = xmalloc((size_t)(end - c) + 8);
		if (piece) /* a word longer than a line is cut */
			fputs(plot_cut(piece, width, cut, (size_t)(end - c) + 8), to);
		free(piece);
		free(cut);
		column += word;
		while (*end == ' ' || *end == '\n')
			end++;
		c = end;
	}
	fclose(to);
	return out ? out : xstrdup("");
}

char *plot_safe_name(const char *text, char *buf, size_t size)
{
	size_t n = 0;
	for (const char *c = text; *c && n < size - 1; c++) {
		bool good = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '_' ||
					(n && buf[n - 1] != '_' && (*c == '-' || *c == '.'));
		if (good || !n || buf[n - 1] != '_')
			buf[n++] = good ? *c : '_';
	}
	buf[n] = '\0';
	if (!n)
		snprintf(buf, size, "_");
	return buf;
}

char *plot_ratio(double x, char *buf, size_t size)
{
	snprintf(buf, size, "%.*f", x < 10 ? 2 : x < 100 ? 1 : 0, x);
	return buf;
}

bool plot_fail(struct figure *f, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(f->why, sizeof f->why, fmt, ap);
	va_end(ap);
	return false;
}

double plot_unit(double most, const char **name)
{
	static const struct {
		double length;
		const char *name;
	} units[] = {{1, N_("seconds")}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}};
	int u = 0;
	while (u < 3 && most < units[u].length)
		u++;
	*name = _(units[u].name);
	return units[u].length;
}

void plot_ticks(struct figure *f, const char *name, const double *at, int n)
{
	fprintf(f->gp, "%s = '(", name);
	for (int i = 0; i < n; i++)
		fprintf(f->gp, "%s\"%g\" %g", i ? ", " : "", at[i], at[i]);
	fputs(")'\n", f->gp);
}

char *plot_subject(const struct rec_run *run, char *buf, size_t size)
{
	char kernel[64], lesson[64];
	plot_cut(run->kernel ? run->kernel : "?", 30, kernel, sizeof kernel);
	if (run->lesson && !plot_same(run->lesson, run->kernel))
		snprintf(buf, size, _("%s (lesson %s)"), kernel, plot_cut(run->lesson, 24, lesson, sizeof lesson));
	else
		snprintf(buf, size, "%s", kernel);
	return buf;
}

char *plot_variant_words(const struct rec_run *run, const char *variant, char *buf, size_t size)
{
	const struct rec_variant *v = recset_variant(run, variant);
	char name[64];
	snprintf(buf, size, v && v->wrong ? _("%s (wrong)") : "%s", plot_cut(variant, 24, name, sizeof name));
	return buf;
}

static int lines_of(const char *text)
{
	int lines = *text ? 1 : 0;
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	return lines;
}

static bool narrow(const struct figure *f)
{
	return f->columns < NARROW_COLUMNS;
}

/* NAME and NAME_LINES: a text in as many lines as there may be. */
static void set_lines(struct figure *f, const char *name, const char *text, int columns, int lines)
{
	char *wrapped = plot_wrap(text, columns, lines), count[64];
	plot_set(f, name, "%s", wrapped);
	snprintf(count, sizeof count, "%s_LINES", name);
	plot_set_number(f, count, lines_of(wrapped));
	free(wrapped);
}

void plot_foot(struct figure *f, const char *text)
{
	set_lines(f, "COMMAND", text, f->columns, narrow(f) ? 3 : 1);
}

void plot_words(struct figure *f, const char *title, const char *subtitle)
{
	const struct rec_run *run = f->run;
	char when[64] = "";
	/* The title is set in a larger type. */
	set_lines(f, "TITLE", title, f->paper ? f->columns * 84 / PLOT_PAPER_COLUMNS : f->columns, narrow(f) && f->paper ? 2 : 1);
	set_lines(f, "SUBTITLE", subtitle, f->columns, narrow(f) ? 6 : 3);
	char *machine = xasprintf("%s", f->machine && f->machine->line ? f->machine->line : _("machine not recorded"));
	for (size_t i = 0; run && i < run->devices.n; i++) { /* and what accelerators the run was on */
		const struct rec_device *d = &run->devices.v[i];
		if (d->cpu || !d->name)
			continue;
		char *more = xasprintf("%s; %s, %s", machine, d->name, d->via ? d->via : "?");
		free(machine);
		machine = more;
	}
	set_lines(f, "MACHINE", machine, f->columns, narrow(f) && f->paper ? 2 : 1);
	free(machine);
	if (run && run->time) /* 2025-06-11T09:05:12Z as people write it */
		snprintf(when, sizeof when, "%.10s %.5s UTC · ", run->time, strlen(run->time) >= 16 ? run->time + 11 : "");
	if (run) {
		char *command = xasprintf("%s$ %s", when, run->command ? run->command : "");
		plot_foot(f, command);
		free(command);
	}
}

char *plot_workers(int workers, char *buf, size_t size)
{
	snprintf(buf, size, ngettext("%d worker", "%d workers", (unsigned long)workers), workers);
	return buf;
}

void plot_legend_rows(struct figure *f, int rows)
{
	plot_set_number(f, "LEGEND_ROWS", rows);
}

/* ---- series ------------------------------------------------------------------------------------- */

void plot_series_open(struct plot_series *s, struct figure *f, const char *const *roles, const char *x, const char *y)
{
	memset(s, 0, sizeof *s);
	s->f = f;
	s->roles = roles;
	fprintf(f->csv, "series,%s,%s,low,high,what\n", x, y);
}

int plot_series_add(struct plot_series *s, const char *role, int look, const char *legend)
{
	if (s->n + 1 >= PLOT_SERIES)
		return 0;
	for (int r = 0; r < PLOT_ROLES && s->roles[r]; r++)
		if (!strcmp(s->roles[r], role)) {
			int id = ++s->n;
			s->role[id] = r;
			s->look[id] = look;
			plot_cut(legend, 34, s->names[id], sizeof s->names[0]);
			return id;
		}
	return 0;
}

void plot_series_row(struct plot_series *s, int id, const char *what, double x, struct estimate y)
{
	if (id < 1)
		return;
	fprintf(s->f->csv, "%d", id);
	plot_csv_number(s->f->csv, x);
	plot_csv_number(s->f->csv, y.mid);
	plot_csv_number(s->f->csv, y.lo);
	plot_csv_number(s->f->csv, y.hi);
	plot_csv_text(s->f->csv, what);
	putc('\n', s->f->csv);
	s->interval[id] |= isfinite(y.lo) && isfinite(y.hi);
}

/* NAME = 'numbers of its series' */
static void put_list(const struct plot_series *s, int role, bool bars)
{
	fprintf(s->f->gp, "%s%s = '", s->roles[role], bars ? "_BARS" : "");
	for (int i = 1, n = 0; i <= s->n; i++)
		if (s->role[i] == role && (!bars || s->interval[i]))
			fprintf(s->f->gp, "%s%d", n++ ? " " : "", i);
	fputs("'\n", s->f->gp);
}

void plot_series_close(struct plot_series *s)
{
	FILE *gp = s->f->gp;
	fprintf(gp, "array NAME[%d]\narray LOOK[%d]\n", s->n ? s->n : 1, s->n ? s->n : 1);
	for (int i = 1; i <= s->n; i++) {
		fprintf(gp, "NAME[%d] = ", i);
		plot_string(gp, s->names[i]);
		fprintf(gp, "; LOOK[%d] = %d\n", i, s->look[i]);
	}
	for (int r = 0; r < PLOT_ROLES && s->roles[r]; r++) {
		put_list(s, r, false);
		put_list(s, r, true);
	}
	int rows = 0;
	for (int i = 1; i <= s->n; i++)
		rows += s->names[i][0] != '\0';
	plot_legend_rows(s->f, rows);
}

/* ---- further words ------------------------------------------------------------------------------ */

const char *plot_when(const struct rec_machine *machine)
{
	static char when[64];
	const char *time = machine ? json_string_value(json_object_get(machine->all, "time")) : NULL;
	when[0] = '\0';
	if (time && strlen(time) >= 16)
		snprintf(when, sizeof when, "%.10s %.5s UTC · ", time, time + 11);
	return when;
}

void plot_set_item(struct figure *f, const char *array, int i, const char *text)
{
	fprintf(f->gp, "%s[%d] = ", array, i);
	plot_string(f->gp, text);
	putc('\n', f->gp);
}
