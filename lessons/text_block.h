/* The live blocks of a lesson's text; only text.c reads this. */
#ifndef LOCKSTEP_TEXT_BLOCK_H
#define LOCKSTEP_TEXT_BLOCK_H

#include "lessons/text.h"

/* Whether the info string of a fence ("run sweep") begins a live block; its kind. */
bool block_kind(const char *info, enum piece_kind *kind);
/* Fills the piece of `kind` from the info string and the body (which is cut up). False when the block is malformed:
 * *why says so (static), *line is the line of the body, counted from 1, that is to blame. */
bool block_parse(struct piece *piece, const char *info, char *body, const char *dir, const char **why, int *line);
/* Releases what the piece holds. */
void block_free(struct piece *piece);
/* Without blanks at both ends, in place. */
char *block_trim(char *s);

#endif
