/* One demonstration from the command line to its verdict. */
#include "lessons/demo.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "kernels/bench/cli.h"
#include "kernels/bench/clock.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "lessons/lesson.h"

enum { LINE_MAX_BYTES = 500 };

/* What is told is written at once and by one write(2) a line, without a lock: threads and forked children tell, too. */
struct telling {
	struct record_sink sink;
	struct text_style style;
	const struct demo *demo;
	bool text; /* on stdout, not the records */
	char id[48];
	int64_t begin_ns;
	int held, missed; /* checks */
	double observed, expected;
	char found[LINE_MAX_BYTES]; /* the first check that did not hold, else the last one that did */
};

double tell_ms(const struct telling *t) { return 1e-6 * (double)(now_ns() - t->begin_ns); }

static void write_text(const struct telling *t, const char *mark, const char *line)
{
	char out[LINE_MAX_BYTES * 4 + 64];
	int n = snprintf(out, sizeof out, "%9.1f ms  %s%s\n", tell_ms(t), mark, line);
	for (ssize_t done = 0, got; t->text && done < n && (got = write(STDOUT_FILENO, out + done, (size_t)(n - done))) > 0;)
		done += got;
}

/* People read it in their language, records are English. */
__attribute__((format(printf, 4, 0))) static void say(struct telling *t, const char *mark, char *line, const char *fmt, va_list ap)
{
	char foreign[LINE_MAX_BYTES], shown[LINE_MAX_BYTES * 4], *words;
	va_list again;
	va_copy(again, ap);
	vsnprintf(foreign, sizeof foreign, _(fmt), again);
	va_end(again);
	vsnprintf(line, LINE_MAX_BYTES, fmt, ap);
	words = strstr(fmt, "%s") ? words_printed(fmt, line) : NULL; /* what it quotes is in that language, too */
	util_printable(words ? words : foreign, shown, sizeof shown);
	free(words);
	write_text(t, mark, shown);
	util_printable(line, shown, sizeof shown);
	record_write(&t->sink, json_pack("{s:s, s:s, s:s, s:o, s:o}", "t", "say", "run", t->id, "about", "demo", "text",
					 json_sprintf("%s%s", mark, shown), "ms", record_real(tell_ms(t))), false);
}

void tell(struct telling *t, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;
	va_start(ap, fmt);
	say(t, "", line, fmt, ap);
	va_end(ap);
}

bool tell_check(struct telling *t, bool held, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;
	va_start(ap, fmt);
	say(t, t->style.utf8 ? (held ? "✓ " : "✗ ") : (held ? "ok: " : "NOT: "), line, fmt, ap);
	va_end(ap);
	if (!t->missed)
		snprintf(t->found, sizeof t->found, "%s", line);
	t->held += held;
	t->missed += !held;
	return held;
}

void tell_figure(struct telling *t, double observed, double expected)
{
	t->observed = observed;
	t->expected = expected;
}

static void write_run(struct telling *t, const struct cli *cli, const struct lesson *lesson)
{
	const struct demo *d = t->demo;
	char stamp[32];
	time_t now = time(NULL);
	struct tm utc;
	gmtime_r(&now, &utc);
	strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
	snprintf(t->id, sizeof t->id, "%lld-%ld", (long long)now, (long)getpid());
	json_t *variant = json_pack("{s:s, s:s, s:s, s:s?, s:b, s:n}", "name", d->name, "about", d->about, "kind", "serial", "wrong",
				    d->wrong, "blocks", 1, "unavailable");
	record_write(&t->sink, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:n, s:s, s:{}, s:n, s:I, s:b, s:s, s:[], s:i, s:[o], s:[s], "
					 "s:s, s:i}", "t", "run", "run", t->id, "lesson", lesson->id, "kernel", d->name, "title", d->about,
					 "source", lesson->kernels[0]->source, "command", cli->command, "time", stamp, "size", "size_unit", "",
					 "args", "sweep", "seed", (json_int_t)cli->seed, "weak", 0, "pin", "none", "workers", "usable",
					 topology_usable(), "variants", variant, "measures", d->name, "baseline", d->name, "rounds", 0), false);
}

/* One that is wrong on purpose must have been caught; any other must have held what it claims. */
static int verdict(struct telling *t)
{
	const struct demo *d = t->demo;
	bool right = !t->missed, good = d->wrong ? !right : right;

	record_write(&t->sink, json_pack("{s:s, s:s, s:s, s:b, s:s?, s:i, s:i, s:o, s:o, s:s}", "t", "verdict", "run", t->id, "variant",
					 d->name, "right", right, "wrong", d->wrong, "tried", 1, "wrong_runs", !right, "expected",
					 record_real(t->expected), "observed", record_real(t->observed), "text", t->found), false);
	char line[LINE_MAX_BYTES * 3];
	if (d->wrong && !right)
		snprintf(line, sizeof line, _("%s is wrong, as announced (%s)"), d->name, _(d->wrong));
	else if (d->wrong)
		snprintf(line, sizeof line, _("%s was expected to go wrong (%s), and that was not caught"), d->name, _(d->wrong));
	else if (!right)
		snprintf(line, sizeof line, _("%s is WRONG: %s"), d->name, t->found);
	else
		return EXIT_RIGHT;
	write_text(t, "", line);
	return good ? EXIT_RIGHT : EXIT_WRONG;
}

int demo_run(const struct cli *cli, const struct lesson *lesson, const struct demo *demo)
{
	struct telling t = {.sink = {.file_fd = -1, .live_fd = -1}, .style = cli_style(cli->no_color, cli->quiet), .demo = demo,
			    .text = !cli->json && !cli->quiet, .begin_ns = now_ns(), .observed = NAN, .expected = NAN};
	const char *why = demo->unavailable ? demo->unavailable() : NULL;
	int status;

	if (why) {
		fprintf(stderr, "%s: cannot run here: %s\n", cli->program, why);
		return EXIT_CANNOT;
	}
	if (!cli_open(cli, &t.sink))
		return EXIT_USAGE;
	write_run(&t, cli, lesson);
	t.begin_ns = now_ns();
	if (demo->run(&t)) {
		status = EXIT_RESOURCE;
		if (!bench_signal())
			fprintf(stderr, "%s: %s: %s\n", cli->program, demo->name, strerror(errno));
		record_write(&t.sink, json_pack("{s:s, s:s, s:o}", "t", "error", "code", "resource", "text",
						json_sprintf("%s: %s", demo->name, strerror(errno))), false);
	} else {
		status = verdict(&t);
	}
	return cli_close(cli, &t.sink, cli_end(&t.sink, status, t.begin_ns));
}
