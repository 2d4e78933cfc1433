/* Demonstrations and a lesson's own options: a lesson made here, its command line run in children. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/bench/recset.h"
#include "kernels/bench/util.h"
#include "lessons/lesson.h"
#include "tests/tap.h"

static const char *letters;

static int run_fine(struct telling *t)
{
	pid_t child = fork();
	if (child < 0)
		return -1;
	if (!child) {
		tell(t, "a child tells \x01 and \xff");
		_exit(7);
	}
	int status;
	waitpid(child, &status, 0);
	tell_check(t, WEXITSTATUS(status) == 7, "the child ended with %d", WEXITSTATUS(status));
	tell_figure(t, 7, 7);
	return 0;
}

static int run_caught(struct telling *t)
{
	tell_check(t, true, "one thing held");
	tell_check(t, false, "an update was lost");
	tell_check(t, true, "another held");
	tell_figure(t, 1, 2);
	return 0;
}

static int run_uncaught(struct telling *t)
{
	tell_check(t, true, "nothing went wrong");
	return 0;
}

static int run_short(struct telling *t)
{
	tell(t, "letters %s", letters ? letters : "none");
	errno = ENOSPC;
	return -1;
}

static const char *never(void) { return "there is no such thing (package thing)"; }

static const char *refuse(const char *value) { return strcmp(value, "abc") ? "abc" : NULL; }

static int run_kernel(struct job *job)
{
	parallel_begin(job, 1);
	worker_begin(job, 0);
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
static int prepare(struct job *job) { return job->data = NULL, 0; }
static void release(struct job *job) { (void)job; }
static struct outcome verify(const struct job *job) { return (void)job, (struct outcome){true, 3, 3, "three"}; }
static const struct variant variants[] = {{"serial", "does nothing", .run = run_kernel}, {0}};
static const struct kernel kernel_nothing = {.name = "nothing", .title = "Nothing", .source = __FILE__,
					     .params = {{"size", "", "of nothing", 0, 10, 1, false}}, .prepare = prepare,
					     .variants = variants, .verify = verify, .release = release};
static const struct demo demos[] = {
	{"fine", "all is well", NULL, run_fine, NULL},
	{"caught", "wrong, and seen", "it forgets", run_caught, NULL},
	{"uncaught", "wrong, and not seen", "it forgets", run_uncaught, NULL},
	{"short", "runs out", NULL, run_short, NULL},
	{"unwell", "wrong, not on purpose", NULL, run_caught, NULL},
	{"never", "not here", NULL, run_fine, never},
	{0},
};
static const struct lesson_option options[] = {{"letters", "ABC", "which letters", NULL, &letters, "short", refuse}, {0}};
static const struct lesson lesson = {.id = "tiny", .level = 1, .minutes_min = 1, .minutes_max = 1, .needs = "", .dir = "lessons/1-x/1-tiny",
				     .kernels = (const struct kernel *const[]){&kernel_nothing, NULL}, .demos = demos, .options = options};

static char out[65536];
static size_t length;

/* Runs the lesson in a child; stdout and stderr land in `out`. Its exit status, or -1 for a signal. */
static int run(char **argv)
{
	int ends[2], argc = 0, status;
	ssize_t got;
	while (argv[argc])
		argc++;
	fflush(stdout);
	if (pipe(ends))
		bail_out("no pipe");
	pid_t child = fork();
	if (child < 0)
		bail_out("no child");
	if (!child) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		exit(lesson_main(&lesson, argc, argv));
	}
	close(ends[1]);
	for (length = 0; length < sizeof out - 1 && (got = read(ends[0], out + length, sizeof out - 1 - length)) > 0;)
		length += (size_t)got;
	out[length] = '\0';
	close(ends[0]);
	if (waitpid(child, &status, 0) != child)
		bail_out("no child");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
#define RUN(...) run((char *[]){"tiny", __VA_ARGS__, NULL})

static void is_int(int got, int want, const char *name)
{
	if (!ok(got == want, "%s", name))
		diag("got %d, expected %d, output: %s", got, want, out);
}

static bool shows(const char *text)
{
	if (strstr(out, text))
		return true;
	diag("no '%s' in: %s", text, out);
	return false;
}

static int lines(void)
{
	int n = 0;
	for (const char *c = out; *c; c++)
		n += *c == '\n';
	return n;
}

static void texts(void)
{
	is_int(RUN("--demo", "fine"), EXIT_RIGHT, "a demonstration that holds ends with 0");
	ok(shows(" ms  a child tells \\x01 and \\xff\n") && shows("the child ended with 7\n"), "its lines are told, also those of a child, escaped");
	is_int(RUN("--demo", "caught"), EXIT_RIGHT, "a mistake that was announced and caught is no failure");
	ok(shows("caught is wrong, as announced (it forgets)"), "and it is told as such");
	is_int(RUN("--demo", "uncaught"), EXIT_WRONG, "an announced mistake that was not caught is one");
	is_int(RUN("--demo", "unwell"), EXIT_WRONG, "what does not hold is one");
	ok(shows("unwell is WRONG: an update was lost"), "with the first thing that did not hold");
	is_int(RUN("--demo", "short"), EXIT_RESOURCE, "out of a resource: 3");
	ok(shows("tiny: short: No space left on device"), "with its reason");
	is_int(RUN("--demo", "never"), EXIT_CANNOT, "not here: 4");
	ok(shows("cannot run here: there is no such thing (package thing)") && lines() == 1, "in one line with the package");
	is_int(RUN("--demo", "fine", "-q"), EXIT_RIGHT, "quiet");
	is_int((int)length, 0, "says nothing");
	is_int(RUN("--list"), EXIT_RIGHT, "--list");
	ok(shows("uncaught") && shows("[wrong on purpose: it forgets]"), "names the demonstrations");
}

static void refusals(void)
{
	is_int(RUN("--demo", "nosuch"), EXIT_USAGE, "an unknown demonstration: 2");
	ok(shows("--demo nosuch: unknown; there is: fine, caught") && lines() == 1, "one line with those there are");
	is_int(RUN("--letters", "abd"), EXIT_USAGE, "a value that the lesson refuses: 2");
	ok(shows("--letters abd: abc") && lines() == 1, "one line with what is allowed");
	is_int(RUN("--letters", "abc"), EXIT_RESOURCE, "an option that asks for a demonstration runs it");
	ok(shows("letters abc"), "which knows the value");
	is_int(RUN("--demo", "fine", "-o", "/nonexistent/x"), EXIT_USAGE, "a file that can't be written: 2");
	is_int(RUN("--demo", "fine", "--csv"), EXIT_USAGE, "there is no table of it: 2");
}

static void records(void)
{
	is_int(RUN("--demo", "caught", "--json"), EXIT_RIGHT, "as records");
	struct recset *set = recset_new();
	recset_feed(set, out, length);
	recset_feed_end(set);
	struct rec_run *r = recset_last(set);
	ok(set->skipped == 0 && r, "the reader takes each line%s%s", set->complaint ? ": " : "", set->complaint ? set->complaint : "");
	const struct rec_verdict *v = r ? recset_verdict(r, "caught") : NULL;
	ok(v && !v->right && v->wrong_runs == 1 && v->observed == 1 && v->expected == 2 && !strcmp(v->text, "an update was lost"),
	   "the verdict holds the figures and the first miss");
	ok(r && r->says.n == 3 && r->ended && r->status == 0 && !strcmp(r->lesson, "tiny"), "three lines are said, and it ended with 0");
	recset_free(set);
	is_int(RUN("--describe"), EXIT_RIGHT, "--describe");
	json_t *o = json_loads(out, 0, NULL), *first = json_array_get(json_object_get(o, "demos"), 1);
	is_int((int)json_array_size(json_object_get(o, "demos")), 6, "lists the demonstrations");
	is(json_string_value(json_object_get(first, "wrong")), "it forgets", "with their mistakes");
	is(json_string_value(json_object_get(json_array_get(json_object_get(o, "options"), 0), "name")), "letters", "and its own options");
	json_decref(o);
}

int main(void)
{
	setenv("LC_ALL", "C.UTF-8", 1);
	texts();
	refusals();
	records();
	return tap_done();
}
