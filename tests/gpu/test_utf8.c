/* common/utf8.c: decoding against a table of good and bad bytes, encoding over all code points, widths. */
#include "common/utf8.h"
#include "tests/gpu/unit.h"

struct decoding {
	const char *bytes;
	size_t length;
	unsigned taken;
	uint32_t code_point;
};

static const struct decoding decodings[] = {
	{ "a", 1, 1, 'a' },
	{ "\0", 1, 1, 0 },
	{ "\x7f", 1, 1, 0x7f },
	{ "\xc2\x80", 2, 2, 0x80 },
	{ "\xdf\xbf", 2, 2, 0x7ff },
	{ "\xe0\xa0\x80", 3, 3, 0x800 },
	{ "\xed\x9f\xbf", 3, 3, 0xd7ff },
	{ "\xee\x80\x80", 3, 3, 0xe000 },
	{ "\xef\xbf\xbd", 3, 3, 0xfffd },
	{ "\xf0\x90\x80\x80", 4, 4, 0x10000 },
	{ "\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff },
	/* cut off */
	{ "\xc2", 1, 1, 0xfffd },
	{ "\xe0\xa0", 2, 1, 0xfffd },
	{ "\xf0\x90\x80", 3, 1, 0xfffd },
	{ "\xe4\xb8\x41", 3, 1, 0xfffd },
	/* overlong */
	{ "\xc0\x80", 2, 1, 0xfffd },
	{ "\xc1\xbf", 2, 1, 0xfffd },
	{ "\xe0\x9f\xbf", 3, 1, 0xfffd },
	{ "\xf0\x8f\xbf\xbf", 4, 1, 0xfffd },
	/* surrogates, too high, not the first byte of anything */
	{ "\xed\xa0\x80", 3, 1, 0xfffd },
	{ "\xed\xbf\xbf", 3, 1, 0xfffd },
	{ "\xf4\x90\x80\x80", 4, 1, 0xfffd },
	{ "\xf8\x88\x80\x80\x80", 5, 1, 0xfffd },
	{ "\x80", 1, 1, 0xfffd },
	{ "\xff", 1, 1, 0xfffd },
};

static void test_decode(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(decodings); i++) {
		const struct decoding *d = &decodings[i];
		uint32_t code_point = 1;
		/* A copy of exactly that length, so that reading on is seen by a sanitizer. */
		char *copy = malloc(d->length);
		memcpy(copy, d->bytes, d->length);
		assert_int_equal(utf8_decode(copy, d->length, &code_point), d->taken);
		assert_int_equal(code_point, d->code_point);
		free(copy);
	}
}

static void test_valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(decodings); i++) {
		const struct decoding *d = &decodings[i];
		bool good = d->taken == d->length && !(d->taken == 1 && d->code_point == 0xfffd);
		assert_int_equal(utf8_valid(d->bytes, d->length), good);
	}
	assert_true(utf8_valid("", 0));
	assert_false(utf8_valid("good \xff then bad", 15));
	assert_false(utf8_valid("end \xe4\xb8", 6));
}

static void test_encode_all(void **state)
{
	(void)state;
	for (uint32_t c = 0; c <= 0x110100; c++) {
		char bytes[4];
		uint32_t back;
		bool scalar = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
		unsigned length = utf8_encode(c, bytes);
		assert_int_equal(utf8_decode(bytes, length, &back), length);
		assert_int_equal(back, scalar ? c : 0xfffd);
	}
}

static void test_control(void **state)
{
	static const uint32_t controls[] = { 0,	     7,	     0x1b,   0x1f,   0x7f,    0x80,   0x9b,   0x9f,
					     0x61c,  0x200e, 0x200f, 0x2028, 0x2029,  0x202a, 0x202e, 0x2066,
					     0x2069, 0x206f, 0xfff9, 0xfffb, 0xe0001, 0xe0041 };
	static const uint32_t others[] = { ' ',	   '~',	   0xa0,   0xad,   0x301,  0x61b,   0x61d,  0x2027,
					   0x202f, 0x2065, 0x2070, 0x4e00, 0xfffd, 0xe0100, 0x1f600 };

	(void)state;
	for (size_t i = 0; i < COUNT(controls); i++) {
		assert_true(utf8_is_control(controls[i]));
		assert_int_equal(utf8_width(controls[i]), -1);
	}
	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(utf8_is_control(others[i]));
}

static void test_width(void **state)
{
	static const struct {
		uint32_t code_point;
		int width;
	} widths[] = { { 'a', 1 },     { ' ', 1 },     { 0xe9, 1 },	 { 0x301, 0 },
		       { 0x20d7, 0 },  { 0x4e2d, 2 },  { 0xac00, 2 },	 { 0xff21, 2 },
		       { 0x1f600, 2 }, { 0x2500, 1 },  { 0x2588, 1 },	 { 0xfffd, 1 },
		       { 0xd800, -1 }, { 0xdfff, -1 }, { 0x110000, -1 }, { 0xffffffff, -1 } };

	(void)state;
	for (size_t i = 0; i < COUNT(widths); i++)
		assert_int_equal(utf8_width(widths[i].code_point), widths[i].width);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),	   cmocka_unit_test(test_valid),
		cmocka_unit_test(test_encode_all), cmocka_unit_test(test_control),
		cmocka_unit_test(test_width),
	};
	return cmocka_run_group_tests(tests, use_utf8, NULL);
}
