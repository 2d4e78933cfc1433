/* lockstep list: the course map in plain text, or one JSON object a lesson. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "kernels/bench/options.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "lessons/course.h"
#include "lessons/text.h"

enum { OPT_JSON = 256, OPT_LANG };

static const struct option_row options[] = {
	{OPT_JSON, "json", NULL, N_("one JSON object a line, titles in both languages"), NULL},
	{OPT_LANG, "lang", "LANG", N_("en or zh (preset: the locale's language)"), "en zh"},
	{0, NULL, NULL, NULL, NULL},
};

static const struct program_options usage = {
	.program = "lockstep list",
	.synopsis = "[options]",
	.about = N_("The lessons: number, id, title, level, minutes, and what can't run here and why."),
	.options = options,
	.after = N_("`lockstep run ID` runs a lesson, `lockstep` opens the course on the screen."),
};

struct words {
	const char *minutes, *needs, *cannot, *cannot_variants;
};

static const struct words english = {"min", "after", "can't run here: ", " can't run here: "};
static const struct words chinese = {"分钟", "先学", "此处无法运行：", " 在此处无法运行："};

static bool utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

static const char *stars(int level)
{
	static const char *const pretty[] = {"   ", "★☆☆", "★★☆", "★★★"}, *const plain[] = {"   ", "*..", "**.", "***"};
	return (utf8() ? pretty : plain)[level < 0 || level > 3 ? 0 : level];
}

/* Columns that a text takes on the terminal. */
static int columns(const char *text)
{
	mbstate_t state = {0};
	int sum = 0;
	while (*text) {
		wchar_t c;
		size_t n = mbrtowc(&c, text, MB_CUR_MAX, &state);
		if (n == 0 || n > MB_CUR_MAX) {
			memset(&state, 0, sizeof state);
			n = 1;
			c = L'?';
		}
		int w = wcwidth(c);
		sum += w > 0 ? w : 0;
		text += n;
	}
	return sum;
}

static void padded(const char *text, int width)
{
	printf("%s%*s", text, width > columns(text) ? width - columns(text) : 0, "");
}

/* A reason, wrapped under the title. */
static void print_wrapped(const char *lead, const char *text, int indent)
{
	char *whole = xasprintf("%s%s", lead, text), *left = whole;
	const int room = 78 - indent;
	while (*left) {
		size_t n = 0, fit = 0;
		for (size_t i = 0; left[i] && (int)i < room; i++) {
			n = i + 1;
			if (left[i + 1] == ' ' || !left[i + 1])
				fit = n;
		}
		if (!left[n])
			fit = n;
		while (!fit && n && ((unsigned char)left[n] & 0xc0) == 0x80)
			n--;
		fit = fit ? fit : n;
		printf("%*s%.*s\n", indent, "", (int)fit, left);
		left += fit;
		left += strspn(left, " ");
	}
	free(whole);
}

/* What of a lesson is missing here though the rest of it runs: each reason once, with the variants that it stops. */
static void print_missing_variants(const struct course_lesson *lesson, const struct words *w)
{
	size_t i, k;
	json_t *kernel, *variant, *reasons = json_object(), *names;
	const char *why;
	json_array_foreach(json_object_get(lesson->describe, "kernels"), i, kernel)
	{
		json_array_foreach(json_object_get(kernel, "variants"), k, variant)
		{
			const char *name = json_string_value(json_object_get(variant, "name"));
			why = json_string_value(json_object_get(variant, "unavailable"));
			if (!name || !why)
				continue;
			const char *before = json_string_value(json_object_get(reasons, why));
			char *all = xasprintf("%s%s%s", before ? before : "", before ? ", " : "", name);
			json_object_set_new(reasons, why, json_string(all));
			free(all);
		}
	}
	json_object_foreach(reasons, why, names)
	{
		char *text = xasprintf("%s%s%s", json_string_value(names), w->cannot_variants, why);
		print_wrapped("", text, 8);
		free(text);
	}
	json_decref(reasons);
}

static void print_course(const struct course *course, bool zh)
{
	const struct words *w = zh ? &chinese : &english;
	int id_width = 0, title_width = 0;
	for (int i = 0; i < course->lesson_count; i++) {
		const struct course_lesson *l = &course->lessons[i];
		int id = columns(l->id), title = columns(zh ? l->title_zh : l->title_en);
		id_width = id > id_width ? id : id_width;
		title_width = title > title_width ? title : title_width;
	}
	for (int c = 0; c < course->chapter_count; c++) {
		const struct course_chapter *chapter = &course->chapters[c];
		printf("%s%d %s\n", c ? "\n" : "", chapter->number, zh ? chapter->title_zh : chapter->title_en);
		for (int i = chapter->first; i < chapter->first + chapter->count; i++) {
			const struct course_lesson *l = &course->lessons[i];
			char number[32];
			snprintf(number, sizeof number, "%d.%d", l->chapter, l->number);
			printf("  %-5s ", number);
			padded(l->id, id_width + 2);
			padded(zh ? l->title_zh : l->title_en, title_width + 2);
			printf("%s", stars(l->level));
			if (l->minutes_max)
				printf("  %d-%d %s", l->minutes_min, l->minutes_max, w->minutes);
			putchar('\n');
			if (l->unavailable)
				print_wrapped(w->cannot, l->unavailable, 8);
			else
				print_missing_variants(l, w);
		}
	}
}

/* The reasons by variant, keyed "kernel/variant". */
static json_t *missing_variants(const struct course_lesson *lesson)
{
	json_t *all = json_object(), *kernel, *variant;
	size_t i, k;
	json_array_foreach(json_object_get(lesson->describe, "kernels"), i, kernel)
	{
		const char *kernel_name = json_string_value(json_object_get(kernel, "name"));
		json_array_foreach(json_object_get(kernel, "variants"), k, variant)
		{
			const char *name = json_string_value(json_object_get(variant, "name"));
			const char *why = json_string_value(json_object_get(variant, "unavailable"));
			if (!name || !why)
				continue;
			char *key = xasprintf("%s/%s", kernel_name ? kernel_name : "", name);
			json_object_set_new(all, key, json_string(why));
			free(key);
		}
	}
	return all;
}

static json_t *list_of_words(const char *text)
{
	json_t *list = json_array();
	while (*(text += strspn(text, " "))) {
		size_t n = strcspn(text, " ");
		json_array_append_new(list, json_stringn(text, n));
		text += n;
	}
	return list;
}

static bool print_json(const struct course *course)
{
	for (int i = 0; i < course->lesson_count; i++) {
		const struct course_lesson *l = &course->lessons[i];
		const struct course_chapter *chapter = course->chapters;
		while (chapter->number != l->chapter || i < chapter->first || i >= chapter->first + chapter->count)
			chapter++;
		json_t *o =
			json_pack("{s:s, s:i, s:i, s:{s:s, s:s}, s:{s:s, s:s}, s:i, s:[i, i], s:o, s:s, s:s, s:s?, s:o}", "id",
					  l->id, "chapter", l->chapter, "number", l->number, "chapter_title", "en", chapter->title_en, "zh",
					  chapter->title_zh, "title", "en", l->title_en, "zh", l->title_zh, "level", l->level, "minutes",
					  l->minutes_min, l->minutes_max, "needs", list_of_words(l->needs), "dir", l->dir, "program",
					  course_binary(l->id), "unavailable", l->unavailable, "unavailable_variants", missing_variants(l));
		char *line = o ? json_dumps(o, JSON_COMPACT) : NULL;
		json_decref(o);
		if (!line || puts(line) == EOF) {
			free(line);
			return false;
		}
		free(line);
	}
	return true;
}

int main(int argc, char **argv)
{
	words_start();
	const char *why = NULL;
	bool json = false, zh = !strncmp(words_wanted(), "zh", 2);
	int c;
	opterr = 0;
	while ((c = getopt_long(argc, argv, options_short(&usage), options_long(&usage), NULL)) != -1) {
		switch (c) {
		case OPT_JSON:
			json = true;
			break;
		case OPT_LANG:
			if (strcmp(optarg, "en") && strcmp(optarg, "zh")) {
				fprintf(stderr, "lockstep list: --lang %s: allowed are en, zh\n", optarg);
				return EXIT_USAGE;
			}
			zh = !strcmp(optarg, "zh");
			break;
		default:
			if (options_common(&usage, c))
				return EXIT_RIGHT;
			fprintf(stderr, "lockstep list: %s: %s; --help lists the options\n", argv[optind - 1],
					c == ':' ? "needs a value" : "no such option, or a value that it does not take");
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "lockstep list: %s: no argument is expected\n", argv[optind]);
		return EXIT_USAGE;
	}
	struct course *course = course_load(&why);
	if (!course) {
		fprintf(stderr, "lockstep list: %s\n", why);
		return EXIT_CANNOT;
	}
	bool good = true;
	if (json)
		good = print_json(course);
	else
		print_course(course, zh);
	course_free(course);
	if (!good || fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "lockstep list: the list could not be written: %s\n", strerror(errno));
		return EXIT_RESOURCE;
	}
	return EXIT_RIGHT;
}
