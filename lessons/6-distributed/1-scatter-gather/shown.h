/* The demonstrations of the lesson `scatter-gather`: a part of lesson.c. */
#ifndef LOCKSTEP_SCATTER_SHOWN_H
#define LOCKSTEP_SCATTER_SHOWN_H

#include <unistd.h>
#include "lessons/6-distributed/1-scatter-gather/ring.h"
#include "lessons/demo.h"

#if HAVE_MPI
enum { WORDS = 100 };

//> who
static int do_who(struct ranks *me)
{
	static int answer; /* every rank has one of its own */
	char mine[WORDS] = "", *all = me->text;
	if (me->rank == 0)
		answer = 42;
	MPI_Barrier(MPI_COMM_WORLD); /* from here on rank 0 has written */
	snprintf(mine, WORDS, "rank %d of %d: process %ld, answer = %d", me->rank, me->size, (long)getpid(), answer);
	MPI_Gather(mine, WORDS, MPI_CHAR, all, WORDS, MPI_CHAR, 0, MPI_COMM_WORLD);
//< who
	if (me->rank == 0)
		for (int i = 0; i < WORDS * me->size - 1; i++) /* one text for the bench */
			all[i] = all[i] ? all[i] : i % WORDS == WORDS - 1 ? ';' : ' ';
	int last = answer;
	MPI_Bcast(&last, 1, MPI_INT, me->size - 1, MPI_COMM_WORLD);
	me->figure[0] = last;
	return 0;
}

enum { WAIT_MS = 300 };
static const struct ranks_part ring_parts[] = {
	{"send-first", do_send_first, WAIT_MS}, {"receive-first", do_receive_first, WAIT_MS}, {"sendrecv", do_sendrecv, 0}, {"order", do_order, 0}, {"isend", do_isend, 0},
	{"who", do_who, 0}, {0}};
#endif

static int order_ring(const char *variant, double size, int ranks, struct ranks_answer *answer)
{
	struct variant v = {.name = variant};
	struct job job = {.kernel = &kernel_ring, .variant = &v, .arg = {size}, .workers = ranks, .seed = 1};
	return ranks_run(&job, answer);
}

static int demo_who(struct telling *t)
{
	struct ranks_answer a;
	tell(t, "mpirun -n 4: one program, started four times");
	if (order_ring("who", 0, 4, &a))
		return -1;
	char *rest = NULL;
	for (char *line = strtok_r(a.text, ";", &rest); line; line = strtok_r(NULL, ";", &rest)) {
		for (size_t n = strlen(line); n > 0 && line[n - 1] == ' '; n--)
			line[n - 1] = '\0';
		tell(t, "%s", line);
	}
	tell_check(t, a.figure[0] == 0, "rank 0 wrote 42; in rank 3 it is %.0f: no memory in common", a.figure[0]);
	tell_figure(t, a.figure[0], 0);
	return 0;
}

/* How it went on two ranks with so many bytes each. */
static int both_send(struct telling *t, const char *variant, double bytes, struct ranks_answer *a)
{
	double n = bytes / 4; /* numbers of 8 bytes, half of them for each */
	if (order_ring(variant, n, 2, a))
		return -1;
	if (!a->stuck)
		tell_check(t, a->figure[0] == n, "%.0f bytes each: arrived", bytes);
	return 0;
}

//> eager
static int demo_eager(struct telling *t)
{
	struct ranks_answer a = {.stuck = false};
	double bytes = 256;
	tell(t, "2 ranks: MPI_Send to each other, then MPI_Recv");
	for (; bytes <= 1 << 20; bytes *= 2) {
		if (both_send(t, "send-first", bytes, &a))
			return -1;
		if (a.stuck)
			break;
	}
	if (a.stuck)
		tell_check(t, false, "%.0f bytes each: %s", bytes, a.text);
	tell_figure(t, a.stuck ? bytes : 0, NAN);
	return 0;
}
//< eager

static int demo_deadlock(struct telling *t)
{
	struct ranks_answer a;
	tell(t, "2 ranks, 1 MB each, all send first");
	if (order_ring("send-first", 250000, 2, &a))
		return -1;
	if (tell_check(t, !a.stuck, a.stuck ? N_("no step for %.0f ms: both are stuck") : N_("it went well, in %.0f ms"), 1e-6 * (double)a.wall_ns))
		return 0;
	tell(t, "%s", a.text);
	tell(t, "all ranks were ended; a new mpirun");
	for (const char *const *cure = (const char *const[]){"sendrecv", "order", "isend", NULL}; *cure; cure++) {
		if (order_ring(*cure, 250000, 2, &a))
			return -1;
		tell_check(t, !a.stuck && a.figure[0] == 250000, "%s: arrived, %.2f ms", *cure, 1e-6 * (double)a.wall_ns);
	}
	return 0;
}

static int demo_receive_first(struct telling *t)
{
	struct ranks_answer a;
	tell(t, "2 ranks, 1 number each, all receive first");
	if (order_ring("receive-first", 2, 2, &a))
		return -1;
	tell_check(t, !a.stuck, a.stuck ? N_("no step for %.0f ms: both are stuck") : N_("it went well, in %.0f ms"), 1e-6 * (double)a.wall_ns);
	if (a.stuck)
		tell(t, "%s", a.text);
	return 0;
}

static const struct demo demos[] = {
	{"who", "four ranks: who are they, and what do they have in common?", .run = demo_who, .unavailable = ranks_unavailable},
	{"eager", "two ranks send to each other first: up to which size does it go well?",
	 "above a limit a message waits for its receiver, who is sending, too", .run = demo_eager, .unavailable = ranks_unavailable},
	{"deadlock", "two ranks send 1 MB to each other first: who waits for whom, and three cures",
	 "each sends first, and nobody receives", .run = demo_deadlock, .unavailable = ranks_unavailable},
	{"receive-first", "two ranks, one number each: both receive, then send", "each waits for a message that nobody has sent",
	 .run = demo_receive_first, .unavailable = ranks_unavailable},
	{0},
};

#endif
