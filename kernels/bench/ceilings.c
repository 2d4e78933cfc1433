/* Ceilings of the roofline (Williams, Waterman and Patterson 2009), measured by our own kernels. */
#include "kernels/bench/ceilings.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "kernels/bench/bench.h"
#include "kernels/bench/clock.h"
#include "kernels/bench/gate.h"
#include "kernels/bench/machine.h"
#include "kernels/bench/topology.h"
#include "kernels/bench/util.h"

extern const struct kernel kernel_fma, kernel_fma_f32, kernel_stream;

enum { ROUNDS = 11, ROUND_NS = 100000000, RUNS = 256, BUSY_SECONDS = 600 };

static struct ceilings own, *known = &own;

void ceilings_share(void)
{
	void *shared = mmap(NULL, sizeof *known, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return; /* then each finds them anew, or in the cache */
	known = memcpy(shared, known, sizeof *known);
}

const struct ceilings *ceilings_known(void) { return known->count ? known : NULL; }

/* The fastest of a kernel's variants at this worker count, each tried twice. */
static const struct variant *fastest(struct job *job)
{
	const struct variant *best = NULL;
	int64_t best_ns = INT64_MAX;

	for (const struct variant *v = job->kernel->variants; v->name; v++) {
		if (v->wrong || (v->unavailable && v->unavailable()) || (v->kind == KIND_SERIAL) != (job->workers == 1))
			continue;
		job->variant = v;
		for (int i = 0; i < 2; i++) {
			int64_t begin = now_ns();
			if (v->run(job))
				break;
			if (now_ns() - begin < best_ns) {
				best_ns = now_ns() - begin;
				best = v;
			}
		}
	}
	job->variant = best;
	return best;
}

/* A stream's arrays, all three together, must be several times larger than the largest cache, or it is that cache that is measured; but
 * an eighth of the memory is enough. */
__attribute__((unused)) static double stream_size(const struct kernel *kernel)
{
	const struct topology *t = topology_get();
	double largest = 0, memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
	for (int i = 0; i < t->cache_count; i++)
		largest = fmax(largest, (double)t->caches[i].bytes);
	double n = floor(fmin(4 * largest, memory / 8) / 24);
	return fmin(fmax(n, kernel->params[0].preset), kernel->params[0].max);
}

/* Rates of one kernel at one worker count: the median run of each short round, as the kernels that are compared with them are
 * measured. *kept is the number of rounds when the machine was ours, else 0. */
static bool measure(const struct kernel *kernel, int workers, double (*model)(const struct job *), struct estimate *rate, int *kept)
{
	struct job job = {.kernel = kernel, .workers = workers, .seed = 1};
	double rates[ROUNDS];
	struct gate gate;
	bool good = false;

	for (int i = 0; i < KERNEL_ARGS_MAX && kernel->params[i].name; i++)
		job.arg[i] = kernel->params[i].preset;
#ifndef SANITIZED /* there nobody measures, and everything takes long */
	if (kernel == &kernel_stream)
		job.arg[0] = stream_size(kernel);
#endif
	if (kernel->prepare(&job) || !fastest(&job))
		goto out;
	gate_begin(&gate);
	for (int n = 0; n < ROUNDS; n++) {
		int64_t round = now_ns();
		double took[RUNS];
		int runs = 0;
		while (runs < RUNS && now_ns() - round < ROUND_NS) {
			int64_t begin = now_ns();
			if (bench_signal() || job.variant->run(&job))
				goto out;
			took[runs++] = 1e-9 * (double)(now_ns() - begin);
		}
		rates[n] = model(&job) / stat_median(took, runs);
	}
	*kept = gate_end(&gate) >= gate_foreign_max() ? 0 : ROUNDS; /* NaN: nobody can look */
	*rate = stat_sign_interval(rates, ROUNDS, 0.95);
	good = kernel->verify(&job).right;
out:
	kernel->release(&job);
	return good;
}

static const char *cache_file(void)
{
	static char path[4096];
	const char *dir = util_cache_dir(true);
	if (!dir)
		return NULL;
	snprintf(path, sizeof path, "%s/ceilings-%s.json", dir, machine_fingerprint());
	return path;
}

static struct estimate estimate_of(const json_t *a)
{
	struct estimate e = {json_number_value(json_array_get(a, 0)), json_number_value(json_array_get(a, 1)),
			     json_number_value(json_array_get(a, 2))};
	return json_is_null(json_array_get(a, 1)) ? (struct estimate){e.mid, NAN, NAN} : e;
}

static bool read_cache(void)
{
	const char *path = cache_file();
	json_t *list = path ? json_load_file(path, 0, NULL) : NULL, *o;
	size_t i;

	struct stat file;
	bool fresh = path && !stat(path, &file) && time(NULL) - file.st_mtime < BUSY_SECONDS;

	json_array_foreach(list, i, o) {
		struct ceiling c = {.workers = (int)json_integer_value(json_object_get(o, "workers")),
				    .kept = (int)json_integer_value(json_object_get(o, "kept")),
				    .flops_per_second = estimate_of(json_object_get(o, "flops_per_second")),
				    .f32_flops_per_second = estimate_of(json_object_get(o, "f32_flops_per_second")),
				    .bytes_per_second = estimate_of(json_object_get(o, "bytes_per_second"))};
		/* measured on a busy machine: good for a while only; or by an older bench, which knew less */
		if ((!fresh && !c.kept) || !(c.f32_flops_per_second.mid > 0)) {
			known->count = 0;
			break;
		}
		if (known->count < CEILINGS_MAX && c.workers > 0 && c.flops_per_second.mid > 0 && c.bytes_per_second.mid > 0)
			known->at[known->count++] = c;
	}
	json_decref(list);
	return known->count > 0;
}

static json_t *object(const struct ceiling *c)
{
	return json_pack("{s:s, s:i, s:i, s:o, s:o, s:o}", "t", "ceiling", "workers", c->workers, "kept", c->kept, "flops_per_second",
			 record_estimate(c->flops_per_second), "f32_flops_per_second", record_estimate(c->f32_flops_per_second),
			 "bytes_per_second", record_estimate(c->bytes_per_second));
}

static void write_cache(void)
{
	const char *path = cache_file();
	json_t *list = json_array();
	for (int i = 0; i < known->count; i++)
		json_array_append_new(list, object(&known->at[i]));
	if (path) {
		char *fresh = xasprintf("%s.%ld", path, (long)getpid());
		if (json_dump_file(list, fresh, JSON_INDENT(1)) || rename(fresh, path))
			unlink(fresh); /* a cache that can't be written costs time, nothing else */
		free(fresh);
	}
	json_decref(list);
}

static bool measure_all(struct record_sink *sink, const char *run)
{
	int usable = topology_usable(), counts[CEILINGS_MAX], n = 0;
	struct ceilings all = {.count = 0}; /* known when all are: who measures may die of it */

	for (int p = 1; p < usable && n < CEILINGS_MAX - 1; p *= 2)
		counts[n++] = p;
	counts[n++] = usable;
	for (int i = 0; i < n && !bench_signal(); i++) {
		struct ceiling c = {.workers = counts[i]};
		int kept_flops = 0, kept_f32 = 0, kept_bytes = 0;
		record_write(sink, json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:n, s:f}", "t", "progress", "run", run, "phase", "ceilings", "done",
					     i, "planned", n, "kept", i, "foreign_cores", "eta_seconds", 3.7 * (n - i)), true);
		if (!measure(&kernel_fma, counts[i], kernel_fma.flops, &c.flops_per_second, &kept_flops) ||
		    !measure(&kernel_fma_f32, counts[i], kernel_fma_f32.flops, &c.f32_flops_per_second, &kept_f32) ||
		    !measure(&kernel_stream, counts[i], kernel_stream.bytes, &c.bytes_per_second, &kept_bytes))
			return false;
		c.kept = kept_flops && kept_f32 ? kept_bytes : 0; /* each is ROUNDS or 0 */
		all.at[all.count++] = c;
	}
	*known = all;
	if (!bench_signal())
		write_cache();
	return true;
}

const struct ceilings *ceilings_get(struct record_sink *sink, const char *run)
{
	if (!known->count && !read_cache() && !measure_all(sink, run))
		known->count = 0;
	for (int i = 0; i < known->count; i++)
		record_write(sink, object(&known->at[i]), false);
	return ceilings_known();
}

/* Between two measured counts the peak grows evenly; beyond the last it stays. */
static double peak(int workers, double (*of)(const struct ceiling *))
{
	double below = NAN;
	for (int i = 0; i < known->count; i++) {
		double rate = of(&known->at[i]);
		if (known->at[i].workers == workers)
			return rate;
		if (known->at[i].workers > workers && i > 0) {
			double share = (double)(workers - known->at[i - 1].workers) / (known->at[i].workers - known->at[i - 1].workers);
			return below + share * (rate - below);
		}
		below = rate;
	}
	return below;
}

static double f64_of(const struct ceiling *c) { return c->flops_per_second.mid; }
static double f32_of(const struct ceiling *c) { return c->f32_flops_per_second.mid; }
static double bytes_of(const struct ceiling *c) { return c->bytes_per_second.mid; }

double ceilings_flops(int workers, bool single) { return peak(workers, single ? f32_of : f64_of); }
double ceilings_bytes(int workers) { return peak(workers, bytes_of); }
