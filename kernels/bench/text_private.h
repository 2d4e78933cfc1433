/* What the parts of the text output share: a page that knows its width, its colours and whether it may leave ASCII. */
#ifndef LOCKSTEP_TEXT_PRIVATE_H
#define LOCKSTEP_TEXT_PRIVATE_H

#include "kernels/bench/text.h"

enum ink { INK_PLAIN, INK_BOLD, INK_DIM, INK_GOOD, INK_WARN, INK_BAD };

struct page {
	FILE *out;
	const struct text_style *style;
	int width;
};

/* Every text is UTF-8; where only ASCII may be shown, each character is replaced by a likeness. */
char *page_fold(const struct page *page, const char *text, char *buf, size_t size);
/* Columns that a text takes on a terminal. */
int text_columns(const char *text);
void page_put(const struct page *page, enum ink ink, const char *text);
void page_printf(const struct page *page, enum ink ink, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Padded or cut to exactly `width` columns. */
void page_cell(const struct page *page, enum ink ink, const char *text, int width, bool right);
/* A paragraph broken between words at the width; the first line begins with `label`, all with `indent` blanks' room. */
void page_paragraph(const struct page *page, enum ink ink, const char *label, int indent, const char *text);

/* Figures. All into buf, which is returned. */
char *text_ratio(double x, char *buf, size_t size);                       /* 1.79 */
char *text_ratios(struct estimate e, char *buf, size_t size);             /* 1.79 [1.78–1.80] */
char *text_percents(struct estimate e, char *buf, size_t size);           /* 9.8 % [9.7–9.9] */
char *text_time(struct estimate e, char *buf, size_t size);               /* 34.4 ± 0.2 ms */
char *text_count(double n, const char *one, const char *many, char *buf, size_t size); /* 1 page fault, 12 k page faults */

/* Shared questions about a run. */
/* What the results of a row amount to. */
enum judgement { JUDGED_RIGHT, JUDGED_WRONG, JUDGED_BUSY };
enum judgement text_judge(const struct rec_run *run, const struct rec_point *p);
/* The points of a variant in the order of workers, then of the swept value. Returns their number; *list is to be freed. */
size_t text_points(const struct rec_run *run, const char *variant, const struct rec_point ***list);
/* The point that the paragraphs of a variant speak of: most workers within the usable cores, of several swept values the
 * fastest; else the one with most workers. NULL without a final point. */
const struct rec_point *text_chosen(const struct rec_run *run, const char *variant);
bool text_is_serial(const struct rec_run *run, const struct rec_variant *v);

void text_heading(const struct page *page, const struct recset *set, const struct rec_run *run);
void text_table(const struct page *page, const struct rec_run *run);
void text_devices(const struct page *page, const struct rec_run *run);
void text_variant(const struct page *page, const struct recset *set, const struct rec_run *run, const struct rec_variant *v);
void text_budget(const struct page *page, const struct rec_budget *b);
void text_counters(const struct page *page, const struct rec_run *run, const struct rec_point *p);
void text_verdicts(const struct page *page, const struct rec_run *run);

enum { TEXT_LABEL = 15 }; /* columns of the labels in front of paragraphs */

#endif
