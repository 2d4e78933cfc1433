/* From a kind of chart and a run to files, or to a terminal. */
#ifndef LOCKSTEP_PLOT_DRAW_H
#define LOCKSTEP_PLOT_DRAW_H

#include "plots/plot.h"

/* A chart as text: everything that its files hold. */
struct drawing {
	char *csv, *script;
	size_t csv_length, script_length;
	char why[PLOT_WHY_MAX]; /* when it can't be drawn */
};

enum { DRAWING_WIDTH = 900, DRAWING_HEIGHT = 562, DRAWING_LEAST = 240, DRAWING_MOST = 8000 };
/* The size of pictures from now on, in points of the SVG; a PNG has twice as many. Below 600 across the legend stands above the
 * chart, and words are broken into more lines. */
void drawing_size(int width, int height);

/* columns: 0 (and PLOT_PAPER_COLUMNS) for a picture, else those of a terminal.
 * base: its name without an ending. formats: "svg png". False: why tells. drawing_free in any
 * case. */
bool drawing_make(struct drawing *d, const struct plot_records *records, const struct plot_kind *kind,
				  const struct rec_run *run, const struct rec_machine *machine, const char *variant, const char *base,
				  const char *formats, int columns);
/* The same for a chart that is made of something else than one run: `make` gets `of`. script: NAME.gp that draws it. */
bool drawing_make_of(struct drawing *d, bool (*make)(struct figure *, const void *of), const void *of, const char *script,
					 const char *base, const char *formats, int columns);
/* Characters beside each other in the window, less a margin. */
int drawing_columns(void);
void drawing_free(struct drawing *d);

/* The folder of the scripts, or NULL. */
const char *drawing_scripts(void);

/* Writes BASE.csv and BASE.gp, then the pictures; without gnuplot (or `pictures` false) only those two. Of
 * PLOT_DRAWN why holds a warning of gnuplot or "", else one line; there is never half a picture. */
enum plot_drawn drawing_files(const struct drawing *d, const char *dir, const char *base, const char *formats,
							  bool pictures, char *why, size_t size);
/* Draws it on stdout with a terminal of gnuplot ("dumb", "sixelgd", …) in the size of the window. */
enum plot_drawn drawing_terminal(const struct drawing *d, const char *base, const char *terminal, char *why,
								 size_t size);

#endif
