#include "tui/share.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernels/bench/util.h"

enum { STATE_MAX = 64 << 10, SHARE_VERSION = 1, STEPS_MAX = 10000, PAGES_MAX = 10000 };
#define NUMBER_MOST 1e300

const char *share_dir(bool make)
{
	static char path[PATH_MAX];
	const char *base = getenv("XDG_RUNTIME_DIR"), *name = "lockstep";
	struct stat st;
	if (!base || *base != '/' || stat(base, &st) != 0 || !S_ISDIR(st.st_mode) || access(base, W_OK | X_OK) != 0) {
		base = util_state_dir(make);
		name = "present";
	}
	if (!base)
		return NULL;
	if (snprintf(path, sizeof(path), "%s/%s", base, name) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return !make || mkdir(path, 0700) == 0 || errno == EEXIST ? path : NULL;
}

int64_t share_born(int pid)
{
	char path[64], text[1024];
	long long born = -1;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	/* Behind the name, which may hold anything, come the state and 18 numbers, then the start (proc(5)). */
	const char *rest = strrchr(text, ')');
	char state = 0;
	if (!rest || sscanf(rest, ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lld", &state, &born) != 2)
		return -1;
	return state == 'Z' || state == 'X' ? -1 : born;
}

bool share_alive(const struct share_state *s) { return s->pid > 0 && share_born(s->pid) == s->born; }

/* ---- writing ---- */

static json_t *thought_json(const struct thought *t)
{
	return json_pack("[iiii]", (int)t->kind, t->step, t->piece, t->choice);
}

static json_t *ballot_json(const struct ballot *b)
{
	json_t *counts = json_array(), *numbers = json_array();
	for (int r = 0; r < 2; r++)
		for (int i = 0; i < BALLOT_OPTIONS; i++)
			json_array_append_new(counts, json_integer(b->count[r][i]));
	for (int i = 0; i < b->number_count; i++)
		json_array_append_new(numbers, json_real(b->numbers[i]));
	return json_pack("{s:i, s:i, s:i, s:b, s:o, s:o}", "step", b->step, "piece", b->piece, "round", b->round, "revealed", b->revealed,
			 "counts", counts, "numbers", numbers);
}

static bool write_whole(const char *path, const char *text)
{
	size_t n = strlen(text), done = 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	while (done < n) {
		ssize_t put = write(fd, text + done, n - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			break;
		done += (size_t)put;
	}
	return close(fd) == 0 && done == n;
}

bool share_write(const struct share_state *s)
{
	const char *dir = share_dir(true);
	if (!dir)
		return false;
	json_t *o = json_pack("{s:i, s:i, s:I, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:i, s:i, s:b, s:b, s:b, s:I, s:I, s:I, s:o}",
			      "lockstep_present", SHARE_VERSION, "pid", s->pid, "born", (json_int_t)s->born, "lesson", s->lesson, "dir", s->dir,
			      "language", s->language, "title", s->title, "command", s->command, "now", thought_json(&s->now), "next",
			      thought_json(&s->next), "page", s->page, "pages", s->pages, "blank", s->blank, "unlocked", s->unlocked, "asks",
			      s->asks, "began_ms", (json_int_t)s->began, "step_began_ms", (json_int_t)s->step_began, "spent_ms",
			      (json_int_t)s->spent, "ballot", ballot_json(&s->ballot));
	char *text = o ? json_dumps(o, JSON_INDENT(1)) : NULL, path[PATH_MAX + 64], temporary[PATH_MAX + 64];
	json_decref(o);
	if (!text) {
		errno = EILSEQ;
		return false;
	}
	snprintf(path, sizeof(path), "%s/present-%d.json", dir, s->pid);
	snprintf(temporary, sizeof(temporary), "%s/.present-%d.new", dir, s->pid);
	bool good = write_whole(temporary, text) && rename(temporary, path) == 0;
	int why = errno;
	if (!good)
		unlink(temporary);
	free(text);
	errno = why;
	return good;
}

void share_remove(int pid)
{
	const char *dir = share_dir(false);
	char path[PATH_MAX + 64];
	if (!dir)
		return;
	snprintf(path, sizeof(path), "%s/present-%d.json", dir, pid);
	unlink(path);
}

/* ---- reading: nothing in it is trusted ---- */

static bool take_thought(json_t *a, struct thought *t)
{
	int kind;
	if (json_unpack(a, "[iiii]", &kind, &t->step, &t->piece, &t->choice) != 0)
		return false;
	t->kind = (enum thought_kind)kind;
	return kind >= THOUGHT_PROSE && kind <= THOUGHT_EXPLAIN && t->step >= -1 && t->step < STEPS_MAX && t->piece >= 0 &&
	       (t->step < 0 || (kind == THOUGHT_REFUTE ? t->choice >= 0 : t->choice == -1));
}

static bool take_ballot(json_t *o, struct ballot *b)
{
	json_t *counts, *numbers;
	int revealed;
	if (json_unpack(o, "{s:i, s:i, s:i, s:b, s:o, s:o}", "step", &b->step, "piece", &b->piece, "round", &b->round, "revealed",
			&revealed, "counts", &counts, "numbers", &numbers) != 0 || b->round < 0 || b->round > 1)
		return false;
	b->revealed = revealed;
	for (size_t i = 0; i < 2 * BALLOT_OPTIONS; i++) {
		json_int_t count = json_integer_value(json_array_get(counts, i));
		b->count[i / BALLOT_OPTIONS][i % BALLOT_OPTIONS] = count < 0 ? 0 : count > BALLOT_MOST ? BALLOT_MOST : (int)count;
	}
	for (size_t i = 0; i < json_array_size(numbers) && i < SHARE_NUMBERS; i++) {
		b->numbers[i] = json_number_value(json_array_get(numbers, i));
		if (!(fabs(b->numbers[i]) < NUMBER_MOST) || (i > 0 && b->numbers[i] < b->numbers[i - 1]))
			return false; /* who draws them counts on their order */
		b->number_count++;
	}
	return true;
}

static bool is_time(json_int_t ms) { return ms >= 0 && ms < INT64_MAX / 4; }

static bool take(json_t *o, struct share_state *s)
{
	int version, blank, unlocked, asks;
	json_int_t born, began, step_began, spent;
	const char *lesson, *dir, *language, *title, *command;
	json_t *now, *next, *ballot;
	*s = (struct share_state){0};
	if (json_unpack(o, "{s:i, s:i, s:I, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:i, s:i, s:b, s:b, s:b, s:I, s:I, s:I, s:o}",
			"lockstep_present", &version, "pid", &s->pid, "born", &born, "lesson", &lesson, "dir", &dir, "language", &language,
			"title", &title, "command", &command, "now", &now, "next", &next, "page", &s->page, "pages", &s->pages, "blank",
			&blank, "unlocked", &unlocked, "asks", &asks, "began_ms", &began, "step_began_ms", &step_began, "spent_ms", &spent,
			"ballot", &ballot) != 0 || version != SHARE_VERSION || !take_thought(now, &s->now) ||
	    !take_thought(next, &s->next) || s->page < 0 || s->page >= PAGES_MAX || s->pages < 0 || s->pages > PAGES_MAX ||
	    !is_time(began) || !is_time(step_began) || !is_time(spent) || !take_ballot(ballot, &s->ballot) || dir[0] == '/' || strstr(dir, "..") ||
	    strlen(dir) >= sizeof(s->dir) || strchr(language, '/') || strlen(language) >= sizeof(s->language))
		return false;
	s->born = born;
	s->began = began;
	s->step_began = step_began;
	s->spent = spent;
	s->blank = blank;
	s->unlocked = unlocked;
	s->asks = asks;
	snprintf(s->dir, sizeof(s->dir), "%s", dir);
	snprintf(s->language, sizeof(s->language), "%s", language);
	util_printable(lesson, s->lesson, sizeof(s->lesson));
	util_printable(title, s->title, sizeof(s->title));
	util_printable(command, s->command, sizeof(s->command));
	return true;
}

static bool read_file(const char *path, struct share_state *s)
{
	char *text = xmalloc(STATE_MAX);
	bool good = false;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, STATE_MAX) : -1;
	if (fd >= 0)
		close(fd);
	if (n > 0) {
		json_t *o = json_loadb(text, (size_t)n, 0, NULL);
		good = o && take(o, s);
		json_decref(o);
	}
	free(text);
	return good;
}

static int pid_of(const char *name)
{
	int pid, used = 0;
	return sscanf(name, "present-%d.json%n", &pid, &used) == 1 && used > 0 && !name[used] && pid > 0 ? pid : 0;
}

bool share_newest(struct share_state *newest, bool *alive, int *count)
{
	const char *dir = share_dir(false);
	DIR *d = dir ? opendir(dir) : NULL;
	bool found = false;
	*alive = false;
	*count = 0;
	for (struct dirent *e; d && (e = readdir(d));) {
		struct share_state s;
		char path[PATH_MAX + 300];
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (!pid_of(e->d_name) || !read_file(path, &s) || s.pid != pid_of(e->d_name))
			continue;
		bool lives = share_alive(&s);
		*count += lives;
		if (found && (lives < *alive || (lives == *alive && s.began <= newest->began)))
			continue;
		*newest = s;
		*alive = lives;
		found = true;
	}
	if (d)
		closedir(d);
	return found;
}

void share_tidy(void)
{
	const char *dir = share_dir(false);
	DIR *d = dir ? opendir(dir) : NULL;
	for (struct dirent *e; d && (e = readdir(d));) {
		struct share_state s;
		char path[PATH_MAX + 300];
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (pid_of(e->d_name) && (!read_file(path, &s) ? share_born(pid_of(e->d_name)) < 0 : !share_alive(&s)))
			unlink(path);
	}
	if (d)
		closedir(d);
}
