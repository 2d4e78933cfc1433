/* The web server that clients are tried on: answers as told, fails as the seed says, keeps silent, survives odd clients, and leaves
 * nothing behind. SEED=N repeats a run. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "kernels/runtime/web_server.h"
#include "tests/tap.h"

static uint64_t seed;
static unsigned opened; /* connections */

static int connect_to(int port)
{
	struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&there, sizeof there)) {
		close(fd);
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	opened++;
	return fd;
}

static void ask(int fd, uint64_t page, unsigned try)
{
	char text[100];
	int n = snprintf(text, sizeof text, "GET /%llu/%u HTTP/1.1\r\nHost: x\r\n\r\n", (unsigned long long)page, try);
	if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n)
		diag("send: %s", strerror(errno));
}

/* The status; 0: the connection ended before an answer. The page's text goes to `body` with its length. */
static int answer(int fd, char *body, size_t room, size_t *length)
{
	static char text[1 << 17];
	size_t have = 0;
	char *end = NULL;
	while (!end || have < (size_t)(end - text) + *length) {
		ssize_t got = recv(fd, text + have, sizeof text - 1 - have, 0);
		if (got <= 0)
			return 0;
		have += (size_t)got;
		text[have] = '\0';
		if (!end && (end = strstr(text, "\r\n\r\n"))) {
			const char *line = strstr(text, "Content-Length: ");
			end += 4;
			*length = line ? strtoul(line + 16, NULL, 10) : 0;
		}
	}
	memcpy(body, end, *length < room ? *length : room);
	return (int)strtol(text + 9, NULL, 10);
}

/* What is seen of one try, on a connection that stays open as long as it can. */
static enum web_fate seen(const struct web_setup *setup, int port, int *fd, uint64_t page, unsigned try)
{
	static char body[1 << 17], own[1 << 17];
	size_t length = 0;
	if (*fd < 0)
		*fd = connect_to(port);
	ask(*fd, page, try);
	int status = answer(*fd, body, sizeof body, &length);
	web_page(setup, page, own);
	if (status == 200 && length == setup->bytes && !memcmp(body, own, length))
		return WEB_PAGE;
	if (status == 503)
		return WEB_REFUSED;
	close(*fd);
	*fd = -1;
	if (status)
		diag("page %llu: status %d, %zu bytes", (unsigned long long)page, status, length);
	return status ? WEB_SILENT : WEB_DROPPED;
}

/* The client has its answer a moment before the server has counted it. */
static struct web_figures figures_of(const struct web_server *s, uint64_t tries)
{
	struct web_figures f = {0};
	for (int i = 0; i < 500 && f.served + f.refused + f.dropped < tries; i++) {
		poll(NULL, 0, i > 0);
		f = web_server_figures(s);
	}
	return f;
}

static void fates(void)
{
	for (int i = 0; i < 4; i++) {
		struct web_setup setup = {.failures = 0.1 * i, .bytes = (size_t)i * i * 1000, .seed = seed + (uint64_t)i, .delay_ms = i % 2,
					  .trickle_ms = i == 3 ? 4 : 0};
		struct web_server *s = web_server_start(&setup);
		int fd = -1, good = 0, refused = 0, dropped = 0;
		if (!ok(s != NULL, "a server starts"))
			return;
		opened = 0;
		for (uint64_t page = 0; page < 100; page++) {
			unsigned try = (unsigned)page % 5;
			enum web_fate expected = web_fate(&setup, page, try), got = seen(&setup, web_server_port(s), &fd, page, try);
			good += got == expected;
			refused += got == WEB_REFUSED;
			dropped += got == WEB_DROPPED;
		}
		struct web_figures f = figures_of(s, 100);
		ok(good == 100, "%d of 100 tries end as the seed says (failures %.1f, %zu bytes)", good, setup.failures, setup.bytes);
		ok(f.refused == (uint64_t)refused && f.dropped == (uint64_t)dropped && f.served == (uint64_t)(100 - refused - dropped),
		   "the server has counted the same");
		ok(f.accepted == opened && opened <= (unsigned)dropped + 1 && f.waiting_peak == 1, "one connection, and one more for each that was dropped");
		web_server_reset(s);
		f = web_server_figures(s);
		ok(!f.served && !f.refused && !f.dropped && !f.accepted, "the figures begin anew");
		close(fd);
		ok(web_server_stop(s) == 0, "it was still at work when it was stopped");
	}
}

static void many(void)
{
	enum { MANY = 300 };
	static char body[100];
	struct web_setup setup = {.delay_ms = 50, .bytes = 60, .seed = seed};
	struct web_server *s = web_server_start(&setup);
	int fd[MANY], right = 0;
	size_t length;
	for (int i = 0; i < MANY; i++) {
		fd[i] = connect_to(web_server_port(s));
		ask(fd[i], (uint64_t)i, 0);
	}
	for (int i = MANY - 1; i >= 0; i--) {
		char own[100];
		web_page(&setup, (uint64_t)i, own);
		length = 0;
		right += answer(fd[i], body, sizeof body, &length) == 200 && length == 60 && !memcmp(own, body, 60);
		close(fd[i]);
	}
	struct web_figures f = figures_of(s, MANY);
	ok(right == MANY && f.served == MANY, "%d requests at once, each gets its own page (%d)", MANY, right);
	ok(f.waiting_peak > 1, "they waited together (%llu at once)", (unsigned long long)f.waiting_peak);
	web_server_stop(s);
}

static void silence(void)
{
	struct web_setup setup = {.silent = 1, .bytes = 10, .seed = seed};
	struct web_server *s = web_server_start(&setup);
	int fd = connect_to(web_server_port(s));
	ask(fd, 1, 0);
	struct pollfd look = {.fd = fd, .events = POLLIN};
	ok(poll(&look, 1, 100) == 0, "a silent server says nothing");
	close(fd);
	struct web_figures f = {0};
	for (int i = 0; i < 500 && !f.dropped; i++, f = web_server_figures(s))
		poll(NULL, 0, 10);
	ok(f.dropped == 1, "when the client hangs up, it forgets the request");
	ok(f.silent == 1, "and has counted its silence");
	ok(web_server_stop(s) == 0, "and goes on");
}

static void odd_clients(void)
{
	static const char *const odd[] = {"", "\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /-1 HTTP/1.1\r\nHost: x\r\n\r\n",
					  "GET /99999999999999999999999/999999999999999999999 HTTP/1.1\r\nHost: x\r\n\r\n",
					  "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", "GET /../../etc/passwd HTTP/1.0\r\n\r\n",
					  "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nhel", "\x16\x03\x01\x02\x01\x01",
					  "GET /%00%ff?try=1 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n"};
	static char longest[100000];
	struct web_setup setup = {.bytes = 100, .seed = seed, .delay_ms = 1, .trickle_ms = 1};
	struct web_server *s = web_server_start(&setup);
	int fd = -1, good = 0, n = (int)(sizeof odd / sizeof *odd);
	memset(longest, 'x', sizeof longest);
	for (int i = 0; i <= n; i++) {
		int other = connect_to(web_server_port(s));
		const char *text = i < n ? odd[i] : longest;
		size_t size = i < n ? strlen(text) : sizeof longest;
		struct timeval short_patience = {.tv_usec = 20000};
		setsockopt(other, SOL_SOCKET, SO_RCVTIMEO, &short_patience, sizeof short_patience);
		if (send(other, text, size, MSG_NOSIGNAL) >= 0 && recv(other, longest, 10, 0) >= 0)
			longest[0] = 'x';
		close(other); /* in the middle of it */
		good += seen(&setup, web_server_port(s), &fd, (uint64_t)i, 0) == WEB_PAGE;
	}
	ok(good == n + 1, "odd clients and those who leave early do others no harm (%d of %d)", good, n + 1);
	close(fd);
	ok(web_server_stop(s) == 0, "the server lives through them");
}

/* What a client finds when the server is gone. */
static bool is_gone(int port)
{
	for (int i = 0; i < 500; i++) {
		int fd = connect_to(port);
		if (fd < 0)
			return true;
		close(fd);
		poll(NULL, 0, 10);
	}
	return false;
}

static void ends(void)
{
	struct web_setup setup = {.bytes = 10, .seed = seed};
	int *port = mmap(NULL, sizeof *port, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), status;
	struct web_server *a = web_server_start(&setup), *b = web_server_start(&setup);
	int at = web_server_port(a);
	ok(a && b && at != web_server_port(b), "two servers have two ports");
	web_server_stop(a);
	ok(is_gone(at), "nobody answers when it was stopped");
	web_server_stop(b);
	web_server_stop(NULL);
	ok(waitpid(-1, &status, WNOHANG) < 0 && errno == ECHILD, "no process is left");
	if (port == MAP_FAILED)
		bail_out("no shared memory");
	pid_t child = fork();
	if (child == 0) {
		struct web_server *c = web_server_start(&setup);
		*port = c ? web_server_port(c) : -1;
		raise(SIGKILL);
	}
	waitpid(child, &status, 0);
	ok(*port > 0 && is_gone(*port), "a server ends with a starter that was killed");
	munmap(port, sizeof *port);
}

static void pages(void)
{
	struct web_setup setup = {.seed = seed};
	char a[64], b[64];
	bool fits = true, differs = true;
	for (setup.bytes = 0; setup.bytes < 60; setup.bytes++) {
		memset(a, 1, sizeof a);
		memset(b, 1, sizeof b);
		web_page(&setup, 12, a);
		web_page(&setup, 13, b);
		for (size_t i = 0; i < sizeof a; i++)
			fits = fits && (a[i] == 1) == (i >= setup.bytes);
		differs = differs && (setup.bytes < 7 || memcmp(a, b, setup.bytes));
	}
	ok(fits, "a page is as long as it should be, and no longer");
	ok(differs, "each has its own text");
	setup.failures = 0.2;
	int broken = 0, failed = 0;
	for (uint64_t page = 0; page < 4000; page++) {
		bool always = true;
		for (unsigned try = 0; try < 12; try++)
			always = always && web_fate(&setup, page, try) != WEB_PAGE;
		broken += always;
		failed += web_fate(&setup, page, 0) != WEB_PAGE;
	}
	ok(broken > 100 && broken < 220, "about one page of 25 is broken at a failure rate of 0.2 (%d of 4000)", broken);
	ok(failed > 750 && failed < 1100, "about a quarter of the first tries fails (%d of 4000)", failed);
}

int main(void)
{
	const char *given = getenv("SEED");
	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	diag("SEED=%llu", (unsigned long long)seed);
	pages();
	if (web_server_unavailable()) {
		struct web_setup setup = {.bytes = 1};
		ok(!web_server_start(&setup) && errno == ENOSYS, "without libmicrohttpd none is started");
		skip("the server", web_server_unavailable());
		return tap_done();
	}
	fates();
	many();
	silence();
	odd_clients();
	ends();
	return tap_done();
}
