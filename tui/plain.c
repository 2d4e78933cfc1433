/* A lesson line by line: its steps in order, what they ask, and what to do next. */
#include "tui/plain_private.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/compare.h"
#include "tui/curve.h"
#include "tui/language.h"
#include "tui/signals.h"

static const char *title_of(const struct plain *p, const char *en, const char *zh)
{
	return !strncmp(p->language, "zh", 2) && zh && *zh && !p->letters_ascii ? zh : en ? en : "";
}

static const char *lesson_title(const struct plain *p, const struct course_lesson *l)
{
	return title_of(p, l->title_en ? l->title_en : l->id, l->title_zh);
}

static const char *answer_of(const struct plain *p, int piece)
{
	const char *answer = progress_answer(p->progress, p->study.lesson->id, p->study.step, piece);
	return answer && strcmp(answer, ANSWER_SKIPPED) ? answer : NULL;
}

static void answer_set(struct plain *p, int piece, const char *answer)
{
	progress_set_answer(p->progress, p->study.lesson->id, p->study.step, piece, answer);
}

static void save(struct plain *p)
{
	char notice[300];
	if (!progress_save(p->progress, notice, sizeof(notice)))
		plain_say(p, "%s", notice);
}

/* ---- asking --------------------------------------------------------------------------------------------------------- */

static void tell_hint(struct plain *p)
{
	const struct step *step = study_step(&p->study);
	int n = 0;
	for (int i = 0; i < step->count; i++) {
		if (step->pieces[i].kind != PIECE_HINT || n++ < p->hints)
			continue;
		p->hints++;
		if (p->hints > progress_hints(p->progress, p->study.lesson->id, p->study.step))
			progress_set_hints(p->progress, p->study.lesson->id, p->study.step, p->hints);
		plain_say(p, _("Hint %d:"), p->hints);
		plain_markdown(p, step->pieces[i].markdown);
		return;
	}
	plain_say(p, "%s", n ? _("There are no more hints for this step.") : _("This step has no hints."));
}

static void tell_help(const struct plain *p)
{
	static const char *const lines[] = {
		N_("Enter: what the question says in brackets"), N_("n: go to the next step"), N_("b: go back one step"),
		N_("r: run this step's program"), N_("s: stop the program that runs; so does Ctrl-C"), N_("h: the next hint of this step"),
		N_("?: this list"), N_("q: leave; the progress is kept"),
	};
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		plain_say(p, "%s", _(lines[i]));
}

enum said plain_prompt(struct plain *p, const char *prompt)
{
	for (;;) {
		enum said said = plain_ask(p, prompt);
		if (said == SAID_HINT && p->study.text)
			tell_hint(p);
		else if (said == SAID_HELP)
			tell_help(p);
		else if (said == SAID_STOP)
			plain_say(p, "%s", _("Nothing is running."));
		else
			return said;
	}
}

/* Does this answer lead away from the piece that asks? */
static bool leaves(enum said said) { return said != SAID_TEXT && said != SAID_NOTHING && said != SAID_RUN; }

/* ---- pieces: each returns SAID_NOTHING when it is done with, or what leads away from it ------------------------------- */

/* False when it could not be started, which is told. */
static bool run(struct plain *p, int piece, int choice, const char *command)
{
	char notice[300];
	plain_say(p, _("Running: %s"), command);
	fflush(stdout);
	if (!plain_execute(p, command))
		return false;
	struct plain_run *r = NULL;
	for (int i = 0; i < p->run_count; i++)
		if (p->runs[i].step == p->study.step && p->runs[i].piece == piece && p->runs[i].choice == choice)
			r = &p->runs[i];
	if (!r) {
		p->runs = xrealloc(p->runs, (size_t)(p->run_count + 1) * sizeof(*p->runs));
		r = &p->runs[p->run_count++];
		*r = (struct plain_run){.step = p->study.step, .piece = piece, .choice = choice};
	}
	recset_free(r->set);
	r->set = p->child.set;
	p->child.set = NULL;
	if (!progress_append_records(p->child.lines.text, p->child.lines.length, notice, sizeof(notice)))
		plain_say(p, "%s", notice);
	plain_tell_run(p, p->study.step, piece, choice);
	save(p);
	return true;
}

static enum said offer_run(struct plain *p, int piece, int choice, const char *command, bool *ran)
{
	plain_say(p, "$ lockstep run %s", command);
	enum said said = plain_prompt(p, _("Run it? [Enter runs it, n goes on] "));
	if (leaves(said))
		return said;
	if (said == SAID_TEXT && strcasecmp(p->line, "y") && strcasecmp(p->line, "yes")) {
		plain_say(p, "%s", _("Not run."));
		return SAID_NOTHING;
	}
	*ran = run(p, piece, choice, command);
	return p->signal ? SAID_SIGNAL : SAID_NOTHING;
}

static void tell_choices(const struct plain *p, const struct piece *piece)
{
	for (int i = 0; i < piece->choice_count; i++)
		plain_say(p, "  %d. %s", i + 1, piece->choices[i].text);
}

/* The number of a choice that was typed, from 0; -1: none (told). */
static int choice_typed(const struct plain *p, const struct piece *piece)
{
	char *end;
	long number = strtol(p->line, &end, 10);
	if (!*end && number >= 1 && number <= piece->choice_count)
		return (int)number - 1;
	plain_say(p, _("A number from 1 to %d, please."), piece->choice_count);
	return -1;
}

/* What a guess may be; NULL when it is fine. */
static const char *refuse_number(const struct piece *piece, const char *text)
{
	double number;
	return compare_number(text, &number) ? compare_refuse(piece, number) : N_("A number, please, like 1.8.");
}

static enum said predict_number(struct plain *p, int at, const struct piece *piece)
{
	for (;;) {
		const char *before = answer_of(p, at), *unit = piece->unit ? piece->unit : "";
		char *prompt = before ? xasprintf(_("My guess in %s [Enter keeps %s]: "), *unit ? unit : "1", before)
			     : *unit ? xasprintf(_("My guess in %s [Enter: none]: "), unit) : xstrdup(_("My guess [Enter: none]: "));
		enum said said = plain_prompt(p, prompt);
		free(prompt);
		if (leaves(said))
			return said;
		const char *why = said == SAID_TEXT ? refuse_number(piece, p->line) : NULL;
		if (said == SAID_RUN)
			plain_say(p, "%s", _("First your guess; Enter goes on without one."));
		else if (why)
			plain_say(p, "%s", _(why));
		else if (said == SAID_TEXT)
			answer_set(p, at, p->line);
		else if (!before)
			answer_set(p, at, ANSWER_SKIPPED);
		if (said != SAID_RUN && !why)
			return SAID_NOTHING;
	}
}

/* A curve, one value after another. */
static enum said predict_curve(struct plain *p, int at, const struct piece *piece)
{
	struct view_guess guess;
	char text[CURVE_TEXT_MAX];
	bool before = curve_read(piece, answer_of(p, at), &guess), any = before;
	for (int i = 0; i < guess.count; i++) {
		guess.cursor = i;
		char *prompt = any ? xasprintf(_("With %.0f workers? [Enter keeps %.3g] "), guess.workers[i], guess.speedup[i])
				   : xasprintf(_("With %.0f workers? [Enter: no guess] "), guess.workers[i]);
		enum said said = plain_prompt(p, prompt);
		free(prompt);
		if (leaves(said))
			return said;
		double number;
		if (said == SAID_NOTHING && !any) /* not even the first: no curve */
			break;
		if (said == SAID_NOTHING)
			continue;
		if (said == SAID_RUN || !compare_number(p->line, &number) || !curve_set(&guess, number)) {
			plain_say(p, "%s", said == SAID_RUN ? _("First your guess; Enter goes on without one.") : _("A number, please, like 1.8."));
			i--;
			continue;
		}
		any = true;
	}
	answer_set(p, at, any ? curve_write(&guess, text) : ANSWER_SKIPPED);
	return SAID_NOTHING;
}

static enum said predict_choice(struct plain *p, int at, const struct piece *piece)
{
	tell_choices(p, piece);
	for (;;) {
		const char *before = answer_of(p, at);
		char *prompt = before ? xasprintf(_("Which one, 1 to %d? [Enter keeps %s] "), piece->choice_count, before)
				      : xasprintf(_("Which one, 1 to %d? [Enter: no guess] "), piece->choice_count);
		enum said said = plain_prompt(p, prompt);
		free(prompt);
		if (leaves(said))
			return said;
		int chosen = said == SAID_TEXT ? choice_typed(p, piece) : -1;
		if (said == SAID_RUN) {
			plain_say(p, "%s", _("First your guess; Enter goes on without one."));
			continue;
		}
		if (said == SAID_TEXT && chosen < 0)
			continue;
		if (said == SAID_TEXT)
			answer_set(p, at, p->line);
		else if (!before)
			answer_set(p, at, ANSWER_SKIPPED);
		return SAID_NOTHING;
	}
}

static enum said quiz(struct plain *p, int at, const struct piece *piece, bool *right)
{
	plain_markdown(p, piece->ask ? piece->ask : "");
	tell_choices(p, piece);
	for (;;) {
		const char *before = answer_of(p, at);
		long chosen = before ? strtol(before, NULL, 10) : 0;
		*right = chosen >= 1 && chosen <= piece->choice_count && piece->choices[chosen - 1].right;
		char *prompt = *right ? xasprintf(_("Which one, 1 to %d? [Enter keeps %s, which is right] "), piece->choice_count, before)
				      : xasprintf(_("Which one, 1 to %d? [Enter goes on] "), piece->choice_count);
		enum said said = plain_prompt(p, prompt);
		free(prompt);
		if (leaves(said) || said == SAID_NOTHING)
			return said;
		int option = said == SAID_TEXT ? choice_typed(p, piece) : -1;
		if (option < 0)
			continue;
		const struct choice *c = &piece->choices[option];
		bool news = !before || strcmp(before, p->line) != 0;
		answer_set(p, at, p->line); /* the one before is gone now */
		if (news)
			progress_add_try(p->progress, p->study.lesson->id, p->study.step, at, option);
		plain_say(p, "%s", c->right ? _("Right.") : _("Not so."));
		if (c->why)
			plain_markdown(p, c->why);
		if (c->right) {
			*right = true;
			return SAID_NOTHING;
		}
		bool ran;
		if (!c->run)
			continue;
		plain_say(p, "%s", _("The experiment that tells:"));
		said = offer_run(p, at, option, c->run, &ran);
		if (said != SAID_NOTHING)
			return said;
	}
}

static enum said do_piece(struct plain *p, int at, bool *done)
{
	const struct piece *piece = &study_step(&p->study)->pieces[at];
	bool good = false;
	enum said said = SAID_NOTHING;
	switch (piece->kind) {
	case PIECE_PROSE:
		plain_markdown(p, piece->markdown);
		break;
	case PIECE_PREDICT:
		plain_markdown(p, piece->ask ? piece->ask : "");
		return piece->curve_count > 0 ? predict_curve(p, at, piece)
		     : piece->choice_count > 0 ? predict_choice(p, at, piece) : predict_number(p, at, piece);
	case PIECE_RUN:
		said = offer_run(p, at, -1, piece->command, &good);
		*done = *done && good;
		break;
	case PIECE_QUIZ:
		said = quiz(p, at, piece, &good);
		*done = *done && good;
		break;
	case PIECE_CODE:
	case PIECE_TWIN:
		plain_tell_code(p, piece);
		break;
	case PIECE_ORDER:
		said = plain_order(p, at, piece, &good);
		*done = *done && good;
		break;
	case PIECE_HINT: case PIECE_EXPLAIN: case PIECE_NOTES:
		break;
	}
	return said;
}

/* ---- steps ---------------------------------------------------------------------------------------------------------- */

static void tell_explanation(struct plain *p)
{
	const struct step *step = study_step(&p->study);
	for (int i = 0; i < step->count; i++)
		if (step->pieces[i].kind == PIECE_EXPLAIN) {
			plain_say(p, "%s", _("Explanation:"));
			plain_markdown(p, step->pieces[i].markdown);
		}
}

/* r behind a step: all that it runs. */
static void run_again(struct plain *p)
{
	const struct step *step = study_step(&p->study);
	bool any = false;
	for (int i = 0; i < step->count && !p->signal; i++)
		if (step->pieces[i].kind == PIECE_RUN) {
			run(p, i, -1, step->pieces[i].command);
			any = true;
		}
	if (!any)
		plain_say(p, "%s", _("This step has nothing to run."));
}

static enum said do_step(struct plain *p)
{
	struct study *s = &p->study;
	bool done = true;
	p->hints = 0;
	putchar('\n');
	plain_say(p, progress_mark(p->progress, s->lesson->id, s->step) == MARK_DONE ? _("Step %d of %d, done before") : _("Step %d of %d"),
		  s->step + 1, s->text->count);
	progress_set_mark(p->progress, s->lesson->id, s->step, MARK_SEEN);
	progress_set_where(p->progress, s->lesson->id, s->step);
	for (int i = 0; i < study_step(s)->count; i++) {
		enum piece_kind kind = study_step(s)->pieces[i].kind;
		if (i > 0 && kind != PIECE_HINT && kind != PIECE_EXPLAIN && kind != PIECE_NOTES)
			putchar('\n');
		enum said said = do_piece(p, i, &done);
		if (said != SAID_NOTHING)
			return said;
	}
	if (done) {
		progress_set_mark(p->progress, s->lesson->id, s->step, MARK_DONE);
		tell_explanation(p);
	}
	save(p);
	for (;;) {
		putchar('\n');
		enum said said = plain_prompt(p, s->step + 1 < s->text->count ? _("[Enter: next step, ? for help] ") : _("[Enter: end of the lesson, ? for help] "));
		if (said == SAID_RUN) {
			run_again(p);
			if (p->signal)
				return SAID_SIGNAL;
		} else if (said == SAID_TEXT) {
			plain_say(p, _("\"%s\" is none of the commands; ? lists them."), p->line);
		} else {
			return said == SAID_NOTHING ? SAID_NEXT : said;
		}
	}
}

static int first_step(const struct plain *p, const char *id, int count)
{
	int step, where;
	const char *was = progress_where(p->progress, &where);
	if (progress_done(p->progress, id) == count)
		return 0;
	if (was && !strcmp(was, id))
		return where < count ? where : 0;
	for (step = 0; step + 1 < count && progress_mark(p->progress, id, step) == MARK_DONE;)
		step++;
	return step;
}

static void forget_runs(struct plain *p)
{
	for (int i = 0; i < p->run_count; i++)
		recset_free(p->runs[i].set);
	free(p->runs);
	p->runs = NULL;
	p->run_count = 0;
}

/* SAID_NOTHING: at its end; else what ended it. */
static enum said do_lesson(struct plain *p, const struct course_lesson *lesson)
{
	struct lesson_text *text = text_load(lesson->dir, p->language);
	enum said said = SAID_NOTHING;
	if (!text)
		text = text_load(lesson->dir, "en");
	if (!text || text->count == 0) {
		plain_say(p, _("The text of %s can't be read (%s/en.md)"), lesson->id, lesson->dir);
		text_free(text);
		return SAID_NOTHING;
	}
	p->study = (struct study){.lesson = lesson, .text = text};
	progress_set_steps(p->progress, lesson->id, text->count);
	plain_say(p, _("Lesson %d.%d: %s"), lesson->chapter, lesson->number, lesson_title(p, lesson));
	if (lesson->unavailable)
		plain_say(p, _("Its program can't run here: %s"), lesson->unavailable);
	plain_say(p, "%s", _("At every question: n next step, b back, r run, h hint, ? help, q quit."));
	p->study.step = first_step(p, lesson->id, text->count);
	while (said == SAID_NOTHING) {
		said = do_step(p);
		if (said == SAID_BACK) {
			if (p->study.step > 0)
				p->study.step--;
			else
				plain_say(p, "%s", _("This is the first step."));
			said = SAID_NOTHING;
		} else if (said == SAID_NEXT && p->study.step + 1 < text->count) {
			p->study.step++;
			said = SAID_NOTHING;
		}
	}
	int done = progress_done(p->progress, lesson->id);
	if (said == SAID_NEXT)
		plain_say(p, ngettext("The end of the lesson: %d of %d step is done.", "The end of the lesson: %d of %d steps are done.",
				      (unsigned long)text->count), done, text->count);
	save(p);
	forget_runs(p);
	text_free(text);
	p->study = (struct study){0};
	return said == SAID_NEXT ? SAID_NOTHING : said;
}

/* ---- the course ----------------------------------------------------------------------------------------------------- */

static void list_course(const struct plain *p)
{
	for (int c = 0; c < p->course->chapter_count; c++) {
		const struct course_chapter *chapter = &p->course->chapters[c];
		plain_say(p, _("Chapter %d: %s"), chapter->number, title_of(p, chapter->title_en, chapter->title_zh));
		for (int i = chapter->first; i < chapter->first + chapter->count; i++) {
			const struct course_lesson *l = &p->course->lessons[i];
			int steps = progress_steps(p->progress, l->id);
			if (steps > 0)
				plain_say(p, _("  %d. %s (%s), %d of %d steps done"), i + 1, lesson_title(p, l), l->id,
					  progress_done(p->progress, l->id), steps);
			else
				plain_say(p, _("  %d. %s (%s)"), i + 1, lesson_title(p, l), l->id);
		}
	}
}

/* The lesson that was asked for; NULL with *said when there is none to come. */
static const struct course_lesson *choose_lesson(struct plain *p, enum said *said)
{
	for (;;) {
		int step;
		const char *where = progress_where(p->progress, &step);
		const struct course_lesson *last = where ? course_find(p->course, where) : NULL;
		char *prompt = last ? xasprintf(_("Which lesson, by number or name? [Enter: %s, where you were; q quits] "), last->id)
				    : xasprintf(_("Which lesson, by number or name? [Enter: the first; q quits] "));
		*said = plain_prompt(p, prompt);
		free(prompt);
		if (*said == SAID_NOTHING && (last || p->course->lesson_count > 0))
			return last ? last : &p->course->lessons[0];
		if (*said == SAID_QUIT || *said == SAID_END || *said == SAID_SIGNAL)
			return NULL;
		char *end;
		long number = strtol(p->line, &end, 10);
		if (*p->line && !*end && number >= 1 && number <= p->course->lesson_count)
			return &p->course->lessons[number - 1];
		const struct course_lesson *named = course_find(p->course, p->line);
		if (named)
			return named;
		plain_say(p, _("There is no lesson \"%s\""), p->line);
	}
}

static void start(struct plain *p, const struct app_options *options)
{
	char notice[300];
	struct winsize size = {0};
	p->letters_ascii = options->letters_ascii;
	p->ascii = options->ascii || options->letters_ascii;
	p->tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	p->width = 80;
	if (p->tty && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		p->width = size.ws_col;
	p->child.out_fd = p->child.status_fd = -1;
	p->progress = progress_load(notice, sizeof(notice));
	if (*notice)
		plain_say(p, "%s", notice);
	const char *language = options->language ? options->language : progress_option(p->progress, "language");
	snprintf(p->language, sizeof(p->language), "%s", p->letters_ascii ? "en" : language ? language : words_wanted());
	if (!language_exists(p->language))
		snprintf(p->language, sizeof(p->language), "en");
	words_language(p->language);
}

int plain_main(const struct app_options *options)
{
	struct plain p = {0};
	const char *why;
	int code = EXIT_RIGHT;
	p.course = course_load(&why);
	if (!p.course) {
		fprintf(stderr, "lockstep: %s\n", why);
		return EXIT_CANNOT;
	}
	start(&p, options);
	const struct course_lesson *lesson = options->lesson ? course_find(p.course, options->lesson) : NULL;
	enum said said = SAID_NOTHING;
	if (options->lesson && !lesson) {
		fprintf(stderr, _("lockstep: there is no lesson \"%s\"; `lockstep list` names them\n"), options->lesson);
		code = EXIT_USAGE;
	} else if (lesson) {
		said = do_lesson(&p, lesson);
	} else {
		do {
			list_course(&p);
			lesson = choose_lesson(&p, &said);
			if (lesson)
				said = do_lesson(&p, lesson);
		} while (lesson && said == SAID_NOTHING);
	}
	if (said == SAID_SIGNAL)
		code = 128 + p.signal;
	save(&p);
	progress_free(p.progress);
	program_free(&p.child);
	course_free(p.course);
	free(p.held);
	fflush(stdout);
	return code;
}
