/*
 * What charset_tables.py writes at build time: encodings, their labels, their characters. 0 in a table is no
 * character. Only renderer/charset.c reads it.
 */
#pragma once
#include <stdint.h>

enum charset_decoder {
	CHARSET_UTF_8,
	CHARSET_SINGLE,
	CHARSET_EUC_KR,
	CHARSET_GB18030,
	CHARSET_BIG5,
	CHARSET_EUC_JP,
	CHARSET_ISO_2022_JP,
	CHARSET_SHIFT_JIS,
	CHARSET_UTF_16,
	CHARSET_REPLACEMENT,
	CHARSET_DECODERS,
};

/* The first two of charset_encodings. */
enum { CHARSET_FIRST_UTF_8, CHARSET_FIRST_WINDOWS_1252 };

struct charset_encoding {
	const char *name;
	enum charset_decoder decoder;
	const uint16_t *single; /* of CHARSET_SINGLE: bytes 0x80 to 0xff */
};

struct charset_label {
	const char *label;
	uint32_t encoding;
};

/* A run of code points of GB18030's four-byte sequences. */
struct charset_range {
	uint16_t index, code_point;
};

extern const struct charset_encoding charset_encodings[];
extern const struct charset_label charset_labels[]; /* sorted */
extern const unsigned charset_nlabels;

extern const uint16_t charset_euc_kr[126 * 190]; /* trails from 0x41 */
extern const uint16_t charset_gbk[126 * 191];	 /* trails from 0x40 */
extern const uint16_t charset_jis0208[60 * 188];
extern const uint16_t charset_jis0212[94 * 94];
extern const uint16_t charset_big5[126 * 157];
extern const uint8_t charset_big5_plane2[(126 * 157 + 7) / 8]; /* bit: the code point is 0x20000 more */
extern const struct charset_range charset_gb18030_ranges[];
extern const unsigned charset_gb18030_nranges;
