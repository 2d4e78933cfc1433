/* Orders on made-up machines, quotas from made-up cgroup trees, and binding on this machine. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels/bench/topology.h"
#include "tests/tap.h"

enum { MANY = 64 };

struct answer {
	int packages, cores, threads, numa, allowed, allowed_cores, usable, caches;
	struct cache cache[8];
	int compact[MANY], spread[MANY], none[MANY];
};

/* What topology says in a process of its own: the topology is read once. synthetic NULL: this machine; cpu: bound
 * before. */
static bool ask(const char *synthetic, int cpu, struct answer *a)
{
	int ends[2], status;
	pid_t pid;
	ssize_t got;

	memset(a, 0, sizeof *a);
	if (pipe(ends) || (pid = fork()) < 0)
		bail_out("no child");
	if (pid == 0) {
		cpu_set_t set;
		const struct topology *t;

		CPU_ZERO(&set);
		if (cpu >= 0) {
			CPU_SET(cpu, &set);
			if (sched_setaffinity(0, sizeof set, &set))
				_exit(1);
		}
		if (synthetic)
			setenv("HWLOC_SYNTHETIC", synthetic, 1);
		t = topology_get();
		*a = (struct answer){t->packages,	   t->cores,		  t->threads,	  t->numa_nodes, t->allowed_count,
							 t->allowed_cores, topology_usable(), t->cache_count, .cache = {{0}}};
		memcpy(a->cache, t->caches, sizeof a->cache);
		topology_order(PIN_COMPACT, a->compact, MANY);
		topology_order(PIN_SPREAD, a->spread, MANY);
		topology_order(PIN_NONE, a->none, MANY);
		_exit(write(ends[1], a, sizeof *a) != sizeof *a);
	}
	close(ends[1]);
	got = read(ends[0], a, sizeof *a);
	close(ends[0]);
	waitpid(pid, &status, 0);
	return got == sizeof *a;
}

static void same(const int *got, const int *want, int n, const char *name)
{
	bool equal = !memcmp(got, want, (size_t)n * sizeof *got);

	ok(equal, "%s", name);
	for (int i = 0; !equal && i < n; i++)
		diag("place %d: got %d, expected %d", i, got[i], want[i]);
}

static void orders(void)
{
	static const int compact[] = {0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 1, 3};
	static const int spread[] = {0, 16, 8, 24, 2, 18, 10, 26, 4, 20, 12, 28, 6, 22, 14, 30, 1, 17, 9, 25};
	static const int uneven[] = {0, 3, 1, 4, 2, 5, 0, 3};
	struct answer a;

	ok(ask("pack:2 numa:2 core:4 pu:2", -1, &a), "a machine of 2 packages, 4 NUMA nodes, 16 cores, 32 threads is read");
	ok(a.packages == 2 && a.numa == 4 && a.cores == 16 && a.threads == 32, "its parts are counted (%d, %d, %d, %d)",
	   a.packages, a.numa, a.cores, a.threads);
	ok(a.allowed == 32 && a.allowed_cores == 16, "32 threads on 16 cores are allowed (%d, %d)", a.allowed,
	   a.allowed_cores);
	same(a.compact, compact, 18, "compact: package by package, one thread a core first");
	same(a.spread, spread, 20, "spread: packages, then NUMA nodes in turn, one thread a core first");
	ok(a.compact[32] == a.compact[0] && a.spread[63] == a.spread[31], "orders repeat after the last thread");
	ok(a.none[0] == -1 && a.none[MANY - 1] == -1, "none: no thread is named");

	ok(ask("pack:2 core:3 pu:1", -1, &a), "a machine of 2 packages with 3 cores each is read");
	same(a.spread, uneven, 8, "spread deals over packages and starts again after 6");

	ok(ask("pack:1 l3:2(size=8388608) l2:2(size=1048576) core:1 pu:2", -1, &a), "a machine with caches is read");
	ok(a.caches == 2 && a.cache[0].level == 2 && a.cache[0].bytes == 1048576 && a.cache[0].instances == 4 &&
		   a.cache[0].shared_by == 2,
	   "L2: 4 of 1 MiB, each for 2 threads");
	ok(a.caches == 2 && a.cache[1].level == 3 && a.cache[1].bytes == 8388608 && a.cache[1].instances == 2 &&
		   a.cache[1].shared_by == 4,
	   "L3: 2 of 8 MiB, each for 4 threads");
}

/* ---- quotas ------------------------------------------------------------------------------------------------------ */

static char root[] = "/tmp/lockstep-cgroup-XXXXXX";

/* Makes root/path with this content, folders and all. */
static void put(const char *path, const char *content)
{
	char full[600];
	FILE *f;

	snprintf(full, sizeof full, "%s/%s", root, path);
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0700);
		*p = '/';
	}
	f = fopen(full, "w");
	if (!f || fputs(content, f) < 0 || fclose(f))
		bail_out("can't write the fixture");
}

static double quota(const char *membership, const char *tree)
{
	char groups[600], sys[600];

	put("cgroup", membership);
	snprintf(groups, sizeof groups, "%s/cgroup", root);
	snprintf(sys, sizeof sys, "%s/%s", root, tree);
	return topology_quota_from(groups, sys);
}

static void quotas(void)
{
	char command[100];

	if (!mkdtemp(root))
		bail_out("no temporary folder");
	put("v2/a/b/cpu.max", "max 100000\n");
	put("v2/a/cpu.max", "150000 100000\n");
	near(quota("0::/a/b\n", "v2"), 1.5, 0, "v2: a limit further up the tree holds");
	put("v2/a/b/cpu.max", "50000 100000\n");
	near(quota("0::/a/b\n", "v2"), 0.5, 0, "v2: a tighter one further down wins");
	put("v2/a/b/cpu.max", "400000 100000\n");
	near(quota("0::/a/b\n", "v2"), 1.5, 0, "v2: a wider one further down does not");
	near(quota("0::/other\n", "v2"), 0, 0, "v2: a group without a limit has none");
	put("box/cpu.max", "200000 100000\n");
	near(quota("0::/docker/123\n", "box"), 2, 0,
		 "v2: in a container, where the host's path does not exist, its root counts");
	put("v1/cpu,cpuacct/g/cpu.cfs_quota_us", "75000\n");
	put("v1/cpu,cpuacct/g/cpu.cfs_period_us", "50000\n");
	near(quota("5:memory:/g\n4:cpu,cpuacct:/g\n0::/\n", "v1"), 1.5, 0, "v1: quota over period");
	put("v1/cpu,cpuacct/g/cpu.cfs_quota_us", "-1\n");
	near(quota("4:cpu,cpuacct:/g\n", "v1"), 0, 0, "v1: -1 is no limit");
	near(quota("9:cpuset:/g\n8:cpuacct:/g\n", "v1"), 0, 0, "v1: other controllers are passed over");
	put("mixed/cpu/g/cpu.cfs_quota_us", "300000\n");
	put("mixed/cpu/g/cpu.cfs_period_us", "100000\n");
	put("mixed/unified/u/cpu.max", "250000 100000\n");
	near(quota("1:cpu:/g\n0::/u\n", "mixed"), 2.5, 0, "both versions at once: the tighter one");
	put("v2/bad/cpu.max", "abc\n");
	near(quota("0::/bad\n", "v2"), 0, 0, "nonsense is no limit");
	near(quota("", "v2"), 0, 0, "no membership, no limit");
	near(quota("no colons here\n0:\n::\n", "v2"), 0, 0, "torn lines are passed over");
	near(topology_quota_from("/nonexistent", "/nonexistent"), 0, 0, "no file, no limit");
	snprintf(command, sizeof command, "rm -r %s", root);
	ok(system(command) == 0, "fixtures removed");
}

/* ---- binding ----------------------------------------------------------------------------------------------------- */

static void binding(void)
{
	const struct topology *t = topology_get();
	cpu_set_t all, now;
	bool there = true, alone = true;

	ok(t->cores >= 1 && t->threads >= t->cores && t->packages >= 1, "this machine has cores");
	ok(t->allowed_count >= 1 && t->allowed_cores >= 1 && t->allowed_cores <= t->allowed_count, "some may be used");
	ok(topology_usable() >= 1 && topology_usable() <= t->allowed_cores, "usable lies between 1 and the allowed cores");
	sched_getaffinity(0, sizeof all, &all);
	ok(CPU_COUNT(&all) == t->allowed_count, "allowed is what the kernel says");
	for (int i = 0; i < t->allowed_count; i++) {
		there &= topology_confine(&t->allowed[i], 1) && sched_getcpu() == t->allowed[i];
		sched_getaffinity(0, sizeof now, &now);
		alone &= CPU_COUNT(&now) == 1;
	}
	ok(there && alone, "confined to each allowed thread in turn, and there alone");
	sched_setaffinity(0, sizeof all, &all);
	ok(topology_confine(&t->allowed[t->allowed_count - 1], 1), "the same again");
	sched_getaffinity(0, sizeof now, &now);
	ok(CPU_EQUAL(&now, &all), "is remembered and not asked of the kernel");
	ok(topology_confine(t->allowed, 1) && topology_confine(NULL, 0), "confined to one, then to none");
	sched_getaffinity(0, sizeof now, &now);
	ok(CPU_EQUAL(&now, &all), "gives all back");
	errno = 0;
	ok(!topology_confine((const int[]){100000}, 1) && errno == EINVAL, "a thread that does not exist is refused");
	errno = 0;
	ok(!topology_confine((const int[]){-7}, 1) && errno == EINVAL, "a negative one too");
	ok(topology_confine(t->allowed, 1) && topology_confine(NULL, 0), "and a refusal is not remembered");
	sched_getaffinity(0, sizeof now, &now);
	ok(CPU_EQUAL(&now, &all), "as what the thread has");
}

int main(void)
{
	struct answer a, b;
	cpu_set_t all;
	int cpu = 0;

	orders();
	sched_getaffinity(0, sizeof all, &all);
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	ok(ask(NULL, cpu, &a) && ask(NULL, -1, &b), "this machine is read, free and held to one hardware thread");
	ok(a.allowed == 1 && a.allowed_cores == 1 && a.usable == 1 && a.compact[0] == cpu && a.spread[1] == cpu,
	   "held to one, it offers one");
	ok(a.cores == b.cores && a.threads == b.threads, "but counts the whole machine");
	quotas();
	binding();
	return tap_done();
}
