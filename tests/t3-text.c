/* The reader of lesson texts, and the layout of Markdown. */
#include <errno.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "kernels/bench/util.h"
#include "lessons/text.h"
#include "tests/tap.h"

static const char whole[] = "# A *title*  \n"
							"\n"
							"First words.\n"
							"\n"
							"```run plain\n"
							"mutex --threads 1,2\n"
							"```\n"
							"more words\n"
							"\n"
							"---\n"
							"\n"
							"```predict\n"
							"ask: How fast: as fast as 1?\n"
							"unit: x\n"
							"run: plain\n"
							"compare: self\n"
							"variant: spin\n"
							"workers: 4\n"
							"```\n"
							"```predict\n"
							"ask: Which?\n"
							"- a => b => wrong_runs > 0\n"
							"- none=>speedup<=1.5\n"
							"```\n"
							"````quiz\n"
							"ask: Why?\n"
							"- [x] right\n"
							"  why: because\n"
							"- [ ] wrong\n"
							"  run: mutex -t 2\n"
							"  why: see\n"
							"````\n"
							"```code\nlesson.c spin\n```\n"
							"```code\nkernels/sort.c\n```\n"
							"```twin\n```\n"
							"```twin\nracy\n```\n"
							"```notes\nminutes: 4-7\n\nSay *this*.\n\n- so\n```\n"
							"~~~run\nmutex\n~~~\n"
							"-----\n"
							"---\n"
							"```c\n---\nint x; /* not a step */\n```\n"
							"the end";

static void test_whole(void)
{
	struct lesson_text *t = text_parse(whole, "en.md", "lessons/3-threads/3-mutex");
	is(t->complaint, NULL, "a good text has no complaint");
	is(t->title, "A *title*", "title");
	ok(t->count == 3, "three steps, an empty one is none");
	if (t->count != 3 || t->steps[0].count != 3 || t->steps[1].count != 9 || t->steps[2].count != 1)
		bail_out("the pieces are not those of the text");
	const struct piece *p = t->steps[0].pieces;
	ok(p[0].kind == PIECE_PROSE && p[0].line == 3, "prose, at its line");
	is(p[0].markdown, "First words.", "prose without blank lines around it");
	ok(p[1].kind == PIECE_RUN && p[1].line == 5, "run, at its line");
	is(p[1].name, "plain", "run: name");
	is(p[1].command, "mutex --threads 1,2", "run: command");
	is(p[2].markdown, "more words", "prose after a block");
	p = t->steps[1].pieces;
	is(p[0].ask, "How fast: as fast as 1?", "predict: a colon in the question");
	is(p[0].unit, "x", "predict: unit");
	is(p[0].name, "plain", "predict: run");
	is(p[0].compare, "self", "predict: compare");
	is(p[0].variant, "spin", "predict: variant");
	ok(p[0].workers == 4 && !p[0].choice_count, "predict: workers, no choices");
	is(p[1].compare, "speedup", "predict: preset of compare");
	is(p[1].name, "", "predict: preset of run");
	is(p[1].variant, "", "predict: preset of variant");
	is(p[1].unit, "", "predict: no unit for choices");
	ok(p[1].workers == 0 && p[1].choice_count == 2, "predict: two choices");
	const struct choice *c = p[1].choices;
	is(c[0].text, "a => b", "choice: the last arrow counts");
	is(c[0].field, "wrong_runs", "choice: field");
	is(c[0].op, ">", "choice: comparison");
	ok(c[0].value == 0, "choice: number");
	is(c[1].text, "none", "choice: blanks are not needed");
	is(c[1].op, "<=", "choice: comparison of two characters");
	near(c[1].value, 1.5, 0, "choice: fraction");
	ok(p[2].kind == PIECE_QUIZ && p[2].choice_count == 2, "quiz in a longer fence");
	c = p[2].choices;
	ok(c[0].right && !c[1].right, "quiz: which is right");
	is(c[0].why, "because", "quiz: why");
	is(c[0].run, NULL, "quiz: no run");
	is(c[1].run, "mutex -t 2", "quiz: run");
	is(p[3].file, "lessons/3-threads/3-mutex/lesson.c", "code: in the folder of the lesson");
	is(p[3].name, "spin", "code: excerpt");
	is(p[4].file, "kernels/sort.c", "code: a kernel");
	is(p[4].name, "", "code: whole file");
	is(p[5].name, "", "twin: whole file");
	is(p[5].file, "lessons/3-threads/3-mutex/twin.py", "twin: file");
	is(p[6].name, "racy", "twin: excerpt");
	ok(p[7].kind == PIECE_NOTES && p[7].minutes_min == 4 && p[7].minutes_max == 7, "notes: minutes");
	is(p[7].markdown, "Say *this*.\n\n- so", "notes: Markdown");
	ok(p[8].kind == PIECE_RUN && !strcmp(p[8].command, "mutex"), "a fence of tildes");
	is(t->steps[2].pieces[0].markdown, "```c\n---\nint x; /* not a step */\n```\nthe end",
	   "other code is prose, --- in it too");
	text_free(t);
}

/* A malformed text complains at the right line and keeps every word as prose. */
static void complains(const char *source, const char *complaint, const char *kept)
{
	struct lesson_text *t = text_parse(source, "zh.md", "d");
	size_t n = strlen(complaint);
	ok(t->complaint && !strncmp(t->complaint, complaint, n), "complaint: %s", complaint);
	if (!t->complaint || strncmp(t->complaint, complaint, n))
		diag("got %s", t->complaint ? t->complaint : "(none)");
	if (kept) {
		const struct piece *p = t->count ? &t->steps[0].pieces[0] : NULL;
		ok(p && p->kind == PIECE_PROSE && strstr(p->markdown, kept), "kept as prose: %s", kept);
	}
	text_free(t);
}

static void test_malformed(void)
{
	complains("", "zh.md:1: the first line", NULL);
	complains("words\n", "zh.md:1: the first line", "words");
	complains("# \n\nx\n", "zh.md:1: the title is empty", "x");
	complains("# T\n\n```run\n```\n", "zh.md:3: a run block holds one", "```run");
	complains("# T\n\n```run\nmutex\nmutex\n```\n", "zh.md:5: a run block holds one command line, not two", "```run");
	complains("# T\n```run a b\nmutex\n```\n", "zh.md:2: only a run block or an order", "a b");
	complains("# T\n```quiz x\nask: y\n```\n", "zh.md:2: only a run block or an order", "ask: y");
	complains("# T\n```run\nmutex\n", "zh.md:2: the block that begins here has no end", "mutex");
	complains("# T\n```predict\nunit: x\n```\n", "zh.md:2: a prediction needs", "unit: x");
	complains("# T\n```predict\nask: a\nask: b\n```\n", "zh.md:4: this key stands here twice", "ask: b");
	complains("# T\n```predict\nask: a\nunit:\n```\n", "zh.md:4: this key has no value", NULL);
	complains("# T\n```predict\nask: a\nworkers: many\n```\n", "zh.md:4: workers is max", "many");
	complains("# T\n```predict\nask: a\nworkers: 1.5\n```\n", "zh.md:4: workers is max", NULL);
	complains("# T\n```predict\nask: a\ncompare: luck\n```\n", "zh.md:2: compare is one of", "luck");
	complains("# T\n```predict\nask: a\n- one\n```\n", "zh.md:2: one choice", NULL);
	complains("# T\n```predict\nask: a\n- one => speedup\n```\n", "zh.md:4: after => stands FIELD OP NUMBER", "one");
	complains("# T\n```predict\nask: a\n- one => speedup =< 2\n```\n", "zh.md:4: a comparison is", "=<");
	complains("# T\n```predict\nask: a\n- one => speedup > fast\n```\n", "zh.md:4: after the comparison", NULL);
	complains("# T\n```predict\nask: a\n- one => luck > 1\n```\n", "zh.md:4: a condition asks for", NULL);
	complains("# T\n```predict\nask: a\n- => speedup > 1\n```\n", "zh.md:4: a choice has no text", NULL);
	complains("# T\n```predict\nask: a\nhello\n```\n", "zh.md:4: a line here is", "hello");
	complains("# T\n```predict\nask: a\nunit: x\n```\n", "zh.md:2: no run block follows", NULL);
	complains("# T\n```predict\nask: a\nrun: b\n```\n```run c\nmutex\n```\n", "zh.md:2: no run block is named b", NULL);
	complains("# T\n```quiz\nask: a\n- [x] b\n```\n", "zh.md:2: a quiz has two options", "[x] b");
	complains("# T\n```quiz\nask: a\n- [x] b\n- [x] c\n```\n", "zh.md:2: a quiz has two options", NULL);
	complains("# T\n```quiz\n- [x] b\n- [ ] c\n```\n", "zh.md:2: a quiz needs `ask:`", NULL);
	complains("# T\n```quiz\nask: a\nwhy: early\n```\n", "zh.md:4: a quiz is", "early");
	complains("# T\n```quiz\nask: a\n- [x]\n- [ ] c\n```\n", "zh.md:4: an option has no text", NULL);
	complains("# T\n```code\n```\n", "zh.md:2: a code block names", NULL);
	complains("# T\n```code\n/etc/passwd x\n```\n", "zh.md:3: the file lies in", "/etc/passwd");
	complains("# T\n```code\nkernels/../../x y\n```\n", "zh.md:3: the file lies in", NULL);
	complains("# T\n```notes\nminutes: soon\n```\n", "zh.md:3: minutes are", "soon");
	complains("# T\n```notes\nminutes: 7-4\n```\n", "zh.md:3: minutes are", NULL);
}

static void test_lines(void)
{
	struct lesson_text *t =
		text_parse("\xef\xbb\xbf# Dos\r\n\r\nwords\r\n\r\n---\r\n```run a\r\nmutex -t 2\r\n```\r\n", "en.md", "d");
	is(t->title, "Dos", "a byte order mark and carriage returns: title");
	ok(t->count == 2 && t->steps[1].count == 1, "… steps");
	is(t->count == 2 ? t->steps[1].pieces[0].command : NULL, "mutex -t 2", "… command");
	is(t->count == 2 ? t->steps[1].pieces[0].name : NULL, "a", "… name");
	text_free(t);
	t = text_parse("# T\n\n`code` and ``` in a line``` are prose\n", "en.md", "d");
	is(t->complaint, NULL, "backticks in a line are no fence");
	text_free(t);
	text_free(NULL);
}

static void test_files(void)
{
	char dir[] = "/tmp/lockstep-text-XXXXXX";
	if (!mkdtemp(dir))
		bail_out("no folder for files");
	char *path = xasprintf("%s/en.md", dir), *big = xasprintf("%s/big", dir), *fifo = xasprintf("%s/fifo", dir);
	FILE *f = fopen(path, "w"), *g = fopen(big, "w");
	if (!f || !g || mkfifo(fifo, 0600))
		bail_out("no files");
	fputs("# Title\n", f);
	fputc('\0', g);
	fclose(f);
	fclose(g);
	setenv("LOCKSTEP_HOME", dir, 1);
	char *s = text_read("en.md");
	is(s, "# Title\n", "a file is read whole");
	free(s);
	errno = 0;
	ok(!text_read("none.md") && errno == ENOENT, "no such file");
	ok(!text_read(".") && errno == EISDIR, "a folder is no file");
	ok(!text_read("fifo") && errno == EINVAL, "a FIFO does not hold it up");
	ok(!text_read("../en.md") && errno == EINVAL, "no way out of the course");
	ok(!text_read("a/../../en.md") && errno == EINVAL, "… nor by a detour");
	ok(!text_read("/etc/passwd") && errno == EINVAL, "… nor by an absolute path");
	ok(!text_read("big") && errno == EILSEQ, "a NUL byte is no text");
	ok(!truncate(big, (1 << 20) + 1) && !text_read("big") && errno == EFBIG, "more than 1 MiB is refused");
	struct lesson_text *t = text_load(".", "en");
	is(t ? t->title : NULL, "Title", "a text is loaded by folder and language");
	text_free(t);
	ok(!text_load(".", "../en") && errno == EINVAL, "a language is a word");
	ok(!text_load(".", "fr") && errno == ENOENT, "a language that is not there");
	unlink(path);
	unlink(big);
	unlink(fifo);
	rmdir(dir);
	free(path);
	free(big);
	free(fifo);
	unsetenv("LOCKSTEP_HOME");
}

static void test_excerpt(void)
{
	static const char s[] = "a\n//> one\nb\n\t//> two\nc\n//< two\n//< one\n#> py\nd\n#< py  \n//> empty\n//< "
							"empty\n//> open\ne\n//> onetwo\n";
	int first = 0, last = 0;
	ok(text_excerpt(s, "one", &first, &last) && first == 3 && last == 6, "an excerpt, another inside");
	ok(text_excerpt(s, "two", &first, &last) && first == 5 && last == 5, "the inner one, indented");
	ok(text_excerpt(s, "py", &first, &last) && first == 9 && last == 9, "marks of Python, blanks after the name");
	ok(!text_excerpt(s, "empty", &first, &last), "nothing between the marks");
	ok(!text_excerpt(s, "open", &first, &last), "no end");
	ok(!text_excerpt(s, "on", &first, &last) && !text_excerpt(s, "", &first, &last), "a name is matched whole");
}

/* ---- layout --------------------------------------------------------------------------------------------------------
 */

static char *flat(const char *markdown, int width)
{
	struct ink_lines *lines = ink_layout(markdown, width);
	char *all = xstrdup("");
	for (int i = 0; i < lines->count; i++) {
		char *line = xstrdup("");
		for (int k = 0; k < lines->lines[i].count; k++) {
			char *longer = xasprintf("%s%s", line, lines->lines[i].runs[k].text);
			free(line);
			line = longer;
		}
		char *more = xasprintf("%s%s%s", all, i ? "\n" : "", line);
		free(line);
		free(all);
		all = more;
	}
	ink_free(lines);
	return all;
}

static void lays(const char *markdown, int width, const char *want, const char *name)
{
	char *got = flat(markdown, width);
	is(got, want, name);
	free(got);
}

static void test_layout(void)
{
	lays("", 20, "", "nothing");
	lays("one two three four", 9, "one two\nthree\nfour", "words");
	lays("one\ntwo", 20, "one two", "a line end in a paragraph is a blank");
	lays("one  \ntwo", 20, "one\ntwo", "two blanks at the end break the line");
	lays("para\n\npara", 20, "para\n\npara", "a blank line between paragraphs");
	lays("abcdefghij", 4, "abcd\nefgh\nij", "a word longer than the line");
	lays("well-known", 6, "well-\nknown", "after a hyphen");
	lays("`a --threads` x", 8, "a\n--thread\ns x", "not inside an option");
	lays("- a b c\n- d", 5, "- a b\n  c\n- d", "a tight list");
	lays("- a\n\n- b", 9, "- a\n\n- b", "a loose list");
	lays("- a\n  - b\n- c", 9, "- a\n  - b\n- c", "a list in a list");
	lays("9. a\n10. bb ccc", 9, "9. a\n10. bb\n    ccc", "numbers");
	lays("> a b c", 5, "│ a b\n│ c", "a quotation");
	lays("x\n\n```c\nif (a)\n\tb;\n\n  c;\n```\n\ny", 20, "x\n\nif (a)\n    b;\n\n  c;\n\ny", "code keeps its lines");
	lays("| a | b |\n|---|---|\n| long | 中 |", 20, "a     b\nlong  中", "a table");
	lays("| a | b |\n|---|---|\n| long | 中 |", 6, "a | b\nlong |\n中", "a table too wide");
	lays("&lt;a&gt; &amp; &#x4e2d;", 20, "<a> & 中", "entities");
	lays("<b>x</b>", 20, "<b>x</b>", "HTML is words");
	lays("[here](https://a.b/)", 40, "here (https://a.b/)", "a link shows where it leads");
	lays("<https://a.b/>", 40, "https://a.b/", "a bare address is shown once");
	lays("[there](other.md)", 40, "there", "a link in the course is its words");
	lays("a\x1b[31mb\x07 \xff c", 40, "a[31mb ? c", "control characters and bad bytes do not get out");
	lays("线程一二三四五六", 8, "线程一二\n三四五六", "between ideographs");
	lays("一二三四，五六", 8, "一二三\n四，五六", "no line begins with a comma");
	lays("一二三四。”五", 8, "一二三\n四。”五", "… nor with two closing marks");
	lays("。。。。。。", 8, "。。。。\n。。", "a line of nothing else is cut anywhere");
	lays("一二三（四五）", 8, "一二三\n（四五）", "no line ends with an opening bracket");
	lays("一二\n三四，\nabc\ndef", 40, "一二三四，abc def", "line ends between ideographs vanish");
	lays("用`mutex`锁", 7, "用mutex\n锁", "between a word and an ideograph");
	lays("e\xcc\x81t\xc3\xa9", 2, "e\xcc\x81t\n\xc3\xa9", "a combining mark stays with its letter");
	lays("一", 1, "一", "a wide character in one column is not lost");
	lays("# *H* `c`", 20, "H c", "a heading");
	lays("a\n\n***\n\nb", 4, "a\n\n────\n\nb", "a rule");
}

static void test_inks(void)
{
	struct ink_lines *l = ink_layout("a **b** *c* `d` [e](f)\n\n> g\n\n# h", 40);
	static const struct ink_run want[] = {{INK_PLAIN, "a "}, {INK_BOLD, "b"}, {INK_PLAIN, " "}, {INK_EMPHASIS, "c"},
										  {INK_PLAIN, " "},	 {INK_CODE, "d"}, {INK_PLAIN, " "}, {INK_LINK, "e"}};
	bool same = l->count == 5 && l->lines[0].count == 8;
	for (int i = 0; same && i < 8; i++)
		same = l->lines[0].runs[i].ink == want[i].ink && !strcmp(l->lines[0].runs[i].text, want[i].text);
	ok(same, "inks of one line");
	ok(l->count == 5 && l->lines[1].count == 0, "a blank line has no runs");
	ok(l->count == 5 && l->lines[2].runs[0].ink == INK_QUOTE && l->lines[4].runs[0].ink == INK_HEADING,
	   "quotation and heading");
	ink_free(l);
	ink_free(NULL);
}

/* All but blanks and what stands at the beginning of lines. */
static int count_letters(const char *text, int width)
{
	char *all = flat(text, width);
	int n = 0;
	for (const char *p = all; *p; p++)
		n += strncmp(p, "│", 3) ? (unsigned char)*p > ' ' : -2;
	free(all);
	return n;
}

/* No line is wider than asked, no byte of the words is lost, at any width. */
static void test_widths(void)
{
	static const char text[] =
		"Two threads，互斥锁（mutex）保证：同一时刻只有一个线程进入临界区。well-known *words* `and --code`\n\n"
		"- 一个列表，里面有很多字，还有 English words\n  1. deeper, and deeper\n\n> 引用“文字”";
	bool fits = true, kept = true, clean = true;
	int letters = count_letters(text, 200);
	for (int width = 6; width <= 90; width++) {
		char *all = flat(text, width), *line = all, *save = NULL;
		kept = kept && (width < 20 || count_letters(text, width) == letters);
		for (line = strtok_r(all, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
			wchar_t wide[200];
			size_t n = mbstowcs(wide, line, 200);
			int columns = n < 200 ? wcswidth(wide, n) : -1;
			fits = fits && columns >= 0 && columns <= width;
			clean = clean && !(n < 200 && wcschr(L"，。：）”", wide[0]));
		}
		free(all);
	}
	ok(fits, "no line is wider than 6 to 90 columns");
	ok(kept, "no letter is lost");
	ok(clean, "no line begins with closing punctuation");
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	test_whole();
	test_malformed();
	test_lines();
	test_files();
	test_excerpt();
	test_layout();
	test_inks();
	test_widths();
	setlocale(LC_ALL, "C");
	lays("线程一二三四五六", 8, "线程一二\n三四五六", "wide characters are wide in the locale C, too");
	return tap_done();
}
