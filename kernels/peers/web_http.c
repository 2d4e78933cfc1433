/* What gets many pages from the command line: wrk, which sends as many requests as it can for a second, and curl. They ask the same
 * server as kernels/http.c does, one that belongs to this peer.
 *
 * web_http --serve DELAY BYTES SEED   is that server for peers in other languages: tells its port in one line, ends with its input
 * needs: wrk curl libmicrohttpd-dev
 * flags: -DHAVE_MICROHTTPD=1
 * libs: -lmicrohttpd */
#include "kernels/peers/peer.h"
#include "kernels/runtime/web_server.c"

static double right, told; /* pages that came; seconds that wrk tells */

static bool prepare(struct peer_job *job)
{
	struct web_setup setup = {.delay_ms = peer_param(job, "delay", 2), .bytes = (size_t)peer_param(job, "bytes", 100), .seed = job->seed};
	return (job->data = web_server_start(&setup));
}

/* Its unit of work is a second, not a number of requests: the time for ours follows from its rate. Its connections stay open. */
static void run_wrk(struct peer_job *job)
{
	char line[300];
	double rate = 0, flight = peer_param(job, "flight", 64);
	int threads = job->threads < flight ? job->threads : (int)flight;
	bool failed = false;
	snprintf(line, sizeof line, "exec wrk -t%d -c%.0f -d1s http://127.0.0.1:%d/0 2>&1", threads, flight, web_server_port(job->data));
	FILE *f = popen(line, "r");
	while (f && fgets(line, sizeof line, f)) {
		sscanf(line, "Requests/sec: %lf", &rate);
		failed = failed || strstr(line, "Non-2xx") || strstr(line, "Socket errors");
	}
	if (f)
		pclose(f);
	right = rate > 0 && !failed ? (double)job->size : 0;
	told = rate > 0 ? (double)job->size / rate : NAN;
}

static double wrk_seconds(const struct peer_job *job)
{
	(void)job;
	return told;
}

/* Every page by its number; what comes is counted by its bytes and heads. */
static void run_curl(struct peer_job *job)
{
	static char text[1 << 16];
	char line[300];
	size_t got = 0, n, bytes = (size_t)peer_param(job, "bytes", 100);
	double flight = peer_param(job, "flight", 64);
	snprintf(line, sizeof line, "exec curl -s -Z --parallel-immediate --parallel-max %.0f 'http://127.0.0.1:%d/[0-%zu]'",
		 flight < 300 ? flight : 300, web_server_port(job->data), job->size ? job->size - 1 : 0);
	FILE *f = popen(line, "r");
	while (f && (n = fread(text, 1, sizeof text, f)))
		got += n;
	right = f && !pclose(f) && got == bytes * job->size ? (double)job->size : 0;
}

static double check(const struct peer_job *job)
{
	(void)job;
	return right;
}

static int serve_others(char **argv)
{
	char rest[64];
	struct web_setup setup = {.delay_ms = strtod(argv[0], NULL), .bytes = strtoul(argv[1], NULL, 10), .seed = strtoull(argv[2], NULL, 10)};
	struct web_server *server = web_server_start(&setup);
	if (!server)
		return 3;
	printf("%d\n", web_server_port(server));
	fflush(stdout);
	while (fgets(rest, sizeof rest, stdin))
		;
	return web_server_stop(server);
}

#define FIXED .kernel = "http", .workers = "fixed", .params = "\"failures\":0,\"trickle\":0,\"silent\":0", .prepare = prepare, .check = check

int main(int argc, char **argv)
{
	static struct peer peers[] = {
		{.name = "wrk", .library = "wrk 4", FIXED, .run = run_wrk, .seconds = wrk_seconds},
		{.name = "curl --parallel", .library = "curl", FIXED, .run = run_curl},
		{0},
	};
	if (argc == 5 && !strcmp(argv[1], "--serve"))
		return serve_others(argv + 2);
	if (system("command -v wrk >/dev/null"))
		peers[0].unavailable = "not installed (package wrk)";
	if (system("command -v curl >/dev/null"))
		peers[1].unavailable = "not installed (package curl)";
	return peer_main(argc, argv, peers);
}
