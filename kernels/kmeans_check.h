/* The check of kernels/kmeans.c: means in integers, labels in long double. Included there, where its data is known. */
#ifndef LOCKSTEP_KMEANS_CHECK_H
#define LOCKSTEP_KMEANS_CHECK_H

/* With integers: the sum of squares to the first centres. */
static double first_inertia(const struct data *d)
{
	size_t stride = d->points.stride;
	uint64_t total = 0;
	for (size_t i = 0; i < d->n; i++) {
		uint64_t best = UINT64_MAX;
		for (size_t c = 0; c < d->k; c++) {
			uint64_t square = 0;
			for (size_t k = 0; k < d->points.dimensions; k++) {
				int32_t difference = (int32_t)d->points.x[i * stride + k] - (int32_t)d->start[c * stride + k];
				square += (uint32_t)(difference * difference);
			}
			best = square < best ? square : best;
		}
		total += best;
	}
	return (double)total;
}

/* True when all is well; else says what is not. */
static bool same(struct outcome *o, const char *what, size_t place, double want, double got, double tolerance)
{
	if (fabs(got - want) <= tolerance)
		return true;
	o->right = false;
	o->expected = want;
	o->observed = got;
	snprintf(o->text, sizeof o->text, "%s %zu expected %.17g, observed %.17g (tolerance %.2g)", what, place, want, got, tolerance);
	return false;
}

static long double square_of(const struct data *d, const double *x, size_t c)
{
	long double square = 0;
	for (size_t k = 0; k < d->points.dimensions; k++)
		square += ((long double)x[k] - d->used[c * d->points.stride + k]) * ((long double)x[k] - d->used[c * d->points.stride + k]);
	return square;
}

/* The means of the points by their labels, in integers: must be the centres. */
static bool means(struct outcome *o, const struct data *d)
{
	size_t stride = d->points.stride, k = d->k;
	int64_t *sum = calloc(k * (stride + 1) + 1, sizeof *sum), *count = sum + k * stride;
	bool good = sum != NULL;
	if (!good)
		snprintf(o->text, sizeof o->text, "no memory to check the means with");
	for (size_t i = 0; i < d->n && good; i++) {
		uint32_t c = d->label[i];
		good = c < k || same(o, "label of point", i, 0, c, (double)k - 1);
		for (size_t j = 0; j < stride && good; j++)
			sum[c * stride + j] += (int64_t)d->points.x[i * stride + j];
		count[good ? c : 0]++;
	}
	for (size_t c = 0; c < k && good; c++)
		for (size_t j = 0; j < d->points.dimensions && good; j++) {
			size_t at = c * stride + j;
			double want = count[c] ? (double)sum[at] / (double)count[c] : d->used[at];
			good = same(o, "a number of centre", c, want, d->centre[at], 0);
		}
	free(sum);
	return o->right = good;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.right = true, .expected = d->first_inertia, .observed = d->inertia[0]};
	size_t stride = d->points.stride;
	if (!same(&o, "sum of squares, iteration", 1, d->first_inertia, d->inertia[0], 0) || !means(&o, d))
		return o;
	for (size_t i = 1; i < d->iterations; i++)
		if (!(d->inertia[i] <= d->inertia[i - 1] * (1 + 1e-12))) {
			same(&o, "grown sum of squares, iteration", i + 1, d->inertia[i - 1], d->inertia[i], 0);
			return o;
		}
	double last = 0;
	for (size_t i = 0; i < d->n; i++)
		last += (double)square_of(d, d->points.x + i * stride, d->label[i]);
	if (!same(&o, "sum of squares by labels, iteration", d->iterations, last, d->inertia[d->iterations - 1], 1e-9 * (last + 1)))
		return o;
	for (size_t k = 0; k < 200 && k < d->n; k++) {
		size_t i = d->n <= 200 ? k : rng_at(job->seed ^ 0x5A3E, k) % d->n;
		const double *x = d->points.x + i * stride;
		long double mine = square_of(d, x, d->label[i]);
		for (size_t c = 0; c < d->k; c++) {
			bool twin = !memcmp(d->used + c * stride, d->used + d->label[i] * stride, stride * sizeof *d->used);
			if ((twin && c < d->label[i]) || square_of(d, x, c) < mine - 1e-12L * (d->squares / (double)d->n + mine)) {
				same(&o, "label of point", i, (double)c, d->label[i], 0);
				return o;
			}
		}
	}
	snprintf(o.text, sizeof o.text,
		 "first sum of squares expected %.15g, observed %.15g (exact, as the means are; labels within 1e-12; last %.6g)", o.expected,
		 o.observed, d->inertia[d->iterations - 1]);
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->n)
		return false;
	if (where & 1 && d->k > 1)
		d->label[(where >> 1) % d->n] = (d->label[(where >> 1) % d->n] + 1) % (uint32_t)d->k;
	else
		d->centre[(where >> 1) % d->k * d->points.stride + (where >> 32) % d->points.dimensions] += 1e-9;
	return true;
}

#endif
