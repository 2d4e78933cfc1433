/* Line breaking for Latin and Chinese text side by side. Between words a line breaks at blanks; between ideographs
 * anywhere, except that no line begins with closing punctuation and none ends with opening punctuation (the core of the
 * Chinese layout rules in W3C's "Requirements for Chinese Text Layout", section 3.1). */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "kernels/bench/util.h"
#include "lessons/ink_line.h"

/* Decodes one character of at most n bytes; 0xfffd for what is not UTF-8. Returns the bytes taken, at least 1. */
static size_t decode(const char *text, size_t n, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char lead = (unsigned char)*text;
	size_t length = lead < 0x80					  ? 1
					: lead >= 0xc2 && lead < 0xe0 ? 2
					: lead >= 0xe0 && lead < 0xf0 ? 3
					: lead >= 0xf0 && lead < 0xf5 ? 4
												  : 0;
	*code = 0xfffd;
	if (!length || length > n)
		return 1;
	uint32_t c = length == 1 ? lead : lead & (0xffu >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 1;
		c = c << 6 | ((unsigned char)text[i] & 0x3fu);
	}
	if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 1;
	*code = c;
	return length;
}

/* wcwidth of Unicode whatever the locale of the program is; negative for what can't be shown. */
static int columns_of(uint32_t code)
{
	static locale_t unicode;
	if (code < 0x7f)
		return code < 0x20 ? -1 : 1;
	if (!unicode)
		unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before = unicode ? uselocale(unicode) : (locale_t)0;
	int columns = wcwidth((wchar_t)code);
	if (before)
		uselocale(before);
	return columns;
}

static bool is_in(uint32_t code, const wchar_t *set)
{
	return code && wcschr(set, (wchar_t)code);
}

/* Must not begin a line. */
static bool closes(uint32_t code)
{
	return is_in(code, L",.;:?!)]}%’”»…—"
					   L"、。，．：；？！）］｝】》〉」』〕〗％‰℃·～");
}

/* Must not end a line. */
static bool opens(uint32_t code)
{
	return is_in(code, L"([{‘“«（［｛【《〈「『〔〖￥");
}

static bool may_break(const struct atom *a, const struct atom *b)
{
	if (b->code == ' ' || closes(b->code))
		return false;
	if (a->code == ' ')
		return true;
	if (opens(a->code))
		return false;
	if (a->columns == 2 || b->columns == 2)
		return true;
	if (a->ink == INK_CODE || b->ink == INK_CODE)
		return false;
	return a->code == L'—' || a->code == L'–';
}

/* A hyphen inside a word: one may break after it. */
static bool after_hyphen(const struct strip *s, size_t from, size_t i)
{
	const struct atom *a = s->atoms + i;
	if (i < from + 2 || a[-1].code != '-' || a->ink == INK_CODE || a[-1].ink == INK_CODE)
		return false;
	return ((a[-2].code | 32) >= 'a' && (a[-2].code | 32) <= 'z') && ((a->code | 32) >= 'a' && (a->code | 32) <= 'z');
}

size_t strip_break(const struct strip *s, size_t from, int columns, bool verbatim)
{
	size_t i = from, best = from;
	int used = 0;
	for (; i < s->count; i++) {
		const struct atom *a = &s->atoms[i];
		if (a->code == '\n')
			return i + 1;
		if (i > from && !verbatim && (may_break(a - 1, a) || after_hyphen(s, from, i)))
			best = i;
		if (used + a->columns > columns && (verbatim || a->code != ' '))
			break;
		used += a->columns;
	}
	if (i == s->count)
		return i;
	if (best > from)
		return best;
	if (i == from)
		return from + 1; /* a wide character in one column */
	size_t end = i;
	while (!verbatim && end > from + 1 && closes(s->atoms[end].code))
		end--;
	return closes(s->atoms[end].code) ? i : end; /* nothing but punctuation: cut it anywhere */
}

static void put_bytes(struct strip *s, const char *bytes, size_t n)
{
	if (!n)
		return;
	if (s->length + n > s->size) {
		s->size = 2 * (s->length + n);
		s->bytes = xrealloc(s->bytes, s->size);
	}
	memcpy(s->bytes + s->length, bytes, n);
	s->length += n;
}

static void push(struct strip *s, struct atom atom, const char *bytes)
{
	struct atom *last = s->count ? &s->atoms[s->count - 1] : NULL;
	if (last && last->soft) {
		last->soft = false;
		bool after_wide = s->count > 1 && last[-1].columns == 2;
		if (after_wide && (atom.columns == 2 || closes(last[-1].code)))
			s->count--; /* its byte stays unused */
	}
	if (s->count == s->room) {
		s->room = s->room ? 2 * s->room : 256;
		s->atoms = xrealloc(s->atoms, s->room * sizeof *s->atoms);
	}
	atom.at = (uint32_t)s->length;
	put_bytes(s, bytes, atom.length);
	s->atoms[s->count++] = atom;
}

void strip_add(struct strip *s, const char *text, size_t n, enum ink ink, bool verbatim)
{
	for (size_t i = 0, length; i < n; i += length) {
		uint32_t code;
		length = decode(text + i, n - i, &code);
		if (code == '\t' || (code == '\n' && !verbatim)) {
			push(s, (struct atom){.code = ' ', .length = 1, .columns = 1, .ink = ink}, " ");
			continue;
		}
		if (code == '\n') {
			push(s, (struct atom){.code = code, .length = 0, .columns = 0, .ink = ink}, "");
			continue;
		}
		int columns = columns_of(code);
		if (code == 0xfffd) {
			push(s, (struct atom){.code = '?', .length = 1, .columns = 1, .ink = ink}, "?");
		} else if (columns > 0) {
			push(s, (struct atom){.code = code, .length = (uint16_t)length, .columns = (uint8_t)columns, .ink = ink},
				 text + i);
		} else if (!columns && s->count && s->atoms[s->count - 1].length && s->atoms[s->count - 1].length < 200) {
			struct atom *base = &s->atoms[s->count - 1];
			if (base->at + base->length == s->length) {
				put_bytes(s, text + i, length);
				base->length = (uint16_t)(base->length + length);
			}
		}
	}
}

void strip_soft_break(struct strip *s, enum ink ink)
{
	if (!s->count || s->atoms[s->count - 1].code == ' ' || s->atoms[s->count - 1].code == '\n')
		return;
	push(s, (struct atom){.code = ' ', .length = 1, .columns = 1, .ink = ink}, " ");
	s->atoms[s->count - 1].soft = true;
}

int strip_columns(const struct strip *s)
{
	int sum = 0;
	for (size_t i = 0; i < s->count; i++)
		sum += s->atoms[i].columns;
	return sum;
}

void strip_clear(struct strip *s)
{
	s->count = s->length = 0;
}

void strip_free(struct strip *s)
{
	free(s->atoms);
	free(s->bytes);
	*s = (struct strip){0};
}

void strip_emit(const struct strip *s, size_t from, size_t to, struct ink_line *line)
{
	for (size_t i = from, end; i < to; i = end) {
		size_t length = 0;
		for (end = i; end < to && s->atoms[end].ink == s->atoms[i].ink; end++)
			length += s->atoms[end].length;
		char *text = xmalloc(length + 1), *p = text;
		for (size_t k = i; k < end; k++) {
			if (!s->atoms[k].length)
				continue;
			memcpy(p, s->bytes + s->atoms[k].at, s->atoms[k].length);
			p += s->atoms[k].length;
		}
		*p = '\0';
		line->runs = xrealloc(line->runs, (size_t)(line->count + 1) * sizeof *line->runs);
		line->runs[line->count++] = (struct ink_run){(enum ink)s->atoms[i].ink, text};
	}
}
