/* Lines of styled text, made anew for each frame: what help, reports and details are read in. */
#pragma once
#include "browser/ui/canvas.h"

struct lines {
	struct line {
		struct style style;
		char *text;
	} * items;
	int count, capacity;
};

void lines_finish(struct lines *);
void lines_add(struct lines *, struct style, const char *text);
__attribute__((format(printf, 3, 4))) void lines_format(struct lines *, struct style, const char *how, ...);
/* Text broken between words so that each line takes at most that many columns, after `indent` blanks. */
void lines_wrap(struct lines *, struct style, int indent, int columns, const char *text);
/* A JSON object, one line a member, as `  key   value`. */
void lines_add_object(struct lines *, struct style, const char *json);
/* The value of a JSON object's member, a string without its quotes; "" if there is none. Returns buf. */
const char *lines_member(const char *json, const char *name, char *buf, size_t capacity);
/* Bytes as hex and as characters, so many a line: at most 16. */
void lines_add_bytes(struct lines *, struct style, const unsigned char *bytes, unsigned length,
		     unsigned a_line);
/* Those from `top` on, within the area. */
void lines_draw(const struct lines *, int top, struct canvas *, struct area);
