/* The check of kernels/nbody.c: what no pull among the bodies can change, and sums in long double. Included
 * there, where its data is known. */
#ifndef LOCKSTEP_NBODY_CHECK_H
#define LOCKSTEP_NBODY_CHECK_H

/* Energy at the time to which the places belong: there the velocities are half a step older. */
static double energy_of(const struct bodies *b)
{
	double energy = 0;
	for (size_t i = 0; i < b->n; i++) {
		double a[3] = {0}, potential = 0;
		for (size_t j = 0; j < b->n; j++) {
			double dx = b->x[j] - b->x[i], dy = b->y[j] - b->y[i], dz = b->z[j] - b->z[i];
			double r = sqrt(dx * dx + dy * dy + dz * dz + SOFT * SOFT), pull = b->m[j] / (r * r * r);
			a[0] += pull * dx, a[1] += pull * dy, a[2] += pull * dz;
			potential -= j == i ? 0 : b->m[j] / r;
		}
		double vx = b->vx[i] - a[0] * DT / 2, vy = b->vy[i] - a[1] * DT / 2, vz = b->vz[i] - a[2] * DT / 2;
		energy += b->m[i] * (vx * vx + vy * vy + vz * vz + potential) / 2;
	}
	return energy;
}

enum { MANY = 1000 }; /* bodies whose energy is looked at */

static struct sums sums_of(const struct bodies *b)
{
	struct sums s = {0};
	for (size_t i = 0; i < b->n; i++) {
		double m = b->m[i], x[] = {b->x[i], b->y[i], b->z[i]}, v[] = {b->vx[i], b->vy[i], b->vz[i]};
		s.mass += m;
		for (int k = 0, l = 1, o = 2; k < 3; k++, l = (l + 1) % 3, o = (o + 1) % 3) {
			s.momentum[k] += m * v[k];
			s.moment[k] += m * (x[l] * v[o] - x[o] * v[l]);
			s.centre[k] += m * x[k];
		}
	}
	s.energy = b->n <= MANY ? energy_of(b) : NAN;
	return s;
}

/* What a body should feel at the places of the result, the one of n terms in long double. */
static void pull_exact(const struct bodies *b, size_t i, long double a[3])
{
	a[0] = a[1] = a[2] = 0;
	for (size_t j = 0; j < b->n; j++) {
		long double dx = (long double)b->x[j] - b->x[i], dy = (long double)b->y[j] - b->y[i], dz = (long double)b->z[j] - b->z[i];
		long double r = sqrtl(dx * dx + dy * dy + dz * dz + (long double)SOFT * SOFT), pull = b->m[j] / (r * r * r);
		a[0] += pull * dx, a[1] += pull * dy, a[2] += pull * dz;
	}
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

/* Few bodies: their whole way in long double, each array of numbers by itself. */
static bool same_way(struct outcome *o, const struct data *d)
{
	enum { FEW = 64 };
	size_t n = d->start.n;
	long double x[3][FEW], v[3][FEW];
	const struct bodies *s = &d->start, *b = &d->now;
	if (n > FEW)
		return true;
	for (size_t i = 0; i < n; i++) {
		x[0][i] = s->x[i], x[1][i] = s->y[i], x[2][i] = s->z[i];
		v[0][i] = s->vx[i], v[1][i] = s->vy[i], v[2][i] = s->vz[i];
	}
	for (size_t step = 0; step < d->steps; step++) {
		for (size_t i = 0; i < n; i++)
			for (int k = 0; k < 3; k++)
				x[k][i] += v[k][i] * DT;
		for (size_t i = 0; i < n; i++) /* each pair once: what pulls one way pulls the other */
			for (size_t j = 0; j < i; j++) {
				long double e[3], r2 = (long double)SOFT * SOFT;
				for (int k = 0; k < 3; k++) {
					e[k] = x[k][j] - x[k][i];
					r2 += e[k] * e[k];
				}
				for (int k = 0; k < 3; k++) {
					v[k][i] += DT * s->m[j] * e[k] / (r2 * sqrtl(r2));
					v[k][j] -= DT * s->m[i] * e[k] / (r2 * sqrtl(r2));
				}
			}
	}
	const double *got[] = {b->x, b->y, b->z, b->vx, b->vy, b->vz};
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < 6; k++)
			if (!same(o, k < 3 ? "place of body" : "velocity of body", i, (double)(k < 3 ? x[k][i] : v[k - 3][i]), got[k][i], 1e-11))
				return false;
	return true;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	const struct bodies *b = &d->now, *s = &d->start;
	struct outcome o = {.right = true, .expected = d->at_start.momentum[0]};
	struct sums was = d->at_start, is = sums_of(b);
	size_t n = b->n, samples = n <= 128 ? n : 16;
	double time = DT * (double)d->steps;

	o.observed = is.momentum[0];
	for (int k = 0; k < 3; k++)
		if (!same(&o, "momentum along axis", (size_t)k, was.momentum[k], is.momentum[k], 1e-12) ||
		    !same(&o, "angular momentum about axis", (size_t)k, was.moment[k], is.moment[k], 1e-12) ||
		    !same(&o, "centre of mass, axis", (size_t)k, was.centre[k] + time * was.momentum[k], is.centre[k], 1e-12))
			return o;
	if (n <= MANY && !same(&o, "energy of all, bodies", n, was.energy, is.energy, 1e-3))
		return o;
	for (size_t k = 0; k < samples; k++) {
		size_t i = samples == n ? k : rng_at(job->seed ^ 0xB0D1E5, k) % n;
		long double a[3];
		pull_exact(b, i, a);
		if (!same(&o, "acceleration along x of body", i, (double)a[0], b->ax[i], 1e-11) ||
		    !same(&o, "acceleration along y of body", i, (double)a[1], b->ay[i], 1e-11) ||
		    !same(&o, "acceleration along z of body", i, (double)a[2], b->az[i], 1e-11))
			return o;
		if (d->steps == 1 && !same(&o, "velocity along x of body", i, s->vx[i] + (double)a[0] * DT, b->vx[i], 1e-13))
			return o;
	}
	if (same_way(&o, d))
		snprintf(o.text, sizeof o.text,
				 "momentum expected %.15g, observed %.15g (1e-12; angular momentum, centre%s too; accelerations of "
			 "%zu bodies, 1e-11)", o.expected, o.observed, n <= MANY ? ", energy" : "", samples);
	return o;
}

static bool spoil(struct job *job, uint64_t where)
{
	const struct bodies *b = &((struct data *)job->data)->now;
	if (!b->n)
		return false;
	(where & 1 ? b->x : b->vy)[(where >> 1) % b->n] += 1e-9;
	return true;
}

#endif
