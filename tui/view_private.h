/* Between the views only. */
#ifndef LOCKSTEP_VIEW_PRIVATE_H
#define LOCKSTEP_VIEW_PRIVATE_H

#include "tui/chart.h"
#include "tui/sentences.h"
#include "tui/view.h"

/* The Speedup view of a run that sweeps a parameter. */
void view_sweep_draw(struct canvas *c, struct rect area, const struct view_input *in);
/* And of one on an accelerator. */
bool view_ladder_suits(const struct rec_run *run);
void view_ladder_draw(struct canvas *c, struct rect area, const struct view_input *in);

/* view_overlays.c: what the overlays add to a chart of speedups. variant: the one looked at, or NULL. */
double view_overlays_scale(const struct view_input *in, const char *variant, double *x_split, double *x_max, double top);
int view_overlays_ticks(const struct view_input *in, const char *variant, double *ticks, int n, int room);
void view_overlays_draw(struct chart *chart, const struct view_input *in, const char *variant);
void view_overlays_labels(struct chart *chart, const struct view_input *in, const char *variant);
int view_overlays_keys(const struct view_input *in, const char *variant, struct chart_key *keys, char (*words)[80], int n, int room);
void view_overlays_mark(int overlay, enum role *role, const char **glyph, const char **ascii);
void view_overlays_say(struct sentences *words, const struct view_input *in, const char *variant, int workers);
void view_overlays_commands(struct sentences *words, const struct view_input *in);

/* In place of Counters and Budget while a run is live (in->live). */
void view_live_draw(struct canvas *c, struct rect area, const struct view_input *in);
void view_live_budget(struct canvas *c, struct rect area, const struct view_input *in);

#endif
