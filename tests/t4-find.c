/* Finding lessons: by words of their texts in both languages, with the words around them; fast enough to type. */
#include <locale.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "tests/tap.h"
#include "tui/canvas.h"
#include "tui/find.h"

static void excerpt(const char *text, const char *word, const char *want, const char *name)
{
	char out[FIND_REASON];
	find_excerpt(text, (size_t)(strstr(text, word) - text), strlen(word), out, sizeof(out));
	is(out, want, name);
}

static void test_excerpt(void)
{
	char out[FIND_REASON];
	excerpt("a lock", "lock", "a lock", "a short text is shown whole");
	excerpt("Two threads that write to the same counter need mutual exclusion, or they lose what the other one has added to it", "mutual",
		"… need mutual exclusion, or they lose what the other one has …", "a long one from word to word");
	excerpt("并行计算是用多个处理器同时解决一个问题的方法，它需要互斥锁来保护共享的数据，否则数据会丢失。这是基本的事实。", "互斥锁",
		"… ，它需要互斥锁来保护共享的数据，否则数据会丢失 …", "Chinese is cut between characters");
	const char *long_word = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaXaaaaaaaaaaaa";
	find_excerpt(long_word, 100, 1, out, sizeof(out));
	ok(strchr(out, 'X') && strlen(out) < 80, "a word without an end is cut");
	/* Any place, any room: never half a character, never too much. */
	const char *text = "线程 lock 互斥 a并b行c 计算机器 ⟨ü⟩ the end";
	bool good = true;
	for (size_t at = 0; at < strlen(text); at++)
		for (size_t size = 1; size < 60; size++) {
			if (((unsigned char)text[at] & 0xc0) == 0x80)
				continue;
			find_excerpt(text, at, 1, out, size);
			good = good && strlen(out) < size && mbstowcs(NULL, out, 0) != (size_t)-1;
		}
	/* One byte may be the first of a character: then the match ends inside it, and it is dropped or whole. */
	ok(good, "never half a character");
}

static void put(const char *folder, const char *file, const char *text)
{
	char path[400];
	snprintf(path, sizeof(path), "%s/%s", folder, file);
	FILE *f = fopen(path, "w");
	if (!f || fputs(text, f) == EOF || fclose(f) != 0)
		bail_out("can't write the course");
}

/* Chapters and lessons like those that will be: `count` lessons of some 6 KB in each language. */
static void make_course(const char *root, int count)
{
	char folder[256], *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		bail_out("no memory");
	fputs("# A lesson\n\n", out);
	for (int step = 0; step < 8; step++)
		fprintf(out, "%sStep %d tells of *threads*, locks and cache lines. %0600d\n\n```run r%d\ndemo --threads %d\n```\n\n```quiz\nask: Why?\n"
			"- [x] because of `mutual`\n  exclusion\n- [ ] no\n  why: a needle%d in the hay\n```\n\n", step ? "---\n\n" : "", step, step, step, step + 1, step);
	fclose(out);
	snprintf(folder, sizeof(folder), "mkdir -p %s/build/lessons", root);
	if (system(folder) != 0)
		bail_out("no folder");
	for (int i = 0; i < count; i++) {
		snprintf(folder, sizeof(folder), "mkdir -p %s/lessons/%d-chapter/%d-l%d", root, i / 10 + 1, i % 10 + 1, i);
		if (system(folder) != 0)
			bail_out("no folder");
		snprintf(folder, sizeof(folder), "%s/lessons/%d-chapter", root, i / 10 + 1);
		put(folder, "en.md", i / 10 == 1 ? "# Vectors\n" : "# Chapter\n");
		put(folder, "zh.md", "# 章\n");
		snprintf(folder, sizeof(folder), "%s/lessons/%d-chapter/%d-l%d", root, i / 10 + 1, i % 10 + 1, i);
		put(folder, "en.md", text);
		put(folder, "zh.md", i == 7 ? "# 课\n\n这里讲互斥。\n\n```notes\nminutes: 1-2\nsecretword\n```\n" : "# 课\n");
		char name[64];
		snprintf(name, sizeof(name), "l%d.json", i);
		snprintf(folder, sizeof(folder), "%s/build/lessons", root);
		char json[300];
		snprintf(json, sizeof(json), "{\"id\":\"l%d\",\"title\":{\"en\":\"Title %d\",\"zh\":\"题\"},\"chapter\":%d,\"number\":%d}", i, i, i / 10 + 1, i % 10 + 1);
		put(folder, name, json);
	}
	free(text);
}

int main(void)
{
	char root[] = "/tmp/lockstep-find-XXXXXX", reason[FIND_REASON], command[64];
	const char *why = "";
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		diag("no UTF-8 locale");
	test_excerpt();
	bool todo;
	is(find_words("todo: lock", &todo), "lock", "todo: and a word");
	ok(todo, "is known");
	is(find_words("ToDo:", &todo), "", "todo: alone");
	is(find_words("to do", &todo), "to do", "other words are words");
	ok(!todo, "only");
	if (!mkdtemp(root))
		bail_out("no folder");
	make_course(root, 38);
	setenv("LOCKSTEP_HOME", root, 1);
	struct course *course = course_load(&why);
	if (!course || course->lesson_count != 38) {
		diag("%s, %d lessons", why, course ? course->lesson_count : -1);
		bail_out("the course is not found");
	}
	struct find *f = find_new(course);
	struct timespec a, b;
	int found = 0;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (int i = 0; i < 38; i++)
		found += find_fits(f, i, "needle7", "en", reason);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	diag("first search in 38 lessons: %.1f ms of CPU", (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) * 1e-6);
	ok(found == 38, "words of a question's answers are found");
	ok(strstr(reason, "text: ") == reason && strstr(reason, "a needle7 in the hay"), "with the words around them: %s", reason);
	ok(find_fits(f, 0, "because of mutual exclusion", "en", reason), "marks of Markdown and line ends don't part words");
	ok(find_fits(f, 3, "a LESSON", "en", reason) && !*reason && find_fits(f, 3, course->lessons[3].id, "en", reason) && !*reason,
	   "titles need no reason");
	ok(find_fits(f, 12, "vector", "en", reason) && strstr(reason, "chapter"), "a chapter's title: %s", reason);
	ok(!find_fits(f, 2, "vector", "en", reason), "is of its own lessons only");
	ok(find_fits(f, 7, "互斥", "en", reason) && strstr(reason, "互斥") && !find_fits(f, 8, "互斥", "en", reason), "Chinese words in any language");
	ok(!find_fits(f, 7, "secretword", "zh", reason), "not in the instructor's notes");
	ok(find_fits(f, 5, "todo:  NEEDLE3  ", "en", reason) && find_fits(f, 5, "", "en", reason) && find_fits(f, 5, "todo:", "en", reason),
	   "blanks and case don't matter; nothing asked fits all");
	find_free(f);
	course_free(course);
	f = find_new(NULL);
	find_free(f);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	ok(system(command) == 0, "cleaned up");
	return tap_done();
}
