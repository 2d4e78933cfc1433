/* The one reader of records: bytes to lines, lines to objects, objects to rows. */
#include "kernels/bench/recset_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/bench/util.h"

enum { FORMAT = 1, BLOCK = 1 << 16 };

struct recset *recset_new(void)
{
	struct recset *set = xcalloc(1, sizeof *set);
	set->end_status = -1;
	set->state = xcalloc(1, sizeof *set->state);
	set->state->machine = -1;
	set->state->limit = RECSET_HELD_MAX;
	return set;
}

void recset_lean(struct recset *set)
{
	set->state->lean = true;
	set->state->limit = RECSET_LEAN_MAX;
}

void recset_free(struct recset *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->machines.n; i++)
		recset_free_machine(&set->machines.v[i]);
	for (size_t i = 0; i < set->runs.n; i++)
		recset_free_run(&set->runs.v[i]);
	for (size_t i = 0; i < set->peers.n; i++)
		recset_free_peer(&set->peers.v[i]);
	free(set->machines.v);
	free(set->runs.v);
	free(set->peers.v);
	recset_free_says(set->says.v, set->says.n);
	free(set->error);
	free(set->complaint);
	free(set->state->rest);
	free(set->state);
	free(set);
}

/* Counts the line as skipped; the first reason of all is kept. */
static void skip(struct recset *set, const char *kind, const char *why)
{
	char printable[300];
	set->skipped++;
	if (set->complaint)
		return;
	util_printable(why, printable, sizeof printable);
	set->complaint = xasprintf("line %zu%s%s: %s", set->state->line, *kind ? ", " : "", kind, printable);
}

/* ---- one object ---------------------------------------------------------------------------------------------------- */

/* True when the object is of this format, or says nothing about it. A refusal outranks every other complaint. */
static bool check_format(struct recset *set, const json_t *o)
{
	const json_t *v = json_object_get(o, "lockstep");
	if (!v || (json_is_integer(v) && json_integer_value(v) == FORMAT))
		return true;
	set->state->refused = true;
	set->skipped++;
	free(set->complaint);
	set->complaint = json_is_integer(v) && json_integer_value(v) > FORMAT
		? xasprintf("line %zu: these records are of format %lld; this Lockstep reads format %d, a newer one is needed",
			    set->state->line, (long long)json_integer_value(v), FORMAT)
		: xasprintf("line %zu: these records are of no known format; this Lockstep reads format %d", set->state->line, FORMAT);
	return false;
}

/* The run that a line names; NULL with `needed` makes the line bad. */
static struct rec_run *run_of(struct reading *r, bool needed)
{
	const json_t *v = json_object_get(r->object, "run");
	struct rec_run *run = json_is_string(v) ? recset_run(r->set, json_string_value(v)) : NULL;
	if (!run && (needed || (v && !json_is_null(v))))
		read_bad(r, "its 'run' is not known");
	return run;
}

static void read_kind(struct reading *r)
{
	const char *t = r->kind;
	if (!strcmp(t, "machine"))
		recset_read_machine(r);
	else if (!strcmp(t, "ceiling"))
		recset_read_ceiling(r);
	else if (!strcmp(t, "run"))
		recset_read_run(r);
	else if (!strcmp(t, "peer"))
		recset_read_peer(r);
	else if (!strcmp(t, "error"))
		recset_read_error(r);
	else if (!strcmp(t, "say"))
		recset_read_say(r, run_of(r, false));
	else if (!strcmp(t, "end"))
		recset_read_end(r, run_of(r, false));
	else if (recset_row_kind(t)) {
		struct rec_run *run = run_of(r, true);
		if (run)
			recset_read_row(r, run);
	}
}

/* `size`: bytes of its line, which bound what a deep copy can hold. */
static bool take(struct recset *set, const json_t *o, size_t size)
{
	struct reading r = {.set = set, .object = o};

	if (!json_is_object(o)) {
		skip(set, "", "not an object");
		return false;
	}
	if (!check_format(set, o))
		return false;
	r.kind = json_string_value(json_object_get(o, "t"));
	if (!r.kind) {
		skip(set, "", "'t', the kind of line, is missing");
		return false;
	}
	if (!strcmp(r.kind, "machine")) /* kept whole */
		read_held(&r, 16 * size);
	read_kind(&r);
	if (r.bad)
		skip(set, r.kind, r.why);
	return !r.bad;
}

bool recset_object(struct recset *set, const json_t *object)
{
	set->lines++;
	set->state->line++;
	if (set->state->refused) {
		set->skipped++;
		return false;
	}
	return take(set, object, 1024);
}

/* ---- lines --------------------------------------------------------------------------------------------------------- */

static bool blank(const char *line, size_t length)
{
	while (length && (line[length - 1] == ' ' || line[length - 1] == '\t' || line[length - 1] == '\r'))
		length--;
	return !length;
}

/* `whole`: false when the input ended before the line did. */
static bool read_line(struct recset *set, const char *line, size_t length, bool whole)
{
	json_error_t error;

	set->state->line++;
	if (blank(line, length))
		return true;
	set->lines++;
	if (set->state->refused) {
		set->skipped++;
		return false;
	}
	if (length > RECSET_LINE_MAX) {
		skip(set, "", "longer than 1 MiB");
		return false;
	}
	json_t *o = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
	if (!o) {
		char why[240];
		snprintf(why, sizeof why, "not JSON (%s)", error.text);
		skip(set, "", whole ? why : "torn: the file ends within the line");
		return false;
	}
	bool good = take(set, o, length);
	json_decref(o);
	return good;
}

bool recset_line(struct recset *set, const char *line, size_t length) { return read_line(set, line, length, true); }

/* Keeps the begin of a line; one that grows beyond the limit is dropped and waited out. */
static void keep_rest(struct recset_state *state, const char *bytes, size_t n)
{
	if (state->too_long || state->rest_n + n > RECSET_LINE_MAX) {
		state->too_long = true;
		state->rest_n = 0;
		return;
	}
	if (state->rest_n + n > state->rest_room) {
		state->rest_room = state->rest_n + n < 2048 ? 4096 : 2 * (state->rest_n + n);
		state->rest = xrealloc(state->rest, state->rest_room);
	}
	memcpy(state->rest + state->rest_n, bytes, n);
	state->rest_n += n;
}

static void end_rest(struct recset *set, bool whole)
{
	struct recset_state *state = set->state;
	size_t n = state->rest_n;

	state->rest_n = 0;
	if (!state->too_long) {
		read_line(set, state->rest, n, whole);
		return;
	}
	state->too_long = false;
	state->line++;
	set->lines++;
	skip(set, "", "longer than 1 MiB");
}

void recset_feed(struct recset *set, const char *bytes, size_t n)
{
	struct recset_state *state = set->state;

	while (n) {
		const char *end = memchr(bytes, '\n', n);
		size_t length = end ? (size_t)(end - bytes) : n;
		if (end && !state->rest_n && !state->too_long) {
			read_line(set, bytes, length, true);
		} else {
			if (length)
				keep_rest(state, bytes, length);
			if (end)
				end_rest(set, true);
		}
		bytes += length + (end != NULL);
		n -= length + (end != NULL);
	}
}

void recset_feed_end(struct recset *set)
{
	struct recset_state *state = set->state;
	if (state->rest_n || state->too_long)
		end_rest(set, false);
	state->line = 0;
	state->refused = false;
	state->machine = -1;
}

bool recset_file(struct recset *set, const char *path)
{
	char *block = NULL;
	bool good = false;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	recset_feed_end(set); /* what was fed before is not a part of this file */
	block = xmalloc(BLOCK);
	for (;;) {
		ssize_t n = read(fd, block, BLOCK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			good = n == 0;
			break;
		}
		recset_feed(set, block, (size_t)n);
	}
	int why = errno;
	recset_feed_end(set);
	free(block);
	close(fd);
	errno = why;
	return good;
}
