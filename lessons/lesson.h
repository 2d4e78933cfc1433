/* What a lesson is to the suite: a folder lessons/CHAPTER/NUMBER-ID/ whose lesson.c ends in
 *
 *     static const struct lesson lesson = { .id = "mutex", … };
 *     int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
 *
 * The command line, measuring, records and text output are lesson.c in this folder's parent. Every parameter of a kernel
 * becomes an option of the lesson (--chunk 16; a list, --chunk 1,4,16, sweeps it). */
#ifndef LOCKSTEP_LESSON_H
#define LOCKSTEP_LESSON_H

#include "kernels/kernel.h"
#include "lessons/demo.h"

/* An option that only this lesson has: --NAME VALUE. */
struct lesson_option {
	const char *name, *value; /* "schedule", "FILE" (NULL: it takes none) */
	const char *about;        /* one line for --help */
	const char *choices;      /* what a shell offers, as in options.h: "@file"; NULL: nothing */
	const char **given;       /* is set to the value as typed ("" when it takes none); stays NULL when the option is not given */
	const char *demo;         /* NULL, or the demonstration that it asks for: no --demo is needed */
	/* NULL, or checks the value: NULL if it is fine, else what is allowed, for the one line of the complaint. */
	const char *(*refuse)(const char *value);
};

struct lesson {
	const char *id;                         /* stable for ever */
	int level;                              /* 1 to 3 stars */
	int minutes_min, minutes_max;
	const char *needs;                      /* ids of lessons to know before, separated by blanks; "" */
	const char *dir;                        /* LESSON_DIR, given by the Makefile: "lessons/3-threads/3-mutex" */
	const struct kernel *const *kernels;    /* ends with NULL; the first is the preset, --kernel NAME picks another */
	const char *const *variants;            /* measured when --variant is not given, ends with NULL; NULL: all that can run */
	const char *threads;                    /* preset of --threads; NULL: 1, 2, 4, … up to twice the usable cores */
	const struct demo *demos;               /* ends with a NULL name; NULL: none */
	const struct lesson_option *options;    /* ends with a NULL name; NULL: none of its own */
};

/* Runs the command line; returns the exit code (design: 0 right, 1 wrong result, 2 usage, 3 resource, 4 cannot run). */
int lesson_main(const struct lesson *lesson, int argc, char **argv);

#endif
