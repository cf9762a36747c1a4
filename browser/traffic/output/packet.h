/*
 * A message, or any other event, as the bytes of one packet for the sink pcapng: a pseudo header, and behind
 * it the message as it was on its channel. browser/traffic/output/dissector.lua reads it again.
 *
 *     u8 version, u8 flags, u16 bytes of the pseudo header
 *     u64 protocol                            hash of the protocol whose types and fields follow, 0: not
 * known u64 queued_ns, handled_ns, held_ns      all ones: not known u32 bytes, breakpoint of the message's
 * fields when it was sent; 0: none u8 fds kind, name, from, to, id, cause, status, where, reason, toxic,
 * marks    each text behind a u8 length
 *
 * What follows is a struct ipc_header and the fields, as much as is known of them; under PACKET_TEXT the
 * arguments or details as a JSON object. Numbers are little endian. Names are words, so that the traffic of
 * another version can be told of as well.
 */
#pragma once
#include "browser/traffic/output/export.h"

#define PACKET_VERSION 1
#define PACKET_TEXT    1	    /* flag */
#define PACKET_BYTES   (200u << 10) /* no longer one is read by Wireshark; what follows is cut */

struct packet_bytes {
	uint8_t *data; /* PACKET_BYTES */
	size_t length; /* in data */
	size_t whole;  /* what it would be if all were known */
};

/* protocol: the log's; 0: not known. */
void packet_build(struct packet_bytes *, const struct traffic_event *, uint64_t protocol,
		  struct export_room *);
