/* lockstep doctor: what works on this machine, what does not, why, and the package (Debian's name) that would cure it.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <langinfo.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kernels/bench/clock.h"
#include "kernels/bench/counters.h"
#include "kernels/bench/doctor.h"
#include "kernels/bench/file.h"
#include "kernels/bench/gate.h"
#include "kernels/bench/machine.h"
#include "kernels/bench/text_private.h"
#include "kernels/bench/topology.h"
#include "kernels/bench/options.h"
#include "kernels/bench/util.h"
#include "kernels/bench/words.h"

/* From <term.h>, whose macros (lines, columns, ...) are not wanted here. */
extern int setupterm(const char *term, int fd, int *error);
extern int tigetnum(const char *capability);

enum { AREA = 11 };

static bool as_json, utf8;

void doctor_say(enum finding state, const char *area, const char *cure, const char *fmt, ...)
{
	static const char *const state_name[] = {"ok", "limited", "no"}, *const mark[] = {"✓", "–", "✗"};
	static const char *const plain[] = {"ok", "--", "no"};
	char text[1000], shown[1200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	util_printable(text, shown, sizeof shown);
	if (as_json) {
		json_t *finding = json_pack("{s:s, s:s, s:s, s:s, s:s?}", "t", "finding", "area", area, "state",
									state_name[state], "text", shown, "cure", cure);

		json_dumpf(finding, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(finding);
		return;
	}
	int pad = AREA - text_columns(area);
	printf("%s %s%*s %s", utf8 ? mark[state] : plain[state], area, pad > 0 ? pad : 0, "", shown);
	if (cure)
		printf(" %s %s", utf8 ? "→" : "->", cure);
	putchar('\n');
}

/* "0-3,8": the numbers of a list, runs shortened. */
static void ranges(const int *list, int n, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0, j; i < n && used < size; i = j + 1) {
		for (j = i; j + 1 < n && list[j + 1] == list[j] + 1; j++)
			;
		used += (size_t)snprintf(out + used, size - used, j > i ? "%s%d-%d" : "%s%d", i ? "," : "", list[i], list[j]);
	}
}

static void look_at_cores(void)
{
	const struct topology *t = topology_get();
	char allowed[200], quota[60] = "", caches[200] = "";
	const char *vm = machine_vm();
	bool less = topology_usable() < t->cores;

	ranges(t->allowed, t->allowed_count, allowed, sizeof allowed);
	if (t->quota_cores > 0)
		snprintf(quota, sizeof quota, "; quota %.4g cores", t->quota_cores);
	doctor_say(
		less ? FINDING_LIMITED : FINDING_OK, _("cores"),
		less ? t->quota_cores > 0 && t->quota_cores < t->allowed_cores ? _("raise the container's CPU limit")
																	   : _("start without taskset or a narrower cpuset")
			 : NULL,
		_("%d usable of %d (%d hardware threads); allowed %s%s"), topology_usable(), t->cores, t->threads, allowed, quota);
	for (int i = 0; i < t->cache_count; i++) {
		size_t n = strlen(caches);
		double kib = (double)t->caches[i].bytes / 1024;

		snprintf(caches + n, sizeof caches - n, "%sL%d %d x %.4g %s", n ? ", " : "", t->caches[i].level,
				 t->caches[i].instances, kib >= 1024 ? kib / 1024 : kib, kib >= 1024 ? "MiB" : "KiB");
	}
	doctor_say(FINDING_OK, _("machine"), NULL, _("%s; %s; NUMA nodes: %d; %s"),
			   *t->cpu_model ? t->cpu_model : _("processor not named"), *caches ? caches : _("caches not listed"),
			   t->numa_nodes,
			   !vm					? _("virtual or not: not known")
			   : strcmp(vm, "none") ? vm
									: _("no hypervisor"));
}

static void look_at_noise(void)
{
	struct gate gate;
	struct timespec half = {.tv_nsec = 500000000};
	double foreign;

	gate_begin(&gate);
	while (nanosleep(&half, &half) && errno == EINTR)
		;
	foreign = gate_end(&gate);
	if (isnan(foreign))
		doctor_say(FINDING_NO, _("noise"), _("mount /proc"), _("/proc/stat is not readable: disturbed rounds can't be told"));
	else if (foreign < gate_foreign_max())
		doctor_say(FINDING_OK, _("noise"), NULL, _("others use %.2f cores now: quiet enough to measure"), foreign);
	else
		doctor_say(FINDING_LIMITED, _("noise"), _("close what else runs here"),
				   _("others use %.2f cores now: such rounds are thrown away (limit %.2f)"), foreign, gate_foreign_max());
}

static void look_at_counters(void)
{
	char list[COUNTERS * 40];
	static const char *const by[] = {"papi", "perf_event_open", ""};

	counters_init(TIER_AUTO);
	doctor_say(*counters_why_not_hw() ? FINDING_NO : FINDING_OK, _("counters"), NULL, _("hardware: %s"),
			   *counters_why_not_hw() ? words_of(counters_why_not_hw()) : _("count here"));
	for (size_t s = 0; s < sizeof by / sizeof *by; s++) { /* those seen to count, by where they are read */
		list[0] = '\0';
		for (int c = 0; c < COUNTERS; c++) {
			const char *source = counters_source((enum counter)c);
			bool other = strncmp(source, by[0], strlen(by[0])) && strncmp(source, by[1], strlen(by[1]));
			size_t n = strlen(list);

			if (*source && (*by[s] ? !strncmp(source, by[s], strlen(by[s])) : other))
				snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", counter_info[c].name);
		}
		if (*list)
			doctor_say(FINDING_OK, _("counters"), NULL, "%s: %s", *by[s] ? by[s] : _("the system"), list);
	}
	for (int c = 0; c < COUNTERS; c++) {
		const char *why = counters_absent((enum counter)c);

		if (why && strcmp(why, counters_why_not_hw()))
			doctor_say(FINDING_NO, _("counters"), NULL, "%s: %s", counter_info[c].name, words_of(why));
	}
	if (!HAVE_PAPI)
		doctor_say(FINDING_LIMITED, "PAPI", _("apt install libpapi-dev, then make"), _("this build is without it"));
}

static void look_at_clock(void)
{
	char source[60] = "?";
	int64_t first = now_ns(), step = INT64_MAX, last = first, now = first;
	int reads = 0;
	bool slow;

	file_line("/sys/devices/system/clocksource/clocksource0/current_clocksource", source, sizeof source);
	for (; now - first < 2000000; reads++, last = now) {
		now = now_ns();
		if (now > last && now - last < step)
			step = now - last;
	}
	slow = !strcmp(source, "hpet") || !strcmp(source, "acpi_pm") || !strcmp(source, "jiffies");
	doctor_say(slow ? FINDING_LIMITED : FINDING_OK, _("clock"),
			   slow ? _("boot with clocksource=tsc where the TSC is reliable") : NULL,
			   _("%s: a read takes %.0f ns, smallest step seen %lld ns"), source, (double)(now - first) / reads,
			   (long long)step);
}

static void look_at_terminal(void)
{
	const char *term = getenv("TERM");
	struct winsize size = {0};
	int error = 0, colours = 0;
	char shape[40] = "size not known";
	bool small;

	if (!term || !*term || setupterm(NULL, STDOUT_FILENO, &error) != 0) {
		doctor_say(FINDING_NO, _("terminal"), _("export TERM=xterm-256color, or apt install ncurses-term"),
				   _("TERM is %s: the screen can't run; lessons in plain text can"), term && *term ? term : _("not set"));
	} else {
		for (int fd = 0; fd < 3 && !size.ws_col; fd++)
			if (ioctl(fd, TIOCGWINSZ, &size))
				size.ws_col = 0;
		if (size.ws_col)
			snprintf(shape, sizeof shape, "%dx%d", size.ws_col, size.ws_row);
		colours = tigetnum("colors");
		small = size.ws_col && (size.ws_col < 80 || size.ws_row < 24);
		doctor_say(small || colours < 8 ? FINDING_LIMITED : FINDING_OK, _("terminal"),
				   small		 ? _("make it 80x24 or larger")
				   : colours < 8 ? _("export TERM=xterm-256color if it has colours")
								 : NULL,
				   _("%s: %d colours, %s"), term, colours > 0 ? colours : 0, shape);
	}
	doctor_say(utf8 ? FINDING_OK : FINDING_LIMITED, _("characters"), utf8 ? NULL : "export LC_ALL=C.UTF-8", "%s%s",
			   nl_langinfo(CODESET), utf8 ? "" : _(": charts are drawn in ASCII"));
}

static void look_at_languages(void)
{
	char names[WORDS_LANGUAGES][WORDS_NAME], list[WORDS_LANGUAGES * (WORDS_NAME + 2)] = "";
	int n = words_languages(names);

	for (int i = 0; i < n; i++) {
		size_t used = strlen(list);

		snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
	}
	if (n > 1)
		doctor_say(FINDING_OK, _("languages"), NULL, "%s", list);
	else
		doctor_say(FINDING_LIMITED, _("languages"), _("apt install gettext, then make"),
				   _("en only: msgfmt was not there when the catalogues were to be built"));
}

static void look_at_folder(const char *area, const char *dir, int error)
{
	if (dir && access(dir, W_OK | X_OK) == 0)
		doctor_say(FINDING_OK, area, NULL, _("%s is writable"), dir);
	else
		doctor_say(FINDING_NO, area, _("set HOME, XDG_STATE_HOME and XDG_CACHE_HOME to folders that you may write"),
				   "%s: %s", dir ? dir : _("no folder"), strerror(dir ? errno : error));
}

static void look_at_folders(void)
{
	const char *dir = util_state_dir(true);
	int error = errno;

	look_at_folder(_("progress"), dir, error);
	dir = util_cache_dir(true);
	look_at_folder(_("cache"), dir, errno);
}

static void look_at_compiler(void)
{
	json_t *machine = machine_record(), *parts = json_object_get(machine, "parts"), *there;
	char with[100] = "", without[100] = "";
	const char *name;

	json_object_foreach(parts, name, there)
	{
		char *list = json_is_true(there) ? with : without;

		snprintf(list + strlen(list), sizeof with - strlen(list), "%s%s", *list ? ", " : "", name);
	}
	doctor_say(FINDING_OK, _("compiler"), NULL, _("%s %s; built with %s%s%s"),
			   json_string_value(json_object_get(machine, "compiler")),
			   json_string_value(json_object_get(machine, "flags")), *with ? with : _("no optional part"),
			   *without ? _(", without ") : "", without);
	json_decref(machine);
}

static const struct option_row options[] = {
	{'j', "json", NULL, N_("one JSON object a line"), NULL},
	{0, NULL, NULL, NULL, NULL},
};

static const struct program_options usage = {
	.program = "lockstep doctor",
	.synopsis = "[--json]",
	.about = N_("What works on this machine, what does not, why, and the package that would cure it."),
	.options = options,
};

int main(int argc, char **argv)
{
	int c;

	utf8 = words_start();
	opterr = 0;
	while ((c = getopt_long(argc, argv, options_short(&usage), options_long(&usage), NULL)) != -1) {
		if (options_common(&usage, c))
			return EXIT_RIGHT;
		if (c != 'j') {
			fprintf(stderr, "lockstep doctor: unknown option %s; allowed are --json and --help\n", argv[optind - 1]);
			return EXIT_USAGE;
		}
		as_json = true;
	}
	if (optind < argc) {
		fprintf(stderr, "lockstep doctor: unexpected argument '%s'; allowed are --json and --help\n", argv[optind]);
		return EXIT_USAGE;
	}
	if (as_json) /* for programs: always English */
		words_language("en");
	setvbuf(stdout, NULL, _IOLBF, 0);
	look_at_noise(); /* first: the rest of this program is noise */
	look_at_cores();
	look_at_clock();
	look_at_counters();
	look_at_compiler();
	doctor_outside();
	look_at_terminal();
	look_at_languages();
	look_at_folders();
	return EXIT_RIGHT;
}
