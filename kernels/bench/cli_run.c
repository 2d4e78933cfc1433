/* Plans to records, and records to what the user asked for on stdout. */
#include "kernels/bench/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "kernels/bench/clock.h"
#include "kernels/bench/cost.h"
#include "kernels/bench/machine.h"
#include "kernels/bench/text.h"
#include "kernels/bench/util.h"

struct text_style cli_style(bool no_color, bool quiet)
{
	struct winsize size;
	bool terminal = isatty(STDOUT_FILENO);
	struct text_style style = {.quiet = quiet, .width = 80, .utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8")};
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

	style.colour = terminal && !no_color && !(no_colour && *no_colour) && term && strcmp(term, "dumb");
	if (terminal && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col >= 40)
		style.width = size.ws_col;
	return style;
}

bool cli_open(const struct cli *cli, struct record_sink *sink)
{
	if (cli->output && !record_open(sink, cli->output)) {
		cli_complain(cli, "--output %s: %s", cli->output, strerror(errno));
		return false;
	}
	if (cli->status_fd >= 0 && fcntl(cli->status_fd, F_GETFD) < 0) {
		cli_complain(cli, "--status-fd %d: %s", cli->status_fd, strerror(errno));
		return false;
	}
	sink->live_fd = cli->json ? STDOUT_FILENO : cli->status_fd;
	bench_catch_signals(sink);
	record_write(sink, machine_record(), false);
	return true;
}

int cli_end(struct record_sink *sink, int status, int64_t begin_ns)
{
	if (bench_signal())
		status = 128 + bench_signal();
	record_write(sink, json_pack("{s:s, s:n, s:i, s:b, s:o}", "t", "end", "run", "status", status, "partial", bench_signal() != 0,
				     "seconds", record_real(1e-9 * (double)(now_ns() - begin_ns))), false);
	bench_release_signals();
	return status;
}

int cli_close(const struct cli *cli, struct record_sink *sink, int status)
{
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "%s: standard output: %s\n", cli->program, strerror(errno));
		status = status ? status : EXIT_RESOURCE;
	}
	if (!record_close(sink) && !status)
		status = EXIT_RESOURCE;
	return status;
}

void cli_print(const struct cli *cli, const struct recset *set)
{
	struct text_style style = cli_style(cli->no_color, cli->quiet);
	if (cli->status_fd >= 0 && !isatty(STDOUT_FILENO))
		style.width = 78; /* who reads the records shows the text in a frame of its own */

	if (cli->json)
		return;
	for (size_t i = 0; i < set->runs.n; i++) {
		if (cli->csv)
			csv_run(stdout, set, &set->runs.v[i], i == 0);
		else
			text_run(stdout, set, &set->runs.v[i], &style);
	}
}

int cli_run(struct cli *cli, struct bench_plan *plan)
{
	struct record_sink sink = {.file_fd = -1, .live_fd = -1, .set = recset_new()};
	int64_t begin = now_ns();

	counters_init(cli->counters); /* before the machine is described: the record tells what counts here */
	if (!cli_open(cli, &sink))
		return EXIT_USAGE;
	plan->progress = !cli->quiet && !cli->json && isatty(STDERR_FILENO);
	int status = cli->probe_cost ? bench_probe_cost(plan, &sink) : bench_run(plan, &sink);
	status = cli_end(&sink, status, begin);
	cli_print(cli, sink.set);
	status = cli_close(cli, &sink, status);
	recset_free(sink.set);
	return status;
}
