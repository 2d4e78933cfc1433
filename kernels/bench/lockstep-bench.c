/* lockstep bench [KERNEL…|all]: measures kernels with the options that every lesson has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/cli.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

enum { OPT_LIST = 512, KERNELS_MAX = 64 };

static void list(void)
{
	for (int i = 0; i < bench_kernel_count(); i++) {
		const struct kernel *k = bench_kernel_at(i);
		printf("%s: %s\n", k->name, k->title);
		for (const struct variant *v = k->variants; v->name; v++) {
			const char *why = v->unavailable ? v->unavailable() : NULL;
			printf("  %-20s %-10s %s%s%s\n", v->name, kind_name(v->kind), v->about, why ? "; cannot run here: " : "", why ? why : "");
		}
	}
}

static void names(char *buf, size_t size)
{
	size_t n = 0;
	for (int i = 0; i < bench_kernel_count() && n < size; i++)
		n += (size_t)snprintf(buf + n, size - n, "%s%s", i ? ", " : "", bench_kernel_at(i)->name);
}

int main(int argc, char **argv)
{
	static const struct option_row own[] = {{OPT_LIST, "list", NULL, N_("the kernels and their variants"), NULL}, {0}};
	static const struct program_options about = {.program = "lockstep bench", .synopsis = "[KERNEL...|all] [options]",
					   .about = N_("Measures kernels; preset: all."), .operands = "all @kernel", .options = own};
	static struct bench_plan plan;
	const struct kernel *all[KERNELS_MAX + 1] = {NULL}, *chosen[KERNELS_MAX];
	struct cli cli;
	char allowed[1024];
	int count = 0, n = bench_kernel_count(), c;

	words_start();
	for (int i = 0; i < n && i < KERNELS_MAX; i++)
		all[i] = bench_kernel_at(i);
	cli_init(&cli, "lockstep bench", argc, argv);
	const struct program_options *usage = cli_usage(&cli, &about, all);
	opterr = 0;
	while ((c = getopt_long(argc, argv, options_short(usage), options_long(usage), NULL)) != -1) {
		if (c == OPT_LIST)
			return list(), EXIT_RIGHT;
		if (options_common(usage, c))
			return EXIT_RIGHT;
		if (!cli_take(&cli, c, argc, argv))
			return EXIT_USAGE;
	}
	names(allowed, sizeof allowed);
	for (int i = optind; i < argc; i++) {
		const struct kernel *k = bench_kernel(argv[i]);
		if (!strcmp(argv[i], "all"))
			continue;
		if (!k)
			return cli_unknown(&cli, "kernel", argv[i], allowed);
		if (count < KERNELS_MAX)
			chosen[count++] = k;
	}
	if (!count)
		for (; count < n && count < KERNELS_MAX; count++)
			chosen[count] = all[count];
	if (count > 1)
		return cli_run_each(&cli, chosen, count);
	int status = cli_plan(&cli, chosen[0], NULL, NULL, &plan);
	return status ? status : cli_run(&cli, &plan);
}
