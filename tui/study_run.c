/* Runs of a lesson: started from its blocks, followed while they are live, kept with their records. */
#include "tui/study_puzzle.h"

#include <jansson.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/compare.h"
#include "tui/draw.h"
#include "tui/study_tune.h"

struct slot *study_slot(const struct study *s, int step, int piece, int choice)
{
	for (int i = 0; i < s->slot_count; i++)
		if (s->slots[i].step == step && s->slots[i].piece == piece && s->slots[i].choice == choice)
			return &s->slots[i];
	return NULL;
}

int study_next_run(const struct study *s)
{
	const struct step *step = study_step(s);
	int run = -1;
	for (int i = 0; i < step->count; i++)
		if (step->pieces[i].kind == PIECE_RUN && (run < 0 || study_slot(s, s->step, run, -1)))
			run = i;
	return run;
}

struct slot *study_live(const struct app *app)
{
	const struct study *s = app->study;
	for (int i = 0; s && i < s->slot_count; i++)
		if (s->slots[i].state == RUN_LIVE)
			return &s->slots[i];
	return NULL;
}

const struct recset *study_set(const struct app *app, const struct slot *slot)
{
	return !slot ? NULL : slot->state == RUN_LIVE ? app->child.set : slot->set;
}

const struct rec_run *study_result(const struct app *app, const struct slot *slot)
{
	const struct recset *set = study_set(app, slot);
	return set && set->runs.n > 0 ? &set->runs.v[set->runs.n - 1] : NULL;
}

const char *study_command(const struct app *app, int step, int piece, int choice)
{
	const struct study *s = app->study;
	const struct slot *slot = study_slot(s, step, piece, choice);
	const struct piece *p = &s->text->steps[step].pieces[piece];
	const char *set = options_command(s, step, piece, choice);
	if (set)
		return set;
	if (slot)
		return slot->command;
	return choice >= 0 ? p->choices[choice].run : p->command;
}

bool study_run_of(const struct study *s, int step, int predict, int *run_step, int *run_piece)
{
	const char *name = s->text->steps[step].pieces[predict].name;
	bool any = !name || !*name;
	for (int i = any ? step : 0; i < s->text->count; i++) {
		for (int j = any && i == step ? predict + 1 : 0; j < s->text->steps[i].count; j++) {
			const struct piece *p = &s->text->steps[i].pieces[j];
			if (p->kind != PIECE_RUN || (!any && (!p->name || strcmp(p->name, name))))
				continue;
			*run_step = i;
			*run_piece = j;
			return true;
		}
	}
	return false;
}

const struct piece *study_guess_for(const struct study *s, int step, int piece, int nth, int *at_step, int *at_piece)
{
	for (int i = 0; i < s->text->count; i++) {
		for (int j = 0; j < s->text->steps[i].count; j++) {
			int run_step, run_piece;
			if (s->text->steps[i].pieces[j].kind != PIECE_PREDICT || !study_run_of(s, i, j, &run_step, &run_piece) ||
			    run_step != step || run_piece != piece || nth-- > 0)
				continue;
			*at_step = i;
			*at_piece = j;
			return &s->text->steps[i].pieces[j];
		}
	}
	return NULL;
}

/* A guess is worth something only before its answer is seen. True when one is asked for now. */
static bool guess_first(struct app *app, int step, int piece)
{
	int at_step, at_piece;
	for (int n = 0; study_guess_for(app->study, step, piece, n, &at_step, &at_piece); n++) {
		/* One that stands after the run is asked when the learner gets there. */
		if (at_step > step || (at_step == step && at_piece > piece) || study_guessed(app, at_step, at_piece))
			continue;
		study_ask(app, at_step, at_piece);
		app_say(app, ROLE_STATUS, _("First your guess (Esc skips it)"));
		return true;
	}
	return false;
}

struct slot *study_slot_make(struct study *s, int step, int piece, int choice)
{
	struct slot *slot = study_slot(s, step, piece, choice);
	if (!slot) {
		s->slots = xrealloc(s->slots, (size_t)(s->slot_count + 1) * sizeof(*s->slots));
		slot = &s->slots[s->slot_count++];
		*slot = (struct slot){.step = step, .piece = piece, .choice = choice};
	}
	return slot;
}

bool study_run(struct app *app, int step, int piece, int choice, const char *command)
{
	struct study *s = app->study;
	char path[PATH_MAX];
	if (study_busy(app)) {
		app_say(app, ROLE_WARN, _("A run is live already: s stops it"));
		return true;
	}
	if (choice < 0 && guess_first(app, step, piece))
		return true;
	if (!command)
		command = study_command(app, step, piece, choice);
	char **words = program_words(command ? command : "");
	if (!words || !words[0]) {
		app_say(app, ROLE_BAD, _("This command line can't be read: %s"), command ? command : "");
		goto out;
	}
	if (!app->course || !course_find(app->course, words[0])) {
		app_say(app, ROLE_BAD, _("There is no lesson \"%s\""), words[0]);
		goto out;
	}
	const char *mine;
	if (!study_mine_program(app, words[0], &mine))
		goto out;
	snprintf(path, sizeof(path), "%s", mine ? mine : course_binary(words[0]));
	if (access(path, X_OK) != 0) {
		app_say(app, ROLE_BAD, _("%s is not built"), words[0]);
		goto out;
	}
	char *whole = xstrdup(command); /* it may be the slot's own, which is replaced below */
	free(words[0]);
	words[0] = xstrdup(path);
	if (!app_run(app, words, true, &screen_study)) {
		free(whole);
		goto out;
	}
	struct slot *slot = study_slot_make(s, step, piece, choice);
	overlays_keep(slot);
	recset_free(slot->set);
	free(slot->output);
	free(slot->command);
	slot->set = NULL;
	slot->output = NULL;
	slot->command = whole;
	slot->words[0] = '\0';
	slot->state = RUN_LIVE;
	slot->mine = mine != NULL;
	s->shown = (int)(slot - s->slots);
	s->asking = -1;
	s->workers = 0; /* a new run is looked at anew */
	free(s->variant);
	s->variant = NULL;
	s->want = choice >= 0 ? piece | PART_RESULT : piece;
	s->scroll = 0;
	if (s->view == VIEW_CODE || s->errand_output_shown)
		s->view = VIEW_SPEEDUP;
	s->errand_output_shown = false;
out:
	program_words_free(words);
	return true;
}

/* ---- the end of a run ---- */

/* The line of the output that says why, for runs that failed without an error record. */
static void last_line(const char *output, char *line, size_t size)
{
	const char *end = output + strlen(output), *start;
	while (end > output && (end[-1] == '\n' || end[-1] == ' '))
		end--;
	for (start = end; start > output && start[-1] != '\n';)
		start--;
	char *copy = xasprintf("%.*s", (int)(end - start), start);
	util_printable(copy, line, size);
	free(copy);
}

/* The end in words of the language that is set now. */
static void tell_done(const struct app *app, struct slot *slot)
{
	const struct rec_run *run = study_result(app, slot);
	char *words = slot->words;
	size_t size = sizeof(slot->words);
	int used;
	if (!run)
		used = snprintf(words, size, slot->exit_code ? _("done, but a result was wrong, and it told no records")
							     : _("done, but it told no records"));
	else if (!run->ended)
		used = snprintf(words, size, slot->exit_code ? _("done, but a result was wrong, and its records end early")
							     : _("done, but its records end early"));
	else if (run->points.n > 0)
		used = snprintf(words, size, slot->exit_code ? _("done, but a result was wrong %1$s %2$d of %3$d rounds kept")
							     : _("done %1$s %2$d of %3$d rounds kept"), app->ascii ? "-" : "·",
				run->points.v[run->points.n - 1].kept, run->points.v[run->points.n - 1].tried);
	else
		used = snprintf(words, size, "%s", slot->exit_code ? _("done, but a result was wrong") : _("done"));
	if (slot->set && slot->set->skipped > 0 && used >= 0 && (size_t)used < size)
		snprintf(words + used, size - (size_t)used, ngettext("; %zu bad record line skipped", "; %zu bad record lines skipped",
								     slot->set->skipped), slot->set->skipped);
}

/* Why it was stopped, and what of it is kept. */
static void tell_stopped(const struct app *app, struct slot *slot)
{
	const struct rec_run *run = study_result(app, slot);
	char *words = slot->words;
	size_t size = sizeof(slot->words);
	int used;
	if (slot->overran > 0 && run && run->budget_seconds > 0)
		used = snprintf(words, size, _("it ran past its budget of %g s and was ended"), slot->overran);
	else if (slot->overran > 0)
		used = snprintf(words, size, _("it ran for %g s without an end and was ended"), slot->overran);
	else
		used = snprintf(words, size, "%s", slot->hard ? _("stopped (it did not listen and was killed)") : _("stopped"));
	if (!run || used < 0 || (size_t)used >= size)
		return;
	if (run->points.n > 0)
		snprintf(words + used, size - (size_t)used, _(" %1$s %2$d of %3$d rounds kept"), app->ascii ? "-" : "·",
			 run->points.v[run->points.n - 1].kept, run->points.v[run->points.n - 1].tried);
	else
		snprintf(words + used, size - (size_t)used, "%s", _(", before a round was over: nothing to keep"));
}

void study_tell(const struct app *app, struct slot *slot)
{
	char *words = slot->words, why[200] = "";
	size_t size = sizeof(slot->words);
	switch (slot->state) {
	case RUN_LIVE:
		break;
	case RUN_STOPPED:
		tell_stopped(app, slot);
		break;
	case RUN_KILLED:
		snprintf(words, size, _("killed by signal %d (%s)"), slot->signal, strsignal(slot->signal));
		break;
	case RUN_FAILED:
		if (slot->set && slot->set->error)
			snprintf(why, sizeof(why), "%s", slot->set->error);
		else if (slot->output)
			last_line(slot->output, why, sizeof(why));
		switch (slot->exit_code) {
		case 1:
			snprintf(words, size, _("failed: %s"), why);
			break;
		case 2:
			snprintf(words, size, _("this command line was refused: %s"), why);
			break;
		case 3:
			snprintf(words, size, _("out of a resource: %s"), why);
			break;
		case 4:
			snprintf(words, size, _("this can't run here: %s"), why);
			break;
		default:
			snprintf(words, size, _("ended with status %d: %s"), slot->exit_code, why);
		}
		break;
	case RUN_DONE:
		tell_done(app, slot);
		break;
	}
}

static void take_end(const struct app *app, struct slot *slot)
{
	const struct program *c = &app->child;
	slot->exit_code = c->exit_code;
	slot->signal = c->signal;
	slot->hard = c->hard;
	slot->overran = c->overran;
	slot->state = c->stopping ? RUN_STOPPED : c->signal ? RUN_KILLED
		    : c->exit_code > 1 || (c->exit_code == 1 && !study_result(app, slot)) ? RUN_FAILED : RUN_DONE;
	study_tell(app, slot);
}

/* The guesses of a run as records, behind the run's own. */
static void add_guesses(struct app *app, const struct slot *slot, const struct rec_run *run)
{
	const struct study *s = app->study;
	int step, piece;
	char when[32];
	time_t now = time(NULL);
	struct tm utc;
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	for (int n = 0; slot->choice < 0; n++) {
		const struct piece *p = study_guess_for(s, slot->step, slot->piece, n, &step, &piece);
		const char *answer = p ? study_answer(app, step, piece) : NULL;
		double number = 0;
		struct view_guess curve;
		if (!p)
			return;
		bool drawn = study_curve_given(app, step, piece, &curve);
		if (!answer || !strcmp(answer, ANSWER_SKIPPED) || (!drawn && (p->curve_count > 0 || !compare_number(answer, &number))))
			continue;
		int chosen = study_chosen(app, step, piece);
		json_t *guess = drawn ? json_null() : chosen >= 0 ? json_string(p->choices[chosen].text) : json_real(number);
		json_t *o = json_pack("{s:s, s:s, s:i, s:s?, s:s, s:o, s:s, s:s?, s:i, s:s, s:s}", "t", "predict", "lesson",
				      s->lesson->id, "step", step + 1, "run", run ? run->id : NULL, "ask", p->ask ? p->ask : "",
				      "guess", guess, "compare", p->compare && *p->compare ? p->compare : "speedup", "variant",
				      run ? compare_variant(run, p) : p->variant, "workers", run ? compare_workers(run, p) : p->workers,
				      "unit", p->unit ? p->unit : "", "time", when);
		for (int i = 0; o && drawn && i < curve.count; i++) {
			if (i == 0)
				json_object_set_new(o, "curve", json_array());
			json_array_append_new(json_object_get(o, "curve"), json_pack("[f, f]", curve.workers[i], curve.speedup[i]));
		}
		char *line = o ? json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(10)) : NULL;
		if (line) {
			bytes_add(&app->child.lines, line, strlen(line));
			bytes_add(&app->child.lines, "\n", 1);
		}
		free(line);
		json_decref(o);
	}
}

/* For the first row: usable cores and the tier of the counters; frame.c has the words. */
static void remember_machine(struct app *app, const struct recset *set)
{
	if (set->machines.n == 0)
		return;
	const struct rec_machine *m = &set->machines.v[set->machines.n - 1];
	char line[32];
	snprintf(line, sizeof(line), "%d %.10s", m->usable > 0 ? m->usable : m->cores, m->counters_tier ? m->counters_tier : "off");
	progress_set_option(app->progress, "machine", line);
}

void study_child(struct app *app, bool ended)
{
	struct slot *slot = study_live(app);
	char notice[300];
	if (study_errand_live(app)) {
		study_errand_child(app, ended);
		return;
	}
	if (!slot || !ended)
		return;
	app->message[0] = '\0'; /* what was said while it was live is over */
	slot->set = app->child.set;
	app->child.set = NULL;
	if (slot->set)
		recset_gone(slot->set);
	slot->output = app->child.output.text ? app->child.output.text : xstrdup("");
	app->child.output = (struct bytes){0};
	slot->state = RUN_DONE;
	take_end(app, slot);
	const struct rec_run *run = study_result(app, slot);
	add_guesses(app, slot, run);
	study_keep(app, slot, app->child.lines.text, app->child.lines.length);
	if (!progress_append_records(app->child.lines.text, app->child.lines.length, notice, sizeof(notice)))
		app_say(app, ROLE_WARN, "%s", notice);
	else if (slot->state != RUN_DONE)
		app_say(app, slot->state == RUN_STOPPED ? ROLE_WARN : ROLE_BAD, "%s: %s", slot->command, slot->words);
	if (slot->set)
		remember_machine(app, slot->set);
	if (slot->step == app->study->step)
		app->study->want = slot->choice >= 0 ? slot->piece | PART_RESULT : slot->piece;
	if ((!run || run->points.n == 0) && app->study->view == VIEW_SPEEDUP && slot->output[0])
		app->study->view = VIEW_OUTPUT;
	app_save(app);
}

/* ---- the row above the footer ---- */

void study_status(struct app *app, struct rect row)
{
	struct study *s = app->study;
	const struct slot *live = study_live(app);
	int next = study_next_run(s);
	char right[160] = "";
	const char *command = live ? live->command : NULL;
	if (study_errand_live(app)) {
		study_errand_status(app, row);
		return;
	}
	if (study_curve_status(app, row) || study_order_status(app, row))
		return;
	if (!command && next >= 0)
		command = study_command(app, s->step, next, -1);
	if (!command && s->shown >= 0)
		command = s->slots[s->shown].command;
	if (live)
		study_live_words(app, study_result(app, live), row.cols - 2 - (row.cols < 100 ? row.cols / 3 : 40), right, sizeof(right));
	int width = canvas_width(right);
	struct rect left = row;
	left.cols -= width > 0 ? width + 2 : 1;
	if (left.cols < 12)
		left.cols = 12;
	bool mine = live ? live->mine : study_mine_on(app);
	int x = 1 + canvas_text(app->canvas, left, 0, 1, ROLE_CODE, mine ? "$ lockstep run --mine " : "$ lockstep run ");
	if (command)
		draw_cut(app->canvas, left, 0, x, ROLE_CODE, command);
	else
		canvas_printf(app->canvas, left, 0, x, ROLE_CODE, "%s --explain", s->lesson->id);
	if (width > 0)
		canvas_text(app->canvas, row, 0, row.cols - width - 1, ROLE_STATUS, right);
}
