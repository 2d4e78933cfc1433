#include "tui/language.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"

/* "zh" or "zh_TW", and nothing else that a text file may be called. */
static bool is_language(const char *name, size_t length)
{
	size_t letters = 0;
	while (letters < length && islower((unsigned char)name[letters]))
		letters++;
	if (letters < 2 || letters > 3)
		return false;
	return letters == length || (length == letters + 3 && name[letters] == '_' && isupper((unsigned char)name[letters + 1]) &&
				     isupper((unsigned char)name[letters + 2]));
}

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

int language_list(char names[WORDS_LANGUAGES][WORDS_NAME])
{
	int n = words_languages(names);
	const char *share = util_share_dir();
	char *pattern = xasprintf("%s/lessons/*/*/*.md", share ? share : ".");
	glob_t found = {0};
	if (glob(pattern, GLOB_NOSORT, NULL, &found))
		found.gl_pathc = 0;
	for (size_t i = 0; i < found.gl_pathc && n < WORDS_LANGUAGES; i++) {
		const char *name = strrchr(found.gl_pathv[i], '/') + 1;
		size_t length = strcspn(name, ".");
		bool known = !is_language(name, length);
		for (int k = 0; k < n && !known; k++)
			known = strlen(names[k]) == length && !strncmp(names[k], name, length);
		if (!known)
			snprintf(names[n++], WORDS_NAME, "%.*s", (int)length, name);
	}
	globfree(&found);
	free(pattern);
	qsort(names[1], (size_t)n - 1, WORDS_NAME, by_name);
	return n;
}

bool language_exists(const char *name)
{
	char names[WORDS_LANGUAGES][WORDS_NAME];
	int n = language_list(names);
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

void language_names(char *text, size_t size)
{
	char names[WORDS_LANGUAGES][WORDS_NAME];
	int n = language_list(names);
	size_t used = 0;
	text[0] = '\0';
	for (int i = 0; i < n && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", names[i]);
}

void language_set(struct app *app, const char *name)
{
	snprintf(app->language, sizeof(app->language), "%.15s", app->letters_ascii || !language_exists(name) ? "en" : name);
	words_language(app->language);
}

void language_next(struct app *app)
{
	char names[WORDS_LANGUAGES][WORDS_NAME];
	int n = language_list(names), at = 0;
	if (app->letters_ascii) {
		app_say(app, ROLE_WARN, _("This locale shows ASCII only (LANG=C.UTF-8 shows more)"));
		return;
	}
	while (at < n && strcmp(names[at], app->language))
		at++;
	language_set(app, names[at < n - 1 ? at + 1 : 0]);
	progress_set_option(app->progress, "language", app->language);
	/* Translators: the name of your language, in your language. */
	app_say(app, ROLE_STATUS, "%s", words_foreign() || !strcmp(app->language, "en") ? _("English") : app->language);
	study_language(app);
}

struct lesson_text *language_text(const struct app *app, const char *dir)
{
	char name[WORDS_NAME];
	snprintf(name, sizeof(name), "%s", app->language);
	struct lesson_text *text = text_load(dir, name);
	name[strcspn(name, "_")] = '\0';
	if (!text && strcmp(name, app->language))
		text = text_load(dir, name);
	return text || !strcmp(name, "en") ? text : text_load(dir, "en");
}
