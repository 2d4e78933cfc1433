/* Files that are whole or not there at all. */
#include "plots/plot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a signal removes before it ends the program, the last one first: files, then the folder they lie in. A path is
 * whole before its flag is set, and no longer used once the flag is gone. */
enum { TEMPORARY_MAX = 16 };
static struct {
	char path[PATH_MAX];
	volatile sig_atomic_t is;
} temporary[TEMPORARY_MAX];

static void remove_and_end(int signal_number)
{
	plot_gnuplot_stop();
	for (int i = TEMPORARY_MAX - 1; i >= 0; i--)
		if (temporary[i].is && unlink(temporary[i].path))
			rmdir(temporary[i].path);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static const int ends[] = {SIGINT, SIGTERM, SIGHUP};

static sigset_t all_ends(void)
{
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		sigaddset(&set, ends[i]);
	return set;
}

void plot_catch_signals(void)
{
	struct sigaction act = {.sa_handler = remove_and_end, .sa_mask = all_ends()}, was;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (!sigaction(ends[i], NULL, &was) && was.sa_handler != SIG_IGN) /* nohup */
			sigaction(ends[i], &act, NULL);
}

bool plot_temporary(const char *path)
{
	for (int i = 0; i < TEMPORARY_MAX; i++)
		if (!temporary[i].is) {
			if (snprintf(temporary[i].path, PATH_MAX, "%s", path) >= PATH_MAX)
				break;
			temporary[i].is = 1;
			return true;
		}
	errno = ENAMETOOLONG;
	return false;
}

void plot_temporary_done(const char *path)
{
	for (int i = 0; i < TEMPORARY_MAX; i++)
		if (temporary[i].is && !strcmp(temporary[i].path, path))
			temporary[i].is = 0;
}

bool plot_temporary_dir(char *dir, size_t size)
{
	const char *tmp = getenv("TMPDIR");
	sigset_t set = all_ends(), before;
	if (snprintf(dir, size, "%.3000s/lockstep-plot-XXXXXX", tmp && *tmp ? tmp : "/tmp") >= (int)size) {
		errno = ENAMETOOLONG;
		return false;
	}
	sigprocmask(SIG_BLOCK, &set, &before); /* its name is known only when it is there */
	bool good = mkdtemp(dir);
	if (good && !plot_temporary(dir)) {
		rmdir(dir);
		errno = ENAMETOOLONG;
		good = false;
	}
	int why = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = why;
	return good;
}

static int write_all(int fd, const char *text, size_t length)
{
	int why = 0;
	for (size_t done = 0; done < length && !why;) {
		ssize_t n = write(fd, text + done, length - done);
		if (n < 0 && errno != EINTR)
			why = errno;
		else if (n > 0)
			done += (size_t)n;
	}
	if (close(fd) && !why)
		why = errno;
	return why;
}

bool plot_write_file(const char *path, const char *text, size_t length)
{
	char fresh[PATH_MAX];
	int why = 0;
	if (snprintf(fresh, sizeof fresh, "%s.%ld.tmp", path, (long)getpid()) >= (int)sizeof fresh) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (!plot_temporary(fresh))
		return false;
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd < 0) {
		why = errno;
		goto out;
	}
	why = write_all(fd, text, length);
	if (!why && rename(fresh, path))
		why = errno;
	if (why)
		unlink(fresh);
out:
	plot_temporary_done(fresh);
	errno = why;
	return !why;
}

bool plot_has_room(const char *dir)
{
	char path[PATH_MAX];
	static const char bytes[1 << 16];
	sigset_t set = all_ends(), before;
	int fd = -1, why = 0;
	if (snprintf(path, sizeof path, "%s/.lockstep-XXXXXX", dir) >= (int)sizeof path)
		return true;
	sigprocmask(SIG_BLOCK, &set, &before);
	fd = mkostemp(path, O_CLOEXEC);
	why = fd < 0 ? errno : write_all(fd, bytes, sizeof bytes);
	if (fd >= 0)
		unlink(path);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return why != ENOSPC && why != EDQUOT;
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
