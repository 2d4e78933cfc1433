/* The screen as a whole: what is open, what is live, what was said. A screen is a const table of functions; the top of a
 * small stack is shown. Nothing here touches the terminal: everything is drawn into the canvas. */
#ifndef LOCKSTEP_APP_H
#define LOCKSTEP_APP_H

#include "kernels/bench/words.h"
#include "lessons/course.h"
#include "tui/actions.h"
#include "tui/canvas.h"
#include "tui/program.h"
#include "tui/field.h"
#include "tui/hot.h"
#include "tui/layout.h"
#include "tui/progress.h"

struct app;

struct screen {
	enum place (*place)(struct app *app);                       /* which keys are valid now; fields aside */
	void (*draw)(struct app *app, const struct layout *l);
	bool (*act)(struct app *app, enum action action);           /* false: nothing to do for it here */
	bool (*key)(struct app *app, int key);                      /* a key without an action here; false, or NULL: unknown */
	const char *(*enter)(struct app *app);                      /* what Enter does now: "run"; NULL: nothing */
	bool (*offers)(struct app *app, enum action action);        /* worth a place in the footer now; NULL: always */
	void (*typed)(struct app *app, bool accepted);              /* the field was left; NULL: it has none */
	void (*typing)(struct app *app);                            /* the field has changed; NULL: no matter */
	void (*title)(struct app *app, char *text, size_t size);    /* for the first row */
	void (*status)(struct app *app, struct rect row);           /* the row above the footer */
	bool (*wakes)(struct app *app);                             /* true: the key did no more than that; NULL: never */
	bool bare;                                                  /* draws all rows itself */
};
extern const struct screen screen_map, screen_study, screen_help, screen_machine, screen_present;

struct app {
	struct canvas *canvas;
	int rows, cols;
	bool ascii, letters_ascii; /* plain lines; no letters but ASCII can be shown at all */
	bool braille, mouse;
	struct hots hots;          /* where the mouse can do something, as drawn last */
	bool script;               /* driven by a script: nothing that differs from day to day is drawn */
	char language[WORDS_NAME]; /* short: "en", "zh" */
	const struct screen *stack[6];
	int depth;
	struct course *course;
	const char *no_course; /* why there is none */
	struct progress *progress;
	struct program child;
	const struct screen *child_owner;
	struct map *map;
	struct study *study;   /* the lesson that is open, or NULL */
	struct present *present; /* the presentation, or NULL */
	int key;               /* the one that is being handled */
	struct pager *help, *machine;
	struct field field;
	char message[320];     /* shown instead of the status until the next key; while a run is live for some seconds only */
	int64_t message_at;    /* when it was said (program_now) */
	enum role message_role;
	char unsaved[320];     /* the last save that failed, "" when it went well since */
	const char *asking;    /* a question to be answered with y or n, NULL: none */
	void (*agreed)(struct app *app); /* what y does */
	char **outside;        /* a program that gets the terminal next, NULL: none */
	void (*came_back)(struct app *app, int status); /* what is done when it has ended */
	bool redraw;           /* something has changed */
	bool redraw_all;       /* the terminal may have lost what it showed */
	bool recolour;         /* the scheme has changed */
	bool quit;
};

struct app_options {
	const char *language, *lesson;
	bool present;
	bool ascii, braille, letters_ascii, script, no_mouse;
	int scheme; /* enum scheme; SCHEMES: as chosen last */
	int rows, cols;
};

struct app *app_new(const struct app_options *options);
/* Stops a live run, saves the progress; what could not be saved is said in last, which else stays as it is. */
void app_free(struct app *app, char *last, size_t size);
void app_resize(struct app *app, int rows, int cols);
void app_key(struct app *app, int key);
void app_draw(struct app *app);
/* The child said something or ended; the loop calls these. */
void app_child_news(struct app *app, bool ended);
void app_save(struct app *app);

/* For the screens. */
void app_say(struct app *app, enum role role, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Asks a yes-or-no question (static text, marked N_()); any other way out is a no. */
void app_ask(struct app *app, const char *question, void (*agreed)(struct app *app));
/* Another program (its words, which are then the app's to free) gets the terminal when the key is dealt with; afterwards
 * came_back is told how it ended, as waitpid(2) does. */
void app_give_away(struct app *app, char **argv, void (*came_back)(struct app *app, int status));
void app_push(struct app *app, const struct screen *screen);
void app_pop(struct app *app);
const struct screen *app_screen(const struct app *app);
enum place app_place(struct app *app);
bool app_run(struct app *app, char *const argv[], bool status, const struct screen *owner);
bool present_open(struct app *app); /* the open lesson */
bool present_alone(struct app *app, const char *lesson); /* NULL: the one looked at last */
void present_free(struct app *app);
bool app_zh(const struct app *app);
const char *app_title_of(const struct app *app, const char *en, const char *zh);

/* choices.c: colours, characters and mouse, as asked for on the command line, else as chosen last. */
void choices_start(struct app *app, const struct app_options *options);
bool choices_act(struct app *app, enum action action); /* false: not one of these */

/* frame.c: first row, last rows, the message of a tiny window. */
void frame_draw(struct app *app, const struct layout *l);
void frame_small(struct app *app);

/* map.c, study.c, pager.c: made and freed with the app. */
struct map *map_new(struct app *app);
void map_free(struct map *map);
void map_forget(struct app *app, const struct course_lesson *lesson); /* asks; NULL: all lessons */
void map_where(struct app *app);
void map_select(struct app *app, const char *lesson); /* the cursor goes there, over a filter that hides it */
bool study_open(struct app *app, const char *id, int step);
void study_close(struct app *app);
void study_child(struct app *app, bool ended);
void study_language(struct app *app);
const char *study_live_elsewhere(const struct app *app); /* "a run is live", where its screen is not the one shown; else NULL */
struct pager *pager_new(void);
void pager_free(struct pager *pager);
void machine_open(struct app *app);
void machine_child(struct app *app, bool ended);
void help_open(struct app *app);

#endif
