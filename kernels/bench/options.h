/* The command line of a program as one table: getopt, --help, the man pages and the completion of shells are made from it.
 * --help, --version and --usage (the table as JSON, for the makers of manuals) are added to every table. */
#ifndef LOCKSTEP_OPTIONS_H
#define LOCKSTEP_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

enum { OPTIONS_MAX = 64 };

struct option_row {
	int id;              /* what getopt_long returns; below 128 it is the short letter too */
	const char *name;    /* long, without dashes */
	const char *value;   /* "FILE"; NULL: takes none */
	const char *about;   /* one line, marked N_() */
	const char *choices; /* what a shell offers for the value: words separated by blanks, or @file @dir @lesson @variant
			      * @kernel; NULL: nothing */
};

struct program_options {
	const char *program;  /* "lockstep plot" */
	const char *synopsis; /* "FILE... [options]" */
	const char *about;    /* sentences below the synopsis, marked N_() */
	const char *operands; /* what a shell offers for words that are no options; as choices */
	const struct option_row *options; /* ends with a NULL name */
	const char *after;    /* below the options, marked N_(); NULL: nothing */
};

/* For getopt_long, in static storage until the next call; the short ones begin with ':'. */
const struct option *options_long(const struct program_options *u);
const char *options_short(const struct program_options *u);
/* Does what every program does alike: --help, --version, --usage. False: the option is the program's own. */
bool options_common(const struct program_options *u, int option);
void options_print(FILE *out, const struct program_options *u);

#endif
