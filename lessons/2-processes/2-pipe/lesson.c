/* A pipe: one-way bytes between processes                                                                   ★★☆
 *
 * What you learn: a pipe carries bytes, one way, without borders: what was written in three pieces may be read in
 * one, or a message in parts. So messages need frames: a length first. A pipe ends when nobody holds its writing
 * end any more; who forgets to close it waits for ever. A pair of sockets does the same in both directions.
 *
 * How the number is made: kernel `ipc` (kernels/ipc.c) sends --size messages of --bytes bytes to a child and back,
 * or with --stream 1 only there. Kernel `messages` deals --size messages of 1 to --most bytes to --threads
 * children, each through a pipe of its own. A child weighs each message's bytes with its number and leaves the
 * sums in shared memory; they must be those of the messages that were made. A reader that can get nothing more
 * finds out who holds its pipe. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "kernels/kernel.h"
#include "lessons/2-processes/2-pipe/demos.h"
#include "lessons/2-processes/2-pipe/messages.h"
#include "lessons/lesson.h"

//> no-pipe
static int run_no_pipe(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < job_size(job); i++) {
		uint32_t length = make_message(job, i, d->buffer);
		look_at(&d->found, d->buffer + sizeof length, length, i);
	}
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}
//< no-pipe

/* ---- the reader: a child ---- */

//> framed
/* 1: all `size` bytes are there; 0: the end came before. read may return a part, so it is asked again. */
static int read_all(struct job *job, int w, unsigned char *to, size_t size)
{
	struct data *d = job->data;
	for (size_t done = 0; done < size;) {
		ssize_t got = something_comes(job, w) ? read(d->end[w][0], to + done, size - done) : 0;
		if (got == 0)
			return 0;
		if (got < 0 && errno != EINTR)
			_exit(1);
		done += got > 0 ? (size_t)got : 0;
	}
	return 1;
}

static void read_framed(struct job *job, int w, struct found *mine)
{
	struct data *d = job->data;
	uint32_t length;
	for (size_t i = (size_t)w; read_all(job, w, (unsigned char *)&length, sizeof length); i += (size_t)job->workers)
		if (length <= job->arg[1] && read_all(job, w, d->buffer, length)) /* never trust a length from outside */
			look_at(mine, d->buffer, length, i);
}
//< framed

//> one-read
/* "One write there, one read here": as if a message came as it was sent. */
static void read_as_it_comes(struct job *job, int w, struct found *mine)
{
	struct data *d = job->data;
	const uint32_t head = sizeof(uint32_t);
	for (size_t i = (size_t)w; something_comes(job, w); i += (size_t)job->workers) {
		ssize_t got = read(d->end[w][0], d->buffer, head + (size_t)job->arg[1]);
		if (got <= 0)
			return;
		look_at(mine, d->buffer + head, got > head ? (size_t)got - head : 0, i);
	}
}
//< one-read

/* ---- the writer: the parent ---- */

struct way {
	bool sockets, forgets; /* a pair of sockets; the child does not close what it does not need */
	void (*read)(struct job *job, int w, struct found *mine);
};

static void child_main(struct job *job, int w, const struct way *way)
{
	struct data *d = job->data;
	struct found mine = {0};
	end_with_parent();
	d->child[w].pid = getpid();
//> close
	for (int v = 0; v <= w && !way->forgets; v++)
		close(d->end[v][1]); /* my own writing end, and those of the elder children, which fork copied too */
//< close
	d->child[w].closed_others = true;
	worker_begin(job, w);
	way->read(job, w, &mine);
	worker_end(job, w);
	d->child[w].found = mine;
	_exit(0);
}

static int run(struct job *job, const struct way *way)
{
	struct data *d = job->data;
	size_t n = job_size(job), p = (size_t)job->workers, started = 0;
	pid_t pid[KERNEL_WORKERS_MAX];
	int error = 0;
	void (*before)(int) = signal(SIGPIPE, SIG_IGN); /* a reader that died is an error here, not our end */
	memset(d->child, 0, p * sizeof *d->child);
	*d->sent_all = false;
	d->sockets = way->sockets;
	parallel_begin(job, job->workers);
	for (; started < p && !error; started += !error) {
		int *end = d->end[started];
		if (way->sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, end) : pipe(end)) {
			error = errno;
		} else if ((pid[started] = fork()) == 0) {
			child_main(job, (int)started, way);
		} else {
			error = pid[started] < 0 ? errno : 0;
			close(end[0]); /* the parent only writes */
			if (error)
				close(end[1]);
		}
	}
	for (size_t i = 0; i < n && !error; i++) {
		uint32_t length = make_message(job, i, d->buffer);
		error = write_all(d->end[i % p][1], d->buffer, sizeof length + length) ? errno : 0;
	}
	for (size_t w = 0; w < started; w++)
		close(d->end[w][1]); /* nothing more will come: the reader sees the end … if we are the last to close */
	*d->sent_all = true;
	for (size_t w = 0; w < started; w++) {
		int status = wait_for(pid[w]);
		error = error || !status ? error : ECANCELED;
		d->found.count += d->child[w].found.count;
		d->found.sum += d->child[w].found.sum;
		d->stuck = d->child[w].holder ? &d->child[w] : d->stuck;
	}
	parallel_end(job);
	signal(SIGPIPE, before);
	return (errno = error) ? -1 : 0;
}

static int run_framed(struct job *job) { return run(job, &(struct way){false, false, read_framed}); }
static int run_framed_socket(struct job *job) { return run(job, &(struct way){true, false, read_framed}); }
static int run_one_read(struct job *job) { return run(job, &(struct way){false, false, read_as_it_comes}); }
static int run_forgotten_close(struct job *job) { return run(job, &(struct way){false, true, read_framed}); }

/* ---- the rest ---- */

#define SHARED(size) mmap(NULL, (size), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
enum { CHILDREN_BYTES = KERNEL_WORKERS_MAX * sizeof(struct child) };

static int prepare(struct job *job)
{
	struct data *d = job->data = calloc(1, sizeof *d);
	if (!d)
		return -1;
	d->buffer = malloc(sizeof(uint32_t) + (size_t)job->arg[1]);
	d->child = SHARED(CHILDREN_BYTES);
	d->sent_all = SHARED(sizeof *d->sent_all);
	if (!d->buffer || d->child == MAP_FAILED || d->sent_all == MAP_FAILED)
		return -1;
	run_no_pipe(&(struct job){.arg = {job->arg[0], job->arg[1]}, .seed = job->seed, .data = d});
	d->expected = d->found;
	return 0;
}

static void reset(struct job *job)
{
	struct data *d = job->data;
	d->found = (struct found){0};
	d->stuck = NULL;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d && d->child && d->child != MAP_FAILED)
		munmap(d->child, CHILDREN_BYTES);
	if (d && d->sent_all && d->sent_all != MAP_FAILED)
		munmap(d->sent_all, sizeof *d->sent_all);
	if (d)
		free(d->buffer);
	free(d), job->data = NULL;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome out = {.expected = (double)d->expected.count, .observed = (double)d->found.count};
	out.right = d->found.count == d->expected.count && d->found.sum == d->expected.sum && !d->stuck;
	if (d->stuck)
		snprintf(out.text, sizeof out.text, "the end never came: process %ld read the pipe, and process %ld (%s) held "
			 "its writing end, descriptor %d", (long)d->stuck->pid, (long)d->stuck->holder,
			 d->stuck->holder == d->stuck->pid ? "itself" : "another", d->stuck->holder_fd);
	else
		snprintf(out.text, sizeof out.text, "sent %.0f messages, %.0f were read, and their bytes %s", out.expected,
			 out.observed, d->found.sum == d->expected.sum ? "agree" : "do not agree");
	return out;
}

#define CHILDREN .kind = KIND_PROCESSES, .blocks = true
static const struct variant variants[] = {
	{.name = "no-pipe", .about = "one process makes the messages and looks at them", .run = run_no_pipe},
	{.name = "framed", .about = "each message says its length first", CHILDREN, .run = run_framed},
	{.name = "framed-socket", .about = "the same through a pair of sockets", CHILDREN, .run = run_framed_socket},
	{.name = "one-read", .about = "each read is taken for one message", CHILDREN, .run = run_one_read,
	 .wrong = "a pipe has no borders: a read may bring several messages, or a part of one"},
	{.name = "forgotten-close", .about = "the child keeps the writing ends open", CHILDREN, .run = run_forgotten_close,
	 .wrong = "the reader holds a writing end itself, and waits for its own end"},
	{0},
};

const struct kernel kernel_messages = {
	.name = "messages", .title = "Messages in a stream of bytes", .source = __FILE__,
	.params = {{"size", "messages", "messages, dealt to the children", 0, 1e8, 20000, false},
		   {"most", "bytes", "length of the longest message", 1, 1e6, 200, false}},
	.prepare = prepare, .reset = reset, .variants = variants, .verify = verify, .release = release,
};
KERNEL_REGISTER(kernel_messages);
extern const struct kernel kernel_ipc; /* kernels/ipc.c */

static const struct demo demos[] = {
	{.name = "borders", .about = "three writes, one read; and a read that brings a part", .run = demo_borders},
	{.name = "end", .about = "a pipe ends when its last writing end is closed", .run = demo_end},
	{.name = "no-reader", .about = "writing where nobody can read", .run = demo_no_reader},
	{.name = "hang", .about = "a reader that waits for itself, looked at", .run = demo_hang,
	 .wrong = "the child did not close its copy of the writing end"},
	{0},
};

static const struct lesson lesson = {
	.id = "pipe", .level = 2, .minutes_min = 37, .minutes_max = 55, .needs = "process", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_ipc, &kernel_messages, NULL}, .demos = demos, .threads = "1",
	.variants = (const char *const[]){"copy", "pipe", "socketpair", NULL},
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
