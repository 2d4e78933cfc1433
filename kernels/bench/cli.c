/* Options and what they mean. Every complaint is one line that names the argument and what is allowed. */
#include "kernels/bench/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/lists.h"
#include "kernels/bench/topology.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

enum { OPT_WEAK = 256, OPT_BUDGET, OPT_SEED, OPT_PIN, OPT_COUNTERS, OPT_JSON, OPT_CSV, OPT_STATUS, OPT_COLOR, OPT_PROBES, OPT_COST };

static const struct option_row common[] = {
	{'v', "variant", "LIST", N_("variants to measure (--list shows them; all: every one)"), "@variant"},
	{'t', "threads", "LIST", N_("workers: 1,2,4 or 1-8 or max (cores) or 2x (twice the cores)"), "1,2 max 2x 1,2,max"},
	{'n', "size", "N", N_("problem size, with SI suffixes: 10M, 1e6"), NULL},
	{OPT_WEAK, "weak", NULL, N_("weak scaling: the work grows with the workers (Gustafson)"), NULL},
	{'r', "reps", "N", N_("quiet rounds wanted, 1 to 1000 (preset 11; below 6 no interval)"), NULL},
	{OPT_BUDGET, "budget", "SECONDS", N_("end measuring after this time"), NULL},
	{OPT_SEED, "seed", "N", N_("seed of the inputs and of the order of measuring (preset 1)"), NULL},
	{OPT_PIN, "pin", "HOW", N_("compact, spread or none (preset compact)"), "compact spread none"},
	{OPT_COUNTERS, "counters", "TIER", N_("auto, hw, sw or off (preset auto)"), "auto hw sw off"},
	{'o', "output", "FILE", N_("append the records to FILE"), "@file"},
	{OPT_JSON, "json", NULL, N_("records (NDJSON) on stdout instead of text"), NULL},
	{OPT_CSV, "csv", NULL, N_("one line a configuration on stdout instead of text"), NULL},
	{OPT_STATUS, "status-fd", "N", N_("records to file descriptor N, text on stdout"), NULL},
	{OPT_PROBES, "no-probes", NULL, N_("take wall time only"), NULL},
	{OPT_COST, "probe-cost", NULL, N_("what the probes cost: on against off (counters have runs of their own)"), NULL},
	{OPT_COLOR, "no-color", NULL, N_("plain text (also: NO_COLOR, or stdout no terminal)"), NULL},
	{'q', "quiet", NULL, N_("verdicts and errors only"), NULL},
	{0, NULL, NULL, NULL, NULL},
};

void cli_init(struct cli *cli, const char *program, int argc, char **argv)
{
	static char *all; /* the record wants it as long as the process lives */

	all = xstrdup(program);

	*cli = (struct cli){.program = program, .status_fd = -1, .seed = 1};
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--status-fd")) { /* says where to, not what */
			i++;
			continue;
		}
		char *longer = strpbrk(argv[i], " \t\n\"'\\$") ? xasprintf("%s '%s'", all, argv[i]) : xasprintf("%s %s", all, argv[i]);
		free(all);
		all = longer;
	}
	cli->command = all;
}

/* "side of the image: 0 to 16384 pixels (preset 512)" */
static void tell_range(FILE *out, const struct param *p)
{
	fprintf(out, "%s: %.12g to %.12g%s%s (preset %.12g)", p->about, p->min, p->max, *p->unit ? " " : "", p->unit, p->preset);
}

/* What the parameter means in each kernel that has it, as one line (caller frees). */
static char *about_param(const struct kernel *const *kernels, const char *name)
{
	char *text = NULL;
	size_t length;
	bool several = kernels[0] && kernels[1], first = true;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return xstrdup(name);
	for (const struct kernel *const *k = kernels; *k; k++) {
		for (const struct param *p = (*k)->params; p->name; p++) {
			if (strcmp(p->name, name))
				continue;
			fprintf(out, "%s%s%s", first ? "" : "; ", several ? (*k)->name : "", several ? ": " : "");
			tell_range(out, p);
			first = false;
		}
	}
	fclose(out);
	return text;
}

/* The sizes of the kernels, below the options (caller frees). */
static char *about_sizes(const struct kernel *const *kernels, const char *after)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return xstrdup(after ? after : "");
	fputs(_("--size is:"), out);
	for (const struct kernel *const *k = kernels; *k; k++) {
		fprintf(out, "\n  %-14s ", (*k)->name);
		tell_range(out, (*k)->params);
	}
	fprintf(out, "\n%s%s%s", _("A list of values, --size 1M,2M, sweeps one parameter."), after ? "\n" : "", after ? _(after) : "");
	fclose(out);
	return text;
}

static bool is_there(const struct option_row *all, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(all[i].name, name))
			return true;
	return false;
}

const struct program_options *cli_usage(struct cli *cli, const struct program_options *own, const struct kernel *const *kernels)
{
	static struct option_row all[OPTIONS_MAX];
	static struct program_options whole;
	int n = 0, most = OPTIONS_MAX - 4; /* the common ones of every program come on top */

	whole = *own;
	for (const struct option_row *o = own->options; o && o->name; o++)
		all[n++] = *o;
	for (const struct option_row *o = common; o->name; o++)
		all[n++] = *o;
	for (const struct kernel *const *k = kernels; *k; k++) {
		for (const struct param *p = (*k)->params; p->name; p++) {
			if (is_there(all, n, p->name) || p == (*k)->params || n == most || cli->param_count == KERNEL_ARGS_MAX * 4 - 1)
				continue;
			all[n++] = (struct option_row){CLI_PARAM + cli->param_count, p->name, "N", about_param(kernels, p->name), NULL};
			cli->param_name[cli->param_count++] = p->name;
		}
	}
	all[n] = (struct option_row){0, NULL, NULL, NULL, NULL};
	whole.options = all;
	whole.after = about_sizes(kernels, own->after);
	return &whole;
}

int cli_complain(const struct cli *cli, const char *fmt, ...)
{
	char text[600], shown[700];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s: %s\n", cli->program, util_printable(text, shown, sizeof shown));
	return EXIT_USAGE;
}

int cli_unknown(const struct cli *cli, const char *what, const char *given, const char *allowed)
{
	return cli_complain(cli, "%s %s: unknown; there is: %s", what, given, allowed);
}

static bool number_in(const struct cli *cli, const char *option, const char *text, double min, double max, bool fraction, double *out)
{
	char why[200];
	int count;
	if (list_numbers(text, min, max, fraction, "", out, &count, 1, why, sizeof why))
		return true;
	cli_complain(cli, "%s %s: %s", option, text, why);
	return false;
}

static bool one_of(const struct cli *cli, const char *option, const char *text, const char *const *names, const char *all, int *out)
{
	for (*out = 0; names[*out]; (*out)++)
		if (!strcmp(names[*out], text))
			return true;
	cli_unknown(cli, option, text, all);
	return false;
}

bool cli_take(struct cli *cli, int option, int argc, char **argv)
{
	static const char *const pins[] = {"compact", "spread", "none", NULL}, *const tiers[] = {"auto", "hw", "sw", "off", NULL};
	double x;
	int which;

	(void)argc;
	switch (option) {
	case 'v': cli->variants = optarg; return true;
	case 't': cli->threads = optarg; return true;
	case 'n': cli->param_text[KERNEL_ARGS_MAX * 4 - 1] = optarg; return true; /* the size, whatever its name is */
	case 'o': cli->output = optarg; return true;
	case 'q': cli->quiet = true; return true;
	case OPT_WEAK: cli->weak = true; return true;
	case OPT_JSON: cli->json = true; return true;
	case OPT_CSV: cli->csv = true; return true;
	case OPT_COLOR: cli->no_color = true; return true;
	case OPT_PROBES: cli->no_probes = true; return true;
	case OPT_COST: cli->probe_cost = true; return true;
	case 'r':
		if (!number_in(cli, "--reps", optarg, 1, BENCH_ROUNDS_MAX, false, &x))
			return false;
		cli->reps = (int)x;
		return true;
	case OPT_BUDGET:
		return number_in(cli, "--budget", optarg, 0.1, 86400, true, &cli->budget);
	case OPT_SEED:
		if (!number_in(cli, "--seed", optarg, 0, 9007199254740992.0, false, &x))
			return false;
		cli->seed = (uint64_t)x;
		return true;
	case OPT_STATUS:
		if (!number_in(cli, "--status-fd", optarg, 0, 65535, false, &x))
			return false;
		cli->status_fd = (int)x;
		return true;
	case OPT_PIN:
		if (!one_of(cli, "--pin", optarg, pins, "compact, spread, none", &which))
			return false;
		cli->pin = (enum pin)which;
		return true;
	case OPT_COUNTERS:
		if (!one_of(cli, "--counters", optarg, tiers, "auto, hw, sw, off", &which))
			return false;
		cli->counters = (enum tier)which;
		return true;
	case ':':
		cli_complain(cli, "%s: needs a value (--help shows which)", argv[optind - 1]);
		return false;
	case '?':
		if (optopt && optopt < 128)
			cli_complain(cli, "-%c: unknown option (--help lists them)", optopt);
		else
			cli_complain(cli, "%s: unknown, ambiguous or without a value (--help lists the options)", argv[optind - 1]);
		return false;
	default:
		cli->param_text[option - CLI_PARAM] = optarg;
		return true;
	}
}

static const char *names_of(const struct kernel *kernel, char *buf, size_t size)
{
	size_t n = 0;
	buf[0] = 0;
	for (const struct variant *v = kernel->variants; v->name && n < size; v++)
		n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? ", " : "", v->name);
	return buf;
}

/* Adds a variant that can run here; notes the reason of one that can't. */
static void add_variant(struct bench_plan *plan, const struct variant *v, const char **reason)
{
	const char *why = v->unavailable ? v->unavailable() : NULL;
	for (int i = 0; i < plan->variant_count; i++)
		if (plan->variants[i] == v)
			return;
	if (why)
		*reason = why;
	else if (plan->variant_count < BENCH_VARIANTS_MAX)
		plan->variants[plan->variant_count++] = v;
}

static int plan_variants(const struct cli *cli, const struct kernel *kernel, const char *const *preset, struct bench_plan *plan)
{
	char allowed[512], item[64];
	const char *reason = NULL, *list = cli->variants;

	if (list && strcmp(list, "all")) {
		while (*list) {
			size_t n = strcspn(list, ",");
			snprintf(item, sizeof item, "%.*s", (int)(n < 63 ? n : 63), list);
			const struct variant *v = bench_variant(kernel, item);
			if (!v)
				return cli_unknown(cli, "--variant", item, names_of(kernel, allowed, sizeof allowed));
			add_variant(plan, v, &reason);
			list += n;
			if (*list == ',' && !*++list)
				return cli_unknown(cli, "--variant", "''", names_of(kernel, allowed, sizeof allowed));
		}
	} else if (!list && preset) {
		for (; *preset; preset++)
			if (bench_variant(kernel, *preset))
				add_variant(plan, bench_variant(kernel, *preset), &reason);
	}
	if (!plan->variant_count && !reason && (!list || !strcmp(list, "all")))
		for (const struct variant *v = kernel->variants; v->name; v++)
			add_variant(plan, v, &reason);
	if (plan->variant_count)
		return EXIT_RIGHT;
	if (!reason)
		return cli_complain(cli, "--variant '': there is: %s", names_of(kernel, allowed, sizeof allowed));
	fprintf(stderr, "%s: cannot run here: %s\n", cli->program, reason);
	return EXIT_CANNOT;
}

static const char *given(const struct cli *cli, const struct kernel *kernel, int param)
{
	for (int i = 0; i < cli->param_count; i++)
		if (!strcmp(cli->param_name[i], kernel->params[param].name) && cli->param_text[i])
			return cli->param_text[i];
	return param == 0 ? cli->param_text[KERNEL_ARGS_MAX * 4 - 1] : NULL;
}

static int plan_params(const struct cli *cli, const struct kernel *kernel, struct bench_plan *plan)
{
	char why[200];

	for (int i = 0; i < cli->param_count; i++) {
		bool known = false;
		for (const struct param *p = kernel->params; p->name; p++)
			known = known || !strcmp(p->name, cli->param_name[i]);
		if (cli->param_text[i] && !known)
			return cli_complain(cli, "--%s: kernel %s has no such parameter", cli->param_name[i], kernel->name);
	}
	plan->sweep = -1;
	for (int i = 0; kernel->params[i].name; i++) {
		const struct param *p = &kernel->params[i];
		const char *text = given(cli, kernel, i);
		double values[BENCH_SWEEP_MAX];
		int count;
		plan->arg[i] = p->preset;
		if (!text)
			continue;
		if (!list_numbers(text, p->min, p->max, p->fraction, p->unit, values, &count, BENCH_SWEEP_MAX, why, sizeof why))
			return cli_complain(cli, "--%s %s: %s", i ? p->name : "size", text, why);
		plan->arg[i] = values[0];
		if (count == 1)
			continue;
		if (plan->sweep >= 0)
			return cli_complain(cli, "--%s %s: only one parameter can be a list", p->name, text);
		plan->sweep = i;
		plan->sweep_count = count;
		memcpy(plan->sweep_value, values, sizeof values);
	}
	return EXIT_RIGHT;
}

int cli_plan(const struct cli *cli, const struct kernel *kernel, const char *const *preset_variants, const char *preset_threads,
	     struct bench_plan *plan)
{
	char why[200], preset[64];
	int usable = topology_usable(), status;

	*plan = (struct bench_plan){.kernel = kernel, .weak = cli->weak, .rounds = cli->reps, .budget_seconds = cli->budget,
				    .seed = cli->seed, .pin = cli->pin, .lesson = cli->lesson, .command = cli->command,
				    .probes = !cli->no_probes, .ceilings = true};
	if (!preset_threads) { /* 1, 2, 4, … to twice the cores */
		size_t n = (size_t)snprintf(preset, sizeof preset, "1");
		for (int p = 2; p <= 2 * usable && n < sizeof preset - 8; p *= 2)
			n += (size_t)snprintf(preset + n, sizeof preset - n, ",%d", p);
		preset_threads = preset;
	}
	if (!list_workers(cli->threads ? cli->threads : preset_threads, usable, plan->workers, &plan->worker_count, BENCH_WORKERS_MAX,
			  why, sizeof why))
		return cli_complain(cli, "--threads %s: %s", cli->threads, why);
	if ((status = plan_params(cli, kernel, plan)))
		return status;
	if (plan->weak && plan->sweep == 0)
		return cli_complain(cli, "--weak: the size grows with the workers, so it can't be a list");
	if (cli->json && cli->csv)
		return cli_complain(cli, "--csv: not together with --json");
	if (cli->json && cli->status_fd >= 0)
		return cli_complain(cli, "--status-fd %d: not together with --json, the records go one way", cli->status_fd);
	return plan_variants(cli, kernel, preset_variants, plan);
}
