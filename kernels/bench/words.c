#include "kernels/bench/words.h"

#include <dirent.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/bench/util.h"

#define CATALOGUE "lockstep"

static bool foreign;

/* build/locale, or PREFIX/share/locale of an installed PREFIX/libexec/lockstep. */
static const char *catalogues(void)
{
	static char path[PATH_MAX];
	static const char *const places[] = {"locale", "../../share/locale"};
	const char *exec = util_exec_dir();
	for (size_t i = 0; exec && i < sizeof places / sizeof *places; i++) {
		int length = snprintf(path, sizeof path, "%s/%s", exec, places[i]);
		if (length > 0 && length < (int)sizeof path && !access(path, R_OK | X_OK))
			return path;
	}
	return NULL;
}

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

/* The folders that hold a catalogue of ours, sorted. share/locale of a system has those of everybody. */
static int folders(char names[WORDS_LANGUAGES][WORDS_NAME])
{
	const char *dir = catalogues();
	DIR *d = dir ? opendir(dir) : NULL;
	int n = 0;
	for (struct dirent *e; d && n < WORDS_LANGUAGES && (e = readdir(d));) {
		char *file = xasprintf("%s/%s/LC_MESSAGES/" CATALOGUE ".mo", dir, e->d_name);
		if (e->d_name[0] != '.' && strlen(e->d_name) < WORDS_NAME && !access(file, R_OK))
			snprintf(names[n++], WORDS_NAME, "%.*s", WORDS_NAME - 1, e->d_name);
		free(file);
	}
	if (d)
		closedir(d);
	qsort(names, (size_t)n, WORDS_NAME, by_name);
	return n;
}

/* Short names for folders: the first of a language has it, the others keep theirs. */
static void shorten(const char names[WORDS_LANGUAGES][WORDS_NAME], int n, char out[WORDS_LANGUAGES][WORDS_NAME])
{
	for (int i = 0; i < n; i++) {
		size_t length = strcspn(names[i], "_");
		bool taken = false;
		for (int k = 0; k < i; k++)
			taken = taken || (strcspn(names[k], "_") == length && !strncmp(names[k], names[i], length));
		snprintf(out[i], WORDS_NAME, "%.*s", taken ? WORDS_NAME - 1 : (int)length, names[i]);
	}
}

int words_languages(char names[WORDS_LANGUAGES][WORDS_NAME])
{
	char found[WORDS_LANGUAGES][WORDS_NAME], names_of[WORDS_LANGUAGES][WORDS_NAME];
	int n = folders(found), count = 0;
	shorten(found, n, names_of);
	snprintf(names[count++], WORDS_NAME, "en");
	for (int i = 0; i < n && count < WORDS_LANGUAGES; i++)
		if (strcmp(names_of[i], "en"))
			snprintf(names[count++], WORDS_NAME, "%.*s", WORDS_NAME - 1, names_of[i]);
	return count;
}

const char *words_wanted(void)
{
	static char wanted[WORDS_NAME];
	static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	char found[WORDS_LANGUAGES][WORDS_NAME], names[WORDS_LANGUAGES][WORDS_NAME];
	const char *name = NULL, *languages = getenv("LANGUAGE");
	for (int i = 0; i < 3 && (!name || !*name); i++)
		name = getenv(variables[i]);
	/* The plain C locale is a wish for English; in it gettext ignores LANGUAGE too. */
	if (!name || !*name || !strcmp(name, "C") || !strcmp(name, "POSIX"))
		return "en";
	if (languages && *languages)
		name = languages;
	snprintf(wanted, sizeof wanted, "%.*s", (int)strcspn(name, ":.@"), name);
	int n = folders(found);
	shorten(found, n, names);
	for (int i = 0; i < n; i++)
		if (!strcmp(found[i], wanted))
			snprintf(wanted, sizeof wanted, "%s", names[i]);
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i], wanted))
			return wanted;
	wanted[strcspn(wanted, "_")] = '\0';
	return strcmp(wanted, "C") && strcmp(wanted, "POSIX") && *wanted ? wanted : "en";
}

bool words_language(const char *language)
{
	char found[WORDS_LANGUAGES][WORDS_NAME], names[WORDS_LANGUAGES][WORDS_NAME];
	const char *dir = catalogues(), *folder = NULL, *locale = setlocale(LC_MESSAGES, NULL);
	int n = folders(found);
	if (!language)
		language = words_wanted();
	shorten(found, n, names);
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i], language) || !strcmp(found[i], language))
			folder = found[i];
	/* In the locale "C" gettext translates nothing, whatever LANGUAGE says. */
	if (folder && (!locale || !strcmp(locale, "C") || !strcmp(locale, "POSIX")) && !setlocale(LC_MESSAGES, "C.UTF-8"))
		folder = NULL;
	foreign = folder && strcmp(language, "en");
	if (foreign || !strcmp(language, "en")) /* else nobody here speaks it, but perhaps a child does */
		setenv("LANGUAGE", foreign ? folder : "en", 1);
	if (dir) {
		bindtextdomain(CATALOGUE, dir);
		bind_textdomain_codeset(CATALOGUE, "UTF-8");
	}
	textdomain(CATALOGUE); /* also tells gettext that what it remembers of lookups is stale */
	return folder || !strcmp(language, "en");
}

bool words_foreign(void) { return foreign; }

/* The locale that letters are wanted in, "" for none. */
static const char *letters_wanted(void)
{
	static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *name = NULL;
	for (int i = 0; i < 3 && (!name || !*name); i++)
		name = getenv(variables[i]);
	return name ? name : "";
}

bool words_start(void)
{
	const char *wanted = letters_wanted();
	/* A locale that this machine does not have (a login from elsewhere) still tells what the terminal can show. */
	if (!setlocale(LC_ALL, "") && (strcasestr(wanted, "UTF-8") || strcasestr(wanted, "UTF8")))
		setlocale(LC_CTYPE, "C.UTF-8");
	setlocale(LC_NUMERIC, "C");
	bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	words_language(utf8 ? NULL : "en");
	return utf8;
}
