/* Roles to colours: one table of roles, one table of tones for each scheme. */
#include "tui/scheme.h"

#include <string.h>
#include "kernels/bench/words.h"

enum hue { OWN, GREY, FAINT, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILLION, PURPLE, HUES };

const char *const scheme_name[SCHEMES] = {N_("default"), N_("light"), N_("dark"), N_("safe"), N_("mono")};

static enum scheme current = SCHEME_DEFAULT;

/* The tones of DEFAULT must be seen on white and on black, so they lie in the middle. FAINT is for areas behind lines. */
static const int tone[SCHEMES][HUES] = {
	[SCHEME_DEFAULT] = {-1, 0x808080, 0xa0a0a0, 0xc98700, 0x3a9ad6, 0x009e73, 0xada000, 0x2f7fd0, 0xd55e00, 0xc2699a},
	[SCHEME_LIGHT] = {0x1c1c1c, 0x6c6c6c, 0xc4c4c4, 0xb57d00, 0x2188c4, 0x00805d, 0x8d8300, 0x0072b2, 0xc85800, 0xb05a88},
	[SCHEME_DARK] = {0xe8e8e8, 0x8f959e, 0x4e545c, 0xe69f00, 0x56b4e9, 0x1fc095, 0xf0e442, 0x4c9ee0, 0xf07a28, 0xdd93bd},
	/* Found by search: any two differ by 20 or more in CIELAB as people with protanopia, deuteranopia and tritanopia see them. */
	[SCHEME_SAFE] = {-1, 0xa2a2a2, 0xa0a0a0, 0x664f0c, 0x22a4fe, 0x1f584b, 0xbc9e07, 0x1c4cfb, 0xdc8b63, 0x950390},
	[SCHEME_MONO] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
};
static const int paper[SCHEMES] = {0xffffff, 0xffffff, 0x1e2227, 0xffffff, 0xffffff};
static const int ink[SCHEMES] = {0x1c1c1c, 0x1c1c1c, 0xe8e8e8, 0x1c1c1c, 0x000000};
static const int basic[HUES] = {-1, -1, -1, 3, 6, 2, 3, 4, 1, 5};

static const struct {
	enum hue hue;
	unsigned attr, mono;
} use[ROLES] = {
	[ROLE_PLAIN] = {OWN, 0, 0},
	[ROLE_DIM] = {GREY, 0, LOOK_DIM},
	[ROLE_BOLD] = {OWN, LOOK_BOLD, LOOK_BOLD},
	[ROLE_TITLE] = {OWN, LOOK_BOLD, LOOK_BOLD},
	[ROLE_BORDER] = {GREY, 0, LOOK_DIM},
	[ROLE_FOCUS] = {BLUE, LOOK_BOLD, LOOK_BOLD},
	[ROLE_SELECTED] = {OWN, LOOK_REVERSE, LOOK_REVERSE},
	[ROLE_KEY] = {BLUE, LOOK_BOLD, LOOK_BOLD},
	[ROLE_STATUS] = {GREY, 0, 0},
	[ROLE_GOOD] = {GREEN, LOOK_BOLD, LOOK_BOLD},
	[ROLE_WARN] = {ORANGE, LOOK_BOLD, LOOK_BOLD},
	[ROLE_BAD] = {VERMILLION, LOOK_BOLD, LOOK_BOLD | LOOK_UNDERLINE},
	[ROLE_CODE] = {BLUE, 0, LOOK_BOLD},
	[ROLE_EMPHASIS] = {OWN, LOOK_ITALIC, LOOK_UNDERLINE},
	[ROLE_HEADING] = {OWN, LOOK_BOLD, LOOK_BOLD},
	[ROLE_LINK] = {BLUE, LOOK_UNDERLINE, LOOK_UNDERLINE},
	[ROLE_QUOTE] = {GREY, LOOK_ITALIC, LOOK_DIM},
	[ROLE_KEYWORD] = {BLUE, LOOK_BOLD, LOOK_BOLD},
	[ROLE_STRING] = {GREEN, 0, 0},
	[ROLE_COMMENT] = {GREY, LOOK_ITALIC, LOOK_DIM},
	[ROLE_NUMBER] = {PURPLE, 0, 0},
	[ROLE_MARKED] = {VERMILLION, LOOK_BOLD, LOOK_BOLD},
	[ROLE_MEASURED] = {OWN, LOOK_BOLD, LOOK_BOLD},
	[ROLE_FITTED] = {ORANGE, 0, 0},
	[ROLE_PREDICTED] = {SKY, 0, 0},
	[ROLE_IDEAL] = {GREY, 0, LOOK_DIM},
	[ROLE_GUESS] = {PURPLE, LOOK_BOLD, LOOK_BOLD | LOOK_UNDERLINE},
	[ROLE_PROJECTED] = {GREEN, 0, 0},
	[ROLE_BAND] = {FAINT, 0, LOOK_DIM},
	[ROLE_AXIS] = {GREY, 0, LOOK_DIM},
	[ROLE_SERIES_0] = {OWN, 0, 0},
	[ROLE_SERIES_1] = {ORANGE, 0, 0},
	[ROLE_SERIES_2] = {SKY, 0, 0},
	[ROLE_SERIES_3] = {GREEN, 0, 0},
	[ROLE_SERIES_4] = {YELLOW, 0, 0},
	[ROLE_SERIES_5] = {BLUE, 0, 0},
	[ROLE_SERIES_6] = {VERMILLION, 0, 0},
	[ROLE_SERIES_7] = {PURPLE, 0, 0},
};

enum scheme scheme_find(const char *name)
{
	enum scheme s = SCHEME_DEFAULT;
	while (s < SCHEMES && strcmp(scheme_name[s], name))
		s++;
	return s;
}

/* Level 0-5 of xterm's colour cube and its value. */
static int cube_level(int v)
{
	return v < 48 ? 0 : v < 115 ? 1 : (v - 35) / 40;
}

static int cube_value(int level)
{
	return level ? 55 + 40 * level : 0;
}

static int distance(int r, int g, int b, int r2, int g2, int b2)
{
	return (r - r2) * (r - r2) + (g - g2) * (g - g2) + (b - b2) * (b - b2);
}

static int nearest256(int rgb)
{
	if (rgb < 0)
		return -1;
	int r = rgb >> 16 & 255, g = rgb >> 8 & 255, b = rgb & 255;
	int lr = cube_level(r), lg = cube_level(g), lb = cube_level(b);
	int mean = (r + g + b) / 3, step = mean < 8 ? 0 : mean > 238 ? 23 : (mean - 3) / 10, grey = 8 + 10 * step;
	int by_cube = distance(r, g, b, cube_value(lr), cube_value(lg), cube_value(lb));
	return distance(r, g, b, grey, grey, grey) < by_cube ? 232 + step : 16 + 36 * lr + 6 * lg + lb;
}

/* Good, doubtful and bad are never told by red and green: blue, yellow, and what is left of red, underlined. */
static enum hue safe_hue(enum role role)
{
	return role == ROLE_GOOD ? SKY : role == ROLE_WARN ? YELLOW : use[role].hue;
}

struct look scheme_look(enum scheme scheme, enum role role)
{
	if (scheme >= SCHEMES)
		scheme = SCHEME_DEFAULT;
	if (role >= ROLES)
		role = ROLE_PLAIN;
	enum hue hue = scheme == SCHEME_SAFE ? safe_hue(role) : use[role].hue;
	bool painted = scheme == SCHEME_LIGHT || scheme == SCHEME_DARK, mono = scheme == SCHEME_MONO;
	struct look look = {.fg = tone[scheme][hue], .bg = painted ? paper[scheme] : -1};
	look.attr = mono ? use[role].mono : use[role].attr;
	if (scheme == SCHEME_SAFE && role == ROLE_BAD)
		look.attr |= LOOK_UNDERLINE;
	look.fg256 = nearest256(look.fg);
	look.bg256 = nearest256(look.bg);
	look.fg8 = mono ? -1 : hue != OWN || !painted ? basic[hue] : scheme == SCHEME_LIGHT ? 0 : 7;
	look.bg8 = !painted ? -1 : scheme == SCHEME_LIGHT ? 7 : 0;
	return look;
}

int scheme_paper(enum scheme scheme)
{
	return paper[scheme < SCHEMES ? scheme : SCHEME_DEFAULT];
}

int scheme_ink(enum scheme scheme)
{
	return ink[scheme < SCHEMES ? scheme : SCHEME_DEFAULT];
}

void scheme_choose(enum scheme scheme)
{
	current = scheme < SCHEMES ? scheme : SCHEME_DEFAULT;
}

enum scheme scheme_current(void)
{
	return current;
}
