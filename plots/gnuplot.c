/* Gnuplot as a child: no shell between, a time limit, and what it says on stderr is read. */
#include "plots/plot.h"

#include "kernels/bench/util.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_SECONDS = 60, SAID_MAX = 4096, EXIT_NOT_FOUND = 127, EXIT_NO_DIR = 126 };

static volatile sig_atomic_t running; /* process group of the child, 0: none */

void plot_gnuplot_stop(void)
{
	if (running > 0)
		kill(-(pid_t)running, SIGKILL);
}

static double seconds_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void become_gnuplot(const char *dir, const char *before, const char *script, int err)
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* even when this program is killed outright */
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0 || chdir(dir))
		_exit(EXIT_NO_DIR);
	setenv("LC_ALL", "C.UTF-8", 1); /* numbers with a point, whatever the user's language */
	unsetenv("GNUTERM");
	execlp("gnuplot", "gnuplot", "-d", "-e", before, script, (char *)NULL);
	_exit(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NO_DIR);
}

/* Reads what it says until it closes stderr or the time is up. False: time is up. */
static bool listen_to(int fd, char *said, size_t size)
{
	double end = seconds_now() + LIMIT_SECONDS;
	size_t n = 0;
	for (;;) {
		double left = end - seconds_now();
		struct pollfd p = {.fd = fd, .events = POLLIN};
		char bytes[1024];
		if (left <= 0)
			return false;
		int ready = poll(&p, 1, (int)(left * 1000) + 1);
		if (ready < 0 && errno != EINTR)
			return true;
		if (ready <= 0)
			continue;
		ssize_t got = read(fd, bytes, sizeof bytes);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		for (ssize_t i = 0; i < got && n + 1 < size; i++)
			said[n++] = bytes[i];
		said[n] = '\0';
	}
	return true;
}

/* The line that says what is wrong, not the echo of the command above it. */
static void tell(const char *said, char *why, size_t size)
{
	char line[512] = "", best[512] = "";
	for (const char *c = said; *c;) {
		size_t n = strcspn(c, "\n");
		while (n && (*c == ' ' || *c == '\t')) {
			c++;
			n--;
		}
		snprintf(line, sizeof line, "%.*s", (int)(n < 400 ? n : 400), c);
		if (n && *line != '^')
			snprintf(best, sizeof best, "%s", line);
		c += n + (c[n] == '\n');
	}
	util_printable(best, why, size);
}

enum plot_drawn plot_gnuplot(const char *dir, const char *before, const char *script, char *why, size_t size)
{
	char said[SAID_MAX] = "";
	int fd[2], status = 0;
	why[0] = '\0';
	if (pipe2(fd, O_CLOEXEC)) {
		snprintf(why, size, "%s", strerror(errno));
		return PLOT_FAILED;
	}
	fflush(NULL);
	pid_t child = fork();
	if (child < 0) {
		snprintf(why, size, "%s", strerror(errno));
		close(fd[0]);
		close(fd[1]);
		return PLOT_FAILED;
	}
	if (!child)
		become_gnuplot(dir, before, script, fd[1]);
	setpgid(child, child);
	running = child;
	close(fd[1]);
	bool in_time = listen_to(fd[0], said, sizeof said);
	close(fd[0]);
	if (!in_time)
		kill(-child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	running = 0;
	if (!in_time) {
		snprintf(why, size, "took longer than %d seconds and was stopped", LIMIT_SECONDS);
		return PLOT_FAILED;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_FOUND)
		return PLOT_MISSING;
	tell(said, why, size);
	/* Words on stderr are no failure: libraries below it warn there, too. Its own errors end it with another status. */
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return PLOT_DRAWN;
	if (!*why && WIFSIGNALED(status))
		snprintf(why, size, "killed by signal %d", WTERMSIG(status));
	else if (!*why)
		snprintf(why, size, "exit status %d", WEXITSTATUS(status));
	return PLOT_FAILED;
}

bool plot_has_font(const char *language)
{
	char command[96], line[8];
	if (strspn(language, "abcdefghijklmnopqrstuvwxyz") != strlen(language) || strlen(language) > 8)
		return true;
	snprintf(command, sizeof command, "fc-list :lang=%s family 2>&1 || echo unknown", language);
	FILE *said = popen(command, "re");
	bool any = !said || fgets(line, sizeof line, said);
	if (said)
		pclose(said);
	return any;
}
