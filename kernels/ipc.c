/* Messages between processes: how long a round trip takes, and how many bytes a second get through. The parent has a forked
 * child per worker and deals the messages out in turn.
 *
 * size      messages
 * bytes     of a message
 * stream    0: each message comes back before the next is sent to that child (latency); 1: they only go to the child (throughput)
 * together  0: the parent has a processor to itself where there are two; 1: all share one, as on a busy machine
 * flops     none
 * bytes     each message is written and read by each copy: 2 for the baseline's (4 when it comes back)
 * ladder    copy        one process copies each message with memcpy (and back): no means of passing a message can do less
 *           pipe        two pipes: each byte is copied into the kernel and out of it, and who waits sleeps
 *           socketpair  the same in both directions over one descriptor
 *           mq          POSIX message queues: messages keep their limits; long ones go in pieces
 *           spin        a box in shared memory and a loop that looks at it: the fastest, and burns a processor while it waits
 *           ring        kernels/runtime/ring.c: shared memory; looks for a moment, then sleeps
 * check     exact: child and parent add up words out of each message they get, at places that move along, and all words of
 *           the last one; prepare knows the sums. A message lost, doubled, out of order or torn changes them.
 * source    own */
#include <errno.h>
#include <math.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "kernels/runtime/futex.h"
#include "kernels/runtime/ring.h"

enum { SAMPLES = 16, PIECE = 8192, MQ_DEPTH = 4, RING_MIN = 1 << 14, RING_MAX = 1 << 22, PATIENCE_NS = 100000000 };

/* What one side has found in the messages that it got; shared with the parent. */
struct found {
	_Alignas(64) uint64_t count, sum;
};

/* A box for one message in one direction. */
struct box {
	_Alignas(64) _Atomic uint64_t full; /* 1: there is a message */
	_Alignas(64) unsigned char bytes[];
};

/* The connection to one child: what it is made of depends on the means. */
struct link {
	pid_t child;
	int down[2], up[2]; /* pipes: to the child, from it; a socket pair is down[0], down[1] */
	mqd_t mq_down, mq_up;
	struct box *box_down, *box_up;
	struct ring *ring_down, *ring_up;
	bool in_child; /* whose copy of this struct it is */
};

/* A means: open before fork, close in each process; send and receive a whole message, or -1 with errno. */
struct means {
	int (*open)(struct link *l, size_t bytes);
	void (*close)(struct link *l, size_t bytes);
	void (*keep)(struct link *l); /* NULL, or after fork: closes the ends that are the other side's */
	int (*send)(struct link *l, const void *message, size_t bytes);
	int (*receive)(struct link *l, void *message, size_t bytes);
};

struct data {
	size_t n, bytes;
	bool stream, together;
	uint64_t seed;
	unsigned char *source, *inbox; /* the message (its first word is made new for each), and where it arrives */
	struct found down, up, expected_down, expected_up;
};

/* ---- messages ---- */

/* Word i of a message, the last one padded with zeros. */
static uint64_t word_at(const unsigned char *message, size_t bytes, size_t i)
{
	uint64_t word = 0;
	memcpy(&word, message + 8 * i, bytes - 8 * i < 8 ? bytes - 8 * i : 8);
	return word;
}

static size_t words(size_t bytes) { return (bytes + 7) / 8; }

/* Message i differs from the others in its first word. */
static void address(unsigned char *message, size_t bytes, uint64_t seed, uint64_t i)
{
	uint64_t word = rng_at(seed, i);
	memcpy(message, &word, bytes < 8 ? bytes : 8);
}

/* Its first word and up to SAMPLES others; each weighs by the message's number, so that order matters. */
static void look_at(struct found *f, const unsigned char *message, size_t bytes, uint64_t i)
{
	size_t n = words(bytes), count = n < SAMPLES ? n : SAMPLES;
	uint64_t sum = word_at(message, bytes, 0);
	for (size_t k = 0; k < count; k++)
		sum += word_at(message, bytes, (i + k * (n / count)) % n);
	f->count++;
	f->sum += sum * (2 * i + 1);
}

static void look_at_all(struct found *f, const unsigned char *message, size_t bytes)
{
	for (size_t k = 0; k < words(bytes); k++)
		f->sum += word_at(message, bytes, k) * (2 * k + 1);
}

//> copy
static int run_copy(struct job *job)
{
	struct data *d = job->data;
	struct found down = {0}, up = {0};
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (size_t i = 0; i < d->n; i++) {
		address(d->source, d->bytes, d->seed, i);
		memcpy(d->inbox, d->source, d->bytes);
		look_at(&down, d->inbox, d->bytes, i);
		if (!d->stream) {
			memcpy(d->source, d->inbox, d->bytes);
			look_at(&up, d->source, d->bytes, i);
		}
	}
	if (d->n)
		look_at_all(&down, d->inbox, d->bytes);
	worker_end(job, 0);
	parallel_end(job);
	d->down = down;
	d->up = up;
	return 0;
}
//< copy

/* ---- what all means have in common ---- */

static bool child_is_gone(const struct link *l)
{
	siginfo_t info = {0};
	return !l->in_child && l->child > 0 &&
	       (waitid(P_PID, (id_t)l->child, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid == l->child);
}

static int put_all(int fd, const unsigned char *from, size_t n)
{
	while (n) {
		ssize_t put = write(fd, from, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		from += put;
		n -= (size_t)put;
	}
	return 0;
}

static int get_all(int fd, unsigned char *to, size_t n)
{
	while (n) {
		ssize_t got = read(fd, to, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			errno = EPIPE; /* the other side has closed */
		if (got <= 0)
			return -1;
		to += got;
		n -= (size_t)got;
	}
	return 0;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

//> pipe
static int pipe_open(struct link *l, size_t bytes)
{
	(void)bytes;
	return pipe(l->down) || pipe(l->up) ? -1 : 0;
}

static void pipe_close(struct link *l, size_t bytes)
{
	(void)bytes;
	for (int i = 0; i < 2; i++) {
		close_end(&l->down[i]);
		close_end(&l->up[i]);
	}
}

/* As long as anybody holds the writing end, the reader waits: also when that is the reader itself. */
static void pipe_keep(struct link *l)
{
	close_end(&l->down[l->in_child]);
	close_end(&l->up[!l->in_child]);
}

static int pipe_send(struct link *l, const void *message, size_t bytes)
{
	return put_all(l->in_child ? l->up[1] : l->down[1], message, bytes);
}

static int pipe_receive(struct link *l, void *message, size_t bytes)
{
	return get_all(l->in_child ? l->down[0] : l->up[0], message, bytes);
}
//< pipe

//> socketpair
static int socket_open(struct link *l, size_t bytes)
{
	(void)bytes;
	return socketpair(AF_UNIX, SOCK_STREAM, 0, l->down);
}

static void socket_keep(struct link *l) { close_end(&l->down[!l->in_child]); }

static int socket_send(struct link *l, const void *message, size_t bytes)
{
	return put_all(l->down[l->in_child], message, bytes);
}

static int socket_receive(struct link *l, void *message, size_t bytes)
{
	return get_all(l->down[l->in_child], message, bytes);
}
//< socketpair

//> mq
/* A queue has a name like a file; it is removed at once, the descriptors keep the queue. */
static mqd_t queue_open(size_t bytes)
{
	static _Atomic unsigned number;
	char name[64];
	struct mq_attr attr = {.mq_maxmsg = MQ_DEPTH, .mq_msgsize = (long)(bytes < PIECE ? bytes : PIECE)};
	snprintf(name, sizeof name, "/lockstep-%ld-%u", (long)getpid(), atomic_fetch_add(&number, 1));
	mqd_t q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	if (q >= 0)
		mq_unlink(name);
	return q;
}

static int mq_means_open(struct link *l, size_t bytes)
{
	l->mq_down = queue_open(bytes);
	l->mq_up = l->mq_down < 0 ? -1 : queue_open(bytes);
	return l->mq_up < 0 ? -1 : 0;
}

static void mq_means_close(struct link *l, size_t bytes)
{
	(void)bytes;
	if (l->mq_down >= 0)
		mq_close(l->mq_down);
	if (l->mq_up >= 0)
		mq_close(l->mq_up);
}

/* A queue does not tell that the other side has died: look now and then. */
static int mq_means_move(struct link *l, bool send, unsigned char *message, size_t bytes)
{
	mqd_t q = send == l->in_child ? l->mq_up : l->mq_down;
	bool gone = false;
	while (bytes) {
		size_t piece = bytes < PIECE ? bytes : PIECE;
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		ssize_t moved = send ? mq_timedsend(q, (char *)message, piece, 0, &until)
				     : mq_timedreceive(q, (char *)message, PIECE, NULL, &until);
		if (moved < 0 && (errno == EINTR || (errno == ETIMEDOUT && !gone))) {
			gone = child_is_gone(l);
			continue;
		}
		if (moved < 0)
			return -1;
		message += piece;
		bytes -= piece;
	}
	return 0;
}
//< mq

static int mq_send_all(struct link *l, const void *message, size_t bytes)
{
	return mq_means_move(l, true, (unsigned char *)(uintptr_t)message, bytes);
}

static int mq_receive_all(struct link *l, void *message, size_t bytes) { return mq_means_move(l, false, message, bytes); }

static const char *mq_unavailable(void)
{
	mqd_t q = queue_open(64);
	if (q < 0)
		return "this system has no POSIX message queues (a kernel without CONFIG_POSIX_MQUEUE, or not allowed here)";
	mq_close(q);
	return NULL;
}

//> spin
static struct box *box_new(size_t bytes)
{
	return mmap(NULL, sizeof(struct box) + bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static int box_open(struct link *l, size_t bytes)
{
	struct box *down = box_new(bytes), *up = box_new(bytes);
	l->box_down = down == MAP_FAILED ? NULL : down;
	l->box_up = up == MAP_FAILED ? NULL : up;
	return l->box_down && l->box_up ? 0 : -1;
}

static void box_close(struct link *l, size_t bytes)
{
	if (l->box_down)
		munmap(l->box_down, sizeof(struct box) + bytes);
	if (l->box_up)
		munmap(l->box_up, sizeof(struct box) + bytes);
}

/* Looks and looks. Only where there are more processes than processors must it give way at times, or nothing would go on. */
static int box_wait(struct link *l, struct box *b, uint64_t wanted)
{
	bool gone = false;
	for (uint64_t looks = 1; atomic_load_explicit(&b->full, memory_order_acquire) != wanted; looks++) {
		if (looks % 1024 == 0)
			sched_yield();
		if (looks % (1024 * 64) == 0) {
			if (gone) { /* and what it did before it went would be seen by now */
				errno = ECANCELED;
				return -1;
			}
			gone = child_is_gone(l);
		}
	}
	return 0;
}

static int box_send(struct link *l, const void *message, size_t bytes)
{
	struct box *b = l->in_child ? l->box_up : l->box_down;
	if (box_wait(l, b, 0))
		return -1;
	memcpy(b->bytes, message, bytes);
	atomic_store_explicit(&b->full, 1, memory_order_release);
	return 0;
}

static int box_receive(struct link *l, void *message, size_t bytes)
{
	struct box *b = l->in_child ? l->box_down : l->box_up;
	if (box_wait(l, b, 1))
		return -1;
	memcpy(message, b->bytes, bytes);
	atomic_store_explicit(&b->full, 0, memory_order_release);
	return 0;
}
//< spin

//> ring
static int ring_open(struct link *l, size_t bytes)
{
	size_t capacity = RING_MIN;
	while (capacity < 4 * bytes && capacity < RING_MAX) /* long ones: what one side wrote has left its cache when the other reads */
		capacity *= 2;
	l->ring_down = ring_new(capacity);
	l->ring_up = ring_new(capacity);
	return l->ring_down && l->ring_up ? 0 : -1;
}

static void ring_end(struct link *l, size_t bytes)
{
	(void)bytes;
	ring_free(l->ring_down);
	ring_free(l->ring_up);
}

/* The ring sleeps for PATIENCE_NS at most, so that a child that died is noticed. */
static int ring_send(struct link *l, const void *message, size_t bytes)
{
	bool gone = false;
	for (size_t done = 0;; gone = child_is_gone(l)) {
		done += ring_write(l->in_child ? l->ring_up : l->ring_down, (const unsigned char *)message + done, bytes - done, PATIENCE_NS);
		if (done == bytes)
			return 0;
		if (errno != ETIMEDOUT || gone)
			return -1;
	}
}

static int ring_receive(struct link *l, void *message, size_t bytes)
{
	bool gone = false; /* known before the last look: what it sent before it went is not missed */
	for (size_t done = 0;; gone = child_is_gone(l)) {
		done += ring_read(l->in_child ? l->ring_down : l->ring_up, (unsigned char *)message + done, bytes - done, PATIENCE_NS);
		if (done == bytes)
			return 0;
		if (errno != ETIMEDOUT || gone)
			return -1;
	}
}
//< ring

/* ---- parent and children ---- */

/* The k-th processor that this process may use, or -1. */
static int processor(const cpu_set_t *allowed, int k)
{
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, allowed) && k-- == 0)
			return cpu;
	return -1;
}

/* The parent on the first processor, the children on the others in turn; together: all on the first. A wish only. */
static void settle_on(const struct data *d, const cpu_set_t *allowed, int who)
{
	int others = CPU_COUNT(allowed) - 1, k = who == 0 || others < 1 || d->together ? 0 : 1 + (who - 1) % others;
	int cpu = processor(allowed, k);
	cpu_set_t one;
	CPU_ZERO(&one);
	if (cpu >= 0) {
		CPU_SET(cpu, &one);
		(void)sched_setaffinity(0, sizeof one, &one);
	}
}

static int child_main(struct job *job, const struct means *m, struct link *l, int w, struct found *found)
{
	struct data *d = job->data;
	struct found mine = {0};
	bool any = false;
	worker_begin(job, w);
	for (size_t i = (size_t)w; i < d->n; i += (size_t)job->workers, any = true) {
		if (m->receive(l, d->inbox, d->bytes))
			return 1;
		look_at(&mine, d->inbox, d->bytes, i);
		if (!d->stream && m->send(l, d->inbox, d->bytes))
			return 1;
	}
	if (any && (d->n - 1) % (size_t)job->workers == (size_t)w)
		look_at_all(&mine, d->inbox, d->bytes);
	worker_end(job, w);
	*found = mine;
	return 0;
}

static int parent_main(struct job *job, const struct means *m, struct link *links)
{
	struct data *d = job->data;
	size_t p = (size_t)job->workers;
	for (size_t i = 0; i < d->n; i += p) { /* a message to each child, then an answer from each */
		for (size_t w = 0; w < p && i + w < d->n; w++) {
			address(d->source, d->bytes, d->seed, i + w);
			if (m->send(&links[w], d->source, d->bytes))
				return -1;
		}
		for (size_t w = 0; w < p && i + w < d->n && !d->stream; w++) {
			if (m->receive(&links[w], d->inbox, d->bytes))
				return -1;
			look_at(&d->up, d->inbox, d->bytes, i + w);
		}
	}
	return 0;
}

static int run_means(struct job *job, const struct means *m)
{
	struct data *d = job->data;
	int p = job->workers, opened = 0, started = 0, error = 0;
	size_t shared = (size_t)p * sizeof(struct found);
	struct found *found = mmap(NULL, shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct link *links = calloc((size_t)p, sizeof *links);
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	cpu_set_t allowed;
	pid_t parent = getpid();

	d->up = d->down = (struct found){0};
	sigaction(SIGPIPE, &ignore, &before); /* writing to a child that died is an error here, not the end */
	CPU_ZERO(&allowed);
	bool placed = !sched_getaffinity(0, sizeof allowed, &allowed);
	if (found == MAP_FAILED || !links)
		error = ENOMEM;
	for (; !error && opened < p; opened++) {
		links[opened] = (struct link){.down = {-1, -1}, .up = {-1, -1}, .mq_down = -1, .mq_up = -1};
		if (m->open(&links[opened], d->bytes))
			error = errno;
	}
	parallel_begin(job, p);
	for (; !error && started < p; started++) {
		struct link *l = &links[started];
		l->child = fork();
		if (l->child < 0)
			error = errno;
		if (l->child < 0)
			break;
		if (l->child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL); /* without the parent there is nothing to do */
			if (getppid() != parent)
				_exit(1);
			l->in_child = true;
			for (int other = 0; other < p; other++)
				if (other != started && m->keep)
					m->close(&links[other], d->bytes);
			if (m->keep)
				m->keep(l);
			if (placed)
				settle_on(d, &allowed, 1 + started);
			_exit(child_main(job, m, l, started, &found[started]));
		}
	}
	for (int w = 0; w < started && m->keep; w++)
		m->keep(&links[w]);
	if (placed)
		settle_on(d, &allowed, 0);
	if (!error && parent_main(job, m, links))
		error = errno ? errno : ECANCELED;
	for (int w = 0; w < started; w++) {
		int status = 0;
		if (error)
			kill(links[w].child, SIGKILL);
		while (waitpid(links[w].child, &status, 0) < 0 && errno == EINTR)
			;
		if (status && !error)
			error = ECANCELED;
		d->down.count += found[w].count;
		d->down.sum += found[w].sum;
	}
	parallel_end(job);
	if (placed)
		(void)sched_setaffinity(0, sizeof allowed, &allowed);
	for (int w = 0; w < opened; w++)
		m->close(&links[w], d->bytes);
	sigaction(SIGPIPE, &before, NULL);
	if (found != MAP_FAILED)
		munmap(found, shared);
	free(links);
	errno = error;
	return error ? -1 : 0;
}

static const struct means by_pipe = {pipe_open, pipe_close, pipe_keep, pipe_send, pipe_receive};
static const struct means by_socket = {socket_open, pipe_close, socket_keep, socket_send, socket_receive};
static const struct means by_mq = {mq_means_open, mq_means_close, NULL, mq_send_all, mq_receive_all};
static const struct means by_box = {box_open, box_close, NULL, box_send, box_receive};
static const struct means by_ring = {ring_open, ring_end, NULL, ring_send, ring_receive};

static int run_pipe(struct job *job) { return run_means(job, &by_pipe); }
static int run_socket(struct job *job) { return run_means(job, &by_socket); }
static int run_mq(struct job *job) { return run_means(job, &by_mq); }
static int run_spin(struct job *job) { return run_means(job, &by_box); }
static int run_ring(struct job *job) { return run_means(job, &by_ring); }

/* ---- the rest of the kernel ---- */

static void reset(struct job *job)
{
	struct data *d = job->data;
	d->down = d->up = (struct found){.count = UINT64_MAX};
	memset(d->inbox, 0, d->bytes);
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	d->n = job_size(job);
	d->bytes = (size_t)job->arg[1];
	d->stream = job->arg[2] > 0;
	d->together = job->arg[3] > 0;
	d->seed = job->seed;
	d->source = malloc(d->bytes);
	d->inbox = malloc(d->bytes > PIECE ? d->bytes + PIECE : PIECE); /* a queue wants room for its largest message */
	if (!d->source || !d->inbox) {
		errno = ENOMEM;
		return -1;
	}
	for (size_t i = 0; i < d->bytes; i++)
		d->source[i] = (unsigned char)rng_at(job->seed ^ 1, i);
	for (size_t i = 0; i < d->n; i++) {
		address(d->source, d->bytes, d->seed, i);
		look_at(&d->expected_down, d->source, d->bytes, i);
	}
	d->expected_up = d->stream ? (struct found){0} : d->expected_down;
	if (d->n)
		look_at_all(&d->expected_down, d->source, d->bytes);
	reset(job);
	return 0;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	const struct found *down = &d->expected_down, *up = &d->expected_up;
	struct outcome o = {.expected = (double)((down->sum + up->sum) >> 11), .observed = (double)((d->down.sum + d->up.sum) >> 11)};
	o.right = d->down.count == down->count && d->down.sum == down->sum && d->up.count == up->count && d->up.sum == up->sum;
	snprintf(o.text, sizeof o.text, "messages expected %lld down %lld up, sum %016llx; observed %lld, %lld, %016llx (exact)",
		 (long long)down->count, (long long)up->count, (unsigned long long)(down->sum + up->sum), (long long)d->down.count,
		 (long long)d->up.count, (unsigned long long)(d->down.sum + d->up.sum));
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	d->down.sum += UINT64_C(1) << where % 64; /* one bit of one message */
	return d->n > 0;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		free(d->source);
		free(d->inbox);
	}
	free(d);
	job->data = NULL;
}

static double bytes(const struct job *job) { return job->arg[0] * job->arg[1] * (job->arg[2] > 0 ? 2 : 4); }

#define MEANS .kind = KIND_PROCESSES, .blocks = true, .pins_itself = true
static const struct variant variants[] = {
	{.name = "copy", .about = "memcpy of the same messages in one process", .kind = KIND_SERIAL, .yardstick = true, .run = run_copy},
	{.name = "pipe", .about = "two pipes", MEANS, .run = run_pipe},
	{.name = "socketpair", .about = "a pair of Unix sockets", MEANS, .run = run_socket},
	{.name = "mq", .about = "POSIX message queues", MEANS, .run = run_mq, .unavailable = mq_unavailable},
	{.name = "spin", .about = "a box in shared memory, looked at without a pause", MEANS, .run = run_spin},
	{.name = "ring", .about = "a ring in shared memory: looks for a moment, then sleeps", MEANS, .run = run_ring},
	{0},
};

const struct kernel kernel_ipc = {
	.name = "ipc",
	.title = "Messages between processes",
	.source = __FILE__,
	.params = {{"size", "messages", "how many messages", 0, 0x1p28, 2e4, false},
		   {"bytes", "bytes", "length of a message", 1, 0x1p24, 64, false},
		   {"stream", "", "0: each message comes back (latency); 1: they only go (throughput)", 0, 1, 0, false},
		   {"together", "", "1: parent and children share one processor", 0, 1, 0, false}},
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
};
KERNEL_REGISTER(kernel_ipc);
