/* io_uring's client of kernels/http.c: what is to be done is written into a ring that the kernel reads, what is done comes back in
 * another one. A part of that file. */
#if HAVE_URING
#include <liburing.h>

enum { URING_MOST = 4096, DO_CONNECT = 1, DO_SEND = 2, DO_RECEIVE = 3, DO_BITS = 3 };

/* One request on its way. */
struct ticket {
	int fd;
	bool busy, late, asked; /* late: was cut off; asked: it has operations in the ring */
	unsigned in_ring;       /* of them */
	enum seen broken;       /* what was seen, once all operations are back; SEEN_PAGE: nothing yet */
	struct errand e;
	int64_t due_ns;
	struct answer a;
	size_t have, size;
	char *text;
};

struct uring {
	struct shelf *s;
	struct io_uring ring;
	struct ticket *ticket;
	size_t count, busy, room;
	struct sockaddr_in there;
	int64_t due_ns;
	char *own;
};

/* Makes room for a whole try: what is linked must be handed over together. */
static bool make_room(struct uring *u)
{
	while (io_uring_sq_space_left(&u->ring) < 3) {
		int done = io_uring_submit(&u->ring);
		if (done < 0 && done != -EINTR && done != -EAGAIN && done != -EBUSY) {
			shelf_give_up(u->s, -done);
			return false;
		}
	}
	return true;
}

/* The next free entry, marked as this ticket's. There is room. */
static struct io_uring_sqe *entry(struct uring *u, struct ticket *t, uint64_t what)
{
	t->in_ring++;
	struct io_uring_sqe *q = io_uring_get_sqe(&u->ring);
	switch (what) {
	case DO_CONNECT: io_uring_prep_connect(q, t->fd, (struct sockaddr *)&u->there, sizeof u->there); break;
	case DO_SEND: io_uring_prep_send(q, t->fd, t->text, t->size, MSG_NOSIGNAL | MSG_WAITALL); break;
	default: io_uring_prep_recv(q, t->fd, t->text + t->have, u->room - t->have, 0);
	}
	q->user_data = (uint64_t)(t - u->ticket) << DO_BITS | what;
	return q;
}

//> hand-in
/* A whole try: connect if need be, send, receive. Each waits for the one before (IO_LINK); nothing is done until they are submitted. */
static void hand_in(struct uring *u, struct ticket *t)
{
	t->size = request_text(&t->e, t->text, u->room);
	t->a = (struct answer){0};
	t->have = 0;
	t->late = false;
	t->broken = SEEN_PAGE;
	t->due_ns = http_now() + u->s->patience_ns;
	u->due_ns = t->due_ns < u->due_ns ? t->due_ns : u->due_ns;
	t->asked = true;
	bool open = t->fd >= 0 || (t->fd = idle_take(u->s)) >= 0;
	if (!open && (t->fd = http_socket(0)) < 0) {
		shelf_give_up(u->s, errno);
		return;
	}
	if (!make_room(u))
		return;
	if (!open)
		entry(u, t, DO_CONNECT)->flags |= IOSQE_IO_LINK;
	entry(u, t, DO_SEND)->flags |= IOSQE_IO_LINK;
	entry(u, t, DO_RECEIVE);
}
//< hand-in

static void ticket_saw(struct uring *u, struct ticket *t, enum seen seen)
{
	t->asked = t->late = false;
	if (seen != SEEN_PAGE && seen != SEEN_REFUSED && t->fd >= 0) {
		close(t->fd);
		t->fd = -1;
	}
	int64_t pause = errand_saw(u->s, &t->e, seen, TRIES);
	if (pause > 0) {
		t->due_ns = http_now() + pause;
		u->due_ns = t->due_ns < u->due_ns ? t->due_ns : u->due_ns;
	} else if (pause == 0 || errand_next(u->s, &t->e))
		hand_in(u, t);
	else
		t->busy = false, u->busy--;
}

/* One of its operations is back. */
static void came_back(struct uring *u, struct ticket *t, uint64_t what, int result)
{
	t->in_ring--;
	if (what == DO_RECEIVE && result > 0 && t->broken == SEEN_PAGE) {
		t->have += (size_t)result;
		if (!answer_look(&t->a, t->text, t->have, u->room))
			t->broken = SEEN_WRONG;
		else if (t->a.whole) {
			ticket_saw(u, t, judge(u->s, &t->e, t->a.status, t->text + t->a.head, t->a.length, u->own));
			return;
		} else {
			if (make_room(u))
				entry(u, t, DO_RECEIVE); /* the rest of the page */
			return;
		}
	} else if (what == DO_RECEIVE || result < 0 || (what == DO_SEND && (size_t)result != t->size))
		t->broken = SEEN_DROPPED;
	if (t->broken != SEEN_PAGE && !t->in_ring)
		ticket_saw(u, t, t->late ? SEEN_LATE : t->broken);
}

static void uring_clock(struct uring *u)
{
	int64_t now = http_now();
	u->due_ns = INT64_MAX;
	for (struct ticket *t = u->ticket; t < u->ticket + u->count; t++) {
		if (!t->busy || t->late)
			continue;
		if (t->due_ns > now)
			u->due_ns = t->due_ns < u->due_ns ? t->due_ns : u->due_ns;
		else if (!t->asked)
			hand_in(u, t);
		else {
			t->late = true;
			shutdown(t->fd, SHUT_RDWR); /* what waits for it comes back at once */
		}
	}
}

//> io-uring
static void uring_work(struct job *job, int worker, struct uring *u)
{
	struct shelf *s = u->s;
	for (size_t i = 0; i < u->count && errand_next(s, &u->ticket[i].e); i++) {
		u->ticket[i].busy = true;
		u->busy++;
		hand_in(u, &u->ticket[i]);
	}
	while (u->busy && !s->error) {
		int64_t left = u->due_ns - http_now();
		left = left < 0 ? 0 : left > 1000000000 ? 1000000000 : left;
		struct __kernel_timespec until = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
		struct io_uring_cqe *c;
		unsigned head, n = 0;
		io_uring_submit(&u->ring);
		wait_begin(job, worker);
		io_uring_wait_cqe_timeout(&u->ring, &c, &until);
		wait_end(job, worker);
		io_uring_for_each_cqe(&u->ring, head, c) {
			if (c->user_data != LIBURING_UDATA_TIMEOUT)
				came_back(u, &u->ticket[c->user_data >> DO_BITS], c->user_data & ((1 << DO_BITS) - 1), c->res);
			n++;
		}
		io_uring_cq_advance(&u->ring, n);
		if (http_now() >= u->due_ns)
			uring_clock(u);
	}
}
//< io-uring

/* After an error: what is still in the ring would write into memory that is given back. It is cut off and waited for. */
static void uring_clear(struct uring *u)
{
	unsigned left = 0;
	io_uring_submit(&u->ring);
	for (struct ticket *t = u->ticket; t < u->ticket + u->count; t++) {
		left += t->in_ring;
		if (t->in_ring && t->fd >= 0)
			shutdown(t->fd, SHUT_RDWR);
	}
	while (left) {
		struct __kernel_timespec until = {.tv_sec = 1};
		struct io_uring_cqe *c;
		int bad = io_uring_wait_cqe_timeout(&u->ring, &c, &until);
		if (bad == -EINTR)
			continue;
		if (bad)
			break;
		left -= c->user_data != LIBURING_UDATA_TIMEOUT;
		io_uring_cqe_seen(&u->ring, c);
	}
}

static void uring_loop(struct job *job, int worker, const void *how)
{
	struct shelf *s = job->data;
	struct uring u = {.s = s, .due_ns = INT64_MAX, .room = HEAD_MOST + s->setup.bytes + 1, .there = server_address(s)};
	worker_begin(job, worker);
	u.count = flight_of(job, worker);
	u.count = u.count < s->n + 1 ? u.count : s->n + 1;
	u.ticket = calloc(u.count, sizeof *u.ticket);
	char *text = u.own = malloc(s->setup.bytes + 1 + u.count * u.room);
	for (size_t i = 0; u.ticket && text && i < u.count; i++)
		u.ticket[i] = (struct ticket){.fd = -1, .text = text + s->setup.bytes + 1 + i * u.room};
	unsigned entries = 8;
	while (entries < 3 * u.count && entries < URING_MOST)
		entries *= 2;
	int bad = u.ticket && text ? io_uring_queue_init(entries, &u.ring, 0) : -ENOMEM;
	if (bad)
		shelf_give_up(s, -bad);
	else {
		uring_work(job, worker, &u);
		if (s->error)
			uring_clear(&u);
		io_uring_queue_exit(&u.ring);
	}
	for (size_t i = 0; u.ticket && i < u.count; i++) {
		if (u.ticket[i].fd >= 0 && !u.ticket[i].busy)
			idle_give(s, u.ticket[i].fd);
		else if (u.ticket[i].fd >= 0)
			close(u.ticket[i].fd);
	}
	free(u.own);
	free(u.ticket);
	worker_end(job, worker);
	(void)how;
}

/* Kernels may lack it, and containers often forbid it (a seccomp filter, or the setting kernel.io_uring_disabled). */
static const char *uring_unavailable(void)
{
	struct io_uring ring;
	if (web_server_unavailable())
		return web_server_unavailable();
	int bad = io_uring_queue_init(8, &ring, 0);
	if (bad == -ENOSYS)
		return "this kernel has no io_uring (Linux 5.6 or later has)";
	if (bad == -EPERM || bad == -EACCES)
		return "io_uring is forbidden here: kernel.io_uring_disabled, or a container's seccomp filter";
	if (bad)
		return "io_uring cannot be set up here: no memory, or ulimit -l is too low";
	struct io_uring_probe *probe = io_uring_get_probe_ring(&ring);
	bool able = probe && io_uring_opcode_supported(probe, IORING_OP_CONNECT) && io_uring_opcode_supported(probe, IORING_OP_SEND) &&
		    io_uring_opcode_supported(probe, IORING_OP_RECV);
	io_uring_free_probe(probe);
	io_uring_queue_exit(&ring);
	return able ? NULL : "this kernel's io_uring has no sockets yet (Linux 5.6 or later has)";
}

#else

static void uring_loop(struct job *job, int worker, const void *how)
{
	shelf_give_up(job->data, ENOSYS);
	(void)worker, (void)how;
}

static const char *uring_unavailable(void)
{
	return web_server_unavailable() ? web_server_unavailable() : "built without liburing (package liburing-dev)";
}

#endif
