#include "kernels/bench/options.h"

#include <jansson.h>
#include <string.h>
#include "kernels/bench/words.h"

enum { OPT_USAGE = 0x7000 };

static const struct option_row common[] = {
	{'h', "help", NULL, N_("this text"), NULL},
	{'V', "version", NULL, N_("the version"), NULL},
	{OPT_USAGE, "usage", NULL, NULL, NULL}, /* not for people */
	{0, NULL, NULL, NULL, NULL},
};

/* The program's own options, then the common ones. */
static const struct option_row *option_at(const struct program_options *u, int i)
{
	int own = 0;
	while (u->options && u->options[own].name)
		own++;
	return i < own ? &u->options[i] : common[i - own].name ? &common[i - own] : NULL;
}

const struct option *options_long(const struct program_options *u)
{
	static struct option longs[OPTIONS_MAX + 1];
	const struct option_row *o;
	int n = 0;
	for (; n < OPTIONS_MAX && (o = option_at(u, n)); n++)
		longs[n] = (struct option){o->name, o->value ? required_argument : no_argument, NULL, o->id};
	longs[n] = (struct option){NULL, 0, NULL, 0};
	return longs;
}

const char *options_short(const struct program_options *u)
{
	static char letters[2 * OPTIONS_MAX + 2];
	const struct option_row *o;
	size_t n = 0;
	letters[n++] = ':';
	for (int i = 0; i < OPTIONS_MAX && (o = option_at(u, i)); i++) {
		if (o->id >= 128)
			continue;
		letters[n++] = (char)o->id;
		if (o->value)
			letters[n++] = ':';
	}
	letters[n] = '\0';
	return letters;
}

void options_print(FILE *out, const struct program_options *u)
{
	const struct option_row *o;
	fprintf(out, _("usage: %s %s"), u->program, u->synopsis);
	fprintf(out, "\n%s\n\n", _(u->about));
	for (int i = 0; (o = option_at(u, i)); i++) {
		char left[80];
		if (!o->about)
			continue;
		snprintf(left, sizeof left, "  %c%c%c --%s%s%s", o->id < 128 ? '-' : ' ', o->id < 128 ? o->id : ' ', o->id < 128 ? ',' : ' ',
			 o->name, o->value ? " " : "", o->value ? o->value : "");
		fprintf(out, "%-28s %s\n", left, _(o->about));
	}
	if (u->after)
		fprintf(out, "\n%s\n", _(u->after));
}

static void print_json(const struct program_options *u)
{
	const struct option_row *o;
	json_t *list = json_array();
	for (int i = 0; (o = option_at(u, i)); i++) {
		char letter[2] = {o->id < 128 ? (char)o->id : '\0', '\0'};
		if (o->about)
			json_array_append_new(list, json_pack("{s:s, s:s?, s:s?, s:s, s:s?}", "name", o->name, "letter", *letter ? letter : NULL,
							      "value", o->value, "about", o->about, "choices", o->choices));
	}
	json_t *all = json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:o}", "program", u->program, "synopsis", u->synopsis, "about", u->about,
				"operands", u->operands, "after", u->after, "options", list);
	json_dumpf(all, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(all);
}

bool options_common(const struct program_options *u, int option)
{
	switch (option) {
	case 'h':
		options_print(stdout, u);
		return true;
	case 'V':
		printf("%s %s\n", u->program, LOCKSTEP_VERSION);
		return true;
	case OPT_USAGE:
		print_json(u);
		return true;
	default:
		return false;
	}
}
