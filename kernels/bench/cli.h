/* The command line shared by every lesson and by `lockstep bench`: options into plans, plans into records and text. */
#ifndef LOCKSTEP_CLI_H
#define LOCKSTEP_CLI_H

#include <getopt.h>
#include <stdbool.h>
#include "kernels/bench/bench.h"
#include "kernels/bench/options.h"
#include "kernels/bench/record.h"
#include "kernels/bench/text.h"

enum { CLI_PARAM = 0x1000 };

struct cli {
	const char *program;                    /* as typed: "mutex", "lockstep bench" */
	char *command;                          /* the whole command line, for the record */
	const char *lesson;                     /* id or NULL */
	/* as given, NULL or 0 when not */
	const char *variants, *threads, *output;
	const char *param_text[KERNEL_ARGS_MAX * 4];
	const char *param_name[KERNEL_ARGS_MAX * 4];
	int param_count;
	bool weak, json, csv, no_color, quiet, no_probes, probe_cost;
	int reps, status_fd;
	double budget;
	uint64_t seed;
	enum pin pin;
	enum tier counters;
};

/* The whole command line (static storage): the options of `own`, the common ones, and the parameters of the kernels as
 * --NAME. */
const struct program_options *cli_usage(struct cli *cli, const struct program_options *own, const struct kernel *const *kernels);

void cli_init(struct cli *cli, const char *program, int argc, char **argv);
/* One option that getopt_long returned (its own options a program handles before). False after one line on stderr: exit 2. */
bool cli_take(struct cli *cli, int option, int argc, char **argv);
/* One line on stderr: "mutex: --threads 0: …". Returns EXIT_USAGE. */
int cli_complain(const struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Complaint about a name, with what there is. */
int cli_unknown(const struct cli *cli, const char *what, const char *given, const char *allowed);

/* Checks everything against a kernel and fills the plan. Exit code: 0; 2 bad argument; 4 no chosen variant can run here. */
int cli_plan(const struct cli *cli, const struct kernel *kernel, const char *const *preset_variants, const char *preset_threads,
	     struct bench_plan *plan);

/* How text may look on this stdout. */
struct text_style cli_style(bool no_color, bool quiet);

/* What every session does alike: opens the sinks that the options name (false after one line on stderr: exit 2), catches signals, writes
 * the machine's line; writes the end line (returns 128+n when a signal ended it, else status); when all is printed, closes (returns
 * status, or 3 when something could not be written). */
bool cli_open(const struct cli *cli, struct record_sink *sink);
int cli_end(struct record_sink *sink, int status, int64_t begin_ns);
int cli_close(const struct cli *cli, struct record_sink *sink, int status);

/* Runs the plan into the sinks that the options name and prints text, JSON or CSV. Exit code. */
int cli_run(struct cli *cli, struct bench_plan *plan);
/* The same for several kernels, each in a process of its own, so that nothing of one weighs on the next: an accelerator's driver with
 * its mappings, libraries, threads. Plans in those processes, too (a variant that is asked whether it can run here opens its driver),
 * once for all of them before anything is measured. Exit code: the worst. */
int cli_run_each(struct cli *cli, const struct kernel *const *kernels, int count);
/* What is printed of a session on stdout. */
void cli_print(const struct cli *cli, const struct recset *set);

#endif
