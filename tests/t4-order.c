/* Lines to be put in order: shuffled, moved, kept as text, put into their program, and what a compiler says of them. */
#include "kernels/bench/util.h"
#include "tests/tap.h"
#include "tui/order.h"

static struct choice lines[] = {{.text = (char *)"lock();", .right = true}, {.text = (char *)"\tadd();", .right = true},
				{.text = (char *)"unlock();", .right = true}, {.text = (char *)"lock();", .right = false}};
static const struct piece p = {.kind = PIECE_ORDER, .choices = lines, .choice_count = 4};

static const char *at(const struct order *o)
{
	static char text[ORDER_TEXT_MAX];
	return order_write(o, false, text);
}

static void test_shuffle(void)
{
	int right = 0, unlike = 0, other = 0;
	char seed[32], first[ORDER_TEXT_MAX] = "";
	for (int i = 0; i < 2000; i++) {
		snprintf(seed, sizeof(seed), "mutex %d", i);
		struct order o = order_shuffled(&p, seed), again = order_shuffled(&p, seed);
		int place[4];
		for (int k = 0; k < 4; k++)
			place[o.line[k]] = k;
		/* Lines 0 and 3 look alike. */
		right += (place[0] < place[1] || place[3] < place[1]) && place[1] < place[2];
		unlike += memcmp(&o, &again, sizeof(o)) != 0 || o.used != 4 || o.count != 4;
		other += *first && strcmp(first, at(&o)) != 0;
		snprintf(first, sizeof(first), "%s", at(&o));
	}
	ok(right == 0, "never in the right order at first");
	ok(unlike == 0, "always alike for the same step");
	ok(other > 1000, "different from step to step");
	/* Two alike: nothing but an exchange of them is no disorder. */
	struct choice twins[] = {{.text = (char *)"a", .right = true}, {.text = (char *)"a", .right = true}};
	struct piece same = {.kind = PIECE_ORDER, .choices = twins, .choice_count = 2};
	ok(order_shuffled(&same, "x").count == 2, "lines that are all alike end, too");
}

static void test_text(void)
{
	static const char *const damaged[] = {NULL, "", "-", "tried", "tried 1 2 3", "tried 1 2 3 4 5", "tried 1 1 2 3", "tried 0 1 2 3",
					      "tried 1 2 3 x", "tried 1 2 / 3 / 4", "tried 1,2,3,4", "tried  1 2 3 4", "wrong 1 2 3 4",
					      "tried 1 2 3 4 ", "tried 99999999999999999999 2 3 4", "tried 1 2 3 4/"};
	struct order o = {.count = 7};
	bool right = true;
	char text[ORDER_TEXT_MAX];
	int taken = 0;
	for (size_t i = 0; i < sizeof(damaged) / sizeof(*damaged); i++)
		if (order_read(&p, damaged[i], &o, &right) || o.count != 7 || right) {
			taken++;
			diag("taken: %s", damaged[i] ? damaged[i] : "NULL");
		}
	ok(!taken, "damaged orders count as none");
	ok(order_read(&p, "right 3 1 2 / 4", &o, &right) && right && o.used == 3 && o.line[0] == 2, "an order is read");
	is(order_write(&o, right, text), "right 3 1 2 / 4", "and written as it was");
	ok(order_read(&p, "tried / 4 1 2 3", &o, &right) && !right && o.used == 0, "all laid aside");
	ok(order_read(&p, "tried 4 1 2 3", &o, &right) && o.used == 4, "none laid aside");
}

static void test_moves(void)
{
	struct order o;
	bool right;
	order_read(&p, "tried 1 2 3 / 4", &o, &right);
	order_go(&o, -1);
	order_go(&o, 2);
	ok(o.cursor == 2, "the cursor moves, and stays at the ends");
	o.held = true;
	order_go(&o, -2);
	is(at(&o), "tried 3 1 2 / 4", "a held line moves up");
	order_go(&o, 2);
	order_go(&o, 1);
	is(at(&o), "tried 1 2 / 3 4", "and across the end of the program");
	ok(o.cursor == 2, "with the cursor");
	order_go(&o, 5);
	is(at(&o), "tried 1 2 / 4 3", "to the last place, not beyond");
	order_go(&o, -1);
	order_go(&o, -1);
	is(at(&o), "tried 1 2 3 / 4", "and back into the program");
	o.held = false;
	o.cursor = 0;
	order_aside(&o);
	is(at(&o), "tried 2 3 / 4 1", "a line is laid aside");
	o.cursor = 3;
	order_aside(&o);
	is(at(&o), "tried 2 3 1 / 4", "and taken in again, at the end");
	for (int i = 0; i < 3; i++) {
		o.cursor = 0;
		order_aside(&o);
	}
	ok(o.used == 0 && o.cursor == 0, "all can be laid aside");
	order_aside(&o);
	ok(o.used == 1, "and one be taken in");
}

static void test_program(void)
{
	struct order o;
	bool right;
	int first = 0;
	order_read(&p, "right 1 2 3 / 4", &o, &right);
	char *text = order_assemble("int x;\n{\n\t//@ here\n}\n", &p, &o, &first);
	is(text, "int x;\n{\n\tlock();\n\t\tadd();\n\tunlock();\n}\n", "the lines stand in the place of the mark, indented as it is");
	ok(first == 3, "and it is known where");
	free(text);
	ok(!order_assemble("int x;\n", &p, &o, &first), "a frame without the mark is none");
	text = order_assemble("//@", &p, &o, &first);
	is(text, "lock();\n\tadd();\nunlock();\n", "a mark in the very last line");
	free(text);
}

static void test_messages(void)
{
	static const char output[] = "order.c: In function 'main':\n"
				     "order.c:4:9: error: 'x' undeclared\n    4 |  add(x);\n"
				     "order.c:4:9: note: each is reported once\n"
				     "order.c:9:1: fatal error: too bad\n"
				     "order.c:5:2: 错误：缺少分号\n"
				     "other.h:3:1: error: not here\n"
				     "order.c:3:1: error: \033[31mred\n";
	struct order_message m[8];
	int n = order_messages(output, "order.c", 3, 3, m, 8);
	ok(n == 4, "notes and other files are left out (%d)", n);
	ok(m[0].at == 1 && !strcmp(m[0].text, "'x' undeclared"), "an error belongs to the learner's line");
	ok(m[1].at == -1 && !strcmp(m[1].text, "too bad"), "or to none of them");
	ok(m[2].at == 2 && strstr(m[2].text, "缺少分号"), "in the compiler's own language");
	ok(m[3].at == 0 && !strchr(m[3].text, '\033'), "control characters are shown, not sent");
	ok(order_messages(output, "order.c", 3, 3, m, 1) == 1, "no more than there is room for");
}

int main(void)
{
	test_shuffle();
	test_text();
	test_moves();
	test_program();
	test_messages();
	return tap_done();
}
