/* What all clients of kernels/http.c share: the pages to be got, what became of each, and the words of HTTP. */
#ifndef LOCKSTEP_HTTP_SHELF_H
#define LOCKSTEP_HTTP_SHELF_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "kernels/http.h"
#include "kernels/kernel.h"
#include "kernels/runtime/web_server.h"

enum { PAGES, DELAY, FLIGHT, FAILURES, BYTES, TRICKLE, SILENT, PATIENCE }; /* the parameters */
enum { TRIES = HTTP_TRIES, HEAD_MOST = 512, PAUSE_MS = 1 };

/* What a client saw of one try; the first four are what a server may do to it (enum web_fate). */
enum seen { SEEN_PAGE = WEB_PAGE, SEEN_REFUSED = WEB_REFUSED, SEEN_DROPPED = WEB_DROPPED, SEEN_LATE = WEB_SILENT, SEEN_WRONG };

struct page {
	uint32_t latency_us; /* from the first try to the whole page, pauses included */
	uint16_t tries;
	uint8_t seen[TRIES];
};

struct shelf {
	size_t n, flight, files;
	struct web_setup setup;
	struct web_server *server; /* NULL after a run that failed, until the next one */
	int64_t patience_ns, run_ns;
	struct page *page;
	atomic_size_t next;  /* the first page that nobody has asked for yet */
	atomic_int error;    /* errno when a resource ran out */
	atomic_size_t stuck; /* requests that would still wait */
	pthread_mutex_t lock; /* of the connections that are open and not in use */
	int *idle;
	size_t idle_count;
};

/* One page to be got by somebody. */
struct errand {
	size_t page;
	unsigned try;
	int64_t began_ns;
};

static inline int64_t http_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- which page, and what now ---- */

static bool errand_next(struct shelf *s, struct errand *e)
{
	size_t page = atomic_fetch_add(&s->next, 1);
	if (page >= s->n || s->error)
		return false;
	*e = (struct errand){page, 0, http_now()};
	return true;
}

/* Nothing more is begun; what is on its way may end. */
static void shelf_give_up(struct shelf *s, int error)
{
	int none = 0;
	atomic_compare_exchange_strong(&s->error, &none, error);
}

//> pause
/* Before try 1, 2, 3: up to 1, 2, 4 ms, by chance, so that those who failed together do not come back together. */
static int64_t pause_ns(const struct shelf *s, const struct errand *e)
{
	return (int64_t)(1e6 * PAUSE_MS * (double)(1u << (e->try - 1)) * rng_unit(s->setup.seed ^ 0x9a5e, e->page * TRIES + e->try));
}
//< pause

/* Notes what a try has brought. -1: that was all; else the pause before the next try. `most`: tries allowed. */
static int64_t errand_saw(struct shelf *s, struct errand *e, enum seen seen, unsigned most)
{
	struct page *p = &s->page[e->page];
	if (e->try < TRIES)
		p->seen[e->try] = (uint8_t)seen;
	p->tries = (uint16_t)++e->try;
	if (seen == SEEN_PAGE)
		p->latency_us = (uint32_t)((http_now() - e->began_ns) / 1000);
	if (seen == SEEN_PAGE || e->try >= most)
		return -1;
	return most > TRIES ? 0 : pause_ns(s, e);
}

/* ---- HTTP ---- */

//> ask
/* The whole request. Its length. */
static size_t request_text(const struct errand *e, char *to, size_t room)
{
	int n = e->try ? snprintf(to, room, "GET /%zu/%u HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", e->page, e->try)
		       : snprintf(to, room, "GET /%zu HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", e->page);
	return (size_t)n;
}
//< ask

struct answer {
	int status;
	size_t head, length; /* bytes before the page, and of it; head 0: not known yet */
	bool whole;
};

//> answer
/* Looks at the n bytes that have come. False: that is no answer that we can read. */
static bool answer_look(struct answer *a, const char *text, size_t n, size_t room)
{
	if (!a->head) {
		const char *end = memmem(text, n, "\r\n\r\n", 4);
		if (!end)
			return n < HEAD_MOST; /* the rest is still on its way */
		a->head = (size_t)(end - text) + 4;
		a->status = n > 12 && !strncmp(text, "HTTP/1.1 ", 9) ? (int)strtol(text + 9, NULL, 10) : 0;
		const char *line = text;
		while ((line = memmem(line, (size_t)(end - line), "\r\n", 2)) && strncasecmp(line += 2, "Content-Length:", 15))
			;
		a->length = line ? strtoul(line + 15, NULL, 10) : room;
	}
	a->whole = n >= a->head + a->length;
	return a->length < room - a->head && a->status; /* never trust a length from outside */
}
//< answer

/* Whether it is the page that was asked for. `own` has room for a page. */
static enum seen judge(const struct shelf *s, const struct errand *e, int status, const char *text, size_t length, char *own)
{
	if (status == 503)
		return SEEN_REFUSED;
	if (status != 200 || length != s->setup.bytes)
		return SEEN_WRONG;
	web_page(&s->setup, e->page, own);
	return memcmp(own, text, length) ? SEEN_WRONG : SEEN_PAGE;
}

/* ---- connections ---- */

static void give_patience(int fd, int64_t ns)
{
	struct timeval t = {.tv_sec = ns / 1000000000, .tv_usec = ns % 1000000000 / 1000 + 1};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t); /* of connect, too */
}

/* A socket that is not connected yet; -1 with errno. Closing it leaves no port behind that waits for a minute (TIME_WAIT): when we
 * close it, everything has been read, or nothing of it is wanted any more. */
static int http_socket(int flags)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0), on = 1;
	struct linger at_once = {.l_onoff = 1};
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

static struct sockaddr_in server_address(const struct shelf *s)
{
	return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)web_server_port(s->server)),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* An open connection that nobody uses, -1: none. All of them block. */
static int idle_take(struct shelf *s)
{
	pthread_mutex_lock(&s->lock);
	int fd = s->idle_count ? s->idle[--s->idle_count] : -1;
	pthread_mutex_unlock(&s->lock);
	return fd;
}

static void idle_give(struct shelf *s, int fd)
{
	pthread_mutex_lock(&s->lock);
	bool room = fd >= 0 && s->idle_count < s->flight;
	if (room)
		s->idle[s->idle_count++] = fd;
	pthread_mutex_unlock(&s->lock);
	if (!room && fd >= 0)
		close(fd);
}

static void idle_close(struct shelf *s)
{
	while (s->idle_count)
		close(s->idle[--s->idle_count]);
}

/* How many of the requests in flight are worker w's, at least one. */
static size_t flight_of(const struct job *job, int w)
{
	const struct shelf *s = job->data;
	struct slice mine = slice_of(s->flight, w, job->workers);
	return mine.last > mine.first ? mine.last - mine.first : 1;
}

#endif
