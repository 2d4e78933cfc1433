#include "tui/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "lessons/text.h"

enum { LANGUAGES = 2, BEFORE = 12, AFTER = 50 };
static const char *const languages[LANGUAGES] = {"en", "zh"};

struct find {
	const struct course *course;
	char *(*texts)[LANGUAGES]; /* by lesson; NULL until texts are needed */
};

struct find *find_new(const struct course *course)
{
	struct find *f = xcalloc(1, sizeof(*f));
	f->course = course;
	return f;
}

void find_free(struct find *f)
{
	if (!f)
		return;
	for (int i = 0; f->texts && i < f->course->lesson_count; i++)
		for (int l = 0; l < LANGUAGES; l++)
			free(f->texts[i][l]);
	free(f->texts);
	free(f);
}

/* ---- the words of a lesson ---- */

/* Adds words, blanks made single and the marks of Markdown left out. */
static void add_words(FILE *out, const char *text, bool *blank)
{
	for (; text && *text; text++) {
		if (strchr("*`#", *text))
			continue;
		bool space = strchr(" \t\r\n", *text) != NULL;
		if (!space || !*blank)
			fputc(space ? ' ' : *text, out);
		*blank = space;
	}
	if (!*blank)
		fputc(' ', out);
	*blank = true;
}

/* What a learner reads; not the instructor's notes. */
static char *words_of_lesson(const char *dir, const char *language)
{
	struct lesson_text *text = text_load(dir, language);
	char *all = NULL;
	size_t length = 0;
	bool blank = true;
	FILE *out = text ? open_memstream(&all, &length) : NULL;
	for (int i = 0; out && i < text->count; i++)
		for (int j = 0; j < text->steps[i].count; j++) {
			const struct piece *p = &text->steps[i].pieces[j];
			if (p->kind == PIECE_NOTES)
				continue;
			add_words(out, p->markdown, &blank);
			add_words(out, p->ask, &blank);
			add_words(out, p->command, &blank);
			for (int c = 0; c < p->choice_count; c++) {
				add_words(out, p->choices[c].text, &blank);
				add_words(out, p->choices[c].why, &blank);
			}
		}
	if (out && fclose(out) != 0) {
		free(all);
		all = NULL;
	}
	text_free(text);
	return all ? all : xstrdup("");
}

static void read_texts(struct find *f)
{
	if (f->texts)
		return;
	f->texts = xcalloc((size_t)f->course->lesson_count + 1, sizeof(*f->texts));
	for (int i = 0; i < f->course->lesson_count; i++)
		for (int l = 0; l < LANGUAGES; l++)
			f->texts[i][l] = words_of_lesson(f->course->lessons[i].dir, languages[l]);
}

/* ---- where the words stand ---- */

static bool follows(char c) { return ((unsigned char)c & 0xc0) == 0x80; }

void find_excerpt(const char *text, size_t at, size_t length, char *out, size_t size)
{
	size_t all = strlen(text), first = at > BEFORE ? at - BEFORE : 0, end = at + length + AFTER < all ? at + length + AFTER : all;
	/* From a word's beginning where there is one, in any case from a character's. */
	const char *blank = first > 0 ? memchr(text + first, ' ', at - first) : NULL;
	if (blank)
		first = (size_t)(blank - text) + 1;
	while (first < at && follows(text[first]))
		first++;
	size_t cut = end;
	while (end < all && cut > at + length && text[cut] != ' ')
		cut--;
	if (end < all && cut > at + length)
		end = cut;
	while (end > at + length && end < all && follows(text[end]))
		end--;
	while (end > at + length && text[end - 1] == ' ')
		end--;
	int n = snprintf(out, size, "%s%.*s%s", first > 0 ? "… " : "", (int)(end - first), text + first, end < all ? " …" : "");
	/* What does not fit ends with a whole character. */
	if (n >= (int)size && size > 1) {
		size_t last = strlen(out);
		while (last > 0 && follows(out[last - 1]))
			last--;
		if (last > 0 && ((unsigned char)out[last - 1] & 0x80))
			last--;
		out[last] = '\0';
	}
}

const char *find_words(const char *query, bool *todo)
{
	*todo = !strncasecmp(query, FIND_TODO, strlen(FIND_TODO));
	query += *todo ? strlen(FIND_TODO) : 0;
	return query + strspn(query, " ");
}

static const struct course_chapter *chapter_of(const struct course *course, int lesson)
{
	for (int c = 0; c < course->chapter_count; c++)
		if (lesson >= course->chapters[c].first && lesson < course->chapters[c].first + course->chapters[c].count)
			return &course->chapters[c];
	return NULL;
}

static bool has(const char *text, const char *query) { return text && strcasestr(text, query); }

bool find_fits(struct find *f, int lesson, const char *query, const char *language, char reason[FIND_REASON])
{
	const struct course_lesson *l = &f->course->lessons[lesson];
	bool todo;
	char words[256], around[FIND_REASON - 16];
	snprintf(words, sizeof(words), "%s", find_words(query, &todo));
	for (size_t n = strlen(words); n > 0 && words[n - 1] == ' '; n--)
		words[n - 1] = '\0';
	reason[0] = '\0';
	if (!*words || has(l->id, words) || has(l->title_en, words) || has(l->title_zh, words))
		return true;
	const struct course_chapter *chapter = chapter_of(f->course, lesson);
	if (chapter && (has(chapter->title_en, words) || has(chapter->title_zh, words))) {
		snprintf(reason, FIND_REASON, "%s", _("by its chapter"));
		return true;
	}
	read_texts(f);
	int first = !strncmp(language, "zh", 2);
	for (int i = 0; i < LANGUAGES; i++) {
		const char *text = f->texts[lesson][(first + i) % LANGUAGES], *at = strcasestr(text, words);
		if (!at)
			continue;
		find_excerpt(text, (size_t)(at - text), strlen(words), around, sizeof(around));
		snprintf(reason, FIND_REASON, _("text: %s"), around);
		return true;
	}
	return false;
}
