/* Schedules on paper: tables and files. See explore.h. */
#include "kernels/runtime/explore.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernels/bench/util.h"

enum { FILE_MOST = 1 << 20, LEAST_WIDTH = 8 };
#define MAGIC "lockstep-schedule"

static size_t columns(const char *s)
{
	size_t n = 0;
	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* As wide as the longest step of the thread. */
static size_t width_of(const struct explore_run *run, int thread)
{
	size_t widest = LEAST_WIDTH;
	for (int i = 0; i < run->count; i++)
		if (run->step[i].thread == thread && columns(run->step[i].text) > widest)
			widest = columns(run->step[i].text);
	return widest;
}

char *explore_row(const struct explore_program *program, const struct explore_run *run, int i)
{
	char number[16] = " #", title[24];
	if (i >= 0)
		snprintf(number, sizeof number, "%2d", i + 1);
	char *row = xstrdup(number);
	for (int t = 0; t < program->threads; t++) {
		snprintf(title, sizeof title, "thread %d", t + 1);
		const char *cell = i < 0 ? title : run->step[i].thread == t ? run->step[i].text : "";
		bool last = t == program->threads - 1 && !program->state;
		char *longer = xasprintf("%s|%s%*s", row, cell, last ? 0 : (int)(width_of(run, t) - columns(cell)), "");
		free(row);
		row = longer;
	}
	if (program->state) {
		char *longer = xasprintf("%s|%s", row, i < 0 ? program->state_title : run->step[i].state);
		free(row);
		row = longer;
	}
	return row;
}

int explore_save(const char *path, const struct explore_program *program, const struct explore_run *run)
{
	FILE *f = fopen(path, "we");
	if (!f)
		return -1;
	fprintf(f, MAGIC " 1\nprogram %s\nthreads %d\n", program->name, program->threads);
	for (int i = 0; i < run->count; i++)
		fprintf(f, "%d  # %s\n", run->step[i].thread + 1, run->step[i].text);
	fprintf(f, "# %s\n", run->text);
	int error = ferror(f) ? EIO : 0;
	if (fclose(f) != 0 || error) {
		errno = error ? error : errno;
		return -1;
	}
	return 0;
}

/* The whole of a regular file, NUL-terminated; NULL and why. */
static char *slurp(const char *path, char *why, size_t size)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a pipe without a writer must not keep us waiting */
	struct stat st;
	char *text = NULL;
	size_t used = 0;
	ssize_t got = -1;
	if (fd < 0 || fstat(fd, &st) != 0)
		snprintf(why, size, "%s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		snprintf(why, size, "not a file with text");
	else if (st.st_size > FILE_MOST)
		snprintf(why, size, "more than %d bytes", FILE_MOST);
	else {
		text = xmalloc(FILE_MOST + 1);
		while (used < FILE_MOST && (got = read(fd, text + used, FILE_MOST - used)) > 0)
			used += (size_t)got;
		text[used] = '\0';
		if (got < 0)
			snprintf(why, size, "%s", strerror(errno));
		else if (strlen(text) != used)
			snprintf(why, size, "not a file with text");
		if (got < 0 || strlen(text) != used) {
			free(text);
			text = NULL;
		}
	}
	if (fd >= 0)
		close(fd);
	return text;
}

/* A whole number from 1 to `most` and nothing else; 0 otherwise. */
static int number_in(const char *word, int most)
{
	char *end;
	errno = 0;
	long n = strtol(word, &end, 10);
	return *word < '0' || *word > '9' || *end || errno || n < 1 || n > most ? 0 : (int)n;
}

static bool name_is_fine(const char *name)
{
	size_t length = strlen(name);
	return length && length < sizeof((struct explore_schedule *)0)->program &&
		   strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

/* One line, stripped; at: how many lines that say something came before it. NULL, or what was expected. */
static const char *take_line(char *line, int at, struct explore_schedule *out)
{
	if (at == 0)
		return strcmp(line, MAGIC " 1") ? "a schedule file begins with \"" MAGIC " 1\"" : NULL;
	if (at == 1) {
		if (strncmp(line, "program ", 8) || !name_is_fine(line + 8))
			return "here stands \"program NAME\"";
		snprintf(out->program, sizeof out->program, "%s", line + 8);
		return NULL;
	}
	if (at == 2) {
		out->threads = strncmp(line, "threads ", 8) ? 0 : number_in(line + 8, EXPLORE_THREADS_MAX);
		return out->threads ? NULL : "here stands \"threads N\", 1 to 16";
	}
	if (out->count == EXPLORE_STEPS_MAX)
		return "a schedule has at most 1000 steps";
	int thread = number_in(line, out->threads);
	if (!thread)
		return "a step is the number of a thread, from 1";
	out->thread[out->count++] = (uint8_t)(thread - 1);
	return NULL;
}

bool explore_load(const char *path, struct explore_schedule *schedule, char *why, size_t size)
{
	char *text = slurp(path, why, size), *rest = text, *line;
	const char *wanted = NULL;
	int at = 0, number = 0;
	*schedule = (struct explore_schedule){0};
	if (!text)
		return false;
	while (!wanted && (line = strsep(&rest, "\n"))) {
		number++;
		line[strcspn(line, "#\r")] = '\0';
		line += strspn(line, " \t");
		for (size_t n = strlen(line); n && (line[n - 1] == ' ' || line[n - 1] == '\t'); n--)
			line[n - 1] = '\0';
		if (!*line)
			continue;
		wanted = take_line(line, at++, schedule);
		if (wanted) {
			char seen[40];
			util_printable(line, seen, sizeof seen);
			snprintf(why, size, "line %d, \"%s\": %s", number, seen, wanted);
		}
	}
	if (!wanted && at < 3) {
		wanted = "";
		snprintf(why, size, "it ends before \"threads N\"");
	}
	free(text);
	return !wanted;
}
