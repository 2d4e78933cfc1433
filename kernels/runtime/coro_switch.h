/* From one stack to another: what makes a coroutine. A function that is called runs on its caller's stack and must return before the
 * caller goes on. A coroutine has a stack of its own, so it can stop in the midst of its calls and go on later. To leave one stack for
 * another, only the registers that a called function must preserve (System V ABI; AAPCS64) have to be kept: on the stack that is left.
 *
 *     coro_switch(&here, &there)      keeps the registers on this stack, its address in `here`, takes those of `there`;
 *                                     "returns" when somebody switches back to `here`
 *
 * That is a dozen instructions and no system call. On other machines (or with -DCORO_PORTABLE) ucontext(3) does it, which asks the
 * kernel each time. The sanitizers follow a program by its stack: they are told of every switch. Not kept: the signal mask and the
 * rounding mode, which belong to the thread. */
#ifndef LOCKSTEP_CORO_SWITCH_H
#define LOCKSTEP_CORO_SWITCH_H

#include <stddef.h>

#if !defined __x86_64__ && !defined __aarch64__ && !defined CORO_PORTABLE
#define CORO_PORTABLE
#endif

/* A place where a stack was left. All 0 is right for the thread's own stack. */
struct coro_place {
	void *sp;             /* the registers lie there (portable: a ucontext_t) */
	const void *bottom;   /* the stack, lowest address, and its size */
	size_t bytes;
	void *fiber;          /* ThreadSanitizer's and AddressSanitizer's name for it */
	void *fake_stack;
};

/* A place at which `begin(arg)` will begin when somebody switches there; `begin` must never return: its last act is coro_leave. The
 * stack belongs to the caller. 0, or -1 with errno. */
int coro_place_new(struct coro_place *place, void *stack, size_t bytes, void (*begin)(void *arg), void *arg);
/* When nobody will come back to it. */
void coro_place_free(struct coro_place *place);

void coro_switch(struct coro_place *here, struct coro_place *there);
/* The same, for ever: nobody will switch to `here` again. */
__attribute__((noreturn)) void coro_leave(struct coro_place *here, struct coro_place *there);
/* The first act of `begin`: tells the sanitizers that we have arrived, from `there`. */
void coro_arrived(struct coro_place *here, struct coro_place *there);

/* ---- stacks: `bytes` (a multiple of the page) to be used, and below them a page that nobody may touch, so that an overflow ends the
 * program instead of damaging a neighbour. Only pages that are used cost memory. NULL with errno. */
void *coro_stack_new(size_t bytes);
void coro_stack_free(void *stack, size_t bytes);

#endif
