/* Small files of the system (/proc, /sys), read whole. */
#ifndef LOCKSTEP_FILE_H
#define LOCKSTEP_FILE_H

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* Reads up to size - 1 bytes of a file into buf and ends them with a NUL. Number of bytes, or -1 with errno (buf is
 * then empty). */
static inline ssize_t file_text(const char *path, char *buf, size_t size)
{
	size_t n = 0;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	buf[0] = '\0';
	if (fd < 0)
		return -1;
	while (n < size - 1 && (got = read(fd, buf + n, size - 1 - n)) > 0)
		n += (size_t)got;
	close(fd);
	buf[n] = '\0';
	return (ssize_t)n;
}

/* The first line of a file, without its newline. False when it can't be read or is empty. */
static inline bool file_line(const char *path, char *buf, size_t size)
{
	if (file_text(path, buf, size) <= 0)
		return false;
	buf[strcspn(buf, "\n")] = '\0';
	return buf[0] != '\0';
}

#endif
