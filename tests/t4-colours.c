/* Nothing is told by red and green alone: the colours as people with a missing kind of cone see them. The matrices are those of
 * Machado, Oliveira and Fernandes (IEEE TVCG 15, 1291, 2009) at full severity, for linear RGB. */
#include "tests/tap.h"
#include "tui/scheme.h"

static const struct {
	const char *name;
	double m[3][3];
} eyes[] = {
	{"normal sight", {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
	{"protanopia", {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}},
	{"deuteranopia", {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}},
	{"tritanopia", {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}},
};
enum { EYES = sizeof eyes / sizeof *eyes, NORMAL = 0, PROTAN = 1, DEUTAN = 2 };

static double curve(double t) { return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116; }

/* CIELAB (D65) of a colour as seen through one of the eyes. */
static void lab_of(int rgb, int eye, double lab[3])
{
	double c[3], seen[3];
	for (int i = 0; i < 3; i++) {
		double v = (rgb >> (16 - 8 * i) & 255) / 255.0;
		c[i] = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
	}
	for (int i = 0; i < 3; i++) {
		const double *m = eyes[eye].m[i];
		seen[i] = fmin(fmax(m[0] * c[0] + m[1] * c[1] + m[2] * c[2], 0), 1);
	}
	double x = curve((0.4124 * seen[0] + 0.3576 * seen[1] + 0.1805 * seen[2]) / 0.95047);
	double y = curve(0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2]);
	double z = curve((0.0193 * seen[0] + 0.1192 * seen[1] + 0.9505 * seen[2]) / 1.08883);
	lab[0] = 116 * y - 16;
	lab[1] = 500 * (x - y);
	lab[2] = 200 * (y - z);
}

/* About 2 is the least that is seen at all, side by side. */
static double distance(int a, int b, int eye)
{
	double p[3], q[3];
	lab_of(a, eye, p);
	lab_of(b, eye, q);
	return sqrt((p[0] - q[0]) * (p[0] - q[0]) + (p[1] - q[1]) * (p[1] - q[1]) + (p[2] - q[2]) * (p[2] - q[2]));
}

/* The least distance of any two roles of a list, where both have a colour; attributes are not counted. */
static double least(enum scheme scheme, const enum role *roles, int n, int eye, bool by256, char *what, size_t size)
{
	double found = 1e9;
	for (int i = 0; i < n; i++)
		for (int j = i + 1; j < n; j++) {
			int a = scheme_look(scheme, roles[i]).fg, b = scheme_look(scheme, roles[j]).fg;
			if (by256) { /* every colour of the cube above 16 can be told from its number */
				int xa = scheme_look(scheme, roles[i]).fg256, xb = scheme_look(scheme, roles[j]).fg256;
				if (xa >= 0 && xa == xb) {
					snprintf(what, size, "roles %d and %d are the same of 256", roles[i], roles[j]);
					return 0;
				}
				continue;
			}
			if (a < 0 || b < 0)
				continue;
			double d = distance(a, b, eye);
			if (d < found) {
				found = d;
				snprintf(what, size, "roles %d and %d, %06x and %06x", roles[i], roles[j], a, b);
			}
		}
	return found;
}

int main(void)
{
	static const enum role verdicts[] = {ROLE_GOOD, ROLE_WARN, ROLE_BAD};
	static const enum role curves[] = {ROLE_FITTED, ROLE_PREDICTED, ROLE_IDEAL, ROLE_GUESS, ROLE_PROJECTED};
	static const enum role series[] = {ROLE_SERIES_1, ROLE_SERIES_2, ROLE_SERIES_3, ROLE_SERIES_4, ROLE_SERIES_5, ROLE_SERIES_6, ROLE_SERIES_7};
	static const struct {
		const char *name;
		const enum role *roles;
		int n;
	} groups[] = {{"good, doubtful, bad", verdicts, 3}, {"the curves of the chart", curves, 5}, {"the series", series, 7}};
	char what[100] = "";

	/* The simulation itself: red and green of equal brightness fall together for those who miss a cone, for others not. */
	ok(distance(0xb85c00, 0x7a7a00, DEUTAN) < 12 && distance(0xb85c00, 0x7a7a00, NORMAL) > 40, "the simulation confuses brown and olive");
	ok(distance(0xffffff, 0xffffff, PROTAN) < 1e-9 && fabs(distance(0xffffff, 0x000000, DEUTAN) - 100) < 1, "and keeps black and white");
	for (int eye = 0; eye < EYES; eye++)
		for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
			double d = least(SCHEME_SAFE, groups[g].roles, groups[g].n, eye, false, what, sizeof what);
			ok(d >= 18, "safe, %s: %s can be told apart (least %.0f: %s)", eyes[eye].name, groups[g].name, d, what);
		}
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
		ok(least(SCHEME_SAFE, groups[g].roles, groups[g].n, NORMAL, true, what, sizeof what) > 0,
		   "safe, in 256 colours: %s stay different (%s)", groups[g].name, what);

	/* Good and bad in every scheme; where colours fall together, an attribute must tell. */
	for (enum scheme s = 0; s < SCHEMES; s++) {
		struct look good = scheme_look(s, ROLE_GOOD), bad = scheme_look(s, ROLE_BAD);
		double d = 1e9;
		for (int eye = 0; eye < EYES && good.fg >= 0; eye++)
			d = fmin(d, distance(good.fg, bad.fg, eye));
		ok((good.fg >= 0 && d >= 18) || good.attr != bad.attr, "%s: good and bad are told apart by all eyes", scheme_name[s]);
	}
	struct look good = scheme_look(SCHEME_SAFE, ROLE_GOOD), bad = scheme_look(SCHEME_SAFE, ROLE_BAD);
	ok(good.fg8 != 1 && good.fg8 != 2 && bad.fg8 != 2 && good.attr != bad.attr, "safe, in 8 colours: not red against green, and underlined");
	return tap_done();
}
