/* What the tests of the views look at: recorded runs, a source, an output. */
#ifndef TESTS_VIEWS_INPUT_H
#define TESTS_VIEWS_INPUT_H

#include <errno.h>
#include "kernels/bench/recset.h"
#include "tests/tap.h"
#include "tui/view.h"

static const char source[] =
	"/* A lock around one counter. */\n"
	"#include <pthread.h>\n"
	"\n"
	"static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;\n"
	"static long counter;\n"
	"\n"
	"//> mutex\n"
	"static void *add(void *arg)\n"
	"{\n"
	"\tfor (long i = 0; i < 1000000; i++) {\n"
	"\t\tpthread_mutex_lock(&lock);\n"
	"\t\tcounter++; /* 并行: one at a time */\n"
	"\t\tpthread_mutex_unlock(&lock);\n"
	"\t}\n"
	"\treturn arg;\n"
	"}\n"
	"//< mutex\n"
	"\n"
	"int main(void)\n"
	"{\n"
	"\treturn counter != 0; /* a line that is longer than most panes on a screen of eighty columns */\n"
	"}\n";
static const char output[] = "counted 4000000\ttabs\tstand\n并行计算 1.79 a line that goes on for longer than the pane is wide, so it wraps\r\n\nlast";

__attribute__((unused)) static struct recset *load(const char *name)
{
	char path[200];
	struct recset *set = recset_new();
	snprintf(path, sizeof path, "tests/fixtures/%s.ndjson", name);
	if (!recset_file(set, path))
		diag("%s: %s", path, strerror(errno));
	return set;
}

/* The last run, or one before it that has points (a file may end in a run that was stopped at once). */
static struct view_input input_of(struct recset *set)
{
	const struct rec_run *run = recset_last(set);
	for (size_t i = set->runs.n; i > 0 && !run->points.n; i--)
		run = &set->runs.v[i - 1];
	return (struct view_input){.set = set, .run = run, .guess = {{2}, {1.6}, 1, -1, 0}, .source = source,
				   .source_name = "mutex/lesson.c", .mark_first = 8, .mark_last = 16, .output = output};
}

#endif
