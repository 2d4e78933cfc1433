/* The one writer of records. */
#include "kernels/bench/record.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernels/bench/util.h"

enum { DIGITS = 12 }; /* of a real: a day in seconds to 100 ns; enough to read back what was measured */

/* 0, or an errno; *written tells how far it came. */
static int write_all(int fd, const char *bytes, size_t n, size_t *written)
{
	*written = 0;
	while (*written < n) {
		ssize_t got = write(fd, bytes + *written, n - *written);
		if (got >= 0) {
			*written += (size_t)got;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) { /* a pipe that someone made non-blocking */
			struct pollfd wait = {.fd = fd, .events = POLLOUT};
			poll(&wait, 1, -1);
		} else if (errno != EINTR) {
			return errno;
		}
	}
	return 0;
}

static void fail(struct record_sink *sink, const char *name, int why)
{
	if (!sink->failed)
		sink->failed_errno = why;
	sink->failed = true;
	fprintf(stderr, "lockstep: %s: %s\n", name, strerror(why));
}

/* Takes back the part of a line that got to the end of a regular file before the disk was full. */
static void untear(int fd, size_t written)
{
	struct stat st;
	off_t end = lseek(fd, 0, SEEK_CUR);
	if (written && end >= (off_t)written && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size == end)
		(void)!ftruncate(fd, end - (off_t)written); /* if even that fails the reader skips the torn line */
}

static void stop_file(struct record_sink *sink, int why)
{
	fail(sink, sink->file_name ? sink->file_name : "record file", why);
	close(sink->file_fd);
	sink->file_fd = -1;
}

/* Is the last byte something else than a newline? */
static bool torn(int fd)
{
	struct stat st;
	char last = '\n';
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !st.st_size)
		return false;
	return pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n';
}

bool record_open(struct record_sink *sink, const char *file)
{
	size_t written;
	int why, flags = O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY;
	int fd = open(file, O_RDWR | flags, 0666);

	if (fd < 0 && errno == EACCES) /* may be written but not read: then its end can't be looked at */
		fd = open(file, O_WRONLY | flags, 0666);
	if (fd < 0)
		return false;
	if (torn(fd) && (why = write_all(fd, "\n", 1, &written))) {
		close(fd);
		errno = why;
		return false;
	}
	free(sink->file_name);
	sink->file_name = xstrdup(file);
	sink->file_fd = fd;
	return true;
}

static void write_file(struct record_sink *sink, const char *line, size_t n)
{
	size_t written;
	int why = write_all(sink->file_fd, line, n, &written);
	if (!why)
		return;
	untear(sink->file_fd, written);
	stop_file(sink, why);
}

static void write_live(struct record_sink *sink, const char *line, size_t n)
{
	char name[32];
	size_t written;
	int why = write_all(sink->live_fd, line, n, &written);
	if (!why)
		return;
	untear(sink->live_fd, written);
	snprintf(name, sizeof name, sink->live_fd == STDOUT_FILENO ? "standard output" : "status fd %d", sink->live_fd);
	fail(sink, name, why);
	sink->live_fd = -1;
}

void record_write(struct record_sink *sink, json_t *object, bool live_only)
{
	bool to_file = sink->file_fd >= 0 && !live_only, to_live = sink->live_fd >= 0;

	if (!object) { /* a text that was not UTF-8, or no memory */
		fail(sink, "a record", EINVAL);
		return;
	}
	if (sink->set)
		recset_object(sink->set, object);
	if (to_file || to_live || sink->copy) {
		char *line = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
		if (!line) {
			fail(sink, "a record", ENOMEM);
			json_decref(object);
			return;
		}
		size_t n = strlen(line);
		line[n] = '\n'; /* in the place of the NUL: one write for the whole line */
		if (to_file)
			write_file(sink, line, n + 1);
		if (to_live)
			write_live(sink, line, n + 1);
		if (sink->copy && (fwrite(line, 1, n + 1, sink->copy) != n + 1 || fflush(sink->copy))) {
			fail(sink, "the copy of the records", errno);
			sink->copy = NULL;
		}
		free(line);
	}
	json_decref(object);
}

bool record_close(struct record_sink *sink)
{
	if (sink->file_fd >= 0 && close(sink->file_fd))
		fail(sink, sink->file_name, errno);
	sink->file_fd = -1;
	free(sink->file_name);
	sink->file_name = NULL;
	return !sink->failed;
}

json_t *record_real(double x) { return isfinite(x) ? json_real(x) : json_null(); }

json_t *record_estimate(struct estimate e)
{
	if (!isfinite(e.mid))
		return json_null();
	bool interval = isfinite(e.lo) && isfinite(e.hi);
	json_t *list = json_array();
	json_array_append_new(list, record_real(e.mid));
	json_array_append_new(list, record_real(interval ? e.lo : NAN));
	json_array_append_new(list, record_real(interval ? e.hi : NAN));
	return list;
}
