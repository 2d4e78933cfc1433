/* lockstep.1 and lockstep-lesson.1. */
#include "tui/manual.h"

#include <string.h>
#include "kernels/bench/words.h"
#include "tui/actions.h"

/* The code point of the character that begins with a byte above ASCII; its bytes in *n. */
static unsigned decode(const char *text, int *n)
{
	unsigned char c = (unsigned char)*text;
	*n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	unsigned code = c & (0x7fu >> *n);
	for (int i = 1; i < *n; i++)
		code = code << 6 | ((unsigned char)text[i] & 0x3f);
	return code;
}

void manual_roff(FILE *out, const char *text)
{
	bool start = true;
	int n;
	for (; *text; start = *text++ == '\n') {
		if ((unsigned char)*text >= 0xc2) { /* all texts here are whole UTF-8 */
			fprintf(out, "\\[u%04X]", decode(text, &n));
			text += n - 1;
			continue;
		}
		if (start && (*text == '.' || *text == '\''))
			fputs("\\&", out);
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else
			putc(*text, out);
	}
}

static void line(FILE *out, const char *before, const char *text, const char *after)
{
	fputs(before, out);
	manual_roff(out, text);
	fprintf(out, "%s\n", after);
}

/* Lines that are to stay lines, such as a table in a help text. */
static void verbatim(FILE *out, const char *text)
{
	fputs(".nf\n", out);
	line(out, "", text, "");
	fputs(".fi\n", out);
}

static void put_options(FILE *out, const json_t *table)
{
	size_t i;
	json_t *o;
	json_array_foreach(json_object_get(table, "options"), i, o)
	{
		const char *letter = manual_string(o, "letter"), *value = manual_string(o, "value");
		fputs(".TP\n", out);
		if (*letter)
			fprintf(out, "\\fB\\-%s\\fR, ", letter);
		line(out, "\\fB\\-\\-", manual_string(o, "name"), *value ? "\\fR \\c" : "\\fR");
		if (*value)
			line(out, "\\fI", value, "\\fR");
		line(out, "", manual_string(o, "about"), "");
	}
}

static void put_keys(FILE *out)
{
	bool told[ACTIONS] = {false};
	for (int place = 0; place < PLACES; place++) {
		bool heading = false;
		for (const struct action_info *a = actions; a->action != ACT_NONE; a++) {
			if (!(a->where & (1u << place)) || told[a->action])
				continue;
			if (!heading)
				line(out, ".SS In ", place_words[place], "");
			heading = told[a->action] = true;
			fputs(".TP\n", out);
			for (int k = 0; k < ACTION_KEYS && a->keys[k] != K_NONE; k++) {
				char name[16];
				line(out, k ? "or \\fB" : "\\fB", action_key_name(a->keys[k], name, sizeof name),
				     k + 1 < ACTION_KEYS && a->keys[k + 1] != K_NONE ? "\\fR \\c" : "\\fR");
			}
			line(out, "", a->help, "");
		}
	}
}

static void put_exit(FILE *out)
{
	static const char *const rows[][2] = {
		{"0", "done, and every result was right (a variant that is wrong on purpose went wrong as announced)"},
		{"1", "a result was wrong"},
		{"2", "the command line can't be used: one line on stderr says which argument and what is allowed"},
		{"3", "out of a resource: memory, disk, threads"},
		{"4", "can't run here: the reason, and the package that would cure it, on stderr"},
		{"128+n", "ended by signal n"},
	};
	fputs(".SH EXIT STATUS\n", out);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		fprintf(out, ".TP\n.B %s\n%s\n", rows[i][0], rows[i][1]);
}

static void put_environment(FILE *out)
{
	static const char *const rows[][2] = {
		{"LANGUAGE, LC_ALL, LC_MESSAGES, LANG", "the language, and whether more than ASCII can be shown"},
		{"NO_COLOR", "when not empty: no colours"},
		{"VISUAL, EDITOR", "the editor that a lesson's code is opened in"},
		{"XDG_STATE_HOME", "progress and records are in its folder lockstep (preset: ~/.local/state)"},
		{"XDG_CACHE_HOME", "the measured ceilings of this machine are in its folder lockstep (preset: ~/.cache)"},
		{"XDG_DATA_HOME", "your own copies of lessons are in its folder lockstep (preset: ~/.local/share)"},
		{"XDG_RUNTIME_DIR", "a presentation tells `lockstep notes` in its folder lockstep what it shows"},
		{"CC", "the compiler for lines that were put in order (preset: cc)"},
		{"LOCKSTEP_HOME", "a folder with another course"},
		{"LOCKSTEP_RUN_LIMIT", "seconds after which a run without a budget is ended on the screen (preset: 1800)"},
		{"LOCKSTEP_SIMD", "base, avx2 or avx512: the widest vectors that kernels may use"},
	};
	fputs(".SH ENVIRONMENT\n", out);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		line(out, ".TP\n.B ", rows[i][0], "");
		line(out, "", rows[i][1], "");
	}
}

void manual_page(FILE *out, const struct manual *m)
{
	size_t i;
	json_t *command;
	fprintf(out, ".TH LOCKSTEP 1 \"\" \"Lockstep %s\" \"Lockstep\"\n", LOCKSTEP_VERSION);
	fputs(".SH NAME\nlockstep \\- an interactive course and a measuring bench for parallel computing\n.SH SYNOPSIS\n", out);
	line(out, ".B lockstep\n", manual_string(m->screen, "synopsis"), "");
	json_array_foreach(m->commands, i, command)
	{
		line(out, ".br\n.B lockstep ", manual_string(command, "name"), "");
		line(out, "", manual_string(command, "args"), "");
	}
	fputs(".SH DESCRIPTION\n", out);
	line(out, "",
	     "Without a command it opens the course on the screen of the terminal: lessons that run real programs on this machine, "
	     "ask for a prediction first, and explain every lost percent of speedup. Every lesson is a program of its own too; "
	     "what the screen shows, a plain command prints.",
	     "");
	fputs(".SH THE SCREEN\n", out);
	put_options(out, m->screen);
	fputs(".SH COMMANDS\n", out);
	json_array_foreach(m->commands, i, command)
	{
		const char *name = manual_string(command, "name");
		const json_t *table = json_object_get(m->programs, name);
		fputs(".SS \"", out);
		line(out, "lockstep ", name, "\"");
		line(out, "", table ? manual_string(table, "about") : manual_string(command, "about"), "");
		if (table)
			put_options(out, table);
		if (table && strchr(manual_string(table, "after"), '\n'))
			verbatim(out, manual_string(table, "after"));
		else if (table && *manual_string(table, "after"))
			line(out, ".PP\n", manual_string(table, "after"), "");
	}
	fputs(".SH KEYS\n", out);
	put_keys(out);
	put_exit(out);
	put_environment(out);
	fputs(".SH FILES\n.TP\n.I $XDG_STATE_HOME/lockstep/progress\nwhat was done, as text\n"
	      ".TP\n.I $XDG_STATE_HOME/lockstep/records.ndjson\nevery run on the screen\n"
	      ".SH SEE ALSO\n.BR lockstep\\-lesson (1),\n.BR lockstep\\-record (5)\n", out);
}

void manual_lesson(FILE *out, const struct manual *m)
{
	const struct course_lesson *first = m->course->lesson_count ? &m->course->lessons[0] : NULL;
	const json_t *table = first ? json_object_get(m->lessons, first->id) : NULL;
	size_t i, k;
	json_t *kernel, *row;
	fprintf(out, ".TH LOCKSTEP-LESSON 1 \"\" \"Lockstep %s\" \"Lockstep\"\n", LOCKSTEP_VERSION);
	fputs(".SH NAME\nlockstep\\-lesson \\- the command line that every lesson of Lockstep has\n"
	      ".SH SYNOPSIS\n.B lockstep run\n.I LESSON\n[options]\n.SH DESCRIPTION\n", out);
	line(out, "",
	     "A lesson measures its variants at several numbers of workers and prints a table with intervals, Amdahl's law predicted "
	     "and fitted, where the core-seconds went, and whether every result was right. Parameters of its programs are options too; "
	     "a list of values sweeps one.",
	     "");
	fputs(".SH OPTIONS\n", out);
	json_t *common = json_deep_copy(table);
	json_array_clear(json_object_get(common, "options"));
	json_array_foreach(json_object_get(table, "options"), i, row)
	{
		bool everywhere = true;
		const char *id;
		json_t *other, *o;
		json_object_foreach(m->lessons, id, other)
		{
			bool has = false;
			json_array_foreach(json_object_get(other, "options"), k, o)
				has = has || !strcmp(manual_string(o, "name"), manual_string(row, "name"));
			everywhere = everywhere && has;
		}
		if (everywhere)
			json_array_append(json_object_get(common, "options"), row);
	}
	put_options(out, common);
	json_decref(common);
	fputs(".SH LESSONS\n", out);
	for (int c = 0; c < m->course->lesson_count; c++) {
		const struct course_lesson *l = &m->course->lessons[c];
		fprintf(out, ".SS \"%d.%d ", l->chapter, l->number);
		line(out, "", l->id, "\"");
		line(out, "", l->title_en ? l->title_en : l->id, ".");
		json_array_foreach(json_object_get(l->describe, "kernels"), i, kernel)
		{
			line(out, ".TP\n.B ", manual_string(kernel, "name"), "");
			line(out, "", manual_string(kernel, "title"), "; variants:");
			json_array_foreach(json_object_get(kernel, "variants"), k, row)
				line(out, k ? ", " : "", manual_string(row, "name"), "\\c");
			fputs(".\n", out);
			json_array_foreach(json_object_get(kernel, "params"), k, row)
			{
				line(out, ".br\n\\fB\\-\\-", k ? manual_string(row, "name") : "size", "\\fR \\c");
				line(out, "", manual_string(row, "about"), "");
			}
		}
	}
	put_exit(out);
	fputs(".SH SEE ALSO\n.BR lockstep (1),\n.BR lockstep\\-record (5)\n", out);
}
