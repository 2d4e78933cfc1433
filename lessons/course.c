/* The course map, read from the folders; starts no process. */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/bench/util.h"
#include "lessons/course.h"
#include "lessons/text.h"

/* "3-threads": its number and where the name begins. NULL when the name has another shape. */
static const char *numbered(const char *name, int *number)
{
	size_t digits = strspn(name, "0123456789");
	if (!digits || digits > 3 || name[digits] != '-')
		return NULL;
	const char *rest = name + digits + 1;
	if (!*rest || rest[strspn(rest, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		return NULL;
	*number = (int)strtol(name, NULL, 10);
	return rest;
}

static int is_numbered(const struct dirent *entry)
{
	int number;
	return numbered(entry->d_name, &number) != NULL;
}

static int by_number(const struct dirent **a, const struct dirent **b)
{
	int x = 0, y = 0;
	numbered((*a)->d_name, &x);
	numbered((*b)->d_name, &y);
	return x != y ? x - y : strcmp((*a)->d_name, (*b)->d_name);
}

/* The numbered entries of a folder of the course, in order; their count, 0 when it can't be read. */
static int scan(const char *dir, struct dirent ***list)
{
	char *path = xasprintf("%s/%s", util_share_dir(), dir);
	int n = scandir(path, list, is_numbered, by_number);
	free(path);
	if (n < 0)
		*list = NULL;
	return n < 0 ? 0 : n;
}

/* The heading of DIR/LANGUAGE.md, or a copy of `otherwise`. */
static char *title_of(const char *dir, const char *language, const char *otherwise)
{
	char *path = xasprintf("%s/%s.md", dir, language);
	char *text = text_read(path), *title = NULL;
	const char *s = text && !strncmp(text, "\xef\xbb\xbf", 3) ? text + 3 : text;
	free(path);
	if (s && s[0] == '#' && (s[1] == ' ' || s[1] == '\t')) {
		s += 1 + strspn(s + 1, " \t");
		size_t n = strcspn(s, "\r\n");
		while (n && isspace((unsigned char)s[n - 1]))
			n--;
		char *raw = xasprintf("%.*s", (int)n, s);
		title = xmalloc(4 * n + 1);
		util_printable(raw, title, 4 * n + 1);
		free(raw);
	}
	free(text);
	if (title && *title)
		return title;
	free(title);
	return xstrdup(otherwise);
}

static bool has_file(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s/%s", util_share_dir(), dir, name);
	bool there = !access(path, F_OK);
	free(path);
	return there;
}

const char *course_binary(const char *id)
{
	static char path[PATH_MAX];
	const char *exec = util_exec_dir();
	snprintf(path, sizeof path, "%s/lessons/%s", exec ? exec : ".", id);
	return path;
}

static int whole(const json_t *value)
{
	json_int_t n = json_integer_value(value);
	return n < 0 || n > 6000 ? 0 : (int)n;
}

/* A list of words or one string, as one string with blanks between. */
static char *words(const json_t *value)
{
	if (json_is_string(value))
		return xstrdup(json_string_value(value));
	char *all = xstrdup("");
	size_t i;
	const json_t *word;
	json_array_foreach(value, i, word)
	{
		char *longer = xasprintf("%s%s%s", all, *all ? " " : "", json_is_string(word) ? json_string_value(word) : "");
		free(all);
		all = longer;
	}
	return all;
}

/* What the lesson's program said about itself when it was built. */
static void read_describe(struct course_lesson *lesson)
{
	char *path = xasprintf("%s.json", course_binary(lesson->id));
	json_error_t error;
	bool built = !access(course_binary(lesson->id), X_OK), described = !access(path, F_OK);
	json_t *d = json_load_file(path, 0, &error);
	free(path);
	if (d && !json_is_object(d)) {
		json_decref(d);
		d = NULL;
	}
	lesson->describe = d;
	lesson->needs = words(json_object_get(d, "needs"));
	if (!built)
		lesson->unavailable = xstrdup("its program is not built; `make` builds it");
	else if (!d)
		lesson->unavailable = xstrdup(described ? "its description is damaged; `make` writes it anew"
												: "its description is missing; `make` writes it");
	if (!d)
		return;
	const json_t *minutes = json_object_get(d, "minutes");
	const char *why = json_string_value(json_object_get(d, "unavailable"));
	lesson->level = whole(json_object_get(d, "level"));
	lesson->minutes_min = whole(json_array_get(minutes, 0));
	lesson->minutes_max = whole(json_array_get(minutes, 1));
	if (built && why && *why)
		lesson->unavailable = xstrdup(why);
}

static void add_lesson(struct course *course, int chapter, const char *chapter_dir, const char *name)
{
	struct course_lesson lesson = {.chapter = chapter};
	lesson.dir = xasprintf("%s/%s", chapter_dir, name);
	if (!has_file(lesson.dir, "en.md") && !has_file(lesson.dir, "lesson.c")) {
		free(lesson.dir);
		return;
	}
	lesson.id = xstrdup(numbered(name, &lesson.number));
	lesson.title_en = title_of(lesson.dir, "en", lesson.id);
	lesson.title_zh = title_of(lesson.dir, "zh", lesson.title_en);
	read_describe(&lesson);
	course->lessons = xrealloc(course->lessons, (size_t)(course->lesson_count + 1) * sizeof *course->lessons);
	course->lessons[course->lesson_count++] = lesson;
}

/* A chapter without lessons does not show. */
static void add_chapter(struct course *course, const char *name)
{
	struct course_chapter chapter = {.first = course->lesson_count};
	const char *word = numbered(name, &chapter.number);
	char *dir = xasprintf("lessons/%s", name);
	struct dirent **list;
	int n = scan(dir, &list);
	for (int i = 0; i < n; i++) {
		add_lesson(course, chapter.number, dir, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	chapter.count = course->lesson_count - chapter.first;
	if (chapter.count) {
		chapter.title_en = title_of(dir, "en", word);
		chapter.title_zh = title_of(dir, "zh", chapter.title_en);
		course->chapters = xrealloc(course->chapters, (size_t)(course->chapter_count + 1) * sizeof *course->chapters);
		course->chapters[course->chapter_count++] = chapter;
	}
	free(dir);
}

struct course *course_load(const char **why)
{
	struct dirent **list;
	if (!util_share_dir()) {
		*why = "the folder of the course was not found; LOCKSTEP_HOME can name it (it holds lessons/)";
		return NULL;
	}
	struct course *course = xcalloc(1, sizeof *course);
	int n = scan("lessons", &list);
	for (int i = 0; i < n; i++) {
		add_chapter(course, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	if (course->lesson_count)
		return course;
	course_free(course);
	*why = "there is no lesson in the folder lessons/ of the course";
	return NULL;
}

void course_free(struct course *course)
{
	if (!course)
		return;
	for (int i = 0; i < course->lesson_count; i++) {
		struct course_lesson *l = &course->lessons[i];
		char *strings[] = {l->id, l->dir, l->title_en, l->title_zh, l->needs, l->unavailable};
		for (size_t k = 0; k < sizeof strings / sizeof *strings; k++)
			free(strings[k]);
		json_decref(l->describe);
	}
	for (int i = 0; i < course->chapter_count; i++) {
		free(course->chapters[i].title_en);
		free(course->chapters[i].title_zh);
	}
	free(course->lessons);
	free(course->chapters);
	free(course);
}

const struct course_lesson *course_find(const struct course *course, const char *id)
{
	for (int i = 0; i < course->lesson_count; i++)
		if (!strcmp(course->lessons[i].id, id))
			return &course->lessons[i];
	return NULL;
}
