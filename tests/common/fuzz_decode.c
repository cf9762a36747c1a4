/*
 * Any bytes as a message, from anyone to anyone: they are refused, or they can be shown as JSON and text and
 * encoded again to the same bytes. A libFuzzer target where clang has one; everywhere, the driver at the end
 * makes inputs of its own, the same each time. An input is a head and then either the fields themselves, or
 * changes to the fields of a sound message, since chance alone seldom finds one.
 */
#include "tests/common/filler.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define ROOM (128u << 10)

/* How an input begins. */
struct head {
	uint16_t id;
	uint8_t from, to;
	uint8_t has_fd;	 /* odd: yes; above 127: as the message wants it */
	uint8_t changes; /* odd: what follows changes a sound message; above 127: its own sender and receiver
			  */
	uint16_t seed;
};

struct change {
	uint16_t at;
	uint8_t value, cut;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct filler filler;
static uint8_t sound[ROOM], again[ROOM];
static char text[8 * ROOM];
static unsigned long accepted, refused;

static void check(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

/* A sound message's fields with changes; returns their length. */
static size_t change_message(const struct head *head, enum ipc_id id, const uint8_t *data, size_t size)
{
	union ipc_any message;
	int fd, length;

	filler.random = head->seed + 1u;
	filler.how = (enum fill)(head->seed % FILL_COUNT);
	filler_fill(&filler, id, &message);
	length = ipc_encode(id, &message, sound, sizeof sound, &fd);
	check(length >= 0, "a sound message was not encoded");
	for (; length > 0 && size >= sizeof(struct change); size -= sizeof(struct change)) {
		struct change change;

		memcpy(&change, data, sizeof change);
		data += sizeof change;
		sound[change.at % (size_t)length] = change.value;
		if (change.cut > 250)
			length = change.at % length;
	}
	return (size_t)length;
}

/* What was accepted holds together. */
static void check_message(enum ipc_id id, const union ipc_any *message, const uint8_t *fields, size_t bytes)
{
	int fd, length = ipc_format_json(id, message, text, sizeof text);

	check(length >= 2 && strlen(text) == (size_t)length, "JSON is not as long as it says");
	for (int i = 0; i < length; i++)
		check((uint8_t)text[i] >= 0x20 && text[i] != 0x7f, "a control character in JSON");
	length = ipc_format_text(id, message, text, 100);
	check(length < 100 && strlen(text) == (size_t)length, "text is not as long as it says");
	length = ipc_encode(id, message, again, sizeof again, &fd);
	check(length >= 0 && (size_t)length == bytes, "encoded to another length");
	check(bytes == 0 || !memcmp(again, fields, bytes), "encoded to other bytes");
	check((fd == FILLER_FD) == filler_has_fd(id), "a descriptor went astray");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct head head;
	union ipc_any message;

	if (size < sizeof head)
		return 0;
	memcpy(&head, data, sizeof head);
	data += sizeof head;
	size -= sizeof head;
	enum ipc_id known = (enum ipc_id)(head.id % IPC_COUNT);
	unsigned id = head.id > 0xfff0 ? head.id : known;
	enum role from = (enum role)(head.from % ROLE_COUNT), to = (enum role)(head.to % ROLE_COUNT);
	int fd = (head.has_fd > 127 ? filler_has_fd(known) : head.has_fd & 1) ? FILLER_FD : -1;

	if (head.changes & 1) {
		size = change_message(&head, known, data, size);
		data = sound;
	}
	if (head.changes > 127) {
		from = filler_from(known);
		to = filler_to(known);
	}
	/* A buffer of exactly that size, so that reading past it is seen. */
	uint8_t *fields = malloc(size + 1);
	check(fields != NULL, "no memory");
	memcpy(fields + 1, data, size);
	if (ipc_decode(id, from, to, fields + 1, size, fd, &message) == BAD_MESSAGE_NONE) {
		check_message((enum ipc_id)id, &message, fields + 1, size);
		accepted++;
	} else {
		refused++;
	}
	free(fields);
	return 0;
}

#ifndef HAVE_LIBFUZZER
#define INPUTS 200000

int main(void)
{
	static uint8_t input[256];
	uint64_t random = 20260101;

	for (unsigned i = 0; i < INPUTS; i++) {
		size_t size = 0;

		for (uint64_t bits = 0; size < sizeof input; size++, bits >>= 8) {
			if (size % 8 == 0) {
				random ^= random << 13;
				random ^= random >> 7;
				random ^= random << 17;
				bits = random;
			}
			input[size] = (uint8_t)bits;
		}
		LLVMFuzzerTestOneInput(input,
				       sizeof(struct head) +
					       random % (sizeof input - sizeof(struct head)) / (1 + i % 16));
	}
	printf("%lu accepted, %lu refused\n", accepted, refused);
	check(accepted > INPUTS / 100 && refused > INPUTS / 100, "the inputs are all of one kind");
	return 0;
}
#endif
