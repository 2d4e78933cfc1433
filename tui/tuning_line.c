/* The command line: words into rows and back. */
#include "tui/tuning.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/program.h"

static int row_of(const struct tuning *t, const char *option)
{
	for (int i = 0; i < t->count; i++)
		if (!strcmp(t->rows[i].option, option))
			return i;
	return -1;
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

/* Options without a row that take a value: it goes with them, whatever it looks like. */
static bool takes_value(const char *option)
{
	static const char *const names[] = {"output", "status-fd", "lang", "kernel"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], option))
			return true;
	return false;
}

static bool note(struct tuning *t, bool literal, const char *text)
{
	for (int i = 0; !literal && i < t->word_count; i++)
		if (!t->words[i].literal && !strcmp(t->words[i].text, text))
			return true; /* given twice: the last value counts */
	if (t->word_count == TUNING_WORDS_MAX || strlen(text) >= sizeof(t->words[0].text))
		return false;
	t->words[t->word_count].literal = literal;
	snprintf(t->words[t->word_count++].text, sizeof(t->words[0].text), "%s", text);
	return true;
}

/* A list of names, or all. */
static bool read_variants(struct tuning *t, const char *list, char *why, size_t size)
{
	bool on[TUNING_ROWS_MAX] = {false}, all = !strcmp(list, "all");
	char known[300] = "";
	for (int i = 0; i < t->count; i++) {
		size_t n = strlen(known);
		if (t->rows[i].kind == TUNING_VARIANT)
			snprintf(known + n, sizeof(known) - n, "%s%s", n ? ", " : "", t->rows[i].name);
		on[i] = all && !t->rows[i].unavailable;
	}
	for (const char *item = list; !all; ) {
		size_t n = strcspn(item, ",");
		int found = -1;
		for (int i = 0; i < t->count; i++)
			if (t->rows[i].kind == TUNING_VARIANT && strlen(t->rows[i].name) == n && !strncmp(t->rows[i].name, item, n))
				found = i;
		if (found < 0) {
			snprintf(why, size, _("--%s %s: there is: %s"), "variant", list, known);
			return false;
		}
		on[found] = true;
		if (!item[n])
			break;
		item += n + 1;
	}
	for (int i = 0; i < t->count; i++)
		if (t->rows[i].kind == TUNING_VARIANT)
			t->rows[i].on = on[i];
	t->variants_given = true;
	return true;
}

static const char *long_name(char letter)
{
	static const char *const names[] = {['v'] = "variant", ['t'] = "threads", ['n'] = "size", ['r'] = "reps", ['o'] = "output"};
	return (unsigned char)letter < sizeof(names) / sizeof(*names) ? names[(unsigned char)letter] : NULL;
}

/* The option of a word: its long name, and the value that stands in the same word. */
static bool option_of(const struct tuning *t, const char *word, char *name, size_t size, const char **value)
{
	*value = NULL;
	name[0] = '\0';
	if (word[0] != '-' || !word[1])
		return false;
	if (word[1] != '-') {
		const char *full = long_name(word[1]);
		if (!full)
			return false;
		snprintf(name, size, "%s", full);
		*value = word[2] ? word + 2 : NULL;
		return true;
	}
	size_t n = strcspn(word + 2, "=");
	if (n >= size)
		return false;
	snprintf(name, size, "%.*s", (int)n, word + 2);
	*value = word[2 + n] ? word + 3 + n : NULL;
	/* The size goes by its own name too. */
	const json_t *kernel = json_array_get(json_object_get(t->describe, "kernels"), (size_t)t->kernel);
	const char *first = json_string_value(json_object_get(json_array_get(json_object_get(kernel, "params"), 0), "name"));
	if (first && !strcmp(first, name))
		snprintf(name, size, "size");
	return true;
}

static bool read_option(struct tuning *t, int row, const char *value, char *why, size_t size)
{
	if (t->rows[row].kind == TUNING_FLAG)
		return tuning_set(t, row, "on", why, size);
	if (t->rows[row].kind == TUNING_VARIANT)
		return read_variants(t, value, why, size);
	if (!*value) {
		snprintf(why, size, _("--%s: needs a value"), t->rows[row].option);
		return false;
	}
	return tuning_set(t, row, value, why, size);
}

/* A demonstration is no measurement: its rows are others. */
static void read_demo(struct tuning *t, char *const *words)
{
	char name[TUNING_VALUE_MAX];
	const char *value;
	for (int i = 0; words[i]; i++)
		if (option_of(t, words[i], name, sizeof(name), &value))
			tuning_show(t, name);
}

/* The program comes first: the rows of the other options are its. */
static bool read_kernel(struct tuning *t, char *const *words, char *why, size_t size)
{
	bool good = true;
	for (int i = 0; good && words[i]; i++) {
		const char *name = NULL;
		if (!strcmp(words[i], "--kernel"))
			name = words[i + 1];
		else if (!strncmp(words[i], "--kernel=", 9))
			name = words[i] + 9;
		int row = row_of(t, "kernel");
		if (name && row >= 0)
			good = read_option(t, row, name, why, size);
	}
	return good;
}

static bool read_words(struct tuning *t, char *const *words, char *why, size_t size)
{
	bool good = read_kernel(t, words, why, size), room = true;
	char name[TUNING_VALUE_MAX], first_why[400] = "";
	if (!good)
		snprintf(first_why, sizeof(first_why), "%s", why);
	for (int i = 0; words[i]; i++) {
		const char *value;
		bool known = option_of(t, words[i], name, sizeof(name), &value);
		int row = known ? row_of(t, name) : -1;
		if (row < 0) {
			room = note(t, true, words[i]) && room;
			if (known && takes_value(name) && !value && words[i + 1])
				room = note(t, true, words[++i]) && room;
			continue;
		}
		if (t->rows[row].kind == TUNING_FLAG && value) { /* --weak=yes: the program will complain */
			room = note(t, true, words[i]) && room;
			continue;
		}
		if (t->rows[row].kind != TUNING_FLAG && !value) {
			if (!words[i + 1]) {
				snprintf(why, size, _("--%s: needs a value"), name);
				good = false;
				break;
			}
			value = words[++i];
		}
		room = note(t, false, t->rows[row].option) && room;
		if (strcmp(t->rows[row].option, "kernel") && !read_option(t, row, value ? value : "", why, size) && good) {
			good = false;
			snprintf(first_why, sizeof(first_why), "%s", why);
		}
	}
	if (first_why[0])
		snprintf(why, size, "%s", first_why);
	if (good && !room)
		snprintf(why, size, "%s", _("this command line is too long"));
	return good && room;
}

bool tuning_read(struct tuning *t, const char *line, char *why, size_t size)
{
	const json_t *describe = t->describe;
	int usable = t->usable;
	char **words = strlen(line) < sizeof(t->verbatim) ? program_words(line) : NULL;
	bool good = words && words[0] && strlen(words[0]) < sizeof(t->program);
	tuning_open(t, describe, usable);
	why[0] = '\0';
	if (good) {
		snprintf(t->program, sizeof(t->program), "%s", words[0]);
		t->reading = true;
		read_demo(t, words + 1);
		good = read_words(t, words + 1, why, size);
	} else {
		snprintf(why, size, "%s", strlen(line) >= sizeof(t->verbatim) ? _("this command line is too long")
			 : !words ? _("a quotation mark is not closed") : _("a command line begins with the name of a lesson"));
	}
	t->reading = false;
	if (strlen(line) < sizeof(t->verbatim))
		snprintf(t->verbatim, sizeof(t->verbatim), "%s", line);
	if (words)
		program_words_free(words);
	return good;
}

/* ---- printing --------------------------------------------------------------------------------------------------------- */

struct out {
	char *text;
	size_t n, size;
	bool full;
};

static void put(struct out *o, const char *text)
{
	size_t n = strlen(text);
	if (o->n + n + 1 > o->size) {
		o->full = true;
		return;
	}
	memcpy(o->text + o->n, text, n + 1);
	o->n += n;
}

/* A word as program_words takes it apart: quoted where it must be. */
static void put_word(struct out *o, const char *word)
{
	const char *outside = strchr(word, '\'') && !strchr(word, '"') ? "\"" : "'";
	if (o->n)
		put(o, " ");
	if (*word && !strpbrk(word, " \t'\"")) {
		put(o, word);
		return;
	}
	/* Pieces between quotation marks of the other kind. */
	do {
		char piece[TUNING_LINE_MAX];
		size_t n = strcspn(word, outside);
		snprintf(piece, sizeof(piece), "%.*s", (int)n, word);
		put(o, outside);
		put(o, piece);
		put(o, outside);
		word += n;
		outside = *outside == '"' ? "'" : "\"";
	} while (*word);
}

/* The option with what is set in its rows, if anything is. */
static void put_option(struct out *o, const struct tuning *t, const char *option)
{
	int first = row_of(t, option);
	char dashed[TUNING_VALUE_MAX + 4], list[TUNING_LINE_MAX] = "";
	if (first < 0)
		return;
	const struct tuning_row *r = &t->rows[first];
	snprintf(dashed, sizeof(dashed), "--%s", option);
	if (r->kind == TUNING_FLAG) {
		if (r->on)
			put_word(o, dashed);
		return;
	}
	if (r->kind != TUNING_VARIANT) {
		if (r->value[0]) {
			put_word(o, dashed);
			put_word(o, r->value);
		}
		return;
	}
	for (int i = 0; i < t->count && t->variants_given; i++) {
		size_t n = strlen(list);
		if (t->rows[i].kind == TUNING_VARIANT && t->rows[i].on)
			o->full = (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", n ? "," : "", t->rows[i].name) >= sizeof(list) - n || o->full;
	}
	if (list[0]) {
		put_word(o, dashed);
		put_word(o, list);
	}
}

bool tuning_line(const struct tuning *t, char *line, size_t size)
{
	struct out o = {.text = line, .size = size};
	line[0] = '\0';
	if (t->verbatim[0]) {
		put(&o, t->verbatim);
		return !o.full;
	}
	if (t->program[0])
		put_word(&o, t->program);
	for (int i = 0; i < t->word_count; i++) {
		if (t->words[i].literal)
			put_word(&o, t->words[i].text);
		else
			put_option(&o, t, t->words[i].text);
	}
	for (int i = 0; i < t->count; i++) {
		bool given = i > 0 && !strcmp(t->rows[i].option, t->rows[i - 1].option); /* variants: once */
		for (int k = 0; k < t->word_count; k++)
			given = given || (!t->words[k].literal && !strcmp(t->words[k].text, t->rows[i].option));
		if (!given)
			put_option(&o, t, t->rows[i].option);
	}
	return !o.full;
}
