/* UTF-8 and the width of characters, the same for everyone who lays out or shows text. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Read one code point from text (length in bytes > 0). Returns how many bytes it took; *code_point is U+FFFD
 * for bytes that are no UTF-8 (overlong, surrogate, above U+10FFFF, cut off), of which one is taken.
 */
unsigned utf8_decode(const char *text, size_t length, uint32_t *code_point);

/* Write a code point as 1 to 4 bytes; what is none is written as U+FFFD. Returns the number of bytes. */
unsigned utf8_encode(uint32_t code_point, char out[4]);

/* Is all of it valid UTF-8? */
bool utf8_valid(const char *text, size_t length);

/* C0, DEL, C1, and what changes direction or joins lines: never to be sent to a terminal. */
bool utf8_is_control(uint32_t code_point);

/*
 * Columns of a code point: 0 for combining marks, 2 for wide characters, 1 for the rest; -1 for control
 * characters and what is not printable. wcwidth(3) decides, so setlocale() must have chosen a UTF-8 locale.
 */
int utf8_width(uint32_t code_point);
