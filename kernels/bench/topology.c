/* Cores, caches and pinning, through hwloc; the CPU quota from the cgroup file system. */
#include "kernels/bench/topology.h"

#include <errno.h>
#include <hwloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/bench/file.h"
#include "kernels/bench/util.h"

/* A physical core with the hardware threads of it that we may use. */
struct unit {
	int *thread;
	int count;
};

static struct topology machine;
static int *order_compact, *order_spread; /* allowed_count entries each */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static _Thread_local uint64_t confined; /* key of the set, 0: never called in this thread */

/* ---- cgroup quota ------------------------------------------------------------------------------------------------ */

/* Cores that one cgroup folder allows; 0 where it sets no limit or has no such file. */
static double quota_of_folder(const char *folder, bool v2)
{
	char path[4200], text[128];
	double quota, period;

	if (v2) {
		snprintf(path, sizeof path, "%s/cpu.max", folder);
		if (file_text(path, text, sizeof text) > 0 && sscanf(text, "%lf %lf", &quota, &period) == 2 && quota > 0 &&
			period > 0)
			return quota / period;
		return 0;
	}
	snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
	if (file_text(path, text, sizeof text) <= 0 || sscanf(text, "%lf", &quota) != 1 || quota <= 0)
		return 0; /* -1: no limit */
	snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
	if (file_text(path, text, sizeof text) <= 0 || sscanf(text, "%lf", &period) != 1 || period <= 0)
		return 0;
	return quota / period;
}

/* Walks from the folder of a group up to the root of its hierarchy: each level may limit, the tightest counts. Levels
 * that do not exist here are passed over: inside a container the path may be the host's. */
static double quota_up(const char *mount, const char *group, bool v2)
{
	char folder[4096];
	size_t root = (size_t)snprintf(folder, sizeof folder, "%s", mount);
	double best = 0;

	if (root >= sizeof folder ||
		(size_t)snprintf(folder + root, sizeof folder - root, "%s", group) >= sizeof folder - root)
		return 0;
	for (;;) {
		double quota = quota_of_folder(folder, v2);
		char *slash = strrchr(folder + root, '/');

		if (quota > 0 && (best == 0 || quota < best))
			best = quota;
		if (!slash)
			return best;
		*slash = '\0';
	}
}

static bool has_controller(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (!strncmp(list, name, n) && (list[n] == ',' || !list[n]))
			return true;
	return false;
}

double topology_quota_from(const char *cgroup_file, const char *sys_root)
{
	static const char *const v1[] = {"cpu", "cpu,cpuacct", "cpuacct,cpu"};
	char text[16384], mount[4096], *line, *rest = text;
	double best = 0;

	if (file_text(cgroup_file, text, sizeof text) <= 0)
		return 0;
	while ((line = strsep(&rest, "\n"))) { /* ID:controllers:/path */
		char *list = strchr(line, ':'), *group = list ? strchr(list + 1, ':') : NULL;
		double found[4] = {0};

		if (!group)
			continue;
		*group++ = '\0';
		list++;
		if (!*list) {
			found[0] = quota_up(sys_root, group, true);
			snprintf(mount, sizeof mount, "%s/unified", sys_root);
			found[1] = quota_up(mount, group, true);
		} else if (has_controller(list, "cpu")) {
			for (size_t i = 0; i < sizeof v1 / sizeof *v1; i++) {
				snprintf(mount, sizeof mount, "%s/%s", sys_root, v1[i]);
				found[i] = quota_up(mount, group, false);
			}
		}
		for (size_t i = 0; i < sizeof found / sizeof *found; i++)
			if (found[i] > 0 && (best == 0 || found[i] < best))
				best = found[i];
	}
	return best;
}

/* ---- orders ------------------------------------------------------------------------------------------------------ */

/* The units below obj, as far apart as possible: the lists of its children dealt in turn. Returns their number. */
static int spread_units(hwloc_obj_t obj, hwloc_obj_type_t unit_type, const struct unit *unit, int *out)
{
	int total = 0, n = 0, weight = hwloc_bitmap_weight(obj->cpuset);
	int *list, *end, *next;

	if (obj->type == unit_type) {
		*out = (int)obj->logical_index;
		return unit[obj->logical_index].count > 0;
	}
	if (!obj->arity || weight <= 0)
		return 0;
	list = xmalloc((size_t)weight * sizeof *list);
	end = xmalloc(obj->arity * sizeof *end);
	next = xmalloc(obj->arity * sizeof *next);
	for (unsigned i = 0; i < obj->arity; i++) {
		next[i] = total;
		total += spread_units(obj->children[i], unit_type, unit, list + total);
		end[i] = total;
	}
	while (n < total)
		for (unsigned i = 0; i < obj->arity; i++)
			if (next[i] < end[i])
				out[n++] = list[next[i]++];
	free(list);
	free(end);
	free(next);
	return total;
}

/* One hardware thread of every unit in the given order, then the second ones, and so on. */
static int *order_threads(const struct unit *unit, const int *units, int count, int total)
{
	int *order = xmalloc((size_t)total * sizeof *order), n = 0;

	for (int k = 0; n < total; k++)
		for (int i = 0; i < count; i++)
			if (k < unit[units[i]].count)
				order[n++] = unit[units[i]].thread[k];
	return order;
}

static void find_orders(hwloc_topology_t hw, hwloc_const_cpuset_t allowed)
{
	hwloc_obj_type_t type = hwloc_get_nbobjs_by_type(hw, HWLOC_OBJ_CORE) > 0 ? HWLOC_OBJ_CORE : HWLOC_OBJ_PU;
	int count = hwloc_get_nbobjs_by_type(hw, type), used = 0;
	struct unit *unit = xcalloc((size_t)count, sizeof *unit);
	int *list = xcalloc((size_t)count, sizeof *list);

	for (int i = 0; i < count; i++) {
		hwloc_obj_t core = hwloc_get_obj_by_type(hw, type, (unsigned)i), pu = NULL;

		unit[i].thread = xcalloc((size_t)hwloc_bitmap_weight(core->cpuset), sizeof *unit[i].thread);
		while ((pu = hwloc_get_next_obj_inside_cpuset_by_type(hw, core->cpuset, HWLOC_OBJ_PU, pu)))
			if (hwloc_bitmap_isset(allowed, pu->os_index))
				unit[i].thread[unit[i].count++] = (int)pu->os_index;
		if (unit[i].count)
			list[used++] = i;
	}
	machine.allowed_cores = used;
	order_compact = order_threads(unit, list, used, machine.allowed_count);
	used = spread_units(hwloc_get_root_obj(hw), type, unit, list);
	order_spread = order_threads(unit, list, used, machine.allowed_count);
	for (int i = 0; i < count; i++)
		free(unit[i].thread);
	free(unit);
	free(list);
}

/* ---- what there is ----------------------------------------------------------------------------------------------- */

static void find_caches(hwloc_topology_t hw)
{
	static const hwloc_obj_type_t types[] = {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE, HWLOC_OBJ_L4CACHE,
											 HWLOC_OBJ_L5CACHE};

	for (size_t t = 0; t < sizeof types / sizeof *types; t++)
		for (hwloc_obj_t c = NULL; (c = hwloc_get_next_obj_by_type(hw, types[t], c));) {
			struct cache seen = {.level = (int)t + 1,
								 .bytes = c->attr->cache.size,
								 .shared_by = hwloc_bitmap_weight(c->cpuset),
								 .instances = 1};
			int i = 0;

			/* cores of two kinds have caches of two sizes: one line each */
			while (i < machine.cache_count &&
				   (machine.caches[i].level != seen.level || machine.caches[i].bytes != seen.bytes ||
					machine.caches[i].shared_by != seen.shared_by))
				i++;
			if (i < machine.cache_count)
				machine.caches[i].instances++;
			else if (i < (int)(sizeof machine.caches / sizeof *machine.caches))
				machine.caches[machine.cache_count++] = seen;
		}
}

static void find_model(hwloc_topology_t hw)
{
	hwloc_obj_t package = hwloc_get_obj_by_type(hw, HWLOC_OBJ_PACKAGE, 0);
	const char *model = hwloc_obj_get_info_by_name(package ? package : hwloc_get_root_obj(hw), "CPUModel");

	if (model)
		util_printable(model, machine.cpu_model, sizeof machine.cpu_model);
}

/* All that the kernel lets this process use; in a made-up topology (HWLOC_SYNTHETIC) all of it. */
static void find_allowed(hwloc_topology_t hw, hwloc_bitmap_t allowed)
{
	hwloc_bitmap_t mine = hwloc_bitmap_alloc();
	int n = 0;
	unsigned i;

	if (!mine)
		goto out;
	hwloc_bitmap_copy(allowed, hwloc_topology_get_allowed_cpuset(hw));
	if (hwloc_topology_is_thissystem(hw) && !hwloc_get_cpubind(hw, mine, HWLOC_CPUBIND_THREAD)) {
		hwloc_bitmap_and(mine, mine, allowed);
		if (!hwloc_bitmap_iszero(mine))
			hwloc_bitmap_copy(allowed, mine);
	}
	machine.allowed = xcalloc((size_t)hwloc_bitmap_weight(allowed), sizeof *machine.allowed);
	hwloc_bitmap_foreach_begin(i, allowed) machine.allowed[n++] = (int)i;
	hwloc_bitmap_foreach_end();
	machine.allowed_count = n;
out:
	hwloc_bitmap_free(mine);
}

static void read_machine(void)
{
	hwloc_topology_t hw;
	hwloc_bitmap_t allowed = hwloc_bitmap_alloc();

	setenv("HWLOC_HIDE_ERRORS", "2", 0); /* its warnings on stderr would spoil the screen */
	if (!allowed || hwloc_topology_init(&hw)) {
		fprintf(stderr, "lockstep: hwloc: out of memory\n");
		exit(EXIT_RESOURCE);
	}
	hwloc_topology_set_flags(hw, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
	if (hwloc_topology_load(hw)) {
		fprintf(stderr, "lockstep: hwloc cannot read this machine's topology: %s\n", strerror(errno));
		exit(EXIT_RESOURCE);
	}
	machine.threads = hwloc_get_nbobjs_by_type(hw, HWLOC_OBJ_PU);
	machine.cores = hwloc_get_nbobjs_by_type(hw, HWLOC_OBJ_CORE);
	machine.packages = hwloc_get_nbobjs_by_type(hw, HWLOC_OBJ_PACKAGE);
	machine.numa_nodes = hwloc_get_nbobjs_by_type(hw, HWLOC_OBJ_NUMANODE);
	if (machine.cores <= 0)
		machine.cores = machine.threads;
	if (machine.packages <= 0)
		machine.packages = 1;
	find_allowed(hw, allowed);
	find_orders(hw, allowed);
	find_caches(hw);
	find_model(hw);
	machine.quota_cores = topology_quota_from("/proc/self/cgroup", "/sys/fs/cgroup");
	hwloc_topology_destroy(hw);
	hwloc_bitmap_free(allowed);
}

const struct topology *topology_get(void)
{
	pthread_once(&once, read_machine);
	return &machine;
}

int topology_usable(void)
{
	const struct topology *t = topology_get();
	int usable = t->allowed_cores;

	if (t->quota_cores > 0 && t->quota_cores < usable)
		usable = (int)t->quota_cores;
	return usable > 1 ? usable : 1;
}

void topology_order(enum pin pin, int *order, int n)
{
	const struct topology *t = topology_get();
	const int *from = pin == PIN_SPREAD ? order_spread : order_compact;

	for (int i = 0; i < n; i++)
		order[i] = pin == PIN_NONE ? -1 : from[i % t->allowed_count];
}

/* A number for a set, never 0 (FNV-1a). */
static uint64_t key_of(const int *cpus, int n)
{
	uint64_t key = UINT64_C(14695981039346656037);
	for (int i = 0; i < n; i++)
		key = (key ^ (uint64_t)(unsigned)cpus[i]) * UINT64_C(1099511628211);
	return key | 1;
}

bool topology_confine(const int *cpus, int n)
{
	const struct topology *t = topology_get();
	int highest = 0;

	if (n == 0) {
		cpus = t->allowed;
		n = t->allowed_count;
	}
	uint64_t key = key_of(cpus, n);
	if (key == confined)
		return true;
	for (int i = 0; i < n; i++) {
		if (cpus[i] < 0) {
			errno = EINVAL;
			return false;
		}
		highest = cpus[i] > highest ? cpus[i] : highest;
	}
	size_t size = CPU_ALLOC_SIZE((size_t)highest + 1);
	cpu_set_t *set = CPU_ALLOC((size_t)highest + 1);
	if (!set)
		return false;
	CPU_ZERO_S(size, set);
	for (int i = 0; i < n; i++)
		CPU_SET_S((size_t)cpus[i], size, set);
	bool done = sched_setaffinity(0, size, set) == 0;
	CPU_FREE(set);
	if (done)
		confined = key;
	return done;
}
