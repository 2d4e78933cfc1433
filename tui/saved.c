#include "tui/saved.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/draw.h"

enum { BLOCK = 1 << 16, SESSION_RUNS = 64, SESSION_BYTES = 8 << 20, ID_MAX = 100 };

/* ---- lines of a file ---------------------------------------------------------------------------------------------------- */

struct lines {
	int fd;
	char *block, *line;
	size_t have, at;     /* of the block */
	size_t length, room; /* of the line, when it lies across blocks */
	long long offset;    /* of the block's begin in the file */
};

static bool lines_open(struct lines *l, const char *path, struct stat *st, char *why, size_t size)
{
	*l = (struct lines){.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
	if (l->fd < 0 || fstat(l->fd, st) != 0) {
		snprintf(why, size, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(st->st_mode)) {
		snprintf(why, size, _("%s: not a file of records"), path);
	} else {
		l->block = xmalloc(BLOCK);
		return true;
	}
	if (l->fd >= 0)
		close(l->fd);
	return false;
}

static void lines_close(struct lines *l)
{
	close(l->fd);
	free(l->block);
	free(l->line);
}

static bool lines_from(struct lines *l, long long offset)
{
	l->have = l->at = l->length = 0;
	l->offset = offset;
	return lseek(l->fd, (off_t)offset, SEEK_SET) >= 0;
}

static bool fill(struct lines *l)
{
	ssize_t n;
	l->offset += (long long)l->have;
	l->have = l->at = 0;
	do
		n = read(l->fd, l->block, BLOCK);
	while (n < 0 && errno == EINTR);
	l->have = n > 0 ? (size_t)n : 0;
	return n > 0;
}

enum line_state { LINE_END, LINE_WHOLE, LINE_TOO_LONG, LINE_TORN };

/* The next line without its newline, and where it begins. */
static enum line_state next_line(struct lines *l, const char **text, size_t *length, long long *begin)
{
	bool too_long = false, any = false;
	l->length = 0;
	for (;;) {
		if (l->at == l->have && !fill(l)) {
			*text = l->line;
			*length = l->length;
			return !any ? LINE_END : too_long ? LINE_TOO_LONG : LINE_TORN;
		}
		const char *from = l->block + l->at, *end = memchr(from, '\n', l->have - l->at);
		size_t n = end ? (size_t)(end - from) : l->have - l->at;
		if (!any)
			*begin = l->offset + (long long)l->at;
		any = true;
		l->at += n + (end != NULL);
		if (end && !l->length && !too_long) {
			*text = from;
			*length = n;
			return LINE_WHOLE;
		}
		too_long = too_long || l->length + n > RECSET_LINE_MAX;
		if (!too_long && l->length + n > l->room) {
			l->room = 2 * (l->length + n);
			l->line = xrealloc(l->line, l->room);
		}
		if (!too_long && n > 0) {
			memcpy(l->line + l->length, from, n);
			l->length += n;
		}
		if (end) {
			*text = l->line;
			*length = l->length;
			return too_long ? LINE_TOO_LONG : LINE_WHOLE;
		}
	}
}

static long long lines_at(const struct lines *l) { return l->offset + (long long)l->at; }

/* The kind of a record line as its writer begins it; "" when it begins otherwise. */
static void kind_of(const char *line, size_t length, char kind[16])
{
	size_t window = length < 200 ? length : 200, n = 0;
	const char *t = memmem(line, window, "\"t\":\"", 5);
	kind[0] = '\0';
	for (const char *p = t ? t + 5 : NULL; p && p < line + length && *p != '"' && n < 15; p++)
		kind[n++] = *p;
	kind[n] = '\0';
}

/* ---- the list ------------------------------------------------------------------------------------------------------------- */

static void free_run(struct saved_run *r)
{
	char *const strings[] = {r->path, r->id, r->kernel, r->command, r->time, r->machine, r->host, r->fingerprint, r->variant};
	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++)
		free(strings[i]);
	json_decref(r->args);
}

void saved_free(struct saved_list *list)
{
	for (int i = 0; i < list->n; i++)
		free_run(&list->v[i]);
	free(list->v);
	*list = (struct saved_list){0};
}

static char *copy(const char *text) { return xstrdup(text ? text : ""); }

/* The oldest of a file come first: when there are twice as many as wanted, the first half goes. */
static void make_room(struct saved_list *list)
{
	if (list->n == 2 * SAVED_MAX) {
		for (int i = 0; i < SAVED_MAX; i++)
			free_run(&list->v[i]);
		memmove(list->v, list->v + SAVED_MAX, SAVED_MAX * sizeof(*list->v));
		list->n = SAVED_MAX;
	}
	if (list->n == list->room) {
		list->room = list->room ? 2 * list->room : 32;
		list->v = xrealloc(list->v, (size_t)list->room * sizeof(*list->v));
	}
}

struct session {
	struct recset *set;
	char *machine; /* its line */
	size_t machine_length, fed;
	long long machine_at;
	struct {
		char id[ID_MAX];
		long long begin;
	} runs[SESSION_RUNS];
	int count;
	const char *path;
};

static bool wrong_variant(const struct rec_run *run, const char *name)
{
	const struct rec_variant *v = recset_variant(run, name);
	return v && v->wrong;
}

static void add_run(struct saved_list *list, const struct session *s, const struct rec_run *run, long long begin, long long end)
{
	const struct rec_machine *m = run->machine >= 0 ? &s->set->machines.v[run->machine] : NULL;
	const struct rec_point *best = NULL;
	for (size_t i = 0; i < run->points.n; i++) {
		const struct rec_point *p = &run->points.v[i];
		if (p->right && isfinite(p->speedup.mid) && !wrong_variant(run, p->variant) && (!best || p->speedup.mid > best->speedup.mid))
			best = p;
	}
	if (!run->points.n)
		return;
	list->found++;
	for (int i = 0; i < list->n; i++)
		if (!strcmp(list->v[i].id, run->id)) {
			list->found--;
			return;
		}
	make_room(list);
	list->v[list->n++] = (struct saved_run){
		.path = xstrdup(s->path), .machine_at = s->machine_at, .begin = begin, .end = end, .id = copy(run->id),
		.kernel = copy(run->kernel), .command = copy(run->command), .time = copy(run->time), .machine = copy(m ? m->line : NULL),
		.host = copy(m ? m->host : NULL), .fingerprint = copy(m ? m->fingerprint : NULL), .variant = copy(best ? best->variant : NULL),
		.args = json_incref(run->args),
		.best = best ? best->speedup.mid : (double)NAN, .best_workers = best ? best->workers : 0};
}

static void end_session(struct saved_list *list, struct session *s, long long end)
{
	for (int i = 0; i < s->count; i++)
		for (size_t k = 0; k < s->set->runs.n; k++)
			if (!strcmp(s->set->runs.v[k].id, s->runs[i].id))
				add_run(list, s, &s->set->runs.v[k], s->runs[i].begin, end);
	recset_free(s->set);
	s->set = recset_new();
	s->count = 0;
	s->fed = 0;
}

/* A line that matters here: machine, run, point. False when it was none that can be read. */
static bool take(struct saved_list *list, struct session *s, const char *line, size_t length, long long begin, long long end)
{
	char kind[16];
	kind_of(line, length, kind);
	bool machine = !strcmp(kind, "machine"), run = !strcmp(kind, "run");
	if (*kind && !machine && !run && strcmp(kind, "point"))
		return true;
	if (machine) {
		end_session(list, s, begin);
		free(s->machine);
		s->machine = xmalloc(length + 1);
		memcpy(s->machine, line, length);
		s->machine_length = length;
		s->machine_at = begin;
	} else if (s->fed + length > SESSION_BYTES || (run && s->count == SESSION_RUNS)) {
		end_session(list, s, end); /* so that memory is bounded: what comes later of these runs is not looked at */
		if (s->machine)
			recset_line(s->set, s->machine, s->machine_length);
	}
	s->fed += length;
	size_t runs = s->set->runs.n;
	bool good = recset_line(s->set, line, length);
	if (run && good && s->set->runs.n > runs) {
		snprintf(s->runs[s->count].id, ID_MAX, "%s", s->set->runs.v[runs].id);
		s->runs[s->count++].begin = begin;
	}
	return good || !strcmp(kind, "point"); /* a point of a run that is not looked at any more */
}

bool saved_scan(struct saved_list *list, const char *path, char *why, size_t size)
{
	struct lines l;
	struct stat st;
	struct session s = {.path = path, .machine_at = -1};
	const char *line;
	size_t length;
	long long begin = 0;
	long bad = 0, before = list->found;
	bool cut;
	enum line_state state;
	why[0] = '\0';
	if (!lines_open(&l, path, &st, why, size))
		return false;
	s.set = recset_new();
	cut = st.st_size > SAVED_FILE_MAX && lines_from(&l, st.st_size - SAVED_FILE_MAX);
	if (cut)
		next_line(&l, &line, &length, &begin); /* the end of one that began before */
	while ((state = next_line(&l, &line, &length, &begin)) != LINE_END) {
		bool blank = length == 0 || (length == 1 && line[0] == '\r');
		if (state != LINE_WHOLE && state != LINE_TOO_LONG)
			blank = blank || take(list, &s, line, length, begin, lines_at(&l)); /* it may lack only its newline */
		else if (state == LINE_WHOLE && !blank)
			blank = take(list, &s, line, length, begin, lines_at(&l));
		bad += !blank;
	}
	end_session(list, &s, lines_at(&l));
	if (list->found == before && bad)
		snprintf(why, size, _("%s: no runs in it that can be read"), path);
	else if (bad)
		snprintf(why, size, ngettext("%2$s: %1$ld line can't be read and is left out", "%2$s: %1$ld lines can't be read and are left out",
					     (unsigned long)bad), bad, path);
	else if (cut)
		snprintf(why, size, _("%s is large: only its newest %d MiB were read"), path, SAVED_FILE_MAX >> 20);
	recset_free(s.set);
	free(s.machine);
	lines_close(&l);
	return true;
}

/* ---- order ---------------------------------------------------------------------------------------------------------------- */

static const char *sort_kernel;

static int by_kernel_and_time(const void *a, const void *b)
{
	const struct saved_run *x = a, *y = b;
	bool mine = !strcmp(x->kernel, sort_kernel), yours = !strcmp(y->kernel, sort_kernel);
	if (mine != yours)
		return mine ? -1 : 1;
	int time = strcmp(y->time, x->time);
	if (time || strcmp(x->path, y->path))
		return time ? time : strcmp(x->path, y->path);
	return x->begin < y->begin ? 1 : x->begin > y->begin ? -1 : strcmp(x->id, y->id);
}

void saved_sort(struct saved_list *list, const char *kernel)
{
	sort_kernel = kernel ? kernel : "";
	if (list->n > 0)
		qsort(list->v, (size_t)list->n, sizeof(*list->v), by_kernel_and_time);
	while (list->n > SAVED_MAX)
		free_run(&list->v[--list->n]);
}

/* ---- one run -------------------------------------------------------------------------------------------------------------- */

struct recset *saved_load(const struct saved_run *run, char *why, size_t size)
{
	struct lines l;
	struct stat st;
	const char *line;
	size_t length;
	long long begin = 0;
	char *own = xasprintf("\"%s\"", run->id);
	if (!lines_open(&l, run->path, &st, why, size)) {
		free(own);
		return NULL;
	}
	struct recset *set = recset_new();
	if (run->machine_at >= 0 && lines_from(&l, run->machine_at) && next_line(&l, &line, &length, &begin) == LINE_WHOLE)
		recset_line(set, line, length);
	bool there = lines_from(&l, run->begin);
	for (enum line_state state; there && lines_at(&l) < run->end && (state = next_line(&l, &line, &length, &begin)) != LINE_END;)
		if (state != LINE_TOO_LONG && memmem(line, length < 400 ? length : 400, own, strlen(own)))
			recset_line(set, line, length);
	lines_close(&l);
	free(own);
	const struct rec_run *read = recset_last(set);
	if (read && !strcmp(read->id, run->id) && read->points.n > 0)
		return set;
	snprintf(why, size, _("%s has changed: the run is not there any more"), run->path);
	recset_free(set);
	return NULL;
}

/* ---- what it ran with ------------------------------------------------------------------------------------------------------- */

char *saved_options(const char *command)
{
	char *kept = xcalloc(strlen(command) + 1, 1), *end = kept;
	int name = !strncmp(command, "lockstep ", 9) ? 3 : 1; /* "lockstep bench stream", else the lesson's */
	for (const char *at = command + strspn(command, " "); *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");
		bool status = n == 11 && !strncmp(at, "--status-fd", n), both = n > 12 && !strncmp(at, "--status-fd=", 12);
		if (name > 0)
			name--;
		else if (!status && !both) {
			if (end > kept)
				*end++ = ' ';
			memcpy(end, at, n);
			end += n;
		}
		at += n;
		if (status) {
			at += strspn(at, " ");
			at += strcspn(at, " ");
		}
	}
	return kept;
}

char *saved_differs(const json_t *here, const json_t *other, char *buf, size_t size)
{
	const char *key;
	json_t *value;
	size_t used = 0;
	buf[0] = '\0';
	if (!here || !other)
		return buf;
	json_object_foreach((json_t *)(uintptr_t)other, key, value) {
		const json_t *own = json_object_get(here, key);
		char figure[FIGURE_MAX];
		if (!json_is_number(value) || (json_is_number(own) && json_number_value(own) == json_number_value(value)) || used + 1 >= size)
			continue;
		used += (size_t)snprintf(buf + used, size - used, "%s%.30s %s", used ? ", " : "", key, draw_plain(json_number_value(value), figure));
	}
	return buf;
}
