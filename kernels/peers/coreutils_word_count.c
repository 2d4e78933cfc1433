/* Words counted by a pipeline of the shell: the text is in a file, each word goes to a line of its own, the lines are sorted, and
 * equal neighbours counted.
 * needs: coreutils */
#include "kernels/peers/input_word_count.h"

static FILE *in, *out; /* without names: nothing is left behind, however this ends */

static bool prepare(struct peer_job *job)
{
	if (!text_prepare(job) || !(in = tmpfile()) || !(out = tmpfile()))
		return false;
	return fwrite(((struct text *)job->data)->text, 1, job->size, in) == job->size && !fflush(in);
}

static void run(struct peer_job *job)
{
	char line[300];
	snprintf(line, sizeof line,
		 "export LC_ALL=C; tr -s ' ' '\\n' </proc/self/fd/%d | sort --parallel=%d -S 1G | uniq -c >/proc/self/fd/%d", fileno(in),
		 job->threads, fileno(out));
	if (system(line))
		fprintf(stderr, "the pipeline failed\n");
}

static double check(const struct peer_job *job)
{
	(void)job;
	char line[128], word[WORD_LONGEST + 1];
	unsigned long long count;
	uint64_t sum = 0;
	rewind(out);
	while (fgets(line, sizeof line, out))
		if (sscanf(line, "%llu %40s", &count, word) == 2) /* an empty line is no word */
			sum += word_figure(word, strlen(word), count);
	return figure_of(sum);
}

static const struct peer peers[] = {
	{.name = "tr | sort | uniq -c", .kernel = "word_count", .library = "coreutils", .workers = "any", .prepare = prepare, .run = run,
	 .check = check},
	{0},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
