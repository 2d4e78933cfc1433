/* --url: a server of the learner's own, asked politely by libcurl: a few at a time, not too often, with time-outs. A part of lesson.c. */
#ifndef LOCKSTEP_HTTP_URL_H
#define LOCKSTEP_HTTP_URL_H

#include "kernels/bench/util.h"

enum { URL_REQUESTS = 20, URL_FLIGHT = 4, URL_REQUESTS_MOST = 1000, URL_FLIGHT_MOST = 32, URL_PATIENCE_MS = 5000, URL_BYTES_MOST = 1 << 20 };

static const char *url_given, *url_requests, *url_flight;

static const char *refuse_url(const char *url)
{
	return strncmp(url, "http://", 7) && strncmp(url, "https://", 8) ? "http://… or https://…" : NULL;
}

static bool whole_number(const char *text, int most, int *number)
{
	double x;
	if (!util_number(text, &x) || x < 1 || x > most || x != (int)x)
		return false;
	*number = (int)x;
	return true;
}

static const char *refuse_requests(const char *text)
{
	int n;
	return whole_number(text, URL_REQUESTS_MOST, &n) ? NULL : "a whole number from 1 to 1000";
}

static const char *refuse_flight(const char *text)
{
	int n;
	return whole_number(text, URL_FLIGHT_MOST, &n) ? NULL : "a whole number from 1 to 32";
}

#if HAVE_CURL
#include <curl/curl.h>

struct fetch {
	CURL *easy;
	size_t bytes;
};

static size_t count_bytes(char *bytes, size_t one, size_t n, void *arg)
{
	struct fetch *f = arg;
	(void)bytes;
	f->bytes += one * n;
	return f->bytes > URL_BYTES_MOST ? 0 : n; /* longer pages are cut off */
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

//> url
static int demo_url(struct telling *t)
{
	int requests = URL_REQUESTS, flight = URL_FLIGHT, begun = 0, done = 0, right = 0, running, left;
	struct fetch fetch[URL_FLIGHT_MOST] = {{0}};
	static double ms[URL_REQUESTS_MOST];
	if (!url_given) {
		tell(t, "whose server? --url http://127.0.0.1:8000/ names it");
		return 0;
	}
	if (url_requests)
		whole_number(url_requests, URL_REQUESTS_MOST, &requests);
	if (url_flight)
		whole_number(url_flight, URL_FLIGHT_MOST, &flight);
	tell(t, "GET %.200s: %d times, at most %d at once, 5 s of patience, no second tries", url_given, requests, flight);
	CURLM *multi = curl_multi_init();
	for (int i = 0; multi && i < flight; i++) {
		if (!(fetch[i].easy = curl_easy_init()))
			break; /* fewer at once, then */
		curl_easy_setopt(fetch[i].easy, CURLOPT_URL, url_given);
		curl_easy_setopt(fetch[i].easy, CURLOPT_USERAGENT, "lockstep");
		curl_easy_setopt(fetch[i].easy, CURLOPT_TIMEOUT_MS, (long)URL_PATIENCE_MS);
		curl_easy_setopt(fetch[i].easy, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(fetch[i].easy, CURLOPT_WRITEFUNCTION, count_bytes);
		curl_easy_setopt(fetch[i].easy, CURLOPT_WRITEDATA, &fetch[i]);
		curl_easy_setopt(fetch[i].easy, CURLOPT_PRIVATE, &fetch[i]);
		if (begun < requests && !curl_multi_add_handle(multi, fetch[i].easy))
			begun++;
	}
	double begin = tell_ms(t);
	while (done < begun) {
		curl_multi_perform(multi, &running);
		for (CURLMsg *m; (m = curl_multi_info_read(multi, &left));) {
			CURL *easy = m->easy_handle;
			CURLcode code = m->data.result;
			struct fetch *f;
			long status = 0;
			double seconds = 0;
			curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
			curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME, &seconds);
			curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&f);
			bool fine = code == CURLE_OK && status >= 200 && status < 400;
			if (fine)
				ms[right++] = 1e3 * seconds;
			if (!fine || done < 3)
				tell(t, "request %d: %s %ld, %zu bytes, %.1f ms", done + 1, code ? curl_easy_strerror(code) : "status", status,
				     f->bytes, 1e3 * seconds);
			done++;
			f->bytes = 0;
			curl_multi_remove_handle(multi, easy);
			if (begun < requests && !curl_multi_add_handle(multi, easy))
				begun++;
		}
		if (done < begun)
			curl_multi_poll(multi, NULL, 0, 100, NULL);
	}
	double took = tell_ms(t) - begin;
	qsort(ms, (size_t)right, sizeof *ms, by_value);
	if (right)
		tell(t, "%.0f a second; ms: P50 %.1f, P95 %.1f, slowest %.1f", 1e3 * right / took, ms[(right - 1) / 2], ms[(right * 95 - 1) / 100],
		     ms[right - 1]);
	tell_check(t, right == requests, "%d of %d requests were answered with 2xx or 3xx", right, requests);
	tell_figure(t, right, requests);
	for (int i = 0; i < flight; i++)
		curl_easy_cleanup(fetch[i].easy);
	curl_multi_cleanup(multi);
	return 0;
}
//< url

static const char *url_unavailable(void) { return NULL; }

#else

static int demo_url(struct telling *t)
{
	(void)t;
	errno = ENOSYS;
	return -1;
}

static const char *url_unavailable(void) { return "built without libcurl (package libcurl4-openssl-dev)"; }

#endif

#endif
