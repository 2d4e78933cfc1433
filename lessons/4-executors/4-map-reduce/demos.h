/* What the lesson map-reduce shows once, and its own option. Included by lesson.c. */

/* ---- brackets: the same eight numbers, folded by 1 to 4 workers ---- */

enum { EIGHT = 8 };
struct fold {
	double number[EIGHT], part[EIGHT];
	double (*two)(double, double);
};

static double plus(double a, double b) { return a + b; }
static double minus(double a, double b) { return a - b; }
static double greater(double a, double b) { return a > b ? a : b; }
static double middle(double a, double b) { return (a + b) / 2; }

static int map_fold(struct job *job, int w)
{
	struct fold *f = job->data;
	struct slice mine = slice_of(EIGHT, w, job->workers);
	f->part[w] = f->number[mine.first];
	for (size_t i = mine.first + 1; i < mine.last; i++)
		f->part[w] = f->two(f->part[w], f->number[i]);
	return 0;
}

static int merge_fold(struct job *job, int into, int from)
{
	struct fold *f = job->data;
	f->part[into] = f->two(f->part[into], f->part[from]);
	return 0;
}

static int demo_brackets(struct telling *t)
{
	static const struct { const char *name; double (*two)(double, double); bool associative; } op[] = {
		{"+", plus, true}, {"max", greater, true}, {"-", minus, false}, {"mean", middle, false}};
	tell(t, "50 8 7 6 5 4 3 2");
	tell(t, "workers  1   2   3   4");
	for (size_t k = 0; k < sizeof op / sizeof *op; k++) {
		double result[4];
		int different = 0;
		for (int p = 0; p < 4; p++) {
			struct fold f = {.number = {50, 8, 7, 6, 5, 4, 3, 2}, .two = op[k].two};
			struct job job = {.arg = {EIGHT}, .workers = p + 1, .data = &f};
			if (run_row(&job, &(struct work){map_fold, merge_fold}))
				return -1;
			bool new = true;
			for (int q = 0; q < p; q++)
				new = new && result[q] != f.part[0];
			different += new;
			result[p] = f.part[0];
		}
		tell_check(t, op[k].associative == (different == 1), "%-4s%4.2g%4.2g%4.2g%4.2g", op[k].name, result[0], result[1],
			   result[2], result[3]);
		if (op[k].two == minus)
			tell_figure(t, different, 4);
	}
	return 0;
}

/* ---- words: what travels, and which are frequent ---- */

static int count_words(struct job *job, int workers, int (*run)(struct job *))
{
	*job = (struct job){.kernel = &kernel_words, .workers = workers, .seed = 1};
	for (int i = 0; kernel_words.params[i].name; i++)
		job->arg[i] = kernel_words.params[i].preset;
	return prepare_words(job) || run(job) ? -1 : 0;
}

//> travel
static int demo_travel(struct telling *t)
{
	struct job job;
	double pairs[2];
	int rc = 0;
	for (int combine = 0; combine < 2 && !rc; combine++) {
		rc = count_words(&job, 4, combine ? run_processes_combined : run_no_combine);
		if (!rc) {
			pairs[combine] = (double)((struct text *)job.data)->moved;
			tell(t, "%s: %.0f pairs", combine ? N_("combined") : N_("as found"), pairs[combine]);
			tell_check(t, verify_words(&job).right, "the result is right");
		}
		int error = errno;
		release_words(&job);
		errno = error;
	}
	if (rc)
		return -1;
	double percent = pairs[0] > 0 ? 100 * pairs[1] / pairs[0] : 100;
	tell_check(t, pairs[1] <= pairs[0], "of 100 pairs %.3g left", percent);
	tell_figure(t, percent, NAN);
	return 0;
}
//< travel

static int demo_top(struct telling *t)
{
	enum { TOP = 10, SHOWN = 24 };
	struct job job;
	const struct slot *top[TOP] = {NULL};
	int rc = count_words(&job, 2, run_words_tree), error = errno;
	const struct text *text = job.data;
	size_t at = 0;
	for (const struct slot *s, *swap; !rc && (s = bag_next(&text->bag[0], &at));)
		for (int k = 0; s && k < TOP; k++)
			if (!top[k] || top[k]->word.count < s->word.count)
				swap = top[k], top[k] = s, s = swap;
	for (int k = 0; k < TOP && top[k]; k++) {
		uint32_t length = top[k]->word.length;
		int shown = length < SHOWN ? (int)length : SHOWN;
		while (length > SHOWN && shown > 0 && ((unsigned char)slot_text(top[k])[shown] & 0xc0) == 0x80)
			shown--; /* not through the midst of a character */
		tell(t, "%10u  %.*s%s", top[k]->word.count, shown, slot_text(top[k]), length > SHOWN ? "…" : "");
	}
	if (!rc) {
		struct outcome o = verify_words(&job);
		tell(t, "%10.0f  words in all", o.observed);
		tell_check(t, o.right, "%zu different words", text->bag[0].table.used);
		tell_figure(t, (double)text->bag[0].table.used, NAN);
	}
	release_words(&job);
	errno = error;
	return rc;
}

static const struct demo map_reduce_demos[] = {
	{"brackets", "eight numbers folded by 1 to 4 workers, with four operations", .run = demo_brackets},
	{"travel", "how many pairs leave four processes, with and without combine", .run = demo_travel},
	{"top", "the ten most frequent words (of --file)", .run = demo_top},
	{0},
};

static const char *given_file;
static const char *check_file(const char *list)
{
	double bytes;
	const char *allowed = name_files(list, &bytes);
	kernel_words.params[0].preset = bytes;
	return allowed;
}

static const struct lesson_option map_reduce_options[] = {
	{"file", "PATH", "count the words of this file (or several: PATH,PATH), of any length", "@file", &given_file, NULL, check_file},
	{0},
};
