/* Preflight: the machine as a record, as one line, and as a fingerprint. */
#include "kernels/bench/machine.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "kernels/bench/counters.h"
#include "kernels/bench/file.h"
#include "kernels/bench/topology.h"
#include "kernels/bench/util.h"

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#if defined(__clang__)
#define COMPILER "clang " TEXT(__clang_major__) "." TEXT(__clang_minor__) "." TEXT(__clang_patchlevel__)
#define COMPILER_SHORT "clang " TEXT(__clang_major__) "." TEXT(__clang_minor__)
#elif defined(__GNUC__)
#define COMPILER "gcc " TEXT(__GNUC__) "." TEXT(__GNUC_MINOR__) "." TEXT(__GNUC_PATCHLEVEL__)
#define COMPILER_SHORT "gcc " TEXT(__GNUC__) "." TEXT(__GNUC_MINOR__)
#else
#define COMPILER "unknown compiler"
#define COMPILER_SHORT COMPILER
#endif

/* Without the blank that an empty knob leaves at the end. */
static const char *flags(void)
{
	static char text[] = BUILD_FLAGS;
	size_t n = strlen(text);

	while (n && text[n - 1] == ' ')
		text[--n] = '\0';
	return text;
}

static json_t *text_or_null(const char *text)
{
	json_t *string = text && *text ? json_string(text) : NULL;

	return string ? string : json_null();
}

static json_t *number_or_null(const char *text, double scale)
{
	char *end;
	double x = strtod(text, &end);

	return end == text ? json_null() : json_real(x * scale);
}

/* The value of KEY in a file of lines KEY=VALUE or "KEY : VALUE", quotes stripped. */
static bool value_of(const char *path, const char *key, char separator, char *out, size_t size)
{
	static char text[16384];
	char *line, *rest = text;
	size_t n = strlen(key);

	if (file_text(path, text, sizeof text) <= 0)
		return false;
	while ((line = strsep(&rest, "\n"))) {
		char *value = strchr(line, separator);

		if (!value || strncmp(line, key, n) || line + n + strspn(line + n, " \t") != value)
			continue;
		value += 1 + strspn(value + 1, " \t\"'");
		value[strcspn(value, "\"'")] = '\0';
		snprintf(out, size, "%s", value);
		return *out != '\0';
	}
	return false;
}

static json_t *mhz(void)
{
	char path[100], text[64] = "";

	snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_cur_freq", topology_get()->allowed[0]);
	if (file_line(path, text, sizeof text))
		return number_or_null(text, 1e-3);
	value_of("/proc/cpuinfo", "cpu MHz", ':', text, sizeof text);
	return number_or_null(text, 1);
}

static json_t *caches(void)
{
	const struct topology *t = topology_get();
	json_t *list = json_array();

	for (int i = 0; i < t->cache_count; i++)
		json_array_append_new(list, json_pack("{s:i, s:I, s:i, s:i}", "level", t->caches[i].level, "bytes",
											  (json_int_t)t->caches[i].bytes, "shared_by", t->caches[i].shared_by,
											  "instances", t->caches[i].instances));
	return list;
}

static json_t *counters(void)
{
	json_t *events = json_object();
	const char *why = counters_why_not_hw();

	for (int c = 0; c < COUNTERS; c++) {
		const char *absent = counters_absent((enum counter)c);

		json_object_set_new(events, counter_info[c].name,
							absent ? json_pack("{s:s}", "absent", absent)
								   : json_pack("{s:s}", "source", counters_source((enum counter)c)));
	}
	return json_pack("{s:s, s:o, s:o}", "tier", counters_tier(), "why_not_hw", text_or_null(why), "events", events);
}

static void find_os(char *out, size_t size)
{
	char name[100] = "", version[60] = "";

	if (!value_of("/etc/os-release", "NAME", '=', name, sizeof name)) {
		snprintf(out, size, "Linux");
		return;
	}
	if (strstr(name, " GNU/Linux"))
		*strstr(name, " GNU/Linux") = '\0';
	value_of("/etc/os-release", "VERSION_ID", '=', version, sizeof version);
	snprintf(out, size, "%s%s%s", name, *version ? " " : "", version);
}

json_t *machine_record(void)
{
	const struct topology *t = topology_get();
	char host[256] = "", stamp[32] = "", governor[64] = "", paranoid[32] = "", path[100], os[200];
	double load1;
	time_t now = time(NULL);
	struct tm utc;
	struct utsname kernel;
	json_t *machine, *allowed = json_array();
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);

	if (gmtime_r(&now, &utc))
		strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
	if (gethostname(host, sizeof host - 1))
		host[0] = '\0';
	if (uname(&kernel))
		kernel.release[0] = '\0';
	for (int i = 0; i < t->allowed_count; i++)
		json_array_append_new(allowed, json_integer(t->allowed[i]));
	snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor", t->allowed[0]);
	file_line(path, governor, sizeof governor);
	file_line("/proc/sys/kernel/perf_event_paranoid", paranoid, sizeof paranoid);
	find_os(os, sizeof os);

	machine = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s}", "lockstep", 1, "t", "machine", "machine",
						machine_fingerprint(), "line", machine_line(), "time", stamp, "suite", LOCKSTEP_VERSION);
	json_object_set_new(machine, "host", text_or_null(host));
	json_object_set_new(machine, "os", text_or_null(os));
	json_object_set_new(machine, "kernel", text_or_null(kernel.release));
	json_object_set_new(machine, "cpu", text_or_null(t->cpu_model));
	json_object_set_new(machine, "packages", json_integer(t->packages));
	json_object_set_new(machine, "cores", json_integer(t->cores));
	json_object_set_new(machine, "threads", json_integer(t->threads));
	json_object_set_new(machine, "allowed", allowed);
	json_object_set_new(machine, "usable", json_integer(topology_usable()));
	json_object_set_new(machine, "quota_cores", t->quota_cores > 0 ? json_real(t->quota_cores) : json_null());
	json_object_set_new(machine, "caches", caches());
	json_object_set_new(machine, "numa_nodes", json_integer(t->numa_nodes));
	json_object_set_new(machine, "memory_bytes",
						pages > 0 && page > 0 ? json_integer((json_int_t)pages * page) : json_null());
	json_object_set_new(machine, "governor", text_or_null(governor));
	json_object_set_new(machine, "mhz", mhz());
	json_object_set_new(machine, "load1", getloadavg(&load1, 1) == 1 ? json_real(load1) : json_null());
	json_object_set_new(machine, "vm", text_or_null(machine_vm()));
	json_object_set_new(machine, "perf_event_paranoid",
						*paranoid ? json_integer(strtol(paranoid, NULL, 10)) : json_null());
	json_object_set_new(machine, "counters", counters());
	json_object_set_new(machine, "compiler", json_string(COMPILER));
	json_object_set_new(machine, "flags", json_string(flags()));
#ifdef LOCKSTEP_COMMIT
	json_object_set_new(machine, "commit", text_or_null(LOCKSTEP_COMMIT));
#else
	json_object_set_new(machine, "commit", json_null());
#endif
	json_object_set_new(machine, "parts",
						json_pack("{s:b, s:b, s:b, s:b}", "papi", HAVE_PAPI, "mpi", HAVE_MPI, "cuda", HAVE_CUDA,
								  "opencl", HAVE_OPENCL));
	return machine;
}

/* "Intel(R) Xeon(R) Gold 6226 CPU @ 2.70GHz" -> "Intel Xeon Gold 6226". */
static void short_cpu(const char *model, char *out, size_t size)
{
	static const char *const marks[] = {"(R)", "(r)", "(TM)", "(tm)"};
	static const char *const words[] = {"CPU", "Processor", "processor"};
	char text[160], *word, *rest = text;
	size_t n = 0;

	snprintf(text, sizeof text, "%s", model);
	text[strcspn(text, "@")] = '\0';
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		for (char *at; (at = strstr(text, marks[i]));)
			memset(at, ' ', strlen(marks[i]));
	out[0] = '\0';
	while ((word = strsep(&rest, " "))) {
		bool plain = *word != '\0';

		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			plain &= strcmp(word, words[i]) != 0;
		if (strstr(word, "-Core"))
			plain = false;
		if (plain && n < size)
			n += (size_t)snprintf(out + n, size - n, "%s%s", n ? " " : "", word);
	}
}

const char *machine_line(void)
{
	static char line[600];
	const struct topology *t = topology_get();
	const char *vm = machine_vm();
	char cpu[160], os[200], usable[40] = "";

	short_cpu(t->cpu_model, cpu, sizeof cpu);
	find_os(os, sizeof os);
	if (topology_usable() != t->cores)
		snprintf(usable, sizeof usable, " (%d usable)", topology_usable());
	snprintf(line, sizeof line, "%d core%s%s, %s%s, %s, %s %s", t->cores, t->cores == 1 ? "" : "s", usable,
			 *cpu ? cpu : "processor not named", vm && strcmp(vm, "none") ? " (VM)" : "", os, COMPILER_SHORT, flags());
	return line;
}

/* FNV-1a, 64 bit (Fowler, Noll, Vo). */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return (hash ^ 0xff) * 0x100000001b3u; /* a byte that no text holds ends each part */
}

const char *machine_fingerprint(void)
{
	static char id[17];
	const struct topology *t = topology_get();
	uint64_t hash = 0xcbf29ce484222325u;
	char part[200];

	snprintf(part, sizeof part, "%d %d %d %d %d %.3f", t->packages, t->cores, t->threads, t->numa_nodes,
			 t->allowed_count, t->quota_cores);
	hash = hash_text(hash_text(hash, t->cpu_model), part);
	for (int i = 0; i < t->cache_count; i++) {
		snprintf(part, sizeof part, "%d %zu %d %d", t->caches[i].level, t->caches[i].bytes, t->caches[i].shared_by,
				 t->caches[i].instances);
		hash = hash_text(hash, part);
	}
	hash = hash_text(hash_text(hash, COMPILER), flags());
	snprintf(id, sizeof id, "%016" PRIx64, hash);
	return id;
}
