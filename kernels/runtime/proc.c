/* Reading /proc: see proc.h. */
#include "kernels/runtime/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The beginning of a file of /proc, as text; false with errno. */
static bool slurp(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t got;
	do
		got = read(fd, text, size - 1);
	while (got < 0 && errno == EINTR);
	int why = errno;
	close(fd);
	errno = why;
	text[got > 0 ? got : 0] = '\0';
	return got >= 0;
}

/* "1234 (name) S 1 …": the name may hold blanks and brackets itself, so the last bracket counts. */
bool proc_look(pid_t pid, struct proc_state *out)
{
	char path[64], text[512];
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	if (!slurp(path, text, sizeof text))
		return false;
	const char *rest = strrchr(text, ')');
	if (!rest || strlen(rest) < 5) {
		errno = *text ? EPROTO : ESRCH;
		return false;
	}
	*out = (struct proc_state){.state = rest[2], .parent = (pid_t)strtol(rest + 4, NULL, 10)};
	return true;
}

/* The access mode of a descriptor of another process, -1 if it is gone. */
static int mode_of(pid_t pid, int fd)
{
	char path[64], text[512];
	snprintf(path, sizeof path, "/proc/%ld/fdinfo/%d", (long)pid, fd);
	if (!slurp(path, text, sizeof text))
		return -1;
	const char *flags = strstr(text, "flags:");
	return flags ? (int)(strtol(flags + 6, NULL, 8) & O_ACCMODE) : -1;
}

bool proc_holds(pid_t pid, int end, bool writing, int *fd)
{
	char path[PATH_MAX];
	struct stat wanted, here;
	int lowest = INT_MAX;

	snprintf(path, sizeof path, "/proc/%ld/fd", (long)pid);
	DIR *dir = fstat(end, &wanted) ? NULL : opendir(path);
	if (!dir)
		return false;
	for (const struct dirent *entry; (entry = readdir(dir));) {
		char *stop;
		long number = strtol(entry->d_name, &stop, 10);
		if (*stop || stop == entry->d_name || number > INT_MAX)
			continue; /* . and .. */
		snprintf(path, sizeof path, "/proc/%ld/fd/%ld", (long)pid, number);
		if (stat(path, &here) || here.st_dev != wanted.st_dev || here.st_ino != wanted.st_ino)
			continue;
		int mode = mode_of(pid, (int)number);
		if ((mode == O_RDWR || mode == (writing ? O_WRONLY : O_RDONLY)) && number < lowest)
			lowest = (int)number;
	}
	closedir(dir);
	errno = 0;
	if (lowest < INT_MAX && fd)
		*fd = lowest;
	return lowest < INT_MAX;
}

int proc_open_count(void)
{
	int count = 0;
	DIR *dir = opendir("/proc/self/fd");
	if (!dir)
		return -1;
	for (const struct dirent *entry; (entry = readdir(dir));)
		count += *entry->d_name != '.';
	closedir(dir);
	return count - 1; /* the one that lists them */
}
