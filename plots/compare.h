/* Many record files beside each other: machines, or the people of a course. Each file is read and summed up by itself, so that
 * memory holds curves and guesses, never all records. */
#ifndef LOCKSTEP_COMPARE_H
#define LOCKSTEP_COMPARE_H

#include "plots/plot.h"

enum { COMPARE_POINTS = 64, COMPARE_NAME = 64 };

/* The curve of one file (and machine) in one topic. */
struct curve {
	int who, n, workers[COMPARE_POINTS];
	struct estimate speedup[COMPARE_POINTS];
	double capacity[COMPARE_POINTS];
	bool verdict[COMPARE_POINTS], oversubscribed[COMPARE_POINTS]; /* verdict: right, and the machine was quiet */
};

/* What is comparable: the same variant of a kernel with the same parameters. */
struct topic {
	char *lesson, *kernel, *variant, *args; /* lesson: NULL of a kernel; args: "serial 0.1", "" */
	bool weak;
	struct curve *curve;
	int n;
};

/* What somebody expected, and what came out. */
struct answer {
	int who;
	double guess, measured; /* NaN: a text; not measured */
	char *text;				/* of a choice, else NULL */
};

struct question {
	char *lesson, *ask, *compare, *unit;
	int step;
	struct answer *answer;
	int n;
};

struct person {
	char name[COMPARE_NAME], *machine; /* machine: its line, NULL when not recorded */
};

struct comparison {
	struct person *person;
	struct topic *topic;
	struct question *question;
	int people, topics, questions, files, skipped;
	const char *variant, *kernel; /* only these; NULL: all */
	char latest[64];			  /* time of the latest session, as plot_when */
};

/* Adds what a file holds. False: nothing, and why says why. */
bool compare_add(struct comparison *c, const char *path, const char *name, char *why, size_t size);
void compare_free(struct comparison *c);

/* Median and quartiles of what is finite among the values (which are sorted by this); NaN without any. */
struct quartiles {
	double lo, mid, hi;
	int n;
};
struct quartiles compare_quartiles(double *v, int n);
/* The worker counts of a topic, ascending; at most `room`. */
int topic_workers(const struct topic *t, int *workers, int room);
/* Of a topic with so many workers: NaN where the curve has no verdict there. */
double compare_speedup(const struct curve *curve, int workers);
/* Its best speedup with a verdict, and the workers of it; NaN: none. */
double compare_best(const struct curve *curve, int *workers);
/* "tunable (lesson amdahl): threads, serial 0.1". Returns buf. */
char *compare_title(const struct topic *t, char *buf, size_t size);
/* Guesses in numbers within a tenth of what was measured, below, above. */
void compare_hits(const struct question *q, int *near, int *low, int *high);

/* Everything as text. */
void compare_print(const struct comparison *c, FILE *out);

/* What the charts are made of. */
struct compare_chart {
	const struct comparison *c;
	const struct topic *topic; /* NULL: the guesses */
	const char *command;
};
bool compare_make_topic(struct figure *f, const void *chart);
bool compare_make_guesses(struct figure *f, const void *chart);

#endif
