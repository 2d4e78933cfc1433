/* The rows: what can be set, within which bounds, and in which steps. */
#include "tui/tuning.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/bench.h"
#include "kernels/bench/lists.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

static const char *const pins[] = {"compact", "spread", "none", NULL};
static const char *const tiers[] = {"auto", "hw", "sw", "off", NULL};

/* The options that every lesson has, as far as they change what is measured. */
static const struct tuning_row common_rows[] = {
	{.kind = TUNING_FLAG, .option = "weak", .about = N_("weak scaling: the work grows with the workers (Gustafson)")},
	{.kind = TUNING_NUMBER, .option = "reps", .about = N_("quiet rounds wanted; below 6 there is no interval"), .min = 1,
	 .max = BENCH_ROUNDS_MAX, .step = 5, .preset = "11"},
	{.kind = TUNING_NUMBER, .option = "budget", .about = N_("measuring ends after this time"), .unit = N_("seconds"), .min = 0.1,
	 .max = 86400, .fraction = true},
	{.kind = TUNING_NUMBER, .option = "seed", .about = N_("seed of the inputs and of the order of measuring"), .max = 9007199254740992.0,
	 .step = 1, .preset = "1"},
	{.kind = TUNING_CHOICE, .option = "pin", .about = N_("which cores the workers are bound to"), .choices = pins, .preset = "compact"},
	{.kind = TUNING_CHOICE, .option = "counters", .about = N_("which counters are read"), .choices = tiers, .preset = "auto"},
};

/* ---- the description, which may be anything ------------------------------------------------------------------------- */

static const char *text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));
	return text ? text : "";
}

static const char *text_or_null(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));
	return text && *text ? text : NULL;
}

static const json_t *kernel_at(const struct tuning *t, int index)
{
	const json_t *kernel = json_array_get(json_object_get(t->describe, "kernels"), (size_t)index);
	return text_or_null(kernel, "name") ? kernel : NULL;
}

int tuning_usable(const json_t *describe)
{
	json_int_t n = json_integer_value(json_object_get(json_object_get(describe, "presets"), "usable"));
	return n >= 1 && n <= KERNEL_WORKERS_MAX ? (int)n : 0;
}

static struct tuning_row *add(struct tuning *t, struct tuning_row row)
{
	if (t->count == TUNING_ROWS_MAX)
		return NULL;
	row.unit = row.unit ? row.unit : "";
	row.about = row.about ? row.about : "";
	row.name = row.name ? row.name : row.option;
	t->rows[t->count] = row;
	return &t->rows[t->count++];
}

static void put_number(char *out, size_t size, double x, bool fraction)
{
	if (fraction)
		snprintf(out, size, "%.10g", x);
	else
		snprintf(out, size, "%.0f", x);
}

static void add_kernels(struct tuning *t)
{
	struct tuning_row row = {.kind = TUNING_KERNEL, .option = "kernel", .common = true,
				 .about = N_("which of the lesson's programs is measured")};
	if (!kernel_at(t, 1))
		return;
	snprintf(row.preset, sizeof(row.preset), "%s", text_of(kernel_at(t, 0), "name"));
	struct tuning_row *added = add(t, row);
	if (added && t->kernel > 0)
		snprintf(added->value, sizeof(added->value), "%s", text_of(kernel_at(t, t->kernel), "name"));
}

/* Is the variant measured when none is named? */
static bool in_preset(const struct tuning *t, const char *name, bool any)
{
	const json_t *list = json_object_get(json_object_get(t->describe, "presets"), "variants");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *item = json_string_value(json_array_get(list, i));
		if (item && (any || !strcmp(item, name)))
			return true;
	}
	return false;
}

/* A preset of variants is meant for the lesson's first program: another that knows none of them is measured whole. */
static void preset_variants(struct tuning *t)
{
	bool some = false;
	for (int i = 0; i < t->count; i++)
		some = some || (t->rows[i].kind == TUNING_VARIANT && in_preset(t, t->rows[i].name, false));
	for (int i = 0; i < t->count; i++)
		if (t->rows[i].kind == TUNING_VARIANT)
			t->rows[i].on = !t->rows[i].unavailable && (!some || in_preset(t, t->rows[i].name, false));
	t->variants_given = false;
}

static void add_variants(struct tuning *t)
{
	const json_t *variants = json_object_get(kernel_at(t, t->kernel), "variants");
	for (size_t i = 0; i < json_array_size(variants); i++) {
		const json_t *v = json_array_get(variants, i);
		if (text_or_null(v, "name") && strlen(text_of(v, "name")) < TUNING_VALUE_MAX && !strpbrk(text_of(v, "name"), ", '\""))
			add(t, (struct tuning_row){.kind = TUNING_VARIANT, .option = "variant", .name = text_of(v, "name"),
						   .about = text_of(v, "about"), .wrong = text_or_null(v, "wrong"),
						   .unavailable = text_or_null(v, "unavailable")});
	}
	preset_variants(t);
}

static void add_workers(struct tuning *t)
{
	struct tuning_row row = {.kind = TUNING_WORKERS, .option = "threads", .common = true, .min = 1, .max = KERNEL_WORKERS_MAX,
				 .about = N_("workers: 1,2,4 or 1-8 or max (the cores) or 2x (twice the cores)"), .list = true};
	const char *preset = text_or_null(json_object_get(t->describe, "presets"), "threads");
	if (preset) {
		snprintf(row.preset, sizeof(row.preset), "%s", preset);
	} else {
		int n = snprintf(row.preset, sizeof(row.preset), "1");
		for (int p = 2; p <= 2 * t->usable; p *= 2)
			n += snprintf(row.preset + n, sizeof(row.preset) - (size_t)n, ",%d", p);
	}
	add(t, row);
}

static bool is_common(const char *name)
{
	static const char *const others[] = {"variant", "threads", "output", "json", "csv", "status-fd", "no-probes", "probe-cost",
					     "no-color", "quiet", "help", "version", "kernel", "list", "describe", "explain", "lang", "demo"};
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(others[i], name))
			return true;
	for (size_t i = 0; i < sizeof(common_rows) / sizeof(*common_rows); i++)
		if (!strcmp(common_rows[i].option, name))
			return true;
	return false;
}

static void add_params(struct tuning *t)
{
	const json_t *params = json_object_get(kernel_at(t, t->kernel), "params");
	for (size_t i = 0; i < json_array_size(params); i++) {
		const json_t *p = json_array_get(params, i);
		const char *name = text_of(p, "name");
		struct tuning_row row = {.kind = TUNING_NUMBER, .option = i == 0 ? "size" : name, .about = text_of(p, "about"),
					 .unit = text_of(p, "unit"), .list = true, .fraction = json_is_true(json_object_get(p, "fraction")),
					 .min = json_number_value(json_object_get(p, "min")),
					 .max = json_number_value(json_object_get(p, "max"))};
		if (!*name || strlen(name) > 60 || strpbrk(name, "= '\"") || (i > 0 && (is_common(name) || !strcmp(name, "size"))) ||
		    !(row.min <= row.max))
			continue;
		row.step = row.fraction && row.max - row.min <= 1 ? (row.max - row.min) / 20
			 : !row.fraction && row.max - row.min <= 32 ? 1 : 0;
		put_number(row.preset, sizeof(row.preset), json_number_value(json_object_get(p, "preset")), row.fraction);
		add(t, row);
	}
}

/* The lesson's own options; those that ask for a demonstration only where one is shown. */
static void add_own(struct tuning *t)
{
	const json_t *options = json_object_get(t->describe, "options");
	for (size_t i = 0; i < json_array_size(options); i++) {
		const json_t *o = json_array_get(options, i);
		const char *name = text_of(o, "name");
		if (!*name || strlen(name) > 60 || strpbrk(name, "= '\"") || is_common(name) || (!t->demo && text_or_null(o, "demo")))
			continue;
		add(t, (struct tuning_row){.kind = text_or_null(o, "value") ? TUNING_TEXT : TUNING_FLAG, .option = name,
					   .about = text_of(o, "about")});
	}
}

/* Nothing is timed: which one is shown, and what it can be told. */
static void demo_rows(struct tuning *t)
{
	const json_t *demos = json_object_get(t->describe, "demos");
	int n = 0;
	for (size_t i = 0; i < json_array_size(demos) && n < TUNING_DEMOS_MAX; i++)
		if (text_or_null(json_array_get(demos, i), "name"))
			t->demos[n++] = text_of(json_array_get(demos, i), "name");
	t->demos[n] = NULL;
	struct tuning_row row = {.kind = TUNING_CHOICE, .option = "demo", .common = true, .about = N_("which demonstration is shown"),
				 .choices = t->demos};
	snprintf(row.preset, sizeof(row.preset), "%s", t->implied ? t->implied : "");
	add(t, row);
	add_own(t);
	for (size_t i = 0; i < sizeof(common_rows) / sizeof(*common_rows); i++)
		if (!strcmp(common_rows[i].option, "seed")) {
			row = common_rows[i];
			row.common = true;
			add(t, row);
		}
}

static void make_rows(struct tuning *t)
{
	t->count = 0;
	if (t->demo) {
		demo_rows(t);
		return;
	}
	add_kernels(t);
	add_variants(t);
	add_workers(t);
	add_params(t);
	for (size_t i = 0; i < sizeof(common_rows) / sizeof(*common_rows); i++) {
		struct tuning_row row = common_rows[i];
		row.common = true;
		add(t, row);
	}
	add_own(t);
}

void tuning_open(struct tuning *t, const json_t *describe, int usable)
{
	*t = (struct tuning){.describe = describe, .usable = usable > 1 ? usable : 1};
	make_rows(t);
}

void tuning_show(struct tuning *t, const char *option)
{
	const json_t *options = json_object_get(t->describe, "options");
	bool demo = !strcmp(option, "demo") && json_array_size(json_object_get(t->describe, "demos")) > 0;
	for (size_t i = 0; i < json_array_size(options); i++) {
		const json_t *o = json_array_get(options, i);
		if (text_or_null(o, "demo") && !strcmp(text_of(o, "name"), option)) {
			t->implied = t->implied ? t->implied : text_of(o, "demo");
			demo = true;
		}
	}
	if (!demo)
		return;
	t->demo = true;
	make_rows(t);
}

/* ---- setting ---------------------------------------------------------------------------------------------------------- */

static bool refuse(char *why, size_t size, const char *option, const char *text, const char *reason)
{
	snprintf(why, size, "--%s %s: %s", option, text, reason);
	return false;
}

/* Another program has other variants and parameters; what both have stays. */
static bool set_kernel(struct tuning *t, const char *text, char *why, size_t size)
{
	struct tuning was = *t;
	char list[300] = "";
	int found = -1;
	for (int i = 0; kernel_at(t, i); i++) {
		size_t n = strlen(list);
		snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "", text_of(kernel_at(t, i), "name"));
		if (!strcmp(text_of(kernel_at(t, i), "name"), *text ? text : text_of(kernel_at(t, 0), "name")))
			found = found < 0 ? i : found;
	}
	if (found < 0) {
		snprintf(why, size, _("--%s %s: there is: %s"), "kernel", text, list);
		return false;
	}
	t->kernel = found;
	make_rows(t);
	bool kept = false;
	for (int i = 0; i < t->count; i++) {
		struct tuning_row *row = &t->rows[i];
		char ignored[200];
		for (int k = 0; k < was.count; k++) {
			if (row->kind != was.rows[k].kind || strcmp(row->name, was.rows[k].name) || row->kind == TUNING_KERNEL)
				continue;
			kept = kept || (row->kind == TUNING_VARIANT && was.variants_given && was.rows[k].on);
			if (row->kind == TUNING_FLAG)
				row->on = was.rows[k].on;
			else if (row->kind != TUNING_VARIANT && was.rows[k].value[0])
				tuning_set(t, i, was.rows[k].value, ignored, sizeof(ignored));
		}
	}
	for (int i = 0; kept && i < t->count; i++) {
		struct tuning_row *row = &t->rows[i];
		if (row->kind != TUNING_VARIANT)
			continue;
		row->on = false;
		for (int k = 0; k < was.count; k++)
			row->on = row->on || (was.rows[k].kind == TUNING_VARIANT && was.rows[k].on && !strcmp(was.rows[k].name, row->name));
	}
	t->variants_given = kept;
	snprintf(t->rows[0].value, sizeof(t->rows[0].value), "%s", text);
	t->verbatim[0] = '\0';
	/* What had no row may have one now. */
	char line[TUNING_LINE_MAX];
	if (t->reading)
		return true;
	if (!tuning_line(t, line, sizeof(line)) || !tuning_read(t, line, why, size)) {
		*t = was;
		return false;
	}
	t->verbatim[0] = '\0';
	return true;
}

static bool swept(const struct tuning *t, const char *text, int row)
{
	return (t->rows[row].kind == TUNING_NUMBER && strchr(text, ',')) != 0;
}

/* One parameter may be a list; the size may not when it grows with the workers. */
static bool lists_agree(const struct tuning *t, int row, const char *text, char *why, size_t size)
{
	const struct tuning_row *r = &t->rows[row];
	bool weak = false;
	for (int i = 0; i < t->count; i++) {
		weak = weak || (t->rows[i].kind == TUNING_FLAG && t->rows[i].on && !strcmp(t->rows[i].option, "weak"));
		if (i != row && swept(t, text, row) && swept(t, t->rows[i].value, i)) {
			snprintf(why, size, _("--%s %s: only one parameter can be a list, and --%s is one"), r->option, text, t->rows[i].option);
			return false;
		}
	}
	if (weak && swept(t, text, row) && !strcmp(r->option, "size"))
		return refuse(why, size, r->option, text, _("with --weak the size grows with the workers, so it can't be a list"));
	return true;
}

static bool set_number(struct tuning *t, int row, const char *text, char *why, size_t size)
{
	struct tuning_row *r = &t->rows[row];
	double values[BENCH_SWEEP_MAX];
	int count;
	char reason[200];
	if (!list_numbers(text, r->min, r->max, r->fraction, r->unit, values, &count, r->list ? BENCH_SWEEP_MAX : 1, reason, sizeof(reason)))
		return refuse(why, size, r->option, text, reason);
	return lists_agree(t, row, text, why, size);
}

static bool set_workers(struct tuning *t, int row, const char *text, char *why, size_t size)
{
	int workers[BENCH_WORKERS_MAX], count;
	char reason[200];
	return list_workers(text, t->usable, workers, &count, BENCH_WORKERS_MAX, reason, sizeof(reason)) ||
	       refuse(why, size, t->rows[row].option, text, reason);
}

static bool set_choice(struct tuning *t, int row, const char *text, char *why, size_t size)
{
	char list[200] = "";
	for (int i = 0; t->rows[row].choices[i]; i++) {
		size_t n = strlen(list);
		if (!strcmp(t->rows[row].choices[i], text))
			return true;
		snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "", t->rows[row].choices[i]);
	}
	snprintf(why, size, _("--%s %s: there is: %s"), t->rows[row].option, text, list);
	return false;
}

static bool set_flag(struct tuning *t, int row, bool on, char *why, size_t size)
{
	struct tuning_row *r = &t->rows[row];
	for (int i = 0; on && i < t->count; i++) {
		if (!strcmp(t->rows[i].option, "size") && swept(t, t->rows[i].value, i) && !strcmp(r->option, "weak")) {
			snprintf(why, size, "--%s: %s", r->option, _("the size grows with the workers, so it can't be a list"));
			return false;
		}
	}
	r->on = on;
	return true;
}

static bool set_variant(struct tuning *t, int row, bool on, char *why, size_t size)
{
	struct tuning_row *r = &t->rows[row];
	int others = 0;
	for (int i = 0; i < t->count; i++)
		others += i != row && t->rows[i].kind == TUNING_VARIANT && t->rows[i].on;
	if (on && r->unavailable) {
		snprintf(why, size, _("%s can't run here: %s"), r->name, r->unavailable);
		return false;
	}
	if (!on && !others) {
		snprintf(why, size, _("%s is the only variant left: choose another one first"), r->name);
		return false;
	}
	r->on = on;
	t->variants_given = true;
	return true;
}

bool tuning_set(struct tuning *t, int row, const char *text, char *why, size_t size)
{
	if (row < 0 || row >= t->count)
		return false;
	struct tuning_row *r = &t->rows[row];
	char copy[TUNING_VALUE_MAX]; /* text may be a value of these rows */
	bool good = true, on = !strcmp(text, "on");
	if (strlen(text) >= sizeof(copy)) {
		snprintf(why, size, _("--%s: too long"), r->option);
		return false;
	}
	snprintf(copy, sizeof(copy), "%s", text);
	switch (r->kind) {
	case TUNING_KERNEL:
		return set_kernel(t, copy, why, size);
	case TUNING_VARIANT:
	case TUNING_FLAG:
		if (!on && strcmp(text, "off") != 0)
			return refuse(why, size, r->option, text, _("on or off"));
		if (r->kind == TUNING_FLAG ? !set_flag(t, row, on, why, size) : !set_variant(t, row, on, why, size))
			return false;
		t->verbatim[0] = '\0';
		return true;
	case TUNING_WORKERS:
		good = !*copy || set_workers(t, row, copy, why, size);
		break;
	case TUNING_NUMBER:
		good = !*copy || set_number(t, row, copy, why, size);
		break;
	case TUNING_CHOICE:
		good = !*copy || set_choice(t, row, copy, why, size);
		break;
	case TUNING_TEXT: /* the lesson knows what is allowed */
		break;
	}
	if (!good)
		return false;
	snprintf(r->value, sizeof(r->value), "%s", copy);
	t->verbatim[0] = '\0';
	return true;
}

/* ---- steps ------------------------------------------------------------------------------------------------------------ */

static double stepped(const struct tuning_row *r, double x, int by)
{
	double to;
	if (r->step > 0) {
		double k = (x - r->min) / r->step;
		to = r->min + r->step * (by > 0 ? floor(k + 1e-9) + 1 : ceil(k - 1e-9) - 1);
		/* Small whole steps keep to whole multiples: 11, 15, 20 rather than 11, 16, 21. */
		if (!r->fraction && r->step > 1)
			to = by > 0 ? (floor(x / r->step) + 1) * r->step : (ceil(x / r->step) - 1) * r->step;
	} else if (by > 0) {
		to = x > 0 ? 2 * x : x < 0 ? x / 2 : 1;
	} else {
		to = x > 0 ? x / 2 : x < 0 ? 2 * x : -1;
	}
	if (!r->fraction)
		to = by > 0 ? ceil(to) : floor(to);
	return to < r->min ? r->min : to > r->max ? r->max : to;
}

/* Each value of a list is stepped; together they stay a list of as many values. */
static bool step_number(struct tuning *t, int row, int by, char *why, size_t size)
{
	const struct tuning_row *r = &t->rows[row];
	const char *now = tuning_value(t, row);
	char text[TUNING_VALUE_MAX] = "", item[64], range[200];
	double values[BENCH_SWEEP_MAX];
	int count = 0, moved = 0;
	if (!*now) /* the bench decides: begin with something usual */
		return tuning_set(t, row, r->min <= 20 && r->max >= 20 ? "20" : "", why, size);
	if (!list_numbers(now, r->min, r->max, r->fraction, r->unit, values, &count, BENCH_SWEEP_MAX, range, sizeof(range)))
		return refuse(why, size, r->option, now, range);
	for (int i = 0; i < count; i++) {
		double to = stepped(r, values[i], by);
		moved += to != values[i];
		put_number(item, sizeof(item), to, r->fraction);
		size_t n = strlen(text);
		if (n + strlen(item) + 2 > sizeof(text))
			return refuse(why, size, r->option, now, _("too long"));
		snprintf(text + n, sizeof(text) - n, "%s%s", i ? "," : "", item);
	}
	if (moved < count) {
		tuning_range(t, row, range, sizeof(range));
		return refuse(why, size, r->option, now, range);
	}
	return tuning_set(t, row, text, why, size);
}

/* What is worth measuring with so many cores, from little to much. */
static int ladder(int usable, char list[][TUNING_VALUE_MAX], int room)
{
	int n = 0;
	snprintf(list[n++], TUNING_VALUE_MAX, "1");
	for (int p = 2; p <= 2 * usable && n < room - 5; p *= 2) {
		snprintf(list[n], TUNING_VALUE_MAX, "%s,%d", list[n - 1], p);
		n++;
	}
	snprintf(list[n++], TUNING_VALUE_MAX, "1,max");
	snprintf(list[n++], TUNING_VALUE_MAX, "1,max,2x");
	if (usable > 2 && usable <= BENCH_WORKERS_MAX)
		snprintf(list[n++], TUNING_VALUE_MAX, "1-max");
	snprintf(list[n++], TUNING_VALUE_MAX, "max");
	snprintf(list[n++], TUNING_VALUE_MAX, "2x");
	return n;
}

static bool step_workers(struct tuning *t, int row, int by, char *why, size_t size)
{
	char list[24][TUNING_VALUE_MAX];
	int n = ladder(t->usable, list, 24), at = -1;
	for (int i = 0; i < n; i++)
		if (!strcmp(list[i], tuning_value(t, row)))
			at = i;
	if (at < 0)
		at = by > 0 ? 0 : n - 1;
	else
		at = (at + by + n) % n;
	return tuning_set(t, row, list[at], why, size);
}

static bool step_choice(struct tuning *t, int row, int by, char *why, size_t size)
{
	const char *const *choices = t->rows[row].choices;
	int n = 0, at = 0;
	for (; choices[n]; n++)
		if (!strcmp(choices[n], tuning_value(t, row)))
			at = n;
	if (n == 0)
		return false;
	return tuning_set(t, row, choices[(at + by + n) % n], why, size);
}

static bool step_kernel(struct tuning *t, int row, int by, char *why, size_t size)
{
	int n = 0;
	while (kernel_at(t, n))
		n++;
	return n > 0 && tuning_set(t, row, text_of(kernel_at(t, (t->kernel + by + n) % n), "name"), why, size);
}

bool tuning_step(struct tuning *t, int row, int by, char *why, size_t size)
{
	if (row < 0 || row >= t->count)
		return false;
	by = by < 0 ? -1 : 1;
	switch (t->rows[row].kind) {
	case TUNING_KERNEL:
		return step_kernel(t, row, by, why, size);
	case TUNING_VARIANT:
	case TUNING_FLAG:
		return tuning_set(t, row, t->rows[row].on ? "off" : "on", why, size);
	case TUNING_WORKERS:
		return step_workers(t, row, by, why, size);
	case TUNING_NUMBER:
		return step_number(t, row, by, why, size);
	case TUNING_CHOICE:
		return step_choice(t, row, by, why, size);
	case TUNING_TEXT:
		return false; /* it is typed */
	}
	return false;
}

const char *tuning_value(const struct tuning *t, int row)
{
	const struct tuning_row *r = &t->rows[row];
	if (r->kind == TUNING_VARIANT || r->kind == TUNING_FLAG)
		return r->on ? "on" : "off";
	return r->value[0] ? r->value : r->preset;
}

void tuning_range(const struct tuning *t, int row, char *text, size_t size)
{
	const struct tuning_row *r = &t->rows[row];
	char min[64], max[64], unit[100] = "";
	text[0] = '\0';
	if (r->kind == TUNING_WORKERS) {
		snprintf(text, size, ngettext("1 to %d; this machine has %d core to use", "1 to %d; this machine has %d cores to use",
					      (unsigned long)t->usable), KERNEL_WORKERS_MAX, t->usable);
		return;
	}
	if (r->kind != TUNING_NUMBER)
		return;
	put_number(min, sizeof(min), r->min, r->fraction);
	put_number(max, sizeof(max), r->max, r->fraction);
	if (*r->unit)
		snprintf(unit, sizeof(unit), " %s", r->common ? _(r->unit) : r->unit);
	if (r->preset[0])
		snprintf(text, size, _("%s to %s%s, preset %s"), min, max, unit, r->preset);
	else
		snprintf(text, size, _("%s to %s%s"), min, max, unit);
}
