/* Files that are whole or not there at all. */
#include "plots/plot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool plot_write_file(const char *path, const char *text, size_t length)
{
	char fresh[PATH_MAX];
	int why = 0;
	if (snprintf(fresh, sizeof fresh, "%s.%ld.tmp", path, (long)getpid()) >= (int)sizeof fresh) {
		errno = ENAMETOOLONG;
		return false;
	}
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd < 0)
		return false;
	for (size_t done = 0; done < length && !why;) {
		ssize_t n = write(fd, text + done, length - done);
		if (n < 0 && errno != EINTR)
			why = errno;
		else if (n > 0)
			done += (size_t)n;
	}
	if (close(fd) && !why)
		why = errno;
	if (!why && rename(fresh, path))
		why = errno;
	if (why)
		unlink(fresh);
	errno = why;
	return !why;
}

bool plot_make_dir(const char *path)
{
	char part[PATH_MAX];
	struct stat st;
	size_t n = strlen(path);
	if (!n || n >= sizeof part) {
		errno = n ? ENAMETOOLONG : ENOENT;
		return false;
	}
	memcpy(part, path, n + 1);
	for (size_t i = 1; i <= n; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		char c = part[i];
		part[i] = '\0';
		if (mkdir(part, 0777) && errno != EEXIST && (stat(part, &st) || !S_ISDIR(st.st_mode)))
			return false;
		part[i] = c;
	}
	if (stat(path, &st))
		return false;
	errno = ENOTDIR;
	return S_ISDIR(st.st_mode);
}
