#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "tui/program.h"
#include "tui/signals.h"
#include "tui/term.h"

static int pipe_in = -1, pipe_out = -1;
static volatile sig_atomic_t asked_at; /* seconds, 0: never */

/* Someone who types ^C or ^\ again after a while sees that the loop is stuck. HUP and TERM come more than once in any
 * case: from the shell and from the kernel, to a process and to its group. */
static bool asked_again(int number)
{
	enum { PATIENCE = 2 };
	struct timespec now = {0};
	if (number != SIGINT && number != SIGQUIT)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	sig_atomic_t second = (sig_atomic_t)now.tv_sec + 1;
	if (asked_at)
		return second - asked_at >= PATIENCE;
	asked_at = second;
	return false;
}

static void note(int number)
{
	int error = errno;
	unsigned char byte = (unsigned char)number;
	if (asked_again(number)) {
		term_restore_now();
		if (program_group > 0)
			kill(-program_group, SIGKILL);
		_exit(128 + number);
	}
	/* A full pipe means that the loop has more than enough to wake up for. */
	if (write(pipe_in, &byte, 1) < 0)
		errno = error;
	errno = error;
}

static void crash(int number)
{
	term_restore_now();
	if (program_group > 0)
		kill(-program_group, SIGKILL);
	/* SA_RESETHAND made the default come back; the signal is blocked until this handler returns. */
	raise(number);
}

static bool install(int number, void (*handler)(int), int flags)
{
	struct sigaction sa = {.sa_handler = handler, .sa_flags = flags};
	sigemptyset(&sa.sa_mask);
	return sigaction(number, &sa, NULL) == 0;
}

/* nohup and `&` in a script: what is ignored stays ignored. */
static bool ignored(int number)
{
	struct sigaction now;
	return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

bool signals_open(bool terminal)
{
	static const int plain[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD}, tty[] = {SIGWINCH, SIGTSTP, SIGCONT};
	/* Whatever else would end us without a word. */
	static const int crashes[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGTRAP, SIGUSR1, SIGUSR2, SIGALRM,
				      SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ};
	static char stack[64 * 1024];
	int ends[2];
	bool good = true;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	pipe_out = ends[0];
	pipe_in = ends[1];
	good = install(SIGPIPE, SIG_IGN, 0);
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (plain[i] == SIGCHLD || !ignored(plain[i]))
			good = install(plain[i], note, SA_RESTART) && good;
	if (!terminal)
		return good;
	for (size_t i = 0; i < sizeof(tty) / sizeof(*tty); i++)
		good = install(tty[i], note, SA_RESTART) && good;
	/* A stack overflow must be able to say so too. */
	stack_t own = {.ss_sp = stack, .ss_size = sizeof(stack)};
	good = sigaltstack(&own, NULL) == 0 && good;
	for (size_t i = 0; i < sizeof(crashes) / sizeof(*crashes); i++)
		if (!ignored(crashes[i]))
			good = install(crashes[i], crash, SA_RESETHAND | SA_ONSTACK) && good;
	return good;
}

int signals_fd(void) { return pipe_out; }

int signals_next(void)
{
	unsigned char byte;
	return pipe_out >= 0 && read(pipe_out, &byte, 1) == 1 ? byte : 0;
}

void signals_forget(void) { asked_at = 0; }

void signals_die(int number)
{
	install(number, SIG_DFL, 0);
	raise(number);
}

void signals_suspend(void)
{
	install(SIGTSTP, SIG_DFL, 0);
	raise(SIGTSTP);
	install(SIGTSTP, note, SA_RESTART);
}
