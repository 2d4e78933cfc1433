/* A slow-down seen without a clock: the instructions that the top rung of each kernel takes at one small size with one worker, counted
 * by valgrind (callgrind, the run function only) and compared with tests/instructions.txt. UPDATE=1 writes that file anew; a kernel
 * that is not in it yet is only told. Counts hold for one compiler, one set of flags and one instruction set: with others, and without
 * valgrind, this is skipped. */
#include <unistd.h>
#include "kernels/bench/bench.h"
#include "kernels/bench/util.h"
#include "kernels/simd.h"
#include "tests/parts.h"
#include "tests/tap.h"

#define TOLERANCE 0.03
#define SHRINK 64.0 /* the size has this part of the work of a teaching run */
#define BUILD "gcc " __VERSION__ ", " BUILD_FLAGS
enum { KERNELS_MAX = 128 };
static const char file[] = "tests/instructions.txt";

struct row {
	char kernel[64], variant[64];
	double size, instructions; /* NaN: differs from run to run */
};
static struct row rows[KERNELS_MAX]; /* on file */

/* ---- what is counted, in a process of its own ---- */

int counted_run(struct job *job);
__attribute__((noinline)) int counted_run(struct job *job) { return job->variant->run(job); }

static struct job job_of(const struct kernel *kernel, const struct variant *variant, double size)
{
	struct job job = {.kernel = kernel, .variant = variant, .workers = 1, .seed = 1};
	for (int i = 0; kernel->params[i].name; i++)
		job.arg[i] = i ? kernel->params[i].preset : size;
	return job;
}

static int run_once(char **argv)
{
	const struct kernel *kernel = bench_kernel(argv[1]);
	const struct variant *variant = kernel ? bench_variant(kernel, argv[2]) : NULL;
	double size;
	if (!variant || !util_number(argv[3], &size))
		return EXIT_USAGE;
	struct job job = job_of(kernel, variant, size);
	bool good = !kernel->prepare(&job);
	if (good && kernel->reset)
		kernel->reset(&job);
	good = good && !counted_run(&job) && kernel->verify(&job).right;
	kernel->release(&job);
	return good ? EXIT_RIGHT : EXIT_WRONG;
}

/* ---- counting ---- */

/* NaN when valgrind could not. */
static double count(const struct row *row)
{
	char self[4096], line[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	double found = NAN;
	if (n < 0)
		return NAN;
	self[n] = '\0';
	char *command = xasprintf("LOCKSTEP_SIMD=avx2 timeout 120 valgrind --tool=callgrind --callgrind-out-file=/dev/null "
				  "--toggle-collect=counted_run '%s' %s %s %.0f 2>&1", self, row->kernel, row->variant, row->size);
	FILE *out = popen(command, "re");
	while (out && fgets(line, sizeof line, out)) {
		const char *at = strstr(line, "Collected : ");
		if (at)
			found = strtod(at + 12, NULL);
	}
	int status = out ? pclose(out) : -1;
	free(command);
	return status == 0 && found > 0 ? found : NAN;
}

/* The last rung whose only worker is the calling thread, for only that one is counted: serial, which the parallel rungs share their loops
 * with; where there is none, OpenMP's team of one. */
static const struct variant *top(const struct kernel *kernel)
{
	const struct variant *best = NULL;
	for (const struct variant *v = kernel->variants; v->name; v++)
		if (!v->wrong && !v->blocks && !(v->unavailable && v->unavailable()) &&
		    (v->kind == KIND_SERIAL || (v->kind == KIND_OPENMP && (!best || best->kind == KIND_OPENMP))))
			best = v;
	return best;
}

/* ---- the file ---- */

static int read_rows(char *build, size_t size)
{
	FILE *f = fopen(file, "re");
	char line[512], number[64];
	int n = 0;
	build[0] = '\0';
	while (f && fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "# build: ", 9))
			snprintf(build, size, "%.200s", line + 9);
		struct row *r = &rows[n];
		if (*line == '#' || n == KERNELS_MAX || sscanf(line, "%63s %63s %lf %63s", r->kernel, r->variant, &r->size, number) != 4)
			continue;
		r->instructions = strcmp(number, "varies") ? strtod(number, NULL) : NAN;
		n++;
	}
	if (f)
		fclose(f);
	return n;
}

static int update(void)
{
	FILE *f = fopen(file, "we");
	if (!f)
		bail_out("tests/instructions.txt can't be written");
	fprintf(f, "# Instructions of one run of the top rung with one worker: kernel, variant, size, count. Written by UPDATE=1 (tests/t1-instructions.c).\n"
		   "# build: %s\n", BUILD);
	for (int i = 0; i < bench_kernel_count(); i++) {
		const struct kernel *kernel = bench_kernel_at(i);
		const struct variant *variant = top(kernel);
		if (!variant)
			continue;
		double arg[KERNEL_ARGS_MAX] = {0};
		for (int k = 0; kernel->params[k].name; k++)
			arg[k] = kernel->params[k].preset;
		struct row row = {.size = bench_scaled_size(kernel, arg, 1 / SHRINK)};
		row.size = row.size < 1 ? 1 : row.size;
		snprintf(row.kernel, sizeof row.kernel, "%s", kernel->name);
		snprintf(row.variant, sizeof row.variant, "%s", variant->name);
		double first = count(&row), again = count(&row);
		bool same = fabs(first - again) <= TOLERANCE / 3 * first;
		fprintf(f, same ? "%-14s %-16s %10.0f %.0f\n" : "%-14s %-16s %10.0f varies\n", row.kernel, row.variant, row.size, first);
		fflush(f);
		ok(true, "%s %s: %.0f instructions%s", row.kernel, row.variant, first, same ? "" : ", not alike in two runs");
	}
	fclose(f);
	return tap_done();
}

static void compare(int i)
{
	char name[512];
	const struct row *row = &rows[i];
	const struct kernel *kernel = bench_kernel(row->kernel);
	const struct variant *variant = kernel ? bench_variant(kernel, row->variant) : NULL;
	snprintf(name, sizeof name, "%.63s %.63s, size %.0f", row->kernel, row->variant, row->size);
	if (!variant)
		skip(name, "there is no such variant any more: UPDATE=1 writes the file anew");
	else if (isnan(row->instructions))
		skip(name, "differs from run to run");
	else {
		double now = count(row);
		ok(now <= row->instructions * (1 + TOLERANCE), "%s: at most %.0f %% more instructions than the %.0f on file", name, 100 * TOLERANCE,
		   row->instructions);
		if (!(fabs(now - row->instructions) <= TOLERANCE * row->instructions))
			diag("%.0f now, %+.1f %%%s", now, 100 * (now / row->instructions - 1), now < row->instructions ? ": UPDATE=1 keeps the gain" : "");
	}
}

int main(int argc, char **argv)
{
	char build[256];
	if (argc == 4)
		return run_once(argv);
#ifdef SANITIZED
	skip("instructions", "sanitizers and valgrind do not go together");
	return tap_done();
#endif
	if (system("valgrind --version >/dev/null 2>&1")) {
		skip("instructions", "valgrind is not here (package valgrind)");
		return tap_done();
	}
	if (simd_best() < SIMD_AVX2) {
		skip("instructions", "the counts are of AVX2, which this processor lacks");
		return tap_done();
	}
	if (getenv("UPDATE"))
		return update();
	int n = read_rows(build, sizeof build);
	if (strcmp(build, BUILD)) {
		diag("on file: %s; this build: %s", build, BUILD);
		skip("instructions", "counted with another compiler or other flags");
		return tap_done();
	}
	parts(n, compare);
	for (int i = 0; i < bench_kernel_count(); i++) {
		bool there = false;
		for (int k = 0; k < n; k++)
			there = there || !strcmp(rows[k].kernel, bench_kernel_at(i)->name);
		if (!there && top(bench_kernel_at(i)))
			diag("%s is not in %s yet: UPDATE=1 adds it", bench_kernel_at(i)->name, file);
	}
	if (!n)
		skip("instructions", "nothing on file: UPDATE=1 writes it");
	return tap_done();
}
