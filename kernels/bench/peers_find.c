/* Which programs there are, and what they say they serve. Whatever they answer, it is checked, and every program leaves a trace. */
#include "kernels/bench/peers.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernels/bench/child.h"
#include "kernels/bench/clock.h"
#include "kernels/bench/file.h"
#include "kernels/bench/util.h"

enum { PROGRAMS_MAX = 128, PYTHONS_MAX = 4, NAME_LONGEST = 60 };
#define LIST_NS INT64_C(10000000000)

const char *peers_dir(void)
{
	static char path[PATH_MAX];
	const char *given = getenv("LOCKSTEP_PEERS"), *exec = util_exec_dir();
	if (given && *given)
		return given;
	snprintf(path, sizeof path, "%s/peers", exec ? exec : ".");
	return path;
}

static struct peer *add(struct peers *all, const char *program, const char *python, const char *name, const char *kernel, const char *why)
{
	char shown[512];
	all->v = xrealloc(all->v, (all->n + 1) * sizeof *all->v);
	struct peer *p = &all->v[all->n++];
	*p = (struct peer){.name = xstrdup(util_printable(name, shown, sizeof shown)), .kernel = xstrdup(kernel), .program = xstrdup(program),
			   .python = python ? xstrdup(python) : NULL, .why = why ? xstrdup(util_printable(why, shown, sizeof shown)) : NULL,
			   .params = json_object()};
	return p;
}

static void release(struct peer *p)
{
	char *texts[] = {p->name, p->kernel, p->library, p->program, p->python, p->why};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
	json_decref(p->params);
}

void peers_free(struct peers *peers)
{
	for (size_t i = 0; i < peers->n; i++)
		release(&peers->v[i]);
	free(peers->v);
	*peers = (struct peers){NULL, 0};
}

/* One line of --list. False: it is none. */
static bool take(struct peers *all, const char *program, const char *python, const json_t *o)
{
	const char *name = json_string_value(json_object_get(o, "peer")), *kernel = json_string_value(json_object_get(o, "kernel")), *key;
	const char *library = json_string_value(json_object_get(o, "library")), *workers = json_string_value(json_object_get(o, "workers"));
	const char *why = json_string_value(json_object_get(o, "unavailable"));
	json_t *params = json_object_get(o, "params"), *v;
	char shown[256];

	if (!name || !*name || strlen(name) > NAME_LONGEST || !kernel)
		return false;
	if (why) {
		add(all, program, python, name, kernel, why);
		return true;
	}
	int which = !workers || !strcmp(workers, "any") ? PEER_ANY : !strcmp(workers, "one") ? PEER_ONE : !strcmp(workers, "fixed") ? PEER_FIXED : -1;
	if (which < 0)
		return false;
	if (!json_is_object(params) || !json_object_size(params))
		params = NULL;
	json_object_foreach(params, key, v)
		if (!json_is_number(v))
			return false;
	struct peer *p = add(all, program, python, name, kernel, NULL);
	library = library ? library + strspn(library, " ") : "";
	p->library = xstrdup(util_printable(library, shown, sizeof shown));
	for (size_t end = strlen(p->library); end > 0 && p->library[end - 1] == ' '; end--)
		p->library[end - 1] = '\0';
	p->workers = (enum peer_workers)which;
	json_object_update(p->params, params);
	return true;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static void read_list(struct peers *all, const char *program, const char *python, struct child *child)
{
	size_t before = all->n;
	char why[160] = "";

	if (child->late)
		snprintf(why, sizeof why, "broken: --list said nothing for 10 s");
	else if (child->status > 128)
		snprintf(why, sizeof why, "broken: --list ended by signal %d", child->status - 128);
	for (char *line = child->text, *end; !*why && line && *line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		if (*line != '{')
			continue; /* a warning of a library */
		json_t *o = json_loads(line, 0, NULL);
		if (!o || !take(all, program, python, o))
			snprintf(why, sizeof why, "broken: --list says %.80s", line);
		json_decref(o);
	}
	if (!*why && all->n == before)
		snprintf(why, sizeof why, "broken: --list says nothing that is understood (exit %d)", child->status);
	if (!*why)
		return;
	while (all->n > before)
		release(&all->v[--all->n]);
	add(all, program, python, base_name(program), "", why);
}

static bool needs_other_python(const struct peers *all, size_t from)
{
	for (size_t i = from; i < all->n; i++)
		if (all->v[i].why)
			return true;
	return false;
}

/* The interpreters to try: the one that is asked for, or each python3 of the PATH and the system's own. */
static int find_pythons(char *python[PYTHONS_MAX])
{
	const char *given = getenv("LOCKSTEP_PYTHON"), *path = getenv("PATH");
	char *copy = xasprintf("%s:/usr/bin", path ? path : ""), *save = NULL;
	int n = 0;
	if (given && *given)
		python[n++] = xstrdup(given);
	for (char *dir = strtok_r(copy, ":", &save); dir && n < PYTHONS_MAX && !(given && *given); dir = strtok_r(NULL, ":", &save)) {
		char *file = xasprintf("%s/python3", dir), *real = realpath(file, NULL);
		bool known = !real || access(file, X_OK);
		for (int i = 0; i < n && !known; i++) {
			char *other = realpath(python[i], NULL);
			known = other && !strcmp(other, real);
			free(other);
		}
		if (known)
			free(file);
		else
			python[n++] = file;
		free(real);
	}
	free(copy);
	return n;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* The files of a folder that are programs, or say why they are none (NAME.why). */
static int find_programs(const char *dir, char *program[PROGRAMS_MAX])
{
	int n = 0;
	DIR *d = opendir(dir);
	for (struct dirent *e; d && n < PROGRAMS_MAX && (e = readdir(d));) {
		struct stat st;
		char *file = xasprintf("%s/%s", dir, e->d_name);
		const char *end = strrchr(e->d_name, '.');
		bool told = end && !strcmp(end, ".why");
		if (e->d_name[0] != '.' && !stat(file, &st) && S_ISREG(st.st_mode) && (told || !access(file, X_OK)))
			program[n++] = file;
		else
			free(file);
	}
	if (d)
		closedir(d);
	qsort(program, (size_t)n, sizeof *program, by_name);
	return n;
}

static bool ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);
	return n > m && !strcmp(text + n - m, end);
}

struct peers peers_find(const char *dir)
{
	struct peers all = {NULL, 0};
	char *program[PROGRAMS_MAX], *python[PYTHONS_MAX];
	int n = find_programs(dir, program), pythons = find_pythons(python);
	struct child *child = xcalloc((size_t)n + 1, sizeof *child);

	for (int i = 0; i < n; i++) {
		bool script = ends_in(program[i], ".py");
		const char *argv[] = {script && pythons ? python[0] : program[i], script && pythons ? program[i] : "--list", script && pythons ? "--list" : NULL, NULL};
		child[i] = (struct child){.fd = -1, .status = -1};
		if (!ends_in(program[i], ".why") && (!script || pythons))
			child_start(&child[i], argv, NULL);
	}
	child_finish(child, n, now_ns() + LIST_NS);
	for (int i = 0; i < n; i++) {
		char line[240];
		size_t from = all.n;
		bool script = ends_in(program[i], ".py");
		if (ends_in(program[i], ".why")) {
			const char *name = base_name(program[i]);
			char *bare = strndup(name, strlen(name) - 4);
			add(&all, program[i], NULL, bare ? bare : name, "", file_line(program[i], line, sizeof line) ? line : "not built");
			free(bare);
			continue;
		}
		if (script && !pythons) {
			add(&all, program[i], NULL, base_name(program[i]), "", "python3 is not here (package python3)");
			continue;
		}
		read_list(&all, program[i], script ? python[0] : NULL, &child[i]);
		for (int other = 1; script && other < pythons && needs_other_python(&all, from); other++) {
			const char *argv[] = {python[other], program[i], "--list", NULL};
			struct peers again = {NULL, 0};
			struct child *one = xcalloc(1, sizeof *one);
			child_start(one, argv, NULL);
			child_finish(one, 1, now_ns() + LIST_NS);
			read_list(&again, program[i], python[other], one);
			free(one);
			if (!needs_other_python(&again, 0) || other + 1 == pythons) { /* the system's own python has the last word */
				while (all.n > from)
					release(&all.v[--all.n]);
				all.v = xrealloc(all.v, (all.n + again.n) * sizeof *all.v);
				memcpy(all.v + all.n, again.v, again.n * sizeof *again.v);
				all.n += again.n;
				free(again.v);
				continue;
			}
			peers_free(&again);
		}
	}
	for (int i = 0; i < n; i++)
		free(program[i]);
	for (int i = 0; i < pythons; i++)
		free(python[i]);
	free(child);
	return all;
}
