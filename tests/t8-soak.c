/* Ten thousand random keys, clicks and resizes into the real screen on a terminal of its own (a pseudo-terminal): it must not
 * fall, must give the terminal back as it was, and leave no process behind. The seeds are fixed; SOAK_KEYS and SOAK_SEED try
 * others. In a sanitized build (t8-sanitizers.sh) the screen is sanitized too. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <utmp.h>
#include "tests/soak.h"

enum { KEYS = 2500, TAIL = 4096 };

static char folder[] = "/tmp/lockstep-soak-XXXXXX", mark[96];
static char tail[TAIL + 1]; /* the last of what the screen wrote */
static size_t tail_length;

static void keep_tail(const char *text, size_t n)
{
	if (n > TAIL) {
		text += n - TAIL;
		n = TAIL;
	}
	if (tail_length + n > TAIL) {
		size_t drop = tail_length + n - TAIL;
		memmove(tail, tail + drop, tail_length - drop);
		tail_length -= drop;
	}
	memcpy(tail + tail_length, text, n);
	tail_length += n;
	tail[tail_length] = '\0';
}

/* Takes what the screen writes, for at most ms. False when it has hung up. */
static bool drain(int master, int ms)
{
	char text[16384];
	struct pollfd p = {.fd = master, .events = POLLIN};
	while (poll(&p, 1, ms) > 0) {
		ssize_t n = read(master, text, sizeof text);
		if (n <= 0)
			return false;
		keep_tail(text, (size_t)n);
		ms = 0;
	}
	return true;
}

static void put(int master, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t done = write(master, text, n);
		if (done < 0) {
			if (errno != EAGAIN && errno != EINTR)
				return;
			drain(master, 10);
			continue;
		}
		text += done;
		n -= (size_t)done;
	}
}

/* One key, click or resize. q is as likely as others, so that the question before quitting is met; the answer y is rare. */
static void press(int master, struct soak_rng *r, int *rows, int *cols)
{
	static const char *const sequences[] = {
		"\033[A", "\033[B", "\033[C", "\033[D", "\033[H", "\033[F", "\033[5~", "\033[6~", "\033[Z", "\033OP", "\033OQ", "\033OR",
		"\033OS", "\033[15~", "\033[17~", "\033[18~", "\033[19~", "\033[20~", "\033[23~", "\033[24~", "\033[3~", "\r", "\r", "\r",
		"\r", "\t", "\t", "\033", "\033", "\177", "\025", "\f", "1.8", "max", "-3", "\xe4\xb8\xad", "\xff\xfe", "\033[999;999R",
	};
	char text[64];
	uint64_t kind = soak_below(r, 100);
	if (kind < 45) {
		char c = (char)(32 + soak_below(r, 95));
		if (c == 'q' || (c == 'y' && soak_below(r, 8)))
			c = 'n'; /* it is to live through all of the keys */
		put(master, &c, 1);
	} else if (kind < 85) {
		const char *s = sequences[soak_below(r, sizeof sequences / sizeof *sequences)];
		put(master, s, strlen(s));
	} else if (kind < 97) {
		static const int buttons[] = {0, 0, 0, 2, 64, 65};
		int n = snprintf(text, sizeof text, "\033[<%d;%d;%dM", buttons[soak_below(r, 6)], 1 + (int)soak_below(r, (uint64_t)*cols),
				 1 + (int)soak_below(r, (uint64_t)*rows));
		put(master, text, (size_t)n);
		text[n - 1] = 'm';
		put(master, text, (size_t)n);
	} else {
		struct winsize size = {.ws_row = (unsigned short)(1 + soak_below(r, 60)), .ws_col = (unsigned short)(1 + soak_below(r, 160))};
		*rows = size.ws_row;
		*cols = size.ws_col;
		ioctl(master, TIOCSWINSZ, &size);
	}
}

/* Processes that carry our mark in their environment. */
static int left_over(void)
{
	char command[256], line[32] = "0";
	snprintf(command, sizeof command, "grep -lzF '%s' /proc/[0-9]*/environ 2>/dev/null | grep -vE '/proc/(%d|self)/' | wc -l", mark,
		 (int)getpid());
	FILE *out = popen(command, "r");
	if (!out || !fgets(line, sizeof line, out))
		return -1;
	pclose(out);
	return (int)strtol(line, NULL, 10);
}

static void child(const char *program)
{
	setenv("TERM", "xterm-256color", 1);
	putenv(mark);
	execl(program, program, (char *)NULL);
	_exit(127);
}

static void soak(const char *program, uint64_t seed, int keys)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	struct termios before, after;
	struct soak_rng r = {seed, 0};
	int master, slave, status = 0, rows = 24, cols = 80, pressed = 0;
	tail_length = 0;
	if (openpty(&master, &slave, NULL, NULL, &size) != 0 || tcgetattr(slave, &before) != 0)
		bail_out("no pseudo-terminal");
	pid_t pid = fork();
	if (pid == 0) {
		close(master);
		if (login_tty(slave) != 0)
			_exit(126);
		child(program);
	}
	fcntl(master, F_SETFL, O_NONBLOCK);
	drain(master, 3000); /* until it shows something */
	while (pressed < keys && drain(master, pressed % 10 ? 0 : 3)) {
		press(master, &r, &rows, &cols);
		pressed++;
	}
	bool lived = waitpid(pid, &status, WNOHANG) == 0;
	ok(lived && pressed == keys, "seed %d: it lives after %d of %d keys", (int)seed, pressed, keys);
	/* Out: whatever is open is left, a live run is stopped. */
	size = (struct winsize){.ws_row = 24, .ws_col = 80};
	ioctl(master, TIOCSWINSZ, &size);
	bool left = false;
	time_t end = time(NULL) + 60; /* a sanitizer takes its time at the end */
	for (int i = 0; lived && !left && time(NULL) < end; i++) {
		static const char *const ways[] = {"\033", "\033", "\033", "q", "y", "n"};
		if (!strstr(tail, "\033[?1049l"))
			put(master, ways[i % 6], 1);
		drain(master, 60);
		usleep(5000);
		left = waitpid(pid, &status, WNOHANG) == pid;
	}
	drain(master, 0);
	ok(left && WIFEXITED(status) && WEXITSTATUS(status) == 0, "seed %d: q leaves it, with status 0", (int)seed);
	if (!left || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		diag("status %x; the last it wrote:", (unsigned)status);
		for (char *line = strtok(tail, "\n"); line; line = strtok(NULL, "\n"))
			diag("%s", line);
		if (lived && !left) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
	}
	ok(tcgetattr(slave, &after) == 0 && before.c_lflag == after.c_lflag && before.c_iflag == after.c_iflag &&
	   before.c_oflag == after.c_oflag && before.c_cflag == after.c_cflag, "seed %d: the terminal is as it was", (int)seed);
	const char *off = strstr(tail, "\033[?1049l"), *last = NULL;
	for (const char *p = off; p; p = strstr(p + 1, "\033[?1049l"))
		last = p;
	ok(last != NULL && !strstr(last, "\033[?1000h"), "seed %d: it left its own page, the mouse is free", (int)seed);
	int others = -1;
	for (int i = 0; i < 20 && (others = left_over()) != 0; i++)
		usleep(100000);
	ok(others == 0, "seed %d: no process is left (%d are)", (int)seed, others);
	close(master);
	close(slave);
}

int main(void)
{
	char program[128];
	const char *keys = getenv("SOAK_KEYS"), *seed = getenv("SOAK_SEED");
	soak_course(folder);
	snprintf(mark, sizeof mark, "LOCKSTEP_SOAK=%s", folder);
	snprintf(program, sizeof program, "%s/build/lockstep-tui", folder);
	if (seed)
		soak(program, strtoull(seed, NULL, 10), keys ? (int)strtol(keys, NULL, 10) : KEYS);
	else
		for (uint64_t i = 1; i <= 4; i++)
			soak(program, i, keys ? (int)strtol(keys, NULL, 10) : KEYS);
	soak_tidy(folder);
	return tap_done();
}
