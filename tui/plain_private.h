/* Shared by the plain*.c only. */
#ifndef LOCKSTEP_PLAIN_PRIVATE_H
#define LOCKSTEP_PLAIN_PRIVATE_H

#include "kernels/bench/words.h"
#include "tui/plain.h"
#include "tui/study.h"

/* What became of a run. */
struct plain_run {
	int step, piece, choice; /* choice -1: the run block itself */
	struct recset *set;
};

enum said { SAID_TEXT, SAID_NOTHING, SAID_NEXT, SAID_BACK, SAID_RUN, SAID_STOP, SAID_HINT, SAID_HELP, SAID_QUIT, SAID_END, SAID_SIGNAL };

struct plain {
	struct course *course;
	struct progress *progress;
	char language[WORDS_NAME];
	bool ascii, letters_ascii, tty; /* tty: somebody types, and sees what they typed */
	int width;
	struct study study; /* only its lesson, text and step: for what asks the text */
	struct program child;
	struct plain_run *runs;
	int run_count;
	int hints;          /* told in this step */
	int signal;         /* that ends us, 0: none */
	size_t told_most;   /* bytes of a program's output that are told, then it is stopped; 0: all */
	/* input */
	char line[FIELD_MAX];
	char *held;         /* read, but not yet a line */
	size_t held_length;
	bool at_end;
};

/* plain_io.c */
void plain_say(const struct plain *p, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* wrapped; one paragraph */
void plain_verbatim(const struct plain *p, const char *text); /* as it is, but safe, and in letters that can be shown */
void plain_markdown(const struct plain *p, const char *markdown);
/* Asks; the answer is in p->line for SAID_TEXT. */
enum said plain_ask(struct plain *p, const char *prompt);
/* Runs a lesson's command line to its end, its output told as it comes. False: it could not be started (told). The records
 * are in p->child. */
bool plain_execute(struct plain *p, const char *command);

/* Follows the child to its end. */
void plain_follow(struct plain *p);

/* plain.c: asks until the answer is for the caller; hints and help are told meanwhile. */
enum said plain_prompt(struct plain *p, const char *prompt);

/* plain_order.c */
enum said plain_order(struct plain *p, int at, const struct piece *piece, bool *right);

/* plain_tell.c */
const struct rec_run *plain_result(const struct plain *p, int step, int piece, int choice);
void plain_tell_run(struct plain *p, int step, int piece, int choice);
void plain_tell_code(struct plain *p, const struct piece *piece);

#endif
