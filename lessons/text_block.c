/* The live blocks: the bodies of run, predict, quiz, order, hint, explain, code, twin and notes. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/bench/util.h"
#include "lessons/text_block.h"

static const char *const kind_names[] = {[PIECE_RUN] = "run",	[PIECE_PREDICT] = "predict", [PIECE_QUIZ] = "quiz",
										 [PIECE_CODE] = "code", [PIECE_TWIN] = "twin",		 [PIECE_NOTES] = "notes",
										 [PIECE_ORDER] = "order", [PIECE_HINT] = "hint", [PIECE_EXPLAIN] = "explain"};

enum { CURVE_MIN = 2, CURVE_MAX = 16, WORKERS_MAX = 1024 };

static const char *const fields[] = {"speedup", "self", "seconds", "efficiency", "serial", "wrong_runs", "observed", "best", "break_even", NULL};

/* A body being read line by line. */
struct body {
	char *next;
	int line;
	const char **why;
	int *bad_line;
};

char *block_trim(char *s)
{
	s += strspn(s, " \t");
	size_t n = strlen(s);
	while (n && isspace((unsigned char)s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

static bool bad(struct body *b, const char *why)
{
	*b->why = why;
	*b->bad_line = b->line;
	return false;
}

/* Something is missing: the block as a whole is to blame. */
static bool bad_block(struct body *b, const char *why)
{
	b->line = 0;
	return bad(b, why);
}

/* The next line that is not empty, trimmed; *indented tells whether it began with a blank. NULL at the end. */
static char *take(struct body *b, bool *indented)
{
	while (b->next) {
		char *line = b->next, *end = strchr(line, '\n');
		if (end)
			*end = '\0';
		b->next = end ? end + 1 : NULL;
		b->line++;
		*indented = *line == ' ' || *line == '\t';
		line = block_trim(line);
		if (*line)
			return line;
	}
	return NULL;
}

/* The value of "key: value", or NULL when the line has another key. */
static char *value_of(char *line, const char *key)
{
	size_t n = strlen(key);
	return !strncmp(line, key, n) && line[n] == ':' ? block_trim(line + n + 1) : NULL;
}

static bool set(struct body *b, char **field, const char *value)
{
	if (*field)
		return bad(b, "this key stands here twice");
	if (!*value)
		return bad(b, "this key has no value");
	*field = xstrdup(value);
	return true;
}

static bool known_field(const char *name)
{
	for (int i = 0; fields[i]; i++)
		if (!strcmp(fields[i], name))
			return true;
	return false;
}

static struct choice *add_choice(struct piece *piece)
{
	piece->choices = xrealloc(piece->choices, (size_t)(piece->choice_count + 1) * sizeof *piece->choices);
	struct choice *choice = &piece->choices[piece->choice_count++];
	*choice = (struct choice){0};
	return choice;
}

static bool parse_run(struct body *b, struct piece *piece)
{
	bool indented;
	char *line = take(b, &indented);
	if (!line)
		return bad_block(b, "a run block holds one command line");
	piece->command = xstrdup(line);
	return !take(b, &indented) || bad(b, "a run block holds one command line, not two");
}

/* "wrong_runs > 0" */
static bool parse_condition(struct body *b, struct choice *choice, char *text)
{
	size_t n = strcspn(text, " \t<>=");
	char *rest = text + n + strspn(text + n, " \t");
	size_t length = strspn(rest, "<>=");
	char op[3] = "", *number = block_trim(rest + length);
	if (!n || !length || length > 2)
		return bad(b, "after => stands FIELD OP NUMBER");
	memcpy(op, rest, length);
	if (strcmp(op, "<") && strcmp(op, "<=") && strcmp(op, ">") && strcmp(op, ">=") && strcmp(op, "=="))
		return bad(b, "a comparison is one of < <= > >= ==");
	if (!util_number(number, &choice->value))
		return bad(b, "after the comparison stands a number");
	memcpy(choice->op, op, sizeof op);
	text[n] = '\0';
	if (!known_field(text))
		return bad(b, "a condition asks for speedup, self, seconds, efficiency, serial, wrong_runs, observed, best or break_even");
	choice->field = xstrdup(text);
	return true;
}

static bool parse_answer(struct body *b, struct piece *piece, char *text)
{
	struct choice *choice = add_choice(piece);
	char *arrow = NULL;
	for (char *at = strstr(text, "=>"); at; at = strstr(at + 2, "=>"))
		arrow = at;
	if (arrow) {
		*arrow = '\0';
		if (!parse_condition(b, choice, block_trim(arrow + 2)))
			return false;
	}
	text = block_trim(text);
	if (!*text)
		return bad(b, "a choice has no text");
	choice->text = xstrdup(text);
	return true;
}

static bool parse_workers(struct body *b, struct piece *piece, const char *value)
{
	double n;
	if (!strcmp(value, "max")) {
		piece->workers = 0;
		return true;
	}
	if (!util_number(value, &n) || n < 1 || n > WORKERS_MAX || n != (int)n)
		return bad(b, "workers is max or a whole number from 1 to 1024");
	piece->workers = (int)n;
	return true;
}

/* "1,2,4" */
static bool parse_curve(struct body *b, struct piece *piece, char *value)
{
	static const char *const rule = "curve is a list of 2 to 16 worker counts, each larger than the one before: 1,2,4";
	if (piece->curve)
		return bad(b, "this key stands here twice");
	piece->curve = xcalloc(CURVE_MAX, sizeof *piece->curve);
	for (char *next = value; next;) {
		char *comma = strchr(next, ',');
		double n;
		if (comma)
			*comma = '\0';
		if (!util_number(block_trim(next), &n) || n < 1 || n > WORKERS_MAX || n != (int)n || piece->curve_count == CURVE_MAX ||
			(piece->curve_count && n <= piece->curve[piece->curve_count - 1]))
			return bad(b, rule);
		piece->curve[piece->curve_count++] = (int)n;
		next = comma ? comma + 1 : NULL;
	}
	return piece->curve_count >= CURVE_MIN || bad(b, rule);
}

static bool parse_predict(struct body *b, struct piece *piece)
{
	bool indented;
	for (char *line = take(b, &indented), *v; line; line = take(b, &indented)) {
		bool good;
		if (line[0] == '-' && (line[1] == ' ' || line[1] == '\t'))
			good = parse_answer(b, piece, block_trim(line + 1));
		else if ((v = value_of(line, "ask")))
			good = set(b, &piece->ask, v);
		else if ((v = value_of(line, "unit")))
			good = set(b, &piece->unit, v);
		else if ((v = value_of(line, "run")))
			good = set(b, &piece->name, v);
		else if ((v = value_of(line, "compare")))
			good = set(b, &piece->compare, v);
		else if ((v = value_of(line, "variant")))
			good = set(b, &piece->variant, v);
		else if ((v = value_of(line, "workers")))
			good = parse_workers(b, piece, v);
		else if ((v = value_of(line, "curve")))
			good = parse_curve(b, piece, v);
		else
			good = bad(b, "a line here is `ask:`, `unit:`, `run:`, `compare:`, `variant:`, `workers:`, `curve:` or `- choice`");
		if (!good)
			return false;
	}
	if (!piece->ask)
		return bad_block(b, "a prediction needs `ask:`");
	if (piece->choice_count == 1)
		return bad_block(b, "one choice is no choice");
	if (piece->choice_count && piece->unit)
		return bad_block(b, "a prediction has a unit or choices, not both");
	if (piece->compare && !known_field(piece->compare))
		return bad_block(b, "compare is one of speedup, self, seconds, efficiency, serial, wrong_runs, observed, best, break_even");
	if (piece->curve && (piece->choice_count || piece->workers))
		return bad_block(b, "a curve is instead of choices and of `workers:`");
	if (piece->curve && piece->compare && strcmp(piece->compare, "speedup"))
		return bad_block(b, "a curve is of the speedup");
	return true;
}

static bool parse_quiz(struct body *b, struct piece *piece)
{
	bool indented;
	int right = 0;
	for (char *line = take(b, &indented), *v; line; line = take(b, &indented)) {
		struct choice *last = piece->choice_count ? &piece->choices[piece->choice_count - 1] : NULL;
		bool good = true;
		if (!strncmp(line, "- [x]", 5) || !strncmp(line, "- [X]", 5) || !strncmp(line, "- [ ]", 5)) {
			last = add_choice(piece);
			last->right = line[3] != ' ';
			right += last->right;
			last->text = xstrdup(block_trim(line + 5));
			if (!*last->text)
				good = bad(b, "an option has no text");
		} else if (!last && (v = value_of(line, "ask"))) {
			good = set(b, &piece->ask, v);
		} else if (last && (v = value_of(line, "why"))) {
			good = set(b, &last->why, v);
		} else if (last && (v = value_of(line, "run"))) {
			good = set(b, &last->run, v);
		} else {
			good = bad(b, "a quiz is `ask:`, then options `- [x]` or `- [ ]`, each with `why:` and `run:`");
		}
		if (!good)
			return false;
	}
	if (!piece->ask)
		return bad_block(b, "a quiz needs `ask:`");
	if (piece->choice_count < 2 || right != 1)
		return bad_block(b, "a quiz has two options or more, exactly one of them right");
	return true;
}

static bool inside(const char *file)
{
	return *file != '/' && !strstr(file, "..");
}

/* "- counter++;" or "- [extra] counter++;"; blanks that indent the code stay. */
static bool parse_order_line(struct body *b, struct piece *piece, const char *code)
{
	struct choice *choice = add_choice(piece);
	code += *code == ' ';
	choice->right = strncmp(code, "[extra]", 7) != 0;
	if (!choice->right)
		code += 7 + (code[7] == ' ');
	choice->text = xstrdup(code);
	return code[strspn(code, " \t")] || bad(b, "a line to be put in order is empty");
}

static bool parse_order(struct body *b, struct piece *piece, const char *dir)
{
	bool indented;
	int right = 0;
	for (char *line = take(b, &indented), *v; line; line = take(b, &indented)) {
		bool good;
		if (line[0] == '-' && (line[1] == ' ' || line[1] == '\t' || !line[1]))
			good = parse_order_line(b, piece, line + 1);
		else if ((v = value_of(line, "ask")))
			good = set(b, &piece->ask, v);
		else if ((v = value_of(line, "file")))
			good = set(b, &piece->file, v) && (inside(v) || bad(b, "the file lies in the lesson's folder"));
		else if ((v = value_of(line, "why")))
			good = set(b, &piece->why, v);
		else
			good = bad(b, "a line here is `ask:`, `file:`, `why:`, `- code` or `- [extra] code`");
		if (!good)
			return false;
	}
	for (int i = 0; i < piece->choice_count; i++)
		right += piece->choices[i].right;
	if (!piece->ask || !piece->file)
		return bad_block(b, "lines to be put in order need `ask:` and `file:`");
	if (right < 2)
		return bad_block(b, "an order has two lines or more that belong there");
	char *file = *dir ? xasprintf("%s/%s", dir, piece->file) : xstrdup(piece->file);
	free(piece->file);
	piece->file = file;
	return true;
}

static bool parse_code(struct body *b, struct piece *piece, const char *dir)
{
	bool indented;
	char *line = take(b, &indented);
	if (!line)
		return bad_block(b, "a code block names a file and an excerpt");
	char *gap = line + strcspn(line, " \t"), *name = "";
	if (*gap) {
		*gap = '\0';
		name = block_trim(gap + 1);
	}
	if (!inside(line))
		return bad(b, "the file lies in the lesson's folder or in kernels/");
	if (strpbrk(name, " \t"))
		return bad(b, "the name of an excerpt is one word");
	bool whole = !strncmp(line, "kernels/", 8) || !*dir;
	piece->file = whole ? xstrdup(line) : xasprintf("%s/%s", dir, line);
	piece->name = xstrdup(name);
	return !take(b, &indented) || bad(b, "a code block names one excerpt, not two");
}

static bool parse_twin(struct body *b, struct piece *piece, const char *dir)
{
	bool indented;
	char *line = take(b, &indented);
	if (line && strpbrk(line, " \t"))
		return bad(b, "the name of an excerpt is one word");
	piece->name = xstrdup(line ? line : "");
	piece->file = *dir ? xasprintf("%s/twin.py", dir) : xstrdup("twin.py");
	return !line || !take(b, &indented) || bad(b, "a twin block names one excerpt, not two");
}

/* "4-7" or "5" */
static bool parse_minutes(struct body *b, struct piece *piece, char *text)
{
	char *dash = strchr(text, '-');
	double from, to;
	if (dash)
		*dash = '\0';
	bool good = util_number(block_trim(text), &from) && (!dash || util_number(block_trim(dash + 1), &to));
	if (good && !dash)
		to = from;
	if (!good || from < 0 || to < from || to > 600 || from != (int)from || to != (int)to)
		return bad(b, "minutes are a whole number or a range such as 4-7");
	piece->minutes_min = (int)from;
	piece->minutes_max = (int)to;
	return true;
}

/* Without blank lines at both ends. */
static void keep_markdown(struct piece *piece, const char *text)
{
	for (size_t n; *(text + (n = strspn(text, " \t"))) == '\n';)
		text += n + 1;
	piece->markdown = xstrdup(text);
	for (size_t n = strlen(text); n && isspace((unsigned char)piece->markdown[n - 1]);)
		piece->markdown[--n] = '\0';
}

static bool parse_notes(struct body *b, struct piece *piece)
{
	char *rest = b->next + strspn(b->next, " \t\n");
	if (!strncmp(rest, "minutes:", 8)) {
		bool indented;
		if (!parse_minutes(b, piece, value_of(take(b, &indented), "minutes")))
			return false;
		rest = b->next ? b->next : "";
	}
	keep_markdown(piece, rest);
	return true;
}

/* A hint or an explanation: nothing but words. */
static bool parse_words(struct body *b, struct piece *piece)
{
	keep_markdown(piece, b->next);
	return *piece->markdown || bad_block(b, "a hint or explanation has words");
}

bool block_kind(const char *info, enum piece_kind *kind)
{
	size_t n = strcspn(info, " \t");
	for (size_t i = 0; i < sizeof kind_names / sizeof *kind_names; i++) {
		if (kind_names[i] && strlen(kind_names[i]) == n && !strncmp(info, kind_names[i], n)) {
			*kind = (enum piece_kind)i;
			return true;
		}
	}
	return false;
}

/* Everything that the piece's kind promises not to be NULL. */
static void fill_defaults(struct piece *piece)
{
	if (piece->kind != PIECE_PREDICT)
		return;
	piece->name = piece->name ? piece->name : xstrdup("");
	piece->unit = piece->unit ? piece->unit : xstrdup("");
	piece->compare = piece->compare ? piece->compare : xstrdup("speedup");
	piece->variant = piece->variant ? piece->variant : xstrdup("");
}

bool block_parse(struct piece *piece, const char *info, char *body, const char *dir, const char **why, int *line)
{
	struct body b = {.next = body, .why = why, .bad_line = line};
	const char *name = info + strcspn(info, " \t");
	name += strspn(name, " \t");
	bool named = piece->kind == PIECE_RUN || piece->kind == PIECE_ORDER;
	if (*name && (!named || strpbrk(name, " \t")))
		return bad(&b, "only a run block or an order has a name, and that is one word");
	bool good = true;
	switch (piece->kind) {
	case PIECE_RUN:
		piece->name = xstrdup(name);
		good = parse_run(&b, piece);
		break;
	case PIECE_PREDICT:
		good = parse_predict(&b, piece);
		break;
	case PIECE_QUIZ:
		good = parse_quiz(&b, piece);
		break;
	case PIECE_CODE:
		good = parse_code(&b, piece, dir);
		break;
	case PIECE_TWIN:
		good = parse_twin(&b, piece, dir);
		break;
	case PIECE_NOTES:
		good = parse_notes(&b, piece);
		break;
	case PIECE_ORDER:
		piece->name = xstrdup(name);
		good = parse_order(&b, piece, dir);
		break;
	case PIECE_HINT:
	case PIECE_EXPLAIN:
		good = parse_words(&b, piece);
		break;
	case PIECE_PROSE:
		break;
	}
	fill_defaults(piece);
	return good;
}

void block_free(struct piece *piece)
{
	char *strings[] = {piece->markdown, piece->name,	piece->command, piece->ask, piece->unit,
					   piece->compare,	piece->variant, piece->file,	piece->why};
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		free(strings[i]);
	for (int i = 0; i < piece->choice_count; i++) {
		free(piece->choices[i].text);
		free(piece->choices[i].why);
		free(piece->choices[i].run);
		free(piece->choices[i].field);
	}
	free(piece->choices);
	free(piece->curve);
}
