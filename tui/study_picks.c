/* Saved runs laid over the one that is looked at: from the state folder, from the suite's data, from a file that the learner
 * names. They are looked for only when the list is opened. */
#include "tui/study_tune.h"

#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/draw.h"
#include "tui/pick.h"
#include "tui/saved.h"

enum { FILES_MAX = 16, NOTE_MAX = 300 };

struct study_picks {
	struct saved_list list;
	struct pick pick;
	struct {
		struct recset *set;
		char *id, *name;
	} picked[VIEW_OVERLAYS];
	int picked_count;
	char *files[FILES_MAX]; /* named by the learner */
	int file_count;
	char path[FIELD_MAX];   /* the last one, as typed */
	bool typing_path;
};

static struct study_picks *picks(const struct app *app) { return app->study->picks; }

/* ---- what was picked ---------------------------------------------------------------------------------------------------- */

static int picked_at(const struct study_picks *p, const char *id)
{
	for (int i = 0; i < p->picked_count; i++)
		if (!strcmp(p->picked[i].id, id))
			return i;
	return -1;
}

static void drop(struct study_picks *p, int at)
{
	recset_free(p->picked[at].set);
	free(p->picked[at].id);
	free(p->picked[at].name);
	p->picked_count--;
	memmove(p->picked + at, p->picked + at + 1, (size_t)(p->picked_count - at) * sizeof(*p->picked));
}

void picks_fill(const struct study *s, struct view_input *in)
{
	for (int i = 0; s->picks && i < s->picks->picked_count && in->overlay_count < VIEW_OVERLAYS; i++)
		in->overlays[in->overlay_count++] = (struct view_overlay){recset_last(s->picks->picked[i].set), s->picks->picked[i].set,
									  s->picks->picked[i].name};
}

void picks_free(struct study *s)
{
	struct study_picks *p = s->picks;
	if (!p)
		return;
	while (p->picked_count > 0)
		drop(p, p->picked_count - 1);
	for (int i = 0; i < p->file_count; i++)
		free(p->files[i]);
	saved_free(&p->list);
	pick_free(&p->pick);
	free(p);
	s->picks = NULL;
}

/* ---- where runs are ------------------------------------------------------------------------------------------------------- */

static int is_records(const struct dirent *e)
{
	size_t n = strlen(e->d_name);
	return e->d_name[0] != '.' && n > 7 && !strcmp(e->d_name + n - 7, ".ndjson");
}

/* The last sentence about a file that was not read whole stays in why. */
static void scan(struct study_picks *p, const char *path, bool must, char *why, size_t size)
{
	char one[NOTE_MAX];
	if ((must || access(path, R_OK) == 0) && (!saved_scan(&p->list, path, one, sizeof(one)) || one[0]))
		snprintf(why, size, "%s", one);
}

static void scan_all(struct study_picks *p, char *why, size_t size)
{
	const char *state = util_state_dir(false), *share = util_share_dir();
	char path[PATH_MAX];
	struct dirent **list = NULL;
	saved_free(&p->list);
	if (state && snprintf(path, sizeof(path), "%s/records.ndjson", state) < (int)sizeof(path))
		scan(p, path, false, why, size);
	if (share && snprintf(path, sizeof(path), "%s/data/runs", share) < (int)sizeof(path)) {
		int n = scandir(path, &list, is_records, alphasort);
		for (int i = 0; i < n; i++) {
			char file[PATH_MAX];
			if (snprintf(file, sizeof(file), "%s/%s", path, list[i]->d_name) < (int)sizeof(file))
				scan(p, file, true, why, size);
			free(list[i]);
		}
		free(list);
	}
	for (int i = 0; i < p->file_count; i++)
		scan(p, p->files[i], true, why, size);
}

/* The run that the views look at, if there is one. */
static const struct rec_run *looked_at(const struct app *app, const struct recset **set)
{
	const struct study *s = app->study;
	const struct slot *slot = s->shown >= 0 && s->shown < s->slot_count ? &s->slots[s->shown] : NULL;
	*set = study_set(app, slot);
	return study_result(app, slot);
}

/* The kernel of what is looked at, else the first of the lesson. */
static const char *kernel_here(const struct app *app)
{
	const struct recset *set;
	const struct rec_run *run = looked_at(app, &set);
	const char *first = json_string_value(json_object_get(json_array_get(json_object_get(app->study->lesson->describe, "kernels"), 0),
							      "name"));
	return run && run->kernel ? run->kernel : first ? first : "";
}

/* "2025-06-11T09:05:12Z" as "2025-06-11 09:05". */
static void short_time(const char *time, char *text, size_t size)
{
	snprintf(text, size, "%.16s", time);
	if (strlen(text) > 10 && text[10] == 'T')
		text[10] = ' ';
}

static void make_rows(struct app *app)
{
	struct study_picks *p = picks(app);
	const char *kernel = kernel_here(app);
	const struct recset *set;
	const struct rec_run *run = looked_at(app, &set);
	char filter[FIELD_MAX];
	snprintf(filter, sizeof(filter), "%s", p->pick.filter);
	saved_sort(&p->list, kernel);
	pick_clear(&p->pick);
	for (int i = 0; i < p->list.n; i++) {
		const struct saved_run *r = &p->list.v[i];
		char *text, *detail, when[32], best[FIGURE_MAX], speedup[FIGURE_MAX + 2], differs[160] = "";
		short_time(r->time, when, sizeof(when));
		snprintf(speedup, sizeof(speedup), isfinite(r->best) ? "%sx" : "-", draw_figure(r->best, best));
		bool other = strcmp(r->kernel, kernel) != 0;
		char *options = saved_options(r->command);
		/* What tells it from the run that is shown comes before what is cut. */
		if (run && !other)
			saved_differs(run->args, r->args, differs, sizeof(differs));
		text = xasprintf("%s %5s  %s%s%s  %s%s%s", strlen(when) > 5 ? when + 5 : when, speedup, differs, *differs ? "  " : "",
				 *r->host ? r->host : "?", other ? r->kernel : "", other && *options ? ": " : "", options);
		if (isfinite(r->best))
			detail = xasprintf(ngettext("%1$s; %2$s. %3$s: %4$s; best %5$s (%6$s, %7$d worker)",
						    "%1$s; %2$s. %3$s: %4$s; best %5$s (%6$s, %7$d workers)", (unsigned long)r->best_workers),
					   *r->machine ? r->machine : _("unknown machine"), when, r->kernel, options, speedup, r->variant,
					   r->best_workers);
		else
			detail = xasprintf(_("%1$s; %2$s. %3$s: %4$s"), *r->machine ? r->machine : _("unknown machine"), when, r->kernel, options);
		if (*differs) {
			char *more = xasprintf(_("Other options: %1$s. %2$s"), differs, detail);
			free(detail);
			detail = more;
		}
		free(options);
		pick_add(&p->pick, text, detail, other, i);
		p->pick.v[p->pick.n - 1].on = picked_at(p, r->id) >= 0;
		free(text);
		free(detail);
	}
	pick_filter(&p->pick, filter);
}

static void tell_found(struct app *app, const char *why)
{
	const struct study_picks *p = picks(app);
	if (*why)
		app_say(app, ROLE_WARN, "%s", why);
	else if (p->list.found > p->list.n)
		app_say(app, ROLE_STATUS, _("%ld saved runs; the newest %d are listed"), p->list.found, p->list.n);
	else
		app_say(app, ROLE_STATUS, ngettext("%d saved run", "%d saved runs", (unsigned long)p->list.n), p->list.n);
}

void picks_open(struct app *app)
{
	struct study *s = app->study;
	char why[NOTE_MAX] = "";
	if (!s->picks)
		s->picks = xcalloc(1, sizeof(*s->picks));
	s->asking = -1;
	s->view_focus = false;
	s->view = VIEW_SPEEDUP;
	s->scroll = 0;
	scan_all(s->picks, why, sizeof(why));
	s->picks->pick.filter[0] = '\0';
	s->picks->pick.cursor = 0;
	make_rows(app);
	app_push(app, &screen_picks);
	tell_found(app, why);
}

/* ---- keys ------------------------------------------------------------------------------------------------------------------ */

/* For the legend: the machine; on the machine of the run looked at, the time too. */
static char *name_of(const struct app *app, const struct saved_run *r)
{
	const struct recset *set;
	const struct rec_run *run = looked_at(app, &set);
	const struct rec_machine *here = run && set && run->machine >= 0 && run->machine < (int)set->machines.n
				       ? &set->machines.v[run->machine] : NULL;
	const char *host = *r->host ? r->host : *r->machine ? r->machine : "?";
	char when[32];
	bool twice = here && here->fingerprint && !strcmp(here->fingerprint, r->fingerprint);
	for (int i = 0; i < picks(app)->picked_count; i++)
		twice = twice || !strncmp(picks(app)->picked[i].name, host, strlen(host));
	if (!twice || strlen(r->time) < 16)
		return xasprintf("%.24s", host);
	short_time(r->time, when, sizeof(when));
	return xasprintf("%.16s %s", host, when + 5);
}

static bool swept_too(const struct app *app, const char *sweep)
{
	const struct recset *set;
	const struct rec_run *run = looked_at(app, &set);
	return run && draw_same(run->sweep, sweep);
}

static void toggle(struct app *app)
{
	struct study_picks *p = picks(app);
	struct pick_row *row = pick_at(&p->pick);
	char why[NOTE_MAX];
	if (!row)
		return;
	const struct saved_run *r = &p->list.v[row->value];
	int at = picked_at(p, r->id);
	if (at >= 0) {
		drop(p, at);
		row->on = false;
		return;
	}
	const struct recset *shown_set;
	const struct rec_run *shown = looked_at(app, &shown_set);
	if (shown && draw_same(shown->id, r->id)) {
		app_say(app, ROLE_STATUS, _("This is the run that is shown"));
		return;
	}
	if (p->picked_count == VIEW_OVERLAYS) {
		app_say(app, ROLE_WARN, _("%d runs are laid over already: take one away first"), VIEW_OVERLAYS);
		return;
	}
	struct recset *set = saved_load(r, why, sizeof(why));
	if (!set) {
		app_say(app, ROLE_WARN, "%s", why);
		return;
	}
	char *name = name_of(app, r);
	p->picked[p->picked_count].set = set;
	p->picked[p->picked_count].id = xstrdup(r->id);
	p->picked[p->picked_count++].name = name;
	row->on = true;
	if (row->dim)
		app_say(app, ROLE_WARN, _("%s is another program: compare the shapes, not the figures"), r->kernel);
	else if (recset_last(set)->sweep && !swept_too(app, recset_last(set)->sweep))
		app_say(app, ROLE_WARN, _("This run swept %s: it has no speedups to lay over"), recset_last(set)->sweep);
}

/* A path as typed, ~ being the home folder, into fresh memory. */
static char *expanded(const char *path)
{
	const char *home = getenv("HOME");
	if (path[0] == '~' && (!path[1] || path[1] == '/') && home)
		return xasprintf("%s%s", home, path + 1);
	return xstrdup(path);
}

static void open_file(struct app *app, const char *typed)
{
	struct study_picks *p = picks(app);
	char why[NOTE_MAX] = "";
	char *path = expanded(typed);
	int before = p->list.n;
	if (!*path) {
		free(path);
		return;
	}
	snprintf(p->path, sizeof(p->path), "%s", typed);
	bool good = saved_scan(&p->list, path, why, sizeof(why));
	for (int i = 0; i < p->file_count; i++)
		if (good && !strcmp(p->files[i], path))
			good = false; /* known */
	if (good && p->file_count < FILES_MAX)
		p->files[p->file_count++] = xstrdup(path);
	int added = p->list.n - before;
	make_rows(app);
	if (*why)
		app_say(app, ROLE_WARN, "%s", why);
	else if (added > 0)
		app_say(app, ROLE_STATUS, ngettext("%d run added", "%d runs added", (unsigned long)added), added);
	else
		app_say(app, ROLE_WARN, _("%s: no runs that are not listed already"), path);
	/* The first of the file comes under the cursor, so that it is seen where it went. */
	for (int i = 0; i < p->pick.shown_count; i++)
		if (added > 0 && !strcmp(p->list.v[p->pick.v[p->pick.shown[i]].value].path, path)) {
			p->pick.cursor = i;
			break;
		}
	free(path);
}

static enum place picks_place(struct app *app)
{
	(void)app;
	return PLACE_PICK;
}

static const char *picks_enter(struct app *app)
{
	const struct pick_row *row = pick_at(&picks(app)->pick);
	return !row ? NULL : row->on ? _("take away") : _("lay over");
}

static bool picks_offers(struct app *app, enum action action)
{
	return action == ACT_TOGGLE ? false : action == ACT_CLEAR ? picks(app)->picked_count > 0 : true;
}

static bool picks_act(struct app *app, enum action action)
{
	struct study_picks *p = picks(app);
	switch (action) {
	case ACT_ENTER:
	case ACT_TOGGLE:
		toggle(app);
		return true;
	case ACT_CLEAR:
		while (p->picked_count > 0)
			drop(p, p->picked_count - 1);
		make_rows(app);
		return true;
	case ACT_OPEN_FILE:
		p->typing_path = true;
		field_open(&app->field, p->path);
		return true;
	case ACT_FILTER:
		p->typing_path = false;
		field_open(&app->field, p->pick.filter);
		return true;
	case ACT_CANCEL:
		if (p->pick.filter[0])
			pick_filter(&p->pick, "");
		else
			app_pop(app);
		return true;
	default:
		return pick_act(&p->pick, action);
	}
}

static void typing(struct app *app)
{
	if (!picks(app)->typing_path)
		pick_filter(&picks(app)->pick, app->field.text);
}

static void typed(struct app *app, bool accepted)
{
	struct study_picks *p = picks(app);
	if (p->typing_path && accepted)
		open_file(app, app->field.text);
	else if (!p->typing_path && !accepted)
		pick_filter(&p->pick, "");
}

static void click(struct app *app, int row)
{
	picks(app)->pick.cursor = row;
	toggle(app);
}

/* ---- drawing --------------------------------------------------------------------------------------------------------------- */

static void picks_draw(struct app *app, const struct layout *l)
{
	if (l->kind == LAYOUT_PAIR)
		study_draw_view(app, l->right);
	pick_draw(app, &picks(app)->pick, l->left, _("Saved runs"),
		  _("No runs are saved yet. Runs of lessons are, once they end; f adds a file of records, say from another machine."), click);
}

static void picks_title(struct app *app, char *text, size_t size) { screen_study.title(app, text, size); }

static void picks_status(struct app *app, struct rect row)
{
	const struct study_picks *p = picks(app);
	if (app->field.open) {
		int x = 1 + canvas_text(app->canvas, row, 0, 1, ROLE_PLAIN, p->typing_path ? _("file: ") : _("filter: "));
		field_draw(app->canvas, row, 0, x, row.cols - x - 1, &app->field);
	} else if (p->pick.filter[0]) {
		canvas_printf(app->canvas, row, 0, 1, ROLE_EMPHASIS, _("filter \"%s\" (Esc clears)  "), p->pick.filter);
	} else {
		canvas_printf(app->canvas, row, 0, 1, ROLE_STATUS, _("%d of %d runs laid over"), p->picked_count, p->list.n);
	}
}

const struct screen screen_picks = {
	.place = picks_place, .draw = picks_draw, .act = picks_act, .enter = picks_enter, .offers = picks_offers, .typed = typed,
	.typing = typing, .title = picks_title, .status = picks_status,
};
