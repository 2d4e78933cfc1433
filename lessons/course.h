/* The course as found on disk: chapters are folders lessons/N-NAME with en.md and zh.md (first line `# Title`), lessons
 * their subfolders; build/lessons/ID.json (from --describe) tells the rest. */
#ifndef LOCKSTEP_COURSE_H
#define LOCKSTEP_COURSE_H

#include <jansson.h>
#include <stdbool.h>

struct course_lesson {
	char *id, *dir;             /* "mutex", "lessons/3-threads/3-mutex" */
	char *title_en, *title_zh;
	int chapter, number;        /* 3.3 */
	int level, minutes_min, minutes_max;
	char *needs;
	char *unavailable;          /* why it can't run here, or NULL */
	json_t *describe;           /* the whole description, NULL if the binary's description is missing */
};

struct course_chapter {
	int number;
	char *title_en, *title_zh;
	int first, count;           /* into lessons */
};

struct course {
	struct course_chapter *chapters;
	int chapter_count;
	struct course_lesson *lessons;
	int lesson_count;
};

/* NULL with a sentence in *why (static) when there is no course to be found. Starts no process. */
struct course *course_load(const char **why);
void course_free(struct course *course);
const struct course_lesson *course_find(const struct course *course, const char *id); /* NULL: none */
/* Path of a lesson's binary (static storage). */
const char *course_binary(const char *id);

#endif
