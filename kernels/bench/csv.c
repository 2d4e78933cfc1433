/* A run as CSV: one line a configuration, every field of its point (RFC 4180 quoting, lines end in LF). */
#include "kernels/bench/text.h"

#include <locale.h>
#include <math.h>
#include <string.h>

static void put_text(FILE *out, const char *text)
{
	text = text ? text : "";
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void put_real(FILE *out, double x)
{
	fputc(',', out);
	if (!isnan(x))
		fprintf(out, "%.9g", x);
}

static void put_estimate(FILE *out, struct estimate e)
{
	put_real(out, e.mid);
	put_real(out, e.lo);
	put_real(out, e.hi);
}

static void put_point(FILE *out, const struct rec_machine *machine, const struct rec_run *run, const struct rec_point *p)
{
	const struct rec_variant *v = recset_variant(run, p->variant);
	const char *const texts[] = {run->id, run->kernel, machine ? machine->fingerprint : NULL, p->variant, v ? v->kind : NULL};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		put_text(out, texts[i]);
		fputc(',', out);
	}
	fprintf(out, "%d,", p->workers);
	put_text(out, isnan(p->at) ? NULL : run->sweep);
	put_real(out, p->at);
	put_real(out, run->size);
	fprintf(out, ",%d,%d", p->tried, p->kept);
	put_estimate(out, p->seconds);
	put_estimate(out, p->speedup);
	put_estimate(out, p->self);
	put_real(out, p->efficiency);
	put_estimate(out, p->capacity);
	put_real(out, p->bandwidth_ceiling);
	put_estimate(out, p->karp_flatt);
	put_real(out, p->flops_per_second);
	put_real(out, p->bytes_per_second);
	put_real(out, p->work);
	fprintf(out, ",%d,%d,%d,%d,%d\n", p->right, p->busy, p->oversubscribed, p->final, run->partial || !run->ended);
}

void csv_run(FILE *out, const struct recset *set, const struct rec_run *run, bool header)
{
	const struct rec_machine *machine =
		run->machine >= 0 && (size_t)run->machine < set->machines.n ? &set->machines.v[run->machine] : NULL;
	locale_t own = uselocale((locale_t)0), plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);

	if (header)
		fputs("run,kernel,machine,variant,kind,workers,sweep,at,size,tried,kept,seconds,seconds_lo,seconds_hi,speedup,"
		      "speedup_lo,speedup_hi,self,self_lo,self_hi,efficiency,capacity,capacity_lo,capacity_hi,bandwidth_ceiling,"
		      "karp_flatt,karp_flatt_lo,karp_flatt_hi,flops_per_second,bytes_per_second,work,right,busy,oversubscribed,"
		      "final,partial\n",
		      out);
	if (plain)
		uselocale(plain);
	for (size_t i = 0; i < run->points.n; i++)
		put_point(out, machine, run, &run->points.v[i]);
	if (plain) {
		uselocale(own);
		freelocale(plain);
	}
}
