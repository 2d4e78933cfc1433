/* The frame of a puzzle: the learner's lines take the place of the line marked below. Two coroutines on one thread (ucontext(3), the
 * smallest loop there is) pay 100 bills each from one balance; the amount has to be asked for, and that is an await. Exit 0 when the balance
 * is right to the penny. No clock, no chance: the same lines always give the same result. */
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

enum { BUYERS = 2, BILLS = 100, START = 10000 };
static ucontext_t loop, buyer[BUYERS];
static char stack[BUYERS][64 << 10];
static int running, done[BUYERS];
static long balance = START, spent;

/* await: the other one runs, then we go on */
static void yield(void) { swapcontext(&buyer[running], &loop); }

__attribute__((unused)) static long ask_price(void)
{
	static long asked;
	yield(); /* the answer takes a while */
	long price = 1 + asked++ % 7;
	spent += price;
	return price;
}

static void pay(void)
{
	for (int i = 0; i < BILLS; i++) {
		//@
	}
	done[running] = 1;
}

int main(void)
{
	for (int i = 0; i < BUYERS; i++) {
		if (getcontext(&buyer[i]))
			return 2;
		buyer[i].uc_stack.ss_sp = stack[i];
		buyer[i].uc_stack.ss_size = sizeof stack[i];
		buyer[i].uc_link = &loop;
		makecontext(&buyer[i], pay, 0);
	}
	for (int left = BUYERS; left > 0;) {
		for (int i = 0; i < BUYERS; i++) {
			if (done[i])
				continue;
			running = i;
			if (swapcontext(&loop, &buyer[i]))
				return 2;
			left -= done[i];
		}
	}
	if (spent > 0 && balance == START - spent)
		return 0;
	if (spent == 0)
		puts("nobody asked for a price");
	else
		printf("the balance is %ld; %d - %ld would be %ld\n", balance, START, spent, START - spent);
	return 1;
}
