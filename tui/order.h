/* Lines to be put in order (a Parsons problem): moved, kept as text, put into their program, and what the compiler says of
 * them. Pure. Parsons and Haden, "Parson's programming puzzles", ACE 2006. */
#ifndef LOCKSTEP_ORDER_H
#define LOCKSTEP_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include "lessons/text.h"

enum { ORDER_LINES_MAX = 40, ORDER_TEXT_MAX = ORDER_LINES_MAX * 4 + 16, ORDER_MESSAGE_MAX = 240 };

struct order {
	int line[ORDER_LINES_MAX]; /* which line of the block, counted from 0, from the top down */
	int count, used;           /* the first `used` go into the program, the others are laid aside */
	int cursor;                /* a place in line[] */
	bool held;                 /* the arrows move the line under the cursor */
};

/* All lines in the program, shuffled: always alike for this seed text, and never in an order that the block calls right. */
struct order order_shuffled(const struct piece *p, const char *seed);

/* "tried 3 1 2 / 4": numbers from 1; a slash before those laid aside. False when it does not fit the block; then *o is as it
 * was. *right: it ran and was right. */
bool order_read(const struct piece *p, const char *answer, struct order *o, bool *right);
char *order_write(const struct order *o, bool right, char buf[ORDER_TEXT_MAX]);

/* Moves the cursor, or the held line with it; a line moved across the end of the program is laid aside, or comes back. */
void order_go(struct order *o, int by);
/* Lays the line under the cursor aside, or takes it in at the end of the program. The cursor stays with its neighbours. */
void order_aside(struct order *o);

/* The program with the lines in the place of its line `//@`, indented as that one; *first: the number of the first of them,
 * counted from 1. NULL when it has no such line. The caller frees it. */
char *order_assemble(const char *frame, const struct piece *p, const struct order *o, int *first);

struct order_message {
	int at;  /* the place in order.line, -1: elsewhere in the program */
	char text[ORDER_MESSAGE_MAX];
};
/* The errors in a compiler's output about `file`, whose lines first … first + used - 1 are the learner's. Returns how many. */
int order_messages(const char *output, const char *file, int first, int used, struct order_message *out, int max);

#endif
