/* The course map from folders: order, titles, what is skipped, what is said about a lesson that is not built. */
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels/bench/util.h"
#include "lessons/course.h"
#include "tests/tap.h"

static char root[] = "/tmp/lockstep-course-XXXXXX";

static void put(const char *path, const char *text)
{
	char *whole = xasprintf("%s/%s", root, path);
	for (char *p = strchr(whole + strlen(root) + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(whole, 0700);
		*p = '/';
	}
	FILE *f = fopen(whole, "w");
	if (!f || fputs(text, f) < 0 || fclose(f))
		bail_out("the sample course could not be written");
	free(whole);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

static void test_empty(void)
{
	const char *why = NULL;
	struct course *course = course_load(&why);
	ok(!course && why && strstr(why, "lesson"), "an empty folder is no course, and it is said");
	course_free(course);
	put("lessons/1-empty/en.md", "# Empty\n");
	why = NULL;
	course = course_load(&why);
	ok(!course && why, "a chapter without lessons neither");
	course_free(course);
	course_free(NULL);
}

static void make_course(void)
{
	put("lessons/10-late/en.md", "# Late\n");
	put("lessons/10-late/1-last/en.md", "# The last\n");
	put("lessons/2-early/en.md", "\xef\xbb\xbf# Early  \r\nmore\n");
	put("lessons/2-early/zh.md", "# 早\n");
	put("lessons/2-early/11-eleven/lesson.c", "/* */\n");
	put("lessons/2-early/2-two-words/en.md", "# Two words\n");
	put("lessons/2-early/2-two-words/zh.md", "# 两个词\n");
	put("lessons/2-early/3-odd/en.md", "# \x1b[31mred\n");
	put("lessons/2-early/4-nothing/readme", "");
	put("lessons/2-early/Notes/en.md", "# Not numbered\n");
	put("lessons/2-early/5-Upper/en.md", "# Not an id\n");
	put("lessons/2-early/6-file", "a file, not a folder\n");
	put("lessons/9999-far/1-x/en.md", "# Too far\n");
}

static void test_course(void)
{
	const char *why = NULL;
	struct course *c = course_load(&why);
	if (!c)
		bail_out(why ? why : "no reason given");
	ok(c->chapter_count == 2 && c->lesson_count == 4, "two chapters, four lessons");
	if (c->chapter_count != 2 || c->lesson_count != 4)
		bail_out("the course is another");
	ok(c->chapters[0].number == 2 && c->chapters[1].number == 10, "chapters by number, not by letter");
	is(c->chapters[0].title_en, "Early", "title without byte order mark, blanks, carriage return");
	is(c->chapters[0].title_zh, "早", "Chinese title");
	is(c->chapters[1].title_zh, "Late", "without a Chinese title the English one");
	ok(c->chapters[0].first == 0 && c->chapters[0].count == 3 && c->chapters[1].first == 3 && c->chapters[1].count == 1,
	   "each chapter knows its lessons");
	is(c->lessons[0].id, "two-words", "lessons by number; an id of two words");
	is(c->lessons[0].dir, "lessons/2-early/2-two-words", "folder");
	ok(c->lessons[0].chapter == 2 && c->lessons[0].number == 2, "number 2.2");
	is(c->lessons[0].title_en, "Two words", "English title");
	is(c->lessons[0].title_zh, "两个词", "Chinese title");
	ok(!strchr(c->lessons[1].title_en, '\x1b'), "control characters of a title do not get out");
	is(c->lessons[2].id, "eleven", "11 after 3");
	is(c->lessons[2].title_en, "eleven", "a lesson without text goes by its id");
	ok(c->lessons[3].describe == NULL && c->lessons[3].level == 0, "nothing is known of a lesson that is not built");
	ok(c->lessons[3].unavailable && strstr(c->lessons[3].unavailable, "make"), "… and it says how to build it");
	is(c->lessons[3].needs, "", "… with needs that are a string");
	ok(course_find(c, "eleven") == &c->lessons[2], "found by id");
	ok(!course_find(c, "elev") && !course_find(c, ""), "not by a part of it");
	course_free(c);
}

/* The descriptions that were built with this test, when there are any. */
static void test_real(void)
{
	const char *why = NULL;
	unsetenv("LOCKSTEP_HOME");
	struct course *c = course_load(&why);
	const struct course_lesson *mutex = c ? course_find(c, "mutex") : NULL;
	ok(mutex != NULL, "the real course has the lesson mutex");
	if (!mutex || !mutex->describe) {
		skip("its description", "the lesson is not built");
	} else {
		ok(mutex->level >= 1 && mutex->level <= 3, "level");
		ok(mutex->minutes_min > 0 && mutex->minutes_max >= mutex->minutes_min, "minutes");
		ok(mutex->needs && !strchr(mutex->needs, 0x5b), "needs as words, not as JSON");
		is(mutex->unavailable, NULL, "it can run here");
	}
	const char *binary = course_binary("mutex");
	ok(strlen(binary) > 14 && !strcmp(binary + strlen(binary) - 14, "/lessons/mutex"), "path of a program");
	course_free(c);
}

int main(void)
{
	if (!mkdtemp(root))
		bail_out("no folder for the sample course");
	setenv("LOCKSTEP_HOME", root, 1);
	test_empty();
	make_course();
	test_course();
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	test_real();
	return tap_done();
}
