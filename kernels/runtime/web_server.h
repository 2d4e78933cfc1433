/* A web server of one's own to try clients on: on the loopback only, at a port that the kernel chooses, in a process of its own, so
 * that its time and memory are not the client's. It answers late, fails and keeps silent as it is told to, and which request meets
 * what is a function of the seed: whoever knows the seed knows what every client must have seen.
 *
 *     struct web_setup setup = {.delay_ms = 20, .failures = 0.1, .bytes = 1000, .seed = 1};
 *     struct web_server *s = web_server_start(&setup);           NULL with errno
 *     ... GET http://127.0.0.1:web_server_port(s)/17             page 17, first try; /17/2: the third one
 *     web_server_stop(s);
 *
 * One thread serves all: libmicrohttpd on epoll, and a request that is to wait is set aside (suspended) until its time has come, so
 * ten thousand may wait at once. Nothing is left behind: the process ends with the one that started it, whatever ends that. */
#ifndef LOCKSTEP_WEB_SERVER_H
#define LOCKSTEP_WEB_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include "kernels/rng.h"

enum { WEB_TRY_MAX = 200, WEB_PIECES = 4, WEB_BYTES_MAX = 1 << 20, WEB_CONNECTIONS_MAX = 20000 };

struct web_setup {
	double delay_ms;   /* from a request to the first byte of its answer, at least */
	double trickle_ms; /* the page comes in WEB_PIECES pieces, spread over this time */
	double failures;   /* share of tries that fail, half with status 503, half by a connection that is dropped. And a fifth of this
	                    * share of pages is broken: 503 at every try */
	double silent;     /* share of tries that are never answered, until the client hangs up */
	size_t bytes;      /* length of a page */
	uint64_t seed;
};

/* What becomes of one try. */
enum web_fate { WEB_PAGE, WEB_REFUSED, WEB_DROPPED, WEB_SILENT };

static inline enum web_fate web_fate(const struct web_setup *setup, uint64_t page, uint64_t try)
{
	if (rng_unit(setup->seed ^ 0xb20ce7, page) < setup->failures / 5)
		return WEB_REFUSED;
	double x = rng_unit(setup->seed ^ 0xfa7e, page * (WEB_TRY_MAX + 1) + try);
	return x < setup->failures / 2 ? WEB_REFUSED : x < setup->failures ? WEB_DROPPED :
	       x < setup->failures + setup->silent ? WEB_SILENT : WEB_PAGE;
}

/* The text of a page, `bytes` long: "page 17: " and letters of its own. */
void web_page(const struct web_setup *setup, uint64_t page, char *text);

/* What the server has seen since it was started or web_server_reset. */
struct web_figures {
	uint64_t served, refused; /* tries that got their whole answer: the page, or 503 */
	uint64_t dropped;         /* connections that ended without one, whoever ended them */
	uint64_t silent;          /* tries that are not answered; when the client hangs up, they are dropped, too */
	uint64_t accepted;        /* connections */
	uint64_t waiting_peak;    /* most requests at the same time */
};

struct web_server;

/* NULL, or why there can be none, with the package that would cure it. */
const char *web_server_unavailable(void);
struct web_server *web_server_start(const struct web_setup *setup);
int web_server_port(const struct web_server *server);
struct web_figures web_server_figures(const struct web_server *server);
void web_server_reset(struct web_server *server);
/* How it ended: 0 when it was still at work. NULL is fine. */
int web_server_stop(struct web_server *server);

/* As many open files as this process may have (the soft limit is raised to the hard one, once), at most `wanted`. */
size_t web_files_allowed(size_t wanted);

#endif
