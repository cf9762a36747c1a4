/*
 * Every message of the protocol's table, encoded and decoded, sound and spoilt. Nothing here names a message:
 * the same tests run over the real protocol and over tests/common/types, which has every type of field.
 */
#include "tests/common/filler.h"
#include "tests/common/unit.h"

#define ROOM (128u << 10)

static struct filler filler;
static uint8_t wire[ROOM];

/* Encode a message of that kind; returns its bytes. */
static size_t encode(enum ipc_id id, enum fill how, union ipc_any *message)
{
	int fd, bytes;

	filler.how = how;
	filler_fill(&filler, id, message);
	bytes = ipc_encode(id, message, wire, sizeof wire, &fd);
	assert_true(bytes >= 0);
	assert_true((uint32_t)bytes <= ipc_messages[id].max_bytes);
	assert_int_equal(fd, filler_has_fd(id) ? FILLER_FD : -1);
	return (size_t)bytes;
}

static int fd_of(enum ipc_id id)
{
	return filler_has_fd(id) ? FILLER_FD : -1;
}

/* Decode what lies in `wire`, in a buffer of exactly its length, so that a sanitizer sees a byte too far. */
static enum bad_message decode(enum ipc_id id, size_t bytes, int fd)
{
	uint8_t *exact = malloc(bytes ? bytes : 1);
	union ipc_any message;

	assert_non_null(exact);
	memcpy(exact, wire, bytes);
	enum bad_message bad = ipc_decode(id, filler_from(id), filler_to(id), exact, bytes, fd, &message);
	free(exact);
	return bad;
}

static void every_message_comes_back(void **state)
{
	(void)state;
	for (int i = 0; i < IPC_COUNT; i++) {
		for (enum fill how = 0; how < FILL_COUNT; how++) {
			enum ipc_id id = (enum ipc_id)i;
			union ipc_any sent, got;
			size_t bytes = encode(id, how, &sent);

			memset(&got, 0xa5, sizeof got);
			assert_int_equal(
				ipc_decode(id, filler_from(id), filler_to(id), wire, bytes, fd_of(id), &got),
				BAD_MESSAGE_NONE);
			assert_true(filler_equal(id, &sent, &got));
		}
	}
}

/* The generator's bound is exact: the fullest message reaches it. */
static void the_longest_is_as_long_as_the_table_says(void **state)
{
	(void)state;
	for (int i = 0; i < IPC_COUNT; i++) {
		union ipc_any message;

		assert_int_equal(encode((enum ipc_id)i, FILL_MOST, &message), ipc_messages[i].max_bytes);
	}
}

static void every_cut_is_refused(void **state)
{
	(void)state;
	for (int i = 0; i < IPC_COUNT; i++) {
		union ipc_any message;
		size_t bytes = encode((enum ipc_id)i, FILL_RANDOM, &message);

		for (size_t cut = 0; cut < bytes; cut++)
			assert_int_equal(decode((enum ipc_id)i, cut, fd_of((enum ipc_id)i)),
					 BAD_MESSAGE_TOO_SHORT);
	}
}

static void a_byte_too_many_is_refused(void **state)
{
	(void)state;
	for (int i = 0; i < IPC_COUNT; i++) {
		union ipc_any message;
		size_t bytes = encode((enum ipc_id)i, FILL_RANDOM, &message);

		wire[bytes] = 0;
		assert_int_equal(decode((enum ipc_id)i, bytes + 1, fd_of((enum ipc_id)i)),
				 BAD_MESSAGE_TOO_LONG);
	}
}

static enum bad_message spoil_byte(enum ipc_id id, size_t bytes, size_t at, uint8_t value)
{
	uint8_t before = wire[at];

	wire[at] = value;
	enum bad_message bad = decode(id, bytes, fd_of(id));
	wire[at] = before;
	return bad;
}

static void spoil_number(enum ipc_id id, const struct ipc_field *f, size_t bytes, size_t at)
{
	unsigned values = f->type == IPC_BOOL ? 2 : f->max;

	for (unsigned value = 0; value <= UINT8_MAX; value++)
		assert_int_equal(spoil_byte(id, bytes, at, (uint8_t)value),
				 value < values ? BAD_MESSAGE_NONE : BAD_MESSAGE_OUT_OF_RANGE);
}

static enum bad_message spoil_length(enum ipc_id id, size_t bytes, size_t at, uint32_t length)
{
	uint32_t before;

	memcpy(&before, wire + at, sizeof before);
	memcpy(wire + at, &length, sizeof length);
	enum bad_message bad = decode(id, bytes, fd_of(id));
	memcpy(wire + at, &before, sizeof before);
	return bad;
}

static void spoil_sized(enum ipc_id id, const struct ipc_field *f, size_t bytes, size_t at)
{
	static const uint8_t no_text[] = { 0x80, 0xc0, 0xc3, 0xed, 0xf8, 0xff };

	assert_int_equal(spoil_length(id, bytes, at, f->max + 1), BAD_MESSAGE_STRING_TOO_LONG);
	assert_int_equal(spoil_length(id, bytes, at, UINT32_MAX), BAD_MESSAGE_STRING_TOO_LONG);
	assert_int_equal(spoil_length(id, bytes, at, UINT32_MAX - 3), BAD_MESSAGE_STRING_TOO_LONG);
	memset(wire + at + 4, 'a', f->max);
	if (f->type == IPC_STRING)
		for (size_t i = 0; i < COUNT(no_text); i++)
			assert_int_equal(spoil_byte(id, bytes, at + 4 + f->max - 1, no_text[i]),
					 BAD_MESSAGE_STRING_NOT_UTF8);
}

static void each_field_out_of_range_is_refused(void **state)
{
	unsigned spoilt = 0;

	(void)state;
	for (int i = 0; i < IPC_COUNT; i++) {
		enum ipc_id id = (enum ipc_id)i;
		union ipc_any message;
		size_t bytes = encode(id, FILL_MOST, &message), at = 0;

		for (const struct ipc_field *f = ipc_messages[i].fields;
		     f < ipc_messages[i].fields + ipc_messages[i].nfields; f++) {
			if (f->type == IPC_BOOL || f->type == IPC_ENUM)
				spoil_number(id, f, bytes, at);
			else if (f->type == IPC_STRING || f->type == IPC_BYTES)
				spoil_sized(id, f, bytes, at);
			else
				spoilt--;
			spoilt++;
			at += filler_wire_bytes(f, wire + at);
		}
		assert_int_equal(at, bytes);
	}
	assert_true(spoilt > 0);
}

static void only_the_named_roles_talk(void **state)
{
	(void)state;
	for (int i = 0; i < IPC_COUNT; i++) {
		enum ipc_id id = (enum ipc_id)i;
		union ipc_any message;
		size_t bytes = encode(id, FILL_RANDOM, &message);

		for (unsigned from = 0; from < ROLE_COUNT; from++) {
			for (unsigned to = 0; to < ROLE_COUNT; to++) {
				bool may =
					(ipc_messages[i].from >> from & 1) && (ipc_messages[i].to >> to & 1);

				assert_int_equal(ipc_decode(id, (enum role)from, (enum role)to, wire, bytes,
							    fd_of(id), &message),
						 may ? BAD_MESSAGE_NONE : BAD_MESSAGE_NOT_ADDRESSED);
			}
		}
	}
}

static void unknown_types_are_refused(void **state)
{
	static const unsigned unknown[] = { IPC_COUNT, IPC_COUNT + 1, 0x7fff, 0xffff, 0x10000, UINT32_MAX };
	union ipc_any message;

	(void)state;
	for (size_t i = 0; i < COUNT(unknown); i++)
		assert_int_equal(ipc_decode(unknown[i], ROLE_BROWSER, ROLE_RENDERER, wire, 0, -1, &message),
				 BAD_MESSAGE_UNKNOWN_TYPE);
}

static void descriptors_come_where_they_belong(void **state)
{
	(void)state;
	for (int i = 0; i < IPC_COUNT; i++) {
		enum ipc_id id = (enum ipc_id)i;
		union ipc_any message;
		size_t bytes = encode(id, FILL_RANDOM, &message);

		if (filler_has_fd(id))
			assert_int_equal(decode(id, bytes, -1), BAD_MESSAGE_FD_MISSING);
		else
			assert_int_equal(decode(id, bytes, FILLER_FD), BAD_MESSAGE_FD_UNEXPECTED);
	}
}

static void too_small_a_buffer_is_not_written_past(void **state)
{
	static uint8_t small[ROOM + 16];
	int fd;

	(void)state;
	for (int i = 0; i < IPC_COUNT; i++) {
		union ipc_any message;
		size_t bytes = encode((enum ipc_id)i, FILL_RANDOM, &message);

		for (size_t capacity = 0; capacity < bytes; capacity++) {
			memset(small + capacity, 0xee, 16);
			assert_int_equal(ipc_encode((enum ipc_id)i, &message, small, capacity, &fd), -1);
			for (unsigned k = 0; k < 16; k++)
				assert_int_equal(small[capacity + k], 0xee);
		}
		assert_int_equal(ipc_encode((enum ipc_id)i, &message, small, bytes, &fd), bytes);
		assert_memory_equal(small, wire, bytes);
	}
}

static void a_field_past_its_maximum_is_not_encoded(void **state)
{
	unsigned tried = 0;

	(void)state;
	for (int i = 0; i < IPC_COUNT; i++) {
		const struct ipc_message *m = &ipc_messages[i];

		for (unsigned k = 0; k < m->nfields; k++) {
			union ipc_any message;
			int fd;

			if (m->fields[k].type != IPC_STRING && m->fields[k].type != IPC_BYTES)
				continue;
			encode((enum ipc_id)i, FILL_MOST, &message);
			struct ipc_bytes *value = (void *)((char *)&message + m->fields[k].offset);
			value->length++;
			assert_int_equal(ipc_encode((enum ipc_id)i, &message, wire, sizeof wire, &fd), -1);
			tried++;
		}
	}
	assert_true(tried > 0);
}

/* Whatever can be decoded can be shown, and never past the buffer. */
static void every_message_can_be_shown(void **state)
{
	static char text[ROOM * 8];

	(void)state;
	for (int i = 0; i < IPC_COUNT; i++) {
		for (enum fill how = 0; how < FILL_COUNT; how++) {
			union ipc_any message;
			int length;

			encode((enum ipc_id)i, how, &message);
			length = ipc_format_json((enum ipc_id)i, &message, text, sizeof text);
			assert_true(length >= 2);
			assert_int_equal(strlen(text), length);
			assert_int_equal(text[0], '{');
			assert_int_equal(text[length - 1], '}');
			for (int k = 0; k < length; k++)
				assert_true((uint8_t)text[k] >= 0x20 && text[k] != 0x7f);
			assert_int_equal(ipc_format_json((enum ipc_id)i, &message, text, (size_t)length + 1),
					 length);
			assert_int_equal(ipc_format_json((enum ipc_id)i, &message, text, (size_t)length), -1);
			length = ipc_format_text((enum ipc_id)i, &message, text, sizeof text);
			assert_int_equal(strlen(text), length);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_comes_back),
		cmocka_unit_test(the_longest_is_as_long_as_the_table_says),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(a_byte_too_many_is_refused),
		cmocka_unit_test(each_field_out_of_range_is_refused),
		cmocka_unit_test(only_the_named_roles_talk),
		cmocka_unit_test(unknown_types_are_refused),
		cmocka_unit_test(descriptors_come_where_they_belong),
		cmocka_unit_test(too_small_a_buffer_is_not_written_past),
		cmocka_unit_test(a_field_past_its_maximum_is_not_encoded),
		cmocka_unit_test(every_message_can_be_shown),
	};

	filler.random = 88172645463325252u;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
