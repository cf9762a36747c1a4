/* See ring.h. */
#include "tests/common/ring.h"
#include "tests/common/unit.h"

void open_ring(struct fixture *f, size_t ring_bytes)
{
	*f = (struct fixture){ .bytes = sizeof(struct recorder_region) + ring_bytes };
	f->region = aligned_alloc(64, (f->bytes + 63) & ~(size_t)63);
	assert_non_null(f->region);
	memset(f->region, 0, f->bytes);
	recorder_init(&f->recorder, f->region, f->bytes, PAYLOAD);
	recorder_reader_init(&f->reader, f->region, ring_bytes);
}

void close_ring(struct fixture *f)
{
	free(f->region);
}

void write_number(struct recorder *r, uint64_t number, uint32_t message_bytes)
{
	uint8_t payload[PAYLOAD + 64];
	struct record record = { .kind = RECORD_SENT,
				 .peer_role = ROLE_GPU,
				 .peer_serial = 9,
				 .type = IPC_PING,
				 .id = number,
				 .cause = ~number,
				 .message_bytes = message_bytes };

	memset(payload, (int)(number & 0xff), sizeof payload);
	recorder_write(r, &record, payload);
}

void check_record(const struct record *record, const uint8_t *payload)
{
	assert_int_equal(record->kind, RECORD_SENT);
	assert_int_equal(record->cause, ~record->id);
	assert_int_equal(record->peer_role, ROLE_GPU);
	assert_int_equal(record->peer_serial, 9);
	assert_int_equal(record->payload_bytes,
			 record->message_bytes < PAYLOAD ? record->message_bytes : PAYLOAD);
	for (unsigned i = 0; i < record->payload_bytes; i++)
		assert_int_equal(payload[i], record->id & 0xff);
}
