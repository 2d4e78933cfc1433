/* Spans thinned out: nothing that a chart could show is lost, and a reader of any file stays within bounds. */
#include "kernels/bench/recset.h"
#include "tests/tap.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SPANS = 20000, BINS = 100 };

static char threads[] = "threads", processes[] = "processes", run_kind[] = "run", wait_kind[] = "wait";
static unsigned long long seed = 1;

static double draw(void)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (double)(seed >> 11) / 9007199254740992.0;
}

static void make(struct rec_span *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double begin = draw() * 10;
		bool one = draw() < 0.5;
		v[i] = (struct rec_span){.variant = draw() < 0.7 ? threads : processes,
								 .workers = one ? 2 : 4,
								 .worker = (int)(draw() * (one ? 2 : 4)) - (draw() < 0.05),
								 .core = (int)i, /* tells them apart */
								 .at = draw() < 0.2 ? 16 : (double)NAN,
								 .begin = begin,
								 .end = begin + (draw() < 0.01 ? draw() : draw() * 1e-3),
								 .kind = draw() < 0.3 ? wait_kind : run_kind,
								 .final = true};
	}
}

static bool same_at(double a, double b)
{
	return (isnan(a) && isnan(b)) || a == b;
}

static bool same_lane(const struct rec_span *a, const struct rec_span *b)
{
	return a->variant == b->variant && a->workers == b->workers && same_at(a->at, b->at) && a->worker == b->worker && a->kind == b->kind;
}

static double end_of(const struct rec_span *v, size_t n, const struct rec_span *of)
{
	double end = 0;
	for (size_t i = 0; i < n; i++)
		if (v[i].variant == of->variant && v[i].workers == of->workers && same_at(v[i].at, of->at))
			end = fmax(end, v[i].end);
	return end;
}

/* By brute force: every span must be kept or be outdone by one that is kept. */
static void check(const struct rec_span *all, size_t n, const struct rec_span *kept, size_t left, unsigned long long of)
{
	size_t k = 0, lost = 0, outdone = 0, order = 0;
	char *there = calloc(n, 1);
	for (size_t i = 0; i < left; i++) {
		order += i && kept[i].core <= kept[i - 1].core;
		there[kept[i].core] = 1;
	}
	for (size_t i = 0; i < n; i++) {
		double width = end_of(all, n < 3000 ? n : 3000, &all[i]) / BINS; /* near enough: far more than 3000 ends lie close to it */
		double length = all[i].end - all[i].begin;
		bool better = there[i];
		if (!there[i] && length > 1.05 * width)
			lost++;
		for (k = 0; k < left && !better; k++)
			better = same_lane(&kept[k], &all[i]) && fabs(kept[k].begin - all[i].begin) < 1.1 * width && kept[k].end - kept[k].begin >= length;
		outdone += !better;
	}
	free(there);
	ok(!order && !lost && !outdone, "seed %llu: %zu of %zu stay; in order; no long one lost (%zu); the longest everywhere (%zu)", of, left, n, lost,
	   outdone);
}

static void test_thin(void)
{
	struct rec_span *v = calloc(SPANS, sizeof *v), *kept = calloc(SPANS, sizeof *kept);
	for (unsigned long long s = 1; s <= 3; s++) {
		size_t n = s == 1 ? 3000 : 1500;
		seed = s;
		make(v, n);
		memcpy(kept, v, n * sizeof *v);
		check(v, n, kept, rec_span_thin(kept, n, BINS), s);
	}
	seed = 9;
	make(v, SPANS);
	memcpy(kept, v, SPANS * sizeof *v);
	size_t left = rec_span_thin(kept, SPANS, 20);
	double all = 0, sum = 0;
	for (size_t i = 0; i < SPANS; i++)
		all += v[i].end - v[i].begin;
	for (size_t i = 0; i < left; i++)
		sum += kept[i].end - kept[i].begin + kept[i].more;
	near(sum, all, 1e-6 * all, "what goes is added to what stays");
	ok(left < 8000, "coarse columns leave few (%zu of %d)", left, SPANS);
	ok(rec_span_thin(kept, left, 20) == left, "thinned again: all stay");
	ok(rec_span_thin(kept, 0, 20) == 0, "none stay none");
	for (size_t i = 0; i < 100; i++)
		v[i] = (struct rec_span){.variant = threads, .workers = 1, .at = (double)NAN, .kind = run_kind, .begin = 0, .end = 0};
	left = rec_span_thin(v, 100, 20);
	ok(left >= 1 && left <= 100, "no time at all: no division by it (%zu)", left);
	free(v);
	free(kept);
}

static const char head[] = "{\"lockstep\":1,\"t\":\"machine\",\"machine\":\"m\",\"usable\":2}\n"
						   "{\"t\":\"run\",\"run\":\"r\",\"kernel\":\"k\",\"workers\":[2],\"variants\":[{\"name\":\"threads\",\"kind\":\"threads\"}]}\n";

static void test_lean(void)
{
	struct recset *set = recset_new();
	char line[400];
	recset_lean(set);
	recset_feed(set, head, strlen(head));
	for (int i = 0; i < 300000; i++) {
		double begin = i * 1e-3, end = begin + (i == 123456 ? 5 : 1e-3);
		int n = snprintf(line, sizeof line,
						 "{\"t\":\"span\",\"run\":\"r\",\"variant\":\"threads\",\"workers\":2,\"round\":1,\"worker\":%d,\"core\":0,"
						 "\"kind\":\"run\",\"begin_seconds\":%.6f,\"end_seconds\":%.6f}\n",
						 i % 2, begin, end);
		recset_feed(set, line, (size_t)n);
		n = snprintf(line, sizeof line,
					 "{\"t\":\"sample\",\"run\":\"r\",\"round\":%d,\"variant\":\"threads\",\"workers\":2,\"seconds\":1,\"kept\":true,"
					 "\"right\":true}\n",
					 i);
		if (i % 10 == 0)
			recset_feed(set, line, (size_t)n);
	}
	recset_feed_end(set);
	const struct rec_run *run = recset_last(set);
	bool long_one = false, last_one = false, first_one = false;
	for (size_t i = 0; i < run->spans.n; i++) {
		long_one |= run->spans.v[i].end - run->spans.v[i].begin > 4;
		last_one |= run->spans.v[i].end > 300 - 1e-6;
		first_one |= run->spans.v[i].begin == 0;
	}
	ok(run->spans_read == 300000 && run->spans.n <= RECSET_LEAN_SPANS, "300000 spans were read, %zu stay", run->spans.n);
	ok(long_one && last_one && first_one, "the longest, the first and the last are among them");
	ok(!run->samples.n && !set->skipped, "samples are read, and not kept");
	static const char bad[] = "{\"t\":\"sample\",\"run\":\"r\",\"round\":\"x\"}\n";
	recset_feed(set, bad, strlen(bad));
	recset_feed_end(set);
	ok(set->skipped == 1, "but checked: a bad one is skipped");
	recset_free(set);

	set = recset_new();
	recset_feed(set, head, strlen(head));
	recset_feed(set, line, strlen(line));
	recset_feed_end(set);
	ok(recset_last(set)->samples.n == 1, "without lean they are kept");
	recset_free(set);
}

/* More kinds of rows than fit: the rest is refused with a sentence, and what is held stays below the limit. */
static void test_limit(void)
{
	struct recset *set = recset_new();
	char line[700];
	recset_lean(set);
	recset_feed(set, head, strlen(head));
	int runs = 0;
	for (; runs < 200000 && !set->skipped; runs++) {
		int n = snprintf(line, sizeof line, "{\"t\":\"say\",\"run\":\"r\",\"about\":\"x\",\"text\":\"%0600d\"}\n", runs);
		recset_feed(set, line, (size_t)n);
		if (runs % 9999 == 9998) { /* sentences of a run have a limit of their own */
			n = snprintf(line, sizeof line, "{\"t\":\"run\",\"run\":\"r%d\",\"kernel\":\"k\",\"workers\":[2],\"variants\":[]}\n", runs);
			recset_feed(set, line, (size_t)n);
		}
	}
	ok(set->skipped > 0 && set->complaint, "a limit is there (%d lines): %s", runs, set->complaint ? set->complaint : "none");
	recset_free(set);
}

int main(void)
{
	test_thin();
	test_lean();
	test_limit();
	return tap_done();
}
