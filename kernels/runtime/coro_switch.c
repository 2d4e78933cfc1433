#include "kernels/runtime/coro_switch.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef CORO_PORTABLE
#include <ucontext.h>
#endif

/* ---- the sanitizers ---- */

#if defined __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
static void leaving(struct coro_place *here, struct coro_place *there, int for_ever)
{
	__sanitizer_start_switch_fiber(for_ever ? NULL : &here->fake_stack, there->bottom, there->bytes);
}
static void back(struct coro_place *here, struct coro_place *from)
{
	__sanitizer_finish_switch_fiber(here->fake_stack, &from->bottom, &from->bytes); /* so the thread's own stack gets known */
}
/* Frames that were never left have marked the stack; whoever uses it next must not find that. */
static int named(struct coro_place *place) { return __asan_unpoison_memory_region(place->bottom, place->bytes), 0; }
static void unnamed(struct coro_place *place) { __asan_unpoison_memory_region(place->bottom, place->bytes); }
#elif defined __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
/* Not to be counted as a call by ThreadSanitizer, which would end it on another stack than it began. */
__attribute__((no_sanitize_thread)) static void leaving(struct coro_place *here, struct coro_place *there, int for_ever)
{
	(void)for_ever;
	if (!here->fiber)
		here->fiber = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(there->fiber, 0); /* 0: what was done before is seen after, as on one thread */
}
static void back(struct coro_place *here, struct coro_place *from) { (void)here, (void)from; }
static int named(struct coro_place *place) { return place->fiber = __tsan_create_fiber(0), 0; }
static void unnamed(struct coro_place *place)
{
	if (place->fiber)
		__tsan_destroy_fiber(place->fiber);
}
#else
static void leaving(struct coro_place *here, struct coro_place *there, int for_ever) { (void)here, (void)there, (void)for_ever; }
static void back(struct coro_place *here, struct coro_place *from) { (void)here, (void)from; }
static int named(struct coro_place *place) { return (void)place, 0; }
static void unnamed(struct coro_place *place) { (void)place; }
#endif

/* ---- the switch ---- */

#ifndef CORO_PORTABLE
/* Pushes the registers that a callee must preserve, leaves the stack pointer in *here, takes `there` as the stack pointer and pops the
 * same registers there. The return address was pushed by the call: `ret` goes on where that stack was left. */
void coro_swap(void **here, void *there);
void coro_begin(void); /* where a new stack "returns" to: calls the function that waits in a register */
#if defined __x86_64__
__asm__(".text\n.globl coro_swap\n.type coro_swap,@function\n"
	//> swap
	"coro_swap:\n" /* (here, there) */
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n" /* the old stack */
	"	movq %rsi, %rsp\n"   /* the new one */
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n" /* to where it was left */
	//< swap
	".size coro_swap,.-coro_swap\n");
__asm__(".text\n.globl coro_begin\n.type coro_begin,@function\n"
	"coro_begin:\n.cfi_startproc\n.cfi_undefined rip\n" /* a debugger sees: here the stack begins */
	"	movq %r13, %rdi\n	xorl %ebp, %ebp\n	callq *%r12\n	ud2\n"
	".cfi_endproc\n.size coro_begin,.-coro_begin\n");
enum { FUNCTION = 3, ARGUMENT = 2, RETURN = 6, SLOTS = 9 }; /* r12, r13, the return address; 9: the stack is aligned at the call */
#else
__asm__(".text\n.globl coro_swap\n.type coro_swap,%function\n"
	"coro_swap:\n"
	"	sub sp, sp, #160\n"
	"	stp x19, x20, [sp]\n	stp x21, x22, [sp, #16]\n	stp x23, x24, [sp, #32]\n"
	"	stp x25, x26, [sp, #48]\n	stp x27, x28, [sp, #64]\n	stp x29, x30, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n	stp d10, d11, [sp, #112]\n	stp d12, d13, [sp, #128]\n	stp d14, d15, [sp, #144]\n"
	"	mov x9, sp\n	str x9, [x0]\n"
	"	mov sp, x1\n"
	"	ldp x19, x20, [sp]\n	ldp x21, x22, [sp, #16]\n	ldp x23, x24, [sp, #32]\n"
	"	ldp x25, x26, [sp, #48]\n	ldp x27, x28, [sp, #64]\n	ldp x29, x30, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n	ldp d10, d11, [sp, #112]\n	ldp d12, d13, [sp, #128]\n	ldp d14, d15, [sp, #144]\n"
	"	add sp, sp, #160\n	ret\n"
	".size coro_swap,.-coro_swap\n");
__asm__(".text\n.globl coro_begin\n.type coro_begin,%function\n"
	"coro_begin:\n.cfi_startproc\n.cfi_undefined x30\n"
	"	mov x0, x20\n	mov x29, xzr\n	blr x19\n	brk #1\n"
	".cfi_endproc\n.size coro_begin,.-coro_begin\n");
enum { FUNCTION = 0, ARGUMENT = 1, RETURN = 11, SLOTS = 20 };
#endif

static int lay_out(struct coro_place *place, void (*begin)(void *), void *arg)
{
	uintptr_t top = ((uintptr_t)place->bottom + place->bytes) & ~(uintptr_t)15;
	uint64_t *slot = (uint64_t *)top - SLOTS; /* as if it had been left by coro_swap; aligned as the ABI wants it */
	slot[FUNCTION] = (uint64_t)(uintptr_t)begin;
	slot[ARGUMENT] = (uint64_t)(uintptr_t)arg;
	slot[RETURN] = (uint64_t)(uintptr_t)coro_begin;
	place->sp = slot;
	return 0;
}
static void forget(struct coro_place *place) { place->sp = NULL; }
static inline void swap(struct coro_place *here, struct coro_place *there) { coro_swap(&here->sp, there->sp); }

#else
struct start {
	ucontext_t context;
	void (*begin)(void *);
	void *arg;
};

/* makecontext passes ints: the pointer comes in two halves. */
static void start(unsigned high, unsigned low)
{
	const struct start *s = (const struct start *)(uintptr_t)((uint64_t)high << 32 | low);
	s->begin(s->arg);
}

static int lay_out(struct coro_place *place, void (*begin)(void *), void *arg)
{
	struct start *s = calloc(1, sizeof *s);
	if (!s || getcontext(&s->context)) {
		free(s);
		return -1;
	}
	s->begin = begin;
	s->arg = arg;
	s->context.uc_stack.ss_sp = (void *)(uintptr_t)place->bottom;
	s->context.uc_stack.ss_size = place->bytes;
	makecontext(&s->context, (void (*)(void))start, 2, (unsigned)((uint64_t)(uintptr_t)s >> 32), (unsigned)(uintptr_t)s);
	place->sp = s;
	return 0;
}
static void forget(struct coro_place *place)
{
	free(place->sp);
	place->sp = NULL;
}
static inline void swap(struct coro_place *here, struct coro_place *there)
{
	ucontext_t own; /* of the thread's own stack, which nobody has laid out: it lies where it is left */
	ucontext_t *mine = here->sp ? &((struct start *)here->sp)->context : &own;
	void *sp = here->sp;
	if (!sp)
		here->sp = &own; /* struct start begins with it */
	swapcontext(mine, there->sp);
	here->sp = sp;
}
#endif

int coro_place_new(struct coro_place *place, void *stack, size_t bytes, void (*begin)(void *arg), void *arg)
{
	*place = (struct coro_place){.bottom = stack, .bytes = bytes};
	return lay_out(place, begin, arg) || named(place) ? -1 : 0;
}

void coro_place_free(struct coro_place *place)
{
	unnamed(place);
	forget(place);
	*place = (struct coro_place){0};
}

#ifdef __SANITIZE_THREAD__
__attribute__((no_sanitize_thread))
#endif
void coro_switch(struct coro_place *here, struct coro_place *there)
{
	leaving(here, there, 0);
	swap(here, there);
	back(here, there);
}

#ifdef __SANITIZE_THREAD__
__attribute__((no_sanitize_thread))
#endif
void coro_leave(struct coro_place *here, struct coro_place *there)
{
	leaving(here, there, 1);
	swap(here, there);
	abort(); /* somebody came back */
}

void coro_arrived(struct coro_place *here, struct coro_place *there) { back(here, there); }

/* ---- stacks ---- */

void *coro_stack_new(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *all = mmap(NULL, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (all == MAP_FAILED)
		return NULL;
	if (mprotect(all, page, PROT_NONE)) { /* stacks grow downwards */
		int error = errno;
		munmap(all, bytes + page);
		errno = error;
		return NULL;
	}
	return all + page;
}

void coro_stack_free(void *stack, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	munmap((char *)stack - page, bytes + page);
}
