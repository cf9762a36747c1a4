/*
 * From the bytes of a body to UTF-8: which encoding it is, and a decoder that takes it in pieces.
 * Invalid bytes and NUL become U+FFFD. The tables are made by charset_tables.py; renderer/body.c is the user.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHARSET_PRESCAN_BYTES 1024 /* a declaration must stand within them */

struct charset_encoding;

/* A label as pages write it ("EUC-KR", " latin1 "); NULL when it is unknown. */
const struct charset_encoding *charset_by_label(const char *label, size_t length);
const char *charset_name(const struct charset_encoding *);

/* What `<meta charset>` or `<meta http-equiv>` within these first bytes declares, or NULL. */
const struct charset_encoding *charset_prescan(const char *head, size_t length);

/* A decoder in the middle of a body. */
struct charset {
	const struct charset_encoding *encoding;
	bool guess;	    /* nothing is declared, and all so far was ASCII */
	bool big_endian;    /* UTF-16 */
	uint8_t pending[4]; /* bytes of a character that has not ended */
	unsigned npending;
	uint8_t escape; /* ISO-2022-JP: the set in use */
	bool replaced;	/* CHARSET_REPLACEMENT has said its one character */
};

/*
 * Choose the encoding from the body's first bytes (up to CHARSET_PRESCAN_BYTES are looked at) and the charset
 * argument of its type: byte order mark, argument, declaration, else UTF-8 or windows-1252, whichever the
 * first bytes beyond ASCII look like. Returns how many bytes of the mark are to be skipped.
 */
size_t charset_begin(struct charset *, const char *argument, size_t argument_length, const char *head,
		     size_t length);

/* The most bytes that charset_decode() may write for that many. */
size_t charset_capacity(size_t bytes);

/*
 * Decode a piece into out, which has charset_capacity(length) bytes. `last`: nothing follows, so that a
 * character cut short is invalid. Returns the bytes written.
 */
size_t charset_decode(struct charset *, const char *piece, size_t length, bool last, char *out);
