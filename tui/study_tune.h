/* Runs with other options, and other runs beside this one: what the options panel, the overlays and the list of saved runs
 * share with the rest of the lesson screen. */
#ifndef LOCKSTEP_STUDY_TUNE_H
#define LOCKSTEP_STUDY_TUNE_H

#include "tui/study.h"

/* study_options.c: the panel with one row for each option of a run. */
extern const struct screen screen_options;
void options_open(struct app *app);
/* The command line that was set for a run block (choice -1) or an experiment and is still to be run; NULL: none. */
const char *options_command(const struct study *s, int step, int piece, int choice);
void options_free(struct study *s);

/* study_overlays.c: earlier results of a run block, and saved runs, laid over the Speedup view. */
void overlays_keep(struct slot *slot);  /* its result is about to be replaced by the next run's */
void overlays_forget(struct slot *slot); /* with all that was kept */
void overlays_fill(const struct app *app, const struct slot *slot, struct view_input *in);

/* study_picks.c: the list of saved runs. */
extern const struct screen screen_picks;
void picks_open(struct app *app);
/* Adds the runs that were picked to the overlays. */
void picks_fill(const struct study *s, struct view_input *in);
void picks_free(struct study *s);

#endif
