/* Words counted by processes: each child sends its pairs through a pipe, the parent reduces. Included by lesson.c, which maps. */
#include <sys/wait.h>
#include "kernels/runtime/children.h"

//> send
static bool send_pair(FILE *to, const char *word, uint32_t length, uint32_t count)
{
	return fwrite(&length, sizeof length, 1, to) == 1 && fwrite(&count, sizeof count, 1, to) == 1 && fwrite(word, length, 1, to) == 1;
}
static bool emit_sent(void *to, const char *word, size_t length) { return send_pair(to, word, (uint32_t)length, 1); }

/* A child: what leaves it is every pair as map finds it, or what is left after combine. Its exit status. */
static int child(struct job *job, int w, int end, bool combine)
{
	struct text *t = job->data;
	FILE *to = fdopen(end, "w");
	worker_begin(job, w);
	int rc = !to || (combine ? map_words(job, w) : map_blocks(job, w, job->workers, emit_sent, to));
	size_t at = 0;
	for (const struct slot *s; !rc && combine && (s = bag_next(&t->bag[w], &at));)
		rc = !send_pair(to, slot_text(s), s->word.length, s->word.count);
	rc = rc || fclose(to);
	worker_end(job, w);
	return rc != 0;
}
//< send

/* The parent takes what one child sends, until it has closed its end. */
static int receive(struct text *t, FILE *from)
{
	uint32_t head[2];
	char word[LONGEST + AFTER] = "";
	for (; fread(head, sizeof *head, 2, from) == 2; t->moved++)
		if (head[0] > LONGEST || fread(word, head[0], 1, from) != 1 || !bag_add(&t->bag[0], word, head[0], head[1]))
			return -1;
	return 0;
}

//> processes
static int run_processes(struct job *job, bool combine)
{
	struct text *t = job->data;
	pid_t pid[KERNEL_WORKERS_MAX] = {0};
	FILE *from[KERNEL_WORKERS_MAX] = {0};
	int rc = 0, end[2];
	parallel_begin(job, job->workers);
	for (int w = 0; w < job->workers && !rc && !(rc = pipe2(end, O_CLOEXEC)); w++) {
		pid_t one = fork();
		if (one == 0)
			_exit(child(job, w, end[1], combine));
		close(end[1]);
		from[w] = fdopen(end[0], "r");
		pid[w] = one > 0 ? one : 0;
		rc = one < 0 || !from[w] ? -1 : 0;
	}
	rc = rc || !bag_open(&t->bag[0], 0) ? -1 : 0;
	for (int w = 0; w < job->workers && !rc; w++)
		rc = receive(t, from[w]); /* reduce: in the parent */
	if (rc)
		children_end(pid, job->workers);
	rc = children_wait(pid, job->workers) || rc ? -1 : 0;
	parallel_end(job);
	for (int w = 0; w < job->workers; w++)
		if (from[w])
			fclose(from[w]);
	return rc;
}
//< processes

static int run_no_combine(struct job *job) { return run_processes(job, false); }
static int run_processes_combined(struct job *job) { return run_processes(job, true); }
