/* A bar of 64 cells on two ranks: the frame of a puzzle. It starts itself by mpirun, and ends what hangs. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if HAVE_MPI
#include <mpi.h>

enum { MINE = 32, SWEEPS = 20 };

/* Cells 1 to MINE; cell 0 is the bar's end, cell MINE + 1 the halo. Rank 1 counts from the other end. */
static double memory[2][MINE + 2], *now = memory[0], *next = memory[1];
static bool inner_done;
static int begun, overlapped;

static double renewed(const double *c) { return 0.5 * c[0] + 0.25 * (c[-1] + c[1]); }

static void renew_inner(void)
{
	for (int i = 1; i < MINE; i++)
		next[i] = renewed(now + i);
	inner_done = begun == 2; /* while both messages travel */
}

static void renew_edge(void) { next[MINE] = renewed(now + MINE); }

/* Every call of MPI has a second name, so that one can look at it on its way. */
int MPI_Irecv(void *to, int count, MPI_Datatype type, int from, int tag, MPI_Comm comm, MPI_Request *ask)
{
	begun++;
	return PMPI_Irecv(to, count, type, from, tag, comm, ask);
}

int MPI_Isend(const void *what, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm, MPI_Request *ask)
{
	begun++;
	return PMPI_Isend(what, count, type, to, tag, comm, ask);
}

int MPI_Waitall(int count, MPI_Request ask[], MPI_Status *status)
{
	overlapped += inner_done;
	return PMPI_Waitall(count, ask, status);
}

static double start(int i) { return (double)(i * i % 37); }

int main(int argc, char **argv)
{
	double whole[2][2 * MINE + 2] = {{0}};
	int rank, other, right = 0;

	if (!getenv("OMPI_COMM_WORLD_RANK")) {
		const char *root = geteuid() ? "--oversubscribe" : "--allow-run-as-root";
		execlp("timeout", "timeout", "--foreground", "-k", "1", "3", "mpirun", root, "--oversubscribe", "-n", "2", argv[0], NULL);
		return 1;
	}
	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	other = 1 - rank;
	for (int i = 1; i <= 2 * MINE; i++)
		whole[0][i] = start(i);
	for (int i = 1; i <= MINE; i++)
		now[i] = whole[0][rank ? 2 * MINE + 1 - i : i];
	for (int s = 0; s < SWEEPS; s++)
		for (int i = 1; i <= 2 * MINE; i++)
			whole[(s + 1) % 2][i] = renewed(whole[s % 2] + i);
	alarm(2); /* no answer is an answer, too */
	for (int s = 0; s < SWEEPS; s++) {
		double *halo = now + MINE + 1, *edge = now + MINE, *swap;
		MPI_Request ask[2] = {MPI_REQUEST_NULL, MPI_REQUEST_NULL};
		inner_done = false, begun = 0;
		//@
		(void)halo, (void)edge, (void)ask;
		swap = now, now = next, next = swap;
	}
	for (int i = 1; i <= MINE; i++)
		right += now[i] == whole[SWEEPS % 2][rank ? 2 * MINE + 1 - i : i];
	if (right < MINE)
		printf("rank %d: %d of %d cells are right\n", rank, right, MINE);
	else if (overlapped < SWEEPS)
		printf("rank %d: all cells are right, but while messages travelled nothing was renewed\n", rank);
	MPI_Finalize();
	return right < MINE || overlapped < SWEEPS;
}
#else
int main(void)
{
	puts("built without MPI (packages openmpi-bin libopenmpi-dev)");
	return 1;
}
#endif
