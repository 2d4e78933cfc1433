/* libcurl's clients of kernels/http.c: the multi interface, which drives many transfers in one thread. A part of that file. */
#if HAVE_CURL
#include <curl/curl.h>

/* One transfer. */
struct transfer {
	CURL *easy;
	struct errand e;
	int64_t due_ns; /* PAUSED until then; 0: on its way */
	size_t have;
	bool busy;
	char url[64], *text;
	const struct shelf *s;
};

static size_t take_bytes(char *bytes, size_t one, size_t n, void *arg)
{
	struct transfer *t = arg;
	if (t->have + one * n > t->s->setup.bytes + HEAD_MOST)
		return 0; /* longer than any page: an error */
	memcpy(t->text + t->have, bytes, one * n);
	t->have += one * n;
	return one * n;
}

/* No port is left behind in TIME_WAIT: see http_socket. */
static int set_socket(void *arg, curl_socket_t fd, curlsocktype type)
{
	struct linger at_once = {.l_onoff = 1};
	(void)arg, (void)type;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	return CURL_SOCKOPT_OK;
}

static bool transfer_begin(struct transfer *t, const struct shelf *s)
{
	t->s = s;
	t->text = malloc(s->setup.bytes + HEAD_MOST);
	t->easy = t->text ? curl_easy_init() : NULL;
	if (!t->easy)
		return false;
	curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)(s->patience_ns / 1000000));
	curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(t->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(t->easy, CURLOPT_SOCKOPTFUNCTION, set_socket);
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	return true;
}

//> ask-curl
static void ask_curl(struct shelf *s, CURLM *multi, struct transfer *t)
{
	snprintf(t->url, sizeof t->url, "http://127.0.0.1:%d/%zu/%u", web_server_port(s->server), t->e.page, t->e.try);
	curl_easy_setopt(t->easy, CURLOPT_URL, t->url);
	t->have = 0;
	t->due_ns = 0;
	curl_multi_add_handle(multi, t->easy);
}
//< ask-curl

static enum seen curl_saw(struct shelf *s, struct transfer *t, CURLcode code, char *own)
{
	long status = 0;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return SEEN_LATE;
	long error = 0;
	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &error);
	if (code == CURLE_OUT_OF_MEMORY || (code && (error == EMFILE || error == ENFILE)))
		shelf_give_up(s, code == CURLE_OUT_OF_MEMORY ? ENOMEM : (int)error);
	return code == CURLE_OK ? judge(s, &t->e, (int)status, t->text, t->have, own) : SEEN_DROPPED;
}

/* Begins what has paused long enough; how long the others still have, in milliseconds, at most 100. */
static int end_pauses(struct shelf *s, CURLM *multi, struct transfer *t, size_t count)
{
	int64_t now = http_now(), least = 100000000;
	for (size_t i = 0; i < count; i++) {
		if (!t[i].busy || !t[i].due_ns)
			continue;
		if (t[i].due_ns <= now)
			ask_curl(s, multi, &t[i]);
		else if (t[i].due_ns - now < least)
			least = t[i].due_ns - now;
	}
	return (int)(least / 1000000) + 1;
}

//> curl-multi
static void multi_work(struct job *job, int worker, CURLM *multi, struct transfer *t, size_t count, char *own)
{
	struct shelf *s = job->data;
	size_t busy = 0, pauses = 0;
	int running, left;
	for (; busy < count && errand_next(s, &t[busy].e); busy++) {
		t[busy].busy = true;
		ask_curl(s, multi, &t[busy]);
	}
	while (busy && !s->error) {
		curl_multi_perform(multi, &running); /* moves every transfer on, as far as it goes without waiting */
		for (CURLMsg *m; (m = curl_multi_info_read(multi, &left));) {
			struct transfer *done;
			CURLcode code = m->data.result;
			CURL *easy = m->easy_handle;
			curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&done);
			curl_multi_remove_handle(multi, easy);
			int64_t pause = errand_saw(s, &done->e, curl_saw(s, done, code, own), TRIES);
			if (pause >= 0) {
				done->due_ns = http_now() + pause;
				pauses++;
			} else if (errand_next(s, &done->e))
				ask_curl(s, multi, done);
			else
				done->busy = false, busy--;
		}
		int ms = pauses ? end_pauses(s, multi, t, count) : 100;
		wait_begin(job, worker);
		if (busy)
			curl_multi_poll(multi, NULL, 0, ms, NULL); /* until one of them can go on */
		wait_end(job, worker);
	}
}
//< curl-multi

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static void curl_start(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

static void multi_loop(struct job *job, int worker, const void *how)
{
	struct shelf *s = job->data;
	pthread_once(&curl_once, curl_start);
	worker_begin(job, worker);
	size_t count = flight_of(job, worker), made = 0;
	count = count < s->n + 1 ? count : s->n + 1;
	struct transfer *t = calloc(count, sizeof *t);
	char *own = malloc(s->setup.bytes + 1);
	CURLM *multi = curl_multi_init();
	while (t && made < count && transfer_begin(&t[made], s))
		made++;
	if (made < count || !multi || !own)
		shelf_give_up(s, ENOMEM);
	else {
		curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)count); /* to be kept: there are no more than transfers */
		multi_work(job, worker, multi, t, count, own);
	}
	for (size_t i = 0; t && i < count; i++) {
		if (t[i].easy && multi)
			curl_multi_remove_handle(multi, t[i].easy);
		curl_easy_cleanup(t[i].easy);
		free(t[i].text);
	}
	curl_multi_cleanup(multi);
	free(own);
	free(t);
	worker_end(job, worker);
	(void)how;
}

static const char *multi_unavailable(void) { return web_server_unavailable(); }

#else

static void multi_loop(struct job *job, int worker, const void *how)
{
	shelf_give_up(job->data, ENOSYS);
	(void)worker, (void)how;
}

static const char *multi_unavailable(void)
{
	return web_server_unavailable() ? web_server_unavailable() : "built without libcurl (package libcurl4-openssl-dev)";
}

#endif
