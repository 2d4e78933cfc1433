/* lockstep peers [KERNEL…|all]: our best variant beside what people would use instead, in one run. */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/bench/ceilings.h"
#include "kernels/bench/cli.h"
#include "kernels/bench/clock.h"
#include "kernels/bench/machine.h"
#include "kernels/bench/peers.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

enum { OPT_LIST = 512, OPT_FROM, OPT_BUDGET, OPT_SEED, OPT_JSON, OPT_COLOR, KERNELS_MAX = 64, SIZE_TEXT = KERNEL_ARGS_MAX * 4 - 1 };
#define BUDGET_PRESET 540.0

static const struct option_row own[] = {
	{'t', "threads", "LIST", N_("workers: 1,2,4 or 1-8 or max (cores); preset 1,max"), "1,2 max 1,max"},
	{'n', "size", "LIST", N_("problem sizes, with SI suffixes: 10M,100M (preset: each kernel's own)"), NULL},
	{'v', "variant", "LIST", N_("variants that may stand for ours (preset: all that are right; the fastest does)"), "@variant"},
	{'r', "reps", "N", N_("quiet rounds wanted, 1 to 1000 (preset 11; below 6 no interval)"), NULL},
	{OPT_BUDGET, "budget", "SECONDS", N_("for everything (preset 540); what is too slow for it is run once"), NULL},
	{OPT_SEED, "seed", "N", N_("seed of the inputs and of the order of measuring (preset 1)"), NULL},
	{'o', "output", "FILE", N_("append the records to FILE"), "@file"},
	{OPT_FROM, "from", "FILE", N_("measure nothing: the table of these records"), "@file"},
	{OPT_JSON, "json", NULL, N_("records (NDJSON) on stdout instead of text"), NULL},
	{OPT_COLOR, "no-color", NULL, N_("plain text (also: NO_COLOR, or stdout no terminal)"), NULL},
	{'q', "quiet", NULL, N_("of the peers only the fastest"), NULL},
	{OPT_LIST, "list", NULL, N_("the peers, and why some cannot run here"), NULL},
	{0, NULL, NULL, NULL, NULL},
};

struct options {
	struct cli cli;
	const char *from, *reps, *budget, *seed;
	bool list;
};

/* The options above, and the parameters of the kernels as --NAME. */
static const struct program_options *usage(struct cli *cli)
{
	static struct option_row all[OPTIONS_MAX];
	static struct program_options u = {.program = "lockstep peers", .synopsis = "[KERNEL...|all] [options]", .operands = "all @kernel",
					   .about = N_("Kernels beside what people would use instead (kernels/peers), in the same rounds. Preset: all kernels "
						       "that have peers or a limit. `make peers` builds the peers, `make deps-peers` installs what they need."),
					   .options = all};
	int n = 0;
	for (const struct option_row *o = own; o->name; o++)
		all[n++] = *o;
	for (int k = 0; k < bench_kernel_count(); k++)
		for (const struct param *p = bench_kernel_at(k)->params + 1; p[-1].name && p->name; p++) {
			bool there = n >= OPTIONS_MAX - 4 || cli->param_count >= SIZE_TEXT;
			for (int i = 0; i < n && !there; i++)
				there = !strcmp(all[i].name, p->name);
			if (there)
				continue;
			all[n++] = (struct option_row){CLI_PARAM + cli->param_count, p->name, "N", p->about, NULL};
			cli->param_name[cli->param_count++] = p->name;
		}
	all[n] = (struct option_row){0, NULL, NULL, NULL, NULL};
	return &u;
}

static bool number(const struct cli *cli, const char *option, const char *text, double min, double max, double *out)
{
	if (!text || (util_number(text, out) && *out >= min && *out <= max))
		return true;
	cli_complain(cli, "%s %s: a number from %.12g to %.12g", option, text, min, max);
	return false;
}

/* 0, or an exit code + 1. */
static int take_options(struct options *o, const struct program_options *u, int argc, char **argv)
{
	int c;
	double reps = 0, seed = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, options_short(u), options_long(u), NULL)) != -1) {
		if (options_common(u, c))
			return EXIT_RIGHT + 1;
		switch (c) {
		case OPT_LIST: o->list = true; break;
		case OPT_FROM: o->from = optarg; break;
		case OPT_BUDGET: o->budget = optarg; break;
		case OPT_SEED: o->seed = optarg; break;
		case OPT_JSON: o->cli.json = true; break;
		case OPT_COLOR: o->cli.no_color = true; break;
		case 'r': o->reps = optarg; break;
		default:
			if (!cli_take(&o->cli, c, argc, argv))
				return EXIT_USAGE + 1;
		}
	}
	o->cli.budget = BUDGET_PRESET;
	if (!number(&o->cli, "--reps", o->reps, 1, BENCH_ROUNDS_MAX, &reps) || !number(&o->cli, "--budget", o->budget, 0.1, 86400, &o->cli.budget) ||
	    !number(&o->cli, "--seed", o->seed, 0, 0x1p53, &seed))
		return EXIT_USAGE + 1;
	o->cli.reps = (int)reps;
	o->cli.seed = (uint64_t)seed;
	return 0;
}

/* ---- what there is ------------------------------------------------------------------------------------------------- */

static void list(const struct peers *peers)
{
	char shown[512];
	for (size_t i = 0; i < peers->n; i++) {
		const struct peer *p = &peers->v[i];
		if (p->why)
			printf("%-14s %-28s cannot run here: %s\n", *p->kernel ? p->kernel : "?", p->name, util_printable(p->why, shown, sizeof shown));
		else
			printf("%-14s %-28s %s\n", p->kernel, p->name, p->library);
	}
	if (!peers->n)
		printf("No peers in %s: make peers builds them.\n", peers_dir());
}

/* Programs that did not tell what they serve. */
static void tell_broken(FILE *out, const struct peers *peers)
{
	for (size_t i = 0; i < peers->n; i++)
		if (!*peers->v[i].kernel)
			fprintf(out, "peer %s left out: %s\n", peers->v[i].name, peers->v[i].why);
}

static bool has_peers(const struct peers *peers, const struct kernel *kernel)
{
	for (size_t i = 0; i < peers->n; i++)
		if (!strcmp(peers->v[i].kernel, kernel->name))
			return true;
	return false;
}

static int choose(const struct options *o, const struct peers *peers, int argc, char **argv, const struct kernel **chosen)
{
	int n = 0;
	for (int i = optind; i < argc; i++) {
		const struct kernel *k = bench_kernel(argv[i]);
		if (!strcmp(argv[i], "all"))
			continue;
		if (!k) {
			cli_complain(&o->cli, "kernel %s: unknown (lockstep bench --list names them)", argv[i]);
			return -1;
		}
		if (n < KERNELS_MAX)
			chosen[n++] = k;
	}
	bool all = !n;
	for (int i = 0; all && i < bench_kernel_count() && n < KERNELS_MAX; i++) {
		const struct kernel *k = bench_kernel_at(i);
		if (has_peers(peers, k) || k->flops || k->bytes)
			chosen[n++] = k;
	}
	return n;
}

/* ---- the run ------------------------------------------------------------------------------------------------------- */

static int measure(const struct options *o, const struct peers *peers, const struct kernel *const *kernel, int n, struct record_sink *sink)
{
	static struct bench_plan plan[KERNELS_MAX];
	static struct peers_plan p[KERNELS_MAX];
	int64_t begin = now_ns();
	int status = EXIT_RIGHT;

	for (int i = 0; i < n; i++) {
		int bad = cli_plan(&o->cli, kernel[i], NULL, topology_usable() > 1 ? "1,max" : "1", &plan[i]);
		if (bad)
			return bad;
		p[i] = (struct peers_plan){.plan = &plan[i], .peers = peers, .progress = !o->cli.quiet && !o->cli.json && isatty(STDERR_FILENO)};
		for (int k = 0; kernel[i]->params[k].name; k++) {
			p[i].given[k] = k == 0 && o->cli.param_text[SIZE_TEXT];
			for (int g = 0; g < o->cli.param_count; g++)
				if (!strcmp(o->cli.param_name[g], kernel[i]->params[k].name) && o->cli.param_text[g])
					p[i].given[k] = true;
			if (!p[i].given[k] && kernel[i]->peer_arg[k] > 0)
				plan[i].arg[k] = kernel[i]->peer_arg[k];
		}
	}
	if (!peers->n)
		fprintf(stderr, "lockstep peers: no peers in %s: make peers builds them\n", peers_dir());
	tell_broken(stderr, peers);
	bench_catch_signals(sink);
	record_write(sink, machine_record(), false);
	ceilings_get(sink, "peers");
	/* First whatever fits into its share of the time; what does not fit waits, and is left what it needs, up to half of the rest. */
	double reserved = 0;
	for (int i = 0; i < n && !bench_signal(); i++) {
		double rest = fmax(0, o->cli.budget - 1e-9 * (double)(now_ns() - begin) - reserved);
		p[i].most = rest / 2;
		int one = peers_run(&p[i], rest / (n - i), sink);
		status = one ? one : status;
		reserved += peers_need(&p[i]);
	}
	for (int i = 0; i < n && !bench_signal(); i++) {
		double rest = o->cli.budget - 1e-9 * (double)(now_ns() - begin), need = peers_need(&p[i]);
		if (!(need > 0))
			continue;
		p[i].most = 0;
		int one = peers_run(&p[i], fmax(rest, 0) * fmin(1, need / reserved), sink);
		status = one ? one : status;
		reserved -= need;
	}
	if (bench_signal())
		status = 128 + bench_signal();
	record_write(sink, json_pack("{s:s, s:n, s:i, s:b, s:o}", "t", "end", "run", "status", status, "partial", bench_signal() != 0, "seconds",
				     record_real(1e-9 * (double)(now_ns() - begin))), false);
	bench_release_signals();
	return status;
}

static int show(const struct options *o, struct recset *set, int status)
{
	struct text_style style = cli_style(o->cli.no_color, o->cli.quiet);
	if (!o->cli.json)
		peers_text(stdout, set, &style);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "lockstep peers: standard output: %s\n", strerror(errno));
		status = status ? status : EXIT_RESOURCE;
	}
	return status;
}

int main(int argc, char **argv)
{
	static struct options o;
	const struct kernel *chosen[KERNELS_MAX];
	struct record_sink sink = {.file_fd = -1, .live_fd = -1};

	words_start();
	setlocale(LC_NUMERIC, "C");
	cli_init(&o.cli, "lockstep peers", argc, argv);
	int status = take_options(&o, usage(&o.cli), argc, argv);
	if (status)
		return status - 1;
	struct peers peers = {NULL, 0};
	sink.set = recset_new();
	if (o.from) {
		if (!recset_file(sink.set, o.from))
			status = cli_complain(&o.cli, "--from %s: %s", o.from, strerror(errno));
		else if (!sink.set->peers.n)
			status = cli_complain(&o.cli, "--from %s: no comparison with peers in it", o.from);
		else
			status = show(&o, sink.set, EXIT_RIGHT);
		goto out;
	}
	peers = peers_find(peers_dir());
	if (o.list) {
		list(&peers);
		goto out;
	}
	int n = choose(&o, &peers, argc, argv, chosen);
	if (n < 0) {
		status = EXIT_USAGE;
		goto out;
	}
	if (o.cli.output && !record_open(&sink, o.cli.output)) {
		status = cli_complain(&o.cli, "--output %s: %s", o.cli.output, strerror(errno));
		goto out;
	}
	sink.live_fd = o.cli.json ? STDOUT_FILENO : -1;
	status = measure(&o, &peers, chosen, n, &sink);
	if (status != EXIT_USAGE)
		status = show(&o, sink.set, status);
	if (!record_close(&sink) && !status)
		status = EXIT_RESOURCE;
out:
	peers_free(&peers);
	recset_free(sink.set);
	return status;
}
