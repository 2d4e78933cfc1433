/* Where things are: the folders of util.h. The build tree and the installed tree are told apart by their shape around the
 * running program, so that both can be moved as a whole. Per-user folders follow the XDG Base Directory Specification. */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels/bench/util.h"

/* a/b into out. False when it does not fit. */
static bool join(char out[PATH_MAX], const char *a, const char *b)
{
	int length = snprintf(out, PATH_MAX, "%s/%s", !strcmp(a, "/") ? "" : a, b);
	return length > 0 && length < PATH_MAX;
}

static bool copy(char out[PATH_MAX], const char *path)
{
	int length = snprintf(out, PATH_MAX, "%s", path);
	return length > 0 && length < PATH_MAX;
}

static bool is_dir(const char *path)
{
	struct stat st;
	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static bool has(const char *dir, const char *name)
{
	char path[PATH_MAX];
	return join(path, dir, name) && !access(path, F_OK);
}

/* Cuts the last component off; false at the root. */
static bool up(char *path)
{
	char *slash = strrchr(path, '/');
	if (!slash || !slash[1])
		return false;
	slash[slash == path] = '\0';
	return true;
}

static const char *last(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool is_root(const char *dir) { return has(dir, "lessons") && has(dir, "kernels/kernel.h"); }

/* The folder of the helper programs, seen from the program that runs. */
static bool find_exec(char exec[PATH_MAX])
{
	char prefix[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", exec, PATH_MAX);
	if (length <= 0 || length >= PATH_MAX)
		return false;
	exec[length] = '\0';
	if (!up(exec))
		return false;
	if (!strcmp(last(exec), "lessons") || !strcmp(last(exec), "tests"))
		up(exec);
	if (!strcmp(last(exec), "bin") && copy(prefix, exec) && up(prefix) && has(prefix, "libexec/lockstep"))
		return join(exec, prefix, "libexec/lockstep");
	return true;
}

/* PREFIX/share/lockstep of an installed PREFIX/libexec/lockstep. */
static bool installed_share(const char *exec, char share[PATH_MAX])
{
	char prefix[PATH_MAX];
	if (strcmp(last(exec), "lockstep") || !copy(prefix, exec) || !up(prefix) || strcmp(last(prefix), "libexec"))
		return false;
	up(prefix);
	return join(share, prefix, "share/lockstep") && is_dir(share);
}

/* The repository around (build/, build/san/), behind (make B=/elsewhere) or under the feet of a build folder. */
static bool tree_share(const char *exec, char share[PATH_MAX])
{
	if (!copy(share, exec))
		return false;
	do {
		if (is_root(share))
			return true;
	} while (up(share));
#ifdef LOCKSTEP_ROOT
	if (copy(share, LOCKSTEP_ROOT) && is_root(share))
		return true;
#endif
	/* A folder that make filled, outside the repository: tests and make itself run from the repository. */
	return has(exec, "config") && has(exec, "obj/kernels") && getcwd(share, PATH_MAX) && is_root(share);
}

/* In a changed copy of a lesson's program, which may lie anywhere: written into it by `lockstep build`. */
extern const char util_home[] __attribute__((weak));

const char *util_exec_dir(void)
{
	static char exec[PATH_MAX];
	return find_exec(exec) ? exec : NULL;
}

const char *util_share_dir(void)
{
	static char share[PATH_MAX];
	char exec[PATH_MAX];
	const char *home = getenv("LOCKSTEP_HOME");
	if (home && *home)
		return copy(share, home) && is_dir(share) ? share : NULL;
	if (util_home)
		return copy(share, util_home) && is_dir(share) ? share : NULL;
	if (!find_exec(exec))
		return NULL;
	return installed_share(exec, share) || tree_share(exec, share) ? share : NULL;
}

/* mkdir -p with mode 700 for what is new, as the specification asks. */
static bool make_all(char *path)
{
	for (char *p = path + 1;; p++) {
		char c = *p;
		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		bool made = !mkdir(path, 0700) || is_dir(path); /* any failure is forgiven where the folder is there */
		int why = errno;
		*p = c;
		if (!made) {
			errno = why == EEXIST ? ENOTDIR : why;
			return false;
		}
		if (!c)
			return true;
	}
}

/* $VARIABLE/lockstep or ~/FALLBACK/lockstep. A relative path in the variable is invalid by the specification: ignored. */
static const char *user_dir(const char *variable, const char *fallback, char path[PATH_MAX], bool make)
{
	char base[PATH_MAX];
	const char *set = getenv(variable), *home = getenv("HOME");
	if (!home || *home != '/') {
		const struct passwd *user = getpwuid(getuid());
		home = user ? user->pw_dir : NULL;
	}
	bool fits = false;
	if (set && *set == '/') {
		fits = copy(base, set);
	} else if (home && *home == '/') {
		fits = join(base, home, fallback);
	} else {
		errno = ENOENT;
		return NULL;
	}
	if (!fits || !join(path, base, "lockstep")) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	if (make && (!make_all(path) || access(path, W_OK | X_OK)))
		return NULL;
	return path;
}

const char *util_state_dir(bool make)
{
	static char path[PATH_MAX];
	return user_dir("XDG_STATE_HOME", ".local/state", path, make);
}

const char *util_data_dir(bool make)
{
	static char path[PATH_MAX];
	return user_dir("XDG_DATA_HOME", ".local/share", path, make);
}

const char *util_cache_dir(bool make)
{
	static char path[PATH_MAX];
	return user_dir("XDG_CACHE_HOME", ".cache", path, make);
}
