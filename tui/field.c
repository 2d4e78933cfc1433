#include <stdio.h>
#include <string.h>
#include "tui/field.h"

void field_open(struct field *f, const char *text)
{
	snprintf(f->text, sizeof(f->text), "%s", text);
	f->at = strlen(f->text);
	f->open = true;
}

static bool follows(const char *text, size_t at) { return ((unsigned char)text[at] & 0xc0) == 0x80; }

static size_t before(const struct field *f, size_t at)
{
	if (at > 0)
		at--;
	while (at > 0 && follows(f->text, at))
		at--;
	return at;
}

static size_t after(const struct field *f, size_t at)
{
	if (f->text[at])
		at++;
	while (follows(f->text, at))
		at++;
	return at;
}

static void cut(struct field *f, size_t first, size_t last)
{
	memmove(f->text + first, f->text + last, strlen(f->text + last) + 1);
	f->at = first;
}

bool field_type(struct field *f, int code)
{
	char utf8[4];
	size_t n = 0, length = strlen(f->text);
	unsigned c = (unsigned)code;
	if (c < 32 || (c >= 127 && c < 160) || c >= 0x110000)
		return false;
	if (c < 0x80) {
		utf8[n++] = (char)c;
	} else if (c < 0x800) {
		utf8[n++] = (char)(0xc0 | c >> 6);
		utf8[n++] = (char)(0x80 | (c & 0x3f));
	} else {
		if (c >= 0x10000) {
			utf8[n++] = (char)(0xf0 | c >> 18);
			utf8[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		} else {
			utf8[n++] = (char)(0xe0 | c >> 12);
		}
		utf8[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		utf8[n++] = (char)(0x80 | (c & 0x3f));
	}
	if (length + n + 1 > sizeof(f->text))
		return false;
	memmove(f->text + f->at + n, f->text + f->at, length - f->at + 1);
	memcpy(f->text + f->at, utf8, n);
	f->at += n;
	return true;
}

bool field_act(struct field *f, enum action action)
{
	switch (action) {
	case ACT_ERASE:
		cut(f, before(f, f->at), f->at);
		return true;
	case ACT_DELETE:
		cut(f, f->at, after(f, f->at));
		return true;
	case ACT_ERASE_ALL:
		cut(f, 0, strlen(f->text));
		return true;
	case ACT_FIELD_LEFT:
		f->at = before(f, f->at);
		return true;
	case ACT_FIELD_RIGHT:
		f->at = after(f, f->at);
		return true;
	case ACT_FIELD_HOME:
		f->at = 0;
		return true;
	case ACT_FIELD_END:
		f->at = strlen(f->text);
		return true;
	default:
		return false;
	}
}

void field_draw(struct canvas *c, struct rect area, int y, int x, int cols, const struct field *f)
{
	char head[FIELD_MAX];
	size_t first = 0;
	if (cols < 1)
		return;
	/* Slide until the cursor, which needs a column of its own at the end, is inside. */
	for (;;) {
		snprintf(head, sizeof(head), "%.*s", (int)(f->at - first), f->text + first);
		if (canvas_width(head) < cols || first >= f->at)
			break;
		first = after(f, first);
	}
	struct rect box = {area.y + y, area.x + x, 1, cols};
	if (x + cols > area.cols)
		box.cols = area.cols - x;
	if (box.cols < 1 || y < 0 || y >= area.rows)
		return;
	canvas_fill(c, box, ROLE_FOCUS, " ");
	canvas_text(c, box, 0, 0, ROLE_FOCUS, f->text + first);
	int at = canvas_width(head);
	c->cursor_y = box.y;
	c->cursor_x = box.x + (at < box.cols ? at : box.cols - 1);
}
