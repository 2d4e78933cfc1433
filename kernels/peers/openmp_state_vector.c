/* A quantum circuit as one writes it: a loop over pairs of amplitudes for each gate, a pragma in front of it.
 * needs: gcc
 * flags: -fopenmp */
#include <complex.h>
#include "kernels/peers/peer.h"

struct state {
	double complex *psi;
	size_t n;
	int qubits, gates;
};

/* Gate number g of kernels/state_vector.c: a CNOT when control >= 0. */
static void gate_at(uint64_t seed, int g, int qubits, int *target, int *control)
{
	uint64_t r = rng_at(seed, (uint64_t)g), q = (uint64_t)qubits;
	*target = (int)((r & 0xffffff) % q);
	*control = r >> 63 && q > 1 ? (int)(((uint64_t)*target + 1 + (r >> 24 & 0xffffff) % (q - 1)) % q) : -1;
}

static void reset(struct peer_job *job)
{
	struct state *d = job->data;
	memset(d->psi, 0, d->n * sizeof *d->psi);
	if (d->n)
		d->psi[0] = 1;
}

static bool prepare(struct peer_job *job)
{
	struct state *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return false;
	while (job->size >> d->qubits > 1)
		d->qubits++;
	d->n = job->size ? (size_t)1 << d->qubits : 0;
	d->gates = d->qubits ? (int)peer_param(job, "gates", 100) : 0;
	return (d->psi = peer_alloc(d->n, sizeof *d->psi));
}

static void hadamard(double complex *psi, size_t n, size_t bit, int threads)
{
	double s = sqrt(0.5);
#pragma omp parallel for num_threads(threads)
	for (size_t i = 0; i < n / 2; i++) {
		size_t k = 2 * i - (i & (bit - 1));
		double complex a = psi[k], b = psi[k + bit];
		psi[k] = (a + b) * s;
		psi[k + bit] = (a - b) * s;
	}
}

static void cnot(double complex *psi, size_t n, size_t bit, size_t control, int threads)
{
#pragma omp parallel for num_threads(threads)
	for (size_t i = 0; i < n / 2; i++) {
		size_t k = 2 * i - (i & (bit - 1));
		if (k & control) {
			double complex a = psi[k];
			psi[k] = psi[k + bit];
			psi[k + bit] = a;
		}
	}
}

static void run(struct peer_job *job)
{
	struct state *d = job->data;
	for (int g = 0, target, control; g < d->gates; g++) {
		gate_at(job->seed, g, d->qubits, &target, &control);
		if (control < 0)
			hadamard(d->psi, d->n, (size_t)1 << target, job->threads);
		else
			cnot(d->psi, d->n, (size_t)1 << target, (size_t)1 << control, job->threads);
	}
}

static double check(const struct peer_job *job)
{
	const struct state *d = job->data;
	double sum = 0;
	for (size_t i = 0; i < d->n; i++)
		sum += (creal(d->psi[i]) * creal(d->psi[i]) + cimag(d->psi[i]) * cimag(d->psi[i])) * rng_unit(job->seed, i);
	return sum;
}

static const struct peer peers[] = {
	{.name = "OpenMP loop per gate", .kernel = "state_vector", .library = "libgomp, gcc " __VERSION__, .workers = "any",
	 .prepare = prepare, .reset = reset, .run = run, .check = check},
	{0},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
