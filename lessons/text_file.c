/* Files of the course: read whole, and the marked excerpts of sources. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels/bench/util.h"
#include "lessons/text.h"

enum { FILE_MAX = 1 << 20 };

/* A path of the course never leaves it. */
static bool stays_inside(const char *path)
{
	for (const char *p = path; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (!strncmp(p, "..", 2) && (p[2] == '/' || !p[2]))
			return false;
	}
	return *path && *path != '/';
}

/* Reads to the end; the buffer is one byte longer than what fits. Returns the length, or -1 with errno. */
static ssize_t read_all(int fd, char *buf, size_t room)
{
	size_t n = 0;
	while (n < room) {
		ssize_t got = read(fd, buf + n, room - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

char *text_read(const char *relative_path)
{
	const char *share = util_share_dir();
	if (!share || !stays_inside(relative_path)) {
		errno = share ? EINVAL : ENOENT;
		return NULL;
	}
	char *path = xasprintf("%s/%s", share, relative_path), *buf = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hold up the screen */
	int why = errno;
	free(path);
	if (fd < 0) {
		errno = why;
		return NULL;
	}
	struct stat st;
	why = fstat(fd, &st) ? errno : S_ISDIR(st.st_mode) ? EISDIR : !S_ISREG(st.st_mode) ? EINVAL : 0;
	if (why)
		goto out;
	buf = xmalloc(FILE_MAX + 2);
	ssize_t n = read_all(fd, buf, FILE_MAX + 1);
	why = n < 0 ? errno : n > FILE_MAX ? EFBIG : memchr(buf, '\0', (size_t)n) ? EILSEQ : 0;
	if (why)
		goto out;
	buf[n] = '\0';
	buf = xrealloc(buf, (size_t)n + 1);
out:
	close(fd);
	if (why) {
		free(buf);
		buf = NULL;
		errno = why;
	}
	return buf;
}

/* Whether the line (up to its newline) is the mark "//> name" or "#> name", '<' instead of '>' for the end. */
static bool is_mark(const char *line, char arrow, const char *name)
{
	line += strspn(line, " \t");
	if (!strncmp(line, "//", 2))
		line += 2;
	else if (*line == '#')
		line++;
	else
		return false;
	if (*line != arrow || (line[1] != ' ' && line[1] != '\t'))
		return false;
	line += 1 + strspn(line + 1, " \t");
	size_t n = strlen(name);
	if (strncmp(line, name, n))
		return false;
	line += n + strspn(line + n, " \t\r");
	return !*line || *line == '\n';
}

bool text_excerpt(const char *source, const char *name, int *first, int *last)
{
	int line = 1, begin = 0;
	if (!*name)
		return false;
	for (const char *p = source; p && *p; line++) {
		if (!begin && is_mark(p, '>', name)) {
			begin = line + 1;
		} else if (begin && is_mark(p, '<', name)) {
			if (line <= begin)
				return false;
			*first = begin;
			*last = line - 1;
			return true;
		}
		p = strchr(p, '\n');
		p = p ? p + 1 : NULL;
	}
	return false;
}
