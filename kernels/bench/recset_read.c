/* Reading one value out of a record that may be anything: typed, bounded, with a sentence when it is not as stated. */
#include "kernels/bench/recset_private.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "kernels/bench/util.h"

void read_bad(struct reading *r, const char *fmt, ...)
{
	if (r->bad)
		return;
	r->bad = true;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(r->why, sizeof r->why, fmt, ap);
	va_end(ap);
}

/* The value, or NULL when it is absent, null, or the record is bad already. */
static const json_t *value(const struct reading *r, const json_t *o, const char *key)
{
	const json_t *v = r->bad ? NULL : json_object_get(o, key);
	return json_is_null(v) ? NULL : v;
}

int read_int(struct reading *r, const json_t *o, const char *key, int min, int max, int preset)
{
	const json_t *v = value(r, o, key);
	if (!v) {
		if (preset < min)
			read_bad(r, "'%s' is missing", key);
		return preset < min ? min : preset;
	}
	double x = json_number_value(v); /* 0 for what is no number */
	if (!json_is_number(v) || x != floor(x)) {
		read_bad(r, "'%s' is not a whole number", key);
		return min;
	}
	if (x < min || x > max) {
		read_bad(r, "'%s' is out of its range %d to %d", key, min, max);
		return min;
	}
	return (int)x;
}

int64_t read_int64(struct reading *r, const json_t *o, const char *key)
{
	const json_t *v = value(r, o, key);
	if (v && !json_is_integer(v))
		read_bad(r, "'%s' is not a whole number", key);
	return v && !r->bad ? json_integer_value(v) : 0;
}

/* NaN for null; bad for what is no number or below min. */
static double number(struct reading *r, const json_t *v, const char *key, double min)
{
	if (!v || json_is_null(v))
		return NAN;
	double x = json_number_value(v);
	if (!json_is_number(v))
		read_bad(r, "'%s' is not a number", key);
	else if (!isfinite(x) || x < min)
		read_bad(r, "'%s' is out of its range", key);
	return r->bad ? NAN : x;
}

double read_real(struct reading *r, const json_t *o, const char *key, double min)
{
	return number(r, value(r, o, key), key, min);
}

bool read_bool(struct reading *r, const json_t *o, const char *key, bool preset)
{
	const json_t *v = value(r, o, key);
	if (v && !json_is_boolean(v))
		read_bad(r, "'%s' is neither true nor false", key);
	return v && !r->bad ? json_is_true(v) : preset;
}

bool read_bool_needed(struct reading *r, const json_t *o, const char *key)
{
	if (!r->bad && !value(r, o, key))
		read_bad(r, "'%s' is missing", key);
	return read_bool(r, o, key, false);
}

struct estimate read_estimate_of(struct reading *r, const json_t *array, size_t first, const char *key, double min)
{
	struct estimate e = {NAN, NAN, NAN};
	if (!json_is_array(array) || json_array_size(array) != first + 3) {
		read_bad(r, "'%s' is not a list of %zu numbers", key, first + 3);
		return e;
	}
	e.mid = number(r, json_array_get(array, first), key, min);
	e.lo = number(r, json_array_get(array, first + 1), key, min);
	e.hi = number(r, json_array_get(array, first + 2), key, min);
	if (isnan(e.lo) != isnan(e.hi) || e.lo > e.hi || (isnan(e.mid) && !isnan(e.lo)))
		read_bad(r, "the interval of '%s' has no two ends in order", key);
	return e;
}

struct estimate read_estimate(struct reading *r, const json_t *o, const char *key, double min)
{
	const json_t *v = value(r, o, key);
	return v ? read_estimate_of(r, v, 0, key, min) : (struct estimate){NAN, NAN, NAN};
}

bool read_held(struct reading *r, size_t bytes)
{
	size_t *held = &r->set->state->held, limit = r->set->state->limit;
	if (bytes > limit || *held > limit - bytes) {
		read_bad(r, "the records before it fill the %d MiB that a reader keeps", (int)(limit >> 20));
		return false;
	}
	*held += bytes;
	return true;
}

char *read_text(struct reading *r, const json_t *o, const char *key)
{
	const json_t *v = value(r, o, key);
	if (v && !json_is_string(v))
		read_bad(r, "'%s' is not a text", key);
	if (!v || r->bad || !json_string_length(v))
		return NULL;
	char buf[RECSET_TEXT_MAX];
	util_printable(json_string_value(v), buf, sizeof buf);
	return read_held(r, strlen(buf) + 1) ? xstrdup(buf) : NULL;
}

char *read_name(struct reading *r, const json_t *o, const char *key, bool needed)
{
	const json_t *v = value(r, o, key);
	if (!v) {
		if (needed)
			read_bad(r, "'%s' is missing", key);
		return NULL;
	}
	size_t length = json_is_string(v) ? json_string_length(v) : 0;
	if (!json_is_string(v) || !length || length > RECSET_NAME_MAX) {
		read_bad(r, "'%s' is not a text of 1 to %d bytes", key, RECSET_NAME_MAX);
		return NULL;
	}
	return read_text(r, o, key);
}

void *read_room(struct reading *r, void *v, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return v;
	size_t more = *room ? *room * 2 : 8;
	if (!read_held(r, (more - *room) * size))
		return NULL;
	v = xrealloc(v, more * size);
	*room = more;
	return v;
}
