/* The machine record is complete, true where it can be checked, and the same twice. */
#include <ctype.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels/bench/counters.h"
#include "kernels/bench/file.h"
#include "kernels/bench/machine.h"
#include "kernels/bench/topology.h"
#include "tests/tap.h"

/* n(umber), s(tring), a(rray), o(bject), b(oolean); capital: or null */
static const struct {
	const char *name;
	char type;
} fields[] = {
	{"lockstep", 'n'}, {"t", 's'},		  {"machine", 's'},		 {"line", 's'},		{"time", 's'},
	{"suite", 's'},	   {"host", 'S'},	  {"cpu", 'S'},			 {"cores", 'n'},	{"threads", 'n'},
	{"allowed", 'a'},  {"usable", 'n'},	  {"quota_cores", 'N'},	 {"caches", 'a'},	{"numa_nodes", 'n'},
	{"governor", 'S'}, {"mhz", 'N'},	  {"load1", 'N'},		 {"vm", 'S'},		{"perf_event_paranoid", 'N'},
	{"counters", 'o'}, {"compiler", 's'}, {"flags", 's'},		 {"commit", 'S'},	{"parts", 'o'},
	{"os", 'S'},	   {"kernel", 'S'},	  {"memory_bytes", 'N'}, {"packages", 'n'},
};

static bool has_type(const json_t *value, char type)
{
	if (isupper((unsigned char)type) && json_is_null(value))
		return true;
	switch (tolower((unsigned char)type)) {
	case 'n':
		return json_is_number(value);
	case 's':
		return json_is_string(value) && json_string_length(value) > 0;
	case 'a':
		return json_is_array(value);
	case 'o':
		return json_is_object(value);
	default:
		return json_is_boolean(value);
	}
}

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void counters(const json_t *machine)
{
	const json_t *c = json_object_get(machine, "counters"), *events = json_object_get(c, "events");
	bool right = true;

	is(text_of(c, "tier"), counters_tier(), "the tier of the counters");
	ok(!strcmp(counters_tier(), "hw") == json_is_null(json_object_get(c, "why_not_hw")),
	   "why not hardware, unless hardware");
	ok(json_object_size(events) == COUNTERS, "every counter is listed");
	for (int i = 0; i < COUNTERS; i++) {
		const json_t *event = json_object_get(events, counter_info[i].name);
		const char *why = counters_absent((enum counter)i);

		right &=
			json_object_size(event) == 1 && (why ? !strcmp(text_of(event, "absent"), why)
												 : !strcmp(text_of(event, "source"), counters_source((enum counter)i)));
	}
	ok(right, "each with its source, or its reason for absence");
}

/* The fingerprint of a process held to one core. */
static void other_fingerprint(char *out, size_t size)
{
	int ends[2], status;
	pid_t pid;
	ssize_t got;
	cpu_set_t all, one;

	if (pipe(ends) || sched_getaffinity(0, sizeof all, &all) || (pid = fork()) < 0)
		bail_out("no child");
	if (pid == 0) {
		CPU_ZERO(&one);
		for (int i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++)
			if (CPU_ISSET(i, &all))
				CPU_SET(i, &one);
		sched_setaffinity(0, sizeof one, &one);
		_exit(write(ends[1], machine_fingerprint(), 16) != 16);
	}
	got = read(ends[0], out, size - 1);
	out[got > 0 ? got : 0] = '\0';
	waitpid(pid, &status, 0);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	char alone[32], id[32];
	json_t *machine, *again, *parts;
	char *dump;
	bool plain = true;

	other_fingerprint(alone, sizeof alone);
	machine = machine_record();
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		ok(has_type(json_object_get(machine, fields[i].name), fields[i].type), "%s is there, of its type",
		   fields[i].name);
	ok(json_integer_value(json_object_get(machine, "lockstep")) == 1, "major version 1");
	is(text_of(machine, "t"), "machine", "kind of record");
	is(text_of(machine, "line"), machine_line(), "the line");
	is(text_of(machine, "suite"), LOCKSTEP_VERSION, "the version of the suite");
	ok(strlen(text_of(machine, "time")) == 20 && text_of(machine, "time")[19] == 'Z', "time in UTC, ISO 8601");
	ok(json_array_size(json_object_get(machine, "allowed")) == (size_t)topology_get()->allowed_count,
	   "all allowed threads");
	ok(json_integer_value(json_object_get(machine, "usable")) == topology_usable(), "usable workers");
	ok(json_array_size(json_object_get(machine, "caches")) == (size_t)topology_get()->cache_count, "all caches");
	for (const char *p = machine_line(); *p; p++)
		plain &= !iscntrl((unsigned char)*p);
	ok(plain && strlen(machine_line()) > 20 && machine_line()[strlen(machine_line()) - 1] != ' ', "%s", machine_line());
	parts = json_object_get(machine, "parts");
	ok(json_is_true(json_object_get(parts, "papi")) == HAVE_PAPI &&
		   json_is_true(json_object_get(parts, "mpi")) == HAVE_MPI &&
		   json_is_true(json_object_get(parts, "cuda")) == HAVE_CUDA &&
		   json_is_true(json_object_get(parts, "opencl")) == HAVE_OPENCL && json_object_size(parts) == 4,
	   "the parts that were built in");
	counters(machine);

	snprintf(id, sizeof id, "%s", machine_fingerprint());
	ok(strlen(id) == 16 && strspn(id, "0123456789abcdef") == 16, "the fingerprint has 16 hex digits");
	is(machine_fingerprint(), id, "and is the same twice");
	is(text_of(machine, "machine"), id, "and in the record");
	if (topology_get()->allowed_count > 1)
		ok(strcmp(alone, id) && strlen(alone) == 16, "held to one core it is another (%s)", alone);
	else
		skip("another fingerprint on fewer cores", "one core only");
#if defined(__x86_64__)
	static char cpuinfo[8192];
	file_text("/proc/cpuinfo", cpuinfo, sizeof cpuinfo);
	ok(machine_vm() && !!strstr(cpuinfo, " hypervisor") == !!strcmp(machine_vm(), "none"),
	   "virtual or not as Linux sees it (%s)", machine_vm());
#endif
	dump = json_dumps(machine, JSON_COMPACT);
	again = dump ? json_loads(dump, 0, NULL) : NULL;
	ok(again && json_equal(machine, again) && !strchr(dump, '\n'), "one line of JSON that reads back equal");
	free(dump);
	json_decref(again);
	json_decref(machine);
	return tap_done();
}
