/* The views in the order of their keys. */
#include "tui/view.h"

const struct view *const views[] = {&view_speedup, &view_timeline, &view_budget, &view_counters, &view_code, &view_output, NULL};
