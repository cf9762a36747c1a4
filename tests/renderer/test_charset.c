/* Which encoding a body is in, and what its bytes then say; whole and in pieces. */
#include "tests/renderer/unit.h"

#include "common/utf8.h"
#include "renderer/charset.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sample {
	const char *argument; /* the charset of the type, or "" */
	const char *bytes;
	size_t length;
	const char *expected;
};

#define BYTES(text) (text), sizeof(text) - 1

static const struct sample samples[] = {
	{ "", BYTES("plain"), "plain" },
	{ "", BYTES("caf\xc3\xa9"), "café" },
	{ "", BYTES("caf\xe9 \x80"), "café €" }, /* no UTF-8, so windows-1252 */
	{ "utf-8", BYTES("caf\xe9 x"), "caf\ufffd x" },
	{ "UTF8", BYTES("a\xe2\x82<\xf0\x9f\x98\x80>\xc0\xaf\xed\xa0\x80"), "a\ufffd<😀>\ufffd\ufffd\ufffd" },
	{ "utf-8", BYTES("a\0b\xe2\x82"), "a\ufffdb\ufffd" },
	{ "latin1", BYTES("\xef\xbb\xbf\xc3\xa9"), "é" }, /* the mark wins */
	{ "",
	  BYTES("\xff\xfe"
		"a\0\x3d\xd8\x00\xde"),
	  "a😀" },
	{ "", BYTES("\xfe\xff\0a\xd8\x3d\xde\x00"), "a😀" },
	{ "utf-16le", BYTES("a\0\0\xd8z\0"), "a\ufffdz" },
	{ "iso-8859-1", BYTES("\x93quoted\x94"), "“quoted”" }, /* as on the web */
	{ "euc-kr", BYTES("\xc7\xd1\xb1\xb9\xbe\xee \x8c\x63"), "한국어 똠" },
	{ "ks_c_5601-1987", BYTES("\xb0<b>\xff<\xb0"), "\ufffd<b>\ufffd<\ufffd" },
	{ "Shift_JIS", BYTES("\x93\xfa\x96\x7b\x8c\xea \xb6\xc5 \x87\x40"), "日本語 ｶﾅ ①" },
	{ "x-sjis", BYTES("\x81<"), "\ufffd<" },
	{ "euc-jp", BYTES("\xc6\xfc\xcb\xdc\xb8\xec \x8e\xb6 \x8f\xb0\xa1"), "日本語 ｶ 丂" },
	{ "iso-2022-jp", BYTES("a\x1b$BF|K\\8l\x1b(Bz\x1b(I6\x1b(J\\"), "a日本語zｶ¥" },
	{ "gb2312", BYTES("\xd6\xd0\xce\xc4 \x80"), "中文 €" },
	{ "gb18030", BYTES("\xd6\xd0\x81\x30\x81\x30\x94\x39\xda\x33\x81\x30<"),
	  "中\302\200\U0001f4a9\ufffd0<" },
	{ "big5", BYTES("\xa4\xa4\xa4\xe5 \x87\x45 \xa4<"), "中文 \U00027267 \ufffd<" },
	{ "koi8-r", BYTES("\xd2\xd5\xd3\xd3\xcb\xc9\xca"), "русский" },
	{ "windows-1251", BYTES("\xf0\xf3\xf1\xf1\xea\xe8\xe9"), "русский" },
	{ "cp1250", BYTES("\x8a\x9e\xf2"), "Šžň" },
	{ "iso-8859-2", BYTES("\xa9\xbe"), "Šž" },
	{ "windows-1253", BYTES("\xe1\xe2"), "αβ" },
	{ "windows-874", BYTES("\xa1\xd2"), "กา" },
	{ "ibm866", BYTES("\x80\xe0"), "Ар" },
	{ "macintosh", BYTES("\x8e"), "é" },
	{ "iso-2022-kr", BYTES("anything"), "\ufffd" },
	{ "no-such-charset", BYTES("caf\xc3\xa9"), "café" },
	{ "", BYTES("<meta charset=euc-kr>\xc7\xd1"), "<meta charset=euc-kr>한" },
	{ "koi8-r", BYTES("<meta charset=euc-kr>\xd2"), "<meta charset=euc-kr>р" }, /* the argument wins */
	{ "", BYTES("<!-- <meta charset=koi8-r> --><META CharSet='windows-1251'>\xf0"),
	  "<!-- <meta charset=koi8-r> --><META CharSet='windows-1251'>р" },
	{ "", BYTES("<meta http-equiv=\"Content-Type\" content=\"text/html; charset = shift_jis\">\x93\xfa"),
	  "<meta http-equiv=\"Content-Type\" content=\"text/html; charset = shift_jis\">日" },
	{ "", BYTES("<meta content='text/html;charset=koi8-r'>caf\xe9"),
	  "<meta content='text/html;charset=koi8-r'>café" },
	{ "", BYTES("<meta charset=utf-16>\xc3\xa9"), "<meta charset=utf-16>é" },
};

static char *decode(const struct sample *sample, size_t step)
{
	struct charset charset;
	size_t size = charset_capacity(sample->length) * 2 + 64, length = 0;
	char *out = malloc(size);
	size_t at = charset_begin(&charset, sample->argument, strlen(sample->argument), sample->bytes,
				  sample->length);
	for (size_t part; at < sample->length; at += part) {
		part = sample->length - at < step ? sample->length - at : step;
		char *piece = malloc(
			charset_capacity(part)); /* its own, so that a sanitizer sees each byte too many */
		size_t decoded = charset_decode(&charset, sample->bytes + at, part,
						at + part == sample->length, piece);
		assert_true(decoded <= charset_capacity(part));
		memcpy(out + length, piece, decoded);
		length += decoded;
		free(piece);
	}
	out[length] = 0;
	assert_true(utf8_valid(out, length));
	return out;
}

static void test_samples(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		char *text = decode(&samples[i], samples[i].length);
		if (strcmp(text, samples[i].expected))
			fail_msg("%s, sample %zu: %s instead of %s", samples[i].argument, i, text,
				 samples[i].expected);
		free(text);
	}
}

/* An undeclared body is guessed by what is there, so only declared ones are the same in pieces. */
static void test_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		for (size_t step = 1; step < 6 && samples[i].argument[0]; step++) {
			char *text = decode(&samples[i], step);
			assert_string_equal(text, samples[i].expected);
			free(text);
		}
}

/* Any bytes in any encoding: valid UTF-8 comes out, and not too much of it. */
static void test_noise(void **state)
{
	static const char *const labels[] = { "utf-8",	     "euc-kr",	"shift_jis",   "euc-jp",
					      "iso-2022-jp", "gb18030", "big5",	       "utf-16le",
					      "utf-16be",    "koi8-r",	"replacement", "" };
	char noise[3000];
	uint32_t seed = 1;
	(void)state;
	for (size_t round = 0; round < 40; round++) {
		for (size_t i = 0; i < sizeof(noise); i++) {
			seed = seed * 1664525 + 1013904223;
			noise[i] = (char)(round % 2 && seed >> 30 ? 0x80 | seed >> 24 : seed >> 24);
		}
		for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
			free(decode(&(struct sample){ labels[i], noise, sizeof(noise), "" }, 1 + round * 7));
	}
}

static void test_labels(void **state)
{
	(void)state;
	assert_string_equal(charset_name(charset_by_label("  Windows-949\n", 14)), "euc-kr");
	assert_string_equal(charset_name(charset_by_label("ascii", 5)), "windows-1252");
	assert_string_equal(charset_name(charset_by_label("866", 3)), "ibm866");
	assert_string_equal(charset_name(charset_by_label("x-x-big5", 8)), "big5");
	assert_null(charset_by_label("utf-7", 5));
	assert_null(charset_by_label("", 0));
	assert_null(charset_by_label("utf-", 4));
}

static void test_prescan_bounds(void **state)
{
	static const char *const cut[] = { "<meta",
					   "<meta ",
					   "<meta charset",
					   "<meta charset=",
					   "<meta charset=\"",
					   "<!--",
					   "<!-- <meta charset=koi8-r",
					   "<",
					   "",
					   "<meta charset=koi8-r" };
	(void)state;
	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		char *copy = malloc(strlen(cut[i]) + 1);
		memcpy(copy, cut[i], strlen(cut[i]));
		charset_prescan(copy, strlen(cut[i]));
		free(copy);
	}
	assert_null(charset_prescan("<meta charset=nonsense>", 23));
	char far[2000];
	memset(far, ' ', sizeof(far));
	memcpy(far + 1500, "<meta charset=koi8-r>", 21);
	assert_null(charset_prescan(far, sizeof(far)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),	       cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_noise),	       cmocka_unit_test(test_labels),
		cmocka_unit_test(test_prescan_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
