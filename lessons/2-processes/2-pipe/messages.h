/* What the lesson `pipe` sends, and how a reader notices that it waits for ever: a part of lesson.c. */
#ifndef LOCKSTEP_PIPE_MESSAGES_H
#define LOCKSTEP_PIPE_MESSAGES_H

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>
#include "kernels/kernel.h"
#include "kernels/rng.h"
#include "kernels/runtime/proc.h"
#include "lessons/2-processes/2-pipe/demos.h"

enum { LOOKS = 250 }; /* of PATIENCE_MS each: then a reader gives up, even when nobody is found */

struct found { uint64_t count, sum; };

struct child { /* in memory that parent and children share */
	struct found found;
	_Atomic pid_t pid;
	atomic_bool closed_others; /* it has closed all ends that it does not need, or never will */
	pid_t holder;              /* who keeps its pipe from ending; 0: nobody */
	int holder_fd;
};

struct data {
	struct found expected, found;
	unsigned char *buffer;
	bool sockets;
	atomic_bool *sent_all; /* shared: the parent has closed its ends */
	struct child *child;   /* shared */
	const struct child *stuck;
	int end[KERNEL_WORKERS_MAX][2]; /* [0] reads, [1] writes */
};

/* Message i: its length first, then that many bytes. Returns the length of the bytes. */
static uint32_t make_message(const struct job *job, size_t i, unsigned char *out)
{
	uint64_t random = rng_at(job->seed, i);
	uint32_t length = 1 + (uint32_t)(random % (uint64_t)job->arg[1]);
	memcpy(out, &length, sizeof length);
	for (uint32_t k = 0; k < length; k++)
		out[sizeof length + k] = (unsigned char)((random >> 32) + k * 7);
	return length;
}

static void look_at(struct found *f, const unsigned char *bytes, size_t length, size_t i)
{
	uint64_t sum = length;
	for (size_t k = 0; k < length; k++)
		sum = sum * 31 + bytes[k];
	f->count++;
	f->sum += sum * (2 * i + 1);
}

//> watch
/* True when bytes have come, or the end. False when neither can come any more: the parent has closed, and yet somebody
 * who has closed all that he will ever close holds the writing end. Then that one is written down. */
static bool something_comes(struct job *job, int w)
{
	struct data *d = job->data;
	for (int looks = 0; looks < LOOKS; looks++) {
		bool over = atomic_load(d->sent_all);
		if (comes_within(d->end[w][0], PATIENCE_MS))
			return true;
		for (int v = -1; over && !d->sockets && v < job->workers; v++) { /* the parent, and all children */
			pid_t pid = v < 0 ? getppid() : atomic_load(&d->child[v].pid);
			if (pid > 0 && (v < 0 || atomic_load(&d->child[v].closed_others)) &&
				proc_holds(pid, d->end[w][0], true, &d->child[w].holder_fd)) {
				d->child[w].holder = pid;
				return false;
			}
		}
	}
	return false;
}
//< watch

#endif
