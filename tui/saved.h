/* Runs in record files: which there are, read in a stream with bounded memory; one of them whole when it is wanted. */
#ifndef LOCKSTEP_SAVED_H
#define LOCKSTEP_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include "kernels/bench/recset.h"

/* The newest of so many runs are kept; of a larger file the newest end is read. */
enum { SAVED_MAX = 500, SAVED_FILE_MAX = 64 << 20 };

struct saved_run {
	char *path;
	long long machine_at, begin, end; /* bytes: its machine line (-1: none), its own first line, the end of its session */
	char *id, *kernel, *command, *time, *machine, *host, *fingerprint, *variant; /* never NULL, printable */
	json_t *args;                     /* of its options, numbers by name; NULL: it does not tell */
	double best;                      /* speedup of its best right point, NaN: none */
	int best_workers;
};

struct saved_list {
	struct saved_run *v;
	int n, room;
	long found;  /* runs with points in all files, kept or not */
};

/* Adds the runs of a file. False with one sentence when it can't be read; true with one when something in it was left out,
 * else "". A run that is in the list already stays as it is. */
bool saved_scan(struct saved_list *list, const char *path, char *why, size_t size);
/* Those of the kernel first, then the newest first. */
void saved_sort(struct saved_list *list, const char *kernel);
/* The records of one run, NULL with one sentence. */
struct recset *saved_load(const struct saved_run *run, char *why, size_t size);
void saved_free(struct saved_list *list);
/* The command without its program's name and without where its records go: "--serial 0.1 --threads 1,2". Caller frees. */
char *saved_options(const char *command);
/* "serial 0.2, items 100": the options of `other` that are not those of `here`; "" without any, or where nobody knows. */
char *saved_differs(const json_t *here, const json_t *other, char *buf, size_t size);

#endif
