/* lockstep manual PAGE: the man pages and completions, made from the same tables as --help and ?. */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include "kernels/bench/options.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "tui/manual.h"

enum { OPT_WHERE = 256 };

static const struct page {
	const char *name, *where; /* below PREFIX/share */
	void (*make)(FILE *out, const struct manual *m);
} pages[] = {
	{"lockstep.1", "man/man1/lockstep.1", manual_page},
	{"lockstep-lesson.1", "man/man1/lockstep-lesson.1", manual_lesson},
	{"lockstep-record.5", "man/man5/lockstep-record.5", NULL},
	{"bash", "bash-completion/completions/lockstep", manual_bash},
	{"zsh", "zsh/site-functions/_lockstep", manual_zsh},
	{"fish", "fish/vendor_completions.d/lockstep.fish", manual_fish},
};
enum { PAGES = sizeof pages / sizeof *pages };

static const struct option_row rows[] = {
	{OPT_WHERE, "where", NULL, N_("where `make install` puts it, below PREFIX/share"), NULL},
	{0, NULL, NULL, NULL, NULL},
};

static const struct program_options options = {
	.program = "lockstep manual",
	.synopsis = "PAGE [--where]",
	.about = N_("Prints a man page (lockstep.1, lockstep-lesson.1, lockstep-record.5) or a completion (bash, zsh, fish)."),
	.operands = "lockstep.1 lockstep-lesson.1 lockstep-record.5 bash zsh fish",
	.options = rows,
	.after = N_("`lockstep manual lockstep.1 | man -l -` reads one; `source <(lockstep manual bash)` completes here and now."),
};

static int print(const struct page *page)
{
	struct manual manual = {0};
	bool good = page->make == NULL ? manual_record(stdout) : manual_load(&manual, util_exec_dir());
	if (good && page->make)
		page->make(stdout, &manual);
	if (page->make)
		manual_free(&manual);
	if (!good)
		return EXIT_CANNOT;
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "lockstep manual: %s: %s\n", page->name, strerror(errno));
		return EXIT_RESOURCE;
	}
	return EXIT_RIGHT;
}

int main(int argc, char **argv)
{
	bool where = false;
	int c;
	setlocale(LC_ALL, "");
	opterr = 0;
	while ((c = getopt_long(argc, argv, options_short(&options), options_long(&options), NULL)) != -1) {
		if (options_common(&options, c))
			return EXIT_RIGHT;
		if (c != OPT_WHERE) {
			fprintf(stderr, "lockstep manual: %s: no such option (--help lists them)\n", argv[optind - 1]);
			return EXIT_USAGE;
		}
		where = true;
	}
	for (int i = 0; i < PAGES && argc - optind == 1; i++) {
		if (strcmp(pages[i].name, argv[optind]))
			continue;
		return where ? printf("%s\n", pages[i].where) < 0 : print(&pages[i]);
	}
	fprintf(stderr, "lockstep manual: which page? There are %s\n", options.operands);
	return EXIT_USAGE;
}
