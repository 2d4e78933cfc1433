/* The lesson screen: text on the left, views on the right, runs in between. Shared by the study*.c only. */
#ifndef LOCKSTEP_STUDY_H
#define LOCKSTEP_STUDY_H

#include "lessons/text.h"
#include "tui/app.h"
#include "tui/rich.h"
#include "tui/view.h"

enum { STUDY_VIEWS = 6 };
enum { VIEW_SPEEDUP, VIEW_TIMELINE, VIEW_BUDGET, VIEW_COUNTERS, VIEW_CODE, VIEW_OUTPUT };

enum { SLOT_EARLIER = 3 };

enum run_state { RUN_LIVE, RUN_DONE, RUN_STOPPED, RUN_KILLED, RUN_FAILED };

/* What became of a run block, or of the experiment behind a quiz option (choice >= 0). */
struct slot {
	int step, piece, choice;
	enum run_state state;
	struct recset *set;  /* NULL while live: then the program has it */
	char *output, *command;
	int exit_code, signal;
	bool hard;           /* it had to be killed */
	double overran;      /* seconds that it was allowed, and ended for going beyond; 0: no */
	bool mine;           /* of the learner's own program */
	char words[300];     /* how it ended */
	/* Its earlier results, the latest first (study_overlays.c). */
	struct earlier_result {
		struct recset *set;
		char *command;
		bool mine;
	} earlier[SLOT_EARLIER];
};

/* What is to be done next in a step. */
enum todo { TODO_GUESS, TODO_RUN, TODO_WAIT, TODO_QUIZ, TODO_EXPERIMENT, TODO_AGAIN, TODO_NEXT, TODO_END, TODO_ORDER };

/* Marks of lines in the text pane: the piece's number, and which part of it. */
enum { PART_FEEDBACK = 1 << 16, PART_RESULT = 1 << 17 };

enum typing { TYPING_GUESS, TYPING_POINT };

/* What the lesson's child process is there for; all but runs are in study_errand.c. */
enum errand { ERRAND_RUN, ERRAND_BUILD, ERRAND_ORDER, ERRAND_TWIN };

/* How an errand ended; the output is the callback's to read, not to keep. */
struct errand_end {
	bool stopped; /* by the learner, or because the screen is left; then no next one can be started */
	int exit_code, signal; /* signal 0: it exited */
	const char *output;
};
typedef void errand_ended(struct app *app, const struct errand_end *end);

struct source_text {
	char *path, *text;
};

struct study {
	const struct course_lesson *lesson;
	struct lesson_text *text;
	int step;
	bool view_focus;     /* the keys go to the view; in a single pane: it is shown */
	int asking;          /* the piece being answered, -1: none */
	int cursor;          /* its choice under the cursor */
	enum typing typing;
	struct view_guess drawn; /* the curve while it is being drawn */
	struct order_puzzle *order; /* the lines that were put in order last, NULL: none */
	bool drawn_agreed;   /* Enter was pressed on a flat one */
	bool notes, twin;
	enum errand errand;  /* of the live child, if this lesson has one; ERRAND_RUN else */
	errand_ended *errand_ended;
	char *errand_words, *errand_output; /* what the last errand is called, what it printed */
	bool errand_output_shown; /* by the Output view, instead of the run's */
	bool wide;           /* the pane in focus has the whole width */
	bool wide_took_focus; /* from the text, which gets it back */
	int sideways;        /* steps that long lines are moved */
	int overflow;        /* columns of the longest line that the view could not show when it was drawn */
	int top, want;       /* first line shown; piece to bring into view, -1 */
	int view, scroll, zoom, workers;
	char *variant;
	bool *kept_read;     /* by step: its kept results were read */
	struct pager *page;  /* the explanation, the summary */
	bool finishing;      /* the summary was opened by the end of the lesson */
	struct slot *slots;
	int slot_count, shown; /* shown: the slot that the views look at, -1: none */
	struct source_text sources[2]; /* of the Code view: the C and the Python */
	struct study_picks *picks;     /* study_picks.c; NULL: never opened */
	struct study_options *options; /* study_options.c; NULL: never opened */
	struct mine *mine;   /* the learner's own copy of the program (study_mine.c), NULL: not looked for yet */
};

/* study.c */
const struct step *study_step(const struct study *s);
enum todo study_todo(const struct app *app, int *piece);
const char *study_answer(const struct app *app, int step, int piece); /* NULL: none yet; "-": skipped */
int study_chosen(const struct app *app, int step, int piece);         /* index of the chosen option, -1 */
bool study_guessed(const struct app *app, int step, int piece); /* or skipped */
void study_mark(struct app *app); /* the step is done when nothing is left to do in it, else seen */
void study_go(struct app *app, int step);
void study_ask(struct app *app, int step, int piece);

/* study_run.c */
int study_next_run(const struct study *s); /* the run block of the step that was not run yet, else its last; -1: it has none */
struct slot *study_slot(const struct study *s, int step, int piece, int choice); /* NULL: never run */
struct slot *study_live(const struct app *app);
bool study_run(struct app *app, int step, int piece, int choice, const char *command); /* command NULL: as in the text */
const struct recset *study_set(const struct app *app, const struct slot *slot);
const struct rec_run *study_result(const struct app *app, const struct slot *slot);
bool study_run_of(const struct study *s, int step, int predict, int *run_step, int *run_piece);
/* The guess that belongs to a run block; NULL: none. */
const struct piece *study_guess_for(const struct study *s, int step, int piece, int nth, int *at_step, int *at_piece);
const char *study_command(const struct app *app, int step, int piece, int choice);
void study_tell(const struct app *app, struct slot *slot); /* how it ended, into its words, in the language of now */
void study_status(struct app *app, struct rect row);

/* study_code.c */
void study_code_free(struct study *s);
void study_code_fill(struct app *app, struct view_input *in); /* the source, its excerpt, the twin beside it */
void study_sideways_fill(struct study *s, struct view_input *in, const struct view *view, int cols);
bool study_sideways(struct app *app, int by);
bool study_zoom(struct app *app, int by);
bool study_wide(struct app *app);
bool study_pane_alone(const struct app *app); /* text and view are not side by side */
bool study_code_offers(const struct app *app, enum action action);
void study_cut_hint(struct app *app, struct rect area);

/* study_edit.c, study_mine.c */
bool study_edit(struct app *app);
/* The learner's copy, made when there is none, and the line to open it at; NULL: it can't be, which is said. */
const char *study_mine_prepare(struct app *app, int *line);
void study_mine_edited(struct app *app); /* builds it when it is another now */
bool study_mine_switch(struct app *app);
bool study_mine_discard(struct app *app);
bool study_mine_on(const struct app *app); /* runs of this lesson are of the learner's program */
/* The program to run in place of lesson `id`'s, NULL: that one. False, which is said, when it is older than its text. */
bool study_mine_program(struct app *app, const char *id, const char **program);
bool study_mine_told(const struct study *s); /* the compiler has something to say about the copy, on this step */
void study_mine_fill(struct app *app, struct view_input *in);
void study_mine_free(struct study *s);

/* study_errand.c */
/* Starts argv (argv[0]: a path) as the lesson's child process; words say in the status row what is going on: "building
 * your copy". p, s and q work as for runs. `ended` is called once, when it was reaped; it may start the next errand.
 * False when it can't be started, which is said. Call it with an errand other than ERRAND_RUN. */
bool study_errand_start(struct app *app, enum errand errand, char *const argv[], const char *words, errand_ended *ended);
bool study_errand_live(const struct app *app); /* one that is no run */
bool study_busy(const struct app *app);        /* a run or an errand is live */
void study_errand_child(struct app *app, bool ended);
void study_errand_status(struct app *app, struct rect row);
const char *study_output(const struct app *app, const struct slot *slot); /* for the Output view; NULL: nothing */
bool study_twin_run(struct app *app);
/* The path of a program found through PATH (static storage), or NULL. */
const char *study_which(const char *name);

struct slot *study_slot_make(struct study *s, int step, int piece, int choice);

/* study_kept.c: results kept in the state folder between sessions */
void study_keep(struct app *app, const struct slot *slot, const char *lines, size_t length);
/* Reads what is kept of a step, once; before it of the steps back to the last that has something to show. */
void study_kept_open(struct app *app, int step);
void study_kept_all(struct app *app);
/* Removes what is kept of a lesson, NULL: of all. */
void study_kept_forget(const char *lesson);

/* study_hints.c */
int study_hint_count(const struct study *s, int step);
bool study_hint_left(const struct app *app);
bool study_hint(struct app *app);
bool study_explained(const struct app *app); /* the step has an explanation, and it may be read */
bool study_explain(struct app *app);
void study_add_hint(struct app *app, struct rich *r, int piece);
void study_add_explain(struct app *app, struct rich *r, int piece);
extern const struct screen screen_explain;

/* study_quiz.c */
bool study_refuted(const struct app *app, int step, int piece, int option); /* it was taken, and is wrong */
void study_quiz_cursor(struct app *app, int piece); /* on the first option that may still be right */
bool study_quiz_take(struct app *app, int piece, int option); /* false: it was refuted, which is said */
void study_add_way(struct app *app, struct rich *r, int piece); /* what Enter does after a wrong answer */

/* study_summary.c */
void study_summary(struct app *app, bool finishing);
extern const struct screen screen_summary;

/* study_text.c, study_view.c */
void study_draw_text(struct app *app, struct rect area);
void study_draw_view(struct app *app, struct rect area);
/* study_mouse.c: what the mouse does in a lesson. The options are noted while the text is made, drawn or not. */
void study_hot_clear(void);
void study_hot_option(int first, int end, int piece, int choice); /* lines [first, end) of the text */
void study_hot_text(struct app *app, struct rect area, struct rect in, int top);
void study_hot_view(struct app *app, struct rect area);

void study_cycle_variant(struct app *app);
void study_cycle_workers(struct app *app);

/* study_live.c: what a live run shows around the views */
const struct live *study_live_figures(const struct app *app, const struct slot *slot); /* NULL: it is not live */
void study_live_words(const struct app *app, const struct rec_run *run, int cols, char *text, size_t size); /* for the status */
void study_live_tag(struct app *app, struct rect area, const struct slot *slot);

#endif
