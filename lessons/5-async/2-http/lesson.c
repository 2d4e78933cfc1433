/* Many requests at once                                                                                     ★★☆
 *
 * What you learn: a request to a server is mostly waiting, and waits can overlap. A thread for each request does it, a
 * pool of threads does it with fewer of them, an event loop and io_uring do it with one thread. What fails must be tried
 * again, but not without a limit and not at once; and what never comes must not be waited for.
 *
 * How the number is made: kernel `http` (kernels/http.c) gets --size pages from a web server of its own, a process on
 * this machine that takes --delay milliseconds for each, with at most --flight requests on their way. Which tries fail
 * (--failures) or are never answered (--silent) is decided by the seed, so it is known what every client must have seen;
 * each page has a text of its own. Memory of a client: how much its process grew at most (VmHWM), by requests. */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "kernels/http.h"
#include "kernels/runtime/children.h"
#include "kernels/runtime/web_server.h"
#include "lessons/lesson.h"

extern const struct kernel kernel_http; /* kernels/http.c, http_loop.h, http_multi.h, http_uring.h */

/* ---- one request, by hand ---- */

//> connect
/* A connection to the server; whoever waits there longer than `patience_ms` gets -1 and EAGAIN. */
static int connect_to(int port, int patience_ms)
{
	struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct timeval patience = {.tv_sec = patience_ms / 1000, .tv_usec = patience_ms % 1000 * 1000};
	there.sin_addr.s_addr = htonl(INADDR_LOOPBACK); /* 127.0.0.1: this machine */
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (connect(fd, (struct sockaddr *)&there, sizeof there) == 0)
		return fd;
	close(fd);
	return -1;
}
//< connect

//> ask
/* Sends a request and waits for the answer. Its length, or -1: none came in time. */
static ssize_t ask(int fd, const char *request, char *answer, size_t room)
{
	size_t size = strlen(request);
	if (send(fd, request, size, MSG_NOSIGNAL) != (ssize_t)size)
		return -1;
	return recv(fd, answer, room, 0); /* here a thread spends nearly all of its time */
}
//< ask

static int demo_exchange(struct telling *t)
{
	struct web_setup setup = {.delay_ms = 20, .bytes = 40, .seed = 1};
	struct web_server *server = web_server_start(&setup);
	char answer[1000], *rest = answer, *line;
	if (!server)
		return -1;
	tell(t, "a server of our own: process by itself, 127.0.0.1, port %d", web_server_port(server));
	int fd = connect_to(web_server_port(server), 1000);
	tell(t, "connected. > GET /7 HTTP/1.1");
	tell(t, "           > Host: 127.0.0.1");
	double begin = tell_ms(t);
	ssize_t got = ask(fd, "GET /7 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", answer, sizeof answer - 1);
	double took = tell_ms(t) - begin;
	answer[got > 0 ? got : 0] = '\0';
	while ((line = strsep(&rest, "\n")))
		tell(t, "           < %.*s", (int)strcspn(line, "\r"), line);
	tell_check(t, got > 0 && strstr(answer, "200 OK"), "the page came, after %.1f ms; %.0f of them were waiting", took, setup.delay_ms);
	close(fd);
	web_server_stop(server);
	return 0;
}

//> silence
static int demo_silence(struct telling *t)
{
	struct web_setup setup = {.silent = 1, .bytes = 40, .seed = 1}; /* it never answers */
	struct web_server *server = web_server_start(&setup);
	char answer[1000];
	if (!server)
		return -1;
	int fd = connect_to(web_server_port(server), 150);
	double begin = tell_ms(t);
	tell(t, "connected; now the request. Then recv, with 150 ms of patience");
	ssize_t got = ask(fd, "GET /7 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", answer, sizeof answer);
	int why = errno;
	double waited = tell_ms(t) - begin;
	tell_check(t, got < 0 && why == EAGAIN, "recv gave up after %.0f ms: errno %d (EAGAIN)", waited, why);
	int second = connect_to(web_server_port(server), 150);
	tell_check(t, second >= 0, "the server lives, and takes a second connection: it just says nothing");
	tell(t, "without SO_RCVTIMEO this thread would still be there: no error, no load, no end");
	tell_figure(t, waited, 150);
	close(second);
	close(fd);
	return web_server_stop(server);
}
//< silence

#include "lessons/5-async/2-http/demos.h" /* the clients side by side, failures page by page, ten thousand at once */
#include "lessons/5-async/2-http/url.h"   /* --url: a server of your own */

static const struct demo demos[] = {
	{.name = "exchange", .about = "one request and its answer, letter by letter", .run = demo_exchange,
	 .unavailable = web_server_unavailable},
	{.name = "clients", .about = "all clients: pages a second, latency, memory", .run = demo_clients, .unavailable = web_server_unavailable},
	{.name = "latency", .about = "how long each page took, as a histogram", .run = demo_latency, .unavailable = web_server_unavailable},
	{.name = "many", .about = "ten thousand requests at once, on one thread", .run = demo_many, .unavailable = web_server_unavailable},
	{.name = "retries", .about = "failures, pauses and new tries, page by page", .run = demo_retries, .unavailable = web_server_unavailable},
	{.name = "silence", .about = "a server that never answers, and a time-out", .run = demo_silence, .unavailable = web_server_unavailable},
	{.name = "url", .about = "a few pages from the server that --url names", .run = demo_url, .unavailable = url_unavailable},
	{0},
};

static const struct lesson_option options[] = {
	{.name = "url", .value = "URL", .about = "get this page again and again, a few at a time (with libcurl)", .given = &url_given,
	 .demo = "url", .refuse = refuse_url},
	{.name = "url-requests", .value = "N", .about = "how often, 1 to 1000 (20)", .given = &url_requests, .refuse = refuse_requests},
	{.name = "url-flight", .value = "N", .about = "how many at a time, 1 to 32 (4)", .given = &url_flight, .refuse = refuse_flight},
	{0},
};

static const struct lesson lesson = {
	.id = "http", .level = 2, .minutes_min = 37, .minutes_max = 57, .needs = "event-loop", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_http, NULL}, .demos = demos, .options = options, .threads = "1",
	.variants = (const char *const[]){"one-by-one", "thread-per-request", "thread-pool", "curl-multi", "event-loop", "io-uring", NULL},
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
