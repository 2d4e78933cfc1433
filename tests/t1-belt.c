/* The belt between two stages of a pipeline: nothing is taken before it is ready, order is kept, nothing is lost; and the list of words
 * with known counts, whose functions find what was noted, and notice what is spoilt. */
#include <pthread.h>
#include <sched.h>
#include <time.h>
#include "kernels/rng.h"
#include "kernels/runtime/belt.h"
#include "kernels/word_list.h"
#include "tests/tap.h"

enum { STAGES = 4, PIECES = 2000, ROUNDS = 20 };

static struct belt belt[STAGES];
static uint64_t piece[PIECES], seed;
static int at[PIECES]; /* how many stages a piece has been through */
static long odd;       /* by the last stage alone */

static void *stage(void *arg)
{
	int s = (int)(intptr_t)arg;
	for (size_t b = 0; b < PIECES; b++) {
		if (s > 0)
			belt_wait(&belt[s], b, NULL, 0);
		uint64_t r = rng_at(seed + (uint64_t)s, b);
		if (r % 64 == 0)
			sched_yield();
		if (s == STAGES - 1)
			odd += at[b] != s;
		piece[b] = piece[b] * 31 + r; /* plain memory: ThreadSanitizer sees whether the belt orders it */
		at[b]++;
		if (s + 1 < STAGES)
			belt_hand_on(&belt[s + 1]);
	}
	return NULL;
}

static bool pipeline(void)
{
	pthread_t thread[STAGES];
	memset(piece, 0, sizeof piece);
	memset(at, 0, sizeof at);
	odd = 0;
	for (int s = 0; s < STAGES; s++)
		belt_init(&belt[s]);
	for (int s = 0; s < STAGES; s++)
		if (pthread_create(&thread[s], NULL, stage, (void *)(intptr_t)s))
			bail_out("no thread to be had");
	for (int s = 0; s < STAGES; s++)
		pthread_join(thread[s], NULL);
	long wrong = odd;
	for (size_t b = 0; b < PIECES; b++) {
		uint64_t expected = 0;
		for (int s = 0; s < STAGES; s++)
			expected = expected * 31 + rng_at(seed + (uint64_t)s, b);
		wrong += piece[b] != expected;
	}
	return wrong == 0;
}

static void words(size_t n)
{
	static struct word_table table, half, other;
	struct word_list list;
	uint64_t letter[1 << WORD_BITS] = {0};
	char text[200];
	memset(&table, 0, sizeof table);
	memset(&half, 0, sizeof half);
	memset(&other, 0, sizeof other);
	if (word_list_draw(&list, seed, n))
		bail_out("no memory for the words");
	memset(list.list, 0, n * sizeof(word));
	word_read(list.text, list.list, n);
	ok(!memcmp(list.list, list.given, n * sizeof(word)), "%zu words: read from the text as drawn", n);
	word_count_letters(list.list, n, letter);
	word_count_each(&table, list.list, n);
	memcpy(list.sorted, list.list, n * sizeof(word));
	word_sort(list.sorted, list.spare, n);
	ok(word_found_right(&list, &table, letter, text, sizeof text), "%zu words: %s", n, text);
	word_count_each(&half, list.list, n / 2);
	word_count_runs(&other, list.sorted, 0);
	word_sort(list.list + n / 2, list.spare, n - n / 2);
	word_count_runs(&other, list.list + n / 2, n - n / 2);
	word_table_add(&half, &other);
	ok(word_found_right(&list, &half, NULL, text, sizeof text), "%zu words: two tables added: %s", n, text);
	if (n > 0) {
		list.sorted[n / 2] ^= 1;
		ok(!word_found_right(&list, &table, letter, text, sizeof text), "%zu words: a changed word is noticed", n);
		list.sorted[n / 2] ^= 1;
		letter[1 + seed % 26]++;
		ok(!word_found_right(&list, &table, letter, text, sizeof text), "%zu words: a letter too many is noticed", n);
		word_count(&table, list.given[0], 1);
		ok(!word_found_right(&list, &table, NULL, text, sizeof text), "%zu words: a word too many is noticed", n);
	}
	word_list_free(&list);
}

int main(void)
{
	seed = (uint64_t)time(NULL);
	diag("seed %llu", (unsigned long long)seed);
	int good = 0;
	for (int round = 0; round < ROUNDS; round++, seed++)
		good += pipeline();
	ok(good == ROUNDS, "%d of %d runs through %d stages: each piece through all of them, in order", good, ROUNDS, STAGES);
	bool all = true;
	for (unsigned k = 1; k < WORD_DICTIONARY; k++)
		for (unsigned j = k > 40 ? k - 40 : 0; j < k; j++)
			all = all && word_of_dictionary(j) != word_of_dictionary(k);
	ok(all, "the words of the dictionary differ");
	for (size_t n = 0; n < 3; n++)
		words(n);
	words(7);
	words(100003);
	word_list_free(NULL);
	return tap_done();
}
