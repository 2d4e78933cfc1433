/* Results kept between sessions, in the folder runs of the state folder: of each run block, and of each experiment behind a
 * question, the last result. LESSON-STEP-PIECE[-OPTION].ndjson holds the records as they came, .txt how it ended and what it
 * printed, under lines `key = value`. Both are written beside and renamed; one that doesn't fit the other is damaged. */
#include "tui/study.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

#define HEADER "lockstep-result 1"
enum { RECORDS_MAX = 8 << 20, OUTPUT_MAX = 256 << 10, HEAD_MAX = 16 << 10 };

/* What the block's text asks to be run: a result of another command line is not its own. */
static const char *block_command(const struct study *s, int step, int piece, int choice)
{
	const struct piece *p = &s->text->steps[step].pieces[piece];
	return choice >= 0 ? p->choices[choice].run : p->command;
}

static bool folder(char *path, size_t size, bool make)
{
	const char *dir = util_state_dir(make);
	if (!dir || snprintf(path, size, "%s/runs", dir) >= (int)size)
		return false;
	return !make || mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool name(const struct study *s, int step, int piece, int choice, const char *ending, bool make, char *path, size_t size)
{
	char dir[PATH_MAX], option[16] = "";
	if (strchr(s->lesson->id, '/') || !folder(dir, sizeof(dir), make))
		return false;
	if (choice >= 0)
		snprintf(option, sizeof(option), "-%d", choice + 1);
	return snprintf(path, size, "%s/%s-%d-%d%s.%s", dir, s->lesson->id, step + 1, piece + 1, option, ending) < (int)size;
}

/* ---- saving ---- */

static bool write_whole(const char *path, const char *head, const char *text, size_t length)
{
	char temporary[PATH_MAX + 8];
	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	int fd = mkostemp(temporary, O_CLOEXEC);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!out) {
		if (fd >= 0) {
			close(fd);
			unlink(temporary);
		}
		return false;
	}
	fputs(head, out);
	fwrite(text, 1, length, out);
	bool good = fflush(out) == 0 && !ferror(out) && fsync(fd) == 0;
	if (fclose(out) != 0 || !good || rename(temporary, path) != 0) {
		unlink(temporary);
		return false;
	}
	return true;
}

void study_keep(struct app *app, const struct slot *slot, const char *lines, size_t length)
{
	const struct study *s = app->study;
	char records[PATH_MAX], text[PATH_MAX];
	const char *block = block_command(s, slot->step, slot->piece, slot->choice);
	/* A run that was stopped or failed leaves the last result as it is: there is more to see in that. */
	if (slot->state != RUN_DONE || length > RECORDS_MAX || !block)
		return;
	size_t printed = strlen(slot->output), from = printed > OUTPUT_MAX ? printed - OUTPUT_MAX : 0;
	char *head = xasprintf(HEADER "\nblock = %s\ncommand = %s\nmine = %d\nexit = %d\nrecords = %zu\noutput = %zu\n\n", block, slot->command,
			       slot->mine, slot->exit_code, length, printed - from);
	bool good = name(s, slot->step, slot->piece, slot->choice, "ndjson", true, records, sizeof(records)) &&
		    name(s, slot->step, slot->piece, slot->choice, "txt", true, text, sizeof(text)) &&
		    write_whole(records, "", lines ? lines : "", length) && write_whole(text, head, slot->output + from, printed - from);
	if (!good)
		app_say(app, ROLE_WARN, _("This result can't be kept for the next time: %s"), strerror(errno));
	free(head);
}

/* ---- reading ---- */

/* At most max bytes, NUL-terminated; NULL when it can't be read. */
static char *slurp(const char *path, size_t max, size_t *length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	size_t room = (size_t)st.st_size < max ? (size_t)st.st_size : max, n = 0;
	char *text = xmalloc(room + 1);
	for (ssize_t got; n < room && (got = read(fd, text + n, room - n)) != 0;) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		n += (size_t)got;
	}
	close(fd);
	text[n] = '\0';
	*length = n;
	return text;
}

/* The lines `key = value` of a kept result; keys that a later version added are left aside. */
struct head {
	const char *block, *command;
	long mine, code, records, output; /* -1: not there */
};

static long number(const char *text, long most)
{
	char *end;
	errno = 0;
	long n = strtol(text, &end, 10);
	return *text && !*end && !errno && n >= 0 && n <= most ? n : -1;
}

/* Cuts the text up to its blank line into the head; returns what stands behind it, NULL when there is no such line. */
static char *read_head(char *text, struct head *h)
{
	*h = (struct head){.code = -1, .records = -1, .output = -1};
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		if (end == line)
			return end + 1;
		*end = '\0';
		char *value = strstr(line, " = ");
		if (!value)
			return NULL;
		*value = '\0';
		value += 3;
		if (!strcmp(line, "block"))
			h->block = value;
		else if (!strcmp(line, "command"))
			h->command = value;
		else if (!strcmp(line, "mine"))
			h->mine = number(value, 1);
		else if (!strcmp(line, "exit"))
			h->code = number(value, 255);
		else if (!strcmp(line, "records"))
			h->records = number(value, RECORDS_MAX);
		else if (!strcmp(line, "output"))
			h->output = number(value, OUTPUT_MAX);
	}
	return NULL;
}

/* Puts a kept result into the slot. False when it is damaged. */
static bool parse(struct slot *slot, char *text, size_t text_length, const char *records, size_t length, const char *block,
		  bool *stale)
{
	struct head h;
	if (strncmp(text, HEADER "\n", sizeof(HEADER)))
		return false;
	char *printed = read_head(text + sizeof(HEADER), &h);
	if (!printed || !h.block || !h.command || h.code < 0 || h.records != (long)length ||
	    h.output != (long)(text_length - (size_t)(printed - text)) || strlen(printed) != (size_t)h.output)
		return false;
	for (char *c = printed; *c; c++)
		if ((unsigned char)*c < 32 && *c != '\n')
			return false; /* nothing that was written from here */
	*stale = strcmp(h.block, block) != 0;
	if (*stale)
		return true;
	slot->set = recset_new();
	recset_feed(slot->set, records, length);
	recset_feed_end(slot->set);
	slot->command = xstrdup(h.command);
	slot->output = xstrdup(printed);
	slot->exit_code = (int)h.code;
	slot->mine = h.mine == 1;
	slot->state = RUN_DONE;
	return true;
}

static void put_aside(const char *path)
{
	char aside[PATH_MAX + 16];
	snprintf(aside, sizeof(aside), "%s.damaged", path);
	if (rename(path, aside) != 0)
		unlink(path);
}

static void open_one(struct app *app, int step, int piece, int choice)
{
	struct study *s = app->study;
	char text_path[PATH_MAX], records_path[PATH_MAX];
	const char *block = block_command(s, step, piece, choice);
	size_t text_length = 0, length = 0;
	bool stale = false;
	if (!block || study_slot(s, step, piece, choice) ||
	    !name(s, step, piece, choice, "txt", false, text_path, sizeof(text_path)) ||
	    !name(s, step, piece, choice, "ndjson", false, records_path, sizeof(records_path)))
		return;
	char *text = slurp(text_path, OUTPUT_MAX + HEAD_MAX, &text_length);
	if (!text)
		return;
	char *records = slurp(records_path, RECORDS_MAX, &length);
	struct slot kept = {.step = step, .piece = piece, .choice = choice};
	if (!records || !parse(&kept, text, text_length, records, length, block, &stale)) {
		put_aside(text_path);
		put_aside(records_path);
		app_say(app, ROLE_WARN, _("A kept result of step %d was damaged and is put aside: run it again"), step + 1);
	} else if (!stale) {
		struct slot *slot = study_slot_make(s, step, piece, choice);
		*slot = kept;
		study_tell(app, slot);
	}
	free(records);
	free(text);
}

static void open_step(struct app *app, int step)
{
	struct study *s = app->study;
	const struct step *all = &s->text->steps[step];
	if (s->kept_read[step])
		return;
	s->kept_read[step] = true;
	for (int i = 0; i < all->count; i++) {
		if (all->pieces[i].kind == PIECE_RUN)
			open_one(app, step, i, -1);
		for (int k = 0; all->pieces[i].kind == PIECE_QUIZ && k < all->pieces[i].choice_count; k++)
			open_one(app, step, i, k);
	}
}

void study_kept_open(struct app *app, int step)
{
	struct study *s = app->study;
	open_step(app, step);
	/* A step without a run of its own talks about the last one. */
	for (int at = step; at >= 0 && s->shown < 0; at--) {
		open_step(app, at);
		for (int i = 0; i < s->slot_count; i++)
			if (s->slots[i].step == at && s->slots[i].choice < 0)
				s->shown = i;
	}
}

void study_kept_all(struct app *app)
{
	for (int i = 0; i < app->study->text->count; i++)
		open_step(app, i);
}

/* "LESSON-3-2.txt", "LESSON-3-2-1.ndjson.damaged" … */
static bool belongs(const char *file, const char *lesson)
{
	size_t n = strlen(lesson);
	return !strncmp(file, lesson, n) && file[n] == '-' && file[n + 1 + strspn(file + n + 1, "0123456789-")] == '.';
}

void study_kept_forget(const char *lesson)
{
	char path[PATH_MAX], file[PATH_MAX + 300];
	DIR *dir = folder(path, sizeof(path), false) ? opendir(path) : NULL;
	for (const struct dirent *e; dir && (e = readdir(dir));) {
		if (e->d_name[0] == '.' || (lesson && !belongs(e->d_name, lesson)))
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		unlink(file);
	}
	if (dir)
		closedir(dir);
}
