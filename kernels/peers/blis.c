/* BLIS: the other open BLAS, whose micro-kernels are written for each processor.
 * needs: libblis-pthread-dev
 * flags: -I/usr/include/x86_64-linux-gnu/blis-pthread -I/usr/include/blis
 * libs: -L/usr/lib/x86_64-linux-gnu/blis-pthread -Wl,-rpath,/usr/lib/x86_64-linux-gnu/blis-pthread -lblis */
#include <blis.h>
#include "kernels/peers/input_matmul.h"

static bool prepare(struct peer_job *job)
{
	bli_thread_set_num_threads(job->threads);
	return matmul_prepare(job);
}

static void run(struct peer_job *job)
{
	struct matmul *d = job->data;
	dim_t n = (dim_t)job->size;
	double one = 1, zero = 0;
	bli_dgemm(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, n, n, n, &one, d->a, n, 1, d->b, n, 1, &zero, d->c, n, 1);
}

static const struct peer peers[] = {
	{.name = "BLIS dgemm", .kernel = "matmul", .library = "BLIS", .workers = "any", .prepare = prepare, .run = run, .check = matmul_check},
	{0},
};

int main(int argc, char **argv) { return peer_main(argc, argv, peers); }
