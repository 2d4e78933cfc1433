/* Two ranks swap 1 MB: the frame of a puzzle. It starts itself by mpirun, and ends what hangs. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#if HAVE_MPI
#include <mpi.h>

enum { N = 250000 };

int main(int argc, char **argv)
{
	static int mine[N], got[N];
	int rank, other;

	if (!getenv("OMPI_COMM_WORLD_RANK")) {
		execlp("timeout", "timeout", "-k", "1", "3", "mpirun", geteuid() ? "--oversubscribe" : "--allow-run-as-root", "--oversubscribe", "-n",
			   "2", argv[0], NULL);
		return 1;
	}
	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	other = 1 - rank;
	for (int i = 0; i < N; i++)
		mine[i] = rank * N + i;
	alarm(2); /* no answer is an answer, too */
	//@
	int right = 0;
	for (int i = 0; i < N; i++)
		right += got[i] == other * N + i;
	if (right < N)
		printf("rank %d got %d of %d numbers\n", rank, right, N);
	MPI_Finalize();
	return right < N;
}
#else
int main(void)
{
	puts("built without MPI (packages openmpi-bin libopenmpi-dev)");
	return 1;
}
#endif
