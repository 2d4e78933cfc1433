/* What a presentation tells the notes in the other terminal: a small file, one for each presentation, replaced as a whole with
 * every change. Both programs read the lesson's text themselves. */
#ifndef LOCKSTEP_SHARE_H
#define LOCKSTEP_SHARE_H

#include <stdbool.h>
#include <stdint.h>
#include "tui/present.h"

enum { SHARE_NUMBERS = BALLOT_NUMBERS };

struct share_state {
	int pid;
	int64_t born;                 /* when the process began, in the kernel's ticks: a pid comes again */
	char lesson[64], dir[256], language[16], title[200], command[300]; /* command: of the live run, "" without */
	struct thought now, next;     /* next.step -1: none */
	int page, pages;
	bool blank, unlocked, asks;
	int64_t began, step_began, spent; /* ms of CLOCK_MONOTONIC; spent: on this step in earlier visits */
	struct ballot ballot;         /* of the question on the screen; step -1: none */
};

/* $XDG_RUNTIME_DIR/lockstep, else the folder `present` in the state folder; NULL with errno. Static storage. */
const char *share_dir(bool make);
/* False with errno. */
bool share_write(const struct share_state *s);
void share_remove(int pid);
/* The presentation that began last, of those that live; else one whose process is gone. False: there is none. *count: how many
 * live. */
bool share_newest(struct share_state *s, bool *alive, int *count);
bool share_alive(const struct share_state *s);
/* Start of a process in ticks, -1: it is gone. */
int64_t share_born(int pid);
/* Files of presentations that died are removed. */
void share_tidy(void);

#endif
