#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/progress.h"

#define HEADER "lockstep-progress 1"
enum { FILE_MAX = 4 << 20, KEY_MAX = 200 };

struct entry {
	char *key, *value;
	bool touched; /* changed since it was read: ours wins when merging */
};

struct progress {
	struct entry *v;
	size_t n, room;
	bool newer; /* the file is of a later version: left alone */
	char **forgotten; /* lessons reset since the last save; "": all */
	int forgotten_count;
	struct progress *aside; /* of a presentation; NULL: there is none */
};

static struct entry *find(const struct progress *p, const char *key)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->v[i].key, key))
			return &p->v[i];
	return NULL;
}

static void put(struct progress *p, const char *key, const char *value, bool touched)
{
	if (p->aside && touched && strncmp(key, "option ", 7)) {
		put(p->aside, key, value, true);
		return;
	}
	struct entry *e = find(p, key);
	if (e) {
		if (!strcmp(e->value, value))
			return;
		free(e->value);
	} else {
		if (p->n == p->room) {
			p->room = p->room ? 2 * p->room : 64;
			p->v = xrealloc(p->v, p->room * sizeof(*p->v));
		}
		e = &p->v[p->n++];
		e->key = xstrdup(key);
	}
	e->value = xstrdup(value);
	e->touched = touched;
	/* One entry is one line, whatever was typed. */
	for (char *c = e->value; *c; c++)
		if ((unsigned char)*c < 32 || *c == 127)
			*c = ' ';
}

static const char *get(const struct progress *p, const char *key)
{
	const struct entry *e = p->aside ? find(p->aside, key) : NULL;
	e = e ? e : find(p, key);
	return e ? e->value : NULL;
}

void progress_aside(struct progress *p, bool on)
{
	if (!on && p->aside) {
		progress_free(p->aside);
		p->aside = NULL;
	} else if (on && !p->aside) {
		p->aside = xcalloc(1, sizeof(*p->aside));
	}
}

static bool path_of(char *path, size_t size, const char *name, bool make)
{
	const char *dir = util_state_dir(make);
	if (!dir)
		return false;
	if (snprintf(path, size, "%s/%s", dir, name) < (int)size)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

/* The text of the file, NULL with errno. */
static char *slurp(const char *path, size_t *length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	char *text = xmalloc(FILE_MAX + 1);
	size_t n = 0;
	ssize_t got;
	while (n < FILE_MAX && (got = read(fd, text + n, FILE_MAX - n)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int error = errno;
			close(fd);
			free(text);
			errno = error;
			return NULL;
		}
		n += (size_t)got;
	}
	close(fd);
	text[n] = '\0';
	*length = n;
	return text;
}

/* Puts a file's lines into p. False when something in it was not as we write it. */
static bool parse(struct progress *p, char *text, size_t length)
{
	if (!strncmp(text, "lockstep-progress ", 18) && strncmp(text, HEADER "\n", sizeof(HEADER))) {
		char *end;
		long version = strtol(text + 18, &end, 10);
		if (version > 1 && *end == '\n') {
			p->newer = true;
			return true;
		}
	}
	bool whole = !strncmp(text, HEADER "\n", sizeof(HEADER)) && strlen(text) == length && text[length - 1] == '\n';
	for (char *line = text, *next; line < text + length; line = next) {
		char *end = memchr(line, '\n', (size_t)(text + length - line));
		next = end ? end + 1 : text + length;
		if (!end)
			break; /* torn: a half value would be a wrong one */
		*end = '\0';
		if (line == text && !strcmp(line, HEADER))
			continue;
		char *equals = strstr(line, " = ");
		if (!equals || equals == line || equals - line > KEY_MAX || strlen(line) != (size_t)(end - line)) {
			whole = false;
			continue;
		}
		*equals = '\0';
		char shown[1024];
		if (strcmp(util_printable(equals + 3, shown, sizeof(shown)), equals + 3) ||
		    strcmp(util_printable(line, shown, sizeof(shown)), line)) {
			whole = false;
			continue;
		}
		put(p, line, equals + 3, false);
	}
	return whole;
}

static void keep_aside(const char *path, char *notice, size_t size)
{
	char aside[PATH_MAX + 16];
	snprintf(aside, sizeof(aside), "%s.damaged", path);
	if (rename(path, aside) == 0)
		snprintf(notice, size, _("The progress file was damaged: what could be read is kept, the old file is %s"), aside);
	else
		snprintf(notice, size, "%s", _("The progress file was damaged; what could be read is kept"));
}

static struct progress *load(bool aside, char *notice, size_t size)
{
	struct progress *p = xcalloc(1, sizeof(*p));
	char path[PATH_MAX];
	size_t length = 0;
	notice[0] = '\0';
	if (!path_of(path, sizeof(path), "progress", false)) {
		snprintf(notice, size, _("Progress is not kept: no state folder (%s)"), strerror(errno));
		return p;
	}
	char *text = slurp(path, &length);
	if (!text) {
		if (errno != ENOENT)
			snprintf(notice, size, _("Progress can't be read: %s: %s"), path, strerror(errno));
		return p;
	}
	bool whole = parse(p, text, length);
	if (!whole && aside)
		keep_aside(path, notice, size);
	else if (!whole)
		snprintf(notice, size, "%s", _("The progress file is damaged: what could be read of it is told"));
	else if (p->newer)
		snprintf(notice, size, _("%s was written by a later version of Lockstep: it is left as it is"), path);
	/* The old file may be gone now: what was read must be written with the next save. */
	if (notice[0])
		for (size_t i = 0; i < p->n; i++)
			p->v[i].touched = true;
	free(text);
	return p;
}

struct progress *progress_load(char *notice, size_t size) { return load(true, notice, size); }
struct progress *progress_peek(char *notice, size_t size) { return load(false, notice, size); }

/* ---- forgetting ---- */

/* Is this entry about the lesson (NULL: about any)? Keys are "KIND LESSON …"; options are nobody's. */
static bool about(const struct entry *e, const char *lesson)
{
	const char *blank = strchr(e->key, ' ');
	if (!strncmp(e->key, "option ", 7))
		return false;
	const char *name = !strcmp(e->key, "where") ? e->value : blank ? blank + 1 : NULL;
	if (!name)
		return false;
	size_t n = lesson ? strlen(lesson) : 0;
	return !lesson || (!strncmp(name, lesson, n) && (name[n] == ' ' || name[n] == '\0'));
}

static bool is_forgotten(const struct progress *p, const struct entry *e)
{
	for (int i = 0; i < p->forgotten_count; i++)
		if (about(e, *p->forgotten[i] ? p->forgotten[i] : NULL))
			return true;
	return false;
}

static void forgotten_free(struct progress *p)
{
	for (int i = 0; i < p->forgotten_count; i++)
		free(p->forgotten[i]);
	free(p->forgotten);
	p->forgotten = NULL;
	p->forgotten_count = 0;
}

static void drop(struct progress *p, size_t i)
{
	free(p->v[i].key);
	free(p->v[i].value);
	memmove(p->v + i, p->v + i + 1, (p->n - i - 1) * sizeof(*p->v));
	p->n--;
}

int progress_reset(struct progress *p, const char *lesson, int *answers)
{
	int steps = 0;
	*answers = 0;
	for (size_t i = p->n; i-- > 0;) {
		const struct entry *e = &p->v[i];
		if (!about(e, lesson))
			continue;
		steps += !strncmp(e->key, "mark ", 5);
		*answers += !strncmp(e->key, "answer ", 7) && strcmp(e->value, "-") != 0;
		drop(p, i);
	}
	p->forgotten = xrealloc(p->forgotten, (size_t)(p->forgotten_count + 1) * sizeof(*p->forgotten));
	p->forgotten[p->forgotten_count++] = xstrdup(lesson ? lesson : "");
	return steps;
}

void progress_free(struct progress *p)
{
	if (p && p->aside)
		progress_free(p->aside);
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].key);
		free(p->v[i].value);
	}
	free(p->v);
	forgotten_free(p);
	free(p);
}

/* Entries that another screen saved since we read; a mark never goes down. What it forgot is forgotten here too, unless it
 * was done again. */
static void merge(struct progress *p, const char *path)
{
	size_t length = 0;
	char *text = slurp(path, &length);
	if (!text)
		return;
	struct progress other = {0};
	bool whole = parse(&other, text, length);
	p->newer = other.newer;
	for (size_t i = p->n; whole && !p->newer && i-- > 0;)
		if (!p->v[i].touched && !find(&other, p->v[i].key))
			drop(p, i);
	for (size_t i = 0; i < other.n; i++) {
		const struct entry *mine = find(p, other.v[i].key);
		bool done = !strncmp(other.v[i].key, "mark ", 5) && !strcmp(other.v[i].value, "done");
		bool gone = is_forgotten(p, &other.v[i]);
		if (!gone && (!mine || !mine->touched || done))
			put(p, other.v[i].key, other.v[i].value, false);
		free(other.v[i].key);
		free(other.v[i].value);
	}
	free(other.v);
	free(text);
}

static bool write_all(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t put_now = write(fd, text, n);
		if (put_now < 0 && errno == EINTR)
			continue;
		if (put_now < 0)
			return false;
		text += put_now;
		n -= (size_t)put_now;
	}
	return true;
}

static bool write_file(const struct progress *p, int fd)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return false;
	fprintf(out, "%s\n", HEADER);
	for (size_t i = 0; i < p->n; i++)
		fprintf(out, "%s = %s\n", p->v[i].key, p->v[i].value);
	bool good = fclose(out) == 0 && write_all(fd, text, length);
	free(text);
	return good;
}

bool progress_save(struct progress *p, char *notice, size_t size)
{
	char path[PATH_MAX], lock[PATH_MAX + 8], temporary[PATH_MAX + 8];
	bool good = false;
	int fd = -1, lock_fd = -1;
	bool news = false;
	notice[0] = '\0';
	for (size_t i = 0; i < p->n; i++)
		news = news || p->v[i].touched;
	news = news || p->forgotten_count > 0;
	if (!news)
		return true;
	if (!path_of(path, sizeof(path), "progress", true)) {
		snprintf(notice, size, _("Progress is not kept: no state folder (%s)"), strerror(errno));
		return false;
	}
	snprintf(lock, sizeof(lock), "%s.lock", path);
	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	/* Without the lock (a file system that has none) a save may lose another screen's marks, but never the file. */
	lock_fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock_fd >= 0)
		while (flock(lock_fd, LOCK_EX) != 0 && errno == EINTR)
			;
	merge(p, path);
	if (p->newer) {
		snprintf(notice, size, _("%s was written by a later version of Lockstep: it is left as it is"), path);
		goto out;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	good = fd >= 0 && write_file(p, fd) && fsync(fd) == 0;
	int error = errno;
	if (fd >= 0 && close(fd) != 0 && good) {
		error = errno;
		good = false;
	}
	if (good && rename(temporary, path) != 0) {
		error = errno;
		good = false;
	}
	if (!good) {
		if (fd >= 0)
			unlink(temporary);
		snprintf(notice, size, _("Progress could not be saved: %s: %s"), path, strerror(error));
		goto out;
	}
	for (size_t i = 0; i < p->n; i++)
		p->v[i].touched = false;
	forgotten_free(p);
out:
	if (lock_fd >= 0)
		close(lock_fd);
	return good;
}

enum mark progress_mark(const struct progress *p, const char *lesson, int step)
{
	char key[KEY_MAX + 1];
	snprintf(key, sizeof(key), "mark %s %d", lesson, step + 1);
	const char *value = get(p, key);
	if (!value)
		return MARK_NONE;
	return !strcmp(value, "done") ? MARK_DONE : MARK_SEEN;
}

void progress_set_mark(struct progress *p, const char *lesson, int step, enum mark mark)
{
	char key[KEY_MAX + 1];
	if (mark <= progress_mark(p, lesson, step))
		return;
	snprintf(key, sizeof(key), "mark %s %d", lesson, step + 1);
	put(p, key, mark == MARK_DONE ? "done" : "seen", true);
}

int progress_done(const struct progress *p, const char *lesson)
{
	int done = 0, steps = progress_steps(p, lesson);
	for (int i = 0; i < steps; i++)
		done += progress_mark(p, lesson, i) == MARK_DONE;
	return done;
}

int progress_steps(const struct progress *p, const char *lesson)
{
	char key[KEY_MAX + 1];
	snprintf(key, sizeof(key), "steps %s", lesson);
	const char *value = get(p, key);
	long steps = value ? strtol(value, NULL, 10) : 0;
	return steps > 0 && steps <= 1000 ? (int)steps : 0;
}

void progress_set_steps(struct progress *p, const char *lesson, int steps)
{
	char key[KEY_MAX + 1], value[16];
	snprintf(key, sizeof(key), "steps %s", lesson);
	snprintf(value, sizeof(value), "%d", steps);
	put(p, key, value, true);
}

const char *progress_answer(const struct progress *p, const char *lesson, int step, int piece)
{
	char key[KEY_MAX + 1];
	snprintf(key, sizeof(key), "answer %s %d %d", lesson, step + 1, piece + 1);
	return get(p, key);
}

void progress_set_answer(struct progress *p, const char *lesson, int step, int piece, const char *answer)
{
	char key[KEY_MAX + 1];
	snprintf(key, sizeof(key), "answer %s %d %d", lesson, step + 1, piece + 1);
	put(p, key, answer, true);
}

int progress_hints(const struct progress *p, const char *lesson, int step)
{
	char key[KEY_MAX + 1];
	snprintf(key, sizeof(key), "hints %s %d", lesson, step + 1);
	const char *value = get(p, key);
	long count = value ? strtol(value, NULL, 10) : 0;
	return count > 0 && count <= 1000 ? (int)count : 0;
}

void progress_set_hints(struct progress *p, const char *lesson, int step, int count)
{
	char key[KEY_MAX + 1], value[16];
	snprintf(key, sizeof(key), "hints %s %d", lesson, step + 1);
	snprintf(value, sizeof(value), "%d", count);
	put(p, key, value, true);
}

int progress_tries(const struct progress *p, const char *lesson, int step, int piece, int *options, int max)
{
	char key[KEY_MAX + 1], *end;
	int count = 0;
	snprintf(key, sizeof(key), "tries %s %d %d", lesson, step + 1, piece + 1);
	for (const char *value = get(p, key); value && count < max; value = end) {
		long option = strtol(value, &end, 10);
		if (end == value)
			break;
		if (option >= 1 && option <= 1000)
			options[count++] = (int)option - 1;
	}
	return count;
}

void progress_add_try(struct progress *p, const char *lesson, int step, int piece, int option)
{
	char key[KEY_MAX + 1];
	snprintf(key, sizeof(key), "tries %s %d %d", lesson, step + 1, piece + 1);
	const char *before = get(p, key);
	char *value = xasprintf("%.500s%s%d", before ? before : "", before ? " " : "", option + 1);
	put(p, key, value, true);
	free(value);
}

bool progress_late(const struct progress *p, const char *lesson, int step, int piece)
{
	char key[KEY_MAX + 1];
	snprintf(key, sizeof(key), "late %s %d %d", lesson, step + 1, piece + 1);
	const char *value = get(p, key);
	return value && !strcmp(value, "yes");
}

void progress_set_late(struct progress *p, const char *lesson, int step, int piece, bool late)
{
	char key[KEY_MAX + 1];
	snprintf(key, sizeof(key), "late %s %d %d", lesson, step + 1, piece + 1);
	if (late || get(p, key))
		put(p, key, late ? "yes" : "no", true);
}

const char *progress_where(const struct progress *p, int *step)
{
	static char lesson[128];
	const char *value = get(p, "where");
	int number;
	*step = 0;
	if (!value || sscanf(value, "%127s %d", lesson, &number) != 2)
		return NULL;
	*step = number > 0 && number <= 1000 ? number - 1 : 0;
	return lesson;
}

void progress_set_where(struct progress *p, const char *lesson, int step)
{
	char value[KEY_MAX + 1];
	snprintf(value, sizeof(value), "%s %d", lesson, step + 1);
	put(p, "where", value, true);
}

const char *progress_option(const struct progress *p, const char *name)
{
	char key[KEY_MAX + 1];
	snprintf(key, sizeof(key), "option %s", name);
	return get(p, key);
}

void progress_set_option(struct progress *p, const char *name, const char *value)
{
	char key[KEY_MAX + 1];
	snprintf(key, sizeof(key), "option %s", name);
	put(p, key, value, true);
}

bool progress_append_records(const char *lines, size_t length, char *notice, size_t size)
{
	char path[PATH_MAX];
	notice[0] = '\0';
	if (length == 0)
		return true;
	if (!path_of(path, sizeof(path), "records.ndjson", true)) {
		snprintf(notice, size, _("Records are not kept: no state folder (%s)"), strerror(errno));
		return false;
	}
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct stat st;
	char last = '\n';
	if (fd < 0 || fstat(fd, &st) != 0)
		goto failed;
	/* A torn last line stays alone instead of swallowing ours. */
	if (S_ISREG(st.st_mode) && st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n' &&
	    !write_all(fd, "\n", 1))
		goto failed;
	if (!write_all(fd, lines, length))
		goto failed;
	if (close(fd) == 0)
		return true;
	fd = -1;
failed:
	snprintf(notice, size, _("Records could not be saved: %s: %s"), path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return false;
}
