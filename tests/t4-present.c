/* A presentation at every size: all words of the lessons are on some page, and no page is larger than the screen. */
#include <ctype.h>
#include <locale.h>
#include <math.h>
#include "kernels/bench/util.h"
#include "tests/tap.h"
#include "tui/app.h"
#include "tui/present.h"

static const char *const lessons[] = {"concurrency", "amdahl", "mutex", "parallel-loop"};

/* Text without blanks and without what is put where a line is broken. */
struct bag {
	char *text;
	size_t n, room;
};

static void bag_add(struct bag *b, const char *text)
{
	static const char *const marks[] = {"↪", "│"};
	size_t n = strlen(text);
	if (b->n + n + 1 > b->room) {
		b->room = 2 * (b->n + n + 1);
		b->text = xrealloc(b->text, b->room);
	}
	for (size_t i = 0; i < n;) {
		bool mark = false;
		for (int k = 0; k < 2 && !mark; k++) {
			mark = !strncmp(text + i, marks[k], strlen(marks[k]));
			i += mark ? strlen(marks[k]) : 0;
		}
		if (!mark && !isspace((unsigned char)text[i]))
			b->text[b->n++] = text[i];
		i += !mark;
	}
	b->text[b->n] = '\0';
}

/* Words of Markdown that the bag lacks. */
static int lacking(const struct bag *b, const char *markdown, const char *where)
{
	int missing = 0;
	struct ink_lines *lines = ink_layout(markdown ? markdown : "", 4000);
	for (int i = 0; i < lines->count; i++) {
		for (int j = 0; j < lines->lines[i].count; j++) {
			char *copy = xstrdup(lines->lines[i].runs[j].text), *rest = NULL;
			for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
				if (!strcmp(word, "│") || (b->text && strstr(b->text, word)))
					continue;
				missing++;
				diag("%s: \"%s\" is nowhere", where, word);
			}
			free(copy);
		}
	}
	ink_free(lines);
	return missing;
}

static int lacking_piece(const struct bag *b, const struct piece *p, const char *where)
{
	if (p->kind == PIECE_NOTES)
		return 0;
	int missing = lacking(b, p->markdown, where) + lacking(b, p->ask, where);
	if (p->command)
		missing += lacking(b, p->command, where);
	for (int i = 0; i < p->choice_count; i++)
		missing += lacking(b, p->choices[i].text, where) + lacking(b, p->choices[i].why, where) +
			   (p->choices[i].run ? lacking(b, p->choices[i].run, where) : 0);
	return missing + lacking(b, p->why, where);
}

static void reveal_all(struct app *app)
{
	struct present *p = app->present;
	for (int i = 0; i < p->thoughts.n; i++) {
		struct ballot *b = ballot_of(&p->ballots, p->thoughts.v[i].step, p->thoughts.v[i].piece);
		b->revealed = true;
		b->unkept = false;
	}
}

/* All pages of all thoughts as laid out: their words, and how many of them are too large. */
static void collect_sheets(struct app *app, struct bag *b, int *large)
{
	struct stage stage = stage_for(app->rows, app->cols);
	for (int i = 0; i < app->present->thoughts.n; i++) {
		struct sheet s;
		present_sheet(app, &app->present->thoughts.v[i], &s);
		const struct rect *area = s.dense ? &stage.body : &stage.words;
		for (int k = 0; k < s.count; k++) {
			*large += sheet_rows(&s, s.pages[k].first, s.pages[k].last, false) > stage.body.rows;
			for (int l = s.pages[k].first; l < s.pages[k].last; l++) {
				int width = 0;
				for (int j = 0; j < s.rich.v[l].count; j++) {
					bag_add(b, s.rich.v[l].parts[j].text);
					width += canvas_width(s.rich.v[l].parts[j].text);
				}
				*large += width > area->cols;
			}
		}
		sheet_free(&s);
	}
}

/* The same from what is drawn. */
static void collect_screens(struct app *app, struct bag *b)
{
	for (int i = 0; i < app->present->thoughts.n; i++) {
		struct sheet s;
		app->present->at = i;
		present_sheet(app, present_now(app->present), &s);
		int pages = s.count;
		sheet_free(&s);
		for (int k = 0; k < pages; k++) {
			char *text = NULL;
			size_t size;
			FILE *out = open_memstream(&text, &size);
			app->present->page = k;
			app_draw(app);
			canvas_save_text(app->canvas, out);
			fclose(out);
			/* Of what stands between the banner and the last row: a sentence may go on from page to page. */
			char *body = text, *foot;
			for (int row = 0; row < stage_for(app->rows, app->cols).banner.rows; row++)
				body += strcspn(body, "\n") + 1;
			text[strlen(text) - 1] = '\0';
			if ((foot = strrchr(body, '\n')))
				*foot = '\0';
			bag_add(b, body);
			free(text);
		}
	}
}

static void check_lesson(const char *id, const char *language)
{
	static const int rows[] = {10, 11, 13, 16, 17, 20, 24, 30, 36, 40, 50, 60};
	static const struct { int rows, cols; } drawn[] = {{10, 44}, {16, 60}, {24, 80}, {36, 77}, {40, 120}, {60, 200}};
	char where[80], last[320] = "";
	int missing = 0, large = 0, unseen = 0;
	struct app *app = app_new(&(struct app_options){.rows = 24, .cols = 80, .script = true, .lesson = id, .language = language,
							.present = true});
	if (!app->present) {
		ok(false, "%s is shown in %s", id, language);
		app_free(app, last, sizeof(last));
		return;
	}
	reveal_all(app);
	const struct lesson_text *text = app->study->text;
	for (int cols = 44; cols <= 200; cols += cols < 80 ? 3 : 24) {
		for (size_t r = 0; r < sizeof(rows) / sizeof(*rows); r++) {
			struct bag b = {0};
			app_resize(app, rows[r], cols);
			collect_sheets(app, &b, &large);
			snprintf(where, sizeof(where), "%s %s %dx%d", id, language, cols, rows[r]);
			for (int i = 0; i < text->count; i++)
				for (int j = 0; j < text->steps[i].count; j++)
					missing += lacking_piece(&b, &text->steps[i].pieces[j], where);
			free(b.text);
		}
	}
	for (size_t k = 0; k < sizeof(drawn) / sizeof(*drawn); k++) {
		struct bag b = {0};
		app_resize(app, drawn[k].rows, drawn[k].cols);
		collect_screens(app, &b);
		snprintf(where, sizeof(where), "%s %s %dx%d on the screen", id, language, drawn[k].cols, drawn[k].rows);
		for (int i = 0; i < text->count; i++)
			for (int j = 0; j < text->steps[i].count; j++)
				unseen += lacking_piece(&b, &text->steps[i].pieces[j], where);
		free(b.text);
	}
	ok(missing == 0, "%s in %s: every word of it stands on some page, at every size", id, language);
	ok(large == 0, "%s in %s: no page is larger than the screen (%d are)", id, language, large);
	ok(unseen == 0, "%s in %s: and is drawn there", id, language);
	app_free(app, last, sizeof(last));
}

static void check_ballots(void)
{
	struct ballot b = {0};
	ok(ballot_counts(&b, 3, "12 3 8") && b.count[0][0] == 12 && b.count[0][2] == 8 && b.unkept, "counts are typed in");
	ok(!ballot_counts(&b, 3, "12 3 8 1") && !ballot_counts(&b, 3, "12 -3") && !ballot_counts(&b, 3, "1.5 2") &&
	   !ballot_counts(&b, 3, "many") && !ballot_counts(&b, 3, "") && b.count[0][1] == 3, "anything else changes nothing");
	ok(ballot_counts(&b, 3, "4, 5") && b.count[0][1] == 5 && b.count[0][2] == 0, "commas part too, and the last may be left out");
	ok(ballot_numbers(&b, "3 1,5 2") && b.number_count == 3 && b.numbers[0] == 1.5, "numbers are called out in any order");
	ok(fabs(ballot_median(&b) - 2) < 1e-9, "the median of three");
	ok(ballot_numbers(&b, "1 2 4 3") && fabs(ballot_median(&b) - 2.5) < 1e-9, "and of four");
	ok(!ballot_numbers(&b, "1 x 2") && b.number_count == 4, "a word is no number");
	/* Histograms of all sorts of numbers hold them all, in few lines. */
	static const char *const lists[] = {"1", "1 1 1", "0.001 1000000", "1 2 3 4 5 6 7 8 9 10 11 12", "-5 -4 -3 -2 -1 0 1 2 3 4",
					    "1e-9 2e-9 3e-9 4e-9 5e-9 6e-9 7e-9 8e-9 9e-9", "0 0 0 0 1e12 2 3 4 5 6 7 8"};
	int lost = 0;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		struct rich r = {.width = 60};
		struct ballot c = {0};
		int sum = 0;
		lost += !ballot_numbers(&c, lists[i]);
		ballot_spread(&r, &c, "x", NAN, false);
		for (int l = 0; l + 1 < r.n; l++) /* the last is the sentence; the counts stand at the end of each bar */
			if (r.v[l].count == 3)
				sum += (int)strtol(r.v[l].parts[2].text, NULL, 10);
		lost += sum != c.number_count || r.n > 9;
		if (sum != c.number_count)
			diag("%s: %d in the bars", lists[i], sum);
		rich_free(&r);
	}
	ok(lost == 0, "every number called out is in the histogram");
}

static void check_shuffle(void)
{
	int right = 0, bad = 0;
	for (int n = 2; n <= 20; n++) {
		int order[20], seen[20] = {0}, same = 0;
		struct piece p = {.kind = PIECE_ORDER, .choice_count = n};
		thought_shuffle(&p, order);
		for (int i = 0; i < n; i++) {
			bad += order[i] < 0 || order[i] >= n || seen[order[i]]++;
			same += order[i] == i;
		}
		right += same == n;
	}
	ok(bad == 0 && right == 0, "lines to be put in order are shuffled, and never in order");
}

int main(void)
{
	char state[] = "/tmp/lockstep-present-XXXXXX", command[64];
	setlocale(LC_CTYPE, "C.UTF-8");
	if (!mkdtemp(state))
		bail_out("no folder for the state");
	setenv("XDG_STATE_HOME", state, 1);
	setenv("XDG_RUNTIME_DIR", state, 1);
	check_ballots();
	check_shuffle();
	for (size_t i = 0; i < sizeof(lessons) / sizeof(*lessons); i++) {
		check_lesson(lessons[i], "en");
		check_lesson(lessons[i], "zh");
	}
	snprintf(command, sizeof(command), "rm -rf %s", state);
	if (system(command) != 0)
		diag("could not tidy up %s", state);
	return tap_done();
}
