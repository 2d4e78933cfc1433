/* The one writer of records. A line goes to every open sink in one write(2); a full disk or a closed pipe is noticed,
 * said once on stderr, and remembered. */
#ifndef LOCKSTEP_RECORD_H
#define LOCKSTEP_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include "kernels/bench/recset.h"
#include "kernels/bench/stat.h"

struct record_sink {
	int file_fd;          /* -o FILE, appended with O_APPEND; -1 none. Gets no progress and no interim points */
	int live_fd;          /* --status-fd N, or 1 with --json; -1 none */
	struct recset *set;   /* what was written, readable in process; NULL none */
	bool failed;          /* a write failed (ENOSPC, EPIPE, …) */
	int failed_errno;
	char *file_name;
	FILE *copy;           /* every line, live ones too, for another process to read; NULL none */
};

/* Opens FILE for appending (created 0666 & ~umask). False with errno. If the file does not end in a newline (torn), a
 * newline is written first, so that the torn line stays alone. */
bool record_open(struct record_sink *sink, const char *file);
/* Writes and releases `object`. live_only: not into the file. */
void record_write(struct record_sink *sink, json_t *object, bool live_only);
/* fsync-free close; false if any write failed. */
bool record_close(struct record_sink *sink);

/* NaN and infinity become null. */
json_t *record_real(double x);
json_t *record_estimate(struct estimate e);

#endif
