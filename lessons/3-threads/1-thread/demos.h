/* The demonstrations of the lesson `thread`: what becomes of a thread when main ends. A child process is the program that is shown. */
#ifndef LOCKSTEP_THREAD_DEMOS_H
#define LOCKSTEP_THREAD_DEMOS_H

#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lessons/demo.h"

enum { READ, WRITE };
static int go[2], done[2]; /* pipes: "finish your work" and "it is finished" */

static void *finish(void *arg)
{
	char byte = 0;
	if (read(go[READ], &byte, 1) == 1 && write(done[WRITE], &byte, 1) == 1)
		_exit(0);
	_exit(1);
	return arg;
}

//> main-ends
static void small_program(bool returns)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, finish, NULL) != 0)
		_exit(2);
	if (returns)
		_exit(0); /* as `return 0;` in main does, and exit(): the whole process ends */
	pthread_exit(NULL); /* only this thread ends */
}
//< main-ends

static int main_ends(struct telling *t, bool returns)
{
	char byte = 'x';
	int status = 0;
	if (pipe(go) != 0)
		return -1;
	pid_t child = pipe(done) == 0 ? fork() : -1;
	if (child == 0)
		small_program(returns);
	int error = child < 0 ? errno : 0;
	if (child > 0) {
		close(done[WRITE]); /* ours: else the end would never be seen */
		tell(t, "a thread is at work; main %s", returns ? N_("returns") : N_("calls pthread_exit"));
		while (returns && waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		if (write(go[WRITE], &byte, 1) != 1)
			error = errno;
		bool answered = read(done[READ], &byte, 1) == 1;
		while (!returns && waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
			error = EAGAIN; /* it could not have its thread */
		else
			tell_check(t, answered != returns, answered ? N_("the thread finished its work, then the process ended")
							    : N_("the process has ended, and the thread with it: its work is not done"));
		tell_figure(t, answered, !returns);
		close(done[READ]);
	} else if (done[READ]) {
		close(done[READ]);
		close(done[WRITE]);
	}
	close(go[READ]);
	close(go[WRITE]);
	done[READ] = 0;
	return (errno = error) ? -1 : 0;
}

static int main_returns(struct telling *t) { return main_ends(t, true); }
static int main_leaves(struct telling *t) { return main_ends(t, false); }

static const struct demo demos[] = {
	{"main-returns", "main returns while a thread is at work", .run = main_returns},
	{"main-leaves", "main ends as a thread, and the other one goes on", .run = main_leaves},
	{0},
};

#endif
