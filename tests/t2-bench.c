/* The bench on small kernels of its own: what it promises must hold whatever the machine is doing. */
#include "tests/tap.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>
#include "kernels/bench/bench.h"
#include "kernels/bench/lists.h"
#include "kernels/bench/machine.h"
#include "kernels/bench/text.h"
#include "kernels/bench/util.h"

/* ---- a kernel with a right variant, a variant wrong on purpose, a lazy one, and one that runs out of a resource ---- */
static uint64_t expected_of(const struct job *job) { return (uint64_t)job->arg[0] * (job->seed + 3); }

static int toy_prepare(struct job *job)
{
	job->data = calloc(1, sizeof(uint64_t));
	return job->data ? 0 : -1;
}

static void toy_release(struct job *job)
{
	free(job->data);
	job->data = NULL;
}

static uint64_t chain(const struct job *job, size_t first, size_t last)
{
	uint64_t sum = 0;
	for (size_t i = first; i < last; i++) {
		sum += job->seed + 3;
		__asm__ volatile("" : "+r"(sum));
	}
	return sum;
}

static int toy_serial(struct job *job)
{
	parallel_begin(job, 1);
	worker_begin(job, 0);
	*(uint64_t *)job->data = chain(job, 0, job_size(job));
	worker_end(job, 0);
	parallel_end(job);
	return 0;
}

struct share {
	struct job *job;
	int w;
	uint64_t sum;
};

static void *toy_share(void *arg)
{
	struct share *x = arg;
	struct slice s = slice_of(job_size(x->job), x->w, x->job->workers);
	worker_begin(x->job, x->w);
	x->sum = chain(x->job, s.first, s.last);
	worker_end(x->job, x->w);
	return NULL;
}

static int toy_threads(struct job *job)
{
	pthread_t thread[16];
	struct share share[16];
	uint64_t sum = 0;

	parallel_begin(job, job->workers);
	for (int w = 0; w < job->workers; w++) {
		share[w] = (struct share){job, w, 0};
		pthread_create(&thread[w], NULL, toy_share, &share[w]);
	}
	for (int w = 0; w < job->workers; w++) {
		pthread_join(thread[w], NULL);
		sum += share[w].sum;
	}
	parallel_end(job);
	*(uint64_t *)job->data = sum;
	return 0;
}

static int toy_off_by_one(struct job *job)
{
	toy_threads(job);
	*(uint64_t *)job->data += job->workers > 1;
	return 0;
}

static int toy_lazy(struct job *job)
{
	(void)job; /* a null kernel: leaves whatever was there */
	return 0;
}

static int toy_starved(struct job *job)
{
	(void)job;
	errno = EAGAIN;
	return -1;
}

static void nap(int tenths) { nanosleep(&(struct timespec){tenths / 10, tenths % 10 * 100000000L}, NULL); }

static int toy_slow(struct job *job)
{
	nap(job->workers > 1 ? 10 : 0);
	return toy_threads(job);
}

static int toy_slower(struct job *job)
{
	nap(2 * job->workers * job->workers);
	return toy_threads(job);
}

static int toy_alone(struct job *job)
{
	nap(job->workers > 1 ? 0 : 10);
	return toy_threads(job);
}

static const char *toy_never(void) { return "needs the package libnever-dev"; }

static struct outcome toy_verify(const struct job *job)
{
	struct outcome o = {.observed = (double)*(uint64_t *)job->data, .expected = (double)expected_of(job)};
	o.right = o.observed == o.expected;
	snprintf(o.text, sizeof o.text, "sum %.0f, expected %.0f (exact)", o.observed, o.expected);
	return o;
}

static double toy_flops(const struct job *job) { return job->arg[0]; }

static const struct variant toy_variants[] = {
	{.name = "serial", .about = "one after another", .kind = KIND_SERIAL, .run = toy_serial},
	{.name = "threads", .about = "slices", .kind = KIND_THREADS, .run = toy_threads},
	{.name = "off-by-one", .about = "slices", .kind = KIND_THREADS, .wrong = "counts one too many", .run = toy_off_by_one},
	{.name = "broken", .about = "slices", .kind = KIND_THREADS, .run = toy_off_by_one},
	{.name = "slow", .about = "sleeps when there are two", .kind = KIND_THREADS, .run = toy_slow, .blocks = true},
	{.name = "slower", .about = "sleeps more with more", .kind = KIND_THREADS, .run = toy_slower, .blocks = true},
	{.name = "alone", .about = "sleeps when there is one", .kind = KIND_THREADS, .run = toy_alone, .blocks = true},
	{.name = "starved", .about = "no threads left", .kind = KIND_THREADS, .run = toy_starved},
	{.name = "never", .about = "not here", .kind = KIND_OPENCL, .run = toy_lazy, .unavailable = toy_never},
	{0},
};

const struct kernel kernel_toy = {
	.name = "toy",
	.title = "A toy",
	.source = __FILE__,
	.params = {{"size", "steps", "steps in all", 0, 1e9, 2e6, false}, {"grain", "", "changes nothing", 1, 64, 1, false}},
	.flops = toy_flops,
	.prepare = toy_prepare,
	.variants = toy_variants,
	.verify = toy_verify,
	.release = toy_release,
};
KERNEL_REGISTER(kernel_toy);

static const struct variant lazy_variants[] = {
	{.name = "nothing", .about = "does nothing", .kind = KIND_SERIAL, .run = toy_lazy},
	{0},
};
const struct kernel kernel_lazy = {
	.name = "lazy", .title = "Nothing", .source = __FILE__, .params = {{"size", "steps", "", 1, 10, 5, false}},
	.prepare = toy_prepare, .variants = lazy_variants, .verify = toy_verify, .release = toy_release,
};
KERNEL_REGISTER(kernel_lazy);

static struct bench_plan plan_of(const struct kernel *kernel, const char *const *variants)
{
	struct bench_plan plan = {.kernel = kernel, .workers = {1, 2, 3}, .worker_count = 3, .sweep = -1, .rounds = 2, .seed = 7,
				  .command = "test", .probes = true, .budget_seconds = 6};
	for (; *variants; variants++)
		plan.variants[plan.variant_count++] = bench_variant(kernel, *variants);
	for (int i = 0; kernel->params[i].name; i++)
		plan.arg[i] = kernel->params[i].preset;
	return plan;
}

#define PLAN(kernel, ...) plan_of(&(kernel), (const char *const[]){__VA_ARGS__, NULL})

static struct recset *run(const struct bench_plan *plan, int *status)
{
	struct record_sink sink = {.file_fd = -1, .live_fd = -1, .set = recset_new()};
	record_write(&sink, machine_record(), false);
	*status = bench_run(plan, &sink);
	is(sink.set->complaint, NULL, "the reader accepts every record");
	return sink.set;
}

static void test_run(void)
{
	struct bench_plan plan = PLAN(kernel_toy, "threads", "off-by-one");
	int status, planned = 0;
	struct recset *set = run(&plan, &status);
	struct rec_run *r = recset_last(set);

	ok(status == 0, "a right result and an announced wrong one: exit 0, got %d", status);
	if (!ok(r != NULL, "a run was recorded"))
		bail_out("no run");
	is(r->baseline, "serial", "the baseline is the serial variant");
	for (size_t i = 0; i < r->samples.n; i++)
		planned += strcmp(r->samples.v[i].variant, "@spin") != 0;
	ok(planned > 0 && planned % 7 == 0, "every round measures 7 configurations: %d samples", planned);
	const struct rec_point *p = recset_point(r, "threads", 2, NAN), *wrong = recset_point(r, "off-by-one", 2, NAN);
	ok(p && p->right && p->final && p->speedup.mid > 0, "threads with 2 has a speedup");
	ok(wrong && !wrong->right && isnan(wrong->speedup.mid) && isnan(wrong->flops_per_second), "a wrong result has no speedup and no rate");
	const struct rec_verdict *v = recset_verdict(r, "off-by-one");
	ok(v && !v->right && v->wrong && v->wrong_runs > 0, "the wrong variant is caught");
	ok(recset_point(r, "threads", 3, NAN)->oversubscribed == (3 > topology_usable()), "more workers than cores are marked");
	for (size_t i = 0; i < r->budgets.n; i++) {
		const struct rec_budget *b = &r->budgets.v[i];
		int64_t sum = 0;
		for (int k = 0; k < PARTS; k++)
			sum += b->budget.part_ns[k];
		ok(sum == b->budget.total_ns && sum > 0, "%s with %d: the core-seconds sum exactly", b->variant, b->workers);
	}
	ok(p->kept >= 6 || p->busy, "fewer than 6 quiet rounds is no verdict");
	ok(!recset_fit(r, "threads", "amdahl", "fitted", NAN) || p->kept >= 6, "no law is fitted without a verdict");
	recset_free(set);
}

static void test_exit_codes(void)
{
	struct bench_plan broken = PLAN(kernel_toy, "broken"), starved = PLAN(kernel_toy, "starved"), lazy = PLAN(kernel_lazy, "nothing");
	int status;
	struct recset *set = run(&broken, &status);

	ok(status == EXIT_WRONG, "a wrong result that was not announced: exit 1, got %d", status);
	recset_free(set);
	diag("the next line on stderr is meant");
	set = run(&starved, &status);
	ok(status == EXIT_RESOURCE, "a resource that runs out: exit 3, got %d", status);
	recset_free(set);
	set = run(&lazy, &status);
	ok(status == EXIT_WRONG, "a null kernel fails verification, got %d", status);
	recset_free(set);
}

static void test_sweep_and_weak(void)
{
	struct bench_plan sweep = PLAN(kernel_toy, "threads"), weak = PLAN(kernel_toy, "threads");
	int status;

	sweep.sweep = 1;
	sweep.sweep_count = 2;
	sweep.sweep_value[0] = 1;
	sweep.sweep_value[1] = 8;
	sweep.rounds = 1;
	struct recset *set = run(&sweep, &status);
	struct rec_run *r = recset_last(set);
	is(r->sweep, "grain", "the swept parameter is named");
	ok(recset_point(r, "threads", 2, 1) && recset_point(r, "threads", 2, 8), "a point for every swept value");
	recset_free(set);

	weak.weak = true;
	weak.rounds = 1;
	set = run(&weak, &status);
	r = recset_last(set);
	near(recset_point(r, "threads", 3, NAN)->work, 3, 1e-6, "weak: three workers, three times the work");
	recset_free(set);
}

static bool says(const struct rec_run *r, const char *text)
{
	for (size_t i = 0; i < r->says.n; i++)
		if (r->says.v[i].about && !strcmp(r->says.v[i].about, "once") && strstr(r->says.v[i].text, text))
			return true;
	return false;
}

static int samples_of(const struct rec_run *r, const char *variant, int workers)
{
	int n = 0;
	for (size_t i = 0; i < r->samples.n; i++)
		n += !strcmp(r->samples.v[i].variant, variant) && r->samples.v[i].workers == workers;
	return n;
}

/* Six rounds of all would take far more than the budget: the others get theirs without the one that is too slow. */
static void test_too_slow(void)
{
	struct bench_plan plan = PLAN(kernel_toy, "threads", "slow");
	static char text[1 << 16];
	FILE *out = tmpfile();
	int status;
	plan.worker_count = 2;
	plan.rounds = 11;
	plan.budget_seconds = 5;
	struct recset *set = run(&plan, &status);
	const struct rec_run *r = recset_last(set);
	const struct rec_point *p = recset_point(r, "slow", 2, NAN), *other = recset_point(r, "threads", 2, NAN);
	ok(!status && says(r, "slow with 2: one run of 1"), "it is told that one run is longer than the time allows");
	ok(p && p->busy && p->tried == 1 && !p->kept && p->seconds.mid >= 1 && isnan(p->seconds.lo) && p->speedup.mid > 0,
	   "its point is the one run: no interval, no verdict");
	ok(!samples_of(r, "slow", 2) && other && other->tried == samples_of(r, "threads", 2) && other->tried == samples_of(r, "slow", 1),
	   "the others have all rounds, also the same code with one worker (%d)", other ? other->tried : 0);
	recset_free(set);

	plan = PLAN(kernel_toy, "threads", "alone");
	plan.worker_count = 2;
	plan.rounds = 11;
	plan.budget_seconds = 5;
	set = run(&plan, &status);
	r = recset_last(set);
	p = recset_point(r, "alone", 2, NAN);
	ok(!status && says(r, "alone with 1: one run of 1") && p && p->once && !recset_budget(r, "alone", 2, NAN),
	   "without its like with one worker two say nothing about themselves either");
	text_run(out, set, r, &(struct text_style){.utf8 = true, .width = 80});
	rewind(out);
	text[fread(text, 1, sizeof text - 1, out)] = '\0';
	fclose(out);
	ok(strstr(text, "○ one run") && !strstr(text, "rounds: no verdict (kept 0 of 1"), "the table tells of one run, and not of a busy machine");
	recset_free(set);

	plan = PLAN(kernel_toy, "threads", "slower");
	plan.rounds = 11;
	plan.budget_seconds = 4;
	set = run(&plan, &status);
	r = recset_last(set);
	ok(!status && says(r, "slower with 3 or more: not run, for with 2 a run took") && !recset_point(r, "slower", 3, NAN),
	   "where more workers take too long and longer still, even more are not tried");
	recset_free(set);

	plan = PLAN(kernel_toy, "slow");
	plan.worker_count = 2;
	plan.budget_seconds = 60;
	set = run(&plan, &status);
	r = recset_last(set);
	ok(!status && samples_of(r, "slow", 2) >= 2 && !says(r, ""), "with time enough it has its rounds");
	recset_free(set);
}

static void test_lists(void)
{
	static const char *const bad[] = {"", "0", "abc", "1,", ",1", "1,,2", "3-1", "-1", "1-", "1025", "1.5", "x", "99999999999", "1-2-3", " 1"};
	int list[64], n;
	char why[200];
	double x[4];

	ok(list_workers("4,1,2,2", 2, list, &n, 64, why, sizeof why) && n == 3 && list[0] == 1 && list[2] == 4, "a list is sorted, each once");
	ok(list_workers("1-4", 2, list, &n, 64, why, sizeof why) && n == 4, "a range");
	ok(list_workers("max,2x", 6, list, &n, 64, why, sizeof why) && n == 2 && list[0] == 6 && list[1] == 12, "max and 2x follow the cores");
	ok(!list_workers("1-100", 2, list, &n, 64, why, sizeof why), "too many counts are refused");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(!list_workers(bad[i], 2, list, &n, 64, why, sizeof why) && *why, "--threads '%s' is refused with a reason", bad[i]);
	ok(list_numbers("1k,2Ki", 0, 1e9, false, "", x, &n, 4, why, sizeof why) && x[0] == 1000 && x[1] == 2048, "SI suffixes");
	ok(!list_numbers("0.5", 0, 1, false, "", x, &n, 4, why, sizeof why) && list_numbers("0.5", 0, 1, true, "", x, &n, 4, why, sizeof why),
	   "fractions only where they are allowed");
	ok(!list_numbers("2", 0, 1, true, "", x, &n, 4, why, sizeof why), "out of range");
}

static void test_scaled(void)
{
	double arg[KERNEL_ARGS_MAX] = {1000, 1};
	near(bench_scaled_size(&kernel_toy, arg, 4), 4000, 0, "four times the work of a linear kernel is four times the size");
	arg[0] = 9e8;
	near(bench_scaled_size(&kernel_toy, arg, 4), 1e9, 0, "never beyond the kernel's range");
}

int main(void)
{
	counters_init(TIER_AUTO);
	ok(bench_kernel("toy") == &kernel_toy && !bench_kernel("nobody"), "the registry finds kernels by name");
	test_lists();
	test_scaled();
	test_run();
	test_exit_codes();
	test_sweep_and_weak();
	test_too_slow();
	return tap_done();
}
