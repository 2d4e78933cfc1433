/* A quantum computer on paper: a state of q qubits is a vector of 2^q complex amplitudes; gates change it one after another.
 *
 * size      amplitudes; the largest power of two that is not above it is taken (4194304: 22 qubits); gates: how many.
 *           Each gate is a Hadamard (H) or a controlled not (CNOT), on qubits that the seed draws.
 * flops     4 for each amplitude and Hadamard (an addition and a multiplication for each of its two numbers); a CNOT only
 *           moves
 * bytes     32 for each amplitude: a state that the caches cannot hold must be read and written once
 * ladder    serial     gate by gate: every index is looked at, the half whose target bit is 0 finds its partner
 *           simd       gate by gate: only the indices that have work, counted directly, in vectors
 *           blocked    many gates at one visit: all amplitudes that differ in a few chosen qubits only are a tile that fits
 *                      the cache, and every gate on those qubits stays inside of it. A plan says which gates go together
 *           fused      in the tile, up to three Hadamards at once, while eight amplitudes are in registers
 *           threads    the tiles of a visit dealt to threads
 *           openmp     gate by gate, the loop over pairs shared by a pragma: what most would write
 * check     the state must have length 1 and be left unchanged by each of the q operators that the circuit makes of "qubit
 *           k is 0" (its stabilizers; only one state is, up to its sign, which has no meaning). They are found with a few bit
 *           operations for each gate, no amplitude is touched. Tolerance 1e-12 for each amplitude
 * source    stabilizers: D. Gottesman 1998, S. Aaronson and D. Gottesman, Phys. Rev. A 70, 052328 (2004); tiles: T. Haener
 *           and D. Steiger, "0.5 petabyte simulation of a 45-qubit quantum circuit", SC 2017 */
#include <errno.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"

#include "kernels/state_vector_gates.h"

enum {
	TILE_BITS = 11,  /* 2^11 amplitudes of 16 bytes: 32 KiB; smaller tiles need more visits, larger ones are farther away */
	CHUNK_BITS = 3,  /* qubits that are always in: neighbours, 128 bytes, travel together */
	LEAST_FUSED = 8, /* doubles in the widest vector */
	PADDING = 8      /* amplitudes of room, so that a vector may be larger than the state */
};

struct share {
	struct job *job;
	int worker;
	pthread_t thread;
};

/* One visit to all tiles. */
struct visit {
	size_t set;        /* the qubits that vary within a tile, as bits */
	int bits, count;   /* how many these are; how many gates */
	struct gate *gate; /* room for all gates of the circuit */
};

struct data {
	int qubits, gates;
	size_t n;       /* amplitudes; 0 or 2^qubits */
	double (*psi)[2]; /* the state: real and imaginary part */
	bool done;      /* a run came to its end since the last reset */
	struct gate *circuit;
	bool *taken;    /* the plan has this gate already */
	struct visit visit;
	struct share share[KERNEL_WORKERS_MAX];
};

//> serial
static void serial_gate(double (*psi)[2], size_t n, const struct gate *it)
{
	for (size_t i = 0; i < n; i++) {
		if (i & it->target || (it->op == CNOT && !(i & it->control)))
			continue;
		double *a = psi[i], *b = psi[i | it->target];
		for (int part = 0; part < 2; part++) {
			double u = a[part], v = b[part];
			a[part] = it->op == CNOT ? v : (u + v) * SQRT_HALF;
			b[part] = it->op == CNOT ? u : (u - v) * SQRT_HALF;
		}
	}
}

static int run_serial(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (int g = 0; g < d->gates; g++)
		serial_gate(d->psi, d->n, &d->circuit[g]);
	worker_end(job, 0);
	parallel_end(job);
	d->done = true;
	return 0;
}
//< serial

static int run_simd(struct job *job)
{
	struct data *d = job->data;
	apply_function *apply = apply_of[simd_level()];
	parallel_begin(job, 1);
	worker_begin(job, 0);
	for (int g = 0; g < d->gates; g++) { /* the whole state is one tile */
		struct gate it = d->circuit[g];
		it.target *= 2;
		it.control *= 2;
		apply(d->psi[0], d->qubits, &it, 1, 0);
	}
	worker_end(job, 0);
	parallel_end(job);
	d->done = true;
	return 0;
}

//> blocked
/* The place of a qubit among those of the set, as a distance in doubles. */
static size_t distance(size_t set, size_t qubit) { return (size_t)2 << __builtin_popcountll(set & (qubit - 1)); }

/* The index whose bits in `set` are the low bits of i, the others 0. */
static size_t deposit(size_t i, size_t set)
{
	size_t index = 0;
	for (; set; set &= set - 1, i >>= 1)
		if (i & 1)
			index |= set & -set;
	return index;
}

/* Chooses the qubits of the next visit as the gates ask for them, and takes each gate that changes one of these, unless a
 * gate before it on one of its qubits had to stay behind. A control need not be among them: it only has to be known.
 * False when no gate was left. */
static bool plan(struct data *d)
{
	struct visit *v = &d->visit;
	int small = d->qubits > TILE_BITS + 3 ? TILE_BITS : d->qubits > 7 ? d->qubits - 3 : d->qubits;
	size_t blocked = 0, all = d->n - 1, low = ((size_t)1 << CHUNK_BITS) - 1;
	int *count = &v->count;
	*count = 0;
	v->set = low & all; /* neighbours in memory travel together */
	v->bits = small > __builtin_popcountll(v->set) ? small : __builtin_popcountll(v->set);
	for (int g = 0; g < d->gates; g++) {
		const struct gate *it = &d->circuit[g];
		size_t used = it->target | it->control;
		if (d->taken[g])
			continue;
		bool room = v->set & it->target || __builtin_popcountll(v->set) < v->bits;
		if (used & blocked || !room) {
			blocked |= used;
			continue;
		}
		v->set |= it->target;
		d->taken[g] = true;
		v->gate[(*count)++] = *it;
	}
	for (size_t qubit = 1; __builtin_popcountll(v->set) < v->bits; qubit *= 2)
		v->set |= qubit;
	for (int g = 0; g < *count; g++) {
		struct gate *it = &v->gate[g];
		it->target = distance(v->set, it->target);
		if (it->op == CNOT && it->control & v->set)
			it->control = distance(v->set, it->control);
		else if (it->op == CNOT)
			it->op = NOT_IF;
	}
	return *count;
}

/* Brings some tiles into a small buffer, one after the other, applies all gates of the visit there, and puts them back. */
static void visit_tiles(struct data *d, struct slice tiles)
{
	_Alignas(64) double tile[(1 << TILE_BITS) + PADDING][2];
	apply_function *apply = apply_of[simd_level()];
	const struct visit *v = &d->visit;
	size_t size = (size_t)1 << v->bits, run = (size_t)1 << __builtin_ctzll(~v->set), far = v->set & ~(run - 1);
	if (run > size)
		run = size;
	for (size_t t = tiles.first; t < tiles.last; t++) {
		size_t address = deposit(t, (d->n - 1) & ~v->set), offset = 0;
		for (size_t i = 0; i < size; i += run, offset = (offset - far) & far) /* the next number made of those bits */
			memcpy(tile[i], d->psi[address + offset], run * sizeof *tile);
		apply(tile[0], v->bits, v->gate, v->count, address);
		for (size_t i = 0; i < size; i += run, offset = (offset - far) & far)
			memcpy(d->psi[address + offset], tile[i], run * sizeof *tile);
	}
}

static int run_blocked(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	memset(d->taken, 0, (size_t)d->gates);
	while (plan(d))
		visit_tiles(d, (struct slice){0, d->n >> d->visit.bits});
	worker_end(job, 0);
	parallel_end(job);
	d->done = true;
	return 0;
}
//< blocked

//> fused
/* Joins Hadamards of a visit, up to three, where no gate between them touches the later one's qubit. Those within a vector
 * stay as they are. */
static void fuse(struct visit *v)
{
	int left = 0;
	for (int g = 0; g < v->count; g++) {
		struct gate *it = &v->gate[g];
		if (it->op == DONE)
			continue;
		size_t touched = it->target;
		for (int k = g + 1; it->op == H && it->target >= LEAST_FUSED && k < v->count; k++) {
			struct gate *next = &v->gate[k];
			if (next->op == H && next->target >= LEAST_FUSED && !(next->target & touched) &&
			    __builtin_popcountll(it->target) < 3) {
				it->target |= next->target;
				next->op = DONE;
			}
			touched |= next->target | (next->op == CNOT ? next->control : 0);
		}
		v->gate[left++] = *it;
	}
	v->count = left;
}

static int run_fused(struct job *job)
{
	struct data *d = job->data;
	parallel_begin(job, 1);
	worker_begin(job, 0);
	memset(d->taken, 0, (size_t)d->gates);
	while (plan(d)) {
		fuse(&d->visit);
		visit_tiles(d, (struct slice){0, d->n >> d->visit.bits});
	}
	worker_end(job, 0);
	parallel_end(job);
	d->done = true;
	return 0;
}
//< fused

//> threads
static void *thread_main(void *arg)
{
	struct share *me = arg;
	struct data *d = me->job->data;
	worker_begin(me->job, me->worker);
	visit_tiles(d, slice_of(d->n >> d->visit.bits, me->worker, me->job->workers));
	worker_end(me->job, me->worker);
	return NULL;
}

/* Threads for one visit: the next one mixes other amplitudes, so all must have come to the end of this one. */
static int visit_together(struct job *job)
{
	struct data *d = job->data;
	int started, error = 0;
	parallel_begin(job, job->workers);
	for (started = 0; started < job->workers; started++) {
		struct share *s = &d->share[started];
		*s = (struct share){.job = job, .worker = started};
		error = pthread_create(&s->thread, NULL, thread_main, s);
		if (error)
			break;
	}
	for (int w = 0; w < started; w++)
		pthread_join(d->share[w].thread, NULL);
	parallel_end(job);
	errno = error;
	return error ? -1 : 0;
}

static int run_threads(struct job *job)
{
	struct data *d = job->data;
	memset(d->taken, 0, (size_t)d->gates);
	plan(d); /* without any gates: an empty visit */
	do {
		fuse(&d->visit);
		if (visit_together(job))
			return -1;
	} while (plan(d));
	d->done = true;
	return 0;
}
//< threads

//> openmp
static int run_openmp(struct job *job)
{
	struct data *d = job->data;
	double(*psi)[2] = d->psi;
	parallel_begin(job, job->workers);
#pragma omp parallel num_threads(job->workers)
	{
		worker_begin(job, omp_get_thread_num());
		for (int g = 0; g < d->gates; g++) {
			struct gate it = d->circuit[g];
#pragma omp for
			for (size_t i = 0; i < d->n / 2; i++) {
				size_t k = open_bit(i, it.target), p = k | it.target;
				double re = psi[k][0], im = psi[k][1], re2 = psi[p][0], im2 = psi[p][1];
				if (it.op == H) {
					psi[k][0] = (re + re2) * SQRT_HALF;
					psi[k][1] = (im + im2) * SQRT_HALF;
					psi[p][0] = (re - re2) * SQRT_HALF;
					psi[p][1] = (im - im2) * SQRT_HALF;
				} else if (k & it.control) {
					psi[k][0] = re2;
					psi[k][1] = im2;
					psi[p][0] = re;
					psi[p][1] = im;
				}
			} /* here all wait for each other: the next gate needs this one's results */
		}
		worker_end(job, omp_get_thread_num());
	}
	parallel_end(job);
	d->done = true;
	return 0;
}
//< openmp

/* Gate number g of the circuit: even chances for H and CNOT, any qubits. */
static struct gate gate_at(uint64_t seed, uint64_t g, int qubits)
{
	uint64_t r = rng_at(seed, g), q = (uint64_t)qubits, target = (r & 0xffffff) % q;
	struct gate it = {.op = H, .target = (size_t)1 << target};
	if (r >> 63 && q > 1) {
		it.op = CNOT;
		it.control = (size_t)1 << (target + 1 + (r >> 24 & 0xffffff) % (q - 1)) % q;
	}
	return it;
}

static int qubits_of(const struct job *job)
{
	size_t size = job_size(job);
	return size ? 63 - __builtin_clzll(size) : 0;
}

static void reset(struct job *job)
{
	struct data *d = job->data;
	memset(d->psi, 0, (d->n + PADDING) * sizeof *d->psi); /* |00...0> */
	d->psi[0][0] = d->n > 0;
	d->done = false;
}

static int prepare(struct job *job)
{
	struct data *d = calloc(1, sizeof *d);
	job->data = d;
	if (!d)
		return -1;
	d->qubits = qubits_of(job);
	d->n = job_size(job) ? (size_t)1 << d->qubits : 0;
	d->gates = d->qubits ? (int)job->arg[1] : 0;
	d->psi = simd_alloc(d->n + PADDING, sizeof *d->psi);
	d->circuit = malloc(((size_t)d->gates + 1) * sizeof *d->circuit);
	d->visit.gate = malloc(((size_t)d->gates + 1) * sizeof *d->circuit);
	d->taken = malloc((size_t)d->gates + 1);
	if (!d->psi || !d->circuit || !d->visit.gate || !d->taken)
		return -1;
	for (int g = 0; g < d->gates; g++)
		d->circuit[g] = gate_at(job->seed, (uint64_t)g, d->qubits);
	reset(job);
	return 0;
}

/* A product of operators X (swap by the bits of x) and Z (sign by the bits of z, applied first) that leaves the state as it
 * is. "Qubit k is 0" is Z on k; a gate turns X and Z into others on its own qubits. */
struct stabilizer {
	size_t x, z;
	bool minus;
};

static struct stabilizer stabilizer_of(const struct data *d, int qubit)
{
	struct stabilizer s = {.z = (size_t)1 << qubit};
	for (int g = 0; g < d->gates; g++) {
		size_t t = d->circuit[g].target, c = d->circuit[g].control;
		bool xt = s.x & t, zt = s.z & t, xc = s.x & c;
		if (d->circuit[g].op == H) { /* X becomes Z, Z becomes X, and XZ becomes ZX = -XZ */
			s.x = (s.x & ~t) | (zt ? t : 0);
			s.z = (s.z & ~t) | (xt ? t : 0);
			s.minus ^= xt && zt;
		} else { /* X on the control becomes X on both, Z on the target Z on both */
			s.x ^= xc ? t : 0;
			s.z ^= zt ? c : 0;
		}
	}
	return s;
}

static struct outcome verify(const struct job *job)
{
	const struct data *d = job->data;
	struct outcome o = {.expected = d->n > 0};
	double worst = 0, length = 0;
	for (size_t i = 0; i < d->n; i++)
		length += d->psi[i][0] * d->psi[i][0] + d->psi[i][1] * d->psi[i][1];
	for (int qubit = 0; qubit < d->qubits; qubit++) {
		struct stabilizer s = stabilizer_of(d, qubit);
		for (size_t i = 0; i < d->n; i++)
			for (int part = 0; part < 2; part++) {
				double is = d->psi[i ^ s.x][part], was = d->psi[i][part];
				double off = fabs(is - (__builtin_parityll(i & s.z) ^ s.minus ? -was : was));
				worst = off <= worst ? worst : off; /* so that a NaN is kept */
			}
	}
	for (size_t i = 0; i < d->n; i++) /* real gates, real state */
		worst = fabs(d->psi[i][1]) <= worst ? worst : fabs(d->psi[i][1]);
	o.observed = sqrt(length);
	o.right = d->done && fabs(o.observed - o.expected) <= 1e-12 && worst <= 1e-12;
	snprintf(o.text, sizeof o.text, "%slength expected %g, observed %.15g; stabilizers change an amplitude by %.2g at most "
		 "(tolerance 1e-12)", d->done ? "" : "the run did not end; ", o.expected, o.observed, worst);
	return o;
}

/* For peers: probabilities with weights that differ, so that each one counts. */
static double figure(const struct job *job)
{
	const struct data *d = job->data;
	double sum = 0;
	for (size_t i = 0; i < d->n; i++)
		sum += (d->psi[i][0] * d->psi[i][0] + d->psi[i][1] * d->psi[i][1]) * rng_unit(job->seed, i);
	return sum;
}

static bool spoil(struct job *job, uint64_t where)
{
	struct data *d = job->data;
	if (!d->n)
		return false;
	d->psi[where % d->n][where >> 40 & 1] += 1e-9;
	return true;
}

static void release(struct job *job)
{
	struct data *d = job->data;
	if (d) {
		free(d->psi);
		free(d->circuit);
		free(d->visit.gate);
		free(d->taken);
	}
	free(d);
	job->data = NULL;
}

static double amplitudes(const struct job *job) { return job_size(job) ? ldexp(1, qubits_of(job)) : 0; }

static double flops(const struct job *job)
{
	int qubits = qubits_of(job), count = 0;
	for (int g = 0; qubits && g < (int)job->arg[1]; g++)
		count += gate_at(job->seed, (uint64_t)g, qubits).op == H;
	return 4 * count * amplitudes(job);
}

static double bytes(const struct job *job) { return 32 * amplitudes(job); }

static const struct variant variants[] = {
	{.name = "serial", .about = "gate by gate, every index looked at", .kind = KIND_SERIAL, .run = run_serial},
	{.name = "simd", .about = "gate by gate, in vectors", .kind = KIND_SERIAL, .run = run_simd},
	{.name = "blocked", .about = "many gates at one visit to a tile in the cache", .kind = KIND_SERIAL, .run = run_blocked},
	{.name = "fused", .about = "up to three Hadamards in registers at once", .kind = KIND_SERIAL, .run = run_fused},
	{.name = "threads", .about = "the tiles dealt to threads", .kind = KIND_THREADS, .run = run_threads},
	{.name = "openmp", .about = "gate by gate, a pragma before the loop", .kind = KIND_OPENMP, .run = run_openmp},
	{0},
};

const struct kernel kernel_state_vector = {
	.name = "state_vector",
	.title = "Quantum state vector",
	.source = __FILE__,
	.params = {{"size", "amplitudes", "how many amplitudes, rounded down to a power of two", 0, 0x1p28, 0x1p18, false},
		   {"gates", "gates", "how many gates, H and CNOT", 0, 10000, 100, false}},
	.flops = flops,
	.bytes = bytes,
	.prepare = prepare,
	.reset = reset,
	.variants = variants,
	.verify = verify,
	.spoil = spoil,
	.release = release,
	.peer_arg = {0x1p22, 100},
	.figure = figure,
};
KERNEL_REGISTER(kernel_state_vector);
