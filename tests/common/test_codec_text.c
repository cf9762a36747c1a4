/* What messages look like as JSON and for people: golden lines, over tests/common/types. */
#include "common/codec.h"
#include "tests/common/unit.h"

static struct ipc_set_all all(const char *text)
{
	return (struct ipc_set_all){
		.small = 7,
		.medium = 65535,
		.large = UINT32_MAX,
		.huge = UINT64_MAX,
		.flag = true,
		.light = LIGHT_AMBER,
		.text = ipc_text(text),
		.raw = { "\x00\x7f\xff", 3 },
		.pipe = 5,
	};
}

static void json_is_golden(void **state)
{
	struct ipc_set_all message = all("go");
	char text[512];

	(void)state;
	int length = ipc_format_json(IPC_SET_ALL, &message, text, sizeof text);
	assert_int_equal(length, strlen(text));
	assert_string_equal(text, "{\"small\":7,\"medium\":65535,\"large\":4294967295,"
				  "\"huge\":\"18446744073709551615\",\"flag\":true,\"light\":\"amber\","
				  "\"text\":\"go\",\"raw\":\"007fff\",\"pipe\":\"fd\"}");
}

static void text_is_golden(void **state)
{
	struct ipc_set_all message = all("go");
	char text[512];

	(void)state;
	int length = ipc_format_text(IPC_SET_ALL, &message, text, sizeof text);
	assert_int_equal(length, strlen(text));
	assert_string_equal(text, "small=7 medium=65535 large=4294967295 huge=18446744073709551615 "
				  "flag=true light=amber text=\"go\" raw=\"007fff\" pipe=fd");
}

static void a_message_without_fields_is_empty(void **state)
{
	struct ipc_stop message = { 0 };
	char text[8];

	(void)state;
	assert_int_equal(ipc_format_json(IPC_STOP, &message, text, sizeof text), 2);
	assert_string_equal(text, "{}");
	assert_int_equal(ipc_format_text(IPC_STOP, &message, text, sizeof text), 0);
	assert_string_equal(text, "");
}

static void strings_are_escaped(void **state)
{
	struct ipc_set_all message = all("\"\\\n\x1b[2J\x7f\xc2\x9b\xe2\x80\xae é中🚢");
	char text[512];

	(void)state;
	ipc_format_json(IPC_SET_ALL, &message, text, sizeof text);
	assert_non_null(strstr(text, "\"text\":\"\\\"\\\\\\u000a\\u001b[2J\\u007f\\u009b\\u202e é中🚢\""));
	ipc_format_text(IPC_SET_ALL, &message, text, sizeof text);
	assert_non_null(strstr(text, "text=\"\\\"\\\\\\u000a\\u001b[2J\\u007f\\u009b\\u202e é中🚢\""));
}

/* The text is cut to fit, the JSON given up, and neither writes past its end. */
static void small_buffers(void **state)
{
	struct ipc_set_all message = all("cut \"me\" 中");
	char whole[512], json[512], text[512];
	int json_length = ipc_format_json(IPC_SET_ALL, &message, json, sizeof json);
	int length = ipc_format_text(IPC_SET_ALL, &message, whole, sizeof whole);

	(void)state;
	for (size_t capacity = 1; capacity < 400; capacity++) {
		memset(text, 'x', sizeof text);
		int n = ipc_format_json(IPC_SET_ALL, &message, text, capacity);
		assert_int_equal(n, capacity > (size_t)json_length ? json_length : -1);
		assert_true(memchr(text, '\0', capacity));
		assert_int_equal(text[capacity], 'x');

		memset(text, 'x', sizeof text);
		n = ipc_format_text(IPC_SET_ALL, &message, text, capacity);
		assert_int_equal(strlen(text), n);
		assert_true(n <= length && (size_t)n < capacity);
		assert_memory_equal(text, whole, (size_t)n);
		assert_int_equal(text[capacity], 'x');
	}
}

static void ids_are_named(void **state)
{
	static const struct {
		uint64_t id;
		const char *text;
	} cases[] = {
		{ 0, "" },
		{ 1, "browser/1" },
		{ 881, "browser/881" },
		{ (uint64_t)ROLE_RENDERER << 60 | UINT64_C(3) << 40 | 1042, "renderer:3/1042" },
		{ (uint64_t)ROLE_PLUGIN << 60 | UINT64_C(0xfffff) << 40 | UINT64_C(0xffffffffff),
		  "plugin:1048575/1099511627775" },
		{ UINT64_C(0xf) << 60 | UINT64_C(0xfffff) << 40 | UINT64_C(0xffffffffff),
		  "unknown:1048575/1099511627775" },
	};
	char buf[IPC_ID_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(ipc_id_text(cases[i].id, buf), cases[i].text);
}

static void ids_are_taken_apart(void **state)
{
	uint64_t id = ipc_make_id(ROLE_GPU, 0xabcde, UINT64_C(0x123456789a));

	(void)state;
	assert_int_equal(ipc_id_role(id), ROLE_GPU);
	assert_int_equal(ipc_id_serial(id), 0xabcde);
	assert_int_equal(ipc_id_number(id), UINT64_C(0x123456789a));
	/* Too large a part does not spill into its neighbour. */
	assert_int_equal(ipc_make_id(ROLE_BROWSER, 0, UINT64_C(1) << 40 | 5), 5);
	assert_int_equal(ipc_id_role(ipc_make_id(ROLE_BROWSER, UINT32_MAX, 1)), ROLE_BROWSER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_golden),
		cmocka_unit_test(text_is_golden),
		cmocka_unit_test(a_message_without_fields_is_empty),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(small_buffers),
		cmocka_unit_test(ids_are_named),
		cmocka_unit_test(ids_are_taken_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
