/*
 * The building blocks of messages: field types and the tables that the generator fills.
 * common/ipcgen.py writes protocol.h and protocol.c on top of these; common/codec.h walks the tables.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct channel;

/* Text and bytes borrow: in a decoded message they point into the received packet. Not 0-terminated. */
struct ipc_string {
	const char *text;
	uint32_t length;
};

struct ipc_bytes {
	const void *data;
	uint32_t length;
};

enum ipc_type { IPC_U8, IPC_U16, IPC_U32, IPC_U64, IPC_BOOL, IPC_ENUM, IPC_STRING, IPC_BYTES, IPC_FD };

/* One field: where it lies in its struct, its bound (bytes, or number of enum values), its enum's names, and
 * its type as the protocol has it: u32, string, fault. */
struct ipc_field {
	const char *name;
	enum ipc_type type;
	uint16_t offset;
	uint32_t max;
	const char *const *names;
	const char *type_name;
};

/* One message: who may send and receive it (bit sets of enum role), the id of its reply (-1: none). */
struct ipc_message {
	const char *name;
	uint8_t from, to, nfields;
	int16_t reply;
	uint16_t size;	    /* of its struct */
	uint32_t max_bytes; /* of its encoding */
	const struct ipc_field *fields;
};

/* A message's string field from a C string. The text is borrowed. */
static inline struct ipc_string ipc_text(const char *text)
{
	return (struct ipc_string){ text, (uint32_t)strlen(text) };
}
