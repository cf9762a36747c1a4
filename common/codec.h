/*
 * Encode, decode, check and print any message by walking its field table.
 * This is the one place where the bounds of what crosses a process boundary are checked.
 * common/channel.c frames what is encoded here; common/ipcgen.py writes the tables.
 */
#pragma once
#include "common/ipc_types.h"
#include "common/protocol.h"

/* What stands before every message in a packet; little endian as the machine is. */
struct ipc_header {
	uint32_t length;   /* of the whole message, this header included, in bytes */
	uint16_t type;	   /* enum ipc_id */
	uint16_t reserved; /* 0 */
	uint64_t id;	   /* see ipc_make_id() */
	uint64_t cause; /* the id of what made the sender send it; 0: nothing did. A child's is its claim */
};

/* Message ids: role in the top 4 bits, the process's serial in the next 20, its running number in the
 * last 40. */
static inline uint64_t ipc_make_id(enum role role, uint32_t serial, uint64_t number)
{
	return (uint64_t)role << 60 | (uint64_t)(serial & 0xfffff) << 40 | (number & UINT64_C(0xffffffffff));
}
static inline unsigned ipc_id_role(uint64_t id)
{
	return (unsigned)(id >> 60);
}
static inline uint32_t ipc_id_serial(uint64_t id)
{
	return (uint32_t)(id >> 40) & 0xfffff;
}
static inline uint64_t ipc_id_number(uint64_t id)
{
	return id & UINT64_C(0xffffffffff);
}

/* Longest text of an id, "renderer:1048575/1099511627775" and its 0. */
#define IPC_ID_TEXT 40

/* "renderer:3/1042", or "browser/881" (the browser has no serial), or "" for 0. Returns buf. */
const char *ipc_id_text(uint64_t id, char buf[IPC_ID_TEXT]);

/*
 * Encode a message's fields into buf (capacity in bytes; no header). *fd gets the descriptor it carries, else
 * -1; it stays the caller's. Returns the bytes written, or -1 if a field is longer than its maximum or buf is
 * full: a bug of the caller's.
 */
int ipc_encode(enum ipc_id id, const void *message, uint8_t *buf, size_t capacity, int *fd);

/*
 * Check bytes that came from role `from` for role `to`, and unpack them into `message` (a union ipc_any).
 * Strings and bytes borrow buf. fd: the descriptor that came, or -1; it is the caller's until success, and
 * the message's afterwards. Returns BAD_MESSAGE_NONE or what is wrong.
 */
enum bad_message ipc_decode(unsigned id, enum role from, enum role to, const uint8_t *buf, size_t length,
			    int fd, void *message);

/*
 * Where, in that message's encoded fields, the value of the field of that name lies, and how long it is; a
 * string or bytes: their content. false: it has no such field, or the bytes do not make sense.
 */
bool ipc_find_field(unsigned id, const uint8_t *fields, size_t length, const char *name, size_t *at,
		    size_t *bytes);

/*
 * Write a decoded message's fields as a JSON object, `{"page":3,"url":"…"}`: u64 as strings, bytes as hex,
 * fds as their being there. Strings are escaped, control characters too. Writes at most capacity bytes with
 * the 0; returns the length, or -1 when it does not fit.
 */
int ipc_format_json(enum ipc_id id, const void *message, char *buf, size_t capacity);

/* The same, but strings and bytes that are longer than `most` bytes are cut to about that, with a "…" behind
 * them; *cut says whether one was. */
int ipc_format_json_head(enum ipc_id id, const void *message, uint32_t most, bool *cut, char *buf,
			 size_t capacity);

/* The same for people: `page=3 url="…"`. Cut to fit. Returns the length. */
int ipc_format_text(enum ipc_id id, const void *message, char *buf, size_t capacity);
