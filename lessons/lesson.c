/* The command line that every lesson has: what design calls "one lesson at a time". */
#include "lessons/lesson.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/bench/cli.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"
#include "lessons/text.h"

enum { OPT_LIST = 512, OPT_DESCRIBE, OPT_EXPLAIN, OPT_KERNEL, OPT_LANG, OPT_DEMO, OPT_OWN, OWN_MAX = 8 };

static const struct option_row own_options[] = {
	{OPT_LIST, "list", NULL, N_("the variants, and what can't run here"), NULL},
	{OPT_DESCRIBE, "describe", NULL, N_("the lesson as JSON"), NULL},
	{OPT_EXPLAIN, "explain", NULL, N_("the lesson's text"), NULL},
	{OPT_LANG, "lang", "LANG", N_("language of the text: en or zh"), "en zh"},
	{OPT_KERNEL, "kernel", "NAME", N_("which of the lesson's programs (--list names them; preset: the first)"), NULL},
	{0, NULL, NULL, NULL, NULL},
};

static const struct option_row demo_option = {
	OPT_DEMO, "demo", "NAME", N_("show one of the lesson's demonstrations as it happens (--list names them)"), NULL};

static const char *language(void)
{
	return !strncmp(words_wanted(), "zh", 2) ? "zh" : "en";
}

static void list(const struct lesson *lesson)
{
	for (const struct kernel *const *k = lesson->kernels; *k; k++) {
		printf("%s: %s\n", (*k)->name, (*k)->title);
		for (const struct variant *v = (*k)->variants; v->name; v++) {
			const char *why = v->unavailable ? v->unavailable() : NULL;
			printf("  %-18s %-10s %s%s%s%s%s\n", v->name, kind_name(v->kind), v->about, v->wrong ? " [wrong on purpose: " : "",
			       v->wrong ? v->wrong : "", v->wrong ? "]" : "", why ? " (cannot run here)" : "");
			if (why)
				printf("  %-29s %s\n", "", why);
		}
	}
	if (lesson->demos)
		puts("--demo:");
	for (const struct demo *d = lesson->demos; d && d->name; d++)
		printf("  %-29s %s%s%s%s\n", d->name, d->about, d->wrong ? " [wrong on purpose: " : "", d->wrong ? d->wrong : "",
		       d->wrong ? "]" : "");
}

static json_t *describe_demos(const struct lesson *lesson)
{
	json_t *list = json_array();
	for (const struct demo *d = lesson->demos; d && d->name; d++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s?, s:s?}", "name", d->name, "about", d->about, "wrong", d->wrong,
						      "unavailable", d->unavailable ? d->unavailable() : NULL));
	return list;
}

static json_t *describe_options(const struct lesson *lesson)
{
	json_t *list = json_array();
	for (const struct lesson_option *o = lesson->options; o && o->name; o++)
		json_array_append_new(list, json_pack("{s:s, s:s?, s:s, s:s?}", "name", o->name, "value", o->value, "about", o->about, "demo",
						      o->demo));
	return list;
}

static json_t *describe_kernel(const struct kernel *kernel)
{
	json_t *params = json_array(), *variants = json_array();

	for (const struct param *p = kernel->params; p->name; p++)
		json_array_append_new(params, json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:b}", "name", p->name, "unit", p->unit, "about",
							p->about, "min", p->min, "max", p->max, "preset", p->preset, "fraction",
							p->fraction));
	for (const struct variant *v = kernel->variants; v->name; v++)
		json_array_append_new(variants, json_pack("{s:s, s:s, s:s, s:s?, s:b, s:s?}", "name", v->name, "about", v->about, "kind",
							  kind_name(v->kind), "wrong", v->wrong, "blocks", v->blocks, "unavailable",
							  v->unavailable ? v->unavailable() : NULL));
	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "name", kernel->name, "title", kernel->title, "source", kernel->source, "params",
			 params, "variants", variants);
}

/* Why nothing of this lesson can run here: the reason of the first kernel without a variant that can. */
static const char *cannot_run(const struct lesson *lesson)
{
	for (const struct kernel *const *k = lesson->kernels; *k; k++) {
		const char *reason = NULL;
		bool any = false;
		for (const struct variant *v = (*k)->variants; v->name; v++) {
			const char *why = v->unavailable ? v->unavailable() : NULL;
			any = any || !why;
			reason = why ? why : reason;
		}
		if (!any)
			return reason;
	}
	return NULL;
}

static json_t *words(const char *text)
{
	json_t *list = json_array();
	while (*(text += strspn(text, " "))) {
		size_t n = strcspn(text, " ");
		json_array_append_new(list, json_stringn(text, n));
		text += n;
	}
	return list;
}

static json_t *experiments(const struct lesson_text *text)
{
	json_t *list = json_array();
	for (int i = 0; text && i < text->count; i++)
		for (int k = 0; k < text->steps[i].count; k++)
			if (text->steps[i].pieces[k].kind == PIECE_RUN)
				json_array_append_new(list, json_string(text->steps[i].pieces[k].command));
	return list;
}

/* What holds when an option is not given, as far as it is not in the kernels; null: the bench decides. */
static json_t *presets(const struct lesson *lesson)
{
	json_t *variants = lesson->variants ? json_array() : json_null();
	for (const char *const *v = lesson->variants; v && *v; v++)
		json_array_append_new(variants, json_string(*v));
	return json_pack("{s:i, s:s?, s:o}", "usable", topology_usable(), "threads", lesson->threads, "variants", variants);
}

static int describe(const struct lesson *lesson)
{
	struct lesson_text *en = text_load(lesson->dir, "en"), *zh = text_load(lesson->dir, "zh");
	json_t *kernels = json_array(), *o;
	int chapter = 0, number = 0;

	sscanf(lesson->dir, "lessons/%d-%*[^/]/%d-", &chapter, &number);
	for (const struct kernel *const *k = lesson->kernels; *k; k++)
		json_array_append_new(kernels, describe_kernel(*k));
	o = json_pack("{s:s, s:{s:s?, s:s?}, s:i, s:i, s:i, s:o, s:[i, i], s:s, s:o, s:o, s:o, s:s?}", "id", lesson->id, "title", "en",
		      en ? en->title : NULL, "zh", zh ? zh->title : NULL, "chapter", chapter, "number", number, "level", lesson->level,
		      "needs", words(lesson->needs), "minutes", lesson->minutes_min, lesson->minutes_max, "dir", lesson->dir,
		      "experiments", experiments(en), "kernels", kernels, "presets", presets(lesson), "unavailable", cannot_run(lesson));
	json_object_set_new(o, "demos", describe_demos(lesson));
	json_object_set_new(o, "options", describe_options(lesson));
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
	text_free(en);
	text_free(zh);
	return EXIT_RIGHT;
}

static void print_markdown(const char *markdown)
{
	struct ink_lines *lines = ink_layout(markdown, 76);
	for (int i = 0; i < lines->count; i++) {
		for (int k = 0; k < lines->lines[i].count; k++)
			fputs(lines->lines[i].runs[k].text, stdout);
		putchar('\n');
	}
	ink_free(lines);
}

static int by_text(const void *a, const void *b)
{
	return strcmp((*(const struct choice *const *)a)->text, (*(const struct choice *const *)b)->text);
}

/* The lines of an order puzzle, sorted as text: not in the order that is right. */
static void print_shuffled(const struct piece *p)
{
	const struct choice **lines = xcalloc((size_t)p->choice_count, sizeof *lines);
	for (int i = 0; i < p->choice_count; i++)
		lines[i] = &p->choices[i];
	qsort(lines, (size_t)p->choice_count, sizeof *lines, by_text);
	for (int i = 0; i < p->choice_count; i++)
		printf("    %s\n", lines[i]->text);
	free(lines);
}

static void print_piece(const struct piece *p)
{
	switch (p->kind) {
	case PIECE_PROSE:
		print_markdown(p->markdown);
		break;
	case PIECE_RUN:
		printf("\n    $ %s\n\n", p->command);
		break;
	case PIECE_PREDICT:
	case PIECE_QUIZ:
		printf("\n  ? %s\n", p->ask);
		for (int i = 0; i < p->curve_count; i++)
			printf("    %d: ____\n", p->curve[i]);
		for (int i = 0; i < p->choice_count; i++) {
			printf("    %c) %s\n", 'a' + i, p->choices[i].text);
			if (p->choices[i].run)
				printf("       try: %s\n", p->choices[i].run);
		}
		putchar('\n');
		break;
	case PIECE_CODE:
		printf("\n    %s, \"%s\"\n\n", p->file, p->name);
		break;
	case PIECE_TWIN:
		printf("\n    twin.py%s%s\n\n", *p->name ? ", " : "", p->name);
		break;
	case PIECE_ORDER:
		printf("\n  ? %s (%s)\n", p->ask, p->file);
		print_shuffled(p);
		putchar('\n');
		break;
	case PIECE_HINT:
	case PIECE_EXPLAIN:
		break; /* behind the rest of the step */
	case PIECE_NOTES:
		break; /* for the instructor, not for the learner */
	}
}

/* What is better read after one's own thoughts. */
static void print_behind(const struct step *step)
{
	int hints = 0, hint = 0;
	for (int k = 0; k < step->count; k++)
		hints += step->pieces[k].kind == PIECE_HINT;
	for (int k = 0; k < step->count; k++) {
		if (step->pieces[k].kind != PIECE_HINT)
			continue;
		putchar('\n');
		printf(_("Hint %d of %d"), ++hint, hints);
		putchar('\n');
		print_markdown(step->pieces[k].markdown);
	}
	for (int k = 0; k < step->count; k++) {
		if (step->pieces[k].kind != PIECE_EXPLAIN)
			continue;
		printf("\n%s\n", _("Explanation"));
		print_markdown(step->pieces[k].markdown);
	}
}

static int explain(const struct cli *cli, const struct lesson *lesson, const char *lang)
{
	struct lesson_text *text = text_load(lesson->dir, lang);

	if (!text) {
		fprintf(stderr, "%s: %s/%s.md: %s\n", cli->program, lesson->dir, lang, strerror(errno));
		return EXIT_CANNOT;
	}
	printf("%s\n", text->title);
	for (int i = 0; i < text->count; i++) {
		printf("\n[%d/%d]\n", i + 1, text->count);
		for (int k = 0; k < text->steps[i].count; k++)
			print_piece(&text->steps[i].pieces[k]);
		print_behind(&text->steps[i]);
	}
	text_free(text);
	return EXIT_RIGHT;
}

/* What every lesson has, --demo where there are any, and the lesson's own. */
static const struct option_row *options_of(const struct lesson *lesson)
{
	static struct option_row all[sizeof own_options / sizeof *own_options + OWN_MAX + 1];
	int n = 0;
	for (const struct option_row *o = own_options; o->name; o++)
		all[n++] = *o;
	if (lesson->demos)
		all[n++] = demo_option;
	for (int i = 0; lesson->options && lesson->options[i].name && i < OWN_MAX; i++) {
		const struct lesson_option *o = &lesson->options[i];
		all[n++] = (struct option_row){OPT_OWN + i, o->name, o->value, o->about, o->choices};
	}
	return all;
}

static const struct program_options *usage_of(struct cli *cli, const struct lesson *lesson)
{
	const struct program_options own = {
		.program = lesson->id,
		.synopsis = "[options]",
		.about = N_("A lesson of Lockstep: runs its kernel and prints what was measured. `lockstep` opens it on the screen."),
		.options = options_of(lesson),
		.after = N_("exit: 0 verified, 1 a result was wrong, 2 usage, 3 out of a resource, 4 cannot run here, 128+n ended by signal n"),
	};
	return cli_usage(cli, &own, lesson->kernels);
}

static const struct kernel *pick(const struct cli *cli, const struct lesson *lesson, const char *name)
{
	char allowed[300] = "";
	size_t n = 0;

	for (const struct kernel *const *k = lesson->kernels; *k && n < sizeof allowed; k++) {
		if (!strcmp((*k)->name, name))
			return *k;
		n += (size_t)snprintf(allowed + n, sizeof allowed - n, "%s%s", n ? ", " : "", (*k)->name);
	}
	cli_unknown(cli, "--kernel", name, allowed);
	return NULL;
}

static const struct demo *pick_demo(const struct cli *cli, const struct lesson *lesson, const char *name)
{
	char allowed[600] = "";
	size_t n = 0;

	for (const struct demo *d = lesson->demos; d && d->name && n < sizeof allowed; d++) {
		if (!strcmp(d->name, name))
			return d;
		n += (size_t)snprintf(allowed + n, sizeof allowed - n, "%s%s", n ? ", " : "", d->name);
	}
	cli_unknown(cli, "--demo", name, allowed);
	return NULL;
}

/* An option of the lesson's own; it may ask for a demonstration. False after one line on stderr. */
static bool take_own(const struct cli *cli, const struct lesson *lesson, const struct lesson_option *o, const struct demo **demo)
{
	const char *value = o->value ? optarg : "", *allowed = o->refuse ? o->refuse(value) : NULL;

	if (allowed)
		return cli_complain(cli, "--%s %s: %s", o->name, value, allowed), false;
	*o->given = value;
	if (o->demo && !*demo)
		*demo = pick_demo(cli, lesson, o->demo);
	return true;
}

/* A preset of variants is meant for the lesson's first kernel; another that knows none of them is measured whole. */
int lesson_main(const struct lesson *lesson, int argc, char **argv)
{
	const struct kernel *kernel = lesson->kernels[0];
	const struct demo *demo = NULL;
	struct bench_plan plan;
	struct cli cli;
	enum { RUN, LIST, DESCRIBE, EXPLAIN } what = RUN;
	const char *lang;
	int c;

	words_start();
	lang = language();
	cli_init(&cli, lesson->id, argc, argv);
	cli.lesson = lesson->id;
	const struct program_options *usage = usage_of(&cli, lesson);
	opterr = 0;
	while ((c = getopt_long(argc, argv, options_short(usage), options_long(usage), NULL)) != -1) {
		switch (c) {
		case OPT_LIST: what = LIST; break;
		case OPT_DESCRIBE: what = DESCRIBE; break;
		case OPT_EXPLAIN: what = EXPLAIN; break;
		case OPT_LANG:
			if (strcmp(optarg, "en") && strcmp(optarg, "zh"))
				return cli_unknown(&cli, "--lang", optarg, "en, zh");
			lang = !strcmp(optarg, "zh") ? "zh" : "en";
			break;
		case OPT_KERNEL:
			if (!(kernel = pick(&cli, lesson, optarg)))
				return EXIT_USAGE;
			break;
		case OPT_DEMO:
			if (!(demo = pick_demo(&cli, lesson, optarg)))
				return EXIT_USAGE;
			break;
		default:
			if (options_common(usage, c))
				return EXIT_RIGHT;
			if (c >= OPT_OWN && c < OPT_OWN + OWN_MAX) {
				if (!take_own(&cli, lesson, &lesson->options[c - OPT_OWN], &demo))
					return EXIT_USAGE;
				break;
			}
			if (!cli_take(&cli, c, argc, argv))
				return EXIT_USAGE;
		}
	}
	if (optind < argc)
		return cli_complain(&cli, "%s: not expected; options begin with -- (--help lists them)", argv[optind]);
	if (what == LIST)
		return list(lesson), EXIT_RIGHT;
	if (what == DESCRIBE)
		return describe(lesson);
	if (what == EXPLAIN)
		return explain(&cli, lesson, lang);
	if (demo && (cli.csv || (cli.json && cli.status_fd >= 0)))
		return cli_complain(&cli, "--demo %s: tells lines or records (--json), in one way", demo->name);
	if (demo)
		return demo_run(&cli, lesson, demo);
	int status = cli_plan(&cli, kernel, lesson->variants, lesson->threads, &plan);
	return status ? status : cli_run(&cli, &plan);
}
