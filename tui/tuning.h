/* A lesson's command line as rows that can be changed one by one: what the options panel shows. Pure: the rows come from the
 * lesson's own description (--describe), the checks are those that its program makes. */
#ifndef LOCKSTEP_TUNING_H
#define LOCKSTEP_TUNING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { TUNING_VALUE_MAX = 160, TUNING_ROWS_MAX = 64, TUNING_WORDS_MAX = 64, TUNING_LINE_MAX = 1024,
       TUNING_DEMOS_MAX = 32 };

enum tuning_kind { TUNING_KERNEL, TUNING_VARIANT, TUNING_WORKERS, TUNING_NUMBER, TUNING_CHOICE, TUNING_FLAG, TUNING_TEXT };

/* Strings that are not arrays belong to the description or are literals; about of common options is marked N_(). */
struct tuning_row {
	enum tuning_kind kind;
	const char *option;       /* long option without dashes; all variants share "variant" */
	const char *name;         /* what stands in the row: the option, or the variant's name */
	const char *about, *unit; /* never NULL */
	const char *wrong, *unavailable; /* of a variant, else NULL */
	bool common;              /* about is the same for all lessons, and may be translated */
	double min, max, step;    /* step 0: times two */
	bool fraction, list;      /* list: several values sweep it */
	const char *const *choices; /* of a CHOICE; NULL: those of the description's kernels */
	char preset[TUNING_VALUE_MAX]; /* what holds when nothing is given */
	char value[TUNING_VALUE_MAX];  /* as given, "" when it is not */
	bool on;                  /* of VARIANT (in effect) and FLAG */
};

struct tuning {
	const json_t *describe;
	int kernel, usable;
	struct tuning_row rows[TUNING_ROWS_MAX];
	int count;
	char program[TUNING_VALUE_MAX];
	bool variants_given, reading;
	bool demo; /* the line asks for a demonstration: its rows are those that matter to one */
	const char *demos[TUNING_DEMOS_MAX + 1], *implied; /* their names, ends with NULL; the one that another option asks for, or NULL */
	/* The words in the order in which they were given: an option with a row by its name, anything else as it is. */
	struct {
		bool literal;
		char text[TUNING_VALUE_MAX];
	} words[TUNING_WORDS_MAX];
	int word_count;
	char verbatim[TUNING_LINE_MAX]; /* the line as it was read, "" once a row has changed */
};

/* describe may be NULL or anything: then only the common options have rows. It must outlive t. */
void tuning_open(struct tuning *t, const json_t *describe, int usable);
/* Usable cores that the description tells, 0 when it doesn't. */
int tuning_usable(const json_t *describe);

/* The line has this option: when it asks for a demonstration, the rows become those of one. */
void tuning_show(struct tuning *t, const char *option);

/* Reads a line into the rows; what has no row stays as it is. False with one sentence when it can't be a command line of this
 * lesson; then what could be read is in the rows, and the line is kept for tuning_line. */
bool tuning_read(struct tuning *t, const char *line, char *why, size_t size);
/* The command line: as it was read while nothing has changed, else made of the rows. False when it has no room. */
bool tuning_line(const struct tuning *t, char *line, size_t size);

/* A row by text, as it would stand behind the option ("" takes it away). False with one sentence. */
bool tuning_set(struct tuning *t, int row, const char *text, char *why, size_t size);
/* The next value up or down: twice the size, one variant on or off, the next choice. */
bool tuning_step(struct tuning *t, int row, int by, char *why, size_t size);
/* What holds now: the value given, else the preset; "on", "off" of variants and flags. */
const char *tuning_value(const struct tuning *t, int row);
/* "0 to 1000000000 units, preset 80000"; "" where there is nothing to say. */
void tuning_range(const struct tuning *t, int row, char *text, size_t size);

#endif
