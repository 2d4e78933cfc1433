/* The interference gate. The machine may be busy with anything while this runs, so nothing here says that it was quiet.
 * What holds anyway: our own time and foreign time together can't exceed the processors' time (own work counted as
 * foreign would break that, because our burners take all there is), and a burner that is not ours must be seen. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels/bench/clock.h"
#include "kernels/bench/gate.h"
#include "tests/tap.h"

enum { CPUS_MAX = 2, TRIES = 5 };
static const int64_t SECOND = 1000000000;

static int cpus;
static int go_on = 1; /* for threads, atomic */

/* Narrows this process to at most two processors before the topology is read, so that few burners fill them. */
static void narrow(void)
{
	cpu_set_t all, few;
	CPU_ZERO(&few);
	if (sched_getaffinity(0, sizeof all, &all))
		bail_out("no affinity");
	for (int c = 0; c < CPU_SETSIZE && cpus < CPUS_MAX; c++)
		if (CPU_ISSET(c, &all)) {
			CPU_SET(c, &few);
			cpus++;
		}
	if (sched_setaffinity(0, sizeof few, &few))
		bail_out("affinity refused");
}

static void work(void)
{
	for (volatile int i = 0; i < 200000; i++)
		;
}

static void *burn_thread(void *unused)
{
	while (__atomic_load_n(&go_on, __ATOMIC_RELAXED))
		work();
	return unused;
}

static void sleep_ns(int64_t ns)
{
	struct timespec t = {ns / SECOND, ns % SECOND};
	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

/* own: our CPU time in the interval by another clock than the gate's. Ticks may be off by one per processor and end,
 * and by the share that sampling may err. */
static void bounded(double foreign, int64_t own, int64_t wall, const char *name)
{
	double most = (double)cpus * (double)wall, slack = 0.1 * (double)cpus * 1e9 + 0.1 * most;
	diag("foreign %.3f cores beside %.3f own, %d processors, %.2f s", foreign, (double)own / (double)wall, cpus, (double)wall / 1e9);
	ok(foreign >= 0 && foreign * (double)wall + (double)own <= most + slack, "%s", name);
}

static void own_threads(void)
{
	pthread_t thread[CPUS_MAX];
	struct gate g;
	__atomic_store_n(&go_on, 1, __ATOMIC_RELAXED);
	gate_begin(&g);
	int64_t begin = now_ns(), cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	for (int i = 0; i < cpus; i++)
		if (pthread_create(&thread[i], NULL, burn_thread, NULL))
			bail_out("no thread");
	sleep_ns(SECOND);
	__atomic_store_n(&go_on, 0, __ATOMIC_RELAXED);
	for (int i = 0; i < cpus; i++)
		pthread_join(thread[i], NULL);
	double foreign = gate_end(&g);
	bounded(foreign, clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu, now_ns() - begin, "our threads are not foreign");
}

/* A child that works until the pipe's other end is closed (or we die), at most 20 s. */
static void burn_until_closed(int fd) __attribute__((noreturn));
static void burn_until_closed(int fd)
{
	alarm(20);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	while (poll(&p, 1, 0) == 0)
		work();
	_exit(0);
}

static int64_t cpu_of(pid_t pid)
{
	clockid_t id;
	return clock_getcpuclockid(pid, &id) ? -1 : clock_ns(id);
}

/* Children through their whole life: forked before or after the gate opens, alive or reaped when it closes. */
static void own_children(bool born_before, bool reaped_inside, const char *name)
{
	int fd[2];
	pid_t child[CPUS_MAX];
	int64_t used[CPUS_MAX] = {0}, own = 0;
	struct gate g;
	if (pipe(fd))
		bail_out("no pipe");
	fflush(NULL);
	if (!born_before)
		gate_begin(&g);
	for (int i = 0; i < cpus; i++) {
		child[i] = fork();
		if (child[i] < 0)
			bail_out("no child");
		if (child[i] == 0) {
			close(fd[1]);
			burn_until_closed(fd[0]);
		}
	}
	close(fd[0]);
	if (born_before) {
		sleep_ns(SECOND);
		for (int i = 0; i < cpus; i++)
			used[i] = cpu_of(child[i]);
		gate_begin(&g);
	}
	int64_t begin = now_ns();
	sleep_ns(SECOND);
	for (int i = 0; i < cpus; i++)
		own += cpu_of(child[i]) - used[i];
	if (reaped_inside) {
		close(fd[1]);
		for (int i = 0; i < cpus; i++)
			waitpid(child[i], NULL, 0);
	}
	double foreign = gate_end(&g);
	int64_t wall = now_ns() - begin;
	if (!reaped_inside) {
		close(fd[1]);
		for (int i = 0; i < cpus; i++)
			waitpid(child[i], NULL, 0);
	}
	bounded(foreign, own, wall, name);
}

/* Starts a burner that is nobody's child: its parent is gone. Returns its pid. */
static pid_t stranger(const int fd[2])
{
	int tell[2];
	pid_t pid = -1;
	if (pipe(tell))
		bail_out("no pipe");
	fflush(NULL);
	pid_t middle = fork();
	if (middle < 0)
		bail_out("no child");
	if (middle == 0) {
		setsid();
		pid = fork();
		if (pid == 0) {
			close(fd[1]);
			close(tell[0]);
			close(tell[1]);
			burn_until_closed(fd[0]);
		}
		_exit(write(tell[1], &pid, sizeof pid) != sizeof pid);
	}
	close(tell[1]);
	if (read(tell[0], &pid, sizeof pid) != sizeof pid)
		pid = -1;
	close(tell[0]);
	waitpid(middle, NULL, 0);
	return pid;
}

/* Watches a stranger for a second, beside `own` threads of ours that work too. False when it got less than half a core. */
static bool watch(pid_t pid, int own, double *foreign, double *burnt)
{
	pthread_t thread[CPUS_MAX];
	struct gate g;
	__atomic_store_n(&go_on, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < own; i++)
		if (pthread_create(&thread[i], NULL, burn_thread, NULL))
			bail_out("no thread");
	gate_begin(&g);
	int64_t begin = now_ns(), before = cpu_of(pid);
	sleep_ns(SECOND);
	*burnt = (double)(cpu_of(pid) - before) / (double)(now_ns() - begin);
	*foreign = gate_end(&g);
	__atomic_store_n(&go_on, 0, __ATOMIC_RELAXED);
	for (int i = 0; i < own; i++)
		pthread_join(thread[i], NULL);
	diag("foreign %.3f cores, the burner used %.3f, own threads %d", *foreign, *burnt, own);
	return *burnt > 0.5;
}

static void foreign_burner(void)
{
	static const char *const name[2] = {"a burner that is not ours is seen as foreign, more than half a core",
					    "and is not lost beside our own work"};
	int fd[2];
	if (pipe(fd))
		bail_out("no pipe");
	pid_t pid = stranger(fd);
	close(fd[0]);
	for (int own = 0; own < 2; own++) {
		double foreign = NAN, burnt = 0, slack = 0.05 * cpus;
		bool ran = false;
		for (int i = 0; i < TRIES && pid > 0 && !ran; i++) /* until it got enough of the machine */
			ran = watch(pid, own, &foreign, &burnt) && burnt > 0.65 - 0.15 * own;
		if (ran)
			ok(foreign > 0.5 - own * slack && foreign > burnt - 0.1 - slack, "%s", name[own]);
		else
			skip(name[own], "the machine is too busy to let the burner run");
	}
	close(fd[1]);
}

/* The arithmetic, on intervals made 100 s long by hand: beside that, what the machine does meanwhile is small. */
static void forged(void)
{
	struct gate g;
	gate_begin(&g);
	g.wall_ns -= 100 * SECOND;
	double nothing = gate_end(&g);
	g.busy_ticks -= 200 * sysconf(_SC_CLK_TCK);
	double all = gate_end(&g);
	g.own_ns -= 50 * SECOND;
	double less = gate_end(&g);
	g.own_ns -= 200 * SECOND;
	double none = gate_end(&g);
	near(nothing, 0, 0.1, "nothing in 100 s: 0 cores");
	near(all, 2, 0.1, "200 s of CPU in 100 s: 2 cores");
	near(less, 1.5, 0.1, "50 s of them ours: 1.5");
	ok(none == 0, "more ours than was seen (ticks are coarse): 0, not less");
}

int main(void)
{
	narrow();
	/* As child of a subreaper or of init the stranger would come back to us: it must not. */
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	struct gate g;
	gate_begin(&g);
	for (int64_t begin = now_ns(); now_ns() - begin < SECOND / 2;)
		work();
	if (isnan(gate_end(&g))) {
		skip("the interference gate", "/proc/stat can't be read or does not count here");
		return tap_done();
	}
	if (getpid() == 1) {
		skip("the interference gate", "as process 1 every orphan is ours");
		return tap_done();
	}
	struct gate unreadable = {.wall_ns = now_ns() - SECOND};
	ok(isnan(gate_end(&unreadable)), "not readable: NaN, not 0");
	struct gate blind = g;
	blind.busy_ticks += 1000000;
	blind.own_ns -= SECOND;
	ok(isnan(gate_end(&blind)), "a /proc/stat that lacks our own time is not believed");
	forged();
	own_threads();
	own_children(false, true, "children born and reaped inside are not foreign");
	own_children(true, false, "nor are children that live through (a pool of workers)");
	own_children(true, true, "nor children born before and reaped inside");
	foreign_burner();
	return tap_done();
}
