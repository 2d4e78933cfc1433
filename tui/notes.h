/* What the presenter sees and the class does not: the page of `lockstep notes`, made from what the presentation tells. */
#ifndef LOCKSTEP_NOTES_H
#define LOCKSTEP_NOTES_H

#include "tui/rich.h"
#include "tui/share.h"

struct notes {
	struct share_state state;
	bool known, alive;           /* there is, or was, a presentation; it lives */
	int count;                   /* presentations that live */
	const char *language;        /* asked for on the command line, or NULL */
	char text_dir[256], text_language[16];
	struct lesson_text *text;    /* NULL: can't be read */
	struct thoughts thoughts;
	bool ascii, letters_ascii;
};

/* Reads the state and, if need be, the lesson's text. False: nothing has changed. */
bool notes_read(struct notes *n);
void notes_free(struct notes *n);
/* Milliseconds on this step, and since the presentation began. */
int64_t notes_step_ms(const struct notes *n);
int64_t notes_lesson_ms(const struct notes *n);
/* "4:10 of 3–5 min": the times as they are now, and whether the plan is exceeded. */
void notes_clock(const struct notes *n, int64_t ms, int least, int most, char *buf, size_t size);
bool notes_plan(const struct notes *n, int *step_least, int *step_most, int *least, int *most); /* false: none */

/* The page, in r->width columns. */
void notes_where(const struct notes *n, char *buf, size_t size); /* "step 2/5, thought 3/4" */
void notes_now(const struct notes *n, struct rich *r);     /* state, what is shown, what comes next */
void notes_question(const struct notes *n, struct rich *r); /* the answer and the votes; nothing when it asks nothing */
void notes_votes(const struct notes *n, char *buf, size_t size); /* the same in a line: "votes: a 12 b 3" */
void notes_block(const struct notes *n, struct rich *r);    /* the notes of the step */

#endif
