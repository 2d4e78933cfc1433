/* The page on paper, by a browser without a window. */
#include "plots/report.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

/* The browser gets a folder of its own, which goes with it; three minutes are more than it needs. */
static const char script[] =
	"browser=$1 pdf=$2 page=$3; shift 3\n"
	"dir=$(mktemp -d \"${TMPDIR:-/tmp}/lockstep-pdf-XXXXXX\") || exit 1\n"
	"trap 'rm -rf \"$dir\"' EXIT; trap 'exit 1' INT TERM HUP\n"
	"[ \"$(id -u)\" != 0 ] || set -- --no-sandbox # it refuses root otherwise\n"
	"timeout -k 5 180 \"$browser\" --headless \"$@\" --disable-gpu --disable-dev-shm-usage --no-first-run --disable-extensions --disable-sync \\\n"
	"\t--disable-background-networking --disable-component-update --host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir=\"$dir\" \\\n"
	"\t--no-pdf-header-footer --print-to-pdf-no-header --print-to-pdf=\"$pdf\" \"$page\" >/dev/null 2>&1\n";

static const char *const names[] = {"chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", NULL};

static bool on_path(const char *name)
{
	char *path = xstrdup(getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin"), *save = NULL;
	bool found = false;
	for (char *dir = strtok_r(path, ":", &save); dir && !found; dir = strtok_r(NULL, ":", &save)) {
		char *file = xasprintf("%s/%s", dir, name);
		found = access(file, X_OK) == 0;
		free(file);
	}
	free(path);
	return found;
}

/* "file:///…" of a path that may hold anything. */
static char *address(const char *path)
{
	char full[PATH_MAX], *text = NULL;
	size_t length;
	FILE *to = realpath(path, full) ? open_memstream(&text, &length) : NULL;
	if (!to)
		return NULL;
	fputs("file://", to);
	for (const unsigned char *c = (const unsigned char *)full; *c; c++)
		fprintf(to, isalnum(*c) || strchr("/-_.~", *c) ? "%c" : "%%%02X", *c);
	fclose(to);
	return text;
}

static bool whole(const char *path)
{
	char tail[64];
	FILE *file = fopen(path, "re");
	bool good = file && !fseek(file, -32, SEEK_END);
	size_t n = good ? fread(tail, 1, sizeof tail, file) : 0;
	if (file)
		fclose(file);
	return good && memmem(tail, n, "%%EOF", 5);
}

static int run(const char *browser, const char *pdf, const char *page)
{
	int status = 1;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		execl("/bin/sh", "sh", "-c", script, "lockstep-report", browser, pdf, page, (char *)NULL);
		_exit(127);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

enum plot_drawn report_pdf(const char *html, const char *pdf, char *why, size_t size)
{
	const char *const *browser = names;
	char *page = address(html), *fresh = xasprintf("%s.%ld.tmp", pdf, (long)getpid());
	enum plot_drawn drawn = PLOT_FAILED;
	while (*browser && !on_path(*browser))
		browser++;
	if (!*browser) {
		snprintf(why, size, "%s", _("no browser is here that prints without a window: install the package chromium"));
		drawn = PLOT_MISSING;
		goto out;
	}
	if (!page || !plot_temporary(fresh)) {
		snprintf(why, size, "%s", strerror(errno));
		goto out;
	}
	int status = run(*browser, fresh, page);
	if (whole(fresh) && !rename(fresh, pdf)) {
		drawn = PLOT_DRAWN;
	} else {
		unlink(fresh);
		snprintf(why, size, status == 124 ? _("%s took longer than three minutes and was stopped") : _("%s printed no whole page"), *browser);
	}
	plot_temporary_done(fresh);
out:
	free(page);
	free(fresh);
	return drawn;
}
