/* lockstep build: compiles a changed copy of a lesson's program with the compiler and the flags that the suite was built with.
 * They stand in the file `compile` beside this program: one line to compile, one to link. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/bench/options.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "lessons/course.h"

/* The shell knows how to take the flags' quotes apart. The compiler speaks English, so that its messages can be told apart, and
 * the program is replaced only by one that is whole. */
static const char script[] =
	"share=$1 dir=$2 file=$3 out=$4 exec=$5\n"
	"for word in %s; do\n"
	"\tcommand -v \"$word\" >/dev/null || { echo \"$6\" >&2; exit 4; }\n"
	"done\n"
	"unset LANGUAGE; export LC_ALL=C.UTF-8\n"
	"trap 'rm -f \"$out.$$\"' EXIT\n"
	"trap 'exit 130' INT; trap 'exit 143' TERM; trap 'exit 129' HUP\n"
	"%s -I\"$share\" -iquote \"$share/$dir\" -DLESSON_DIR=\"\\\"$dir\\\"\" -fmacro-prefix-map=\"$file=$dir/lesson.c\" \\\n"
	"\t-o \"$out.$$\" -x c \"$file\" - -x none \\\n"
	"\t-Wl,--as-needed -Wl,--start-group \"$exec/libcourse.a\" \"$exec/libkernels.a\" \"$exec/libbase.a\" -Wl,--end-group \\\n"
	"\t%s <<'END' || exit 1\n"
	"const char util_home[] = \"%s\";\n"
	"END\n"
	"mv -f \"$out.$$\" \"$out\" || exit 1\n";

static const struct option_row rows[] = {
	{'o', "output", "PROGRAM", N_("the program to make; one that is there is replaced when all went well"), "@file"},
	{0, NULL, NULL, NULL, NULL},
};

static const struct program_options options = {
	.program = "lockstep build",
	.synopsis = "LESSON FILE -o PROGRAM",
	.about = N_("Compiles FILE, a changed copy of that lesson's lesson.c, into PROGRAM, which takes the lesson's options."),
	.operands = "@lesson @file",
	.options = rows,
	.after = N_("exit: 0 built, 1 the compiler refused it (its messages on stderr), 2 usage, 4 there is no compiler here"),
};

static int complain(const char *what, const char *about)
{
	fprintf(stderr, "lockstep build: %s%s%s\n", what, *about ? ": " : "", about);
	return EXIT_USAGE;
}

/* What stands before the first option are programs: "ccache cc". */
static char *programs(const char *compile)
{
	const char *option = strstr(compile, " -");
	return option ? xasprintf("%.*s", (int)(option - compile), compile) : xstrdup(compile);
}

static bool read_line(FILE *file, char **line)
{
	size_t room = 0;
	ssize_t n = getline(line, &room, file);
	if (n > 0 && (*line)[n - 1] == '\n')
		(*line)[n - 1] = '\0';
	return n > 0;
}

/* As it can stand between the quotes of a string in C. */
static char *quoted(const char *path)
{
	char *text = xmalloc(4 * strlen(path) + 1), *end = text;
	for (const unsigned char *p = (const unsigned char *)path; *p; p++)
		end += snprintf(end, 5, *p == '"' || *p == '\\' || *p < ' ' ? "\\%03o" : "%c", *p);
	*end = '\0';
	return text;
}

/* A path that neither the compiler nor mv takes for an option, or for a file of options (@). */
static char *no_option(const char *path) { return xasprintf("%s%s", path[0] == '-' || path[0] == '@' ? "./" : "", path); }

static int build(const struct course_lesson *lesson, const char *file, const char *program)
{
	char home[PATH_MAX];
	const char *exec = util_exec_dir(), *share = util_share_dir();
	if (share)
		share = realpath(share, home);
	char *path = xasprintf("%s/compile", exec ? exec : "."), *compile = NULL, *link = NULL;
	FILE *flags = fopen(path, "r");
	if (!exec || !share || !flags || !read_line(flags, &compile) || !read_line(flags, &link)) {
		fprintf(stderr, _("lockstep build: %s can't be read: how the suite was compiled is not known\n"), path);
		return EXIT_CANNOT;
	}
	fclose(flags);
	char *words = programs(compile);
	char *missing = xasprintf(_("lockstep build: no C compiler here (%s): install build-essential (Fedora: gcc, "
				    "Arch: base-devel)"), words);
	char *text = xasprintf(script, words, compile, link, quoted(share));
	char *file_given = no_option(file);
	program = no_option(program);
	execl("/bin/sh", "sh", "-c", text, "lockstep-build", share, lesson->dir, file_given, program, exec, missing, (char *)NULL);
	fprintf(stderr, "lockstep build: /bin/sh: %s\n", strerror(errno));
	return EXIT_CANNOT;
}

int main(int argc, char **argv)
{
	const char *program = NULL, *why = "";
	int option;
	setlocale(LC_ALL, "");
	opterr = 0;
	while ((option = getopt_long(argc, argv, options_short(&options), options_long(&options), NULL)) != -1) {
		if (options_common(&options, option))
			return EXIT_RIGHT;
		if (option != 'o')
			return complain(argv[optind - 1], _("no such option, or its value is missing (--help lists them)"));
		program = optarg;
	}
	if (argc - optind != 2 || !program || !*program)
		return complain(_("give a lesson, a file and -o PROGRAM (--help tells more)"), "");
	const char *id = argv[optind], *file = argv[optind + 1];
	struct course *course = course_load(&why);
	if (!course)
		return complain(why, "");
	const struct course_lesson *lesson = course_find(course, id);
	if (!lesson) {
		fprintf(stderr, _("lockstep build: there is no lesson \"%s\"; `lockstep list` names them\n"), id);
		return EXIT_USAGE;
	}
	if (access(file, R_OK) != 0)
		return complain(file, strerror(errno));
	return build(lesson, file, program);
}
