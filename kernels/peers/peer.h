/* The frame of a peer in C or C++: the command line and the lines in and out that README.md tells. A peer is one file with a
 * table of what it serves and `int main(int argc, char **argv) { return peer_main(argc, argv, peers); }`. */
#ifndef LOCKSTEP_PEER_H
#define LOCKSTEP_PEER_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "kernels/figure.h"
#include "kernels/rng.h"

struct peer_job {
	size_t size;   /* --size: the first parameter of the kernel */
	int threads;   /* --threads: no more than so many may work at a time */
	uint64_t seed; /* --seed */
	int argc;      /* the other parameters of the kernel as they were given: see peer_param */
	char **argv;
	void *data;    /* the peer's own */
};

struct peer {
	const char *name;    /* of this way, unique: "openblas ddot" */
	const char *kernel;  /* the kernel it stands beside: "sum_squares" */
	const char *library; /* with its version: "OpenBLAS 0.3.21" */
	const char *workers; /* "any": takes --threads; "one": one thread only; "fixed": as many as the way has by its nature */
	const char *params;  /* NULL, or those it is made for: "\"distinct\":0" */
	bool (*prepare)(struct peer_job *); /* the kernel's input, all memory and all threads; false: no memory */
	void (*reset)(struct peer_job *);   /* NULL, or before every run, untimed (a sort: the input as it was) */
	void (*run)(struct peer_job *);     /* the whole work, timed */
	double (*seconds)(const struct peer_job *); /* NULL, or the time of it as the way itself tells, where it does more than that */
	double (*check)(const struct peer_job *); /* the kernel's figure of the result, untimed */
	const char *unavailable; /* NULL, or why it cannot run here, with the package that would cure it */
};

/* The kernel's parameter --NAME. */
static inline double peer_param(const struct peer_job *job, const char *name, double preset)
{
	for (int i = 0; i + 1 < job->argc; i++)
		if (!strncmp(job->argv[i], "--", 2) && !strcmp(job->argv[i] + 2, name))
			return strtod(job->argv[i + 1], NULL);
	return preset;
}

/* n things of `size` bytes on a cache line's boundary, every page touched. */
static inline void *peer_alloc(size_t n, size_t size)
{
	size_t bytes = (n * size + 4095) / 4096 * 4096 + 4096;
	void *p = aligned_alloc(4096, bytes);
	return p ? memset(p, 1, bytes) : NULL;
}

static inline int peer_list(const struct peer *peers)
{
	for (const struct peer *p = peers; p->name; p++)
		if (p->unavailable)
			printf("{\"peer\":\"%s\",\"kernel\":\"%s\",\"unavailable\":\"%s\"}\n", p->name, p->kernel, p->unavailable);
		else
			printf("{\"peer\":\"%s\",\"kernel\":\"%s\",\"library\":\"%s\",\"workers\":\"%s\",\"params\":{%s}}\n", p->name, p->kernel,
			       p->library, p->workers, p->params ? p->params : "");
	return 0;
}

static inline double peer_clock(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline int peer_main(int argc, char **argv, const struct peer *peers)
{
	char line[64];

	if (argc == 2 && !strcmp(argv[1], "--list"))
		return peer_list(peers);
	struct peer_job job = {0};
	job.argc = argc;
	job.argv = argv;
	job.size = (size_t)peer_param(&job, "size", 0);
	job.threads = (int)peer_param(&job, "threads", 1);
	job.seed = (uint64_t)peer_param(&job, "seed", 1);
	const struct peer *p = peers;
	while (p->name && (argc < 3 || strcmp(argv[1], p->kernel) || strcmp(argv[2], p->name)))
		p++;
	if (!p->name || job.threads < 1) {
		fprintf(stderr, "usage: %s --list | KERNEL NAME --size N --threads P --seed S [--PARAMETER VALUE]\n", argv[0]);
		return 2;
	}
	if (!p->prepare(&job)) {
		fprintf(stderr, "%s: no memory for size %zu\n", p->name, job.size);
		return 3;
	}
	printf("{\"ready\":true}\n");
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		if (strcmp(line, "run\n"))
			continue;
		if (p->reset)
			p->reset(&job);
		double begin = peer_clock();
		p->run(&job);
		double seconds = peer_clock() - begin, check = p->check(&job);
		if (p->seconds)
			seconds = p->seconds(&job);
		printf("{\"seconds\":%.9f,\"check\":", seconds);
		if (isfinite(check))
			printf("%.17g}\n", check);
		else
			printf("null}\n");
		fflush(stdout);
	}
	return 0;
}

#endif
