/* A guess beside the measured figure: what counts as a hit, and what is said of it. */
#include "tests/tap.h"
#include "tui/compare.h"

/* A sweep: each value's time with its interval. */
static struct recset *sweep(int kept, double spread)
{
	static const struct { int at; double seconds; } points[] = {{1, 0.4}, {4, 0.101}, {16, 0.100}, {64, 0.102}, {256, 0.3}};
	struct recset *set = recset_new();
	char line[900];
	const char *run = "{\"t\":\"run\",\"run\":\"r\",\"lesson\":null,\"kernel\":\"k\",\"title\":\"\",\"source\":\"\",\"command\":\"\",\"time\":\"\","
			  "\"size\":1,\"size_unit\":\"\",\"args\":{},\"sweep\":\"chunk\",\"seed\":1,\"weak\":false,\"pin\":\"none\","
			  "\"workers\":[2],\"usable\":2,\"variants\":[{\"name\":\"threads\",\"about\":\"\",\"kind\":\"threads\",\"wrong\":null,"
			  "\"blocks\":false,\"unavailable\":null}],\"baseline\":null,\"rounds\":11,\"budget_seconds\":1,\"flops\":null,\"bytes\":null}";
	const char *machine = "{\"lockstep\":1,\"t\":\"machine\",\"machine\":\"x\",\"line\":\"x\",\"cores\":2,\"usable\":2}";
	recset_line(set, machine, strlen(machine));
	recset_line(set, run, strlen(run));
	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++) {
		char interval[60] = "null,null";
		if (spread > 0)
			snprintf(interval, sizeof(interval), "%g,%g", points[i].seconds - spread, points[i].seconds + spread);
		snprintf(line, sizeof(line),
			 "{\"t\":\"point\",\"run\":\"r\",\"variant\":\"threads\",\"workers\":2,\"at\":{\"chunk\":%d},\"final\":true,\"tried\":11,"
			 "\"kept\":%d,\"seconds\":[%g,%s],\"speedup\":[1,null,null],\"self\":[1,null,null],\"efficiency\":0.5,"
			 "\"capacity\":[2,null,null],\"bandwidth_ceiling\":null,\"oversubscribed\":false,\"busy\":false,\"karp_flatt\":null,"
			 "\"flops_per_second\":null,\"bytes_per_second\":null,\"right\":true,\"work\":1}",
			 points[i].at, kept, points[i].seconds, interval);
		recset_line(set, line, strlen(line));
	}
	return set;
}

static void check(struct recset *set, const char *compare, const char *guess, enum compared wanted, const char *words)
{
	char none[] = "", threads[] = "threads", *field = strdup(compare), text[400];
	struct piece p = {.kind = PIECE_PREDICT, .unit = none, .compare = field, .variant = threads};
	enum compared c = compare_words(&p, guess, recset_last(set), false, text, sizeof(text));
	if (!ok(c == wanted && strstr(text, words), "%s, guess %s: \"%s\"", compare, guess, words))
		diag("%d: %s", c, text);
	free(field);
}

int main(void)
{
	struct recset *tie = sweep(11, 0.002), *sharp = sweep(11, 0.0001), *few = sweep(4, 0);
	check(tie, "best", "16", COMPARED_HIT, "inside the interval");
	check(tie, "best", "4", COMPARED_HIT, "measured 16 [4–64]: inside");
	check(tie, "best", "64", COMPARED_HIT, "inside");
	check(tie, "best", "256", COMPARED_MISS, "off by 16x.");
	check(sharp, "best", "16", COMPARED_HIT, "measured 16: so it is.");
	check(sharp, "best", "4", COMPARED_MISS, "off by 4x.");
	check(few, "best", "4", COMPARED_UNSURE, "too few quiet rounds");
	check(tie, "efficiency", "1", COMPARED_MISS, "off by 2x.");
	check(few, "efficiency", "1", COMPARED_UNSURE, "too few quiet rounds");
	struct rec_run *run = (struct rec_run *)recset_last(tie);
	check(tie, "break_even", "1000", COMPARED_UNSURE, "this run has no figure");
	run->points.v[0].busy = true;
	check(tie, "break_even", "1000", COMPARED_UNSURE, "there were too few quiet rounds, so this run has no figure");
	recset_free(tie);
	recset_free(sharp);
	recset_free(few);
	return tap_done();
}
