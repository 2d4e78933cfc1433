/* The registry lint: every lesson found on disk is whole, in both languages, and says nothing that its code lacks. */
#include <locale.h>
#include <stdarg.h>

#include "kernels/bench/util.h"
#include "lessons/course.h"
#include "lessons/text.h"
#include "tests/tap.h"

enum { SOURCE_LINES = 250, TWIN_LINES = 80, STEP_LINES = 15, STEP_COLUMNS = 36, HINT_LINES = 8, EXPLAIN_LINES = 30 };

static const char *where = ""; /* the file that is looked at */
static int faults;			   /* since the last verdict() */

__attribute__((format(printf, 2, 3))) static bool want(bool good, const char *fmt, ...)
{
	if (good)
		return true;
	va_list ap;
	char text[600];
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	diag("%s: %s", where, text);
	faults++;
	return false;
}

static void verdict(const char *id, const char *what)
{
	ok(!faults, "%s: %s", id, what);
	faults = 0;
}

static int count_lines(const char *s)
{
	int n = 0;
	for (; *s; s++)
		n += *s == '\n';
	return n;
}

/* Every mark has its end, once, with lines between. */
static void lint_marks(const char *source)
{
	for (const char *p = source; p && *p; p = strchr(p, '\n'), p = p ? p + 1 : NULL) {
		const char *s = p + strspn(p, " \t");
		size_t head = !strncmp(s, "//", 2) ? 2 : *s == '#' ? 1 : 0;
		if (!head || (s[head] != '>' && s[head] != '<') || s[head + 1] != ' ')
			continue;
		char *name = xasprintf("%.*s", (int)strcspn(s + head + 2, " \r\n"), s + head + 2);
		char *begin = xasprintf("%.*s> %s\n", (int)head, s, name), *end = xasprintf("%.*s< %s\n", (int)head, s, name);
		const char *first = strstr(source, begin), *last = strstr(source, end);
		int from, to;
		want(first && last && first < last, "the marks of %s are not a pair", name);
		want(!first || !strstr(first + 1, begin), "%s is marked twice", name);
		want(!last || !strstr(last + 1, end), "%s ends twice", name);
		want(text_excerpt(source, name, &from, &to), "the excerpt %s is empty", name);
		free(name);
		free(begin);
		free(end);
	}
}

static void lint_source(const struct course_lesson *lesson)
{
	char *path = xasprintf("%s/lesson.c", lesson->dir), *s = text_read(path);
	where = path;
	if (want(s != NULL, "cannot be read")) {
		const char *head_end = strstr(s, "*/"), *star = strstr(s, "★"), *line_end = strchr(s, '\n');
		const char *learn = strstr(s, "What you learn:"), *made = strstr(s, "How the number is made:");
		want(count_lines(s) <= SOURCE_LINES, "%d lines, %d at most", count_lines(s), SOURCE_LINES);
		want(!strncmp(s, "/* ", 3) && star && star < line_end && star > s + 10,
			 "the first line is title and level (★☆☆)");
		want(learn && learn < head_end, "its head says `What you learn:`");
		want(made && made < head_end, "its head says `How the number is made:`");
		lint_marks(s);
		int stars = 0;
		for (const char *p = star; p && p < line_end; p = strstr(p + 1, "★"))
			stars++;
		want(!lesson->describe || stars == lesson->level, "%d stars in the head, level %d", stars, lesson->level);
	}
	verdict(lesson->id, "lesson.c has its head, its marks in pairs, and a readable length");
	free(s);
	free(path);
}

static void lint_twin(const struct course_lesson *lesson)
{
	char *path = xasprintf("%s/twin.py", lesson->dir), *s = text_read(path);
	where = path;
	if (want(s != NULL, "cannot be read")) {
		want(count_lines(s) <= TWIN_LINES, "%d lines, %d at most", count_lines(s), TWIN_LINES);
		want(strstr(s, "--quick") != NULL, "it has no --quick");
		lint_marks(s);
	}
	verdict(lesson->id, "twin.py has its marks in pairs, --quick, and a readable length");
	free(s);
	free(path);
}

/* Whether the comma-separated list holds the word. */
static bool in_list(const char *list, size_t length, const char *word)
{
	for (size_t i = 0; i < length;) {
		size_t n = strcspn(list + i, ", ");
		if (n == strlen(word) && !strncmp(list + i, word, n))
			return true;
		i += n + 1;
	}
	return false;
}

/* The value of an option in a command line; its length, 0: not given. */
static size_t option(const char *command, const char *name, const char **value)
{
	const char *at = strstr(command, name);
	if (!at || (at[strlen(name)] != ' ' && at[strlen(name)] != '='))
		return 0;
	*value = at + strlen(name) + 1;
	return strcspn(*value, " ");
}

static bool knows_variant(const struct course_lesson *lesson, const char *name)
{
	size_t i, k;
	const json_t *kernel, *variant;
	json_array_foreach(json_object_get(lesson->describe, "kernels"), i, kernel)
		json_array_foreach(json_object_get(kernel, "variants"), k, variant)
	{
		const char *known = json_string_value(json_object_get(variant, "name"));
		if (known && !strcmp(known, name))
			return true;
	}
	return false;
}

/* A command line that the text offers is one that the lesson's program takes. */
static void lint_command(const struct course *course, const char *command, int line)
{
	if (!want(!command[strspn(command, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ,.=_-")],
			  "line %d: odd characters in `%s`", line, command))
		return;
	char *id = xasprintf("%.*s", (int)strcspn(command, " "), command);
	const struct course_lesson *lesson = course_find(course, id);
	const char *list = NULL;
	size_t length = option(command, "--variant", &list), each;
	want(lesson != NULL, "line %d: %s is no lesson", line, id);
	for (size_t i = 0; lesson && lesson->describe && i < length; i += each + 1) {
		each = strcspn(list + i, ", ");
		char *name = xasprintf("%.*s", (int)each, list + i);
		want(knows_variant(lesson, name), "line %d: %s has no variant %s", line, id, name);
		free(name);
	}
	if (lesson && lesson->describe) {
		char *probe = xasprintf("'%s' %s --list >/dev/null 2>&1", course_binary(id), command + strlen(id));
		want(!system(probe), "line %d: the program refuses `%s`", line, command);
		free(probe);
	}
	free(id);
}

static const struct piece *run_of(const struct lesson_text *text, const struct piece *predict)
{
	for (int s = 0; s < text->count; s++)
		for (int i = 0; i < text->steps[s].count; i++) {
			const struct piece *p = &text->steps[s].pieces[i];
			if (p->kind == PIECE_RUN && (*predict->name ? !strcmp(p->name, predict->name) : p->line > predict->line))
				return p;
		}
	return NULL;
}

/* What is asked for must be among what the run measures. */
static void lint_predict(const struct lesson_text *text, const struct piece *p)
{
	const struct piece *run = run_of(text, p);
	const char *list = NULL;
	char number[16];
	snprintf(number, sizeof number, "%d", p->workers);
	size_t length = run ? option(run->command, "--variant", &list) : 0;
	want(!length || !*p->variant || in_list(list, length, p->variant), "line %d: %s is not measured by its run",
		 p->line, p->variant);
	length = run ? option(run->command, "--threads", &list) : 0;
	bool counts = length && strspn(list, "0123456789,") == length;
	if (counts && p->workers)
		want(in_list(list, length, number), "line %d: %d workers are not measured by its run", p->line, p->workers);
	for (int i = 0; counts && i < p->curve_count; i++) {
		snprintf(number, sizeof number, "%d", p->curve[i]);
		want(in_list(list, length, number), "line %d: %s workers of the curve are not measured by its run", p->line, number);
	}
	for (int i = 0; i < p->choice_count; i++)
		want(p->choices[i].field != NULL, "line %d: `%s` has no condition", p->line, p->choices[i].text);
}

static void lint_quiz(const struct course *course, const struct piece *p)
{
	for (int i = 0; i < p->choice_count; i++) {
		const struct choice *c = &p->choices[i];
		want(c->why != NULL, "line %d: `%s` has no why", p->line, c->text);
		want(c->right || c->run, "line %d: nothing refutes `%s`", p->line, c->text);
		if (c->run)
			lint_command(course, c->run, p->line);
	}
}

static void lint_excerpt(const struct piece *p)
{
	char *source = text_read(p->file);
	int first, last;
	if (want(source != NULL, "line %d: %s cannot be read", p->line, p->file) && *p->name)
		want(text_excerpt(source, p->name, &first, &last), "line %d: no excerpt %s in %s", p->line, p->name, p->file);
	free(source);
}

/* The program that the lines are put into is there, has the place for them, and lacks the lines themselves. */
static void lint_order(const struct piece *p)
{
	char *source = text_read(p->file);
	want(p->why != NULL, "line %d: it has no why", p->line);
	if (want(source != NULL, "line %d: %s cannot be read", p->line, p->file)) {
		const char *place = strstr(source, "//@");
		want(place && !strstr(place + 3, "//@"), "line %d: one line of %s is `//@`", p->line, p->file);
	}
	free(source);
}

static bool has_wide(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s >= 0xe3 && (unsigned char)*s <= 0xe9)
			return true;
	return false;
}

/* Words of a hint or an explanation: in the language of the file, of a length that is read. */
static void lint_words(const struct piece *p, int most, bool zh)
{
	struct ink_lines *lines = ink_layout(p->markdown, STEP_COLUMNS);
	want(lines->count <= most, "line %d: %d lines, %d at most", p->line, lines->count, most);
	want(has_wide(p->markdown) == zh, "line %d: %s", p->line, zh ? "no Chinese here" : "Chinese here");
	ink_free(lines);
}

static void lint_step(const struct course *course, const struct lesson_text *text, int step, bool zh)
{
	int rows = 0;
	for (int i = 0; i < text->steps[step].count; i++) {
		const struct piece *p = &text->steps[step].pieces[i];
		if (p->kind == PIECE_PROSE) {
			struct ink_lines *lines = ink_layout(p->markdown, STEP_COLUMNS);
			rows += lines->count + (rows > 0);
			ink_free(lines);
			want(has_wide(p->markdown) == zh, "line %d: %s", p->line, zh ? "no Chinese here" : "Chinese here");
		} else if (p->kind == PIECE_RUN) {
			lint_command(course, p->command, p->line);
		} else if (p->kind == PIECE_PREDICT) {
			lint_predict(text, p);
		} else if (p->kind == PIECE_QUIZ) {
			lint_quiz(course, p);
		} else if (p->kind == PIECE_CODE || p->kind == PIECE_TWIN) {
			lint_excerpt(p);
		} else if (p->kind == PIECE_ORDER) {
			lint_order(p);
		} else if (p->kind == PIECE_HINT || p->kind == PIECE_EXPLAIN) {
			lint_words(p, p->kind == PIECE_HINT ? HINT_LINES : EXPLAIN_LINES, zh);
		}
	}
	want(rows <= STEP_LINES, "step %d has %d lines of prose, %d at most", step + 1, rows, STEP_LINES);
	want(rows > 0, "step %d has no prose", step + 1);
}

static struct lesson_text *lint_text(const struct course *course, const struct course_lesson *lesson,
									 const char *language)
{
	struct lesson_text *text = text_load(lesson->dir, language);
	char *path = xasprintf("%s/%s.md", lesson->dir, language), *source = text_read(path);
	int kinds[PIECE_EXPLAIN + 1] = {0}, minutes_min = 0, minutes_max = 0;
	where = path;
	if (want(text && source, "cannot be read")) {
		want(!text->complaint, "%s", text->complaint);
		want(*text->title, "no title");
		want(text->count >= 3, "%d steps", text->count);
		for (const char *p = strstr(source, "\n---\n"); p; p = strstr(p + 1, "\n---\n"))
			want(p[-1] == '\n', "a blank line stands before ---, or it makes a heading of the line above");
		for (int s = 0; s < text->count; s++) {
			lint_step(course, text, s, !strcmp(language, "zh"));
			for (int i = 0; i < text->steps[s].count; i++) {
				kinds[text->steps[s].pieces[i].kind]++;
				minutes_min += text->steps[s].pieces[i].minutes_min;
				minutes_max += text->steps[s].pieces[i].minutes_max;
			}
		}
		want(kinds[PIECE_RUN] && kinds[PIECE_PREDICT] && kinds[PIECE_QUIZ] && kinds[PIECE_CODE] && kinds[PIECE_TWIN],
			 "run, predict, quiz, code and twin stand in every lesson");
		want(kinds[PIECE_NOTES] && minutes_min > 0 && minutes_max >= minutes_min,
			 "notes with minutes stand in every lesson");
	}
	char *what = xasprintf("%s.md is whole: blocks, excerpts, commands, length of its steps", language);
	verdict(lesson->id, what);
	free(what);
	free(source);
	free(path);
	return text;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_curve(const struct piece *a, const struct piece *b)
{
	bool equal = a->curve_count == b->curve_count;
	for (int i = 0; equal && i < a->curve_count; i++)
		equal = a->curve[i] == b->curve[i];
	return equal;
}

/* Only what people read may differ between the languages. */
static void lint_pair(const struct piece *a, const struct piece *b)
{
	if (!want(a->kind == b->kind, "lines %d and %d: another kind of block", a->line, b->line))
		return;
	want(same(a->name, b->name) && same(a->command, b->command) && same(a->file, b->file) &&
			 same(a->compare, b->compare) && same(a->variant, b->variant) && a->workers == b->workers &&
			 a->minutes_min == b->minutes_min && a->minutes_max == b->minutes_max && a->choice_count == b->choice_count &&
			 same_curve(a, b) && !a->why == !b->why,
		 "lines %d and %d differ in more than words", a->line, b->line);
	for (int i = 0; i < a->choice_count && i < b->choice_count; i++) {
		const struct choice *x = &a->choices[i], *y = &b->choices[i];
		want(x->right == y->right && same(x->run, y->run) && same(x->field, y->field) && same(x->op, y->op) &&
				 x->value == y->value && (a->kind != PIECE_ORDER || same(x->text, y->text)),
			 "lines %d and %d: option %d differs in more than words", a->line, b->line, i + 1);
	}
}

static void lint_languages(const struct course_lesson *lesson, const struct lesson_text *en,
						   const struct lesson_text *zh)
{
	where = lesson->dir;
	want(en && zh && en->count == zh->count, "%d steps in English, %d in Chinese", en ? en->count : 0,
		 zh ? zh->count : 0);
	for (int s = 0; en && zh && s < en->count && s < zh->count; s++) {
		const struct step *a = &en->steps[s], *b = &zh->steps[s];
		/* Answers and results are kept by the number of the piece, prose counted: both must stand alike. */
		for (int i = 0; i < a->count && i < b->count; i++)
			lint_pair(&a->pieces[i], &b->pieces[i]);
		want(a->count == b->count, "step %d: one language has more blocks", s + 1);
	}
	verdict(lesson->id, "both languages have the same steps, blocks and commands");
}

static void lint_chapter(const struct course_chapter *chapter, const struct course_lesson *first)
{
	char *dir = xasprintf("%.*s", (int)(strrchr(first->dir, '/') - first->dir), first->dir);
	where = dir;
	for (int i = 0; i < 2; i++) {
		char *path = xasprintf("%s/%s.md", dir, i ? "zh" : "en"), *text = text_read(path);
		want(text && !strncmp(text, "# ", 2) && text[2] != '\n' && text[2], "%s has no title", i ? "zh.md" : "en.md");
		free(text);
		free(path);
	}
	want(*chapter->title_en && has_wide(chapter->title_zh), "the Chinese title is not Chinese");
	verdict(dir, "the chapter has its title in both languages");
	free(dir);
}

int main(void)
{
	const char *why = NULL;
	setlocale(LC_ALL, "C.UTF-8");
	struct course *course = course_load(&why);
	if (!course)
		bail_out(why);
	for (int i = 0; i < course->chapter_count; i++)
		lint_chapter(&course->chapters[i], &course->lessons[course->chapters[i].first]);
	for (int i = 0; i < course->lesson_count; i++) {
		const struct course_lesson *lesson = &course->lessons[i];
		ok(course_find(course, lesson->id) == lesson, "%s: no other lesson has its id", lesson->id);
		if (lesson->describe)
			is(json_string_value(json_object_get(lesson->describe, "id")), lesson->id, "its program has the same id");
		else
			skip("its program knows the commands of the text", lesson->unavailable);
		lint_source(lesson);
		lint_twin(lesson);
		struct lesson_text *en = lint_text(course, lesson, "en"), *zh = lint_text(course, lesson, "zh");
		lint_languages(lesson, en, zh);
		text_free(en);
		text_free(zh);
	}
	course_free(course);
	return tap_done();
}
