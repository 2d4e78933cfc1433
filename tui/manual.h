/* What the man pages and the completions are made from: the tables of the programs themselves, asked by --usage. */
#ifndef LOCKSTEP_MANUAL_H
#define LOCKSTEP_MANUAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include "lessons/course.h"

struct manual {
	json_t *commands;       /* of lockstep: array of {name, args, about} */
	json_t *screen;         /* the table of the screen */
	json_t *programs;       /* by command: its table; commands without a program of their own are left out */
	json_t *lessons;        /* by id: the table of the lesson */
	struct course *course;
};

/* Asks every program of the folder. False with a sentence on stderr when one does not answer. */
bool manual_load(struct manual *m, const char *exec_dir);
void manual_free(struct manual *m);

/* Each writes one file. */
void manual_page(FILE *out, const struct manual *m);        /* lockstep.1 */
void manual_lesson(FILE *out, const struct manual *m);      /* lockstep-lesson.1 */
bool manual_record(FILE *out);                              /* lockstep-record.5, from data/record.md */
void manual_bash(FILE *out, const struct manual *m);
void manual_zsh(FILE *out, const struct manual *m);
void manual_fish(FILE *out, const struct manual *m);

/* Text as roff: what would be read as a request or an escape is not. */
void manual_roff(FILE *out, const char *text);

/* For the completions: the words that an option's or a program's choices stand for, separated by blanks (caller frees);
 * lesson: id or NULL. *files, *dirs: names of files or folders are wanted too. */
char *manual_choices(const struct manual *m, const char *choices, const char *lesson, bool *files, bool *dirs);
const char *manual_string(const json_t *object, const char *name); /* "" when absent */

#endif
