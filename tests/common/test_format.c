/* Text appended to a bounded buffer: what it says, and that it ends where the buffer ends. */
#include "common/format.h"
#include "tests/common/unit.h"

static void numbers(void **state)
{
	char buf[128];
	struct format f = format_into(buf, sizeof buf);

	(void)state;
	format_u64(&f, 0);
	format_char(&f, ' ');
	format_u64(&f, UINT64_MAX);
	format_char(&f, ' ');
	format_tenths(&f, 0);
	format_char(&f, ' ');
	format_tenths(&f, 3199);
	format_char(&f, ' ');
	format_tenths(&f, UINT64_MAX);
	format_char(&f, ' ');
	format_hex(&f, "\x00\x9f\xff", 3);
	format_printf(&f, " %s=%d", "n", -1);
	assert_string_equal(buf, "0 18446744073709551615 0.0 3.1 18446744073709551.6 009fff n=-1");
	assert_int_equal(f.length, strlen(buf));
	assert_false(f.full);
}

static void json_strings(void **state)
{
	static const struct {
		const char *in;
		size_t length;
		const char *out;
	} cases[] = {
		{ "", 0, "\"\"" },
		{ "plain", 5, "\"plain\"" },
		{ "a\"b\\c/", 6, "\"a\\\"b\\\\c/\"" },
		{ "\0\t\r\n\x1f", 5, "\"\\u0000\\u0009\\u000d\\u000a\\u001f\"" },
		{ "\x7f", 1, "\"\\u007f\"" },
		{ "\xc2\x80\xc2\x9f\xc2\xa0", 6, "\"\\u0080\\u009f\xc2\xa0\"" },
		/* What changes direction must not reach a terminal either; beyond the plane, as surrogates.
		 */
		{ "\xe2\x80\xae\xe2\x81\xa6", 6, "\"\\u202e\\u2066\"" },
		{ "\xf3\xa0\x81\x81", 4, "\"\\udb40\\udc41\"" },
		{ "é中🚢", 9, "\"é中🚢\"" },
		/* No UTF-8: cut off, overlong, a surrogate, beyond the last code point, a stray byte. */
		{ "x\xe4\xb8", 3, "\"x\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xf4\x90\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xff"
		  "a",
		  2,
		  "\"\xef\xbf\xbd"
		  "a\"" },
		{ "\xef\xbf\xbd", 3, "\"\xef\xbf\xbd\"" },
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct format f = format_into(buf, sizeof buf);

		format_json_string(&f, cases[i].in, cases[i].length);
		assert_string_equal(buf, cases[i].out);
	}
}

/* One of each, appended to a buffer that is too small by every amount. */
static void append_all(struct format *f)
{
	format_text(f, "text ");
	format_bytes(f, "bytes", 5);
	format_char(f, ' ');
	format_u64(f, 123456);
	format_printf(f, " %s ", "printed");
	format_tenths(f, 98765);
	format_hex(f, "\x01\x02\x03", 3);
	format_json_string(f, "quo\"ted \n 中\xff", 13);
	format_char(f, '.');
}

static void nothing_is_written_past_the_end(void **state)
{
	char whole[128], buf[128];
	struct format all = format_into(whole, sizeof whole);

	(void)state;
	append_all(&all);
	assert_false(all.full);
	for (size_t capacity = 1; capacity <= all.length + 2; capacity++) {
		memset(buf, 'x', sizeof buf);
		struct format f = format_into(buf, capacity);
		append_all(&f);
		assert_int_equal(f.full, capacity <= all.length);
		assert_int_equal(strlen(buf), f.length);
		assert_true(f.length < capacity);
		/* What stands is a beginning of the whole: after something is left out, nothing more comes.
		 */
		assert_memory_equal(buf, whole, f.length);
		for (size_t i = capacity; i < sizeof buf; i++)
			assert_int_equal(buf[i], 'x');
	}
}

static void what_does_not_fit_is_left_out_whole(void **state)
{
	char buf[8];
	struct format f = format_into(buf, sizeof buf);

	(void)state;
	format_text(&f, "seven77");
	assert_false(f.full);
	f = format_into(buf, sizeof buf);
	format_text(&f, "abc");
	format_text(&f, "defgh");
	assert_true(f.full);
	assert_string_equal(buf, "abc");
	format_char(&f, 'z');
	assert_string_equal(buf, "abc");

	f = format_into(buf, sizeof buf);
	format_printf(&f, "%s", "1234567");
	assert_false(f.full);
	f = format_into(buf, sizeof buf);
	format_text(&f, "abc");
	format_printf(&f, "%05d", 1);
	assert_true(f.full);
	assert_string_equal(buf, "abc");
	format_printf(&f, "z");
	assert_string_equal(buf, "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(json_strings),
		cmocka_unit_test(nothing_is_written_past_the_end),
		cmocka_unit_test(what_does_not_fit_is_left_out_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
