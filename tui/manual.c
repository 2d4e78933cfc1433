/* Asking the programs for their tables. */
#include "tui/manual.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/bench/util.h"

const char *manual_string(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

/* What `program --usage` prints, as JSON; NULL with a sentence on stderr. */
static json_t *ask(const char *program)
{
	int ends[2], status = 0;
	json_error_t error;
	if (pipe(ends) != 0) {
		perror("lockstep manual: pipe");
		return NULL;
	}
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		setenv("LC_ALL", "C", 1); /* English, whoever builds it */
		unsetenv("LANGUAGE");
		execl(program, program, "--usage", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	FILE *in = pid > 0 ? fdopen(ends[0], "r") : NULL;
	json_t *answer = in ? json_loadf(in, 0, &error) : NULL;
	if (in)
		fclose(in);
	else
		close(ends[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (!answer || status != 0) {
		fprintf(stderr, "lockstep manual: %s --usage does not answer\n", program);
		json_decref(answer);
		return NULL;
	}
	return answer;
}

bool manual_load(struct manual *m, const char *exec_dir)
{
	char path[PATH_MAX];
	const char *why = NULL;
	size_t i;
	json_t *command;
	*m = (struct manual){.programs = json_object(), .lessons = json_object()};
	snprintf(path, sizeof path, "%s/lockstep", exec_dir);
	if (access(path, X_OK) != 0) /* installed: the one on the PATH */
		snprintf(path, sizeof path, "%s/../../bin/lockstep", exec_dir);
	json_t *all = ask(path);
	m->commands = json_incref(json_object_get(all, "commands"));
	json_decref(all);
	snprintf(path, sizeof path, "%s/lockstep-tui", exec_dir);
	if (!m->commands || !(m->screen = ask(path)))
		return false;
	json_array_foreach(m->commands, i, command)
	{
		snprintf(path, sizeof path, "%s/lockstep-%s", exec_dir, manual_string(command, "name"));
		if (access(path, X_OK) != 0)
			continue;
		json_t *table = ask(path);
		if (!table)
			return false;
		json_object_set_new(m->programs, manual_string(command, "name"), table);
	}
	m->course = course_load(&why);
	if (!m->course)
		fprintf(stderr, "lockstep manual: %s\n", why);
	for (int k = 0; m->course && k < m->course->lesson_count; k++) {
		json_t *table = ask(course_binary(m->course->lessons[k].id));
		if (!table)
			return false;
		json_object_set_new(m->lessons, m->course->lessons[k].id, table);
	}
	return m->course != NULL;
}

void manual_free(struct manual *m)
{
	json_decref(m->commands);
	json_decref(m->screen);
	json_decref(m->programs);
	json_decref(m->lessons);
	course_free(m->course);
}

/* ---- what a shell offers ---- */

static void add_names(FILE *out, const json_t *list)
{
	size_t i;
	json_t *item;
	json_array_foreach(list, i, item) fprintf(out, " %s", manual_string(item, "name"));
}

static void add_variants(FILE *out, const struct manual *m, const char *lesson)
{
	const struct course_lesson *l = lesson ? course_find(m->course, lesson) : NULL;
	size_t i;
	json_t *kernel;
	json_array_foreach(l ? json_object_get(l->describe, "kernels") : NULL, i, kernel)
		add_names(out, json_object_get(kernel, "variants"));
}

/* The kernels that `lockstep bench` knows: the first word of each line of the list behind its options. */
static void add_kernels(FILE *out, const struct manual *m)
{
	const char *after = manual_string(json_object_get(m->programs, "bench"), "after");
	for (const char *line = strchr(after, '\n'); line && line[1] == ' '; line = strchr(line + 1, '\n')) {
		line += 1 + strspn(line + 1, " ");
		fprintf(out, " %.*s", (int)strcspn(line, " "), line);
	}
}

char *manual_choices(const struct manual *m, const char *choices, const char *lesson, bool *files, bool *dirs)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	*files = *dirs = false;
	if (!out)
		return xstrdup("");
	while (choices && *(choices += strspn(choices, " "))) {
		int n = (int)strcspn(choices, " ");
		if (!strncmp(choices, "@file", (size_t)n))
			*files = true;
		else if (!strncmp(choices, "@dir", (size_t)n))
			*dirs = true;
		else if (!strncmp(choices, "@variant", (size_t)n))
			add_variants(out, m, lesson);
		else if (!strncmp(choices, "@kernel", (size_t)n))
			add_kernels(out, m);
		else if (!strncmp(choices, "@lesson", (size_t)n))
			for (int i = 0; i < m->course->lesson_count; i++)
				fprintf(out, " %s", m->course->lessons[i].id);
		else
			fprintf(out, " %.*s", n, choices);
		choices += n;
	}
	fclose(out);
	memmove(text, text + strspn(text, " "), strlen(text + strspn(text, " ")) + 1);
	return text;
}
