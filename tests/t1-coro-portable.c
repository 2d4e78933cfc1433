/* The same with ucontext(3), for machines whose registers we do not know. */
#define CORO_PORTABLE
#include "kernels/runtime/coro_switch.c"
#include "tests/t1-coro.c"
