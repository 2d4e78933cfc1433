/* Source highlighting by a small state machine. */
#include "tui/highlight.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const char *const c_words[] = {
	"auto", "bool", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern",
	"float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed", "sizeof",
	"static", "struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while", "_Atomic", "_Static_assert",
	"_Thread_local", "size_t", "ssize_t", "int8_t", "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t", "uint32_t",
	"uint64_t", "true", "false", "NULL", "__global__", "__device__", "__shared__", "__kernel", "__local", NULL};

static const char *const python_words[] = {
	"and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "False",
	"finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "None", "nonlocal", "not", "or", "pass",
	"raise", "return", "True", "try", "while", "with", "yield", NULL};

enum language highlight_language(const char *name)
{
	static const struct {
		const char *end;
		enum language language;
	} ends[] = {{".c", LANGUAGE_C}, {".h", LANGUAGE_C}, {".cu", LANGUAGE_C}, {".cl", LANGUAGE_C}, {".cpp", LANGUAGE_C},
		    {".py", LANGUAGE_PYTHON}};
	size_t length = name ? strlen(name) : 0;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t n = strlen(ends[i].end);
		if (length > n && !strcmp(name + length - n, ends[i].end))
			return ends[i].language;
	}
	return LANGUAGE_NONE;
}

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool among(const char *const *words, const char *at, size_t n)
{
	for (; *words; words++)
		if (strlen(*words) == n && !memcmp(*words, at, n))
			return true;
	return false;
}

/* Index behind a string that begins at i with its quote; a backslash takes the next character along. */
static size_t string_end(const char *line, size_t n, size_t i)
{
	char quote = line[i++];
	for (; i < n && line[i] != quote; i++)
		if (line[i] == '\\')
			i++;
	return i < n ? i + 1 : n;
}

/* Index behind the end of what was open from an earlier line, or n. */
static size_t close_open(struct highlight *h, const char *line, size_t n, size_t i)
{
	char c = h->open;
	for (; i < n; i++) {
		bool ends = c == '*' ? i + 1 < n && line[i] == '*' && line[i + 1] == '/'
				     : i + 2 < n && line[i] == c && line[i + 1] == c && line[i + 2] == c;
		if (!ends)
			continue;
		h->open = 0;
		return i + (c == '*' ? 2 : 3);
	}
	return n;
}

static size_t number_end(const char *line, size_t n, size_t i)
{
	for (; i < n && (word_char(line[i]) || line[i] == '.' ||
			 ((line[i] == '+' || line[i] == '-') && (line[i - 1] == 'e' || line[i - 1] == 'E'))); i++)
		;
	return i;
}

/* One token from i on; returns its end and its role. */
static size_t token(struct highlight *h, const char *line, size_t n, size_t i, enum role *role)
{
	bool c = h->language == LANGUAGE_C, python = h->language == LANGUAGE_PYTHON;
	char at = line[i], next = i + 1 < n ? line[i + 1] : '\0';
	*role = ROLE_PLAIN;
	if ((c && at == '/' && next == '/') || (python && at == '#')) {
		*role = ROLE_COMMENT;
		return n;
	}
	if (c && at == '/' && next == '*') {
		*role = ROLE_COMMENT;
		h->open = '*';
		return close_open(h, line, n, i + 2);
	}
	if (at == '"' || at == '\'') {
		*role = ROLE_STRING;
		if (python && next == at && i + 2 < n && line[i + 2] == at) {
			h->open = at;
			return close_open(h, line, n, i + 3);
		}
		return string_end(line, n, i);
	}
	if (isdigit((unsigned char)at)) {
		*role = ROLE_NUMBER;
		return number_end(line, n, i);
	}
	size_t end = i;
	while (end < n && word_char(line[end]))
		end++;
	if (end > i) {
		if (among(c ? c_words : python_words, line + i, end - i))
			*role = ROLE_KEYWORD;
		return end;
	}
	return i + 1;
}

void highlight_line(struct highlight *h, const char *line, size_t n, unsigned char *roles)
{
	size_t i = 0;
	memset(roles, ROLE_PLAIN, n);
	if (h->language == LANGUAGE_NONE)
		return;
	if (h->open) {
		enum role role = h->open == '*' ? ROLE_COMMENT : ROLE_STRING;
		i = close_open(h, line, n, 0);
		memset(roles, role, i);
	}
	/* A preprocessor line is one keyword up to its first blank. */
	size_t first = strspn(line, " \t");
	if (h->language == LANGUAGE_C && !i && first < n && line[first] == '#')
		for (i = first; i < n && (line[i] == '#' || word_char(line[i])); i++)
			roles[i] = ROLE_KEYWORD;
	while (i < n) {
		enum role role;
		size_t end = token(h, line, n, i, &role);
		memset(roles + i, role, end - i);
		i = end;
	}
}
