/* Events through PAPI. What it lists is not what counts (in a VM PAPI_query_event says yes to all): see counters.c. */
#include "kernels/bench/counters_backend.h"

#if HAVE_PAPI

#include <papi.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Event sets are made and destroyed one at a time, also across a fork. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void take(void)
{
	pthread_mutex_lock(&lock);
}
static void give(void)
{
	pthread_mutex_unlock(&lock);
}

static unsigned long thread_id(void)
{
	return (unsigned long)pthread_self();
}

static const char *init_once(void)
{
	static char why[240];
	int got = PAPI_library_init(PAPI_VER_CURRENT), component;
	const PAPI_component_info_t *info;

	if (got != PAPI_VER_CURRENT) {
		snprintf(why, sizeof why, "PAPI does not start: %s",
				 got > 0 ? "the library is of another version than its header" : PAPI_strerror(got));
		return why;
	}
	if ((got = PAPI_thread_init(thread_id)) != PAPI_OK) {
		snprintf(why, sizeof why, "PAPI does not count threads: %s", PAPI_strerror(got));
		return why;
	}
	component = PAPI_get_component_index("perf_event");
	info = component >= 0 ? PAPI_get_component_info(component) : NULL;
	if (!info || info->disabled) {
		snprintf(why, sizeof why, "PAPI %d.%d has no perf events here: %.100s", PAPI_VERSION_MAJOR(PAPI_VERSION),
				 PAPI_VERSION_MINOR(PAPI_VERSION), info ? info->disabled_reason : "built without them");
		return why;
	}
	pthread_atfork(take, give, give);
	return NULL;
}

static const char *papi_init(void)
{
	static bool done;
	static const char *why;

	if (!done)
		why = init_once();
	done = true;
	return why;
}

static const char *papi_candidate(enum counter c, int i)
{
	static const char *const names[COUNTERS][3] = {
		[COUNT_CYCLES] = {"PAPI_TOT_CYC", "perf::CYCLES"},
		[COUNT_INSTRUCTIONS] = {"PAPI_TOT_INS", "perf::INSTRUCTIONS"},
		[COUNT_CACHE_MISSES] = {"PAPI_L3_TCM", "perf::CACHE-MISSES"},
		[COUNT_BRANCH_MISSES] = {"PAPI_BR_MSP", "perf::BRANCH-MISSES"},
		[COUNT_FLOPS] = {"PAPI_DP_OPS", "PAPI_FP_OPS"},
		[COUNT_TASK_CLOCK] = {"perf::TASK-CLOCK"},
		[COUNT_PAGE_FAULTS] = {"perf::PAGE-FAULTS"},
		[COUNT_MIGRATIONS] = {"perf::CPU-MIGRATIONS"},
		[COUNT_SWITCHES] = {"perf::CONTEXT-SWITCHES"},
	};

	return i < 3 ? names[c][i] : NULL;
}

static void destroy(struct counter_set *set)
{
	if (set->event_set != PAPI_NULL) {
		PAPI_cleanup_eventset(set->event_set);
		PAPI_destroy_eventset(&set->event_set);
	}
	set->event_set = PAPI_NULL;
	set->n = 0;
}

static bool papi_open(struct counter_set *set, const char *const *names, int n, bool kernel, char *why, size_t size)
{
	const char *at = "a set";
	int got;

	take();
	*set = (struct counter_set){.event_set = PAPI_NULL};
	/* a set takes the domain that holds when it is made; set later, it fails */
	got = PAPI_set_domain(kernel ? PAPI_DOM_ALL : PAPI_DOM_USER);
	if (got == PAPI_OK)
		got = PAPI_create_eventset(&set->event_set);
	for (int i = 0; got == PAPI_OK && i < n; i++) {
		at = names[i];
		got = PAPI_add_named_event(set->event_set, names[i]);
	}
	if (got == PAPI_OK)
		set->n = n;
	else
		destroy(set);
	give();
	if (got == PAPI_OK)
		return true;
	snprintf(why, size, "PAPI does not add %s: %s", at, PAPI_strerror(got));
	return false;
}

static bool papi_start(struct counter_set *set)
{
	return PAPI_start(set->event_set) == PAPI_OK;
}

static bool papi_stop(struct counter_set *set, int64_t *values)
{
	long long got[COUNTERS] = {0};

	if (PAPI_stop(set->event_set, got) != PAPI_OK)
		return false;
	for (int i = 0; i < set->n; i++)
		values[i] = got[i];
	return true;
}

static void papi_close(struct counter_set *set)
{
	take();
	destroy(set);
	PAPI_unregister_thread();
	give();
}

static void papi_forget(struct counter_set *set)
{
	set->event_set = PAPI_NULL;
	set->n = 0;
}

const struct counter_backend counter_backend_papi = {
	.name = "papi",
	.init = papi_init,
	.candidate = papi_candidate,
	.open = papi_open,
	.start = papi_start,
	.stop = papi_stop,
	.close = papi_close,
	.forget = papi_forget,
};

#endif
