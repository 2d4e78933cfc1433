/* The sentences below a chart, most important first, as many as there is room for. */
#ifndef LOCKSTEP_SENTENCES_H
#define LOCKSTEP_SENTENCES_H

#include "tui/draw.h"

enum { SENTENCES_MAX = 12, SENTENCE_MAX = 400 };

struct sentences {
	struct {
		enum role role;
		char text[SENTENCE_MAX];
	} v[SENTENCES_MAX];
	int n;
};

void sentences_add(struct sentences *s, enum role role, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* What a run says of one variant at one worker count (0: none measured): progress, wrong results, a busy machine, the
 * serial share, the learner's guess, the largest loss, USL, projection, and what the bench said about the machine. */
void sentences_of_run(struct sentences *s, const struct view_input *in, const char *variant, int workers, double at);
int sentences_rows(const struct sentences *s, int cols);
void sentences_draw(const struct sentences *s, struct canvas *c, struct rect area);

#endif
