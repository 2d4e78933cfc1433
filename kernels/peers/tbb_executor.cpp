/* oneTBB: a task_group that one thread fills, and one in which each task makes two more.
 * needs: libtbb-dev
 * libs: -ltbb */
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>
#include <tbb/version.h>
#include "kernels/peers/input_executor.h"

static bool prepare(struct peer_job *job)
{
	new tbb::global_control(tbb::global_control::max_allowed_parallelism, (size_t)job->threads); /* as long as the program lives */
	return executor_prepare(job);
}

static void node(executor *d, tbb::task_group &group, uint64_t i)
{
	executor_task(d, tbb::this_task_arena::current_thread_index(), i);
	for (uint64_t child = 2 * i + 1; child <= 2 * i + 2 && child < d->n; child++)
		group.run([d, &group, child] { node(d, group, child); });
}

static void run(struct peer_job *job)
{
	auto *d = static_cast<executor *>(job->data);
	tbb::task_group group;
	if (d->tree && d->n)
		group.run([d, &group] { node(d, group, 0); });
	for (uint64_t i = 0; !d->tree && i < d->n; i++)
		group.run([d, i] { executor_task(d, tbb::this_task_arena::current_thread_index(), i); });
	group.wait();
}

static const struct peer peers[] = {
	{.name = "TBB task_group", .kernel = "executor", .library = "oneTBB " TBB_VERSION_STRING, .workers = "any", .params = nullptr,
	 .prepare = prepare, .reset = executor_reset, .run = run, .check = executor_check, .unavailable = nullptr},
	{},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
