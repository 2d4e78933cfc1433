/* Tells the notes in the other terminal what is on the screen. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/share.h"

/* The thought that comes next, answers that are still hidden left out. */
static struct thought next_of(const struct app *app)
{
	const struct present *p = app->present;
	int at = present_neighbour(app, 1);
	return at < p->thoughts.n ? p->thoughts.v[at] : (struct thought){.step = -1};
}

void present_share(struct app *app, int pages)
{
	struct present *p = app->present;
	const struct thought *t = present_now(p);
	const struct ballot *b = ballot_find(&p->ballots, t->step, t->piece);
	const struct slot *live = study_live(app);
	struct share_state *s = xcalloc(1, sizeof(*s));
	s->pid = getpid();
	s->born = share_born(s->pid);
	snprintf(s->lesson, sizeof(s->lesson), "%s", p->lesson->id);
	snprintf(s->dir, sizeof(s->dir), "%s", p->lesson->dir);
	snprintf(s->language, sizeof(s->language), "%s", app->language);
	app_screen(app)->title(app, s->title, sizeof(s->title));
	s->title[canvas_fit(s->title, (int)sizeof(s->title) / 3)] = '\0'; /* whole characters */
	if (live && strlen(live->command) < sizeof(s->command))
		snprintf(s->command, sizeof(s->command), "%s", live->command);
	s->now = *t;
	s->next = next_of(app);
	s->page = p->page;
	s->pages = pages;
	s->blank = p->blank;
	s->unlocked = p->unlocked;
	s->asks = present_asks(app, t);
	s->began = p->began;
	s->step_began = p->step_began;
	s->spent = p->spent[t->step];
	if (b)
		s->ballot = *b;
	s->ballot.unkept = false;
	if (!b)
		s->ballot.step = -1;
	if (p->share && !memcmp(p->share, s, sizeof(*s))) {
		free(s);
		return;
	}
	if (!p->share)
		share_tidy();
	free(p->share);
	p->share = s;
	if (!share_write(s) && !p->deaf) {
		p->deaf = true;
		app_say(app, ROLE_WARN, _("`lockstep notes` can't follow: %s"), strerror(errno));
	}
}

void present_share_end(struct present *p)
{
	if (!p->share)
		return;
	share_remove(p->share->pid);
	free(p->share);
	p->share = NULL;
}
