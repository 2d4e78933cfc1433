/* The doctor's questions to other programs: gnuplot, python3, Open MPI, nvcc, and the drivers of accelerators, each in
 * a child of its own, so that a hanging or crashing one costs no more than its time-out. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kernels/bench/words.h"

#include "kernels/bench/child.h"
#include "kernels/bench/clock.h"
#include "kernels/bench/doctor.h"

enum { GNUPLOT, PYTHON, MPI, NVCC, NVIDIA, OPENCL, ASKED };
static const int64_t patience_ns = 1900000000;

/* ---- drivers, asked through their public C interfaces, no headers needed ----------------------------------------- */

/* dlsym gives a data pointer; POSIX promises that it may be called. */
static bool symbol(void *library, const char *name, void *function, size_t size)
{
	void *found = dlsym(library, name);

	memcpy(function, &found, size);
	return found != NULL;
}

/* Prints one device a line. 0: some; 1: driver, no device; 2: no driver. */
static int ask_nvidia(void)
{
	void *lib = dlopen("libcuda.so.1", RTLD_NOW);
	int (*init)(unsigned), (*count)(int *), (*get)(int *, int), (*name)(char *, int, int);
	int n = 0, device, error;
	char text[256];

	if (!lib || !symbol(lib, "cuInit", &init, sizeof init) || !symbol(lib, "cuDeviceGetCount", &count, sizeof count) ||
		!symbol(lib, "cuDeviceGet", &get, sizeof get) || !symbol(lib, "cuDeviceGetName", &name, sizeof name))
		return 2;
	if ((error = init(0)) || (error = count(&n)) || n <= 0) {
		printf("%d\n", error);
		return 1;
	}
	for (int i = 0; i < n; i++)
		if (!get(&device, i) && !name(text, sizeof text, device))
			printf("%s\n", text);
	return 0;
}

static int ask_opencl(void)
{
	enum { ALL = -1, PLATFORM_NAME = 0x0902, DEVICE_NAME = 0x102B, MANY = 16 };
	void *lib = dlopen("libOpenCL.so.1", RTLD_NOW), *platform[MANY], *device[MANY];
	int (*platforms)(uint32_t, void **, uint32_t *), (*devices)(void *, uint64_t, uint32_t, void **, uint32_t *);
	int (*platform_info)(void *, uint32_t, size_t, void *, size_t *);
	int (*device_info)(void *, uint32_t, size_t, void *, size_t *);
	uint32_t p = 0, d = 0, seen = 0;
	char of[200], text[200];

	if (!lib || !symbol(lib, "clGetPlatformIDs", &platforms, sizeof platforms) ||
		!symbol(lib, "clGetDeviceIDs", &devices, sizeof devices) ||
		!symbol(lib, "clGetPlatformInfo", &platform_info, sizeof platform_info) ||
		!symbol(lib, "clGetDeviceInfo", &device_info, sizeof device_info))
		return 2;
	if (platforms(MANY, platform, &p))
		return 1;
	for (uint32_t i = 0; i < p && i < MANY; i++) {
		if (devices(platform[i], 0xFFFFFFFF, MANY, device, &d) || /* CL_DEVICE_TYPE_ALL */
			platform_info(platform[i], PLATFORM_NAME, sizeof of, of, NULL))
			continue;
		for (uint32_t k = 0; k < d && k < MANY; k++)
			if (!device_info(device[k], DEVICE_NAME, sizeof text, text, NULL)) {
				printf("%s (%s)\n", text, of);
				seen++;
			}
	}
	return seen ? 0 : 1;
}

/* ---- answers ----------------------------------------------------------------------------------------------------- */

/* The first line of the answer that contains `mark`; "" when none does. */
static const char *line_with(const struct child *c, const char *mark, char *out, size_t size)
{
	const char *at = strstr(c->text, mark);

	out[0] = '\0';
	if (at) {
		while (at > c->text && at[-1] != '\n')
			at--;
		snprintf(out, size, "%.*s", (int)strcspn(at, "\n"), at);
	}
	return out;
}

/* All lines, joined by commas. */
static void join_lines(const struct child *c, char *out, size_t size)
{
	snprintf(out, size, "%.*s", (int)size - 1, c->text);
	for (size_t n = strlen(out); n && out[n - 1] == '\n';)
		out[--n] = '\0';
	for (char *p = out; (p = strchr(p, '\n'));)
		*p = ',';
}

static void say_gnuplot(const struct child *c)
{
	static const char *const wanted[] = {"svg", "pngcairo", "pdfcairo", "dumb", "sixelgd"};
	char version[200], have[120] = "", lack[120] = "";

	if (c->status || !*line_with(c, "gnuplot ", version, sizeof version)) {
		doctor_say(FINDING_NO, "gnuplot", "apt install gnuplot-nox",
				   c->late ? _("does not answer: no charts on paper") : _("is not here: no charts on paper"));
		return;
	}
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		char word[40];
		char *list;

		snprintf(word, sizeof word, " %s ", wanted[i]);
		list = strstr(c->text, word) ? have : lack;
		snprintf(list + strlen(list), sizeof have - strlen(list), "%s%s", *list ? ", " : "", wanted[i]);
	}
	doctor_say(*lack ? FINDING_LIMITED : FINDING_OK, "gnuplot", *lack ? "apt install gnuplot-nox" : NULL, "%s: %s%s%s",
			   version, have, *lack ? _("; without ") : "", lack);
}

static void say_python(const struct child *c)
{
	char have[400] = "", broken[200] = "", lack[300] = "", apt[400] = "", version[100] = "", cure[600];
	char text[sizeof c->text], *line, *rest = text;
	bool distribution = false, complete = false;

	memcpy(text, c->text, sizeof text);
	while ((line = strsep(&rest, "\n"))) {
		char word[60], figure[60], more[200];
		int n = sscanf(line, "%59s %59s %199s", word, figure, more);
		char *list = have;

		if (n == 3 && !strcmp(word, "python")) {
			snprintf(version, sizeof version, "%s", figure);
			distribution = !strcmp(more, "/usr");
		} else if (n == 1 && !strcmp(word, "end")) {
			complete = true;
		} else if (n == 2) {
			list = !strcmp(figure, "-") ? lack : !strcmp(figure, "!") ? broken : have;
			snprintf(list + strlen(list), (list == have ? sizeof have : sizeof broken) - strlen(list), "%s%s%s%s",
					 *list ? ", " : "", word, list == have ? " " : "", list == have ? figure : "");
			if (list == lack)
				snprintf(apt + strlen(apt), sizeof apt - strlen(apt), " %s%s", distribution ? "python3-" : "", word);
		}
	}
	if (!*version) {
		doctor_say(FINDING_NO, "python3", "apt install python3", _("%s: the twins of the lessons are shown, not run"),
				   c->late ? _("does not answer") : _("does not run here"));
		return;
	}
	doctor_say(FINDING_OK, "python3", NULL, _("%s runs the twins of the lessons"), version);
	if (*lack)
		snprintf(cure, sizeof cure, "%s%s", distribution ? "apt install" : "python3 -m pip install", apt);
	doctor_say(*lack || *broken || !complete ? FINDING_LIMITED : FINDING_OK, "python3", *lack ? cure : NULL,
			   _("imports %s%s%s%s%s%s"), *have ? have : _("none of the peers"), *lack ? _("; not ") : "", lack,
			   *broken ? _("; fails on ") : "", broken, complete ? "" : _("; the rest was not done in time"));
}

static void say_mpi(const struct child *c)
{
	char version[200];

	line_with(c, "(Open MPI)", version, sizeof version);
	if (c->status == 0 && *version)
		doctor_say(HAVE_MPI ? FINDING_OK : FINDING_LIMITED, "Open MPI",
				   HAVE_MPI ? NULL : _("apt install libopenmpi-dev, then make"), "%s%s", version,
				   HAVE_MPI ? "" : _("; this build is without MPI"));
	else if (c->status == 0)
		doctor_say(FINDING_LIMITED, "Open MPI", "apt install openmpi-bin libopenmpi-dev",
				   _("mpirun here is not Open MPI"));
	else
		doctor_say(FINDING_NO, "Open MPI", "apt install openmpi-bin libopenmpi-dev",
				   c->late ? _("mpirun does not answer") : _("is not here: no lessons on several hosts"));
}

static void say_cuda(const struct child *nvcc, const struct child *device)
{
	char version[200], names[400];
	const char *at = strstr(line_with(nvcc, "release", version, sizeof version), "release ");

	if (nvcc->status == 0 && at)
		doctor_say(HAVE_CUDA ? FINDING_OK : FINDING_LIMITED, "CUDA", HAVE_CUDA ? NULL : _("make again"), "nvcc %.*s%s",
				   (int)strcspn(at + 8, ","), at + 8, HAVE_CUDA ? "" : _("; this build is without CUDA"));
	else
		doctor_say(FINDING_NO, "CUDA", "apt install nvidia-cuda-toolkit",
				   nvcc->late ? _("nvcc does not answer") : _("nvcc is not here: CUDA variants say so"));
	join_lines(device, names, sizeof names);
	if (device->status == 0)
		doctor_say(FINDING_OK, "NVIDIA", NULL, "%s", names);
	else if (device->status == 1)
		doctor_say(FINDING_NO, "NVIDIA", _("check the driver: nvidia-smi"), _("driver, but no usable device (error %s)"),
				   names);
	else if (device->late || device->status != 2)
		doctor_say(FINDING_NO, "NVIDIA", _("check the driver: nvidia-smi"), _("the driver does not answer"));
	else
		doctor_say(FINDING_NO, "NVIDIA", access("/dev/nvidiactl", F_OK) ? NULL : "apt install libcuda1",
				   access("/dev/nvidiactl", F_OK) ? _("no NVIDIA device here")
												  : _("a device, but no driver library libcuda.so.1"));
}

static void say_opencl(const struct child *c)
{
	char names[400];

	join_lines(c, names, sizeof names);
	if (c->status == 0)
		doctor_say(HAVE_OPENCL ? FINDING_OK : FINDING_LIMITED, "OpenCL",
				   HAVE_OPENCL ? NULL : _("apt install ocl-icd-opencl-dev opencl-headers, then make"), "%s%s", names,
				   HAVE_OPENCL ? "" : _("; this build is without OpenCL"));
	else if (c->status == 1)
		doctor_say(FINDING_NO, "OpenCL", _("apt install pocl-opencl-icd (a device on any CPU)"),
				   _("a loader, but no driver (ICD) with a device"));
	else if (c->status == 2)
		doctor_say(FINDING_NO, "OpenCL", "apt install ocl-icd-libopencl1 pocl-opencl-icd",
				   _("no loader (libOpenCL.so.1): recorded runs are shown"));
	else
		doctor_say(FINDING_NO, "OpenCL", NULL, _("its driver %s"), c->late ? _("does not answer") : _("crashes"));
}

void doctor_outside(void)
{
	static const char *const gnuplot[] = {
		"gnuplot", "-e", "print sprintf('gnuplot %.1f', GPVAL_VERSION); print ' '.GPVAL_TERMINALS.' '", NULL};
	static const char *const python[] = {
		"python3", "-c",
		"import importlib, sys\n"
		"print('python', sys.version.split()[0], sys.prefix, flush=True)\n"
		"for name in 'numpy mpi4py joblib aiohttp scipy dask numba'.split():\n"
		"    try:\n"
		"        found = str(getattr(importlib.import_module(name), '__version__', '?')).split()[0]\n"
		"    except ImportError:\n"
		"        found = '-'\n"
		"    except Exception:\n"
		"        found = '!'\n"
		"    print(name, found, flush=True)\n"
		"print('end')\n",
		NULL};
	static const char *const mpi[] = {"mpirun", "--version", NULL};
	static const char *const nvcc[] = {"nvcc", "--version", NULL};
	static struct child child[ASKED];
	int64_t deadline = now_ns() + patience_ns;

	child_start(&child[PYTHON], python, NULL);
	child_start(&child[GNUPLOT], gnuplot, NULL);
	child_start(&child[MPI], mpi, NULL);
	child_start(&child[NVCC], nvcc, NULL);
	child_start(&child[NVIDIA], NULL, ask_nvidia);
	child_start(&child[OPENCL], NULL, ask_opencl);
	child_finish(child, ASKED, deadline);
	say_gnuplot(&child[GNUPLOT]);
	say_python(&child[PYTHON]);
	say_mpi(&child[MPI]);
	say_cuda(&child[NVCC], &child[NVIDIA]);
	say_opencl(&child[OPENCL]);
}
