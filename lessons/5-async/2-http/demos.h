/* The demonstrations of the lesson `http` that run the clients of the kernel: a part of lesson.c. */
#ifndef LOCKSTEP_HTTP_DEMOS_H
#define LOCKSTEP_HTTP_DEMOS_H

#include "kernels/bench/file.h"

enum { ARG_SIZE, ARG_DELAY, ARG_FLIGHT, ARG_FAILURES, ARG_BYTES, ARG_TRICKLE, ARG_SILENT, ARG_PATIENCE, SEED = 77 };

/* One client at work, in a process of its own: so its memory is seen by itself. */
struct work {
	const char *variant;
	int workers;
	double arg[KERNEL_ARGS_MAX];
	const char *unavailable;
	/* what it says: */
	struct http_report report;
	double grew_kib; /* at most, while it ran */
	int error;
};

/* A line of /proc/self/status in KiB; 0 where there is none. */
static double status_kib(const char *name)
{
	char text[8192];
	const char *at = file_text("/proc/self/status", text, sizeof text) > 0 ? strstr(text, name) : NULL;
	return at ? strtod(at + strlen(name), NULL) : 0;
}

static const struct variant *variant_of(const char *name)
{
	const struct variant *v = kernel_http.variants;
	while (v->name && strcmp(v->name, name))
		v++;
	return v;
}

static struct job job_of(const struct work *w)
{
	struct job job = {.kernel = &kernel_http, .variant = variant_of(w->variant), .workers = w->workers, .seed = SEED};
	for (int i = 0; kernel_http.params[i].name; i++)
		job.arg[i] = w->arg[i] > 0 || i == ARG_DELAY ? w->arg[i] : kernel_http.params[i].preset;
	return job;
}

/* The first run brings the program's code into memory: that is no request's. */
static void touch_code(const struct job *job)
{
	struct job one = *job;
	one.arg[ARG_SIZE] = one.arg[ARG_FLIGHT] = one.workers = 1;
	if (!kernel_http.prepare(&one)) {
		kernel_http.reset(&one);
		one.variant->run(&one);
	}
	kernel_http.release(&one);
}

static int be_client(void *memory, int index)
{
	struct work *w = (struct work *)memory + index;
	struct job job = job_of(w);
	if (kernel_http.prepare(&job)) {
		w->error = errno;
		return 0;
	}
	touch_code(&job);
	kernel_http.reset(&job);
	double before = status_kib("VmRSS:");
	w->error = job.variant->run(&job) ? errno : 0;
	w->grew_kib = status_kib("VmHWM:") - before;
	w->report = http_report(&job);
	kernel_http.release(&job);
	return 0;
}

/* Lets one of them work. False with errno. */
static bool work_once(struct work *w)
{
	struct work *shared = children_memory(sizeof *shared);
	pid_t pid = 0;
	if (!shared)
		return false;
	*shared = *w;
	int bad = children_start(&pid, 1, be_client, shared) || children_wait(&pid, 1), error = errno;
	*w = *shared;
	munmap(shared, sizeof *shared);
	errno = bad ? error : w->error;
	return !bad && !w->error;
}

//> clients
static int demo_clients(struct telling *t)
{
	struct work all[] = {
		{.variant = "one-by-one", .workers = 1, .arg = {20, 20, 1}},
		{.variant = "thread-pool", .workers = 50, .arg = {400, 20, 200}},
		{.variant = "thread-per-request", .workers = 1, .arg = {400, 20, 200}},
		{.variant = "curl-multi", .workers = 1, .arg = {400, 20, 200}},
		{.variant = "event-loop", .workers = 1, .arg = {400, 20, 200}},
		{.variant = "io-uring", .workers = 1, .arg = {400, 20, 200}},
	};
//< clients
	const char *worst = "";
	double most = 0;
	size_t pages = 0, right = 0;
	int place = 0;
	tell(t, "pages that take 20 ms; up to 200 at once (the pool: 50 threads)");
	tell(t, "%-18s %8s  %6s %6s %6s  %s", "", "pages/s", "P50 ms", "P95", "P99", "KiB/request");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct work *w = &all[i];
		const struct variant *v = variant_of(w->variant);
		const char *why = v->unavailable ? v->unavailable() : NULL;
		if (why) {
			tell(t, "%-18s %s", w->variant, why);
			continue;
		}
		if (!work_once(w))
			return -1;
		const struct http_report *r = &w->report;
		double flight = i == 1 ? w->workers : (double)r->flight, each = w->grew_kib / flight;
		char memory[32] = "-"; /* one request: less than what is counted at a time */
		if (v->kind != KIND_SERIAL)
			snprintf(memory, sizeof memory, "%.1f", each);
		tell(t, "%-18s %8.0f  %6.1f %6.1f %6.1f  %6s", w->variant, (double)r->right / r->seconds, r->ms[0], r->ms[1], r->ms[2],
		     memory);
		pages += r->pages;
		right += r->right;
		if (v->kind != KIND_SERIAL && each > most)
			most = each, worst = w->variant, place = (int)i;
	}
	tell_check(t, right == pages, "%zu of %zu pages came, each with its own text", right, pages);
	tell(t, "most memory for each request on its way: %s", worst);
	tell_figure(t, place, NAN);
	return 0;
}

/* ---- as a histogram ---- */

static int demo_latency(struct telling *t)
{
	enum { BARS = 10, WIDTH = 34 };
	struct work w = {.variant = "event-loop", .workers = 1, .arg = {500, 20, 100, 0.2, 100, 0, 0.01, 100}};
	struct job job = job_of(&w);
	size_t count[BARS] = {0}, most = 1;
	unsigned char seen[HTTP_TRIES];
	double ms;
	if (kernel_http.prepare(&job))
		return -1;
	kernel_http.reset(&job);
	int bad = job.variant->run(&job), error = errno;
	for (size_t i = 0; !bad && i < (size_t)job.arg[ARG_SIZE]; i++) {
		http_page(&job, i, seen, &ms);
		size_t bar = ms > 0 ? (size_t)(ms / 20) : BARS;
		if (ms > 0)
			most = ++count[bar < BARS ? bar : BARS - 1] > most ? count[bar < BARS ? bar : BARS - 1] : most;
	}
	if (!bad) {
		struct http_report r = http_report(&job);
		tell(t, "500 pages of 20 ms, 100 at once; one try in five fails");
		for (size_t i = 0; i < BARS; i++)
			tell(t, "%3zu ms%s %4zu %.*s", 20 * i, i == BARS - 1 ? "+" : " ", count[i],
			     (int)((count[i] * WIDTH + most - 1) / most), "##################################");
		tell(t, "P50 %.0f ms, P95 %.0f ms, P99 %.0f ms; %zu pages never came", r.ms[0], r.ms[1], r.ms[2], r.pages - r.right);
		tell_check(t, r.ms[0] < r.ms[2], "the slowest 1 %% of those that came took at least %.1f times as long as the median",
			   r.ms[2] / r.ms[0]);
		tell_figure(t, r.ms[2] / r.ms[0], NAN);
	}
	kernel_http.release(&job);
	errno = error;
	return bad ? -1 : 0;
}

/* ---- ten thousand ---- */

//> many
static int demo_many(struct telling *t)
{
	size_t files = web_files_allowed(WEB_CONNECTIONS_MAX); /* raises the soft limit to the hard one */
	double many = files < 10100 ? fmax((double)files - 100, 1) : 10000;
	struct work w = {.variant = "event-loop", .workers = 1, .arg = {many, 800, many}};
//< many
	if (many < 10000)
		tell(t, "this process may have %zu open files, and a connection is one: no more than %.0f at once; cure: ulimit -Hn 20000 as root, or "
			"LimitNOFILE= of the service", files, many);
	tell(t, "%.0f pages that take 800 ms; a connection for each is an open file, in client and server", many);
	if (!work_once(&w))
		return -1;
	const struct http_report *r = &w.report;
	tell(t, "the server saw %zu requests at the same time; %.2f s for all, one after another would be %.0f s", r->at_once, r->seconds,
	     0.8 * many);
	tell(t, "the client's process grew by %.1f MiB, %.1f KiB a request", w.grew_kib / 1024, w.grew_kib / (double)r->flight);
	tell_check(t, r->right == r->pages, "%zu of %zu pages came, each with its own text", r->right, r->pages);
	tell_figure(t, (double)r->at_once, (double)r->flight);
	return 0;
}

/* ---- failures ---- */

static const char *word_of(int seen)
{
	static const char *const words[] = {"the page", "503", "dropped", "time-out", "another text"};
	return words[seen < 5 ? seen : 4];
}

//> retries
static int demo_retries(struct telling *t)
{
	struct work w = {.variant = "event-loop", .workers = 1, .arg = {12, 10, 4, 0.4, 100, 0, 0.02, 100}};
	struct job job = job_of(&w);
	job.seed = 1; /* one page in twelve is broken, and one try is met by silence */
	if (kernel_http.prepare(&job)) /* starts the server */
		return -1;
	kernel_http.reset(&job);
	int bad = job.variant->run(&job), error = errno;
//< retries
	int failed = 0;
	if (!bad)
		tell(t, "12 pages of 10 ms; 4 tries in 10 fail, and some pages are broken for good");
	for (size_t i = 0; !bad && i < 12; i++) {
		unsigned char seen[HTTP_TRIES];
		char line[200] = "";
		double ms;
		int tries = http_page(&job, i, seen, &ms);
		for (int k = 0; k < tries; k++)
			snprintf(line + strlen(line), sizeof line - strlen(line), "%s%s", k ? ", " : "", word_of(seen[k]));
		failed += ms == 0;
		if (ms > 0)
			tell(t, "page %2zu: %s (%.0f ms)", i, line, ms);
		else
			tell(t, "page %2zu: %s: given up", i, line);
	}
	if (!bad) {
		struct outcome o = kernel_http.verify(&job);
		struct http_report r = http_report(&job);
		tell_check(t, o.right, "every try ended as the seed says: %zu tries, %zu pages, %d given up", r.tries, r.right, failed);
		tell_figure(t, (double)r.tries, NAN);
	}
	kernel_http.release(&job);
	errno = error;
	return bad ? -1 : 0;
}

#endif
