/* What the last run of the kernel `http` saw, for those who tell more of it than its check does. */
#ifndef LOCKSTEP_HTTP_H
#define LOCKSTEP_HTTP_H

#include <stddef.h>
#include "kernels/kernel.h"

enum { HTTP_TRIES = 4 };

struct http_report {
	size_t pages, right, tries, late; /* late: pages with an answer that came after the client's patience */
	size_t flight;                    /* requests at the same time, as far as the limit of open files allows … */
	size_t at_once;                   /* … and how many the server saw at the same time */
	double seconds, ms[3];            /* of the run; of a page: P50, P95, P99 (of those that came) */
};

struct http_report http_report(const struct job *job);

/* How many tries page i took; seen: what each saw (enum web_fate of kernels/runtime/web_server.h, 4: another text). *ms: until it
 * came, 0 when it never did. */
int http_page(const struct job *job, size_t i, unsigned char seen[HTTP_TRIES], double *ms);

#endif
