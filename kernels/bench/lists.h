/* Lists as people type them. */
#ifndef LOCKSTEP_LISTS_H
#define LOCKSTEP_LISTS_H

#include <stdbool.h>
#include <stddef.h>

/* "1,2,4", "1-8", "max" (the usable cores), "2x" (twice those): ascending, each once. False with a reason. */
bool list_workers(const char *text, int usable, int *out, int *count, int most, char *why, size_t size);

/* "16" or "1,4,16": numbers in [min, max], whole unless fraction, each once. False with a reason. */
bool list_numbers(const char *text, double min, double max, bool fraction, const char *unit, double *out, int *count, int most,
		  char *why, size_t size);

#endif
