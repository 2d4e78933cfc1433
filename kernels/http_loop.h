/* The event loop of kernels/http.c: one thread, many sockets, none of which ever blocks it. A part of that file. */
#include <sys/epoll.h>

enum { EVENTS = 256, STORM = 60 };

enum phase { FREE, ASKING, READING, PAUSED, BROKEN }; /* BROKEN: could not even begin; told at the next look at the clock */

/* One request on its way, and its connection. */
struct wire {
	int fd;
	enum phase phase;
	struct errand e;
	int64_t due_ns; /* then its time is up, or its pause */
	struct answer a;
	size_t have;
	char *text;
};

struct manners {
	bool patient;   /* gives up a try when its time is over */
	unsigned tries; /* for one page */
};

struct loop {
	struct shelf *s;
	const struct manners *manners;
	struct wire *wire;
	size_t count, busy; /* wires; those with an errand */
	int epoll;
	int64_t due_ns;     /* no wire is due before */
	size_t room;
	char *own;
};

static void try_again(struct loop *l, struct wire *w);

/* Notes what a try has brought; the wire goes on with the same page, with the next one, or is free. */
static void wire_saw(struct loop *l, struct wire *w, enum seen seen)
{
	if (seen != SEEN_PAGE && seen != SEEN_REFUSED && w->fd >= 0) {
		close(w->fd); /* epoll forgets it, too */
		w->fd = -1;
	}
	int64_t pause = errand_saw(l->s, &w->e, seen, l->manners->tries);
	w->phase = PAUSED;
	w->due_ns = http_now() + pause;
	if (pause > 0) {
		l->due_ns = w->due_ns < l->due_ns ? w->due_ns : l->due_ns;
	} else if (pause == 0 || errand_next(l->s, &w->e)) {
		try_again(l, w);
	} else {
		w->phase = FREE;
		w->due_ns = INT64_MAX;
		l->busy--;
	}
}

//> ready
/* Its socket can send or has received: as far as it goes without waiting (MSG_DONTWAIT), then back to the others. */
static void wire_ready(struct loop *l, struct wire *w)
{
	if (w->phase == ASKING) {
		size_t size = request_text(&w->e, w->text, l->room);
		ssize_t put = send(w->fd, w->text, size, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (put < 0 && errno == EAGAIN)
			return; /* not connected yet: epoll will tell */
		if (put != (ssize_t)size) {
			wire_saw(l, w, SEEN_DROPPED);
			return;
		}
		w->phase = READING;
		return; /* the answer takes its time */
	}
	while (w->phase == READING) {
		ssize_t got = recv(w->fd, w->text + w->have, l->room - w->have, MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		w->have += got > 0 ? (size_t)got : 0;
		if (got <= 0)
			wire_saw(l, w, SEEN_DROPPED);
		else if (!answer_look(&w->a, w->text, w->have, l->room))
			wire_saw(l, w, SEEN_WRONG);
		else if (w->a.whole)
			wire_saw(l, w, judge(l->s, &w->e, w->a.status, w->text + w->a.head, w->a.length, l->own));
		else
			continue;
		return;
	}
}
//< ready

/* A connection for the wire: one that is open, or a new one, which may not be there yet. */
static bool wire_connect(struct loop *l, struct wire *w)
{
	struct epoll_event both = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = w};
	w->fd = idle_take(l->s);
	if (w->fd < 0) {
		struct sockaddr_in there = server_address(l->s);
		w->fd = http_socket(SOCK_NONBLOCK);
		if (w->fd < 0) {
			shelf_give_up(l->s, errno);
			return false;
		}
		if (connect(w->fd, (struct sockaddr *)&there, sizeof there) && errno != EINPROGRESS)
			return false;
	}
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, w->fd, &both)) {
		shelf_give_up(l->s, errno);
		return false;
	}
	return true;
}

static void try_again(struct loop *l, struct wire *w)
{
	int64_t now = http_now();
	w->a = (struct answer){0};
	w->have = 0;
	w->phase = ASKING;
	w->due_ns = l->manners->patient ? now + l->s->patience_ns : INT64_MAX;
	if (w->fd < 0 && !wire_connect(l, w)) {
		w->phase = BROKEN;
		w->due_ns = now;
	}
	l->due_ns = w->due_ns < l->due_ns ? w->due_ns : l->due_ns;
	if (w->phase == ASKING)
		wire_ready(l, w);
}

/* Whose time is up? */
static void look_at_clock(struct loop *l)
{
	int64_t now = http_now();
	l->due_ns = INT64_MAX;
	for (struct wire *w = l->wire; w < l->wire + l->count; w++) {
		if (w->phase == FREE || w->due_ns > now)
			l->due_ns = w->phase != FREE && w->due_ns < l->due_ns ? w->due_ns : l->due_ns;
		else if (w->phase == PAUSED)
			try_again(l, w);
		else
			wire_saw(l, w, w->phase == BROKEN ? SEEN_DROPPED : SEEN_LATE);
	}
}

/* Nothing came for so long, nobody pauses, and no time-out is set: that is for ever. */
static bool hangs(struct loop *l)
{
	atomic_fetch_add(&l->s->stuck, l->busy);
	return true;
}

static bool loop_begin(struct loop *l, struct job *job, int worker, const struct manners *manners)
{
	struct shelf *s = job->data;
	*l = (struct loop){.s = s, .manners = manners, .due_ns = INT64_MAX, .room = HEAD_MOST + s->setup.bytes + 1};
	l->count = flight_of(job, worker);
	l->count = l->count < s->n + 1 ? l->count : s->n + 1;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->wire = calloc(l->count, sizeof *l->wire);
	char *text = l->own = malloc(s->setup.bytes + 1 + l->count * l->room);
	for (size_t i = 0; l->wire && text && i < l->count; i++)
		l->wire[i] = (struct wire){.fd = -1, .due_ns = INT64_MAX, .text = text + s->setup.bytes + 1 + i * l->room};
	if (l->epoll < 0 || !l->wire || !text)
		shelf_give_up(s, errno);
	return l->epoll >= 0 && l->wire && text;
}

/* Connections that are open and owe nothing are kept. */
static void loop_end(struct loop *l)
{
	for (size_t i = 0; l->wire && i < l->count; i++) {
		if (l->wire[i].fd >= 0 && l->wire[i].phase == FREE)
			idle_give(l->s, l->wire[i].fd);
		else if (l->wire[i].fd >= 0)
			close(l->wire[i].fd);
	}
	if (l->epoll >= 0)
		close(l->epoll);
	free(l->own);
	free(l->wire);
}

//> event-loop
static void loop(struct job *job, int worker, const void *how)
{
	struct epoll_event events[EVENTS];
	struct shelf *s = job->data;
	struct loop l;
	worker_begin(job, worker);
	bool more = loop_begin(&l, job, worker, how);
	for (size_t i = 0; more && i < l.count && errand_next(s, &l.wire[i].e); i++) {
		l.busy++;
		try_again(&l, &l.wire[i]);
	}
	while (more && l.busy && !s->error) {
		int64_t left = l.due_ns - http_now();
		bool endless = l.due_ns == INT64_MAX;
		int ms = endless ? (int)(s->patience_ns / 1000000) + 1 : left > 0 ? (int)(left / 1000000) + 1 : 0;
		wait_begin(job, worker);
		int n = epoll_wait(l.epoll, events, EVENTS, ms); /* the only place where this thread sleeps */
		wait_end(job, worker);
		for (int i = 0; i < n; i++)
			wire_ready(&l, events[i].data.ptr);
		if (http_now() >= l.due_ns)
			look_at_clock(&l);
		more = !(endless && n == 0 && hangs(&l));
	}
	loop_end(&l);
	worker_end(job, worker);
}
//< event-loop
