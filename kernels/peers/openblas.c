/* OpenBLAS: what numpy, R and most of science call for vectors and matrices.
 * needs: libopenblas-dev
 * flags: -I/usr/include/openblas -I/usr/include/x86_64-linux-gnu/openblas-pthread
 * libs: -lopenblas */
#include <cblas.h>
#include "kernels/peers/input_matmul.h"
#include "kernels/peers/input_sum_squares.h"

static bool prepare_squares(struct peer_job *job)
{
	openblas_set_num_threads(job->threads);
	return squares_prepare(job);
}

static void run_dot(struct peer_job *job)
{
	struct squares *d = job->data;
	d->sum = cblas_ddot((blasint)job->size, d->x, 1, d->x, 1);
}

static bool prepare_matmul(struct peer_job *job)
{
	openblas_set_num_threads(job->threads);
	return matmul_prepare(job);
}

static void run_matmul(struct peer_job *job)
{
	struct matmul *d = job->data;
	blasint n = (blasint)job->size;
	cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, d->a, n, d->b, n, 0, d->c, n);
}

#define LIBRARY OPENBLAS_VERSION

static const struct peer peers[] = {
	{.name = "OpenBLAS ddot", .kernel = "sum_squares", .library = LIBRARY, .workers = "any", .prepare = prepare_squares, .run = run_dot,
	 .check = squares_check},
	{.name = "OpenBLAS dgemm", .kernel = "matmul", .library = LIBRARY, .workers = "any", .prepare = prepare_matmul, .run = run_matmul,
	 .check = matmul_check},
	{0},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
