#include "tui/order_build.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"
#include "tui/program.h"

static bool asks_for_mpi(const char *program) { return strstr(program, "HAVE_MPI") != NULL; }

static bool wanted(const char *word)
{
	static const char *const begin[] = {"-DHAVE_", "-I", "-L", "-l"};
	for (size_t i = 0; i < sizeof(begin) / sizeof(*begin); i++)
		if (!strncmp(word, begin[i], strlen(begin[i])))
			return true;
	return false;
}

/* The wanted words of a line, behind those that are there. */
static char **add_wanted(char **words, size_t *count, const char *line)
{
	char **all = program_words(line);
	for (size_t i = 0; all && all[i]; i++)
		if (wanted(all[i])) {
			words = xrealloc(words, (*count + 2) * sizeof(*words));
			words[(*count)++] = xstrdup(all[i]);
			words[*count] = NULL;
		}
	program_words_free(all);
	return words;
}

char **order_build_words(const char *program)
{
	size_t count = 0, room = 0;
	char **words = xcalloc(2, sizeof(*words)), *line = NULL;
	const char *exec = asks_for_mpi(program) ? util_exec_dir() : NULL;
	char *path = exec ? xasprintf("%s/compile", exec) : NULL;
	FILE *file = path ? fopen(path, "re") : NULL;
	if (file)
		words[count++] = xstrdup("-Wl,--as-needed");
	while (file && getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		words = add_wanted(words, &count, line);
	}
	if (file)
		fclose(file);
	free(line);
	free(path);
	return words;
}

const char *order_file_blocks(const char *program) { return asks_for_mpi(program) ? "131072" : "2048"; }
