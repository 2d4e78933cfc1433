/* Pages from a web server that takes its time: how many requests a second, when most of each is waiting? The server is a process of its
 * own on this machine (kernels/runtime/web_server.h), with a chosen delay, failures and slow pages.
 *
 * size      pages, each asked for once, tried up to four times
 * delay     milliseconds from a request to its answer
 * flight    requests on their way at the same time, at most (one-by-one: 1; thread-pool: one for each worker)
 * failures  share of tries that fail: status 503, or the connection is dropped; the seed decides which
 * bytes     length of a page; trickle: milliseconds over which it comes, in four pieces
 * silent    share of tries that are never answered; patience: milliseconds that a client waits beyond the time that a page takes
 * flops     none
 * bytes     none
 * ladder    one-by-one          one blocking connection, one request after another
 *           thread-per-request  a thread and a connection for each page, `flight` at a time
 *           thread-pool         the workers share the pages, each with a blocking connection of its own
 *           curl-multi          libcurl's multi interface: many transfers in one thread
 *           event-loop          one thread, many sockets that never block, epoll tells which of them is ready
 *           io-uring            one thread; the kernel is handed the requests themselves, many with one call
 * check     every page came with its own text, or was given up, after exactly the failures that the seed says; an answer that comes
 *           after the client's patience counts as none, and is told
 * source    own. Connections stay open from run to run, except those of thread-per-request and curl-multi.
 *
 * The last three have a thread for each worker, which gets its share of the flight. */
#include <limits.h>
#include <malloc.h>
#include <math.h>
#include "kernels/http.h"
#include "kernels/http_shelf.h"
#include "kernels/runtime/crew.h"

/* ---- clients that block ---- */

/* What one of them has on its desk. */
struct desk {
	struct job *job;
	int worker, fd;
	char *text, *own; /* the answer as it comes; the page as it must be */
	size_t room;
};

static bool desk_begin(struct desk *d, struct job *job, int worker)
{
	const struct shelf *s = job->data;
	*d = (struct desk){.job = job, .worker = worker, .fd = -1, .room = HEAD_MOST + s->setup.bytes + 1};
	d->text = malloc(d->room + s->setup.bytes + 1);
	d->own = d->text ? d->text + d->room : NULL;
	return d->text;
}

//> blocking
/* One try. Every call waits until it is done, or until the socket's time-out (SO_RCVTIMEO) is over: then EAGAIN. */
static enum seen get(struct shelf *s, struct desk *d, const struct errand *e)
{
	struct answer a = {0};
	size_t size = request_text(e, d->text, d->room), have = 0;
	int64_t end_ns = http_now() + s->patience_ns;
	if (d->fd < 0) {
		struct sockaddr_in there = server_address(s);
		d->fd = http_socket(0);
		if (d->fd < 0)
			shelf_give_up(s, errno);
		give_patience(d->fd, s->patience_ns);
		if (connect(d->fd, (struct sockaddr *)&there, sizeof there))
			return SEEN_DROPPED;
	}
	if (send(d->fd, d->text, size, MSG_NOSIGNAL) != (ssize_t)size)
		return SEEN_DROPPED;
	while (!a.whole) {
		ssize_t got = recv(d->fd, d->text + have, d->room - have, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (http_now() > end_ns)
			return SEEN_LATE;
		if (got <= 0)
			return got < 0 && errno == EAGAIN ? SEEN_LATE : SEEN_DROPPED;
		have += (size_t)got;
		if (!answer_look(&a, d->text, have, d->room))
			return SEEN_WRONG;
	}
	return judge(s, e, a.status, d->text + a.head, a.length, d->own);
}
//< blocking

/* Gets one page, in up to TRIES tries. */
static void fetch(struct shelf *s, struct desk *d, struct errand *e)
{
	for (int64_t pause = 0; pause >= 0 && !s->error;) {
		wait_begin(d->job, d->worker);
		if (pause > 0)
			nanosleep(&(struct timespec){.tv_nsec = pause}, NULL);
		enum seen seen = get(s, d, e);
		wait_end(d->job, d->worker);
		if (seen != SEEN_PAGE && seen != SEEN_REFUSED && d->fd >= 0) { /* who knows what comes there */
			close(d->fd);
			d->fd = -1;
		}
		pause = errand_saw(s, e, seen, TRIES);
	}
}

//> one-by-one
//> thread-pool
/* The next page, until there is none: alone, or as one of the threads of a pool. */
static void get_pages(struct job *job, int worker, const void *how)
{
	struct shelf *s = job->data;
	struct desk d;
	struct errand e;
	worker_begin(job, worker);
	if (!desk_begin(&d, job, worker))
		shelf_give_up(s, ENOMEM);
	else
		d.fd = idle_take(s);
	while (d.text && errand_next(s, &e))
		fetch(s, &d, &e);
	idle_give(s, d.fd);
	free(d.text);
	worker_end(job, worker);
	(void)how;
}
//< thread-pool
//< one-by-one

//> thread-per-request
struct request {
	struct job *job;
	struct errand e;
	pthread_t thread;
};

static void *request_main(void *arg)
{
	struct request *r = arg;
	struct shelf *s = r->job->data;
	struct desk d;
	if (!desk_begin(&d, &(struct job){.data = s}, 0))
		shelf_give_up(s, ENOMEM);
	else
		fetch(s, &d, &r->e);
	if (d.fd >= 0)
		close(d.fd);
	free(d.text);
	return NULL;
}

/* Starts a thread for each page. When as many run as may, the oldest must end first. */
static void start_threads(struct job *job, int worker, const void *how)
{
	struct shelf *s = job->data;
	size_t flight = flight_of(job, worker), first = 0, last = 0;
	struct request *r = calloc(flight, sizeof *r);
	int error = r ? 0 : ENOMEM;
	worker_begin(job, worker);
	while (!error && errand_next(s, &r[last % flight].e)) {
		r[last % flight].job = job;
		error = pthread_create(&r[last % flight].thread, how, request_main, &r[last % flight]);
		last += !error;
		if (last - first == flight)
			pthread_join(r[first++ % flight].thread, NULL);
	}
	if (error)
		shelf_give_up(s, error);
	for (; first < last; first++)
		pthread_join(r[first % flight].thread, NULL);
	worker_end(job, worker);
	free(r);
}
//< thread-per-request

#include "kernels/http_loop.h"
#include "kernels/http_multi.h"
#include "kernels/http_uring.h"

/* ---- runs ---- */

/* The server is there, unless the last run failed: then nothing was left running. */
static bool serve(struct shelf *s)
{
	return s->server || (s->server = web_server_start(&s->setup));
}

static void stop_serving(struct shelf *s)
{
	idle_close(s);
	web_server_stop(s->server);
	s->server = NULL;
}

static int run(struct job *job, int workers, crew_work *work, const void *how)
{
	struct shelf *s = job->data;
	if (!serve(s))
		return -1;
	if (2 * s->flight + 100 > s->files && work != get_pages && work != loop && work != uring_loop)
		idle_close(s); /* it opens its own: not so many files are allowed */
	int64_t begin = http_now();
	struct job alone = *job;
	alone.workers = workers;
	int bad = crew_run(&alone, work, how, NULL);
	s->run_ns = http_now() - begin;
	if (!bad && !s->error)
		return 0;
	int error = bad ? errno : s->error;
	s->error = 0;
	stop_serving(s);
	errno = error;
	return -1;
}

static int run_one_by_one(struct job *job)
{
	struct shelf *s = job->data;
	if (!serve(s))
		return -1;
	int64_t begin = http_now();
	parallel_begin(job, 1);
	get_pages(job, 0, NULL);
	parallel_end(job);
	s->run_ns = http_now() - begin;
	int error = s->error;
	if (error)
		stop_serving(s), s->error = 0;
	return (errno = error) ? -1 : 0;
}

static int run_thread_per_request(struct job *job)
{
	pthread_attr_t small;
	if ((errno = pthread_attr_init(&small)))
		return -1;
	pthread_attr_setstacksize(&small, 256 << 10); /* address space: 10 000 threads of 8 MiB may be refused */
	int bad = run(job, job->workers, start_threads, &small), error = errno;
	pthread_attr_destroy(&small);
	errno = error;
	return bad;
}

static int run_thread_pool(struct job *job) { return run(job, job->workers, get_pages, NULL); }
static int run_multi(struct job *job) { return run(job, job->workers, multi_loop, NULL); }
static int run_loop(struct job *job) { return run(job, job->workers, loop, &(struct manners){.patient = true, .tries = TRIES}); }
static int run_uring(struct job *job) { return run(job, job->workers, uring_loop, NULL); }
static int run_no_timeout(struct job *job) { return run(job, job->workers, loop, &(struct manners){.patient = false, .tries = TRIES}); }
static int run_retry_at_once(struct job *job) { return run(job, job->workers, loop, &(struct manners){.patient = true, .tries = STORM}); }

/* ---- the rest of the kernel ---- */

static void reset(struct job *job)
{
	struct shelf *s = job->data;
	memset(s->page, 0, s->n * sizeof *s->page);
	s->next = s->stuck = 0;
	s->error = 0;
	s->run_ns = 0;
	if (s->server)
		web_server_reset(s->server);
}

static int prepare(struct job *job)
{
	struct shelf *s = job->data = calloc(1, sizeof *s);
	const double *arg = job->arg;
	if (!s)
		return -1;
	pthread_mutex_init(&s->lock, NULL);
	s->n = job_size(job);
	s->setup = (struct web_setup){.delay_ms = arg[DELAY], .trickle_ms = arg[TRICKLE], .failures = arg[FAILURES],
				      .silent = arg[SILENT], .bytes = (size_t)arg[BYTES], .seed = job->seed};
	s->patience_ns = (int64_t)(1e6 * (arg[DELAY] + arg[TRICKLE] + arg[PATIENCE]));
	s->files = web_files_allowed(2 * (size_t)arg[FLIGHT] + 200);
	s->flight = (size_t)arg[FLIGHT];
	size_t most = s->files > 200 ? s->files - 100 : s->files / 4 + 1; /* the rest is for others */
	if (s->flight > most)
		s->flight = most;
	s->page = calloc(s->n + 1, sizeof *s->page);
	s->idle = calloc(s->flight, sizeof *s->idle);
	if (!s->page || !s->idle)
		return -1;
	return web_server_unavailable() || serve(s) ? 0 : -1;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static void percentiles(const struct shelf *s, double *ms)
{
	static const double share[] = {0.5, 0.95, 0.99};
	uint32_t *sorted = calloc(s->n + 1, sizeof *sorted);
	size_t n = 0;
	for (size_t i = 0; sorted && i < s->n; i++)
		if (s->page[i].latency_us)
			sorted[n++] = s->page[i].latency_us;
	if (n)
		qsort(sorted, n, sizeof *sorted, by_number);
	for (int k = 0; k < 3; k++)
		ms[k] = n ? sorted[(size_t)ceil(share[k] * (double)n) - 1] / 1000.0 : NAN;
	free(sorted);
}

/* What became of one page. */
struct end {
	bool same;     /* it met what the seed says */
	bool right;    /* its text came */
	bool expected; /* … as it must */
	bool excused;  /* an answer came too late for the client's patience: the machine was busy */
};

static struct end end_of(const struct shelf *s, size_t i)
{
	const struct page *p = &s->page[i];
	struct end end = {.same = p->tries > 0 && p->tries <= TRIES};
	for (unsigned k = 0; k < TRIES && !end.expected; k++)
		end.expected = web_fate(&s->setup, i, k) == WEB_PAGE;
	for (unsigned k = 0; k < p->tries && k < TRIES; k++) {
		enum web_fate fate = web_fate(&s->setup, i, k);
		bool late = p->seen[k] == SEEN_LATE && fate != WEB_SILENT;
		end.excused = end.excused || late;
		end.same = end.same && (p->seen[k] == (int)fate || late);
		end.right = p->seen[k] == SEEN_PAGE;
	}
	end.same = end.same && (end.right || p->tries == TRIES) && (end.right == end.expected || end.excused);
	return end;
}

static struct outcome verify(const struct job *job)
{
	const struct shelf *s = job->data;
	struct outcome o = {.expected = 0};
	size_t same = 0, late = 0, tries = 0, odd = s->n;
	unsigned most = 0;
	double ms[3];
	char few[48] = "";
	if ((double)s->flight < job->arg[FLIGHT])
		snprintf(few, sizeof few, "; at most %zu at once: ulimit -n", s->flight);
	for (size_t i = 0; i < s->n; i++) {
		struct end end = end_of(s, i);
		same += end.same;
		late += end.excused;
		odd = end.same || odd < s->n ? odd : i;
		o.expected += end.expected;
		o.observed += end.right;
		tries += s->page[i].tries;
		most = s->page[i].tries > most ? s->page[i].tries : most;
	}
	o.right = same == s->n && !s->stuck && late <= s->n / 2 + 1;
	percentiles(s, ms);
	if (s->stuck)
		snprintf(o.text, sizeof o.text, "hangs: %zu requests wait for an answer that never comes (nothing came for %.0f ms), and no "
			 "time-out ends them; pages expected %.0f, got %.0f", (size_t)s->stuck, 1e-6 * (double)s->patience_ns, o.expected,
			 o.observed);
	else if (most > TRIES)
		snprintf(o.text, sizeof o.text, "pages expected %.0f, got %.0f; one was tried %u times, %d are allowed: a server in trouble gets "
			 "%zu requests for %zu pages", o.expected, o.observed, most, TRIES, tries, s->n);
	else if (!o.right)
		snprintf(o.text, sizeof o.text, "pages expected %.0f, got %.0f; %zu met other failures than the seed says, the first is page %zu; "
			 "%zu answers were too late", o.expected, o.observed, s->n - same, odd, late);
	else
		snprintf(o.text, sizeof o.text, "pages expected %.0f, got %.0f, each with its own text (exact); %.0f a second; ms: P50 %.1f, P95 "
			 "%.1f, P99 %.1f; %zu tries%s%s", o.expected, o.observed, s->run_ns ? 1e9 * o.observed / (double)s->run_ns : 0.0, ms[0],
			 ms[1], ms[2], tries, late ? ", some late" : "", few);
	return o;
}

struct http_report http_report(const struct job *job)
{
	const struct shelf *s = job->data;
	struct http_report r = {.pages = s->n, .flight = s->flight, .seconds = 1e-9 * (double)s->run_ns};
	r.at_once = s->server ? web_server_figures(s->server).waiting_peak : 0;
	for (size_t i = 0; i < s->n; i++) {
		struct end end = end_of(s, i);
		r.right += end.right;
		r.late += end.excused;
		r.tries += s->page[i].tries;
	}
	percentiles(s, r.ms);
	return r;
}

int http_page(const struct job *job, size_t i, unsigned char seen[HTTP_TRIES], double *ms)
{
	const struct page *p = &((const struct shelf *)job->data)->page[i];
	memcpy(seen, p->seen, sizeof p->seen);
	*ms = p->latency_us / 1000.0;
	return p->tries;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct shelf *s = job->data;
	if (!s->n)
		return false;
	struct page *p = &s->page[where / 2 % s->n];
	if (where & 1)
		p->seen[p->tries - 1] = SEEN_WRONG;
	else
		p->tries--;
	return true;
}

static void release(struct job *job)
{
	struct shelf *s = job->data;
	if (!s)
		return;
	if (s->idle)
		stop_serving(s);
	pthread_mutex_destroy(&s->lock);
	free(s->page);
	free(s->idle);
	free(s);
	job->data = NULL;
}

static double figure(const struct job *job) { return verify(job).observed; }

#define THREADS .kind = KIND_THREADS, .blocks = true
static const struct variant variants[] = {
	{.name = "one-by-one", .about = "one connection, one request after another", .blocks = true, .run = run_one_by_one,
	 .unavailable = web_server_unavailable},
	{.name = "thread-per-request", .about = "a thread and a connection for each page", THREADS, .run = run_thread_per_request,
	 .unavailable = web_server_unavailable},
	{.name = "thread-pool", .about = "each worker has a connection, and takes the next page", THREADS, .run = run_thread_pool,
	 .unavailable = web_server_unavailable},
	{.name = "curl-multi", .about = "libcurl: many transfers in one thread", THREADS, .run = run_multi, .unavailable = multi_unavailable},
	{.name = "event-loop", .about = "one thread; epoll tells which of many sockets is ready", THREADS, .run = run_loop,
	 .unavailable = web_server_unavailable},
	{.name = "io-uring", .about = "one thread; requests are handed to the kernel, many with one call", THREADS, .run = run_uring,
	 .unavailable = uring_unavailable},
	{.name = "no-timeout", .about = "the event loop, which waits for every answer", THREADS, .run = run_no_timeout,
	 .unavailable = web_server_unavailable, .wrong = "an answer that never comes is waited for without end"},
	{.name = "retry-at-once", .about = "the event loop, which tries again at once until it succeeds", THREADS, .run = run_retry_at_once,
	 .unavailable = web_server_unavailable, .wrong = "a failure is retried without a pause and without a limit"},
	{0},
};

const struct kernel kernel_http = {
	.name = "http",
	.title = "Pages from a slow server",
	.source = __FILE__,
	.params = {{"size", "pages", "pages to get, one request each", 0, 1e6, 100, false},
		   {"delay", "ms", "how long the server takes to answer", 0, 10000, 2, false},
		   {"flight", "requests", "requests on their way at the same time, at most", 1, 10000, 64, false},
		   {"failures", "", "share of tries that fail", 0, 0.5, 0, true},
		   {"bytes", "bytes", "length of a page", 0, WEB_BYTES_MAX, 100, false},
		   {"trickle", "ms", "time over which a page comes, in pieces", 0, 10000, 0, false},
		   {"silent", "", "share of tries that are never answered", 0, 0.02, 0, true},
		   {"patience", "ms", "how long a client waits beyond the time that a page takes", 100, 60000, 1000, false}},
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
	.peer_arg = {1000, 20, 1000, 0, 100},
	.figure = figure,
};
KERNEL_REGISTER(kernel_http);
