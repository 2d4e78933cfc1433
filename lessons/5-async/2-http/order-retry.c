/* The frame of a puzzle: the learner's lines take the place of the line marked below and get one page. The servers behind the
 * pages answer at once, or after some failures, or never, or are broken for good. Exit 0 when every page ends as it must. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { TRIES = 4, LIMIT = 3, MOST = 50, BROKEN = MOST + 1 };

static int page, silent, fails, asked, pauses, far_end[MOST + 1];

/* A connection to the server of this page. It says what it has to say at once. */
static int connect_to(void)
{
	int end[2];
	if (asked == MOST || socketpair(AF_UNIX, SOCK_STREAM, 0, end)) {
		printf("page %d was asked for %d times, %d are allowed\n", page, asked, TRIES);
		_exit(1);
	}
	far_end[asked] = end[1];
	if (asked++ < fails)
		shutdown(end[1], SHUT_RDWR); /* dropped */
	else if (!silent && write(end[1], "page", 4) != 4)
		_exit(2);
	return end[0];
}

static void set_timeout(int fd)
{
	struct timeval t = {.tv_usec = 50000};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
}

static bool ask(int fd)
{
	char text[4];
	return recv(fd, text, sizeof text, 0) > 0;
}

static void pause_a_little(int try)
{
	pauses++;
	usleep(1000u << (try < 4 ? try : 4));
}

static bool get_page(void)
{
	//@
	return false;
}

static void too_long(int number)
{
	static const char what[] = "it waits for an answer that never comes\n";
	(void)number;
	_exit(write(1, what, sizeof what - 1) > 0 ? 1 : 2);
}

/* Gets a page of such a server and looks how it was done. */
static bool ends_well(int number, bool is_silent, int failures, bool comes, int tries)
{
	page = number, silent = is_silent, fails = failures, asked = pauses = 0;
	int before = dup(0);
	close(before);
	bool came = get_page();
	for (int i = 0; i < asked; i++)
		close(far_end[i]);
	int after = dup(0);
	close(after);
	if (came != comes)
		printf("page %d: %s\n", page, comes ? "it can be had, and was given up" : "it cannot be had, and was said to have come");
	else if (asked != tries)
		printf("page %d was asked for %d times; %d would be right\n", page, asked, tries);
	else if (pauses < tries - 1)
		printf("page %d: tried again without a pause\n", page);
	else if (after != before)
		printf("page %d: connections were left open\n", page);
	else
		return true;
	return false;
}

int main(void)
{
	signal(SIGALRM, too_long);
	alarm(LIMIT);
	setvbuf(stdout, NULL, _IONBF, 0);
	return ends_well(1, false, 0, true, 1) && ends_well(2, false, 2, true, 3) && ends_well(3, false, BROKEN, false, TRIES) &&
	       ends_well(4, true, 0, false, TRIES) ? 0 : 1;
}
