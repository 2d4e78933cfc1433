/* The text of the kernel word_count, for its peers, and the figure of what they found. */
#ifndef LOCKSTEP_PEER_WORD_COUNT_H
#define LOCKSTEP_PEER_WORD_COUNT_H

#include "kernels/peers/peer.h"
#include "kernels/word_text.h"

struct text {
	char *text;
	void *result; /* the peer's own */
};

static inline bool text_prepare(struct peer_job *job)
{
	struct text *d = (struct text *)calloc(1, sizeof *d);
	uint64_t distinct = (uint64_t)peer_param(job, "words", 2e5);
	uint32_t *written = (uint32_t *)calloc(distinct, sizeof *written);
	job->data = d;
	if (!d || !written || !(d->text = (char *)peer_alloc(job->size, 1)))
		return false;
	text_make(d->text, job->size, job->seed, distinct, written);
	free(written);
	return true;
}

#ifdef __cplusplus
#include <string_view>
#include <utility>
#include <vector>

/* Words counted in hash maps: a map per OpenMP thread, added up at the end. */
template <class Map> static void count_words(Map &map, const char *text, size_t first, size_t last, size_t size)
{
	/* A slice begins after the word into which its border falls, and ends with the one into which the next border falls. */
	auto blank = [&](size_t i) { return static_cast<unsigned char>(text[i]) <= ' '; };
	size_t i = first;
	while (i > 0 && i < size && !blank(i - 1))
		i++;
	while (i < last) {
		while (i < last && blank(i))
			i++;
		if (i == last)
			break;
		size_t begin = i;
		while (i < size && !blank(i))
			i++;
		++map[std::string_view(text + begin, i - begin)];
	}
}

template <class Map> static void maps_run(struct peer_job *job)
{
	auto *d = static_cast<text *>(job->data);
	std::vector<Map> maps(job->threads);
	size_t p = job->threads;
#pragma omp parallel for num_threads(job->threads) schedule(static, 1)
	for (size_t w = 0; w < p; w++)
		count_words(maps[w], d->text, job->size / p * w, w + 1 < p ? job->size / p * (w + 1) : job->size, job->size);
	for (size_t w = 1; w < p; w++)
		for (const auto &[word, count] : maps[w])
			maps[0][word] += count;
	delete static_cast<Map *>(d->result);
	d->result = new Map(std::move(maps[0]));
}

template <class Map> static double maps_check(const struct peer_job *job)
{
	uint64_t sum = 0;
	for (const auto &[word, count] : *static_cast<Map *>(static_cast<text *>(job->data)->result))
		sum += word_figure(word.data(), word.size(), count);
	return figure_of(sum);
}
#endif

#endif
