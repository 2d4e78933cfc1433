/* The check of kernels/mlp.c: forward and backward once more, by loops of its own. Included there, where its data is known. */
#ifndef LOCKSTEP_MLP_CHECK_H
#define LOCKSTEP_MLP_CHECK_H

/* The check's own way: hidden units of a sample, what they should change by (NULL: not asked), and the loss. */
static long double forward(const struct data *d, const struct weights *w, size_t sample, double *h, long double dz[OUTPUTS])
{
	const double *x = d->x + sample * INPUTS;
	long double z[OUTPUTS], sum = 0;
	for (size_t j = 0; j < d->net.hidden; j++)
		h[j] = w->b[j];
	for (size_t k = INPUTS; k-- > 0;)
		for (size_t j = 0; j < d->net.hidden; j++)
			h[j] += x[k] * w->w[k * d->net.wide + j];
	for (size_t o = 0; o < OUTPUTS; o++) {
		z[o] = w->c[o];
		for (size_t j = 0; j < d->net.hidden; j++)
			z[o] += h[j] > 0 ? (long double)h[j] * w->v[o * d->net.wide + j] : 0;
		sum += expl(z[o]);
	}
	for (size_t o = 0; o < OUTPUTS; o++)
		dz[o] = (expl(z[o]) / sum - (o == d->label[sample])) / (long double)d->batch;
	return logl(sum) - z[d->label[sample]];
}

/* True when all is well; else says what is not. */
static bool same(struct outcome *o, const char *what, size_t place, double want, double got, double tolerance)
{
	if (fabs(got - want) <= tolerance)
		return true;
	o->right = false;
	o->expected = want;
	o->observed = got;
	snprintf(o->text, sizeof o->text, "%s %zu expected %.15g, observed %.15g (tolerance %.2g)", what, place, want, got, tolerance);
	return false;
}

/* The last step once more, for some hidden units: their weights after it. */
static bool last_step(struct outcome *out, const struct job *job, size_t units, double *h)
{
	const struct data *d = job->data;
	size_t hidden = d->net.hidden, wide = d->net.wide;
	enum { EACH = INPUTS + 1 + OUTPUTS };
	long double *slope = calloc(units * EACH + OUTPUTS, sizeof *slope), dz[OUTPUTS], loss = 0;
	bool good = slope != NULL;
	for (size_t i = 0; i < d->batch && good; i++) {
		loss += forward(d, &d->before, i, h, dz);
		for (size_t u = 0; u < units; u++) {
			size_t j = units == hidden ? u : rng_at(job->seed ^ 0x0117, u) % hidden;
			long double back = 0;
			if (!(h[j] > 0))
				continue;
			for (size_t o = 0; o < OUTPUTS; o++) {
				back += dz[o] * d->before.v[o * wide + j];
				slope[u * EACH + INPUTS + 1 + o] += dz[o] * h[j];
			}
			for (size_t k = 0; k < INPUTS; k++)
				slope[u * EACH + k] += back * d->x[i * INPUTS + k];
			slope[u * EACH + INPUTS] += back;
		}
		for (size_t o = 0; o < OUTPUTS; o++)
			slope[units * EACH + o] += dz[o];
	}
	for (size_t u = 0; u < units && good; u++)
		for (size_t k = 0; k < EACH && good; k++) {
			size_t at = k * wide + (units == hidden ? u : rng_at(job->seed ^ 0x0117, u) % hidden);
			good = same(out, "weight", at, (double)(d->before.w[at] - RATE * slope[u * EACH + k]), d->now.w[at], 1e-12);
		}
	for (size_t o = 0; o < OUTPUTS && good; o++)
		good = same(out, "weight c of output", o, (double)(d->before.c[o] - RATE * slope[units * EACH + o]), d->now.c[o], 1e-12);
	out->expected = (double)(loss * d->net.share);
	out->observed = d->loss[d->steps - 1];
	good = good && same(out, "loss of step", d->steps, out->expected, out->observed, 1e-11);
	free(slope);
	return good;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.right = true};
	size_t units = d->batch * d->net.hidden <= 20000 || d->net.hidden < 24 ? d->net.hidden : 24;
	if (!same(&o, "loss of step", 1, d->first_loss, d->loss[0], 1e-11))
		return o;
	for (size_t i = 1; i < d->steps; i++)
		if (!(d->loss[i] <= d->loss[i - 1])) {
			same(&o, "grown loss of step", i + 1, d->loss[i - 1], d->loss[i], 0);
			return o;
		}
	for (size_t i = 0; i < d->net.count && d->steps == 1; i++)
		if (!same(&o, "old weight", i, d->start.w[i], d->before.w[i], 0))
			return o;
	double *h = calloc(d->net.wide, sizeof *h);
	o.right = h && last_step(&o, job, units, h);
	free(h);
	if (!o.right && !o.text[0])
		snprintf(o.text, sizeof o.text, "no memory to check the weights with");
	if (o.right)
		snprintf(o.text, sizeof o.text, "loss of the last step expected %.12g, observed %.12g (1e-11; weights of %zu hidden units 1e-12)",
			 o.expected, o.observed, units);
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	size_t k = (where >> 32) % (INPUTS + 1 + OUTPUTS);
	d->now.w[k * d->net.wide + where % d->net.hidden] += 1e-9;
	return true;
}

#endif
