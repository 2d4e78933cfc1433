/* A lesson in front of a class: one thought a screen, driven with a clicker. The runs, the text and the progress are those of
 * the lesson screen underneath (tui/study.h); votes and numbers of the class are kept here. Shared by the present*.c only. */
#ifndef LOCKSTEP_PRESENT_H
#define LOCKSTEP_PRESENT_H

#include "lessons/text.h"
#include "tui/rich.h"
#include "tui/study.h"

/* ---- present_thoughts.c: a lesson cut into thoughts; pure ---- */

enum thought_kind {
	THOUGHT_PROSE, THOUGHT_CODE, THOUGHT_TWIN, THOUGHT_PREDICT, THOUGHT_RUN, THOUGHT_QUIZ,
	THOUGHT_REFUTE,  /* a wrong option of a quiz, after the answer */
	THOUGHT_ORDER, THOUGHT_ORDERED, /* the lines as the class gets them; in their right order, after the answer */
	THOUGHT_HINT,    /* on request only */
	THOUGHT_EXPLAIN, /* at the end of its step */
};

struct thought {
	enum thought_kind kind;
	int step, piece, choice; /* choice: of THOUGHT_REFUTE, else -1 */
};

struct thoughts {
	struct thought *v;
	int n;
};

void thoughts_cut(struct thoughts *t, const struct lesson_text *text);
void thoughts_free(struct thoughts *t);
const struct piece *thought_piece(const struct lesson_text *text, const struct thought *t);
/* "Question: Why does the fourth worker not help?", as a list would name it, cut to cols columns. */
void thought_words(const struct lesson_text *text, const struct thought *t, int cols, char *buf, size_t size);
/* The order in which the lines of an order block are shown: a fixed shuffle that is never the right order. */
void thought_shuffle(const struct piece *p, int *order);
/* What the author planned for the steps [0, steps), from their notes; false when no step tells. */
bool thought_minutes(const struct lesson_text *text, int steps, int *least, int *most);

/* ---- present_votes.c: what the class said ---- */

enum { BALLOT_OPTIONS = 8, BALLOT_NUMBERS = 120, BALLOT_MOST = 999 };

struct ballot {
	int step, piece;
	int round;                       /* 0, or 1 after a revote was asked for */
	int count[2][BALLOT_OPTIONS];
	double numbers[BALLOT_NUMBERS];  /* a prediction in numbers */
	int number_count;
	bool revealed, unkept;           /* unkept: not in the records yet */
};

struct ballots {
	struct ballot *v;
	int n;
};

struct ballot *ballot_of(struct ballots *b, int step, int piece); /* made when there is none */
const struct ballot *ballot_find(const struct ballots *b, int step, int piece);
int ballot_total(const struct ballot *b, int round);
/* "12 3 8": a count for each option, in their order; false (nothing changed) when it is anything else. */
bool ballot_counts(struct ballot *b, int options, const char *text);
/* "1.8 2 3,5": numbers called out; false (nothing changed) when one of the words is no number. */
bool ballot_numbers(struct ballot *b, const char *text);
double ballot_median(const struct ballot *b); /* NaN without numbers */
/* The line `vote` of data/record.md; caller frees; NULL when there is nothing to keep. */
char *ballot_record(const struct ballot *b, const struct piece *p, const char *lesson, const char *when);
/* Bars under option i, of both votes, indented as the options are. */
void ballot_bars(struct rich *r, const struct ballot *b, int options, int i, int indent, bool ascii);
/* Least, median, most and a histogram; with `measured` (not NaN) the measured value among them. */
void ballot_spread(struct rich *r, const struct ballot *b, const char *unit, double measured, bool ascii);

/* ---- present_sheet.c: a thought laid out at a size, in as many pages as it takes ---- */

enum page_kind { PAGE_WORDS, PAGE_CHART };

struct page {
	enum page_kind kind;
	int first, last; /* lines of the sheet, last not included; PAGE_CHART: the headline below the chart */
};

struct sheet {
	struct rich rich;
	struct page *pages;
	int count;
	bool dense;  /* source code: no empty line between the lines */
	bool steady; /* lines begin in the same column, however long they are */
};

struct stage { /* where things stand on the screen */
	struct rect banner, body, foot;
	struct rect words; /* of the body: for text; source code and charts have it all */
};

struct stage stage_for(int rows, int cols);
/* Rows that the lines [first, last) take, with an empty row between them or without. */
int sheet_rows(const struct sheet *s, int first, int last, bool airy);

struct present {
	const struct course_lesson *lesson;
	const struct lesson_text *text; /* the thoughts are cut from it */
	struct thoughts thoughts;
	struct ballots ballots;
	int at, page;
	int hint_from;                  /* the thought that a hint was asked for at */
	int own_step;                   /* where the learner was: he is there again when it ends */
	int warned;                     /* 1 + the thought whose run was not started: one more press goes on */
	bool unlocked, blank, alone;    /* alone: nothing is beneath, q quits */
	enum { TYPING_JUMP, TYPING_COUNTS, TYPING_NUMBERS } typing;
	int64_t pressed;                /* when the clicker was pressed last … */
	int button;                     /* … and its key */
	struct share_state *share;      /* as told last (share.h), NULL: not yet */
	bool deaf;                      /* it can't be told */
	int64_t began, step_began;      /* monotonic ms */
	int64_t *spent;                 /* on each step before this visit */
};

/* ---- present.c ---- */
void present_refresh(struct app *app); /* the text may be another one now: another language */

/* ---- present_moves.c ---- */
const struct thought *present_now(const struct present *p);
struct ballot *present_ballot(struct app *app); /* of the question on the screen; NULL: there is none */
bool present_asks(const struct app *app, const struct thought *t); /* a question that was not answered yet */
/* The slot of the run that belongs to a thought; NULL: none, or never run. */
struct slot *present_slot(const struct app *app, const struct thought *t);
void present_sheet(struct app *app, const struct thought *t, struct sheet *s);
void sheet_free(struct sheet *s);
void sheet_code(struct app *app, struct sheet *s, const struct thought *t); /* present_code.c */

int present_neighbour(const struct app *app, int by); /* of the thoughts, those stepped over left out */
int present_first_of(const struct present *p, int step);
/* Stepped over: hints, and answers before they are told. */
bool present_hides(const struct app *app, const struct thought *t);
void present_go(struct app *app, int at);
void present_forward(struct app *app);
void present_backward(struct app *app);
bool present_hint(struct app *app);
void present_step_left(struct present *p, int step); /* its time is added up */

/* ---- present_class.c: what the keys for runs and votes do; true: done, or said why not ---- */
void present_keep_votes(struct app *app); /* in the records */
void present_guesses(struct app *app);    /* the class's guesses as answers, for the charts */
bool present_run(struct app *app);
bool present_reveal(struct app *app);
bool present_can_vote(struct app *app);
bool present_vote(struct app *app, int by);
bool present_revote(struct app *app);
bool present_type_votes(struct app *app);
void present_typed(struct app *app, bool accepted);

/* ---- present_draw.c ---- */
void present_draw(struct app *app, const struct layout *l);

/* present_share.c: tells `lockstep notes`, when something has changed. */
void present_share(struct app *app, int pages);
void present_share_end(struct present *p);

#endif
