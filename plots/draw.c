#include "plots/draw.h"

#include "kernels/bench/util.h"
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static int width = DRAWING_WIDTH, height = DRAWING_HEIGHT;

void drawing_size(int w, int h)
{
	width = w;
	height = h;
}

enum { FORMATS_MAX = 3, SCRIPT_MAX = 1 << 18 };

const char *drawing_scripts(void)
{
	static char dir[PATH_MAX];
	const char *share = util_share_dir();
	if (!share || snprintf(dir, sizeof dir, "%s/plots", share) >= (int)sizeof dir)
		return NULL;
	struct stat st;
	return stat(dir, &st) || !S_ISDIR(st.st_mode) ? NULL : dir;
}

static bool append_script(FILE *to, const char *name, char *why)
{
	char path[PATH_MAX], bytes[4096];
	const char *dir = drawing_scripts();
	size_t n, all = 0;
	FILE *from =
		dir && snprintf(path, sizeof path, "%s/%s.gp", dir, name) < (int)sizeof path ? fopen(path, "re") : NULL;
	if (!from) {
		snprintf(why, PLOT_WHY_MAX, "cannot read plots/%s.gp: %s", name,
				 dir ? strerror(errno) : "its folder is not found; set LOCKSTEP_HOME");
		return false;
	}
	fprintf(to, "\n# ---- %s.gp\n", name);
	while ((n = fread(bytes, 1, sizeof bytes, from)) > 0 && (all += n) < SCRIPT_MAX)
		fwrite(bytes, 1, n, to);
	fclose(from);
	return true;
}

static bool make_kind(struct figure *f, const void *of)
{
	return ((const struct plot_kind *)of)->make(f);
}

static bool make_drawing(struct drawing *d, struct figure f, bool (*make)(struct figure *, const void *of), const void *of,
						 const char *script, const char *base, const char *formats)
{
	bool made = false;
	int columns = f.columns;
	memset(d, 0, sizeof *d);
	f.paper = !columns || columns == PLOT_PAPER_COLUMNS;
	f.columns = f.paper ? PLOT_PAPER_COLUMNS * width / DRAWING_WIDTH : columns;
	f.csv = open_memstream(&d->csv, &d->csv_length);
	f.gp = open_memstream(&d->script, &d->script_length);
	if (!f.csv || !f.gp) {
		snprintf(d->why, sizeof d->why, "%s", strerror(errno));
		goto out;
	}
	f.at = f.run && f.variant ? plot_best_at(f.run, f.variant) : (double)NAN;
	fprintf(f.gp,
			"# A chart by Lockstep (lockstep plot), drawn by: gnuplot %s.gp\n"
			"# For one format: gnuplot -e \"FORMATS='pdf'\" %s.gp (svg, png, pdf)\n",
			base, base);
	plot_set(&f, "BASE", "%s", base);
	fputs("DATA = BASE.'.csv'\n", f.gp);
	plot_set(&f, "PRESET", "%s", formats);
	plot_set_number(&f, "WIDTH", width);
	plot_set_number(&f, "HEIGHT", height);
	made = make(&f, of);
	snprintf(d->why, sizeof d->why, "%s", f.why);
	made = made && append_script(f.gp, "style", d->why) && append_script(f.gp, script, d->why);
out:
	if (f.csv && fclose(f.csv))
		made = false;
	if (f.gp && fclose(f.gp))
		made = false;
	return made;
}

bool drawing_make(struct drawing *d, const struct plot_records *records, const struct plot_kind *kind,
				  const struct rec_run *run, const struct rec_machine *machine, const char *variant, const char *base,
				  const char *formats, int columns)
{
	struct figure f = {.records = records, .run = run, .machine = machine, .variant = variant, .columns = columns};
	return make_drawing(d, f, make_kind, kind, kind->script ? kind->script : kind->name, base, formats);
}

bool drawing_make_of(struct drawing *d, bool (*make)(struct figure *, const void *of), const void *of, const char *script,
					 const char *base, const char *formats, int columns)
{
	return make_drawing(d, (struct figure){.columns = columns}, make, of, script, base, formats);
}

void drawing_free(struct drawing *d)
{
	free(d->csv);
	free(d->script);
	memset(d, 0, sizeof *d);
}

/* Gnuplot does not look whether its writes went well: the end of a whole picture does. */
static bool whole(const char *path, const char *format)
{
	static const struct {
		const char *format, *end;
		size_t length, behind; /* behind: bytes that may follow */
	} ends[] = {{"svg", "</svg>", 6, 8}, {"png", "IEND", 4, 4}, {"pdf", "%%EOF", 5, 8}};
	char tail[32];
	FILE *file = fopen(path, "re");
	bool good = false;
	for (size_t i = 0; file && i < sizeof ends / sizeof *ends; i++) {
		if (strcmp(ends[i].format, format) || fseek(file, -(long)(ends[i].length + ends[i].behind), SEEK_END))
			continue;
		size_t n = fread(tail, 1, ends[i].length + ends[i].behind, file);
		good = memmem(tail, n, ends[i].end, ends[i].length);
	}
	if (file)
		fclose(file);
	return good;
}

static bool write_text(const char *dir, const char *base, const char *end, const char *text, size_t length, char *why,
					   size_t size)
{
	char path[PATH_MAX];
	errno = ENAMETOOLONG;
	if (snprintf(path, sizeof path, "%s/%s.%s", dir, base, end) < (int)sizeof path &&
		plot_write_file(path, text, length))
		return true;
	snprintf(why, size, "%s.%s: %s", base, end, strerror(errno));
	return false;
}

enum plot_drawn drawing_files(const struct drawing *d, const char *dir, const char *base, const char *formats,
							  bool pictures, char *why, size_t size)
{
	char before[256], script[PATH_MAX], path[PATH_MAX], list[64], half_done[FORMATS_MAX][PATH_MAX];
	enum plot_drawn drawn = PLOT_FAILED;
	int n = 0;

	if (!write_text(dir, base, "csv", d->csv, d->csv_length, why, size) ||
		!write_text(dir, base, "gp", d->script, d->script_length, why, size))
		return errno == ENOSPC || errno == EDQUOT ? PLOT_FULL : PLOT_FAILED;
	if (!pictures)
		return PLOT_MISSING;
	snprintf(before, sizeof before, "FORMATS='%s'; OUT='%.96s.%ld.tmp'", formats, base, (long)getpid());
	snprintf(script, sizeof script, "%s.gp", base);
	snprintf(list, sizeof list, "%s", formats);
	for (char *save, *format = strtok_r(list, " ", &save); format && n < FORMATS_MAX;
		 format = strtok_r(NULL, " ", &save)) {
		snprintf(half_done[n], PATH_MAX, "%.3900s/%.96s.%ld.tmp.%s", dir, base, (long)getpid(), format);
		if (!plot_temporary(half_done[n])) {
			snprintf(why, size, "%s", strerror(errno));
			goto out;
		}
		n++;
	}
	drawn = plot_gnuplot(dir, before, script, why, size);
	for (int i = 0; i < n && drawn == PLOT_DRAWN; i++)
		if (!whole(half_done[i], strrchr(half_done[i], '.') + 1)) {
			snprintf(why, size, "gnuplot wrote half a picture");
			drawn = PLOT_FAILED;
		}
	if (drawn == PLOT_FAILED && !plot_has_room(dir)) {
		snprintf(why, size, "%s", strerror(ENOSPC));
		drawn = PLOT_FULL;
	}
out:
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%.3900s/%.96s%s", dir, base, strrchr(half_done[i], '.'));
		if (drawn == PLOT_DRAWN && rename(half_done[i], path)) {
			snprintf(why, size, "%s", strerror(errno));
			drawn = PLOT_FAILED;
		}
		if (drawn != PLOT_DRAWN)
			unlink(half_done[i]);
		plot_temporary_done(half_done[i]);
	}
	return drawn;
}

/* The window on stdout; else what the environment says, else 80 x 24. */
static struct winsize window(void)
{
	struct winsize w;
	const char *columns = getenv("COLUMNS"), *lines = getenv("LINES");
	double number;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) || !w.ws_col || !w.ws_row) {
		w = (struct winsize){.ws_col = 80, .ws_row = 24};
		w.ws_col = columns && util_number(columns, &number) && number >= 20 && number <= 500 ? (unsigned short)number
																							 : w.ws_col;
		w.ws_row =
			lines && util_number(lines, &number) && number >= 10 && number <= 200 ? (unsigned short)number : w.ws_row;
	}
	return w;
}

int drawing_columns(void)
{
	int columns = window().ws_col - 4;
	return columns < 36 ? 36 : columns > PLOT_PAPER_COLUMNS ? PLOT_PAPER_COLUMNS : columns;
}

/* The words behind `set terminal`, in the size of the window. */
static void terminal_words(const char *terminal, char *words, size_t size)
{
	struct winsize w = window();
	bool dumb = !strcmp(terminal, "dumb");
	int cols = w.ws_col < 40 ? 40 : w.ws_col, rows = w.ws_row < 16 ? 15 : w.ws_row - 1;
	bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	int wide = w.ws_xpixel ? w.ws_xpixel : cols * 10, high = w.ws_ypixel ? w.ws_ypixel * rows / w.ws_row : rows * 20;
	if (dumb)
		snprintf(words, size, "set terminal dumb noenhanced size %d,%d %s", cols, rows, colour ? "ansi" : "mono");
	else
		snprintf(words, size, "set terminal %s noenhanced size %d,%d", terminal, wide, high);
}

enum plot_drawn drawing_terminal(const struct drawing *d, const char *base, const char *terminal, char *why,
								 size_t size)
{
	char dir[PATH_MAX], csv[PATH_MAX], script[PATH_MAX], before[512], words[200];
	enum plot_drawn drawn = PLOT_FAILED;
	if (!plot_temporary_dir(dir, sizeof dir)) {
		snprintf(why, size, "no folder for its data: %s", strerror(errno));
		return PLOT_FAILED;
	}
	terminal_words(terminal, words, sizeof words);
	snprintf(before, sizeof before, "FORMATS='terminal'; TERMINAL='%s'", words);
	snprintf(csv, sizeof csv, "%.3900s/%.96s.csv", dir, base);
	snprintf(script, sizeof script, "%.3900s/%.96s.gp", dir, base);
	if (!plot_temporary(csv) || !plot_temporary(script))
		snprintf(why, size, "%s", strerror(errno));
	else if (write_text(dir, base, "csv", d->csv, d->csv_length, why, size) &&
			 write_text(dir, base, "gp", d->script, d->script_length, why, size))
		drawn = plot_gnuplot(dir, before, strrchr(script, '/') + 1, why, size);
	unlink(csv);
	unlink(script);
	rmdir(dir);
	plot_temporary_done(csv);
	plot_temporary_done(script);
	plot_temporary_done(dir);
	return drawn;
}
