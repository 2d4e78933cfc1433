/* Who waits where: the calls of MPI that may wait, seen through the profiling interface (each MPI_X is a weak name for PMPI_X), and a
 * thread that tells when one lasts. A call costs two stores more, no clock is read. */
#include "kernels/runtime/ranks_line.h"

#if HAVE_MPI
#include <mpi.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 10, NOBODY = -1 };

static struct {
	_Atomic unsigned turn;       /* grows by one at each begin and each end of a call */
	_Atomic(const char *) call;  /* NULL: not in MPI */
	_Atomic int peer;
	_Atomic int patience_ms;     /* 0: no run */
	atomic_bool over;
	pthread_t thread;
	int rank;
} watch;

#define put(field, value) atomic_store_explicit(&watch.field, (value), memory_order_relaxed)
#define get(field) atomic_load_explicit(&watch.field, memory_order_relaxed)

static inline void enter(const char *call, int peer)
{
	put(peer, peer);
	put(call, call);
	put(turn, get(turn) + 1);
}

static inline void leave(void)
{
	put(call, NULL);
	put(turn, get(turn) + 1);
}

/* One write(2) for a line: it is not mixed with those of others. */
static void say(const char *what, int peer, const char *call)
{
	char line[200];
	int n = snprintf(line, sizeof line, RANKS_MARK "%s %d %d %s\n", what, watch.rank, peer, call);
	if (n > 0 && write(STDOUT_FILENO, line, (size_t)n) < 0)
		return; /* the bench is gone: mpirun ends us */
}

static void *look(void *arg)
{
	unsigned turn = 0;
	int ms = 0;
	bool told = false;

	while (!atomic_load(&watch.over)) {
		nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000}, NULL);
		unsigned now = get(turn);
		const char *call = get(call);
		int patience = get(patience_ms);
		if (now != turn || !call || !patience) {
			if (told && patience)
				say("free", 0, "");
			told = false;
			turn = now;
			ms = 0;
			continue;
		}
		ms += LOOK_MS;
		if (!told && ms >= patience) {
			say("stuck", get(peer), call);
			told = true;
		}
	}
	return arg;
}

void ranks_watch_start(int rank)
{
	watch.rank = rank;
	if (pthread_create(&watch.thread, NULL, look, NULL))
		watch.thread = 0; /* then nobody looks */
}

void ranks_watch_stop(void)
{
	atomic_store(&watch.over, true);
	if (watch.thread)
		pthread_join(watch.thread, NULL);
}

void ranks_watch_run(int patience_ms)
{
	put(patience_ms, patience_ms);
	leave();
}

void ranks_watch_done(void) { enter("end", NOBODY); }

void ranks_watch_idle(void)
{
	put(patience_ms, 0);
	leave();
}

#define WATCHED(call, peer, params, args) \
	int MPI_##call params \
	{ \
		enter("MPI_" #call, peer); \
		int result = PMPI_##call args; \
		leave(); \
		return result; \
	}

WATCHED(Send, to, (const void *b, int n, MPI_Datatype t, int to, int tag, MPI_Comm c), (b, n, t, to, tag, c))
WATCHED(Ssend, to, (const void *b, int n, MPI_Datatype t, int to, int tag, MPI_Comm c), (b, n, t, to, tag, c))
WATCHED(Rsend, to, (const void *b, int n, MPI_Datatype t, int to, int tag, MPI_Comm c), (b, n, t, to, tag, c))
WATCHED(Recv, from, (void *b, int n, MPI_Datatype t, int from, int tag, MPI_Comm c, MPI_Status *s), (b, n, t, from, tag, c, s))
WATCHED(Sendrecv, from,
		(const void *b, int n, MPI_Datatype t, int to, int tag, void *rb, int rn, MPI_Datatype rt, int from, int rtag, MPI_Comm c,
		 MPI_Status *s), (b, n, t, to, tag, rb, rn, rt, from, rtag, c, s))
WATCHED(Probe, from, (int from, int tag, MPI_Comm c, MPI_Status *s), (from, tag, c, s))
WATCHED(Wait, NOBODY, (MPI_Request *r, MPI_Status *s), (r, s))
WATCHED(Waitall, NOBODY, (int n, MPI_Request r[], MPI_Status s[]), (n, r, s))
WATCHED(Waitany, NOBODY, (int n, MPI_Request r[], int *i, MPI_Status *s), (n, r, i, s))
WATCHED(Waitsome, NOBODY, (int n, MPI_Request r[], int *k, int i[], MPI_Status s[]), (n, r, k, i, s))
WATCHED(Barrier, NOBODY, (MPI_Comm c), (c))
WATCHED(Bcast, root, (void *b, int n, MPI_Datatype t, int root, MPI_Comm c), (b, n, t, root, c))
WATCHED(Scatter, root, (const void *b, int n, MPI_Datatype t, void *rb, int rn, MPI_Datatype rt, int root, MPI_Comm c),
		(b, n, t, rb, rn, rt, root, c))
WATCHED(Scatterv, root,
		(const void *b, const int n[], const int at[], MPI_Datatype t, void *rb, int rn, MPI_Datatype rt, int root, MPI_Comm c),
		(b, n, at, t, rb, rn, rt, root, c))
WATCHED(Gather, root, (const void *b, int n, MPI_Datatype t, void *rb, int rn, MPI_Datatype rt, int root, MPI_Comm c),
		(b, n, t, rb, rn, rt, root, c))
WATCHED(Gatherv, root,
		(const void *b, int n, MPI_Datatype t, void *rb, const int rn[], const int at[], MPI_Datatype rt, int root, MPI_Comm c),
		(b, n, t, rb, rn, at, rt, root, c))
WATCHED(Reduce, root, (const void *b, void *rb, int n, MPI_Datatype t, MPI_Op o, int root, MPI_Comm c), (b, rb, n, t, o, root, c))
WATCHED(Allreduce, NOBODY, (const void *b, void *rb, int n, MPI_Datatype t, MPI_Op o, MPI_Comm c), (b, rb, n, t, o, c))
WATCHED(Allgather, NOBODY, (const void *b, int n, MPI_Datatype t, void *rb, int rn, MPI_Datatype rt, MPI_Comm c),
		(b, n, t, rb, rn, rt, c))
WATCHED(Allgatherv, NOBODY,
		(const void *b, int n, MPI_Datatype t, void *rb, const int rn[], const int at[], MPI_Datatype rt, MPI_Comm c),
		(b, n, t, rb, rn, at, rt, c))
WATCHED(Alltoall, NOBODY, (const void *b, int n, MPI_Datatype t, void *rb, int rn, MPI_Datatype rt, MPI_Comm c),
		(b, n, t, rb, rn, rt, c))
WATCHED(Scan, NOBODY, (const void *b, void *rb, int n, MPI_Datatype t, MPI_Op o, MPI_Comm c), (b, rb, n, t, o, c))
#endif
