/* Lines put in order: moved with the keys, put into their program, built and run; what the program does is the judge. */
#include "tui/study_puzzle.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/order.h"
#include "tui/order_build.h"

enum { BUILD_MS = 60000, RUN_MS = 10000, OUTPUT_MAX = 64 << 10, OUTPUT_LINES = 8, MESSAGES = 5 };

#define NAME "order"
#define SOURCE NAME ".c"

/* Ceilings beside the clock: 60 s of processor time, 4 GiB of memory, 1 MiB in files ($2), no core file. */
#define LIMITS "ulimit -c 0; ulimit -t 60; ulimit -v 4194304; ulimit -f \"$2\"; "

enum verdict { UNTRIED, RIGHT, WRONG, ENDED_ODDLY, ENDLESS, TALKATIVE, NOT_BUILT, NO_COMPILER, STOPPED };

struct order_puzzle {
	int step, piece;
	struct order order;
	enum verdict verdict;
	bool fresh;                   /* the verdict is to be brought into view */
	int exit_code, signal;
	char *output;                 /* of the compiler or the program, what was said last */
	struct order_message messages[MESSAGES];
	int message_count;
	char *program;                /* as the lines stand now; NULL: the frame can't be read */
	int first;                    /* line of the first of them in it */
	char dir[PATH_MAX];           /* the work files, "" none */
};

static const struct piece *piece_at(const struct study *s, int step, int piece)
{
	const struct piece *p = &s->text->steps[step].pieces[piece];
	return p->kind == PIECE_ORDER ? p : NULL;
}

static struct order begin(const struct app *app, int step, int piece, bool *right)
{
	const struct piece *p = piece_at(app->study, step, piece);
	char *seed = xasprintf("%s %d", app->study->lesson->id, step + 1);
	struct order o = order_shuffled(p, seed);
	order_read(p, study_answer(app, step, piece), &o, right);
	free(seed);
	return o;
}

bool study_ordering(const struct app *app)
{
	const struct study *s = app->study;
	return s->asking >= 0 && piece_at(s, s->step, s->asking);
}

/* ---- the work files ---- */

static void remove_files(struct order_puzzle *z)
{
	DIR *dir = z->dir[0] ? opendir(z->dir) : NULL;
	for (struct dirent *entry; dir && (entry = readdir(dir));)
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir) {
		closedir(dir);
		rmdir(z->dir);
	}
	z->dir[0] = '\0';
}

static bool write_files(struct order_puzzle *z)
{
	const char *tmp = getenv("TMPDIR");
	char path[PATH_MAX + sizeof(SOURCE)];
	if (snprintf(z->dir, sizeof(z->dir), "%s/lockstep-order-XXXXXX", tmp && *tmp ? tmp : "/tmp") >= (int)sizeof(z->dir) ||
	    !mkdtemp(z->dir)) {
		z->dir[0] = '\0';
		return false;
	}
	snprintf(path, sizeof(path), "%s/" SOURCE, z->dir);
	FILE *out = fopen(path, "wex");
	bool good = out && fputs(z->program, out) >= 0;
	if (out && fclose(out) != 0)
		good = false;
	if (!good) {
		int error = errno;
		remove_files(z);
		errno = error;
	}
	return good;
}

/* ---- one puzzle at a time ---- */

static void assemble(const struct app *app, struct order_puzzle *z)
{
	const struct piece *p = piece_at(app->study, z->step, z->piece);
	char *frame = text_read(p->file);
	free(z->program);
	z->program = frame ? order_assemble(frame, p, &z->order, &z->first) : NULL;
	free(frame);
}

void study_order_free(struct study *s)
{
	if (!s->order)
		return;
	remove_files(s->order);
	free(s->order->output);
	free(s->order->program);
	free(s->order);
	s->order = NULL;
}

/* The puzzle of this block if it is the one at hand. */
static struct order_puzzle *at_hand(const struct app *app, int step, int piece)
{
	struct order_puzzle *z = app->study->order;
	const struct piece *p = piece_at(app->study, step, piece);
	return z && p && z->step == step && z->piece == piece && z->order.count <= p->choice_count ? z : NULL;
}

static struct order_puzzle *take_up(struct app *app, int step, int piece)
{
	struct study *s = app->study;
	struct order_puzzle *z = at_hand(app, step, piece);
	bool right = false;
	if (z)
		return z;
	if (study_errand_live(app))
		return NULL; /* the files of the other one are in use */
	study_order_free(s);
	z = s->order = xcalloc(1, sizeof(*z));
	*z = (struct order_puzzle){.step = step, .piece = piece};
	z->order = begin(app, step, piece, &right);
	z->verdict = right ? RIGHT : UNTRIED;
	assemble(app, z);
	return z;
}

bool study_order_begin(struct app *app, int piece)
{
	struct study *s = app->study;
	if (!piece_at(s, s->step, piece))
		return false;
	if (!take_up(app, s->step, piece)) {
		s->asking = -1;
		app_say(app, ROLE_WARN, _("Something is running already: s stops it"));
		return true;
	}
	s->order->order.held = false;
	s->view = VIEW_CODE;
	s->scroll = 0;
	s->twin = false;
	return true;
}

enum todo study_order_todo(const struct app *app, int piece)
{
	const struct study *s = app->study;
	const char *answer = study_answer(app, s->step, piece);
	const struct order_puzzle *z = at_hand(app, s->step, piece);
	struct order o;
	bool right = false;
	if (z && s->errand == ERRAND_ORDER)
		return TODO_WAIT;
	if (answer && !strcmp(answer, "-"))
		return TODO_NEXT;
	return order_read(piece_at(s, s->step, piece), answer, &o, &right) && right ? TODO_NEXT : TODO_ORDER;
}

/* ---- building and running ---- */

static void keep(struct app *app, const struct order_puzzle *z)
{
	char text[ORDER_TEXT_MAX];
	progress_set_answer(app->progress, app->study->lesson->id, z->step, z->piece,
			    z->verdict == NO_COMPILER ? "-" : order_write(&z->order, z->verdict == RIGHT, text));
	app->study->want = app->study->step == z->step ? z->piece : app->study->want;
	study_mark(app);
	app_save(app);
}

static void conclude(struct app *app, enum verdict verdict, const char *output)
{
	struct order_puzzle *z = app->study->order;
	z->verdict = verdict;
	z->fresh = true;
	free(z->output);
	z->output = xstrdup(output ? output : "");
	remove_files(z);
	keep(app, z);
	app->study->view = verdict == RIGHT || verdict == NOT_BUILT || verdict == NO_COMPILER ? VIEW_CODE : VIEW_OUTPUT;
	if (verdict == RIGHT)
		app_say(app, ROLE_GOOD, _("Right"));
	else if (verdict == STOPPED)
		app_say(app, ROLE_WARN, _("Stopped"));
	else
		app_say(app, ROLE_WARN, _("Not yet: Enter moves the lines again"));
}

/* sh -c 'cd "$1" …' lockstep DIR WORDS…; the limits are the child's own. */
static bool start(struct app *app, const char *shell, char **words, const char *say, int ms, errand_ended *ended)
{
	static const char *const prefix[] = {"/bin/sh", "-c", NULL, "lockstep", NULL};
	size_t n = 0, count = 0;
	while (words && words[count])
		count++;
	char **argv = xcalloc(count + 6, sizeof(*argv));
	for (size_t i = 0; i < 5; i++)
		argv[n++] = xstrdup(i == 2 ? shell : i == 4 ? app->study->order->dir : prefix[i]);
	for (size_t i = 0; i < count; i++)
		argv[n++] = xstrdup(words[i]);
	bool good = study_errand_start(app, ERRAND_ORDER, argv, say, ended);
	if (good)
		app->child.cap = ms / 1e3;
	program_words_free(argv);
	return good;
}

static void run_ended(struct app *app, const struct errand_end *end)
{
	struct order_puzzle *z = app->study->order;
	z->exit_code = end->exit_code;
	z->signal = end->signal;
	if (app->child.overran > 0)
		conclude(app, ENDLESS, end->output);
	else if (end->stopped)
		conclude(app, strlen(end->output) > OUTPUT_MAX ? TALKATIVE : STOPPED, end->output);
	else if (end->signal || end->exit_code > 1)
		conclude(app, ENDED_ODDLY, end->output);
	else
		conclude(app, end->exit_code == 0 ? RIGHT : WRONG, end->output);
}

/* Ten seconds, unless a test has less patience. */
static int patience(void)
{
	const char *text = getenv("LOCKSTEP_ORDER_SECONDS");
	double seconds;
	return text && util_number(text, &seconds) && seconds > 0 && seconds < RUN_MS / 1e3 ? (int)(seconds * 1e3) : RUN_MS;
}

static void build_ended(struct app *app, const struct errand_end *end)
{
	struct order_puzzle *z = app->study->order;
	if (end->stopped) {
		conclude(app, STOPPED, end->output);
		return;
	}
	if (end->exit_code || end->signal) {
		z->message_count = order_messages(end->output, SOURCE, z->first, z->order.used, z->messages, MESSAGES);
		conclude(app, NOT_BUILT, end->output);
		return;
	}
	char *blocks[] = {(char *)(uintptr_t)order_file_blocks(z->program), NULL};
	if (!start(app, "cd \"$1\" && " LIMITS "exec ./" NAME, blocks, _("running your program: ten seconds at most"), patience(),
		   run_ended))
		conclude(app, STOPPED, "");
}

/* $CC or cc as words, NULL without either. */
static char **compiler(void)
{
	const char *wish = getenv("CC");
	char **words = program_words(wish && *wish ? wish : "cc");
	const char *path = words && words[0] ? study_which(words[0]) : NULL;
	if (!path && wish && *wish) {
		program_words_free(words);
		words = program_words("cc");
		path = words ? study_which(words[0]) : NULL;
	}
	if (path)
		return words;
	program_words_free(words);
	return NULL;
}

bool study_order_run(struct app *app)
{
	static const char *const flags[] = {"-w", "-O1", "-g", "-std=gnu17", "-fopenmp", "-pthread", "-o", NAME, SOURCE};
	enum { FLAGS = sizeof(flags) / sizeof(*flags) };
	struct study *s = app->study;
	int piece = s->asking;
	for (int i = 0; piece < 0 && i < study_step(s)->count; i++)
		piece = piece_at(s, s->step, i) ? i : piece;
	if (piece < 0 || !piece_at(s, s->step, piece))
		return false;
	struct order_puzzle *z = study_busy(app) ? NULL : take_up(app, s->step, piece);
	if (!z) {
		app_say(app, ROLE_WARN, _("Something is running already: s stops it"));
		return true;
	}
	s->asking = -1;
	z->order.held = false;
	z->verdict = UNTRIED;
	z->message_count = 0;
	if (!z->program) {
		app_say(app, ROLE_BAD, _("%s can't be read"), piece_at(s, s->step, piece)->file);
		return true;
	}
	char **words = compiler();
	if (!words) {
		conclude(app, NO_COMPILER, "");
		app_say(app, ROLE_WARN, _("There is no C compiler here: install the package gcc"));
		return true;
	}
	if (!write_files(z)) {
		app_say(app, ROLE_BAD, _("The program can't be written: %s"), strerror(errno));
		program_words_free(words);
		return true;
	}
	char **more = order_build_words(z->program);
	size_t n = 0, m = 0;
	while (words[n])
		n++;
	while (more[m])
		m++;
	words = xrealloc(words, (n + FLAGS + m + 1) * sizeof(*words));
	for (size_t i = 0; i < FLAGS; i++)
		words[n + i] = xstrdup(flags[i]);
	memcpy(words + n + FLAGS, more, (m + 1) * sizeof(*more));
	free(more);
	keep(app, z);
	if (!start(app, "cd \"$1\" && shift && exec \"$@\"", words, _("building your program"), BUILD_MS, build_ended))
		remove_files(z);
	program_words_free(words);
	return true;
}

void study_order_news(struct app *app)
{
	if (app->study->errand == ERRAND_ORDER && app->child.output.length > OUTPUT_MAX)
		program_stop(&app->child);
}

/* ---- keys ---- */

static void changed(struct app *app)
{
	struct order_puzzle *z = app->study->order;
	z->verdict = UNTRIED;
	z->message_count = 0;
	assemble(app, z);
}

static void go(struct app *app, int by)
{
	struct order *o = &app->study->order->order;
	order_go(o, by);
	if (o->held)
		changed(app);
	app->study->want = app->study->asking;
}

bool study_order_act(struct app *app, enum action action)
{
	struct study *s = app->study;
	if (!study_ordering(app) || !at_hand(app, s->step, s->asking))
		return false;
	struct order *o = &s->order->order;
	switch (action) {
	case ACT_UP:
		go(app, -1);
		return true;
	case ACT_DOWN:
		go(app, 1);
		return true;
	case ACT_TOP:
		go(app, -ORDER_LINES_MAX - 1);
		return true;
	case ACT_BOTTOM:
		go(app, ORDER_LINES_MAX + 1);
		return true;
	case ACT_GRAB:
		o->held = !o->held;
		return true;
	case ACT_ASIDE:
		order_aside(o);
		changed(app);
		return true;
	case ACT_RUN:
		return study_order_run(app);
	default:
		return false;
	}
}

/* ---- what is shown ---- */

/* Blanks for tabs, and nothing that could move the cursor. */
static char *line_text(const char *code)
{
	size_t n = 0;
	char *spread = xcalloc(4 * strlen(code) + 1, 1), *text = xcalloc(16 * strlen(code) + 1, 1);
	for (; *code; code++)
		for (int i = 0; i < (*code == '\t' ? 4 : 1); i++)
			spread[n++] = *code == '\t' ? ' ' : *code;
	util_printable(spread, text, 4 * n + 1);
	free(spread);
	return text;
}

static void add_output(struct rich *r, const char *output)
{
	for (int i = 0; output && *output && i < OUTPUT_LINES; i++) {
		size_t n = strcspn(output, "\n");
		char *line = xasprintf("%.*s", (int)n, output), *text = line_text(line);
		rich_words(r, "  ", ROLE_PLAIN, text, ROLE_CODE);
		free(line);
		free(text);
		output += n;
		output += *output == '\n';
	}
	if (output && *output)
		rich_words(r, "  ", ROLE_DIM, _("… more in the view Output (6)"), ROLE_DIM);
}

static void add_verdict(struct app *app, struct rich *r, const struct order_puzzle *z, const struct piece *p)
{
	const char *cross = app->ascii ? "x " : "✗ ";
	char words[200];
	bool others = false;
	switch (z->verdict) {
	case UNTRIED:
		return;
	case RIGHT:
		rich_words(r, app->ascii ? "+ " : "✓ ", ROLE_GOOD, _("Right: built, run, and it came out as it must."), ROLE_GOOD);
		if (p->why)
			rich_markdown(r, p->why, 2, ROLE_PLAIN);
		return;
	case WRONG:
		rich_words(r, cross, ROLE_BAD, z->output && *z->output ? _("Not so. It says:") : _("Not so: it ended with status 1."), ROLE_BAD);
		break;
	case ENDED_ODDLY:
		if (z->signal)
			snprintf(words, sizeof(words), _("Not so: it was killed by signal %d (%s)."), z->signal, strsignal(z->signal));
		else
			snprintf(words, sizeof(words), _("Not so: it ended with status %d."), z->exit_code);
		rich_words(r, cross, ROLE_BAD, words, ROLE_BAD);
		break;
	case ENDLESS:
		rich_words(r, cross, ROLE_BAD, _("It never ended: somebody waits for ever. It was killed after ten seconds."), ROLE_BAD);
		break;
	case TALKATIVE:
		rich_words(r, cross, ROLE_BAD, _("It printed without end, and was stopped."), ROLE_BAD);
		break;
	case NOT_BUILT:
		rich_words(r, cross, ROLE_BAD, _("The compiler does not take it:"), ROLE_BAD);
		for (int i = 0; i < z->message_count; i++) {
			others = others || z->messages[i].at >= 0;
			if (z->messages[i].at < 0)
				rich_words(r, "  ", ROLE_BAD, z->messages[i].text, ROLE_BAD);
		}
		if (others)
			rich_words(r, "  ", ROLE_DIM, _("see the marked lines above"), ROLE_DIM);
		if (z->message_count > 0)
			return;
		break;
	case NO_COMPILER:
		rich_words(r, "! ", ROLE_WARN, _("There is no C compiler here: install the package gcc. Without it this puzzle is passed over."),
			   ROLE_WARN);
		return;
	case STOPPED:
		rich_words(r, "! ", ROLE_WARN, _("Stopped before it could tell; r tries it again."), ROLE_WARN);
		return;
	}
	add_output(r, z->output);
}

int study_order_text(struct app *app, struct rich *r, int piece)
{
	struct study *s = app->study;
	const struct piece *p = piece_at(s, s->step, piece);
	struct order_puzzle *z = at_hand(app, s->step, piece);
	bool right = false, asked = s->asking == piece;
	struct order o = z ? z->order : begin(app, s->step, piece, &right);
	int spot = -1;
	rich_markdown(r, p->ask ? p->ask : "", 0, ROLE_BOLD);
	for (int i = 0; i <= o.count; i++) {
		if (i == o.used && o.used < o.count)
			rich_words(r, "  ", ROLE_DIM, app->ascii ? _("-- not used --") : _("── not used ──"), ROLE_DIM);
		if (i == o.count)
			break;
		bool here = asked && o.cursor == i, in = i < o.used, bad = false;
		char *text = line_text(p->choices[o.line[i]].text);
		char head[16];
		for (int k = 0; z && k < z->message_count; k++)
			bad = bad || z->messages[k].at == i;
		snprintf(head, sizeof(head), "%s%s", !here ? "  " : o.held ? (app->ascii ? "* " : "≡ ") : (app->ascii ? "> " : "▸ "),
			 !in ? "  " : app->ascii ? "| " : "│ ");
		if (here)
			spot = r->n;
		enum role role = here ? ROLE_SELECTED : bad ? ROLE_BAD : in ? ROLE_CODE : ROLE_DIM;
		rich_words(r, head, here ? ROLE_SELECTED : ROLE_DIM, text, role);
		free(text);
		for (int k = 0; z && k < z->message_count; k++)
			if (z->messages[k].at == i)
				rich_words(r, app->ascii ? "  x " : "  ✗ ", ROLE_BAD, z->messages[k].text, ROLE_BAD);
	}
	if (z)
		add_verdict(app, r, z, p);
	else if (right)
		add_verdict(app, r, &(struct order_puzzle){.verdict = RIGHT}, p);
	else if (study_answer(app, s->step, piece) && !strcmp(study_answer(app, s->step, piece), "-"))
		rich_words(r, "  ", ROLE_DIM, _("(passed over; a takes it up again)"), ROLE_DIM);
	if (z && z->fresh && z->verdict != UNTRIED)
		spot = r->n - 1;
	if (z)
		z->fresh = false;
	return spot;
}

bool study_order_status(struct app *app, struct rect row)
{
	const struct study *s = app->study;
	if (!study_ordering(app) || !s->order)
		return false;
	const char *words = s->order->order.held ? _("↑↓ move the line  Space drops it  Esc leaves")
						 : _("↑↓ go  Space grabs a line  x lays it aside  r builds and runs  Esc leaves");
	if (canvas_width(words) + 1 > row.cols)
		words = s->order->order.held ? _("↑↓ move  Space drops  Esc leaves") : _("↑↓ go  Space grabs  r runs  Esc leaves");
	canvas_text(app->canvas, row, 0, 1, ROLE_STATUS, words);
	return true;
}

/* The Code view of such a step: the program as the lines stand now, the lines marked. */
bool study_order_source(struct app *app, struct view_input *in)
{
	struct study *s = app->study;
	const struct order_puzzle *z = NULL;
	for (int i = 0; !z && i < study_step(s)->count; i++)
		if (piece_at(s, s->step, i))
			z = take_up(app, s->step, i);
	if (!z || !z->program)
		return false;
	in->source = z->program;
	const char *file = piece_at(s, z->step, z->piece)->file, *name = strrchr(file, '/');
	in->source_name = name ? name + 1 : file;
	in->mark_first = z->order.used > 0 ? z->first : 0;
	in->mark_last = z->order.used > 0 ? z->first + z->order.used - 1 : 0;
	return true;
}
