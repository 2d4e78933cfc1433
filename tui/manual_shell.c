/* Completion for bash, zsh and fish: tables of words, and the little shell that looks them up. The key of a table is the
 * command, "run/LESSON" for a lesson, "screen" for the screen itself. */
#include "tui/manual.h"

#include <stdlib.h>
#include <string.h>
#include "kernels/bench/util.h"

/* A word in single quotes: what stands in them reaches no shell's expansion. */
static void quoted(FILE *out, const char *text)
{
	putc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else
			putc(*text, out);
	}
	putc('\'', out);
}

typedef void each_table(FILE *out, const struct manual *m, const char *key, const char *lesson, const json_t *table);

static void for_tables(FILE *out, const struct manual *m, each_table *each)
{
	const char *name;
	json_t *table;
	each(out, m, "screen", NULL, m->screen);
	json_object_foreach(m->programs, name, table) each(out, m, name, NULL, table);
	json_object_foreach(m->lessons, name, table)
	{
		char *key = xasprintf("run/%s", name);
		each(out, m, key, name, table);
		free(key);
	}
}

/* "'--kind' '--format' …", with the letters. */
static void bash_options(FILE *out, const struct manual *m, const char *key, const char *lesson, const json_t *table)
{
	size_t i;
	json_t *o;
	fprintf(out, "\t%s) echo \"", key);
	json_array_foreach(json_object_get(table, "options"), i, o) fprintf(out, "%s--%s", i ? " " : "", manual_string(o, "name"));
	fputs("\" ;;\n", out);
	(void)m;
	(void)lesson;
}

/* One case a value: words, and the marks @file and @dir. */
static void bash_values(FILE *out, const struct manual *m, const char *key, const char *lesson, const json_t *table)
{
	size_t i;
	json_t *o;
	bool files, dirs;
	json_array_foreach(json_object_get(table, "options"), i, o)
	{
		const char *letter = manual_string(o, "letter");
		if (!*manual_string(o, "value"))
			continue;
		char *words = manual_choices(m, manual_string(o, "choices"), lesson, &files, &dirs);
		fprintf(out, "\t\"%s --%s\"", key, manual_string(o, "name"));
		if (*letter)
			fprintf(out, " | \"%s -%s\"", key, letter);
		fprintf(out, ") echo \"%s%s%s\" ;;\n", words, files ? " @file" : "", dirs ? " @dir" : "");
		free(words);
	}
	char *words = manual_choices(m, manual_string(table, "operands"), lesson, &files, &dirs);
	fprintf(out, "\t\"%s \") echo \"%s%s%s\" ;;\n", key, words, files ? " @file" : "", dirs ? " @dir" : "");
	free(words);
}

static void put_commands(FILE *out, const struct manual *m)
{
	size_t i;
	json_t *c;
	json_array_foreach(m->commands, i, c) fprintf(out, "%s%s", i ? " " : "", manual_string(c, "name"));
}

static void put_lessons(FILE *out, const struct manual *m)
{
	for (int i = 0; i < m->course->lesson_count; i++)
		fprintf(out, "%s%s", i ? " " : "", m->course->lessons[i].id);
}

/* The tables as shell functions; bash and zsh read the same. */
static void put_tables(FILE *out, const struct manual *m)
{
	fputs("_lockstep_options() {\n\tcase $1 in\n", out);
	for_tables(out, m, bash_options);
	fputs("\tesac\n}\n_lockstep_values() {\n\tcase \"$1 $2\" in\n", out);
	for_tables(out, m, bash_values);
	fputs("\t*) return 1 ;;\n\tesac\n}\n_lockstep_commands=\"", out);
	put_commands(out, m);
	fputs("\"\n_lockstep_lessons=\"", out);
	put_lessons(out, m);
	fputs("\"\n", out);
}

void manual_bash(FILE *out, const struct manual *m)
{
	fputs("# bash completion for lockstep, made by `lockstep manual bash`\n", out);
	put_tables(out, m);
	fputs("_lockstep() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} key=screen words head=\n"
	      "\tlocal first=${COMP_WORDS[1]} second=${COMP_WORDS[2]}\n"
	      "\t[[ $cur == = ]] && cur=\n"
	      "\t[[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
	      "\tif [[ $COMP_CWORD -gt 1 && \" $_lockstep_commands \" == *\" $first \"* ]]; then\n"
	      "\t\tkey=$first\n"
	      "\t\t[[ $first == run && $COMP_CWORD -gt 2 ]] && key=run/$second\n"
	      "\tfi\n"
	      "\tif [[ $prev == -* ]] && words=$(_lockstep_values \"$key\" \"$prev\"); then\n"
	      "\t\t[[ $cur == *,* ]] && head=${cur%,*},\n"
	      "\telif [[ $cur == -* ]]; then\n"
	      "\t\twords=$(_lockstep_options \"$key\")\n"
	      "\telif [[ $COMP_CWORD -eq 1 ]]; then\n"
	      "\t\twords=\"$_lockstep_commands $_lockstep_lessons\"\n"
	      "\telif [[ $key == run ]]; then\n"
	      "\t\twords=$_lockstep_lessons\n"
	      "\telif [[ $key == help ]]; then\n"
	      "\t\twords=\"$_lockstep_commands screen\"\n"
	      "\telse\n"
	      "\t\twords=$(_lockstep_values \"$key\" \"\")\n"
	      "\tfi\n"
	      "\tCOMPREPLY=($(compgen -P \"$head\" -W \"${words//@*([a-z])/}\" -- \"${cur##*,}\"))\n"
	      "\tlocal IFS=$'\\n'\n" /* names may have blanks in them */
	      "\t[[ $words == *@file* ]] && COMPREPLY+=($(compgen -f -- \"$cur\"))\n"
	      "\t[[ $words == *@dir* ]] && COMPREPLY+=($(compgen -d -- \"$cur\"))\n"
	      "}\n"
	      "shopt -s extglob\n"
	      "complete -o filenames -F _lockstep lockstep\n", out);
}

/* "'--kind[only these kinds]'": what zsh shows beside a name. */
static void zsh_options(FILE *out, const struct manual *m, const char *key, const char *lesson, const json_t *table)
{
	size_t i;
	json_t *o;
	fprintf(out, "\t%s) described=(", key);
	json_array_foreach(json_object_get(table, "options"), i, o)
	{
		char *row = xasprintf("--%s:%s", manual_string(o, "name"), manual_string(o, "about"));
		putc(' ', out);
		quoted(out, row);
		free(row);
	}
	fputs(" ) ;;\n", out);
	(void)m;
	(void)lesson;
}

void manual_zsh(FILE *out, const struct manual *m)
{
	size_t i;
	json_t *c;
	fputs("#compdef lockstep\n# zsh completion for lockstep, made by `lockstep manual zsh`\n", out);
	put_tables(out, m);
	fputs("_lockstep_described() {\n\tcase $1 in\n", out);
	for_tables(out, m, zsh_options);
	fputs("\tesac\n}\n"
	      "_lockstep() {\n"
	      "\tlocal key=screen prev=${words[CURRENT - 1]} offered\n"
	      "\tlocal -a described commands\n"
	      "\tcommands=(", out);
	json_array_foreach(m->commands, i, c)
	{
		char *row = xasprintf("%s:%s", manual_string(c, "name"), manual_string(c, "about"));
		putc(' ', out);
		quoted(out, row);
		free(row);
	}
	fputs(" )\n"
	      "\tif (( CURRENT > 2 )) && [[ \" $_lockstep_commands \" == *\" ${words[2]} \"* ]]; then\n"
	      "\t\tkey=${words[2]}\n"
	      "\t\t[[ $key == run ]] && (( CURRENT > 3 )) && key=run/${words[3]}\n"
	      "\tfi\n"
	      "\tif [[ $prev == -* ]] && offered=$(_lockstep_values \"$key\" \"$prev\"); then\n"
	      "\t\t[[ $PREFIX == *,* ]] && compset -P '*,'\n"
	      "\telif [[ $PREFIX == -* ]]; then\n"
	      "\t\t_lockstep_described \"$key\"\n"
	      "\t\t_describe option described\n"
	      "\t\treturn\n"
	      "\telif (( CURRENT == 2 )); then\n"
	      "\t\t_describe command commands\n"
	      "\t\toffered=$_lockstep_lessons\n"
	      "\telif [[ $key == run ]]; then\n"
	      "\t\toffered=$_lockstep_lessons\n"
	      "\telif [[ $key == help ]]; then\n"
	      "\t\toffered=\"$_lockstep_commands screen\"\n"
	      "\telse\n"
	      "\t\toffered=$(_lockstep_values \"$key\" \"\")\n"
	      "\tfi\n"
	      "\t[[ $offered == *@file* ]] && _files\n"
	      "\t[[ $offered == *@dir* ]] && _files -/\n"
	      "\tcompadd -- ${${=offered}:#@*}\n"
	      "}\n"
	      "[[ ${funcstack[1]} == _lockstep ]] && _lockstep \"$@\" || compdef _lockstep lockstep\n", out);
}

static void fish_rows(FILE *out, const struct manual *m, const char *key, const char *lesson, const json_t *table)
{
	size_t i;
	json_t *o;
	bool files, dirs;
	char *when = lesson ? xasprintf("__fish_seen_subcommand_from run; and __fish_seen_subcommand_from %s", lesson)
		   : !strcmp(key, "screen") ? xstrdup("not __fish_seen_subcommand_from $__lockstep_commands")
		   : xasprintf("__fish_seen_subcommand_from %s", key);
	json_array_foreach(json_object_get(table, "options"), i, o)
	{
		const char *letter = manual_string(o, "letter");
		fputs("complete -c lockstep -n ", out);
		quoted(out, when);
		fprintf(out, " -l %s", manual_string(o, "name"));
		if (*letter)
			fprintf(out, " -s %s", letter);
		if (*manual_string(o, "value")) {
			char *words = manual_choices(m, manual_string(o, "choices"), lesson, &files, &dirs);
			fputs(files || dirs ? " -r -F" : " -x", out);
			if (*words) {
				fputs(" -a ", out);
				quoted(out, words);
			}
			free(words);
		}
		fputs(" -d ", out);
		quoted(out, manual_string(o, "about"));
		putc('\n', out);
	}
	char *words = manual_choices(m, manual_string(table, "operands"), lesson, &files, &dirs);
	if (*words || files) {
		fputs("complete -c lockstep -n ", out);
		quoted(out, when);
		fputs(files ? " -F" : " -f", out);
		if (*words) {
			fputs(" -a ", out);
			quoted(out, words);
		}
		putc('\n', out);
	}
	free(words);
	free(when);
}

void manual_fish(FILE *out, const struct manual *m)
{
	size_t i;
	json_t *c;
	fputs("# fish completion for lockstep, made by `lockstep manual fish`\nset -g __lockstep_commands ", out);
	put_commands(out, m);
	fputs("\ncomplete -c lockstep -f\n", out);
	json_array_foreach(m->commands, i, c)
	{
		fprintf(out, "complete -c lockstep -n __fish_use_subcommand -a %s -d ", manual_string(c, "name"));
		quoted(out, manual_string(c, "about"));
		putc('\n', out);
	}
	fputs("complete -c lockstep -n '__fish_seen_subcommand_from run; and not __fish_seen_subcommand_from ", out);
	put_lessons(out, m);
	fputs("' -a '", out);
	put_lessons(out, m);
	fputs("'\n", out);
	for_tables(out, m, fish_rows);
}
