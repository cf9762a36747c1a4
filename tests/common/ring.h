/* A small flight recorder with its reader, for test_recorder.c and test_recorder_forged.c. */
#pragma once
#include "common/recorder.h"

#define SMALL_RING 1024u /* bytes */
#define PAYLOAD	   64u

struct fixture {
	struct recorder_region *region;
	size_t bytes;
	struct recorder recorder;
	struct recorder_reader reader;
	unsigned halves;
};

/* A fixture that two threads share. */
struct race {
	struct fixture f;
	_Atomic bool stop;
};

void open_ring(struct fixture *, size_t ring_bytes);
void close_ring(struct fixture *);

/* The payload of message `number` is as long as it says, and each byte says its number. */
void write_number(struct recorder *, uint64_t number, uint32_t message_bytes);
void check_record(const struct record *, const uint8_t *payload);
