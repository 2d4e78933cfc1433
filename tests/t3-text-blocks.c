/* The reader of lesson texts: curves, lines to be put in order, hints and explanations. */
#include "kernels/bench/util.h"
#include "lessons/text.h"
#include "tests/tap.h"

static const char whole[] = "# T\n"
							"```predict\n"
							"ask: Draw it\n"
							"unit: x\n"
							"curve: 1, 2,4\n"
							"compare: speedup\n"
							"```\n"
							"```run\nmutex\n```\n"
							"````order lock\n"
							"ask: Put the lines in order: how?\n"
							"file: order-lock.c\n"
							"- lock(&l);\n"
							"-     counter += [extra];  \n"
							"- unlock(&l);\n"
							"- [extra]   init(&l);\n"
							"why: first: lock\n"
							"````\n"
							"```hint\n"
							"\n"
							"  Look *here*:\n"
							"\n"
							"- first\n"
							"\n"
							"```\n"
							"````explain\n"
							"Because.\n"
							"\n"
							"```c\nx++;\n```\n"
							"````\n"
							"```hint\nmore\n```\n";

static void test_whole(void)
{
	struct lesson_text *t = text_parse(whole, "en.md", "lessons/3-threads/3-mutex");
	is(t->complaint, NULL, "a good text has no complaint");
	if (t->count != 1 || t->steps[0].count != 6)
		bail_out("the pieces are not those of the text");
	const struct piece *p = t->steps[0].pieces;
	ok(p[0].curve_count == 3 && p[0].curve[0] == 1 && p[0].curve[1] == 2 && p[0].curve[2] == 4, "curve: worker counts");
	ok(p[0].kind == PIECE_PREDICT && !p[0].workers && !p[0].choice_count, "… and nothing else to answer");
	is(p[0].compare, "speedup", "… of the speedup");
	ok(p[1].curve_count == 0 && !p[1].curve, "other blocks have no curve");
	ok(p[2].kind == PIECE_ORDER && p[2].line == 11 && p[2].choice_count == 4, "order: four lines");
	is(p[2].name, "lock", "order: name");
	is(p[2].ask, "Put the lines in order: how?", "order: ask");
	is(p[2].file, "lessons/3-threads/3-mutex/order-lock.c", "order: file");
	is(p[2].why, "first: lock", "order: why");
	const struct choice *c = p[2].choices;
	is(c[0].text, "lock(&l);", "order: a line");
	is(c[1].text, "    counter += [extra];", "order: indentation stays, blanks at the end go");
	is(c[3].text, "  init(&l);", "order: one that does not belong, without its mark");
	ok(c[0].right && c[1].right && c[2].right && !c[3].right, "order: which lines belong");
	ok(p[3].kind == PIECE_HINT && p[5].kind == PIECE_HINT, "two hints");
	is(p[3].markdown, "  Look *here*:\n\n- first", "hint: Markdown without blank lines around it");
	ok(p[4].kind == PIECE_EXPLAIN, "an explanation");
	is(p[4].markdown, "Because.\n\n```c\nx++;\n```", "explain: Markdown, code in it");
	text_free(t);
	t = text_parse("# T\n```order\nask: a\nfile: f.c\n- b\n- c\n```\n", "en.md", "");
	is(t->complaint, NULL, "an order without name and why");
	is(t->count ? t->steps[0].pieces[0].name : NULL, "", "… its name is empty");
	is(t->count ? t->steps[0].pieces[0].why : "?", NULL, "… its why is none");
	is(t->count ? t->steps[0].pieces[0].file : NULL, "f.c", "… its file is named from the course's folder");
	text_free(t);
}

/* A malformed block complains at the right line and keeps every word as prose. */
static void complains(const char *block, const char *complaint)
{
	char *source = xasprintf("# T\n%s```run\nmutex\n```\n", block);
	struct lesson_text *t = text_parse(source, "zh.md", "d");
	ok(t->complaint && !strncmp(t->complaint, complaint, strlen(complaint)), "complaint: %s", complaint);
	if (!t->complaint || strncmp(t->complaint, complaint, strlen(complaint)))
		diag("got %s", t->complaint ? t->complaint : "(none)");
	const struct piece *p = t->count ? &t->steps[0].pieces[0] : NULL;
	ok(p && p->kind == PIECE_PROSE && !strncmp(p->markdown, block, strlen(block) - 1), "… and the block is kept as prose");
	text_free(t);
	free(source);
}

static void test_malformed(void)
{
	static const char curve[] = "zh.md:4: curve is a list";
	complains("```predict\nask: a\ncurve: 1\n```\n", curve);
	complains("```predict\nask: a\ncurve:\n```\n", curve);
	complains("```predict\nask: a\ncurve: 1,2,\n```\n", curve);
	complains("```predict\nask: a\ncurve: 1,4,2\n```\n", curve);
	complains("```predict\nask: a\ncurve: 1,1\n```\n", curve);
	complains("```predict\nask: a\ncurve: 0,1\n```\n", curve);
	complains("```predict\nask: a\ncurve: 1,1.5\n```\n", curve);
	complains("```predict\nask: a\ncurve: 1,max\n```\n", curve);
	complains("```predict\nask: a\ncurve: 1,1e300\n```\n", curve);
	complains("```predict\nask: a\ncurve: 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\n```\n", curve);
	complains("```predict\nask: a\ncurve: 1,2\ncurve: 1,2\n```\n", "zh.md:5: this key stands here twice");
	complains("```predict\nask: a\ncurve: 1,2\n- b\n- c\n```\n", "zh.md:2: a curve is instead of choices");
	complains("```predict\nask: a\ncurve: 1,2\nworkers: 2\n```\n", "zh.md:2: a curve is instead of choices");
	complains("```predict\nask: a\ncurve: 1,2\ncompare: seconds\n```\n", "zh.md:2: a curve is of the speedup");
	complains("```order\nfile: f.c\n- a\n- b\n```\n", "zh.md:2: lines to be put in order need");
	complains("```order\nask: x\n- a\n- b\n```\n", "zh.md:2: lines to be put in order need");
	complains("```order\nask: x\nfile: f.c\n- a\n- [extra] b\n```\n", "zh.md:2: an order has two lines");
	complains("```order\nask: x\nfile: f.c\n- a\n-\n```\n", "zh.md:6: a line to be put in order is empty");
	complains("```order\nask: x\nfile: f.c\n- [extra]\n- b\n```\n", "zh.md:5: a line to be put in order is empty");
	complains("```order\nask: x\nfile: ../f.c\n- a\n- b\n```\n", "zh.md:4: the file lies in");
	complains("```order\nask: x\nfile: /f.c\n- a\n- b\n```\n", "zh.md:4: the file lies in");
	complains("```order\nask: x\nask: y\n```\n", "zh.md:4: this key stands here twice");
	complains("```order\nask: x\nlock();\n```\n", "zh.md:4: a line here is");
	complains("```order a b\nask: x\n```\n", "zh.md:2: only a run block or an order");
	complains("```hint\n\n \n```\n", "zh.md:2: a hint or explanation has words");
	complains("```explain\n```\n", "zh.md:2: a hint or explanation has words");
	complains("```hint 1\nwords\n```\n", "zh.md:2: only a run block or an order");
}

int main(void)
{
	test_whole();
	test_malformed();
	return tap_done();
}
