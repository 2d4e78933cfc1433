/* What ran on an accelerator, as a table: transfer and compute apart. */
#include "kernels/bench/text_private.h"

#include <math.h>
#include <string.h>
#include "kernels/bench/util.h"

enum { NAME = 17, TIME = 9, RATE = 13, SHARE = 7, HELD = 5 };

/* Moves by bytes or by operations, whichever its ceiling is in: a product of matrices is rated in operations. */
static bool by_flops(const struct rec_run *run) { return run->flops > 4 * run->bytes; }

static void put_time(const struct page *page, double seconds)
{
	char text[32] = "—";
	if (seconds >= 0)
		util_seconds(seconds, page->style->utf8, text, sizeof text);
	page_cell(page, INK_PLAIN, text, TIME, true);
}

static void put_share(const struct page *page, double share, int width)
{
	char text[32] = "—";
	if (share >= 0)
		snprintf(text, sizeof text, share < 0.0995 ? "%.1f %%" : "%.0f %%", 100 * share);
	page_cell(page, INK_PLAIN, text, width, true);
}

static void put_row(const struct page *page, const struct rec_run *run, const struct rec_point *p)
{
	char text[64] = "—", figure[48];
	double work = by_flops(run) ? run->flops : run->bytes;

	page_cell(page, INK_BOLD, p->variant, NAME, false);
	put_time(page, p->seconds.mid);
	put_time(page, p->copy_in.mid);
	put_time(page, p->compute.mid);
	put_time(page, p->copy_out.mid);
	if (isnan(p->at) && work / p->compute.mid > 0) /* of a sweep, the work of each value is not told */
		snprintf(text, sizeof text, "%s%s", util_si(work / p->compute.mid, figure, sizeof figure), by_flops(run) ? "flop/s" : "B/s");
	page_cell(page, INK_PLAIN, text, RATE, true);
	put_share(page, p->of_ceiling, SHARE);
	put_share(page, p->occupancy, HELD);
	fputc('\n', page->out);
}

static void put_device(const struct page *page, const struct rec_device *d)
{
	char text[700], copy[32], f32[32], f64[32];
	snprintf(text, sizeof text, "%.140s, %.100s: copies %sB/s, computes %sflop/s in 4-byte floats%s%s%s (its ceilings, measured)",
		 d->name ? d->name : "?", d->via ? d->via : d->kind, util_si(d->copy_bytes_per_second, copy, sizeof copy),
		 util_si(d->f32_flops_per_second, f32, sizeof f32), d->f64_flops_per_second > 0 ? ", " : "",
		 d->f64_flops_per_second > 0 ? util_si(d->f64_flops_per_second, f64, sizeof f64) : "",
		 d->f64_flops_per_second > 0 ? "flop/s in 8-byte" : "");
	page_paragraph(page, INK_DIM, "", 0, text);
}

void text_devices(const struct page *page, const struct rec_run *run)
{
	static const struct {
		const char *text;
		int width;
	} head[] = {{"total", TIME}, {"copy in", TIME}, {"compute", TIME}, {"copy out", TIME}, {"computes", RATE}, {"share", SHARE},
		    {"held", HELD}};

	for (size_t k = 0; k < run->devices.n; k++) {
		const struct rec_device *d = &run->devices.v[k];
		fputc('\n', page->out);
		put_device(page, d);
		page_cell(page, INK_DIM, "on the device", NAME, false);
		for (size_t i = 0; i < sizeof head / sizeof *head; i++)
			page_cell(page, INK_DIM, head[i].text, head[i].width, true);
		fputc('\n', page->out);
		for (int i = 0; i < run->variant_count; i++) {
			const struct rec_point **list;
			size_t n = run->variants[i].kind && !strcmp(run->variants[i].kind, d->kind) ? text_points(run, run->variants[i].name, &list) : 0;
			for (size_t row = 0; row < n; row++)
				if (text_judge(run, list[row]) != JUDGED_WRONG)
					put_row(page, run, list[row]);
			if (n)
				free(list);
		}
	}
}
