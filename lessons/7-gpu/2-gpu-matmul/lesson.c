/* The same product, closer and closer to the registers                                                      ★★★
 *
 * What you learn: a device has far more arithmetic than memory can feed. A product of matrices uses every number n times, so what
 * counts is where it is fetched from: the device's memory (naive), memory that a block shares (tiles), or a thread's own registers
 * (a tile of the result each). The more numbers a thread keeps, the fewer threads fit at once: occupancy. The last rung is the
 * vendor's library.
 *
 * How the number is made: two matrices of --size rows of 4-byte floats are copied to the device, the product comes back; both
 * transfers are counted in the run's time and told apart by the device's clock. The product is checked exactly: the entries are
 * whole and small, so every sum fits a float, and Freivalds' test compares C r with A (B r) in integers. The share is of the
 * multiply-add rate measured on the same device, without matrix units. `held`: share of the threads that the device can hold
 * at once which it holds of this kernel. */
#include <stdio.h>
#include "kernels/kernel.h"
#include "kernels/runtime/device.h"
#include "lessons/lesson.h"
#include "lessons/recorded.h"

extern const struct kernel kernel_gpu_matmul; /* kernels/gpu_matmul.c, gpu_matmul.cl, gpu_matmul.cu */

static const char *given_device;
static const char *pick_device(const char *name) { return opencl_choose(name); }

/* ---- how often is a number fetched from the device's memory? counted, not timed ------------------------------------ */

//> fetches
/* Numbers fetched from the device's memory for one product of side n, when blocks of `rows` x `columns` elements of C are made
 * from tiles that each block fetches once: every block needs `rows` rows of A and `columns` columns of B. */
static double fetches(double n, double rows, double columns)
{
	double blocks = (n / rows) * (n / columns);
	return blocks * (rows * n + columns * n);
}
//< fetches

static int demo_fetches(struct telling *t)
{
	static const struct {
		const char *name;
		double side;
	} ways[] = {{N_("naive, one element each"), 1}, {N_("tiles of 16 x 16"), 16}, {N_("tiles of 32 x 32"), 32}, {N_("blocks of 128 x 128"), 128}};
	const double n = 4096, flops = 2 * n * n * n;
	tell(t, "n = 4096: %.3g operations", flops);
	for (int i = 0; i < 4; i++) {
		double numbers = fetches(n, ways[i].side, ways[i].side);
		tell(t, "%-24s %8.3g numbers fetched, %5.2f operations a byte", _(ways[i].name), numbers, flops / (4 * numbers));
	}
	double times = fetches(n, 1, 1) / fetches(n, 32, 32);
	tell_figure(t, times, 32);
	tell_check(t, times == 32, "tiles of 32 x 32 fetch %.0f times less than naive", times);
	return 0;
}

static int demo_recorded(struct telling *t) { return recorded_tell(t, "gpu-matmul"); }
static const char *no_record(void) { return recorded_missing("gpu-matmul"); }

static const struct demo demos[] = {
	{"fetches", "how many numbers each way fetches from the device's memory: counted", .run = demo_fetches},
	{"recorded", "a run recorded on a GPU, with machine, date and command", .run = demo_recorded, .unavailable = no_record},
	{0},
};

static const struct lesson_option options[] = {
	{"device", "NAME", "the OpenCL device to use: a part of its name or its platform's", NULL, &given_device, NULL, pick_device},
	{0},
};

static const struct lesson lesson = {
	.id = "gpu-matmul", .level = 3, .minutes_min = 33, .minutes_max = 52, .needs = "gpu-sum", .dir = LESSON_DIR,
	.kernels = (const struct kernel *const[]){&kernel_gpu_matmul, NULL}, .threads = "max",
	.demos = demos, .options = options,
};
int main(int argc, char **argv) { return lesson_main(&lesson, argc, argv); }
