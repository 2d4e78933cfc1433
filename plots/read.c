/* Records from files, and the guesses among them, which only charts read. */
#include "plots/plot.h"

#include "kernels/bench/util.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GUESS_LINE_MAX = 1 << 14, GUESSES_MAX = 4096 };

static char *text_of(const json_t *o, const char *key)
{
	char buf[512];
	const char *text = json_string_value(json_object_get(o, key));
	return text && *text ? xstrdup(util_printable(text, buf, sizeof buf)) : NULL;
}

/* A line that may be a guess of a speedup. */
static void take_guess(struct plot_records *records, const char *line, size_t length)
{
	json_t *o = memmem(line, length, "\"predict\"", 9) ? json_loadb(line, length, 0, NULL) : NULL;
	const char *t = json_string_value(json_object_get(o, "t")),
			   *compare = json_string_value(json_object_get(o, "compare"));
	double speedup = json_number_value(json_object_get(o, "guess")),
		   workers = json_number_value(json_object_get(o, "workers"));

	if (plot_same(t, "predict") && plot_same(compare, "speedup") && json_is_number(json_object_get(o, "guess")) &&
		speedup >= 0 && speedup <= 1e6 && workers >= 1 && workers <= 1e6 && records->guess_count < GUESSES_MAX) {
		records->guesses = xrealloc(records->guesses, (records->guess_count + 1) * sizeof *records->guesses);
		records->guesses[records->guess_count++] = (struct plot_guess){.run = text_of(o, "run"),
																	   .lesson = text_of(o, "lesson"),
																	   .variant = text_of(o, "variant"),
																	   .workers = workers,
																	   .speedup = speedup};
	}
	json_decref(o);
}

/* Any guess but a drawn curve. */
static void take_prediction(struct plot_records *records, const char *line, size_t length)
{
	json_t *o = memmem(line, length, "\"predict\"", 9) ? json_loadb(line, length, 0, NULL) : NULL;
	const json_t *guess = json_object_get(o, "guess");
	double number = json_number_value(guess);
	if (plot_same(json_string_value(json_object_get(o, "t")), "predict") && records->prediction_count < GUESSES_MAX &&
		((json_is_number(guess) && fabs(number) <= 1e15) || json_is_string(guess))) {
		records->predictions =
			xrealloc(records->predictions, (records->prediction_count + 1) * sizeof *records->predictions);
		records->predictions[records->prediction_count++] = (struct plot_prediction){
			.run = text_of(o, "run"),
			.lesson = text_of(o, "lesson"),
			.ask = text_of(o, "ask"),
			.compare = text_of(o, "compare"),
			.variant = text_of(o, "variant"),
			.unit = text_of(o, "unit"),
			.text = text_of(o, "guess"),
			.step = (int)fmin(fmax(json_number_value(json_object_get(o, "step")), 0), 1e6),
			.workers = (int)fmin(fmax(json_number_value(json_object_get(o, "workers")), 0), 1e6),
			.number = json_is_number(guess) ? number : (double)NAN};
	}
	json_decref(o);
}

/* Lines out of a stream of bytes; one that is longer than any guess is passed over. */
struct lines {
	char text[GUESS_LINE_MAX];
	size_t n;
	bool too_long;
};

static void take_line(struct plot_records *records, const char *line, size_t length)
{
	if (length > GUESS_LINE_MAX)
		return;
	take_guess(records, line, length);
	take_prediction(records, line, length);
}

static void feed(struct plot_records *records, struct lines *l, const char *bytes, size_t n)
{
	while (n) {
		const char *end = memchr(bytes, '\n', n);
		size_t length = end ? (size_t)(end - bytes) : n;
		if (end && !l->n && !l->too_long) {
			take_line(records, bytes, length);
		} else {
			l->too_long |= l->n + length > sizeof l->text;
			if (!l->too_long)
				memcpy(l->text + l->n, bytes, length);
			l->n += l->too_long ? 0 : length;
		}
		if (end) {
			if (l->n && !l->too_long)
				take_line(records, l->text, l->n);
			l->n = 0;
			l->too_long = false;
		}
		bytes += length + (end != NULL);
		n -= length + (end != NULL);
	}
}

bool plot_read(struct plot_records *records, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), why = 0;
	ssize_t n = 0;
	if (fd < 0)
		return false;
	char *bytes = xmalloc(1 << 16);
	struct lines *lines = xcalloc(1, sizeof *lines);
	if (!records->set) {
		records->set = recset_new();
		recset_lean(records->set);
	}
	while ((n = read(fd, bytes, 1 << 16)) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		recset_feed(records->set, bytes, (size_t)n);
		feed(records, lines, bytes, (size_t)n);
	}
	why = n < 0 ? errno : 0;
	feed(records, lines, "\n", 1);
	recset_feed_end(records->set);
	close(fd);
	free(lines);
	free(bytes);
	errno = why;
	return !why;
}

void plot_records_free(struct plot_records *records)
{
	for (size_t i = 0; i < records->guess_count; i++) {
		free(records->guesses[i].run);
		free(records->guesses[i].lesson);
		free(records->guesses[i].variant);
	}
	for (size_t i = 0; i < records->prediction_count; i++) {
		struct plot_prediction *p = &records->predictions[i];
		char *texts[] = {p->run, p->lesson, p->ask, p->compare, p->variant, p->unit, p->text};
		for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
			free(texts[k]);
	}
	free(records->predictions);
	free(records->guesses);
	if (records->set)
		recset_free(records->set);
	*records = (struct plot_records){.set = NULL};
}

const struct plot_guess *plot_guess(const struct plot_records *records, const struct rec_run *run)
{
	for (size_t i = records->guess_count; i-- > 0;) {
		const struct plot_guess *g = &records->guesses[i];
		if (g->run ? plot_same(g->run, run->id) : plot_same(g->lesson, run->lesson))
			return g;
	}
	return NULL;
}
